"""Compares everything SmugMug lists now with the bucket, album by album, and SmugMug's lists with each other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from smug2s3.engine.report import AlbumTally, Compared
from smug2s3.engine.verify import Verify
from smug2s3.engine.walking import Flat, WitnessedWalk
from smug2s3.errors import foreseen
from smug2s3.flow.together import task_group
from smug2s3.models import Account, Album, Entry, Listing, Shown
from smug2s3.ports.audit import ComparisonLedger
from smug2s3.ports.source import Source
from smug2s3.rules import sidecar
from smug2s3.rules.components import with_stored
from smug2s3.rules.directories import Directories
from smug2s3.rules.evidence import Evidence, Held, State, of_album_file, of_item
from smug2s3.rules.keys import SIDECAR
from smug2s3.rules.name_template import PLAIN, NameTemplate
from smug2s3.rules.plan import Step, plan_album
from smug2s3.rules.verification import Difference
from smug2s3.rules.witnesses import against_account, against_folders

LISTERS = 8

ASK_AGAIN_AFTER = 20.0
"""Seconds before an incompletely listed album is listed again: SmugMug's lists lag behind (probed)."""


class Comparison:
    """One walk of the account after the bucket was listed; fills the report and changes nothing."""

    def __init__(
        self,
        *,
        source: Source,
        ledger: ComparisonLedger,
        verify: Verify,
        template: NameTemplate = PLAIN,
        ask_again_after: float = ASK_AGAIN_AFTER,
    ) -> None:
        """``verify`` has listed the bucket already."""
        self._source = source
        self._ledger = ledger
        self._prefix = verify.prefix
        self._template = template
        self._advance = verify.advance
        self._report = verify.report
        self._ask_again_after = ask_again_after
        self._albums: asyncio.Queue[Album | None] = asyncio.Queue(LISTERS)
        self._doubtful: list[Album] = []
        self._listed: dict[str, tuple[str, int | None]] = {}
        """Path and number of listed items of every compared album, by key."""
        self._short: set[str] = set()
        """Albums already reported as incompletely listed."""

    async def run(self) -> None:
        """Run it; raises only errors that stop the whole verification."""
        account = self._report.account = await self._source.account()
        await self._ledger.belongs_to({"account": account.nickname}, keep=False)
        directories = Directories(await self._ledger.directories())
        self._source.has_components(await self._ledger.with_component())
        walk = WitnessedWalk(self._source, account, directories, self._albums.put, self._not_walked)
        async with task_group() as listers:
            for _ in range(LISTERS):
                listers.create_task(self._compare())
            result = await walk.run()
            for _ in range(LISTERS):
                await self._albums.put(None)
        flat = await self._ask_again(walk, result.flat)
        self._weigh(walk, flat)
        await self._weigh_account(account, flat)

    def _not_walked(self, path: str, reason: str) -> None:
        self._report.not_shown(path, Shown((reason,)))

    async def _compare(self) -> None:
        while (album := await self._albums.get()) is not None:
            self._advance(f"comparing album {album.path}")
            compared = await self._album(album)
            if compared.tally.shown.whole and not compared.tally.lags:
                self._take(album, compared)
            else:
                self._doubtful.append(album)

    def _take(self, album: Album, compared: Compared) -> None:
        self._listed[album.key] = (album.path, compared.tally.listed)
        self._report.take(compared)
        if not compared.tally.shown.whole:
            self._short.add(album.key)

    async def _ask_again(self, walk: WitnessedWalk, flat: Flat) -> Flat:
        """List incomplete albums again, since SmugMug's lists can be late; those still incomplete are reported."""
        late = self._doubtful or against_folders(self._listed, flat).counts
        if late:
            self._advance("waiting briefly before asking again for what was not listed in full")
            await asyncio.sleep(self._ask_again_after)
        for album in self._doubtful:
            self._take(album, await self._album(album))
        again = await walk.flat() if late else flat
        return flat if isinstance(again, str) else again

    def _weigh(self, walk: WitnessedWalk, flat: Flat) -> None:
        """Report albums that only the list of all albums has, and those with fewer items than it counts."""
        report = self._report
        for sentence in against_folders(walk.walked, flat).unseen.values():
            report.not_shown("the folders", Shown((sentence,)))
        for album in [] if isinstance(flat, str) else flat:
            path, listed = self._listed.get(album.key, ("", None))
            if listed is not None and (album.assets or 0) > listed and album.key not in self._short:
                gap = f"SmugMug counts {album.assets:,} items in its list of all albums, but lists only {listed:,}"
                report.not_shown(path, Shown((gap,)))

    async def _weigh_account(self, account: Account, flat: Flat) -> None:
        """Compare with the account's own count, the only other witness if there is no list of all albums."""
        report, distinct = self._report, await self._ledger.count_seen()
        report.account_count = against_account(report.source_assets, account.image_count, distinct=distinct)
        if isinstance(flat, str) and (report.account_count or account.image_count is None):
            report.not_shown("all albums", Shown((flat,)))
        elif isinstance(flat, str):
            report.notes.append(f"{flat}; the folders and the account's own count agree")

    async def _album(self, album: Album) -> Compared:
        try:
            if album.locked:
                return _unseen(album, "locked, so SmugMug does not list its contents for this sign-in")
            return await self._compared(await self._source.listing(album))
        except Exception as raised:
            error = foreseen(raised)
            if error.ends_the_run:
                raise
            return _unseen(album, str(error))

    async def _compared(self, listing: Listing) -> Compared:
        album = listing.album
        await self._ledger.saw(asset.image_key for asset in listing.images)
        directory = f"{self._prefix}{album.directory}"
        known, held = await self._ledger.known(album.key), await self._ledger.held(album.key)
        listing = with_stored(listing, known)
        steps = plan_album(
            listing.assets,
            directory=directory,
            known=known,
            taken=await self._ledger.taken(album.key, directory),
            follow_renames=False,
            template=self._template,
        )
        recorded, file = await self._ledger.album_file(album.key)
        current = sidecar.digest(listing.contents, known)
        if (
            current != recorded
        ):  # a file of an earlier version lacks only what proves each file, until it is written again
            current = sidecar.digest(listing.contents, {key: replace(one, md5="") for key, one in known.items()})
        found = of_album_file(current, recorded, file)
        return _reckoned(listing, steps, known, held, (found, file))


def _reckoned(
    listing: Listing,
    steps: Iterable[Step],
    known: dict[str, Entry],
    held: dict[str, Held],
    own: tuple[Evidence, Held | None],
) -> Compared:
    """The album's counts, and every item that is not proven and not reported as an object."""
    album, states, components = listing.album, Counter[State](), Counter[State]()
    differences, unavailable, unasked, unanswered = [], [], 0, 0
    for step in steps:
        image = step.asset.image_key
        entry = known.get(image)
        evidence = of_item(step, entry, held.get(image))
        (components if step.asset.component_of else states)[evidence.state] += 1
        name = f"{album.path}/{step.asset.filename or image}"
        if evidence.state is State.NOT_GIVEN:
            unavailable.append((name, evidence.detail))
        elif not _is_current(evidence, held.get(image)):
            key = entry.key if entry and entry.stored else name
            differences.append(Difference(kind=evidence.state.kind, key=key, detail=evidence.detail))
        if image in listing.unanswered:
            unanswered += 1
            unavailable.append((name, listing.unanswered[image]))
        for component in step.asset.components:
            unasked += 1
            unavailable.append((f"{name} ({component})", "in SmugMug Source; not asked for, because of RAW_FILES=off"))
    if not _is_current(*own):
        label = f"{album.path}/{SIDECAR}"
        differences.append(Difference(kind=own[0].state.kind, key=label, detail=own[0].detail))
    return Compared(
        tally=AlbumTally(
            path=album.path,
            counted=album.image_count,
            states=states,
            file=own[0].state,
            shown=listing.shown,
            components=components,
        ),
        differences=tuple(differences),
        unavailable=tuple(unavailable),
        unasked=unasked,
        unanswered=unanswered,
    )


def _is_current(evidence: Evidence, held: Held | None) -> bool:
    """Whether it has no metadata, or the object's metadata is current."""
    return evidence.state is State.PROVEN or (held is not None and held.evidence == evidence)


def _unseen(album: Album, reason: str) -> Compared:
    """An album that could not be listed."""
    tally = AlbumTally(
        path=album.path,
        counted=album.image_count,
        states=Counter(),
        file=None,
        shown=Shown((reason,)),
    )
    return Compared(tally=tally)
