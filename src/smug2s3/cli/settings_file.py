"""Which settings file a command reads and writes: `.env` in this folder, or the one of `--env-file`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path

import typer

from smug2s3.rules.paths import expanded, passing

USUAL = Path(".env")

_named: ContextVar[Path | None] = ContextVar("named", default=None)
_typed: ContextVar[tuple[str, ...]] = ContextVar("typed", default=())

_UNREPEATED = "--notify-url"
"""An option whose value may hold a secret, so it is not quoted."""


def name(path: str | None) -> None:
    """Make the command use the file at ``path``; ``None`` means the usual one."""
    meant = as_meant(path)
    _named.set(None if meant is None else Path(meant))


def as_meant(path: str | None) -> str | None:
    """A typed path with ``~`` and variables expanded, which shells do not do after ``=`` and Windows never does."""
    try:
        return path and expanded(path)
    except ValueError as error:
        raise typer.BadParameter(f"it {error}") from None


def in_front(args: Sequence[str]) -> list[str]:
    """The arguments with ``--env-file PATH`` first, since people also write it after the command."""
    for place, word in enumerate(args):
        if word == "--":
            break
        if word == args[-1] == "--env-file":
            return [word]  # without a path: the parser reports it
        taken = 2 if word == "--env-file" else 1 if word.startswith("--env-file=") else 0
        if taken:
            return [*args[place : place + taken], *args[:place], *args[place + taken :]]
    return list(args)


def env_file() -> Path:
    """The file."""
    return _named.get() or USUAL


def is_named() -> bool:
    """Whether it was named on the command line, so that a missing file is an error."""
    return _named.get() is not None


def remember(args: Sequence[str]) -> None:
    """Remember the arguments of this call, the settings file first."""
    named = 2 if args[:1] == ["--env-file"] else 1 if args and args[0].startswith("--env-file=") else 0
    _typed.set(tuple(args[named:]))


def again(*, flag: str | None = None, option: str | None = None) -> str:
    """The command as typed, for running it again; without this ``flag``, and this ``option`` and its value."""
    words: list[str] = []
    rest = iter(_typed.get())
    for word in rest:
        name, equals, _ = word.partition("=")
        if name in (option, _UNREPEATED):
            _ = equals or next(rest, "")
            words += [name, "URL"] if name == _UNREPEATED else []
        elif word != flag:
            words.append(word)
    return f"{called()} {shlex.join(words)}"


def called() -> str:
    """`smug2s3` with its `--env-file`, for advice; a pipe such as ``<(…)`` has no path that can be typed again."""
    if not is_named():
        return "smug2s3"
    return f"smug2s3 --env-file {'FILE' if passing(env_file()) else shlex.quote(str(env_file()))}"


def as_called(text: str) -> str:
    """Advice with every command as it must be typed for this settings file."""
    return re.sub(r"(`|Next: |then )smug2s3 (?!--env-file)", lambda found: f"{found[1]}{called()} ", text)
