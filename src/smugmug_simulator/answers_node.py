"""The endpoints of users, nodes and folders."""

from collections.abc import Callable, Sequence

from smugmug_simulator.answering import (
    ApiError,
    NotFoundError,
    Params,
    many,
    nothing,
    one,
    page,
    visible_node,
    window,
)
from smugmug_simulator.endpoints import ENDPOINTS
from smugmug_simulator.envelope import Answer, Entity
from smugmug_simulator.model import Node
from smugmug_simulator.scene import Scene
from smugmug_simulator.views_image import image_entity
from smugmug_simulator.views_node import album_entity, folder_entity, folder_uri, node_entity, user_entity

_CHILD_TYPES = {"Folder Album Page": {"Folder", "Album", "Page"}}
_CHILD_ORDER: dict[str, Callable[[Node], object]] = {
    "DateAdded": lambda node: (node.added, node.id),
    "DateModified": lambda node: (node.modified, node.id),
    "Name": lambda node: (node.name.casefold(), node.id),
}
_ALBUM_ORDER: dict[str, tuple[Callable[[Node], object], bool]] = {
    "Last Updated (Descending)": (lambda node: (node.modified, node.id), True),
    "Last Updated (Ascending)": (lambda node: (node.modified, node.id), False),
    "Date Added (Descending)": (lambda node: (node.added, node.id), True),
    "Date Added (Ascending)": (lambda node: (node.added, node.id), False),
}


def auth_user(scene: Scene, _params: Params) -> Answer:
    """`!authuser`: whose token it is."""
    return one("AuthUser", "!authuser", user_entity(scene))


def site_user(scene: Scene, _params: Params) -> Answer:
    """`!siteuser`: whose site it is; there is only one."""
    return one("User", "!siteuser", user_entity(scene))


def user(scene: Scene, nick: str, action: str, params: Params) -> Answer:
    """`user/NICK` and what hangs on it; an unknown nick is 404, not 401 (reported)."""
    if nick.casefold() != scene.world.user.nick.casefold():
        raise NotFoundError
    uri = f"/user/{scene.world.user.nick}"
    if not action:
        return one("User", uri, user_entity(scene))
    if action == "albums":
        return user_albums(scene, f"{uri}!albums", params)
    if action == "urlpathlookup":
        return lookup(scene, f"{uri}!urlpathlookup", params)
    if action in _NOTHING_OF_USER:
        return nothing(_NOTHING_OF_USER[action], f"{uri}!{action}", params)
    raise NotFoundError


_NOTHING_OF_USER = {
    "bioimage": "BioImage",
    "coverimage": "CoverImage",
    "profile": "UserProfile",
    "features": "Features",
    "topkeywords": "UserTopKeywords",
    "assetsalbum": "UserAssetsAlbum",
    "uploadlimits": "UserUploadLimits",
    "featuredalbums": "UserFeaturedAlbums",
    "recentimages": "UserRecentImages",
    "imagesearch": "UserImageSearch",
    "popularmedia": "UserPopularMedia",
    "geomedia": "UserGeoMedia",
    "deletedalbums": "UserDeletedAlbums",
}


def user_albums(scene: Scene, uri: str, params: Params) -> Answer:
    """All albums in one flat list."""
    broken = scene.world.broken_albums_start
    albums = [node for node in scene.world.album_nodes() if scene.listed(node)]
    part = page(params, len(albums), 50, scene.limits.albums)
    if broken is not None and part.start >= broken:
        raise NotFoundError
    if order := _ALBUM_ORDER.get(params.get("Order", "")):
        albums.sort(key=order[0], reverse=order[1])  # type: ignore[arg-type]
    return many("UserAlbums", uri, [album_entity(scene, node) for node in window(albums, part)], part, ("Order",))


def lookup(scene: Scene, uri: str, params: Params) -> Answer:
    """`urlpathlookup`: the link says `Folder,Album,Page`, the answer names the one it found (as gallery-dl reads it)."""
    node = scene.world.at_path(params.get("urlpath", "/"))
    if node is None or not scene.visible(node):
        raise NotFoundError
    entity = album_entity(scene, node) if node.album else folder_entity(scene, node)
    locator = "Album" if node.album else node.type
    return Answer(f"/api/v2{uri}", ENDPOINTS["UrlPathLookup"], [entity], locator=locator, params=("urlpath",))


def node(scene: Scene, node_id: str, action: str, params: Params) -> Answer:
    """`node/ID` and what hangs on it."""
    found = visible_node(scene, scene.world.node(node_id))
    uri = f"/node/{node_id}"
    handler = _NODE_ACTIONS.get(action)
    if handler is None:
        raise NotFoundError
    return handler(scene, found, uri, params)


def _node_itself(scene: Scene, found: Node, uri: str, _params: Params) -> Answer:
    return one("Node", uri, node_entity(scene, found))


def _node_children(scene: Scene, found: Node, uri: str, params: Params) -> Answer:
    """The nodes below; of a locked folder not even that there are some (probed 2026-09)."""
    if scene.locked(found):
        raise NotFoundError
    wanted = params.get("Type", "All")
    types = _CHILD_TYPES.get(wanted, {wanted})
    nodes = [child for child in scene.world.children(found.id) if wanted == "All" or child.type in types]
    nodes = _in_order([child for child in nodes if scene.listed(child)], params)
    part = page(params, len(nodes), 10, scene.limits.children)
    entities = [node_entity(scene, child) for child in window(nodes, part)]
    return many("ChildNodes", f"{uri}!children", entities, part, ("Type", "SortMethod", "SortDirection"))


def _in_order(nodes: list[Node], params: Params) -> list[Node]:
    order = _CHILD_ORDER.get(params.get("SortMethod", ""))
    ordered = sorted(nodes, key=order) if order else nodes  # type: ignore[arg-type]
    return ordered[::-1] if params.get("SortDirection") == "Descending" else ordered


def _node_parent(scene: Scene, found: Node, uri: str, _params: Params) -> Answer:
    if found.parent is None:
        raise NotFoundError
    return one("ParentNode", f"{uri}!parent", node_entity(scene, scene.world.nodes[found.parent]))


def _node_parents(scene: Scene, found: Node, uri: str, params: Params) -> Answer:
    """From the node itself up to the root; seven by default, as deep as an account may be (recorded)."""
    line = scene.world.ancestors(found)
    part = page(params, len(line), 7, 100)
    return many("ParentNodes", f"{uri}!parents", [node_entity(scene, above) for above in window(line, part)], part)


def _node_cover(_scene: Scene, _found: Node, uri: str, params: Params) -> Answer:
    return nothing("NodeCoverImage", f"{uri}!cover", params)


def _node_comments(_scene: Scene, _found: Node, uri: str, params: Params) -> Answer:
    return nothing("NodeComments", f"{uri}!comments", params)


_NODE_ACTIONS: dict[str, Callable[[Scene, Node, str, Params], Answer]] = {
    "": _node_itself,
    "children": _node_children,
    "parent": _node_parent,
    "parents": _node_parents,
    "cover": _node_cover,
    "comments": _node_comments,
}


def highlight(scene: Scene, node_id: str) -> Answer:
    """The highlight image of a node: the first of the first album below it."""
    found = visible_node(scene, scene.world.node(node_id))
    uri = f"/highlight/node/{node_id}"
    images = [] if scene.locked(found) else _first_image(scene, found)
    return one("HighlightImage", uri, images[0] if images else None)


def _first_image(scene: Scene, found: Node) -> Sequence[Entity]:
    if found.album:
        return [image_entity(scene, image) for image in scene.image_page(found.album.key, 0, 1)]
    below = (_first_image(scene, child) for child in scene.world.children(found.id) if scene.listed(child))
    return next((images for images in below if images), [])


def folder(scene: Scene, nick: str, path: str, action: str, params: Params) -> Answer:
    """`folder/user/NICK/path` and what hangs on it."""
    if nick.casefold() != scene.world.user.nick.casefold():
        raise NotFoundError
    return _folder(scene, visible_node(scene, scene.world.at_path(path)), action, params)


def folder_by_id(scene: Scene, node_id: str, action: str, params: Params) -> Answer:
    """`folder/id/ID`; the object inside names the address by path as its own (recorded)."""
    found = visible_node(scene, scene.world.node(node_id))
    if not action and found.type == "Folder":
        return one("FolderByID", f"/folder/id/{node_id}", folder_entity(scene, found))
    return _folder(scene, found, action, params)


def _folder(scene: Scene, found: Node, action: str, params: Params) -> Answer:
    if found.type != "Folder":
        raise NotFoundError
    uri = folder_uri(scene, found)
    if not action:
        return one("Folder", uri, folder_entity(scene, found))
    if action == "parent" and found.parent:
        return one("ParentFolder", f"{uri}!parent", folder_entity(scene, scene.world.nodes[found.parent]))
    if action == "parents":
        above = [folder_entity(scene, part) for part in scene.world.ancestors(found)[1:]]
        return many("ParentFolders", f"{uri}!parents", above, page(params, len(above), 100, 100))
    if action in {"folders", "folderlist", "albums", "albumlist"}:
        return _folder_list(scene, found, f"{uri}!{action}", action, params)
    raise NotFoundError


def _folder_list(scene: Scene, found: Node, uri: str, action: str, params: Params) -> Answer:
    """The `list` endpoints go all the way down; their exact shape is not recorded."""
    wanted = "Album" if action.startswith("album") else "Folder"
    below = _descendants(scene, found) if action.endswith("list") else scene.world.children(found.id)
    nodes = [child for child in below if child.type == wanted and scene.listed(child)]
    if scene.locked(found):
        raise NotFoundError
    part = page(params, len(nodes), 50, scene.limits.albums)
    show = album_entity if wanted == "Album" else folder_entity
    endpoint = {"folders": "Folders", "folderlist": "FolderList", "albums": "FolderAlbums", "albumlist": "AlbumList"}[
        action
    ]
    return many(endpoint, uri, [show(scene, child) for child in window(nodes, part)], part)


def _descendants(scene: Scene, found: Node) -> list[Node]:
    below: list[Node] = []
    for child in scene.world.children(found.id):
        below += [child, *_descendants(scene, child)]
    return below


def unlock_target(scene: Scene, kind: str, key: str) -> Node:
    """The node to unlock."""
    found = scene.world.album(key) if kind == "album" else scene.world.node(key)
    if found is None:
        raise NotFoundError
    locks = [part for part in scene.world.ancestors(found) if part.security != "None"]
    if not locks:
        raise ApiError(400, "Nothing to unlock")
    return locks[0]
