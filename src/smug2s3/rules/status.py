"""The status of an account by its ledger: what is done, what is left and why, how runs ended, what to do next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from smug2s3.models import Known
from smug2s3.rules.diagnostics import Diagnosis, diagnosis
from smug2s3.rules.verification import Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Files with the same state and reason that are not in the bucket, or copied with an update still to do."""

    state: Known
    reason: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlbum:
    """An album that the next sync lists again, and what is known of its items."""

    counted: int | None
    """SmugMug's own count."""
    present: int
    """Items in the ledger that SmugMug still lists."""
    former: int
    """Items in the ledger that SmugMug no longer lists."""
    failed: int = 0
    waiting: int = 0
    unavailable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A run as recorded in the ledger; ``ended`` and ``summary`` are empty if it crashed or was killed."""

    run: str
    began: str
    ended: str
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The contents of the ledger at one moment."""

    path: str
    about: Mapping[str, str] = field(default_factory=dict)
    holder: str | None = None
    """The process that is using the ledger, as it describes itself."""
    done: int = 0
    """Files in the bucket."""
    gone: int = 0
    """Of those, files that SmugMug no longer lists."""
    stored_bytes: int = 0
    components: int = 0
    """Of ``done``: RAW and other files in SmugMug Source."""
    components_bytes: int = 0
    components_left: int = 0
    """Such files that are not in the bucket."""
    own_files: int = 0
    """Objects other than photos and videos: `_album.json` files, the manifest."""
    previews: int = 0
    """SmugMug's reduced pictures; in none of the other numbers."""
    previews_bytes: int = 0
    queued_sidecars: int = 0
    """XMP sidecars that `verify --repair` found missing or changed, and no run has written again."""
    left: tuple[Left, ...] = ()
    unanswered: tuple[Left, ...] = ()
    """Items, stored or not, for which SmugMug did not list the files in SmugMug Source; not in ``left``."""
    albums_complete: int = 0
    albums_open: tuple[OpenAlbum, ...] = ()
    runs: tuple[PastRun, ...] = ()
    """The newest first."""
    moved_so_far: int = 0
    """Files stored since the newest run started."""
    verified: Verification | None = None
    """The last verification."""
    conflict: str = ""
    """Why it does not fit the current settings, and what to do."""
    changed_at: str = ""
    """When a run last stored something, or may have; UTC, ISO 8601."""

    def files(self, state: Known) -> int:
        """How many files are left in ``state``."""
        return sum(left.files for left in self.left if left.state is state)

    def bytes(self, state: Known) -> int:
        """How many bytes SmugMug lists for them."""
        return sum(left.bytes for left in self.left if left.state is state)

    @property
    def full_access(self) -> bool:
        """Whether the last used sign-in had full access."""
        return had_full_access(self.runs)

    @property
    def running(self) -> PastRun | None:
        """The current run."""
        newest = self.runs[0] if self.runs else None
        return (
            newest if newest and self.holder is not None and not newest.ended and _is_of(newest, self.holder) else None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Files that failed, are not available, or could not be updated or renamed, for one cause."""

    state: Known
    diagnosis: Diagnosis
    files: int
    bytes: int


def had_full_access(runs: Iterable[PastRun]) -> bool:
    """Whether the newest run that recorded it had full access; `auth` saves no other sign-in."""
    seen = (run.summary["full_access"] for run in runs if run.summary.get("albums") and "full_access" in run.summary)
    return bool(next(seen, True))


TROUBLES = ("failed", "waiting", "not taken up", "unavailable", "to look through", "gone")
"""Why an album is incomplete, the worst reason first."""


def causes(left: Iterable[Left], *, full_access: bool = True) -> list[Cause]:
    """Failed, unavailable and not updated files by cause, failures and large groups first."""
    groups: dict[tuple[Known, Diagnosis], tuple[int, int]] = {}
    for one in left:
        if one.state is not Known.MOVING:
            group = one.state, diagnosis(one.state.value, one.reason, full_access=full_access)
            files, size = groups.get(group, (0, 0))
            groups[group] = files + one.files, size + one.bytes
    found = [Cause(state=state, diagnosis=way, files=n, bytes=size) for (state, way), (n, size) in groups.items()]
    return sorted(found, key=lambda cause: (cause.state is not Known.FAILED, -cause.files, cause.diagnosis.cause))


def trouble(album: OpenAlbum) -> str:
    """Why an album is incomplete: the worst of ``TROUBLES``."""
    if album.former and not album.present:
        return "gone"
    if album.failed:
        return "failed"
    if album.waiting:
        return "waiting"
    if not_taken_up(album):
        return "not taken up"
    return "unavailable" if album.unavailable else "to look through"


def not_taken_up(album: OpenAlbum) -> int:
    """Items SmugMug counts that are not in the ledger: excluded by a filter, not reached yet, or not listed."""
    return max(0, (album.counted or 0) - album.present)


def troubles(albums: Iterable[OpenAlbum]) -> Counter[str]:
    """The number of incomplete albums by reason."""
    return Counter(trouble(album) for album in albums)


def ending(run: PastRun, *, running: bool) -> str:
    """How a run ended, in a few words."""
    if running:
        return "running"
    if not run.ended:
        return "crashed or killed"
    if error := run.summary.get("error"):
        return str(error) if error == "interrupted" else f"stopped: {error}"
    failed, unlisted = int(run.summary.get("failed", 0)), int(run.summary.get("albums_incomplete", 0))
    pending = int(run.summary.get("not_updated", 0))
    stopped, left = run.summary.get("stopped"), int(run.summary.get("left", 0))
    asked = [f"stopped by --{stopped}, {left:,} left"] if stopped else []
    parts = asked + [f"{failed:,} failed"] * bool(failed) + [f"{pending:,} not updated"] * bool(pending)
    parts += [f"{unlisted:,} not fully listed"] * bool(unlisted)
    return ", ".join(parts) or "completed"


def next_step(status: Status) -> tuple[str, str]:
    """The command to run next, empty if none is needed now, and why."""
    if status.holder is not None:
        return "", "smug2s3 is running; check again later."
    if status.conflict:
        return "", status.conflict
    return _after(status, status.runs[0]) if status.runs else _without_runs(status)


def _after(status: Status, newest: PastRun) -> tuple[str, str]:
    """The next step after the newest run."""
    if newest.summary.get("exit_code") in (3, 4) or newest.summary.get("refused"):
        return (
            "check",
            (
                "The last run stopped; this tests the SmugMug sign-in and the bucket, and says what is wrong. Then run "
                "`smug2s3 sync`."
            ),
        )
    if unfinished(status) or not newest.ended or cut_short(newest):
        return _sync(status), "It continues where it stopped and retries what failed."
    if all(run.summary.get("part") for run in status.runs):
        return _sync(status), "The last runs covered only part of the account; this copies the rest."
    return _after_moving(status)


def _sync(status: Status) -> str:
    """The command that does all that is left, with the option that sidecars need."""
    return "sync --sidecars xmp" if status.queued_sidecars else "sync"


def cut_short(run: PastRun) -> bool:
    """Whether a run stopped before it had covered everything it was for."""
    return bool(run.summary.get("error") or run.summary.get("stopped"))


def unfinished(status: Status) -> bool:
    """Whether another sync has something to do that may succeed."""
    curable = troubles(status.albums_open).keys() & {"failed", "waiting", "to look through"}
    return bool(
        curable
        or status.queued_sidecars
        or any(status.files(state) for state in (Known.FAILED, Known.MOVING, Known.MOVED))
    )


def _without_runs(status: Status) -> tuple[str, str]:
    if status.done:
        return "sync --full", "This ledger was rebuilt from the bucket; a full sync brings it up to date."
    return "sync", "Nothing has been copied yet."


def _after_moving(status: Status) -> tuple[str, str]:
    """The next step once everything is copied according to the ledger."""
    verified = status.verified
    if verified is None or verified.ended < status.changed_at or set(verified.levels) == {"ledger"}:
        return "verify", "Nothing is left to copy, according to the ledger; this checks the bucket to confirm it."
    if verified.safe:
        return "", "Nothing is left to do. Run `smug2s3 sync` when something is new on SmugMug."
    compared = "source" in verified.levels
    if status.runs[0].ended > verified.ended and not (verified.clean and verified.safe is None):
        again = _CERTIFY if compared else "verify"
        return again, "A sync ran after the last verify found problems; this shows whether any are left."
    if step := _mending(verified, compared=compared):
        return step
    if verified.safe is False:
        return "", "The last verify says why it is not safe to cancel yet, and what to do."
    return _CERTIFY, (
        "Everything is in the bucket, as recorded. This certifies, album by album, whether it is safe to cancel "
        "SmugMug."
    )


def _mending(verified: Verification, *, compared: bool) -> tuple[str, str] | None:
    """How to repair the worst finding of a verification; ``compared``: with SmugMug, too."""
    found = verified.counts
    if found.get("missing") or found.get("different"):
        why = "The last verify found files missing or changed; this queues them for the next sync."
        return "verify --source --repair" if compared else "verify --repair", why
    if found.get("unverifiable"):
        return "verify --deep", "The last verify could not verify everything; this reads the files back."
    if found.get("pending") and not compared:
        return "verify --head --repair", "Some files have lost their metadata; this queues them for the next sync."
    if found.get("pending"):
        return "sync --full", "Some metadata has changed on SmugMug; this updates it."
    return None


_CERTIFY = "verify --deep --sample 5 --certificate certificate.txt"


def _is_of(run: PastRun, holder: str) -> bool:
    """Whether ``run`` started after its holder took the lock; an older one without an end was killed."""
    found = re.search(r"since (.+)$", holder)
    try:
        return found is None or datetime.fromisoformat(run.began) >= datetime.fromisoformat(found[1])
    except (ValueError, TypeError):
        return True
