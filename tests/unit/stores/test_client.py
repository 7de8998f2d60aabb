"""What AWS's own tools are told on this computer spoils nothing where keys are given, and is named where none are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aioboto3
import pytest

from smug2s3.errors import SettingsError, StoreUnusable
from smug2s3.rules.storage import Storage
from smug2s3.stores import client
from smug2s3.stores.client import open_client

NONSENSE = {
    "AWS_PROFILE": "nobody",
    "AWS_DEFAULT_PROFILE": "nobody",
    "AWS_DEFAULT_REGION": "no where",
    "AWS_MAX_ATTEMPTS": "many",
    "AWS_RETRY_MODE": "wild",
    "AWS_DEFAULTS_MODE": "wild",
    "AWS_STS_REGIONAL_ENDPOINTS": "wild",
    "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "wild",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "wild",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "wild",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES": "wild",
    "AWS_METADATA_SERVICE_TIMEOUT": "long",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "many",
    "AWS_CSM_PORT": "wild",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "wild",
    "AWS_ENDPOINT_URL": "nowhere",
    "AWS_ENDPOINT_URL_S3": "nowhere",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_DATA_PATH": "/nowhere",
    "AWS_SESSION_TOKEN": "old",
    "AWS_SECURITY_TOKEN": "old",
}


@pytest.fixture(autouse=True)
def read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other suites have sessions made once."""
    monkeypatch.setattr(client, "_session", getattr(client._session, "__wrapped__", client._session))
    monkeypatch.setattr(aioboto3, "Session", getattr(aioboto3.Session, "__wrapped__", aioboto3.Session))


async def opened(**options: Any) -> tuple[str, Any]:
    chosen = {"endpoint": "http://127.0.0.1:9000", "access_key": "key", "secret_key": "secret", "region": "us-east-1"}
    more = {"virtual_hosts": False, "connections": 1, "read_timeout": 1}
    async with open_client(**{**chosen, **more, **options}) as (client, credentials):
        return client.meta.endpoint_url, credentials


async def test_with_keys_nothing_else_of_aws_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "config"
    broken.write_text("[profile\nregion = = no")
    for name, value in NONSENSE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(broken))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(broken))

    address, credentials = await opened()

    assert address == "http://127.0.0.1:9000"
    assert (credentials.access_key, credentials.secret_key, credentials.token) == ("key", "secret", None)
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "false")
    assert (await opened(endpoint=None))[0] == "https://s3.dualstack.us-east-1.amazonaws.com"


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_RETRY_MODE", "AWS_DEFAULTS_MODE"])
async def test_without_keys_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, NONSENSE[name])
    with pytest.raises(StoreUnusable, match=rf"\({name}\)") as refused:
        await opened(access_key=None, secret_key=None)
    assert "S3_ACCESS_KEY" in refused.value.hint


async def test_without_keys_a_broken_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "config"
    broken.write_text("[profile\nregion = = no")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(broken))
    with pytest.raises(StoreUnusable, match=str(broken)):
        await opened(access_key=None, secret_key=None)


@pytest.mark.parametrize(
    ("wish", "hint"),
    [({"region": "no where"}, "S3_REGION"), ({"endpoint": "http://a b:1"}, "S3_ENDPOINT_URL")],
)
async def test_a_region_or_an_address_that_cannot_be_is_ours_to_name(wish: dict[str, str], hint: str) -> None:
    with pytest.raises(StoreUnusable) as refused:
        await opened(**wish)
    assert hint in refused.value.hint


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), ("no certificate", "it contains no certificates")]
)
async def test_a_list_of_authorities_that_is_none_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, content: str | None, reason: str
) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.delenv("AWS_CA_BUNDLE")
    monkeypatch.setenv(variable, str(bundle))
    with pytest.raises(SettingsError, match=rf"{variable} names .*ca\.pem, which cannot be used: {reason}"):
        await opened()


@pytest.mark.parametrize(
    ("storage", "endpoint", "address"),
    [
        pytest.param(Storage(), None, "https://my-photos.s3.eu-central-1.amazonaws.com/a.jpg", id="AWS"),
        pytest.param(
            Storage(addressing="path"), None, "https://s3.eu-central-1.amazonaws.com/my-photos/a.jpg", id="AWS by path"
        ),
        pytest.param(
            Storage(dual_stack=True),
            None,
            "https://my-photos.s3.dualstack.eu-central-1.amazonaws.com/a.jpg",
            id="dual stack",
        ),
        pytest.param(
            Storage(accelerate=True), None, "https://my-photos.s3-accelerate.amazonaws.com/a.jpg", id="accelerated"
        ),
        pytest.param(
            Storage(accelerate=True, dual_stack=True),
            None,
            "https://my-photos.s3-accelerate.dualstack.amazonaws.com/a.jpg",
            id="both",
        ),
        pytest.param(Storage(), "https://s3.example", "https://s3.example/my-photos/a.jpg", id="another server"),
        pytest.param(
            Storage(addressing="virtual"),
            "https://s3.example",
            "https://my-photos.s3.example/a.jpg",
            id="another with the bucket in the host",
        ),
    ],
)
async def test_the_bucket_is_reached_as_the_settings_say(storage: Storage, endpoint: str | None, address: str) -> None:
    def send(request: Any, **_: Any) -> None:
        raise ConnectionAbortedError(request.url)

    settings = {"region": "eu-central-1", "access_key": "key", "secret_key": "secret", "connections": 1}
    more = {"virtual_hosts": endpoint is None, "read_timeout": 1, "storage": storage, "endpoint": endpoint}
    async with open_client(**{**settings, **more}) as (s3, _):  # type: ignore[arg-type]
        s3.meta.events.register_first("before-send.s3", send)
        with pytest.raises(ConnectionAbortedError) as asked:
            await s3.head_object(Bucket="my-photos", Key="a.jpg")

    assert str(asked.value) == address
