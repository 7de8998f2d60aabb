"""What every store can do, whichever it is; see ``smug2s3.ports.store.Store``."""

from __future__ import annotations

import asyncio

import pytest

from smug2s3.errors import StoreMissing, StoreUnusable
from smug2s3.models import Proof
from tests.contract.bodies import LARGE, PARTS, SMALL, md5_of, stream, target
from tests.contract.sites import Site
from tests.unit.samples import receipt

KNOWN = {
    "all-known": (-1, ""),
    "no-md5": (-1, None),
    "no-size": (None, ""),
    "nothing-known": (None, None),
}


@pytest.mark.parametrize(("size", "md5"), KNOWN.values(), ids=KNOWN)
@pytest.mark.parametrize("content", [SMALL, LARGE, b"", b"x"], ids=["small", "in-parts", "empty", "one-byte"])
async def test_what_is_put_is_there_and_the_receipt_is_right(
    site: Site, content: bytes, size: int | None, md5: str | None
) -> None:
    async with site.store(provider=PARTS) as store:
        receipt = await store.put(target(site, "a.jpg"), stream(content, size=size, md5=md5))

    assert (receipt.key, receipt.size, receipt.md5) == (f"{site.prefix}a.jpg", len(content), md5_of(content))
    assert await site.keys() == {"a.jpg": len(content)}
    assert await site.content("a.jpg") == content
    assert await site.remnants() == []
    async with site.store() as store:
        (listed,) = [found async for page in store.list(site.prefix) for found in page]
    assert listed.etag in (receipt.etag, receipt.md5)


async def test_metadata_and_type_are_kept_of_the_first_object_and_of_every_other(site: Site) -> None:
    described = {"title": "A rose,  two spaces; and = & signs", "caption": "=?UTF-8?B?5LiA?="}
    async with site.store() as store:
        for name in ("a.jpg", "b.jpg", "c.jpg"):
            await store.put(target(site, name, **described), stream(SMALL))
            kept = (await store.head(site.prefix + name)).metadata
            assert kept.keys() == described.keys()
            assert " ".join(kept["title"].split()) == "A rose, two spaces; and = & signs"
            assert await site.content_type(name) == "image/jpeg"


NAMES = [
    "plain.jpg",
    "with space & plus+.jpg",
    "100% (a)~'c'=!#;,@$.jpg",
    "percent%2Fencoded%00.jpg",
    "写真/夏.jpg",
    "🏖️ 👨‍👩‍👧.jpg",
    "cafe\u0301 and caf\u00e9.jpg",
    "a/b/c/d/e.jpg",
    "quote\"d 'name'.jpg",
    "x" * 180 + ".jpg",
]


async def test_keys_of_every_kind_come_back_as_they_were_given(site: Site) -> None:
    receipts = {}
    async with site.store() as store:
        for name in NAMES:
            receipts[name] = await store.put(target(site, name), stream(name.encode()))

        assert await site.keys() == {name: len(name.encode()) for name in NAMES}
        for name in NAMES:
            assert await site.content(name) == name.encode()
            await store.copy(receipts[name], target(site, name, title="again"))
            await store.delete(site.prefix + name)

    assert await site.keys() == {}


async def test_a_list_longer_than_a_page_is_given_whole(site: Site) -> None:
    async with site.store() as store:
        await store.put(target(site, "many/first"), stream(b"x"))
        gate = asyncio.Semaphore(10)

        async def one(number: int) -> None:
            async with gate:
                await store.put(target(site, f"many/{number:04d}"), stream(b"x"))

        await asyncio.gather(*(one(number) for number in range(site.page + 5)))
        pages = [len(page) async for page in store.list(f"{site.prefix}many/")]

    assert sum(pages) == site.page + 6
    assert len(pages) >= 2 or site.longer_pages


async def test_a_list_of_nothing_is_empty(site: Site) -> None:
    async with site.store() as store:
        assert [found async for page in store.list(f"{site.prefix}nothing/") for found in page] == []


@pytest.mark.parametrize("size", [1, len(SMALL) - 1, len(SMALL), len(SMALL) + 1], ids=str)
async def test_the_beginning_of_an_object_is_no_more_than_was_asked_for(site: Site, size: int) -> None:
    async with site.store() as store:
        await store.put(target(site, "a.jpg"), stream(SMALL))
        assert await store.beginning(f"{site.prefix}a.jpg", size) == SMALL[:size]


async def test_an_empty_object_has_an_empty_beginning(site: Site) -> None:
    async with site.store() as store:
        await store.put(target(site, "a.jpg"), stream(b""))
        assert await store.beginning(f"{site.prefix}a.jpg", 10) == b""


async def test_a_missing_object_is_distinguished_from_a_failure(site: Site) -> None:
    async with site.store() as store:
        await store.delete(f"{site.prefix}never-there.jpg")
        with pytest.raises(StoreMissing):
            await anext(store.read(f"{site.prefix}never-there.jpg"))
        with pytest.raises(StoreMissing):
            await store.beginning(f"{site.prefix}never-there.jpg", 10)
        with pytest.raises(StoreMissing):
            await store.copy(receipt(f"{site.prefix}never-there.jpg"), target(site, "b.jpg"))
        with pytest.raises(StoreMissing):
            await store.head(f"{site.prefix}never-there.jpg")


async def test_a_good_store_passes_the_check_and_the_check_writes_nothing(site: Site) -> None:
    async with site.store() as store:
        await store.check(site.prefix)

    assert await site.keys() == {}


async def test_what_does_not_exist_is_named_by_check_and_by_put_and_is_not_made(site: Site) -> None:
    async with site.store(bucket="smug2s3-nobody-has-this") as store:
        with pytest.raises(StoreUnusable) as failure:
            await store.check(site.prefix)
        assert failure.value.hint
        with pytest.raises(StoreUnusable):
            await store.put(target(site, "a.jpg"), stream(SMALL))
        with pytest.raises(StoreUnusable):
            await anext(store.list(site.prefix))


@pytest.mark.parametrize(("content", "proofs"), [(SMALL, {Proof.ETAG}), (LARGE, {Proof.PARTS, Proof.ETAG})])
async def test_a_receipt_says_what_proves_the_object(site: Site, content: bytes, proofs: set[Proof]) -> None:
    async with site.store(provider=PARTS) as store:
        for name in ("first.jpg", "second.jpg"):
            receipt = await store.put(target(site, name), stream(content))
            head = await store.head(site.prefix + name)

            assert receipt.proof in proofs
            assert (receipt.size, receipt.md5) == (head.size, md5_of(content))


async def test_what_came_without_a_promised_md5_is_proven_by_the_one_taken_on_the_way(site: Site) -> None:
    async with site.store() as store:
        receipt = await store.put(target(site, "a.jpg"), stream(SMALL, md5=None))

    assert (receipt.proof, receipt.md5) == (Proof.ETAG, md5_of(SMALL))
