"""Creates a bucket: whether it is there already, whose it is, and where it is made."""

from __future__ import annotations

import asyncio
from typing import Any

from botocore.exceptions import ClientError

from smug2s3.errors import BucketMissing, StoreError, StoreUnusable
from smug2s3.stores.bucket_settings import FAILED, Caller
from smug2s3.stores.faults import is_about_rights, translate

_NO_REGION = frozenset({"", "us-east-1", "auto"})
"""Where S3 takes no region; other servers call these their default."""
_SEEN_AFTER = (0.0, 0.5, 2.0, 5.0)
"""Seconds before each look for the new bucket."""


async def is_there(call: Caller, prefix: str) -> bool:
    """Whether the bucket exists and this key can list it; raises a StoreError if that cannot be known."""
    try:
        await call("list_objects_v2", Prefix=prefix, MaxKeys=1)
    except FAILED as error:
        found = translate(error, "the bucket")
        if _is_missing(error, found) or _is_anybodys(error):  # creating it shows whose it is
            return False
        raise found from error
    return True


async def is_missing(call: Caller, prefix: str) -> bool:
    """Whether the server says that there is no such bucket."""
    try:
        await call("list_objects_v2", Prefix=prefix, MaxKeys=1)
    except FAILED as error:
        return _is_missing(error, translate(error, "the bucket"))
    return False


async def create(call: Caller, name: str, *, region: str, locked: bool, only_there: bool) -> bool:
    """Create the bucket in ``region``; returns whether it is new. ``only_there``: AWS has it there or not at all.

    Raises StoreUnusable if the name is taken, or with what the key lacks.
    """
    more: dict[str, Any] = {"ObjectLockEnabledForBucket": True} if locked else {}
    where = {} if region in _NO_REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        try:
            await call("create_bucket", **more, **where)
        except ClientError as error:
            if only_there or not where or "Location" not in _code(error):
                raise
            await call("create_bucket", **more)
    except FAILED as error:
        if isinstance(error, ClientError) and _code(error) == "BucketAlreadyOwnedByYou":
            return False
        raise _refusal(error, name, region) from error
    await _seen(call, name)
    return True


async def _seen(call: Caller, name: str) -> None:
    """Wait until the new bucket is found."""
    for pause in _SEEN_AFTER:
        await asyncio.sleep(pause)
        try:
            await call("list_objects_v2", MaxKeys=1)
        except FAILED as error:
            if not _is_missing(error, translate(error, name)):
                return
        else:
            return
    raise StoreUnusable(
        f"the S3 server created {name}, and does not find it yet", hint="Run `smug2s3 bucket fix` in a minute."
    )


def _refusal(error: Exception, name: str, region: str) -> StoreError:
    code = _code(error) if isinstance(error, ClientError) else ""
    found = translate(error, f"the creation of bucket {name}")
    if code == "BucketAlreadyExists":
        return StoreUnusable(
            f"the name {name} is taken: somebody else's bucket has it, or this key may not list yours",
            hint="Choose another S3_BUCKET: all customers of a provider share the names.",
        )
    if "Location" in code:
        said = error.response["Error"].get("Message", "") if isinstance(error, ClientError) else ""
        return StoreUnusable(
            f"the S3 server creates no buckets in the region {region} ({code}: {said})",
            hint="Check S3_REGION and S3_ENDPOINT_URL.",
        )
    if is_about_rights(error) and not isinstance(found, StoreUnusable):
        return StoreUnusable(
            str(found),
            hint="The key needs s3:CreateBucket: `smug2s3 bucket create --policy` prints all permissions for AWS. Or create "
            "the bucket in your provider's console, keep it private, and run `smug2s3 bucket fix`.",
        )
    return found


def _is_missing(error: Exception, found: StoreError) -> bool:
    return isinstance(found, BucketMissing) or (isinstance(error, ClientError) and _code(error) in ("NoSuchKey", "404"))


def _is_anybodys(error: Exception) -> bool:
    """Whether there is a bucket that may be somebody else's: it is closed, or in another region."""
    return is_about_rights(error) or (isinstance(error, ClientError) and _code(error) in ("PermanentRedirect", "301"))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
