"""Whatever changes, fails or is killed between and during runs: in the end the bucket holds what the rules promise."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smug2s3.errors import SourceError, StoreError
from smug2s3.models import Collecting
from smug2s3.rules import keys
from smug2s3.rules.filters import Filters
from smug2s3.rules.order import Order
from smugmug_simulator import Fault, Simulator, World
from smugmug_simulator.content import Literal, noise_photo
from tests.support.bucket import PREFIX, SIDECAR, md5_of
from tests.support.fault_proxy import FaultProxy, StoreFault, fault_proxy
from tests.support.quick import Pair
from tests.support.servers import LocalS3

T = TypeVar("T")

NAMES = st.sampled_from(
    ["a.jpg", "A.JPG", "b.jpg", "é.jpg", "e\u0301.jpg", "", "_album.json", "a/b.jpg", "con", "写真.jpg"]
)
ALBUMS = st.sampled_from(["Garden", "garden", "Summer", "manifest.jsonl", "a/b", "..", "Räume"])
HOW = st.sampled_from(Collecting)
NUMBERS = st.integers(min_value=0, max_value=1_000_000)

SOURCE_FAULTS = st.sampled_from([
    Fault(action="status", status=500, kind="media", times=2),
    Fault(action="status", status=403, kind="media", times=1),
    Fault(action="reset", kind="media", amount=10, times=2),
    Fault(action="short", kind="media", amount=20, times=2),
    Fault(action="corrupt", kind="media", amount=3, times=3),
    Fault(action="html", kind="media", times=2),
    Fault(action="status", status=429, kind="api", times=1),
    Fault(action="status", status=500, kind="api", path="*!images*", times=5),
    Fault(action="nonce_used", kind="api", times=1),
    Fault(action="shrink_page", kind="api", path="*!images*", amount=1, times=1),
])  # fmt: skip
STORE_FAULTS = st.sampled_from([
    StoreFault(action="answer", method="PUT", times=2),
    StoreFault(action="answer", method="PUT", times=1, status=403, code="AccessDenied"),
    StoreFault(action="reset", method="PUT", times=2),
    StoreFault(action="reset_midway", method="PUT", times=2),
    StoreFault(action="reply_lost", method="PUT", times=2),
    StoreFault(action="wrong_etag", method="PUT", times=2),
    StoreFault(action="answer", method="DELETE", times=5),
    StoreFault(action="answer", method="GET", times=2),
])  # fmt: skip
PARTS = st.fixed_dictionaries({
    "order": st.sampled_from(Order),
    "max_bytes": st.none() | st.integers(min_value=1, max_value=3_000),
    "filters": st.sampled_from([
        Filters(), Filters(max_size=302), Filters(exclude_files=("a*",)), Filters(exclude_albums=("Garden",)),
    ]),
})  # fmt: skip


class Archive(RuleBasedStateMachine):
    """An account that people work on, runs that go wrong, and what must be true all the while."""

    server: LocalS3

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.opened = AsyncExitStack()
        self.home = Path(tempfile.mkdtemp(prefix="smug2s3-machine-"))
        self.world = World("mine")
        self.number = 0
        self.bucket = self.server.new_bucket()
        self.sim, self.proxy = self.run(self._open())
        self.pair = Pair(self.sim, self.bucket, self.home / "ledger.db", endpoint=self.proxy.endpoint)
        self.stored: set[str] = set()
        """MD5s that were seen in the bucket: none may ever vanish but those of replaced files."""
        self.replaced: set[str] = set()
        self.uploaded: set[str] = set()
        self.left = False
        """Whether a photo left one of its albums since all of them were listed."""

    async def _open(self) -> tuple[Simulator, FaultProxy]:
        sim = await self.opened.enter_async_context(Simulator(self.world))
        return sim, await self.opened.enter_async_context(fault_proxy(self.bucket.server.endpoint))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of something asynchronous."""
        return self.loop.run(work)

    def teardown(self) -> None:
        self.run(self.opened.aclose())
        self.loop.close()
        shutil.rmtree(self.home)

    def albums(self) -> list[str]:
        """Keys of all albums."""
        return [node.album.key for node in self.world.album_nodes() if node.album]

    def images(self) -> list[str]:
        """Keys of all images, each once."""
        return sorted({asset.image_key for asset in self.world.assets()})

    # What people do on SmugMug

    @initialize(names=st.lists(NAMES, min_size=1, max_size=4))
    def begin(self, names: list[str]) -> None:
        album = self.world.add_album("Garden", self.world.add_folder("Family"))
        for name in names:
            self.upload(album, name)

    def upload(self, album: str, name: str) -> None:
        """A photo like no other; a few are empty but for a byte."""
        self.number += 1
        content = (
            noise_photo(self.number, 300 + self.number) if self.number % 7 else Literal(bytes([self.number % 256]))
        )
        self.world.add_image(album, name, content)

    @rule(name=ALBUMS, folder=st.booleans(), photo=NAMES)
    def add_album(self, name: str, folder: bool, photo: str) -> None:
        parents = [node.id for node in self.world.children(self.world.root) if node.type == "Folder"]
        self.upload(self.world.add_album(name, parents[0] if folder else None), photo)

    @rule(which=NUMBERS, name=NAMES)
    def add(self, which: int, name: str) -> None:
        albums = self.albums()
        self.upload(albums[which % len(albums)], name)

    @precondition(lambda self: self.images())
    @rule(which=NUMBERS, touch=st.booleans())
    def replace(self, which: int, touch: bool) -> None:
        images = self.images()
        key = images[which % len(images)]
        self.replaced |= {asset.md5 for asset in self.world.assets() if asset.image_key == key}
        self.world.replace_image(key, touch_album=touch)

    @precondition(lambda self: self.images())
    @rule(which=NUMBERS)
    def delete(self, which: int) -> None:
        images = self.images()
        self.world.delete_image(images[which % len(images)])

    @precondition(lambda self: self.images())
    @rule(which=NUMBERS, words=st.sampled_from(["", "plain", "Schöne Aussicht · 一番", "x" * 5000]))
    def caption(self, which: int, words: str) -> None:
        images = self.images()
        self.world.set_caption(images[which % len(images)], words)

    @rule(which=NUMBERS, name=ALBUMS)
    def rename(self, which: int, name: str) -> None:
        albums = self.albums()
        self.world.rename_album(albums[which % len(albums)], name)

    @rule(name=ALBUMS)
    def rename_folder(self, name: str) -> None:
        folder = next(node for node in self.world.children(self.world.root) if node.type == "Folder")
        self.world.rename_folder(folder.id, name)

    @rule(which=NUMBERS, up=st.booleans())
    def move(self, which: int, up: bool) -> None:
        albums = self.albums()
        folder = next(node for node in self.world.children(self.world.root) if node.type == "Folder")
        self.world.move_album(albums[which % len(albums)], self.world.root if up else folder.id)

    @precondition(lambda self: self.images())
    @rule(image=NUMBERS, album=NUMBERS)
    def collect(self, image: int, album: int) -> None:
        images, albums = self.images(), self.albums()
        key, home = images[image % len(images)], albums[album % len(albums)]
        if home not in self.world.homes(key):
            self.world.collect_image(home, key)

    @precondition(lambda self: any(len(self.world.homes(key)) > 1 for key in self.images()))
    @rule(image=NUMBERS, album=NUMBERS)
    def take_out(self, image: int, album: int) -> None:
        images = [key for key in self.images() if len(self.world.homes(key)) > 1]
        key = images[image % len(images)]
        homes = self.world.homes(key)
        self.world.remove_from_album(homes[album % len(homes)], key)
        self.left = True

    # What happens to runs

    @rule(follow=st.booleans(), how=HOW, source=SOURCE_FAULTS, store=STORE_FAULTS, both=st.booleans())
    def sync_with_faults(self, follow: bool, how: Collecting, source: Fault, store: StoreFault, both: bool) -> None:
        self.sim.faults.add(source)
        if both:
            self.proxy.script(store)
        self.run(self._sync(follow, how))

    @rule(follow=st.booleans(), how=HOW, store=STORE_FAULTS)
    def sync_with_a_failing_store(self, follow: bool, how: Collecting, store: StoreFault) -> None:
        self.proxy.script(store)
        self.run(self._sync(follow, how))

    @rule(follow=st.booleans(), how=HOW, after=st.floats(min_value=0.0, max_value=0.25))
    def sync_and_be_killed(self, follow: bool, how: Collecting, after: float) -> None:
        self.run(self._killed(after, follow_renames=follow, collected=how))

    @rule(follow=st.booleans(), how=HOW)
    def sync(self, follow: bool, how: Collecting) -> None:
        self.run(self._sync(follow, how))

    @rule(follow=st.booleans(), how=HOW, part=PARTS)
    def sync_a_part(self, follow: bool, how: Collecting, part: dict[str, Any]) -> None:
        summary = self.run(self.pair.sync(follow_renames=follow, collected=how, **part))
        assert (summary.failed, summary.problems) == (0, [])
        assert summary.bytes <= (part["max_bytes"] or summary.bytes)

    @rule(part=PARTS, after=st.floats(min_value=0.0, max_value=0.25))
    def sync_a_part_and_be_killed(self, part: dict[str, Any], after: float) -> None:
        self.run(self._killed(after, **part))

    async def _sync(self, follow: bool, how: Collecting) -> None:
        with contextlib.suppress(SourceError, StoreError):
            await self.pair.sync(follow_renames=follow, collected=how)
        self.sim.faults.clear()
        self.proxy.script()

    async def _killed(self, after: float, **options: Any) -> None:
        task = asyncio.create_task(self.pair.sync(**options))
        await asyncio.sleep(after)
        task.cancel()
        await asyncio.wait({task})

    # What must be true

    @invariant()
    def nothing_visible_is_wrong_and_nothing_is_lost(self) -> None:
        """Every object is whole, one of the files that ever were; nothing that was stored has been removed."""
        self.uploaded |= {asset.md5 for asset in self.world.assets()}
        held = {md5_of(path) for key, path in self.bucket.files().items() if not key.endswith(SIDECAR)}
        assert held <= self.uploaded
        assert self.stored - self.replaced <= held
        self.stored = held

    def finish(self, *, follow: bool, how: Collecting) -> None:
        """Two undisturbed runs, of which the second has nothing left to do, and a look at everything."""
        if self.left:  # Who is left to describe a photo is only known when all albums have been listed.
            self.run(self.pair.sync(full=True, follow_renames=follow, collected=how))
            self.left = False
        first = self.run(self.pair.sync(full=True, follow_renames=follow, collected=how))
        assert (first.failed, first.problems) == (0, [])
        second = self.run(self.pair.sync(full=True, follow_renames=follow, collected=how))
        assert (second.moved, second.described, second.renamed, second.failed) == (0, 0, 0, 0)
        files = self.bucket.files()
        assert len({keys.fold(key) for key in files}) == len(files)
        report = self.run(self.pair.verify(deep=1.0, source=True))
        assert report.differences == []
        self._every_asset_lies_under_its_key()
        assert self.run(self.bucket.open_uploads()) == []

    def _every_asset_lies_under_its_key(self) -> None:
        documents = [self.bucket.album(key.rpartition("/")[0]) for key in self._newest_sidecars()]
        told = {
            (document["album"]["AlbumKey"], item["image"]["ImageKey"]): (item["key"], "reference" in item)
            for document in documents
            for item in document["items"]
        }
        files = self.bucket.files()
        for asset in self.world.assets():
            key, _ = told[asset.album_key, asset.image_key]
            assert key.startswith(PREFIX)
            assert md5_of(files[key]) == asset.md5
        own = [key for key, reference in told.values() if not reference]
        assert len(set(own)) == len(own)
        assert len({(key, image) for (_, image), (key, _) in told.items()}) == len({key for key, _ in told.values()})

    def _newest_sidecars(self) -> Iterator[str]:
        newest: dict[str, tuple[int, str]] = {}
        for key, path in self.bucket.files().items():
            if key.endswith(f"/{SIDECAR}"):
                album = self.bucket.album(key.rpartition("/")[0])["album"]["AlbumKey"]
                newest[album] = max(newest.get(album, (0, "")), (path.stat().st_mtime_ns, key))
        return (key for _, key in newest.values())

    @rule(follow=st.booleans(), how=HOW)
    def finish_now(self, follow: bool, how: Collecting) -> None:
        self.finish(follow=follow, how=how)


def test_in_the_end_the_bucket_holds_what_the_rules_promise(s3: LocalS3) -> None:
    def teardown(machine: Archive) -> None:
        try:
            machine.finish(follow=machine.number % 2 == 0, how=list(Collecting)[machine.number % 3 % 2])
        finally:
            Archive.teardown(machine)

    here = type("ArchiveHere", (Archive,), {"server": s3, "teardown": teardown})
    here.TestCase.settings = settings(  # type: ignore[attr-defined]
        max_examples=4,
        stateful_step_count=8,
        phases=[Phase.generate],  # a failure is told as it came: every try takes a second
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    here.TestCase("runTest").runTest()  # type: ignore[attr-defined]
