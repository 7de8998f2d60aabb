"""Types what the documents quote of other programs, with the real ones from npm and PyPI: `uv run python -m tests.programs`."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from smug2s3.local_servers import rclone_program, s3_server
from smug2s3.rules.xmp import Naming
from smugmug_simulator import Simulator, World, worlds
from tests.programs.immich import Immich, immich
from tests.support.bucket import Bucket
from tests.support.documents import USER_DOCUMENTS, commands
from tests.support.moto_server import moto_server
from tests.support.wired import Wired

BUCKET = "my-photos"
TYPED = ("npm ", "immich ", "aws ", "rclone ")
"""How the commands begin that are typed here; the suite itself types those of ExifTool and md5sum."""

NODE = 22
"""Immich's program needs at least this."""


@dataclass(slots=True)
class Computer:
    """A home with programs of its own."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def type(self, command: str) -> int:
        """The exit code; what it printed is kept."""
        words = [word.replace("~", str(self.home)) for word in shlex.split(command)]
        ran = subprocess.run(
            words,
            cwd=self.folder(words[0]),
            env=os.environ | self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        self.said = (ran.stdout + ran.stderr).strip()
        return ran.returncode

    def folder(self, program: str) -> Path:
        """One per program: several copy to a folder of the same name."""
        folder = self.home / Path(program).name
        folder.mkdir(exist_ok=True)
        return folder

    def program(self, name: str, *words: str) -> None:
        """A command of this name that runs these words."""
        path = self.home / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        path.chmod(0o755)


def account() -> World:
    """The tiny account, with a photo of it in a second album."""
    world = worlds.tiny()
    lake = next(one for one in world.assets() if one.file_name == "IMG_0001.JPG")
    world.collect_image(world.add_album("Best of"), lake.image_key)
    return world


def equip(computer: Computer, policy: bytes) -> None:
    """All programs but the one that the documents install themselves."""
    computer.program("aws", "uv", "tool", "run", "--quiet", "--from", "awscli", "aws")
    computer.program("rclone", rclone_program())
    npm, path = computer.home / "npm", os.environ["PATH"]
    places = [computer.home / "bin", npm / "bin", computer.home / "node/node_modules/.bin"]
    computer.variables |= {"HOME": str(computer.home), "NPM_CONFIG_PREFIX": str(npm)}
    computer.variables["PATH"] = os.pathsep.join([*map(str, places), path])
    if computer.type("node --version") or int(computer.said.removeprefix("v").partition(".")[0]) < NODE:
        computer.type(f"npm install --prefix ~/node node@{NODE}")
    (computer.folder("aws") / "policy.json").write_bytes(policy)


def settings(bucket: Bucket, iam: str) -> dict[str, str]:
    """Where the AWS CLI and rclone find the bucket."""
    keys = {"ACCESS_KEY_ID": bucket.server.access_key, "SECRET_ACCESS_KEY": bucket.server.secret_key}
    remote = {"TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": bucket.server.endpoint} | keys
    amazon = {"ENDPOINT_URL_S3": bucket.server.endpoint, "ENDPOINT_URL_IAM": iam, "DEFAULT_REGION": "us-east-1"}
    return {f"RCLONE_CONFIG_MYREMOTE_{name}": value for name, value in remote.items()} | {
        f"AWS_{name}": value for name, value in (amazon | keys).items()
    }


def copied(folder: Path) -> dict[str, str]:
    """MD5 by path of all files there."""
    return {
        path.relative_to(folder).as_posix(): hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def lacking(there: Immich, pictures: Path) -> Iterator[str]:
    """What Immich did not get of the photos, their XMP files and albums."""
    beside: dict[str, set[bytes]] = {}
    for path in sorted(pictures.rglob("*.xmp")):
        photo = there.photos.get(hashlib.sha1(path.with_suffix("").read_bytes(), usedforsecurity=False).hexdigest())
        if photo is None:
            yield f"{path.stem} did not arrive"
        elif photo not in there.albums.get(path.parent.name, ()):
            yield f"{path.stem} is not in the album {path.parent.name}"
        else:
            beside.setdefault(photo, set()).add(path.read_bytes())
    for photo, found in beside.items():  # of a photo in two albums, one of the files arrives
        if there.sidecars.get(photo) not in found:
            yield f"{there.names[photo]} arrived without its XMP file"


async def run(home: Path) -> int:
    """How many commands failed, or did not do what the documents say."""
    root, computer = home / "store", Computer(home)
    (root / BUCKET).mkdir(parents=True)
    with moto_server() as moto:
        async with Simulator(account()) as sim, s3_server(root) as server, immich() as photos:
            wired = Wired(sim, Bucket(name=BUCKET, folder=root / BUCKET, server=server), home)
            await wired.sync()
            await wired.get(home / "Pictures", xmp=Naming.FULL)
            computer.variables = settings(wired.bucket, moto.endpoint)
            equip(computer, await asyncio.to_thread(policy, wired))
            failed = await asyncio.to_thread(type_all, computer, photos.origin)
    wrong = [*lacking(photos, home / "Pictures"), *missing(home, root / BUCKET / "smugmug")]
    sys.stdout.writelines(f"{sentence}\n" for sentence in wrong)
    return failed + len(wrong)


def policy(wired: Wired) -> bytes:
    """What the documents have written into a file for the AWS CLI."""
    command = [sys.executable, "-m", "smug2s3", "check", "--policy"]
    return subprocess.run(command, env=os.environ | wired.variables, capture_output=True, check=True).stdout


def type_all(computer: Computer, immich_origin: str) -> int:
    """How many commands failed."""
    failed = 0
    for command in typed():
        code = computer.type(command.replace("https://photos.example.com", immich_origin))
        failed += code != 0
        sys.stdout.write(f"{code:>3}  {command}\n" + (f"{computer.said}\n" if code else ""))
    return failed


def typed() -> list[str]:
    """The commands of all documents, each once."""
    found = dict.fromkeys(command for document in USER_DOCUMENTS for command in commands(document))
    return [command for command in found if command.startswith(TYPED)]


def missing(home: Path, stored: Path) -> Iterator[str]:
    """What the AWS CLI and rclone did not copy."""
    for program in ("aws", "rclone"):
        for name, folder in (("photos", stored), ("Summer 2019", stored / "Family/Summer 2019")):
            if copied(home / program / name) != copied(folder):
                yield f"{program}: {name} is not what is stored"


def main() -> int:
    """Exit code 1 if a command does not do what the documents say."""
    with tempfile.TemporaryDirectory(prefix="smug2s3-programs-") as folder:
        return min(1, asyncio.run(run(Path(folder))))


if __name__ == "__main__":
    sys.exit(main())
