"""A small client for these tests: it sends URLs exactly as given and signs with oauthlib."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from oauthlib import oauth1
from yarl import URL

from smugmug_simulator import Simulator

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def response(self) -> dict[str, Any]:
        return dict(self.json()["Response"])

    @property
    def thing(self) -> Any:
        """What the Locator names; None if it is not there."""
        return self.response.get(self.response["Locator"])


class Asker:
    def __init__(self, sim: Simulator, session: aiohttp.ClientSession) -> None:
        self.sim = sim
        self.session = session
        self.token, self.token_secret = sim.token, sim.token_secret

    def authorization(self, method: str, url: str, **more: Any) -> str:
        client = oauth1.Client(
            self.sim.consumer_key,
            self.sim.consumer_secret,
            **{"resource_owner_key": self.token, "resource_owner_secret": self.token_secret} | more,
        )
        return str(client.sign(url, http_method=method)[1]["Authorization"])

    def url(self, path: str, params: Mapping[str, object]) -> str:
        start = path if path.startswith("http") else self.sim.origin + path
        joint = "&" if "?" in start else "?"
        return start + (joint + urlencode(params) if params else "")

    async def get(self, path: str, *, headers: Mapping[str, str] | None = None, **params: object) -> Answered:
        """As the owner of the token."""
        url = self.url(path, params)
        return await self.send("GET", url, {"Authorization": self.authorization("GET", url)} | dict(headers or {}))

    async def visit(self, path: str, *, headers: Mapping[str, str] | None = None, **params: object) -> Answered:
        """As anybody with an API key."""
        return await self.send("GET", self.url(path, {"APIKey": self.sim.api_key, **params}), headers or {})

    async def send(self, method: str, url: str, headers: Mapping[str, str], data: str | None = None) -> Answered:
        sent = {"Accept": JSON} | dict(headers)
        request = self.session.request(method, URL(url, encoded=True), headers=sent, data=data, allow_redirects=False)
        async with request as answer:
            return Answered(answer.status, answer.headers, await answer.read())

    async def order(self, name: str, /, **data: object) -> Any:
        async with self.session.post(f"{self.sim.origin}/_simulator/{name}", json=data) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def image(self, file_name: str, *, full: bool = True) -> Any:
        """The AlbumImage of that file name, whichever album it is in."""
        ask = self.get if full else self.visit
        for node in self.sim.world.album_nodes():
            assert node.album is not None
            page = await ask(f"/api/v2/album/{node.album.key}!images", _verbosity=1, count=1000)
            for image in page.thing or ():
                if image["FileName"] == file_name:
                    return image
        raise AssertionError(f"no image {file_name!r} is listed")

    def album_key(self, name: str) -> str:
        return next(node.album.key for node in self.sim.world.album_nodes() if node.album and node.name == name)
