"""The shape of a release's wheels: as patterns for the policy, and as builds."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import product

from packaging.tags import Tag

from release_guard.wheel_patterns import WheelPattern, pattern_of

__all__ = [
    "BUILDER",
    "EMULATED",
    "Build",
    "Builds",
    "builds_of",
    "is_native",
    "patterns_of",
    "usual_builds",
]

#: The version of cibuildwheel that the tables below follow, of 2026-08.
BUILDER = "4.2.0"
#: The interpreters that it builds for, with their identifiers.
_BUILT = frozenset(
    {
        *(f"cp3{minor}" for minor in range(9, 16)),
        *("cp314t", "cp315t", "pp311"),
    }
)
_OLDEST = "cp39"
#: What it builds only where it is asked to, by how an interpreter's tag begins.
_ASKED_FOR = {"pp": "pypy"}
#: The machines for which no runner is at hand, but an emulator (QEMU).
EMULATED = ("armv7l", "ppc64le", "riscv64", "s390x")
#: On which runner it builds a platform, and how it calls the machine there. The others
#: need a tool chain of their own.
_RUNNERS = {
    "manylinux_x86_64": ("ubuntu-latest", "x86_64"),
    "musllinux_x86_64": ("ubuntu-latest", "x86_64"),
    "manylinux_i686": ("ubuntu-latest", "i686"),
    "musllinux_i686": ("ubuntu-latest", "i686"),
    "manylinux_aarch64": ("ubuntu-24.04-arm", "aarch64"),
    "musllinux_aarch64": ("ubuntu-24.04-arm", "aarch64"),
    **{
        f"{libc}_{machine}": ("ubuntu-latest", machine)
        for machine in EMULATED
        for libc in ("manylinux", "musllinux")
    },
    "macosx_x86_64": ("macos-15-intel", "x86_64"),
    "macosx_arm64": ("macos-latest", "arm64"),
    "macosx_universal2": ("macos-latest", "universal2"),
    "win_amd64": ("windows-latest", "AMD64"),
    "win32": ("windows-latest", "x86"),
    "win_arm64": ("windows-11-arm", "ARM64"),
}
_PYPY_ON = frozenset(
    {
        *("manylinux_x86_64", "manylinux_i686", "manylinux_aarch64", "win_amd64"),
        *("macosx_x86_64", "macosx_arm64"),
    }
)
#: What most projects build that have never released a wheel.
_USUAL = (
    *("manylinux_x86_64", "manylinux_aarch64", "macosx_x86_64", "macosx_arm64"),
    "win_amd64",
)
#: A platform tag, and what changes in it from release to release: the version of glibc,
#: of musl, of macOS.
_PLATFORMS = (
    (re.compile(r"(?:manylinux(?:\d+|_\d+_\d+)|linux)_(\w+)"), "manylinux_{}"),
    (re.compile(r"musllinux_\d+_\d+_(\w+)"), "musllinux_{}"),
    (re.compile(r"macosx_\d+_\d+_(\w+)"), "macosx_{}"),
)
#: GraalPy names its own version in its ABI.
_GRAAL_ABI = re.compile(r"(graalpy\d+)_\d+_native")
#: A wheel's name has five parts, or six with a build number.
_PARTS = (5, 6)
#: So many tags at most has the name of a real wheel.
_MOST_TAGS = 64


@dataclass(frozen=True, slots=True)
class Build:
    """One job of the matrix: the runner, the machine, and the identifiers of what is
    built there by cibuildwheel; empty for all that it builds by itself.
    """

    runner: str
    machine: str
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Builds:
    """The jobs that build the wheels of a release, the tags of wheels that none of them
    builds, and the groups of interpreters that are built only where that is asked for.
    """

    jobs: tuple[Build, ...] = ()
    beyond: tuple[str, ...] = ()
    asked_for: tuple[str, ...] = ()

    @property
    def is_emulated(self) -> bool:
        """Whether a job needs an emulator."""
        return any(job.machine in EMULATED for job in self.jobs)

    def unspecified(self) -> Builds:
        """The same jobs, each of which builds what the project's configuration says."""
        jobs = (replace(job, identifiers=()) for job in self.jobs)
        return Builds(tuple(jobs), self.beyond)


def is_native(filename: str) -> bool:
    """Whether a file is a wheel for some platforms only."""
    tags = _tags(filename)
    return bool(tags) and all(tag.platform != "any" for tag in tags)


def patterns_of(filenames: Iterable[str]) -> tuple[str, ...]:
    """Patterns of tags that each fit a wheel of a release, and that all its wheels fit;
    empty where a wheel has a name that no pattern can say.
    """
    wheels = [_tags(name) for name in filenames if name.endswith(".whl")]
    found: list[WheelPattern] = []
    for tags in wheels:
        pattern = _pattern(tags)
        if pattern is None:
            return ()
        found.append(pattern)
    return tuple(str(pattern) for pattern in sorted(set(found), key=_by_platform))


def _pattern(tags: Collection[Tag]) -> WheelPattern | None:
    """A pattern for one wheel. Of several tags the last is taken: ``py3`` of py2.py3,
    the newest manylinux.
    """
    if not tags:
        return None
    tag = max(tags, key=lambda t: (_by_number(t.interpreter), t.abi, t.platform))
    abi = _GRAAL_ABI.sub(r"\1_*_native", tag.abi)
    platform = _platform(tag.platform)
    system, _, machine = platform.partition("_")
    if platform != tag.platform:
        platform = f"{system}_*_{machine}"
    try:
        pattern = pattern_of(f"{tag.interpreter}-{abi}-{platform}")
    except ValueError:
        return None
    return pattern if pattern.fits(tags) else None


def _tags(filename: str) -> tuple[Tag, ...]:
    """The tags in a wheel's name; none where it has too many of them to be one."""
    parts = filename.removesuffix(".whl").split("-")
    if not filename.endswith(".whl") or len(parts) not in _PARTS:
        return ()
    pythons, abis, platforms = (part.lower().split(".") for part in parts[-3:])
    if len(pythons) * len(abis) * len(platforms) > _MOST_TAGS:
        return ()
    return tuple(Tag(*tag) for tag in product(pythons, abis, platforms))


def _platform(tag: str) -> str:
    """A platform without what changes from release to release: ``manylinux_x86_64``."""
    for form, spelled in _PLATFORMS:
        if fits := form.fullmatch(tag):
            return spelled.format(fits[1])
    return tag


def _by_number(text: str) -> tuple[int | str, ...]:
    """In the order of the numbers in a text: cp39 before cp310."""
    head = re.match(r"[a-z]+(\d?)(\d*)", text)
    return (0, 0, text) if head is None else (*_number(*head.groups()), text)


def _number(major: str, minor: str) -> tuple[int, int]:
    return int(major or 0), int(minor[:4] or 0)


def _by_platform(pattern: WheelPattern) -> tuple[object, ...]:
    """Platform by platform, and there by age."""
    interpreter = _by_number(pattern.interpreter)
    return pattern.platform, interpreter, pattern.abi


# --- builds ----------------------------------------------------------------------


def builds_of(filenames: Iterable[str]) -> Builds:
    """The jobs in which cibuildwheel builds the wheels of a release once more."""
    wanted: dict[tuple[str, str], dict[str, set[str]]] = {}
    beyond, asked_for = set(), set()
    for tags in map(_tags, filenames):
        if not tags or any(tag.platform == "any" for tag in tags):
            continue
        first = min(tags, key=lambda t: (_by_number(t.interpreter), t.abi, t.platform))
        interpreter = _interpreter(first)
        platform = _platform(first.platform)
        if platform not in _RUNNERS or not _is_built(interpreter, platform):
            beyond.add(f"{interpreter}-{platform}")
            continue
        row = wanted.setdefault(_RUNNERS[platform], defaultdict(set))
        row[platform].add(interpreter)
        asked_for |= {g for begin, g in _ASKED_FOR.items() if interpreter[:2] == begin}
    jobs = (
        Build(runner, machine, tuple(_identifiers(row)))
        for (runner, machine), row in sorted(wanted.items(), key=_in_table)
    )
    return Builds(tuple(jobs), tuple(sorted(beyond)), tuple(sorted(asked_for)))


def _is_built(interpreter: str, platform: str) -> bool:
    """Whether there is such an interpreter for a platform: PyPy is not for all."""
    if interpreter.startswith("pp") and platform not in _PYPY_ON:
        return False
    return interpreter in _BUILT


def _interpreter(tag: Tag) -> str:
    """With which interpreter a wheel is built, by its identifier. One of the stable ABI
    says the oldest that it runs with, which may be older than any that builds.
    """
    if tag.abi == "abi3" and tag.interpreter not in _BUILT:
        return _OLDEST
    return (
        f"{tag.interpreter}t" if tag.abi == f"{tag.interpreter}t" else tag.interpreter
    )


def usual_builds() -> Builds:
    """The jobs for a project that has never released a wheel."""
    return Builds(tuple(Build(*_RUNNERS[platform]) for platform in _USUAL))


def _identifiers(row: dict[str, set[str]]) -> Iterable[str]:
    """What is built, a word for each platform: ``{cp311,cp312}-manylinux_x86_64``."""
    for platform, interpreters in sorted(row.items()):
        names = sorted(interpreters, key=_by_number)
        head = names[0] if len(names) == 1 else f"{{{','.join(names)}}}"
        yield f"{head}-{platform}"


def _in_table(item: tuple[tuple[str, str], object]) -> int:
    return list(_RUNNERS.values()).index(item[0])
