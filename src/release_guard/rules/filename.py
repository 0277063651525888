"""File names: what an index and an installer read before anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.tags import Tag
from packaging.utils import canonicalize_name

from release_guard.facts import DescribedDistribution, Distribution, Kind
from release_guard.filenames import parse_version
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rulebook import AGES_AFTER, AS_OF, Refusal, is_platform
from release_guard.rules.base import rule

__all__ = [
    "filename_invalid",
    "filename_metadata_mismatch",
    "filename_not_normalized",
    "platform_tag_refused",
    "tag_uninstallable",
]

#: A file system takes 255 bytes, and an index stores a wheel's metadata beside it.
_LONGEST = 255
_BESIDE = ".metadata"
#: Before it takes a wheel's name apart, the server splits off project and version.
_LEAST_DASHES = 2


@rule(
    Distribution,
    severity=Severity.ERROR,
    upload_rules=("60", "61", "87", "100", "110", "120", "500.4"),
)
def filename_invalid(file: Distribution, policy: Policy) -> Iterator[Violation]:
    """The file name is no valid name of a wheel or sdist.

    **What it means:** the name cannot be taken apart into project, version and (for a
    wheel) build and compatibility tags.

    **Why it matters:** indexes refuse the file, and installers do not see it.

    **How it happens:** a file is renamed by hand, or a version is not PEP 440's.

    **Fix:** build the file again instead of renaming it.

    **Source:** the wheel and sdist specifications.
    """
    form = (
        "project-version-python-abi-platform.whl"
        if file.kind is Kind.WHEEL
        else "project-version.tar.gz"
    )
    is_wheel = file.kind is Kind.WHEEL
    length = len(file.filename.encode("utf-8", "surrogateescape"))
    longest = _LONGEST - len(_BESIDE) if is_wheel else _LONGEST
    if file.name is None:
        too_long = length > _LONGEST
        row = "500.4" if too_long else "110" if is_wheel else "100"
        if is_wheel and file.filename.count("-") < _LEAST_DASHES:
            # The server looks for WHEEL first, and does not know where.
            row = "87"
        yield Violation(
            f"is no valid name of a {file.kind}: {file.name_error}",
            fix=f"build it again; the name must be {form}",
            refusal=Refusal(row),
        )
    if not file.filename.isprintable():
        is_control = any(ord(c) < ord(" ") or c == "\x7f" for c in file.filename)
        yield Violation(
            "holds a character that cannot be printed",
            fix="build it again",
            refusal=Refusal("60") if is_control else None,
        )
    if not policy.on_pypi:
        return
    if "\\" in file.filename:
        yield Violation(
            "holds a backslash", fix="build it again", refusal=Refusal("61")
        )
    if longest < length:
        yield Violation(
            f"is {length} bytes long, expected at most {longest}",
            fix="shorten the project's name, the version or the tags",
            refusal=Refusal("120" if is_wheel else "500.4"),
        )


@rule(Distribution, severity=Severity.ERROR, upload_rules=("111",))
def platform_tag_refused(file: Distribution, policy: Policy) -> Iterator[Violation]:
    """The index does not take wheels for this platform.

    **What it means:** a platform tag of the wheel is none of those that PyPI knows;
    judged where the index applies PyPI's rules. `linux_x86_64` says nothing of the C
    library, `macosx_14_2_arm64` names a minor version that no installer asks for.

    **Why it matters:** PyPI refuses the file, and no installer would choose it.

    **How it happens:** the wheel was built and not repaired; a deployment target with a
    minor version; a platform that PyPI does not know yet.

    **Fix:** repair it with auditwheel or delocate, or set
    `MACOSX_DEPLOYMENT_TARGET=14.0`.

    **Source:** PEP 600, PEP 656, PEP 730, PEP 738; macOS tags with a minor version are
    refused since 2025-12-01.
    """
    if file.name is None or not policy.on_pypi:
        return
    age = policy.today - AS_OF
    for platform in sorted({tag.platform for tag in file.name.tags}):
        if is_platform(platform):
            continue
        advice, never = _platform_advice(platform)
        if age > AGES_AFTER and not never:
            yield Violation(
                f"the platform {platform!r:.80} is not known to a list that is "
                f"{age.days} days old",
                fix=f"update release-guard; {advice}",
                severity=Severity.WARNING,
            )
        else:
            yield Violation(
                f"the platform {platform!r:.80} is none that {policy.index.label} takes"
                f" (as of {AS_OF})",
                fix=advice,
                evidence={"platform": platform},
                refusal=Refusal("111"),
            )


def _platform_advice(platform: str) -> tuple[str, bool]:
    """How the platform is spelled, and whether this spelling will never be taken."""
    for pattern, spelled, advice in _REFUSED_PLATFORMS:
        found = pattern.fullmatch(platform)
        if found and is_platform(known := found.expand(spelled)):
            return advice.format(known), True
    return "build for one of the platforms that the index takes", False


#: Spellings that say too little or too much, and what they should be.
_REFUSED_PLATFORMS = (
    (
        re.compile(r"linux_(\w+)"),
        r"manylinux_2_28_\1",
        "repair it with auditwheel, which tags it {} or what fits",
    ),
    (
        re.compile(r"macosx_(1[1-9]|[2-9]\d)_[1-9]\d*_(\w+)"),
        r"macosx_\1_0_\2",
        "set MACOSX_DEPLOYMENT_TARGET to the first minor version, tagged {}",
    ),
)


@rule(Distribution, severity=Severity.ERROR)
def tag_uninstallable(file: Distribution, policy: Policy) -> Iterator[Violation]:
    """No installer asks for the wheel's tags.

    **What it means:** a tag holds what no Python has: an ABI that is the name of a
    platform (`cp310-universal2-macosx_10_9_universal2`), the ABI of another CPython
    than the Python tag (`cp39-cp310`), or macOS for arm64 before 11
    (`macosx_10_9_arm64`). Of several tags, all must be such.

    **Why it matters:** indexes take the wheel, and nobody gets it: installers build
    from the sdist instead, or take an older release.

    **How it happens:** the parts of the name are put together by hand; the deployment
    target of x86_64 is used for arm64 as well.

    **Fix:** let the build backend or `wheel tags` name the wheel.

    **Source:** python-greenlet/greenlet 369; delta-io/delta-rs 972. Of 190,319 wheels
    that an index lists it tells 46: those of greenlet, and 24 of black for
    `macosx_10_16_arm64`.
    """
    tags = file.name.tags if file.name else frozenset()
    reasons = {_impossible(tag) for tag in tags}
    if tags and "" not in reasons:
        yield Violation(
            f"no installer asks for its tags: {min(reasons)}",
            fix="let the build backend name the wheel, or: python -m wheel tags",
            evidence={"tags": tuple(sorted(map(str, tags)))[:_MOST_TAGS]},
        )


_MOST_TAGS = 20


def _impossible(tag: Tag) -> str:
    """What no Python has of a tag, empty where there is nothing to say."""
    abi, python = tag.abi, tag.interpreter
    if _PLATFORM_AS_ABI.fullmatch(abi):
        return f"{abi!r:.80} is no ABI"
    cpython = _CPYTHON.fullmatch(abi)
    if cpython and _CPYTHON.fullmatch(python) and cpython["version"] != python[2:]:
        return f"{python:.40} does not have the ABI {abi:.40}"
    if _MACOS_TOO_OLD.fullmatch(tag.platform):
        return f"{tag.platform:.80} is older than any macOS for arm64, which is 11.0"
    return ""


_PLATFORM_AS_ABI = re.compile(
    r"any|universal2?|intel|fat\d*|x86_64|amd64|i[3-6]86|arm64|aarch64"
    r"|(?:many|musl)?linux\w*|macosx_\w+|win(?:32|_\w+)"
)
#: An ABI may have letters behind the version: cp37m, cp313t.
_CPYTHON = re.compile(r"cp(?P<version>\d+)[a-z]*")
_MACOS_TOO_OLD = re.compile(r"macosx_10_\d+_arm64")


@rule(Distribution, severity=Severity.ERROR, upload_rules=("102", "113"))
def filename_not_normalized(file: Distribution, policy: Policy) -> Iterator[Violation]:
    """The file name is valid, but not in its normalized spelling.

    **What it means:** a wheel's name must begin with the normalized project name
    (lower case, `_` for any run of `-`, `_` and `.`); an sdist's must be exactly
    `project-version.tar.gz` with both parts normalized. An error where the index
    applies PyPI's rules, else a warning.

    **Why it matters:** PyPI refuses it since 2025-10-23.

    **How it happens:** an old build backend, or a renamed file.

    **Fix:** update the build backend and build again.

    **Source:** PEP 625; the wheel specification.
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
        yield Violation(
            what,
            fix="update the build backend, and build again",
            severity=None if policy.on_pypi else Severity.WARNING,
            evidence={"expected": expected, "found": found},
            refusal=Refusal("113" if file.kind is Kind.WHEEL else "102"),
        )


@rule(
    DescribedDistribution,
    severity=Severity.ERROR,
    upload_rules=("101", "102", "112", "114"),
)
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

    **Source:** a wheel named 0.4.1 in triton's release
    0.4.0 (pypi/warehouse 15884).
    """
    name, metadata = file.distribution.name, file.metadata
    if name is None:
        return
    inside = parse_version(metadata.version)
    is_wheel = file.distribution.kind is Kind.WHEEL
    project = name.project
    if not is_wheel and inside is not None and inside.is_postrelease:
        # "demo-1.0-1.tar.gz" may be 1.0.post1: then the name ends a dash earlier.
        shorter = canonicalize_name(name.spelled_project.rpartition("-")[0])
        is_shorter = shorter == canonicalize_name(metadata.name)
        project = shorter if is_shorter else project
    # Of a name that is none metadata-invalid speaks.
    is_name = all(problem.field != "name" for problem in metadata.problems)
    if is_name and metadata.name and canonicalize_name(metadata.name) != project:
        row = "112" if file.distribution.kind is Kind.WHEEL else "101"
        yield _mismatch("project", metadata.name, name.spelled_project, row)
    # Of a version that is none metadata-invalid speaks.
    # PyPI names an sdist by the version inside, to the letter.
    to_the_letter = policy.on_pypi and not is_wheel
    is_same = inside == name.version and not (
        to_the_letter and str(inside) != str(name.version)
    )
    if inside is not None and not is_same:
        row = "114" if is_wheel else "102"
        yield _mismatch("version", metadata.version, name.spelled_version, row)


def _mismatch(what: str, inside: str, outside: str, row: str) -> Violation:
    return Violation(
        f"the metadata says {what} {inside!r}, the file name {outside!r}",
        fix="build the file again from a clean tree; do not rename it",
        evidence={"metadata": inside, "filename": outside},
        refusal=Refusal(row),
    )
