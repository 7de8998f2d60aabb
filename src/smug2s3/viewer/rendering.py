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
    return templates("smug2s3.viewer", _sanitized, amount=amount, month_name=month_name)


def _sanitized(text: str) -> str:
    """Line breaks stay: captions have them."""
    return "\n".join(map(sanitize, text.splitlines()))
