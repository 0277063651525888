"""The Simple API, JSON (PEP 691, PEP 700) and HTML (PEP 503), as one ``Listing``.

What is no listing is an error, never "no files": a login page must not pass for an
empty project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import NormalizedName, canonicalize_name

from release_guard.errors import IndexResponseError
from release_guard.facts import ACTIVE, IndexedFile, Listing
from release_guard.filenames import kind_of, project_of, version_of
from release_guard.layouts import (
    public_repository_url,
    simple_url_of,
    without_credentials,
)
from release_guard.shapes import strict_json
from release_guard.sources.web import Answer, Web

__all__ = ["ACCEPT", "parse_listing", "project_url", "read_listing"]

#: What an installer asks for: JSON where there is JSON (PEP 691).
ACCEPT = (
    "application/vnd.pypi.simple.v1+json, "
    "application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
)
_JSON = "application/vnd.pypi.simple.v1+json"
#: devpi answers ``text_html`` where only ``v1+html`` is asked for.
_HTML = ("text/html", "application/vnd.pypi.simple.v1+html", "text_html")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def project_url(simple_url: str, project: NormalizedName) -> str:
    """A project's page: the normalized name, with the slash at the end (PEP 503)."""
    return f"{simple_url.rstrip('/')}/{project}/"


def read_listing(web: Web, simple_url: str, project: NormalizedName) -> Listing:
    """What the index lists of a project now; raises ``IndexUnavailableError`` or
    ``IndexResponseError`` for any answer that is no listing and no plain 404.
    """
    url = project_url(simple_url, project)
    answer = web.get(url, accept=ACCEPT)
    if _is_unknown(answer, project):
        return Listing(project, without_credentials(url), (), known=False)
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
            files, status = _from_json(answer, project)
        elif content_type in _HTML:
            files, status = _from_html(answer, project)
        else:
            raise ValueError(f"its type is {content_type!r}")
        _refuse_others(files, project)
        return Listing(project, url, _once(files), status=status)
    # html.parser asserts what a page need not hold to.
    except (ValueError, RecursionError, AssertionError) as error:
        reason = str(error) or "it is nested too deep"
        raise IndexResponseError(f"{url}: the answer is no listing: {reason}") from None


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
        raise IndexResponseError(
            f"{url}: redirects to another host, {there}",
            hint="if that is the index now, give its address: --index-url",
        )
    if answer.status == 404:  # noqa: PLR2004
        if answer.redirected:
            raise IndexResponseError(
                f"{url}: redirects to an address that is not there"
            )
        return True
    return False


def _refuse_others(files: Iterable[IndexedFile], project: NormalizedName) -> None:
    """A page whose files are all of other projects is not the page that was asked."""
    projects = {project_of(file.filename) for file in files} - {None}
    if projects and project not in projects:
        named = ", ".join(sorted(str(other) for other in projects)[:3])
        raise ValueError(f"it lists files of {named}")


def _once(files: Iterable[IndexedFile]) -> tuple[IndexedFile, ...]:
    """Each file once; two of one name with other bytes are no listing."""
    seen: dict[str, IndexedFile] = {}
    for file in files:
        other = seen.setdefault(file.filename, file)
        # Without a hash only the address tells whether two are one.
        url = file.url if file.sha256 is None else other.url
        if replace(file, url=url) != other:
            raise ValueError(f"it lists {file.filename} twice, and differently")
    return tuple(seen.values())


# --- JSON ----------------------------------------------------------------------


def _from_json(
    answer: Answer, project: NormalizedName
) -> tuple[list[IndexedFile], str]:
    """The files, and the project's status (PEP 792)."""
    document = strict_json(answer.body)
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - data, not a bug
    meta = _member(document, "meta", dict)
    version = _member(meta, "api-version", str)
    if version.partition(".")[0] != "1":
        raise ValueError(f"its API version is {version!r}, and 1.x is known (PEP 629)")
    name = document.get("name", project)
    if not isinstance(name, str) or canonicalize_name(name) != project:
        raise ValueError(f"it is of another project, {name!r}")
    files = [
        _file_from_json(file, number, answer.url)
        for number, file in enumerate(_member(document, "files", list))
    ]
    if "project-status" not in document:
        return files, ACTIVE
    status = _member(document, "project-status", dict)
    return files, _member(status, "status", str)


def _file_from_json(file: object, number: int, page: str) -> IndexedFile:
    if not isinstance(file, dict):
        raise ValueError(f"files[{number}] is no object")  # noqa: TRY004
    filename = _member(file, "filename", str)
    if not filename or "/" in filename:
        raise ValueError(f"files[{number}] has the name {filename!r:.80}")
    url = urljoin(page, _member(file, "url", str))
    at = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    if _is_file(at) and at != filename:
        raise ValueError(f"the file {filename!r:.80} is at {at!r:.80}")
    hashes = _member(file, "hashes", dict)
    yanked = _optional(file, "yanked", bool, str)
    size = _optional(file, "size", int)
    requires_python = file.get("requires-python")
    return IndexedFile(
        filename=filename,
        version=version_of(filename),
        sha256=_sha256(hashes.get("sha256"), filename),
        size=size,
        yanked=None if yanked is None else bool(yanked),
        yanked_reason=yanked if isinstance(yanked, str) else "",
        requires_python=requires_python if isinstance(requires_python, str) else None,
        url=url,
        uploaded=_moment(_optional(file, "upload-time", str)),
    )


def _moment(text: str | None) -> datetime | None:
    """A moment as PEP 700 writes it (ISO 8601, UTC); None where there is none."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _optional(table: Mapping[str, Any], key: str, *kinds: type) -> Any:  # noqa: ANN401
    """A key that may be missing, and must else be of one of these types."""
    value = table.get(key)
    if value is not None and type(value) not in kinds:
        raise ValueError(f"its {key!r} is of the wrong type")
    return value


def _member(table: Mapping[str, Any], key: str, kind: type) -> Any:  # noqa: ANN401
    """A key that must be there, of the type that it must have."""
    value = table.get(key)
    if not isinstance(value, kind):
        raise ValueError(f"its {key!r} is missing or of the wrong type")  # noqa: TRY004
    return value


def _sha256(value: object, filename: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError(f"the sha256 of {filename} is no sha256")
    return value.lower()


# --- HTML ----------------------------------------------------------------------


def _from_html(
    answer: Answer, project: NormalizedName
) -> tuple[list[IndexedFile], str]:
    """The files, and the project's status (PEP 792)."""
    text = answer.body.decode("utf-8")
    if text.count("<") > text.count(">") + _MOST_OPEN_TAGS:
        # html.parser reads all the rest again for each tag that does not end.
        raise ValueError("it is full of tags that do not end")
    page = _Page()
    page.feed(text)
    page.close()
    if page.version.partition(".")[0] != "1":
        raise ValueError(f"its API version is {page.version!r} (PEP 629)")
    base = urljoin(answer.url, page.base)
    linked = [_file_from_link(link, base) for link in page.links]
    files = [file for file in linked if file is not None]
    if page.is_open:
        raise ValueError("it is cut off: it does not end")
    if page.has_password:
        raise ValueError("it asks for a password")
    # An empty project page is told from any other page by what such pages carry.
    is_listing = page.has_version or _is_titled(page.titles, project)
    if not files and (page.links or not is_listing):
        raise ValueError("it is an HTML page that links to no distribution")
    return files, page.status


def _is_titled(titles: Iterable[str], project: NormalizedName) -> bool:
    """Whether a page is called "Links for demo", as most indexes call one; devpi puts
    its own name before it.
    """
    named = (
        re.fullmatch(r"(?:\S+: )?links for (\S+)", t.strip().lower()) for t in titles
    )
    return any(found and canonicalize_name(found[1]) == project for found in named)


#: No file name and no title is longer, in characters.
_LONGEST_TEXT = 1_000
#: A text may hold some marks that begin no tag.
_MOST_OPEN_TAGS = 100


class _Link:
    """One anchor, while the page is being read."""

    def __init__(self, attributes: Mapping[str, str | None]) -> None:
        self.attributes = attributes
        self.text = ""


class _Page(HTMLParser):
    """The anchors of a page, and what tells a Simple API page from any other."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[_Link] = []
        self.base = ""
        self.version = "1.0"
        self.status = ACTIVE
        self.has_version = False
        self.has_password = False
        self.titles: list[str] = []
        self.is_open = False
        self._open: str = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        match tag:
            case "a" if attributes.get("href"):
                self.links.append(_Link(attributes))
                self._open = tag
            case "base" if not self.base:
                self.base = attributes.get("href") or ""
            case "meta" if attributes.get("name") == "pypi:repository-version":
                self.version = attributes.get("content") or ""
                self.has_version = True
            case "meta" if attributes.get("name") == "pypi:project-status":
                self.status = attributes.get("content") or ""
            case "input" if (attributes.get("type") or "").lower() == "password":
                self.has_password = True
            case "title" | "h1":
                self._open = tag
                self.titles.append("")
            case "html":
                self.is_open = True

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""
        if tag == "html":
            self.is_open = False

    def handle_data(self, data: str) -> None:
        if self._open == "a" and len(self.links[-1].text) < _LONGEST_TEXT:
            self.links[-1].text += data
        elif self._open and self._open != "a" and len(self.titles[-1]) < _LONGEST_TEXT:
            self.titles[-1] += data


def _file_from_link(link: _Link, base: str) -> IndexedFile | None:
    """The file behind an anchor; None for an anchor that leads to something else."""
    url = urlsplit(urljoin(base, link.attributes["href"] or ""))
    # As installers do, who take a slash at the end as well.
    filename = unquote(url.path.rstrip("/").rpartition("/")[2])
    text = link.text.strip()
    if not (_is_file(filename) or _is_file(text)):
        return None
    if not _is_file(filename) or (_is_file(text) and text != filename):
        raise ValueError(f"the link {text!r:.80} leads to {filename!r:.80}")
    yanked = link.attributes.get("data-yanked", "") or ""
    return IndexedFile(
        filename=filename,
        version=version_of(filename),
        sha256=_fragment_sha256(url.fragment),
        yanked="data-yanked" in link.attributes,
        yanked_reason=yanked,
        requires_python=link.attributes.get("data-requires-python"),
        url=url._replace(fragment="").geturl(),
    )


def _is_file(name: str) -> bool:
    """Whether a link leads to a distribution, of today or of earlier days."""
    return kind_of(name) is not None or name.endswith(_LEGACY)


_LEGACY = (
    *(".egg", ".exe", ".msi", ".rpm", ".deb", ".dmg"),
    *(".tgz", ".tar.bz2", ".tar.xz", ".tar.Z", ".tar"),
)


def _fragment_sha256(fragment: str) -> str | None:
    """``sha256=hex``; Gitea wrote ``sha256-hex``, pypicloud the bare hash."""
    found = re.fullmatch(r"(?:sha256[=-])?([0-9a-fA-F]{64})", fragment)
    return found[1].lower() if found else None
