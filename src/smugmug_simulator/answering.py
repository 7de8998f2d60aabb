"""What all endpoints share: the errors they can raise, and paging."""

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
    """A response with only a Code and a Message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotFoundError(ApiError):
    """The resource does not exist, or not for this viewer."""

    def __init__(self) -> None:
        super().__init__(404, "Not Found")


class MovedError(Exception):
    """A redirect to the canonical URI."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.uri = uri


class NoResponseError(Exception):
    """Asking for 5,000 images at once is answered without a `Response` (reported by clients)."""


ABSURD_COUNT = 5000


def page(params: Params, total: int, default: int, most: int) -> Page:
    """The requested part of a list; the count is clamped, and returned clamped (probed 2026-09-30)."""
    start = max(1, number(params.get("start"), 1))
    count = number(params.get("count"), default)
    return Page(total, start, min(count if count > 0 else default, most))


def number(text: str | None, default: int) -> int:
    """A number from a query, or the default if it is not a number."""
    return int(text) if text and _NUMBER.fullmatch(text) else default


def absurd(params: Params) -> bool:
    """Whether more is asked for than SmugMug even begins to answer."""
    return number(params.get("count"), 0) >= ABSURD_COUNT


def window(items: Sequence[T], part: Page) -> Sequence[T]:
    """The items of one page."""
    return items[part.start - 1 : part.start - 1 + part.count]


def one(endpoint: str, uri: str, entity: Entity | None) -> Answer:
    """A response of one object; without the object if the viewer may not see it (recorded)."""
    return Answer(f"/api/v2{uri}", ENDPOINTS[endpoint], [entity] if entity else [])


def many(
    endpoint: str, uri: str, entities: Sequence[Entity], part: Page | None, params: tuple[str, ...] = ()
) -> Answer:
    """A response of a list."""
    return Answer(f"/api/v2{uri}", ENDPOINTS[endpoint], entities, single=False, page=part, params=params)


def nothing(endpoint: str, uri: str, params: Params) -> Answer:
    """The response behind a link without contents: an empty list, or no object (recorded)."""
    if ENDPOINTS[endpoint].kind == "Object":
        return one(endpoint, uri, None)
    return many(endpoint, uri, [], page(params, 0, 100, 100))


def visible_node(scene: Scene, found: Node | None) -> Node:
    """The node, if it exists for this viewer."""
    if found is None or not scene.visible(found):
        raise NotFoundError
    return found
