"""Routes a path below `/api/v2` to its response."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import unquote

from smugmug_simulator import answers_album, answers_image, answers_node
from smugmug_simulator.answering import ApiError, MovedError, NoResponseError, NotFoundError, Params
from smugmug_simulator.endpoints import Endpoint
from smugmug_simulator.envelope import Answer
from smugmug_simulator.scene import Scene

PREFIX = "/api/v2"


def split(path: str) -> tuple[tuple[str, ...], str]:
    """The segments and the action of a path; `!` may be raw or %21, and may stand after a slash (`/!authuser`)."""
    body = path.removeprefix(PREFIX).replace("%21", "!")
    target, _, action = body.partition("!")
    return tuple(unquote(part) for part in target.strip("/").split("/") if part), action.rstrip("/")


def answer(scene: Scene, path: str, params: Params) -> Answer:
    """The response to a GET; raises ApiError, MovedError or NoResponseError."""
    segments, action = split(path)
    match segments:
        case ():
            return _root(scene, action, params)
        case ("user" | "node" | "album" | "image" as kind, keys):
            handler = _BY_KIND[kind]
            return _each(keys, lambda key: handler(scene, key, action, params))
        case ("album", album_key, "image", keys):
            return _each(keys, lambda key: answers_image.album_image(scene, album_key, key, action))
        case _:
            return _rarer(scene, segments, action, params)


_BY_KIND: dict[str, Callable[[Scene, str, str, Params], Answer]] = {
    "user": answers_node.user,
    "node": answers_node.node,
    "album": answers_album.album,
    "image": answers_image.image,
}


def _rarer(scene: Scene, segments: tuple[str, ...], action: str, params: Params) -> Answer:
    match segments:
        case ("video", key):
            return answers_image.video(scene, key, action)
        case ("highlight", "node", node_id):
            return answers_node.highlight(scene, node_id)
        case ("folder", "id", node_id):
            return answers_node.folder_by_id(scene, node_id, action, params)
        case ("folder", "user", nick, *path):
            return answers_node.folder(scene, nick, "/".join(path), action, params)
        case ("library", "asset", key) if action == "components":
            return answers_image.components(scene, key, params)
        case _:
            raise NotFoundError


def _root(scene: Scene, action: str, params: Params) -> Answer:
    if action == "authuser":
        return answers_node.auth_user(scene, params)
    if action == "siteuser":
        return answers_node.site_user(scene, params)
    raise NotFoundError


def _each(keys: str, ask: Callable[[str], Answer]) -> Answer:
    """One key, or several with commas between them: then the responses are joined in one list (documented)."""
    if "," not in keys:
        return ask(keys)
    answers = [found for key in keys.split(",") if key and (found := _tolerant(ask, key))]
    if not answers:
        raise NotFoundError
    first = answers[0]
    kind, _, rest = first.uri.removeprefix(f"{PREFIX}/").partition("/")
    action = rest.partition("!")[2]
    uri = f"{PREFIX}/{kind}/{keys}" + (f"!{action}" if action else "")
    entities = [entity for found in answers for entity in found.entities]
    return Answer(uri, first.endpoint, entities, single=False, locator=first.locator)


def _tolerant(ask: Callable[[str], Answer], key: str) -> Answer | None:
    """Among several keys, unknown ones are omitted, and bare ones are accepted without a 301."""
    try:
        return ask(key)
    except MovedError as moved:
        return ask(moved.uri.rpartition("/")[2].partition("!")[0])
    except ApiError:
        return None


def expander(scene: Scene) -> Callable[[str, Mapping[str, str]], Answer | None]:
    """How links are followed for expansions: failures are omitted (reported: entries can be missing)."""
    inner = replace(scene, expanding=True)

    def resolve(uri: str, args: Mapping[str, str]) -> Answer | None:
        try:
            return answer(inner, uri, args)
        except (ApiError, MovedError, NoResponseError):
            return None

    return resolve


def options(endpoint: Endpoint, segments: tuple[str, ...], action: str, params: tuple[str, ...]) -> dict[str, object]:
    """The `Options` part: the allowed operations, which full verbosity repeats in every response."""
    path = [{"type": "path", "text": part} for part in ("api", "v2", *segments)]
    path += [{"type": "action", "text": action}] if action else []
    notes = {"Notes": ["_multiargs does not work at this endpoint"]} if endpoint.kind == "Objects" else {}
    return {
        "MethodDetails": {"OPTIONS": {"Permissions": ["Read"]}, "GET": {"Permissions": ["Read"]}},
        "Methods": ["OPTIONS", "GET"],
        "Parameters": {"GET": [{"Name": name, "Required": False, "ReadOnly": False} for name in params]},
        "MediaTypes": ["application/json", "text/html"],
        "Path": path,
        **notes,
    }
