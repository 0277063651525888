"""The rules of a project's history, case by case."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from builders import INTERNAL, TESTPYPI, Case, Says, indexed, listing, policy
from packaging.utils import canonicalize_name

from release_guard.facts import GitTag, History, IndexedFile
from release_guard.findings import Severity
from release_guard.policy import ProjectPolicy
from release_guard.rules.history import (
    history_version_kind,
    release_untagged,
    tag_unreleased,
)

DEMO = canonicalize_name("demo")


def _history(tags: Iterable[str], *files: str | IndexedFile) -> History:
    """What an index lists of ``demo``, and the tags of its repository."""
    names = (f"demo-{file}.tar.gz" if isinstance(file, str) else file for file in files)
    return History(DEMO, listing(*names), tuple(GitTag(tag, "") for tag in tags))


_CLI = policy(projects={DEMO: ProjectPolicy(("{name}-v{version}",))})


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
        says=(
            Says(
                "1 file(s) are since … on pypi, and none of the 1 tag(s) says 0.9",
                "demo 0.9",
                Severity.NOTICE,
            ),
        ),
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
        "a file whose name tells no version is told",
        _history(["v1.0"], "1.0", indexed("demo.exe"), indexed("demo-1.0-2.tar.gz")),
        says=(
            Says(
                "2 file(s) tell no version by their names, such as demo.exe, and were "
                "not compared",
                severity=Severity.NOTICE,
            ),
        ),
    ),
    # tag-unreleased
    Case(tag_unreleased, "each tag has a version", _history(["v1.0"], "1.0")),
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
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_history_rules(case: Case) -> None:
    assert case.found() == case.wanted()
