"""The library's S3 client as we need it: no retries, no redirects and no checksums of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

from smug2s3 import __version__
from smug2s3.errors import StoreUnusable
from smug2s3.stores import answers
from smug2s3.stores.expectation import Expectation


@asynccontextmanager
async def open_client(
    *,
    endpoint: str | None,
    region: str,
    virtual_hosts: bool,
    access_key: str | None,
    secret_key: str | None,
    connections: int,
    read_timeout: float,
) -> AsyncIterator[tuple[Any, Any]]:
    """The client, closed with the block, and the credentials it signs with."""
    import aioboto3  # noqa: PLC0415 - a tenth of a second and 30 MiB that `--help` need not pay
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        s3={"payload_signing_enabled": False, "addressing_style": "auto" if virtual_hosts else "path"},
        # Trailing checksums, the default since 2025, break many S3-compatible servers; we send Content-MD5.
        request_checksum_calculation="when_required",
        # Ours, and much cheaper than botocore's own, which is put together anew for every request.
        user_agent=f"smug2s3/{__version__}",
        response_checksum_validation="when_required",
        retries={"total_max_attempts": 1},
        max_pool_connections=connections,
        connect_timeout=20,
        read_timeout=read_timeout,
        tcp_keepalive=True,
    )
    session = aioboto3.Session(aws_access_key_id=access_key, aws_secret_access_key=secret_key)
    try:
        opening = session.client("s3", endpoint_url=endpoint, region_name=region, config=config)
    except ValueError as error:
        raise StoreUnusable(f"the store's address cannot be used: {error}", hint="Check S3_ENDPOINT_URL.") from error
    async with opening as client:
        _find_endpoint_once(client)
        _watch_what_is_sent(client)
        answers.watch(client.meta.events)
        yield client, await session.get_credentials()


def _find_endpoint_once(client: Any) -> None:
    """Let botocore keep the endpoint it found: its rules name the key, which decides nothing, and so ran every time."""
    for name in ("Key", "Prefix", "CopySource"):
        client._ruleset_resolver._param_definitions.pop(name, None)  # noqa: SLF001 - no public way


def _watch_what_is_sent(client: Any) -> None:
    """The HTTP client underneath would go wherever an answer leads, and wait for a word before a body for ever."""
    http = client._endpoint.http_session  # noqa: SLF001 - no public way
    connected = http._get_session  # noqa: SLF001
    expectation = Expectation()

    async def get_session(proxy_url: str | None) -> _Watched:
        session = await connected(proxy_url)
        expectation.watch(session)
        return _Watched(partial(expectation.request, session))

    http._get_session = get_session  # noqa: SLF001


class _Watched(NamedTuple):
    """As much of an HTTP session as the library asks for."""

    request: Callable[..., Awaitable[Any]]
