"""A path means what its writer meant: home folders and variables are expanded, or refused by name."""

from __future__ import annotations

import os

import pytest

from smug2s3.rules.paths import expanded, folder_path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="paths are others there")


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/jane doe")
    monkeypatch.setenv("DISK", "/media/Диск")
    monkeypatch.delenv("NOPE", raising=False)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("x.db", "x.db"),
        ("~/x.db", "/home/jane doe/x.db"),
        ("~", "/home/jane doe"),
        ("$HOME/x.db", "/home/jane doe/x.db"),
        ("${HOME}/x.db", "/home/jane doe/x.db"),
        ("$DISK/x.db", "/media/Диск/x.db"),
        ("./~/x.db", "./~/x.db"),
        ("a~b.db", "a~b.db"),
        ("100 $.db", "100 $.db"),
    ],
)
def test_a_path_is_expanded(written: str, meant: str) -> None:
    assert expanded(written) == meant


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("$NOPE/x.db", r"must not use the variable \$NOPE, which is not set"),
        ("${NOPE}x.db", r"must not use the variable \$\{NOPE\}, which is not set"),
        ("~nobody-of-that-name/x.db", "must not begin with ~nobody-of-that-name, which has no known home folder"),
        ("file:///home/x.db", "must be a path, not an address"),
    ],
)
def test_what_cannot_be_expanded_makes_no_folder_of_that_name(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        expanded(written)


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("https://s3.example.com", None),
        ("file:///mnt/My Photos", "/mnt/My Photos"),
        ("file:///mnt/My%20Photos/", "/mnt/My Photos"),
        ("file:///mnt/Фото", "/mnt/Фото"),
        ("file:///mnt/%D0%A4%D0%BE%D1%82%D0%BE", "/mnt/Фото"),
        ("file://localhost/mnt/x", "/mnt/x"),
        ("file:////mnt/x", "/mnt/x"),
        ("file://~/photos", "/home/jane doe/photos"),
        ("file:///~/photos", "/home/jane doe/photos"),
        ("file://~", "/home/jane doe"),
        ("file://$HOME/photos", "/home/jane doe/photos"),
        ("file:///${HOME}/photos", "/home/jane doe/photos"),
        ("file://$DISK", "/media/Диск"),
        ("file:///mnt/a%24HOME", "/mnt/a$HOME"),
    ],
)
def test_a_folders_address_may_be_written_as_one_likes(address: str, folder: str | None) -> None:
    assert folder_path(address) == folder


@pytest.mark.parametrize(
    "address", ["file://server/share", "file:photos", "file:///a?b", "file:///a#b", "file:///$NOPE/x"]
)
def test_what_names_no_folder_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="must"):
        folder_path(address)
