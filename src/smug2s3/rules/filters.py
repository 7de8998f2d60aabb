"""Which albums a run is about, from globs on their names and folders."""

from __future__ import annotations

from fnmatch import fnmatchcase

from smug2s3.models import Album, Asset, Filters
from smug2s3.rules.keys import fold


def wants_album(filters: Filters, album: Album) -> bool:
    """Whether the album's name or path matches an ``--album`` glob and one of its folders a ``--folder`` glob.

    Case does not count; a folder glob covers everything below the folders it matches.
    """
    names = (album.name, album.path)
    folders = ["/".join(album.folder[:depth]) for depth in range(1, len(album.folder) + 1)]
    return _matches(filters.albums, names) and _matches(filters.folders, (*folders, *album.folder))


def wants_asset(filters: Filters, asset: Asset) -> bool:
    """Whether its kind is asked for."""
    return filters.videos if asset.is_video else filters.photos


def _matches(globs: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return not globs or any(fnmatchcase(fold(name), fold(glob.strip("/"))) for glob in globs for name in names)
