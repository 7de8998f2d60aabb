"""Checks that a command has its settings and a ledger; names the wrong folder as the cause if it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from smug2s3.cli.console import environment
from smug2s3.cli.settings_file import env_file
from smug2s3.errors import SettingsError, UsageError
from smug2s3.ledger.database import existing
from smug2s3.settings import VARIABLES, Settings, absence, complaint, load, missing

TOKEN = {VARIABLES["token"].name, VARIABLES["token_secret"].name}
"""What `smug2s3 auth` writes."""

_LEDGER = VARIABLES["ledger_path"].name


def settings_for(*needs: str, found: Mapping[str, str] | None = None) -> Settings:
    """The settings, checked for a command with these needs; see ``load``. ``found`` replaces those of `.env`."""
    found = environment() if found is None else found
    if lacking := missing(found, frozenset(needs)):
        if not env_file().exists():
            raise _wrong_folder(_lacking_too(found, frozenset(needs)))
        if {variable.name for variable in lacking} <= TOKEN:
            raise SettingsError(
                f"not signed in to SmugMug: {env_file()} has no credentials yet", hint="Next: smug2s3 auth"
            )
    return load(found, needs=frozenset(needs))


def at_once(concurrency: int | None) -> dict[str, str]:
    """The setting that ``--concurrency`` replaces; raises UsageError."""
    if concurrency is None:
        return {}
    if complaint(VARIABLES["transfers"], str(concurrency)):
        raise UsageError(
            f"--concurrency must be from 1 to 256, not {concurrency}",
            hint="It is how many files are copied at once. Leave it out to have the best number found automatically.",
        )
    return {VARIABLES["transfers"].name: str(concurrency)}


def existing_ledger(settings: Settings) -> str:
    """The ledger's path; raises LedgerError if it does not exist, SettingsError if there is no `.env` either."""
    if not (os.environ.get(_LEDGER) or env_file().exists() or Path(settings.ledger_path).exists()):
        raise _wrong_folder(f" There is no ledger {settings.ledger_path} either.")
    return existing(settings.ledger_path)


def _wrong_folder(more: str = "") -> SettingsError:
    """The error for a command run where there is no settings file; ``more`` lists what is missing."""
    return SettingsError(
        f"no {env_file()} in {Path.cwd()}: is this the folder where you set up smug2s3?{more}",
        hint="Go to that folder, or name its settings file with --env-file. To set up a new one, run "
        "`smug2s3 config init`.",
    )


def _lacking_too(found: Mapping[str, str], needs: frozenset[str]) -> str:
    """What is missing if the environment has some of the settings: people may use no file on purpose."""
    lacking = missing(found, needs)
    if lacking == missing({}, needs):
        return ""
    return "".join(f"\n  - {absence(variable)}" for variable in lacking)
