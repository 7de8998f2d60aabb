"""What `uv build` makes installs and runs by itself, and holds what belongs in it and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.metadata import Metadata

import smug2s3
from tests.support.lived_in import LITTER, ROOT, lived_in
from tests.support.machine import Machine

COMMAND = "from importlib.metadata import entry_points as of; next(iter(of(group='console_scripts', name='smug2s3'))).load()()"
"""The installed command, whatever it is called on this system."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@dataclass(frozen=True, slots=True)
class Built:
    """Both distributions, and the files of the packages they were built from."""

    wheel: Path
    sdist: Path
    packages: set[str]


def uv(*words: str) -> str:
    """What uv printed; it asks no index for what its cache has."""
    program = os.environ.get("UV") or shutil.which("uv")
    assert program, "uv is not installed"
    for way in (("--offline",), ()):
        done = subprocess.run([program, *words, *way], cwd=ROOT, capture_output=True, text=True, check=False)
        if not done.returncode:
            break
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Built once, in a folder that has been used: the sdist from the folder, the wheel from the sdist."""
    folder, dist = tmp_path_factory.mktemp("lived-in"), tmp_path_factory.mktemp("dist")
    packages = lived_in(folder)
    uv("build", "--quiet", "--out-dir", str(dist), str(folder))
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    return Built(wheel, sdist, packages)


def test_the_wheel_holds_the_two_packages_and_nothing_else(built: Built) -> None:
    with ZipFile(built.wheel) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {f"src/{name}" for name in names} == built.packages
    assert {"smug2s3/py.typed", "smug2s3/prices.toml", "smug2s3/reporting/page/templates/page.html"} <= names
    assert {f"smug2s3/viewer/{name}" for name in ("templates/base.html", "static/photoswipe/LICENSE")} <= names
    assert {"smugmug_simulator/py.typed", "smugmug_simulator/__main__.py"} <= names


def test_nobodys_settings_ledgers_or_certificates_are_in_the_source_distribution(built: Built) -> None:
    with tarfile.open(built.sdist) as sdist:
        files = {member.name: sdist.extractfile(member) for member in sdist.getmembers() if member.isfile()}
        assert [name for name, file in files.items() if file and LITTER.encode() in file.read()] == []
    within = {name.partition("/")[2] for name in files}
    assert built.packages | {"uv.lock", "Dockerfile", "deploy/kubernetes/sync.yaml", "LICENSE"} <= within


def test_its_metadata_is_valid_and_complete(built: Built) -> None:
    with ZipFile(built.wheel) as wheel:
        (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = Metadata.from_email(wheel.read(name))
        licences = [name for name in wheel.namelist() if name.endswith(".dist-info/licenses/LICENSE")]

    assert (metadata.name, str(metadata.version)) == ("smug2s3", smug2s3.__version__)
    assert (metadata.license_expression, metadata.license_files, len(licences)) == ("MIT", ["LICENSE"], 1)
    assert (metadata.summary, metadata.classifiers) == (smug2s3.__doc__, PROJECT["classifiers"])
    assert metadata.description == (ROOT / "README.md").read_text("utf-8")
    assert (metadata.description_content_type, str(metadata.requires_python)) == ("text/markdown", ">=3.11")
    assert metadata.provides_extra == ["browse", "cluster", "demo"]


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment that has the wheel, and of other packages only what the lock file says it needs."""
    folder = tmp_path_factory.mktemp("fresh")
    python = folder / "env" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    needed = folder / "requirements.txt"
    needed.write_text(uv("export", "--frozen", "--no-dev", "--extra", "demo", "--no-emit-project", "--no-header"))
    uv("venv", "--quiet", "--python", sys.executable, str(folder / "env"))
    uv("pip", "install", "--quiet", "--python", str(python), "--requirements", str(needed))
    uv("pip", "install", "--quiet", "--python", str(python), "--no-deps", str(built.wheel))
    uv("pip", "check", "--quiet", "--python", str(python))
    return python


async def test_the_wheel_alone_has_all_that_the_demo_needs(installed: Path, tmp_path: Path) -> None:
    machine = Machine(tmp_path, {}, python=str(installed))

    helped = await machine.run("--help", command=("-c", COMMAND))
    ran = await machine.run("demo", command=("-c", COMMAND))

    assert (helped.code, ran.code) == (0, 0), ran.err
    assert "Safe to cancel" in ran.out
