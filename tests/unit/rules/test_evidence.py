"""An item is proven, not given by SmugMug, or not proven and why; nothing else follows from anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smug2s3.models import Asset, Entry, Known, Proof, StoredObject
from smug2s3.rules.evidence import Evidence, Held, State, of_album_file, of_item, of_object
from smug2s3.rules.plan import plan_album
from tests.unit.samples import MD5, OTHER_MD5, asset, entry

DIRECTORY = "smugmug/Garden"
KEY = f"{DIRECTORY}/IMG_1.JPG"
LISTED = StoredObject(key=KEY, size=1000, etag=MD5)
HELD = Held(key=KEY, image_key="ImageK", size=1000, md5=MD5, etag=MD5, proof=Proof.ETAG, listed=LISTED)
OPAQUE = replace(HELD, etag="opaque-1", listed=replace(LISTED, etag="opaque-1"))

OBJECTS = {
    "listed with its MD5": (HELD, State.PROVEN),
    "listed with its MD5, whatever its proof": (replace(HELD, etag="opaque", proof=Proof.NONE), State.PROVEN),
    "an opaque ETag that was proven once": (replace(OPAQUE, proof=Proof.READ), State.PROVEN),
    "an opaque ETag of a store that compared": (replace(OPAQUE, proof=Proof.CHECKED), State.PROVEN),
    "an opaque ETag by which nothing was proven": (replace(OPAQUE, proof=Proof.NONE), State.UNPROVEN),
    "an opaque ETag that changed": (replace(OPAQUE, etag="opaque-0", proof=Proof.READ), State.UNPROVEN),
    "no ETag at all": (replace(HELD, etag="", listed=replace(LISTED, etag="")), State.UNPROVEN),
    "another MD5": (replace(HELD, listed=replace(LISTED, etag=OTHER_MD5)), State.DAMAGED),
    "another size": (replace(HELD, listed=replace(LISTED, size=999)), State.DAMAGED),
    "not listed": (replace(HELD, listed=None), State.MISSING),
    "other bytes were read once under this ETag": (replace(HELD, proof=Proof.WRONG), State.DAMAGED),
    "looked at and found well": (replace(OPAQUE, looked=Evidence(State.PROVEN, "read")), State.PROVEN),
    "looked at and found wrong": (replace(HELD, looked=Evidence(State.DAMAGED, "read")), State.DAMAGED),
}


@pytest.mark.parametrize("case", OBJECTS)
def test_an_objects_evidence_is_the_listing_and_its_own_check(case: str) -> None:
    held, state = OBJECTS[case]
    assert held.evidence.state is state
    difference = of_object(held)
    assert (difference is None) == (state is State.PROVEN)
    assert difference is None or (difference.kind, difference.key) == (state.kind, KEY)


@pytest.mark.parametrize(
    ("listed", "recorded", "state"),
    [
        pytest.param(MD5, MD5, State.PROVEN, id="both are the MD5"),
        pytest.param(MD5, "random-2", State.PROVEN, id="the MD5 proves the bytes whatever was recorded"),
        pytest.param("random-2", "random-2", State.PROVEN, id="an opaque one that did not change"),
        pytest.param("random-3", "random-2", State.UNPROVEN, id="an opaque one that changed proves nothing"),
        pytest.param("random-3", MD5, State.UNPROVEN, id="opaque after a migration"),
        pytest.param(OTHER_MD5, MD5, State.DAMAGED, id="another MD5"),
        pytest.param(OTHER_MD5, "", State.DAMAGED, id="another MD5, none recorded"),
        pytest.param(OTHER_MD5, "random-2", State.UNPROVEN, id="an MD5 that may be no MD5, as with SSE-KMS"),
        pytest.param(OTHER_MD5, OTHER_MD5[::-1], State.UNPROVEN, id="like an MD5, where it never was one"),
        pytest.param("", "", State.UNPROVEN, id="no ETag at all"),
        pytest.param("", MD5, State.UNPROVEN, id="the ETag is gone"),
    ],
)
def test_an_etag_is_believed_only_as_far_as_it_says_something(listed: str, recorded: str, state: State) -> None:
    held = replace(HELD, etag=recorded, proof=Proof.READ, listed=replace(LISTED, etag=listed))
    assert held.evidence.state is state


def judged(photo: Asset, known: Entry | None, held: Held | None) -> State:
    """What is known of ``photo`` by the plan that a sync would make for it."""
    memory = {known.image_key: known} if known else {}
    (step,) = plan_album([photo], directory=DIRECTORY, known=memory, taken={}, follow_renames=False)
    return of_item(step, known, held).state


PHOTO = asset()
MOVED = entry(PHOTO, KEY)
LATE = asset(is_video=True, url=None, size=None, md5=None, unavailable="SmugMug is still processing this video")

ITEMS: dict[str, tuple[Asset, Entry | None, Held | None, State]] = {
    "stored as listed": (PHOTO, MOVED, HELD, State.PROVEN),
    "never moved": (PHOTO, None, None, State.NOT_MOVED),
    "failed": (PHOTO, replace(MOVED, state=Known.FAILED, reason="403"), None, State.NOT_MOVED),
    "on its way when a run was killed": (PHOTO, replace(MOVED, state=Known.MOVING), HELD, State.NOT_MOVED),
    "replaced since": (asset(serial=1, md5=OTHER_MD5), MOVED, HELD, State.NOT_MOVED),
    "gone once, listed again, and stored": (PHOTO, replace(MOVED, state=Known.GONE), HELD, State.PROVEN),
    "gone once with other bytes": (PHOTO, replace(MOVED, state=Known.GONE, identity=""), HELD, State.NOT_MOVED),
    "stored, but its object is missing": (PHOTO, MOVED, replace(HELD, listed=None), State.MISSING),
    "stored, but its object is damaged": (PHOTO, MOVED, replace(HELD, listed=replace(LISTED, size=1)), State.DAMAGED),
    "stored, but nothing proves it": (PHOTO, MOVED, replace(OPAQUE, proof=Proof.NONE), State.UNPROVEN),
    "without an object of its own": (PHOTO, MOVED, None, State.DAMAGED),
    "with the object of another photo": (PHOTO, MOVED, replace(HELD, image_key="Other"), State.DAMAGED),
    "with an object of another MD5 than SmugMug names": (PHOTO, MOVED, replace(HELD, md5=OTHER_MD5), State.DAMAGED),
    "a caption written since": (asset(caption="new"), MOVED, HELD, State.PENDING),
    "a caption written since, its object damaged": (
        asset(caption="new"),
        MOVED,
        replace(HELD, listed=replace(LISTED, etag=OTHER_MD5)),
        State.DAMAGED,
    ),
    "renamed on SmugMug, where nobody follows renames": (asset(filename="New.JPG"), MOVED, HELD, State.PENDING),
    "not given, and a sync has asked for it": (LATE, entry(LATE, KEY, state=Known.UNAVAILABLE), None, State.NOT_GIVEN),
    "not given, and no sync has asked": (LATE, None, None, State.NOT_MOVED),
    "not given, after it failed": (LATE, entry(LATE, KEY, state=Known.FAILED), None, State.NOT_MOVED),
    "not given then, given now": (
        asset(is_video=True),
        entry(LATE, KEY, state=Known.UNAVAILABLE),
        None,
        State.NOT_MOVED,
    ),
    "not given, asked for before it was replaced": (
        replace(LATE, serial=1),
        entry(LATE, KEY, state=Known.UNAVAILABLE),
        None,
        State.NOT_MOVED,
    ),
    "without an address, the same as stored": (replace(LATE, unavailable="x"), entry(LATE, KEY), HELD, State.PROVEN),
    "without an address, replaced since": (replace(LATE, serial=1), entry(LATE, KEY), HELD, State.NOT_MOVED),
}


@pytest.mark.parametrize("case", ITEMS)
def test_an_item_is_judged_by_what_a_sync_would_still_do_and_by_its_object(case: str) -> None:
    photo, known, held, state = ITEMS[case]
    assert judged(photo, known, held) is state


@pytest.mark.parametrize(
    ("told", "recorded", "held", "state"),
    [
        pytest.param("a", "a", HELD, State.PROVEN, id="as it was written"),
        pytest.param("b", "a", HELD, State.PENDING, id="SmugMug tells otherwise by now"),
        pytest.param("a", "", HELD, State.PENDING, id="it could not be written"),
        pytest.param("a", "a", None, State.NOT_MOVED, id="it never was written"),
        pytest.param("a", "a", replace(HELD, listed=None), State.MISSING, id="it is not there"),
        pytest.param("b", "a", replace(HELD, listed=replace(LISTED, size=1)), State.DAMAGED, id="it is damaged"),
    ],
)
def test_an_albums_own_file_is_an_item_of_the_proof(told: str, recorded: str, held: Held | None, state: State) -> None:
    assert of_album_file(told, recorded, held).state is state
