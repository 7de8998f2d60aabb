"""Options of a request that a store may not know: what it refuses is asked for without them, from then on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from smug2s3.stores.faults import is_forbidden, may_be_about_options

T = TypeVar("T")

SURE_AFTER = 3
"""So many doubtful refusals, each followed by an answer without the option, are no accident."""
_DOUBTFUL = frozenset({403, 500})
"""What may have passed by itself meanwhile: an error of the server, or a signature that was too old."""
_GATEWAYS = 502
"""Says nothing of a look: somebody stands before a server that is away, and is to be left alone."""


class Option(NamedTuple):
    """One of them: the request it belongs to, and the header or the part of the query."""

    operation: str
    name: str


ENCODED_NAMES = Option("ListObjectsV2", "encoding-type")
CHECKSUMS = Option("HeadObject", "x-amz-checksum-mode")


class Options:
    """What one store was seen to refuse."""

    def __init__(self, events: Any) -> None:
        self._refused: set[Option] = set()
        self._errors: Counter[Option] = Counter()
        for option in (ENCODED_NAMES, CHECKSUMS):
            events.register(f"before-call.s3.{option.operation}", partial(self._leave_out, option))

    async def granted(self, option: Option, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to ``ask``; one without ``option`` where only with it the store refuses."""
        left_out = option in self._refused  # when it was asked: others may find it out meanwhile
        try:
            return await ask()
        except ClientError as refusal:
            about_it = may_be_about_options(refusal) and _status(refusal) != _GATEWAYS
            if left_out or is_forbidden(refusal) or not about_it:
                raise
            return await self._without(option, ask, refusal)

    async def _without(self, option: Option, ask: Callable[[], Awaitable[T]], refusal: ClientError) -> T:
        self._refused.add(option)
        try:
            answer = await ask()
        except Exception:  # noqa: BLE001 - whatever it is, it was not the option
            self._refused.discard(option)
            raise refusal from None
        self._errors[option] += 1
        if _status(refusal) in _DOUBTFUL and self._errors[option] < SURE_AFTER:
            self._refused.discard(option)
        return answer

    def _leave_out(self, option: Option, params: dict[str, Any], **_: Any) -> None:
        if option in self._refused:
            params["headers"].pop(option.name, None)
            params["url"] = re.sub(rf"(?<=[?&]){option.name}=[^&]*&?", "", params["url"]).rstrip("?&")


def _status(refusal: ClientError) -> int:
    return int(refusal.response["ResponseMetadata"]["HTTPStatusCode"])
