"""A lost ledger is made anew from the bucket alone, and knows what the old one knew; and ledgers are written out."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from smug2s3.errors import LedgerError, Smug2s3Error
from smug2s3.flow.together import together
from smug2s3.ledger.database import holding
from smug2s3.ledger.ledger import open_ledger
from smug2s3.models import Proof
from smug2s3.rules.filters import Filters
from smug2s3.stores.quirks import MIB, Provider
from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from smugmug_simulator.model import Asset
from tests.support.bucket import PREFIX, SIDECAR, Bucket
from tests.support.fault_proxy import Etags, StoreFault, fault_proxy
from tests.support.machine import machine_for
from tests.support.wired import Wired, kinds
from tests.unit.samples import asset as one
from tests.unit.samples import receipt, step

ROSE = f"{PREFIX}Garden/rose.jpg"
WITHOUT_MD5 = {"no-md5.jpg", "no-md5-no-size.jpg", "only-original-detail.jpg", "old.mp4", "unsized.mp4"}


def asset(wired: Wired, file_name: str) -> Asset:
    """The asset of that name."""
    return next(one for one in wired.sim.world.assets() if one.file_name == file_name)


def told(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What a bucket can tell of an export: not when each file came, nor why something is not there."""
    kept = [
        tuple(bool(value) if name == "gone_at" else value for name, value in row.items() if name != "stored_at")
        for row in rows
        if row["state"] not in ("unavailable", "failed")
    ]
    return sorted(kept, key=str)


async def nothing(_: Wired) -> None:
    """Nothing changes."""


async def delete(wired: Wired) -> None:
    """Photos are deleted on SmugMug, one of them as the last of its album."""
    for name in ("rose.jpg", "IMG_0001.JPG", "scan & copy 'A'~é!.jpg"):
        wired.sim.world.delete_image(asset(wired, name).image_key)
    await wired.sync()


async def delete_twice(wired: Wired) -> None:
    """Photos are deleted one after the other, others come, and one takes the name of a deleted one."""
    garden = asset(wired, "rose.jpg").album_key
    await delete(wired)
    wired.sim.world.add_image(garden, "rose.jpg")
    await wired.sync()
    wired.sim.world.delete_image(asset(wired, "tulip (2).jpg").image_key)
    await wired.sync()


async def replace(wired: Wired) -> None:
    """A photo is replaced, another described anew."""
    wired.sim.world.replace_image(asset(wired, "rose.jpg").image_key)
    wired.sim.world.set_caption(asset(wired, "tulip (2).jpg").image_key, "Gelb · 黄")
    await wired.sync(full=True)


async def rename_and_follow(wired: Wired) -> None:
    """An album and a folder are renamed, and the store follows."""
    world = wired.sim.world
    world.rename_album(asset(wired, "rose.jpg").album_key, "Park")
    family = next(node for node in world.children(world.root) if node.name == "Family")
    world.rename_folder(family.id, "Familie")
    await wired.sync(follow_renames=True)


async def rename(wired: Wired) -> None:
    """An album is renamed, what is stored stays, and a new photo goes under the new name."""
    garden = asset(wired, "rose.jpg").album_key
    wired.sim.world.rename_album(garden, "Park")
    wired.sim.world.add_image(garden, "oak.jpg")
    await wired.sync()


async def collect(wired: Wired) -> None:
    """A photo is collected into a second album."""
    wired.sim.world.collect_image(asset(wired, "rose.jpg").album_key, asset(wired, "IMG_0001.JPG").image_key)
    await wired.sync()


async def certify(wired: Wired) -> None:
    """The archive has a manifest of its own."""
    await wired.verify(source=True, certify=True)


async def rebuilt(wired: Wired) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The export of the old ledger and of the new one, the old one lost in between."""
    old = await wired.export()
    wired.ledger.unlink()
    await wired.rebuild()
    return old, await wired.export()


async def proofs(wired: Wired) -> list[Proof]:
    """What proves each photo."""
    async with open_ledger(str(wired.ledger)) as ledger:
        keys = [stored.key async for page in ledger.stored() for stored in page if stored.image_key]
        return [receipt.proof for key in keys if (receipt := await ledger.recorded(key))]


async def assert_content(wired: Wired) -> None:
    """After a rebuild there is nothing to move, nothing to describe, and nothing wrong."""
    wired.sim.stats.clear()
    summary = await wired.sync(full=True)
    assert (summary.moved, summary.described, summary.renamed, summary.failed) == (0, 0, 0, 0)
    found = kinds(await wired.verify(heads=True, deep=1.0, source=True))
    assert found.keys() <= {"Lagging/already-deleted.jpg"}  # a list that lags behind is never proven
    assert (await wired.sync()).moved == 0


def without_proofs(bucket: Bucket) -> None:
    """As an earlier version wrote them."""
    for path in filter(Path.is_file, bucket.folder.rglob(SIDECAR)):
        path.write_bytes(re.sub(rb'("key":"[^"]*"),"size":\d+,"md5":"\w+"', rb"\1", path.read_bytes()))


@pytest.mark.parametrize(("name", "earlier"), [("tiny", False), ("hostile", False), ("hostile", True)])
async def test_a_rebuilt_ledger_equals_the_lost_one(bucket: Bucket, tmp_path: Path, name: str, earlier: bool) -> None:
    async with Simulator(worlds.make(name)) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()

        if earlier:
            without_proofs(bucket)
            await bucket.changed_from_outside()

        old, new = await rebuilt(wired)

        for node in sim.world.album_nodes():  # what SmugMug counts and does not show is never proven
            assert node.album is not None
            sim.world.miscount(node.album.key, 0)
        # Whether these are still what they were only this version's lines can say: the bucket tells what their bytes are,
        # and SmugMug not what they should be.
        unsaid = {row["key"] for row in old if row["state"] == "moved"} - {row["key"] for row in new}
        assert {key.rpartition("/")[2] for key in unsaid} == (WITHOUT_MD5 if earlier else set())
        if earlier:  # its own files are others
            old, new = ([row for row in rows if row["state"] != "sidecar"] for rows in (old, new))
        assert told(new) == told([row for row in old if row["key"] not in unsaid])
        assert (await wired.sync(full=True)).moved == len(unsaid)
        await assert_content(wired)


CHANGES: dict[str, Callable[[Wired], Awaitable[None]]] = {
    "deleted": delete,
    "deleted, and again": delete_twice,
    "replaced": replace,
    "renamed and followed": rename_and_follow,
    "collected": collect,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_ledger_rebuilt_after_changes_equals_the_lost_one(
    bucket: Bucket, tmp_path: Path, change: Callable[[Wired], Awaitable[None]]
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await change(wired)

        old, new = await rebuilt(wired)

        assert told(new) == told(old)
        await assert_content(wired)


async def test_after_a_rename_without_follow_renames_every_file_is_known_at_its_key(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await rename(wired)

        old, new = await rebuilt(wired)

        # The album's former own file is overtaken by the newer one, and told of as such.
        assert {row["key"]: row["md5"] for row in new} == {row["key"]: row["md5"] for row in old}
        await assert_content(wired)
        assert set(bucket.media()) == {row["key"] for row in old if row["state"] == "moved"}


async def test_the_archives_manifest_is_no_file_of_an_album(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await certify(wired)
        old = await wired.export()
        wired.ledger.unlink()

        found = await wired.rebuild()

        assert (found.files, found.albums, found.doubtful, found.unknown) == (6, 3, 0, 0)
        assert told(await wired.export()) == told(old)
        verified = await wired.verify(deep=1.0)
        assert (verified.clean, verified.extra) == (True, [])
        assert (await wired.sync(full=True)).moved == 0
        await certify(wired)
        last = await wired.verify(deep=1.0)
        assert (last.clean, last.extra) == (True, [])


async def test_objects_in_parts_are_known_again_by_the_md5_smugmug_names(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parted = Provider(name="in parts", single_put=4 * MIB, part_size=5 * MIB)
    monkeypatch.setattr("smug2s3.app.factories.provider_of", lambda _: parted)
    world = World("mine")
    album = world.add_album("One")
    world.add_image(album, "large.jpg", noise_photo(1, 12 * MIB))
    world.add_image(album, "small.jpg", noise_photo(2, 1000))
    async with Simulator(world) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        wired = Wired(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint})
        await wired.sync()
        assert proxy.count("PUT", "*partNumber=*") == 3

        old, new = await rebuilt(wired)

        without_etag = [[{**row, "etag": ""} for row in rows] for rows in (new, old)]
        assert told(without_etag[0]) == told(without_etag[1])
        await assert_content(wired)


async def test_a_file_that_differs_from_its_album_file_is_omitted_and_copied_again(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        path, tulip = bucket.path("rose.jpg"), bucket.path("tulip (2).jpg")
        content = path.read_bytes()
        path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
        tulip.write_bytes(tulip.read_bytes() + b"more")
        bucket.path("IMG_0002.JPG").unlink()
        await bucket.changed_from_outside()
        wired.ledger.unlink()

        found = await wired.rebuild()

        assert (found.files, found.doubtful, found.unknown) == (3, 2, 2)
        assert (await wired.sync(full=True)).moved == 3
        wired.assert_complete()
        assert (await wired.verify(deep=1.0, source=True)).clean


@pytest.mark.parametrize("etags", ["disguised", "foreign"])
async def test_where_etags_say_nothing_nothing_is_proven_by_them(bucket: Bucket, tmp_path: Path, etags: Etags) -> None:
    async with Simulator(worlds.tiny()) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        proxy.etags = etags
        wired = Wired(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint})
        await wired.sync()
        path = bucket.path("rose.jpg")
        content = path.read_bytes()
        path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
        await bucket.changed_from_outside()
        wired.ledger.unlink()

        found = await wired.rebuild()

        # An ETag that looks like an MD5 is taken for one, so what has another is moved again.
        assert (found.files, found.doubtful) == ((0, 6) if etags == "disguised" else (6, 0))
        assert set(await proofs(wired)) <= {Proof.NONE}
        assert (await wired.sync(full=True)).moved == (6 if etags == "disguised" else 0)
        if etags == "foreign":
            assert kinds(await wired.verify(deep=1.0, repair=True)) == {ROSE: "different"}
            assert (await wired.sync()).moved == 1
        wired.assert_complete()
        assert (await wired.verify(deep=1.0, source=True)).clean


async def test_what_is_gone_from_smugmug_and_was_damaged_is_not_forgotten_but_named(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await delete(wired)
        path = bucket.path("rose.jpg")
        content = path.read_bytes()
        path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
        await bucket.changed_from_outside()
        wired.ledger.unlink()

        assert (await wired.rebuild()).doubtful == 1

        assert kinds(await wired.verify()) == {ROSE: "different"}
        (former,) = [row for row in await wired.export() if row["key"] == ROSE]
        assert (former["state"], bool(former["gone_at"])) == ("gone", True)


async def test_a_line_of_what_is_gone_ends_with_its_object(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        await delete(wired)
        assert [item["key"] for item in bucket.album("Garden")["former_items"]] == [ROSE]
        bucket.path("rose.jpg").unlink()
        await bucket.changed_from_outside()
        async with open_ledger(str(wired.ledger)) as ledger:
            assert not await ledger.queue_again(ROSE, "not in the bucket")
            await ledger.lost(ROSE, there=False)

        await wired.sync(full=True)

        assert bucket.album("Garden")["former_items"] == []
        assert (await wired.verify(heads=True, deep=1.0, source=True)).clean


async def test_what_is_no_archive_of_ours_is_counted_and_left_alone(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        for name, content in (
            ("notes.txt", b"mine"),
            ("Odd/_album.json", b"{}"),
            ("Bad/_album.json", b"\xff{not json"),
            ("Deep/_album.json", b"[" * 200_000),
        ):
            (bucket.folder / PREFIX / name).parent.mkdir(exist_ok=True)
            (bucket.folder / PREFIX / name).write_bytes(content)
        (bucket.folder / "elsewhere.txt").write_bytes(b"mine")
        album = bucket.path(f"Summer 2019/{SIDECAR}")
        lines = [b"[" * 200_000 if b"IMG_0002" in line else line for line in album.read_bytes().split(b"\n")]
        album.write_bytes(b"\n".join(lines))
        await bucket.changed_from_outside()
        wired.ledger.unlink()

        found = await wired.rebuild()

        assert (found.albums, found.files, found.unknown) == (3, 5, 5)
        assert set(kinds(await wired.verify()).values()) == {"extra"}


async def test_of_an_empty_bucket_nothing_is_known(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)

        found = await wired.rebuild()

        assert (found.albums, found.files) == (0, 0)
        assert await wired.export() == []
        assert (await wired.sync()).moved == 6


async def test_an_existing_ledger_is_never_replaced(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        before = wired.ledger.read_bytes()

        with pytest.raises(LedgerError, match="a ledger already exists at"):
            await wired.rebuild()

        assert wired.ledger.read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]


async def test_while_somebody_holds_the_ledgers_place_none_is_made_there(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        with holding(str(wired.ledger)), pytest.raises(LedgerError, match="in use by another smug2s3"):
            await wired.rebuild()
        with holding(str(wired.ledger)), pytest.raises(LedgerError, match="in use by another smug2s3"):
            await wired.sync()

        assert list(tmp_path.iterdir()) == []


BREAKS = {
    "the listing": StoreFault(
        action="answer", method="GET", path="*list-type=2*", skip=1, times=None, status=403, code="AccessDenied"
    ),
    "the first album": StoreFault(
        action="answer", method="GET", path="*_album.json", times=None, status=403, code="AccessDenied"
    ),
    "an album, with a page in its place": StoreFault(
        action="answer",
        method="GET",
        path="*_album.json",
        times=None,
        status=200,
        content_type="text/html",
        headers=(("ETag", '"5f3e-1a"'), ("Last-Modified", "Sat, 28 Nov 2026 10:00:00 GMT")),
        body="<html>Hello</html>",
    ),
    "a later album": StoreFault(
        action="answer", method="GET", path="*_album.json", skip=1, times=None, status=403, code="AccessDenied"
    ),
}


@pytest.mark.parametrize("fault", BREAKS.values(), ids=BREAKS)
async def test_a_store_that_fails_midway_leaves_no_ledger_half_made(
    bucket: Bucket, tmp_path: Path, fault: StoreFault
) -> None:
    async with Simulator(worlds.tiny()) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        wired = Wired(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint})
        await wired.sync()
        old = await wired.export()
        wired.ledger.unlink()
        proxy.script(fault)

        with pytest.raises(Smug2s3Error) as refusal:
            await wired.rebuild()

        assert refusal.value.side == "store"
        assert list(tmp_path.iterdir()) == []
        proxy.script()
        await wired.rebuild()
        assert told(await wired.export()) == told(old)


async def test_one_that_is_cancelled_leaves_no_ledger_half_made(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        wired = Wired(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint})
        await wired.sync()
        wired.ledger.unlink()
        proxy.script(StoreFault(action="stall", method="GET", path="*_album.json", skip=1))
        task = asyncio.create_task(wired.rebuild())
        await proxy.stalled.wait()

        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert list(tmp_path.iterdir()) == []


async def test_what_a_killed_rebuild_left_behind_is_no_hindrance(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        old = await wired.export()
        shutil.copy(wired.ledger, f"{wired.ledger}.rebuilding")
        Path(f"{wired.ledger}.rebuilding-wal").write_bytes(b"half of something" * 1000)
        wired.ledger.unlink()

        await wired.rebuild()

        assert told(await wired.export()) == told(old)
        assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]


# Writing it out


def in_csv(value: Any) -> str:
    """What a cell holds: a list is joined, and every line break is the same."""
    if isinstance(value, list):
        value = "; ".join(value)
    return "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("form", ["jsonl", "csv"])
async def test_an_export_is_read_by_other_programs(bucket: Bucket, tmp_path: Path, form: str) -> None:
    world = worlds.hostile(long_album=5)
    world.add_image(world.add_album("Formulas"), "sum.jpg", caption="=1+2", latitude=-33.5, longitude=151.25)
    async with Simulator(world) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        assert (await machine.run("sync")).code == 1  # one of its albums counts more than it lists
        wired = Wired(sim, bucket, tmp_path, {"LEDGER_PATH": str(machine.home / "transfer_log.db")})
        expected = await wired.export()

        printed = await machine.run("ledger", "export", "--format", form)
        written = await machine.run("ledger", "export", "--format", form, "--output", "ledger.txt")

        assert (printed.code, written.code, written.out) == (0, 0, "")
        text = (machine.home / "ledger.txt").read_bytes().decode()
        assert text == printed.out
        if form == "jsonl":
            assert [json.loads(line) for line in text.split("\n")[:-1]] == expected
        else:
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
            assert rows == [{k: in_csv(v) for k, v in row.items()} for row in expected]
            marked = await machine.run("ledger", "export", "--format", "csv", "--bom")
            assert ",=1+2," in text
            assert marked.out == f"\ufeff{text}".replace(",=1+2,", ",'=1+2,")
        again = await machine.run("ledger", "export", "--output", "ledger.txt")
        assert again.code == 2
        assert "cannot write ledger.txt" in again.err
        assert (machine.home / "ledger.txt").read_bytes().decode() == text


@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell like that")
@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("images", [3, 1500], ids=["few-lines", "many-lines"])
async def test_a_reader_may_stop_early(bucket: Bucket, tmp_path: Path, form: str, images: int) -> None:
    async with Simulator(worlds.tiny()) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        async with open_ledger(str(machine.home / "transfer_log.db")) as ledger:
            keys = [f"smugmug/One/{number:04}.JPG" for number in range(images)]
            await together(ledger.moved(step(one(image_key=key), key), receipt(key)) for key in keys)
        command = f'"{sys.executable}" -W error -m smug2s3 ledger export --format {form} | head -n 1'

        process = await asyncio.create_subprocess_exec(
            "bash", "-c", f"{command}; echo ${{PIPESTATUS[0]}}", cwd=machine.home, stdout=-1, stderr=-1
        )
        out, err = await process.communicate()

        first, code = out.decode().splitlines()
        assert (code, err) == ("0", b"")
        assert first.startswith('{"album"' if form == "jsonl" else "album,album_key")


async def test_there_is_no_other_form(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")

        ran = await machine.run("ledger", "export", "--format", "xml")
        without = await machine.run("ledger", "export")
        marked = await machine.run("ledger", "export", "--bom")

        assert (ran.code, "jsonl, csv" in ran.err) == (2, True)
        assert (marked.code, "--bom is for CSV only" in marked.err) == (2, True)
        assert (without.code, "no ledger at" in without.err) == (2, True)
        assert not (machine.home / "transfer_log.db").exists()


@pytest.mark.parametrize("bucket_alone", [True, False], ids=["rebuilt", "as it was"])
async def test_a_caption_that_is_only_in_the_albums_own_file_is_still_to_be_written(
    bucket: Bucket, tmp_path: Path, bucket_alone: bool
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        rose = asset(wired, "rose.jpg")
        wired.sim.world.set_caption(rose.image_key, "Red")
        wired.sim.world.add_image(rose.album_key, "new.jpg")
        await wired.sync(full=True, filters=Filters(exclude_files=("rose*",)))
        if bucket_alone:
            wired.ledger.unlink()
            await wired.rebuild()

        verdict = (await wired.verify(source=True)).verdict
        assert verdict is not None
        assert not verdict.safe

        assert (await wired.sync(full=True)).described == 1
        assert (await wired.bucket.metadata(ROSE))["caption"] == "Red"
        last = (await wired.verify(source=True)).verdict
        assert last is not None
        assert last.safe
