"""`smug2s3 auth` as a person goes through it: address, six digits, and a `.env` that holds the access."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dotenv import dotenv_values

from smugmug_simulator import Level, Simulator, worlds
from smugmug_simulator.server import CONSUMER_KEY, KEY_WITHOUT_TERMS
from tests.support.machine import PATIENCE, Machine, Ran
from tests.support.terminal import Terminal, terminal

CONSOLE = Path(__file__).parents[2] / "console.py"


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Machine]:
    """A computer that has an API key and no access yet."""
    async with Simulator(worlds.tiny()) as sim:
        yield newcomer(sim, tmp_path / "home")


def newcomer(sim: Simulator, home: Path) -> Machine:
    """A `.env` with the key alone, and a line of the user's own."""
    home.mkdir()
    settings = {
        "SMUGMUG_OAUTH_CONSUMER_KEY": sim.consumer_key,
        "SMUGMUG_OAUTH_CONSUMER_SECRET": sim.consumer_secret,
        "SMUGMUG_API_ORIGIN": sim.origin,
    }
    machine = Machine(home, settings, [sim.consumer_secret], sim=sim)
    machine.write_env()
    return machine


async def asked(origin: str, path: str) -> dict[str, str]:
    """The simulator's answer to a question over HTTP."""

    def fetch() -> dict[str, str]:
        with urllib.request.urlopen(f"{origin}{path}") as answer:
            found: dict[str, str] = json.load(answer)
            return found

    return await asyncio.to_thread(fetch)


async def sign_in(machine: Machine, *, access: str = "Full", code: str = "", command: tuple[str, ...] = ()) -> Ran:
    """Read the address, allow access as a browser would, type the code (or another one)."""
    assert machine.sim is not None
    arguments = () if command else ("auth", "--no-open")
    async with machine.started(*arguments, command=command or ("-m", "smug2s3")) as process:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        if not line:
            return await machine.ended(process)
        token = line.partition("oauth_token=")[2].partition("&")[0].strip()
        assert "Access=Full" in line
        assert "Permissions=Read" in line
        granted = await asked(
            machine.sim.origin, f"/_simulator/authorize?oauth_token={token}&Access={access}&Permissions=Read"
        )
        ran = await machine.ended(process, typed=f"{code or granted['verifier']}\n")
        return Ran(code=ran.code, out=line + ran.out, err=ran.err)


async def test_the_right_code_signs_in_and_is_kept_in_the_settings_file(fresh: Machine) -> None:
    env = fresh.home / ".env"
    env.write_text("# my notes\nS3_BUCKET=photos\nEXTRA='a b'  # kept\n" + env.read_text())
    env.chmod(0o644)
    assert fresh.sim is not None

    ran = await sign_in(fresh)

    assert ran.code == 0, ran.err
    assert "Tiny Account (tiny)" in ran.err
    assert "full" in ran.err
    assert ran.err.endswith("Next: smug2s3 check\n")
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    text = env.read_text()
    assert text.startswith("# my notes\nS3_BUCKET=photos\nEXTRA='a b'  # kept\n")
    values = dotenv_values(env, interpolate=False)
    assert values["SMUGMUG_OAUTH_CONSUMER_SECRET"] == fresh.sim.consumer_secret
    assert values["SMUGMUG_OAUTH_TOKEN"]
    assert list(fresh.home.iterdir()) == [env]
    for secret in (values["SMUGMUG_OAUTH_TOKEN"], values["SMUGMUG_OAUTH_TOKEN_SECRET"]):
        assert secret is not None
        assert secret not in ran.out + ran.err


async def test_the_code_may_be_pasted_with_spaces(fresh: Machine) -> None:
    assert fresh.sim is not None
    async with fresh.started("auth", "--no-open") as process:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        token = line.partition("oauth_token=")[2].partition("&")[0].strip()
        code = (await asked(fresh.sim.origin, f"/_simulator/authorize?oauth_token={token}&Access=Full"))["verifier"]
        ran = await fresh.ended(process, typed=f"  {code[:3]} {code[3:]} \n")

    assert ran.code == 0, ran.err
    assert ran.err.endswith("Next: smug2s3 plan\n")


async def test_console_py_does_the_same(fresh: Machine) -> None:
    ran = await sign_in(fresh, command=(str(CONSOLE), "--no-open"))

    assert ran.code == 0, ran.err
    assert dotenv_values(fresh.home / ".env")["SMUGMUG_OAUTH_TOKEN"]


async def test_signing_in_again_replaces_the_former_access(fresh: Machine) -> None:
    assert fresh.sim is not None
    fresh.write_env(SMUGMUG_OAUTH_TOKEN=fresh.sim.token, SMUGMUG_OAUTH_TOKEN_SECRET=fresh.sim.token_secret)
    first = dotenv_values(fresh.home / ".env")

    assert (await sign_in(fresh)).code == 0

    second = dotenv_values(fresh.home / ".env")
    assert first.keys() == second.keys()
    assert first["SMUGMUG_OAUTH_TOKEN"] != second["SMUGMUG_OAUTH_TOKEN"]
    assert (fresh.home / ".env").read_text().count("SMUGMUG_OAUTH_TOKEN=") == 1


async def test_a_wrong_code_is_named_with_what_to_do_and_nothing_is_written(fresh: Machine) -> None:
    before = (fresh.home / ".env").read_bytes()

    ran = await sign_in(fresh, code="000000")

    assert ran.code == 3
    assert "did not accept the code" in ran.err
    assert "hint: Run `smug2s3 auth` again" in ran.err
    assert (fresh.home / ".env").read_bytes() == before


async def test_what_is_no_code_at_all_is_not_sent(fresh: Machine) -> None:
    assert fresh.sim is not None

    ran = await sign_in(fresh, code="12345")

    assert ran.code == 3
    assert "six digits" in ran.err
    assert [one.path for one in fresh.sim.requests if "AccessToken" in one.path] == []


async def test_no_code_at_all_is_an_answer_too(fresh: Machine) -> None:
    ran = await fresh.run("auth", "--no-open")

    assert ran.code == 3
    assert "no code was entered" in ran.err


async def test_a_request_that_waited_too_long_is_named(fresh: Machine) -> None:
    assert fresh.sim is not None
    fresh.sim.state.keyring.clock = time.time
    async with fresh.started("auth", "--no-open") as process:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        token = line.partition("oauth_token=")[2].partition("&")[0].strip()
        code = (await asked(fresh.sim.origin, f"/_simulator/authorize?oauth_token={token}&Access=Full"))["verifier"]
        fresh.sim.state.keyring.clock = lambda: time.time() + 299 + 60
        ran = await fresh.ended(process, typed=f"{code}\n")

    assert ran.code == 3
    assert "SmugMug" in ran.err
    assert "hint:" in ran.err


@pytest.mark.parametrize("key", ["nobody-knows-this-key", KEY_WITHOUT_TERMS], ids=["unknown", "without-terms"])
async def test_a_refused_key_is_named(fresh: Machine, key: str) -> None:
    fresh.write_env(SMUGMUG_OAUTH_CONSUMER_KEY=key)

    ran = await sign_in(fresh)

    assert ran.code == 3
    assert "hint:" in ran.err
    assert "SMUGMUG_OAUTH_TOKEN=" not in (fresh.home / ".env").read_text()


async def test_a_wrong_secret_is_named(fresh: Machine) -> None:
    fresh.write_env(SMUGMUG_OAUTH_CONSUMER_SECRET="not-the-secret")

    ran = await sign_in(fresh)

    assert ran.code == 3
    assert "secret" in ran.err
    assert "SMUGMUG_OAUTH_CONSUMER_SECRET" in ran.err


@pytest.mark.parametrize("skew", [-7200, 7200], ids=["two-hours-behind", "two-hours-ahead"])
async def test_a_skewed_clock_is_named(fresh: Machine, skew: int) -> None:
    assert fresh.sim is not None
    fresh.sim.state.keyring.clock = lambda: time.time() + skew

    ran = await sign_in(fresh)

    assert ran.code == 3
    assert "clock" in ran.err
    assert "hint: Set the clock" in ran.err


async def test_access_to_public_albums_alone_is_refused_and_not_kept(fresh: Machine) -> None:
    ran = await sign_in(fresh, access="Public")

    assert ran.code == 3
    assert "public albums only" in ran.err
    assert "hint:" in ran.err
    assert "SMUGMUG_OAUTH_TOKEN" not in (fresh.home / ".env").read_text()


async def test_a_level_granted_earlier_that_does_not_rise_is_explained(tmp_path: Path) -> None:
    async with Simulator(worlds.tiny(), granted=Level("Public", "Read")) as sim:
        machine = newcomer(sim, tmp_path / "home")

        ran = await sign_in(machine)

        assert ran.code == 3
        assert "Authorized Services" in ran.err


async def test_without_a_key_both_variables_are_named(fresh: Machine) -> None:
    fresh.write_env(SMUGMUG_OAUTH_CONSUMER_KEY=None, SMUGMUG_OAUTH_CONSUMER_SECRET=None)

    ran = await fresh.run("auth")

    assert ran.code == 2
    assert "SMUGMUG_OAUTH_CONSUMER_KEY" in ran.err
    assert "SMUGMUG_OAUTH_CONSUMER_SECRET" in ran.err


async def test_an_unreachable_smugmug_is_named(fresh: Machine) -> None:
    fresh.write_env(SMUGMUG_API_ORIGIN="http://127.0.0.1:9")

    ran = await fresh.run("auth")

    assert ran.code == 3
    assert "cannot be reached" in ran.err


at_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo terminals")
SCREENLESS = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "BROWSER": ""}


async def allowed_at(at: Terminal, fresh: Machine) -> str:
    """The six digits for the address that stands on the screen."""
    assert fresh.sim is not None
    token = (await at.sees("&Permissions=Read")).partition("oauth_token=")[2].partition("&")[0]
    return (await asked(fresh.sim.origin, f"/_simulator/authorize?oauth_token={token}&Access=Full"))["verifier"]


@at_a_terminal
async def test_a_browser_is_opened_if_one_says_so_and_it_cannot_draw_over_the_terminal(fresh: Machine) -> None:
    seen = fresh.home.parent / "seen"
    browser = fresh.home.parent / "browser"
    browser.write_text(
        f'#!/bin/sh\necho over it; (exec </dev/tty) 2>/dev/null && echo a terminal; echo "$1" > {seen}\n'
    )
    browser.chmod(0o755)

    async with terminal(fresh.home, "auth", environment={"BROWSER": str(browser)}) as at:
        code = await allowed_at(at, fresh)
        await at.answers(("browser now?", "y"))
        async with asyncio.timeout(PATIENCE):
            while not (seen.exists() and seen.read_text().endswith("Read\n")):
                await asyncio.sleep(0.02)
        await at.answers(("Six-digit code", code))
        assert await at.ends() == 0

    assert "over it" not in at.screen
    assert "a terminal" not in at.screen
    assert dotenv_values(fresh.home / ".env")["SMUGMUG_OAUTH_CONSUMER_KEY"] == CONSUMER_KEY


@at_a_terminal
@pytest.mark.parametrize(
    "environment",
    [SCREENLESS, SCREENLESS | {"BROWSER": "w3m"}, {"DISPLAY": ":0", "BROWSER": "", "SSH_TTY": "/dev/pts/1"}],
    ids=["no display", "a text browser", "SSH"],
)
async def test_where_no_window_opens_nothing_is_offered_and_a_page_may_be_pasted_as_a_whole(
    fresh: Machine, environment: dict[str, str]
) -> None:
    async with terminal(fresh.home, "auth", environment=environment) as at:
        code = await allowed_at(at, fresh)
        await at.sees("Cannot open a browser here")
        await at.sees("Six-digit code from SmugMug: ")
        at.types(f"SmugMug 2026\nYour code is\n{code[:3]} {code[3:]}\nThank you\n")
        assert await at.ends() == 0

    assert "browser now?" not in at.screen
    assert "Signed in as" in at.screen


@at_a_terminal
async def test_at_a_terminal_a_code_that_is_refused_is_asked_for_again(fresh: Machine) -> None:
    async with terminal(fresh.home, "auth", "--no-open") as at:
        code = await allowed_at(at, fresh)
        await at.answers(("Six-digit code", "12345"), ("was entered; try again", f"{(int(code) + 1) % 10**6:06d}"))
        await at.answers(("did not accept the code", code))
        assert await at.ends() == 0

    async with terminal(fresh.home, "auth", "--no-open") as at:
        await allowed_at(at, fresh)
        await at.answers(*[("Six-digit code", "000000")] * 3)
        assert await at.ends() == 3

    assert at.screen.count("did not accept the code") == 3
    assert "hint: Run `smug2s3 auth` again" in at.screen


@at_a_terminal
async def test_ctrl_c_at_a_question_is_no_error(fresh: Machine) -> None:
    for environment, question in (({"BROWSER": "true"}, "browser now?"), (SCREENLESS, "Six-digit code")):
        async with terminal(fresh.home, "auth", environment=environment) as at:
            await at.sees(question)
            assert await at.interrupts() == 130
        assert "Interrupted. Nothing was saved." in at.screen
        assert "error:" not in at.screen
