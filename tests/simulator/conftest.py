"""A running simulator of each kind of world, and somebody to ask it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from smugmug_simulator import Simulator, worlds

from .asker import Asker


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture
async def tiny(session: aiohttp.ClientSession) -> AsyncIterator[Asker]:
    async with Simulator(worlds.tiny()) as sim:
        yield Asker(sim, session)


@pytest.fixture
async def hostile(session: aiohttp.ClientSession) -> AsyncIterator[Asker]:
    async with Simulator(worlds.hostile()) as sim:
        yield Asker(sim, session)
