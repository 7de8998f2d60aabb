"""An archive with everything that its pages may have to show."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from smugmug_simulator import Simulator, World
from smugmug_simulator.clips import Clip
from smugmug_simulator.content import noise_photo
from smugmug_simulator.pictures import Picture
from tests.support import hostile_names
from tests.support.bucket import Bucket
from tests.support.machine import Machine, machine_for

HOSTILE = (*hostile_names.HOSTILE, "יום הולדת של נועה", "Long" * 40)
MANY = 505
"""Items of the album that has two pages."""

_CLONE = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most})
INSERT INTO assets SELECT album_key, printf('n%05d', n), printf('Frame %05d.jpg', n), identity, size, md5, key, name_wanted,
    described, state, reason, gone_at, changed_at, taken, uploaded, is_video
FROM assets JOIN numbers WHERE filename = 'many.jpg'
"""


def world() -> World:
    """Landscapes and a video in a folder, names that would like to be more than names, and an album of many."""
    made = World("shown")
    travel = made.add_folder("Travel")
    iceland = made.add_album("Iceland", travel)
    for number, (width, height) in enumerate([(300, 200), (200, 300), (300, 150), (240, 240), (300, 200)]):
        taken = datetime(2019, 7, 13 + number, 11, number)  # noqa: DTZ001 - a camera's clock
        made.add_image(
            iceland, f"IMG_{number}.jpg", Picture(number, "", taken, width, height), width=width, height=height,
            taken=taken, caption="A waterfall\nbehind the house" if number == 1 else "", title="Geysir" if number == 0 else "",
            keywords=("waterfall", "north coast") if number == 1 else (), latitude=64.1, longitude=-21.9,
        )  # fmt: skip
    film = Clip(9, "", width=160, height=90)
    made.add_image(
        iceland, "boat.mp4", film, is_video=True, format="MP4", duration=film.duration, width=160, height=90,
        taken=datetime(2020, 2, 1, 9),  # noqa: DTZ001
    )  # fmt: skip
    made.add_image(iceland, "secret.jpg", Picture(7, "", None, 300, 200), width=300, height=200, hidden=True)
    made.add_image(iceland, "phone.heic", noise_photo(1, 3000), format="HEIC")
    for name in ("lost.jpg", "gone.jpg", "late.jpg"):
        made.add_image(iceland, name, Picture(8, "", None, 300, 200), width=300, height=200)
    names = made.add_album("Names", travel, privacy="Private")
    for number, name in enumerate(HOSTILE):
        made.add_image(
            names,
            f"{name}.jpg",
            Picture(number, "", None, 60, 40),
            width=60,
            height=40,
            title=name,
            caption=name,
            keywords=(name,),
        )
    made.add_image(made.add_album("Many"), "many.jpg", Picture(3, "", None, 60, 40), width=60, height=40)
    return made


async def archived(bucket: Bucket, home: Path) -> Machine:
    """A computer that has copied all of it; since then one object is not where it was, and SmugMug has lost or withholds others."""
    async with Simulator(world()) as sim:
        machine = machine_for(sim, bucket, home)
        await machine.inside.sync()
    with closing(sqlite3.connect(home / "transfer_log.db")) as ledger, ledger:
        ledger.execute("UPDATE assets SET state = 'gone', gone_at = '2026-01-01T00:00:00' WHERE filename = 'gone.jpg'")
        ledger.execute("UPDATE assets SET key = replace(key, 'lost', 'elsewhere') WHERE filename = 'lost.jpg'")
        late = "SmugMug is still processing this photo"
        ledger.execute("UPDATE assets SET state = 'unavailable', reason = ? WHERE filename = 'late.jpg'", (late,))
        ledger.execute(_CLONE.format(most=MANY - 1))
    return machine


def shown(bucket: Bucket, home: Path) -> Machine:
    """The same for who is not on a loop."""
    return asyncio.run(archived(bucket, home))
