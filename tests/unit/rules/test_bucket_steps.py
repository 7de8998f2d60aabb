"""What makes a bucket a good one: each step is a decision about what is there, and keeps what others set up."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from smug2s3.rules import bucket_rows, lifecycle, policy
from smug2s3.rules.bucket_settings import (
    ENCRYPTION,
    LIFECYCLE,
    LOCK,
    POLICY,
    RIGHTS,
    UPLOADS,
    VERSIONING,
    Answer,
    BucketFacts,
    Retention,
    State,
    Wishes,
)
from smug2s3.rules.bucket_steps import CANNOT, LEFT_OUT, MISSING, Step, as_answer, command, idle, steps
from smug2s3.rules.finding import BAD, GOOD, NOTE

AWS = BucketFacts(name="photos", prefix="smugmug/", over_tls=True, amazon=True)
NEARBY = BucketFacts(name="photos", prefix="smugmug/", over_tls=False, amazon=False)
ON: dict[str, Any] = {VERSIONING: {"Status": "Enabled"}}
ALL = Wishes(cheaper_after=90, lock=Retention("GOVERNANCE", 30))


def bucket(**settings: dict[str, Any]) -> dict[str, Answer]:
    """What a server says of a bucket that has these settings and no others."""
    answers = {setting: Answer(State.UNSET) for setting in (*RIGHTS, UPLOADS)}
    return answers | {setting: Answer(State.TOLD, value) for setting, value in settings.items()}


def taken(answers: dict[str, Answer], wishes: Wishes, there: BucketFacts = AWS) -> list[Step]:
    """Take the steps on a server that does all; returns those that sent something."""
    done: list[Step] = []
    for step in steps(wishes, at_creation=True):
        if idle(step, answers, there, wishes) is None:
            answers[step.setting] = as_answer(step.setting, step.wanted(answers, there, wishes) or {})
            done.append(step)
    return done


def step_of(row: str, wishes: Wishes = ALL, *, at_creation: bool = True) -> Step:
    return next(step for step in steps(wishes, at_creation=at_creation) if step.row == row)


def grades(answers: dict[str, Answer], there: BucketFacts = AWS) -> dict[str, str]:
    return {one.name: one.grade for one in bucket_rows.findings(answers, there, datetime.now(UTC))}


def test_every_step_of_a_new_bucket_is_needed_and_its_row_is_good_afterwards() -> None:
    answers = bucket()
    before = grades(answers)

    done = taken(answers, ALL)

    assert done == steps(ALL, at_creation=True)
    after = grades(answers)
    assert [step.row for step in done if after[step.row] != GOOD and step.row != bucket_rows.LOCKED] == []
    assert [step.row for step in done if before.get(step.row) == GOOD] == []
    assert taken(answers, ALL) == []


def test_nothing_that_is_sent_gives_anybody_access() -> None:
    answers = bucket()
    taken(answers, ALL)

    assert {one["Effect"] for one in policy.statements(answers[POLICY].value)} == {"Deny"}
    assert bucket_rows.blocks(answers) == dict.fromkeys(bucket_rows.blocks(answers), True)
    assert bucket_rows.ownership(answers) == "BucketOwnerEnforced"


def test_whoever_may_change_the_policy_can_do_so_whatever_it_denies() -> None:
    for statement in (policy.denies_plain_http("photos"), policy.denies_other_accounts("photos")):
        assert not [action for action in statement["Action"] if "Policy" in action or "*" in action]
        assert "NotAction" not in statement


LEFT: dict[str, tuple[str, BucketFacts, dict[str, Any]]] = {
    "plain http itself": (bucket_rows.PLAIN_HTTP, NEARBY, {}),
    "no accounts": (bucket_rows.ACCOUNTS, NEARBY, {}),
    "an account that is let in": (
        bucket_rows.ACCOUNTS,
        AWS,
        {POLICY: {"Policy": '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}}}'}},
    ),
    "no versions": (bucket_rows.OLD_VERSIONS, AWS, {VERSIONING: {"Status": "Suspended"}}),
}


@pytest.mark.parametrize(("row", "there", "settings"), LEFT.values(), ids=LEFT)
def test_what_could_lock_out_or_makes_no_sense_is_left_out_with_its_reason(
    row: str, there: BucketFacts, settings: dict[str, Any]
) -> None:
    outcome = idle(step_of(row), bucket(**settings), there, ALL)

    assert outcome is not None
    assert (outcome.kind, bool(outcome.said)) == (LEFT_OUT, True)


@pytest.mark.parametrize("step", steps(ALL, at_creation=True), ids=lambda step: step.row)
@pytest.mark.parametrize(("state", "kind"), [(State.UNOFFERED, CANNOT), (State.FORBIDDEN, MISSING)])
def test_what_cannot_be_read_is_not_written_and_the_way_by_hand_is_named(step: Step, state: State, kind: str) -> None:
    answers = bucket(**{VERSIONING: {"Status": "Enabled"}}) | {step.setting: Answer(state)}
    outcome = idle(step, answers, AWS, ALL)

    assert outcome is not None
    assert outcome.kind == kind
    assert step.by_hand in outcome.said
    assert (f"s3:Put{RIGHTS[step.setting]}" in outcome.said) is (kind == MISSING)


@pytest.mark.parametrize("step", steps(ALL, at_creation=True), ids=lambda step: step.row)
def test_a_step_can_be_taken_by_somebody_else_with_awss_own_program(step: Step) -> None:
    answers = bucket(**{VERSIONING: {"Status": "Enabled"}} if step.setting != VERSIONING else {})
    parameters = step.wanted(answers, AWS, ALL) or {}

    words = shlex.split(command(step, parameters, "photos", "https://s3.example"))

    assert words[:2] == ["aws", "s3api"]
    assert words[2].removeprefix("put-").replace("-", "_") == step.setting
    assert words[3:5] == ["--bucket", "photos"]
    assert words[-2:] == ["--endpoint-url", "https://s3.example"]
    (value,) = parameters.values()
    assert json.loads(words[6]) == (json.loads(value) if isinstance(value, str) else value)
    assert command(step, parameters, "photos", None).count("endpoint") == 0


# Rules of others

OLDER: dict[str, Any] = {"ID": "logs", "Status": "Enabled", "Prefix": "logs/", "Expiration": {"Days": 30}}
TAGGED: dict[str, Any] = {
    "ID": "tags",
    "Status": "Enabled",
    "Filter": {"Tag": {"Key": "a", "Value": "b"}},
    "Expiration": {"Days": 1},
}
EXPIRES = {"ID": "all", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 365}}
KEPT = "TransitionDefaultMinimumObjectSize"


def test_rules_of_others_are_kept_in_the_form_that_aws_takes_beside_ours() -> None:
    answers = bucket(**{LIFECYCLE: {"Rules": [OLDER, TAGGED], KEPT: "varies_by_storage_class"}})

    sent = step_of(bucket_rows.UNFINISHED).wanted(answers, AWS, ALL) or {}

    first, second, ours = sent["LifecycleConfiguration"]["Rules"]
    assert first == {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}
    assert second == TAGGED
    assert ours["Filter"] == {"Prefix": "smugmug/"}
    assert sent[KEPT] == "varies_by_storage_class"


def test_another_number_of_days_replaces_our_own_rule_alone() -> None:
    now = {"Rules": [OLDER, lifecycle.old_versions("smugmug/", 90)]}
    answers = bucket(**{LIFECYCLE: now}, **ON)
    step = step_of(bucket_rows.OLD_VERSIONS)

    assert step.wanted(answers, AWS, Wishes()) is None
    assert step.wanted(answers, AWS, Wishes(keep_versions=90)) is None
    sent = step.wanted(answers, AWS, Wishes(keep_versions=30)) or {}
    rules = sent["LifecycleConfiguration"]["Rules"]
    assert [one["ID"] for one in rules] == ["logs", "smug2s3 old versions smugmug/"]
    assert rules[1]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


def test_a_rule_that_deletes_photos_is_switched_off_by_a_person_alone_and_stays_in_the_list() -> None:
    answers = bucket(**{LIFECYCLE: {"Rules": [OLDER, EXPIRES]}})
    step = step_of(bucket_rows.DELETION, at_creation=False)
    assert grades(answers)[bucket_rows.DELETION] == BAD
    assert step.of_others

    sent = step.wanted(answers, AWS, ALL) or {}

    states = {one["ID"]: one["Status"] for one in sent["LifecycleConfiguration"]["Rules"]}
    assert states == {"logs": "Enabled", "all": "Disabled"}
    answers[LIFECYCLE] = as_answer(LIFECYCLE, sent)
    assert bucket_rows.DELETION not in grades(answers)
    outcome = idle(step, answers, AWS, ALL)
    assert outcome is not None
    assert outcome.kind == LEFT_OUT


FORMS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "as it was sent": lambda rule: rule,
    "in the older form": lambda rule: {**rule, "Filter": {}, "Prefix": rule["Filter"]["Prefix"]} | {"ID": "x"},
    "with an empty And": lambda rule: rule | {"Filter": {"And": {"Prefix": "smugmug/", "Tags": []}}},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_rule_is_found_in_whichever_form_a_server_writes_it(form: str) -> None:
    rule = lifecycle.cheaper("smugmug/", 90, "GLACIER_IR")
    written = FORMS[form](rule)
    if form == "in the older form":
        del written["Filter"]

    assert lifecycle.has({"Rules": [written]}, rule)
    assert not lifecycle.has({"Rules": [written | {"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}]}, rule)
    assert not lifecycle.has({"Rules": [written | {"Status": "Disabled"}]}, rule)


STATEMENT = {"Sid": "Them", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}


@pytest.mark.parametrize("there", [[STATEMENT], STATEMENT], ids=["a list", "a single one"])
def test_statements_of_others_are_kept_and_ours_is_not_doubled(there: Any) -> None:
    now = {"Policy": json.dumps({"Version": "2012-10-17", "Id": "theirs", "Statement": there})}

    sent = policy.with_statement(now, policy.denies_plain_http("photos"))
    again = policy.with_statement(sent, policy.denies_plain_http("photos"))

    assert json.loads(sent["Policy"])["Id"] == "theirs"
    assert policy.statements(sent) == policy.statements(again) == [STATEMENT, policy.denies_plain_http("photos")]


@pytest.mark.parametrize("value", ["false", False, ["false"], "False"])
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
def test_a_denial_of_plain_http_is_known_in_other_words_too(value: Any, principal: Any) -> None:
    one = STATEMENT | {"Principal": principal, "Condition": {"Bool": {"aws:SecureTransport": value}}}

    assert policy.is_plain_http_denied({"Policy": json.dumps({"Statement": [one]})})
    assert not policy.is_plain_http_denied({"Policy": json.dumps({"Statement": [one | {"Effect": "Allow"}]})})


KMS = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "key"}


def encrypted(default: dict[str, str]) -> dict[str, Answer]:
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    return bucket(**{ENCRYPTION: {"ServerSideEncryptionConfiguration": {"Rules": rules}}})


@pytest.mark.parametrize(
    ("default", "key", "changes"),
    [
        ({"SSEAlgorithm": "AES256"}, "", False),
        (KMS, "", False),
        (KMS, "key", False),
        (KMS, "another", True),
        ({"SSEAlgorithm": "AES256"}, "key", True),
    ],
)
def test_encryption_that_is_there_is_replaced_only_by_the_key_that_was_asked_for(
    default: dict[str, str], key: str, changes: bool
) -> None:
    assert bool(step_of(bucket_rows.ENCRYPTED).wanted(encrypted(default), AWS, Wishes(kms_key=key))) is changes


ROWS: dict[str, tuple[dict[str, Answer], dict[str, str]]] = {
    "one that was never set up": (
        bucket(),
        {
            "versions": NOTE, "public access": NOTE, "ACLs": NOTE, "plain http": NOTE, "other accounts": NOTE,
            "encryption": NOTE, "unfinished uploads": NOTE,
        },
    ),
    "a server that tells nothing": (
        dict.fromkeys((*RIGHTS, UPLOADS), Answer(State.UNOFFERED)),
        {"bucket settings": NOTE},
    ),
    "a key that may read nothing": (
        dict.fromkeys((*RIGHTS, UPLOADS), Answer(State.FORBIDDEN)),
        {"bucket settings": NOTE},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "expected"), ROWS.values(), ids=ROWS)
def test_each_setting_is_one_row_and_all_that_is_not_told_is_one_too(
    answers: dict[str, Answer], expected: dict[str, str]
) -> None:
    assert grades(answers) == expected


REMOVED = {LIFECYCLE: {"Rules": [lifecycle.old_versions("", 90)]}}
LOCKED = {LOCK: {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}}


@pytest.mark.parametrize(
    ("settings", "for_good"),
    [({}, False), (ON, True), (REMOVED, False), (ON | REMOVED, False), (ON | REMOVED | LOCKED, True)],
)
def test_test_objects_are_written_where_they_do_not_stay_for_good(settings: dict[str, Any], for_good: bool) -> None:
    assert bucket_rows.keeps_for_good(bucket(**settings), AWS) is for_good


def test_a_least_policy_has_every_right_that_a_step_needs() -> None:
    granted = policy.making_policy("photos", "smugmug/")["Statement"]
    actions = [action for statement in granted for action in statement["Action"]]

    assert {f"s3:{verb}{RIGHTS[step.setting]}" for step in steps(ALL, at_creation=True) for verb in ("Get", "Put")} <= {
        *actions
    }
    assert {"s3:CreateBucket", "s3:PutObject", "s3:ListBucket"} <= {*actions}
    assert not [action for action in actions if "*" in action]
