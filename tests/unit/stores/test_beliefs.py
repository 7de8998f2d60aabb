"""What one store's answers prove, by what was seen of it before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smug2s3.models import Proof
from smug2s3.rules.proof import etag_of_parts
from smug2s3.stores.beliefs import Beliefs, Kept, kept_by

MD5, OTHER = "a" * 32, "b" * 32
PARTS = ("c" * 32, "d" * 32)
WHOLE = etag_of_parts(PARTS)
OTHER_WHOLE = etag_of_parts(PARTS[::-1])

KNOWN, UNKNOWN, NEVER = Beliefs(etags_are_md5=True), Beliefs(), Beliefs(etags_are_md5=False)
OF_PARTS = Beliefs(wholes_are_of_parts=True)
STRICT, STRICT_TOO = Beliefs(etags_are_md5=False, refuses_wrong_md5=True), Beliefs(refuses_wrong_md5=True)


@pytest.mark.parametrize(
    ("beliefs", "kept", "proof"),
    [
        pytest.param(UNKNOWN, Kept(MD5), Proof.ETAG, id="the MD5"),
        pytest.param(NEVER, Kept(MD5), Proof.ETAG, id="the MD5, unexpectedly"),
        pytest.param(UNKNOWN, Kept(MD5, hidden=True), Proof.ETAG, id="the MD5 in spite of encryption"),
        pytest.param(KNOWN, Kept(OTHER), None, id="another MD5 where it should be this one"),
        pytest.param(UNKNOWN, Kept(OTHER), None, id="another MD5 where nothing is known"),
        pytest.param(NEVER, Kept(OTHER), Proof.NONE, id="another MD5 where they are none"),
        pytest.param(KNOWN, Kept(OTHER, hidden=True), Proof.NONE, id="encrypted"),
        pytest.param(KNOWN, Kept("opaque"), Proof.NONE, id="opaque"),
        pytest.param(KNOWN, Kept(""), Proof.NONE, id="none at all"),
        pytest.param(STRICT, Kept(OTHER), Proof.CHECKED, id="another MD5 of a strict store"),
        pytest.param(STRICT, Kept("opaque"), Proof.CHECKED, id="opaque of a strict store"),
        pytest.param(STRICT, Kept("opaque", certain=False), Proof.NONE, id="perhaps of another object"),
        pytest.param(STRICT_TOO, Kept(OTHER), None, id="another MD5 of a strict store, for the first time"),
        pytest.param(UNKNOWN, Kept(WHOLE, parts=PARTS), Proof.PARTS, id="of the parts"),
        pytest.param(UNKNOWN, Kept(MD5, parts=PARTS), Proof.ETAG, id="the MD5 of what went in parts"),
        pytest.param(UNKNOWN, Kept(OTHER_WHOLE, parts=PARTS), Proof.NONE, id="of other parts, where nothing is known"),
        pytest.param(OF_PARTS, Kept(OTHER_WHOLE, parts=PARTS), None, id="of other parts, where it should be these"),
        pytest.param(OF_PARTS, Kept(OTHER_WHOLE, parts=PARTS, hidden=True), Proof.NONE, id="of parts, encrypted"),
        pytest.param(OF_PARTS, Kept("opaque", parts=PARTS), Proof.NONE, id="opaque of a whole"),
        pytest.param(UNKNOWN, Kept(OTHER, parts=PARTS), Proof.NONE, id="another MD5 of a whole, nothing known"),
        pytest.param(KNOWN, Kept(OTHER, parts=PARTS), None, id="another MD5 of a whole, where ETags are MD5s"),
        pytest.param(STRICT, Kept("opaque", parts=PARTS), Proof.CHECKED, id="opaque whole of a strict store"),
    ],
)
def test_an_etag_proves_what_was_seen_to_be_its_meaning(beliefs: Beliefs, kept: Kept, proof: Proof | None) -> None:
    assert replace(beliefs).judge(kept, MD5) is proof


def test_what_was_seen_once_is_expected_from_then_on() -> None:
    beliefs = Beliefs()
    assert beliefs.judge(Kept(OTHER_WHOLE, parts=PARTS), MD5) is Proof.NONE

    beliefs.judge(Kept(WHOLE, parts=PARTS), MD5)

    assert beliefs.judge(Kept(OTHER_WHOLE, parts=PARTS), MD5) is None
    assert beliefs.etags_are_md5 is None
    beliefs.judge(Kept(MD5), MD5)
    assert beliefs.etags_are_md5


def test_a_parts_etag_is_wrong_only_where_another_part_had_its_md5() -> None:
    beliefs = Beliefs(etags_are_md5=True)
    assert beliefs.judge_part(OTHER, MD5, hidden=False) is Proof.NONE  # R2's are no MD5s, though its objects' are
    assert beliefs.judge_part(MD5, MD5, hidden=False) is Proof.ETAG
    assert beliefs.judge_part(OTHER, MD5, hidden=False) is None
    assert beliefs.judge_part(OTHER, MD5, hidden=True) is Proof.NONE
    assert beliefs.judge_part("opaque", MD5, hidden=False) is Proof.NONE


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        pytest.param({"ETag": f'"{MD5.upper()}"'}, Kept(MD5), id="quotes and case"),
        pytest.param({"ETag": None}, Kept(""), id="an empty one"),
        pytest.param({}, Kept(""), id="none"),
        pytest.param({"ETag": "x", "ChecksumCRC64NVME": "c"}, Kept("x", "c"), id="a CRC"),
        pytest.param({"ChecksumCRC64NVME": "c", "ChecksumType": "COMPOSITE"}, Kept(""), id="a CRC of parts"),
        pytest.param({"ServerSideEncryption": "aws:kms:dsse"}, Kept("", hidden=True), id="KMS"),
        pytest.param({"ServerSideEncryption": "AES256"}, Kept(""), id="encryption that does not show"),
        pytest.param({"SSECustomerAlgorithm": "AES256"}, Kept("", hidden=True), id="a key of one's own"),
    ],
)
def test_an_answer_says_no_more_than_it_does(answer: dict[str, str], kept: Kept) -> None:
    assert kept_by(answer) == kept
