"""The checks every change must pass; `uv run pytest` is the one command that runs them all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPORT_LINTER = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def passes(*command: str) -> None:
    """Run ``command`` in the project's folder; what it complains of becomes the failure's text."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"


def test_imports_go_down_only_and_the_simulator_shares_nothing() -> None:
    passes("-c", IMPORT_LINTER, "--no-cache")


def test_ruff_finds_nothing() -> None:
    passes("-m", "ruff", "check", ".")


def test_the_code_is_formatted() -> None:
    passes("-m", "ruff", "format", "--check", ".")


@pytest.mark.xdist_group("mypy")
def test_mypy_strict_finds_nothing() -> None:
    passes("-m", "mypy")


def test_every_module_of_the_client_says_in_one_line_what_it_is() -> None:
    modules = [path for path in (ROOT / "src" / "smug2s3").rglob("*.py") if path.read_text(encoding="utf-8").strip()]
    silent = [path.name for path in modules if not path.read_text(encoding="utf-8").startswith('"""')]
    assert modules
    assert silent == []


def test_a_python_that_is_nowhere_does_not_fail_the_checks() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    search = script[script.index("pythons() {") :].partition("\n}\n")[0] + "\n}\n"
    done = subprocess.run(["bash", "-c", f"set -euo pipefail\n{search}pythons"], check=False, capture_output=True)
    assert done.returncode == 0
