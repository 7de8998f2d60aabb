"""`smug2s3 report`: writes one HTML page from the ledger, complete or not at all."""

from __future__ import annotations

from pathlib import Path

from smug2s3.app.ledger_runner import run_report
from smug2s3.cli.console import error_boundary, finished, note, put_text, say
from smug2s3.cli.needed import existing_ledger, settings_for
from smug2s3.errors import UsageError
from smug2s3.reporting.amounts import amount
from smug2s3.reporting.atomic_write import refuse_unwritable, replacing
from smug2s3.reporting.names import sanitize
from smug2s3.reporting.page.document import GENERATOR

_ANOTHER = "Choose another file: `smug2s3 report PATH`"


def report(path: str, *, thumbnails: int) -> None:
    """Run the command."""
    with error_boundary():
        settings = settings_for(*["store"] if thumbnails else [])
        existing_ledger(settings)
        _refuse_others(Path(path))
        with replacing(Path(path)) as file:
            assessment, previews = finished(
                lambda: run_report(settings, file.write, thumbnails=thumbnails, notify=note)
            )
        size = amount(Path(path).stat().st_size)
        put_text(f"{sanitize(assessment.sentence)}.\n")
        put_text(f"Wrote the report to {sanitize(path)} ({size}). Open it in a browser.\n")
        if thumbnails and not previews:
            say(
                "note: the report has no previews, because none of the photos checked contains one (many cameras write none)"
            )


def _refuse_others(path: Path) -> None:
    """Raises UsageError unless the file is new or an earlier report."""
    refuse_unwritable(path)
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            beginning = file.read(1000)
    except OSError as error:
        raise UsageError(
            f"cannot read {path} to see whether it is an earlier report: {error.strerror}", hint=_ANOTHER
        ) from error
    if beginning and GENERATOR not in beginning:
        raise UsageError(f"{path} already exists and is not an earlier report", hint=_ANOTHER)
