"""Renders the templates of this package; every value is escaped and sanitized."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment

from smug2s3.reporting.moments import zone
from smug2s3.reporting.names import attributed, sanitize
from smug2s3.reporting.page.words import clock, marked
from smug2s3.reporting.templates import templates


def render(template: str, **values: Any) -> str:
    """The HTML of one template."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = templates("smug2s3.reporting.page", sanitize, attributed=attributed, clock=clock, marked=marked)
    environment.globals["zone"] = zone
    return environment
