"""A real Chromium, driven over its own DevTools protocol; found on the machine, or installed where that can be done."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.debian import installed

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0",
)  # fmt: skip

_NAMES = (
    "/usr/lib/chromium/chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)  # fmt: skip

UNTIL = """(ask => new Promise((done, failed) => {
  const look = () => {
    try {
      const found = ask();
      if (found) done(found); else requestAnimationFrame(look);
    } catch (error) { failed(error) }
  };
  look();
}))(() => (%s))"""

PROGRESS = "Browser.downloadProgress"

PACKAGE = "chromium-headless-shell"
"""Debian's Chromium without its windows: its pages take half as much of the processor, and its start a seventh."""

HOW_TO = "install Chromium or Chrome (on Debian: apt-get install chromium), then run the tests again"


def chromium() -> str | None:
    """Its path; installed first where it is missing and this is root on a Debian machine."""
    return _found() if installed(PACKAGE, _found) or installed("chromium", _found) else None


def _found() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def running(path: str) -> Iterator[str]:
    """Chromium with a profile of its own, as long as the block lasts; the address it is driven at."""
    with tempfile.TemporaryDirectory(prefix="smug2s3-chromium-", ignore_cleanup_errors=True) as profile:
        command = [path, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
            assert process.stderr is not None
            try:
                said = iter(process.stderr)
                yield next(line.split()[-1] for line in said if line.startswith("DevTools listening on "))
            finally:
                process.terminate()
                process.stderr.read()


@dataclass(slots=True)
class Tab:
    """One page, with all that it complained of and asked for."""

    socket: aiohttp.ClientWebSocketResponse
    session: str = ""
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    complained: list[str] = field(default_factory=list)
    """What earlier pages complained of."""
    _last: int = 0
    _seen_by: tuple[int, bool, str] | None = None
    """How wide the window is, and what else the page is told of it."""

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol and its answer; events that come meanwhile are kept."""
        self._last += 1
        self._seen_by = None if method.startswith("Emulation.") else self._seen_by
        command = {"id": self._last, "method": method, "params": params}
        await self.socket.send_json(command | ({"sessionId": self.session} if self.session else {}))
        while True:
            message = await self._next()
            if message.get("id") == self._last:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result

    async def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads((await asyncio.wait_for(self.socket.receive(), 30)).data)
        if "method" in message:
            self.events.append((message["method"], message["params"]))
        return message

    async def show(self, page: Path | str, *, width: int = 1280, dark: bool = False, media: str = "") -> None:
        """Open a file or an address in a window of that width, and wait until it is loaded."""
        if self._seen_by != (width, dark, media):
            await self._be_seen_by(width, dark, media)
        self.complained += self.complaints
        self.events.clear()
        gone = await self.call("Page.navigate", url=page if isinstance(page, str) else page.absolute().as_uri())
        while "loaderId" in gone and not self._loaded(gone["loaderId"]):
            await self._next()

    async def _be_seen_by(self, width: int, dark: bool, media: str) -> None:
        """Which takes time, as the page before is laid out for it."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        await self.call("Emulation.setEmulatedMedia", media=media, features=scheme)
        self._seen_by = width, dark, media

    def _loaded(self, loader: str) -> bool:
        """Whether that page is loaded; the one before may have ended loading only now."""
        arrived = False
        for name, params in self.events:
            arrived |= name == "Page.frameNavigated" and params["frame"]["loaderId"] == loader
            if arrived and name == "Page.loadEventFired":
                return True
        return False

    async def run(self, script: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for."""
        done = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    async def until(self, script: str) -> Any:
        """Wait until a JavaScript expression is true, frame by frame; its value then."""
        return await asyncio.wait_for(self.run(UNTIL.replace("%s", script)), 20)

    async def arrive(self, script: str) -> None:
        """Wait until a JavaScript expression is true, also where another page is loaded meanwhile."""
        async with asyncio.timeout(20):
            while not await self._holds(script):
                await asyncio.sleep(0.02)

    async def _holds(self, script: str) -> bool:
        try:
            return bool(await self.until(f"Boolean({script})"))
        except AssertionError:  # the page went away, or is not there yet
            return False

    async def press(self, key: str, code: int) -> None:
        """One key, as a keyboard sends it."""
        typed = {"key": key, "code": key, "windowsVirtualKeyCode": code} | ({"text": "\r"} if key == "Enter" else {})
        await self.call("Input.dispatchKeyEvent", type="keyDown", **typed)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    async def keep_downloads(self, folder: Path) -> None:
        """Let the browser store what it is given to store, for ``downloaded``."""
        await self.call(
            "Browser.setDownloadBehavior", behavior="allowAndName", downloadPath=str(folder), eventsEnabled=True
        )

    async def downloaded(self, folder: Path) -> bytes:
        """The file that it has begun to store there, or will; once it is complete."""
        while not (ended := [said for name, said in self.events if name == PROGRESS and said["state"] != "inProgress"]):
            await self._next()
        self.events = [one for one in self.events if one[0] != PROGRESS]
        assert [said["state"] for said in ended] == ["completed"]
        file = folder / str(ended[0]["guid"])
        body = file.read_bytes()
        file.unlink()
        return body

    async def picture(self, path: Path) -> None:
        """The whole page as a PNG."""
        shot = await self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    @property
    def complaints(self) -> list[str]:
        """Errors, refusals of the page's own policy among them, and what was written to the console."""
        loud = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [json.dumps(params) for name, params in self.events if name in loud]

    @property
    def requests(self) -> list[str]:
        """Every address it asked for."""
        return [params["request"]["url"] for name, params in self.events if name == "Network.requestWillBeSent"]


@asynccontextmanager
async def tab(address: str, *, network: bool = True) -> AsyncIterator[Tab]:
    """A new page in a running Chromium; with ``network`` it knows what it asked for."""
    async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
        opened = Tab(socket)
        target = (await opened.call("Target.createTarget", url="about:blank"))["targetId"]
        session = (await opened.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        opened.session = session
        for domain in ("Page", "Runtime", "Log", *(["Network"] if network else [])):
            await opened.call(f"{domain}.enable")
        yield opened
        opened.session = ""
        await opened.call("Target.closeTarget", targetId=target)
