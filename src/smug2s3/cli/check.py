"""`smug2s3 check`: tests SmugMug and the bucket before anything is copied, and says what each finding means."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from functools import partial

import typer
from rich.table import Table
from rich.text import Text

from smug2s3.app.checking import SMUGMUG, STORE, Hanging, run_check
from smug2s3.cli.console import (
    environment,
    error_boundary,
    finished,
    put_drawn,
    put_foreign_json,
    put_json,
    put_text,
    talk,
    watched,
)
from smug2s3.cli.needed import TOKEN, settings_for
from smug2s3.cli.settings_file import as_called
from smug2s3.errors import SettingsError, Smug2s3Error, UsageError
from smug2s3.reporting.names import called as spoken
from smug2s3.reporting.names import sanitize
from smug2s3.rules.finding import BAD, Finding
from smug2s3.rules.policy import least_policy
from smug2s3.rules.storage import VARIABLES as STORAGE
from smug2s3.rules.variable import Variable
from smug2s3.settings import VARIABLES, Settings, malformed, missing

_COLOURS = {"ok": "green", "note": "yellow", "bad": "red"}

AUTH = "`smug2s3 auth`"
INIT = "`smug2s3 config init`"

_OF = {
    SMUGMUG: ("consumer_key", "consumer_secret", "token", "token_secret", "api_key", "user", "api_origin"),
    STORE: ("access_key", "secret_key", "bucket", "endpoint", "region", "prefix", *STORAGE),
}
"""The fields of the settings that are about one side alone."""

Found = list[tuple[str, Finding]]
"""Findings, each with its side."""


def check(*, policy: bool, json_output: bool) -> None:
    """Run the command."""
    found: Found = []

    def on_error(message: str, code: int) -> None:
        if json_output:
            put_json(_document(found) | {"ready": False, "error": message, "exit_code": code})

    with error_boundary(on_error):
        if policy:
            put_foreign_json(_policy())
            return
        settings, sides = _settings(found)
        failure = tried(settings, sides, found, partial(_print, found, json_output=json_output), quiet=json_output)
    raise typer.Exit(exit_code(found, failure))


Show = Callable[[Smug2s3Error | None], None]


def tried(
    settings: Settings, sides: Collection[str], found: Found, show: Show, *, quiet: bool = False
) -> Smug2s3Error | None:
    """Test these sides, add to ``found`` and ``show`` it. Returns what stopped a test early, if anything."""

    async def work() -> Smug2s3Error | None:
        with talk.status("testing SmugMug and the bucket") if watched() and not quiet else nullcontext():
            failure = await run_check(settings, lambda *row: found.append(row), sides=sides)
        if isinstance(failure, Hanging):
            show(failure)
            os._exit(failure.exit_code)  # a hanging connection would keep the process alive
        return failure

    failure = finished(work)
    show(failure)
    return failure


def _policy() -> dict[str, object]:
    settings = settings_for("store")
    if settings.folder:
        raise UsageError(
            f"--policy is for S3 buckets, and {settings.folder} is a folder",
            hint="A folder needs no policy, but you must be able to write to it. Run `smug2s3 check` to test it.",
        )
    return least_policy(settings.bucket, settings.prefix)


def _settings(found: Found) -> tuple[Settings, list[str]]:
    """The settings and the sides that can be tested with them; bad settings of another side become findings.

    Raises SettingsError if no side can be tested.
    """
    given = environment()
    wrong = {side: _wrong(side, given) for side in _OF}
    sides = [side for side, sentences in wrong.items() if not sentences]
    if not sides:
        return settings_for(*(side.lower() for side in _OF), found=given), []
    unusable = {VARIABLES[field].name: "" for side in _OF if side not in sides for field in _OF[side]}
    settings = settings_for(found=given | unusable)
    found += [(side, Finding("settings", BAD, sentence)) for side in _OF for sentence in wrong[side]]
    return settings, sides


def _wrong(side: str, given: Mapping[str, str]) -> list[str]:
    """Why this side cannot be tested with these settings, one sentence per reason."""
    problems = malformed(given)
    lacking = missing(given, frozenset({side.lower()}))
    return [f"{problems[field]}; run {INIT} to correct it" for field in _OF[side] if field in problems] + (
        [_need(lacking)] if lacking else []
    )


def _need(variables: list[Variable]) -> str:
    names = [variable.name for variable in variables]
    way = AUTH if set(names) <= TOKEN else INIT
    return f"missing: {', '.join(names)}; run {way} to set {'them' if len(names) > 1 else 'it'}"


def exit_code(found: Found, failure: Smug2s3Error | None) -> int:
    """0 if everything works."""
    if failure:
        return failure.exit_code
    if any(finding.name == "settings" for _, finding in found):
        return SettingsError.exit_code
    return 0 if _ready(found) else 1


def _ready(found: Found) -> bool:
    return not any(finding.grade == BAD for _, finding in found)


def _print(found: Found, failure: Smug2s3Error | None, *, json_output: bool) -> None:
    if json_output:
        put_json(_document(found) | ({"error": str(failure), "exit_code": failure.exit_code} if failure else {}))
    else:
        _show(found)


def _document(found: Found) -> dict[str, object]:
    rows = [{"side": side, "name": f.name, "grade": f.grade, "meaning": f.meaning} for side, f in found]
    return {"ready": _ready(found), "findings": rows}


def _show(found: Found) -> None:
    put_drawn(lambda console: console.print(table(found)))
    ready = "Ready: everything works.\nNext: smug2s3 sync\n"
    put_text(ready if _ready(found) else "Not ready: fix what is marked bad first.\n")
    if any(side == SMUGMUG and finding.grade == BAD and AUTH in finding.meaning for side, finding in found):
        put_text("Next: smug2s3 auth\n")


def table(found: Found) -> Table:
    """A table with one finding per row."""
    rows = Table(box=None, pad_edge=False)
    for heading in ("where", "", "test", "meaning"):
        rows.add_column(heading, overflow="fold")
    for side, finding in found:
        grade = Text(finding.grade, style=_COLOURS[finding.grade])
        rows.add_row(spoken(side), grade, finding.name, Text(sanitize(as_called(finding.meaning))))
    return rows
