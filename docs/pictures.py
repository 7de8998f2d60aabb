"""Makes the pictures of the README and the site from the demo's account: `uv run python -m docs.pictures`, with Chromium at hand."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import fcntl
import html
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
from tests.support.browser import Tab, chromium, running, tab

from smug2s3.local_servers import s3_server
from smugmug_simulator import Simulator, worlds
from smugmug_simulator.content import noise_photo
from smugmug_simulator.world import World

IMAGES = Path(__file__).parent / "images"
COLUMNS, LINES = 100, 12
SYNC = ("sync", "--exclude-folder", "Asia", "--bwlimit", "20M")  # other scripts need fonts that not every machine has
HALFWAY = re.compile(r"\b[56]\d %")

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
            environment = os.environ | {
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
            screen = await asyncio.to_thread(filmed, home, environment)
            for command in (["sync"], ["verify", "--source"], ["report", "report.html"]):
                await asyncio.to_thread(_run, command, home, environment)
        (home / "display.html").write_text(PAGE % "\n".join(("$ smug2s3 sync", *drawn(screen))), encoding="utf-8")
        await take(home)


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


async def _shoot(page: Tab, path: Path, width: float, height: float) -> None:
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1.5}
    shot = await page.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
    path.write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    asyncio.run(main())
