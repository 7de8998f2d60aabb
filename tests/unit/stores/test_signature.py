"""The signature is the one AWS's documents compute, and the one the library would have made."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from smug2s3.rules.storage import ACLS, CLASSES, ENCRYPTIONS, Storage
from smug2s3.stores.signature import UNSIGNED, Scope, authorization, timestamp

WHEN = datetime(2013, 5, 24, tzinfo=UTC)
ACCESS_KEY, SECRET_KEY = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
    lambda key: key[0] != "/"
)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40).map(str.strip)


def the_librarys(url: str, headers: dict[str, str], scope: Scope) -> str:
    """What the library's own signer makes of the same request at the same moment."""
    request = AWSRequest("PUT", url, headers={name: value for name, value in headers.items() if name != "x-amz-date"})
    request.context["client_config"] = SimpleNamespace(s3={"payload_signing_enabled": False})
    request.context["payload_signing_enabled"] = False
    with patch("botocore.auth.get_current_datetime", lambda: WHEN.replace(tzinfo=None)):
        S3SigV4Auth(ReadOnlyCredentials(ACCESS_KEY, SECRET_KEY, None), scope.service, scope.region).add_auth(request)
    return str(request.headers["Authorization"])


STORAGE = st.builds(
    Storage,
    storage_class=st.sampled_from(["", *CLASSES]),
    encryption=st.sampled_from(["", *ENCRYPTIONS]),
    kms_key=st.sampled_from(["", "arn:aws:kms:eu-central-1:123456789012:key/1-a", "alias/photos"]),
    tags=st.lists(st.tuples(st.text(min_size=1, max_size=20), st.text(max_size=20)), max_size=3).map(tuple),
    acl=st.sampled_from(["", *ACLS]),
    requester_pays=st.booleans(),
)


@given(key=KEYS, title=VALUES, storage=STORAGE, region=st.sampled_from(["us-east-1", "auto", "eu-central-1"]))
def test_it_is_the_librarys_signature_whatever_the_key_the_metadata_and_the_storage(
    key: str, title: str, storage: Storage, region: str
) -> None:
    path = f"/my-photos/{quote(key, safe='/~')}"
    headers = {
        "Host": "127.0.0.1:9000",
        "Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg==",
        "Content-Type": "image/jpeg",
        "x-amz-content-sha256": UNSIGNED,
        "x-amz-date": timestamp(WHEN),
        "x-amz-meta-title": title,
        **storage.headers("PutObject", key),
    }
    scope = Scope(region, "s3")

    made = authorization("PUT", path, headers, scope, ACCESS_KEY, SECRET_KEY, WHEN)

    assert made == the_librarys(f"http://127.0.0.1:9000{path}", headers, scope)


def test_the_same_moment_another_day_key_or_region_is_signed_otherwise() -> None:
    headers = {"Host": "h", "x-amz-content-sha256": UNSIGNED, "x-amz-date": timestamp(WHEN)}
    here = Scope("us-east-1", "s3")
    made = {
        authorization("PUT", "/b/k", headers, here, ACCESS_KEY, SECRET_KEY, WHEN),
        authorization("PUT", "/b/k", headers, here, ACCESS_KEY, "another", WHEN),
        authorization("PUT", "/b/k", headers, Scope("auto", "s3"), ACCESS_KEY, SECRET_KEY, WHEN),
        authorization("PUT", "/b/k", headers, here, ACCESS_KEY, SECRET_KEY, WHEN.replace(day=25)),
    }
    assert len(made) == 4
