"""Runs exports and reports from the ledger, and rebuilds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from smug2s3 import __version__
from smug2s3.app.destination import destination
from smug2s3.app.factories import open_source, open_store
from smug2s3.engine.claim import look
from smug2s3.engine.previews import previews
from smug2s3.engine.rebuild import Found, Rebuild
from smug2s3.errors import LedgerError, SourceError
from smug2s3.ledger.database import existing, holding
from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.ledger.rows import now
from smug2s3.ledger.status import is_unbound
from smug2s3.ports.store import Store
from smug2s3.reporting.page.document import Made, Page
from smug2s3.reporting.page.sections import Sample
from smug2s3.rules.assessment import Assessment
from smug2s3.rules.ownership import Whose, of_prefix
from smug2s3.settings import Settings
from smug2s3.smugmug import wire


async def run_rebuild(settings: Settings) -> Found:
    """Rebuild the ledger from the bucket; raises LedgerError if one with records exists, and leaves no partial one."""
    path, temporary = Path(settings.ledger_path), Path(f"{settings.ledger_path}.rebuilding")
    with holding(str(path)):  # no sync may create a ledger meanwhile
        if path.exists() and not is_unbound(str(path)):
            raise LedgerError(
                f"a ledger already exists at {path}, and it has more information than the bucket",
                hint="To rebuild it anyway, rename it first or set LEDGER_PATH to a new file.",
            )
        try:
            async with open_store(settings) as store:
                await store.check(settings.prefix)
                found = await rebuilt(settings, store, temporary, await _refuse_anothers(settings, store))
            _remove(path)
            temporary.rename(path)
        finally:
            _remove(temporary)
    return found


def _remove(ledger: Path) -> None:
    """Delete it with SQLite's own files next to it."""
    for file in (ledger, Path(f"{ledger}-wal"), Path(f"{ledger}-shm")):
        file.unlink(missing_ok=True)


async def rebuilt(
    settings: Settings, store: Store, temporary: Path, account: str = "", *, to_look_at: bool = False
) -> Found:
    """Rebuild a ledger at ``temporary``; of ``account``, or else of the only one that the `_album.json` files name.

    One ``to_look_at`` also has the files of which nothing says whether they are right.
    """
    temporary.unlink(missing_ok=True)
    async with open_ledger(str(temporary)) as ledger:
        template = settings.name_template
        rebuild = Rebuild(
            store=store,
            ledger=ledger,
            prefix=settings.prefix,
            template=template,
            read_item=wire.read_record,
            to_look_at=to_look_at,
        )
        found = await rebuild.run()
        accounts = {account} if account else rebuild.accounts
        owner = {"account": accounts.pop()} if len(accounts) == 1 else {}
        await ledger.belongs_to(destination(settings) | owner, keep=True)
        await ledger.named_by(template.text, keep=True)
        return found


async def _refuse_anothers(settings: Settings, store: Store) -> str:
    """The account that the settings sign in to; raises PrefixTaken if the archive is another's.

    Without a sign-in or a response nothing is refused: a rebuild must work after the account was closed.
    """
    if not (settings.signed_in or settings.api_key):
        return ""
    async with open_source(settings) as source:
        try:
            account = (await source.account()).nickname
            found = await look(store, source, account, settings.prefix)
        except SourceError:
            return ""
    refusal = of_prefix(found, settings.prefix)
    if refusal and found.whose is Whose.ANOTHERS:
        raise refusal
    return account if found.whose is not Whose.UNNAMED else ""


async def run_report(
    settings: Settings, write: Callable[[str], object], *, thumbnails: int, notify: Callable[[str], None]
) -> tuple[Assessment, int]:
    """Write the page from the ledger; the bucket is read only for ``thumbnails``, ``notify`` gets notes about waits.

    Returns the verdict, and the number of previews found.
    """
    async with open_ledger(existing(settings.ledger_path), notify=notify) as ledger:
        samples = await _samples(settings, ledger, thumbnails) if thumbnails else []
        async with ledger.snapshot():
            overview = await ledger.overview()
            if not overview.totals.albums and not any(overview.totals.files.values()):
                raise LedgerError(
                    f"the ledger {ledger.path} has no albums yet, so there is nothing to report",
                    hint="Run `smug2s3 sync` first.",
                )
            page = Page(overview, samples, Made(at=now(), version=__version__))
            write(page.beginning)
            async for album, files in ledger.albums_with_files():
                write(page.album(album, files))
            write(page.end)
    return page.assessment, len(samples)


async def _samples(settings: Settings, ledger: SqliteLedger, number: int) -> list[Sample]:
    await ledger.belongs_to(destination(settings), keep=False)
    async with open_store(settings) as store:
        await store.check(settings.prefix)
        found = await previews(store, await ledger.jpegs(), number)
    return [Sample(key.rpartition("/")[2], preview.jpeg, preview.orientation) for key, preview in found]
