"""A head that is parsed here means what the library would have understood, and everything else is left to the library."""

from __future__ import annotations

import io
from http.client import HTTPException, HTTPResponse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.stores.plain_response import Response, plain_head

PLAIN = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "1"\r\nX-Amz-Meta-Title: \xfcber: alles\t\r\n\r\n'


class Connection:
    """Has received these bytes."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(io.BytesIO(self._received))


def understood(kind: type[HTTPResponse], received: bytes) -> tuple[Any, ...]:
    """What a response of this kind says; for an error, its kind."""
    try:
        response = kind(Connection(received))  # type: ignore[arg-type]
        response.begin()
        headers = {name.lower(): value.rstrip(" \t") for name, value in response.getheaders()}
        return response.status, headers, response.length, response.will_close, response.read1(3), response.read()
    except (HTTPException, ValueError) as error:
        return (type(error),)


def test_a_plain_head_is_parsed_here() -> None:
    head = plain_head(PLAIN + b"hello")
    assert head is not None
    assert head.size == len(PLAIN)
    assert head.headers == {"content-length": "5", "etag": '"1"', "x-amz-meta-title": "\xfcber: alles"}
    assert understood(Response, PLAIN + b"hello") == (200, head.headers, 5, False, b"hel", b"lo")


@pytest.mark.parametrize(
    "received",
    [
        b"",
        PLAIN[:-1],
        PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"),
        PLAIN.replace(b"200 OK", b"204 No Content"),
        PLAIN.replace(b"200 OK", b"304 Not Modified"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN,
        PLAIN.replace(b"Content-Length: 5", b"X: 5"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length: five"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length: -5"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length: \xb2"),
        PLAIN.replace(b"Content-Length: 5", b"Content-Length: 5\r\nContent-Length: 6"),
        PLAIN.replace(b"ETag", b"Transfer-Encoding: chunked\r\nETag"),
        PLAIN.replace(b"ETag: ", b"ETag:\r\n folded"),
        PLAIN.replace(b"ETag: ", b"ETag : "),
        PLAIN.replace(b"ETag: ", b"ETag\xfc: "),
        PLAIN.replace(b"\r\n", b"\n"),
        b"<html>",
    ],
)
def test_what_is_unusual_is_left_to_the_library(received: bytes) -> None:
    assert plain_head(received) is None
    assert understood(Response, received + b"hello") == understood(HTTPResponse, received + b"hello")


@pytest.mark.parametrize(("said", "closes"), [("close", True), ("Keep-Alive, Close", True), ("keep-alive", False)])
def test_a_connection_that_the_server_will_close_is_known(said: str, closes: bool) -> None:
    received = PLAIN.replace(b"ETag", f"Connection: {said}\r\nETag".encode()) + b"hello"
    assert plain_head(received) is not None
    assert understood(Response, received) == understood(HTTPResponse, received)
    assert understood(Response, received)[3] is closes


NAMES = st.sampled_from(["Connection", "Transfer-Encoding", "ETag", "Etag", "X-Amz-Meta-A", "Keep-Alive", "X A", ""])
VALUES = st.one_of(
    st.sampled_from(["close", "Keep-Alive", "keep-alive, Close", "chunked", "", " a: b\t"]),
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85"), max_size=8),
)
LENGTHS = st.sampled_from([["5"], ["5"], ["5"], ["05"], [" 5 "], ["+5"], ["5, 5"], ["0"], ["5", "6"], []])


@given(
    st.sampled_from(["200 OK", "206 Partial Content", "404 Not Found", "503 Slow Down", "204 Empty", "200 ", "99 Odd"]),
    LENGTHS,
    st.lists(st.tuples(NAMES, VALUES), max_size=3, unique_by=lambda one: one[0]),
    st.sampled_from([b"", b"hello", b"5\r\nhello\r\n0\r\n\r\n"]),
)
def test_whatever_is_parsed_here_means_the_same_to_the_library(
    status: str, lengths: list[str], others: list[tuple[str, str]], body: bytes
) -> None:
    headers = [*(("Content-Length", length) for length in lengths), *others]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    received = f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body
    assert understood(Response, received) == understood(HTTPResponse, received)
