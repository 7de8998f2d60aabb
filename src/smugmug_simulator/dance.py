"""The three steps of OAuth 1.0a: a request token, the user's yes with six digits, an access token."""

import html
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlencode

from smugmug_simulator.asked import Asked
from smugmug_simulator.oauth import (
    TIMESTAMP_TOLERANCE,
    Access,
    Keyring,
    Level,
    OAuthProblemError,
    Permissions,
    oauth_params,
)
from smugmug_simulator.replies import Reply, text_reply

PREFIX = "/services/oauth/1.0a/"
_FORM = "application/x-www-form-urlencoded"


def reply(keyring: Keyring, asked: Asked) -> Reply:
    """The response to one step; clients use both GET and POST."""
    steps = {"getRequestToken": _request_token, "authorize": _authorize, "getAccessToken": _access_token}
    step = steps.get(asked.path.removeprefix(PREFIX).rstrip("/"))
    if step is None:
        return text_reply(404, "Not Found")
    try:
        return step(keyring, asked)
    except OAuthProblemError as problem:
        return text_reply(401, _problem(keyring, problem), _FORM)


def _problem(keyring: Keyring, problem: OAuthProblemError) -> str:
    """The body of a refusal, as the problem reporting extension writes it; the documentation shows `parameter_absent`."""
    fields = {"oauth_problem": str(problem)}
    if str(problem) == "timestamp_refused":
        moment = int(keyring.clock())
        fields["oauth_acceptable_timestamps"] = f"{moment - TIMESTAMP_TOLERANCE}-{moment + TIMESTAMP_TOLERANCE}"
    return urlencode(fields)


def _request_token(keyring: Keyring, asked: Asked) -> Reply:
    params = oauth_params(asked.signed)
    keyring.check(asked.signed, params, lambda _token: "")
    callback = params.get("oauth_callback", "")
    if not callback:
        raise OAuthProblemError("parameter_absent")
    token, secret = keyring.begin(params["oauth_consumer_key"], callback)
    return _tokens(token, secret, {"oauth_callback_confirmed": "true"})


def _access_token(keyring: Keyring, asked: Asked) -> Reply:
    params = oauth_params(asked.signed)
    keyring.check(asked.signed, params, lambda token: keyring.pending(token).secret)
    if keyring.pending(params["oauth_token"]).consumer_key != params["oauth_consumer_key"]:
        raise OAuthProblemError("token_rejected")
    if "oauth_verifier" not in params:
        raise OAuthProblemError("parameter_absent")
    return _tokens(*keyring.exchange(params["oauth_token"], params["oauth_verifier"]), {})


def _tokens(token: str, secret: str, more: Mapping[str, str]) -> Reply:
    return text_reply(200, urlencode({"oauth_token": token, "oauth_token_secret": secret, **more}), _FORM)


def _authorize(keyring: Keyring, asked: Asked) -> Reply:
    """The authorize page; submitting its form shows the six digits or redirects to the application."""
    params = asked.params | asked.form_params
    token = params.get("oauth_token", "")
    pending = keyring.pending(token)
    level = level_of(params)
    if asked.method != "POST":
        return text_reply(200, _question(token, level))
    if params.get("deny"):
        return text_reply(200, _page("<p>You have not allowed this application anything.</p>"))
    pending = keyring.authorize(token, level)
    if pending.callback != "oob":
        joint = "&" if "?" in pending.callback else "?"
        answer = urlencode({"oauth_token": token, "oauth_verifier": pending.verifier})
        return text_reply(302, "", headers={"Location": f"{pending.callback}{joint}{answer}"})
    return text_reply(
        200, _page(f"<p>Enter this six-digit code in the application:</p><h1 id='code'>{pending.verifier}</h1>")
    )


def level_of(params: Mapping[str, str]) -> Level:
    """Access and Permissions of an authorize address; Public and Read unless asked otherwise (documented)."""
    access = params.get("Access", "Public")
    permissions = params.get("Permissions", "Read")
    if access not in {"Full", "Public"} or permissions not in {"Read", "Add", "Modify"}:
        raise OAuthProblemError("parameter_rejected")
    return Level(cast("Access", access), cast("Permissions", permissions))


def _question(token: str, level: Level) -> str:
    fields = {"oauth_token": token, "Access": level.access, "Permissions": level.permissions}
    hidden = "".join(
        f"<input type='hidden' name='{name}' value='{html.escape(value)}'>" for name, value in fields.items()
    )
    buttons = "<button name='allow' value='1'>Allow</button> <button name='deny' value='1'>Deny</button>"
    words = f"<p>An application asks for access: {level.access}, {level.permissions}.</p>"
    return _page(f"{words}<form method='post' action='{PREFIX}authorize'>{hidden}{buttons}</form>")


def _page(body: str) -> str:
    return f"<!DOCTYPE html><html><head><title>SmugMug simulator</title></head><body>{body}</body></html>"
