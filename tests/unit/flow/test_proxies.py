"""Requests go out through the proxy that the environment names, and its failures are told as its own."""

from __future__ import annotations

import pytest

from smug2s3.errors import SettingsError
from smug2s3.flow.proxies import proxy_for, read_proxy, refusal

API = "https://api.smugmug.com/api/v2!authuser"


def test_without_a_proxy_requests_go_straight_out() -> None:
    assert proxy_for(API) is None


@pytest.mark.parametrize(
    ("bypass", "found"),
    [
        ("", "http://proxy:3128"),
        ("other.org", "http://proxy:3128"),
        ("smugmug.com", None),
        ("*.smugmug.com", None),
        ("x, .smugmug.com", None),
        ("*", None),
    ],
)
def test_each_scheme_has_its_own_and_some_hosts_none(
    monkeypatch: pytest.MonkeyPatch, bypass: str, found: str | None
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", bypass)
    assert proxy_for(API) == found
    assert proxy_for("http://127.0.0.1:8000/api/v2") is None


@pytest.mark.parametrize("bypass", ["192.168.0.0/16", "192.168.1.5", "192.168.1.5:9000"])
def test_a_store_in_the_house_is_reached_without_the_proxy_by_network_address_or_port(
    monkeypatch: pytest.MonkeyPatch, bypass: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "proxy:3128")
    monkeypatch.setenv("NO_PROXY", bypass)
    assert proxy_for("http://192.168.1.5:9000/photos/x") is None
    assert proxy_for("http://10.0.0.1:9000/photos/x") == "http://proxy:3128"


def test_one_for_all_schemes_counts_where_a_scheme_has_none_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://all:1")
    monkeypatch.setenv("http_proxy", "http://own:2")
    assert (proxy_for(API), proxy_for("http://host/")) == ("http://all:1", "http://own:2")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("proxy:3128", "http://proxy:3128"),
        ("//proxy:3128", "http://proxy:3128"),
        (" http://proxy:3128/ ", "http://proxy:3128"),
        ("HTTPS://Proxy:3128", "https://proxy:3128"),
        ("[::1]:3128", "http://[::1]:3128"),
        ("jane:se@cret@proxy:3128", "http://jane:se%40cret@proxy:3128"),
        ("http://jane:se%2Fcret@proxy:3128", "http://jane:se%2Fcret@proxy:3128"),
    ],
)
def test_an_address_is_understood_as_people_write_it_and_its_password_never_shown(text: str, url: str) -> None:
    proxy = read_proxy("HTTPS_PROXY", text)
    assert str(proxy.url) == url
    assert "(HTTPS_PROXY)" in str(proxy)
    assert "cret" not in f"{proxy} {proxy.hint}"


@pytest.mark.parametrize(
    "text",
    [
        "socks5://jane:secret@proxy:1080",
        "socks5h://proxy",
        "ftp://proxy:21",
        "http:proxy:3128",
        "http:/proxy:3128",
        "http://",
        "proxy:port",
        "proxy:99999",
        '"http://proxy:3128"',
        "http://jane:secret#1@proxy:3128",
        "http://jane:secret/1@proxy:3128",
        "http://[::1:3128",
    ],
)
def test_what_is_no_http_proxy_is_refused_by_the_variables_name_alone(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", text)
    with pytest.raises(SettingsError, match="HTTPS_PROXY") as refused:
        proxy_for(API)
    assert "secret" not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize(
    ("status", "kind", "url", "said"),
    [
        (407, "text/html", "http://sim/", "requires a user name and password"),
        (407, "", API, "requires a user name and password"),
        (502, "text/html; charset=utf-8", "http://sim/", "answered 502"),
        (502, "text/html", API, ""),
        (502, "application/xml", "http://sim/", ""),
        (200, "text/html", "http://sim/", ""),
    ],
)
def test_a_proxys_own_responses_are_distinguished_from_forwarded_ones(
    monkeypatch: pytest.MonkeyPatch, status: int, kind: str, url: str, said: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", "proxy:3128")
    sentence = refusal(status, kind, url)
    assert said in sentence
    assert bool(sentence) == bool(said)
