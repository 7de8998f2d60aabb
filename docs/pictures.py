"""Makes the pictures of the README and the site from the demo's account: `uv run python -m docs.pictures`, with Chromium at hand."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import fcntl
import html
import io
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pyte
from PIL import Image as Pillow
from tests.support.browsed import browsed
from tests.support.browser import Tab, chromium, running, tab

from smug2s3.local_servers import S3Server, s3_server
from smugmug_simulator import Simulator, worlds
from smugmug_simulator.content import noise_photo
from smugmug_simulator.world import World

IMAGES = Path(__file__).parent / "images"
COLUMNS, LINES = 100, 12
SYNC = ("sync", "--exclude-folder", "Asia", "--bwlimit", "20M")  # other scripts need fonts that not every machine has
HALFWAY = re.compile(r"\b[56]\d %")

ALBUM = "document.querySelector('.shot').href.replace('/photo/', '/album/').replace(/\\/[^/]*$/, '')"

PAGE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #fff }
pre { display: inline-block; margin: 0; padding: 20px 24px; border-radius: 10px; background: #1b1f27; color: #d6dae1;
      font: 15px/1.4 "DejaVu Sans Mono", monospace }
</style><pre>%s</pre>"""
COLOURS = {
    "red": "#f07178", "green": "#98c379", "brown": "#e5c07b", "blue": "#61afef", "magenta": "#c678dd",
    "cyan": "#56b6c2", "white": "#ffffff", "brightblack": "#7f8794",
}  # fmt: skip


async def main() -> None:
    """Copy the demo's account, take a picture of the display when half is done, then one of the report."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "store" / "photos").mkdir(parents=True)
        async with Simulator(account()) as smugmug, s3_server(home / "store") as store:
            environment = os.environ | access(smugmug, store)
            screen = await asyncio.to_thread(filmed, home, environment)
            for command in (["sync"], ["verify", "--source"], ["report", "report.html"]):
                await asyncio.to_thread(_run, command, home, environment)
        (home / "display.html").write_text(PAGE % "\n".join(("$ smug2s3 sync", *drawn(screen))), encoding="utf-8")
        await take(home)
    await browsed_demo()


def access(smugmug: Simulator, store: S3Server) -> dict[str, str]:
    """What `.env` would say."""
    return {
        "SMUGMUG_API_ORIGIN": smugmug.origin,
        "SMUGMUG_OAUTH_CONSUMER_KEY": smugmug.consumer_key,
        "SMUGMUG_OAUTH_CONSUMER_SECRET": smugmug.consumer_secret,
        "SMUGMUG_OAUTH_TOKEN": smugmug.token,
        "SMUGMUG_OAUTH_TOKEN_SECRET": smugmug.token_secret,
        "S3_ENDPOINT_URL": store.endpoint,
        "S3_ACCESS_KEY": store.access_key,
        "S3_SECRET_KEY": store.secret_key,
        "S3_BUCKET": "photos",
    }


def account() -> World:
    """The demo's, with photos as large as a camera's: its own are copied too quickly to be seen."""
    world = worlds.demo()
    for number, image in enumerate(world.stored_images()):
        if not image.is_video:
            world.replace_image(image.key, noise_photo(number, 1_200_000 + number * 7_919_077 % 3_000_000))
    return world


def filmed(home: Path, environment: dict[str, str]) -> pyte.Screen:
    """The screen of a terminal in which a sync is half done."""
    controller, own = pty.openpty()
    fcntl.ioctl(own, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    command, shown = [sys.executable, "-m", "smug2s3", *SYNC], {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    with subprocess.Popen(command, cwd=home, env=environment | shown, stdin=own, stdout=own, stderr=own) as process:
        os.close(own)
        while not (HALFWAY.search("\n".join(screen.display)) and _pauses(controller)):
            stream.feed(os.read(controller, 65536))
        process.terminate()
        with contextlib.suppress(OSError):  # raised once nobody writes any more
            while os.read(controller, 65536):  # it has last words, and must get rid of them
                pass
    os.close(controller)
    return screen


def _pauses(controller: int) -> bool:
    """Whether a frame is drawn to its end."""
    return not select.select([controller], [], [], 0.1)[0]


def _run(command: list[str], home: Path, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-m", "smug2s3", *command], cwd=home, env=environment, check=True)


def drawn(screen: pyte.Screen) -> Iterator[str]:
    """Its lines as HTML, without the empty ones at the end."""
    last = max(row for row, line in enumerate(screen.display) if line.strip())
    for row in range(last + 1):
        cells = [screen.buffer[row][column] for column in range(COLUMNS)]
        yield "".join(
            _piece("".join(cell.data for cell in same), foreground, bold=bold)
            for (foreground, bold), same in groupby(cells, key=lambda cell: (cell.fg, cell.bold))
        ).rstrip()


def _piece(text: str, foreground: str, *, bold: bool) -> str:
    """Text in a colour, by its name or as six digits."""
    known = COLOURS.get(foreground, f"#{foreground}" if re.fullmatch("[0-9a-f]{6}", foreground) else "inherit")
    return f'<span style="color:{known};font-weight:{"bold" if bold else "normal"}">{html.escape(text)}</span>'


async def take(home: Path) -> None:
    """Take both pictures, finer than they are shown."""
    browser = chromium()
    assert browser, "there is no Chromium"
    with running(browser) as address:
        async with tab(address) as page:
            await page.show(home / "display.html")
            box = await page.run("(b => [b.width, b.height])(document.querySelector('pre').getBoundingClientRect())")
            await _shoot(page, IMAGES / "display.png", *box)
            await page.show(home / "report.html", width=1000)
            await _shoot(page, IMAGES / "report.png", 1000, 860)


async def browsed_demo() -> None:
    """Copy the demo's account with its own photos, and take pictures of an album, the months and one photo."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "store" / "photos").mkdir(parents=True)
        async with Simulator(worlds.demo()) as smugmug, s3_server(home / "store") as store:
            environment = access(smugmug, store)
            await asyncio.to_thread(_run, ["sync", "--exclude-folder", "Asia"], home, os.environ | environment)
            with browsed(home, **environment) as served:
                await visit(served.address)


async def visit(address: str) -> None:
    """Take the pictures of the pages of `browse`."""
    browser = chromium()
    assert browser, "there is no Chromium"
    with running(browser) as driven:
        async with tab(driven) as page:
            await page.show(address, width=1100)
            await page.show(f"{address.split('/?', maxsplit=1)[0]}/dates", width=1100)
            await _snap(page, "browse-dates.png")
            await page.show(f"{address.split('/?', maxsplit=1)[0]}/search?q=80th", width=1100)
            await page.show(await page.run(ALBUM), width=1100)
            await _snap(page, "browse-album.png")
            await page.run("document.querySelector('[data-number]').click(); 1")
            await page.until("document.activeElement.classList.contains('pswp')")
            await page.press("i", 73)
            await _snap(page, "browse-photo.png")


async def _snap(page: Tab, name: str) -> None:
    """A picture of a window of that size, with the colours that a small file has room for."""
    await page.call("Emulation.setDeviceMetricsOverride", width=1100, height=720, deviceScaleFactor=1, mobile=False)
    await page.call("Emulation.setScrollbarsHidden", hidden=True)
    await page.until("[...document.images].every(one => one.complete || one.getBoundingClientRect().top > innerHeight)")
    shot = await page.call("Page.captureScreenshot")
    Pillow.open(io.BytesIO(base64.b64decode(shot["data"]))).quantize(200).save(IMAGES / name, optimize=True)


async def _shoot(page: Tab, path: Path, width: float, height: float) -> None:
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1.5}
    shot = await page.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
    path.write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    asyncio.run(main())
