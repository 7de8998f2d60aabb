"""What is done with each asset follows from SmugMug's listing and the ledger's memory alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.models import Asset, Entry, Known
from smug2s3.rules import keys
from smug2s3.rules.plan import Action, Step, plan_album, stored_name
from tests.unit.samples import OTHER_MD5, asset, entry

DIRECTORY = "smugmug/Trip"


def plan(
    assets: Sequence[Asset],
    known: Sequence[Entry] = (),
    taken: Mapping[str, str] | None = None,
    *,
    follow_renames: bool = False,
) -> list[Step]:
    memory = {one.image_key: one for one in known}
    held = _held(known) if taken is None else taken
    return plan_album(assets, directory=DIRECTORY, known=memory, taken=held, follow_renames=follow_renames)


def _held(known: Sequence[Entry]) -> dict[str, str]:
    inside = keys.fold(DIRECTORY) + "/"
    stored = (one for one in known if one.state is Known.MOVED)
    return {keys.fold(one.key).removeprefix(inside): one.image_key for one in stored}


def at(name: str) -> str:
    return f"{DIRECTORY}/{name}"


def test_what_is_not_known_is_copied_to_its_own_name() -> None:
    (step,) = plan([asset()])
    assert (step.action, step.key, step.wanted, step.former_key) == (Action.MOVE, at("IMG_1.JPG"), at("IMG_1.JPG"), "")
    assert not step.refers


def test_an_empty_album_has_nothing_to_do() -> None:
    assert plan([]) == []


@pytest.mark.parametrize(
    ("now", "remembered", "action"),
    [
        pytest.param({}, {}, Action.SKIP, id="the same again"),
        pytest.param({}, {"state": Known.MOVING}, Action.MOVE, id="a crash left it half done"),
        pytest.param({}, {"state": Known.FAILED}, Action.MOVE, id="it failed before"),
        pytest.param({}, {"state": Known.UNAVAILABLE}, Action.MOVE, id="it can be had now"),
        pytest.param({"md5": OTHER_MD5}, {}, Action.MOVE, id="other bytes"),
        pytest.param({"serial": 1}, {}, Action.MOVE, id="replaced: the serial counts on"),
        pytest.param({"title": "New"}, {}, Action.DESCRIBE, id="only its title changed"),
        pytest.param({"keywords": ("sea",)}, {}, Action.DESCRIBE, id="only its keywords changed"),
        pytest.param({"url": None}, {}, Action.SKIP, id="an expansion did not come, but the serial is the same"),
        pytest.param({"url": None, "md5": None, "size": None}, {}, Action.SKIP, id="nor its MD5"),
        pytest.param({"url": None, "title": "New"}, {}, Action.SKIP, id="nor is it described by half"),
        pytest.param({"url": None, "serial": 1}, {}, Action.MOVE, id="without an address, but replaced"),
        pytest.param({"url": None, "serial": 1, "unavailable": "x"}, {}, Action.UNAVAILABLE, id="and not to be had"),
        pytest.param({"unavailable": "x"}, {}, Action.SKIP, id="it is there already, whatever SmugMug gives today"),
        pytest.param(
            {"unavailable": "x"}, {"state": Known.UNAVAILABLE}, Action.UNAVAILABLE, id="it still cannot be had"
        ),
    ],
)
def test_a_known_asset_is_copied_again_only_if_its_bytes_need_it(
    now: dict[str, Any], remembered: dict[str, Any], action: Action
) -> None:
    (step,) = plan([asset(**now)], [entry(asset(), at("IMG_1.JPG"), **remembered)])
    assert (step.action, step.key) == (action, at("IMG_1.JPG"))


def test_a_video_is_the_same_by_serial_while_its_rendition_is_not_named() -> None:
    video = asset(is_video=True, filename="a.mov", format="mp4")
    (step,) = plan([asset(is_video=True, filename="a.mov", format="mp4", url=None)], [entry(video, at("a.mp4"))])
    assert step.action is Action.SKIP


def test_a_file_renamed_on_smugmug_stays_where_it_is() -> None:
    (step,) = plan([asset(filename="New.JPG")], [entry(asset(), at("IMG_1.JPG"))])
    assert (step.key, step.former_key) == (at("IMG_1.JPG"), "")
    assert step.action is Action.DESCRIBE  # its metadata names the file


def test_a_renamed_file_follows_if_that_is_wished() -> None:
    (step,) = plan([asset(filename="New.JPG")], [entry(asset(), at("IMG_1.JPG"))], follow_renames=True)
    assert (step.action, step.key, step.wanted) == (Action.RENAME, at("New.JPG"), at("New.JPG"))
    assert step.former_key == at("IMG_1.JPG")


def test_files_of_a_renamed_album_stay_in_the_old_directory_and_new_ones_go_to_the_new() -> None:
    old, new = asset(image_key="old"), asset(image_key="new")
    known = [entry(old, "smugmug/Old name/IMG_1.JPG")]
    stayed, came = plan([old, new], known, taken={})
    assert (stayed.action, stayed.key) == (Action.SKIP, "smugmug/Old name/IMG_1.JPG")
    assert (came.action, came.key) == (Action.MOVE, at("IMG_1.JPG"))


def test_a_renamed_and_replaced_file_gets_its_new_name_and_says_where_it_was() -> None:
    (step,) = plan([asset(filename="New.JPG", serial=1)], [entry(asset(), at("IMG_1.JPG"))])
    assert (step.action, step.key, step.former_key) == (Action.MOVE, at("New.JPG"), at("IMG_1.JPG"))


def test_twins_keep_their_names_when_a_third_comes_that_is_older() -> None:
    one, two = asset(image_key="1", uploaded="2"), asset(image_key="2", uploaded="3")
    first = plan([one, two])
    known = [entry(step.asset, step.key, name_wanted=step.wanted) for step in first]
    again = plan([asset(image_key="0", uploaded="1"), two, one], known)
    assert [step.key for step in again] == [at("IMG_1-0.JPG"), at("IMG_1-2.JPG"), at("IMG_1.JPG")]
    assert [step.action for step in again] == [Action.MOVE, Action.SKIP, Action.SKIP]


def test_no_file_takes_the_name_of_the_albums_own() -> None:
    (step,) = plan([asset(filename="_ALBUM.json", format="json")])
    assert step.key == at("_ALBUM-ImageK.json")


def test_a_name_stored_once_is_not_given_to_another_after_its_image_is_gone() -> None:
    (step,) = plan([asset(image_key="new")], taken={"img_1.jpg": "gone"})
    assert step.key == at("IMG_1-new.JPG")


@pytest.mark.parametrize("state", [Known.FAILED, Known.MOVING, Known.UNAVAILABLE])
def test_one_that_never_arrived_does_not_come_back_to_a_key_another_was_given_meanwhile(state: Known) -> None:
    absent, present = asset(image_key="absent"), asset(image_key="present")
    known = [entry(absent, at("IMG_1.JPG"), state=state), entry(present, at("IMG_1.JPG"))]
    back, stayed = plan([absent, present], known)
    assert (stayed.action, stayed.key) == (Action.SKIP, at("IMG_1.JPG"))
    assert (back.action, back.key) == (Action.MOVE, at("IMG_1-absent.JPG"))


def test_of_two_that_never_arrived_only_one_keeps_their_common_key() -> None:
    known = [entry(asset(image_key=name), at("IMG_1.JPG"), state=Known.FAILED) for name in "ab"]
    steps = plan([asset(image_key="b"), asset(image_key="a")], known)
    assert len({step.key for step in steps}) == 2


@pytest.mark.parametrize(
    ("differences", "name"),
    [
        pytest.param({}, "IMG_1.JPG", id="as on SmugMug"),
        pytest.param({"filename": ""}, "ImageK.jpg", id="without a name"),
        pytest.param({"filename": "", "format": ""}, "ImageK.jpg", id="without name and format"),
        pytest.param({"filename": "", "format": "", "is_video": True}, "ImageK.mp4", id="a video without either"),
        pytest.param({"filename": "a.MOV", "format": "MP4", "is_video": True}, "a.mp4", id="a rendition"),
    ],
)
def test_the_name_wanted_comes_from_smugmug(differences: dict[str, Any], name: str) -> None:
    assert stored_name(asset(**differences)) == name


names = st.sampled_from(["a.jpg", "A.JPG", "b.jpg", "a-1.jpg", "_album.json", ""])
assets = st.lists(
    st.builds(
        lambda key, name, age, serial: asset(image_key=key, filename=name, uploaded=age, serial=serial),
        st.sampled_from("123456"),
        names,
        st.sampled_from(["2019", "2020"]),
        st.integers(0, 1),
    ),
    max_size=6,
    unique_by=lambda one: one.image_key,
)


PLANNED = [state for state in Known if state is not Known.GONE]
"""What becomes of what is listed."""


def remembered(steps: Sequence[Step], states: Sequence[Known]) -> list[Entry]:
    return [
        entry(step.asset, step.key, name_wanted=step.wanted, state=state)
        for step, state in zip(steps, states, strict=False)
    ]


@given(assets, st.lists(st.sampled_from(PLANNED), min_size=6, max_size=6), st.lists(assets, max_size=3), st.booleans())
def test_no_two_files_ever_share_a_key_whatever_came_went_and_failed_before(
    first: list[Asset], states: list[Known], later: list[list[Asset]], follow: bool
) -> None:
    memory: dict[str, Entry] = {}
    for listed in [first, *later]:
        steps = plan(listed, list(memory.values()), follow_renames=follow)
        assert len({keys.fold(step.key) for step in steps}) == len(steps)
        assert keys.fold(at(keys.SIDECAR)) not in {keys.fold(step.key) for step in steps}
        memory |= {one.image_key: one for one in remembered(steps, states)}
        stored = [keys.fold(one.key) for one in memory.values() if one.state is Known.MOVED]
        assert len(set(stored)) == len(stored)


@given(assets, st.randoms(use_true_random=False))
def test_the_plan_is_the_same_whatever_order_smugmug_lists_in(listed: list[Asset], random: Any) -> None:
    shuffled = list(listed)
    random.shuffle(shuffled)
    assert {s.asset.image_key: s.key for s in plan(shuffled)} == {s.asset.image_key: s.key for s in plan(listed)}


@given(assets)
def test_after_everything_is_copied_nothing_is_left_to_do(listed: list[Asset]) -> None:
    known = remembered(plan(listed), [Known.MOVED] * len(listed))
    assert {step.action for step in plan(listed, known)} <= {Action.SKIP}


# References: what lies at the key belongs to another album

ELSEWHERE = "smugmug/Other/ROSE.JPG"


@pytest.mark.parametrize("follow_renames", [False, True])
@pytest.mark.parametrize(
    ("now", "remembered", "action", "key"),
    [
        pytest.param({}, {}, Action.SKIP, ELSEWHERE, id="the same again"),
        pytest.param({"filename": "New.JPG"}, {}, Action.SKIP, ELSEWHERE, id="renamed: the object is not its own"),
        pytest.param({"title": "New"}, {}, Action.SKIP, ELSEWHERE, id="described by the album that holds it"),
        pytest.param({"title": "New"}, {"deserted": True}, Action.DESCRIBE, ELSEWHERE, id="or by those left"),
        pytest.param({"url": None}, {}, Action.SKIP, ELSEWHERE, id="an expansion did not come"),
        pytest.param({"serial": 1}, {}, Action.MOVE, at("IMG_1.JPG"), id="replaced: it may have to lie here"),
        pytest.param({"md5": OTHER_MD5}, {}, Action.MOVE, at("IMG_1.JPG"), id="other bytes"),
        pytest.param(
            {"serial": 1, "url": None, "unavailable": "x"},
            {},
            Action.UNAVAILABLE,
            at("IMG_1.JPG"),
            id="replaced by what SmugMug cannot give",
        ),
    ],
)
def test_an_object_of_another_album_stays_where_it_is(
    now: dict[str, Any], remembered: dict[str, Any], action: Action, key: str, *, follow_renames: bool
) -> None:
    memory = {"reference": True, "name_wanted": at("IMG_1.JPG")} | remembered
    (step,) = plan([asset(**now)], [entry(asset(), ELSEWHERE, **memory)], follow_renames=follow_renames)
    assert (step.action, step.key, step.former_key, step.refers) == (action, key, "", True)


def test_a_reference_takes_no_name_in_its_album() -> None:
    old, new = asset(image_key="old"), asset(image_key="new")
    known = [entry(old, ELSEWHERE, reference=True, name_wanted=at("IMG_1.JPG"))]
    stayed, came = plan([old, new], known)
    assert (stayed.key, came.key) == (ELSEWHERE, at("IMG_1.JPG"))
