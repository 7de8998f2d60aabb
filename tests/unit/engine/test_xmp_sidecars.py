"""Sidecars stay while their photos do, even those that an incomplete list of the album lacks."""

from __future__ import annotations

from pathlib import Path

from smug2s3.engine.summary import Summary
from smug2s3.engine.xmp_sidecars import XmpSidecars
from smug2s3.flow.retry import A_FEW_TRIES
from smug2s3.ledger.ledger import SqliteLedger, open_ledger
from smug2s3.models import Contents
from smug2s3.rules import sidecar
from smug2s3.rules.xmp import Naming
from smug2s3.smugmug.wire import read_record
from smug2s3.stores.local.store import LocalStore, open_local
from tests.unit.samples import album, asset, receipt, step


def line(name: str) -> tuple[str, bytes]:
    return name, sidecar.pack(b'{"image":{"ImageKey":"%b","Title":"T"}}' % name.encode())


async def write(store: LocalStore, ledger: SqliteLedger, *listed: str) -> int:
    summary = Summary()
    writer = XmpSidecars(
        store=store, ledger=ledger, policy=A_FEW_TRIES, summary=summary, read_item=read_record, naming=Naming.FULL
    )
    contents = Contents(album=album(), items=tuple(map(line, listed)))
    await writer.write(contents, await ledger.known("AlbumK"))
    return summary.sidecars


async def test_what_a_list_lacks_keeps_its_sidecar_and_what_was_renamed_gets_another(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    steps = [step(asset(image_key=name), f"A/{name}.jpg") for name in ("one", "two")]
    async with open_local(tmp_path / "bucket") as store, open_ledger(":memory:") as ledger:
        await ledger.plan(album(), steps, ["one", "two"], whole=True)
        assert await write(store, ledger, "one", "two") == 0  # they are not stored yet
        for each in steps:
            await ledger.moved(each, receipt(each.key))

        assert [await write(store, ledger, *listed) for listed in (["one", "two"], ["one"], ["one", "two"])] == [
            2,
            0,
            0,
        ]
        assert (await ledger.xmp_sidecars("AlbumK")).keys() == {"A/one.jpg.xmp", "A/two.jpg.xmp"}

        await ledger.renamed(step(asset(image_key="two"), "B/two.jpg", former_key="A/two.jpg"), receipt("B/two.jpg"))
        assert await write(store, ledger, "one", "two") == 1
        assert set(await ledger.xmp_sidecars("AlbumK")) == {"A/one.jpg.xmp", "B/two.jpg.xmp"}
        assert {path.name for path in (tmp_path / "bucket").rglob("*.xmp")} == {"one.jpg.xmp", "two.jpg.xmp"}
        assert not (tmp_path / "bucket" / "A" / "two.jpg.xmp").exists()
