"""The format of a response: verbosity, filters, expansions, `_config`, pages; pure functions of the request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from smugmug_simulator.endpoints import ENDPOINTS, Endpoint
from smugmug_simulator.shape import DEFAULT, Expand, Shape

Json = Any


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of `Uris`."""

    uri: str
    endpoint: Endpoint

    @classmethod
    def to(cls, endpoint: str, uri: str) -> "Link":
        """A link to an endpoint by its name; the path is below `/api/v2`."""
        return cls(f"/api/v2{uri}", ENDPOINTS[endpoint])

    def as_object(self) -> dict[str, Json]:
        """The entry as it stands without `_shorturis`."""
        kind = {"Locator": self.endpoint.locator, "LocatorType": self.endpoint.kind} if self.endpoint.locator else {}
        described = {"UriDescription": self.endpoint.text, "EndpointType": self.endpoint.name}
        return {"Uri": self.uri, **kind, **described}


@dataclass(frozen=True, slots=True)
class Entity:
    """One object of a response, with all its fields and links; the request decides which are shown."""

    fields: Mapping[str, Json]
    links: Mapping[str, Link]
    text: str = ""
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The requested part of a list, after clamping."""

    total: int
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of an endpoint, before formatting."""

    uri: str
    endpoint: Endpoint
    entities: Sequence[Entity]
    single: bool = True
    page: Page | None = None
    locator: str = ""
    # Parameters of this endpoint besides start, count and the `_` ones; others are not echoed (probed 2026-09).
    params: tuple[str, ...] = ()


Resolve = Callable[[str, Mapping[str, str]], Answer | None]
_ECHOED = ("_pretty", "_shorturis", "_filter", "_filteruri", "_config")


@dataclass(frozen=True, slots=True)
class Query:
    """The query string as sent: pairs still percent-encoded, in order."""

    pairs: tuple[tuple[str, str], ...] = ()

    def echo(self, answer: Answer) -> list[tuple[str, str]]:
        """The parameters the server accepted; `_expand`, `_verbosity`, `APIKey` and unknown ones are dropped (probed 2026-09)."""
        paging = ("start", "count") if answer.page else ()
        known = (*_ECHOED, *answer.params, *paging)
        return [(name, value) for name, value in self.pairs if name in known]


def joined(uri: str, pairs: Sequence[tuple[str, str]]) -> str:
    """A URI with its query, if there is any."""
    return uri + ("?" + "&".join(f"{name}={value}" for name, value in pairs) if pairs else "")


class Dress:
    """Builds one response and collects the expansions it needs."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self.expansions: dict[str, Json] = {}

    def response(self, answer: Answer, shape: Shape, query: Query, uri: str = "") -> dict[str, Json]:
        """The `Response` object: named by its Locator, without the key if it is empty."""
        endpoint = answer.endpoint
        shown = uri or joined(answer.uri, query.echo(answer))
        body: dict[str, Json] = {"Uri": shown, "Locator": answer.locator or endpoint.locator}
        body["LocatorType"] = "Object" if answer.single else "Objects"
        entities = [self.entity(entity, shape) for entity in answer.entities]
        if entities:
            body[body["Locator"]] = entities[0] if answer.single else entities
        if shape.verbosity > 1:
            body |= {"UriDescription": endpoint.text, "EndpointType": endpoint.name}
            body |= {"DocUri": endpoint.doc} if endpoint.doc else {}
        if answer.page:
            body["Pages"] = pages(answer.page, answer.uri, query.echo(answer))
        return body

    def entity(self, entity: Entity, shape: Shape) -> dict[str, Json]:
        """One object, filtered; ResponseLevel stays whatever the filter (recorded)."""
        fields = dict(entity.fields)
        if entity.text and shape.verbosity > 1:
            fields["UriDescription"] = entity.text
        if shape.fields is not None:
            fields = {name: value for name, value in fields.items() if name in shape.fields}
        links = {name: link for name, link in entity.links.items() if shape.uris is None or name in shape.uris}
        if links:
            fields["Uris"] = {name: self.link(name, link, shape) for name, link in links.items()}
        if entity.level:
            fields["ResponseLevel"] = entity.level
        return fields

    def link(self, name: str, link: Link, shape: Shape) -> Json:
        """An entry of `Uris`, expanded if that was asked for."""
        expand = shape.expand.get(name)
        if expand is None:
            return link.uri if shape.short else link.as_object()
        shown = [self._expanded(name, link, expand, args, shape) for args in expand.args]
        return shown[0] if len(shown) == 1 else shown

    def _expanded(self, name: str, link: Link, expand: Expand, args: Mapping[str, str], shape: Shape) -> Json:
        pairs = [(key, quote(value, safe="")) for key, value in args.items()]
        uri = joined(link.uri, pairs + _gained(name, shape))
        answer = self._resolve(link.uri, args)
        shown = Link(uri, link.endpoint)
        if answer is None or not shape.inline:
            if answer is not None and uri not in self.expansions:
                self.expansions[uri] = self.response(answer, expand.shape, Query(), uri)
            return uri if shape.short else shown.as_object()
        return shown.as_object() | self.response(answer, expand.shape, Query(), uri)


def _gained(name: str, shape: Shape) -> list[tuple[str, str]]:
    """What an expanded URI gains: with `_shorturis` all do, under `_verbosity=1` highlights did too (recorded 2026-09)."""
    if shape.gains_shorturis or (shape.verbosity == 1 and name.endswith("HighlightImage")):
        return [("_shorturis", "")]
    return []


def pages(page: Page, uri: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Json]:
    """The `Pages` object; the links never contain `_expand` or `_verbosity` (probed 2026-09)."""
    shown = max(0, min(page.count, page.total - page.start + 1))
    last = 1 + page.count * ((page.total - 1) // page.count)

    def at(start: int) -> str:
        return joined(uri, _with(_with(pairs, "start", start), "count", page.count))

    body: dict[str, Json] = {"Total": page.total, "Start": page.start, "Count": shown, "RequestedCount": page.count}
    if (page.start - 1) % page.count:
        body["Misaligned"] = True
    body |= {"FirstPage": at(1), "LastPage": at(last)}
    if page.start > 1:
        body["PrevPage"] = at(max(1, page.start - page.count))
    if page.start + shown <= page.total and shown:
        body["NextPage"] = at(page.start + page.count)
    return body


def _with(pairs: Sequence[tuple[str, str]], name: str, value: int) -> list[tuple[str, str]]:
    """The pairs with one value set, in its place if it was there, else at the end (recorded)."""
    if name in (key for key, _ in pairs):
        return [(key, str(value) if key == name else old) for key, old in pairs]
    return [*pairs, (name, str(value))]


def dressed(answer: Answer, shape: Shape, query: Query, resolve: Resolve) -> dict[str, Json]:
    """The whole body of an answer, without Request and Options."""
    dress = Dress(resolve)
    body = {"Response": dress.response(answer, shape, query), "Code": 200, "Message": "Ok"}
    if dress.expansions:
        body["Expansions"] = dress.expansions
    return body


__all__ = [
    "DEFAULT",
    "Answer",
    "Dress",
    "Entity",
    "Json",
    "Link",
    "Page",
    "Query",
    "Shape",
    "dressed",
    "joined",
    "pages",
]
