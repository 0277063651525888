"""Attestations: does what stands beside a file speak of that file?"""

from __future__ import annotations

from collections.abc import Iterator

from release_guard import filenames
from release_guard.facts import Attestation, AttestedDistribution, Distribution
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rulebook import MOST_ATTESTATIONS, Refusal
from release_guard.rules.base import rule

__all__ = ["attestation_invalid"]

_FIX = "sign the files again as they are uploaded, or remove the attestation"


@rule(
    AttestedDistribution,
    severity=Severity.ERROR,
    upload_rules=("131", "132", "133"),
)
def attestation_invalid(
    file: AttestedDistribution, policy: Policy
) -> Iterator[Violation]:
    """An attestation is none, or is of another file.

    **What it means:** a `.attestation` beside the file is no attestation (PEP 740), or
    names another file or another sha256. Where the index applies PyPI's rules, also
    more than two of one file, two of one kind, or one that says something else than
    that PyPI published it or how it was built (SLSA). The signature is not verified.

    **Why it matters:** the index verifies attestations last: the file before it is
    public, this one is not.

    **How it happens:** a wheel was repaired, renamed or built again after it was
    signed.

    **Fix:** sign the files as they are uploaded.

    **Source:** PEP 740.
    """
    for attestation in file.attestations:
        yield from _problems(attestation, file.distribution, policy)
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
    if len(attestation.subjects) != 1:
        yield f"speaks of {len(attestation.subjects)} files, expected one", "132"
    for name, sha256 in attestation.subjects[:1]:
        if not _is_same(name, file):
            yield f"speaks of {name!r:.300}, expected {file.filename}", "132"
        if sha256 != file.sha256:
            found = f"the sha256 {sha256:.80}" if sha256 else "no sha256"
            yield f"speaks of {found}, the file has {file.sha256}", "132"


def _is_same(name: str, file: Distribution) -> bool:
    """Whether two names are of one file: the order of a wheel's tags is no matter."""
    if name == file.filename:
        return True
    if filenames.kind_of(name) is not file.kind or file.name is None:
        return False
    other = filenames.distribution(name, size=0, sha256="").name
    mine = file.name
    return other is not None and (
        (other.project, other.version, other.build, other.tags)
        == (mine.project, mine.version, mine.build, mine.tags)
    )
