"""Plans what to do with each asset of an album, from SmugMug's listing and the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from smug2s3.models import Asset, Entry
from smug2s3.rules import components, keys, metadata
from smug2s3.rules.name_template import PLAIN, NameTemplate


class Action(StrEnum):
    """What to do with an asset."""

    MOVE = "move"
    SKIP = "skip"
    DESCRIBE = "describe"
    RENAME = "rename"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One asset, what to do with it, and its key."""

    asset: Asset
    action: Action
    key: str
    wanted: str
    """The key by name alone; recorded so that a later rename is noticed."""
    description: metadata.Pairs
    former_key: str = ""
    """The current key of a renamed or replaced file."""
    refers: bool = False
    """Whether it is currently a reference to another album's object."""


def plan_album(
    assets: Iterable[Asset],
    *,
    directory: str,
    known: Mapping[str, Entry],
    taken: Mapping[str, str],
    follow_renames: bool,
    template: NameTemplate = PLAIN,
) -> list[Step]:
    """One step for every asset, in the order given.

    ``known`` is the ledger's record by image key, ``taken`` the owner of each folded file name in ``directory``.
    """
    assets = list(assets)
    images = [asset for asset in assets if not asset.component_of]
    wanted = {asset.image_key: f"{directory}/{stored_name(asset, template)}" for asset in images}
    given = _given(images, wanted, directory, known, taken, follow_renames=follow_renames)
    previews = {asset.image_key: asset for asset in images}
    for place, some in _by_place(assets, given, known, directory).items():
        wanted |= {one.image_key: f"{place}/{_beside(one, previews, given)}" for one in some}
        others = taken if place == directory else _names_inside(place, {e.image_key: e.key for e in known.values()})
        # A component follows its preview, which changes its name only on request.
        given |= _given(some, wanted, place, known, {**others, **_names_inside(place, given)}, follow_renames=True)
    return [_step(a, known.get(a.image_key), given[a.image_key], wanted[a.image_key]) for a in assets]


def _given(
    assets: Iterable[Asset],
    wanted: Mapping[str, str],
    directory: str,
    known: Mapping[str, Entry],
    taken: Mapping[str, str],
    *,
    follow_renames: bool,
) -> dict[str, str]:
    """A key for each of ``assets``: the one it has, or a free one in ``directory``."""
    assets = list(assets)
    staying = _undisputed(
        (
            entry
            for asset in assets
            if (entry := known.get(asset.image_key)) and _stays(asset, entry, wanted[asset.image_key], follow_renames)
        ),
        {f"{keys.fold(directory)}/{name}": owner for name, owner in taken.items()},
    )
    held = {keys.fold(keys.SIDECAR): ""} | dict(taken) | _names_inside(directory, staying)
    claims = (
        keys.Claim(owner=asset.image_key, name=wanted[asset.image_key].rpartition("/")[2], rank=asset.uploaded)
        for asset in assets
        if asset.image_key not in staying
    )
    return {owner: f"{directory}/{name}" for owner, name in keys.share_names(claims, held).items()} | staying


def _by_place(
    assets: Iterable[Asset], given: Mapping[str, str], known: Mapping[str, Entry], directory: str
) -> dict[str, list[Asset]]:
    """Components by the directory of their preview; that of a reference is in another album."""
    found: dict[str, list[Asset]] = {}
    for asset in assets:
        if image := asset.component_of:
            refers = (entry := known.get(image)) is not None and entry.reference
            place = directory if refers else given[image].rpartition("/")[0]
            found.setdefault(place, []).append(asset)
    return found


def _beside(asset: Asset, previews: Mapping[str, Asset], given: Mapping[str, str]) -> str:
    return components.stored_beside(asset, previews[asset.component_of].filename, given[asset.component_of])


def _undisputed(entries: Iterable[Entry], holders: Mapping[str, str]) -> dict[str, str]:
    """The keys of ``entries`` by image, without keys reassigned while their image was not listed.

    Only a file that was never stored can lose its key; ``holders`` are the owners of stored objects by folded key.
    """
    used = dict(holders)
    staying = {}
    for entry in sorted(entries, key=lambda entry: not entry.stored):
        if entry.stored or used.get(keys.fold(entry.key), entry.image_key) == entry.image_key:
            used[keys.fold(entry.key)] = entry.image_key
            staying[entry.image_key] = entry.key
    return staying


def _names_inside(directory: str, staying: Mapping[str, str]) -> dict[str, str]:
    """The owners of folded file names in ``directory`` that stay where they are."""
    inside = keys.fold(directory) + "/"
    folded = {owner: keys.fold(key) for owner, key in staying.items()}
    return {key.removeprefix(inside): owner for owner, key in folded.items() if key.startswith(inside)}


def stored_name(asset: Asset, template: NameTemplate = PLAIN) -> str:
    """The file name an asset wants in its album's directory; a component, without regard to its preview's."""
    if asset.component_of:
        return keys.safe_name(asset.filename, fallback=asset.image_key)
    suffix = (asset.format or ("mp4" if asset.is_video else "jpg")).lower()
    name = keys.file_name(asset.filename, image_key=asset.image_key, is_video=asset.is_video, suffix=suffix)
    return name if template == PLAIN else template.name(asset, name, suffix)


def recorded_name(asset: Asset, key: str, template: NameTemplate) -> str:
    """The name that a file stored at ``key`` wanted when it was stored, if nothing else is known of it.

    It is the one that it wants now if its key says so, with or without what tells it from others of that name; if
    not, its name on SmugMug or the template has changed since, and it is the one that it has.
    """
    name, wanted = key.rpartition("/")[2], stored_name(asset, template)
    if asset.component_of:
        return name
    return wanted if name == wanted or keys.is_tagged(name, wanted, asset.image_key) else name


def _stays(asset: Asset, entry: Entry, wanted: str, follow_renames: bool) -> bool:
    """Whether the recorded key is kept: always without a rename, and while its bytes need not be copied."""
    if entry.reference:  # Its key is of another album; new bytes need a key of this one.
        return _same_bytes(asset, entry)
    if entry.name_wanted == wanted:
        return True
    return entry.stored and not follow_renames and _same_bytes(asset, entry)


def _step(asset: Asset, entry: Entry | None, key: str, wanted: str) -> Step:
    description = metadata.describe(asset)
    action = _action(asset, entry, key, metadata.digest(description))
    if entry and action is not Action.MOVE and entry.key == key:
        wanted = entry.name_wanted
    refers = entry is not None and entry.reference
    former = entry.key if entry and entry.stored and entry.key != key and not refers else ""
    return Step(
        asset=asset,
        action=action,
        key=key,
        wanted=wanted,
        description=description,
        former_key=former,
        refers=refers,
    )


def _action(asset: Asset, entry: Entry | None, key: str, description: str) -> Action:
    if entry is not None and entry.stored and _same_bytes(asset, entry):
        if entry.key != key:
            return Action.RENAME
        if entry.reference and not entry.deserted:
            return Action.SKIP  # The album with the object updates its metadata.
        # Without an address nothing newer is known: the old metadata stays.
        return Action.SKIP if entry.described == description or asset.url is None else Action.DESCRIBE
    return Action.UNAVAILABLE if asset.unavailable else Action.MOVE


def _same_bytes(asset: Asset, entry: Entry) -> bool:
    """Whether the bytes are the same; without an address (a missing expansion), by the serial."""
    if asset.url is None:
        return entry.identity.partition("|")[0] == str(asset.serial)
    return entry.identity == asset.identity
