"""Expands `~` and variables in paths, since shells do that only in some places."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

_VARIABLE = re.compile(r"\$(?:\w+|\{\w+\})" + (r"|%\w+%" if os.name == "nt" else ""), re.ASCII)
_MARKED = re.compile(r"/*(?=~|\$)")
"""The prefix of a home folder or variable in an address; a full path begins with a slash itself."""


def expanded(text: str) -> str:
    """``text`` expanded; raises ValueError with what is wrong if a variable or home folder is unknown."""
    path = os.path.expandvars(os.path.expanduser(text))  # noqa: PTH111 - Path("~nobody") is no path of its own
    if unknown := _VARIABLE.search(path):
        raise ValueError(f"must not use the variable {unknown[0]}, which is not set")
    if path.startswith("~"):
        owner = re.split(r"[/\\]", path)[0]
        raise ValueError(f"must not begin with {owner}, which has no known home folder (use ./{owner} for a file)")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", path):
        raise ValueError("must be a path, not an address")
    return path


def folder_path(address: str) -> str | None:
    """The folder of a ``file:`` address, percent-encoded or not, ``None`` for any other address.

    Raises ValueError if it is not a folder's path.
    """
    if not address.strip().lower().startswith("file:"):
        return None
    parts = urlsplit(address.strip())
    written = parts.netloc + parts.path
    if mark := _MARKED.match(written):
        path, host = _decoded(expanded(written[mark.end() :])), ""
    else:
        host = "" if parts.netloc.lower() == "localhost" else parts.netloc
        path = _decoded(expanded(parts.path))
    if host or parts.query or parts.fragment or "\0" in path or not ((parts.path or mark) and os.path.isabs(path)):  # noqa: PTH117
        raise ValueError(
            "must be a folder's full path after three slashes (file:///…), with %23 for #, %3F for ? and %25 for %"
        )
    return os.path.normpath(f"/{path.lstrip('/')}" if os.name == "posix" else path)


def passing(path: Path) -> bool:
    """Whether it is a pipe or a device, even one that leads to a file: no file can be beside it or replace it."""
    absolute = path.absolute()
    called_so = str(absolute.parent) in ("/dev", "/dev/fd") or absolute.is_relative_to("/proc")
    return called_so or (path.exists() and not path.is_file() and not path.is_dir())


def _decoded(path: str) -> str:
    """Decode after expanding: ``%24HOME`` is a name. Bytes that are not UTF-8 stay as they are."""
    if sys.platform == "win32":
        from urllib.request import url2pathname  # noqa: PLC0415 - it brings HTTP along, and is needed there alone

        return url2pathname(path)
    return unquote(path, errors="surrogateescape")
