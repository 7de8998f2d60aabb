"""Renders the templates of this package; every value is escaped and sanitized."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from smug2s3.reporting.amounts import plural
from smug2s3.reporting.moments import zone
from smug2s3.reporting.names import attributed, sanitize
from smug2s3.reporting.page.words import clock, marked


def render(template: str, **values: Any) -> str:
    """The HTML of one template."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        finalize=_sanitized,
        loader=PackageLoader("smug2s3.reporting.page"),
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        attributed=attributed, clock=clock, marked=marked, plural=plural, thousands="{:,}".format
    )
    environment.globals["zone"] = zone
    return environment


def _sanitized(value: Any) -> Any:
    """Sanitize a value that a template shows; HTML was sanitized when it was made."""
    return sanitize(value) if isinstance(value, str) and not isinstance(value, Markup) else value
