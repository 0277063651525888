"""Attestations beside distributions (PEP 740), as they are written.

An attestation is JSON: a signature, what it was made with, and a statement (in-toto,
base64) that names a file and its sha256. Whether the signature holds is looked at by
what a caller gives for it (``provenance.py`` has it), or by nobody.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from release_guard.errors import SourceError
from release_guard.facts import Attestation, BuildSource, is_commit_id
from release_guard.layouts import predicate_types
from release_guard.shapes import strict_json
from release_guard.sources.files import read_small

__all__ = ["Verify", "member", "parse_attestation", "read_attestation"]

#: Looks whether the signature of an attestation holds: given its bytes, and what was
#: read of them, gives that with ``verified`` set.
Verify = Callable[[bytes, Attestation], Attestation]

_STATEMENT = "https://in-toto.io/Statement/v1"
#: In bytes; the largest that are published have some ten thousand.
_LARGEST = 4 << 20


def read_attestation(
    path: Path, *, beside: str, verify: Verify | None = None
) -> Attestation:
    """The attestation in a file; raises ``SourceError`` where it cannot be read."""
    content = read_small(path, SourceError, largest=_LARGEST)
    return parse_attestation(content, filename=path.name, beside=beside, verify=verify)


def parse_attestation(
    content: bytes, *, filename: str, beside: str, verify: Verify | None = None
) -> Attestation:
    """The attestation in ``content``, or why it is none."""
    try:
        statement = _statement(content)
        predicate = member(statement, "predicateType", str)
        subjects = tuple(map(_subject, member(statement, "subject", list)))
        sources = _sources(statement)
    except RecursionError:
        return Attestation(filename, beside, problem="it is nested too deep")
    except ValueError as error:
        return Attestation(filename, beside, problem=str(error))
    known = predicate in predicate_types()
    read = Attestation(filename, beside, predicate, known, subjects, sources=sources)
    return verify(content, read) if verify else read


def _statement(content: bytes) -> object:
    """The statement inside, after a look at what must be around it."""
    document = strict_json(content)
    if member(document, "version", int) != 1:
        raise ValueError("its version is not 1")
    material = member(document, "verification_material", dict)
    _bytes(material, "certificate")
    entries = member(material, "transparency_entries", list)
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("its 'transparency_entries' are none")
    envelope = member(document, "envelope", dict)
    _bytes(envelope, "signature")
    statement = strict_json(_bytes(envelope, "statement"))
    if member(statement, "_type", str) != _STATEMENT:
        raise ValueError("its statement is no in-toto Statement v1")
    return statement


def _bytes(table: object, key: str) -> bytes:
    """What a key holds in base64; something must be there."""
    try:
        content = base64.b64decode(member(table, key, str), validate=True)
    except binascii.Error:
        content = b""
    if not content:
        raise ValueError(f"its {key!r} is not in base64")
    return content


def _subject(subject: object) -> tuple[str, str]:
    name = member(subject, "name", str)
    digests = member(subject, "digest", dict)
    found = digests.get("sha256", "")
    return name, found if isinstance(found, str) else ""


#: More than any build has submodules.
_MOST_SOURCES = 100


def _sources(statement: object) -> tuple[BuildSource, ...]:
    """What a build's provenance (SLSA v1.0) says it was built from; a publisher's
    attestation says nothing of it.
    """
    definition = _inner(statement, "predicate", "buildDefinition")
    workflow = _inner(definition, "externalParameters", "workflow", "repository")
    dependencies = _inner(definition, "resolvedDependencies")
    listed = dependencies if isinstance(dependencies, list) else []
    said = [
        BuildSource(_repository(_inner(entry, "uri")), _commit(entry))
        for entry in listed[:_MOST_SOURCES]
        if _commit(entry)
    ]
    sources = (*said, BuildSource(_repository(workflow), ""))
    return tuple(s for s in sources if s.repository or s.commit)


def _commit(entry: object) -> str:
    commit = _inner(entry, "digest", "gitCommit")
    return commit if isinstance(commit, str) and is_commit_id(commit) else ""


def _repository(uri: object) -> str:
    """``owner/name`` in ``git+https://forge/owner/name@ref``, or nothing."""
    found = _REPOSITORY.fullmatch(uri) if isinstance(uri, str) else None
    return found[1] if found else ""


_REPOSITORY = re.compile(r"(?:git\+)?https://[^/@]+/([^@]+?)(?:\.git)?/?(?:@.*)?")


def _inner(table: object, *keys: str) -> object:
    """What lies below some keys, None where nothing does."""
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def member(table: object, key: str, kind: type) -> Any:  # noqa: ANN401
    """A key that must be there, of the type that it must have; else ``ValueError``."""
    value = table.get(key) if isinstance(table, dict) else None
    if type(value) is not kind:
        raise ValueError(f"its {key!r} is missing or of the wrong type")
    return value
