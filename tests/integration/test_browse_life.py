"""From the first word to the last: what cannot be shown is said, who leaves is let go, and it ends when it should."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from smug2s3.app import browse_runner
from smug2s3.app.factories import open_store
from smug2s3.errors import LedgerError, Smug2s3Error, StoreArchived, StoreBusy, StoreMissing, StoreUnusable, UsageError
from smug2s3.settings import Settings
from tests.support.browsing import FILM, PATIENCE, Archive, browsing


async def refusal(settings: Settings, **changes: Any) -> Smug2s3Error:
    """What the command ends with before it answers anybody."""
    with pytest.raises(Smug2s3Error) as raised:
        async with browsing(settings, changes=changes):
            pass
    return raised.value


async def test_wrong_keys_an_empty_bucket_and_a_ledger_of_another_place_are_said_at_once(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert isinstance(await refusal(archive.settings, secret_key="wrong"), StoreUnusable)
    empty = await refusal(archive.settings, prefix="nothing/", ledger_path=str(tmp_path / "none.db"))
    assert "there is no _album.json below nothing/" in str(empty)
    assert isinstance(await refusal(archive.settings, prefix="another/"), LedgerError)
    assert isinstance(await refusal(archive.settings, endpoint=archive.bucket.folder.parent.as_uri()), LedgerError)
    assert list(tmp_path.iterdir()) == []


async def test_a_port_in_use_is_named(archive: Archive) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"cannot answer at port {port} of this computer"):
            async with browsing(archive.settings, port=port):
                pass


async def test_reading_goes_on_while_another_program_writes_to_the_ledger(archive: Archive, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    ledger.write_bytes(Path(archive.settings.ledger_path).read_bytes())
    album, image = archive.keys("camera.jpg")
    async with browsing(archive.settings, changes={"ledger_path": str(ledger)}) as one:
        with closing(sqlite3.connect(ledger, isolation_level=None)) as other:
            other.execute("PRAGMA journal_mode = WAL")
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE assets SET state = 'failed' WHERE image_key = ?", (image,))
            assert (await one.get(archive.to("original", "camera.jpg"))).status == 200
            other.execute("COMMIT")
        missing = await one.get(archive.to("original", "camera.jpg"))
        assert (missing.status, "is not in the archive" in missing.text) == (404, True)
        assert (await one.get(archive.to("small", "camera.jpg"))).status == 404
        assert "Not copied" in await one.page(f"/album/{album}")


class Watched:
    """A store whose reads are counted, and can be spoiled."""

    def __init__(self) -> None:
        self.open = 0
        self.most = 0
        self.begun = 0
        self.error: Smug2s3Error | None = None
        self.breaks_after = -1
        """Chunks of a read after which the connection is lost; once."""

    @asynccontextmanager
    async def opened(self, settings: Settings) -> AsyncIterator[Any]:
        """In the place of the factory."""
        async with open_store(settings) as store:
            read = store.read

            async def counted(key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
                self.begun += 1
                self.open += 1
                self.most = max(self.most, self.open)
                chunks = read(key, start, end)
                try:
                    if self.error:
                        raise self.error
                    async for chunk in chunks:
                        if self.breaks_after == 0:
                            self.breaks_after = -1
                            raise StoreBusy("SlowDown")
                        self.breaks_after -= 1
                        yield chunk
                finally:
                    await chunks.aclose()
                    self.open -= 1

            store.read = counted  # type: ignore[method-assign]
            yield store

    async def quiet(self) -> None:
        """Until nothing is read any more."""
        async with asyncio.timeout(PATIENCE):
            while self.open:
                await asyncio.sleep(0.01)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """The store of the command under test."""
    found = Watched()
    monkeypatch.setattr(browse_runner, "open_store", found.opened)
    return found


@asynccontextmanager
async def begun(port: int, cookie: str, path: str, *, form: bytes = b"") -> AsyncIterator[None]:
    """A browser that has the first bytes of a transfer, takes no more of it for now, and leaves at the end of the block."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**16)
    method = f"POST {path}" if form else f"GET {path}"
    kind = "Content-Type: application/x-www-form-urlencoded\r\n" if form else ""
    head = (
        f"{method} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n{kind}Content-Length: {len(form)}\r\n\r\n"
    )
    writer.write(head.encode() + form)
    assert (await reader.read(1000)).startswith(b"HTTP/1.1 200")
    try:
        yield
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_browser_that_leaves_ends_the_request_to_the_store(archive: Archive, watched: Watched) -> None:
    async with browsing(archive.settings) as one:
        cookie = f"smug2s3-{one.port}={one.token}"
        async with begun(one.port, cookie, archive.to("original", FILM)):
            assert watched.open == 1
        await watched.quiet()
        form = f"all={archive.album(FILM)}".encode()
        async with begun(one.port, cookie, "/zip", form=form):
            pass
        await watched.quiet()
        assert watched.begun > 1
        assert (await one.get("/")).status == 200


async def test_what_breaks_off_is_continued_and_what_stays_broken_is_cut_off(
    archive: Archive, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smug2s3.viewer.reading.FIRST_WAIT", 0.001)
    whole = archive.bucket.path(FILM).read_bytes()
    async with browsing(archive.settings) as one:
        watched.breaks_after = 2
        assert (await one.get(archive.to("original", FILM))).body == whole
        assert (await one.get(archive.to("original", FILM), headers={"Range": "bytes=5-9"})).body == whole[5:10]
        watched.error = StoreBusy("SlowDown")
        busy = await one.get(archive.to("original", FILM))
        assert (busy.status, "SlowDown" in busy.text) == (502, True)
    assert watched.open == 0


async def test_what_must_be_restored_first_is_said_with_the_way_to_do_it(archive: Archive, watched: Watched) -> None:
    async with browsing(archive.settings) as one:
        watched.error = StoreArchived("it is in an archive class", hint="Restore it first.")
        for kind, name in (("original", FILM), ("small", "drawing.png"), ("large", "large.jpg")):
            answer = await one.get(archive.to(kind, name))
            assert (answer.status, "it is in an archive class" in answer.text) == (409, True), kind
            assert "Restore it first." in answer.text
        watched.error = StoreMissing("the bucket has no drawing.png")
        gone = await one.get(archive.to("small", "drawing.png"))
        assert (gone.status, "<p>the bucket has no drawing.png</p>" in gone.text) == (410, True)


async def test_a_thousand_tabs_wait_for_their_turn(archive: Archive, watched: Watched) -> None:
    async with browsing(archive.settings, cache=0) as one:
        paths = [
            archive.to("large", "drawing.png"),
            "/",
            archive.to("original", "drawing.png"),
            archive.to("small", "scan.tif"),
        ]
        answers = await asyncio.gather(*(one.get(path) for path in paths * 10))
        assert {answer.status for answer in answers} == {200}
    assert 1 < watched.most <= 40


async def test_it_ends_when_nobody_looks_and_not_while_somebody_does(archive: Archive) -> None:
    async with browsing(archive.settings, idle=0.3) as one:
        cookie = f"smug2s3-{one.port}={one.token}"
        async with begun(one.port, cookie, archive.to("original", FILM)):
            await asyncio.wait({one.running}, timeout=0.6)
            assert not one.running.done()  # a film that is paused is still looked at
        await asyncio.wait_for(one.running, PATIENCE)


async def test_strangers_do_not_keep_it_awake(archive: Archive) -> None:
    async with browsing(archive.settings, cookie=False, idle=0.2) as one:
        with suppress(OSError):  # it ends amid a request
            while not one.running.done():
                assert (await one.get("/")).status == 403
        await asyncio.wait_for(one.running, PATIENCE)


async def test_the_end_does_not_wait_for_transfers(archive: Archive, watched: Watched) -> None:
    async with browsing(archive.settings) as one:
        cookie = f"smug2s3-{one.port}={one.token}"
        async with begun(one.port, cookie, archive.to("original", FILM)):
            assert watched.open == 1
            one.running.cancel()
            await asyncio.wait({one.running}, timeout=PATIENCE)
            assert watched.open == 0
