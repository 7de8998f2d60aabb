"""Lists the other files of photos and videos in SmugMug Source; whether SmugMug gives them to an API key is not documented."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from smug2s3.errors import SourceBroken, SourceError, SourceGone, SourceRefused
from smug2s3.flow.together import together
from smug2s3.models import Asset, Shown
from smug2s3.rules import sidecar
from smug2s3.rules.components import NOT_GIVEN, NOT_LISTED, Raw, Refusals
from smug2s3.smugmug import wire
from smug2s3.smugmug.client import SmugMugClient
from smug2s3.smugmug.paging import Part, Whole, read_whole

COMPONENTS_A_PAGE = 100
AT_ONCE = 100
"""How many items of an album are worked on together; the client limits the requests themselves."""

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


class Components:
    """Adds components to the items of albums."""

    def __init__(self, client: SmugMugClient, raw: Raw, notify: Callable[[str], None]) -> None:
        self._client = client
        self._raw = raw
        self._notify = notify
        self._refusals = Refusals()
        self._first = asyncio.Lock()
        """Held by one question at a time until SmugMug has answered one, or refused enough."""

    async def beside(self, items: Iterable[Item]) -> list[Found]:
        """Every item with its components; one that SmugMug was not asked about keeps its hints."""
        items, found = list(items), list[Found]()
        for start in range(0, len(items), AT_ONCE):
            found += await together(self._of(item) for item in items[start : start + AT_ONCE])
        return found

    async def _of(self, item: Item) -> Found:
        asset, _ = item
        # Only the owner has SmugMug Source.
        asks = self._client.signs and (self._raw is Raw.ALL or (self._raw is Raw.AUTO and bool(asset.components)))
        if not asks:
            return Found((item,), asked=False)
        if self._undecided:
            async with self._first:
                if self._undecided:
                    return await self._ask(item)
        return _not_given(item, self._refusals.closed) if self._refusals.closed else await self._ask(item)

    @property
    def _undecided(self) -> bool:
        return not (self._refusals.answered or self._refusals.closed)

    async def _ask(self, item: Item) -> Found:
        try:
            whole = await self._list(item[0])
        except SourceError as error:
            if error.ends_the_run:
                raise
            return self._failed(item, error)
        self._refusals.answered = True
        gap = "; ".join(whole.shown.gaps)
        return replace(_joined(item, whole.entries.values()), gap=f"{item[0].filename}: {gap}" if gap else "")

    async def _list(self, asset: Asset) -> Whole[wire.Json]:
        address = f"/api/v2/library/asset/{quote(asset.image_key, safe='')}!components"

        async def read(start: int, count: int) -> Part[wire.Json]:
            params: dict[str, str | int] = {"start": start, "count": count, "_verbosity": 1}
            page = await self._client.get(address, params, what="the files in SmugMug Source")
            named = [(sidecar.component_name(one), str(one.get("FileName") or ""), one) for one in page.objects]
            return Part.of(page, "a component", named)

        # Almost always one short page: a failure is not looked for in ever smaller parts of it.
        first = await read(1, COMPONENTS_A_PAGE)
        if first.unknown or (first.total or first.count) > len(first.entries):
            return await read_whole(read, COMPONENTS_A_PAGE)
        return Whole(first.entries, Shown())

    def _failed(self, item: Item, error: SourceError) -> Found:
        refused = isinstance(error, (SourceGone, SourceRefused))
        if refused and self._refusals.answered:
            return _joined(item, ()) if isinstance(error, SourceGone) else _not_given(item, _reason(error))
        if refused or (isinstance(error, SourceBroken) and not self._refusals.answered):
            self._refusals.add(_reason(error))
            if self._refusals.closed and self._raw is Raw.ALL:
                self._notify(self._refusals.closed)
            return _not_given(item, _reason(error))
        gap = f"the files of {item[0].filename} in SmugMug Source: {error}"
        return Found((_asked(item),), asked=False, gap=gap)


def _reason(error: SourceError) -> str:
    return f"{NOT_GIVEN} ({'it answered 404' if isinstance(error, SourceGone) else error})"


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
    hinted = (_hinted(item, hint, reason) for hint in item[0].components)
    return Found((_asked(item), *hinted), asked=False)


def _asked(item: Item) -> Item:
    """The item without its hints: they were followed."""
    return replace(item[0], components=()), item[1]


def _hinted(item: Item, hint: str, reason: str) -> Item:
    asset, packed = item
    said = {"ComponentFileType": hint}
    return wire.read_component(said, asset, unavailable=reason), sidecar.with_component(packed, said)
