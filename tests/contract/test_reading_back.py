"""Objects are read from any byte on, and brought back from an archive class where a store has one."""

from __future__ import annotations

import uuid

import pytest

from smug2s3.errors import StoreArchived
from tests.contract.bodies import SMALL, stream, target
from tests.contract.sites import S3Site, Site
from tests.support.moto_server import Moto


@pytest.mark.parametrize("start", [0, 1, len(SMALL) - 1])
async def test_an_object_is_read_from_any_byte_on(site: Site, start: int) -> None:
    async with site.store() as store:
        await store.put(target(site, "a.jpg"), stream(SMALL))

        assert b"".join([chunk async for chunk in store.read(site.prefix + "a.jpg", start)]) == SMALL[start:]


@pytest.mark.parametrize("tier", ["bulk", "standard"])
async def test_an_archived_object_is_named_as_such_and_restored_on_request(moto: Moto, tier: str) -> None:
    site = S3Site(
        endpoint=moto.endpoint, access_key="any", secret_key="any", bucket=moto.bucket, prefix=f"{uuid.uuid4().hex}/"
    )
    where = {"Bucket": site.bucket, "Key": f"{site.prefix}a.jpg"}
    async with site.store() as store:
        await store.client.put_object(**where, Body=SMALL, StorageClass="DEEP_ARCHIVE")
        with pytest.raises(StoreArchived, match="InvalidObjectState"):
            await anext(store.read(where["Key"]))

        await store.restore(where["Key"], tier)
        await store.restore(where["Key"], tier)  # asked for again

        assert (await store.client.head_object(**where))["Restore"]
        assert b"".join([chunk async for chunk in store.read(where["Key"])]) == SMALL
