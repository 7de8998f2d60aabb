"""The completeness certificate: album by album, with every exception and one verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from smug2s3.reporting.amounts import amount, plural
from smug2s3.reporting.moments import localized, zone
from smug2s3.reporting.names import sanitize
from smug2s3.rules.components import summarized
from smug2s3.rules.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumLine:
    """One album in the certificate."""

    path: str
    counted: int | None
    listed: int
    proven: int
    not_given: int
    file: str
    """State of its own `_album.json`: ``proven``, or why not."""
    complete: bool
    gaps: tuple[str, ...]
    """What SmugMug did not list of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is certified, as plain data."""

    account: str
    full_access: bool
    place: str
    made_at: str
    version: str
    checked: int
    read_back: int
    read_bytes: int
    albums: tuple[AlbumLine, ...]
    exceptions: tuple[tuple[str, str, str], ...]
    """Kind, key and detail of everything that is not proven or not from smug2s3."""
    unavailable: tuple[tuple[str, str], ...]
    source_files: int = 0
    """Files in SmugMug Source that SmugMug lists, or hints at."""
    source_files_proven: int = 0
    source_files_unanswered: int = 0
    """Items for which SmugMug did not list such files, though it was asked."""
    previews: int = 0
    """SmugMug's reduced pictures in the bucket; no part of the albums."""
    previews_proven: int = 0
    manifest: str
    manifest_files: int
    manifest_md5: str
    manifest_sha256: str
    verdict: Verdict


def certificate_text(certificate: Certificate) -> str:
    """The certificate as a text file."""
    return "\n".join(sanitize(line) for line in _lines(certificate)) + "\n"


def _lines(c: Certificate) -> Iterator[str]:
    yield "COMPLETENESS CERTIFICATE by smug2s3"
    yield ""
    yield f"Account    {c.account} on SmugMug, {'full access' if c.full_access else 'PUBLIC ALBUMS ONLY'}"
    yield f"Stored in  {c.place}"
    yield f"Created    {localized(c.made_at)} {zone()} by smug2s3 {c.version}"
    yield f"Compared   all albums listed on SmugMug now, with {plural(c.checked, 'object')} listed in the bucket"
    if c.read_back:
        yield f"Read back  {plural(c.read_back, 'object')} ({amount(c.read_bytes)}), every byte hashed"
    yield "Videos     the best version SmugMug offers; it does not keep videos as they were uploaded"
    if c.source_files:
        listed = plural(c.source_files, "file")
        yield f"RAW        {listed} in SmugMug Source (RAW, PSD, XMP, videos): {c.source_files_proven:,} proven"
    if c.source_files_unanswered:
        items = plural(c.source_files_unanswered, "item")
        yield f"RAW        not known for {items}: SmugMug does not list their files in SmugMug Source"
    if c.previews:
        stored = plural(c.previews, "reduced picture")
        yield f"Previews   {stored} from SmugMug, for viewing and no part of the albums: {c.previews_proven:,} proven"
    yield ""
    yield "Album by album: counted by SmugMug, listed by SmugMug, proven, not available; the album's own file"
    for album in c.albums:
        counted = "?" if album.counted is None else f"{album.counted:,}"
        mark = "ok" if album.complete else "!!"
        numbers = f"{counted:>8} {album.listed:>8,} {album.proven:>8,} {album.not_given:>8,}  {album.file:<12}"
        yield f"  {mark} {numbers} {album.path}"
        for gap in album.gaps:
            yield f"       {gap}"
    yield ""
    yield from _exceptions(c)
    yield f"Manifest   {c.manifest}: {plural(c.manifest_files, 'file')}"
    yield f"           MD5 {c.manifest_md5}"
    yield f"           SHA-256 {c.manifest_sha256}"
    yield ""
    yield c.verdict.sentence


def _exceptions(c: Certificate) -> Iterator[str]:
    if not c.exceptions and not c.unavailable:
        yield "No exceptions."
        yield ""
        return
    yield "Exceptions"
    for kind, key, detail in c.exceptions:
        yield f"  {kind:<12} {key}: {detail}"
    for label, reason in summarized(c.unavailable):
        yield f"  {'unavailable':<12} {label}: {reason}"
    yield ""
