"""Pages: their size, their links, and what happens to those who trust them."""

import aiohttp
import pytest

from smugmug_simulator import Limits, Simulator, worlds

from .asker import Asker


@pytest.fixture
async def wide(session: aiohttp.ClientSession) -> Asker:
    """260 albums of three images each, below one folder."""
    return Asker(Simulator(worlds.flat(260, 3, 100)), session)


@pytest.mark.parametrize(
    ("path", "asked", "expected"),
    [
        pytest.param("/api/v2/user/flat!albums", None, 50, id="albums default"),
        pytest.param("/api/v2/user/flat!albums", 500, 100, id="albums at most"),
        pytest.param("/api/v2/node/{root}!children", None, 10, id="children default"),
        pytest.param("/api/v2/node/{root}!children", 500, 200, id="children at most"),
        pytest.param("/api/v2/node/{root}!parents", None, 7, id="parents default"),
    ],
)
async def test_pages_have_a_usual_and_a_largest_size(wide: Asker, path: str, asked: int | None, expected: int) -> None:
    async with wide.sim:
        answer = await wide.get(path.format(root=wide.sim.world.root), _verbosity=1, count=asked or "")
        assert answer.response["Pages"]["RequestedCount"] == expected
        assert answer.response["Pages"]["Count"] == len(answer.thing)


@pytest.mark.parametrize(("asked", "expected"), [(None, 100), (500, 500), (1000, 1000), (1001, 1000), (4999, 1000)])
async def test_image_pages_reach_a_thousand(session: aiohttp.ClientSession, asked: int | None, expected: int) -> None:
    async with Simulator(worlds.flat(1, 1200, 100)) as sim:
        asker = Asker(sim, session)
        path = f"/api/v2/album/{asker.album_key('Album 000001')}!images"
        answer = await asker.get(path, _verbosity=1, count=asked or "")
        assert (answer.response["Pages"]["Count"], len(answer.thing)) == (expected, expected)


async def test_five_thousand_at_once_get_no_response_at_all(tiny: Asker) -> None:
    answer = await tiny.get(f"/api/v2/album/{tiny.album_key('Garden')}!images", count=5000)
    assert (answer.status, answer.json()) == (200, {"Code": 200, "Message": "Ok"})


async def test_next_page_forgets_expand_and_verbosity(hostile: Asker) -> None:
    path = f"/api/v2/album/{hostile.album_key('Long album')}!images"
    answer = await hostile.get(f"{path}?_expand=Album&_verbosity=1&_filter=Uri&count=100&_shorturis=")
    assert answer.response["Pages"]["NextPage"] == f"{path}?_filter=Uri&count=100&_shorturis=&start=101"
    followed = await hostile.get(answer.response["Pages"]["NextPage"])
    assert "Expansions" not in followed.json()
    assert "Options" in followed.json()


async def test_the_last_page_has_no_next_one(hostile: Asker) -> None:
    path = f"/api/v2/album/{hostile.album_key('Long album')}!images"
    pages = (await hostile.get(path, start=301, count=100)).response["Pages"]
    assert (pages["Count"], pages["PrevPage"]) == (1, f"{path}?start=201&count=100")
    assert "NextPage" not in pages
    beyond = (await hostile.get(path, start=302, count=100)).response
    assert ("AlbumImage" in beyond, beyond["Pages"]["Count"], "NextPage" in beyond["Pages"]) == (False, 0, False)


async def test_a_start_off_the_grid_is_called_misaligned(hostile: Asker) -> None:
    path = f"/api/v2/album/{hostile.album_key('Long album')}!images"
    pages = (await hostile.get(path, start=3, count=15)).response["Pages"]
    assert pages["Misaligned"] is True
    assert pages["NextPage"] == f"{path}?start=18&count=15"
    assert pages["LastPage"] == f"{path}?start=301&count=15"
    assert "Misaligned" not in (await hostile.get(path, start=16, count=15)).response["Pages"]


@pytest.mark.parametrize("query", ["start=0", "start=-5", "start=x", "count=0", "count=-1", "count=x"])
async def test_odd_numbers_mean_the_usual_ones(hostile: Asker, query: str) -> None:
    pages = (await hostile.get(f"/api/v2/album/{hostile.album_key('Long album')}!images?{query}")).response["Pages"]
    assert (pages["Start"], pages["Count"]) == (1, 100)


async def test_start_and_count_do_nothing_to_single_objects(tiny: Asker) -> None:
    answer = await tiny.get(f"/api/v2/album/{tiny.album_key('Garden')}", start=50, count=1)
    assert answer.thing["Name"] == "Garden"
    assert "Pages" not in answer.response


async def test_children_can_be_chosen_and_sorted(hostile: Asker) -> None:
    path = f"/api/v2/node/{hostile.sim.world.root}!children"
    kinds = {
        kind: {node["Type"] for node in (await hostile.get(path, Type=kind, count=200)).thing}
        for kind in ("Page", "Album")
    }
    assert kinds == {"Page": {"Page"}, "Album": {"Album"}}
    everything = {node["Type"] for node in (await hostile.get(path, count=200)).thing}
    assert everything == {"Folder", "Album", "Page", "System Album"}
    names = [
        node["Name"]
        for node in (await hostile.get(path, count=200, SortMethod="Name", SortDirection="Descending")).thing
    ]
    assert names == sorted(names, key=str.casefold, reverse=True)


async def test_albums_can_be_ordered_by_their_last_change(tiny: Asker) -> None:
    tiny.sim.world.rename_album(tiny.album_key("Summer 2019"), "Summer")
    answer = await tiny.get("/api/v2/user/tiny!albums", Order="Last Updated (Descending)", _verbosity=1)
    assert answer.thing[0]["Name"] == "Summer"
    assert "Order=" in answer.response["Uri"]


async def test_images_can_be_asked_for_by_file_name(tiny: Asker) -> None:
    answer = await tiny.get(f"/api/v2/album/{tiny.album_key('Garden')}!images", FileNames="rose.jpg,none.jpg")
    assert [image["FileName"] for image in answer.thing] == ["rose.jpg"]


async def test_a_later_page_of_all_albums_can_be_404(hostile: Asker) -> None:
    assert (await hostile.get("/api/v2/user/hostile!albums", start=201, count=50)).status == 404
    assert (await hostile.get("/api/v2/user/hostile!albums")).status == 200


async def walk(asker: Asker, album: str) -> list[str]:
    path, names, start = f"/api/v2/album/{asker.album_key(album)}!images", [], 1
    while page := (await asker.get(path, start=start, count=50, _verbosity=1)).thing:
        names += [image["FileName"] for image in page]
        start += len(page)
    return names


async def test_a_restless_album_changes_during_the_first_walk_only(hostile: Asker) -> None:
    first, second = await walk(hostile, "Changes while you read"), await walk(hostile, "Changes while you read")
    assert (len(first), len(set(first))) == (130, 129)
    assert (len(second), len(set(second))) == (130, 130)


async def test_a_lower_limit_is_a_fair_trap(session: aiohttp.ClientSession) -> None:
    async with Simulator(worlds.hostile(), limits=Limits(images=40)) as sim:
        asker = Asker(sim, session)
        pages = (await asker.get(f"/api/v2/album/{asker.album_key('Long album')}!images", count=100)).response["Pages"]
        assert (pages["Count"], pages["RequestedCount"]) == (40, 40)
