"""What looking back asks of the ledger: verification, comparison, manifest, rebuilding.

Every write has been committed when its call returns; any failure is a LedgerError.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any, Protocol

from smug2s3.models import Asset, Proof, Receipt, Stored, StoredObject
from smug2s3.ports.ledger import Baseline, DirectoryRecords, ObjectRecords, Ownership, Requeue
from smug2s3.rules.evidence import Evidence, Held


class StoreListing(Protocol):
    """The store's listing, laid beside what is recorded."""

    async def keep_listing(self, listing: AsyncIterator[list[StoredObject]]) -> None:
        """Keep the store's listing at hand for all questions about it; one at a time."""


class ArchiveFiles(Protocol):
    """What is recorded of the archive's own files."""

    async def own_file_stored(self, receipt: Receipt) -> None:
        """A file of the archive itself, such as its manifest, is in the store."""


class ObjectAudit(StoreListing, Protocol):
    """What the listing and a look at an object say of what is recorded."""

    async def count_plainly_right(self) -> int:
        """How many objects are listed with the size and MD5 that are recorded, and nothing was found against them."""

    def in_doubt(self) -> AsyncIterator[list[Held]]:
        """All other objects, in pages."""

    def there(self) -> AsyncIterator[list[Held]]:
        """Every object that is listed with its size, in pages."""

    async def strangers(self) -> list[str]:
        """The keys of the listing that the ledger does not know."""

    async def looked(self, held: Held, found: Evidence) -> None:
        """Keep what a look at one object found: as long as that listing, and while the same bytes are recorded there."""

    async def seen_bytes(self, held: Held, proof: Proof) -> None:
        """Remember what reading an object back proved, for as long as its ETag stays.

        Not if something else is recorded there by now: a run may go on beside the verification.
        """

    async def nameless(self) -> bool:
        """Whether the store was seen to take not even the key of an image along with its bytes."""


class Backlog(Protocol):
    """What is not done yet by what the ledger has heard of, without any network."""

    async def count_stored(self) -> int:
        """How many objects were put into the store."""

    async def unmoved(self) -> list[tuple[str, str, str]]:
        """Intended key, state and reason of every listed asset that is not in the store."""

    async def whole_at(self) -> str:
        """When the last run ended that had gone through the whole account, UTC in ISO 8601; empty where none has.

        One with filters has not, nor one that stopped or was cut short, or to which SmugMug did not show every album.
        """


class Repairs(Requeue, Protocol):
    """How the next run learns what to mend."""

    async def describe_again(self, key: str) -> bool:
        """Have the next run write the object's metadata anew; false if SmugMug says nothing of it any more.

        Its bytes are right.
        """

    async def lost(self, key: str, *, there: bool) -> None:
        """What lies at ``key`` is wrong, or nothing does (not ``there``), and no photo that SmugMug lists belongs there.

        What is missing is forgotten. What is wrong stays recorded while something remembers the photo as gone, which is
        moved anew if it is listed again; what nothing remembers is from now on just an object in the bucket.
        """

    async def unsettle(self) -> None:
        """Have the next run list every album."""


class VerifyLedger(ObjectAudit, Backlog, Repairs, Protocol):
    """What a verification of the store asks."""


class ComparisonLedger(Ownership, Baseline, Protocol):
    """What a walk of SmugMug asks after the store's listing was kept."""

    async def saw(self, image_keys: Iterable[str]) -> None:
        """Count these images as seen, for as long as the listing kept last, each once."""

    async def count_seen(self) -> int:
        """How many images were seen."""

    async def held(self, album_key: str) -> dict[str, Held]:
        """By image, the object that is recorded for it, beside what the store says of it."""

    async def album_file(self, album_key: str) -> tuple[str, Held | None]:
        """The digest of what the album's own file was last written to tell, and its object; ``None`` where none is."""


class ManifestLedger(ObjectRecords, ArchiveFiles, Protocol):
    """What the archive's own list is made of."""

    def stored(self) -> AsyncIterator[list[Stored]]:
        """Every object put into the store, in pages."""

    def export(self) -> AsyncIterator[dict[str, Any]]:
        """Everything known, a row for every asset and object."""


class RebuildLedger(DirectoryRecords, StoreListing, ArchiveFiles, Protocol):
    """What a lost ledger is made from, and what is put into it."""

    async def listed(self, key: str) -> StoredObject | None:
        """One object of the listing kept last."""

    def listed_sidecars(self, ending: str) -> AsyncIterator[StoredObject]:
        """The objects of that listing whose key ends with ``ending``."""

    async def count_unknown(self) -> int:
        """How many objects of that listing the ledger does not know."""

    async def remember_album(self, album_key: str, path: str, directory: str, sidecar: Receipt) -> None:
        """An album found in the bucket, by its ``_album.json``."""

    async def remember_asset(
        self, asset: Asset, receipt: Receipt, wanted: str, described: str, *, gone: bool, reference: bool
    ) -> None:
        """A file found in the bucket; ``gone`` if SmugMug no longer listed it when its album was last written.

        A gone one with neither proof nor ETag does not stand for its photo, which comes anew if it is listed again.
        A ``reference`` is to an object of another album; where that one says nothing of it, it is this one's.
        """
