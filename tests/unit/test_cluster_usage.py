"""Cluster options that cannot work are refused with one sentence and a hint."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
import typer.testing

from smug2s3.app import movers
from smug2s3.cli.main import app

SETTINGS = {
    "SMUGMUG_OAUTH_CONSUMER_KEY": "key",
    "SMUGMUG_OAUTH_CONSUMER_SECRET": "secret",
    "SMUGMUG_OAUTH_TOKEN": "token",
    "SMUGMUG_OAUTH_TOKEN_SECRET": "secret",
    "S3_BUCKET": "photos",
}


def refused(*call: str, **environment: str) -> tuple[int, list[str]]:
    ran = typer.testing.CliRunner().invoke(app, call, env=SETTINGS | environment)
    return ran.exit_code, ran.stderr.splitlines()


CALLS = {
    "no processes": (
        ["sync", "--processes", "0"],
        "error: --processes must be auto, or a number from 1 to 256, not '0'",
        "hint: It is how many processes copy on this computer.",
    ),
    "no number": (
        ["demo", "--processes", "two"],
        "error: --processes must be auto, or a number from 1 to 256, not 'two'",
        "hint: It is how many processes copy on this computer.",
    ),
    "both": (
        ["sync", "--processes", "2", "--scheduler", "tls://host"],
        "error: --processes and --scheduler contradict each other",
        "hint: Use one of them.",
    ),
    "no address": (
        ["sync", "--scheduler", "http://host"],
        "error: 'http://host' is not the address of a scheduler",
        "hint: It looks like this: tls://host.example:8786",
    ),
    "no TLS": (
        ["worker", "tcp://10.0.0.5:8786"],
        "error: tcp://10.0.0.5:8786 has no TLS: whoever reaches that port can run programs on every worker",
        "hint: Make certificates with `smug2s3 cluster certs` and use tls://",
    ),
    "no certificates": (
        ["worker", "tls://host.example"],
        "error: tls://host.example:8786 needs certificates, and none are named",
        "hint: Name their folder with --certs or CLUSTER_CERTS",
    ),
    "certificates that are nowhere": (
        ["worker", "tls://host.example", "--certs", "nowhere"],
        f"error: there is no {Path('nowhere') / 'ca.pem'}",
        "hint: Make certificates with `smug2s3 cluster certs`",
    ),
}


@pytest.mark.parametrize(("call", "error", "hint"), CALLS.values(), ids=CALLS)
def test_options_that_cannot_work_are_refused_with_a_hint(call: list[str], error: str, hint: str) -> None:
    code, said = refused(*call)

    assert code == 2
    assert said[0] == error
    assert said[1].startswith(hint)


def test_workers_elsewhere_cannot_write_to_a_folder_of_this_computer() -> None:
    code, said = refused("sync", "--scheduler", "tls://host", S3_ENDPOINT_URL="file:///photos")

    assert (code, said[0]) == (2, "error: workers elsewhere cannot write to a folder of this computer")


@pytest.mark.parametrize("command", ["sync", "worker"])
def test_a_scheduler_that_does_not_answer_is_named(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from smug2s3.cluster import clusters, worker_process

    monkeypatch.setattr(clusters, "CONNECTED_WITHIN", 0.5)
    monkeypatch.setattr(worker_process, "JOINED_WITHIN", 0.5)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        option = ["--scheduler"] if command == "sync" else []

        code, said = refused(command, *option, address, SMUGMUG_API_ORIGIN="http://127.0.0.1:9")

    assert code == 2, said
    assert f"error: no scheduler answers at {address}" in said


@pytest.mark.parametrize(
    "call", [["sync", "--processes", "2"], ["worker", "tcp://127.0.0.1"], ["cluster", "certs", "x"]]
)
def test_without_the_extra_the_command_that_installs_it_is_shown(
    call: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(movers, "find_spec", lambda name: None if name == "distributed" else object())

    code, said = refused(*call)

    assert (code, said[0]) == (2, "error: more processes and machines need distributed, not installed here")
    assert said[1].startswith("hint: Get what only they need with: ")
    assert "cluster" in said[1]


def test_certificates_are_made_and_the_folder_is_not_overwritten(tmp_path: Path) -> None:
    ran = typer.testing.CliRunner().invoke(app, ["cluster", "certs", str(tmp_path / "certs")])

    assert ran.exit_code == 0
    assert "worker-key.pem" in ran.stdout
    assert refused("cluster", "certs", str(tmp_path / "certs"))[0] == 2
    assert sys.platform == "win32" or (tmp_path / "certs").stat().st_mode & 0o777 == 0o700
