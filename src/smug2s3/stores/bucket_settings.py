"""What a bucket's own settings mean for an archive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from smug2s3.rules.finding import BAD, GOOD, NOTE, Finding

STALE_AFTER = timedelta(days=1)
"""An upload begun longer ago is not one that is under way."""


class BucketSettings:
    """Asks for each setting; ``ask`` returns ``None`` if the server does not answer an operation."""

    def __init__(self, ask: Callable[[str], Awaitable[Any | None]], prefix: str) -> None:
        self._ask = ask
        self._prefix = prefix

    async def versions(self) -> Finding | None:
        """Versioning, or ``None`` if the server does not say."""
        answer = await self._ask("get_bucket_versioning")
        if answer is None:
            return None
        if answer.get("Status") == "Enabled":
            return Finding("versions", GOOD, "on: replaced files stay recoverable, and are billed")
        return Finding("versions", NOTE, "off: a photo replaced on SmugMug permanently replaces the stored one")

    async def findings(self) -> AsyncIterator[Finding]:
        """What the bucket's settings mean for an archive; unsupported ones are skipped."""
        for look in (self._public, self._lock, self._encryption, self._lifecycle, self._stale_uploads):
            if finding := await look():
                yield finding

    async def _public(self) -> Finding | None:
        answer = await self._ask("get_public_access_block")
        if answer is None:
            return None
        blocks = answer.get("PublicAccessBlockConfiguration", {})
        if blocks and all(blocks.values()):
            return Finding("public access", GOOD, "blocked: private albums stay private")
        return Finding("public access", NOTE, "not blocked: make sure nobody else can read this bucket")

    async def _lock(self) -> Finding | None:
        answer = await self._ask("get_object_lock_configuration")
        if not answer or answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") != "Enabled":
            return None
        return Finding(
            "Object Lock", NOTE, "on: replaced and renamed files are hidden, but kept and billed until their lock ends"
        )

    async def _encryption(self) -> Finding | None:
        answer = await self._ask("get_bucket_encryption")
        rules = (answer or {}).get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
        if not any("kms" in str(rule) for rule in rules):
            return None
        return Finding("encryption", NOTE, "with KMS: ETags are not MD5s, so verify needs --deep to check the bytes")

    async def _lifecycle(self) -> Finding | None:
        answer = await self._ask("get_bucket_lifecycle_configuration")
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
        answer = await self._ask("list_multipart_uploads")
        old = datetime.now(UTC) - STALE_AFTER
        stale = [upload for upload in (answer or {}).get("Uploads", []) if upload.get("Initiated", old) < old]
        if not stale:
            return None
        return Finding("unfinished uploads", NOTE, f"{len(stale)} older than a day: hidden in the bucket, but billed")
