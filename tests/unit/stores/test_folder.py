"""Whatever a key is, it is a place of its own inside the folder, or it is refused."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smug2s3.errors import StoreMissing, StoreRefused, StoreUnusable
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import StoreTarget
from smug2s3.stores.local.folder import HIDDEN, Folder
from smug2s3.stores.local.store import LocalStore, open_local

SECRET = b"nobody may write here"

NASTY = [
    "..", ".", "", "~", "link", "a", "A", HIDDEN, HIDDEN.upper(), f"{HIDDEN} .", ".smug2s\u200c3", "incoming",
    "objects", "\0", "\n", "\\", "c:", "..\\..", "写真", "e\u0301", "\ud800", "x" * 300, "%2e%2e", "\u202e",
]  # fmt: skip
KEYS = st.lists(st.sampled_from(NASTY) | st.text(max_size=6), min_size=1, max_size=5).map("/".join)


async def put(store: LocalStore, key: str, content: bytes = b"photo") -> None:
    """One object."""

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    await store.put(
        StoreTarget(key=key, content_type="image/jpeg"), CheckedStream(chunks(), size=len(content), md5=md5)
    )


async def listed(store: LocalStore, prefix: str = "") -> list[str]:
    """Every key."""
    return [found.key async for page in store.list(prefix) for found in page]


def outside(root: Path) -> dict[str, bytes]:
    """All files beside the bucket."""
    beside = (path for path in root.rglob("*") if path.is_file() and not path.is_relative_to(root / "bucket"))
    return {str(path): path.read_bytes() for path in beside}


@settings(max_examples=60)
@given(keys=st.lists(KEYS, min_size=1, max_size=3, unique=True))
async def test_no_key_leads_out_of_the_folder_or_into_what_is_hidden_there(keys: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        (root / "bucket").mkdir()
        (root / "secret").write_bytes(SECRET)
        (root / "bucket" / "link").symlink_to(root)
        kept = []
        async with open_local(root / "bucket") as store:
            for key in keys:
                try:
                    await put(store, key)
                except StoreRefused:
                    continue
                kept.append(key)

            assert sorted(await listed(store)) == sorted(kept)
            assert outside(root) == {str(root / "secret"): SECRET}
            hidden = root / "bucket" / HIDDEN
            assert {path.name for path in hidden.glob("*")} <= {"incoming", "objects"}
            assert {path.name for path in hidden.glob("*/*") if path.is_file()} == set()
            for key in kept:
                assert b"".join([chunk async for chunk in store.read(key)]) == b"photo"
                await store.delete(key)
            assert await listed(store) == []


@given(key=KEYS)
def test_what_is_read_or_removed_is_inside_too(key: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Folder(Path(name))
        try:
            path = folder.path(key)
        except StoreRefused:
            return
        assert path.relative_to(folder.root).as_posix() == key
        assert path.relative_to(folder.root).parts[0].casefold() != HIDDEN


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    folder = tmp_path / "bucket"
    folder.mkdir()
    return folder


async def test_of_a_file_and_a_folder_with_one_name_the_second_is_refused_and_both_are_named(bucket: Path) -> None:
    async with open_local(bucket) as store:
        await put(store, "Garden/rose.jpg")
        with pytest.raises(StoreRefused, match=r"Garden cannot be stored.*Garden/rose\.jpg"):
            await put(store, "Garden")
        with pytest.raises(StoreRefused, match=r"Garden/rose\.jpg/x cannot be stored.*Garden/rose\.jpg is a file"):
            await put(store, "Garden/rose.jpg/x")
        with pytest.raises(StoreMissing):
            await store.head("Garden/rose.jpg/x")
        with pytest.raises(StoreMissing):
            await store.head("Garden")
        await store.delete("Garden")
        assert await listed(store) == ["Garden/rose.jpg"]


async def test_folders_go_with_their_last_object_so_that_the_name_is_free_again(bucket: Path) -> None:
    async with open_local(bucket) as store:
        await put(store, "a/b/c.jpg")
        await put(store, "a/d.jpg")
        await store.delete("a/b/c.jpg")
        assert [path.name for path in (bucket / "a").iterdir()] == ["d.jpg"]
        await store.delete("a/d.jpg")
        await put(store, "a")
        assert await listed(store) == ["a"]


async def test_a_link_is_no_object_and_what_it_leads_to_is_left_alone(bucket: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.jpg").write_bytes(SECRET)
    (bucket / "rose.jpg").symlink_to(tmp_path / "mine.jpg")
    async with open_local(bucket) as store:
        assert await listed(store) == []
        with pytest.raises(StoreRefused, match="not a regular file"):
            await anext(store.read("rose.jpg"))
        await put(store, "rose.jpg")
        assert await listed(store) == ["rose.jpg"]
        (bucket / "tulip.jpg").symlink_to(tmp_path / "mine.jpg")
        await store.delete("tulip.jpg")

    assert (tmp_path / "mine.jpg").read_bytes() == SECRET
    assert not (bucket / "rose.jpg").is_symlink()


async def test_a_linked_folder_is_neither_written_to_nor_listed(bucket: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (bucket / "Garden").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "there.jpg").write_bytes(SECRET)
    async with open_local(bucket) as store:
        for act in (
            put(store, "Garden/rose.jpg"),
            store.delete("Garden/there.jpg"),
            store.head("Garden/there.jpg"),
        ):
            with pytest.raises(StoreRefused, match="its path contains a symbolic link"):
                await act
        assert await listed(store) == []
        assert await listed(store, "Garden") == []

    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["there.jpg"]


async def test_the_stores_own_folder_must_be_one(bucket: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (bucket / HIDDEN).symlink_to(tmp_path / "elsewhere")
    async with open_local(bucket) as store:
        with pytest.raises(StoreUnusable, match="is a symbolic link"):
            await put(store, "rose.jpg")

    assert list((tmp_path / "elsewhere").iterdir()) == []


async def test_the_folder_itself_may_be_reached_by_a_link(bucket: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").symlink_to(bucket)
    async with open_local(tmp_path / "disk") as store:
        await put(store, "rose.jpg")

    assert (bucket / "rose.jpg").read_bytes() == b"photo"
