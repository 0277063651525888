"""Whether a signature holds, and who signed: real attestations, own ones, and lies.

The published attestations lie beside the repository, in ``../shared``; those of the
tests' own sigstore (``signing.py``) verify by its trust root and by no other.
"""

from __future__ import annotations

import base64
import copy
import json
import re
import socket
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import signing
from hypothesis import given, settings
from hypothesis import strategies as st

from release_guard.errors import IndexResponseError, SourceError
from release_guard.facts import Attestation, BuildSource, Signer
from release_guard.sources import provenance
from release_guard.sources.attestation import parse_attestation
from release_guard.sources.provenance import (
    LARGEST,
    Verifier,
    load_verifier,
    read_provenance,
    signer_of,
)

Json = dict[str, Any]

FILE = "demo-1.0.tar.gz"
SHA256 = "ab" * 32
WHERE = "https://index.example/integrity/demo/1.0/demo-1.0.tar.gz/provenance"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "attestations"
SAMPLE = "sampleproject-4.0.0.tar.gz"
OWN = "pypi_attestations-0.0.19.tar.gz"
OLDER = "rfc8785-0.1.2-py3-none-any.whl"
needs_published = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the published attestations are not beside this project"
)


@pytest.fixture(name="own")
def _own() -> Verifier:
    """What verifies by the tests' own sigstore."""
    return signing.OURS.verifier


def _read(document: object, verifier: Verifier, beside: str = FILE) -> Attestation:
    content = json.dumps(document).encode()
    return parse_attestation(
        content, filename="x.attestation", beside=beside, verify=verifier.verify
    )


def _published(name: str) -> Json:
    found: Json = json.loads((SHARED / name).read_bytes())
    return found


# --- published attestations -------------------------------------------------------

#: By whom they were signed, by the certificates themselves.
SIGNED_BY = {
    f"{SAMPLE}.publish.attestation": Signer(
        repository="pypa/sampleproject",
        workflow=".github/workflows/release.yml",
        commit="621e4974ca25ce531773def586ba3ed8e736b3fc",
        ref="refs/heads/main",
        identity="https://github.com/pypa/sampleproject/.github/workflows/release.yml"
        "@refs/heads/main",
        forge="GitHub",
        repository_id="14899596",
    ),
    **{
        f"{OWN}.{kind}.attestation": Signer(
            repository="trailofbits/pypi-attestations",
            workflow=".github/workflows/release.yml",
            commit="08802efe1f8e5fec4ad842d6b8ce97656092ee72",
            ref="refs/tags/v0.0.19",
            identity="https://github.com/trailofbits/pypi-attestations/"
            ".github/workflows/release.yml@refs/tags/v0.0.19",
            forge="GitHub",
            repository_id="772247423",
        )
        for kind in ("publish", "slsa")
    },
}


@needs_published
@pytest.mark.parametrize(("name", "signer"), SIGNED_BY.items(), ids=SIGNED_BY)
def test_a_published_attestation_verifies_and_tells_its_signer(
    name: str, signer: Signer
) -> None:
    read = _read(_published(name), load_verifier())

    assert (read.verified, read.refuted, read.signer) == (True, "", signer)
    assert read.is_known


@needs_published
def test_an_attestation_of_a_build_tells_its_signer_and_its_sources() -> None:
    read = _read(_published(f"{OWN}.slsa.attestation"), load_verifier())

    commit = "08802efe1f8e5fec4ad842d6b8ce97656092ee72"
    repository = "trailofbits/pypi-attestations"
    assert read.signer is not None
    assert (read.signer.repository, read.signer.commit) == (repository, commit)
    assert read.sources == (
        BuildSource(repository, commit),
        BuildSource(repository, ""),
    )


@needs_published
def test_a_published_provenance_holds_what_was_signed() -> None:
    content = (SHARED / f"{OWN}.provenance").read_bytes()

    (read,) = read_provenance(
        content, beside=OWN, where=WHERE, verify=load_verifier().verify
    )

    assert read.signer == SIGNED_BY[f"{OWN}.publish.attestation"]
    ((name, _),) = read.subjects
    assert (name, read.beside, read.filename) == (OWN, OWN, "attestation 1 of 1")


@needs_published
def test_an_attestation_of_the_trial_days_was_signed_for_staging_and_does_not_count(
    tmp_path: Path,
) -> None:
    """rfc8785 0.1.2 was signed five months before the index took attestations: with
    sigstore's instance for staging, whose keys anybody may use, and by a person, not by
    a workflow. Its form is today's; it is the log and the authority that do not count.
    """
    document = _published(f"{OLDER}.publish.attestation")

    read = _read(document, load_verifier(), OLDER)
    assert (read.verified, read.signer, read.problem) == (False, None, "")
    assert read.refuted.startswith("it stands in a transparency log that is not known")

    staging = _shipped_root("tuf-repo-cdn.sigstage.dev")
    trial = _read(document, Verifier(staging), OLDER)
    assert (trial.verified, trial.refuted) == (True, "")
    assert trial.signer == Signer(identity="william@yossarian.net")


def _shipped_root(instance: str) -> Path:
    """The trust root of another instance, which sigstore ships as well."""
    here = provenance._shipped_trust_root()
    return (
        here.parents[1]
        / urllib.parse.quote(f"https://{instance}", safe="")
        / (here.name)
    )


@needs_published
@pytest.mark.parametrize("name", SIGNED_BY)
def test_a_published_attestation_does_not_verify_by_other_keys(
    name: str, own: Verifier
) -> None:
    read = _read(_published(name), own)

    assert (read.verified, read.signer) == (False, None)


# --- lies -------------------------------------------------------------------------

Change = Callable[[Json, Json], None]


def _material(document: Json) -> Json:
    material: Json = document["verification_material"]
    return material


def _entry(document: Json) -> Json:
    entry: Json = _material(document)["transparency_entries"][0]
    return entry


def _other_subject(document: Json, _: Json) -> None:
    statement = json.loads(base64.b64decode(document["envelope"]["statement"]))
    statement["subject"][0]["digest"]["sha256"] = "cd" * 32
    changed = json.dumps(statement).encode()
    document["envelope"]["statement"] = base64.b64encode(changed).decode()


def _other_bit(document: Json, _: Json) -> None:
    content = bytearray(base64.b64decode(document["envelope"]["signature"]))
    content[-1] ^= 1
    document["envelope"]["signature"] = base64.b64encode(bytes(content)).decode()


def _taken(*path: str) -> Change:
    """Put what another attestation has in its place."""

    def change(document: Json, other: Json) -> None:
        for key in path[:-1]:
            document = _entry(document) if key == "entry" else document[key]
            other = _entry(other) if key == "entry" else other[key]
        document[path[-1]] = other[path[-1]]

    return change


def _set(value: object, *path: str) -> Change:
    def change(document: Json, _: Json) -> None:
        table = _entry(document)
        for key in path[:-1]:
            table = table[key]
        if value is None:
            del table[path[-1]]
        else:
            table[path[-1]] = value

    return change


LIES: dict[str, Change] = {
    "another sha256": _other_subject,
    "another bit of the signature": _other_bit,
    "the envelope of another": _taken("envelope"),
    "the statement of another": _taken("envelope", "statement"),
    "the signature of another": _taken("envelope", "signature"),
    "the certificate of another": _taken("verification_material", "certificate"),
    "the log entry of another": _taken("verification_material", "transparency_entries"),
    "the promise of another": _taken("entry", "inclusionPromise"),
    "the proof of another": _taken("entry", "inclusionProof"),
    "the body of another": _taken("entry", "canonicalizedBody"),
    "no promise, and so no time": _set(None, "inclusionPromise"),
    "no proof": _set(None, "inclusionProof"),
    "no checkpoint": _set(None, "inclusionProof", "checkpoint"),
    "no time": _set(None, "integratedTime"),
    "a time after the certificate": _set("1893456000", "integratedTime"),
    "a time that is none": _set("-1", "integratedTime"),
    "a time that no clock has": _set("9" * 18, "integratedTime"),
    "another kind": _set({"kind": "intoto", "version": "0.0.2"}, "kindVersion"),
    "another log": _set({"keyId": "AAAA"}, "logId"),
    "no log": _set(None, "logId"),
    "a log that is a list": _set([], "logId"),
    "a tree of another size": _set("7", "inclusionProof", "treeSize"),
    "a tree of no size": _set("0", "inclusionProof", "treeSize"),
    "a tree that is a text": _set("x" * 5000, "inclusionProof", "treeSize"),
    "a proof of very many hashes": _set(["AA=="] * 10_000, "inclusionProof", "hashes"),
    "a body that is no JSON": _set("AA==", "canonicalizedBody"),
}


@pytest.mark.parametrize("change", LIES.values(), ids=LIES.keys())
def test_an_attestation_that_was_changed_does_not_verify(
    change: Change, own: Verifier
) -> None:
    document = signing.OURS.sign(FILE, SHA256)
    other = signing.OURS.sign("demo-2.0.tar.gz", "ef" * 32)
    assert _read(document, own).verified, "what is changed was sound"

    change(document, other)
    read = _read(document, own)

    assert (read.verified, read.signer) == (False, None)
    assert read.refuted
    assert len(read.refuted) <= 200
    assert read.refuted.isprintable()


@needs_published
@pytest.mark.parametrize("change", LIES.values(), ids=LIES.keys())
def test_a_published_attestation_that_was_changed_does_not_verify(
    change: Change,
) -> None:
    document = _published(f"{OWN}.publish.attestation")

    change(document, _published(f"{SAMPLE}.publish.attestation"))

    assert _read(document, load_verifier()).verified is False


CERTIFICATES = {
    "no DER": b"\x00",
    "half a certificate": b"\x30\x82\x06\xa1\x30\x82",
    "a megabyte of nothing": bytes(1 << 20),
    "text": b"-----BEGIN CERTIFICATE-----",
}


@pytest.mark.parametrize("content", CERTIFICATES.values(), ids=CERTIFICATES.keys())
def test_a_certificate_that_is_none_does_not_verify(
    content: bytes, own: Verifier
) -> None:
    document = signing.OURS.sign(FILE, SHA256)
    _material(document)["certificate"] = base64.b64encode(content).decode()

    read = _read(document, own)

    assert (read.verified, read.signer) == (False, None)
    assert read.refuted == "invalid X.509 certificate"


@cache
def _one() -> Json:
    """An attestation that verifies, the same at each call."""
    return signing.OURS.sign(FILE, SHA256)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_whatever_is_changed_no_reader_fails_and_nothing_verifies(
    data: st.DataObject,
) -> None:
    """One byte of the certificate, the entry's body or the statement, anywhere."""
    document = copy.deepcopy(_one())
    envelope = document["envelope"]
    table, key = data.draw(
        st.sampled_from(
            [
                (_material(document), "certificate"),
                (_entry(document), "canonicalizedBody"),
                (envelope, "statement"),
                (envelope, "signature"),
            ]
        )
    )
    content = bytearray(base64.b64decode(table[key]))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    table[key] = base64.b64encode(bytes(content)).decode()

    read = _read(document, signing.OURS.verifier)

    assert read.problem or read.verified is False


# --- signers ----------------------------------------------------------------------

_GITHUB_SIGNER = signing.USUAL

#: What a certificate says beyond or in place of the usual, and who the signer is.
SIGNERS: dict[str, tuple[dict[str, str], str, Signer]] = {
    "a workflow of the repository": (signing.github(), "", _GITHUB_SIGNER),
    "names in capitals, as they are written": (
        signing.github("Org/Demo"),
        "",
        replace(
            _GITHUB_SIGNER,
            repository="Org/Demo",
            identity=signing.github("Org/Demo")["9"],
        ),
    ),
    "a workflow that calls one of another repository": (
        signing.github(),
        "https://github.com/org/shared/.github/workflows/publish.yml@refs/heads/main",
        replace(
            _GITHUB_SIGNER,
            identity="https://github.com/org/shared/.github/workflows/publish.yml"
            "@refs/heads/main",
        ),
    ),
    "a workflow of another repository, as an organization requires it": (
        signing.github(c18=signing.github("org/rules")["18"]),
        "",
        replace(_GITHUB_SIGNER, workflow=""),
    ),
    "a workflow at another ref than the run's": (
        signing.github(c14="refs/heads/main"),
        "",
        replace(_GITHUB_SIGNER, workflow="", ref="refs/heads/main"),
    ),
    "a workflow at the run's commit": (
        signing.github(c18=signing.github(ref=signing.COMMIT)["18"]),
        "",
        _GITHUB_SIGNER,
    ),
    "no ref": (
        signing.github(c14=""),
        "",
        replace(_GITHUB_SIGNER, workflow="", ref=""),
    ),
    "no workflow": (signing.github(c18=""), "", replace(_GITHUB_SIGNER, workflow="")),
    "no repository": (
        signing.github(c12=""),
        "",
        replace(_GITHUB_SIGNER, repository="", workflow=""),
    ),
    "a repository on another host": (
        signing.github(c12="https://github.com.example/org/demo"),
        "",
        replace(_GITHUB_SIGNER, repository="", workflow=""),
    ),
    "a repository without a name": (
        signing.github(c12="https://github.com/"),
        "",
        replace(_GITHUB_SIGNER, repository="", workflow=""),
    ),
    "a job of GitLab": (
        signing.gitlab("group/sub/demo"),
        "",
        Signer(
            repository="group/sub/demo",
            workflow=".gitlab-ci.yml",
            commit=signing.COMMIT,
            ref=signing.TAG,
            identity=signing.gitlab("group/sub/demo")["9"],
            forge="GitLab",
            repository_id="4711",
        ),
    ),
    "a job of GitLab whose file has the name of GitHub's": (
        signing.gitlab(path=".github/workflows/release.yml"),
        "",
        Signer(
            repository="org/demo",
            workflow=".github/workflows/release.yml",
            commit=signing.COMMIT,
            ref=signing.TAG,
            identity=signing.gitlab(path=".github/workflows/release.yml")["9"],
            forge="GitLab",
            repository_id="4711",
        ),
    ),
    "another issuer that calls itself the repository": (
        signing.github(c8="https://ci.example"),
        "https://ci.example/org/demo",
        Signer(identity="https://ci.example/org/demo"),
    ),
    "an enterprise's own issuer on GitHub": (
        signing.github(c8="https://token.actions.githubusercontent.com/enterprise"),
        "https://ci.example/org/demo",
        Signer(identity="https://ci.example/org/demo"),
    ),
    "an issuer that only begins alike": (
        signing.github(c8="https://gitlab.com.example"),
        "https://ci.example/org/demo",
        Signer(identity="https://ci.example/org/demo"),
    ),
    "a person": (
        {"8": "https://github.com/login/oauth"},
        "somebody@mail.example",
        Signer(identity="somebody@mail.example"),
    ),
    "no claim at all, as certificates of the first days": (
        {},
        "somebody@mail.example",
        Signer(identity="somebody@mail.example"),
    ),
}


@pytest.mark.parametrize(
    ("claims", "identity", "signer"), SIGNERS.values(), ids=SIGNERS.keys()
)
def test_the_signer_is_who_the_certificate_names(
    claims: dict[str, str],
    identity: str,
    signer: Signer,
    own: Verifier,
) -> None:
    document = signing.OURS.sign(FILE, SHA256, claims=claims, identity=identity)

    read = _read(document, own)

    assert (read.verified, read.refuted, read.signer) == (True, "", signer)


def test_claims_of_the_older_form_are_not_read() -> None:
    older = {
        "1.3.6.1.4.1.57264.1.1": "https://token.actions.githubusercontent.com",
        "1.3.6.1.4.1.57264.1.5": "org/demo",
        "1.3.6.1.4.1.57264.1.6": signing.TAG,
    }

    assert signer_of(older, "x") == Signer(identity="x")


@given(
    said=st.dictionaries(
        st.sampled_from([f"1.3.6.1.4.1.57264.1.{number}" for number in range(1, 23)]),
        st.text(max_size=40)
        | st.sampled_from([*signing.github().values(), *signing.gitlab().values()]),
    )
)
def test_a_workflow_is_told_only_of_a_repository_that_is_told(
    said: dict[str, str],
) -> None:
    signer = signer_of(said, "x")

    assert not signer.workflow or signer.repository
    assert not signer.repository or signer.forge in ("GitHub", "GitLab")


# --- the trust root ---------------------------------------------------------------


def _plant(home: Path, content: str) -> list[Path]:
    """Put a trust root where sigstore's own offline mode looks for it."""
    name = urllib.parse.quote("https://tuf-repo-cdn.sigstore.dev", safe="")
    planted = []
    for base in (".cache", ".local/share"):
        folder = home / base / "sigstore-python" / "tuf" / name
        folder.mkdir(parents=True)
        planted.append(folder / "trusted_root.json")
        planted[-1].write_text(content)
    return planted


def test_a_trust_root_in_the_users_cache_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    planted = _plant(tmp_path, signing.OURS.trust_root())
    document = signing.OURS.sign(FILE, SHA256)

    fresh = load_verifier.__wrapped__()

    assert _read(document, Verifier(planted[0])).verified, "it would count"
    assert _read(document, fresh).verified is False


@needs_published
def test_nothing_is_asked_of_the_network_and_nothing_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def refuse(*_: object) -> None:
        raise AssertionError("something was asked of the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    verifier = load_verifier.__wrapped__()

    assert _read(_published(f"{SAMPLE}.publish.attestation"), verifier).verified
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_loaded_before_there_is_an_attestation() -> None:
    script = (
        "import sys, release_guard.cli, release_guard.sources.provenance;"
        "print([name for name in ('sigstore', 'pypi_attestations', 'cryptography',"
        " 'pydantic', 'tuf') if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )

    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("library", ["pypi_attestations", "sigstore.verify"])
def test_where_a_library_is_not_installed_that_is_said(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(SourceError, match="signatures are not verified") as caught:
        load_verifier.__wrapped__()

    assert "is not installed" in caught.value.message
    assert caught.value.hint == "install release-guard[provenance]"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"tlogs": []}'])
def test_a_trust_root_that_is_none_is_said(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trusted_root.json"
    path.write_bytes(content)
    monkeypatch.setattr(provenance, "_shipped_trust_root", lambda: path)

    with pytest.raises(SourceError, match="not verified: no trust root: ") as caught:
        load_verifier.__wrapped__()

    assert "lock" in caught.value.hint


def test_a_trust_root_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "_shipped_trust_root", lambda: tmp_path / "gone")

    with pytest.raises(SourceError, match=r"no trust root: .*No such file"):
        load_verifier.__wrapped__()


def test_one_attestation_is_verified_once(
    own: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = own._sigstore.verify_dsse, []

    def counted(bundle: Any, policy: Any) -> object:  # noqa: ANN401
        asked.append(bundle)
        return real(bundle, policy)

    monkeypatch.setattr(own._sigstore, "verify_dsse", counted)
    one, other = signing.OURS.sign(FILE, SHA256), signing.OURS.sign(FILE, SHA256)

    reads = [_read(document, own) for document in (one, other, one, one, other)]

    assert all(read.verified for read in reads)
    assert len(asked) == 2


def test_several_threads_verify_in_turn(
    own: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How warnings are shown is one setting of the whole process."""
    real, alone, asked = own._sigstore.verify_dsse, threading.Lock(), []

    def counted(bundle: Any, policy: Any) -> object:  # noqa: ANN401
        asked.append(alone.acquire(blocking=False))
        try:
            return real(bundle, policy)
        finally:
            alone.release()

    monkeypatch.setattr(own._sigstore, "verify_dsse", counted)
    documents = [signing.OURS.sign(FILE, SHA256) for _ in range(10)] * 2

    with ThreadPoolExecutor(8) as pool:
        reads = list(pool.map(lambda document: _read(document, own), documents))

    assert all(read.verified for read in reads)
    assert asked == [True] * 10


# --- provenance objects -----------------------------------------------------------


def _object(*bundles: object, **changed: object) -> bytes:
    document = {"version": 1, "attestation_bundles": list(bundles), **changed}
    return json.dumps(document).encode()


def _bundle(*attestations: object) -> Json:
    return {"publisher": {"kind": "GitHub"}, "attestations": list(attestations)}


_TABLE: Json = {"verification_material": {}}
_DEEP = b"[" * 100_000

#: Each answer that is no provenance, and why.
NO_PROVENANCE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "Expecting value"),
    "half an object": (_object()[:-3], "Expecting"),
    "no text": (b"\xff", "codec can't decode"),
    "a page": (b"<html></html>", "Expecting value"),
    "a list": (b"[]", "its 'version' is missing or of the wrong type"),
    "a text": (b'"x"', "its 'version' is missing or of the wrong type"),
    "null": (b"null", "its 'version' is missing or of the wrong type"),
    "no version": (b"{}", "its 'version' is missing or of the wrong type"),
    "another version": (_object(version=2), "its version is not 1"),
    "a version that is a text": (_object(version="1"), "its 'version' is missing"),
    "a version that is true": (_object(version=True), "its 'version' is missing"),
    "no bundles": (
        b'{"version": 1}',
        "its 'attestation_bundles' is missing or of the wrong type",
    ),
    "bundles that are a table": (
        _object(attestation_bundles={}),
        "its 'attestation_bundles' is missing or of the wrong type",
    ),
    "a bundle that is a list": (_object([]), "its 'attestations' is missing"),
    "a bundle without attestations": (_object({}), "its 'attestations' is missing"),
    "attestations that are a text": (
        _object({"attestations": "x"}),
        "its 'attestations' is missing or of the wrong type",
    ),
    "a key twice": (b'{"version": 1, "version": 1}', "has a key twice"),
    "very deep": (_DEEP, "it is nested too deep"),
    "a very deep attestation": (
        b'{"version": 1, "attestation_bundles": [{"attestations": [' + _DEEP,
        "it is nested too deep",
    ),
    "a number of very many digits": (
        b'{"version": ' + b"1" * 10_000 + b"}",
        "Exceeds the limit",
    ),
    "thousands of bundles": (
        _object(*[_bundle(_TABLE)] * 5_000),
        "it holds 5000 attestations, 20 are read",
    ),
    "one bundle of thousands": (
        _object(_bundle(*[_TABLE] * 5_000)),
        "it holds 5000 attestations, 20 are read",
    ),
    "more bytes than any has": (
        b" " * (LARGEST + 1),
        f"it has more than {LARGEST} bytes",
    ),
}


@pytest.mark.parametrize(
    ("content", "reason"), NO_PROVENANCE.values(), ids=NO_PROVENANCE.keys()
)
def test_an_answer_that_is_no_provenance_is_an_error(
    content: bytes, reason: str
) -> None:
    with pytest.raises(IndexResponseError) as caught:
        read_provenance(content, beside=FILE, where=WHERE)

    begin = f"{WHERE}: the answer is no provenance (PEP 740): "
    assert caught.value.message.startswith(begin)
    assert reason in caught.value.message.removeprefix(begin)
    assert len(caught.value.message) < 400


#: Attestations in a sound object that are none.
NO_ATTESTATIONS: dict[str, object] = {
    "null": None,
    "a number": 7,
    "a text": "x" * 100_000,
    "a list": [[]],
    "nothing in it": {},
    "another version": {"version": 2},
    "a table too many": {"version": 1, "verification_material": {}, "envelope": {}},
}


@pytest.mark.parametrize("item", NO_ATTESTATIONS.values(), ids=NO_ATTESTATIONS.keys())
def test_what_is_no_attestation_says_so_and_the_others_are_read(
    item: object, own: Verifier
) -> None:
    sound = signing.OURS.sign(FILE, SHA256)

    bad, good = read_provenance(
        _object(_bundle(item), _bundle(sound)),
        beside=FILE,
        where=WHERE,
        verify=own.verify,
    )

    assert (bad.verified, bad.signer) == (None, None)
    assert bad.problem.startswith("its ")
    assert (bad.filename, good.filename) == ("attestation 1 of 2", "attestation 2 of 2")
    assert good.verified


def test_an_object_may_hold_nothing() -> None:
    assert read_provenance(_object(), beside=FILE, where=WHERE) == ()
    assert read_provenance(_object(_bundle()), beside=FILE, where=WHERE) == ()


def test_a_publisher_that_the_index_names_is_not_looked_at(own: Verifier) -> None:
    sound = signing.OURS.sign(FILE, SHA256)
    content = signing.provenance_of(sound)
    assert b"nobody/looks" in content

    (read,) = read_provenance(content, beside=FILE, where=WHERE, verify=own.verify)

    assert read.signer == signing.USUAL


def test_a_statement_with_a_null_character_is_read_as_it_is(own: Verifier) -> None:
    document = signing.OURS.sign("demo\0.tar.gz", SHA256)

    (read,) = read_provenance(
        signing.provenance_of(document), beside=FILE, where=WHERE, verify=own.verify
    )

    assert read.subjects == (("demo\0.tar.gz", SHA256),)


def _pieces() -> Iterator[st.SearchStrategy[object]]:
    leaf = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
    keys = st.sampled_from(["version", "attestation_bundles", "attestations", "x"])
    yield st.recursive(
        leaf,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
        ),
    )


@settings(deadline=None)
@given(value=next(_pieces()))
def test_any_json_is_a_provenance_or_an_error(value: object) -> None:
    try:
        read = read_provenance(json.dumps(value).encode(), beside=FILE, where=WHERE)
    except IndexResponseError:
        return
    assert all(attestation.problem for attestation in read)


@settings(deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_provenance_or_an_error(content: bytes) -> None:
    with pytest.raises(IndexResponseError):
        read_provenance(content, beside=FILE, where=WHERE)


# --- the house --------------------------------------------------------------------


def test_no_other_module_loads_the_libraries() -> None:
    source = Path(provenance.__file__).parents[1]
    loading = {
        path.name
        for path in source.rglob("*.py")
        if re.search(
            r"^\s*(import|from) (sigstore|pypi_attestations|cryptography)",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }

    assert loading == {"provenance.py"}
