"""RAW and other files of SmugMug Source are copied beside their preview, proven, counted apart, and come home."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smug2s3.app.raw_shapes_runner import run_raw_shapes
from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.summary import summary_text
from smug2s3.ledger import lookup
from smug2s3.ledger.ledger import open_ledger
from smug2s3.ledger.status import read_status, unmoved
from smug2s3.models import Collecting
from smug2s3.reporting.amounts import amount
from smug2s3.reporting.certificate import certificate_text
from smug2s3.reporting.events import Event, EventReporter, Weight
from smug2s3.reporting.page.sections import figures
from smug2s3.reporting.status import left_text, status_text
from smug2s3.rules.components import NOT_GIVEN, NOT_SAID, Raw
from smug2s3.rules.evidence import State
from smug2s3.rules.search import parse
from smug2s3.rules.xmp import Naming
from smugmug_simulator import Fault, Simulator, World, worlds
from tests.support.bucket import Bucket, assert_holds, md5_of
from tests.support.home import seconds
from tests.support.quick import Pair
from tests.support.wired import Wired

OFF = {"RAW_FILES": "off"}


@pytest.fixture
async def wired(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Wired]:
    """The tiny account."""
    async with Simulator(worlds.tiny()) as sim:
        yield Wired(sim, bucket, tmp_path)


@pytest.fixture
async def pair(bucket: Bucket, tmp_path: Path) -> AsyncIterator[Pair]:
    """The same, without its patience."""
    async with Simulator(worlds.tiny()) as sim:
        yield Pair(sim, bucket, tmp_path / "ledger.db")


def image(world: World, name: str) -> str:
    """The key of the image of that name."""
    return next(asset.image_key for asset in world.assets() if asset.file_name == name)


def add(world: World, name: str, raw: str, **how: object) -> None:
    """Put another file of an image into SmugMug Source."""
    world.add_component(image(world, name), raw, **how)  # type: ignore[arg-type]


def names(bucket: Bucket, *suffixes: str) -> list[str]:
    return sorted(path.name for path in bucket.files().values() if path.name.lower().endswith(suffixes))


async def test_raw_files_of_a_hostile_account_are_copied_counted_and_listed_beside_their_previews(
    bucket: Bucket, tmp_path: Path
) -> None:
    async with Simulator(worlds.hostile(long_album=5)) as sim:
        wired = Wired(sim, bucket, tmp_path)
        summary = await wired.sync()
        raw = [asset for asset in sim.world.assets() if asset.component]
        report = await wired.verify(source=True, heads=True)
    wired.assert_complete()
    assert (summary.components, summary.components_moved, summary.failed) == (len(raw), len(raw), 0)
    assert summary.components_bytes == sum(asset.size for asset in raw)
    assert report.components == {State.PROVEN: len(raw)}
    twins = {key.rpartition("/")[2] for key in bucket.media() if "/Twins/" in key}
    stems = {name.rpartition(".")[0].removesuffix(".RW2") for name in twins}
    assert {f"{stem}.RW2" for stem in stems if "+" not in stem} <= twins
    assert {"IMG_0001.RW2.dop", "IMG_0001.xmp"} <= twins

    document = bucket.album("Half-known")
    line = next(item for item in document["items"] if "component" in item and item["key"].endswith("raw.RW2"))
    assert (line["component"]["ComponentType"], line["component"]["FileSize"]) == ("svi", 5000)
    assert not [name for name in line["component"] if name.endswith("Url")]

    assert (await wired.get(tmp_path / "home")).failed == 0
    times = seconds(tmp_path / "home")
    beside = {name: moment for name, moment in times.items() if name.endswith("Half-known/raw.RW2")}
    assert list(beside.values()) == [times[name.replace("RW2", "jpg")] for name in beside]


async def test_a_raw_file_follows_its_preview_and_a_replaced_preview_leaves_it_alone(wired: Wired) -> None:
    world, bucket = wired.sim.world, wired.bucket
    add(world, "rose.jpg", "rose.CR2")
    await wired.sync()
    wired.ledger.unlink()
    assert (await wired.rebuild()).unknown == 0
    before = md5_of(bucket.path("Garden/rose.CR2"))

    world.replace_image(image(world, "rose.jpg"), touch_album=True)
    replaced = await wired.sync(full=True)
    assert (replaced.moved, replaced.components_moved, replaced.described) == (1, 0, 0)

    world.rename_image(image(world, "rose.jpg"), "Rosa.jpg")
    await wired.sync(full=True)
    assert names(bucket, ".cr2") == ["rose.CR2"]
    renamed = await wired.sync(full=True, follow_renames=True)
    assert (names(bucket, ".cr2"), names(bucket, "osa.jpg")) == (["Rosa.CR2"], ["Rosa.jpg"])
    assert (renamed.renamed, renamed.moved, md5_of(bucket.path("Rosa.CR2"))) == (2, 0, before)
    assert (await wired.verify(source=True, heads=True)).clean

    bucket.path("Rosa.CR2").unlink()
    await bucket.changed_from_outside()
    assert [one.key for one in (await wired.verify(repair=True)).differences] == ["smugmug/Garden/Rosa.CR2"]
    assert (await wired.sync()).components_moved == 1
    wired.assert_complete()


async def test_what_smugmug_does_not_give_is_said_once_and_stands_in_the_verdict(wired: Wired) -> None:
    world = wired.sim.world
    for asset in list(world.assets()):
        add(world, asset.file_name, "x.RW2")
    world.components = "404"
    events: list[Event] = []
    wired.listener = EventReporter(events.append)

    summary = await wired.sync()

    hints = sum(1 for asset in world.assets() if not asset.component)
    assert (summary.failed, summary.albums_incomplete, summary.moved) == (0, 0, hints)
    assert (summary.components, summary.components_unavailable, summary.unavailable) == (hints, hints, hints)
    assert [event.sentence.count(NOT_GIVEN) for event in events if event.weight is Weight.TROUBLE] == [1]
    asked = [seen for seen in wired.sim.requests if seen.path.endswith("!components")]
    assert len({seen.path for seen in asked}) == hints
    said = summary_text(Outcome(summary=summary), dry_run=False)
    assert f"of these, RAW and other files of SmugMug Source: 0 copied (0 B), {hints} not available" in said
    assert said.count("SmugMug does not give this API key the RAW") == 1

    report = await wired.verify(source=True, certify=True)
    assert report.verdict is not None
    assert f"{hints} items in SmugMug Source (such as RAW) that SmugMug does not deliver" in report.verdict.sentence
    text = certificate_text(wired.certificates[0])
    assert text.count(NOT_GIVEN) == 1
    assert f"RAW        {hints} files in SmugMug Source (RAW, PSD, XMP, videos): 0 proven" in text
    assert (await wired.verify(source=True, accept_unavailable=True)).passed

    world.components = "given"
    again = await wired.sync()
    assert (again.components_moved, again.gone) == (hints, 0), "it is asked for a few of them in every run"
    assert (await wired.verify(source=True)).passed


@pytest.mark.parametrize("vault", ["oauth", "login", "forbidden"])
async def test_the_vault_gets_a_signature_only_if_the_address_is_not_enough(pair: Pair, vault: str) -> None:
    world = pair.sim.world
    for asset in list(world.assets())[:5]:
        add(world, asset.file_name, "x.RW2")
    world.vault = vault  # type: ignore[assignment]

    summary = await pair.sync()

    given = vault == "oauth"
    if vault == "login":
        assert "(SmugMug sent a web page instead of the file)" in summary_text(Outcome(summary=summary), dry_run=False)
    assert (summary.failed, summary.components_moved, summary.components_unavailable) == (
        (0, 5, 0) if given else (0, 0, 5)
    )
    tries = [seen.signed for seen in pair.sim.requests if seen.path.startswith("/smugvault/")]
    assert tries.count(False) >= 3
    if given:
        assert (tries.count(False), tries.count(True)) == (5, 5)
        assert_holds(pair.bucket, world.assets())


async def test_stored_raw_files_stay_as_they_are_while_smugmug_does_not_list_them(wired: Wired) -> None:
    world, bucket = wired.sim.world, wired.bucket
    add(world, "rose.jpg", "rose.CR2")
    await wired.sync()
    told = bucket.album("Garden")

    for components, changes in (("404", {}), ("given", OFF)):
        world.components, wired.changes = components, changes  # type: ignore[assignment]
        summary = await wired.sync(full=True)
        assert (summary.gone, summary.moved, summary.components_unavailable) == (0, 0, 0)
        assert (await wired.verify(source=True)).count("missing") == 0
        items = [item["key"] for item in bucket.album("Garden")["items"]]
        assert items == [item["key"] for item in told["items"]]

    wired.changes = {}
    await wired.sync(full=True)
    assert bucket.album("Garden") == told
    world.remove_components(image(world, "rose.jpg"))
    wired.changes = {"RAW_FILES": "all"}
    assert (await wired.sync(full=True)).gone == 1
    assert (await wired.sync(full=True)).moved == 0
    assert bucket.path("rose.CR2").is_file()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("403", "(SmugMug refused the files in SmugMug Source (403: Forbidden))"),
        ("401", "(SmugMug denied access to the files in SmugMug Source (Unauthorized))"),
        ("web page", "(SmugMug's answer for the files in SmugMug Source was not valid JSON of its API)"),
    ],
)
async def test_no_refusal_of_any_kind_is_a_failed_run(pair: Pair, how: str, said: str) -> None:
    world = pair.sim.world
    hints = [asset.file_name for asset in world.assets()][:6]
    for name in hints:
        add(world, name, "x.RW2")
    world.components = how  # type: ignore[assignment]
    summary = await pair.sync()
    assert (summary.failed, summary.albums_incomplete, summary.components_unavailable) == (0, 0, len(hints))
    asked = Counter(seen.path for seen in pair.sim.requests if seen.path.endswith("!components"))
    assert len(asked) == len(hints)
    assert sum(count > 1 for count in asked.values()) == (how == "web page"), "the first may have been an accident"
    assert said in summary_text(Outcome(summary=summary), dry_run=False)


async def test_an_answer_that_is_late_keeps_the_album_open(pair: Pair) -> None:
    add(pair.sim.world, "rose.jpg", "rose.CR2")
    pair.sim.faults.add(Fault(action="status", status=503, kind="api", path="*!components*", times=None))
    first = await pair.sync()
    assert (first.albums_incomplete, first.components_moved) == (1, 0)
    assert "in SmugMug Source: SmugMug answered 503" in first.problems[0]
    pair.sim.faults.clear()
    assert (await pair.sync()).components_moved == 1


async def test_asking_all_finds_what_nothing_hints_at(wired: Wired) -> None:
    world = wired.sim.world
    add(world, "rose.jpg", "rose.CR2")
    add(world, "IMG_0001.JPG", "IMG_0001.DNG", hint=None)
    assert (await wired.sync()).components_moved == 1

    plan = await wired.plan()
    wired.changes = {"RAW_FILES": "all"}
    cost = await wired.plan()
    assert cost.component_calls == cost.assets == cost.sync_calls - plan.sync_calls
    exact = await wired.plan(items=True)
    assert (exact.components.files, exact.component_calls, exact.to_move.files) == (2, exact.photos + exact.videos, 1)
    assert (await wired.sync(raw=Raw.ALL)).components_moved == 1
    said = f"asking SmugMug for the RAW files of every photo and video, an API call each, up to {cost.assets} in all"
    assert said in wired.reporter.notes
    wired.assert_complete()
    assert (await wired.verify(source=True)).passed

    assert (await wired.sync()).albums_unchanged > 0
    assert said not in wired.reporter.notes, "nothing was asked"
    wired.changes = {}
    assert (await wired.sync()).albums_unchanged == (await wired.sync(raw=Raw.OFF)).albums_unchanged > 0
    assert (await wired.verify(source=True)).passed


def grow(world: World, albums: int, photos: int, *, hint: bool) -> None:
    """Add albums of photos with a RAW file each."""
    how = {} if hint else {"hint": None}
    for album in range(albums):
        key = world.add_album(f"More {album}")
        for number in range(photos):
            world.add_component(world.add_image(key, f"more {album} {number}.jpg"), f"more {album} {number}.RW2", **how)


def asked(sim: Simulator) -> set[str]:
    """The questions for files in SmugMug Source since the last time."""
    paths = {seen.path for seen in sim.requests if seen.path.endswith("!components")}
    sim.state.stats.requests.clear()
    return paths


async def test_that_smugmug_answers_no_question_for_raw_files_is_in_every_number_and_not_safe(wired: Wired) -> None:
    world = wired.sim.world
    grow(world, 1, 10, hint=False)
    world.components = "404"
    wired.changes = {"RAW_FILES": "all"}
    reason = f"{NOT_SAID} (it answered 404)"

    for run in range(3):
        if run == 2:
            wired.changes |= {"RAW_FILES": "auto"}
        summary = await wired.sync(raw=wired.settings.raw)
        assert (summary.failed, summary.albums_incomplete, summary.components) == (0, 0, 0)
        assert summary.unanswered == ({} if run == 2 else {reason: 16})
        if run < 2:
            said = summary_text(Outcome(summary=summary), dry_run=False)
            assert "       16  items whose files in SmugMug Source (such as RAW) SmugMug does not list" in said
            assert "16 x SmugMug does not list for this API key which RAW and other files" in said
            assert "Everything SmugMug offers, as far as it says, has been copied" in said
    wired.changes = {"RAW_FILES": "all"}

    assert (await wired.plan(items=True)).unanswered == 16
    status = read_status(str(wired.ledger))
    assert [(one.reason, one.files) for one in status.unanswered] == [(reason, 16)]
    page = status_text(status)
    assert "       16  items whose files in SmugMug Source (such as RAW) SmugMug does not list" in page
    assert "       16  not answered: SmugMug does not list for this API key which RAW and other files" in page
    left = left_text(unmoved(str(wired.ledger)), unanswered=status.unanswered)
    assert left.startswith("not answered: SmugMug does not list for this API key which RAW and other files")
    async with open_ledger(str(wired.ledger)) as ledger:
        assert ("RAW files not known", "16", "items: SmugMug does not list these files") in figures(
            await ledger.overview()
        )

    report = await wired.verify(source=True, certify=True)
    assert (report.passed, report.clean, report.unanswered) == (False, True, 16)
    text = certificate_text(wired.certificates[0])
    assert "RAW        not known for 16 items: SmugMug does not list their files in SmugMug Source" in text
    assert f"unavailable  16 items: {reason}" in text
    assert "Not safe to cancel yet: the files in SmugMug Source (such as RAW) of 16 items" in text
    assert (await wired.verify(source=True, accept_unavailable=True)).passed

    world.components = "given"
    opened, later = await wired.sync(raw=Raw.ALL), await wired.sync(raw=Raw.ALL)
    assert (opened.components_moved + later.components_moved, later.unanswered) == (10, {})
    assert read_status(str(wired.ledger)).unanswered == ()
    assert (await wired.verify(source=True)).passed


@pytest.mark.parametrize(("raw", "hint"), [(Raw.AUTO, True), (Raw.ALL, False)])
@pytest.mark.parametrize("status", [404, 403])
async def test_a_few_refusals_in_the_beginning_do_not_decide_for_the_account(
    pair: Pair, raw: Raw, status: int, *, hint: bool
) -> None:
    grow(pair.sim.world, 1, 40, hint=hint)
    pair.sim.faults.add(Fault(action="status", status=status, kind="api", path="*!components*", times=19))
    summary = await pair.sync(raw=raw)
    assert (summary.components_moved, summary.unavailable) == (40, 0)
    pair.assert_complete()
    assert sum(summary.unanswered.values()) in ((0,) if hint else range(7)), "of the other albums"
    assert (await pair.sync(raw=raw)).unanswered == {}
    assert (await pair.sync(raw=raw)).albums_unchanged == 4


async def test_a_closed_account_is_asked_a_few_questions_in_every_run_until_it_opens(wired: Wired) -> None:
    world, sim = wired.sim.world, wired.sim
    grow(world, 8, 20, hint=True)
    world.components = "403"

    first = await wired.sync()
    assert 20 <= len(asked(sim)) <= 20 + 2 * 20
    assert first.components_unavailable == first.components == 160
    said = summary_text(Outcome(summary=first), dry_run=False)
    assert (
        "(not asked for, since others were refused: SmugMug refused the files in SmugMug Source (403: Forbidden))"
        in said
    )

    for _ in range(2):
        night = await wired.sync()
        assert 20 <= len(asked(sim)) <= 20 + 2 * 20
        assert (night.components_unavailable, night.unavailable, night.components) == (160, 160, 160)
        assert len(night.items) == 160
        assert night.albums_unchanged == 3 + 8 - 3
        assert "Everything SmugMug offers, except those extra files, has" in summary_text(
            Outcome(summary=night), dry_run=False
        )

    world.components = "given"
    opened = await wired.sync()
    assert opened.components_moved >= 60
    later = await wired.sync()
    assert (opened.components_moved + later.components_moved, later.components_unavailable) == (160, 0)
    asked(sim)
    assert (await wired.sync()).albums_unchanged == 11
    assert not asked(sim)


async def test_a_404_means_that_there_is_nothing_since_smugmug_lists_a_stored_photos_files(wired: Wired) -> None:
    """It is asked for these first, in a run and in a verification."""
    world = wired.sim.world
    add(world, "rose.jpg", "rose.CR2")
    wired.changes = {"RAW_FILES": "all"}
    await wired.sync(raw=Raw.ALL)
    key = world.add_album("New")
    for number in range(5):
        path = f"*{world.add_image(key, f'{number}.jpg')}!components*"
        wired.sim.faults.add(Fault(action="status", status=404, kind="api", path=path, times=None))

    summary = await wired.sync(raw=Raw.ALL)

    assert (summary.moved, summary.unanswered, summary.albums_unchanged) == (5, {}, 3)
    assert (await wired.verify(source=True)).passed
    world.components = "404"
    assert (await wired.verify(source=True)).unanswered == 11 - 1, (
        "all but the one with a stored file, which has a hint"
    )


async def test_a_dry_run_says_how_many_raw_files_it_would_copy(wired: Wired) -> None:
    add(wired.sim.world, "rose.jpg", "rose.CR2")
    summary = await wired.sync(dry_run=True)
    said = summary_text(Outcome(summary=summary), dry_run=True)
    assert "        1  of these, RAW and other files of SmugMug Source: 1 to copy (9.0 kB)" in said


@pytest.mark.parametrize("collected", list(Collecting))
async def test_a_collected_photo_takes_its_raw_file_along(wired: Wired, collected: Collecting) -> None:
    world, bucket = wired.sim.world, wired.bucket
    rose = image(world, "rose.jpg")
    world.collect_image(next(asset.album_key for asset in world.assets() if asset.file_name == "IMG_0001.JPG"), rose)
    add(world, "rose.jpg", "rose.xmp")
    add(world, "rose.jpg", "rose.CR2")

    summary = await wired.sync(collected=collected, xmp=Naming.STEM)

    shared = collected is Collecting.REFERENCE
    assert (summary.components_moved, summary.referred) == (4, 3 if shared else 0)
    assert names(bucket, ".cr2") == ["rose.CR2"] * (1 if shared else 2)
    own = {component.content.md5 for component in world.image(rose).components}  # type: ignore[union-attr]
    assert {md5_of(path) for path in bucket.files().values() if path.name in ("rose.CR2", "rose.xmp")} == own
    world.account_count_error = -1  # it counts the collected photo once, and no RAW file at all
    report = await wired.verify(source=True)
    assert (report.clean, report.account_count) == (True, "")
    wired.ledger.unlink()
    found = await wired.rebuild()
    assert (found.unknown, found.doubtful) == (0, 0)
    again = await wired.sync(full=True, collected=collected, xmp=Naming.STEM)
    assert (again.moved, again.described, again.renamed, again.sidecars) == (0, 0, 0, 0)
    rows = {row["path"].rpartition("/")[2] for row in await wired.export() if row["state"] == "moved"}
    assert {"rose.jpg", "rose.CR2", "rose.xmp"} <= rows
    assert (await wired.verify(source=True)).clean


async def test_the_ledger_counts_lists_and_finds_raw_files(wired: Wired) -> None:
    world = wired.sim.world
    add(world, "rose.jpg", "rose.CR2")
    await wired.sync()

    status = read_status(str(wired.ledger))

    raw = next(asset for asset in world.assets() if asset.component)
    assert (status.components, status.components_bytes, status.components_left) == (1, raw.size, 0)
    assert f"        1  of these, RAW and other files of SmugMug Source ({amount(raw.size)})" in status_text(status)
    (row,) = [row for row in await wired.export() if row["path"].endswith(".CR2")]
    assert (row["image_key"], row["md5"]) == (f"{raw.image_key}+{raw.component}", raw.md5)
    listed = lookup.found(str(wired.ledger), lambda _: None, parse("rose"))
    assert {file["path"].rpartition("/")[2] for file in listed} >= {"rose.jpg", "rose.CR2"}


async def test_an_owner_can_show_how_smugmug_answers_without_any_content(wired: Wired) -> None:
    world = wired.sim.world
    add(world, "rose.jpg", "secret rose.CR2")
    world.vault = "oauth"

    document = await run_raw_shapes(wired.settings)

    assert document["hints"] == ["Raw", "cr2"]
    first, *others = document["answers"]
    assert [one["hint"] for one in others] == [False] * 3
    assert (first["status"], first["hint"], first["video"]) == (200, True, False)
    _, raw = first["body"]["Response"]["Component"]
    assert (raw["ComponentType"], raw["Extension"], raw["FileSize"], raw["MD5"]) == (
        "svi",
        "CR2",
        "number",
        "32 hex digits",
    )
    tried = {one["file"]: (one["unsigned"], one["signed"]) for one in first["downloads"]}
    assert tried["DownloadUrl of CR2"] == ("200, text/html, whole", "206, application/octet-stream, partial")
    text = json.dumps(document)
    lines = [asset for asset in world.assets() if asset.component or asset.file_name == "rose.jpg"]
    secrets = {part for line in lines for part in (line.image_key, line.component, line.md5, line.album_key) if part}
    assert not [secret for secret in {*secrets, "rose", "Garden", "127.0.0.1", "localhost"} if secret in text]

    world.components = "404"
    assert (await run_raw_shapes(wired.settings))["answers"][0]["status"] == 404
