"""Requests to SmugMug's API: signed or with a key, rate limited, redirected here, with every status translated."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
from yarl import URL

from smug2s3.errors import (
    ClockRefused,
    SignInRefused,
    SourceAway,
    SourceBroken,
    SourceBusy,
    SourceError,
    SourceGone,
    SourceRefused,
    SourceUnreachable,
)
from smug2s3.flow import proxies
from smug2s3.flow.gate import Gate
from smug2s3.flow.idle import drop_idle
from smug2s3.flow.outage import SMUGMUG, Side, Waits
from smug2s3.flow.retry import A_FEW_TRIES, RetryPolicy, retry
from smug2s3.ports.reporter import Reporter
from smug2s3.rules import diagnostics, rate_limit
from smug2s3.smugmug import oauth, wire
from smug2s3.smugmug.hosts import followed, is_signed_on, is_smugmugs_own

AUTHUSER = "/api/v2!authuser"
REQUESTS_AT_ONCE = 8
"""API requests at once; ten album listers are reported to work well, and nobody reports a ban."""

IN_VAIN = 4
"""Requests that fail in a row with all their retries; from then on there are no retries."""

SKEW_ALLOWED = 240.0
"""Seconds this clock may differ from SmugMug's without a warning; OAuth servers tolerate about 300."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=20, sock_read=60)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and whole body of one response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class SmugMugClient:
    """The API client of one sign-in.

    Requests are signed if ``credentials`` have a token, else ``api_key`` gives public access. ``reporter``
    gets pauses, retries, outages and SmugMug's quota.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        origin: str,
        gate: Gate,
        credentials: oauth.Credentials | None = None,
        api_key: str = "",
        policy: RetryPolicy | None = None,
        waits: Waits | None = None,
        reporter: Reporter | None = None,
    ) -> None:
        self.session = session
        self.origin = origin.rstrip("/")
        self.calls = 0
        self.clock_skew = 0.0
        """Seconds this computer's clock is behind SmugMug's, by its last response."""
        self.policy = policy or RetryPolicy()
        self._gate = gate
        self._credentials = credentials
        self._api_key = api_key
        self._reporter = reporter or Reporter()
        self._waits = waits or Waits()
        self._api = self.side("SmugMug", self._present)
        self._vain = _Vain()
        self._list = ""
        """The last successful list, as a request for its first entry."""

    def side(self, name: str, ask: Callable[[], Awaitable[object]]) -> Side:
        """One of SmugMug's hosts, to wait for if ``ask`` shows that it is unreachable."""
        return Side(
            name, SMUGMUG, ask, waits=self._waits, listener=self._reporter, forget=lambda: drop_idle(self.session)
        )

    @property
    def signs(self) -> bool:
        """Whether requests carry a user's signature."""
        return self._credentials is not None and bool(self._credentials.token)

    def sign(self, url: str) -> dict[str, str]:
        """Headers that sign a request; empty for foreign hosts and without a sign-in."""
        if self._credentials is None or not self.signs or not is_smugmugs_own(url, self.origin):
            return {}
        return oauth.sign(self._credentials, "GET", url)

    async def get(
        self,
        address: str,
        params: Mapping[str, str | int] | None = None,
        *,
        what: str,
        policy: RetryPolicy | None = None,
    ) -> wire.Page:
        """One page, retried while that may help; ``what`` is its name for people.

        Raises a SourceError: SourceGone for 404, SourceRefused if this sign-in may not see it, SignInRefused
        if nothing else would work either.
        """
        params = params or {}
        url = self._url(address, params)
        try:
            page = await retry(
                policy or self._vain.policy(url, self.policy),
                lambda: self._page(url, what),
                lambda error: self._reporter.retried(what, error.side, str(error)),
                side=self._api,
            )
        except SourceError as error:
            if error.retryable:
                self._vain.add(url)
                self._give_up_without_lists(error)
            raise
        self._vain.answered()
        if "count" in params:
            self._list = self._url(address, {**params, "start": 1, "count": 1})
        return page

    async def ask(self, address: str) -> Answer:
        """One answer as it is, whatever its status."""
        return await self._fetch(self._url(address, {"_verbosity": 1}), "a question")

    def _give_up_without_lists(self, error: SourceError) -> None:
        """If only the sign-in works, no album can be found, however long the rest is retried."""
        if not self._list and self._vain.in_a_row > 1:
            raise SourceAway(
                f"SmugMug accepts the sign-in but answers no other request ({error}); nothing is lost",
                hint="Run the same command again later: the problem is at SmugMug.",
            ) from error

    async def _present(self) -> None:
        """The request that tests whether SmugMug's API is reachable; raises its errors, and SourceBusy for a 5xx.

        If a list succeeded before, that is repeated: an API that only answers the sign-in is down.
        """
        url, what = self._list or self._url(AUTHUSER, {}), "a repeated request"
        answer = await self._once(url, what)
        if answer.status >= 500:
            raise await self._verdict(url, answer, what)

    async def _page(self, url: str, what: str) -> wire.Page:
        answer = await self._fetch(url, what)
        if answer.status >= 400:
            raise await self._verdict(url, answer, what)
        return wire.read_page(answer.body, what)

    async def _fetch(self, url: str, what: str) -> Answer:
        for _ in range(4):
            answer = await self._once(url, what)
            if answer.status not in _REDIRECTS:
                return answer
            # Not by the HTTP library: it would repeat the nonce, and send the signature to any host.
            before, url = url, followed(url, answer.headers.get("Location", ""))
            if not is_signed_on(url, before, self.origin):
                raise SourceBroken(f"SmugMug's answer for {what} redirects to a host that is not SmugMug's")
        raise SourceBroken(f"SmugMug's answer for {what} redirects in a loop")

    async def _once(self, url: str, what: str) -> Answer:
        async with self._gate:
            self.calls += 1
            headers = {"Accept": "application/json"} | self.sign(url)
            try:
                async with self.session.get(
                    URL(url, encoded=True),
                    headers=headers,
                    allow_redirects=False,
                    timeout=_TIMEOUT,
                    proxy=proxies.proxy_for(url),
                ) as response:
                    answer = Answer(response.status, response.headers.copy(), await response.read())
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise unreachable(error, url, f"SmugMug did not answer for {what}") from error
        refuse_proxys(answer.status, answer.headers, url)
        if answer.status < 500:
            self._api.answered()
        self._heed(answer)
        return answer

    def _heed(self, answer: Answer) -> None:
        """Close the gate for all requests if SmugMug asks one to wait."""
        self.clock_skew = clock_skew(answer.headers)
        if allowance := rate_limit.allowance(answer.headers):
            self._reporter.allowance(*allowance)
        pause = rate_limit.budget_pause(answer.headers, now=time.time())
        if answer.status == 429:
            pause = max(pause, rate_limit.retry_after(answer.headers, now=datetime.now(UTC)) or 0.0)
        if pause and self._gate.close_for(pause):
            self._reporter.paused(pause)

    async def _verdict(self, url: str, answer: Answer, what: str) -> SourceError:
        message = wire.error_message(answer.body)
        if answer.status == 401 and "nonce_used" in message:
            # Also a fault of SmugMug: it replays a slow page internally with the same nonce.
            return SourceBroken(f"SmugMug rejected the request for {what} as a duplicate")
        if answer.status == 401:
            return await self._unauthorized(url, answer, message, what)
        if answer.status in (404, 410):
            return SourceGone(f"SmugMug does not have {what} (any more)")
        if answer.status in (408, 429) or answer.status >= 500:
            wait = rate_limit.retry_after(answer.headers, now=datetime.now(UTC))
            return SourceBusy(f"SmugMug answered {answer.status} for {what}", retry_after=wait)
        return SourceRefused(f"SmugMug refused {what} ({answer.status}{': ' + message if message else ''})")

    async def _unauthorized(self, url: str, answer: Answer, message: str, what: str) -> SourceError:
        """One 401 need not mean that the sign-in is bad: request the signed-in user before stopping."""
        if not self.signs or urlsplit(url).path == AUTHUSER:
            return sign_in_refusal(answer, message)
        asked, whom = self._url(AUTHUSER, {}), "the signed-in user"
        who = await self._fetch(asked, whom)
        if who.status in (401, 408, 429) or who.status >= 500:
            return await self._verdict(asked, who, whom)
        if "timestamp" in message:
            # Signed before this computer slept, sent after it woke.
            return SourceBroken(f"SmugMug rejected the request for {what} as outdated")
        return SourceRefused(f"SmugMug denied access to {what} ({message or answer.status})")

    def _url(self, address: str, params: Mapping[str, str | int]) -> str:
        query = {**params} if self.signs else {**params, "APIKey": self._api_key}
        encoded = "&".join(f"{name}={quote(str(value), safe=',')}" for name, value in query.items())
        url = urljoin(self.origin, address)
        return url + (("&" if "?" in url else "?") + encoded if encoded else "")


class _Vain:
    """Counts failed requests, so that retrying ever smaller pieces of ever more albums comes to an end."""

    def __init__(self) -> None:
        self._ever: set[str] = set()
        self._lately: set[str] = set()

    @property
    def in_a_row(self) -> int:
        """The number of different failed requests since the last success."""
        return len(self._lately)

    def add(self, url: str) -> None:
        """Record that all attempts failed."""
        self._ever.add(urlsplit(url).path)
        self._lately.add(urlsplit(url).path)

    def answered(self) -> None:
        """Record a success."""
        self._lately.clear()

    def policy(self, url: str, usual: RetryPolicy) -> RetryPolicy:
        """Fewer attempts for another piece of a failed list, and one if nothing succeeds any more."""
        if self.in_a_row >= IN_VAIN:
            return replace(usual, attempts=1)
        worn = urlsplit(url).path in self._ever
        return replace(usual, attempts=min(usual.attempts, A_FEW_TRIES.attempts)) if worn else usual


def sign_in_refusal(answer: Answer, message: str) -> SignInRefused:
    """The error for a 401, with what to do."""
    problem = message or "no reason given"
    skew = clock_skew(answer.headers)
    if "timestamp" in message or (abs(skew) > SKEW_ALLOWED and "signature" in message):
        return ClockRefused(
            f"SmugMug refused the sign-in because this computer's clock is {abs(skew):,.0f} seconds "
            f"{'behind' if skew > 0 else 'ahead'} ({problem})",
            hint="Set the clock (turn on automatic time), then try again.",
        )
    if "signature" in message:
        return SignInRefused(
            f"SmugMug rejected the signature: a secret in the settings is wrong ({problem})",
            hint="Check SMUGMUG_OAUTH_CONSUMER_SECRET, then run `smug2s3 auth` for a new token.",
        )
    if "API key" in message or "consumer_key" in message:
        return SignInRefused(
            f"SmugMug rejected the API key: {problem}",
            hint="Compare SMUGMUG_OAUTH_CONSUMER_KEY (or SMUGMUG_API_KEY) and its secret with your API keys on "
            "SmugMug: Account Settings > Privacy > API Keys.",
        )
    return SignInRefused(
        f"SmugMug refused the sign-in: {problem}",
        hint="Run `smug2s3 auth` to sign in again: the access may have been revoked, or a key or token mistyped.",
    )


def clock_skew(headers: Mapping[str, str]) -> float:
    """Seconds this computer's clock is behind SmugMug's; 0 if SmugMug sends no time."""
    try:
        return (parsedate_to_datetime(headers["Date"]) - datetime.now(UTC)).total_seconds()
    except (KeyError, ValueError, TypeError):
        return 0.0


def unreachable(error: BaseException, url: str, sentence: str) -> SourceUnreachable:
    """The error for a request to ``url`` without a response; with ``sentence``, unless a proxy is the cause."""
    whole = proxies.failure(error, url) or f"{sentence}: {plain_cause(error)}{proxies.through(url)}"
    return SourceUnreachable(whole, hint=proxies.hint(url, diagnostics.CONNECTION))


def refuse_proxys(status: int, headers: Mapping[str, str], url: str) -> None:
    """Raise SourceUnreachable for a response from a proxy instead of SmugMug."""
    if sentence := proxies.refusal(status, headers.get("Content-Type", ""), url):
        raise SourceUnreachable(sentence, hint=proxies.hint(url, ""))


def plain_cause(error: BaseException) -> str:
    """A library's connection error in a few words."""
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = getattr(error.certificate_error, "verify_message", "") or "it cannot be verified"
        return f"the certificate of {error.host}:{error.port} is not trusted ({reason}{_trust_setting()})"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection to {error.host}:{error.port}"
    if isinstance(error, aiohttp.ClientResponseError):
        return error.message  # not the address, which may hold a key
    return str(error) or type(error).__name__


def _trust_setting() -> str:
    """The variable that leaves no trusted certificates, for the end of a sentence; OpenSSL ignores missing files."""
    for name, here in (("SSL_CERT_FILE", Path.is_file), ("SSL_CERT_DIR", Path.is_dir)):
        if (path := os.environ.get(name)) and not here(Path(path)):
            return f"; {name} names {path}, which is not there"
    if (path := os.environ.get("SSL_CERT_FILE")) and b"BEGIN " not in Path(path).read_bytes():
        return f"; SSL_CERT_FILE names {path}, which holds no certificates"
    return ""
