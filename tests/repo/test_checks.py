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


def test_mypy_strict_finds_nothing() -> None:
    passes("-m", "mypy")


def test_every_module_of_the_client_says_in_one_line_what_it_is() -> None:
    modules = [path for path in (ROOT / "src" / "smug2s3").rglob("*.py") if path.read_text(encoding="utf-8").strip()]
    silent = [path.name for path in modules if not path.read_text(encoding="utf-8").startswith('"""')]
    assert modules
    assert silent == []


def ran(function: str, call: str) -> subprocess.CompletedProcess[str]:
    """Call a function of `.ci/run` by itself."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    body = script[script.index(f"{function}() {{") :].partition("\n}\n")[0] + "\n}\n"
    command = ["bash", "-c", f"set -euo pipefail\n{body}{call}"]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_a_python_that_is_nowhere_does_not_fail_the_checks() -> None:
    assert ran("pythons", "pythons").returncode == 0


@pytest.mark.parametrize(
    ("codes", "ends_with", "times"),
    [((0,), 0, 1), ((1, 0), 0, 2), ((1, 1), 1, 2), ((1, 5), 5, 2), ((2,), 2, 1), ((130,), 130, 1)],
)
def test_only_tests_that_fail_again_by_themselves_fail_the_checks(
    tmp_path: Path, codes: tuple[int, ...], ends_with: int, times: int
) -> None:
    asked = tmp_path / "asked"
    command = f'suite() {{ echo "$*" >> {asked}; set -- {" ".join(map(str, codes))}; shift $(($(wc -l < {asked}) - 1)); return $1; }}'

    done = ran("tested", f"{command}\ntested suite -q")

    assert done.returncode == ends_with
    first, *again = asked.read_text(encoding="utf-8").splitlines()
    assert (first, len(again)) == ("-q", times - 1)
    assert all("--last-failed" in one for one in again)
    assert ("FAILED" in done.stdout) is bool(again)
