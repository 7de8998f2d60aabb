"""Every kind of fault on all three sides, as data, each to strike any request with the same small chance."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from smugmug_simulator import Fault
from tests.support.fault_proxy import StoreFault

API: dict[str, Fault] = {
    "429 with Retry-After": Fault(action="status", status=429, retry_after=1),
    "429 without": Fault(action="status", status=429),
    "500, empty": Fault(action="status", status=500),
    "502 in HTML": Fault(action="status", status=502, body="<html>Bad Gateway</html>"),
    "504 in HTML": Fault(action="status", status=504, body="<html>Gateway Time-out</html>"),
    "200 in HTML": Fault(action="html"),
    "200 with nothing": Fault(action="empty"),
    "nonce_used": Fault(action="nonce_used"),
    "signature refused": Fault(
        action="status", status=401, body='{"Code":401,"Message":"oauth_problem=signature_invalid"}'
    ),
    "silence": Fault(action="hang", seconds=5),
    "slow drip": Fault(action="slow", amount=2_000),
    "reset": Fault(action="reset", amount=40),
    "shortened or hidden": Fault(action="short", amount=60),
    "page shrunk": Fault(action="shrink_page", amount=2, path="*!images*"),
    "page repeated": Fault(action="repeat_page", path="*!images*"),
}

MEDIA: dict[str, Fault] = {
    "404": Fault(action="status", status=404, body="<html>Not Found</html>"),
    "403": Fault(action="status", status=403, body="<html>Forbidden</html>"),
    "429 with Retry-After": Fault(action="status", status=429, retry_after=1),
    "500": Fault(action="status", status=500),
    "503": Fault(action="status", status=503),
    "reset at once": Fault(action="reset", amount=0),
    "reset in the middle": Fault(action="reset", amount=1_500),
    "short body": Fault(action="short", amount=1_000),
    "long body": Fault(action="long", amount=7),
    "corrupt byte": Fault(action="corrupt", amount=1_234),
    "HTML with 200": Fault(action="html"),
    "nothing with 200": Fault(action="empty"),
    "wrong Content-Length": Fault(action="wrong_length", amount=-3),
    "silence": Fault(action="hang", seconds=5),
    "slow": Fault(action="slow", amount=50_000, path="*IMG_*"),
}

STORE: dict[str, StoreFault] = {
    "503 SlowDown": StoreFault(action="answer"),
    "503 with Retry-After": StoreFault(action="answer", headers=(("Retry-After", "1"),)),
    "500 InternalError": StoreFault(action="answer", status=500, code="InternalError"),
    "502 without a code": StoreFault(action="answer", status=502, code=""),
    "reset before": StoreFault(action="reset"),
    "reset in the middle": StoreFault(action="reset_midway", method="PUT"),
    "reply lost after commit": StoreFault(action="reply_lost"),
    "stall": StoreFault(action="stall", seconds=5),
    "400 BadDigest": StoreFault(action="answer", method="PUT", status=400, code="BadDigest"),
    "403 AccessDenied": StoreFault(action="answer", method="PUT", status=403, code="AccessDenied"),
    "507 quota full": StoreFault(action="answer", method="PUT", status=507, code="InsufficientStorage"),
    "200 with an error": StoreFault(action="answer", method="P*", status=200, code="InternalError"),
    "wrong ETag": StoreFault(action="wrong_etag", method="PUT"),
}


def simulated(faults: dict[str, Fault], kind: Literal["api", "media"], chance: float, seed: int) -> list[Fault]:
    """The faults of one of SmugMug's sides, each striking with ``chance``, without end."""
    return [
        replace(fault, kind=kind, chance=chance, times=None, seed=1000 * seed + len(kind) * 100 + number)
        for number, fault in enumerate(faults.values())
    ]


def stored(chance: float, seed: int) -> list[StoreFault]:
    """The store's faults, each striking with ``chance``, without end."""
    return [
        replace(fault, chance=chance, times=None, seed=1000 * seed + number)
        for number, fault in enumerate(STORE.values())
    ]
