"""The options of one sync."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from smug2s3.models import Collecting
from smug2s3.rules.bandwidth import Timetable
from smug2s3.rules.components import Raw
from smug2s3.rules.filters import Filters
from smug2s3.rules.name_template import PLAIN, NameTemplate
from smug2s3.rules.order import Order
from smug2s3.rules.preview_keys import Size
from smug2s3.rules.xmp import Naming


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions:
    """The options of a run."""

    prefix: str
    transfers: int | None
    """Most files at once; ``None`` to adapt automatically."""
    batch: int
    filters: Filters = field(default_factory=Filters)
    bandwidth: Timetable | None = None
    """The bandwidth limit; ``None`` for none."""
    template: NameTemplate = PLAIN
    """How new files are named."""
    full: bool = False
    follow_renames: bool = False
    collected: Collecting = Collecting.COPY
    xmp: Naming | None = None
    """How to name XMP sidecars; ``None`` to write none."""
    raw: Raw = Raw.AUTO
    """For which items the source lists their files in SmugMug Source; a change of it lists albums again."""
    previews: tuple[Size, ...] = ()
    """The sizes of SmugMug's reduced pictures that the source lists; another one lists albums again."""
    order: Order = Order.ALBUM
    until: datetime | None = None
    """When to stop; with a time zone."""
    max_bytes: int | None = None
    """Most bytes to copy."""
    dry_run: bool = False
    storeless: bool = False
    """For a dry run without a destination: the bucket is not accessed."""
    destination: Mapping[str, str] = field(default_factory=dict)
    """What identifies the destination; the ledger keeps it with the account."""
    adopt: bool = False
    """Whether to continue if the prefix contains an archive that the ledger does not know, unless it is another account's."""

    def rate(self) -> float | None:
        """The bandwidth limit as of now, in bytes a second; ``None`` for none."""
        return self.bandwidth.at(datetime.now().astimezone()) if self.bandwidth else None

    @property
    def ordered(self) -> bool:
        """Whether everything must be listed before the first file is copied; a dry run needs no order."""
        return self.order is not Order.ALBUM and not (self.dry_run and self.max_bytes is None)
