"""Whatever a client sends, the simulator answers like a server and does not fall over."""

import asyncio

import pytest

from smugmug_simulator import api, worlds
from smugmug_simulator.answering import ApiError
from smugmug_simulator.scene import Scene, Viewer

from .asker import Asker

ODD = [
    "/api/v2/album/%FF%FE!images",
    "/api/v2/node/%00!children",
    "/api/v2/album/,,,",
    "/api/v2/image/-",
    "/api/v2/image/--0!metadata",
    "/api/v2/user/tiny!albums?start=\u00b2".replace("\u00b2", "%C2%B2"),
    "/api/v2/user/tiny!albums?start=" + "9" * 5000,
    "/api/v2/user/tiny!albums?_verbosity=%C2%B2&_expand=...,A.,.B",
    "/api/v2/user/tiny!urlpathlookup?urlpath=%FF",
    "/api/v2/user/tiny?_filter=%FF&%FF=%FF&=&&;",
    "/api/v2/user/tiny?_config=%7B%22expand%22%3A%5B%5D%7D",
    "/api/v2/user/tiny?_config=%7B%22filter%22%3A1%7D",
    "/api/v2/folder/user/tiny/%2F%2F..",
    "/api/v2!!!",
    "/api/v2",
    "/",
    "//",
    "/Garden/i-/0//D/",
    "/i-x/%C2%B2/h/D/x-D.jpg",
    "/services/oauth/1.0a/getRequestToken",
    "/services/oauth/1.0a/authorize?oauth_token=%FF&Access=Everything",
    "/services/oauth/1.0a/nonsense",
]


@pytest.mark.parametrize("path", ODD)
async def test_an_odd_request_gets_an_answer(tiny: Asker, path: str) -> None:
    joint = "&" if "?" in path else "?"
    for url in (path, f"{path}{joint}APIKey={tiny.sim.api_key}"):
        answer = await tiny.send("GET", tiny.sim.origin + url, {"Range": "bytes=5-1"})
        assert answer.status < 500


@pytest.mark.parametrize(
    "header",
    [
        "OAuth",
        "OAuth oauth_consumer_key",
        'OAuth oauth_consumer_key="simulated-consumer-key", oauth_token="x", oauth_timestamp="\u00b2", oauth_nonce="n"',
        'OAuth oauth_signature="%FF"',
        "Bearer abc",
        "oauth ,,,===",
    ],
)
async def test_an_odd_authorization_is_401(tiny: Asker, header: str) -> None:
    answer = await tiny.send("GET", f"{tiny.sim.origin}/api/v2!authuser", {"Authorization": header})
    assert answer.status == 401


async def test_a_request_without_a_host_cannot_be_signed_but_is_answered(tiny: Asker) -> None:
    host, port = tiny.sim.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    signed = tiny.authorization("GET", f"{tiny.sim.origin}/api/v2!authuser")
    writer.write(f"GET /api/v2!authuser HTTP/1.0\r\nAuthorization: {signed}\r\n\r\n".encode())
    assert (await reader.readline()).split()[1] == b"401"
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("full", [True, False], ids=["owner", "stranger"])
def test_no_link_of_the_hostile_world_makes_it_stumble(full: bool) -> None:
    scene = Scene(worlds.hostile(long_album=3), Viewer(full), "http://127.0.0.1")
    todo, seen, refusals = ["/api/v2/user/hostile"], set[str](), set[int]()
    while todo:
        try:
            entities = api.answer(scene, todo.pop(), {"count": "20"}).entities
        except ApiError as refused:
            refusals.add(refused.code)
            continue
        links = {link.uri for entity in entities for link in entity.links.values()} - seen
        seen |= links
        todo += links
    assert len(seen) > 1000
    assert refusals <= {401, 404}
