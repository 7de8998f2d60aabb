"""`browse` in this process, and somebody's browser at it: real sockets, without a window."""

from __future__ import annotations

import asyncio
import base64
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from multidict import CIMultiDictProxy
from PIL import Image
from yarl import URL

from smug2s3.app.browse_runner import BrowseOptions, run_browse
from smug2s3.settings import Settings
from smugmug_simulator import Simulator, World
from smugmug_simulator.content import Literal, noise_photo, noise_video
from smugmug_simulator.hostile import hostile
from tests.support.bucket import Bucket
from tests.support.previews import photo
from tests.support.servers import LocalS3
from tests.support.wired import Wired

PATIENCE = 30.0

HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERA"
    "AAEAAQAAAAABoQABAAAAAAAAABoAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAA"
    "AHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAA"
    "MAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAACJtZGF0AAAAFigBrxmA70mlv//f4x/1"
    "9q/4prWmPm4="
)
"""64 by 48 pixels of red, as a phone stores them."""

FILM = "film.mp4"
FILM_BYTES = 9_000_000


def drawn(kind: str, width: int, height: int, *, mode: str = "RGB", colour: Any = "teal", **options: Any) -> bytes:
    """A picture of one colour."""
    made = BytesIO()
    Image.new(mode, (width, height), colour).save(made, kind, **options)
    return made.getvalue()


def looked_at() -> World:
    """The hostile account, and an album of pictures that can be seen."""
    world = hostile(long_album=12)
    album = world.add_album("Pictures", world.add_folder("To look at"))
    turned = Image.Exif()
    turned[0x112] = 6
    pictures = {
        "camera.jpg": photo(drawn("JPEG", 160, 120), orientation=6),
        "tiny inside.jpg": photo(drawn("JPEG", 16, 12)),
        "large.jpg": drawn("JPEG", 2400, 1600, exif=turned) + bytes(1_500_000),
        "drawing.png": drawn("PNG", 900, 600, mode="RGBA", colour=(200, 0, 0, 128)),
        "phone.heic": HEIC,
        "scan.tif": drawn("TIFF", 700, 900, mode="L", colour=128),
        "broken.tif": drawn("TIFF", 64, 64)[:200],
    }
    for name, data in pictures.items():
        world.add_image(album, name, Literal(data), title=f"A {name}", keywords=("pictures",))
    world.add_image(album, FILM, noise_video(77, FILM_BYTES), is_video=True, format="MP4", duration=9.0)
    world.add_image(album, "noise.jpg", noise_photo(78, 30_000))
    return world


@dataclass(frozen=True, slots=True)
class Archive:
    """A synced account, in a bucket whose files can be reached."""

    world: World
    bucket: Bucket
    settings: Settings

    @property
    def in_a_folder(self) -> dict[str, Any]:
        """Settings that take the same files as a folder, without the ledger."""
        nowhere = str(self.bucket.folder.parent / "no-ledger.db")
        return {"endpoint": self.bucket.folder.parent.as_uri(), "ledger_path": nowhere}

    def keys(self, name: str) -> tuple[str, str]:
        """The keys of an album and of its image with this name."""
        found = next(one for one in self.world.assets() if one.file_name == name)
        return found.album_key, found.image_key

    def to(self, kind: str, name: str) -> str:
        """The address of the image with this name: ``small``, ``large``, ``original``, ``photo``."""
        return f"/{kind}/{'/'.join(quote(key, safe='') for key in self.keys(name))}"

    def album(self, name: str) -> str:
        """The key of the album that has an image of this name."""
        return self.keys(name)[0]


@pytest.fixture(scope="session")
def archive(s3: LocalS3, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Copied once; tests that change it put it back."""
    world, bucket, home = looked_at(), s3.new_bucket(), tmp_path_factory.mktemp("looked-at")

    async def copied() -> Settings:
        async with Simulator(world) as sim:
            wired = Wired(sim, bucket, home)
            await wired.sync()
            return wired.settings

    return Archive(world, bucket, asyncio.run(copied()))


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(slots=True)
class Visitor:
    """A browser with the cookie."""

    session: aiohttp.ClientSession
    address: str
    """The first one, with the token."""
    running: asyncio.Task[None]
    notes: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.address.partition("/?")[0]

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])

    @property
    def token(self) -> str:
        return self.address.partition("token=")[2]

    async def get(self, path: str, method: str = "GET", **options: Any) -> Answer:
        """One address, as it is given, not tidied up."""
        url = URL(f"{self.origin}{path}", encoded=True)
        async with self.session.request(method, url, allow_redirects=False, **options) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def page(self, path: str) -> str:
        """A page that must be there."""
        answer = await self.get(path)
        assert answer.status == 200, answer.text
        return answer.text

    async def links(self, path: str, start: str) -> list[str]:
        """What a page leads to, of the addresses that start so."""
        found = re.findall(r'(?:href|src)="([^"]+)"', await self.page(path))
        return list(dict.fromkeys(one.replace("&amp;", "&") for one in found if one.startswith(start)))


@asynccontextmanager
async def browsing(
    settings: Settings, *, cookie: bool = True, changes: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[Visitor]:
    """The command answers as long as the block lasts."""
    opened: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    notes: list[str] = []
    settings = replace(settings, **changes or {})
    running = asyncio.create_task(run_browse(settings, BrowseOptions(**options), opened.set_result, notes.append))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_ended, running)
        first: set[asyncio.Future[Any]] = {running, opened}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
        if running.done():
            await running
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), connector=connector)
        )
        visitor = Visitor(session, await opened, running, notes)
        if cookie:
            assert (await visitor.get(f"/?token={visitor.token}")).status == 200
        yield visitor


async def _ended(running: asyncio.Task[None]) -> None:
    running.cancel()
    await asyncio.wait({running}, timeout=PATIENCE)


@pytest.fixture
async def visitor(archive: Archive) -> AsyncIterator[Visitor]:
    """At the bucket, with its ledger."""
    async with browsing(archive.settings) as one:
        yield one


def exchanges(sent: bytes, port: int) -> bytes:
    """What is answered to bytes that no browser would send."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
        return found
