"""Parses endpoint addresses as people write them, or says what they must be instead."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

_AMAZON = r"s3([.-](dualstack|fips|accelerate|external-1))*([.-][a-z]{2}(-[a-z]+)+-\d)?\.amazonaws\.com(\.cn)?"
_SERVICES = (
    _AMAZON,
    r"s3\.[a-z0-9-]+\.backblazeb2\.com",
    r"[0-9a-f]{32}(\.(eu|fedramp))?\.r2\.cloudflarestorage\.com",
    r"s3([.-][a-z0-9-]+)?\.wasabisys\.com",
    r"s3\.[a-z0-9-]+\.scw\.cloud",
    r"[a-z0-9-]+\.(digitaloceanspaces|linodeobjects|your-objectstorage|vultrobjects|contabostorage)\.com",
    r"s3\.[a-z0-9-]+(\.io)?\.cloud\.ovh\.(net|us)",
    r"storage\.googleapis\.com",
    r"gateway(\.[a-z0-9-]+)?\.storjshare\.io",
    r"oss-[a-z0-9-]+\.aliyuncs\.com",
    r"cos\.[a-z0-9-]+\.myqcloud\.com",
)
"""Hosts of services that also give every bucket a host of its own."""

_OF_A_BUCKET = re.compile(rf"(?:(?P<bucket>.+)\.)?(?P<host>{'|'.join(f'(?:{one})' for one in _SERVICES)})")
_PORTS = {"http": 80, "https": 443}

LIKE = "must be an address like https://s3.example.com"


def endpoint_of(value: str, bucket: str = "") -> str:
    """The endpoint for requests to ``bucket``; raises ValueError with what it must be.

    The default scheme is https, or http in a private network. Capitals in the host, slashes at the end, a default
    port, and the bucket itself, as host or path, are removed; the bucket only once it is known.
    """
    parts = _parts(_with_scheme(value.strip()))
    host = _without_bucket((parts.hostname or "").rstrip("."), bucket)
    path = _above(parts.path, bucket, known=bool(_OF_A_BUCKET.fullmatch(host)))
    shown = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{shown}{port}{path}"


def is_amazon(endpoint: str) -> bool:
    """Whether it is AWS; an empty one is."""
    host = (urlsplit(endpoint).hostname or "").lower()
    return not endpoint or host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def is_local(host: str) -> bool:
    """Whether it is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_nearby(host: str) -> bool:
    """Whether it is in the local network: a private address, or a name without a dot as in a container network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal"))


def _with_scheme(value: str) -> str:
    if "://" in value:
        return value
    if re.match(r"https?[:/]/?\D", value, re.IGNORECASE):
        raise ValueError("must have a colon and two slashes after https")
    bare = value.lstrip("/")
    host = _parts(f"https://{bare}").hostname or ""
    if bare == host != "localhost" and not re.search("[.:]", host):
        raise ValueError(f"{LIKE}; put the bucket name in S3_BUCKET")
    return f"{'http' if is_local(host) or is_nearby(host) else 'https'}://{bare}"


def _parts(address: str) -> SplitResult:
    if re.search(r"[\s\x00-\x1f\x7f\\<>\"']", address):
        raise ValueError(f"{LIKE}, without spaces, quotes or backslashes")
    try:
        parts = urlsplit(address)
    except ValueError:  # half an IPv6 address
        raise ValueError(LIKE) from None
    if parts.scheme == "s3":
        raise ValueError(f"{LIKE}; put the name after s3:// in S3_BUCKET")
    if parts.scheme not in _PORTS:
        raise ValueError("must be a full address that begins with https://, or file:/// and a folder")
    if "@" in parts.netloc:
        raise ValueError("must not contain a user name or password: put the keys in S3_ACCESS_KEY and S3_SECRET_KEY")
    if "?" in address or "#" in address:
        raise ValueError(f"{LIKE}, without anything from ? or # on")
    return _with_a_host(parts)


def _with_a_host(parts: SplitResult) -> SplitResult:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("must have a port from 1 to 65535, or none")
    if not parts.hostname or ".." in parts.hostname or parts.hostname.startswith("."):
        raise ValueError(LIKE)
    return parts


def _without_bucket(host: str, bucket: str) -> str:
    own = bucket.lower()
    if not own:
        return host
    found = _OF_A_BUCKET.fullmatch(host)
    if found and found["bucket"]:
        if found["bucket"] != own:
            raise ValueError(
                f"must not include a bucket, like https://{found['host']}: it has the bucket {found['bucket']}, but "
                f"S3_BUCKET is {bucket}"
            )
        return found["host"]
    rest = host.removeprefix(f"{own}.")
    return rest if rest.startswith(("s3.", "s3-")) else host


def _above(path: str, bucket: str, *, known: bool) -> str:
    """The path above the buckets, as a gateway may have it; usually empty."""
    names = [name for name in path.split("/") if name]
    if names[-1:] == [bucket]:
        names.pop()
    if bucket and names and (known or bucket in names):
        raise ValueError("must end after the host: put the rest in S3_BUCKET and S3_PREFIX")
    return "".join(f"/{name}" for name in names)
