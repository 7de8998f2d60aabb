"""The counts of a `get`, updated while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

NAMED = 1_000
"""How many files the summary names."""


@dataclass(slots=True, kw_only=True)
class GetSummary:
    """The counts of a run."""

    albums: int = 0
    files: int = 0
    """Those that the filters want."""
    copied: int = 0
    bytes: int = 0
    sidecars: int = 0
    """XMP sidecars written; the other counts leave them out."""
    linked: int = 0
    """Of ``copied``: hard links to the file of another album."""
    skipped: int = 0
    """Files that are there already, with their bytes."""
    unrecorded: int = 0
    """Of ``files``: those whose MD5 nobody recorded, so that only the server's own can be compared, if it gives one."""
    failed: int = 0
    archived: int = 0
    """Files in an archive storage class."""
    restoring: int = 0
    """Of those: files that the server was asked to restore."""
    renamed: int = 0
    """Files whose name on the disk is not that in the archive."""
    kept: int = 0
    """Other files that had the name of one, and were renamed."""
    zips: int = 0
    """ZIPs written."""
    lacking: int = 0
    """Items of these albums that are not stored."""
    left_out: int = 0
    """Files that the filters exclude."""
    left_out_undated: int = 0
    left_out_unsized: int = 0
    albums_left_out: int = 0
    problems: list[str] = field(default_factory=list)
    """Albums that could not be read, each with its reason."""
    items: list[dict[str, str]] = field(default_factory=list)
    """Failed, archived, renamed and kept files by path, with state and reason, and advice if there is any."""

    def name(self, path: str, state: str, reason: str, advice: str = "") -> None:
        """Name one file."""
        if len(self.items) < NAMED:
            self.items.append({"path": path, "state": state, "reason": reason} | ({"advice": advice} if advice else {}))

    def keep(self, path: str, name: str) -> None:
        """Name a file that had the name of another one, by its new name."""
        self.kept += 1
        self.name(path, "kept", kept_as(name))


def kept_as(name: str) -> str:
    """In words."""
    return f"another file had this name; it is now {name}"
