"""Chooses the reporters of a run: a live display or plain lines, and a log file, by `-v`, `-q`, `--log-file`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smug2s3.app.notify_runner import run_notify
from smug2s3.cli.console import say, talk, watched
from smug2s3.cli.settings_file import env_file
from smug2s3.errors import UsageError
from smug2s3.ports.reporter import Reporter
from smug2s3.reporting.amounts import plural
from smug2s3.reporting.composite import CompositeReporter
from smug2s3.reporting.events import Event, EventReporter, Listener, Weight, warning
from smug2s3.reporting.lines import Lines, now_and_then
from smug2s3.reporting.live import LiveDisplay, live
from smug2s3.reporting.log_file import FORMS, LogFile
from smug2s3.reporting.progress import Progress
from smug2s3.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbosity:
    """How much to print, and the log file."""

    verbose: bool = False
    quiet: bool = False
    log_file: str | None = None
    log_format: str | None = None

    def check(self) -> None:
        """Raises UsageError for contradicting options."""
        if self.verbose and self.quiet:
            raise UsageError("--verbose and --quiet contradict each other", hint="Use one of them.")
        if self.log_format is not None and self.log_file is None:
            raise UsageError("--log-format needs a log file", hint="Add --log-file PATH.")
        if self.log_format not in (None, *FORMS):
            raise UsageError(f"{self.log_format!r} is not a log format", hint=f"Choose one of: {', '.join(FORMS)}.")

    def least(self, usual: Weight) -> Weight:
        """The least weight of an event that gets a line."""
        return Weight.DETAIL if self.verbose else Weight.TROUBLE if self.quiet else usual


class Reporters:
    """Opens the reporters of one run: call `open` before it, `shown` around it, `ended` after it."""

    def __init__(self, command: str, verbosity: Verbosity | None = None) -> None:
        self._command = command
        self.progress = Progress()
        self.reporter: Reporter = self.progress
        self._verbosity = verbosity or Verbosity()
        self._log: LogFile | None = None
        self._settings: Settings | None = None
        self._end: tuple[Mapping[str, Any], str] | None = None
        self._watched = watched()
        # A person at a terminal sees when it began and how it ended.
        least = self._verbosity.least(Weight.NOTE if self._watched else Weight.STAGE)
        self._lines = Lines(say, least=least, dated=not self._watched)
        self._on_event_in_front: Listener = self._lines.on_event

    def open(self, settings: Settings) -> None:
        """Raises UsageError for contradicting options or a log file that cannot be written."""
        self._verbosity.check()
        self._settings = settings
        if self._verbosity.log_file is not None:
            self._log = _log_file(self._verbosity, settings, self._complain)
        others = [self._log.on_event] if self._log else []
        self.reporter = CompositeReporter(self.progress, EventReporter(self._in_front, *others))

    def _in_front(self, event: Event) -> None:
        self._on_event_in_front(event)

    def _complain(self, text: str) -> None:
        self._in_front(warning(text))

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[Reporter]:
        """Live bars on a terminal, plain lines elsewhere, neither with `--quiet`."""
        if self._verbosity.quiet:
            yield self.reporter
        elif self._watched:
            display = LiveDisplay(talk, self.progress, least=self._verbosity.least(Weight.NOTE))
            self._on_event_in_front = display.on_event
            try:
                async with live(display):
                    yield self.reporter
            finally:
                self._on_event_in_front = self._lines.on_event
        else:
            async with now_and_then(self._lines.say, self.progress):
                yield self.reporter

    def stopping(self, kept: str = "files") -> str:
        """What to print after Ctrl-C: what happens to running transfers, what is kept, and how to continue."""
        self.progress.stopping = True
        files = len(self.progress.active)
        what = f"cancelling {plural(files, 'transfer')}" if files else "one moment"
        return (
            f"stopping: {what}; finished {kept} are kept. Run the same command again to continue. Press Ctrl-C again to "
            "quit at once."
        )

    def ended(self, summary: Mapping[str, Any], sentence: str) -> None:
        """Report how a run ended, whether it succeeded or not."""
        self._end = summary, sentence
        self.reporter.ended(summary, f"{sentence}; exit code {summary['exit_code']}")

    def close(self) -> None:
        """Post the result if the settings say so, and close the log file."""
        if self._notification is not None:
            try:
                asyncio.run(self._notify())
            except KeyboardInterrupt:
                self._warn("the notification was cancelled")
        if self._log:
            self._log.close()

    async def aclose(self) -> None:
        """As ``close``, where an event loop runs already."""
        try:
            if self._notification is not None:
                await self._notify()
        finally:
            if self._log:
                self._log.close()

    @property
    def _notification(self) -> tuple[Settings, Mapping[str, Any], str] | None:
        # A dry run sends no notification.
        if self._settings is None or not self._settings.notify_url or self._end is None or self.progress.dry_run:
            return None
        return self._settings, *self._end

    async def _notify(self) -> None:
        assert self._notification is not None
        settings, summary, sentence = self._notification
        if problem := await run_notify(settings, summary, f"smug2s3 {self._command}: {sentence}"):
            self._warn(problem)

    def _warn(self, problem: str) -> None:
        self._complain(problem)
        if self._log:
            self._log.on_event(warning(problem))


def _log_file(verbosity: Verbosity, settings: Settings, complain: Callable[[str], None]) -> LogFile:
    path = Path(verbosity.log_file or "")
    # A line appended to a database would destroy it.
    if path.resolve() in {Path(taken).resolve() for taken in (env_file(), settings.ledger_path)}:
        raise UsageError(
            f"{path} is not a log file: smug2s3 uses it for something else", hint="Choose another file with --log-file."
        )
    return LogFile(path, FORMS[verbosity.log_format or "text"], complain)
