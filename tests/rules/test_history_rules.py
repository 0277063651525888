"""The rules of a project's history, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import (
    INTERNAL,
    NOW,
    TESTPYPI,
    YESTERDAY,
    Case,
    Says,
    ago,
    history,
    indexed,
    policy,
)
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.facts import (
    AttestedHistory,
    DatedHistory,
    GitTag,
    History,
    IndexedFile,
    NamedCommit,
    TracedHistory,
)
from release_guard.findings import Severity
from release_guard.policy import IndexPolicy, Policy, Presence, ProjectPolicy
from release_guard.rules.base import AnyRule, Labelled
from release_guard.rules.completeness import history_incomplete
from release_guard.rules.history import (
    history_late_file,
    history_unattested,
    history_version_kind,
    release_untagged,
    tag_unreleased,
)
from release_guard.rules.traces import tag_moved

DEMO = canonicalize_name("demo")
A, B = "a" * 40, "b" * 40


_PLAIN = policy()


def _from(version: str) -> Policy:
    """The policy with this baseline."""
    return policy(baseline=Version(version))


# --- what came late ------------------------------------------------------------


def _dated(*files: tuple[str, datetime | None]) -> DatedHistory:
    """Files, and when each came."""
    return DatedHistory(
        history([], *(indexed(name, uploaded=came) for name, came in files))
    )


# --- provenance ----------------------------------------------------------------


def _attested(*files: tuple[str, bool | None]) -> AttestedHistory:
    """Files in the order in which they came, a day apart, the last one yesterday, and
    whether the index has provenance of each; None where it does not say.
    """
    words = {True: "https://index.example/provenance", False: "", None: None}
    made = (
        indexed(name, provenance=words[has], uploaded=ago(days=len(files) - number))
        for number, (name, has) in enumerate(files)
    )
    return AttestedHistory(history([], *made))


_LINUX = "cp312-cp312-manylinux_2_28_x86_64"
_MUSL = "cp312-cp312-musllinux_1_2_x86_64"
_WINDOWS = "cp312-cp312-win_amd64"
_MAC = "cp312-cp312-macosx_11_0_arm64"
_BRANCH = "refs/heads/main"
#: So many versions, and as many tags.
_MANY = 2_000
_CLI = policy(projects={DEMO: ProjectPolicy(("{name}-v{version}",))})


def _older(which: str, count: int = 1) -> Says:
    """What is told of the untagged versions that are older than the habit."""
    return Says(
        f"{count} version(s) without a tag are older than the first tagged one or the "
        f"baseline: {which}",
        severity=Severity.NOTICE,
    )


def _unlisted(which: str, count: int = 1) -> Says:
    """What is told of the tags that are older than the habit."""
    return Says(
        f"{count} tag(s) whose versions pypi does not list are older than the baseline "
        f"or its first file: {which}",
        severity=Severity.NOTICE,
    )


_REQUIRED = IndexPolicy("x", provenance=Presence.REQUIRED)

CASES = [
    # release-untagged
    Case(release_untagged, "each has a tag", history(["v1.0", "1.1"], "1.0", "1.1")),
    Case(
        release_untagged,
        "a tag in another spelling of the version",
        history(["v1.0", "v1.1.0-rc.1"], "1.0.0", "1.1rc1"),
    ),
    Case(
        release_untagged,
        "a version in the middle without a tag",
        history(["v1.0", "v1.2"], "1.0", "1.1", "1.2"),
        says=(
            Says(
                "1 file(s) are since … on pypi, and none of the 2 tag(s) says 1.1",
                "demo 1.1",
            ),
        ),
    ),
    Case(
        release_untagged,
        "a version below the first tag is older than the habit",
        history(["v1.0"], "0.9", "1.0"),
        says=(_older("0.9"),),
    ),
    Case(
        release_untagged,
        "many versions below the first tag are told at once",
        history(["v1.0"], "0.7", "0.8", "0.9", "1.0"),
        says=(_older("0.7 to 0.9", 3),),
    ),
    Case(
        release_untagged,
        "a version below the first tag, uploaded after it",
        history(["v1.0"], indexed("demo-0.9.tar.gz", uploaded=NOW), "1.0"),
        says=(Says("… and none of the 1 tag(s) says 0.9", "demo 0.9"),),
    ),
    Case(
        release_untagged,
        "a version below the first tag, uploaded before it",
        history(
            ["v1.0"],
            indexed("demo-0.9.tar.gz", uploaded=YESTERDAY - timedelta(days=1)),
            "1.0",
        ),
        says=(_older("0.9"),),
    ),
    *(
        Case(
            release_untagged,
            f"a version below the first tag, uploaded {when}, may be one of today",
            history(["v1.0"], indexed("demo-0.9.tar.gz", uploaded=at), *first),
            says=(Says("… says 0.9", "demo 0.9"),),
        )
        for when, at, first in (
            ("nobody knows when", None, ("1.0",)),
            (
                "after it, and nobody knows when that was",
                NOW,
                (indexed("demo-1.0.tar.gz", uploaded=None),),
            ),
        )
    ),
    Case(
        release_untagged,
        "a version below the baseline, uploaded nobody knows when",
        history(
            ["v1.0"],
            indexed("demo-0.9.tar.gz", uploaded=None),
            indexed("demo-1.0.tar.gz", uploaded=None),
        ),
        _from("1.0"),
        (
            Says(
                "1 version(s) … the baseline: 0.9; the index does not say when 0.9 "
                "came",
                severity=Severity.NOTICE,
            ),
        ),
    ),
    Case(
        release_untagged,
        "an index to which tags are not required",
        history(["v1.0"], "1.0", "1.1.dev1"),
        policy(TESTPYPI),
        (Says("… says 1.1.dev1", "demo 1.1.dev1", Severity.NOTICE),),
    ),
    Case(
        release_untagged,
        "a version below the first tag, with a file that was added after it",
        history(
            ["v1.0"],
            indexed("demo-0.9.tar.gz", uploaded=YESTERDAY - timedelta(days=1)),
            indexed("demo-0.9-py3-none-any.whl", uploaded=NOW),
            "1.0",
        ),
        says=(_older("0.9"),),
    ),
    Case(
        release_untagged,
        "tags of another project of the repository say nothing",
        history(["demo-v1.0", "other-v1.1"], "1.0", "1.1"),
        _CLI,
        (
            Says(
                "1 file(s) are since … on pypi, and none of the 2 tag(s) says 1.1",
                "demo 1.1",
            ),
        ),
    ),
    Case(
        release_untagged,
        "no tag is a release tag",
        history(["nightly"], "1.0"),
        says=(
            Says(
                "1 file(s) are since … on pypi, and none of the 1 tag(s) says 1.0",
                "demo 1.0",
            ),
        ),
    ),
    Case(
        release_untagged,
        "a yanked version, of which the index gives no time",
        history(["v1.0"], indexed("demo-1.1.tar.gz", yanked=True, uploaded=None)),
        says=(
            Says(
                "1 file(s) (yanked) are on pypi, and none of the 1 tag(s) says 1.1",
                "demo 1.1",
            ),
        ),
    ),
    Case(
        release_untagged,
        "a file whose name tells no version, and that came of late",
        history(
            ["v1.0"],
            "1.0",
            indexed("demo.exe", uploaded=ago(days=900)),
            indexed("demo-setup.exe", uploaded=ago(days=2)),
        ),
        says=(
            Says(
                "2 file(s), the last of 2026-08-30, tell no version by their names, "
                "such as demo-setup.exe, and were not compared",
                severity=Severity.WARNING,
            ),
        ),
    ),
    *(
        Case(
            release_untagged,
            f"a file whose name tells no version, and that came {when}",
            history(["v1.0"], "1.0", indexed("demo.exe", uploaded=at)),
            says=(Says("1 file(s)…, such as demo.exe, …", severity=Severity.NOTICE),),
        )
        for when, at in (
            ("more than 90 days ago", ago(days=91)),
            ("nobody knows when", None),
        )
    ),
    Case(
        release_untagged,
        "a name that installers read as a post release",
        history(["v1.0"], "1.0", indexed("demo-1.0-1.tar.gz")),
        says=(Says("… says 1.0.post1", "demo 1.0.post1"),),
    ),
    Case(
        release_untagged,
        "a version below the first tag, of which nothing is listed",
        history(["v0.9", "v1.0"], indexed("demo-0.8.tar.gz", uploaded=NOW), "1.0"),
        says=(Says("… says 0.8", "demo 0.8"),),
    ),
    Case(
        release_untagged,
        "a version below the first tag, and nothing is listed that has one",
        history(["v1.0"], indexed("demo-0.9.tar.gz", uploaded=NOW)),
        says=(Says("… says 0.9", "demo 0.9"),),
    ),
    Case(
        release_untagged,
        "a stray tag of a version that is not listed makes nothing old",
        history(
            ["release-0.8", GitTag("v9", "", made=ago(days=3))],
            indexed("demo-0.9.tar.gz", uploaded=NOW),
            indexed("demo-0.8.tar.gz", uploaded=ago(days=9)),
        ),
        says=(Says("… says 0.8", "demo 0.8"), Says("… says 0.9", "demo 0.9")),
    ),
    Case(
        release_untagged,
        "a version below the baseline is only told",
        history(["v0.8", "v1.0"], "0.8", "0.9", "1.0"),
        _from("1.0"),
        (_older("0.9"),),
    ),
    Case(
        release_untagged,
        "a version below the project's own baseline, which outranks the common one",
        history(["v0.8", "v1.0"], "0.8", "0.9", "1.0"),
        policy(
            baseline=Version("0.1"),
            projects={DEMO: ProjectPolicy(baseline=Version("1.0"))},
        ),
        (_older("0.9"),),
    ),
    Case(
        release_untagged,
        "a version below the baseline that came after it",
        history(
            ["v0.8", "v1.0"], indexed("demo-0.9.tar.gz", uploaded=NOW), "0.8", "1.0"
        ),
        _from("1.0"),
        (Says("… says 0.9", "demo 0.9"),),
    ),
    Case(
        release_untagged,
        "the baseline itself and what is above it",
        history(["v0.8"], "0.8", "1.0", "1.1"),
        _from("1.0"),
        (Says("… says 1.0", "demo 1.0"), Says("… says 1.1", "demo 1.1")),
    ),
    Case(
        release_untagged,
        "a version of which some files are yanked",
        history(
            ["v1.0"],
            indexed("demo-1.1.tar.gz"),
            indexed("demo-1.1-py3-none-any.whl", yanked=True),
        ),
        says=(Says("2 file(s) (1 of them yanked) are since … says 1.1", "demo 1.1"),),
    ),
    # tag-unreleased
    Case(tag_unreleased, "each tag has a version", history(["v1.0"], "1.0")),
    *(
        Case(
            tag_unreleased,
            f"a tag without a version, made {when}",
            history(["v1.0", GitTag("v1.1", "", made=made)], "1.0"),
            says=(Says("the tag 'v1.1' says 1.1, …", "demo 1.1", severity),),
        )
        for when, made, severity in (
            ("an hour ago", ago(hours=1), Severity.NOTICE),
            ("a minute from now, by another clock", ago(minutes=-1), Severity.NOTICE),
            ("a day ago", ago(days=1), None),
            ("years from now, by whoever says so", ago(days=-800), None),
            ("nobody knows when", None, None),
        )
    ),
    Case(
        tag_unreleased,
        "a tag below the baseline is only told",
        history(["v0.9", "v1.0"], "1.0"),
        _from("1.0"),
        (_unlisted("v0.9"),),
    ),
    Case(
        tag_unreleased,
        "tags that were made before the first file came are told at once",
        history(
            [
                *(GitTag(f"v0.{n}", "", made=ago(days=900)) for n in (7, 8)),
                GitTag("v0.9", "", made=ago(days=3)),
                "v1.0",
            ],
            indexed(uploaded=ago(days=9)),
        ),
        says=(
            Says("the tag 'v0.9' says 0.9, …", "demo 0.9"),
            _unlisted("v0.7, v0.8", 2),
        ),
    ),
    Case(
        tag_unreleased,
        "two tags of one version are one finding",
        history(["v1.0", "v1.1", "1.1"], "1.0"),
        says=(Says("the tag 'v1.1' and '1.1' says 1.1, …", "demo 1.1"),),
    ),
    Case(
        tag_unreleased,
        "a tag below the baseline that was made after it came",
        history(
            [GitTag("v0.9", "", made=ago(hours=30))], indexed(uploaded=ago(days=9))
        ),
        _from("1.0"),
        (Says("the tag 'v0.9' says 0.9, …", "demo 0.9"),),
    ),
    Case(
        tag_unreleased,
        "a tag that is no release tag",
        history(["v1.0", "nightly", "collective-2026-07-22"], "1.0"),
    ),
    Case(
        tag_unreleased,
        "a tag of a version that must not go there",
        history(["v1.0", "v1.1.dev0"], "1.0"),
    ),
    Case(
        tag_unreleased,
        "a tag without a version",
        history(["v1.0", "v1.1"], "1.0"),
        policy(INTERNAL),
        (Says("the tag 'v1.1' says 1.1, of which internal lists no file", "demo 1.1"),),
    ),
    # history-version-kind
    Case(
        history_version_kind,
        "final, post and pre versions",
        history(["v1.0"], "1.0", "1.0.post1", "1.1rc1", "1!1.0"),
    ),
    Case(
        history_version_kind,
        "a dev version on an index that takes it",
        history(["v1.0"], "1.0.dev1"),
        policy(TESTPYPI),
    ),
    Case(
        history_version_kind,
        "a dev version",
        history(["v1.0"], "1.0", "43.0.0.dev1"),
        says=(
            Says(
                "1 file(s) are since … on pypi: a dev version, and the policy takes "
                "final, post, pre",
                "demo 43.0.0.dev1",
            ),
        ),
    ),
    Case(
        history_version_kind,
        "a dev version below the baseline is only told",
        history(["v1.0"], "1.0", "0.9.dev1"),
        _from("1.0"),
        (Says("… a dev version, …", "demo 0.9.dev1", Severity.NOTICE),),
    ),
    Case(
        history_version_kind,
        "a dev version below the baseline that came after it",
        history(["v1.0"], "1.0", indexed("demo-0.9.dev1.tar.gz", uploaded=NOW)),
        _from("1.0"),
        (Says("… a dev version, …", "demo 0.9.dev1"),),
    ),
    # history-late-file
    Case(
        history_late_file,
        "all of a release within 14 days",
        _dated(
            ("demo-1.0.tar.gz", ago(days=14)),
            ("demo-1.0-py3-none-any.whl", NOW),
            ("demo-0.9.tar.gz", ago(days=900)),
        ),
    ),
    Case(
        history_late_file,
        "files of which nobody knows when they came",
        _dated(("demo-1.0.tar.gz", None), ("demo-1.0-py3-none-any.whl", NOW)),
    ),
    Case(
        history_late_file,
        "a file that came more than 14 days later",
        _dated(
            ("demo-1.0.tar.gz", ago(days=14, seconds=1)),
            ("demo-1.0-py3-none-any.whl", NOW),
        ),
        says=(
            Says(
                "1 of 2 file(s) came more than 14 days after the first one of "
                "2026-08-18, the last on 2026-09-01: demo-1.0-py3-none-any.whl",
                "demo 1.0",
            ),
        ),
    ),
    Case(
        history_late_file,
        "several late files of one version are one finding",
        _dated(
            ("demo-1.0.tar.gz", ago(days=400)),
            (f"demo-1.0-{_LINUX}.whl", ago(days=300)),
            (f"demo-1.0-{_MUSL}.whl", ago(days=5)),
            (f"demo-1.0-{_WINDOWS}.whl", ago(days=3)),
            (f"demo-1.0-{_MAC}.whl", ago(days=4)),
        ),
        says=(
            Says(
                "4 of 5 file(s) came … the last on 2026-08-29: "
                f"demo-1.0-{_LINUX}.whl, demo-1.0-{_MUSL}.whl, demo-1.0-{_MAC}.whl "
                "and 1 more",
                "demo 1.0",
            ),
        ),
    ),
    Case(
        history_late_file,
        "a late file that has been there for more than 90 days is only told",
        _dated(
            ("demo-1.0.tar.gz", ago(days=400)),
            ("demo-1.0-py3-none-any.whl", ago(days=91)),
        ),
        says=(Says("1 of 2 file(s) came …", "demo 1.0", Severity.NOTICE),),
    ),
    Case(
        history_late_file,
        "a late file of a version below the baseline, before that came",
        _dated(
            ("demo-1.0.tar.gz", ago(days=400)),
            ("demo-1.0-py3-none-any.whl", ago(days=20)),
            ("demo-2.0.tar.gz", ago(days=10)),
        ),
        _from("2.0"),
        (Says("1 of 2 file(s) came …", "demo 1.0", Severity.NOTICE),),
    ),
    Case(
        history_late_file,
        "a late file of a version below the baseline, after that came",
        _dated(
            ("demo-1.0.tar.gz", ago(days=400)),
            ("demo-1.0-py3-none-any.whl", ago(days=5)),
            ("demo-2.0.tar.gz", ago(days=10)),
        ),
        _from("2.0"),
        (Says("1 of 2 file(s) came …", "demo 1.0"),),
    ),
    # history-unattested
    Case(
        history_unattested,
        "provenance from one release on",
        _attested(("demo-1.0.tar.gz", False), ("demo-1.1.tar.gz", True)),
    ),
    Case(
        history_unattested,
        "a release that lacks it where the one before had it",
        _attested(
            ("demo-1.0.tar.gz", True),
            ("demo-1.1.tar.gz", False),
            ("demo-1.2.tar.gz", True),
        ),
        says=(
            Says(
                "1 of 1 file(s) have no provenance on pypi, such as demo-1.1.tar.gz; "
                "1.0, which came before, has it for all of its files",
                "demo 1.1",
            ),
        ),
    ),
    Case(
        history_unattested,
        "provenance that was given up is told once",
        _attested(
            ("demo-1.0.tar.gz", True),
            ("demo-1.1.tar.gz", False),
            ("demo-1.2.tar.gz", False),
        ),
        says=(Says("1 of 1 file(s) have no provenance …", "demo 1.1"),),
    ),
    Case(
        history_unattested,
        "one file of a release lacks it",
        _attested(
            ("demo-1.0.tar.gz", True),
            ("demo-1.1.tar.gz", True),
            ("demo-1.1-py3-none-any.whl", False),
        ),
        says=(
            Says(
                "1 of 2 file(s) have no provenance on pypi, such as "
                "demo-1.1-py3-none-any.whl; 1.0, …",
                "demo 1.1",
            ),
        ),
    ),
    Case(
        history_unattested,
        "each release has it for some of its files",
        _attested(
            ("demo-1.0.tar.gz", False),
            ("demo-1.0-py3-none-any.whl", True),
            ("demo-1.1.tar.gz", True),
            ("demo-1.1-py3-none-any.whl", False),
        ),
    ),
    Case(
        history_unattested,
        "none of its files, where the one before had it for some",
        _attested(
            ("demo-1.0.tar.gz", False),
            ("demo-1.0-py3-none-any.whl", True),
            ("demo-1.1.tar.gz", False),
        ),
        says=(Says("… has it for some of its files", "demo 1.1"),),
    ),
    Case(
        history_unattested,
        "a series that never had it, beside one that has",
        _attested(
            ("demo-1.0.tar.gz", False),
            ("demo-2.0.tar.gz", True),
            ("demo-1.1.tar.gz", False),
            ("demo-2.1.tar.gz", True),
        ),
    ),
    Case(
        history_unattested,
        "the first release of a new series",
        _attested(("demo-1.0.tar.gz", True), ("demo-9.0.tar.gz", False)),
        says=(Says("… 1.0, which came before, …", "demo 9.0"),),
    ),
    Case(
        history_unattested,
        "a release of which the index does not say it",
        _attested(
            ("demo-1.0.tar.gz", True),
            ("demo-1.1.tar.gz", None),
            ("demo-1.2.tar.gz", True),
        ),
    ),
    Case(
        history_unattested,
        "a release of which nobody knows when it came is placed by its version",
        AttestedHistory(
            history(
                [],
                indexed("demo-1.1.tar.gz", provenance="", uploaded=None),
                indexed("demo-1.0.tar.gz", provenance="https://index.example/p"),
            )
        ),
        says=(Says("… 1.0, which came before, …", "demo 1.1"),),
    ),
    Case(
        history_unattested,
        "a release of more than 90 days ago is only told",
        AttestedHistory(
            history(
                [],
                indexed(
                    "demo-1.0.tar.gz",
                    provenance="https://index.example/p",
                    uploaded=ago(days=99),
                ),
                indexed("demo-1.1.tar.gz", provenance="", uploaded=ago(days=91)),
            )
        ),
        says=(Says("… 1.0, which came before, …", "demo 1.1", Severity.NOTICE),),
    ),
    Case(
        history_unattested,
        "a release below the baseline is only told",
        _attested(
            ("demo-1.0.tar.gz", True),
            ("demo-1.1.tar.gz", False),
            ("demo-1.2.tar.gz", True),
        ),
        _from("1.2"),
        (Says("… 1.0, which came before, …", "demo 1.1", Severity.NOTICE),),
    ),
    *(
        Case(
            history_unattested,
            f"provenance is required, and {what}",
            _attested(*((f"demo-{v}.tar.gz", has) for v, has in files.items())),
            policy(_REQUIRED, baseline=Version(since) if since else None),
            tuple(
                Says("… have no provenance on x, …", f"demo {version}", Severity.ERROR)
                for version in said
            ),
        )
        for what, files, since, said in (
            ("no release has any", {"1.0": False, "1.1": False}, "", ["1.1"]),
            ("the newest has it", {"1.0": False, "1.1": True}, "", []),
            (
                "one of the last lost it",
                {"1.0": True, "1.1": False, "1.2": True},
                "",
                ["1.1"],
            ),
            (
                "those from the baseline on lack it",
                {"1.0": False, "1.1": False, "1.2": True},
                "1.1",
                ["1.1"],
            ),
        )
    ),
    Case(
        history_unattested,
        "a yanked release says so",
        AttestedHistory(
            history(
                [],
                indexed("demo-1.0.tar.gz", provenance="https://index.example/p"),
                indexed("demo-1.1.tar.gz", provenance="", yanked=True, uploaded=NOW),
            )
        ),
        says=(Says("1 of 1 file(s) (yanked) have no provenance …", "demo 1.1"),),
    ),
]


def _of_many(count: int, tags: Iterable[str | GitTag]) -> History:
    """A history of so many versions, two files each, and these tags."""
    wheels = (indexed(f"demo-1.{n}-py3-none-any.whl") for n in range(count))
    return history(tags, *(f"1.{n}" for n in range(count)), *wheels)


def _judged(whole: History) -> dict[str, Counter[Severity]]:
    """What each rule says of a history of which everything is known."""
    built = tuple(NamedCommit(v, A, "x", _BRANCH) for v in whole.by_version)
    subjects: tuple[tuple[AnyRule, Labelled], ...] = (
        (release_untagged, whole),
        (tag_unreleased, whole),
        (history_version_kind, whole),
        (history_incomplete, whole),
        (history_late_file, DatedHistory(whole)),
        (history_unattested, AttestedHistory(whole)),
        (tag_moved, TracedHistory(whole, built)),
    )
    return {
        rule.id: Counter(f.severity for f in rule.findings(subject, _PLAIN))
        for rule, subject in subjects
    }


@pytest.mark.parametrize(
    "prefix", ["v1", "v2", "v0"], ids=["tagged", "older than the tags", "not tagged"]
)
def test_a_history_of_any_length_is_gone_through_once(prefix: str) -> None:
    """By a search for each of the versions it would take some minutes."""
    history = _of_many(
        _MANY, (GitTag(f"{prefix}.{n}", f"{n:040x}") for n in range(_MANY))
    )

    told = _judged(history)

    # Of each version one finding, and of more than a thousand the first.
    one_each = dict.fromkeys([f"demo 1.{n}" for n in range(_MANY)], 1)
    assert len(history.by_version) == len(one_each) == _MANY
    untagged = {"v1": {}, "v2": {Severity.ERROR: _MANY}, "v0": {Severity.ERROR: _MANY}}
    unreleased = {} if prefix == "v1" else {Severity.WARNING: _MANY}
    assert told == {
        "release-untagged": untagged[prefix],
        "tag-unreleased": unreleased,
        "history-version-kind": {},
        "history-incomplete": {},
        "history-late-file": {},
        "history-unattested": {},
        "tag-moved": {Severity.NOTICE: _MANY} if prefix == "v1" else {},
    }


class _Counted(tuple[IndexedFile, ...]):
    """Files that count how often they are gone through."""

    __slots__ = ()

    def __iter__(self) -> Iterator[IndexedFile]:
        _GONE_THROUGH[id(self)] += 1
        return super().__iter__()


_GONE_THROUGH: Counter[int] = Counter()


def test_the_files_of_a_history_are_not_gone_through_for_each_version() -> None:
    def times(count: int) -> int:
        history = _of_many(count, ["v9"])
        files = _Counted(history.listing.files)
        seen = replace(history, listing=replace(history.listing, files=files))
        _judged(seen)
        return _GONE_THROUGH[id(files)]

    assert times(2) == times(50)
    assert times(50) <= 4


_LISTED = [f"1.{n}" for n in range(5)]
_DAY = GitTag("v1.0", "", made=ago(days=9))


@pytest.mark.parametrize(
    ("history", "fix"),
    [
        pytest.param(
            history([f"demo-{v}" for v in _LISTED], *_LISTED),
            "no tag fits one of the policy's tag-templates, such as 'demo-1.4': …",
            id="no tag fits",
        ),
        pytest.param(
            history([*(f"demo-{v}" for v in _LISTED), "v1.0"], *_LISTED),
            "most tags fit none of the policy's tag-templates, such as 'demo-1.4': …",
            id="one tag fits",
        ),
        pytest.param(
            history([*(f"v{v}" for v in _LISTED[:-1]), "other-1.4"], *_LISTED),
            "find out who uploaded it; yank it, or tag the commit it was built of",
            id="one tag does not fit",
        ),
        pytest.param(
            history([_DAY], "1.0", "1.1", "1.2"),
            "the newest tag is of 2026-08-23, and all of these came later: …",
            id="all came after the newest tag",
        ),
        pytest.param(
            history([_DAY], "1.0", "1.1"),
            "find out who uploaded it; yank it, or tag the commit it was built of",
            id="one came after the newest tag",
        ),
        pytest.param(
            history(
                [_DAY],
                "1.0",
                indexed("demo-1.1.tar.gz", uploaded=ago(days=20)),
                "1.2",
                "1.3",
            ),
            "find out who uploaded it; yank it, or tag the commit it was built of",
            id="not all came after the newest tag",
        ),
        pytest.param(
            history([_DAY, "nightly"], "1.0", "1.1", "1.2"),
            "find out who uploaded it; yank it, or tag the commit it was built of",
            id="the day of a tag is not known",
        ),
        pytest.param(
            history(["v1.0"], indexed("demo-0.9.tar.gz", uploaded=None), "1.0"),
            "find out when it came, which the index does not say; …",
            id="nobody knows when a low version came",
        ),
    ],
)
def test_what_to_do_of_untagged_versions_depends_on_what_is_likely(
    history: History, fix: str
) -> None:
    found = list(release_untagged.findings(history, _PLAIN))

    assert found
    begin, more, _ = fix.partition("…")
    for finding in found:
        assert finding.severity is Severity.ERROR
        assert finding.fix.startswith(begin)
        assert more or finding.fix == begin


@pytest.mark.parametrize(
    ("tag", "fix"),
    [
        (GitTag("v1.1", "", made=ago(days=9)), "publish it, or remove the tag"),
        (GitTag("v1.1", "", made=ago(hours=2)), "wait for the release: …"),
        (GitTag("v1.1", ""), "… if it is of today, wait: no day is given"),
    ],
    ids=["it is old", "it is of today", "nobody says when it was made"],
)
def test_what_to_do_of_a_tag_without_a_version_depends_on_its_day(
    tag: GitTag, fix: str
) -> None:
    there = history(["v1.0", tag], indexed("demo-1.0.tar.gz", uploaded=ago(days=30)))
    (found,) = tag_unreleased.findings(there, _PLAIN)

    assert Says(fix).fits(found.fix)


def test_nothing_is_to_do_of_a_kind_that_is_older_than_the_baseline() -> None:
    there = history(["v0.1.dev1", "v1.0"], "0.1.dev1", "1.0")
    (new,) = history_version_kind.findings(there, _PLAIN)
    (old,) = history_version_kind.findings(there, _from("1.0"))

    assert new.fix.startswith("yank or delete it on the index")
    assert old.fix == "nothing: it is older than the baseline"
