"""Small accounts in sequence, each moved through constant faults by a command that is killed again and again."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import multiprocessing
import os
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from smug2s3.local_servers import s3_server
from smugmug_simulator import Simulator, World
from smugmug_simulator.content import noise_photo, noise_video
from smugmug_simulator.model import User
from tests.bench import every_fault, impatient
from tests.bench.machine import table
from tests.support.bucket import SIDECAR, Bucket, should_hold
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.watch import Watch, key_of

CHANCE = 0.02
"""With which every request meets every kind of fault that its side knows."""

KILLS = 7
"""Of one account, at most: so many rounds end in SIGKILL, then it may come to its end."""

ALBUMS, PHOTOS = 4, 30
"""Of one account, and of one of its albums; one album has a video and a file in parts besides."""

FAULTS = 100
"""About so many one account meets."""

MIB = 1024 * 1024
LONGEST_RUN = 180.0
MOST_RUNS = 60
_LOOK = 0.05


@dataclass(slots=True)
class Tally:
    """What was done, and what was seen that must not be."""

    accounts: int = 0
    rounds: int = 0
    runs: int = 0
    files: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    unrecorded: int = 0
    """Objects that were stored when the process died, before it could write down that they are."""
    looks: int = 0
    twice: int = 0
    wrong: int = 0
    lost: int = 0
    open_uploads: int = 0
    peak_mb: float = 0.0
    oddities: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in what another account came to."""
        for name in ("accounts", "rounds", "runs", "files", "unrecorded", "looks", "twice", "wrong", "lost"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.open_uploads += other.open_uploads
        self.peak_mb = max(self.peak_mb, other.peak_mb)
        self.kills += other.kills
        self.faults += other.faults
        self.codes += other.codes
        self.oddities += other.oddities

    @property
    def clean(self) -> bool:
        """Whether nothing was seen that must not be."""
        return not (self.twice or self.wrong or self.lost or self.open_uploads or self.oddities)


def small_account(seed: int, photos: int) -> World:
    """Four times ``photos`` files and three more, some of the same name, one shown in two albums, one that goes in parts."""
    random = Random(seed)
    world = World(f"account-{seed}", seed=seed, user=User(nick=f"account-{seed}"))
    folder = world.add_folder("Trips")
    keys: list[str] = []
    for album_number in range(ALBUMS):
        album = world.add_album(f"Album {album_number}", folder if album_number % 2 else None)
        for number in range(photos):
            size = random.choice((2_000, 8_000, 30_000, 120_000))
            name = f"IMG_{number // 2 if album_number == 1 else number:04d}.JPG"
            keys.append(world.add_image(album, name, noise_photo(seed * 1000 + len(keys), size)))
    world.collect_image(album, keys[0])
    world.add_image(album, "panorama.jpg", noise_photo(seed, 11 * MIB + seed))
    world.add_image(album, "clip.mov", noise_video(seed, 700_000), is_video=True, format="MP4", width=1280, height=720)
    return world


@dataclass(slots=True)
class Account:
    """One account on its way, with all that surrounds it."""

    sim: Simulator
    proxy: FaultProxy
    bucket: Bucket
    home: Path
    random: Random
    watch: Watch
    tally: Tally = field(default_factory=lambda: Tally(accounts=1))

    @property
    def ledger(self) -> Path:
        return self.home / "transfer_log.db"

    def confirmed(self) -> dict[tuple[str, str], str]:
        """Keys by album and image, of all that the ledger says is stored."""
        if not self.ledger.exists():
            return {}
        with contextlib.closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as connection:
            try:
                rows = connection.execute("SELECT album_key, image_key, key FROM assets WHERE state = 'moved'")
                return {(album, image): key for album, image, key in rows}
            except sqlite3.OperationalError:
                return {}  # killed before the first table was made

    async def move(self, kills: int) -> Tally:
        """Kill it ``kills`` times, then let it come to its end; then look whether everything is there."""
        while self.tally.runs < MOST_RUNS:
            before, heard = self.confirmed(), len(self.proxy.log)
            self.sim.stats.clear()
            code = await self._run(kill=self.tally.rounds < kills)
            await self._quiet()
            self._look()
            self._count_again(before, heard)
            if code == 0:
                break
        else:
            self._odd(f"not complete after {MOST_RUNS} runs")
        self._count_faults()
        await self._prove()
        return self.tally

    async def _run(self, *, kill: bool) -> int:
        """One run of the command; its exit code."""
        self.tally.runs += 1
        output, said = self.home / "stdout.json", self.home / "stderr.txt"
        with output.open("wb") as out, said.open("wb") as err:
            process = await asyncio.create_subprocess_exec(
                sys.executable, impatient.__file__, "sync", "--json", "--concurrency", "8",
                cwd=self.home, env=self._environment(), stdout=out, stderr=err,
            )  # fmt: skip
            moment = await self._until(process, self._moment_to_kill() if kill else None)
        code = await process.wait()
        self.tally.codes[code] += 1
        if moment and code == -signal.SIGKILL:
            self.tally.rounds += 1
            self.tally.kills[moment] += 1
            self.tally.unrecorded += await self._unrecorded()
        else:
            self._judge(code, output.read_text(), said.read_text())
        return code

    def _environment(self) -> dict[str, str]:
        server = self.bucket.server
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return kept | {
            "SMUGMUG_API_ORIGIN": self.sim.origin,
            "SMUGMUG_OAUTH_CONSUMER_KEY": self.sim.consumer_key,
            "SMUGMUG_OAUTH_CONSUMER_SECRET": self.sim.consumer_secret,
            "SMUGMUG_OAUTH_TOKEN": self.sim.token,
            "SMUGMUG_OAUTH_TOKEN_SECRET": self.sim.token_secret,
            "S3_ENDPOINT_URL": self.proxy.endpoint,
            "S3_ACCESS_KEY": server.access_key,
            "S3_SECRET_KEY": server.secret_key,
            "S3_BUCKET": self.bucket.name,
            "LEDGER_PATH": str(self.ledger),
        }

    def _moment_to_kill(self) -> tuple[int, float]:
        """So many requests after the start, and so many seconds after that."""
        left = sum(1 for _ in self.sim.world.assets()) - len(self.confirmed())
        return self.random.randint(0, left + 10), self.random.choice((0.0, self.random.uniform(0, 0.3)))

    def _requests(self) -> int:
        return sum(self.sim.stats.counts.values()) + len(self.proxy.log) + len(self.proxy.under_way)

    async def _until(self, process: asyncio.subprocess.Process, kill: tuple[int, float] | None) -> str:
        """Watch a run until it ends or its moment has come; what it was doing then, or nothing."""
        began, base, due = time.monotonic(), self._requests(), None
        ending = asyncio.create_task(process.wait())
        next_look = 0.0
        while not ending.done():
            now = time.monotonic()
            if kill and due is None and self._requests() - base >= kill[0]:
                due = now + kill[1] + (self.random.uniform(0, 0.5) if not kill[0] else 0)
            if (due is not None and now >= due) or now - began > LONGEST_RUN:
                self._note_memory(process.pid)
                moment = self._moment(self._requests() - base)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)  # asyncio's own `kill` may take the exit code for itself
                if now - began > LONGEST_RUN:
                    self._odd("a run did not come to its end by itself")
                await ending
                return moment
            if now >= next_look:
                next_look = now + _LOOK
                self._note_memory(process.pid)
                self._look()
            await asyncio.wait({ending}, timeout=0.004)
        return ""

    def _note_memory(self, pid: int) -> None:
        with contextlib.suppress(OSError, IndexError):  # it may be gone; and only Linux has this file
            status = Path(f"/proc/{pid}/status").read_text()
            self.tally.peak_mb = max(self.tally.peak_mb, int(status.split("VmHWM:")[1].split()[0]) / 1024)

    def _moment(self, requests: int) -> str:
        """What is under way, the most advanced of it."""
        stores = [(method, path) for method, path in self.proxy.under_way]
        running = self.sim.stats._now
        for name, found in (
            ("completing a large file", any(m == "POST" and "uploadId=" in p for m, p in stores)),
            ("sending parts", any("partNumber=" in p for _, p in stores)),
            ("writing _album.json", any(m == "PUT" and SIDECAR in p for m, p in stores)),
            ("storing a file", any(m == "PUT" for m, _ in stores)),
            ("asking the store", bool(stores)),
            ("opening a file", running["media"] > 0),
            ("listing", running["api"] > 0),
            ("before the first request", not requests),
        ):
            if found:
                return name
        return "between two requests"

    def _look(self) -> None:
        self.tally.looks += 1
        for key in self.watch.wrong():
            self.tally.wrong += 1
            self._odd(f"a wrong object is visible: {key}")

    async def _quiet(self) -> None:
        """Wait until the servers have done with the requests of a process that is no more."""
        end = time.monotonic() + 20
        while time.monotonic() < end and (self.proxy.under_way or sum(self.sim.stats._now.values())):
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)

    async def _unrecorded(self) -> int:
        """How many whole files lie in the bucket that the ledger does not know of."""
        await self._quiet()
        known = set(self.confirmed().values())
        files = self.bucket.files()
        return sum(path.name != SIDECAR and key not in known for key, path in files.items())

    def _count_again(self, before: dict[tuple[str, str], str], heard: int) -> None:
        """Files that were fetched or sent once more though the ledger had their receipt when the run began."""
        keys = set(before.values())
        sent = {key_of(one.path) for one in self.proxy.log[heard:] if one.method in ("PUT", "POST")} & keys
        albums_of = Counter(asset.image_key for asset in self.sim.world.assets())
        done = Counter(image for _, image in before)
        whole = {image for image, count in done.items() if count == albums_of[image]}
        asked = {one.path.split("/i-")[-1].split("/")[0] for one in self.sim.requests if one.kind == "media"}
        again = sent | (asked & whole)
        self.tally.twice += len(again)
        for one in again:
            self._odd(f"moved again after it was confirmed: {one}")

    def _judge(self, code: int, out: str, said: str) -> None:
        """What must be true of a run that came to its own end."""
        if code not in (0, 1, 3, 4) or "Traceback" in said or "unforeseen" in said:
            self._odd(f"exit code {code}: {said[-600:]}")
            return
        document = json.loads(out)
        for item in document["items"]:
            if item["state"] == "failed" and not item["reason"].startswith(("SmugMug: ", "store: ")):
                self._odd(f"neither side is named: {item}")
        if code <= 1 and bool(document["failed"] or document["albums_incomplete"]) != (code == 1):
            self._odd(f"exit code {code} with {document['failed']} failed")

    def _count_faults(self) -> None:
        """How often each kind of fault struck."""
        names = [("API", name) for name in every_fault.API] + [("media", name) for name in every_fault.MEDIA]
        for name, fault in zip(names, self.sim.faults.as_json(), strict=True):
            self.tally.faults[name] += fault["struck"]
        for store_name, store_fault in zip(every_fault.STORE, self.proxy.faults, strict=True):
            self.tally.faults["store", store_name] += self.proxy.hits[store_fault]

    async def _prove(self) -> None:
        """The bucket is the account, byte for byte; nothing is left open, and ``verify`` finds the same."""
        held = Counter(self.bucket.media().values())
        wanted = should_hold(self.sim.world.assets())
        self.tally.files += wanted.total()
        self.tally.lost += (wanted - held).total()
        self.tally.wrong += (held - wanted).total()
        if held != wanted:
            self._odd(f"bucket and account differ: {dict(wanted - held)} missing, {dict(held - wanted)} too many")
        uploads = await self.bucket.open_uploads()
        self.tally.open_uploads += len(uploads)
        if uploads:
            self._odd(f"left open: {uploads}")
        self.sim.faults.clear()
        self.proxy.script()
        process = await asyncio.create_subprocess_exec(
            sys.executable, impatient.__file__, "verify", "--deep", "--source", "--json",
            cwd=self.home, env=self._environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, said = await process.communicate()
        if process.returncode:
            self._odd(f"verify ends with {process.returncode}: {out.decode()[:800]} {said.decode()[-300:]}")

    def _odd(self, sentence: str) -> None:
        self.tally.oddities.append(f"account {self.sim.world.user.nick}, run {self.tally.runs}: {sentence}")


async def one_account(seed: int, kills: int, photos: int = PHOTOS) -> Tally:
    """An account with servers of its own."""
    world = small_account(seed, photos)
    faults = every_fault.simulated(every_fault.API, "api", CHANCE, seed)
    faults += every_fault.simulated(every_fault.MEDIA, "media", CHANCE, seed)
    with tempfile.TemporaryDirectory(prefix="smug2s3-soak-") as folder:
        home, root = Path(folder) / "home", Path(folder) / "store"
        home.mkdir()
        (root / "photos").mkdir(parents=True)
        async with (
            s3_server(root) as server,
            Simulator(world, faults) as sim,
            fault_proxy(server.endpoint, *every_fault.stored(CHANCE, seed)) as proxy,
        ):
            bucket = Bucket(name="photos", folder=root / "photos", server=server)
            account = Account(sim, proxy, bucket, home, Random(seed), Watch(bucket, proxy, world))
            try:
                return await account.move(kills)
            finally:
                server.process.kill()  # asked politely it takes seconds
                await server.process.wait()


def _account(seed: int, kills: int) -> Tally:
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # it reports every client that was killed
    return asyncio.run(one_account(seed, kills))


def soak(*, rounds: int = 500, faults: int = 10_000, lanes: int = 4, seed: int = 1) -> Tally:
    """Accounts side by side in ``lanes`` processes, until there were as many rounds and faults as asked for."""
    began = time.monotonic()
    total = Tally()
    planned = 0
    with ProcessPoolExecutor(lanes, multiprocessing.get_context("spawn")) as pool:
        under_way: set[Future[Tally]] = set()
        while True:
            rounds_left = rounds - total.rounds - KILLS * len(under_way)
            faults_left = faults - total.faults.total() - FAULTS * len(under_way)
            if len(under_way) < lanes and (rounds_left > 0 or faults_left > 0):
                kills = KILLS if rounds_left <= 0 else min(KILLS, rounds_left)
                under_way.add(pool.submit(_account, seed + planned, kills))
                planned += 1
                continue
            if not under_way:
                break
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for one in done:
                total.add(one.result())
                for oddity in one.result().oddities:
                    print(oddity, file=sys.stderr)
                _progress(total, rounds, faults, time.monotonic() - began)
    _report(total, time.monotonic() - began)
    return total


def main(arguments: Sequence[str]) -> None:
    """`soak --rounds N --faults N`: ends with 1 if anything was seen that must not be."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--rounds", type=int, default=500, help="how often to kill")
    parser.add_argument("--faults", type=int, default=10_000, help="how many faults to meet")
    parser.add_argument("--lanes", type=int, default=4, help="accounts side by side")
    parser.add_argument("--seed", type=int, default=1, help="other accounts, faults and moments")
    if not soak(**vars(parser.parse_args(arguments))).clean:
        sys.exit(1)


def _progress(total: Tally, rounds: int, faults: int, seconds: float) -> None:
    print(
        f"{seconds:6.0f} s: {total.accounts} accounts, {total.rounds}/{rounds} rounds, "
        f"{total.faults.total():,}/{faults:,} faults, {len(total.oddities)} oddities",
        file=sys.stderr,
        flush=True,
    )


def _report(total: Tally, seconds: float) -> None:
    print()
    table(("what", "count"), list(_rows(total, seconds)))
    print()
    table(("killed while", "times"), total.kills.most_common())
    print()
    table(("side", "fault", "times"), [(side, name, count) for (side, name), count in sorted(total.faults.items())])
    for oddity in total.oddities:
        print(oddity)


def _rows(total: Tally, seconds: float) -> Iterator[tuple[str, str]]:
    codes = ", ".join(f"{code}: {count}" for code, count in sorted(total.codes.items()))
    yield "accounts moved to the end", f"{total.accounts:,}"
    yield "rounds of kill and resume", f"{total.rounds:,}"
    yield "runs in all", f"{total.runs:,}"
    yield "exit codes", codes
    yield "faults met", f"{total.faults.total():,}"
    yield "files moved", f"{total.files:,}"
    yield "stored but not yet recorded when killed", f"{total.unrecorded:,}"
    yield "looks at the bucket on the way", f"{total.looks:,}"
    yield "moved again after confirmation", str(total.twice)
    yield "wrong objects ever seen", str(total.wrong)
    yield "lost", str(total.lost)
    yield "multipart uploads left open", str(total.open_uploads)
    yield "other oddities", str(len(total.oddities))
    yield "peak memory", f"{total.peak_mb:.0f} MB"
    yield "total time", f"{seconds / 60:.1f} min"
