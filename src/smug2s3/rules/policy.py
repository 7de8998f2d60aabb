"""Policies: the fewest rights that a key needs, and what a bucket denies to everybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from smug2s3.rules.bucket_settings import RIGHTS, document

Statement = dict[str, Any]

_DENIED = (
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
)
"""Everything about objects and nothing about the policy itself, which its owner can change whatever it denies.
MinIO takes no exceptions (``NotAction``), so they are all named."""


def least_policy(bucket: str, prefix: str) -> dict[str, Any]:
    """The least permissions for sync and verify on AWS, as an IAM policy."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ListWhatWasMoved",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
                "Resource": f"arn:aws:s3:::{bucket}",
            },
            {
                "Sid": "MoveAndVerify",
                "Effect": "Allow",
                "Action": [
                    "s3:PutObject",
                    "s3:GetObject",
                    "s3:DeleteObject",
                    "s3:AbortMultipartUpload",
                    "s3:ListMultipartUploadParts",
                ],
                "Resource": f"arn:aws:s3:::{bucket}/{prefix}*",
            },
        ],
    }


def making_policy(bucket: str, prefix: str) -> dict[str, Any]:
    """The permissions to make a bucket, to look at its settings and to change them, besides the least ones."""
    settings = [f"s3:{verb}{right}" for right in RIGHTS.values() for verb in ("Get", "Put")]
    own = {
        "Sid": "MakeTheBucket",
        "Effect": "Allow",
        "Action": ["s3:CreateBucket", *settings, "s3:DeleteBucketPolicy"],
        "Resource": f"arn:aws:s3:::{bucket}",
    }
    least = least_policy(bucket, prefix)
    return least | {"Statement": [own, *least["Statement"]]}


def denies_plain_http(bucket: str) -> Statement:
    """A statement that denies requests without TLS."""
    return _denial("Smug2s3DeniesPlainHttp", bucket, {"Bool": {"aws:SecureTransport": "false"}})


def denies_other_accounts(bucket: str) -> Statement:
    """A statement that denies requests of other AWS accounts and of nobody, but not those of AWS's own services.

    AWS puts in the account that the bucket is in, so no number can be wrong.
    """
    foreign = {"StringNotEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}
    return _denial(
        "Smug2s3DeniesOtherAccounts", bucket, foreign | {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    )


def with_statement(now: Mapping[str, Any], statement: Statement) -> dict[str, Any]:
    """The parameters that put ``statement`` among those that are there, in place of an earlier one of the same name."""
    policy = document(now) or {"Version": "2012-10-17"}
    kept = [one for one in statements(now) if one.get("Sid") != statement["Sid"]]
    return {"Policy": json.dumps(policy | {"Statement": [*kept, statement]})}


def statements(now: Mapping[str, Any]) -> list[Statement]:
    """The statements of a bucket's policy."""
    found = document(now).get("Statement", [])
    return list(found) if isinstance(found, list) else [found]


def is_plain_http_denied(now: Mapping[str, Any]) -> bool:
    """Whether a policy denies requests without TLS, in whoever's words."""
    return any(
        _lower(one.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")) == "false"
        for one in statements(now)
        if _is_for_all(one)
    )


def are_other_accounts_denied(now: Mapping[str, Any]) -> bool:
    """Whether a policy denies other accounts: by the account's number or its organization."""
    return any(
        {"aws:principalaccount", "aws:principalorgid"} & {name.lower() for name in test}
        for one in statements(now)
        if _is_for_all(one)
        for operator, test in one.get("Condition", {}).items()
        if operator.lower().startswith("stringnot")
    )


def lets_somebody_in(now: Mapping[str, Any]) -> bool:
    """Whether a statement allows something, so that other accounts may be let in on purpose."""
    return any(one.get("Effect") == "Allow" for one in statements(now))


def _denial(name: str, bucket: str, condition: dict[str, Any]) -> Statement:
    return {
        "Sid": name,
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(_DENIED),
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": condition,
    }


def _is_for_all(statement: Statement) -> bool:
    return statement.get("Effect") == "Deny" and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})


def _lower(value: Any) -> str:
    """A condition's value, alone or in a list of one, as text or as a truth value."""
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    return str(one).lower()
