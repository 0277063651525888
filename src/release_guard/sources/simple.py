"""The Simple API (PEP 503, PEP 691), asked for one project and read as one ``Listing``.

What is no listing is an error, never "no files": a login page must not pass for an
empty project. ``simple_json.py`` and ``simple_html.py`` read the two forms of a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus

from packaging.utils import NormalizedName

from release_guard.errors import IndexResponseError, OtherHostError
from release_guard.facts import IndexedFile, Listing
from release_guard.filenames import project_of
from release_guard.layouts import (
    public_repository_url,
    simple_url_of,
    without_credentials,
)
from release_guard.sources.simple_html import page_from_html
from release_guard.sources.simple_json import page_from_json
from release_guard.sources.simple_page import serial_of
from release_guard.sources.web import Answer, Web

__all__ = [
    "ACCEPT",
    "ACCEPT_HTML",
    "ACCEPT_JSON",
    "parse_listing",
    "project_url",
    "read_listing",
]

_JSON = "application/vnd.pypi.simple.v1+json"
#: What an installer asks for: JSON where there is JSON (PEP 691).
ACCEPT = f"{_JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
#: The same as JSON alone: a cache keeps it apart from what installers ask for.
ACCEPT_JSON = _JSON
#: What an installer of earlier days asks for.
ACCEPT_HTML = "text/html"
#: devpi answers ``text_html`` where only ``v1+html`` is asked for.
_HTML = ("text/html", "application/vnd.pypi.simple.v1+html", "text_html")
#: Numbers that grow with each change: of the project, or of the whole index.
_SERIALS = ("x-pypi-last-serial", "x-devpi-serial")


def project_url(simple_url: str, project: NormalizedName) -> str:
    """A project's page: the normalized name, with the slash at the end (PEP 503)."""
    return f"{simple_url.rstrip('/')}/{project}/"


def read_listing(
    web: Web, simple_url: str, project: NormalizedName, *, accept: str = ACCEPT
) -> Listing:
    """What the index lists of a project now; raises ``IndexUnavailableError`` or
    ``IndexResponseError`` for any answer that is no listing and no plain 404, and
    ``OtherHostError`` where it sends on to another host than PyPI's.
    """
    url = project_url(simple_url, project)
    answer = web.get(url, accept=accept)
    if _is_unknown(answer, project):
        return Listing(
            project,
            without_credentials(url),
            (),
            known=False,
            serial=_header_serial(answer),
            is_cached=answer.is_cached,
            elsewhere=without_credentials(answer.away),
        )
    return parse_listing(answer, project)


def parse_listing(answer: Answer, project: NormalizedName) -> Listing:
    """The listing in an answer, by what it says it is, not by what was asked for."""
    url = without_credentials(answer.url)
    content_type, _, rest = answer.content_type.lower().partition(";")
    content_type = content_type.strip()
    try:
        charset = re.search(r"charset\s*=\s*[\"']?([^\s\"';]+)", rest)
        if charset and charset[1] not in ("utf-8", "utf8", "us-ascii"):
            raise ValueError(f"its charset is {charset[1]!r:.40}")
        if content_type == _JSON:
            read = page_from_json(answer, project)
        elif content_type in _HTML:
            read = page_from_html(answer, project)
        else:
            raise ValueError(f"its type is {content_type!r:.80}")
        _refuse_others(read.files, project)
        files = _once(read.files)
    # html.parser asserts what a page need not hold to.
    except (ValueError, RecursionError, AssertionError) as error:
        reason = str(error) or "it is nested too deep"
        raise IndexResponseError(f"{url}: the answer is no listing: {reason}") from None
    serial = _header_serial(answer) if read.serial is None else read.serial
    return Listing(
        project,
        url,
        files,
        status=read.status,
        serial=serial,
        is_cached=answer.is_cached,
        is_json=content_type == _JSON,
        oddities=tuple(dict.fromkeys(read.oddities)),
    )


def _header_serial(answer: Answer) -> int | None:
    for name in _SERIALS:
        serial = serial_of(answer.headers.get(name, "").strip())
        if serial is not None:
            return serial
    return None


def _is_unknown(answer: Answer, project: NormalizedName) -> bool:
    """The index does not have this project: 404, or it hands it on to PyPI.

    pypiserver and GitLab redirect there what they do not have. A redirect to any other
    host (a sign-on page, an index that moved) is no such answer; nor is a 404 behind a
    redirect.
    """
    url = without_credentials(answer.url)
    if answer.away:
        public = simple_url_of(public_repository_url("pypi")) or ""
        if answer.away.rstrip("/") == project_url(public, project).rstrip("/"):
            return True
        there = without_credentials(answer.away)
        raise OtherHostError(
            f"{url}: redirects to another host, {there}",
            hint="if that is the index now, give its address: --index-url",
        )
    if answer.status == HTTPStatus.NOT_FOUND:
        if answer.redirected:
            raise IndexResponseError(
                f"{url}: redirects to an address that is not there"
            )
        return True
    return False


def _refuse_others(files: Iterable[IndexedFile], project: NormalizedName) -> None:
    """A page whose files are all of other projects is not the page that was asked."""
    others: set[str] = set()
    for file in files:
        name = project_of(file.filename)
        if file.version is not None or name == project:
            return
        others |= {name} if name else set()
    if others:
        named = ", ".join(f"{other:.80}" for other in sorted(others)[:3])
        raise ValueError(f"it lists files of {named}")


def _once(files: Iterable[IndexedFile]) -> tuple[IndexedFile, ...]:
    """Each file once; two of one name with other bytes are no listing."""
    seen: dict[str, IndexedFile] = {}
    for file in files:
        other = seen.setdefault(file.filename, file)
        if other is file:
            continue
        # Without a hash only the address tells whether two are one.
        url = file.url if file.sha256 is None else other.url
        if replace(file, url=url) != other:
            raise ValueError(f"it lists {file.filename} twice, and differently")
    return tuple(seen.values())
