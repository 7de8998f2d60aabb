"""What an outage explains is nobody's failure: whoever needs the side waits, one asks, and all go on by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from smug2s3.errors import (
    Smug2s3Error,
    SourceAway,
    SourceBroken,
    StoreAway,
    StoreBusy,
    StoreRefused,
    StoreUnreachable,
)
from smug2s3.flow.outage import SMUGMUG, STORE, Kind, Side, Sides, Waits
from smug2s3.flow.retry import RetryPolicy, retry
from smug2s3.flow.stream import Watchdog
from tests.unit.flow.clock import run_on_virtual_time

PATIENCE = RetryPolicy(attempts=4, first_wait=1.0, longest_wait=30.0)
HOUR = 3600.0
FOR_EVER = 1e9


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class World:
    """A side that is away at certain times, and what is done and heard."""

    away: list[tuple[float, float]] = field(default_factory=list)
    waits: Waits = field(default_factory=Waits)
    kind: Kind = STORE
    known: bool = True
    forgotten: int = 0
    asked: list[float] = field(default_factory=list)
    called: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    side: Side = field(init=False)

    def __post_init__(self) -> None:
        self.side = Side("the store", self.kind, self._ask, waits=self.waits, listener=_Ears(self), forget=self._forget)

    def _forget(self) -> None:
        self.forgotten += 1

    async def _ask(self) -> None:
        self.asked.append(now())
        self.reach()

    def reach(self) -> None:
        if any(begin <= now() < end for begin, end in self.away):
            raise self.kind.unreachable("nobody there", hint="Check the line.")

    async def call(self, seconds: float = 0.0) -> str:
        """A piece of work that needs the side at its beginning and at its end."""
        self.called.append(now())
        self.reach()
        await asyncio.sleep(seconds)
        self.reach()
        return "done"

    async def work(self, call: Callable[[], Coroutine[Any, Any, str]] | None = None, *, at: float = 0.0) -> str:
        if self.known:
            self.side.answered()
        await asyncio.sleep(at)
        return await retry(PATIENCE, call or self.call, lambda error: self.again.append(str(error)), side=self.side)


@dataclass
class _Ears:
    world: World

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        assert since.tzinfo is not None
        self.world.told.append(f"{now():g}: {side} away ({reason}), waited for {longest:g}")

    def back(self, side: str, seconds: float) -> None:
        self.world.told.append(f"{now():g}: {side} back after {seconds:g}")


@pytest.mark.parametrize("seconds", [5, 8, 12, 20, 60, 600, 3500])
def test_however_long_an_outage_lasts_within_patience_the_work_is_done_after_it(seconds: float) -> None:
    world = World(away=[(0.0, seconds)])

    async def run() -> float:
        assert await world.work(at=0.5) == "done"
        return now()

    assert seconds <= run_on_virtual_time(run()) <= seconds + world.waits.longest_wait + 1


@pytest.mark.parametrize("begins", [0.0, 0.3, 1.2, 2.9, 3.7, 7.9])
@pytest.mark.parametrize("seconds", [0.2, 1.5, 3.0, 9.0, 15.0, 45.0])
def test_twenty_who_work_through_an_outage_all_get_done_whenever_it_begins(begins: float, seconds: float) -> None:
    world = World(away=[(begins, begins + seconds)])

    async def run() -> list[str]:
        return await asyncio.gather(*(world.work(lambda: world.call(2.0), at=n * 0.4) for n in range(20)))

    assert run_on_virtual_time(run()) == ["done"] * 20


def test_outage_after_outage_costs_no_attempts() -> None:
    world = World(away=[(n * 100.0 + 10, n * 100.0 + 70) for n in range(20)])

    async def long_one() -> str:
        return await world.call(50.0)

    assert run_on_virtual_time(world.work(long_one)) == "done"
    assert len(world.called) > PATIENCE.attempts
    assert world.again == ["nobody there"]  # the very first, after which nobody was asked


def test_one_asks_for_all_and_ever_more_rarely() -> None:
    world = World(away=[(0.0, 1000.0)])

    async def run() -> None:
        await asyncio.gather(*(world.work(at=0.1) for _ in range(20)))

    run_on_virtual_time(run())
    pauses = [round(after - before) for before, after in zip(world.asked, world.asked[1:], strict=False)]
    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert len(world.called) <= 20 * 3
    assert len(world.told) == 2
    assert "away (nobody there), waited for 3600" in world.told[0]
    assert "back after" in world.told[1]


def test_who_comes_while_it_is_away_does_not_even_try() -> None:
    world = World(away=[(0.0, 300.0)])

    async def run() -> None:
        await asyncio.gather(world.work(), world.work(at=100.0))

    run_on_virtual_time(run())
    assert not [moment for moment in world.called if 3 < moment < 300]


def test_the_first_who_is_served_ends_the_outage_for_all() -> None:
    world = World(away=[(0.0, FOR_EVER)], waits=Waits(longest_wait=60.0))

    async def run() -> float:
        waiting = asyncio.create_task(world.work())
        await asyncio.sleep(130)
        world.away.clear()
        world.side.answered()  # a large file that was on its way all the time
        await waiting
        return now()

    assert run_on_virtual_time(run()) == pytest.approx(130)


def test_a_failure_of_ones_own_goes_its_ordinary_way_after_a_question() -> None:
    world = World()

    async def refused_each_time() -> str:
        world.called.append(now())
        raise StoreBusy("this one alone")

    with pytest.raises(StoreBusy, match="this one alone"):
        run_on_virtual_time(world.work(refused_each_time))
    assert len(world.called) == PATIENCE.attempts
    assert len(world.asked) == PATIENCE.attempts - 1  # a first failure is not worth a question
    assert world.told == []


def test_who_fails_whenever_the_side_has_just_answered_fails_in_the_end() -> None:
    world = World()

    async def always_at_the_wrong_moment() -> str:
        world.called.append(now())
        world.away = [(now(), now() + 2.5)]  # away while it is asked, and back for everybody but this one
        return await world.call()

    with pytest.raises(StoreUnreachable, match="nobody there"):
        run_on_virtual_time(world.work(always_at_the_wrong_moment))
    assert world.again == ["nobody there"] * (PATIENCE.attempts - 1)


def test_a_failure_that_passes_costs_no_question() -> None:
    world = World()

    async def passing() -> str:
        world.called.append(now())
        if len(world.called) == 1:
            raise StoreUnreachable("reset")
        return "done"

    assert run_on_virtual_time(world.work(passing)) == "done"
    assert (world.asked, world.again, world.forgotten) == ([], ["reset"], 1)


def test_while_all_goes_well_nobody_asks_anything() -> None:
    world = World()

    async def run() -> None:
        await asyncio.gather(*(world.work() for _ in range(50)))

    run_on_virtual_time(run())
    assert (world.asked, world.told, world.forgotten) == ([], [], 0)


def test_a_refusal_is_an_answer() -> None:
    world = World()

    async def refuse() -> None:
        raise StoreRefused("no listing for you")

    world.side._ask = refuse

    async def busy() -> str:
        raise StoreBusy("for ever")

    with pytest.raises(StoreBusy):
        run_on_virtual_time(world.work(busy))
    assert world.told == []


@pytest.mark.parametrize(("kind", "ending", "code"), [(STORE, StoreAway, 4), (SMUGMUG, SourceAway, 3)])
def test_after_patience_the_run_ends_for_all_with_one_sentence(
    kind: Kind, ending: type[Smug2s3Error], code: int
) -> None:
    world = World(away=[(0.0, FOR_EVER)], kind=kind)

    async def run() -> list[str | BaseException]:
        found = await asyncio.gather(*(world.work(at=n) for n in range(5)), return_exceptions=True)
        assert HOUR <= now() <= HOUR + 120
        return found

    errors = run_on_virtual_time(run())
    for error in errors:
        assert isinstance(error, ending)
        assert (error.ends_the_run, error.exit_code, error.retryable) == (True, code, False)
        assert "the store has been unreachable since " in str(error)
        assert "nothing is lost, and the same command continues from here (nobody there)" in str(error)
        assert error.hint == "Check the line."


def test_without_patience_the_first_outage_ends_the_run_at_once() -> None:
    world = World(away=[(0.0, FOR_EVER)], waits=Waits(longest=0.0))

    async def run() -> float:
        with pytest.raises(StoreAway):
            await world.work()
        return now()

    assert run_on_virtual_time(run()) < 5


def test_what_has_never_answered_is_not_waited_for() -> None:
    world = World(away=[(0.0, FOR_EVER)], known=False)
    with pytest.raises(StoreUnreachable):
        run_on_virtual_time(world.work())
    assert world.asked == []


def test_once_the_time_of_a_run_is_over_nothing_is_waited_for() -> None:
    world = World(away=[(0.0, FOR_EVER)], waits=Waits(until=datetime.now(UTC) + timedelta(seconds=0)))

    async def run() -> float:
        with pytest.raises(StoreUnreachable):
            await world.work()
        return now()

    assert run_on_virtual_time(run()) < 20
    assert world.asked == []


def test_an_asker_who_is_given_up_leaves_the_asking_to_the_others() -> None:
    world = World(away=[(0.0, 200.0)])

    async def run() -> None:
        first, other = asyncio.create_task(world.work()), asyncio.create_task(world.work(at=0.2))
        await asyncio.sleep(30)
        first.cancel()
        assert await other == "done"

    run_on_virtual_time(run())
    assert [moment for moment in world.asked if moment > 30]


def test_a_slow_failure_from_an_outage_that_is_over_is_explained_by_it() -> None:
    world = World(away=[(10.0, 20.0)])
    slow = 0

    async def hangs() -> str:
        nonlocal slow
        slow += 1
        await asyncio.sleep(60)
        if slow == 1:
            raise StoreUnreachable("silent for a minute")
        return "done"

    async def run() -> None:
        await asyncio.gather(world.work(hangs), world.work(at=11))

    run_on_virtual_time(run())
    assert slow == 2
    assert "silent for a minute" not in world.again


def test_time_that_this_computer_sleeps_does_not_count() -> None:
    world = World(away=[(0.0, 40_000.0)])

    async def run() -> None:
        working = asyncio.create_task(world.work())
        await asyncio.sleep(600)
        asyncio.get_running_loop()._forward.now += 39_000  # type: ignore[attr-defined]
        assert await working == "done"

    run_on_virtual_time(run())


def test_watchdogs_around_those_who_wait_do_not_bite() -> None:
    world = World(away=[(0.0, 1000.0)])

    async def run() -> None:
        world.side.answered()
        async with Watchdog(60, lambda: "store") as watchdog:
            await retry(PATIENCE, world.call, side=world.side, alive=watchdog.progress)

    run_on_virtual_time(run())


def test_of_several_sides_each_error_is_explained_by_its_own() -> None:
    source, store = World(kind=SMUGMUG), World(away=[(0.0, 100.0)])

    async def call() -> str:
        return await store.call()

    async def run() -> str:
        source.side.answered()
        store.side.answered()
        return await retry(PATIENCE, call, side=Sides(source.side, store.side))

    assert run_on_virtual_time(run()) == "done"
    assert (source.asked, source.forgotten) == ([], 0)


def test_what_is_wrong_with_an_answer_is_no_outage() -> None:
    world = World(kind=SMUGMUG)

    async def broken() -> str:
        raise SourceBroken("a web page")

    with pytest.raises(SourceBroken):
        run_on_virtual_time(world.work(broken))
    assert (world.asked, world.forgotten) == ([], 0)


def test_an_unreachable_side_has_its_idle_connections_dropped_a_busy_one_not() -> None:
    world = World()
    failures: list[Smug2s3Error] = [StoreBusy("later"), StoreUnreachable("reset"), StoreBusy("later")]

    async def call() -> str:
        if failures:
            raise failures.pop()
        return "done"

    run_on_virtual_time(world.work(call))
    assert world.forgotten == 1
