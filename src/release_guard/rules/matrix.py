"""The wheels of a release: all that are declared, or that the last release had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from packaging.tags import Tag
from packaging.version import Version

from release_guard.facts import Kind, Listing, Release, WheelSet
from release_guard.filenames import distribution, kind_of, may_be_of
from release_guard.findings import Severity, Violation, some
from release_guard.matrix import (
    MOST_WHEELS,
    Losses,
    holes,
    losses,
    own_pythons,
    wheels_before,
    wheels_listed,
)
from release_guard.platforms import ANY, Interpreter, families_of, interpreter_of, title
from release_guard.policy import Policy
from release_guard.pythons import has_ended, named, pythons_of
from release_guard.rules.base import rule
from release_guard.wheel_patterns import WheelPattern

__all__ = ["missing_wheel", "unexpected_wheel"]


@rule(WheelSet, severity=Severity.ERROR)
def missing_wheel(given: WheelSet, policy: Policy) -> Iterator[Violation]:
    """A wheel is missing that the policy declares, or that the last release had.

    **What it means:** where `expect.wheels` lists patterns, one of them fits no wheel,
    which is an error. Else (`previous`, the default) the wheels are compared with those
    of the last release, and it is a warning where a platform or a Python has lost its
    wheels. What `Requires-Python` no longer allows is no loss, nor what a wider wheel
    serves (`abi3`, `universal2`, `none-any`). It is a notice for a Python that has
    ended, for an old PyPy or free-threaded Python where a newer one is there, for all
    that a pre-release lacks, and for a new Python that is not on each platform yet.

    **Why it matters:** for some users the installer builds from source, which mostly
    fails, or falls back to an older release. Their release is broken, and no file of it
    is.

    **How it happens:** one job of the build matrix failed or was cancelled, or its
    files were not collected; a build tool dropped a platform from its defaults.

    **Fix:** build the missing wheels before the upload. What was dropped on purpose is
    told once, as the next release is compared with this one; `docs/matrix.md` has more.

    **Source:** PyWavelets/pywt 656, supermihi/pytaglib 203, scipy/scipy 8077,
    matplotlib/matplotlib 13554. Of 600 releases of 60 real projects it warns of 41, and
    each has lost what it says; in 11 of them by accident, as it came back.
    """
    declared = policy.wheels_of(given.release.project)
    if declared:
        yield from _undelivered(given.release, declared)
    elif given.listing is not None:
        for version in given.release.versions:
            compared = _compared(given.release, version, given.listing, policy.today)
            yield from _lost(compared)
            yield from _not_yet(compared)


@rule(Release, severity=Severity.ERROR)
def unexpected_wheel(release: Release, policy: Policy) -> Iterator[Violation]:
    """A wheel fits none of the declared patterns.

    **What it means:** the policy lists the wheels of a release (`expect.wheels`), and
    none of the tags of this one is among them.

    **Why it matters:** an installer takes the wheel that fits best: a `none-any` wheel
    without its binaries goes to everybody for whom there is no other, and a wheel that
    the index refuses ends the upload in the middle.

    **How it happens:** a glob takes the files of another job along; a build without a
    compiler falls back to a pure wheel; a build tool has new default platforms.

    **Fix:** keep it out of the upload, or add its pattern under `expect.wheels`.

    **Source:** jhavl/spatialgeometry 9, piwheels/packages 220 (pyinstaller 4.3).
    """
    declared = policy.wheels_of(release.project)
    wheels = [file for file in release.distributions if file.kind is Kind.WHEEL]
    for file in wheels if declared else ():
        tags = file.name.tags if file.name else frozenset()
        if not any(pattern.fits(tags) for pattern in declared):
            yield Violation(
                f"fits none of the {len(declared)} pattern(s) of expect.wheels: "
                f"{some([str(pattern) for pattern in declared])}",
                fix="keep it out of the upload, or add its tags under expect.wheels in "
                "the policy",
                where=file.filename,
            )


# --- what is declared ----------------------------------------------------------


def _undelivered(
    release: Release, patterns: Iterable[WheelPattern]
) -> Iterator[Violation]:
    """The patterns that no wheel fits. A file that could not be read is there."""
    wheels = [file for file in release.distributions if file.kind is Kind.WHEEL]
    tags = [file.name.tags for file in wheels if file.name is not None]
    tags += map(_tags_of, release.unread)
    for pattern in patterns:
        if not any(map(pattern.fits, tags)):
            yield Violation(
                f"none of {len(wheels)} wheel(s) fits {pattern}, which the policy "
                "declares",
                fix="build it before the upload, or take it out of expect.wheels in "
                "the policy",
                where=f"{release.label} {pattern}",
                evidence={"pattern": str(pattern)},
            )


def _tags_of(filename: str) -> frozenset[Tag]:
    if kind_of(filename) is not Kind.WHEEL:
        return frozenset()
    name = distribution(filename, size=0, sha256="").name
    return name.tags if name else frozenset()


# --- what the last release had -------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Compared:
    """A version and the last release, None where there is none, by the names of their
    wheels.
    """

    release: Release
    version: Version
    today: date
    now: tuple[str, ...]
    last: Version | None
    before: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"{self.release.project} {self.version}"

    @property
    def requires_python(self) -> str:
        """What all files say that they need; empty where they differ."""
        said = {
            file.metadata.requires_python
            for file in self.release.described
            if file.distribution.name and file.distribution.name.version == self.version
        }
        return said.pop() if len(said) == 1 else ""

    def allows(self, interpreter: Interpreter) -> bool:
        """Whether the release is meant for a Python at all."""
        allowed = pythons_of(self.requires_python)
        return allowed is None or interpreter.python in allowed

    def has_ended(self, tag: str) -> bool:
        """Whether the Python of an interpreter is no longer supported by its makers."""
        said = interpreter_of(tag)
        if said is None or not said.minor:
            return False
        return has_ended(said.python, self.today)

    def gone(
        self,
        what: str,
        number: int,
        tags: Iterable[str] = (),
        *,
        is_light: bool = False,
    ) -> Violation:
        """What is gone, in words and by its ``tags``, and of how many wheels."""
        names = tuple(tags)
        is_light = is_light or self.version.is_prerelease
        return Violation(
            f"no {what}; the last release, {self.last}, had {number}",
            fix=_IF_MEANT if is_light else _FIX,
            where=" ".join([self.label, *([some(names, 3, " ")] if names else [])]),
            severity=Severity.NOTICE if is_light else Severity.WARNING,
            evidence={"last": str(self.last), "missing": names},
        )


_FIX = (
    "build and add them before the upload; what was dropped on purpose may be waived "
    "once, with the reason"
)
_IF_MEANT = "nothing, if that is meant: it is told once"
#: So many things of a kind are told one by one.
_MOST = 20
#: More platforms than this, and more than half of all, are gone for one cause.
_MANY = 3


def _compared(
    release: Release, version: Version, listing: Listing, today: date
) -> _Compared:
    """A version beside the last release. What is listed of the version already is part
    of it, as a release may be uploaded in stages; so is a file that was not read.
    """
    now = {*wheels_listed(version, listing)}
    now |= {
        file.filename
        for file in release.distributions
        if file.name is not None and file.name.version == version
    }
    now |= {n for n in release.unread if may_be_of(n, release.project, version)}
    last, before = wheels_before(version, listing)
    wheels = tuple(sorted(name for name in now if families_of(name)))
    return _Compared(release, version, today, wheels, last, before)


def _lost(compared: _Compared) -> Iterator[Violation]:
    """What the wheels of the last release served, and those of this one do not."""
    if not compared.before:
        return
    if len(compared.before) > MOST_WHEELS:
        yield Violation(
            f"the last release, {compared.last}, had wheels for more than "
            f"{MOST_WHEELS:,} systems and Pythons: not all of them were compared",
            fix="look whether the index lists what was uploaded; else declare the "
            "wheels under expect.wheels in the policy",
            where=compared.label,
            severity=Severity.WARNING,
        )
    if not compared.now:
        families = {f for name in compared.before for f in families_of(name)}
        names = some(sorted({title(family.platform) for family in families}))
        yield compared.gone(f"wheels at all ({names})", len(compared.before))
        return
    gone = losses(compared.before, compared.now, compared.allows)
    yield from _platforms_gone(compared, gone)
    yield from _interpreters_gone(compared, gone)
    yield from _cells_gone(compared, gone)


def _platforms_gone(compared: _Compared, gone: Losses) -> Iterator[Violation]:
    """Each platform that has no wheel any more; of most of them only that it is so."""
    pythons: dict[str, set[str]] = defaultdict(set)
    for family in chain.from_iterable(map(families_of, compared.before)):
        pythons[family.platform].add(family.interpreter)
    number = len(gone.platforms)
    if number > _MOST or number > max(_MANY, len(pythons) // 2):
        names = some([title(platform) for platform in gone.platforms])
        yield compared.gone(
            f"wheels for {number} of {len(pythons)} platforms ({names})",
            gone.had(platforms=gone.platforms),
            gone.platforms,
        )
        return
    for platform in gone.platforms:
        what = f"{title(platform)} wheels"
        yield compared.gone(
            "wheel for any platform" if platform == ANY else what,
            gone.had(platforms=(platform,)),
            (platform,),
            # A project that was pure and has a compiled part now knows of it.
            is_light=pythons.keys() == {ANY}
            or all(map(compared.has_ended, pythons[platform])),
        )


def _interpreters_gone(compared: _Compared, gone: Losses) -> Iterator[Violation]:
    """The interpreters that are gone on each platform: those that should be there, and
    those whose time is over.
    """
    light = [i for i in gone.interpreters if i in gone.retired or compared.has_ended(i)]
    heavy = [i for i in gone.interpreters if i not in light]
    for names, is_light in ((heavy, False), (light, True)):
        if names:
            yield compared.gone(
                f"wheels for {some(names)} on any platform",
                gone.had(names),
                names,
                is_light=is_light,
            )


def _cells_gone(compared: _Compared, gone: Losses) -> Iterator[Violation]:
    """The interpreters that are gone on some platforms, by which they are."""
    alike: dict[tuple[bool, tuple[str, ...]], list[str]] = defaultdict(list)
    for platform, interpreters in gone.cells.items():
        over = tuple(i for i in interpreters if compared.has_ended(i))
        live = tuple(i for i in interpreters if i not in over)
        for names, is_light in ((live, False), (over, True)):
            if names:
                alike[is_light, names].append(platform)
    kinds = [*alike.items()]
    for (is_light, names), platforms in kinds[:_MOST]:
        where = some([title(platform) for platform in platforms])
        yield compared.gone(
            f"wheels for {some(names)} on {where}",
            gone.had(names, platforms),
            (*names, *platforms),
            is_light=is_light,
        )
    if rest := {platform for _, platforms in kinds[_MOST:] for platform in platforms}:
        yield compared.gone(
            f"wheels for some Pythons on {len(rest)} more platforms",
            gone.had(platforms=rest),
        )


# --- what is not there yet -----------------------------------------------------


def _not_yet(compared: _Compared) -> Iterator[Violation]:
    """A new Python that not all platforms have, or that only the classifiers name."""
    found = holes(compared.before, compared.now) if compared.before else {}
    for interpreter, platforms in [*found.items()][:_MOST]:
        where = some([title(platform) for platform in platforms])
        yield Violation(
            f"{interpreter} is new, and has no wheels for {where}",
            fix="nothing, if that is meant",
            where=f"{compared.label} {interpreter}",
            severity=Severity.NOTICE,
            evidence={"missing": platforms},
        )
    own, is_open = own_pythons(compared.now)
    newest = max(map(Version, own), default=None)
    later = [
        python
        for python in sorted(_named_pythons(compared) - own, key=Version)
        if newest and Version(python) > newest and not is_open
    ]
    if later:
        yield Violation(
            f"the classifiers name Python {', '.join(later)}, and no wheel is for it",
            fix="build its wheels, or leave the classifier to a later release",
            where=compared.label,
            severity=Severity.NOTICE,
            evidence={"missing": tuple(later)},
        )


def _named_pythons(compared: _Compared) -> frozenset[str]:
    """The minor versions of Python that the classifiers name."""
    return named(
        classifier.text
        for file in compared.release.described
        for classifier in file.metadata.classifiers
    )
