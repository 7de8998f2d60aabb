"""How SmugMug answers for files in SmugMug Source, in shapes without content: for owners who want to help."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from smug2s3.errors import SourceError
from smug2s3.models import Account, Album, Asset
from smug2s3.rules.components import Raw
from smug2s3.rules.directories import Directories
from smug2s3.rules.foreign_json import read_json
from smug2s3.rules.shapes import shape
from smug2s3.smugmug import wire
from smug2s3.smugmug.client import SmugMugClient
from smug2s3.smugmug.media import try_a_byte
from smug2s3.smugmug.source import SmugMugSource

ASKED = 3
"""Photos with a hint, and as many without, whose files are asked for."""

LOOKED_AT = 5_000
"""Photos and videos that are listed to find them."""

Document = dict[str, Any]


async def raw_shapes(client: SmugMugClient) -> Document:
    """What was asked, and the shape of every answer."""
    source = SmugMugSource(client, raw=Raw.OFF)
    account = await source.account()
    hinted, others = list[Asset](), list[Asset]()
    looked_at, hints = 0, set[str]()
    async for asset in _assets(source, account):
        looked_at += 1
        hints |= set(asset.components)
        some = hinted if asset.components else others
        if len(some) < ASKED:
            some.append(asset)
        if looked_at >= LOOKED_AT or len(hinted) == ASKED:
            break
    answers = [
        {"hint": bool(asset.components), "video": asset.is_video, **await _answer(client, asset)}
        for asset in (*hinted, *others)
    ]
    return {
        "full_access": account.full,
        "looked_at": looked_at,
        "hints": sorted({shape(part, "ComponentFileTypes") for hint in hints for part in hint.split(": ")}),
        "answers": answers,
    }


async def _assets(source: SmugMugSource, account: Account) -> AsyncIterator[Asset]:
    found: list[Album] = []

    async def visit(album: Album) -> None:
        found.append(album)

    await source.walk(account, Directories(), visit, lambda _path, _reason: None)
    for album in found:
        for asset in [] if album.locked else (await source.listing(album)).images:
            yield asset


async def _answer(client: SmugMugClient, asset: Asset) -> Document:
    try:
        answer = await client.ask(f"/api/v2/library/asset/{quote(asset.image_key, safe='')}!components")
    except SourceError as error:
        return {"error": type(error).__name__}
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    try:
        body = read_json(answer.body)
    except ValueError:
        return {"status": answer.status, "type": kind, "body": "not JSON"}
    return {"status": answer.status, "type": kind, "body": shape(body), "downloads": await _downloads(client, body)}


async def _downloads(client: SmugMugClient, body: Any) -> list[Document]:
    """What the first byte of each kind of file gets, without and with a signature."""
    try:
        components = wire.read_page(json.dumps(body).encode(), "it").objects
    except SourceError:
        return []
    found: dict[str, Document] = {}
    for one in components:
        for name in ("DownloadUrl", "Url"):
            address = one.get(name)
            kind = f"{name} of {shape(str(one.get('Extension')), 'Extension')}"
            if isinstance(address, str) and kind not in found:
                tries = {"unsigned": False, "signed": True}
                said = {how: await try_a_byte(client, address, sign=sign) for how, sign in tries.items()}
                found[kind] = {"file": kind, **said}
    return list(found.values())
