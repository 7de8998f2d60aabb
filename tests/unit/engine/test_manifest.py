"""A manifest that is there is replaced only by one that proves more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from smug2s3.engine import manifest as manifest_module
from smug2s3.engine.manifest import MANIFEST, TABLE, keep_manifest
from smug2s3.errors import LedgerError, StoreCorrupt, StoreError, StoreUnreachable
from smug2s3.flow.retry import RetryPolicy
from smug2s3.flow.stream import CheckedStream
from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.models import Receipt, StoreTarget
from smug2s3.stores.local.store import LocalStore, open_local
from tests.unit.samples import MD5, OTHER_MD5, album, asset, receipt, step

PREFIX = "photos/"
KEYS = ("photos/A/one.jpg", "photos/A/two.jpg", "photos/B/three.jpg")
ONE, TWO, THREE = KEYS


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    folder = tmp_path / "bucket"
    folder.mkdir()
    return folder


@pytest.fixture
async def store(bucket: Path) -> AsyncIterator[LocalStore]:
    async with open_local(bucket) as store:
        yield store


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqliteLedger]:
    """With three objects."""
    async with open_ledger(str(tmp_path / "ledger.db")) as ledger:
        await ledger.plan(album(), [], [], whole=False)
        for key in KEYS:
            await ledger.moved(step(asset(image_key=key), key), receipt(key))
        yield ledger


def named(bucket: Path) -> list[str]:
    """What the manifest names."""
    return [line.partition("  ")[2] for line in (bucket / PREFIX / MANIFEST).read_text().splitlines()]


@pytest.fixture
async def first(store: LocalStore, ledger: SqliteLedger, bucket: Path) -> bytes:
    """The manifest of a day on which all was well."""
    await keep_manifest(store, ledger, PREFIX, frozenset(), safe=True)
    assert named(bucket) == ["A/one.jpg", "A/two.jpg", "B/three.jpg"]
    return (bucket / PREFIX / MANIFEST).read_bytes()


async def test_where_there_is_none_any_is_better(store: LocalStore, ledger: SqliteLedger, bucket: Path) -> None:
    manifest = await keep_manifest(store, ledger, PREFIX, {TWO}, safe=False)

    assert (manifest.replaced, manifest.files, named(bucket)) == (True, 2, ["A/one.jpg", "B/three.jpg"])


async def test_one_that_names_less_leaves_the_one_that_is_there(
    first: bytes, store: LocalStore, ledger: SqliteLedger, bucket: Path
) -> None:
    table = (bucket / PREFIX / TABLE).read_bytes()
    await ledger.moved(step(asset(image_key="new"), f"{PREFIX}A/new.jpg"), receipt(f"{PREFIX}A/new.jpg"))
    kept = await keep_manifest(store, ledger, PREFIX, {TWO, PREFIX + MANIFEST}, safe=False)

    assert not kept.replaced
    assert (kept.key, kept.files) == (PREFIX + MANIFEST, 3)
    recorded = await ledger.recorded(kept.key)
    assert recorded is not None
    assert kept.md5 == recorded.md5
    assert (bucket / PREFIX / MANIFEST).read_bytes() == first
    assert (bucket / PREFIX / TABLE).read_bytes() == table
    again = await keep_manifest(store, ledger, PREFIX, {TWO}, safe=True)
    assert (again.replaced, again.files) == (True, 3)
    assert b"A/new.jpg" in (bucket / PREFIX / TABLE).read_bytes()


@pytest.mark.parametrize("error", [StoreUnreachable("no answer"), StoreCorrupt("the parts left are of another file")])
async def test_what_goes_wrong_once_is_tried_again(
    store: LocalStore, ledger: SqliteLedger, bucket: Path, monkeypatch: pytest.MonkeyPatch, error: StoreError
) -> None:
    put, failures = LocalStore.put, [error]

    async def failing_once(store: LocalStore, target: StoreTarget, stream: CheckedStream) -> Receipt:
        if failures:
            await anext(aiter(stream))
            raise failures.pop()
        return await put(store, target, stream)

    monkeypatch.setattr(LocalStore, "put", failing_once)
    monkeypatch.setattr(manifest_module, "A_FEW_TRIES", RetryPolicy(attempts=2, first_wait=0.001))

    manifest = await keep_manifest(store, ledger, PREFIX, frozenset(), safe=True)

    assert failures == []
    assert (manifest.files, len(named(bucket))) == (3, 3)


async def test_one_that_names_more_takes_its_place(store: LocalStore, ledger: SqliteLedger) -> None:
    await keep_manifest(store, ledger, PREFIX, {ONE, TWO}, safe=False)

    manifest = await keep_manifest(store, ledger, PREFIX, {ONE}, safe=False)

    assert (manifest.replaced, manifest.files) == (True, 2)


async def test_what_is_no_longer_recorded_so_does_not_count(
    first: bytes, store: LocalStore, ledger: SqliteLedger
) -> None:
    await ledger.forget(ONE)
    await ledger.moved(step(asset(image_key=TWO), TWO), receipt(TWO, md5=OTHER_MD5, etag=OTHER_MD5))

    manifest = await keep_manifest(store, ledger, PREFIX, {ONE, TWO}, safe=False)

    assert first.count(MD5.encode()) == 3
    assert (manifest.replaced, manifest.files) == (True, 1)


async def test_one_that_is_not_as_it_was_written_is_replaced(
    first: bytes, store: LocalStore, ledger: SqliteLedger, bucket: Path
) -> None:
    (bucket / PREFIX / MANIFEST).write_bytes(first.replace(b"one", b"One"))

    assert (await keep_manifest(store, ledger, PREFIX, {TWO}, safe=False)).replaced


async def test_an_earlier_one_that_is_not_read_to_its_end_is_closed_at_once(
    store: LocalStore, ledger: SqliteLedger, first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []

    def read(key: str) -> object:
        opened.append(LocalStore.read(store, key))
        return opened[-1]

    async def recorded(key: str) -> Receipt:
        raise LedgerError(f"the disk is full ({key})")

    monkeypatch.setattr(store, "read", read)
    monkeypatch.setattr(ledger, "recorded", recorded)
    with pytest.raises(LedgerError):
        await keep_manifest(store, ledger, PREFIX, {THREE}, safe=False)

    assert first
    assert [reading.ag_frame for reading in opened] == [None]
