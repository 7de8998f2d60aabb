"""Writes settings into `.env`: other lines stay as they are, nobody else may read it, never half-written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import set_key

from smug2s3.errors import SettingsError


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
        raise SettingsError(
            f"the settings file {env_file} cannot be written: {error.strerror}",
            hint="Check the rights of the folder, then run `smug2s3 auth` again.",
        ) from error
