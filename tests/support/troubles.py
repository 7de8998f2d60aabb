"""What goes wrong in one run: odd and short lists, files that do not come, a store that refuses or says what is not so.

And outages, which are over after so many requests, so that they are the same for the same seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from smugmug_simulator import Fault
from tests.support.bucket import SIDECAR
from tests.support.changes import Account, pick
from tests.support.fault_proxy import NOTHING, PORTAL, StoreFault

IMAGES, CHILDREN, ALBUMS = "*!images*", "*!children*", "*!albums*"
Odd = Callable[[Account, int], Fault]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One of them; ``which`` says of several images, albums or nodes which one is meant."""

    side: str
    name: str
    which: int

    def __str__(self) -> str:
        return f"{self.side}: {self.name} ({self.which})"

    @property
    def lies(self) -> bool:
        """Whether SmugMug shows a whole that is none, which only the account's own count can tell."""
        return "not listed" in self.name or "deleted just now" in self.name

    @property
    def is_outage(self) -> bool:
        """Whether it is nobody's failure, so that nothing may fail for it."""
        return self.side == "outage"

    def simulated(self, account: Account) -> list[Fault]:
        """What SmugMug does."""
        if self.name in AWAY:
            return [replace(AWAY[self.name], skip=self._begins, times=self._lasts)]
        if self.side == "lists":
            return [LISTS[self.name](account, self.which)]
        return [MEDIA[self.name]] if self.side == "media" else []

    @property
    def _begins(self) -> int:
        """After the first answer: a side that never gave one is not waited for, as its address may be wrong."""
        return 1 + self.which % 17

    @property
    def _lasts(self) -> int:
        return 4 + self.which % 11

    def stored(self) -> list[StoreFault]:
        """What the store does."""
        if self.name in STORE_AWAY:
            return [replace(STORE_AWAY[self.name], skip=self._begins, times=self._lasts)]
        return [STORE[self.name]] if self.side == "store" else []


def _pages(path: str, **how: object) -> Odd:
    """Every list of a kind, or only the first or the second that is asked for."""

    def fault(_account: Account, which: int) -> Fault:
        times = (None, 1, 1)[which % 3]
        return Fault(kind="api", path=path, times=times, skip=which % 3 if times else 0, **how)  # type: ignore[arg-type]

    return fault


def _of_node(path: str, **how: object) -> Odd:
    """One entry of the folders' lists."""

    def fault(account: Account, which: int) -> Fault:
        nodes = [*account.albums(), *account.folders()[1:]]
        entry = pick([node.id for node in nodes], which)
        return Fault(kind="api", path=path, times=None, entry=entry or "", **how)  # type: ignore[arg-type]

    return fault


def _of_image(path: str, **how: object) -> Odd:
    """One entry of the albums' lists."""

    def fault(account: Account, which: int) -> Fault:
        entry = pick([image.key for image in account.images()], which)
        return Fault(kind="api", path=path, times=None, entry=entry or "nobody", **how)  # type: ignore[arg-type]

    return fault


LISTS: dict[str, Odd] = {
    **{f"an album answers {status}": _pages(IMAGES, action="status", status=status) for status in (403, 404, 500)},
    **{f"a folder answers {status}": _pages(CHILDREN, action="status", status=status) for status in (403, 404, 500)},
    "an album's answer breaks off": _pages(IMAGES, action="reset"),
    "a folder's answer breaks off": _pages(CHILDREN, action="reset"),
    "an album lists one fewer": _pages(IMAGES, action="shrink_page", amount=1),
    "an album lists nothing": _pages(IMAGES, action="shrink_page", amount=100),
    "a folder lists one fewer": _pages(CHILDREN, action="shrink_page", amount=1),
    "a folder lists nothing": _pages(CHILDREN, action="shrink_page", amount=100),
    "an album counts nothing": _pages(IMAGES, action="zero_total"),
    "a folder counts nothing": _pages(CHILDREN, action="zero_total"),
    "an album without its list": _pages(IMAGES, action="drop_list"),
    "a folder without its list": _pages(CHILDREN, action="drop_list"),
    "an album without Pages": _pages(IMAGES, action="drop_pages"),
    "a folder without Pages": _pages(CHILDREN, action="drop_pages"),
    "an album without Total": _pages(IMAGES, action="drop_total"),
    "a folder without Total": _pages(CHILDREN, action="drop_total"),
    "an odd entry in albums": _pages(IMAGES, action="odd_entry"),
    "an odd entry in folders": _pages(CHILDREN, action="odd_entry"),
    "the flat list is short": _pages(ALBUMS, action="shrink_page", amount=1),
    "the flat list answers 404": _pages(ALBUMS, action="status", status=404),
    "the flat list has no list": _pages(ALBUMS, action="drop_list"),
    "a node without NodeID": _of_node(CHILDREN, action="lose_field", name="NodeID"),
    "all nodes without NodeID": _pages(CHILDREN, action="lose_field", name="NodeID"),
    "a node without Album": _of_node(CHILDREN, action="lose_field", name="Uris.Album"),
    "a node without Type": _of_node(CHILDREN, action="lose_field", name="Type"),
    "a node of another Type": _of_node(CHILDREN, action="set_field", name="Type", value="Page"),
    "an image without ImageKey": _of_image(IMAGES, action="lose_field", name="ImageKey"),
    "an image without ArchivedUri": _of_image(IMAGES, action="lose_field", name="ArchivedUri"),
    "an image without ArchivedMD5": _of_image(IMAGES, action="lose_field", name="ArchivedMD5"),
    "an image without Serial": _of_image(IMAGES, action="lose_field", name="Serial"),
    "an image is not listed": _of_image("*", action="hide_entry"),
    "an image is missing in albums": _of_image(IMAGES, action="hide_entry"),
    "a node is not listed": _of_node("*", action="hide_entry"),
    "a node is missing in folders": _of_node(CHILDREN, action="hide_entry"),
    "an image is deleted just now": _of_image(IMAGES, action="delete_entry", skip=1),
    "a node is deleted just now": _of_node(CHILDREN, action="delete_entry", skip=1),
}


MEDIA = {
    "403 once": Fault(action="status", status=403, kind="media"),
    "403 always": Fault(action="status", status=403, kind="media", times=None),
    "404 once": Fault(action="status", status=404, kind="media"),
    "every second 500": Fault(action="status", status=500, kind="media", times=None, every=2),
    "corrupt": Fault(action="corrupt", kind="media", amount=3, times=None, every=2),
    "short": Fault(action="short", kind="media", amount=20, times=2),
    "a web page": Fault(action="html", kind="media", times=None, every=2),
    "reset": Fault(action="reset", kind="media", amount=10, times=3),
    "empty": Fault(action="empty", kind="media", times=4),
    "a gateway for a while": Fault(action="status", status=503, kind="media", skip=1, times=9),
}

_DENIED = StoreFault(action="answer", method="PUT", status=403, code="AccessDenied")
_SIDECARS = f"*{SIDECAR}*"

STORE = {
    "refuses a PUT": _DENIED,
    "refuses two PUTs for now": StoreFault(action="answer", method="PUT", times=2),
    "refuses every photo": replace(_DENIED, path="*.jpg*", times=None),
    "refuses every _album.json": replace(_DENIED, path=_SIDECARS, times=None),
    "refuses one _album.json": replace(_DENIED, path=_SIDECARS, times=1),
    "refuses copies": replace(_DENIED, method="COPY", times=None),
    "is busy with copies": StoreFault(action="answer", method="COPY", times=2),
    "loses the reply to a copy": StoreFault(action="reply_lost", method="COPY", times=1),
    "names a wrong ETag of copies": StoreFault(action="wrong_etag", method="COPY", times=None),
    "names no ETag of copies": StoreFault(action="no_etag", method="COPY", times=None),
    "answers copies with nothing": replace(NOTHING, method="COPY", times=None),
    "refuses all but one PUT": replace(_DENIED, skip=1, times=None),
    "loses the reply to a PUT": StoreFault(action="reply_lost", method="PUT", times=4),
    "loses the reply to a DELETE": StoreFault(action="reply_lost", method="DELETE", times=4),
    "refuses DELETE": StoreFault(action="answer", method="DELETE", status=403, code="AccessDenied", times=None),
    "breaks off PUTs": StoreFault(action="reset_midway", method="PUT", times=2),
    "names a wrong ETag": StoreFault(action="wrong_etag", method="PUT", times=None),
    "names a wrong ETag once": StoreFault(action="wrong_etag", method="PUT", times=1),
    "names no ETag": StoreFault(action="no_etag", method="PUT", times=None),
    "names no ETag of what came in parts": StoreFault(action="no_etag", method="POST", times=None),
    "names a wrong ETag of what came in parts": StoreFault(action="wrong_etag", method="POST", times=None),
    "loses the reply to a completion": StoreFault(action="reply_lost", method="POST", path="*uploadId*", times=1),
    "names no ETag in lists": StoreFault(action="no_etag", method="GET", times=None),
    "answers PUTs with a web page": replace(PORTAL, method="PUT", times=None),
    "answers a PUT with a web page": replace(PORTAL, method="PUT", times=1),
    "answers PUTs with nothing": replace(NOTHING, method="PUT", times=None),
    "answers a PUT with nothing": replace(NOTHING, method="PUT", times=1),
    "answers a HEAD with nothing": replace(NOTHING, method="HEAD", times=1),
    "answers lists with a web page": replace(PORTAL, method="GET", path="*list-type*", times=None),
    "cuts a list short": StoreFault(action="truncated", method="GET", path="*list-type*", times=None),
    "lists the same for ever": StoreFault(action="same_token", method="GET", path="*list-type*", times=None),
    "cannot be read": StoreFault(action="answer", method="GET", status=403, code="AccessDenied", times=2),
    "is busy": StoreFault(action="answer", chance=0.3, times=None),
}

AWAY = {
    "a gateway in SmugMug's place": Fault(action="status", status=503, kind="api"),
    "SmugMug breaks off": Fault(action="reset", kind="api", amount=0),
}
STORE_AWAY = {
    "a gateway in the store's place": StoreFault(action="answer", content_type="text/html", body="<html>503</html>"),
    "the store breaks off": StoreFault(action="reset"),
}
"""Of so many requests in a row, as many as come while it lasts."""

NAMES: Sequence[tuple[str, str]] = [
    *(("lists", name) for name in LISTS),
    *(("media", name) for name in MEDIA),
    *(("store", name) for name in STORE),
    *(("outage", name) for name in (*AWAY, *STORE_AWAY)),
]
