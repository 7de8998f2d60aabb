"""`sync --every` and `--at` by themselves: night after night through faults, with real runs and a clock that goes on between them."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import re
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import typer

from smug2s3.app.sync_runner import Outcome
from smug2s3.cli import repeated
from smug2s3.cli import sync as sync_command
from smug2s3.cli.reporters import Verbosity
from smug2s3.engine import repeat as repeating
from smug2s3.errors import SourceAway
from smug2s3.ledger.database import holding
from smug2s3.ports.reporter import Reporter
from smug2s3.rules.health import judge
from smug2s3.rules.schedule import Moment
from smugmug_simulator import Fault, World
from smugmug_simulator.content import noise_photo
from tests.support.apart import Apart, apart
from tests.support.bucket import md5_of
from tests.support.commands import Clients, Commands
from tests.support.places import InFolder, in_folder

NIGHTS = 100
DAY = timedelta(days=1)
MEDIA = Fault(action="status", status=403, kind="media", times=1)


@dataclass
class Nights:
    """Clocks that stand while a run is at work and skip the wait; after the last run the system sends SIGTERM."""

    count: int
    between: Callable[[int], None]
    """What happens in the wait before each run but the first."""
    elapsed: float = 0.0
    night: int = 0
    beginning: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> Moment:
        return Moment(ticks=self.elapsed, wall=self.beginning + timedelta(seconds=self.elapsed))

    async def sleep(self, seconds: float) -> None:
        self.night += 1
        if self.night == self.count:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(60)
        self.between(self.night)
        self.elapsed += seconds

    @contextmanager
    def passing(self) -> Iterator[None]:
        with patch.object(repeated, "SystemClock", lambda: self), patch.object(repeating, "STEP", 30 * 86_400.0):
            yield


@contextmanager
def webhook() -> Iterator[tuple[str, list[Any]]]:
    """Takes notifications: its address, and what came."""
    got: list[Any] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Taker)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def world() -> World:
    """An album in a folder with two photos."""
    made = World("mine")
    album = made.add_album("Summer", made.add_folder("Family"))
    for number in range(2):
        made.add_image(album, f"{number}.jpg", noise_photo(number, 300))
    return made


@pytest.fixture
def there() -> Iterator[Apart]:
    with apart(world()) as there:
        yield there


@pytest.fixture
def place(tmp_path: Path) -> InFolder:
    return in_folder(tmp_path)


@pytest.fixture
def commands(there: Apart, place: InFolder, tmp_path: Path) -> Iterator[Commands]:
    sim = there.sim
    settings = {
        "SMUGMUG_API_ORIGIN": sim.origin,
        "SMUGMUG_OAUTH_CONSUMER_KEY": sim.consumer_key,
        "SMUGMUG_OAUTH_CONSUMER_SECRET": sim.consumer_secret,
        "SMUGMUG_OAUTH_TOKEN": sim.token,
        "SMUGMUG_OAUTH_TOKEN_SECRET": sim.token_secret,
        "S3_PREFIX": "smugmug/",
    }
    with asyncio.Runner() as runner:
        yield Commands(runner, Clients(), tmp_path, settings | place.settings)


@dataclass
class Troubles:
    """What goes wrong before a night's run, and what was right again before the next; each leads to an exit code."""

    there: Apart
    place: InFolder
    ledger: Path
    draw: random.Random = field(default_factory=lambda: random.Random(13))
    codes: list[int] = field(default_factory=lambda: [0])
    """What each run should end with; the first one finds no trouble."""
    _mend: Callable[[], object] = lambda: None

    def come(self, night: int) -> None:
        """The next night's."""
        self._mend()
        self._mend = lambda: None
        self.people_work()
        troubles = (self.none, self.refused, self.smugmug_away, self.unplugged, self.locked)
        trouble = self.draw.choices(troubles, (6, 2, 2, 2, 1))[0]
        self.codes.append(0 if night >= NIGHTS - 1 else trouble())

    def people_work(self) -> None:
        world, images = self.there.sim.world, list(self.there.sim.world.assets())
        one = self.draw.choice(images)
        kind = self.draw.randrange(3)
        if kind == 0:
            world.replace_image(one.image_key, touch_album=True)
        elif kind == 1:
            world.set_caption(one.image_key, f"caption {self.draw.random()}")
        else:
            self.upload()

    def upload(self) -> None:
        world = self.there.sim.world
        album = next(world.assets()).album_key
        world.add_image(album, "new.jpg", noise_photo(self.draw.randrange(10**9), 300))

    def none(self) -> int:
        return 0

    def refused(self) -> int:
        """One photo is refused: the next run gets it."""
        self.upload()
        self.there.sim.faults.add(MEDIA)
        self._mend = self.there.sim.faults.clear
        return 1

    def smugmug_away(self) -> int:
        port = int(self.there.sim.origin.rpartition(":")[2])
        self.there.call(self.there.sim.close())
        self._mend = lambda: self.there.call(self.there.sim.listen(port=port))
        return 3

    def unplugged(self) -> int:
        """The disk is disconnected."""
        aside = self.place.folder.with_name("elsewhere")
        self.place.folder.rename(aside)
        self._mend = lambda: aside.rename(self.place.folder)
        return 4

    def locked(self) -> int:
        """Somebody runs a sync by hand all night."""
        by_hand = ExitStack()
        by_hand.enter_context(holding(str(self.ledger)))
        self._mend = by_hand.close
        return 2


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGTERM")
def test_a_hundred_nights_run_by_themselves_through_faults(commands: Commands, there: Apart, place: InFolder) -> None:
    troubles, health = Troubles(there, place, commands.ledger), commands.home / "health.json"
    judged: list[tuple[bool, str]] = []

    def between(night: int) -> None:
        judged.append(judge(json.loads(health.read_bytes()), datetime.now(UTC), DAY))
        troubles.come(night)

    nights = Nights(NIGHTS, between)
    with nights.passing(), webhook() as (address, posts):
        ran = commands.type("sync", "--every", "1d", "--notify-url", address, "--health-file", str(health))

    # one line a run, and its exit code is what its trouble leads to; none of them ended the others
    assert ran.code == 143
    lines = ran.out.splitlines()
    codes = [int(re.findall(r"; exit code (\d+); next run ", line)[0]) for line in lines]
    assert codes == troubles.codes
    assert Counter(codes).keys() == {0, 1, 2, 3, 4}
    starts = [re.findall(r"next run (\S+ \S+)$", line)[0] for line in lines]
    expected = [nights.beginning + (number + 1) * DAY for number in range(NIGHTS)]
    assert starts == [f"{start.astimezone():%Y-%m-%d %H:%M}" for start in expected]
    assert "first" not in ran.err

    # the webhook and the health file say the same
    assert [post["summary"]["exit_code"] for post in posts] == codes
    assert [well for well, _ in judged] == [code == 0 for code in codes[:-1]]
    document = json.loads(health.read_bytes())
    assert (document["state"], document["next_run"], document["last_run"]["exit_code"]) == ("ended", None, 0)

    # and in the end everything is there
    assert {image.md5 for image in there.sim.world.assets()} <= {
        md5_of(place.folder / key) for key in place.objects() if key.endswith(".jpg")
    }
    assert commands.sync("--full").code == 0
    assert commands.judge().kind == "safe"


async def _light(_settings: object, _options: object, reporter: Reporter, outcome: Outcome, _crew: object) -> None:
    """A run with everything but the work: events, problems, and failures now and then."""
    reporter.began(outcome.run, "folder photos", dry_run=False)
    reporter.failed("Garden/0.jpg", "SmugMug", f"refused in run {outcome.run}")
    outcome.summary.problems += [f"{outcome.run}: {number}" for number in range(10)]
    await asyncio.sleep(0)
    if outcome.run < "8":
        raise SourceAway(f"gone during run {outcome.run}")


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGTERM")
def test_memory_does_not_grow_in_a_thousand_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks: list[int] = []

    def between(night: int) -> None:
        if night % 400 == 199:
            gc.collect()
            blocks.append(sys.getallocatedblocks())

    for name, value in (*NOBODY.items(), *in_folder(tmp_path).settings.items()):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sync_command, "run_sync", _light)
    options = sync_command.Options(
        every="6h", health_file=str(tmp_path / "health"), verbosity=Verbosity(log_file=str(tmp_path / "log"))
    )
    with Nights(1000, between).passing(), _into_nothing(), pytest.raises(typer.Exit) as ended:
        repeated.sync_repeatedly(options)

    assert ended.value.exit_code == 143
    assert len((tmp_path / "log").read_text().splitlines()) == 3000
    assert len(blocks) == 3
    assert blocks[-1] - blocks[0] < 2_000, blocks  # less than three for a run


@contextmanager
def _into_nothing() -> Iterator[None]:
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nothing,
        redirect_stdout(nothing),
        redirect_stderr(nothing),
    ):
        yield


NOBODY = {
    "SMUGMUG_OAUTH_CONSUMER_KEY": "key",
    "SMUGMUG_OAUTH_CONSUMER_SECRET": "secret",
    "SMUGMUG_OAUTH_TOKEN": "token",
    "SMUGMUG_OAUTH_TOKEN_SECRET": "secret",
}
"""A sign-in that is never used."""


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        pytest.param({"SMUGMUG_OAUTH_TOKEN": "wrong"}, 3, "SmugMug refused the sign-in", id="wrong credentials"),
        pytest.param({"S3_PREFIX": "a//b"}, 2, "S3_PREFIX must not have empty", id="wrong settings"),
    ],
)
def test_what_time_cannot_help_ends_it_and_everybody_learns_why(
    commands: Commands, changed: dict[str, str], code: int, said: str
) -> None:
    commands.settings |= changed
    health = commands.home / "health.json"
    with webhook() as (address, posts):
        ran = commands.type("sync", "--every", "6h", "--json", "--notify-url", address, "--health-file", str(health))

    assert ran.code == code
    document = json.loads(ran.out)
    assert (document["exit_code"], said in document["error"]) == (code, True)
    assert said in ran.err
    assert "hint: " in ran.err
    last = json.loads(health.read_bytes())
    assert (last["state"], last["last_run"]["exit_code"], said in last["last_run"]["verdict"]) == ("ended", code, True)
    assert [post["summary"]["exit_code"] for post in posts] == ([3] if code == 3 else [])


def test_at_a_time_of_day_the_first_run_waits_and_each_run_is_a_line_of_json(commands: Commands) -> None:
    nights = Nights(3, lambda _night: None)
    at = (nights.beginning + timedelta(hours=2)).astimezone()
    with nights.passing():
        ran = commands.type("sync", "--at", f"{at:%H:%M}", "--until", "8h", "--json")

    assert ran.code == 143
    assert f"the first run starts {at:%Y-%m-%d %H:%M}" in ran.err
    documents = [json.loads(line) for line in ran.out.splitlines()]
    assert [(one["schema"], one["moved"], one["exit_code"]) for one in documents] == [(1, 2, 0), (1, 0, 0)]
    due = [datetime.fromisoformat(one["next_run"]).astimezone() for one in documents]
    assert [f"{one:%H:%M}" for one in due] == [f"{at:%H:%M}"] * 2
    assert (due[1] - due[0]) in (timedelta(hours=23), DAY, timedelta(hours=25))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--every", "1s"), "--every 1s is too often: the least is 5m"),
        (("--at", "noon"), "--at 'noon' is not a time of day"),
        (("--every", "6h", "--at", "03:00"), "contradict each other"),
        (("--every", "6h", "--dry-run"), "--dry-run does not go with --every or --at"),
        (("--every", "6h", "--until", "2030-01-01 08:00"), "is a single day"),
        (("--every", "6h", "--health-file", "diary.txt"), "diary.txt already exists and is not a health file"),
        (("--health-file", "diary.txt"), "diary.txt already exists and is not a health file"),
        (("--health-file", "none/health.json"), "cannot write none/health.json"),
        (("--health-file", "health.json", "--dry-run"), "--health-file does not go with --dry-run"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    commands: Commands, there: Apart, options: tuple[str, ...], said: str
) -> None:
    diary = commands.home / "diary.txt"
    diary.write_text("Dear diary")
    ran = commands.type("sync", *options)
    assert (ran.code, said in ran.err) == (2, True), ran.err
    assert "hint: " in ran.err
    assert diary.read_text() == "Dear diary"
    assert not (commands.home / "health.json").exists()
    assert there.sim.requests == []


def test_a_single_run_keeps_the_health_file_too(commands: Commands) -> None:
    health = commands.home / "health.json"
    assert commands.sync("--health-file", str(health)).code == 0
    document = json.loads(health.read_bytes())
    assert (document["schema"], document["state"], document["next_run"]) == (1, "ended", None)
    assert (document["last_run"]["copied"], document["last_run"]["exit_code"]) == (2, 0)
    assert commands.type("health", "--file", str(health)).code == 0
