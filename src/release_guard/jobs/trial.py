"""Tries a release out: builds its sdists, installs and imports its wheels.

This runs code of the distributions, and only where the user asked for it.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import NormalizedName

from release_guard.errors import SourceError
from release_guard.facts import (
    DescribedWheel,
    ExpectedFile,
    ExpectedRelease,
    InstalledWheel,
    Kind,
    MemberKind,
    RebuiltSdist,
    Subject,
    Wheel,
)
from release_guard.filenames import distribution as named
from release_guard.findings import Step
from release_guard.jobs.common import Job
from release_guard.jobs.gathered import Gathered
from release_guard.sources import builder, dist
from release_guard.sources.workshop import LIMITS, Limits, Workshop, workshop
from release_guard.trees import in_site

__all__ = ["TRIAL_SCOPE", "Trial", "Tried", "leave_untried", "try_in", "try_out"]

TRIAL_SCOPE: tuple[type[Subject], ...] = (RebuiltSdist, InstalledWheel)
#: Of one wheel; each takes an interpreter's start.
_MOST_MODULES = 100


@dataclass(frozen=True, slots=True)
class Trial:
    """Which code of the distributions is to run, and for how long."""

    build: bool = False
    install: bool = False
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Tried:
    """The facts of a trial, and which code ran, for the report."""

    facts: Gathered = field(default_factory=Gathered)
    ran: list[Step] = field(default_factory=list)

    def note(self, what: str) -> None:
        """Note that code of a distribution is about to run."""
        self.ran.append(Step("its code ran", what))


def leave_untried(trial: Trial, reason: str, *, hint: str = "") -> Tried:
    """Nothing of what was asked for can be judged, for this reason."""
    tried = Tried()
    _lack_unasked(trial, tried)
    for subject in _asked(trial):
        tried.facts.lack(subject, reason, needed=True, hint=hint)
    return tried


def try_out(
    job: Job,
    trial: Trial,
    paths: Mapping[str, Path],
    releases: Sequence[ExpectedRelease],
    url: str,
) -> Tried:
    """Build and install what ``trial`` says of the files, by name at these paths, that
    were checked; ``url`` is the index on this machine that has them.
    """
    if not _asked(trial):
        return leave_untried(trial, "")
    try:
        with workshop(job.environ, limits=trial.limits) as shop:
            return try_in(shop, trial, paths, releases, url)
    except SourceError as error:
        return leave_untried(trial, error.message, hint=error.hint)


def try_in(
    shop: Workshop,
    trial: Trial,
    paths: Mapping[str, Path],
    releases: Sequence[ExpectedRelease],
    url: str,
) -> Tried:
    """As ``try_out``, in a workshop that is there."""
    tried = Tried()
    _lack_unasked(trial, tried)
    if trial.build:
        _build(shop, paths, releases, tried)
    if trial.install:
        _install(shop, paths, releases, url, tried)
    return tried


def _asked(trial: Trial) -> list[type[Subject]]:
    asked = ((RebuiltSdist, trial.build), (InstalledWheel, trial.install))
    return [subject for subject, is_asked in asked if is_asked]


def _lack_unasked(trial: Trial, tried: Tried) -> None:
    if not trial.build:
        reason = "no sdist was built: --build does it, and runs code of the sdist"
        tried.facts.lack(RebuiltSdist, reason, needed=False)
    if not trial.install:
        reason = "no wheel was installed: --install does it, and runs code of the wheel"
        tried.facts.lack(InstalledWheel, reason, needed=False)


# --- the sdists --------------------------------------------------------------------


def _build(
    shop: Workshop,
    paths: Mapping[str, Path],
    releases: Sequence[ExpectedRelease],
    tried: Tried,
) -> None:
    """Build each sdist, and note what could not be built or compared."""
    for release in releases:
        sdists = [file for file in release.files if file.kind is Kind.SDIST]
        if not sdists:
            reason = f"{release.label}: has no sdist that could be built"
            hint = "leave --build out"
            tried.facts.lack(RebuiltSdist, reason, needed=True, hint=hint)
        for sdist in sdists:
            if not builder.runs_here(sdist):
                _lack_python(sdist, RebuiltSdist, tried)
                continue
            try:
                counterpart = _counterpart(release, paths, tried)
                tried.note(f"{sdist.filename} was built on this machine (--build)")
                subject = _rebuilt(shop, paths[sdist.filename], sdist, counterpart)
            except SourceError as error:
                reason, hint = error.message, error.hint
                tried.facts.lack(RebuiltSdist, reason, needed=True, hint=hint)
            else:
                tried.facts.subjects.append(subject)


def _lack_python(file: ExpectedFile, subject: type[Subject], tried: Tried) -> None:
    here = platform.python_version()
    reason = (
        f"{file.filename}: is for Python {file.requires_python}, and this is {here}"
    )
    hint = "run release-guard with a Python that it is for"
    tried.facts.lack(subject, reason, needed=True, hint=hint)


def _counterpart(
    release: ExpectedRelease, paths: Mapping[str, Path], tried: Tried
) -> DescribedWheel | None:
    """The wheel that installers would take here in place of the sdist; None, and a note
    where that leaves something open, where there is none.
    """
    wheels = [file for file in release.files if file.kind is Kind.WHEEL]
    fits = builder.fitting(wheels)
    if fits:
        return _read(paths[fits[0].filename], fits[0])
    if wheels:
        reason = (
            f"{_unfit(release, wheels)}: none to compare with what the sdist builds"
        )
        tried.facts.lack(RebuiltSdist, reason, needed=True, hint=_ELSEWHERE)
    return None


def _unfit(release: ExpectedRelease, wheels: Sequence[ExpectedFile]) -> str:
    here = builder.this_machine()
    return (
        f"{release.label}: none of {len(wheels)} wheel(s) is for this machine ({here})"
    )


_ELSEWHERE = "rehearse on a machine, and with a Python, that one of the wheels is for"


def _read(path: Path, file: ExpectedFile) -> DescribedWheel:
    """A wheel of the set, as it was checked."""
    contents = dist.read(path)
    if contents.distribution.sha256 != file.sha256:
        raise SourceError(f"{path}: changed since it was checked")
    described = _described(contents)
    if described is None:
        raise SourceError(f"{path}: was not read to its end")
    return described


def _described(contents: dist.Contents) -> DescribedWheel | None:
    wheel, metadata = contents.layout, contents.metadata
    if not isinstance(wheel, Wheel) or metadata is None or not wheel.archive.complete:
        return None
    return DescribedWheel(wheel, metadata)


def _rebuilt(
    shop: Workshop, path: Path, file: ExpectedFile, counterpart: DescribedWheel | None
) -> RebuiltSdist:
    """What comes of building an sdist."""
    sdist = named(file.filename, size=file.size, sha256=file.sha256)
    attempt = builder.build_wheel(shop, path, file)
    if attempt.made is None:
        return RebuiltSdist(sdist, attempt.problem, attempt.said)
    built = _described(dist.read(attempt.made))
    if built is None:
        problem = f"what it builds, {attempt.made.name}, is no whole wheel"
        return RebuiltSdist(sdist, problem)
    return RebuiltSdist(sdist, built=built, counterpart=counterpart)


# --- the wheels --------------------------------------------------------------------


def _install(
    shop: Workshop,
    paths: Mapping[str, Path],
    releases: Sequence[ExpectedRelease],
    url: str,
    tried: Tried,
) -> None:
    """Install of each release the wheel that installers take here, and import it."""
    pinned: dict[NormalizedName, builder.Pinned] = {}
    wheels: list[tuple[ExpectedFile, builder.Pinned, Wheel]] = []
    for release in releases:
        try:
            found = _best(release, paths, tried)
        except SourceError as error:
            reason, hint = error.message, error.hint
            tried.facts.lack(InstalledWheel, reason, needed=True, hint=hint)
            continue
        if found is not None:
            wheels.append(found)
            pinned[release.project] = found[1]
    for file, wanted, wheel in wheels:
        try:
            needs = builder.needs_of(wanted, pinned)
            modules = _modules(wheel, tried)
            what = "installed and imported" if modules else "installed"
            tried.note(f"{file.filename} was {what} (--install)")
            attempt = builder.install(shop, needs, url)
            subject = _installed(shop, attempt, wheel, modules, tried)
        except SourceError as error:
            reason, hint = error.message, error.hint
            tried.facts.lack(InstalledWheel, reason, needed=True, hint=hint)
        else:
            tried.facts.subjects.append(subject)


def _best(
    release: ExpectedRelease, paths: Mapping[str, Path], tried: Tried
) -> tuple[ExpectedFile, builder.Pinned, Wheel] | None:
    """The wheel of a release that installers take here, and a note of the others."""
    wheels = [file for file in release.files if file.kind is Kind.WHEEL]
    fits = builder.fitting(wheels)
    if not fits:
        none = f"{release.label}: has no wheel that could be installed"
        reason = _unfit(release, wheels) if wheels else none
        hint = _ELSEWHERE if wheels else "leave --install out"
        tried.facts.lack(InstalledWheel, reason, needed=True, hint=hint)
        return None
    best, others = fits[0], len(wheels) - 1
    if others:
        reason = f"{release.label}: {others} wheel(s) that are not the one taken here"
        tried.facts.lack(InstalledWheel, reason, needed=False)
    read = _read(paths[best.filename], best)
    requires = read.metadata.requires_dist
    pin = builder.Pinned(best.filename, release.project, release.version, requires)
    return best, pin, read.wheel


def _modules(wheel: Wheel, tried: Tried) -> tuple[str, ...]:
    """The modules that are imported, and a note of those that are not."""
    members = wheel.archive.members
    found = builder.importable(m.path for m in members if m.kind is MemberKind.FILE)
    if not found:
        reason = f"{wheel.label}: has no module at its top that could be imported"
        tried.facts.lack(InstalledWheel, reason, needed=False)
    if len(found) > _MOST_MODULES:
        reason = f"{wheel.label}: only {_MOST_MODULES} of {len(found)} modules"
        tried.facts.lack(InstalledWheel, f"{reason} were imported", needed=True)
    return found[:_MOST_MODULES]


def _installed(
    shop: Workshop,
    attempt: builder.Attempt,
    wheel: Wheel,
    modules: Sequence[str],
    tried: Tried,
) -> InstalledWheel:
    """A wheel that was to be installed, and what comes of importing its modules."""
    if attempt.made is None:
        return InstalledWheel(wheel.distribution, attempt.problem, attempt.said)
    members = wheel.archive.members
    files = {site: member for member in members if (site := in_site(member.path))}
    imports = []
    for module in modules:
        try:
            imports.append(builder.try_import(shop, attempt.made, module, files))
        except SourceError as error:
            reason = f"{wheel.label}: {error.message}"
            tried.facts.lack(InstalledWheel, reason, needed=True, hint=error.hint)
    return InstalledWheel(wheel.distribution, imports=tuple(imports))
