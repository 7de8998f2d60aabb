"""A whole list is read page by page, whatever the pages say of themselves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smug2s3.errors import SourceBroken, SourceBusy, SourceError, SourceGone, SourceRefused, SourceUnreachable
from smug2s3.smugmug import wire
from smug2s3.smugmug.paging import GIVE_UP, Part, Whole, read_whole

Read = Callable[[int, int], Awaitable[Part[int]]]


class FolderIO:
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
        return Part(len(page), self.total, {str(entry): entry for entry in page})


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
    folder_io = FolderIO(range(length), clamp=clamp)
    whole = read(folder_io)
    assert list(whole.entries.values()) == list(range(length))
    assert whole.shown.whole
    assert len(folder_io.asked) == pages


@given(st.integers(0, 60), st.integers(1, 20), st.integers(1, 20))
def test_whatever_the_clamp_every_entry_comes_once_and_in_order(length: int, size: int, clamp: int) -> None:
    whole = read(FolderIO(range(length), clamp=clamp), size)
    assert list(whole.entries.values()) == list(range(length))
    assert whole.shown.whole


@given(st.data(), st.integers(1, 30), st.integers(1, 12), st.integers(1, 12))
def test_if_the_order_changes_between_pages_every_entry_still_comes_once(
    data: st.DataObject, length: int, size: int, clamp: int
) -> None:
    entries = range(length)
    orders = data.draw(st.lists(st.permutations(entries), max_size=-(-length // min(size, clamp))))
    whole = read(FolderIO(entries, clamp=clamp, orders=orders), size)
    assert sorted(whole.entries.values()) == list(entries)
    assert whole.shown.whole


@given(st.data(), st.integers(1, 20), st.integers(1, 6))
def test_if_the_order_never_settles_it_ends_and_does_not_call_itself_complete_unless_it_is(
    data: st.DataObject, length: int, size: int
) -> None:
    entries = range(length)
    orders = data.draw(st.lists(st.permutations(entries), max_size=200))
    whole = read(FolderIO(entries, clamp=size, orders=orders), size)
    assert whole.shown.whole is (sorted(whole.entries.values()) == list(entries))


@pytest.mark.parametrize("broken", [pytest.param([0], id="first"), pytest.param([5], id="middle"), [24], [3, 4, 17]])
def test_an_entry_that_breaks_its_page_stands_alone_and_all_others_come(broken: list[int]) -> None:
    whole = read(FolderIO(range(25), broken=broken))
    assert sorted(whole.entries.values()) == [entry for entry in range(25) if entry not in broken]
    assert len(whole.shown.gaps) == len(broken)
    assert f"entry {broken[0] + 1} " in whole.shown.gaps[0]
    assert not whole.shown.whole


@given(st.integers(1, 40), st.sets(st.integers(0, 39), max_size=4), st.integers(5, 12))
def test_whatever_breaks_nothing_readable_is_lost(length: int, broken: set[int], size: int) -> None:
    assume(not set(range(length)) <= broken)
    whole = read(FolderIO(range(length), broken=sorted(broken)), size)
    assert set(whole.entries.values()) == set(range(length)) - broken
    assert whole.shown.whole is not bool(broken & set(range(length)))


def test_a_list_that_counts_more_than_it_gives_is_not_complete_and_ends() -> None:
    whole = read(FolderIO(range(25), total=30))
    assert len(whole.entries) == 25
    assert not whole.shown.whole


@pytest.mark.parametrize(("length", "questions"), [(9, 2), (10, 2), (25, 4)])
def test_a_list_that_counts_less_than_it_gives_is_read_until_nothing_comes(length: int, questions: int) -> None:
    folder_io = FolderIO(range(length), total=5)
    whole = read(folder_io)
    assert sorted(whole.entries.values()) == list(range(length))
    assert whole.shown.whole
    assert len(folder_io.asked) == questions


@pytest.mark.parametrize(("length", "clamp"), [(4, 10), (10, 10), (25, 10), (25, 4)])
def test_a_list_that_does_not_count_is_read_until_nothing_comes(length: int, clamp: int) -> None:
    whole = read(FolderIO(range(length), total=None, clamp=clamp))
    assert list(whole.entries.values()) == list(range(length))
    assert whole.shown.whole


def test_a_list_that_neither_counts_nor_gives_anything_proves_nothing() -> None:
    whole = read(FolderIO([], total=None))
    assert whole.shown.gaps == ("SmugMug sent 0 entries of a list without saying how many it has",)


def test_an_empty_list_that_says_so_is_whole() -> None:
    assert read(FolderIO([])).shown.whole


def test_a_list_that_counts_itself_empty_and_gives_something_is_read_to_its_end() -> None:
    whole = read(FolderIO(range(25), total=0))
    assert len(whole.entries) == 25
    assert whole.shown.whole


@pytest.mark.parametrize("total", [25, None, 3])
def test_a_host_that_ignores_where_to_begin_does_not_lead_round_in_a_circle(total: int | None) -> None:
    folder_io = FolderIO(range(25), total=total)

    async def stubborn(_start: int, count: int) -> Part[int]:
        return await folder_io(1, count)

    whole = read(stubborn)
    assert len(whole.entries) == 10
    assert not whole.shown.whole


def test_what_was_read_is_kept_if_looking_again_for_the_rest_fails() -> None:
    folder_io = FolderIO(range(25), total=26)

    async def tired(start: int, count: int) -> Part[int]:
        if len(folder_io.asked) >= 3:
            raise SourceBusy("503")
        return await folder_io(start, count)

    whole = read(tired)
    assert len(whole.entries) == 25
    assert not whole.shown.whole


def test_an_entry_that_is_listed_twice_keeps_its_first_place() -> None:
    pages = {1: ["a", "b"], 3: ["c", "a"], 5: ["d"]}

    async def twice(start: int, _count: int) -> Part[str]:
        return Part(len(pages[start]), 5, {name: f"{name}{start}" for name in pages[start]})

    whole = asyncio.run(read_whole(twice, 2))
    assert list(whole.entries.values()) == ["a1", "b1", "c3", "d5"]
    assert whole.shown.gaps == ("SmugMug counts 5 entries in the list but sent only 4",)


@pytest.mark.parametrize("page_after", [1, 2])
def test_what_is_deleted_between_two_pages_costs_no_other_entry(page_after: int) -> None:
    folder_io = FolderIO(range(30))

    async def shrinking(start: int, count: int) -> Part[int]:
        if len(folder_io.asked) == page_after:
            folder_io.entries.pop(0)
            folder_io.total = len(folder_io.entries)
        return await folder_io(start, count)

    whole = read(shrinking)
    assert sorted(whole.entries.values()) == list(range(1, 30))
    assert whole.shown.whole


def test_a_list_that_never_stops_changing_is_not_whole_and_says_how_it_changed() -> None:
    folder_io = FolderIO(range(60))

    async def melting(start: int, count: int) -> Part[int]:
        folder_io.entries.pop(0)
        folder_io.total = len(folder_io.entries)
        return await folder_io(start, count)

    whole = read(melting)
    assert not whole.shown.whole
    assert "the list changed while it was read (it counted" in whole.shown.gaps[0]


@pytest.mark.parametrize(
    "error", [SourceGone("404"), SourceRefused("403"), SourceUnreachable("reset"), SourceBusy("5")]
)
@pytest.mark.parametrize("bad", [3, 14, 25], ids=["first-page", "later-page", "last-page"])
def test_whatever_one_entry_fails_with_it_costs_no_more_than_itself(error: SourceError, bad: int) -> None:
    folder_io = FolderIO(range(1, 26))

    async def failing(start: int, count: int) -> Part[int]:
        if start <= bad < start + count:
            raise error
        return await folder_io(start, count)

    whole = read(failing)
    assert sorted(whole.entries.values()) == [entry for entry in range(1, 26) if entry != bad]
    assert whole.shown.gaps == (f"entry {bad} of the list could not be read: {error}",)


def test_of_a_page_that_fails_altogether_the_rest_is_given_up_and_all_others_count() -> None:
    folder_io = FolderIO(range(1, 301))

    async def failing(start: int, count: int) -> Part[int]:
        folder_io.asked.append((start, count))
        if start <= 200 and start + count > 101:
            raise SourceGone("404")
        return await FolderIO(folder_io.entries)(start, count)

    whole = read(failing, 100)
    assert sorted(whole.entries.values()) == [*range(1, 101), *range(201, 301)]
    assert whole.shown.gaps[-1].startswith("entries ")
    assert whole.shown.gaps[-1].endswith(" to 200 of the list could not be read: 404")
    assert len(folder_io.asked) == 2 + GIVE_UP


def test_what_has_no_key_is_named_and_does_not_fall_together_with_others() -> None:
    page = wire.read_page(
        json.dumps(
            {
                "Response": {
                    "Locator": "Node",
                    "Node": [{"K": "a"}, {"Name": "Garden"}, {"Name": "Park"}, {}, None, {"K": "b"}],
                    "Pages": {"Total": 6, "Count": 6, "Start": 1},
                }
            }
        ).encode(),
        "x",
    )

    async def once(_start: int, _count: int) -> Part[int]:
        found = [(str(e.get("K", "")), str(e.get("Name", "")), at) for at, e in enumerate(page.objects)]
        return Part.of(page, "a node", found)

    whole = asyncio.run(read_whole(once, 10))
    assert list(whole.entries) == ["a", "b"]
    assert whole.shown.gaps == (
        "the list contains a node without a key (Garden)",
        "the list contains a node without a key (Park)",
        "the list contains a node without a key (and without a name)",
        "the list contains something other than a node",
    )


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(SourceGone("404"), id="it is gone"),
        pytest.param(SourceRefused("403"), id="it is refused"),
        pytest.param(SourceUnreachable("reset"), id="SmugMug cannot be reached"),
    ],
)
def test_a_failure_that_no_smaller_page_cures_comes_out_as_itself(error: Exception) -> None:
    async def failing(_start: int, _count: int) -> Part[int]:
        raise error

    with pytest.raises(type(error)):
        read(failing)


def test_a_page_that_is_no_json_is_halved_too() -> None:
    folder_io = FolderIO(range(8))

    async def picky(start: int, count: int) -> Part[int]:
        if count > 2:
            raise SourceBroken("html")
        return await folder_io(start, count)

    whole = read(picky, 8)
    assert sorted(whole.entries.values()) == list(range(8))
    assert whole.shown.whole
