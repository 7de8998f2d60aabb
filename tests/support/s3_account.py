"""An S3 server of any maker, looked at with a client of another maker than ours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.header import decode_header, make_header
from typing import Any, NamedTuple
from uuid import uuid4

import boto3  # type: ignore[import-untyped]
from botocore.config import Config


class Kept(NamedTuple):
    """One object as it is read back."""

    size: int
    md5: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Account:
    """An address and the keys to it."""

    endpoint: str
    access_key: str
    secret_key: str
    personality: str = ""
    """Its name among those in ``stores/quirks.py``, if it is one of them."""

    @contextmanager
    def client(self) -> Iterator[Any]:
        """The client of AWS, that waits for its answers."""
        config = Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required")
        with closing(
            boto3.client(
                "s3",
                endpoint_url=self.endpoint,
                region_name="us-east-1",
                aws_access_key_id=self.access_key,
                aws_secret_access_key=self.secret_key,
                config=config,
            )
        ) as client:
            yield client

    def new_bucket(self) -> str:
        """An empty one."""
        name = f"bucket-{uuid4().hex[:12]}"
        with self.client() as client:
            client.create_bucket(Bucket=name)
        return name

    def settings(self, bucket: str) -> dict[str, str]:
        """What `.env` says of it."""
        return {
            "S3_ENDPOINT_URL": self.endpoint,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
            "S3_BUCKET": bucket,
        }

    def objects(self, bucket: str) -> dict[str, Kept]:
        """Everything in a bucket by its key, every byte of it read."""
        with self.client() as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            listed = [(one["Key"], one["Size"]) for page in pages for one in page.get("Contents", [])]
            return {key: _kept(client, bucket, key) for key, size in listed if size or not key.endswith("/")}

    def open_uploads(self, bucket: str) -> list[str]:
        """Keys of multipart uploads that were begun and neither completed nor aborted."""
        with self.client() as client:
            return [one["Key"] for one in client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]


def _kept(client: Any, bucket: str, key: str) -> Kept:
    answer = client.get_object(Bucket=bucket, Key=key)
    with closing(answer["Body"]) as body:
        content = body.read()
    title = str(make_header(decode_header(answer["Metadata"].get("title", ""))))
    return Kept(len(content), hashlib.md5(content, usedforsecurity=False).hexdigest(), title)
