"""What a person sees while files move: bars on a terminal, plain lines elsewhere, a log file, a word to a webhook."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from rich.cells import cell_len

from smugmug_simulator import Fault
from tests.support import slow_ending
from tests.support.bucket import Bucket
from tests.support.fault_proxy import FaultProxy, StoreFault, fault_proxy
from tests.support.machine import PATIENCE, Machine
from tests.support.tty import at_a_terminal

SLOW_ENDING = str(Path(slow_ending.__file__))

posix = pytest.mark.skipif(os.name == "nt", reason="another kind of terminal")

ROSE = "Garden/rose.jpg"


@pytest.fixture
async def stuck(machine: Machine, bucket: Bucket) -> AsyncIterator[FaultProxy]:
    """The store takes all files but one, and that never ends."""
    stall = StoreFault(action="stall", method="PUT", path="*rose*", times=None)
    async with fault_proxy(bucket.server.endpoint, stall) as proxy:
        machine.write_env(S3_ENDPOINT_URL=proxy.endpoint)
        yield proxy


@posix
@pytest.mark.usefixtures("stuck")
async def test_on_a_terminal_it_draws_transfers_and_ctrl_c_says_at_once_what_happens_to_them(
    machine: Machine,
) -> None:
    async with at_a_terminal(machine, "sync") as terminal:
        await terminal.until("started: copying SmugMug account tiny (6 items) to bucket ")
        await terminal.until("5 of 6 files")
        await terminal.until(ROSE)
        assert "album" in terminal.text
        assert "API calls left" in terminal.text
        assert terminal.cursor_hidden
        terminal.press("\x03")
        await terminal.until("stopping: cancelling 1 transfer; finished files are kept.")
        assert await terminal.ended() == 130
        assert "Run the same command again to continue." in terminal.text
        assert "Copied 5 files" in terminal.text
        assert not terminal.cursor_hidden


@posix
@pytest.mark.usefixtures("stuck")
async def test_a_second_ctrl_c_leaves_at_once_and_gives_the_cursor_back(machine: Machine) -> None:
    async with at_a_terminal(machine, "sync", command=(SLOW_ENDING,)) as terminal:
        await terminal.until(ROSE)
        terminal.press("\x03")
        async with asyncio.timeout(PATIENCE):
            while not (machine.home / "saving").exists():
                await asyncio.sleep(0.01)
        terminal.press("\x03")
        assert await terminal.ended() == 130
        assert "Quit at once." in terminal.text
        assert not terminal.cursor_hidden


@posix
@pytest.mark.parametrize("columns", [20, 60, 120])
@pytest.mark.usefixtures("stuck")
async def test_whatever_the_size_of_the_window_the_display_stays_in_it(machine: Machine, columns: int) -> None:
    async with at_a_terminal(machine, "sync", columns=columns, rows=10) as terminal:
        await terminal.until("99 %")
        terminal.resize(41, 10)
        await terminal.until(f" {ROSE}")
        terminal.press("\x03")
        await terminal.until("stopping")
        frames = terminal.text.partition("stopping")[0]
        assert max(len(line) for line in re.split(r"[\r\n]+", frames)) < max(columns, 41)
        await terminal.ended()


@posix
@pytest.mark.parametrize("columns", [60, 80, 120])
async def test_tables_keep_their_columns_on_a_terminal_with_colours(machine: Machine, columns: int) -> None:
    """Each row goes on below where its last column begins: what colours it takes no room."""
    assert machine.sim is not None
    machine.sim.world.add_album("\u65c5\u884c" * 20 + " e\u0301te\u0301")
    async with at_a_terminal(machine, "check", columns=columns) as terminal:
        assert await terminal.ended() == 0
        text = terminal.text.replace("\r", "")
        table = text[text.index("where  ") : text.index("Ready")].splitlines()
        assert "\x1b[32mok" in terminal.raw
    begins = table[0].index("meaning")
    assert [row for row in table[1:] if row[begins - 1] != " " or row[begins] == " "] == []
    assert max(map(len, table)) <= columns
    async with at_a_terminal(machine, "plan", columns=columns) as terminal:
        assert await terminal.ended() == 0
        plan = terminal.text.replace("\r", "").partition("tiny: ")[2].splitlines()
    assert "\x1b[" in terminal.raw
    assert max(map(cell_len, plan)) <= columns
    assert sum(bool(re.match(r" *[\d,.?]+( [kMG]?B)?  +[\d,]+  \S", row)) for row in plan) == 4


@posix
@pytest.mark.parametrize(
    ("environment", "sequences"),
    [
        pytest.param({"NO_COLOR": "1"}, r"\x1b\[(\?25[hl]|2K|\dA|[0-2]?m)", id="NO_COLOR"),
        pytest.param({"TERM": "dumb"}, r"(?!)", id="dumb"),
    ],
)
async def test_a_terminal_gets_no_more_than_it_asks_for(
    machine: Machine, environment: dict[str, str], sequences: str
) -> None:
    async with at_a_terminal(machine, "sync", environment=environment) as terminal:
        assert await terminal.ended() == 0
        assert "Copied 6 files" in terminal.text
        assert re.sub(sequences, "", terminal.raw).count("\x1b") == 0


async def test_without_a_terminal_it_speaks_at_the_beginning_and_the_end_in_plain_lines(machine: Machine) -> None:
    ran = await machine.run("sync", environment={"FORCE_COLOR": "1", "TERM": "xterm-256color"})

    started, ended = ran.err.splitlines()
    assert re.fullmatch(r"[\d-]{10} [\d:]{8} \w+ started: copying SmugMug account tiny \(6 items\) to .*", started)
    assert re.fullmatch(r"[\d-]{10} [\d:]{8} ended: completed; 6 copied \(.*\) in \d+ s; exit code 0", ended)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", ran.err + ran.out)
    assert ran.out.splitlines()[-1] == "Next: smug2s3 verify"


async def test_verbose_every_file_has_a_line_and_what_is_tried_again_too(machine: Machine) -> None:
    assert machine.sim is not None
    machine.sim.faults.add(Fault(action="corrupt", kind="media", path="*rose*", times=1))

    ran = await machine.run("sync", "-v")

    assert len(re.findall(r" copied: .*/.* \(\d", ran.err)) == 6
    assert len(re.findall(rf" retrying: {ROSE} \(", ran.err)) == 1


async def test_quiet_only_what_failed_and_the_last_line(machine: Machine) -> None:
    assert machine.sim is not None
    machine.sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=1))

    bad = await machine.run("sync", "-q")
    good = await machine.run("sync", "--quiet")

    assert [line.split(" ", 3)[3].partition(" (")[0] for line in bad.err.splitlines()] == [f"failed: {ROSE}"]
    assert re.fullmatch(r"Copied 5 files .*, 1 failed\.\n", bad.out)
    assert (good.err, good.out.count("\n")) == ("", 1)


async def test_what_failed_is_named_at_the_end_with_what_to_do(machine: Machine) -> None:
    assert machine.sim is not None
    machine.sim.faults.add(Fault(action="status", status=403, kind="media", path="*.jpg*", times=None))

    lines = (await machine.run("sync")).out.splitlines()

    failed = lines[lines.index("Failed:") + 1]
    assert re.fullmatch(r"  5 x SmugMug .* \(403\)", failed)
    assert "`smug2s3 status --failed` lists every file and what to do." in lines
    assert lines[-1] == "Next: smug2s3 sync"


async def test_a_log_file_has_every_event_and_a_later_run_adds_to_it(machine: Machine) -> None:
    assert machine.sim is not None
    machine.sim.faults.add(Fault(action="status", status=403, kind="media", path="*rose*", times=1))
    log = machine.home / "sync.log"

    first = await machine.run("sync", "-q", "--log-file", "sync.log", "--log-format", "json")
    events = [json.loads(line) for line in log.read_text().splitlines()]
    await machine.run("sync", "-q", "--log-file", "sync.log")
    lines = log.read_text().splitlines()[len(events) :]

    names = [event["event"] for event in events]
    assert names[:2] == ["run_started", "account"]
    assert [names.count(name) for name in ("album_found", "album_planned", "album_done")] == [3, 3, 3]
    assert (names.count("file_moved"), names.count("file_failed")) == (5, 1)
    assert events[-1].items() >= {"event": "summary", "moved": 5, "failed": 1, "exit_code": 1}.items()
    assert first.code == 1
    assert any(f" copied: {ROSE} (" in line for line in lines)
    assert " ended: completed; 1 copied" in lines[-1]
    assert not any(secret in log.read_text() for secret in machine.secrets)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
async def test_a_log_file_whose_disk_is_full_is_said_and_the_run_goes_on(machine: Machine) -> None:
    ran = await machine.run("sync", "-q", "--log-file", "/dev/full")

    assert ran.code == 0
    assert ran.err.count("cannot write the log file /dev/full any more") == 1
    machine.assert_complete()


BAD = {
    "loud and quiet": (["-v", "-q"], "--verbose and --quiet contradict each other"),
    "unknown format": (["--log-file", "x", "--log-format", "xml"], "'xml' is not a log format"),
    "format of no file": (["--log-format", "json"], "--log-format needs a log file"),
    "a folder": (["--log-file", "."], "cannot write the log file .: Is a directory"),
    "no folder": (["--log-file", "nowhere/x"], "cannot write the log file nowhere/x: No such file or directory"),
    "the ledger": (
        ["--log-file", "./transfer_log.db"],
        "transfer_log.db is not a log file: smug2s3 uses it for something else",
    ),
    "the settings": (["--log-file", ".env"], ".env is not a log file: smug2s3 uses it for something else"),
    "no address": (["--notify-url", "hooks.example/geheim"], "NOTIFY_URL must be a full address"),
    "plain http": (["--notify-url", "http://hooks.example/geheim"], "NOTIFY_URL must begin with https://"),
    "half an address": (["--notify-url", "https://geheim:x@[half/"], "NOTIFY_URL must be a full address"),
}


@pytest.mark.parametrize(("options", "words"), BAD.values(), ids=BAD)
async def test_what_makes_no_sense_is_refused_in_one_sentence_before_anything_starts(
    machine: Machine, options: list[str], words: str
) -> None:
    before = (machine.home / ".env").read_text()

    ran = await machine.run("sync", *options)

    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert ran.err.count("error:") == ran.err.count("hint:") == 1
    assert "geheim" not in ran.err
    assert machine.sim is not None
    assert machine.sim.count("api") == 0
    assert (machine.home / ".env").read_text() == before


@asynccontextmanager
async def receiver(status: int = 200) -> AsyncIterator[tuple[str, list[Any]]]:
    """A webhook: its address, and all that was posted to it."""
    got: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/geheim", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/geheim", got
    finally:
        await runner.cleanup()


async def test_a_webhook_gets_success_and_failure_but_not_dry_runs(machine: Machine) -> None:
    machine.secrets.append("geheim")
    assert machine.sim is not None
    async with receiver() as (address, got):
        machine.write_env(NOTIFY_URL=address)
        await machine.run("sync", "--dry-run")
        well = await machine.run("sync", "--json", "--log-file", "log")
        machine.sim.state.keyring.revoke(machine.sim.token)
        badly = await machine.run("sync", "--json")

    first, second = got
    assert first["text"].startswith("smug2s3 sync: completed; 6 copied (")
    assert first["summary"] == well.json | {"exit_code": 0}
    assert second["text"].startswith("smug2s3 sync: stopped by an error (SmugMug refused the sign-in")
    assert second["summary"] == badly.json
    assert second["summary"]["exit_code"] == 3
    assert "geheim" not in (machine.home / "log").read_text()


async def test_a_webhook_gets_an_interruption(machine: Machine, stuck: FaultProxy) -> None:
    async with receiver() as (address, got), machine.started("sync", "--notify-url", address) as process:
        await asyncio.wait_for(stuck.stalled.wait(), PATIENCE)
        process.send_signal(signal.SIGINT)
        await machine.ended(process, timeout=15)

    (only,) = got
    assert only["text"].startswith("smug2s3 sync: interrupted; ")
    assert only["summary"]["exit_code"] == 130


@posix
@pytest.mark.parametrize("json", [False, True], ids=["lines", "json"])
async def test_a_terminal_that_is_closed_is_an_interruption_with_clean_up_last_line_and_notification(
    machine: Machine, stuck: FaultProxy, json: bool
) -> None:
    options = ["--log-file=~/sync.log", *(["--json"] if json else [])]
    home = {"HOME": str(machine.home)}
    async with receiver() as (address, got):
        async with at_a_terminal(machine, "sync", "--notify-url", address, *options, environment=home) as terminal:
            await asyncio.wait_for(stuck.stalled.wait(), PATIENCE)
            await terminal.until("5 of 6 files")
            terminal.close()
            terminal.process.send_signal(signal.SIGHUP)  # the shell says it, too
            assert await terminal.ended() == 129
        (only,) = got

    assert only["text"].startswith("smug2s3 sync: interrupted; 5 copied")
    assert "interrupted; 5 copied" in (machine.home / "sync.log").read_text().splitlines()[-1]
    assert not (machine.home / "transfer_log.db.lock").exists()
    assert (await machine.run("status", "--json")).json["runs"][0]["ending"] == "interrupted"


@posix
async def test_under_nohup_a_closed_terminal_changes_nothing(machine: Machine, stuck: FaultProxy) -> None:
    ignoring = "import os, runpy, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
    ignoring += "runpy.run_module('smug2s3', run_name='__main__')"
    async with at_a_terminal(machine, "sync", command=("-c", ignoring)) as terminal:
        await asyncio.wait_for(stuck.stalled.wait(), PATIENCE)
        await terminal.until(ROSE)
        terminal.close()
        await asyncio.sleep(0.6)  # some frames that nobody sees
        stuck.script()
        await stuck.go_away()
        await stuck.come_back()
        assert await terminal.ended() == 0
    assert machine.sim is not None
    assert machine.bucket is not None
    machine.assert_complete()


async def test_a_webhook_that_fails_is_said_in_one_line_and_changes_nothing(machine: Machine) -> None:
    machine.secrets.append("geheim")
    async with receiver(status=500) as (address, got):
        ran = await machine.run("sync", "-q", "--log-file", "log", environment={"NOTIFY_URL": address})

    assert (ran.code, len(got)) == (0, 1)
    (line,) = ran.err.splitlines()
    assert line.endswith("note: the notification to 127.0.0.1 failed: it answered 500")
    assert line[line.index("note: ") :] in (machine.home / "log").read_text()


@posix
async def test_a_verification_shows_how_far_it_is_on_a_terminal_and_draws_nothing_elsewhere(machine: Machine) -> None:
    await machine.inside.sync()

    plain = await machine.run("verify", "--deep", environment={"FORCE_COLOR": "1"})
    async with at_a_terminal(machine, "verify", "--deep", "--head") as terminal:
        assert await terminal.ended() == 0

    assert (plain.code, plain.err) == (0, "")
    assert "read back (" in terminal.text
    assert not terminal.cursor_hidden
