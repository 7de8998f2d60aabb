"""One account, its archive, and what is typed between what happens to both; every verdict is held against the truth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smugmug_simulator import Fault, Simulator, World
from smugmug_simulator.model import Image, Node, Quirk
from tests.support import oracle
from tests.support.bucket import PREFIX
from tests.support.changes import Account
from tests.support.commands import Commands, Ran, Verdict
from tests.support.fault_proxy import FaultProxy, StoreFault
from tests.support.histories import Stage
from tests.support.places import Place, in_bucket, in_folder

WITHOUT, COUNT = "--accept-unavailable", "--accept-count"
PLACES = ("bucket", "disguised", "foreign", "folder")
"""A bucket whose ETags are MD5s, two whose ETags say nothing, and a folder."""

NOTHING_OBTAINABLE = frozenset({Quirk.NO_ARCHIVED, Quirk.NO_ORIGINAL_SIZE_DETAIL, Quirk.NO_VIDEO})
PROCESSING: dict[str, Any] = {"quirks": frozenset({Quirk.NO_VIDEO}), "processing": True, "status": "Preprocess"}
PROCESSED: dict[str, Any] = {"quirks": frozenset(), "processing": False, "status": "Open"}

NO_MEDIA = Fault(action="status", status=403, kind="media", times=None)


@dataclass(slots=True)
class Story:
    """What happens to an account and its archive, in the order in which it is told."""

    stage: Stage
    account: Account
    sim: Simulator
    place: Place
    commands: Commands

    @property
    def world(self) -> World:
        """The account as it is."""
        return self.account.world

    @property
    def prefix(self) -> str:
        """What every key begins with."""
        return self.commands.settings["S3_PREFIX"].lstrip("/")

    @property
    def proxy(self) -> FaultProxy:
        """What stands before the bucket."""
        assert self.place.proxy is not None
        return self.place.proxy

    # What people do on SmugMug

    def image(self, name: str) -> Image:
        """The one of that file name."""
        (found,) = [image for image in self.world.stored_images() if image.file_name == name]
        return found

    def change(self, name: str, **fields: Any) -> None:
        """Its record changes, and no album's date moves with it."""
        self.account.change(self.image(name), **fields)

    def album(self, name: str) -> Node:
        """The album of that name."""
        (found,) = [node for node in self.world.album_nodes() if node.name == name]
        return found

    def album_key(self, name: str) -> str:
        """Its key."""
        album = self.album(name).album
        assert album is not None
        return album.key

    @contextmanager
    def spoilt(self, *faults: Fault | StoreFault) -> Iterator[None]:
        """What SmugMug and the store do wrong for a while."""
        self.spoil(*faults)
        try:
            yield
        finally:
            self.sim.faults.clear()
            if self.place.proxy:
                self.place.proxy.script()

    def spoil(self, *faults: Fault | StoreFault) -> None:
        """The same, until a while is over."""
        self.sim.faults.add(*(fault for fault in faults if isinstance(fault, Fault)))
        if self.place.proxy:
            self.place.proxy.script(*(fault for fault in faults if isinstance(fault, StoreFault)))

    # What happens in the store

    def flip(self, key: str) -> None:
        """A bit of an object turns."""
        content = self.place.objects()[key]
        half = len(content) // 2
        self.write(key, content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :])

    def write(self, key: str, content: bytes) -> None:
        """A stranger writes there."""
        self.stage.run(self.place.write(key, content))

    def remove(self, key: str) -> None:
        """A stranger removes it."""
        self.stage.run(self.place.remove(key))

    # What is typed

    def sync(self, *options: str, code: int = 0, **counts: int) -> Ran:
        """One run that ends with ``code`` and has these counts in its summary."""
        ran = self.commands.sync(*options)
        assert (ran.code, {name: ran.document[name] for name in counts}) == (code, counts), ran
        assert "Traceback" not in ran.err
        return ran

    def certify(self, *options: str) -> Verdict:
        """One verdict, which nothing that is said contradicts, and which is no false safe."""
        verdict = self.commands.certify(*options)
        assert verdict.code in (0, 1), verdict.err
        assert verdict.contradictions == []
        assert verdict.text.splitlines()[-1] == verdict.sentence
        if verdict.kind != "not_safe":
            assert self.lacking == ()
        return verdict

    # What must be true

    @property
    def lacking(self) -> tuple[str, ...]:
        """What SmugMug has and the store has not, looked at without the program."""
        return oracle.look(self.world, self.place.objects(), self.prefix).lacking

    def assert_safe(self, *options: str, items: int = 6) -> Verdict:
        """Everything is there, whoever looks."""
        verdict = self.certify(*options)
        assert verdict.sentence.startswith(
            f"Safe to cancel: all {items} items SmugMug lists are in the bucket, verified and with current metadata."
        )
        assert verdict.document["differences"] == []
        return verdict

    def assert_not_safe(self, *words: str, named: dict[str, str], options: tuple[str, ...] = ()) -> Verdict:
        """The sentence says ``words``; what is ``named`` is named by that kind of difference, and nothing else is."""
        verdict = self.certify(*options)
        assert (verdict.kind, verdict.code) == ("not_safe", 1)
        assert verdict.sentence.startswith("Not safe to cancel yet: ")
        assert [word for word in words if word not in verdict.sentence] == [], verdict.sentence
        differences = verdict.document["differences"]
        assert {one["key"].removeprefix(self.prefix): one["kind"] for one in differences} == named, differences
        return verdict


@contextmanager
def story(stage: Stage, home: Path, place: str, *, world: World, prefix: str = PREFIX) -> Iterator[Story]:
    """The account is not moved yet."""
    with ExitStack() as opened:

        def enter(manager: Any) -> Any:
            entered = stage.run(manager.__aenter__())
            opened.callback(lambda: stage.run(manager.__aexit__(None, None, None)))
            return entered

        sim = enter(Simulator(world))
        looks: Any = place if place in ("disguised", "foreign") else ""
        where: Place = in_folder(home) if place == "folder" else in_bucket(stage.s3, stage.client, stage.proxy, looks)
        settings = {
            "SMUGMUG_API_ORIGIN": sim.origin,
            "SMUGMUG_OAUTH_CONSUMER_KEY": sim.consumer_key,
            "SMUGMUG_OAUTH_CONSUMER_SECRET": sim.consumer_secret,
            "SMUGMUG_OAUTH_TOKEN": sim.token,
            "SMUGMUG_OAUTH_TOKEN_SECRET": sim.token_secret,
            "S3_PREFIX": prefix,
        }
        commands = Commands(stage.loop, stage.clients, home, settings | where.settings)
        yield Story(stage, Account(world), sim, where, commands)
