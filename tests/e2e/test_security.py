"""Secrets stay in `.env`, signatures go to SmugMug alone, and names of others do no harm."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import ssl
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from smug2s3.errors import SourceError
from smug2s3.flow.gate import Gate
from smug2s3.flow.retry import RetryPolicy
from smug2s3.smugmug.client import SmugMugClient
from smug2s3.smugmug.media import open_media
from smug2s3.smugmug.oauth import Credentials
from smugmug_simulator import Fault, Simulator, World
from tests.bench import impatient
from tests.contract.conftest import certificate, s3_over_tls
from tests.support.bucket import PREFIX, Bucket
from tests.support.fault_proxy import StoreFault, fault_proxy
from tests.support.machine import PATIENCE, Machine, Ran, machine_for
from tests.support.servers import LocalS3

__all__ = ["certificate", "s3_over_tls"]

posix = pytest.mark.skipif(os.name == "nt", reason="rights are another matter there")

CANARIES = {
    "SMUGMUG_OAUTH_CONSUMER_KEY": "canary0consumer0key0aaaa",
    "SMUGMUG_OAUTH_CONSUMER_SECRET": "canary0consumer0secret0bbbb",
    "SMUGMUG_OAUTH_TOKEN": "canary0token0cccc",
    "SMUGMUG_OAUTH_TOKEN_SECRET": "canary0token0secret0dddd",
    "SMUGMUG_API_KEY": "canary0api0key0eeee",
    "S3_ACCESS_KEY": "canary0access0ffff",
    "S3_SECRET_KEY": "canary0secret0gggg",
}


def everything_written(machine: Machine, ran: list[Ran]) -> dict[str, bytes]:
    """All that the commands said, and every file they left on the computer and in the bucket, but for `.env`."""
    assert machine.bucket is not None
    said = {f"run {number}": f"{one.out}\n{one.err}".encode() for number, one in enumerate(ran)}
    left = {str(path): path.read_bytes() for path in machine.home.rglob("*") if path.is_file() and path.name != ".env"}
    stored = {key: path.read_bytes() + key.encode() for key, path in machine.bucket.files().items()}
    return said | left | stored


def assert_no_secret(machine: Machine, ran: list[Ran]) -> None:
    """None of the secrets of this computer is in anything that was written."""
    written = everything_written(machine, ran)
    secrets = {*machine.secrets, *(value for name, value in machine.settings.items() if name in CANARIES)}
    assert len(secrets) >= 6
    leaks = [(where, secret) for where, content in written.items() for secret in secrets if secret.encode() in content]
    assert leaks == []


async def works(machine: Machine) -> list[Ran]:
    """Everything as it should be, every command once."""
    return [
        await machine.run("sync"),
        await machine.run("sync", "--full", "--json"),
        await machine.run("verify", "--head", "--deep", "--combined", "all.txt", "--certificate", "certificate.txt"),
        await machine.run("verify", "--source", "--json"),
        await machine.run("check"),
        await machine.run("check", "--json"),
        await machine.run("check", "--policy"),
        await machine.run("ledger", "export"),
        await machine.run("ledger", "export", "--format", "csv", "--output", "out.csv"),
    ]


async def fails(machine: Machine) -> list[Ran]:
    """Files that fail on both sides, and a sign-in that is refused on the way."""
    assert machine.sim is not None
    assert machine.bucket is not None
    machine.sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=None))
    machine.sim.faults.add(Fault(action="html", kind="media", path="*tulip*", times=1))
    refusal = StoreFault(action="answer", method="PUT", path="*IMG_0001*", times=None, status=403, code="AccessDenied")
    async with fault_proxy(machine.bucket.server.endpoint, refusal) as proxy:
        machine.write_env(S3_ENDPOINT_URL=proxy.endpoint)
        ran = [await machine.run("sync"), await machine.run("verify", "--repair", "--json")]
    machine.write_env(S3_ENDPOINT_URL=machine.bucket.server.endpoint)
    machine.sim.state.keyring.revoke(machine.sim.token)
    return [*ran, await machine.run("sync", "--json"), await machine.run("verify", "--source")]


async def unreachable(machine: Machine) -> list[Ran]:
    """Nobody answers, on one side or the other."""
    nobody = "http://127.0.0.1:9"
    ran = await asyncio.gather(
        machine.run("check", "--json", environment={"S3_ENDPOINT_URL": nobody}, command=impatient.COMMAND),
        machine.run("sync", "--json", environment={"SMUGMUG_API_ORIGIN": nobody}, command=impatient.COMMAND),
        machine.run("auth", "--no-open", environment={"SMUGMUG_API_ORIGIN": nobody}, command=impatient.COMMAND),
    )
    return list(ran)


async def wrong_keys(machine: Machine) -> list[Ran]:
    """Every secret is a canary, and none of them opens anything."""
    real = dict(machine.settings)
    machine.write_env(**CANARIES)
    ran = [await machine.run("sync"), await machine.run("check", "--json"), await machine.run("auth", "--no-open")]
    machine.write_env(SMUGMUG_OAUTH_TOKEN=None, SMUGMUG_OAUTH_TOKEN_SECRET=None, SMUGMUG_USER="tiny")
    ran += [await machine.run("sync", "--json"), await machine.run("sync", "--dry-run")]
    machine.write_env(**real, SMUGMUG_API_KEY=None)
    machine.write_env(S3_SECRET_KEY=CANARIES["S3_SECRET_KEY"])
    ran += [await machine.run("sync", "--json"), await machine.run("check"), await machine.run("ledger", "rebuild")]
    machine.write_env(S3_SECRET_KEY=real["S3_SECRET_KEY"], SMUGMUG_OAUTH_TOKEN_SECRET=CANARIES["S3_SECRET_KEY"])
    return [*ran, await machine.run("sync")]


async def malformed(machine: Machine) -> list[Ran]:
    """Secrets that cannot be: on two lines, or one without the other."""
    broken = {name: f"{value}\x07more" for name, value in CANARIES.items()}
    ran = [await machine.run("sync", "--json", environment=broken)]
    machine.write_env(S3_ACCESS_KEY=CANARIES["S3_ACCESS_KEY"], S3_SECRET_KEY=None)
    return [*ran, await machine.run("sync"), await machine.run("check", "--json")]


async def crashes(machine: Machine) -> list[Ran]:
    """Something nobody foresaw happens in the middle of a file, and then in the middle of everything."""
    prepared = (
        "import smug2s3.engine.{module} as m\n"
        "def broken(*args, **more): raise RuntimeError('nobody foresaw this')\n"
        "m.{name} = broken\n"
        "from smug2s3.__main__ import main; main()"
    )
    broken = (
        (["sync"], "transfer", "Mover.move"),
        (["sync", "--json"], "sync", "Directories"),
        (["verify", "--deep", "--json"], "verify", "_chosen"),
    )
    return [
        await unchecked(machine, prepared.format(module=module, name=name), *arguments)
        for arguments, module, name in broken
    ]


async def unchecked(machine: Machine, program: str, *arguments: str) -> Ran:
    """One run of a program that may say what a command must not."""
    async with machine.started(*arguments, command=("-c", program)) as process:
        out, err = await process.communicate()
    return Ran(code=process.returncode or 0, out=out.decode(), err=err.decode())


async def killed(machine: Machine) -> list[Ran]:
    """Killed in the middle: the ledger's journal and the lock stay where they are."""
    assert machine.bucket is not None
    stall = StoreFault(action="stall", method="PUT", skip=2, times=None)
    async with fault_proxy(machine.bucket.server.endpoint, stall) as proxy:
        through = {"S3_ENDPOINT_URL": proxy.endpoint}
        async with machine.started("sync", "--concurrency", "1", environment=through) as process:
            await asyncio.wait_for(proxy.stalled.wait(), PATIENCE)
            process.kill()
            await process.wait()
    assert (machine.home / "transfer_log.db.lock").exists()
    return []


@pytest.mark.parametrize("life", [works, fails, unreachable, wrong_keys, malformed, crashes, killed])
async def test_no_secret_is_written_anywhere_but_to_env(
    machine: Machine, life: Callable[[Machine], Awaitable[list[Ran]]]
) -> None:
    ran = await life(machine)

    assert_no_secret(machine, ran)
    if life is works:
        assert [one.code for one in ran] == [0] * len(ran)
        assert (machine.home / "certificate.txt").exists()
        assert f"{PREFIX}manifest.jsonl" in machine.bucket.files() if machine.bucket else False
    elif life is not killed:
        assert [one for one in ran if not one.code] == []
        assert all("hint: " in one.err or re.search(r" bad  |\"bad\"", one.out) for one in ran if one.code in (3, 4))


# Who sees signatures


@dataclass(slots=True)
class Listener:
    """A web server that notes the headers of whoever comes, and answers as it was told."""

    port: int = 0
    answer: Callable[[web.Request], web.Response] = field(
        default=lambda _: web.json_response({"Response": {"Locator": "User", "User": {}}})
    )
    heard: list[tuple[str, str, str]] = field(default_factory=list)
    """Host, path, and the Authorization header or nothing."""


@asynccontextmanager
async def listener(tls: ssl.SSLContext | None = None) -> AsyncIterator[Listener]:
    """One of them, on a port of this machine."""
    heard = Listener()

    async def handle(request: web.Request) -> web.Response:
        heard.heard.append((request.host, request.path, request.headers.get("Authorization", "")))
        return heard.answer(request)

    runner = web.ServerRunner(web.Server(handle))  # type: ignore[arg-type]
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    heard.port = runner.addresses[0][1]
    try:
        yield heard
    finally:
        await runner.cleanup()


class AllHere(AbstractResolver):
    """Every name leads to this machine, so that a test can have hosts of its own."""

    async def resolve(self, host: str, port: int = 0, family: int = 2) -> list[ResolveResult]:
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": family or 2, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass(slots=True)
class Web:
    """SmugMug over TLS, a stranger over TLS and one without, and a client that believes all their names."""

    client: SmugMugClient
    smugmug: Listener
    stranger: Listener
    plain: Listener

    def leads(self, location: str) -> None:
        """SmugMug answers everything with a redirect."""
        self.smugmug.answer = lambda _: web.Response(status=302, headers={"Location": location})


@pytest.fixture
async def internet(certificate: Path) -> AsyncIterator[Web]:
    """The client's origin is SmugMug's real name on a port of this machine."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate, certificate.with_name("key.pem"))
    trusting = ssl.create_default_context(cafile=str(certificate))
    trusting.check_hostname = False  # the certificate names an address; names are what this test plays with
    credentials = Credentials(consumer_key="ck", consumer_secret="cs", token="to", token_secret="ts")
    async with (
        listener(server) as smugmug,
        listener(server) as stranger,
        listener() as plain,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=AllHere(), ssl=trusting)) as session,
    ):
        client = SmugMugClient(
            session,
            origin=f"https://api.smugmug.com:{smugmug.port}",
            gate=Gate(8),
            credentials=credentials,
            policy=RetryPolicy(attempts=2, first_wait=0.01, longest_wait=0.02),
        )
        yield Web(client, smugmug, stranger, plain)


async def fetched(internet: Web) -> bytes:
    """A file behind an address of SmugMug's."""
    url = f"https://api.smugmug.com:{internet.smugmug.port}/photos/i-K/0/D/i-K-D.jpg"
    async with open_media(internet.client, url, size=None) as incoming:
        return b"".join([chunk async for chunk in incoming.chunks])


async def test_the_api_never_follows_a_redirect_to_a_stranger(internet: Web) -> None:
    internet.leads(f"https://evil.example:{internet.stranger.port}/steal")

    with pytest.raises(SourceError, match="not SmugMug's"):
        await internet.client.get("/api/v2!authuser", what="your account")

    assert internet.stranger.heard == []
    assert all(signature for _, _, signature in internet.smugmug.heard)


@pytest.mark.parametrize(
    "host", ["evilsmugmug.com", "smugmug.com.evil.example", "api.smugmug.com@evil.example", "smugmug.com\\evil.example"]
)
async def test_look_alikes_are_strangers(internet: Web, host: str) -> None:
    internet.leads(f"https://{host}:{internet.stranger.port}/steal")

    with pytest.raises(SourceError):
        await internet.client.get("/api/v2!authuser", what="your account")
    with contextlib.suppress(SourceError):  # a file may come from anywhere, if nobody signs for it
        await fetched(internet)

    assert [signature for _, _, signature in internet.stranger.heard if signature] == []


async def test_a_file_may_come_from_a_stranger_who_sees_no_signature(internet: Web) -> None:
    internet.leads(f"https://cdn.example:{internet.stranger.port}/file.jpg")
    internet.stranger.answer = lambda _: web.Response(body=b"photo", content_type="image/jpeg")

    assert await fetched(internet) == b"photo"

    assert internet.stranger.heard == [(f"cdn.example:{internet.stranger.port}", "/file.jpg", "")]
    assert [bool(signature) for _, _, signature in internet.smugmug.heard] == [True]


@pytest.mark.parametrize("host", ["api.smugmug.com", "photos.smugmug.com"])
async def test_no_signature_goes_out_in_the_clear(internet: Web, host: str) -> None:
    internet.leads(f"http://{host}:{internet.plain.port}/clear")

    with pytest.raises(SourceError):
        await internet.client.get("/api/v2!authuser", what="your account")
    internet.plain.answer = lambda _: web.Response(body=b"photo", content_type="image/jpeg")
    with contextlib.suppress(SourceError):
        await fetched(internet)

    assert [signature for _, _, signature in internet.plain.heard if signature] == []


async def test_every_step_of_a_redirect_gets_a_new_signature(internet: Web) -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path != "/there":
            return web.Response(status=302, headers={"Location": "/there"})
        return web.json_response({"Response": {"Locator": "User", "User": {}}})

    internet.smugmug.answer = answer

    await internet.client.get("/here", what="your account")

    (_, first, one), (_, second, other) = internet.smugmug.heard
    assert (first, second) == ("/here", "/there")
    assert one != other
    nonces = [part for header in (one, other) for part in header.split(", ") if "oauth_nonce" in part]
    assert len(set(nonces)) == 2


async def test_a_circle_of_redirects_ends(internet: Web) -> None:
    internet.smugmug.answer = lambda request: web.Response(
        status=302, headers={"Location": "/a" if request.path == "/b" else "/b"}
    )

    with pytest.raises(SourceError, match="in a loop"):
        await internet.client.get("/api/v2!authuser", what="your account")
    with pytest.raises(SourceError, match="in a loop"):
        await fetched(internet)

    assert len(internet.smugmug.heard) <= 12


async def test_the_sign_in_dance_follows_no_redirect(machine: Machine) -> None:
    async with listener() as smugmug, listener() as stranger:
        smugmug.answer = lambda _: web.Response(
            status=307, headers={"Location": f"http://127.0.0.1:{stranger.port}/steal"}
        )
        machine.write_env(SMUGMUG_API_ORIGIN=f"http://127.0.0.1:{smugmug.port}")

        ran = await machine.run("auth", "--no-open")

        assert ran.code == 3
        assert (len(smugmug.heard), stranger.heard) == (1, [])


# TLS


async def test_a_store_whose_certificate_nobody_signed_is_refused_in_a_sentence(
    machine: Machine, s3_over_tls: LocalS3
) -> None:
    bucket = s3_over_tls.new_bucket()
    machine.write_env(
        S3_ENDPOINT_URL=bucket.server.endpoint,
        S3_ACCESS_KEY=bucket.server.access_key,
        S3_SECRET_KEY=bucket.server.secret_key,
        S3_BUCKET=bucket.name,
    )

    ran = await machine.run("check", command=impatient.COMMAND)

    assert ran.code == 4
    (row,) = [line for line in ran.out.splitlines() if " bad  " in line]
    assert row.startswith("storage")
    assert "certificate" in ran.out.lower()
    assert machine.sim is not None
    assert machine.sim.count("media") == 0


async def test_a_smugmug_whose_certificate_nobody_signed_is_refused_in_a_sentence(
    machine: Machine, certificate: Path
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, certificate.with_name("key.pem"))
    async with listener(tls) as smugmug:
        machine.write_env(SMUGMUG_API_ORIGIN=f"https://127.0.0.1:{smugmug.port}")

        ran = await machine.run("check", command=impatient.COMMAND)

        assert ran.code == 3
        assert "certificate" in ran.out.lower()
        assert smugmug.heard == []


# Rights


@posix
@pytest.mark.parametrize("mode", [0o644, 0o600], ids=oct)
async def test_an_env_that_everybody_can_read_gets_a_warning(machine: Machine, mode: int) -> None:
    (machine.home / ".env").chmod(mode)

    ran = await machine.run("sync", "--dry-run", "--json")

    assert ran.code == 0
    assert ("warning: " in ran.err and "chmod 600 .env" in ran.err) == bool(mode & 0o004)
    assert ran.json["moved"] == 6


@posix
async def test_whatever_is_made_is_for_its_owner_alone_whatever_the_umask(machine: Machine) -> None:
    prepared = "import os; os.umask(0); from smug2s3.__main__ import main; main()"
    assert machine.bucket is not None
    held = StoreFault(action="hold", method="PUT", skip=1, times=None)
    async with fault_proxy(machine.bucket.server.endpoint, held) as proxy:
        through = {"S3_ENDPOINT_URL": proxy.endpoint}
        async with machine.started("sync", command=("-c", prepared), environment=through) as process:
            await asyncio.wait_for(proxy.stalled.wait(), PATIENCE)
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in machine.home.glob("transfer_log.db*")}
            proxy.let_go.set()
            assert (await machine.ended(process)).code == 0

    assert set(modes.values()) == {0o600}
    assert {"transfer_log.db", "transfer_log.db-wal", "transfer_log.db.lock"} <= modes.keys()


# Names


EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[31m\u202egpj.exe\u2066<script>alert(1)</script>\r\nSafe to cancel"


async def test_names_drive_no_terminal_and_add_no_lines(bucket: Bucket, tmp_path: Path) -> None:
    world = World("mine")
    album = world.add_album(f"Album {EVIL}", world.add_folder(f"Folder {EVIL}"))
    for number in range(3):
        world.add_image(album, f"{number}{EVIL}.jpg", title=EVIL, caption=EVIL, keywords=(EVIL,))
    async with Simulator(world) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        sim.faults.add(Fault(action="status", status=403, kind="media", times=1, path="*i-*"))
        ran = [
            await machine.run("sync", "--dry-run"),
            await machine.run("sync"),
        ]
        (bucket.folder / PREFIX / f"extra {EVIL[:12]}\u202e").write_bytes(b"x")
        await bucket.changed_from_outside()
        verified = await machine.run("verify", "--certificate", "certificate.txt", "--combined", "all.txt")
        ran += [
            verified,
            await machine.run("sync", "--json"),
            await machine.run("verify", "--source", "--json"),
            await machine.run("check"),
        ]

        assert "1 extra" in verified.out
        said = "".join(one.out + one.err for one in ran)
        files = [(machine.home / name).read_text(encoding="utf-8") for name in ("certificate.txt", "all.txt")]
        for text in (said, *files):
            assert set(text).isdisjoint("\x1b\x07\r\u202e\u2066")
            lines = text.splitlines()
            assert [line for line in lines if line.startswith("Safe to cancel") and "SmugMug lists" not in line] == []
        assert not any(set(key) & set("<>\x1b\x07\r\n") for key in bucket.media() if "extra" not in key)
