"""Creates botocore's S3 client without its retries, redirects and checksums."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from smug2s3 import __version__
from smug2s3.errors import StoreUnusable
from smug2s3.flow.proxies import proxy_for
from smug2s3.rules import digests
from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.stores import answers, storing

_AWS = "https://s3.amazonaws.com"
_READ = frozenset({"ca_bundle"})
"""What the library may read from the environment even with keys given: trusted certificates concern every server."""

_FOR_AWS_ALONE = frozenset({"use_dualstack_endpoint", "use_fips_endpoint"})
"""Variables that choose among AWS's own addresses; they make no sense with another endpoint."""

_FILES = frozenset({"config_file", "credentials_file"})


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
    storage: Storage = ORDINARY,
) -> AsyncIterator[tuple[Any, Any]]:
    """The client, closed at the end of the block, and its credentials.

    Raises SettingsError if the environment's proxy or certificate settings are invalid.
    """
    # Imported here: it costs a tenth of a second and 30 MiB, which `--help` does not need.
    from aiobotocore.config import AioConfig  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    from smug2s3.stores.connections import Connections  # noqa: PLC0415

    proxy_for(endpoint or _AWS)
    config = AioConfig(
        http_session_cls=Connections,
        s3={
            "payload_signing_enabled": False,
            "addressing_style": storage.addressing or ("auto" if virtual_hosts else "path"),
            "use_accelerate_endpoint": storage.accelerate,
        },
        use_dualstack_endpoint=storage.dual_stack or None,  # else as the environment says
        # Trailing checksums, the default since 2025, break many S3-compatible servers; we send Content-MD5.
        request_checksum_calculation="when_required",
        # Much cheaper than botocore's own, which is assembled for every request.
        user_agent=f"smug2s3/{__version__}",
        response_checksum_validation="when_required",
        retries={"total_max_attempts": 1},
        max_pool_connections=connections,
        connect_timeout=20,
        read_timeout=read_timeout,
        tcp_keepalive=True,
        ignore_configured_endpoint_urls=True,  # only S3_ENDPOINT_URL decides where photos go
    )
    async with AsyncExitStack() as opened:
        try:
            session = _session(access_key, secret_key, own_address=endpoint is not None)
            opening = session.client("s3", endpoint_url=endpoint, region_name=region, config=config)
            client = await opened.enter_async_context(opening)
            credentials = await session.get_credentials()
        except (BotoCoreError, ValueError, OSError) as error:
            raise _unusable(error) from error
        _find_endpoint_once(client)
        _close_refused_bodies(client.meta.events)
        client.meta.events.register("before-call.s3", _prefer_md5)
        client.meta.events.register("before-call.s3.HeadBucket", _lead_no_further)
        answers.watch(client.meta.events, client.meta.endpoint_url)
        storing.watch(client.meta.events, storage)
        yield client, credentials


def _session(access_key: str | None, secret_key: str | None, *, own_address: bool) -> Any:
    """The library's session; with keys given, it reads no other AWS configuration."""
    import aioboto3  # noqa: PLC0415
    from aiobotocore.session import AioSession  # noqa: PLC0415
    from botocore.configprovider import ConstantProvider  # noqa: PLC0415

    if access_key is None:
        return aioboto3.Session()
    read = _READ if own_address else _READ | _FOR_AWS_ALONE
    session = AioSession(
        {
            name: (None, variable if name in read else None, None if name in _FILES else default, conversion)
            for name, (_, variable, default, conversion) in AioSession.SESSION_VARIABLES.items()
        }
    )
    session.get_component("config_store").set_config_provider("s3", ConstantProvider({}))
    return aioboto3.Session(access_key, secret_key, botocore_session=session)


def _unusable(error: Exception) -> StoreUnusable:
    """The error for a client that cannot be created: a wrong address, region or AWS configuration."""
    text = str(error)
    if text.startswith("Invalid endpoint"):
        return StoreUnusable(f"the S3 endpoint cannot be used: {text}", hint="Check S3_ENDPOINT_URL.")
    if "region_name" in text:
        return StoreUnusable(f"the S3 region cannot be used: {text}", hint="Check S3_REGION.")
    found = {name: value for name, value in os.environ.items() if name.startswith("AWS_") and value}
    culprits = [name for name, value in found.items() if value in text] or list(found)
    return StoreUnusable(
        f"the AWS configuration of this computer cannot be used ({', '.join(sorted(culprits)) or '~/.aws'}): {text}",
        hint="Check the AWS_ variables and ~/.aws, or set S3_ACCESS_KEY and S3_SECRET_KEY to ignore them.",
    )


def _close_refused_bodies(events: Any) -> None:
    """Close the response to GetObject if it becomes an error: the library would leave it open."""
    opened: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    def coming(response_dict: dict[str, Any], **_: Any) -> None:
        opened[asyncio.current_task()] = response_dict["body"]

    def given(**_: Any) -> None:
        opened.pop(asyncio.current_task(), None)

    def refused(**_: Any) -> None:
        body = opened.pop(asyncio.current_task(), b"")
        if not isinstance(body, bytes):
            body.close()

    events.register_first("before-parse.*.GetObject", coming)
    events.register_first("after-call.s3.GetObject", given)
    events.register("after-call-error.s3.GetObject", refused)


def _prefer_md5(params: dict[str, Any], **_: Any) -> None:
    """Where S3 demands a checksum, as for a bucket's settings, send the one that every server knows."""
    body = params["body"]
    if isinstance(body, bytes) and params["context"].pop("checksum", {}).get("request_algorithm"):
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
        params["headers"]["Content-MD5"] = digests.content_md5(md5)


def _lead_no_further(params: dict[str, Any], **_: Any) -> None:
    """After a redirect, the library asks for the bucket's region; after a redirect of that, again, until Python's stack is full."""
    params["context"].setdefault("s3_redirect", {})["redirected"] = True


def _find_endpoint_once(client: Any) -> None:
    """Make botocore cache its endpoint: its rules take the key, which is irrelevant, and so ran for every request."""
    for name in ("Key", "Prefix", "CopySource"):
        client._ruleset_resolver._param_definitions.pop(name, None)  # noqa: SLF001 - no public way
