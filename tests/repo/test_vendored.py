"""The parts of others in this repository are unchanged, and come with their licence."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

import smug2s3

PHOTOSWIPE = Path(smug2s3.__file__).parent / "viewer" / "static" / "photoswipe"
SUMS = {
    "LICENSE": "2c223af0b21d32240087ee189eb70fd315907b6ade8b561e24265baccd6a98e7",
    "photoswipe.css": "b0eaaae0b9de064d25e2f18517b9011a526d9b2142376e1c0febd096cebab9f3",
    "photoswipe.umd.min.js": "ba86fd2dadb31acd8e488540fedb5037c598bf86c63a2a804d5025271af6a323",
}
"""Of the files in npm's package photoswipe 5.4.4 (MIT): LICENSE, dist/photoswipe.css and dist/umd/photoswipe.umd.min.js."""


@pytest.mark.parametrize("name", SUMS)
def test_photoswipe_is_that_of_npm(name: str) -> None:
    assert sha256((PHOTOSWIPE / name).read_bytes()).hexdigest() == SUMS[name]


def test_nothing_else_lies_beside_it() -> None:
    assert {file.name for file in PHOTOSWIPE.iterdir()} == SUMS.keys()
