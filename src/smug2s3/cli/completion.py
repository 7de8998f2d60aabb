"""Tab completion of album and folder names from the ledger. Errors are never shown."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable

from smug2s3.cli.settings_file import env_file


def albums(incomplete: str) -> list[str]:
    """Albums whose name or path starts with this text."""
    from smug2s3.rules.tab_key import album_words  # noqa: PLC0415 - every command line imports this

    return _offered(album_words, incomplete)


def folders(incomplete: str) -> list[str]:
    """Folders whose name or path starts with this text."""
    from smug2s3.rules.tab_key import folder_words  # noqa: PLC0415 - every command line imports this

    return _offered(folder_words, incomplete)


class _Fitting(str):
    """The candidates, quoted for the shell; Typer would filter them again without regard to the quotes."""

    __slots__ = ()

    def startswith(self, *_typed: object) -> bool:
        return True


def _offered(words: Callable[[Iterable[str]], list[str]], typed: str) -> list[str]:
    from smug2s3.rules.tab_key import offered  # noqa: PLC0415 - every command line imports this

    shell = os.environ.get("_SMUG2S3_COMPLETE", "").removeprefix("complete_")
    try:
        names = words(_paths())
    except Exception:  # noqa: BLE001 - a line of the shell is being typed, and whatever is said would stand in it
        return []
    return [_Fitting(word) for word in offered(names, typed, shell=shell, quoted=_in_quotes())]


def _paths() -> list[str]:
    from smug2s3.env_file import gathered  # noqa: PLC0415 - every command line imports this
    from smug2s3.ledger.status import album_paths  # noqa: PLC0415
    from smug2s3.settings import VARIABLES  # noqa: PLC0415

    ledger = VARIABLES["ledger_path"]
    return album_paths(ledger.parse(gathered(env_file())[ledger.name].text))


def _in_quotes() -> bool:
    """Whether bash completes a word that starts with a quote; other shells quote by themselves."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    place = os.environ.get("COMP_CWORD", "")
    return place.isdecimal() and int(place) < len(words) and bool(re.match("[\"']", words[int(place)]))
