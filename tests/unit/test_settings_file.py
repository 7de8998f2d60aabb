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
        ("another smug2s3 works with it", "another smug2s3 works with it"),
    ],
)
def test_a_command_in_advice_names_the_file(text: str, expected: str) -> None:
    assert settings_file.as_called(text) == text
    settings_file.name("my own.env")
    assert settings_file.as_called(text) == expected
    assert settings_file.as_called(expected) == expected
