"""Whatever a store did before, the verdict says safe if everything is proven, and otherwise what is not.

What happens on SmugMug's side is in `test_safe_means_safe.py`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from smug2s3.rules.directories import RESERVED
from smugmug_simulator import worlds
from tests.support.bucket import PREFIX
from tests.support.fault_proxy import NOTHING, PORTAL, StoreFault
from tests.support.histories import Stage, stage
from tests.support.places import InBucket, InFolder
from tests.support.servers import LocalS3
from tests.support.stories import NO_MEDIA, PLACES, WITHOUT, Story, story

ROSE, IN_PARK, DAISY = f"{PREFIX}Garden/rose.jpg", f"{PREFIX}Park/rose.jpg", f"{PREFIX}Garden/daisy.jpg"
VIDEO = f"{PREFIX}Family/Summer 2019/MVI_0003.mp4"
GARDENS = f"{PREFIX}Garden/_album.json"
MANIFEST = f"{PREFIX}manifest-md5.txt"
OWN_FILES = ("Family/Summer 2019/_album.json", "Garden/_album.json", "Scans/_album.json")
OPAQUE = ("disguised", "foreign")

DENIED = StoreFault(action="answer", method="PUT", status=403, code="AccessDenied", times=None)
NO_OWN_FILES = replace(DENIED, path="*_album.json*")


@pytest.fixture(scope="module")
def shared(s3: LocalS3) -> Iterator[Stage]:
    with stage(s3) as shared:
        yield shared


@pytest.fixture(params=PLACES)
def begun(request: pytest.FixtureRequest, shared: Stage, tmp_path: Path) -> Iterator[Story]:
    """The tiny account of six items, not moved yet, and each place it can go to."""
    with story(shared, tmp_path, request.param, world=worlds.tiny()) as begun:
        yield begun


@pytest.fixture
def moved(begun: Story) -> Story:
    """The same, moved."""
    begun.sync(moved=6)
    return begun


@pytest.fixture(params=["bucket", *OPAQUE])
def remote(request: pytest.FixtureRequest, shared: Stage, tmp_path: Path) -> Iterator[Story]:
    """Not moved yet; where requests can be refused."""
    with story(shared, tmp_path, request.param, world=worlds.tiny()) as begun:
        yield begun


# Albums' own files


def test_without_any_albums_own_file_nothing_is_safe(begun: Story) -> None:
    if isinstance(begun.place, InFolder):
        for name in OWN_FILES:
            (begun.place.folder / PREFIX / name).mkdir(parents=True)
        begun.sync(code=1, moved=6, failed=3)
    else:
        with begun.spoilt(NO_OWN_FILES):
            begun.sync(code=1, moved=6, failed=3)
    assert not [key for key in begun.place.objects() if key.endswith("_album.json")]

    begun.assert_not_safe(
        "3 albums without an `_album.json` (run `smug2s3 sync --full`)",
        named=dict.fromkeys(OWN_FILES, "missing"),
        options=(WITHOUT,),
    )

    if isinstance(begun.place, InFolder):
        for name in OWN_FILES:
            (begun.place.folder / PREFIX / name).rmdir()
    begun.sync(moved=0)
    begun.assert_safe()


@pytest.mark.parametrize("what", ["caption", "photo"])
def test_an_album_file_that_could_not_be_rewritten_is_pending(remote: Story, what: str) -> None:
    remote.sync(moved=6)
    if what == "caption":
        remote.change("rose.jpg", caption="In June")
    else:
        remote.world.add_image(remote.album_key("Garden"), "daisy.jpg")
    with remote.spoilt(NO_OWN_FILES):
        remote.sync("--full", code=1, failed=1)

    remote.assert_not_safe("1 album with an outdated `_album.json`", named={OWN_FILES[1]: "pending"})

    remote.sync(moved=0)  # not even a full one
    assert remote.certify().kind == "safe"


# What lies there is not what was stored


def _gone(told: Story) -> None:
    told.remove(ROSE)


def _cut(told: Story) -> None:
    told.write(ROSE, told.place.objects()[ROSE][:-1])


def _flipped(told: Story) -> None:
    told.flip(ROSE)


def _another(told: Story) -> None:
    told.write(ROSE, told.place.objects()[f"{PREFIX}Garden/tulip (2).jpg"])


def _own_file_flipped(told: Story) -> None:
    told.flip(GARDENS)


def _own_file_gone(told: Story) -> None:
    told.remove(GARDENS)


DAMAGES: list[Callable[[Story], None]] = [_gone, _cut, _flipped, _another, _own_file_flipped, _own_file_gone]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_what_is_damaged_or_missing_is_not_safe_until_it_is_mended(
    moved: Story, damage: Callable[[Story], None]
) -> None:
    damage(moved)

    verdict = moved.certify(WITHOUT)
    assert (verdict.kind, len(verdict.document["differences"])) == ("not_safe", 1)
    (named,) = verdict.document["differences"]
    assert named["key"] == (GARDENS if "own_file" in damage.__name__ else ROSE)
    assert named["kind"] in ("missing", "different", "unverifiable")

    # Whether bytes are others that look opaque, only reading them tells.
    assert moved.commands.verify("--deep", "--repair").document["queued"] == 1
    moved.sync(moved=0 if "own_file" in damage.__name__ else 1)
    moved.assert_safe()


@pytest.mark.parametrize("how", ["described", "renamed"])
def test_a_flipped_byte_is_not_made_right_by_a_copy_of_it(moved: Story, how: str) -> None:
    moved.flip(ROSE)
    assert moved.commands.verify().code == 1
    if how == "described":
        moved.change("rose.jpg", caption="In June")
    else:
        moved.world.rename_album(moved.album_key("Garden"), "Park")
    with moved.spoilt(NO_MEDIA):
        moved.sync("--full", "--follow-renames", code=1, failed=1)

    for options in (("--repair",), ("--deep",)):
        assert moved.certify(*options).kind == "not_safe"

    moved.sync("--full", "--follow-renames", moved=1)
    assert moved.certify("--deep").kind == "safe"
    assert (IN_PARK if how == "renamed" else ROSE) in moved.place.objects()
    moved.commands.verify("--repair")  # what is wrong under a former name is written off
    moved.assert_safe("--deep")


def test_a_rebuilt_ledger_proves_nothing_that_was_damaged(moved: Story) -> None:
    moved.flip(ROSE)
    moved.commands.rebuild()

    assert moved.certify(WITHOUT).kind == "not_safe"
    assert moved.certify("--deep", "--repair").kind == "not_safe"
    moved.sync("--full")
    moved.assert_safe()


# What only reading can tell


def test_what_reading_back_proved_is_remembered_and_certified(shared: Stage, tmp_path: Path) -> None:
    with story(shared, tmp_path, "foreign", world=worlds.tiny()) as told:
        told.sync(moved=6)
        told.assert_safe()
        manifest = told.place.objects()[MANIFEST]
        told.commands.rebuild()  # of opaque ETags it cannot know whose they are
        told.sync("--full", moved=0)

        told.assert_not_safe(
            "6 items that must be read back to verify (run `smug2s3 verify` with --deep)",
            named={
                key.removeprefix(PREFIX): "unverifiable"
                for key in told.place.objects()
                if key.removeprefix(PREFIX) not in RESERVED and not key.endswith("_album.json")
            },
        )
        assert told.place.objects()[MANIFEST] == manifest  # one that names less does not take its place

        assert told.commands.verify("--deep").code == 0
        assert told.commands.verify().code == 0
        told.assert_safe()
        assert told.place.objects()[MANIFEST] == manifest


def test_an_empty_etag_of_what_came_in_parts_is_no_difference_ever(remote: Story) -> None:
    remote.commands.single_put = 20_000
    with remote.spoilt(StoreFault(action="no_etag", method="POST", times=None)):
        remote.sync(moved=6)
        assert remote.proxy.count("POST", f"*{remote.place.settings['S3_BUCKET']}*MVI*uploadId*") == 1

    assert remote.commands.verify().code == 0
    remote.assert_safe()
    assert VIDEO.removeprefix(PREFIX).encode() in remote.place.objects()[MANIFEST]


def test_a_store_that_names_no_etag_at_all_is_proven_by_reading_alone(remote: Story) -> None:
    with remote.spoilt(*(StoreFault(action="no_etag", method=m, times=None) for m in ("PUT", "POST", "HEAD", "GET"))):
        remote.sync(moved=6)

        assert remote.certify(WITHOUT).sentence.startswith(
            "Not safe to cancel yet: 6 items that must be read back to verify"
        )
        remote.assert_safe("--deep")


def test_a_manifest_stays_that_names_more_than_todays_would(moved: Story) -> None:
    moved.assert_safe()
    manifest = moved.place.objects()[MANIFEST]
    moved.flip(VIDEO)

    assert moved.certify().kind == "not_safe"
    assert moved.place.objects()[MANIFEST] == manifest
    moved.commands.verify("--deep", "--repair")
    assert moved.certify().kind == "not_safe"
    assert moved.place.objects()[MANIFEST] == manifest

    moved.world.add_image(moved.album_key("Garden"), "daisy.jpg")
    moved.sync(moved=2)
    moved.assert_safe(items=7)
    assert b"Garden/daisy.jpg" in moved.place.objects()[MANIFEST]


# Answers that are no store's


@pytest.mark.parametrize("page", [PORTAL, NOTHING], ids=["a sign-in page", "nothing"])
def test_a_photo_collected_from_another_account_is_not_copied(remote: Story, page: StoreFault) -> None:
    with remote.spoilt(replace(page, method="PUT", times=None)):
        remote.sync(code=1, moved=0, failed=9)
        assert remote.commands.type("check").code in (1, 4)
    assert remote.place.objects() == {}
    assert "6 items not in the bucket in the current version" in remote.certify(WITHOUT).sentence

    remote.sync(moved=6)
    remote.assert_safe()


@pytest.mark.parametrize("page", [PORTAL, NOTHING], ids=["a sign-in page", "nothing"])
def test_where_another_server_answers_for_the_bucket_there_is_no_verdict(remote: Story, page: StoreFault) -> None:
    remote.sync(moved=6)
    with remote.spoilt(replace(page, times=None)):
        ran = remote.commands.certify()

    assert (ran.code, ran.text) == (4, "")
    assert "not an S3 response" in ran.document["error"]
    assert not {"safe_to_cancel", "verdict", "verdict_kind"} & ran.document.keys()
    remote.assert_safe()


@pytest.mark.parametrize("action", ["truncated", "same_token"])
def test_a_listing_without_an_end_comes_to_no_verdict_and_to_an_end(remote: Story, action: str) -> None:
    remote.sync(moved=6)
    with remote.spoilt(StoreFault(action=action, method="GET", path="*list-type*", times=None)):  # type: ignore[arg-type]
        ran = remote.commands.certify()

    assert (ran.code, ran.text, "safe_to_cancel" in ran.document) == (4, "", False)
    assert "the S3 server's listing of bucket" in ran.document["error"]
    assert "Traceback" not in ran.err
    remote.assert_safe()


def test_one_name_that_cannot_be_signed_is_that_files_failure_and_not_safe(remote: Story) -> None:
    refused = StoreFault(
        action="answer", method="PUT", path="*rose*", status=403, code="SignatureDoesNotMatch", times=None
    )
    with remote.spoilt(refused):
        remote.sync(code=1, moved=5, failed=1)

    verdict = remote.certify()
    assert "1 item not in the bucket" in verdict.sentence
    assert "SignatureDoesNotMatch" in verdict.text
    remote.sync(moved=1)
    remote.assert_safe()


# Descriptions


def test_a_text_that_could_not_be_written_is_pending_and_its_photo_proven(remote: Story) -> None:
    remote.sync(moved=6)
    remote.change("rose.jpg", caption="In June")
    with remote.spoilt(replace(DENIED, path="*rose.jpg")):
        remote.sync("--full", code=1, moved=0, failed=0, not_updated=1)

    remote.assert_not_safe("1 item with outdated metadata in the bucket", named={"Garden/rose.jpg": "pending"})
    for options in ((), ("--offline",), ("--deep",)):
        ran = remote.commands.type("verify", *options)
        assert ran.code == 1
        assert "0 missing, 0 different, 1 pending" in ran.out
        assert "Not copied or updated yet: 1 file. Run `smug2s3 sync`, then verify again.\n" in ran.out

    asked = remote.sim.count("media")
    remote.sync(moved=0, described=1)
    assert remote.sim.count("media") == asked
    remote.assert_safe()


def _undescribe(told: Story, key: str) -> None:
    """What is said beside an object is lost, as by a careless tool."""
    place = told.place
    if isinstance(place, InBucket):
        where = {"Bucket": place.bucket.name, "Key": key}
        told.stage.run(place.client.copy_object(**where, CopySource=where, MetadataDirective="REPLACE", Metadata={}))
    else:
        assert isinstance(place, InFolder)
        shutil.rmtree(place.folder / ".smug2s3" / "objects", ignore_errors=True)  # of all at once


def test_lost_metadata_is_rewritten_but_not_for_removed_photos(moved: Story) -> None:
    tulip = f"{PREFIX}Garden/tulip (2).jpg"
    moved.world.delete_image(moved.image("rose.jpg").key)
    moved.sync(gone=1)
    _undescribe(moved, ROSE)
    _undescribe(moved, tulip)

    first = moved.commands.verify("--head", "--repair")
    assert {ROSE, tulip} <= {one["key"] for one in first.document["differences"] if one["kind"] == "pending"}
    assert first.document["queued"] == len(first.document["differences"]) - 1
    moved.sync(moved=0, described=first.document["queued"])

    ran = moved.commands.type("verify", "--head", "--repair")
    assert ran.code == 1
    assert f"{ROSE}: no longer on SmugMug, so its metadata cannot be restored." in ran.out
    assert "Queued for the next sync" not in ran.out
    moved.assert_safe(items=5)
