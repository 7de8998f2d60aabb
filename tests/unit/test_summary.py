"""What a sync says at the end: equal failures together, and the very command to run next."""

from __future__ import annotations

from typing import Any

import pytest

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli import settings_file
from smug2s3.cli.summary import exit_code, sentence, summary_text
from smug2s3.engine.summary import Summary


def ended(*typed: str, dry_run: bool = False, **summary: Any) -> list[str]:
    settings_file.name(None)
    settings_file.remember(["sync", *typed])
    outcome = Outcome(summary=Summary(albums=1, assets=20, **summary), seconds=2.0)
    return summary_text(outcome, dry_run=dry_run).splitlines()


def item(key: str, reason: str, state: str = "failed") -> dict[str, str]:
    return {"key": key, "state": state, "reason": reason}


REFUSED = [item(f"A/{n}.jpg", "SmugMug: SmugMug's media host refused the file (403)") for n in range(18)]


def test_equal_failures_are_one_line_and_others_keep_their_names_and_reasons() -> None:
    busy = item("B/x.jpg", "SmugMug: SmugMug's media host answered 503")
    full = item("B/y.jpg", "store: the folder refused B/y.jpg: the disk is full")
    lines = ended(failed=20, items=[busy, *REFUSED, full])
    failed = lines[lines.index("Failed:") + 1 :]
    assert failed[0].startswith("  18 x SmugMug ")
    assert failed[0].endswith(" (403)")
    assert failed[1:4] == [
        "  B/x.jpg: SmugMug's media host answered 503",
        "  B/y.jpg: the folder refused B/y.jpg: the disk is full",
        "`smug2s3 status --failed` lists every file and what to do.",
    ]


def test_what_is_not_among_the_named_items_is_counted() -> None:
    lines = ended(failed=25, items=REFUSED)
    assert "  and 7 more" in lines


def test_one_that_is_alone_is_named_with_its_reason_and_its_side_once() -> None:
    lines = ended(failed=1, items=[item("A/0.jpg", "SmugMug: no luck")])
    assert "  A/0.jpg: SmugMug: no luck" in lines


@pytest.mark.parametrize(
    ("typed", "summary", "command"),
    [
        ((), {"failed": 1}, "smug2s3 sync"),
        (("--folder", "My Family", "-v"), {"failed": 1}, "smug2s3 sync --folder 'My Family' -v"),
        (("--album", "", "--full"), {"failed": 1}, "smug2s3 sync --album '' --full"),
        (("--until", "08:00", "--full"), {"stopped": "until"}, "smug2s3 sync --full"),
        (("--until=08:00", "--full"), {"stopped": "until"}, "smug2s3 sync --full"),
        (("--until", "08:00"), {"stopped": "until", "moved": 1}, "smug2s3 sync --until 08:00"),
        (("--full", "--max-bytes", "1M"), {"left": 1}, "smug2s3 sync --full"),
        (("--dry-run", "--photos"), {"moved": 1, "dry_run": True}, "smug2s3 sync --photos"),
        (("--notify-url", "https://x.test/secret"), {"failed": 1}, "smug2s3 sync --notify-url URL"),
        (("--notify-url=https://x.test/secret", "-q"), {"failed": 1}, "smug2s3 sync --notify-url URL -q"),
        ((), {}, "smug2s3 verify"),
    ],
)
def test_the_last_line_is_the_very_command(typed: tuple[str, ...], summary: dict[str, Any], command: str) -> None:
    assert ended(*typed, **summary)[-1] == f"Next: {command}"


def test_the_settings_file_is_named_in_it_once(tmp_path: Any) -> None:
    settings_file.name(str(tmp_path / "jane.env"))
    settings_file.remember(["--env-file", str(tmp_path / "jane.env"), "sync", "--full"])
    try:
        assert settings_file.again() == f"smug2s3 --env-file {tmp_path}/jane.env sync --full"
        assert settings_file.as_called(f"Next: {settings_file.again()}").count("--env-file") == 1
    finally:
        settings_file.name(None)


@pytest.mark.parametrize("code", [130, 143, 129], ids=["ctrl-c", "sigterm", "hang-up"])
def test_whichever_signal_ended_it_the_sentence_says_interrupted(code: int) -> None:
    assert sentence(Outcome(), code, "interrupted").startswith("interrupted; 0 copied")


def test_previews_are_told_apart_and_only_those_that_failed_are_a_reason_to_run_it_again() -> None:
    lacking: dict[str, Any] = {"previews": 5, "previews_bytes": 240_000, "previews_unavailable": 1, "previews_left": 2}
    lines = ended(moved=3, bytes=1000, **lacking)
    assert [line.strip() for line in lines if "previews" in line] == [
        "5  previews copied (240 kB)",
        "1  previews that SmugMug does not offer, or only with a watermark",
        "2  previews left for the next run",
    ]
    assert lines[-1] == "Next: smug2s3 verify"
    outcome = Outcome(summary=Summary(albums=1, moved=3, bytes=1000, **lacking), seconds=2.0)
    assert sentence(outcome, 0) == "completed; 3 copied (1.0 kB), 5 previews (240 kB) in 2 s"

    failed = item("_gallery/A/thumbnails/x.jpg-S.jpg", "SmugMug: it was busy", "preview failed")
    lines = ended(previews_failed=1, items=[failed])
    assert "Previews failed:" in lines
    assert "`smug2s3 status --failed` lists every file and what to do." not in lines
    assert lines[-1] == "Next: smug2s3 sync"
    assert exit_code(Outcome(summary=Summary(previews_failed=1))) == 1
