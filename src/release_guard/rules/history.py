"""The history: does every version on the index come from a tag, and obey the policy?

What is old is only told: a version below the policy's baseline, and what has stood on
the index for so long that nobody will mend it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

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
from release_guard.findings import Severity, Violation, some
from release_guard.platforms import ANY, PURE, STABLE, Family, families_of
from release_guard.policy import Policy, Presence, VersionKind, kinds_of
from release_guard.rulebook import CLOSES_AFTER
from release_guard.rules.base import rule
from release_guard.tags import read_tags, readings, versions_of

__all__ = [
    "history_incomplete",
    "history_late_file",
    "history_unattested",
    "history_version_kind",
    "release_untagged",
    "tag_moved",
    "tag_unreleased",
]

#: A release may be on its way for so long: the tag is there, and not all of the files.
_ON_ITS_WAY = timedelta(days=1)
#: What is older than this nobody mends; a warning of it would be one for ever.
_SETTLED = timedelta(days=90)


# --- tags and versions ---------------------------------------------------------


@rule(History, severity=Severity.ERROR)
def release_untagged(history: History, policy: Policy) -> Iterator[Violation]:
    """A version on the index has no tag.

    **What it means:** the index lists files of a version, and none of the tags says
    that version by the project's templates. A version below the lowest tagged one, or
    below the policy's `baseline`, is a notice: it is older than the project's habit.
    One that was uploaded after the habit began is not.

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
    habit = _habit(history, tagged, {reading.tag for reading in read})
    baseline = _baseline(history, policy)
    for version, files in _listed(history):
        if version in known:
            continue
        came = _uploaded(files)
        is_held = habit.holds(version, came) and baseline.holds(version, came)
        yield Violation(
            f"{_are(files)} on {policy.index.label}, and none of the "
            f"{len(history.tags)} tag(s) says {version}",
            fix=_what_to_do_untagged(files, tagged) if is_held else _TOO_OLD,
            where=f"{history.project} {version}",
            severity=None if is_held else Severity.NOTICE,
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


_TOO_OLD = "nothing, if it is older than the first tag"


def _what_to_do_untagged(
    files: Sequence[IndexedFile], tagged: Sequence[Version]
) -> str:
    if not tagged:
        return "no tag fits the policy's tag-templates: say there how tags are written"
    if all(file.yanked for file in files):
        return "find out who uploaded it; waive it once that is known: it is yanked"
    return "find out who uploaded it; yank it, or tag the commit it was built of"


@rule(History, severity=Severity.WARNING)
def tag_unreleased(history: History, policy: Policy) -> Iterator[Violation]:
    """A release tag has no version on the index.

    **What it means:** a tag that fits a template says a version that the index does not
    list. It is a notice for a day, as far as it is known when the tag was made: the
    release may be on its way. So it is below the policy's `baseline`.

    **Why it matters:** users see a release that they cannot install; an upload that
    failed stays unseen for weeks.

    **How it happens:** the publish job failed or was skipped; the version was deleted.

    **Fix:** publish the version, or remove the tag; waive old ones.

    **Source:** Graphify-Labs/graphify 2514; tox-dev/filelock 552; jelmer/dulwich 2260.
    """
    made = {tag.name: tag.made for tag in history.tags}
    baseline = _baseline(history, policy)
    for reading in read_tags(history.tags, history.project, policy):
        version = reading.version
        is_meant = kinds_of(version) <= set(policy.index.takes)
        if version in history.by_version or not is_meant:
            continue
        moment = made[reading.tag]
        is_new = _is_within(_ON_ITS_WAY, moment, history.at)
        is_held = baseline.holds(version, moment) and not is_new
        yield Violation(
            f"the tag {reading.tag!r} says {version}, of which "
            f"{policy.index.label} lists no file",
            fix="wait for the release: the tag is of today"
            if is_new
            else "publish it, or remove the tag",
            where=f"{history.project} {version}",
            severity=None if is_held else Severity.NOTICE,
            evidence={"tag": reading.tag, "version": str(version)},
        )


@rule(TracedHistory, severity=Severity.ERROR)
def tag_moved(traced: TracedHistory, policy: Policy) -> Iterator[Violation]:
    """A release was built from another commit than its tag leads to now.

    **What it means:** a kept manifest, or the provenance of a file, names the commit
    that a version was built from, and the tag of that version leads to another one.
    Where the run was started on a branch, it is a warning if most such versions agree
    with their tags, and otherwise a notice: there the run itself makes the commit that
    is tagged.

    **Why it matters:** whoever reads the tag reads other code than users install;
    whoever installs from the tag gets what nobody released.

    **How it happens:** a tag was deleted and made again after the upload; an attacker
    moved tags to code of their own.

    **Fix:** find out who moved the tag. Move it back, or yank the version and release
    the code under a new one; protect tags on the forge.

    **Source:** feast-dev/feast 4754; allenporter/ical 553; the tags of
    tj-actions/changed-files that an attacker moved (CVE-2025-30066).
    """
    tags = {tag.name: tag for tag in traced.history.tags}
    by_version: dict[Version, list[GitTag]] = defaultdict(list)
    # All of them: several tags that were moved to one commit look like moving ones.
    for reading in readings(tags, traced.history.project, policy):
        by_version[reading.version].append(tags[reading.tag])
    compared = [(built, _tags_of(built, tags, by_version)) for built in traced.built]
    habit = _weight_on_branches(compared)
    bare: list[str] = []
    for built, found in compared:
        tag = next((tag for tag in found if tag.commit), None)
        if tag is None:
            bare += [str(built.version)] if found else []
        elif not _agrees(built, found):
            severity = None if _names_tag(built) else habit
            yield Violation(
                f"{built.source} says that it was built from {built.commit[:12]}, and "
                f"the tag {tag.name!r} leads to {tag.commit[:12]} now",
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
            severity=Severity.NOTICE,
            evidence={"versions": tuple(bare)},
        )


_TAG_REF = "refs/tags/"


def _names_tag(built: NamedCommit) -> bool:
    """Whether the commit is that of a tag, by who says so."""
    return built.ref.startswith(_TAG_REF)


def _tags_of(
    built: NamedCommit,
    tags: Mapping[str, GitTag],
    by_version: Mapping[Version, Sequence[GitTag]],
) -> Sequence[GitTag]:
    """The tag that the run was started by, else those that say the version."""
    named = tags.get(built.ref.removeprefix(_TAG_REF)) if _names_tag(built) else None
    return [named] if named else by_version.get(built.version, ())


def _agrees(built: NamedCommit, tags: Iterable[GitTag]) -> bool:
    return any(tag.commit == built.commit for tag in tags)


def _weight_on_branches(
    compared: Iterable[tuple[NamedCommit, Sequence[GitTag]]],
) -> Severity:
    """What it weighs that a run on a branch built another commit than the one that is
    tagged now: with a project whose runs commit and tag before they build it is so each
    time.
    """
    agreeing = [
        _agrees(built, found)
        for built, found in compared
        if not _names_tag(built) and any(tag.commit for tag in found)
    ]
    is_habit = sum(agreeing) * 2 > len(agreeing)
    return Severity.WARNING if is_habit else Severity.NOTICE


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
    baseline = _baseline(history, policy)
    for version, files in _listed(history):
        refused = kinds_of(version).difference(policy.index.takes)
        if refused:
            kinds = " and ".join(sorted(refused))
            known = ", ".join(policy.index.takes) or "nothing"
            is_held = baseline.holds(version, _uploaded(files))
            yield Violation(
                f"{_are(files)} on {policy.index.label}: a {kinds} "
                f"version, and the policy takes {known}",
                fix="yank or delete it on the index, then find out which way it came",
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
    2026-07-08. Of 11,557 releases of 72 well-kept projects 288 got files later, most of
    them wheels for a Python that had come out meanwhile, and none in the last 90 days.
    """
    history = dated.history
    baseline = _baseline(history, policy)
    for version, files in _listed(history):
        came = _uploaded(files)
        late = [
            (file.uploaded, file.filename)
            for file in files
            if came and file.uploaded and file.uploaded - came > CLOSES_AFTER
        ]
        if not came or not late:
            continue
        last, _ = max(late)
        names = [filename for _, filename in sorted(late)]
        is_held = baseline.holds(version, last) and not _is_settled(history, last)
        yield Violation(
            f"{len(late)} of {len(files)} file(s){_yanked(files)} came more than "
            f"{CLOSES_AFTER.days} days after the first one of {came:%Y-%m-%d}, the "
            f"last on {last:%Y-%m-%d}: {some(names, 3)}",
            fix="find out who uploaded them; release what is new under a new version",
            where=f"{history.project} {version}",
            severity=None if is_held else Severity.NOTICE,
            evidence={"version": str(version), "files": tuple(names)},
        )


@rule(History, severity=Severity.WARNING)
def history_incomplete(history: History, policy: Policy) -> Iterator[Violation]:
    """A release lacks files that its neighbours have.

    **What it means:** a final release has no sdist, or no wheel for a system or a
    Python, and its neighbours all have: the two releases before it, and unless it is
    the newest, the one after it. Pre- and post-releases and yanked ones are no
    neighbours. Of the newest release a Python that is gone on every system counts as
    dropped. It is a notice on the day of the release, after 90 days, and below the
    policy's `baseline`.

    **Why it matters:** for some users the installer falls back to an older release, or
    builds from source, without a word.

    **How it happens:** one job of the build matrix failed, or its files were not
    collected; an upload broke off.

    **Fix:** build what is missing and publish it while the release is open, or as a
    post release. A system that was dropped on purpose is told until the next release.

    **Source:** psf/black 3865; pydantic/pydantic 12988. Of 11,557 releases of 72
    well-kept projects it tells 127; the 3 of the last 90 days were two systems that
    were dropped and an upload that broke off.
    """
    baseline = _baseline(history, policy)
    releases = [
        (version, files, _shape(files))
        for version, files in _listed(history)
        if kinds_of(version) == {VersionKind.FINAL}
        and not all(file.yanked for file in files)
    ]
    for place in range(_BEFORE, len(releases)):
        version, files, shape = releases[place]
        after = releases[place + 1 : place + 2]
        neighbours = [*releases[place - _BEFORE : place], *after]
        missing = _missing(shape, [near for _, _, near in neighbours], is_new=not after)
        if policy.sdist is Presence.FORBIDDEN:
            missing = replace(missing, sdist=False)
        if not missing.says:
            continue
        came = _uploaded(files)
        is_coming = _is_within(_ON_ITS_WAY, came, history.at)
        is_old = _is_settled(history, came) or not baseline.holds(version, came)
        names = [str(near) for near, _, _ in neighbours]
        yield Violation(
            f"{len(files)} file(s){_yanked(files)}, and it lacks {missing.says}, which "
            f"{', '.join(names)} have",
            fix="publish what is missing; nothing, if it was dropped on purpose",
            where=f"{history.project} {version}",
            severity=Severity.NOTICE if is_old or is_coming else None,
            evidence={"version": str(version), "missing": missing.names},
        )


#: So many releases before one are its neighbours.
_BEFORE = 2


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a release consists of, or what it lacks."""

    sdist: bool
    families: frozenset[Family]

    @property
    def names(self) -> tuple[str, ...]:
        """All of it, for the evidence."""
        return (*(("sdist",) if self.sdist else ()), *map(str, sorted(self.families)))

    @property
    def says(self) -> str:
        """All of it in a few words: by system, and on it by Python."""
        by_platform: dict[str, list[str]] = defaultdict(list)
        for family in sorted(self.families):
            by_platform[family.platform].append(family.interpreter)
        wheels = [
            f"{platform} ({some(interpreters, 3)})"
            for platform, interpreters in sorted(by_platform.items())
        ]
        parts = ["an sdist"] if self.sdist else []
        if wheels:
            parts.append(f"wheels for {some(wheels)}")
        return " and ".join(parts)


def _shape(files: Iterable[IndexedFile]) -> _Shape:
    names = [file.filename for file in files]
    wheels = (families_of(name) for name in names)
    # What tells a version and is neither is an sdist, of today or of earlier days.
    return _Shape(
        any(not name.endswith((".whl", ".egg")) for name in names),
        frozenset(family for families in wheels for family in families),
    )


def _missing(shape: _Shape, neighbours: Sequence[_Shape], *, is_new: bool) -> _Shape:
    """What all the neighbours have and a release lacks."""
    wanted = frozenset.intersection(*(near.families for near in neighbours))
    gained = shape.families - wanted
    interpreters = {family.interpreter for family in shape.families}
    lost = frozenset(
        family
        for family in wanted - shape.families
        if not _is_replaced(family, gained)
        # Who lost all wheels has not dropped all Pythons.
        and not (is_new and interpreters and family.interpreter not in interpreters)
    )
    return _Shape(not shape.sdist and all(near.sdist for near in neighbours), lost)


def _is_replaced(family: Family, gained: Iterable[Family]) -> bool:
    """Whether a wheel that is new in this release serves what a family did."""
    return any(
        new.platform in (family.platform, ANY) and new.interpreter in (PURE, *STABLE)
        for new in gained
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
    below the policy's `baseline`.

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
    baseline = _baseline(history, policy)
    last: dict[tuple[int, int], tuple[Version, _Level]] = {}
    latest: tuple[Version, _Level] | None = None
    for version, files in _in_order(history):
        level = _level(files)
        if level is None:
            continue
        series = version.epoch, version.release[0]
        before = last.get(series, latest)
        last[series] = latest = version, level
        if before is None or level >= before[1]:
            continue
        came = _uploaded(files)
        is_held = baseline.holds(version, came) and not _is_settled(history, came)
        bare = sorted(file.filename for file in files if not file.provenance)
        has = "all of its files" if before[1] is _Level.ALL else "some of its files"
        yield Violation(
            f"{len(bare)} of {len(files)} file(s){_yanked(files)} have no provenance "
            f"on {policy.index.label}, such as {bare[0]}; {before[0]}, which came "
            f"before, has it for {has}",
            fix="find out who uploaded it, and from where",
            where=f"{history.project} {version}",
            severity=None if is_held else Severity.NOTICE,
            evidence={"version": str(version), "files": tuple(bare)},
        )


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
    releases = _listed(history)
    dated = [(came, r) for r in releases if (came := _uploaded(r[1])) is not None]
    if len(dated) < len(releases):
        return releases
    return [release for _, release in sorted(dated, key=lambda pair: pair[0])]


# --- what is old ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Since:
    """From which version on something holds, and when the first of those came."""

    version: Version | None
    began: datetime | None

    def holds(self, version: Version, came: datetime | None) -> bool:
        """Whether it holds for a version that came at this moment: an old version that
        came later is none of the old ones.
        """
        is_later = came is not None and self.began is not None and came > self.began
        return self.version is None or version >= self.version or is_later


def _since(
    history: History, version: Version | None, those: Iterable[Version]
) -> _Since:
    moments = (_uploaded(history.by_version.get(other, ())) for other in those)
    return _Since(version, min((m for m in moments if m is not None), default=None))


def _habit(
    history: History, tagged: Sequence[Version], names: Collection[str]
) -> _Since:
    """Since when versions are tagged: since the first tagged one came, or where the
    index lists none of them, since the first tag was made.
    """
    habit = _since(history, tagged[0] if tagged else None, tagged)
    if habit.began is not None:
        return habit
    made = (tag.made for tag in history.tags if tag.name in names)
    began = min((moment for moment in made if moment is not None), default=None)
    return replace(habit, began=began)


def _baseline(history: History, policy: Policy) -> _Since:
    """The policy's baseline, if it names one."""
    baseline = policy.baseline_of(history.project)
    if baseline is None:
        return _Since(None, None)
    newer = (version for version in history.by_version if version >= baseline)
    return _since(history, baseline, newer)


def _is_within(span: timedelta, moment: datetime | None, at: datetime | None) -> bool:
    """Whether a moment lies so close; a clock may be a little ahead of ours."""
    return moment is not None and at is not None and abs(at - moment) < span


def _is_settled(history: History, moment: datetime | None) -> bool:
    """Whether it was so long ago that nobody will change it."""
    if moment is None or history.at is None:
        return False
    return history.at - moment > _SETTLED


# --- what the index lists ------------------------------------------------------


def _uploaded(files: Iterable[IndexedFile]) -> datetime | None:
    """When the first of the files came, None where the index does not say."""
    times = (file.uploaded for file in files if file.uploaded is not None)
    return min(times, default=None)


def _listed(history: History) -> list[tuple[Version, tuple[IndexedFile, ...]]]:
    """The versions that the index lists and their files, lowest first."""
    return sorted(history.by_version.items(), key=lambda pair: pair[0])


def _are(files: Sequence[IndexedFile]) -> str:
    """How many files, and since when."""
    uploaded = _uploaded(files)
    since = f" since {uploaded:%Y-%m-%d}" if uploaded else ""
    return f"{len(files)} file(s){_yanked(files)} are{since}"


def _yanked(files: Sequence[IndexedFile]) -> str:
    """Whether files are yanked, in brackets."""
    count = sum(bool(file.yanked) for file in files)
    if not count:
        return ""
    return " (yanked)" if count == len(files) else f" ({count} of them yanked)"
