"""The Simple API over HTTP, in either form, and what must not pass for a listing."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from archives import within
from packaging.utils import NormalizedName
from servers import Answer as Scripted
from servers import Reply, Server, redirect, serving
from simple_pages import (
    DEMO,
    DEVPI_JSON,
    HASH,
    HASHED,
    HTML,
    JSON,
    LISTED,
    LOGIN,
    PAGE,
    PYPISERVER_HTML,
    SDIST,
    V1,
    VERSION,
    entry,
    html,
    link,
    page,
    parsed,
    refused,
)

from release_guard.errors import (
    IndexResponseError,
    IndexUnavailableError,
    OtherHostError,
)
from release_guard.facts import Listing
from release_guard.layouts import public_repository_url, simple_url_of
from release_guard.sources.simple import (
    ACCEPT,
    ACCEPT_HTML,
    ACCEPT_JSON,
    project_url,
    read_listing,
)
from release_guard.sources.web import Web


@pytest.mark.parametrize("kind", [JSON, HTML])
@pytest.mark.parametrize("charset", ["latin-1", "UTF-16", '"utf-7"', "x" * 500])
def test_a_page_in_another_charset_is_none(charset: str, kind: str) -> None:
    message = refused(page(entry()), f"{kind}; charset={charset}")
    assert "its charset is" in message
    assert len(message) < 300


TYPES = [
    "",
    "text/plain",
    "application/json",
    "application/xml",
    "application/xhtml+xml",
    "application/octet-stream",
    "application/vnd.pypi.simple.v2+json",
    "application/vnd.pypi.simple.latest+json",
    "application/vnd.pypi.integrity.v1+json",
    "text/html+json",
    "text/html, application/json",
    ";text/html",
]


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("body", [page(entry()), html(HASHED)], ids=["json", "html"])
def test_an_answer_of_another_type_is_refused(body: str, content_type: str) -> None:
    assert "type" in refused(body, content_type)


def test_the_type_decides_and_not_the_body() -> None:
    assert refused(page(entry()), HTML)
    assert refused(html(HASHED), JSON)


def test_the_versions_of_a_listing_are_told_apart() -> None:
    names = ["demo-1.0.tar.gz", "demo-1.0.0.zip", "demo-1.0.1.tar.gz", "demo-x.zip"]
    files = [
        entry(filename=n, url=f"/f/{n}", hashes={"sha256": f"{i:064}"})
        for i, n in enumerate(names)
    ]
    found = parsed(page(*files), JSON)
    assert [file.filename for file in found.of(V1)] == names[:2]
    assert list(found.by_name) == names


@pytest.mark.parametrize(
    "filename",
    ["demo-1.0.tgz", "demo-1.0.tar.bz2", "demo-1.0.tar.xz", "demo-1.0-py3.11.egg"],
)
@pytest.mark.parametrize("form", ["json", "html"])
def test_what_installers_take_as_well_belongs_to_its_version(
    form: str, filename: str
) -> None:
    found = (
        parsed(page(entry(filename=filename, url=f"/f/{filename}")), JSON)
        if form == "json"
        else parsed(html(link(f"/f/{filename}#sha256={HASH}", filename)), HTML)
    )
    assert [file.filename for file in found.of(V1)] == [filename]


# --- over HTTP -----------------------------------------------------------------


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(name="other")
def _other() -> Iterator[Server]:
    with serving() as server:
        yield server


def reply(body: str, content_type: str = JSON, **more: Any) -> Reply:  # noqa: ANN401
    return Reply(body.encode(), headers={"Content-Type": content_type}, **more)


def read(root: str, project: str = "demo") -> Listing:
    with within(20):
        return read_listing(Web({}), root, NormalizedName(project))


@pytest.mark.parametrize("root", ["/simple", "/simple/", "/simple//"])
def test_the_page_is_asked_for_by_the_normalized_name(
    root: str, server: Server
) -> None:
    server.on("/simple/demo/", reply(page(entry())))
    found = read(server.url + root)
    here = f"{server.url}/simple/demo/"
    assert found == Listing(DEMO, here, (LISTED,), is_json=True)
    assert server.asked() == ["/simple/demo/"]
    assert server.sent("Accept") == [ACCEPT]


def test_a_page_s_address_ends_with_a_slash() -> None:
    assert project_url("https://index.example/simple", DEMO) == PAGE
    assert project_url("https://index.example/simple/", DEMO) == PAGE


def test_html_is_read_where_there_is_no_json(server: Server) -> None:
    server.on("/simple/demo/", reply(PYPISERVER_HTML, HTML))
    assert [file.filename for file in read(f"{server.url}/simple/").files] == [SDIST]


def test_a_listing_tells_no_credentials(server: Server) -> None:
    relative = entry(url=f"../../f/{SDIST}")
    server.on("/simple/demo/", reply(page(relative)))
    found = read(server.with_credentials("user:s3cr3t") + "/simple/")
    assert "s3cr3t" not in repr(found)
    assert found.files[0].url == f"{server.url}/f/{SDIST}"


def test_addresses_count_from_where_the_page_is_in_the_end(server: Server) -> None:
    server.on("/simple/demo/", redirect("/u/dev/+simple/demo/"))
    server.on("/u/dev/+simple/demo/", reply(DEVPI_JSON))
    found = read(f"{server.url}/simple/")
    assert found.files[0].url == f"{server.url}/u/dev/+f/012/{SDIST}"
    assert found.url == f"{server.url}/u/dev/+simple/demo/"


#: Where pypiserver and GitLab send those who ask for what they do not have.
PUBLIC = f"{simple_url_of(public_repository_url('pypi'))}demo/"
UNKNOWN: dict[str, Scripted] = {
    "404": Reply(b"404 Not Found", 404, {"Content-Type": "text/plain"}),
    "404 in HTML": Reply(b"<h1>Not found</h1>", 404, {"Content-Type": HTML}),
    "404 in JSON": Reply(b'{"message": "?"}', 404, {"Content-Type": JSON}),
    "404 without a body": Reply(b"", 404),
    "handed on to PyPI": redirect(PUBLIC, 303),
    "handed on without a slash": redirect(PUBLIC.rstrip("/")),
}


@pytest.mark.parametrize("answer", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_project_that_the_index_does_not_have_is_unknown(
    answer: Scripted, server: Server
) -> None:
    server.on("/simple/demo/", answer)
    found = read(f"{server.url}/simple/")
    here = f"{server.url}/simple/demo/"
    away = found.elsewhere
    assert found == Listing(DEMO, here, (), known=False, elsewhere=away)
    assert away.rstrip("/") in ("", PUBLIC.rstrip("/"))
    assert bool(away) is (isinstance(answer, Reply) and "Location" in answer.headers)


NO_LISTING: dict[str, Scripted] = {
    "a sign-on on another host": redirect("https://login.example/?next=/simple/demo/"),
    "a sign-on with the project in its name": redirect("https://login.example/x-demo/"),
    "the front page of another host": redirect("https://www.example/"),
    "another project on another host": redirect("https://index.example/simple/other/"),
    "another project of PyPI": redirect(PUBLIC.replace("/demo/", "/other/")),
    "PyPI with credentials": redirect(PUBLIC.replace("://", "://user:pass@")),
    "a redirect to an address that is not there": redirect("/gone/demo/"),
    "text": Reply(b"hello", headers={"Content-Type": "text/plain"}),
    "no type": Reply(page(entry()).encode()),
    "a login page": reply(LOGIN, HTML),
    "half a page of JSON": reply(page(entry())[:-1]),
    "half a page of HTML without a length": reply(
        html(HASHED, HASHED)[:-150], HTML, sized=False
    ),
    "the root page": reply(
        html(link("demo/", "demo"), meta=VERSION, title="Simple index"), HTML
    ),
}


@pytest.mark.parametrize("answer", NO_LISTING.values(), ids=NO_LISTING.keys())
def test_what_is_no_listing_is_never_an_empty_one(
    answer: Scripted, server: Server
) -> None:
    server.on("/simple/demo/", answer)
    with pytest.raises(IndexResponseError):
        read(f"{server.url}/simple/")


@pytest.mark.parametrize("left_out", [1, 8, 20])
def test_half_a_page_of_html_compressed_is_an_answer_that_was_cut(
    left_out: int, server: Server
) -> None:
    whole = gzip.compress(html(*[HASHED] * 50).encode())
    headers = {"Content-Type": HTML, "Content-Encoding": "gzip"}
    server.on("/simple/demo/", Reply(whole[:-left_out], headers=headers))
    with pytest.raises(IndexUnavailableError, match="cut off") as raised:
        read(f"{server.url}/simple/")
    assert raised.value.transient


def test_a_login_page_behind_a_redirect_is_no_listing(server: Server) -> None:
    server.on("/simple/demo/", redirect("/login/"))
    server.on("/login/", reply(LOGIN, HTML))
    with pytest.raises(IndexResponseError, match="password"):
        read(f"{server.url}/simple/")


def test_a_redirect_to_another_host_is_told_without_credentials(
    server: Server, other: Server
) -> None:
    target = other.with_credentials("user:s3cr3t") + "/login/"
    server.on("/simple/demo/", redirect(target))
    with pytest.raises(IndexResponseError, match=other.host) as raised:
        read(f"{server.url}/simple/")
    assert "s3cr3t" not in raised.value.message
    assert other.seen == []


@pytest.mark.parametrize("status", [401, 403, 406, 429, 500, 503])
def test_a_refusal_is_no_listing(status: int, server: Server) -> None:
    body = page(entry()).encode()
    server.on("/simple/demo/", Reply(body, status, {"Content-Type": JSON}))
    with pytest.raises(IndexUnavailableError, match=str(status)):
        read(f"{server.url}/simple/")


def test_another_host_is_told_from_any_other_trouble(
    server: Server, other: Server
) -> None:
    server.on("/simple/demo/", redirect(f"{other.url}/simple/demo/"))
    with pytest.raises(OtherHostError, match="another host") as raised:
        read(f"{server.url}/simple/")
    assert "--index-url" in raised.value.hint


@pytest.mark.parametrize("accept", [ACCEPT, ACCEPT_JSON, ACCEPT_HTML])
def test_a_form_may_be_asked_for_alone(accept: str, server: Server) -> None:
    server.on("/simple/demo/", reply(html(HASHED), HTML))
    with within(20):
        found = read_listing(Web({}), f"{server.url}/simple/", DEMO, accept=accept)
    assert server.sent("Accept") == [accept]
    # By what the answer says it is, not by what was asked for.
    assert not found.is_json


SERIALS: dict[str, tuple[dict[str, str], int | None]] = {
    "Warehouse": ({"X-PyPI-Last-Serial": "7"}, 7),
    "devpi": ({"x-devpi-serial": "8"}, 8),
    "of both, the project's": ({"X-Devpi-Serial": "8", "X-PyPI-Last-Serial": "7"}, 7),
    "spaces around it": ({"X-PyPI-Last-Serial": " 7 "}, 7),
    "the first is none": ({"X-PyPI-Last-Serial": "x", "X-Devpi-Serial": "8"}, 8),
    "negative": ({"X-PyPI-Last-Serial": "-7"}, None),
    "a fraction": ({"X-PyPI-Last-Serial": "7.5"}, None),
    "other digits": ({"X-PyPI-Last-Serial": "\xb2"}, None),
    "18 digits": ({"X-PyPI-Last-Serial": "9" * 18}, 10**18 - 1),
    "19 digits": ({"X-PyPI-Last-Serial": "9" * 19}, None),
    "empty": ({"X-PyPI-Last-Serial": ""}, None),
    "none": ({}, None),
}


@pytest.mark.parametrize(
    ("headers", "serial"), SERIALS.values(), ids=list(SERIALS.keys())
)
@pytest.mark.parametrize("status", [200, 404])
def test_a_serial_may_stand_in_a_header(
    status: int, headers: dict[str, str], serial: int | None, server: Server
) -> None:
    said = {"Content-Type": JSON, **headers}
    server.on("/simple/demo/", Reply(page(entry()).encode(), status, said))
    assert read(f"{server.url}/simple/").serial == serial


def test_the_page_s_own_serial_goes_before_the_header(server: Server) -> None:
    body = page(entry(), meta={"api-version": "1.1", "_last-serial": 7})
    said = {"Content-Type": JSON, "X-PyPI-Last-Serial": "6"}
    server.on("/simple/demo/", Reply(body.encode(), headers=said))
    assert read(f"{server.url}/simple/").serial == 7


@pytest.mark.parametrize("status", [200, 404])
def test_a_listing_tells_that_a_cache_may_have_answered(
    status: int, server: Server
) -> None:
    said = {"Content-Type": JSON, "Age": "0"}
    server.on("/simple/demo/", Reply(page(entry()).encode(), status, said))
    assert read(f"{server.url}/simple/").is_cached
    del said["Age"]
    server.on("/simple/demo/", Reply(page(entry()).encode(), status, said))
    assert not read(f"{server.url}/simple/").is_cached


def test_each_look_is_a_new_one(server: Server) -> None:
    server.on("/simple/demo/", reply(page()), reply(page(entry())))
    root = f"{server.url}/simple/"
    assert [len(read(root).files) for _ in range(3)] == [0, 1, 1]
