"""Plans before copying: from SmugMug's own totals, or by listing every item as a sync does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smug2s3.engine.sync import Sync
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.errors import SourceError, SourceGone, SourceUnreachable
from smug2s3.flow.together import together
from smug2s3.models import Account, Album, AlbumTotals, Asset, Listing
from smug2s3.ports.ledger import PlanLedger
from smug2s3.ports.reporter import Reporter
from smug2s3.ports.source import Source
from smug2s3.ports.store import Store
from smug2s3.rules.components import Raw
from smug2s3.rules.directories import Directories
from smug2s3.rules.filters import Filters, names_albums, wants_album
from smug2s3.rules.name_template import PLAIN, NameTemplate
from smug2s3.rules.plan import Action, Step
from smug2s3.rules.plan_totals import PlanTotals, place_of
from smug2s3.rules.preview_keys import Size
from smug2s3.rules.previews import typical, wanted
from smug2s3.rules.unmatched import Matches

ASKED_AT_ONCE = 8
"""How many files are asked about at once."""

DELETED = "deleted on SmugMug, but still listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """One plan of one account; changes nothing on either side."""

    source: Source
    ledger: PlanLedger
    reporter: Reporter
    plan_totals: PlanTotals
    filters: Filters
    raw: Raw = Raw.AUTO
    previews: tuple[Size, ...] = ()

    async def totals(self) -> None:
        """Use SmugMug's totals of each album: one request per hundred albums, without listing items.

        Raises UsageError for album filters that match nothing; file filters are ignored here.
        """
        account = await self._account()
        stored = await self.ledger.moved_by_album()
        for album in await self._albums(account):
            self.plan_totals.add_totals(album, stored.get(album.key, (0, 0)))
            for size in self.previews if not album.locked else ():
                self.plan_totals.add_previews(album.assets or 0, typical(size))
            self._count_calls(0 if album.locked else self.source.pages(assets=album.assets or 0))
            self._count_component_calls((album.assets or 0) if self.raw is Raw.ALL and not album.locked else 0)
        await self._take_stored_previews(counted=True)
        self._count_folders()

    async def items(self, store: Store, prefix: str, template: NameTemplate = PLAIN) -> None:
        """List every item: a dry run of sync that examines each step. Makes no request to ``store``.

        Raises UsageError for filters that match nothing.
        """
        await self._account()
        self.plan_totals.exact = True

        async def look(listing: Listing, steps: Sequence[Step]) -> None:
            await self._album(listing, steps, prefix)

        options = SyncOptions(
            prefix=prefix,
            template=template,
            transfers=1,
            batch=1,
            filters=self.filters,
            full=True,
            dry_run=True,
            storeless=True,
        )
        sync = Sync(
            source=self.source,
            store=store,
            ledger=self.ledger,
            reporter=self.reporter,
            options=options,
            watch=look,
        )
        summary = sync.summary
        self.plan_totals.problems = summary.problems
        try:
            await sync.run()
        finally:
            self.plan_totals.albums = summary.albums
            self.plan_totals.incomplete += summary.albums_incomplete
            self.plan_totals.more_files = summary.more_files
            self.plan_totals.unanswered = sum(summary.unanswered.values())
            self.plan_totals.left_out = summary.left_out
            self.plan_totals.left_out_undated = summary.left_out_undated
            self.plan_totals.left_out_unsized = summary.left_out_unsized
        await self._take_stored_previews(counted=False)
        self._count_folders()
        if refusal := sync.refusal():
            raise refusal

    async def _account(self) -> Account:
        account = await self.source.account()
        await self.ledger.belongs_to({"account": account.nickname}, keep=False)
        self.plan_totals.account, self.plan_totals.full_access = account.nickname, account.full
        return account

    async def _albums(self, account: Account) -> list[AlbumTotals]:
        """From the flat list if possible: it lacks folder names and, for some accounts, never ends."""
        if self.filters == Filters():
            try:
                return await self.source.album_totals(account)
            except SourceError as error:
                if error.ends_the_run or isinstance(error, SourceUnreachable):
                    raise
                self.reporter.note(f"{error}; reading the folders instead")
        return await self._walked(account)

    async def _walked(self, account: Account) -> list[AlbumTotals]:
        found: list[AlbumTotals] = []
        matches = Matches(self.filters)

        async def visit(album: Album) -> None:
            wanted = wants_album(self.filters, album)
            matches.album(album, wanted=wanted)
            if wanted:
                found.append(_totals(album))

        await self.source.walk(account, Directories(), visit, self._unreadable)
        if not self.plan_totals.incomplete and (refusal := matches.refusal(all_listed=False)):
            raise refusal
        return found

    def _unreadable(self, path: str, reason: str) -> None:
        self.plan_totals.incomplete += 1
        self.plan_totals.problems.append(f"{path}: {reason}")
        self.reporter.note(f"{path}: {reason}")

    def _count_calls(self, calls: int) -> None:
        self.plan_totals.sync_calls += calls

    def _count_component_calls(self, calls: int) -> None:
        self.plan_totals.component_calls += calls
        self._count_calls(calls)

    async def _take_stored_previews(self, *, counted: bool) -> None:
        if self.previews:
            self.plan_totals.take_stored_previews(*await self.ledger.count_previews(), counted=counted)

    def _count_folders(self) -> None:
        """Adds the request for the signed-in user, and the flat list that the folders are compared with."""
        self._count_calls(1 + sum(self.source.pages(children=count) for count in self.plan_totals.children.values()))
        if self.plan_totals.full_access and not names_albums(self.filters):
            self._count_calls(self.source.pages(albums=self.plan_totals.albums))

    async def _album(self, listing: Listing, steps: Sequence[Step], prefix: str) -> None:
        album, plan_totals = listing.album, self.plan_totals
        gone = await self._vanished(listing, steps)
        steps = await self._settled(steps, gone)
        plan_totals.add_names(album, steps, prefix)
        plan_totals.add_place(place_of(album))
        images = listing.images
        self._count_calls(self.source.pages(assets=len(images)))
        self._count_component_calls(len(images) - len(listing.unasked))
        for step in steps:
            self._count(step, prefix)
        for preview in wanted(steps, await self.ledger.previews(album.key), prefix=prefix).to_copy:
            plan_totals.add_previews(1, preview.expected)
        plan_totals.assets += len(steps)
        plan_totals.add_size(album.path, len(steps), sum(step.asset.size or 0 for step in steps if _given(step)))

    def _count(self, step: Step, prefix: str) -> None:
        asset = step.asset
        if not _given(step):
            self.plan_totals.add_unavailable(step.key.removeprefix(prefix), asset.unavailable)
            return
        if asset.component_of:
            self.plan_totals.components.add(1, asset.size or 0)
        else:
            self.plan_totals.photos += not asset.is_video
            self.plan_totals.videos += asset.is_video
        self.plan_totals.add_file(asset.size, in_store=step.action is not Action.MOVE)

    async def _vanished(self, listing: Listing, steps: Sequence[Step]) -> set[str]:
        """Find items that are deleted but still listed: SmugMug's count is right at once, its list only minutes later."""
        counted = listing.album.image_count
        surplus = 0 if counted is None else len(listing.images) - counted
        gone: set[str] = set()
        images = (step.asset for step in steps if step.action is Action.MOVE and not step.asset.component_of)
        moves = list(images) if surplus > 0 else []
        for start in range(0, len(moves), ASKED_AT_ONCE):
            some = moves[start : start + ASKED_AT_ONCE]
            there = await together(self._still_listed(asset) for asset in some)
            gone |= {asset.image_key for asset, listed in zip(some, there, strict=True) if not listed}
            if len(gone) >= surplus:
                break
        return gone

    async def _still_listed(self, asset: Asset) -> bool:
        try:
            return await self.source.still_listed(asset)
        except SourceError as error:
            self._survive(asset, error)
            return True

    def _survive(self, asset: Asset, error: SourceError) -> None:
        """An unanswered question leaves one number unknown."""
        if error.ends_the_run:
            raise error
        self._unreadable(asset.filename or asset.image_key, str(error))

    async def _settled(self, steps: Sequence[Step], gone: set[str]) -> list[Step]:
        """The steps, with what the list did not say asked for one by one, as a sync does."""
        places = asyncio.Semaphore(ASKED_AT_ONCE)

        async def settle(step: Step) -> Step:
            async with places:
                try:
                    return await self._asked(step)
                except SourceError as error:
                    self._survive(step.asset, error)
                    return step

        steps = [await self._weighed(step) for step in steps]
        kept = [_lost(step, DELETED) if step.asset.image_key in gone else step for step in steps]
        unsettled = [step for step in kept if _open(step) and step.asset.image_key not in gone]
        answers = await together(settle(step) for step in unsettled)
        by_image = {step.asset.image_key: step for step in answers}
        return [by_image.get(step.asset.image_key, step) for step in kept]

    async def _weighed(self, step: Step) -> Step:
        """The ledger knows the sizes of stored files, even if SmugMug does not say them."""
        if step.asset.size is not None or step.action in (Action.MOVE, Action.UNAVAILABLE):
            return step
        lies_at = step.former_key if step.action is Action.RENAME else step.key
        return replace(step, asset=replace(step.asset, size=await self.ledger.stored_size(lies_at)))

    async def _asked(self, step: Step) -> Step:
        asset = await self.source.resolve(step.asset)
        if asset.url is None:
            return _lost(step, asset.unavailable)
        if asset.size is None:
            try:
                async with self.source.open(asset.url, size=None) as incoming:
                    asset = replace(asset, size=incoming.size)
            except SourceGone:
                if not await self.source.still_listed(asset):
                    return _lost(step, DELETED)
        return replace(step, asset=asset, action=Action.MOVE)


def _totals(album: Album) -> AlbumTotals:
    return AlbumTotals(
        key=album.key,
        path=album.path,
        folder=place_of(album),
        assets=album.image_count,
        bytes=album.original_sizes,
        locked=album.locked,
    )


def _given(step: Step) -> bool:
    return step.action is not Action.UNAVAILABLE


def _lost(step: Step, reason: str) -> Step:
    return replace(step, action=Action.UNAVAILABLE, asset=replace(step.asset, unavailable=reason))


def _open(step: Step) -> bool:
    """Whether the list did not say the file's address or size."""
    unknown = step.asset.url is None or step.asset.size is None
    return step.action is Action.UNAVAILABLE or (step.action is Action.MOVE and unknown)
