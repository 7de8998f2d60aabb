"""How long a person waits for each page, and what is too long."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

BUSY = 3.0
"""How many times as long a page may take as on a machine of its own: here Chromium, which draws without a graphics card, the
S3 server and `browse` share two cores, perhaps with others."""

MOST_SECONDS = {"the first page": 1.0, "an album of 5,000": 1.0}
"""From the navigation until every picture in sight is there."""

MOST_MB = 200.0
"""Of the memory of `browse`; this does not depend on others."""

TABLE = "SMUG2S3_TEST_TABLE"
"""Names the file that gets the lines of the table."""


@dataclass(slots=True)
class Waiting:
    """What was waited for in one store."""

    store: str
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: float = 0.0

    @contextmanager
    def of(self, what: str) -> Iterator[None]:
        """The block is one wait."""
        began = time.monotonic()
        yield
        self.seconds[what] = time.monotonic() - began

    def end(self, peak_mb: float) -> None:
        """Tell the table, of a walk that failed as well."""
        self.peak_mb = peak_mb
        if name := os.environ.get(TABLE):
            with Path(name).open("a") as file:
                file.write(json.dumps([self.store, self.seconds, peak_mb]) + "\n")

    def missed(self) -> list[str]:
        """The figures that are missed by far."""
        slow = [
            f"{what}: {seconds:.2f} s"
            for what, seconds in self.seconds.items()
            if seconds > BUSY * MOST_SECONDS.get(what, seconds)
        ]
        return slow + ([f"memory: {self.peak_mb:.0f} MB"] if self.peak_mb > MOST_MB else [])
