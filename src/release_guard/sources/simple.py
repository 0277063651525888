"""The Simple API, JSON (PEP 691, PEP 700) and HTML (PEP 503), as one ``Listing``.

What is no listing is an error, never "no files": a login page must not pass for an
empty project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from types import NoneType
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import NormalizedName, canonicalize_name

from release_guard.errors import IndexResponseError, OtherHostError
from release_guard.facts import ACTIVE, IndexedFile, Listing
from release_guard.filenames import is_listed_kind, project_of, version_of
from release_guard.layouts import (
    is_url,
    public_repository_url,
    simple_url_of,
    without_credentials,
)
from release_guard.shapes import strict_json
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
#: The hashes that an index may give, and how each is written.
_HASHES = {
    name: re.compile(f"[0-9a-fA-F]{{{digits}}}")
    for name, digits in (
        ("sha512", 128),
        ("sha384", 96),
        ("sha256", 64),
        ("sha224", 56),
        ("sha1", 40),
        ("md5", 32),
        ("blake2b", 128),
    )
}
_SHA256 = _HASHES["sha256"]
#: The newest API version that is known here (PEP 792).
_NEWEST_MINOR = 4

# What no listing of a real project comes near, and what a hostile one costs time and
# memory with. Warehouse says 650 bytes of a file, so that of more files than these it
# would send more than is read; its largest projects have a fifth.
_MOST_FILES = 100_000
#: Objects, lists and commas of JSON, for that many files; the commas of a small answer,
#: in bytes, need not be counted.
_MOST_OBJECTS = 10 * _MOST_FILES
_MOST_VALUES = 50 * _MOST_FILES
_SMALL = 16 << 20
#: Tags, their attributes, and entities of HTML, which is slower to read; in bytes.
_MOST_TAGS = 5 * _MOST_FILES
_LARGEST_HTML = 32 << 20
#: A page is read in pieces of so many characters, and no tag and no script in it is
#: longer than two of them.
_PIECE = 1 << 17
#: No file system takes a longer name: what has one cannot be downloaded.
_LONGEST_NAME = 255
#: No title is longer, and no server takes a longer address; all three in characters.
_LONGEST_TITLE = 1_000
_LONGEST_URL = 16_384


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


@dataclass(slots=True)
class _Read:
    """What was read of a page."""

    files: list[IndexedFile]
    status: str = ACTIVE
    serial: int | None = None
    oddities: list[str] = field(default_factory=list)


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
            read = _from_json(answer, project)
        elif content_type in _HTML:
            read = _from_html(answer, project)
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


#: Numbers that grow with each change: of the project, or of the whole index.
_SERIALS = ("x-pypi-last-serial", "x-devpi-serial")


def _header_serial(answer: Answer) -> int | None:
    for name in _SERIALS:
        serial = _serial(answer.headers.get(name, "").strip())
        if serial is not None:
            return serial
    return None


def _serial(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def _refuse_too_many_files(number: int) -> None:
    if number > _MOST_FILES:
        raise ValueError(f"it lists {number} files, and {_MOST_FILES} are read")


def _refuse_too_many(body: bytes, marks: bytes, most: int) -> None:
    """Raise where more values begin with one of these marks than are read."""
    if sum(map(body.count, marks)) > most:
        raise ValueError(f"it has more than {most} values")


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
    if answer.status == 404:  # noqa: PLR2004
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


# --- JSON ----------------------------------------------------------------------


def _from_json(answer: Answer, project: NormalizedName) -> _Read:
    _refuse_too_many(answer.body, b"[{", _MOST_OBJECTS)
    if len(answer.body) > _SMALL:
        _refuse_too_many(answer.body, b",", _MOST_VALUES)
    document = strict_json(answer.body)
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - data, not a bug
    meta = _member(document, "meta", dict)
    oddities = _version_oddities(_member(meta, "api-version", str))
    name = document.get("name", project)
    if not isinstance(name, str) or canonicalize_name(name) != project:
        raise ValueError(f"it is of another project, {name!r:.80}")
    files = []
    entries = _member(document, "files", list)
    _refuse_too_many_files(len(entries))
    for number, entry in enumerate(entries):
        file, oddity = _file_from_json(entry, number, answer.url, project)
        files.append(file)
        if oddity:
            oddities.append(oddity)
    # What begins with "_" is the server's own, and may be anything (PEP 691).
    serial = meta.get("_last-serial")
    status = ACTIVE
    if "project-status" in document:
        told = _member(document, "project-status", dict)
        status = _member(told, "status", str)
    return _Read(files, status, serial if type(serial) is int else None, oddities)


def _version_oddities(version: str) -> list[str]:
    """What PEP 629 says of an API version: another major one is refused, a newer minor
    one is told.
    """
    found = re.fullmatch(r"1(?:\.([0-9]{1,9}))?", version)
    if found is None:
        raise ValueError(
            f"its API version is {version!r:.40}, and 1.x is known (PEP 629)"
        )
    if int(found[1] or 0) <= _NEWEST_MINOR:
        return []
    return [f"its API version is {version}, and 1.{_NEWEST_MINOR} is known"]


#: The keys of the metadata beside a file; PEP 714 says why there are several. The first
#: that says something counts.
_METADATA_KEYS = ("core-metadata", "dist-info-metadata", "data-dist-info-metadata")
#: What is read of a file, and the types that each may have; what may be missing may be
#: null as well.
_KEYS: Mapping[str, tuple[type, ...]] = {
    "filename": (str,),
    "url": (str,),
    "hashes": (dict,),
    "requires-python": (str, NoneType),
    "size": (int, NoneType),
    "upload-time": (str, NoneType),
    "yanked": (bool, str, NoneType),
    "provenance": (str, NoneType),
    **dict.fromkeys(_METADATA_KEYS, (dict, bool, NoneType)),
}


def _file_from_json(
    file: object, number: int, page: str, project: NormalizedName
) -> tuple[IndexedFile, str]:
    """A file as JSON tells it, and what is odd about it."""
    if not isinstance(file, dict):
        raise ValueError(f"files[{number}] is no object")  # noqa: TRY004
    for key, kinds in _KEYS.items():
        if type(file.get(key)) not in kinds:
            raise ValueError(
                f"files[{number}]: its {key!r} is missing or of the wrong type"
            )
    filename = file["filename"]
    if not filename or "/" in filename or len(filename) > _LONGEST_NAME:
        raise ValueError(f"files[{number}] has the name {filename!r:.80}")
    url, fragment = _address_of(filename, file["url"], page)
    hashes, oddity = _hashes(file["hashes"], filename), ""
    if fragment:
        _refuse_egg(fragment, filename)
        # GitLab writes the hash there as well.
        linked, oddity = _fragment_hashes(fragment, filename)
        hashes = _joined(hashes, linked, filename)
    yanked, provenance = file.get("yanked"), file.get("provenance")
    moment = file.get("upload-time")
    # Positions, not names: there may be many thousands.
    listed = IndexedFile(
        filename,
        version_of(filename, project),
        hashes.pop("sha256", None),
        file.get("size"),
        None if yanked is None else bool(yanked),
        yanked if isinstance(yanked, str) else "",
        _said(file, "requires-python"),
        url,
        None if moment is None else _moment(moment),
        tuple(hashes.items()),
        _metadata_sha256(file, filename),
        _address(page, provenance)[0] if provenance else _said(file, "provenance"),
    )
    return listed, oddity


#: An address that is whole, and whose last part is a file's name as it is written.
_PLAIN_URL = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[1-9][0-9]{0,3})?/[!-\"$&->@-~]{0,16000}"  # no # % ?
)


def _address_of(filename: str, url: str, page: str) -> tuple[str, str]:
    """A file's address, against the page's, and its fragment.

    An address that ends in another file's name is refused, as installers may go by it;
    what is no file's name, as the id of an object, is none of its own.
    """
    if _PLAIN_URL.fullmatch(url) and url.endswith(f"/{filename}"):
        return url, ""
    address, fragment = _address(page, url)
    _refuse_no_host(address)
    at = _last_part(address)
    if is_listed_kind(at) and at != filename:
        raise ValueError(f"the file {filename!r:.80} is at {at!r:.80}")
    return address, fragment


def _address(page: str, url: str) -> tuple[str, str]:
    """An address, against the page's, and its fragment."""
    if len(url) > _LONGEST_URL:
        raise ValueError(f"it has an address of {len(url)} characters")
    bare, _, fragment = urljoin(page, url).partition("#")
    return bare, fragment


def _refuse_no_host(url: str) -> None:
    """Raise where nobody could download from; what stands behind the host is the
    server's affair.
    """
    if not is_url("/".join(url.split("/", 3)[:3])):
        raise ValueError(f"{without_credentials(url)!r:.80} is no http address")


def _last_part(url: str) -> str:
    """The name at the end of an address as pip sees it: unquoted before it is cut, and
    maybe with a slash behind it.
    """
    return unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]


def _said(file: Mapping[str, Any], key: str) -> str | None:
    """What a key says: null is "nothing", and no key is "not said" (PEP 691)."""
    return (file[key] or "") if key in file else None


def _hashes(listed: Mapping[str, Any], of: str) -> dict[str, str]:
    """The hashes of a file by algorithm, in small letters. One that is none where the
    sha256 should be is an error; of the others nobody goes by.
    """
    hashes: dict[str, str] = {}
    for name, value in listed.items():
        algorithm = name.lower()
        form = _HASHES.get(algorithm)
        if form is None or value is None:
            continue
        if isinstance(value, str) and form.fullmatch(value):
            digits = value.lower()
            if hashes.setdefault(algorithm, digits) != digits:
                raise ValueError(f"it gives {of} two different {algorithm}")
        elif algorithm == "sha256":
            raise ValueError(f"the sha256 of {of} is no sha256")
    return hashes


def _joined(
    one: Mapping[str, str], other: Mapping[str, str], of: str
) -> dict[str, str]:
    """The hashes of two places, which must agree."""
    for name in one.keys() & other.keys():
        if one[name] != other[name]:
            raise ValueError(f"it gives {of} two different {name}")
    return {**one, **other}


def _metadata_sha256(file: Mapping[str, Any], filename: str) -> str | None:
    """The sha256 of the metadata beside a file (PEP 658), empty where it has metadata
    without one.
    """
    for key in _METADATA_KEYS:
        told = file.get(key)
        if isinstance(told, dict):
            sha256 = told.get("sha256")
            if sha256 is None:
                return ""
            if isinstance(sha256, str) and _SHA256.fullmatch(sha256):
                return sha256.lower()
            raise ValueError(f"the sha256 of the metadata of {filename} is no sha256")
        if told is not None:
            return "" if told else None
    return None


def _moment(text: str) -> datetime:
    """A moment as PEP 700 writes it (ISO 8601, UTC)."""
    moment = datetime.fromisoformat(text)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        # Sums with it would leave what a calendar has.
        raise ValueError(f"it says that a file came in the year {moment.year}")
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


#: An index of files by their own time may say 1970.
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


def _member(table: Mapping[str, Any], key: str, kind: type) -> Any:  # noqa: ANN401
    """A key that must be there, of the type that it must have."""
    value = table.get(key)
    if not isinstance(value, kind):
        raise ValueError(f"its {key!r} is missing or of the wrong type")  # noqa: TRY004
    return value


# --- HTML ----------------------------------------------------------------------


def _from_html(answer: Answer, project: NormalizedName) -> _Read:
    text = answer.body.decode("utf-8")
    if len(answer.body) > _LARGEST_HTML:
        raise ValueError(f"as HTML it has more than {_LARGEST_HTML} bytes")
    _refuse_too_many(answer.body, b"<", _MOST_TAGS)
    _refuse_too_many(answer.body, b"&", _MOST_TAGS)
    page = _Page()
    page.read(text)
    oddities = _version_oddities(page.version)
    base = urljoin(answer.url, page.base or "")
    _refuse_too_many_files(len(page.links))
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
    return _Read(files, page.status, page.serial, oddities)


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


#: The tags whose attributes say something here.
_TAGS = frozenset({"a", "base", "meta", "input"})


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
            self.serial = _serial(found[1])

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
    address, fragment = _address(base, link.attributes["href"] or "")
    filename = _last_part(address)
    text = link.text.strip()
    _refuse_egg(fragment, filename)
    if not (is_listed_kind(filename) or is_listed_kind(text)):
        return None, ""
    if not is_listed_kind(filename) or (is_listed_kind(text) and text != filename):
        raise ValueError(f"the link {text!r:.80} leads to {filename!r:.80}")
    if len(filename) > _LONGEST_NAME:
        raise ValueError(f"a link leads to the name {filename!r:.80}")
    _refuse_no_host(address)
    said = link.attributes
    hashes, oddity = _fragment_hashes(fragment, filename)
    provenance = said.get("data-provenance")
    file = IndexedFile(
        filename=filename,
        version=version_of(filename, project),
        sha256=hashes.pop("sha256", None),
        yanked="data-yanked" in said,
        yanked_reason=said.get("data-yanked", "") or "",
        requires_python=_said(said, "data-requires-python"),
        url=address,
        other_hashes=tuple(hashes.items()),
        metadata_sha256=_linked_metadata(said, filename),
        provenance=_address(base, provenance)[0] if provenance else None,
    )
    return file, oddity


def _linked_metadata(said: Mapping[str, str | None], filename: str) -> str | None:
    """As ``_metadata_sha256``; proxpi leaves the attribute empty, and has no such
    file.
    """
    for key in ("data-core-metadata", "data-dist-info-metadata"):
        told = said.get(key)
        if told:
            hashes, _ = _fragment_hashes(told, f"{filename}.metadata")
            return None if told.lower() == "false" else hashes.get("sha256", "")
    return None


def _refuse_egg(fragment: str, filename: str) -> None:
    """Raise where an address says another name than the file's: pip goes by it."""
    for part in fragment.split("&"):
        key, _, name = part.partition("=")
        is_name = key == "egg" and re.search("-v?[0-9]", name)
        if is_name and not filename.startswith(name):
            raise ValueError(f"an address says #egg={name!r:.80} of {filename!r:.80}")


def _fragment_hashes(fragment: str, filename: str) -> tuple[dict[str, str], str]:
    """The hashes of a fragment, and what is odd about it: ``sha256=hex`` is the
    standard; Gitea wrote ``sha256-hex`` (astral-sh/uv 3017), pypicloud the bare hash.
    """
    hashes: dict[str, str] = {}
    oddity = ""
    for part in fragment.split("&", _MOST_PARTS)[:_MOST_PARTS]:
        name, equals, value = part.partition("=")
        odd = ""
        if not equals and _SHA256.fullmatch(part):
            name, value, odd = "sha256", part, "a hash stands alone, without sha256="
        elif not equals:
            name, _, value = part.partition("-")
            odd = f"a hash is written {name.lower()}-"
        found = _hashes({name: value}, filename)
        hashes = _joined(hashes, found, filename)
        oddity = odd if found and odd else oddity
    return hashes, oddity


#: ``#sha256=...&egg=...``; no fragment has more.
_MOST_PARTS = 10
