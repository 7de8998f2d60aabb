"""Signatures others have published, and SmugMug-shaped ones computed from scratch, against ours."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from smug2s3.smugmug import oauth
from smug2s3.smugmug.oauth import FIRST_STEP, LAST_STEP, Credentials, sign

API = "https://api.smugmug.com"
IMAGES = f"{API}/api/v2/album/AbC123!images?start=101&count=100&_verbosity=1&_expand=ImageSizeDetails"
LOOKUP = f"{API}/api/v2/user/demo!urlpathlookup?urlpath=%2FTravel%2FParis"

CONSUMER = Credentials(consumer_key="apikey-SMUG", consumer_secret="apisecret~S+/=")
SIGNED_IN = Credentials(
    consumer_key="apikey-SMUG", consumer_secret="apisecret~S+/=", token="tok-SMUG", token_secret="toksecret &%"
)
WAITING = Credentials(
    consumer_key="apikey-SMUG", consumer_secret="apisecret~S+/=", token="rt-SMUG", token_secret="rtsec"
)


def fixed(monkeypatch: pytest.MonkeyPatch, nonce: str, timestamp: int) -> None:
    monkeypatch.setattr(oauth, "_nonce", lambda: nonce)
    monkeypatch.setattr(oauth, "_timestamp", lambda: str(timestamp))


def fields(header: str) -> dict[str, str]:
    """The fields of an Authorization header, decoded."""
    scheme, _, rest = header.partition(" ")
    assert scheme == "OAuth"
    pairs = (field.strip().partition("=") for field in rest.split(","))
    return {name: unquote(value.strip('"')) for name, _, value in pairs}


@pytest.mark.parametrize(
    ("url", "number", "signature"),
    [
        pytest.param(f"{API}/api/v2!authuser", 1, "dB557mR5QXdUlq9vQ3zaqHC/y6o=", id="SM1 authuser"),
        pytest.param(f"{API}/api/v2!authuser?_verbosity=1", 2, "+SG3xlTi4+YfEbhL1Iwm6oOe4RA=", id="SM2 with a query"),
        pytest.param(f"{IMAGES}%2CImageMetadata", 3, "tBIUjMWIyLEL+i84rSTt3kONkTU=", id="SM3 comma as %2C"),
        pytest.param(f"{IMAGES},ImageMetadata", 3, "tBIUjMWIyLEL+i84rSTt3kONkTU=", id="SM4 comma raw"),
        pytest.param(f"{LOOKUP}%20%C3%A9t%C3%A9", 5, "jgRzi/tVEtV7StOKFa3FvCvtG+U=", id="SM5 space as %20"),
        pytest.param(f"{LOOKUP}+%C3%A9t%C3%A9", 5, "jgRzi/tVEtV7StOKFa3FvCvtG+U=", id="SM6 space as +"),
        pytest.param(
            "http://127.0.0.1:8780/api/v2/node/XyZ12!children?start=1&count=100",
            7,
            "n0oKfj65N7f3+cIWS4s46Jk+/AA=",
            id="SM7 loopback",
        ),
        pytest.param(
            "https://photos.smugmug.com/photos/i-AbC/0/abc/D/a%20b%26c-D.jpg",
            8,
            "Gpfo3M/czTPvde27E/eGYFHr/HU=",
            id="SM8 media",
        ),
    ],
)
def test_smugmug_shaped_requests_are_signed_as_computed_by_hand(
    monkeypatch: pytest.MonkeyPatch, url: str, number: int, signature: str
) -> None:
    fixed(monkeypatch, f"nonceSM{number}", 1_700_000_000 + number)
    found = fields(sign(SIGNED_IN, "GET", url)["Authorization"])
    assert found["oauth_signature"] == signature
    assert (found["oauth_token"], found["oauth_version"]) == ("tok-SMUG", "1.0")


def test_the_first_step_of_the_dance_is_signed_with_its_callback_and_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    fixed(monkeypatch, "nonceSM9", 1_700_000_009)
    found = fields(sign(CONSUMER, "POST", API + FIRST_STEP, callback="oob")["Authorization"])
    assert found["oauth_signature"] == "3JA65mIMkmKWye5h3FSH4wmQ0QA="
    assert found["oauth_callback"] == "oob"
    assert "oauth_token" not in found


def test_the_last_step_of_the_dance_is_signed_with_its_verifier(monkeypatch: pytest.MonkeyPatch) -> None:
    fixed(monkeypatch, "nonceS10", 1_700_000_010)
    found = fields(sign(WAITING, "POST", API + LAST_STEP, verifier="123456")["Authorization"])
    assert found["oauth_signature"] == "IsGAhW2rIixLstqIjhKefw3hmQg="
    assert found["oauth_verifier"] == "123456"


OAUTH_CORE = ("dpf43f3p2l4k3l03", "kd94hf93k423kf44", "nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")
GOMODULE = (
    "kMViZR2MHk2mM7hUNVw9A",
    "56Fgl58yOfqXOhHXX0ybvOmSnPQFvR2miYmm30A",
    "10212-JJ3Zc1A49qSMgdcAO2GMOpW9l7A348ESmhjmOBOU",
    "yF75mvq4LZMHj9O0DXwoC3ZxUnN1ptvieThYuOAYM",
)


@pytest.mark.parametrize(
    ("url", "keys", "nonce", "timestamp", "signature"),
    [
        pytest.param(
            "http://photos.example.net/photos?file=vacation.jpg&size=original",
            OAUTH_CORE,
            "kllo9940pd9333jh",
            1191242096,
            "tR3+Ty81lMeYAr/Fid0kMTYa/WM=",
            id="OAuth Core 1.0a appendix A",
        ),
        pytest.param(
            "https://apI.twItter.com:443/1/?page=10",
            GOMODULE,
            "8067e8abc6bdca2006818132445c8f4c",
            1355795903,
            "o5cx1ggJrY9ognZuVVeUwglKV8U=",
            id="host in capitals, default port",
        ),
        pytest.param(
            "http://api-public.netflix.com/catalog/titles?term=Dark%20Knight&count=2",
            ("apiKey001", "sharedSecret002", "accessToken003", "accessSecret004"),
            "1234",
            1355850443,
            "0JAoaqt6oz6TJx8N+06XmhPjcOs=",
            id="a space in the query",
        ),
        pytest.param(
            "http://PHOTOS.example.net:8001/Photos?photo%20size=300%25&title=Back%20of%20%24100%20Dollars%20Bill",
            ("dpf43f3++p+#2l4k3l03", "secret01", "nnch734d(0)0sl2jdk", "secret02"),
            "kllo~9940~pd9333jh",
            1191242096,
            "n1UAoQy2PoIYizZUiWvkdCxM3P0=",
            id="signs everywhere",
        ),
        pytest.param(
            "http://EXAMPLE.COM:80/Space%20Craft?name=value&name=value",
            ("abcd", "efgh", "ijkl", "mnop"),
            "Ix4U1Ei3RFL",
            1327384901,
            "TZZ5u7qQorLnmKs+iqunb8gqkh4=",
            id="a parameter twice",
        ),
    ],
)
def test_published_signatures_come_out_the_same(
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    keys: tuple[str, str, str, str],
    nonce: str,
    timestamp: int,
    signature: str,
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # some of these are plain http to far hosts
    fixed(monkeypatch, nonce, timestamp)
    key, secret, token, token_secret = keys
    given = Credentials(consumer_key=key, consumer_secret=secret, token=token, token_secret=token_secret)
    assert fields(sign(given, "GET", url)["Authorization"])["oauth_signature"] == signature


def test_every_request_gets_a_new_signature() -> None:
    first, second = (fields(sign(SIGNED_IN, "GET", API)["Authorization"]) for _ in range(2))
    assert first["oauth_nonce"] != second["oauth_nonce"]


def test_nothing_but_the_signature_goes_along() -> None:
    assert sign(SIGNED_IN, "GET", f"{API}/api/v2!authuser").keys() == {"Authorization"}


def test_secrets_are_neither_sent_nor_shown() -> None:
    header = sign(SIGNED_IN, "GET", f"{API}/api/v2!authuser")["Authorization"]
    for text in (header, unquote(header), repr(SIGNED_IN)):
        assert SIGNED_IN.consumer_secret not in text
        assert SIGNED_IN.token_secret not in text
    assert SIGNED_IN.token not in repr(SIGNED_IN)
