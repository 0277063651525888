"""The rules of attestations beside a file, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import (
    INTERNAL,
    SDIST,
    WHEEL,
    Case,
    Says,
    distribution,
    policy,
    sha256,
)

from release_guard.facts import Attestation, AttestedDistribution, Signer, Signers
from release_guard.findings import Severity
from release_guard.policy import IndexPolicy, Policy, Presence
from release_guard.publishers import publisher_of
from release_guard.rules.attestation import attestation_invalid, attestation_missing

_PUBLISH, _BUILD = "https://docs.example/publish/v1", "https://slsa.dev/provenance/v1"
_BESIDE = f"{SDIST}.publish.attestation"


def _of(
    name: str = SDIST,
    sha: str | None = None,
    *,
    predicate: str = _PUBLISH,
    known: bool = True,
) -> Attestation:
    """An attestation of one file, by default of the sdist."""
    digest = sha256(SDIST) if sha is None else sha
    return Attestation(_BESIDE, SDIST, predicate, known, ((name, digest),))


def _attested(
    *attestations: Attestation,
    filename: str = SDIST,
    signers: Signers | None = None,
    others: int = 0,
) -> AttestedDistribution:
    return AttestedDistribution(distribution(filename), attestations, signers, others)


_RELEASE = ".github/workflows/release.yml"
_SIGNERS = Signers(("org/demo",), (_RELEASE,))


def _signed(repository: str = "org/demo") -> Attestation:
    """An attestation of the sdist whose signature holds."""
    signer = Signer(repository, _RELEASE, forge="GitHub")
    return replace(_of(), verified=True, signer=signer)


_REFUTED = replace(_of(), verified=False, refuted="bad signature")
_REQUIRED = IndexPolicy("pypi", provenance=Presence.REQUIRED)
_STRANGE = f"was signed by a/b, {_RELEASE}; expected org/demo, {_RELEASE}"


def _publishing(by: str, *, required: bool = True) -> Policy:
    """A policy that names what publishes."""
    made = policy(publisher=publisher_of(by))
    return replace(made, index=_REQUIRED) if required else made


_NOT_BESIDE = "has no attestation beside it, and the policy requires provenance"


_TURNED = "demo-1.0-py3.py2-none-any.whl"
_BOTH = "demo-1.0-py2.py3-none-any.whl"

CASES = [
    Case(attestation_invalid, "no attestation", _attested()),
    Case(attestation_invalid, "an attestation of the file", _attested(_of())),
    Case(
        attestation_invalid,
        "one of its publication and one of its build",
        _attested(_of(), _of(predicate=_BUILD)),
    ),
    Case(
        attestation_invalid,
        "tags in another order are the same file",
        _attested(_of(_TURNED, sha256(_BOTH)), filename=_BOTH),
    ),
    Case(
        attestation_invalid,
        "what is no attestation, on any index",
        _attested(Attestation(_BESIDE, problem="its version is not 1")),
        policy(INTERNAL),
        (Says("is no attestation: its version is not 1", where=_BESIDE, row=""),),
    ),
    Case(
        attestation_invalid,
        "what is no attestation, for PyPI",
        _attested(Attestation(_BESIDE, problem="its version is not 1")),
        says=(Says("is no attestation: …", where=_BESIDE, row="131"),),
    ),
    Case(
        attestation_invalid,
        "another file, on any index",
        _attested(_of("demo-2.0.tar.gz")),
        policy(INTERNAL),
        (Says(f"speaks of 'demo-2.0.tar.gz', expected {SDIST}", where=_BESIDE),),
    ),
    Case(
        attestation_invalid,
        "a file of another kind",
        _attested(_of(WHEEL)),
        says=(
            Says(f"speaks of '{WHEEL}', expected {SDIST}", where=_BESIDE, row="132"),
        ),
    ),
    Case(
        attestation_invalid,
        "a name that is none",
        _attested(_of("demo.tar.gz")),
        says=(Says(f"speaks of 'demo.tar.gz', expected {SDIST}", where=_BESIDE),),
    ),
    Case(
        attestation_invalid,
        "a file whose own name is none",
        _attested(_of("x.whl", sha256("y.whl")), filename="y.whl"),
        says=(Says("speaks of 'x.whl', expected y.whl", where=_BESIDE),),
    ),
    Case(
        attestation_invalid,
        "other bytes, on any index",
        _attested(_of(sha="cd" * 32)),
        policy(INTERNAL),
        (
            Says(
                f"speaks of the sha256 {'cd' * 32}, the file has {sha256(SDIST)}",
                where=_BESIDE,
            ),
        ),
    ),
    Case(
        attestation_invalid,
        "no hash",
        _attested(_of(sha="")),
        says=(
            Says(
                f"speaks of no sha256, the file has {sha256(SDIST)}",
                where=_BESIDE,
                row="132",
            ),
        ),
    ),
    Case(
        attestation_invalid,
        "no file at all",
        _attested(replace(_of(), subjects=())),
        says=(Says("speaks of 0 files, expected one", where=_BESIDE, row="132"),),
    ),
    Case(
        attestation_invalid,
        "two files",
        _attested(replace(_of(), subjects=((SDIST, sha256(SDIST)), (WHEEL, "x")))),
        says=(Says("speaks of 2 files, expected one", where=_BESIDE),),
    ),
    Case(
        attestation_invalid,
        "a predicate that the index does not take",
        _attested(_of(predicate="https://x.example/v1", known=False)),
        says=(
            Says(
                "says 'https://x.example/v1', which pypi does not take",
                where=_BESIDE,
                row="133",
            ),
        ),
    ),
    Case(
        attestation_invalid,
        "a predicate of an index of one's own",
        _attested(_of(predicate="https://x.example/v1", known=False)),
        policy(INTERNAL),
    ),
    Case(
        attestation_invalid,
        "three, of which two are of one kind",
        _attested(_of(), _of(predicate=_BUILD), _of()),
        says=(
            Says("has 3 attestations, expected at most 2", SDIST, row="131"),
            Says(f"has 2 attestations of one kind, '{_PUBLISH}'", SDIST, row="133"),
        ),
    ),
    Case(
        attestation_invalid,
        "three on an index of one's own",
        _attested(_of(), _of(), _of()),
        policy(INTERNAL),
    ),
    Case(
        attestation_invalid,
        "a signature that holds, of whoever",
        _attested(_signed("a/b")),
    ),
    Case(
        attestation_invalid,
        "a signature that holds, of the one who may sign",
        _attested(_signed(), signers=_SIGNERS),
        policy(_REQUIRED),
    ),
    Case(
        attestation_invalid,
        "a signature that nobody looked at",
        _attested(_of(), signers=_SIGNERS),
    ),
    Case(
        attestation_invalid,
        "a signature that does not hold, for PyPI",
        _attested(_REFUTED),
        says=(Says("does not verify: bad signature", where=_BESIDE, row="132"),),
    ),
    Case(
        attestation_invalid,
        "a signature that does not hold, on any index",
        _attested(_REFUTED),
        policy(INTERNAL),
        (Says("does not verify: bad signature", where=_BESIDE, row=""),),
    ),
    Case(
        attestation_invalid,
        "a signature that does not hold, of another file",
        _attested(replace(_REFUTED, subjects=((WHEEL, sha256(SDIST)),))),
        says=(
            Says("does not verify: bad signature", where=_BESIDE),
            Says(f"speaks of '{WHEEL}', expected {SDIST}", where=_BESIDE),
        ),
    ),
    Case(
        attestation_invalid,
        "signed by a stranger",
        _attested(_signed("a/b"), signers=_SIGNERS),
        says=(Says(_STRANGE, where=_BESIDE, severity=Severity.WARNING, row=""),),
    ),
    Case(
        attestation_invalid,
        "signed by a stranger, where provenance is required",
        _attested(_signed("a/b"), signers=_SIGNERS),
        policy(_REQUIRED),
        (Says(_STRANGE, where=_BESIDE, severity=Severity.ERROR, row=""),),
    ),
    Case(attestation_missing, "nothing is required", _attested()),
    Case(
        attestation_missing,
        "required, and there is one",
        _attested(_signed(), others=1),
        policy(_REQUIRED),
    ),
    Case(
        attestation_missing,
        "one that is none is for the other rule",
        _attested(Attestation(_BESIDE, problem="its version is not 1")),
        policy(_REQUIRED),
    ),
    Case(
        attestation_missing,
        "required, and what publishes signs as it uploads",
        _attested(),
        _publishing("pypa/gh-action-pypi-publish@v1.14.2"),
    ),
    Case(
        attestation_missing,
        "required, and the newest action publishes",
        _attested(),
        _publishing("pypa/gh-action-pypi-publish@release/v1"),
    ),
    Case(
        attestation_missing,
        "required, and there is none",
        _attested(),
        policy(_REQUIRED),
        (Says(_NOT_BESIDE),),
    ),
    Case(
        attestation_missing,
        "required, and twine publishes, which signs nothing",
        _attested(),
        _publishing("twine==7.0"),
        (Says(_NOT_BESIDE),),
    ),
    Case(
        attestation_missing,
        "required, and the action did not sign by itself yet",
        _attested(),
        _publishing("pypa/gh-action-pypi-publish@v1.10.3"),
        (Says(_NOT_BESIDE),),
    ),
    Case(
        attestation_missing,
        "required, the action signs, and others of the set are signed already",
        _attested(others=1),
        _publishing("pypa/gh-action-pypi-publish@v1"),
        (Says(_NOT_BESIDE),),
    ),
    Case(
        attestation_missing,
        "not required, and another file has one",
        _attested(others=1),
        says=(
            Says(
                "has no attestation beside it, and another has one",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        attestation_missing,
        "not required, and others have one",
        _attested(others=7),
        _publishing("uv", required=False),
        (
            Says(
                "has no attestation beside it, and 7 others have one",
                severity=Severity.WARNING,
            ),
        ),
    ),
]


@pytest.mark.parametrize(
    ("subjects", "shown"),
    [
        ((), ()),
        (((SDIST, "ab"),), (f"{SDIST} ab",)),
        (
            ((SDIST, ""), ("b", "c"), ("d", "e"), ("f", "g")),
            (f"{SDIST} ", "b c", "d e"),
        ),
    ],
    ids=["none", "one", "more than are shown"],
)
def test_what_an_attestation_speaks_of_is_evidence(
    subjects: tuple[tuple[str, str], ...], shown: tuple[str, ...]
) -> None:
    attested = _attested(replace(_of(), subjects=subjects))

    found = list(attestation_invalid.findings(attested, policy()))

    assert found
    for finding in found:
        assert finding.evidence == {"expected": sha256(SDIST), "subjects": shown}
        assert finding.files == (SDIST,)
