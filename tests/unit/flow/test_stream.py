"""A stream counts and hashes what passes, and lets its last chunk go only when all of it is proven."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.errors import SourceBroken, SourceUnreachable, StoreUnreachable
from smug2s3.flow.stream import CheckedStream, Watchdog, joined
from tests.unit.flow.clock import run_on_virtual_time

SOON = 0.02


async def chunks_of(parts: Sequence[bytes], failure: BaseException | None = None) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    if failure is not None:
        raise failure


def md5_of(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


async def drained(stream: CheckedStream) -> tuple[list[bytes], BaseException | None]:
    """What came out, and what it ended with."""
    came: list[bytes] = []
    try:
        async for chunk in stream:
            came += [chunk]
    except SourceBroken as error:
        return came, error
    return came, None


@given(st.lists(st.binary(max_size=5), max_size=6))
def test_right_bytes_come_out_whole_counted_and_hashed(parts: list[bytes]) -> None:
    body = b"".join(parts)
    stream = CheckedStream(chunks_of(parts), size=len(body), md5=md5_of(body))
    came, error = asyncio.run(drained(stream))
    assert (b"".join(came), error, stream.failure) == (body, None, None)
    assert (stream.count, stream.md5) == (len(body), md5_of(body))
    assert all(came)


@given(st.lists(st.binary(max_size=5), max_size=6), st.sampled_from(["short", "long", "other"]))
def test_of_wrong_bytes_the_last_chunk_never_comes_out(parts: list[bytes], wrong: str) -> None:
    body = b"".join(parts)
    size = len(body) + {"short": 1, "long": -1, "other": 0}[wrong]
    stream = CheckedStream(chunks_of(parts), size=size, md5=md5_of(b"promised" + body))
    came, error = asyncio.run(drained(stream))
    assert isinstance(error, SourceBroken)
    assert stream.failure is error
    assert len(b"".join(came)) < max(len(body), 1)


def test_wrong_bytes_of_unknown_length_are_noticed_by_their_md5() -> None:
    stream = CheckedStream(chunks_of([b"a", b"b"]), size=None, md5=md5_of(b"ac"))
    came, error = asyncio.run(drained(stream))
    assert came == [b"a"]
    assert "but SmugMug lists" in str(error)


def test_bytes_nobody_promised_anything_about_pass_as_they_are() -> None:
    stream = CheckedStream(chunks_of([b"a", b"b"]), size=None, md5=None)
    assert asyncio.run(drained(stream)) == ([b"a", b"b"], None)
    assert (stream.count, stream.md5) == (2, md5_of(b"ab"))


def test_too_many_bytes_are_noticed_at_once_and_not_at_the_end() -> None:
    stream = CheckedStream(chunks_of([b"ab", b"cd", b"ef"]), size=3, md5=None)
    came, error = asyncio.run(drained(stream))
    assert came == []
    assert "received more" in str(error)


async def test_what_the_source_raises_comes_out_as_itself_and_is_remembered() -> None:
    cause = SourceUnreachable("reset")
    stream = CheckedStream(chunks_of([b"a"], cause), size=2, md5=None)
    with pytest.raises(SourceUnreachable):
        await drained(stream)
    assert stream.failure is cause


async def test_progress_is_reported_chunk_by_chunk() -> None:
    told: list[int] = []
    await drained(CheckedStream(chunks_of([b"ab", b"", b"c"]), size=3, md5=None, on_progress=told.append))
    assert told == [2, 1]


async def test_a_stream_knows_whether_it_waits_for_its_source() -> None:
    waited: list[bool] = []

    async def source() -> AsyncIterator[bytes]:
        waited.append(stream.waits_for_source)
        yield b"a"
        waited.append(stream.waits_for_source)
        yield b"b"

    stream = CheckedStream(source(), size=2, md5=None)
    async for _ in stream:
        assert not stream.waits_for_source
    assert waited == [True, True]


def test_a_watchdog_leaves_work_that_proceeds_alone() -> None:
    async def work() -> None:
        async with Watchdog(SOON, lambda: "store") as watchdog:
            for _ in range(6):
                await asyncio.sleep(SOON / 3)
                watchdog.progress()

    run_on_virtual_time(work())


@pytest.mark.parametrize(
    ("blame", "error"),
    [pytest.param("source", SourceUnreachable, id="source"), pytest.param("store", StoreUnreachable, id="store")],
)
async def test_a_watchdog_ends_work_that_stalls_and_names_the_side(blame: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"for 0\.02 seconds"):
        async with Watchdog(SOON, lambda: blame):
            await asyncio.Event().wait()


async def test_a_watchdog_lets_other_failures_through() -> None:
    with pytest.raises(ValueError, match="other"):
        async with Watchdog(SOON, lambda: "store"):
            raise ValueError("other")


async def test_a_watchdog_does_not_take_somebody_elses_timeout_for_its_own() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SOON / 2), Watchdog(1, lambda: "store"):
            await asyncio.Event().wait()


def test_a_wait_that_is_nobodys_fault_does_not_count() -> None:
    async def work() -> None:
        async with Watchdog(SOON, lambda: "store") as watchdog:
            with watchdog.at_ease():
                await asyncio.sleep(SOON * 2)
            await asyncio.sleep(0)

    run_on_virtual_time(work())


async def test_after_such_a_wait_the_watchdog_is_awake_again() -> None:
    async def work() -> None:
        async with Watchdog(SOON, lambda: "store") as watchdog:
            with watchdog.at_ease():
                await asyncio.sleep(0)
            await asyncio.Event().wait()

    with pytest.raises(StoreUnreachable):
        await work()


async def test_a_late_sign_of_life_after_the_end_harms_nobody() -> None:
    async with Watchdog(0.0001, lambda: "store") as watchdog:
        pass
    await asyncio.sleep(0.001)
    watchdog.progress()


def test_where_the_receiver_hashes_the_size_is_still_proven_before_the_last_chunk() -> None:
    stream = CheckedStream(chunks_of([b"ab", b"c"]), size=4, md5=md5_of(b"abcd"))
    stream.trust_receiver()
    came, error = asyncio.run(drained(stream))
    assert isinstance(error, SourceBroken)
    assert came == [b"ab"]


def test_where_the_receiver_hashes_the_digest_is_the_promised_one() -> None:
    stream = CheckedStream(chunks_of([b"other"]), size=5, md5=md5_of(b"right"))
    stream.trust_receiver()
    came, error = asyncio.run(drained(stream))
    assert (came, error, stream.hashed) == ([b"other"], None, False)
    assert stream.md5 == md5_of(b"right")


@pytest.mark.parametrize(("md5", "hashed_here"), [(None, False), (md5_of(b"a"), True)], ids=["no-promise", "told-so"])
def test_without_a_promised_md5_or_on_request_the_bytes_are_hashed_here_all_the_same(
    md5: str | None, hashed_here: bool
) -> None:
    stream = CheckedStream(chunks_of([b"a"]), size=1, md5=md5, hashed_here=hashed_here)
    stream.trust_receiver()
    asyncio.run(drained(stream))
    assert stream.hashed
    assert stream.md5 == md5_of(b"a")


def test_a_requested_wait_is_excused_whatever_else_makes_progress() -> None:
    async def work() -> None:
        async with Watchdog(SOON, lambda: "store") as watchdog:
            watchdog.excuse(SOON * 5)
            await asyncio.sleep(SOON)
            watchdog.progress()
            await asyncio.sleep(SOON * 4.5)

    run_on_virtual_time(work())


def test_after_it_the_watchdog_is_awake_again() -> None:
    async def work() -> None:
        async with Watchdog(SOON, lambda: "store") as watchdog:
            watchdog.excuse(SOON)
            await asyncio.Event().wait()

    with pytest.raises(StoreUnreachable):
        run_on_virtual_time(work())


@pytest.mark.parametrize(("size", "md5"), [(1, None), (None, md5_of(b"a")), (1, md5_of(b"a"))])
def test_a_source_that_just_ends_is_believed_where_something_was_promised(size: int | None, md5: str | None) -> None:
    stream = CheckedStream(chunks_of([b"a"]), size=size, md5=md5, framed=False)
    assert asyncio.run(drained(stream)) == ([b"a"], None)


def test_of_a_source_that_just_ends_and_promised_nothing_the_last_chunk_never_comes() -> None:
    stream = CheckedStream(chunks_of([b"ab", b"c"]), size=None, md5=None, framed=False)
    came, error = asyncio.run(drained(stream))
    assert isinstance(error, SourceBroken)
    assert "the file may be incomplete" in str(error)
    assert came == [b"ab"]


def test_a_source_that_shows_its_end_needs_no_promise() -> None:
    stream = CheckedStream(chunks_of([b"a"]), size=None, md5=None)
    assert asyncio.run(drained(stream)) == ([b"a"], None)


async def test_a_stream_in_one_piece_is_read_no_further_than_wanted() -> None:
    read = 0

    async def endless() -> AsyncGenerator[bytes]:
        nonlocal read
        while True:
            read += 4
            yield b"abcd"

    assert (await joined(endless(), 10), read) == (b"abcdabcdab", 12)
    assert (await joined(endless(), 4), read) == (b"abcd", 16)
