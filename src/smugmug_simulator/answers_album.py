"""The endpoints of albums."""

from smugmug_simulator.answering import (
    NoResponseError,
    NotFoundError,
    Params,
    absurd,
    many,
    nothing,
    one,
    page,
    visible_node,
    window,
)
from smugmug_simulator.envelope import Answer
from smugmug_simulator.model import Node
from smugmug_simulator.scene import Scene
from smugmug_simulator.views_image import album_image_entity
from smugmug_simulator.views_node import album_entity


def album(scene: Scene, key: str, action: str, params: Params) -> Answer:
    """`album/KEY` and what hangs on it."""
    found = visible_node(scene, scene.world.album(key))
    uri = f"/album/{key}"
    if not action:
        return one("Album", uri, album_entity(scene, found))
    if action == "images":
        return album_images(scene, found, f"{uri}!images", params)
    if action == "download":
        return many("AlbumDownload", f"{uri}!download", [], None)
    if action == "highlightimage":
        first = [] if scene.locked(found) else scene.image_page(key, 0, 1)
        return one(
            "AlbumHighlightImage",
            f"{uri}!highlightimage",
            album_image_entity(scene, found, first[0]) if first else None,
        )
    if action in _NOTHING_OF_ALBUM:
        return nothing(_NOTHING_OF_ALBUM[action], f"{uri}!{action}", params)
    raise NotFoundError


_NOTHING_OF_ALBUM = {
    "comments": "AlbumComments",
    "popularmedia": "AlbumPopularMedia",
    "geomedia": "AlbumGeoMedia",
    "shareuris": "AlbumShareUris",
}


def album_images(scene: Scene, found: Node, uri: str, params: Params) -> Answer:
    """The images of an album; of a locked one an empty list, without an error (probed 2026-09)."""
    assert found.album is not None
    if absurd(params):
        raise NoResponseError
    total = 0 if scene.locked(found) else scene.image_total(found.album.key)
    if names := _file_names(params):
        return _named_images(scene, found, uri, names, params)
    part = page(params, total, 100, scene.limits.images)
    stop = part.start - 1 + part.count
    images = scene.image_page(found.album.key, part.start - 1, stop) if total else []
    return many("AlbumImages", uri, [album_image_entity(scene, found, image) for image in images], part, ("FileNames",))


def _file_names(params: Params) -> set[str]:
    return {name for name in params.get("FileNames", "").split(",") if name}


def _named_images(scene: Scene, found: Node, uri: str, names: set[str], params: Params) -> Answer:
    assert found.album is not None
    everything = [] if scene.locked(found) else scene.image_page(found.album.key, 0, scene.image_total(found.album.key))
    images = [image for image in everything if image.file_name in names]
    part = page(params, len(images), 100, scene.limits.images)
    entities = [album_image_entity(scene, found, image) for image in window(images, part)]
    return many("AlbumImages", uri, entities, part, ("FileNames",))
