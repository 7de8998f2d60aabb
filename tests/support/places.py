"""Where a history's files go: a bucket behind a proxy or a folder, each also seen and changed from behind."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any, Protocol

from smug2s3.stores.local.folder import HIDDEN
from tests.support.bucket import Bucket
from tests.support.fault_proxy import Etags, FaultProxy
from tests.support.servers import LocalS3


class Place(Protocol):
    """A store from behind; the program knows nothing of what is done here."""

    proxy: FaultProxy | None
    """What can spoil the program's requests, if it makes any."""
    touched: set[str]
    """Keys of all that was written or removed from behind."""

    @property
    def settings(self) -> dict[str, str]:
        """How the program gets there."""

    def objects(self) -> dict[str, bytes]:
        """Every object's bytes by its key, as they lie there."""

    async def write(self, key: str, data: bytes) -> None:
        """Put bytes there as a stranger would, whatever lies there already; what is said beside them stays."""

    async def remove(self, key: str) -> None:
        """Take an object away."""

    async def forget(self, key: str, /) -> bool:
        """Put the same bytes there with nothing said beside them; whether that can be."""

    async def said_of(self, key: str) -> dict[str, str]:
        """What is said beside an object, decoded as a mail program would."""


@dataclass(slots=True)
class InBucket:
    """A bucket of the real server. Strangers come through its own door: files changed on disk it sees minutes later."""

    bucket: Bucket
    proxy: FaultProxy | None
    client: Any
    touched: set[str] = field(default_factory=set)

    @property
    def settings(self) -> dict[str, str]:
        assert self.proxy is not None
        server = self.bucket.server
        return {
            "S3_ENDPOINT_URL": self.proxy.endpoint,
            "S3_ACCESS_KEY": server.access_key,
            "S3_SECRET_KEY": server.secret_key,
            "S3_BUCKET": self.bucket.name,
        }

    def objects(self) -> dict[str, bytes]:
        return {key: path.read_bytes() for key, path in self.bucket.files().items()}

    async def write(self, key: str, data: bytes) -> None:
        self.touched.add(key)
        said: dict[str, Any] = {}
        if key in self.bucket.files():
            head = await self.client.head_object(Bucket=self.bucket.name, Key=key)
            said = {"Metadata": head["Metadata"], "ContentType": head["ContentType"]}
        await self.client.put_object(Bucket=self.bucket.name, Key=key, Body=data, **said)

    async def remove(self, key: str) -> None:
        self.touched.add(key)
        await self.client.delete_object(Bucket=self.bucket.name, Key=key)

    async def forget(self, key: str) -> bool:
        self.touched.add(key)
        await self.client.put_object(Bucket=self.bucket.name, Key=key, Body=self.objects()[key])
        return True

    async def said_of(self, key: str) -> dict[str, str]:
        return _decoded((await self.client.head_object(Bucket=self.bucket.name, Key=key))["Metadata"])


@dataclass(slots=True)
class InFolder:
    """A folder in place of a bucket."""

    folder: Path
    proxy: FaultProxy | None = None
    touched: set[str] = field(default_factory=set)

    @property
    def settings(self) -> dict[str, str]:
        return {"S3_ENDPOINT_URL": self.folder.parent.as_uri(), "S3_BUCKET": self.folder.name}

    def objects(self) -> dict[str, bytes]:
        shown = ((path.relative_to(self.folder), path) for path in self.folder.rglob("*") if path.is_file())
        return {name.as_posix(): path.read_bytes() for name, path in sorted(shown) if name.parts[0] != HIDDEN}

    async def write(self, key: str, data: bytes) -> None:
        self.touched.add(key)
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    async def remove(self, key: str) -> None:
        self.touched.add(key)
        (self.folder / key).unlink()

    async def forget(self, _key: str) -> bool:
        return False  # it is kept elsewhere, where nobody comes who writes a file

    async def said_of(self, key: str) -> dict[str, str]:
        records = (json.loads(path.read_bytes()) for path in (self.folder / HIDDEN).rglob("*.json"))
        return _decoded(next((record["metadata"] for record in records if record["key"] == key), {}))


def _decoded(said: dict[str, str]) -> dict[str, str]:
    return {name: str(make_header(decode_header(value))) for name, value in said.items()}


def in_bucket(s3: LocalS3, client: Any, proxy: FaultProxy, etags: Etags) -> InBucket:
    """An empty bucket whose ETags look as told from where the program stands."""
    proxy.look(etags)
    proxy.script()
    return InBucket(s3.new_bucket(), proxy, client)


def in_folder(home: Path) -> InFolder:
    """An empty folder."""
    folder = home / "disk" / "photos"
    folder.mkdir(parents=True)
    return InFolder(folder)
