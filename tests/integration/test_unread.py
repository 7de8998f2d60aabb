"""Whoever stops in the middle of a response, by an error or cancelled, lets go of its connection at once."""

from __future__ import annotations

import asyncio
import time
import types
from collections.abc import Awaitable, Callable, Generator
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import aiohttp
import pytest

from smug2s3.errors import StoreError
from smug2s3.flow.stream import CheckedStream, md5_of
from smug2s3.models import StoreTarget
from smug2s3.smugmug.client import AUTHUSER
from smug2s3.smugmug.media import ask_for_a_byte, open_media
from smugmug_simulator import Fault, Simulator, World
from smugmug_simulator.content import noise_photo
from tests.contract.bodies import md5_of as digest
from tests.contract.bodies import pieces
from tests.support.bucket import Bucket
from tests.support.fault_proxy import PORTAL, FaultProxy, StoreFault
from tests.support.quick import nothing_is_taken, of_store, quick_client, quick_store

PAGE = replace(PORTAL, method="GET", times=None, body=f"<html>{'Please sign in. ' * 100_000}")
CONTENT = bytes(range(256)) * 2_000
Work = Callable[[], Awaitable[object]]


@types.coroutine
def broken_off(work: Awaitable[object], step: int) -> Generator[Any, Any, None]:
    """``work``, cancelled at its so manieth wait just when that is over: what it waited for is there, and is for nobody."""
    waits = work.__await__()
    go_on: Callable[[], Any] = partial(next, waits)
    try:
        for number in count():
            waited_for = go_on()
            try:
                yield waited_for
                go_on = partial(next, waits)
            except Exception as error:  # noqa: BLE001 - it is the work's, which may know what to do
                go_on = partial(waits.throw, error)
            if number == step:
                go_on = partial(waits.throw, asyncio.CancelledError)
    except StopIteration:
        assert number <= step, "the cancellation was swallowed"


async def broken_off_everywhere(
    work: Work, session: Callable[[], aiohttp.ClientSession], tidy: Callable[[], object] = str
) -> int:
    """Break ``work`` off at each of its waits and see that no connection stays taken; how many there were.

    ``tidy`` is called after each.
    """
    for step in count():
        try:
            await broken_off(work(), step)
        except asyncio.CancelledError:
            await nothing_is_taken(session())
            tidy()
        else:
            return step
    raise AssertionError


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(PAGE, id="a page"),
        pytest.param(replace(PAGE, headers=(("ETag", '"x"'), ("Last-Modified", "never"))), id="a date that is none"),
        pytest.param(replace(PAGE, status=407), id="a proxy's page"),
    ],
)
async def test_an_object_that_is_not_believed_is_let_go(
    monkeypatch: pytest.MonkeyPatch, bucket: Bucket, proxy: FaultProxy, fault: StoreFault
) -> None:
    proxy.script(fault)
    if fault.status == 407:
        monkeypatch.setenv("HTTP_PROXY", proxy.endpoint)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
    async with quick_store(bucket, endpoint=proxy.endpoint) as store:
        with pytest.raises(StoreError) as kept:
            await store.beginning("a.jpg", 10)
        assert kept.tb
        await nothing_is_taken(of_store(store))


async def test_what_is_broken_off_at_any_step_lets_go_of_the_store(bucket: Bucket) -> None:
    async with quick_store(bucket) as store:

        async def put(key: str = "a.jpg") -> None:
            target = StoreTarget(key=key, content_type="image/jpeg")
            await store.put(target, CheckedStream(pieces(CONTENT), size=len(CONTENT), md5=digest(CONTENT)))

        await put()
        works: list[tuple[Work, int]] = [
            (put, 3),
            (lambda: md5_of(store.read("a.jpg")), 2),
            (lambda: store.beginning("a.jpg", 100), 1),
            (lambda: store.head("a.jpg"), 1),
            (lambda: store.glance(""), 1),
        ]
        for work, least in works:
            assert await broken_off_everywhere(work, lambda: of_store(store)) >= least


async def test_a_trial_that_is_broken_off_at_any_step_leaves_nothing_behind(bucket: Bucket) -> None:
    target = StoreTarget(key="smugmug/One/a.jpg", content_type="image/jpeg", metadata=(("title", "Rose"),))

    def tidy() -> None:
        assert bucket.files() == {}

    async with quick_store(bucket) as store:
        await store.check("smugmug/")
        for work in (
            lambda: store.tried(lambda probe: probe.takes(target, checked=True)),
            lambda: store.tried(lambda probe: probe.refuses_wrong_md5()),
        ):
            assert await broken_off_everywhere(work, lambda: of_store(store), tidy) >= 2


async def test_what_a_killed_trial_left_is_no_object_and_the_next_trial_removes_it(bucket: Bucket) -> None:
    names = [f"smugmug/.smug2s3-check-{digit * 12}/x" for digit in "ab"]
    target = StoreTarget(key="smugmug/One/a.jpg", content_type="image/jpeg")
    async with quick_store(bucket) as store, bucket.client() as client:
        for name in names:
            await client.put_object(Bucket=bucket.name, Key=name, Body=b"x", Metadata={"image-key": "k"})
        two_hours_ago = time.time() - 7200
        await client.put_object(Bucket=bucket.name, Key=names[0], Body=b"x", Metadata={"mtime": str(two_hours_ago)})
        await store.check("smugmug/")

        assert await store.glance("smugmug/") == ()
        assert [page async for page in store.list("smugmug/")] == [[]]
        await store.tried(lambda probe: probe.takes(target, checked=True))

    assert list(bucket.files()) == [names[1]]


async def test_what_is_broken_off_at_any_step_lets_go_of_smugmug() -> None:
    world = World("mine")
    album = world.add_album("One")
    world.add_image(album, "a.jpg", noise_photo(1, len(CONTENT)))
    async with Simulator(world) as sim, quick_client(sim) as client:
        (listed,) = (await client.get(f"/api/v2/album/{album}!images", what="One")).objects
        url = str(listed["ArchivedUri"])

        async def photo() -> None:
            sim.faults.clear()
            sim.faults.add(Fault(action="reset", kind="media", amount=100_000, times=1))
            async with open_media(client, url, size=len(CONTENT)) as incoming:
                async for _ in incoming.chunks:
                    await asyncio.sleep(0)

        works: list[tuple[Work, int]] = [
            (photo, 4),
            (lambda: ask_for_a_byte(client, url), 1),
            (lambda: client.get(AUTHUSER, what="you"), 1),
        ]
        for work, least in works:
            assert await broken_off_everywhere(work, lambda: client.session) >= least
