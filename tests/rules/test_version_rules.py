"""The rules of the version, case by case."""

from __future__ import annotations

import pytest
from builders import (
    INTERNAL,
    PYPI,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    policy,
    release,
)
from packaging.version import Version

from release_guard.policy import (
    IndexPolicy,
    Overrides,
    PolicyFile,
    VersionKind,
    resolve,
)
from release_guard.rules.version import kinds_of, version_kind, versions_in

_UNNAMED = resolve(
    PolicyFile(), Overrides(index_url="https://index.example/simple/")
).index
_FINAL = IndexPolicy("stable", accept=frozenset({VersionKind.FINAL}))
_ANY = IndexPolicy("any", accept=frozenset(VersionKind))

_ACCEPTED = {
    PYPI: ("1.0", "1!1.0", "1.0.post1", "1.0rc1", "1.0a1.post2", "v1.0-alpha.1"),
    _UNNAMED: ("1.0", "1.0.post1", "1.0b2"),
    INTERNAL: ("1.0", "2.0rc1"),
    TESTPYPI: ("1.0", "1.0.dev1", "1.0rc1.post2.dev3"),
    _FINAL: ("1.0", "2026.11"),
    _ANY: ("1.0", "1.0.dev1", "1.0+cpu", "1.dev0+g1"),
}
_REFUSED = {
    (PYPI, "43.0.0.dev1"): "a dev version; pypi takes final, post, pre",
    (PYPI, "1.0rc1.dev2"): "a dev version; pypi takes final, post, pre",
    (PYPI, "1.0.post1.dev2"): "a dev version; pypi takes final, post, pre",
    (PYPI, "1.0+cpu"): "a local version; pypi takes final, post, pre",
    (PYPI, "1.dev0+g1"): "a dev and local version; pypi takes final, post, pre",
    (TESTPYPI, "1.0+cpu"): "a local version; testpypi takes final, post, pre, dev",
    (TESTPYPI, "1.dev0+g1"): "a local version; testpypi takes final, post, pre, dev",
    (INTERNAL, "1.0+cpu"): "a local version; internal takes final, post, pre",
    (_UNNAMED, "1.0.dev1"): ("a dev version; an unnamed index takes final, post, pre"),
    (INTERNAL, "1.0.dev1"): "a dev version; internal takes final, post, pre",
    (_FINAL, "1.0rc1"): "a pre version; stable takes final",
    (_FINAL, "1.0.post1"): "a post version; stable takes final",
    (_FINAL, "1.0rc1.post1"): "a post and pre version; stable takes final",
}

CASES = [
    *(
        Case(
            version_kind,
            f"{version} may go to {index.label}",
            release(f"demo-{version}-py3-none-any.whl"),
            policy(index),
        )
        for index, versions in _ACCEPTED.items()
        for version in (str(Version(v)) for v in versions)
    ),
    *(
        Case(
            version_kind,
            f"{version} may not go to {index.label}",
            release(f"demo-{version}-py3-none-any.whl"),
            policy(index),
            (
                Says(
                    f"{version} is {told}",
                    row="25" if "+" in version and index in (PYPI, TESTPYPI) else "",
                ),
            ),
        )
        for (index, version), told in _REFUSED.items()
    ),
    Case(
        version_kind,
        "one wheel of a development version among final ones",
        release(SDIST, WHEEL, "demo-1.1.dev1-py3-none-any.whl"),
        says=(Says("1.1.dev1 is a dev version; pypi takes final, post, pre"),),
    ),
    Case(
        version_kind,
        "a development version only in the metadata",
        release(metadata_versions={SDIST: "1.0.dev7"}),
        says=(Says("1.0.dev7 is a dev version; pypi takes final, post, pre"),),
    ),
    Case(
        version_kind,
        "no version in the metadata is left to metadata-invalid",
        release(metadata_versions={SDIST: "unknown", WHEEL: "9" * 5000}),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    assert case.found() == case.wanted()


def test_each_version_is_told_with_the_files_that_say_it() -> None:
    made = release(
        SDIST,
        "demo-1.0.0-py3-none-any.whl",
        "demo.whl",
        metadata_versions={SDIST: "0.9", "demo.whl": "1.0"},
    )

    assert versions_in(made) == {
        Version("0.9"): [SDIST],
        Version("1.0"): [SDIST, "demo-1.0.0-py3-none-any.whl", "demo.whl"],
    }
    assert list(versions_in(made)) == [Version("0.9"), Version("1.0")]


@pytest.mark.parametrize(
    ("version", "kinds"),
    [
        ("1.0", {"final"}),
        ("1!1.0", {"final"}),
        ("0.0.0", {"final"}),
        ("1.0.post0", {"post"}),
        ("1.0-1", {"post"}),
        ("1.0a0", {"pre"}),
        ("1.0.dev0", {"dev"}),
        ("1.0+0", {"local"}),
        ("1.0rc1.post2.dev3+l", {"pre", "post", "dev", "local"}),
    ],
)
def test_a_version_is_of_every_kind_that_it_bears(
    version: str, kinds: set[str]
) -> None:
    assert kinds_of(Version(version)) == kinds


def test_the_version_and_its_files_are_evidence() -> None:
    (finding,) = version_kind.findings(release("demo-1.0+cpu.tar.gz"), policy(TESTPYPI))

    assert finding.evidence == {"version": "1.0+cpu", "files": ("demo-1.0+cpu.tar.gz",)}
