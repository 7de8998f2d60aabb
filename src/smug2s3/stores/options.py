"""Request options that a server may not support: after a refusal, requests omit them."""

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
"""So many ambiguous refusals, each followed by success without the option, are not an accident."""
_DOUBTFUL = frozenset({403, 500})
"""Errors that may be transient: a server error, or a signature that was too old."""
_GATEWAYS = 502
"""Statuses of a gateway in front of an unreachable server; they say nothing about options."""


class Option(NamedTuple):
    """An option: its request, and the header or query parameter."""

    operation: str
    name: str


ENCODED_NAMES = Option("ListObjectsV2", "encoding-type")
CHECKSUMS = Option("HeadObject", "x-amz-checksum-mode")


class Options:
    """The options that one server was seen to refuse."""

    def __init__(self, events: Any) -> None:
        self._refused: set[Option] = set()
        self._errors: Counter[Option] = Counter()
        for option in (ENCODED_NAMES, CHECKSUMS):
            events.register(f"before-call.s3.{option.operation}", partial(self._leave_out, option))

    async def granted(self, option: Option, ask: Callable[[], Awaitable[T]]) -> T:
        """The response to ``ask``; without ``option`` if the server refuses only that."""
        left_out = option in self._refused  # at the time of the request: another task may find it out meanwhile
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
