"""Tells NOTIFY_URL how a command ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from smug2s3.reporting.webhook import post
from smug2s3.settings import Settings


async def run_notify(settings: Settings, summary: Mapping[str, Any], text: str) -> str:
    """Post the result of a run to NOTIFY_URL; returns why that failed, or an empty string."""
    address = settings.notify_url
    problem = await post(address, summary, text)
    return f"the notification to {urlsplit(address).hostname} failed: {problem}" if problem else ""
