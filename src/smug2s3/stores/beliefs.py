"""What one store's answers were seen to prove, and so what each further one proves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from smug2s3.models import Proof
from smug2s3.rules import digests
from smug2s3.rules.proof import prove

_OF_PARTS = re.compile(r"[0-9a-f]{32}-\d+")


class Kept(NamedTuple):
    """What the store said of an object it took."""

    etag: str
    crc64: str = ""
    """Empty where it names none of the whole object."""
    hidden: bool = False
    """Whether it is encrypted so that the ETag is no MD5, though it looks like one."""
    parts: tuple[str, ...] = ()
    """MD5s of the parts it was sent in."""
    certain: bool = True
    """Whether it was said of this very object, and not of whatever lies at its key."""
    taken_up: bool = False
    """Whether an earlier process began its upload, with the metadata of then."""


@dataclass(slots=True)
class Beliefs:
    """Of one store, for as long as it is open."""

    etags_are_md5: bool | None = None
    """Of what was sent in one piece; unknown until the first answer."""
    parts_are_md5: bool = False
    wholes_are_of_parts: bool = False
    refuses_wrong_md5: bool | None = None
    """Unknown until it was tried."""
    takes_md5: bool = True
    """Whether a ``Content-MD5`` may be sent along at all."""

    def judge(self, kept: Kept, md5: str) -> Proof | None:
        """What is proven of an object; ``None`` where the ETag is one that should be the MD5, and is not.

        An ETag that looks like an MD5 should be one until a first was seen to be none. Of what went in parts that is
        only said where it is known: reading back a video costs more than a photo.
        """
        known = bool(self.etags_are_md5) if kept.parts else self.etags_are_md5 is not False
        proof = prove(
            kept.etag,
            md5=md5,
            parts=kept.parts,
            etags_are_md5=known and not kept.hidden,
            checked=bool(self.refuses_wrong_md5) and kept.certain,
        )
        if proof is Proof.ETAG and not kept.parts:
            self.etags_are_md5 = True
        if proof is Proof.PARTS:
            self.wholes_are_of_parts = True
        return None if proof in (Proof.NONE, Proof.CHECKED) and self._names_other_parts(kept) else proof

    def judge_part(self, etag: str, md5: str, *, hidden: bool) -> Proof | None:
        """The same of one part; that its ETag should be its MD5 is only said after another part's was."""
        proof = prove(etag, md5=md5, etags_are_md5=self.parts_are_md5 and not hidden)
        self.parts_are_md5 = self.parts_are_md5 or proof is Proof.ETAG
        return proof

    def _names_other_parts(self, kept: Kept) -> bool:
        return bool(
            kept.parts and self.wholes_are_of_parts and not kept.hidden and _OF_PARTS.fullmatch(kept.etag.lower())
        )


def kept_by(answer: dict[str, Any], *, parts: Sequence[str] = (), certain: bool = True) -> Kept:
    """What an answer to a PUT, a copy, a Complete or a HEAD says of the object."""
    whole = answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
    return Kept(
        etag=digests.clean_etag(str(answer.get("ETag") or "")),
        crc64=str(answer.get("ChecksumCRC64NVME", "")) if whole else "",
        hidden=is_hidden(answer),
        parts=tuple(parts),
        certain=certain,
    )


def is_hidden(answer: dict[str, Any]) -> bool:
    """With SSE-KMS or SSE-C an ETag looks like an MD5 and is none."""
    return "kms" in str(answer.get("ServerSideEncryption", "")) or "SSECustomerAlgorithm" in answer
