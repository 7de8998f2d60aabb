"""Stands in for an Immich server: just what its command-line program 3.2 asks for, answered as its API documents it.

Photos are told apart by their SHA-1, an upload may bring an XMP file, and an album is a name with photos. Nothing is read in either.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from aiohttp import web

KEY = "YOUR-KEY"
TYPES = {"image": [".jpg", ".jpeg"], "video": [".mp4"], "sidecar": [".xmp"]}


@dataclass(slots=True)
class Immich:
    """What arrived."""

    origin: str = ""
    photos: dict[str, str] = field(default_factory=dict)
    """Identifier by SHA-1."""
    names: dict[str, str] = field(default_factory=dict)
    sidecars: dict[str, bytes] = field(default_factory=dict)
    """XMP by identifier."""
    albums: dict[str, set[str]] = field(default_factory=dict)
    """Identifiers by name; an album's identifier is its name."""
    numbers: count[int] = field(default_factory=lambda: count(1))

    def application(self) -> web.Application:
        """The server's routes."""
        found = web.Application(client_max_size=2**30, middlewares=[_keyed])
        found.add_routes(
            [
                _answer("/.well-known/immich", {"api": {"endpoint": "/api"}}),
                _answer("/api/api-keys/me", {"id": "1", "name": "smug2s3", "permissions": ["all"]}),
                _answer("/api/users/me", {"id": "1", "email": "jane@example.com", "name": "Jane"}),
                _answer("/api/server/media-types", TYPES),
                web.post("/api/assets/bulk-upload-check", self._check),
                web.post("/api/assets", self._upload),
                web.get("/api/albums", self._list),
                web.post("/api/albums", self._create),
                web.put("/api/albums/{id}/assets", self._add),
            ]
        )
        return found

    async def _check(self, request: web.Request) -> web.Response:
        asked = (await request.json())["assets"]
        return web.json_response({"results": [self._known(one["id"], one["checksum"]) for one in asked]})

    def _known(self, name: str, checksum: str) -> Mapping[str, str]:
        there = self.photos.get(checksum)
        verdict = {"action": "reject", "reason": "duplicate", "assetId": there} if there else {"action": "accept"}
        return {"id": name} | verdict

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        data, sidecar = form["assetData"], form.get("sidecarData")
        assert isinstance(data, web.FileField)
        checksum = hashlib.sha1(data.file.read(), usedforsecurity=False).hexdigest()
        if checksum in self.photos:
            return web.json_response({"id": self.photos[checksum], "status": "duplicate"})
        identifier = self.photos[checksum] = str(next(self.numbers))
        self.names[identifier] = data.filename
        if isinstance(sidecar, web.FileField):
            self.sidecars[identifier] = sidecar.file.read()
        return web.json_response({"id": identifier, "status": "created"}, status=201)

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response([{"id": name, "albumName": name} for name in self.albums])

    async def _create(self, request: web.Request) -> web.Response:
        name = (await request.json())["albumName"]
        self.albums[name] = set()
        return web.json_response({"id": name, "albumName": name}, status=201)

    async def _add(self, request: web.Request) -> web.Response:
        wanted = (await request.json())["ids"]
        self.albums[request.match_info["id"]].update(wanted)
        return web.json_response([{"id": one, "success": one in self.names} for one in wanted])


def _answer(path: str, document: object) -> web.RouteDef:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(document)

    return web.get(path, answer)


@web.middleware
async def _keyed(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if request.path.startswith("/api") and request.headers.get("x-api-key") != KEY:
        return web.json_response({"message": "Invalid API key", "statusCode": 401}, status=401)
    return await handler(request)


@asynccontextmanager
async def immich() -> AsyncIterator[Immich]:
    """A running one."""
    server = Immich()
    runner = web.AppRunner(server.application())
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        server.origin = f"http://{host}:{port}"
        yield server
    finally:
        await runner.cleanup()
