"""Requests go out through the proxy that the environment names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smug2s3.flow import proxies
from smug2s3.flow.proxies import proxy_for

API = "https://api.smugmug.com/api/v2!authuser"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    proxies._proxy.cache_clear()
    yield
    proxies._proxy.cache_clear()


def test_without_a_proxy_requests_go_straight_out() -> None:
    assert proxy_for(API) is None


@pytest.mark.parametrize(
    ("bypass", "found"),
    [("", "http://proxy:3128"), ("other.org", "http://proxy:3128"), ("smugmug.com", None), ("*", None)],
)
def test_each_scheme_has_its_own_and_some_hosts_none(
    monkeypatch: pytest.MonkeyPatch, bypass: str, found: str | None
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", bypass)
    assert proxy_for(API) == found
    assert proxy_for("http://127.0.0.1:8000/api/v2") is None
