"""One setting as the user sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Variable:
    """Its name, its texts, and the function that checks a value and raises ValueError."""

    name: str
    default: str
    example: str
    meaning: str
    parse: Callable[[str], Any]
    secret: bool = False
