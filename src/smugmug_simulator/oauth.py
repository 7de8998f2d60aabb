"""Authentication: consumers, tokens, nonces, and a strict check of OAuth 1.0a signatures with oauthlib."""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl

from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import signature, utils

Access = Literal["Full", "Public"]
Permissions = Literal["Read", "Add", "Modify"]

# RFC 5849 leaves the window to the server; SmugMug's own is unpublished.
TIMESTAMP_TOLERANCE = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
REQUEST_TOKEN_LIFETIME = 300
NO_V2_TERMS = (
    "API key lacks v2 access; please accept the terms of service at https://api.smugmug.com/api/developer/accept"
)


class OAuthProblemError(Exception):
    """A request that does not prove who sent it; the text is what SmugMug writes after `oauth_problem=`."""

    @property
    def message(self) -> str:
        """The Message of the error body."""
        text = str(self)
        return text if " " in text else f"oauth_problem={text}"


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it was sent, which is what the signature covers."""

    method: str
    url: str
    authorization: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """The access that a user has granted an application."""

    access: Access = "Public"
    permissions: Permissions = "Read"


@dataclass(frozen=True, slots=True)
class Token:
    """An access token."""

    secret: str
    consumer_key: str
    level: Level
    revoked: bool = False


@dataclass(slots=True)
class RequestToken:
    """A request token: valid for five minutes and one exchange (documented)."""

    secret: str
    consumer_key: str
    callback: str
    expires: float
    verifier: str = ""
    level: Level = field(default_factory=Level)


@dataclass(frozen=True, slots=True)
class Consumer:
    """An application."""

    secret: str
    has_v2_terms: bool = True


class Keyring:
    """All consumers and tokens, and the nonces seen."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.consumers: dict[str, Consumer] = {}
        self.tokens: dict[str, Token] = {}
        self.request_tokens: dict[str, RequestToken] = {}
        # Once granted, a second authorize does not change the level; only the user can (documented FAQ).
        self.granted: dict[str, Level] = {}
        self._nonces: dict[tuple[str, str, str, str], float] = {}

    def check(self, request: Signed, params: Mapping[str, str], secret_of: Callable[[str], str] | None = None) -> None:
        """Raise OAuthProblemError unless the request is fresh, new and signed with the right secrets."""
        consumer = self.consumers.get(_required(params, "oauth_consumer_key"))
        if consumer is None:
            raise OAuthProblemError("consumer_key_unknown")
        token_secret = (secret_of or self.token_secret)(params.get("oauth_token", ""))
        self._check_method(params)
        self._check_freshness(params)
        if not verify(request, params, consumer.secret, token_secret):
            raise OAuthProblemError("signature_invalid")
        if not consumer.has_v2_terms:
            raise OAuthProblemError(NO_V2_TERMS)

    def token_secret(self, token: str) -> str:
        """The secret of a live access token."""
        known = self.tokens.get(token)
        if known is None:
            raise OAuthProblemError("token_rejected")
        if known.revoked:
            raise OAuthProblemError("token_revoked")
        return known.secret

    def issue(self, consumer_key: str, level: Level) -> tuple[str, str]:
        """A new access token and its secret."""
        token, secret = secrets.token_hex(16), secrets.token_hex(24)
        self.tokens[token] = Token(secret, consumer_key, level)
        return token, secret

    def begin(self, consumer_key: str, callback: str) -> tuple[str, str]:
        """A new request token and its secret."""
        token, secret = secrets.token_hex(16), secrets.token_hex(24)
        expires = self.clock() + REQUEST_TOKEN_LIFETIME
        self.request_tokens[token] = RequestToken(secret, consumer_key, callback, expires)
        return token, secret

    def pending(self, token: str) -> RequestToken:
        """The request token of that name, if it is still good."""
        known = self.request_tokens.get(token)
        if known is None:
            raise OAuthProblemError("token_rejected")
        if known.expires < self.clock():
            raise OAuthProblemError("token_expired")
        return known

    def authorize(self, token: str, wanted: Level) -> RequestToken:
        """The user agrees: the token gets its six digits and its level."""
        pending = self.pending(token)
        pending.level = self.granted.setdefault(pending.consumer_key, wanted)
        pending.verifier = f"{secrets.randbelow(1_000_000):06d}"
        return pending

    def exchange(self, token: str, verifier: str) -> tuple[str, str]:
        """Exchange a request token and its verifier for an access token; this works once (documented)."""
        pending = self.pending(token)
        if not pending.verifier:
            raise OAuthProblemError("permission_unknown")
        if not secrets.compare_digest(pending.verifier.encode(), verifier.encode()):
            raise OAuthProblemError("verifier_invalid")
        del self.request_tokens[token]
        return self.issue(pending.consumer_key, pending.level)

    def revoke(self, token: str) -> None:
        """The user revokes a token."""
        old = self.tokens[token]
        self.tokens[token] = Token(old.secret, old.consumer_key, old.level, revoked=True)

    def _check_method(self, params: Mapping[str, str]) -> None:
        # PLAINTEXT is allowed over https only (documented), and this server speaks http.
        if _required(params, "oauth_signature_method") != "HMAC-SHA1":
            raise OAuthProblemError("signature_method_rejected")
        if params.get("oauth_version", "1.0") != "1.0":
            raise OAuthProblemError("version_rejected")

    def _check_freshness(self, params: Mapping[str, str]) -> None:
        """The nonce is used up before the signature is checked: a replay to another URL says nonce_used (probed 2026-10)."""
        stamp, moment = _required(params, "oauth_timestamp"), self.clock()
        if not _TIMESTAMP.fullmatch(stamp) or abs(int(stamp) - moment) > TIMESTAMP_TOLERANCE:
            raise OAuthProblemError("timestamp_refused")
        nonce = (params["oauth_consumer_key"], params.get("oauth_token", ""), stamp, _required(params, "oauth_nonce"))
        if nonce in self._nonces:
            raise OAuthProblemError("nonce_used")
        self._forget_nonces(moment)
        self._nonces[nonce] = moment

    def _forget_nonces(self, moment: float) -> None:
        """Nonces older than any timestamp that would be accepted need not be remembered; they are in order of arrival."""
        while self._nonces:
            oldest = next(iter(self._nonces))
            if self._nonces[oldest] > moment - 2 * TIMESTAMP_TOLERANCE:
                return
            del self._nonces[oldest]


def _required(params: Mapping[str, str], name: str) -> str:
    if not params.get(name):
        raise OAuthProblemError("parameter_absent")
    return params[name]


def collect(request: Signed) -> list[tuple[str, str]]:
    """All parameters the signature covers, from query, header and form; `realm` is left out (RFC 5849 3.4.1.3)."""
    _, _, query = request.url.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True) + parse_qsl(request.form, keep_blank_values=True)
    return pairs + header_params(request.authorization)


def header_params(authorization: str) -> list[tuple[str, str]]:
    """The parameters of an `Authorization: OAuth` header, decoded, without `realm`."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "oauth":
        return []
    try:
        pairs = utils.parse_authorization_header(f"OAuth {rest}")
    except ValueError:
        return []
    return [(utils.unescape(name), utils.unescape(value)) for name, value in pairs if name != "realm"]


def oauth_params(request: Signed) -> dict[str, str]:
    """The `oauth_` parameters; one given both in the header and in the query counts once if the values agree."""
    return {name: value for name, value in collect(request) if name.startswith("oauth_")}


def base_string(request: Signed) -> str:
    """The text that is signed; `!` becomes %21 there."""
    pairs = [pair for pair in collect(request) if pair[0] != "oauth_signature"]
    url = signature.base_string_uri(request.url.partition("?")[0])
    return str(signature.signature_base_string(request.method, url, signature.normalize_parameters(pairs)))


def sign(request: Signed, consumer_secret: str, token_secret: str) -> str:
    """The HMAC-SHA1 signature the request should bear."""
    signer = Client("", client_secret=consumer_secret, resource_owner_secret=token_secret)
    return str(signature.sign_hmac_sha1_with_client(base_string(request), signer))


def verify(request: Signed, params: Mapping[str, str], consumer_secret: str, token_secret: str) -> bool:
    """Whether the request bears the signature it should; a URL that cannot be put in a base string cannot be signed."""
    given = _required(params, "oauth_signature")
    try:
        expected = sign(request, consumer_secret, token_secret)
    except ValueError:
        return False
    return secrets.compare_digest(given.encode(errors="replace"), expected.encode())
