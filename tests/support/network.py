"""Several machines on this one: network namespaces, each with a cable to the same switch, which this process is at, too."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.debian import installed

HOW_TO = "run the tests as root, with the `ip` of iproute2 (on Debian: apt-get install iproute2)"

_NEEDED = 1 << 12 | 1 << 21
"""CAP_NET_ADMIN and CAP_SYS_ADMIN."""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine with nothing but its network of its own; files and processes are this machine's."""

    name: str
    address: str
    _cable: str
    """This end of it, in the switch."""

    def command(self, *words: str) -> list[str]:
        """What starts a program there; the process is the program's own."""
        return ["ip", "netns", "exec", self.name, *words]

    def unplug(self) -> None:
        """Pull the cable: from now on not a single packet passes, and nobody is told."""
        _ip("link", "set", self._cable, "down")

    def plug_in(self) -> None:
        """Put it back."""
        _ip("link", "set", self._cable, "up")


@dataclass(slots=True)
class Network:
    """The switch."""

    address: str
    """Where its machines find what listens in this process."""
    hosts: dict[str, Host] = field(default_factory=dict)


@contextmanager
def network(*names: str) -> Iterator[Network]:
    """A switch with a machine for each name; all is gone after the block, and whoever still runs there is alone."""
    number = os.getpid()
    prefix, switch = f"10.{100 + number % 100}.{number // 100 % 256}", f"s2-{number}"
    with ExitStack() as removing:
        _ip("link", "add", switch, "type", "bridge")
        removing.callback(_ip, "link", "delete", switch)
        _ip("address", "add", f"{prefix}.1/24", "dev", switch)
        _ip("link", "set", switch, "up")
        made = Network(f"{prefix}.1")
        for place, name in enumerate(names):
            made.hosts[name] = _host(removing, switch, place, f"{prefix}.{10 + place}")
        yield made


def possible() -> bool:
    """Whether a network can be made here."""
    if not (_program() or installed("iproute2", _program)):
        return False
    try:
        with network("one"):
            return True
    except subprocess.CalledProcessError:
        return False


def permitted() -> bool:
    """Whether this process may make networks and namespaces: root in a container often may not."""
    status = Path("/proc/self/status")
    found = re.search(r"^CapEff:\s*(\w+)$", status.read_text(), re.MULTILINE) if status.exists() else None
    return found is not None and int(found[1], 16) & _NEEDED == _NEEDED


def _program() -> str | None:
    return shutil.which("ip")


def _host(removing: ExitStack, switch: str, place: int, address: str) -> Host:
    name = f"{switch}-{place}"
    _ip("netns", "add", name)
    removing.callback(_ip, "netns", "delete", name)
    # Without this the cable would live as long as the last process there.
    _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
    removing.callback(_ip, "link", "delete", name)
    _ip("link", "set", name, "master", switch, "up")
    for words in (
        ("address", "add", f"{address}/24", "dev", "eth0"),
        ("link", "set", "eth0", "up"),
        ("link", "set", "lo", "up"),
    ):
        _ip("-n", name, *words)
    return Host(name, address, name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
