"""What `get` brought to a folder or into ZIPs, read without the program that is judged."""

from __future__ import annotations

import hashlib
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path

from tests.support.bucket import PREFIX, Bucket
from tests.support.debian import installed

UNZIP = "unzip"
_CLOCK = 0x5455
"""The extra field of a ZIP's entry with its time in UTC, which `unzip` reads."""


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def files(home: Path) -> dict[str, str]:
    """MD5 by path of everything that is there."""
    return {path.relative_to(home).as_posix(): md5(path.read_bytes()) for path in home.rglob("*") if path.is_file()}


def seconds(home: Path) -> dict[str, int]:
    """The time of each."""
    return {path.relative_to(home).as_posix(): int(path.stat().st_mtime) for path in home.rglob("*") if path.is_file()}


def zipped(home: Path) -> dict[str, str]:
    """MD5 by path, out of every ZIP; each is tested by `unzip`, where that can be had."""
    found: dict[str, str] = {}
    unzip = installed(UNZIP, lambda: shutil.which(UNZIP))
    for path in home.rglob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            directory = path.relative_to(home).as_posix().removesuffix(".zip")
            found |= {f"{directory}/{name}": md5(archive.read(name)) for name in archive.namelist()}
        if unzip:
            subprocess.run([UNZIP, "-tqq", path], check=True)
    return found


def zipped_seconds(home: Path) -> dict[str, int]:
    """The time of each entry."""
    found: dict[str, int] = {}
    for path in home.rglob("*.zip"):
        directory = path.relative_to(home).as_posix().removesuffix(".zip")
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                kind, _, _, moment = struct.unpack("<HHBi", entry.extra[-9:])
                assert kind == _CLOCK
                found[f"{directory}/{entry.filename}"] = moment
    return found


def stored(bucket: Bucket) -> dict[str, str]:
    """MD5 by path of all photos and videos in the bucket."""
    return {key.removeprefix(PREFIX): found for key, found in bucket.media().items()}
