"""One value says whether the account may go; it is safe only if everything that is counted is proven or accepted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.models import Shown
from smug2s3.rules.evidence import State
from smug2s3.rules.verdict import Case, Kind, verdict

WELL = Case(full_access=True, items=Counter({State.PROVEN: 1236}), album_files=Counter({State.PROVEN: 2}))


def with_items(**states: int) -> Case:
    return replace(WELL, items=WELL.items + Counter({State[name.upper()]: count for name, count in states.items()}))


LATE = with_items(not_given=2)
RAW = replace(WELL, unasked=3)
SILENT = replace(WELL, unanswered=16)
REFUSED = replace(WELL, components=Counter({State.PROVEN: 20, State.NOT_GIVEN: 4}))
COUNT = replace(WELL, account_count="SmugMug counts 1,240 items in the account, but 1,236 in its albums")

VERDICTS = {
    "all well": (
        WELL, Kind.SAFE, "Safe to cancel: all 1,236 items SmugMug lists are in the bucket, verified and with current metadata.",
    ),
    "items are not available from SmugMug": (LATE, Kind.NOT_SAFE, "2 items not available from SmugMug"),
    "and that can be done without": (
        replace(LATE, accept_unavailable=True),
        Kind.SAFE_WITHOUT,
        "Safe to cancel without 2 items not available from SmugMug (listed above): all 1,236 others",
    ),
    "files in SmugMug Source that nobody asked for": (
        RAW, Kind.NOT_SAFE, "3 items in SmugMug Source (such as RAW) that were not asked for (RAW_FILES=off) (listed above",
    ),
    "and that can be done without, too": (
        replace(RAW, accept_unavailable=True), Kind.SAFE_WITHOUT, "Safe to cancel without 3 items in SmugMug Source",
    ),
    "files in SmugMug Source that SmugMug does not give": (
        REFUSED, Kind.NOT_SAFE, "4 items in SmugMug Source (such as RAW) that SmugMug does not deliver (listed above",
    ),
    "and without these": (
        replace(REFUSED, accept_unavailable=True),
        Kind.SAFE_WITHOUT,
        "all 1,236 others and 20 files of SmugMug Source (such as RAW) that SmugMug lists are in the bucket",
    ),
    "files in SmugMug Source that SmugMug does not list, though asked": (
        SILENT,
        Kind.NOT_SAFE,
        "the files in SmugMug Source (such as RAW) of 16 items, which SmugMug does not list (listed above; to accept that",
    ),
    "and without knowing them": (
        replace(SILENT, accept_unavailable=True),
        Kind.SAFE_WITHOUT,
        "of 16 items, which SmugMug does not list (listed above): all 1,236 items that SmugMug lists are in the bucket",
    ),
    "and without others besides": (
        replace(SILENT, unasked=3, accept_unavailable=True),
        Kind.SAFE_WITHOUT,
        "that were not asked for (RAW_FILES=off) and the files in SmugMug Source (such as RAW) of 16 items",
    ),
    "files in SmugMug Source that are missing": (
        replace(WELL, components=Counter({State.MISSING: 1})), Kind.NOT_SAFE, "1 item missing from the bucket",
    ),
    "both in the bucket": (
        replace(WELL, components=Counter({State.PROVEN: 1})),
        Kind.SAFE,
        "Safe to cancel: all 1,236 items and 1 file of SmugMug Source (such as RAW) SmugMug lists are in the bucket",
    ),
    "something missing": (with_items(missing=1), Kind.NOT_SAFE, "run `smug2s3 verify --repair`"),
    "something not moved": (with_items(not_moved=1), Kind.NOT_SAFE, "1 item not in the bucket in the current version"),
    "something damaged": (with_items(damaged=2), Kind.NOT_SAFE, "2 items damaged in the bucket"),
    "something unproven": (with_items(unproven=2), Kind.NOT_SAFE, "2 items that must be read back to verify"),
    "a description that is pending": (with_items(pending=1), Kind.NOT_SAFE, "run `smug2s3 sync --full`"),
    "an album's own file that is missing": (
        replace(WELL, album_files=Counter({State.PROVEN: 1, State.MISSING: 1})), Kind.NOT_SAFE, "1 album without its",
    ),
    "something that was not shown": (
        replace(WELL, shown=Shown(("an album answered with fewer items than it counts",))), Kind.NOT_SAFE, "1 gap",
    ),
    "a count that cannot be explained": (COUNT, Kind.NOT_SAFE, "--accept-count"),
    "and is accepted": (replace(COUNT, accept_count=True), Kind.SAFE, "1,236 in its albums, which you accepted."),
    "accepting a count accepts nothing else": (
        replace(COUNT, accept_count=True, shown=Shown(("x",))), Kind.NOT_SAFE, "1 gap",
    ),
    "public albums only": (replace(WELL, full_access=False), Kind.NOT_SAFE, "sees only public albums"),
    "no albums at all": (Case(full_access=True), Kind.NOT_SAFE, "SmugMug lists no albums"),
    "no albums, and SmugMug counts nothing": (Case(full_access=True, counted=0), Kind.SAFE, "all 0 items"),
    "strangers, where none are wanted": (replace(WELL, strangers=1), Kind.NOT_SAFE, "1 object not from smug2s3"),
}  # fmt: skip


@pytest.mark.parametrize("case", VERDICTS)
def test_the_verdict_is_one_kind_and_one_sentence(case: str) -> None:
    one, kind, words = VERDICTS[case]
    said = verdict(one)
    assert said.kind is kind
    assert words in said.sentence
    beginning = {Kind.SAFE: "Safe to cancel: ", Kind.SAFE_WITHOUT: "Safe to cancel without "}
    assert said.sentence.startswith(beginning.get(kind, "Not safe to cancel yet: "))


counts = st.dictionaries(st.sampled_from(State), st.integers(0, 3)).map(Counter)


@given(
    st.builds(
        Case,
        full_access=st.booleans(),
        counted=st.sampled_from([None, 0, 3]),
        items=counts,
        album_files=counts,
        components=counts,
        unasked=st.integers(0, 2),
        unanswered=st.integers(0, 2),
        shown=st.sampled_from([Shown(), Shown(("a gap",))]),
        account_count=st.sampled_from(["", "counts differ"]),
        strangers=st.integers(0, 1),
        accept_unavailable=st.booleans(),
        accept_count=st.booleans(),
    )
)
def test_it_is_never_safe_while_one_thing_is_not_proven(case: Case) -> None:
    everything = case.items + case.components
    proven = everything[State.PROVEN] + everything[State.NOT_GIVEN] == everything.total()
    files = case.album_files.total() == case.album_files[State.PROVEN]
    files = files and (case.album_files.total() > 0 or case.counted == 0)
    shown = (
        case.shown.whole and case.full_access and not case.strangers and (case.accept_count or not case.account_count)
    )
    accepted = case.accept_unavailable or not (case.without or case.unanswered)
    assert verdict(case).safe == (proven and files and shown and accepted)
