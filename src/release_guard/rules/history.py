"""The history: does every version on the index come from a tag, and obey the policy?

What is old is only told: a version below the policy's baseline, and what has stood on
the index for so long that nobody will mend it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from packaging.version import Version

from release_guard.facts import (
    AttestedHistory,
    DatedHistory,
    History,
    IndexedFile,
)
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy, kinds_of
from release_guard.rulebook import CLOSES_AFTER
from release_guard.rules.base import rule
from release_guard.tags import read_tags, versions_of

__all__ = [
    "ON_ITS_WAY",
    "Since",
    "history_late_file",
    "history_unattested",
    "history_version_kind",
    "is_settled",
    "is_within",
    "listed",
    "release_untagged",
    "since_baseline",
    "tag_unreleased",
    "uploaded",
    "yanked",
]

#: A release may be on its way for so long: the tag is there, and not all of the files.
ON_ITS_WAY = timedelta(days=1)
#: What is older than this nobody mends; a warning of it would be one for ever.
_SETTLED = timedelta(days=90)


# --- tags and versions ---------------------------------------------------------


@rule(History, severity=Severity.ERROR)
def release_untagged(history: History, policy: Policy) -> Iterator[Violation]:
    """A version on the index has no tag.

    **What it means:** the index lists files of a version, and none of the tags says
    that version by the project's templates. The versions below the lowest tagged one,
    or below the policy's `baseline`, are one notice: they are older than the project's
    habit. One that was uploaded after the habit began is not; where the index does not
    say when files came, only the `baseline` makes a version an old one, and where none
    of the listed versions has a tag, there is no habit. That files tell no version by
    their names is a warning for 90 days, as far as the index says when they came.

    **Why it matters:** nobody can tell whether it is a slip or an attack, nor what code
    it was built from.

    **How it happens:** an upload by hand, by a leaked token, or by a workflow that
    never looked at a tag; a tag that was never pushed.

    **Fix:** find out who uploaded it; yank or delete it, or tag the commit that it was
    built from.

    **Source:** PEtab-dev/PEtab 124; octodns/octodns 1334;
    gitpython-developers/GitPython 2150; cryptography 43.0.0.dev1 (astral-sh/uv 1652).
    """
    read = read_tags(history.tags, history.project, policy)
    tagged = versions_of(read)
    known = set(tagged)
    habit, baseline = _habit(history, tagged), since_baseline(history, policy)
    untagged: _Versions = []
    old: _Versions = []
    for version, files in listed(history):
        if version in known:
            continue
        came = uploaded(files)
        is_old = habit.is_past(version, came) or not baseline.holds(version, came)
        (old if is_old else untagged).append((version, files))
    hint = _hint(history, [reading.tag for reading in read], untagged)
    for version, files in untagged:
        is_low = not habit.holds(version, uploaded(files))
        yield Violation(
            f"{_are(files)} on {policy.index.label}, and none of the "
            f"{len(history.tags)} tag(s) says {version}",
            fix=hint or (_IF_OLD if is_low else _what_to_do_untagged(files)),
            where=f"{history.project} {version}",
            severity=None if policy.index.require_tag else Severity.NOTICE,
            evidence={"version": str(version)},
        )
    if old:
        yield _older(old, baseline)
    yield from _nameless(history)


_IF_OLD = (
    "find out when it came, which the index does not say; if it is older than the tags "
    "are, name the first tagged version in the policy: baseline"
)


def _nameless(history: History) -> Iterator[Violation]:
    """What is told of the files that tell no version; no installer takes them, so one
    of which the index does not say when it came may be an old one.
    """
    nameless = [file for file in history.listing.files if file.version is None]
    if not nameless:
        return
    dated = [(file.uploaded, file.filename) for file in nameless if file.uploaded]
    last, example = max(dated, default=(None, nameless[0].filename))
    until = f", the last of {last:%Y-%m-%d}," if last else ""
    is_old = last is None or is_settled(history, last)
    yield Violation(
        f"{len(nameless)} file(s){until} tell no version by their names, such as "
        f"{example}, and were not compared",
        fix="look at them by hand, and delete what nobody knows",
        severity=Severity.NOTICE if is_old else Severity.WARNING,
        evidence={"files": tuple(file.filename for file in nameless)},
    )


_Versions = list[tuple[Version, tuple[IndexedFile, ...]]]


def _older(old: _Versions, baseline: Since) -> Violation:
    """What is told of the untagged versions that are older than the habit."""
    names = [str(version) for version, _ in old]
    undated = [
        str(version)
        for version, files in old
        if baseline.is_below(version) and not (baseline.began and uploaded(files))
    ]
    by_number = f"; the index does not say when {some(undated)} came" if undated else ""
    return Violation(
        f"{len(old)} version(s) without a tag are older than the first tagged one or "
        f"the baseline: {' to '.join(dict.fromkeys([names[0], names[-1]]))}{by_number}",
        fix="look whether they are: an old number may have been uploaded today"
        if undated
        else "nothing",
        severity=Severity.NOTICE,
        evidence={"versions": tuple(names)},
    )


def _hint(history: History, read: Collection[str], untagged: _Versions) -> str:
    """What is wrong with the tags or the templates, where that is likelier than so many
    uploads from nowhere; else empty.
    """
    known = set(read)
    others = [tag.name for tag in history.tags if tag.name not in known]
    if others and (
        not known
        or (
            len(others) * 2 > len(history.tags)
            and len(untagged) * 2 > len(history.by_version)
        )
    ):
        newest = str(untagged[-1][0]) if untagged else ""
        like = next((name for name in others if newest in name), others[-1])
        which = "most tags fit none" if known else "no tag fits one"
        return (
            f"{which} of the policy's tag-templates, such as {like!r:.100}: say there "
            "how tags are written"
        )
    made = [tag.made for tag in history.tags]
    newest_made = max((moment for moment in made if moment is not None), default=None)
    if newest_made is None or None in made:
        return ""
    came = [uploaded(files) for _, files in untagged]
    later = [moment for moment in came if moment and moment > newest_made + ON_ITS_WAY]
    if len(later) < _SEVERAL or len(later) < len(came):
        return ""
    return (
        f"the newest tag is of {newest_made:%Y-%m-%d}, and all of these came later: "
        "bring the tags up to date and audit again; else find out who uploaded them"
    )


#: Of one version alone, an old list of tags is as likely as anything else.
_SEVERAL = 2


def _what_to_do_untagged(files: Sequence[IndexedFile]) -> str:
    if all(file.yanked for file in files):
        return "find out who uploaded it; waive it once that is known: it is yanked"
    return "find out who uploaded it; yank it, or tag the commit it was built of"


@rule(History, severity=Severity.WARNING)
def tag_unreleased(history: History, policy: Policy) -> Iterator[Violation]:
    """A release tag has no version on the index.

    **What it means:** a tag that fits a template says a version that the index does not
    list. It is a notice for a day, as far as it is known when the tag was made: the
    release may be on its way. Those below the policy's `baseline`, and those that were
    made before the first file of the project came, are one notice.

    **Why it matters:** users see a release that they cannot install; an upload that
    failed stays unseen for weeks.

    **How it happens:** the publish job failed or was skipped; the version was deleted.

    **Fix:** publish the version, or remove the tag; waive old ones.

    **Source:** Graphify-Labs/graphify 2514; tox-dev/filelock 552; jelmer/dulwich 2260.
    """
    made = {tag.name: tag.made for tag in history.tags}
    baseline = since_baseline(history, policy)
    began = uploaded(history.listing.files)
    of: dict[Version, list[str]] = defaultdict(list)
    for reading in read_tags(history.tags, history.project, policy):
        version = reading.version
        is_meant = kinds_of(version) <= set(policy.index.takes)
        if version not in history.by_version and is_meant:
            of[version].append(reading.tag)
    old = []
    for version, names in sorted(of.items(), key=lambda pair: pair[0]):
        moments = [made[name] for name in names]
        moment = max((m for m in moments if m is not None), default=None)
        is_new = is_within(ON_ITS_WAY, moment, history.at)
        is_before = None not in moments and moment and began and moment < began
        if not is_new and (is_before or not baseline.holds(version, moment)):
            old.append(names[0])
            continue
        shown = " and ".join(f"{name!r:.100}" for name in names[:2])
        yield Violation(
            f"the tag {shown} says {version}, of which "
            f"{policy.index.label} lists no file",
            fix=_what_to_do_unreleased(moment, is_new=is_new),
            where=f"{history.project} {version}",
            severity=Severity.NOTICE if is_new else None,
            evidence={"tags": tuple(names), "version": str(version)},
        )
    if old:
        yield Violation(
            f"{len(old)} tag(s) whose versions {policy.index.label} does not list are "
            f"older than the baseline or its first file: {some(old)}",
            fix="nothing",
            severity=Severity.NOTICE,
            evidence={"tags": tuple(old)},
        )


def _what_to_do_unreleased(made: datetime | None, *, is_new: bool) -> str:
    if is_new:
        return "wait for the release: the tag is of today"
    if made is None:
        return "publish it, or remove the tag; if it is of today, wait: no day is given"
    return "publish it, or remove the tag"


@rule(History, severity=Severity.ERROR)
def history_version_kind(history: History, policy: Policy) -> Iterator[Violation]:
    """A version on the index is of a kind that the policy refuses.

    **What it means:** the index lists files of a development or local version, or of
    another kind that `accept` does not name. Below the policy's `baseline` it is a
    notice.

    **Why it matters:** it should never have arrived, and installers that take
    pre-releases choose it.

    **How it happens:** a publish workflow ran on the main branch.

    **Fix:** yank or delete the version, then find the way that it came.

    **Source:** cryptography 43.0.0.dev1 stayed for at least 11 days until a user met it
    (astral-sh/uv 1652).
    """
    baseline = since_baseline(history, policy)
    for version, files in listed(history):
        refused = kinds_of(version).difference(policy.index.takes)
        if refused:
            kinds = " and ".join(sorted(refused))
            known = ", ".join(policy.index.takes) or "nothing"
            is_held = baseline.holds(version, uploaded(files))
            yield Violation(
                f"{_are(files)} on {policy.index.label}: a {kinds} "
                f"version, and the policy takes {known}",
                fix="yank or delete it on the index, then find out which way it came"
                if is_held
                else "nothing: it is older than the baseline",
                where=f"{history.project} {version}",
                severity=None if is_held else Severity.NOTICE,
                evidence={"version": str(version)},
            )


# --- what changed in the course of time ----------------------------------------


@rule(DatedHistory, severity=Severity.WARNING)
def history_late_file(dated: DatedHistory, policy: Policy) -> Iterator[Violation]:
    """A release got files long after it came out.

    **What it means:** a file of a version was uploaded more than 14 days after the
    version's first one, when PyPI closes a release. It is a notice where the last such
    file came more than 90 days ago, or below the policy's `baseline`.

    **Why it matters:** those who pinned the version get other code from one day to the
    next: installers prefer a wheel to an sdist, and a more specific wheel to any other.
    Nobody looks at old releases, which is why an attacker with a token does.

    **How it happens:** wheels for a new Python or another machine, built later; the
    rest of an upload that broke off; a leaked token.

    **Fix:** find out who uploaded the file. Publish wheels that come later as a post
    release.

    **Source:** lericson/pylibmc 244; PyPI has closed releases after 14 days since
    2026-07-08. Of 11,560 releases of 72 well-kept projects 288 got files later, most of
    them wheels for a Python that had come out meanwhile, and none in the last 90 days.
    """
    history = dated.history
    baseline = since_baseline(history, policy)
    for version, files in listed(history):
        came = uploaded(files)
        late = [
            (file.uploaded, file.filename)
            for file in files
            if came and file.uploaded and file.uploaded - came > CLOSES_AFTER
        ]
        if not came or not late:
            continue
        last, _ = max(late)
        names = [filename for _, filename in sorted(late)]
        is_held = baseline.holds(version, last) and not is_settled(history, last)
        yield Violation(
            f"{len(late)} of {len(files)} file(s){yanked(files)} came more than "
            f"{CLOSES_AFTER.days} days after the first one of {came:%Y-%m-%d}, the "
            f"last on {last:%Y-%m-%d}: {some(names, 3)}",
            fix="find out who uploaded them; release what is new under a new version",
            where=f"{history.project} {version}",
            severity=None if is_held else Severity.NOTICE,
            evidence={"version": str(version), "files": tuple(names)},
        )


@rule(AttestedHistory, severity=Severity.WARNING)
def history_unattested(
    attested: AttestedHistory, policy: Policy
) -> Iterator[Violation]:
    """A release lacks the provenance that an earlier one had.

    **What it means:** the index has attestations (PEP 740) of all files of a release,
    and of the next one that came in its series it has none, or not of all its files.
    The series is that of the first number of a version; the first release of a series
    is compared with the one that came before it. It is a notice after 90 days, and
    below the policy's `baseline`. Where the policy says `provenance: required`, it is
    an error, and so is any version from the `baseline` on, and the newest one, of
    which not all files have it.

    **Why it matters:** a release that did not come from the usual workflow came by
    another way, and for an attacker with a leaked token there is no other.

    **How it happens:** an upload by hand, because the workflow failed; a new workflow
    that does not attest; a leaked token.

    **Fix:** find out who uploaded it, and how. Publish by trusted publishing only, and
    delete the tokens.

    **Source:** PEP 740; ultralytics 8.3.45 and 8.3.46, uploaded with a leaked token,
    had no attestations (ultralytics/ultralytics 18027).
    """
    history = attested.history
    baseline = since_baseline(history, policy)
    last: dict[tuple[int, int], tuple[Version, _Level]] = {}
    latest: tuple[Version, _Level] | None = None
    releases = [(v, files, _level(files)) for v, files in _in_order(history)]
    for place, (version, files, level) in enumerate(releases, start=1):
        if level is None:
            continue
        came = uploaded(files)
        is_held = baseline.holds(version, came)
        is_required = policy.requires_provenance and (
            place == len(releases) or (baseline.version is not None and is_held)
        )
        series = version.epoch, version.release[0]
        before = last.get(series, latest)
        last[series] = latest = version, level
        is_lost = before is not None and level < before[1]
        if not is_lost and not (is_required and level < _Level.ALL):
            continue
        is_alarm = is_held and not is_settled(history, came)
        bare = sorted(file.filename for file in files if not file.provenance)
        why = "the policy requires it"
        if before is not None and is_lost:
            has = "all of its files" if before[1] is _Level.ALL else "some of its files"
            why = f"{before[0]}, which came before, has it for {has}"
        yield Violation(
            f"{len(bare)} of {len(files)} file(s){yanked(files)} have no provenance "
            f"on {policy.index.label}, such as {bare[0]}; {why}",
            fix="find out who uploaded it, and from where",
            where=f"{history.project} {version}",
            severity=_weight(
                is_error=is_required or (is_alarm and policy.requires_provenance),
                is_alarm=is_alarm,
            ),
            evidence={"version": str(version), "files": tuple(bare)},
        )


def _weight(*, is_error: bool, is_alarm: bool) -> Severity | None:
    if is_error:
        return Severity.ERROR
    return None if is_alarm else Severity.NOTICE


class _Level(IntEnum):
    """Of how many files of a release the index has provenance."""

    NONE = 0
    SOME = 1
    ALL = 2


def _level(files: Sequence[IndexedFile]) -> _Level | None:
    """None where the index does not say it of each file."""
    if any(file.provenance is None for file in files):
        return None
    count = sum(bool(file.provenance) for file in files)
    if count == len(files):
        return _Level.ALL
    return _Level.SOME if count else _Level.NONE


def _in_order(
    history: History,
) -> Iterable[tuple[Version, tuple[IndexedFile, ...]]]:
    """The releases in the order in which they came; where that is not known of all, by
    version.
    """
    releases = listed(history)
    dated = [(came, r) for r in releases if (came := uploaded(r[1])) is not None]
    if len(dated) < len(releases):
        return releases
    return [release for _, release in sorted(dated, key=lambda pair: pair[0])]


# --- what is old ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Since:
    """From which version on something holds, and when the first of those came."""

    version: Version | None
    began: datetime | None

    def holds(self, version: Version, came: datetime | None) -> bool:
        """Whether it holds for a version that came at this moment: an old version that
        came later is none of the old ones.
        """
        is_later = came is not None and self.began is not None and came > self.began
        return not self.is_below(version) or is_later

    def is_below(self, version: Version) -> bool:
        """Whether a version is lower than the first of those."""
        return self.version is not None and version < self.version

    def is_past(self, version: Version, came: datetime | None) -> bool:
        """Whether a version is lower, and known to have come before."""
        is_known = came is not None and self.began is not None
        return is_known and not self.holds(version, came)


def _since(
    history: History, version: Version | None, those: Iterable[Version]
) -> Since:
    moments = (uploaded(history.by_version.get(other, ())) for other in those)
    return Since(version, min((m for m in moments if m is not None), default=None))


def _habit(history: History, tagged: Sequence[Version]) -> Since:
    """Since when versions are tagged: since the first tagged one came. Where the index
    lists none of them, nothing shows that versions are tagged so at all.
    """
    if not any(version in history.by_version for version in tagged):
        return Since(None, None)
    return _since(history, tagged[0], tagged)


def since_baseline(history: History, policy: Policy) -> Since:
    """The policy's baseline, if it names one."""
    baseline = policy.baseline_of(history.project)
    if baseline is None:
        return Since(None, None)
    newer = (version for version in history.by_version if version >= baseline)
    return _since(history, baseline, newer)


def is_within(span: timedelta, moment: datetime | None, at: datetime | None) -> bool:
    """Whether a moment lies so close; a clock may be a little ahead of ours."""
    return moment is not None and at is not None and abs(at - moment) < span


def is_settled(history: History, moment: datetime | None) -> bool:
    """Whether it was so long ago that nobody will change it."""
    if moment is None or history.at is None:
        return False
    return history.at - moment > _SETTLED


# --- what the index lists ------------------------------------------------------


def uploaded(files: Iterable[IndexedFile]) -> datetime | None:
    """When the first of the files came, None where the index does not say."""
    times = (file.uploaded for file in files if file.uploaded is not None)
    return min(times, default=None)


def listed(history: History) -> list[tuple[Version, tuple[IndexedFile, ...]]]:
    """The versions that the index lists and their files, lowest first."""
    return sorted(history.by_version.items(), key=lambda pair: pair[0])


def _are(files: Sequence[IndexedFile]) -> str:
    """How many files, and since when."""
    came = uploaded(files)
    since = f" since {came:%Y-%m-%d}" if came else ""
    return f"{len(files)} file(s){yanked(files)} are{since}"


def yanked(files: Sequence[IndexedFile]) -> str:
    """Whether files are yanked, in brackets."""
    count = sum(bool(file.yanked) for file in files)
    if not count:
        return ""
    return " (yanked)" if count == len(files) else f" ({count} of them yanked)"
