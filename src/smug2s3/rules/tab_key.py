"""Tab completion of albums and folders: globs that the shell does not change."""

from __future__ import annotations

import re
from collections.abc import Iterable

_AWKWARD = re.compile(r"""[\x00-\x1f\x7f-\x9f"'`$\\*?\[\]:=!]|(?<=\s) |(?! )\s""")
"""Characters with a meaning in globs, quotes or a shell; replaced by ``?`` in a glob."""


def offered(names: Iterable[str], typed: str, *, shell: str, quoted: bool) -> list[str]:
    """The names that start with ``typed``, as written in a line of ``shell``; ``quoted`` after a quotation mark."""
    start = typed.lstrip("\"'")
    globs = dict.fromkeys(_AWKWARD.sub("?", name) for name in names if name)
    return [_in_line(glob, shell, quoted=quoted) for glob in globs if glob.startswith(start)]


def album_words(paths: Iterable[str]) -> list[str]:
    """Candidates for ``--album`` from albums with these paths: names and whole paths."""
    known = list(paths)
    return sorted({path.rpartition("/")[2] for path in known}) + sorted(known)


def folder_words(paths: Iterable[str]) -> list[str]:
    """Candidates for ``--folder`` from albums with these paths: names and whole paths."""
    folders = [path.split("/")[:-1] for path in paths]
    names = {name for folder in folders for name in folder}
    whole = {"/".join(folder[:depth]) for folder in folders for depth in range(1, len(folder) + 1)}
    return sorted(names) + sorted(whole)


def _in_line(glob: str, shell: str, *, quoted: bool) -> str:
    if shell == "bash" and not quoted:
        return re.sub(r"([^\w/.,@%+-])", r"\\\1", glob)
    if shell in ("powershell", "pwsh") and re.search(r"[^\w/.-]", glob):
        return f"'{glob}'"
    return glob  # zsh and fish quote what they insert
