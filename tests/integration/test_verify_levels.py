"""What each level of verification proves, what repair mends, and what the certificate leaves in the bucket."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from smug2s3.app.verify_runner import Depth, run_verify
from smug2s3.cli.verify import Options, _depth, report_text
from smug2s3.engine.report import Report
from smug2s3.errors import UsageError
from smug2s3.reporting.certificate import certificate_text
from smug2s3.rules.directories import RESERVED
from smug2s3.rules.verdict import Kind, Verdict
from smug2s3.rules.verification import Difference
from smugmug_simulator import Fault, Level, Simulator, World, worlds
from smugmug_simulator.content import noise_photo
from smugmug_simulator.model import Asset, Quirk
from tests.support.bucket import PREFIX, Bucket, md5_of
from tests.support.fault_proxy import StoreFault, fault_proxy
from tests.support.servers import LocalS3
from tests.support.wired import Wired, kinds

ROSE = f"{PREFIX}Garden/rose.jpg"
TULIP = f"{PREFIX}Garden/tulip (2).jpg"
SIDECAR = f"{PREFIX}Garden/_album.json"
WEED = f"{PREFIX}Garden/weed.jpg"


@pytest.fixture
async def moved(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account after its first sync, with the counters at zero."""
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        assert (await wired.sync()).moved == 6
        sim.stats.clear()
        yield wired


def asset(wired: Wired, file_name: str) -> Asset:
    """The asset of that name."""
    return next(one for one in wired.sim.world.assets() if one.file_name == file_name)


async def removed(wired: Wired, key: str) -> None:
    """Somebody deleted it."""
    wired.bucket.files()[key].unlink()
    await wired.bucket.changed_from_outside()


async def flipped(wired: Wired, key: str) -> None:
    """One bit of it changed; its size did not."""
    path = wired.bucket.files()[key]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    await wired.bucket.changed_from_outside()


async def truncated(wired: Wired, key: str) -> None:
    """Its last byte is gone."""
    path = wired.bucket.files()[key]
    path.write_bytes(path.read_bytes()[:-1])
    await wired.bucket.changed_from_outside()


async def undescribed(wired: Wired, key: str) -> None:
    """Its metadata was lost, as by a copy with a careless tool; its bytes are the same."""
    async with wired.bucket.client() as client:
        await client.copy_object(
            Bucket=wired.bucket.name,
            Key=key,
            CopySource={"Bucket": wired.bucket.name, "Key": key},
            MetadataDirective="REPLACE",
            Metadata={},
        )


async def added(wired: Wired, key: str) -> None:
    """Somebody put another file there."""
    path = wired.bucket.folder / key
    path.with_name("weed.jpg").write_bytes(b"weed")
    await wired.bucket.changed_from_outside()


LEVELS: dict[str, dict[str, Any]] = {
    "offline": {"offline": True},
    "listing": {},
    "head": {"heads": True},
    "deep": {"deep": 1.0},
    "source": {"source": True},
}
Damage = Callable[[Wired, str], Awaitable[None]]
NOTHING: dict[str, str] = {}
FOUND: dict[str, tuple[Damage, dict[str, dict[str, str]]]] = {
    "removed": (removed, {"offline": NOTHING, "": {ROSE: "missing"}}),
    "flipped": (flipped, {"offline": NOTHING, "": {ROSE: "different"}}),
    "truncated": (truncated, {"offline": NOTHING, "": {ROSE: "different"}}),
    "undescribed": (undescribed, {"head": {ROSE: "pending"}, "": NOTHING}),
    "added": (added, {"offline": NOTHING, "": {WEED: "extra"}}),
}


@pytest.mark.parametrize("damage", FOUND)
async def test_each_level_finds_what_it_proves_and_nothing_else(moved: Wired, damage: str) -> None:
    """Every row damages one photo; every level then finds what the table says, or under "" what all others find."""
    spoil, expected = FOUND[damage]
    await spoil(moved, ROSE)

    for level, depth in LEVELS.items():
        report = await moved.verify(**depth)

        assert kinds(report) == expected.get(level, expected[""]), level
        assert report.clean == report.passed == (not report.differences)
        assert report.checked == 9
        assert report.ok == 9 - len(report.differences)


@pytest.mark.parametrize(
    ("depth", "bytes_read"), [({"deep": 1.0}, True), ({"heads": True}, False)], ids=["deep", "head"]
)
async def test_what_looks_at_every_object_says_how_many_there_are_and_how_far_it_is(
    moved: Wired, depth: dict[str, Any], bytes_read: bool
) -> None:
    report, seen = Report(), []

    def advance(_: str) -> None:
        if under_way := report.under_way:
            seen.append((under_way.objects, under_way.bytes, under_way.objects_done, under_way.bytes_done))

    await run_verify(moved.settings, report, Depth(**depth), advance=advance)

    objects, size = len(moved.bucket.files()), sum(path.stat().st_size for path in moved.bucket.files().values())
    assert {one[:2] for one in seen} == {(objects, size if bytes_read else 0)}
    assert max(one[2] for one in seen) > 0
    assert all(0 <= one[3] <= size for one in seen)
    assert any(0 < one[3] < size for one in seen) is bytes_read
    assert report.under_way is None


async def test_offline_needs_no_network(moved: Wired) -> None:
    moved.changes = {"SMUGMUG_API_ORIGIN": "http://127.0.0.1:9", "S3_ENDPOINT_URL": "http://127.0.0.1:9"}

    report = await moved.verify(offline=True)

    assert (report.clean, report.checked, report.ok) == (True, 9, 9)


async def test_offline_names_what_was_never_copied(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(
        worlds.tiny(), faults=[Fault(action="status", status=403, kind="media", path="*rose*")]
    ) as sim:
        wired = Wired(sim, bucket, tmp_path)
        sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=None))
        assert (await wired.sync()).failed == 1

        report = await wired.verify(offline=True)

        assert kinds(report) == {"Garden/rose.jpg": "missing"}
        assert "403" in report.differences[0].detail
        assert (report.checked, report.ok) == (9, 8)


@pytest.mark.parametrize(
    "other", [{"head": True}, {"deep": True}, {"source": True}, {"certificate": "c.txt"}, {"combined": "all.txt"}]
)
def test_offline_goes_with_no_other_level(other: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="--offline"):
        _depth(Options(offline=True, **other))


async def test_a_head_names_the_image_whose_metadata_is_lost_and_looks_at_all(moved: Wired) -> None:
    await undescribed(moved, ROSE)

    report = await moved.verify(heads=True)

    assert report.heads == 9
    (found,) = report.differences
    assert asset(moved, "rose.jpg").image_key in found.detail
    assert "metadata" in found.detail


CRC = "x-amz-checksum-crc64nvme"


@pytest.mark.parametrize(("now", "clean"), [("aaaaaaaaaaa=", True), ("bbbbbbbbbbb=", False), ("", True)])
async def test_where_the_server_keeps_a_checksum_of_its_own_a_head_compares_it(
    bucket: Bucket, tmp_path: Path, now: str, clean: bool
) -> None:
    async with Simulator(worlds.tiny()) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        wired = Wired(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint})
        proxy.adds = {CRC: "aaaaaaaaaaa="}
        await wired.sync()
        proxy.adds = {CRC: now} if now else {}

        report = await wired.verify(heads=True)

        assert report.clean == clean
        assert clean or all("CRC-64" in difference.detail for difference in report.differences)
        assert clean or report.count("different") == report.checked


async def test_a_matching_checksum_settles_what_a_changed_etag_left_open(bucket: Bucket, tmp_path: Path) -> None:
    opaque = StoreFault(action="wrong_etag", method="PUT", times=None)
    async with Simulator(worlds.tiny()) as sim, fault_proxy(bucket.server.endpoint, opaque) as proxy:
        wired = Wired(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint})
        await wired.sync()
        with (
            closing(sqlite3.connect(wired.ledger)) as ledger,
            ledger,
        ):  # as a store leaves it that names other things than MD5s
            ledger.execute(
                "UPDATE objects SET etag = 'random-1', md5 = '00000000000000000000000000000000', crc64 = 'a='"
            )
        proxy.script()
        proxy.adds = {CRC: "a=", "ETag": "opaque"}

        assert not (await wired.verify()).clean
        assert (await wired.verify(heads=True)).clean


async def test_a_matching_checksum_shows_that_nothing_changed_and_not_that_it_ever_was_right(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.tiny()) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        wired = Wired(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint})
        proxy.etags, proxy.adds = "foreign", {CRC: "a="}
        await wired.sync()
        with closing(sqlite3.connect(wired.ledger)) as ledger, ledger:  # as an older smug2s3 left it
            ledger.execute("UPDATE objects SET proof = '', crc64 = 'a='")

        assert set(kinds(await wired.verify(heads=True)).values()) == {"unverifiable"}
        assert (await wired.verify(deep=1.0)).clean
        assert (await wired.verify(heads=True)).clean


async def test_lost_metadata_is_written_again_and_no_byte_moves(moved: Wired) -> None:
    before = await moved.bucket.metadata(ROSE)
    await undescribed(moved, ROSE)

    assert (await moved.verify(heads=True, repair=True)).queued == 1
    summary = await moved.sync()

    assert (summary.moved, summary.described, moved.sim.count("media")) == (0, 1, 0)
    assert await moved.bucket.metadata(ROSE) == before
    assert (await moved.verify(heads=True, deep=1.0, source=True)).clean


@pytest.mark.parametrize(("level", "method"), [("head", "HEAD"), ("deep", "GET")])
async def test_an_object_that_cannot_be_looked_at_does_not_hide_the_others(
    moved: Wired, level: str, method: str
) -> None:
    await undescribed(moved, TULIP)
    moved.bucket.files()[f"{PREFIX}Scans/_album.json"].unlink()
    await moved.bucket.changed_from_outside()
    fault = StoreFault(action="answer", method=method, path="*/rose.jpg*", times=None, status=403, code="AccessDenied")
    async with fault_proxy(moved.bucket.server.endpoint, fault) as proxy:
        moved.changes = {"S3_ENDPOINT_URL": proxy.endpoint}

        report = await moved.verify(**LEVELS[level])

    assert kinds(report) == {
        ROSE: "unverifiable",
        f"{PREFIX}Scans/_album.json": "missing",
    } | ({TULIP: "pending"} if level == "head" else {})
    assert report.heads + report.read_back == 7
    assert report.ok == 9 - len(report.differences)


async def test_an_object_that_is_removed_while_it_is_verified_is_named(moved: Wired) -> None:
    fault = StoreFault(action="answer", method="GET", path="*/rose.jpg*", times=None, status=404, code="NoSuchKey")
    async with fault_proxy(moved.bucket.server.endpoint, fault) as proxy:
        moved.changes = {"S3_ENDPOINT_URL": proxy.endpoint}

        report = await moved.verify(deep=1.0)

    assert list(kinds(report)) == [ROSE]


async def test_a_sample_is_always_the_same_and_grows_to_all(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.flat(4, 25, 200)) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()

        read = [(await wired.verify(deep=share)).read_back for share in (0.05, 0.3, 0.3, 0.7, 1.0)]

        assert read == sorted(read)
        assert read[1] == read[2]
        assert 0 < read[0] < 20 <= read[1] < read[3] < read[4] == 104


async def test_a_sample_finds_only_what_it_contains(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.flat(1, 40, 200)) as sim, fault_proxy(bucket.server.endpoint) as proxy:
        wired = Wired(sim, bucket, tmp_path, {"S3_ENDPOINT_URL": proxy.endpoint})
        await wired.sync()
        proxy.log.clear()
        await wired.verify(deep=0.5)
        read = {one.path for one in proxy.log if one.method == "GET" and ".jpg" in one.path.lower()}
        assert 5 < len(read) < 35
        proxy.script(
            StoreFault(
                action="answer", method="GET", path="*.[jJ][pP][gG]*", times=None, status=403, code="AccessDenied"
            )
        )

        report = await wired.verify(deep=0.5)

        assert report.count("unverifiable") == len(report.differences) == len(read)


async def test_an_album_that_cannot_be_listed_is_named_and_the_others_are_compared(moved: Wired) -> None:
    garden, summer = asset(moved, "rose.jpg").album_key, asset(moved, "IMG_0001.JPG")
    moved.sim.world.replace_image(summer.image_key)
    moved.sim.faults.add(Fault(action="status", status=403, kind="api", path=f"*album/{garden}!images*", times=None))

    report = await moved.verify(source=True)

    assert kinds(report) == {
        "Garden": "not shown",
        f"{PREFIX}Family/Summer 2019/IMG_0001.JPG": "missing",
        "Family/Summer 2019/_album.json": "pending",
    }
    assert report.verdict is not None
    assert report.verdict.kind is Kind.NOT_SAFE
    assert sorted(album.path for album in report.albums if album.complete) == ["Scans"]


async def test_a_photo_that_was_deleted_on_smugmug_is_not_a_difference_but_its_album_file_is_outdated(
    moved: Wired,
) -> None:
    moved.sim.world.delete_image(asset(moved, "rose.jpg").image_key)
    assert kinds(await moved.verify(source=True)) == {"Garden/_album.json": "pending"}

    await moved.sync()

    assert (await moved.verify(source=True)).clean


# The combined report


async def test_the_combined_report_has_a_sign_for_every_file(moved: Wired, tmp_path: Path) -> None:
    await removed(moved, ROSE)
    await flipped(moved, TULIP)
    await added(moved, ROSE if (moved.bucket.folder / ROSE).exists() else TULIP)
    scan = asset(moved, "scan & copy 'A'~é!.jpg")
    fault = StoreFault(action="answer", method="GET", path="*/IMG_0001*", times=None, status=403, code="AccessDenied")
    async with fault_proxy(moved.bucket.server.endpoint, fault) as proxy:
        moved.changes = {"S3_ENDPOINT_URL": proxy.endpoint}

        await moved.verify(deep=1.0, combined=tmp_path / "all.txt")

    lines = (tmp_path / "all.txt").read_text(encoding="utf-8").splitlines()
    signs = {line[2:]: line[0] for line in lines}
    assert len(lines) == len(signs) == 10
    assert {key: sign for key, sign in signs.items() if sign != "="} == {
        ROSE: "+",
        WEED: "-",
        TULIP: "*",
        f"{PREFIX}Family/Summer 2019/IMG_0001.JPG": "!",
    }
    assert signs[f"{PREFIX}Scans/{scan.file_name}"] == "="
    assert signs.keys() - {ROSE} == moved.bucket.files().keys()


async def test_names_keep_to_one_line_of_the_combined_report(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.hostile()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()

        report = await wired.verify(combined=tmp_path / "all.txt")

        lines = (tmp_path / "all.txt").read_text(encoding="utf-8").split("\n")
        assert len(lines) == report.checked + 1
        assert {line[:2] for line in lines if line} == {"= "}
        assert set(lines[0]).isdisjoint("\x1b\u202e\u200f")


# Repair


REPAIRS: dict[str, tuple[dict[str, Damage], int]] = {
    "one removed": ({ROSE: removed}, 1),
    "one removed, one flipped": ({ROSE: removed, TULIP: flipped}, 2),
    "one truncated": ({ROSE: truncated}, 1),
    "an album's own file removed": ({SIDECAR: removed}, 0),
    "an album's own file flipped": ({SIDECAR: flipped}, 0),
    "everything of an album removed": ({ROSE: removed, TULIP: removed, SIDECAR: removed}, 2),
}


@pytest.mark.parametrize("case", REPAIRS)
async def test_repair_has_the_next_sync_copy_exactly_what_was_wrong(moved: Wired, case: str) -> None:
    damages, files = REPAIRS[case]
    before = {key: md5_of(path) for key, path in moved.bucket.files().items()}
    for key, damage in damages.items():
        await damage(moved, key)

    report = await moved.verify(repair=True)
    assert (report.queued, set(kinds(report))) == (len(damages), set(damages))
    assert "Run `smug2s3 sync`" in report_text(report)
    summary = await moved.sync()

    assert (summary.moved, summary.failed, moved.sim.count("media")) == (files, 0, files)
    assert {key: md5_of(path) for key, path in moved.bucket.files().items()} == before
    assert (await moved.verify(heads=True, deep=1.0, source=True)).clean
    assert (await moved.sync()).moved == 0


async def test_without_repair_nothing_is_queued_for_the_next_sync(moved: Wired) -> None:
    await removed(moved, ROSE)

    assert (await moved.verify()).queued == 0

    assert (await moved.sync()).moved == 0


async def test_repair_after_a_comparison_with_smugmug_catches_up_with_what_is_new_there(moved: Wired) -> None:
    rose = asset(moved, "rose.jpg")
    moved.sim.world.replace_image(rose.image_key, noise_photo(4711, rose.size))  # unnoticed by its album
    assert (await moved.sync()).moved == 0
    report = await moved.verify(source=True, repair=True)
    assert kinds(report) == {ROSE: "missing", "Garden/_album.json": "pending"}

    assert (await moved.sync()).moved == 1

    assert (await moved.verify(deep=1.0, source=True)).clean


async def test_what_failed_before_is_tried_again_anyway_and_repair_says_so(bucket: Bucket, tmp_path: Path) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=None))
        await wired.sync()

        report = await wired.verify(repair=True)

        assert report.queued == 1
        assert "Run `smug2s3 sync`" in report_text(report)
        sim.faults.clear()
        assert (await wired.sync()).moved == 1
        assert (await wired.verify(repair=True)).queued == 0


async def forgotten_photo(wired: Wired) -> None:
    """The photo is deleted on SmugMug, and a sync has seen that."""
    wired.sim.world.delete_image(asset(wired, "rose.jpg").image_key)
    await wired.sync()


async def forgotten_album(wired: Wired) -> None:
    """The whole album is deleted on SmugMug, and a sync has seen that."""
    world, garden = wired.sim.world, asset(wired, "rose.jpg").album_key
    world.delete_node(world._albums[garden])
    await wired.sync()


@pytest.mark.parametrize("forget", [forgotten_photo, forgotten_album])
async def test_what_is_gone_from_smugmug_cannot_be_repaired_and_is_said_so(
    moved: Wired, forget: Callable[[Wired], Awaitable[None]]
) -> None:
    await forget(moved)
    await removed(moved, ROSE)

    report = await moved.verify(repair=True)

    assert (kinds(report), report.queued) == ({ROSE: "missing"}, 0)
    said = report_text(report)
    assert [line for line in said.splitlines() if ROSE in line and "no longer on SmugMug" in line]
    assert "Run `smug2s3 sync`" not in said
    assert (await moved.sync()).moved == 0
    assert (await moved.verify()).clean  # it is forgotten from then on


async def test_repair_mends_what_it_can_and_names_the_rest(moved: Wired) -> None:
    await forgotten_photo(moved)
    moved.sim.stats.clear()
    await removed(moved, ROSE)
    await removed(moved, TULIP)

    report = await moved.verify(repair=True)

    assert report.queued == 1
    assert [line for line in report_text(report).splitlines() if ROSE in line and "no longer on SmugMug" in line]
    assert (await moved.sync()).moved == 1
    assert (await moved.verify()).clean


async def test_what_failed_and_then_vanished_with_its_album_no_longer_counts_as_missing(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path)
        sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=None))
        assert (await wired.sync()).failed == 1
        garden = asset(wired, "rose.jpg").album_key
        place = sim.world._albums.pop(garden)
        sim.world._children[sim.world.root].remove(place)
        sim.faults.clear()

        await wired.sync()

        assert (await wired.verify(source=True)).clean
        sim.world._albums[garden] = place  # it was only hidden for a while
        sim.world._children[sim.world.root].append(place)
        assert (await wired.sync()).moved == 1
        assert (await wired.verify(source=True)).clean


# The certificate


async def test_everything_well_is_certified(moved: Wired) -> None:
    report = await moved.verify(source=True, certify=True)

    (certificate,) = moved.certificates
    assert report.passed
    assert certificate.verdict == Verdict(
        Kind.SAFE, "Safe to cancel: all 6 items SmugMug lists are in the bucket, verified and with current metadata."
    )
    assert [(a.path, a.counted, a.listed, a.proven, a.file) for a in certificate.albums] == [
        ("Family/Summer 2019", 3, 3, 3, "proven"),
        ("Garden", 2, 2, 2, "proven"),
        ("Scans", 1, 1, 1, "proven"),
    ]
    assert certificate.exceptions == ()
    assert certificate.manifest_files == 9


async def missing_one(wired: Wired) -> None:
    await removed(wired, ROSE)


async def never_moved_one(wired: Wired) -> None:
    wired.sim.world.add_image(asset(wired, "rose.jpg").album_key, "daisy.jpg")


async def late_video(wired: Wired) -> None:
    lost: dict[str, Any] = {"is_video": True, "format": "MP4", "processing": True, "status": "Preprocess"}
    key = asset(wired, "rose.jpg").album_key
    wired.sim.world.add_image(key, "late.mov", quirks=frozenset({Quirk.NO_VIDEO}), **lost)
    await wired.sync()


async def miscounted(wired: Wired) -> None:
    world = wired.sim.world
    node = world.nodes[world._albums[asset(wired, "rose.jpg").album_key]]
    assert node.album is not None
    world.nodes[node.id] = replace(node, album=replace(node.album, count_error=2))


async def public_only(wired: Wired) -> None:
    token, secret = wired.sim.state.keyring.issue(wired.sim.consumer_key, Level("Public", "Read"))
    wired.changes = {"SMUGMUG_OAUTH_TOKEN": token, "SMUGMUG_OAUTH_TOKEN_SECRET": secret}


async def extra_one(wired: Wired) -> None:
    await added(wired, ROSE)


VERDICTS: dict[str, tuple[Callable[[Wired], Awaitable[None]], bool, str]] = {
    "missing": (missing_one, False, "1 item missing from the bucket"),
    "never moved": (never_moved_one, False, "1 item not in the bucket"),
    "unavailable": (late_video, False, "1 item not available from SmugMug"),
    "SmugMug counts more than it lists": (miscounted, False, "1 gap"),
    "public access only": (public_only, False, "sees only public albums"),
    "extra": (extra_one, True, "all 6 items"),
}


@pytest.mark.parametrize("case", VERDICTS)
async def test_the_certificate_says_what_stands_in_the_way(moved: Wired, case: str) -> None:
    arrange, safe, words = VERDICTS[case]
    await arrange(moved)

    await moved.verify(source=True, certify=True)

    (certificate,) = moved.certificates
    assert certificate.verdict.safe is safe
    assert words in certificate.verdict.sentence
    assert certificate_text(certificate).splitlines()[-1] == certificate.verdict.sentence


async def test_an_album_that_only_the_second_look_at_the_list_of_all_shows_stands_in_the_way(moved: Wired) -> None:
    moved.sim.world.miscount(asset(moved, "IMG_0001.JPG").album_key, -1)  # so that SmugMug is asked a second time
    await moved.sync(full=True)
    hidden = Fault(action="hide_entry", kind="api", entry="Garden", path="*!children*", times=None)
    moved.sim.faults.add(hidden)
    moved.sim.faults.add(replace(hidden, path="*!albums*", times=1))

    report = await moved.verify(source=True, accept_count=True)

    assert [one.detail for one in report.differences] == [
        "Garden: in SmugMug's list of all albums, but in none of its folders"
    ]
    assert report.verdict is not None
    assert not report.verdict.safe


async def test_what_smugmug_does_not_give_can_be_done_without_if_one_says_so(moved: Wired) -> None:
    await late_video(moved)

    report = await moved.verify(source=True, certify=True, accept_unavailable=True)

    (certificate,) = moved.certificates
    assert report.passed
    assert certificate.verdict.kind is Kind.SAFE_WITHOUT
    assert certificate.verdict.sentence.startswith("Safe to cancel without 1 item")


async def test_a_stranger_is_named_and_is_a_difference_only_for_who_is_strict(moved: Wired) -> None:
    await added(moved, ROSE)

    assert (await moved.verify()).passed
    assert not (await moved.verify(strict=True)).passed
    assert not (await moved.verify(strict=True, source=True)).passed
    said = report_text(await moved.verify())
    assert f"extra        {WEED}: in the bucket, but not in the ledger" in said.splitlines()


async def test_a_manifest_of_a_lost_ledger_is_replaced_and_not_counted_twice(moved: Wired) -> None:
    await moved.verify(source=True, certify=True)
    moved.ledger.unlink()
    await moved.rebuild()
    await moved.sync(full=True)

    report = await moved.verify(source=True, certify=True)

    assert (report.clean, report.ok) == (True, report.checked)


def md5sum(wired: Wired, name: str = "manifest-md5.txt", *, prefix: str = PREFIX) -> subprocess.CompletedProcess[str]:
    """What coreutils say of a manifest, run where somebody has downloaded the bucket to."""
    return subprocess.run(
        ["md5sum", "--check", "--strict", name],
        cwd=wired.bucket.folder / prefix,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["tiny", "hostile"])
async def test_the_manifest_is_proven_by_md5sum_alone(bucket: Bucket, tmp_path: Path, name: str) -> None:
    world = worlds.make(name)
    world.add_image(world.add_album("Formulas"), "sum.jpg", caption="=1+2")
    async with Simulator(world) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        before = set(bucket.files())
        await wired.verify(source=True, certify=True)

        ran, tags = md5sum(wired), md5sum(wired, "tagmanifest-md5.txt")

        assert (ran.returncode, ran.stderr) == (0, "")
        assert len(ran.stdout.splitlines()) == len(before) == wired.certificates[0].manifest_files
        others = ["manifest-md5.txt: OK", "manifest.jsonl: OK", "photos.csv: OK"]
        assert (tags.returncode, tags.stdout.splitlines()) == (0, others)
        manifest = bucket.files()[f"{PREFIX}manifest-md5.txt"].read_bytes()
        assert wired.certificates[0].manifest_md5 == hashlib.md5(manifest).hexdigest()
        assert wired.certificates[0].manifest_sha256 == hashlib.sha256(manifest).hexdigest()
        assert {line.split("  ", 1)[1] for line in manifest.decode().splitlines()} == {
            key.removeprefix(PREFIX) for key in before
        }
        lines = bucket.files()[f"{PREFIX}manifest.jsonl"].read_bytes().decode().split("\n")
        rows = [json.loads(line) for line in lines if line]
        assert {row["key"] for row in rows if row["state"] in ("moved", "sidecar")} == before
        assert {row["state"] for row in rows} <= {"moved", "sidecar", "unavailable"}
        table = bucket.files()[f"{PREFIX}photos.csv"].read_bytes().decode("utf-8-sig")
        photos = list(csv.DictReader(io.StringIO(table, newline="")))
        assert [row["key"] for row in photos] == [row["key"] for row in rows if row["state"] != "sidecar"]
        assert [row["caption"] for row in photos] == [
            re.sub("\r\n?", "\n", row["caption"]).replace("=1+2", "'=1+2") for row in rows if row["state"] != "sidecar"
        ]


async def test_md5sum_notices_a_flipped_bit(moved: Wired) -> None:
    await moved.verify(source=True, certify=True)
    await flipped(moved, ROSE)

    ran = md5sum(moved)

    assert ran.returncode == 1
    assert [line for line in ran.stdout.splitlines() if not line.endswith(": OK")] == ["Garden/rose.jpg: FAILED"]


async def test_what_is_wrong_in_the_bucket_is_not_in_the_manifest(moved: Wired) -> None:
    await removed(moved, ROSE)
    await flipped(moved, TULIP)

    await moved.verify(source=True, certify=True)

    assert moved.certificates[0].manifest_files == 7
    assert (md5sum(moved).returncode, len(md5sum(moved).stdout.splitlines())) == (0, 7)


async def test_a_second_certificate_replaces_the_manifest_of_the_first(moved: Wired) -> None:
    await moved.verify(source=True, certify=True)
    moved.sim.world.add_image(asset(moved, "rose.jpg").album_key, "daisy.jpg")
    await moved.sync()

    report = await moved.verify(deep=1.0, source=True, certify=True)

    assert report.clean
    assert (report.checked, [c.manifest_files for c in moved.certificates]) == (14, [9, 10])
    assert (md5sum(moved).returncode, md5sum(moved, "tagmanifest-md5.txt").returncode) == (0, 0)
    own = [key for key in moved.bucket.files() if "/" not in key.removeprefix(PREFIX)]
    assert own == [PREFIX + name for name in RESERVED]
    assert (await moved.verify(heads=True, deep=1.0, source=True)).clean


async def test_a_lost_manifest_is_named_and_the_next_certificate_rewrites_it(moved: Wired) -> None:
    await moved.verify(source=True, certify=True)
    await removed(moved, f"{PREFIX}manifest-md5.txt")

    report = await moved.verify(repair=True)
    assert kinds(report) == {f"{PREFIX}manifest-md5.txt": "missing"}
    assert "SmugMug no longer" not in report_text(report)
    assert "--certificate" in report_text(report)
    assert (await moved.verify(source=True, certify=True)).clean
    assert moved.certificates[-1].exceptions == ()

    assert (await moved.verify(deep=1.0)).clean
    assert md5sum(moved).returncode == 0


@pytest.mark.parametrize("prefix", ["/", "archive/2026"])
async def test_the_manifest_is_directly_under_the_prefix(bucket: Bucket, tmp_path: Path, prefix: str) -> None:
    async with Simulator(worlds.tiny()) as sim:
        wired = Wired(sim, bucket, tmp_path, {"S3_PREFIX": prefix})
        await wired.sync()

        await wired.verify(source=True, certify=True)

        assert wired.certificates[0].verdict.safe
        assert md5sum(wired, prefix=prefix.strip("/")).returncode == 0
        assert (await wired.verify(deep=1.0)).clean


async def test_albums_and_folders_of_the_manifests_names_do_not_collide_with_them(
    bucket: Bucket, tmp_path: Path
) -> None:
    world = World("mine")
    for name in ("manifest-md5.txt", "MANIFEST.JSONL", "tagmanifest-md5.txt", "Photos.csv"):
        world.add_image(world.add_album(name), "one.jpg")
    inside = world.add_folder("manifest-md5.txt")
    world.add_image(world.add_album("manifest-md5.txt", inside), "manifest-md5.txt")
    async with Simulator(world) as sim:
        wired = Wired(sim, bucket, tmp_path)
        await wired.sync()
        wired.assert_complete()

        await wired.verify(source=True, certify=True)

        assert wired.certificates[0].verdict.safe
        assert md5sum(wired).returncode == 0
        assert (await wired.verify(deep=1.0, source=True)).clean
        assert (await wired.sync(full=True)).moved == 0


async def test_a_certificate_cannot_be_had_without_looking_at_smugmug() -> None:
    assert _depth(Options(certificate="c.txt")) == Depth(source=True, certify=True)


def test_reports_name_differences_without_driving_the_terminal() -> None:
    evil = "a\x1b[2J\nb\u202e"
    text = report_text(Report(objects=[Difference(kind="missing", key=evil, detail=evil)]))

    assert set(text).isdisjoint("\x1b\u202e")
    assert len(text.splitlines()) == 3


async def test_another_bucket_is_not_certified(moved: Wired, s3: LocalS3) -> None:
    other = s3.new_bucket()
    moved.changes = {"S3_BUCKET": other.name}

    with pytest.raises(UsageError, match="is for"):
        await moved.verify(source=True, certify=True)

    assert (other.files(), moved.certificates) == ({}, [])
