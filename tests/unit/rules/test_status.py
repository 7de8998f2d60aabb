"""What a ledger's numbers come down to: why albums are open, how runs ended, what to do next."""

from __future__ import annotations

from typing import Any

import pytest

from smug2s3.models import Known
from smug2s3.rules.status import Left, OpenAlbum, PastRun, Status, causes, ending, next_step, trouble
from smug2s3.rules.verification import Verification

BEGAN, ENDED, LATER = (f"2026-01-02T03:0{minute}:00+00:00" for minute in (4, 5, 6))


def album(**differences: Any) -> OpenAlbum:
    return OpenAlbum(**({"counted": 3, "present": 3, "former": 0} | differences))


def run(*, ended: str = ENDED, **summary: Any) -> PastRun:
    return PastRun(run="r", began=BEGAN, ended=ended, summary=summary)


def left(state: Known = Known.FAILED, reason: str = "SmugMug: SmugMug answered 503 for a", files: int = 1) -> Left:
    return Left(state=state, reason=reason, files=files, bytes=files * 10)


def verified(*, safe: bool | None = None, ended: str = LATER, level: str = "listing", **counts: int) -> Verification:
    return Verification(began=ENDED, ended=ended, levels=(level,), clean=not counts, safe=safe, counts=counts)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (album(failed=1, waiting=1, unavailable=1, counted=9), "failed"),
        (album(waiting=1, unavailable=1, counted=9), "waiting"),
        (album(unavailable=1, counted=9), "not taken up"),
        (album(unavailable=1), "unavailable"),
        (album(counted=None, unavailable=1), "unavailable"),
        (album(counted=2), "to look through"),
        (album(present=0, former=3), "gone"),
        (album(counted=0, present=0), "to look through"),
    ],
)
def test_an_album_is_open_for_the_gravest_of_its_troubles(found: OpenAlbum, expected: str) -> None:
    assert trouble(found) == expected


@pytest.mark.parametrize(
    ("past", "running", "expected"),
    [
        (run(), False, "completed"),
        (run(failed=2, albums_incomplete=1), False, "2 failed, 1 not fully listed"),
        (run(unavailable=2), False, "completed"),
        (run(stopped="until", left=1234), False, "stopped by --until, 1,234 left"),
        (run(error="interrupted", exit_code=130, failed=1), False, "interrupted"),
        (run(error="the disk is full", exit_code=2), False, "stopped: the disk is full"),
        (run(ended=""), False, "crashed or killed"),
        (run(ended=""), True, "running"),
    ],
)
def test_the_ending_of_a_run_in_words(past: PastRun, running: bool, expected: str) -> None:
    assert ending(past, running=running) == expected


def test_reasons_of_one_cause_are_counted_together_failures_first() -> None:
    found = causes(
        [
            left(Known.UNAVAILABLE, "SmugMug is still processing this video", 9),
            left(reason="store: the S3 server refused a: AccessDenied"),
            left(reason="SmugMug: SmugMug answered 503 for a"),
            left(reason="SmugMug: SmugMug's media host answered 429", files=2),
            left(Known.MOVING, "", 5),
        ]
    )
    assert [(one.diagnosis.cause, one.files, one.bytes) for one in found] == [
        ("SmugMug was busy", 3, 30),
        ("the destination refused it", 1, 10),
        ("SmugMug is still processing the video", 9, 90),
    ]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param({"holder": "process 1", "left": (left(),)}, "", id="running"),
        pytest.param({}, "sync", id="new"),
        pytest.param({"done": 3}, "sync --full", id="rebuilt"),
        pytest.param({"runs": (run(error="no", exit_code=4),)}, "check", id="the S3 server refused"),
        pytest.param({"runs": (run(error="no", exit_code=3),)}, "check", id="SmugMug refused"),
        pytest.param({"runs": (run(error="no", exit_code=1),)}, "sync", id="an unexpected error"),
        pytest.param({"runs": (run(error="no", exit_code=2),)}, "sync", id="a filter that matched nothing"),
        pytest.param({"runs": (run(error="interrupted", exit_code=130),)}, "sync", id="interrupted"),
        pytest.param({"runs": (run(ended=""),)}, "sync", id="killed"),
        pytest.param({"runs": (run(),), "left": (left(),)}, "sync", id="failed"),
        pytest.param({"runs": (run(),), "left": (left(Known.MOVING),)}, "sync", id="waiting"),
        pytest.param({"runs": (run(),), "albums_open": (album(),)}, "sync", id="to look through"),
        pytest.param({"runs": (run(part=True),)}, "sync", id="only a part"),
        pytest.param({"runs": (run(part=True), run(part=False))}, "verify", id="a part after the whole"),
        pytest.param({"runs": (run(),), "left": (left(Known.UNAVAILABLE),)}, "verify", id="unavailable"),
        pytest.param({"runs": (run(),), "albums_open": (album(counted=9),)}, "verify", id="not shown"),
        pytest.param({"runs": (run(),)}, "verify", id="all moved"),
        pytest.param({"runs": (run(exit_code=2, error="no", refused=True),)}, "check", id="refused before it began"),
        pytest.param({"runs": (run(exit_code=4),), "conflict": "It is another's."}, "", id="another's ledger"),
        pytest.param({"runs": (run(),), "verified": verified(ended=BEGAN)}, "verify", id="verified before"),
        pytest.param(
            {"runs": (run(),), "verified": verified(ended=BEGAN, safe=True), "changed_at": BEGAN},
            "",
            id="nothing changed since it was certified",
        ),
        pytest.param({"runs": (run(),), "verified": verified(level="ledger")}, "verify", id="verified offline"),
        pytest.param({"runs": (run(),), "verified": verified(different=1)}, "verify --repair", id="found different"),
        pytest.param({"runs": (run(),), "verified": verified(unverifiable=1)}, "verify --deep", id="could not tell"),
        pytest.param(
            {"runs": (run(),), "verified": verified(level="source", safe=False, missing=1)},
            "verify --source --repair",
            id="found something that was never moved",
        ),
        pytest.param(
            {"runs": (run(),), "verified": verified(level="source", safe=False, pending=1)},
            "sync --full",
            id="found a new caption",
        ),
        pytest.param(
            {"runs": (run(),), "verified": verified(level="head", pending=1)},
            "verify --head --repair",
            id="found a description lost",
        ),
        pytest.param(
            {
                "runs": (run(ended="2026-01-02T03:07:00+00:00"),),
                "verified": verified(level="source", safe=False, pending=1),
            },
            "verify --deep --sample 5 --certificate certificate.txt",
            id="a sync came after a verdict",
        ),
        pytest.param(
            {"runs": (run(ended="2026-01-02T03:07:00+00:00"),), "verified": verified(different=1)},
            "verify",
            id="a sync came after a verify",
        ),
        pytest.param(
            {"runs": (run(),), "verified": verified(level="source", safe=False)}, "", id="only what nobody here can do"
        ),
        pytest.param({"runs": (run(stopped="until", left=3),)}, "sync", id="stopped by itself"),
        pytest.param(
            {"runs": (run(),), "verified": verified()},
            "verify --deep --sample 5 --certificate certificate.txt",
            id="verified by listing",
        ),
        pytest.param({"runs": (run(),), "verified": verified(safe=True)}, "", id="certified"),
        pytest.param(
            {"runs": (run(),), "verified": verified(safe=True), "queued_sidecars": 1},
            "sync --sidecars xmp",
            id="a sidecar to write again",
        ),
        pytest.param(
            {"runs": (run(),), "albums_open": (album(),), "queued_sidecars": 1},
            "sync --sidecars xmp",
            id="to look through, and a sidecar to write again",
        ),
    ],
)
def test_the_next_step(found: dict[str, Any], expected: str) -> None:
    step, why = next_step(Status(path="l.db", **({"changed_at": ENDED} | found)))
    assert step == expected
    assert why.endswith(".")


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        (None, False),
        ("", True),
        ("process 1 on nas, since 2026-01-02 03:04:00+00:00", True),
        ("process 1 on nas, since 2026-01-02 05:03:59+02:00", True),
        ("process 1 on nas, since 2026-01-02 03:04:01+00:00", False),
        ("process 1 on nas, since yesterday", True),
        ("process 1 on nas, since 2026-01-02 03:04:01", True),
    ],
)
def test_a_run_without_an_end_is_under_way_if_its_holder_came_before_it(holder: str | None, expected: bool) -> None:
    status = Status(path="l.db", holder=holder, runs=(run(ended=""),))
    assert (status.running is not None) == expected


@pytest.mark.parametrize(
    ("runs", "full"),
    [
        ((), True),
        ((run(albums=3, full_access=False),), False),
        ((run(albums=3, full_access=True), run(albums=3, full_access=False)), True),
        ((run(albums=0, full_access=True), run(albums=3, full_access=False)), False),
        ((run(), run(albums=3, full_access=False)), False),
    ],
    ids=["no run", "public", "now full", "ended before it signed in", "killed"],
)
def test_the_advice_goes_by_the_sign_in_that_the_last_run_had(runs: tuple[PastRun, ...], full: bool) -> None:
    refused = (left(reason="SmugMug: SmugMug's media host refused the file (403)"),)
    status = Status(path="l.db", runs=runs, left=refused)

    assert status.full_access is full
    (cause,) = causes(refused, full_access=status.full_access)
    assert ("smug2s3 auth" in cause.diagnosis.advice) is not full
