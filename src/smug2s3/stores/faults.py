"""Translates botocore's errors: which are transient, which stop the run, and what the user can do."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from smug2s3.errors import (
    BucketMissing,
    StoreArchived,
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
from smug2s3.flow import proxies
from smug2s3.rules import diagnostics, rate_limit
from smug2s3.stores.answers import first_words, leads_to

_CREDENTIALS = "Check S3_ACCESS_KEY and S3_SECRET_KEY."
_MAKE_ROOM = (
    "Free some space, or raise the quota or cap at your provider, then run the same command again: it continues from "
    "here."
)
_UNUSABLE = {
    "InvalidAccessKeyId": ("the S3 server does not know this access key", _CREDENTIALS),
    "SignatureDoesNotMatch": ("the S3 server rejected the secret key", _CREDENTIALS),
    "InvalidToken": ("the S3 server rejected the session token", "Renew the credentials."),
    "ExpiredToken": ("the S3 credentials have expired", "Renew the credentials, then run the same command again."),
    "NoSuchBucket": ("the bucket does not exist", "Check S3_BUCKET, or run `smug2s3 bucket create` for a new one."),
    "InvalidBucketName": ("the S3 server does not accept this bucket name", "Check S3_BUCKET."),
    "PermanentRedirect": ("the bucket is in another region", "Set S3_REGION to the bucket's region."),
    "AuthorizationHeaderMalformed": ("the bucket is in another region", "Set S3_REGION to the bucket's region."),
    "IllegalLocationConstraintException": ("the bucket is in another region", "Set S3_REGION."),
    "RequestTimeTooSkewed": (
        "this computer's clock is wrong",
        ("Set the clock (turn on automatic time), then run the same command again."),
    ),
    "AllAccessDisabled": ("the S3 server has disabled this bucket", "Contact your storage provider's support."),
}
_CORRUPT = frozenset({"BadDigest", "InvalidDigest", "IncompleteBody", "InvalidPart", "XAmzContentSHA256Mismatch"})
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_ARCHIVED = frozenset({"InvalidObjectState", "ObjectNotInActiveTierError"})
_BEYOND_THE_END = 416
_FORBIDDEN = frozenset({"AccessDenied", "403", "Forbidden"})
_KINDS = {"RequestTimeTooSkewed": StoreNotReady, "NoSuchBucket": BucketMissing}

_SIGNED_ANEW = frozenset({"ExpiredToken", "RequestTimeTooSkewed"})
"""Errors for a request signed long before it was sent, as when the computer slept in between."""
_PASSING = frozenset(
    {"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling", "OperationAborted"}
)
_FULL = frozenset(
    {"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage", "StorageFull"}
)
_FULL_WORDS = ("no space left", "storage full", "storage is full", "out of space", "out of inodes", "cap exceeded")
"""How Ceph, MinIO, Swift, Backblaze and file systems behind a gateway say that there is no room; what they say of a
quota is believed only below 500, since rates have quotas too."""
_OF_OPTIONS = frozenset({400, 403, 405, 413, 414, 431, 500, 501, 502})
_OF_ALL = ({*_UNUSABLE} | _CORRUPT | {"RequestTimeout"} | _ARCHIVED) - {"SignatureDoesNotMatch"}
_AGAIN = frozenset({200, 307, 408, 409, 417, 429})
_SENSELESS = (ResponseParserError, ValueError)
"""What the library raises for truncated XML, or for a size that is not a number."""
_UNANSWERED = (
    boto.HTTPClientError,
    boto.ConnectionError,
    boto.IncompleteReadError,
    aiohttp.ClientError,
    TimeoutError,
    OSError,
)


def translate(error: Exception, what: str) -> StoreError:
    """The StoreError for a failed request about ``what``."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, boto.ClientError):
        return _answered(error.response, what)
    if isinstance(error, _SENSELESS):
        return StoreBroken(f"the S3 server's response for {what} is invalid ({_short(error)})")
    return _unanswered(error, what)


def _unanswered(error: Exception, what: str) -> StoreError:
    if isinstance(error, (boto.NoCredentialsError, boto.PartialCredentialsError)):
        return StoreUnusable("no S3 credentials found", hint="Set S3_ACCESS_KEY and S3_SECRET_KEY.")
    if isinstance(error, boto.SSLError) and "Cert" in str(error):
        return StoreUnreachable(  # during a run it is from a device in between, as in a hotel network
            f"the certificate of the S3 server is not trusted ({_untrusted(error)})",
            hint="Check S3_ENDPOINT_URL. If the certificate is your own, set AWS_CA_BUNDLE to its file.",
        )
    if isinstance(error, boto.SSLError) and "WRONG_VERSION" in str(error):
        server = server_of(_address(error))
        return StoreUnreachable(
            f"the S3 server did not answer for {what}: {server} does not speak HTTPS",
            hint=(
                f"Check S3_ENDPOINT_URL. For your own server without a certificate, use {server.replace('s:', ':', 1)}."
            ),
        )
    if isinstance(error, boto.UnseekableStreamError):  # the library knows the address now, but the stream is consumed
        return StoreBusy(f"the S3 server answered for {what} that the bucket is elsewhere; sending it there")
    if isinstance(error, _UNANSWERED):
        return StoreUnreachable(
            f"the S3 server did not answer for {what} ({_short(error)})",
            hint=proxies.hint(_address(error), diagnostics.STORE_CONNECTION),
        )
    return StoreRefused(f"the S3 client refused {what}: {_short(error)}")


def concerns_all(error: Exception) -> bool:
    """Whether the error would apply to every request; a control request must confirm it."""
    if not isinstance(error, boto.ClientError) or _is_full(error.response):
        return False
    return _code(error.response)[0] in {*_UNUSABLE, *_FORBIDDEN}


def is_about_rights(refusal: Exception) -> bool:
    """Whether another key or more rights may help."""
    return isinstance(refusal, boto.ClientError) and _code(refusal.response)[1] in (401, 403)


def is_forbidden(refusal: boto.ClientError) -> bool:
    """Whether the server says that this key lacks the right, whatever the request contains."""
    return _code(refusal.response)[0] == "AccessDenied"


def may_be_about_options(error: BaseException | None) -> bool:
    """Whether the server may have refused the request's metadata, and would accept less of it."""
    if isinstance(error, StoreError):
        return isinstance(error, StoreBroken) or (not error.ends_the_run and may_be_about_options(error.__cause__))
    if not isinstance(error, boto.ClientError):
        return _is_dropped(error)
    code, status = _code(error.response)
    return status in _OF_OPTIONS and code not in _OF_ALL


def may_be_busy_for_options(error: StoreError) -> bool:
    """Whether the server says it is busy, as some do to any metadata they do not accept."""
    return isinstance(error, StoreBusy) and isinstance(error.__cause__, boto.ClientError)


def _is_dropped(error: BaseException | None) -> bool:
    """Whether an open connection was closed without a response, as by a server whose header buffer is full."""
    cause = error.kwargs.get("error") if isinstance(error, (boto.HTTPClientError, boto.ConnectionError)) else None
    reset = isinstance(cause, aiohttp.ClientOSError) and not isinstance(cause, aiohttp.ClientConnectorError)
    return isinstance(error, boto.ConnectionClosedError) or reset


def cannot_do(refusal: StoreError) -> bool:
    """Whether the server does not implement the request."""
    cause = refusal.__cause__
    return isinstance(cause, boto.ClientError) and (
        _code(cause.response)[0] == "NotImplemented" or _code(cause.response)[1] in (405, 501)
    )


def may_pass(error: Exception) -> bool:
    """Whether the response may be different in a moment."""
    return isinstance(error, boto.ClientError) and (
        isinstance(translate(error, ""), StoreBusy) or _code(error.response)[0] in _SIGNED_ANEW
    )


def may_sign_again(refusal: BaseException | None) -> bool:
    """Whether it was refused because of the time of its signature."""
    cause = refusal.__cause__ if isinstance(refusal, StoreError) else refusal
    return isinstance(cause, boto.ClientError) and _code(cause.response)[0] in _SIGNED_ANEW


def of_one(error: Exception, what: str) -> StoreError:
    """The StoreError for such a failure if other requests succeed: it is about ``what`` only."""
    assert isinstance(error, boto.ClientError)
    code, _ = _code(error.response)
    if code in _SIGNED_ANEW:
        return StoreBusy(f"the S3 server answered {code} for {what}")
    return _refused(error.response, what)


def is_under_way(error: Exception) -> bool:
    """Whether a restoration was asked for before, and goes on."""
    return isinstance(error, boto.ClientError) and _code(error.response)[0] == "RestoreAlreadyInProgress"


def is_malformed(refusal: StoreError) -> bool:
    """Whether the server does not take the request as it is written."""
    cause = refusal.__cause__
    return isinstance(cause, boto.ClientError) and _code(cause.response)[1] == 400


def _code(response: dict[str, Any]) -> tuple[str, int]:
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    # A HEAD has no body to name it.
    code = "PermanentRedirect" if status == 301 else str(response.get("Error", {}).get("Code") or "")
    return code, status


def is_full(error: BaseException) -> bool:
    """Whether the server says that there is no room for more."""
    return isinstance(error, boto.ClientError) and _is_full(error.response)


def _is_full(response: dict[str, Any]) -> bool:
    code, status = _code(response)
    said = _message(response).lower()
    quota = "quota" in said and status in (400, 403, 409, 413)
    return status == 507 or code in _FULL or (status >= 400 and any(word in said for word in _FULL_WORDS)) or quota


def _answered(response: dict[str, Any], what: str) -> StoreError:
    code, status = _code(response)
    if _is_full(response):
        return StoreNotReady(f"the bucket has no room for more: {code or status}{_said(response)}", hint=_MAKE_ROOM)
    if code in _UNUSABLE:
        sentence, hint = _UNUSABLE[code]
        if code == "RequestTimeTooSkewed":
            sentence = _clock(response) or sentence
        kind = _KINDS.get(code, StoreUnusable)
        return kind(f"{sentence} ({code}{_and_said(response)}{_elsewhere(response)})", hint=hint)
    if code in _CORRUPT:
        return StoreCorrupt(f"the S3 server received different bytes than were sent for {what} ({code})")
    if code in _PASSING or status in _AGAIN or (status >= 500 and status != 501):
        sentence = f"the S3 server answered {code or status} for {what}{_said(response)}{_elsewhere(response)}"
        return StoreBusy(sentence, retry_after=_retry_after(response))
    if code in _MISSING:
        return StoreMissing(f"the bucket does not have {what}")
    return _refused(response, what)


def _refused(response: dict[str, Any], what: str) -> StoreError:
    code, status = _code(response)
    if status == _BEYOND_THE_END:
        return StoreShorter(f"the stored bytes differ: {what} is shorter than recorded ({code or status})")
    if code in _ARCHIVED:
        kept = response["Error"].get("StorageClass") or "an archive class"
        return StoreArchived(
            f"{what} is in {kept} and cannot be read until it is restored ({code}{_and_said(response)})"
        )
    kind = StoreTooLarge if status == 413 or code == "EntityTooLarge" else StoreRefused
    return kind(f"the S3 server refused {what}: {code or status}{_said(response)}{_elsewhere(response)}")


def _message(response: dict[str, Any]) -> str:
    return first_words(str(response.get("Error", {}).get("Message") or "").encode())


def _said(response: dict[str, Any]) -> str:
    """The server's own words, for whoever has to ask its owner."""
    message = _message(response)
    return f" ({message})" if message else ""


def _and_said(response: dict[str, Any]) -> str:
    message = _message(response)
    return f": {message}" if message else ""


def words_of(refusal: boto.ClientError) -> str:
    """The server's code and its own words."""
    code, status = _code(refusal.response)
    return f"{code or status}{_said(refusal.response)}"


def _clock(response: dict[str, Any]) -> str:
    """How much this computer's clock differs from the server's; empty if it does not, or is not known."""
    try:
        there = parsedate_to_datetime(_headers(response).get("date", ""))
        ahead = (datetime.now(UTC) - there).total_seconds()
    except (TypeError, ValueError):
        return ""
    way = "ahead of" if ahead > 0 else "behind"
    return f"this computer's clock is {abs(ahead):,.0f} seconds {way} the S3 server's" if abs(ahead) >= 1 else ""


def _elsewhere(response: dict[str, Any]) -> str:
    """The redirect's target, which is not followed."""
    where = leads_to(_headers(response)) or first_words(str(response.get("Error", {}).get("Endpoint") or "").encode())
    return f", and points to {where}" if where else ""


def _retry_after(response: dict[str, Any]) -> float | None:
    text = _headers(response).get("retry-after", "")
    return rate_limit.retry_after({"Retry-After": text}, now=datetime.now(UTC))


def _headers(response: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return found


def _short(error: Exception) -> str:
    address = _address(error)
    if isinstance(error, boto.EndpointConnectionError):
        return f"no connection to {server_of(address)}{proxies.through(address)}"
    return (str(error) or type(error).__name__).splitlines()[0][:200] + proxies.through(address)


def _untrusted(error: boto.SSLError) -> str:
    cause = getattr(error.kwargs.get("error"), "certificate_error", None)
    return f"{server_of(_address(error))}: {getattr(cause, 'verify_message', '') or 'it cannot be verified'}"


def _address(error: Exception) -> str:
    """The requested address; empty if the library does not say."""
    return str(getattr(error, "kwargs", {}).get("endpoint_url", ""))


def server_of(address: str) -> str:
    """Scheme and host of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
