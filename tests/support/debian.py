"""Installs Debian packages that tests need, if this is root on a Debian machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

TO_GET_EXIFTOOL = "install ExifTool (on Debian: apt-get install libimage-exiftool-perl)"
TO_GET_SYSTEMD = "install systemd (on Debian: apt-get install systemd)"
"""How to get what tests need and do not bring with them."""


def installed(package: str, found: Callable[[], object]) -> bool:
    """Whether ``found`` finds it, if need be after installing a package.

    Another test process may be installing it: half-way the program is found, but not yet what it needs.
    """
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return bool(found())
    import fcntl

    with (Path(tempfile.gettempdir()) / "smug2s3-tests-install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return bool(found()) or (_apt_get(package) and bool(found()))


def _apt_get(package: str) -> bool:
    # After `su`, Debian's root does not find what installing needs.
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "PATH": path}
    update, install = "apt-get update -qq", f"apt-get install -y -qq --no-install-recommends {package}"
    # Lists that could not be updated, as where a clock is wrong, may do.
    done = [subprocess.run(one.split(), env=environment, capture_output=True, check=False) for one in (update, install)]
    return not done[-1].returncode
