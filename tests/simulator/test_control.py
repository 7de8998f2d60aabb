"""The same changes over HTTP, and the command that other processes start."""

import asyncio
import json
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.certificates import own_certificate

from .asker import Asker


async def fetch(asker: Asker, name: str) -> str:
    async with asker.session.get(f"{asker.sim.origin}/_simulator/{name}") as answer:
        assert answer.status == 200
        return await answer.text()


async def truth(asker: Asker) -> dict[str, dict[str, Any]]:
    lines = (await fetch(asker, "assets")).splitlines()
    return {asset["file_name"]: asset for asset in map(json.loads, lines)}


async def test_the_truth_is_one_line_of_json_for_each_asset(tiny: Asker) -> None:
    rose = (await truth(tiny))["rose.jpg"]
    image = await tiny.image("rose.jpg")
    assert rose == {
        "album_key": tiny.album_key("Garden"),
        "folders": [],
        "album": "Garden",
        "image_key": image["ImageKey"],
        "serial": 0,
        "file_name": "rose.jpg",
        "is_video": False,
        "md5": image["ArchivedMD5"],
        "size": image["ArchivedSize"],
        "obtainable": True,
        "reason": "",
        "component": "",
    }


async def test_every_change_can_be_ordered_from_outside(tiny: Asker) -> None:
    folder = (await tiny.order("add_folder", name="New"))["node_id"]
    album = (await tiny.order("add_album", name="Album", parent=folder, privacy="Unlisted"))["album_key"]
    key = (await tiny.order("add_image", album_key=album, file_name="x.jpg", size=5000, seed=9, keywords=["a"]))[
        "image_key"
    ]
    assert (await truth(tiny))["x.jpg"]["size"] == 5000
    assert await tiny.order("replace_image", image_key=key, size=6000, seed=10) == {"serial": 1}
    await tiny.order("set_caption", image_key=key, caption="words")
    await tiny.order("rename_album", album_key=album, name="Renamed")
    await tiny.order("rename_folder", node_id=folder, name="Old")
    await tiny.order("collect_image", album_key=tiny.album_key("Garden"), image_key=key)
    asset = next(asset for asset in tiny.sim.world.assets() if asset.album == "Renamed")
    assert (asset.folders, asset.size, asset.serial) == (("Old",), 6000, 1)
    await tiny.order("move_album", album_key=album, parent=tiny.sim.world.root)
    assert (await tiny.image("x.jpg"))["Caption"] == "words"
    assert (await tiny.get(f"/api/v2/album/{tiny.album_key('Garden')}")).thing["ImageCount"] == 3
    await tiny.order("delete_image", image_key=key)
    assert "x.jpg" not in await truth(tiny)


async def test_faults_come_and_go_over_http(tiny: Asker) -> None:
    assert await tiny.order("faults", action="status", status=503, times=None) == {"added": 1}
    assert (await tiny.get("/api/v2!authuser")).status == 503
    assert json.loads(await fetch(tiny, "faults"))[0]["struck"] == 1
    await tiny.order("clear_faults")
    assert (await tiny.get("/api/v2!authuser")).status == 200
    assert await tiny.order("faults", faults=[{"action": "html"}, {"action": "empty"}]) == {"added": 2}


async def test_stats_count_requests_bytes_and_the_most_at_once(tiny: Asker) -> None:
    url = f"{tiny.sim.origin}/api/v2/user/tiny"
    tiny.sim.state.latency = 1.0
    await asyncio.gather(*(tiny.get(url) for _ in range(5)))
    tiny.sim.state.latency = 0.0
    image = await tiny.image("rose.jpg")
    await tiny.send("GET", image["ArchivedUri"], {})
    stats = json.loads(await fetch(tiny, "stats"))
    assert stats["peak_concurrent"] == {"api": 5, "media": 1}
    assert (stats["requests"]["media"], stats["bytes_sent"]["media"]) == (1, image["ArchivedSize"])
    assert (tiny.sim.count("media"), tiny.sim.requests[-1].signed, tiny.sim.requests[0].signed) == (1, False, True)
    await tiny.order("clear_stats")
    assert tiny.sim.count("media") == 0


async def test_rules_can_be_changed_while_it_runs(tiny: Asker) -> None:
    await tiny.order("configure", rate_budget=1, rate_window=60, broken_albums_start=3)
    assert (await tiny.get("/api/v2/user/tiny!albums", start=3)).status == 404
    assert (await tiny.get("/api/v2!authuser")).status == 429


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("nonsense", {}, 404),
        ("faults", {"action": "explode"}, 400),
        ("delete_image", {"image_key": "nope"}, 404),
        ("add_image", {}, 404),
    ],
)
async def test_a_wrong_order_is_answered_with_a_sentence(
    tiny: Asker, name: str, data: dict[str, str], status: int
) -> None:
    async with tiny.session.post(f"{tiny.sim.origin}/_simulator/{name}", json=data) as answer:
        assert answer.status == status
        assert (await answer.json())["error"]


@asynccontextmanager
async def running(*options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "smugmug_simulator",
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to end a process cleanly")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_command_says_where_it_is_and_ends_cleanly(number: signal.Signals) -> None:
    async with running("--world", "tiny", "--port", "0") as (process, info):
        assert set(info) == {
            "origin",
            "consumer_key",
            "consumer_secret",
            "token",
            "token_secret",
            "api_key",
            "user",
            "album_count",
            "asset_count",
        }
        assert (info["user"], info["album_count"], info["asset_count"]) == ("tiny", 3, 6)
        async with aiohttp.ClientSession() as session, session.get(f"{info['origin']}/_simulator/stats") as answer:
            assert answer.status == 200
        process.send_signal(number)
        assert await process.wait() == 0
        assert process.stderr is not None
        assert await process.stderr.read() == b""


async def test_faults_can_be_in_force_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text(json.dumps([{"action": "status", "status": 502, "times": None}]), "utf-8")
    options = ("--world", "flat:2x2", "--faults", str(file), "--latency", "0.01")
    async with running(*options) as (_, info), aiohttp.ClientSession() as session:
        assert (await session.get(f"{info['origin']}/api/v2!authuser")).status == 502


async def test_it_speaks_https_with_a_certificate_of_ones_own(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path)
    trust = ssl.create_default_context(cafile=str(certificate))
    options = ("--world", "tiny", "--tls", str(certificate), str(key))
    async with running(*options) as (_, info), aiohttp.ClientSession() as session:
        assert info["origin"].startswith("https://")
        async with session.get(f"{info['origin']}/_simulator/stats", ssl=trust) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    "options",
    [("--world", "nowhere"), ("--faults", "/does/not/exist.json"), ("--tls", "/does/not/exist.pem", "/nor/this.pem")],
)
async def test_a_mistake_on_the_command_line_is_one_sentence_and_exit_2(options: tuple[str, ...]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "smugmug_simulator",
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert (process.returncode, out, len(err.splitlines())) == (2, b"", 1)
