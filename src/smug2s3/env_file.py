"""The settings file: read beneath the environment, and written so that other lines stay, for its owner alone, whole."""

from __future__ import annotations

import io
import logging
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, TypeVar

from dotenv import dotenv_values, set_key
from dotenv.parser import Binding, parse_stream

from smug2s3.errors import SettingsError
from smug2s3.rules.misnamed import meant, misnamed
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

    A ledger that the environment does not name lies beside ``env_file``, wherever one stands.
    Raises SettingsError for a file that exists but cannot be read as text.
    """
    environment = os.environ if environment is None else environment
    written = file_values(env_file)
    found = {variable.name: _given(variable, environment, written) for variable in VARIABLES.values()}
    ledger = found[_LEDGER]
    if ledger.source is not Source.ENVIRONMENT:
        found[_LEDGER] = Given(str(env_file.parent / ledger.text), ledger.source)
    return found


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
        f"{env_file} has {name}, which is no setting: did you mean {ours}?"
        for name, ours in misnamed(strangers, given).items()
    ]


_NAMES = tuple(variable.name for variable in VARIABLES.values())


def _no_line(env_file: Path, line: Binding) -> str:
    name = meant(re.split("[:=]", line.original.string, maxsplit=1)[0], _NAMES)
    ours = f": did you mean {name}=…?" if name else ""
    return f"line {line.original.line} of {env_file} is no NAME=value and is not read{ours}"


def _parsed(env_file: Path, parse: Callable[[IO[str]], T]) -> T:
    try:
        content = env_file.read_text(encoding="utf-8-sig") if env_file.exists() else ""  # once: a pipe has it only once
        return parse(io.StringIO(content))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"the settings file {env_file} cannot be read: {reason}",
            hint="It must be a text file of NAME=value lines; .env.example shows all of them.",
        ) from error


def refuse_unwritable(env_file: Path) -> None:
    """Raise SettingsError if ``env_file`` could not be written; before somebody types what would then be lost."""
    try:
        with tempfile.NamedTemporaryFile(prefix=".env-", dir=env_file.resolve().parent):
            pass
    except OSError as error:
        raise _unwritable(env_file, error) from error


def save(env_file: Path, values: Mapping[str, str]) -> None:
    """Set ``values`` in ``env_file``, mode 0600; raises SettingsError if it cannot be written."""
    target = env_file.resolve()
    try:
        descriptor, name = tempfile.mkstemp(prefix=".env-", dir=target.parent)
        draft = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(target.read_bytes() if target.exists() else b"")
            for key, value in values.items():
                set_key(draft, key, value, quote_mode="auto")
            draft.chmod(0o600)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(env_file, error) from error


def _unwritable(env_file: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"the settings file {env_file} cannot be written: {error.strerror}",
        hint="Check the rights of the folder, then run the same command again.",
    )
