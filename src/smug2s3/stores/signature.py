"""AWS Signature Version 4 for a request with an unsigned body, as documented by S3.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html; the library's own signer takes four
times as long, since it computes for every request what is the same all day.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

UNSIGNED = "UNSIGNED-PAYLOAD"
"""Replaces the digest of the body, which TLS, Content-MD5 and the returned ETag protect."""


class Scope(NamedTuple):
    """The scope of a signature."""

    region: str
    service: str


def authorization(
    method: str, path: str, headers: Mapping[str, str], scope: Scope, access_key: str, secret_key: str, now: datetime
) -> str:
    """The ``Authorization`` header of a request without a query.

    ``path`` is percent-encoded already. Every one of ``headers`` is signed: ``Host`` and everything ``x-amz-…`` must
    be among them, ``x-amz-date`` being ``timestamp(now)`` and ``x-amz-content-sha256`` being ``UNSIGNED``.
    """
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    names = ";".join(name for name, _ in lines)
    canonical = "\n".join(
        (method, path, "", *(f"{name}:{value}" for name, value in lines), "", names, UNSIGNED),
    )
    day = f"{now:%Y%m%d}"
    within = f"{day}/{scope.region}/{scope.service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{timestamp(now)}\n{within}\n{digest}"
    signature = hmac.digest(_key(secret_key, day, scope), to_sign.encode(), "sha256").hex()
    return f"AWS4-HMAC-SHA256 Credential={access_key}/{within}, SignedHeaders={names}, Signature={signature}"


def timestamp(now: datetime) -> str:
    """``now`` (UTC) in the format of ``x-amz-date``."""
    return f"{now:%Y%m%dT%H%M%SZ}"


@lru_cache(maxsize=4)
def _key(secret_key: str, day: str, scope: Scope) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for step in (day, scope.region, scope.service, "aws4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    return key
