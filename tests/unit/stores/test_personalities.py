"""What was seen of real servers is told to whoever has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from smug2s3.stores.quirks import PERSONALITIES, Personality

PAGE = Path(__file__).parents[3] / "docs" / "destinations" / "own-server.md"


@pytest.mark.parametrize("one", PERSONALITIES.values(), ids=PERSONALITIES)
def test_a_server_that_was_run_is_on_the_page_about_other_servers(one: Personality) -> None:
    assert f"| {one.server}" in PAGE.read_text(encoding="utf-8")
    assert one.seen
    assert one.words
    assert one.differs
