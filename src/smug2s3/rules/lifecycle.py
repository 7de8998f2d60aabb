"""Lifecycle rules of a bucket: what they mean for an archive, and ours among those of others, which are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Rule = dict[str, Any]
Rules = Mapping[str, Any]
"""The configuration as S3 has it, with ``Rules``."""

AT_ONCE = frozenset({"STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"})
"""AWS's cheaper classes that are read at once."""
ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Its classes that take hours to read; rules cannot spare `_album.json` by name, and `sync` reads these files."""

_OURS = "smug2s3"


def rules_of(now: Rules) -> list[Rule]:
    """All rules."""
    return list(now.get("Rules", ()))


def old_versions(prefix: str, days: int) -> Rule:
    """A rule that removes replaced versions after so many days, and delete markers that hide nothing any more."""
    removal = {"NoncurrentVersionExpiration": {"NoncurrentDays": days}}
    return _rule("old versions", prefix) | removal | {"Expiration": {"ExpiredObjectDeleteMarker": True}}


def unfinished_uploads(prefix: str, days: int) -> Rule:
    """A rule that removes parts of uploads that were begun so many days ago."""
    return _rule("unfinished uploads", prefix) | {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days}}


def cheaper(prefix: str, days: int, storage_class: str) -> Rule:
    """A rule that moves objects to a cheaper class, `_album.json` files too."""
    return _rule("cheaper class", prefix) | {"Transitions": [{"Days": days, "StorageClass": storage_class}]}


def with_rule(now: Rules, rule: Rule) -> dict[str, Any]:
    """The parameters that put ``rule`` among those that are there, in place of an earlier one of the same name."""
    return _put(now, [*(one for one in rules_of(now) if one.get("ID") != rule["ID"]), rule])


def without_deletion(now: Rules, prefix: str) -> dict[str, Any]:
    """The parameters that switch off the rules that delete objects of the archive; they stay in the list."""
    deleting = deletions(now, prefix)
    return _put(now, [one | {"Status": "Disabled"} if one in deleting else one for one in rules_of(now)])


def repeated(now: Rules) -> dict[str, Any]:
    """The parameters that put the same rules again."""
    return _put(now, rules_of(now))


def has(now: Rules, rule: Rule) -> bool:
    """Whether it is there as it was put, in whichever form the server writes it."""
    return any(_meaning(rule).items() <= _meaning(one).items() for one in rules_of(now))


def has_all(now: Rules, others: Rules) -> bool:
    """Whether nothing of the other rules was lost, however the server writes them."""
    there = {one.get("ID", "") for one in rules_of(now)}
    return {one.get("ID", "") for one in rules_of(others)} <= there


def deletions(now: Rules, prefix: str) -> list[Rule]:
    """The rules that delete objects of the archive after a time, not just delete markers."""
    return [
        one for one in _active(now) if _touches(one, prefix) and {"Days", "Date"} & one.get("Expiration", {}).keys()
    ]


def days_of_old_versions(now: Rules, prefix: str) -> int | None:
    """After how many days replaced versions of the whole archive are removed; ``None`` if they are kept."""
    found = [
        one["NoncurrentVersionExpiration"]
        for one in _active(now)
        if "NoncurrentVersionExpiration" in one and _covers(one, prefix)
    ]
    return min((int(one.get("NoncurrentDays", 0)) for one in found), default=None)


def days_of_uploads(now: Rules, prefix: str) -> int | None:
    """After how many days unfinished uploads are removed; ``None`` if they are kept."""
    key = "AbortIncompleteMultipartUpload"
    found = [one[key] for one in _active(now) if key in one and _covers(one, prefix)]
    return min((int(one.get("DaysAfterInitiation", 0)) for one in found), default=None)


def classes(now: Rules, prefix: str) -> list[str]:
    """The classes that objects of the archive are moved to."""
    rules = [one for one in _active(now) if _touches(one, prefix)]
    return [str(move.get("StorageClass", "")) for one in rules for move in one.get("Transitions", ())]


def _rule(what: str, prefix: str) -> Rule:
    return {"ID": f"{_OURS} {what} {prefix}".strip(), "Status": "Enabled", "Filter": {"Prefix": prefix}}


def _put(now: Rules, rules: Iterable[Rule]) -> dict[str, Any]:
    # AWS takes rules with a filter and rules of the older form only apart, and forgets what is not repeated.
    least = "TransitionDefaultMinimumObjectSize"
    repeated = {least: now[least]} if least in now else {}
    return {"LifecycleConfiguration": {"Rules": [_filtered(one) for one in rules]}} | repeated


def _filtered(rule: Rule) -> Rule:
    """The rule with its scope in the newer form."""
    if "Prefix" not in rule:
        return rule
    rest = {name: value for name, value in rule.items() if name != "Prefix"}
    return {"Filter": {"Prefix": rule["Prefix"]}} | rest


def _meaning(rule: Rule) -> dict[str, Any]:
    """The rule without its name, its scope in one form only."""
    scope = {"Prefix": ""} | {name: value for name, value in _scope(_filtered(rule)).items() if value}
    return {name: value for name, value in rule.items() if name not in ("ID", "Prefix")} | {"Filter": scope}


def _active(now: Rules) -> list[Rule]:
    return [_filtered(one) for one in rules_of(now) if one.get("Status") == "Enabled"]


def _scope(rule: Rule) -> dict[str, Any]:
    scope: dict[str, Any] = rule.get("Filter", {})
    combined: dict[str, Any] = scope.get("And", scope)
    return combined


def _covers(rule: Rule, prefix: str) -> bool:
    """Whether it is about everything below ``prefix``."""
    scope = _scope(rule)
    return prefix.startswith(scope.get("Prefix") or "") and not scope.keys() - {"Prefix"}


def _touches(rule: Rule, prefix: str) -> bool:
    """Whether it may be about something below ``prefix``."""
    about = _scope(rule).get("Prefix") or ""
    return bool(about.startswith(prefix) or prefix.startswith(about))
