"""The rules of a project's history, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import (
    INTERNAL,
    NOW,
    TESTPYPI,
    YESTERDAY,
    Case,
    Says,
    indexed,
    listing,
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
from release_guard.filenames import by_version
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
from release_guard.rules.traces import tag_moved, tags_disagree

DEMO = canonicalize_name("demo")
A, B = "a" * 40, "b" * 40


def _history(tags: Iterable[str | GitTag], *files: str | IndexedFile) -> History:
    """What an index lists of ``demo`` at ``NOW``, and the tags of its repository."""
    names = (f"demo-{file}.tar.gz" if isinstance(file, str) else file for file in files)
    page = listing(*names)
    made = tuple(GitTag(tag, "") if isinstance(tag, str) else tag for tag in tags)
    return History(DEMO, page, made, by_version(page), NOW)


_PLAIN = policy()


def _ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def _from(version: str) -> Policy:
    """The policy with this baseline."""
    return policy(baseline=Version(version))


# --- what came late ------------------------------------------------------------


def _dated(*files: tuple[str, datetime | None]) -> DatedHistory:
    """Files, and when each came."""
    return DatedHistory(
        _history([], *(indexed(name, uploaded=came) for name, came in files))
    )


# --- what is missing -----------------------------------------------------------

_LINUX = "cp312-cp312-manylinux_2_28_x86_64"
_MUSL = "cp312-cp312-musllinux_1_2_x86_64"
_WINDOWS = "cp312-cp312-win_amd64"
_MAC = "cp312-cp312-macosx_11_0_arm64"


def _releases(*releases: tuple[str, Iterable[str]], **changes: object) -> History:
    """Versions, and what each has: ``sdist``, or the tags of a wheel. All came 30 days
    ago.
    """
    said: dict[str, Any] = {"uploaded": _ago(days=30), **changes}
    files = [
        indexed(
            f"demo-{version}.tar.gz"
            if what == "sdist"
            else f"demo-{version}-{what}.whl",
            **said,
        )
        for version, parts in releases
        for what in parts
    ]
    return _history([], *files)


def _instead(history: History, version: str, **changes: object) -> History:
    """The same, with the files of one version changed."""
    files = [
        replace(file, **changes) if str(file.version) == version else file  # type: ignore[arg-type]
        for file in history.listing.files
    ]
    page = replace(history.listing, files=tuple(files))
    return replace(history, listing=page, by_version=by_version(page))


_FULL = ("sdist", _LINUX, _WINDOWS)
_NO_WINDOWS = _releases(
    ("1.0", _FULL), ("1.1", _FULL), ("1.2", ("sdist", _LINUX)), ("1.3", _FULL)
)
_LACKS_WINDOWS = (
    "2 file(s), and it lacks wheels for win_amd64 (cp312), which 1.0, 1.1, 1.3 have"
)
#: One release after the other came without the wheels for Windows.
_DROPPED = (
    ("1.0", _FULL),
    ("1.1", _FULL),
    ("1.2", ("sdist", _LINUX)),
    ("1.3", ("sdist", _LINUX)),
)


# --- provenance ----------------------------------------------------------------


def _attested(*files: tuple[str, bool | None]) -> AttestedHistory:
    """Files in the order in which they came, a day apart, the last one yesterday, and
    whether the index has provenance of each; None where it does not say.
    """
    words = {True: "https://index.example/provenance", False: "", None: None}
    made = (
        indexed(name, provenance=words[has], uploaded=_ago(days=len(files) - number))
        for number, (name, has) in enumerate(files)
    )
    return AttestedHistory(_history([], *made))


# --- commits -------------------------------------------------------------------


def _traced(
    tags: Iterable[GitTag], *built: tuple[str, str, str], versions: Iterable[str] = ()
) -> TracedHistory:
    """Tags, and what says of which commit, and by which ref, each version was built."""
    named = (NamedCommit(Version(v), commit, "x.json", ref) for v, commit, ref in built)
    return TracedHistory(_history(tags, *versions), tuple(named))


_GATHERED = "all tags of a project were moved to one commit, "
_BRANCH, _TAG = "refs/heads/main", "refs/tags/v1.0"
_MOVED = (
    f"x.json says that it was built from {A[:12]}, and the tag 'v1.0' leads to "
    f"{B[:12]} now"
)


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
    Case(release_untagged, "each has a tag", _history(["v1.0", "1.1"], "1.0", "1.1")),
    Case(
        release_untagged,
        "a tag in another spelling of the version",
        _history(["v1.0", "v1.1.0-rc.1"], "1.0.0", "1.1rc1"),
    ),
    Case(
        release_untagged,
        "a version in the middle without a tag",
        _history(["v1.0", "v1.2"], "1.0", "1.1", "1.2"),
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
        _history(["v1.0"], "0.9", "1.0"),
        says=(_older("0.9"),),
    ),
    Case(
        release_untagged,
        "many versions below the first tag are told at once",
        _history(["v1.0"], "0.7", "0.8", "0.9", "1.0"),
        says=(_older("0.7 to 0.9", 3),),
    ),
    Case(
        release_untagged,
        "a version below the first tag, uploaded after it",
        _history(["v1.0"], indexed("demo-0.9.tar.gz", uploaded=NOW), "1.0"),
        says=(Says("… and none of the 1 tag(s) says 0.9", "demo 0.9"),),
    ),
    Case(
        release_untagged,
        "a version below the first tag, uploaded before it",
        _history(
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
            _history(["v1.0"], indexed("demo-0.9.tar.gz", uploaded=at), *first),
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
        _history(
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
        _history(["v1.0"], "1.0", "1.1.dev1"),
        policy(TESTPYPI),
        (Says("… says 1.1.dev1", "demo 1.1.dev1", Severity.NOTICE),),
    ),
    Case(
        release_untagged,
        "a version below the first tag, with a file that was added after it",
        _history(
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
        _history(["demo-v1.0", "other-v1.1"], "1.0", "1.1"),
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
        _history(["nightly"], "1.0"),
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
        _history(["v1.0"], indexed("demo-1.1.tar.gz", yanked=True, uploaded=None)),
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
        _history(
            ["v1.0"],
            "1.0",
            indexed("demo.exe", uploaded=_ago(days=900)),
            indexed("demo-setup.exe", uploaded=_ago(days=2)),
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
            _history(["v1.0"], "1.0", indexed("demo.exe", uploaded=at)),
            says=(Says("1 file(s)…, such as demo.exe, …", severity=Severity.NOTICE),),
        )
        for when, at in (
            ("more than 90 days ago", _ago(days=91)),
            ("nobody knows when", None),
        )
    ),
    Case(
        release_untagged,
        "a name that installers read as a post release",
        _history(["v1.0"], "1.0", indexed("demo-1.0-1.tar.gz")),
        says=(Says("… says 1.0.post1", "demo 1.0.post1"),),
    ),
    Case(
        release_untagged,
        "a version below the first tag, of which nothing is listed",
        _history(["v0.9", "v1.0"], indexed("demo-0.8.tar.gz", uploaded=NOW), "1.0"),
        says=(Says("… says 0.8", "demo 0.8"),),
    ),
    Case(
        release_untagged,
        "a version below the first tag, and nothing is listed that has one",
        _history(["v1.0"], indexed("demo-0.9.tar.gz", uploaded=NOW)),
        says=(Says("… says 0.9", "demo 0.9"),),
    ),
    Case(
        release_untagged,
        "a stray tag of a version that is not listed makes nothing old",
        _history(
            ["release-0.8", GitTag("v9", "", made=_ago(days=3))],
            indexed("demo-0.9.tar.gz", uploaded=NOW),
            indexed("demo-0.8.tar.gz", uploaded=_ago(days=9)),
        ),
        says=(Says("… says 0.8", "demo 0.8"), Says("… says 0.9", "demo 0.9")),
    ),
    Case(
        release_untagged,
        "a version below the baseline is only told",
        _history(["v0.8", "v1.0"], "0.8", "0.9", "1.0"),
        _from("1.0"),
        (_older("0.9"),),
    ),
    Case(
        release_untagged,
        "a version below the project's own baseline, which outranks the common one",
        _history(["v0.8", "v1.0"], "0.8", "0.9", "1.0"),
        policy(
            baseline=Version("0.1"),
            projects={DEMO: ProjectPolicy(baseline=Version("1.0"))},
        ),
        (_older("0.9"),),
    ),
    Case(
        release_untagged,
        "a version below the baseline that came after it",
        _history(
            ["v0.8", "v1.0"], indexed("demo-0.9.tar.gz", uploaded=NOW), "0.8", "1.0"
        ),
        _from("1.0"),
        (Says("… says 0.9", "demo 0.9"),),
    ),
    Case(
        release_untagged,
        "the baseline itself and what is above it",
        _history(["v0.8"], "0.8", "1.0", "1.1"),
        _from("1.0"),
        (Says("… says 1.0", "demo 1.0"), Says("… says 1.1", "demo 1.1")),
    ),
    Case(
        release_untagged,
        "a version of which some files are yanked",
        _history(
            ["v1.0"],
            indexed("demo-1.1.tar.gz"),
            indexed("demo-1.1-py3-none-any.whl", yanked=True),
        ),
        says=(Says("2 file(s) (1 of them yanked) are since … says 1.1", "demo 1.1"),),
    ),
    # tag-unreleased
    Case(tag_unreleased, "each tag has a version", _history(["v1.0"], "1.0")),
    *(
        Case(
            tag_unreleased,
            f"a tag without a version, made {when}",
            _history(["v1.0", GitTag("v1.1", "", made=made)], "1.0"),
            says=(Says("the tag 'v1.1' says 1.1, …", "demo 1.1", severity),),
        )
        for when, made, severity in (
            ("an hour ago", _ago(hours=1), Severity.NOTICE),
            ("a minute from now, by another clock", _ago(minutes=-1), Severity.NOTICE),
            ("a day ago", _ago(days=1), None),
            ("years from now, by whoever says so", _ago(days=-800), None),
            ("nobody knows when", None, None),
        )
    ),
    Case(
        tag_unreleased,
        "a tag below the baseline is only told",
        _history(["v0.9", "v1.0"], "1.0"),
        _from("1.0"),
        (_unlisted("v0.9"),),
    ),
    Case(
        tag_unreleased,
        "tags that were made before the first file came are told at once",
        _history(
            [
                *(GitTag(f"v0.{n}", "", made=_ago(days=900)) for n in (7, 8)),
                GitTag("v0.9", "", made=_ago(days=3)),
                "v1.0",
            ],
            indexed(uploaded=_ago(days=9)),
        ),
        says=(
            Says("the tag 'v0.9' says 0.9, …", "demo 0.9"),
            _unlisted("v0.7, v0.8", 2),
        ),
    ),
    Case(
        tag_unreleased,
        "two tags of one version are one finding",
        _history(["v1.0", "v1.1", "1.1"], "1.0"),
        says=(Says("the tag 'v1.1' and '1.1' says 1.1, …", "demo 1.1"),),
    ),
    Case(
        tag_unreleased,
        "a tag below the baseline that was made after it came",
        _history(
            [GitTag("v0.9", "", made=_ago(hours=30))], indexed(uploaded=_ago(days=9))
        ),
        _from("1.0"),
        (Says("the tag 'v0.9' says 0.9, …", "demo 0.9"),),
    ),
    Case(
        tag_unreleased,
        "a tag that is no release tag",
        _history(["v1.0", "nightly", "collective-2026-07-22"], "1.0"),
    ),
    Case(
        tag_unreleased,
        "a tag of a version that must not go there",
        _history(["v1.0", "v1.1.dev0"], "1.0"),
    ),
    Case(
        tag_unreleased,
        "a tag without a version",
        _history(["v1.0", "v1.1"], "1.0"),
        policy(INTERNAL),
        (Says("the tag 'v1.1' says 1.1, of which internal lists no file", "demo 1.1"),),
    ),
    # history-version-kind
    Case(
        history_version_kind,
        "final, post and pre versions",
        _history(["v1.0"], "1.0", "1.0.post1", "1.1rc1", "1!1.0"),
    ),
    Case(
        history_version_kind,
        "a dev version on an index that takes it",
        _history(["v1.0"], "1.0.dev1"),
        policy(TESTPYPI),
    ),
    Case(
        history_version_kind,
        "a dev version",
        _history(["v1.0"], "1.0", "43.0.0.dev1"),
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
        _history(["v1.0"], "1.0", "0.9.dev1"),
        _from("1.0"),
        (Says("… a dev version, …", "demo 0.9.dev1", Severity.NOTICE),),
    ),
    Case(
        history_version_kind,
        "a dev version below the baseline that came after it",
        _history(["v1.0"], "1.0", indexed("demo-0.9.dev1.tar.gz", uploaded=NOW)),
        _from("1.0"),
        (Says("… a dev version, …", "demo 0.9.dev1"),),
    ),
    # tag-moved
    Case(
        tag_moved,
        "the tag leads where the release was built",
        _traced([GitTag("v1.0", A)], ("1.0", A, _TAG)),
    ),
    Case(
        tag_moved,
        "one of two tags of a version leads there",
        _traced([GitTag("v1.0", B), GitTag("1.0.0", A)], ("1.0", A, "")),
    ),
    Case(
        tag_moved,
        "a version without a tag is told by another rule",
        _traced([GitTag("v2.0", B)], ("1.0", A, ""), ("1.0", A, "refs/tags/v1.0")),
    ),
    Case(
        tag_moved,
        "a run of a tag that leads elsewhere now",
        _traced([GitTag("v1.0", B)], ("1.0", A, _TAG)),
        says=(Says(_MOVED, "demo 1.0"),),
    ),
    Case(
        tag_moved,
        "a run of a tag that says no version, and leads elsewhere now",
        _traced([GitTag("release", B)], ("1.0", A, "refs/tags/release")),
        says=(
            Says(
                f"x.json says that it was built from {A[:12]}, and the tag 'release' "
                f"leads to {B[:12]} now",
                "demo 1.0",
            ),
        ),
    ),
    Case(
        tag_moved,
        "a run of a tag that is gone, and another one says the version",
        _traced([GitTag("1.0", B)], ("1.0", A, _TAG)),
        says=(Says("… the tag '1.0' leads to …", "demo 1.0"),),
    ),
    Case(
        tag_moved,
        "all tags were moved to one commit, as moving tags are",
        _traced(
            [GitTag("v1.0", B), GitTag("v1.0.1", B)], ("1.0", A, _TAG), ("1.0.1", B, "")
        ),
        says=(Says(_MOVED, "demo 1.0"),),
    ),
    Case(
        tag_moved,
        "a tag of a major version that moves from release to release",
        _traced(
            [GitTag("v1", B), GitTag("v1.0", A), GitTag("v1.1", B)],
            ("1.0", A, _BRANCH),
            ("1.1", B, _BRANCH),
        ),
    ),
    Case(
        tag_moved,
        "runs on a branch that commit and tag before they build",
        _traced(
            [GitTag(f"v1.{n}", f"{n}" * 40) for n in range(3)],
            *((f"1.{n}", A, _BRANCH) for n in range(3)),
        ),
        says=tuple(
            Says(f"… 'v1.{n}' …", f"demo 1.{n}", Severity.NOTICE) for n in range(3)
        ),
    ),
    Case(
        tag_moved,
        "two runs on a branch are no habit yet",
        _traced(
            [GitTag(f"v1.{n}", f"{n}" * 40) for n in range(2)],
            *((f"1.{n}", A, _BRANCH) for n in range(2)),
        ),
        says=tuple(
            Says(f"… 'v1.{n}' …", f"demo 1.{n}", Severity.WARNING) for n in range(2)
        ),
    ),
    Case(
        tag_moved,
        "a manifest that does not say what started the run",
        _traced([GitTag("v1.0", B)], ("1.0", A, "")),
        says=(Says(_MOVED, "demo 1.0"),),
    ),
    Case(
        tag_moved,
        _GATHERED + "and the runs were on a branch (CVE-2025-30066)",
        _traced(
            [GitTag(f"v1.{n}", B) for n in range(6)],
            *((f"1.{n}", f"{n}" * 40, _BRANCH) for n in range(6)),
        ),
        says=tuple(Says(f"… 'v1.{n}' …", f"demo 1.{n}") for n in range(6)),
    ),
    Case(
        tag_moved,
        _GATHERED + "but for one: the habit of the others is none",
        _traced(
            [*(GitTag(f"v1.{n}", B) for n in range(2)), GitTag("v1.2", "2" * 40)],
            *((f"1.{n}", A, _BRANCH) for n in range(3)),
        ),
        says=(
            Says("… 'v1.0' …", "demo 1.0"),
            Says("… 'v1.1' …", "demo 1.1"),
            Says("… 'v1.2' …", "demo 1.2", Severity.NOTICE),
        ),
    ),
    Case(
        tag_moved,
        "a moving tag beside those of runs that commit before they build",
        _traced(
            [
                *(GitTag(f"v1.{n}", f"{n}" * 40) for n in range(3)),
                GitTag("v1", "2" * 40),
            ],
            *((f"1.{n}", A, _BRANCH) for n in range(3)),
        ),
        says=tuple(
            Says("… leads to …", f"demo 1.{n}", Severity.NOTICE) for n in range(3)
        ),
    ),
    Case(
        tag_moved,
        "the tag that started the run leads there, and that of the version does not",
        _traced(
            [GitTag("nightly", A), GitTag("v1.0", B)],
            ("1.0", A, "refs/tags/nightly"),
        ),
        says=(Says(_MOVED, "demo 1.0"),),
    ),
    Case(
        tag_moved,
        "the tag that started the run leads there, and a moving one does not",
        _traced(
            [GitTag("demo-1.0", A), GitTag("v1", B), GitTag("v1.3", B)],
            ("1.0", A, "refs/tags/demo-1.0"),
        ),
    ),
    Case(
        tag_moved,
        "a run on a branch that differs where the others do not",
        _traced(
            [GitTag("v1.0", B), GitTag("v1.1", A), GitTag("v1.2", A)],
            ("1.0", A, _BRANCH),
            ("1.1", A, _BRANCH),
            ("1.2", A, _BRANCH),
        ),
        says=(Says(_MOVED, "demo 1.0", Severity.WARNING),),
    ),
    Case(
        tag_moved,
        "tags of which no commit is known are not compared, and that is said",
        _traced(
            [GitTag("v1.0", ""), GitTag("v1.1", ""), GitTag("v1.2", B)],
            ("1.0", A, _TAG),
            ("1.1", A, ""),
            ("1.2", B, ""),
        ),
        says=(
            Says(
                "of the tags of 1.0, 1.1 no commit is known: they were not compared",
                severity=Severity.WARNING,
            ),
        ),
    ),
    # tags-disagree
    Case(
        tags_disagree,
        "two tags of one version lead to two commits",
        _history([GitTag("v1.0", A), GitTag("1.0", B)], "1.0"),
        says=(
            Says(
                f"its tags do not agree: '1.0' to {B[:12]}, 'v1.0' to {A[:12]}",
                "demo 1.0",
            ),
        ),
    ),
    *(
        Case(tags_disagree, name, _history([GitTag(*tag) for tag in tags], *listed))
        for name, tags, listed in (
            ("two tags of one commit", [("v1.0", A), ("1.0", A)], ["1.0"]),
            ("a version that is not listed", [("v1.0", A), ("1.0", B)], ["2.0"]),
            ("a tag of a major version", [("v1", B), ("v1.0", A)], ["1.0"]),
            ("one of which no commit is known", [("v1.0", A), ("1.0", "")], ["1.0"]),
            ("tags of two versions", [("v1.0", A), ("v1.1", B)], ["1.0", "1.1"]),
        )
    ),
    Case(
        tags_disagree,
        "two tags of a version below the baseline",
        _history([GitTag("v1.0", A), GitTag("1.0", B)], "1.0", "2.0"),
        _from("2.0"),
        (Says("its tags do not agree: …", "demo 1.0", Severity.NOTICE),),
    ),
    # history-late-file
    Case(
        history_late_file,
        "all of a release within 14 days",
        _dated(
            ("demo-1.0.tar.gz", _ago(days=14)),
            ("demo-1.0-py3-none-any.whl", NOW),
            ("demo-0.9.tar.gz", _ago(days=900)),
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
            ("demo-1.0.tar.gz", _ago(days=14, seconds=1)),
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
            ("demo-1.0.tar.gz", _ago(days=400)),
            (f"demo-1.0-{_LINUX}.whl", _ago(days=300)),
            (f"demo-1.0-{_MUSL}.whl", _ago(days=5)),
            (f"demo-1.0-{_WINDOWS}.whl", _ago(days=3)),
            (f"demo-1.0-{_MAC}.whl", _ago(days=4)),
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
            ("demo-1.0.tar.gz", _ago(days=400)),
            ("demo-1.0-py3-none-any.whl", _ago(days=91)),
        ),
        says=(Says("1 of 2 file(s) came …", "demo 1.0", Severity.NOTICE),),
    ),
    Case(
        history_late_file,
        "a late file of a version below the baseline, before that came",
        _dated(
            ("demo-1.0.tar.gz", _ago(days=400)),
            ("demo-1.0-py3-none-any.whl", _ago(days=20)),
            ("demo-2.0.tar.gz", _ago(days=10)),
        ),
        _from("2.0"),
        (Says("1 of 2 file(s) came …", "demo 1.0", Severity.NOTICE),),
    ),
    Case(
        history_late_file,
        "a late file of a version below the baseline, after that came",
        _dated(
            ("demo-1.0.tar.gz", _ago(days=400)),
            ("demo-1.0-py3-none-any.whl", _ago(days=5)),
            ("demo-2.0.tar.gz", _ago(days=10)),
        ),
        _from("2.0"),
        (Says("1 of 2 file(s) came …", "demo 1.0"),),
    ),
    # history-incomplete
    Case(
        history_incomplete,
        "releases that are alike",
        _releases(*((f"1.{n}", _FULL) for n in range(4))),
    ),
    Case(
        history_incomplete,
        "other versions of glibc, macOS and the ABI are the same family",
        _releases(
            ("1.0", (_LINUX, "cp38-abi3-macosx_10_9_universal2")),
            ("1.1", (_LINUX, "cp38-abi3-macosx_10_9_universal2")),
            (
                "1.2",
                (
                    "cp312-cp312-manylinux2014_x86_64",
                    "cp39-abi3-macosx_11_0_arm64",
                    "cp39-abi3-macosx_10_12_x86_64",
                ),
            ),
        ),
    ),
    Case(
        history_incomplete,
        "a release in the middle without wheels for one system",
        _NO_WINDOWS,
        says=(Says(_LACKS_WINDOWS, "demo 1.2"),),
    ),
    Case(
        history_incomplete,
        "the newest release without wheels for one system",
        _releases(*_DROPPED[:3]),
        says=(
            Says(
                "2 file(s), and it lacks wheels for win_amd64 (cp312), which 1.0, 1.1 "
                "have",
                "demo 1.2",
            ),
        ),
    ),
    Case(
        history_incomplete,
        "a system that was dropped is not told for every later release",
        _releases(*_DROPPED),
    ),
    Case(
        history_incomplete,
        "dulwich 0.20.38 to .40: releases in turn without wheels, among others with",
        _releases(
            *((f"1.{n}", ("sdist",) if n in (3, 4, 5) else _FULL) for n in range(8))
        ),
        says=tuple(Says("… 1.1, 1.2, 1.6 have", f"demo 1.{n}") for n in (3, 4, 5)),
    ),
    Case(
        history_incomplete,
        "four releases in turn without wheels were a decision",
        _releases(
            *((f"1.{n}", ("sdist",) if n in range(3, 7) else _FULL) for n in range(9))
        ),
    ),
    Case(
        history_incomplete,
        "a Python that is gone on every system of the newest release was dropped",
        _releases(
            *((f"1.{n}", (_LINUX, "cp39-cp39-manylinux_2_28_x86_64")) for n in (0, 1)),
            ("1.2", (_LINUX, "cp313-cp313-manylinux_2_28_x86_64")),
        ),
    ),
    Case(
        history_incomplete,
        "a Python that is gone on one system of the newest release",
        _releases(
            *(
                (
                    f"1.{n}",
                    (_LINUX, _WINDOWS, "cp39-cp39-win32", "cp39-cp39-win_amd64"),
                )
                for n in (0, 1)
            ),
            ("1.2", (_LINUX, _WINDOWS, "cp39-cp39-win32")),
        ),
        says=(Says("… it lacks wheels for win_amd64 (cp39), …", "demo 1.2"),),
    ),
    Case(
        history_incomplete,
        "the newest release without any wheel",
        _releases(("1.0", _FULL), ("1.1", _FULL), ("1.2", ("sdist",))),
        says=(
            Says(
                "… it lacks wheels for linux_x86_64 (cp312), win_amd64 (cp312), …",
                "demo 1.2",
            ),
        ),
    ),
    Case(
        history_incomplete,
        "black 23.9.0: the pure wheel only, where the neighbours have others too",
        _releases(
            *(
                (v, ("sdist", "py3-none-any", "cp311-cp311-win_amd64"))
                for v in ("23.3.0", "23.7.0", "23.9.1")
            ),
            ("23.9.0", ("sdist", "py3-none-any")),
        ),
        says=(
            Says(
                "… it lacks wheels for win_amd64 (cp311), which 23.3.0, 23.7.0, 23.9.1 "
                "have",
                "demo 23.9.0",
            ),
        ),
    ),
    *(
        Case(
            history_incomplete,
            f"the newest release turned to {what}",
            _releases(("1.0", _FULL), ("1.1", _FULL), ("1.2", ("sdist", *wheels))),
        )
        for what, wheels in {
            "a pure wheel": ["py3-none-any"],
            "the stable ABI": ["cp312-abi3-win_amd64", "cp312-abi3-linux_x86_64"],
            "programs without an ABI": ["py3-none-win_amd64", "py3-none-linux_x86_64"],
        }.items()
    ),
    Case(
        history_incomplete,
        "a release without an sdist",
        _releases(
            ("1.0", _FULL), ("1.1", _FULL), ("1.2", (_LINUX, _WINDOWS)), ("1.3", _FULL)
        ),
        says=(
            Says(
                "2 file(s), and it lacks an sdist, which 1.0, 1.1, 1.3 have", "demo 1.2"
            ),
        ),
    ),
    Case(
        history_incomplete,
        "no release has an sdist",
        _releases(*((f"1.{n}", (_LINUX,)) for n in range(4))),
    ),
    Case(
        history_incomplete,
        "an sdist that the policy forbids",
        _releases(("1.0", _FULL), ("1.1", _FULL), ("1.2", (_LINUX, _WINDOWS))),
        policy(sdist=Presence.FORBIDDEN),
    ),
    Case(
        history_incomplete,
        "two releases have no neighbours to compare with",
        _releases(("1.0", _FULL), ("1.1", ("sdist",))),
    ),
    Case(
        history_incomplete,
        "pre-, post- and dev releases are no neighbours, and are not compared",
        _releases(
            ("1.0", _FULL),
            ("1.1", _FULL),
            ("1.2rc1", ("sdist",)),
            ("1.2", _FULL),
            ("1.2.post1", ("sdist",)),
            ("1.3.dev1", ("sdist",)),
        ),
    ),
    Case(
        history_incomplete,
        "a yanked release is no neighbour, and is not compared",
        _instead(
            _releases(
                ("1.0", _FULL), ("1.1", _FULL), ("1.2", ("sdist",)), ("1.3", _FULL)
            ),
            "1.2",
            yanked=True,
        ),
    ),
    Case(
        history_incomplete,
        "a yanked release between an incomplete one and its neighbour",
        _instead(
            _releases(
                ("1.0", _FULL),
                ("1.1", _FULL),
                ("1.2", ("sdist", _LINUX)),
                ("1.2.1", ("sdist", _LINUX)),
                ("1.3", _FULL),
            ),
            "1.2.1",
            yanked=True,
        ),
        says=(Says(_LACKS_WINDOWS, "demo 1.2"),),
    ),
    Case(
        history_incomplete,
        "a newest release that came today is only told: the rest may be on its way",
        _instead(_releases(*_DROPPED[:3]), "1.2", uploaded=_ago(hours=2)),
        says=(Says("… it lacks …", "demo 1.2", Severity.NOTICE),),
    ),
    Case(
        history_incomplete,
        "a release of more than 90 days ago is only told",
        _instead(_NO_WINDOWS, "1.2", uploaded=_ago(days=91)),
        says=(Says(_LACKS_WINDOWS, "demo 1.2", Severity.NOTICE),),
    ),
    Case(
        history_incomplete,
        "a release below the baseline is only told",
        _NO_WINDOWS,
        _from("1.3"),
        (Says(_LACKS_WINDOWS, "demo 1.2", Severity.NOTICE),),
    ),
    Case(
        history_incomplete,
        "a release of which nobody knows when it came",
        _instead(_NO_WINDOWS, "1.2", uploaded=None),
        says=(Says(_LACKS_WINDOWS, "demo 1.2"),),
    ),
    Case(
        history_incomplete,
        "a name with more systems than any wheel has serves none",
        _releases(
            ("1.0", _FULL),
            ("1.1", _FULL),
            ("1.2", ("sdist", ".".join(f"cp{n}" for n in range(40)) + "-none-a.b.c")),
        ),
        says=(Says("… lacks wheels for linux_x86_64 (cp312), …", "demo 1.2"),),
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
            _history(
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
            _history(
                [],
                indexed(
                    "demo-1.0.tar.gz",
                    provenance="https://index.example/p",
                    uploaded=_ago(days=99),
                ),
                indexed("demo-1.1.tar.gz", provenance="", uploaded=_ago(days=91)),
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
            _history(
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
    return _history(tags, *(f"1.{n}" for n in range(count)), *wheels)


def _judged(history: History) -> dict[str, Counter[Severity]]:
    """What each rule says of a history of which everything is known."""
    built = tuple(NamedCommit(v, A, "x", _BRANCH) for v in history.by_version)
    subjects: tuple[tuple[AnyRule, Labelled], ...] = (
        (release_untagged, history),
        (tag_unreleased, history),
        (history_version_kind, history),
        (history_incomplete, history),
        (history_late_file, DatedHistory(history)),
        (history_unattested, AttestedHistory(history)),
        (tag_moved, TracedHistory(history, built)),
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


@pytest.mark.parametrize("case", CASES, ids=str)
def test_history_rules(case: Case) -> None:
    assert case.found() == case.wanted()


_LISTED = [f"1.{n}" for n in range(5)]
_DAY = GitTag("v1.0", "", made=_ago(days=9))


@pytest.mark.parametrize(
    ("history", "fix"),
    [
        pytest.param(
            _history([f"demo-{v}" for v in _LISTED], *_LISTED),
            "no tag fits one of the policy's tag-templates, such as 'demo-1.4': …",
            id="no tag fits",
        ),
        pytest.param(
            _history([*(f"demo-{v}" for v in _LISTED), "v1.0"], *_LISTED),
            "most tags fit none of the policy's tag-templates, such as 'demo-1.4': …",
            id="one tag fits",
        ),
        pytest.param(
            _history([*(f"v{v}" for v in _LISTED[:-1]), "other-1.4"], *_LISTED),
            "find out who uploaded it; yank it, or tag the commit it was built of",
            id="one tag does not fit",
        ),
        pytest.param(
            _history([_DAY], "1.0", "1.1", "1.2"),
            "the newest tag is of 2026-08-23, and all of these came later: …",
            id="all came after the newest tag",
        ),
        pytest.param(
            _history([_DAY], "1.0", "1.1"),
            "find out who uploaded it; yank it, or tag the commit it was built of",
            id="one came after the newest tag",
        ),
        pytest.param(
            _history(
                [_DAY],
                "1.0",
                indexed("demo-1.1.tar.gz", uploaded=_ago(days=20)),
                "1.2",
                "1.3",
            ),
            "find out who uploaded it; yank it, or tag the commit it was built of",
            id="not all came after the newest tag",
        ),
        pytest.param(
            _history([_DAY, "nightly"], "1.0", "1.1", "1.2"),
            "find out who uploaded it; yank it, or tag the commit it was built of",
            id="the day of a tag is not known",
        ),
        pytest.param(
            _history(["v1.0"], indexed("demo-0.9.tar.gz", uploaded=None), "1.0"),
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
