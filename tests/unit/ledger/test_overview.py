"""The ledger tells an account in numbers, and its files album by album, all of one moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from smug2s3.ledger.ledger import open_ledger
from smug2s3.models import Known
from smug2s3.rules.overview import FileState, Overview, TimeBin, Year
from smug2s3.rules.verification import Verification
from tests.support.ledgers import ABOUT, BEGAN, FULL_RUN, File, Told, lay

STORY = (
    Told(
        path="Family/Christmas",
        files=(
            File(name="a.jpg", size=500_000),
            File(name="b.jpg", state=Known.FAILED, reason="SmugMug: SmugMug's media host answered 503"),
            File(name="c.mp4", size=2_000_000_000, is_video=True, date="2021-02-03T00:00:00"),
            File(name="d.mp4", state=Known.UNAVAILABLE, reason="SmugMug is still processing this video", is_video=True),
            File(name="e.jpg", state=Known.MOVING, date=""),
        ),
    ),
    Told(
        path="Old",
        files=(File(name="gone.jpg", gone=True, date=""),),
    ),
    Told(path="Short", counted=3, complete=False, files=(File(name="one.jpg"),)),
    Told(path="Empty"),
)


async def seen(path: Path) -> Overview:
    async with open_ledger(str(path)) as ledger, ledger.snapshot():
        return await ledger.overview()


async def test_an_account_in_numbers(tmp_path: Path) -> None:
    verified = Verification(
        began=BEGAN.isoformat(timespec="seconds"),
        ended="2026-05-01T09:00:00+00:00",
        levels=("listing",),
        clean=True,
        counts={},
    )
    await lay(tmp_path / "ledger.db", STORY, run=FULL_RUN | {"problems": ["Locked: no"]}, verified=verified)

    found = await seen(tmp_path / "ledger.db")

    assert found.about == ABOUT
    assert found.totals.albums == 4
    assert found.totals.files == {
        FileState.MOVED: 3, FileState.FAILED: 1, FileState.UNAVAILABLE: 1, FileState.WAITING: 1, FileState.KEPT: 1,
    }  # fmt: skip
    assert (found.totals.stored, found.totals.missing, found.totals.offered) == (4, 2, 5)
    assert found.totals.stored_size == 500_000 + 2_000_000_000 + 4_000_000 + 4_000_000
    assert (found.totals.videos, found.totals.undescribed) == (1, 0)
    assert [(one.diagnosis.cause, one.count) for one in found.unmoved if one.unavailable] == [
        ("SmugMug is still processing the video", 1)
    ]
    assert found.short_albums == (("Short", 3, 1),)
    assert found.years == (Year(2019, 2, 0), Year(2021, 0, 1), Year(None, 1, 0))
    assert found.sizes == ((1, 500_000), (0, 0), (2, 8_000_000), (0, 0), (0, 0), (0, 0), (1, 2_000_000_000))
    assert found.bins == (TimeBin(int(BEGAN.timestamp()), 4, found.totals.stored_size),)
    assert (found.bin_width, found.undated) == (60, 0)
    assert [run.summary for run in found.runs] == [FULL_RUN | {"problems": ["Locked: no"]}]
    assert found.whole_at == found.runs[0].ended
    assert found.verification == verified
    assert found.stored_since == 3


async def test_a_run_that_is_at_work_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    await lay(path, STORY)
    assert not (await seen(path)).running
    async with open_ledger(str(path), alone=True):
        assert (await seen(path)).running


@pytest.mark.parametrize(
    "told",
    [
        {"moved": 1, "albums_incomplete": 0},
        FULL_RUN | {"part": True},
        FULL_RUN | {"albums_incomplete": 1},
        FULL_RUN | {"error": "interrupted"},
        FULL_RUN | {"stopped": "until", "albums_left": 3},
    ],
    ids=["of an older smug2s3", "of a part", "with an album not listed", "interrupted", "stopped early"],
)
async def test_no_other_run_is_taken_for_one_over_the_whole_account(tmp_path: Path, told: dict[str, Any]) -> None:
    await lay(tmp_path / "ledger.db", STORY, run=told)
    assert (await seen(tmp_path / "ledger.db")).whole_at == ""


async def test_a_new_ledger_is_reported_too(tmp_path: Path) -> None:
    found = await seen(tmp_path / "ledger.db")
    assert found.totals.files == {}
    assert (found.totals.albums, found.years, found.bins, found.runs, found.verification) == (0, (), (), (), None)


async def test_files_come_album_by_album_in_the_order_of_directories(tmp_path: Path) -> None:
    await lay(tmp_path / "ledger.db", STORY)
    async with open_ledger(str(tmp_path / "ledger.db")) as ledger:
        albums = [(album.path, [file.name for file in files]) async for album, files in ledger.albums_with_files()]
        assert albums == [
            ("Empty", []),
            ("Family/Christmas", ["a.jpg", "b.jpg", "c.mp4", "d.mp4", "e.jpg"]),
            ("Old", ["gone.jpg"]),
            ("Short", ["one.jpg"]),
        ]
        assert await ledger.jpegs() == [
            f"smugmug/{key}" for key in ("Family/Christmas/a.jpg", "Old/gone.jpg", "Short/one.jpg")
        ]


async def test_what_is_written_meanwhile_is_not_of_the_same_moment(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    await lay(path, STORY)
    async with open_ledger(str(path)) as ledger:
        async with ledger.snapshot():
            before = await ledger.overview()
            async with open_ledger(str(path)) as other:
                await other.begin("another run")
            assert await ledger.overview() == before
        assert len((await ledger.overview()).runs) == len(before.runs) + 1
