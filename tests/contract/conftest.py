"""Every store at hand: local servers over plain http and over TLS, a folder, and one that the environment names."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.sites import FolderSite, S3Site, Site
from tests.support.certificates import own_certificate
from tests.support.fixtures import minio, moto, s3
from tests.support.moto_server import Moto
from tests.support.real_server import REAL
from tests.support.s3_account import S3Account
from tests.support.servers import LocalS3, local_s3

__all__ = ["minio", "moto", "s3"]

S3 = ("http", "tls", *(["environment"] if REAL["ENDPOINT"] else []))
STRICT = (*S3, "minio", "local")
# moto plays S3 widely, but takes bytes whose Content-MD5 is wrong: it says nothing about integrity.
# And what MinIO's front end copies and keeps, whole accounts show: all of the contract took it a minute.
ALL = (*S3, "local", "moto")


_buckets: dict[S3Account, str] = {}
"""To make one takes a second."""


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine that nobody signed but itself; its key lies beside it."""
    return own_certificate(tmp_path_factory.mktemp("tls"))[0]


@pytest.fixture(scope="session")
def s3_over_tls(certificate: Path) -> Iterator[LocalS3]:
    """The same server, spoken to over TLS."""
    with local_s3("--cert", str(certificate), "--key", str(certificate.with_name("key.pem"))) as server:
        yield server


@pytest.fixture(params=ALL)
def site(request: pytest.FixtureRequest) -> Site:
    """Each store in turn."""
    return _site(request)


@pytest.fixture(params=STRICT)
def strict_site(request: pytest.FixtureRequest) -> Site:
    """Each store that may hold the only copy of somebody's photos."""
    return _site(request)


@pytest.fixture(params=(*S3, "minio"))
def s3_site(request: pytest.FixtureRequest) -> S3Site:
    """Each store that is a real S3 server."""
    return _s3_site(request)


def _site(request: pytest.FixtureRequest) -> Site:
    if request.param == "local":
        folder: Path = request.getfixturevalue("tmp_path") / "bucket"
        folder.mkdir()
        return FolderSite(folder=folder)
    if request.param == "moto":
        moto: Moto = request.getfixturevalue("moto")
        return S3Site(
            endpoint=moto.endpoint,
            access_key="any",
            secret_key="any",
            bucket=moto.bucket,
            prefix=f"{uuid.uuid4().hex}/",
            page=moto.page,
        )
    return _s3_site(request)


def _s3_site(request: pytest.FixtureRequest) -> S3Site:
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    if request.param == "environment":
        if REAL["CA"]:
            monkeypatch.setenv("AWS_CA_BUNDLE", REAL["CA"])
        return S3Site(
            endpoint=REAL["ENDPOINT"],
            access_key=REAL["KEY"],
            secret_key=REAL["SECRET"],
            bucket=REAL["BUCKET"] or "smug2s3-test",
            prefix=f"smug2s3-test/{uuid.uuid4().hex}/",
            longer_pages=True,
        )
    if request.param == "minio":
        return _minio_site(request.getfixturevalue("minio"))
    local: LocalS3 = request.getfixturevalue("s3" if request.param == "http" else "s3_over_tls")
    if request.param == "tls":
        monkeypatch.setenv("AWS_CA_BUNDLE", str(request.getfixturevalue("certificate")))
    return S3Site(
        endpoint=local.server.endpoint,
        access_key=local.server.access_key,
        secret_key=local.server.secret_key,
        bucket=local.new_bucket().name,
        prefix="corner/",
    )


def _minio_site(account: S3Account) -> S3Site:
    if account not in _buckets:
        _buckets[account] = account.new_bucket()
    return S3Site(
        endpoint=account.endpoint,
        access_key=account.access_key,
        secret_key=account.secret_key,
        bucket=_buckets[account],
        prefix=f"{uuid.uuid4().hex}/",
        page=4,
        longer_pages=True,
    )
