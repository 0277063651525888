"""File names: what an index and an installer read before anything else."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.utils import canonicalize_name

from release_guard.facts import DescribedDistribution, Distribution, Kind
from release_guard.filenames import parse_version
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy, UploadRules
from release_guard.rules.base import rule

__all__ = ["filename_invalid", "filename_metadata_mismatch", "filename_not_normalized"]

#: A file system takes 255 bytes, and an index stores ``<name>.metadata`` beside it.
_LONGEST = 255 - len(".metadata")


@rule(Distribution, severity=Severity.ERROR)
def filename_invalid(file: Distribution, policy: Policy) -> Iterator[Violation]:
    """The file name is no valid name of a wheel or sdist.

    **What it means:** the name cannot be taken apart into project, version and (for a
    wheel) build and compatibility tags.

    **Why it matters:** indexes refuse the file, and installers do not see it.

    **How it happens:** a file is renamed by hand, or a version is not PEP 440's.

    **Fix:** build the file again instead of renaming it.

    **Source:** the wheel and sdist specifications; PyPI (upload rules 60-62, 100, 110,
    120).
    """
    form = (
        "project-version-python-abi-platform.whl"
        if file.kind is Kind.WHEEL
        else "project-version.tar.gz"
    )
    if file.name is None:
        yield Violation(
            f"is no valid name of a {file.kind}: {file.name_error}",
            fix=f"build it again; the name must be {form}",
        )
    if policy.index.upload_rules is not UploadRules.PYPI:
        return
    if not file.filename.isprintable():
        yield Violation(
            "holds a character that cannot be printed", fix="build it again"
        )
    length = len(file.filename.encode("utf-8", "surrogateescape"))
    if length > _LONGEST:
        yield Violation(
            f"is {length} bytes long, expected at most {_LONGEST}",
            fix="shorten the project's name, the version or the tags",
        )


@rule(Distribution, severity=Severity.ERROR)
def filename_not_normalized(file: Distribution, policy: Policy) -> Iterator[Violation]:
    """The file name is valid, but not in its normalized spelling.

    **What it means:** a wheel's name must begin with the normalized project name
    (lower case, `_` for any run of `-`, `_` and `.`); an sdist's must be exactly
    `project-version.tar.gz` with both parts normalized. An error where the index
    applies PyPI's rules, else a warning.

    **Why it matters:** PyPI refuses it since 2025-10-23.

    **How it happens:** an old build backend, or a renamed file.

    **Fix:** update the build backend and build again.

    **Source:** PEP 625; PyPI (upload rules 101, 102, 112, 113).
    """
    if file.name is None:
        return
    project = file.name.project.replace("-", "_")
    version = str(file.name.version)
    if file.kind is Kind.WHEEL:
        expected, found = project, file.name.spelled_project
        what = f"begins with {found!r}, expected {expected!r}"
    else:
        expected, found = f"{project}-{version}.tar.gz", file.filename
        what = f"expected the name {expected!r}"
    if found != expected:
        strict = policy.index.upload_rules is UploadRules.PYPI
        yield Violation(
            what,
            fix="update the build backend, and build again",
            severity=None if strict else Severity.WARNING,
            evidence={"expected": expected, "found": found},
        )


@rule(DescribedDistribution, severity=Severity.ERROR)
def filename_metadata_mismatch(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """The file name and the metadata inside say different things.

    **What it means:** the project or the version in the file name is not the one in
    METADATA or PKG-INFO. `1.0` and `1.0.0` are the same version.

    **Why it matters:** the index files the upload under what the metadata says, and
    installers under what the name says.

    **How it happens:** a file is renamed; a second `.dist-info` is picked up; the
    version is computed twice, in two ways.

    **Fix:** build the file again from a clean tree.

    **Source:** PyPI (upload rules 112, 114); a wheel named 0.4.1 in triton's release
    0.4.0 (pypi/warehouse 15884).
    """
    name, metadata = file.distribution.name, file.metadata
    if name is None:
        return
    if metadata.name and canonicalize_name(metadata.name) != name.project:
        yield _mismatch("project", metadata.name, name.spelled_project)
    inside = parse_version(metadata.version)
    # Of a version that is none metadata-invalid speaks.
    if inside is not None and inside != name.version:
        yield _mismatch("version", metadata.version, name.spelled_version)


def _mismatch(what: str, inside: str, outside: str) -> Violation:
    return Violation(
        f"the metadata says {what} {inside!r}, the file name {outside!r}",
        fix="build the file again from a clean tree; do not rename it",
        evidence={"metadata": inside, "filename": outside},
    )
