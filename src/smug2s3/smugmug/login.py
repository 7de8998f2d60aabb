"""The OAuth sign-in: a request token, six digits from the user's browser, an access token."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode

import aiohttp
from yarl import URL

from smug2s3.errors import CodeRefused, SignInRefused, SourceBroken, SourceBusy
from smug2s3.flow.proxies import proxy_for
from smug2s3.smugmug import oauth, wire
from smug2s3.smugmug.client import Answer, refuse_proxys, sign_in_refusal, unreachable

_TIMEOUT = aiohttp.ClientTimeout(total=60)
_PROBLEM = re.compile(r"oauth_problem=([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Pending:
    """A pending sign-in: the address for the user, and the request token, valid for five minutes."""

    credentials: oauth.Credentials
    authorize_url: str


async def begin(session: aiohttp.ClientSession, origin: str, credentials: oauth.Credentials) -> Pending:
    """Ask for a request token and build the address at which the user allows reading everything.

    ``Access=Full`` is asked from the start: a later sign-in does not raise a level once granted (documented).
    """
    url = origin + oauth.FIRST_STEP
    answer = await _post(session, url, oauth.sign(credentials, "POST", url, callback="oob"))
    if answer.status >= 400:
        raise _refusal(answer, "the API key")
    waiting = _with_token(credentials, answer)
    query = urlencode({"oauth_token": waiting.token, "Access": "Full", "Permissions": "Read"})
    return Pending(waiting, f"{origin}{oauth.AUTHORIZE}?{query}")


async def finish(session: aiohttp.ClientSession, origin: str, pending: Pending, code: str) -> oauth.Credentials:
    """Exchange the six digits for an access token, which is valid until the user revokes it."""
    url = origin + oauth.LAST_STEP
    answer = await _post(session, url, oauth.sign(pending.credentials, "POST", url, verifier=clean_code(code)))
    if answer.status >= 400:
        raise _refusal(answer, "the code")
    return _with_token(pending.credentials, answer)


_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9]{3}[\s-]?[0-9]{3}(?![0-9A-Za-z])")


def clean_code(text: str) -> str:
    """The six digits from what was typed, or from a pasted page; raises CodeRefused if there are none."""
    found = {_bare(code) for code in (_CODE.findall(text) if len(_bare(text)) != 6 else [text])}
    digits = found.pop() if len(found) == 1 else ""
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise CodeRefused(
            f"the code must be six digits, but {_beginning(text)!r} was entered",
            hint="Run `smug2s3 auth` again and copy the six digits SmugMug shows after you allow access.",
        )
    return digits


def _bare(code: str) -> str:
    return re.sub(r"[\s-]", "", code)


def _beginning(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 20 else f"{text[:20]}…"


async def _post(session: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> Answer:
    try:
        async with session.post(
            URL(url, encoded=True), headers=headers, allow_redirects=False, timeout=_TIMEOUT, proxy=proxy_for(url)
        ) as response:
            answer = Answer(response.status, response.headers.copy(), await response.read())
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise unreachable(error, url, "SmugMug cannot be reached") from error
    refuse_proxys(answer.status, answer.headers, url)
    return answer


def _with_token(credentials: oauth.Credentials, answer: Answer) -> oauth.Credentials:
    fields = parse_qs(answer.body.decode(errors="replace"))
    try:
        return replace(credentials, token=fields["oauth_token"][0], token_secret=fields["oauth_token_secret"][0])
    except KeyError:
        raise SourceBroken("SmugMug's answer to the sign-in has no token") from None


def _refusal(answer: Answer, what: str) -> SignInRefused | SourceBusy:
    if answer.status == 429 or answer.status >= 500:
        return SourceBusy(f"SmugMug is busy ({answer.status})", hint="Wait a minute, then run `smug2s3 auth` again.")
    text = wire.error_message(answer.body) or answer.body.decode(errors="replace")
    problem = _PROBLEM.search(text)
    reason = problem[1] if problem else ""
    if what == "the code" and reason not in ("timestamp_refused", "consumer_key_unknown", "signature_invalid"):
        kind = SignInRefused if reason.startswith("token_") else CodeRefused  # an expired token accepts no code
        return kind(
            f"SmugMug did not accept the code{f' ({reason})' if reason else ''}: it is wrong, used, or older than "
            "five minutes",
            hint="Run `smug2s3 auth` again for a new link and a new code.",
        )
    if reason == "signature_invalid":
        return SignInRefused(
            "SmugMug did not accept the signature: the API key's secret is wrong",
            hint="Compare SMUGMUG_OAUTH_CONSUMER_SECRET with your API keys on SmugMug.",
        )
    return sign_in_refusal(answer, reason or text[:200].strip())
