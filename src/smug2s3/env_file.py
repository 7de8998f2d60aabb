"""The settings file: read beneath the environment, and written so that other lines stay, for its owner alone, whole."""

from __future__ import annotations

import io
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from smug2s3.errors import SettingsError
from smug2s3.rules.paths import expanded, passing
from smug2s3.settings import VARIABLES, Variable


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
    try:
        if not env_file.exists():
            return {}
        content = env_file.read_text(encoding="utf-8-sig")  # once: a pipe gives it only once
        written = dotenv_values(stream=io.StringIO(content), interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"the settings file {env_file} cannot be read: {reason}",
            hint="It must be a text file of NAME=value lines; .env.example shows all of them.",
        ) from error
    return {variable.name: text for variable in VARIABLES.values() if (text := written.get(variable.name))}


def refuse_unwritable(env_file: Path) -> None:
    """Raise SettingsError if ``env_file`` could not be written; before somebody types what would then be lost."""
    if passing(env_file):
        raise SettingsError(
            f"{env_file} is a pipe or a device, and nothing can be kept in it",
            hint="Name a settings file with --env-file, or leave it out: then it is .env in this folder.",
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
        hint="Check the rights of the folder, then run the same command again.",
    )
