"""Parses the value of one setting as people write it; raises ValueError with what it must be instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from smug2s3.rules.durations import read_duration
from smug2s3.rules.endpoints import endpoint_of, is_local, is_nearby
from smug2s3.rules.paths import expanded, folder_path
from smug2s3.rules.sizes import read_size

ONE_PART = 16 * 1024 * 1024
"""The smallest part size of any destination; each destination has its own."""

_LONGEST_LAPSE = timedelta(days=30)


def read_path(value: str) -> str:
    """A path, with `~` written out."""
    return expanded(value.strip())


def read_key(value: str) -> str:
    """A key, a name or a secret: any text on one line."""
    if re.search(r"[\x00-\x1f\x7f]", value.strip()):
        raise ValueError("must be on one line, without control characters")
    return value.strip()


def read_origin(value: str) -> str:
    """The address of an API: scheme and host alone."""
    parts, host = _address(value, "must be an address like https://api.smugmug.com, without a path")
    if parts.path or parts.query or parts.fragment:
        raise ValueError("must be an address like https://api.smugmug.com, without a path")
    if parts.scheme == "http" and not is_local(host):
        raise ValueError("must begin with https:// (plain http is allowed only on this computer)")
    return f"{parts.scheme}://{parts.netloc}"


def read_endpoint(value: str) -> str | None:
    """The address of an S3 server or of a folder; ``None`` for AWS."""
    if not value.strip():
        return None
    if folder := folder_of(value):
        return folder.as_uri()
    endpoint = endpoint_of(value)
    _demand_tls(urlsplit(endpoint))
    return endpoint


def _demand_tls(parts: SplitResult) -> None:
    host = parts.hostname or ""
    if parts.scheme == "http" and not (is_local(host) or is_nearby(host)):
        raise ValueError(
            "must begin with https:// (plain http is allowed only on this computer or in your own network)"
        )


def read_webhook(value: str) -> str:
    """A full address to post to."""
    parts, _ = _address(read_key(value), "must be a full address that begins with https://")
    _demand_tls(parts)
    return value.strip()


def folder_of(value: str) -> Path | None:
    """The folder of a ``file:`` address, ``None`` for any other; raises ValueError if it names none."""
    path = folder_path(value)
    return None if path is None else Path(path)


def _address(value: str, demand: str) -> tuple[SplitResult, str]:
    """The parsed address and its host; raises ValueError with ``demand`` if it is not valid."""
    try:
        parts = urlsplit(value.strip().rstrip("/"))
        host = parts.hostname if parts.port != 0 else None
    except ValueError:  # a port that is not a number, half an IPv6 address
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise ValueError(demand)
    return parts, host


def read_bucket(value: str) -> str:
    """The name of a bucket on a server."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]", value.strip()):
        raise ValueError("must be a bucket name: 3 to 63 letters, digits, dots and dashes, no slashes")
    return value.strip()


def read_folder_name(value: str) -> str:
    """The name of a folder used as a bucket."""
    name = value.strip()
    if name in ("", ".", "..") or re.search(r"[\x00-\x1f\x7f/\\]", name) or len(name.encode(errors="replace")) > 255:
        raise ValueError("must be a folder name without slashes; put the path to it in S3_ENDPOINT_URL")
    return name


def read_prefix(value: str) -> str:
    """A prefix of keys, ending with a slash unless it is empty."""
    cleaned = value.strip().strip("/")
    segments = cleaned.split("/")
    if cleaned and any(segment in ("", ".", "..") for segment in segments):
        raise ValueError("must not have empty, '.' or '..' parts")
    if len(cleaned.encode()) > 99 or re.search(r"[\x00-\x1f\x7f\\]", cleaned):
        raise ValueError("must be at most 99 bytes long, without control characters or backslashes")
    return f"{cleaned}/" if cleaned else ""


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A parser of whole numbers between these two."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value.strip()) or not least <= int(value) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(value)

    return parse


def read_at_once(value: str) -> int | None:
    """Files to copy at once; ``None`` for auto."""
    if value.strip().lower() == "auto":
        return None
    try:
        return whole_number(1, 256)(value)
    except ValueError:
        raise ValueError("must be auto, or a whole number from 1 to 256") from None


def read_seconds(value: str) -> float:
    """Up to a minute, with decimals."""
    if not re.fullmatch(r"\d{1,4}(\.\d+)?", value.strip()) or float(value) > 60:
        raise ValueError("must be a number of seconds from 0 to 60")
    return float(value)


def read_lapse(value: str) -> float:
    """The seconds of a duration of up to a month, or none."""
    lapse = timedelta(0) if value.strip() == "0" else read_duration(value.strip())
    if lapse is None or lapse > _LONGEST_LAPSE:
        raise ValueError("must be a duration of up to 30d, or 0")
    return lapse.total_seconds()


def read_patience(value: str) -> float:
    """The seconds of a duration of up to an hour."""
    seconds = read_lapse(value)
    if not 1 <= seconds <= 3600:
        raise ValueError("must be a duration from 1s to 1h")
    return seconds


def read_memory(value: str) -> int | None:
    """Bytes of memory; ``None`` for the default."""
    if not value.strip():
        return None
    size = read_size(value)
    if size is None or not ONE_PART <= size <= 1024 * ONE_PART:
        raise ValueError("must be an amount of memory from 16M (one part) to 16G")
    return size
