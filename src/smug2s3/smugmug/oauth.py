"""Signs requests with OAuth 1.0a; pure, no I/O. The signature itself is authlib's."""

from __future__ import annotations

from dataclasses import dataclass, field

from authlib.oauth1 import ClientAuth

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
    """The ``Authorization`` header for one request to ``url``, exactly as it will go over the wire.

    Every call draws a fresh nonce and timestamp, so each attempt must be signed anew: SmugMug answers a
    repeated nonce with ``oauth_problem=nonce_used``.
    """
    auth = ClientAuth(
        credentials.consumer_key,
        client_secret=credentials.consumer_secret,
        token=credentials.token or None,
        token_secret=credentials.token_secret or None,
        redirect_uri=callback,
        verifier=verifier,
    )
    _, headers, _ = auth.prepare(method, url, {}, "")
    return {"Authorization": headers["Authorization"]}
