"""`smug2s3 status`: progress and failures from the ledger alone; also while a sync is running."""

from __future__ import annotations

from dataclasses import replace

from smug2s3.app.destination import ledger_refusal
from smug2s3.cli.console import columns, error_boundary, note, put_json, put_text
from smug2s3.cli.needed import existing_ledger, settings_for
from smug2s3.cli.settings_file import called
from smug2s3.ledger.status import read_status, unmoved
from smug2s3.reporting.status import COLUMNS, document, left_text, status_text
from smug2s3.rules.status import Status
from smug2s3.settings import Settings


def status(*, failed: bool, json: bool) -> None:
    """Run the command."""

    def on_error(message: str, code: int) -> None:
        if json:
            put_json({"error": message, "exit_code": code})

    with error_boundary(on_error):
        settings = settings_for()
        path = existing_ledger(settings)
        if json:
            put_json(document(_status(settings), unmoved(path, note) if failed else None))
        elif failed:
            found = read_status(path, note)
            put_text(
                left_text(
                    unmoved(path, note),
                    unanswered=found.unanswered,
                    full_access=found.full_access,
                    command=called(),
                    columns=min(columns(), COLUMNS),
                )
            )
        else:
            put_text(status_text(_status(settings), command=called(), columns=min(columns(), COLUMNS)))


def _status(settings: Settings) -> Status:
    conflict = ledger_refusal(settings)
    found = read_status(settings.ledger_path, note)
    return replace(found, conflict=f"{conflict}. {conflict.hint}") if conflict else found
