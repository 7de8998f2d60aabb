"""The documents keep together: links lead somewhere, every command has its page, and quoted messages are real."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from docs.program_help import page_of

from smug2s3.app.destination import place
from smug2s3.app.sync_runner import Outcome
from smug2s3.cli.summary import sentence
from smug2s3.engine.summary import Summary
from smug2s3.reporting.events import EventReporter
from smug2s3.reporting.lines import Lines
from smug2s3.rules.destinations import KINDS, Kind
from smug2s3.settings import load
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
    prose,
    spans,
)

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *PAGES]
LANGUAGES = {
    "": "commands to type",
    "text": "what the program says",
    "output": "the same in columns, which must not be wrapped",
    "ini": "settings",
    "json": "",
    "python": "",
}
QUAINT = re.compile(
    r"\b(anew|overburdened|put down|(is|are|was) told|as it came in|ended well|at work with|(files|bytes) (were |are )?moved"
    r"|before a move|the movers?|the store|not given by)\b",
    re.IGNORECASE,
)
"""Words that the program and its documents once had where the field has a word of its own."""

MESSAGES = [
    message
    for document in (TROUBLESHOOTING, MANY_MACHINES)
    for line in document.read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
    for message in spans(line.split(" | ")[0])
]


def test_the_pythons_promised_are_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = [line.rpartition(" ")[2] for line in project["classifiers"] if ":: Python :: 3." in line]
    least, *others = promised
    said = rf"Python {least} or newer \(tested on {least}[^)]*; unit and integration tests also on {' and '.join(others)}\)"

    assert project["requires-python"] == f">={least}"
    for document in (README, DOCS / "start" / "install.md"):
        assert re.search(said, document.read_text(encoding="utf-8"))


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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_use_the_words_of_the_field(document: Path) -> None:
    assert [found.group() for found in QUAINT.finditer(document.read_text(encoding="utf-8"))] == []


def test_contributors_are_sent_to_modules_that_exist() -> None:
    named = {span for span in spans((DOCS / "architecture.md").read_text(encoding="utf-8")) if span.endswith(".py")}
    assert len(named) > 60
    assert [name for name in sorted(named) if not (ROOT / "src" / "smug2s3" / name).exists()] == []


def test_the_lines_of_a_night_are_those_of_the_program() -> None:
    said: list[str] = []
    reporter = EventReporter(Lines(said.append, dated=False).on_event)
    outcome = Outcome(summary=Summary(moved=304_116, bytes=1_900_000_000_000, failed=1), seconds=18_733)
    reporter.began("1a2b", place(load({"S3_BUCKET": "my-photos"}, needs=frozenset())), dry_run=False)
    reporter.account("jane", items=304_117)
    reporter.failed("Garden/rose.jpg", "SmugMug", "SmugMug's media host refused the file (403)")
    reporter.ended({}, f"{sentence(outcome, 1)}; exit code 1")

    by_itself, shown = (text for language, text in blocks(DOCS / "guides" / "every-night.md") if language == "text")
    assert [line for line in said if f" {line}\n" not in shown] == []
    well = Outcome(summary=Summary(moved=12, bytes=38_200_000, skipped=304_105), seconds=245)
    assert f" {sentence(well, 0)}; exit code 0; next run 2026-11-22 03:00\n" in by_itself


def test_the_notification_shown_has_the_sentence_of_the_program() -> None:
    outcome = Outcome(summary=Summary(moved=12, bytes=38_200_000, skipped=304_105), seconds=245)
    shown = next(text for language, text in blocks(DOCS / "reference" / "notifications.md") if language == "json")
    assert json.loads(shown)["text"] == f"smug2s3 sync: {sentence(outcome, 0)}"


@cache
def sentences() -> list[str]:
    """Every text in the source, with what is put into it left as ``…``."""
    modules = [path.read_text(encoding="utf-8") for path in (ROOT / "src" / "smug2s3").rglob("*.py")]
    return [_text(node) for module in modules for node in ast.walk(ast.parse(module)) if _is_text(node)]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _text(node: ast.AST) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)


SAID = sorted({span for page in PAGES for span in spans(prose(page)) if re.match(r"[A-Z][a-z]+ [A-Za-z]+ \w+", span)})


def test_the_messages_are_found() -> None:
    assert len(MESSAGES) > 60


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_that_is_explained_is_one_of_the_programs(message: str) -> None:
    assert any(_says(sentence, message) for sentence in sentences())


@pytest.mark.parametrize("message", SAID)
def test_every_sentence_quoted_elsewhere_is_one_of_the_programs(message: str) -> None:
    assert any(_says(sentence, message) for sentence in sentences())


def _says(sentence: str, message: str) -> bool:
    """Whether the message is the sentence or a piece of it; what is ``…`` in one may be words in the other."""
    if _pattern(message.strip("… ")).search(sentence):
        return True
    enough_of_its_own = sum(map(str.isalpha, sentence)) >= len("nomatches")
    return enough_of_its_own and _pattern(sentence).fullmatch(message) is not None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in text.split("…")), re.DOTALL)
