"""A bucket's settings as S3 has them, and what a person may wish of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from smug2s3.rules.foreign_json import read_json

ACCESS_BLOCK = "public_access_block"
OWNERSHIP = "bucket_ownership_controls"
POLICY = "bucket_policy"
ENCRYPTION = "bucket_encryption"
VERSIONING = "bucket_versioning"
LIFECYCLE = "bucket_lifecycle_configuration"
LOCK = "object_lock_configuration"
UPLOADS = "multipart_uploads"

RIGHTS = {
    ACCESS_BLOCK: "BucketPublicAccessBlock",
    OWNERSHIP: "BucketOwnershipControls",
    POLICY: "BucketPolicy",
    ENCRYPTION: "EncryptionConfiguration",
    VERSIONING: "BucketVersioning",
    LIFECYCLE: "LifecycleConfiguration",
    LOCK: "BucketObjectLockConfiguration",
}
"""The settings by the names of their requests, without ``get`` and ``put``, and the rights as AWS calls them."""

NAMES = {
    ACCESS_BLOCK: "public access block",
    OWNERSHIP: "object ownership",
    POLICY: "bucket policy",
    ENCRYPTION: "default encryption",
    VERSIONING: "versioning",
    LIFECYCLE: "lifecycle rules",
    LOCK: "Object Lock",
}
"""The same settings for people."""


class State(StrEnum):
    """What came of a request for a setting."""

    TOLD = "told"
    UNSET = "unset"
    """The server knows the setting, and this bucket has none."""
    UNOFFERED = "not offered"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Answer:
    """The server's answer about one setting; ``value`` is the library's document, empty unless it was told."""

    state: State
    value: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether it says what the bucket has, if only that it has nothing."""
        return self.state in (State.TOLD, State.UNSET)


Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketFacts:
    """The bucket whose settings are looked at."""

    name: str
    prefix: str
    over_tls: bool
    """Whether it is reached through https."""
    amazon: bool


@dataclass(frozen=True, slots=True)
class Retention:
    """How long Object Lock protects what is written: ``mode`` is GOVERNANCE or COMPLIANCE."""

    mode: str
    days: int


INSTANT = "GLACIER_IR"
"""The cheapest class of AWS that is read at once."""
DAYS_OF_OLD_VERSIONS = 90
DAYS_OF_UPLOADS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was asked for on the command line; what was not stays as it is where there is something already."""

    kms_key: str = ""
    keep_versions: int | None = None
    cheaper_after: int | None = None
    storage_class: str = INSTANT
    lock: Retention | None = None


def document(policy: Mapping[str, Any]) -> dict[str, Any]:
    """The policy in an answer, parsed; empty if there is none. Raises ValueError if it is not a policy."""
    if "Policy" not in policy:
        return {}
    found = read_json(policy["Policy"])
    if not isinstance(found, dict) or "Statement" not in found:
        raise ValueError("not a policy")
    return found
