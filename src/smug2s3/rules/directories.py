"""Assigns a directory to each folder and album; an assigned directory is never given to another."""

from __future__ import annotations

from collections.abc import Iterable

from smug2s3.models import Node
from smug2s3.rules import keys
from smug2s3.rules.preview_keys import GALLERY

RESERVED = ("manifest-md5.txt", "manifest.jsonl", "photos.csv", "tagmanifest-md5.txt")
"""Names directly under the prefix that the archive itself uses."""


class Directories:
    """The directories assigned so far, in this run and earlier ones.

    A renamed album gets a new directory; the old one stays reserved, since its files stay there.
    """

    def __init__(self, given: Iterable[tuple[str, str]] = ()) -> None:
        """``given``: directory and node of earlier runs."""
        self._holders: dict[str, dict[str, str]] = {}
        self.fresh: list[tuple[str, str]] = []
        """Directories assigned since the last call of ``new``, to be recorded."""
        for name in (*RESERVED, GALLERY):
            self._hold(name, "")
        for directory, node_id in given:
            self._hold(directory, node_id)

    def name_children(self, parent: str, children: Iterable[Node]) -> dict[str, str]:
        """The directory of every child of the folder at ``parent`` (empty for the root), by node."""
        children = list(children)
        wanted = {
            child.node_id: keys.child_directory(parent, keys.safe_name(child.name, fallback=child.node_id))
            for child in children
        }
        if not wanted:
            return {}
        base = next(iter(wanted.values())).rpartition("/")[0]
        ranks = {child.node_id: child.date_added for child in children}
        claims = (
            keys.Claim(owner=node, name=directory.rpartition("/")[2], rank=ranks[node])
            for node, directory in wanted.items()
        )
        names = keys.share_names(claims, self._holders.get(keys.fold(base), {}))
        given = {node: f"{base}/{name}" if base else name for node, name in names.items()}
        for node, directory in given.items():
            if self._hold(directory, node):
                self.fresh.append((directory, node))
        return given

    def take_fresh(self) -> list[tuple[str, str]]:
        """Directories assigned since the last call."""
        fresh, self.fresh = self.fresh, []
        return fresh

    def _hold(self, directory: str, node_id: str) -> bool:
        parent, _, name = keys.fold(directory).rpartition("/")
        siblings = self._holders.setdefault(parent, {})
        if name in siblings:
            return False
        siblings[name] = node_id
        return True
