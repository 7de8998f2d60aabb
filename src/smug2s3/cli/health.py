"""`smug2s3 health`: tells a container or a monitor whether the last sync went well."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from smug2s3.cli.console import error_boundary, put_text
from smug2s3.errors import UsageError
from smug2s3.reporting.moments import localized
from smug2s3.reporting.names import sanitize
from smug2s3.rules.foreign_json import read_json
from smug2s3.rules.health import judge, longest_age


def health(path: str, *, max_age: str) -> None:
    """Run the command: exit code 0 if all is well, 1 if not."""
    with error_boundary():
        longest = longest_age(max_age)
        if longest is None:
            raise UsageError(
                f"--max-age {max_age!r} is not a duration of at least 1m", hint="For example --max-age 26h or 90m."
            )
        try:
            well, why = judge(read_json(Path(path).read_bytes()), datetime.now(UTC), longest)
        except (OSError, ValueError) as error:
            well, why = False, _unread(path, error)
        put_text(f"{'healthy' if well else 'unhealthy'}: {sanitize(localized(why))}\n")
    raise typer.Exit(0 if well else 1)


def _unread(path: str, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no {path}; `smug2s3 sync --health-file {path}` writes it"
    reason = error.strerror if isinstance(error, OSError) else "it is not a health file of smug2s3"
    return f"cannot read {path}: {reason}"
