"""What every command does before it begins, and says where it should not be so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smug2s3.cli.console import environment


@pytest.mark.skipif(os.name == "nt", reason="rights are another matter there")
@pytest.mark.parametrize(
    ("mode", "warned"),
    [(0o644, True), (0o604, True), (0o666, True), (0o640, False), (0o600, False), (0o400, False)],
    ids=lambda value: oct(value) if isinstance(value, int) else "",
)
def test_settings_that_everybody_can_read_get_a_warning(
    mode: int, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    env_file = Path(".env")
    env_file.write_text("S3_BUCKET=photos\n")
    env_file.chmod(mode)

    assert environment()["S3_BUCKET"] == "photos"

    said = capsys.readouterr().err
    assert ("warning: " in said and f"chmod 600 {env_file}" in said) == warned
