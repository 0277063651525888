"""A Simple API page as JSON (PEP 691, PEP 700)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import NoneType
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name

from release_guard.facts import ACTIVE, IndexedFile
from release_guard.filenames import is_listed_kind, version_of
from release_guard.shapes import strict_json
from release_guard.sources.simple_page import (
    LONGEST_NAME,
    MOST_FILES,
    SHA256,
    SimplePage,
    fragment_hashes,
    hashes_of,
    joined,
    last_part,
    refuse_egg,
    refuse_no_host,
    refuse_too_many,
    refuse_too_many_files,
    said_of,
    version_oddities,
    whole_address,
)
from release_guard.sources.web import Answer

__all__ = ["page_from_json"]

#: Objects, lists and commas of JSON, for that many files; the commas of a small answer,
#: in bytes, need not be counted.
_MOST_OBJECTS = 10 * MOST_FILES
_MOST_VALUES = 50 * MOST_FILES
_SMALL = 16 << 20

#: An index of files by their own time may say 1970.
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
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
#: An address that is whole, and whose last part is a file's name as it is written.
_PLAIN_URL = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[1-9][0-9]{0,3})?/[!-\"$&->@-~]{0,16000}"  # no # % ?
)


def page_from_json(answer: Answer, project: NormalizedName) -> SimplePage:
    """What a page says; ``ValueError`` or ``RecursionError`` for what is none."""
    refuse_too_many(answer.body, b"[{", _MOST_OBJECTS)
    if len(answer.body) > _SMALL:
        refuse_too_many(answer.body, b",", _MOST_VALUES)
    document = strict_json(answer.body)
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - data, not a bug
    meta = _member(document, "meta", dict)
    oddities = version_oddities(_member(meta, "api-version", str))
    name = document.get("name", project)
    if not isinstance(name, str) or canonicalize_name(name) != project:
        raise ValueError(f"it is of another project, {name!r:.80}")
    files = []
    entries = _member(document, "files", list)
    refuse_too_many_files(len(entries))
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
    return SimplePage(files, status, serial if type(serial) is int else None, oddities)


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
    if not filename or "/" in filename or len(filename) > LONGEST_NAME:
        raise ValueError(f"files[{number}] has the name {filename!r:.80}")
    url, fragment = _address_of(filename, file["url"], page)
    hashes, oddity = hashes_of(file["hashes"], filename), ""
    if fragment:
        refuse_egg(fragment, filename)
        # GitLab writes the hash there as well.
        linked, oddity = fragment_hashes(fragment, filename)
        hashes = joined(hashes, linked, filename)
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
        said_of(file, "requires-python"),
        url,
        None if moment is None else _moment(moment),
        tuple(hashes.items()),
        _metadata_sha256(file, filename),
        whole_address(page, provenance)[0]
        if provenance
        else said_of(file, "provenance"),
    )
    return listed, oddity


def _address_of(filename: str, url: str, page: str) -> tuple[str, str]:
    """A file's address, against the page's, and its fragment.

    An address that ends in another file's name is refused, as installers may go by it;
    what is no file's name, as the id of an object, is none of its own.
    """
    if _PLAIN_URL.fullmatch(url) and url.endswith(f"/{filename}"):
        return url, ""
    address, fragment = whole_address(page, url)
    refuse_no_host(address)
    at = last_part(address)
    if is_listed_kind(at) and at != filename:
        raise ValueError(f"the file {filename!r:.80} is at {at!r:.80}")
    return address, fragment


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
            if isinstance(sha256, str) and SHA256.fullmatch(sha256):
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


def _member(table: Mapping[str, Any], key: str, kind: type) -> Any:  # noqa: ANN401
    """A key that must be there, of the type that it must have."""
    value = table.get(key)
    if not isinstance(value, kind):
        raise ValueError(f"its {key!r} is missing or of the wrong type")  # noqa: TRY004
    return value
