"""The API's view of an image, for its owner and for others."""

import html
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from smugmug_simulator import media_urls
from smugmug_simulator.envelope import Entity, Json, Link
from smugmug_simulator.model import Image, Node, Quirk
from smugmug_simulator.scene import Scene

# SmugMug takes the EXIF wall time for Pacific time, wherever the camera was (recorded, four samples).
_SMUGMUG_HOME = ZoneInfo("America/Los_Angeles")
_ZERO_COORDINATE_CHANGED = 2021


def iso(moment: datetime) -> str:
    """A time as the API writes it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def taken_utc(taken: datetime) -> str:
    """DateTimeOriginal: the EXIF wall time read as Los Angeles time and shown in UTC."""
    return iso(taken.replace(tzinfo=_SMUGMUG_HOME))


def image_entity(scene: Scene, image: Image) -> Entity:
    """An `Image`, as `image/KEY-SERIAL` shows it."""
    album = home(scene, image)
    fields = _core(scene, image, album) | _status(image)
    if scene.viewer.full:
        fields["ComponentFileTypes"] = {"Image": [image.format.lower()]}
    fields |= {"Uri": f"/api/v2/image/{image.key_serial}", "WebUri": web_uri(scene, album, image)}
    return Entity(fields, _links(scene, image), "Image by key")


def album_image_entity(scene: Scene, album: Node, image: Image) -> Entity:
    """An `AlbumImage`: the image as one album shows it, which is where a collected image differs."""
    assert album.album is not None
    uri = f"/album/{album.album.key}/image/{image.key_serial}"
    own = scene.world.homes(image.key)[:1] == [album.album.key]
    fields = _core(scene, image, album) | _status(image)
    if components := _components(image):
        fields["ComponentFileTypes"] = components
    fields |= {"AlbumKey": album.album.key, "Movable": own, "Origin": "Album", "Uri": f"/api/v2{uri}"}
    fields["WebUri"] = web_uri(scene, album, image)
    links = _links(scene, image) | {
        "Album": Link.to("Album", f"/album/{album.album.key}"),
        "Image": Link.to("Image", f"/image/{image.key_serial}"),
        "AlbumImageMetadata": Link.to("AlbumImageMetadata", f"{uri}!metadata"),
        "AlbumImageShareUris": Link.to("AlbumImageShareUris", f"{uri}!shareuris"),
    }
    if scene.viewer.full:
        links["AlbumImageDownload"] = Link.to("AlbumImageDownload", f"{uri}!download")
    return Entity(fields, links, "Image in an album")


def _components(image: Image) -> dict[str, list[str]]:
    """The files an image is made of, if its album shows them."""
    kind = image.format.lower()
    others = sorted({component.extension.lower() for component in image.components})
    if Quirk.COMPONENTS_RAW_GROUP in image.quirks:
        return {"Image": [kind], "Raw": others or ["rw2"]}
    if Quirk.COMPONENTS_RAW_EXTENSION in image.quirks:
        return {"Image": [kind, *(others or ["dng"])]}
    return {"Image": [kind]} if Quirk.COMPONENTS_AS_OBJECT in image.quirks else {}


def home(scene: Scene, image: Image) -> Node:
    """The album an image was uploaded to."""
    album = scene.world.album(scene.world.homes(image.key)[0])
    assert album is not None
    return album


def web_uri(scene: Scene, album: Node, image: Image) -> str:
    """The web page of the image."""
    return f"{scene.origin}{scene.world.url_path(album)}/i-{image.key}"


def originals_allowed(scene: Scene, album: Node) -> bool:
    """Whether this viewer may have the original: the owner always, others if the album says so (recorded)."""
    assert album.album is not None
    return scene.viewer.full or (album.album.allow_downloads and album.album.largest_download == "Original")


def _core(scene: Scene, image: Image, album: Node) -> dict[str, Json]:
    fields = _words(image) | _place(image) | _dates(image) | _flags(scene, image, album)
    fields |= {
        "ThumbnailUrl": media_urls.media_url(scene, album, image, "Th"),
        "FileName": image.file_name,
        "UploadKey": str(9_000_000_000 + int(image.uploaded.timestamp()) % 999_999_937),
        "Format": image.format,
        "OriginalHeight": image.height,
        "OriginalWidth": image.width,
        "ComponentFileTypes": [],
        "ImageKey": image.key,
        "Serial": image.serial,
        "PreferredDisplayFileExtension": image.format,
    }
    return fields | _original(scene, image, album)


def _words(image: Image) -> dict[str, Json]:
    shown = {"Caption": image.caption, "FileName": image.file_name}
    return {
        "Title": image.title,
        "Caption": image.caption,
        "Keywords": "; ".join(image.keywords),
        "KeywordArray": list(image.keywords),
        "FormattedValues": {
            name: {"html": html.escape(text, quote=False), "text": text} for name, text in shown.items()
        },
    }


def _place(image: Image) -> dict[str, Json]:
    """Coordinates are text; the format of zero changed about 2021 (recorded)."""
    zero = "0" if image.uploaded.year >= _ZERO_COORDINATE_CHANGED else "0.00000000000000"
    known = image.latitude is not None and image.longitude is not None
    return {
        "Latitude": f"{image.latitude:.14g}" if known else zero,
        "Longitude": f"{image.longitude:.14g}" if known else zero,
        "Altitude": image.altitude,
    }


def _dates(image: Image) -> dict[str, Json]:
    dates = {"Date": iso(image.uploaded), "DateTimeUploaded": iso(image.uploaded), "LastUpdated": iso(image.updated)}
    return dates | ({"DateTimeOriginal": taken_utc(image.taken)} if image.taken else {})


def _flags(scene: Scene, image: Image, album: Node) -> dict[str, Json]:
    assert album.album is not None
    return {
        "Watermark": "Yes" if image.watermarked else "No",
        "Watermarked": image.watermarked,
        "Hidden": image.hidden,
        "Processing": image.processing,
        "Collectable": scene.viewer.full or album.album.allow_downloads,
        "IsArchive": False,
        "IsVideo": image.is_video,
        "CanEdit": scene.viewer.full,
        "CanBuy": not scene.viewer.full,
        "CanShare": True,
        "Comments": True,
        "ShowKeywords": True,
        "Protected": False,
        "EZProject": False,
    }


def _status(image: Image) -> dict[str, Json]:
    return {"Status": image.status, "SubStatus": image.sub_status}


def _original(scene: Scene, image: Image, album: Node) -> dict[str, Json]:
    content = media_urls.archived(image)
    sized = {} if Quirk.NO_SIZE in image.quirks else {"OriginalSize": content.size}
    if not originals_allowed(scene, album) or Quirk.NO_ARCHIVED in image.quirks:
        return sized
    fields = sized | {"ArchivedUri": media_urls.media_url(scene, album, image, "D")}
    fields |= {"ArchivedSize": content.size} if sized else {}
    return fields | ({} if Quirk.NO_MD5 in image.quirks else {"ArchivedMD5": content.md5})


def _links(scene: Scene, image: Image) -> dict[str, Link]:
    """Some URIs of one object contain the serial and others do not, depending on the viewer (recorded)."""
    exact = f"/image/{image.key_serial}"
    loose = exact if scene.viewer.full else f"/image/{image.key}"
    links = {
        "LargestImage": Link.to("LargestImage", f"{exact}!largestimage"),
        "ImageSizes": Link.to("ImageSizes", f"{exact}!sizes"),
        "ImageSizeDetails": Link.to("ImageSizeDetails", f"{exact}!sizedetails"),
        "PointOfInterest": Link.to("PointOfInterest", f"{loose}!pointofinterest"),
        "PointOfInterestCrops": Link.to("PointOfInterestCrops", f"{loose}!poicrops"),
        "Regions": Link.to("Regions", f"{loose}!regions"),
        "ImageComments": Link.to("ImageComments", f"{loose}!comments"),
        "ImageMetadata": Link.to("ImageMetadata", f"{loose}!metadata"),
        "ImagePrices": Link.to("ImagePrices", f"{loose}!prices"),
    }
    if image.is_video:
        links["LargestVideo"] = Link.to("LargestVideo", f"{exact}!largestvideo")
    return links | (_owner_links(scene, image, exact) if scene.viewer.full else {})


def _owner_links(scene: Scene, image: Image, exact: str) -> dict[str, Link]:
    return {
        "ImageAlbum": Link.to("Album", f"/album/{scene.world.homes(image.key)[0]}"),
        "ImageOwner": Link.to("User", f"/user/{scene.world.user.nick}"),
        "ImageAlbums": Link.to("ImageAlbums", f"{exact}!albums"),
        "ImageDownload": Link.to("ImageDownload", f"{exact}!download"),
    }
