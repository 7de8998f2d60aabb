"""What a store copies by itself is what was stored, or it is no copy; see ``smug2s3.ports.store.Store.copy``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smug2s3.errors import StoreCorrupt, StoreRefused
from smug2s3.models import Proof, Receipt
from tests.contract.bodies import LARGE, PARTS, SMALL, md5_of, stream, target
from tests.contract.sites import Site

PLACES = pytest.mark.parametrize("name", ["a.jpg", "b.jpg"], ids=["onto-itself", "to-another-key"])
OTHER = SMALL[:100] + bytes([SMALL[100] ^ 1]) + SMALL[101:]


async def stored(site: Site, content: bytes = SMALL) -> Receipt:
    """The object ``a.jpg``, with a title."""
    async with site.store(provider=PARTS) as store:
        return await store.put(target(site, "a.jpg", title="old"), stream(content))


@PLACES
@pytest.mark.parametrize("content", [SMALL, LARGE, b""], ids=["small", "in-parts", "empty"])
async def test_it_has_the_same_bytes_and_new_metadata_and_is_proven(site: Site, name: str, content: bytes) -> None:
    original = await stored(site, content)
    async with site.store() as store:
        receipt = await store.copy(original, target(site, name, title="new"))
        kept = await store.head(site.prefix + name)
        ((listed,),) = [[one for one in page if one.key == receipt.key] async for page in store.list(site.prefix)]

    assert (receipt.key, receipt.size, receipt.md5) == (site.prefix + name, len(content), md5_of(content))
    assert receipt.proof is not Proof.NONE
    assert (receipt.etag, receipt.etag) == (kept.etag, listed.etag)
    assert await site.content(name) == content
    assert (kept.metadata["title"], await site.content_type(name)) == ("new", "image/jpeg")
    assert await site.remnants() == []


@PLACES
@pytest.mark.parametrize("found", [OTHER, SMALL[:-1], b""], ids=["a-bit-turned", "shorter", "empty"])
async def test_what_is_no_longer_what_was_stored_is_not_copied_nor_described(
    site: Site, name: str, found: bytes
) -> None:
    original = await stored(site)
    async with site.store() as store:
        await store.put(target(site, "a.jpg", title="theirs"), stream(found))

        with pytest.raises(StoreCorrupt, match="has changed since it was stored"):
            await store.copy(original, target(site, name, title="new"))

        assert (await store.head(original.key)).metadata["title"] == "theirs"
    assert await site.keys() == {"a.jpg": len(found)}
    assert await site.content("a.jpg") == found


async def test_an_object_in_place_of_a_copy_that_is_not_made_stays(site: Site) -> None:
    original = await stored(site)
    async with site.store() as store:
        await store.put(target(site, "a.jpg"), stream(OTHER))
        await store.put(target(site, "b.jpg"), stream(b"a stranger"))
        with pytest.raises(StoreCorrupt):
            await store.copy(original, target(site, "b.jpg"))

    assert await site.content("b.jpg") == b"a stranger"


@PLACES
@pytest.mark.parametrize("etag", ["", "an-opaque-one-3", "0" * 32], ids=["none", "opaque", "like-an-md5"])
async def test_an_etag_that_says_nothing_has_the_bytes_looked_at(site: Site, name: str, etag: str) -> None:
    original = replace(await stored(site, LARGE), etag=etag, crc64="", proof=Proof.NONE)
    async with site.store() as store:
        receipt = await store.copy(original, target(site, name, title="new"))

        assert receipt.proof is not Proof.NONE
        with pytest.raises(StoreCorrupt):
            await store.copy(replace(original, md5=md5_of(SMALL)), target(site, name, title="newer"))
        assert (await store.head(receipt.key)).metadata["title"] == "new"


async def test_what_is_refused_leaves_everything_as_it_was(strict_site: Site) -> None:
    original = await stored(strict_site)
    async with strict_site.store() as store:
        name = "x" * 2000 + ".jpg"
        refused = False
        try:
            await store.copy(original, target(strict_site, name))
        except StoreRefused:
            refused = True

    # Some servers take names that S3 would not.
    assert await strict_site.keys() == {key: len(SMALL) for key in ("a.jpg", *(() if refused else (name,)))}
