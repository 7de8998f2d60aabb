"""The status as text for people, and as one JSON document for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from smug2s3.models import Known
from smug2s3.reporting.amounts import amount, duration, plural
from smug2s3.reporting.moments import local, localized, zone
from smug2s3.reporting.names import attributed, sanitize, wrap
from smug2s3.rules.diagnostics import diagnosis
from smug2s3.rules.paths import folder_path
from smug2s3.rules.status import (
    Cause,
    Left,
    PastRun,
    Status,
    causes,
    ending,
    next_step,
    not_taken_up,
    trouble,
    troubles,
)
from smug2s3.rules.verification import Verification

COLUMNS = 80
"""The default and greatest width: longer lines are hard to read."""
_ALBUMS_OPEN = {
    "failed": "files failed",
    "waiting": "files are waiting",
    "not taken up": "fewer files than SmugMug counts",
    "unavailable": "the rest is not available from SmugMug",
    "to look through": "nothing left to copy, but the next sync checks them again",
}
_STATES = {
    Known.FAILED: "failed",
    Known.UNAVAILABLE: "not available",
    Known.MOVED: "copied, but metadata or name not updated",
}
_NOT_ANSWERED = "not answered"

LeftFile = tuple[str, Known, str, int]
"""Key, state, reason and bytes of a file that failed, is not available, or needs an update."""


def status_text(status: Status, *, command: str = "smug2s3", columns: int = COLUMNS) -> str:
    """The whole page; ``command`` is how smug2s3 was called."""
    times = f" ({zone()})"
    blocks = (
        _heading(status),
        ["Files", *_files(status)],
        ["Albums", *_albums(status, columns)],
        _titled("Why", _reasons(status, command, columns)),
        _titled(f"Last runs, newest first{times}", _runs(status, columns)),
        _titled(f"Last verify{times * (not status.runs)}", _verified(status.verified, columns)),
        _next(status, command, columns),
    )
    return _lines("\n\n".join("\n".join(block) for block in blocks if block))


def left_text(
    left: Iterable[LeftFile],
    *,
    unanswered: Iterable[Left] = (),
    full_access: bool = True,
    command: str = "smug2s3",
    columns: int = COLUMNS,
) -> str:
    """Every failed or unavailable file, by cause, with what to do; and for how many items SmugMug did not answer."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for key, state, reason, _ in left:
        way = diagnosis(state.value, reason, full_access=full_access)
        groups.setdefault((_STATES[state], way.cause, way.advice), []).append(
            f"  {key} ({attributed(reason) or way.cause})"
        )
    blocks = [
        [
            f"{state}: {cause} ({plural(len(files), 'file')})",
            *_wrapped(f"What to do: {_typed(advice, command)}", "", columns),
            *files,
        ]
        for (state, cause, advice), files in sorted(groups.items())
    ]
    for one in unanswered:
        way = diagnosis(one.state.value, one.reason, full_access=full_access)
        blocks.append(
            [
                f"{_NOT_ANSWERED}: {way.cause} ({plural(one.files, 'item')})",
                *_wrapped(f"What to do: {_typed(way.advice, command)}", "", columns),
                f"  {attributed(one.reason)}",
            ]
        )
    return _lines(
        "\n\n".join("\n".join(block) for block in blocks)
        or "No file failed, and SmugMug provides all that it was asked for."
    )


def document(status: Status, left: Iterable[LeftFile] | None) -> dict[str, Any]:
    """The document of ``status --json``; with ``left`` if every file was asked for."""
    step, why = next_step(status)
    open_albums = troubles(status.albums_open)
    gone = open_albums.pop("gone", 0)
    return {
        "ledger": status.path,
        **{name: status.about.get(name, "") for name in ("account", "store", "bucket", "prefix")},
        "at_work": status.holder is not None,
        "holder": status.holder or "",
        "moved_so_far": status.moved_so_far if status.running else 0,
        "done": status.done,
        "gone": status.gone,
        "waiting": status.files(Known.MOVING),
        "failed": status.files(Known.FAILED),
        "unavailable": status.files(Known.UNAVAILABLE),
        "not_updated": status.files(Known.MOVED),
        "not_taken_up": sum(not_taken_up(album) for album in status.albums_open if trouble(album) != "gone"),
        "bytes": status.stored_bytes,
        "bytes_waiting": status.bytes(Known.MOVING),
        "bytes_failed": status.bytes(Known.FAILED),
        "components": status.components,
        "components_bytes": status.components_bytes,
        "components_left": status.components_left,
        "unanswered": sum(one.files for one in status.unanswered),
        "own_files": status.own_files,
        "previews": status.previews,
        "previews_bytes": status.previews_bytes,
        "albums_complete": status.albums_complete,
        "albums_incomplete": open_albums.total(),
        "albums_gone": gone,
        "incomplete_because": {name.replace(" ", "_"): open_albums[name] for name in _ALBUMS_OPEN},
        "causes": [
            _cause_document(cause) for cause in causes(status.left + status.unanswered, full_access=status.full_access)
        ],
        "runs": [_run_document(run, status) for run in status.runs],
        "verified": _verified_document(status.verified),
        "next": {"command": step, "why": why},
    } | ({} if left is None else {"items": (_item(*one, full_access=status.full_access) for one in left)})


def _place(about: Mapping[str, str]) -> str:
    store, bucket = about["store"], about["bucket"]
    return (
        f"folder {Path(folder_path(store) or '') / bucket}"
        if store.startswith("file:")
        else f"bucket {bucket} at {store}"
    )


def _heading(status: Status) -> Iterator[str]:
    about = status.about
    place = f"{_place(about)}, prefix {about['prefix'] or '(none)'}" if "bucket" in about else ""
    account = f"SmugMug account {about['account']}" if "account" in about else ""
    yield f"Ledger {status.path}: {', '.join(filter(None, (account, place))) or 'empty so far'}"
    if status.holder is not None:
        so_far = f"; {plural(status.moved_so_far, 'file')} copied so far" if status.running else ""
        yield f"In use by {localized(status.holder) or 'another smug2s3'}{so_far}"


def _files(status: Status) -> Iterator[str]:
    yield _row(status.done, f"copied ({amount(status.stored_bytes)})")
    rows = (
        (status.components, f"of these, RAW and other files of SmugMug Source ({amount(status.components_bytes)})"),
        (status.gone, "of these, no longer on SmugMug; kept"),
        (status.files(Known.MOVED), "of these, metadata or name still to be updated"),
        (status.files(Known.MOVING), f"waiting to be copied ({amount(status.bytes(Known.MOVING))})"),
        (status.files(Known.FAILED), f"failed ({amount(status.bytes(Known.FAILED))})"),
        (status.files(Known.UNAVAILABLE), "not available from SmugMug"),
        (status.components_left, "of those not copied, RAW and other files of SmugMug Source"),
        (
            sum(one.files for one in status.unanswered),
            "items whose files in SmugMug Source (such as RAW) SmugMug does not list",
        ),
        (status.previews, f"previews for viewing, besides ({amount(status.previews_bytes)})"),
    )
    yield from (_row(count, text) for count, text in rows if count)


def _albums(status: Status, columns: int) -> Iterator[str]:
    yield _row(status.albums_complete, "complete")
    counts = troubles(status.albums_open)
    items = sum(not_taken_up(album) for album in status.albums_open if trouble(album) != "gone")
    for name, text in _ALBUMS_OPEN.items():
        if counts[name]:
            yield _row(counts[name], f"not complete: {text}")
    if items:
        yield from _wrapped(
            f"Counted by SmugMug but not listed so far: {plural(items, 'item')}. A sync covered only a part of the "
            "account or was stopped early, or this sign-in cannot see them.",
            " " * 13,
            columns,
        )
    if counts["gone"]:
        yield _row(counts["gone"], "no longer on SmugMug; kept")


def _reasons(status: Status, command: str, columns: int) -> Iterator[str]:
    yield from _causes(causes(status.left, full_access=status.full_access), _STATES, command, columns)
    not_answered = {Known.UNAVAILABLE: _NOT_ANSWERED}
    yield from _causes(causes(status.unanswered, full_access=status.full_access), not_answered, command, columns)


def _causes(found: list[Cause], states: Mapping[Known, str], command: str, columns: int) -> Iterator[str]:
    for cause in found:
        yield _row(cause.files, f"{states[cause.state]}: {cause.diagnosis.cause}")
        yield from _wrapped(_typed(cause.diagnosis.advice, command), " " * 13, columns)


def _runs(status: Status, columns: int) -> Iterator[str]:
    rows = [
        (local(run.began), _took(run), _done(run), ending(run, running=run is status.running)) for run in status.runs
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    for began, took, done, how in rows:
        yield from _wrapped(f"{began}  {took:>{widths[1]}}  {done:<{widths[2]}}  {how}", "  ", columns)


def _took(run: PastRun) -> str:
    seconds = _seconds(run)
    return "?" if seconds is None else duration(seconds)


def _done(run: PastRun) -> str:
    moved, size = int(run.summary.get("moved", 0)), int(run.summary.get("bytes", 0))
    return f"{plural(moved, 'file')}, {amount(size)}" if run.summary else ""


def _verified(verified: Verification | None, columns: int) -> Iterator[str]:
    if verified is None:
        return
    ok, checked = verified.counts.get("ok", 0), verified.counts.get("checked", 0)
    found = f"{ok:,} of {plural(checked, 'object')} as recorded" if checked else "nothing to check"
    yield f"  {local(verified.ended)}  {', '.join(verified.levels)}: {found}"
    yield from _wrapped(verified.verdict, " " * 4, columns) if verified.verdict else []


def _next(status: Status, command: str, columns: int) -> Iterator[str]:
    step, why = next_step(status)
    yield from [f"Next: {command} {step}"] * bool(step)
    yield from _wrapped(_typed(why, command), "", columns)
    if status.unanswered or any(status.files(state) for state in _STATES):
        yield f"`{command} status --failed` lists every file and what to do."


def _titled(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [title, *found] if found else []


def _typed(advice: str, command: str) -> str:
    """Insert the command as called, before wrapping: it may be longer than plain ``smug2s3``."""
    return advice.replace("`smug2s3 ", f"`{command} ")


def _row(count: int, text: str) -> str:
    return f"  {count:>9,}  {text}"


def _wrapped(text: str, indent: str, columns: int) -> list[str]:
    return wrap(f"{indent}{text}", columns).split("\n")


def _lines(text: str) -> str:
    return "\n".join(sanitize(line) for line in text.split("\n")) + "\n"


def _seconds(run: PastRun) -> float | None:
    if not run.ended:
        return None
    return (datetime.fromisoformat(run.ended) - datetime.fromisoformat(run.began)).total_seconds()


def _cause_document(cause: Cause) -> dict[str, Any]:
    return {
        "state": cause.state.value,
        "cause": cause.diagnosis.cause,
        "files": cause.files,
        "bytes": cause.bytes,
        "advice": cause.diagnosis.advice,
    }


def _run_document(run: PastRun, status: Status) -> dict[str, Any]:
    counts = {
        name: run.summary.get(name, 0) for name in ("moved", "bytes", "failed", "unavailable", "albums_incomplete")
    }
    return {
        "run": run.run,
        "began": run.began,
        "ended": run.ended,
        "seconds": _seconds(run),
        **counts,
        "ending": ending(run, running=run is status.running),
    }


def _verified_document(verified: Verification | None) -> dict[str, Any] | None:
    if verified is None:
        return None
    return {
        "ended": verified.ended,
        "levels": list(verified.levels),
        "clean": verified.clean,
        "safe_to_cancel": verified.safe,
        "verdict": verified.verdict,
        **verified.counts,
    }


def _item(key: str, state: Known, reason: str, size: int, *, full_access: bool) -> dict[str, Any]:
    way = diagnosis(state.value, reason, full_access=full_access)
    return {"key": key, "state": state.value, "reason": reason, "bytes": size, "cause": way.cause, "advice": way.advice}
