"""What an MD5, a Content-MD5 and an ETag say of each other."""

from __future__ import annotations

import base64
import re

_MD5 = re.compile(r"[0-9a-f]{32}")

EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def clean_md5(text: object) -> str | None:
    """``text`` as lower-case hex if it is an MD5 at all, else ``None``."""
    lowered = str(text or "").strip().strip('"').lower()
    return lowered if _MD5.fullmatch(lowered) else None


def content_md5(hex_md5: str) -> str:
    """The value of a ``Content-MD5`` header: base64 of the sixteen bytes."""
    return base64.b64encode(bytes.fromhex(hex_md5)).decode()


def clean_etag(etag: str) -> str:
    """An ETag without quotes and without the weak mark; one that could be an MD5 in lower case."""
    bare = etag.strip().removeprefix("W/").strip('"')
    return clean_md5(bare) or bare


def etag_agrees(etag: str, *, recorded: str, md5: str) -> bool | None:
    """Whether an object listed with ``etag`` is still the one that was stored.

    Yes if it is the MD5 of the bytes or what the store returned when it took them; no if it names another
    MD5; ``None`` (only reading it back can tell) if the ETag is opaque and new, as after a server-side
    migration: R2's multipart ETags are random and SSE-KMS hides the MD5.
    """
    now = clean_etag(etag)
    if now == md5 or (recorded and now == recorded):
        return True
    return False if clean_md5(now) and (clean_md5(recorded) or not recorded) else None
