"""`smug2s3 check`: tries both sides before anything is moved, and says what each finding means."""

from __future__ import annotations

import typer
from rich.table import Table
from rich.text import Text

from smug2s3.app.proving import run_check
from smug2s3.cli.console import ending_well, environment, finished, put_drawn, put_json, put_text
from smug2s3.errors import UsageError
from smug2s3.reporting.names import harmless
from smug2s3.settings import load
from smug2s3.stores.probe import BAD, Finding, least_policy

_COLOURS = {"ok": "green", "note": "yellow", "bad": "red"}


def check(*, policy: bool, json_output: bool) -> None:
    """The whole command."""
    found: list[tuple[str, Finding]] = []

    def on_error(message: str, code: int) -> None:
        if json_output:
            put_json(_document(found) | {"ready": False, "error": message, "exit_code": code})

    with ending_well(on_error):
        if policy:
            settings = load(environment(), needs=frozenset({"store"}))
            if settings.folder:
                raise UsageError(
                    f"--policy is about keys of an S3 store, and {settings.folder} is a folder",
                    hint="A folder needs no policy: it must be writable for you. `smug2s3 check` tries it.",
                )
            put_json(least_policy(settings.bucket, settings.prefix))
            return
        settings = load(environment(), needs=frozenset({"smugmug", "store"}))
        finished(lambda: run_check(settings, lambda side, finding: found.append((side, finding))))
    if json_output:
        put_json(_document(found))
    else:
        _show(found)
    raise typer.Exit(1 if any(finding.grade == BAD for _, finding in found) else 0)


def _document(found: list[tuple[str, Finding]]) -> dict[str, object]:
    rows = [{"side": side, "name": f.name, "grade": f.grade, "meaning": f.meaning} for side, f in found]
    return {"ready": not any(finding.grade == BAD for _, finding in found), "findings": rows}


def _show(found: list[tuple[str, Finding]]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("side", "", "what", "what it means"):
        table.add_column(heading, overflow="fold")
    for side, finding in found:
        grade = Text(finding.grade, style=_COLOURS[finding.grade])
        table.add_row(side, grade, finding.name, Text(harmless(finding.meaning)))
    put_drawn(lambda console: console.print(table))
    ready = not any(finding.grade == BAD for _, finding in found)
    put_text("Ready: `smug2s3 sync` can begin.\n" if ready else "Not ready: mend what is marked bad first.\n")
