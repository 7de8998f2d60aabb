"""Builds the image and runs it as users do; prints a table, and fails if a line of it does."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path

from smugmug_simulator import worlds
from tests.image.checks import CHECKS, Place
from tests.image.engine import Engine, find_engine, python_image
from tests.support.apart import apart
from tests.support.lived_in import lived_in
from tests.support.servers import local_s3

CONTEXT = "FROM scratch\nCOPY . /\n"
"""An image of what is sent to the builder."""


def main() -> None:
    """Build, run, and say how it went."""
    engine = find_engine()
    base, kind = python_image(engine)
    print(f"{engine.program[-1] if len(engine.program) == 1 else 'podman'}, on {kind}\n")
    with tempfile.TemporaryDirectory() as folder, local_s3() as s3, apart(worlds.tiny()) as account:
        place = Place(engine, Path(folder), base, *build(engine, Path(folder), base), account.sim, s3)
        failed = [sentence for sentence in CHECKS if not passes(sentence, place)]
    sys.exit(f"\n{len(failed)} of {len(CHECKS)} failed" if failed else 0)


def build(engine: Engine, folder: Path, base: str) -> tuple[str, str, str, set[str]]:
    """The image with and without the demo, what it is built from, and what that is to be.

    The files are readable only by their owner, as with a umask of 077.
    """
    source = folder / "source"
    packages = lived_in(source)
    for path in (source, *source.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    (folder / "Context").write_text(CONTEXT)
    argument = ("--build-arg", f"BASE={base}")
    return (
        engine.build(source, "smug2s3-test", *argument),
        engine.build(source, "smug2s3-test-demo", *argument, "--build-arg", "DEMO=yes"),
        engine.build(source, "smug2s3-test-context", "--file", str(folder / "Context")),
        packages,
    )


def passes(sentence: str, place: Place) -> bool:
    """Print its line of the table."""
    try:
        found, well = CHECKS[sentence](place), True
    except Exception:  # noqa: BLE001 - the others still say something
        found, well = traceback.format_exc(limit=-1), False
    print(f"{'ok    ' if well else 'FAILED'}  {sentence}\n        {found}", flush=True)
    return well


if __name__ == "__main__":
    main()
