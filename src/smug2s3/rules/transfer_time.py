"""How long a move will take, from the bytes, files and requests in it and the speed of the line."""

from __future__ import annotations

from smug2s3.errors import UsageError
from smug2s3.rules.bandwidth import bytes_a_second

USUAL_RATE = 5_000_000.0
"""A line of 40 Mbit/s, the slower of both directions: what comes in from SmugMug has to go out again."""

RATES = (2_500_000.0, 12_500_000.0, 80_000_000.0)
"""Lines of 20 and 100 Mbit/s, and about the most that users of other tools report SmugMug to give one account."""

FASTEST = 10 * 1024**3
"""Bytes a second that no line of today passes to one account."""

FILES_A_SECOND = 100
"""Twenty at once, each with a fifth of a second for its two requests."""

CALLS_A_SECOND = 25
"""Eight at once, a third of a second each. What a page's items take besides (about 30 ms each, probed), eight pages
side by side bring faster than ``FILES_A_SECOND``."""

_HINT = "Use 500k, 20M or 1G for KiB, MiB or GiB per second; a 100 Mbit/s connection reaches about 12M."


def read_rate(text: str | None) -> float:
    """Bytes a second out of ``--rate``, or the usual; raises UsageError for what makes no sense."""
    if text is None:
        return USUAL_RATE
    rate = bytes_a_second(text.strip())
    if not rate:
        raise UsageError(f"--rate {text!r} is not a valid rate", hint=_HINT)
    if rate > FASTEST:
        raise UsageError(f"--rate {text!r} is faster than any connection", hint=_HINT)
    return rate


def rates_around(chosen: float) -> tuple[float, ...]:
    """The rates worth a row, in order, ``chosen`` among them."""
    return tuple(sorted({chosen, *RATES}))


def seconds_needed(*, size: int, files: int, calls: int, rate: float) -> float:
    """The longest of three that go on side by side: passing the bytes, handling the files, listing them."""
    return max(size / rate, files / FILES_A_SECOND, calls / CALLS_A_SECOND)
