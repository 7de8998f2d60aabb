"""Signatures others have published, and SmugMug-shaped ones computed from scratch, against our base strings."""

import pytest

from smugmug_simulator.oauth import Consumer, Keyring, Level, OAuthProblemError, Signed, Token, oauth_params, sign

_RFC = "dpf43f3p2l4k3l03"
_RFC_SECRET = "kd94hf93k423kf44"


def _header(**params: str) -> str:
    from urllib.parse import quote

    return 'OAuth realm="Example", ' + ", ".join(
        f'oauth_{name}="{quote(value, safe="~")}"' for name, value in params.items()
    )


def _signed(
    method: str, url: str, key: str, token: str, nonce: str, timestamp: int, *, form: str = "", **more: str
) -> Signed:
    params = {"consumer_key": key, "signature_method": "HMAC-SHA1", "timestamp": str(timestamp), "nonce": nonce}
    params |= {"token": token} if token else {}
    return Signed(method, url, _header(**params, **more), form)


PUBLISHED = [
    pytest.param(
        _signed("POST", "https://photos.example.net/initiate", _RFC, "", "wIjqoS", 137131200, callback="http://printer.example.com/ready"),
        _RFC_SECRET, "", "74KNZJeDHnMBp0EMJ9ZHt/XKycU=", id="RFC 5849 1.2 initiate",
    ),
    pytest.param(
        _signed("POST", "https://photos.example.net/token", _RFC, "hh5s93j4hdidpola", "walatlh", 137131201, verifier="hfdp7dh39dks9884"),
        _RFC_SECRET, "hdhd0244k9j7ao03", "gKgrFCywp7rO0OXSjdot/IHF7IU=", id="RFC 5849 1.2 token",
    ),
    pytest.param(
        _signed("GET", "http://photos.example.net/photos?file=vacation.jpg&size=original", _RFC, "nnch734d00sl2jdk", "chapoH", 137131202),
        _RFC_SECRET, "pfkkdhi9sl3r4s00", "MdpQcU8iPSUjWoN/UDMsK2sui9I=", id="RFC 5849 1.2 photos",
    ),
    pytest.param(
        _signed("POST", "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", "9djdj82h48djs9d2", "kkk9d7dh3k39sjv7",
                "7d8f3e4a", 137131201, form="c2&a3=2+q"),
        "j49sk3j29djd", "dh893hdasih9", "r6/TJjbCOr97/+UU0NsvSne7s5g=", id="RFC 5849 3.4.1.1, erratum 2550",
    ),
    pytest.param(
        _signed("GET", "http://photos.example.net/photos?file=vacation.jpg&size=original", _RFC, "nnch734d00sl2jdk",
                "kllo9940pd9333jh", 1191242096, version="1.0"),
        _RFC_SECRET, "pfkkdhi9sl3r4s00", "tR3+Ty81lMeYAr/Fid0kMTYa/WM=", id="OAuth Core 1.0a appendix A",
    ),
    pytest.param(
        _signed("GET", "https://apI.twItter.com:443/1/?page=10", "kMViZR2MHk2mM7hUNVw9A",
                "10212-JJ3Zc1A49qSMgdcAO2GMOpW9l7A348ESmhjmOBOU", "8067e8abc6bdca2006818132445c8f4c", 1355795903, version="1.0"),
        "56Fgl58yOfqXOhHXX0ybvOmSnPQFvR2miYmm30A", "yF75mvq4LZMHj9O0DXwoC3ZxUnN1ptvieThYuOAYM",
        "o5cx1ggJrY9ognZuVVeUwglKV8U=", id="host in capitals, default port",
    ),
    pytest.param(
        _signed("GET", "http://EXAMPLE.COM:80/Space%20Craft?name=value&name=value", "abcd", "ijkl", "Ix4U1Ei3RFL", 1327384901, version="1.0"),
        "efgh", "mnop", "TZZ5u7qQorLnmKs+iqunb8gqkh4=", id="a parameter twice, a space in the path",
    ),
]  # fmt: skip

_KEY, _SECRET, _TOKEN, _TOKEN_SECRET = "apikey-SMUG", "apisecret~S+/=", "tok-SMUG", "toksecret &%"
_API = "https://api.smugmug.com"
_IMAGES = f"{_API}/api/v2/album/AbC123!images?start=101&count=100&_verbosity=1&_expand=ImageSizeDetails"
_LOOKUP = f"{_API}/api/v2/user/demo!urlpathlookup?urlpath=%2FTravel%2FParis"

SMUGMUG = [
    pytest.param("GET", f"{_API}/api/v2!authuser", 1, "dB557mR5QXdUlq9vQ3zaqHC/y6o=", id="authuser"),
    pytest.param("GET", f"{_API}/api/v2!authuser?_verbosity=1", 2, "+SG3xlTi4+YfEbhL1Iwm6oOe4RA=", id="with a query"),
    pytest.param("GET", f"{_IMAGES}%2CImageMetadata", 3, "tBIUjMWIyLEL+i84rSTt3kONkTU=", id="comma as %2C"),
    pytest.param("GET", f"{_IMAGES},ImageMetadata", 3, "tBIUjMWIyLEL+i84rSTt3kONkTU=", id="comma raw"),
    pytest.param("GET", f"{_LOOKUP}%20%C3%A9t%C3%A9", 5, "jgRzi/tVEtV7StOKFa3FvCvtG+U=", id="space as %20"),
    pytest.param("GET", f"{_LOOKUP}+%C3%A9t%C3%A9", 5, "jgRzi/tVEtV7StOKFa3FvCvtG+U=", id="space as +"),
    pytest.param("GET", "http://127.0.0.1:8780/api/v2/node/XyZ12!children?start=1&count=100", 7, "n0oKfj65N7f3+cIWS4s46Jk+/AA=", id="loopback"),
    pytest.param("GET", "https://photos.smugmug.com/photos/i-AbC/0/abc/D/a%20b%26c-D.jpg", 8, "Gpfo3M/czTPvde27E/eGYFHr/HU=", id="media"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "secret", "token_secret", "signature"), PUBLISHED)
def test_published_signatures_come_out_the_same(
    request_: Signed, secret: str, token_secret: str, signature: str
) -> None:
    assert sign(request_, secret, token_secret) == signature


def _smugmug(method: str, url: str, number: int, signature: str) -> Signed:
    more = {"version": "1.0", "signature": signature}
    return _signed(method, url, _KEY, _TOKEN, f"nonceSM{number}", 1_700_000_000 + number, **more)


def _keyring(moment: int) -> Keyring:
    keyring = Keyring(clock=lambda: moment)
    keyring.consumers[_KEY] = Consumer(_SECRET)
    keyring.tokens[_TOKEN] = Token(_TOKEN_SECRET, _KEY, Level())
    return keyring


@pytest.mark.parametrize(("method", "url", "number", "signature"), SMUGMUG)
def test_smugmug_shaped_signatures_pass_the_whole_check(method: str, url: str, number: int, signature: str) -> None:
    request = _smugmug(method, url, number, signature)
    _keyring(1_700_000_000 + number).check(request, oauth_params(request))


@pytest.mark.parametrize(("method", "url", "number", "signature"), SMUGMUG)
def test_a_signature_fits_no_other_url(method: str, url: str, number: int, signature: str) -> None:
    request = _smugmug(method, f"{url}x", number, signature)
    with pytest.raises(OAuthProblemError, match="signature_invalid"):
        _keyring(1_700_000_000 + number).check(request, oauth_params(request))


DANCE = [
    pytest.param(
        "getRequestToken", "", "", "nonceSM9", 9, {"callback": "oob"}, "3JA65mIMkmKWye5h3FSH4wmQ0QA=", id="SM9"
    ),
    pytest.param(
        "getAccessToken",
        "rt-SMUG",
        "rtsec",
        "nonceS10",
        10,
        {"verifier": "123456"},
        "IsGAhW2rIixLstqIjhKefw3hmQg=",
        id="SM10",
    ),
]


@pytest.mark.parametrize(("step", "token", "secret", "nonce", "number", "more", "signature"), DANCE)
def test_the_steps_of_the_dance_are_signed_as_computed_by_hand(
    step: str, token: str, secret: str, nonce: str, number: int, more: dict[str, str], signature: str
) -> None:
    url = f"{_API}/services/oauth/1.0a/{step}"
    request = _signed("POST", url, _KEY, token, nonce, 1_700_000_000 + number, version="1.0", **more)
    assert sign(request, _SECRET, secret) == signature


def test_an_exclamation_mark_left_raw_in_the_base_string_is_refused() -> None:
    import base64
    import hashlib
    import hmac

    from smugmug_simulator.oauth import base_string

    unsigned = _signed("GET", f"{_API}/api/v2!authuser", _KEY, _TOKEN, "n", 1_700_000_000)
    assert "%2Fapi%2Fv2%21authuser" in base_string(unsigned)
    sloppy = base_string(unsigned).replace("%21", "!").encode()
    key = b"apisecret~S%2B%2F%3D&toksecret%20%26%25"
    signature = base64.b64encode(hmac.new(key, sloppy, hashlib.sha1).digest()).decode()
    request = _signed("GET", f"{_API}/api/v2!authuser", _KEY, _TOKEN, "n", 1_700_000_000, signature=signature)
    with pytest.raises(OAuthProblemError, match="signature_invalid"):
        _keyring(1_700_000_000).check(request, oauth_params(request))
