"""NAME_TEMPLATE: the name of a file in the bucket, made of what SmugMug says about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from string import Formatter

from smug2s3.models import Asset
from smug2s3.rules import keys

FIELDS = ("FileName", "ImageKey", "ArchivedMD5", "UploadKey", "Title", "Date")

_LIST = "{FileName}, {ImageKey}, {ArchivedMD5}, {UploadKey}, {Title} and {Date:%Y-%m-%d}"
_DIRECTIVES = "YymdHMSjBbAaIpGVuUWw"
"""Those that mean the same on every system."""
_DATE = "%Y-%m-%d"
_OLDEST = 1800
"""No photo is older; a camera without a date writes the year 0 or 1."""
_LONGEST = 200
UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template: literal text, then a field (empty for none) and its format."""

    literal: str
    field: str
    form: str


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """A valid template."""

    text: str
    parts: tuple[Part, ...]

    def name(self, asset: Asset, plain: str, kind: str) -> str:
        """The file name of ``asset``, safe everywhere, with the extension of its ``plain`` name.

        A file whose plain name has none gets that of its ``kind``. Never empty: what SmugMug does not know is
        replaced by what it does.
        """
        stem, suffix = keys.split_suffix(plain)
        if not suffix:
            suffix = keys.split_suffix(keys.safe_name(f"x.{kind}", fallback="x"))[1]
        filled = "".join(part.literal + _value(part, asset, stem) for part in self.parts)
        return keys.safe_name(filled.strip() + suffix, fallback=asset.image_key + suffix)


def _value(part: Part, asset: Asset, stem: str) -> str:
    if not part.field:
        return ""
    if part.field == "Date":
        return _dated(asset, part.form)
    known = {
        "FileName": stem,
        "ImageKey": asset.image_key,
        "ArchivedMD5": asset.md5 or "",
        "UploadKey": asset.upload_key,
        "Title": asset.title or stem,
    }
    return keys.safe_name(known[part.field], fallback="") or (stem if part.field == "Title" else asset.image_key)


def _dated(asset: Asset, form: str) -> str:
    """When it was taken or, if that is unknown, uploaded, by the clock it was written with."""
    for moment in (asset.date, asset.uploaded):
        try:
            found = datetime.fromisoformat(moment[:19])
        except ValueError:
            continue
        if found.year >= _OLDEST:
            return found.strftime(form)
    return UNDATED


def read_template(text: str) -> NameTemplate:
    """Parse a template; raises ValueError with what is wrong and what would be right."""
    text = text.strip()
    if len(text) > _LONGEST or re.search(r"[\x00-\x1f\x7f/\\]", text):
        raise ValueError(
            f"must be at most {_LONGEST} characters without slashes: it names files, and their folders are SmugMug's"
        )
    try:
        parts = tuple(_parts(text))
    except ValueError as error:
        raise ValueError(f"is not a valid template: {error}; the fields are {_LIST}") from None
    if not any(part.field for part in parts):
        raise ValueError(f"would give all files the same name: use at least one of {_LIST}")
    return NameTemplate(text, parts)


def _parts(text: str) -> Iterator[Part]:
    for literal, field, form, conversion in Formatter().parse(text):
        if field is None:
            yield Part(literal, "", "")
            continue
        if field not in FIELDS:
            raise ValueError(f"it has no field {{{field}}}{_near(field)}")
        if conversion or (form and field != "Date"):
            raise ValueError(f"{{{field}}} takes no format; only {{Date:…}} does")
        yield Part(literal, field, _date_form(form or _DATE) if field == "Date" else "")


def _near(field: str) -> str:
    close = get_close_matches(field.lower(), [name.lower() for name in FIELDS], n=1)
    found = [name for name in FIELDS if [name.lower()] == close]
    return f" (did you mean {{{found[0]}}}?)" if found else ""


def _date_form(form: str) -> str:
    used = re.findall("%(.?)", form)
    if wrong := [letter for letter in used if letter not in (*_DIRECTIVES, "%")]:
        raise ValueError(f"a date has no %{wrong[0]}; use for example {{Date:%Y-%m-%d}} or {{Date:%Y%m%d_%H%M%S}}")
    if not set(used) - {"%"}:
        raise ValueError(f"{{Date:{form}}} gives every date the same name; use for example {{Date:%Y-%m-%d}}")
    return form


PLAIN = read_template("{FileName}")
"""The names that files have on SmugMug."""
