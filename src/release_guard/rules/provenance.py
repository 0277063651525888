"""Provenance: did this repository and its workflow sign what the index has?"""

from __future__ import annotations

from collections.abc import Iterator

from release_guard import filenames
from release_guard.facts import (
    Attestation,
    ExpectedFile,
    PublishedFile,
    Signer,
    Signers,
)
from release_guard.findings import Evidence, Severity, Violation, some
from release_guard.policy import Policy
from release_guard.rules.base import rule

__all__ = [
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
    run. Elsewhere a file without attestations is nothing; attestations that do not
    verify, or of another signer, are a warning.

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
    is_required = policy.requires_provenance
    if not file.listed or not file.attestations:
        if is_required:
            what = "lists no attestation" if not file.listed else "has an empty list"
            yield Violation(
                f"{policy.index.label} {what} of it, expected one that "
                f"{_shown(file.signers)} signed",
                fix="an uploaded file cannot be attested later: publish the next "
                "version by trusted publishing, with attestations on",
                evidence={"sha256": file.expected.sha256},
            )
        return
    faults = [(a, _fault(a, file)) for a in file.attestations]
    bad = [(attestation, fault) for attestation, fault in faults if fault]
    if not bad:
        return
    is_proven = len(bad) < len(faults)
    yield Violation(
        f"{some([f'{a.filename} {fault}' for a, fault in bad], 3, '; ')}"
        + ("; another one is as expected" if is_proven else ""),
        fix="if that signer may publish, name it in the policy (repositories, "
        "workflows); else yank the file and find out who uploaded it",
        severity=Severity.ERROR if is_required and not is_proven else Severity.WARNING,
        evidence=signer_evidence(bad[0][0], file.signers),
    )


def _fault(attestation: Attestation, file: PublishedFile) -> str:
    """Why an attestation proves nothing of the file; empty where it does."""
    if attestation.problem:
        return f"is none: {attestation.problem}"
    if not attestation.verified or attestation.signer is None:
        reason = attestation.refuted or "nobody looked"
        return f"does not verify: {reason}"
    if not attestation.is_known:
        return f"says {attestation.predicate_type!r:.100}, which proves no publication"
    if other := _other_file(attestation, file.expected):
        return f"speaks of {other}"
    return strange_signer(attestation.signer, file.signers)


def _other_file(attestation: Attestation, expected: ExpectedFile) -> str:
    """What an attestation speaks of in place of the file; empty where of that."""
    if len(attestation.subjects) != 1:
        return f"{len(attestation.subjects)} files"
    ((name, sha256),) = attestation.subjects
    if not is_same_file(name, expected.filename):
        return f"{name!r:.200}"
    if sha256 != expected.sha256:
        return f"the sha256 {sha256:.64}, expected {expected.sha256}"
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
    is_own = signer.repository.lower() in map(str.lower, signers.repositories)
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
        by = signer.identity or "nobody that is named"
    elif is_own and signer.workflow in signers.workflows:
        by = f"{by} on {signer.forge or 'an unknown forge'}"
    elif not is_own and by == _shown(signers):
        by = f"{by}, another repository that had this name"
    return f"was signed by {by:.300}; expected {_shown(signers)}"


def _shown(signers: Signers) -> str:
    repositories = some(signers.repositories, between=" or ")
    return f"{repositories}, {some(signers.workflows, between=' or ')}"


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
