"""Only SmugMug's own hosts ever see a signature."""

from __future__ import annotations

import pytest

from smug2s3.smugmug.hosts import is_loopback, is_smugmugs_own

SMUGMUG = "https://api.smugmug.com"
LOCAL = "http://127.0.0.1:8780"


@pytest.mark.parametrize(
    ("url", "own"),
    [
        pytest.param("https://api.smugmug.com/api/v2!authuser", True, id="the API"),
        pytest.param("https://photos.smugmug.com/photos/i-K/0/D/i-K-D.jpg", True, id="the media host"),
        pytest.param("https://smugmug.com/", True, id="the bare domain"),
        pytest.param("https://PHOTOS.SmugMug.com/x", True, id="capitals"),
        pytest.param("https://photos.smugmug.com./x", True, id="a final dot"),
        pytest.param("https://photos.smugmug.com:443/x", True, id="its port named"),
        pytest.param("http://photos.smugmug.com/x", False, id="plain http"),
        pytest.param("https://evilsmugmug.com/x", False, id="a name that ends alike"),
        pytest.param("https://smugmug.com.evil.example/x", False, id="a name that begins alike"),
        pytest.param("https://smugmug.com@evil.example/x", False, id="a user that looks like a host"),
        pytest.param("https://evil.example/?smugmug.com", False, id="a query that looks like a host"),
        pytest.param("https://evil.example/#.smugmug.com", False, id="a fragment that looks like a host"),
        pytest.param("https://cdn.example/x", False, id="another host"),
        pytest.param("http://127.0.0.1/x", False, id="this machine"),
        pytest.param("ftp://photos.smugmug.com/x", False, id="another scheme"),
        pytest.param("https://[photos.smugmug.com/x", False, id="no address at all"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_smugmug_is_smugmug_dot_com_and_below_over_https(url: str, own: bool) -> None:
    assert is_smugmugs_own(url, SMUGMUG) is own


@pytest.mark.parametrize(
    ("url", "own"),
    [
        pytest.param("http://127.0.0.1:9999/media/x", True, id="another port of this machine"),
        pytest.param("http://localhost:9999/media/x", True, id="this machine by name"),
        pytest.param("https://photos.smugmug.com/x", False, id="the real one"),
        pytest.param("http://127.0.0.1.evil.example/x", False, id="a name that begins alike"),
        pytest.param("https://cdn.example/x", False, id="another host"),
    ],
)
def test_a_simulator_trusts_this_machine_alone(url: str, own: bool) -> None:
    assert is_smugmugs_own(url, LOCAL) is own


def test_another_origin_is_trusted_itself() -> None:
    assert is_smugmugs_own("https://api.smug.example/x", "https://api.smug.example")
    assert not is_smugmugs_own("https://sub.api.smug.example/x", "https://api.smug.example")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        pytest.param("127.0.0.1", True, id="IPv4"),
        pytest.param("127.1.2.3", True, id="all of 127"),
        pytest.param("::1", True, id="IPv6"),
        pytest.param("localhost", True, id="by name"),
        pytest.param("smugmug.localhost", True, id="below that name"),
        pytest.param("127.example.com", False, id="a name that begins alike"),
        pytest.param("192.168.0.1", False, id="a neighbour"),
        pytest.param("notlocalhost", False, id="a name that ends alike"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_this_machine_is_known_by_its_addresses(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
