"""The rules of dependencies, case by case."""

from __future__ import annotations

from dataclasses import replace

from builders import (
    INTERNAL,
    SDIST,
    Case,
    Says,
    described,
    indexed,
    policy,
    release,
)
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.facts import Dependency, DescribedDistribution, Listing
from release_guard.findings import Severity
from release_guard.rules.dependencies import dependency_pin, dependency_unavailable


def _requires(*texts: str, version: str = "1.0") -> DescribedDistribution:
    return described(f"demo-{version}.tar.gz", requires_dist=texts)


def _depends(
    wanted: str, listed: str = "", *siblings: str, known: bool = True
) -> Dependency:
    """A requirement of ``other``, and the versions that are listed; ``~1.0`` is a
    yanked one.
    """
    files = tuple(
        indexed(
            f"other-{word.removeprefix('~')}.tar.gz",
            version=Version(word.removeprefix("~")),
            yanked=word.startswith("~"),
        )
        for word in listed.split()
    )
    url = "https://index.example/simple/other/"
    listing = Listing(canonicalize_name("other"), url, files, known)
    made = tuple(map(Version, siblings))
    return Dependency(release(), (wanted,), listing, made)


CASES = [
    # dependency-pin
    Case(dependency_pin, "no dependencies", _requires()),
    Case(dependency_pin, "final versions", _requires("a==1.0", "b>=2,<3", "c~=1.4")),
    Case(dependency_pin, "a post-release", _requires("a==1.0.post1")),
    Case(dependency_pin, "a family of versions", _requires("a==1.*")),
    Case(dependency_pin, "keeps off a pre-release", _requires("a!=1.0rc1,<2.0a0")),
    Case(
        dependency_pin,
        "all of a version, and what comes before it (numba and llvmlite)",
        _requires("llvmlite>=0.50.dev0,<0.51"),
    ),
    Case(dependency_pin, "from a pre-release on", _requires("a>=2.0rc1", "b~=3.0b2")),
    Case(
        dependency_pin,
        "a pre-release of the own family",
        _requires("demo-core==1.0b1", "demolib==1.0b1"),
    ),
    Case(
        dependency_pin,
        "a pre-release may ask for one",
        _requires("a==2.0rc1", "b==1.0.dev3", version="1.0rc1"),
    ),
    Case(
        dependency_pin,
        "what is no requirement is told elsewhere",
        _requires("a=1.dev1"),
    ),
    Case(
        dependency_pin, "a direct reference", _requires("a @ https://a.example/a.whl")
    ),
    Case(
        dependency_pin,
        "a dev version in an extra (nucypher/atxm 81a3e0b)",
        _requires('cryptography==43.0.0.dev1; extra == "test"'),
        says=(
            Says(
                "requires 'cryptography==43.0.0.dev1; extra == \"test\"', which is a "
                "dev version",
                SDIST,
            ),
        ),
    ),
    Case(
        dependency_pin,
        "a dev version, told as it is written",
        _requires("Other_Name (==43.0.0.dev1)"),
        says=(Says("requires 'Other_Name (==43.0.0.dev1)', which is a dev version"),),
    ),
    Case(
        dependency_pin,
        "from a dev version on",
        _requires("a>=2.0.dev3"),
        says=(Says("requires 'a>=2.0.dev3', which is a dev version"),),
    ),
    Case(
        dependency_pin,
        "one pre-release",
        _requires("a===2.0rc1", "b==1.0b2"),
        says=(
            Says("requires 'a===2.0rc1', which is a pre-release version"),
            Says("requires 'b==1.0b2', which is a pre-release version"),
        ),
    ),
    Case(
        dependency_pin,
        "a local version, even of the own family and by a pre-release",
        _requires("demo-core==1.0+build5", version="1.0rc1"),
        says=(Says("requires 'demo-core==1.0+build5', which is a local version"),),
    ),
    # dependency-unavailable
    Case(dependency_unavailable, "it is listed", _depends("other==1.0", "0.9 1.0.0")),
    Case(
        dependency_unavailable,
        "a local version of it is listed",
        _depends("other==1.0", "1.0+cpu"),
    ),
    Case(
        dependency_unavailable,
        "it is released together with this one",
        _depends("other==1.0", "", "1.0", known=False),
    ),
    Case(
        dependency_unavailable,
        "only a pre-release fits",
        _depends("other>=1.5", "1.0 2.0rc1"),
    ),
    Case(
        dependency_unavailable,
        "one that is yanked, and one that is not",
        _depends("other>=1", "~1.1 1.0"),
    ),
    Case(
        dependency_unavailable,
        "an index that does not know it may not be the only one",
        _depends("other==1.0", known=False),
        policy(INTERNAL),
    ),
    Case(
        dependency_unavailable,
        "it was deleted (nucypher/atxm 81a3e0b)",
        _depends("other==1.0", "0.9 1.1"),
        says=(
            Says(
                "requires 'other==1.0', and pypi lists no such version; the newest is "
                "1.1",
                "demo 1.0",
            ),
        ),
    ),
    Case(
        dependency_unavailable,
        "no version is left",
        _depends("other==1.0"),
        says=(Says("…, and pypi offers no version of it at all"),),
    ),
    Case(
        dependency_unavailable,
        "it is yanked",
        _depends("other==1.0", "~1.0 1.1"),
        says=(Says("…, and pypi has yanked 1.0"),),
    ),
    Case(
        dependency_unavailable,
        "all that fit are yanked",
        _depends("other<1.2,>=1", "~1.0 ~1.1 1.2"),
        says=(Says("…, and pypi has yanked 1.0, 1.1"),),
    ),
    Case(
        dependency_unavailable,
        "another version is released together with this one",
        _depends("other==1.0", "", "1.1", known=False),
        says=(Says("…, and pypi has no project other"),),
    ),
    Case(
        dependency_unavailable,
        "another index may not be the only one",
        _depends("other==1.0", "1.1"),
        policy(INTERNAL),
        (Says("…lists no such version; the newest is 1.1", "", Severity.WARNING),),
    ),
]


def test_the_subject_is_called_by_the_release() -> None:
    assert _depends("other==1.0").label == "demo 1.0"


def test_each_requirement_of_a_project_is_judged() -> None:
    both = replace(
        _depends("other==1.0", "1.0"),
        wanted=("other==1.0", 'other==2.0; extra == "new"', "no requirement"),
    )

    (finding,) = dependency_unavailable.findings(both, policy())

    assert finding.evidence["requirement"] == 'other==2.0; extra == "new"'
