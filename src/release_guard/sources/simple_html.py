"""A Simple API page as HTML (PEP 503)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from urllib.parse import urljoin

from packaging.utils import NormalizedName, canonicalize_name

from release_guard.facts import ACTIVE, IndexedFile
from release_guard.filenames import is_listed_kind, version_of
from release_guard.sources.simple_page import (
    LONGEST_NAME,
    MOST_FILES,
    SimplePage,
    fragment_hashes,
    last_part,
    refuse_egg,
    refuse_no_host,
    refuse_too_many,
    refuse_too_many_files,
    said_of,
    serial_of,
    version_oddities,
    whole_address,
)
from release_guard.sources.web import Answer

__all__ = ["page_from_html"]

#: Tags, their attributes, and entities of HTML, which is slower to read; in bytes.
_MOST_TAGS = 5 * MOST_FILES
_LARGEST_HTML = 32 << 20
#: A page is read in pieces of so many characters, and no tag and no script in it is
#: longer than two of them.
_PIECE = 1 << 17
#: No title is longer; in characters.
_LONGEST_TITLE = 1_000
#: The tags whose attributes say something here.
_TAGS = frozenset({"a", "base", "meta", "input"})


def page_from_html(answer: Answer, project: NormalizedName) -> SimplePage:
    """What a page says; ``ValueError`` or ``AssertionError`` for what is none."""
    text = answer.body.decode("utf-8")
    if len(answer.body) > _LARGEST_HTML:
        raise ValueError(f"as HTML it has more than {_LARGEST_HTML} bytes")
    refuse_too_many(answer.body, b"<", _MOST_TAGS)
    refuse_too_many(answer.body, b"&", _MOST_TAGS)
    page = _Page()
    page.read(text)
    oddities = version_oddities(page.version)
    base = urljoin(answer.url, page.base or "")
    refuse_too_many_files(len(page.links))
    files = []
    for link in page.links:
        file, oddity = _file_from_link(link, base, project)
        files += [file] if file else []
        oddities += [oddity] if oddity else []
    if not (page.has_end or _is_framed(answer)):
        raise ValueError("nothing says where it ends: it may be cut off")
    if page.is_open:
        raise ValueError("it is cut off: it does not end")
    if page.has_password:
        raise ValueError("it asks for a password")
    # An empty project page is told from any other page by what such pages carry.
    is_listing = page.has_version or _is_titled(page.titles, project)
    if not files and (page.links or not is_listing):
        raise ValueError("it is an HTML page that links to no distribution")
    return SimplePage(files, page.status, page.serial, oddities)


def _is_framed(answer: Answer) -> bool:
    """Whether the answer says where it ends (RFC 9112); else only the page can."""
    length = answer.headers.get("content-length", "")
    return length.isdecimal() or "transfer-encoding" in answer.headers


def _is_titled(titles: Iterable[str], project: NormalizedName) -> bool:
    """Whether a page is called "Links for demo", as most indexes call one; devpi puts
    its own name before it.
    """
    named = (
        re.fullmatch(r"(?:\S+: )?links for (\S+)", t.strip().lower()) for t in titles
    )
    return any(found and canonicalize_name(found[1]) == project for found in named)


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
        self.base: str | None = None
        self.has_end = False
        self.version = "1.0"
        self.status = ACTIVE
        self.has_version = False
        self.has_password = False
        self.titles: list[str] = []
        self.is_open = False
        self.serial: int | None = None
        self._open: str = ""
        self._attributes = 0

    def read(self, text: str) -> None:
        """Read a whole page. At the end of one html.parser would try each tag that does
        not end again and again, so nothing may be left to it.
        """
        for start in range(0, len(text), _PIECE):
            self.feed(text[start : start + _PIECE])
            if len(self.rawdata) > _PIECE:
                raise ValueError("it has tags that do not end")
        if self.rawdata.startswith("<"):
            raise ValueError("it has tags that do not end")
        self.close()

    def handle_comment(self, data: str) -> None:
        if data.startswith((">", "->")) or "--!>" in data:
            raise ValueError("it has a comment that readers end in different places")
        found = re.fullmatch(r"\s*SERIAL\s+([0-9]+)\s*", data)
        if found:
            self.serial = serial_of(found[1])

    def unknown_decl(self, data: str) -> None:
        """What HTML does not have: each reader ends it elsewhere."""
        raise ValueError(f"it has <![{data!r:.40}, which HTML does not have")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes += len(attrs)
        if self._attributes > _MOST_TAGS:
            raise ValueError(f"it has more than {_MOST_TAGS} attributes")
        attributes = dict(attrs)
        if len(attributes) != len(attrs) and tag in _TAGS:
            # Of two, each reader takes the one or the other.
            raise ValueError(f"a tag {tag!r:.40} has an attribute twice")
        match tag:
            case "a" if attributes.get("href"):
                self.links.append(_Link(attributes))
                self._open = tag
            case "base":
                self._set_base(attributes.get("href") or "")
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

    def _set_base(self, href: str) -> None:
        if self.base is not None:
            raise ValueError("it has two bases, of which readers take either")
        self.base = href

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""
        if tag == "html":
            self.is_open = False
            self.has_end = True

    def handle_data(self, data: str) -> None:
        if self.cdata_elem and re.search(r"<\s*a\b", data, re.IGNORECASE):
            # Where a script ends is read in different ways, and so what a link is.
            raise ValueError(f"it has a link in a <{self.cdata_elem}>")
        if self._open == "a" and len(self.links[-1].text) < _LONGEST_TITLE:
            self.links[-1].text += data
        elif self._open and self._open != "a" and len(self.titles[-1]) < _LONGEST_TITLE:
            self.titles[-1] += data


def _file_from_link(
    link: _Link, base: str, project: NormalizedName
) -> tuple[IndexedFile | None, str]:
    """The file behind an anchor, None for an anchor that leads to something else, and
    what is odd about it.
    """
    address, fragment = whole_address(base, link.attributes["href"] or "")
    filename = last_part(address)
    text = link.text.strip()
    refuse_egg(fragment, filename)
    if not (is_listed_kind(filename) or is_listed_kind(text)):
        return None, ""
    if not is_listed_kind(filename) or (is_listed_kind(text) and text != filename):
        raise ValueError(f"the link {text!r:.80} leads to {filename!r:.80}")
    if len(filename) > LONGEST_NAME:
        raise ValueError(f"a link leads to the name {filename!r:.80}")
    refuse_no_host(address)
    said = link.attributes
    hashes, oddity = fragment_hashes(fragment, filename)
    provenance = said.get("data-provenance")
    file = IndexedFile(
        filename=filename,
        version=version_of(filename, project),
        sha256=hashes.pop("sha256", None),
        yanked="data-yanked" in said,
        yanked_reason=said.get("data-yanked", "") or "",
        requires_python=said_of(said, "data-requires-python"),
        url=address,
        other_hashes=tuple(hashes.items()),
        metadata_sha256=_linked_metadata(said, filename),
        provenance=whole_address(base, provenance)[0] if provenance else None,
    )
    return file, oddity


def _linked_metadata(said: Mapping[str, str | None], filename: str) -> str | None:
    """As ``_metadata_sha256``; proxpi leaves the attribute empty, and has no such
    file.
    """
    for key in ("data-core-metadata", "data-dist-info-metadata"):
        told = said.get(key)
        if told:
            hashes, _ = fragment_hashes(told, f"{filename}.metadata")
            return None if told.lower() == "false" else hashes.get("sha256", "")
    return None
