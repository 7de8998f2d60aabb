"""Histories of an account and its archive: whatever happens, no verdict says safe of what is not, and in the end it is safe.

A state machine makes them, the same one for the same seed. Every step tells what it did, so a history can be read.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Collection, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aioboto3
from botocore.config import Config
from hypothesis import HealthCheck, Phase, Verbosity, reject, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from smugmug_simulator import Simulator
from smugmug_simulator.oauth import Level
from smugmug_simulator.scene import Limits
from tests.support import oracle
from tests.support.changes import CHANGES, Account
from tests.support.commands import Clients, Commands, Endless, Ran, Verdict
from tests.support.damage import DAMAGE, is_sidecar
from tests.support.fault_proxy import Etags, FaultProxy, fault_proxy
from tests.support.places import Place, in_bucket, in_folder
from tests.support.servers import LocalS3
from tests.support.troubles import NAMES, Trouble

T = TypeVar("T")

STEPS = 9
"""Of one history, the first of which makes the account."""

IN_PARTS = 300
"""Bytes above which a file comes in parts, where any do: most videos and all albums' own files."""

PLACES: dict[str, tuple[Etags, bool]] = {
    "bucket": ("", False),
    "bucket of parts": ("", True),
    "disguised": ("disguised", False),
    "foreign": ("foreign", False),
    "parts": ("plain", True),
    "disguised parts": ("disguised", True),
    "foreign parts": ("foreign", True),
}
"""Buckets by what their ETags look like, and whether all but the smallest files come in parts. The server behind lists
such by their MD5 and no longer as it did on completion; only the ``bucket of parts`` shows that."""

COUNT = "--accept-count"
WITHOUT = "--accept-unavailable"
"""Always said where a verdict is asked for just so: it must be right all the same."""

NUMBERS = st.integers(min_value=0, max_value=10_000)
PLACE = st.sampled_from(["folder", *PLACES])
PREFIXES = st.sampled_from(["smugmug/", "/", "other/"])
TROUBLE = st.builds(lambda name, which: Trouble(name[0], name[1], which), st.sampled_from(NAMES), NUMBERS)
TROUBLES = st.lists(TROUBLE, min_size=1, max_size=2)
KILLED = st.none() | st.integers(min_value=1, max_value=60)
CHANGE = st.tuples(st.sampled_from(list(CHANGES)), NUMBERS, NUMBERS)
LATELY = st.lists(CHANGE, max_size=2)
"""Changes just before a run, at which nobody looks."""
HOW = st.lists(st.sampled_from(["--full", "--follow-renames", "--collected reference"]), unique=True, max_size=2)
PART = st.sampled_from([
    "", "", "", "--exclude-file a*", "--max-bytes 700", "--album Garden*", "--photos", "--max-size 204", "--order newest",
])  # fmt: skip
LEVELS = st.sampled_from([
    "", f"{WITHOUT} --head", f"{WITHOUT} --deep", "--head --deep", f"{WITHOUT} --deep --sample 50", "--repair --strict",
    f"{WITHOUT} {COUNT}",
])  # fmt: skip
PLAIN = st.sampled_from(["", "--head", "--deep", "--source", "--repair", "--head --repair", "--deep --repair"])


class Finding(AssertionError):
    """Something that must never be; its text is the whole history up to it."""


@dataclass(slots=True)
class Stage:
    """What many histories share: a loop, a server, the way there, and clients of the program and of strangers."""

    loop: asyncio.Runner
    s3: LocalS3
    proxy: FaultProxy
    clients: Clients
    client: Any

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)


@contextmanager
def stage(s3: LocalS3) -> Iterator[Stage]:
    """For at most as many histories as the server has buckets left."""
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # it reports every client that was killed
    with asyncio.Runner() as loop:
        opened = AsyncExitStack()
        try:
            proxy = loop.run(opened.enter_async_context(fault_proxy(s3.server.endpoint)))
            opened.push_async_callback((clients := Clients()).aclose)
            yield Stage(loop, s3, proxy, clients, loop.run(opened.enter_async_context(_client(s3))))
        finally:
            loop.run(opened.aclose())


def _client(s3: LocalS3) -> Any:
    keys = {"aws_access_key_id": s3.server.access_key, "aws_secret_access_key": s3.server.secret_key}
    config = Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required")
    return aioboto3.Session(**keys).client(
        "s3", endpoint_url=s3.server.endpoint, region_name="us-east-1", config=config
    )


@dataclass(slots=True)
class Told:
    """What is known of a history afterwards."""

    seed: int
    lines: list[str] = field(default_factory=list)
    finding: str = ""
    verdicts: int = 0
    safe: int = 0
    """Of the verdicts."""

    def text(self) -> str:
        """The whole history, to be read."""
        return "\n".join([f"seed {self.seed}", *self.lines, f"FOUND: {self.finding}"])


class History(RuleBasedStateMachine):
    """One account, its archive, and what becomes of both."""

    stage: Stage
    told: Told

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.opened = AsyncExitStack()
        self.home = Path(tempfile.mkdtemp(prefix="smug2s3-history-"))
        self.account = Account()
        self.begun = self.failed = False
        self.lied_to = False
        """Whether the run is one in which SmugMug shows a whole that is none."""
        self.verdicts: list[bool] = []

    def teardown(self) -> None:
        try:
            if self.begun and not self.failed:
                self.end()
                self._keep()
        finally:
            self.stage.run(self.opened.aclose())
            shutil.rmtree(self.home)

    def tell(self, line: str) -> None:
        """One more line of the history."""
        if line:
            self.lines.append(f"  {line}")

    def found(self, what: str) -> None:
        """The history ends here."""
        self.failed = True
        self._keep(what)
        raise Finding(self.told.text())

    def _keep(self, finding: str = "") -> None:
        """What is told of it afterwards; what fails is tried again, and the simplest try is told."""
        if finding or not self.told.finding:
            self.told.lines, self.told.finding = self.lines, finding
            self.told.verdicts, self.told.safe = len(self.verdicts), sum(self.verdicts)

    # The beginning

    @initialize(number=NUMBERS, place=PLACE, prefix=PREFIXES, small=st.booleans(), moved=st.booleans())
    def begin(self, number: int, place: str, prefix: str, small: bool, moved: bool) -> None:
        if not number:
            reject()  # the simplest of all histories, which would be tried before each
        limits = Limits(children=2, images=2) if small else Limits()
        self.sim = Simulator(self.account.world, limits=limits)
        self.stage.run(self.opened.enter_async_context(self.sim))
        etags, in_parts = PLACES.get(place, ("", False))
        self.place: Place = (
            in_folder(self.home)
            if place == "folder"
            else in_bucket(self.stage.s3, self.stage.client, self.stage.proxy, etags)
        )
        sign_in = {
            "SMUGMUG_API_ORIGIN": self.sim.origin,
            "SMUGMUG_OAUTH_CONSUMER_KEY": self.sim.consumer_key,
            "SMUGMUG_OAUTH_CONSUMER_SECRET": self.sim.consumer_secret,
            "SMUGMUG_OAUTH_TOKEN": self.sim.token,
            "SMUGMUG_OAUTH_TOKEN_SECRET": self.sim.token_secret,
            "S3_PREFIX": prefix,
        }
        self.commands = Commands(self.stage.loop, self.stage.clients, self.home, sign_in | self.place.settings)
        if in_parts:
            self.commands.single_put = IN_PARTS
        self._make_account(number)
        self.begun = True
        pages = "pages of two" if small else "whole pages"
        self.tell(f"an account of {pages}, to a {place} under {prefix!r}: {self._listed()}")
        if moved:
            self._sync("")

    @property
    def prefix(self) -> str:
        """What every key begins with."""
        return self.commands.settings["S3_PREFIX"].lstrip("/")

    def _make_account(self, number: int) -> None:
        world = self.account.world
        family = world.add_folder("Family")
        for name, parent in (("Garden", family), ("Summer", None), ("Winter", family))[: 1 + number % 3]:
            node = world.album(world.add_album(name, parent))
            assert node is not None
            for photo in ("a.jpg", "b.jpg", "A.JPG")[: number // 3 % 4]:
                self.account.upload(node, photo)

    def _listed(self) -> str:
        return ", ".join("/".join((*one.folders, one.album, one.file_name)) for one in self.account.world.assets())

    # What people and strangers do

    @rule(changes=st.lists(CHANGE, min_size=1, max_size=3))
    def change(self, changes: list[tuple[str, int, int]]) -> None:
        self._change(changes)
        self.look()

    def _change(self, changes: list[tuple[str, int, int]]) -> None:
        for name, which, other in changes:
            self.tell(CHANGES[name](self.account, which, other))

    @rule(name=st.sampled_from(list(DAMAGE)), which=NUMBERS, other=NUMBERS)
    def damage(self, name: str, which: int, other: int) -> None:
        told = self.stage.run(DAMAGE[name](self.place, self.account, self.prefix, which, other))
        self.tell(told and f"a stranger {told}")
        self.look()

    # What is run

    @rule(changes=LATELY, how=HOW, part=PART, after=KILLED)
    def sync(self, changes: list[tuple[str, int, int]], how: list[str], part: str, after: int | None) -> None:
        self._change(changes)
        self._sync(" ".join([*how, part]), killed_after=after)
        self.stage.run(self._quiet())
        self.look()

    @rule(changes=LATELY, how=HOW, part=PART, troubles=TROUBLES)
    def sync_in_trouble(
        self, changes: list[tuple[str, int, int]], how: list[str], part: str, troubles: list[Trouble]
    ) -> None:
        self._change(changes)
        with self._trouble(troubles):
            ran = self._sync(" ".join([*how, part]))
        if (ran.document.get("failed") or ran.code > 2) and all(trouble.is_outage for trouble in troubles):
            self.found("an outage that was taken as a failure")
        self.look()

    @rule(levels=PLAIN)
    def verify(self, levels: str) -> None:
        self._note(f"verify {levels}", self.commands.verify(*levels.split()))

    @rule(levels=LEVELS, after=KILLED)
    def certify(self, levels: str, after: int | None) -> None:
        self._certify(levels, killed_after=after)
        self.stage.run(self._quiet())

    @rule(changes=LATELY, levels=LEVELS, troubles=TROUBLES)
    def certify_in_trouble(self, changes: list[tuple[str, int, int]], levels: str, troubles: list[Trouble]) -> None:
        self._change(changes)
        with self._trouble(troubles):
            self._certify(levels)

    @rule()
    def lose_the_ledger(self) -> None:
        if self.commands.ledger.exists():
            self._note("the ledger is lost; ledger rebuild", self.commands.rebuild())
            self.look()

    @rule(prefix=PREFIXES)
    def change_the_prefix(self, prefix: str) -> None:
        self.commands.settings["S3_PREFIX"] = prefix
        self.tell(f"from now on all goes to {prefix!r}, with a ledger of its own")
        self.look()

    @rule(levels=LEVELS)
    def certify_as_the_public(self, levels: str) -> None:
        """With a sign-in that sees public albums only no account is safe."""
        owner = dict(self.commands.settings)
        token, secret = self.sim.state.keyring.issue(self.sim.consumer_key, Level("Public", "Read"))
        self.commands.settings |= {"SMUGMUG_OAUTH_TOKEN": token, "SMUGMUG_OAUTH_TOKEN_SECRET": secret}
        if self._certify(levels).kind != "not_safe":
            self.found("somebody who sees public albums only is told that all is safe")
        self.commands.settings |= owner

    def _sync(self, options: str, killed_after: int | None = None) -> Ran:
        ran = self.commands.sync(*options.split(), killed_after=killed_after)
        self._note(f"sync {options}{_killed(killed_after)}", ran)
        whole = set(options.split()) <= {"--full", "--follow-renames", "--collected", "reference"}
        # A sync does not look at what it had stored; which album a file was of that strangers changed is hard to say.
        touched = self.place.touched
        if ran.code == 0 and "--full" in options and whole and not (self.lied_to or any(map(is_sidecar, touched))):
            truth = self._truth(but=touched)
            if truth.lacking:
                self.found(f"a run that ends with 0 though {'; '.join(truth.lacking)}")
        return ran

    def _truth(self, but: Collection[str] = ()) -> oracle.Truth:
        return oracle.look(self.account.world, self.place.objects(), self.prefix, but=but)

    def _note(self, what: str, ran: Ran) -> None:
        known = ("moved", "described", "renamed", "gone", "failed", "unavailable", "missing", "different", "extra")
        counts = [f"{ran.document[name]} {name}" for name in (*known, "queued", "error") if ran.document.get(name)]
        problems = [str(problem) for problem in ran.document.get("problems", ())]
        problems += [f"{one['key']}: {one['detail']}" for one in ran.document.get("differences", ())]
        self.tell(f"{what}: exit code {ran.code}" + "".join(f", {one}" for one in counts + problems))
        if "Traceback" in ran.err or "unforeseen" in ran.err:
            self.found(f"a command that ends by accident: {ran.err[-800:]}")

    @contextmanager
    def _trouble(self, troubles: list[Trouble]) -> Iterator[None]:
        """For one run."""
        self.tell(f"[{'; '.join(map(str, troubles))}]")
        for trouble in troubles:
            self.sim.faults.add(*trouble.simulated(self.account))
        if self.place.proxy:
            self.place.proxy.script(*(fault for trouble in troubles for fault in trouble.stored()))
        self.lied_to = any(trouble.lies for trouble in troubles)
        try:
            yield
        finally:
            self.lied_to = False
            self.sim.faults.clear()
            if self.place.proxy:
                self.place.proxy.script()

    async def _quiet(self) -> None:
        """Until the servers have done with the requests of a run that is no more."""
        while sum(self.sim.stats._now.values()) or (self.place.proxy and self.place.proxy.under_way):
            await asyncio.sleep(0.001)

    # What must be true

    def look(self) -> None:
        """Ask for the verdict alone."""
        self._judged("verify --source", WITHOUT, self.commands.judge(WITHOUT))

    def _certify(self, levels: str, killed_after: int | None = None) -> Verdict:
        verdict = self.commands.certify(*levels.split(), killed_after=killed_after)
        self._judged(f"verify --certificate{_killed(killed_after)}", levels, verdict)
        if verdict.code <= 1:
            self._remembered(verdict)
        return verdict

    def _judged(self, what: str, levels: str, verdict: Verdict) -> None:
        """Hold a verdict against the truth."""
        self._note(f"{what} {levels}", verdict)
        self.tell(f"    {verdict.sentence}")
        self.verdicts.append(verdict.kind != "not_safe")
        if verdict.sentence and (wrong := verdict.contradictions):
            self.found(f"a verdict that contradicts itself: {'; '.join(wrong)}")
        if verdict.kind == "safe_without" and WITHOUT not in levels:
            self.found(f"nobody said that they can do without: {verdict.sentence!r}")
        unwitnessed = COUNT in levels or self.account.world.account_count_error
        if verdict.kind != "not_safe" and not (self.lied_to and unwitnessed):
            self._hold(verdict, levels)

    def _remembered(self, verdict: Verdict) -> None:
        told = self.commands.status().document["verified"]
        if (told["verdict"], told["safe_to_cancel"]) != (verdict.sentence, verdict.kind != "not_safe"):
            self.found(f"status says {told['verdict']!r} ({told['safe_to_cancel']}) after {verdict.sentence!r}")

    def _hold(self, verdict: Verdict, levels: str) -> None:
        truth = self._truth()
        if truth.lacking:
            self.found(f"a false safe: {verdict.sentence!r} though {'; '.join(truth.lacking)}")
        if verdict.kind == "safe" and (truth.not_given or truth.extra):
            self.found(f"{verdict.sentence!r} though SmugMug gives no {truth.not_given} and {truth.extra} RAW files")
        named = verdict.text or "\n".join(verdict.unavailable)
        if unnamed := [name for name in truth.not_given if name not in named]:
            self.found(f"{verdict.sentence!r} without a word of {unnamed}")
        if self.account.miscounted and (COUNT not in levels or "which you accepted" not in verdict.sentence):
            self.found(f"{verdict.sentence!r} though the account counts otherwise")
        # Only --head looks at what a stranger may have made of an object's metadata.
        self._described(verdict, but=() if "--head" in levels else self.place.touched)

    def _described(self, verdict: Verdict, but: Collection[str] = ()) -> None:
        objects = {key: data for key, data in self.place.objects().items() if key not in but or is_sidecar(key)}
        said = oracle.undescribed(self.account.world, objects, self.prefix, self.place.said_of)
        if lacking := self.stage.run(said):
            self.found(f"{verdict.sentence!r} though {'; '.join(lacking)}")

    def end(self) -> None:
        """The troubles are over: what the advice says must lead to a safe account."""
        if not self.account.albums():  # no album and a count of something is never safe, whoever accepts it
            self.account.world.account_count_error = 0
        self.tell("in the end:")
        self._sync("--full")
        self._note("verify --deep --head --repair", self.commands.verify("--deep", "--head", "--repair"))
        self._sync("--full")
        verdict = self._certify(f"{WITHOUT} {COUNT}" if self.account.miscounted else WITHOUT)
        if lacking := self._truth().lacking:
            self.found(f"lost: {'; '.join(lacking)}")
        if verdict.kind == "not_safe":
            self.found(f"a false alarm: {verdict.sentence!r}{verdict.document.get('error', '')}\n{verdict.text}")
        self._described(verdict)


def _killed(after: int | None) -> str:
    return "" if after is None else f", killed at its moment {after}"


def run_history(stage: Stage, number: int, *, shrink: bool = False) -> Told:
    """The history of one seed; with ``shrink`` the simplest one that is found on the way from there."""
    told = Told(number)
    machine = seed(number)(type("OneHistory", (History,), {"stage": stage, "told": told}))
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=1,
                stateful_step_count=STEPS,
                phases=phases,
                deadline=None,
                database=None,
                derandomize=False,
                print_blob=False,
                report_multiple_bugs=False,
                verbosity=Verbosity.quiet,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Exception as raised:  # noqa: BLE001 - whatever it is, it is told with its history
        told.finding = told.finding or f"{type(raised).__name__}: {raised}"
    except Endless:
        told.finding = "a command that does not come to its end"
    return told
