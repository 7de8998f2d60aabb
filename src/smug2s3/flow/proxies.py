"""Finds the proxy that the environment names, and attributes failures to it.

aiohttp can find proxies itself (``trust_env``), but it then asks a thread for every request, and would take a password
for the host from ``.netrc``.
"""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from smug2s3.errors import SettingsError

_VARIABLES = tuple(
    name for kind in ("http", "https", "all", "no") for name in (f"{kind}_proxy", f"{kind.upper()}_PROXY")
)
_EXAMPLE = "http://proxy.example:3128"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NO_HOST = re.compile(r"[\s\"'<>\\^`{|}]")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy; its text form hides the password."""

    url: URL
    variable: str
    """The variable that sets it."""

    def __str__(self) -> str:
        return f"the proxy {self.url.with_user(None)} ({self.variable})"

    @property
    def hint(self) -> str:
        """What to do about its failure."""
        return (
            f"Check {self.variable} and the proxy itself, then run the same command again. Add hosts to reach "
            "without a proxy to NO_PROXY."
        )


def proxy_for(url: str) -> str | None:
    """The proxy for a request to ``url``, from ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``.

    Raises SettingsError if the variable that applies is not the address of an HTTP proxy.
    """
    found = _used(url)
    return str(found.url) if found else None


def through(url: str) -> str:
    """A mention of the proxy, for the end of a sentence about ``url``; empty if there is none."""
    found = _used(url)
    return f", through {found}" if found else ""


def hint(url: str, otherwise: str) -> str:
    """What to do about a failed request to ``url``."""
    found = _used(url)
    return found.hint if found else otherwise


def failure(error: BaseException, url: str) -> str:
    """How the proxy itself failed in a request to ``url``; empty if it did not."""
    found = _used(url)
    if found is None:
        return ""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return _answered(found, error.status)
    if isinstance(error, aiohttp.ClientConnectorError) and (error.host, error.port) == (found.url.host, found.url.port):
        return f"{found} cannot be reached"
    return ""


def refusal(status: int, content_type: str, url: str) -> str:
    """How the proxy answered in place of the server of ``url``; empty if it forwarded the request.

    With HTTPS it only sees the start of a tunnel. Plain HTTP it may answer itself, with a page for people.
    """
    found = _used(url)
    if found is None or status < 400:
        return ""
    page = url.startswith("http:") and content_type.partition(";")[0].strip().lower() == "text/html"
    return _answered(found, status) if page or status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED else ""


def _answered(proxy: Proxy, status: int) -> str:
    if status != HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return f"{proxy} answered {status} and blocked the request"
    if proxy.url.user:
        return f"{proxy} refused the user name and password (407)"
    return f"{proxy} requires a user name and password (407)"


def _used(url: str) -> Proxy | None:
    parts = urlsplit(url)
    return _proxy(parts.scheme, parts.netloc.rpartition("@")[2], tuple(map(os.environ.get, _VARIABLES)))


@lru_cache(maxsize=256)
def _proxy(scheme: str, place: str, _environment: tuple[str | None, ...]) -> Proxy | None:
    known = getproxies()
    text = known.get(scheme) or known.get("all")
    if not text or proxy_bypass(place) or _excepted(place, known.get("no", "")):
        return None
    named = (name for name in _VARIABLES if os.environ.get(name) == text)
    return read_proxy(next(named, "the system settings"), text)


def read_proxy(variable: str, text: str) -> Proxy:
    """Parse the address of a proxy; raises SettingsError, without the password."""
    address = text.strip()
    if not _SCHEME.match(address):
        address = f"http://{address.removeprefix('//')}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is not a number, half an IPv6 address
        host, port = None, None
    if not host or _NO_HOST.search(parts.netloc) or parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingsError(
            f"{variable} is not a valid proxy address, like {_EXAMPLE}",
            hint=f"Correct or unset {variable}. In a user name or password, @ is written %40, / %2F, # %23 and : %3A.",
        )
    if parts.scheme not in ("http", "https"):
        raise SettingsError(
            f"{variable} is a {parts.scheme}:// proxy ({host}), but only HTTP proxies are supported",
            hint=f"Set {variable} to an HTTP proxy, like {_EXAMPLE}, or unset it. Add hosts to reach without a proxy "
            "to NO_PROXY.",
        )
    return Proxy(
        URL.build(
            scheme=parts.scheme,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            host=host,
            port=port or (443 if parts.scheme == "https" else 80),
        ),
        variable,
    )


def _excepted(place: str, exceptions: str) -> bool:
    """Match forms of ``NO_PROXY`` that Python does not support: a network, and ``*.`` before a name."""
    host = urlsplit(f"//{place}").hostname or ""
    return any(_within(host, entry.strip().lower()) for entry in exceptions.split(","))


def _within(host: str, entry: str) -> bool:
    if entry.startswith("*."):
        return host.endswith(entry[1:])
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
