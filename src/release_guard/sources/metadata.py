"""Core metadata, parsed by ``packaging``: every refused field is a fact."""

from __future__ import annotations

import re
from typing import cast

from packaging.metadata import Metadata, RawMetadata, parse_email

from release_guard.facts import CoreMetadata, MetadataProblem

__all__ = ["parse_metadata"]


def parse_metadata(content: bytes) -> CoreMetadata:
    """The core metadata in a METADATA or PKG-INFO file, with what is wrong in it."""
    if excess := _excess(content):
        return CoreMetadata(problems=(MetadataProblem("", excess),))
    raw, unparsed = parse_email(content)
    problems = [
        MetadataProblem(field, "unknown, repeated, or not in UTF-8")
        for field in sorted(unparsed)
    ]
    problems += _refused(raw)
    return CoreMetadata(
        metadata_version=raw.get("metadata_version", ""),
        name=raw.get("name", ""),
        version=raw.get("version", ""),
        requires_python=raw.get("requires_python", ""),
        requires_dist=tuple(raw.get("requires_dist", ())),
        problems=tuple(problems),
    )


def _refused(raw: RawMetadata) -> list[MetadataProblem]:
    """The fields that ``packaging.metadata`` refuses, each with its reason."""
    try:
        Metadata.from_raw(_as_uploaded(raw))
    except ExceptionGroup as group:
        problems = {
            MetadataProblem(getattr(error, "field", ""), str(error))
            for error in group.exceptions
        }
        # packaging goes through a set, so its order is another one in each run.
        return sorted(problems, key=lambda problem: (problem.field, problem.detail))
    except (ValueError, RecursionError, MemoryError) as error:
        # Not packaging's own errors: a version number of 5,000 digits, a licence
        # expression of 5,000 brackets.
        return [MetadataProblem("", str(error) or type(error).__name__)]
    return []


def _excess(content: bytes) -> str:
    """What is more than in any sound metadata, empty where nothing is: to look up a
    million fields takes the square of that, to parse a field of megabytes gigabytes.
    """
    header = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[0]
    lines = [line for line in header.splitlines() if not line[:1].isspace()]
    if len(lines) > _MOST_FIELDS:
        return f"has more than {_MOST_FIELDS} fields"
    if len({line.partition(b":")[0].lower() for line in lines}) > _MOST_NAMES:
        return f"has more than {_MOST_NAMES} different fields"
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


_BEFORE_LICENSE_FILE = {"1.0", "1.1", "1.2", "2.1", "2.2", "2.3"}
_MOST_FIELDS, _MOST_NAMES = 10_000, 500
#: In bytes; a licence or a description of the header goes over many lines.
_LONGEST_LINE = 1 << 16
