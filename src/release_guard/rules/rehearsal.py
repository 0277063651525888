"""What came of building the sdist, and of installing and importing the wheel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from release_guard.facts import (
    CoreMetadata,
    DescribedWheel,
    Distribution,
    InstalledWheel,
    MemberKind,
    RebuiltSdist,
    TriedImport,
)
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy
from release_guard.rules.base import rule
from release_guard.rules.fileset import differences
from release_guard.trees import in_site, is_of_repair, module_name

__all__ = [
    "module_unimportable",
    "sdist_builds_other",
    "sdist_unbuildable",
    "wheel_uninstallable",
]


@rule(RebuiltSdist, severity=Severity.ERROR)
def sdist_unbuildable(rebuilt: RebuiltSdist, policy: Policy) -> Iterator[Violation]:
    """No wheel can be built from the sdist.

    **What it means:** `rehearse --build` had pip build a wheel from the sdist, as it
    does for everybody without a wheel that fits, and that failed, or what came out is
    no wheel. The message has the last line of what the build said. Where a network, a
    compiler or another program seems to be what lacks, nothing is decided.

    **Why it matters:** the sdist is what distributors, and users of new Pythons and
    rare machines, install from.

    **How it happens:** the build reads a file that the sdist does not hold
    (requirements.txt, a README, a C source); `python -m build` builds the wheel from
    the sdist, but two commands, or a CI that builds both from the checkout, do not.

    **Fix:** add what is missing to the sdist (MANIFEST.in, or the include list of the
    build backend), and build the wheel from the sdist.

    **Source:** 101Loop/drf-user 6 and bryanyang0528/ksql-python 49 (requirements.txt);
    colorama 0.4.2 (README.rst), yanked: "Bad build, missing files, will not install".
    """
    if rebuilt.problem:
        yield Violation(
            f"no wheel can be built from it: {rebuilt.problem}",
            fix="add what its build reads to the sdist (MANIFEST.in, or the include "
            "list of the backend), and build the wheel from the sdist: python -m build",
            evidence={"source": rebuilt.said},
        )


@rule(RebuiltSdist, severity=Severity.ERROR)
def sdist_builds_other(rebuilt: RebuiltSdist, policy: Policy) -> Iterator[Violation]:
    """The wheel that the sdist builds is not the wheel of the set.

    **What it means:** `rehearse --build` compares the wheel that pip builds from the
    sdist with the one of the set that pip would take on this machine: name, version,
    Requires-Python, Requires-Dist, Provides-Extra, entry points, modules and other
    files outside of `.dist-info`. Files that are no modules, what the wheel of the set
    has not, a module of a pure wheel with other bytes, and all that is different in a
    wheel with compiled code, but for name and version, are a warning: tools that repair
    wheels add to them, a machine may lack what an optional extension needs, and some
    modules are made by the build. Where the set has no wheel for this machine, name and
    version are those of the sdist's file name.

    **Why it matters:** who installs from the sdist gets another package than who
    installs the wheel, and nobody has tested it.

    **How it happens:** the wheel is built from the checkout, and the sdist lacks a
    package or the file that dependencies are read from; the backend reads git.

    **Fix:** build the wheel from the sdist (`python -m build`), and add to the sdist
    what the wheel then lacks.

    **Source:** pypa/build 530: a wheel that was built by way of the sdist had no
    dependencies (Flexget); pypa/setuptools 1016: setuptools 35.0.0 missed files.
    """
    built, wheel = rebuilt.built, rebuilt.counterpart
    if built is None:
        return
    if wheel is None:
        yield from _other_identity(rebuilt.distribution, built)
        return
    name = wheel.wheel.distribution.filename
    pure = _is_pure(wheel)
    fix = "build the wheel from the sdist (python -m build), and add to the sdist what "
    fix += "the wheel then lacks"
    for field, expected, found in differences(wheel.metadata, built.metadata):
        if field not in _COMPARED:
            continue
        weighs = None if pure or field in _IDENTITY else Severity.WARNING
        yield Violation(
            f"builds a wheel whose {field} has {found}; {name} has {expected}",
            fix=fix,
            severity=weighs,
            evidence={"field": field, "wheel": name},
        )
    for kind, weight, expected_names, found_names in (
        ("entry points", None, _entry_points(wheel), _entry_points(built)),
        ("modules", None, _modules(wheel), _modules(built)),
        ("other files", Severity.WARNING, _data(wheel), _data(built)),
    ):
        lacks = sorted(expected_names - found_names)
        adds = sorted(found_names - expected_names)
        if lacks:
            yield Violation(
                f"builds a wheel without {kind} of {name}: {some(lacks)}",
                fix=fix,
                severity=weight if pure else Severity.WARNING,
                evidence={"wheel": name, "lacks": tuple(lacks[:_MOST])},
            )
        if adds:
            yield Violation(
                f"builds a wheel with {kind} that {name} has not: {some(adds)}",
                fix="see which of the two is meant, and " + fix,
                severity=Severity.WARNING,
                evidence={"wheel": name, "adds": tuple(adds[:_MOST])},
            )
    if altered := _altered(built, wheel):
        yield Violation(
            f"builds a wheel with other bytes than {name} in: {some(altered)}",
            fix="build both from one commit, the wheel from the sdist (python -m "
            "build); where the build makes them, let it make the same each time",
            severity=Severity.WARNING,
            evidence={"wheel": name, "differ": tuple(altered[:_MOST])},
        )


def _other_identity(sdist: Distribution, built: DescribedWheel) -> Iterator[Violation]:
    """A name or version that is not the one of the sdist's own file name."""
    if sdist.name is None:
        return
    said = CoreMetadata(
        name=sdist.name.spelled_project, version=sdist.name.spelled_version
    )
    for field, expected, found in differences(said, built.metadata):
        if field in _IDENTITY:
            yield Violation(
                f"builds a wheel whose {field} has {found}; its own name has "
                f"{expected}",
                fix="see where the build takes it from: a version that is read from "
                "git is not there in an sdist",
                evidence={"field": field},
            )


def _altered(built: DescribedWheel, wheel: DescribedWheel) -> list[str]:
    """The modules that both have, with other bytes, as far as those are known."""
    ours, theirs = _contents(built), _contents(wheel)
    return sorted(path for path in ours.keys() & theirs if ours[path] != theirs[path])


def _contents(wheel: DescribedWheel) -> Mapping[str, str]:
    """Git's ids of the Python source in a wheel for every platform."""
    return {
        site: member.blob
        for member in wheel.wheel.archive.members
        if member.blob and (site := in_site(member.path)) and site.endswith(".py")
    }


#: How many names the evidence has.
_MOST = 100
_IDENTITY = ("Name", "Version")
#: Of the metadata; the licence may be spelled by a newer backend.
_COMPARED = (*_IDENTITY, "Requires-Python", "Requires-Dist", "Provides-Extra")

#: The folder of what goes elsewhere than to the modules.
_DATA = re.compile(r"[^/]+\.data/")
#: What is no part of the project.
_LIBRARY = re.compile(r".*\.(?:dll|dylib|so|pyd|a|lib)(?:\.[\d.]+)?")
_CACHE = re.compile(r"(?:.*/)?__pycache__/.*|.*\.py[co]")


def _is_pure(wheel: DescribedWheel) -> bool:
    name = wheel.wheel.distribution.name
    return name is not None and all(tag.platform == "any" for tag in name.tags)


def _files(wheel: DescribedWheel) -> Iterator[str]:
    """The paths of a wheel's own files, without those that say where they are from."""
    for member in wheel.wheel.archive.members:
        top = member.path.partition("/")[0]
        path = in_site(member.path) or _DATA.sub(".data/", member.path, count=1)
        is_own = member.kind is MemberKind.FILE and not top.endswith(".dist-info")
        if is_own and not _CACHE.fullmatch(path) and not is_of_repair(path):
            yield path


def _modules(wheel: DescribedWheel) -> frozenset[str]:
    """The modules: a path, or of an extension module what all machines call it."""
    paths = frozenset(_files(wheel))
    native = (module_name(path) for path in paths if path.endswith((".so", ".pyd")))
    sources = (path for path in paths if path.endswith(".py"))
    return frozenset((*sources, *(f"{name} (compiled)" for name in native if name)))


def _data(wheel: DescribedWheel) -> frozenset[str]:
    """What is neither a module nor compiled."""
    return frozenset(
        path
        for path in _files(wheel)
        if not path.endswith(".py") and not _LIBRARY.fullmatch(path)
    )


def _entry_points(wheel: DescribedWheel) -> frozenset[str]:
    found = wheel.wheel.entry_points
    entries = found.entries if found else ()
    return frozenset(
        f"{entry.name} = {''.join(entry.value.split())} ({entry.group})"
        for entry in entries
    )


@rule(InstalledWheel, severity=Severity.ERROR)
def wheel_uninstallable(
    installed: InstalledWheel, policy: Policy
) -> Iterator[Violation]:
    """The wheel cannot be installed.

    **What it means:** `rehearse --install` had pip install the wheel that fits this
    machine, from the index of the rehearsal, into a new environment, and then what it
    requires, from where pip is configured to look. pip refused the wheel, or the index
    answered and has no versions that satisfy all requirements. Where no index answers,
    nothing is decided.

    **Why it matters:** every installation ends like this one.

    **How it happens:** a pin to a version that was never published or is yanked; two
    requirements that exclude each other; a wheel that was changed by hand.

    **Fix:** install the built wheel into an empty environment, and relax or correct
    the requirement that is named.

    **Source:** what projects yank releases for: "Broken regex dependency" (black
    21.11b0), "Error in the setup causing installation issues" (transformers 4.57.0).
    """
    if installed.problem:
        yield Violation(
            f"cannot be installed: {installed.problem}",
            fix="correct the requirement, or what pip names, and build again",
            evidence={"source": installed.said},
        )


@rule(InstalledWheel, severity=Severity.ERROR)
def module_unimportable(
    installed: InstalledWheel, policy: Policy
) -> Iterator[Violation]:
    """A module at the top of the wheel cannot be imported.

    **What it means:** `rehearse --install` imports each package and module at the
    wheel's top in a process of its own, where nothing but the wheel and what it
    requires is installed. It is an error where a module of the wheel itself is missing,
    lacks a name, or is no valid Python; anything else, such as a system library, a
    display or a package of an extra, is a warning: this machine may be the reason. So
    is a module of which Python takes another file than the wheel's: one of the standard
    library, or of a dependency.

    **Why it matters:** the package is installed and cannot be used.

    **How it happens:** the tests ran in the checkout, where every file is there; a
    subpackage is not in the list of packages; a dependency is not declared.

    **Fix:** add the missing module to the packages of the build backend, or the
    dependency to the metadata, and test the installed wheel.

    **Source:** jd/tenacity 471: 8.4.0 went out without `tenacity.asyncio`, and
    `import tenacity` failed.
    """
    modules = tuple(tried.module for tried in installed.imports)
    for tried in installed.imports:
        if tried.hidden:
            yield Violation(
                f"{tried.module} is not the wheel's where it is installed: "
                f"{tried.hidden}",
                fix="give the module a name that nothing else has",
                severity=Severity.WARNING,
                evidence={"module": tried.module, "hidden": tried.hidden},
            )
        if tried.hidden or not tried.error:
            continue
        own = _is_own_fault(tried, modules)
        said = f": {tried.message}" if tried.message else ""
        yield Violation(
            f"{tried.module} cannot be imported where only this wheel and what it "
            f"requires is installed: {tried.error}{said}",
            fix=_FIX_OWN if own else _FIX_OTHER,
            severity=None if own else Severity.WARNING,
            evidence={"module": tried.module, "error": tried.error},
        )


_FIX_OWN = "add what is missing to the packages of the build backend, or correct it"
_FIX_OTHER = (
    "declare what it needs under dependencies, or import it only where it is used"
)


def _is_own_fault(tried: TriedImport, modules: Iterable[str]) -> bool:
    """Whether the wheel itself, and not its surroundings, makes an import fail."""
    wrong = tried.error in ("ModuleNotFoundError", "SyntaxError")
    # An extension module whose libraries are missing raises ImportError as well.
    lacks = tried.error == "ImportError"
    wrong = wrong or (lacks and tried.message.startswith("cannot import name"))
    return wrong and any(_is_within(tried.about, module) for module in modules)


def _is_within(one: str, other: str) -> bool:
    """Whether one module is in the other, or the other way round."""
    return bool(one) and (
        f"{one}.".startswith(f"{other}.") or other.startswith(f"{one}.")
    )
