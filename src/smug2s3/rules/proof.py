"""What a store's answer proves of the bytes it took: that they are right, that they are wrong, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from smug2s3.models import Proof
from smug2s3.rules import digests


def prove(
    etag: str, *, md5: str, parts: Sequence[str] = (), etags_are_md5: bool = False, checked: bool = False
) -> Proof | None:
    """How ``etag`` (clean) proves bytes whose MD5 is ``md5`` (hex); ``None`` if it proves that they are others.

    ``parts`` are the MD5s (hex) of the parts they were sent in; ``etags_are_md5``: whether the store's ETags are known
    to be MD5s, and are no others for this object, as encryption makes them; ``checked``: whether they were sent with
    their ``Content-MD5`` to a store that was seen to refuse a wrong one. ``Proof.NONE``: reading them back has to tell.
    """
    if etag == md5:
        return Proof.ETAG
    if parts and etag == etag_of_parts(parts):
        return Proof.PARTS
    if etags_are_md5 and digests.clean_md5(etag):
        return None
    return Proof.CHECKED if checked else Proof.NONE


def etag_of_parts(parts: Sequence[str]) -> str:
    """The ETag that S3 gives an object of these parts: the MD5 of their MD5s, and how many there are (documented)."""
    whole = hashlib.md5(b"".join(bytes.fromhex(part) for part in parts), usedforsecurity=False)
    return f"{whole.hexdigest()}-{len(parts)}"
