"""Where the contract's tests find a store, and how they look at it from beside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smug2s3.ports.store import Store
from smug2s3.stores.local.folder import HIDDEN
from smug2s3.stores.local.records import read_record
from smug2s3.stores.local.store import open_local
from smug2s3.stores.quirks import GENERIC, Provider
from smug2s3.stores.s3 import S3Store, open_s3
from tests.support.quick import QUICK


class Site(ABC):
    """A store, and a corner of it that nobody else uses."""

    prefix: str
    page: int
    """Keys it lists at a time."""
    longer_pages: bool
    """Whether it may list more than that, as some servers do."""

    @abstractmethod
    def store(
        self, *, provider: Provider = GENERIC, stall: float = 15.0, **changes: str
    ) -> AbstractAsyncContextManager[Store]:
        """The store as smug2s3 opens it; ``changes`` may name another ``bucket``."""

    @abstractmethod
    async def content_type(self, name: str) -> str:
        """What the store keeps as the object's type."""

    @abstractmethod
    async def remnants(self) -> list[str]:
        """What uploads that did not succeed left where no listing shows it."""

    async def keys(self) -> dict[str, int]:
        """What is listed in this corner: sizes by key without the prefix."""
        async with self.store() as store:
            return {
                found.key.removeprefix(self.prefix): found.size
                async for page in store.list(self.prefix)
                for found in page
            }

    async def content(self, name: str) -> bytes:
        """The bytes of one object."""
        async with self.store() as store:
            return b"".join([chunk async for chunk in store.read(self.prefix + name)])


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Site(Site):
    """A bucket behind an S3 server."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    prefix: str
    page: int = 1000
    longer_pages: bool = False

    @asynccontextmanager
    async def store(
        self, *, provider: Provider = GENERIC, stall: float = 15.0, **changes: str
    ) -> AsyncIterator[S3Store]:
        """Also with other keys, or at another endpoint."""
        async with open_s3(
            bucket=changes.get("bucket", self.bucket),
            provider=provider,
            endpoint=changes.get("endpoint", self.endpoint),
            region="us-east-1",
            access_key=changes.get("access_key", self.access_key),
            secret_key=changes.get("secret_key", self.secret_key),
            connections=10,
            policy=QUICK,
            stall=stall,
        ) as store:
            yield store

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Any]:
        """The low-level client inside such a store, to look from beside."""
        async with self.store() as store:
            yield store.client

    async def content_type(self, name: str) -> str:
        """By HEAD."""
        async with self.client() as client:
            return str((await client.head_object(Bucket=self.bucket, Key=self.prefix + name))["ContentType"])

    async def remnants(self) -> list[str]:
        """Keys of multipart uploads that were neither completed nor aborted."""
        async with self.client() as client:
            try:
                answer = await client.list_multipart_uploads(Bucket=self.bucket, Prefix=self.prefix)
            except client.exceptions.NoSuchUpload:
                return []
        return [upload["Key"] for upload in answer.get("Uploads", [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSite(Site):
    """A folder of this machine."""

    folder: Path
    prefix: str = "corner/"
    page: int = 1000
    longer_pages: bool = False

    @asynccontextmanager
    async def store(self, *, provider: Provider = GENERIC, stall: float = 15.0, **changes: str) -> AsyncIterator[Store]:
        """A provider makes no difference here."""
        assert provider
        async with open_local(self.folder.with_name(changes.get("bucket", self.folder.name)), stall=stall) as store:
            yield store

    async def content_type(self, name: str) -> str:
        """As recorded."""
        record = read_record(self.folder / HIDDEN / "objects", self.prefix + name)
        return record.content_type if record else ""

    async def remnants(self) -> list[str]:
        """Drafts."""
        return [path.name for path in (self.folder / HIDDEN).glob("incoming/*")]
