"""A whole list is read page by page, whatever the pages say of themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smug2s3.errors import SourceBroken, SourceBusy, SourceGone, SourceUnreachable
from smug2s3.smugmug.paging import Part, Whole, read_whole

Read = Callable[[int, int], Awaitable[Part[int]]]


class Shelf:
    """A list behind pages: clamps them, may reorder it, lose its count, or fail on some entries."""

    def __init__(
        self,
        entries: Sequence[int],
        *,
        clamp: int = 100,
        orders: Sequence[Sequence[int]] = (),
        broken: Sequence[int] = (),
        total: int | None = -1,
    ) -> None:
        self.entries = list(entries)
        self.clamp = clamp
        self.broken = set(broken)
        self.total = len(self.entries) if total == -1 else total
        self.asked: list[tuple[int, int]] = []
        self._orders = list(orders)

    async def __call__(self, start: int, count: int) -> Part[int]:
        assert start >= 1
        assert count >= 1
        self.asked.append((start, count))
        assert len(self.asked) < 500, "it asks without end"
        await asyncio.sleep(0)
        order = self._orders.pop(0) if self._orders else self.entries
        page = order[start - 1 : start - 1 + min(count, self.clamp)]
        if self.broken & set(page):
            raise SourceBusy("500")
        return Part(start, len(page), self.total, {str(entry): entry for entry in page})


def read(source: Read, size: int = 10) -> Whole[int]:
    return asyncio.run(read_whole(source, size))


@pytest.mark.parametrize(
    ("length", "clamp", "pages"),
    [
        pytest.param(0, 100, 1, id="an empty list is one question"),
        pytest.param(9, 100, 1, id="less than a page"),
        pytest.param(10, 100, 1, id="exactly a page"),
        pytest.param(11, 100, 2, id="one more"),
        pytest.param(30, 100, 3, id="three pages"),
        pytest.param(30, 4, 8, id="SmugMug clamps the page"),
        pytest.param(7, 1, 7, id="to a single entry"),
    ],
)
def test_every_entry_comes_in_order_with_no_question_too_many(length: int, clamp: int, pages: int) -> None:
    shelf = Shelf(range(length), clamp=clamp)
    whole = read(shelf)
    assert list(whole.entries.values()) == list(range(length))
    assert whole.complete
    assert len(shelf.asked) == pages


@given(st.integers(0, 60), st.integers(1, 20), st.integers(1, 20))
def test_whatever_the_clamp_every_entry_comes_once_and_in_order(length: int, size: int, clamp: int) -> None:
    whole = read(Shelf(range(length), clamp=clamp), size)
    assert list(whole.entries.values()) == list(range(length))
    assert whole.complete


@given(st.data(), st.integers(1, 30), st.integers(1, 12), st.integers(1, 12))
def test_if_the_order_changes_between_pages_every_entry_still_comes_once(
    data: st.DataObject, length: int, size: int, clamp: int
) -> None:
    entries = range(length)
    orders = data.draw(st.lists(st.permutations(entries), max_size=-(-length // min(size, clamp))))
    whole = read(Shelf(entries, clamp=clamp, orders=orders), size)
    assert sorted(whole.entries.values()) == list(entries)
    assert whole.complete


@given(st.data(), st.integers(1, 20), st.integers(1, 6))
def test_if_the_order_never_settles_it_ends_and_does_not_call_itself_complete_unless_it_is(
    data: st.DataObject, length: int, size: int
) -> None:
    entries = range(length)
    orders = data.draw(st.lists(st.permutations(entries), max_size=200))
    whole = read(Shelf(entries, clamp=size, orders=orders), size)
    assert whole.complete is (sorted(whole.entries.values()) == list(entries))


@pytest.mark.parametrize("broken", [pytest.param([0], id="first"), pytest.param([5], id="middle"), [24], [3, 4, 17]])
def test_an_entry_that_breaks_its_page_stands_alone_and_all_others_come(broken: list[int]) -> None:
    whole = read(Shelf(range(25), broken=broken))
    assert sorted(whole.entries.values()) == [entry for entry in range(25) if entry not in broken]
    assert len(whole.unreadable) == len(broken)
    assert f"entry {broken[0] + 1} " in whole.unreadable[0]
    assert not whole.complete


@given(st.integers(1, 40), st.sets(st.integers(0, 39), max_size=4), st.integers(5, 12))
def test_whatever_breaks_nothing_readable_is_lost(length: int, broken: set[int], size: int) -> None:
    assume(not set(range(length)) <= broken)
    whole = read(Shelf(range(length), broken=sorted(broken)), size)
    assert set(whole.entries.values()) == set(range(length)) - broken
    assert whole.complete is not bool(broken & set(range(length)))


def test_a_list_that_counts_more_than_it_gives_is_not_complete_and_ends() -> None:
    whole = read(Shelf(range(25), total=30))
    assert len(whole.entries) == 25
    assert not whole.complete


def test_a_list_that_counts_less_than_it_gives_is_complete() -> None:
    assert read(Shelf(range(9), total=5)).complete


def test_a_page_that_names_no_total_is_all_there_is() -> None:
    whole = read(Shelf(range(4), total=None))
    assert (len(whole.entries), whole.total, whole.complete) == (4, 4, True)


def test_pages_that_all_say_they_begin_at_one_do_not_lead_round_in_a_circle() -> None:
    shelf = Shelf(range(25), total=30)

    async def forgetful(start: int, count: int) -> Part[int]:
        part = await shelf(start, count)
        return Part(1, part.count, part.total, part.entries)

    whole = read(forgetful)
    assert len(whole.entries) == 25
    assert not whole.complete


def test_a_host_that_ignores_where_to_begin_does_not_lead_round_in_a_circle() -> None:
    shelf = Shelf(range(25))

    async def stubborn(_start: int, count: int) -> Part[int]:
        return await shelf(1, count)

    whole = read(stubborn)
    assert len(whole.entries) == 10
    assert not whole.complete


def test_what_was_read_is_kept_if_looking_again_for_the_rest_fails() -> None:
    shelf = Shelf(range(25), total=26)

    async def tired(start: int, count: int) -> Part[int]:
        if len(shelf.asked) >= 3:
            raise SourceBusy("503")
        return await shelf(start, count)

    whole = read(tired)
    assert len(whole.entries) == 25
    assert not whole.complete


def test_an_entry_that_is_listed_twice_keeps_its_first_place() -> None:
    whole: Whole[str] = Whole()
    whole.add(Part(1, 2, 3, {"a": "first", "b": "x"}))
    whole.add(Part(3, 2, 3, {"c": "y", "a": "second"}))
    assert whole.entries == {"a": "first", "b": "x", "c": "y"}


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(SourceGone("404"), id="it is gone"),
        pytest.param(SourceUnreachable("reset"), id="SmugMug cannot be reached"),
    ],
)
def test_a_failure_that_no_smaller_page_cures_comes_out_as_itself(error: Exception) -> None:
    async def failing(_start: int, _count: int) -> Part[int]:
        raise error

    with pytest.raises(type(error)):
        read(failing)


def test_a_page_that_is_no_json_is_halved_too() -> None:
    shelf = Shelf(range(8))

    async def picky(start: int, count: int) -> Part[int]:
        if count > 2:
            raise SourceBroken("html")
        return await shelf(start, count)

    whole = read(picky, 8)
    assert sorted(whole.entries.values()) == list(range(8))
    assert whole.complete
