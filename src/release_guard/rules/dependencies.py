"""Dependencies: can an installer have them, and should a release rest on them?"""

from __future__ import annotations

from collections.abc import Iterator

from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.facts import Dependency, DescribedDistribution
from release_guard.filenames import by_version, parse_version
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy, VersionKind, kinds_of
from release_guard.requirements import wanted_of
from release_guard.rules.base import rule

__all__ = ["dependency_pin", "dependency_unavailable"]


@rule(DescribedDistribution, severity=Severity.WARNING)
def dependency_pin(file: DescribedDistribution, policy: Policy) -> Iterator[Violation]:
    """The release rests on an unfinished version of another project.

    **What it means:** a requirement asks for a dev or a local version, or takes one
    pre-release and no other version. A pre-release may ask for pre-releases, and any
    release for those of its own family (projects whose names begin alike). Of 966
    projects' wheels, two were told, both of extras.

    **Why it matters:** such versions go away, and local ones were never on a public
    index: then nobody can install this release any more. A requirement that names a
    pre-release also lets installers take later ones.

    **How it happens:** the lock of a development environment is copied into the
    metadata; a fix was awaited from a project that was not released yet.

    **Fix:** require a final version.

    **Source:** nucypher/atxm 81a3e0b: 0.2.0 and 0.2.1 required cryptography
    43.0.0.dev1, which was deleted.
    """
    own = parse_version(file.metadata.version)
    for text in sorted(set(file.metadata.requires_dist)):
        wanted = wanted_of(text)
        if wanted is None:
            # metadata-invalid speaks of it.
            continue
        is_family = _are_family(wanted.name, file.metadata.name)
        for operator, version in wanted.clauses:
            kind = _unfinished(operator, version, own, is_family=is_family)
            if kind:
                yield Violation(
                    f"requires {text!r:.200}, which is a {kind} version",
                    fix="require a final version of it",
                    evidence={"requirement": text, "kind": kind},
                )


def _unfinished(
    operator: str, text: str, own: Version | None, *, is_family: bool
) -> str:
    """Which kind of unfinished version a clause asks for, empty where it does not."""
    version = parse_version(text.removesuffix(".*"))
    if version is None or operator not in _ASKING:
        return ""
    kinds = kinds_of(version)
    if VersionKind.LOCAL in kinds:
        return "local"
    if is_family or (own is not None and own.is_prerelease):
        return ""
    is_pin = operator in _PINNING
    if VersionKind.DEV in kinds and (is_pin or version.dev):
        # ">=2.0.dev0" asks for none: it takes all of 2.0, and what comes before it.
        return "dev"
    return "pre-release" if VersionKind.PRE in kinds and is_pin else ""


#: Those that ask for a version, or one above it; the others keep off one.
_ASKING = ("==", "===", "~=", ">=", ">")
_PINNING = ("==", "===")


def _are_family(one: str, other: str) -> bool:
    """Whether two projects are made together, by how their names begin: jax and jaxlib,
    opentelemetry-sdk and opentelemetry-semantic-conventions.
    """
    first, second = map(canonicalize_name, (one, other))
    begins = first.partition("-")[0], second.partition("-")[0]
    return any(
        len(begin) >= _LEAST_BEGIN and name.startswith(begin)
        for begin, name in zip(begins, (second, first), strict=True)
    )


#: A shorter beginning says nothing.
_LEAST_BEGIN = 3


@rule(Dependency, severity=Severity.ERROR)
def dependency_unavailable(
    dependency: Dependency, policy: Policy
) -> Iterator[Violation]:
    """The release requires what the index does not have.

    **What it means:** the index lists no version of another project that a requirement
    takes, or only yanked ones. Looked up are requirements of one version (`==`), or
    all (`check-dependencies: all` in the policy). What is released together with this
    counts as listed. An error on PyPI; a warning on an index that may not be the only
    one, where a project that it does not know at all is passed over.

    **Why it matters:** nobody can install the release, or the extra that asks for it.

    **How it happens:** the version was deleted or yanked; it is on a private index; it
    should have been released first.

    **Fix:** require a version that is there, or release that one first.

    **Source:** nucypher/atxm 81a3e0b (cryptography 43.0.0.dev1, deleted).
    """
    is_only = policy.on_pypi
    listing = dependency.listing
    if not (listing.known or is_only):
        return
    versions = by_version(listing)
    offered = [v for v, files in versions.items() if not all(f.yanked for f in files)]
    yanked = sorted(versions.keys() - set(offered))
    where = policy.index.label
    for text in dependency.wanted:
        wanted = wanted_of(text)
        if wanted is None or any(wanted.fitting([*offered, *dependency.siblings])):
            continue
        only_yanked = sorted(wanted.fitting(yanked))
        if not listing.known:
            told = f"{where} has no project {wanted.name}"
        elif only_yanked:
            told = f"{where} has yanked {some([str(v) for v in only_yanked], 3)}"
        elif offered:
            told = f"{where} lists no such version; the newest is {max(offered)}"
        else:
            told = f"{where} offers no version of it at all"
        yield Violation(
            f"requires {text!r:.200}, and {told}",
            fix="require a version that the index has, or release that one first",
            severity=None if is_only else Severity.WARNING,
            evidence={
                "requirement": text,
                "yanked": tuple(str(version) for version in only_yanked),
            },
        )
