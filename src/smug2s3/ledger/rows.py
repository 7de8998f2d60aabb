"""Converts between the ledger's rows and the records of other packages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from smug2s3.ledger.database import Row
from smug2s3.models import Asset, Entry, Known, Proof, Receipt, StoredObject
from smug2s3.rules import metadata
from smug2s3.rules.evidence import Evidence, Held, State
from smug2s3.rules.export_table import FIELDS
from smug2s3.rules.plan import Step
from smug2s3.rules.status import PastRun
from smug2s3.rules.verification import Difference, Verification

BETWEEN = "\n"
"""Between the names or keywords of a file."""


def now() -> str:
    """The current UTC time, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def entry(row: Row) -> Entry:
    """The entry of a row of ``assets``."""
    image_key, state, identity, key, name_wanted, described, reason, reference, deserted, size, md5 = row
    return Entry(
        image_key=image_key,
        state=Known(state),
        identity=identity,
        key=key,
        name_wanted=name_wanted,
        described=described,
        reason=reason,
        reference=bool(reference),
        deserted=bool(reference and deserted),
        size=size,
        md5=md5,
    )


def asset_row(step: Step, state: Known, reason: str) -> Row:
    """The row of ``assets`` after ``step``."""
    asset: Asset = step.asset
    return (
        asset.album_key,
        asset.image_key,
        text(asset.filename),
        asset.identity,
        asset.size,
        asset.md5,
        step.key,
        step.wanted,
        metadata.digest(step.description),
        state.value,
        text(reason),
        now(),
        *asset_facts(asset),
    )


def asset_facts(asset: Asset) -> Row:
    """When it was taken and uploaded, and whether it is a video; only for reports."""
    return (text(asset.date), text(asset.uploaded), int(asset.is_video))


def details_row(step: Step) -> Row:
    """A file for ``DETAILS``: what SmugMug says of it, and its names there and in the bucket."""
    asset = step.asset
    names = dict.fromkeys((asset.filename, step.key.rpartition("/")[2]))
    return (
        asset.album_key,
        asset.image_key,
        text(BETWEEN.join(filter(None, names))),
        text(asset.title),
        text(asset.caption),
        text(BETWEEN.join(word.replace(BETWEEN, " ") for word in asset.keywords)),
        text(asset.taken),
        *(asset.position or (None, None, None)),
        int(asset.hidden),
    )


def export_row(row: Row) -> dict[str, Any]:
    """A row of the export, by the names of its columns."""
    known = dict(zip(FIELDS, row, strict=True))
    words = known["keywords"]
    hidden = known["hidden"]
    return known | {
        "reference": bool(known["reference"]),
        "keywords": words.split(BETWEEN) if words else [],
        "hidden": None if hidden is None else bool(hidden),
    }


def verification_row(verification: Verification) -> Row:
    """A row of ``verifications``."""
    differences = [[text(part) for part in (d.kind, d.key, d.detail)] for d in verification.differences]
    return (
        verification.began,
        verification.ended,
        " ".join(verification.levels),
        int(verification.clean),
        None if verification.safe is None else int(verification.safe),
        text(verification.verdict),
        json.dumps({"counts": dict(verification.counts), "differences": differences}),
    )


def past_run(row: Row) -> PastRun:
    """The run of a row of ``runs``."""
    run, began, ended, summary = row
    return PastRun(run=run, began=began, ended=ended or "", summary=json.loads(summary or "{}"))


def verification(row: Row) -> Verification:
    """The verification of a row of ``verifications``."""
    began, ended, levels, clean, safe, verdict, summary = row
    kept = json.loads(summary)
    return Verification(
        began=began,
        ended=ended,
        levels=tuple(levels.split()),
        clean=bool(clean),
        safe=None if safe is None else bool(safe),
        verdict=verdict,
        counts=kept["counts"],
        differences=tuple(Difference(kind=kind, key=key, detail=why) for kind, key, why in kept["differences"]),
    )


def object_row(album_key: str, image_key: str, receipt: Receipt) -> Row:
    """The row of ``objects`` for a receipt; ``image_key`` is empty for an `_album.json`."""
    return (
        receipt.key,
        album_key,
        image_key,
        receipt.size,
        receipt.md5,
        receipt.etag,
        receipt.stored_at,
        receipt.crc64,
        receipt.proof.value,
    )


def receipt(row: Row) -> Receipt:
    """The receipt of an object from its row."""
    key, size, md5, etag, stored_at, crc64, proof = row
    return Receipt(key=key, size=size, md5=md5, etag=etag, stored_at=stored_at, crc64=crc64, proof=Proof(proof))


def held(row: Row) -> Held:
    """An object of the ledger, with its entry in the bucket's listing and the result of its own check."""
    key, image_key, size, md5, etag, proof, crc64, listed, listed_size, listed_etag, state, detail = row
    return Held(
        key=key,
        image_key=image_key,
        size=size,
        md5=md5,
        etag=etag,
        proof=Proof(proof),
        crc64=crc64,
        listed=None if listed is None else StoredObject(key=listed, size=listed_size, etag=listed_etag),
        looked=None if state is None else Evidence(State(state), detail),
    )


def text(text: str) -> str:
    """Replace lone surrogates, which UTF-8 in SQLite cannot store."""
    return text.encode(errors="replace").decode()


def stored_object(row: Row) -> StoredObject:
    """A row of the bucket's listing."""
    key, size, etag = row
    return StoredObject(key=key, size=size, etag=etag)
