"""What is printed or written, without the credentials in it.

Rules quote what a distribution holds: names of members, lines, fields, entry points.
Any of these may hold a credential, whole, or cut off where a message is. All that
leaves the program goes through here, whoever wrote it. What is hidden for no reason is
but a word less, so that this sees more than ``search``, whose findings block a release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, NamedTuple, TypeVar, cast

from release_guard.credential_forms import MARKS, is_random, search

__all__ = ["Hidden", "concealed", "hidden", "starred"]

T = TypeVar("T")


class Hidden(NamedTuple):
    """What is hidden of a text, in bytes, and what may stand there in its place."""

    start: int
    end: int
    mark: bytes = b""


def concealed(value: T) -> T:
    """A frozen value, such as a report, without the credentials in its texts."""
    return cast("T", _concealed(value))


def _concealed(value: object) -> object:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return hidden(value)
    if type(value) in (tuple, frozenset):
        items = cast("Iterable[object]", value)
        return type(value)(map(_concealed, items))  # type: ignore[call-arg]
    if isinstance(value, dict):
        return {_concealed(key): _concealed(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return _rebuilt(value)
    return value


def _rebuilt(value: Any) -> object:  # noqa: ANN401 - any dataclass
    changed: dict[str, object] = {}
    for field in fields(value):
        was = getattr(value, field.name)
        now = _concealed(was)
        if now != was:
            changed[field.name] = now
    return replace(value, **changed) if changed else value


def hidden(text: str) -> str:
    """A text with stars in place of each credential, behind its mark."""
    if len(text) < _SHORTEST:
        return text
    content = text.encode("utf-8", "surrogatepass")
    spans = [*_credentials(content), *_cut(content), *_user_info(content)]
    if not spans:
        return text
    return starred(content, spans).decode("utf-8", "surrogatepass")


#: Of a text that can hold a credential, in characters.
_SHORTEST = 10


def starred(content: bytes, spans: Iterable[Hidden]) -> bytes:
    """A text with each span's mark and stars in its place."""
    pieces, at = bytearray(), 0
    for start, end, mark in sorted(spans):
        if end > at:
            pieces += content[at : max(at, start)] + mark + b"***"
            at = end
    return bytes(pieces + content[at:])


def _credentials(content: bytes) -> Iterator[Hidden]:
    for found in search(content)[0]:
        yield Hidden(found.start, found.end, found.mark.encode("ascii"))
        yield from (Hidden(*span) for span in found.beside)


#: A mark that is one wherever it stands, or the begin of a word.
_MARK = re.compile(
    b"|".join(
        (b"" if len(mark) >= len("ghp_") else rb"(?<![A-Za-z0-9])") + re.escape(mark)
        for mark in sorted(MARKS, key=len, reverse=True)
    )
)
#: So many letters and digits in a row are no words, if they are not of one sort.
_CHANCE = re.compile(rb"[A-Za-z0-9]{12,}")
_SORTS = (re.compile(rb"[0-9]"), re.compile(rb"[a-z]"), re.compile(rb"[A-Z]"))
_REST = re.compile(rb"[A-Za-z0-9_\-]*")
#: How far in front of what is secret a mark begins, in bytes.
_LONGEST_MARK = max(map(len, MARKS))


def _cut(content: bytes) -> Iterator[Hidden]:
    """What a mark and chance behind it say, though it is no whole token."""
    for piece in _CHANCE.finditer(content):
        if _is_mixed(piece[0]):
            start = max(0, piece.start() - _LONGEST_MARK)
            mark = _MARK.search(content, start, piece.end())
            rest = _REST.match(content, piece.end())
            if mark and rest:
                yield Hidden(mark.end(), rest.end())


def _is_mixed(text: bytes) -> bool:
    return sum(bool(sort.search(text)) for sort in _SORTS) > 1 and is_random(text)


#: User info as no standard has it, too: with one slash or none, backslashes, signs in
#: the password that belong behind the host. A port is none.
_USER_INFO = re.compile(
    rb"[/\\]([^\s/\\@:\"'<>]{0,200}:(?![0-9]{1,5}[/?#])[^\s@]{1,500})@"
)
_SPACED = re.compile(
    rb"[/\\]{2}[^\s/\\@:\"'<>]{0,200}:[ \t]{1,3}([^\s@]{6,200})@[A-Za-z0-9]"
)
_MAIL = re.compile(
    rb"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,100}:([^\s@/:\"']{6,200})@[A-Za-z0-9]"
)
_CUT_URL = re.compile(
    rb"//[^\s/?#@:\"'<>]{0,200}:([^\s@/?#\"'<>]{6,200})(?=[\"'\xe2\x80\xa6]*(?:\s|\Z))"
)
_USER = re.compile(rb"[/\\]{2}([^\s/\\@:?#\"'<>]{12,500})@")
_STAND_IN = re.compile(rb"\*\*\*\Z|[<>{}$]|\.\.\.", re.IGNORECASE)


def _user_info(content: bytes) -> Iterator[Hidden]:
    """Passwords in what looks like a URL, or was one before it was cut."""
    for found in _USER_INFO.finditer(content) if b"@" in content else ():
        if not _STAND_IN.search(found[1]):
            yield Hidden(*found.span(1))
    for found in _USER.finditer(content):
        if any(map(_is_mixed, _CHANCE.findall(found[1]))):
            yield Hidden(*found.span(1))
    for pattern in (_SPACED, _MAIL, _CUT_URL):
        for found in pattern.finditer(content):
            if _is_mixed(found[1]):
                yield Hidden(*found.span(1))
