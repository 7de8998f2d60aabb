"""What an S3 response proves about the stored bytes: that they are right, wrong, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from smug2s3.models import Head, Proof, Receipt
from smug2s3.rules import digests


def prove(
    etag: str, *, md5: str, parts: Sequence[str] = (), etags_are_md5: bool = False, checked: bool = False
) -> Proof | None:
    """How ``etag`` (clean) proves bytes whose MD5 is ``md5`` (hex); ``None`` if it proves that they differ.

    ``parts`` are the MD5s (hex) of the parts they were sent in; ``etags_are_md5``: whether the server's ETags are known
    to be MD5s, also for this object (not with some kinds of encryption); ``checked``: whether they were sent with
    their ``Content-MD5`` to a server seen to reject a wrong one. ``Proof.NONE``: they must be read back.
    """
    if etag == md5:
        return Proof.ETAG
    if parts and etag == etag_of_parts(parts):
        return Proof.PARTS
    if etags_are_md5 and digests.clean_md5(etag):
        return None
    return Proof.CHECKED if checked else Proof.NONE


def etag_of_parts(parts: Sequence[str]) -> str:
    """The ETag that S3 gives an object of these parts: the MD5 of their MD5s, and their number (documented)."""
    whole = hashlib.md5(b"".join(bytes.fromhex(part) for part in parts), usedforsecurity=False)
    return f"{whole.hexdigest()}-{len(parts)}"


def unchanged(head: Head, recorded: Receipt) -> bool | None:
    """Whether the object is still what is ``recorded``; ``None`` if it must be read to know.

    If so, it is as proven as when it was recorded, and no more.
    """
    if head.size != recorded.size or (head.crc64 and recorded.crc64 and head.crc64 != recorded.crc64):
        return False
    if (head.etag and head.etag == recorded.etag) or (head.crc64 and head.crc64 == recorded.crc64):
        return True
    found = prove(head.etag, md5=recorded.md5, etags_are_md5=recorded.etag == recorded.md5)
    return None if found is Proof.NONE else found is not None
