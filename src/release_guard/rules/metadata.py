"""Core metadata: what the index will show and installers will obey."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.requirements import Requirement

from release_guard.facts import DescribedDistribution
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy, UploadRules
from release_guard.rules.base import rule

__all__ = ["dependency_url", "metadata_invalid", "metadata_version"]

#: What PyPI takes, as of 2026-08-21 (upload rule 20); 2.0 was never accepted as a
#: standard.
_ACCEPTED_VERSIONS = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5")
_VERSION_FIELD = "metadata-version"


@rule(DescribedDistribution, severity=Severity.ERROR)
def metadata_invalid(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """A field of the core metadata is not valid.

    **What it means:** `packaging`, which indexes and installers use, refuses the field;
    each refused field is a finding of its own.

    **Why it matters:** uploaders and indexes refuse the file; PyPI names only the first
    field.

    **How it happens:** a field is written by hand or by an old backend; a newer field
    stands under an older metadata version.

    **Fix:** correct the field in `pyproject.toml` (or the backend that writes it).

    **Source:** the core metadata specification; PyPI (upload rules 10, 21-24, 27, 35-38
    and 40, and of 26, 33 and 34 what `packaging` refuses).
    """
    for problem in file.metadata.problems:
        if problem.field != _VERSION_FIELD:
            what = f"the field {problem.field!r}" if problem.field else "the metadata"
            yield Violation(
                f"{what} is not valid: {problem.detail}",
                fix="correct the field where the project declares it, and build again",
                evidence={"field": problem.field},
            )


@rule(DescribedDistribution, severity=Severity.ERROR)
def metadata_version(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """The metadata version is not one that the index takes.

    **What it means:** `Metadata-Version` is missing, unknown to `packaging`, or, where
    the index applies PyPI's rules, newer than PyPI takes (as of 2026-08-21: 1.0, 1.1,
    1.2, 2.1 to 2.5).

    **Why it matters:** the upload is refused.

    **How it happens:** the build backend is newer than the index.

    **Fix:** pin the build backend to a release that writes an older version.

    **Source:** the core metadata specification; PyPI (upload rule 20).
    """
    fix = "pin the build backend to a release that writes an older version"
    problems = [p for p in file.metadata.problems if p.field == _VERSION_FIELD]
    for problem in problems:
        yield Violation(problem.detail, fix=fix)
    found = file.metadata.metadata_version
    on_pypi = policy.index.upload_rules is UploadRules.PYPI
    if on_pypi and not problems and found not in _ACCEPTED_VERSIONS:
        known = ", ".join(_ACCEPTED_VERSIONS)
        yield Violation(
            f"Metadata-Version is {found!r}; PyPI takes {known} (as of 2026-08-21)",
            fix=fix,
        )


@rule(DescribedDistribution, severity=Severity.ERROR)
def dependency_url(file: DescribedDistribution, policy: Policy) -> Iterator[Violation]:
    """A dependency is given by a URL.

    **What it means:** a `Requires-Dist` has the form `name @ url`, even behind an
    extra. Judged where the index applies PyPI's rules.

    **Why it matters:** PyPI refuses the file at upload.

    **How it happens:** a dependency on a fork or a branch was left in.

    **Fix:** depend on a released version.

    **Source:** PEP 508; PyPI (upload rule 33).
    """
    if policy.index.upload_rules is not UploadRules.PYPI:
        return
    for text in file.metadata.requires_dist:
        try:
            requirement = Requirement(text)
        except ValueError:
            # metadata-invalid speaks of it.
            continue
        if requirement.url:
            yield Violation(
                f"depends on {requirement.name} by a URL",
                fix=f"depend on a released version of {requirement.name}",
            )
