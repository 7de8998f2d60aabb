"""Which hosts are SmugMug's own: only they get signatures."""

from __future__ import annotations

import ipaddress
from urllib.parse import urljoin, urlsplit

from smug2s3.errors import SourceBroken


def is_smugmugs_own(url: str, origin: str) -> bool:
    """Whether a signed request may go to ``url``, given the API origin in use.

    SmugMug's hosts are ``smugmug.com`` and its subdomains, over https. A local origin (a simulator) also trusts every
    port of this machine, since its media may be served by another port.
    """
    try:
        target, home = urlsplit(url), urlsplit(origin)
    except ValueError:
        return False
    if is_loopback(home.hostname or ""):
        return is_loopback(target.hostname or "")
    if target.scheme != "https":
        return False
    host = (target.hostname or "").rstrip(".")
    return host in {home.hostname, "smugmug.com"} or host.endswith(".smugmug.com")


def is_signed_on(url: str, before: str, origin: str) -> bool:
    """Whether a redirect from ``before`` to ``url`` is signed again.

    On SmugMug's hosts it is. On this machine only if it stays at the same address: another port
    may belong to any program.
    """
    if not is_smugmugs_own(url, origin):
        return False
    return not is_loopback(urlsplit(url).hostname or "") or urlsplit(url).netloc in {
        urlsplit(before).netloc,
        urlsplit(origin).netloc,
    }


def followed(url: str, location: str) -> str:
    """The target of a redirect from ``url``; raises SourceBroken if it is invalid."""
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
        # A user name or a backslash before the host, which other programs may parse as another host.
        if parts.hostname and parts.username is None and "\\" not in parts.netloc and target != url:
            return target
    except ValueError:
        pass
    raise SourceBroken("SmugMug's answer redirects to an invalid address")


def is_loopback(host: str) -> bool:
    """Whether ``host`` names this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
