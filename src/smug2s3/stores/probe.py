"""Tests what a bucket does with the requests of a sync; deletes its test objects, or names what is left."""

from __future__ import annotations

import asyncio
import difflib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from smug2s3.errors import SettingsError, StoreBroken
from smug2s3.models import StoreTarget
from smug2s3.rules import digests, metadata
from smug2s3.rules.bucket_rows import keeps_for_good
from smug2s3.rules.bucket_settings import BucketFacts
from smug2s3.rules.finding import BAD, GOOD, NOTE, Finding
from smug2s3.rules.storage import ORDINARY, Storage
from smug2s3.stores.bucket_settings import BucketSettings
from smug2s3.stores.faults import is_full, may_be_about_options, may_pass, translate
from smug2s3.stores.offers import headers
from smug2s3.stores.pages import flaw_of
from smug2s3.stores.quirks import AWS, MIB, provider_of
from smug2s3.stores.storage_trial import StorageTrial
from smug2s3.stores.storing import trying
from smug2s3.stores.trials import ABANDONED_AFTER, BEGINNING, new_folder

ODD_NAME = "ä 日本 +#%&=~'(1).jpg"

NAMED = 10
"""How many buckets or folders are listed."""

_ONLY_IN_ALBUM = "new titles and captions of stored files are only in _album.json"
_WRITES = frozenset({"put_object", "create_multipart_upload", "copy_object"})
_FORBIDDEN = ("AccessDenied", "Forbidden", "403")
_SENSELESS = (ResponseParserError, ValueError)
_FAILED = (ClientError, BotoCoreError, OSError, TimeoutError, *_SENSELESS)
_AGAIN_AFTER = (0.1, 0.5)
"""Seconds before a retry of a test that may have failed by chance, as in a sync."""


class BucketProbe:
    """All tests of ``smug2s3 check`` for a bucket, with a low-level S3 client."""

    def __init__(
        self,
        client: Any,
        bucket: str,
        prefix: str,
        *,
        address: str = "",
        limit: float = 60.0,
        storage: Storage = ORDINARY,
    ) -> None:
        self._client = client
        facts = BucketFacts(
            name=bucket,
            prefix=prefix,
            over_tls=address.startswith("https:"),
            amazon=bool(address) and provider_of(address) is AWS,
        )
        self.settings = BucketSettings(self.call, facts, self._trial)
        self._bucket = bucket
        self._prefix = prefix
        self._limit = limit
        self._folder = new_folder(prefix)
        self._takes_md5 = True
        self._keeps_metadata = False
        self._storage_trial = StorageTrial(storage, self.call, self._folder + "stored.txt")
        self._tried: set[str] = set()
        """Keys that may exist."""

    async def findings(self) -> AsyncIterator[Finding]:
        """Run the tests, and yield each finding."""
        yield await self.listing()
        answers = await self.settings.answers()
        async for finding in self.run(keeps_versions=keeps_for_good(answers, self.settings.bucket)):
            yield finding
        for finding in self.settings.rows(answers):
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
        await self.sweep()
        try:
            refused = await self._storage_trial.refusal()
            yield (first := refused.finding if refused else await self._write())
            if first.grade != BAD:  # else the others would only repeat it
                async for finding in self._storage_trial.kept():
                    yield finding
                for look in self._tries():
                    yield await look()
        finally:
            refusal = await self.clean()
        if first.grade != BAD:
            yield await self._deletion(refusal)

    def _tries(self) -> tuple[Callable[[], Awaitable[Finding]], ...]:
        return (self._refuses_wrong_md5, self._metadata, self._odd_key, self._once, self._copies, self._parts)

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
            kept = (await self.call("list_objects_v2", Prefix=key, MaxKeys=1)).get("Contents")
            if not kept:
                self._tried.discard(key)
            return not kept
        await self.call("delete_object", Key=key)
        return False

    async def takes(self, target: StoreTarget, *, checked: bool) -> None:
        """Store a tiny object with the metadata of ``target``, at a key of the same length; raises as ``_call``."""
        name = "x" * (len(target.key.encode()) - len(self._folder.encode()))
        key = self._folder + (name or "x")
        md5 = {"ContentMD5": digests.content_md5(_md5(b"x"))} if checked else {}
        await self._once_called("put_object", Key=key, Body=b"x", **md5, **headers(target))
        await self._answer(self.call("delete_object", Key=key))

    async def refused_storage(self) -> SettingsError | None:
        """The error if the server does not store an object as the settings say, but would otherwise."""
        refused = await self._storage_trial.refusal()
        return refused.error if refused else None

    async def sweep(self) -> None:
        """Delete test objects that killed runs left behind."""
        listed = await self._answer(self.call("list_objects_v2", Prefix=self._prefix + BEGINNING))
        abandoned = datetime.now(UTC) - ABANDONED_AFTER
        for entry in (listed or {}).get("Contents", []):
            if entry.get("LastModified", abandoned) < abandoned:
                await self._answer(self.call("delete_object", Key=entry["Key"]))

    async def listing(self) -> Finding:
        """Whether the key can list, which verify needs."""
        failure = await self._failure(self.call("list_objects_v2", Prefix=self._folder, MaxKeys=1))
        if failure:
            return Finding("list", BAD, f"the bucket cannot be listed ({failure}): sync and verify will fail")
        return Finding("list", GOOD, "works: verify can compare every object by listing the bucket")

    async def _write(self) -> Finding:
        body = b"smug2s3"
        try:
            answer = await self._put("write.txt", body)
            read = await self._read("write.txt")
        except _FAILED as error:
            return Finding("write and read", BAD, f"{_cannot(error)}: sync will fail")
        if read != body:
            return Finding("write and read", BAD, "the S3 server returned different bytes than were written")
        # verify compares the listing's, which some servers make up.
        page = await self._answer(self.call("list_objects_v2", Prefix=self._folder + "write.txt"))
        answers = (answer, *(page or {}).get("Contents", []))
        if any(digests.clean_etag(one.get("ETag") or "") != _md5(body) for one in answers):
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
        sent = {"title": "=?UTF-8?B?w6Q=?=", "caption": "two  spaces" * 60, "keywords": ""}
        sent["keywords"] = "k" * (metadata.LIMIT - metadata.cost(sent))
        try:
            await self._put("metadata.txt", b"x", Metadata=sent)
            answer = await self.call("head_object", Key=self._folder + "metadata.txt")
        except (*_FAILED, StoreBroken) as error:
            if not may_be_about_options(error) or await self._answer(self._put("plain.txt", b"x")) is None:
                return Finding("metadata", BAD, f"titles and captions cannot be stored ({_code(error)})")
            meaning = f"long ones are refused ({_code(error)}): sync sends less, and all of it is in _album.json"
            return Finding("metadata", NOTE, meaning)
        if answer.get("Metadata") != sent:
            return Finding("metadata", NOTE, "returned changed: rely on _album.json for titles and captions")
        self._keeps_metadata = True
        return Finding("metadata", GOOD, "titles and captions are returned unchanged")

    async def _odd_key(self) -> Finding:
        key = self._folder + ODD_NAME
        try:
            await self._put(ODD_NAME, b"x")
            listed = await self.call("list_objects_v2", Prefix=self._folder)
        except _FAILED as error:
            meaning = f"a name with spaces, accents and special characters is refused ({_code(error)})"
            return Finding("odd names", BAD, meaning)
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

    async def _copies(self) -> Finding:
        """A copy to another name, as for a renamed file, and one onto itself, as for a new caption."""
        try:
            await self._copied("copy.txt", {})
            await self._copied("write.txt", {"title": "new"})
            answer = await self.call("head_object", Key=self._folder + "write.txt")
        except (*_FAILED, StoreBroken) as error:
            return Finding(
                "copy", NOTE, f"refused ({_code(error)}): {_ONLY_IN_ALBUM}; renamed files may keep old names"
            )
        if self._keeps_metadata and answer.get("Metadata") != {"title": "new"}:
            return Finding("copy", NOTE, f"keeps the old metadata: {_ONLY_IN_ALBUM}")
        return Finding("copy", GOOD, "works: new titles, captions and names need no second upload")

    async def _copied(self, name: str, said: dict[str, str]) -> None:
        source = {"Bucket": self._bucket, "Key": self._folder + "write.txt"}
        new = {"MetadataDirective": "REPLACE", "Metadata": said}
        await self.call("copy_object", Key=self._folder + name, CopySource=source, **new)

    async def _parts(self) -> Finding:
        key = self._folder + "parts.bin"
        pieces = [bytes(5 * MIB), b"end"]
        upload = ""
        try:
            upload = str((await self.call("create_multipart_upload", Key=key)).get("UploadId", ""))
            parts = [await self._part(key, upload, number, piece) for number, piece in enumerate(pieces, 1)]
            await self.call("complete_multipart_upload", Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
            size = (await self.call("head_object", Key=key)).get("ContentLength")
        except _FAILED as error:
            if upload:
                await self._answer(self.call("abort_multipart_upload", Key=key, UploadId=upload))
            return Finding("multipart", BAD, f"multipart uploads fail ({_code(error)}): large videos cannot be copied")
        if size != sum(map(len, pieces)):
            return Finding("multipart", BAD, "a multipart upload was stored with the wrong size")
        return Finding("multipart", GOOD, "works: large videos can be copied in parts")

    async def _part(self, key: str, upload: str, number: int, piece: bytes) -> dict[str, Any]:
        md5 = {"ContentMD5": digests.content_md5(_md5(piece))} if self._takes_md5 else {}
        answer = await self.call("upload_part", Key=key, UploadId=upload, PartNumber=number, Body=piece, **md5)
        return {"PartNumber": number, "ETag": answer.get("ETag", "")}

    async def clean(self) -> str:
        """Delete the test objects that may still exist; returns why that was refused, or an empty string."""
        refusals = [await self._failure(self.call("delete_object", Key=key)) for key in sorted(self._tried)]
        return max(refusals, default="")

    async def _deletion(self, refusal: str) -> Finding:
        page = await self._answer(self.call("list_objects_v2", Prefix=self._folder))
        left = [entry["Key"] for entry in (page or {}).get("Contents", [])]
        if not left and not refusal:
            return Finding("delete", GOOD, "works: no test object is left, and renamed files can be removed")
        remain = f"{len(left)} test objects remain under {self._folder}" if left else "nothing remains"
        meaning = f"refused ({refusal or 'ignored'}): {remain}; a renamed file keeps its old copy too"
        return Finding("delete", NOTE, meaning)

    async def _put(self, name: str, body: bytes, *, md5: str = "", **more: Any) -> Any:
        put = partial(self.call, "put_object", Key=self._folder + name, Body=body, **more)
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
        body = (await self.call("get_object", Key=self._folder + name))["Body"]
        async with asyncio.timeout(self._limit), body:
            found: bytes = await body.read()
        return found

    async def call(self, operation: str, **arguments: Any) -> Any:
        """The library's answer to a request about this bucket, repeated while that may help; raises its errors."""
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
        key = arguments.get("Key", "")
        existed = key in self._tried
        if operation in _WRITES:
            self._tried.add(key)
        try:
            async with asyncio.timeout(self._limit):
                answer = await request(Bucket=self._bucket, **arguments)
        except ClientError as refusal:
            if not (existed or may_pass(refusal)):
                self._tried.discard(key)
            raise
        if operation == "delete_object":
            self._tried.discard(key)
        return answer

    async def _trial(self, what: str) -> str:
        """Read, write, or write into a storage class once; returns why that failed, or an empty string."""
        try:
            if what == "read":
                await self.call("list_objects_v2", Prefix=self._folder, MaxKeys=1)
            else:
                with nullcontext() if what == "write" else trying(Storage(storage_class=what)):
                    answer = await self._put("settings.txt", b"x")
                if version := answer.get("VersionId"):  # else it would stay as an old version
                    await self._answer(self.call("delete_object", Key=f"{self._folder}settings.txt", VersionId=version))
        except (*_FAILED, StoreBroken) as error:
            return str(translate(error, "a test"))
        finally:
            await self.clean()
        return ""

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


def _cannot(error: BaseException) -> str:
    if isinstance(error, ClientError) and is_full(error):
        return str(translate(error, ""))
    return f"the key cannot write and read ({_code(error)})"


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
