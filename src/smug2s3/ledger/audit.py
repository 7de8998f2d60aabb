"""The ledger for verify, rebuild and export, with the bucket's listing in a temporary table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterable
from typing import Any

from smug2s3.ledger import audit_statements, statements, status_statements
from smug2s3.ledger.database import Database, Write, ledger_error
from smug2s3.ledger.rows import (
    asset_row,
    details_row,
    export_row,
    held,
    now,
    object_row,
    stored_object,
    text,
    verification,
    verification_row,
)
from smug2s3.models import Asset, Known, Proof, Receipt, Stored, StoredObject
from smug2s3.rules.evidence import Evidence, Held
from smug2s3.rules.plan import Action, Step
from smug2s3.rules.preview_keys import GALLERY, previewed
from smug2s3.rules.verification import Verification


class Audit(Database):
    """The part of the ledger for audits; ``smug2s3.ports.audit`` documents each method."""

    async def count_stored(self) -> int:
        """How many objects the ledger knows."""
        return int((await self.read(statements.COUNT_STORED))[0][0])

    async def stored(self) -> AsyncIterator[list[Stored]]:
        """Every object the ledger knows, in key order, a thousand at a time."""
        last = ""
        while rows := await self.read(statements.STORED_AFTER, last):
            yield [Stored(*row) for row in rows]
            last = rows[-1][0]

    async def queue_again(self, key: str, reason: str) -> bool:
        """Have the next run copy or write the object at ``key`` again; false if it is not from SmugMug."""
        known = await self.read(statements.BELONGS, key)
        if not known:
            return False
        await self.write(
            (statements.MOVE_AGAIN, (text(reason), key)),
            (statements.NOT_ITS_BYTES, (key,)),
            (statements.SIDECAR_AGAIN, (key,)),
            (statements.UNSETTLE_OF, (key,)),
            (statements.UNSETTLE_OF_BESIDE, (key,)),
            (statements.XMP_AGAIN, (key,)),
            (statements.PREVIEW_AGAIN, (key,)),
        )
        return True

    async def lost(self, key: str, *, there: bool) -> None:
        """The object at ``key`` is wrong or (unless ``there``) missing, and no longer on SmugMug."""
        await self.write(
            (statements.UNSETTLE_OF, (key,)),
            (statements.LOST_WRONG if there else statements.LOST_MISSING, (key,)),
            (statements.LOST_OBJECT, (key,)),
        )

    async def unsettle(self) -> None:
        """Have the next run list every album."""
        await self.write((statements.UNSETTLE, ()))

    async def moved_by_album(self) -> dict[str, tuple[int, int]]:
        """Stored files and bytes that SmugMug lists, by album."""
        return {album: (files, size) for album, files, size in await self.read(statements.MOVED_BY_ALBUM)}

    async def stored_size(self, key: str) -> int | None:
        """Size of the object at ``key``."""
        rows = await self.read(statements.STORED_SIZE, key)
        return int(rows[0][0]) if rows else None

    async def unmoved(self) -> list[tuple[str, str, str]]:
        """Intended key, state and reason of everything that is not stored."""
        return [(key, state, reason) for key, state, reason in await self.read(statements.UNMOVED)]

    async def keep_listing(self, listing: AsyncIterator[list[StoredObject]]) -> None:
        """Write the bucket's listing to a temporary table, replacing an earlier one.

        Servers list in different orders, and a million entries need not fit into memory.
        """
        for statement in audit_statements.VERIFICATION:
            await self.read(statement)
        async for page in listing:
            await self.write(*((audit_statements.LISTED, (found.key, found.size, found.etag)) for found in page))

    async def saw(self, image_keys: Iterable[str]) -> None:
        """Count these images as seen in this verification, each once."""
        await self.write((audit_statements.SAW, (json.dumps(list(image_keys)),)))

    async def count_seen(self) -> int:
        """How many images were seen."""
        return int((await self.read(audit_statements.COUNT_SEEN))[0][0])

    async def looked(self, held: Held, found: Evidence) -> None:
        """Keep the result of checking one object for this verification."""
        await self.write((audit_statements.LOOKED, (held.key, held.md5, found.state.value, text(found.detail))))

    async def seen_bytes(self, held: Held, proof: Proof) -> None:
        """Record what reading an object back proved, for as long as its ETag stays."""
        etag = held.listed.etag if held.listed else held.etag
        await self.write((audit_statements.SEEN_BYTES, (etag, proof.value, held.key, held.md5, held.etag)))

    async def count_plainly_right(self) -> int:
        """How many objects are listed with the recorded MD5."""
        return int((await self.read(audit_statements.COUNT_PLAINLY_RIGHT))[0][0])

    async def in_doubt(self) -> AsyncIterator[list[Held]]:
        """All other objects, in key order, a thousand at a time."""
        async for page in self._held_after(audit_statements.IN_DOUBT_AFTER):
            yield page

    async def there(self) -> AsyncIterator[list[Held]]:
        """Every object that is listed with its size, in key order, a thousand at a time."""
        async for page in self._held_after(audit_statements.THERE_AFTER):
            yield page

    async def _held_after(self, statement: str) -> AsyncIterator[list[Held]]:
        last = ""
        while rows := await self.read(statement, last):
            yield [held(row) for row in rows]
            last = rows[-1][0]

    async def strangers(self) -> list[str]:
        """The keys of the listing that the ledger does not know."""
        return [key for (key,) in await self.read(audit_statements.STRANGERS)]

    async def held(self, album_key: str) -> dict[str, Held]:
        """The recorded object of each of an album's images, with what the bucket says of it."""
        return {row[0]: held(row[1:]) for row in await self.read(audit_statements.HELD_OF_ALBUM, album_key)}

    async def album_file(self, album_key: str) -> tuple[str, Held | None]:
        """The digest and object of the last written `_album.json`."""
        rows = await self.read(audit_statements.ALBUM_FILE, album_key)
        return (rows[0][0], held(rows[0][1:])) if rows else ("", None)

    async def listed(self, key: str) -> StoredObject | None:
        """One object of the kept listing."""
        rows = await self.read(audit_statements.LISTED_ONE, key)
        return stored_object(rows[0]) if rows else None

    async def listed_sidecars(self, ending: str) -> AsyncIterator[StoredObject]:
        """The objects of that listing whose key ends with ``ending``."""
        last = ""
        while rows := await self.read(audit_statements.LISTED_ENDING, ending, last):
            for row in rows:
                yield stored_object(row)
            last = rows[-1][0]

    async def listed_previews(self, prefix: str) -> AsyncIterator[list[tuple[str, StoredObject]]]:
        """The previews of recorded files in that listing, each with the album of its file, in pages."""
        last = f"{prefix}{GALLERY}/"
        while rows := await self.read(audit_statements.LISTED_AFTER, last, f"{prefix}{GALLERY}0"):
            last = rows[-1][0]
            found = [(stored_object(row), shown[0]) for row in rows if (shown := previewed(row[0], prefix=prefix))]
            files = json.dumps([file for _, file in found])
            owners: dict[str, str] = dict(await self.read(statements.OWNERS, files))
            yield [(owners[file], stored) for stored, file in found if file in owners]

    async def count_unknown(self) -> int:
        """How many objects of that listing the ledger does not know."""
        return int((await self.read(audit_statements.UNKNOWN))[0][0])

    async def remember_album(
        self, album_key: str, path: str, directory: str, sidecar: Receipt, privacy: str = ""
    ) -> None:
        """An album as its `_album.json` describes it."""
        await self.write(
            (statements.ALBUM_REMEMBERED, (album_key, text(path), directory, sidecar.key, text(privacy))),
            (statements.OBJECT, object_row(album_key, "", sidecar)),
        )

    async def remember_asset(
        self, asset: Asset, receipt: Receipt, wanted: str, described: str, *, gone: bool, reference: bool
    ) -> None:
        """A file in the bucket, as in its `_album.json`."""
        step = Step(asset=asset, action=Action.SKIP, key=receipt.key, wanted=wanted, description=())
        made = asset_row(step, Known.MOVED, "")
        # A removed photo whose bytes are unproven is copied again if it is listed again.
        unsure = gone and not (receipt.proof or receipt.etag)
        identity = "" if unsure else asset.identity
        row = (*made[:3], identity, *made[4:8], described, *made[9:])
        writes: list[Write] = [
            (
                statements.REFERENCE_FOUND if reference or unsure else statements.OBJECT_FOUND,
                object_row(asset.album_key, asset.image_key, receipt),
            ),
            (statements.ASSET, row),
            (statements.DETAILS, details_row(step)),
        ]
        if gone:
            writes.append((statements.ASSET_GONE, (now(), asset.album_key, asset.image_key)))
        await self.write(*writes)

    async def verified(self, outcome: Verification) -> None:
        """Record the result of a verification."""
        await self.write((statements.VERIFIED, verification_row(outcome)))

    async def whole_at(self) -> str:
        """When the last run that covered the whole account ended."""
        return str((await self.read(status_statements.WHOLE_RUN))[0][0])

    async def last_verification(self) -> Verification | None:
        """The last verification."""
        rows = await self.read(statements.LAST_VERIFICATION)
        return verification(rows[0]) if rows else None

    async def export(self) -> AsyncIterator[dict[str, Any]]:
        """Everything the ledger knows, one asset or object per row, by album and key."""
        try:
            async with self.connection.execute(statements.EXPORT) as rows:
                async for row in rows:
                    yield export_row(tuple(row))
        except sqlite3.Error as error:
            raise ledger_error(self.path, error) from error
