"""Conversions between MD5, Content-MD5 and ETag."""

from __future__ import annotations

import base64
import re

_MD5 = re.compile(r"[0-9a-f]{32}")

EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def clean_md5(text: object) -> str | None:
    """``text`` as lower-case hex if it is an MD5, else ``None``."""
    lowered = str(text or "").strip().strip('"').lower()
    return lowered if _MD5.fullmatch(lowered) else None


def content_md5(hex_md5: str) -> str:
    """The value of a ``Content-MD5`` header: base64 of the sixteen bytes."""
    return base64.b64encode(bytes.fromhex(hex_md5)).decode()


def clean_etag(etag: str) -> str:
    """An ETag without quotes and weak mark; in lower case if it could be an MD5."""
    bare = etag.strip().removeprefix("W/").strip('"')
    return clean_md5(bare) or bare
