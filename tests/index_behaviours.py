"""What an index may do, and the verdict: a table of rows, which
``test_index_behaviours.py`` plays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import signing
from misbehaving import (
    BOTH,
    HTML,
    JSON,
    OLD,
    SDIST,
    WHEEL,
    File,
    Index,
    Script,
    anchor,
    begun,
    chunked,
    entry,
    files_of,
    http_answer,
    huge_listing,
    page,
    page_of,
    project_json,
    release_json,
    stalling,
    zipped,
)
from servers import Answer, Reply, closed_port, endless, raw, redirect

from release_guard.jobs.verify import Proof
from release_guard.layouts import public_repository_url, simple_url_of
from release_guard.policy import IndexSettings, Overrides, Policy, PolicyFile, resolve
from release_guard.sources.web import Web

#: What each state is worth, without and with ``--strict``.
CODES = {
    "exact": (0, 0),
    "metadata-differs": (0, 1),
    "inconsistent": (0, 1),
    "late": (1, 1),
    "missing": (1, 1),
    "unexpected": (1, 1),
    "altered": (1, 1),
    "yanked": (1, 1),
    "changed-elsewhere": (1, 1),
    "unattested": (1, 1),
    "unproven": (3, 3),
    "stale": (3, 3),
    "unreachable": (3, 3),
    "not-this-index": (3, 3),
    "unreadable": (3, 3),
}
#: Where something else than the listing is wrong, any word but "exact".
NOT_EXACT = tuple(state for state in CODES if state != "exact")
#: The rule that tells a state, where there is one.
RULES = {
    "metadata-differs": "published-metadata",
    "inconsistent": "index-inconsistent",
    "late": "published-missing",
    "missing": "published-missing",
    "unexpected": "published-unexpected",
    "altered": "published-altered",
    "yanked": "published-yanked",
    "changed-elsewhere": "published-elsewhere",
    "unattested": "published-unattested",
}

PATIENT = Web({}, connect=10, read=20, whole=20, largest=2 << 20, whole_file=20)
#: For servers that hang: what is sound must not be late by it.
HASTY = replace(PATIENT, read=0.1, whole=0.15, whole_file=0.15)


@dataclass(frozen=True)
class Row:
    """What an index does, and the verdict.

    ``because`` is a rule, or a part of the reason why nothing was decided, and
    ``exit_code`` is set where the state does not decide it. ``looks`` is how often the
    page is asked for. ``signers`` are who must have signed, where anybody must.
    """

    name: str
    does: Script
    state: str | tuple[str, ...]
    because: str = ""
    looks: int | None = None
    timeout: float = 60.0
    web: Web = PATIENT
    strict: bool = False
    before: tuple[File, ...] | None = None
    projects: tuple[str, ...] = ("demo",)
    url: str = ""
    exit_code: int | None = None
    proof: Proof = Proof()  # noqa: RUF009 - a frozen value
    is_warehouse: bool = False
    signers: PolicyFile | None = None

    @property
    def codes(self) -> set[int]:
        """The exit codes that it may have."""
        if self.exit_code is not None:
            return {self.exit_code}
        return {CODES[state][self.strict] for state in self.states}

    @property
    def states(self) -> tuple[str, ...]:
        """The states that it may be called."""
        return (self.state,) if isinstance(self.state, str) else self.state

    def policy(self, root: str) -> Policy:
        """The policy for an index that is read there."""
        if not self.is_warehouse:
            said = Overrides(
                index_url=root,
                strict=self.strict,
                provenance=self.signers is not None,
            )
            return resolve(self.signers or PolicyFile(), said)
        ours = IndexSettings(simple_url=root, upload_rules="pypi")
        file = PolicyFile(indexes={"ours": ours})
        return resolve(file, Overrides(index="ours", strict=self.strict))


def rows(
    state: str | tuple[str, ...],
    because: str = "",
    *,
    does: Mapping[str, Script],
    **said: Any,  # noqa: ANN401 - the rest of a row
) -> list[Row]:
    """Several rows with the same verdict."""
    return [Row(name, one, state, because, **said) for name, one in does.items()]


def nothing(index: Index) -> None:
    """An index that is told nothing."""


def says(*answers: Answer) -> Script:
    """An index that answers so, in turn."""
    return lambda index: index.says(*answers)


def serves(*answers: Answer, files: tuple[File, ...] = BOTH) -> Script:
    """An index that answers so, and lets the files be downloaded."""

    def script(index: Index) -> None:
        index.serves(*files)
        index.says(*answers)

    return script


def told(
    *listed: Any,  # noqa: ANN401 - as ``page``
    **said: Any,  # noqa: ANN401
) -> Script:
    """An index that always answers with this page."""
    return says(page(*listed, **said))


def body(text: str | bytes, content_type: str = JSON, **headers: str) -> Script:
    """An index that always answers with this body."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return says(page_of(text, content_type, headers=named))


ALL = page(*BOTH)
HALF = page(WHEEL)
NONE = page()
BEFORE = page(OLD)
NOT_THERE = page_of("404 Not Found", "text/plain", status=404)
BUSY = Reply(b"", 503)
EXTRA = File("demo-1.0-1-py3-none-any.whl", b"nobody knows it")
ZEROS = "0" * 64
#: A file that is listed with bytes that nobody checked.
WRONG = entry(WHEEL, hashes={"sha256": ZEROS})
ALTERED = File(WHEEL.filename, b"bytes that nobody checked")


# --- lateness ----------------------------------------------------------------------

LATE = [
    Row("all is there at once", says(ALL), "exact", looks=1),
    Row("three looks are stale", says(*[NOT_THERE] * 3, ALL), "exact", looks=4),
    Row("the page is there, and empty at first", says(NONE, ALL), "exact", looks=2),
    Row("one file comes after the other", says(NONE, HALF, ALL), "exact", looks=3),
    *rows(
        "missing",
        does={
            "the project never gets known": says(NOT_THERE),
            "the page stays empty": says(NONE),
            "half of the release never comes": says(HALF),
            "only the earlier release is listed": says(BEFORE),
        },
    ),
    Row("there is no time to wait", says(HALF, ALL), "missing", looks=1, timeout=0),
    Row(
        "all comes a look after the time is up",
        says(*[HALF] * 4, ALL),
        "missing",
        timeout=7,
    ),
    *rows(
        "late",
        timeout=20,
        does={
            "a file appears and disappears": says(*[HALF, page(SDIST)] * 10),
            "the release was there and is gone": says(HALF, page(SDIST), NOT_THERE),
        },
    ),
    *rows(
        "altered",
        looks=1,
        does={
            "the right bytes come after other bytes": says(page(WRONG, SDIST), ALL),
            "one file has other bytes and the other is late": says(page(WRONG), ALL),
        },
    ),
    Row(
        "other bytes come late",
        says(NONE, HALF, page(WHEEL, entry(SDIST, hashes={"sha256": ZEROS}))),
        "altered",
        looks=3,
    ),
    Row(
        "one file is yanked and the other is late",
        says(page(entry(WHEEL, yanked="broken")), ALL),
        "yanked",
        looks=1,
    ),
    Row(
        "an unexpected file comes before the expected ones",
        says(page(EXTRA), ALL),
        "unexpected",
        looks=1,
    ),
]

# --- caches and serials ------------------------------------------------------------

AGE = {"Age": "12"}
CDN = {"X-Cache": "HIT, MISS", "Via": "1.1 varnish"}
SHARED = {"Cache-Control": "max-age=600, public"}


def cached(*listed: Any, **said: Any) -> Reply:  # noqa: ANN401
    """A page that a cache may have kept."""
    return page(*listed, headers=AGE, **said)


def numbered(serial: int, *listed: Any, **said: Any) -> Reply:  # noqa: ANN401
    """A page with the serial in its header."""
    return page(*listed, headers={"X-PyPI-Last-Serial": str(serial)}, **said)


CACHES = [
    *rows(
        "exact",
        looks=2,
        does={
            "caches agree that all is there": says(cached(*BOTH)),
            "a content network marks its answers": told(*BOTH, headers=CDN),
            "an answer may be kept": told(*BOTH, headers=SHARED),
            "caches without hashes agree, and serve the right bytes": serves(
                page(*[entry(f, hashes={}) for f in BOTH], headers=AGE)
            ),
        },
    ),
    Row(
        "caches agree, and there is no time to wait",
        says(cached(*BOTH)),
        "exact",
        looks=2,
        timeout=0,
    ),
    Row(
        "one cache has it, the next has half of it, then all have it",
        says(cached(*BOTH), cached(WHEEL), cached(*BOTH), cached(*BOTH)),
        "exact",
        looks=4,
    ),
    *rows(
        "late",
        timeout=40,
        does={
            "two caches take turns, and only one of them has all": says(
                *[cached(*BOTH), cached(WHEEL)] * 20
            ),
            "one cache does not know the project, the next has all": says(
                *[page_of("", "text/plain", status=404, headers=AGE), cached(*BOTH)]
                * 20
            ),
        },
    ),
    Row(
        "a cache that has all speaks when the time is up, and another has half",
        says(cached(WHEEL), cached(*BOTH), cached(WHEEL)),
        "late",
        timeout=2,
    ),
    Row(
        "a cache has all, and the next serves other bytes",
        says(cached(*BOTH), cached(WRONG, SDIST)),
        "altered",
        looks=2,
    ),
    Row(
        "a cache has all, and the next has a file more",
        says(cached(*BOTH), cached(*BOTH, EXTRA)),
        "unexpected",
        looks=2,
    ),
    Row(
        "a cache has all, and the next says that it is yanked",
        says(cached(*BOTH), cached(entry(WHEEL, yanked=True), SDIST)),
        "yanked",
        looks=2,
    ),
    *rows(
        "exact",
        does={
            "the serial is told and never changes": told(*BOTH, serial=10**9),
            "all is listed behind the serial, until it catches up": says(
                page(WHEEL, serial=8), page(*BOTH, serial=7), page(*BOTH, serial=8)
            ),
            "a serial is no number": told(*BOTH, serial="12"),
            "a header's serial is no number": told(
                *BOTH, headers={"X-PyPI-Last-Serial": "x"}
            ),
            "the serial is enormous": told(*BOTH, serial=10**40),
        },
    ),
    *rows(
        "exact",
        looks=3,
        does={
            "the serial grows while the files arrive": says(
                page(serial=5), page(WHEEL, serial=6), page(*BOTH, serial=7)
            ),
            "an answer of an earlier serial comes between": says(
                page(WHEEL, serial=7), page(serial=5), page(*BOTH, serial=8)
            ),
        },
    ),
    *rows(
        "stale",
        timeout=20,
        does={
            "all is listed, but behind the serial of before": says(
                page(WHEEL, serial=8), page(*BOTH, serial=7)
            ),
            "the serial in the header goes back": says(
                numbered(8, WHEEL), numbered(7, *BOTH)
            ),
            "the serial at the end of an HTML page goes back": says(
                page(anchor(WHEEL), serial=8), page(*map(anchor, BOTH), serial=7)
            ),
            "the serial goes back from JSON to HTML": says(
                page(WHEEL, serial=8), page(*map(anchor, BOTH), serial=7)
            ),
            "the serial of devpi goes back": says(
                page(WHEEL, headers={"X-Devpi-Serial": "8"}),
                page(*BOTH, headers={"X-Devpi-Serial": "7"}),
            ),
            "the earlier release is behind the serial": says(
                page(WHEEL, serial=8), page(serial=7)
            ),
        },
    ),
    Row(
        "two caches have all, and never agree about the rest",
        says(*[cached(*BOTH), cached(*BOTH, OLD)] * 20),
        NOT_EXACT,
        "no two answers in turn said the same",
        timeout=40,
        exit_code=3,
    ),
]

# --- servers in trouble ------------------------------------------------------------


def refuses(status: int, **headers: str) -> Reply:
    """A refusal."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Reply(b"", status, named)


def busy_until(**after: float) -> Callable[[Index], None]:
    """An index that is busy until an hour that its header tells."""

    def script(index: Index) -> None:
        date = format_datetime(datetime.now(UTC) + timedelta(**after), usegmt=True)
        index.says(refuses(429, Retry_After=date), ALL)

    return script


HEAD = http_answer(Content_Length=len(ALL.body))
CUT = HEAD + ALL.body[:-40]

TROUBLE = [
    *rows(
        "exact",
        looks=2,
        does={
            "a 429 says when to come back": says(refuses(429, Retry_After="17"), ALL),
            "a 429 says a date": busy_until(seconds=17),
            "a 429 says a date of the past": busy_until(days=-4000),
            "a 429 says nothing that can be read": says(
                refuses(429, Retry_After="soon; or\tnot"), ALL
            ),
            "a 429 says a negative time": says(refuses(429, Retry_After="-3600"), ALL),
            "a 503 says when to come back": says(refuses(503, Retry_After="9"), ALL),
            "the connection ends once, and then all is well": says(raw(b""), ALL),
            "the connection ends in the body, and then all is well": says(
                raw(CUT), ALL
            ),
        },
    ),
    *rows(
        "unreachable",
        "answers 429",
        does={
            "a 429 says a time of 5,000 digits": says(
                refuses(429, Retry_After="9" * 5000), ALL
            ),
            "a 429 says an hour": says(refuses(429, Retry_After="3600"), ALL),
            "a 429 says a year from now": busy_until(days=365),
            "a 429 that does not end": says(refuses(429)),
            "a 429 that always says to come back at once": says(
                refuses(429, Retry_After="0")
            ),
        },
    ),
    Row(
        "a burst of 5xx",
        says(*map(refuses, (500, 502, 503, 504)), ALL),
        "exact",
        looks=5,
    ),
    *rows(
        "unreachable",
        "answers 503",
        does={
            "a 503 that does not end": says(BUSY),
            "half of it is listed, and then a 503 that does not end": says(HALF, BUSY),
            "a 503 with the whole listing": says(replace(ALL, status=503)),
        },
    ),
    Row(
        "a 500 with a login page",
        says(page_of("<form>", HTML, status=500)),
        "unreachable",
        "answers 500",
    ),
    *[
        Row(
            f"a {status} is no answer that waiting mends",
            says(refuses(status), ALL),
            "unreachable",
            f"answers {status}",
            looks=1,
        )
        for status in (400, 401, 402, 403, 405, 406, 407, 410, 415, 418, 451, 501, 505)
    ],
    *[
        Row(
            f"a {status} with the whole listing is no listing",
            says(replace(ALL, status=status)),
            "unreachable",
            f"answers {status}",
        )
        for status in (201, 203, 204, 206, 226, 304, 599, 999)
    ],
    *rows(
        "missing",
        does={
            "a 404 with the whole listing": says(replace(ALL, status=404)),
            "a 404 that is a page of the forge": says(
                page_of("<h1>Not here</h1>", HTML, status=404)
            ),
        },
    ),
    Row(
        "nobody listens",
        nothing,
        "unreachable",
        "is not reached",
        url=f"http://127.0.0.1:{closed_port()}/simple/",
    ),
    *rows(
        "unreachable",
        "is not reached",
        does={
            "the connection ends before the first byte": says(raw(b"")),
            "the connection ends in the head": says(raw(HEAD[:25])),
            "the connection ends in the body": says(raw(CUT)),
        },
    ),
    *rows(
        "unreachable",
        does={
            "the connection ends in a header": says(raw(HEAD[:50])),
            "the connection ends in the body, before the last mark": says(
                raw(HEAD + ALL.body[:-1])
            ),
            "a server that speaks another protocol": says(
                raw(b"SSH-2.0-OpenSSH_9.6\r\n")
            ),
            "the answer of HTTP/0.9": says(raw(ALL.body)),
            "chunks without the last one": says(chunked(ALL.body, end=b"")),
            "chunks of nonsense": says(
                raw(http_answer(b"zz\r\n" + ALL.body, Transfer_Encoding="chunked"))
            ),
            "two lengths that differ": says(
                raw(
                    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"
                    + HEAD.partition(b"\r\n")[2]
                    + ALL.body
                )
            ),
        },
    ),
    *rows(
        "exact",
        looks=1,
        does={
            "the answer of HTTP/1.0, which ends with the connection": says(
                raw(http_answer(ALL.body, first="HTTP/1.0 200 OK"))
            ),
            "an answer in chunks": says(chunked(ALL.body[:50], ALL.body[50:])),
        },
    ),
    *rows(
        "unreachable",
        timeout=1,
        web=HASTY,
        does={
            "a silent server": says(stalling()),
            "a head that drips": says(stalling(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n")),
            "a body that drips": says(stalling(HEAD + ALL.body[:9], b" ")),
            "a body that stops": says(stalling(CUT)),
        },
    ),
    Row(
        "a silent server, and then all is well",
        says(stalling(), ALL),
        "exact",
        web=HASTY,
    ),
    *rows(
        "unreachable",
        timeout=5,
        does={
            "headers without an end": says(
                endless(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n")
            ),
            "a header without an end": says(
                endless(b"HTTP/1.1 200 OK\r\nX-More: ", b"x" * 999)
            ),
        },
    ),
    *rows(
        "unreadable",
        "sends more than",
        does={
            "a body without an end": says(
                endless(http_answer(ALL.body[:-1]), b" " * 65536)
            ),
            "a body without an end, in chunks": says(
                endless(
                    http_answer(Transfer_Encoding="chunked"),
                    b"10000\r\n" + b" " * 65536 + b"\r\n",
                )
            ),
        },
    ),
    Row(
        "a listing of 100 MB",
        says(huge_listing(100 << 20)),
        "unreadable",
        "sends more than",
        web=replace(PATIENT, largest=64 << 20),
    ),
    Row(
        "a chunk of negative length",
        says(raw(http_answer(b"-5\r\n" + ALL.body, Transfer_Encoding="chunked"))),
        "unreadable",
    ),
    Row(
        "a length that is less than the body",
        says(replace(ALL, claimed=80)),
        "unreadable",
        "no listing",
    ),
]

# --- redirects ---------------------------------------------------------------------

PUBLIC = f"{simple_url_of(public_repository_url('pypi'))}demo/"


def relative(to: str, fragment: str | None = None) -> list[str]:
    """The files as links from a folder."""
    return [anchor(file, fragment, href=f"{to}{file.filename}") for file in BOTH]


def leads(where: str, *answers: Answer, status: int = 302) -> Script:
    """An index that redirects to another address on its host, which answers so."""

    def script(index: Index) -> None:
        index.says(redirect(where, status))
        index.server.on(where, *answers)

    return script


def leads_to_pages(index: Index) -> None:
    """An index that redirects to a page whose links say where they are from there."""
    index.serves(*BOTH)
    leads("/pages/demo", page(*relative("../files/", "")))(index)


def leads_away(status: int = 302) -> Script:
    """An index that redirects to another host, where all is listed."""

    def script(index: Index) -> None:
        other = index.elsewhere()
        other.says(ALL)
        index.says(redirect(f"{other.root}demo/", status))

    return script


REDIRECTS = [
    *[
        Row(
            f"a {status} to another host that lists all",
            leads_away(status),
            "not-this-index",
            "redirects to another host",
            looks=1,
        )
        for status in (301, 302, 303, 307, 308)
    ],
    Row(
        "what it does not have it hands on to the public index",
        says(redirect(PUBLIC, 303)),
        "not-this-index",
        "published-missing",
        exit_code=1,
    ),
    Row(
        "it hands on to the public index until it has the release",
        says(redirect(PUBLIC, 303), ALL),
        "exact",
        looks=2,
    ),
    *rows(
        "not-this-index",
        "redirects to another host",
        does={
            "it hands on to another project's page of the public index": says(
                redirect(PUBLIC.replace("demo", "other"))
            ),
            "a redirect to another port of the same host": says(
                redirect("http://127.0.0.1:9/simple/demo/")
            ),
        },
    ),
    Row("a redirect on the same host", leads("/other/demo/", ALL), "exact", looks=1),
    *rows(
        "exact",
        does={
            "a redirect to the page without a slash": leads("/simple/demo", ALL),
            "relative links are of the address that answered": leads_to_pages,
        },
    ),
    *rows(
        "unreadable",
        "redirects without an end",
        does={
            "a redirect without a slash and back": leads(
                "/simple/demo", redirect("/simple/demo/")
            ),
            "a redirect to itself": says(redirect("/simple/demo/")),
        },
    ),
    Row(
        "a redirect to an address that is not there",
        leads("/gone/demo/", NOT_THERE),
        "unreadable",
        "redirects to an address that is not there",
    ),
    Row(
        "a redirect to a login page",
        leads("/login?to=demo", page_of("<input type=password>", HTML)),
        "unreadable",
        "no listing",
    ),
    *rows(
        "unreachable",
        does={
            "a redirect without an address": says(Reply(b"", 302)),
            "a redirect with many choices": says(Reply(b"", 300)),
        },
    ),
    *[
        Row(f"a redirect to {where.partition(':')[0]}", says(redirect(where)), state)
        for where, state in (
            ("file:///etc/passwd", "not-this-index"),
            ("ftp://index.example/simple/demo/", "not-this-index"),
            ("javascript:alert(1)", "not-this-index"),
            ("http://[::1/simple/demo/", "unreadable"),
        )
    ],
]

# --- what an answer says it is -----------------------------------------------------

JSON_TEXT = ALL.body.decode()
HTML_ALL = page(*map(anchor, BOTH))
HTML_TEXT = HTML_ALL.body.decode()
LOGIN = "<html><title>Sign in</title><form><input type=password></form></html>"
PROXY = "<html><h1>Access denied</h1><p>The proxy does not like demo.</p></html>"

TYPES = [
    *rows(
        "unreadable",
        "its type is",
        does={
            "JSON that is called application/json": body(JSON_TEXT, "application/json"),
            "JSON that is called plain text": body(JSON_TEXT, "text/plain"),
            "JSON of version 2 of the API": body(JSON_TEXT, JSON.replace("v1", "v2")),
            "JSON without a type": says(Reply(ALL.body)),
            "HTML that is called XHTML": body(HTML_TEXT, "application/xhtml+xml"),
        },
    ),
    *rows(
        "unreadable",
        "no listing",
        does={
            "JSON that is called HTML": body(JSON_TEXT, HTML),
            "HTML that is called JSON": body(HTML_TEXT, JSON),
            "a page of a proxy": body(PROXY, HTML),
            "a page of a proxy that is called JSON": body(PROXY, JSON),
            "an empty answer": body(""),
            "an empty answer of HTML": body("", HTML),
            "a page of blanks": body(" \n" * 99, HTML),
            "JSON in UTF-16": body(JSON_TEXT.encode("utf-16"), JSON),
            "JSON in UTF-32, without a mark": body(JSON_TEXT.encode("utf-32-be"), JSON),
            "HTML in Latin-1": body(
                HTML_TEXT.replace("Links", "Süd").encode("latin-1"), HTML
            ),
            "JSON with bytes that are no UTF-8": body(
                ALL.body.replace(b"demo", b"dem\xff", 1)
            ),
        },
    ),
    *rows(
        "unreadable",
        "not asked for",
        does={
            "a page in a compression that nobody asked for": told(
                *BOTH, headers={"Content-Encoding": "x-magic"}
            ),
            "a page that is compressed twice": says(
                zipped(zipped(ALL), coding="gzip, gzip")
            ),
            "a small page that unpacks twice, to 32 MB": says(
                zipped(zipped(page_of(b" " * (32 << 20))), coding="gzip, gzip")
            ),
        },
    ),
    Row("a compressed page that is cut", says(zipped(ALL, cut=20)), "unreachable"),
    Row(
        "JSON with two types",
        says(raw(http_answer(ALL.body, content_type="text/html"))),
        "unreadable",
    ),
    *rows(
        "exact",
        does={
            "JSON whose type is in capitals": body(JSON_TEXT, JSON.upper()),
            "HTML as the standard calls it": body(
                HTML_TEXT, JSON.replace("json", "html")
            ),
            "HTML that is called text_html, as devpi does": body(
                HTML_TEXT, "text_html"
            ),
            "a charset in quotes": body(JSON_TEXT, f'{JSON}; charset="UTF-8"'),
        },
    ),
    Row("a login page", body(LOGIN, HTML), "unreadable", "no listing", looks=1),
    Row(
        "a login page that links to everything",
        body(HTML_TEXT + LOGIN, HTML),
        "unreadable",
        "asks for a password",
    ),
    Row(
        "half of it is listed, and then a login page",
        says(HALF, page_of(LOGIN, HTML)),
        "unreadable",
        looks=2,
    ),
    *rows(
        "unreadable",
        "its charset is",
        does={
            "a charset that is not the body's": body(
                JSON_TEXT, f"{JSON}; charset=utf-16"
            ),
            "HTML in UTF-7, which hides its tags": body(
                HTML_TEXT.encode("utf-7"), f"{HTML}; charset=utf-7"
            ),
        },
    ),
    Row("a compressed page", says(zipped(ALL)), "exact", looks=1),
    Row(
        "a page that is called compressed, and is not",
        told(*BOTH, headers={"Content-Encoding": "gzip"}),
        "unreachable",
    ),
    *rows(
        ("unreadable", "unreachable"),
        does={
            "a compressed page without its end": says(begun(JSON_TEXT, JSON)),
            "a compressed page without the links that come last": says(
                begun("\n".join(map(anchor, BOTH)), HTML)
            ),
        },
    ),
    *rows(
        "unreadable",
        "sends more than",
        does={
            "a small page that unpacks to 32 MB": says(
                zipped(page_of(b" " * (32 << 20)))
            ),
        },
    ),
]

# --- JSON --------------------------------------------------------------------------


def changed(old: str, new: str) -> Script:
    """An index whose JSON has one text in place of another."""
    assert old in JSON_TEXT
    return body(JSON_TEXT.replace(old, new, 1))


DEEP = '{"a":' * 20_000 + "1" + "}" * 20_000
JSONS = [
    *[
        Row(f"JSON of API version {api}", told(*BOTH, api=api), "exact", looks=1)
        for api in ("1.0", "1.1", "1.2", "1.3", "1.4")
    ],
    *rows(
        "exact",
        does={
            "JSON of a minor version that nobody knows": told(*BOTH, api="1.99"),
            "JSON with null for what is not known": told(
                *[
                    entry(
                        f,
                        size=None,
                        yanked=None,
                        upload_time=None,
                        core_metadata=None,
                    )
                    for f in BOTH
                ]
            ),
            "JSON with keys that nobody knows": told(
                entry(WHEEL, colour="red"), SDIST, tracks=[], alternate_locations=["x"]
            ),
            "JSON in which the files are in no order": told(SDIST, WHEEL),
            "JSON with a mark at its beginning": body(b"\xef\xbb\xbf" + ALL.body),
            "JSON whose versions lack the release that its files are of": told(
                *BOTH, versions=["0.9"]
            ),
            "JSON without a name": told(*BOTH, name=...),
            "JSON with another spelling of the name": told(*BOTH, name="DEMO"),
            "JSON whose upload time has no zone": told(
                entry(WHEEL, upload_time="2026-08-21T10:00:00"), SDIST
            ),
        },
    ),
    *[
        Row(
            f"JSON of API version {api!r}",
            told(*BOTH, api=api),
            "unreadable",
            "API version",
        )
        for api in ("2.0", "", "0.9", "1.x", "01.0", "\uff11.\uff10")
    ],
    Row(
        "JSON of an API version that is a number",
        changed('"1.4"', "1.4"),
        "unreadable",
        "api-version",
    ),
    Row(
        "JSON of 1.0 that says as little as it may",
        told(
            *[
                entry(
                    f,
                    size=...,
                    yanked=...,
                    upload_time=...,
                    core_metadata=...,
                    requires_python=...,
                )
                for f in BOTH
            ],
            api="1.0",
        ),
        "exact",
        looks=1,
    ),
    Row("JSON that is cut", body(JSON_TEXT[:-30]), "unreadable", "no listing", looks=1),
    *rows(
        "unreadable",
        "no listing",
        does={
            "JSON with more behind it": body(JSON_TEXT + "{}"),
            "JSON with a comma too much": changed('"files": [', '"files": [,'),
            "JSON that is nested too deep": body(DEEP),
            "JSON with a key that is nested too deep": changed(
                '"name":', f'"deep": {DEEP}, "name":'
            ),
            "JSON with a size that is no number": changed(
                '"size": ', '"size": NaN, "was": '
            ),
            "JSON with an infinite size": changed(
                '"size": ', '"size": Infinity, "was": '
            ),
            "JSON with no number in a key that nobody reads": changed(
                '"name":', '"score": NaN, "name":'
            ),
            "JSON with a number of 5,000 digits": changed(
                '"size": ', f'"size": {"9" * 5000}, "was": '
            ),
        },
    ),
    *rows(
        "unreadable",
        "a key twice",
        does={
            "JSON whose files stand twice": changed(
                '"files":', '"files": [], "files":'
            ),
            "JSON in which a file has two hashes of one kind": changed(
                '"sha256":', f'"sha256": "{ZEROS}", "sha256":'
            ),
        },
    ),
    *rows(
        "unreadable",
        does={
            "JSON in which a file has the hash under two spellings": told(
                entry(WHEEL, hashes={"sha256": ZEROS, "SHA256": WHEEL.sha256}), SDIST
            ),
            "JSON whose upload time is no time": told(
                entry(WHEEL, upload_time="yesterday"), SDIST
            ),
        },
    ),
    *rows(
        "unreadable",
        "no JSON object",
        does={
            "JSON that is a list": body("[]"),
            "JSON that is null": body("null"),
        },
    ),
    Row(
        "JSON that is an error",
        body('{"detail": "Not found"}'),
        "unreadable",
        "'meta' is missing",
    ),
    *rows(
        "unreadable",
        "'files' is missing",
        does={
            "JSON without files": told(*BOTH, files=...),
            "JSON whose files are null": told(files=None),
            "JSON whose files are a table": told(files={}),
        },
    ),
    Row(
        "JSON whose files are names",
        told(files=[f.filename for f in BOTH]),
        "unreadable",
        "is no object",
    ),
    Row("JSON with versions and without files", told(versions=["1.0"]), "missing"),
    *rows(
        "unreadable",
        "of another project",
        does={
            "JSON of another project": told(*BOTH, name="demo-extra"),
            "JSON whose name is a number": told(*BOTH, name=1),
        },
    ),
    Row(
        "a page of another project's files",
        told(*files_of("other")),
        "unreadable",
        "it lists files of other",
    ),
    *[
        Row(
            f"JSON with a file without its {key}",
            told(entry(WHEEL, **{key: ...}), SDIST),
            "unreadable",
            f"'{key}' is missing",
        )
        for key in ("filename", "url", "hashes")
    ],
    *rows(
        "unreadable",
        "'hashes' is missing",
        does={
            "JSON whose hashes are null": told(entry(WHEEL, hashes=None), SDIST),
            "JSON whose hashes are a text": told(
                entry(WHEEL, hashes=WHEEL.sha256), SDIST
            ),
        },
    ),
    *rows(
        "unreadable",
        "is no sha256",
        does={
            "JSON with a sha256 that is too short": told(
                entry(WHEEL, hashes={"sha256": "ab"}), SDIST
            ),
            "JSON with a sha256 that is empty": told(
                entry(WHEEL, hashes={"sha256": ""}), SDIST
            ),
            "JSON with a sha256 that is a list": told(
                entry(WHEEL, hashes={"sha256": [WHEEL.sha256]}), SDIST
            ),
            "JSON with a sha256 of other digits": told(
                entry(WHEEL, hashes={"sha256": "٣" * 64}), SDIST
            ),
        },
    ),
    Row(
        "JSON whose yanked is a number",
        told(entry(WHEEL, yanked=1), SDIST),
        "unreadable",
        "its 'yanked' is",
    ),
    *rows(
        "unreadable",
        "its 'size' is",
        does={
            "JSON whose size is a text": told(entry(WHEEL, size="9"), SDIST),
            "JSON whose size is true": told(entry(WHEEL, size=True), SDIST),
        },
    ),
]

# --- hashes and links --------------------------------------------------------------


def hashed(write: Callable[[File], str]) -> list[str]:
    """The files as links whose fragment is written so."""
    return [anchor(file, write(file)) for file in BOTH]


def based(base: str, *, hashed: bool = True) -> Reply:
    """A page whose links are to be read from another address."""
    text = page(*relative("")).body.decode()
    text = text if hashed else text.replace("#sha256", "#none")
    return page_of(text.replace("<head>", f'<head><base href="{base}">'), HTML)


UNHASHED = page(*[entry(file, hashes={}) for file in BOTH])


def serves_wheel(answer: Answer) -> Script:
    """An index without hashes, and what it answers to who fetches the wheel."""

    def script(index: Index) -> None:
        serves(UNHASHED)(index)
        index.server.on(f"/files/{WHEEL.filename}", answer)

    return script


DOWNLOADED = [
    (
        "JSON that gives md5 only",
        page(*[entry(f, hashes={"md5": f.hashed("md5")}) for f in BOTH]),
    ),
    (
        "JSON that gives sha1 only",
        page(*[entry(f, hashes={"sha1": f.hashed("sha1")}) for f in BOTH]),
    ),
    (
        "JSON that gives sha512 only",
        page(*[entry(f, hashes={"sha512": f.hashed("sha512")}) for f in BOTH]),
    ),
    ("JSON that gives no hash", UNHASHED),
    (
        "JSON whose sha256 is null",
        page(*[entry(f, hashes={"sha256": None}) for f in BOTH]),
    ),
    (
        "JSON with a hash that nobody knows",
        page(*[entry(f, hashes={"crc32": "0"}) for f in BOTH]),
    ),
    ("HTML that gives md5 only", page(*hashed(lambda f: f"md5={f.hashed('md5')}"))),
    ("HTML that gives no hash", page(*hashed(lambda _: ""))),
    ("HTML with a fragment of setuptools", page(*hashed(lambda _: "egg=demo-1.0"))),
]

HASHES = [
    Row("HTML with the hash of the standard", says(HTML_ALL), "exact", looks=1),
    *rows(
        "exact",
        does={
            "HTML with sha256- as Gitea wrote it": told(
                *hashed(lambda f: f"sha256-{f.sha256}")
            ),
            "HTML with the hash alone, as pypicloud wrote it": told(
                *hashed(lambda f: f.sha256)
            ),
            "HTML with the hash in capitals": told(
                *hashed(lambda f: f"sha256={f.sha256.upper()}")
            ),
            "JSON with the hash in capitals": told(
                *[entry(f, hashes={"sha256": f.sha256.upper()}) for f in BOTH]
            ),
            "HTML with a fragment of two parts": told(
                *hashed(lambda f: f"sha256={f.sha256}&egg=demo")
            ),
            "JSON with the hash in the address as well, as GitLab does": told(
                entry(WHEEL, url=f"/files/{WHEEL.filename}#sha256={WHEEL.sha256}"),
                SDIST,
            ),
            "the files lie on another host, and have hashes": told(
                *[entry(f, url=f"http://files.example/{f.filename}") for f in BOTH]
            ),
            "links from the folder of the page": told(*relative("../../files/")),
            "links from the root of the host": told(*relative("/files/")),
            "links that are read from another address of the host": serves(
                based("/files/", hashed=False)
            ),
            "links that are read from another host": says(
                based("http://files.example/")
            ),
            "an HTML page with links to elsewhere between": told(
                *map(anchor, BOTH),
                '<a href="../">up</a>',
                '<a href="https://index.example/">home</a>',
            ),
            "an HTML page that is a list of a web server's folder": body(
                f'<html><h1>Index of /</h1><a href="../">../</a>{HTML_TEXT}</html>',
                HTML,
            ),
            "an HTML page of version 1.1": body(
                HTML_TEXT.replace(
                    "<head>",
                    '<head><meta name="pypi:repository-version" content="1.1">',
                ),
                HTML,
            ),
            "an HTML page with entities in its links": body(
                HTML_TEXT.replace("demo-1.0", "demo&#45;1.0"), HTML
            ),
            "an HTML page with escapes in its links": body(
                HTML_TEXT.replace("/files/demo", "/files/%64emo"), HTML
            ),
        },
    ),
    Row("HTML with other bytes", told(anchor(ALTERED), SDIST), "altered"),
    Row(
        "HTML with half a hash",
        told(*hashed(lambda f: f"sha256={f.sha256[:32]}")),
        "unreadable",
        "is no sha256",
    ),
    *rows(
        "unreadable",
        "two different sha256",
        does={
            "HTML with two hashes that differ": told(
                anchor(WHEEL, f"sha256={WHEEL.sha256}&sha256={ZEROS}"), SDIST
            ),
            "JSON and its address give two hashes that differ": told(
                entry(WHEEL, url=f"/files/{WHEEL.filename}#sha256={ZEROS}"), SDIST
            ),
        },
    ),
    *[
        Row(f"{what}, and serves the right bytes", serves(reply), "exact")
        for what, reply in DOWNLOADED
    ],
    *[
        Row(
            f"{what}, and serves other bytes",
            serves(reply, files=(ALTERED, SDIST)),
            "altered",
        )
        for what, reply in DOWNLOADED
    ],
    Row(
        "JSON gives no hash, and the file is not there",
        serves(UNHASHED, files=(SDIST,)),
        "unreachable",
        "answers 404",
    ),
    Row(
        "JSON gives no hash, and the file is behind a login",
        serves_wheel(refuses(401)),
        "unreachable",
        "answers 401",
    ),
    Row(
        "JSON gives no hash, and the file is cut",
        serves_wheel(Reply(WHEEL.content[:-2], claimed=len(WHEEL.content))),
        "unreachable",
    ),
    Row(
        "JSON gives no hash, and the file has no end",
        serves_wheel(endless(http_answer(), b"x" * 65536)),
        "unreadable",
        "sends more than",
        web=replace(PATIENT, largest_file=1 << 20),
    ),
    Row(
        "JSON gives no hash, and the file drips",
        serves_wheel(stalling(http_answer(b"x"), b"x")),
        "unreachable",
        timeout=1,
        web=HASTY,
    ),
    Row(
        "JSON gives no hash, and the file redirects without an end",
        serves_wheel(redirect(f"/files/{WHEEL.filename}")),
        "unreadable",
        "redirects without an end",
    ),
    Row(
        "JSON gives no hash, and the address leads to no web",
        told(entry(WHEEL, hashes={}, url=f"file:///files/{WHEEL.filename}"), SDIST),
        "unreadable",
    ),
    Row(
        "links whose text is another file's",
        told(anchor(WHEEL).replace(f">{WHEEL.filename}", f">{EXTRA.filename}"), SDIST),
        "unreadable",
        "leads to",
    ),
    Row(
        "JSON whose address is another file's",
        told(entry(WHEEL, url=f"/files/{EXTRA.filename}"), SDIST),
        "unreadable",
        "is at",
    ),
    Row(
        "a link with two addresses, the first of them with other bytes",
        told(
            anchor(ALTERED, more=f'href="/f/{WHEEL.filename}#sha256={WHEEL.sha256}"'),
            SDIST,
        ),
        ("altered", "unreadable"),
    ),
    Row(
        "an HTML page that is cut", body(HTML_TEXT[:-40], HTML), "unreadable", "cut off"
    ),
    Row(
        "an HTML page of version 2.0",
        body(
            HTML_TEXT.replace(
                "<head>", '<head><meta name="pypi:repository-version" content="2.0">'
            ),
            HTML,
        ),
        "unreadable",
        "API version",
    ),
    Row(
        "an HTML page whose links stand in a comment",
        body(
            HTML_TEXT.replace("<body>", "<body><!--").replace("</body>", "--></body>"),
            HTML,
        ),
        "missing",
    ),
    Row(
        "an HTML page of tags that do not end",
        body("<html>" + "<a href=x " * 9000, HTML),
        "unreadable",
        "tags that do not end",
    ),
]

# --- what is listed ----------------------------------------------------------------


def status(word: str, *listed: Any) -> Script:  # noqa: ANN401
    """A project that the index marks (PEP 792)."""
    return told(*listed, project_status={"status": word, "reason": "see\nthe mail"})


def twice(**said: object) -> Script:
    """A page that lists the wheel a second time, with these changes."""
    return told(*BOTH, entry(WHEEL, **said))


LISTINGS = [
    Row(
        "a file of the version that nobody expected",
        told(*BOTH, EXTRA),
        "unexpected",
        looks=1,
    ),
    Row(
        "a local version more, which is a version of its own",
        told(*BOTH, File("demo-1.0+local-py3-none-any.whl", b"x")),
        "exact",
    ),
    *rows(
        "unexpected",
        does={
            "a file more, in another spelling of the version": told(
                *BOTH, File("demo-1.0.0.tar.gz", b"x")
            ),
            "a file more, in another spelling of the name": told(
                *BOTH, File("Demo-1.0.zip", b"x")
            ),
            "an installer of earlier days more": told(
                *BOTH, File("demo-1.0.win32-py2.7.exe", b"x")
            ),
            "a compressed sdist of earlier days more": told(
                *BOTH, File("demo-1.0.txz", b"x")
            ),
            "an egg more": told(*BOTH, File("demo-1.0-py3.11.egg", b"x")),
            "the expected file in another spelling": told(
                SDIST, File(WHEEL.filename.replace("1.0", "1.0.0"), WHEEL.content)
            ),
            "the expected file in other letters": told(
                SDIST, File("Demo-1.0-py3-none-any.whl", WHEEL.content)
            ),
        },
    ),
    *rows(
        "exact",
        does={
            "other versions of the project": told(
                *BOTH, OLD, *files_of("demo", "1.1"), *files_of("demo", "1.0.post1")
            ),
            "a file is yanked with an empty reason, which JSON has not": told(
                entry(WHEEL, yanked=""), SDIST
            ),
            "a file stands twice, and is the same": twice(),
        },
    ),
    Row(
        "a version that contains the version",
        told(*files_of("demo", "11.0"), *files_of("demo", "1.0.1")),
        "missing",
        timeout=5,
    ),
    *rows(
        "exact",
        before=(OLD,),
        does={
            "files that an index inherits, beside the release": told(*BOTH, OLD),
            "an earlier release is yanked": told(*BOTH, entry(OLD, yanked=True)),
        },
    ),
    Row(
        "files that an index inherits of the same version",
        told(*BOTH, EXTRA),
        "exact",
        before=(EXTRA,),
    ),
    *rows(
        "changed-elsewhere",
        before=(),
        does={
            "the merged page of several indexes has a file more": told(*BOTH, OLD),
            "another release came at the same time": told(
                *BOTH, *files_of("demo", "1.1")
            ),
            "a file without a version came at the same time": told(
                *BOTH, File("demo.zip", b"x")
            ),
        },
    ),
    *rows(
        "changed-elsewhere",
        looks=1,
        before=(OLD,),
        does={
            "a file of an earlier release is gone": says(ALL),
            "the release is late, and an earlier file is gone": told(),
        },
    ),
    *rows(
        "changed-elsewhere",
        before=(OLD,),
        does={
            "a file of an earlier release has other bytes": told(
                *BOTH, entry(OLD, hashes={"sha256": ZEROS})
            ),
            "a file of an earlier release lost its hash": told(
                *BOTH, entry(OLD, hashes={})
            ),
        },
    ),
    Row(
        "a file has another size", told(entry(WHEEL, size=1), SDIST), "altered", looks=1
    ),
    *rows(
        "altered",
        does={
            "a file has a negative size": told(entry(WHEEL, size=-1), SDIST),
            "a file has no bytes": told(entry(WHEEL, size=0), SDIST),
        },
    ),
    Row(
        "a file is yanked, with a reason",
        told(entry(WHEEL, yanked="broken\x1b[2J"), SDIST),
        "yanked",
        looks=1,
    ),
    *rows(
        "yanked",
        does={
            "a file is yanked, without a reason": told(
                entry(WHEEL, yanked=True), SDIST
            ),
            "a file is yanked in HTML, with a reason": told(
                anchor(WHEEL, more='data-yanked="broken"'), SDIST
            ),
            "a file is yanked in HTML, without a reason": told(
                anchor(WHEEL, more="data-yanked"), SDIST
            ),
            "a file is yanked in HTML, with an empty reason": told(
                anchor(WHEEL, more='data-yanked=""'), SDIST
            ),
        },
    ),
    Row(
        "a project in quarantine, which offers no files",
        status("quarantined"),
        "missing",
        "published-status",
        looks=1,
    ),
    Row(
        "a project in quarantine that offers its files",
        status("quarantined", *BOTH),
        NOT_EXACT,
        "published-status",
        exit_code=1,
    ),
    *rows(
        "exact",
        "published-status",
        does={
            "a deprecated project": status("deprecated", *BOTH),
        },
    ),
    Row("an active project", status("active", *BOTH), "exact", looks=1),
    Row(
        "an archived project",
        status("archived", *BOTH),
        ("changed-elsewhere",),
        "published-status",
        looks=1,
        exit_code=1,
    ),
    Row(
        "a status that is no text",
        told(*BOTH, project_status={"status": None}),
        "unreadable",
        "'status' is missing",
    ),
    Row(
        "a status that is no table",
        told(*BOTH, project_status="active"),
        "unreadable",
        "'project-status' is missing",
    ),
    *rows(
        "unreadable",
        "twice, and differently",
        does={
            "a file stands twice, with two hashes": twice(hashes={"sha256": ZEROS}),
            "a file stands twice, once yanked": twice(yanked=True),
            "a file stands twice, with two sizes": twice(size=1),
            "a link stands twice, with two hashes": told(
                *map(anchor, BOTH), anchor(ALTERED)
            ),
            "a file stands twice, without hashes, at two addresses": told(
                SDIST,
                entry(WHEEL, hashes={}),
                entry(WHEEL, hashes={}, url=f"/b/{WHEEL.filename}"),
            ),
        },
    ),
    Row(
        "a listing of 20,000 other files",
        told(
            *BOTH,
            *[
                {
                    "filename": f"demo-0.{n}.tar.gz",
                    "url": f"/files/demo-0.{n}.tar.gz",
                    "hashes": {"sha256": ZEROS},
                }
                for n in range(20_000)
            ],
        ),
        "exact",
        looks=1,
        web=replace(PATIENT, largest=64 << 20),
    ),
]

# --- hostile names -----------------------------------------------------------------

HOSTILE = {
    "terminal codes": "demo-1.0-\x1b[2J\x1b]0;owned\x07.whl",
    "line ends": "demo-1.0-a\r\nb\n::error::owned\n.whl",
    "a command of the runner": "demo-1.0-\n::set-output name=x::y.whl",
    "an older command of the runner": "demo-1.0-##[set-env name=x]y-.whl",
    "letters that run backwards": "demo-1.0-\u202egpj.exe\u2066-any.whl",
    "letters that look alike": "demo-1.0-\u0440\u04433-none-any.whl",
    "a mark of no width": "demo-1.0-py3-none-any\u200b.whl",
    "200 characters": f"demo-1.0-{'a' * 190}-any.whl",
    "a zero byte": "demo-1.0-py3\x00-none-any.whl",
    "half a character": "demo-1.0-\ud800-any.whl",
    "Markdown and HTML": "demo-1.0-<img src=x onerror=y>|`-any.whl",
    "quotes": "demo-1.0-\"'&amp;-any.whl",
}
NAMES = [
    *[
        Row(
            f"a file more, whose name has {what}",
            told(
                *BOTH,
                {"filename": name, "url": "/files/x", "hashes": {"sha256": ZEROS}},
            ),
            "unexpected",
        )
        for what, name in HOSTILE.items()
    ],
    *rows(
        "unexpected",
        does={
            "a link more, whose name has terminal codes": told(
                *map(anchor, BOTH),
                anchor(File(HOSTILE["terminal codes"], b"x")),
            ),
            "a file whose name climbs out of a folder of Windows": told(
                *BOTH,
                {
                    "filename": "..\\demo-1.0-py3-none-any.whl",
                    "url": "/files/x",
                    "hashes": {"sha256": ZEROS},
                },
            ),
        },
    ),
    *[
        Row(
            f"a file whose name is {name!r:.40}",
            told(*BOTH, {"filename": name, "url": "/files/x", "hashes": {}}),
            "unreadable",
            "has the name",
        )
        for name in (
            "../../etc/passwd",
            "/etc/passwd",
            "demo-1.0/../x.whl",
            "",
            f"demo-1.0-{'a' * 10_000}-any.whl",
        )
    ],
    Row(
        "a reason of a yank that is a command",
        told(entry(WHEEL, yanked="\n::error::owned"), SDIST),
        "yanked",
    ),
    Row(
        "a status that is a command",
        status("archived\n::error::owned", *BOTH),
        "exact",
        "published-status",
    ),
    Row(
        "a name of the project that is a command",
        told(*BOTH, name="\n::error::owned"),
        "unreadable",
        "of another project",
    ),
    Row(
        "an API version that is a command",
        told(*BOTH, api="\n::error::owned"),
        "unreadable",
        "API version",
    ),
    Row(
        "a type that is a command",
        body("", "x/y\x1b[2J ##[error]owned"),
        "unreadable",
        "its type is",
    ),
    Row(
        "a reason of a status line that is a command",
        says(raw(http_answer(first="HTTP/1.1 503 ::error::owned\x1b[2J"))),
        "unreachable",
        "answers 503",
    ),
    Row(
        "an address to go to that is a command",
        says(redirect("http://x.example/\x1b[2J##[error]owned")),
        "not-this-index",
    ),
]

# --- metadata ----------------------------------------------------------------------

METADATA = [
    *rows(
        "metadata-differs",
        does={
            "Requires-Python is another": told(
                entry(WHEEL, requires_python=">=3.8"), SDIST
            ),
            "Requires-Python is null": told(entry(WHEEL, requires_python=None), SDIST),
            "Requires-Python is nonsense": told(
                entry(WHEEL, requires_python="\x1b[2J"), SDIST
            ),
            "Requires-Python is another in HTML": told(
                anchor(WHEEL, more='data-requires-python="&gt;=2"'), SDIST
            ),
            "the metadata beside the file has another hash": told(
                entry(WHEEL, core_metadata={"sha256": ZEROS}), SDIST
            ),
            "the metadata beside the file has another hash, in the old key": told(
                entry(
                    WHEEL, core_metadata=..., data_dist_info_metadata={"sha256": ZEROS}
                ),
                SDIST,
            ),
            "the metadata has another hash in HTML": told(
                anchor(WHEEL, more=f'data-core-metadata="sha256={ZEROS}"'), SDIST
            ),
        },
    ),
    Row(
        "Requires-Python is another, strictly",
        told(entry(WHEEL, requires_python=">=3.8"), SDIST),
        "metadata-differs",
        strict=True,
    ),
    *rows(
        "exact",
        strict=True,
        does={
            "Requires-Python is not told": told(
                entry(WHEEL, requires_python=...), SDIST
            ),
            "Requires-Python is written otherwise": told(
                entry(WHEEL, requires_python=" >= 3.11"), SDIST
            ),
            "Requires-Python in HTML": told(
                *[anchor(f, more='data-requires-python="&gt;=3.11"') for f in BOTH]
            ),
            "the metadata beside the file has no hash": told(
                entry(WHEEL, core_metadata=True), SDIST
            ),
            "the metadata is not beside the file": told(
                entry(WHEEL, core_metadata=False), SDIST
            ),
        },
    ),
    *rows(
        "unreadable",
        "wrong type",
        does={
            "Requires-Python is a number": told(entry(WHEEL, requires_python=3), SDIST),
            "what says of the metadata is a text": told(
                entry(WHEEL, core_metadata="yes"), SDIST
            ),
        },
    ),
    Row(
        "the metadata differs, and a file is late",
        says(
            page(entry(WHEEL, requires_python=None)),
            page(entry(WHEEL, requires_python=None), SDIST),
        ),
        "metadata-differs",
        looks=2,
    ),
]

# --- the served bytes --------------------------------------------------------------

DOWNLOAD = Proof(download=True)
#: As long as the wheel, and other bytes.
TWIN = File(WHEEL.filename, WHEEL.content.swapcase())
UNDOWNLOADABLE = "published-undownloadable"


def instead(answer: Answer, *more: Answer, of: str = WHEEL.filename) -> Script:
    """An index that lists all, and what it answers to who fetches one of the files."""

    def script(index: Index) -> None:
        serves(ALL)(index)
        index.server.on(f"/files/{of}", answer, *more)

    return script


def from_another_host(index: Index) -> None:
    """An index whose files lie elsewhere."""
    other = index.elsewhere()
    other.serves(*BOTH)
    index.says(ALL)
    for file in BOTH:
        for name in (file.filename, f"{file.filename}.metadata"):
            index.server.on(
                f"/files/{name}", redirect(f"{other.server.url}/files/{name}")
            )


def other_bytes_later(index: Index) -> None:
    """An index of caches without hashes, which changes a file between two looks."""
    index.serves(*BOTH)
    index.says(page(*[entry(f, hashes={}) for f in BOTH], headers=AGE))
    index.server.on(
        f"/files/{WHEEL.filename}", Reply(WHEEL.content), Reply(TWIN.content)
    )


DOWNLOADS = [
    Row(
        "a file without a hash is served with other bytes at the second look",
        other_bytes_later,
        "altered",
        looks=2,
    ),
    *rows(
        "exact",
        proof=DOWNLOAD,
        does={
            "the bytes that are served are the expected ones": serves(ALL),
            "the bytes are served by another host": from_another_host,
            "a file is busy, and then there": instead(BUSY, Reply(WHEEL.content)),
            "a file is cut, and then whole": instead(
                Reply(WHEEL.content[:-2], claimed=len(WHEEL.content)),
                Reply(WHEEL.content),
            ),
            "a file is called compressed, and is not": instead(
                Reply(WHEEL.content, headers={"Content-Encoding": "gzip"})
            ),
        },
    ),
    *rows(
        NOT_EXACT,
        UNDOWNLOADABLE,
        exit_code=1,
        proof=DOWNLOAD,
        does={
            "a file is served with other bytes": instead(Reply(TWIN.content)),
            "a file is served half": instead(Reply(WHEEL.content[:5])),
            "a file is served empty": instead(Reply()),
            "a file is served as a login page": instead(page_of(LOGIN, HTML)),
            "a file is listed and is not there": instead(NOT_THERE),
            "the metadata beside a file has other bytes": instead(
                Reply(b"Name: other"), of=f"{WHEEL.filename}.metadata"
            ),
            "the metadata beside a file is not there": instead(
                NOT_THERE, of=f"{WHEEL.filename}.metadata"
            ),
            "another hash of a file is wrong": serves(
                page(
                    entry(WHEEL, hashes={"sha256": WHEEL.sha256, "sha512": "0" * 128}),
                    SDIST,
                )
            ),
        },
    ),
    Row(
        "a file is served with other bytes, and nobody looks",
        instead(Reply(TWIN.content)),
        "exact",
    ),
    Row(
        "a file is listed and is behind a login",
        instead(refuses(401)),
        "unreachable",
        proof=DOWNLOAD,
    ),
    *rows(
        "unreachable",
        "answers 503",
        proof=DOWNLOAD,
        does={
            "a file is busy to the end": instead(BUSY),
            "the metadata beside a file is busy to the end": instead(
                BUSY, of=f"{WHEEL.filename}.metadata"
            ),
        },
    ),
    Row(
        "a file drips",
        instead(stalling(http_answer(b"x"), b"x")),
        "unreachable",
        timeout=1,
        web=HASTY,
        proof=DOWNLOAD,
    ),
    Row(
        "a file has no end",
        instead(endless(http_answer(), b"x" * 65536)),
        "unreadable",
        "sends more than",
        web=replace(PATIENT, largest_file=1 << 20),
        proof=DOWNLOAD,
    ),
    Row(
        "a file without a sha256 has a wrong md5",
        serves(page(entry(WHEEL, hashes={"md5": "0" * 32}), SDIST)),
        NOT_EXACT,
        UNDOWNLOADABLE,
        exit_code=1,
    ),
]

# --- attestations ------------------------------------------------------------------

#: Who must have signed: ``signing.github()`` is one of them.
US = PolicyFile(repositories=("org/demo",), workflows=("release.yml",))
ATTESTED = page(*[entry(f, provenance=f"/provenance/{f.filename}") for f in BOTH])


def signed(
    file: File = WHEEL, *, by: signing.Sigstore = signing.OURS, **claims: str
) -> dict[str, Any]:
    """An attestation of a file, by default by who must have signed."""
    who = signing.github(**claims)
    return by.sign(file.filename, file.sha256, claims=who)


def has(*attestations: object) -> Reply:
    """What an index has of a file."""
    return page_of(signing.provenance_of(*attestations), JSON)


def attests(*answers: Answer, listing: Answer = ATTESTED) -> Script:
    """An index that has an attestation of the sdist, and what it answers to who asks
    for those of the wheel.
    """

    def script(index: Index) -> None:
        index.says(listing)
        index.server.on(f"/provenance/{SDIST.filename}", has(signed(SDIST)))
        index.server.on(f"/provenance/{WHEEL.filename}", *answers)

    return script


def listed_with(provenance: object) -> Reply:
    """A page that says this of the wheel's attestations."""
    told = entry(WHEEL, provenance=provenance)
    return page(told, entry(SDIST, provenance=f"/provenance/{SDIST.filename}"))


ATTESTATIONS = [
    replace(row, signers=US if row.signers is None else row.signers)
    for row in (
        *rows(
            "exact",
            looks=1,
            does={
                "every file is attested": attests(has(signed())),
                "a good attestation and one of a stranger": attests(
                    has(signed(), signed(repository="stranger/demo"))
                ),
                "the attestations are called text": attests(
                    page_of(signing.provenance_of(signed()), "text/plain")
                ),
            },
        ),
        Row(
            "a good attestation and one of a stranger, strictly",
            attests(has(signed(), signed(repository="stranger/demo"))),
            "exact",
            "published-unattested",
            strict=True,
            exit_code=1,
        ),
        Row(
            "the attestations are busy, and then there",
            attests(BUSY, BUSY, has(signed())),
            "exact",
            looks=3,
        ),
        *rows(
            "unattested",
            looks=1,
            does={
                "the attestations are not there": attests(NOT_THERE),
                "the index says that a file has no attestation": attests(
                    listing=listed_with(None)
                ),
                "the list of attestations is empty": attests(has()),
                "a stranger's attestation": attests(
                    has(signed(repository="stranger/demo"))
                ),
                "an attestation by another workflow": attests(
                    has(signed(workflow="nightly.yml"))
                ),
                "an attestation of the other file": attests(has(signed(SDIST))),
                "an attestation of other bytes": attests(has(signed(TWIN))),
                "an attestation that another sigstore vouches for": attests(
                    has(signed(by=signing.Sigstore()))
                ),
                "two attestations that prove nothing": attests(
                    has(signed(SDIST), signed(repository="stranger/demo"))
                ),
                "an attestation that is none": attests(has({"version": 1})),
            },
        ),
        *rows(
            "unreachable",
            "answers 503",
            does={"the attestations are busy to the end": attests(BUSY)},
        ),
        Row(
            "the attestations drip",
            attests(stalling(http_answer(b"{"), b" ")),
            "unreachable",
            timeout=1,
            web=HASTY,
        ),
        *rows(
            "unproven",
            "is no provenance",
            looks=1,
            does={
                "the attestations are a login page": attests(page_of(LOGIN, HTML)),
                "the attestations are of another form": attests(
                    page_of('{"version": 2, "attestation_bundles": []}', JSON)
                ),
            },
        ),
        Row(
            "the attestations have no end",
            attests(endless(http_answer(), b" " * 65536)),
            "unproven",
            "sends more than",
            looks=1,
        ),
        Row(
            "the attestations are behind a login",
            attests(refuses(401)),
            "unproven",
            "answers 401",
            looks=1,
        ),
        Row(
            "the attestations lie on another host",
            attests(listing=listed_with("http://x.example/provenance")),
            "unproven",
            "are elsewhere, at http://x.example",
            looks=1,
        ),
        Row(
            "the attestations redirect to another host",
            attests(redirect("http://x.example/")),
            "unproven",
            "redirects to another host",
            looks=1,
        ),
        *rows(
            "unproven",
            "does not say whether there are attestations",
            looks=1,
            does={
                "an index that cannot tell of attestations": says(ALL),
                "an index that cannot tell of attestations of one file": attests(
                    listing=listed_with(...)
                ),
                "an index that lists in HTML, and says nothing of attestations": says(
                    page(*map(anchor, BOTH))
                ),
            },
        ),
        Row(
            "nobody says who must have signed",
            attests(has(signed())),
            "unproven",
            "nothing says who signs",
            looks=1,
            signers=PolicyFile(),
        ),
        Row(
            "a file has other bytes, and nobody asks for attestations",
            attests(has(signed()), listing=page(WRONG, SDIST)),
            "altered",
            looks=1,
        ),
    )
]

# --- the endpoints of Warehouse ----------------------------------------------------


def warehouse(
    *pages: Answer,
    release: tuple[Answer, ...] = (release_json(*BOTH),),
    project: Answer = NOT_THERE,
    html: Answer | None = None,
) -> Script:
    """An index with the endpoints of Warehouse, and what each of them says."""

    def script(index: Index) -> None:
        index.says(*pages)
        index.server.on("/pypi/demo/1.0/json", *release)
        index.server.on("/pypi/demo/json", project)
        if html:
            index.says_in_html(html)

    return script


def cached_html_lacks_a_file(index: Index) -> None:
    """An index without the other endpoints, of which caches keep two forms."""
    index.says(cached(*BOTH))
    index.says_in_html(page(anchor(WHEEL)))


ENDPOINTS = [
    replace(row, is_warehouse=True)
    for row in (
        Row("the endpoints agree", warehouse(ALL, html=HTML_ALL), "exact", looks=2),
        Row(
            "the index has one endpoint only",
            warehouse(ALL, release=(NOT_THERE,)),
            "exact",
            looks=2,
        ),
        Row(
            "the release's JSON page comes late",
            warehouse(ALL, release=(release_json(WHEEL), release_json(*BOTH))),
            "exact",
            looks=3,
        ),
        Row(
            "the release's JSON page lacks a file to the end",
            warehouse(ALL, release=(release_json(WHEEL),)),
            "inconsistent",
        ),
        Row(
            "the release's JSON page lacks a file to the end, strictly",
            warehouse(ALL, release=(release_json(WHEEL),)),
            "inconsistent",
            strict=True,
        ),
        Row(
            "the release's JSON page has another hash",
            warehouse(ALL, release=(release_json(TWIN, SDIST),)),
            ("altered",),
            "published-contradicted",
            looks=2,
        ),
        Row(
            "the release's JSON page has a file more",
            warehouse(ALL, release=(release_json(*BOTH, EXTRA),)),
            ("unexpected",),
            "published-contradicted",
            looks=2,
        ),
        Row(
            "the project's JSON page does not know the release",
            warehouse(ALL, release=(NOT_THERE,), project=project_json(**{"0_9": []})),
            "inconsistent",
        ),
        Row(
            "the project's JSON page no longer tells releases",
            warehouse(ALL, release=(NOT_THERE,), project=release_json()),
            "exact",
        ),
        Row(
            "the release's JSON page is nonsense",
            warehouse(ALL, release=(page_of("{", JSON),)),
            "exact",
        ),
        Row(
            "the release's JSON page has no files",
            warehouse(ALL, release=(page_of('{"urls": null}'),)),
            "exact",
        ),
        Row(
            "the release's JSON page is a list",
            warehouse(ALL, release=(page_of("[]"),)),
            "exact",
        ),
        Row(
            "the release's JSON page is busy", warehouse(ALL, release=(BUSY,)), "exact"
        ),
        Row(
            "the release's JSON page lies on another host",
            warehouse(ALL, release=(redirect("http://x.example/"),)),
            "exact",
        ),
        Row(
            "the listing as HTML lacks a file",
            warehouse(ALL, html=page(anchor(WHEEL))),
            "inconsistent",
        ),
        Row(
            "the listing as HTML has another hash",
            warehouse(ALL, html=page(anchor(TWIN), anchor(SDIST))),
            ("altered",),
            "published-contradicted",
            looks=2,
        ),
        Row(
            "the listing as HTML does not know the project",
            warehouse(ALL, html=NOT_THERE),
            "inconsistent",
        ),
        Row(
            "the listing as HTML is a login page",
            warehouse(ALL, html=page_of(LOGIN, HTML)),
            "exact",
        ),
        Row("the listing lacks a file that the JSON page has", warehouse(HALF), "late"),
        Row(
            "the listing does not know the project, and the JSON page has all",
            warehouse(NOT_THERE),
            "late",
        ),
        Row(
            "the listing and the JSON page lack a file",
            warehouse(HALF, release=(release_json(WHEEL),)),
            "missing",
        ),
        Row(
            "the listing lacks a file that its HTML has",
            warehouse(HALF, release=(NOT_THERE,), html=HTML_ALL),
            "late",
        ),
        Row(
            "the listing has other bytes than the JSON page",
            warehouse(page(WRONG, SDIST)),
            "altered",
            looks=1,
        ),
        Row(
            "the listing is behind its serial, and the JSON page has all",
            warehouse(page(serial=8), page(serial=7)),
            "stale",
            timeout=20,
        ),
        Row(
            "the first answer is complete and the next is not",
            warehouse(*[ALL, HALF] * 10),
            "late",
            timeout=20,
        ),
        Row(
            "the endpoints of another index are not asked for", warehouse(ALL), "exact"
        ),
    )
]
ENDPOINTS[-1] = replace(ENDPOINTS[-1], is_warehouse=False, looks=1)
ENDPOINTS.append(
    Row(
        "the HTML of a cached index lacks a file",
        cached_html_lacks_a_file,
        "inconsistent",
    ),
)

# --- several projects --------------------------------------------------------------

OTHERS = files_of("other")
TWO = ("demo", "other")
OTHER_ALL = page(*OTHERS, project="other")


def both(demo: tuple[Answer, ...], other: tuple[Answer, ...]) -> Script:
    """An index of two projects."""

    def script(index: Index) -> None:
        index.says(*demo)
        index.says(*other, project="other")

    return script


SEVERAL = [
    replace(row, projects=TWO)
    for row in (
        Row("both projects are there", both((ALL,), (OTHER_ALL,)), "exact", looks=1),
        Row(
            "one of two projects is late",
            both((ALL,), (NOT_THERE, NOT_THERE, OTHER_ALL)),
            "exact",
            looks=3,
        ),
        Row("one of two projects never comes", both((ALL,), (NOT_THERE,)), "missing"),
        Row(
            "one of two projects was there and is gone",
            both((ALL, NOT_THERE), (NOT_THERE, OTHER_ALL)),
            "late",
            timeout=20,
        ),
        Row(
            "one of two projects cannot be read",
            both((ALL,), (page_of(LOGIN, HTML),)),
            "unreadable",
            looks=1,
        ),
        Row(
            "one of two projects is busy to the end",
            both((ALL,), (BUSY,)),
            "unreachable",
            "answers 503",
        ),
        Row(
            "one of two projects is busy, the other is altered",
            both((page(WRONG, SDIST),), (BUSY,)),
            "altered",
            looks=1,
        ),
        Row(
            "one of two projects is elsewhere, the other is late",
            both((HALF,), (redirect("http://x.example/"),)),
            "not-this-index",
            exit_code=1,
        ),
        Row(
            "one of two projects asks for an hour",
            both((ALL,), (refuses(429, Retry_After="3600"), OTHER_ALL)),
            "unreachable",
        ),
        Row(
            "one of two projects comes from caches",
            both((ALL,), (page(*OTHERS, project="other", headers=AGE), NOT_THERE)),
            "late",
            timeout=20,
        ),
        Row(
            "one of two projects has the other's page",
            both((ALL,), (ALL,)),
            "unreadable",
            "of another project",
            looks=1,
        ),
        Row(
            "one of two projects has the other's files",
            both((ALL,), (page(*BOTH, project="other"),)),
            "unreadable",
            "it lists files of demo",
        ),
        Row(
            "one of two projects goes back, the other does not",
            both(
                (page(*BOTH, serial=9), ALL),
                (
                    page(serial=8, project="other"),
                    page(*OTHERS, serial=7, project="other"),
                ),
            ),
            "stale",
            timeout=20,
        ),
        Row(
            "the serial of one project says nothing of the other",
            both((page(*BOTH, serial=9),), (page(*OTHERS, serial=3, project="other"),)),
            "exact",
            looks=1,
        ),
    )
]

ROWS = [
    *LATE,
    *CACHES,
    *TROUBLE,
    *REDIRECTS,
    *TYPES,
    *JSONS,
    *HASHES,
    *LISTINGS,
    *NAMES,
    *METADATA,
    *DOWNLOADS,
    *ATTESTATIONS,
    *ENDPOINTS,
    *SEVERAL,
]
