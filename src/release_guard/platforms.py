"""For which systems and interpreters a wheel is, by its file name, in families.

A family leaves out what changes from release to release (the version of glibc or of
macOS, that of an ABI), so that two releases can be compared; what it leaves out is told
beside it. The tags are not expanded: a hostile name could make millions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = [
    "ANY",
    "PURE",
    "STABLE",
    "Family",
    "Interpreter",
    "Reach",
    "by_number",
    "families_of",
    "interpreter_of",
    "reaches_of",
    "spellings",
    "title",
]

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
#: What a platform tag is of, by its form, and how people call what follows; the group
#: ``m`` is the machine, and ``v`` the oldest version that will do.
_SYSTEMS = (
    (
        "linux",
        "glibc",
        re.compile(r"(?:manylinux(?P<v>\d+|_\d+_\d+)|linux)_(?P<m>\w+)"),
    ),
    ("musllinux", "musl", re.compile(r"musllinux_(?P<v>\d+_\d+)_(?P<m>\w+)")),
    ("macosx", "macOS", re.compile(r"macosx_(?P<v>\d+_\d+)_(?P<m>\w+)")),
    ("ios", "iOS", re.compile(r"ios_(?P<v>\d+_\d+)_(?P<m>\w+)")),
    ("android", "API", re.compile(r"android_(?P<v>\d+)_(?P<m>\w+)")),
    (
        "wasm",
        "",
        re.compile(r"(?:pyodide|pyemscripten|emscripten)_(?P<v>\w+)_(?P<m>wasm\d+)"),
    ),
)
#: The generations of manylinux that have a name of their own (PEP 513, 571, 599).
_GLIBC = {"1": "2.5", "2010": "2.12", "2014": "2.17"}
_TITLES = {
    "linux": "Linux",
    "musllinux": "musllinux",
    "macosx": "macOS",
    "win": "Windows",
    "ios": "iOS",
    "android": "Android",
    "wasm": "WebAssembly",
}
_WHOLE_TITLES = {
    ANY: "any platform",
    "win32": "Windows 32-bit",
    "wasm_wasm32": "wasm32",
}


@dataclass(frozen=True, slots=True, order=True)
class Family:
    """One kind of interpreter on one kind of system: ``cp312`` on ``linux_x86_64``."""

    interpreter: str
    platform: str

    def __str__(self) -> str:
        """As the tags of a wheel's name are written."""
        return f"{self.interpreter}-{self.platform}"


@dataclass(frozen=True, slots=True, order=True)
class Reach:
    """One family that a wheel serves, and from where on: the oldest Python as its tag
    says it (``cp39`` of a wheel ``cp39-abi3``), and the oldest system (``glibc 2.17``,
    ``macOS 11.0``), empty where the tag says none.
    """

    family: Family
    floor: str
    system: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Interpreter:
    """What a Python tag says: CPython 3.13 without the GIL is cp, free, 3, 13.

    ``minor`` is 0 where the tag says none. Old tags of PyPy have its own version
    (``pp373``), which no language has.
    """

    kind: str
    is_free: bool
    major: int
    minor: int

    @property
    def python(self) -> str:
        """The version of the language."""
        return f"{self.major}.{self.minor}"


_INTERPRETER = re.compile(r"(py|cp|pp|graalpy|ip|jy)([23])_?(\d{1,2})?(t?)")


def interpreter_of(tag: str) -> Interpreter | None:
    """What a Python tag, or the interpreter of a family, says; None for one of another
    form, as those of the stable ABI are.
    """
    fits = _INTERPRETER.fullmatch(tag)
    if fits is None:
        return None
    kind, major, minor, free = fits.groups()
    return Interpreter(kind, bool(free), int(major), int(minor or 0))


def title(platform: str) -> str:
    """How people call the platform of a family: macOS arm64, Windows amd64."""
    if platform in _WHOLE_TITLES:
        return _WHOLE_TITLES[platform]
    system, _, machine = platform.partition("_")
    return f"{_TITLES[system]} {machine}" if system in _TITLES else platform


def families_of(filename: str) -> frozenset[Family]:
    """The families that a wheel serves; none for a name that is no wheel's, or that
    names more of them than any wheel.
    """
    return frozenset(reach.family for reach in reaches_of(filename))


def reaches_of(filename: str) -> frozenset[Reach]:
    """The families that a wheel serves, as ``families_of``, each with where it begins.
    Of several beginnings, as ``py2.py3`` has them, the lowest is told.
    """
    if not filename.endswith(".whl") or len(filename) > _LONGEST:
        return frozenset()
    parts = filename.removesuffix(".whl").lower().split("-")
    if not _LEAST_PARTS <= len(parts) <= _MOST_PARTS:
        return frozenset()
    pythons, abis, platforms = (part.split(".") for part in parts[-_TAGS:])
    floors: dict[str, str] = {}
    for python in sorted(pythons, key=_by_version):
        for interpreter in _interpreters(python, abis):
            floors.setdefault(interpreter, python)
    systems: dict[str, tuple[str, ...]] = {}
    for platform in platforms:
        for system, since in _systems(platform):
            systems[system] = (*systems.get(system, ()), *([since] if since else []))
    if len(floors) * len(systems) > _MOST:
        return frozenset()
    return frozenset(
        Reach(Family(interpreter, system), floor, min(since, key=by_number, default=""))
        for interpreter, floor in floors.items()
        for system, since in systems.items()
    )


def _by_version(python: str) -> tuple[int, int, str]:
    said = interpreter_of(python)
    return (said.major, said.minor, python) if said else (0, 0, python)


def by_number(system: str) -> tuple[int, ...]:
    """The order of the systems of reaches: glibc 2.5 before glibc 2.17."""
    return tuple(map(int, re.findall(r"\d{1,9}", system)))


def _interpreters(python: str, abis: list[str]) -> Iterator[str]:
    """The families of a Python tag: its own name, but for those that stand for many."""
    if python.startswith("py") and python[2:].isdigit():
        yield PURE
        return
    if python.startswith("cp"):
        stable = [abi for abi in STABLE if abi in abis]
        if stable:
            yield from stable
            return
        # Without the GIL it is another interpreter.
        if f"{python}t" in abis:
            yield f"{python}t"
            return
    yield python


def _systems(platform: str) -> Iterator[tuple[str, str]]:
    """The systems of a platform tag, and since which version; one of no known form is a
    system of its own.
    """
    for system, word, form in _SYSTEMS:
        if fits := form.fullmatch(platform):
            since = _since(word, fits["v"])
            for machine in _MACHINES.get(fits["m"], (fits["m"],)):
                yield f"{system}_{machine}", since
            return
    yield platform, ""


def spellings(platform: str) -> tuple[str, ...]:
    """A platform tag, and the other one that means the same (PEP 600), if there is one:
    ``manylinux2014_x86_64`` and ``manylinux_2_17_x86_64``.
    """
    for year, version in _GLIBC.items():
        old, new = f"manylinux{year}_", f"manylinux_{version.replace('.', '_')}_"
        for begin, other in ((old, new), (new, old)):
            if platform.startswith(begin):
                return platform, other + platform.removeprefix(begin)
    return (platform,)


def _since(word: str, version: str | None) -> str:
    if not (word and version):
        return ""
    return f"{word} {_GLIBC.get(version, version.strip('_').replace('_', '.'))}"
