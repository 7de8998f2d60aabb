"""Adds the headers of the storage settings to the library's requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from typing import Any

from smug2s3.rules.storage import Storage
from smug2s3.stores.trials import is_hidden

_KEY = "smug2s3_key"

_tried: ContextVar[Storage | None] = ContextVar("storage tried", default=None)


@contextmanager
def trying(storage: Storage) -> Iterator[None]:
    """While the block runs, this task's requests have the headers of ``storage``, whatever the settings are."""
    token = _tried.set(storage)
    try:
        yield
    finally:
        _tried.reset(token)


def headers(storage: Storage, operation: str, key: str = "") -> dict[str, str]:
    """The headers of a request.

    Test objects are read, and deleted at once: they get no storage class, unless it is ``tried`` itself.
    """
    if tried := _tried.get():
        return tried.headers(operation, key)
    return (replace(storage, storage_class="") if is_hidden(key, "") else storage).headers(operation, key)


def watch(events: Any, storage: Storage) -> None:
    """Have every request of the library carry them."""
    events.register("before-parameter-build.s3", _note_key)
    events.register("before-call.s3", partial(_add, storage))


def _note_key(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[_KEY] = params.get("Key", "")


def _add(storage: Storage, model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    params["headers"] |= headers(storage, model.name, context.get(_KEY, ""))
