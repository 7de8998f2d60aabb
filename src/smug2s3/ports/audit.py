"""The ledger as verification, comparison, manifest and rebuild use it.

Every write has been committed when its call returns; any failure is a LedgerError.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any, Protocol

from smug2s3.models import Asset, Proof, Receipt, Stored, StoredObject
from smug2s3.ports.ledger import (
    Baseline,
    DirectoryRecords,
    NewPreviews,
    ObjectRecords,
    Ownership,
    PreviewTotals,
    Requeue,
    StoredComponents,
    XmpRecords,
)
from smug2s3.rules.evidence import Evidence, Held


class StoreListing(Protocol):
    """The bucket's listing, next to what is recorded."""

    async def keep_listing(self, listing: AsyncIterator[list[StoredObject]]) -> None:
        """Keep the bucket's listing for the queries about it; one at a time."""


class ArchiveFiles(Protocol):
    """Records of the archive's own files."""

    async def own_file_stored(self, receipt: Receipt) -> None:
        """Record that a file of the archive itself, such as its manifest, is stored."""


class ObjectAudit(StoreListing, Protocol):
    """The recorded objects, compared with the listing and with checks of single objects."""

    async def count_plainly_right(self) -> int:
        """How many objects are listed with the recorded size and MD5, and have no adverse finding."""

    def in_doubt(self) -> AsyncIterator[list[Held]]:
        """All other objects, in pages."""

    def there(self) -> AsyncIterator[list[Held]]:
        """Every object that is listed with its size, in pages."""

    async def strangers(self) -> list[str]:
        """The keys of the listing that the ledger does not know."""

    async def looked(self, held: Held, found: Evidence) -> None:
        """Keep the result of checking one object, with that listing, while the same bytes are recorded."""

    async def seen_bytes(self, held: Held, proof: Proof) -> None:
        """Record what reading an object back proved, for as long as its ETag stays.

        Not if something else is recorded by now: a run may be active during the verification.
        """

    async def nameless(self) -> bool:
        """Whether the server was seen not to accept even an image key as metadata."""


class Backlog(Protocol):
    """What is not done yet according to the ledger, without any network."""

    async def count_stored(self) -> int:
        """How many objects were stored."""

    async def unmoved(self) -> list[tuple[str, str, str]]:
        """Intended key, state and reason of every listed asset that is not stored."""

    async def whole_at(self) -> str:
        """When the last run that covered the whole account ended, UTC in ISO 8601; empty if none did.

        Runs with filters, stopped runs and runs with an incomplete list of albums do not count.
        """


class Repairs(Requeue, Protocol):
    """Queues repairs for the next run."""

    async def describe_again(self, key: str) -> bool:
        """Have the next run rewrite the object's metadata; false if it is no longer on SmugMug.

        Its bytes are right.
        """

    async def lost(self, key: str, *, there: bool) -> None:
        """The object at ``key`` is wrong, or missing (not ``there``), and no photo on SmugMug belongs there.

        A missing one is forgotten. A wrong one stays recorded while a removed photo refers to it, which is
        copied again if it is listed again; otherwise it becomes an extra object.
        """

    async def unsettle(self) -> None:
        """Have the next run list every album."""


class VerifyLedger(ObjectAudit, Backlog, Repairs, PreviewTotals, Protocol):
    """The ledger as a verification of the bucket uses it."""


class ComparisonLedger(Ownership, Baseline, StoredComponents, Protocol):
    """The ledger as a comparison with SmugMug uses it, after the bucket's listing was kept."""

    async def saw(self, image_keys: Iterable[str]) -> None:
        """Count these images as seen, each once, for as long as the listing is kept."""

    async def count_seen(self) -> int:
        """How many images were seen."""

    async def held(self, album_key: str) -> dict[str, Held]:
        """The recorded object of each image, with what the bucket says of it."""

    async def album_file(self, album_key: str) -> tuple[str, Held | None]:
        """The digest and object of the last written `_album.json`; ``None`` if there is none."""


class ManifestLedger(ObjectRecords, ArchiveFiles, Protocol):
    """The ledger as the manifest uses it."""

    def stored(self) -> AsyncIterator[list[Stored]]:
        """Every stored object, in pages."""

    def export(self) -> AsyncIterator[dict[str, Any]]:
        """Everything known, one row per asset and object."""


class RebuildLedger(DirectoryRecords, StoreListing, ArchiveFiles, XmpRecords, NewPreviews, Protocol):
    """The ledger as a rebuild uses it."""

    async def listed(self, key: str) -> StoredObject | None:
        """One object of the kept listing."""

    def listed_sidecars(self, ending: str) -> AsyncIterator[StoredObject]:
        """The objects of that listing whose key ends with ``ending``."""

    def listed_previews(self, prefix: str) -> AsyncIterator[list[tuple[str, StoredObject]]]:
        """The previews of recorded files in that listing, each with the album of its file, in pages."""

    async def count_unknown(self) -> int:
        """How many objects of that listing the ledger does not know."""

    async def remember_album(
        self, album_key: str, path: str, directory: str, sidecar: Receipt, privacy: str = ""
    ) -> None:
        """An album found in the bucket, by its ``_album.json``."""

    async def remember_asset(
        self, asset: Asset, receipt: Receipt, wanted: str, described: str, *, gone: bool, reference: bool
    ) -> None:
        """A file found in the bucket; ``gone`` if SmugMug no longer listed it when its `_album.json` was last written.

        A gone one with neither proof nor ETag does not replace its photo, which is copied again if it is listed again.
        A ``reference`` is to an object of another album; if that album does not have it, the object is this album's.
        """
