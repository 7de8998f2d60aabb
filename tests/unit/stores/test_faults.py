"""botocore's errors become ours: what may pass, what ends the run, and what the user can do."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from smug2s3.errors import (
    BucketMissing,
    StoreBroken,
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreMissing,
    StoreNotReady,
    StoreRefused,
    StoreShorter,
    StoreTooLarge,
    StoreUnreachable,
    StoreUnusable,
)
from smug2s3.stores.faults import translate


def answered(code: str, status: int, message: str = "", headers: dict[str, str] | None = None) -> boto.ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers or {}},
    }
    return boto.ClientError(response, "PutObject")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        pytest.param("SlowDown", 503, StoreBusy, id="slow down"),
        pytest.param("InternalError", 500, StoreBusy, id="an internal error"),
        pytest.param("InternalError", 200, StoreBusy, id="an error in a 200, as CompleteMultipartUpload gives"),
        pytest.param("RequestTimeout", 400, StoreBusy, id="a time-out that is a 400"),
        pytest.param("TooManyRequests", 429, StoreBusy, id="R2's one write a second"),
        pytest.param("OperationAborted", 409, StoreBusy, id="a conflict"),
        pytest.param("502", 502, StoreBusy, id="a gateway without XML"),
        pytest.param("", 503, StoreBusy, id="nothing but a status"),
        pytest.param("TemporaryRedirect", 307, StoreBusy, id="a bucket so new that its name is not known everywhere"),
        pytest.param("BadDigest", 400, StoreCorrupt, id="a wrong Content-MD5"),
        pytest.param("IncompleteBody", 400, StoreCorrupt, id="a body cut short"),
        pytest.param("InvalidRange", 416, StoreShorter, id="a range beyond the end"),
        pytest.param("NoSuchKey", 404, StoreMissing, id="no such object"),
        pytest.param("404", 404, StoreMissing, id="no such object, as HEAD says it"),
        pytest.param("AccessDenied", 403, StoreRefused, id="not allowed"),
        pytest.param("NotImplemented", 501, StoreRefused, id="not implemented"),
        pytest.param("EntityTooLarge", 400, StoreTooLarge, id="too large"),
        pytest.param("413", 413, StoreTooLarge, id="too large for a proxy"),
        pytest.param("MetadataTooLarge", 400, StoreRefused, id="too much metadata"),
        pytest.param("InvalidAccessKeyId", 403, StoreUnusable, id="an unknown key"),
        pytest.param("SignatureDoesNotMatch", 403, StoreUnusable, id="a wrong secret"),
        pytest.param("ExpiredToken", 400, StoreUnusable, id="credentials that expired"),
        pytest.param("NoSuchBucket", 404, BucketMissing, id="no such bucket"),
        pytest.param("PermanentRedirect", 301, StoreUnusable, id="another region"),
        pytest.param("301", 301, StoreUnusable, id="another region, as HEAD says it"),
        pytest.param("RequestTimeTooSkewed", 403, StoreNotReady, id="a wrong clock"),
    ],
)
def test_an_answer_is_judged_by_its_code_and_status(code: str, status: int, kind: type[StoreError]) -> None:
    error = translate(answered(code, status), "photo.jpg")
    assert type(error) is kind
    assert str(error)
    if issubclass(kind, StoreUnusable):
        assert error.hint
        assert error.ends_the_run


@pytest.mark.parametrize(
    ("code", "status", "words", "full"),
    [
        ("QuotaExceeded", 403, "", True),
        ("XMinioStorageFull", 507, "", True),
        ("", 507, "", True),
        ("EntityTooLarge", 413, "Upload exceeds quota.", True),
        ("AccessDenied", 403, "Cannot upload files, storage cap exceeded", True),
        ("InternalError", 500, "mkdir: No space left on device", True),
        ("EntityTooLarge", 413, "Your proposed upload exceeds the maximum allowed size", False),
        ("TooManyRequests", 429, "request quota exceeded", False),
        ("SlowDown", 503, "rate quota exceeded", False),
        ("AccessDenied", 403, "Access Denied", False),
    ],
)
def test_a_bucket_without_room_is_known_by_code_status_or_words(code: str, status: int, words: str, full: bool) -> None:
    error = translate(answered(code, status, words), "photo.jpg")
    assert ("no room" in str(error)) is full
    assert isinstance(error, StoreNotReady) is full
    assert words in str(error)


def test_a_busy_server_is_quoted_too() -> None:
    error = translate(answered("SlowDown", 503, "Please reduce your request rate."), "photo.jpg")
    assert str(error) == "the S3 server answered SlowDown for photo.jpg (Please reduce your request rate.)"


def test_a_refusal_names_the_object_the_code_and_what_the_server_says() -> None:
    error = translate(answered("AccessDenied", 403, "not yours"), "photo.jpg")
    assert str(error) == "the S3 server refused photo.jpg: AccessDenied (not yours)"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param({"retry-after": "7"}, 7.0, id="seconds"),
        pytest.param({"retry-after": "0"}, 0.0, id="at once"),
        pytest.param({"retry-after": "999999"}, 3600.0, id="too long"),
        pytest.param({"retry-after": "soon"}, None, id="a word"),
        pytest.param({}, None, id="not said"),
    ],
)
def test_the_store_may_say_when(header: dict[str, str], seconds: float | None) -> None:
    assert translate(answered("SlowDown", 503, headers=header), "x").retry_after == seconds


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(boto.EndpointConnectionError(endpoint_url="https://s3"), StoreUnreachable, id="no connection"),
        pytest.param(boto.ReadTimeoutError(endpoint_url="https://s3"), StoreUnreachable, id="no answer"),
        pytest.param(boto.ConnectionClosedError(endpoint_url="https://s3"), StoreUnreachable, id="a broken connection"),
        pytest.param(aiohttp.ClientPayloadError("cut"), StoreUnreachable, id="an answer cut short"),
        pytest.param(
            boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), StoreUnreachable, id="an object cut short"
        ),
        pytest.param(TimeoutError(), StoreUnreachable, id="a time-out"),
        pytest.param(ConnectionResetError(104, "reset"), StoreUnreachable, id="a reset"),
        pytest.param(boto.NoCredentialsError(), StoreUnusable, id="no credentials"),
        pytest.param(
            boto.PartialCredentialsError(provider="env", cred_var="secret"), StoreUnusable, id="half of the credentials"
        ),
        pytest.param(boto.ParamValidationError(report="Metadata"), StoreRefused, id="what the client refuses to send"),
        pytest.param(ResponseParserError("no element found"), StoreBroken, id="a document that is cut off"),
        pytest.param(ValueError("int('x')"), StoreBroken, id="a size that is no number"),
        pytest.param(TypeError("odd"), StoreRefused, id="anything else"),
    ],
)
def test_what_never_was_answered_is_judged_by_its_kind(error: Exception, kind: type[StoreError]) -> None:
    found = translate(error, "photo.jpg")
    assert type(found) is kind
    assert "\n" not in str(found)
    assert len(str(found)) < 400
