"""The history: does every version on the index come from a tag, and obey the policy?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from packaging.version import Version

from release_guard.facts import History
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy, kinds_of
from release_guard.rules.base import rule
from release_guard.tags import read_tags, versions_of

__all__ = ["history_version_kind", "release_untagged", "tag_unreleased"]


@rule(History, severity=Severity.ERROR)
def release_untagged(history: History, policy: Policy) -> Iterator[Violation]:
    """A version on the index has no tag.

    **What it means:** the index lists files of a version, and none of the tags says
    that version by the project's templates. A version below the lowest tagged one, that
    was not uploaded after it, is a notice: it is older than the project's habit.

    **Why it matters:** nobody can tell whether it is a slip or an attack, nor what code
    it was built from.

    **How it happens:** an upload by hand, by a leaked token, or by a workflow that
    never looked at a tag; a tag that was never pushed.

    **Fix:** find out who uploaded it; yank or delete it, or tag the commit that it was
    built from.

    **Source:** PEtab-dev/PEtab 124; octodns/octodns 1334;
    gitpython-developers/GitPython 2150; cryptography 43.0.0.dev1 (astral-sh/uv 1652).
    """
    tagged = versions_of(read_tags(history.tags, history.project, policy))
    known = set(tagged)
    began = _uploaded(history, tagged[0]) if tagged else None
    for version in _listed(history):
        if version in known:
            continue
        came = _uploaded(history, version)
        is_later = came is not None and began is not None and came > began
        is_old = bool(tagged) and version < tagged[0] and not is_later
        yield Violation(
            f"{_files(history, version)} on {policy.index.label}, and none of the "
            f"{len(history.tags)} tag(s) says {version}",
            fix="nothing, if it is older than the first tag"
            if is_old
            else "find out who uploaded it; yank it, or tag the commit it was built of",
            where=f"{history.project} {version}",
            severity=Severity.NOTICE if is_old else None,
            evidence={"version": str(version)},
        )
    told = {file.filename for files in history.by_version.values() for file in files}
    nameless = [f.filename for f in history.listing.files if f.filename not in told]
    if nameless:
        yield Violation(
            f"{len(nameless)} file(s) tell no version by their names, such as "
            f"{nameless[0]}, and were not compared",
            fix="look at them by hand",
            severity=Severity.NOTICE,
            evidence={"files": tuple(nameless)},
        )


@rule(History, severity=Severity.WARNING)
def tag_unreleased(history: History, policy: Policy) -> Iterator[Violation]:
    """A release tag has no version on the index.

    **What it means:** a tag that fits a template says a version that the index does not
    list.

    **Why it matters:** users see a release that they cannot install; an upload that
    failed stays unseen for weeks.

    **How it happens:** the publish job failed or was skipped; the version was deleted.

    **Fix:** publish the version, or remove the tag; waive old ones.

    **Source:** Graphify-Labs/graphify 2514; tox-dev/filelock 552; jelmer/dulwich 2260.
    """
    listed = set(_listed(history))
    for reading in read_tags(history.tags, history.project, policy):
        is_meant = kinds_of(reading.version) <= set(policy.index.takes)
        if reading.version not in listed and is_meant:
            yield Violation(
                f"the tag {reading.tag!r} says {reading.version}, of which "
                f"{policy.index.label} lists no file",
                fix="publish it, or remove the tag",
                where=f"{history.project} {reading.version}",
                evidence={"tag": reading.tag, "version": str(reading.version)},
            )


@rule(History, severity=Severity.ERROR)
def history_version_kind(history: History, policy: Policy) -> Iterator[Violation]:
    """A version on the index is of a kind that the policy refuses.

    **What it means:** the index lists files of a development or local version, or of
    another kind that `accept` does not name.

    **Why it matters:** it should never have arrived, and installers that take
    pre-releases choose it.

    **How it happens:** a publish workflow ran on the main branch.

    **Fix:** yank or delete the version, then find the way that it came.

    **Source:** cryptography 43.0.0.dev1 stayed for at least 11 days until a user met it
    (astral-sh/uv 1652).
    """
    for version in _listed(history):
        refused = kinds_of(version).difference(policy.index.takes)
        if refused:
            kinds = " and ".join(sorted(refused))
            known = ", ".join(policy.index.takes) or "nothing"
            yield Violation(
                f"{_files(history, version)} on {policy.index.label}: a {kinds} "
                f"version, and the policy takes {known}",
                fix="yank or delete it on the index, then find out which way it came",
                where=f"{history.project} {version}",
                evidence={"version": str(version)},
            )


def _uploaded(history: History, version: Version) -> datetime | None:
    """When the first file of a version came, None where the index does not say."""
    files = history.by_version.get(version, ())
    times = (file.uploaded for file in files if file.uploaded is not None)
    return min(times, default=None)


def _listed(history: History) -> tuple[Version, ...]:
    """The versions that the index lists, lowest first."""
    return tuple(sorted(history.by_version))


def _files(history: History, version: Version) -> str:
    """How many files, and since when."""
    files = history.by_version[version]
    uploaded = _uploaded(history, version)
    since = f" since {uploaded:%Y-%m-%d}" if uploaded else ""
    yanked = " (yanked)" if all(file.yanked for file in files) else ""
    return f"{len(files)} file(s){yanked} are{since}"
