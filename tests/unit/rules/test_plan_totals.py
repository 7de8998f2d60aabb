"""What a move will come to, added up without keeping the account."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from smug2s3.models import AlbumTotals, Asset
from smug2s3.rules.plan import plan_album
from smug2s3.rules.plan_totals import LARGEST, NAMED, Files, PlanTotals, place_of
from tests.unit.samples import album, asset


def totals(path: str, assets: int | None, size: int | None, *, folder: str = "", locked: bool = False) -> AlbumTotals:
    return AlbumTotals(key=path, path=path, folder=folder, assets=assets, bytes=size, locked=locked)


@pytest.mark.parametrize(
    ("folders", "known"),
    [
        ([""], {"": 1}),
        (["", ""], {"": 2}),
        (["A"], {"": 1, "A": 1}),
        (["A/B", "A/B", "A", "C"], {"": 2, "A": 2, "A/B": 2, "C": 1}),
        (["A", "A/B/C"], {"": 1, "A": 2, "A/B": 1, "A/B/C": 1}),
    ],
)
def test_every_folder_is_counted_once_with_what_is_directly_in_it(
    folders: Sequence[str], known: dict[str, int]
) -> None:
    plan_totals = PlanTotals()
    for number, folder in enumerate(folders):
        plan_totals.add_totals(totals(str(number), 1, 1, folder=folder), (0, 0))

    assert dict(plan_totals.children) == known
    assert plan_totals.folders == len(known) - 1


@pytest.mark.parametrize(
    ("assets", "size", "stored", "in_store", "to_move"),
    [
        (10, 100, (0, 0), (0, 0), (10, 100)),
        (10, 100, (4, 30), (4, 30), (6, 70)),
        (10, 100, (12, 130), (10, 100), (0, 0)),
        (None, None, (3, 30), (0, 0), (0, 0)),
    ],
    ids=["nothing-yet", "some", "more-than-smugmug-counts", "uncounted"],
)
def test_what_is_stored_is_taken_off_album_by_album(
    assets: int | None, size: int | None, stored: tuple[int, int], in_store: tuple[int, int], to_move: tuple[int, int]
) -> None:
    plan_totals = PlanTotals()

    plan_totals.add_totals(totals("x", assets, size), stored)

    assert (plan_totals.in_store.files, plan_totals.in_store.bytes) == in_store
    assert (plan_totals.to_move.files, plan_totals.to_move.bytes) == to_move


def test_what_smugmug_does_not_say_is_counted_too() -> None:
    plan_totals = PlanTotals()
    for one in (totals("a", 5, None), totals("b", None, None), totals("c", 0, 0), totals("d", 5, 5)):
        plan_totals.add_totals(one, (0, 0))
    plan_totals.add_totals(totals("e", None, None, locked=True), (0, 0))

    assert (plan_totals.albums, plan_totals.assets, plan_totals.unsized, plan_totals.uncounted) == (5, 10, 1, 1)
    assert plan_totals.problems == ["e: locked, so SmugMug does not list its contents for this sign-in"]


def test_the_largest_albums_come_first_and_no_more_are_kept() -> None:
    plan_totals = PlanTotals()
    for number in range(100):
        plan_totals.add_totals(totals(f"album {number}", 1, (number * 37) % 100), (0, 0))

    assert [size for size, _, _ in plan_totals.largest] == list(range(99, 99 - LARGEST, -1))


def test_a_small_file_is_billed_as_the_least_billed_size() -> None:
    plan_totals = PlanTotals(least_sizes=(0, 100))
    for size in (10, 99, 250, None):
        plan_totals.add_file(size, in_store=False)

    assert dict(plan_totals.billed) == {0: 359, 100: 550}
    assert (plan_totals.files, plan_totals.bytes, plan_totals.unsized) == (4, 359, 1)


def test_previews_are_billed_once_whether_they_are_stored_or_not() -> None:
    plan_totals = PlanTotals(least_sizes=(0, 100))
    plan_totals.add_previews(3, 50)
    plan_totals.take_stored_previews(2, 90, counted=True)
    assert (plan_totals.previews, plan_totals.previews_stored) == (Files(1, 60), Files(2, 90))
    assert dict(plan_totals.billed) == {0: 150, 100: 300}
    plan_totals.take_stored_previews(2, 90, counted=False)
    assert dict(plan_totals.billed) == {0: 240, 100: 500}
    assert (plan_totals.files, plan_totals.bytes) == (0, 0)


def named(*names: str) -> list[Asset]:
    return [asset(image_key=f"key{number}", filename=name) for number, name in enumerate(names)]


@pytest.mark.parametrize(
    ("names", "twins", "changed"),
    [
        (("a.jpg", "b.jpg"), 0, []),
        (("a.jpg", "A.JPG", "b.jpg"), 2, ["A-key1.JPG"]),
        (("x/y.jpg", ""), 0, ["x_y.jpg", "key1.jpg"]),
        (("cafe\u0301.jpg",), 0, []),
    ],
    ids=["ordinary", "twins", "unsafe", "another-form-of-the-same"],
)
def test_twins_and_names_that_change_are_counted(names: Sequence[str], twins: int, changed: list[str]) -> None:
    plan_totals, one = PlanTotals(), album(ancestors=(b"Family", b"2019", b"Christmas"))
    steps = plan_album(named(*names), directory=f"p/{one.directory}", known={}, taken={}, follow_renames=False)

    plan_totals.add_names(one, steps, "p/")

    assert plan_totals.twins == twins
    assert [entry["key"] for entry in plan_totals.names] == [f"{one.directory}/{name}" for name in changed]
    assert plan_totals.renamed == len(changed)


def test_a_changed_name_of_a_folder_is_counted_once() -> None:
    plan_totals = PlanTotals()
    records = (b"folder", b"album")
    for name in ("One", "Two"):
        one = album(name=name, folder=("a/b",), directory=f"a_b/{name}", ancestors=records)
        plan_totals.add_names(one, [], "")
        plan_totals.add_place(place_of(one))

    assert plan_totals.names == [{"name": "a/b", "key": "a_b"}]


def test_ever_so_many_names_are_counted_but_not_all_kept() -> None:
    plan_totals = PlanTotals()
    for number in range(NAMED + 5):
        plan_totals.add_unavailable(f"{number}.jpg", "gone")

    assert (plan_totals.unavailable, len(plan_totals.items), plan_totals.reasons) == (
        NAMED + 5,
        NAMED,
        {"gone": NAMED + 5},
    )
