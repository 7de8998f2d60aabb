"""Times of one message are of one zone, whatever zones they were written down in."""

from __future__ import annotations

import pytest

from smug2s3.reporting.moments import local, localized, zone

pytestmark = pytest.mark.usefixtures("in_delhi")


@pytest.mark.parametrize(
    "moment", ["2026-01-02T22:04:05+00:00", "2026-01-02 23:04:05.123+01:00", "2026-01-02T22:04:05Z"]
)
def test_a_moment_is_given_in_the_zone_of_this_computer(moment: str) -> None:
    assert local(moment) == "2026-01-03 03:34"
    assert zone() == "IST"


def test_every_time_in_a_sentence_is_given_so() -> None:
    said = localized("process 7 on nas, since 2026-01-02 23:04:05+01:00; before 2026-01-02T21:00:00Z")
    assert said == "process 7 on nas, since 2026-01-03 03:34; before 2026-01-03 02:30"
