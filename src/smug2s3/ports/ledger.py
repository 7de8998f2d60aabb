"""The ledger as a run uses it: a Protocol per user, so that each names only what it needs.

Every write has been committed when its call returns; any failure is a LedgerError.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Protocol

from smug2s3.models import Album, Asset, Contents, Entry, Receipt
from smug2s3.rules.plan import Step
from smug2s3.rules.previews import Recorded
from smug2s3.rules.sidecar import Former


class Ownership(Protocol):
    """The owner of the ledger."""

    async def belongs_to(self, owner: Mapping[str, str], *, keep: bool) -> bool:
        """Raise LedgerError if its files are of another account or in another destination.

        Until something is stored, the next user owns it: with ``keep`` it then forgets the records of
        others, and records this owner. True if it was recorded already.
        """


class AssetRecords(Protocol):
    """Records of an album's photos and videos."""

    async def known(self, album_key: str) -> dict[str, Entry]:
        """All recorded assets of one album, by image key."""


class Baseline(AssetRecords, Protocol):
    """What a fresh listing is compared with, in a run and in a verification."""

    async def directories(self) -> list[tuple[str, str]]:
        """Every directory ever assigned, with its node."""

    async def taken(self, album_key: str, directory: str) -> dict[str, str]:
        """Folded names of the files in the album's ``directory``, with their images."""


class DirectoryRecords(Protocol):
    """Records of directories."""

    async def add_directories(self, given: Iterable[tuple[str, str]]) -> None:
        """Record directories permanently."""


class ObjectRecords(Protocol):
    """Records of objects."""

    async def recorded(self, key: str) -> Receipt | None:
        """The record of the object at ``key``; ``None`` if there is none."""


class Requeue(Protocol):
    """Queues wrong objects for the next run."""

    async def queue_again(self, key: str, reason: str) -> bool:
        """Have the next run copy the object at ``key`` again; false if it is no longer on SmugMug."""


class Owners(Protocol):
    """Whose objects are recorded."""

    async def owner(self, key: str) -> str:
        """The key of the album whose object is recorded at ``key``; empty if there is none."""


class SharedObjects(Owners, Protocol):
    """Stored objects of photos in more than one album; all that a dry run needs."""

    async def twin(self, asset: Asset) -> Receipt | None:
        """The object of the same image and identity for another album, unless it is unproven or to be repaired."""


class References(SharedObjects, Protocol):
    """References of albums to objects of others."""

    async def done(self, step: Step) -> bool:
        """Whether the asset is recorded as copied already, with the identity and key of the step."""

    async def in_place_of_holder(self, step: Step) -> Step | None:
        """The step by which another album would copy the same asset, if it lists it and has an object for it.

        Also ``None`` if that album has a newer one.
        """

    async def referred(self, step: Step, key: str) -> None:
        """Record a reference to the object at ``key`` of another album."""


class FileRecords(ObjectRecords, Requeue, Protocol):
    """Results of single files."""

    async def moved(self, step: Step, receipt: Receipt) -> None:
        """The object is stored; its references count as copied, too, and have its identity from now on."""

    async def moved_for_another(self, step: Step, place: Step, receipt: Receipt) -> None:
        """The object of another album (``place``) is stored, and ``step`` refers to it.

        That album did not do this itself, so it must be listed again.
        """

    async def described(self, step: Step, receipt: Receipt) -> None:
        """The object's metadata was rewritten in place."""

    async def not_described(self, step: Step, reason: str) -> None:
        """Its metadata or name could not be updated: it is stored as before."""

    async def renamed(self, step: Step, receipt: Receipt) -> None:
        """The object was copied from ``step.former_key`` to ``step.key``, and the former one will be deleted.

        In the same transaction, references get the new key, and their albums must be listed again.
        """

    async def failed(self, step: Step, state: str, reason: str) -> None:
        """``state`` is failed or unavailable."""


class Replaced(Protocol):
    """Records of objects that another one replaces."""

    async def forget(self, key: str) -> None:
        """The object is deleted, since another one replaces it."""


class AlbumRecords(AssetRecords, Replaced, Protocol):
    """Plans and results of albums and their `_album.json`."""

    async def plan(
        self, album: Album, steps: Iterable[Step], listed: Iterable[str], *, whole: bool, excluded: Iterable[Step] = ()
    ) -> None:
        """Record what is about to be done, and what the filters leave out (``excluded``).

        ``listed`` are the image keys that the album lists; if the list is complete (``whole``), other known images of
        it are gone from SmugMug. Metadata and names that are outdated are recorded as such until they are updated:
        `_album.json` is newer than the object then, and a rebuilt ledger must not take it for the object's.
        """

    async def elsewhere(self, album_key: str, image_keys: Iterable[str]) -> set[str]:
        """Which of these images are also recorded for another album, since albums can collect photos of others."""

    async def sidecar(self, album_key: str) -> tuple[str, str] | None:
        """Key and MD5 of the album's newest ``_album.json``."""

    async def former(self, album_key: str) -> list[Former]:
        """Stored files of images that the album no longer lists."""

    async def sidecar_stored(self, album: Album, receipt: Receipt) -> None:
        """The album's ``_album.json`` is stored; its digest is not recorded until the album is settled."""

    async def settle(
        self,
        album: Album,
        *,
        complete: bool,
        fingerprint: str,
        references: Mapping[str, str],
        digest: str,
        unanswered: Mapping[str, int] = ...,
    ) -> None:
        """The album was listed and processed; ``complete`` if nothing in it is left to do.

        ``digest`` is that of its stored ``_album.json`` (see ``rules.sidecar``); empty if it could not
        be written.

        ``references`` are the keys, by image, of objects in other albums that it refers to: if one of these is no longer
        right, the album is not complete.

        ``unanswered`` are the items whose files in SmugMug Source it did not list though asked: their number by reason.
        """

    async def ask_again(self) -> None:
        """SmugMug gives files in SmugMug Source: albums of which it refused any are not complete any more."""


class StoredXmp(Protocol):
    """Which XMP sidecars are stored."""

    async def xmp_sidecars(self, album_key: str) -> dict[str, str]:
        """Key and MD5 of every sidecar of the album's files."""


class XmpRecords(StoredXmp, Replaced, Protocol):
    """Records of XMP sidecars."""

    async def xmp_stored(self, album_key: str, receipt: Receipt) -> None:
        """A sidecar of one of the album's files is stored."""


class StoredPreviews(Protocol):
    """Which previews are stored."""

    async def previews(self, album_key: str) -> Recorded:
        """The album's previews, and when its files were stored; nothing if it has no previews."""


class NewPreviews(Protocol):
    """Which previews were stored."""

    async def previews_stored(self, stored: Iterable[tuple[str, Receipt]]) -> None:
        """Previews of files are in the bucket, each with the album of its file."""


class PreviewTotals(Protocol):
    """All stored previews."""

    async def count_previews(self) -> tuple[int, int]:
        """How many there are, and their bytes."""


class PreviewRecords(ObjectRecords, Owners, StoredPreviews, NewPreviews, Replaced, Protocol):
    """Records of previews."""


class QueuedAlbums(Protocol):
    """Queued albums of an ordered run."""

    async def contents(self, album_key: str) -> Contents:
        """A queued album."""


class WorkQueue(QueuedAlbums, Protocol):
    """The queue of an ordered run."""

    async def enqueue(self, contents: Contents, ranked: Iterable[tuple[float, Step]]) -> None:
        """Queue an album and its steps, for this run only."""

    def in_order(self) -> AsyncIterator[list[Step]]:
        """Every queued step, the lowest rank first, in pages; nothing may be queued meanwhile."""


class ExecutorLedger(References, FileRecords, AlbumRecords, XmpRecords, PreviewRecords, QueuedAlbums, Protocol):
    """The ledger as the executor uses it."""


class StoredComponents(Protocol):
    """Stored files of SmugMug Source."""

    async def with_component(self) -> str:
        """The image whose file in SmugMug Source was copied last; empty if none was."""


class RefusedAlbums(StoredComponents, Protocol):
    """Albums of which SmugMug refused files in SmugMug Source."""

    async def refused(self, *, everything: bool) -> list[str]:
        """Complete albums of which SmugMug refused files in SmugMug Source, in random order.

        With ``everything`` also those for which it only did not say whether there are any.
        """

    async def refusals(self, album_key: str) -> tuple[list[tuple[str, str]], dict[str, int]]:
        """What SmugMug refused of the album: keys and reasons of files, and the number of other items by reason."""


class SyncLedger(Ownership, Baseline, DirectoryRecords, ExecutorLedger, RefusedAlbums, WorkQueue, Protocol):
    """The ledger as a sync uses it."""

    async def is_bound(self) -> bool:
        """Whether anything is stored, so that it is bound to one account and destination."""

    async def named_by(self, template: str, *, keep: bool) -> str | None:
        """The template of names that the last run had, if one is known; with ``keep``, this is it from now on."""

    async def settled(self, album_key: str) -> tuple[str, str] | None:
        """Fingerprint and time of the last listing after which nothing in the album was left to do."""

    async def walked(self, album_keys: Iterable[str]) -> None:
        """These are all albums of a complete walk: other recorded albums are gone from SmugMug."""


class PlanLedger(SyncLedger, PreviewTotals, Protocol):
    """The ledger as a plan uses it: for totals, and for its dry run."""

    async def moved_by_album(self) -> dict[str, tuple[int, int]]:
        """By album, how many of the files that SmugMug lists are stored, and their bytes."""

    async def stored_size(self, key: str) -> int | None:
        """Size of the object at ``key``; ``None`` if there is none."""
