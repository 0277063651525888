"""Credentials in what is about to be published: in text members, by their forms, and in
the URLs of the core metadata.

A credential never leaves this module: a fact tells its mark, its length and its place.
Binary members are not looked through, nor what is packed, encoded or put together of
pieces: a credential that was left behind by accident stands there as it was copied.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import islice
from typing import Any

from release_guard.concealment import Hidden, hidden, starred
from release_guard.credential_forms import URL, Form, Found, is_random, search
from release_guard.facts import Classifier, CoreMetadata, Credential, MetadataProblem

__all__ = ["CredentialSearch", "hide_credentials"]

#: In bytes; what is behind them is not looked through, and that is told. The largest
#: text in the corpus, a generated C file, has 13 MB.
LARGEST = 16 << 20
#: What is no text by its name: half of all bytes, which nobody need keep.
_COMPILED = (".so", ".pyd", ".dll", ".dylib", ".exe", ".a", ".lib", ".o", ".pyc")
#: Where a NUL says that a member is no text, in bytes.
_HEAD = 1 << 10
#: How many credentials of one archive are told.
_MOST = 1_000
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A credential, wherever its text may stand."""

    form: Form
    line: int
    mark: str
    length: int


@dataclass
class CredentialSearch:
    """Looks through the text members of an archive while it is read."""

    found: list[Credential] = field(default_factory=list)
    #: Members that were not looked through to their end.
    unsearched: list[str] = field(default_factory=list)

    def wants(self, path: str, size: int) -> int:
        """As much as is looked through of what may be text."""
        return 0 if path.endswith(_COMPILED) else min(size, LARGEST)

    def see(self, path: str, content: bytes, size: int) -> None:
        """Look through a member, if it is text."""
        text = _text(content[:LARGEST] if len(content) > LARGEST else content)
        if not text:
            return
        found, is_whole = search(text)
        if path.endswith(_METADATA):
            found = tuple(item for item in found if item.form is not URL)
        seen = _sightings(text, found) if found else []
        if path.endswith(_FOR_PASSWORDS):
            # A whole credential is told as what it is, not as the password of a file.
            lines = {sighting.line for sighting in seen}
            mine = _sightings(text, islice(_in_file(path, text), _MOST))
            seen += (sighting for sighting in mine if sighting.line not in lines)
        room = _MOST - len(self.found)
        self.found += [_credential(sighting, path) for sighting in seen[:room]]
        if size > LARGEST or not is_whole or len(seen) > room:
            self.unsearched.append(path)


#: Of the URLs in them ``hide_credentials`` tells.
_METADATA = ("METADATA", "PKG-INFO")


def _text(content: bytes) -> bytes:
    """A member's text in an encoding like ASCII, empty where it is none."""
    if content.startswith(_UTF16):
        return content.decode("utf-16", "replace").encode("utf-8", "replace")
    return b"" if b"\0" in content[:_HEAD] else content


def _sightings(text: bytes, found: Iterable[Found]) -> list[_Sighting]:
    """What was found in a text, in its order, by its lines, which are counted once."""
    seen: list[_Sighting] = []
    line, at = 1, 0
    for item in found:
        line, at = line + text.count(b"\n", at, item.start), item.start
        seen.append(_Sighting(item.form, line, item.mark, item.end - item.start))
    return seen


def _credential(sighting: _Sighting, member: str) -> Credential:
    return Credential(
        kind=sighting.form.kind,
        is_whole=sighting.form.is_whole,
        mark=sighting.mark,
        length=sighting.length,
        member=member,
        line=sighting.line,
    )


# --- files that are there for passwords --------------------------------------------


_QUOTED = rb"[ \t]*[\"']?([^\s\"']{1,500})"
#: By how a path ends: what the file says, and where its password stands.
_FILES: Mapping[str, tuple[Form, re.Pattern[bytes]]] = {
    ".pypirc": (
        Form("password in .pypirc"),
        re.compile(rb"^[ \t]*password[ \t]*[=:]" + _QUOTED, re.MULTILINE),
    ),
    ".netrc": (
        Form("password in .netrc"),
        re.compile(rb"(?<![^\s])password[ \t]+(\S{1,500})"),
    ),
    "_netrc": (
        Form("password in _netrc"),
        re.compile(rb"(?<![^\s])password[ \t]+(\S{1,500})"),
    ),
    ".git-credentials": (
        Form("password in .git-credentials"),
        re.compile(
            rb"^[a-z]{2,10}://[^\s/@:]{0,200}+:([^\s/@]{1,500}+)@", re.MULTILINE
        ),
    ),
    ".npmrc": (
        Form("token in .npmrc"),
        re.compile(rb"_(?:authToken|auth|password)[ \t]*=" + _QUOTED),
    ),
    # What a clone by address leaves there, and actions/checkout.
    ".git/config": (
        Form("password in git's configuration"),
        re.compile(
            rb"^[ \t]*(?:url[ \t]*=[ \t]*[a-z]{2,9}://[^\s/@:]{0,200}+:"
            rb"|extraheader[ \t]*=[ \t]*authorization:[ \t]*\S{1,20}[ \t]+)"
            rb"([^\s/@]{1,500})",
            re.MULTILINE | re.IGNORECASE,
        ),
    ),
    ".docker/config.json": (
        Form("password in Docker's configuration"),
        re.compile(rb'"auth"[ \t]*:[ \t]*"([A-Za-z0-9+/=]{8,2000})"'),
    ),
}


_FOR_PASSWORDS = tuple(_FILES)


def _in_file(path: str, text: bytes) -> Iterator[Found]:
    """The passwords in a file that is there to hold some, in its order."""
    for end, (form, pattern) in _FILES.items():
        if path == end or path.endswith(f"/{end}"):
            for hit in pattern.finditer(text):
                if not _stands_for_one(hit[1]):
                    yield Found(form, hit.start(1), hit.end(1), "")


_STAND_IN = re.compile(
    rb"[<>{}$*]|%[s(]|xxxx|example|change_?me|placeholder|your|\.\.\."
    rb"|^(?:user(?:name)?|pass(?:word|wd)?|pwd?|secret|token|key|api_?key|test|none|null)$",
    re.IGNORECASE,
)


def _stands_for_one(password: bytes) -> bool:
    """Whether people would take a password for a stand-in. Where a password belongs,
    a weak one is one nevertheless.
    """
    return _STAND_IN.search(password) is not None


# --- the core metadata -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a credential stands in a field; ``in_url`` says that it is the user info of
    a URL, or in it.
    """

    start: int
    end: int
    mark: bytes
    in_url: bool


def hide_credentials(
    metadata: CoreMetadata,
) -> tuple[CoreMetadata, tuple[Credential, ...]]:
    """The metadata without the credentials in it, and those that stood in URLs: what
    the metadata says goes into reports and into the parts of a manifest.
    """
    told = tuple(
        Credential(
            kind="user info in a URL",
            is_whole=True,
            mark=span.mark.decode("ascii", "replace"),
            length=span.end - span.start,
            field=place,
        )
        for place, text in _places(metadata)
        for span in _spans(_bytes(text), is_prose=place == _DESCRIPTION)
        if span.in_url
    )
    prose = _without(metadata.description, is_prose=True)
    others: dict[str, Any] = {
        field.name: _fielded(getattr(metadata, field.name))
        for field in fields(metadata)
        if field.name != _DESCRIPTION
    }
    return replace(metadata, description=prose, **others), told[:_MOST]


def _fielded(value: object) -> object:
    """What a field holds, without the credentials in it."""
    match value:
        case str():
            # Without an at sign there is no user info.
            return hidden(_without(value, is_prose=False) if "@" in value else value)
        case tuple():
            return tuple(map(_fielded, value))
        case MetadataProblem():
            field, detail = _fielded(value.field), _fielded(value.detail)
            return replace(value, field=str(field), detail=str(detail))
        case Classifier():
            return replace(value, text=hidden(value.text))
    return value


_DESCRIPTION = "description"


def _places(metadata: CoreMetadata) -> Iterator[tuple[str, str]]:
    """The fields that hold URLs, by the names that the specification gives them."""
    yield "home-page", metadata.home_page
    yield "download-url", metadata.download_url
    yield from (("project-url", url) for _, url in metadata.project_urls)
    yield from (("requires-dist", text) for text in metadata.requires_dist)
    yield _DESCRIPTION, metadata.description


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _without(text: str, *, is_prose: bool) -> str:
    """A text with stars in place of each credential, behind its mark."""
    content = _bytes(text)
    spans = [
        Hidden(span.start, span.end, span.mark)
        for span in _spans(content, is_prose=is_prose)
    ]
    return starred(content, spans).decode("utf-8", "surrogatepass") if spans else text


#: Scheme, and the authority or what stands in its place; a password may hold an ``@``.
_AUTHORITY = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]{1,20}+://([^\s/?#\"'<>)]{1,500}+)")
#: The shortest user name that may be a token, in characters.
_SHORTEST_TOKEN = 20


def _spans(text: bytes, *, is_prose: bool) -> list[_Span]:
    """The credentials in a field. Prose shows URLs, so that only what looks random is
    taken for a password there; elsewhere all but what stands in for one.
    """
    found, _ = search(text)
    spans = [
        _Span(f.start, f.end, f.mark.encode("ascii"), f.form is URL) for f in found
    ]
    spans += (_Span(*half, b"", in_url=False) for f in found for half in f.beside)
    for number, url in enumerate(_AUTHORITY.finditer(text)):
        info, at, _host = url[1].rpartition(b"@")
        if number >= _MOST:
            break
        start = url.start(1)
        end = start + len(info)
        inside = any(f.start < end and start < f.end for f in found)
        if at and (inside or (not is_prose and _opens(info))):
            spans.append(_Span(start, end, b"", in_url=True))
    return _distinct(spans)


def _distinct(spans: list[_Span]) -> list[_Span]:
    """Of spans that overlap the user info, or else the first."""
    kept: list[_Span] = []
    for span in sorted(spans, key=lambda span: (not span.in_url, span.mark != b"")):
        if not any(span.start < k.end and k.start < span.end for k in kept):
            kept.append(span)
    return kept


def _opens(info: bytes) -> bool:
    """Whether user info holds a password, or a token in place of a user."""
    user, _, password = info.partition(b":")
    if password:
        return not _stands_for_one(password)
    return len(user) >= _SHORTEST_TOKEN and is_random(user)
