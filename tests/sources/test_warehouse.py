"""The other endpoints of Warehouse: read where an index has them, and told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from builders import SDIST, WHEEL, expected, indexed, listing, sha256
from packaging.version import Version
from servers import Reply, Server, closed_port, redirect, serving

from release_guard.errors import (
    IndexResponseError,
    IndexUnavailableError,
    OtherHostError,
    SourceError,
)
from release_guard.facts import ExpectedRelease, View
from release_guard.sources.warehouse import read_html_view, read_json_view, view_of
from release_guard.sources.web import Web

OLD = "demo-0.9.tar.gz"
WEB = Web({})
RELEASE = expected()
RELEASE_PAGE, PROJECT_PAGE = "/pypi/demo/1.0/json", "/pypi/demo/json"
SIMPLE_PAGE = "/simple/demo/"
BOTH = {SDIST: sha256(SDIST), WHEEL: sha256(WHEEL)}


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    with serving() as server:
        yield server


def _json(document: object) -> Reply:
    body = json.dumps(document).encode()
    return Reply(body, headers={"Content-Type": "application/json"})


def _url(filename: str, **says: object) -> dict[str, object]:
    """A file as a JSON page tells it."""
    return {"filename": filename, "digests": {"sha256": sha256(filename)}, **says}


_URLS = [_url(SDIST), _url(WHEEL)]


def _read(
    server: Server, release: ExpectedRelease = RELEASE, root: str = "/simple/"
) -> View | None:
    return read_json_view(WEB, f"{server.url}{root}", release)


def _refused(server: Server) -> SourceError:
    with pytest.raises(SourceError) as raised:
        _read(server)
    assert len(raised.value.message.splitlines()) == 1
    return raised.value


# --- the listing that installers ask for --------------------------------------------


def test_the_first_view_is_the_release_as_the_listing_tells_it() -> None:
    files = (SDIST, OLD, indexed(WHEEL, sha256=None), "demo-1.0.1.tar.gz")

    view = view_of(listing(*files), Version("1.0.0"))

    told = {SDIST: sha256(SDIST), WHEEL: None}
    assert view == View("the listing as HTML", listing().url, told)


def test_the_first_view_of_an_unknown_project_does_not_know_the_release() -> None:
    view = view_of(listing(known=False), Version("1.0"))

    assert not view.known
    assert view.files == {}


# --- the release's own page ---------------------------------------------------------


def test_the_release_page_tells_files_hashes_and_serial(server: Server) -> None:
    server.on(RELEASE_PAGE, _json({"urls": _URLS, "last_serial": 7}))

    assert _read(server) == View(
        "the release's JSON page", f"{server.url}{RELEASE_PAGE}", BOTH, serial=7
    )
    assert server.asked() == [RELEASE_PAGE]
    assert server.sent("accept") == ["application/json"]


@pytest.mark.parametrize("root", ["/simple/", "/simple", "/simple//"])
def test_the_page_lies_beside_the_simple_api(server: Server, root: str) -> None:
    server.on(RELEASE_PAGE, _json({"urls": _URLS}))

    view = _read(server, root=root)

    assert view is not None
    assert view.files == BOTH


@pytest.mark.parametrize(
    "root", ["", "/", "/root/dev/+simple/", "/simple/more/", "/pypi/"]
)
def test_an_index_whose_root_is_no_simple_is_not_asked(
    server: Server, root: str
) -> None:
    assert _read(server, root=root) is None
    assert server.asked() == []


def test_an_index_in_a_folder_has_its_pages_there(server: Server) -> None:
    server.on(f"/mirror{RELEASE_PAGE}", _json({"urls": _URLS}))

    view = _read(server, root="/mirror/simple/")

    assert view is not None
    assert view.url == f"{server.url}/mirror{RELEASE_PAGE}"


@pytest.mark.parametrize(
    ("version", "quoted"),
    [
        ("2!1.0+x.1", "2%211.0%2Bx.1"),
        ("1.0rc1.dev2", "1.0rc1.dev2"),
        ("1.0-1", "1.0.post1"),
    ],
)
def test_a_version_is_quoted_in_the_address(
    server: Server, version: str, quoted: str
) -> None:
    server.on(f"/pypi/demo/{quoted}/json", _json({"urls": []}))

    assert _read(server, expected(version=version)) is not None
    assert server.asked() == [f"/pypi/demo/{quoted}/json"]


@pytest.mark.parametrize(
    ("entry", "hashed"),
    [
        pytest.param(_url(SDIST), sha256(SDIST), id="a sha256"),
        pytest.param(
            _url(SDIST, digests={"sha256": sha256(SDIST).upper()}),
            sha256(SDIST),
            id="a sha256 in capitals",
        ),
        pytest.param(_url(SDIST, digests={"md5": "0" * 32}), None, id="another hash"),
        pytest.param(_url(SDIST, digests={"sha256": None}), None, id="null"),
        pytest.param(_url(SDIST, digests={"sha256": 7}), None, id="a number"),
        pytest.param(_url(SDIST, digests=[]), None, id="a list of hashes"),
        pytest.param({"filename": SDIST}, None, id="no hashes"),
    ],
)
def test_a_hash_that_is_none_is_not_given(
    server: Server, entry: object, hashed: str | None
) -> None:
    server.on(RELEASE_PAGE, _json({"urls": [entry]}))

    view = _read(server)

    assert view is not None
    assert view.files == {SDIST: hashed}


@pytest.mark.parametrize("serial", [None, "7", 7.0, True, [7], {}])
def test_a_serial_of_another_type_is_none(server: Server, serial: object) -> None:
    server.on(RELEASE_PAGE, _json({"urls": [], "last_serial": serial}))

    view = _read(server)

    assert view is not None
    assert view.serial is None


# --- a release that has no page ------------------------------------------------------


def _late(server: Server, **project: object) -> View | None:
    """The view where the release has no page, and the project's says this."""
    server.on(PROJECT_PAGE, _json({"last_serial": 3, **project}))
    view = _read(server)
    assert server.asked() == [RELEASE_PAGE, PROJECT_PAGE]
    return view


def test_where_only_the_projects_page_knows_the_release_it_tells_it(
    server: Server,
) -> None:
    url = f"{server.url}{PROJECT_PAGE}"

    view = _late(server, releases={"0.9": [_url(OLD)], "1.0": _URLS})

    assert view == View("the release's JSON page", url, BOTH, serial=3)


@pytest.mark.parametrize("spelled", ["1.0", "1.0.0", "v1", "1"])
def test_the_projects_page_may_spell_the_version_otherwise(
    server: Server, spelled: str
) -> None:
    view = _late(server, releases={spelled: _URLS})

    assert view is not None
    assert view.files == BOTH


@pytest.mark.parametrize(
    "releases",
    [
        pytest.param({}, id="it has no release"),
        pytest.param({"0.9": [_url(OLD)]}, id="it has another one"),
        pytest.param({"1.0": []}, id="it has it without files"),
        pytest.param({"2!1.0": _URLS}, id="it has one of another epoch"),
        pytest.param({"latest": _URLS, "9" * 5000: _URLS}, id="what are no versions"),
    ],
)
def test_a_projects_page_without_the_release_lags_behind(
    server: Server, releases: dict[str, object]
) -> None:
    url = f"{server.url}{PROJECT_PAGE}"

    view = _late(server, releases=releases)

    assert view == View("the release's JSON page", url, {}, known=False, serial=3)


def test_a_projects_page_without_releases_tells_nothing(server: Server) -> None:
    # "releases" is deprecated, and may vanish (docs of Warehouse's JSON API).
    assert _late(server, urls=_URLS) is None


def test_an_index_without_either_page_has_no_such_endpoint(server: Server) -> None:
    assert _read(server) is None
    assert server.asked() == [RELEASE_PAGE, PROJECT_PAGE]


def test_a_page_on_another_host_is_none_of_this_index(server: Server) -> None:
    with serving() as other:
        for path in (RELEASE_PAGE, PROJECT_PAGE):
            server.on(path, redirect(f"{other.url}{path}"))
            other.on(path, _json({"urls": _URLS, "releases": {"1.0": _URLS}}))

        assert _read(server) is None
        assert other.asked() == []


def test_a_redirect_on_the_same_host_is_followed(server: Server) -> None:
    server.on(RELEASE_PAGE, redirect("/moved/json"))
    server.on("/moved/json", _json({"urls": _URLS}))

    view = _read(server)

    assert view is not None
    assert view.url == f"{server.url}/moved/json"
    assert view.files == BOTH


# --- what is no such page -----------------------------------------------------------

#: What a page may answer, and what is said of it.
NO_PAGES: dict[str, tuple[Reply, str]] = {
    "a login page": (
        Reply(b"<html>Log in</html>", headers={"Content-Type": "text/html"}),
        "the answer is no release's JSON",
    ),
    "nothing": (Reply(b""), "the answer is no release's JSON"),
    "half of it": (Reply(b'{"urls": ['), "the answer is no release's JSON"),
    "null": (_json(None), "the answer is no release's JSON"),
    "a list": (_json([]), "the answer is no release's JSON"),
    "a text": (_json("urls"), "the answer is no release's JSON"),
    "nested too deep": (Reply(b"[" * 200_000), "the answer is no release's JSON"),
    "not in UTF-8": (Reply(b'{"urls": "\xff"}'), "the answer is no release's JSON"),
    "a serial of 5,000 digits": (
        Reply(b'{"urls": [], "last_serial": ' + b"9" * 5000 + b"}"),
        "the answer is no release's JSON",
    ),
    "a key twice": (
        Reply(b'{"urls": [], "urls": []}'),
        "the answer is no release's JSON",
    ),
    "no files": (_json({"info": {}}), "has no list of files"),
    "null for the files": (_json({"urls": None}), "has no list of files"),
    "a table of files": (_json({"urls": {SDIST: {}}}), "has no list of files"),
    "a text for a file": (_json({"urls": [SDIST]}), "a file has no name"),
    "a file without a name": (_json({"urls": [{}]}), "a file has no name"),
    "a number for a name": (_json({"urls": [{"filename": 7}]}), "a file has no name"),
}


@pytest.mark.parametrize(("reply", "told"), NO_PAGES.values(), ids=NO_PAGES)
def test_what_is_no_release_page_is_refused(
    server: Server, reply: Reply, told: str
) -> None:
    server.on(RELEASE_PAGE, reply)
    server.on(PROJECT_PAGE, _json({"releases": {"1.0": _URLS}}))

    error = _refused(server)

    assert isinstance(error, IndexResponseError)
    assert error.message == f"{server.url}{RELEASE_PAGE}: {told}"
    assert server.asked() == [RELEASE_PAGE]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        pytest.param(Reply(b"<html>"), "the answer is no release's JSON", id="no JSON"),
        pytest.param(_json({"releases": None}), "has no table of releases", id="null"),
        pytest.param(
            _json({"releases": [["1.0", []]]}), "has no table of releases", id="a list"
        ),
        pytest.param(
            _json({"releases": {"1.0": None}}), "has no list of files", id="null files"
        ),
        pytest.param(
            _json({"releases": {"1.0": ""}}), "has no list of files", id="no list"
        ),
        pytest.param(
            _json({"releases": {"1.0": [None]}}), "a file has no name", id="a null file"
        ),
    ],
)
def test_what_is_no_project_page_is_refused(
    server: Server, reply: Reply, told: str
) -> None:
    server.on(PROJECT_PAGE, reply)

    error = _refused(server)

    assert isinstance(error, IndexResponseError)
    assert error.message == f"{server.url}{PROJECT_PAGE}: {told}"


@pytest.mark.parametrize("status", [401, 403, 410, 500, 503])
@pytest.mark.parametrize("page", [RELEASE_PAGE, PROJECT_PAGE])
def test_a_page_that_is_not_given_is_not_taken_for_one_that_is_not_there(
    server: Server, page: str, status: int
) -> None:
    server.on(page, Reply(b"{}", status))

    error = _refused(server)

    assert isinstance(error, IndexUnavailableError)
    assert error.status == status


def test_an_index_that_is_not_reached_is_an_error() -> None:
    with pytest.raises(IndexUnavailableError):
        read_json_view(WEB, f"http://127.0.0.1:{closed_port()}/simple/", RELEASE)


def test_credentials_go_along_and_are_never_told(server: Server) -> None:
    root = f"{server.with_credentials('user:secret')}/simple/"
    server.on(RELEASE_PAGE, _json({"urls": _URLS}))

    view = read_json_view(WEB, root, RELEASE)

    assert view is not None
    assert view.url == f"{server.url}{RELEASE_PAGE}"
    assert server.sent("authorization") != [None]

    server.on(RELEASE_PAGE, _json([]))
    with pytest.raises(IndexResponseError) as raised:
        read_json_view(WEB, root, RELEASE)
    assert "secret" not in raised.value.message
    assert "user" not in raised.value.message


# --- the listing as HTML ------------------------------------------------------------


def _html(*names: str) -> Reply:
    links = "".join(
        f'<a href="/files/{name}#sha256={sha256(name)}">{name}</a>' for name in names
    )
    page = f"<!DOCTYPE html><html><title>Links for demo</title>{links}</html>"
    return Reply(page.encode(), headers={"Content-Type": "text/html"})


def _read_html(server: Server) -> View | None:
    return read_html_view(WEB, f"{server.url}/simple/", RELEASE)


def test_the_listing_as_html_is_asked_for_as_html(server: Server) -> None:
    server.on(SIMPLE_PAGE, _html(OLD, SDIST, WHEEL))

    view = _read_html(server)

    assert view == View("the listing as HTML", f"{server.url}{SIMPLE_PAGE}", BOTH)
    assert server.sent("accept") == ["text/html"]


def test_the_listing_as_html_may_have_a_serial(server: Server) -> None:
    page = _html(SDIST)
    headers = {**page.headers, "X-PyPI-Last-Serial": "12"}
    server.on(SIMPLE_PAGE, Reply(page.body, headers=headers))

    view = _read_html(server)

    assert view is not None
    assert view.serial == 12


def test_an_index_that_speaks_json_alone_has_no_listing_as_html(
    server: Server,
) -> None:
    listed = {"meta": {"api-version": "1.1"}, "name": "demo", "files": []}
    kind = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
    server.on(SIMPLE_PAGE, Reply(json.dumps(listed).encode(), headers=kind))

    assert _read_html(server) is None


def test_a_listing_as_html_that_does_not_know_the_project_lags_behind(
    server: Server,
) -> None:
    view = _read_html(server)

    assert view is not None
    assert not view.known
    assert view.files == {}


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(
            Reply(b"Log in", headers={"Content-Type": "text/plain"}),
            IndexResponseError,
            id="a login page",
        ),
        pytest.param(Reply(b"", 503), IndexUnavailableError, id="a 503"),
        pytest.param(
            redirect("https://other.example/simple/demo/"),
            OtherHostError,
            id="a redirect to another host",
        ),
    ],
)
def test_what_is_no_listing_as_html_is_an_error(
    server: Server, reply: Reply, error: type[SourceError]
) -> None:
    server.on(SIMPLE_PAGE, reply)

    with pytest.raises(error):
        _read_html(server)
