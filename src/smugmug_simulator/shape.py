"""The requested format: `_verbosity`, `_filter`, `_filteruri`, `_shorturis`, `_expand`, `_expandmethod`, `_config`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """One level of a request; expansions have their own."""

    verbosity: int = 2
    short: bool = False
    gains_shorturis: bool = False
    inline: bool = False
    fields: tuple[str, ...] | None = None
    uris: tuple[str, ...] | None = None
    expand: Mapping[str, "Expand"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expand:
    """How to expand one link, once for each set of arguments."""

    shape: Shape
    args: tuple[Mapping[str, str], ...] = ({},)


DEFAULT = Shape()


def shape_of(params: Mapping[str, str]) -> Shape:
    """The shape a query asks for; ValueError or TypeError if `_config` is not a JSON object."""
    verbosity = int(params["_verbosity"]) if params.get("_verbosity", "") in {"1", "2", "3"} else 2
    base = Shape(
        verbosity=verbosity,
        short=verbosity == 1 or "_shorturis" in params,
        gains_shorturis="_shorturis" in params,
        inline=params.get("_expandmethod") == "inline",
    )
    config = _configured(json.loads(params["_config"]), base) if params.get("_config") else base
    return replace(
        config,
        fields=_names(params.get("_filter")) if "_filter" in params else config.fields,
        uris=_names(params.get("_filteruri")) if "_filteruri" in params else config.uris,
        expand={**config.expand, **_expands((params.get("_expand") or "").split(","), base)},
    )


def _names(text: str | None) -> tuple[str, ...]:
    """The names of a comma-separated list; an empty list means none at all (documented)."""
    return tuple(name for name in (text or "").split(",") if name)


def _expands(names: Iterable[str], base: Shape) -> dict[str, Expand]:
    """`A,B,A.C` as a tree: expansions inside expansions."""
    tree: dict[str, list[str]] = {}
    for name in names:
        first, _, rest = name.partition(".")
        if first:
            tree.setdefault(first, []).extend([rest] if rest else [])
    return {name: Expand(replace(base, expand=_expands(rest, base))) for name, rest in tree.items()}


def _configured(config: Any, base: Shape) -> Shape:
    """The shape of one level of `_config` (documented: filter, filteruri, expand, args or multiargs)."""
    if not isinstance(config, dict):
        raise TypeError("_config must be a JSON object")
    expand = config.get("expand") or {}
    return replace(
        base,
        inline=base.inline or config.get("expand_method") == "inline",
        fields=tuple(config["filter"]) if "filter" in config else None,
        uris=tuple(config["filteruri"]) if "filteruri" in config else None,
        expand={
            name: Expand(_configured(inner or {}, base), _arguments(inner or {})) for name, inner in expand.items()
        },
    )


def _arguments(config: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    """`args` or `multiargs`; giving both is an error (documented)."""
    if "args" in config and "multiargs" in config:
        raise ValueError("args and multiargs exclude each other")
    many = config.get("multiargs") or [config.get("args") or {}]
    return tuple({name: str(value) for name, value in args.items()} for args in many)
