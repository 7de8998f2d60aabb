"""A store in a folder believes what it recorded only as long as the file is as it was, and leaves nothing half done."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import stat
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from smug2s3.errors import StoreCorrupt, StoreRefused, StoreUnreachable, StoreUnusable
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import Proof, Receipt, StoreTarget
from smug2s3.rules.keys import fold
from smug2s3.stores.local.folder import HIDDEN, Folder
from smug2s3.stores.local.store import LocalStore, open_local
from smug2s3.stores.local.temp_files import TempFile
from tests.contract.bodies import md5_of, pieces
from tests.unit.samples import receipt

MIB = 1024 * 1024
PHOTO = os.urandom(3_000)


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    folder = tmp_path / "bucket"
    folder.mkdir()
    return folder


@pytest.fixture
async def store(bucket: Path) -> AsyncIterator[LocalStore]:
    """With one photo in it."""
    async with open_local(bucket) as store:
        await put(store, "Garden/rose.jpg")
        yield store


async def put(store: LocalStore, key: str, content: bytes = PHOTO) -> Receipt:
    target = StoreTarget(key=key, content_type="image/jpeg", metadata=(("title", "Rose"),))
    return await store.put(target, CheckedStream(pieces(content), size=len(content), md5=md5_of(content)))


def rose(title: str = "Again") -> StoreTarget:
    return StoreTarget(key="Garden/rose.jpg", content_type="image/jpeg", metadata=(("title", title),))


RECEIPT = receipt("Garden/rose.jpg", size=len(PHOTO), md5=md5_of(PHOTO), etag=md5_of(PHOTO))


async def etags(store: LocalStore) -> dict[str, str]:
    """Of everything listed."""
    return {found.key: found.etag async for page in store.list("") for found in page}


def rewrite(path: Path, content: bytes, *, unnoticed: bool = False) -> None:
    """Other bytes behind the store's back, as another program writes them, or as a failing disk turns them."""
    before = path.stat()
    path.write_bytes(content)
    changed = before.st_mtime_ns if unnoticed else before.st_mtime_ns + 1
    os.utime(path, ns=(before.st_atime_ns, changed))


def flipped(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


async def test_a_byte_that_another_program_changed_is_found_by_listing(store: LocalStore, bucket: Path) -> None:
    rewrite(bucket / "Garden/rose.jpg", flipped(PHOTO))

    assert await etags(store) == {"Garden/rose.jpg": md5_of(flipped(PHOTO))}


async def test_a_byte_that_turned_by_itself_is_found_by_reading_and_by_copying(store: LocalStore, bucket: Path) -> None:
    rewrite(bucket / "Garden/rose.jpg", flipped(PHOTO), unnoticed=True)

    assert await etags(store) == {"Garden/rose.jpg": md5_of(PHOTO)}
    assert b"".join([chunk async for chunk in store.read("Garden/rose.jpg")]) == flipped(PHOTO)
    with pytest.raises(StoreCorrupt, match="has changed since it was stored"):
        await store.copy(RECEIPT, StoreTarget(key="Garden/tulip.jpg", content_type="image/jpeg"))
    assert await etags(store) == {"Garden/rose.jpg": md5_of(PHOTO)}


@pytest.mark.parametrize("key", ["Garden/rose.jpg", "Garden/tulip.jpg"], ids=["described", "renamed"])
async def test_what_another_program_wrote_is_never_taken_for_the_photo(
    store: LocalStore, bucket: Path, key: str
) -> None:
    rewrite(bucket / "Garden/rose.jpg", flipped(PHOTO))

    with pytest.raises(StoreCorrupt, match="has changed since it was stored"):
        await store.copy(RECEIPT, replace(rose(), key=key))

    (record,) = bucket.glob(f"{HIDDEN}/objects/*/*.json")
    assert json.loads(record.read_bytes())["md5"] == md5_of(PHOTO)
    assert await etags(store) == {"Garden/rose.jpg": md5_of(flipped(PHOTO))}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"key": 1}', b"\xff", b"null"])
async def test_a_record_that_makes_no_sense_costs_a_hash_and_no_more(
    store: LocalStore, bucket: Path, content: bytes
) -> None:
    (record,) = bucket.glob(f"{HIDDEN}/objects/*/*.json")
    record.write_bytes(content)

    assert await etags(store) == {"Garden/rose.jpg": md5_of(PHOTO)}
    assert (await store.head("Garden/rose.jpg")).metadata == {}


async def test_an_archive_copied_without_what_is_hidden_is_as_good(store: LocalStore, bucket: Path) -> None:
    shutil.rmtree(bucket / HIDDEN)

    assert await etags(store) == {"Garden/rose.jpg": md5_of(PHOTO)}
    unproven = replace(RECEIPT, etag="", proof=Proof.NONE)
    assert await store.copy(unproven, rose()) == RECEIPT
    assert (await store.head("Garden/rose.jpg")).metadata == {"title": "Again"}


async def test_a_new_description_leaves_the_file_itself_as_it_is(store: LocalStore, bucket: Path) -> None:
    before = (bucket / "Garden/rose.jpg").stat()

    await store.copy(RECEIPT, rose())

    after = (bucket / "Garden/rose.jpg").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    (record,) = bucket.glob(f"{HIDDEN}/objects/*/*.json")
    assert json.loads(record.read_bytes())["content_type"] == "image/jpeg"


async def test_what_file_managers_leave_is_no_object_unless_it_was_stored_as_one(
    store: LocalStore, bucket: Path
) -> None:
    (bucket / "@eaDir").mkdir()
    for name in (".DS_Store", "Thumbs.db", "Garden/desktop.ini", "Garden/._rose.jpg", "@eaDir/rose.jpg"):
        (bucket / name).write_bytes(b"litter")
    (bucket / "weed.jpg").write_bytes(b"weed")
    await put(store, "Garden/Thumbs.db")

    assert set(await etags(store)) == {"Garden/rose.jpg", "Garden/Thumbs.db", "weed.jpg"}


class CarelessDisk(Folder):
    """As on Windows and macOS: case and Unicode form make no difference, and what came first is what is listed."""

    def path(self, key: str) -> Path:
        """What is there already under such a name, else a new one."""
        found = self.root
        for part in super().path(key).relative_to(self.root).parts:
            there = found.iterdir() if found.is_dir() else iter(())
            found = next((path for path in there if fold(path.name) == fold(part)), found / part)
        return found


@pytest.fixture
def careless(bucket: Path) -> Iterator[LocalStore]:
    with ThreadPoolExecutor(2) as threads:
        yield LocalStore(CarelessDisk(bucket), threads)


async def test_a_name_that_the_disk_spells_otherwise_keeps_its_key(careless: LocalStore, bucket: Path) -> None:
    (bucket / unicodedata.normalize("NFD", "été.jpg")).write_bytes(b"")
    await put(careless, "été.jpg")

    assert [path.name for path in bucket.glob("*.jpg")] == [unicodedata.normalize("NFD", "été.jpg")]
    assert await etags(careless) == {"été.jpg": md5_of(PHOTO)}


async def test_a_rename_that_changes_only_the_case_loses_nothing(careless: LocalStore) -> None:
    await put(careless, "Garden/rose.jpg")
    await careless.copy(RECEIPT, StoreTarget(key="garden/rose.jpg", content_type="image/jpeg"))
    assert await etags(careless) == {"garden/rose.jpg": md5_of(PHOTO)}

    await careless.delete("Garden/rose.jpg")

    assert await etags(careless) == {"garden/rose.jpg": md5_of(PHOTO)}
    await careless.delete("garden/rose.jpg")
    assert await etags(careless) == {}


async def test_where_the_disk_minds_case_twins_are_two_objects(store: LocalStore) -> None:
    await put(store, "garden/rose.jpg", b"another")
    await store.delete("Garden/rose.jpg")

    assert await etags(store) == {"garden/rose.jpg": md5_of(b"another")}


async def test_a_name_that_is_no_text_is_listed_as_something_that_can_be_shown(bucket: Path) -> None:
    Path(os.fsdecode(os.fsencode(bucket) + b"/\xff.jpg")).write_bytes(b"x")
    async with open_local(bucket) as store:
        assert await etags(store) == {"\ufffd.jpg": ""}


async def test_what_a_killed_process_left_is_cleared_by_the_next_and_what_a_living_one_writes_is_not(
    bucket: Path,
) -> None:
    incoming = bucket / HIDDEN / "incoming"
    incoming.mkdir(parents=True)
    (incoming / "leftover").write_bytes(b"half a photo")
    alive = TempFile(incoming)
    alive.open()
    async with open_local(bucket) as store:
        assert await etags(store) == {}
        await put(store, "rose.jpg")

    assert list(incoming.iterdir()) == [alive.path]
    alive.discard()
    assert list(incoming.iterdir()) == []


async def test_what_does_not_fit_is_refused_and_leaves_what_was_there(store: LocalStore, bucket: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, limits[1]))
    try:
        with pytest.raises(StoreRefused, match="file is too large"):
            await put(store, "Garden/rose.jpg", bytes(5 * MIB))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert await etags(store) == {"Garden/rose.jpg": md5_of(PHOTO)}
    assert list((bucket / HIDDEN / "incoming").iterdir()) == []


async def test_a_name_too_long_for_the_disk_is_refused(store: LocalStore) -> None:
    with pytest.raises(StoreRefused, match="name is too long"):
        await put(store, "x" * 300)


ACTS: dict[str, Callable[[LocalStore], Awaitable[object]]] = {
    "put": lambda store: put(store, "rose.jpg"),
    "copy": lambda store: store.copy(RECEIPT, rose()),
    "delete": lambda store: store.delete("Garden/rose.jpg"),
    "read": lambda store: anext(store.read("Garden/rose.jpg")),
    "beginning": lambda store: store.beginning("Garden/rose.jpg", 10),
    "head": lambda store: store.head("Garden/rose.jpg"),
    "list": lambda store: anext(store.list("Garden/")),
    "check": lambda store: store.check("Garden/"),
}


@pytest.mark.parametrize("act", ACTS)
async def test_a_disk_that_is_gone_ends_the_run_and_nothing_is_written_beneath_it(
    store: LocalStore, bucket: Path, act: str
) -> None:
    bucket.rename(bucket.with_name("unplugged"))

    with pytest.raises(StoreUnusable, match="there is no folder"):
        await ACTS[act](store)
    assert not bucket.exists()


def test_a_folder_of_a_disk_that_goes_between_two_looks_is_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", lambda _path: True)  # as it was a moment ago

    path = Folder(tmp_path).vacant("Garden/rose.jpg")

    assert path == Path(os.path.realpath(tmp_path)) / "Garden" / "rose.jpg"


async def test_a_disk_that_goes_while_a_file_is_written_ends_the_run(store: LocalStore, bucket: Path) -> None:
    async def unplugged() -> AsyncIterator[bytes]:
        yield bytes(MIB)
        bucket.rename(bucket.with_name("unplugged"))
        yield b"x"

    target = StoreTarget(key="new/rose.jpg", content_type="image/jpeg")
    with pytest.raises(StoreUnusable, match="there is no folder"):
        await store.put(target, CheckedStream(unplugged(), size=MIB + 1, md5=None))
    assert not bucket.exists()


async def test_files_are_as_readable_as_the_user_wants_new_files_to_be(store: LocalStore, bucket: Path) -> None:
    before = os.umask(0o027)
    try:
        await put(store, "Beach/sea.jpg")
    finally:
        os.umask(before)

    assert (bucket / "Beach/sea.jpg").stat().st_mode & 0o777 == 0o640
    assert (bucket / "Beach").stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS])
async def test_a_disk_that_knows_no_fsync_and_no_chmod_keeps_files_all_the_same(
    store: LocalStore, bucket: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    for call in ("fsync", "chmod", "fchmod"):
        monkeypatch.setattr(os, call, refused)
    await put(store, "My Garden/роза.jpg")
    assert (bucket / "My Garden" / "роза.jpg").read_bytes() == PHOTO


@pytest.mark.parametrize("only_folders", [False, True])
async def test_a_disk_that_fails_at_keeping_is_no_disk_that_cannot(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, only_folders: bool
) -> None:
    own = os.fsync

    def failing(descriptor: int) -> None:
        if not only_folders or stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        own(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(StoreUnreachable, match="EIO"):
        await put(store, "Garden/rose.jpg")
