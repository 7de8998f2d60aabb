"""The steps that make a bucket as a careful person would: for each, what is there and what has to be sent."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smug2s3.rules import bucket_rows as rows
from smug2s3.rules import lifecycle, policy
from smug2s3.rules.bucket_settings import (
    ACCESS_BLOCK,
    DAYS_OF_OLD_VERSIONS,
    DAYS_OF_UPLOADS,
    ENCRYPTION,
    LIFECYCLE,
    LOCK,
    OWNERSHIP,
    POLICY,
    RIGHTS,
    VERSIONING,
    Answer,
    Answers,
    BucketFacts,
    Retention,
    State,
    Wishes,
)

Parameters = dict[str, Any]
"""What the library's ``put`` of a setting takes, besides the bucket."""

BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to set."""

    row: str
    """The row of `bucket show` that it concerns."""
    setting: str
    task: Callable[[Wishes], str]
    """What it does, as the end of a sentence."""
    wanted: Callable[[Answers, BucketFacts, Wishes], Parameters | None]
    """What to send; ``None`` if the bucket is so already."""
    unfit: Callable[[Answers, BucketFacts], str] = lambda _, __: ""
    """Why it is left out for this bucket; empty if it is not."""
    by_hand: str
    """Where a provider's console has it."""
    trial: Callable[[Wishes], str] = lambda _: ""
    """What must still work afterwards, or it is undone: ``read`` or ``write``."""
    stores_in: Callable[[Wishes], str] = lambda _: ""
    """The storage class that the server must have, though it takes a rule for any."""
    of_others: bool = False
    """Whether it changes what somebody else set up, so that only a person may agree to it."""
    asked: Callable[[Wishes], bool] = lambda _: False
    """Whether it was asked for on the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a step ended; ``said`` is a sentence where it was not done, or may have no effect."""

    step: Step
    kind: str
    said: str = ""


DONE, ALREADY, LEFT_OUT = "done", "already so", "left out"
CANNOT, MISSING, REFUSED = "not offered", "right missing", "refused"


def steps(wishes: Wishes, *, at_creation: bool) -> list[Step]:
    """The steps in their order: nobody can get in before anything else."""
    wished = [_CHEAPER] if wishes.cheaper_after is not None else []
    lock = [_OBJECT_LOCK] if wishes.lock else []
    last = lock if at_creation else [_DELETION]
    return [_PUBLIC, _ACLS, _PLAIN_HTTP, _ACCOUNTS, _ENCRYPTED, _VERSIONS, _OLD_VERSIONS, _UPLOADS, *wished, *last]


def idle(step: Step, answers: Answers, bucket: BucketFacts, wishes: Wishes) -> Outcome | None:
    """How a step ends for which nothing can or need be sent; ``None`` for any other."""
    if reason := step.unfit(answers, bucket):
        return Outcome(step=step, kind=LEFT_OUT, said=reason)
    state = answers[step.setting].state
    if state is State.UNOFFERED:
        return Outcome(step=step, kind=CANNOT, said=step.by_hand)
    if state is State.FORBIDDEN:  # unread, it cannot be kept
        rights = " and ".join(f"s3:{verb}{RIGHTS[step.setting]}" for verb in ("Get", "Put"))
        return Outcome(step=step, kind=MISSING, said=f"the key needs {rights}. {step.by_hand}")
    return None if step.wanted(answers, bucket, wishes) else Outcome(step=step, kind=ALREADY)


def judged(
    answers: Answers, bucket: BucketFacts, wishes: Wishes, taken: Callable[[Step], bool] = lambda _: True
) -> Iterator[tuple[Step, Outcome | None]]:
    """The steps for a bucket that exists; with ``None`` those that would change something, else why they cannot.

    Each is judged as if those before it were ``taken``: without versions, there are no old ones to remove.
    """
    expected = dict(answers)
    for step in steps(wishes, at_creation=False):
        outcome = idle(step, expected, bucket, wishes)
        if outcome is None or outcome.kind in (CANNOT, MISSING):
            yield step, outcome
        if outcome is None and taken(step):
            expected[step.setting] = as_answer(step.setting, step.wanted(expected, bucket, wishes) or {})


def as_answer(setting: str, parameters: Parameters) -> Answer:
    """What the server says once it has taken these parameters."""
    whole = {VERSIONING: "VersioningConfiguration", LIFECYCLE: "LifecycleConfiguration"}
    return Answer(State.TOLD, parameters[whole[setting]] if setting in whole else parameters)


def command(step: Step, parameters: Mapping[str, Any], bucket: str, endpoint: str | None) -> str:
    """The step as a command of AWS's own program, for somebody who has the right."""
    words = ["aws", "s3api", f"put-{step.setting.replace('_', '-')}", "--bucket", bucket]
    for name, value in parameters.items():
        words += [f"--{_dashed(name)}", value if isinstance(value, str) else json.dumps(value)]
    return shlex.join([*words, *(("--endpoint-url", endpoint) if endpoint else ())])


def _dashed(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()


def _block(answers: Answers, _: BucketFacts, __: Wishes) -> Parameters | None:
    there = rows.blocks(answers)
    return None if BLOCK.items() <= there.items() else {"PublicAccessBlockConfiguration": BLOCK}


def _enforce(answers: Answers, _: BucketFacts, __: Wishes) -> Parameters | None:
    owned = "BucketOwnerEnforced"
    return None if rows.ownership(answers) == owned else {"OwnershipControls": {"Rules": [{"ObjectOwnership": owned}]}}


def _deny_http(answers: Answers, bucket: BucketFacts, _: Wishes) -> Parameters | None:
    now = answers[POLICY].value
    if policy.is_plain_http_denied(now):
        return None
    return policy.with_statement(now, policy.denies_plain_http(bucket.name))


def _deny_accounts(answers: Answers, bucket: BucketFacts, _: Wishes) -> Parameters | None:
    now = answers[POLICY].value
    if policy.are_other_accounts_denied(now):
        return None
    return policy.with_statement(now, policy.denies_other_accounts(bucket.name))


def _encrypt(answers: Answers, _: BucketFacts, wishes: Wishes) -> Parameters | None:
    there = rows.encryption(answers)
    if there and not wishes.kms_key:
        return None
    default = {"SSEAlgorithm": "AES256"}
    more: Parameters = {}
    if wishes.kms_key:
        default, more = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": wishes.kms_key}, {"BucketKeyEnabled": True}
    if default.items() <= there.items():
        return None
    return {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": default} | more]}}


def _keep_versions(answers: Answers, _: BucketFacts, __: Wishes) -> Parameters | None:
    return None if rows.keeps_versions(answers) else {"VersioningConfiguration": {"Status": "Enabled"}}


def _remove_versions(answers: Answers, bucket: BucketFacts, wishes: Wishes) -> Parameters | None:
    now = answers[LIFECYCLE].value
    there = lifecycle.days_of_old_versions(now, bucket.prefix)
    days = wishes.keep_versions or DAYS_OF_OLD_VERSIONS
    if there is not None and wishes.keep_versions in (None, there):
        return None
    rule = lifecycle.old_versions(bucket.prefix, days)
    return None if lifecycle.has(now, rule) else lifecycle.with_rule(now, rule)


def _remove_uploads(answers: Answers, bucket: BucketFacts, _: Wishes) -> Parameters | None:
    now = answers[LIFECYCLE].value
    if lifecycle.days_of_uploads(now, bucket.prefix) is not None:
        return None
    return lifecycle.with_rule(now, lifecycle.unfinished_uploads(bucket.prefix, DAYS_OF_UPLOADS))


def _make_cheaper(answers: Answers, bucket: BucketFacts, wishes: Wishes) -> Parameters | None:
    now = answers[LIFECYCLE].value
    rule = lifecycle.cheaper(bucket.prefix, wishes.cheaper_after or 0, wishes.storage_class)
    return None if lifecycle.has(now, rule) else lifecycle.with_rule(now, rule)


def _lock(answers: Answers, _: BucketFacts, wishes: Wishes) -> Parameters | None:
    if wishes.lock is None:
        return None
    default = {"Mode": wishes.lock.mode, "Days": wishes.lock.days}
    if default.items() <= rows.retention(answers).items():
        return None
    return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": default}}}


def _stop_deletion(answers: Answers, bucket: BucketFacts, _: Wishes) -> Parameters | None:
    now = answers[LIFECYCLE].value
    return lifecycle.without_deletion(now, bucket.prefix) if lifecycle.deletions(now, bucket.prefix) else None


def _lock_in_words(lock: Retention | None) -> str:
    return f" for {lock.days} days ({lock.mode.lower()})" if lock else ""


def _without_tls(_: Answers, bucket: BucketFacts) -> str:
    return "" if bucket.over_tls else "S3_ENDPOINT_URL begins with http://, so smug2s3 itself would be denied"


def _without_accounts(answers: Answers, bucket: BucketFacts) -> str:
    if not bucket.amazon:
        return "only AWS has accounts that a policy can name"
    return (
        "the bucket's policy lets somebody in, and that is kept"
        if policy.lets_somebody_in(answers[POLICY].value)
        else ""
    )


def _without_versions(answers: Answers, _: BucketFacts) -> str:
    unread = answers[VERSIONING].state is State.FORBIDDEN
    return "" if unread or rows.keeps_versions(answers) else "the bucket keeps no versions"


def _without_deletions(answers: Answers, bucket: BucketFacts) -> str:
    return "" if lifecycle.deletions(answers[LIFECYCLE].value, bucket.prefix) else "no rule deletes photos"


_PUBLIC = Step(
    row=rows.PUBLIC,
    setting=ACCESS_BLOCK,
    task=lambda _: "block all public access",
    wanted=_block,
    by_hand="In the provider's console, keep the bucket private.",
    trial=lambda _: "write",  # Ceph 16 takes no object at all then
)
_ACLS = Step(
    row=rows.ACLS,
    setting=OWNERSHIP,
    task=lambda _: "switch off ACLs, so that only policies give access",
    wanted=_enforce,
    by_hand="In the provider's console, give no object and no bucket an ACL of its own.",
    trial=lambda _: "write",  # S3_ACL may be set
)
_PLAIN_HTTP = Step(
    row=rows.PLAIN_HTTP,
    setting=POLICY,
    task=lambda _: "deny plain http to every program",
    wanted=_deny_http,
    unfit=_without_tls,
    by_hand="In the provider's console, allow https only, if it has such a switch.",
    trial=lambda _: "read",
)
_ACCOUNTS = Step(
    row=rows.ACCOUNTS,
    setting=POLICY,
    task=lambda _: "deny other AWS accounts",
    wanted=_deny_accounts,
    unfit=_without_accounts,
    by_hand="In the console under Permissions, edit the bucket policy.",
    trial=lambda _: "read",
)
_ENCRYPTED = Step(
    row=rows.ENCRYPTED,
    setting=ENCRYPTION,
    task=lambda wishes: f"encrypt by default with {f'KMS key {wishes.kms_key}' if wishes.kms_key else 'SSE-S3'}",
    wanted=_encrypt,
    by_hand="In the provider's console, look for default or server-side encryption; many always encrypt.",
    trial=lambda _: "write",  # a default is taken with any key, and with a key service that is not there
    asked=lambda wishes: bool(wishes.kms_key),
)
_VERSIONS = Step(
    row=rows.VERSIONS,
    setting=VERSIONING,
    task=lambda _: "keep versions of replaced files",
    wanted=_keep_versions,
    by_hand="In the provider's console, turn on versions or file history, if it has them.",
)
_OLD_VERSIONS = Step(
    row=rows.OLD_VERSIONS,
    setting=LIFECYCLE,
    task=lambda wishes: f"remove old versions after {wishes.keep_versions or DAYS_OF_OLD_VERSIONS} days",
    wanted=_remove_versions,
    unfit=_without_versions,
    by_hand="In the provider's console, add a lifecycle rule that removes noncurrent versions.",
    asked=lambda wishes: wishes.keep_versions is not None,
)
_UPLOADS = Step(
    row=rows.UNFINISHED,
    setting=LIFECYCLE,
    task=lambda _: f"remove unfinished uploads after {DAYS_OF_UPLOADS} days",
    wanted=_remove_uploads,
    by_hand="In the provider's console, add a lifecycle rule that aborts incomplete multipart uploads.",
)
_CHEAPER = Step(
    row=rows.CLASS,
    setting=LIFECYCLE,
    task=lambda wishes: f"move files to {wishes.storage_class} after {wishes.cheaper_after} days",
    wanted=_make_cheaper,
    by_hand="In the provider's console, look for storage classes and lifecycle rules.",
    stores_in=lambda wishes: wishes.storage_class,
    asked=lambda _: True,
)
_OBJECT_LOCK = Step(
    row=rows.LOCKED,
    setting=LOCK,
    task=lambda wishes: f"lock every new object{_lock_in_words(wishes.lock)}",
    wanted=_lock,
    by_hand="It can only be turned on for a new bucket, in the provider's console.",
    asked=lambda _: True,
)
_DELETION = Step(
    row=rows.DELETION,
    setting=LIFECYCLE,
    task=lambda _: "switch off the lifecycle rule that deletes photos",
    wanted=_stop_deletion,
    unfit=_without_deletions,
    by_hand="In the provider's console, remove the lifecycle rule that expires objects.",
    of_others=True,
)
