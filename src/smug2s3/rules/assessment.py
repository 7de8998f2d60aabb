"""Assesses an account from its numbers: one sentence, the evidence, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from smug2s3.rules.overview import FileState, Overview, last_ended
from smug2s3.rules.verification import Verification


class Severity(StrEnum):
    """How good or bad the verdict is."""

    GOOD = "good"
    CARE = "care"
    """Nothing is known to be missing, but something is left to do."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdict: one sentence, the evidence, and what to do next."""

    severity: Severity
    sentence: str
    detail: str
    advice: str = ""


def assess(overview: Overview, place: str) -> Assessment:
    """The verdict on the account; ``place`` is the word for the destination, bucket or folder."""
    looks = (_missing, _unlisted, _damaged, _not_safe)
    if obstacle := next((found for look in looks if (found := look(overview, place))), None):
        return obstacle
    if not overview.whole_at:
        return Assessment(
            Severity.CARE, f"Everything asked for so far is in your {place}", _proof(overview, place), _LEFT_OUT
        )
    looked = f"The whole account was last checked against SmugMug on {overview.whole_at[:10]}."
    detail = f"{_proof(overview, place)} {looked}"
    return Assessment(Severity.GOOD, f"Everything SmugMug offers is in your {place}", detail, _next(overview))


_LEFT_OUT = "No sync has covered the whole account yet. Run `smug2s3 sync` without filters."


def _missing(overview: Overview, place: str) -> Assessment | None:
    totals = overview.totals
    if not totals.missing:
        return None
    files = f"{_count(totals.missing, 'file')} {'is' if totals.missing == 1 else 'are'} still"
    detail = (
        f"{totals.files.get(FileState.MOVED, 0):,} of the {totals.offered:,} files SmugMug offers are in your {place}."
    )
    if overview.running:
        later = "smug2s3 is copying them right now. Create this report again when it has finished."
        return Assessment(Severity.CARE, f"{files} waiting to be copied", detail, later)
    return Assessment(
        Severity.BAD,
        f"{files} missing",
        detail,
        "Run `smug2s3 sync` again: it retries what is missing and skips what is done.",
    )


def _unlisted(overview: Overview, place: str) -> Assessment | None:
    last = last_ended(overview.runs)
    if last and (left := last.summary.get("albums_left", 0)):
        detail = f"The last run reached its limit; {_count(left, 'album')} had not been checked by then."
        return Assessment(Severity.CARE, "The last run stopped early", detail, ("Run `smug2s3 sync` to continue."))
    albums = len(overview.short_albums) or (last.summary.get("albums_incomplete", 0) if last else 0)
    if not albums:
        return None
    verb = "is" if albums == 1 else "are"
    return Assessment(
        Severity.CARE,
        f"{_count(albums, 'album')} {verb} not complete yet",
        f"All {overview.totals.offered:,} files that could be listed are in your {place}. SmugMug did not list every "
        "album in full.",
        "Run `smug2s3 sync --full`. SmugMug's counts are sometimes out of date: check these albums on SmugMug.",
    )


def _damaged(overview: Overview, place: str) -> Assessment | None:
    last = overview.verification
    if last is None or last.clean or last.safe is not None:
        return None
    wrong = [last.counts.get(kind, 0) for kind in ("missing", "different", "pending", "unverifiable", "extra")]
    if not any(wrong[:2]):
        sentence = f"{_count(sum(wrong), 'object')} in your {place} unverified, outdated or not from smug2s3"
        return Assessment(Severity.CARE, sentence, _proof(overview, place), "Review the items listed below.")
    return Assessment(
        Severity.BAD,
        f"{_count(wrong[0] + wrong[1], 'file')} missing from your {place} or changed",
        f"Found by the verification on {last.ended[:10]}.",
        "Run `smug2s3 verify --repair`, then `smug2s3 sync`, then `smug2s3 verify` again.",
    )


def _not_safe(overview: Overview, place: str) -> Assessment | None:
    """What the last comparison with SmugMug concluded, in its own words."""
    last = overview.verification
    if last is None or last.safe is not False:
        return None
    bad = last.counts.get("missing", 0) or last.counts.get("different", 0)
    sentence = f"Not everything in your {place} has been verified"
    return Assessment(
        Severity.BAD if bad else Severity.CARE, sentence, last.verdict, "Then run `smug2s3 verify --source` again."
    )


def _proof(overview: Overview, place: str) -> str:
    last = overview.verification
    if last is None or "ledger" in last.levels:
        return f"Every file was verified while it was copied. The {place} has not been verified since."
    since = overview.stored_since
    later = f" {_count(since, 'file')} copied since then." if since else ""
    return f"{last.verdict or _looked(last, place)}{later}"


def _looked(last: Verification, place: str) -> str:
    checked, read = last.counts.get("checked", 0), last.counts.get("read_back", 0)
    how = f"{read:,} of them read back in full" if 0 < read < checked else "all read back in full" if read else ""
    return f"Verified in the {place}: {_count(checked, 'object')} as recorded{f', {how}' if how else ''}."


def _next(overview: Overview) -> str:
    last = overview.verification
    if last is None or "ledger" in last.levels or overview.stored_since:
        return "Run `smug2s3 verify` to confirm it."
    if not last.safe:
        return "Before you close the SmugMug account: run `smug2s3 verify --certificate certificate.txt`."
    return "Keep the certificate and the ledger."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
