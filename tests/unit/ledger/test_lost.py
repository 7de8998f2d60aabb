"""What is damaged and cannot come again is forgotten, or no longer stands for its photo; what is pending is remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.models import Known, Proof
from smug2s3.rules.plan import Action, plan_album
from tests.unit.samples import album, asset, receipt, step

KEY = "smugmug/Garden/rose.jpg"
HELD = asset(album_key="Garden", filename="rose.jpg")


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqliteLedger]:
    """Garden has the photo in the store."""
    async with open_ledger(str(tmp_path / "ledger.db")) as opened:
        await listed(opened)
        await opened.moved(step(HELD, KEY), receipt(KEY))
        yield opened


async def listed(ledger: SqliteLedger, *images: str, name: str = "Garden") -> None:
    """The album was shown in full, with these images."""
    await ledger.plan(album(key=name), [], images, whole=True)


async def action(ledger: SqliteLedger) -> Action:
    """What a listing of today would have done."""
    (planned,) = plan_album(
        [HELD], directory="smugmug/Garden", known=await ledger.known("Garden"), taken={}, follow_renames=False
    )
    return planned.action


@pytest.mark.parametrize("there", [True, False])
async def test_what_smugmug_lists_is_not_lost(ledger: SqliteLedger, there: bool) -> None:
    await ledger.lost(KEY, there=there)

    assert (await ledger.known("Garden"))["ImageK"].stored
    assert await ledger.recorded(KEY) == receipt(KEY)


async def test_what_is_gone_and_missing_is_forgotten(ledger: SqliteLedger) -> None:
    await listed(ledger)
    assert not await ledger.queue_again(KEY, "not in the bucket")

    await ledger.lost(KEY, there=False)

    assert (await ledger.known("Garden"), await ledger.former("Garden"), await ledger.recorded(KEY)) == ({}, [], None)


async def test_what_is_gone_and_wrong_is_copied_again_if_it_is_listed_again(ledger: SqliteLedger) -> None:
    await listed(ledger)
    assert await action(ledger) is Action.SKIP

    await ledger.lost(KEY, there=True)

    assert await ledger.recorded(KEY) == receipt(KEY)
    assert await action(ledger) is Action.MOVE
    await listed(ledger, "ImageK")
    assert (await ledger.known("Garden"))["ImageK"].state is Known.MOVING
    assert await action(ledger) is Action.MOVE


@pytest.mark.parametrize("there", [True, False])
async def test_what_no_photo_belongs_to_is_forgotten(ledger: SqliteLedger, there: bool) -> None:
    newer = replace(HELD, serial=1)
    await ledger.moved(step(newer, "smugmug/Garden/new.jpg", former_key=KEY), receipt("smugmug/Garden/new.jpg"))

    await ledger.lost(KEY, there=there)

    assert await ledger.recorded(KEY) is None
    assert await ledger.count_stored() == 1


async def test_an_object_that_is_to_be_mended_stands_for_nothing_that_is_gone_either(ledger: SqliteLedger) -> None:
    other = replace(HELD, album_key="Best")
    await listed(ledger, name="Best")
    await ledger.referred(step(other, "smugmug/Best/rose.jpg"), KEY)
    await listed(ledger, name="Best")

    assert await ledger.queue_again(KEY, "other bytes in the bucket")

    assert (await ledger.known("Garden"))["ImageK"].state is Known.FAILED
    assert (await ledger.known("Best"))["ImageK"].identity == ""


@pytest.mark.parametrize("proof", [Proof.NONE, Proof.WRONG])
async def test_a_twin_that_is_not_proven_is_none(ledger: SqliteLedger, proof: Proof) -> None:
    other = replace(HELD, album_key="Best")
    assert await ledger.twin(other) == receipt(KEY)

    await ledger.moved(step(HELD, KEY), receipt(KEY, proof=proof))

    assert await ledger.twin(other) is None


async def test_a_text_that_could_not_be_written_is_pending_until_it_was_or_need_not_be(ledger: SqliteLedger) -> None:
    planned = step(HELD, KEY, action=Action.DESCRIBE, description=(("title", "New"),))
    before = (await ledger.known("Garden"))["ImageK"]

    await ledger.not_described(planned, "store: no")
    await ledger.plan(album(key="Garden"), [planned], ["ImageK"], whole=True)

    assert (await ledger.known("Garden"))["ImageK"] == replace(before, reason="store: no")
    assert await ledger.unmoved() == [(KEY, "moved", "store: no")]
    await ledger.plan(album(key="Garden"), [step(HELD, KEY, action=Action.SKIP)], ["ImageK"], whole=True)
    assert (await ledger.known("Garden"))["ImageK"] == before
