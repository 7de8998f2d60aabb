"""Writes files atomically: the previous file stays until the new one is complete."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from smug2s3.errors import UsageError
from smug2s3.rules.paths import passing


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A file that replaces ``path`` at the end of the block, or is removed if the block fails.

    Only its owner can read it, like the ledger: it names private albums. Raises UsageError if it cannot be written.
    """
    try:
        if passing(path):
            with open(_descriptor(path), "w", encoding="utf-8") as file:  # noqa: PTH123 - it may be a number
                yield file
            return
        target = path.resolve()
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                yield file
            Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def refuse_unwritable(path: Path) -> None:
    """Raise UsageError if ``path`` could not be written; call it before an hour of work whose result would be lost."""
    if path.is_dir():
        raise _unwritable(path, "it is a folder")
    if passing(path):
        return
    try:
        with tempfile.NamedTemporaryFile(prefix=".smug2s3-", suffix=".tmp", dir=path.resolve().parent):
            pass
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def _descriptor(path: Path) -> int | Path:
    """Our own stream if ``path`` names one (`/dev/stdout`): opening a redirected one by name would truncate its file."""
    number = {"/dev/stdout": "1", "/dev/stderr": "2"}.get(str(path)) or str(path).removeprefix("/dev/fd/")
    return os.dup(int(number)) if number.isdecimal() else path


def _unwritable(path: Path, reason: str) -> UsageError:
    return UsageError(f"cannot write {path}: {reason}", hint="Choose another file, in a folder you can write to.")
