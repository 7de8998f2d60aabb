"""Reads a bucket's settings, and changes one at a time: what is there is kept, and what is sent is read back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from smug2s3.errors import StoreError
from smug2s3.rules import bucket_rows, lifecycle
from smug2s3.rules.bucket_settings import (
    ACCESS_BLOCK,
    ENCRYPTION,
    LIFECYCLE,
    NAMES,
    OWNERSHIP,
    POLICY,
    RIGHTS,
    UPLOADS,
    Answer,
    Answers,
    BucketFacts,
    State,
    Wishes,
    document,
)
from smug2s3.rules.bucket_steps import (
    CANNOT,
    DONE,
    MISSING,
    REFUSED,
    Outcome,
    Parameters,
    Step,
    command,
    idle,
)
from smug2s3.rules.finding import Finding
from smug2s3.stores.faults import is_about_rights, translate

FAILED = (ClientError, BotoCoreError, OSError, TimeoutError, ResponseParserError, ValueError, StoreError)
"""What a request may raise."""

_NO_SETTING = frozenset({"", "NoSuchBucket", "NoSuchKey", "NoSuchUpload", "NotFound", "404"})
"""What is not there is something else than a setting."""
_UNKNOWN = frozenset({"NotImplemented", "MethodNotAllowed", "BucketAlreadyExists", "BucketAlreadyOwnedByYou"})
"""How servers refuse a setting that they do not know; some take its PUT for one that creates the bucket."""
_READ_AGAIN_AFTER = (0.0, 0.3, 1.0, 3.0)
"""Seconds before each look at what was set: AWS may need a moment."""


class Caller(Protocol):
    """Requests about one bucket, repeated while that may help; errors are the library's own."""

    def __call__(self, operation: str, **arguments: Any) -> Awaitable[Any]:
        """The library's document."""


Trial = Callable[[str], Awaitable[str]]
"""Tries to ``read`` or ``write``, or to write into the storage class of that name; returns why it failed, or an empty
string."""


class BucketSettings:
    """The settings of one bucket."""

    def __init__(
        self, call: Caller, bucket: BucketFacts, trial: Trial, *, pauses: Iterable[float] = _READ_AGAIN_AFTER
    ) -> None:
        self._call = call
        self.bucket = bucket
        self._trial = trial
        self._pauses = tuple(pauses)

    async def answers(self) -> dict[str, Answer]:
        """What the server says of every setting."""
        settings = {setting: await self._told(f"get_{setting}") for setting in RIGHTS}
        return settings | {UPLOADS: await self._told(f"list_{UPLOADS}")}

    async def findings(self) -> list[Finding]:
        """What the settings mean for an archive."""
        return self.rows(await self.answers())

    def rows(self, answers: Answers) -> list[Finding]:
        """The same for answers that are known."""
        return bucket_rows.findings(answers, self.bucket, datetime.now(UTC))

    async def applied(self, steps: Iterable[Step], wishes: Wishes, endpoint: str | None) -> AsyncIterator[Outcome]:
        """Take the steps one after another, and yield how each ended."""
        answers = await self.answers()
        for step in steps:
            outcome = idle(step, answers, self.bucket, wishes)
            if outcome is None:
                outcome = await self._taken(step, answers, wishes, endpoint)
                answers[step.setting] = await self._told(f"get_{step.setting}")
            yield outcome

    async def _taken(self, step: Step, answers: Answers, wishes: Wishes, endpoint: str | None) -> Outcome:
        wanted = step.wanted(answers, self.bucket, wishes) or {}
        what = step.trial(wishes)
        tried = what and not await self._trial(what)  # what fails before does not fail because of the step
        try:
            await self._call(f"put_{step.setting}", **wanted)
        except FAILED as error:
            return _refused(step, error, command(step, wanted, self.bucket.name, endpoint))
        return await self._confirmed(step, answers, wishes, what if tried else "")

    async def _confirmed(self, step: Step, answers: Answers, wishes: Wishes, what: str) -> Outcome:
        """Read back what was sent and try what must still work; undo it if either fails."""
        before = answers[step.setting]
        why = "the S3 server did not keep it as it was sent"
        for pause in self._pauses:
            await asyncio.sleep(pause)
            now = {**answers, step.setting: await self._told(f"get_{step.setting}")}
            if self._is_so(step, now, before, wishes):
                failed = await self._trial(what) if what else ""
                why = f"with it, this key could not {what} any more: {failed}" if failed else ""
                break
        if not why:
            return Outcome(step=step, kind=DONE, said=await self._doubt(step.stores_in(wishes)))
        return Outcome(step=step, kind=REFUSED, said=f"{why}{await self._undone(step.setting, before)}. {step.by_hand}")

    async def _doubt(self, storage_class: str) -> str:
        """Why a rule may have no effect; AWS takes none for a class that it does not have."""
        if not storage_class or self.bucket.amazon:
            return ""
        why = await self._trial(storage_class)
        return f"the rule is set, but nothing can be stored in this class now ({why}). Check its name" if why else ""

    def _is_so(self, step: Step, now: Answers, before: Answer, wishes: Wishes) -> bool:
        there = now[step.setting]
        kept = step.setting != LIFECYCLE or lifecycle.has_all(there.value, before.value)
        return there.state is State.TOLD and kept and step.wanted(now, self.bucket, wishes) is None

    async def _undone(self, setting: str, before: Answer) -> str:
        """Put back what was there; returns the end of a sentence about it."""
        if setting not in _TAKEN_BACK:
            return ""
        try:
            if before.state is State.TOLD:
                await self._call(f"put_{setting}", **_TAKEN_BACK[setting](before.value))
            else:
                await self._call(f"delete_{setting.removesuffix('_configuration')}")
        except FAILED as error:
            return f", and it could not be undone ({_words(error, setting)})"
        return ", so it was undone"

    async def _told(self, operation: str) -> Answer:
        try:
            said = await self._call(operation)
            document(said)
        except FAILED as error:
            return Answer(_state(error))
        return Answer(State.TOLD, said)


_ENCRYPTION = "ServerSideEncryptionConfiguration"
_BLOCK, _OWNERS = "PublicAccessBlockConfiguration", "OwnershipControls"
_TAKEN_BACK: dict[str, Callable[[Mapping[str, Any]], Parameters]] = {
    ACCESS_BLOCK: lambda before: {_BLOCK: before[_BLOCK]},
    OWNERSHIP: lambda before: {_OWNERS: before[_OWNERS]},
    POLICY: lambda before: {"Policy": before["Policy"]},
    LIFECYCLE: lifecycle.repeated,
    ENCRYPTION: lambda before: {_ENCRYPTION: before[_ENCRYPTION]},
}
"""What is sent to restore a setting that was there. The others cannot be half kept, so there is nothing to undo."""


def _refused(step: Step, error: Exception, by_command: str) -> Outcome:
    if _is_unknown(error):
        return Outcome(step=step, kind=CANNOT, said=step.by_hand)
    if is_about_rights(error):
        said = f"the key needs s3:Put{RIGHTS[step.setting]}. With a key that has it: {by_command}"
        return Outcome(step=step, kind=MISSING, said=said)
    return Outcome(step=step, kind=REFUSED, said=_words(error, step.setting))


def _state(error: Exception) -> State:
    if not isinstance(error, ClientError) or _is_unknown(error):
        return State.UNOFFERED
    code, status = _code(error)
    if status == 404 and code not in _NO_SETTING:
        return State.UNSET
    return State.FORBIDDEN if is_about_rights(error) and code != "SignatureDoesNotMatch" else State.UNOFFERED


def _is_unknown(error: Exception) -> bool:
    return isinstance(error, ClientError) and (_code(error)[0] in _UNKNOWN or _code(error)[1] in (405, 501))


def _code(error: ClientError) -> tuple[str, int]:
    return str(error.response.get("Error", {}).get("Code", "")), int(
        error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    )


def _words(error: Exception, setting: str) -> str:
    return str(translate(error, f"the change of {NAMES[setting]}"))
