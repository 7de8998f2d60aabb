"""Advice is quoted as it has to be typed for the settings file that was named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smug2s3.cli import settings_file


@pytest.fixture(autouse=True)
def unnamed() -> Iterator[None]:
    yield
    settings_file.name(None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Run `smug2s3 sync` again.", "Run `smug2s3 --env-file 'my own.env' sync` again."),
        (
            "Next: smug2s3 verify, then smug2s3 sync",
            "Next: smug2s3 --env-file 'my own.env' verify, then smug2s3 --env-file 'my own.env' sync",
        ),
        ("in use by another smug2s3 with it", "in use by another smug2s3 with it"),
    ],
)
def test_a_command_in_advice_names_the_file(text: str, expected: str) -> None:
    assert settings_file.as_called(text) == text
    settings_file.name("my own.env")
    assert settings_file.as_called(text) == expected
    assert settings_file.as_called(expected) == expected


def test_a_pipe_is_not_quoted_as_if_it_could_be_read_again() -> None:
    settings_file.name("/dev/fd/63")
    assert settings_file.as_called("Next: smug2s3 verify") == "Next: smug2s3 --env-file FILE verify"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sync --full", "sync --full"),
        ("sync --full --env-file a.env", "--env-file a.env sync --full"),
        ("config show --env-file=a.env --json", "--env-file=a.env config show --json"),
        ("--env-file a.env sync", "--env-file a.env sync"),
        ("report -- --env-file", "report -- --env-file"),
        ("sync --env-file", "--env-file"),
    ],
)
def test_the_file_may_be_named_before_and_behind_the_command(typed: str, meant: str) -> None:
    assert settings_file.in_front(typed.split()) == meant.split()
