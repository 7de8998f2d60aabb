"""`smug2s3 report` writes a whole page or none, and says in one sentence what is in the way."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from smug2s3.ledger.ledger import open_ledger
from smugmug_simulator import Fault
from tests.support.machine import Machine
from tests.support.previews import photo, picture


@pytest.fixture
async def moved(machine: Machine) -> Machine:
    """The tiny account, moved."""
    assert (await machine.inside.sync()).moved == 6
    return machine


def page(machine: Machine, name: str = "smug2s3-report.html") -> str:
    """The page that was written."""
    return (machine.home / name).read_text(encoding="utf-8")


def data(text: str) -> dict[str, Any]:
    """The files as the page's script reads them."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


async def test_an_account_becomes_one_page(moved: Machine) -> None:
    await moved.inside.verify(source=True, certify=True)

    ran = await moved.run("report")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Everything SmugMug offers is in your bucket.\nWrote the report to smug2s3-report.html (")
    text = page(moved)
    assert "Safe to cancel: all 6 items SmugMug lists are in the bucket" in text
    assert sum(len(album["n"]) for album in data(text)["albums"]) == 6
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert [path.name for path in moved.home.iterdir() if "draft" in path.name] == []
    for secret in moved.secrets:
        assert secret not in text


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights in another way")
async def test_nobody_else_may_read_it(moved: Machine) -> None:
    await moved.run("report")
    assert stat.S_IMODE((moved.home / "smug2s3-report.html").stat().st_mode) == 0o600


async def test_an_earlier_report_is_replaced_and_shows_what_failed_meanwhile(machine: Machine) -> None:
    assert machine.sim is not None
    machine.sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=None))
    assert (await machine.inside.sync()).failed == 1
    ran = await machine.run("report", "all.html")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "1 file is still missing.")
    assert "SmugMug denied access" in page(machine, "all.html")
    machine.sim.faults.clear()
    await machine.inside.sync()

    ran = await machine.run("report", "all.html")

    assert (ran.code, ran.out.splitlines()[0]) == (0, "Everything SmugMug offers is in your bucket.")
    assert "SmugMug denied access" not in page(machine, "all.html")


@pytest.mark.parametrize("path", [".env", "transfer_log.db"])
async def test_a_file_that_is_no_report_is_left_alone(moved: Machine, path: str) -> None:
    before = (moved.home / path).read_bytes()

    ran = await moved.run("report", path)

    assert ran.code == 2
    assert f"{path} already exists and is not an earlier report" in ran.err
    assert (moved.home / path).read_bytes() == before


@pytest.mark.parametrize("path", ["nowhere/report.html", "."])
async def test_a_place_that_cannot_be_written_is_refused_before_anything_is_done(moved: Machine, path: str) -> None:
    before = sorted(moved.home.rglob("*"))

    ran = await moved.run("report", path)

    assert ran.code == 2
    assert f"cannot write {path}" in ran.err
    assert ran.out == ""
    assert sorted(moved.home.rglob("*")) == before


async def empty(path: Path) -> None:
    async with open_ledger(str(path)):
        pass


async def foreign(path: Path) -> None:
    path.write_bytes(b"SQLite is something else" * 100)


async def absent(_path: Path) -> None:
    """Nothing was ever moved."""


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (empty, "the ledger transfer_log.db has no albums yet, so there is nothing to report"),
        (foreign, "the ledger transfer_log.db cannot be used: it is not a smug2s3 ledger"),
        (absent, "no ledger at transfer_log.db"),
    ],
)
async def test_without_anything_to_report_there_is_one_sentence_and_no_page(
    machine: Machine, prepare: Any, sentence: str
) -> None:
    await prepare(machine.home / "transfer_log.db")

    ran = await machine.run("report")

    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith(f"error: {sentence}\nhint: ")
    assert not list(machine.home.glob("*report*"))


async def test_previews_are_shown_where_photos_carry_them(moved: Machine) -> None:
    assert moved.bucket is not None
    small = picture(16, 12)
    moved.bucket.path("rose.jpg").write_bytes(photo(small))
    await moved.bucket.changed_from_outside()

    ran = await moved.run("report", "--thumbnails", "5")

    assert ran.code == 0
    text = page(moved)
    assert text.count("data:image/jpeg;base64,") == 1
    assert 'class="o6"' in text
    assert "A few of your pictures" in text


async def test_without_previews_there_is_no_section_for_them_and_without_the_option_the_bucket_is_not_read(
    moved: Machine,
) -> None:
    assert "note: the report has no previews" in (await moved.run("report", "--thumbnails", "5")).err
    assert "A few of your pictures" not in page(moved)
    moved.write_env(S3_SECRET_KEY="wrong")

    assert (await moved.run("report")).code == 0
    ran = await moved.run("report", "--thumbnails", "5")

    assert ran.code == 4
    assert "rejected the secret key" in ran.err
    assert not [path for path in moved.home.iterdir() if "draft" in path.name]
