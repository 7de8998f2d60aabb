"""Posts the result of a run to a web address; a failure is returned as a sentence, never raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from smug2s3.errors import SettingsError
from smug2s3.flow.proxies import failure, proxy_for
from smug2s3.reporting.documents import versioned

LIMIT = 5.0
"""Time limit in seconds: a container that is being stopped has ten."""

NAMED = 20
"""How many files and albums with a problem are listed; the counts cover all."""

CODE = "{exit_code}"
"""Placeholder for the exit code: Healthchecks wants it as the last part of the path."""


def message(summary: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The posted document: ``text`` for services that show a message (Slack, Mattermost), the summary for programs."""
    long = {name: summary[name][:NAMED] for name in ("items", "problems") if name in summary}
    return {"text": text, "summary": versioned({**summary, **long})}


async def post(url: str, summary: Mapping[str, Any], text: str) -> str:
    """Post it; returns why it failed, or an empty string. The URL may contain a secret, so only its host is named."""
    address = url.replace(CODE, str(summary.get("exit_code", "")))
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LIMIT)) as session,
            session.post(
                address, json=message(summary, text), allow_redirects=False, proxy=proxy_for(address)
            ) as answer,
        ):
            return "" if answer.status < 300 else f"it answered {answer.status}"
    except TimeoutError:
        return f"it did not answer within {LIMIT:g} seconds"
    except SettingsError as error:
        return str(error)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        spoken = "cannot connect" if isinstance(error, aiohttp.ClientConnectionError) else ""
        return failure(error, address) or spoken or f"the request failed ({type(error).__name__})"
