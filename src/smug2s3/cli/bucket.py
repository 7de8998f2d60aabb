"""`smug2s3 bucket`: creates a bucket as a careful person would, shows its settings, and mends them one by one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import typer

from smug2s3.app.bucket_runner import Seen, apply, look, make
from smug2s3.app.checking import STORE
from smug2s3.cli.check import table
from smug2s3.cli.console import error_boundary, finished, put_drawn, put_foreign_json, put_json, put_text, say
from smug2s3.cli.needed import settings_for
from smug2s3.errors import UsageError
from smug2s3.rules import lifecycle
from smug2s3.rules.bucket_rows import retention
from smug2s3.rules.bucket_settings import INSTANT, Retention, Wishes
from smug2s3.rules.bucket_steps import CANNOT, MISSING, REFUSED, Outcome, Step, judged
from smug2s3.rules.durations import read_duration
from smug2s3.rules.finding import BAD
from smug2s3.rules.policy import making_policy
from smug2s3.settings import Settings

MODES = ("governance", "compliance")
_LONGEST = 36_500
"""The most days that S3 accepts."""

FIX = "Next: smug2s3 bucket fix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options as they were typed."""

    kms: str | None = None
    keep_versions: str | None = None
    cheaper_after: str | None = None
    storage_class: str | None = None
    lock: str | None = None
    days: int | None = None

    def wishes(self) -> Wishes:
        """What they ask for; raises UsageError."""
        return Wishes(
            kms_key=self.kms or "",
            keep_versions=_days("--keep-versions", self.keep_versions),
            cheaper_after=_days("--cheaper-after", self.cheaper_after),
            storage_class=_class(self),
            lock=_retention(self),
        )


def show(*, json: bool) -> None:
    """Show what the bucket's settings mean; exit code 1 if one of them destroys photos."""

    def on_error(message: str, code: int) -> None:
        if json:
            put_json({"error": message, "exit_code": code})

    with error_boundary(on_error):
        settings = settings_for("store")
        seen = finished(lambda: look(settings))
        found = list(judged(seen.answers, seen.bucket, Wishes()))
        todo = [step.row for step, outcome in found if outcome is None]
        unread = any(outcome and outcome.kind == MISSING for _, outcome in found)
        if json:
            rows = [{"name": one.name, "grade": one.grade, "meaning": one.meaning} for one in seen.findings]
            put_json({"bucket": settings.bucket, "findings": rows, "to_fix": todo})
        else:
            _show(seen)
            nothing = "Nothing else can be said with this key.\n" if unread else "Nothing to fix.\n"
            put_text(f"{FIX}\n" if todo else nothing)
    raise typer.Exit(_code_of(seen))


def create(options: Options, *, policy: bool) -> None:
    """Create the bucket, or show the one that exists and offer to mend it."""
    with error_boundary():
        settings = settings_for("store")
        if policy:
            put_foreign_json(making_policy(settings.bucket, settings.prefix))
            return
        wishes = options.wishes()
        code = created(settings, wishes)
    raise typer.Exit(code)


def created(settings: Settings, wishes: Wishes) -> int:
    """Create it, and return the exit code."""
    if wishes.lock:
        say(
            f"warning: what is locked cannot be taken back: every object stays, and is billed, for {wishes.lock.days} days."
        )
    outcomes: list[Outcome] = []
    place = settings.endpoint or f"AWS in {settings.region}"

    def on_created() -> None:
        put_text(f"Created bucket {settings.bucket} at {place}.\n")

    if not finished(lambda: make(settings, wishes, on_created, lambda one: _tell(one, wishes, outcomes))):
        return _existing(settings, wishes)
    put_text("Next: smug2s3 check\n")
    return int(any(_failed(one, wishes) for one in outcomes))


def fix(options: Options, *, yes: bool) -> None:
    """Mend what `bucket show` names, after a question each."""
    with error_boundary():
        settings, wishes = settings_for("store"), options.wishes()
        if not yes and not _asks():
            raise UsageError(
                "bucket fix asks before each change, so it needs a terminal", hint="To agree to all of them: --yes"
            )
        code = _fixed(settings, wishes, finished(lambda: look(settings)), yes=yes)
    raise typer.Exit(code)


def _existing(settings: Settings, wishes: Wishes) -> int:
    """Show a bucket that was there before, and offer to mend it; 0 only if it has what was asked for."""
    seen = finished(lambda: look(settings))
    put_text(f"Bucket {settings.bucket} exists, and this key can use it:\n")
    _show(seen)
    unlocked = wishes.lock is not None and not _is_locked_so(seen, wishes.lock)
    if unlocked:
        say("note: Object Lock can only be turned on for a new bucket. Choose another name in S3_BUCKET for that.")
    unmet = unlocked
    for step, outcome in judged(seen.answers, seen.bucket, wishes):
        unmet |= step.asked(wishes)
        if outcome and step.asked(wishes):
            _tell(outcome, wishes, [])
    todo = _todo(seen, wishes)
    if todo and _asks() and typer.confirm("Go through what can be improved?", default=True, err=True):
        return max(int(unlocked), _fixed(settings, wishes, seen, yes=False))
    if todo:
        put_text(f"{FIX}\n")
    return max(int(unmet), _code_of(seen))


def _fixed(settings: Settings, wishes: Wishes, seen: Seen, *, yes: bool) -> int:
    chosen, left = _chosen(seen, wishes, _agree_to_ours if yes else partial(_ask, wishes))
    if not chosen:
        put_text("Nothing was changed.\n" if left else "Nothing to fix.\n")
    outcomes: list[Outcome] = []
    finished(lambda: apply(settings, chosen, wishes, lambda one: _tell(one, wishes, outcomes)))
    for step in left:
        put_text(f"{'not changed':<13}  {step.task(wishes)}\n")
    harmful = any(step.of_others for step in left)
    return int(harmful or any(_failed(one, wishes) for one in outcomes))


def _chosen(seen: Seen, wishes: Wishes, agree: Callable[[Seen, Step], bool]) -> tuple[list[Step], list[Step]]:
    """The steps to take, with those that can only be reported, and the steps that were declined."""
    chosen: list[Step] = []
    left: list[Step] = []
    for step, outcome in judged(seen.answers, seen.bucket, wishes, lambda step: step not in left):
        declined = outcome is None and not agree(seen, step)
        (left if declined else chosen).append(step)
    return chosen, left


def _todo(seen: Seen, wishes: Wishes) -> list[Step]:
    """The steps that would change something."""
    return [step for step, outcome in judged(seen.answers, seen.bucket, wishes) if outcome is None]


def _ask(wishes: Wishes, seen: Seen, step: Step) -> bool:
    for finding in seen.findings:
        if finding.name == step.row:
            say(f"{finding.name}: {finding.meaning}")
    task = step.task(wishes)
    question = f"{task[:1].upper()}{task[1:]}?"
    return typer.confirm(question, default=not step.of_others, err=True)


def _agree_to_ours(_: Seen, step: Step) -> bool:
    return not step.of_others


def _asks() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _tell(outcome: Outcome, wishes: Wishes, outcomes: list[Outcome]) -> None:
    outcomes.append(outcome)
    put_text(f"{outcome.kind:<13}  {outcome.step.task(wishes)}{f': {outcome.said}' if outcome.said else ''}\n")


def _failed(outcome: Outcome, wishes: Wishes) -> bool:
    """Whether it is not as it should be; what a provider lacks counts only if it was asked for."""
    return outcome.kind in (REFUSED, MISSING) or (outcome.kind == CANNOT and outcome.step.asked(wishes))


def _show(seen: Seen) -> None:
    put_drawn(lambda console: console.print(table([(STORE, finding) for finding in seen.findings])))


def _code_of(seen: Seen) -> int:
    return int(any(finding.grade == BAD for finding in seen.findings))


def _is_locked_so(seen: Seen, wanted: Retention) -> bool:
    there = retention(seen.answers)
    return (there.get("Mode"), there.get("Days")) == (wanted.mode, wanted.days)


def _days(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    lapse = read_duration(text)
    if lapse is None or lapse.seconds or not 1 <= lapse.days <= _LONGEST:
        raise UsageError(f"{option} must be a number of days, and it is {text!r}", hint=f"For example: {option} 90d")
    return lapse.days


def _class(options: Options) -> str:
    name = options.storage_class
    if name is None:
        return INSTANT
    if options.cheaper_after is None:
        raise UsageError(
            "--class says where to, and --cheaper-after is missing", hint="For example: --cheaper-after 90d"
        )
    if name.upper() in lifecycle.ARCHIVES:
        raise UsageError(
            f"{name} takes hours to read, and sync reads the _album.json files, which no lifecycle rule can leave out",
            hint=f"Choose a class that is read at once: {', '.join(sorted(lifecycle.AT_ONCE))}.",
        )
    return name


def _retention(options: Options) -> Retention | None:
    if options.lock is None and options.days is None:
        return None
    if options.lock not in MODES or options.days is None:
        raise UsageError(
            "--lock needs a mode and --days",
            hint=f"Modes: {' or '.join(MODES)}. For example: --lock governance --days 30",
        )
    return Retention(options.lock.upper(), options.days)
