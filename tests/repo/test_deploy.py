"""The files in deploy/ are valid for those who read them, and use commands and options that exist."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.repo.test_commands import ROOT, WHOLE
from tests.support.debian import TO_GET_SYSTEMD, installed

KUBERNETES = ROOT / "deploy" / "kubernetes"
JOB = ROOT / "deploy" / "slurm" / "smug2s3.sh"
NIGHTLY = KUBERNETES / "every-night"
SYSTEMD = sorted((ROOT / "deploy" / "systemd").iterdir())
COMPOSE = (ROOT / "deploy" / "compose" / "compose.yaml").read_text("utf-8")


def _kustomized(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A kustomization and its manifests."""
    whole = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    texts = [(folder / name).read_text("utf-8") for name in whole["resources"]]
    return whole, [manifest for text in texts for manifest in yaml.safe_load_all(text)]


KUSTOMIZATION, MANIFESTS = _kustomized(KUBERNETES)
NIGHTLY_KUSTOMIZATION, NIGHTLY_MANIFESTS = _kustomized(NIGHTLY)
PODS = {
    one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in MANIFESTS if "template" in one.get("spec", ())
}
CONTAINERS = [container for pod in PODS.values() for container in pod["containers"]]
SECRETS = {secret["name"]: secret["files"] for secret in KUSTOMIZATION["secretGenerator"]}


def test_exactly_the_manifests_are_listed() -> None:
    assert {path.name for path in KUBERNETES.glob("*.yaml")} == {"kustomization.yaml", *KUSTOMIZATION["resources"]}
    assert PODS.keys() == {"scheduler", "workers", "sync"}


@pytest.mark.parametrize("version", ["1.30", "1.36"])
@pytest.mark.parametrize(
    "manifest", [*MANIFESTS, *NIGHTLY_MANIFESTS[1:]], ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)
def test_every_manifest_is_valid_for_kubernetes(manifest: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda one: str(one["name"]))
def test_every_container_uses_the_one_image_and_a_valid_command(container: dict[str, Any]) -> None:
    assert [container["image"]] == [image["name"] for image in KUSTOMIZATION["images"]]
    words = [*container.get("command", ()), *container["args"]]
    if words[0] == "dask":
        _dask_takes(words[2:])
    else:
        _smug2s3_takes(words)


def _smug2s3_takes(words: list[str]) -> None:
    """Raises if a command or an option does not exist."""
    with WHOLE.make_context("smug2s3", words[:1], resilient_parsing=True) as context:
        WHOLE.commands[words[0]].make_context(words[0], words[1:], parent=context)


def _dask_takes(words: list[str]) -> None:
    from distributed.cli.dask_scheduler import main

    certificates = {f"/certs/{Path(file).name}" for file in SECRETS["scheduler-certs"]}
    options = dict(word.removeprefix("--").split("=") for word in words)
    assert {value for name, value in options.items() if name.startswith("tls")} == certificates
    assert {f"--{name}" for name in options} <= {opt for param in main.params for opt in param.opts}


@pytest.mark.parametrize(("pod", "role"), [("scheduler", "scheduler"), ("workers", "worker"), ("sync", "client")])
def test_each_pod_has_only_its_own_key_and_every_mounted_secret_is_created(pod: str, role: str) -> None:
    mounted = {volume["secret"]["secretName"] for volume in PODS[pod]["volumes"] if "secret" in volume}
    assert mounted == {f"{role}-certs"} | ({"settings"} if pod != "scheduler" else set())
    assert SECRETS[f"{role}-certs"] == ["certs/ca.pem", f"certs/{role}.pem", f"certs/{role}-key.pem"]
    assert SECRETS["settings"] == [".env"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no bash")
@pytest.mark.parametrize("check", [["bash", "-n"], ["shellcheck"]], ids=lambda words: words[0])
def test_the_slurm_job_is_valid_for_the_shell(check: list[str]) -> None:
    done = subprocess.run([*check, str(JOB)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _commands_of_the_job() -> Iterator[list[str]]:
    for line in JOB.read_text("utf-8").splitlines():
        words = line.replace('"', "").split()
        if "smug2s3" in words and not line.startswith("#"):
            yield [word for word in words[words.index("smug2s3") + 1 :] if word != "&"]


def test_the_slurm_job_runs_valid_commands() -> None:
    commands = list(_commands_of_the_job())
    assert [words[0] for words in commands] == ["worker", "sync"]
    for words in commands:
        _smug2s3_takes(words)


def test_the_nightly_job_mounts_what_is_made_and_never_runs_twice_at_once() -> None:
    (job,) = (one for one in NIGHTLY_MANIFESTS if one["kind"] == "CronJob")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    _smug2s3_takes(container["args"])
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert {path.name for path in NIGHTLY.iterdir()} == {"kustomization.yaml", *NIGHTLY_KUSTOMIZATION["resources"]}
    assert [image["name"] for image in NIGHTLY_KUSTOMIZATION["images"]] == [container["image"]]
    assert NIGHTLY_KUSTOMIZATION["secretGenerator"] == [{"name": "settings", "files": [".env"]}]
    claims = {one["metadata"]["name"] for one in NIGHTLY_MANIFESTS if one["kind"] == "PersistentVolumeClaim"}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes["settings"]["secret"]["secretName"] == "settings"
    assert {volumes["ledger"]["persistentVolumeClaim"]["claimName"]} == claims
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes.keys()


def test_the_compose_file_is_valid_and_its_container_can_do_nothing_but_its_work() -> None:
    from compose_spec import PyCompose  # every process of the tests reads this file, and this takes it half a second

    PyCompose.from_yaml(COMPOSE).validate()
    with pytest.raises(ValueError, match="imag"):
        PyCompose.from_yaml(COMPOSE.replace("image:", "imag:"))
    (service,) = yaml.safe_load(COMPOSE)["services"].values()
    program, *words = service["healthcheck"]["test"][1:]
    assert program == "smug2s3"
    for command in (service["command"], words):
        _smug2s3_takes(command)
        assert "/data/health.json" in command
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


@pytest.mark.skipif(sys.platform != "linux", reason="there is no systemd")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    if not installed("systemd", lambda: shutil.which("systemd-analyze")):
        pytest.skip(f"no systemd-analyze was found: {TO_GET_SYSTEMD}")
    home = tmp_path / "home"
    program = home / ".local" / "bin" / "smug2s3"
    for folder in (program.parent, home / "my-backup", home / "run"):
        folder.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    def said(*units: Path) -> str:
        environment = os.environ | {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}
        command = ["systemd-analyze", "--user", "verify", *map(str, units)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        # It also loads and judges what else this machine has, such as the sockets of GnuPG.
        return "".join(line for line in ran.stderr.splitlines(True) if any(unit.name in line for unit in units))

    assert said(*SYSTEMD) == ""
    wrong = tmp_path / "smug2s3.service"
    wrong.write_text((SYSTEMD[0].parent / wrong.name).read_text("utf-8").replace("Nice", "Nise"))
    assert "Unknown key" in said(wrong)


@pytest.mark.parametrize("unit", [unit for unit in SYSTEMD if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_the_units_run_valid_commands(unit: Path) -> None:
    ((command, *_),) = (re.findall("^ExecStart=(.*)$", unit.read_text("utf-8"), re.MULTILINE),)
    program, *words = shlex.split(command)
    assert program == "%h/.local/bin/smug2s3"
    _smug2s3_takes(words)
