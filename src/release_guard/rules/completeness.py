"""Whether the releases of a history are whole, by what their neighbours have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from packaging.version import Version

from release_guard.facts import History, IndexedFile
from release_guard.findings import Severity, Violation, some
from release_guard.matrix import is_replaced
from release_guard.platforms import Family, families_of
from release_guard.policy import Policy, Presence, VersionKind, kinds_of
from release_guard.rules.base import rule
from release_guard.rules.history import (
    ON_ITS_WAY,
    is_settled,
    is_within,
    listed,
    since_baseline,
    uploaded,
    yanked,
)

__all__ = ["history_incomplete"]


@rule(History, severity=Severity.WARNING)
def history_incomplete(history: History, policy: Policy) -> Iterator[Violation]:
    """A release lacks files that its neighbours have.

    **What it means:** a final release has no sdist, or no wheel for a system or a
    Python, and its neighbours all have: the two releases before it, and unless it is
    the newest, the one after it. Up to three in turn without an sdist, or with wheels
    for less than half of what is usual, are compared with the whole ones around them.
    Pre- and post-releases and yanked ones are no neighbours. Of the newest release a
    Python that is gone on every system counts as dropped. It is a notice on the day of
    the release, after 90 days, and below the policy's `baseline`.

    **Why it matters:** for some users the installer falls back to an older release, or
    builds from source, without a word.

    **How it happens:** one job of the build matrix failed, or its files were not
    collected; an upload broke off.

    **Fix:** build what is missing and publish it while the release is open, or as a
    post release. A system that was dropped on purpose is told until the next release.

    **Source:** psf/black 3865; pydantic/pydantic 12988; jelmer/dulwich 968;
    python-zeroconf/python-zeroconf 1368. Of 11,560 releases of 72 well-kept projects it
    tells 148; the 3 of the last 90 days were two systems that were dropped and an
    upload that broke off.
    """
    baseline = since_baseline(history, policy)
    releases = [
        (version, files, _shape(files))
        for version, files in listed(history)
        if kinds_of(version) == {VersionKind.FINAL}
        and not all(file.yanked for file in files)
    ]
    whole: list[_Release] = []
    for place, (version, files, shape) in enumerate(releases):
        before = releases[max(place - _BEFORE, 0) : place]
        after = releases[place + 1 : place + 1 + _RUN]
        missing, near = _missing_among(shape, before, after[:1])
        if not missing.says and _is_broken(shape, whole[-_BEFORE:]):
            missing, near = _missing_among(shape, whole[-_BEFORE:], after)
        if policy.sdist is Presence.FORBIDDEN:
            missing = replace(missing, sdist=False)
        if not missing.says:
            whole.append((version, files, shape))
            continue
        came = uploaded(files)
        is_coming = is_within(ON_ITS_WAY, came, history.at)
        is_old = is_settled(history, came) or not baseline.holds(version, came)
        yield Violation(
            f"{len(files)} file(s){yanked(files)}, and it lacks {missing.says}, which "
            f"{', '.join(str(version) for version, _, _ in near)} have",
            fix="publish what is missing; nothing, if it was dropped on purpose",
            where=f"{history.project} {version}",
            severity=Severity.NOTICE if is_old or is_coming else None,
            evidence={"version": str(version), "missing": missing.names},
        )


#: So many releases before one are its neighbours.
_BEFORE = 2
#: So many releases in turn may be broken; of more it was a decision.
_RUN = 3


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


_Release = tuple[Version, tuple[IndexedFile, ...], _Shape]


def _is_broken(shape: _Shape, whole: Iterable[_Release]) -> bool:
    """Whether a release has no sdist, or wheels for less than half of what whole ones
    have. So much nobody drops for one release or two, as a system or a Python is.
    """
    usual = min((len(near.families) for _, _, near in whole), default=0)
    return not shape.sdist or len(shape.families) * 2 < usual


def _missing_among(
    shape: _Shape, before: Sequence[_Release], after: Sequence[_Release]
) -> tuple[_Shape, Sequence[_Release]]:
    """What a release lacks, and the neighbours that have it: those before it, and the
    first of those after it that has any of it again. What none has again was dropped.
    """
    if len(before) == _BEFORE:
        for later in [[release] for release in after] or [[]]:
            near = [*before, *later]
            missing = _missing(shape, [s for _, _, s in near], is_new=not after)
            if missing.says:
                return missing, near
    return _Shape(sdist=False, families=frozenset()), ()


def _missing(shape: _Shape, neighbours: Sequence[_Shape], *, is_new: bool) -> _Shape:
    """What all the neighbours have and a release lacks."""
    wanted = frozenset.intersection(*(near.families for near in neighbours))
    gained = shape.families - wanted
    interpreters = {family.interpreter for family in shape.families}
    lost = frozenset(
        family
        for family in wanted - shape.families
        if not is_replaced(family, gained)
        # Who lost all wheels has not dropped all Pythons.
        and not (is_new and interpreters and family.interpreter not in interpreters)
    )
    return _Shape(not shape.sdist and all(near.sdist for near in neighbours), lost)
