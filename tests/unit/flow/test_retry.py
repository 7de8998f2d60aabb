"""What may succeed is tried again, as often and as patiently as the error says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from smug2s3.errors import (
    SignInRefused,
    Smug2s3Error,
    SourceBroken,
    SourceBusy,
    SourceGone,
    SourceRefused,
    SourceUnreachable,
    StoreBusy,
    StoreCorrupt,
    StoreMissing,
    StoreRefused,
    StoreUnreachable,
    StoreUnusable,
)
from smug2s3.flow.retry import RetryPolicy, retry

AT_ONCE = RetryPolicy(attempts=4, first_wait=0.0, longest_wait=0.0)


class Flaky:
    """Fails with each of ``failures`` in turn, then succeeds."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between attempts, none of them waited."""
    slept: list[float] = []
    real: Callable[[float], object] = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real(0)  # type: ignore[misc]

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return slept


@pytest.mark.parametrize(
    "kind", [SourceUnreachable, SourceBusy, SourceBroken, StoreUnreachable, StoreBusy, StoreCorrupt]
)
async def test_what_may_pass_is_tried_again(kind: type[Smug2s3Error], waits: list[float]) -> None:
    call = Flaky(kind("x"), kind("x"))
    assert await retry(AT_ONCE, call) == "done"
    assert call.calls == 3
    assert len(waits) == 2


@pytest.mark.parametrize(
    "error",
    [
        SourceRefused("x"),
        SourceGone("x"),
        SignInRefused("x"),
        StoreRefused("x"),
        StoreMissing("x"),
        StoreUnusable("x"),
        ValueError("not ours"),
        asyncio.CancelledError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_will_not_pass_comes_out_at_once_as_itself(error: BaseException) -> None:
    call = Flaky(error)
    with pytest.raises(type(error)) as caught:
        await retry(AT_ONCE, call)
    assert caught.value is error
    assert call.calls == 1


async def test_after_the_last_attempt_the_last_error_comes_out_unchanged(waits: list[float]) -> None:
    failures = [SourceBusy(str(number)) for number in range(9)]
    call = Flaky(*failures)
    with pytest.raises(SourceBusy, match="3"):
        await retry(AT_ONCE, call)
    assert call.calls == AT_ONCE.attempts
    assert len(waits) == AT_ONCE.attempts - 1


async def test_the_waits_grow_and_end_at_the_longest(waits: list[float]) -> None:
    policy = RetryPolicy(attempts=8, first_wait=0.5, longest_wait=4.0)
    with pytest.raises(SourceBusy):
        await retry(policy, Flaky(*(SourceBusy("x") for _ in range(8))))
    assert all(0.5 * 2**turn <= wait <= 0.5 * 2**turn + 0.5 for turn, wait in enumerate(waits[:3]))
    assert max(waits) <= 4.0


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(7.0, id="longer"),
        pytest.param(0.0, id="at once"),
        pytest.param(120.0, id="longer than the longest"),
    ],
)
async def test_where_the_error_says_when_that_is_waited(seconds: float, waits: list[float]) -> None:
    call = Flaky(SourceBusy("429", retry_after=seconds))
    assert await retry(RetryPolicy(first_wait=0.5), call) == "done"
    assert waits == [seconds]
