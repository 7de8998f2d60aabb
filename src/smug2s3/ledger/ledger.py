"""What is copied and where: the part of the ledger that a run writes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from smug2s3.ledger import statements
from smug2s3.ledger.database import Write, connected, holding
from smug2s3.ledger.held import Notify, ignore
from smug2s3.ledger.lockless import lacking
from smug2s3.ledger.overview import Reading
from smug2s3.ledger.rows import asset_facts, asset_row, details_row, entry, now, object_row, receipt, text
from smug2s3.ledger.work_queue import WorkQueue
from smug2s3.models import COMPONENT, Album, Asset, Entry, Known, Receipt
from smug2s3.rules import keys, metadata, ownership
from smug2s3.rules.plan import Action, Step
from smug2s3.rules.previews import Recorded
from smug2s3.rules.sidecar import Former, privacy

NAMELESS = ("metadata", "none")
"""The fact that the destination stores no metadata."""


class SqliteLedger(Reading, WorkQueue):
    """Implements ``smug2s3.ports.ledger`` and ``smug2s3.ports.audit``, which document it, with one SQLite file."""

    async def begin(self, run: str) -> None:
        """Record that a run began."""
        await self.write((statements.RUN_BEGAN, (run, now())))

    async def end(self, run: str, summary: Mapping[str, Any]) -> None:
        """Record how it ended."""
        await self.write((statements.RUN_ENDED, (now(), json.dumps(summary), run)))

    async def belongs_to(self, owner: Mapping[str, str], *, keep: bool) -> bool:
        """Refuse another account or destination: files copied there are not copied here."""
        recorded = {str(name): str(value) for name, value in await self.read(statements.ABOUT)}
        refusal = ownership.of_ledger(self.path, recorded, owner)
        if refusal and await self.is_bound():
            raise refusal
        if keep:
            forget = statements.FORGET_EVERYTHING if refusal else ()
            await self.write(
                *((statement, ()) for statement in forget),
                *((statements.ADD_ABOUT, (name, value)) for name, value in owner.items()),
            )
        return owner.items() <= recorded.items()

    async def is_bound(self) -> bool:
        """Whether an object is recorded."""
        return bool((await self.read(statements.IS_BOUND))[0][0])

    async def named_by(self, template: str, *, keep: bool) -> str | None:
        """Kept beside the owner."""
        about = {str(name): str(value) for name, value in await self.read(statements.ABOUT)}
        recorded = about.get("name_template")
        if keep and recorded != template:
            await self.write((statements.SET_ABOUT, ("name_template", template)))
        return recorded

    async def directories(self) -> list[tuple[str, str]]:
        """Every directory ever assigned."""
        return [(directory, node) for directory, node in await self.read(statements.DIRECTORIES)]

    async def add_directories(self, given: Iterable[tuple[str, str]]) -> None:
        """Record directories permanently."""
        await self.write(*((statements.ADD_DIRECTORY, pair) for pair in given))

    async def settled(self, album_key: str) -> tuple[str, str] | None:
        """Fingerprint and time of the last complete listing."""
        rows = await self.read(statements.SETTLED, album_key)
        return (rows[0][0], rows[0][1]) if rows else None

    async def known(self, album_key: str) -> dict[str, Entry]:
        """All recorded assets of one album."""
        rows = await self.read(statements.KNOWN, album_key)
        return {row[0]: entry(row) for row in rows}

    async def taken(self, album_key: str, directory: str) -> dict[str, str]:
        """Folded names of the files in ``directory``."""
        inside = keys.fold(directory) + "/"
        folded = [(keys.fold(key), image) for key, image in await self.read(statements.TAKEN, album_key, directory)]
        return {key.removeprefix(inside): image for key, image in folded if key.startswith(inside)}

    async def sidecar(self, album_key: str) -> tuple[str, str] | None:
        """Key and MD5 of the album's newest ``_album.json``."""
        rows = await self.read(statements.SIDECAR, album_key)
        return (rows[0][0], rows[0][1]) if rows else None

    async def former(self, album_key: str) -> list[Former]:
        """Stored files of images that the album no longer lists."""
        rows = await self.read(statements.FORMER, album_key)
        return [Former._make((*row[:5], bool(row[5]))) for row in rows]

    async def elsewhere(self, album_key: str, image_keys: Iterable[str]) -> set[str]:
        """Which of these images are also recorded for another album."""
        rows = await self.read(statements.ELSEWHERE, json.dumps(list(image_keys)), album_key)
        return {row[0] for row in rows}

    async def twin(self, asset: Asset) -> Receipt | None:
        """The same bytes, stored for another album."""
        rows = await self.read(statements.TWIN, asset.image_key, asset.identity, asset.album_key)
        return receipt(rows[0]) if rows else None

    async def owner(self, key: str) -> str:
        """The album of the object at the key."""
        rows = await self.read(statements.OWNER, key)
        return str(rows[0][0]) if rows else ""

    async def done(self, step: Step) -> bool:
        """Whether this step has been done."""
        asset = step.asset
        rows = await self.read(statements.ASSET_NOW, asset.album_key, asset.image_key)
        return rows == [(Known.MOVED, asset.identity, step.key)]

    async def in_place_of_holder(self, step: Step) -> Step | None:
        """The step that replaces the object's bytes, as its own album would do it."""
        rows = await self.read(statements.HOLDER, step.asset.image_key, step.asset.album_key)
        if not rows or int(rows[0][3].partition("|")[0]) > step.asset.serial:
            return None  # A listing from before the photo was replaced must not bring the old bytes back.
        album_key, key, wanted, _ = rows[0]
        asset = replace(step.asset, album_key=album_key)
        return Step(asset=asset, action=Action.MOVE, key=key, wanted=wanted, description=metadata.describe(asset))

    async def plan(
        self, album: Album, steps: Iterable[Step], listed: Iterable[str], *, whole: bool, excluded: Iterable[Step] = ()
    ) -> None:
        """Files to copy are ``moving`` from here on: after a crash they still are, and are copied again.

        What has outdated metadata says so until it is updated, also if the filters leave it out.
        """
        steps = list(steps)
        await self.write(
            (
                statements.ALBUM_SEEN,
                (
                    album.key,
                    text(album.path),
                    album.directory,
                    album.image_count,
                    text(privacy(json.loads(album.record))),
                ),
            ),
            *((statements.DETAILS, details_row(step)) for step in steps),
            *((statements.ASSET, asset_row(s, Known.MOVING, "")) for s in steps if s.action is Action.MOVE),
            *(
                (statements.ASSET_FACTS, (*asset_facts(s.asset), album.key, s.asset.image_key))
                for s in steps
                if s.action is not Action.MOVE
            ),
            *_outdated(album, steps, "not updated yet; a later run will"),
            *_outdated(album, excluded, "excluded by the filters of the last run"),
        )
        images = json.dumps(list(listed))
        kept = json.dumps([step.asset.image_key for step in steps if step.action is Action.SKIP])
        gone: list[Write] = [
            (statements.NOT_LISTED, (now(), album.key, images)),
            (statements.FORGET_NOT_LISTED, (album.key, images)),
        ]
        await self.write(
            (statements.LISTED_AGAIN, (album.key, images)),
            (statements.NOTHING_PENDING, (album.key, kept)),
            *(gone if whole else ()),
        )

    async def walked(self, album_keys: Iterable[str]) -> None:
        """These are all albums: others are gone from SmugMug."""
        albums = json.dumps(list(album_keys))
        await self.write(
            (statements.NOT_WALKED, (now(), albums)),
            (statements.FORGET_NOT_WALKED, (albums,)),
            (statements.UNSETTLE_NOT_WALKED, (albums,)),
        )

    async def moved(self, step: Step, receipt: Receipt) -> None:
        """The object is stored."""
        await self.write(
            (statements.OBJECT, object_row(step.asset.album_key, step.asset.image_key, receipt)),
            (statements.ASSET, asset_row(step, Known.MOVED, "")),
            *_replaced_for_others(step),
            *_nameless(receipt),
        )

    async def moved_for_another(self, step: Step, place: Step, receipt: Receipt) -> None:
        """The object of another album is stored, for both."""
        await self.write(
            (statements.OBJECT, object_row(place.asset.album_key, place.asset.image_key, receipt)),
            (statements.ASSET, asset_row(place, Known.MOVED, "")),
            *_replaced_for_others(place),
            (statements.ASSET, asset_row(replace(step, key=place.key), Known.MOVED, "")),
            (statements.UNSETTLE_ALBUM, (place.asset.album_key,)),
            *_nameless(receipt),
        )

    async def referred(self, step: Step, key: str) -> None:
        """Record a reference to the object of another album."""
        await self.write((statements.ASSET, asset_row(replace(step, key=key), Known.MOVED, "")))

    async def recorded(self, key: str) -> Receipt | None:
        """The record of one object."""
        rows = await self.read(statements.RECORDED, key)
        return receipt(rows[0]) if rows else None

    async def nameless(self) -> bool:
        """Whether objects in this destination have no metadata at all."""
        return bool(await self.read(statements.IS_ABOUT, *NAMELESS))

    async def described(self, step: Step, receipt: Receipt) -> None:
        """The object's metadata was rewritten."""
        row = asset_row(step, Known.MOVED, "")
        await self.write(_copied(step.key, receipt), (statements.ASSET, row), *_nameless(receipt))

    async def not_described(self, step: Step, reason: str) -> None:
        """The stored file stays as it is; the reason is kept for `status`."""
        asset = step.asset
        await self.write((statements.NOT_DESCRIBED, (text(reason), asset.album_key, asset.image_key)))

    async def renamed(self, step: Step, receipt: Receipt) -> None:
        """The object has another key now."""
        await self.write(
            _copied(step.former_key, receipt),
            (statements.ASSET, asset_row(step, Known.MOVED, "")),
            *_renamed_for_others(step),
            *_nameless(receipt),
        )

    async def failed(self, step: Step, state: str, reason: str) -> None:
        """Not copied; the reason is kept for `status`."""
        await self.write((statements.ASSET, asset_row(step, Known(state), reason)))

    async def own_file_stored(self, receipt: Receipt) -> None:
        """A file of the archive itself is stored."""
        await self.write((statements.OBJECT, object_row("", "", receipt)))

    async def describe_again(self, key: str) -> bool:
        """Have the next run rewrite the object's metadata; false if it is no longer on SmugMug."""
        if not await self.read(statements.BELONGS, key):
            return False
        await self.write((statements.DESCRIBE_AGAIN, (key,)), (statements.UNSETTLE_OF, (key,)))
        return True

    async def sidecar_stored(self, album: Album, receipt: Receipt) -> None:
        """The `_album.json` is stored."""
        await self.write(
            (statements.OBJECT, object_row(album.key, "", receipt)),
            (statements.ALBUM_SIDECAR, (receipt.key, album.key)),
        )

    async def xmp_sidecars(self, album_key: str) -> dict[str, str]:
        """Key and MD5 of every XMP sidecar of the album."""
        return dict(await self.read(statements.XMP_SIDECARS, album_key))

    async def xmp_stored(self, album_key: str, receipt: Receipt) -> None:
        """An XMP sidecar is stored."""
        await self.write((statements.OBJECT, object_row(album_key, "", receipt)))

    async def previews(self, album_key: str) -> Recorded:
        """The album's previews, and when its files were stored."""
        rows = await self.read(statements.PREVIEWS, album_key)
        return Recorded(
            previews={key: stored_at for key, stored_at, _, is_preview in rows if is_preview},
            md5s={key: md5 for key, _, md5, is_preview in rows if is_preview},
            files={key: stored_at for key, stored_at, _, is_preview in rows if not is_preview},
        )

    async def previews_stored(self, stored: Iterable[tuple[str, Receipt]]) -> None:
        """Previews are stored, each for its album."""
        await self.write(*((statements.OBJECT, object_row(album, "", receipt)) for album, receipt in stored))

    async def count_previews(self) -> tuple[int, int]:
        """Stored previews, and their bytes."""
        ((count, size),) = await self.read(statements.COUNT_PREVIEWS)
        return count, size

    async def forget(self, key: str) -> None:
        """The object is about to be deleted."""
        await self.write((statements.FORGET_OBJECT, (key,)))

    async def settle(
        self,
        album: Album,
        *,
        complete: bool,
        fingerprint: str,
        references: Mapping[str, str],
        digest: str,
        unanswered: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """The album was processed."""
        named, refused = json.dumps(dict(references)), json.dumps(dict(unanswered)) if unanswered else ""
        row = fingerprint, now(), digest, refused, int(complete), named, album.key
        await self.write((statements.ALBUM_SETTLED, row))

    async def with_component(self) -> str:
        """One image, asked for before all others."""
        rows = await self.read(statements.WITH_COMPONENT)
        return str(rows[0][0]).partition(COMPONENT)[0] if rows else ""

    async def refused(self, *, everything: bool) -> list[str]:
        """Complete albums that may have more files in SmugMug Source, in random order."""
        return [row[0] for row in await self.read(statements.REFUSED, int(everything))]

    async def refusals(self, album_key: str) -> tuple[list[tuple[str, str]], dict[str, int]]:
        """What was refused of one of them."""
        files = await self.read(statements.REFUSED_FILES, album_key)
        unanswered = await self.read(statements.UNANSWERED, album_key)
        return [(key, reason) for key, reason in files], {str(reason): int(count) for reason, count in unanswered}

    async def ask_again(self) -> None:
        """Such albums are not complete any more."""
        await self.write((statements.ASK_AGAIN, ()))


def _nameless(receipt: Receipt) -> list[Write]:
    """The destination stores no metadata: from then on, missing metadata is not a difference."""
    return [(statements.ADD_ABOUT, NAMELESS)] if receipt.nameless else []


def _copied(former_key: str, receipt: Receipt) -> Write:
    """The object was copied on the server, onto itself or to another key."""
    return (
        statements.OBJECT_COPIED,
        (receipt.key, receipt.etag, receipt.crc64, receipt.proof.value, former_key),
    )


def _outdated(album: Album, steps: Iterable[Step], reason: str) -> Iterator[Write]:
    for step in steps:
        if step.action in (Action.DESCRIBE, Action.RENAME):
            yield statements.OUTDATED, (reason, album.key, step.asset.image_key)


def _replaced_for_others(step: Step) -> list[Write]:
    """Other albums that refer to the object have its new bytes too."""
    asset = step.asset
    where = (asset.image_key, step.key, asset.album_key, asset.identity)
    return [
        (statements.UNSETTLE_REFERRING, where),
        (statements.FORGET_GONE_REFERENCES, where),
        (statements.REFERENCES_REPLACED, (asset.identity, asset.size, asset.md5, *where)),
    ]


def _renamed_for_others(step: Step) -> list[Write]:
    """Other albums that refer to the object get its new key."""
    asset, whatever_identity = step.asset, ""
    return [
        (statements.UNSETTLE_REFERRING, (asset.image_key, step.former_key, asset.album_key, whatever_identity)),
        (statements.REFERENCES_RENAMED, (step.key, asset.image_key, step.former_key, asset.album_key)),
    ]


@asynccontextmanager
async def open_ledger(path: str, *, alone: bool = False, notify: Notify = ignore) -> AsyncIterator[SqliteLedger]:
    """The ledger at ``path`` (created private to its owner if absent); ``:memory:`` for a temporary one.

    ``alone`` takes the exclusive lock; on a disk without locks every process does, and ``notify`` is called for
    that, and for a wait for another program. Raises LedgerError for a file that is not a ledger, is from a
    newer smug2s3, cannot be written, or is held by another process.
    """
    missing = lacking(path) if path != ":memory:" else ""
    if missing:
        notify(
            f"the disk of {path} does not support file locks ({missing}): using a lock file beside the ledger instead"
        )
    with holding(path) if alone or missing else nullcontext():
        async with connected(path, notify) as connection:
            ledger = SqliteLedger(connection, path, notify)
            try:
                yield ledger
            finally:
                await asyncio.shield(ledger.close())
