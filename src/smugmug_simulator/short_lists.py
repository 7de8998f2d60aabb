"""Incomplete lists: entries hidden or deleted meanwhile, missing counts, keys and fields."""

from dataclasses import replace
from typing import Any

from smugmug_simulator import api
from smugmug_simulator.answering import Params
from smugmug_simulator.faults import Fault
from smugmug_simulator.scene import Scene

_NAMES = ("ImageKey", "NodeID", "AlbumKey", "Name", "FileName")
Json = dict[str, Any]


def before(scene: Scene, path: str, params: Params, fault: Fault | None) -> Scene:
    """Before the list is read: hide an entry from this response, or really delete it."""
    if fault and fault.action == "hide_entry":
        return replace(scene, hidden=fault.entry)
    if fault and fault.action == "delete_entry":
        _delete(scene, fault.entry or _first(scene, path, params))
    return scene


def _first(scene: Scene, path: str, params: Params) -> str:
    entities = api.answer(scene, path, {**params, "start": "1", "count": "1"}).entities
    return next((str(entities[0].fields[name]) for name in _NAMES[:3] if name in entities[0].fields), "")


def _delete(scene: Scene, entry: str) -> None:
    """Find it by key or by name; a missing one is ignored."""
    world = scene.world
    node = next((node for node in world.nodes.values() if entry in (node.id, node.name)), world.album(entry))
    key = next((image.key for image in world.stored_images() if image.file_name == entry), entry)
    if node:
        world.delete_node(node.id)
    elif world.image(key):
        world.delete_image(key)


def spoil(body: Json, fault: Fault | None) -> None:
    """Remove from a finished response what the fault says, and nothing else."""
    response = body.get("Response")
    if not fault or not isinstance(response, dict):
        return
    match fault.action:
        case "drop_list":
            response.pop(response["Locator"], None)
        case "zero_total":
            response.pop(response["Locator"], None)
            response["Pages"] = {"Total": 0, "Start": 1, "Count": 0, "RequestedCount": 100}
        case "drop_pages":
            response.pop("Pages", None)
        case "drop_total":
            response.get("Pages", {}).pop("Total", None)
        case "odd_entry" | "lose_field" | "set_field":
            _spoil_entries(body, response, fault)


def _spoil_entries(body: Json, response: Json, fault: Fault) -> None:
    found = response.get(response["Locator"])
    entries = found if isinstance(found, list) else [found] if isinstance(found, dict) else []
    for index, entry in enumerate(entries):
        if fault.entry and not _is(entry, fault.entry):
            continue
        if fault.action == "odd_entry":
            entries[index] = None
        elif fault.action == "set_field":
            entry[fault.name] = fault.value
        else:
            for name in fault.name.split(","):
                _lose(body, entry, name)


def _lose(body: Json, entry: Json, name: str) -> None:
    """Remove a field of the entry; for `Uris.Album`, a link, also its expansion."""
    head, _, link = name.partition(".")
    if not link:
        entry.pop(head, None)
        return
    address = entry.get("Uris", {}).pop(link, None)
    body.get("Expansions", {}).pop(address["Uri"] if isinstance(address, dict) else address, None)


def _is(entry: Json, name: str) -> bool:
    """Whether the entry goes by that key or name; an album's node goes by the album's key too."""
    album = entry.get("Uris", {}).get("Album", "")
    address = album["Uri"] if isinstance(album, dict) else album
    return name in [entry.get(field) for field in _NAMES] or address.rpartition("/")[2] == name
