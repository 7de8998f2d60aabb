"""What all endpoints share: the refusals they can raise, and how a list becomes a page."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from smugmug_simulator.endpoints import ENDPOINTS
from smugmug_simulator.envelope import Answer, Entity, Page
from smugmug_simulator.model import Node
from smugmug_simulator.scene import Scene

Params = Mapping[str, str]
T = TypeVar("T")
_NUMBER = re.compile(r"-?[0-9]{1,18}")


class ApiError(Exception):
    """An answer that is only a Code and a Message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotFoundError(ApiError):
    """No such thing, or none this viewer may know of."""

    def __init__(self) -> None:
        super().__init__(404, "Not Found")


class MovedError(Exception):
    """The right URI of what was asked for under another one."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.uri = uri


class NoResponseError(Exception):
    """Asking for 5,000 images at once is answered without a `Response` (reported by clients)."""


ABSURD_COUNT = 5000


def page(params: Params, total: int, default: int, most: int) -> Page:
    """The part of a list that is meant; the count is clamped, and shown clamped (probed 2026-09-30)."""
    start = max(1, number(params.get("start"), 1))
    count = number(params.get("count"), default)
    return Page(total, start, min(count if count > 0 else default, most))


def number(text: str | None, default: int) -> int:
    """A number from a query, or the usual one if it is none."""
    return int(text) if text and _NUMBER.fullmatch(text) else default


def absurd(params: Params) -> bool:
    """Whether more is asked for than SmugMug even begins to answer."""
    return number(params.get("count"), 0) >= ABSURD_COUNT


def window(items: Sequence[T], part: Page) -> Sequence[T]:
    """The items of one page."""
    return items[part.start - 1 : part.start - 1 + part.count]


def one(endpoint: str, uri: str, entity: Entity | None) -> Answer:
    """An answer of one object; without the object where the viewer may not see it (recorded)."""
    return Answer(f"/api/v2{uri}", ENDPOINTS[endpoint], [entity] if entity else [])


def many(
    endpoint: str, uri: str, entities: Sequence[Entity], part: Page | None, params: tuple[str, ...] = ()
) -> Answer:
    """An answer of a list."""
    return Answer(f"/api/v2{uri}", ENDPOINTS[endpoint], entities, single=False, page=part, params=params)


def nothing(endpoint: str, uri: str, params: Params) -> Answer:
    """What a link leads to that is offered but has nothing behind it: an empty list, or no object (recorded)."""
    if ENDPOINTS[endpoint].kind == "Object":
        return one(endpoint, uri, None)
    return many(endpoint, uri, [], page(params, 0, 100, 100))


def visible_node(scene: Scene, found: Node | None) -> Node:
    """The node, if there is one and this viewer may know of it."""
    if found is None or not scene.visible(found):
        raise NotFoundError
    return found
