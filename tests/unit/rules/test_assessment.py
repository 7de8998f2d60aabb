"""One sentence on top of a report says how the account stands, and another what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smug2s3.rules.assessment import Severity, assess
from smug2s3.rules.overview import FileState, Totals
from smug2s3.rules.verification import Verification
from tests.unit.samples import RUN, WELL, well

VERIFIED = Verification(
    began="2026-05-02T08:00:00+00:00",
    ended="2026-05-02T09:00:00+00:00",
    levels=("listing",),
    clean=True,
    counts={"checked": 12, "ok": 12},
)


def files(**counts: int) -> Totals:
    return replace(WELL.totals, files={FileState(name): count for name, count in counts.items()})


def found(**counts: int) -> Verification:
    return replace(VERIFIED, clean=False, counts={"checked": 12} | counts)


CERTIFIED = replace(VERIFIED, safe=True, verdict="Safe to cancel: all 10 items.", levels=("listing", "source"))

HEADLINES = {
    "all is well": (well(), Severity.GOOD, "Everything SmugMug offers is in your bucket", "verify"),
    "and proven": (
        well(verification=VERIFIED),
        Severity.GOOD,
        "Everything SmugMug offers is in your bucket",
        "--certificate",
    ),
    "and certified": (
        well(verification=CERTIFIED),
        Severity.GOOD,
        "Everything SmugMug offers is in your bucket",
        "Keep the",
    ),
    "and more since": (
        well(verification=CERTIFIED, stored_since=3),
        Severity.GOOD,
        "Everything SmugMug offers is in your bucket",
        "Run `smug2s3 verify`",
    ),
    "only a part was asked for": (
        well(whole_at=""),
        Severity.CARE,
        "Everything asked for so far is in your bucket",
        "without",
    ),
    "one failed": (well(totals=files(moved=9, failed=1)), Severity.BAD, "1 file is still missing", "sync"),
    "some failed, some were on their way": (
        well(totals=files(moved=9, failed=1, waiting=2)),
        Severity.BAD,
        "3 files are still missing",
        "sync",
    ),
    "the last run was to stop early": (
        well(runs=(replace(RUN, summary={"stopped": "until", "albums_left": 4}), RUN)),
        Severity.CARE,
        "The last run stopped early",
        "sync",
    ),
    "a run is at work": (
        well(totals=files(moved=9, failed=1), running=True),
        Severity.CARE,
        "1 file is still waiting to be copied",
        "when it has finished",
    ),
    "what SmugMug cannot give counts for nothing": (
        well(totals=files(moved=9, unavailable=4, kept=2)),
        Severity.GOOD,
        "Everything SmugMug offers is in your bucket",
        "verify",
    ),
    "an album is short": (
        well(short_albums=(("Trip", 5, 3),)),
        Severity.CARE,
        "1 album is not complete yet",
        "sync --full",
    ),
    "the last whole run could not list two": (
        well(runs=(replace(RUN, summary={"albums_incomplete": 2}),)),
        Severity.CARE,
        "2 albums are not complete yet",
        "sync --full",
    ),
    "a run that was killed says nothing": (
        well(runs=(replace(RUN, ended="", summary={}), RUN)),
        Severity.GOOD,
        "Everything SmugMug offers is in your bucket",
        "verify",
    ),
    "the bucket lost something": (
        well(verification=found(missing=1, different=1)),
        Severity.BAD,
        "2 files missing from your bucket or changed",
        "--repair",
    ),
    "the last look at both sides was not content": (
        well(verification=replace(CERTIFIED, safe=False, clean=False, verdict="Not safe to cancel yet: 1 gap.")),
        Severity.CARE,
        "Not everything in your bucket has been verified",
        "--source",
    ),
    "and found something missing": (
        well(verification=replace(CERTIFIED, safe=False, clean=False, verdict="Not safe.", counts={"missing": 1})),
        Severity.BAD,
        "Not everything in your bucket has been verified",
        "--source",
    ),
    "something strange lies there": (
        well(verification=found(extra=1)),
        Severity.CARE,
        "1 object in your bucket unverified, outdated or not from smug2s3",
        "listed below",
    ),
}


@pytest.mark.parametrize("case", HEADLINES)
def test_one_sentence_says_how_it_stands_and_another_what_to_do(case: str) -> None:
    overview, severity, sentence, advice = HEADLINES[case]
    said = assess(overview, "bucket")
    assert (said.severity, said.sentence) == (severity, sentence)
    assert advice in said.advice
    assert said.detail


@pytest.mark.parametrize(
    ("verification", "since", "detail"),
    [
        (None, 0, "Every file was verified while it was copied. The folder has not been verified since."),
        (replace(VERIFIED, levels=("ledger",)), 0, "The folder has not been verified"),
        (VERIFIED, 0, "Verified in the folder: 12 objects as recorded."),
        (
            replace(VERIFIED, counts={"checked": 12, "read_back": 3}),
            0,
            "12 objects as recorded, 3 of them read back in full.",
        ),
        (
            replace(VERIFIED, counts={"checked": 12, "read_back": 12}),
            0,
            "12 objects as recorded, all read back in full.",
        ),
        (CERTIFIED, 1, "Safe to cancel: all 10 items. 1 file copied since then."),
    ],
)
def test_the_headline_says_what_it_rests_on(verification: Verification | None, since: int, detail: str) -> None:
    said = assess(well(verification=verification, stored_since=since), "folder")
    assert detail in said.detail
    assert said.detail.endswith(" The whole account was last checked against SmugMug on 2026-05-01.")
