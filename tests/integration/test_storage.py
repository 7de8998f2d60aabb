"""Every object is stored as the settings say, however it is written; what the server refuses is named once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from smug2s3.app import factories
from smug2s3.errors import SettingsError
from smug2s3.rules.evidence import State
from smug2s3.rules.finding import BAD, GOOD
from smug2s3.stores.quirks import GENERIC, MIB, Provider
from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import noise_video
from tests.support.bucket import SIDECAR, Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault
from tests.support.moto_server import Moto
from tests.support.s3_account import S3Account
from tests.support.wired import Wired

WISHES = {
    "S3_STORAGE_CLASS": "STANDARD_IA",
    "S3_SSE": "aws:kms",
    "S3_SSE_KMS_KEY": "arn:aws:kms:us-east-1:123456789012:key/1",
    "S3_TAGS": "project=photos,owner=Jane Doe",
    "S3_ACL": "bucket-owner-full-control",
}
TAGS = {"project": "photos", "owner": "Jane Doe"}


@dataclass(slots=True)
class Stored(Wired):
    """An account whose archive lies in moto, which keeps what it is told of every object."""

    account: S3Account = field(kw_only=True)

    def kept(self) -> dict[str, tuple[str, str, str, dict[str, str]]]:
        """Class, encryption, KMS key and tags of every object, read with a client of another maker."""
        name = self.changes["S3_BUCKET"]
        with self.account.client() as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=name)
            return {one["Key"]: _kept(client, name, one["Key"]) for page in pages for one in page.get("Contents", [])}

    def of_class(self, name: str) -> set[str]:
        """The keys of all objects in a class."""
        with self.account.client() as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.changes["S3_BUCKET"])
            return {one["Key"] for page in pages for one in page.get("Contents", []) if one["StorageClass"] == name}


def _kept(client: Any, bucket: str, key: str) -> tuple[str, str, str, dict[str, str]]:
    head = client.head_object(Bucket=bucket, Key=key)
    tags = client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    return (
        head.get("StorageClass", "STANDARD"),
        head.get("ServerSideEncryption", ""),
        head.get("SSEKMSKeyId", ""),
        {tag["Key"]: tag["Value"] for tag in tags},
    )


@pytest.fixture
async def stored(moto: Moto, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stored]:
    """The tiny account with a video that goes in parts, and a fresh bucket."""
    small = replace(GENERIC, single_put=5 * MIB, part_size=5 * MIB)

    def provider_of(_endpoint: str | None) -> Provider:
        return small

    monkeypatch.setattr(factories, "provider_of", provider_of)
    account = S3Account(endpoint=moto.endpoint, access_key="any", secret_key="any")
    async with Simulator(_with_video()) as sim:
        yield Stored(sim, bucket, tmp_path, changes=account.settings(account.new_bucket()), account=account)


def _with_video() -> World:
    world = worlds.tiny()
    shape = {"is_video": True, "format": "MP4", "duration": 3.5, "width": 1280, "height": 720}
    world.add_image(world.add_album("Wedding"), "speech.mov", noise_video(1, 6 * MIB), **shape)
    return world


@pytest.fixture
async def wired(bucket: Bucket, tmp_path: Path, proxy: FaultProxy) -> AsyncIterator[Wired]:
    """The tiny account, and a bucket behind a proxy."""
    async with Simulator(worlds.tiny()) as sim:
        yield Wired(sim, bucket, tmp_path, changes={"S3_ENDPOINT_URL": proxy.endpoint})


async def test_every_object_is_stored_so_whether_uploaded_in_parts_copied_or_renamed(stored: Stored) -> None:
    stored.changes |= WISHES
    found = await stored.check()
    assert {name: found[name].grade for name in WISHES if name in found} == dict.fromkeys(
        ("S3_STORAGE_CLASS", "S3_SSE", "S3_TAGS", "S3_ACL"), GOOD
    )
    assert stored.kept() == {}

    assert (await stored.sync()).moved == 7
    world = stored.sim.world
    rose = next(one for one in world.assets() if one.file_name == "rose.jpg")
    world.set_caption(rose.image_key, "Red, at last")
    world.rename_album(rose.album_key, "Park")
    changed = await stored.sync(full=True, follow_renames=True)
    assert (changed.moved, changed.failed) == (0, 0)
    await stored.verify(source=True, certify=True)

    kept = stored.kept()
    assert any("/Park/" in key for key in kept)
    own = [key for key in kept if key.rpartition("/")[2] in {SIDECAR, "photos.csv"} or "manifest" in key]
    assert len(own) >= 5
    for key, one in kept.items():
        assert one == ("STANDARD" if key in own else "STANDARD_IA", "aws:kms", WISHES["S3_SSE_KMS_KEY"], TAGS), key


async def test_archived_files_are_never_read_and_verify_says_which_they_are(stored: Stored) -> None:
    stored.changes |= {"S3_STORAGE_CLASS": "GLACIER"}
    assert [one for one in (await stored.check()).values() if one.grade == BAD] == []

    assert (await stored.sync()).moved == 7
    assert (await stored.sync()).moved == 0
    report = await stored.verify(deep=1.0)

    assert report.clean
    archived = dict(report.archived)
    assert stored.of_class("GLACIER") == archived.keys()
    assert len(archived) == 7
    assert all("cannot be read until it is restored" in reason for reason in archived.values())
    assert report.read_back > 0  # the _album.json files

    rose = next(one for one in stored.sim.world.assets() if one.file_name == "rose.jpg")
    stored.sim.world.set_caption(rose.image_key, "Red, at last")
    summary = await stored.sync(full=True)
    assert (summary.moved, summary.failed) == (0, 0)
    assert any("archive class keep the metadata" in note for note in stored.reporter.notes)
    assert (await stored.verify(source=True)).clean

    stored.sim.world.rename_album(rose.album_key, "Park")
    await stored.sync(follow_renames=True)
    assert len(stored.of_class("GLACIER")) == 7
    assert not any("/Park/rose" in key for key in stored.of_class("GLACIER"))
    assert any("cannot be read until it is restored" in row["reason"] for row in await stored.export())


REFUSED = {
    "a class": ("S3_STORAGE_CLASS", "x-amz-storage-class", 400, "InvalidStorageClass"),
    "a key": ("S3_SSE", "x-amz-server-side-encryption-aws-kms-key-id", 400, "KMS.NotFoundException"),
    "tags without the right": ("S3_TAGS", "x-amz-tagging", 403, "AccessDenied"),
    "an ACL that is not implemented": ("S3_ACL", "x-amz-acl", 501, "NotImplemented"),
}


@pytest.mark.parametrize(("name", "header", "status", "code"), REFUSED.values(), ids=REFUSED)
async def test_a_setting_that_the_server_refuses_ends_the_run_and_is_named_once_in_its_words(
    wired: Wired, proxy: FaultProxy, name: str, header: str, status: int, code: str
) -> None:
    wired.changes |= WISHES
    proxy.script(
        StoreFault(
            action="answer", method="PUT", status=status, code=code, when=lambda sent: header in sent, times=None
        )
    )

    with pytest.raises(SettingsError) as refusal:
        await wired.sync()

    assert f"does not accept {name}={WISHES[name]}" in str(refusal.value)
    assert f": {code} (scripted)" in str(refusal.value)
    assert wired.bucket.files() == {}
    found = await wired.check()
    assert found["storage"].grade == BAD
    assert f"{name}={WISHES[name]}" in found["storage"].meaning
    assert code in found["storage"].meaning
    assert wired.bucket.files() == {}


async def test_a_refusal_of_everything_is_not_about_the_settings(wired: Wired, proxy: FaultProxy) -> None:
    wired.changes |= WISHES
    proxy.script(StoreFault(action="answer", method="PUT", status=403, code="AccessDenied", times=None))

    summary = await wired.sync()

    assert (summary.moved, summary.failed) == (0, 9)  # the albums' files too
    assert "storage" not in await wired.check()


async def test_etags_of_encrypted_objects_are_not_taken_for_md5s_nor_for_other_bytes(
    wired: Wired, proxy: FaultProxy
) -> None:
    proxy.etags, proxy.adds = "disguised", {"x-amz-server-side-encryption": "aws:kms"}
    wired.changes |= {"S3_SSE": "aws:kms"}

    assert (await wired.sync()).moved == 6
    report = await wired.verify()
    assert [one for one in report.differences if one.kind != State.UNPROVEN] == []
    wired.ledger.unlink()
    await wired.rebuild()

    assert (await wired.sync(full=True)).moved == 0
    last = await wired.verify(deep=1.0)
    assert last.clean
    assert last.extra == []
