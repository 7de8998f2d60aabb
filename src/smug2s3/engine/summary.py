"""The counts a run ends with, kept while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Summary:
    """The counts a run ends with."""

    albums: int = 0
    assets: int = 0
    moved: int = 0
    skipped: int = 0
    failed: int = 0
    unavailable: int = 0
    bytes: int = 0
    copied: int = 0
    """Of those moved: photos collected from another album, whose copy the store itself made."""
    referred: int = 0
    """Of those moved: photos collected from another album, which refer to its object; no byte of them passed."""
    described: int = 0
    """Objects whose title, caption or keywords were rewritten without moving their bytes."""
    renamed: int = 0
    not_updated: int = 0
    """Stored files whose new description could not be written, or whose name not changed; the next run tries again."""
    gone: int = 0
    """Stored files that SmugMug no longer lists; kept."""
    unsized: int = 0
    """Of those that a dry run would move: files whose size SmugMug does not say, so that ``bytes`` lacks it."""
    left_out: int = 0
    """Items that the filters leave out and that are not in the store; no part of ``assets``."""
    left_out_undated: int = 0
    """Of those: only because nobody knows the date that a filter asks for."""
    left_out_unsized: int = 0
    """Of those: only because SmugMug does not say their size."""
    albums_left_out: int = 0
    """Albums that the filters leave out as a whole."""
    stopped: str = ""
    """``until`` or ``max-bytes`` where the run stopped by itself before everything was moved."""
    left: int = 0
    """Files that were listed and not begun for that reason."""
    left_bytes: int = 0
    left_too_large: int = 0
    """Of those: larger by themselves than all that may be moved in one run."""
    albums_left: int = 0
    """Albums that were not listed any more."""
    albums_left_items: int = 0
    """What SmugMug counts in them."""
    albums_unchanged: int = 0
    albums_incomplete: int = 0
    full_access: bool = True
    """Whether SmugMug shows this sign-in private things too."""
    more_files: int = 0
    """Of the items listed: those of which SmugMug Source keeps further files, such as a camera's RAW; these are not moved."""
    problems: list[str] = field(default_factory=list)
    """Albums and folders that were not shown in full, each with its reason."""
    items: list[dict[str, str]] = field(default_factory=list)
    """Failed, unavailable and not updated items by key, with state and reason."""
