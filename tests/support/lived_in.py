"""A copy of the project as it looks where somebody works and keeps a backup: with settings, ledgers and certificates in it."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("src/smug2s3", "src/smugmug_simulator")

_PARTS = (
    "src", "docs", "deploy", ".gitignore", ".dockerignore", "Dockerfile", "pyproject.toml", "uv.lock",
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", ".env.example",
)  # fmt: skip
_SETTINGS = (".env", "jane.env", "last.log", "transfer_log.db", "transfer_log.db-wal", "certs/client-key.pem")
_LITTER = (
    ".git/config", ".venv/pyvenv.cfg", "dist/smug2s3-0.0.1-py3-none-any.whl", "smug2s3-demo/store/photo.jpg",
    "src/.env", "src/smug2s3/__pycache__/old.cpython-311.pyc", "src/smug2s3/.DS_Store", "docs/jane.env",
    "deploy/kubernetes/.env", "deploy/kubernetes/certs/ca-key.pem",
)  # fmt: skip


def lived_in(folder: Path) -> set[str]:
    """Make the copy; returns the files of the two packages, as paths in it."""
    for part in _PARTS:
        _copy(ROOT / part, folder / part)
    files = {path.relative_to(folder).as_posix() for name in PACKAGES for path in _files(folder / name)}
    for name in (*_SETTINGS, *_LITTER, *(f"src/smug2s3/{name}" for name in _SETTINGS)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(LITTER)
    return files


LITTER = "canary-not-for-anybody-else"
"""What all that does not belong into an image or a package says."""


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
