"""NAME_TEMPLATE decides how new files are named: always safely, always apart from each other, and never twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from smug2s3.errors import SettingsError
from smug2s3.models import Asset, Entry
from smug2s3.rules import keys
from smug2s3.rules.name_template import FIELDS, PLAIN, NameTemplate, read_template
from smug2s3.rules.plan import Action, plan_album, recorded_name, stored_name
from smug2s3.settings import load
from tests.unit.rules.test_keys import assert_restorable
from tests.unit.samples import MD5, asset, entry, file_names

PHOTO = asset(
    image_key="q3drvdd",
    filename="IMG_0001.JPG",
    title="The lake",
    upload_key="9012345678",
    date="2019-07-14T10:30:05+00:00",
    uploaded="2020-01-02T03:04:05+00:00",
)
VIDEO = replace(PHOTO, filename="Metro.MOV", is_video=True, format="mp4", title="")
TEXTS = [
    "{FileName}", "{ImageKey}", "{ArchivedMD5}", "{UploadKey}", "{Title}", "{Date}", "{Date:%Y}", "{Title}-{FileName}",
    "{Date:%H:%M} {Title}", "con", "x{{{Title}}}", " {Title}. ",
]  # fmt: skip
TEMPLATES = [read_template(text) for text in TEXTS if text != "con"]


@pytest.mark.parametrize(
    ("text", "changes", "name"),
    [
        pytest.param("{FileName}", {}, "IMG_0001.JPG", id="the name on SmugMug"),
        pytest.param("{ImageKey}", {}, "q3drvdd.JPG", id="the image's key"),
        pytest.param("{ArchivedMD5}", {}, f"{MD5}.JPG", id="the MD5 of its bytes"),
        pytest.param("{UploadKey}", {}, "9012345678.JPG", id="the upload's number"),
        pytest.param("{Title}", {}, "The lake.JPG", id="its title"),
        pytest.param("{Date}", {}, "2019-07-14.JPG", id="its day"),
        pytest.param("{Date:%Y%m%d_%H%M%S}-{FileName}", {}, "20190714_103005-IMG_0001.JPG", id="its time"),
        pytest.param("{Date:%d. %B %Y, 100%%}", {}, "14. July 2019, 100%.JPG", id="a month in English"),
        pytest.param("{Title} ({ImageKey})", {}, "The lake (q3drvdd).JPG", id="literal text"),
        pytest.param("{{{Title}}}", {}, "{The lake}.JPG", id="braces"),
        pytest.param("{Date:%H:%M}", {}, "10_30.JPG", id="a character that Windows forbids"),
        pytest.param("{Title}", {"title": "a/b\\c: d?\n"}, "a_b_c_ d__.JPG", id="a hostile title"),
        pytest.param("{Title}", {"title": "../../etc"}, ".._.._etc.JPG", id="a title is no path"),
        pytest.param("{Title}", {"title": "con"}, "_con.JPG", id="a device"),
        pytest.param("{Title}", {"title": "v1.2"}, "v1.2.JPG", id="a dot in a title is no extension"),
        pytest.param("{Title}", {"title": "The lake.png"}, "The lake.png.JPG", id="the extension is the file's"),
        pytest.param("{Title}", {"title": ""}, "IMG_0001.JPG", id="no title: its name"),
        pytest.param("{Title}", {"title": " . "}, "IMG_0001.JPG", id="nothing left of the title: its name"),
        pytest.param("{Title}", {"title": "", "filename": ""}, "q3drvdd.jpg", id="no name either: its key"),
        pytest.param("{UploadKey}", {"upload_key": ""}, "q3drvdd.JPG", id="no number: its key"),
        pytest.param("{ArchivedMD5}", {"md5": None}, "q3drvdd.JPG", id="no MD5: its key"),
        pytest.param("{Date}", {"date": ""}, "2020-01-02.JPG", id="not known when taken: when uploaded"),
        pytest.param("{Date}", {"date": "0001-01-01T00:00:00"}, "2020-01-02.JPG", id="a camera without a date"),
        pytest.param("{Date}", {"date": "", "uploaded": "?"}, "undated.JPG", id="no date at all"),
        pytest.param("{Date:%H}", {"date": "2019-07-14"}, "00.JPG", id="a day without a time"),
        pytest.param("{ImageKey}", {"filename": "README"}, "q3drvdd.jpg", id="no extension: that of its format"),
        pytest.param("{FileName}", {"filename": "README"}, "README", id="but a plain name stays as it is"),
    ],
)
def test_a_field_is_what_smugmug_says_or_what_else_it_says(text: str, changes: dict[str, Any], name: str) -> None:
    assert stored_name(replace(PHOTO, **changes), read_template(text)) == name


@pytest.mark.parametrize(
    ("text", "name"), [("{FileName}", "Metro.mp4"), ("{ImageKey}", "q3drvdd.mp4"), ("{Title}", "Metro.mp4")]
)
def test_a_video_keeps_the_extension_of_the_file_that_smugmug_delivers(text: str, name: str) -> None:
    assert stored_name(VIDEO, read_template(text)) == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{Datum}", "has no field {Datum} (did you mean {Date}?); the fields are {FileName}", id="unknown"),
        pytest.param("{filename}", "did you mean {FileName}?", id="case counts"),
        pytest.param("{}", "it has no field {}", id="no field's name"),
        pytest.param("{Title.upper}", "has no field {Title.upper}", id="no code"),
        pytest.param("{Title!r}", "{Title} takes no format", id="no conversion"),
        pytest.param("{Title:>20}", "{Title} takes no format; only {Date:…} does", id="a format of another field"),
        pytest.param("{Title", "is not a valid template", id="an open brace"),
        pytest.param("Title}", "is not a valid template", id="a closing brace"),
        pytest.param("{Date:%Q}", "a date has no %Q; use for example {Date:%Y-%m-%d}", id="no such part of a date"),
        pytest.param("{Date:%-d}", "a date has no %-", id="one that not every system has"),
        pytest.param("{Date:%}", "a date has no %", id="half a part of a date"),
        pytest.param("{Date:today}", "gives every date the same name", id="a date that never changes"),
        pytest.param("{Date:%%}", "gives every date the same name", id="nor does a percent sign"),
        pytest.param("{Date:{Title}}", "gives every date the same name", id="a field in a field"),
        pytest.param("photo", "would give all files the same name: use at least one of {FileName}", id="no field"),
        pytest.param("{{Title}}", "would give all files the same name", id="braces are no field"),
        pytest.param("{Date:%Y}/{Title}", "without slashes", id="a folder"),
        pytest.param("{Title}\\x", "without slashes", id="a folder on Windows"),
        pytest.param("{Title}" + "x" * 200, "at most 200 characters", id="too long"),
    ],
)
def test_what_is_no_template_is_refused_with_the_fields_and_an_example(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({"NAME_TEMPLATE": text}, needs=frozenset())
    assert "NAME_TEMPLATE " in str(refused.value)
    assert said in str(refused.value)
    assert "for example {Date:%Y-%m-%d} {FileName}" in str(refused.value)


def test_without_the_setting_files_have_their_names_on_smugmug() -> None:
    assert load({}, needs=frozenset()).name_template == PLAIN
    assert load({"NAME_TEMPLATE": " {FileName} "}, needs=frozenset()).name_template == PLAIN


def test_every_field_is_in_the_list_of_the_refusal() -> None:
    with pytest.raises(ValueError, match="the fields are") as refused:
        read_template("{x}")
    assert all(f"{{{field}" in str(refused.value) for field in FIELDS)


HOSTILE = st.one_of(
    file_names, st.sampled_from(["", " ", "..", "con", "_album", "a" * 400, "é", "e\u0301", "a/b", "."])
)
ASSETS = st.builds(
    replace,
    st.just(PHOTO),
    filename=st.one_of(HOSTILE, st.sampled_from(["_album.json", "a.JPG", "A.jpg"])),
    title=HOSTILE,
    date=st.sampled_from(["2019-07-14T10:30:00", "", "x", "0000-00-00"]),
    uploaded=st.sampled_from(["2020-01-02T03:04:05+00:00", ""]),
    upload_key=HOSTILE,
    md5=st.sampled_from([MD5, None]),
    is_video=st.booleans(),
    format=st.sampled_from(["JPG", "mp4", "", "a/../b"]),
)


@given(ASSETS, st.sampled_from(TEMPLATES))
def test_every_name_is_restorable_and_keeps_its_extension(photo: Asset, template: NameTemplate) -> None:
    name, plain = stored_name(photo, template), stored_name(photo)
    assert_restorable(name)
    assert len(name.encode()) <= keys.FILE_BYTES
    assert keys.split_suffix(name)[1] == keys.split_suffix(plain)[1] or not keys.split_suffix(plain)[1]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.text)
def test_a_changed_template_is_a_rename(template: NameTemplate) -> None:
    """Nothing is copied again; names stay, unless renames are followed."""
    known = {PHOTO.image_key: entry(PHOTO, "p/IMG_0001.JPG")}
    taken = {"img_0001.jpg": PHOTO.image_key}

    def step(*, follow: bool) -> tuple[Action, str]:
        (found,) = plan_album(
            [PHOTO], directory="p", known=known, taken=taken, follow_renames=follow, template=template
        )
        return found.action, found.key

    renamed = stored_name(PHOTO, template)
    assert step(follow=False) == (Action.SKIP, "p/IMG_0001.JPG")
    assert step(follow=True) == ((Action.SKIP if renamed == "IMG_0001.JPG" else Action.RENAME), f"p/{renamed}")


@pytest.mark.parametrize(
    ("key", "text", "name"),
    [
        pytest.param("p/IMG_0001.JPG", "{FileName}", "IMG_0001.JPG", id="as it is named now"),
        pytest.param("p/IMG_0001-q3drvdd.JPG", "{FileName}", "IMG_0001.JPG", id="a twin"),
        pytest.param("p/IMG_0001-q3drvdd-2.JPG", "{FileName}", "IMG_0001.JPG", id="a twin of a twin"),
        pytest.param("p/The lake.JPG", "{Title}", "The lake.JPG", id="as the template says"),
        pytest.param("p/IMG_0001.JPG", "{Title}", "IMG_0001.JPG", id="the template has changed"),
        pytest.param("p/old.JPG", "{FileName}", "old.JPG", id="it has been renamed on SmugMug"),
    ],
)
def test_a_rebuilt_ledger_knows_which_names_are_old(key: str, text: str, name: str) -> None:
    assert recorded_name(PHOTO, key, read_template(text)) == name


class Album(RuleBasedStateMachine):
    """Syncs of one album whose photos, titles and template change; only what the plan says is done."""

    def __init__(self) -> None:
        super().__init__()
        self.photos: dict[str, Asset] = {}
        self.known: dict[str, Entry] = {}
        self.objects: dict[str, str] = {}
        """The owner of each key."""
        self.template = PLAIN
        self.copied = 0

    @rule(number=st.integers(0, 7), title=st.sampled_from(["", "a", "A", "a-K1", "_album"]), name=HOSTILE)
    def edit(self, number: int, title: str, name: str) -> None:
        key = f"K{number}"
        former = self.photos.get(key, replace(PHOTO, image_key=key, md5=f"{number:032x}"))
        self.photos[key] = replace(former, title=title, filename=name)

    @rule(template=st.sampled_from(TEMPLATES))
    def choose(self, template: NameTemplate) -> None:
        self.template = template

    @rule(follow=st.booleans(), seed=st.randoms(use_true_random=False))
    def sync(self, follow: bool, seed: Any) -> None:
        listed = list(self.photos.values())
        seed.shuffle(listed)
        before = dict(self.objects)
        for step in plan_album(
            listed, directory="p", known=self.known, taken=self.taken(), follow_renames=follow, template=self.template
        ):
            key = step.asset.image_key
            assert self.objects.get(step.key, key) == key, "another photo's object would be overwritten"
            if step.action is Action.MOVE:
                assert key not in self.known, "a change of names copies nothing again"
            elif step.action is Action.RENAME:
                assert follow
                del self.objects[step.former_key]
            else:
                assert self.objects[step.key] == key
            self.objects[step.key] = key
            self.known[key] = entry(step.asset, step.key, name_wanted=step.wanted)
        if not follow:
            assert before.items() <= self.objects.items()

    def taken(self) -> Mapping[str, str]:
        return {keys.fold(key.removeprefix("p/")): owner for key, owner in self.objects.items()}

    @invariant()
    def every_stored_photo_has_an_object_of_its_own(self) -> None:
        assert sorted(self.objects.values()) == sorted(self.known)
        folded = [keys.fold(key) for key in self.objects]
        assert len(set(folded)) == len(folded)
        assert "p/_album.json" not in folded


TestAlbum = Album.TestCase
TestAlbum.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
