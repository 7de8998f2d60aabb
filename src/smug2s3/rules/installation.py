"""The command that adds an extra to this installation, by how it was installed."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What is known about how it was installed."""

    prefix: Path
    """The environment's folder."""
    files: frozenset[str]
    """The names of its files."""
    made_by_uv: bool
    has_pip: bool
    python: str
    origin: str
    """``direct_url.json``, as installers write it for a package not from an index; else empty."""
    here: Path
    """The current folder."""
    windows: bool = False


def command_for(extra: str, found: Installation, command: str = "") -> str:
    """The command line that installs an extra; in a checkout, it runs ``command`` with it (by default, the extra's name)."""
    if "container-image" in found.files:
        return f"docker build --build-arg {extra.upper()}=yes -t smug2s3 ."
    origin = json.loads(found.origin) if found.origin else {}
    folder = _folder(origin)
    requirement = _quoted(_requirement(extra, origin, folder), found)
    if "uv-receipt.toml" in found.files:
        return f"uv tool install --force {requirement}"
    if "pipx_metadata.json" in found.files:
        return f"pipx install --force {requirement}"
    editable = "-e " if origin.get("dir_info", {}).get("editable") else ""
    if found.made_by_uv and editable and folder and found.prefix.is_relative_to(folder):
        project = "" if found.here.is_relative_to(folder) else f"--project {_quoted(str(folder), found)} "
        return f"uv run {project}--no-dev --extra {extra} smug2s3 {command or extra}"
    if not found.has_pip:
        return f"uv pip install --python {_quoted(found.python, found)} {editable}{requirement}"
    return f"{_called(found)} -m pip install {editable}{requirement}"


def _folder(origin: dict[str, object]) -> Path | None:
    return Path(url2pathname(urlsplit(str(origin["url"])).path)) if "dir_info" in origin else None


def _requirement(extra: str, origin: dict[str, object], folder: Path | None) -> str:
    if folder:
        return f"{folder}[{extra}]"
    if not origin:
        return f"smug2s3[{extra}]"
    match origin.get("vcs_info"):
        case {"vcs": vcs, **rest}:
            revision = f"@{rest['requested_revision']}" if "requested_revision" in rest else ""
            return f"smug2s3[{extra}] @ {vcs}+{origin['url']}{revision}"
    return f"smug2s3[{extra}] @ {origin['url']}"


def _called(found: Installation) -> str:
    python = _quoted(found.python, found)
    return f"& {python}" if found.windows and python != found.python else python  # for PowerShell


def _quoted(word: str, found: Installation) -> str:
    if not found.windows:
        return shlex.quote(word)
    return f'"{word}"' if set(word) & set(" []@&()") else word
