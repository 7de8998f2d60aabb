"""The hosts that files come from: each may be away by itself, and is known by the last file it gave."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from smug2s3.flow.outage import Side
from smug2s3.smugmug.client import SmugMugClient

Asks = Callable[[str], Awaitable[None]]
"""One request for a byte, of a file that was there before if there is one; raises what kept the host from answering."""


class MediaHosts:
    """A side for each host, made when the first file of it is asked for."""

    def __init__(self, client: SmugMugClient, asks: Asks) -> None:
        self._client = client
        self._asks = asks
        self._hosts: dict[str, Side] = {}
        self._last: dict[str, str] = {}

    def of(self, url: str) -> Side:
        """The host behind ``url``."""
        host = urlsplit(url).netloc
        if host not in self._hosts:
            name = f"SmugMug's media host {host}"
            root = urlsplit(url)._replace(path="/", query="", fragment="").geturl()
            self._hosts[host] = self._client.side(name, lambda: self._asks(self._last.get(host, root)))
            self._hosts[host].answered()  # so far as is known: SmugMug itself has just named it
        return self._hosts[host]

    def gave(self, url: str) -> None:
        """The host behind ``url`` has just given that file, to its last byte."""
        self._last[urlsplit(url).netloc] = url
        self.of(url).answered()
