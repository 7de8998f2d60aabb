"""The endpoints of images, videos and library assets."""

from collections.abc import Callable

from smugmug_simulator import media_urls
from smugmug_simulator.answering import ApiError, MovedError, NotFoundError, Params, many, nothing, number, one, page
from smugmug_simulator.endpoints import video_size
from smugmug_simulator.envelope import Answer, Entity
from smugmug_simulator.model import Component, Image, Node, Quirk
from smugmug_simulator.scene import Scene
from smugmug_simulator.views_image import album_image_entity, home, image_entity
from smugmug_simulator.views_node import album_entity
from smugmug_simulator.views_sizes import download, image_sizes, largest_image, metadata, size_details, video_entity


def image(scene: Scene, key_serial: str, action: str, params: Params) -> Answer:
    """`image/KEY-SERIAL` and what hangs on it.

    Without or with a wrong serial: 301 to the right one (probed 2026-10); actions also know the bare key (recorded 2021).
    """
    found = _find(scene, key_serial)
    if key_serial != found.key_serial and (not action or "-" in key_serial):
        raise MovedError(f"/api/v2/image/{found.key_serial}" + (f"!{action}" if action else ""))
    uri = f"/image/{key_serial}" + (f"!{action}" if action else "")
    if not action:
        return one("Image", uri, image_entity(scene, found))
    if action in _NOTHING_OF_IMAGE:
        return nothing(_NOTHING_OF_IMAGE[action], uri, params)
    handler = _ACTIONS.get(action)
    if handler is None:
        raise NotFoundError
    return handler(scene, found, uri, params)


_NOTHING_OF_IMAGE = {
    "comments": "ImageComments",
    "pointofinterest": "PointOfInterest",
    "poicrops": "PointOfInterestCrops",
    "regions": "Regions",
    "prices": "ImagePrices",
}


def album_image(scene: Scene, album_key: str, key_serial: str, action: str) -> Answer:
    """`album/KEY/image/KEY-SERIAL` and what hangs on it."""
    album = scene.world.album(album_key)
    found = _find(scene, key_serial)
    if album is None or not scene.visible(album) or album_key not in scene.world.homes(found.key):
        raise NotFoundError
    if key_serial != found.key_serial and (not action or "-" in key_serial):
        raise MovedError(f"/api/v2/album/{album_key}/image/{found.key_serial}" + (f"!{action}" if action else ""))
    uri = f"/album/{album_key}/image/{key_serial}" + (f"!{action}" if action else "")
    if action == "metadata":
        return one("AlbumImageMetadata", uri, metadata(scene, found, f"/api/v2{uri}"))
    if action == "download":
        return one("AlbumImageDownload", uri, download(scene, found, album, f"/api/v2{uri}"))
    if action == "shareuris":
        return one("AlbumImageShareUris", uri, None)
    if action:
        raise NotFoundError
    return one("AlbumImage", uri, album_image_entity(scene, album, found))


def _find(scene: Scene, key_serial: str) -> Image:
    """The image, unless it is gone, in a private album, hidden, or behind a lock (401 there, probed 2026-09)."""
    found = scene.world.image(key_serial.partition("-")[0])
    if found is None or Quirk.DELETED in found.quirks or not scene.shows(found):
        raise NotFoundError
    albums = [node for key in scene.world.homes(found.key) if (node := scene.world.album(key)) and scene.visible(node)]
    if not albums:
        raise NotFoundError
    if all(scene.locked(node) for node in albums):
        raise ApiError(401, "You do not have permission to view this image")
    return found


def _on_home(
    endpoint: str, build: Callable[[Scene, Image, Node], Entity]
) -> Callable[[Scene, Image, str, Params], Answer]:
    def answer(scene: Scene, found: Image, uri: str, _params: Params) -> Answer:
        return one(endpoint, uri, build(scene, found, home(scene, found)))

    return answer


def _metadata(scene: Scene, found: Image, uri: str, _params: Params) -> Answer:
    return one("ImageMetadata", uri, metadata(scene, found, f"/api/v2{uri}"))


def _download(scene: Scene, found: Image, uri: str, _params: Params) -> Answer:
    return one("ImageDownload", uri, download(scene, found, home(scene, found), f"/api/v2{uri}"))


def _albums(scene: Scene, found: Image, uri: str, params: Params) -> Answer:
    nodes = [node for key in scene.world.homes(found.key) if (node := scene.world.album(key)) and scene.visible(node)]
    part = page(params, len(nodes), 50, scene.limits.albums)
    return many("ImageAlbums", uri, [album_entity(scene, node) for node in nodes], part)


def _largest_video(scene: Scene, found: Image, uri: str, params: Params) -> Answer:
    """The widest rendition up to MaxSize; 404 for a photo and for a video that never got one (probed 2026-10)."""
    sizes = media_urls.video_renditions(found) if found.is_video else []
    most = number(params.get("MaxSize"), 0)
    sizes = [size for size in sizes if size.width <= most] if most else sizes
    if not sizes:
        raise NotFoundError
    return one("LargestVideo", uri, video_entity(scene, found, home(scene, found), sizes[-1], "largestvideo"))


_ACTIONS: dict[str, Callable[[Scene, Image, str, Params], Answer]] = {
    "sizes": _on_home("ImageSizes", image_sizes),
    "sizedetails": _on_home("ImageSizeDetails", size_details),
    "largestimage": _on_home("LargestImage", largest_image),
    "largestvideo": _largest_video,
    "metadata": _metadata,
    "download": _download,
    "albums": _albums,
}


def video(scene: Scene, key_serial: str, action: str) -> Answer:
    """`video/KEY-SERIAL!sizeN`; a size that is not there gives 200 without the object (recorded of photo sizes)."""
    found = _find(scene, key_serial)
    width = number(action.removeprefix("size"), 0)
    if not found.is_video or not action.startswith("size") or width <= 0:
        raise NotFoundError
    sizes = [size for size in media_urls.video_renditions(found) if size.width == width]
    entities = [video_entity(scene, found, home(scene, found), size, action) for size in sizes]
    return Answer(f"/api/v2/video/{key_serial}!{action}", video_size(width), entities)


def components(scene: Scene, key: str, params: Params) -> Answer:
    """`library/asset/KEY!components`, for the owner: the preview that SmugMug made, and the files in SmugMug Source.

    One customer has published its fields for RW2, DNG, ARW and RAF (2024-10): `ComponentType` is `svi`, and both addresses
    begin with `https://www.smugmug.com/smugvault/`. What follows there, paging, and who may ask are not known.
    """
    found = _find(scene, key)
    match scene.world.components:
        case "404":
            raise NotFoundError
        case "403":
            raise ApiError(403, "Forbidden")
        case "401":
            raise ApiError(401, "Unauthorized")
    if not scene.viewer.full:
        raise NotFoundError
    preview = Component(key=f"{found.key}p", file_name=found.file_name, content=found.content)
    files = found.components if found.is_video else (preview, *found.components)
    entities = [_component(scene, found, one) for one in files]
    return many("Components", f"/library/asset/{key}!components", entities, page(params, len(entities), 10, 100))


def _component(scene: Scene, image: Image, component: Component) -> Entity:
    address = media_urls.vault_url(scene, component)
    fields = {
        "ComponentType": "svi",
        "ComponentKey": component.key,
        "DownloadUrl": address,
        "Url": address,
        "Extension": component.extension,
        "FileName": component.file_name,
        "FileSize": component.content.size,
        "MD5": component.content.md5,
        "Uri": f"/api/v2/library/asset/{image.key}/component/svi/{component.key}",
    }
    return Entity(fields, {}, "File of the asset")
