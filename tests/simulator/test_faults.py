"""Failures come when and how they were ordered, and are counted."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from smugmug_simulator import Fault, Simulator, worlds

from .asker import Asker


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "headers"),
    [
        pytest.param(
            Fault(action="status", status=429, retry_after=7),
            429,
            "text/html",
            {"Retry-After": "7"},
            id="429 with Retry-After",
        ),
        pytest.param(Fault(action="status", status=429), 429, "text/html", {}, id="429 without"),
        pytest.param(
            Fault(action="status", status=500), 500, "text/html", {"Content-Length": "0"}, id="500 empty html"
        ),
        pytest.param(
            Fault(action="status", status=502, body="<html>Bad Gateway</html>"), 502, "text/html", {}, id="502"
        ),
        pytest.param(Fault(action="status", status=504), 504, "text/html", {}, id="504"),
        pytest.param(
            Fault(action="status", status=403, body="<html>Forbidden</html>"), 403, "text/html", {}, id="403 html"
        ),
        pytest.param(Fault(action="html"), 200, "text/html", {}, id="html with 200"),
        pytest.param(Fault(action="nonce_used"), 401, "application/json", {}, id="nonce_used"),
        pytest.param(Fault(action="empty"), 200, "application/json", {"Content-Length": "0"}, id="nothing with 200"),
    ],
)
async def test_a_fault_replaces_one_answer(
    tiny: Asker, fault: Fault, status: int, content_type: str, headers: dict[str, str]
) -> None:
    tiny.sim.faults.add(fault)
    answer = await tiny.get("/api/v2!authuser")
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (status, content_type)
    assert headers.items() <= dict(answer.headers).items()
    assert ("Retry-After" in answer.headers) == ("Retry-After" in headers)
    assert (await tiny.get("/api/v2!authuser")).status == 200
    assert tiny.sim.faults.struck == 1


@pytest.mark.parametrize(
    ("rules", "struck"),
    [
        pytest.param({}, [0], id="the first"),
        pytest.param({"times": 2}, [0, 1], id="the first two"),
        pytest.param({"skip": 2}, [2], id="the third"),
        pytest.param({"every": 2, "times": None}, [0, 2, 4], id="every second"),
        pytest.param({"skip": 1, "every": 3, "times": None}, [1, 4], id="every third after the first"),
        pytest.param({"times": None}, [0, 1, 2, 3, 4, 5], id="all"),
        pytest.param({"path": "*!albums*"}, [], id="another path"),
        pytest.param({"path": "/api/v2!auth*", "kind": "api"}, [0], id="a glob"),
        pytest.param({"path": "re:!auth.*_verbosity"}, [0], id="a regular expression"),
        pytest.param({"kind": "media"}, [], id="another kind"),
        pytest.param({"method": "POST"}, [], id="another method"),
    ],
)
async def test_which_requests_fail(tiny: Asker, rules: dict[str, Any], struck: list[int]) -> None:
    tiny.sim.faults.add(Fault(action="status", status=503, **rules))
    statuses = [(await tiny.get("/api/v2!authuser", _verbosity=1)).status for _ in range(6)]
    assert [index for index, status in enumerate(statuses) if status == 503] == struck


async def test_chance_is_the_same_for_the_same_seed(tiny: Asker) -> None:
    runs = []
    for _ in range(2):
        tiny.sim.faults.clear()
        tiny.sim.faults.add(Fault(action="status", chance=0.5, seed=4, times=None))
        runs.append([(await tiny.get("/api/v2!authuser")).status for _ in range(12)])
    assert runs[0] == runs[1]
    assert {200, 500} == set(runs[0])


async def test_per_path_every_file_fails_once(tiny: Asker) -> None:
    tiny.sim.faults.add(Fault(action="status", kind="media", per_path=True))
    urls = [(await tiny.image(name))["ArchivedUri"] for name in ("rose.jpg", "tulip (2).jpg")]
    assert [(await tiny.get(url)).status for url in urls + urls] == [500, 500, 200, 200]
    assert [action for action, _ in tiny.sim.faults.log] == ["status", "status"]


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        pytest.param(Fault(action="reset", kind="media", amount=1000), aiohttp.ClientError, id="reset"),
        pytest.param(Fault(action="short", kind="media", amount=1000), aiohttp.ClientPayloadError, id="short"),
        pytest.param(Fault(action="short", kind="media", amount=0), aiohttp.ClientError, id="nothing but headers"),
    ],
)
async def test_a_body_that_breaks_off_is_noticed(tiny: Asker, fault: Fault, problem: type[Exception]) -> None:
    url = (await tiny.image("rose.jpg"))["ArchivedUri"]
    tiny.sim.faults.add(fault)
    with pytest.raises(problem):
        await tiny.get(url)
    assert (await tiny.get(url)).status == 200


async def test_a_corrupt_body_differs_in_one_byte(tiny: Asker) -> None:
    url = (await tiny.image("rose.jpg"))["ArchivedUri"]
    true = (await tiny.get(url)).body
    tiny.sim.faults.add(Fault(action="corrupt", kind="media", amount=1234))
    false = (await tiny.get(url)).body
    assert [index for index in range(len(true)) if true[index] != false[index]] == [1234]


@pytest.mark.parametrize("amount", [-100, 100])
async def test_a_wrong_length_agrees_with_its_header_and_not_with_the_truth(tiny: Asker, amount: int) -> None:
    image = await tiny.image("rose.jpg")
    tiny.sim.faults.add(Fault(action="wrong_length", kind="media", amount=amount))
    answer = await tiny.get(image["ArchivedUri"])
    assert len(answer.body) == int(answer.headers["Content-Length"]) == image["ArchivedSize"] + amount


async def test_an_unframed_body_just_ends_and_nothing_says_that_it_is_not_all(tiny: Asker) -> None:
    url = (await tiny.image("rose.jpg"))["ArchivedUri"]
    tiny.sim.faults.add(Fault(action="unframed", kind="media", amount=10))
    answer = await tiny.get(url)
    assert (answer.status, len(answer.body)) == (200, 10)
    assert not {"Content-Length", "Transfer-Encoding", "ETag"} & set(answer.headers)


async def test_a_long_body_sends_more_than_it_announced(tiny: Asker) -> None:
    image = await tiny.image("rose.jpg")
    tiny.sim.faults.add(Fault(action="long", kind="media", amount=10))
    host, port = tiny.sim.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    path = image["ArchivedUri"].removeprefix(tiny.sim.origin)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    _, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert len(body) == image["ArchivedSize"] + 10


async def test_a_range_can_be_ignored(tiny: Asker) -> None:
    image = await tiny.image("rose.jpg")
    tiny.sim.faults.add(Fault(action="ignore_range", kind="media"))
    answer = await tiny.get(image["ArchivedUri"], headers={"Range": "bytes=10-"})
    assert (answer.status, len(answer.body)) == (200, image["ArchivedSize"])
    assert "Content-Range" not in answer.headers


async def test_a_slow_body_drips(tiny: Asker) -> None:
    image = await tiny.image("rose.jpg")
    tiny.sim.faults.add(Fault(action="slow", kind="media", amount=image["ArchivedSize"] * 3))
    began = asyncio.get_running_loop().time()
    assert len((await tiny.get(image["ArchivedUri"])).body) == image["ArchivedSize"]
    assert asyncio.get_running_loop().time() - began > 0.2


async def test_a_hanging_request_hangs(tiny: Asker) -> None:
    tiny.sim.faults.add(Fault(action="hang"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(tiny.get("/api/v2!authuser"), 0.2)


async def test_a_failure_can_come_late(tiny: Asker) -> None:
    tiny.sim.faults.add(Fault(action="nonce_used", seconds=0.15))
    began = asyncio.get_running_loop().time()
    assert (await tiny.get("/api/v2!authuser")).status == 401
    assert asyncio.get_running_loop().time() - began >= 0.15


@pytest.mark.parametrize(
    ("action", "names"),
    [("shrink_page", ["L00100.jpg", "L00101.jpg"]), ("repeat_page", ["L00000.jpg", "L00001.jpg"])],
)
async def test_a_page_can_shrink_or_repeat_the_first(hostile: Asker, action: Any, names: list[str]) -> None:
    hostile.sim.faults.add(Fault(action=action, amount=98, skip=1))
    path = f"/api/v2/album/{hostile.album_key('Long album')}!images"
    await hostile.get(path, count=100)
    page = (await hostile.get(path, start=101, count=100)).thing
    assert [image["FileName"] for image in page[:2]] == names
    assert len(page) == (2 if action == "shrink_page" else 100)


async def test_a_used_up_allowance_is_429_until_the_window_ends(session: aiohttp.ClientSession) -> None:
    async with Simulator(worlds.tiny(), rate_budget=2, rate_window=10) as sim:
        asker = Asker(sim, session)
        moment = sim.state.rate.clock()
        sim.state.rate.clock = lambda: moment
        answers = [await asker.get("/api/v2!authuser") for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
        assert (answers[2].headers["Retry-After"], answers[2].json()["Code"]) == ("10", 429)
        assert (await asker.visit("/api/v2/user/tiny")).status == 200, "another application has its own allowance"
        moment += 10
        assert (await asker.get("/api/v2!authuser")).status == 200


def test_a_fault_survives_json() -> None:
    fault = Fault(
        action="status", kind="media", path="*i-abc*", status=429, retry_after=3, headers={"X": "y"}, times=None
    )
    assert Fault.from_json(json.loads(json.dumps(fault.as_json()))) == fault


@pytest.mark.parametrize(
    "data", [{"action": "explode"}, {"action": "status", "nonsense": 1}, {"action": "status", "kind": "x"}]
)
def test_a_fault_that_means_nothing_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"explode|nonsense|kind"):
        Fault.from_json(data)


async def test_latency_delays_every_answer(session: aiohttp.ClientSession) -> None:
    async with Simulator(worlds.tiny(), latency=0.1) as sim:
        began = asyncio.get_running_loop().time()
        await Asker(sim, session).get("/api/v2!authuser")
        assert asyncio.get_running_loop().time() - began >= 0.1
