"""The names of API v2: each endpoint with its Locator, whether it yields one object or many, and a short description."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One kind of URI."""

    name: str
    locator: str
    kind: str
    text: str
    doc: str = ""


_DOC = "https://api.smugmug.com/api/v2/doc/reference/{}.html"

# name, locator, kind, text[, documentation page]
_TABLE = """
AuthUser|User|Object|The signed-in user|
User|User|Object|User by nickname|user
UserAlbums|Album|Objects|Albums of the user|
UserFeaturedAlbums|Album|Objects|Featured albums of the user|
UserRecentImages|Image|Objects|Newest images of the user|
UserImageSearch|Image|Objects|Search in the user's images|
UserTopKeywords|UserTopKeywords|Object|Most used keywords of the user|
UserProfile|UserProfile|Object|Profile of the user|
UserGeoMedia|Image|Objects|Geotagged images of the user|
UserPopularMedia|Image|Objects|Popular images of the user|
UserAssetsAlbum|Album|Object|Site files of the user|
UserDeletedAlbums|DeletedAlbum|Objects|Deleted albums of the user|
UserUploadLimits|UserUploadLimits|Object|Upload limits of the user|
BioImage|BioImage|Object|Portrait of the user|
CoverImage|CoverImage|Object|Cover image of the user|
Features|Features|Object|Features of the account|
UrlPathLookup|Folder,Album,Page|Object|Finds what lives at a URL path|
Node|Node|Object|Node by id|node
ChildNodes|Node|Objects|Nodes below the node|node
ParentNode|Node|Object|Node above the node|
ParentNodes|Node|Objects|From the node itself up to the root|
NodeCoverImage|Image|Object|Cover image of the node|
NodeComments|Comment|Objects|Comments on the node|
HighlightImage|Image|Object|Image that stands for the node|highlight
UnlockNode|||Unlock the node with its password|
Folder|Folder|Object|Folder by URL path|folder
FolderByID|Folder|Object|Folder by id|folder
ParentFolder|Folder|Object|Folder above the folder|
ParentFolders|Folder|Objects|Folders from here up to the root|
Folders|Folder|Objects|Folders in the folder|
FolderList|FolderList|List|All folders below the folder|
FolderAlbums|Album|Objects|Albums in the folder|
AlbumList|AlbumList|List|All albums below the folder|
Album|Album|Object|Album by key|album
AlbumImages|AlbumImage|Objects|Images in the album|album-image
AlbumHighlightImage|AlbumImage|Object|Image that stands for the album|
AlbumShareUris|AlbumShareUris|Object|URIs for sharing the album|
AlbumComments|Comment|Objects|Comments on the album|
AlbumDownload|Download|Objects|Archives of the album|
AlbumPopularMedia|AlbumImage|Objects|Popular images in the album|
AlbumGeoMedia|AlbumImage|Objects|Geotagged images in the album|
UnlockAlbum|||Unlock the album with its password|
AlbumImage|AlbumImage|Object|Image in an album|album-image
AlbumImageMetadata|AlbumImageMetadata|Object|Metadata of the image in the album|
AlbumImageDownload|AlbumImageDownload|Object|Download of the image from the album|
AlbumImageShareUris|AlbumImageShareUris|Object|URIs for sharing the image|
Image|Image|Object|Image by key|image
ImageAlbums|Album|Objects|Albums the image is in|
ImageSizes|ImageSizes|Object|URLs of the sizes of the image|image-sizes
ImageSizeDetails|ImageSizeDetails|Object|Sizes of the image in detail|
LargestImage|LargestImage|Object|Largest size of the image|
LargestVideo|LargestVideo|Object|Largest size of the video|
ImageMetadata|ImageMetadata|Object|Metadata of the image|
ImageDownload|ImageDownload|Object|Download of the image|
ImageComments|Comment|Objects|Comments on the image|
PointOfInterest|PointOfInterest|Object|Point of interest in the image|
PointOfInterestCrops|PointOfInterestCrops|List|Crops around the point of interest|
Regions|Region|Objects|Regions in the image|
ImagePrices|CatalogSkuPrice|Objects|What can be bought of the image|
Components|Component|Objects|Files an asset is made of|
"""


def _read(line: str) -> Endpoint:
    name, locator, kind, text, page = line.split("|")
    return Endpoint(name, locator, kind, text, _DOC.format(page) if page else "")


ENDPOINTS = {endpoint.name: endpoint for endpoint in map(_read, _TABLE.strip().splitlines())}


def video_size(width: int) -> Endpoint:
    """The endpoint of one rendition of a video."""
    return Endpoint(f"VideoSize{width}", f"VideoSize{width}", "Object", f"Video size: {width}")
