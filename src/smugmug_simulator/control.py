"""`/_simulator/...`: changes the world and the rules from another process; no authentication, for loopback only."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from smugmug_simulator.asked import Asked
from smugmug_simulator.content import Content, noise_photo, noise_video
from smugmug_simulator.dance import level_of
from smugmug_simulator.faults import Fault
from smugmug_simulator.model import Quirk
from smugmug_simulator.oauth import OAuthProblemError
from smugmug_simulator.replies import Reply, json_reply, text_reply
from smugmug_simulator.state import State

PREFIX = "/_simulator/"
Data = Mapping[str, Any]


def reply(state: State, asked: Asked, body: str) -> Reply:
    """The answer to a control request; a mistake in it is answered with 400 and a sentence."""
    name = asked.path.removeprefix(PREFIX).strip("/")
    try:
        if asked.method == "GET":
            return _QUESTIONS[name](state, asked)
        data: dict[str, Any] = json.loads(body) if body else dict(asked.params)
        return json_reply(200, _ORDERS[name](state, data))
    except KeyError as error:
        return json_reply(404, {"error": f"no such thing: {error}", "known": sorted({*_QUESTIONS, *_ORDERS})})
    except (ValueError, TypeError, OAuthProblemError) as error:
        return json_reply(400, {"error": str(error)})


def _assets(state: State, _asked: Asked) -> Reply:
    lines = "".join(json.dumps(asdict(asset), ensure_ascii=False) + "\n" for asset in state.world.assets())
    return text_reply(200, lines, "application/x-ndjson")


def _stats(state: State, _asked: Asked) -> Reply:
    return json_reply(200, state.stats.as_json())


def _show_faults(state: State, _asked: Asked) -> Reply:
    return json_reply(200, state.faults.as_json())


def _albums(state: State, _asked: Asked) -> Reply:
    return json_reply(200, list(_album_lines(state)))


def _album_lines(state: State) -> Iterator[dict[str, Any]]:
    for node in state.world.album_nodes():
        assert node.album is not None
        images = state.world.image_count(node.album.key)
        yield {
            "album_key": node.album.key,
            "node_id": node.id,
            "name": node.name,
            "parent": node.parent,
            "images": images,
        }


def _authorize_by_link(state: State, asked: Asked) -> Reply:
    return json_reply(200, _authorize(state, asked.params))


_QUESTIONS: dict[str, Callable[[State, Asked], Reply]] = {
    "assets": _assets,
    "stats": _stats,
    "faults": _show_faults,
    "albums": _albums,
    "authorize": _authorize_by_link,
}


def _authorize(state: State, data: Data) -> Data:
    pending = state.keyring.authorize(data["oauth_token"], level_of(data))
    return {"verifier": pending.verifier, "access": pending.level.access, "permissions": pending.level.permissions}


def _issue_token(state: State, data: Data) -> Data:
    token, secret = state.keyring.issue(data["consumer_key"], level_of(data))
    return {"token": token, "token_secret": secret}


def _revoke(state: State, data: Data) -> Data:
    state.keyring.revoke(data["token"])
    return {}


def _forget_grants(state: State, _data: Data) -> Data:
    state.keyring.granted.clear()
    return {}


def _add_faults(state: State, data: Data) -> Data:
    given = data.get("faults", [data])
    faults = [Fault.from_json(fault) for fault in given]
    state.faults.add(*faults)
    return {"added": len(faults)}


def _clear_faults(state: State, _data: Data) -> Data:
    state.faults.clear()
    return {}


def _clear_stats(state: State, _data: Data) -> Data:
    state.stats.clear()
    return {}


def _configure(state: State, data: Data) -> Data:
    """`latency`, `rate_budget`, `rate_window`, `unsigned_private_media`, `broken_albums_start`, `account_count_error`."""
    state.latency = float(data.get("latency", state.latency))
    state.rate.budget = int(data.get("rate_budget", state.rate.budget))
    state.rate.window = float(data.get("rate_window", state.rate.window))
    if "rate_budget" in data or "rate_window" in data:
        state.rate.restart()
    world = state.world
    world.unsigned_private_media = data.get("unsigned_private_media", world.unsigned_private_media)
    world.broken_albums_start = data.get("broken_albums_start", world.broken_albums_start)
    world.account_count_error = int(data.get("account_count_error", world.account_count_error))
    return {}


def _content(data: Data) -> Content | None:
    """New bytes of a given size and seed, or whatever the world makes up."""
    if "size" not in data:
        return None
    make = noise_video if data.get("is_video") else noise_photo
    return make(int(data.get("seed", 1)), int(data["size"]))


def _add_image(state: State, data: Data) -> Data:
    known = ("title", "caption", "is_video", "hidden", "format", "status", "sub_status")
    fields = {name: data[name] for name in known if name in data}
    fields["quirks"] = frozenset(Quirk(quirk) for quirk in data.get("quirks", ()))
    fields["keywords"] = tuple(data.get("keywords", ()))
    return {"image_key": state.world.add_image(data["album_key"], data["file_name"], _content(data), **fields)}


def _replace_image(state: State, data: Data) -> Data:
    touch = bool(data.get("touch_album", False))
    return {"serial": state.world.replace_image(data["image_key"], _content(data), touch_album=touch).serial}


def _add_album(state: State, data: Data) -> Data:
    fields = {name: data[name] for name in ("privacy", "security", "password", "description") if name in data}
    return {"album_key": state.world.add_album(data["name"], data.get("parent"), **fields)}


def _add_folder(state: State, data: Data) -> Data:
    return {"node_id": state.world.add_folder(data["name"], data.get("parent"))}


def _plain(change: Callable[[State, Data], None]) -> Callable[[State, Data], Data]:
    def order(state: State, data: Data) -> Data:
        change(state, data)
        return {}

    return order


_ORDERS: dict[str, Callable[[State, Data], Data]] = {
    "authorize": _authorize,
    "issue_token": _issue_token,
    "revoke_token": _revoke,
    "forget_grants": _forget_grants,
    "faults": _add_faults,
    "clear_faults": _clear_faults,
    "clear_stats": _clear_stats,
    "configure": _configure,
    "add_image": _add_image,
    "replace_image": _replace_image,
    "add_album": _add_album,
    "add_folder": _add_folder,
    "delete_image": _plain(lambda state, data: state.world.delete_image(data["image_key"])),
    "delete_node": _plain(lambda state, data: state.world.delete_node(data["node_id"])),
    "miscount": _plain(lambda state, data: state.world.miscount(data["album_key"], int(data["by"]))),
    "set_caption": _plain(lambda state, data: state.world.set_caption(data["image_key"], data["caption"])),
    "rename_album": _plain(lambda state, data: state.world.rename_album(data["album_key"], data["name"])),
    "rename_folder": _plain(lambda state, data: state.world.rename_folder(data["node_id"], data["name"])),
    "move_album": _plain(lambda state, data: state.world.move_album(data["album_key"], data["parent"])),
    "collect_image": _plain(lambda state, data: state.world.collect_image(data["album_key"], data["image_key"])),
}
