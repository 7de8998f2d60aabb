"""The media host: any slice of any file, with the headers the real one sends."""

import re
from dataclasses import dataclass
from email.utils import format_datetime

from smugmug_simulator import media_urls
from smugmug_simulator.asked import Asked
from smugmug_simulator.content import Content
from smugmug_simulator.model import Image, Quirk
from smugmug_simulator.oauth import OAuthProblemError
from smugmug_simulator.replies import FORBIDDEN_PAGE, LOGIN_PAGE, Reply, text_reply
from smugmug_simulator.scene import Scene, Viewer
from smugmug_simulator.state import State, signed_caller

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_TYPES = {"mp4": "video/mp4", "png": "image/png", "gif": "image/gif"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parsed media path."""

    image: Image
    code: str
    extension: str


def reply(state: State, asked: Asked) -> Reply:
    """The response to a media request; a signature is not required everywhere, but a wrong one is always rejected."""
    viewer = Viewer(full=False)
    if asked.has_oauth:
        try:
            viewer = signed_caller(state, asked).viewer
        except OAuthProblemError as problem:
            return text_reply(401, problem.message, "text/plain; charset=UTF-8")
    if asked.path.startswith(media_urls.VAULT):
        return _vault(state, asked)
    wanted = _wanted(state, asked.path)
    content = _content(wanted) if wanted else None
    if wanted is None or content is None:
        return _unknown()
    if not viewer.full and _is_private(state, wanted.image) and (refusal := _refusal(state)):
        return refusal
    return _file(wanted, content, asked.byte_range)


def _vault(state: State, asked: Asked) -> Reply:
    """A file in SmugMug Source, by its own signature, and whatever else this vault wants."""
    key, _, rest = asked.path.removeprefix(media_urls.VAULT).partition("/")
    vault = state.world.vault
    if vault == "login" or (vault == "oauth" and not asked.has_oauth):
        return text_reply(200, LOGIN_PAGE)
    component = state.world.component(key)
    if component is None:
        return _unknown()
    if vault == "forbidden" or rest.partition("/")[0] != media_urls.vault_signature(component):
        return text_reply(403, FORBIDDEN_PAGE)
    return _stretched(component.content, "application/octet-stream", {}, asked.byte_range)


def _unknown() -> Reply:
    """404 in HTML, not to be stored (probed 2026-10)."""
    return text_reply(404, "<!DOCTYPE html><html><body>Not Found</body></html>", headers={"Cache-Control": "no-store"})


def _wanted(state: State, path: str) -> Wanted | None:
    """`.../i-KEY/SERIAL/[HASH/]CODE/NAME.EXT`; neither hash nor name is looked at (probed 2026-10)."""
    parts = path.split("/")
    places = [index for index, part in enumerate(parts[:-2]) if part.startswith("i-") and parts[index + 1].isdigit()]
    if not places:
        return None
    image = state.world.image(parts[places[-1]].removeprefix("i-"))
    if image is None or Quirk.DELETED in image.quirks:
        return None
    return Wanted(image, parts[-2], parts[-1].rpartition(".")[2].lower())


def _content(wanted: Wanted) -> Content | None:
    image = wanted.image
    if wanted.code == "D":
        return None if Quirk.NO_ARCHIVED in image.quirks else media_urls.archived(image)
    if wanted.code == "O":
        return None if image.is_video or Quirk.NO_ORIGINAL_SIZE_DETAIL in image.quirks else image.content
    sizes = media_urls.video_renditions(image) if wanted.extension == "mp4" else media_urls.photo_renditions(image)
    return next((size.content for size in sizes if size.code == wanted.code), None)


def _is_private(state: State, image: Image) -> bool:
    scene = Scene(state.world, Viewer(full=False), "")
    albums = [state.world.album(key) for key in state.world.homes(image.key)]
    return not any(node is not None and scene.visible(node) for node in albums)


def _refusal(state: State) -> Reply | None:
    """What other users get instead of private bytes; reports range from the bytes themselves to nothing."""
    match state.world.unsigned_private_media:
        case "empty":
            return text_reply(200, "", "image/jpeg")
        case "login":
            return text_reply(200, LOGIN_PAGE)
        case "forbidden":
            return text_reply(403, FORBIDDEN_PAGE)
        case _:
            return None


def _file(wanted: Wanted, content: Content, byte_range: str) -> Reply:
    """200 or 206; there is no Accept-Ranges, and If-None-Match is ignored (probed 2026-10)."""
    kind = _TYPES.get(wanted.extension, "image/jpeg")
    visibility = "public" if wanted.extension == "mp4" else "private"
    headers = {
        "ETag": f'"{content.md5}"',
        "Last-Modified": format_datetime(wanted.image.updated, usegmt=True),
        "Cache-Control": f"{visibility}, max-age=31536000, s-maxage=0",
    }
    if wanted.code == "D":
        headers["Content-Disposition"] = "attachment"
    return _stretched(content, kind, headers, byte_range)


def _stretched(content: Content, kind: str, headers: dict[str, str], byte_range: str) -> Reply:
    stretch = _stretch(byte_range, content.size)
    if stretch is None:
        return Reply(200, kind, content, headers)
    start, stop = stretch
    if start >= stop:
        return text_reply(416, "", headers={"Content-Range": f"bytes */{content.size}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{content.size}"
    return Reply(206, kind, content, headers, start, stop)


def _stretch(byte_range: str, size: int) -> tuple[int, int] | None:
    """The first and the last byte plus one of a single range; anything else counts as no range."""
    match = _RANGE.fullmatch(byte_range.strip())
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
