"""What verify, rebuild and export ask of the ledger, beside the store's listing laid into a temporary table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterable
from typing import Any

from smug2s3.ledger import statements
from smug2s3.ledger.database import Database, Write, ledger_error
from smug2s3.ledger.rows import asset_row, held, now, object_row, stored_object, text, verification, verification_row
from smug2s3.models import Asset, Known, Proof, Receipt, Stored, StoredObject
from smug2s3.rules.evidence import Evidence, Held
from smug2s3.rules.plan import Action, Step
from smug2s3.rules.verification import Verification


class Audit(Database):
    """The half of the ledger that looks back; see ``smug2s3.ports.audit`` for what each method promises."""

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
        """Have the next run move or write again what lies at ``key``; false if nothing of SmugMug's belongs there."""
        known = await self.read(statements.BELONGS, key, key)
        if not known:
            return False
        await self.write(
            (statements.MOVE_AGAIN, (text(reason), key)),
            (statements.NOT_ITS_BYTES, (key,)),
            (statements.SIDECAR_AGAIN, (key,)),
            (statements.UNSETTLE_OF, (key,)),
        )
        return True

    async def lost(self, key: str, *, there: bool) -> None:
        """What lies at ``key`` (if ``there``) is wrong, and SmugMug has nothing for that key any more."""
        await self.write(
            (statements.UNSETTLE_OF, (key,)),
            (statements.LOST_WRONG if there else statements.LOST_MISSING, (key,)),
            (statements.LOST_OBJECT, (key,)),
        )

    async def unsettle(self) -> None:
        """Have the next run list every album."""
        await self.write((statements.UNSETTLE, ()))

    async def moved_by_album(self) -> dict[str, tuple[int, int]]:
        """Files and bytes in the store, by album, of what SmugMug lists."""
        return {album: (files, size) for album, files, size in await self.read(statements.MOVED_BY_ALBUM)}

    async def stored_size(self, key: str) -> int | None:
        """How large what is stored under ``key`` is."""
        rows = await self.read(statements.STORED_SIZE, key)
        return int(rows[0][0]) if rows else None

    async def unmoved(self) -> list[tuple[str, str, str]]:
        """Intended key, state and reason of everything that is not in the store."""
        return [(key, state, reason) for key, state, reason in await self.read(statements.UNMOVED)]

    async def keep_listing(self, listing: AsyncIterator[list[StoredObject]]) -> None:
        """Lay the store's listing into a temporary table, in place of an earlier one.

        Stores list in different orders, and a million lines need not fit into memory.
        """
        for statement in statements.VERIFICATION:
            await self.read(statement)
        async for page in listing:
            await self.write(*((statements.LISTED, (found.key, found.size, found.etag)) for found in page))

    async def saw(self, image_keys: Iterable[str]) -> None:
        """Count these images as seen in this verification, each once."""
        await self.write((statements.SAW, (json.dumps(list(image_keys)),)))

    async def count_seen(self) -> int:
        """How many images were seen."""
        return int((await self.read(statements.COUNT_SEEN))[0][0])

    async def looked(self, held: Held, found: Evidence) -> None:
        """Keep for this verification what a look at one object found."""
        await self.write((statements.LOOKED, (held.key, held.md5, found.state.value, text(found.detail))))

    async def seen_bytes(self, held: Held, proof: Proof) -> None:
        """Remember what reading an object back proved, for as long as its ETag stays."""
        etag = held.listed.etag if held.listed else held.etag
        await self.write((statements.SEEN_BYTES, (etag, proof.value, held.key, held.md5, held.etag)))

    async def count_plainly_right(self) -> int:
        """How many objects are listed with the MD5 that is recorded."""
        return int((await self.read(statements.COUNT_PLAINLY_RIGHT))[0][0])

    async def in_doubt(self) -> AsyncIterator[list[Held]]:
        """All other objects, in key order, a thousand at a time."""
        async for page in self._held_after(statements.IN_DOUBT_AFTER):
            yield page

    async def there(self) -> AsyncIterator[list[Held]]:
        """Every object that is listed with its size, in key order, a thousand at a time."""
        async for page in self._held_after(statements.THERE_AFTER):
            yield page

    async def _held_after(self, statement: str) -> AsyncIterator[list[Held]]:
        last = ""
        while rows := await self.read(statement, last):
            yield [held(row) for row in rows]
            last = rows[-1][0]

    async def strangers(self) -> list[str]:
        """The keys of the listing that the ledger does not know."""
        return [key for (key,) in await self.read(statements.STRANGERS)]

    async def held(self, album_key: str) -> dict[str, Held]:
        """The object that is recorded for each of an album's images, beside what the store says of it."""
        return {row[0]: held(row[1:]) for row in await self.read(statements.HELD_OF_ALBUM, album_key)}

    async def album_file(self, album_key: str) -> tuple[str, Held | None]:
        """The digest of what the album's own file was last written to tell, and its object."""
        rows = await self.read(statements.ALBUM_FILE, album_key)
        return (rows[0][0], held(rows[0][1:])) if rows else ("", None)

    async def listed(self, key: str) -> StoredObject | None:
        """One object of the listing kept last."""
        rows = await self.read(statements.LISTED_ONE, key)
        return stored_object(rows[0]) if rows else None

    async def listed_sidecars(self, ending: str) -> AsyncIterator[StoredObject]:
        """The objects of that listing whose key ends with ``ending``."""
        last = ""
        while rows := await self.read(statements.LISTED_ENDING, ending, last):
            for row in rows:
                yield stored_object(row)
            last = rows[-1][0]

    async def count_unknown(self) -> int:
        """How many objects of that listing the ledger does not know."""
        return int((await self.read(statements.UNKNOWN))[0][0])

    async def remember_album(self, album_key: str, path: str, directory: str, sidecar: Receipt) -> None:
        """An album as its own file in the bucket describes it."""
        await self.write(
            (statements.ALBUM_REMEMBERED, (album_key, text(path), directory, sidecar.key)),
            (statements.OBJECT, object_row(album_key, "", sidecar)),
        )

    async def remember_asset(
        self, asset: Asset, receipt: Receipt, wanted: str, described: str, *, gone: bool, reference: bool
    ) -> None:
        """A file that lies in the bucket as its album's file says."""
        step = Step(asset=asset, action=Action.SKIP, key=receipt.key, wanted=wanted, description=())
        made = asset_row(step, Known.MOVED, "")
        # A gone photo of which it is not known that these are its bytes comes anew if it is listed again.
        unsure = gone and not (receipt.proof or receipt.etag)
        identity = "" if unsure else asset.identity
        row = (*made[:3], identity, *made[4:8], described, *made[9:])
        writes: list[Write] = [
            (
                statements.REFERENCE_FOUND if reference or unsure else statements.OBJECT_FOUND,
                object_row(asset.album_key, asset.image_key, receipt),
            ),
            (statements.ASSET, row),
        ]
        if gone:
            writes.append((statements.ASSET_GONE, (now(), asset.album_key, asset.image_key)))
        await self.write(*writes)

    async def verified(self, outcome: Verification) -> None:
        """Remember how a verification ended."""
        await self.write((statements.VERIFIED, verification_row(outcome)))

    async def whole_at(self) -> str:
        """When a run last ended that had gone through the whole account."""
        return str((await self.read(statements.WHOLE_RUN))[0][0])

    async def last_verification(self) -> Verification | None:
        """The one that ended last."""
        rows = await self.read(statements.LAST_VERIFICATION)
        return verification(rows[0]) if rows else None

    async def export(self) -> AsyncIterator[dict[str, Any]]:
        """Everything the ledger knows, an asset or object a row, by album and key."""
        try:
            async with self.connection.execute(statements.EXPORT) as rows:
                async for row in rows:
                    yield dict(zip(statements.EXPORT_FIELDS, (*row[:-1], bool(row[-1])), strict=True))
        except sqlite3.Error as error:
            raise ledger_error(self.path, error) from error
