"""Keeps the health file of a sync up to date; nothing stops because it cannot be written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.console import note
from smug2s3.errors import UsageError
from smug2s3.reporting.atomic_write import refuse_unwritable, replacing
from smug2s3.reporting.documents import versioned
from smug2s3.reporting.progress import Progress
from smug2s3.rules.health import Health, Ran, State, is_health_file

EVERY = 60.0
"""Seconds between two looks at the progress of a run."""


class HealthFile:
    """The file at ``path``, or none."""

    def __init__(self, path: str | None) -> None:
        self._wanted = Path(path) if path is not None else None
        self._path: Path | None = None
        """Where to write, as soon as it is known that nothing is lost by that."""
        self._began = datetime.now(UTC)
        self._health = Health(state=State.WAITING, started=self._began, updated=self._began)

    def check(self) -> None:
        """Raises UsageError if the file cannot be written, or if it is another file, which would be lost."""
        if self._wanted is None:
            return
        refuse_unwritable(self._wanted)
        if self._wanted.is_file() and not _is_ours(self._wanted):
            raise UsageError(
                f"{self._wanted} already exists and is not a health file",
                hint="Choose another file with --health-file.",
            )
        self._path = self._wanted

    def waits(self, due: datetime) -> None:
        """Nothing runs until ``due``."""
        self._write(self._health.waiting(datetime.now(UTC), due))

    @asynccontextmanager
    async def running(self, progress: Progress) -> AsyncIterator[None]:
        """A run is at work during the block."""
        self._began = datetime.now(UTC)
        self._write(self._health.running(self._began))
        watching = asyncio.create_task(self._watch(progress))
        try:
            yield
        finally:
            watching.cancel()

    async def _watch(self, progress: Progress) -> None:
        before = (0, 0, 0)
        while True:
            await asyncio.sleep(EVERY)
            done = (progress.albums, progress.items_done, progress.bytes_passed)
            if done != before:
                before = done
                self._write(self._health.running(datetime.now(UTC)))

    def ran(self, outcome: Outcome, code: int, verdict: str, due: datetime | None) -> None:
        """A run ended; the next one starts at ``due``, if there is one."""
        ran = Ran(
            run=outcome.run,
            began=self._began,
            ended=datetime.now(UTC),
            exit_code=code,
            verdict=verdict,
            copied=outcome.summary.moved,
            bytes=outcome.summary.bytes,
            failed=outcome.summary.failed,
        )
        self._write(self._health.ran(ran, due))

    def ended(self) -> None:
        """The process exits between two runs."""
        self._write(self._health.ended(datetime.now(UTC)))

    def _write(self, health: Health) -> None:
        self._health = health
        if self._path is None:
            return
        try:
            with replacing(self._path) as file:
                file.write(json.dumps(versioned(health.document()), indent=2) + "\n")
        except UsageError as error:
            note(f"the health file is out of date: {error}")


def _is_ours(path: Path) -> bool:
    try:
        return is_health_file(path.read_bytes())
    except OSError:
        return False
