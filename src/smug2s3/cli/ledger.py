"""`smug2s3 ledger`: exports the ledger for other programs, and rebuilds a lost one from the bucket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smug2s3.app.ledger_runner import run_rebuild
from smug2s3.cli.console import data, error_boundary, finished, note, say
from smug2s3.cli.needed import existing_ledger, settings_for
from smug2s3.engine.rebuild import Found
from smug2s3.errors import UsageError
from smug2s3.ledger.ledger import open_ledger
from smug2s3.reporting.amounts import amount, plural
from smug2s3.reporting.atomic_write import replacing
from smug2s3.rules import export_table

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

FORMATS = ("jsonl", "csv")


def export(*, form: str, output: str | None, bom: bool = False) -> None:
    """Write every asset and object, one per line, to ``output`` or stdout."""
    with error_boundary():
        if form not in FORMATS:
            raise UsageError(f"{form!r} is not an export format", hint=f"Choose one of: {', '.join(FORMATS)}.")
        if bom and form != "csv":
            raise UsageError("--bom is for CSV only", hint="Add `--format csv`.")
        path = existing_ledger(settings_for())
        if output is None:
            with data() as out:
                finished(lambda: _export(path, _writer(form, out, bom=bom)))
            return
        if Path(output).exists():
            raise UsageError(f"cannot write {output}: it already exists", hint="Choose a file that does not exist yet.")
        with replacing(Path(output)) as file:
            finished(lambda: _export(path, _writer(form, file, bom=bom)))


def rebuild() -> None:
    """Build a new ledger from the bucket alone."""
    with error_boundary():
        settings = settings_for("store")
        found = finished(lambda: run_rebuild(settings))
        say(_found_text(found))
        say("To copy what is missing, run `smug2s3 sync --full` after verifying.")
        say("Next: smug2s3 verify")


async def _export(path: str, write: Callable[[dict[str, Any]], object]) -> None:
    async with open_ledger(path, notify=note) as ledger:
        async for row in ledger.export():
            write(row)


def _writer(form: str, file: SupportsWrite[str], *, bom: bool) -> Callable[[dict[str, Any]], object]:
    if form == "jsonl":
        return lambda row: file.write(export_table.json_line(row))
    file.write(export_table.BOM * bom + export_table.header())
    return lambda row: file.write(export_table.csv_line(row, spreadsheet=bom))


def _found_text(found: Found) -> str:
    albums, files = plural(found.albums, "album"), plural(found.files, "file")
    text = f"Found {files} ({amount(found.bytes)}) in {albums}."
    if found.references:
        text += (
            f" {plural(found.references, 'file')} of these are references to files in other albums (collected photos)."
        )
    if found.doubtful:
        text += (
            f" Different from their metadata, or with too little of it: {plural(found.doubtful, 'file')}; the next sync "
            "copies them again if SmugMug still has them."
        )
    if found.previews:
        text += f" Besides, {plural(found.previews, 'preview')} for viewing."
    if found.unknown:
        text += f" In no album, or not as recorded there: {plural(found.unknown, 'object')}."
    return text
