"""Rows of several albums that refer to one object: whatever becomes of it becomes of all of them in one commit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.models import Entry, Known
from tests.unit.samples import OTHER_MD5, album, asset, receipt, step

KEY = "smugmug/Garden/rose.jpg"
NEW = "smugmug/Park/rose.jpg"
BEST = "smugmug/Best/rose.jpg"
HELD = asset(album_key="Garden")
REPLACED = asset(album_key="Garden", serial=1, md5=OTHER_MD5)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqliteLedger]:
    """Garden holds the object, Best refers to it; both are settled."""
    async with open_ledger(str(tmp_path / "ledger.db")) as opened:
        for name in ("Garden", "Best"):
            await opened.plan(album(key=name), [], [], whole=False)
        await opened.moved(step(HELD, KEY), receipt(KEY))
        await opened.referred(step(asset(album_key="Best"), BEST), KEY)
        await settle(opened, "Garden")
        await settle(opened, "Best")
        yield opened


async def settle(ledger: SqliteLedger, name: str, **references: str) -> None:
    await ledger.settle(album(key=name), complete=True, fingerprint="f", references=references, digest="")


async def row(ledger: SqliteLedger, name: str) -> Entry:
    """What is known of the image in an album."""
    return (await ledger.known(name))["ImageK"]


async def gone(ledger: SqliteLedger, name: str) -> None:
    """The album no longer lists the image."""
    await ledger.plan(album(key=name), [], [], whole=True)


async def test_the_album_of_an_object_and_those_that_refer_to_it_are_distinguished(ledger: SqliteLedger) -> None:
    own, other = await row(ledger, "Garden"), await row(ledger, "Best")
    assert (own.key, own.reference, own.deserted) == (KEY, False, False)
    assert (other.key, other.reference, other.deserted, other.name_wanted) == (KEY, True, False, BEST)
    assert (await ledger.owner(KEY), await ledger.owner(BEST)) == ("Garden", "")
    assert await ledger.taken("Best", "smugmug/Best") == {}
    assert await ledger.count_stored() == 1
    assert [row["reference"] async for row in ledger.export()] == [True, False]


async def test_a_reference_is_deserted_when_the_album_that_holds_it_lists_it_no_more(ledger: SqliteLedger) -> None:
    await gone(ledger, "Garden")
    assert (await row(ledger, "Best")).deserted
    assert (await ledger.twin(asset(album_key="Best"))) is not None


async def test_what_is_renamed_is_renamed_for_all(ledger: SqliteLedger) -> None:
    await ledger.renamed(step(HELD, NEW, former_key=KEY), receipt(NEW))

    assert (await row(ledger, "Best")).key == (await row(ledger, "Garden")).key == NEW
    assert (await row(ledger, "Best")).reference
    assert (await ledger.settled("Garden") is None, await ledger.settled("Best") is None) == (False, True)


async def test_an_album_whose_own_file_names_the_former_key_is_not_settled(ledger: SqliteLedger) -> None:
    await ledger.renamed(step(HELD, NEW, former_key=KEY), receipt(NEW))

    await settle(ledger, "Best", ImageK=KEY)  # it was written before, and is settled after
    assert await ledger.settled("Best") is None
    await settle(ledger, "Best", ImageK=NEW)
    assert await ledger.settled("Best") is not None


async def test_what_is_replaced_is_replaced_for_all(ledger: SqliteLedger) -> None:
    await ledger.moved(step(REPLACED, KEY), receipt(KEY, md5=OTHER_MD5))

    found = await row(ledger, "Best")
    assert (found.state, found.identity, found.key, found.reference) == (Known.MOVED, REPLACED.identity, KEY, True)
    assert await ledger.settled("Best") is None
    assert await ledger.twin(asset(album_key="Third")) is None


async def test_what_an_album_no_longer_lists_ends_with_the_bytes_it_referred_to(ledger: SqliteLedger) -> None:
    await gone(ledger, "Best")
    await ledger.moved(step(REPLACED, KEY), receipt(KEY, md5=OTHER_MD5))
    assert await ledger.known("Best") == {}

    await settle(ledger, "Best", ImageK=KEY)  # its own file was written before
    assert await ledger.settled("Best") is None


async def test_the_same_bytes_again_change_nothing_for_the_others(ledger: SqliteLedger) -> None:
    before = await row(ledger, "Best")
    await ledger.moved(step(HELD, KEY), receipt(KEY))
    assert await row(ledger, "Best") == before
    assert await ledger.settled("Best") is not None


async def test_one_album_may_copy_it_in_place_of_the_other_that_has_it(ledger: SqliteLedger) -> None:
    wanted = step(replace(REPLACED, album_key="Best"), BEST, refers=True)
    place = await ledger.in_place_of_holder(wanted)
    assert place is not None
    assert (place.asset, place.key, place.wanted) == (REPLACED, KEY, KEY)

    await ledger.moved_for_another(wanted, place, receipt(KEY, md5=OTHER_MD5))

    for name in ("Garden", "Best"):
        found = await row(ledger, name)
        assert (found.state, found.identity, found.key) == (Known.MOVED, REPLACED.identity, KEY)
    assert ((await row(ledger, "Garden")).reference, (await row(ledger, "Best")).reference) == (False, True)
    assert await ledger.done(step(REPLACED, KEY))
    assert await ledger.settled("Garden") is None


async def test_a_newer_object_is_not_replaced_by_what_an_album_listed_before(ledger: SqliteLedger) -> None:
    await ledger.moved(step(replace(HELD, serial=2), KEY), receipt(KEY))
    assert await ledger.in_place_of_holder(step(replace(REPLACED, album_key="Best"), BEST)) is None


async def test_an_object_that_is_only_kept_is_nobodys_to_replace(ledger: SqliteLedger) -> None:
    await gone(ledger, "Garden")
    assert await ledger.in_place_of_holder(step(replace(REPLACED, album_key="Best"), BEST)) is None


@pytest.mark.parametrize("first", ["Garden", "Best"])
@pytest.mark.parametrize("kept", [False, True], ids=["held by an album", "only kept"])
async def test_what_is_mended_by_one_album_is_mended_for_all_and_stays_whose_it_is(
    ledger: SqliteLedger, first: str, kept: bool
) -> None:
    if kept:
        await gone(ledger, "Garden")
    assert await ledger.queue_again(KEY, "not in the bucket")
    assert (await row(ledger, "Best")).state is Known.FAILED
    assert await ledger.settled("Best") is None
    assert await ledger.twin(asset(album_key="Third")) is None  # nothing refers to it until it is mended

    await ledger.moved(step(asset(album_key=first), KEY), receipt(KEY))

    assert (await row(ledger, "Best")).state is Known.MOVED
    garden = (await ledger.known("Garden")).get("ImageK")  # what it no longer lists has gone with the bytes it had
    assert garden is None if kept and first == "Best" else garden is not None and garden.state is Known.MOVED
    assert (await row(ledger, "Best")).reference
    assert await ledger.owner(KEY) == "Garden"


@pytest.mark.parametrize("first", ["the album that holds it", "the album that refers"])
async def test_in_whatever_order_albums_are_found_the_object_is_whose_it_was(tmp_path: Path, first: str) -> None:
    async with open_ledger(str(tmp_path / "new.db")) as ledger:
        names = ["Garden", "Best"] if first == "the album that holds it" else ["Best", "Garden"]
        for name in names:
            one = asset(album_key=name)
            await ledger.remember_asset(one, receipt(KEY), KEY, "d", gone=False, reference=name == "Best")
        assert ((await row(ledger, "Garden")).reference, (await row(ledger, "Best")).reference) == (False, True)


async def test_a_reference_to_what_no_album_holds_is_the_albums_own(tmp_path: Path) -> None:
    async with open_ledger(str(tmp_path / "new.db")) as ledger:
        await ledger.remember_asset(asset(album_key="Best"), receipt(KEY), KEY, "d", gone=False, reference=True)
        assert not (await row(ledger, "Best")).reference
        assert await ledger.owner(KEY) == "Best"
