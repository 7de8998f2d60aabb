"""What an account's numbers mean: fates, states, years, and the one sentence on top of a report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from smug2s3.models import Known, Verification
from smug2s3.rules.overview import (
    EXAMPLES,
    AlbumState,
    Fate,
    Mood,
    Overview,
    Totals,
    Year,
    album_state,
    by_cause,
    by_year,
    fate,
    headline,
    slot_width,
)
from smug2s3.rules.standing import PastRun

RUN = PastRun(run="r", began="2026-05-01T08:00:00+00:00", ended="2026-05-01T09:00:00+00:00", summary={"part": False})
VERIFIED = Verification(
    began="2026-05-02T08:00:00+00:00",
    ended="2026-05-02T09:00:00+00:00",
    levels=("listing",),
    clean=True,
    counts={"checked": 12, "ok": 12},
)
WELL = Overview(
    about={"account": "jane"},
    totals=Totals(albums=2, files={Fate.MOVED: 10}, size={Fate.MOVED: 1000}, videos=0, undescribed=0),
    unmoved=(),
    short_albums=(),
    years=(),
    sizes=(),
    slots=(),
    slot_width=60,
    undated=0,
    runs=(RUN,),
    whole_at="2026-05-01T09:00:00+00:00",
    verification=None,
    stored_since=0,
)


def well(**differences: Any) -> Overview:
    return replace(WELL, **differences)


def files(**counts: int) -> Totals:
    return replace(WELL.totals, files={Fate(name): count for name, count in counts.items()})


def found(**counts: int) -> Verification:
    return replace(VERIFIED, clean=False, counts={"checked": 12} | counts)


CERTIFIED = replace(VERIFIED, safe=True, verdict="Safe to cancel: all 10 items.", levels=("listing", "source"))

HEADLINES = {
    "all is well": (well(), Mood.GOOD, "Everything SmugMug offers is in your bucket", "verify"),
    "and proven": (
        well(verification=VERIFIED),
        Mood.GOOD,
        "Everything SmugMug offers is in your bucket",
        "--certificate",
    ),
    "and certified": (
        well(verification=CERTIFIED),
        Mood.GOOD,
        "Everything SmugMug offers is in your bucket",
        "Keep the",
    ),
    "and more since": (
        well(verification=CERTIFIED, stored_since=3),
        Mood.GOOD,
        "Everything SmugMug offers is in your bucket",
        "Run `smug2s3 verify`",
    ),
    "only a part was asked for": (
        well(whole_at=""),
        Mood.CARE,
        "Everything asked for so far is in your bucket",
        "without",
    ),
    "one failed": (well(totals=files(moved=9, failed=1)), Mood.BAD, "1 file is still missing", "sync"),
    "some failed, some were on their way": (
        well(totals=files(moved=9, failed=1, waiting=2)),
        Mood.BAD,
        "3 files are still missing",
        "sync",
    ),
    "the last run was to stop early": (
        well(runs=(replace(RUN, summary={"stopped": "until", "albums_left": 4}), RUN)),
        Mood.CARE,
        "The last run did not get to the end",
        "sync",
    ),
    "a run is at work": (
        well(totals=files(moved=9, failed=1), at_work=True),
        Mood.CARE,
        "1 file is still to come",
        "when it is done",
    ),
    "what SmugMug cannot give counts for nothing": (
        well(totals=files(moved=9, unavailable=4, lost=1, kept=2)),
        Mood.GOOD,
        "Everything SmugMug offers is in your bucket",
        "verify",
    ),
    "an album is short": (
        well(short_albums=(("Trip", 5, 3),)),
        Mood.CARE,
        "1 album is not complete yet",
        "sync --full",
    ),
    "the last whole run could not list two": (
        well(runs=(replace(RUN, summary={"albums_incomplete": 2}),)),
        Mood.CARE,
        "2 albums are not complete yet",
        "sync --full",
    ),
    "a run that was killed says nothing": (
        well(runs=(replace(RUN, ended="", summary={}), RUN)),
        Mood.GOOD,
        "Everything SmugMug offers is in your bucket",
        "verify",
    ),
    "the bucket lost something": (
        well(verification=found(missing=1, different=1)),
        Mood.BAD,
        "Your bucket is not as it should be: 2 files missing or changed",
        "--repair",
    ),
    "something strange lies there": (
        well(verification=found(extra=1)),
        Mood.CARE,
        "1 thing in your bucket could not be told or is not from smug2s3",
        "named below",
    ),
}


@pytest.mark.parametrize("case", HEADLINES)
def test_one_sentence_says_how_it_stands_and_another_what_to_do(case: str) -> None:
    overview, mood, sentence, advice = HEADLINES[case]
    said = headline(overview, "bucket")
    assert (said.mood, said.sentence) == (mood, sentence)
    assert advice in said.advice
    assert said.detail


@pytest.mark.parametrize(
    ("verification", "since", "detail"),
    [
        (None, 0, "Every file was proven as it was moved. Nobody has looked into the folder itself since."),
        (replace(VERIFIED, levels=("ledger",)), 0, "Nobody has looked into the folder"),
        (VERIFIED, 0, "Proven by a look into the folder: 12 objects as recorded."),
        (
            replace(VERIFIED, counts={"checked": 12, "read_back": 3}),
            0,
            "12 objects as recorded, 3 of them read back, every byte.",
        ),
        (
            replace(VERIFIED, counts={"checked": 12, "read_back": 12}),
            0,
            "12 objects as recorded, every byte read back.",
        ),
        (CERTIFIED, 1, "Safe to cancel: all 10 items. Since then 1 file came in."),
    ],
)
def test_the_headline_says_what_it_rests_on(verification: Verification | None, since: int, detail: str) -> None:
    said = headline(well(verification=verification, stored_since=since), "folder")
    assert detail in said.detail
    assert said.detail.endswith(" The whole account was last looked through on 2026-05-01.")


@pytest.mark.parametrize(
    ("state", "gone", "expected"),
    [
        (Known.MOVED, False, Fate.MOVED),
        (Known.FAILED, False, Fate.FAILED),
        (Known.MOVING, False, Fate.WAITING),
        (Known.UNAVAILABLE, False, Fate.UNAVAILABLE),
        (Known.MOVED, True, Fate.KEPT),
        (Known.FAILED, True, Fate.LOST),
        (Known.UNAVAILABLE, True, Fate.LOST),
    ],
)
def test_what_became_of_a_file(state: Known, gone: bool, expected: Fate) -> None:
    assert fate(state.value, gone=gone) is expected


@pytest.mark.parametrize(
    ("counts", "counted", "complete", "expected"),
    [
        ({}, 0, True, AlbumState.DONE),
        ({Fate.MOVED: 2}, 2, True, AlbumState.DONE),
        ({Fate.MOVED: 2, Fate.FAILED: 1}, 3, False, AlbumState.FAILED),
        ({Fate.MOVED: 2, Fate.WAITING: 1}, 3, False, AlbumState.INCOMPLETE),
        ({Fate.MOVED: 2}, 3, False, AlbumState.INCOMPLETE),
        ({Fate.MOVED: 2}, None, False, AlbumState.DONE),
        ({Fate.MOVED: 2, Fate.UNAVAILABLE: 1}, 3, False, AlbumState.DONE),
        ({Fate.KEPT: 2}, 2, False, AlbumState.GONE),
        ({Fate.KEPT: 2, Fate.MOVED: 1}, 1, True, AlbumState.DONE),
        ({}, 4, False, AlbumState.INCOMPLETE),
    ],
)
def test_how_an_album_stands(
    counts: dict[Fate, int], counted: int | None, complete: bool, expected: AlbumState
) -> None:
    assert album_state(counts, counted=counted, complete=complete) is expected


def test_files_are_gathered_by_cause_the_most_frequent_first() -> None:
    busy = "SmugMug: SmugMug's media host answered 503"
    rows = [("A", f"{number}.jpg", "failed", busy) for number in range(EXAMPLES + 5)]
    rows += [
        ("B", "late.mp4", "unavailable", "SmugMug is still processing this video"),
        ("B", "x.jpg", "moving", "old"),
    ]

    causes = by_cause(rows)

    assert [(one.remedy.cause, one.unavailable, one.count) for one in causes] == [
        ("SmugMug was busy", False, EXAMPLES + 5),
        ("SmugMug is still processing the video", True, 1),
        ("on the way when the last run stopped", False, 1),
    ]
    assert len(causes[0].examples) == EXAMPLES
    assert causes[0].examples[0] == ("A", "0.jpg", busy)


def test_years_are_in_order_and_what_is_no_year_comes_last() -> None:
    rows = [
        ("2020", False, 3),
        ("2019", True, 1),
        ("2020", True, 2),
        ("", False, 4),
        ("0001", False, 1),
        ("abcd", True, 1),
    ]
    rows += [("٢٠٢٠", False, 1), ("9999", False, 1)]
    assert by_year(rows) == (Year(2019, 0, 1), Year(2020, 3, 2), Year(None, 7, 1))
    assert by_year([]) == ()


@pytest.mark.parametrize("span", [0, 59, 3600, 86_400, 7 * 86_400, 400 * 86_400, 20 * 365 * 86_400])
def test_a_span_of_any_length_makes_a_readable_number_of_bars(span: int) -> None:
    width = slot_width(span)
    assert width >= 60
    assert span / width <= 61
    assert span < 3600 or span / width > 10
