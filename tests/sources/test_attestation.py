"""Attestations as they are written: what they speak of, or why they are none."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_guard.errors import SourceError
from release_guard.facts import Attestation, BuildSource
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


# --- what a file was built from -----------------------------------------------------

COMMIT = "c0ffee" + "0" * 34
OTHER = "dead" * 16
REPOSITORY = "https://forge.example/org/demo"
GIT = f"git+{REPOSITORY}"


def _dependency(uri: object = f"{GIT}@refs/tags/v1", commit: object = COMMIT) -> Json:
    return {"uri": uri, "digest": {"gitCommit": commit}}


def _sources(
    *dependencies: object, workflow: object = None, **definition: object
) -> tuple[BuildSource, ...]:
    """What an attestation with this provenance says that the file was built from."""
    parameters = {"workflow": {"repository": workflow}}
    made = {
        "buildType": "https://actions.example/workflow/v1",
        "externalParameters": parameters,
        "resolvedDependencies": list(dependencies),
    }
    return _of_predicate({"buildDefinition": made | definition})


def _of_predicate(predicate: object) -> tuple[BuildSource, ...]:
    slsa = "https://slsa.dev/provenance/v1"
    read = _read(_attestation(_statement(predicateType=slsa, predicate=predicate)))
    assert (read.problem, read.is_known) == ("", True)
    return read.sources


def test_a_build_says_commit_and_repository_of_its_code() -> None:
    assert _sources(_dependency(), workflow=REPOSITORY) == (
        BuildSource("org/demo", COMMIT),
        BuildSource("org/demo", ""),
    )


def test_a_build_of_several_sources_says_them_all_in_order() -> None:
    vectors = _dependency("git+https://forge.example/org/vectors", OTHER)

    assert _sources(_dependency(), vectors) == (
        BuildSource("org/demo", COMMIT),
        BuildSource("org/vectors", OTHER),
    )


@pytest.mark.parametrize(
    ("uri", "repository"),
    [
        (f"{GIT}@refs/heads/main", "org/demo"),
        (GIT, "org/demo"),
        (REPOSITORY, "org/demo"),
        (f"{REPOSITORY}.git", "org/demo"),
        (f"{REPOSITORY}/", "org/demo"),
        (f"{GIT}.git@refs/tags/v1", "org/demo"),
        (f"{GIT}@refs/tags/demo@1.0", "org/demo"),
        ("https://forge.example/group/sub/demo", "group/sub/demo"),
        ("https://forge.example:8443/org/demo", "org/demo"),
        ("https://forge.example/org/de.mo", "org/de.mo"),
        ("https://user:word@forge.example/org/demo", ""),
        ("http://forge.example/org/demo", ""),
        ("git+ssh://git@forge.example/org/demo", ""),
        ("pkg:pypi/demo@1.0", ""),
        ("https://forge.example", ""),
        ("https://forge.example/", ""),
        ("https:///org/demo", ""),
        ("org/demo", ""),
        ("", ""),
        (None, ""),
        (["https://forge.example/org/demo"], ""),
        (7, ""),
    ],
)
def test_the_repository_is_what_the_address_names(uri: object, repository: str) -> None:
    assert _sources(_dependency(uri)) == (BuildSource(repository, COMMIT),)
    alone = (BuildSource(repository, ""),) if repository else ()
    assert _sources(workflow=uri) == alone


@pytest.mark.parametrize(
    "commit",
    [
        "",
        "v1.0",
        COMMIT[:12],
        COMMIT.upper(),
        f"{COMMIT}\n",
        "g" * 40,
        None,
        7,
        [COMMIT],
    ],
)
def test_what_is_no_commit_id_is_no_source(commit: object) -> None:
    assert _sources(_dependency(commit=commit)) == ()


@pytest.mark.parametrize(
    "predicate",
    [
        None,
        {},
        [],
        "buildDefinition",
        {"buildDefinition": None},
        {"buildDefinition": []},
        {"buildDefinition": {"resolvedDependencies": {}}},
        {"buildDefinition": {"resolvedDependencies": [None, [], "x", {}, 1]}},
        {"buildDefinition": {"resolvedDependencies": [{"digest": COMMIT}]}},
        {"buildDefinition": {"resolvedDependencies": [{"digest": {"sha1": COMMIT}}]}},
        {"buildDefinition": {"externalParameters": {"workflow": REPOSITORY}}},
        {"invocation": {"configSource": _dependency()}},
    ],
)
def test_a_predicate_of_another_form_says_nothing(predicate: object) -> None:
    assert _of_predicate(predicate) == ()


def test_of_very_many_sources_only_the_first_are_read() -> None:
    read = _sources(*(_dependency(f"{GIT}{n}") for n in range(10_000)))

    assert len(read) == 100
    assert read[-1] == BuildSource("org/demo99", COMMIT)


@pytest.mark.parametrize(
    "uri",
    [
        "https://" + "a" * 1_000_000,
        "https://a/" + ".git" * 250_000 + "\n",
        "https://a/" + "/" * 1_000_000,
        "https://a/b" + "@" * 1_000_000,
        "https://a/b@" + "\n" * 1_000_000,
    ],
    ids=["a host", "many ends", "slashes", "marks", "lines"],
)
def test_a_very_long_address_comes_to_an_end(uri: str) -> None:
    (source,) = _sources(_dependency(uri))

    assert source.commit == COMMIT


@settings(deadline=None, max_examples=100)
@given(
    uri=hostile.texts | st.integers() | st.none(),
    commit=hostile.texts,
    around=st.sampled_from(["", "https://forge.example/"]),
)
def test_any_text_of_a_build_is_read_or_left_out(
    uri: object, commit: str, around: str
) -> None:
    said = around + uri if isinstance(uri, str) else uri
    dependency = _dependency(said)

    assert _sources(_dependency(said, commit)) == ()
    assert [source.commit for source in _sources(dependency)] == [COMMIT]


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


#: The commit of the tag v0.0.19 of its repository, by the statement itself.
_BUILT_FROM = {
    "pypi_attestations-0.0.19.tar.gz.slsa.attestation": (
        "trailofbits/pypi-attestations",
        "08802efe1f8e5fec4ad842d6b8ce97656092ee72",
    ),
}


@pytest.mark.skipif(not _published(), reason="the published attestations are not here")
@pytest.mark.parametrize("path", _published(), ids=lambda path: path.name)
def test_of_the_published_attestations_only_the_builds_say_what_from(
    path: Path,
) -> None:
    read = read_attestation(path, beside=FILE)

    repository, commit = _BUILT_FROM.get(path.name, ("", ""))
    if commit:
        assert "slsa.dev" in read.predicate_type
        assert read.sources == (
            BuildSource(repository, commit),
            BuildSource(repository, ""),
        )
    else:
        assert "publish" in read.predicate_type
        assert read.sources == ()
