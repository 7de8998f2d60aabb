"""A part of an account: what filters leave out stays open, in the ledger, in `_album.json` and for every proof."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from smug2s3.cli.verify import report_text
from smug2s3.errors import UsageError
from smug2s3.rules.filters import Filters, Span
from smugmug_simulator import Fault, Simulator, worlds
from tests.support.bucket import PREFIX, Bucket
from tests.support.quick import Pair
from tests.support.wired import Wired

SUMMER_2019 = Filters(taken=Span(first=date(2019, 7, 1), last=date(2019, 7, 31)))


@pytest.fixture
async def pair(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Pair]:
    """The tiny account, not moved yet."""
    async with Simulator(worlds.tiny()) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db")


def said(bucket: Bucket, album: str) -> dict[str, str]:
    """By file name what `_album.json` says of each item: its key, or why there is none."""
    items = bucket.album(album)["items"]
    return {item["image"]["FileName"]: item["key"] or item.get("not_moved", "?") for item in items}


CASES = [
    pytest.param(Filters(files=("*.jpg",), exclude_files=("rose*",)), {"IMG_0001.JPG", "IMG_0002.JPG", "tulip (2).jpg",
                 "scan & copy 'A'~é!.jpg"}, (2, 0, 0), id="files"),
    pytest.param(Filters(keywords=("LAKE",)), {"IMG_0001.JPG"}, (5, 0, 0), id="keyword"),
    pytest.param(SUMMER_2019, {"IMG_0001.JPG"}, (5, 5, 0), id="taken: five have no date of a camera"),
    pytest.param(Filters(min_size=50_000), {"MVI_0003.mp4"}, (5, 0, 0), id="size"),
    pytest.param(Filters(exclude_folders=("Family",), exclude_albums=("Scans",)), {"rose.jpg", "tulip (2).jpg"},
                 (0, 0, 0), id="excluded albums"),
]  # fmt: skip


@pytest.mark.parametrize(("filters", "names", "left_out"), CASES)
async def test_what_is_excluded_is_counted_and_copied_by_a_later_run(
    pair: Pair, filters: Filters, names: set[str], left_out: tuple[int, int, int]
) -> None:
    would = await pair.sync(filters=filters, dry_run=True)
    summary = await pair.sync(filters=filters)

    assert {key.rpartition("/")[2] for key in pair.bucket.media()} == names
    assert (summary.left_out, summary.left_out_undated, summary.left_out_unsized) == left_out
    assert (would.moved, would.bytes, would.left_out) == (summary.moved, summary.bytes, summary.left_out)
    assert (would.left_out_undated, would.albums_left_out) == (summary.left_out_undated, summary.albums_left_out)

    rest = await pair.sync()
    assert (rest.moved, rest.left_out, rest.albums_left_out) == (6 - len(names), 0, 0)
    pair.assert_complete()
    assert (await pair.verify(source=True)).clean


async def test_what_is_copied_already_does_not_count_as_excluded(pair: Pair) -> None:
    await pair.sync(filters=Filters(photos=False))

    summary = await pair.sync(filters=Filters(videos=False))

    assert (summary.moved, summary.left_out) == (5, 0)
    pair.assert_complete()


async def test_an_album_of_which_files_were_left_out_is_listed_again_by_every_run(pair: Pair) -> None:
    await pair.sync(filters=SUMMER_2019)

    assert (await pair.sync(filters=SUMMER_2019)).albums_unchanged == 0
    assert (await pair.sync()).albums_unchanged == 0
    assert (await pair.sync()).albums_unchanged == 3


async def test_the_album_file_has_a_key_only_for_copied_files(pair: Pair) -> None:
    await pair.sync(filters=SUMMER_2019)

    reason = "excluded by the filters of the last run"
    directory = f"{PREFIX}Family/Summer 2019"
    assert said(pair.bucket, "Summer 2019") == {
        "IMG_0001.JPG": f"{directory}/IMG_0001.JPG",
        "IMG_0002.JPG": reason,
        "MVI_0003.MOV": reason,
    }
    assert (
        len(pair.bucket.album("Summer 2019")["items"][1]["image"]) > 10
    )  # all SmugMug says of it is kept all the same

    await pair.sync()
    assert said(pair.bucket, "Summer 2019")["MVI_0003.MOV"] == f"{directory}/MVI_0003.mp4"


async def test_a_file_left_out_keeps_the_name_it_has_beside_its_twin(pair: Pair) -> None:
    garden = next(one for one in pair.sim.world.assets() if one.file_name == "rose.jpg").album_key
    pair.sim.world.add_image(garden, "rose.jpg", keywords=("second",))

    await pair.sync(filters=Filters(keywords=("second",)))
    (first,) = pair.bucket.media()
    await pair.sync()

    assert first in pair.bucket.media()
    assert first != f"{PREFIX}Garden/rose.jpg"
    pair.assert_complete()


async def test_a_ledger_rebuilt_after_a_filtered_run_knows_what_was_copied_and_no_more(
    pair: Pair, tmp_path: Path
) -> None:
    await pair.sync(filters=SUMMER_2019)
    wired = Wired(pair.sim, pair.bucket, tmp_path)
    pair.ledger.unlink()

    found = await wired.rebuild()

    assert (found.files, found.doubtful, found.unknown) == (1, 0, 0)
    assert (await wired.sync()).moved == 5
    wired.assert_complete()


async def test_after_a_filtered_run_nothing_certifies_the_account(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync(filters=SUMMER_2019)

        report = await wired.verify(source=True, certify=True)

        assert report.count("missing") == 5
        (certificate,) = wired.certificates
        assert [album.complete for album in certificate.albums] == [False, False, False]
        offline = await wired.verify(offline=True)
        assert (offline.clean, offline.partial) == (True, True)
        assert "no sync has covered the whole account yet" in report_text(offline)
        await wired.sync()
        assert not (await wired.verify(offline=True)).partial


async def test_after_a_run_that_stopped_verify_sends_to_sync_and_promises_nothing(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync(max_bytes=1)

        report = await wired.verify()

        assert report.unmoved == len(report.differences) == 6
        assert "Not copied or updated yet: 6 files. Run `smug2s3 sync`, then verify again." in report_text(report)


async def test_an_album_that_could_not_be_listed_leaves_the_account_unseen(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        sim.faults.add(Fault(action="status", status=403, kind="api", path="*!images*", times=None, skip=1))
        wired = Wired(sim, bucket, tmp_path)
        assert (await wired.sync()).albums_incomplete == 2

        report = await wired.verify()

        assert report.partial
        assert "no sync has covered the whole account yet" in report_text(report)


async def test_an_unmatched_filter_is_an_error_after_what_did_match_was_copied(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)

        with pytest.raises(UsageError, match=r"no album matches Gardn \(--album\)") as refusal:
            await wired.sync(filters=Filters(albums=("Gardn", "Scans")))

        assert "'Garden'" in refusal.value.hint
        assert len(bucket.media()) == 1


async def test_of_files_nothing_is_refused_where_unchanged_albums_were_not_listed(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()

        assert (await wired.sync(filters=Filters(files=("rose.jpg",)))).albums_unchanged == 3
        with pytest.raises(UsageError, match="no file matches"):
            await wired.sync(filters=Filters(files=("roze.jpg",)), full=True)
