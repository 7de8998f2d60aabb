"""`smug2s3 status`: where things stand, by the ledger alone; also beside a sync that is at work."""

from __future__ import annotations

from smug2s3.cli.console import ending_well, environment, note, put_json, put_text
from smug2s3.cli.settings_file import called
from smug2s3.ledger.database import existing
from smug2s3.ledger.standing import standing, unmoved
from smug2s3.reporting.standing import document, left_text, standing_text
from smug2s3.settings import load


def status(*, failed: bool, json: bool) -> None:
    """The whole command."""

    def on_error(message: str, code: int) -> None:
        if json:
            put_json({"error": message, "exit_code": code})

    with ending_well(on_error):
        path = existing(load(environment(), needs=frozenset()).ledger_path)
        if json:
            put_json(document(standing(path, note), unmoved(path, note) if failed else None))
        elif failed:
            put_text(left_text(unmoved(path, note), command=called()))
        else:
            put_text(standing_text(standing(path, note), command=called()))
