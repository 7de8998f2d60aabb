"""Every store at hand: a local server over plain http and over TLS, and one that the environment names."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from smug2s3.stores.quirks import GENERIC, Provider
from smug2s3.stores.s3 import S3Store, open_s3
from tests.support.fixtures import s3
from tests.support.quick import QUICK
from tests.support.servers import LocalS3, local_s3

__all__ = ["s3"]

# Read before every test's environment is cleaned.
REAL = {name: os.environ.get(f"SMUG2S3_TEST_S3_{name}", "") for name in ("ENDPOINT", "KEY", "SECRET", "BUCKET")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a store is, and a corner of a bucket that nobody else uses."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    prefix: str

    @asynccontextmanager
    async def store(self, *, provider: Provider = GENERIC, **changes: str) -> AsyncIterator[S3Store]:
        """The store as smug2s3 opens it; ``changes`` are other keys or another bucket."""
        async with open_s3(
            bucket=changes.get("bucket", self.bucket),
            provider=provider,
            endpoint=changes.get("endpoint", self.endpoint),
            region="us-east-1",
            access_key=changes.get("access_key", self.access_key),
            secret_key=changes.get("secret_key", self.secret_key),
            connections=10,
            patience=QUICK,
            stall=15.0,
        ) as store:
            yield store

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Any]:
        """The low-level client inside such a store, to look from beside."""
        async with self.store() as store:
            yield store._client

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

    async def open_uploads(self) -> list[str]:
        """Keys of multipart uploads that were neither completed nor aborted."""
        async with self.client() as client:
            try:
                answer = await client.list_multipart_uploads(Bucket=self.bucket, Prefix=self.prefix)
            except client.exceptions.NoSuchUpload:
                return []
        return [upload["Key"] for upload in answer.get("Uploads", [])]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine that nobody signed but itself; its key lies beside it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "this machine")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem"


@pytest.fixture(scope="session")
def s3_over_tls(certificate: Path) -> Iterator[LocalS3]:
    """The same server, spoken to over TLS."""
    with local_s3("--cert", str(certificate), "--key", str(certificate.with_name("key.pem"))) as server:
        yield server


@pytest.fixture(params=["http", "tls", *(["environment"] if REAL["ENDPOINT"] else [])])
def site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Each store in turn."""
    if request.param == "environment":
        return Site(
            endpoint=REAL["ENDPOINT"],
            access_key=REAL["KEY"],
            secret_key=REAL["SECRET"],
            bucket=REAL["BUCKET"] or "smug2s3-test",
            prefix=f"smug2s3-test/{uuid.uuid4().hex}/",
        )
    local: LocalS3 = request.getfixturevalue("s3" if request.param == "http" else "s3_over_tls")
    if request.param == "tls":
        monkeypatch.setenv("AWS_CA_BUNDLE", str(request.getfixturevalue("certificate")))
    return Site(
        endpoint=local.server.endpoint,
        access_key=local.server.access_key,
        secret_key=local.server.secret_key,
        bucket=local.new_bucket().name,
        prefix="corner/",
    )
