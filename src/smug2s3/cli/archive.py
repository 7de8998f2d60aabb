"""`smug2s3 ls` and `smug2s3 find`: what is in the archive, from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from smug2s3.cli.console import data, error_boundary, finished, note, put_json, put_lines, say
from smug2s3.cli.needed import existing_ledger, settings_for
from smug2s3.errors import UsageError
from smug2s3.ledger import lookup
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.lookup import File
from smug2s3.reporting.contents import STORED, file_line, folder_document, folder_lines, total_line
from smug2s3.rules.contents import contents
from smug2s3.rules.search import parse
from smug2s3.settings import Settings


def ls(path: str, *, keys: bool, json: bool) -> None:
    """List a folder or album; its files only if it is an album, or for ``keys``."""
    with error_boundary(_document_of_failure if json else _nothing_more):
        ledger = _current_ledger(keys=keys, json=json)
        found = contents(lookup.albums(ledger, note), path)
        shown = found.below if keys else found.chosen
        files = lookup.files_of(ledger, note, [album.key for album in shown])
        if json:
            put_json(folder_document(path.strip("/"), found, files))
        elif keys:
            _put_keys(files)
        else:
            put_lines(chain(folder_lines(found), map(file_line, files)))
            say(total_line(sum(album.files for album in found.below), sum(album.bytes for album in found.below)))


def find(words: Iterable[str], *, keys: bool, json: bool) -> None:
    """List the files that have all of these words."""
    with error_boundary(_document_of_failure if json else _nothing_more):
        query = parse(" ".join(words))
        ledger = _current_ledger(keys=keys, json=json)
        files = lookup.found(ledger, note, query)
        if json:
            put_json({"files": list(files)})
        elif keys:
            _put_keys(files)
        else:
            tally = _Tally()
            put_lines(map(file_line, tally.counted(files)))
            say(total_line(tally.files, tally.bytes))


class _Tally:
    """Counts files on their way to the output."""

    def __init__(self) -> None:
        self.files = self.bytes = 0

    def counted(self, files: Iterable[File]) -> Iterator[File]:
        for file in files:
            self.files += 1
            self.bytes += file["size"] or 0
            yield file


def _current_ledger(*, keys: bool, json: bool) -> str:
    """The ledger's path, unless two forms of output are wanted."""
    if keys and json:
        raise UsageError("--keys and --json cannot be combined")
    return current_ledger(settings_for())


def current_ledger(settings: Settings) -> str:
    """The ledger's path; one of an earlier version is brought up to date first."""
    path = existing_ledger(settings)
    if not lookup.is_current(path, note):
        finished(lambda: _brought_up_to_date(path))
    return path


async def _brought_up_to_date(path: str) -> None:
    async with open_ledger(path, notify=note):
        pass


def _put_keys(files: Iterable[File]) -> None:
    """The keys of stored files, each once: albums may share an object."""
    known: set[str] = set()
    with data() as out:
        for file in files:
            if file["state"] in STORED and file["key"] not in known:
                known.add(file["key"])
                out.write(f"{file['key']}\n")


def _document_of_failure(message: str, code: int) -> None:
    put_json({"error": message, "exit_code": code})


def _nothing_more(_message: str, _code: int) -> None:
    """The sentence on stderr is enough."""
