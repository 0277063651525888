"""The rules of the set, case by case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from builders import (
    INTERNAL,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    described,
    distribution,
    distribution_set,
    policy,
    recheck,
    release,
    sha256,
)
from packaging.utils import canonicalize_name

from release_guard.facts import (
    DescribedDistribution,
    DistributionSet,
    Release,
    Sidecar,
    SidecarKind,
    UnknownFile,
)
from release_guard.findings import Severity
from release_guard.policy import Policy, Presence
from release_guard.rules.fileset import (
    duplicate_wheel,
    index_changed,
    metadata_disagrees,
    missing_sdist,
    orphan_attestation,
    set_changed,
    several_projects,
    several_sdists,
    several_versions,
    unknown_file,
)


def _with(*strays: Sidecar | UnknownFile) -> DistributionSet:
    """The sound set, and something beside it."""
    return replace(
        distribution_set(),
        sidecars=tuple(s for s in strays if isinstance(s, Sidecar)),
        unknown=tuple(s for s in strays if isinstance(s, UnknownFile)),
    )


def _naming(*projects: str) -> Policy:
    return policy(projects={canonicalize_name(project): () for project in projects})


_ATTESTATION = Sidecar(
    f"{SDIST}.publish.attestation", SidecarKind.ATTESTATION, beside=SDIST
)
_OTHER_BYTES = distribution(SDIST, content="built again")
_WINDOWS = "demo-1.0-cp312-cp312-win_amd64.whl"
_LINUX = "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"


def _copies(*names: str) -> Release:
    """A release in which these files have the same bytes."""
    made = release(SDIST, WHEEL, *names)
    same = {name: distribution(name, content="the same") for name in names}
    files = tuple(same.get(d.filename, d) for d in made.distributions)
    return replace(made, distributions=files)


def _saying(*files: DescribedDistribution) -> Release:
    """A release of these files."""
    return replace(
        release(),
        distributions=tuple(file.distribution for file in files),
        described=files,
    )


def _two_wheels(
    first: Mapping[str, Any] | None = None, second: Mapping[str, Any] | None = None
) -> Release:
    """Two wheels with these fields in their metadata, in another order than they are
    uploaded in.
    """
    return _saying(
        described(_WINDOWS, **second or {}), described(_LINUX, **first or {})
    )


def _wheel_and_sdist(sdist: Mapping[str, Any], **wheel: Any) -> Release:  # noqa: ANN401
    """An sdist with these fields, and a wheel."""
    return _saying(described(SDIST, **sdist), described(WHEEL, **wheel))


def _disagrees(field: str, found: str, expected: str, first: str = _LINUX) -> str:
    return (
        f"{field} is {found}; {first}, which is uploaded first and decides for the "
        f"release, has {expected}"
    )


#: More brackets than a parser that calls itself can follow.
_DEEP = "a; " + "(" * 5000 + "os_name == 'x'" + ")" * 5000
#: Two ways to say the same: what the first and what the second wheel says.
SAME: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "names": ({"name": "de_mo"}, {"name": "De.Mo"}),
    "versions": ({"version": "1.0"}, {"version": "1.0.0"}),
    "versions in other words": ({"version": "1.0rc1"}, {"version": "v1.0-RC.1"}),
    "what is no version": ({"version": "dog"}, {"version": "dog"}),
    "requirements in another order": (
        {"requires_dist": ("a>=1,<2", "b")},
        {"requires_dist": ("b", "a<2,>=1")},
    ),
    "a requirement given twice": (
        {"requires_dist": ("a", "A")},
        {"requires_dist": ("a",)},
    ),
    "spelling and space in requirements": (
        {"requires_dist": ("Foo_Bar [x,Y] (>= 1)",)},
        {"requires_dist": ("foo-bar[y,X]>=1",)},
    ),
    "the extras of requirements": (
        {"requires_dist": ("a[B_C]",)},
        {"requires_dist": ("a[b.c]",)},
    ),
    "markers": (
        {"requires_dist": ('a; python_version<"3" and extra=="Foo_Bar"',)},
        {"requires_dist": ("a ; (python_version < '3' and extra == 'foo-bar')",)},
    ),
    "a number in a requirement": (
        {"requires_dist": ("a>=1.0",)},
        {"requires_dist": ("a>=1",)},
    ),
    "what is no requirement": (
        {"requires_dist": ("a b", _DEEP)},
        {"requires_dist": (_DEEP, "a b")},
    ),
    "the order of specifiers": (
        {"requires_python": ">=3.9, <4 , != 3.9.1"},
        {"requires_python": "!=3.9.1,<4,>=3.9"},
    ),
    "a specifier that ends with a comma": (
        {"requires_python": ">=3.9, "},
        {"requires_python": ">=3.9"},
    ),
    "a number in a specifier": (
        {"requires_python": ">=3.9.0"},
        {"requires_python": ">=3.9"},
    ),
    "extras": (
        {"provides_extra": ("A_b", "c")},
        {"provides_extra": ("C", "a-b")},
    ),
    "what is not compared": (
        {"summary": "a", "license": "MIT", "classifiers": ()},
        {"summary": "b", "description": "c", "metadata_version": "2.1"},
    ),
}
#: The field, what the first wheel says, what the second says, and how both are told.
DIFFERENT: dict[str, tuple[Mapping[str, Any], Mapping[str, Any], str, str]] = {
    "Name": ({"name": "demo"}, {"name": "demo2"}, "'demo2'", "'demo'"),
    "Version": ({"version": "1.1"}, {"version": "1.0.1"}, "'1.0.1'", "'1.1'"),
    "Requires-Python": (
        {"requires_python": ">=3.9,<4"},
        {"requires_python": "<4,>=3.10"},
        "'>=3.10'",
        "'>=3.9'",
    ),
    "Requires-Dist": (
        {"requires_dist": ("a>=1", "b", "c; os_name == 'nt'")},
        {"requires_dist": ("b", "A>=2", "c; os_name == 'posix'")},
        "'a>=2', 'c; os_name == \"posix\"'",
        "'a>=1', 'c; os_name == \"nt\"'",
    ),
    "Provides-Extra": (
        {"provides_extra": ("a", "b")},
        {"provides_extra": ("b", "c")},
        "'c'",
        "'a'",
    ),
    "License-Expression": (
        {"license_expression": "MIT"},
        {"license_expression": "Zlib"},
        "'Zlib'",
        "'MIT'",
    ),
}

CASES = [
    # unknown-file
    Case(unknown_file, "only wheels and sdists", distribution_set()),
    Case(unknown_file, "an attestation beside its file", _with(_ATTESTATION)),
    Case(
        unknown_file,
        "a checksum list and a folder",
        _with(UnknownFile("SHA256SUMS", "no wheel"), UnknownFile("old", "a folder")),
        says=(
            Says(
                "is no wheel; expected only wheels and sdists", "SHA256SUMS", row="62"
            ),
            Says("is a folder; expected only wheels and sdists", "old", row="62"),
        ),
    ),
    Case(
        unknown_file,
        "a log, for an index without PyPI's rules",
        _with(UnknownFile("build.log", "no wheel")),
        policy(INTERNAL),
        (Says("is no wheel; …", "build.log", row=""),),
    ),
    # several-projects
    Case(several_projects, "one project", distribution_set()),
    Case(
        several_projects,
        "one project, spelled in two ways",
        distribution_set("demo_pkg-1.0.tar.gz", "Demo.Pkg-1.0-py3-none-any.whl"),
    ),
    Case(
        several_projects,
        "a file without a valid name is none of a second project",
        distribution_set(SDIST, "broken.whl"),
    ),
    Case(
        several_projects,
        "two projects, and the policy names none",
        distribution_set(SDIST, "demo_vectors-1.0.tar.gz"),
        says=(Says("holds 2 projects, demo, demo-vectors; expected one"),),
    ),
    Case(
        several_projects,
        "two projects, and the policy names both",
        distribution_set(SDIST, "demo_vectors-1.0.tar.gz"),
        _naming("demo", "demo-vectors"),
    ),
    Case(
        several_projects,
        "one of the two projects that the policy names",
        distribution_set(SDIST),
        _naming("demo", "demo-vectors"),
    ),
    Case(
        several_projects,
        "one project, and the policy names another one",
        distribution_set(),
        _naming("dema"),
        (
            Says(
                f"holds {WHEEL}, {SDIST} of the project demo; the policy names dema",
            ),
        ),
    ),
    Case(
        several_projects,
        "two strangers, one with many files, are told one by one",
        distribution_set(
            *(f"aaa-1.{minor}.tar.gz" for minor in range(5)), "bbb-1.tar.gz", SDIST
        ),
        _naming("demo", "more"),
        (
            Says(
                "holds aaa-1.0.tar.gz, aaa-1.1.tar.gz, aaa-1.2.tar.gz and 2 more of "
                "the project aaa; the policy names demo, more"
            ),
            Says(
                "holds bbb-1.tar.gz of the project bbb; the policy names demo, more",
            ),
        ),
    ),
    Case(
        several_projects,
        "a few files of a stranger are told whole",
        distribution_set(*(f"aaa-1.{minor}.tar.gz" for minor in range(3))),
        _naming("demo"),
        (
            Says(
                "holds aaa-1.0.tar.gz, aaa-1.1.tar.gz, aaa-1.2.tar.gz of the project "
                "aaa; the policy names demo"
            ),
        ),
    ),
    # several-versions
    Case(several_versions, "one version", release()),
    Case(
        several_versions,
        "1.0 and 1.0.0 are one version",
        release(SDIST, "demo-1.0.0-py3-none-any.whl"),
    ),
    Case(
        several_versions,
        "a stale file of another version",
        release(SDIST, WHEEL, "demo-0.9.tar.gz"),
        says=(
            Says(
                f"holds 2 versions, expected one (1.0: {WHEEL}, {SDIST}; "
                "0.9: demo-0.9.tar.gz)"
            ),
        ),
    ),
    Case(
        several_versions,
        "the same number in two epochs",
        release(SDIST, "demo-1!1.0.tar.gz"),
        says=(Says("holds 2 versions, expected one (…)"),),
    ),
    Case(
        several_versions,
        "a local version beside the public one",
        release(SDIST, "demo-1.0+cpu-py3-none-any.whl"),
        says=(Says("holds 2 versions, expected one (…)"),),
    ),
    Case(
        several_versions,
        "a version tool's fallback in one build job",
        release("demo-0.10.4-py3-none-any.whl", "demo-0.1.dev1.tar.gz", "demo.whl"),
        says=(
            Says(
                "holds 2 versions, expected one (0.10.4: demo-0.10.4-py3-none-any.whl; "
                "0.1.dev1: demo-0.1.dev1.tar.gz)"
            ),
        ),
    ),
    # missing-sdist
    Case(missing_sdist, "an sdist is there", release()),
    Case(
        missing_sdist,
        "only a wheel",
        release(WHEEL),
        says=(Says("has 1 file(s) and no sdist"),),
    ),
    Case(
        missing_sdist,
        "the policy says that it may be missing",
        release(WHEEL),
        policy(sdist=Presence.OPTIONAL),
    ),
    Case(
        missing_sdist,
        "the policy forbids one",
        release(WHEEL),
        policy(sdist=Presence.FORBIDDEN),
    ),
    Case(
        missing_sdist,
        "an sdist that is there and cannot be read",
        replace(release(WHEEL), unread=(SDIST,)),
    ),
    Case(
        missing_sdist,
        "a wheel that cannot be read is no sdist",
        replace(release(WHEEL), unread=("demo-1.0-py2-none-any.whl",)),
        says=(Says("has 1 file(s) and no sdist"),),
    ),
    # several-sdists
    Case(several_sdists, "one sdist", release()),
    Case(
        several_sdists,
        "the policy lets one be missing",
        release(),
        policy(sdist=Presence.OPTIONAL),
    ),
    Case(
        several_sdists,
        "a zip beside the tar",
        release(SDIST, "demo-1.0.zip"),
        says=(
            Says(
                f"has 2 sdist(s), expected at most 1: {SDIST}, demo-1.0.zip", row="71"
            ),
        ),
    ),
    Case(
        several_sdists,
        "a zip beside the tar, for an index without PyPI's rules",
        release(SDIST, "demo-1.0.zip"),
        policy(INTERNAL),
    ),
    Case(
        several_sdists,
        "two where the policy forbids any, for an index without PyPI's rules",
        release(SDIST, "demo-1.0.zip"),
        policy(INTERNAL, sdist=Presence.FORBIDDEN),
        (Says("has 2 sdist(s), expected at most 0: …", row=""),),
    ),
    Case(
        several_sdists,
        "two, where the policy forbids any",
        release(SDIST, "demo-1.0.zip"),
        policy(sdist=Presence.FORBIDDEN),
        (Says("has 2 sdist(s), expected at most 0: …", row="71"),),
    ),
    Case(
        several_sdists,
        "one for PyPI, where the policy forbids any",
        release(),
        policy(sdist=Presence.FORBIDDEN),
        (Says(f"has 1 sdist(s), expected at most 0: {SDIST}", row=""),),
    ),
    Case(
        several_sdists,
        "one, where the policy forbids any",
        release(),
        policy(INTERNAL, sdist=Presence.FORBIDDEN),
        (Says(f"has 1 sdist(s), expected at most 0: {SDIST}"),),
    ),
    Case(
        several_sdists,
        "none, where the policy forbids any",
        release(WHEEL),
        policy(sdist=Presence.FORBIDDEN),
    ),
    # duplicate-wheel
    Case(duplicate_wheel, "an sdist and a wheel", release()),
    Case(
        duplicate_wheel,
        "wheels that an installer tells from each other",
        release(
            SDIST,
            WHEEL,
            "demo-1.0-1-py3-none-any.whl",
            "demo-1.0-1a-py3-none-any.whl",
            "demo-1.0-py2-none-any.whl",
            "demo-1.1-py3-none-any.whl",
            "demo-1.0-py2.py3-none-any.whl",
        ),
    ),
    Case(
        duplicate_wheel,
        "names that are none are left to filename-invalid",
        release(SDIST, "a.whl", "b.whl"),
    ),
    Case(
        duplicate_wheel,
        "sdists are left to several-sdists",
        release(SDIST, "demo-1.0.zip"),
    ),
    *(
        Case(
            duplicate_wheel,
            f"{name}, for {index.label}",
            release(SDIST, *names),
            policy(index),
            (
                Says(
                    f"an installer cannot tell {', '.join(sorted(names))} from each "
                    "other",
                    names[-1],
                    Severity.WARNING,
                    "",
                ),
            ),
        )
        for index in (TESTPYPI, INTERNAL)
        for name, names in {
            "the version in two spellings": (WHEEL, "demo-1.0.0-py3-none-any.whl"),
            "the project in two spellings": (WHEEL, "Demo-1.0-py3-none-any.whl"),
            "the tags in another order": (
                "demo-1.0-py2.py3-none-any.whl",
                "demo-1.0-py3.py2-none-any.whl",
            ),
            "a build tag in two spellings": (
                "demo-1.0-1a-py3-none-any.whl",
                "demo-1.0-01a-py3-none-any.whl",
            ),
        }.items()
    ),
    Case(
        duplicate_wheel,
        "five of one kind are told in part",
        release(*(f"demo-1{'.0' * n}-py3-none-any.whl" for n in range(5))),
        says=(
            Says(
                "an installer cannot tell …, …, … and 2 more from each other",
                "demo-1.0.0.0.0-py3-none-any.whl",
            ),
        ),
    ),
    Case(
        duplicate_wheel,
        "a wheel that was copied under another tag",
        _copies(_LINUX, _WINDOWS),
        policy(TESTPYPI),
        (
            Says(
                f"has the same bytes as {_LINUX}",
                _WINDOWS,
                Severity.ERROR,
                "68",
            ),
        ),
    ),
    Case(
        duplicate_wheel,
        "an index without PyPI's rules takes copies",
        _copies(_LINUX, _WINDOWS),
        policy(INTERNAL),
    ),
    Case(
        duplicate_wheel,
        "copies of an sdist",
        _copies("demo-1.0.zip", "demo-1.1.tar.gz"),
        says=(
            Says(
                "has the same bytes as demo-1.0.zip",
                "demo-1.1.tar.gz",
                Severity.ERROR,
                "68",
            ),
        ),
    ),
    Case(
        duplicate_wheel,
        "a copy that an installer cannot tell from the first",
        _copies("demo-1.0-py2.py3-none-any.whl", "demo-1.0-py3.py2-none-any.whl"),
        says=(
            Says(
                "an installer cannot tell …",
                "demo-1.0-py3.py2-none-any.whl",
                Severity.WARNING,
                "",
            ),
            Says(
                "has the same bytes as …",
                "demo-1.0-py3.py2-none-any.whl",
                Severity.ERROR,
                "68",
            ),
        ),
    ),
    # metadata-disagrees
    Case(metadata_disagrees, "a sound release", release()),
    Case(metadata_disagrees, "only one file", _saying(described(WHEEL))),
    Case(metadata_disagrees, "no metadata at all", _saying()),
    *(
        Case(metadata_disagrees, f"the same in other words: {name}", _two_wheels(*said))
        for name, said in SAME.items()
    ),
    *(
        Case(
            metadata_disagrees,
            f"{field}, for {index.label}",
            _two_wheels(first, second),
            policy(index),
            (
                Says(
                    _disagrees(field, found, expected),
                    _WINDOWS,
                    Severity.ERROR,
                    "",
                ),
            ),
        )
        for field, (first, second, found, expected) in DIFFERENT.items()
        for index in (TESTPYPI, INTERNAL)
    ),
    *(
        Case(
            metadata_disagrees,
            f"{field} that is none",
            _two_wheels({key: "dog"}, {key: "cat"}),
            says=(Says(_disagrees(field, "'cat'", "'dog'"), _WINDOWS),),
        )
        for field, key in (
            ("Version", "version"),
            ("Requires-Python", "requires_python"),
        )
    ),
    Case(
        metadata_disagrees,
        "each field that differs, of each file but the first",
        _saying(
            described(WHEEL, requires_python=">=3.9"),
            described(_WINDOWS, requires_python=">=3.9", requires_dist=("a",)),
            described(_LINUX, requires_python=">=3.8", requires_dist=("a",)),
        ),
        says=(
            Says(_disagrees("Requires-Python", "'>=3.9'", "'>=3.8'"), _WINDOWS),
            Says(_disagrees("Requires-Python", "'>=3.9'", "'>=3.8'"), WHEEL),
            Says(f"Requires-Dist is …; {_LINUX}, which … has 'a'", WHEEL),
        ),
    ),
    Case(
        metadata_disagrees,
        "many requirements are told in part",
        _two_wheels(
            {"requires_dist": ("a",)}, {"requires_dist": ("f", "e", "d", "c", "b")}
        ),
        says=(
            Says(
                _disagrees("Requires-Dist", "'b', 'c', 'd' and 2 more", "'a'"), _WINDOWS
            ),
        ),
    ),
    *(
        Case(
            metadata_disagrees,
            f"an sdist of metadata {version}, which is no promise",
            _wheel_and_sdist(
                {"metadata_version": version, "requires_dist": ("a",)},
                requires_dist=("b",),
            ),
        )
        for version in ("1.0", "1.2", "2.1", "", "dog")
    ),
    *(
        Case(
            metadata_disagrees,
            f"an sdist of metadata {version}, which is uploaded behind the wheels",
            _wheel_and_sdist(
                {"metadata_version": version, "requires_dist": ("a",)},
                requires_dist=("b",),
                metadata_version="2.1",
            ),
            says=(Says(_disagrees("Requires-Dist", "'a'", "'b'", WHEEL), SDIST),),
        )
        for version in ("2.2", "2.4", "2.10", "3.0")
    ),
    *(
        Case(
            metadata_disagrees,
            f"a field that the sdist calls {spelled}",
            _wheel_and_sdist(
                {"dynamic": ("license", spelled), "requires_dist": ()},
                requires_dist=("b",),
            ),
        )
        for spelled in ("Requires-Dist", "requires-dist", "REQUIRES-DIST")
    ),
    Case(
        metadata_disagrees,
        "another field than the sdist calls dynamic",
        _wheel_and_sdist(
            {"dynamic": ("Requires-Dist",), "requires_python": ">=3.9"},
            requires_python=">=3.8",
            requires_dist=("b",),
        ),
        says=(Says(_disagrees("Requires-Python", "'>=3.9'", "'>=3.8'", WHEEL), SDIST),),
    ),
    Case(
        metadata_disagrees,
        "what a wheel calls dynamic is no matter",
        _two_wheels(
            {"requires_python": ">=3.8", "dynamic": ("Requires-Python",)},
            {"requires_python": ">=3.9", "dynamic": ("Requires-Python",)},
        ),
        says=(Says(_disagrees("Requires-Python", "'>=3.9'", "'>=3.8'"), _WINDOWS),),
    ),
    Case(
        metadata_disagrees,
        "two sdists",
        _saying(
            described("demo-1.0.zip", requires_python=">=3.9"),
            described(SDIST, requires_python=">=3.8"),
        ),
        says=(
            Says(
                _disagrees("Requires-Python", "'>=3.9'", "'>=3.8'", SDIST),
                "demo-1.0.zip",
            ),
        ),
    ),
    # orphan-attestation
    Case(orphan_attestation, "no attestation at all", distribution_set()),
    Case(orphan_attestation, "an attestation beside its file", _with(_ATTESTATION)),
    Case(
        orphan_attestation,
        "an attestation and a signature without their files",
        _with(
            replace(_ATTESTATION, beside="demo-0.9.tar.gz"),
            Sidecar("gone.whl.asc", SidecarKind.SIGNATURE, beside="gone.whl"),
        ),
        says=(
            Says(
                "is an attestation of demo-0.9.tar.gz, which is not in the set",
                _ATTESTATION.filename,
            ),
            Says("is a signature of gone.whl, which is not in the set", "gone.whl.asc"),
        ),
    ),
    Case(
        orphan_attestation,
        "an attestation beside a file that cannot be read",
        replace(distribution_set(WHEEL), sidecars=(_ATTESTATION,), unread=(SDIST,)),
    ),
    # set-changed
    Case(
        index_changed,
        "a file of the version came to the index since the check",
        replace(recheck(), strangers=("demo-1.0-1-py3-none-any.whl",)),
        says=(
            Says(
                "is listed by pypi, was not when the set was checked, and is not in "
                "the manifest",
                "demo-1.0-1-py3-none-any.whl",
            ),
        ),
    ),
    Case(index_changed, "nothing came to the index since the check", recheck()),
    Case(set_changed, "the files that were checked", recheck()),
    Case(
        set_changed,
        "one is gone",
        recheck(present=[SDIST]),
        says=(Says("was checked, and is not there now", WHEEL),),
    ),
    Case(
        set_changed,
        "one is new",
        recheck(checked=(SDIST,)),
        says=(Says("is there, and was not checked", WHEEL),),
    ),
    Case(
        set_changed,
        "one was built again",
        recheck(present=[_OTHER_BYTES, WHEEL]),
        says=(
            Says(
                f"has the sha256 {sha256('built again')}, checked was {sha256(SDIST)}",
                SDIST,
            ),
        ),
    ),
    Case(
        set_changed,
        "one was renamed, the bytes being the same",
        recheck(present=[SDIST, distribution("demo-1.1.whl", content=WHEEL)]),
        says=(
            Says("was checked, and is not there now", WHEEL),
            Says("is there, and was not checked", "demo-1.1.whl"),
        ),
    ),
    Case(
        set_changed,
        "something lies there that an uploader would take along",
        replace(recheck(), unknown=(UnknownFile("notes.txt", "no wheel"),)),
        says=(Says("is no wheel, and was not checked", "notes.txt"),),
    ),
    Case(
        set_changed,
        "an attestation of a checked file, made in between",
        replace(recheck(), sidecars=(_ATTESTATION,)),
    ),
    Case(
        set_changed,
        "a signature of a file that was not checked",
        replace(
            recheck(),
            sidecars=(Sidecar("x.whl.asc", SidecarKind.SIGNATURE, beside="x.whl"),),
        ),
        says=(Says("speaks of x.whl, which was not checked", "x.whl.asc"),),
    ),
    Case(
        set_changed,
        "none is left",
        recheck(present=[]),
        says=(
            Says("was checked, and is not there now", WHEEL),
            Says("was checked, and is not there now", SDIST),
        ),
    ),
]


def test_the_subjects_are_called_by_the_set_and_by_the_release() -> None:
    assert distribution_set().label == "the set"
    assert recheck().label == "the set"
    assert release().label == "demo 1.0"
    assert release(SDIST, "demo-0.9.zip").label == "demo 0.9 1.0"


def test_what_only_one_of_two_wheels_says_is_told_as_missing_in_the_other() -> None:
    saying = {"requires_python": ">=3.8"}

    (found,) = metadata_disagrees.findings(_two_wheels({}, saying), policy())
    (other,) = metadata_disagrees.findings(_two_wheels(saying, {}), policy())

    assert "is '>=3.8'" in found.message
    assert "has '>=3.8'" in other.message
    assert "has without" not in found.message
    assert "is without" not in other.message


def test_the_field_and_the_file_that_decides_are_evidence() -> None:
    made = _two_wheels({"license_expression": "MIT"}, {"license_expression": "Zlib"})

    (finding,) = metadata_disagrees.findings(made, policy())

    assert finding.evidence == {"field": "License-Expression", "first": _LINUX}
