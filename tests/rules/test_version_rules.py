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
    described,
    policy,
    release,
)
from packaging.version import Version

from release_guard.policy import (
    IndexPolicy,
    Overrides,
    PolicyFile,
    UploadRules,
    VersionKind,
    kinds_of,
    resolve,
)
from release_guard.rules.version import (
    version_kind,
    version_not_canonical,
    version_placeholder,
    versions_in,
)

_UNNAMED = resolve(
    PolicyFile(), Overrides(index_url="https://index.example/simple/")
).index
_FINAL = IndexPolicy("stable", accept=frozenset({VersionKind.FINAL}))
_ANY = IndexPolicy("any", accept=frozenset(VersionKind))
_LOCAL = IndexPolicy("local", accept=frozenset({VersionKind.LOCAL}))

_ACCEPTED = {
    PYPI: ("1.0", "1!1.0", "1.0.post1", "1.0rc1", "1.0a1.post2", "v1.0-alpha.1"),
    _UNNAMED: ("1.0", "1.0.post1", "1.0b2"),
    INTERNAL: ("1.0", "2.0rc1"),
    TESTPYPI: ("1.0", "1.0.dev1", "1.0rc1.post2.dev3"),
    _FINAL: ("1.0", "2026.11"),
    _ANY: ("1.0", "1.0.dev1", "1.0+cpu", "1.dev0+g1"),
    _LOCAL: ("1.0+cpu",),
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
    (_LOCAL, "1.0"): "a final version; local takes local",
}

_LATER = (
    "it was built from a commit after the newest tag that the build saw: it was not "
    "built from the tag, or the tag was not fetched"
)
_NO_TAG = "found no tag: the checkout is shallow, or its tags were not fetched"
_CHANGED = "the tree had changes when it was built"
#: Versions that a tool made, the kinds that PyPI refuses, and why they came about.
_MADE = {
    "hubtty/hubtty#144": (
        "0.1.dev1+gb4ebee854",
        "dev and local",
        f"setuptools-scm and its like {_NO_TAG}",
    ),
    "camelot-dev/camelot#596": (
        "1.0.3.dev0+g1a2b3c4d5.d20250809",
        "dev and local",
        _CHANGED,
    ),
    "awslabs/llm-evaluation-system#57": (
        "0.3.6.dev2+g1a2b3c4d5",
        "dev and local",
        _LATER,
    ),
    "pycalphad/pycalphad#532: no commit in it": ("0.10.4.post2.dev13", "dev", ""),
    "Deltares/hydromt#1184: raised by hand": ("1.0.1.dev0", "dev", ""),
}

#: What a tool or a template left there, and the beginning of the cause.
_PLACEHOLDERS = {
    "hubtty/hubtty#144": ("0.1.dev1+gb4ebee854", f"setuptools-scm … {_NO_TAG}"),
    "cognizant-ai-lab/neuro-san#1079": (
        "0.1.dev1+g0795801",
        f"setuptools-scm … {_NO_TAG}",
    ),
    "pycalphad/pycalphad#532": ("0.1.dev1", f"setuptools-scm … {_NO_TAG}"),
    "fatiando/harmonica#669": ("0.0.post100", f"setuptools-scm … {_NO_TAG}"),
    "dunamai in a shallow clone": ("0.0.0.post4.dev0", f"dunamai … {_NO_TAG}"),
    "versioneer outside of a repository": ("0+unknown", "versioneer … found no tag, …"),
    "a plugin that did not run": ("0.0.0", "it is a placeholder that nothing …"),
    "a build without a repository, by hand": ("0.0.0+local", "it is a placeholder …"),
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
    *(
        Case(
            version_kind,
            f"{incident} tells the cause",
            release(f"demo-{version}.tar.gz"),
            says=(
                Says(
                    f"{version} is a {kinds} version; pypi takes final, post, pre"
                    + (f" ({cause})" if cause else "")
                ),
            ),
        )
        for incident, (version, kinds, cause) in _MADE.items()
    ),
    Case(
        version_kind,
        "a placeholder is of a kind that PyPI takes",
        release("demo-0.0.0.tar.gz", "demo-0.0.post100-py3-none-any.whl"),
    ),
    Case(
        version_kind,
        "an index by PyPI's rules that the policy lets only local versions to",
        release(SDIST),
        policy(
            IndexPolicy(
                "odd",
                accept=frozenset({VersionKind.LOCAL}),
                upload_rules=UploadRules.PYPI,
            )
        ),
        (Says("1.0 is a final version; odd takes nothing"),),
    ),
    # version-placeholder
    *(
        Case(
            version_placeholder,
            f"{index.label}: {what}",
            release(f"demo-{version}.tar.gz"),
            policy(index),
            (Says(f"{version} is nobody's choice: {cause}"),),
        )
        for what, (version, cause) in _PLACEHOLDERS.items()
        for index in (PYPI, TESTPYPI, _ANY)
    ),
    *(
        Case(
            version_placeholder,
            f"{version} may be somebody's choice",
            release(f"demo-{version}.tar.gz"),
            policy(_ANY),
        )
        for version in (
            "0.1.0",
            "0.0.1",
            "0.0.0a1",
            "0.0.0.dev3",
            "0.1.0.dev1",
            "1!0.0.0",
            "0.1rc1",
            "0.0.1.post1",
            "43.0.0.dev1",
            "1.0+unknown",
        )
    ),
    Case(
        version_placeholder,
        "one wheel that was built without the plugin",
        release(SDIST, WHEEL, "demo-0.0.0-py3-none-any.whl"),
        says=(Says("0.0.0 is nobody's choice: it is a placeholder …"),),
    ),
    Case(
        version_placeholder,
        "a fall-back only in the metadata",
        release(metadata_versions={WHEEL: "0.1.dev1+g1"}),
        says=(Says("0.1.dev1+g1 is nobody's choice: …"),),
    ),
    Case(
        version_placeholder,
        "two fall-backs are told one by one",
        release("demo-0.0.0.tar.gz", "demo-0.1.dev1-py3-none-any.whl"),
        policy(_ANY),
        (
            Says("0.0.0 is nobody's choice: …"),
            Says("0.1.dev1 is nobody's choice: …"),
        ),
    ),
    Case(
        version_placeholder,
        "no version in the metadata is left to metadata-invalid",
        release(metadata_versions={SDIST: "unknown", WHEEL: ""}),
    ),
    # version-not-canonical
    *(
        Case(
            version_not_canonical,
            f"{version} is canonical",
            described(version=version),
        )
        for version in (
            "1.0",
            "1.0.0",
            "1!1.0",
            "1.0rc1",
            "1.0.post1.dev2",
            "1.0+cpu.1",
            "2026.11.22",
            "0",
        )
    ),
    *(
        Case(
            version_not_canonical,
            f"{written} is {canonical}",
            described(version=written),
            says=(
                Says(
                    f"the metadata's Version is {written!r}; PEP 440 writes {canonical}"
                ),
            ),
        )
        for written, canonical in (
            ("1.0-rc.1", "1.0rc1"),
            ("v1.0", "1.0"),
            ("1.0.00", "1.0.0"),
            ("2026.01.05", "2026.1.5"),
            ("1.0-1", "1.0.post1"),
            ("1.0a", "1.0a0"),
            ("1.0.DEV1", "1.0.dev1"),
            ("1.0+Cpu-1", "1.0+cpu.1"),
            ("0!1.0", "1.0"),
            (" 1.0", "1.0"),
        )
    ),
    Case(
        version_not_canonical,
        "a very long spelling is told in part",
        described(version=f"1.{'0' * 4000}1"),
        says=(Says(f"the metadata's Version is '1.{'0' * 77}; PEP 440 writes 1.1"),),
    ),
    *(
        Case(
            version_not_canonical,
            f"{written!r:.9}, which is no version, is left to metadata-invalid",
            described(version=written),
        )
        for written in ("", "dog", "1.0-final", "9" * 5000, "1.x")
    ),
]


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


@pytest.mark.parametrize(
    ("version", "fix"),
    [
        ("43.0.0.dev1", "build from the release tag"),
        ("1.2.4.dev2+g477548ee8", "build from the release tag; fetch all tags …"),
        ("1.2.4.dev0+g477548ee8.d20261122", "see what `git status` shows …"),
        ("0.1.dev1+g477548ee8", "fetch all tags before the build (actions/checkout: …"),
    ],
)
def test_what_to_do_follows_from_the_cause(version: str, fix: str) -> None:
    (finding,) = version_kind.findings(release(f"demo-{version}.tar.gz"), policy())

    assert Says(fix).fits(finding.fix)


def test_a_placeholder_is_told_with_its_files_and_the_remedy() -> None:
    made = release(SDIST, "demo-0.0.0.tar.gz", "demo-0.0.0-py3-none-any.whl")

    (finding,) = version_placeholder.findings(made, policy())

    names = ("demo-0.0.0.tar.gz", "demo-0.0.0-py3-none-any.whl")
    assert finding.evidence == {"version": "0.0.0", "files": names}
    assert finding.files == names
    assert "fetch-depth: 0" in finding.fix


def test_the_version_and_its_files_are_evidence() -> None:
    (finding,) = version_kind.findings(release("demo-1.0+cpu.tar.gz"), policy(TESTPYPI))

    assert finding.evidence == {"version": "1.0+cpu", "files": ("demo-1.0+cpu.tar.gz",)}
