"""The library's HTTP session with our proxies, verified host names and no redirects."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

import aiohttp
from aiobotocore.httpsession import AIOHTTPSession
from botocore import exceptions as boto
from botocore.httpsession import get_cert_path

from smug2s3.errors import SettingsError, StoreUnreachable
from smug2s3.flow import proxies
from smug2s3.stores.expectation import Expectation
from smug2s3.stores.heads import Headers

_RECEIVED = 128 * 1024
"""Bytes of a response that may wait to be read: with the library's 64 KB, a connection is paused all the time."""

_BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


class Connections(AIOHTTPSession):  # type: ignore[misc]
    """By itself, the library verifies no certificate behind a proxy, and no host name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.trusted = trusting(get_cert_path(self._verify))
        self._proxy_config = _Proxies()
        self._expectation = Expectation()

    def _create_connector(self, _proxy: str | None) -> aiohttp.TCPConnector:
        connector = aiohttp.TCPConnector(limit=self._max_pool_connections, ssl=self.trusted, **self._connector_args)
        making = partial(Headers, loop=asyncio.get_running_loop())
        connector._factory = making  # type: ignore[assignment]  # noqa: SLF001 - no public way
        return connector

    async def _get_session(self, proxy_url: str | None) -> _Watched:
        session = await super()._get_session(proxy_url)
        self._expectation.watch(session)
        return _Watched(partial(self._expectation.request, session, read_bufsize=_RECEIVED))

    async def send(self, request: Any) -> Any:
        """The response; raises StoreUnreachable if a proxy failed, else the library's errors."""
        try:
            answer = await super().send(request)
        except (boto.HTTPClientError, boto.ConnectionError) as error:
            if sentence := proxies.failure(error.kwargs.get("error", error), request.url):
                raise _by_proxy(sentence, request.url) from error
            raise
        if sentence := proxies.refusal(answer.status_code, answer.headers.get("content-type", ""), request.url):
            answer.raw.close()
            raise _by_proxy(sentence, request.url)
        return answer


class _Proxies:
    """The settings that the library asks for."""

    def proxy_url_for(self, url: str) -> str | None:
        return proxies.proxy_for(url)

    def proxy_headers_for(self, _url: str) -> dict[str, str]:
        return {}


class _Watched(NamedTuple):
    """The part of an HTTP session that the library uses; it follows no redirects."""

    request: Callable[..., Awaitable[Any]]


def _by_proxy(sentence: str, url: str) -> StoreUnreachable:
    return StoreUnreachable(sentence, hint=proxies.hint(url, ""))


def trusting(path: str) -> ssl.SSLContext:
    """TLS that trusts only the authorities in that file; raises SettingsError, with the variable, if it has none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except OSError as error:  # includes TLS errors
        reason = "it contains no certificates" if isinstance(error, ssl.SSLError) else error.strerror
        variable = next(
            (name for name in _BUNDLES if os.environ.get(name) == path), ("the list of certificate authorities")
        )
        raise SettingsError(
            f"{variable} names {path}, which cannot be used: {reason}",
            hint=f"Set {_BUNDLES[0]} to a PEM file with the certificates to trust, or unset {variable}.",
        ) from error
    return context
