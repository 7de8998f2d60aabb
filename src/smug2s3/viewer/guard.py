"""Keeps others out: only a browser that was given the token gets in, under this address, and from no other page."""

from __future__ import annotations

import secrets
from hmac import compare_digest

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from smug2s3.viewer.rendering import render

POLICY = (
    "default-src 'none'; img-src 'self' data:; media-src 'self'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For every page: it loads nothing from elsewhere, and no script but ours runs, whatever a caption contains."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: browsers then send the form for a ZIP with `Origin: null`, as if it were another page's.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

NOT_KEPT = "private, no-store"
"""For every answer that does not say otherwise."""

_OUR_OWN = ("", "same-origin", "none")
"""Where a request may come from, as browsers say it: one of our pages, or nowhere (typed, or from the terminal).

A page of another server on this computer counts as the same site, and so gets our cookie sent along.
"""


class Guard:
    """Who may ask; the token is new in each run."""

    def __init__(self) -> None:
        self._token = secrets.token_urlsafe(32)
        self.port = 0
        """Set once it is known."""

    @property
    def address(self) -> str:
        """The first address to open; it gives the browser its cookie."""
        return f"http://127.0.0.1:{self.port}/?token={self._token}"

    @property
    def _cookie(self) -> str:
        """Cookies do not know ports: so its name does."""
        return f"smug2s3-{self.port}"

    @property
    def _hosts(self) -> tuple[str, ...]:
        return (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    def protect(self, app: web.Application) -> None:
        """Let only those in who may ask, and add the headers to every answer, streams among them."""
        app.middlewares.insert(0, self._middleware())
        app.on_response_prepare.append(_add_headers)

    def _middleware(self) -> Middleware:
        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            return self._refusal(request) or self._welcome(request) or await handler(request)

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        """A foreign name may be another site's that leads here; a foreign origin is another page's request."""
        origin = request.headers.get("Origin", "")
        if request.headers.getall("Host", []) not in [[host] for host in self._hosts]:
            return web.Response(status=400, text="This address is not served here.\n")
        if origin and origin not in {f"http://{host}" for host in self._hosts}:
            return web.Response(status=403, text="Requests of other pages are not answered.\n")
        return None

    def _welcome(self, request: web.Request) -> web.Response | None:
        """The cookie for who brings the token, and a plain sentence for who has neither."""
        if _is(request.query.get("token", ""), self._token) and request.path == "/":
            # Not a redirect: after a click in another page, browsers would not send the new cookie along.
            answer = web.Response(content_type="text/html", text=render("opened.html"))
            answer.set_cookie(self._cookie, self._token, httponly=True, samesite="Strict", path="/")
            return answer
        foreign = request.headers.get("Sec-Fetch-Site", "") not in _OUR_OWN
        if _is(request.cookies.get(self._cookie, ""), self._token) and not foreign:
            return None
        return web.Response(status=403, content_type="text/html", text=render("closed.html"))


async def _add_headers(_request: web.Request, answer: web.StreamResponse) -> None:
    answer.headers.update(HEADERS)
    answer.headers.setdefault("Cache-Control", NOT_KEPT)


def _is(given: str, token: str) -> bool:
    return compare_digest(given.encode(errors="replace"), token.encode())
