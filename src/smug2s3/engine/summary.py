"""The counts of a run, updated while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

ITEMS_NAMED = 1_000
"""How many items the summary names; the ledger has all of them."""


@dataclass(slots=True, kw_only=True)
class Summary:
    """The counts of a run."""

    albums: int = 0
    assets: int = 0
    moved: int = 0
    skipped: int = 0
    failed: int = 0
    unavailable: int = 0
    bytes: int = 0
    copied: int = 0
    """Of ``moved``: photos collected from another album, copied by the server itself."""
    referred: int = 0
    """Of ``moved``: photos collected from another album, recorded as references to its object; no bytes copied."""
    described: int = 0
    """Objects whose title, caption or keywords were updated without copying their bytes."""
    renamed: int = 0
    sidecars: int = 0
    """XMP sidecars written, or to write after a dry run; not counted in ``moved``."""
    not_updated: int = 0
    """Stored files whose metadata or name could not be updated; the next run tries again."""
    gone: int = 0
    """Stored files that SmugMug no longer lists; kept."""
    unsized: int = 0
    """Files that a dry run would copy but whose size SmugMug does not say, so that ``bytes`` lacks it."""
    left_out: int = 0
    """Items excluded by the filters and not in the bucket; not counted in ``assets``."""
    left_out_undated: int = 0
    """Of those: excluded only because the date that a filter needs is unknown."""
    left_out_unsized: int = 0
    """Of those: excluded only because the size is unknown."""
    albums_left_out: int = 0
    """Albums that the filters exclude completely."""
    stopped: str = ""
    """``until`` or ``max-bytes`` if the run stopped at that limit before everything was copied."""
    left: int = 0
    """Files that were listed but not started because of the limit."""
    left_bytes: int = 0
    left_too_large: int = 0
    """Of those: larger than --max-bytes by themselves."""
    albums_left: int = 0
    """Albums that were not listed because of the limit."""
    albums_left_items: int = 0
    """Items that SmugMug counts in them."""
    albums_unchanged: int = 0
    albums_incomplete: int = 0
    full_access: bool = True
    """Whether this sign-in can see private albums."""
    more_files: int = 0
    """Listed items with more files in SmugMug Source, such as a camera's RAW, for which SmugMug was not asked."""
    components: int = 0
    """Of ``assets``: such files, not photos and videos."""
    components_moved: int = 0
    """Of ``moved``."""
    components_bytes: int = 0
    """Of ``bytes``."""
    components_unavailable: int = 0
    """Of ``unavailable``."""
    unanswered: dict[str, int] = field(default_factory=dict)
    """Listed items for which SmugMug did not say which such files they have, though it was asked: their number by reason."""
    previews: int = 0
    """Reduced pictures copied; not counted in any other number."""
    previews_bytes: int = 0
    previews_unavailable: int = 0
    """Those that SmugMug does not offer, or only with a watermark."""
    previews_needless: int = 0
    """Those of pictures that are not larger themselves."""
    previews_failed: int = 0
    previews_left: int = 0
    """Those left for the next run, because of a limit or after too many failures."""
    problems: list[str] = field(default_factory=list)
    """Albums and folders that were not listed completely, each with its reason."""
    items: list[dict[str, str]] = field(default_factory=list)
    """Failed, unavailable and not updated items, and failed previews, by key, with state and reason."""

    def name(self, key: str, state: str, reason: str) -> None:
        """Add to ``items``, as long as there is room."""
        if len(self.items) < ITEMS_NAMED:
            self.items.append({"key": key, "state": state, "reason": reason})
