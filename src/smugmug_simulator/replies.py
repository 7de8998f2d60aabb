"""HTTP responses as data, ready-made errors, and how faults change responses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from smugmug_simulator.content import Content, Literal
from smugmug_simulator.faults import Fault

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Log In</title></head><body><form>Log in to see this gallery.</form></body></html>"
FORBIDDEN_PAGE = (
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>403 Forbidden</title>\n</head><body>\n'
    "<h1>Forbidden</h1>\n<p>You don't have permission to access this resource.</p>\n</body></html>\n"
)
_HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers, and the slice of a content that is the body."""

    status: int
    content_type: str
    content: Content
    headers: Mapping[str, str] = field(default_factory=dict)
    start: int = 0
    stop: int | None = None

    @property
    def end(self) -> int:
        """Where the body ends in the content."""
        return self.content.size if self.stop is None else self.stop

    @property
    def length(self) -> int:
        """The true Content-Length."""
        return self.end - self.start


def text_reply(status: int, text: str, content_type: str = _HTML, headers: Mapping[str, str] | None = None) -> Reply:
    """A short text response."""
    return Reply(status, content_type, Literal(text.encode(errors="replace")), headers or {})


def json_reply(status: int, body: Any, *, pretty: bool = False, headers: Mapping[str, str] | None = None) -> Reply:
    """A response in JSON; slashes are not escaped (recorded)."""
    text = json.dumps(body, ensure_ascii=False, indent=2 if pretty else None, separators=None if pretty else (",", ":"))
    return text_reply(status, text, "application/json", headers)


def error_reply(code: int, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    """The two keys every API error has (recorded for 401)."""
    return json_reply(code, {"Code": code, "Message": message}, headers=headers)


def spoilt(fault: Fault, reply: Reply | None = None) -> Reply | None:
    """The response instead of the true one, or None to send the true one (perhaps badly)."""
    extra = dict(fault.headers) | ({} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)})
    match fault.action:
        case "status":
            return text_reply(fault.status, fault.body, fault.content_type, extra)
        case "nonce_used":
            return error_reply(401, "oauth_problem=nonce_used")
        case "html":
            return text_reply(200, fault.body or LOGIN_PAGE, headers=extra)
        case "empty":
            return Reply(200, reply.content_type if reply else "image/jpeg", Literal(b""), extra)
        case _:
            return None


def whole(reply: Reply) -> Reply:
    """The response of a server that does not support Range."""
    if reply.status != 206:
        return reply
    headers = {name: value for name, value in reply.headers.items() if name != "Content-Range"}
    return replace(reply, status=200, start=0, stop=None, headers=headers)
