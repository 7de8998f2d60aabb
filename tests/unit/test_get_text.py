"""What `get` says at its end: what came, what did not, and what to type next."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from smug2s3.app.get_runner import GetOutcome
from smug2s3.cli import settings_file
from smug2s3.cli.get_summary import exit_code, sentence, summary_text
from smug2s3.cli.main import app
from smug2s3.engine.get_summary import GetSummary


@pytest.fixture(autouse=True)
def typed() -> None:
    settings_file.remember(["get", "Pictures", "--restore-tier", "standard"])


def outcome(**counts: object) -> GetOutcome:
    summary = GetSummary(**{"albums": 2, "files": 5, "copied": 3, "bytes": 3_000_000} | counts)  # type: ignore[arg-type]
    return GetOutcome(summary, seconds=2.0)


def test_a_complete_run_says_so_and_asks_for_nothing() -> None:
    found = outcome(skipped=2)
    assert exit_code(found) == 0
    assert summary_text(found, dry_run=False).splitlines() == [
        "Copied 3 files (3.0 MB) from 2 albums in 2 s, 1.5 MB/s; every MD5 is right.",
        "          2  skipped (already there, with the right bytes)",
    ]
    assert sentence(found, 0) == "completed; 3 copied (3.0 MB), 2 skipped in 2 s"


@pytest.mark.parametrize(("unrecorded", "ending"), [(1, "; every recorded MD5 is right."), (5, ".")])
def test_no_md5_is_called_right_that_nobody_recorded(unrecorded: int, ending: str) -> None:
    first, row = summary_text(outcome(unrecorded=unrecorded), dry_run=False).splitlines()
    assert first == f"Copied 3 files (3.0 MB) from 2 albums in 2 s, 1.5 MB/s{ending}"
    assert row.endswith(
        f"{unrecorded}  whose MD5 is recorded nowhere: only what the server itself says of their bytes was compared"
    )


@pytest.mark.parametrize(
    ("counts", "code", "last"),
    [
        ({"failed": 1}, 1, "Next: smug2s3 get Pictures --restore-tier standard"),
        ({"problems": ["a/_album.json: it is damaged"]}, 1, "Next: smug2s3 get Pictures --restore-tier standard"),
        ({"archived": 2}, 1, "Next: smug2s3 get Pictures --restore-tier bulk"),
        ({"archived": 2, "restoring": 2}, 1, "Next: smug2s3 get Pictures --restore-tier standard"),
        ({"lacking": 4}, 0, "          4  of these albums' items are not stored, so there is nothing to copy"),
        ({"albums_left_out": 4}, 0, "  Excluded 4 albums by the filters."),
    ],
)
def test_what_is_left_to_do_comes_last(counts: dict[str, object], code: int, last: str) -> None:
    found = outcome(**counts)
    assert exit_code(found) == code
    assert summary_text(found, dry_run=False).splitlines()[-1] == last


def test_files_that_did_not_come_are_named_with_their_reasons() -> None:
    found = outcome(failed=7)
    for number in range(7):
        found.summary.name(f"a/{number}.jpg", "failed", "store: the bucket does not have a/x.jpg")
    lines = summary_text(found, dry_run=False).splitlines()
    assert lines[2:4] == ["Failed:", "  a/0.jpg: the bucket does not have a/x.jpg"]
    assert "  and 2 more" in lines
    assert summary_text(found, dry_run=False, brief=True).count("\n") == 1


@pytest.mark.parametrize(
    ("advice", "said"),
    [
        (["Mend it."], ["Mend it.", "Then run it again; files that are already there are skipped."]),
        (["Mend it.", "Mend it."], ["Mend it.", "Then run it again; files that are already there are skipped."]),
        (["Mend it.", ""], ["Mend it.", "Run it again to retry; files that are already there are skipped."]),
        ([""], ["Run it again to retry; files that are already there are skipped."]),
    ],
)
def test_what_to_do_about_failed_files_comes_before_another_try(advice: list[str], said: list[str]) -> None:
    found = outcome(failed=len(advice))
    for number, text in enumerate(advice):
        found.summary.name(f"a/{number}.jpg", "failed", "store: it is too large", text)
    lines = summary_text(found, dry_run=False).splitlines()
    assert lines[-1 - len(said) : -1] == said


def test_files_that_made_way_are_named_and_no_failure() -> None:
    found = outcome()
    found.summary.keep("a/1.jpg", "1-before.jpg")
    assert exit_code(found) == 0
    assert "          1  other files had the names of these, and were renamed" in summary_text(found, dry_run=False)
    assert "  a/1.jpg: another file had this name; it is now 1-before.jpg" in summary_text(found, dry_run=False)


@pytest.mark.parametrize("target", ["", " "])
def test_no_folder_is_not_the_current_one(target: str) -> None:
    found = CliRunner().invoke(app, ["get", target, "--json"])
    document = json.loads(found.stdout)
    assert found.exit_code == document["exit_code"] == 2
    assert (document["error"], document["dry_run"], document["copied"]) == ("no folder is given", False, 0)
