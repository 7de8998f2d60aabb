"""Which settings file a command reads and writes: `.env` here, or the one that was named before the command."""

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
"""An option whose value may hold a secret: it is not repeated."""


def name(path: str | None) -> None:
    """Have the command that follows use the file at ``path``; ``None``: the usual one."""
    meant = as_meant(path)
    _named.set(None if meant is None else Path(meant))


def as_meant(path: str | None) -> str | None:
    """A path that was typed, with its ``~`` and variables: shells leave them alone behind ``=``, others everywhere."""
    try:
        return path and expanded(path)
    except ValueError as error:
        raise typer.BadParameter(f"it {error}") from None


def in_front(args: Sequence[str]) -> list[str]:
    """The arguments with ``--env-file PATH`` first: it belongs before the command, but people write it behind."""
    for place, word in enumerate(args):
        if word == "--":
            break
        if word == args[-1] == "--env-file":
            return [word]  # Without a name: the only thing worth saying.
        taken = 2 if word == "--env-file" else 1 if word.startswith("--env-file=") else 0
        if taken:
            return [*args[place : place + taken], *args[:place], *args[place + taken :]]
    return list(args)


def env_file() -> Path:
    """The file."""
    return _named.get() or USUAL


def is_named() -> bool:
    """Whether it was asked for by name, so that its absence is a mistake."""
    return _named.get() is not None


def remember(args: Sequence[str]) -> None:
    """Keep the arguments of this call, the settings file's name in front."""
    named = 2 if args[:1] == ["--env-file"] else 1 if args and args[0].startswith("--env-file=") else 0
    _typed.set(tuple(args[named:]))


def again(*, flag: str | None = None, option: str | None = None) -> str:
    """The command that was typed, to be typed again; without this ``flag``, and this ``option`` and its value."""
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
    """How this smug2s3 is called, to be quoted in advice; a pipe such as ``<(…)`` has no name to be typed again."""
    if not is_named():
        return "smug2s3"
    return f"smug2s3 --env-file {'FILE' if passing(env_file()) else shlex.quote(str(env_file()))}"


def as_called(text: str) -> str:
    """Advice in which every command is quoted as it has to be typed for this settings file."""
    return re.sub(r"(`|Next: |then )smug2s3 (?!--env-file)", lambda found: f"{found[1]}{called()} ", text)
