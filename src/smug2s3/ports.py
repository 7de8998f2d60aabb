"""What the engine asks of the outside world; each method's corner cases stand in its docstring."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

from smug2s3.flow.outage import Presence
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import (
    Account,
    Album,
    AlbumTotals,
    Asset,
    Contents,
    Entry,
    Head,
    Listing,
    Proof,
    Receipt,
    Shown,
    Stored,
    StoredObject,
    StoreTarget,
    Verification,
)
from smug2s3.rules.directories import Directories
from smug2s3.rules.evidence import Evidence, Held
from smug2s3.rules.plan import Step
from smug2s3.rules.sidecar import Former


class Incoming(Protocol):
    """A file on its way from the source."""

    @property
    def size(self) -> int | None:
        """Bytes to come, as announced with the answer."""

    @property
    def md5(self) -> str | None:
        """Hex, where the media host names it."""

    @property
    def framed(self) -> bool:
        """Whether a connection that breaks off can be told from the end."""

    @property
    def chunks(self) -> AsyncIterator[bytes]:
        """The bytes, once."""


class Source(Protocol):
    """Where photos come from."""

    @property
    def api_calls(self) -> int:
        """Requests to the API so far."""

    async def account(self) -> Account:
        """Who is signed in; raises SignInRefused."""

    async def owner_of(self, album_key: str) -> str:
        """The nickname of the account an album is of; empty where SmugMug does not tell this sign-in."""

    async def walk(
        self,
        account: Account,
        directories: Directories,
        visit: Callable[[Album], Awaitable[None]],
        report: Callable[[str, str], None],
    ) -> Shown:
        """Hand every album to ``visit``, which may take its time; name to ``report`` what could not be walked.

        Returns whether every folder was shown in full: only then an album that was not visited is gone.
        """

    async def album_totals(self, account: Account) -> list[AlbumTotals]:
        """Every album in SmugMug's own numbers, a hundred a request, from its one flat list of all albums.

        Raises SourceGone where SmugMug has no such list, or none beyond some album (seen on single accounts), and
        SourceBroken where it stays incomplete: then ``walk`` gives the same. The list knows no album without a
        name of its own (system albums), no empty folder, and of a locked album little more than its key.
        """

    def pages(self, *, children: int = 0, assets: int = 0, albums: int = 0) -> int:
        """Requests it takes to list the children of one folder, the assets of one album, or all albums; at least one."""

    async def listing(self, album: Album) -> Listing:
        """Everything in one album, once each; raises a SourceError if nothing of it can be listed.

        Its ``shown`` has a gap for every entry that could not be read or told from others, and where the list shows
        less than it or the album counts. The album that comes back with it counts what SmugMug counts by now.
        """

    async def resolve(self, asset: Asset) -> Asset:
        """Ask once more for an asset without an address; unchanged where there is none."""

    async def still_listed(self, asset: Asset) -> bool:
        """Whether an image whose file is gone still exists."""

    def host(self, url: str) -> Presence:
        """The host that has the bytes behind ``url``, to be waited for while it is away; all else waits by itself."""

    def open(self, url: str, *, size: int | None) -> AbstractAsyncContextManager[Incoming]:
        """The bytes behind ``url``; refuses before the first byte where their number is not ``size``."""


class Store(Protocol):
    """Where bytes end up. Keys include the prefix. Every method raises a StoreError, never a library's own."""

    @property
    def side(self) -> Presence:
        """The store as one to be waited for while it is away; only around ``put`` and ``read``, all else waits by itself."""

    async def check(self, prefix: str) -> None:
        """Raise StoreUnusable if credentials or bucket are wrong; writes nothing."""

    async def put(self, target: StoreTarget, stream: CheckedStream) -> Receipt:
        """Store the whole stream or nothing. Whatever ended the stream comes out unchanged."""

    async def copy(self, source: Receipt, target: StoreTarget) -> Receipt:
        """Copy within the store what is recorded as ``source``, to the same or another key, with new metadata.

        Raises StoreCorrupt if what lies there is something else by what the store says of it, or if the copy is; such
        a copy is removed again, and onto itself nothing was changed.
        """

    async def delete(self, key: str) -> None:
        """Remove one object; one that is not there is no error."""

    def read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of one object; raises StoreMissing if it is not there."""

    async def beginning(self, key: str, size: int) -> bytes:
        """The first ``size`` bytes of one object, fewer where it is smaller; no more of it is asked for."""

    async def head(self, key: str) -> Head:
        """What the store tells of one object without its bytes; raises StoreMissing."""

    async def glance(self, prefix: str) -> tuple[str, ...]:
        """The keys of a thousand objects at most whose key begins with ``prefix``: one request, and no byte is read."""

    def list(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        """All objects whose key begins with ``prefix``, in pages, in any order."""


class Ledger(Protocol):
    """What is done. Every write has been committed when its call returns; any failure is a LedgerError."""

    async def begin(self, run: str) -> None:
        """Remember that a run began."""

    async def end(self, run: str, summary: Mapping[str, Any]) -> None:
        """Remember how it ended."""

    async def whole_at(self) -> str:
        """When the last run ended that had gone through the whole account, UTC in ISO 8601; empty where none has.

        One with filters has not, nor one that stopped or was cut short, or to which SmugMug did not show every album.
        """

    async def belongs_to(self, owner: Mapping[str, str], *, keep: bool) -> bool:
        """Raise LedgerError if what it knows to be stored is another account's, or in another store.

        Until something is stored it belongs to whoever uses it next: with ``keep`` it then forgets what it knew of
        others, and remembers this owner. True if it was remembered already.
        """

    async def is_bound(self) -> bool:
        """Whether anything is stored by it, so that it belongs to one account and one place for good."""

    async def directories(self) -> list[tuple[str, str]]:
        """Every directory ever given, with the node it was given to."""

    async def add_directories(self, given: Iterable[tuple[str, str]]) -> None:
        """Remember directories for ever."""

    async def settled(self, album_key: str) -> tuple[str, str] | None:
        """Fingerprint and time of the last listing after which nothing in the album was left to do."""

    async def known(self, album_key: str) -> dict[str, Entry]:
        """All assets remembered of one album, by image key."""

    async def taken(self, album_key: str, directory: str) -> dict[str, str]:
        """Folded names of what lies in the album's ``directory``, with the image that holds each."""

    async def sidecar(self, album_key: str) -> tuple[str, str] | None:
        """Key and MD5 of the album's newest ``_album.json``."""

    async def former(self, album_key: str) -> list[Former]:
        """What is stored of images that the album no longer lists."""

    async def elsewhere(self, album_key: str, image_keys: Iterable[str]) -> set[str]:
        """Which of these images the ledger knows of another album too: SmugMug lets albums collect photos of others."""

    async def twin(self, asset: Asset) -> Receipt | None:
        """What is stored of the same image with the same identity for another album; nothing unproven or to be mended."""

    async def owner(self, key: str) -> str:
        """The key of the album whose object is recorded at ``key``; empty where none is."""

    async def done(self, step: Step) -> bool:
        """Whether the asset is recorded as moved already, with the identity and at the key of the step."""

    async def in_place_of_holder(self, step: Step) -> Step | None:
        """The step that another album would take to move the same asset, if it lists it and has an object for it.

        ``None`` too where that album has a newer one.
        """

    async def plan(self, album: Album, steps: Iterable[Step], listed: Iterable[str], *, whole: bool) -> None:
        """Remember what is about to be done.

        ``listed`` are the image keys that the album was seen to list; if it was shown ``whole``, what else is known of
        it is gone from SmugMug.
        """

    async def walked(self, album_keys: Iterable[str]) -> None:
        """These are all albums of a complete walk: what is known of others is gone from SmugMug."""

    async def moved(self, step: Step, receipt: Receipt) -> None:
        """The object is in the store; what refers to it is moved too, and has its identity from now on."""

    async def moved_for_another(self, step: Step, place: Step, receipt: Receipt) -> None:
        """The object of another album (``place``) is in the store, and ``step`` refers to it.

        That album has done nothing of this itself: it is to be listed again.
        """

    async def referred(self, step: Step, key: str) -> None:
        """What lies at ``key`` for another album stands for the asset too."""

    async def recorded(self, key: str) -> Receipt | None:
        """What is recorded of the object at ``key``; ``None`` where there is none."""

    async def nameless(self) -> bool:
        """Whether the store was seen to take not even the key of an image along with its bytes."""

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

    async def sidecar_stored(self, album: Album, receipt: Receipt) -> None:
        """The album's ``_album.json`` is in the store; what it tells is not known until the album is settled."""

    async def forget(self, key: str) -> None:
        """The object is about to be removed from the store, another one stands for it."""

    async def count_stored(self) -> int:
        """How many objects were put into the store."""

    def stored(self) -> AsyncIterator[list[Stored]]:
        """Every object put into the store, in pages."""

    async def queue_again(self, key: str, reason: str) -> bool:
        """Have the next run move again what lies at ``key``; false if SmugMug has nothing for that key any more."""

    async def lost(self, key: str, *, there: bool) -> None:
        """What lies at ``key`` is wrong, or nothing does (not ``there``), and no photo that SmugMug lists belongs there.

        What is missing is forgotten. What is wrong stays recorded while something remembers the photo as gone, which is
        moved anew if it is listed again; what nothing remembers is from now on just an object in the bucket.
        """

    async def describe_again(self, key: str) -> bool:
        """Have the next run write the object's metadata anew; false if SmugMug says nothing of it any more.

        Its bytes are right.
        """

    async def own_file_stored(self, receipt: Receipt) -> None:
        """A file of the archive itself, such as its manifest, is in the store."""

    async def verified(self, outcome: Verification) -> None:
        """Remember how a verification ended."""

    def export(self) -> AsyncIterator[dict[str, Any]]:
        """Everything known, a row for every asset and object."""

    async def unsettle(self) -> None:
        """Have the next run list every album."""

    async def moved_by_album(self) -> dict[str, tuple[int, int]]:
        """By album, how many of the files that SmugMug lists are in the store, and their bytes there."""

    async def stored_size(self, key: str) -> int | None:
        """Bytes of what is stored under ``key``; ``None`` where nothing is."""

    async def unmoved(self) -> list[tuple[str, str, str]]:
        """Intended key, state and reason of every listed asset that is not in the store."""

    async def keep_listing(self, listing: AsyncIterator[list[StoredObject]]) -> None:
        """Keep the store's listing at hand for the questions below; one at a time."""

    async def saw(self, image_keys: Iterable[str]) -> None:
        """Count these images as seen, for as long as that listing, each once."""

    async def count_seen(self) -> int:
        """How many images were seen."""

    async def looked(self, held: Held, found: Evidence) -> None:
        """Keep what a look at one object found: as long as that listing, and while the same bytes are recorded there."""

    async def seen_bytes(self, held: Held, proof: Proof) -> None:
        """Remember what reading an object back proved, for as long as its ETag stays.

        Not if something else is recorded there by now: a run may go on beside the verification.
        """

    async def count_plainly_right(self) -> int:
        """How many objects are listed with the size and MD5 that are recorded, and nothing was found against them."""

    def in_doubt(self) -> AsyncIterator[list[Held]]:
        """All other objects, in pages."""

    def there(self) -> AsyncIterator[list[Held]]:
        """Every object that is listed with its size, in pages."""

    async def strangers(self) -> list[str]:
        """The keys of the listing that the ledger does not know."""

    async def held(self, album_key: str) -> dict[str, Held]:
        """By image, the object that is recorded for it, beside what the store says of it."""

    async def album_file(self, album_key: str) -> tuple[str, Held | None]:
        """The digest of what the album's own file was last written to tell, and its object; ``None`` where none is."""

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

    async def enqueue(self, contents: Contents, ranked: Iterable[tuple[float, Step]]) -> None:
        """Keep an album, and those of its steps that are to be carried, until their turn in this very run."""

    def in_order(self) -> AsyncIterator[list[Step]]:
        """Every step that was lined up, the lowest rank first, in pages; nothing may be lined up meanwhile."""

    async def contents(self, album_key: str) -> Contents:
        """An album that was lined up."""

    async def settle(
        self, album: Album, *, complete: bool, fingerprint: str, references: Mapping[str, str], told: str
    ) -> None:
        """The album was listed and worked off; ``complete`` if nothing in it is left to do.

        ``told`` is the digest of what its own file in the store tells (see ``rules.sidecar``); empty if it could not
        be written.

        ``references`` are the keys, by image, that its own file names in other albums: if one of these is no longer
        right, the album is not complete.
        """


class Reporter:
    """Tells a person what happens; never raises, never waits.

    By itself it does nothing; whoever derives from it listens to what it needs.
    """

    def began(self, run: str, place: str, *, dry_run: bool) -> None:
        """A run begins; ``place`` says where everything goes to."""

    def account(self, nickname: str, *, items: int | None) -> None:
        """Both sides answered; ``items`` is what SmugMug counts of all that is asked for, where it says so."""

    def album(self, path: str, *, count: int | None, size: int | None) -> None:
        """An album was found; ``size`` is SmugMug's own sum of its originals."""

    def walked(self) -> None:
        """There are no more albums than those found."""

    def planned(self, path: str, *, count: int, files: int, size: int, skipped: int) -> None:
        """An album was listed: of ``count`` items ``files`` with ``size`` bytes are to be moved."""

    def settled(self, path: str, *, complete: bool) -> None:
        """An album is done with in this run; ``complete`` if nothing in it is left to do."""

    def started(self, label: str, size: int | None) -> None:
        """A file begins to move."""

    def advanced(self, label: str, size: int) -> None:
        """``size`` more bytes of it have passed; negative when an attempt is begun anew."""

    def moved(self, label: str, size: int) -> None:
        """A file is in the store and in the ledger."""

    def kept(self, label: str) -> None:
        """A stored file got a new description or a new name; none of its bytes passed here."""

    def not_updated(self, label: str, side: str, reason: str) -> None:
        """A stored file could not be given its new description or name; its bytes are there, and another run may help."""

    def failed(self, label: str, side: str, reason: str) -> None:
        """A file could not be moved; another run may help."""

    def unavailable(self, label: str, reason: str) -> None:
        """SmugMug itself cannot give a file."""

    def retried(self, what: str, side: str, reason: str) -> None:
        """A file or a question to SmugMug is tried again after ``reason``."""

    def paused(self, seconds: float) -> None:
        """SmugMug wants its API to be left alone for so long; files on their way go on."""

    def away(self, side: str, since: datetime, reason: str, longest: float) -> None:
        """SmugMug, one of its hosts, or the store is away: what needs it waits, ``longest`` seconds at most."""

    def back(self, side: str, seconds: float) -> None:
        """It is there again, after so long: what waited goes on."""

    def allowance(self, left: int, reset: float) -> None:
        """How many requests SmugMug still grants until ``reset``, in seconds since the epoch; after every answer."""

    def note(self, text: str) -> None:
        """One line worth knowing."""

    def ended(self, summary: Mapping[str, Any], sentence: str) -> None:
        """The run is over, however it went: its JSON document, and the same in a sentence."""
