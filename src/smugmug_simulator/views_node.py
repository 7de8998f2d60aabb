"""The API's view of users, nodes, folders and albums, for their owner and for others."""

from urllib.parse import quote

from smugmug_simulator.envelope import Entity, Json, Link
from smugmug_simulator.model import Album, Node
from smugmug_simulator.scene import Scene
from smugmug_simulator.views_image import iso

_OPEN_USER_LINKS = {
    "BioImage": "bioimage",
    "CoverImage": "coverimage",
    "UserProfile": "profile",
    "Features": "features",
    "UserAlbums": "albums",
    "UserFeaturedAlbums": "featuredalbums",
    "UserRecentImages": "recentimages",
    "UserImageSearch": "imagesearch",
    "UserPopularMedia": "popularmedia",
    "UserGeoMedia": "geomedia",
    "UserTopKeywords": "topkeywords",
    "UrlPathLookup": "urlpathlookup",
}
_OWNER_USER_LINKS = {
    "UserAssetsAlbum": "assetsalbum",
    "UserDeletedAlbums": "deletedalbums",
    "UserUploadLimits": "uploadlimits",
}


def user_entity(scene: Scene) -> Entity:
    """The one user there is."""
    user = scene.world.user
    fields: dict[str, Json] = {
        "Name": user.name,
        "NickName": user.nick,
        "QuickShare": True,
        "RefTag": "sim" + user.nick,
        "ViewPassHint": "",
        "Uri": f"/api/v2/user/{user.nick}",
        "WebUri": scene.origin,
    }
    actions = _OPEN_USER_LINKS | (_OWNER_USER_LINKS if scene.viewer.full else {})
    links = {name: Link.to(name, f"/user/{user.nick}!{action}") for name, action in actions.items()}
    links |= {
        "Node": Link.to("Node", f"/node/{scene.world.root}"),
        "Folder": Link.to("Folder", f"/folder/user/{user.nick}"),
    }
    owned = _owner_user_fields(scene) if scene.viewer.full else {}
    return Entity(fields | owned, links, "User by nickname", "Full" if scene.viewer.full else "Public")


def _owner_user_fields(scene: Scene) -> dict[str, Json]:
    """Sizes are text here (recorded)."""
    user = scene.world.user
    return {
        "AccountStatus": "Active",
        "Domain": "",
        "DomainOnly": "",
        "FirstName": user.first_name,
        "LastName": user.last_name,
        "FriendsView": False,
        "ImageCount": max(0, scene.world.asset_count() + scene.world.account_count_error),
        "IsTrial": False,
        "Plan": user.plan,
        "SortBy": "Position",
        "TotalAccountSize": "0",
        "TotalUploadedSize": "0",
        "ViewPassword": "",
    }


def node_entity(scene: Scene, node: Node) -> Entity:
    """A node; HasChildren speaks of nodes, so it is false for every album (recorded)."""
    fields: dict[str, Json] = {
        "Description": node.description,
        "Name": node.name,
        "Keywords": list(node.keywords),
        "PasswordHint": node.password_hint,
        "SecurityType": node.security,
        "ShowCoverImage": node.type == "Album",
        "SortDirection": "Ascending",
        "SortMethod": "SortIndex",
        "Type": node.type,
        "UrlName": node.url_name,
        "DateAdded": iso(node.added),
        "DateModified": iso(node.modified),
        "EffectiveSecurityType": scene.security(node),
        "FormattedValues": {
            "Name": {"html": node.name},
            "Description": {"html": node.description, "text": node.description},
        },
        "HasChildren": scene.world.has_children(node.id),
        "IsRoot": node.parent is None,
        "NodeID": node.id,
        "UrlPath": scene.world.url_path(node),
        "Uri": f"/api/v2/node/{node.id}",
        "WebUri": scene.origin + scene.world.url_path(node),
    }
    fields |= {"SortIndex": node.sort_index} if node.parent else {}
    fields |= _owner_node_fields(scene, node) if scene.viewer.full else {}
    return Entity(fields, _node_links(scene, node), "Node by id", scene.level(node))


def _owner_node_fields(scene: Scene, node: Node) -> dict[str, Json]:
    return {
        "Privacy": node.privacy,
        "EffectivePrivacy": scene.privacy(node),
        "Password": node.password,
        "HideOwner": False,
        "SmugSearchable": "Inherit from User",
        "WorldSearchable": "Inherit from User",
    }


def _node_links(scene: Scene, node: Node) -> dict[str, Link]:
    own = f"/node/{node.id}"
    links = {
        "ParentNodes": Link.to("ParentNodes", f"{own}!parents"),
        "User": Link.to("User", f"/user/{scene.world.user.nick}"),
        "NodeCoverImage": Link.to("NodeCoverImage", f"{own}!cover"),
        "HighlightImage": Link.to("HighlightImage", f"/highlight{own}"),
        "NodeComments": Link.to("NodeComments", f"{own}!comments"),
    }
    if node.parent:
        links["ParentNode"] = Link.to("ParentNode", f"{own}!parent")
    if node.type == "Folder":
        links |= {
            "FolderByID": Link.to("FolderByID", f"/folder/id/{node.id}"),
            "ChildNodes": Link.to("ChildNodes", f"{own}!children"),
        }
    if node.album:
        links["Album"] = Link.to("Album", f"/album/{node.album.key}")
    if scene.locked(node):
        links["UnlockNode"] = Link.to("UnlockNode", f"{own}!unlock")
    return links


def folder_uri(scene: Scene, node: Node) -> str:
    """The path of a folder below `/api/v2`, by URL names."""
    return f"/folder/user/{scene.world.user.nick}" + quote(scene.world.url_path(node)).rstrip("/")


def folder_entity(scene: Scene, node: Node) -> Entity:
    """A folder as the older folder endpoints show it: Keywords is text, and the root's UrlPath is empty (recorded)."""
    uri = folder_uri(scene, node)
    fields: dict[str, Json] = {
        "Name": node.name,
        "UrlName": node.url_name,
        "SecurityType": node.security,
        "SortMethod": "SortIndex",
        "SortDirection": "Ascending",
        "Description": node.description,
        "Keywords": "; ".join(node.keywords),
        "PasswordHint": node.password_hint,
        "DateAdded": iso(node.added),
        "DateModified": iso(node.modified),
        "UrlPath": scene.world.url_path(node).rstrip("/"),
        "NodeID": node.id,
        "IsEmpty": not scene.world.has_children(node.id),
        "Uri": f"/api/v2{uri}",
        "WebUri": scene.origin + scene.world.url_path(node),
    }
    links = {
        "FolderByID": Link.to("FolderByID", f"/folder/id/{node.id}"),
        "Node": Link.to("Node", f"/node/{node.id}"),
        "User": Link.to("User", f"/user/{scene.world.user.nick}"),
        "HighlightImage": Link.to("HighlightImage", f"/highlight/node/{node.id}"),
        "Folders": Link.to("Folders", f"{uri}!folders"),
        "FolderList": Link.to("FolderList", f"{uri}!folderlist"),
        "FolderAlbums": Link.to("FolderAlbums", f"{uri}!albums"),
        "AlbumList": Link.to("AlbumList", f"{uri}!albumlist"),
    }
    if node.parent:
        links["ParentFolder"] = Link.to("ParentFolder", f"{uri}!parent")
    return Entity(fields, links, "Folder by URL path", scene.level(node))


def album_entity(scene: Scene, node: Node) -> Entity:
    """An album; a locked one shows next to nothing (recorded)."""
    assert node.album is not None
    if scene.locked(node):
        fields: dict[str, Json] = {"SecurityType": scene.security(node), "AlbumKey": node.album.key}
        fields["Uri"] = f"/api/v2/album/{node.album.key}"
    else:
        fields = _album_fields(scene, node, node.album)
    return Entity(fields, _album_links(scene, node, node.album), "Album by key", scene.level(node))


def _album_fields(scene: Scene, node: Node, album: Album) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "NiceName": node.url_name,
        "UrlName": node.url_name,
        "Title": node.name,
        "Name": node.name,
        "AllowDownloads": album.allow_downloads,
        "Description": node.description,
        "EXIF": True,
        "External": True,
        "Filenames": False,
        "Geography": True,
        "Keywords": album.keywords,
        "PasswordHint": node.password_hint,
        "Protected": False,
        "SortDirection": "Ascending",
        "SortMethod": album.sort_method,
        "SecurityType": node.security,
        "CommerceLightbox": True,
        "AlbumKey": album.key,
        "CanBuy": True,
        "CanFavorite": False,
        "LastUpdated": iso(node.modified),
        "ImagesLastUpdated": iso(album.images_updated),
        "NodeID": node.id,
        "ImageCount": max(0, scene.image_total(album.key) + album.count_error),
        "UrlPath": scene.world.url_path(node),
        "CanShare": True,
        "HasDownloadPassword": False,
        "Packages": False,
        "Uri": f"/api/v2/album/{album.key}",
        "WebUri": scene.origin + scene.world.url_path(node),
    }
    return fields | (_owner_album_fields(scene, node, album) if scene.viewer.full else {})


def _owner_album_fields(scene: Scene, node: Node, album: Album) -> dict[str, Json]:
    """Privacy shows the effective value; WorldSearchable is 3 in albums the iOS app made (probed 2026-10)."""
    sizes = scene.world.total_bytes(album.key)
    return {
        "Date": iso(node.added),
        "Privacy": scene.privacy(node),
        "Password": node.password,
        "OriginalSizes": sizes,
        "TotalSizes": sizes * 3 // 2,
        "LargestSize": "5K",
        "MaxPhotoDownloadSize": album.largest_download,
        "Watermark": False,
        "TemplateUri": "/api/v2/template/17",
        "Backprinting": "",
        "CanRank": True,
        "Clean": False,
        "Comments": True,
        "FamilyEdit": False,
        "FriendEdit": False,
        "Header": "Custom",
        "HideOwner": False,
        "Printable": True,
        "ProofDays": 0,
        "Share": True,
        "Slideshow": True,
        "SmugSearchable": album.smug_searchable,
        "SquareThumbs": True,
        "WorldSearchable": album.world_searchable,
    }


def _album_links(scene: Scene, node: Node, album: Album) -> dict[str, Link]:
    own = f"/album/{album.key}"
    folder = folder_uri(scene, scene.world.nodes[str(node.parent)])
    links = {
        "Node": Link.to("Node", f"/node/{node.id}"),
        "NodeCoverImage": Link.to("NodeCoverImage", f"/node/{node.id}!cover"),
        "User": Link.to("User", f"/user/{scene.world.user.nick}"),
        "Folder": Link.to("Folder", folder),
        "ParentFolders": Link.to("ParentFolders", f"{folder}!parents"),
        "HighlightImage": Link.to("HighlightImage", f"/highlight/node/{node.id}"),
    }
    if scene.locked(node):
        return links | {"UnlockAlbum": Link.to("UnlockAlbum", f"{own}!unlock")}
    return links | {
        "AlbumShareUris": Link.to("AlbumShareUris", f"{own}!shareuris"),
        "AlbumHighlightImage": Link.to("AlbumHighlightImage", f"{own}!highlightimage"),
        "AlbumImages": Link.to("AlbumImages", f"{own}!images"),
        "AlbumPopularMedia": Link.to("AlbumPopularMedia", f"{own}!popularmedia"),
        "AlbumGeoMedia": Link.to("AlbumGeoMedia", f"{own}!geomedia"),
        "AlbumComments": Link.to("AlbumComments", f"{own}!comments"),
        "AlbumDownload": Link.to("AlbumDownload", f"{own}!download"),
    }
