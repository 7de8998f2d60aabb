"""What a person reads of a verification: some of what differs, where the rest is, and what to do next."""

from __future__ import annotations

import time
from typing import Any

import pytest

from smug2s3.cli.verify import NAMED, _now, report_text
from smug2s3.engine.report import OneByOne, Report
from smug2s3.rules.verdict import Kind, Verdict
from smug2s3.rules.verification import Difference


def differing(kind: str, count: int, detail: str = "d") -> list[Difference]:
    return [Difference(kind=kind, key=f"{kind} {number}.jpg", detail=detail) for number in range(count)]


def test_an_unfinished_archive_is_summed_up() -> None:
    report = Report(
        ok=1000,
        items=differing("missing", 300_000, "not moved yet"),
        unavailable=[("a.mp4", "no")] * 3000,
        unmoved=300_000,
    )

    lines = report_text(report).splitlines()

    assert len(lines) < 2 * NAMED + 8
    assert lines[0] == "missing      missing 0.jpg: not moved yet"
    assert lines[NAMED] == f"{'':<12} and 299,990 more; `smug2s3 ledger export` lists all"
    assert f"{'':<12} and 2,990 more; `smug2s3 status --failed` lists all" in lines
    assert "Checked 301,000 objects: 1,000 as recorded, 300,000 missing, 0 different." in lines
    assert lines[-1] == "Next: smug2s3 sync"


@pytest.mark.parametrize(
    ("combined", "where"),
    [(None, "add `--combined FILE` to write all to a file"), ("all.txt", "all are in all.txt")],
)
def test_of_each_kind_some_are_named_and_the_rest_stands_in_a_file(combined: str | None, where: str) -> None:
    """A bucket with another prefix makes everything missing; few of one kind are not lost among many of another."""
    report = Report(
        objects=[*differing("missing", 5000), *differing("different", 2)],
        strangers=[f"x{number}" for number in range(NAMED + 1)],
        beyond_repair=[("k", "gone")] * (NAMED + 2),
    )

    lines = report_text(report, combined=combined).splitlines()

    assert sum(line.startswith("missing ") for line in lines) == NAMED
    assert sum(line.startswith("different ") for line in lines) == 2
    assert [line.strip() for line in lines if " more" in line] == [
        f"and 4,990 more; {where}",
        f"and 1 more; {where}",
        "and 2 more",
    ]


SAFE = Verdict(kind=Kind.SAFE, sentence="Safe to cancel: all of it.")
NEXT: dict[str, tuple[dict[str, Any], str]] = {
    "completed": ({"ok": 9}, "verify --certificate certificate.txt"),
    "safe, with SmugMug": ({"ok": 9, "verdict": SAFE}, "verify --certificate certificate.txt"),
    "the ledger alone": ({"ok": 9, "asked_store": False}, "verify"),
    "well, but only a part": ({"ok": 9, "partial": True}, "sync"),
    "not all moved": ({"ok": 9, "items": differing("missing", 2), "unmoved": 2}, "sync"),
    "put down for the next run": ({"objects": differing("missing", 2), "queued": 2}, "sync"),
    "sidecars, too": (
        {"objects": differing("missing", 2), "queued": 2, "queued_sidecars": 1},
        "sync --sidecars xmp",
    ),
    "nothing there": ({}, "sync"),
    "something else": ({"ok": 9, "objects": differing("different", 1)}, ""),
}


@pytest.mark.parametrize("case", NEXT)
def test_the_last_line_leads_on(case: str) -> None:
    found, step = NEXT[case]
    last = report_text(Report(**found)).splitlines()[-1]
    assert last.removeprefix("Next: smug2s3 ") == step if step else not last.startswith("Next")
    assert "Next" not in report_text(Report(**found), onward=False)


@pytest.mark.parametrize(
    ("looked", "line"),
    [
        (
            {"bytes": 8_000_000_000, "bytes_done": 2_000_000_000},
            "1,000 of 4,000 read back (2.0 of 8.0 GB) · 25 % · 5 min left · reading a.jpg",
        ),
        ({}, "1,000 of 4,000 checked · 25 % · 5 min left · reading a.jpg"),
        ({"bytes": 8_000_000, "bytes_done": 8_000_001}, "1,000 of 4,000 read back (8.0 of 8.0 MB) · 100 % · 0 s left"),
    ],
)
def test_what_is_looked_at_one_by_one_says_how_far_and_how_long(looked: dict[str, Any], line: str) -> None:
    far = OneByOne(objects=4000, objects_done=1000, began=time.monotonic() - 100, **looked)
    assert _now(Report(under_way=far), "reading a.jpg", 90).plain.startswith(line)


def test_before_anything_is_done_nobody_knows_how_long_it_takes() -> None:
    assert OneByOne(objects=3).seconds_left() is None
    assert OneByOne().share == 0.0
