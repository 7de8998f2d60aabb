"""Runs a `get` from opening to closing."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from smug2s3.app.destination import destination, place
from smug2s3.app.factories import open_store
from smug2s3.engine.album_files import AlbumFiles
from smug2s3.engine.described import Described
from smug2s3.engine.get import Get, GetOptions
from smug2s3.engine.get_summary import GetSummary
from smug2s3.errors import LedgerError, UsageError
from smug2s3.ledger.archive import LedgerArchive
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.lock import holder, locked
from smug2s3.ledger.status import is_unbound
from smug2s3.ports.archive import Archive
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.store import Store
from smug2s3.reporting.amounts import amount
from smug2s3.settings import Settings
from smug2s3.smugmug import wire
from smug2s3.stores.local.home import open_home

_MARK = ".smug2s3-get"
"""Beside it is the lock of the folder."""

_ELSEWHERE = "Choose another folder: `smug2s3 get FOLDER`"


@dataclass(slots=True)
class GetOutcome:
    """The result of a run, filled in while it runs, so that an interrupted or failed one has it too."""

    summary: GetSummary = field(default_factory=GetSummary)
    seconds: float = 0.0

    def document(self) -> dict[str, Any]:
        """The run as ``get --json`` prints it."""
        counts = asdict(self.summary)
        named = {name: counts.pop(name) for name in ("problems", "items")}
        return counts | {"seconds": round(self.seconds, 3)} | named


async def run_get(
    settings: Settings, target: Path, options: GetOptions, reporter: Reporter, outcome: GetOutcome
) -> None:
    """One run; raises what stopped it, with ``outcome`` up to date."""
    began = time.monotonic()
    reporter.began("", str(target), dry_run=options.dry_run)
    _refuse(target, settings)
    async with open_store(settings, reporter) as store:
        await store.check(settings.prefix)
        reporter.note(f"copying from {place(settings)}, to {target}")
        with nullcontext() if options.dry_run else own(target):
            async with (
                _archive(settings, store, options, reporter) as archive,
                open_home(target, outcome.summary.keep, read_only=options.dry_run) as home,
            ):
                get = Get(
                    archive=archive, store=store, home=home, reporter=reporter, options=options, summary=outcome.summary
                )
                try:
                    await get.run()
                finally:
                    outcome.seconds = time.monotonic() - began
                if options.dry_run:
                    _look_for_room(target, get.summary.bytes, reporter)
                if refusal := get.refusal():
                    raise refusal


@asynccontextmanager
async def _archive(settings: Settings, store: Store, options: GetOptions, reporter: Reporter) -> AsyncIterator[Archive]:
    """The ledger, if there is one. For keywords, which one of an earlier version may lack, every `_album.json` is read."""
    path, album_files = (
        settings.ledger_path,
        AlbumFiles(store, settings.prefix, wire.read_record, xmp=bool(options.xmp)),
    )
    if not Path(path).exists() or is_unbound(path):
        reporter.note("there is no ledger, so every _album.json is read")
    elif not options.filters.keywords:
        async with open_ledger(path, notify=reporter.note) as ledger:
            await ledger.belongs_to(destination(settings), keep=False)
            archive = LedgerArchive(ledger)
            yield Described(archive, album_files) if options.xmp else archive
        return
    yield album_files


def _refuse(target: Path, settings: Settings) -> None:
    """Raise UsageError for a folder that cannot be filled; creates nothing."""
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is not a folder", hint=_ELSEWHERE)
    if not target.parent.is_dir():
        raise UsageError(
            f"there is no folder {target.parent}, so {target.name} cannot be created in it",
            hint="Connect its disk, or create the folder.",
        )
    archive = settings.folder and (settings.folder / settings.bucket).resolve()
    if archive and target.resolve().is_relative_to(archive):
        raise UsageError(f"{target} is inside the folder that is the archive itself", hint=_ELSEWHERE)
    for folder in (target.absolute(), *target.absolute().parents):
        mark = folder / _MARK
        if Path(f"{mark}.lock").exists() and (who := holder(str(mark))):
            raise _in_use(folder, who)


def _look_for_room(target: Path, size: int, reporter: Reporter) -> None:
    """Say it if a disk has no room for so many bytes."""
    free = shutil.disk_usage(target if target.exists() else target.parent).free
    if size > free:
        reporter.note(f"the disk of {target} has only {amount(free)} free")


@contextmanager
def own(target: Path) -> Iterator[None]:
    """Create the folder if it is new, and keep others out of it while the block runs; nothing stays of one that got nothing."""
    with ExitStack() as held:
        try:
            if not target.is_dir():
                target.mkdir()
                held.callback(_remove_if_empty, target)
            held.enter_context(locked(str(target / _MARK)))
        except LedgerError as error:
            raise _in_use(target) from error
        except OSError as error:
            sentence = f"cannot write to the folder {target}: {error.strerror or error}"
            raise UsageError(sentence, hint=_ELSEWHERE) from error
        yield


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _in_use(folder: Path, who: str = "") -> UsageError:
    return UsageError(
        f"another smug2s3 is copying to {folder}{f' ({who})' if who else ''}", hint="Wait for it to finish, or stop it."
    )
