"""The fixtures of every suite that talks to servers; a conftest imports what it needs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import aioboto3
import pytest
from botocore import regions
from botocore.endpoint_provider import EndpointProvider
from botocore.hooks import EventAliaser

from smug2s3.app import factories, sync_runner
from smug2s3.engine import claim, manifest, verify
from smug2s3.engine.sync import TRANSFER_POLICY, Sync
from smug2s3.flow.retry import A_FEW_TRIES, RetryPolicy
from smug2s3.smugmug.client import SmugMugClient
from smug2s3.stores import client
from smug2s3.stores.s3 import open_s3
from tests.support import network
from tests.support.browser import HOW_TO, chromium, running
from tests.support.bucket import Bucket
from tests.support.juicefs import HOW_TO as HOW_TO_GET_JUICEFS
from tests.support.juicefs import KEEPS_ALL, gateway, juicefs
from tests.support.moto_server import Moto, moto_server
from tests.support.s3_account import S3Account
from tests.support.servers import LocalS3, local_s3

_running: list[LocalS3] = []
_gateways: list[S3Account] = []


@pytest.fixture(scope="session")
def s3() -> Iterator[LocalS3]:
    """One server a process, whichever suite asks first; it ends with the last that asked."""
    with ExitStack() as ending:
        if not _running:
            ending.enter_context(_description_read_once())
            _running.append(ending.enter_context(local_s3()))
            ending.callback(_running.clear)
        yield _running[0]


@pytest.fixture(autouse=True)
def a_tenth_of_the_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what runs in this process wait a tenth as long before it tries again."""
    soon = RetryPolicy(first_wait=0.05, longest_wait=3.0)
    monkeypatch.setattr(factories, "open_s3", partial(open_s3, policy=soon))
    monkeypatch.setattr(factories, "SmugMugClient", partial(SmugMugClient, policy=soon))
    files = replace(TRANSFER_POLICY, first_wait=TRANSFER_POLICY.first_wait / 10)
    monkeypatch.setattr(sync_runner, "Sync", partial(Sync, policy=files))
    for module in (claim, manifest, verify):
        monkeypatch.setattr(module, "A_FEW_TRIES", replace(A_FEW_TRIES, first_wait=0.05))


@contextmanager
def _description_read_once() -> Iterator[None]:
    """Have sessions of the same keys be one: each reads the whole description of S3 anew, 0.05 s for every client.

    And what every client makes of that by itself is made once: it was half of what a client takes.
    """
    events, rules = dict[str, str](), dict[int, tuple[Any, EndpointProvider]]()
    rename = EventAliaser._alias_event_name

    def renamed(aliaser: EventAliaser, name: str) -> str:
        if name not in events:
            events[name] = rename(aliaser, name)
        return events[name]

    def provider(ruleset_data: Any, partition_data: Any) -> EndpointProvider:
        if id(ruleset_data) not in rules:  # kept beside it, so that no other gets its number
            rules[id(ruleset_data)] = ruleset_data, EndpointProvider(ruleset_data, partition_data)
        return rules[id(ruleset_data)][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "_session", cache(client._session))
        patch.setattr(aioboto3, "Session", cache(aioboto3.Session))
        patch.setattr(EventAliaser, "_alias_event_name", renamed)
        patch.setattr(regions, "EndpointProvider", provider)
        yield


@pytest.fixture(scope="session")
def minio() -> Iterator[S3Account]:
    """MinIO's S3 front end, one a process; skipped if the program is not there."""
    with ExitStack() as ending:
        if not _gateways:
            program = juicefs()
            if program is None:
                pytest.skip(f"no JuiceFS was found: {HOW_TO_GET_JUICEFS}")
            # In memory where there is such a folder: on a disk, its database makes each request ten times as slow.
            memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
            root = ending.enter_context(tempfile.TemporaryDirectory(prefix="smug2s3-minio-", dir=memory))
            _gateways.append(ending.enter_context(gateway(program, Path(root), *KEEPS_ALL)))
            ending.callback(_gateways.clear)
        yield _gateways[0]


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    """A simulation of S3 in a process of its own."""
    with moto_server() as server:
        yield server


@pytest.fixture
def bucket(s3: LocalS3) -> Bucket:
    """An empty bucket of the test's own."""
    return s3.new_bucket()


@pytest.fixture(scope="session")
def browser() -> Iterator[str]:
    """The address of a real Chromium. Where there is none and none can be installed, CI fails and others are told."""
    path = chromium()
    if path is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"no browser was found: {HOW_TO}")
    with running(path) as address:
        yield address


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Skip where network namespaces cannot be made, in CI too: root in a container often may not make them."""
    if not network.possible():
        pytest.skip(f"no network namespaces: {network.HOW_TO}")
