"""Checks that a response is an S3 response: sign-in pages, proxies and wrong addresses may answer every request."""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat

from smug2s3.errors import StoreBroken
from smug2s3.rules import digests

WORDS = 80
"""Characters of a foreign response to quote."""

_UNPACKED = 16 * 1024 * 1024
"""The most bytes of an unpacked document: a listing of a thousand long names is smaller."""

_HINT = (
    "Check S3_ENDPOINT_URL, and that no sign-in page or proxy answers instead of the S3 server; then run the same "
    "command again."
)
_ROOTS = {
    # Only a part: some servers omit the rest, say Response instead of Result, or put a word before it (Ceph).
    "ListObjectsV2": "ListBucketResult",
    "CreateMultipartUpload": "InitiateMultipartUpload",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
    "CopyObject": "CopyObject",
    "ListParts": "ListParts",
    "ListMultipartUploads": "ListMultipartUploads",
    "ListBuckets": "ListAllMyBuckets",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetPublicAccessBlock": "PublicAccessBlockConfiguration",
    "GetBucketOwnershipControls": "OwnershipControls",
    "GetBucketEncryption": "ServerSideEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetObjectLockConfiguration": "ObjectLockConfiguration",
}
_MAY_SAY_NOTHING = frozenset({"CompleteMultipartUpload", "CopyObject"})
"""A HEAD of the object decides then."""
_OBJECTS = frozenset({"GetObject", "HeadObject"})
_WITHOUT_WORDS = frozenset({"PutObject", "UploadPart", "DeleteObject", "AbortMultipartUpload"})

_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:[\w.-]+:)?([A-Za-z]\w*)", re.DOTALL)
_PAGE = re.compile(rb"\s*(?:<!doctype\s+html|<html|\{)", re.IGNORECASE)
_PAGES = frozenset({"text/html", "application/xhtml+xml", "application/json"})
_LEADS_ELSEWHERE = frozenset({301, 302, 303, 307, 308})
_OF_REGIONS = frozenset({301, 307})
"""How S3 answers for a bucket in another region; to a HEAD without a body, and so without an address."""
_OF_GATEWAYS = frozenset({408, 413, 429})
"""Too slow, too large, too often: what a gateway in front of a real server answers, as it does 500 and above."""
_UNSAID = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>?")


def watch(events: Any, address: str) -> None:
    """Check every response before the library reads it, since it takes a web page for an empty response.

    ``address`` is the endpoint.
    """
    for operation in (*_ROOTS, *_OBJECTS, *_WITHOUT_WORDS):
        # The star runs this before the library's own check, which takes every page for a server error.
        events.register_first(f"before-parse.*.{operation}", partial(_look, address))


def _look(address: str, operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    headers = response_dict["headers"]
    if isinstance(response_dict["body"], bytes):
        response_dict["body"] = plain(response_dict["body"], headers)
    said = response_dict["body"] if isinstance(response_dict["body"], bytes) else b""
    refuse_foreign(operation_model.name, response_dict["status_code"], headers, said, address)


def plain(body: bytes, headers: Mapping[str, str]) -> bytes:
    """The body of a document, decompressed (even if compression was not requested), without leading blanks."""
    if headers.get("content-encoding", "").strip().lower() == "gzip":
        try:
            body = zlib.decompressobj(31).decompress(body, _UNPACKED)
        except zlib.error:
            return body
    return body.lstrip()


def refuse_foreign(operation: str, status: int, headers: Mapping[str, str], body: bytes, address: str) -> None:
    """Raise StoreBroken with its first words if it is not an S3 response; ``headers`` are in lower case."""
    if is_foreign(operation, status, headers, body):
        raise StoreBroken(
            f"the response is not an S3 response ({status} to {operation} at {address}): {_said(headers, body)}",
            hint=_HINT,
        )


def is_foreign(operation: str, status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether it is not an S3 response. An S3 error with a success status is one."""
    if status >= 300:
        return _is_foreign_refusal(status, headers, body)
    if operation in _OBJECTS:
        return not _knows_objects(headers)
    if operation in _ROOTS:
        root = _root(body)
        meant = (_ROOTS[operation] in root or root.startswith((operation, "Error"))) and _is_whole(body)
        return not meant and bool(body or operation not in _MAY_SAY_NOTHING)
    # A page can have an ETag as well, but hardly an MD5.
    return _is_about_else(operation, headers, body) and not digests.clean_md5(headers.get("etag"))


def first_words(said: bytes) -> str:
    """Its visible text, in one short line."""
    text = _TAG.sub(" ", _UNSAID.sub(" ", said[:65_536].decode(errors="replace")))
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in html.unescape(text)).split())
    return line if len(line) <= WORDS else f"{line[: WORDS - 1]}…"


def _is_foreign_refusal(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    if status >= 500 or status in _OF_GATEWAYS:
        return False
    return _is_page(headers, body) or _leads_away(status, headers, body)


def _leads_away(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether it is a redirect that is not from an S3 server."""
    if status not in _LEADS_ELSEWHERE or _is_amazons(headers) or _root(body) == "Error":
        return False
    return status not in _OF_REGIONS or "location" in headers


def _knows_objects(headers: Mapping[str, str]) -> bool:
    return "etag" in headers or "last-modified" in headers or _is_amazons(headers)


def _is_amazons(headers: Mapping[str, str]) -> bool:
    return any(name.startswith("x-amz") for name in headers)


def _is_page(headers: Mapping[str, str], body: bytes) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return bool(body) and _root(body) != "Error" and (kind in _PAGES or bool(_PAGE.match(body)))


def _is_about_else(operation: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether it has a body where S3 sends none."""
    root = _root(body)
    return _is_page(headers, body) or bool(root and not root.startswith((operation, "Error")))


def _is_whole(body: bytes) -> bool:
    """Whether a document is complete: the library takes an incomplete one for a server error, as in an outage."""
    try:
        expat.ParserCreate("utf-8").Parse(body, True)
    except expat.ExpatError:
        return False
    return True


def _root(body: bytes) -> str:
    found = _ROOT.match(body[:4096])
    return found[1].decode() if found else ""


def leads_to(headers: Mapping[str, str]) -> str:
    """The target of a redirect, without its query; empty if there is none."""
    try:
        where = urlsplit(headers.get("location", ""))
    except ValueError:
        return first_words(headers["location"].encode())
    host = where.netloc.rpartition("@")[2]
    return first_words((f"{where.scheme or 'https'}://{host}" if host else where.path).encode())


def _said(headers: Mapping[str, str], body: bytes) -> str:
    if where := leads_to(headers):
        return f"it redirects to {where}"
    words = first_words(body)
    return f'"{words}"' if words else f"it is {first_words(headers.get('content-type', '').encode()) or 'empty'}"
