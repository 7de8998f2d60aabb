"""`smug2s3 ls` and `smug2s3 find`: what is in the archive, from the ledger alone."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from smug2s3.cli.console import data, error_boundary, finished, note, put_json, put_lines, say
from smug2s3.cli.needed import existing_ledger, settings_for
from smug2s3.errors import UsageError
from smug2s3.ledger import lookup
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.lookup import File
from smug2s3.ledger.status import bound_to
from smug2s3.reporting.contents import STORED, file_line, folder_document, folder_lines, total_line
from smug2s3.rules.contents import AlbumTotals, at, named
from smug2s3.rules.search import beginnings, parse
from smug2s3.settings import Settings


def ls(path: str, *, keys: bool, json: bool) -> None:
    """List a folder, an album or a file; the files of a folder only for ``keys``."""
    with error_boundary(_document_of_failure if json else _nothing_more):
        ledger = _current_ledger(keys=keys, json=json)
        found, name = at(lookup.albums(ledger, note), path, prefix=bound_to(ledger, note).get("prefix", ""))
        shown = found.below if keys else found.chosen
        files = lookup.files_of(ledger, note, [album.key for album in shown])
        files = iter(named(files, name, path)) if name else files
        if json:
            put_json(folder_document(path.strip("/"), found, files))
        elif keys:
            _put_keys(files)
        else:
            tally = _Tally()
            put_lines(chain(folder_lines(found), map(file_line, tally.counted(files))))
            say(tally.line() if found.chosen else total_line(*_of_albums(found.below)))


def find(words: Iterable[str], *, keys: bool, json: bool) -> None:
    """List the files that have all of these words."""
    with error_boundary(_document_of_failure if json else _nothing_more):
        query = parse(typed := " ".join(words))
        ledger = _current_ledger(keys=keys, json=json)
        files = lookup.found(ledger, note, query)
        if json:
            put_json({"files": files})
        elif keys:
            _put_keys(files)
        else:
            tally = _Tally()
            put_lines(map(file_line, tally.counted(files)))
            say(tally.line())
            if not (tally.files or tally.elsewhere) and (wider := beginnings(typed)):
                say(f"hint: This finds whole words. For beginnings: `smug2s3 find {shlex.join(wider)}`")


class _Tally:
    """Counts files on their way to the output, and those apart that are not in the bucket."""

    def __init__(self) -> None:
        self.files = self.bytes = self.elsewhere = 0

    def counted(self, files: Iterable[File]) -> Iterator[File]:
        for file in files:
            stored = file["state"] in STORED
            self.files += stored
            self.elsewhere += not stored
            self.bytes += stored and (file["size"] or 0)
            yield file

    def line(self) -> str:
        """What they add up to."""
        return total_line(self.files, self.bytes, self.elsewhere)


def _of_albums(albums: Sequence[AlbumTotals]) -> tuple[int, int]:
    return sum(album.files for album in albums), sum(album.bytes for album in albums)


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
