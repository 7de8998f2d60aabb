"""The API's view of an image's sizes, download and metadata."""

from smugmug_simulator import media_urls
from smugmug_simulator.endpoints import video_size
from smugmug_simulator.envelope import Entity, Json, Link
from smugmug_simulator.media_urls import Rendition
from smugmug_simulator.model import Image, Node, Quirk
from smugmug_simulator.scene import Scene
from smugmug_simulator.views_image import originals_allowed

_BLANK_METADATA = [
    "Author",
    "AuthorTitle",
    "Brightness",
    "Category",
    "City",
    "CompressedBitsPerPixel",
    "Contrast",
    "Copyright",
    "CopyrightFlag",
    "CopyrightUrl",
    "Country",
    "CountryCode",
    "CreatorContactInfo",
    "Credit",
    "DateCreated",
    "DateDigitized",
    "DepthOfField",
    "DigitalZoomRatio",
    "ExposureCompensation",
    "GainControl",
    "Headline",
    "LensSerialNumber",
    "LightSource",
    "Rating",
    "Saturation",
    "ScaleFactor",
    "SerialNumber",
    "Sharpness",
    "Source",
    "SpecialInstructions",
    "State",
    "SubjectDistance",
    "SubjectRange",
    "SupplementalCategories",
    "TimeCreated",
    "TransmissionReference",
    "UsageTerms",
    "UserComment",
    "WriterEditor",
]


def size_details(scene: Scene, image: Image, album: Node) -> Entity:
    """`ImageSizeDetails`: one object per size, the original only if the viewer may have it."""
    sizes = {f"ImageSize{size.name}": _detail(scene, image, album, size) for size in media_urls.photo_renditions(image)}
    videos = media_urls.video_renditions(image) if image.is_video else []
    sizes |= {f"VideoSize{size.name}": video_detail(scene, image, album, size) for size in videos}
    if original := original_size(scene, image, album):
        sizes["ImageSizeOriginal"] = original
    template = media_urls.media_url(scene, album, image, "#size#")
    uri = {"Uri": f"/api/v2/image/{image.key_serial}!sizedetails"}
    return Entity(
        {"ImageUrlTemplate": template, "UsableSizes": list(sizes), **sizes, **uri}, {}, "Sizes of the image in detail"
    )


def original_size(scene: Scene, image: Image, album: Node) -> dict[str, Json] | None:
    """`ImageSizeOriginal`, which can be missing although ArchivedUri exists, and vice versa (reported 2025)."""
    missing = image.is_video or Quirk.NO_ORIGINAL_SIZE_DETAIL in image.quirks
    if missing or not originals_allowed(scene, album):
        return None
    extension = image.format.lower()
    unsized = Quirk.NO_SIZE in image.quirks
    size = Rendition("Original", "O", image.width, image.height, image.content, extension, on_demand=unsized)
    return _detail(scene, image, album, size)


def _detail(scene: Scene, image: Image, album: Node, size: Rendition) -> dict[str, Json]:
    known = {} if size.on_demand else {"Size": size.content.size}
    return {
        "Url": media_urls.media_url(scene, album, image, size.code, size.extension),
        "Ext": size.extension,
        "Height": size.height,
        "Width": size.width,
        **known,
        "Watermarked": image.watermarked,
    }


def video_detail(scene: Scene, image: Image, album: Node, size: Rendition) -> dict[str, Json]:
    """A rendition of a video; Size and MD5 are its own, and either may be missing."""
    duration = image.duration or 1.0
    fields = {
        "Url": media_urls.media_url(scene, album, image, size.code, "mp4"),
        "Size": size.content.size,
        "Height": size.height,
        "Width": size.width,
        "MD5": size.content.md5,
        "Usable": True,
        "Ext": "mp4",
        "Duration": duration,
        "Bitrate": size.content.size * 8 / duration,
        "Watermarked": False,
    }
    absent = {"MD5"} if Quirk.NO_VIDEO_MD5 in image.quirks else set()
    absent |= {"Size"} if Quirk.NO_VIDEO_SIZE in image.quirks else set()
    return {name: value for name, value in fields.items() if name not in absent}


def video_entity(scene: Scene, image: Image, album: Node, size: Rendition, action: str) -> Entity:
    """`LargestVideo` or `VideoSizeN`."""
    kind = "image" if action == "largestvideo" else "video"
    fields = video_detail(scene, image, album, size) | {"Uri": f"/api/v2/{kind}/{image.key_serial}!{action}"}
    own = f"/api/v2/video/{image.key_serial}!size{size.width}"
    return Entity(fields, {f"VideoSize{size.width}": Link(own, video_size(size.width))}, "Size of the video")


def largest_image(scene: Scene, image: Image, album: Node) -> Entity:
    """`LargestImage`: the original if the viewer may have it, else the largest rendition."""
    renditions = media_urls.photo_renditions(image)
    fields = original_size(scene, image, album) or _detail(scene, image, album, renditions[-1])
    uri = {"Uri": f"/api/v2/image/{image.key_serial}!largestimage"}
    return Entity(fields | {"Usable": True} | uri, {}, "Largest size of the image")


def image_sizes(scene: Scene, image: Image, album: Node) -> Entity:
    """`ImageSizes`: only the addresses."""
    urls: dict[str, Json] = {
        f"{size.name}ImageUrl": media_urls.media_url(scene, album, image, size.code)
        for size in media_urls.photo_renditions(image)
    }
    videos = media_urls.video_renditions(image) if image.is_video else []
    for size in videos:
        urls[f"{size.name}VideoUrl"] = media_urls.media_url(scene, album, image, size.code, "mp4")
        urls["LargestVideoUrl"] = urls[f"{size.name}VideoUrl"]
    if original := original_size(scene, image, album):
        urls["OriginalImageUrl"] = original["Url"]
    urls["LargestImageUrl"] = largest_image(scene, image, album).fields["Url"]
    return Entity(urls | {"Uri": f"/api/v2/image/{image.key_serial}!sizes"}, {}, "URLs of the sizes of the image")


def download(scene: Scene, image: Image, album: Node, uri: str) -> Entity | None:
    """`ImageDownload`, or nothing if downloads are not allowed (recorded: 200 without the object)."""
    if not originals_allowed(scene, album):
        return None
    videos = media_urls.video_renditions(image) if image.is_video else []
    code, extension = (videos[-1].code, "mp4") if videos else ("D", "jpg")
    url = media_urls.media_url(scene, album, image, code, extension)
    return Entity({"Url": url, "Uri": uri}, {}, "Download of the image")


def metadata(scene: Scene, image: Image, uri: str) -> Entity:
    """`ImageMetadata`: empty values are empty strings; a fresh upload can look empty through `_expand` (probed 2026-10)."""
    stale = scene.expanding and Quirk.STALE_METADATA in image.quirks
    fields = dict.fromkeys(_BLANK_METADATA, "") | _exif(image)
    if stale:
        fields = dict.fromkeys(fields, "")
    return Entity(fields | {"Uri": uri}, {}, "Metadata of the image")


def _exif(image: Image) -> dict[str, Json]:
    local = image.taken.isoformat(timespec="seconds") if image.taken else ""
    return {
        "Title": image.title,
        "Caption": image.caption,
        "Keywords": "; ".join(image.keywords),
        "Make": "Example",
        "Model": "Camera One",
        "Lens": "35mm f/2",
        "Aperture": "2.8",
        "Exposure": "1/250",
        "ISO": "100" if Quirk.ISO_AS_TEXT in image.quirks else 100,
        "FocalLength": "35.0 mm",
        "Flash": "Off, Did not fire",
        "DateTimeCreated": local,
        "DateTimeModified": local,
        "MicroDateTimeCreated": f"{local}.000" if local else "",
        **_position(image),
        **_moving(image),
        "Software": "",
    }


def _position(image: Image) -> dict[str, Json]:
    if image.latitude is None or image.longitude is None:
        return {"Latitude": 0, "Longitude": 0, "LatitudeReference": "", "LongitudeReference": "", "Altitude": 0}
    return {
        "Latitude": image.latitude,
        "Longitude": image.longitude,
        "LatitudeReference": "North" if image.latitude >= 0 else "South",
        "LongitudeReference": "East" if image.longitude >= 0 else "West",
        "Altitude": f"{image.altitude} m Above Sea Level" if image.altitude else 0,
    }


def _moving(image: Image) -> dict[str, Json]:
    if not image.is_video:
        return {"Duration": "", "AudioCodec": "", "VideoCodec": ""}
    return {"Duration": f"{image.duration:.2f} s", "AudioCodec": "mp4a", "VideoCodec": "avc1"}
