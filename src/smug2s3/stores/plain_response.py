"""A response with plain headers, parsed at a fraction of the library's cost, which reads headers as those of an e-mail."""

from __future__ import annotations

import re
from http.client import HTTPResponse
from typing import NamedTuple

_HEAD = re.compile(rb"HTTP/1\.1 (2\d\d|[345]\d\d) [^\r\n]*\r\n((?:[!-9;-~]+:[^\r\n]*\r\n)+)\r\n")
_WITHOUT_BODY = (204, 304)


class Head(NamedTuple):
    """The beginning of a response whose body has a known length."""

    status: int
    headers: dict[str, str]
    """Names in small letters."""
    length: int
    """Of the body."""
    size: int
    """Its own, in bytes."""


def plain_head(received: bytes) -> Head | None:
    """The head at the beginning of these bytes; ``None`` if it is not complete, or has anything unusual."""
    found = _HEAD.match(received)
    if not found:
        return None
    lines = found[2].decode("latin-1").split("\r\n")[:-1]
    headers = {name.lower(): value.strip(" \t") for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length", "")
    status = int(found[1])
    if len(headers) < len(lines) or "transfer-encoding" in headers or status in _WITHOUT_BODY:
        return None
    return Head(status, headers, int(length), found.end()) if length.isascii() and length.isdigit() else None


class Response(HTTPResponse):
    """Leaves what is unusual to the library."""

    fields: dict[str, str]
    """The headers, with their names in small letters."""

    def begin(self) -> None:
        """Parse the head; blocks until it has come."""
        head = plain_head(self.fp.peek())
        if head is None:
            super().begin()
            self.fields = {name.lower(): value for name, value in self.getheaders()}
            return
        self.fields = head.headers
        self.fp.read(head.size)
        self.version, self.status, self.reason = 11, head.status, ""
        self.headers = self.msg = head.headers  # type: ignore[assignment]
        self.length, self.chunked, self.chunk_left = head.length, False, None
        self.will_close = "close" in head.headers.get("connection", "").lower()
