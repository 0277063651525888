"""What the two forms of a Simple API page have in common: what is read of one, how
addresses and hashes are written, and the bounds. What is no such page is a
``ValueError`` with the reason, of which ``simple.py`` makes the message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from release_guard.facts import ACTIVE, IndexedFile
from release_guard.layouts import is_url, without_credentials

__all__ = [
    "LONGEST_NAME",
    "MOST_FILES",
    "SHA256",
    "SimplePage",
    "fragment_hashes",
    "hashes_of",
    "joined",
    "last_part",
    "refuse_egg",
    "refuse_no_host",
    "refuse_too_many",
    "refuse_too_many_files",
    "said_of",
    "serial_of",
    "version_oddities",
    "whole_address",
]

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
#: How the one is written that is gone by.
SHA256 = _HASHES["sha256"]
#: The newest API version that is known here (PEP 792).
_NEWEST_MINOR = 4

# What no listing of a real project comes near, and what a hostile one costs time and
# memory with. Warehouse says 650 bytes of a file, so that of more files than these it
# would send more than is read; its largest projects have a fifth.
MOST_FILES = 100_000
#: No file system takes a longer name: what has one cannot be downloaded.
LONGEST_NAME = 255
#: No server takes a longer address; in characters, as the name.
_LONGEST_URL = 16_384
#: ``#sha256=...&egg=...``; no fragment has more.
_MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class SimplePage:
    """What was read of a page, as ``Listing`` has it."""

    files: Sequence[IndexedFile]
    status: str = ACTIVE
    serial: int | None = None
    oddities: Sequence[str] = ()


def serial_of(text: str) -> int | None:
    """A serial that is written out; what is none says nothing."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def version_oddities(version: str) -> list[str]:
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


def refuse_too_many_files(number: int) -> None:
    """Raise where a page has more files than are read."""
    if number > MOST_FILES:
        raise ValueError(f"it lists {number} files, and {MOST_FILES} are read")


def refuse_too_many(body: bytes, marks: bytes, most: int) -> None:
    """Raise where more values begin with one of these marks than are read."""
    if sum(map(body.count, marks)) > most:
        raise ValueError(f"it has more than {most} values")


def said_of(file: Mapping[str, Any], key: str) -> str | None:
    """What a key says: null is "nothing", and no key is "not said" (PEP 691)."""
    return (file[key] or "") if key in file else None


# --- addresses ------------------------------------------------------------------


def whole_address(page: str, url: str) -> tuple[str, str]:
    """An address, against the page's, and its fragment."""
    if len(url) > _LONGEST_URL:
        raise ValueError(f"it has an address of {len(url)} characters")
    bare, _, fragment = urljoin(page, url).partition("#")
    return bare, fragment


def refuse_no_host(url: str) -> None:
    """Raise where nobody could download from; what stands behind the host is the
    server's affair.
    """
    if not is_url("/".join(url.split("/", 3)[:3])):
        raise ValueError(f"{without_credentials(url)!r:.80} is no http address")


def last_part(url: str) -> str:
    """The name at the end of an address as pip sees it: unquoted before it is cut, and
    maybe with a slash behind it.
    """
    return unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]


def refuse_egg(fragment: str, filename: str) -> None:
    """Raise where an address says another name than the file's: pip goes by it."""
    for part in fragment.split("&"):
        key, _, name = part.partition("=")
        is_name = key == "egg" and re.search("-v?[0-9]", name)
        if is_name and not filename.startswith(name):
            raise ValueError(f"an address says #egg={name!r:.80} of {filename!r:.80}")


# --- hashes ---------------------------------------------------------------------


def hashes_of(listed: Mapping[str, Any], of: str) -> dict[str, str]:
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


def joined(one: Mapping[str, str], other: Mapping[str, str], of: str) -> dict[str, str]:
    """The hashes of two places, which must agree."""
    for name in one.keys() & other.keys():
        if one[name] != other[name]:
            raise ValueError(f"it gives {of} two different {name}")
    return {**one, **other}


def fragment_hashes(fragment: str, filename: str) -> tuple[dict[str, str], str]:
    """The hashes of a fragment, and what is odd about it: ``sha256=hex`` is the
    standard; Gitea wrote ``sha256-hex`` (astral-sh/uv 3017), pypicloud the bare hash.
    """
    hashes: dict[str, str] = {}
    oddity = ""
    for part in fragment.split("&", _MOST_PARTS)[:_MOST_PARTS]:
        name, equals, value = part.partition("=")
        odd = ""
        if not equals and SHA256.fullmatch(part):
            name, value, odd = "sha256", part, "a hash stands alone, without sha256="
        elif not equals:
            name, _, value = part.partition("-")
            odd = f"a hash is written {name.lower()}-"
        found = hashes_of({name: value}, filename)
        hashes = joined(hashes, found, filename)
        oddity = odd if found and odd else oddity
    return hashes, oddity
