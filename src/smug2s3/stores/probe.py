"""Tests what a bucket does with the requests of a sync; leaves nothing behind."""

from __future__ import annotations

import asyncio
import difflib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from smug2s3.errors import StoreBroken
from smug2s3.models import StoreTarget
from smug2s3.rules import digests
from smug2s3.stores.faults import may_be_about_options, may_pass
from smug2s3.stores.offers import headers
from smug2s3.stores.pages import flaw_of
from smug2s3.stores.quirks import MIB

GOOD, NOTE, BAD = "ok", "note", "bad"

ODD_NAME = "ä 日本 +#%&=~'(1).jpg"
STALE_AFTER = timedelta(days=1)

NAMED = 10
"""How many buckets or folders are listed."""

_FORBIDDEN = ("AccessDenied", "Forbidden", "403")
_SENSELESS = (ResponseParserError, ValueError)
_FAILED = (ClientError, BotoCoreError, OSError, TimeoutError, *_SENSELESS)
_AGAIN_AFTER = (0.1, 0.5)
"""Seconds before a retry of a test that may have failed by chance, as in a sync."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One test result: ``grade`` is ok, note (works differently than usual) or bad (something will fail)."""

    name: str
    grade: str
    meaning: str


class BucketProbe:
    """All tests of ``smug2s3 check`` for a bucket, with a low-level S3 client."""

    def __init__(self, client: Any, bucket: str, prefix: str, *, limit: float = 60.0) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._limit = limit
        self._folder = f"{prefix}.smug2s3-check-{uuid4().hex[:12]}/"
        self._takes_md5 = True
        self._tried: set[str] = set()
        """Keys that may exist."""

    async def findings(self) -> AsyncIterator[Finding]:
        """Run the tests, and yield each finding."""
        yield await self.listing()
        versions = await self.keeps_versions()
        if versions:
            yield versions
        async for finding in self.run(keeps_versions=versions is not None and versions.grade == GOOD):
            yield finding
        async for finding in self.settings():
            yield finding

    async def neighbours(self) -> list[Finding]:
        """The buckets that this key can see if the bucket is unusable; nothing if the key is not known."""
        try:
            async with asyncio.timeout(self._limit):
                answer = await self._client.list_buckets()
        except (*_FAILED, StoreBroken) as error:
            silent = "this key may not list buckets, so which ones it can access is unknown"
            return [Finding("key", NOTE, silent)] if _code(error) in _FORBIDDEN else []
        names = [str(entry.get("Name", "")) for entry in answer.get("Buckets", [])]
        return [Finding("key", NOTE, f"this key can access {in_short('bucket', names, self._bucket)}")]

    async def run(self, *, keeps_versions: bool) -> AsyncIterator[Finding]:
        """Test by writing. A bucket with versions would keep the test files, so nothing is written there."""
        if keeps_versions:
            yield Finding("write", NOTE, "not tested: the bucket keeps versions, so test files would remain in it")
            return
        try:
            for look in (self._write, self._refuses_wrong_md5, self._metadata, self._odd_key, self._once, self._parts):
                yield await look()
        finally:
            await self._clean()

    async def refuses_wrong_md5(self) -> bool:
        """Whether bytes with a wrong Content-MD5 are rejected and not stored.

        Raises the request's error if the server neither stores them nor says what is wrong.
        """
        key = self._folder + "wrong.txt"
        try:
            await self._put("wrong.txt", b"right", md5=_md5(b"wrong"))
        except ClientError as error:
            if not _about_a_digest(_code(error)):
                raise
            return not (await self._call("list_objects_v2", Prefix=key, MaxKeys=1)).get("Contents")
        await self._call("delete_object", Key=key)
        return False

    async def takes(self, target: StoreTarget, *, checked: bool) -> None:
        """Store a tiny object with the metadata of ``target``, at a key of the same length; raises as ``_call``."""
        name = "x" * (len(target.key.encode()) - len(self._folder.encode()))
        key = self._folder + (name or "x")
        md5 = {"ContentMD5": digests.content_md5(_md5(b"x"))} if checked else {}
        await self._once_called("put_object", Key=key, Body=b"x", **md5, **headers(target))
        await self._answer(self._call("delete_object", Key=key))

    async def listing(self) -> Finding:
        """Whether the key can list, which verify needs."""
        failure = await self._failure(self._call("list_objects_v2", Prefix=self._folder, MaxKeys=1))
        if failure:
            return Finding("list", BAD, f"the bucket cannot be listed ({failure}): sync and verify will fail")
        return Finding("list", GOOD, "works: verify can compare every object by listing the bucket")

    async def keeps_versions(self) -> Finding | None:
        """Versioning, or ``None`` if the server does not say."""
        answer = await self._answer(self._call("get_bucket_versioning"))
        if answer is None:
            return None
        if answer.get("Status") == "Enabled":
            return Finding("versions", GOOD, "on: replaced files stay recoverable, and are billed")
        return Finding("versions", NOTE, "off: a photo replaced on SmugMug permanently replaces the stored one")

    async def settings(self) -> AsyncIterator[Finding]:
        """What the bucket's settings mean for an archive; unsupported ones are skipped."""
        for look in (self._public, self._lock, self._encryption, self._lifecycle, self._stale_uploads):
            if finding := await look():
                yield finding

    async def _write(self) -> Finding:
        body = b"smug2s3"
        try:
            answer = await self._put("write.txt", body)
            read = await self._read("write.txt")
        except _FAILED as error:
            return Finding("write and read", BAD, f"the key cannot write and read ({_code(error)}): sync will fail")
        if read != body:
            return Finding("write and read", BAD, "the S3 server returned different bytes than were written")
        if digests.clean_etag(answer.get("ETag", "")) != _md5(body):
            return Finding("ETag", NOTE, "not the MD5 of the bytes: verify needs --deep to check them")
        return Finding("ETag", GOOD, "the MD5 of the bytes: verify can check them without reading them back")

    async def _refuses_wrong_md5(self) -> Finding:
        name = "wrong Content-MD5"
        if not self._takes_md5:
            return Finding(name, NOTE, "not accepted: sync hashes every byte itself and sends none")
        try:
            refused = await self.refuses_wrong_md5()
        except _FAILED as error:
            return Finding(name, BAD, f"the S3 server ended the test ({_code(error)})")
        if refused:
            return Finding(
                name, GOOD, ("refused: the S3 server checks every byte it receives, so sync need not hash it too")
            )
        return Finding(name, NOTE, "accepted: the S3 server does not check uploads, so sync hashes every byte itself")

    async def _metadata(self) -> Finding:
        sent = {"title": "=?UTF-8?B?w6Q=?=", "caption": "two  spaces" * 60}
        try:
            await self._put("metadata.txt", b"x", Metadata=sent)
            answer = await self._call("head_object", Key=self._folder + "metadata.txt")
        except (*_FAILED, StoreBroken) as error:
            if not may_be_about_options(error) or await self._answer(self._put("plain.txt", b"x")) is None:
                return Finding("metadata", BAD, f"titles and captions cannot be stored ({_code(error)})")
            meaning = f"long ones are refused ({_code(error)}): sync sends less, and all of it is in _album.json"
            return Finding("metadata", NOTE, meaning)
        if answer.get("Metadata") != sent:
            return Finding("metadata", NOTE, "returned changed: rely on _album.json for titles and captions")
        return Finding("metadata", GOOD, "titles and captions are returned unchanged")

    async def _odd_key(self) -> Finding:
        key = self._folder + ODD_NAME
        try:
            await self._put(ODD_NAME, b"x")
            listed = await self._call("list_objects_v2", Prefix=self._folder)
        except _FAILED as error:
            return Finding(
                "odd names", BAD, f"a name with spaces, accents and special characters is refused ({_code(error)})"
            )
        if flaw := flaw_of(listed, self._folder):
            return Finding("list", BAD, f"the bucket's listing {flaw}: sync and verify will fail")
        if key not in [entry.get("Key") for entry in listed.get("Contents", [])]:
            return Finding("odd names", BAD, "a name with spaces, accents and special characters is listed differently")
        return Finding("odd names", GOOD, "spaces, accents and special characters in names are kept")

    async def _once(self) -> Finding:
        name = "If-None-Match"
        try:
            await self._put("write.txt", b"again", IfNoneMatch="*")
        except _FAILED as error:
            code = _code(error)
            known = code in ("PreconditionFailed", "412")
            return Finding(
                name, GOOD if known else NOTE, "kept" if known else (f"not supported by this S3 server ({code})")
            )
        return Finding(name, NOTE, "ignored: smug2s3 does not rely on it")

    async def _parts(self) -> Finding:
        key = self._folder + "parts.bin"
        pieces = [bytes(5 * MIB), b"end"]
        upload = ""
        try:
            upload = str((await self._call("create_multipart_upload", Key=key)).get("UploadId", ""))
            parts = [await self._part(key, upload, number, piece) for number, piece in enumerate(pieces, 1)]
            await self._call("complete_multipart_upload", Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
            size = (await self._call("head_object", Key=key)).get("ContentLength")
        except _FAILED as error:
            if upload:
                await self._answer(self._call("abort_multipart_upload", Key=key, UploadId=upload))
            return Finding("multipart", BAD, f"multipart uploads fail ({_code(error)}): large videos cannot be copied")
        if size != sum(map(len, pieces)):
            return Finding("multipart", BAD, "a multipart upload was stored with the wrong size")
        return Finding("multipart", GOOD, "works: large videos can be copied in parts")

    async def _part(self, key: str, upload: str, number: int, piece: bytes) -> dict[str, Any]:
        md5 = {"ContentMD5": digests.content_md5(_md5(piece))} if self._takes_md5 else {}
        answer = await self._call("upload_part", Key=key, UploadId=upload, PartNumber=number, Body=piece, **md5)
        return {"PartNumber": number, "ETag": answer.get("ETag", "")}

    async def _public(self) -> Finding | None:
        answer = await self._answer(self._call("get_public_access_block"))
        if answer is None:
            return None
        blocks = answer.get("PublicAccessBlockConfiguration", {})
        if blocks and all(blocks.values()):
            return Finding("public access", GOOD, "blocked: private albums stay private")
        return Finding("public access", NOTE, "not blocked: make sure nobody else can read this bucket")

    async def _lock(self) -> Finding | None:
        answer = await self._answer(self._call("get_object_lock_configuration"))
        if not answer or answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") != "Enabled":
            return None
        return Finding("Object Lock", NOTE, "on: nothing can be deleted, so --follow-renames keeps the old names too")

    async def _encryption(self) -> Finding | None:
        answer = await self._answer(self._call("get_bucket_encryption"))
        rules = (answer or {}).get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
        if not any("kms" in str(rule) for rule in rules):
            return None
        return Finding("encryption", NOTE, "with KMS: ETags are not MD5s, so verify needs --deep to check the bytes")

    async def _lifecycle(self) -> Finding | None:
        answer = await self._answer(self._call("get_bucket_lifecycle_configuration"))
        if answer is None:
            return None
        if any(self._deletes(rule) for rule in answer.get("Rules", [])):
            return Finding("lifecycle", BAD, "a rule of this bucket deletes objects after some time: your photos too")
        if "AbortIncompleteMultipartUpload" in str(answer):
            return Finding("lifecycle", GOOD, "the bucket deletes unfinished uploads by itself")
        return None

    def _deletes(self, rule: dict[str, Any]) -> bool:
        """Whether a rule deletes objects of the archive after a time, not just delete markers."""
        scope = rule.get("Filter", {})
        about = scope.get("Prefix") or scope.get("And", {}).get("Prefix") or rule.get("Prefix") or ""
        ours = about.startswith(self._prefix) or self._prefix.startswith(about)
        return rule.get("Status") == "Enabled" and ours and bool({"Days", "Date"} & rule.get("Expiration", {}).keys())

    async def _stale_uploads(self) -> Finding | None:
        answer = await self._answer(self._call("list_multipart_uploads"))
        old = datetime.now(UTC) - STALE_AFTER
        stale = [upload for upload in (answer or {}).get("Uploads", []) if upload.get("Initiated", old) < old]
        if not stale:
            return None
        return Finding("unfinished uploads", NOTE, f"{len(stale)} older than a day: hidden in the bucket, but billed")

    async def _clean(self) -> None:
        for key in sorted(self._tried):
            await self._answer(self._call("delete_object", Key=key))

    async def _put(self, name: str, body: bytes, *, md5: str = "", **more: Any) -> Any:
        put = partial(self._call, "put_object", Key=self._folder + name, Body=body, **more)
        if not self._takes_md5:
            return await put()
        try:
            return await put(ContentMD5=digests.content_md5(md5 or _md5(body)))
        except ClientError as error:
            if md5 or more or not may_be_about_options(error):
                raise
            answer = await put()
            self._takes_md5 = False
            return answer

    async def _read(self, name: str) -> bytes:
        answer = await self._call("get_object", Key=self._folder + name)
        async with asyncio.timeout(self._limit):
            found: bytes = await answer["Body"].read()
        return found

    async def _call(self, operation: str, **arguments: Any) -> Any:
        if operation.startswith(("put_object", "create_multipart")):
            self._tried.add(arguments["Key"])
        for pause in _AGAIN_AFTER:
            try:
                return await self._once_called(operation, **arguments)
            except _FAILED as error:
                if not may_pass(error):
                    raise
                await asyncio.sleep(pause)
        return await self._once_called(operation, **arguments)

    async def _once_called(self, operation: str, **arguments: Any) -> Any:
        request: Callable[..., Awaitable[Any]] = getattr(self._client, operation)
        async with asyncio.timeout(self._limit):
            return await request(Bucket=self._bucket, **arguments)

    @staticmethod
    async def _answer(request: Awaitable[Any]) -> Any | None:
        try:
            return await request
        except (*_FAILED, StoreBroken):
            return None  # many servers do not support it; then there is no finding

    @staticmethod
    async def _failure(request: Awaitable[Any]) -> str:
        try:
            await request
        except _FAILED as error:
            return _code(error)
        return ""


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _code(error: BaseException) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "")) or "refused"
    return "an invalid response" if isinstance(error, (*_SENSELESS, StoreBroken)) else type(error).__name__


def in_short(kind: str, names: list[str], wanted: str) -> str:
    """Their number, some names, and the one that ``wanted`` may mean."""
    if not names:
        return f"no {kind} at all"
    some = f"{len(names):,} {kind}{'s' if len(names) > 1 else ''}: {', '.join(sorted(names)[:NAMED])}"
    rest = f", and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    close = difflib.get_close_matches(wanted, names, 1)
    return f"{some}{rest}{f'; did you mean {close[0]}?' if close and wanted not in names else ''}"


def _about_a_digest(code: str) -> bool:
    return any(word in code.lower() for word in ("digest", "md5", "checksum"))


def least_policy(bucket: str, prefix: str) -> dict[str, Any]:
    """The least permissions for sync and verify on AWS, as an IAM policy."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ListWhatWasMoved",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
                "Resource": f"arn:aws:s3:::{bucket}",
            },
            {
                "Sid": "MoveAndVerify",
                "Effect": "Allow",
                "Action": [
                    "s3:PutObject",
                    "s3:GetObject",
                    "s3:DeleteObject",
                    "s3:AbortMultipartUpload",
                    "s3:ListMultipartUploadParts",
                ],
                "Resource": f"arn:aws:s3:::{bucket}/{prefix}*",
            },
        ],
    }
