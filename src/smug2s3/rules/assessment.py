"""The verdict on an account, out of its numbers: one sentence, what it rests on, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from smug2s3.rules.overview import FileState, Overview, last_ended
from smug2s3.rules.verification import Verification


class Severity(StrEnum):
    """How good or bad the news is."""

    GOOD = "good"
    CARE = "care"
    """Nothing is known to be lost, but something is left to do."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdict: one sentence, what it rests on, and what to do next."""

    severity: Severity
    sentence: str
    detail: str
    advice: str = ""


def assess(overview: Overview, place: str) -> Assessment:
    """The verdict on all of it; ``place`` is what the store is called, bucket or folder."""
    looks = (_missing, _unlisted, _damaged, _not_safe)
    if obstacle := next((found for look in looks if (found := look(overview, place))), None):
        return obstacle
    if not overview.whole_at:
        return Assessment(
            Severity.CARE, f"Everything asked for so far is in your {place}", _proof(overview, place), _LEFT_OUT
        )
    looked = f"The whole account was last looked through on {overview.whole_at[:10]}."
    detail = f"{_proof(overview, place)} {looked}"
    return Assessment(Severity.GOOD, f"Everything SmugMug offers is in your {place}", detail, _next(overview))


_LEFT_OUT = "No run over the whole account is on record yet. Run `smug2s3 sync` without choosing albums, folders, photos or videos."


def _missing(overview: Overview, place: str) -> Assessment | None:
    totals = overview.totals
    if not totals.missing:
        return None
    files = f"{_count(totals.missing, 'file')} {'is' if totals.missing == 1 else 'are'} still"
    detail = (
        f"{totals.files.get(FileState.MOVED, 0):,} of the {totals.offered:,} files SmugMug offers are in your {place}."
    )
    if overview.at_work:
        later = "smug2s3 is at work on them right now. Make this page again when it is done."
        return Assessment(Severity.CARE, f"{files} to come", detail, later)
    return Assessment(
        Severity.BAD,
        f"{files} missing",
        detail,
        "Run `smug2s3 sync` again: it tries what is missing and skips what is done.",
    )


def _unlisted(overview: Overview, place: str) -> Assessment | None:
    last = last_ended(overview.runs)
    if last and (left := last.summary.get("albums_left", 0)):
        detail = f"The last run stopped as it was asked to; {_count(left, 'album')} had not been looked into by then."
        return Assessment(Severity.CARE, "The last run did not get to the end", detail, "Run `smug2s3 sync` to go on.")
    albums = len(overview.short_albums) or (last.summary.get("albums_incomplete", 0) if last else 0)
    if not albums:
        return None
    verb = "is" if albums == 1 else "are"
    return Assessment(
        Severity.CARE,
        f"{_count(albums, 'album')} {verb} not complete yet",
        f"All {overview.totals.offered:,} files that could be listed are in your {place}. "
        "SmugMug did not show every album in full.",
        "Run `smug2s3 sync --full`. What SmugMug counts is sometimes behind: look at these albums on SmugMug.",
    )


def _damaged(overview: Overview, place: str) -> Assessment | None:
    last = overview.verification
    if last is None or last.clean or last.safe is not None:
        return None
    wrong = [last.counts.get(kind, 0) for kind in ("missing", "different", "pending", "unverifiable", "extra")]
    if not any(wrong[:2]):
        sentence = f"{_count(sum(wrong), 'thing')} in your {place} could not be told or is not from smug2s3"
        return Assessment(Severity.CARE, sentence, _proof(overview, place), "Read what is named below.")
    return Assessment(
        Severity.BAD,
        f"Your {place} is not as it should be: {_count(wrong[0] + wrong[1], 'file')} missing or changed",
        f"So found the verification of {last.ended[:10]}.",
        "Run `smug2s3 verify --repair`, then `smug2s3 sync`, then `smug2s3 verify` again.",
    )


def _not_safe(overview: Overview, place: str) -> Assessment | None:
    """What the last look at both sides said, in its own words."""
    last = overview.verification
    if last is None or last.safe is not False:
        return None
    bad = last.counts.get("missing", 0) or last.counts.get("different", 0)
    sentence = f"Not all of it was proven to be in your {place}"
    return Assessment(
        Severity.BAD if bad else Severity.CARE, sentence, last.verdict, "Then run `smug2s3 verify --source` again."
    )


def _proof(overview: Overview, place: str) -> str:
    last = overview.verification
    if last is None or "ledger" in last.levels:
        return f"Every file was proven as it was moved. Nobody has looked into the {place} itself since."
    since = overview.stored_since
    later = f" Since then {_count(since, 'file')} came in." if since else ""
    return f"{last.verdict or _looked(last, place)}{later}"


def _looked(last: Verification, place: str) -> str:
    checked, read = last.counts.get("checked", 0), last.counts.get("read_back", 0)
    how = f"{read:,} of them read back, every byte" if 0 < read < checked else "every byte read back" if read else ""
    return f"Proven by a look into the {place}: {_count(checked, 'object')} as recorded{f', {how}' if how else ''}."


def _next(overview: Overview) -> str:
    last = overview.verification
    if last is None or "ledger" in last.levels or overview.stored_since:
        return "Run `smug2s3 verify` to prove it."
    if not last.safe:
        return "Before you close the SmugMug account: run `smug2s3 verify --certificate certificate.txt`."
    return "Keep the certificate and the ledger."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
