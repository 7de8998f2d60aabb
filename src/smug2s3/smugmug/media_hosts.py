"""SmugMug's media hosts: each may be unreachable by itself, and is tested with its last file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from smug2s3.flow.outage import Side
from smug2s3.smugmug.client import SmugMugClient

Asks = Callable[[str], Awaitable[None]]
"""Request one byte, if possible of a file that succeeded before; raises the host's errors."""


class MediaHosts:
    """A side per host, created with its first file."""

    def __init__(self, client: SmugMugClient, asks: Asks) -> None:
        self._client = client
        self._asks = asks
        self._hosts: dict[str, Side] = {}
        self._last: dict[str, str] = {}

    def of(self, url: str) -> Side:
        """The host of ``url``."""
        host = urlsplit(url).netloc
        if host not in self._hosts:
            name = f"SmugMug's media host {host}"
            root = urlsplit(url)._replace(path="/", query="", fragment="").geturl()
            self._hosts[host] = self._client.side(name, lambda: self._asks(self._last.get(host, root)))
            self._hosts[host].answered()  # assumed reachable: SmugMug has just named it
        return self._hosts[host]

    def gave(self, url: str) -> None:
        """Record that the host of ``url`` has sent that file completely."""
        self._last[urlsplit(url).netloc] = url
        self.of(url).answered()
