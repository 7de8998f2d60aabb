"""Docker or Podman, whichever works here: builds images and runs containers as a careful person would."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support.debian import installed
from tests.support.machine import Ran

_LONGEST = 1800.0
_UNIFIED_CGROUPS = 'umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec "$@"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What is put before and after its words depends on the program and on what this machine allows."""

    program: tuple[str, ...]
    build_options: tuple[str, ...] = ()
    run_options: tuple[str, ...] = ()

    def __call__(self, *words: str) -> Ran:
        """One command of the engine's."""
        done = subprocess.run([*self.program, *words], capture_output=True, check=False, timeout=_LONGEST)
        return Ran(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())

    def must(self, *words: str) -> str:
        """What it printed; raises AssertionError if it failed."""
        ran = self(*words)
        assert ran.code == 0, f"{' '.join(words)}: {(ran.err or ran.out)[-2000:]}"
        return ran.out.strip()

    def build(self, folder: Path, tag: str, *options: str) -> str:
        """Build an image; returns what it is called."""
        name = f"localhost/{tag}"
        self.must("build", "--network", "host", *self.build_options, *options, "--tag", name, str(folder))
        return name

    def run(self, image: str, *words: str, options: tuple[str, ...] = ()) -> Ran:
        """A container from beginning to end, on this machine's network."""
        return self("run", "--rm", *self.started_with, *options, image, *words)

    @property
    def started_with(self) -> tuple[str, ...]:
        """What every container needs here."""
        return ("--network", "host", "--no-healthcheck", *self.run_options)


def find_engine() -> Engine:
    """Docker if it answers, else Podman, which is installed where this is root on a Debian."""
    docker = Engine(program=("docker",))
    if shutil.which("docker") and docker("info").code == 0:
        return docker
    assert installed("podman crun", lambda: shutil.which("podman")), "needs Docker or Podman"
    return _podman()


def _podman() -> Engine:
    """As in a machine without systemd, and maybe without the right to raise its own limits."""
    mixed = os.geteuid() == 0 and not Path("/sys/fs/cgroup/cgroup.controllers").exists()
    prepared = ("unshare", "--mount", "sh", "-c", _UNIFIED_CGROUPS, "sh") if mixed else ()
    return Engine(
        program=(*prepared, "podman", "--cgroup-manager", "cgroupfs"),
        build_options=("--isolation", "chroot", "--format", "docker"),
        run_options=(
            "--cgroups=disabled",
            "--read-only-tmpfs=false",
            "--ulimit=nofile=4096:4096",
            "--ulimit=nproc=4096:4096",
        ),
    )


def python_image(engine: Engine) -> tuple[str, str]:
    """The image to build on, and what it is: the one the Dockerfile names, or a Debian made here where no registry answers."""
    official = "python:3.13-slim"
    if engine("pull", official).code == 0:
        return official, official
    made = "localhost/smug2s3-test-base"
    if engine("image", "inspect", made).code:
        _import_debian(engine, made)
    return made, "Debian trixie's Python, made with debootstrap"


_PACKAGES = "ca-certificates,netbase,tzdata,python3,python3-venv,python3-pip"
_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


def _import_debian(engine: Engine, name: str) -> None:
    """As small as it can be, with a pip that may write, and with the authorities that this machine trusts."""
    assert installed("debootstrap", lambda: shutil.which("debootstrap")), (
        "no registry answers, and debootstrap is missing"
    )
    with tempfile.TemporaryDirectory() as folder:
        root, archive = Path(folder) / "root", Path(folder) / "root.tar"
        command = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "trixie", str(root)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for unwanted in (
            "usr/lib/python3*/EXTERNALLY-MANAGED",
            "var/cache/apt/archives/*.deb",
            "var/lib/apt/lists/*_*",
        ):
            for path in root.glob(unwanted):
                path.unlink()
        shutil.copy(_AUTHORITIES, f"{root}{_AUTHORITIES}")
        subprocess.run(["tar", "-C", str(root), "-cf", str(archive), "."], check=True)
        trust = [f"--change=ENV {variable}={_AUTHORITIES}" for variable in ("SSL_CERT_FILE", "PIP_CERT")]
        engine.must("import", *trust, str(archive), name)
