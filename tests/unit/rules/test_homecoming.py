"""An album comes back to a disk: each of its files under a name that any disk can hold, with the time of the picture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.errors import UsageError
from smug2s3.rules import keys, sidecar
from smug2s3.rules.homecoming import (
    PART,
    ArchivedAlbum,
    ArchivedFile,
    HomeFile,
    Names,
    Times,
    home_files,
    moment,
    names_of,
    sidecar_files,
    times,
    zip_parts,
    zip_path,
)
from smug2s3.rules.xmp import Naming
from tests.unit.samples import MD5, album, asset

HERE = "Family/2019/Christmas"
BERLIN = ZoneInfo("Europe/Berlin")


def archived(*files: ArchivedFile, directory: str = HERE) -> ArchivedAlbum:
    return ArchivedAlbum(album=album(directory=directory), files=files)


def one(key: str, image: str = "A", **differences: Any) -> ArchivedFile:
    of = asset(image_key=image, **differences.pop("asset", {}))
    facts: dict[str, Any] = {"asset": of, "key": key, "size": 1000, "md5": MD5}
    return ArchivedFile(**facts | differences)


def paths(of: ArchivedAlbum, **options: Any) -> list[str]:
    return [file.path for _, file in home_files(of, which=Times.NONE, **options)]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["smugmug/Family/2019/Christmas/IMG_1.jpg"], ["IMG_1.jpg"]),
        # Stored before the album was renamed, beside one stored since.
        (["smugmug/Family/Xmas/a.jpg", f"smugmug/{HERE}/a.jpg"], ["a.jpg", "a-B.jpg"]),
        ([f"smugmug/{HERE}/a.jpg", f"smugmug/{HERE}/A.JPG"], ["a.jpg", "A-B.JPG"]),
        ([f"smugmug/{HERE}/caf\u00e9.jpg", f"smugmug/{HERE}/cafe\u0301.jpg"], ["caf\u00e9.jpg", "caf\u00e9-B.jpg"]),
        (["smugmug/../../etc/passwd"], ["passwd"]),
        (["smugmug/.."], ["A"]),
        (["smugmug/a:b?.jpg"], ["a_b_.jpg"]),
        (["smugmug/CON.jpg"], ["_CON.jpg"]),
    ],
)
def test_names_are_those_of_the_archive_unless_a_disk_cannot_hold_them(keys: list[str], expected: list[str]) -> None:
    files = [one(key, image) for key, image in zip(keys, "ABCD", strict=False)]
    assert paths(archived(*files)) == [f"{HERE}/{name}" for name in expected]


@pytest.mark.parametrize("image", ["A", ""])
def test_files_of_one_image_key_or_none_in_a_damaged_document_all_come_home(image: str) -> None:
    files = [one(f"smugmug/{HERE}/{key}", image, xmp=sidecar.pack(b"<x/>")) for key in ("a.jpg", "b.jpg", "a.jpg")]
    elsewhere = one("smugmug/Old/A.jpg", image, xmp=sidecar.pack(b"<x/>"))
    found = home_files(archived(*files, elsewhere), which=Times.NONE)
    assert [file.key for _, file in found] == [file.key for file in (files[0], files[1], elsewhere)]
    beside = [file.path for file in sidecar_files(found, Naming.FULL).values()]
    assert len({path.lower() for path in [*beside, *(file.path for _, file in found)]}) == 6
    assert {PurePosixPath(path).parent.as_posix() for path in beside} == {HERE}


def test_a_reference_is_called_as_it_would_be_in_its_own_album_and_takes_no_file_its_name() -> None:
    elsewhere = one("smugmug/Other/IMG_7.JPG", "A", reference=True, asset={"filename": "IMG_1.JPG", "uploaded": "2001"})
    own = one(f"smugmug/{HERE}/IMG_1.JPG", "B")
    assert paths(archived(elsewhere, own)) == [f"{HERE}/IMG_1-A.JPG", f"{HERE}/IMG_1.JPG"]


@pytest.mark.parametrize("directory", ["../../etc", "/etc", "a/../..", "a//b", "C:/Windows", ""])
def test_no_document_leads_out_of_the_folder(directory: str) -> None:
    (path,) = paths(archived(one("x/y.jpg"), directory=directory))
    assert not PurePosixPath(path).is_absolute()
    assert not {"", ".", ".."} & set(path.split("/"))
    assert ":" not in path


def test_where_a_disk_takes_only_ascii_names_are_changed_and_stay_different() -> None:
    found = paths(archived(one("p/写真.jpg"), one("p/寫眞.jpg", "B"), one("p/a.jpg", "C")), names=Names(plain=True))
    assert all(path.isascii() for path in found)
    assert len(set(found)) == 3
    assert found[2] == f"{HERE}/a.jpg"


OURS = st.sampled_from(["a.jpg", f"a.jpg{PART}", f"A.JPG{PART.upper()}", ".smug2s3-get.lock", ".smug2s3"])


@given(
    st.lists(st.text(min_size=1, max_size=90) | OURS, min_size=1, max_size=12),
    st.text(min_size=1, max_size=200) | OURS,
    st.integers(60, 255),
    st.booleans(),
)
def test_whatever_is_named_every_file_has_a_safe_path_of_its_own(
    names: list[str], directory: str, name_bytes: int, plain: bool
) -> None:
    files = [one(f"p/{name}", f"i{number}") for number, name in enumerate(names)]
    found = paths(archived(*files, directory=directory), names=Names(longest=name_bytes, plain=plain))
    assert len({keys.fold(path) for path in found}) == len(files)
    for path in found:
        assert path.isascii() or not plain
        assert all(part not in ("", ".", "..") and "\0" not in part for part in path.split("/"))
        assert not any(part.casefold().startswith(".smug2s3") for part in path.split("/"))
        assert not any(part.casefold().endswith(PART) for part in path.split("/"))
        assert all(len(f"{part}{PART}".encode()) <= name_bytes for part in path.split("/"))
    assert found == paths(archived(*files, directory=directory), names=Names(longest=name_bytes, plain=plain))


@pytest.mark.parametrize(
    ("which", "facts", "expected"),
    [
        # What the camera showed is what the disk shows, whatever the camera's time zone was.
        (Times.TAKEN, {"taken": "2019-08-04T11:28:12"}, datetime(2019, 8, 4, 11, 28, 12, tzinfo=BERLIN)),
        (Times.TAKEN, {"taken": "2019-01-04T11:28:12"}, datetime(2019, 1, 4, 11, 28, 12, tzinfo=BERLIN)),
        # A moment that names its zone is that moment.
        (
            Times.TAKEN,
            {"taken": "2019-08-04T11:28:12-05:00"},
            datetime(2019, 8, 4, 11, 28, 12, tzinfo=timezone(timedelta(hours=-5))),
        ),
        # The container of a video keeps UTC.
        (
            Times.TAKEN,
            {"taken": "2019-08-04T11:28:12", "is_video": True},
            datetime(2019, 8, 4, 11, 28, 12, tzinfo=UTC),
        ),
        (Times.TAKEN, {"taken": "1912-04-14T23:40:00"}, datetime(1912, 4, 14, 23, 40, tzinfo=BERLIN)),
        # Unknown, or the clock was not set: the upload.
        (Times.TAKEN, {"taken": ""}, datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (Times.TAKEN, {"taken": "0001-01-01T00:00:00"}, datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (Times.UPLOADED, {"taken": "2019-08-04T11:28:12"}, datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (Times.UPLOADED, {"uploaded": "yesterday"}, None),
        (Times.NONE, {"taken": "2019-08-04T11:28:12"}, None),
    ],
)
def test_a_file_has_the_time_of_the_picture(which: Times, facts: dict[str, Any], expected: datetime | None) -> None:
    assert moment(which, asset(**facts), BERLIN) == (expected and expected.timestamp())


def test_only_three_kinds_of_times_are_known() -> None:
    assert times("uploaded") is Times.UPLOADED
    with pytest.raises(UsageError, match="--times 'exif' is not valid"):
        times("exif")


@pytest.mark.parametrize(
    ("path", "directory", "names"),
    [
        ("Christmas", "Christmas", ("Christmas",)),
        ("Family/2019/Christmas", HERE, ("Family", "2019", "Christmas")),
        ("Music/AC/DC", "Music/AC_DC", ("Music", "AC/DC")),
        ("AC/DC/Live", "AC_DC/Live", ("AC/DC", "Live")),
        ("AC/DC", "AC_DC", ("AC/DC",)),
        # Twins have a key added.
        ("Family/Christmas", "Family/Christmas-NodeK", ("Family", "Christmas")),
    ],
)
def test_an_album_has_its_names_back_even_with_slashes_in_them(
    path: str, directory: str, names: tuple[str, ...]
) -> None:
    assert names_of(path, directory) == names


def sized(*sizes: int) -> list[HomeFile]:
    files = [one(f"p/{number}.jpg", str(number), size=size) for number, size in enumerate(sizes)]
    return [file for _, file in home_files(archived(*files), which=Times.NONE)]


@pytest.mark.parametrize(
    ("limit", "parts"),
    [(None, [[10_000, 20_000, 90_000, 5_000]]), (40_000, [[10_000, 20_000], [90_000], [5_000]]), (1, None)],
)
def test_zips_are_split_by_size_and_a_larger_file_has_one_of_its_own(
    limit: int | None, parts: list[list[int | None]] | None
) -> None:
    files = sized(10_000, 20_000, 90_000, 5_000)
    found = [[file.size for file in part] for part in zip_parts(files, limit)]
    assert found == (parts or [[file.size] for file in files])


def test_a_zip_is_called_like_its_album() -> None:
    assert zip_path(album(), 1, 1) == f"{HERE}.zip"
    assert zip_path(album(), 2, 3) == f"{HERE} (part 2).zip"
    long = zip_path(album(directory="x" * 300), 1, 1, Names(longest=143))
    assert long.endswith(".zip")
    assert len(long) == 143 - len(PART)


@pytest.mark.parametrize(
    ("naming", "names", "expected"),
    [
        (Naming.FULL, ["a.jpg", "b.mp4"], ["a.jpg.xmp", "b.mp4.xmp"]),
        (Naming.STEM, ["a.jpg", "b.mp4"], ["a.xmp", "b.xmp"]),
        (Naming.STEM, ["a.jpg", "A.mp4", "b.jpg"], ["a.jpg.xmp", "A.mp4.xmp", "b.xmp"]),
        # A file that is called like a sidecar keeps its name, and stands for it.
        (Naming.FULL, ["a.jpg", "a.jpg.xmp"], ["a.jpg.xmp.xmp"]),
        (Naming.STEM, ["a.jpg", "A.XMP"], ["a.jpg.xmp", "A.XMP.xmp"]),
        (Naming.FULL, ["x" * 200 + ".jpg"], [keys.shorten("x" * 200 + ".jpg", keys.FILE_BYTES) + ".xmp"]),
    ],
)
def test_sidecars_are_beside_their_files_and_have_no_name_of_a_file(
    naming: Naming, names: list[str], expected: list[str]
) -> None:
    files = [
        one(f"smugmug/{HERE}/{name}", str(number), xmp=sidecar.pack(b"<x/>")) for number, name in enumerate(names, 1)
    ]
    found = home_files(archived(*files), which=Times.NONE)
    beside = sidecar_files(found, naming)
    assert [beside[file.path].name for _, file in found if file.path in beside] == expected
    assert {PurePosixPath(each.path).parent.as_posix() for each in beside.values()} == {HERE}
    assert {(each.size, sidecar.unpack(each.body), each.moment) for each in beside.values()} == {(4, b"<x/>", None)}
