"""Whether a graphical browser can be opened: not without a display, and not one that runs in the terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

_IN_A_TERMINAL = frozenset({"www-browser", "w3m", "lynx", "links", "links2", "elinks", "browsh", "carbonyl", "retawq", "edbrowse", "chawan", "cha", "netrik"})  # fmt: skip
_AS_THE_DISPLAY_HAS = frozenset({"sensible-browser", "xdg-open", "x-www-browser", "gnome-open", "kde-open", "open"})
"""Programs that choose a browser themselves, and without a display one that runs in the terminal."""


def opens_beside(environment: Mapping[str, str], platform: str, release: str) -> bool:
    """Whether to offer it; ``platform`` is ``sys.platform``, ``release`` the kernel's.

    The user's ``BROWSER`` is trusted unless it runs in a terminal: over SSH it may well open a
    window where the user sits.
    """
    shown = _displayed(environment, platform, release)
    if wanted := environment.get("BROWSER", ""):
        first = _program(wanted)
        return first not in _IN_A_TERMINAL and (shown or first not in _AS_THE_DISPLAY_HAS)
    return shown


def _displayed(environment: Mapping[str, str], platform: str, release: str) -> bool:
    """Whether the user sees this machine's windows."""
    if any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        return False
    if environment.get("WSL_DISTRO_NAME") or environment.get("WSL_INTEROP") or "microsoft" in release.lower():
        return False
    if platform in ("win32", "cygwin", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _program(wanted: str) -> str:
    """The first program in ``BROWSER``, without its folder and arguments."""
    first = wanted.split(os.pathsep, maxsplit=1)[0].strip()
    quoted = re.match(r"""(["'])(.+?)\1""", first)
    path = quoted[2] if quoted else first.partition(" ")[0]
    return re.split(r"[/\\]", path)[-1].lower().removesuffix(".exe")
