"""Tests both sides independently, each with a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from smug2s3.app.belonging import belongings
from smug2s3.app.destination import place
from smug2s3.app.factories import credentials, open_session, open_source, open_store
from smug2s3.errors import Smug2s3Error, SourceUnreachable, StoreError, StoreUnreachable, StoreUnusable, foreseen
from smug2s3.models import Account
from smug2s3.reporting.amounts import duration, plural
from smug2s3.rules.finding import BAD, GOOD, NOTE, Finding
from smug2s3.settings import Settings
from smug2s3.smugmug import login
from smug2s3.smugmug.client import SKEW_ALLOWED

SMUGMUG, STORE = "SmugMug", "store"
"""Names of the sides in findings."""

LONGEST = 300.0
"""Time limit for the tests of a side. Each test ends long before, unless something hangs."""

LETTING_GO = 30.0
"""Seconds that cancelled tests get to delete their test files."""

OnFinding = Callable[[Finding], None]


class Hanging(StoreError):
    """A test that does not even end when cancelled, as on a network disk whose server is gone."""


async def run_check(
    settings: Settings,
    on_finding: Callable[[str, Finding], None],
    *,
    sides: Collection[str] = (SMUGMUG, STORE),
    longest: float = LONGEST,
) -> Smug2s3Error | None:
    """Test ``sides``. An error that stops the tests of a side is a finding, too; returns the first such error."""
    settings = replace(settings, outage_patience=0.0)  # the user is waiting
    failures: list[Smug2s3Error] = []
    known: list[Account] = []
    tries = ((SMUGMUG, settings.api_origin, _try_smugmug), (STORE, place(settings), _try_store))
    for side, where, work in tries:
        if side in sides:
            to_this = partial(on_finding, side)
            failures += await _in_time(side, where, work(settings, to_this, known), to_this, longest)
    return failures[0] if failures else None


async def _in_time(
    side: str, where: str, tries: Coroutine[Any, Any, None], on_finding: OnFinding, longest: float
) -> list[Smug2s3Error]:
    """Run the tests of one side; returns the error that stopped them, if any, already reported."""
    task = asyncio.create_task(tries)
    try:
        done, _ = await asyncio.wait({task}, timeout=longest)
    finally:
        task.cancel()
    if done:
        error = task.exception()
        if error is None:
            return []
        assert isinstance(error, Smug2s3Error)
        return [error]
    ended, _ = await asyncio.wait({task}, timeout=LETTING_GO)
    kind = (SourceUnreachable if side == SMUGMUG else StoreUnreachable) if ended else Hanging
    overdue = kind(f"took longer than {duration(longest)}, so the remaining tests were skipped")
    on_finding(Finding("time", BAD, f"{where}: {overdue}"))
    return [overdue]


async def _try_smugmug(settings: Settings, on_finding: OnFinding, known: list[Account]) -> None:
    if not (settings.signed_in or settings.api_key):
        await _try_key(settings, on_finding)
        return
    async with open_source(settings) as source:
        with _errors_as_findings(on_finding, "sign-in"):
            account = await source.account()
        known.append(account)
        for finding in _signed_in(account, source.clock_skew):
            on_finding(finding)


async def _try_key(settings: Settings, on_finding: OnFinding) -> None:
    """Check the API key and secret, before a sign-in."""
    async with open_session() as session:
        with _errors_as_findings(on_finding, "API key"):
            await login.begin(session, settings.api_origin, credentials(settings))
    on_finding(Finding("API key", GOOD, "accepted by SmugMug, together with its secret"))


async def _try_store(settings: Settings, on_finding: OnFinding, known: list[Account]) -> None:
    name = "folder" if settings.folder else "bucket"
    where = place(settings).removeprefix(f"{name} ")
    async with AsyncExitStack() as opened:
        with _errors_as_findings(on_finding, name, f"{where}: "):
            store = await opened.enter_async_context(open_store(settings))
        probe = store.probe(settings.prefix)
        try:
            with _errors_as_findings(on_finding, name, f"{where}: "):
                await store.check(settings.prefix)
        except StoreUnusable:
            for finding in await probe.neighbours():
                on_finding(finding)
            raise
        on_finding(Finding(name, GOOD, where))
        with _errors_as_findings(on_finding, "prefix"):
            async for finding in belongings(settings, known[0] if known else None, store):
                on_finding(finding)
        with _errors_as_findings(on_finding, "tests"):
            async for finding in probe.findings():
                on_finding(finding)


@contextmanager
def _errors_as_findings(on_finding: OnFinding, name: str, where: str = "") -> Iterator[None]:
    """Turn an error in the block into a finding, and raise it as one of ours."""
    try:
        yield
    except Exception as raised:  # noqa: BLE001 - one side's surprise must not hide what the other is like
        error = foreseen(raised)
        on_finding(Finding(name, BAD, f"{where}{error}{f'. {error.hint}' if error.hint else ''}"))
        raise error from None


def _signed_in(account: Account, skew: float) -> Iterator[Finding]:
    items = f", {plural(account.image_count, 'item')}" if account.image_count is not None else ""
    yield Finding("sign-in", GOOD, f"{account.name or account.nickname} ({account.nickname}){items}")
    if account.full:
        yield Finding("access", GOOD, "full: private albums are copied too")
    else:
        yield Finding("access", NOTE, "public albums only; run `smug2s3 auth` to include private ones")
    if abs(skew) > SKEW_ALLOWED:
        way = "behind" if skew > 0 else "ahead"
        yield Finding("clock", BAD, f"{abs(skew):,.0f} seconds {way}: set it, or SmugMug will reject the sign-in")
    else:
        yield Finding("clock", GOOD, "in sync with SmugMug")
