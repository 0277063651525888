"""The rule of what the index has attestations of, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import (
    COMMIT,
    INTERNAL,
    SDIST,
    WHEEL,
    Case,
    Says,
    expected_file,
    policy,
    sha256,
)

from release_guard.facts import Attestation, PublishedFile, Signer, Signers
from release_guard.findings import Severity
from release_guard.policy import IndexPolicy, Policy, Presence
from release_guard.rules.provenance import (
    is_proven,
    published_unattested,
    strange_signer,
)

_RELEASE = ".github/workflows/release.yml"
_SIGNERS = Signers(("org/demo",), (_RELEASE,))
_SIGNER = Signer(
    "org/demo", _RELEASE, identity="https://forge.example/x", forge="GitHub"
)
_MAILBOX = Signer(identity="somebody@mail.example")
_EXPECTED = f"expected org/demo, {_RELEASE}"

_REQUIRED = policy(IndexPolicy("pypi", provenance=Presence.REQUIRED))
_WARNING = Severity.WARNING


def _by(signer: Signer = _SIGNER, name: str = SDIST, sha: str = "") -> Attestation:
    """A verified attestation of the sdist, mostly by the one who may sign."""
    return Attestation(
        "attestation 1 of 1",
        SDIST,
        "https://docs.example/publish/v1",
        is_known=True,
        subjects=((name, sha or sha256(SDIST)),),
        verified=True,
        signer=signer,
    )


_REFUTED = replace(_by(), verified=False, refuted="bad signature", signer=None)
_UNSEEN = replace(_by(), verified=None, signer=None)


def _published(
    *attestations: Attestation,
    listed: bool = True,
    signers: Signers = _SIGNERS,
    filename: str = SDIST,
    commit: str = "",
) -> PublishedFile:
    file = expected_file(filename)
    return PublishedFile(file, attestations, signers, listed, commit)


def _case(
    name: str, subject: PublishedFile, *says: str, by: Policy = _REQUIRED
) -> Case:
    """A case whose findings are errors."""
    told = tuple(Says(message, severity=Severity.ERROR) for message in says)
    return Case(published_unattested, name, subject, by, told)


_TURNED = "demo-1.0-py3.py2-none-any.whl"
_BOTH = "demo-1.0-py2.py3-none-any.whl"
_OTHER = replace(_SIGNER, repository="stranger/demo")


def _run(ref: str, commit: str = "0b" * 20) -> Attestation:
    """What a run of a ref signed, by default of another commit than was checked."""
    return _by(replace(_SIGNER, ref=ref, commit=commit))


_TAG, _MAIN = "refs/tags/v1.0", "refs/heads/main"
_ELSEWHERE = "attestation 1 of 1 was signed in a run of 0b0b0b0b0b0b ({}), and the "
_ELSEWHERE += f"manifest is of {COMMIT[:12]}"

CASES = [
    _case("signed by the workflow that may", _published(_by())),
    _case(
        "two attestations, both as expected",
        _published(_by(), replace(_by(), predicate_type="https://slsa.example")),
    ),
    _case(
        "the tags of the wheel in another order",
        _published(_by(name=_TURNED, sha=sha256(_BOTH)), filename=_BOTH),
    ),
    _case(
        "the index lists none",
        _published(listed=False),
        f"pypi lists no attestation of it, expected one that org/demo, {_RELEASE} "
        "signed",
    ),
    _case(
        "the index lists an empty list",
        _published(),
        "pypi has an empty list of it, expected one that …",
    ),
    _case(
        "the signature does not hold",
        _published(_REFUTED),
        "attestation 1 of 1 does not verify: bad signature",
    ),
    _case(
        "nobody looked at the signature",
        _published(_UNSEEN),
        "attestation 1 of 1 does not verify: nobody looked",
    ),
    _case(
        "it is said to hold, and nobody signed it",
        _published(replace(_by(), signer=None)),
        "attestation 1 of 1 does not verify: nobody looked",
    ),
    _case(
        "it is no attestation",
        _published(Attestation("attestation 1 of 1", problem="its version is not 1")),
        "attestation 1 of 1 is none: its version is not 1",
    ),
    _case(
        "it says something else",
        _published(replace(_by(), is_known=False)),
        "attestation 1 of 1 says 'https://docs.example/publish/v1', which proves no "
        "publication",
    ),
    _case(
        "of another file",
        _published(_by(name=WHEEL)),
        f"attestation 1 of 1 speaks of '{WHEEL}'",
    ),
    _case(
        "of a file that is no distribution",
        _published(_by(name="demo.exe")),
        "attestation 1 of 1 speaks of 'demo.exe'",
    ),
    _case(
        "of a name that is none",
        _published(_by(name="demo.tar.gz")),
        "attestation 1 of 1 speaks of 'demo.tar.gz'",
    ),
    _case(
        "of other bytes",
        _published(_by(sha="ab" * 32)),
        f"attestation 1 of 1 speaks of the sha256 {'ab' * 32}, expected "
        f"{sha256(SDIST)}",
    ),
    _case(
        "of two files, of which it is one",
        _published(replace(_by(), subjects=(*_by().subjects, (WHEEL, "x")))),
        "attestation 1 of 1 speaks of 2 files",
    ),
    _case(
        "of no file",
        _published(replace(_by(), subjects=())),
        "attestation 1 of 1 speaks of 0 files",
    ),
    _case(
        "signed in another repository",
        _published(_by(_OTHER)),
        f"attestation 1 of 1 was signed by stranger/demo, {_RELEASE}; {_EXPECTED}",
    ),
    _case(
        "signed at somebody's desk",
        _published(_by(_MAILBOX)),
        "attestation 1 of 1 was signed by somebody@mail.example (for whom no forge "
        f"speaks); {_EXPECTED}",
    ),
    _case(
        "two that prove nothing",
        _published(_REFUTED, _by(_OTHER)),
        "attestation 1 of 1 does not verify: bad signature; attestation 1 of 1 was "
        "signed by …",
    ),
    _case(
        "five that prove nothing",
        _published(*[_REFUTED] * 5),
        "…bad signature and 2 more",
    ),
    Case(
        published_unattested,
        "one is as expected, and one of a stranger, is odd and no more",
        _published(_by(), _by(_OTHER)),
        _REQUIRED,
        (
            Says(
                f"attestation 1 of 1 was signed by stranger/demo, {_RELEASE}; "
                f"{_EXPECTED}; another one is as expected",
                severity=_WARNING,
            ),
        ),
    ),
    _case("a run of the commit", _published(_run(_TAG, COMMIT), commit=COMMIT)),
    _case("nobody says the commit", _published(_run(_TAG))),
    _case("the signer names no commit", _published(_run(_TAG, ""), commit=COMMIT)),
    _case(
        "a run of the tag at another commit",
        _published(_run(_TAG), commit=COMMIT),
        _ELSEWHERE.format(_TAG),
    ),
    Case(
        published_unattested,
        "a run of the tag at another commit, and one at the commit",
        _published(_run(_TAG), _run(_TAG, COMMIT), commit=COMMIT),
        _REQUIRED,
        (
            Says(
                f"{_ELSEWHERE.format(_TAG)}; another one is as expected",
                severity=_WARNING,
            ),
        ),
    ),
    Case(
        published_unattested,
        "a run on a branch at another commit, as one that makes the commit, or follows",
        _published(_run(_MAIN), _run(_MAIN), commit=COMMIT),
        _REQUIRED,
        (Says(_ELSEWHERE.format(_MAIN), severity=Severity.NOTICE),),
    ),
    _case(
        "a stranger's run on a branch at another commit",
        _published(_by(replace(_OTHER, ref=_MAIN, commit="0b" * 20)), commit=COMMIT),
        f"attestation 1 of 1 was signed by stranger/demo, {_RELEASE}; {_EXPECTED}",
    ),
    _case(
        "an index of one's own that requires it",
        _published(listed=False),
        "internal lists no attestation of it, expected one that …",
        by=policy(replace(INTERNAL, provenance=Presence.REQUIRED)),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_file_is_proven_where_nothing_of_it_is_an_error(case: Case) -> None:
    assert isinstance(case.subject, PublishedFile)
    errors = [found for found in case.found() if found.severity is Severity.ERROR]

    assert is_proven(case.subject) is not bool(errors)


def test_who_signed_and_who_was_expected_is_evidence() -> None:
    signer = replace(_OTHER, commit="c0ffee", ref="refs/heads/x")

    published = _published(_by(signer), commit=COMMIT)
    (finding,) = published_unattested.findings(published, _REQUIRED)

    assert finding.evidence == {
        "repository": "stranger/demo",
        "workflow": _RELEASE,
        "identity": "https://forge.example/x",
        "commit": "c0ffee",
        "ref": "refs/heads/x",
        "expected-repositories": ("org/demo",),
        "expected-workflows": (_RELEASE,),
        "expected-commit": COMMIT,
    }


# --- who may sign -----------------------------------------------------------------

_GITLAB = Signers(("group/sub/demo",), (".gitlab-ci.yml",))
_ON_GITLAB = Signer("group/sub/demo", ".gitlab-ci.yml", forge="GitLab")

#: Each signer, and who may sign.
MAY: dict[str, tuple[Signer, Signers]] = {
    "the repository's own workflow": (_SIGNER, _SIGNERS),
    "owner and name in another case": (
        replace(_SIGNER, repository="Org/Demo"),
        _SIGNERS,
    ),
    "one of two repositories": (
        _SIGNER,
        Signers(("org/old", "ORG/DEMO"), (_RELEASE,)),
    ),
    "one of two workflows": (
        _SIGNER,
        Signers(("org/demo",), (".github/workflows/a.yml", _RELEASE)),
    ),
    "a job of GitLab, in a group of a group": (_ON_GITLAB, _GITLAB),
    "a file of another name on GitLab": (
        replace(_ON_GITLAB, workflow="ci/publish.yml"),
        Signers(("group/sub/demo",), ("ci/publish.yml",)),
    ),
    "the repository was renamed since": (
        replace(_SIGNER, repository="org/old", repository_id="7"),
        Signers(("org/demo",), (_RELEASE,), "7"),
    ),
    "the signer has a number, and this run has none": (
        replace(_SIGNER, repository_id="7"),
        _SIGNERS,
    ),
    "this run has a number, and the signer has none": (
        _SIGNER,
        Signers(("org/demo",), (_RELEASE,), "7"),
    ),
}

#: Each signer, who may sign, and how the signer is told.
MAY_NOT: dict[str, tuple[Signer, Signers, str]] = {
    "a fork, with the same workflow": (_OTHER, _SIGNERS, f"stranger/demo, {_RELEASE}"),
    "a repository whose name only begins alike": (
        replace(_SIGNER, repository="org/demo2"),
        _SIGNERS,
        f"org/demo2, {_RELEASE}",
    ),
    "another workflow of the repository": (
        replace(_SIGNER, workflow=".github/workflows/nightly.yml"),
        _SIGNERS,
        "org/demo, .github/workflows/nightly.yml",
    ),
    "the workflow in another case, which is another file": (
        replace(_SIGNER, workflow=".github/workflows/Release.yml"),
        _SIGNERS,
        "org/demo, .github/workflows/Release.yml",
    ),
    "the same names on the other forge": (
        replace(_SIGNER, forge="GitLab"),
        _SIGNERS,
        f"org/demo, {_RELEASE} on GitLab",
    ),
    "a file of GitLab's name on GitHub": (
        replace(_ON_GITLAB, forge="GitHub"),
        _GITLAB,
        "group/sub/demo, .gitlab-ci.yml on GitHub",
    ),
    "a forge that nobody knows": (
        replace(_SIGNER, forge=""),
        _SIGNERS,
        f"org/demo, {_RELEASE} on an unknown forge",
    ),
    "somebody else who has the name now": (
        replace(_SIGNER, repository_id="8"),
        Signers(("org/demo",), (_RELEASE,), "7"),
        f"org/demo, {_RELEASE}, another repository that had this name",
    ),
    "a mailbox": (
        _MAILBOX,
        _SIGNERS,
        "somebody@mail.example (for whom no forge speaks)",
    ),
    "a letter that only looks like another in lower case": (
        replace(_SIGNER, repository="org/\N{KELVIN SIGN}"),
        Signers(("org/k",), (_RELEASE,)),
        f"org/\N{KELVIN SIGN}, {_RELEASE}",
    ),
    "a workflow that is not told": (
        replace(_SIGNER, workflow=""),
        _SIGNERS,
        "https://forge.example/x (no workflow of org/demo itself)",
    ),
    "nobody": (Signer(), _SIGNERS, "nobody that is named"),
}


@pytest.mark.parametrize(("signer", "signers"), MAY.values(), ids=MAY.keys())
def test_this_signer_may_sign(signer: Signer, signers: Signers) -> None:
    assert strange_signer(signer, signers) == ""


@pytest.mark.parametrize(
    ("signer", "signers", "told"), MAY_NOT.values(), ids=MAY_NOT.keys()
)
def test_this_signer_may_not_sign(signer: Signer, signers: Signers, told: str) -> None:
    said = strange_signer(signer, signers)

    (repository,), (workflow,) = signers.repositories, signers.workflows
    assert said == f"was signed by {told}; expected {repository}, {workflow}"


@pytest.mark.parametrize(
    "signers",
    [Signers((), ()), Signers(("org/demo",), ()), Signers((), (_RELEASE,))],
    ids=["nobody", "no workflow", "no repository"],
)
def test_where_nobody_is_expected_nobody_may_sign(signers: Signers) -> None:
    assert strange_signer(_SIGNER, signers)
    assert strange_signer(Signer(), replace(signers, repositories=("",)))
