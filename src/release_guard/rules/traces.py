"""The traces of a release: do its tags lead to the code that it was built from?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from packaging.version import Version

from release_guard.facts import GitTag, History, NamedCommit, TracedHistory
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy
from release_guard.rules.base import rule
from release_guard.rules.history import since_baseline
from release_guard.tags import read_tags, readings

__all__ = ["tag_moved", "tags_disagree"]

#: So many times something must have been so to be a habit.
_HABIT = 3
_TAG_REF = "refs/tags/"


@rule(TracedHistory, severity=Severity.ERROR)
def tag_moved(traced: TracedHistory, policy: Policy) -> Iterator[Violation]:
    """A release was built from another commit than its tag leads to now.

    **What it means:** a kept manifest, or the provenance of a file, names the commit
    that a version was built from, and the tag of that version leads to another one, or
    the tag that the run was started by does. Where the run was started on a branch, it
    is a warning, and where that is so with three versions or more, and with most that
    no tag started, a notice: there the run itself makes the commit that is tagged. Tags
    of several versions that were gathered at one commit are an error in any case.

    **Why it matters:** whoever reads the tag reads other code than users install;
    whoever installs from the tag gets what nobody released.

    **How it happens:** a tag was deleted and made again after the upload; an attacker
    moved tags to code of their own.

    **Fix:** find out who moved the tag. Move it back, or yank the version and release
    the code under a new one; protect tags on the forge.

    **Source:** feast-dev/feast 4754; allenporter/ical 553; the tags of
    tj-actions/changed-files that an attacker moved (CVE-2025-30066), all to one commit.
    """
    compared = _compared(traced, policy)
    gathered = _gathered(compared)
    by_branch = _weight_on_branches(compared)
    bare: list[str] = []
    for one in compared:
        built, tag = one.built, one.other
        if tag is None:
            bare += [str(built.version)] if one.is_bare else []
            continue
        severity = by_branch.get(one.way)
        if tag.commit in gathered:
            severity = None
        yield Violation(
            f"{built.source} says that it was built from {built.commit[:12]}, and "
            f"the tag {tag.name!r:.100} leads to {tag.commit[:12]} now",
            fix="nothing, if the run that publishes makes the commit that is tagged"
            if severity is Severity.NOTICE
            else "find out who moved the tag, and what it leads to",
            where=f"{traced.history.project} {built.version}",
            severity=severity,
            evidence={
                "tag": tag.name,
                "expected": built.commit,
                "found": tag.commit,
                "version": str(built.version),
            },
        )
    if bare:
        yield Violation(
            f"of the tags of {some(bare)} no commit is known: they were not compared",
            fix="give the tags with their commits: --repo, --forge, or a list of both",
            severity=Severity.WARNING,
            evidence={"versions": tuple(bare)},
        )


class _Way(Enum):
    """What started the run that built a release, by who names its commit."""

    TAG = "a tag"
    BRANCH = "a branch"
    UNKNOWN = "nobody says it"


@dataclass(frozen=True, slots=True)
class _Compared:
    """A commit that is named, the tag that the run was started by, if that is there,
    and the tags that say the version.
    """

    built: NamedCommit
    started: tuple[GitTag, ...]
    said: tuple[GitTag, ...]

    @property
    def way(self) -> _Way:
        """What started the run."""
        if not self.built.ref:
            return _Way.UNKNOWN
        return _Way.TAG if self.built.ref.startswith(_TAG_REF) else _Way.BRANCH

    @property
    def other(self) -> GitTag | None:
        """A tag that leads elsewhere, where none does to the commit: of the one that
        started the run, and of those that say the version.
        """
        for tags in (self.started, self.said):
            known = [tag for tag in tags if tag.commit]
            if known and all(tag.commit != self.built.commit for tag in known):
                return known[0]
        return None

    @property
    def is_bare(self) -> bool:
        """Whether there are tags, and of none is the commit known."""
        tags = (*self.started, *self.said)
        return bool(tags) and not any(tag.commit for tag in tags)


def _compared(traced: TracedHistory, policy: Policy) -> list[_Compared]:
    """The named commits, and the tags of each. All tags are read, also those that look
    like moving ones, as several do that were moved to one commit; where the tag that
    started the run leads to the right commit, a moving one proves nothing.
    """
    history = traced.history
    tags = {tag.name: tag for tag in history.tags}
    of: dict[Version, list[GitTag]] = defaultdict(list)
    for reading in readings(tags, history.project, policy):
        of[reading.version].append(tags[reading.tag])
    settled = {r.tag for r in read_tags(history.tags, history.project, policy)}
    compared = []
    for built in traced.built:
        said = of.get(built.version, [])
        started = tuple(tag for tag in [_started(built, tags)] if tag)
        if any(tag.commit == built.commit for tag in started):
            said = [tag for tag in said if tag.name in settled]
        compared.append(_Compared(built, started, tuple(said)))
    return compared


def _started(built: NamedCommit, tags: Mapping[str, GitTag]) -> GitTag | None:
    """The tag that the run was started by, if there is such a tag."""
    if not built.ref.startswith(_TAG_REF):
        return None
    return tags.get(built.ref.removeprefix(_TAG_REF))


def _gathered(compared: Iterable[_Compared]) -> Collection[str]:
    """The commits that the tags of several versions lead to that were not built there:
    whatever a run commits, it does so for one version.
    """
    versions: dict[str, set[Version]] = defaultdict(set)
    for one in compared:
        commits = {tag.commit for tag in one.said if tag.commit}
        if one.other and len(commits) == 1:
            versions[commits.pop()].add(one.built.version)
    return {commit for commit, mine in versions.items() if len(mine) > 1}


def _weight_on_branches(compared: Iterable[_Compared]) -> Mapping[_Way, Severity]:
    """What it weighs that a run that no tag started built another commit than the one
    that is tagged now: with a project whose runs commit and tag before they build it is
    so each time. What is not here weighs as the rule does.
    """
    differs = [
        one.other is not None
        for one in compared
        if one.way is not _Way.TAG and any(tag.commit for tag in one.said)
    ]
    if sum(differs) >= _HABIT and sum(differs) * 2 >= len(differs):
        return {_Way.BRANCH: Severity.NOTICE, _Way.UNKNOWN: Severity.NOTICE}
    return {_Way.BRANCH: Severity.WARNING}


# --- tags alone ----------------------------------------------------------------


@rule(History, severity=Severity.WARNING)
def tags_disagree(history: History, policy: Policy) -> Iterator[Violation]:
    """Two tags say one version, and lead to different commits.

    **What it means:** of a version that the index lists there are several tags, such as
    `v1.0` and `1.0`, and they do not lead to one commit. A tag that spells fewer
    numbers than another (`v1` beside `v1.0`) is one that moves, and no part of it.
    Below the policy's `baseline` it is a notice.

    **Why it matters:** one of them leads to code that was never released as this
    version, and whoever reads or installs it cannot know.

    **How it happens:** tags were written in another way from some day on, and those of
    old releases were made anew, at the wrong commit; an attacker added one.

    **Fix:** find out from which commit the release was built, and remove the other tag.

    **Source:** dulwich has `dulwich-0.22.6` of 2024 at its release, and `v0.22.6` of
    2026 at a commit of fourteen months later.
    """
    tags = {tag.name: tag for tag in history.tags if tag.commit}
    of: dict[Version, list[tuple[int, GitTag]]] = defaultdict(list)
    for reading in read_tags(tags.values(), history.project, policy):
        size = len(reading.version.release)
        of[reading.version].append((size, tags[reading.tag]))
    baseline = since_baseline(history, policy)
    for version, found in sorted(of.items(), key=lambda pair: pair[0]):
        longest = max(size for size, _ in found)
        mine = {tag.name: tag for size, tag in found if size == longest}
        files = history.by_version.get(version)
        if not files or len({tag.commit for tag in mine.values()}) == 1:
            continue
        shown = [f"{name!r:.100} to {mine[name].commit[:12]}" for name in sorted(mine)]
        is_held = baseline.holds(version, _last_made(mine.values()))
        yield Violation(
            f"its tags do not agree: {some(shown, 3)}",
            fix="remove the tag that does not lead to the commit it was built from",
            where=f"{history.project} {version}",
            severity=None if is_held else Severity.NOTICE,
            evidence={"version": str(version), "tags": tuple(sorted(mine))},
        )


def _last_made(tags: Iterable[GitTag]) -> datetime | None:
    """When the last of the tags was made, as far as it is known."""
    return max((tag.made for tag in tags if tag.made is not None), default=None)
