"""Attestations: does what stands beside a file speak of that file, and hold?"""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.facts import Attestation, AttestedDistribution, Distribution
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rulebook import MOST_ATTESTATIONS, Refusal
from release_guard.rules.base import rule
from release_guard.rules.provenance import (
    is_same_file,
    signer_evidence,
    strange_signer,
)

__all__ = ["attestation_invalid", "attestation_missing"]

_FIX = "sign the files again as they are uploaded, or remove the attestation"


@rule(
    AttestedDistribution,
    severity=Severity.ERROR,
    upload_rules=("131", "132", "133"),
)
def attestation_invalid(
    file: AttestedDistribution, policy: Policy
) -> Iterator[Violation]:
    """An attestation is none, does not hold, or is of another file or signer.

    **What it means:** a `.attestation` beside the file is no attestation (PEP 740),
    names another file or another sha256, or its signature does not hold by the keys
    that sigstore ships. Signed by another repository or workflow than the policy's, or
    this run's, it is an error where the policy says `provenance: required`, else a
    warning. Where the index applies PyPI's rules, also more than two of one file, two
    of one kind, or one that says something else than that PyPI published it or how it
    was built (SLSA).

    **Why it matters:** the index verifies attestations last: the file before it is
    public, this one is not.

    **How it happens:** a wheel was repaired, renamed or built again after it was
    signed; it was signed by another workflow than the one that publishes, or on
    somebody's machine.

    **Fix:** sign the files as they are uploaded, in the workflow that publishes. A
    signature of today may need a newer release-guard: sigstore changes its keys.

    **Source:** PEP 740; PyPI takes attestations only of the repository and workflow
    that are its trusted publisher.
    """
    for attestation in file.attestations:
        yield from _problems(attestation, file.distribution, policy)
        yield from _strangers(attestation, file, policy)
    if not policy.on_pypi:
        return
    count = len(file.attestations)
    if count > MOST_ATTESTATIONS:
        yield Violation(
            f"has {count} attestations, expected at most {MOST_ATTESTATIONS}",
            fix="remove those that are not needed",
            refusal=Refusal("131"),
        )
    kinds = [a.predicate_type for a in file.attestations if not a.problem]
    for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        yield Violation(
            f"has {kinds.count(kind)} attestations of one kind, {kind!r:.200}",
            fix="keep one of them",
            refusal=Refusal("133"),
        )


@rule(AttestedDistribution, severity=Severity.ERROR)
def attestation_missing(
    file: AttestedDistribution, policy: Policy
) -> Iterator[Violation]:
    """A file has no attestation beside it, and should have one.

    **What it means:** the policy says `provenance: required`, no `.attestation`
    (PEP 740) stands beside the file, and what publishes, as the policy's `publisher`
    names it, does not sign by itself. Where nothing is required, it is a warning that
    other files of the set have one and this one has none.

    **Why it matters:** a file that is uploaded cannot be attested later.

    **How it happens:** the step that signs did nothing, or came before a step that
    built more files.

    **Fix:** sign every file before the check. pypa/gh-action-pypi-publish signs as it
    uploads: name it as the `publisher`, and let `verify` prove it.

    **Source:** PEP 740; reports of signing that silently did nothing
    (langchain-ai/langchain 38822, spdx/ntia-conformance-checker 223).
    """
    if file.attestations:
        return
    signs_itself = policy.publisher is not None and policy.publisher.signs
    if policy.requires_provenance and not (signs_itself and not file.others):
        yield Violation(
            "has no attestation beside it, and the policy requires provenance",
            fix="sign the file before the check, or name what signs as it uploads: "
            "publisher: pypa/gh-action-pypi-publish@v1",
            evidence={"attested": file.others},
        )
    elif file.others:
        has = "another has" if file.others == 1 else f"{file.others} others have"
        yield Violation(
            f"has no attestation beside it, and {has} one",
            fix="sign all files or none",
            severity=Severity.WARNING,
            evidence={"attested": file.others},
        )


def _strangers(
    attestation: Attestation, file: AttestedDistribution, policy: Policy
) -> Iterator[Violation]:
    """A signature that holds, and is of somebody who is not expected."""
    if attestation.signer is None or file.signers is None:
        return
    if told := strange_signer(attestation.signer, file.signers):
        yield Violation(
            told,
            fix="sign in the workflow that publishes, or name that one in the policy "
            "(repositories, workflows)",
            where=attestation.filename,
            severity=None if policy.requires_provenance else Severity.WARNING,
            evidence=signer_evidence(attestation, file.signers),
            files=(file.distribution.filename,),
        )


def _problems(
    attestation: Attestation, file: Distribution, policy: Policy
) -> Iterator[Violation]:
    """What is wrong with one attestation of a file."""
    for told, row in _problems_of(attestation, file, policy):
        yield Violation(
            told,
            fix=_FIX,
            where=attestation.filename,
            evidence={"expected": file.sha256, "subjects": _shown(attestation)},
            refusal=Refusal(row),
            files=(file.filename,),
        )


def _shown(attestation: Attestation) -> tuple[str, ...]:
    return tuple(f"{name} {sha256}" for name, sha256 in attestation.subjects[:3])


def _problems_of(
    attestation: Attestation, file: Distribution, policy: Policy
) -> Iterator[tuple[str, str]]:
    """What is wrong, and the upload rule that refuses it."""
    if attestation.problem:
        yield f"is no attestation: {attestation.problem}", "131"
        return
    if policy.on_pypi and not attestation.is_known:
        said, index = attestation.predicate_type, policy.index.label
        yield f"says {said!r:.200}, which {index} does not take", "133"
    if attestation.verified is False:
        yield f"does not verify: {attestation.refuted}", "132"
    if len(attestation.subjects) != 1:
        yield f"speaks of {len(attestation.subjects)} files, expected one", "132"
    for name, sha256 in attestation.subjects[:1]:
        if not is_same_file(name, file.filename):
            yield f"speaks of {name!r:.300}, expected {file.filename}", "132"
        if sha256 != file.sha256:
            found = f"the sha256 {sha256:.80}" if sha256 else "no sha256"
            yield f"speaks of {found}, the file has {file.sha256}", "132"
