"""An album is listed again when SmugMug says it changed, when more is to be written for it, and after a month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from smug2s3.rules.components import Raw
from smug2s3.rules.preview_keys import Size
from smug2s3.rules.relisting import RELIST_AFTER, fingerprint, is_unchanged, without_previews
from smug2s3.rules.xmp import Naming
from tests.unit.samples import album

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "now", "unchanged"),
    [
        (None, None, True),
        (None, Naming.FULL, False),
        (Naming.FULL, Naming.FULL, True),
        (Naming.FULL, Naming.STEM, False),
        (Naming.STEM, None, True),  # a run that writes none has nothing to do
    ],
)
def test_more_to_write_is_a_change_and_less_is_none(before: Naming | None, now: Naming | None, unchanged: bool) -> None:
    settled = fingerprint("p/", album(), before), NOW.isoformat()
    assert is_unchanged(settled, fingerprint("p/", album(), now), NOW) is unchanged
    assert not is_unchanged(settled, fingerprint("p/", album(image_count=3), now), NOW)
    assert not is_unchanged(settled, fingerprint("p/", album(), now), NOW + RELIST_AFTER)
    assert is_unchanged(settled, fingerprint("p/", album(), before), NOW + RELIST_AFTER - timedelta(seconds=1))


@pytest.mark.parametrize("xmp", [None, Naming.FULL])
@pytest.mark.parametrize(
    ("before", "now", "unchanged"),
    [
        (Raw.OFF, Raw.AUTO, False),  # as is every album of an earlier version
        (Raw.AUTO, Raw.ALL, False),
        (Raw.ALL, Raw.AUTO, True),
        (Raw.AUTO, Raw.OFF, True),
        (Raw.ALL, Raw.ALL, True),
    ],
)
def test_asking_for_more_raw_files_is_a_change(before: Raw, now: Raw, unchanged: bool, xmp: Naming | None) -> None:
    settled = fingerprint("p/", album(), Naming.FULL, before), NOW.isoformat()
    assert is_unchanged(settled, fingerprint("p/", album(), xmp, now), NOW) is unchanged


@pytest.mark.parametrize(
    ("before", "now", "unchanged"),
    [
        ("", "S", False),  # what was copied long ago
        ("S", "S", True),
        ("S,X2", "X2", True),
        ("S", "S,X2", False),
        ("S,X2", "", True),
    ],
)
def test_more_sizes_of_previews_are_a_change_and_fewer_are_none(before: str, now: str, unchanged: bool) -> None:
    then, again = (tuple(map(Size, filter(None, sizes.split(",")))) for sizes in (before, now))
    settled = fingerprint("p/", album(), Naming.FULL, Raw.AUTO, then)
    current = fingerprint("p/", album(), Naming.FULL, Raw.AUTO, again)
    assert is_unchanged((settled, NOW.isoformat()), current, NOW) is unchanged
    assert is_unchanged((without_previews(settled), NOW.isoformat()), current, NOW) is (not now)
    assert not is_unchanged((settled, NOW.isoformat()), fingerprint("p/", album(image_count=3), None), NOW)
