"""What a server's responses were seen to prove, and so what further ones prove."""

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
    """What the server said about a stored object."""

    etag: str
    crc64: str = ""
    """Empty if it sent none for the whole object."""
    hidden: bool = False
    """Whether its encryption makes the ETag something else than the MD5, though it looks like one."""
    parts: tuple[str, ...] = ()
    """MD5s of its parts."""
    certain: bool = True
    """Whether it is about this upload, not about whatever is at the key."""
    taken_up: bool = False
    """Whether an earlier process started its upload, with older metadata."""


@dataclass(slots=True)
class Beliefs:
    """Beliefs about one server, while it is open."""

    etags_are_md5: bool | None = None
    """Whether ETags of single PUTs are MD5s; unknown until the first response."""
    parts_are_md5: bool = False
    wholes_are_of_parts: bool = False
    refuses_wrong_md5: bool | None = None
    """Whether it rejects a wrong ``Content-MD5``; unknown until tested."""
    takes_md5: bool = True
    """Whether it accepts a ``Content-MD5`` at all."""
    encrypted: bool = False
    """Whether every object is sent with an encryption that makes its ETag something else than the MD5."""

    def judge(self, kept: Kept, md5: str) -> Proof | None:
        """How an object is proven; ``None`` if its ETag should be the MD5 but is not.

        An ETag that looks like an MD5 should be one, until one was seen not to be. For multipart uploads this is
        only assumed once it is known: reading back a video costs more than a photo.
        """
        known = bool(self.etags_are_md5) if kept.parts else self.etags_are_md5 is not False
        proof = prove(
            kept.etag,
            md5=md5,
            parts=kept.parts,
            etags_are_md5=known and not self._hides(hidden=kept.hidden),
            checked=bool(self.refuses_wrong_md5) and kept.certain,
        )
        if proof is Proof.ETAG and not kept.parts:
            self.etags_are_md5 = True
        if proof is Proof.PARTS:
            self.wholes_are_of_parts = True
        return None if proof in (Proof.NONE, Proof.CHECKED) and self._names_other_parts(kept) else proof

    def judge_part(self, etag: str, md5: str, *, hidden: bool) -> Proof | None:
        """The same for one part; its ETag is only expected to be the MD5 after another part's was."""
        proof = prove(etag, md5=md5, etags_are_md5=self.parts_are_md5 and not self._hides(hidden=hidden))
        self.parts_are_md5 = self.parts_are_md5 or proof is Proof.ETAG
        return proof

    def _hides(self, *, hidden: bool) -> bool:
        return hidden or self.encrypted

    def _names_other_parts(self, kept: Kept) -> bool:
        hides = self._hides(hidden=kept.hidden)
        return bool(kept.parts and self.wholes_are_of_parts and not hides and _OF_PARTS.fullmatch(kept.etag.lower()))


def kept_by(answer: dict[str, Any], *, parts: Sequence[str] = (), certain: bool = True) -> Kept:
    """What the response to a PUT, a copy, a Complete or a HEAD says about the object."""
    whole = answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
    return Kept(
        etag=digests.clean_etag(str(answer.get("ETag") or "")),
        crc64=str(answer.get("ChecksumCRC64NVME", "")) if whole else "",
        hidden=is_hidden(answer),
        parts=tuple(parts),
        certain=certain,
    )


def is_hidden(answer: dict[str, Any]) -> bool:
    """Whether SSE-KMS or SSE-C is used, with which an ETag looks like an MD5 but is not."""
    return "kms" in str(answer.get("ServerSideEncryption", "")) or "SSECustomerAlgorithm" in answer
