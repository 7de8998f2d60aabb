"""A proxy that fails is named by its address and its variable, on both sides and in every command that talks."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from smug2s3.app import factories
from smug2s3.app.factories import credentials, open_session, open_source, open_store
from smug2s3.errors import SettingsError, Smug2s3Error, SourceUnreachable, StoreUnreachable
from smug2s3.reporting import webhook
from smug2s3.settings import Settings, load
from smug2s3.smugmug import client, login
from smug2s3.stores.s3 import open_s3
from tests.support.certificates import own_certificate
from tests.support.quick import QUICK

SETTINGS = {
    "SMUGMUG_OAUTH_CONSUMER_KEY": "k",
    "SMUGMUG_OAUTH_CONSUMER_SECRET": "s",
    "SMUGMUG_OAUTH_TOKEN": "t",
    "SMUGMUG_OAUTH_TOKEN_SECRET": "u",
    "S3_ACCESS_KEY": "a",
    "S3_SECRET_KEY": "b",
    "S3_BUCKET": "photos",
    "S3_ENDPOINT_URL": "https://s3.example.com",
}


@dataclass
class Proxy:
    """Answers everything with one status, or lets tunnels through to one place."""

    status: int
    leads_to: int = 0
    url: str = ""
    asked: list[str] = field(default_factory=list)
    signed: list[bytes] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"the proxy {self.url}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b"\r\n")[0].decode())
        self.signed += [line for line in head.split(b"\r\n") if line.lower().startswith(b"proxy-authorization")]
        if self.status == 200:
            await self._tunnel(reader, writer)
        else:
            page = b"<html><h1>Squid says no</h1></html>"
            head = (
                f"HTTP/1.1 {self.status} No\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n".encode()
            )
            writer.write(head + page)
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.leads_to)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        pumps = {asyncio.create_task(_pump(reader, back)), asyncio.create_task(_pump(there, writer))}
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            back.transport.abort()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        target.write(piece)


@asynccontextmanager
async def proxy(status: int, *, leads_to: int = 0) -> AsyncIterator[Proxy]:
    found = Proxy(status, leads_to)
    under_way: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        under_way.add(asyncio.create_task(found.serve(reader, writer)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield found
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
    await asyncio.sleep(0.01)  # until what was broken off is closed


def settings(**more: str) -> Settings:
    return load(SETTINGS | more, needs=frozenset({"smugmug", "store"}))


async def sign_in(chosen: Settings) -> None:
    async with open_session() as session:
        await login.begin(session, chosen.api_origin, credentials(chosen))


async def ask_smugmug(chosen: Settings) -> None:
    async with open_source(chosen) as source:
        await source.account()


async def fetch_a_photo(chosen: Settings) -> None:
    async with open_source(chosen) as source, source.open(f"{chosen.api_origin}/photo.jpg", size=None):
        pass


async def ask_the_store(chosen: Settings) -> None:
    async with open_store(chosen) as store:
        await store.check("")


TALKS = [sign_in, ask_smugmug, fetch_a_photo, ask_the_store]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factories, "SmugMugClient", partial(client.SmugMugClient, policy=QUICK))
    monkeypatch.setattr(factories, "open_s3", partial(open_s3, policy=QUICK))


async def failed(talk: Callable[[Settings], object], chosen: Settings) -> Smug2s3Error:
    with pytest.raises(Smug2s3Error) as failure:
        await talk(chosen)  # type: ignore[misc]
    return failure.value


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize(
    ("status", "said"),
    [(407, "refused the user name and password (407)"), (403, "answered 403"), (502, "answered 502"), (503, "503")],
)
async def test_a_proxy_that_lets_nothing_pass_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, talk: Callable[[Settings], object], status: int, said: str
) -> None:
    plain = {"SMUGMUG_API_ORIGIN": "http://localhost:1", "S3_ENDPOINT_URL": "http://localhost:1"}
    async with proxy(status) as gate:
        for variable, chosen in (("HTTPS_PROXY", settings()), ("http_proxy", settings(**plain))):
            monkeypatch.setenv(variable, gate.url.replace("http://", "jane:se%40cret@"))

            error = await failed(talk, chosen)

            assert isinstance(error, (SourceUnreachable, StoreUnreachable))
            assert f"{gate.place} ({variable})" in str(error)
            assert said in str(error)
            assert variable in error.hint
            assert "cret" not in f"{error} {error.hint}"
        assert gate.signed.count(gate.signed[0]) == len(gate.asked)


@pytest.mark.parametrize("talk", TALKS)
async def test_a_proxy_that_is_down_is_named(
    monkeypatch: pytest.MonkeyPatch, talk: Callable[[Settings], object]
) -> None:
    monkeypatch.setenv("ALL_PROXY", "127.0.0.1:1")
    error = await failed(talk, settings())
    assert str(error) == "the proxy http://127.0.0.1:1 (ALL_PROXY) cannot be reached"


@pytest.mark.parametrize("talk", TALKS)
async def test_a_proxy_of_another_kind_is_refused_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, talk: Callable[[Settings], object]
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://jane:secret@proxy:1080")
    error = await failed(talk, settings())
    assert isinstance(error, SettingsError)
    assert str(error) == "HTTPS_PROXY is a socks5:// proxy (proxy), but only HTTP proxies are supported"


async def test_a_notification_that_a_proxy_keeps_back_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    async with proxy(407) as gate:
        monkeypatch.setenv("HTTPS_PROXY", gate.url)
        assert "requires a user name and password" in await webhook.post("https://hc.example.com/secret", {}, "done")
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy")
    assert "socks5://" in await webhook.post("https://hc.example.com/secret", {}, "done")


@asynccontextmanager
async def store_over_tls(folder: Path) -> AsyncIterator[tuple[int, list[bytes]]]:
    """The port of a store whose certificate is good for 127.0.0.1 alone, and what it was asked; ``folder`` has that."""
    certificate, key = own_certificate(folder)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n"))
        listing = b"<ListBucketResult><Name>photos</Name><IsTruncated>false</IsTruncated></ListBucketResult>"
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(listing) + listing)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


@pytest.mark.parametrize(
    ("host", "trusted", "behind"),
    [
        ("127.0.0.1", True, True),
        ("127.0.0.1", False, True),
        ("s3.example.com", True, True),
        ("127.0.0.1", True, False),
        ("localhost", True, False),
    ],
)
async def test_the_stores_server_proves_that_it_is_that_host_behind_a_proxy_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, *, trusted: bool, behind: bool
) -> None:
    async with store_over_tls(tmp_path) as (port, heard), proxy(200, leads_to=port) as gate:
        if trusted:
            monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "cert.pem"))
        if behind:
            monkeypatch.setenv("HTTPS_PROXY", gate.url)
        chosen = settings(S3_ENDPOINT_URL=f"https://{host}:{port}")
        if trusted and host == "127.0.0.1":
            await ask_the_store(chosen)
            assert heard
        else:
            error = await failed(ask_the_store, chosen)
            assert "certificate of the S3 server is not trusted" in str(error)
            assert f"{host}:{port}" in str(error)
            assert not heard
        assert bool(gate.asked) == behind
