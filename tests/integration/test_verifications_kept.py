"""The ledger keeps how each verification ended, and says nothing of one that did not come to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from smug2s3.errors import StoreError
from smug2s3.ledger.ledger import open_ledger
from smug2s3.rules.verification import Verification
from smugmug_simulator import Simulator, worlds
from tests.support.bucket import PREFIX, Bucket
from tests.support.wired import Wired

ROSE = f"{PREFIX}Garden/rose.jpg"


@pytest.fixture
async def moved(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account, moved."""
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        assert (await wired.sync()).moved == 6
        yield wired


async def kept(wired: Wired) -> Verification | None:
    """What the ledger says of the last verification."""
    async with open_ledger(str(wired.ledger)) as ledger:
        return await ledger.last_verification()


@pytest.mark.parametrize(
    ("depth", "levels"),
    [
        ({"offline": True}, ("ledger",)),
        ({}, ("listing",)),
        ({"heads": True, "deep": 1.0}, ("listing", "head", "deep")),
        ({"deep": 0.5, "source": True}, ("listing", "deep:50", "source")),
    ],
    ids=str,
)
async def test_levels_and_counts_of_a_verification_are_kept(
    moved: Wired, depth: dict[str, Any], levels: tuple[str, ...]
) -> None:
    report = await moved.verify(**depth)

    found = await kept(moved)

    assert found is not None
    assert (found.levels, found.clean) == (levels, True)
    assert (found.safe, found.verdict[:16]) == ((True, "Safe to cancel: ") if "source" in levels else (None, ""))
    assert found.began <= found.ended
    counts = {"checked": 9, "ok": 9, "missing": 0, "heads": report.heads, "read_back": report.read_back}
    assert counts.items() <= found.counts.items()


async def test_what_differed_and_what_the_certificate_said_is_kept(moved: Wired) -> None:
    moved.bucket.files()[ROSE].unlink()
    await moved.bucket.changed_from_outside()

    await moved.verify(source=True, certify=True, repair=True)

    found = await kept(moved)
    assert found is not None
    assert (found.clean, found.safe) == (False, False)
    assert found.verdict.startswith("Not safe to cancel yet: 1 item missing")
    assert found.counts["missing"] == 1
    assert [(one.kind, one.key) for one in found.differences] == [("missing", ROSE)]

    await moved.sync()
    await moved.verify(source=True, certify=True)
    found = await kept(moved)
    assert found is not None
    assert (found.clean, found.safe) == (True, True)
    assert found.verdict.startswith("Safe to cancel: all 6 items")


async def test_a_verification_that_fails_on_its_way_is_not_kept(moved: Wired) -> None:
    moved.changes["S3_SECRET_KEY"] = "another"

    with pytest.raises(StoreError):
        await moved.verify()

    assert await kept(moved) is None
