"""What a run asks of the ledger: a Protocol for each that asks, so that it names no more than it needs.

Every write has been committed when its call returns; any failure is a LedgerError.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Protocol

from smug2s3.models import Album, Asset, Contents, Entry, Receipt
from smug2s3.rules.plan import Step
from smug2s3.rules.sidecar import Former


class Ownership(Protocol):
    """Whose the ledger is."""

    async def belongs_to(self, owner: Mapping[str, str], *, keep: bool) -> bool:
        """Raise LedgerError if what it knows to be stored is another account's, or in another store.

        Until something is stored it belongs to whoever uses it next: with ``keep`` it then forgets what it knew of
        others, and remembers this owner. True if it was remembered already.
        """


class AssetRecords(Protocol):
    """What is remembered of an album's photos and videos."""

    async def known(self, album_key: str) -> dict[str, Entry]:
        """All assets remembered of one album, by image key."""


class Baseline(AssetRecords, Protocol):
    """What a fresh listing is compared with, in a run and in a verification."""

    async def directories(self) -> list[tuple[str, str]]:
        """Every directory ever given, with the node it was given to."""

    async def taken(self, album_key: str, directory: str) -> dict[str, str]:
        """Folded names of what lies in the album's ``directory``, with the image that holds each."""


class DirectoryRecords(Protocol):
    """Where directories are remembered."""

    async def add_directories(self, given: Iterable[tuple[str, str]]) -> None:
        """Remember directories for ever."""


class ObjectRecords(Protocol):
    """What is recorded of an object."""

    async def recorded(self, key: str) -> Receipt | None:
        """What is recorded of the object at ``key``; ``None`` where there is none."""


class Requeue(Protocol):
    """How what lies wrong in the store comes into the next run."""

    async def queue_again(self, key: str, reason: str) -> bool:
        """Have the next run move again what lies at ``key``; false if SmugMug has nothing for that key any more."""


class SharedObjects(Protocol):
    """What is stored of photos that several albums have collected; all that a dry run asks of it."""

    async def twin(self, asset: Asset) -> Receipt | None:
        """What is stored of the same image with the same identity for another album; nothing unproven or to be mended."""

    async def owner(self, key: str) -> str:
        """The key of the album whose object is recorded at ``key``; empty where none is."""


class References(SharedObjects, Protocol):
    """How albums come to share an object."""

    async def done(self, step: Step) -> bool:
        """Whether the asset is recorded as moved already, with the identity and at the key of the step."""

    async def in_place_of_holder(self, step: Step) -> Step | None:
        """The step that another album would take to move the same asset, if it lists it and has an object for it.

        ``None`` too where that album has a newer one.
        """

    async def referred(self, step: Step, key: str) -> None:
        """What lies at ``key`` for another album stands for the asset too."""


class FileRecords(ObjectRecords, Requeue, Protocol):
    """What became of one file."""

    async def moved(self, step: Step, receipt: Receipt) -> None:
        """The object is in the store; what refers to it is moved too, and has its identity from now on."""

    async def moved_for_another(self, step: Step, place: Step, receipt: Receipt) -> None:
        """The object of another album (``place``) is in the store, and ``step`` refers to it.

        That album has done nothing of this itself: it is to be listed again.
        """

    async def described(self, step: Step, receipt: Receipt) -> None:
        """The object's metadata was rewritten in place."""

    async def not_described(self, step: Step, reason: str) -> None:
        """Its metadata could not be rewritten, or its name not changed: it is in the store as it was."""

    async def renamed(self, step: Step, receipt: Receipt) -> None:
        """The object was copied from ``step.former_key`` to ``step.key``, and the former one is to be removed.

        In the same moment what refers to it does so at the new key, and its albums are to be listed again.
        """

    async def failed(self, step: Step, state: str, reason: str) -> None:
        """``state`` is failed or unavailable."""


class AlbumRecords(AssetRecords, Protocol):
    """What is about to be done with an album, and what became of it and of its own file."""

    async def plan(self, album: Album, steps: Iterable[Step], listed: Iterable[str], *, whole: bool) -> None:
        """Remember what is about to be done.

        ``listed`` are the image keys that the album was seen to list; if it was shown ``whole``, what else is known of
        it is gone from SmugMug.
        """

    async def elsewhere(self, album_key: str, image_keys: Iterable[str]) -> set[str]:
        """Which of these images the ledger knows of another album too: SmugMug lets albums collect photos of others."""

    async def sidecar(self, album_key: str) -> tuple[str, str] | None:
        """Key and MD5 of the album's newest ``_album.json``."""

    async def former(self, album_key: str) -> list[Former]:
        """What is stored of images that the album no longer lists."""

    async def sidecar_stored(self, album: Album, receipt: Receipt) -> None:
        """The album's ``_album.json`` is in the store; what it tells is not known until the album is settled."""

    async def forget(self, key: str) -> None:
        """The object is about to be removed from the store, another one stands for it."""

    async def settle(
        self, album: Album, *, complete: bool, fingerprint: str, references: Mapping[str, str], digest: str
    ) -> None:
        """The album was listed and worked off; ``complete`` if nothing in it is left to do.

        ``digest`` is that of what its own file in the store tells (see ``rules.sidecar``); empty if it could not
        be written.

        ``references`` are the keys, by image, that its own file names in other albums: if one of these is no longer
        right, the album is not complete.
        """


class QueuedAlbums(Protocol):
    """The albums of an ordered run, while their files wait."""

    async def contents(self, album_key: str) -> Contents:
        """An album that was lined up."""


class WorkQueue(QueuedAlbums, Protocol):
    """The files of an ordered run, until their turn."""

    async def enqueue(self, contents: Contents, ranked: Iterable[tuple[float, Step]]) -> None:
        """Keep an album, and those of its steps that are to be carried, until their turn in this very run."""

    def in_order(self) -> AsyncIterator[list[Step]]:
        """Every step that was lined up, the lowest rank first, in pages; nothing may be lined up meanwhile."""


class ExecutorLedger(References, FileRecords, AlbumRecords, QueuedAlbums, Protocol):
    """What carrying out a plan asks."""


class SyncLedger(Ownership, Baseline, DirectoryRecords, ExecutorLedger, WorkQueue, Protocol):
    """What a whole run asks: all of these, and which albums there are."""

    async def is_bound(self) -> bool:
        """Whether anything is stored by it, so that it belongs to one account and one place for good."""

    async def settled(self, album_key: str) -> tuple[str, str] | None:
        """Fingerprint and time of the last listing after which nothing in the album was left to do."""

    async def walked(self, album_keys: Iterable[str]) -> None:
        """These are all albums of a complete walk: what is known of others is gone from SmugMug."""


class PlanLedger(SyncLedger, Protocol):
    """What a plan asks: its sums come from here, its items from a dry run."""

    async def moved_by_album(self) -> dict[str, tuple[int, int]]:
        """By album, how many of the files that SmugMug lists are in the store, and their bytes there."""

    async def stored_size(self, key: str) -> int | None:
        """Bytes of what is stored under ``key``; ``None`` where nothing is."""
