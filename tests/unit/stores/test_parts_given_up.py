"""Memory that parts borrow comes back, however an upload is given up."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, TypeVar

import pytest

from smug2s3.errors import SourceBroken
from smug2s3.flow.budget import Budget
from smug2s3.flow.outage import Sides
from smug2s3.flow.retry import RetryPolicy
from smug2s3.flow.stream import CheckedStream, Watchdog
from smug2s3.stores.beliefs import Beliefs
from smug2s3.stores.faults import translate
from smug2s3.stores.multipart import MultipartUpload
from smug2s3.stores.quirks import Provider
from tests.unit.flow.clock import Scene, cancelled_at_each_step

T = TypeVar("T")
PART = 8
LENT = 3 * PART


class Server:
    """A store that takes its time over everything and believes all it is told."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._answer, name)

    async def _answer(self, name: str, **asked: Any) -> dict[str, Any]:
        body = b"".join([chunk async for chunk in asked["Body"]]) if "Body" in asked else b""
        await asyncio.sleep(1)
        return {"UploadId": "u"} | ({"ETag": hashlib.md5(body).hexdigest()} if name == "upload_part" else {})


async def _upload(held: Budget, pieces: int, *, md5: str | None = None) -> None:
    async with Watchdog(60, lambda: "store") as watchdog:
        upload = MultipartUpload(
            Server(),
            "bucket",
            "key",
            policy=RetryPolicy(attempts=1),
            held=held,
            beliefs=Beliefs(),
            judge=_judged,
            work=60,
            watchdog=watchdog,
            side=Sides(),
        )
        stream = CheckedStream(_chunks(pieces), size=None, md5=md5)
        stream.alive = watchdog.progress
        await upload.run(stream, Provider(name="small", part_size=PART), {})


async def _judged(error: Exception, what: str) -> Any:
    return translate(error, what)


async def _chunks(number: int) -> AsyncIterator[bytes]:
    for _ in range(number):
        yield bytes(PART)


async def _all_is_back(held: Budget) -> None:
    async with asyncio.timeout(1), held.borrow(LENT):
        pass


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """On virtual time nothing may go on elsewhere."""

    async def here(work: Callable[..., T], *arguments: Any) -> T:
        await asyncio.sleep(0)
        return work(*arguments)

    monkeypatch.setattr(asyncio, "to_thread", here)


async def test_bytes_that_prove_wrong_just_when_a_part_began_give_its_memory_back() -> None:
    held = Budget(LENT)
    with pytest.raises(SourceBroken):
        await _upload(held, 2, md5="0" * 32)
    await _all_is_back(held)


@pytest.mark.usefixtures("no_threads")
@pytest.mark.parametrize("times", [1, 2])
def test_an_upload_cancelled_at_any_step_gives_all_its_memory_back(times: int) -> None:
    def scene() -> Scene:
        held = Budget(LENT)
        upload = partial(_upload, held, 5)
        return Scene(before=[upload], victim=upload, after=[upload], whole=partial(_all_is_back, held))

    assert cancelled_at_each_step(scene, times=times) > 20
