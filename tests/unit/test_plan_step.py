"""What a plan advises to type next."""

from __future__ import annotations

from typing import Any

import pytest

from smug2s3.cli.plan import next_step
from smug2s3.cli.settings_file import remember
from smug2s3.rules.plan_totals import Files, PlanTotals

DONE, LEFT = {"in_store": Files(2, 20)}, {"to_move": Files(1, 10)}


@pytest.mark.parametrize(
    ("found", "has_bucket", "part", "step"),
    [
        ({"albums": 0}, True, False, ""),
        ({**LEFT}, False, False, "smug2s3 config init"),
        ({**LEFT}, True, False, "smug2s3 check"),
        ({**LEFT, **DONE}, True, False, "smug2s3 sync"),
        ({**LEFT, **DONE}, True, True, ""),
        ({**DONE}, True, False, "smug2s3 verify"),
        ({**DONE, "previews": Files(1, 10)}, True, False, "smug2s3 sync"),
        ({**LEFT, "incomplete": 1}, True, False, "smug2s3 plan --items"),
    ],
)
def test_the_next_step_follows_from_what_is_there(
    found: dict[str, Any], step: str, *, has_bucket: bool, part: bool
) -> None:
    remember(["plan", "--items"])
    plan_totals = PlanTotals(**{"albums": 3, **found})
    assert next_step(plan_totals, has_bucket=has_bucket, part=part) == step
    asked = next_step(plan_totals, has_bucket=has_bucket, part=part, previews=" --previews S")
    assert asked == step.replace("sync", "sync --previews S")
