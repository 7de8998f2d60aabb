"""`smug2s3 config init`: asks for the key and the store, checks each answer at once, and writes the settings file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import typer

from smug2s3.cli.console import ending_well, kept, say
from smug2s3.cli.settings_file import USUAL, env_file
from smug2s3.env_file import file_values, refuse_unwritable
from smug2s3.errors import UsageError
from smug2s3.rules.destinations import BUCKET, ENDPOINT, KINDS, REGION, Kind, answer_of, kind_of
from smug2s3.rules.paths import expanded
from smug2s3.settings import VARIABLES, complaint

BY_NAME = {variable.name: variable for variable in VARIABLES.values()}
KEY, SECRET, TOKEN, ACCESS, STORE_SECRET, LEDGER = (
    VARIABLES[field].name
    for field in ("consumer_key", "consumer_secret", "token", "access_key", "secret_key", "ledger_path")
)
QUESTIONS = {
    KEY: "The key",
    SECRET: "The secret",
    BUCKET: "The bucket's name",
    REGION: "The bucket's region",
    ACCESS: "The access key",
    STORE_SECRET: "The secret key",
    LEDGER: "The name of that file",
}
NOTHING = "-"
"""What is typed where nothing is an answer, too: Enter keeps what is there."""

Values = Mapping[str, str]


def init() -> None:
    """The whole command; ``.env`` or the file named before the command is made, or changed where that is agreed to."""
    with ending_well():
        path = env_file()
        if not sys.stdin.isatty():
            raise UsageError(
                "config init asks questions, so it needs a terminal",
                hint="Run it in a terminal, or copy .env.example to .env and fill it in.",
            )
        refuse_unwritable(path)
        before = file_values(path)
        try:
            changes = _changes(path, before)
            agreed = bool(changes) and _agreed(path, before, changes)
        except typer.Abort:
            say("\nNothing was written.")
            raise KeyboardInterrupt from None
        if agreed:
            say(kept(path, changes, f"{path} is written"))
        else:
            say("Nothing was written." if changes else f"\n{path} says all of this already.")
        _farewell(path, before | (changes if agreed else {}), new_key=agreed and KEY in changes)


def _changes(path: Path, before: Values) -> dict[str, str]:
    """What the answers differ by from what is in the file."""
    say(f"This fills in {path}, one question after another.")
    say("Enter takes what stands in brackets. Ctrl-C stops, and nothing is written.\n")
    say("SmugMug gives a key and a secret at https://api.smugmug.com/api/developer/apply (any name will do).")
    answers = {KEY: _answer(KEY, before), SECRET: _answer(SECRET, before)} | _store(before)
    if path != USUAL:
        answers |= _ledger(path, before)
    return {name: text for name, text in answers.items() if text != before.get(name, "")}


def _store(before: Values) -> dict[str, str]:
    kind = _kind(kind_of(before.get(ENDPOINT, ""), before.get(BUCKET, "")))
    if kind is None:
        return {}
    if kind.a_folder:
        return _place(kind, before)
    say("Create the bucket at your provider first, and keep it private.")
    answers = {BUCKET: _answer(BUCKET, before)} | _place(kind, before)
    if kind.asks_region:
        answers[REGION] = _answer(REGION, before)
    return answers | _keys(kind, before)


def _kind(now: str) -> Kind | None:
    """One of the list, by its number; none where that is to be decided later."""
    say("\nWhere should your photos go?")
    for number, kind in enumerate(KINDS.values(), 1):
        say(f"  {number}  {kind.title}")
    say("  0  I decide that later (`smug2s3 plan` says what some of them cost)")

    def problem(typed: str) -> str:
        known = typed.isdecimal() and int(typed) <= len(KINDS)
        return "" if known else f"Please type a number from 0 to {len(KINDS)}."

    names = list(KINDS)
    typed = _until_right("A number", str(names.index(now) + 1) if now else "", problem)
    return KINDS[names[int(typed) - 1]] if int(typed) else None


def _place(kind: Kind, before: Values) -> dict[str, str]:
    """Where the store is, as settings."""

    def problem(text: str) -> str:
        try:
            settings = kind.settings(text)
        except ValueError as error:
            return f"It {error}."
        if kind.a_folder and not Path(expanded(text)).is_dir():
            return "There is no such folder. Create it, or connect its disk, and type it again."
        wrong = (complaint(BY_NAME[name], value, among=settings) for name, value in settings.items() if value)
        return next((f"It {sentence}." for sentence in wrong if sentence), "")

    now = {"endpoint": before.get(ENDPOINT, ""), "region": before.get(REGION, ""), "bucket": before.get(BUCKET, "")}
    return kind.settings(_until_right(kind.question, answer_of(kind, **now), problem))


def _keys(kind: Kind, before: Values) -> dict[str, str]:
    if kind.advice:
        say(kind.advice)
    if kind.own_credentials:
        say(f"Type {NOTHING} for AWS's own credentials, as `aws configure` keeps them.")
        if (access := _answer(ACCESS, before)) == NOTHING:
            return {ACCESS: "", STORE_SECRET: ""}
        return {ACCESS: access, STORE_SECRET: _answer(STORE_SECRET, before)}
    return {ACCESS: _answer(ACCESS, before), STORE_SECRET: _answer(STORE_SECRET, before)}


def _ledger(path: Path, before: Values) -> dict[str, str]:
    """Several accounts in one folder need a ledger each."""
    say(f"\nA file beside {path} remembers what is done. Every account needs one of its own.")
    name = path.name.removesuffix(".env").strip(".") or "transfer_log"
    return {LEDGER: _answer(LEDGER, {LEDGER: f"{name}.db"} | dict(before))}


def _answer(name: str, before: Values) -> str:
    """A value for one setting. What is secret is neither shown nor echoed."""
    variable = BY_NAME[name]

    def problem(text: str) -> str:
        found = complaint(variable, text)
        return f"It {found}, for example {variable.example}." if found else ""

    now = before.get(name) or variable.default
    return _until_right(QUESTIONS[name], now, problem, secret=variable.secret)


def _until_right(question: str, now: str, problem: Callable[[str], str], *, secret: bool = False) -> str:
    """Ask until there is nothing to say against the answer; Enter takes ``now`` if there is such."""
    if secret:
        question += " (not shown; Enter keeps the one there is)" if now else " (not shown while you type)"
    while True:
        shown = "" if secret else now
        typed = typer.prompt(question, default=shown, show_default=bool(shown), hide_input=secret, err=True)
        text = str(typed).strip() or now
        found = problem(text) if text else "Please type it, or press Ctrl-C to stop."
        if not found:
            return text
        say(found)


def _agreed(path: Path, before: Values, changes: Values) -> bool:
    """Whether this is what was meant; where something would be replaced, Enter alone does not do it."""
    say(f"\nThis goes into {path}:")
    for name, text in changes.items():
        instead = f", instead of {_shown(name, before[name])}" if before.get(name) else ""
        say(f"  {name}: {_shown(name, text)}{instead}")
    replaced = any(before.get(name) for name in changes)
    return typer.confirm("Replace what is there?" if replaced else "Write it?", default=not replaced, err=True)


def _shown(name: str, text: str) -> str:
    if not text:
        return "nothing"
    return "(hidden)" if BY_NAME[name].secret else text


def _farewell(path: Path, settings: Values, *, new_key: bool) -> None:
    over = [name for name in settings if os.environ.get(name, settings[name]) != settings[name]]
    if over:
        say(f"note: the environment has other values for {', '.join(over)}, and they win over {path}")
    step = "check" if settings.get(TOKEN) and not new_key else "auth"
    say(f"Next: smug2s3 {step}")
