"""Opens a page in the user's browser, if that has a window of its own."""

from __future__ import annotations

import html
import os
import platform
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smug2s3.rules.browsers import opens_beside

_LEADING_ON = """<!doctype html>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={0}">
<title>smug2s3</title>
<a href="{0}">Open the archive</a>
"""


def can_open() -> bool:
    """Whether there is a browser that does not run in the terminal."""
    return opens_beside(os.environ, sys.platform, platform.release())


def open_page(address: str) -> None:
    """Open it from a process without a terminal, so that a text browser cannot draw over this one."""
    command = [sys.executable, "-P", "-m", "webbrowser", address]
    nowhere = subprocess.DEVNULL
    detached = {"stdin": nowhere, "stdout": nowhere, "stderr": nowhere, "start_new_session": True}
    threading.Thread(target=subprocess.run, args=(command,), kwargs=detached, daemon=True).start()


@contextmanager
def leading_to(address: str, folder: Path) -> Iterator[str]:
    """The address of a file that leads to the page and that only this user can read; removed at the end of the block.

    The address of a page that is secret must not be an argument of a program: every user of the computer sees those.
    """
    handle, path = tempfile.mkstemp(prefix="smug2s3-", suffix=".html", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_LEADING_ON.format(html.escape(address)))
        yield Path(path).as_uri()
    finally:
        Path(path).unlink(missing_ok=True)
