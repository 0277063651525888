"""HTTP against a server that misbehaves: bounded, and with our own errors only."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from archives import within
from servers import (
    Answer,
    Reply,
    Seen,
    Server,
    closed_port,
    dripping,
    endless,
    raw,
    redirect,
    serving,
    silent,
)

from release_guard import __version__
from release_guard.errors import (
    IndexResponseError,
    IndexUnavailableError,
    SourceError,
)
from release_guard.layouts import without_credentials
from release_guard.sources import web as web_module
from release_guard.sources.credentials import Home, Wallet
from release_guard.sources.web import Digest, Web, _may_follow

PAGE = "/simple/demo/"
FILE = "/files/demo-1.0.tar.gz"
BODY = b"what is served" * 99
SECRET = "s3cr3t"
WEB = Web({})


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(name="other")
def _other() -> Iterator[Server]:
    with serving() as server:
        yield server


def get(server: Server, web: Web = WEB, *, path: str = PAGE) -> web_module.Answer:
    with within(20):
        return web.get(server.url + path, accept="text/html")


def refusal(server: Server, web: Web = WEB, *, path: str = PAGE) -> SourceError:
    """The error that asking for a page ends in."""
    with pytest.raises((IndexUnavailableError, IndexResponseError)) as raised:
        get(server, web, path=path)
    assert isinstance(raised.value, SourceError)
    assert server.url + path in raised.value.message
    return raised.value


def ask(web: Web, server: Server, path: str) -> object:
    """Ask for a page, or download the file."""
    with within(60):
        if path == FILE:
            return web.digest(server.url + path, home=server.url)
        return web.get(server.url + path, accept="*/*")


def is_transient(error: SourceError) -> bool:
    return isinstance(error, IndexUnavailableError) and error.transient


# --- an answer -----------------------------------------------------------------


def test_an_answer_is_what_the_server_said(server: Server) -> None:
    server.on(PAGE, Reply(BODY, headers={"Content-Type": "text/html; charset=utf-8"}))
    answer = get(server)
    assert answer == web_module.Answer(
        server.url + PAGE,
        200,
        "text/html; charset=utf-8",
        BODY,
        headers=answer.headers,
    )
    assert answer.headers["content-type"] == answer.content_type
    assert answer.headers["content-length"] == str(len(BODY))


def test_an_answer_without_a_type_has_none(server: Server) -> None:
    server.on(PAGE, Reply(BODY))
    assert get(server).content_type == ""


def test_an_answer_without_a_length_is_read_to_its_end(server: Server) -> None:
    server.on(PAGE, Reply(BODY, sized=False))
    assert get(server).body == BODY


def test_a_compressed_answer_is_unpacked(server: Server) -> None:
    packed = gzip.compress(BODY)
    server.on(PAGE, Reply(packed, headers={"Content-Encoding": "gzip"}))
    assert get(server).body == BODY


def test_a_404_is_an_answer(server: Server) -> None:
    server.on(PAGE, Reply(b"404 Not Found", 404, {"Content-Type": "text/plain"}))
    answer = get(server)
    assert (answer.status, answer.redirected, answer.away) == (404, False, "")


def test_what_is_asked_is_an_installers_question(server: Server) -> None:
    server.on(PAGE, Reply(BODY))
    WEB.get(server.url + PAGE, accept="application/x, text/html;q=0.1")
    assert server.sent("Accept") == ["application/x, text/html;q=0.1"]
    assert server.sent("Cache-Control") == ["no-cache"]
    assert server.sent("User-Agent") == [f"release-guard/{__version__}"]
    assert server.sent("Authorization") == [None]
    assert server.sent("Cookie") == [None]
    assert server.asked() == [PAGE]


def test_a_cookie_is_not_brought_back(server: Server) -> None:
    server.on(PAGE, Reply(BODY, headers={"Set-Cookie": "id=1"}))
    get(server)
    get(server)
    assert server.sent("Cookie") == [None, None]


CACHED = [
    ("Age", "0"),
    ("Via", "1.1 varnish"),
    ("Cache-Status", "fwd=miss"),
    ("X-Cache", "MISS"),
    ("x-served-by", "cache-1"),
    ("CF-Cache-Status", "DYNAMIC"),
    ("Cache-Control", "max-age=600, public"),
    ("Cache-Control", "PUBLIC"),
    ("Cache-Control", "max-age = 01"),
    ("Cache-Control", "s-maxage=0"),
]


@pytest.mark.parametrize(("name", "value"), CACHED)
def test_an_answer_may_come_from_one_of_several_caches(
    name: str, value: str, server: Server
) -> None:
    server.on(PAGE, Reply(BODY, headers={name: value}))
    assert get(server).is_cached


NOT_CACHED = {
    "nothing": {},
    "no-store": {"Cache-Control": "no-store"},
    "no time": {"Cache-Control": "max-age=0, must-revalidate"},
    "an ETag": {"ETag": '"a"', "Vary": "Accept"},
}


@pytest.mark.parametrize("headers", NOT_CACHED.values(), ids=NOT_CACHED.keys())
def test_an_answer_may_come_from_the_server_alone(
    headers: dict[str, str], server: Server
) -> None:
    server.on(PAGE, Reply(BODY, headers=headers))
    assert not get(server).is_cached


# --- a status that is no answer ------------------------------------------------

STATUSES = {
    201: False,
    202: False,
    204: False,
    206: False,
    300: False,
    302: False,
    304: False,
    400: False,
    401: False,
    403: False,
    405: False,
    406: False,
    408: True,
    410: False,
    418: False,
    425: True,
    429: True,
    451: False,
    500: True,
    501: False,
    502: True,
    503: True,
    504: True,
    511: False,
}


@pytest.mark.parametrize("status", STATUSES)
def test_any_other_status_is_no_answer(status: int, server: Server) -> None:
    server.on(PAGE, Reply(b"", status, {"Content-Type": "text/html"}))
    error = refusal(server)
    assert isinstance(error, IndexUnavailableError)
    assert error.transient is STATUSES[status]
    assert str(status) in error.message


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_says_what_to_do(status: int, server: Server) -> None:
    server.on(PAGE, Reply(b"", status))
    assert "credentials" in refusal(server).hint


DAY = 86_400.0
RETRIES = {
    "": 0.0,
    "0": 0.0,
    "7": 7.0,
    " 7 ": 7.0,
    "007": 7.0,
    "86400": DAY,
    "86401": DAY,
    "9" * 400: DAY,
    "-7": 0.0,
    "+7": 0.0,
    "7.5": 0.0,
    "7s": 0.0,
    "\xb2": 0.0,
    "soon": 0.0,
    "Wed, 21 Oct 2015 07:28:00 GMT": 0.0,
    "Wed, 21 Oct 9999 07:28:00 GMT": DAY,
    "Wed, 21 Oct 99999 07:28:00 GMT": 0.0,
    "Wed, 21 Oct 2099 07:28:00": 0.0,
    "Wed, 99 Oct 2099 07:28:00 GMT": 0.0,
    "2099-10-21T07:28:00Z": 0.0,
    ", , , ,": 0.0,
}


@pytest.mark.parametrize("said", RETRIES, ids=lambda said: said[:30] or "nothing")
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_may_ask_to_be_left_alone(
    status: int, said: str, server: Server
) -> None:
    server.on(PAGE, Reply(b"", status, {"Retry-After": said}))
    error = refusal(server)
    assert isinstance(error, IndexUnavailableError)
    assert error.retry_after == RETRIES[said]
    assert error.transient


def test_a_server_may_ask_to_be_left_alone_until_an_hour(server: Server) -> None:
    until = datetime.now(UTC) + timedelta(seconds=500)
    said = {"Retry-After": format_datetime(until, usegmt=True)}
    for path in (PAGE, FILE):
        server.on(path, Reply(b"", 503, said))
    with pytest.raises(IndexUnavailableError) as raised:
        WEB.digest(server.url + FILE, home=server.url)
    for error in (refusal(server), raised.value):
        assert isinstance(error, IndexUnavailableError)
        # To the second, and some time has passed.
        assert 440 < error.retry_after <= 500


def test_who_says_nothing_of_a_pause_asks_for_none(server: Server) -> None:
    server.on(PAGE, Reply(b"", 503))
    error = refusal(server)
    assert isinstance(error, IndexUnavailableError)
    assert error.retry_after == 0.0


def test_a_status_may_have_no_words(server: Server) -> None:
    server.on(PAGE, raw(b"HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n"))
    assert refusal(server).message.endswith("answers 503")


# --- redirects -----------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_is_followed(status: int, server: Server) -> None:
    server.on("/simple/Demo/", redirect(PAGE, status))
    server.on(PAGE, Reply(BODY))
    answer = get(server, path="/simple/Demo/")
    assert (answer.url, answer.body) == (server.url + PAGE, BODY)
    assert answer.redirected


@pytest.mark.parametrize("location", ["../demo/", "/simple/demo/", "//{host}{page}"])
def test_a_redirect_may_be_relative(location: str, server: Server) -> None:
    where = location.format(host=server.host, page=PAGE)
    server.on("/simple/Demo/", redirect(where))
    server.on(PAGE, Reply(BODY))
    assert get(server, path="/simple/Demo/").url == server.url + PAGE


def test_a_404_behind_a_redirect_is_told_from_another(server: Server) -> None:
    server.on(PAGE, redirect("/login/"))
    answer = get(server)
    assert (answer.status, answer.redirected) == (404, True)


def test_a_refusal_behind_a_redirect_is_one(server: Server) -> None:
    server.on("/simple/Demo/", redirect(PAGE))
    server.on(PAGE, Reply(b"", 403))
    with pytest.raises(IndexUnavailableError, match="403"):
        get(server, path="/simple/Demo/")


LOOPS = {
    "to itself": {PAGE: PAGE},
    "to nothing": {PAGE: ""},
    "to and fro": {PAGE: "/a/", "/a/": PAGE},
    "ever on": {f"/{n}/": f"/{n + 1}/" for n in range(50)} | {PAGE: "/0/"},
}


@pytest.mark.parametrize("pages", LOOPS.values(), ids=LOOPS.keys())
def test_redirects_without_an_end_are_an_error(
    pages: dict[str, str], server: Server
) -> None:
    for page, target in pages.items():
        server.on(page, redirect(target))
    error = refusal(server)
    assert isinstance(error, IndexResponseError)
    assert len(server.seen) < 20


def test_five_redirects_are_followed(server: Server) -> None:
    for number in range(5):
        server.on(f"/{number}/", redirect(f"/{number + 1}/"))
    server.on("/5/", Reply(BODY))
    assert get(server, path="/0/").body == BODY


LONG_REDIRECTS = {
    "without an end": endless(
        b"HTTP/1.1 302 Found\r\nLocation: /further\r\n\r\n", b"x" * 9999
    ),
    "packed": Reply(
        gzip.compress(bytes(64 << 20)),
        302,
        {"Location": "/further", "Content-Encoding": "gzip"},
    ),
    "that never comes": dripping(
        b"HTTP/1.1 302 Found\r\nLocation: /further\r\nContent-Length: 99999\r\n\r\n",
        b"x",
    ),
}


@pytest.mark.parametrize("path", [PAGE, FILE])
@pytest.mark.parametrize("answer", LONG_REDIRECTS.values(), ids=LONG_REDIRECTS.keys())
def test_the_body_of_a_redirect_is_not_read(
    answer: Answer, path: str, server: Server
) -> None:
    """``requests`` reads it all, whatever its size (``Session.resolve_redirects``)."""
    server.on(path, Reply(BODY), answer)
    server.on("/further", Reply(BODY))
    web = Web({}, whole=10.0, whole_file=10.0)
    # What is loaded for the first request counts for none.
    ask(web, server, path)
    tracemalloc.start()
    try:
        found = ask(web, server, path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == DIGEST if path == FILE else server.asked()[-1] == "/further"
    assert peak < 16 << 20


def test_credentials_in_a_redirect_are_not_taken(server: Server) -> None:
    server.on("/simple/Demo/", redirect(server.with_credentials("x:y") + PAGE))
    server.on(PAGE, Reply(BODY))
    answer = get(server, path="/simple/Demo/")
    assert (answer.url, answer.body) == (server.url + PAGE, BODY)
    assert server.sent("Authorization") == [None, None]


def test_a_redirect_to_another_host_is_not_followed(
    server: Server, other: Server
) -> None:
    server.on(PAGE, redirect(other.url + PAGE))
    other.on(PAGE, Reply(BODY))
    answer = get(server)
    assert answer.away == other.url + PAGE
    assert (answer.body, answer.url) == (b"", server.url + PAGE)
    assert other.seen == []


AWAY = [
    "https://index.example/simple/demo/",
    "http://127.0.0.1/simple/demo/",
    "http://localhost:1/simple/demo/",
    "ftp://127.0.0.1/simple/demo/",
    "file:///etc/passwd",
    "//index.example/simple/demo/",
    "javascript:alert(1)",
    "http://h:99999999/",
]


@pytest.mark.parametrize("location", AWAY)
def test_what_is_another_origin_is_away(location: str, server: Server) -> None:
    server.on(PAGE, redirect(location))
    assert get(server).away.endswith(location)


def test_another_port_of_the_same_host_is_another_place(server: Server) -> None:
    server.on(PAGE, redirect(f"https://127.0.0.1:{closed_port()}{PAGE}"))
    assert get(server).away


@pytest.mark.parametrize(
    ("there", "same"),
    [
        ("http://h.example/b", True),
        ("http://h.example:80/", True),
        ("https://h.example/", True),
        ("https://h.example:443/", True),
        ("https://h.example:8443/", False),
        ("http://h.example:8080/", False),
        ("https://other.example/", False),
    ],
)
def test_the_way_to_https_on_the_same_host_is_the_same_place(
    there: str, same: bool
) -> None:
    assert _may_follow("http://h.example/a", there) is same
    assert not _may_follow("https://h.example/a", "http://h.example/a")


@pytest.mark.parametrize("location", ["http://[::1/", "http://[x]/"])
def test_a_redirect_to_what_is_no_address_is_an_error(
    location: str, server: Server
) -> None:
    server.on(PAGE, redirect(location))
    assert not is_transient(refusal(server))


# --- no answer -----------------------------------------------------------------


def test_a_refused_connection_may_pass() -> None:
    with serving() as server:
        url = server.url
    with pytest.raises(IndexUnavailableError, match="refused") as raised:
        WEB.get(url + PAGE, accept="*/*")
    assert raised.value.transient


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


BROKEN: dict[str, Answer] = {
    "cut in the middle of the body": Reply(BODY, claimed=len(BODY) + 1),
    "cut before the body": Reply(b"", claimed=100),
    "cut in a chunk": raw(head("Transfer-Encoding: chunked") + b"ff\r\nabc"),
    "cut between chunks": raw(head("Transfer-Encoding: chunked") + b"3\r\nabc\r\n"),
    "a chunk of no size": raw(head("Transfer-Encoding: chunked") + b"x\r\nabc\r\n"),
    "two lengths": raw(head("Content-Length: 3", "Content-Length: 5") + b"hello"),
    "no answer": raw(b""),
    "no HTTP": raw(b"220 mail.example ESMTP\r\n"),
    "no status": raw(b"HTTP/1.1 \r\n\r\n"),
    "a status that is no number": raw(b"HTTP/1.1 many OK\r\n\r\n"),
    "gzip that is none": Reply(BODY, headers={"Content-Encoding": "gzip"}),
    "headers without an end": endless(head()[:-2], b"X-A: b\r\n"),
    "a header without an end": endless(head()[:-2] + b"X-A: ", b"b" * 999),
    "a status without an end": endless(b"HTTP/1.1 200 ", b"O" * 999),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_half_an_answer_is_none(answer: Answer, server: Server) -> None:
    server.on(PAGE, answer)
    refusal(server)


CUT = ["cut in the middle of the body", "no answer", "cut between chunks"]


@pytest.mark.parametrize("name", CUT)
def test_what_was_cut_may_be_whole_next_time(name: str, server: Server) -> None:
    server.on(PAGE, BROKEN[name])
    assert is_transient(refusal(server))


PATIENT: dict[str, Answer] = {
    "silence": silent,
    "a dripping head": dripping(head()[:-2] + b"X-A: ", b"b"),
    "a dripping body": dripping(head(), b"b"),
    "dripping chunks": dripping(head("Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
    "ever the same promise": dripping(b"", head(status="100 Continue")),
}


@pytest.mark.parametrize("answer", PATIENT.values(), ids=PATIENT.keys())
def test_a_whole_answer_has_its_time(answer: Answer, server: Server) -> None:
    server.on(PAGE, answer)
    error = refusal(server, Web({}, whole=0.2))
    assert is_transient(error)
    assert "no whole answer" in error.message


def test_a_silent_server_is_given_up_sooner(server: Server) -> None:
    server.on(PAGE, silent)
    error = refusal(server, Web({}, read=0.1, whole=1000.0))
    assert is_transient(error)


def test_a_shorter_time_may_be_given_and_never_a_longer_one() -> None:
    web = Web({}, whole=120.0, whole_file=300.0, largest=7)
    assert web.within(10.0) == Web({}, whole=10.0, whole_file=10.0, largest=7)
    assert web.within(200.0) == Web({}, whole=120.0, whole_file=200.0, largest=7)
    assert web.within(1e9) == web


@pytest.mark.parametrize("seconds", [0.2, 0.0])
def test_what_is_asked_within_a_time_ends_in_it(seconds: float, server: Server) -> None:
    server.on(PAGE, silent)
    server.on(FILE, silent)
    web = Web({}).within(seconds)
    assert is_transient(refusal(server, web))
    with within(20), pytest.raises(IndexUnavailableError):
        web.digest(server.url + FILE, home=server.url)


def test_a_dripping_file_has_its_time(server: Server) -> None:
    server.on(FILE, dripping(head(), b"b"))
    web = Web({}, whole_file=0.2)
    with within(20), pytest.raises(IndexUnavailableError) as raised:
        web.digest(server.url + FILE, home=server.url)
    assert raised.value.transient


@pytest.mark.parametrize("path", [PAGE, FILE])
def test_what_nobody_waits_for_is_not_read_on(path: str, server: Server) -> None:
    server.on(path, dripping(head(), b"b"))
    with pytest.raises(IndexUnavailableError):
        ask(Web({}, whole=0.2, whole_file=0.2), server, path)
    # The server sees that the connection is gone.
    with within(20):
        while server.told[0].ended is None:
            os.sched_yield()


@pytest.mark.parametrize("size", [b"-1", b"-ffff", b"-0x1", b"+-1"])
@pytest.mark.parametrize("path", [PAGE, FILE])
def test_a_piece_of_no_size_is_not_read_to_its_end(
    path: str, size: bytes, server: Server
) -> None:
    """``int`` takes such a size, and a negative one is no bound for a reader."""
    chunked = head("Transfer-Encoding: chunked") + size + b"\r\n"
    server.on(path, Reply(BODY), endless(chunked, b"x" * 99_999))
    # What is loaded for the first request counts for none.
    ask(WEB, server, path)
    tracemalloc.start()
    try:
        with pytest.raises(SourceError):
            ask(Web({}, whole=5.0, whole_file=5.0), server, path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


COOKIES = [
    "a=b; expires=01 Jan " + "9" * 5000 + " 00:00:00 GMT",
    "a=b; Version=1; Max-Age=" + "9" * 5000,
    "id=1",
]


@pytest.mark.parametrize("cookie", COOKIES, ids=["a year", "an age", "a cookie"])
def test_no_cookie_is_read_or_kept(
    cookie: str, server: Server, recwarn: pytest.WarningsRecorder
) -> None:
    """http.cookiejar warns of what it cannot read with a traceback."""
    said = {"Set-Cookie": cookie, "Set-Cookie2": cookie}
    server.on("/simple/Demo/", Reply(b"", 302, {**said, "Location": PAGE}))
    server.on(PAGE, Reply(BODY, headers=said))
    assert get(server, path="/simple/Demo/").body == BODY
    assert server.sent("Cookie") == [None, None]
    assert [str(warning.message) for warning in recwarn] == []


def test_a_body_in_many_small_pieces_is_not_kept_in_pieces(server: Server) -> None:
    pieces = b"2\r\n[]\r\n" * 100_000
    chunked = head("Transfer-Encoding: chunked") + pieces + b"0\r\n\r\n"
    server.on(PAGE, Reply(BODY), raw(chunked))
    get(server)
    tracemalloc.start()
    try:
        with within(60):
            body = WEB.get(server.url + PAGE, accept="*/*").body
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert body == b"[]" * 100_000
    assert peak < 4 << 20


LARGE: dict[str, Answer] = {
    "without a length": endless(head(), b"x" * 9999),
    "with a length": Reply(b"x" * 20_000),
    "in chunks": endless(
        head("Transfer-Encoding: chunked"), b"270f\r\n" + b"x" * 9999 + b"\r\n"
    ),
    "compressed": Reply(
        gzip.compress(bytes(1 << 20)), headers={"Content-Encoding": "gzip"}
    ),
}


@pytest.mark.parametrize("answer", LARGE.values(), ids=LARGE.keys())
def test_an_answer_has_a_size(answer: Answer, server: Server) -> None:
    server.on(PAGE, answer)
    error = refusal(server, Web({}, largest=15_000))
    assert isinstance(error, IndexResponseError)
    assert "15000" in error.message


def test_an_answer_of_the_largest_size_is_read(server: Server) -> None:
    server.on(PAGE, Reply(b"x" * 15_000))
    assert len(get(server, Web({}, largest=15_000)).body) == 15_000


def test_a_404_has_a_size_as_well(server: Server) -> None:
    server.on(PAGE, Reply(b"x" * 20_000, 404))
    assert isinstance(refusal(server, Web({}, largest=15_000)), IndexResponseError)


def test_a_file_has_a_size(server: Server) -> None:
    server.on(FILE, endless(head(), b"x" * 9999))
    with within(20), pytest.raises(IndexResponseError, match="15000"):
        Web({}, largest_file=15_000).digest(server.url + FILE, home=server.url)


def test_a_compressed_bomb_does_not_fill_memory(server: Server) -> None:
    packed = gzip.compress(bytes(64 << 20))
    server.on(PAGE, Reply(packed, headers={"Content-Encoding": "gzip"}))
    tracemalloc.start()
    try:
        refusal(server, Web({}, largest=1 << 20))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 << 20


NO_ADDRESS = [
    "http://[bad/simple/demo/",
    "http://h:99999999/simple/demo/",
    "http://h:x/simple/demo/",
    "http:///simple/demo/",
    "http://.x/simple/demo/",
    "index.example/simple/demo/",
    "ftp://index.example/simple/demo/",
    "file:///etc/passwd",
    "http://\udcff/simple/demo/",
    "",
]


@pytest.mark.parametrize("url", NO_ADDRESS, ids=ascii)
def test_what_is_no_address_is_no_answer(url: str) -> None:
    with within(20), pytest.raises(SourceError) as raised:
        WEB.get(url, accept="*/*")
    assert not is_transient(raised.value)


@pytest.mark.parametrize("url", NO_ADDRESS, ids=ascii)
def test_a_file_at_no_address_is_no_answer(url: str, server: Server) -> None:
    with within(20), pytest.raises(SourceError):
        WEB.digest(url, home=server.url)


# --- credentials ---------------------------------------------------------------


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


USERINFO = {
    "user:s3cr3t": ("user", "s3cr3t"),
    "user:s3%40cr%2F3t": ("user", "s3@cr/3t"),
    "__token__:a-b_c": ("__token__", "a-b_c"),
    "user": ("user", ""),
    "user:": ("user", ""),
    "a@b:s3cr3t": ("a@b", "s3cr3t"),
}


@pytest.mark.parametrize("userinfo", USERINFO)
def test_credentials_of_the_address_go_into_a_header(
    userinfo: str, server: Server
) -> None:
    server.on(PAGE, Reply(BODY))
    answer = WEB.get(server.with_credentials(userinfo) + PAGE, accept="*/*")
    assert server.sent("Authorization") == [basic(*USERINFO[userinfo])]
    assert answer.url == server.url + PAGE


def test_credentials_follow_a_redirect_on_the_same_host(server: Server) -> None:
    server.on("/simple/Demo/", redirect(PAGE))
    server.on(PAGE, Reply(BODY))
    WEB.get(server.with_credentials("u:p") + "/simple/Demo/", accept="*/*")
    assert server.sent("Authorization") == [basic("u", "p")] * 2


def test_credentials_do_not_go_to_another_host(server: Server, other: Server) -> None:
    server.on(PAGE, redirect(other.url + PAGE))
    answer = WEB.get(server.with_credentials(f"u:{SECRET}") + PAGE, accept="*/*")
    assert other.seen == []
    assert SECRET not in repr(answer)


MISERIES: dict[str, Answer] = {
    "401": Reply(b"", 401),
    "503": Reply(b"", 503),
    "a loop": redirect(PAGE),
    "a redirect to no address": redirect("http://[x/"),
    "a cut body": Reply(b"", claimed=9),
    "no HTTP": raw(b"hello\r\n"),
    "no answer": raw(b""),
    "gzip that is none": Reply(BODY, headers={"Content-Encoding": "gzip"}),
    "too large a body": Reply(BODY * 99),
    "silence": silent,
}


@pytest.mark.parametrize("answer", MISERIES.values(), ids=MISERIES.keys())
def test_no_error_tells_credentials(answer: Answer, server: Server) -> None:
    server.on(PAGE, answer)
    web = Web({}, whole=0.3, largest=9999)
    url = server.with_credentials(f"user:{SECRET}") + f"{PAGE}?token={SECRET}#{SECRET}"
    server.on(f"{PAGE}?token={SECRET}", answer)
    with within(20), pytest.raises(SourceError) as raised:
        web.get(url, accept="*/*")
    assert SECRET not in raised.value.message + raised.value.hint


@pytest.mark.parametrize(
    "address",
    [
        "http://user:s3cr3t@127.0.0.1:{port}/",
        "http://s3cr3t@127.0.0.1:{port}/",
        "http://user:s3cr3t@[bad/",
        "http://user:s3cr3t@h:99999999/",
        "http://user:s3cr3t@/",
        "http://user:s3cr3t@.x/",
        "ftp://user:s3cr3t@h/",
        "http://user:@s3cr3t@127.0.0.1:{port}/",
        "http://user:a/s3cr3t@127.0.0.1:{port}/",
        "http://user:a?s3cr3t@127.0.0.1:{port}/",
        "http://user:a#s3cr3t@127.0.0.1:{port}/",
        "http://user:s3cr3t/@127.0.0.1:{port}/",
        "http://user:s3cr3t?@127.0.0.1:{port}/",
        "http://user:s3cr3t#@127.0.0.1:{port}/",
    ],
)
def test_no_error_of_an_address_tells_its_credentials(address: str) -> None:
    url = address.format(port=closed_port())
    with within(20), pytest.raises(SourceError) as raised:
        WEB.get(url, accept="*/*")
    assert SECRET not in raised.value.message + raised.value.hint


SHOWN = {
    "https://index.example/simple/": "https://index.example/simple/",
    "https://u:p@index.example/simple/": "https://index.example/simple/",
    "https://u@index.example:8443/simple/": "https://index.example:8443/simple/",
    "https://a@b:p@index.example/": "https://index.example/",
    "https://index.example/simple/?token=p": "https://index.example/simple/",
    "https://index.example/simple/#p": "https://index.example/simple/",
    "http://[::1]:80/simple/": "http://[::1]:80/simple/",
}


@pytest.mark.parametrize("url", SHOWN)
def test_an_address_is_shown_without_what_may_be_secret(url: str) -> None:
    assert without_credentials(url) == SHOWN[url]


@pytest.mark.parametrize("variable", ["HOME", "NETRC"])
def test_a_netrc_is_sent_to_its_host_and_to_no_other(
    variable: str, server: Server, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login u password {SECRET}\n")
    netrc.chmod(0o600)
    value = str(tmp_path if variable == "HOME" else netrc)
    server.on(PAGE, Reply(BODY))
    server.on(FILE, Reply(BODY))
    environ, elsewhere = {variable: value}, "http://index.example/simple/"
    get(server, Web({}, Wallet(environ)))
    foreign = Web({}, Wallet(environ, lambda: Home(elsewhere)))
    get(server, foreign)
    foreign.digest(server.url + FILE, home=elsewhere)
    sent = server.sent("Authorization")
    assert [bool(header) for header in sent] == [True, False, False]


def test_who_is_named_in_a_header_is_not_looked_for(
    server: Server, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login u password {SECRET}\n")
    server.on(PAGE, Reply(BODY))
    web = Web({}, Wallet({"NETRC": str(netrc)}))
    web.get(server.url + PAGE, accept="*/*", headers={"Authorization": "Bearer t"})
    assert server.sent("Authorization") == ["Bearer t"]


# --- the environment -----------------------------------------------------------

CA_VARIABLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]


@pytest.mark.parametrize("variable", CA_VARIABLES)
def test_a_ca_bundle_that_is_not_there_is_told(
    variable: str, server: Server, tmp_path: Path
) -> None:
    server.on(PAGE, Reply(BODY))
    web = Web({variable: str(tmp_path / "ca.pem")})
    with pytest.raises(IndexUnavailableError, match=variable) as raised:
        get(server, web)
    assert str(tmp_path / "ca.pem") in raised.value.message
    assert "container" in raised.value.hint
    assert not raised.value.transient
    assert server.seen == []


@pytest.mark.parametrize("variable", CA_VARIABLES)
def test_the_ca_bundle_of_the_environment_is_the_one_that_is_used(
    variable: str, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text("no certificate\n")
    web = Web({variable: str(tmp_path / "ca.pem")})
    with pytest.raises(IndexUnavailableError, match=r"(?i)certificate"):
        web.get(f"https://{server.host}{PAGE}", accept="*/*")


def test_a_ca_variable_that_is_empty_names_nothing(server: Server) -> None:
    server.on(PAGE, Reply(BODY))
    assert get(server, Web(dict.fromkeys(CA_VARIABLES, ""))).body == BODY


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_used(
    name: str, server: Server, other: Server
) -> None:
    url = f"http://index.example{PAGE}"
    other.on(url, Reply(BODY))
    answer = Web({name: other.url}).get(url, accept="*/*")
    assert answer.body == BODY
    assert other.asked() == [url]


@pytest.mark.parametrize(
    "no_proxy", ["127.0.0.1", "*", "localhost,127.0.0.1", "{host}"]
)
@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_a_host_without_proxy_is_asked_itself(
    name: str, no_proxy: str, server: Server
) -> None:
    server.on(PAGE, Reply(BODY))
    server.on(FILE, Reply(BODY))
    proxy = f"http://127.0.0.1:{closed_port()}"
    bypass = no_proxy.format(host=server.host)
    web = Web({"http_proxy": proxy, "https_proxy": proxy, name: bypass})
    assert get(server, web).body == BODY
    assert web.digest(server.url + FILE, home=server.url).size == len(BODY)


def test_a_proxy_of_the_process_counts_only_where_it_is_handed_over(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.on(PAGE, Reply(BODY))
    assert get(server).body == BODY


def test_no_error_of_a_proxy_tells_its_credentials() -> None:
    proxy = f"http://user:{SECRET}@127.0.0.1:{closed_port()}"
    web = Web({"http_proxy": proxy})
    with pytest.raises(IndexUnavailableError) as raised:
        web.get("http://index.example/", accept="*/*")
    assert SECRET not in raised.value.message
    assert "by way of the proxy that the environment names" in raised.value.message
    assert raised.value.transient


# --- files ---------------------------------------------------------------------

DIGEST = Digest(hashlib.sha256(BODY).hexdigest(), len(BODY))


def test_a_file_is_downloaded_and_hashed(server: Server) -> None:
    server.on(FILE, Reply(BODY))
    assert WEB.digest(server.url + FILE, home=server.url) == DIGEST


@pytest.mark.parametrize(
    "also", [("md5",), ("sha1", "sha512"), ("sha224", "sha384", "blake2b", "sha256")]
)
def test_a_file_is_hashed_by_other_algorithms_at_once(
    also: tuple[str, ...], server: Server
) -> None:
    server.on(FILE, Reply(BODY))
    others = {name: hashlib.new(name, BODY).hexdigest() for name in also}
    found = WEB.digest(server.url + FILE, home=server.url, also=also)
    assert found == Digest(DIGEST.sha256, DIGEST.size, others)
    assert server.asked() == [FILE]


@pytest.mark.parametrize("name", ["crc32", "shake_128", ""])
def test_an_algorithm_that_nobody_knows_is_no_hash(name: str, server: Server) -> None:
    server.on(FILE, Reply(BODY))
    with pytest.raises(IndexResponseError):
        WEB.digest(server.url + FILE, home=server.url, also=[name])


def test_a_machine_that_refuses_old_hashes_makes_them_all_the_same(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine under FIPS 140 refuses them, but for what is no matter of security."""
    new = hashlib.new

    def strict(name: str, *, usedforsecurity: bool = True) -> object:
        if name == "md5" and usedforsecurity:
            raise ValueError("[digital envelope routines] unsupported")
        return new(name, usedforsecurity=usedforsecurity)

    monkeypatch.setattr(hashlib, "new", strict)
    server.on(FILE, Reply(BODY))
    found = WEB.digest(server.url + FILE, home=server.url, also=["md5"])
    monkeypatch.undo()
    assert found.others == {"md5": hashlib.new("md5", BODY).hexdigest()}


def test_an_empty_file_has_a_hash(server: Server) -> None:
    server.on(FILE, Reply(b""))
    expected = Digest(hashlib.sha256(b"").hexdigest(), 0)
    assert WEB.digest(server.url + FILE, home=server.url) == expected


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-gzip"])
def test_a_file_is_hashed_as_it_is_served(encoding: str, server: Server) -> None:
    served = gzip.compress(BODY, mtime=0)
    server.on(FILE, Reply(served, headers={"Content-Encoding": encoding}))
    expected = Digest(hashlib.sha256(served).hexdigest(), len(served))
    assert WEB.digest(server.url + FILE, home=server.url) == expected


def test_a_file_is_not_packed_on_its_way_where_a_page_may_be(server: Server) -> None:
    """nginx packs on the fly what a client takes packed."""

    def pack_if_asked(request: Seen) -> Answer:
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Reply(BODY)
        return Reply(gzip.compress(BODY), headers={"Content-Encoding": "gzip"})

    server.choose = pack_if_asked
    assert WEB.digest(server.url + FILE, home=server.url) == DIGEST
    assert get(server).body == BODY
    assert server.sent("Accept-Encoding") == ["identity", "gzip, deflate"]


def test_a_fragment_of_a_file_is_not_asked_for(server: Server) -> None:
    server.on(FILE, Reply(BODY))
    WEB.digest(f"{server.url}{FILE}#sha256=abc", home=server.url)
    assert server.asked() == [FILE]


def test_a_file_may_lie_behind_redirects_on_any_host(
    server: Server, other: Server
) -> None:
    server.on(FILE, redirect(f"{other.url}/blob?sig=1", 303))
    other.on("/blob?sig=1", redirect("/deeper", 307))
    other.on("/deeper", Reply(BODY))
    assert WEB.digest(server.url + FILE, home=server.url) == DIGEST


def test_a_file_on_the_index_is_asked_for_with_the_credentials(server: Server) -> None:
    server.on(FILE, Reply(BODY))
    home = server.with_credentials("u:p") + "/simple/"
    WEB.digest(server.url + FILE, home=home)
    assert server.sent("Authorization") == [basic("u", "p")]


def test_a_file_on_another_host_is_asked_for_without(
    server: Server, other: Server
) -> None:
    other.on(FILE, Reply(BODY))
    WEB.digest(other.url + FILE, home=server.with_credentials("u:p"))
    assert other.sent("Authorization") == [None]


def test_a_redirect_to_another_host_leaves_the_credentials_behind(
    server: Server, other: Server
) -> None:
    server.on(FILE, redirect(other.url + FILE))
    other.on(FILE, redirect(server.url + "/back"))
    server.on("/back", Reply(BODY))
    WEB.digest(server.url + FILE, home=server.with_credentials("u:p"))
    assert server.sent("Authorization") == [basic("u", "p"), None]
    assert other.sent("Authorization") == [None]


def test_credentials_in_a_files_own_address_are_not_sent(
    server: Server, other: Server
) -> None:
    other.on(FILE, Reply(BODY))
    WEB.digest(other.with_credentials("x:y") + FILE, home=server.url)
    assert other.sent("Authorization") == [None]


@pytest.mark.parametrize("home", ["https://u:p@127.0.0.1/", "https://u:p@{host}/"])
def test_credentials_for_https_are_not_sent_over_http(
    home: str, server: Server
) -> None:
    server.on(FILE, Reply(BODY))
    WEB.digest(server.url + FILE, home=home.format(host=server.host))
    assert server.sent("Authorization") == [None]


def test_credentials_for_one_port_are_not_sent_to_another(
    server: Server, other: Server
) -> None:
    other.on(FILE, Reply(BODY))
    home = f"http://u:p@127.0.0.1:{closed_port()}/"
    WEB.digest(other.url + FILE, home=home)
    assert other.sent("Authorization") == [None]


@dataclass(frozen=True)
class Failure:
    """What a file's address answers, and whether that may pass."""

    answer: Answer
    transient: bool


FAILURES = {
    "404": Failure(Reply(b"", 404), transient=False),
    "403": Failure(Reply(b"", 403), transient=False),
    "204": Failure(Reply(b"", 204), transient=False),
    "206": Failure(Reply(BODY, 206), transient=False),
    "503": Failure(Reply(b"", 503), transient=True),
    "429": Failure(Reply(b"", 429), transient=True),
    "a cut": Failure(Reply(BODY, claimed=9999), transient=True),
    "a loop": Failure(redirect(FILE), transient=False),
    "a redirect to no address": Failure(redirect("http://[x/"), transient=False),
    "a redirect to a file": Failure(redirect("file:///etc/passwd"), transient=False),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_a_file_that_is_not_served_has_no_hash(
    failure: Failure, server: Server
) -> None:
    server.on(FILE, failure.answer)
    with within(20), pytest.raises(SourceError) as raised:
        WEB.digest(server.url + FILE, home=server.url)
    assert is_transient(raised.value) is failure.transient


def test_the_interpreters_own_errors_are_not_ours() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        WEB._within(5.0, "http://index.example/", interrupted)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:s3cr3t#x@proxy.example:3128",
        "http://user:s3cr3t/x@proxy.example:3128",
        "user:s3cr3t?x@proxy.example",
        "socks5://user:s3cr3t@proxy.example:1080",
        "http://user:s3cr3t@",
    ],
)
def test_a_proxy_that_is_no_address_is_told_without_its_password(proxy: str) -> None:
    web = Web({"http_proxy": proxy})
    with pytest.raises(IndexUnavailableError) as raised:
        web.get("http://index.example/simple/demo/", accept="*/*")
    assert "proxy" in raised.value.message
    assert "s3cr3t" not in raised.value.message + raised.value.hint


def test_no_credentials_go_where_an_address_is_read_in_two_ways(
    server: Server,
) -> None:
    """``urlsplit`` takes the host behind the backslash, ``requests`` the one before."""
    server.on(PAGE, redirect(f"http://{server.host}\\@index.example{FILE}"))
    server.on(FILE, Reply(BODY))
    home = server.with_credentials(f"u:{SECRET}")
    web = Web({}, Wallet({}, lambda: Home(home)))
    answer = web.get(home + PAGE, accept="*/*")
    assert answer.away
    assert server.asked() == [PAGE]
