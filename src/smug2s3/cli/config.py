"""`smug2s3 config show`: every setting, where it comes from, and what is missing for which command."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import typer

from smug2s3.app.destination import refusal_by_values
from smug2s3.cli.console import error_boundary, existing_file, put_json, put_text
from smug2s3.env_file import Given, Source, gathered, strays
from smug2s3.reporting.names import padded, sanitize, width
from smug2s3.rules.variable import Variable
from smug2s3.settings import VARIABLES, complaint, missing

NEEDS: tuple[tuple[tuple[str, ...], frozenset[str]], ...] = (
    (("auth",), frozenset({"key"})),
    (("plan", "sync --dry-run"), frozenset({"smugmug"})),
    (("sync", "check", "verify --source", "worker"), frozenset({"smugmug", "store"})),
    (
        (
            "bucket create",
            "bucket show",
            "bucket fix",
            "verify",
            "browse",
            "get",
            "gallery",
            "check --policy",
            "report --thumbnails N",
            "ledger rebuild",
        ),
        frozenset({"store"}),
    ),
    (("status", "ls", "find", "report", "verify --offline", "ledger export"), frozenset()),
)
"""Which settings commands need, as they pass it to ``settings.load``."""


def show(*, json: bool) -> None:
    """Run the command; exit code 2 if a setting is malformed, since no command can run then."""

    def on_error(message: str, code: int) -> None:
        if json:
            put_json({"error": message, "exit_code": code})

    with error_boundary(on_error):
        path = existing_file()
        found = gathered(path)
        if json:
            put_json(_document(str(path), found, strays(path)))
        else:
            put_text(settings_text(str(path), found, strays(path)))
            if not path.exists():
                put_text(
                    f"\nThere is no {path} in {Path.cwd()}. If you have set up smug2s3 in another folder, go there. If not, "
                    "run `smug2s3 config init`.\n"
                )
    raise typer.Exit(2 if any(_problem(variable, found) for variable in VARIABLES.values()) else 0)


def settings_text(path: str, found: Mapping[str, Given], in_vain: Sequence[str] = ()) -> str:
    """Every setting on a line, settings in the file that have no effect, then what each command lacks."""
    rows = [
        (variable.name, _shown(variable, found), _source(found[variable.name], path), _problem(variable, found))
        for variable in VARIABLES.values()
    ]
    widths = [max(width(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join(padded(*cell) for cell in zip(row, (*widths, 0), strict=True)).rstrip() for row in rows]
    malformed = any(row[3] for row in rows)
    conflict = _conflict(found)
    lines += ["", *in_vain, ""] if in_vain else [""]
    for commands, needs in NEEDS:
        about_ledger = "fix the ledger problem below first" if conflict and "store" in needs else ""
        first = "fix the settings marked above first" if malformed else about_ledger
        lines += textwrap.wrap(_verdict(commands, _lacking(needs, found), first), 80, subsequent_indent="    ")
    if conflict:
        lines += ["", *textwrap.wrap(conflict, 80, break_on_hyphens=False)]
    return "\n".join(sanitize(line) for line in lines) + "\n"


def _conflict(found: Mapping[str, Given]) -> str:
    """Why the configured ledger cannot be used for the configured destination, and what to do; or empty."""
    refusal = refusal_by_values({name: one.text for name, one in found.items()})
    return f"{refusal}. {refusal.hint}" if refusal else ""


def _verdict(commands: tuple[str, ...], lacking: list[str], first: str) -> str:
    if lacking:
        return f"{', '.join(commands)}: missing {', '.join(lacking)}"
    return f"{', '.join(commands)}: {first or 'ready'}"


def _lacking(needs: frozenset[str], found: Mapping[str, Given]) -> list[str]:
    return [variable.name for variable in missing({name: one.text for name, one in found.items()}, needs)]


def _shown(variable: Variable, found: Mapping[str, Given]) -> str:
    text = found[variable.name].text
    if not text:
        return "-"
    return "(hidden)" if variable.secret else _without_password(text)


def _without_password(text: str) -> str:
    """The address without a user name and password."""
    try:
        user, _, host = urlsplit(text).netloc.rpartition("@")
    except ValueError:
        return text
    return text.replace(f"{user}@{host}", f"(hidden)@{host}") if user else text


def _source(one: Given, path: str) -> str:
    return path if one.source is Source.FILE else one.source.value


def _problem(variable: Variable, found: Mapping[str, Given]) -> str:
    return complaint(variable, found[variable.name].text, among={name: one.text for name, one in found.items()})


def _document(path: str, found: Mapping[str, Given], in_vain: Sequence[str]) -> dict[str, Any]:
    return {
        "file": path,
        "settings": [
            {
                "name": variable.name,
                "value": None if variable.secret or not found[variable.name].text else _shown(variable, found),
                "set": bool(found[variable.name].text),
                "secret": variable.secret,
                "source": found[variable.name].source.value,
                "problem": _problem(variable, found),
                "meaning": variable.meaning,
            }
            for variable in VARIABLES.values()
        ],
        "warnings": list(in_vain),
        "ledger_problem": _conflict(found),
        "commands": [{"commands": list(commands), "missing": _lacking(needs, found)} for commands, needs in NEEDS],
    }
