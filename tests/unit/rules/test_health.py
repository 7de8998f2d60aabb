"""A health file says how the last run went; from it alone a monitor learns whether all is well."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from smug2s3.cli.main import app
from smug2s3.rules.health import Health, Ran, State, judge, longest_age

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(hours=26)
STARTED = Health(state=State.WAITING, started=NOW, updated=NOW)
GOOD = Ran(
    run="42272216c8b4", began=NOW - timedelta(minutes=4), ended=NOW, exit_code=0, verdict="completed; 12 copied",
    copied=12, bytes=38_200_000, failed=0,
)  # fmt: skip
BAD = replace(GOOD, exit_code=3, verdict="stopped by an error (SmugMug refused the sign-in)")
TOMORROW = NOW + timedelta(hours=15)


@pytest.mark.parametrize(
    ("health", "later", "well", "why"),
    [
        pytest.param(STARTED, 1, True, "no run has ended yet", id="it has just started"),
        pytest.param(STARTED, 27, False, "no run has ended since 2026-11-21T12:00", id="it never ran"),
        pytest.param(STARTED.running(NOW), 25, True, "a run is at work", id="its first run is at work"),
        pytest.param(STARTED.running(NOW), 27, False, "no progress since", id="the run makes no progress"),
        pytest.param(STARTED.ran(GOOD, TOMORROW), 25, True, "completed; 12 copied", id="the last run succeeded"),
        pytest.param(STARTED.ran(GOOD, TOMORROW), 27, False, "no run has ended since", id="the next one never came"),
        pytest.param(STARTED.ran(GOOD, None), 25, True, "completed; 12 copied", id="a single run succeeded"),
        pytest.param(STARTED.ran(BAD, TOMORROW), 1, False, "exit code 3: stopped by", id="the last run failed"),
        pytest.param(
            STARTED.ran(BAD, TOMORROW).running(NOW), 1, False, "exit code 3: stopped by", id="it failed and runs again"
        ),
        pytest.param(STARTED.ran(GOOD, TOMORROW), -99, True, "completed; 12 copied", id="the clock was put back"),
    ],
)
def test_all_is_well_after_a_run_that_succeeded_not_too_long_ago(
    health: Health, later: int, well: bool, why: str
) -> None:
    document = json.loads(json.dumps(health.document()))
    judged, sentence = judge(document, NOW + timedelta(hours=later), DAY)
    assert judged == well
    assert why in sentence


def test_the_file_says_when_each_run_was_how_it_ended_and_when_the_next_one_is() -> None:
    assert STARTED.ran(GOOD, TOMORROW).document() == {
        "state": "waiting",
        "started": "2026-11-21T12:00:00+00:00",
        "updated": "2026-11-21T12:00:00+00:00",
        "next_run": "2026-11-22T03:00:00+00:00",
        "last_run": {
            "run": "42272216c8b4",
            "began": "2026-11-21T11:56:00+00:00",
            "ended": "2026-11-21T12:00:00+00:00",
            "exit_code": 0,
            "verdict": "completed; 12 copied",
            "copied": 12,
            "bytes": 38_200_000,
            "failed": 0,
        },
    }


@pytest.mark.parametrize("document", [[], {}, {"state": "odd", "updated": 1, "last_run": 0}, None])
def test_another_file_is_no_health_file(document: Any) -> None:
    with pytest.raises(ValueError, match="not a health file"):
        judge(document, NOW, DAY)


@pytest.mark.parametrize(("text", "hours"), [("26h", 26), ("90m", 1.5), ("1s", None), ("0h", None), ("often", None)])
def test_the_greatest_age_is_a_duration_of_at_least_a_minute(text: str, hours: float | None) -> None:
    assert longest_age(text) == (None if hours is None else timedelta(hours=hours))


def test_the_command_exits_with_0_or_1_and_one_sentence(tmp_path: Path) -> None:
    def said(*options: str) -> tuple[int, str]:
        ran = CliRunner().invoke(app, ["health", "--file", str(path), *options])
        return ran.exit_code, ran.output

    path = tmp_path / "health.json"
    assert said() == (1, f"unhealthy: there is no {path}; `smug2s3 sync --health-file {path}` writes it\n")
    path.write_text("{")
    assert said() == (1, f"unhealthy: cannot read {path}: it is not a health file of smug2s3\n")
    now = datetime.now(UTC)
    path.write_text(json.dumps(replace(STARTED, updated=now).ran(replace(GOOD, ended=now), TOMORROW).document()))
    code, text = said()
    assert (code, text.count("\n")) == (0, 1)
    assert text.startswith(f"healthy: the last run ended {now.astimezone():%Y-%m-%d %H:%M}: completed; 12 copied")
    code, text = said("--max-age", "soon")
    assert (code, "--max-age 'soon' is not a duration" in text) == (2, True)
