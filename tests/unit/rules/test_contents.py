"""What `ls` shows at a path: folders with all that is below them, albums, or one album."""

from __future__ import annotations

import pytest

from smug2s3.errors import UsageError
from smug2s3.rules.contents import AlbumTotals, FolderTotals, at, contents


def totals(path: str, key: str, files: int = 1, *, directory: str = "") -> AlbumTotals:
    return AlbumTotals(path=path, directory=directory or path, key=key, privacy="", files=files, bytes=files * 10)


ALBUMS = [
    totals("Family/2019/Beach", "b", 3),
    totals("Family/2019/Beach", "twin", 2, directory="Family/2019/Beach (2)"),
    totals("Family/Öl? & More", "o", 1, directory="Family/Öl_ & More"),
    totals("Family/2020/Summer/Lake", "l", 4),
    totals("Garden", "g", 5),
]


def test_at_the_top_are_folders_with_all_that_is_below_and_albums() -> None:
    found = contents(ALBUMS, "")
    assert found.folders == [FolderTotals("Family", albums=4, files=10, bytes=100)]
    assert [album.key for album in found.albums] == ["g"]
    assert (found.chosen, len(found.below)) == ([], 5)


@pytest.mark.parametrize("path", ["Family", "/family/", "FAMILY"])
def test_in_a_folder_is_what_is_directly_below_it(path: str) -> None:
    found = contents(ALBUMS, path)
    assert [folder.path for folder in found.folders] == ["Family/2019", "Family/2020"]
    assert [album.key for album in found.albums] == ["o"]
    assert [album.key for album in found.below] == ["b", "twin", "o", "l"]


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("Family/2019/Beach", ["b", "twin"]),
        ("Family/2019/Beach (2)", ["twin"]),
        ("family/o\u0308l_ & more", ["o"]),
        ("Garden", ["g"]),
    ],
)
def test_an_album_is_chosen_by_its_path_or_by_its_directory(path: str, keys: list[str]) -> None:
    found = contents(ALBUMS, path)
    assert [album.key for album in found.chosen] == [album.key for album in found.below] == keys
    assert (list(found.folders), list(found.albums)) == ([], [])


@pytest.mark.parametrize(
    ("path", "keys", "name"),
    [
        ("smugmug/Garden", ["g"], ""),
        ("/smugmug/garden/", ["g"], ""),
        ("smugmug/Family/2019", ["b", "twin"], ""),
        ("smugmug", ["b", "twin", "o", "l", "g"], ""),
        ("Garden/rose.jpg", ["g"], "rose.jpg"),
        ("smugmug/Garden/rose.jpg", ["g"], "rose.jpg"),
        ("smugmug/Family/2019/Beach (2)/a.jpg", ["twin"], "a.jpg"),
        ("", ["b", "twin", "o", "l", "g"], ""),
    ],
)
def test_a_key_is_a_path_too(path: str, keys: list[str], name: str) -> None:
    found, of_file = at(ALBUMS, path, prefix="smugmug/")
    assert ([album.key for album in found.below], of_file) == (keys, name)


def test_a_folder_that_is_called_like_the_prefix_comes_first() -> None:
    albums = [*ALBUMS, totals("Garden/Garden", "inner")]
    found, _ = at(albums, "Garden/Garden", prefix="Garden/")
    assert [album.key for album in found.below] == ["inner"]


@pytest.mark.parametrize("path", ["Family/a.jpg", "rose.jpg", "smugmug/Nowhere/a.jpg"])
def test_a_file_is_in_an_album(path: str) -> None:
    with pytest.raises(UsageError, match=f"no folder or album '{path}'"):
        at(ALBUMS, path, prefix="smugmug/")


@pytest.mark.parametrize(
    ("path", "hint"),
    [("Family/2091", "Did you mean 'Family/2019'"), ("Fam", "Did you mean 'Family'?"), ("xyz", "`smug2s3 ls` shows")],
)
def test_what_is_not_there_is_refused_with_what_is_similar(path: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"no folder or album '{path}'") as refusal:
        contents(ALBUMS, path)
    assert hint in str(refusal.value.hint)


def test_an_empty_archive_has_an_empty_top() -> None:
    assert not contents([], "").below
