"""Signs requests with OAuth 1.0a; pure, no I/O. Base string, signature and header are authlib's."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from authlib.common.urls import url_decode
from authlib.oauth1 import ClientAuth
from authlib.oauth1.rfc5849.parameters import prepare_headers
from authlib.oauth1.rfc5849.signature import construct_base_string, hmac_sha1_signature
from authlib.oauth1.rfc5849.util import escape

FIRST_STEP = "/services/oauth/1.0a/getRequestToken"
AUTHORIZE = "/services/oauth/1.0a/authorize"
LAST_STEP = "/services/oauth/1.0a/getAccessToken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A consumer key and, once signed in, an access token; secrets stay out of ``repr``."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    token_secret: str = field(default="", repr=False)


def sign(
    credentials: Credentials, method: str, url: str, *, callback: str | None = None, verifier: str | None = None
) -> dict[str, str]:
    """The ``Authorization`` header for one request to ``url``, exactly as it will be sent.

    Every call uses a new nonce and timestamp, so each attempt must be signed again: SmugMug answers a
    repeated nonce with ``oauth_problem=nonce_used``.
    """
    auth = ClientAuth(
        credentials.consumer_key, token=credentials.token or None, redirect_uri=callback, verifier=verifier
    )
    # Not with its `prepare`, which renders everything twice and gets 30 random numbers from the system per nonce: half
    # a millisecond more for every photo.
    given = auth.get_oauth_params(_nonce(), _timestamp())
    asked = [*url_decode(urlsplit(url).query), *((name, escape(value)) for name, value in given)]
    base = construct_base_string(method, url, asked)
    signature = hmac_sha1_signature(base, credentials.consumer_secret, credentials.token_secret)
    header: str = prepare_headers([*given, ("oauth_signature", signature)])["Authorization"]
    return {"Authorization": header}


def _nonce() -> str:
    return secrets.token_hex(16)


def _timestamp() -> str:
    return str(int(time.time()))
