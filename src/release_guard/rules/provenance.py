"""Provenance: did this repository and its workflow sign what the index has?"""

from __future__ import annotations

from collections.abc import Iterator

from release_guard import filenames
from release_guard.facts import (
    Attestation,
    PublishedFile,
    Signer,
    Signers,
)
from release_guard.findings import Evidence, Severity, Violation, some
from release_guard.policy import Policy
from release_guard.rules.base import rule

__all__ = [
    "fault_of",
    "is_proven",
    "is_same_file",
    "published_unattested",
    "signer_evidence",
    "strange_signer",
]


@rule(PublishedFile, severity=Severity.ERROR)
def published_unattested(file: PublishedFile, policy: Policy) -> Iterator[Violation]:
    """Nothing on the index proves that this project's workflow published the file.

    **What it means:** where the policy says `provenance: required`, or `verify` was
    given `--provenance`: the index has no attestation (PEP 740) of the file, none that
    it has verifies and speaks of the file's name and bytes, or none was signed by one
    of the policy's `repositories` and `workflows`, which are by default those of this
    run. Where the manifest names a commit, none was signed in a run of a tag that leads
    to another one; a run on a branch at another commit is a notice. An attestation that
    proves nothing beside one that does is a warning.

    **Why it matters:** the hash says that the bytes are the expected ones; the
    signature says, to everybody, who published them.

    **How it happens:** the upload went around trusted publishing, with a token from
    somebody's machine; signing was switched off or did nothing; another workflow, or a
    fork's, published.

    **Fix:** an uploaded file cannot be attested later: publish the next version by
    trusted publishing, with attestations. If the signer is meant, name it in the policy
    (`repositories`, `workflows`); if nobody knows it, yank the release and look for the
    leak.

    **Source:** PEP 740; ultralytics 8.3.45 and 8.3.46 were uploaded with an old token
    and had no attestation, as the releases around them had (pypi/warehouse, blog of
    2024-12-11).
    """
    if not file.listed or not file.attestations:
        what = "lists no attestation" if not file.listed else "has an empty list"
        yield Violation(
            f"{policy.index.label} {what} of it, expected one that "
            f"{_shown(file.signers)} signed",
            fix="an uploaded file cannot be attested later: publish the next "
            "version by trusted publishing, with attestations on",
            evidence={"sha256": file.expected.sha256},
        )
        return
    faults = [
        (attestation, _fault(attestation, file)) for attestation in file.attestations
    ]
    bad = [(attestation, fault) for attestation, fault in faults if fault]
    if bad:
        proven = is_proven(file)
        yield Violation(
            f"{some([f'{a.filename} {fault}' for a, fault in bad], 3, '; ')}"
            + ("; another one is as expected" if proven else ""),
            fix="if that signer may publish, name it in the policy (repositories, "
            "workflows); else yank the file and find out who uploaded it",
            severity=Severity.WARNING if proven else Severity.ERROR,
            evidence=_evidence(bad[0][0], file),
        )
    for attestation, fault in faults:
        if not fault and (commit := _other_commit(attestation, file)):
            yield Violation(
                f"{attestation.filename} {commit}",
                fix="nothing, if the run that publishes makes the commit that is "
                "released, or follows the run that builds; else find out what it built",
                severity=Severity.NOTICE,
                evidence=_evidence(attestation, file),
            )
            return


def is_proven(file: PublishedFile) -> bool:
    """Whether one attestation of a file holds, for its bytes, of whom it should be."""
    return any(not _fault(attestation, file) for attestation in file.attestations)


def _fault(attestation: Attestation, file: PublishedFile) -> str:
    """Why an attestation proves nothing of the file; empty where it does."""
    expected = file.expected
    fault = fault_of(attestation, expected.filename, expected.sha256, file.signers)
    # The tag of a run is what is released, and a branch may move while one runs.
    is_of_tag = attestation.signer and attestation.signer.ref.startswith("refs/tags/")
    return fault or (_other_commit(attestation, file) if is_of_tag else "")


def _other_commit(attestation: Attestation, file: PublishedFile) -> str:
    """What is told of a run of another commit than was checked; empty of that one, and
    where either is not known.
    """
    signer = attestation.signer or Signer()
    if not (file.commit and signer.commit) or signer.commit == file.commit:
        return ""
    return (
        f"was signed in a run of {signer.commit[:12]} ({signer.ref:.100}), and the "
        f"manifest is of {file.commit[:12]}"
    )


def _evidence(attestation: Attestation, file: PublishedFile) -> Evidence:
    evidence = signer_evidence(attestation, file.signers)
    return {**evidence, "expected-commit": file.commit}


def fault_of(
    attestation: Attestation, filename: str, sha256: str, signers: Signers
) -> str:
    """Why an attestation does not prove that one of the signers published these bytes
    under this name; empty where it does.
    """
    if attestation.problem:
        return f"is none: {attestation.problem}"
    if not attestation.verified or attestation.signer is None:
        reason = attestation.refuted or "nobody looked"
        return f"does not verify: {reason}"
    if not attestation.is_known:
        return f"says {attestation.predicate_type!r:.100}, which proves no publication"
    if other := _other_file(attestation, filename, sha256):
        return f"speaks of {other}"
    return strange_signer(attestation.signer, signers)


def _other_file(attestation: Attestation, filename: str, sha256: str) -> str:
    """What an attestation speaks of in place of the file; empty where of that."""
    if len(attestation.subjects) != 1:
        return f"{len(attestation.subjects)} files"
    ((name, said),) = attestation.subjects
    if not is_same_file(name, filename):
        return f"{name!r:.200}"
    if said != sha256:
        return f"the sha256 {said:.64}, expected {sha256}"
    return ""


def is_same_file(name: str, filename: str) -> bool:
    """Whether two names are of one file: the order of a wheel's tags is no matter."""
    if name == filename:
        return True
    kind = filenames.kind_of(filename)
    if kind is None or filenames.kind_of(name) is not kind:
        return False
    one, other = (
        filenames.distribution(text, size=0, sha256="").name
        for text in (name, filename)
    )
    return (
        one is not None
        and other is not None
        and (one.project, one.version, one.build, one.tags)
        == (other.project, other.version, other.build, other.tags)
    )


# --- who signed -------------------------------------------------------------------

#: Where GitHub has its workflows; GitLab may have a file of that name too, and names
#: of owners are taken on each forge anew.
_OF_GITHUB = ".github/workflows/"


def strange_signer(signer: Signer, signers: Signers) -> str:
    """What is told of a signer who is none of those who may sign; empty of one who is.

    A forge does not tell names of owners and repositories by case; it does tell those
    of files. Where this run's own repository is expected, its number decides: a name
    can be given up, and taken by somebody else.
    """
    on_github = signer.workflow.startswith(_OF_GITHUB)
    is_own = _folded(signer.repository) in map(_folded, signers.repositories)
    if signers.repository_id and signer.repository_id:
        is_own = signer.repository_id == signers.repository_id
    is_expected = (
        is_own
        and signer.repository != ""
        and signer.workflow in signers.workflows
        and signer.forge == ("GitHub" if on_github else "GitLab")
    )
    if is_expected:
        return ""
    by = f"{signer.repository}, {signer.workflow}"
    if not (signer.repository and signer.workflow):
        where = f"{signer.repository} itself" if signer.repository else "a repository"
        why = f"no workflow of {where}" if signer.forge else "for whom no forge speaks"
        by = f"{signer.identity} ({why})" if signer.identity else "nobody that is named"
    elif is_own and signer.workflow in signers.workflows:
        by = f"{by} on {signer.forge or 'an unknown forge'}"
    elif not is_own and by == _shown(signers):
        by = f"{by}, another repository that had this name"
    return f"was signed by {by:.300}; expected {_shown(signers)}"


def _folded(repository: str) -> str:
    """A repository, as a forge compares names: other letters than ASCII's have no case
    that it knows.
    """
    return repository.lower() if repository.isascii() else repository


def _shown(signers: Signers) -> str:
    repositories = some(tuple(filter(None, signers.repositories)), between=" or ")
    workflows = some(tuple(filter(None, signers.workflows)), between=" or ")
    return f"{repositories or 'a repository'}, {workflows or 'a workflow'}"


def signer_evidence(attestation: Attestation, signers: Signers | None) -> Evidence:
    """Who signed, and who was expected, as a report's reader may compare them."""
    signer = attestation.signer or Signer()
    return {
        "repository": signer.repository,
        "workflow": signer.workflow,
        "identity": signer.identity,
        "commit": signer.commit,
        "ref": signer.ref,
        "expected-repositories": signers.repositories if signers else (),
        "expected-workflows": signers.workflows if signers else (),
    }
