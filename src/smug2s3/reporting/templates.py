"""Environments for HTML templates: every value is escaped and sanitized, and a missing one is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from smug2s3.reporting.amounts import plural


def templates(package: str, clean: Callable[[str], str], **filters: Callable[..., Any]) -> Environment:
    """For the templates of a package; ``clean`` is applied to each text that they show, but not to HTML made before."""

    def cleaned(value: Any) -> Any:
        return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        autoescape=True,
        finalize=cleaned,
        loader=PackageLoader(package),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(plural=plural, thousands="{:,}".format, **filters)
    return environment
