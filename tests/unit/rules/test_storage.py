"""How objects are to be stored is checked before anything is sent, and becomes headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.errors import SettingsError
from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.settings import VARIABLES, complaint, load

ALL = Storage(
    storage_class="GLACIER_IR",
    encryption="aws:kms",
    kms_key="alias/photos",
    tags=(("a", "b & c"),),
    acl="private",
    requester_pays=True,
)
PAYS = {"x-amz-request-payer": "requester"}
EVERY_OBJECT = PAYS | {
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": "alias/photos",
    "x-amz-tagging": "a=b%20%26%20c",
    "x-amz-acl": "private",
}
CLASS = {"x-amz-storage-class": "GLACIER_IR"}
AWS: dict[str, str] = {}
OTHER = {"S3_ENDPOINT_URL": "https://s3.example.com"}
FOLDER = {"S3_ENDPOINT_URL": "file:///mnt/disk"}
BUCKET = {"S3_BUCKET": "my.photos"}


def loaded(found: dict[str, str]) -> Storage:
    return load(found, needs=frozenset()).storage


@pytest.mark.parametrize(
    ("found", "meant"),
    [
        pytest.param({}, ORDINARY, id="nothing"),
        pytest.param({"S3_STORAGE_CLASS": " glacier_ir "}, Storage(storage_class="GLACIER_IR"), id="in small letters"),
        pytest.param(
            {"S3_STORAGE_CLASS": " Frosty-2 ", **OTHER}, Storage(storage_class="Frosty-2"), id="another server's own"
        ),
        pytest.param({"S3_SSE": "aes256"}, Storage(encryption="AES256"), id="S3's own encryption"),
        pytest.param(
            {"S3_SSE": "aws:kms", "S3_SSE_KMS_KEY": "arn:aws:kms:eu-central-1:1:key/1-a"},
            Storage(encryption="aws:kms", kms_key="arn:aws:kms:eu-central-1:1:key/1-a"),
            id="a key",
        ),
        pytest.param({"S3_TAGS": "a=b, c d=é=1,e="}, Storage(tags=(("a", "b"), ("c d", "é=1"), ("e", ""))), id="tags"),
        pytest.param({"S3_ADDRESSING": "Virtual", **OTHER}, Storage(addressing="virtual"), id="the host"),
        pytest.param(
            {"S3_ACCELERATE": "yes", "S3_DUAL_STACK": "TRUE"}, Storage(accelerate=True, dual_stack=True), id="AWS"
        ),
        pytest.param({"S3_REQUESTER_PAYS": "1", **OTHER}, Storage(requester_pays=True), id="requester pays"),
        pytest.param({"S3_ACCELERATE": "no", **FOLDER}, ORDINARY, id="a folder without wishes"),
    ],
)
def test_a_valid_setting_is_read(found: dict[str, str], meant: Storage) -> None:
    assert loaded(found) == meant


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(
            {"S3_STORAGE_CLASS": "COLD"},
            "S3_STORAGE_CLASS must be STANDARD, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, "
            "DEEP_ARCHIVE, REDUCED_REDUNDANCY or EXPRESS_ONEZONE (it is 'COLD')",
            id="a class that AWS does not have",
        ),
        pytest.param(
            {"S3_STORAGE_CLASS": "GLACIER_IT", "S3_ENDPOINT_URL": "https://s3.eu-central-1.amazonaws.com"},
            "S3_STORAGE_CLASS must be STANDARD, STANDARD_IA",
            id="a misspelled one at AWS by its address",
        ),
        pytest.param(
            {"S3_STORAGE_CLASS": "very cold", **OTHER},
            "S3_STORAGE_CLASS must be the name of a storage class, like GLACIER_IR",
            id="no name of a class",
        ),
        pytest.param(
            {"S3_ACL": "public-read"},
            "S3_ACL must be private, bucket-owner-read or bucket-owner-full-control (it is 'public-read')",
            id="an ACL that would publish",
        ),
        pytest.param({"S3_SSE": "rot13"}, "S3_SSE must be AES256, aws:kms or aws:kms:dsse", id="an encryption"),
        pytest.param({"S3_SSE_KMS_KEY": "k"}, "S3_SSE_KMS_KEY needs S3_SSE=aws:kms", id="a key for nothing"),
        pytest.param(
            {"S3_SSE": "AES256", "S3_SSE_KMS_KEY": "k"}, "S3_SSE_KMS_KEY needs S3_SSE=aws:kms", id="for another"
        ),
        pytest.param({"S3_SSE": "aws:kms", "S3_SSE_KMS_KEY": "a b"}, "S3_SSE_KMS_KEY must be the ID", id="no key"),
        pytest.param({"S3_TAGS": "photos"}, "S3_TAGS must be like name=value", id="a tag without a value"),
        pytest.param({"S3_TAGS": "a=1,a=2"}, "each name once", id="a tag twice"),
        pytest.param({"S3_TAGS": "=1"}, "S3_TAGS must be like name=value", id="a tag without a name"),
        pytest.param({"S3_TAGS": ",".join(f"t{n}=1" for n in range(11))}, "at most 10 tags", id="eleven tags"),
        pytest.param({"S3_TAGS": f"a={'x' * 257}"}, "values up to 256", id="a long value"),
        pytest.param({"S3_TAGS": "aws:a=1"}, "no name may begin with aws:", id="AWS's own tags"),
        pytest.param({"S3_TAGS": "a=b&c"}, "only", id="a sign that tags cannot have"),
        pytest.param({"S3_ADDRESSING": "dns"}, "S3_ADDRESSING must be path or virtual", id="a style"),
        pytest.param({"S3_DUAL_STACK": "maybe"}, "S3_DUAL_STACK must be yes or no", id="a switch"),
        pytest.param(
            {"S3_ACCELERATE": "yes", **OTHER},
            "S3_ACCELERATE is for AWS alone, but S3_ENDPOINT_URL names another server",
            id="acceleration elsewhere",
        ),
        pytest.param({"S3_DUAL_STACK": "yes", **OTHER}, "S3_DUAL_STACK is for AWS alone", id="two stacks elsewhere"),
        pytest.param(
            {"S3_ACCELERATE": "yes", "S3_ADDRESSING": "path"},
            "S3_ADDRESSING must not be path with S3_ACCELERATE",
            id="acceleration by path",
        ),
        pytest.param(
            {"S3_ACCELERATE": "yes", **BUCKET}, "S3_ACCELERATE needs a bucket without dots", id="a bucket with dots"
        ),
        pytest.param(
            {"S3_SSE": "AES256", **FOLDER},
            "S3_SSE is for S3 servers, but S3_ENDPOINT_URL names a folder",
            id="an encrypted folder",
        ),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent_and_in_config_show(found: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        loaded(found)
    assert refusal.value.exit_code == 2
    assert said in str(refusal.value)
    shown = [
        f"{one.name} {wrong}"
        for one in VARIABLES.values()
        if (wrong := complaint(one, found.get(one.name, ""), among=found))
    ]
    assert len(shown) == 1
    assert shown[0] in str(refusal.value)


@pytest.mark.parametrize(
    ("operation", "key", "headers"),
    [
        pytest.param("PutObject", "smugmug/Garden/rose.jpg", EVERY_OBJECT | CLASS, id="a photo"),
        pytest.param("CreateMultipartUpload", "a.mp4", EVERY_OBJECT | CLASS, id="a video in parts"),
        pytest.param("CopyObject", "a.jpg", EVERY_OBJECT | CLASS | {"x-amz-tagging-directive": "REPLACE"}, id="a copy"),
        pytest.param("PutObject", "smugmug/Garden/_album.json", EVERY_OBJECT, id="an album's file is never archived"),
        pytest.param(
            "CopyObject", "a/_album.json", EVERY_OBJECT | {"x-amz-tagging-directive": "REPLACE"}, id="nor copied so"
        ),
        pytest.param("PutObject", "smugmug/manifest-md5.txt", EVERY_OBJECT, id="nor the manifest"),
        pytest.param("UploadPart", "a.mp4", PAYS, id="a part"),
        pytest.param("GetObject", "a.jpg", PAYS, id="reading"),
        pytest.param("ListObjectsV2", "", PAYS, id="listing"),
    ],
)
def test_each_request_has_the_headers_it_needs(operation: str, key: str, headers: dict[str, str]) -> None:
    assert ALL.headers(operation, key) == headers
    assert ORDINARY.headers(operation, key) == {}


@given(st.sets(st.sampled_from(["S3_STORAGE_CLASS", "S3_SSE", "S3_TAGS", "S3_ACL"])))
def test_without_some_settings_the_others_stay(names: set[str]) -> None:
    left = ALL
    for name in names:
        left = left.without(name)
    assert left.written == {name: one for name, one in ALL.written.items() if name not in names}


def test_a_fingerprint_differs_where_objects_would_and_not_where_only_the_way_does() -> None:
    assert loaded({"S3_SSE": "AES256"}).fingerprint != ORDINARY.fingerprint
    assert loaded({"S3_DUAL_STACK": "yes"}).fingerprint == ORDINARY.fingerprint
