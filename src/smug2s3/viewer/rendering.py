"""Renders the templates of this package; every value is escaped and sanitized."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from smug2s3.reporting.amounts import amount, plural
from smug2s3.reporting.names import sanitize
from smug2s3.viewer.moments import month_name


def render(template: str, **values: Any) -> str:
    """The HTML of one template."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        finalize=_sanitized,
        loader=PackageLoader("smug2s3.viewer"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(amount=amount, plural=plural, thousands="{:,}".format, month_name=month_name)
    return environment


def _sanitized(value: Any) -> Any:
    """Sanitize a value that a template shows; HTML was sanitized when it was made. Line breaks stay: captions have them."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "\n".join(map(sanitize, value.splitlines()))
