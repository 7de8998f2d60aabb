"""Differences of S3-compatible providers, as data; others are treated like AWS with path-style addresses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Properties of one provider."""

    name: str
    hosts: tuple[str, ...] = ()
    """Suffixes of its endpoints' host names."""
    region: str = ""
    """The region it requires, if it has only one."""
    virtual_hosts: bool = False
    single_put: int = 256 * MIB
    """Up to this size an object is sent as one streaming PUT, so that its ETag stays the MD5."""
    parts: int = 10_000
    """Most parts of one multipart upload."""
    part_size: int = 16 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Personality:
    """A server that was run for the tests, and what `check` finds there that is not as with AWS.

    Nothing is done because of it: what a server does is found out from its answers.
    """

    server: str
    seen: str
    """Which version, and how it was run."""
    differs: tuple[str, ...] = ()
    """The names of the findings that are not ``ok``."""
    words: str = ""
    """What that means, and what else was seen."""


PERSONALITIES = {
    "minio": Personality(
        server="MinIO's S3 front end",
        seen="JuiceFS 1.3's gateway with --keep-etag and --object-meta over a folder; in every run of the tests",
        differs=("If-None-Match", "bucket settings", "encryption"),
        words="takes If-None-Match and overwrites; lists more than 1,000 objects at a time; offers few settings of buckets",
    ),
    "juicefs": Personality(
        server="JuiceFS's gateway without these options",
        seen="version 1.3 over a folder; in every run of the tests",
        differs=("ETag", "metadata", "If-None-Match", "bucket settings", "encryption"),
        words="its listing makes up ETags, and it keeps no metadata: titles are only in _album.json, and verify needs --deep",
    ),
    "ceph": Personality(
        server="Ceph's RADOS gateway",
        seen="Debian's 16.2.15 with one monitor and one storage daemon, November 2026; `python -m tests.servers ceph`",
        differs=("versions", "public access", "unfinished uploads", "bucket settings"),
        words=(
            "has storage classes of any name, and takes rules for classes that it does not have; takes no object while public "
            "ACLs are blocked; answers with a listing where it does not know a setting of buckets"
        ),
    ),
    "swift": Personality(
        server="OpenStack Swift",
        seen="Debian's 2.30.1 with s3api, tempauth and SLO; `python -m tests.servers swift`",
        differs=("versions", "metadata", "If-None-Match", "bucket settings"),
        words=(
            "refuses metadata over 256 bytes a value, and If-None-Match; sends a body with the answer to a HEAD of what is absent; "
            "lists another ETag for a copy of a multipart object than its HEAD, so verify needs --deep for those"
        ),
    ),
}
"""By the name that the tests give the server."""


AWS = Provider(name="AWS S3", hosts=("amazonaws.com", "amazonaws.com.cn"), virtual_hosts=True)
GENERIC = Provider(name="S3-compatible")

PROVIDERS = (
    AWS,
    # Uniform parts only; multipart ETags are random, so only the check against SmugMug's MD5 during the transfer counts.
    Provider(name="Cloudflare R2", hosts=("r2.cloudflarestorage.com",), region="auto"),
    Provider(name="Backblaze B2", hosts=("backblazeb2.com",)),
    Provider(name="Wasabi", hosts=("wasabisys.com",)),
    Provider(name="Scaleway", hosts=("scw.cloud",), parts=1000),
    # Its gateway loses user metadata on multipart uploads and wants parts of 64 MiB.
    Provider(name="Storj", hosts=("storjshare.io",), single_put=5 * GIB - 5 * MIB, part_size=64 * MIB),
)


def provider_of(endpoint: str | None) -> Provider:
    """The provider behind an endpoint URL; AWS if there is none."""
    if not endpoint:
        return AWS
    host = (urlsplit(endpoint).hostname or "").lower()
    matches = (p for p in PROVIDERS if any(host == end or host.endswith("." + end) for end in p.hosts))
    return next(matches, GENERIC)


LEAST_PART = 5 * MIB
"""S3 takes no smaller part but the last."""


def smaller_pieces(provider: Provider, size: int | None) -> Provider:
    """What to send at once after an object of ``size`` bytes met a limit: half of it, down to the least S3 has.

    The same provider where nothing smaller is left to try.
    """
    in_parts = size is None or size > provider.single_put
    half = (provider.part_size if in_parts else size or 0) // 2 // MIB * MIB
    return replace(
        provider,
        single_put=max(LEAST_PART, min(provider.single_put, half)),
        part_size=max(LEAST_PART, min(provider.part_size, half)),
    )


def part_size(provider: Provider, size: int | None) -> int:
    """Bytes per part, the same for all: enough that ``size`` fits into nine tenths of the allowed parts."""
    if size is None:
        return 2 * provider.part_size
    needed = -(-size // (provider.parts * 9 // 10))
    return max(provider.part_size, -(-needed // MIB) * MIB)
