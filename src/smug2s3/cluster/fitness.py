"""Compares versions and settings of workers with this computer's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from smug2s3.errors import ClusterError

_PACKAGES = ("smug2s3", "distributed")

_SAME_IMAGE = "Install the same versions everywhere; with containers, use one image for scheduler and workers."

_WORDS = {"account": "SmugMug account", "endpoint": "S3 endpoint", "bucket": "bucket", "prefix": "prefix"} | {
    "storage": "storage class, encryption, tag or ACL"
}
"""The fields of a fingerprint, as named in messages."""


def fingerprint(*, account: str, endpoint: str, bucket: str, prefix: str, storage: str) -> dict[str, str]:
    """A hash of each setting, enough to compare them."""
    named = {"account": account, "endpoint": endpoint, "bucket": bucket, "prefix": prefix, "storage": storage}
    return {name: hashlib.sha256(f"{name}:{value}".encode()).hexdigest()[:16] for name, value in named.items()}


def version_mismatches(found: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, ClusterError]]:
    """The address of each worker (or ``scheduler``) that has other versions, with an error that names the difference."""
    ours = _versions(found["client"])
    theirs = {"scheduler": found["scheduler"], **found["workers"]}
    for address, versions in theirs.items():
        who = "the scheduler" if address == "scheduler" else f"the worker {names.get(address, address)}"
        for package, version in _versions(versions).items():
            if version != ours[package]:
                has = f"has {package} {version}" if version else f"does not have {package}"
                yield address, ClusterError(f"{who} {has}; this computer has {ours[package]}", hint=_SAME_IMAGE)
                break


def _versions(found: Mapping[str, Any]) -> dict[str, str]:
    python = ".".join(str(found["host"]["python"]).split(".")[:2])
    return {"Python": python} | {name: found["packages"].get(name) or "" for name in _PACKAGES}


def settings_mismatch(name: str, theirs: Mapping[str, str], ours: Mapping[str, str]) -> ClusterError | None:
    """The error for a worker with another account or destination, if it has one."""
    others = [word for field, word in _WORDS.items() if theirs.get(field) != ours[field]]
    if not others:
        return None
    return ClusterError(
        f"the settings of the worker {name} name another {' and another '.join(others)} than this computer's",
        hint="Give the worker the same settings: in its environment, or in `.env` where it was started.",
    )
