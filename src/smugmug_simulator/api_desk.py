"""Answers `/api/v2/...` over HTTP: authentication, quota, response and its format."""

import html
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from smugmug_simulator import api, short_lists
from smugmug_simulator.answering import ApiError, MovedError, NoResponseError, Params
from smugmug_simulator.answers_node import unlock_target
from smugmug_simulator.asked import Asked
from smugmug_simulator.envelope import Answer, dressed
from smugmug_simulator.faults import Fault
from smugmug_simulator.oauth import OAuthProblemError
from smugmug_simulator.replies import FORBIDDEN_PAGE, LOGIN_PAGE, Reply, error_reply, json_reply, text_reply
from smugmug_simulator.scene import Scene
from smugmug_simulator.shape import Shape, shape_of
from smugmug_simulator.state import SESSION_COOKIE, Caller, State, caller

# 350 image keys in one path worked, 792 were refused (reported); the line between them is a guess.
_LONGEST_PATH = 4096
_TOO_MANY_PASSWORDS = 10


def reply(state: State, asked: Asked, fault: Fault | None = None) -> Reply:
    """The response to an API request."""
    if len(asked.path) > _LONGEST_PATH:
        return text_reply(403, FORBIDDEN_PAGE)
    try:
        asker = caller(state, asked)
    except OAuthProblemError as problem:
        return error_reply(401, problem.message)
    headers = state.rate.take(asker.application)
    if headers is None:
        return error_reply(429, "Too Many Requests", state.rate.retry_after(asker.application))
    try:
        result = _unlock(state, asked, asker) if _is_unlock(asked) else _result(state, asked, asker, fault)
    except ApiError as error:
        result = error_reply(error.code, error.message)
    except MovedError as moved:
        result = _moved(asked, moved.uri)
    return replace(result, headers={"Vary": "Accept-Encoding", **result.headers, **headers})


def _moved(asked: Asked, uri: str) -> Reply:
    """301 with all parameters kept, not to be stored (probed 2026-10)."""
    target = asked.origin + uri + (f"?{asked.query}" if asked.query else "")
    return text_reply(301, "", headers={"Location": target, "Cache-Control": "no-store"})


def _result(state: State, asked: Asked, asker: Caller, fault: Fault | None) -> Reply:
    if asked.method not in {"GET", "HEAD", "OPTIONS"}:
        raise _write_refusal(asker)
    if state.world.components == "web page" and asked.path.endswith("!components"):
        return text_reply(200, LOGIN_PAGE)
    scene = Scene(state.world, asker.viewer, asked.origin, state.limits)
    params = asked.params
    try:
        shape = shape_of(params)
    except (ValueError, TypeError, AttributeError) as error:
        raise ApiError(400, f"Invalid _config: {error}") from error
    _stir(state, asked.path, params)
    scene = short_lists.before(scene, asked.path, params, fault)
    try:
        answer = _with_fault(scene, asked.path, params, fault)
    except NoResponseError:
        return _clothed(asked, {"Code": 200, "Message": "Ok"})
    return _clothed(
        asked, _body(scene, asked, answer, shape, fault), no_store=any(e.level == "Password" for e in answer.entities)
    )


def _write_refusal(asker: Caller) -> ApiError:
    """Nothing can be changed through this simulator's API; a read-only token gets the reason (the status code is a guess)."""
    if asker.level is None:
        return ApiError(401, "Authentication required")
    if asker.level.permissions == "Read":
        return ApiError(403, "The user has not granted the required permissions")
    return ApiError(405, "Method Not Allowed")


def _stir(state: State, path: str, params: Params) -> None:
    """A restless album changes its order once, between two of its pages."""
    segments, action = api.split(path)
    node = state.world.album(segments[1]) if len(segments) == 2 and segments[0] == "album" else None
    if action != "images" or node is None or node.album is None or not node.album.restless:
        return
    if params.get("start", "1") != "1" and node.album.key not in state.settled:
        state.settled.add(node.album.key)
        state.world.reorder(node.album.key)


def _with_fault(scene: Scene, path: str, params: Params, fault: Fault | None) -> Answer:
    """The response, unless a fault makes a page repeat the first one or lose some of its items."""
    answer = api.answer(scene, path, params)
    if fault and fault.action == "repeat_page":
        first = api.answer(scene, path, {**params, "start": "1"})
        return replace(answer, entities=first.entities)
    if fault and fault.action == "shrink_page":
        kept = max(0, len(answer.entities) - fault.amount)
        return replace(answer, entities=answer.entities[:kept])
    return answer


def _body(scene: Scene, asked: Asked, answer: Answer, shape: Shape, fault: Fault | None) -> dict[str, Any]:
    if asked.method == "OPTIONS":
        return {"Options": _options(asked, answer), "Code": 200, "Message": "Ok"}
    body = dressed(answer, shape, asked.raw_query, api.expander(scene))
    short_lists.spoil(body, fault)
    if shape.verbosity == 1:
        return body
    body["Response"]["Timing"] = {"Total": {"time": 0.01, "cycles": 1, "objects": 0}}
    request = {"Version": "v2", "Method": asked.method, "Uri": _without_key(asked)}
    return {"Request": request, "Options": _options(asked, answer), **body}


def _options(asked: Asked, answer: Answer) -> dict[str, Any]:
    segments, action = api.split(asked.path)
    return api.options(answer.endpoint, segments, action, answer.params)


def _without_key(asked: Asked) -> str:
    """The request as echoed: without key and signature."""
    pairs = [pair for pair in asked.query.split("&") if pair and not pair.startswith(("APIKey=", "oauth_"))]
    return asked.path + ("?" + "&".join(pairs) if pairs else "")


def _clothed(asked: Asked, body: Mapping[str, Any], *, no_store: bool = False) -> Reply:
    """JSON for those who ask for it, the live browser's page with JSON in its last `pre` for others (documented)."""
    headers = {"Cache-Control": "no-store"} if no_store else {}
    if "application/json" in asked.params.get("_accept", asked.accept):
        return json_reply(200, body, pretty="_pretty" in asked.params, headers=headers)
    shown = html.escape(json.dumps(body, ensure_ascii=False, indent=2), quote=False)
    page = f"<!DOCTYPE html><html><head><title>API Live Browser</title></head><body><h1>API</h1><pre>{shown}</pre></body></html>"
    return text_reply(200, page, headers=headers)


def _is_unlock(asked: Asked) -> bool:
    return asked.method == "POST" and api.split(asked.path)[1] == "unlock"


def _unlock(state: State, asked: Asked, asker: Caller) -> Reply:
    """`!unlock` with `Password=`: a session cookie for the right one; too many wrong ones lock it (reported)."""
    segments, _ = api.split(asked.path)
    scene = Scene(state.world, asker.viewer, asked.origin)
    node = unlock_target(scene, segments[0], segments[-1])
    wrong = state.wrong_passwords.get(node.id, 0)
    if wrong >= _TOO_MANY_PASSWORDS or asked.form_params.get("Password") != node.password:
        state.wrong_passwords[node.id] = wrong + 1
        raise ApiError(401, "Incorrect password")
    session = asked.cookies.get(SESSION_COOKIE) or secrets.token_hex(16)
    state.unlocked.setdefault(session, set()).add(node.id)
    return json_reply(
        200, {"Code": 200, "Message": "Ok"}, headers={"Set-Cookie": f"{SESSION_COOKIE}={session}; Path=/"}
    )
