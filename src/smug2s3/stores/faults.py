"""botocore's errors become ours: which of them may pass, which end the run, and what the user can do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import aiohttp
from botocore import exceptions as boto

from smug2s3.errors import (
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreMissing,
    StoreRefused,
    StoreUnreachable,
    StoreUnusable,
)
from smug2s3.rules import remedies

_CREDENTIALS = "Check S3_ACCESS_KEY and S3_SECRET_KEY."
_UNUSABLE = {
    "InvalidAccessKeyId": ("the store does not know this access key", _CREDENTIALS),
    "SignatureDoesNotMatch": ("the store refused the secret key", _CREDENTIALS),
    "InvalidToken": ("the store refused the session token", "Renew the credentials."),
    "ExpiredToken": ("the store's credentials have expired", "Renew the credentials, then run the command again."),
    "NoSuchBucket": ("the store has no such bucket", "Create the bucket first, or check S3_BUCKET."),
    "InvalidBucketName": ("the store does not accept this bucket name", "Check S3_BUCKET."),
    "PermanentRedirect": ("the bucket is in another region", "Set S3_REGION to the bucket's region."),
    "AuthorizationHeaderMalformed": ("the bucket is in another region", "Set S3_REGION to the bucket's region."),
    "IllegalLocationConstraintException": ("the bucket is in another region", "Set S3_REGION."),
    "RequestTimeTooSkewed": ("this computer's clock is wrong", "Set the clock (turn on automatic time)."),
    "AllAccessDisabled": ("the store has disabled this bucket", "Ask the store's support."),
}
_CORRUPT = frozenset({"BadDigest", "InvalidDigest", "IncompleteBody", "InvalidPart", "XAmzContentSHA256Mismatch"})
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_PASSING = frozenset(
    {"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling", "OperationAborted"}
)


def translate(error: Exception, what: str) -> StoreError:
    """The StoreError for a failed request about ``what``."""
    if isinstance(error, boto.ClientError):
        return _answered(error.response, what)
    if isinstance(error, (boto.NoCredentialsError, boto.PartialCredentialsError)):
        return StoreUnusable("there are no credentials for the store", hint="Set S3_ACCESS_KEY and S3_SECRET_KEY.")
    if isinstance(error, boto.SSLError) and "Cert" in str(error):
        return StoreUnreachable(  # in mid-run it is that of somebody in between, as in a hotel's network
            "the certificate of the store's server is not to be trusted",
            hint="Check S3_ENDPOINT_URL. If the certificate is your own, name its file in AWS_CA_BUNDLE.",
        )
    if isinstance(error, (boto.HTTPClientError, boto.ConnectionError, aiohttp.ClientError, TimeoutError, OSError)):
        return StoreUnreachable(
            f"the store did not answer for {what} ({_short(error)})",
            hint=remedies.STORE_CONNECTION,
        )
    return StoreRefused(f"the store's client refused {what}: {_short(error)}")


def _answered(response: dict[str, Any], what: str) -> StoreError:
    problem = response.get("Error", {})
    code, message = str(problem.get("Code") or ""), str(problem.get("Message") or "")
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if status == 301:  # of a HEAD there is no body to name it
        code = "PermanentRedirect"
    if code in _UNUSABLE:
        sentence, hint = _UNUSABLE[code]
        return StoreUnusable(f"{sentence} ({code})", hint=hint)
    if code in _CORRUPT:
        return StoreCorrupt(f"the store received other bytes than were sent for {what} ({code})")
    if code in _PASSING or status in (200, 408, 409, 429) or (status >= 500 and status != 501):
        return StoreBusy(f"the store answered {code or status} for {what}", retry_after=_retry_after(response))
    if code in _MISSING:
        return StoreMissing(f"the store has no {what}")
    return StoreRefused(f"the store refused {what}: {code or status}{f' ({message})' if message else ''}")


def _retry_after(response: dict[str, Any]) -> float | None:
    text = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("retry-after", "")
    return min(float(text), 3600.0) if text.isdigit() else None


def _short(error: Exception) -> str:
    if isinstance(error, boto.EndpointConnectionError):
        parts = urlsplit(str(error.kwargs.get("endpoint_url", "")))
        return f"no connection to {parts.scheme}://{parts.netloc}"
    return (str(error) or type(error).__name__).splitlines()[0][:200]
