"""`smug2s3 status`: where things stand, by the ledger alone; also beside a sync that is at work."""

from __future__ import annotations

from smug2s3.cli.console import columns, ending_well, put_json, put_text
from smug2s3.cli.needed import existing_ledger, settings_for
from smug2s3.cli.settings_file import called
from smug2s3.ledger.standing import standing, unmoved
from smug2s3.reporting.standing import COLUMNS, document, left_text, standing_text


def status(*, failed: bool, json: bool) -> None:
    """The whole command."""

    def on_error(message: str, code: int) -> None:
        if json:
            put_json({"error": message, "exit_code": code})

    with ending_well(on_error):
        path = existing_ledger(settings_for())
        if json:
            put_json(document(standing(path), unmoved(path) if failed else None))
        elif failed:
            put_text(
                left_text(
                    unmoved(path),
                    full_access=standing(path).full_access,
                    command=called(),
                    columns=min(columns(), COLUMNS),
                )
            )
        else:
            put_text(standing_text(standing(path), command=called(), columns=min(columns(), COLUMNS)))
