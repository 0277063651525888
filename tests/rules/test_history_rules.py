"""The rules of a project's history, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

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

from release_guard.facts import GitTag, History, IndexedFile
from release_guard.filenames import by_version
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
    page = listing(*names)
    made = tuple(GitTag(tag, "") for tag in tags)
    return History(DEMO, page, made, by_version(page))


_PLAIN = policy()
#: So many versions, and as many tags.
_MANY = 20_000
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
        "a version below the first tag, uploaded after it",
        _history(["v1.0"], indexed("demo-0.9.tar.gz", uploaded=NOW), "1.0"),
        says=(Says("… and none of the 1 tag(s) says 0.9", "demo 0.9"),),
    ),
    *(
        Case(
            release_untagged,
            f"a version below the first tag, uploaded {when}",
            _history(["v1.0"], indexed("demo-0.9.tar.gz", uploaded=at), *first),
            says=(Says("… says 0.9", "demo 0.9", Severity.NOTICE),),
        )
        for when, at, first in (
            ("before it", YESTERDAY - timedelta(days=1), ("1.0",)),
            ("nobody knows when", None, ("1.0",)),
            ("after it, which is not there", NOW, ()),
            (
                "after it, nobody knows when that was",
                NOW,
                (indexed("demo-1.0.tar.gz", uploaded=None),),
            ),
        )
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
        says=(Says("2 file(s) are since … says 0.9", "demo 0.9", Severity.NOTICE),),
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


def _of_many(count: int, tags: Iterable[str]) -> History:
    """A history of so many versions, two files each, and these tags."""
    wheels = (indexed(f"demo-1.{n}-py3-none-any.whl") for n in range(count))
    return _history(tags, *(f"1.{n}" for n in range(count)), *wheels)


@pytest.mark.parametrize(
    "prefix", ["v1", "v2", "v0"], ids=["tagged", "older than the tags", "not tagged"]
)
def test_a_history_of_any_length_is_gone_through_once(prefix: str) -> None:
    """By a search for each of the versions it would take some minutes."""
    history = _of_many(_MANY, (f"{prefix}.{n}" for n in range(_MANY)))

    told = {
        rule.id: Counter(finding.severity for finding in rule.findings(history, _PLAIN))
        for rule in (release_untagged, tag_unreleased, history_version_kind)
    }

    # Of each version one finding, and of more than a thousand the first.
    one_each = dict.fromkeys([f"demo 1.{n}" for n in range(_MANY)], 1)
    assert len(history.by_version) == len(one_each) == _MANY
    untagged = {"v1": {}, "v2": {Severity.NOTICE: _MANY}, "v0": {Severity.ERROR: _MANY}}
    unreleased = {} if prefix == "v1" else {Severity.WARNING: _MANY}
    assert told == {
        "release-untagged": untagged[prefix],
        "tag-unreleased": unreleased,
        "history-version-kind": {},
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
        for rule in (release_untagged, tag_unreleased, history_version_kind):
            list(rule.findings(seen, policy(INTERNAL)))
        return _GONE_THROUGH[id(files)]

    assert times(2) == times(50)
    assert times(50) <= 3


@pytest.mark.parametrize("case", CASES, ids=str)
def test_history_rules(case: Case) -> None:
    assert case.found() == case.wanted()
