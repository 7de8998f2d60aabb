"""The files in deploy/ are valid for Kubernetes and the shell, and use commands and options that exist."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.repo.test_commands import ROOT, WHOLE

KUBERNETES = ROOT / "deploy" / "kubernetes"
JOB = ROOT / "deploy" / "slurm" / "smug2s3.sh"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))
MANIFESTS: list[dict[str, Any]] = [
    manifest
    for name in KUSTOMIZATION["resources"]
    for manifest in yaml.safe_load_all((KUBERNETES / name).read_text("utf-8"))
]
PODS = {
    one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in MANIFESTS if "template" in one.get("spec", ())
}
CONTAINERS = [container for pod in PODS.values() for container in pod["containers"]]
SECRETS = {secret["name"]: secret["files"] for secret in KUSTOMIZATION["secretGenerator"]}


def test_exactly_the_manifests_are_listed() -> None:
    assert {path.name for path in KUBERNETES.glob("*.yaml")} == {"kustomization.yaml", *KUSTOMIZATION["resources"]}
    assert PODS.keys() == {"scheduler", "workers", "sync"}


@pytest.mark.parametrize("version", ["1.30", "1.36"])
@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
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
