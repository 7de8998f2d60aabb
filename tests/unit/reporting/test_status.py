"""The page of `status` as a person reads it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from smug2s3.models import Known
from smug2s3.reporting.status import document, left_text, status_text
from smug2s3.rules.status import Left, OpenAlbum, PastRun, Status

ABOUT = {"account": "jane", "store": "s3.example", "bucket": "photos", "prefix": ""}


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def full(**differences: Any) -> Status:
    ended = {"moved": 1204, "bytes": 3_200_000_000, "failed": 12}
    found: dict[str, Any] = {
        "about": ABOUT,
        "done": 1204,
        "gone": 3,
        "stored_bytes": 3_200_000_000,
        "left": (
            Left(state=Known.FAILED, reason="SmugMug: SmugMug answered 503 for a", files=12, bytes=40_000_000),
            Left(state=Known.UNAVAILABLE, reason="SmugMug is still processing this video", files=1, bytes=0),
            Left(state=Known.MOVING, reason="", files=30, bytes=90_000_000),
        ),
        "albums_complete": 40,
        "albums_open": (
            OpenAlbum(counted=9, present=9, former=0, failed=12),
            OpenAlbum(counted=9, present=5, former=0),
            OpenAlbum(counted=9, present=0, former=3),
        ),
        "runs": (
            PastRun(run="2", began="2026-01-02T03:04:05+00:00", ended="2026-01-02T06:24:05+00:00", summary=ended),
            PastRun(run="1", began="2026-01-01T03:04:05+00:00", ended="", summary={}),
        ),
    }
    return Status(path="transfer_log.db", **(found | differences))


def test_a_folder_is_named_by_its_path() -> None:
    about = {"account": "jane", "bucket": "My Photos", "store": "file:///media/jane%20d", "prefix": "smugmug/"}
    heading = status_text(replace(full(), about=about)).splitlines()[0]
    assert heading.endswith("SmugMug account jane, folder /media/jane d/My Photos, prefix smugmug/")


def test_the_whole_page() -> None:
    assert status_text(full()) == (
        "Ledger transfer_log.db: SmugMug account jane, bucket photos at s3.example, prefix (none)\n"
        "\n"
        "Files\n"
        "      1,204  copied (3.2 GB)\n"
        "          3  of these, no longer on SmugMug; kept\n"
        "         30  waiting to be copied (90.0 MB)\n"
        "         12  failed (40.0 MB)\n"
        "          1  not available from SmugMug\n"
        "\n"
        "Albums\n"
        "         40  complete\n"
        "          1  not complete: files failed\n"
        "          1  not complete: fewer files than SmugMug counts\n"
        "             Counted by SmugMug but not listed so far: 4 items. A sync covered\n"
        "             only a part of the account or was stopped early, or this sign-in\n"
        "             cannot see them.\n"
        "          1  no longer on SmugMug; kept\n"
        "\n"
        "Why\n"
        "         12  failed: SmugMug was busy\n"
        "             Run `smug2s3 sync` again.\n"
        "          1  not available: SmugMug is still processing the video\n"
        "             Wait, then run `smug2s3 sync`. Some never finish: if you have your\n"
        "             own copy, keep it.\n"
        "\n"
        "Last runs, newest first (UTC)\n"
        "  2026-01-02 03:04  3 h 20 min  1,204 files, 3.2 GB  12 failed\n"
        "  2026-01-01 03:04           ?                       crashed or killed\n"
        "\n"
        "Next: smug2s3 sync\n"
        "It continues where it stopped and retries what failed.\n"
        "`smug2s3 status --failed` lists every file and what to do.\n"
    )


def test_commands_are_quoted_as_they_are_called_and_no_line_grows_too_long() -> None:
    lines = status_text(full(), command="smug2s3 --env-file jane.env").splitlines()
    assert "Next: smug2s3 --env-file jane.env sync" in lines
    assert "             Run `smug2s3 --env-file jane.env sync` again." in lines
    assert "`smug2s3 --env-file jane.env status --failed` lists every file and what to do." in lines
    assert max(map(len, lines[2:])) <= 80


def test_a_long_reason_goes_on_under_itself() -> None:
    reason = "SmugMug refused the signature: a secret in the settings is wrong (oauth_problem=signature_invalid)"
    run = PastRun(
        run="1", began="2026-01-02T03:04:05+00:00", ended="2026-01-02T03:04:06+00:00", summary={"error": reason}
    )

    lines = status_text(full(runs=(run,))).splitlines()

    start = lines.index("  2026-01-02 03:04  1 s  0 files, 0 B  stopped: SmugMug refused the signature: a")
    assert lines[start + 1 : start + 3] == [
        " " * 39 + "secret in the settings is wrong",
        " " * 39 + "(oauth_problem=signature_invalid)",
    ]


def test_who_is_at_work_is_said_at_the_top() -> None:
    run = PastRun(run="3", began="2026-01-03T03:04:05+00:00", ended="", summary={})
    holder = "process 7 on nas, since 2026-01-03 03:04"
    lines = status_text(full(holder=holder, runs=(run,), moved_so_far=99)).splitlines()
    assert lines[1] == f"In use by {holder}; 99 files copied so far"
    assert any(line.endswith("running") for line in lines)
    assert "smug2s3 is running; check again later." in lines


def test_a_new_ledger_has_little_to_say() -> None:
    assert status_text(Status(path="transfer_log.db")) == (
        "Ledger transfer_log.db: empty so far\n\nFiles\n          0  copied (0 B)\n\n"
        "Albums\n          0  complete\n\nNext: smug2s3 sync\nNothing has been copied yet.\n"
    )


def test_every_failed_file_stands_under_its_cause() -> None:
    text = left_text(
        [
            ("smugmug/a\x1b[2J.jpg", Known.FAILED, "SmugMug: SmugMug answered 503 for a", 1),
            ("smugmug/b.jpg", Known.UNAVAILABLE, "", 1),
            ("smugmug/c.jpg", Known.FAILED, "SmugMug: SmugMug answered 500 for c", 1),
        ]
    )
    assert text == (
        "failed: SmugMug was busy (2 files)\n"
        "What to do: Run `smug2s3 sync` again.\n"
        "  smugmug/a\N{REPLACEMENT CHARACTER}[2J.jpg (SmugMug answered 503 for a)\n"
        "  smugmug/c.jpg (SmugMug answered 500 for c)\n"
        "\n"
        "not available: SmugMug offers no file for it (1 file)\n"
        "What to do: Open it on SmugMug. If it does not open there either, SmugMug has\n"
        "lost it: contact SmugMug support.\n"
        "  smugmug/b.jpg (SmugMug offers no file for it)\n"
    )


def test_nothing_failed_is_said_in_a_sentence() -> None:
    assert left_text([]) == "No file failed, and SmugMug provides all that it was asked for.\n"


def test_the_document_says_the_same_in_numbers() -> None:
    found = document(full(), None)
    expected = {
        "done": 1204, "gone": 3, "waiting": 30, "failed": 12, "unavailable": 1, "not_taken_up": 4,
        "bytes_waiting": 90_000_000, "albums_complete": 40, "albums_incomplete": 2, "albums_gone": 1, "at_work": False,
    }  # fmt: skip
    assert found.items() >= expected.items()
    assert found["incomplete_because"] == {
        "failed": 1, "waiting": 0, "not_taken_up": 1, "unavailable": 0, "to_look_through": 0
    }  # fmt: skip
    assert [(run["seconds"], run["ending"]) for run in found["runs"]] == [
        (12_000, "12 failed"),
        (None, "crashed or killed"),
    ]
    assert found["next"]["command"] == "sync"
    assert "items" not in found
    (item,) = document(full(), [("k", Known.FAILED, "not in the bucket", 7)])["items"]
    assert (item["cause"], item["bytes"]) == ("verify found it missing or different", 7)
