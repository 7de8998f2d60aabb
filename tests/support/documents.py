"""What the documents hold: commands to type, links, quoted messages, and what sections are called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
FIRST_HOUR = DOCS / "start" / "first-hour.md"
JSON = DOCS / "reference" / "json.md"
METADATA = DOCS / "concepts" / "metadata.md"
TROUBLESHOOTING = DOCS / "troubleshooting.md"
MANY_MACHINES = DOCS / "guides" / "many-machines.md"
PAGES = sorted(DOCS.rglob("*.md"))
USER_DOCUMENTS = (README, *PAGES)

_BLOCK = re.compile(r"^ *```(\{[\w-]+\}[^\n]*|\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_SCHEDULE = re.compile(r"^(?:[\d*/,-]+ ){5}")
_REDIRECTION = re.compile(r" 2?> \S+")


def blocks(document: Path) -> list[tuple[str, str]]:
    """Every fenced block that is shown as it stands: the language it names, and what it says."""
    return [(kind, text) for kind, text in _BLOCK.findall(document.read_text(encoding="utf-8")) if "{" not in kind]


def prose(document: Path) -> str:
    """All that is outside of fenced blocks."""
    return _BLOCK.sub("", document.read_text(encoding="utf-8"))


def spans(text: str) -> list[str]:
    """Everything between backquotes."""
    return _SPAN.findall(text)


def commands(document: Path) -> list[str]:
    """Every command once, as one types it: what blocks without a language say, and what prose quotes of smug2s3."""
    typed = [line.strip() for language, text in blocks(document) if not language for line in text.splitlines()]
    quoted = [span for span in spans(prose(document)) if re.match(r"(uv run )?smug2s3 \S", span)]
    return list(dict.fromkeys(part for line in (*typed, *quoted) for part in _parts(line)))


def _parts(line: str) -> Iterator[str]:
    """The commands of a line, without when cron runs it and where its output goes."""
    for part in _SCHEDULE.sub("", line).split(" && "):
        yield _REDIRECTION.sub("", part)


def anchors(document: Path) -> set[str]:
    """What a link to a heading ends with."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> list[str]:
    """Where its links lead to within the project."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(document))
    return [link for link in found if not link.startswith("http")]


def part_of(document: Path, heading: str) -> str:
    """What stands under a heading, up to the next one that is not below it."""
    text = document.read_text(encoding="utf-8")
    assert f"\n{heading}\n" in text, heading
    level = heading.partition(" ")[0]
    return re.split(rf"^#{{2,{len(level)}}} ", text.partition(f"\n{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
