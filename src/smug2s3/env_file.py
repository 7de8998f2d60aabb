"""The settings file: read beneath the environment, and written so that other lines stay, for its owner alone, whole."""

from __future__ import annotations

import io
import logging
import os
import re
import stat
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, TypeVar

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from smug2s3.errors import SettingsError
from smug2s3.rules.misnamed import meant, misnamed
from smug2s3.rules.paths import expanded, passing
from smug2s3.settings import VARIABLES, Variable

T = TypeVar("T")

logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # lines that are none, `strays` names better


class Source(StrEnum):
    """Where a setting comes from."""

    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"
    NONE = "not set"


@dataclass(frozen=True, slots=True)
class Given:
    """A setting's text as it was found."""

    text: str
    source: Source


def gathered(env_file: Path, environment: Mapping[str, str] | None = None) -> dict[str, Given]:
    """Every variable by name: the environment's, else what ``env_file`` says (if there is one), else its default.

    A ledger that the environment does not name lies beside ``env_file``, wherever one stands; where that is a pipe or
    a device, it lies in the folder one stands in.
    Raises SettingsError for a file that exists but cannot be read as text.
    """
    environment = os.environ if environment is None else environment
    written = file_values(env_file)
    found = {variable.name: _given(variable, environment, written) for variable in VARIABLES.values()}
    ledger = found[_LEDGER]
    if ledger.source is not Source.ENVIRONMENT:
        found[_LEDGER] = Given(_beside(env_file, ledger.text), ledger.source)
    return found


def _beside(env_file: Path, ledger: str) -> str:
    try:
        path = expanded(ledger)
    except ValueError:  # as it is written, for the complaint about it
        return ledger
    return path if passing(env_file) else str(env_file.parent / path)


_LEDGER = VARIABLES["ledger_path"].name


def _given(variable: Variable, environment: Mapping[str, str], written: Mapping[str, str]) -> Given:
    if text := environment.get(variable.name):
        return Given(text, Source.ENVIRONMENT)
    if text := written.get(variable.name):
        return Given(text, Source.FILE)
    return Given(variable.default, Source.DEFAULT) if variable.default else Given("", Source.NONE)


def read_environment(env_file: Path, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """All variables that are set, in ``env_file`` or in the environment, which wins."""
    found = gathered(env_file, environment)
    return {name: one.text for name, one in found.items() if one.source in (Source.ENVIRONMENT, Source.FILE)}


def file_values(env_file: Path) -> dict[str, str]:
    """The variables that ``env_file`` sets, as they are written there; none where there is no such file."""
    written = _parsed(env_file, lambda content: dotenv_values(stream=content, interpolate=False))
    return {variable.name: text for variable in VARIABLES.values() if (text := written.get(variable.name))}


def strays(env_file: Path, environment: Mapping[str, str] | None = None) -> list[str]:
    """What ``env_file`` says in vain, a sentence each: names that are nearly those of settings, and what is no line.

    A name that the environment has as well is somebody else's. What can be read only once, like a pipe, was read.
    """
    if not env_file.is_file():
        return []
    environment = os.environ if environment is None else environment
    lines = _parsed(env_file, lambda content: list(parse_stream(content)))
    written = {line.key: line.value for line in lines if line.key and line.value}
    given = {name: bool(environment.get(name) or written.get(name)) for name in _NAMES}
    strangers = [name for name in written if name not in environment]
    return [_no_line(env_file, line) for line in lines if line.error] + [
        f"{env_file} has the unknown setting {name}: did you mean {ours}?"
        for name, ours in misnamed(strangers, given).items()
    ]


_NAMES = tuple(variable.name for variable in VARIABLES.values())


def _no_line(env_file: Path, line: Binding) -> str:
    name = meant(re.split("[:=]", line.original.string, maxsplit=1)[0], _NAMES)
    ours = f": did you mean {name}=…?" if name else ""
    return f"line {line.original.line} of {env_file} is not NAME=value and is ignored{ours}"


def _parsed(env_file: Path, parse: Callable[[IO[str]], T]) -> T:
    try:
        content = env_file.read_text(encoding="utf-8-sig") if env_file.exists() else ""  # once: a pipe has it only once
        return parse(io.StringIO(content))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"the settings file {env_file} cannot be read: {reason}",
            hint="Make it a text file of NAME=value lines, like .env.example.",
        ) from error


def refuse_unwritable(env_file: Path) -> None:
    """Raise SettingsError if ``env_file`` could not be written; before somebody types what would then be lost."""
    if passing(env_file):
        raise SettingsError(
            f"{env_file} is a pipe or a device, so settings cannot be saved in it",
            hint="Set --env-file to a regular file, or omit it to use .env in this folder.",
        )
    try:
        with tempfile.NamedTemporaryFile(prefix=".env-", dir=env_file.resolve().parent):
            pass
    except OSError as error:
        raise _unwritable(env_file, error) from error


def save(env_file: Path, values: Mapping[str, str]) -> bool:
    """Set ``values`` in ``env_file``, mode 0600; raises SettingsError if it cannot be written.

    Whether it is for its owner alone to read: some disks keep no rights, and show every file as they please.
    """
    target = env_file.resolve()
    try:
        text = target.read_bytes().decode() if target.exists() else ""
        # Made for its owner alone where the disk can: nothing is left to be changed, which a USB stick refuses.
        descriptor, name = tempfile.mkstemp(prefix=".env-", dir=target.parent)
        draft = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(_with(text, values))
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return os.name != "posix" or not stat.S_IMODE(target.stat().st_mode) & 0o077
    except OSError as error:
        raise _unwritable(env_file, error) from error


def _with(text: str, values: Mapping[str, str]) -> str:
    """Where a value was, there is the new one; what is new stands at the end, and every other line stays."""
    left = {name: f"{name}={_quoted(value)}\n" for name, value in values.items()}
    lines = [
        left.pop(line.key or "", "") if line.key in values else line.original.string
        for line in parse_stream(io.StringIO(text))
    ]
    before = "".join(lines)
    return before + "\n" * bool(left and before and not before.endswith("\n")) + "".join(left.values())


def _quoted(value: str) -> str:
    return value if value.isalnum() else "'" + value.replace("\\", r"\\").replace("'", r"\'") + "'"


def _unwritable(env_file: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"the settings file {env_file} cannot be written: {error.strerror}",
        hint="Check the permissions of the folder, then run the same command again.",
    )
