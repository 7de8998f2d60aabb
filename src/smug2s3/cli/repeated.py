"""`smug2s3 sync --every` and `--at`: runs for ever, and prints one line for each run."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.console import error_boundary, finished, interrupted, put_json_line, put_text, say, watched
from smug2s3.cli.health_file import HealthFile
from smug2s3.cli.summary import exit_code
from smug2s3.cli.sync import Job, Options, Run, prepared
from smug2s3.engine.repeat import repeat
from smug2s3.errors import Smug2s3Error, UsageError, foreseen
from smug2s3.reporting.lines import Lines
from smug2s3.rules.schedule import Moment, schedule
from smug2s3.rules.until import recurs


class SystemClock:
    """This computer's clocks."""

    def now(self) -> Moment:
        """The time by both."""
        return Moment(ticks=asyncio.get_running_loop().time(), wall=datetime.now(UTC))

    async def sleep(self, seconds: float) -> None:
        """Wait this long."""
        await asyncio.sleep(seconds)


def sync_repeatedly(options: Options) -> None:
    """Run the command until a signal, or until an error that no later run can change."""
    runs = Runs(options)
    with error_boundary(runs.stopped):
        times = schedule(options.every, options.at)
        _refuse_once_only(options)
        runs.health.check()
        job = prepared(options)
        finished(lambda: repeat(runs.of(job), times, SystemClock()), runs.stopping)


def _refuse_once_only(options: Options) -> None:
    """Raises UsageError for options that make sense for a single run only."""
    if options.dry_run:
        raise UsageError("--dry-run does not go with --every or --at", hint="Run it once: leave these out.")
    if options.until is not None and not recurs(options.until):
        raise UsageError(
            f"--until {options.until!r} is a single day, so it does not go with --every or --at",
            hint="Use a time of day (--until 08:00) or a duration (--until 4h): it counts for each run.",
        )


class Runs:
    """All runs of one process, one after the other."""

    def __init__(self, options: Options) -> None:
        self.health = HealthFile(options.health_file)
        self._options = options if options.verbosity.verbose or watched() else _quiet(options)
        self._job: Job | None = None
        self._run: Run | None = None
        """The run at work, if any."""
        self._last: tuple[Outcome, int, dict[str, Any], str] | None = None
        self._lines = Lines(lambda text: put_text(f"{text}\n"))

    def of(self, job: Job) -> Runs:
        """These runs, once it is known what to run."""
        self._job = job
        return self

    def waits(self, due: Moment) -> None:
        """Nothing runs until ``due``."""
        if self._last is None:
            self.health.waits(due.wall)
            if due.wall > datetime.now(UTC):
                say(f"the first run starts {_when(due)}")

    async def run(self) -> Smug2s3Error | None:
        """One run; returns what stopped it."""
        assert self._job is not None
        self._run = run = Run(self._options)
        try:
            run.reporters.open(self._job.settings)
            async with self.health.running(run.reporters.progress):
                await run.work(self._job)
        except Exception as raised:  # noqa: BLE001 - whatever happens to one run must not end the others
            error = foreseen(raised)
            self._end(run, error.exit_code, str(error))
            return error
        self._end(run, exit_code(run.outcome))
        return None

    def _end(self, run: Run, code: int, error: str = "") -> None:
        self._last = run.outcome, code, *run.ended(code, error)

    async def ran(self, due: Moment | None) -> None:
        """Report the last run, and when the next one starts, if there is one."""
        run, self._run = self._run, None
        assert run is not None
        self._report(due)
        await run.reporters.aclose()

    def _report(self, due: Moment | None) -> None:
        assert self._last is not None
        outcome, code, document, said = self._last
        self.health.ran(outcome, code, said, due.wall if due else None)
        if self._options.json:
            at = due.wall.astimezone(UTC).isoformat(timespec="seconds") if due else None
            put_json_line(document | {"exit_code": code, "next_run": at})
        else:
            then = f"next run {_when(due)}" if due else "no further run"
            self._lines.say(f"{said}; exit code {code}; {then}")

    def stopping(self, code: int) -> str:
        """What to print when a signal stops them, which leads to this exit code."""
        return self._run.stopping(code) if self._run else "stopping: no run is at work."

    def stopped(self, message: str, code: int) -> None:
        """The last words of the process."""
        if self._run:
            self._end(self._run, code, message)
            self._report(None)
            self._run.reporters.close()
        elif interrupted(code):
            self.health.ended()
        elif self._last is None:
            self.health.ran(Outcome(), code, message, None)
            if self._options.json:
                put_json_line({"error": message, "exit_code": code})


def _quiet(options: Options) -> Options:
    """Without a terminal there is a line for each run, and for what failed."""
    return replace(options, verbosity=replace(options.verbosity, quiet=True))


def _when(due: Moment) -> str:
    return f"{due.wall.astimezone():%Y-%m-%d %H:%M}"
