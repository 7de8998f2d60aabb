"""The documents keep together: links lead somewhere, every command has its page, and quoted messages are real."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from docs.program_help import page_of

from smug2s3.rules.destinations import KINDS, Kind
from tests.repo.test_commands import COMMANDS
from tests.support.documents import (
    DOCS,
    FIRST_HOUR,
    MANY_MACHINES,
    PAGES,
    README,
    ROOT,
    TROUBLESHOOTING,
    USER_DOCUMENTS,
    anchors,
    blocks,
    links,
    spans,
)

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *PAGES]
LANGUAGES = {"": "commands to type", "text": "what the program says", "ini": "settings", "json": "", "python": ""}
MESSAGES = [
    message
    for document in (TROUBLESHOOTING, MANY_MACHINES)
    for line in document.read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
    for message in spans(line.split(" | ")[0])
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(document: Path) -> None:
    for link in links(document):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", USER_DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_says_whether_it_is_typed_or_shown(document: Path) -> None:
    assert {language for language, _ in blocks(document)} <= LANGUAGES.keys()


def test_the_readme_lists_every_command() -> None:
    rows = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| [`smug2s3 ")]
    assert {re.findall(r"`smug2s3 ([^`]+)`", row)[0] for row in rows} == COMMANDS.keys()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_first_hour_shows_what_each_kind_of_store_is_asked(kind: Kind) -> None:
    assert kind.title in FIRST_HOUR.read_text(encoding="utf-8")
    assert kind.question in FIRST_HOUR.read_text(encoding="utf-8")


def test_the_readme_is_read_in_one_go() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page_that_its_own_help_is_written_into(name: str) -> None:
    page = (DOCS / "reference" / f"{page_of(name)}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# smug2s3 {name}\n\n```{{command-help}} {name}\n```\n")


def _sentences() -> list[str]:
    """Every text in the source, with what is put into it left as ``…``."""
    modules = [path.read_text(encoding="utf-8") for path in (ROOT / "src" / "smug2s3").rglob("*.py")]
    return [_text(node) for module in modules for node in ast.walk(ast.parse(module)) if _is_text(node)]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _text(node: ast.AST) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)


SENTENCES = _sentences()


def test_the_messages_are_found() -> None:
    assert len(MESSAGES) > 60


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_that_is_explained_is_one_of_the_programs(message: str) -> None:
    assert any(_says(sentence, message) for sentence in SENTENCES)


def _says(sentence: str, message: str) -> bool:
    """Whether the message is the sentence or a piece of it; what is ``…`` in one may be words in the other."""
    if _pattern(message.strip("… ")).search(sentence):
        return True
    enough_of_its_own = sum(map(str.isalpha, sentence)) >= len("nomatches")
    return enough_of_its_own and _pattern(sentence).fullmatch(message) is not None


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in text.split("…")), re.DOTALL)
