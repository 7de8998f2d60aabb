"""The completeness certificate: album by album, every exception by name, and one sentence to act on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from smug2s3.reporting.amounts import amount, plural
from smug2s3.reporting.names import harmless


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumLine:
    """One album in the certificate."""

    path: str
    counted: int | None
    listed: int
    moved: int
    proven: int
    complete: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """All that is certified; plain data."""

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
    """Kind, key and detail of everything missing, different, unverifiable or extra."""
    unavailable: tuple[tuple[str, str], ...]
    manifest: str
    manifest_files: int
    manifest_md5: str
    manifest_sha256: str


def verdict(certificate: Certificate) -> tuple[bool, str]:
    """Whether the account may go, and the sentence that says so or what still stands in the way."""
    items = sum(album.listed for album in certificate.albums)
    if not certificate.full_access:
        return (
            False,
            "Not safe to cancel yet: this sign-in sees only public albums. Run `smug2s3 auth` for all of them.",
        )
    if obstacles := _obstacles(certificate):
        return False, f"Not safe to cancel yet: {', '.join(obstacles)}."
    if certificate.unavailable:
        return True, (
            f"Safe to cancel if you can do without {plural(len(certificate.unavailable), 'item')} that SmugMug itself "
            f"cannot give (named above); all others of the {items:,} it lists are in the bucket, as it describes them."
        )
    return True, f"Safe to cancel: all {plural(items, 'item')} SmugMug lists are in the bucket, as it describes them."


def _obstacles(certificate: Certificate) -> list[str]:
    kinds = [kind for kind, _, _ in certificate.exceptions]
    found = [f"{kinds.count(kind):,} {kind}" for kind in ("missing", "different") if kind in kinds]
    if found:
        found[-1] += " (run `smug2s3 verify --repair` and `smug2s3 sync`)"
    if "unverifiable" in kinds:
        found.append(f"{kinds.count('unverifiable'):,} that could not be told (named above)")
    if puzzling := sum(bool(album.problem) for album in certificate.albums):
        found.append(f"{plural(puzzling, 'album')} of which SmugMug counts more than it lists (look at it on SmugMug)")
    if not certificate.albums:
        found.append("SmugMug shows no albums")
    return found


def certificate_text(certificate: Certificate) -> str:
    """The certificate as a text file."""
    return "\n".join(harmless(line) for line in _lines(certificate)) + "\n"


def _lines(c: Certificate) -> Iterator[str]:
    yield "COMPLETENESS CERTIFICATE of smug2s3"
    yield ""
    yield f"Account    {c.account} on SmugMug, {'full access' if c.full_access else 'PUBLIC ALBUMS ONLY'}"
    yield f"Bucket     {c.place}"
    yield f"Made       {c.made_at} by smug2s3 {c.version}"
    yield f"Compared   SmugMug's albums, listed anew; {plural(c.checked, 'object')} by the bucket's own listing"
    if c.read_back:
        yield f"Read back  {plural(c.read_back, 'object')} ({amount(c.read_bytes)}), every byte hashed"
    yield "Videos     are the best renditions SmugMug keeps; it does not keep videos as they were uploaded"
    yield ""
    yield "Album by album: SmugMug counts, SmugMug lists, moved, in the bucket as recorded"
    for album in c.albums:
        counted = "?" if album.counted is None else f"{album.counted:,}"
        mark = "ok" if album.complete else "!!"
        yield f"  {mark} {counted:>8} {album.listed:>8,} {album.moved:>8,} {album.proven:>8,}  {album.path}"
        if album.problem:
            yield f"       {album.problem}"
    yield ""
    yield from _exceptions(c)
    yield f"Manifest   {c.manifest}: {plural(c.manifest_files, 'file')}"
    yield f"           MD5 {c.manifest_md5}"
    yield f"           SHA-256 {c.manifest_sha256}"
    yield ""
    yield verdict(c)[1]


def _exceptions(c: Certificate) -> Iterator[str]:
    if not c.exceptions and not c.unavailable:
        yield "No exceptions."
        yield ""
        return
    yield "Exceptions"
    for kind, key, detail in c.exceptions:
        yield f"  {kind:<12} {key}: {detail}"
    for label, reason in c.unavailable:
        yield f"  {'unavailable':<12} {label}: {reason}"
    yield ""
