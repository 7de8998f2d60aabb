"""Texts for HTML: names made harmless, commands set off, dates as people read them."""

from __future__ import annotations

import html
import re
from datetime import datetime

from smug2s3.reporting.names import sanitize


def safe(text: str) -> str:
    """``text`` for an element or an attribute, without anything that could be taken for markup or turn a line."""
    return html.escape(sanitize(text))


def name(text: str) -> str:
    """A name of theirs, kept apart from the direction of the line around it."""
    return f"<bdi>{safe(text)}</bdi>"


def marked(text: str) -> str:
    """A sentence of ours; what stands between backticks is a command."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", safe(text))


def day(moment: str) -> str:
    """``3 May 2026`` out of an ISO 8601 date."""
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return f"{found.day} {found:%B %Y}"


def clock(moment: str) -> str:
    """``3 May 2026, 14:05`` out of an ISO 8601 time."""
    return f"{day(moment)}, {moment[11:16]}" if len(moment) >= 16 else day(moment)
