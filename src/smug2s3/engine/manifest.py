"""The checksum manifest, stored with the files: `md5sum -c` can check it without this program."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Container
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from smug2s3.errors import StoreMissing
from smug2s3.flow.retry import A_FEW_TRIES, retry
from smug2s3.flow.stream import CheckedStream
from smug2s3.models import Receipt, StoreTarget
from smug2s3.ports.audit import ManifestLedger
from smug2s3.ports.store import Store
from smug2s3.rules import export_table
from smug2s3.rules.directories import RESERVED

MANIFEST, LINES, TABLE, TAGS = RESERVED

Lines = Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The stored manifest, as named in the certificate."""

    key: str
    files: int
    md5: str
    sha256: str
    replaced: bool = True
    """Whether it was just written; otherwise it is the existing one, which lists more."""


async def keep_manifest(
    store: Store, ledger: ManifestLedger, prefix: str, wrong: Container[str], *, safe: bool
) -> Manifest:
    """Store the new manifest, unless the existing one lists more.

    ``wrong`` are the keys of all unproven files. If there are none (``safe``), the new one replaces any other. If not,
    an earlier one stays as long as it has a line that is still true by the ledger and would be omitted now; what was
    renamed, replaced or forgotten since then does not count.
    """
    kept = None
    if not safe:
        kept = await retry(A_FEW_TRIES, lambda: _better(store, ledger, prefix, wrong), side=store.side)
    if kept:
        return kept
    return await store_manifest(store, ledger, prefix, wrong)


async def _better(store: Store, ledger: ManifestLedger, prefix: str, wrong: Container[str]) -> Manifest | None:
    """The existing manifest, if it is complete and lists what the new one would omit."""
    md5, sha256, count, more = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0, False
    key = prefix + MANIFEST
    try:
        async with aclosing(store.read(key)) as chunks:
            async for line in _lines(chunks):
                md5.update(line)
                sha256.update(line)
                count += 1
                more = more or await _left_out(ledger, prefix, wrong, line)
    except StoreMissing:
        return None
    recorded = await ledger.recorded(key)
    if not more or (recorded and recorded.md5 != md5.hexdigest()):
        return None
    return Manifest(key=key, files=count, md5=md5.hexdigest(), sha256=sha256.hexdigest(), replaced=False)


async def _left_out(ledger: ManifestLedger, prefix: str, wrong: Container[str], line: bytes) -> bool:
    """Whether a line of an earlier manifest is true by the ledger and would be omitted now."""
    md5, _, name = line.decode(errors="replace").rstrip("\n").partition("  ")
    if prefix + name not in wrong:
        return False
    recorded = await ledger.recorded(prefix + name)
    return recorded is not None and recorded.md5 == md5


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines with their line ends."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line + b"\n"
    if rest:
        yield rest


async def store_manifest(store: Store, ledger: ManifestLedger, prefix: str, wrong: Container[str]) -> Manifest:
    """Write ``manifest-md5.txt`` in BagIt's form: every object of the ledger that is not ``wrong``.

    Also writes the ledger's contents as JSON lines and its files as a table, and last ``tagmanifest-md5.txt`` with the
    digests of all three.
    """
    measure = await _measure(partial(_md5_lines, ledger, prefix, wrong))
    manifest = await _store(store, ledger, prefix + MANIFEST, partial(_md5_lines, ledger, prefix, wrong))
    lines = await _store(store, ledger, prefix + LINES, partial(_json_lines, ledger, prefix))
    table = await _store(store, ledger, prefix + TABLE, partial(_csv_lines, ledger))

    async def tags() -> AsyncIterator[bytes]:
        for name, receipt in ((MANIFEST, manifest), (LINES, lines), (TABLE, table)):
            yield f"{receipt.md5}  {name}\n".encode()

    await _store(store, ledger, prefix + TAGS, tags)
    return Manifest(key=manifest.key, files=measure.count, md5=manifest.md5, sha256=measure.sha256)


def _own(prefix: str) -> frozenset[str]:
    return frozenset(prefix + name for name in RESERVED)


async def _md5_lines(ledger: ManifestLedger, prefix: str, wrong: Container[str]) -> AsyncIterator[bytes]:
    own = _own(prefix)
    async for page in ledger.stored():
        for stored in page:
            if stored.key not in own and stored.key not in wrong:
                yield f"{stored.md5}  {stored.key.removeprefix(prefix)}\n".encode()


async def _json_lines(ledger: ManifestLedger, prefix: str) -> AsyncIterator[bytes]:
    own = _own(prefix)
    async for row in ledger.export():
        if row["key"] not in own:
            yield export_table.json_line(row).encode()


async def _csv_lines(ledger: ManifestLedger) -> AsyncIterator[bytes]:
    """Begins with a byte order mark: it will be opened with a double click."""
    yield (export_table.BOM + export_table.header()).encode()
    async for row in ledger.export():
        if row["state"] not in export_table.NOT_FILES:
            yield export_table.csv_line(row, spreadsheet=True).encode()


@dataclass(frozen=True, slots=True)
class _Measure:
    count: int
    size: int
    md5: str
    sha256: str


async def _store(store: Store, ledger: ManifestLedger, key: str, lines: Lines) -> Receipt:
    measure = await _measure(lines)
    kind = "csv" if key.endswith(".csv") else "plain"
    target = StoreTarget(key=key, content_type=f"text/{kind}; charset=utf-8")

    async def put() -> Receipt:
        return await store.put(target, CheckedStream(lines(), size=measure.size, md5=measure.md5))

    receipt = await retry(A_FEW_TRIES, put, side=store.side)
    await ledger.own_file_stored(receipt)
    return receipt


async def _measure(lines: Lines) -> _Measure:
    """Size and digests from a first pass, so that the second pass can be verified while it is sent."""
    count, size, md5, sha256 = 0, 0, hashlib.md5(usedforsecurity=False), hashlib.sha256()
    async for line in lines():
        count, size = count + 1, size + len(line)
        md5.update(line)
        sha256.update(line)
    return _Measure(count, size, md5.hexdigest(), sha256.hexdigest())
