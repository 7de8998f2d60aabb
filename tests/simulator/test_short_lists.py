"""Lists can be made to say less than the truth, by path, for as long as a test wants it."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest

from smugmug_simulator import Fault, Simulator, World, worlds

from .asker import Asker


async def children(asker: Asker, **params: Any) -> Mapping[str, Any]:
    """The answer for the top folder's children."""
    address = f"/api/v2/node/{asker.sim.world.root}!children"
    return dict((await asker.get(address, _verbosity=1, count=200, _expand="Album", **params)).json())


@pytest.mark.parametrize(
    ("action", "shown", "pages"),
    [
        ("drop_list", None, {"Total": 3, "Count": 3}),
        ("zero_total", None, {"Total": 0, "Count": 0}),
        ("drop_pages", 3, None),
        ("drop_total", 3, {"Count": 3}),
    ],
)
async def test_a_list_without_its_entries_or_without_its_counts(
    tiny: Asker, action: Any, shown: int | None, pages: dict[str, int] | None
) -> None:
    tiny.sim.faults.add(Fault(action=action, kind="api", path="*!children*"))
    response = (await children(tiny))["Response"]
    assert (len(response["Node"]) if "Node" in response else None) == shown
    told = response.get("Pages")
    assert (told and {name: told[name] for name in ("Total", "Count") if name in told}) == pages
    assert len((await children(tiny))["Response"]["Node"]) == 3


@pytest.mark.parametrize("named_by", ["key", "name"])
async def test_a_hidden_entry_is_neither_listed_nor_counted_where_it_is_hidden(tiny: Asker, named_by: str) -> None:
    garden = tiny.album_key("Garden")
    entry = garden if named_by == "key" else "Garden"
    tiny.sim.faults.add(Fault(action="hide_entry", kind="api", path="*!children*", entry=entry, times=None))
    response = (await children(tiny))["Response"]
    assert sorted(node["Name"] for node in response["Node"]) == ["Family", "Scans"]
    assert response["Pages"]["Total"] == 2
    flat = (await tiny.get("/api/v2/user/tiny!albums")).thing
    assert garden in [album["AlbumKey"] for album in flat]


async def test_a_hidden_image_is_neither_listed_nor_counted(tiny: Asker) -> None:
    path = f"/api/v2/album/{tiny.album_key('Garden')}!images"
    tiny.sim.faults.add(Fault(action="hide_entry", kind="api", path="*!images*", entry="rose.jpg"))
    response = (await tiny.get(path)).response
    assert [image["FileName"] for image in response["AlbumImage"]] == ["tulip (2).jpg"]
    assert response["Pages"]["Total"] == 1


async def test_a_field_can_be_lost_or_set_of_one_entry_or_of_all(tiny: Asker) -> None:
    rules: dict[str, Any] = {"kind": "api", "path": "*!children*"}
    tiny.sim.faults.add(Fault(action="lose_field", name="NodeID", **rules))
    assert not any("NodeID" in node for node in (await children(tiny))["Response"]["Node"])
    tiny.sim.faults.add(Fault(action="set_field", name="Type", value="Shelf", entry="Family", **rules))
    types = {node["Name"]: node["Type"] for node in (await children(tiny))["Response"]["Node"]}
    assert types == {"Family": "Shelf", "Garden": "Album", "Scans": "Album"}


async def test_an_album_loses_its_link_and_its_expansion_together(tiny: Asker) -> None:
    garden = tiny.album_key("Garden")
    tiny.sim.faults.add(Fault(action="lose_field", name="Uris.Album", entry=garden, kind="api", path="*!children*"))
    answer = await children(tiny)
    links = {node["Name"]: node["Uris"].get("Album") for node in answer["Response"]["Node"]}
    assert links["Garden"] is None
    assert list(answer["Expansions"]) == [links["Scans"]]


async def test_an_entry_can_be_nothing_at_all(tiny: Asker) -> None:
    tiny.sim.faults.add(Fault(action="odd_entry", entry="Garden", kind="api", path="*!children*"))
    assert (await children(tiny))["Response"]["Node"].count(None) == 1


async def test_an_entry_is_really_deleted_before_a_page_is_read(tiny: Asker) -> None:
    garden = tiny.album_key("Garden")
    tiny.sim.faults.add(Fault(action="delete_entry", kind="api", path=f"*{garden}!images*"))
    assert [image["FileName"] for image in (await tiny.get(f"/api/v2/album/{garden}!images")).thing] == [
        "tulip (2).jpg"
    ]
    tiny.sim.faults.add(Fault(action="delete_entry", entry="Family", kind="api", path="*!children*"))
    tiny.sim.faults.add(Fault(action="delete_entry", entry=garden, kind="api", path="*!children*"))
    assert [node["Name"] for node in (await children(tiny))["Response"]["Node"]] == ["Garden", "Scans"]
    assert [node["Name"] for node in (await children(tiny))["Response"]["Node"]] == ["Scans"]


@pytest.mark.parametrize(
    ("start", "count", "status"), [(1, 10, 503), (4, 2, 503), (5, 1, 503), (1, 4, 200), (6, 100, 200)]
)
async def test_a_fault_can_be_about_the_pages_that_hold_one_entry(
    session: aiohttp.ClientSession, start: int, count: int, status: int
) -> None:
    async with Simulator(worlds.flat(1, 9, 100)) as sim:
        sim.faults.add(Fault(action="status", status=503, kind="api", path="*!images*", position=5))
        asker = Asker(sim, session)
        path = f"/api/v2/album/{asker.album_key('Album 000001')}!images"
        assert (await asker.get(path, start=start, count=count)).status == status


async def test_a_deleted_album_takes_its_images_along_wherever_they_are_collected(tiny: Asker) -> None:
    world = tiny.sim.world
    garden, rose = tiny.album_key("Garden"), (await tiny.image("rose.jpg"))["ImageKey"]
    summer = tiny.album_key("Summer 2019")
    lake = world.images(summer)[0].key
    world.collect_image(summer, rose)
    world.collect_image(garden, lake)
    before = world.asset_count()

    await tiny.order("delete_node", node_id=world.album(garden).id)  # type: ignore[union-attr]

    assert (await tiny.get(f"/api/v2/album/{garden}")).status == 404
    assert world.asset_count() == before - 4
    assert world.homes(lake) == [summer]


async def test_a_deleted_folder_takes_all_below_along() -> None:
    world = World("mine")
    folder = world.add_folder("A")
    world.add_image(world.add_album("B", world.add_folder("C", folder)), "x.jpg")
    world.delete_node(folder)
    assert (list(world.assets()), world.children(world.root), world.album_nodes()) == ([], [], [])


async def test_albums_and_the_account_can_count_more_than_they_list(tiny: Asker) -> None:
    garden = tiny.album_key("Garden")
    await tiny.order("miscount", album_key=garden, by=3)
    await tiny.order("configure", account_count_error=-1)
    assert (await tiny.get(f"/api/v2/album/{garden}")).thing["ImageCount"] == 5
    assert (await tiny.get("/api/v2!authuser")).thing["ImageCount"] == 5


@pytest.mark.parametrize(
    ("quirk", "components"),
    [
        ("components-as-object", {"Image": ["jpg"]}),
        ("components-raw-group", {"Image": ["jpg"], "Raw": ["rw2"]}),
        ("components-raw-extension", {"Image": ["jpg", "dng"]}),
    ],
)
async def test_the_files_an_image_is_made_of(tiny: Asker, quirk: str, components: dict[str, list[str]]) -> None:
    await tiny.order("add_image", album_key=tiny.album_key("Garden"), file_name="x.jpg", quirks=[quirk])
    assert (await tiny.image("x.jpg"))["ComponentFileTypes"] == components
