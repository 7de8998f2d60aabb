"""When the store is busy, breaks off, or answers wrongly: nothing is lost, nothing wrong stays, nothing is said twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from smug2s3.errors import StoreError, StoreRefused, StoreUnusable
from smug2s3.stores.quirks import Provider
from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault
from tests.support.quick import Pair

MIB = 1024 * 1024


@pytest.fixture
async def pair(bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> AsyncIterator[Pair]:
    """The tiny account, through the proxy, not moved yet."""
    async with Simulator(worlds.tiny()) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint)


PASSING = {
    "slow-down": StoreFault(action="answer", method="PUT", times=4),
    "internal-error": StoreFault(action="answer", method="PUT", status=500, code="InternalError", times=3),
    "time-out": StoreFault(action="answer", method="PUT", status=400, code="RequestTimeout"),
    "no-code-at-all": StoreFault(action="answer", method="PUT", status=502, code=""),
    "digest-refused": StoreFault(action="answer", method="PUT", status=400, code="BadDigest"),
    "reset-before": StoreFault(action="reset", method="PUT", times=3),
    "reset-midway": StoreFault(action="reset_midway", method="PUT"),
    "reply-lost": StoreFault(action="reply_lost", method="PUT", times=3),
    "wrong-etag": StoreFault(action="wrong_etag", method="PUT", times=None),
    "busy-with-lists": StoreFault(action="answer", method="GET", times=2),
    "error-with-200": StoreFault(action="answer", method="PUT", status=200, code="InternalError"),
}


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in PASSING.items()])
async def test_what_passes_is_gone_through(pair: Pair, proxy: FaultProxy, fault: StoreFault) -> None:
    proxy.script(fault)

    summary = await pair.sync()

    assert proxy.struck >= 1
    assert (summary.moved, pair.reporter.failures) == (6, {})
    pair.assert_complete()
    assert (await pair.verify(deep=1.0)).clean


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(replace(fault, skip=2, times=2), id=name)
        for name, fault in PASSING.items()
        if fault.method == "PUT"
    ],
)
async def test_what_passes_is_gone_through_later_too_and_the_library_is_asked_once_more(
    pair: Pair, proxy: FaultProxy, fault: StoreFault
) -> None:
    proxy.script(fault)

    summary = await pair.sync(transfers=1)

    assert proxy.struck >= 1
    assert (summary.moved, pair.reporter.failures) == (6, {})
    pair.assert_complete()
    assert (await pair.verify(deep=1.0)).clean


@pytest.mark.parametrize("method", ["PUT", "GET"])
async def test_a_store_that_falls_silent_is_asked_again(pair: Pair, proxy: FaultProxy, method: str) -> None:
    proxy.script(StoreFault(action="stall", method=method, times=2))
    pair.stall = 0.6

    summary = await pair.sync()

    assert proxy.stalled.is_set()
    assert (summary.moved, pair.reporter.failures) == (6, {})
    pair.assert_complete()


async def test_a_copy_that_meets_a_busy_store_is_made_again(pair: Pair, proxy: FaultProxy) -> None:
    await pair.sync()
    rose = next(one for one in pair.sim.world.assets() if one.file_name == "rose.jpg")
    pair.sim.world.set_caption(rose.image_key, "New words")
    proxy.script(StoreFault(action="answer", method="PUT", path="*rose*", times=2))

    summary = await pair.sync(full=True)

    assert (summary.described, proxy.struck, pair.reporter.failures) == (1, 2, {})
    assert (await pair.bucket.metadata("smugmug/Garden/rose.jpg"))["caption"] == "New words"


async def test_a_renamed_file_whose_former_copy_cannot_be_removed_is_renamed_and_the_rest_is_named(
    pair: Pair, proxy: FaultProxy
) -> None:
    await pair.sync()
    rose = next(one for one in pair.sim.world.assets() if one.file_name == "rose.jpg")
    pair.sim.world.rename_album(rose.album_key, "Park")
    refusal = StoreFault(action="answer", method="DELETE", path="*rose*", times=None, status=403, code="AccessDenied")
    proxy.script(refusal)
    pair.sim.stats.clear()

    summary = await pair.sync(follow_renames=True)

    assert (summary.renamed, summary.failed) == (2, 0)
    assert any("Garden/rose.jpg" in note for note in pair.reporter.notes)
    proxy.script()
    assert (await pair.sync(follow_renames=True)).renamed == 0
    assert pair.sim.count("media") == 0
    report = await pair.verify(deep=1.0)
    assert (report.differences, report.strangers) == ([], ["smugmug/Garden/rose.jpg"])


LASTING = {
    "slow-down": StoreFault(action="answer", method="PUT", path="*rose*", times=None),
    "refused": StoreFault(action="answer", method="PUT", path="*rose*", status=403, code="AccessDenied", times=None),
    "reset": StoreFault(action="reset", method="PUT", path="*rose*", times=None),
    "midway": StoreFault(action="reset_midway", method="PUT", path="*rose*", times=None),
}


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in LASTING.items()])
async def test_what_lasts_is_named_and_done_by_the_next_run(pair: Pair, proxy: FaultProxy, fault: StoreFault) -> None:
    proxy.script(fault)

    summary = await pair.sync()

    assert (summary.moved, summary.failed) == (5, 1)
    assert pair.reporter.failures["Garden/rose.jpg"].startswith("store: ")
    assert not [key for key in pair.bucket.files() if "rose" in key]

    proxy.script()
    assert (await pair.sync()).moved == 1
    pair.assert_complete()


UNUSABLE = {
    "wrong-secret": ("SignatureDoesNotMatch", 403),
    "unknown-key": ("InvalidAccessKeyId", 403),
    "no-bucket": ("NoSuchBucket", 404),
    "other-region": ("AuthorizationHeaderMalformed", 400),
}


@pytest.mark.parametrize(("code", "status"), UNUSABLE.values(), ids=UNUSABLE)
async def test_what_makes_the_bucket_unusable_ends_the_run_at_once(
    pair: Pair, proxy: FaultProxy, code: str, status: int
) -> None:
    refusal = StoreFault(action="answer", method="PUT", skip=2, times=None, status=status, code=code)
    proxy.script(refusal, replace(refusal, method="GET", path="*list-type*", skip=1))

    with pytest.raises(StoreUnusable) as failure:
        await pair.sync()

    assert failure.value.exit_code == 4
    assert failure.value.hint
    assert proxy.count("PUT") < 20


async def test_a_server_that_dies_during_a_run_ends_it_and_is_named(
    bucket: Bucket, proxy: FaultProxy, tmp_path: Path
) -> None:
    async with Simulator(worlds.flat(2, 60, 200)) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint)
        proxy.script(StoreFault(action="reset", skip=30, times=None))

        with pytest.raises(StoreError) as failure:
            await pair.sync()

        assert failure.value.exit_code == 4
        before = len(bucket.media())
        sim.stats.clear()
        proxy.script()
        assert (await pair.sync()).moved == 120 - before
        pair.assert_complete()


async def test_refusals_one_after_another_end_the_run(bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> None:
    proxy.script(StoreFault(action="answer", method="PUT", times=None, status=403, code="AccessDenied"))
    async with Simulator(worlds.flat(1, 90, 200)) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint)

        with pytest.raises(StoreRefused, match=r"stopped after 60 failed files in a row.*AccessDenied"):
            await pair.sync()

        assert 60 <= len(pair.reporter.failures) < 90


async def test_files_that_a_busy_store_does_not_take_one_after_another_do_not_end_the_run(
    bucket: Bucket, proxy: FaultProxy, tmp_path: Path
) -> None:
    proxy.script(StoreFault(action="answer", method="PUT", path="*JPG*", times=None))
    async with Simulator(worlds.flat(1, 64, 200)) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint)

        summary = await pair.sync(transfers=16)

        assert (summary.moved, summary.failed) == (0, 64)
        assert pair.reporter.outages == []  # it answers others


@pytest.fixture
async def large(bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> AsyncIterator[Pair]:
    """One file that goes in parts of five megabytes."""
    world = World("mine")
    world.add_image(world.add_album("One"), "large.jpg", noise_photo(1, 17 * MIB + 5))
    provider = Provider(name="small parts", single_put=5 * MIB, part_size=5 * MIB)
    async with Simulator(world) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint, provider=provider)


PARTS = {
    "create-busy": StoreFault(action="answer", method="POST", path="*uploads*"),
    "part-busy": StoreFault(action="answer", method="PUT", path="*partNumber=2*", times=2),
    "part-reset": StoreFault(action="reset", method="PUT", path="*partNumber=1*"),
    "part-reset-midway": StoreFault(action="reset_midway", method="PUT", path="*partNumber=3*"),
    "part-reply-lost": StoreFault(action="reply_lost", method="PUT", path="*partNumber=4*"),
    "complete-busy": StoreFault(action="answer", method="POST", path="*uploadId*"),
    "complete-error-with-200": StoreFault(
        action="answer", method="POST", path="*uploadId*", status=200, code="InternalError"
    ),
    "complete-reply-lost": StoreFault(action="reply_lost", method="POST", path="*uploadId*"),
}


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in PARTS.items()])
async def test_a_large_file_gets_through_what_passes(large: Pair, proxy: FaultProxy, fault: StoreFault) -> None:
    proxy.script(fault)

    summary = await large.sync()

    assert proxy.struck == 1 or fault.times != 1
    assert (summary.moved, large.reporter.failures) == (1, {})
    large.assert_complete()
    assert await large.bucket.open_uploads() == []
    assert (await large.verify(deep=1.0)).clean


async def test_a_part_that_never_gets_through_leaves_no_open_upload(large: Pair, proxy: FaultProxy) -> None:
    proxy.script(StoreFault(action="answer", method="PUT", path="*partNumber=3*", times=None))

    summary = await large.sync()

    assert (summary.moved, summary.failed) == (0, 1)
    assert large.bucket.media() == {}
    assert await large.bucket.open_uploads() == []
    assert proxy.count("DELETE", "*uploadId=*") >= 1


async def test_only_the_part_that_failed_is_sent_again(large: Pair, proxy: FaultProxy) -> None:
    proxy.script(StoreFault(action="answer", method="PUT", path="*partNumber=2*", times=1))

    await large.sync()

    assert [proxy.count("PUT", f"*partNumber={number}*") for number in (1, 2, 3, 4)] == [1, 2, 1, 1]
    assert large.sim.count("media") == 1
