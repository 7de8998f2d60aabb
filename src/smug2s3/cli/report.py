"""`smug2s3 report`: one HTML page out of the ledger, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from smug2s3.app import run_report
from smug2s3.cli.console import ending_well, environment, finished, put_text
from smug2s3.errors import UsageError
from smug2s3.ledger.database import existing
from smug2s3.reporting.amounts import amount
from smug2s3.reporting.names import harmless
from smug2s3.reporting.page.document import GENERATOR
from smug2s3.settings import load


def report(path: str, *, thumbnails: int) -> None:
    """The whole command."""
    with ending_well():
        settings = load(environment(), needs=frozenset({"store"} if thumbnails else ()))
        existing(settings.ledger_path)
        with replacing(Path(path)) as file:
            headline = finished(lambda: run_report(settings, file.write, thumbnails=thumbnails))
        size = amount(Path(path).stat().st_size)
        put_text(f"{harmless(headline.sentence)}.\n")
        put_text(f"The report is in {harmless(path)} ({size}). Open it in your browser.\n")


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A file that takes the place of ``path`` once all of it is written; only an earlier report may lie there."""
    _refuse_others(path)
    try:
        # Readable by its owner alone, like the ledger: it names private albums.
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".draft", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            yield file
        Path(draft).replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        Path(draft).unlink(missing_ok=True)


def _refuse_others(path: Path) -> None:
    try:
        with path.open("rb") as file:
            beginning = file.read(1000)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unwritable(path, error) from error
    if beginning and GENERATOR not in beginning:
        raise UsageError(
            f"{path} is there already, and it is not an earlier report", hint="Name another file: smug2s3 report PATH"
        )


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be written: {error.strerror}", hint="Name another file: smug2s3 report PATH")
