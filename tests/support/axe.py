"""axe-core, which finds what keeps people from using a page; fetched by npm, and compared with what it was when chosen."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

from tests.support.browser import Tab

PACKAGE = "axe-core@4.14.1"
INTEGRITY = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
HOW_TO = "install npm (on Debian: apt-get install npm) and let it reach its registry"

_RUN = """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(found =>
  JSON.stringify(found.violations.map(one => [one.id, one.nodes.slice(0, 3).map(node => [node.html.slice(0, 200), node.failureSummary])])))"""


def fetched(folder: Path) -> str | None:
    """Its source text; ``None`` if npm is missing or cannot fetch it."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    pack = [npm, "pack", PACKAGE, "--silent", "--pack-destination", str(folder), "--cache", str(folder / "cache")]
    if subprocess.run(pack, cwd=folder, capture_output=True, check=False).returncode:
        return None
    (archive,) = folder.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    assert f"sha512-{digest}" == INTEGRITY
    with tarfile.open(archive) as package:
        source = package.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()


async def violations(page: Tab, axe: str) -> list[object]:
    """What it finds on the page as it is now."""
    await page.run(f"{axe}; 1")
    found: list[object] = json.loads(await page.run(_RUN))
    return found
