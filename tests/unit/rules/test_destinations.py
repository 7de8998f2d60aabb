"""Where a store is, in the words its provider uses, becomes settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from smug2s3.rules.destinations import BUCKET, ENDPOINT, KINDS, REGION, answer_of, kind_of
from smug2s3.settings import VARIABLES, load

ID = "0123456789abcdef0123456789abcdef"
R2 = f"https://{ID}.r2.cloudflarestorage.com"
B2 = "https://s3.us-west-004.backblazeb2.com"
WASABI = "https://s3.eu-central-1.wasabisys.com"


@pytest.mark.parametrize(
    ("kind", "answer", "expected"),
    [
        ("aws", "eu-central-1", {ENDPOINT: "", REGION: "eu-central-1"}),
        ("aws", "US-GOV-WEST-1", {ENDPOINT: "", REGION: "us-gov-west-1"}),
        ("b2", "us-west-004", {ENDPOINT: B2, REGION: "us-west-004"}),
        ("b2", "s3.us-west-004.backblazeb2.com", {ENDPOINT: B2, REGION: "us-west-004"}),
        ("b2", f"{B2}/", {ENDPOINT: B2, REGION: "us-west-004"}),
        ("r2", ID, {ENDPOINT: R2, REGION: ""}),
        ("r2", f"{R2}/my-photos", {ENDPOINT: R2, REGION: ""}),
        ("r2", f"https://{ID}.eu.r2.cloudflarestorage.com", {ENDPOINT: R2.replace(".r2", ".eu.r2"), REGION: ""}),
        ("wasabi", "eu-central-1", {ENDPOINT: WASABI, REGION: "eu-central-1"}),
        ("wasabi", WASABI, {ENDPOINT: WASABI, REGION: "eu-central-1"}),
        ("minio", "http://nas:9000/", {ENDPOINT: "http://nas:9000", REGION: ""}),
        ("minio", "nas:9000", {ENDPOINT: "http://nas:9000", REGION: ""}),
        ("other", "https://s3.example", {ENDPOINT: "https://s3.example"}),
        ("other", "S3.example.com/", {ENDPOINT: "https://s3.example.com"}),
    ],
)
def test_an_answer_becomes_settings(kind: str, answer: str, expected: dict[str, str]) -> None:
    assert KINDS[kind].settings(answer) == expected


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("aws", "Frankfurt"),
        ("aws", "eu-central"),
        ("b2", "nowhere"),
        ("b2", "https://s3.us-west-004.wasabisys.com"),
        ("b2", "us-west-004.backblazeb2.com.example"),
        ("r2", "my-account"),
        ("r2", ID[:-1]),
        ("wasabi", B2),
        ("folder", "photos"),
        ("folder", "/"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_in_a_phrase(kind: str, answer: str) -> None:
    with pytest.raises(ValueError, match=r"^must be "):
        KINDS[kind].settings(answer)


@pytest.mark.parametrize(("kind", "default"), [(name, kind.default) for name, kind in KINDS.items() if kind.default])
def test_every_default_is_an_answer_that_the_settings_take(kind: str, default: str) -> None:
    assert load(KINDS[kind].settings(default) | {BUCKET: "photos"}, needs=frozenset({"store"})).bucket == "photos"


def test_a_folder_is_a_bucket_in_the_folder_above_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a b" / "my-photos"
    found = KINDS["folder"].settings(str(folder))
    assert found == {ENDPOINT: folder.parent.as_uri(), BUCKET: "my-photos"}
    assert load(found, needs=frozenset({"store"})).folder == folder.parent
    monkeypatch.setenv("HOME", str(tmp_path))
    assert KINDS["folder"].settings("~/a b/my-photos/") == found


@pytest.mark.parametrize(
    ("endpoint", "bucket", "kind"),
    [
        ("", "", ""),
        ("", "photos", "aws"),
        (B2, "photos", "b2"),
        (R2, "photos", "r2"),
        (WASABI, "photos", "wasabi"),
        ("http://nas:9000", "photos", "minio"),
        ("https://s3.example.org", "photos", "other"),
        ("file:///media/disk", "photos", "folder"),
    ],
)
def test_settings_of_before_are_known_again(endpoint: str, bucket: str, kind: str) -> None:
    assert kind_of(endpoint, bucket) == kind


@pytest.mark.parametrize(
    ("kind", "endpoint", "region", "expected"),
    [
        ("aws", "", "eu-west-1", "eu-west-1"),
        ("aws", B2, "us-west-004", "us-east-1"),
        ("b2", B2, "us-west-004", B2),
        ("b2", "", "eu-west-1", "us-west-004"),
        ("minio", "http://nas:9000", "", "http://nas:9000"),
        ("minio", B2, "", "http://localhost:9000"),
        ("other", "http://nas:9000", "", "http://nas:9000"),
        ("folder", Path("/media/disk").absolute().as_uri(), "", str(Path("/media/disk/photos").absolute())),
        ("folder", B2, "", ""),
    ],
)
def test_enter_stands_for_what_the_settings_say_now(kind: str, endpoint: str, region: str, expected: str) -> None:
    assert answer_of(KINDS[kind], endpoint=endpoint, region=region, bucket="photos") == expected


def test_the_settings_named_are_settings() -> None:
    assert {ENDPOINT, REGION, BUCKET} <= {variable.name for variable in VARIABLES.values()}
