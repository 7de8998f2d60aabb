"""One HTTP request as the rest of the simulator sees it: nothing decoded that a signature covers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from smugmug_simulator.envelope import Query
from smugmug_simulator.oauth import Signed, oauth_params

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: path and query exactly as sent, and the origin the client believes it speaks to."""

    method: str
    origin: str
    path: str
    query: str
    authorization: str = ""
    accept: str = ""
    form: str = ""
    byte_range: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def signed(self) -> Signed:
        """The parts that the signature covers."""
        return Signed(self.method, self.origin + self.target, self.authorization, self.form)

    @property
    def has_oauth(self) -> bool:
        """Whether the request claims to be signed."""
        return self.authorization[:6].lower() == "oauth " or "oauth_signature" in oauth_params(self.signed)

    @property
    def params(self) -> dict[str, str]:
        """The query, decoded; the last of equal names counts."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form_params(self) -> dict[str, str]:
        """The form, decoded."""
        return dict(parse_qsl(self.form, keep_blank_values=True))

    @property
    def raw_query(self) -> Query:
        """The query in pairs, still encoded, for answers that repeat it."""
        pairs = (pair.partition("=") for pair in self.query.split("&") if pair)
        return Query(tuple((name, value) for name, _, value in pairs))


async def read(request: web.BaseRequest) -> Asked:
    """The request, with its form if it has one."""
    scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
    origin, raw = f"{scheme}://{request.headers.get('Host', '')}", request.raw_path
    if not raw.startswith("/"):
        # A client that uses this server as its proxy sends the whole URL.
        head, _, rest = raw.partition("://")
        host, _, path = rest.partition("/")
        origin, raw = f"{head}://{host}", f"/{path}"
    path, _, query = raw.partition("?")
    form = await request.text() if request.content_type == _FORM else ""
    return Asked(
        method=request.method,
        origin=origin,
        path=path,
        query=query,
        authorization=request.headers.get("Authorization", ""),
        accept=request.headers.get("Accept", ""),
        form=form,
        byte_range=request.headers.get("Range", ""),
        cookies=dict(request.cookies),
    )
