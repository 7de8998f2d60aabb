"""Failures as data: which request goes wrong, how often, and in what way."""

import random
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl

Kind = Literal["api", "media", "oauth", "any"]
Action = Literal[
    "status",
    "nonce_used",
    "hang",
    "delay",
    "slow",
    "stall",
    "reset",
    "short",
    "long",
    "corrupt",
    "html",
    "empty",
    "wrong_length",
    "unframed",
    "ignore_range",
    "shrink_page",
    "repeat_page",
    "drop_list",
    "zero_total",
    "drop_pages",
    "drop_total",
    "odd_entry",
    "lose_field",
    "set_field",
    "hide_entry",
    "delete_entry",
]


FOR_EVER = 3600.0
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which some requests fail.

    `path` is matched against the path with its query, as sent: a glob, or a regular expression after `re:`.
    Of the requests that match, the first `skip` pass; then every `every`-th fails, at most `times` in all
    (None: no end), each with probability `chance`. With `per_path` each path is counted for itself.

    What `amount` means depends on the action: bytes delivered before `reset`, `short`, `stall` or `unframed`; bytes too many for `long`;
    where the byte is wrong for `corrupt`; bytes more (or, negative, less) than the truth for `wrong_length`; bytes
    a second for `slow`; items missing for `shrink_page`. Before any of it the request waits for `seconds`; `hang` waits an hour if none are given, and `stall` always does.

    Lists: with `position` only those pages fail that would hold the entry of that number (from 1). `entry` is the key or
    name of the one that is hidden, deleted, odd, or has a field changed: empty, the first one is deleted, and all are odd
    or changed. `name` is the field (`NodeID`, `ImageKey`, `Uris.Album`), and `value` what `set_field` puts into it.
    """

    action: Action
    kind: Kind = "any"
    path: str = "*"
    method: str = "*"
    skip: int = 0
    every: int = 1
    times: int | None = 1
    chance: float = 1.0
    seed: int = 1
    per_path: bool = False
    status: int = 500
    body: str = ""
    content_type: str = "text/html; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: int | None = None
    amount: int = 1
    seconds: float = 0.0
    position: int = 0
    entry: str = ""
    name: str = ""
    value: Any = None

    def __post_init__(self) -> None:
        if self.action not in get_args(Action):
            raise ValueError(f"there is no fault action {self.action!r}; known are {', '.join(get_args(Action))}")
        if self.kind not in get_args(Kind):
            raise ValueError(f"there is no kind of request {self.kind!r}; known are {', '.join(get_args(Kind))}")

    @property
    def wait(self) -> float:
        """Seconds to delay the request before anything else."""
        return self.seconds or (FOR_EVER if self.action == "hang" else 0.0)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Fault":
        """A fault from a JSON object with the same names; an unknown name is an error."""
        if unknown := set(data) - {item.name for item in fields(cls)}:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        return cls(**data)

    def as_json(self) -> dict[str, Any]:
        """The fault as a JSON object."""
        return asdict(self)

    def matches(self, kind: str, method: str, path: str) -> bool:
        """Whether the fault applies to such a request."""
        if self.kind not in {"any", kind} or self.method not in {"*", method}:
            return False
        if self.position and not _holds(path, self.position):
            return False
        if self.path.startswith("re:"):
            return re.search(self.path[3:], path) is not None
        return fnmatchcase(path, self.path)


def _holds(path: str, position: int) -> bool:
    """Whether the requested page contains the entry of that number."""
    asked = dict(parse_qsl(path.partition("?")[2]))
    start, count = asked.get("start", "1"), asked.get("count", "1")
    return start.isdecimal() and count.isdecimal() and int(start) <= position < int(start) + int(count)


class _Armed:
    """A fault with counts of how often it has matched and struck."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.struck = 0
        self._matched: Counter[str] = Counter()
        self._struck: Counter[str] = Counter()
        self._random = random.Random(fault.seed)  # noqa: S311 - reproducible failures

    def strikes(self, path: str) -> bool:
        """Count a request that matches, and say whether it fails."""
        fault, scope = self.fault, path.partition("?")[0] if self.fault.per_path else ""
        number = self._matched[scope] - fault.skip
        self._matched[scope] += 1
        if number < 0 or number % fault.every or (fault.times is not None and self._struck[scope] >= fault.times):
            return False
        if fault.chance < 1 and self._random.random() >= fault.chance:
            return False
        self._struck[scope] += 1
        self.struck += 1
        return True


class Faults:
    """The active faults; the first that strikes wins."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._armed = [_Armed(fault) for fault in faults]
        # What happened, for tests that check whether their fault struck.
        self.log: deque[tuple[str, str]] = deque(maxlen=10_000)

    def add(self, *faults: Fault) -> None:
        """Add faults."""
        self._armed += [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        """Remove all faults."""
        self._armed.clear()

    @property
    def struck(self) -> int:
        """How many requests the active faults have struck."""
        return sum(armed.struck for armed in self._armed)

    def pick(self, kind: str, method: str, path: str) -> Fault | None:
        """The fault this request meets, if any."""
        for armed in self._armed:
            if armed.fault.matches(kind, method, path) and armed.strikes(path):
                self.log.append((armed.fault.action, path))
                return armed.fault
        return None

    def as_json(self) -> list[dict[str, Any]]:
        """The active faults, each with how often it struck."""
        return [armed.fault.as_json() | {"struck": armed.struck} for armed in self._armed]
