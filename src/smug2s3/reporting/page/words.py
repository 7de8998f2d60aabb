"""Text for HTML: commands marked up, dates and times for people."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from smug2s3.reporting.moments import local
from smug2s3.reporting.names import sanitize


def marked(text: str) -> Markup:
    """A sentence with the commands in backticks as ``<code>``."""
    pieces = sanitize(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else piece for number, piece in enumerate(pieces)
    )


def day(moment: str) -> str:
    """``3 May 2026`` for an ISO 8601 date."""
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return f"{found.day} {found:%B %Y}"


def clock(moment: str) -> str:
    """``3 May 2026, 14:05`` for an ISO 8601 time, in the time zone of this computer."""
    if "T" not in moment and " " not in moment:
        return day(moment)
    try:
        date, time = local(moment).split(" ")
    except ValueError:
        return moment
    return f"{day(date)}, {time}"
