"""A store that was seen to refuse wrong bytes is left to hash; one that was not gets every byte hashed on its way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smug2s3.flow.stream import CheckedStream
from smugmug_simulator import Fault, Simulator, World
from smugmug_simulator.content import noise_photo
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault
from tests.support.quick import Pair

MIB = 1024 * 1024
COUNT = 6
TRIAL = "*.smug2s3-check-*"


@pytest.fixture
async def pair(bucket: Bucket, proxy: FaultProxy, tmp_path: Path) -> AsyncIterator[Pair]:
    """An album of photos above a mebibyte, one after the other through the proxy."""
    world = World("mine")
    album = world.add_album("One")
    for number in range(COUNT):
        world.add_image(album, f"large-{number}.jpg", noise_photo(number, MIB + number))
    async with Simulator(world) as sim:
        pair = Pair(sim, bucket, tmp_path / "ledger.db", endpoint=proxy.endpoint)
        yield pair


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> list[CheckedStream]:
    """Every stream whose hashing was left to the store."""
    found: list[CheckedStream] = []
    trust = CheckedStream.trust_receiver

    def noted(stream: CheckedStream) -> None:
        trust(stream)
        if not stream.hashed:
            found.append(stream)

    monkeypatch.setattr(CheckedStream, "trust_receiver", noted)
    return found


async def test_after_one_proven_file_and_one_test_the_server_is_left_to_hash(
    pair: Pair, proxy: FaultProxy, trusted: list[CheckedStream]
) -> None:
    summary = await pair.sync(transfers=1)

    assert summary.moved == COUNT
    assert len(trusted) == COUNT - 1
    assert proxy.count("PUT", TRIAL) == 1
    pair.assert_complete()
    assert (await pair.verify(deep=1.0)).clean


async def test_bytes_corrupted_once_are_rejected_by_the_server_and_copied_by_the_retry(
    pair: Pair, trusted: list[CheckedStream]
) -> None:
    pair.sim.faults.add(Fault(action="corrupt", kind="media", path="*large-3*", amount=900))

    summary = await pair.sync(transfers=1)

    assert (summary.moved, summary.failed) == (COUNT, 0)
    assert len(trusted) == COUNT - 1
    pair.assert_complete()


async def test_what_always_comes_wrong_is_never_visible_and_named_as_smugmugs_fault(pair: Pair) -> None:
    pair.sim.faults.add(Fault(action="corrupt", kind="media", path="*large-3*", amount=900, times=None))

    summary = await pair.sync(transfers=1)

    assert (summary.moved, summary.failed) == (COUNT - 1, 1)
    (reason,) = pair.reporter.failures.values()
    assert "SmugMug" in reason
    assert "but SmugMug lists" in reason
    assert "smugmug/One/large-3.jpg" not in pair.bucket.media()


UNSURE = {
    "trial-busy": StoreFault(action="answer", method="PUT", path=TRIAL, times=None),
    "trial-forbidden": StoreFault(
        action="answer", method="PUT", path=TRIAL, times=None, status=403, code="AccessDenied"
    ),
    "trial-broken-off": StoreFault(action="reset", method="PUT", path=TRIAL, times=None),
    "etags-are-no-md5s": StoreFault(action="wrong_etag", method="PUT", times=None),
}


@pytest.mark.parametrize("fault", UNSURE.values(), ids=UNSURE)
async def test_a_store_that_does_not_clearly_refuse_is_never_trusted(
    pair: Pair, proxy: FaultProxy, trusted: list[CheckedStream], fault: StoreFault
) -> None:
    proxy.script(fault)

    summary = await pair.sync(transfers=1)

    assert summary.moved == COUNT
    assert trusted == []
    assert proxy.count("PUT", TRIAL) <= 4  # what may pass is tried again, and no more
    pair.assert_complete()
