"""A cluster as documented: certificates, a scheduler, workers started with `smug2s3 worker`, and a sync."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from smugmug_simulator import Simulator, worlds
from tests.support.bucket import Bucket
from tests.support.cluster import Cluster, dask_cluster, until, with_signal
from tests.support.machine import PATIENCE, Machine, machine_for


@pytest.fixture
def certs(tmp_path: Path) -> Path:
    """What `smug2s3 cluster certs` makes."""
    from smug2s3.cluster.certificates import make

    make(tmp_path / "certs")
    return tmp_path / "certs"


@pytest.fixture
def cluster(certs: Path, tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler that requires TLS."""
    (tmp_path / "scheduler").mkdir()
    with dask_cluster(
        tmp_path / "scheduler",
        "--protocol", "tls", "--tls-ca-file", str(certs / "ca.pem"),
        "--tls-cert", str(certs / "scheduler.pem"), "--tls-key", str(certs / "scheduler-key.pem"),
    ) as cluster:  # fmt: skip
        yield cluster


def start_worker(machine: Machine, cluster: Cluster, name: str, port: int) -> None:
    """Start `smug2s3 worker` in the folder with the settings."""
    cluster.start(
        sys.executable, "-m", "smug2s3", "worker", cluster.address, "--name", name, "--port", str(port),
        home=machine.home, name=f"{name}.txt",
    )  # fmt: skip


async def test_workers_copy_everything_reveal_no_secrets_and_end_with_their_scheduler(
    bucket: Bucket, certs: Path, cluster: Cluster, tmp_path: Path
) -> None:
    async with Simulator(worlds.flat(4, 100, 20_000), latency=0.05) as sim:
        machine = machine_for(sim, bucket, tmp_path / "home")
        machine.write_env(CLUSTER_CERTS=str(certs), WORKER_PATIENCE="5s")
        with socket.socket() as free:
            free.bind(("", 0))
            port = free.getsockname()[1]
        start_worker(machine, cluster, "ada", port)
        start_worker(machine, cluster, "bea", 0)
        await asyncio.to_thread(
            until, lambda: all("Working for" in cluster.said_by(f"{name}.txt") for name in ("ada", "bea"))
        )

        socket.create_connection(("127.0.0.1", port), 5).close()
        ran = await machine.run("sync", "--scheduler", cluster.address, "--album", "Album 000001", "--json")

        assert (ran.code, ran.json["moved"]) == (0, 100), ran.err
        assert {worker["name"] for worker in ran.json["workers"]} == {"ada", "bea"}
        assert sum(worker["files"] for worker in ran.json["workers"]) == 100

        async with machine.started("sync", "--scheduler", cluster.address) as process:
            before = sim.count("media")
            async with asyncio.timeout(PATIENCE):
                while sim.count("media") < before + 150:
                    await asyncio.sleep(0.01)
            with_signal(cluster.scheduler, signal.SIGKILL)
            ran = await machine.ended(process)

        assert ran.code == 2
        assert f"error: the scheduler {cluster.address} is gone; nothing is lost" in ran.err
        await asyncio.to_thread(until, lambda: not cluster.alive)
        for name in ("ada", "bea"):
            assert f"error: the scheduler {cluster.address} is gone" in cluster.said_by(f"{name}.txt")
            assert "Traceback" not in cluster.said_by(f"{name}.txt")
        for secret in machine.secrets:
            assert secret not in cluster.everything_said()
        again = await machine.inside.sync()
        assert again.failed == 0
        assert again.skipped > 100
        machine.assert_complete()
