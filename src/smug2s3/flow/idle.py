"""Drops connections that are open but idle: after a sleep or in another network they are dead, and do not say so."""

from __future__ import annotations

import aiohttp


def drop_idle(session: aiohttp.ClientSession) -> None:
    """Close what no request uses right now; the next ones connect anew."""
    for idle in getattr(session.connector, "_conns", {}).values():
        for connection, _ in idle:
            connection.close()
