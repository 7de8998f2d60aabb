"""Parses scheduler addresses; other machines need TLS unless insecure connections are allowed."""

from __future__ import annotations

from urllib.parse import urlsplit

from smug2s3.errors import UsageError
from smug2s3.rules.endpoints import is_local

PORT = 8786
"""Dask's default."""


def scheduler_address(text: str, *, insecure: bool) -> str:
    """Complete an address; raises UsageError if it is malformed, or if it would let anyone run code on the workers."""
    try:
        parts = urlsplit(text if "://" in text else f"tls://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:  # the port is not a number
        host = port = None
    if not host or parts.scheme not in ("tcp", "tls") or parts.path.strip("/") or parts.query:
        raise UsageError(
            f"{text!r} is not the address of a scheduler", hint=f"It looks like this: tls://host.example:{PORT}"
        )
    if parts.scheme == "tcp" and not (insecure or is_local(host)):
        raise UsageError(
            f"{text} has no TLS: whoever reaches that port can run programs on every worker",
            hint="Make certificates with `smug2s3 cluster certs` and use tls://, or add --insecure in a network that is "
            "yours alone.",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}:{port or PORT}"
