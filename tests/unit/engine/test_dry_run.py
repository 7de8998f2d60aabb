"""A dry run counts what a run would copy, and asks the ledger only about photos that albums share."""

from __future__ import annotations

import pytest

from smug2s3.engine.dry_run import DryRunExecutor
from smug2s3.engine.jobs import AlbumWork, Job
from smug2s3.engine.run_limits import RunLimits
from smug2s3.engine.summary import Summary
from smug2s3.engine.sync_options import SyncOptions
from smug2s3.models import Asset, Collecting, Receipt
from smug2s3.ports.reporter import Reporter
from smug2s3.smugmug import wire
from tests.unit.samples import asset, receipt, step

ELSEWHERE = "photos/B/one.jpg"


class Shared:
    """What another album has: an object of some images, and perhaps the very key that is wanted."""

    def __init__(self, *, stored: bool = False, owner: str = "") -> None:
        self.stored = stored
        self.owned_by = owner

    async def twin(self, asset: Asset) -> Receipt | None:
        return receipt(ELSEWHERE) if self.stored and asset.image_key else None

    async def xmp_sidecars(self, album_key: str) -> dict[str, str]:
        raise AssertionError(f"nobody wants sidecars of {album_key}")

    async def owner(self, key: str) -> str:
        return self.owned_by if key else ""


COPY, REFERENCE = Collecting.COPY, Collecting.REFERENCE
OWN = asset().album_key


@pytest.mark.parametrize(
    ("shared", "collecting", "moved", "referred"),
    [
        pytest.param(Shared(), COPY, 2, 0, id="every album gets an object of its own"),
        pytest.param(Shared(stored=True), COPY, 2, 0, id="also where another album has it"),
        pytest.param(Shared(), REFERENCE, 2, 1, id="the second album refers to what the first is about to get"),
        pytest.param(Shared(stored=True), REFERENCE, 2, 2, id="both refer to what is stored already"),
        pytest.param(Shared(stored=True, owner=OWN), REFERENCE, 2, 0, id="what has an object of its own keeps it"),
    ],
)
async def test_a_photo_in_two_albums_is_counted_as_a_run_would_copy_it(
    shared: Shared, collecting: Collecting, moved: int, referred: int
) -> None:
    summary = Summary()
    options = SyncOptions(prefix="", transfers=None, batch=1, collected=collecting)
    dry_run = DryRunExecutor(shared, options, RunLimits(summary, Reporter()), summary, wire.read_record)
    work = AlbumWork(OWN, None, "photos/A", "", complete=True)

    for key in ("photos/A/one.jpg", "photos/A/again.jpg"):
        await dry_run.execute(Job(work, step(asset(), key)))

    size = asset().size or 0
    assert (summary.moved, summary.referred, summary.bytes) == (moved, referred, (moved - referred) * size)
