"""A proxy in front of the real S3 server that spoils requests as scripted; what it passes on it passes unchanged.

The signature covers the ``Host`` header, which is passed on as it came, so the server behind accepts it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Action = Literal[
    "answer",
    "hold",
    "reset",
    "reset_midway",
    "reply_lost",
    "stall",
    "slow",
    "wrong_etag",
    "no_etag",
    "truncated",
    "same_token",
]
Etags = Literal["", "plain", "disguised", "foreign"]

_REWRITES = ("slow", "wrong_etag", "no_etag", "truncated", "same_token")
"""What lets the server do its work, and spoils only what it says of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFault:
    """Which requests go wrong and how.

    ``path`` is a glob over path and query as sent. Of the requests that match, the first ``skip`` pass and the
    next ``times`` (``None``: all) fail. ``answer`` takes the body and answers instead of the server; ``reset``
    breaks the connection before the server hears of the request, ``reset_midway`` in the middle of its body,
    ``reply_lost`` when the server has done what it was asked; ``stall`` never answers; ``hold`` passes it on
    once the proxy is told to ``let_go``. The server does what it was asked, and its reply is spoilt: ``slow`` keeps it
    back for ``seconds``, ``wrong_etag`` names another MD5 wherever it names one, ``no_etag`` none (an empty one where
    it is XML), ``truncated`` ends a listing as if there were more without saying where it goes on, ``same_token`` has
    that listing go on for ever, at the place where it is. With ``chance`` each of those requests fails only with
    this probability, the same way every time. ``when`` looks at the request's headers, their names in lower case.
    """

    action: Action
    method: str = "*"
    path: str = "*"
    skip: int = 0
    times: int | None = 1
    status: int = 503
    code: str = "SlowDown"
    headers: tuple[tuple[str, str], ...] = ()
    chance: float = 1.0
    seed: int = 1
    seconds: float = 3600.0
    """How long a ``stall`` or a ``slow`` reply lasts."""
    content_type: str = "application/xml"
    body: str | None = None
    """What an ``answer`` says instead of an S3 error with that ``code``."""
    when: Callable[[Mapping[str, str]], bool] = lambda _: True

    def matches(self, method: str, path: str, headers: Mapping[str, str]) -> bool:
        """Whether it is about such a request at all; a copy inside the store is a ``COPY`` and a ``PUT`` too."""
        meant = fnmatchcase(method, self.method) or (self.method == "COPY" and "x-amz-copy-source" in headers)
        return meant and fnmatchcase(path, self.path) and self.when(headers)


PORTAL = StoreFault(
    action="answer",
    status=200,
    content_type="text/html; charset=utf-8",
    body="<!DOCTYPE html><html><head><title>Hotel Wi-Fi</title></head><body><h1>Please sign in</h1></body></html>",
)
"""What a captive portal answers to everything, with ``replace`` to some of it."""

NOTHING = StoreFault(action="answer", status=200, content_type="text/plain", body="")
"""A server that is content with everything and does nothing."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One request: what was asked, the fault it met (or none), and the status that went back (0: none did)."""

    method: str
    path: str
    fault: str
    status: int


@dataclass(slots=True)
class FaultProxy:
    """The running proxy; ``log`` fills while it runs, ``faults`` may be changed at any time."""

    endpoint: str
    upstream: str
    faults: list[StoreFault] = field(default_factory=list)
    log: list[Passed] = field(default_factory=list)
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a request has come to a ``stall`` or a ``hold``."""
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    """To be set when what is held may go on."""
    hits: Counter[StoreFault] = field(default_factory=Counter)
    """How often each fault struck."""
    expect: Literal["met", "refused", "unheard"] = "met"
    """Whether ``Expect: 100-continue`` is passed on, answered before the body comes with ``refusal``, or never answered."""
    refusal: int = 417
    """0 breaks the connection instead."""
    most: int | None = None
    """More requests with a body than that at once are answered with SlowDown."""
    adds: dict[str, str] = field(default_factory=dict)
    """Headers put into every answer of the server."""
    etags: Etags = ""
    """What the server's ETags look like from here, everywhere and always: ``disguised`` as MD5s of something else, as
    with encryption, ``foreign``, no MD5s by their looks, or ``plain``. The same bytes have the same one, and parts are
    known by it. What came in parts has the one that was told on completion; the server itself lists another.
    """
    wholes: dict[bytes, bytes] = field(default_factory=dict)
    """The ETags told of what came in parts, as they look from here, by the MD5s of the whole."""
    under_way: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of every request that has come and not been answered."""
    _seen: dict[int, int] = field(default_factory=dict)
    _chances: dict[int, Random] = field(default_factory=dict)
    _listing: bytes = b""
    _parts: dict[str, dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))
    """What has come of uploads that are not complete."""
    _serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] | None = None
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def come_back(self) -> None:
        """Listen, at the same address as before if there was one."""
        assert self._serve is not None
        port = urlsplit(self.endpoint).port or 0
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.endpoint = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def go_away(self) -> None:
        """Refuse every connection from now on, and break those that are open."""
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks)

    def look(self, etags: Etags) -> None:
        """From now on its ETags look so, and nothing is known of what came in parts before."""
        self.etags, self.wholes, self._parts = etags, {}, defaultdict(dict)

    def script(self, *faults: StoreFault) -> None:
        """These faults from now on, and no others."""
        self.faults, self._seen, self._chances = list(faults), {}, {}

    def pick(self, method: str, path: str, headers: Mapping[str, str]) -> StoreFault | None:
        """The fault this request meets."""
        if self.most is not None and sum(one == method for one, _ in self.under_way) >= self.most and method == "PUT":
            return StoreFault(action="answer")
        for number, fault in enumerate(self.faults):
            if not fault.matches(method, path, headers):
                continue
            turn = self._seen.get(number, 0) - fault.skip
            self._seen[number] = self._seen.get(number, 0) + 1
            if turn >= 0 and (fault.times is None or turn < fault.times) and self._happens(number, fault):
                self.hits[fault] += 1
                return fault
        return None

    def _happens(self, number: int, fault: StoreFault) -> bool:
        return fault.chance >= 1 or self._chances.setdefault(number, Random(fault.seed)).random() < fault.chance

    def count(self, method: str, path: str = "*", *, fault: str | None = None) -> int:
        """How many such requests there were."""
        return sum(
            one.method == method and fnmatchcase(one.path, path) and fault in (None, one.fault) for one in self.log
        )

    @property
    def struck(self) -> int:
        """How many requests met a fault."""
        return sum(bool(one.fault) for one in self.log)


@asynccontextmanager
async def fault_proxy(upstream: str, *faults: StoreFault) -> AsyncIterator[FaultProxy]:
    """A proxy in front of the server at ``upstream``."""
    proxy = FaultProxy("", upstream, list(faults))
    tasks = proxy._tasks

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await _Connection(proxy, reader, writer).run()
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    proxy._serve = serve
    await proxy.come_back()
    try:
        yield proxy
    finally:
        await proxy.go_away()


@dataclass(slots=True)
class _Head:
    """The first lines of a request or an answer."""

    start: str
    headers: dict[str, str]
    raw: bytes

    @property
    def length(self) -> int | None:
        return int(self.headers["content-length"]) if "content-length" in self.headers else None

    @property
    def chunked(self) -> bool:
        return "chunked" in self.headers.get("transfer-encoding", "")


@dataclass(slots=True)
class _Connection:
    """One client, and the server's connection that belongs to it."""

    proxy: FaultProxy
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def run(self) -> None:
        where = urlsplit(self.proxy.upstream)
        up_reader, up_writer = await asyncio.open_connection(where.hostname, where.port)
        try:
            while (head := await _head(self.reader)) is not None:
                if not await self._request(head, up_reader, up_writer):
                    return
        finally:
            up_writer.transport.abort()

    async def _request(self, head: _Head, up_reader: asyncio.StreamReader, up_writer: asyncio.StreamWriter) -> bool:
        """Serve one request; whether the connection lives on."""
        method, path, _ = head.start.split(" ", 2)
        if "expect" in head.headers and self.proxy.expect == "refused":
            if self.proxy.refusal:
                self.writer.write(f"HTTP/1.1 {self.proxy.refusal} No\r\nContent-Length: 0\r\n\r\n".encode())
            self.proxy.log.append(Passed(method, path, "expect", self.proxy.refusal))
            return False
        if self.proxy.expect == "unheard":
            head = _Head(head.start, head.headers, re.sub(rb"(?im)^expect:.*\r\n", b"", head.raw))
        fault = self.proxy.pick(method, path, head.headers)
        status = 0
        self.proxy.under_way.append((method, path))
        try:
            if fault is not None and fault.action in ("answer", "reset", "stall"):
                status = await self._instead(fault, head, method)
                return False
            if fault is not None and fault.action == "same_token" and "continuation-token=again" in path:
                self.writer.write(self.proxy._listing)
                status = 200
                return True
            if fault is not None and fault.action == "hold":
                self.proxy.stalled.set()
                await self.proxy.let_go.wait()
                status, going_on = await self._pass_on(None, head, method, up_reader, up_writer)
                return going_on
            status, going_on = await self._pass_on(fault, head, method, up_reader, up_writer)
            return going_on
        finally:
            self.proxy.under_way.remove((method, path))
            self.proxy.log.append(Passed(method, path, fault.action if fault else "", status))

    async def _instead(self, fault: StoreFault, head: _Head, method: str) -> int:
        """The server never hears of it."""
        if fault.action == "reset":
            return 0
        if fault.action == "stall":
            self.proxy.stalled.set()
            await asyncio.sleep(fault.seconds)
            return 0
        if "expect" in head.headers:
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        async for _ in _body(self.reader, head):
            pass
        refusal = f"<Error><Code>{fault.code}</Code><Message>scripted</Message></Error>"
        body = (refusal if fault.body is None else fault.body).encode()
        lines = [
            f"HTTP/1.1 {fault.status} Scripted",
            f"Content-Type: {fault.content_type}",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in fault.headers),
        ]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + (b"" if method == "HEAD" else body))
        await self.writer.drain()
        self.writer.close()
        await self.writer.wait_closed()
        return fault.status

    async def _pass_on(
        self,
        fault: StoreFault | None,
        head: _Head,
        method: str,
        up_reader: asyncio.StreamReader,
        up_writer: asyncio.StreamWriter,
    ) -> tuple[int, bool]:
        head, named = await self._plain_parts(head, method)
        up_writer.write(head.raw)
        sending = asyncio.create_task(self._send_body(fault, head, up_writer))
        spoils = fault is not None and fault.action in _REWRITES
        try:
            answer = await self._final_head(up_reader, self.writer if fault is None else None)
            body = _body(up_reader, answer, none=method == "HEAD" or answer.start.split()[1] in ("204", "304"))
            if named:
                body = self._completed(head, named, body)
            if spoils or (fault is None and self.proxy.etags):
                known = {} if "uploadId=" in head.start else self.proxy.wholes  # parts have their own
                await self._rewritten(fault, answer, body, known, none=method == "HEAD")
                await sending
            elif fault is None:
                self.writer.write(_with(answer, self.proxy.adds))
                async for piece in body:
                    self.writer.write(piece)
                    await self.writer.drain()
                await sending
            else:
                async for _ in body:
                    pass
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError, EOFError):
                await sending
        lives = answer.headers.get("connection", "").lower() != "close"
        return int(answer.start.split()[1]), lives and (fault is None or spoils)

    async def _plain_parts(self, head: _Head, method: str) -> tuple[_Head, list[int]]:
        """A list of parts to complete names them as they look from here; the server must be told its own names.

        Besides, the numbers of these parts; none where it is another request.
        """
        if not (self.proxy.etags and method == "POST" and "uploadId=" in head.start and head.length):
            return head, []
        body = b"".join([piece async for piece in _body(self.reader, head)])
        plain = _MD5_LIKE[self.proxy.etags].sub(lambda found: _plain(found[0], self.proxy.etags), body)
        assert len(plain) == len(body)
        numbers = [int(number) for number in re.findall(rb"<PartNumber>(\d+)<", body)]
        return _Head(head.start, {**head.headers, "content-length": "0"}, head.raw + plain), numbers

    async def _completed(self, head: _Head, named: list[int], body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The answer to it as it is, after what it says has been kept: the whole has this ETag from now on."""
        said = b"".join([piece async for piece in body])
        parts = self.proxy._parts[_asked(head)["uploadId"]]
        if (found := _ETAG.search(said)) is not None and parts.keys() >= set(named):
            whole = b"".join(parts[number] for number in named)
            of_parts = found["after"].partition(b"&")[0].partition(b'"')[0]  # how many, without the quote
            etag = _other(found["md5"], self.proxy.etags) + of_parts
            self.proxy.wholes[hashlib.md5(whole, usedforsecurity=False).hexdigest().encode()] = etag
        yield said

    async def _rewritten(
        self,
        fault: StoreFault | None,
        answer: _Head,
        body: AsyncIterator[bytes],
        known: Mapping[bytes, bytes],
        *,
        none: bool,
    ) -> None:
        """The answer with other ETags, or spoilt; what is XML is taken as a whole for it."""
        xml = "xml" in answer.headers.get("content-type", "") and not none
        said = _unframed(b"".join([piece async for piece in body]), answer) if xml else b""
        raw = _with(answer, self.proxy.adds)
        if self.proxy.etags:
            raw, said = (_looking(text, self.proxy.etags, known) for text in (raw, said))
        if fault is not None:
            raw, said = _SPOILS[fault.action](raw), _SPOILS[fault.action](said)
        if xml:
            raw = _sized(raw, len(said))
        if fault is not None and fault.action == "same_token":
            self.proxy._listing = raw + said
        if fault is not None and fault.action == "slow":
            self.proxy.stalled.set()
            await asyncio.sleep(fault.seconds)
        self.writer.write(raw + said)
        async for piece in body:
            self.writer.write(piece)
            await self.writer.drain()

    async def _send_body(self, fault: StoreFault | None, head: _Head, up_writer: asyncio.StreamWriter) -> None:
        sent = 0
        if fault is not None and "expect" in head.headers:
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        until = (head.length or 0) // 2 if fault is not None and fault.action == "reset_midway" else None
        asked = _asked(head) if self.proxy.etags else {}
        part = bytearray()
        try:
            async for piece in _body(self.reader, head):
                up_writer.write(piece if until is None else piece[: until - sent])
                await up_writer.drain()
                sent += len(piece)
                if "partNumber" in asked:
                    part += piece
                if until is not None and sent >= until:
                    up_writer.close()
                    return
            if "partNumber" in asked:
                self.proxy._parts[asked["uploadId"]][int(asked["partNumber"])] = bytes(part)
        except (OSError, EOFError):
            up_writer.transport.abort()  # a client that is no more takes its request with it
            raise

    async def _final_head(self, up_reader: asyncio.StreamReader, interim: asyncio.StreamWriter | None) -> _Head:
        while (answer := await _head(up_reader)) is not None:
            if not answer.start.split()[1].startswith("1"):
                return answer
            if interim is not None:
                interim.write(answer.raw)
        raise EOFError


async def _head(reader: asyncio.StreamReader) -> _Head | None:
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    start, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return _Head(start, headers, raw)


async def _body(reader: asyncio.StreamReader, head: _Head, *, none: bool = False) -> AsyncIterator[bytes]:
    """The body as it is on the wire, chunk frames included."""
    if none:
        return
    if head.chunked:
        while True:
            line = await reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            yield line + await reader.readexactly(size + 2)
            if not size:
                return
    left = head.length or 0
    while left:
        piece = await reader.read(min(left, 65536))
        if not piece:
            raise EOFError
        left -= len(piece)
        yield piece


def _with(answer: _Head, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return answer.raw.removesuffix(b"\r\n") + lines.encode("latin-1") + b"\r\n"


_ETAG = re.compile(
    rb"""(?P<before>^etag:\s*"?|<ETag>(?:&\#34;|&quot;|")?)(?P<md5>[0-9a-f]{32})(?P<after>[^\r\n<]*)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_MD5_LIKE = {
    "plain": re.compile(rb"\b[0-9a-f]{32}\b"),
    "disguised": re.compile(rb"\b[0-9a-f]{32}\b"),
    "foreign": re.compile(rb"\b[g-v]{32}\b"),
}
_FOREIGN = bytes.maketrans(b"0123456789abcdef", b"ghijklmnopqrstuv")
_FAMILIAR = bytes.maketrans(b"ghijklmnopqrstuv", b"0123456789abcdef")


def _looking(text: bytes, etags: Etags, known: Mapping[bytes, bytes]) -> bytes:
    """With every ETag as it looks from here; ``known`` are those of what came in parts."""

    def other(found: re.Match[bytes]) -> bytes:
        etag = known.get(found["md5"]) or _other(found["md5"], etags)
        return found["before"] + etag + found["after"]

    return _ETAG.sub(other, text)


def _other(md5: bytes, etags: Etags) -> bytes:
    if etags == "disguised":
        return md5[::-1]
    return md5.translate(_FOREIGN) if etags == "foreign" else md5


def _plain(md5: bytes, etags: Etags) -> bytes:
    if etags == "disguised":
        return md5[::-1]
    return md5.translate(_FAMILIAR) if etags == "foreign" else md5


def _asked(head: _Head) -> dict[str, str]:
    """What stands in the query of a request."""
    return {name: values[0] for name, values in parse_qs(urlsplit(head.start.split(" ", 2)[1]).query).items()}


def _wrong(text: bytes) -> bytes:
    return _ETAG.sub(rb"\g<before>" + b"0" * 32 + rb"\g<after>", text)


def _none(text: bytes) -> bytes:
    without = re.sub(rb"(?im)^etag:.*\r\n", b"", text)
    return re.sub(rb"<ETag>[^<]*</ETag>", b"<ETag></ETag>", without)


def _unending(text: bytes, token: bytes) -> bytes:
    open_ended = re.sub(rb"<NextContinuationToken>[^<]*</NextContinuationToken>", b"", text)
    return re.sub(rb"<IsTruncated>[^<]*</IsTruncated>", b"<IsTruncated>true</IsTruncated>" + token, open_ended)


_SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "slow": bytes,
    "wrong_etag": _wrong,
    "no_etag": _none,
    "truncated": lambda text: _unending(text, b""),
    "same_token": lambda text: _unending(text, b"<NextContinuationToken>again</NextContinuationToken>"),
}


def _unframed(body: bytes, head: _Head) -> bytes:
    """Without the frames of chunks."""
    if not head.chunked:
        return body
    whole = b""
    while body:
        line, _, body = body.partition(b"\r\n")
        size = int(line.split(b";")[0], 16)
        whole, body = whole + body[:size], body[size + 2 :]
    return whole


def _sized(raw: bytes, size: int) -> bytes:
    without = re.sub(rb"(?im)^(content-length|transfer-encoding):.*\r\n", b"", raw)
    return without.removesuffix(b"\r\n") + f"Content-Length: {size}\r\n\r\n".encode()
