"""`smug2s3 config init`: asks for the key and the bucket, checks each answer at once, writes the settings file, tests it."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import typer

from smug2s3.app.bucket_runner import is_to_create
from smug2s3.app.checking import SMUGMUG, STORE
from smug2s3.app.destination import refusal_by_values
from smug2s3.cli.bucket import created
from smug2s3.cli.check import Found, exit_code, table, tried
from smug2s3.cli.console import environment, error_boundary, explain, finished, kept, put_drawn, say
from smug2s3.cli.settings_file import USUAL, env_file
from smug2s3.env_file import file_values, refuse_unwritable
from smug2s3.errors import LedgerOfAnother, Smug2s3Error, UsageError
from smug2s3.rules.bucket_settings import Wishes
from smug2s3.rules.destinations import BUCKET, ENDPOINT, KINDS, REGION, Kind, answer_of, kind_of
from smug2s3.rules.endpoints import endpoint_of
from smug2s3.rules.pasted import glimpse, no_key, unwrapped
from smug2s3.rules.paths import expanded
from smug2s3.settings import VARIABLES, Settings, complaint, load, missing

BY_NAME = {variable.name: variable for variable in VARIABLES.values()}
KEY, SECRET, TOKEN, TOKEN_SECRET, ACCESS, STORE_SECRET, LEDGER = (
    VARIABLES[field].name
    for field in (
        "consumer_key", "consumer_secret", "token", "token_secret", "access_key", "secret_key", "ledger_path",
    )
)  # fmt: skip
SHORTEST = {KEY: 8, SECRET: 8, ACCESS: 3, STORE_SECRET: 8}
"""The least length of a key at any provider; with MinIO, the owner chooses them."""
QUESTIONS = {
    KEY: "API key",
    SECRET: "API secret",
    BUCKET: "Bucket name",
    REGION: "Bucket region",
    ACCESS: "Access key",
    STORE_SECRET: "Secret key",
    LEDGER: "Ledger file",
}
NOTHING = "-"
"""The answer for "none", since Enter keeps the current value."""

Values = Mapping[str, str]


def init() -> None:
    """Run the command: create the settings file, or change it after a confirmation."""
    with error_boundary():
        path = env_file()
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
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
        if not changes:
            say(f"\nNothing to change: {path} has these settings already.")
        elif not agreed:
            say("Nothing was written.")
            return
        else:
            say(kept(path, changes, f"Wrote {path}"))
        code = _trial(path, new_key=not {KEY, SECRET}.isdisjoint(changes))
    raise typer.Exit(code)


def _changes(path: Path, before: Values) -> dict[str, str]:
    """The settings that the answers change."""
    say(f"This creates {path}. Answer one question after another.")
    say("Press Enter to accept the value in brackets, or Ctrl-C to quit without writing anything.\n")
    say("Get an API key and its secret from SmugMug at https://api.smugmug.com/api/developer/apply (any name will do).")
    answers = _pair(KEY, SECRET, before) | _store(before)
    if path != USUAL:
        answers |= _ledger(path, before)
    answers |= _another_ledger(path, dict(before) | answers)
    return {name: text for name, text in answers.items() if text != before.get(name, "")}


def _store(before: Values) -> dict[str, str]:
    kind = _kind(kind_of(before.get(ENDPOINT, ""), before.get(BUCKET, "")))
    if kind is None:
        return {}
    if kind.a_folder:
        return _place(kind, before)
    say("If the bucket does not exist yet, enter the name it is to have: smug2s3 offers to create it.")
    bucket = _answer(BUCKET, before)
    answers = {BUCKET: bucket} | _place(kind, before, bucket)
    if kind.asks_region:
        answers[REGION] = _answer(REGION, before)
    return answers | _keys(kind, before)


def _kind(now: str) -> Kind | None:
    """The destination chosen by its number; ``None`` to decide later."""
    say("\nWhere should your photos go?")
    for number, kind in enumerate(KINDS.values(), 1):
        say(f"  {number}  {kind.title}")
    say("  0  Decide later (`smug2s3 plan` estimates what some of these cost)")

    def problem(typed: str) -> str:
        known = typed.isdecimal() and int(typed) <= len(KINDS)
        return "" if known else f"Enter a number from 0 to {len(KINDS)}."

    names = list(KINDS)
    typed = _until_right("Number", str(names.index(now) + 1) if now else "", problem)
    return KINDS[names[int(typed) - 1]] if int(typed) else None


def _place(kind: Kind, before: Values, bucket: str = "") -> dict[str, str]:
    """The address as settings, without a ``bucket`` that it repeats."""

    def meant(text: str) -> dict[str, str]:
        made = kind.settings(text)
        return made | {ENDPOINT: endpoint_of(made[ENDPOINT], bucket)} if bucket and made[ENDPOINT] else made

    def problem(text: str) -> str:
        try:
            settings = meant(text)
        except ValueError as error:
            return f"It {error}."
        if kind.a_folder and not Path(expanded(text)).is_dir():
            return "There is no such folder. Create it, or connect its disk, and enter it again."
        wrong = (complaint(BY_NAME[name], value, among=settings) for name, value in settings.items() if value)
        return next((f"It {sentence}." for sentence in wrong if sentence), "")

    now = {"endpoint": before.get(ENDPOINT, ""), "region": before.get(REGION, ""), "bucket": before.get(BUCKET, "")}
    text = _until_right(kind.question, answer_of(kind, **now), problem)
    made = meant(text)
    if not kind.a_folder and made[ENDPOINT] not in ("", text):
        say(f"  using {made[ENDPOINT]}")
    return made


def _keys(kind: Kind, before: Values) -> dict[str, str]:
    if kind.advice:
        say(kind.advice)
    if kind.own_credentials:
        say(f"Enter {NOTHING} to use the credentials saved by `aws configure`.")
    answers = _pair(ACCESS, STORE_SECRET, before, optional=kind.own_credentials)
    return answers if answers[ACCESS] else {ACCESS: "", STORE_SECRET: ""}


def _pair(key: str, secret: str, before: Values, *, optional: bool = False) -> dict[str, str]:
    """A key and its secret; neither if they are ``optional`` and not given."""
    public = _key(key, before, optional=optional)
    return {key: public} | ({secret: _key(secret, before, unlike=public)} if public else {})


def _key(name: str, before: Values, *, unlike: str = "", optional: bool = False) -> str:
    """A key or a secret, typed without echo; a glimpse of it confirms which one was entered."""
    now = before.get(name, "")

    def problem(text: str) -> str:
        if text == now or (optional and text == NOTHING):
            return ""
        return "This is the key again. Enter the secret." if text == unlike else no_key(text, shortest=SHORTEST[name])

    text = _until_right(QUESTIONS[name], now, problem, secret=True)
    if optional and text == NOTHING:
        return ""
    say(f"  {glimpse(text)}")
    return text


def _ledger(path: Path, before: Values) -> dict[str, str]:
    """The ledger's name; several accounts in one folder need a ledger each."""
    say(f"\nThe ledger is a file beside {path} that records what was copied. Every account needs its own.")
    name = path.name.removesuffix(".env").strip(".") or "transfer_log"
    return {LEDGER: _answer(LEDGER, {LEDGER: f"{name}.db"} | dict(before))}


def _another_ledger(path: Path, values: Values) -> dict[str, str]:
    """Offer a new ledger if the chosen one belongs to another destination."""
    name = values.get(LEDGER) or BY_NAME[LEDGER].default
    ledger = path.parent / name
    if os.environ.get(LEDGER) or not values.get(BUCKET):
        return {}
    refusal = refusal_by_values({**values, LEDGER: str(ledger)})
    if not isinstance(refusal, LedgerOfAnother):
        return {}
    say(f"\nnote: {refusal}. A ledger is for one destination only.")
    new = _unused(ledger)
    if typer.confirm(f"Use a new ledger for this destination, {new}?", default=True, err=True):
        return {LEDGER: str(Path(name).with_name(new))}
    say("`smug2s3 sync` will refuse this destination until LEDGER_PATH names another file.")
    return {}


def _unused(ledger: Path) -> str:
    """A similar file name that does not exist yet."""
    numbers = (f"{ledger.stem}-{number}{ledger.suffix}" for number in itertools.count(2))
    return next(name for name in numbers if not ledger.with_name(name).exists())


def _answer(name: str, before: Values) -> str:
    """Ask for the value of one setting."""
    variable = BY_NAME[name]

    def problem(text: str) -> str:
        found = complaint(variable, text)
        return f"It {found}, for example {variable.example}." if found else ""

    now = before.get(name) or variable.default
    return _until_right(QUESTIONS[name], now, problem)


def _until_right(question: str, now: str, problem: Callable[[str], str], *, secret: bool = False) -> str:
    """Ask until the answer is valid; Enter takes ``now`` if there is one."""
    if secret:
        question += " (hidden; Enter keeps the current one)" if now else " (hidden while you type)"
    while True:
        shown = "" if secret else now
        typed = typer.prompt(question, default=shown, show_default=bool(shown), hide_input=secret, err=True)
        text = unwrapped(str(typed)) or now
        found = problem(text) if text else "Enter a value, or press Ctrl-C to quit."
        if not found:
            return text
        say(found)


def _agreed(path: Path, before: Values, changes: Values) -> bool:
    """Ask for confirmation; if a value would be replaced, Enter alone means no."""
    say(f"\nChanges to {path}:")
    for name, text in changes.items():
        instead = f", instead of {_shown(name, before[name])}" if before.get(name) else ""
        say(f"  {name}: {_shown(name, text)}{instead}")
    replaced = any(before.get(name) for name in changes)
    return typer.confirm(
        "Replace these values?" if replaced else "Write these settings?", default=not replaced, err=True
    )


def _shown(name: str, text: str) -> str:
    if not text:
        return "nothing"
    return "(hidden)" if BY_NAME[name].secret else text


def _trial(path: Path, *, new_key: bool) -> int:
    """Test both sides with the saved settings, and return the exit code. The answers are kept in any case."""
    _note_what_wins(path)
    given = environment()
    signed_in = not new_key and not missing(given, frozenset({"smugmug"}))
    given |= {} if signed_in else {TOKEN: "", TOKEN_SECRET: ""}
    needs = {SMUGMUG: "smugmug" if signed_in else "key", STORE: "store"}
    sides = [side for side, need in needs.items() if not missing(given, frozenset({need}))]
    say("\nTesting what can be tested so far ...")
    settings = load(given, needs=frozenset())
    if STORE in sides:
        _offer_bucket(settings)
    found: Found = []
    failure = tried(settings, sides, found, lambda _: put_drawn(lambda c: c.print(table(found))))
    code = exit_code(found, failure)
    say(_kept(path) if code else f"Next: smug2s3 {'plan' if signed_in else 'auth'}")
    return code


def _offer_bucket(settings: Settings) -> None:
    """Offer to create the bucket if it does not exist; any other trouble is left to the test that follows."""
    with contextlib.suppress(Smug2s3Error, typer.Abort):
        if settings.folder or not finished(lambda: is_to_create(settings)):
            return
        say(f"\nThe bucket {settings.bucket} does not exist yet.")
        if not typer.confirm("Create it now, private and with versions?", default=True, err=True):
            return
        try:
            created(settings, Wishes())
        except Smug2s3Error as error:
            explain(error)


def _note_what_wins(path: Path) -> None:
    written = file_values(path)
    over = [name for name in written if os.environ.get(name, written[name]) != written[name]]
    if over:
        say(f"note: the environment has other values for {', '.join(over)}, which take precedence over {path}")


def _kept(path: Path) -> str:
    return (
        f"Not everything works yet. Your answers are saved in {path}. Correct what is marked bad with "
        "`smug2s3 config init`, where Enter keeps a value, or test again later with `smug2s3 check`."
    )
