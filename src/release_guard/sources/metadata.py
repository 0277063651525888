"""Core metadata, parsed by ``packaging``: every refused field is a fact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, cast

from packaging.metadata import InvalidMetadata, Metadata, RawMetadata, parse_email

from release_guard.facts import CoreMetadata, MetadataProblem, ProblemKind
from release_guard.rulebook import DYNAMIC, METADATA_VERSIONS
from release_guard.sources.classifiers import list_date, look_up

__all__ = ["parse_metadata"]

#: The fields that the specification has: those that may be dynamic, and the others.
_FIELDS = DYNAMIC | {"metadata-version", "name", "version", "dynamic"}
#: What distutils wrote where it had nothing; the index drops it (upload rule 4).
_NOTHING = "UNKNOWN"


def parse_metadata(content: bytes) -> CoreMetadata:
    """The core metadata in a METADATA or PKG-INFO file, with what is wrong in it."""
    if excess := _excess(content):
        return CoreMetadata(
            problems=(MetadataProblem("", excess),), sha256=sha256(content).hexdigest()
        )
    raw, unparsed = parse_email(content)
    problems = [*_unparsed(unparsed), *_refused(raw), *_line_problems(content)]
    classifiers = look_up(_texts(raw.get("classifiers")))
    return CoreMetadata(
        metadata_version=raw.get("metadata_version", ""),
        name=raw.get("name", ""),
        version=raw.get("version", ""),
        summary=_text(raw.get("summary")),
        description=_text(raw.get("description")),
        description_content_type=_text(raw.get("description_content_type")),
        author_email=_text(raw.get("author_email")),
        maintainer_email=_text(raw.get("maintainer_email")),
        home_page=_text(raw.get("home_page")),
        download_url=_text(raw.get("download_url")),
        project_urls=tuple(raw.get("project_urls", {}).items()),
        classifiers=classifiers,
        classifiers_as_of=list_date() if classifiers else None,
        license=_text(raw.get("license")),
        license_expression=_text(raw.get("license_expression")),
        license_files=tuple(_as_uploaded(raw).get("license_files", ())),
        early_license_files=_early_license_files(raw),
        requires_python=_text(raw.get("requires_python")),
        requires_dist=_texts(raw.get("requires_dist")),
        provides_dist=_texts(raw.get("provides_dist")),
        obsoletes_dist=_texts(raw.get("obsoletes_dist")),
        provides_extra=_texts(raw.get("provides_extra")),
        dynamic=_texts(raw.get("dynamic")),
        problems=tuple(problems),
        sha256=sha256(content).hexdigest(),
    )


def _text(value: str | None) -> str:
    return "" if value is None or value.strip() == _NOTHING else value


def _texts(values: list[str] | None) -> tuple[str, ...]:
    """The values of a field that may come often; where the last says nothing the index
    drops them all.
    """
    if not values or values[-1].strip() == _NOTHING or values == [""]:
        return ()
    return tuple(values)


def _unparsed(unparsed: dict[str, list[str]]) -> Iterator[MetadataProblem]:
    for field in sorted(unparsed):
        if field in _FIELDS:
            detail = "is repeated, or not in UTF-8"
            yield MetadataProblem(field, detail, ProblemKind.MALFORMED)
        else:
            detail = "is no field of core metadata"
            yield MetadataProblem(field, detail, ProblemKind.UNKNOWN)


def _refused(raw: RawMetadata) -> list[MetadataProblem]:
    """The fields that ``packaging.metadata`` refuses, each with its reasons.

    What it no longer refuses under a newer metadata version is a field that comes too
    early; what it refuses then is not valid in any. What says only UNKNOWN uploaders
    refuse, and the index never sees.
    """
    uploaded = _as_uploaded(raw)
    try:
        placeholders = _errors(uploaded)
        uploaded = _without_placeholders(uploaded)
        told = _errors(uploaded)
        if uploaded.get("metadata_version") in METADATA_VERSIONS:
            newest: Any = {**uploaded, "metadata_version": METADATA_VERSIONS[-1]}
            lasting = _errors(newest)
        else:
            lasting = told
        invalid = [
            MetadataProblem(field, detail)
            for key in sorted(lasting)
            for field, detail in _each(uploaded, *key)
        ]
    except (ValueError, RecursionError, MemoryError) as error:
        # Not packaging's own errors: a version number of 5,000 digits, a licence
        # expression of 5,000 brackets.
        detail = str(error) or type(error).__name__
        return [MetadataProblem("", detail, ProblemKind.MALFORMED)]
    early = [
        MetadataProblem(field, detail, ProblemKind.TOO_NEW)
        for field, detail in sorted(told - lasting)
    ]
    dropped = [
        MetadataProblem(field, detail, ProblemKind.PLACEHOLDER)
        for field, detail in sorted(placeholders - told)
    ]
    return [*early, *invalid, *dropped]


def _without_placeholders(raw: RawMetadata) -> RawMetadata:
    """What the index sees: it drops a field that is empty, or says UNKNOWN last."""
    kept = {
        key: value
        for key, value in raw.items()
        if key in _REQUIRED or _says_something(value)
    }
    return cast("RawMetadata", kept)


def _says_something(value: object) -> bool:
    """Whether the index keeps a field: it drops one whose last value says nothing."""
    if isinstance(value, list):
        return value != [""] and not (value and _is_nothing(str(value[-1])))
    return not isinstance(value, str) or not (value == "" or _is_nothing(value))


def _is_nothing(value: str) -> bool:
    return value.strip() == _NOTHING


#: Without them there is no upload at all.
_REQUIRED = ("metadata_version", "name", "version")


def _errors(raw: RawMetadata) -> set[tuple[str, str]]:
    """The fields that ``packaging`` refuses, and its words."""
    try:
        Metadata.from_raw(raw)
    except ExceptionGroup as group:
        errors = cast("tuple[InvalidMetadata, ...]", group.exceptions)
        return {(error.field, str(error)) for error in errors}
    return set()


def _each(raw: RawMetadata, field: str, detail: str) -> Iterator[tuple[str, str]]:
    """All values of a field that are refused: ``packaging`` tells only the first."""
    values: Any = dict(raw).get(_KEYS.get(field, ""))
    if not isinstance(values, list):
        yield field, detail
        return
    one = {"metadata_version": METADATA_VERSIONS[-1], "name": "x", "version": "1"}
    for value in dict.fromkeys(values):
        alone: Any = {**one, _KEYS[field]: [value]}
        for _, told in sorted(_errors(alone)):
            yield field, told


#: How ``packaging`` calls the fields of which it judges each value.
_KEYS = {
    "dynamic": "dynamic",
    "import-name": "import_names",
    "import-namespace": "import_namespaces",
    "license-file": "license_files",
    "provides-extra": "provides_extra",
    "requires-dist": "requires_dist",
}


def _line_problems(content: bytes) -> Iterator[MetadataProblem]:
    """What makes readers see different fields: a lone carriage return, which ends a
    line for pip and none for installers that are not written in Python; a line that
    ends the fields; a word that only some decode.
    """
    end = _END_OF_FIELDS.search(content)
    fields = content[: end.end()] if end else content
    if re.search(rb"\r(?!\n)", fields):
        detail = "holds a carriage return that does not end a line everywhere"
        yield MetadataProblem("", detail, ProblemKind.MALFORMED)
    lines = (line for line in fields.splitlines() if line)
    if any(not _FIELD.match(line) for line in lines):
        detail = "holds a line that is no field: all behind it is the description"
        yield MetadataProblem("", detail, ProblemKind.MALFORMED)
    if any(map(_has_encoded_word, _FOLD.sub(b" ", fields).splitlines())):
        detail = "holds an encoded word (=?...?=), which not all readers decode"
        yield MetadataProblem("", detail, ProblemKind.MALFORMED)


#: A field's name and a colon, or the continuation of the line before.
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]")


def _has_encoded_word(line: bytes) -> bool:
    """Whether a field that installers obey has an encoded word (RFC 2047); in a summary
    it is only ugly.
    """
    name, _, value = line.partition(b":")
    is_obeyed = name.strip().lower() in _OBEYED
    return is_obeyed and b"=?" in value and b"?=" in value


_OBEYED = (
    *(b"name", b"version", b"dynamic"),
    *(b"requires-dist", b"requires-python", b"provides-extra"),
)
#: Where a value goes on in the next line.
_FOLD = re.compile(rb"\r?\n[ \t]+")


#: The empty line before the description, as ``email`` takes it.
_END_OF_FIELDS = re.compile(rb"(?:\r\n|\r(?!\n)|\n){2}")


def _excess(content: bytes) -> str:
    """What is more than in any sound metadata, empty where nothing is: to look up a
    million fields takes the square of that, to parse a field of megabytes gigabytes.
    """
    header = _END_OF_FIELDS.split(content, maxsplit=1)[0]
    lines = [line for line in header.splitlines() if not line[:1].isspace()]
    if len(lines) > _MOST_FIELDS:
        return f"has more than {_MOST_FIELDS} fields"
    if len({line.partition(b":")[0].lower() for line in lines}) > _MOST_NAMES:
        return f"has more than {_MOST_NAMES} different fields"
    if len(header) > _LARGEST_HEADER:
        return f"has fields of more than {_LARGEST_HEADER} bytes"
    if max(map(len, header.splitlines()), default=0) > _LONGEST_LINE:
        return f"has a field of more than {_LONGEST_LINE} bytes"
    return ""


def _as_uploaded(raw: RawMetadata) -> RawMetadata:
    """Without the License-File that setuptools wrote for years below metadata 2.4.

    Uploaders leave it out there (twine since 6.1), so that no index meets it.
    """
    if raw.get("metadata_version") in _BEFORE_LICENSE_FILE:
        kept = {key: value for key, value in raw.items() if key != "license_files"}
        return cast("RawMetadata", kept)
    return raw


def _early_license_files(raw: RawMetadata) -> tuple[str, ...]:
    early = raw.get("metadata_version") in _BEFORE_LICENSE_FILE
    return tuple(raw.get("license_files", ())) if early else ()


_BEFORE_LICENSE_FILE = {"1.0", "1.1", "1.2", "2.1", "2.2", "2.3"}
_MOST_FIELDS, _MOST_NAMES = 10_000, 500
#: In bytes; a licence or a description of the header goes over many lines.
_LONGEST_LINE = 1 << 16
_LARGEST_HEADER = 1 << 20
