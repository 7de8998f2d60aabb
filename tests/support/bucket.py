"""A bucket seen from behind: the files the server keeps, and what it says of them when asked as an S3 client."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.header import decode_header, make_header
from itertools import count
from pathlib import Path
from typing import Any

import aioboto3
from botocore.config import Config

from smug2s3.local_servers import S3Server
from smugmug_simulator.model import Asset

SIDECAR = "_album.json"
TRIAL = ".smug2s3-check-"
"""How the folder of test objects begins; what a killed run left there is deleted by a run an hour later."""
GALLERY = "/_gallery/"
PREFIX = "smugmug/"

_PICTURES = {code: 0x2400 + code for code in range(32)}
"""How this server lists control characters in the names of files that it did not make itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One bucket of the local server."""

    name: str
    folder: Path
    server: S3Server

    def files(self) -> dict[str, Path]:
        """Every object's file by its key; parts of open multipart uploads, and what is still coming, are not among them."""
        return {
            path.relative_to(self.folder).as_posix(): path
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".rclone_temp_")
        }

    def media(self) -> dict[str, str]:
        """MD5 by key of everything but albums' own files, previews, and test objects that a killed run left."""
        files = self.files().items()
        besides = (GALLERY, TRIAL)
        return {
            key: md5_of(path)
            for key, path in files
            if path.name != SIDECAR and not any(mark in f"/{key}" for mark in besides)
        }

    def path(self, ending: str) -> Path:
        """The only file whose key ends so."""
        (found,) = [path for key, path in self.files().items() if key.endswith(ending)]
        return found

    def album(self, ending: str) -> dict[str, Any]:
        """The contents of the only ``_album.json`` in a directory that ends so."""
        document: dict[str, Any] = json.loads(self.path(f"{ending}/{SIDECAR}").read_bytes())
        return document

    def has_directories_of(self, assets: Iterable[Asset]) -> None:
        """For tests that count requests: of first PUTs side by side into a new directory this server fails some (4 %)."""
        for asset in assets:
            self.folder.joinpath(PREFIX, *asset.folders, asset.album).mkdir(parents=True, exist_ok=True)

    async def changed_from_outside(self) -> None:
        """To be called after files were added or removed: the server remembers folders for minutes unless it is told."""
        self.server.look_again()
        async with asyncio.timeout(30), self.client() as client:
            files = {key.translate(_PICTURES): path for key, path in self.files().items()}
            there = {key: path.stat().st_size for key, path in files.items()}
            for told in count(1):
                if (listed := await self._listed(client)) == there:
                    return
                for ghost in listed.keys() - there.keys():
                    # Removed before it was ever listed, a file stays in the server's mind until it is written anew.
                    await client.put_object(Bucket=self.name, Key=ghost, Body=b"")
                    await client.delete_object(Bucket=self.name, Key=ghost)
                # On a busy machine, it sometimes reads a folder never again, however often it is told.
                for unseen in there.keys() - listed.keys() if told > 20 else ():
                    await client.put_object(Bucket=self.name, Key=unseen, Body=files[unseen].read_bytes())
                self.server.look_again()
                await asyncio.sleep(0.02)

    async def _listed(self, client: Any) -> dict[str, int]:
        """Sizes by key of what the server says there is."""
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return {found["Key"]: found["Size"] async for page in pages for found in page.get("Contents", [])}

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Any]:
        """An S3 client that owes nothing to smug2s3."""
        session = aioboto3.Session(
            aws_access_key_id=self.server.access_key, aws_secret_access_key=self.server.secret_key
        )
        config = Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required")
        async with session.client(
            "s3", endpoint_url=self.server.endpoint, region_name="us-east-1", config=config
        ) as client:
            yield client

    async def metadata(self, key: str) -> dict[str, str]:
        """What the store keeps beside an object, decoded as a mail program would."""
        async with self.client() as client:
            head = await client.head_object(Bucket=self.name, Key=key)
        values = {name: str(make_header(decode_header(value))) for name, value in head["Metadata"].items()}
        return values | {"content-type": head["ContentType"]}

    async def open_uploads(self) -> list[str]:
        """Keys of multipart uploads that were begun and neither completed nor aborted."""
        async with self.client() as client:
            try:
                answer = await client.list_multipart_uploads(Bucket=self.name)
            except client.exceptions.NoSuchUpload:  # how this server says that there are none
                return []
        return [upload["Key"] for upload in answer.get("Uploads", [])]


def md5_of(path: Path) -> str:
    """The MD5 of a file's bytes."""
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def should_hold(assets: Iterable[Asset]) -> Counter[str]:
    """How often each MD5 must be in the bucket: once for every album that lists it."""
    return Counter(asset.md5 for asset in assets if asset.obtainable)


def assert_holds(bucket: Bucket, assets: Iterable[Asset]) -> None:
    """Every obtainable asset as often as it is listed, byte for byte, and nothing else but the albums' own files."""
    held, wanted = bucket.media(), should_hold(assets)
    missing = wanted - Counter(held.values())
    extra = [key for key, md5 in held.items() if md5 not in wanted]
    assert (dict(missing), extra) == ({}, [])
    assert len(held) == wanted.total()
