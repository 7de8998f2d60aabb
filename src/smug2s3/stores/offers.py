"""Finds out which metadata a server accepts after it refused an object, so that no file fails for its caption."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from smug2s3.errors import StoreBusy, StoreError
from smug2s3.models import StoreTarget
from smug2s3.rules.metadata import LESS, reduced
from smug2s3.stores.beliefs import Beliefs
from smug2s3.stores.faults import may_be_about_options, may_be_busy_for_options

T = TypeVar("T")

TRIED = 3
"""Attempts of one file refused by a busy server, after which it is tested whether its metadata are the cause."""


class Listener(Protocol):
    """Gets notes about what is omitted."""

    def note(self, text: str) -> None:
        """A note for people."""


Trial = Callable[[StoreTarget, bool], Awaitable[None]]
"""Stores a tiny object next to a target, with its metadata, and with or without Content-MD5; raises a StoreError."""


@dataclass(slots=True)
class Offers:
    """The metadata sent to one server with every object, less after each refusal, while it is open."""

    trial: Trial
    refuse_settings: Callable[[], Awaitable[None]]
    """Raises SettingsError if it is not the metadata that the server refuses, but how objects are to be stored."""
    beliefs: Beliefs
    listener: Listener
    _step: int = 0
    _typed: bool = True
    _most: tuple[int, int] = (-1, -1)
    """The longest accepted value, and the largest total."""
    _hopeless: bool = False
    """Whether the last trial showed that the server refuses everything."""
    _trying: asyncio.Lock = field(default_factory=asyncio.Lock)
    _busy: Counter[str] = field(default_factory=Counter)
    """Attempts refused by a busy server, by key."""

    def fit(self, target: StoreTarget) -> StoreTarget:
        """``target`` with the metadata that is accepted."""
        kind = target.content_type if self._typed else ""
        return replace(target, content_type=kind, metadata=reduced(target.metadata, self._step))

    def withholds_name(self, target: StoreTarget) -> bool:
        """Whether not even its image key is written with it."""
        return "image-key" in dict(target.metadata) and "image-key" not in dict(self.fit(target).metadata)

    async def taken(
        self,
        target: StoreTarget,
        send: Callable[[StoreTarget], Awaitable[T]],
        *,
        again: Callable[[], bool],
        tries: int = 1,
    ) -> T:
        """The result of ``send``, with as much metadata of ``target`` as the server accepts; ``send`` retries ``tries`` times.

        Raises StoreBusy if less must be sent but the stream cannot be sent ``again``.
        """
        while True:
            fitting, checked = self.fit(target), self.beliefs.takes_md5
            try:
                result = await send(fitting)
            except StoreError as error:
                self._busy[target.key] += tries if may_be_busy_for_options(error) else 0
                if not await self._learn(target, (fitting, checked), error):
                    raise
                if not again():
                    raise StoreBusy(
                        f"the S3 server refused the metadata of {target.key}; sending less of it"
                    ) from error
            else:
                self._accept(fitting)
                self._busy.pop(target.key, None)
                return result

    async def _learn(self, target: StoreTarget, offered: tuple[StoreTarget, bool], error: StoreError) -> bool:
        """Whether less is sent from now on than was ``offered``; another task may have found that out meanwhile."""
        busy = not may_be_about_options(error)
        if busy and self._busy[target.key] < TRIED:
            return False
        async with self._trying:
            if (self.fit(target), self.beliefs.takes_md5) != offered:
                return True
            try:
                await self.refuse_settings()
                if self._hopeless or self._was_taken(offered[0]):
                    return False
                return await self._find_out(target, busy=busy)
            except StoreError as other:
                if other.ends_the_run:
                    raise
                return False

    async def _find_out(self, target: StoreTarget, *, busy: bool) -> bool:
        whole, bare = self.fit(target), replace(target, content_type="", metadata=())
        checked = self.beliefs.takes_md5
        if await self._takes(whole, checked):
            self._accept(whole)
            return False
        hopeless = not await self._takes(bare, False)
        self._hopeless = hopeless and not busy
        # Repeated twice: a transient refusal, or one on a bad connection, is not about the metadata.
        for _ in range(2):
            if hopeless or await self._takes(whole, checked):
                return False
            hopeless = busy and not await self._takes(bare, False)
        checked = checked and await self._takes(bare, True)
        kind = whole.content_type
        if kind and not await self._takes(replace(bare, content_type=kind), False):
            kind = ""
        for step in range(self._step, len(LESS)):
            less = replace(target, content_type=kind, metadata=reduced(target.metadata, step))
            if (less, checked) != (whole, self.beliefs.takes_md5) and await self._takes(less, checked):
                self._settle(step, typed=bool(kind), checked=checked)
                return True
        return False

    async def _takes(self, target: StoreTarget, checked: bool) -> bool:
        try:
            await self.trial(target, checked)
        except StoreError as error:
            if not (may_be_about_options(error) or may_be_busy_for_options(error)):
                raise
            return False
        return True

    def _settle(self, step: int, *, typed: bool, checked: bool) -> None:
        if step > self._step:
            self.listener.note(
                f"the bucket does not accept all metadata of a file: {LESS[step]}; nothing is lost, the album's "
                "_album.json has everything"
            )
        if self._typed and not typed:
            self.listener.note(
                "the bucket does not accept a Content-Type: only the name shows the type of a file there"
            )
        if self.beliefs.takes_md5 and not checked:
            self.listener.note(
                "the bucket does not accept a Content-MD5: uploads are verified by ETag, or by verify --deep"
            )
            self.beliefs.takes_md5 = self.beliefs.refuses_wrong_md5 = False
        self._step, self._typed = step, typed

    def _accept(self, fitting: StoreTarget) -> None:
        longest, all_in_all = _sizes(fitting)
        self._most = (max(longest, self._most[0]), max(all_in_all, self._most[1]))
        self._hopeless = False

    def _was_taken(self, fitting: StoreTarget) -> bool:
        return all(size <= most for size, most in zip(_sizes(fitting), self._most, strict=True))


def headers(target: StoreTarget) -> dict[str, Any]:
    """The library's parameters for an object's metadata."""
    kind = {"ContentType": target.content_type} if target.content_type else {}
    return kind | {"Metadata": dict(target.metadata)}


def _sizes(target: StoreTarget) -> tuple[int, int]:
    sizes = [len(name) + len(value) for name, value in target.metadata]
    return max(sizes, default=0), sum(sizes)
