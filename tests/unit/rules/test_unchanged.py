"""What a store says of an object when asked shows it to be what is recorded, or something else, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from smug2s3.models import Head, Proof
from smug2s3.rules.proof import unchanged
from tests.unit.samples import MD5, OTHER_MD5, receipt

TABLE: dict[str, tuple[dict[str, Any], dict[str, Any], bool | None]] = {
    "the MD5 itself": ({}, {}, True),
    "the MD5, where another was recorded": ({"etag": "opaque-2"}, {}, True),
    "the same opaque one": ({"etag": "opaque-2"}, {"etag": "opaque-2"}, True),
    "another opaque one": ({"etag": "opaque-2"}, {"etag": "opaque-3"}, None),
    "an opaque one instead of the MD5": ({}, {"etag": "opaque-3"}, None),
    "none": ({}, {"etag": ""}, None),
    "none, as was recorded": ({"etag": ""}, {"etag": ""}, None),
    "another MD5": ({}, {"etag": OTHER_MD5}, False),
    "one like an MD5, where it never was one": ({"etag": OTHER_MD5}, {"etag": OTHER_MD5[::-1]}, None),
    "another size": ({}, {"size": 999}, False),
    "another size, though the ETag is the same": ({"etag": "opaque-2"}, {"etag": "opaque-2", "size": 999}, False),
    "the same CRC beside another ETag": ({"crc64": "a"}, {"crc64": "a", "etag": "opaque-3"}, True),
    "another CRC beside the same ETag": ({"crc64": "a"}, {"crc64": "b"}, False),
    "a CRC that was not recorded": ({"etag": "opaque-2"}, {"crc64": "b", "etag": "opaque-3"}, None),
}


@pytest.mark.parametrize(("recorded", "found", "same"), TABLE.values(), ids=TABLE)
def test_it_is_the_same_or_not_or_unknown(recorded: dict[str, Any], found: dict[str, Any], same: bool | None) -> None:
    head = Head(size=1000, etag=MD5, metadata={})
    assert unchanged(replace(head, **found), receipt("k", **recorded)) is same


@pytest.mark.parametrize("proof", Proof)
def test_how_well_it_was_proven_makes_no_difference(proof: Proof) -> None:
    assert unchanged(Head(size=1000, etag="opaque", metadata={}), receipt("k", etag="opaque", proof=proof)) is True
