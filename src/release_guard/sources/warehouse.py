"""The other endpoints of Warehouse, the server of PyPI: a release's own JSON page, and
the listing as HTML. Each is cached by itself, so that one may be late.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from release_guard.errors import IndexResponseError
from release_guard.facts import ExpectedRelease, Listing, View
from release_guard.filenames import may_be_of, parse_version
from release_guard.layouts import without_credentials
from release_guard.shapes import strict_json
from release_guard.sources.simple import ACCEPT_HTML, read_listing
from release_guard.sources.simple_page import LONGEST_NAME
from release_guard.sources.web import Answer, Web

__all__ = ["read_html_view", "read_json_view", "view_of"]

#: In bytes; the largest project's page has some 4 MB.
_LARGEST = 16 << 20
_ROOT = "/simple"
_JSON = "application/json"
#: Such a page as a message calls it.
_PAGE = "the release's JSON page"


def view_of(listing: Listing, version: Version) -> View:
    """A release as the listing tells it that installers ask for."""
    form = "JSON" if listing.is_json else "HTML"
    return _view(listing, version, f"the listing as {form}")


def read_html_view(web: Web, simple_url: str, release: ExpectedRelease) -> View | None:
    """The release in the listing as HTML; None where the index has no such form.

    Raises as ``read_listing`` does.
    """
    listing = read_listing(web, simple_url, release.project, accept=ACCEPT_HTML)
    if listing.is_json:
        return None
    return _view(listing, release.version, "the listing as HTML")


def _view(listing: Listing, version: Version, name: str) -> View:
    # An installer of older days tells no version, and belongs to one all the same.
    files = {
        file.filename: file.sha256
        for file in listing.files
        if file.version == version
        or (file.version is None and may_be_of(file.filename, listing.project, version))
    }
    there = (listing.by_name[filename] for filename in files)
    yanked = frozenset(file.filename for file in there if file.yanked)
    return View(name, listing.url, files, listing.known, listing.serial, yanked)


def read_json_view(web: Web, simple_url: str, release: ExpectedRelease) -> View | None:
    """The release's own JSON page; None where the index has no such pages.

    A release that has none may be late, or the index may have no such pages at all:
    the project's page decides. Raises ``IndexUnavailableError``, and
    ``IndexResponseError`` for what is no such page.
    """
    root = simple_url.rstrip("/")
    if not root.endswith(_ROOT):
        return None
    project = f"{root.removesuffix(_ROOT)}/pypi/{release.project}"
    web = replace(web, largest=min(web.largest, _LARGEST))
    answer = web.get(f"{project}/{quote(str(release.version))}/json", accept=_JSON)
    if not _is_absent(answer):
        document = _document(answer, release.project)
        return _json_view(document, document.get("urls"), answer)
    answer = web.get(f"{project}/json", accept=_JSON)
    if _is_absent(answer):
        return None
    document = _document(answer, release.project)
    # "releases" is deprecated and may vanish: then nothing tells a lag.
    if "releases" not in document:
        return None
    files = _release_of(document, release.version, answer)
    view = _json_view(document, files, answer)
    return replace(view, known=bool(view.files))


def _release_of(document: dict[str, Any], version: Version, answer: Answer) -> object:
    """The files of one release, however its version is spelled, on a project's page."""
    releases = document["releases"]
    if not isinstance(releases, dict):
        raise IndexResponseError(f"{_shown(answer)}: has no table of releases")
    found = (files for key, files in releases.items() if parse_version(key) == version)
    return next(found, [])


def _is_absent(answer: Answer) -> bool:
    """A page that is not there; what lies on another host is not of this index."""
    return answer.status == HTTPStatus.NOT_FOUND or bool(answer.away)


def _document(answer: Answer, project: NormalizedName) -> dict[str, Any]:
    try:
        document = strict_json(answer.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise IndexResponseError(f"{_shown(answer)}: the answer is no release's JSON")
    info = document.get("info")
    name = info.get("name", project) if isinstance(info, dict) else project
    if not isinstance(name, str) or canonicalize_name(name) != project:
        raise IndexResponseError(
            f"{_shown(answer)}: is of another project, {name!r:.80}"
        )
    return document


def _files(urls: object, answer: Answer) -> dict[str, str | None]:
    """File names and their sha256, of what a page calls its files."""
    if not isinstance(urls, list):
        raise IndexResponseError(f"{_shown(answer)}: has no list of files")
    files: dict[str, str | None] = {}
    for entry in urls:
        name = entry.get("filename") if isinstance(entry, dict) else None
        digests = entry.get("digests") if isinstance(entry, dict) else None
        sha256 = digests.get("sha256") if isinstance(digests, dict) else None
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            raise IndexResponseError(f"{_shown(answer)}: a file has no name")
        files[name] = sha256.lower() if isinstance(sha256, str) else None
    return files


def _json_view(document: dict[str, Any], urls: object, answer: Answer) -> View:
    serial = document.get("last_serial")
    number = serial if type(serial) is int else None
    files = _files(urls, answer)
    yanked = frozenset(
        entry["filename"]
        for entry in (urls if isinstance(urls, list) else [])
        if entry.get("yanked") is True
    )
    return View(_PAGE, _shown(answer), files, serial=number, yanked=yanked)


def _shown(answer: Answer) -> str:
    return without_credentials(answer.url)
