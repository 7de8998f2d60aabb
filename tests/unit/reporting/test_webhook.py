"""How a run ended is posted to an address; whatever goes wrong with that is a sentence without the address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from smug2s3.reporting import webhook
from smug2s3.reporting.webhook import NAMED, message, post

SUMMARY = {"moved": 3, "exit_code": 1, "items": [{"key": str(number)} for number in range(50)], "problems": []}


@asynccontextmanager
async def receiver(answer: Callable[[], web.StreamResponse]) -> AsyncIterator[tuple[str, list[tuple[str, Any]]]]:
    """A server that gives ``answer``: its address, and the path and body of each post."""
    got: list[tuple[str, Any]] = []

    async def take(request: web.Request) -> web.StreamResponse:
        got.append((request.path, await request.json()))
        return answer()

    app = web.Application()
    app.router.add_post("/{tail:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", got
    finally:
        await runner.cleanup()


async def test_text_and_summary_arrive_and_the_exit_code_where_it_is_wanted() -> None:
    async with receiver(web.Response) as (address, got):
        assert await post(f"{address}/uuid/{{exit_code}}", SUMMARY, "not complete") == ""
    assert got == [("/uuid/1", message(SUMMARY, "not complete"))]


def test_a_long_summary_is_cut_and_its_counts_are_not() -> None:
    posted = message(SUMMARY, "hello")
    assert posted["text"] == "hello"
    assert posted["summary"]["moved"] == 3
    assert len(posted["summary"]["items"]) == NAMED
    assert len(SUMMARY["items"]) == 50  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [302, 307, 404, 500])
async def test_anything_but_a_yes_is_a_failure_and_no_redirect_is_followed(status: int) -> None:
    async with receiver(lambda: web.Response(status=status, headers={"Location": "/elsewhere"})) as (address, got):
        assert await post(f"{address}/secret", SUMMARY, "") == f"it answered {status}"
    assert [path for path, _ in got] == ["/secret"]


async def test_it_does_not_wait_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "LIMIT", 0.05)
    async with silence() as address:
        assert await post(f"{address}/secret", SUMMARY, "") == "it did not answer within 0.05 seconds"


@asynccontextmanager
async def silence() -> AsyncIterator[str]:
    """A server that takes connections and never says a word."""
    over = asyncio.Event()

    async def wait(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with await asyncio.start_server(wait, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        over.set()


async def test_nobody_there_is_a_sentence() -> None:
    assert await post("http://127.0.0.1:9/secret", SUMMARY, "") == "cannot connect"


async def test_an_answer_that_is_no_http_is_a_sentence() -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00hello\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        problem = await post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/secret", SUMMARY, "")
    assert problem
    assert "secret" not in problem
