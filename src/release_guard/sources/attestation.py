"""Attestations beside distributions (PEP 740), as they are written.

An attestation is JSON: a signature, what it was made with, and a statement (in-toto,
base64) that names a file and its sha256. Whether the signature holds is not looked at.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

from release_guard.errors import SourceError
from release_guard.facts import Attestation
from release_guard.layouts import predicate_types
from release_guard.shapes import strict_json
from release_guard.sources.files import read_small

__all__ = ["parse_attestation", "read_attestation"]

_STATEMENT = "https://in-toto.io/Statement/v1"
#: In bytes; the largest that are published have some ten thousand.
_LARGEST = 4 << 20


def read_attestation(path: Path) -> Attestation:
    """The attestation in a file; raises ``SourceError`` where it cannot be read."""
    content = read_small(path, SourceError, largest=_LARGEST)
    return parse_attestation(content, filename=path.name)


def parse_attestation(content: bytes, *, filename: str) -> Attestation:
    """The attestation in ``content``, or why it is none."""
    try:
        statement = _statement(content)
        predicate = _member(statement, "predicateType", str)
        subjects = tuple(map(_subject, _member(statement, "subject", list)))
    except RecursionError:
        return Attestation(filename, problem="it is nested too deep")
    except ValueError as error:
        return Attestation(filename, problem=str(error))
    known = predicate in predicate_types()
    return Attestation(filename, predicate, known, subjects)


def _statement(content: bytes) -> object:
    """The statement inside, after a look at what must be around it."""
    document = strict_json(content)
    if _member(document, "version", int) != 1:
        raise ValueError("its version is not 1")
    material = _member(document, "verification_material", dict)
    _member(material, "certificate", str)
    _member(material, "transparency_entries", list)
    envelope = _member(document, "envelope", dict)
    _member(envelope, "signature", str)
    try:
        inner = base64.b64decode(_member(envelope, "statement", str), validate=True)
    except binascii.Error:
        raise ValueError("its statement is not in base64") from None
    statement = strict_json(inner)
    if _member(statement, "_type", str) != _STATEMENT:
        raise ValueError("its statement is no in-toto Statement v1")
    return statement


def _subject(subject: object) -> tuple[str, str]:
    name = _member(subject, "name", str)
    digests = _member(subject, "digest", dict)
    found = digests.get("sha256", "")
    return name, found if isinstance(found, str) else ""


def _member(table: object, key: str, kind: type) -> Any:  # noqa: ANN401
    """A key that must be there, of the type that it must have."""
    value = table.get(key) if isinstance(table, dict) else None
    if type(value) is not kind:
        raise ValueError(f"its {key!r} is missing or of the wrong type")
    return value
