"""Lists the other files of photos and videos in SmugMug Source; whether SmugMug gives them to an API key is not documented."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import quote

from smug2s3.errors import SourceBroken, SourceBusy, SourceError, SourceGone, SourceRefused, SourceUnreachable
from smug2s3.flow.retry import A_FEW_TRIES
from smug2s3.flow.together import together
from smug2s3.models import Asset, Shown
from smug2s3.rules import sidecar
from smug2s3.rules.components import NOT_GIVEN, NOT_LISTED, NOT_SAID, Raw, Refusals
from smug2s3.smugmug import wire
from smug2s3.smugmug.client import SmugMugClient
from smug2s3.smugmug.paging import Part, Whole, read_whole

COMPONENTS_A_PAGE = 100
AT_ONCE = 100
"""How many items of an album are worked on together; the client limits the requests themselves."""

_REFUSED = (SourceGone, SourceRefused)

Item = tuple[Asset, bytes]
"""An asset and its packed line of ``_album.json``."""


@dataclass(frozen=True, slots=True)
class Found:
    """An item with its components after it."""

    items: tuple[Item, ...]
    asked: bool = True
    """Whether SmugMug was asked, and answered."""
    gap: str = ""
    """Why the answer is not complete."""
    refused: bool = False
    """Whether SmugMug refused, perhaps only because it had not answered any such question so far."""
    unanswered: str = ""
    """Why there is no answer, if nothing hints at components."""


class Components:
    """Adds components to the items of albums."""

    def __init__(self, client: SmugMugClient, raw: Raw, notify: Callable[[str], None]) -> None:
        self._client = client
        self._raw = raw
        self._notify = notify
        self._said = False
        self._refusals = Refusals()
        self._first = asyncio.Lock()
        """Held by one question at a time until SmugMug has answered one, or refused enough: the albums take turns."""
        self.known = ""
        """An image with components, which is asked for first: whether SmugMug lists them says what a 404 for others means."""

    async def beside(self, album_key: str, items: Iterable[Item]) -> list[Found]:
        """Every item of the album with its components; one that SmugMug was not asked about keeps its hints."""
        items = list(items)
        found = await self._first_few(album_key, items)
        for start in range(0, len(items), AT_ONCE):
            some = range(start, min(start + AT_ONCE, len(items)))
            found |= dict(zip(some, await together(self._of(items[one], found.get(one)) for one in some), strict=True))
        return [found[one] for one in range(len(items))]

    async def _first_few(self, album_key: str, items: Sequence[Item]) -> dict[int, Found]:
        """What was asked, by place, before it was clear whether SmugMug answers at all."""
        found: dict[int, Found] = {}
        if self._refusals.answered:
            return found
        for place in _most_likely_first(items):
            if not self._asks(items[place][0]):
                continue
            async with self._first:
                await self._ask_known()
                if self._refusals.answered or self._refusals.closed(album_key):
                    break
                found[place] = await self._ask(items[place])
        return found

    async def _ask_known(self) -> None:
        known, self.known = self.known, ""
        try:
            found = await self._list(known) if known else None
        except SourceError as error:
            if error.ends_the_run:
                raise
        else:
            self._refusals.answered |= found is not None and bool(found.entries)

    def _asks(self, asset: Asset) -> bool:
        # Only the owner has SmugMug Source.
        wanted = self._raw is Raw.ALL or (self._raw is Raw.AUTO and bool(asset.components))
        return self._client.signs and wanted

    async def _of(self, item: Item, before: Found | None) -> Found:
        """``before`` is what was found in the beginning: if SmugMug does answer, what it refused then is asked for again."""
        if before is not None and not (before.refused and self._refusals.answered):
            return before
        if not self._asks(item[0]):
            return Found((item,), asked=False)
        closed = self._refusals.closed(item[0].album_key)
        return _not_given(item, closed) if closed else await self._ask(item)

    async def _ask(self, item: Item) -> Found:
        try:
            whole = await self._list(item[0].image_key)
        except SourceError as error:
            if error.ends_the_run:
                raise
            return self._failed(item, error)
        self._refusals.answered = True
        gap = "; ".join(whole.shown.gaps)
        return replace(_joined(item, whole.entries.values()), gap=f"{item[0].filename}: {gap}" if gap else "")

    async def _list(self, image_key: str) -> Whole[wire.Json]:
        address = f"/api/v2/library/asset/{quote(image_key, safe='')}!components"

        async def read(start: int, count: int) -> Part[wire.Json]:
            params: dict[str, str | int] = {"start": start, "count": count, "_verbosity": 1}
            page = await self._page(address, params)
            named = [(sidecar.component_name(one), str(one.get("FileName") or ""), one) for one in page.objects]
            return Part.of(page, "a component", named)

        # Almost always one short page: a failure is not looked for in ever smaller parts of it.
        first = await read(1, COMPONENTS_A_PAGE)
        if first.unknown or (first.total or first.count) > len(first.entries):
            return await read_whole(read, COMPONENTS_A_PAGE)
        return Whole(first.entries, Shown())

    async def _page(self, address: str, params: Mapping[str, str | int]) -> wire.Page:
        """As long as SmugMug did not answer, a web page is hardly asked for again: it may send nothing else."""
        get = partial(self._client.get, address, params, what="the files in SmugMug Source")
        if self._refusals.answered:
            return await get()
        attempts = 1 if self._refusals.any else A_FEW_TRIES.attempts
        try:
            return await get(policy=replace(self._client.policy, attempts=min(self._client.policy.attempts, attempts)))
        except (SourceBusy, SourceUnreachable) as error:
            if error.ends_the_run:
                raise
            return await get()

    def _failed(self, item: Item, error: SourceError) -> Found:
        answered = self._refusals.answered
        if answered and isinstance(error, SourceGone):
            return _joined(item, ())
        if isinstance(error, _REFUSED) or (isinstance(error, SourceBroken) and not answered):
            reason = "it answered 404" if isinstance(error, SourceGone) else str(error)
            self._refused(item[0].album_key, reason)
            return replace(_not_given(item, reason), refused=True)
        gap = f"the files of {item[0].filename} in SmugMug Source: {error}"
        return Found((_asked(item),), asked=False, gap=gap)

    def _refused(self, album_key: str, reason: str) -> None:
        self._refusals.add(album_key, reason)
        # Where nothing hints at such files, no file is named as not available.
        if self._raw is Raw.ALL and self._refusals.closed(album_key) and not self._said:
            self._said = True
            self._notify(f"{NOT_GIVEN} ({reason}): it is not asked for more of them")


def _most_likely_first(items: Sequence[Item]) -> list[int]:
    """Their places, those with hints first, and others in every run: some have no other files, though most may have."""
    places = random.sample(range(len(items)), len(items))
    return sorted(places, key=lambda place: not items[place][0].components)


def _joined(item: Item, listed: Iterable[wire.Json]) -> Found:
    """The item with its components, but for the one that is itself; what its hints promise in vain is not available."""
    asset, packed = item
    found = [(wire.read_component(one, asset), one) for one in listed]
    others = [(one, said) for one, said in found if not _is_itself(one, asset)]
    formats = {one.format for one, _ in others}
    hinted = {hint: wire.hinted_format(hint) for hint in asset.components}
    unhinted = len(formats - set(hinted.values()))
    vain = [hint for hint, kind in hinted.items() if kind not in formats][unhinted:]
    return Found(
        (
            _asked(item),
            *((one, sidecar.with_component(packed, wire.component_record(said))) for one, said in others),
            *(_hinted(item, hint, NOT_LISTED) for hint in vain),
        )
    )


def _is_itself(component: Asset, asset: Asset) -> bool:
    """Whether it is the preview that is listed anyway."""
    if asset.md5 is None or component.md5 is None:
        same_size = asset.size is None or component.size in (None, asset.size)
        return component.format == asset.format.lower() and same_size
    return component.md5 == asset.md5


def _not_given(item: Item, reason: str) -> Found:
    hinted = (_hinted(item, hint, f"{NOT_GIVEN} ({reason})") for hint in item[0].components)
    unanswered = "" if item[0].components else f"{NOT_SAID} ({reason})"
    return Found((_asked(item), *hinted), asked=False, unanswered=unanswered)


def _asked(item: Item) -> Item:
    """The item without its hints: they were followed."""
    return replace(item[0], components=()), item[1]


def _hinted(item: Item, hint: str, reason: str) -> Item:
    asset, packed = item
    said = {"ComponentFileType": hint}
    return wire.read_component(said, asset, unavailable=reason), sidecar.with_component(packed, said)
