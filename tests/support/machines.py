"""A scheduler and three workers on separate machines, with TLS between them and slow lines to both sides."""

from __future__ import annotations

import contextlib
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

from smug2s3.cluster.certificates import make
from smugmug_simulator import Simulator, World
from tests.support.bucket import Bucket
from tests.support.certificates import own_certificate
from tests.support.cluster import started, with_signal
from tests.support.fault_proxy import fault_proxy
from tests.support.line import Line, line
from tests.support.machine import machine_for
from tests.support.network import Host, Network, network
from tests.support.watch import Watch
from tests.support.watched import Watched, until

WORKERS = ("ada", "bea", "cyd")
PORT = 8786

DELAY, RATE = 0.015, 1_500_000
"""Latency in seconds each way, and bandwidth in bytes a second for both ways together."""


@dataclass(slots=True, kw_only=True)
class Machines(Watched):
    """The machines and the processes on them; commands are run on ``coordinator``."""

    network: Network
    certs: Path
    lines: list[Line]
    """To SmugMug, with TLS, and to the bucket."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _said: list[Path] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The scheduler's address."""
        return f"tls://{self.host('scheduler').address}:{PORT}"

    @property
    def sim(self) -> Simulator:
        """The account's simulator."""
        assert self.coordinator.sim is not None
        return self.coordinator.sim

    def host(self, name: str) -> Host:
        """A machine by its name."""
        return self.network.hosts[name]

    async def start_all(self) -> None:
        """Start the scheduler and the workers that are not running."""
        if not self._runs("scheduler"):
            where = ("--host", self.host("scheduler").address, "--port", str(PORT), "--protocol", "tls")
            keys = (
                "--tls-ca-file", str(self.certs / "ca.pem"), "--tls-cert", str(self.certs / "scheduler.pem"),
                "--tls-key", str(self.certs / "scheduler-key.pem"),
            )  # fmt: skip
            said = self._start("scheduler", "-m", "dask", "scheduler", *where, *keys, "--no-dashboard")
            await until(lambda: "Scheduler at" in said.read_text(errors="replace"))
        await self.start_workers()

    async def start_workers(self) -> None:
        """Start the workers that are not running, and wait until they have joined."""
        fresh = [
            self._start(name, "-m", "smug2s3", "worker", self.address, "--name", name)
            for name in WORKERS
            if not self._runs(name)
        ]
        await until(lambda: all("Working for" in said.read_text(errors="replace") for said in fresh))

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the process on a machine; after SIGKILL, wait for its end."""
        with_signal(self.processes[name], number)
        if number == signal.SIGKILL:
            self.processes[name].wait()

    def everything_said(self) -> str:
        """The output of all processes."""
        return "".join(said.read_text(errors="replace") for said in self._said)

    def end(self) -> None:
        """Kill whatever runs."""
        for process in self.processes.values():
            with_signal(process, signal.SIGKILL)
            process.wait()

    def _runs(self, name: str) -> bool:
        return name in self.processes and self.processes[name].poll() is None

    def _start(self, name: str, *arguments: str) -> Path:
        said = self.coordinator.home / f"{name}-{len(self._said)}.txt"
        command = self.host(name).command(sys.executable, "-X", "utf8", *arguments)
        self.processes[name] = started(*command, home=self.coordinator.home, said=said)
        self._said.append(said)
        return said


@asynccontextmanager
async def machines_for(world: World, bucket: Bucket, home: Path, *, places: int) -> AsyncIterator[Machines]:
    """All machines for one account and one bucket, with ``places`` files at once in the whole run."""
    home.mkdir()
    make(home / "certs")
    async with AsyncExitStack() as opened:
        net = opened.enter_context(network("scheduler", *WORKERS))
        certificate, key = own_certificate(home, net.address)
        opened.enter_context(patch.dict(os.environ, SSL_CERT_FILE=str(certificate)))
        sim = await opened.enter_async_context(Simulator(world))
        secure = await sim.listen(tls=_tls(certificate, key))
        proxy = await opened.enter_async_context(fault_proxy(bucket.server.endpoint))
        sides = [
            await opened.enter_async_context(line(net.address, urlsplit(side).netloc, delay=DELAY, rate=RATE))
            for side in (secure, proxy.endpoint)
        ]
        machine = machine_for(sim, bucket, home / "coordinator")
        machine.write_env(
            SMUGMUG_API_ORIGIN=f"https://{sides[0].endpoint}",
            S3_ENDPOINT_URL=f"http://{sides[1].endpoint}",
            CLUSTER_CERTS=str(home / "certs"),
            WORKER_PATIENCE="2s",
            MAX_CONCURRENT_DOWNLOADS=str(places),
            RATE_LIMIT_DELAY="0",
        )
        made = Machines(
            coordinator=machine,
            proxy=proxy,
            watch=Watch(bucket, proxy, world),
            network=net,
            certs=home / "certs",
            lines=sides,
        )
        opened.callback(made.end)
        try:
            await made.start_all()
        except TimeoutError:
            raise AssertionError(made.everything_said()) from None
        yield made


def _tls(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


@contextlib.contextmanager
def unplugged(host: Host) -> Iterator[None]:
    """Unplug a machine while the block runs."""
    host.unplug()
    try:
        yield
    finally:
        host.plug_in()
