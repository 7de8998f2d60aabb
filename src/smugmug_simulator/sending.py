"""Sends a reply, complete and fast, or as badly as a fault says."""

import asyncio
import socket
import struct
import sys
from collections.abc import Iterator

from aiohttp import web

from smugmug_simulator.content import Literal
from smugmug_simulator.faults import FOR_EVER, Fault
from smugmug_simulator.replies import Reply, whole

_SMALL = 1 << 18
_BODY_FAULTS = {"slow", "stall", "reset", "short", "long", "corrupt", "wrong_length", "unframed"}
_DRIP = 20


async def send(request: web.BaseRequest, reply: Reply, fault: Fault | None) -> tuple[web.StreamResponse, int]:
    """Send a reply and return how many bytes of its body were sent."""
    if fault and fault.action == "ignore_range":
        reply = whole(reply)
    if fault and fault.action in _BODY_FAULTS and request.method != "HEAD":
        return await _send_badly(request, reply, fault)
    if isinstance(reply.content, Literal) and reply.length <= _SMALL:
        body = reply.content.data[reply.start : reply.end]
        return web.Response(status=reply.status, headers=_headers(reply), body=body), len(body)
    response = await _begin(request, reply, reply.length)
    sent = 0
    if request.method != "HEAD":
        for piece in reply.content.chunks(reply.start, reply.end):
            await response.write(piece)
            sent += len(piece)
    await response.write_eof()
    return response, sent


def _headers(reply: Reply) -> dict[str, str]:
    return {"Content-Type": reply.content_type, **reply.headers}


async def _begin(request: web.BaseRequest, reply: Reply, length: int) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=_headers(reply))
    response.content_length = length
    await response.prepare(request)
    return response


async def _send_badly(request: web.BaseRequest, reply: Reply, fault: Fault) -> tuple[web.StreamResponse, int]:
    if fault.action == "unframed":
        return await _send_unframed(request, reply, fault.amount)
    announced = reply.length + fault.amount if fault.action == "wrong_length" else reply.length
    response = await _begin(request, reply, max(0, announced))
    sent = 0
    for piece in _bad_pieces(reply, fault):
        await response.write(piece)
        sent += len(piece)
        if fault.action == "slow":
            await asyncio.sleep(1 / _DRIP)
    await _end_badly(request, response, fault)
    return response, sent


async def _send_unframed(request: web.BaseRequest, reply: Reply, amount: int) -> tuple[web.StreamResponse, int]:
    """As old servers do: without length, chunks and ETag; the end of the connection is the end of the body."""
    body = b"".join(bytes(piece) for piece in reply.content.chunks(reply.start, min(reply.end, reply.start + amount)))
    head = f"HTTP/1.1 {reply.status} OK\r\nContent-Type: {reply.content_type}\r\nConnection: close\r\n\r\n"
    assert request.transport is not None
    request.transport.write(head.encode() + body)
    await _flushed(request.transport)
    request.transport.close()
    return web.StreamResponse(status=reply.status), len(body)


def _bad_pieces(reply: Reply, fault: Fault) -> Iterator[bytes | memoryview]:
    """The body, cut, changed or sliced as the fault wants it."""
    stop = reply.end
    if fault.action in {"reset", "short", "stall"}:
        stop = min(stop, reply.start + max(0, fault.amount))
    if fault.action == "wrong_length":
        yield from _resized(reply, fault.amount)
        return
    position = reply.start
    for piece in reply.content.chunks(reply.start, stop):
        yield from _sliced(
            _flipped(piece, position, reply.start + fault.amount) if fault.action == "corrupt" else piece, fault
        )
        position += len(piece)


def _resized(reply: Reply, amount: int) -> Iterator[bytes | memoryview]:
    """A body a few bytes too long or too short, which its Content-Length agrees with."""
    yield from reply.content.chunks(reply.start, reply.end + min(0, amount))
    if amount > 0:
        yield bytes(amount)


def _flipped(piece: bytes | memoryview, position: int, wrong: int) -> bytes | memoryview:
    """The piece with the byte at `wrong` inverted, if it contains it."""
    if not position <= wrong < position + len(piece):
        return piece
    changed = bytearray(piece)
    changed[wrong - position] ^= 0xFF
    return bytes(changed)


def _sliced(piece: bytes | memoryview, fault: Fault) -> Iterator[bytes | memoryview]:
    step = max(1, fault.amount // _DRIP) if fault.action == "slow" else max(1, len(piece))
    for start in range(0, len(piece), step):
        yield piece[start : start + step]


async def _end_badly(request: web.BaseRequest, response: web.StreamResponse, fault: Fault) -> None:
    """Close as the fault wants it: at once and hard, early but politely, or with unannounced bytes."""
    transport = request.transport
    if transport is None:
        return
    if fault.action == "reset":
        await _flushed(transport)
        _reset(transport)
    elif fault.action == "stall":
        await asyncio.sleep(FOR_EVER)
    elif fault.action == "short":
        transport.close()
    elif fault.action == "long":
        transport.write(b"\0" * fault.amount)
        transport.close()
    else:
        await response.write_eof()


async def _flushed(transport: asyncio.Transport) -> None:
    """Wait a moment for what was written to leave, so that a reset comes after the bytes that were promised."""
    for _ in range(100):
        if not transport.get_write_buffer_size():
            return
        await asyncio.sleep(0.01)


def _reset(transport: asyncio.Transport) -> None:
    """Close with RST instead of FIN: that is what no lingering means."""
    if connection := transport.get_extra_info("socket"):
        connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        )
    transport.abort()
