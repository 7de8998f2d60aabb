"""Whatever happened to an account before, the verdict says safe if everything is proven, and otherwise what is not.

What happens on SmugMug's side; the store's is in `test_safe_stores.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from smugmug_simulator import Fault, worlds
from smugmug_simulator.model import Quirk
from smugmug_simulator.oauth import Level
from tests.support.histories import Stage, stage
from tests.support.servers import LocalS3
from tests.support.stories import (
    COUNT,
    NO_MEDIA,
    NOTHING_OBTAINABLE,
    PLACES,
    PROCESSED,
    PROCESSING,
    WITHOUT,
    Story,
    story,
)
from tests.support.troubles import LISTS, Trouble

ROSE, DAISY, VIDEO = "Garden/rose.jpg", "Garden/daisy.jpg", "Family/Summer 2019/MVI_0003.MOV"
STORED = "Family/Summer 2019/MVI_0003.mp4"
LAKE = "Family/Summer 2019/IMG_0001.JPG"
SCANS = "Scans/scan & copy 'A'~é!.jpg"
GARDENS = "Garden/_album.json"
SUMMERS = "Family/Summer 2019/_album.json"


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


@pytest.fixture
def kept(shared: Stage, tmp_path: Path) -> Iterator[Story]:
    """The same in a folder alone, where the store has no part in it."""
    with story(shared, tmp_path, "folder", world=worlds.tiny()) as begun:
        begun.sync(moved=6)
        yield begun


# What is not listed for a while


@contextmanager
def _hidden(told: Story, path: str, entry: str) -> Iterator[None]:
    with told.spoilt(Fault(action="hide_entry", kind="api", path=path, entry=entry, times=None)):
        yield


@contextmanager
def _elsewhere(told: Story) -> Iterator[None]:
    """The album lists it no more, and counts it no more."""
    garden, daisy = told.album_key("Garden"), told.image("daisy.jpg").key
    other = told.world.add_album("Elsewhere")
    told.world.collect_image(other, daisy)
    told.world.remove_from_album(garden, daisy)
    yield
    told.world.collect_image(garden, daisy)
    told.world.remove_from_album(other, daisy)


@contextmanager
def _away(told: Story, name: str) -> Iterator[None]:
    """A node is taken out of its folder, with all below, and hung back later."""
    world = told.world
    node = next(one for one in world.nodes.values() if one.name == name)
    below = [key for key, at in world._albums.items() if node in world.ancestors(world.nodes[at])]
    kept = {key: (world._albums.pop(key), world._listings.pop(key)) for key in below}
    world._children[str(node.parent)].remove(node.id)
    yield
    world._children[str(node.parent)].append(node.id)
    for key, (at, listing) in kept.items():
        world._albums[key], world._listings[key] = at, listing


VANISHED: dict[str, Callable[[Story], AbstractContextManager[None]]] = {
    "a photo in its list": lambda told: _hidden(told, "*!images*", "daisy.jpg"),
    "a photo everywhere": lambda told: _hidden(told, "*", "daisy.jpg"),
    "a photo that is elsewhere": _elsewhere,
    "an album in its folder": lambda told: _hidden(told, "*!children*", "Garden"),
    "an album everywhere": lambda told: _hidden(told, "*", "Garden"),
    "an album that is away": lambda told: _away(told, "Garden"),
    "a folder everywhere": lambda told: _hidden(told, "*", "Family"),
    "a folder that is away": lambda told: _away(told, "Family"),
}


@pytest.mark.parametrize("how", VANISHED)
def test_what_failed_and_was_not_listed_for_a_while_is_missing_as_soon_as_it_is_listed_again(
    kept: Story, how: str
) -> None:
    kept.world.add_image(kept.album_key("Garden"), "daisy.jpg")
    kept.world.add_image(kept.album_key("Summer 2019"), "sea.jpg")
    with kept.spoilt(NO_MEDIA):
        kept.sync(code=1, failed=2)
        with VANISHED[how](kept):
            kept.spoil(NO_MEDIA)
            kept.commands.sync()
            kept.commands.sync("--full")

    verdict = kept.certify()
    assert verdict.kind == "not_safe"
    assert "2 items not in the bucket in the current version" in verdict.sentence
    missing = {one["key"] for one in verdict.document["differences"] if one["kind"] == "missing"}
    assert missing == {DAISY, "Family/Summer 2019/sea.jpg"}
    assert "  !!        3        3        2        0" in verdict.text  # the line of Garden
    kept.sync(moved=2)
    kept.assert_safe(items=8)


def test_a_photo_that_failed_and_was_unlisted_once_is_not_certified(begun: Story) -> None:
    with begun.spoilt(Fault(action="status", status=403, kind="media", path="*rose*", times=None)):
        begun.sync(code=1, moved=5, failed=1)
    with _hidden(begun, "*!images*", "rose.jpg"):
        begun.sync(code=1)

    begun.assert_not_safe("1 item not in the bucket", named={ROSE: "missing", GARDENS: "pending"})

    begun.sync(moved=1)
    begun.assert_safe()


def test_what_was_stored_and_not_listed_for_a_while_is_proven_as_before(kept: Story) -> None:
    for how in ("an album that is away", "a folder that is away"):
        with VANISHED[how](kept):
            kept.sync("--full", moved=0)
            assert kept.certify().kind == "safe"
        kept.sync("--full", moved=0)
        kept.assert_safe()


# What SmugMug does not give


def test_a_video_that_has_a_file_only_after_the_sync_is_not_copied_yet_whatever_is_accepted(begun: Story) -> None:
    begun.change("MVI_0003.MOV", **PROCESSING)
    begun.sync(moved=5, unavailable=1)
    begun.assert_not_safe("1 item not available from SmugMug", WITHOUT, named={})
    verdict = begun.certify(WITHOUT)
    assert (verdict.kind, verdict.code) == ("safe_without", 0)
    assert [one["key"] for one in verdict.document["unavailable_items"]] == [VIDEO]
    begun.change("MVI_0003.MOV", **PROCESSED)

    for options in ((), (WITHOUT,)):
        verdict = begun.assert_not_safe(
            "1 item not in the bucket in the current version",
            named={VIDEO: "missing", SUMMERS: "pending"},
            options=options,
        )
        assert "available from SmugMug now" in str(verdict.document["differences"])

    begun.sync(moved=1)
    begun.assert_safe()


def test_what_could_not_be_had_at_all_and_now_can_is_all_missing(begun: Story) -> None:
    for image in begun.world.stored_images():
        begun.account.change(image, quirks=NOTHING_OBTAINABLE)
    begun.sync(moved=0, unavailable=6)
    assert begun.certify(WITHOUT).sentence.startswith("Safe to cancel without 6 items not available from SmugMug")
    for image in begun.world.stored_images():
        begun.account.change(image, quirks=frozenset())

    verdict = begun.certify(WITHOUT)

    assert (verdict.kind, verdict.document["missing"], verdict.document["unavailable"]) == ("not_safe", 6, 0)
    assert "6 items not in the bucket in the current version" in verdict.sentence
    begun.sync(moved=6)
    begun.assert_safe()


def test_a_replaced_video_that_is_still_processed_is_not_proven_by_its_former_bytes(moved: Story) -> None:
    moved.world.replace_image(moved.image("MVI_0003.MOV").key)
    moved.change("MVI_0003.MOV", **PROCESSING)

    for options in ((), (WITHOUT,)):  # no sync has asked for it yet
        moved.assert_not_safe(
            "1 item not in the bucket", named={STORED: "missing", SUMMERS: "pending"}, options=options
        )
    moved.sync("--full", moved=0, unavailable=1)
    moved.assert_not_safe("1 item not available from SmugMug", named={})
    assert moved.certify(WITHOUT).kind == "safe_without"
    moved.change("MVI_0003.MOV", **PROCESSED)
    moved.assert_not_safe(named={VIDEO: "missing", SUMMERS: "pending"}, options=(WITHOUT,))

    moved.sync("--full", moved=1)
    moved.assert_safe()


def test_a_video_that_is_only_worked_on_again_is_proven_by_its_bytes(kept: Story) -> None:
    kept.change("MVI_0003.MOV", **PROCESSING)

    kept.sync("--full", moved=0)

    kept.assert_safe()


@pytest.mark.parametrize("quirk", [Quirk.COMPONENTS_RAW_GROUP, Quirk.COMPONENTS_RAW_EXTENSION])
def test_a_raw_file_that_is_only_hinted_at_is_named_and_done_without_only_by_who_says_so(
    begun: Story, quirk: Quirk
) -> None:
    begun.world.add_image(begun.album_key("Garden"), "daisy.jpg", quirks=frozenset({quirk}))
    begun.sync(moved=7)

    verdict = begun.assert_not_safe("1 item in SmugMug Source (such as RAW) that SmugMug does not", WITHOUT, named={})
    (raw,) = verdict.document["unavailable_items"]
    assert raw["key"].removeprefix(begun.prefix).startswith(DAISY.removesuffix("jpg"))

    verdict = begun.certify(WITHOUT)
    assert (verdict.kind, verdict.code) == ("safe_without", 0)
    assert raw["key"] in verdict.text


# What SmugMug says of its items


def test_what_is_written_to_photos_after_the_sync_is_pending_until_it_is_in_the_bucket(moved: Story) -> None:
    moved.change("rose.jpg", title="A red rose")
    moved.change("IMG_0001.JPG", caption="The lake in June")
    moved.change("scan & copy 'A'~é!.jpg", keywords=("letter", "1912"))
    moved.sync(moved=0, described=0)  # their albums do not say that anything changed

    moved.assert_not_safe(
        "3 items with outdated metadata in the bucket (run `smug2s3 sync --full`)",
        "3 albums with an outdated `_album.json`",
        named=dict.fromkeys((ROSE, LAKE, SCANS, GARDENS, SUMMERS, "Scans/_album.json"), "pending"),
    )

    moved.sync("--full", moved=0, described=3)
    moved.assert_safe()


def test_metadata_of_the_album_itself_is_pending_until_it_is_in_its_file(kept: Story) -> None:
    garden = kept.album("Garden")
    kept.world.nodes[garden.id] = replace(garden, description="Behind the house")

    kept.assert_not_safe("1 album with an outdated `_album.json`", named={GARDENS: "pending"})

    kept.sync("--full", moved=0, described=0)
    kept.assert_safe()


# What lies in the way of what is new


@pytest.mark.parametrize("prefix", ["/", "smugmug/"])
@pytest.mark.parametrize("place", PLACES)
def test_a_strangers_file_in_the_place_of_a_new_photo_is_not_taken_for_it(
    shared: Stage, tmp_path: Path, place: str, prefix: str
) -> None:
    with story(shared, tmp_path, place, world=worlds.tiny(), prefix=prefix) as begun:
        begun.sync(moved=6)
        begun.world.add_image(begun.album_key("Garden"), "daisy.jpg")
        begun.write(f"{begun.prefix}{DAISY}", b"a stranger's")

        verdict = begun.assert_not_safe("1 item not in the bucket", named={DAISY: "missing", GARDENS: "pending"})
        assert verdict.document["extra_objects"] == [f"{begun.prefix}{DAISY}"]

        begun.sync(moved=1)
        begun.assert_safe(items=7)


# Lists


DELETING = [name for name in LISTS if "deleted just now" in name]


@pytest.fixture(scope="module")
def whole(shared: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Moved, and only looked at."""
    with story(shared, tmp_path_factory.mktemp("whole"), "folder", world=worlds.tiny()) as begun:
        begun.sync(moved=6)
        yield begun


@pytest.fixture(scope="module")
def behind(shared: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The same with something new in every album, that no sync has seen."""
    with story(shared, tmp_path_factory.mktemp("behind"), "folder", world=worlds.tiny()) as begun:
        begun.sync(moved=6)
        for album in begun.world.album_nodes():
            begun.world.add_image(begun.album_key(album.name), "daisy.jpg")
        yield begun


@pytest.mark.parametrize("name", [name for name in LISTS if name not in DELETING])
def test_whatever_a_list_lacks_all_of_it_is_seen_or_it_is_not_safe(whole: Story, behind: Story, name: str) -> None:
    with whole.spoilt(*Trouble("lists", name, 0).simulated(whole.account)):
        verdict = whole.certify(WITHOUT)
    with behind.spoilt(*Trouble("lists", name, 0).simulated(behind.account)):
        assert behind.certify(WITHOUT).kind == "not_safe"

    if verdict.kind == "safe":
        assert (verdict.document["source_assets"], verdict.document["not_shown"]) == (6, 0)
    else:
        assert verdict.document["not_shown"] or "SmugMug counts" in verdict.sentence or "pending" in verdict.text


@pytest.mark.parametrize("name", DELETING)
def test_what_is_deleted_while_lists_are_read_is_no_gap(kept: Story, name: str) -> None:
    with kept.spoilt(*Trouble("lists", name, 0).simulated(kept.account)):
        verdict = kept.certify()

    assert "SmugMug did not list" not in verdict.sentence
    kept.sync("--full", moved=0)
    assert kept.certify().kind == "safe"


def test_an_album_that_lists_nothing_while_smugmug_counts_more_does_not_count_as_copied(kept: Story) -> None:
    with kept.spoilt(Fault(action="zero_total", kind="api", path="*!images*", times=None)):
        verdict = kept.certify()
        ran = kept.commands.type("verify", "--source")

    assert "SmugMug did not list everything: 3 gaps" in verdict.sentence
    assert "Garden: SmugMug counts 2 items in the album but lists 0" in ran.out
    assert (ran.code, ran.out.splitlines()[-1]) == (1, verdict.sentence)
    kept.assert_safe()


def test_a_folder_that_answers_without_its_children_is_no_smaller_account(kept: Story) -> None:
    family = next(node for node in kept.world.nodes.values() if node.name == "Family")
    with kept.spoilt(Fault(action="drop_list", kind="api", path=f"*{family.id}!children*", times=None)):
        verdict = kept.certify()

    assert verdict.kind == "not_safe"
    assert {one["key"] for one in verdict.document["differences"]} == {"Family", "the folders"}
    assert "SmugMug did not list everything: 2 gaps" in verdict.sentence
    kept.assert_safe()


# SmugMug's own count


@pytest.mark.parametrize("error", [2, -1])
def test_a_count_of_the_account_that_nothing_explains_is_accepted_only_in_so_many_words(
    kept: Story, error: int
) -> None:
    kept.world.account_count_error = error
    counted = f"SmugMug counts {6 + error} items in the account, but 6 in its albums"

    kept.assert_not_safe(counted, COUNT, named={})
    kept.assert_not_safe(counted, named={}, options=(WITHOUT,))
    accepted = kept.assert_safe(COUNT)

    assert (accepted.code, accepted.sentence.endswith(f"{counted}, which you accepted.")) == (0, True)
    kept.world.account_count_error = 0
    assert "accepted" not in kept.assert_safe(COUNT).sentence


def test_an_album_that_no_list_shows_is_missed_by_the_accounts_count(kept: Story) -> None:
    kept.world.add_image(kept.world.add_album("New"), "new.jpg")
    with kept.spoilt(Fault(action="hide_entry", kind="api", path="*", entry="New", times=None)):
        kept.assert_not_safe("SmugMug counts 7 items in the account, but 6 in its albums", named={})
    kept.sync(moved=1)
    kept.assert_safe(items=7)


def test_a_photo_in_two_albums_may_be_counted_once_or_twice(kept: Story) -> None:
    kept.world.collect_image(kept.album_key("Scans"), kept.image("rose.jpg").key)
    kept.sync()

    for error in (0, -1):
        kept.world.account_count_error = error
        kept.assert_safe(items=7)


# Sentences and exit codes


def test_a_sign_in_that_sees_public_albums_alone_proves_nothing(kept: Story) -> None:
    token, secret = kept.sim.state.keyring.issue(kept.sim.consumer_key, Level("Public", "Read"))
    kept.commands.settings |= {"SMUGMUG_OAUTH_TOKEN": token, "SMUGMUG_OAUTH_TOKEN_SECRET": secret}

    verdict = kept.certify(WITHOUT, COUNT)
    assert (verdict.kind, verdict.code) == ("not_safe", 1)
    assert "this sign-in sees only public albums (run `smug2s3 auth` to include the private ones)" in verdict.sentence


def test_a_strangers_file_is_named_and_stands_in_the_way_of_who_is_strict(moved: Story) -> None:
    stray = f"{moved.prefix}Garden/stray.txt"
    moved.write(stray, b"a stranger's")

    assert moved.assert_safe().document["extra_objects"] == [stray]
    verdict = moved.certify("--strict")
    assert (verdict.kind, verdict.code) == ("not_safe", 1)
    assert "1 object not from smug2s3 (--strict)" in verdict.sentence
    assert [one["kind"] for one in verdict.document["differences"]] == ["extra"]
    for options, code in ((["verify"], 0), (["verify", "--strict"], 1)):
        ran = moved.commands.type(*options)
        assert (ran.code, f"extra        {stray}" in ran.out) == (code, True)


SAID: dict[str, tuple[str, ...]] = {
    "Checked the ledger only": ("--offline",),
    "Run `smug2s3 verify --source` to compare with what SmugMug has today.": (),
    "Everything in the ledger is stored as recorded.": ("--deep",),
    "Safe to cancel: all 6 items SmugMug lists are in the bucket, verified and with current metadata.": ("--source",),
}


@pytest.mark.parametrize("words", SAID)
def test_every_level_says_no_more_than_it_looked_at(kept: Story, words: str) -> None:
    ran = kept.commands.type("verify", *SAID[words])

    assert ran.code == 0
    assert words in ran.out
    assert ("Safe to cancel" in ran.out) == (SAID[words] == ("--source",))
    if SAID[words] == ("--offline",):
        assert "has been copied" not in ran.out


def test_what_the_ledger_alone_says_does_not_change_with_losses_in_the_bucket(moved: Story) -> None:
    for key in moved.place.objects():
        moved.remove(key)

    ran = moved.commands.type("verify", "--offline")

    assert ran.code == 0
    assert "Checked the ledger only" in ran.out
    assert "has been copied" not in ran.out
    assert moved.certify().kind == "not_safe"


def test_status_says_what_the_last_verdict_said(kept: Story) -> None:
    for verdict in (kept.assert_safe(), kept.certify("--strict", WITHOUT)):
        told = kept.commands.status().document["verified"]
        assert (told["verdict"], told["safe_to_cancel"]) == (verdict.sentence, True)
    kept.change("rose.jpg", caption="Unheard of")
    verdict = kept.certify()
    told = kept.commands.status().document["verified"]
    assert (told["verdict"], told["safe_to_cancel"]) == (verdict.sentence, False)
