"""The archive in a browser: who gets in, what every page answers, and how files are sent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import unquote

import pytest

from smug2s3.ledger.catalogue import LedgerCatalogue
from smug2s3.stores.local.store import open_local
from smug2s3.viewer.guard import HEADERS, Guard
from smug2s3.viewer.kept_pictures import KeptPictures
from smug2s3.viewer.pictures import Pictures
from smug2s3.viewer.server import Server
from tests.support.browsing import FILM, FILM_BYTES, Answer, Archive, Visitor, exchanges


@dataclass(frozen=True, slots=True)
class Route:
    """An address that leads to something, for each route of the application."""

    method: str
    path: str


async def routes(archive: Archive) -> list[Route]:
    """All of the application's own, so that none can be forgotten."""
    catalogue = LedgerCatalogue(archive.settings.ledger_path)
    album, image = archive.keys("camera.jpg")
    values = {"album": album, "image": image, "path": "To%20look%20at", "month": "2019-07", "name": "viewer.css"}
    async with open_local(archive.bucket.folder) as store:
        pictures = Pictures(store, catalogue, "", KeptPictures(archive.bucket.folder, 0, print))
        server = Server(catalogue=catalogue, store=store, pictures=pictures, place="", guard=Guard())
        pictures.close()
        found = [
            Route(route.method, re.sub(r"\{(\w+)[^}]*\}", lambda name: values[name[1]], route.resource.canonical))
            for route in server.application().router.routes()
            if route.resource and route.method != "HEAD"
        ]
    assert len(found) > 10
    return found


def has_all(answer: Answer) -> bool:
    """Whether it has every header that protects."""
    return all(answer.headers.getall(name) == [value] for name, value in HEADERS.items())


def form(archive: Archive, route: Route) -> dict[str, Any]:
    """What a page would send."""
    return {"data": {"item": "/".join(archive.keys("camera.jpg"))}} if route.method == "POST" else {}


def known(archive: Archive) -> Iterator[bytes]:
    """What nobody else may see."""
    yield from (b"camera.jpg", b"Pictures", b"\xff\xd8\xff", archive.settings.bucket.encode(), b"PK\x03\x04")


async def test_every_route_answers_who_has_the_cookie_and_nobody_else(archive: Archive, visitor: Visitor) -> None:
    for route in await routes(archive):
        options = form(archive, route)
        theirs = await visitor.get(route.path, route.method, **options)
        assert theirs.status == 200, route
        assert has_all(theirs)
        assert theirs.headers["Cache-Control"].startswith("private")
        for cookie, asked, status in (
            ("", route.path, 403),
            (f"smug2s3-{visitor.port}=", route.path, 403),
            (f"smug2s3-{visitor.port}={visitor.token[:-1]}x", route.path, 403),
            (f"smug2s3-1={visitor.token}", route.path, 403),
            ("", f"{route.path}?token={visitor.token[:-1]}x", 403),
            ("", f"{route.path}?token={visitor.token}" if route.path != "/" else "/?token=", 403),
        ):
            visitor.session.cookie_jar.clear()
            refused = await visitor.get(asked, route.method, headers={"Cookie": cookie}, **options)
            assert (route, refused.status) == (route, status)
            assert has_all(refused)
            assert refused.headers["Cache-Control"] == "private, no-store"
            assert [word for word in known(archive) if word in refused.body] == []
        await visitor.get(f"/?token={visitor.token}")


async def test_the_token_becomes_a_cookie_that_no_script_and_no_other_site_gets(visitor: Visitor) -> None:
    visitor.session.cookie_jar.clear()
    # As after a click in another page, such as a terminal in the browser.
    first = await visitor.get(f"/?token={visitor.token}", headers={"Sec-Fetch-Site": "cross-site"})

    assert first.status == 200
    assert visitor.token not in first.text
    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith(f"smug2s3-{visitor.port}={visitor.token};")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert "Domain" not in cookie
    assert len(visitor.token) >= 43


FOREIGN: list[tuple[dict[str, str], int]] = [
    ({"Host": "evil.example"}, 400),
    ({"Host": "127.0.0.1"}, 400),
    ({"Host": "127.0.0.1:1"}, 400),
    ({"Host": "127.0.0.1:{port}.evil.example"}, 400),
    ({"Host": "localhost:{port}"}, 200),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://127.0.0.1:1"}, 403),
    ({"Origin": "http://127.0.0.1:{port}"}, 200),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "none"}, 200),
]


async def test_requests_of_other_pages_and_under_other_names_are_refused(archive: Archive, visitor: Visitor) -> None:
    cookie = {"Cookie": f"smug2s3-{visitor.port}={visitor.token}"}
    for (headers, status), route in product(FOREIGN, await routes(archive)):
        filled = {name: value.format(port=visitor.port) for name, value in headers.items()}
        answer = await visitor.get(route.path, route.method, headers=filled | cookie, **form(archive, route))
        assert (headers, route, answer.status) == (headers, route, status)


async def test_a_request_says_once_what_it_is_for(visitor: Visitor) -> None:
    ours = f"Host: 127.0.0.1:{visitor.port}\r\n"
    for hosts in ("", ours + ours, f"{ours}Host: evil\r\n", f"Host: evil\r\n{ours}"):
        sent = f"GET / HTTP/1.1\r\n{hosts}Cookie: smug2s3-{visitor.port}={visitor.token}\r\nConnection: close\r\n\r\n"
        answer = await asyncio.to_thread(exchanges, sent.encode(), visitor.port)
        assert re.match(rb"HTTP/1\.\d 400 ", answer), hosts


TRICKS = [
    "/../../etc/passwd",
    "/part/../server.py",
    "/part/..%2Fserver.py",
    "/part/%2e%2e/server.py",
    "/part/photoswipe/../viewer.css%00",
    "/part//etc/passwd",
    "/folder?path=../../etc",
    "/folder?path=..%2F..%2Fetc",
    "/folder?path=%00",
    "/album/..%2f..",
    "/album/%00",
    "/album/x%0d%0aSet-Cookie:%20a=b",
    "/original/..%2f..%2f/x",
    "/original/%00/%00",
    "/small/a/b",
    "/photo/a/b",
    "/zip",
    "/nothing",
    "/folder?path=" + "x" * 7000,
    "/album/" + "%2e%2e%2f" * 300,
]


async def test_paths_lead_to_nothing_but_the_archive(visitor: Visitor) -> None:
    for path in TRICKS:
        answer = await visitor.get(path)
        assert (path, answer.status) in ((path, 400), (path, 404), (path, 405))
        assert "root:" not in answer.text
        assert has_all(answer)


NO_HTTP = (
    b"GET /\x00 HTTP/1.1",
    b"GET /" + b"x" * 100_000 + b" HTTP/1.1",
    b"\x16\x03\x01",
    b"GET / HTTP/1.1\r\nX: " + b"y" * 99_999,
)


async def test_what_is_not_http_is_refused_without_a_word_on_the_terminal(
    visitor: Visitor, capfd: pytest.CaptureFixture[str]
) -> None:
    for line in NO_HTTP:
        sent = line + f"\r\nHost: 127.0.0.1:{visitor.port}\r\nConnection: close\r\n\r\n".encode()
        with suppress(ConnectionError):
            assert re.match(rb"HTTP/1\.\d 4", await asyncio.to_thread(exchanges, sent, visitor.port))
    assert capfd.readouterr() == ("", "")


async def test_the_archive_can_only_be_read(archive: Archive, visitor: Visitor) -> None:
    methods = ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND")
    for method, route in product(methods, await routes(archive)):
        if route.method != method:
            answer = await visitor.get(route.path, method)
            assert answer.status in (404, 405)
            assert has_all(answer)


async def test_the_token_is_in_no_page_and_no_log(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    for path in ("/", "/dates", "/search?q=pictures", "/nothing", f"/nothing?token={visitor.token}"):
        assert visitor.token not in (await visitor.get(path)).text
    assert visitor.token not in caplog.text


async def test_everything_stands_once_among_the_dates(archive: Archive, visitor: Visitor) -> None:
    waiting, seen, photos = ["/dates"], {"/dates"}, list[str]()
    while waiting:
        path = waiting.pop()
        # A year has what its months have.
        months = filter(
            re.compile(r"/dates/(\d{4}-\d\d|0)(\?page=\d+)?").fullmatch, await visitor.links(path, "/dates/")
        )
        waiting += (new := set(months) - seen)
        seen |= new
        photos += map(unquote, await visitor.links(path, "/photo/"))
    catalogue = LedgerCatalogue(archive.settings.ledger_path)
    everything = [item for album in catalogue.albums() for item in catalogue.items(album.key) if item.stored]
    assert sorted(photos) == sorted(f"/photo/{one.album_key}/{one.image_key}" for one in everything)


async def test_odd_questions_get_a_page_that_says_so(visitor: Visitor) -> None:
    for path, status in {
        "/?page=2": 200,
        "/album/none": 404,
        "/search?q=x&kind=nothing": 404,
        "/search?year=abcd": 404,
        "/dates/2019-07?page=9": 404,
        "/dates/x": 200,
        "/search?q=%22": 200,
        "/folder?path=nowhere": 404,
    }.items():
        answer = await visitor.get(path)
        assert (path, answer.status) == (path, status)
        assert "unexpected error" not in answer.text


RANGES: list[tuple[dict[str, str], int, slice]] = [
    ({}, 200, slice(None)),
    ({"Range": "bytes=0-9"}, 206, slice(0, 10)),
    ({"Range": "bytes=100-"}, 206, slice(100, None)),
    ({"Range": "bytes=-7"}, 206, slice(FILM_BYTES - 7, None)),
    ({"Range": f"bytes=-{FILM_BYTES * 2}"}, 206, slice(None)),
    ({"Range": f"bytes={FILM_BYTES - 3}-{FILM_BYTES * 9}"}, 206, slice(FILM_BYTES - 3, None)),
    ({"Range": "bytes=0-1,5-6"}, 200, slice(None)),
    ({"Range": "bytes=9-2"}, 200, slice(None)),
    ({"Range": "items=1-2"}, 200, slice(None)),
    ({"Range": f"bytes={FILM_BYTES}-"}, 416, slice(0, 0)),
    ({"Range": "bytes=-0"}, 416, slice(0, 0)),
    ({"Range": "bytes=0-9", "If-Range": '"another"'}, 200, slice(None)),
    ({"Range": "bytes=0-9", "If-Range": "{tag}"}, 206, slice(0, 10)),
    ({"If-None-Match": '"another", W/{tag}'}, 304, slice(0, 0)),
    ({"If-None-Match": '"another"'}, 200, slice(None)),
]


async def test_films_are_sent_in_the_parts_that_are_asked_for(archive: Archive, visitor: Visitor) -> None:
    path, whole = archive.to("original", FILM), archive.bucket.path(FILM).read_bytes()
    tag = (await visitor.get(path, "HEAD")).headers["ETag"]
    for headers, status, part in RANGES:
        asked = {name: value.replace("{tag}", tag) for name, value in headers.items()}
        answer, only = await visitor.get(path, headers=asked), await visitor.get(path, "HEAD", headers=asked)
        assert (headers, answer.status, answer.body == whole[part]) == (headers, status, True)
        assert (headers, only.status, only.body) == (headers, status, b"")
        if status in (200, 206):
            assert answer.headers["Content-Length"] == only.headers["Content-Length"] == str(len(answer.body))
            assert answer.headers["Content-Type"] == "video/mp4"
        if status == 206:
            begin, end, _ = part.indices(FILM_BYTES)
            assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{FILM_BYTES}"


async def test_what_a_browser_could_run_is_only_ever_data(archive: Archive, visitor: Visitor) -> None:
    for name in ("_album.json", "phone.heic", "scan.tif"):
        answer = await visitor.get(archive.to("original", name))
        assert answer.status == 200
        kind = answer.headers["Content-Type"]
        assert kind == "application/octet-stream" or kind.startswith("image/")


async def test_styles_are_asked_for_again_but_sent_only_when_they_changed(visitor: Visitor) -> None:
    first = await visitor.get("/part/viewer.css")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = await visitor.get("/part/viewer.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
