"""Statistics of requests, for tests and benchmarks."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """One request, after it was answered."""

    kind: str
    method: str
    path: str
    query: str
    status: int
    signed: bool
    bytes_sent: int


class Stats:
    """Counts, the most requests at once, and the latest requests themselves."""

    def __init__(self) -> None:
        self.requests: deque[Seen] = deque(maxlen=20_000)
        self.counts: Counter[str] = Counter()
        self.peaks: Counter[str] = Counter()
        self.bytes_sent: Counter[str] = Counter()
        self._now: Counter[str] = Counter()

    @contextmanager
    def running(self, kind: str) -> Iterator[None]:
        """Count a request while it runs."""
        self.counts[kind] += 1
        self._now[kind] += 1
        self.peaks[kind] = max(self.peaks[kind], self._now[kind])
        try:
            yield
        finally:
            self._now[kind] -= 1

    def add(self, seen: Seen) -> None:
        """Record an answered request."""
        self.requests.append(seen)
        self.bytes_sent[seen.kind] += seen.bytes_sent

    def clear(self) -> None:
        """Reset all counts except those of running requests."""
        self.requests.clear()
        for counter in (self.counts, self.peaks, self.bytes_sent):
            counter.clear()

    def as_json(self) -> dict[str, Any]:
        """All numbers."""
        return {
            "requests": dict(self.counts),
            "bytes_sent": dict(self.bytes_sent),
            "peak_concurrent": dict(self.peaks),
            "statuses": dict(Counter(str(seen.status) for seen in self.requests)),
        }
