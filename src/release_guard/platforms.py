"""For which systems and interpreters a wheel is, by its file name, in families.

A family leaves out what changes from release to release (the version of glibc or of
macOS, that of an ABI), so that two releases can be compared. The tags are not expanded:
a hostile name could make millions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ANY", "PURE", "STABLE", "Family", "families_of"]

#: The platform of a wheel that runs everywhere.
ANY = "any"
#: The interpreter of a wheel that runs with every Python.
PURE = "py"
#: The interpreters of a wheel that keeps to the stable ABI, without and with threads.
STABLE = ("abi3", "abi3t")

#: What a file system takes, in bytes.
_LONGEST = 255
#: Of one wheel: the largest real ones have some six.
_MOST = 64
#: The parts of a wheel's name behind the project, the version and perhaps a build tag.
_TAGS = 3
_LEAST_PARTS, _MOST_PARTS = 5, 6

#: One binary of macOS for several machines.
_MACHINES = {
    "universal2": ("x86_64", "arm64"),
    "intel": ("i386", "x86_64"),
    "universal": ("i386", "ppc"),
    "fat": ("i386", "ppc"),
    "fat3": ("i386", "x86_64", "ppc"),
    "fat64": ("x86_64", "ppc64"),
}
#: What a platform tag is of, by its form; the group ``m`` is the machine.
_SYSTEMS = (
    ("linux", re.compile(r"(?:manylinux(?:\d+|_\d+_\d+)|linux)_(?P<m>\w+)")),
    ("musllinux", re.compile(r"musllinux_\d+_\d+_(?P<m>\w+)")),
    ("macosx", re.compile(r"macosx_\d+_\d+_(?P<m>\w+)")),
    ("ios", re.compile(r"ios_\d+_\d+_(?P<m>\w+)")),
    ("android", re.compile(r"android_\d+_(?P<m>\w+)")),
    ("wasm", re.compile(r"(?:pyodide|pyemscripten|emscripten)_\w+_(?P<m>wasm\d+)")),
)


@dataclass(frozen=True, slots=True, order=True)
class Family:
    """One kind of interpreter on one kind of system: ``cp312`` on ``linux_x86_64``."""

    interpreter: str
    platform: str

    def __str__(self) -> str:
        """As the tags of a wheel's name are written."""
        return f"{self.interpreter}-{self.platform}"


def families_of(filename: str) -> frozenset[Family]:
    """The families that a wheel serves; none for a name that is no wheel's, or that
    names more of them than any wheel.
    """
    if not filename.endswith(".whl") or len(filename) > _LONGEST:
        return frozenset()
    parts = filename.removesuffix(".whl").lower().split("-")
    if not _LEAST_PARTS <= len(parts) <= _MOST_PARTS:
        return frozenset()
    pythons, abis, platforms = (part.split(".") for part in parts[-_TAGS:])
    interpreters = {_interpreter(python, abis) for python in pythons}
    systems = {system for platform in platforms for system in _systems(platform)}
    if len(interpreters) * len(systems) > _MOST:
        return frozenset()
    return frozenset(Family(i, system) for i in interpreters for system in systems)


def _interpreter(python: str, abis: list[str]) -> str:
    """The family of a Python tag: its own name, but for those that stand for many."""
    if python.startswith("py") and python[2:].isdigit():
        return PURE
    if python.startswith("cp"):
        for stable in STABLE:
            if stable in abis:
                return stable
        # Without the GIL it is another interpreter.
        if f"{python}t" in abis:
            return f"{python}t"
    return python


def _systems(platform: str) -> tuple[str, ...]:
    """The systems of a platform tag; one of no known form is a system of its own."""
    for system, form in _SYSTEMS:
        if fits := form.fullmatch(platform):
            machines = _MACHINES.get(fits["m"], (fits["m"],))
            return tuple(f"{system}_{machine}" for machine in machines)
    return (platform,)
