"""Commits that tags, manifests and provenance name, case by case."""

from __future__ import annotations

from collections.abc import Iterable

from builders import (
    Case,
    Says,
    history,
    policy,
)
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.facts import (
    GitTag,
    NamedCommit,
    TracedHistory,
)
from release_guard.findings import Severity
from release_guard.policy import Policy
from release_guard.rules.traces import tag_moved, tags_disagree

DEMO = canonicalize_name("demo")
A, B = "a" * 40, "b" * 40


def _from(version: str) -> Policy:
    """The policy with this baseline."""
    return policy(baseline=Version(version))


# --- commits -------------------------------------------------------------------


def _traced(
    tags: Iterable[GitTag], *built: tuple[str, str, str], versions: Iterable[str] = ()
) -> TracedHistory:
    """Tags, and what says of which commit, and by which ref, each version was built."""
    named = (NamedCommit(Version(v), commit, "x.json", ref) for v, commit, ref in built)
    return TracedHistory(history(tags, *versions), tuple(named))


_GATHERED = "all tags of a project were moved to one commit, "
_BRANCH, _TAG = "refs/heads/main", "refs/tags/v1.0"
_MOVED = (
    f"x.json says that it was built from {A[:12]}, and the tag 'v1.0' leads to "
    f"{B[:12]} now"
)


CASES = [
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
        history([GitTag("v1.0", A), GitTag("1.0", B)], "1.0"),
        says=(
            Says(
                f"its tags do not agree: '1.0' to {B[:12]}, 'v1.0' to {A[:12]}",
                "demo 1.0",
            ),
        ),
    ),
    *(
        Case(tags_disagree, name, history([GitTag(*tag) for tag in tags], *listed))
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
        history([GitTag("v1.0", A), GitTag("1.0", B)], "1.0", "2.0"),
        _from("2.0"),
        (Says("its tags do not agree: …", "demo 1.0", Severity.NOTICE),),
    ),
]
