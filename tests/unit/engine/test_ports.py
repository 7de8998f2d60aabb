"""The ledger's ports are small, and ask for nothing that no use case calls."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from smug2s3 import engine
from smug2s3.ledger.ledger import SqliteLedger
from smug2s3.ports import audit, ledger

PORTS = [
    port
    for module in (ledger, audit)
    for port in vars(module).values()
    if inspect.isclass(port) and port.__module__ == module.__name__
]

SEEN_AT_ONCE = 8


def own_methods(port: type) -> list[str]:
    """What it asks for itself, beside what it is made of."""
    return [name for name, value in vars(port).items() if inspect.isfunction(value) and not name.startswith("_")]


def called_by_the_engine() -> set[str]:
    """The name of every method that is called there of a ledger."""
    calls = [
        node.func
        for path in Path(*engine.__path__).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    return {call.attr for call in calls if ast.unparse(call.value).endswith("ledger")}


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_a_port_of_the_ledger_is_seen_at_once_and_the_ledger_has_all_of_it(port: type) -> None:
    assert len(own_methods(port)) <= SEEN_AT_ONCE
    assert [name for name in own_methods(port) if not hasattr(SqliteLedger, name)] == []


def test_every_question_to_the_ledger_stands_in_one_port_and_is_asked_by_a_use_case() -> None:
    asked = [name for port in PORTS for name in own_methods(port)]

    assert len(asked) > 50
    assert sorted(asked) == sorted(called_by_the_engine())
