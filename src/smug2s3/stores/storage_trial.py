"""Tests whether a server stores an object as the settings say, and which setting it refuses if not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from smug2s3.errors import SettingsError
from smug2s3.rules.finding import BAD, GOOD, NOTE, Finding
from smug2s3.rules.storage import Storage
from smug2s3.stores.faults import words_of
from smug2s3.stores.storing import trying

Call = Callable[..., Awaitable[Any]]
"""A request by its name in the library, with its arguments."""

_HINT = "Correct it, or leave it empty. `smug2s3 check` tests how objects are stored."


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The settings that the server refuses, and its words."""

    settings: str
    words: str

    @property
    def error(self) -> SettingsError:
        """For a run, which it ends."""
        return SettingsError(f"the S3 server does not accept {self.settings}: {self.words}", hint=_HINT)

    @property
    def finding(self) -> Finding:
        """For ``check``."""
        return Finding("storage", BAD, f"{self.settings} is not accepted ({self.words}): sync will fail")


class StorageTrial:
    """Stores one tiny object in several ways; it is never read, since its class may not allow that."""

    def __init__(self, storage: Storage, call: Call, key: str) -> None:
        self._storage = storage
        self._call = call
        self._key = key

    async def refusal(self) -> Refused | None:
        """What is refused; ``None`` if nothing is, or if it is not because of the settings."""
        written = self._storage.written
        if not written or (refusal := await self._refused(self._storage)) is None:
            return None
        for name in written:
            if await self._refused(self._storage.without(name)) is None:
                return Refused(settings=self._named(name), words=words_of(refusal))
        if await self._refused(Storage(requester_pays=self._storage.requester_pays)) is None:
            return Refused(settings=" with ".join(map(self._named, written)), words=words_of(refusal))
        return None

    async def kept(self) -> AsyncIterator[Finding]:
        """For each setting, whether the server did what it accepted; call it after ``refusal``."""
        storage, head = self._storage, {}
        if storage.written:
            head = await self._call("head_object", Key=self._key)
        if storage.storage_class:
            yield self._judged("S3_STORAGE_CLASS", head.get("StorageClass") or "STANDARD", storage.storage_class)
        if storage.encryption:
            yield self._judged("S3_SSE", head.get("ServerSideEncryption") or "none", storage.encryption)
        if storage.tags:
            yield await self._tagged()
        if storage.acl:
            yield Finding("S3_ACL", GOOD, f"{storage.acl}: accepted")

    async def _tagged(self) -> Finding:
        try:
            answer = await self._call("get_object_tagging", Key=self._key)
        except (ClientError, BotoCoreError):
            return Finding(
                "S3_TAGS", NOTE, "accepted, but whether they are kept is unknown: this key may not read tags"
            )
        found = {one["Key"]: one["Value"] for one in answer.get("TagSet", [])}
        if found != dict(self._storage.tags):
            return Finding("S3_TAGS", NOTE, "ignored by this S3 server")
        return Finding("S3_TAGS", GOOD, "accepted and kept")

    @staticmethod
    def _judged(name: str, found: str, wanted: str) -> Finding:
        if found != wanted:
            return Finding(name, NOTE, f"{wanted} is ignored by this S3 server: it names {found} for the test object")
        return Finding(name, GOOD, f"{wanted}: accepted")

    async def _refused(self, storage: Storage) -> ClientError | None:
        with trying(storage):
            try:
                await self._call("put_object", Key=self._key, Body=b"x")
            except ClientError as refusal:
                return refusal
        return None

    def _named(self, name: str) -> str:
        return f"{name}={self._storage.value_of(name)}"
