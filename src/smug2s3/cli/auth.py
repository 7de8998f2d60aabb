"""`smug2s3 auth`: shows SmugMug's address, asks for the six digits, checks them, saves the credentials in `.env`."""

from __future__ import annotations

import select
import sys
from functools import partial

import typer

from smug2s3.app.factories import credentials, open_session, open_source
from smug2s3.cli.browser import can_open, open_page
from smug2s3.cli.console import environment, error_boundary, finished, kept, put_text, say
from smug2s3.cli.needed import settings_for
from smug2s3.cli.settings_file import env_file
from smug2s3.env_file import refuse_unwritable
from smug2s3.errors import CodeRefused, SignInRefused
from smug2s3.models import Account
from smug2s3.rules.pasted import unwrapped
from smug2s3.settings import Settings, load
from smug2s3.smugmug import login
from smug2s3.smugmug.oauth import Credentials

CODES_TRIED = 3

AT_ONCE = 0.05
"""Seconds in which the lines of one paste follow each other."""


def auth(*, open_browser: bool = True) -> None:
    """Run the command."""
    with error_boundary():
        found = environment()
        refuse_unwritable(env_file())
        settings = settings_for("key", found={**found, "SMUGMUG_OAUTH_TOKEN": "", "SMUGMUG_OAUTH_TOKEN_SECRET": ""})
        pending = finished(lambda: _begin(settings))
        try:
            _show(pending.authorize_url, open_browser=open_browser)
            granted = _allowed(settings, pending)
        except typer.Abort as aborted:
            if isinstance(aborted.__context__, KeyboardInterrupt):
                say("\nInterrupted. Nothing was saved.")
                raise KeyboardInterrupt from None
            hint = "Run `smug2s3 auth` again and enter the six digits."
            raise SignInRefused("no code was entered", hint=hint) from None
        tokens = {"SMUGMUG_OAUTH_TOKEN": granted.token, "SMUGMUG_OAUTH_TOKEN_SECRET": granted.token_secret}
        account = finished(lambda: _who(load({**found, **tokens}, needs=frozenset({"smugmug"}))))
        _refuse_low_level(account)
        saved = kept(env_file(), {**_key(granted), **tokens}, f"Saved the credentials in {env_file()}")
    say(f"Signed in as {account.name or account.nickname} ({account.nickname}), with full read access.")
    say(saved)
    say(f"Next: smug2s3 {'check' if settings.bucket else 'plan'}")


async def _begin(settings: Settings) -> login.Pending:
    async with open_session() as session:
        return await login.begin(session, settings.api_origin, credentials(settings))


async def _finish(settings: Settings, pending: login.Pending, code: str) -> Credentials:
    async with open_session() as session:
        return await login.finish(session, settings.api_origin, pending, code)


def _show(address: str, *, open_browser: bool) -> None:
    """Where to allow access. A browser is only offered if it opens in its own window."""
    say("Open this address in a browser where you are signed in to SmugMug, and allow access:")
    put_text(f"{address}\n")
    if not (open_browser and sys.stdin.isatty()):
        return
    if not can_open():
        say("Cannot open a browser here. Use one on another computer or on a phone.")
    elif typer.confirm("Open it in your browser now?", default=True, err=True):
        open_page(address)


def _allowed(settings: Settings, pending: login.Pending) -> Credentials:
    """Exchange the code for a token. At a terminal, ask again if SmugMug refuses it: the address stays valid."""
    left = CODES_TRIED
    while True:
        code = _six_digits()
        left -= 1
        try:
            return finished(partial(_finish, settings, pending, code))
        except CodeRefused as refused:
            if not left or not sys.stdin.isatty():
                raise
            say(f"{refused}; {_AGAIN}")


_AGAIN = "try again, or press Ctrl-C to quit"


def _six_digits() -> str:
    """Ask for the code, and at a terminal again after a typing error.

    Runs outside of any event loop, so that Ctrl-C works at the prompt.
    """
    while True:
        try:
            return login.clean_code(_answer())
        except CodeRefused as slip:
            if not sys.stdin.isatty():
                raise
            say(f"{slip}; {_AGAIN}")


def _answer() -> str:
    """What was typed or pasted, with further pasted lines, which would go to the shell otherwise."""
    lines = [str(typer.prompt("Six-digit code from SmugMug", err=True))]
    if sys.platform != "win32" and sys.stdin.isatty():
        while select.select([sys.stdin], [], [], AT_ONCE)[0] and (line := sys.stdin.readline()):
            lines.append(line)
    return unwrapped("\n".join(lines))


async def _who(settings: Settings) -> Account:
    async with open_source(settings) as source:
        return await source.account()


def _key(granted: Credentials) -> dict[str, str]:
    """The API key to save as well, so that `.env` is enough even if the key came from the environment."""
    return {
        "SMUGMUG_OAUTH_CONSUMER_KEY": granted.consumer_key,
        "SMUGMUG_OAUTH_CONSUMER_SECRET": granted.consumer_secret,
    }


def _refuse_low_level(account: Account) -> None:
    if not account.full:
        raise SignInRefused(
            f"{account.nickname} allowed access to public albums only, so private albums would not be copied",
            hint="On SmugMug, remove this app under Account Settings > Privacy > Authorized Services (a level once "
            "given does not change by itself), then run `smug2s3 auth` again and allow full access.",
        )
