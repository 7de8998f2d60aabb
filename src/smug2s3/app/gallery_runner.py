"""Runs `gallery`: the pages of the archive, written into the folder that `get` filled, or into the bucket."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from smug2s3.app.browse_runner import ledger_to_look_at
from smug2s3.app.factories import open_store
from smug2s3.app.get_runner import own
from smug2s3.engine.album_files import AlbumFiles
from smug2s3.engine.get_summary import kept_as
from smug2s3.errors import Smug2s3Error, UsageError
from smug2s3.ledger.archive import LedgerArchive
from smug2s3.ledger.catalogue import LedgerCatalogue
from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.ports.archive import Archive
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.store import Store
from smug2s3.rules.filters import Filters
from smug2s3.rules.preview_keys import GALLERY
from smug2s3.settings import Settings
from smug2s3.smugmug import wire
from smug2s3.stores.local.home import open_home, translate
from smug2s3.viewer.albums import AlbumLooks
from smug2s3.viewer.gallery import Gallery, GallerySummary
from smug2s3.viewer.shelves import BucketShelf, FolderShelf, Shelf, Written
from smug2s3.viewer.surroundings import InBucket, InFolder, Surroundings
from smug2s3.viewer.thumbnails import Thumbnails

_SCRATCH = f"{GALLERY}/.work"
_FIRST = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryOptions:
    """What to write, and where."""

    target: Path | None
    """The folder that `get` filled; ``None`` for the bucket."""
    filters: Filters = field(default_factory=Filters)
    partial: bool = False
    """Whether there are filters."""


@dataclass(slots=True)
class GalleryOutcome:
    """The result of a run, filled in while it runs."""

    summary: GallerySummary = field(default_factory=GallerySummary)

    def document(self) -> dict[str, Any]:
        """The run as ``gallery --json`` prints it."""
        return asdict(self.summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What both kinds of a run need."""

    settings: Settings
    store: Store
    archive: Archive
    catalogue: LedgerCatalogue
    options: GalleryOptions
    outcome: GalleryOutcome
    advance: Callable[[str], object]

    async def write(self, shelf: Shelf, surroundings: Surroundings, scratch: Path, *tops: str) -> None:
        """Every page; what is known of them is kept if the run ends early."""
        written = Written(shelf)
        await written.begin()
        gallery = Gallery(
            archive=self.archive,
            catalogue=self.catalogue,
            looks=AlbumLooks(self.store, self.catalogue),
            surroundings=surroundings,
            written=written,
            scratch=scratch,
            filters=self.options.filters,
            advance=self.advance,
        )
        self.outcome.summary = gallery.summary
        try:
            await gallery.run(*tops)
        except BaseException:
            with suppress(Smug2s3Error):
                await written.interrupted()
            raise


async def run_gallery(
    settings: Settings,
    options: GalleryOptions,
    reporter: Reporter,
    outcome: GalleryOutcome,
    advance: Callable[[str], object],
) -> None:
    """One run; raises what stopped it, with ``outcome`` up to date."""
    if options.target is not None:
        _refuse(options.target, settings)
    async with open_store(settings, reporter) as store:
        await store.check(settings.prefix)
        async with (
            ledger_to_look_at(settings, store, reporter.note) as path,
            open_ledger(path, notify=reporter.note) as ledger,
        ):
            run = _Run(
                settings=settings,
                store=store,
                archive=_archive(settings, store, ledger, options.filters),
                catalogue=LedgerCatalogue(path),
                options=options,
                outcome=outcome,
                advance=advance,
            )
            if options.target is None:
                await _into_bucket(run)
            else:
                await _into_folder(run, options.target, reporter)


def _archive(settings: Settings, store: Store, ledger: SqliteLedger, filters: Filters) -> Archive:
    """Of a ledger, unless keywords are asked for, which one of an earlier version may lack."""
    if filters.keywords:
        return AlbumFiles(store, settings.prefix, wire.read_record)
    return LedgerArchive(ledger)


async def _into_bucket(run: _Run) -> None:
    prefix = run.settings.prefix
    with tempfile.TemporaryDirectory(prefix="smug2s3-") as scratch:
        await run.write(BucketShelf(run.store, prefix), InBucket(run.catalogue, prefix), Path(scratch))


async def _into_folder(run: _Run, target: Path, reporter: Reporter) -> None:
    with own(target), _disk_errors(target):
        async with open_home(target, lambda path, name: reporter.note(f"{path}: {kept_as(name)}")) as home:
            thumbnails = Thumbnails(target)
            beside = InFolder(target, home.names, thumbnails)
            try:
                await _refuse_unfilled(run.archive, beside, target)
                with _scratch(target / _SCRATCH) as scratch:
                    await run.write(FolderShelf(target), beside, scratch, *_tops(target, reporter))
                if not run.options.partial:
                    thumbnails.end()
            finally:
                beside.close()
                run.outcome.summary.pictures = thumbnails.made


async def _refuse_unfilled(archive: Archive, beside: InFolder, target: Path) -> None:
    async for _, archived in archive.albums(lambda _: True):
        if archived is not None and await beside.has_any(archived):
            return
    raise UsageError(
        f"none of the archive's files is in {target}", hint=f"Copy them there first: `smug2s3 get {target}`"
    )


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder for what does not fit into memory; what a killed run left of it is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise translate(error, GALLERY, target) from error


def _tops(target: Path, reporter: Reporter) -> list[str]:
    """The page that a person opens, unless another file has its name."""
    page = target / _FIRST
    if page.exists() and b'content="smug2s3"' not in page.read_bytes()[:4096]:
        reporter.note(f"{page} is another file and stays as it is; open {target / GALLERY / _FIRST} instead")
        return []
    return [_FIRST]


def _refuse(target: Path, settings: Settings) -> None:
    """Raise UsageError for a folder that `get` cannot have filled."""
    if not target.is_dir():
        raise UsageError(f"there is no folder {target}", hint=f"Copy the archive to it first: `smug2s3 get {target}`")
    archive = settings.folder and (settings.folder / settings.bucket).resolve()
    if archive and target.resolve().is_relative_to(archive):
        raise UsageError(
            f"{target} is the folder of the archive itself",
            hint="Write the pages into it with `smug2s3 gallery --into-bucket`.",
        )
