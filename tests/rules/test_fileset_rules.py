"""The rules of the set, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import (
    INTERNAL,
    SDIST,
    WHEEL,
    Case,
    Says,
    distribution,
    distribution_set,
    policy,
    recheck,
    release,
    sha256,
)
from packaging.utils import canonicalize_name

from release_guard.facts import (
    DistributionSet,
    Sidecar,
    SidecarKind,
    UnknownFile,
)
from release_guard.policy import Policy, Presence
from release_guard.rules.fileset import (
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

CASES = [
    # unknown-file
    Case(unknown_file, "only wheels and sdists", distribution_set()),
    Case(unknown_file, "an attestation beside its file", _with(_ATTESTATION)),
    Case(
        unknown_file,
        "a checksum list and a folder",
        _with(UnknownFile("SHA256SUMS", "no wheel"), UnknownFile("old", "a folder")),
        says=(
            Says("is no wheel; expected only wheels and sdists", "SHA256SUMS"),
            Says("is a folder; expected only wheels and sdists", "old"),
        ),
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
        says=(Says(f"has 2 sdist(s), expected at most 1: {SDIST}, demo-1.0.zip"),),
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
        "none is left",
        recheck(present=[]),
        says=(
            Says("was checked, and is not there now", WHEEL),
            Says("was checked, and is not there now", SDIST),
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    assert case.found() == case.wanted()


def test_the_subjects_are_called_by_the_set_and_by_the_release() -> None:
    assert distribution_set().label == "the set"
    assert recheck().label == "the set"
    assert release().label == "demo 1.0"
    assert release(SDIST, "demo-0.9.zip").label == "demo 0.9 1.0"
