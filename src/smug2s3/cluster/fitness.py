"""Whether a worker fits: the same versions, the same account and bucket; what does not is refused by name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from smug2s3.errors import ClusterError

_PACKAGES = ("smug2s3", "distributed")

_SAME_IMAGE = "Install the same versions everywhere; with containers, use one image for scheduler and workers."

_WORDS = {"account": "SmugMug account", "endpoint": "S3 endpoint", "bucket": "bucket", "prefix": "prefix"}
"""What a fingerprint is made of, in the words of a person."""


def fingerprint(*, account: str, endpoint: str, bucket: str, prefix: str) -> dict[str, str]:
    """A hash of each: enough to compare them, and no more."""
    named = {"account": account, "endpoint": endpoint, "bucket": bucket, "prefix": prefix}
    return {name: hashlib.sha256(f"{name}:{value}".encode()).hexdigest()[:16] for name, value in named.items()}


def of_versions(found: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, ClusterError]]:
    """Each worker, by address, or ``scheduler`` whose versions are not ours, and what is said of it."""
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


def of_settings(name: str, theirs: Mapping[str, str], ours: Mapping[str, str]) -> ClusterError | None:
    """What is said of a worker whose settings lead elsewhere."""
    others = [word for field, word in _WORDS.items() if theirs.get(field) != ours[field]]
    if not others:
        return None
    return ClusterError(
        f"the settings of the worker {name} name another {' and another '.join(others)} than this computer's",
        hint="Give the worker the same settings: in its environment, or in `.env` where it was started.",
    )
