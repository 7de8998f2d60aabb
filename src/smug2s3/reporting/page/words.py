"""Texts for HTML: commands set off, dates as people read them."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from smug2s3.reporting.names import sanitize


def marked(text: str) -> Markup:
    """A sentence of ours; what stands between backticks is a command."""
    pieces = sanitize(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else piece for number, piece in enumerate(pieces)
    )


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
