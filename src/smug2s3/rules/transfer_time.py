"""Estimates how long a copy takes, from its bytes, files and requests and the connection's speed."""

from __future__ import annotations

from smug2s3.errors import UsageError
from smug2s3.rules.bandwidth import bytes_a_second

USUAL_RATE = 5_000_000.0
"""A connection of 40 Mbit/s in the slower direction: what comes from SmugMug must be uploaded again."""

RATES = (2_500_000.0, 12_500_000.0, 80_000_000.0)
"""Connections of 20 and 100 Mbit/s, and about the most that users of other tools report from SmugMug for one account."""

FASTEST = 10 * 1024**3
"""More bytes a second than any connection of today."""

FILES_A_SECOND = 100
"""Twenty at once, with a fifth of a second for the two requests of each."""

CALLS_A_SECOND = 25
"""Eight at once, a third of a second each. What a page's items take besides (about 30 ms each, probed), eight pages
side by side bring faster than ``FILES_A_SECOND``."""

_HINT = "Use 500k, 20M or 1G for KiB, MiB or GiB per second; a 100 Mbit/s connection reaches about 12M."


def read_rate(text: str | None) -> float:
    """Bytes a second from ``--rate``, or the default; raises UsageError if it is not valid."""
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
    """Seconds: the longest of three parallel parts: transferring bytes, handling files, listing."""
    return max(size / rate, files / FILES_A_SECOND, calls / CALLS_A_SECOND)
