"""Renders the templates of this package; every value is escaped and sanitized."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment

from smug2s3.reporting.amounts import amount
from smug2s3.reporting.names import sanitize
from smug2s3.reporting.templates import templates
from smug2s3.viewer.moments import month_name


def render(template: str, **values: Any) -> str:
    """The HTML of one template."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    return templates("smug2s3.viewer", sanitized, amount=amount, month_name=month_name)


def sanitized(text: str) -> str:
    """A text without what could drive a screen or change its direction; line breaks stay: captions have them."""
    return "\n".join(map(sanitize, text.splitlines()))
