"""Whole accounts on real S3 servers of other makers, read back by a client of another maker."""

from __future__ import annotations

import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from smug2s3.app import factories
from smug2s3.app.bucket_runner import apply, look, make
from smug2s3.engine.summary import Summary
from smug2s3.errors import SettingsError, StoreUnusable
from smug2s3.rules.bucket_settings import RIGHTS, Wishes
from smug2s3.rules.bucket_steps import ALREADY, CANNOT, DONE, LEFT_OUT, REFUSED, Outcome, steps
from smug2s3.rules.directories import RESERVED
from smug2s3.rules.evidence import State
from smug2s3.rules.finding import BAD, GOOD, NOTE
from smug2s3.settings import load
from smug2s3.stores.quirks import GENERIC, MIB, PERSONALITIES, Provider
from smugmug_simulator import Simulator, World, worlds
from smugmug_simulator.content import noise_video
from tests.servers.ceph import OWN_CLASS
from tests.support import killed_in_parts
from tests.support.bucket import SIDECAR, Bucket, should_hold
from tests.support.juicefs import HOW_TO, gateway, juicefs
from tests.support.machine import Machine
from tests.support.real_server import REAL, real_account
from tests.support.s3_account import Kept, S3Account
from tests.support.wired import Wired

OWN_CLASSES = {"ceph": (OWN_CLASS,)}
KILLED = killed_in_parts.__name__
OWN = (SIDECAR, *RESERVED)


@pytest.fixture(scope="module", params=["minio", "juicefs", *(["environment"] if REAL["ENDPOINT"] else [])])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Account]:
    """Each of them in turn; skipped if the program is not there."""
    if request.param == "environment":
        yield real_account()
        return
    if request.param == "minio":
        yield replace(request.getfixturevalue("minio"), personality="minio")
        return
    program = juicefs()
    if program is None:
        pytest.skip(f"no JuiceFS was found: {HOW_TO}")
    with gateway(program, tmp_path_factory.mktemp("juicefs")) as account:
        yield replace(account, personality="juicefs")


@dataclass(slots=True)
class There(Wired):
    """An account whose archive lies on that server."""

    account: S3Account = field(kw_only=True)

    @property
    def objects(self) -> dict[str, Kept]:
        """Everything that is there, without the prefix."""
        return self.account.objects(self.changes["S3_BUCKET"])

    def assert_complete(self) -> None:
        """Every file as often as it is listed, byte for byte, and nothing else but the archive's own files."""
        held = Counter(kept.md5 for key, kept in self.objects.items() if key.rpartition("/")[2] not in OWN)
        assert held == should_hold(self.sim.world.assets())
        assert self.account.open_uploads(self.changes["S3_BUCKET"]) == []

    async def synced(self, **options: object) -> Summary:
        """One sync that did everything."""
        summary = await self.sync(**options)
        assert (summary.failed, summary.problems) == (0, [])
        return summary


def with_video() -> World:
    """The tiny account, and a video that goes in parts."""
    world = worlds.tiny()
    shape = {"is_video": True, "format": "MP4", "duration": 3.5, "width": 1280, "height": 720}
    world.add_image(world.add_album("Wedding"), "speech.mov", noise_video(1, 17 * MIB + 5), **shape)
    return world


@pytest.fixture
async def there(
    server: S3Account, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[There]:
    """A fresh bucket on the server; what is larger than 5 MiB goes in parts."""
    small = replace(GENERIC, single_put=5 * MIB, part_size=5 * MIB)

    def provider_of(_endpoint: str | None) -> Provider:
        return small

    monkeypatch.setattr(factories, "provider_of", provider_of)
    async with Simulator(with_video()) as sim:
        yield There(sim, bucket, tmp_path, changes=server.settings(server.new_bucket()), account=server)


async def test_a_whole_account_goes_there_and_stays_right_through_all_that_happens_later(there: There) -> None:
    found = await there.check()
    assert [finding for finding in found.values() if finding.grade == BAD] == []
    if known := PERSONALITIES.get(there.account.personality):
        assert {finding.name for finding in found.values() if finding.grade == NOTE} == set(known.differs)
    plain = found["ETag"].grade == GOOD
    keeps_titles = "returned changed" not in found["metadata"].meaning
    assert there.objects == {}

    first = await there.synced()
    assert first.moved == 7
    there.assert_complete()
    titles = {kept.title for kept in there.objects.values()}
    assert ("A rose" in titles) is keeps_titles
    assert (await there.synced()).moved == 0

    assert (await there.verify()).clean or not plain
    assert (await there.verify(deep=1.0)).clean
    # Of ETags that change with every listing nothing can be remembered.
    await there.verify(source=True, certify=True, deep=0.0 if plain else 1.0)
    assert there.certificates[-1].verdict.safe

    world = there.sim.world
    rose = next(one for one in world.assets() if one.file_name == "rose.jpg")
    world.set_caption(rose.image_key, "Red, at last")
    world.replace_image(next(one for one in world.assets() if one.file_name == "tulip (2).jpg").image_key)
    assert (await there.synced(full=True)).moved == 1
    world.rename_album(rose.album_key, "Park")
    world.rename_album(next(one for one in world.assets() if one.file_name == "speech.mov").album_key, "Feast")
    assert (await there.synced(follow_renames=True)).moved == 0
    there.assert_complete()
    assert {one.kind for one in (await there.verify()).differences} <= {State.UNPROVEN}
    albums = {key.split("/")[-2] for key in there.objects}
    assert {"Park", "Feast"} <= albums
    assert not albums & {"Garden", "Wedding"}

    there.ledger.unlink()
    await there.rebuild()
    with closing(sqlite3.connect(there.ledger)) as ledger:
        assert ledger.execute("SELECT count(*) FROM assets").fetchone() == (7,)
    assert (await there.synced(full=True)).moved == 0
    last = await there.verify(deep=1.0)
    assert last.clean
    assert last.extra == []
    there.assert_complete()


async def test_a_run_that_was_killed_in_a_large_video_is_continued(there: There) -> None:
    machine = Machine(home=there.home, settings=there.variables)
    machine.write_env()
    here = {"PYTHONPATH": str(Path(__file__).parents[2])}
    async with machine.started("sync", "--order", "smallest", command=("-m", KILLED), environment=here) as process:
        await process.communicate()
        assert process.returncode == -signal.SIGKILL
    assert [key.rpartition("/")[2] for key in there.account.open_uploads(there.changes["S3_BUCKET"])] == ["speech.mp4"]

    assert 1 <= (await there.synced()).moved < 7
    there.assert_complete()
    assert (await there.verify(deep=1.0)).clean


async def test_a_bucket_is_created_or_mended_there_as_is_said_and_can_be_written_to(server: S3Account) -> None:
    made = load(server.settings(f"made-{uuid4().hex[:12]}"), needs=frozenset({"store"}))
    outcomes: list[Outcome] = []
    assert await make(made, Wishes(), lambda: None, outcomes.append)
    assert not await make(made, Wishes(), lambda: None, outcomes.append)
    assert [one.step.row for one in outcomes] == [step.row for step in steps(Wishes(), at_creation=True)]
    _is_as_said(server, made.bucket, outcomes)

    found = replace(made, bucket=server.new_bucket())
    mended: list[Outcome] = []
    await apply(found, [one.step for one in outcomes], Wishes(), mended.append)
    assert [one.kind for one in mended] == [one.kind for one in outcomes]
    _is_as_said(server, found.bucket, mended)
    await apply(found, [one.step for one in outcomes if one.kind == DONE], Wishes(), mended.append)
    assert {one.kind for one in mended[len(outcomes) :]} <= {ALREADY}

    shown = {finding.name: finding.grade for finding in (await look(made)).findings}
    assert {shown[one.step.row] for one in outcomes if one.kind == DONE} <= {GOOD}
    assert GOOD not in {shown.get(one.step.row) for one in outcomes if one.kind != DONE}


def _is_as_said(server: S3Account, bucket: str, outcomes: list[Outcome]) -> None:
    """Everything that was done is there, nothing else is, and objects can be stored."""
    assert {one.kind for one in outcomes} <= {DONE, CANNOT, LEFT_OUT, REFUSED}
    assert all(one.said for one in outcomes if one.kind != DONE)
    with server.client() as client:
        assert bucket in [one["Name"] for one in client.list_buckets()["Buckets"]]
        there = {setting for setting in RIGHTS if _is_set(client, bucket, setting)}
        assert there == {one.step.setting for one in outcomes if one.kind == DONE}
        client.put_object(Bucket=bucket, Key="a.jpg", Body=b"x")


def _is_set(client: Any, bucket: str, setting: str) -> bool:
    """Whether there is anything to it; to what Ceph does not know it answers with a listing."""
    try:
        answer = getattr(client, f"get_{setting}")(Bucket=bucket)
    except ClientError:
        return False
    values = str({name: value for name, value in answer.items() if name != "ResponseMetadata"})
    return any(word in values for word in ("True", "Enabled", "Statement", "SSEAlgorithm", "ObjectOwnership"))


async def test_a_class_that_the_server_does_not_have_is_refused_before_the_first_byte_or_ignored(there: There) -> None:
    for name in (OWN_CLASS, "NO_SUCH_CLASS"):
        there.changes |= {"S3_STORAGE_CLASS": name, "S3_PREFIX": name, "LEDGER_PATH": f"{there.home}/{name}.db"}
        found = await there.check()
        if "storage" in found:
            assert found["storage"].grade == BAD
            with pytest.raises(SettingsError, match=f"does not accept S3_STORAGE_CLASS={name}: "):
                await there.sync()
        else:
            assert (found["S3_STORAGE_CLASS"].grade == GOOD) is (name in OWN_CLASSES.get(there.account.personality, ()))
            await there.synced()
        assert any(key.startswith(name) for key in there.objects) is ("storage" not in found)


async def test_wrong_keys_are_named_and_copy_nothing(there: There) -> None:
    there.changes |= {"S3_SECRET_KEY": "wrong"}
    with pytest.raises(StoreUnusable, match="rejected the secret key"):
        await there.sync()
    there.changes |= {"S3_ACCESS_KEY": "unknown-key"}
    with pytest.raises(StoreUnusable, match=r"does not know this access key|rejected the secret key"):
        await there.sync()
