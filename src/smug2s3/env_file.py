"""The settings file: read with the environment taking precedence, and written atomically for its owner only."""

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
from smug2s3.rules.variable import Variable
from smug2s3.settings import VARIABLES

T = TypeVar("T")

logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # `strays` reports invalid lines better


class Source(StrEnum):
    """Where a setting comes from."""

    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"
    NONE = "not set"


@dataclass(frozen=True, slots=True)
class Given:
    """A setting's text and where it was found."""

    text: str
    source: Source


def gathered(env_file: Path, environment: Mapping[str, str] | None = None) -> dict[str, Given]:
    """Every variable by name: from the environment, else from ``env_file`` (if it exists), else its default.

    A ledger not set in the environment is beside ``env_file``, whatever the current folder; if that is a pipe or
    a device, it is in the current folder.
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
    except ValueError:  # unchanged, for the error about it
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
    """All variables that are set, in ``env_file`` or in the environment, which takes precedence."""
    found = gathered(env_file, environment)
    return {name: one.text for name, one in found.items() if one.source in (Source.ENVIRONMENT, Source.FILE)}


def file_values(env_file: Path) -> dict[str, str]:
    """The variables that ``env_file`` sets, as written there; none if it does not exist."""
    written = _parsed(env_file, lambda content: dotenv_values(stream=content, interpolate=False))
    return {variable.name: text for variable in VARIABLES.values() if (text := written.get(variable.name))}


def strays(env_file: Path, environment: Mapping[str, str] | None = None) -> list[str]:
    """Lines of ``env_file`` without effect, a sentence each: misspelled settings and invalid lines.

    A name that is also in the environment is for another program. A pipe, which can be read only once, is skipped.
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
        content = (
            env_file.read_text(encoding="utf-8-sig") if env_file.exists() else ""
        )  # once: a pipe can be read only once
        return parse(io.StringIO(content))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"the settings file {env_file} cannot be read: {reason}",
            hint="Make it a text file of NAME=value lines, like .env.example.",
        ) from error


def refuse_unwritable(env_file: Path) -> None:
    """Raise SettingsError if ``env_file`` could not be written; call it before anything is typed that would be lost."""
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

    Returns whether only its owner can read it: some disks do not support file permissions.
    """
    target = env_file.resolve()
    try:
        text = target.read_bytes().decode() if target.exists() else ""
        # Created for its owner only if the disk can: no chmod is needed, which a USB stick refuses.
        descriptor, name = tempfile.mkstemp(prefix=".env-", dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(_with(text, values))
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        return os.name != "posix" or not stat.S_IMODE(target.stat().st_mode) & 0o077
    except OSError as error:
        raise _unwritable(env_file, error) from error


def _with(text: str, values: Mapping[str, str]) -> str:
    """Replace values in place, add new ones at the end, and keep every other line."""
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
