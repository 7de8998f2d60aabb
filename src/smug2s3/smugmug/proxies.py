"""The way out through a proxy that the environment names: looked up once a host, not once a request.

aiohttp can do so itself (``trust_env``), but it then asks a thread for every request, and would take a password for
the host from ``.netrc``.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_for(url: str) -> str | None:
    """The proxy for a request to ``url``, from ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY``."""
    parts = urlsplit(url)
    return _proxy(parts.scheme, parts.hostname or "")


@lru_cache(maxsize=64)
def _proxy(scheme: str, host: str) -> str | None:
    return None if proxy_bypass(host) else getproxies().get(scheme)
