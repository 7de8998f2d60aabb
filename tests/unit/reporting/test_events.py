"""Every event has one name, its fields and a sentence; all who listen hear all of them, and the reference names them."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from smug2s3.ports.reporter import Reporter
from smug2s3.reporting.composite import CompositeReporter
from smug2s3.reporting.events import Event, EventReporter, Weight, warning
from smug2s3.reporting.progress import Progress

LOG_FILE = Path(__file__).parents[3] / "docs" / "reference" / "log-file.md"

CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "began": (("1a2b", "photos at AWS"), {"dry_run": False}),
    "account": (("demo",), {"items": 3}),
    "album": (("A",), {"count": 3, "size": 30}),
    "walked": ((), {}),
    "planned": (("A",), {"count": 3, "files": 2, "size": 20, "skipped": 1}),
    "settled": (("A",), {"complete": True}),
    "started": (("A/x.jpg", 10), {}),
    "advanced": (("A/x.jpg", 10), {}),
    "moved": (("A/x.jpg", 10), {}),
    "kept": (("A/y.jpg",), {}),
    "not_updated": (("A/y.jpg", "store", "it is locked"), {}),
    "failed": (("A/z.jpg", "store", "it is full"), {}),
    "unavailable": (("A/v.mp4", "still processing"), {}),
    "previewing": ((2, 300_000), {}),
    "previewed": (("_gallery/A/thumbnails/x.jpg-S.jpg", 10), {}),
    "preview_left": (("_gallery/A/thumbnails/y.jpg-S.jpg",), {}),
    "preview_failed": (("_gallery/A/thumbnails/z.jpg-S.jpg", "SmugMug", "it was busy"), {}),
    "retried": (("A/x.jpg", "SmugMug", "it was busy"), {}),
    "paused": ((30.0,), {}),
    "away": (("the store", datetime(2026, 11, 21, 14, 3, tzinfo=UTC), "nobody there", 3600.0), {}),
    "back": (("the store", 125.0), {}),
    "workers": (([],), {}),
    "allowance": ((99, 1e9), {}),
    "note": (("hello",), {}),
    "ended": (({"moved": 1, "exit_code": 0}, "completed"), {}),
}
EVENTS = [name for name, method in inspect.getmembers(Reporter, inspect.isfunction) if not name.startswith("_")]


def everything_told(reporter: Reporter) -> None:
    for name, (given, named) in CALLS.items():
        getattr(reporter, name)(*given, **named)


def heard() -> list[Event]:
    events: list[Event] = []
    everything_told(EventReporter(events.append))
    return events


def test_this_suite_knows_every_event() -> None:
    assert sorted(EVENTS) == sorted(CALLS)


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_goes_to_all_who_listen_as_it_came(name: str) -> None:
    calls: list[tuple[Any, ...]] = []

    class Listener(Reporter):
        pass

    def note(self: Reporter, *given: object, **named: object) -> None:
        calls.append((self, given, named))

    setattr(Listener, name, note)
    first, second = Listener(), Listener()
    given, named = CALLS[name]
    getattr(CompositeReporter(first, second), name)(*given, **named)
    assert calls == [(first, given, named), (second, given, named)]


def test_a_plain_reporter_accepts_every_event() -> None:
    everything_told(Reporter())
    everything_told(Progress())


@pytest.mark.parametrize("event", heard(), ids=lambda event: event.name)
def test_the_reference_says_what_each_event_is_and_what_its_fields_are(event: Event) -> None:
    (row,) = [
        line for line in LOG_FILE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{event.name}` |")
    ]
    if event.name != "summary":
        assert set(re.findall(r"`(\w+)`", row)) == {event.name, *event.fields}


def test_the_same_sentence_for_every_listener_and_no_control_characters_in_it() -> None:
    first: list[Event] = []
    second: list[Event] = []
    EventReporter(first.append, second.append).note("a\x1b\nb")
    assert first == second
    assert first[0].sentence == "note: a\ufffd\ufffdb"


def test_a_reason_that_names_its_side_names_it_once() -> None:
    events: list[Event] = []
    EventReporter(events.append).failed("a.jpg", "SmugMug", "SmugMug has no such file")
    assert events[0].sentence == "failed: a.jpg (SmugMug has no such file)"


def test_an_outage_is_reported_with_its_start_and_end() -> None:
    events: list[Event] = []
    event_reporter = EventReporter(events.append)
    event_reporter.away("the store", datetime(2026, 11, 21, 14, 3, tzinfo=UTC), "no connection", 3600.0)
    event_reporter.back("the store", 125.0)
    assert [event.sentence for event in events] == [
        "note: cannot reach the storage (no connection); nothing is lost, retrying for up to 1 h",
        "note: the storage is reachable again after 2 min 05 s; continuing",
    ]
    assert {event.weight for event in events} == {Weight.NOTE}


def test_a_warning_is_shown_even_if_only_failures_are() -> None:
    assert warning("x").weight == max(event.weight for event in heard())
