"""What the Tab key puts into a line is, as the shell then reads it, a glob for just that name."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.rules.filters import matches
from smug2s3.rules.tab_key import album_words, folder_words, offered

PATHS = ["Family/2019/Summer", "Family/Winter", "Letters"]


def test_albums_and_folders_are_offered_by_name_and_by_path() -> None:
    assert album_words(PATHS) == ["Letters", "Summer", "Winter", "Family/2019/Summer", "Family/Winter", "Letters"]
    assert folder_words(PATHS) == ["2019", "Family", "Family", "Family/2019"]
    assert offered(album_words(PATHS), "", shell="fish", quoted=False).count("Letters") == 1


@pytest.mark.parametrize(
    ("name", "shell", "quoted", "expected"),
    [
        ("Summer 2019", "bash", False, r"Summer\ 2019"),
        ("Summer 2019", "bash", True, "Summer 2019"),
        ("Summer 2019", "zsh", False, "Summer 2019"),
        ("Summer 2019", "fish", False, "Summer 2019"),
        ("Summer 2019", "powershell", False, "'Summer 2019'"),
        ("Letters", "powershell", False, "Letters"),
        ("Mom's [best]", "fish", False, "Mom?s ?best?"),
        ("A & B (C)", "bash", False, r"A\ \&\ B\ \(C\)"),
        ("Été à Paris", "bash", False, r"Été\ à\ Paris"),
        ("a  b", "zsh", False, "a ?b"),
        ("so\nfar", "fish", False, "so?far"),
        ("$HOME", "zsh", False, "?HOME"),
    ],
)
def test_a_name_is_quoted_as_its_shell_needs_it(name: str, shell: str, quoted: bool, expected: str) -> None:
    assert offered([name], "", shell=shell, quoted=quoted) == [expected]


@pytest.mark.parametrize("typed", ["Summer 2", '"Summer 2', "'Summer 2"])
def test_only_what_begins_as_was_typed_is_offered(typed: str) -> None:
    names = ["Summer 2019", "Summer 1999", "summer 2019"]
    assert offered(names, typed, shell="zsh", quoted=False) == ["Summer 2019"]


@given(st.text(min_size=1).filter(lambda name: name.strip("/") == name and name.isprintable()))
def test_whatever_a_name_looks_like_it_is_found_by_what_was_put_in(name: str) -> None:
    for shell, quoted in (("bash", False), ("fish", False), ("zsh", False)):
        (word,) = offered([name], "", shell=shell, quoted=quoted)
        (glob,) = shlex.split(word) if shell == "bash" else [word]
        assert matches((glob,), (name,))
