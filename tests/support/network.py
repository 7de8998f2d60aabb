"""Several machines on this one: network namespaces, each connected to a switch that this process is connected to as well."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.support.debian import installed

HOW_TO = "run the tests as root, with the `ip` of iproute2 (on Debian: apt-get install iproute2)"


@dataclass(frozen=True, slots=True)
class Host:
    """A machine with its own network only; it shares files and processes with this one."""

    name: str
    address: str
    _cable: str
    """The interface at the switch's end."""

    def command(self, *words: str) -> list[str]:
        """The command that runs a program there; the process is the program's own."""
        return ["ip", "netns", "exec", self.name, *words]

    def unplug(self) -> None:
        """Drop all packets from now on; no connection is closed."""
        _ip("link", "set", self._cable, "down")

    def plug_in(self) -> None:
        """Pass packets again."""
        _ip("link", "set", self._cable, "up")


@dataclass(slots=True)
class Network:
    """The switch."""

    address: str
    """The address at which its machines reach this process."""
    hosts: dict[str, Host] = field(default_factory=dict)


@contextmanager
def network(*names: str) -> Iterator[Network]:
    """A switch with a machine per name; all are removed after the block, so processes still there are disconnected."""
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
    if not installed("iproute2", _program):
        return False
    try:
        with network("one"):
            return True
    except subprocess.CalledProcessError:
        return False


def _program() -> str | None:
    return shutil.which("ip")


def _host(removing: ExitStack, switch: str, place: int, address: str) -> Host:
    name = f"{switch}-{place}"
    _ip("netns", "add", name)
    removing.callback(_ip, "netns", "delete", name)
    # A namespace lives as long as its last process; so the link is removed explicitly.
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
