"""Closes idle connections: after sleep or in another network they are dead, without any error."""

from __future__ import annotations

import aiohttp


def drop_idle(session: aiohttp.ClientSession) -> None:
    """Close connections that no request uses; later requests open new ones."""
    for idle in getattr(session.connector, "_conns", {}).values():
        for connection, _ in idle:
            connection.close()
