"""What an image must be and do, each under the sentence it proves."""

from __future__ import annotations

import json
import os
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from smugmug_simulator import Simulator
from tests.image.engine import Engine
from tests.support.lived_in import LITTER
from tests.support.machine import Machine, Ran, machine_for
from tests.support.servers import LocalS3

STRANGER = (12345, 23456) if os.geteuid() == 0 else (os.getuid(), os.getgid())
"""A user that the image has never heard of, where this one may become it."""

HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
"""Nothing can be written but what is mounted, not even /tmp."""


@dataclass(slots=True)
class Place:
    """The images, and an account and buckets for what runs in them."""

    engine: Engine
    folder: Path
    base: str
    image: str
    demo: str
    context: str
    packages: set[str]
    sim: Simulator
    s3: LocalS3
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def computer(self) -> Machine:
        """A folder with a `.env` of the stranger's, and an empty bucket."""
        home = self.folder / f"home-{next(self._numbers)}"
        machine = machine_for(self.sim, self.s3.new_bucket(), home)
        for path in (home, home / ".env"):
            os.chown(path, *STRANGER)
        return machine

    def run(self, machine: Machine, *words: str, options: tuple[str, ...] = ()) -> Ran:
        """One command in a hardened container, by the stranger."""
        ran = self.engine.run(self.image, *words, options=(*self.options(machine.home), *options))
        machine.check(ran)
        return ran

    def options(self, home: Path) -> tuple[str, ...]:
        """How a careful person starts it."""
        user, group = STRANGER
        return (*HARDENED, "--user", f"{user}:{group}", "--volume", f"{home}:/data")

    def python(self, code: str, options: tuple[str, ...] = ()) -> str:
        """What Python prints in the image."""
        ran = self.engine.run(self.image, "-c", code, options=("--entrypoint", "python", *options))
        assert ran.code == 0, ran.err
        return ran.out.strip()


Check = Callable[[Place], str]
CHECKS: dict[str, Check] = {}
"""By the sentence each proves; what is returned is worth knowing."""


def check(sentence: str) -> Callable[[Check], Check]:
    """Add it to the table."""

    def add(function: Check) -> Check:
        CHECKS[sentence] = function
        return function

    return add


def size(place: Place, image: str) -> int:
    """Bytes, unpacked."""
    return int(place.engine.must("image", "inspect", "--format", "{{.Size}}", image))


@check("it is small")
def small(place: Place) -> str:
    base, whole, demo = [size(place, image) / 1e6 for image in (place.base, place.image, place.demo)]
    assert whole - base < 200
    return f"{whole - base:.0f} MB on a base of {base:.0f} MB; {demo - whole:.0f} MB more with the demo"


@check("what was sent to the build are the two packages and four files, from a folder full of other things")
def context(place: Place) -> str:
    names = exported(place, place.context)
    assert {*names} == {*place.packages, "pyproject.toml", "uv.lock", "README.md", "LICENSE"}
    return f"{len(names)} files"


def exported(place: Place, image: str) -> dict[str, bytes]:
    """Every file of an image that says what no image may, or that is small."""
    container = place.engine.must("create", *place.engine.run_options, image, "nothing")
    archive = place.folder / "exported.tar"
    place.engine.must("export", "--output", str(archive), container)
    place.engine.must("rm", container)
    with tarfile.open(archive) as tar:
        files = ((member.name, tar.extractfile(member)) for member in tar if member.isfile())
        return {name: file.read(len(LITTER)) for name, file in files if file}


@check("nothing of the build is left in it: no uv, cache, source or compiler, and nothing of anybody's")
def clean(place: Place) -> str:
    files = exported(place, place.image)
    assert LITTER.encode() not in files.values()
    programs = {Path(name).name for name in files if "/bin/" in name}
    assert not programs & {"uv", "uvx", "cc", "gcc", "x86_64-linux-gnu-gcc-14", "git"}
    places = ("build/", "root/.cache/", "src/", "image/", "opt/smug2s3/lib/python3.13/site-packages/tests/")
    assert [name for name in files if name.startswith(places)] == []
    return f"{len(files):,} files"


@check("what it says of itself: labels, a user other than root, a folder for the ledger")
def described(place: Place) -> str:
    config = json.loads(place.engine.must("image", "inspect", "--format", "{{json .Config}}", place.image))
    labels = {name.rpartition(".")[2]: value for name, value in config["Labels"].items() if "opencontainers" in name}
    assert labels.keys() >= {"title", "description", "version", "licenses"}
    assert (config["User"], config["WorkingDir"], config["Volumes"]) == ("1000:1000", "/data", {"/data": {}})
    assert (config["Entrypoint"], config["Cmd"]) == (["smug2s3"], ["--help"])
    ran = place.engine.run(place.image, "--version")
    assert ran.out.strip() == f"smug2s3 {labels['version']}"
    return ran.out.strip()


@check("an account is copied and proven by a user it does not know, where only /data can be written")
def copies(place: Place) -> str:
    machine = place.computer()
    copied, again = place.run(machine, "sync", "--json"), place.run(machine, "sync", "--json")
    machine.assert_complete()
    proven, reported = place.run(machine, "verify", "--certificate", "proof.txt"), place.run(machine, "report")

    assert (copied.code, again.code, again.json["moved"]) == (0, 0, 0), copied.err + again.err
    assert (proven.code, "Safe to cancel" in proven.out) == (0, True), proven.out + proven.err
    assert reported.code == 0, reported.err
    owners = {path.name: path.stat().st_uid for path in machine.home.iterdir()}
    assert {"transfer_log.db", "proof.txt", "smug2s3-report.html"} <= owners.keys()
    assert {*owners.values()} == {STRANGER[0]}
    assert re.search(r"\bCES?T\b", place.run(machine, "status", options=("--env", "TZ=Europe/Berlin")).out)
    return f"{copied.json['moved']} files"


@check("so it is by several processes")
def processes(place: Place) -> str:
    machine = place.computer()
    ran = place.run(machine, "sync", "--json", "--processes", "2")
    assert ran.code == 0, ran.err
    machine.assert_complete()
    return f"{ran.json['moved']} files"


@check("and where there is no shell")
def shell_less(place: Place) -> str:
    shells = place.python("import os; print(*{os.path.realpath(f'/bin/{name}') for name in ('sh', 'bash')})").split()
    none = tuple(word for shell in shells for word in ("--volume", f"/dev/null:{shell}:ro"))
    assert place.engine.run(place.image, "-c", "true", options=("--entrypoint", "sh", *none)).code != 0
    machine = place.computer()
    ran = place.run(machine, "sync", "--json", options=none)
    assert ran.code == 0, ran.err
    machine.assert_complete()
    return f"without {', '.join(shells)}"


@check("what does not fit into memory has a place in /data")
def spills(place: Place) -> str:
    home = place.computer().home
    temporary = place.python(SPILL, place.options(home))
    assert temporary
    return temporary


SPILL = """
import os, sqlite3
from contextlib import closing
with closing(sqlite3.connect(":memory:")) as database:
    database.execute("PRAGMA temp_store = FILE")
    database.execute("CREATE TEMP TABLE listed (key TEXT)")
    database.executemany("INSERT INTO listed VALUES (?)", (("x" * 1000,) for _ in range(30_000)))
    opened = [path for path in map("/proc/self/fd/{}".format, os.listdir("/proc/self/fd")) if os.path.lexists(path)]
    print(*(path for path in map(os.readlink, opened) if path.startswith("/data/")))
"""


@check("any user may write to a new volume")
def volume(place: Place) -> str:
    name = place.engine.must("volume", "create")
    try:
        user = ("--user", "4711:4712", *HARDENED, "--volume", f"{name}:/data")
        place.python("open('/data/.env', 'w').close()", user)
        return place.python("import os; print(*os.listdir('/data'))", user)
    finally:
        place.engine.must("volume", "rm", name)


@check("the demo runs in it, if it was built with it")
def demo(place: Place) -> str:
    machine = place.computer()
    ran = place.engine.run(place.demo, "demo", options=place.options(machine.home))
    machine.check(ran)
    assert ran.code == 0, ran.err
    return next(line for line in ran.out.splitlines() if "Safe to cancel" in line).strip()


@check("without it, it says what is missing")
def no_demo(place: Place) -> str:
    ran = place.run(place.computer(), "demo")
    assert ran.code == 2, ran.err
    assert "docker build --build-arg DEMO=yes" in ran.err
    return ran.err.splitlines()[-1]


@check("the scheduler of several machines is in it")
def scheduler(place: Place) -> str:
    ran = place.engine.run(place.image, "scheduler", "--version", options=("--entrypoint", "dask", *HARDENED))
    assert ran.code == 0, ran.err
    return ran.out.strip()


@check("stopping the container ends a run in order")
def stops(place: Place) -> str:
    with started(place, place.computer(), "sync", "--bwlimit", "1K") as name:
        await_(lambda: "started: " in place.engine("logs", name).err)
        return stopped(place, name)


def stopped(place: Place, name: str) -> str:
    """How long it took."""
    began = time.monotonic()
    place.engine.must("stop", "--time", "30", name)
    took = time.monotonic() - began
    assert place.engine.must("wait", name) == "143"
    return f"exit code 143 within {took:.1f} s"


@check("run by itself it is healthy, and it can be stopped between two runs; without a health file it is not")
def healthy(place: Place) -> str:
    config = place.engine.must("image", "inspect", "--format", "{{json .Config.Healthcheck.Test}}", place.image)
    kind, *words = json.loads(config)
    assert kind == "CMD"
    with started(place, place.computer(), "sync", "--every", "6h", "--health-file", "/data/health.json") as name:
        await_(lambda: "the last run ended" in place.engine("exec", name, *words).out)
        asked, ending = place.engine.must("exec", name, *words), stopped(place, name)
    with started(place, place.computer(), "sync", "--bwlimit", "1K") as name:
        assert place.engine("exec", name, *words).code == 1
    return f"{asked}; {ending}"


@contextmanager
def started(place: Place, machine: Machine, *words: str) -> Iterator[str]:
    """A container in the background, by its name; gone at the end of the block."""
    name = machine.home.name
    options = (*place.engine.started_with, *place.options(machine.home))
    place.engine.must("run", "--detach", "--name", name, *options, place.image, *words)
    try:
        yield name
    finally:
        place.engine("rm", "--force", name)


def await_(true: Callable[[], bool]) -> None:
    """Ask until it is so."""
    ends = time.monotonic() + 60
    while not true():
        assert time.monotonic() < ends, "it does not come to that"
        time.sleep(0.2)
