"""Records to start from: complete and ordinary, so that a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from smug2s3.models import Album, Asset, Entry, Known, Node, Proof, Receipt
from smug2s3.rules import metadata
from smug2s3.rules.overview import FileState, Overview, Totals
from smug2s3.rules.plan import Action, Step
from smug2s3.rules.status import PastRun

MD5 = "0cc175b9c0f1b6a831c399e269772661"
OTHER_MD5 = "92eb5ffee6ae2fec3ad71c777531578f"

_ASSET = Asset(
    album_key="AlbumK",
    image_key="ImageK",
    serial=0,
    filename="IMG_1.JPG",
    is_video=False,
    format="JPG",
    uploaded="2020-01-02T03:04:05+00:00",
    url="https://photos.smugmug.com/photos/i-ImageK/0/D/i-ImageK-D.jpg",
    size=1000,
    md5=MD5,
    original=True,
)
_ALBUM = Album(
    key="AlbumK",
    node_id="NodeK",
    name="Christmas",
    folder=("Family", "2019"),
    directory="Family/2019/Christmas",
    images_uri="/api/v2/album/AlbumK!images",
    image_count=2,
    images_last_updated="2020-01-01T00:00:00+00:00",
    last_updated="2020-01-02T00:00:00+00:00",
    original_sizes=2000,
)


def asset(**differences: Any) -> Asset:
    return replace(_ASSET, **differences)


def album(**differences: Any) -> Album:
    return replace(_ALBUM, **differences)


def node(node_id: str, name: str, date_added: str = "2020") -> Node:
    return Node(node_id=node_id, kind="Album", name=name, uri=f"/api/v2/node/{node_id}", date_added=date_added)


def entry(of: Asset, key: str, **differences: Any) -> Entry:
    """What the ledger remembers after ``of`` was moved to ``key``."""
    stored = Entry(
        image_key=of.image_key,
        state=Known.MOVED,
        identity=of.identity,
        key=key,
        name_wanted=key,
        described=metadata.digest(metadata.describe(of)),
    )
    return replace(stored, **differences)


def step(of: Asset, key: str, **differences: Any) -> Step:
    plain = Step(asset=of, action=Action.MOVE, key=key, wanted=key, description=metadata.describe(of))
    return replace(plain, **differences)


def receipt(key: str, **differences: Any) -> Receipt:
    plain = Receipt(key=key, size=1000, md5=MD5, etag=MD5, stored_at="2020-01-02T03:04:05+00:00", proof=Proof.ETAG)
    return replace(plain, **differences)


texts = st.text(st.characters(codec=None), max_size=300)
"""Anything JSON can hold, lone surrogates and control characters too."""

file_names = st.one_of(
    texts,
    st.text("aAbß/.\\~-_ \u0301\u00e9\u3042😀", max_size=40),
    st.builds("{}{}".format, st.sampled_from(["con", "NUL", "com1", "LPT¹", "aux ", "a", "A", ".", "..", ""]), texts),
)
"""Names that are likely to trip over the rules for file systems."""


RUN = PastRun(run="r", began="2026-05-01T08:00:00+00:00", ended="2026-05-01T09:00:00+00:00", summary={"part": False})
WELL = Overview(
    about={"account": "jane"},
    totals=Totals(albums=2, files={FileState.MOVED: 10}, size={FileState.MOVED: 1000}, videos=0, undescribed=0),
    unmoved=(),
    short_albums=(),
    years=(),
    sizes=(),
    bins=(),
    bin_width=60,
    undated=0,
    runs=(RUN,),
    whole_at="2026-05-01T09:00:00+00:00",
    verification=None,
    stored_since=0,
)


def well(**differences: Any) -> Overview:
    """An account of which all is stored."""
    return replace(WELL, **differences)
