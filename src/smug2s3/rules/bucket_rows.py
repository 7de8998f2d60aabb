"""What a bucket's settings mean for an archive: the rows of `bucket show`, which `check` shows too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from smug2s3.rules import lifecycle, policy
from smug2s3.rules.bucket_settings import (
    ACCESS_BLOCK,
    ENCRYPTION,
    LIFECYCLE,
    LOCK,
    NAMES,
    OWNERSHIP,
    POLICY,
    RIGHTS,
    UPLOADS,
    VERSIONING,
    Answers,
    BucketFacts,
    State,
)
from smug2s3.rules.finding import BAD, GOOD, NOTE, Finding

STALE_AFTER = timedelta(days=1)
"""An upload begun longer ago is not one that is under way."""

VERSIONS, OLD_VERSIONS, PUBLIC, ACLS = "versions", "old versions", "public access", "ACLs"
PLAIN_HTTP, ACCOUNTS, ENCRYPTED, DELETION = "plain http", "other accounts", "encryption", "lifecycle"
UNFINISHED, CLASS, LOCKED, SETTINGS = "unfinished uploads", "storage class", "Object Lock", "bucket settings"


def findings(answers: Answers, bucket: BucketFacts, now: datetime) -> list[Finding]:
    """What they mean, one finding per setting; one more for all that the server does not offer or the key may not read."""
    rows = [finding for judge in _JUDGES if (finding := judge(answers, bucket))]
    return [*rows, *_stale_uploads(answers, now), *_untold(answers)]


def keeps_versions(answers: Answers) -> bool:
    """Whether the bucket keeps replaced files."""
    return bool(answers[VERSIONING].value.get("Status") == "Enabled")


def keeps_for_good(answers: Answers, bucket: BucketFacts) -> bool:
    """Whether a deleted test object would remain: versions are kept and no rule removes them, or they are locked."""
    removed = lifecycle.days_of_old_versions(answers[LIFECYCLE].value, bucket.prefix) is not None
    return keeps_versions(answers) and (is_locked(answers) or not removed)


def is_locked(answers: Answers) -> bool:
    """Whether Object Lock is on."""
    return bool(_lock(answers).get("ObjectLockEnabled") == "Enabled")


def blocks(answers: Answers) -> dict[str, bool]:
    """AWS's four switches against public access."""
    found: dict[str, bool] = answers[ACCESS_BLOCK].value.get("PublicAccessBlockConfiguration", {})
    return found


def ownership(answers: Answers) -> str:
    """Who owns objects, as AWS calls it; empty if it is not set."""
    rules = answers[OWNERSHIP].value.get("OwnershipControls", {}).get("Rules", [])
    return next((str(rule.get("ObjectOwnership", "")) for rule in rules), "")


def encryption(answers: Answers) -> dict[str, Any]:
    """The default encryption; empty if there is none."""
    rules = answers[ENCRYPTION].value.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    return next((dict(rule.get("ApplyServerSideEncryptionByDefault", {})) for rule in rules), {})


def retention(answers: Answers) -> dict[str, Any]:
    """How long each new object is locked; empty if it is not."""
    found: dict[str, Any] = _lock(answers).get("Rule", {}).get("DefaultRetention", {})
    return found


def _lock(answers: Answers) -> dict[str, Any]:
    found: dict[str, Any] = answers[LOCK].value.get("ObjectLockConfiguration", {})
    return found


def _versions(answers: Answers, _: BucketFacts) -> Finding | None:
    if not answers[VERSIONING].known:
        return None
    if keeps_versions(answers):
        return Finding(VERSIONS, GOOD, "on: replaced files stay recoverable, and are billed")
    return Finding(VERSIONS, NOTE, "off: a photo replaced on SmugMug permanently replaces the stored one")


def _old_versions(answers: Answers, bucket: BucketFacts) -> Finding | None:
    if not (keeps_versions(answers) and answers[LIFECYCLE].known):
        return None
    days = lifecycle.days_of_old_versions(answers[LIFECYCLE].value, bucket.prefix)
    if days is None:
        return Finding(OLD_VERSIONS, NOTE, "kept and billed for ever: no rule removes them")
    return Finding(OLD_VERSIONS, GOOD, f"removed {_days(days)} after they were replaced")


def _public(answers: Answers, _: BucketFacts) -> Finding | None:
    if not answers[ACCESS_BLOCK].known:
        return None
    if blocks(answers) and all(blocks(answers).values()):
        return Finding(PUBLIC, GOOD, "blocked: private albums stay private")
    return Finding(PUBLIC, NOTE, "not blocked: make sure nobody else can read this bucket")


def _acls(answers: Answers, _: BucketFacts) -> Finding | None:
    if not answers[OWNERSHIP].known:
        return None
    if ownership(answers) == "BucketOwnerEnforced":
        return Finding(ACLS, GOOD, "off: only policies decide who can read this bucket")
    return Finding(ACLS, NOTE, "on: each object may have rights of its own, which no policy shows")


def _plain_http(answers: Answers, bucket: BucketFacts) -> Finding | None:
    if not (answers[POLICY].known and bucket.over_tls):
        return None
    if policy.is_plain_http_denied(answers[POLICY].value):
        return Finding(PLAIN_HTTP, GOOD, "denied: photos travel encrypted, whichever program asks for them")
    return Finding(PLAIN_HTTP, NOTE, "allowed: another program could fetch photos without encryption")


def _accounts(answers: Answers, bucket: BucketFacts) -> Finding | None:
    if not (answers[POLICY].known and bucket.amazon):
        return None
    if policy.are_other_accounts_denied(answers[POLICY].value):
        return Finding(ACCOUNTS, GOOD, "denied, whatever they are granted elsewhere")
    if policy.lets_somebody_in(answers[POLICY].value):
        return Finding(ACCOUNTS, NOTE, "the bucket's policy lets somebody in: make sure you know whom")
    return Finding(ACCOUNTS, NOTE, "not denied: a later grant would let them in")


def _encryption(answers: Answers, _: BucketFacts) -> Finding | None:
    if not answers[ENCRYPTION].known:
        return None
    algorithm = str(encryption(answers).get("SSEAlgorithm", ""))
    if "kms" in algorithm:
        return Finding(ENCRYPTED, NOTE, "with KMS: ETags are not MD5s, so verify needs --deep to check the bytes")
    if algorithm:
        return Finding(ENCRYPTED, GOOD, f"on ({algorithm}), with keys of the provider")
    return Finding(ENCRYPTED, NOTE, "no default encryption: it depends on the provider how files are stored")


def _deletion(answers: Answers, bucket: BucketFacts) -> Finding | None:
    if not lifecycle.deletions(answers[LIFECYCLE].value, bucket.prefix):
        return None
    return Finding(DELETION, BAD, "a rule of this bucket deletes objects after some time: your photos too")


def _uploads(answers: Answers, bucket: BucketFacts) -> Finding | None:
    if not answers[LIFECYCLE].known:
        return None
    days = lifecycle.days_of_uploads(answers[LIFECYCLE].value, bucket.prefix)
    if days is None:
        return Finding(UNFINISHED, NOTE, "kept and billed: no rule removes what a killed run leaves behind")
    return Finding(UNFINISHED, GOOD, f"removed after {_days(days)}")


def _class(answers: Answers, bucket: BucketFacts) -> Finding | None:
    found = lifecycle.classes(answers[LIFECYCLE].value, bucket.prefix)
    slow = [name for name in found if name in lifecycle.ARCHIVES]
    if slow:
        meaning = f"a rule moves files to {slow[0]}, which takes hours to read: sync and verify --deep fail there"
        return Finding(CLASS, NOTE, meaning)
    return Finding(CLASS, GOOD, f"a rule moves files to {found[0]} after some time") if found else None


def _object_lock(answers: Answers, _: BucketFacts) -> Finding | None:
    if not is_locked(answers):
        return None
    kept = "replaced and renamed files are hidden, but kept and billed until their lock ends"
    rule = retention(answers)
    lasts = f" ({str(rule.get('Mode', '')).lower()}, {_lasting(rule)})" if rule else ""
    return Finding(LOCKED, NOTE, f"on{lasts}: {kept}")


_JUDGES: tuple[Callable[[Answers, BucketFacts], Finding | None], ...] = (
    _versions,
    _old_versions,
    _public,
    _acls,
    _plain_http,
    _accounts,
    _encryption,
    _deletion,
    _uploads,
    _class,
    _object_lock,
)


def _stale_uploads(answers: Answers, now: datetime) -> Iterator[Finding]:
    old = now - STALE_AFTER
    stale = [one for one in answers[UPLOADS].value.get("Uploads", []) if one.get("Initiated", old) < old]
    if stale:
        yield Finding(UNFINISHED, NOTE, f"{len(stale)} older than a day: hidden in the bucket, but billed")


def _untold(answers: Answers) -> Iterator[Finding]:
    if unoffered := _named(answers, State.UNOFFERED):
        meaning = f"not offered by this S3 server: {', '.join(NAMES[one] for one in unoffered)}"
        yield Finding(SETTINGS, NOTE, f"{meaning}; make sure nobody else can read this bucket")
    if forbidden := _named(answers, State.FORBIDDEN):
        rights = ", ".join(f"s3:Get{RIGHTS[one]}" for one in forbidden)
        yield Finding(SETTINGS, NOTE, f"this key may not read some of them; it would need {rights}")


def _named(answers: Answers, state: State) -> Iterable[str]:
    return [one for one in RIGHTS if answers[one].state is state]


def _lasting(rule: dict[str, Any]) -> str:
    years = int(rule.get("Years") or 0)
    return f"{years} year{'' if years == 1 else 's'}" if years else _days(int(rule.get("Days") or 0))


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
