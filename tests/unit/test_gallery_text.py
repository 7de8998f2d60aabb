"""What `gallery` says at its end, and when it was not said where to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from smug2s3.cli.gallery import summary_text
from smug2s3.cli.main import app
from smug2s3.viewer.gallery import GallerySummary


def test_the_summary_says_what_the_pages_show_what_changed_and_where_to_begin() -> None:
    done = GallerySummary(albums=1, items=1_204, pages=7, changed=3, pictures=2)
    assert summary_text(done, "/home/jane/Pictures", "smugmug/") == (
        "The gallery has 7 pages of 1,204 photos and videos in 1 album; 3 files changed.\n"
        "          2  small pictures were made\n"
        f"Open {Path('/home/jane/Pictures/index.html')} in a browser.\n"
    )
    assert summary_text(GallerySummary(albums=2, items=1, pages=1), None, "smugmug/") == (
        "The gallery has 1 page of 1 photo or video in 2 albums; nothing changed since the last run.\n"
        "It begins at smugmug/_gallery/index.html and is as private as the bucket.\n"
    )


def test_what_is_missing_is_named_with_the_command_that_copies_it() -> None:
    done = GallerySummary(albums=1, items=9, pages=1, changed=1, missing=2, problems=["A/_album.json: it is damaged"])
    assert summary_text(done, "Pictures", "").splitlines()[1:] == [
        "          2  of its files are not in this folder, and are shown as missing",
        "  A/_album.json: it is damaged",
        f"Open {Path('Pictures/index.html')} in a browser.",
        "To copy what is missing: smug2s3 get Pictures",
    ]


@pytest.mark.parametrize("words", [["gallery"], ["gallery", "Pictures", "--into-bucket"]])
def test_it_must_be_said_where_to_write(words: list[str]) -> None:
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 2
    assert "name the folder that `get` filled, or use --into-bucket" in ran.stderr
