"""The other endpoints of Warehouse, the server of PyPI: a release's own JSON page, and
the listing as HTML. Each is cached by itself, so that one may be late.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from packaging.version import Version

from release_guard.errors import IndexResponseError
from release_guard.facts import ExpectedRelease, Listing, View
from release_guard.layouts import without_credentials
from release_guard.shapes import strict_json
from release_guard.sources.simple import ACCEPT_HTML, read_listing
from release_guard.sources.web import Answer, Web

__all__ = ["read_html_view", "read_json_view", "view_of"]

_ROOT = "/simple/"


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
    files = {file.filename: file.sha256 for file in listing.of(version)}
    return View(name, listing.url, files, listing.known, listing.serial)


def read_json_view(web: Web, simple_url: str, release: ExpectedRelease) -> View | None:
    """The release's own JSON page; None where the index has no such pages.

    A release that has none may be late, or the index may have no such pages at all:
    the project's page decides. Raises ``IndexUnavailableError``, and
    ``IndexResponseError`` for what is no such page.
    """
    if not simple_url.rstrip("/").endswith(_ROOT.rstrip("/")):
        return None
    root = simple_url.rstrip("/").removesuffix(_ROOT.rstrip("/"))
    project = f"{root}/pypi/{release.project}"
    url = f"{project}/{quote(str(release.version))}/json"
    answer = web.get(url, accept="application/json")
    if not _is_absent(answer):
        document = _document(answer)
        return _json_view(_files(document.get("urls"), url), document, url)
    answer = web.get(f"{project}/json", accept="application/json")
    if _is_absent(answer):
        return None
    document = _document(answer)
    releases = document.get("releases")
    if not isinstance(releases, dict):
        # "releases" is deprecated and may vanish: then nothing tells a lag.
        return None
    listed = releases.get(str(release.version))
    view = _json_view(_files(listed or [], url), document, f"{project}/json")
    return View(view.name, view.url, view.files, bool(listed), view.serial)


def _is_absent(answer: Answer) -> bool:
    """A page that is not there; what lies on another host is not of this index."""
    return answer.status == 404 or bool(answer.away)  # noqa: PLR2004


def _document(answer: Answer) -> dict[str, Any]:
    try:
        document = strict_json(answer.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        where = without_credentials(answer.url)
        raise IndexResponseError(f"{where}: the answer is no release's JSON")
    return document


def _files(urls: object, url: str) -> dict[str, str | None]:
    """File names and their sha256, of what a page calls its files."""
    if not isinstance(urls, list):
        raise IndexResponseError(f"{without_credentials(url)}: has no list of files")
    files: dict[str, str | None] = {}
    for entry in urls:
        name = entry.get("filename") if isinstance(entry, dict) else None
        digests = entry.get("digests") if isinstance(entry, dict) else None
        sha256 = digests.get("sha256") if isinstance(digests, dict) else None
        if not isinstance(name, str):
            raise IndexResponseError(f"{without_credentials(url)}: a file has no name")
        files[name] = sha256 if isinstance(sha256, str) else None
    return files


def _json_view(
    files: dict[str, str | None], document: dict[str, Any], url: str
) -> View:
    serial = document.get("last_serial")
    return View(
        "the release's JSON page",
        without_credentials(url),
        files,
        serial=serial if type(serial) is int else None,
    )
