"""Attestations as they are written: what they speak of, or why they are none."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from release_guard.errors import SourceError
from release_guard.facts import Attestation
from release_guard.layouts import predicate_types
from release_guard.sources.attestation import parse_attestation, read_attestation

FILE = "demo-1.0.tar.gz"
NAME = f"{FILE}.publish.attestation"
SHA256 = "ab" * 32
SHARED = Path(__file__).parents[3] / "shared" / "data" / "attestations"

Json = dict[str, Any]


def _statement(**changed: object) -> Json:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "demo-1.0.tar.gz", "digest": {"sha256": SHA256}}],
        "predicateType": predicate_types()[0],
        "predicate": None,
        **changed,
    }


def _attestation(statement: object = None, **changed: object) -> Json:
    inner = json.dumps(_statement() if statement is None else statement).encode()
    return {
        "version": 1,
        "verification_material": {"certificate": "AA==", "transparency_entries": [{}]},
        "envelope": {
            "statement": base64.b64encode(inner).decode(),
            "signature": "AA==",
        },
        **changed,
    }


def _read(document: object) -> Attestation:
    return _parsed(json.dumps(document).encode())


def _parsed(content: bytes) -> Attestation:
    return parse_attestation(content, filename=NAME, beside=FILE)


def test_an_attestation_says_of_which_file_it_speaks() -> None:
    assert _read(_attestation()) == Attestation(
        NAME, FILE, predicate_types()[0], True, ((FILE, SHA256),)
    )


@pytest.mark.parametrize("predicate", predicate_types())
def test_the_predicates_of_the_index_are_known(predicate: str) -> None:
    assert _read(_attestation(_statement(predicateType=predicate))).is_known


@pytest.mark.parametrize(
    "predicate",
    [
        "https://docs.index.example/attestations/publish/v1",
        "",
        predicate_types()[0] + "x",
    ],
)
def test_another_predicate_is_a_fact(predicate: str) -> None:
    read = _read(_attestation(_statement(predicateType=predicate)))

    assert (read.predicate_type, read.is_known, read.problem) == (predicate, False, "")


def test_several_files_and_a_missing_hash_are_facts() -> None:
    subjects = [{"name": "a", "digest": {}}, {"name": "b", "digest": {"sha256": 7}}]

    read = _read(_attestation(_statement(subject=subjects)))

    assert read.subjects == (("a", ""), ("b", ""))


def _without(key: str) -> Callable[[], Json]:
    return lambda: {k: v for k, v in _attestation().items() if k != key}


DOCUMENTS: dict[str, tuple[object, str]] = {
    "no object": ([], "its 'version' is missing or of the wrong type"),
    "another version": (_attestation(version=2), "its version is not 1"),
    "a version that is none": (
        _attestation(version=True),
        "its 'version' is missing or of the wrong type",
    ),
    "no material": (
        _attestation(verification_material=None),
        "its 'verification_material' is missing or of the wrong type",
    ),
    "no certificate": (
        _attestation(verification_material={"transparency_entries": []}),
        "its 'certificate' is missing or of the wrong type",
    ),
    "an empty certificate": (
        _attestation(
            verification_material={"certificate": "", "transparency_entries": [{}]}
        ),
        "its 'certificate' is not in base64",
    ),
    "a certificate that is not in base64": (
        _attestation(
            verification_material={"certificate": "?", "transparency_entries": [{}]}
        ),
        "its 'certificate' is not in base64",
    ),
    "no entries": (
        _attestation(verification_material={"certificate": "AA=="}),
        "its 'transparency_entries' is missing or of the wrong type",
    ),
    "an empty list of entries": (
        _attestation(
            verification_material={"certificate": "AA==", "transparency_entries": []}
        ),
        "its 'transparency_entries' are none",
    ),
    "an entry that is no object": (
        _attestation(
            verification_material={
                "certificate": "AA==",
                "transparency_entries": [{}, "x"],
            }
        ),
        "its 'transparency_entries' are none",
    ),
    "no envelope": (
        _without("envelope")(),
        "its 'envelope' is missing or of the wrong type",
    ),
    "no signature": (
        _attestation(envelope={"statement": ""}),
        "its 'signature' is missing or of the wrong type",
    ),
    "an empty signature": (
        _attestation(envelope={"statement": "AA==", "signature": ""}),
        "its 'signature' is not in base64",
    ),
    "a statement that is not in base64": (
        _attestation(envelope={"statement": "?", "signature": "AA=="}),
        "its 'statement' is not in base64",
    ),
    "an empty statement": (
        _attestation(envelope={"statement": "", "signature": "AA=="}),
        "its 'statement' is not in base64",
    ),
    "another statement": (
        _attestation(_statement(_type="https://in-toto.io/Statement/v0.1")),
        "its statement is no in-toto Statement v1",
    ),
    "a statement that is no object": (
        _attestation([1]),
        "its '_type' is missing or of the wrong type",
    ),
    "no predicate": (
        _attestation(_statement(predicateType=None)),
        "its 'predicateType' is missing or of the wrong type",
    ),
    "no list of subjects": (
        _attestation(_statement(subject={})),
        "its 'subject' is missing or of the wrong type",
    ),
    "a subject without a name": (
        _attestation(_statement(subject=[{"digest": {}}])),
        "its 'name' is missing or of the wrong type",
    ),
    "a subject without digests": (
        _attestation(_statement(subject=[{"name": "a"}])),
        "its 'digest' is missing or of the wrong type",
    ),
}


@pytest.mark.parametrize(
    ("document", "problem"), DOCUMENTS.values(), ids=DOCUMENTS.keys()
)
def test_what_is_no_attestation_says_why(document: object, problem: str) -> None:
    read = _read(document)

    assert read == Attestation(NAME, FILE, problem=problem)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b'{"version": 1, "version": 1}', b"[" * 100_000],
    ids=["nothing", "half", "no text", "a key twice", "very deep"],
)
def test_what_is_no_json_says_why(content: bytes) -> None:
    assert _parsed(content).problem


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there"):
        read_attestation(tmp_path / NAME, beside=FILE)


def test_a_file_that_is_too_large_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with path.open("wb") as file:
        file.seek(5 << 20)
        file.write(b"x")

    with pytest.raises(SourceError, match="is larger than"):
        read_attestation(path, beside=FILE)


def _published() -> list[Path]:
    return sorted(SHARED.glob("*.attestation"))


@pytest.mark.skipif(not _published(), reason="the published attestations are not here")
@pytest.mark.parametrize("path", _published(), ids=lambda path: path.name)
def test_a_published_attestation_speaks_of_the_file_it_stands_beside(
    path: Path,
) -> None:
    read = read_attestation(path, beside=FILE)

    ((name, sha256),) = read.subjects
    assert read.is_known
    assert path.name.startswith(f"{name}.")
    assert len(sha256) == 64
