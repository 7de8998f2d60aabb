"""How an extra is added to what is installed: in the very way in which that was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smug2s3.rules.installation import Installation, command_for

CLONE = {"url": "file:///home/jane/my%20clone", "dir_info": {}}
EDITABLE = {"url": "file:///home/jane/clone", "dir_info": {"editable": True}}
GIT = {
    "url": "https://git.example/smug2s3",
    "vcs_info": {"vcs": "git", "commit_id": "a1", "requested_revision": "main"},
}
WHEEL = {"url": "https://example.org/smug2s3-0.1.0-py3-none-any.whl", "archive_info": {}}


def command(origin: dict[str, Any] | None, *files: str, **found: Any) -> str:
    seen: dict[str, Any] = {"prefix": Path("/venv"), "made_by_uv": False, "has_pip": True, "python": "/venv/bin/python"}
    seen |= {"here": Path("/home/jane/move"), **found}
    return command_for(
        "demo", Installation(origin=json.dumps(origin) if origin else "", files=frozenset(files), **seen)
    )


@pytest.mark.parametrize(
    ("origin", "requirement"),
    [
        (CLONE, "'/home/jane/my clone[demo]'"),
        (GIT, "'smug2s3[demo] @ git+https://git.example/smug2s3@main'"),
        (WHEEL, "'smug2s3[demo] @ https://example.org/smug2s3-0.1.0-py3-none-any.whl'"),
        (None, "'smug2s3[demo]'"),
    ],
)
def test_it_comes_from_where_the_rest_came_from(origin: dict[str, Any] | None, requirement: str) -> None:
    tool = {"made_by_uv": True, "has_pip": False}
    assert command(origin, "bin", "uv-receipt.toml", **tool) == f"uv tool install --force {requirement}"
    assert command(origin, "bin", "pipx_metadata.json", **tool) == f"pipx install --force {requirement}"
    assert command(origin, "bin") == f"/venv/bin/python -m pip install {requirement}"
    assert command(origin, "bin", **tool) == f"uv pip install --python /venv/bin/python {requirement}"


@pytest.mark.parametrize(
    ("here", "project"), [("/home/jane/clone/docs", ""), ("/home/jane/move", "--project /home/jane/clone ")]
)
def test_in_a_clone_with_uv_it_is_a_way_to_run_it(here: str, project: str) -> None:
    found = {"prefix": Path("/home/jane/clone/.venv"), "made_by_uv": True, "has_pip": False, "here": Path(here)}
    assert command(EDITABLE, "bin", **found) == f"uv run {project}--no-dev --extra demo smug2s3 demo"


def test_in_a_clone_without_uv_it_stays_a_clone() -> None:
    found = {"prefix": Path("/home/jane/clone/.venv"), "python": "/home/jane/clone/.venv/bin/python"}
    wanted = "/home/jane/clone/.venv/bin/python -m pip install -e '/home/jane/clone[demo]'"
    assert command(EDITABLE, "bin", **found) == wanted


def test_an_image_is_built_again() -> None:
    found = {"made_by_uv": True, "has_pip": False, "here": Path("/data")}
    assert command(CLONE, "bin", "container-image", **found) == "docker build --build-arg DEMO=yes -t smug2s3 ."


def test_windows_quotes_in_its_own_way() -> None:
    found = {"windows": True, "python": r"C:\Users\Jane Doe\venv\python.exe"}
    wanted = r'& "C:\Users\Jane Doe\venv\python.exe" -m pip install "smug2s3[demo]"'
    assert command(None, "Scripts", **found) == wanted
