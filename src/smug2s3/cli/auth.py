"""`smug2s3 auth`: shows SmugMug's address, takes the six digits, checks them, keeps the access in `.env`."""

from __future__ import annotations

import sys
import webbrowser

import typer

from smug2s3.app.opening import credentials, open_session, open_source
from smug2s3.cli.console import ending_well, environment, finished, kept, put_text, say
from smug2s3.cli.needed import settings_for
from smug2s3.cli.settings_file import env_file
from smug2s3.env_file import refuse_unwritable
from smug2s3.errors import SignInRefused
from smug2s3.models import Account
from smug2s3.settings import Settings, load
from smug2s3.smugmug import login
from smug2s3.smugmug.oauth import Credentials


def auth(*, open_browser: bool = True) -> None:
    """The whole command."""
    with ending_well():
        found = environment()
        refuse_unwritable(env_file())
        settings = settings_for("key", found={**found, "SMUGMUG_OAUTH_TOKEN": "", "SMUGMUG_OAUTH_TOKEN_SECRET": ""})
        pending = finished(lambda: _begin(settings))
        code = _ask(pending.authorize_url, open_browser=open_browser)
        granted = finished(lambda: _finish(settings, pending, code))
        tokens = {"SMUGMUG_OAUTH_TOKEN": granted.token, "SMUGMUG_OAUTH_TOKEN_SECRET": granted.token_secret}
        account = finished(lambda: _who(load({**found, **tokens}, needs=frozenset({"smugmug"}))))
        _refuse_low_level(account)
        saved = kept(env_file(), {**_key(granted), **tokens}, f"The access is kept in {env_file()}")
    say(f"Signed in as {account.name or account.nickname} ({account.nickname}), with full read access.")
    say(saved)
    say(f"Next: smug2s3 {'check' if settings.bucket else 'plan'}")


async def _begin(settings: Settings) -> login.Pending:
    async with open_session() as session:
        return await login.begin(session, settings.api_origin, credentials(settings))


async def _finish(settings: Settings, pending: login.Pending, code: str) -> Credentials:
    async with open_session() as session:
        return await login.finish(session, settings.api_origin, pending, code)


def _ask(address: str, *, open_browser: bool) -> str:
    """The code, asked for outside of any event loop, so that Ctrl-C works at the prompt."""
    say("Open this address in a browser where you are signed in to SmugMug, and allow access:")
    put_text(f"{address}\n")
    try:
        if (
            open_browser
            and sys.stdin.isatty()
            and typer.confirm("Open it in your browser now?", default=True, err=True)
        ):
            webbrowser.open(address)
        return _six_digits()
    except typer.Abort:
        raise SignInRefused("no code was entered", hint="Run `smug2s3 auth` again and type the six digits.") from None


def _six_digits() -> str:
    """A slip of the fingers at a terminal is asked for again: the code is still good."""
    while True:
        text = str(typer.prompt("The six digits SmugMug shows you", err=True))
        try:
            return login.clean_code(text)
        except SignInRefused as slip:
            if not sys.stdin.isatty():
                raise
            say(f"{slip}; please try again, or press Ctrl-C to stop")


async def _who(settings: Settings) -> Account:
    async with open_source(settings) as source:
        return await source.account()


def _key(granted: Credentials) -> dict[str, str]:
    """The key goes along, so that `.env` alone is enough even if it came from the environment."""
    return {
        "SMUGMUG_OAUTH_CONSUMER_KEY": granted.consumer_key,
        "SMUGMUG_OAUTH_CONSUMER_SECRET": granted.consumer_secret,
    }


def _refuse_low_level(account: Account) -> None:
    if not account.full:
        raise SignInRefused(
            f"{account.nickname} allowed access to public albums only, so private ones would be left behind",
            hint="On SmugMug, remove this app under Account Settings > Privacy > Authorized Services (a level once "
            "given does not change by itself), then run `smug2s3 auth` again and allow full access.",
        )
