"""Programs and libraries in a wheel: do they run where its file name says?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from release_guard.facts import Binary, BinaryFormat, NativeWheel
from release_guard.findings import Severity, Violation, some
from release_guard.platforms import ANY, PURE, STABLE, Reach, reaches_of, title
from release_guard.policy import Policy
from release_guard.rules.base import rule

__all__ = [
    "abi3_violation",
    "binary_tag_mismatch",
    "glibc_floor",
    "macos_floor",
    "native_in_pure",
]

#: How a tag calls a machine that a header calls otherwise; the rest is called alike.
_MACHINES: Mapping[str, str] = {
    "i386": "i686",
    "i586": "i686",
    "x86": "i686",
    "armv6l": "arm",
    "armv7l": "arm",
    "armv8l": "arm",
    "armeabi_v7a": "arm",
    "arm64_v8a": "aarch64",
    "arm64_iphoneos": "arm64",
    "arm64_iphonesimulator": "arm64",
    "x86_64_iphonesimulator": "x86_64",
}
#: The systems of tags whose binaries have the headers of another one.
_SYSTEMS: Mapping[str, str] = {"musllinux": "linux"}
_WINDOWS_32 = "win32"


@dataclass(frozen=True, slots=True)
class _Target:
    """A platform of a tag, in the words of headers."""

    platform: str
    system: str
    machine: str
    libc: str

    def takes(self, binary: Binary) -> bool:
        """Whether a binary runs there, as far as its header says."""
        systems = {binary.system, _SYSTEMS.get(binary.system, binary.system)}
        if binary.system and self.system not in systems:
            return False
        if binary.libc and self.libc and binary.libc != self.libc:
            return False
        machines = {_machine(m) for m in binary.machines}
        return not machines or self.machine in machines


def _machine(said: str) -> str:
    return _MACHINES.get(said, said)


def _targets(reaches: Iterable[Reach]) -> tuple[_Target, ...]:
    """The platforms that a wheel says it is for; none where it is for any."""
    platforms = sorted({reach.family.platform for reach in reaches} - {ANY})
    return tuple(map(_target, platforms))


def _target(platform: str) -> _Target:
    system, _, machine = platform.partition("_")
    if platform == _WINDOWS_32:
        system, machine = "win", "x86"
    libc = {"linux": "glibc", "musllinux": "musl"}.get(system, "")
    return _Target(platform, _SYSTEMS.get(system, system), _machine(machine), libc)


def _is_known(target: _Target) -> bool:
    """Whether headers have words for a platform."""
    return target.system in ("linux", "macosx", "win", "ios", "android")


@rule(NativeWheel, severity=Severity.ERROR)
def binary_tag_mismatch(wheel: NativeWheel, policy: Policy) -> Iterator[Violation]:
    """A binary in the wheel is not for what its tags say.

    **What it means:** the header of an extension module (ELF, Mach-O, PE) names another
    system, machine or C library than the file name; of a `universal2` wheel it lacks
    one of the halves; or its suffix (`.cpython-311-darwin.so`) is for another Python
    than the tags. Of a wheel without extension modules, no program or library fits; on
    macOS and Windows, which may run programs for another machine, such a program is a
    warning. A shared library beside fitting ones that no platform of the tags can load
    is a warning, unless its path names its machine.

    **Why it matters:** installers go by the name: they take this wheel, even before an
    older one that would work, and the import fails.

    **How it happens:** a cross build takes the host's compiler; a build folder of
    another job is left; a wheel is renamed instead of built.

    **Fix:** build it for the platform that it is named after, and import it there
    before the upload; check with `file`, `lipo -info` or `dumpbin /headers`.

    **Source:** psf/black 3312 (an arm64 module in a macOS x86_64 wheel);
    eclipse-zenoh/zenoh-python 60; louisabraham/pydivsufsort 47. Silent on 227 files of
    82 well-kept projects, and on 159 platform wheels of 36.
    """
    reaches = reaches_of(wheel.distribution.filename)
    targets = [target for target in _targets(reaches) if _is_known(target)]
    modules = [binary for binary in wheel.binaries if binary.is_module]
    yield from _damaged(modules)
    yield from _wrong_platform(
        targets, modules or wheel.binaries, is_each=bool(modules)
    )
    yield from _wrong_python(reaches, modules)
    if targets:
        yield from _foreign(targets, wheel.binaries)


def _damaged(modules: Iterable[Binary]) -> Iterator[Violation]:
    """Modules of which no form has a header that a loader takes."""
    groups: dict[str, list[Binary]] = defaultdict(list)
    for binary in modules:
        groups[_module(binary)].append(binary)
    damaged = [
        group[0] for group in groups.values() if all(binary.problem for binary in group)
    ]
    if damaged:
        yield Violation(
            f"{_few([binary.member for binary in damaged])}: {damaged[0].problem}; "
            "expected an extension module",
            fix="build it again; a file of git LFS must be fetched before the build",
            evidence={"members": _members(binary.member for binary in damaged)},
        )


def _wrong_platform(
    targets: Iterable[_Target], binaries: Iterable[Binary], *, is_each: bool
) -> Iterator[Violation]:
    """Where nothing fits a platform: of each module, or of all programs together."""
    groups: dict[str, list[Binary]] = defaultdict(list)
    for binary in binaries:
        if not binary.problem:
            groups[_module(binary) if is_each else ""].append(binary)
    for target in targets:
        unfit = [
            group for group in groups.values() if not any(map(target.takes, group))
        ]
        if not unfit:
            continue
        first = unfit[0][0]
        what = _few([group[0].member for group in unfit])
        yield Violation(
            f"{what}: found {_told(first)}, expected {title(target.platform)}, as the "
            "tags say",
            fix="build the wheel for the platform that it is named after",
            severity=Severity.WARNING if _may_run(first, target) else None,
            evidence={
                "members": _members(group[0].member for group in unfit),
                "expected": target.platform,
                "found": _told(first),
            },
        )


def _may_run(binary: Binary, target: _Target) -> bool:
    """Whether a program for another machine may run all the same, in a process of its
    own: by Rosetta, by Windows on ARM, or on a 64-bit Windows with a 32-bit Python.
    """
    is_program = not (binary.is_module or _is_library(binary))
    return is_program and binary.system == target.system in _EMULATING


_EMULATING = ("macosx", "win")
#: How many members the evidence names.
_MOST = 50


def _members(members: Iterable[str]) -> tuple[str, ...]:
    """The first of many, for the evidence."""
    return tuple(islice(members, _MOST))


def _module(binary: Binary) -> str:
    """What a module is imported as: one in several forms may stand beside itself."""
    folder, slash, name = binary.member.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"


def _told(binary: Binary) -> str:
    """What a header says, in a few words."""
    machines = " and ".join(binary.machines)
    form = f"{binary.format.value} for {machines}" if machines else binary.format.value
    return f"{form}, linked with {binary.libc}" if binary.libc else form


def _few(members: list[str]) -> str:
    """The first of many, and how many."""
    shown = f"{members[0]!r:.200}"
    return shown if len(members) == 1 else f"{shown} and {len(members) - 1} more"


def _foreign(
    targets: Iterable[_Target], binaries: Iterable[Binary]
) -> Iterator[Violation]:
    """Shared libraries that no platform of the tags can load. Programs may be data:
    launchers are, and they are of Windows; and so may be what names a machine in its
    path, as sets for several machines do (debugpy).
    """
    targets = tuple(targets)
    systems = {target.system for target in targets}
    foreign = [
        binary
        for binary in binaries
        if not binary.is_module
        and _is_library(binary)
        and not any(target.takes(binary) for target in targets)
        and (binary.system not in systems or not _MACHINE_WORD.search(binary.member))
    ]
    if foreign:
        yield Violation(
            f"{_few([binary.member for binary in foreign])}: found "
            f"{_told(foreign[0])}, which no platform of the tags can load",
            fix="leave it out, or put it into the wheel of its own platform",
            severity=Severity.WARNING,
            evidence={"members": _members(b.member for b in foreign)},
        )


#: How paths name machines.
_MACHINE_WORD = re.compile(r"(?i)x86|x64|amd64|i[3-6]86|arm|aarch|32|64|ppc|s390|riscv")


def _is_library(binary: Binary) -> bool:
    """Whether it is a library that a system could load; code for .NET is for all."""
    name = binary.member.rpartition("/")[2].lower()
    return bool(binary.machines) and name.endswith(_LIBRARIES[binary.format])


_LIBRARIES: Mapping[BinaryFormat, tuple[str, ...]] = {
    BinaryFormat.ELF: (".so",),
    BinaryFormat.MACH_O: (".dylib", ".so"),
    BinaryFormat.PE: (".dll",),
    BinaryFormat.WASM: (".so",),
    BinaryFormat.OTHER: (),
}

# --- the suffix ------------------------------------------------------------------

#: The suffixes of extension modules (PEP 3149; PEP 703 for the ``t``), and the family
#: of interpreters that imports them.
_SUFFIX = re.compile(
    r"\.(?:cpython-(?P<cpython>\d+t?)[a-su-z]*(?:-[^.]+)?"
    r"|cp(?P<cp>\d+t?)-[^.]+"
    r"|pypy(?P<pypy>\d+)[^.]*"
    r"|(?P<stable>abi3t?))\.(?:so|pyd)"
)


def _interpreter(binary: Binary) -> str:
    """The family that imports a module by its suffix, empty where all do."""
    suffix = binary.member.rpartition("/")[2].partition(".")[2]
    fits = _SUFFIX.fullmatch(f".{suffix}")
    if fits is None:
        return ""
    for prefix, group in (("cp", "cpython"), ("cp", "cp"), ("pp", "pypy")):
        if fits[group]:
            return f"{prefix}{fits[group]}"
    return fits["stable"]


def _wrong_python(
    reaches: Iterable[Reach], modules: Iterable[Binary]
) -> Iterator[Violation]:
    """Where no form of a module has a suffix that a Python of the tags imports."""
    forms: dict[str, set[str]] = defaultdict(set)
    named: dict[str, str] = {}
    for binary in modules:
        forms[_module(binary)].add(_interpreter(binary))
        named.setdefault(_module(binary), binary.member)
    interpreters = {reach.family.interpreter for reach in reaches}
    # Of a wheel for every Python nobody knows which; what abi3 must not hold is
    # told by abi3-violation.
    for interpreter in sorted(interpreters - {PURE, *STABLE}):
        unfit = [
            named[module]
            for module, found in forms.items()
            if not any(_imports(interpreter, form) for form in found)
        ]
        if unfit:
            found = some(sorted(forms[min(m for m in forms if named[m] == unfit[0])]))
            yield Violation(
                f"{_few(unfit)}: has a suffix for {found}, which {interpreter} of the "
                "tags does not import",
                fix="build the wheel with the Python that it is named after",
                evidence={"members": _members(unfit), "expected": interpreter},
            )


def _imports(interpreter: str, form: str) -> bool:
    """Whether an interpreter looks for a suffix."""
    if form in STABLE:
        return interpreter.startswith("cp")
    return form in ("", interpreter)


@rule(NativeWheel, severity=Severity.WARNING)
def abi3_violation(wheel: NativeWheel, policy: Policy) -> Iterator[Violation]:
    """An `abi3` wheel carries a module for one Python.

    **What it means:** the tags say that the wheel works with every later Python
    (`cp39-abi3`), and the suffix of an extension module names one
    (`.cpython-312-x86_64-linux-gnu.so`), without a form of it for all.

    **Why it matters:** every other Python installs the wheel, and does not find the
    module.

    **How it happens:** the module was not built with `py_limited_api`; the wheel's tag
    is set apart from the module's.

    **Fix:** build the module with `py_limited_api=True`, or tag the wheel for the
    Python that built it. Which symbols it uses is not looked at: that is what
    `abi3audit` is for.

    **Source:** PEP 384 and PEP 3149.
    """
    interpreters = {r.family.interpreter for r in reaches_of(wheel.label)}
    if not interpreters & set(STABLE):
        return
    forms: dict[str, list[Binary]] = defaultdict(list)
    for binary in wheel.binaries:
        if binary.is_module:
            forms[_module(binary)].append(binary)
    unfit = [
        found[0].member
        for found in forms.values()
        if all(_interpreter(binary) not in ("", *STABLE) for binary in found)
    ]
    if unfit:
        yield Violation(
            f"{_few(unfit)}: is for one Python alone, and the tags promise every later "
            "one (abi3)",
            fix="build it with py_limited_api=True, or tag the wheel for that Python",
            evidence={"members": _members(unfit)},
        )


# --- how old a system may be -------------------------------------------------------


@rule(NativeWheel, severity=Severity.WARNING)
def glibc_floor(wheel: NativeWheel, policy: Policy) -> Iterator[Violation]:
    """A binary needs a newer glibc than the tags promise.

    **What it means:** a library or program in a `manylinux` wheel needs a symbol of a
    newer glibc than the oldest tag of the wheel names. Symbols that may stay open
    (weak ones) do not count. Of files over 16 MiB only the begin is read.

    **Why it matters:** older systems install the wheel, and the import ends with
    "version `GLIBC_2.34' not found".

    **How it happens:** the wheel was built on the runner instead of in a manylinux
    image, and named by hand; `auditwheel` was left out.

    **Fix:** build in the manylinux image of the tag, or let `auditwheel repair` choose
    the tag.

    **Source:** PEP 600; ludo-technologies/pyscn 762 (a manylinux_2_17 wheel that needs
    glibc 2.34).
    """
    promised = _promised(reaches_of(wheel.label), "glibc")
    floor = min(promised.values(), default=None)
    if floor is None:
        return
    newer = [b for b in wheel.binaries if b.glibc is not None and b.glibc > floor]
    if newer:
        worst = max(newer, key=lambda binary: binary.glibc or floor)
        yield Violation(
            f"{_few([worst.member, *(b.member for b in newer if b is not worst)])}: "
            f"needs glibc {_version(worst.glibc)}; the tags promise "
            f"{_version(floor)}",
            fix="build in the manylinux image of the tag, or let auditwheel repair "
            "name the wheel",
            evidence={
                "member": worst.member,
                "expected": _version(floor),
                "found": _version(worst.glibc),
            },
        )


@rule(NativeWheel, severity=Severity.WARNING)
def macos_floor(wheel: NativeWheel, policy: Policy) -> Iterator[Violation]:
    """A binary needs a newer macOS than the tags promise.

    **What it means:** the header of a library or program in a `macosx` wheel names a
    newer macOS as the oldest that it runs on than the wheel's tag. For arm64 that is
    never older than 11; from 11 on only the first number counts.

    **Why it matters:** older systems install the wheel, which nobody has tried there:
    it ends where a function is missing.

    **How it happens:** a library of Homebrew, made for the runner's own macOS, was
    copied into the wheel; `MACOSX_DEPLOYMENT_TARGET` was set for one step alone.

    **Fix:** set `MACOSX_DEPLOYMENT_TARGET` for all that is built; `delocate` with
    `--require-archs` and its check of versions tells the library.

    **Source:** protobuf 7.36.2, whose modules need macOS 12 under the tag 10.9: the one
    that it tells of the 227 files of the corpus. delocate refuses such a wheel.
    """
    promised = _promised(reaches_of(wheel.label), "macOS")
    for machine, floor in sorted(promised.items()):
        expected = max(floor, _FIRST_ARM) if machine == "arm64" else floor
        newer = [
            (needs, binary.member)
            for binary in wheel.binaries
            if binary.system == "macosx"
            for said, needs in zip(binary.machines, binary.needs, strict=False)
            if needs is not None
            and said == machine
            and _rounded(needs) > _rounded(expected)
        ]
        if newer:
            needs, worst = max(newer)
            others = [member for _, member in newer if member != worst]
            yield Violation(
                f"{_few([worst, *others])}: needs macOS {_version(needs)} on "
                f"{machine}; the tags promise {_version(expected)}",
                fix=f"build with MACOSX_DEPLOYMENT_TARGET={_version(expected)}, or tag "
                "the wheel for the newer macOS",
                evidence={
                    "member": worst,
                    "expected": _version(expected),
                    "found": _version(needs),
                },
            )


_FIRST_ARM = (11, 0)


def _promised(reaches: Iterable[Reach], word: str) -> dict[str, tuple[int, int]]:
    """The oldest version of a system that the tags name, by machine."""
    found: dict[str, tuple[int, int]] = {}
    for reach in reaches:
        named, _, version = reach.system.partition(" ")
        parts = version.split(".")
        if named == word and len(parts) == len(_FIRST_ARM):
            machine = reach.family.platform.partition("_")[2]
            since = int(parts[0][:9]), int(parts[1][:9])
            found[machine] = min(found.get(machine, since), since)
    return found


def _rounded(version: tuple[int, int]) -> tuple[int, int]:
    """From macOS 11 on, tags name no minor version."""
    return (version[0], 0) if version >= _FIRST_ARM else version


def _version(version: tuple[int, int] | None) -> str:
    return ".".join(map(str, version or ()))


# --- binaries where none should be --------------------------------------------------


@rule(NativeWheel, severity=Severity.ERROR)
def native_in_pure(wheel: NativeWheel, policy: Policy) -> Iterator[Violation]:
    """A wheel for every platform holds modules for one.

    **What it means:** the tags say `none-any`, and all extension modules are for one
    system; or the WHEEL file says `Root-Is-Purelib: true` beside them. Shared libraries
    for one system are a warning. A set for several systems is fine, and so are programs
    that are data, as the launchers of pip and setuptools.

    **Why it matters:** every other system installs the wheel, and does not find the
    module.

    **How it happens:** `setup()` has no `ext_modules`, and the compiled file was
    packed as data; a build folder of another build was left.

    **Fix:** let the backend know that the project is compiled (`ext_modules`,
    `has_ext_modules`, `pure_python = false`), or leave the file out.

    **Source:** pyinstaller 4.3 (piwheels/packages 220) and the wheel specification:
    files for one platform belong into platlib.
    """
    modules = [binary for binary in wheel.binaries if binary.is_module]
    libraries = [b for b in wheel.binaries if _is_library(b) and not b.is_module]
    systems = {binary.system for binary in (*modules, *libraries)}
    if ANY in {reach.family.platform for reach in reaches_of(wheel.label)}:
        if len(systems) == 1:
            yield from _of_one_system(modules, "extension module", Severity.ERROR)
            yield from _of_one_system(libraries, "shared library", Severity.WARNING)
    elif modules and wheel.wheel_file and wheel.wheel_file.is_purelib:
        inside = [b.member for b in modules if ".data/" not in b.member]
        if inside:
            yield Violation(
                f"{_few(inside)}: is for one platform, and WHEEL says "
                "Root-Is-Purelib: true",
                fix="let the backend know that the project is compiled",
                evidence={"members": _members(inside)},
            )


def _of_one_system(
    binaries: list[Binary], what: str, severity: Severity
) -> Iterator[Violation]:
    if binaries:
        yield Violation(
            f"{_few([binary.member for binary in binaries])}: {what} for one system "
            f"({_told(binaries[0])}) in a wheel for every platform",
            fix="build platform wheels, or leave it out",
            severity=severity,
            evidence={"members": _members(b.member for b in binaries)},
        )
