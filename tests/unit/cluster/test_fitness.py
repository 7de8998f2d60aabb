"""A worker that does not match is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from smug2s3.cluster.fitness import fingerprint, settings_mismatch, version_mismatches

OURS = {
    "account": "jane",
    "endpoint": "https://s3.example",
    "bucket": "photos",
    "prefix": "smugmug/",
    "storage": "S3_TAGS=a=b",
}


def versions(python: str = "3.12.1.final.0", smug2s3: str | None = "0.1.0", distributed: str = "2026.8.0") -> Any:
    return {"host": {"python": python}, "packages": {"smug2s3": smug2s3, "distributed": distributed}}


def mismatches(worker: Any, scheduler: Any = None) -> list[str]:
    found = {"client": versions(), "scheduler": scheduler or versions(), "workers": {"tcp://a:1": worker}}
    return [str(error) for _, error in version_mismatches(found, {"tcp://a:1": "ada"})]


@pytest.mark.parametrize(
    ("worker", "sentence"),
    [
        (versions(), None),
        (versions(python="3.12.9.final.0"), None),
        (versions(python="3.11.7.final.0"), "the worker ada has Python 3.11; this computer has 3.12"),
        (versions(smug2s3="0.2.0"), "the worker ada has smug2s3 0.2.0; this computer has 0.1.0"),
        (versions(smug2s3=None), "the worker ada does not have smug2s3; this computer has 0.1.0"),
        (versions(distributed="2025.1.0"), "the worker ada has distributed 2025.1.0; this computer has 2026.8.0"),
    ],
)
def test_another_version_is_refused_by_name(worker: Any, sentence: str | None) -> None:
    assert mismatches(worker) == ([sentence] if sentence else [])


def test_the_scheduler_must_match_as_well() -> None:
    assert mismatches(versions(), versions(smug2s3=None)) == [
        "the scheduler does not have smug2s3; this computer has 0.1.0"
    ]


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        ({}, None),
        ({"account": "joe"}, "another SmugMug account than"),
        ({"bucket": "other"}, "another bucket than"),
        ({"storage": "S3_SSE=AES256"}, "another storage class, encryption, tag or ACL than"),
        ({"endpoint": "https://s3.example:444", "prefix": ""}, "another S3 endpoint and another prefix than"),
    ],
)
def test_settings_with_another_account_or_destination_are_refused(theirs: dict[str, str], words: str | None) -> None:
    error = settings_mismatch("ada", fingerprint(**OURS | theirs), fingerprint(**OURS))

    assert (words or "None") in str(error)


def test_a_fingerprint_does_not_reveal_its_values() -> None:
    assert not any(value in str(fingerprint(**OURS)) for value in OURS.values())
