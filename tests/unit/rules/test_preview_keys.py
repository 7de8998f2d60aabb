"""The key of a preview follows from its file's key and its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.rules import keys
from smug2s3.rules.preview_keys import Size, preview_key, previewed

TABLE = [
    ("", "Family/2019/IMG_1.JPG", "S", "_gallery/Family/2019/thumbnails/IMG_1.JPG-S.jpg"),
    ("smugmug/", "smugmug/Family/IMG_1.JPG", "X2", "smugmug/_gallery/Family/thumbnails/IMG_1.JPG-X2.jpg"),
    ("smugmug/", "smugmug/Family/clip.mp4", "M", "smugmug/_gallery/Family/thumbnails/clip.mp4-M.jpg"),
    ("", "IMG_1.JPG", "5K", "_gallery/thumbnails/IMG_1.JPG-5K.jpg"),
    ("", "thumbnails/a-S.jpg", "Th", "_gallery/thumbnails/thumbnails/a-S.jpg-Th.jpg"),
    ("", "_gallery/Trip/IMG_1.JPG", "S", "_gallery/_gallery/Trip/thumbnails/IMG_1.JPG-S.jpg"),
    ("", "Family/no ending", "Ti", "_gallery/Family/thumbnails/no ending-Ti.jpg"),
]


@pytest.mark.parametrize(("prefix", "key", "size", "expected"), TABLE)
def test_a_preview_lies_beside_the_albums_under_the_whole_name_of_its_file(
    prefix: str, key: str, size: str, expected: str
) -> None:
    assert preview_key(key, Size(size), prefix=prefix) == expected
    assert previewed(expected, prefix=prefix) == (key, Size(size))


@pytest.mark.parametrize(
    "key",
    [
        "Family/2019/IMG_1.JPG",
        "Family/thumbnails/IMG_1.JPG-S.jpg",
        "_gallery/index.html",
        "_gallery/Family/IMG_1.JPG-S.jpg",
        "_gallery/Family/mythumbnails/IMG_1.JPG-S.jpg",
        "_gallery/Family/thumbnails/IMG_1.JPG-XXL.jpg",
        "_gallery/Family/thumbnails/IMG_1.JPG-S.png",
        "_gallery/Family/thumbnails/-S.jpg",
        "_gallery/Family/thumbnails/S.jpg",
        "other/_gallery/Family/thumbnails/IMG_1.JPG-S.jpg",
    ],
)
def test_other_objects_are_no_previews(key: str) -> None:
    assert previewed(key, prefix="") is None


_NAMES = st.text("aB/-.S", min_size=1, max_size=12).filter(lambda name: not name.endswith("/"))


@given(_NAMES, st.sampled_from(Size))
def test_the_file_of_a_preview_can_be_told_from_its_key(name: str, size: Size) -> None:
    assert previewed(preview_key(f"p/{name}", size, prefix="p/"), prefix="p/") == (f"p/{name}", size)


def test_the_longest_key_has_a_preview_that_every_server_and_disk_accepts() -> None:
    prefix = "p" * 99 + "/"
    directory = keys.child_directory("d" * (keys.DIRECTORY_BYTES - 61), "a" * 500)
    key = preview_key(f"{prefix}{directory}/{'n' * keys.FILE_BYTES}", Size.X2LARGE, prefix=prefix)
    assert len(key.encode()) < 1024
    assert len(key.rpartition("/")[2].encode()) < 255
