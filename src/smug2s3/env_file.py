"""The settings file: read beneath the environment, and written so that other lines stay, for its owner alone, whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dotenv import dotenv_values, set_key

from smug2s3.errors import SettingsError
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
    try:
        if not env_file.exists():
            return {}
        written = dotenv_values(env_file, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"the settings file {env_file} cannot be read: {reason}",
            hint="It must be a text file of NAME=value lines; .env.example shows all of them.",
        ) from error
    return {variable.name: text for variable in VARIABLES.values() if (text := written.get(variable.name))}


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
