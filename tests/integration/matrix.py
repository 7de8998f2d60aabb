"""The fault matrix: what can go wrong on each side, once and for good, and what a run must come to then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smug2s3.errors import SignInRefused, Smug2s3Error, StoreUnusable
from smugmug_simulator import Fault
from tests.support.fault_proxy import StoreFault

ROSE = "*rose*"
"""The small file that meets the faults; its album is Garden, of ten files on pages of four."""
PANORAMA = "*panorama*"
"""The large one, which goes in three parts."""
GARDEN = "*GARDEN!images*"
"""Where its album is listed."""
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One row of the matrix; what is left out goes well."""

    id: str
    source: tuple[Fault, ...] = ()
    store: tuple[StoreFault, ...] = ()
    lacks: tuple[str, ...] = ()
    """Globs of the keys that may be missing after the first run; of each something must be."""
    named: str = ""
    """A regular expression, to be found in what the first run says of it."""
    failed: int = 0
    code: int = 0
    ends: type[Smug2s3Error] | None = None
    """What ends the run, where nothing else would work either."""
    listed_less: bool = False
    """Whether SmugMug counts an item that it never shows."""


def _status(status: int, body: str = "", headers: dict[str, str] | None = None) -> Fault:
    return Fault(action="status", status=status, body=body, headers=headers or {})


def _401(problem: str) -> Fault:
    body = f'{{"Code": 401, "Message": "oauth_problem={problem}"}}'
    return Fault(action="status", status=401, body=body, content_type="application/json")


_SOON = {"Retry-After": "0.05"}

# What SmugMug's API does once, or for ever when one album is listed; and what is then said of that album.
_API: dict[str, tuple[Fault, str]] = {
    "429-with-retry-after": (_status(429, headers=_SOON), "answered 429"),
    "429-without": (_status(429), "answered 429"),
    "500-empty": (_status(500), "answered 500"),
    "502-html": (_status(502, "<html>Bad Gateway</html>"), "answered 502"),
    "504-html": (_status(504, "<html>Gateway Time-out</html>"), "answered 504"),
    "200-html": (Fault(action="html"), "SmugMug"),
    "200-empty": (Fault(action="empty"), "SmugMug"),
    "nonce-used": (Fault(action="nonce_used"), "as a duplicate"),
    "hang": (Fault(action="hang"), "did not answer"),
    "slow-drip": (Fault(action="slow", amount=40), "did not answer"),
    "reset": (Fault(action="reset", amount=40), "did not answer"),
    "short": (Fault(action="short", amount=60), "did not answer"),
}

# What its media host does with one file: once, or for ever; and what is then said of the file.
_MEDIA: dict[str, tuple[Fault, str]] = {
    # Less than a sixth of the file: where it was cut it is taken up again, five times.
    "reset-after-k-bytes": (Fault(action="reset", amount=300), "connection (to SmugMug )?broke"),
    "short-body": (Fault(action="short", amount=300), "connection (to SmugMug )?broke"),
    "long-body": (Fault(action="long", amount=9), "SmugMug"),
    "corrupt-byte": (Fault(action="corrupt", amount=900), "but SmugMug lists"),
    "200-html": (Fault(action="html"), "web page"),
    "200-empty": (Fault(action="empty"), "sends 0"),
    "never-begins": (Fault(action="hang"), "did not answer"),
    "stall": (Fault(action="stall", amount=900), "SmugMug sent no data for"),
    "too-long-announced": (Fault(action="wrong_length", amount=11), "bytes but sends"),
    "too-short-announced": (Fault(action="wrong_length", amount=-11), "bytes but sends"),
    "429": (_status(429, headers=_SOON), "answered 429"),
    "500": (_status(500), "answered 500"),
    "503": (_status(503), "answered 503"),
}

# What the store does with a single PUT: once, or for ever; and what is then said of the file.
_PUT: dict[str, tuple[StoreFault, str]] = {
    "503-slow-down": (StoreFault(action="answer"), "SlowDown"),
    "503-with-retry-after": (StoreFault(action="answer", headers=(("Retry-After", "0"),)), "SlowDown"),
    "500": (StoreFault(action="answer", status=500, code="InternalError"), "InternalError"),
    "502-no-code": (StoreFault(action="answer", status=502, code=""), "answered 502"),
    "200-with-error": (StoreFault(action="answer", status=200, code="InternalError"), "InternalError"),
    "400-bad-digest": (StoreFault(action="answer", status=400, code="BadDigest"), "different bytes"),
    "reset-before": (StoreFault(action="reset"), "did not answer"),
    "reset-midway": (StoreFault(action="reset_midway"), "did not answer"),
    "reply-lost": (StoreFault(action="reply_lost"), "did not answer"),
    "stall": (StoreFault(action="stall"), "accepted no data for"),
}

# The steps of an upload in parts, and which faults are another matter there than on a single PUT.
_STEPS = {
    "create": ("POST", "*panorama*[?]uploads*"),
    "part": ("PUT", "*panorama*partNumber=2*"),
    "complete": ("POST", "*panorama*uploadId=*"),
}


def _api() -> Iterator[Cell]:
    for name, (fault, named) in _API.items():
        once = replace(fault, kind="api", path=GARDEN)
        yield Cell(id=f"api-{name}-once", source=(once,))
        for_ever = replace(once, times=None)
        yield Cell(
            id=f"api-{name}-for-ever", source=(for_ever,), lacks=("*Garden/*",), named=f"Garden: .*{named}", code=1
        )
    bad = Fault(
        action="status", kind="api", path=r"re:GARDEN!images.*start=(5&count=[234]|6&count=[12])(&|$)", times=None
    )
    yield Cell(id="api-one-bad-entry", source=(bad,), lacks=("*Garden/flower-6*",), named="Garden: entry 6 of", code=1)
    for name in ("shrink_page", "repeat_page"):
        odd = Fault.from_json({"action": name, "kind": "api", "path": GARDEN, "amount": 2, "skip": 1, "times": 1})
        yield Cell(id=f"api-{name.replace('_', '-')}-once", source=(odd,))
    less = Fault(action="shrink_page", kind="api", path=GARDEN, amount=4, times=None)
    yield Cell(id="api-shrinks-for-ever", source=(less,), lacks=("*Garden/*",), named="Garden: .*sent only", code=1)
    same = Fault(action="repeat_page", kind="api", path=GARDEN, times=None)
    yield Cell(id="api-repeats-for-ever", source=(same,), lacks=("*Garden/*",), named="Garden: .*sent only 4", code=1)
    lies = "Garden: SmugMug counts 11 items in the album but lists 10"
    yield Cell(id="api-count-lies", named=lies, code=1, listed_less=True)


def _sign_in() -> Iterator[Cell]:
    refused, revoked = _401("signature_invalid"), _401("token_revoked")
    yield Cell(
        id="api-signature-refused-for-one-album", source=(replace(refused, kind="api", path=GARDEN, times=None),),
        lacks=("*Garden/*",), named="Garden: .*denied access to", code=1,
    )  # fmt: skip
    yield Cell(id="api-signature-refused-once", source=(replace(refused, kind="api", path=GARDEN),))
    for name, fault in (("signature-refused", refused), ("token-revoked", revoked)):
        from_then_on = replace(fault, kind="any", skip=4, times=None)
        yield Cell(
            id=f"api-{name}-in-mid-run",
            source=(from_then_on,),
            ends=SignInRefused,
            named="SmugMug (refused|rejected)",
            code=3,
        )


def _media() -> Iterator[Cell]:
    for name, (fault, named) in _MEDIA.items():
        once = replace(fault, kind="media", path=ROSE)
        yield Cell(id=f"media-{name}-once", source=(once,))
        yield Cell(
            id=f"media-{name}-for-ever", source=(replace(once, times=None),),
            lacks=(ROSE,), named=f"SmugMug: .*{named}", failed=1, code=1,
        )  # fmt: skip
    for status, named in ((404, "does not have this file"), (403, "refused the file"), (401, "refused the file")):
        refused = replace(_status(status, "<html>no</html>"), kind="media", path=ROSE)
        yield Cell(
            id=f"media-{status}", source=(refused,), lacks=(ROSE,), named=f"SmugMug: .*{named}", failed=1, code=1
        )
    broken = Fault(action="reset", kind="media", path=PANORAMA, amount=6 * MIB)
    whole = Fault(action="ignore_range", kind="media", path=PANORAMA)
    yield Cell(id="media-large-reset-once", source=(broken,))
    yield Cell(id="media-large-range-ignored-once", source=(broken, whole))
    yield Cell(
        id="media-large-range-ignored-for-ever", source=(replace(broken, times=None, every=2), replace(whole, times=None)),
        lacks=(PANORAMA,), named="SmugMug: .*could not be resumed", failed=1, code=1,
    )  # fmt: skip
    for action, amount in (("corrupt", 10 * MIB), ("short", MIB), ("stall", 7 * MIB)):
        fault = Fault.from_json({"action": action, "kind": "media", "path": PANORAMA, "amount": amount, "times": 1})
        yield Cell(id=f"media-large-{action}-once", source=(fault,))
        yield Cell(
            id=f"media-large-{action}-for-ever", source=(replace(fault, times=None),),
            lacks=(PANORAMA,), named="SmugMug: ", failed=1, code=1,
        )  # fmt: skip


def _put() -> Iterator[Cell]:
    for name, (fault, named) in _PUT.items():
        once = replace(fault, method="PUT", path=ROSE)
        yield Cell(id=f"put-{name}-once", store=(once,))
        there = name == "reply-lost"  # whole and right, only that nobody was told
        yield Cell(
            id=f"put-{name}-for-ever", store=(replace(once, times=None),),
            lacks=() if there else (ROSE,), named=f"store: .*{named}", failed=1, code=1,
        )  # fmt: skip
    refused = StoreFault(action="answer", method="PUT", path=ROSE, status=403, code="AccessDenied")
    yield Cell(
        id="put-403-in-mid-run", store=(refused,), lacks=(ROSE,), named="store: .*AccessDenied", failed=1, code=1
    )
    wrong = StoreFault(action="wrong_etag", method="PUT", path=ROSE)
    yield Cell(id="put-wrong-etag-once", store=(wrong,))
    yield Cell(id="put-wrong-etag-for-ever", store=(replace(wrong, times=None),))
    gone = StoreFault(action="answer", method="PUT", skip=3, times=None, status=404, code="NoSuchBucket")
    keys = replace(gone, status=403, code="InvalidAccessKeyId")
    for name, lost, named in (
        ("bucket-gone", gone, "the bucket does not exist"),
        ("key-withdrawn", keys, "access key"),
    ):
        listing = replace(lost, method="GET", path="*list-type*", skip=1)
        yield Cell(id=f"put-{name}", store=(lost, listing), ends=StoreUnusable, named=named, code=4)
        yield Cell(
            id=f"put-{name}-says-one", store=(replace(lost, path=ROSE, skip=0),),
            lacks=(ROSE,), named=f"store: .*{lost.code}", failed=1, code=1,
        )  # fmt: skip


def _parts() -> Iterator[Cell]:
    for step, (method, path) in _STEPS.items():
        for name, (fault, named) in _PUT.items():
            if name in ("503-with-retry-after", "502-no-code", "400-bad-digest") and step != "part":
                continue
            if name == "reset-midway" and step == "create":  # it has no body to be in the middle of
                continue
            once = replace(fault, method=method, path=path)
            yield Cell(id=f"{step}-{name}-once", store=(once,))
            if name in ("503-slow-down", "stall", "reset-before", "reply-lost", "200-with-error"):
                there = name == "reply-lost" and step in ("create", "complete")
                yield Cell(
                    id=f"{step}-{name}-for-ever", store=(replace(once, times=None),),
                    lacks=() if there else (PANORAMA,), failed=0 if there else 1, code=0 if there else 1,
                    named="" if there else f"store: .*{named}",
                )  # fmt: skip
        refused = StoreFault(action="answer", method=method, path=path, status=403, code="AccessDenied")
        yield Cell(
            id=f"{step}-403-in-mid-run",
            store=(refused,),
            lacks=(PANORAMA,),
            named="store: .*AccessDenied",
            failed=1,
            code=1,
        )
    wrong = StoreFault(action="wrong_etag", method="POST", path=_STEPS["complete"][1])
    yield Cell(id="complete-wrong-etag", store=(wrong,))
    part = StoreFault(action="wrong_etag", method="PUT", path=_STEPS["part"][1])
    yield Cell(id="part-wrong-etag-once", store=(part,))
    yield Cell(
        id="part-wrong-etag-for-ever", store=(replace(part, times=None),),
        lacks=(PANORAMA,), named="store: .*differ from those sent", failed=1, code=1,
    )  # fmt: skip


def _both() -> Iterator[Cell]:
    """A source so slow that the store breaks off while nothing is at hand to be sent."""
    slow = Fault(action="slow", kind="media", path=ROSE, amount=6_000, times=None)
    for name in ("503-slow-down", "reset-before", "reset-midway", "reply-lost", "stall"):
        fault, named = _PUT[name]
        once = replace(fault, method="PUT", path=ROSE)
        yield Cell(id=f"slow-source-and-put-{name}-once", source=(slow,), store=(once,))
        if name != "reply-lost":
            yield Cell(
                id=f"slow-source-and-put-{name}-for-ever",
                source=(slow,),
                store=(replace(once, times=None),),
                lacks=(ROSE,),
                named=f"store: .*{named}",
                failed=1,
                code=1,
            )


CELLS = (*_api(), *_sign_in(), *_media(), *_put(), *_parts(), *_both())
