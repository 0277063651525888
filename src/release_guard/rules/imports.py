"""What the source of a wheel asks for, and the wheel lacks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from release_guard.facts import (
    DanglingEntryPoint,
    EntryPointTargets,
    ImportedModules,
)
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy
from release_guard.requirements import wanted_of
from release_guard.rules.base import rule
from release_guard.stdlib_names import STDLIB_NAMES
from release_guard.trees import is_of_tests

__all__ = ["entry_point_dangling", "import_unresolved"]


@rule(ImportedModules, severity=Severity.WARNING)
def import_unresolved(modules: ImportedModules, policy: Policy) -> Iterator[Violation]:
    """A module imports one of its own project that the wheel lacks.

    **What it means:** an `import` outside of any block asks for a module of a package
    of this wheel, which is not there, or for a name that the package neither binds nor
    has. Left out: tests, examples, templates and vendored copies, packages shared with
    other distributions, and what may be made while the program runs (`sys.modules`,
    `__getattr__`, `__path__`). Of a `__main__` only relative imports are judged, of a
    wheel for some platforms only what is loaded in any case. A module that cannot be
    read, perhaps because its grammar is newer, is told under what did not run.

    **Why it matters:** the import fails for every user. Tests see nothing, as they run
    in the checkout, where the module is.

    **How it happens:** a new subpackage that the list of packages does not name; a
    generated module that was not generated; a pattern that leaves out too much.

    **Fix:** let the backend find the packages, or add the module; then test what is
    built, not the checkout.

    **Source:** tenacity 8.4.0 came without `tenacity.asyncio` (jd/tenacity 471); also
    vivekchand/clawmetry 663. Measured on 304 wheels of 184 well-kept projects: no
    alarm; of 213 modules that were taken out of pure ones, 202 were told. On 1,706
    wheels of 873 projects: alarms in seven of them, six right and a false one (in
    cantera one extension module makes others).
    """
    askers: defaultdict[tuple[str, bool], list[str]] = defaultdict(list)
    for found in modules.unresolved:
        askers[found.name, found.is_name].append(repr(found.member)[:200])
    for (name, is_name), members in askers.items():
        lacks = (
            "which its package neither has nor binds" if is_name else "which it lacks"
        )
        yield Violation(
            f"{some(members, 3)} imports {name:.200}, {lacks}",
            fix="add the module to what the backend packs, build again, and test the "
            "wheel outside of the checkout",
            evidence={"import": name, "members": tuple(members[:_MOST_MEMBERS])},
        )


_MOST_MEMBERS = 20


@rule(EntryPointTargets, severity=Severity.ERROR)
def entry_point_dangling(
    targets: EntryPointTargets, policy: Policy
) -> Iterator[Violation]:
    """An entry point leads to nothing.

    **What it means:** the module that a script or a plugin names would be in a package
    of this wheel, and is not there; or the module is there, and does not bind the name.
    Names are looked up in the source: where a module may bind names that nobody sees
    (`import *`, `__getattr__`, an extension module) it is believed. A script whose
    module is in no package of the wheel is an error where it would be the project's
    own: it has the project's name, or the sdist beside the wheel has it. Otherwise it
    is a warning, as it is where a dependency has the project's name in its own
    (`demo-core`); unless a dependency is named like the module. A plugin of a module
    that is not the project's, or is one of its tests, is not judged.

    **Why it matters:** the command is installed, and fails at each call.

    **How it happens:** a function was renamed, a module moved or left out; the entry
    point stands elsewhere and stayed.

    **Fix:** correct the entry point, or add the module.

    **Source:** rofi-rbw 1.5.0 and atomworks 2.0.0 were commands without a module
    (fdw/rofi-rbw 112, RosettaCommons/atomworks 60), python-evtx 0.8.1 lacks `scripts`
    (williballenthin/python-evtx 94). Measured on 1,706 wheels of 873 projects, with
    1,839 entry points: no alarm.
    """
    fix = "correct the entry point, or add the module; then build again"
    strange = [e for e in targets.dangling if not (e.attribute or e.is_own)]
    needs = _needs(targets) if strange else _Needs()
    for entry in targets.dangling:
        if entry.group not in _SCRIPTS and _is_for_tests(entry.module):
            continue
        told = f"the entry point {entry.name!r:.100} in {entry.group!s:.100} leads to "
        evidence = {"group": entry.group, "name": entry.name, "module": entry.module}
        if entry.attribute:
            yield Violation(
                f"{told}{entry.attribute!r:.100} in {entry.module:.200}, which does "
                "not bind it",
                fix=fix,
                evidence={**evidence, "attribute": entry.attribute},
            )
        elif entry.is_own:
            yield Violation(
                f"{told}{entry.module:.200}, which is not in the wheel",
                fix=fix,
                evidence=evidence,
            )
        elif found := _of_strange(entry, targets, needs):
            why, severity = found
            yield Violation(
                f"{told}{entry.module:.200}, which is {why}",
                fix=fix,
                severity=severity,
                evidence=evidence,
            )


def _is_for_tests(module: str) -> bool:
    """Whether a plugin is there to be missed, as one of stevedore's tests wants it."""
    return is_of_tests(module.partition(".")[2].replace(".", "/"))


_SCRIPTS = ("console_scripts", "gui_scripts")


def _of_strange(
    entry: DanglingEntryPoint, targets: EntryPointTargets, needs: _Needs
) -> tuple[str, Severity | None] | None:
    """What is told of an entry point to a module of which the wheel has not even the
    name at the top, and what it weighs where that is not as much as the rule; None for
    nothing.
    """
    top = entry.module.partition(".")[0]
    project, name = _project(targets), canonicalize_name(top)
    if name in STDLIB_NAMES:
        return None
    in_sdist = top in targets.in_sdist
    if in_sdist or (project and f"{name}-".startswith(f"{project}-")):
        if needs.front:
            told = f"not in the wheel, unless {needs.front:.100} brings it"
            return told, Severity.WARNING
        return f"not in the wheel{', but in the sdist' if in_sdist else ''}", None
    if entry.group not in _SCRIPTS or needs.may_bring(name):
        return None
    why = "there is no dependency that could have it"
    if needs.names:
        why = f"no dependency is named like {top:.100}, though one may have it"
    return f"not in the wheel; {why}", Severity.WARNING


@dataclass(frozen=True, slots=True)
class _Needs:
    """The projects that may bring a module: their ``names``, the letters of each on a
    line of ``letters``, and the ``front`` that has the project's name in its own.
    """

    names: frozenset[str] = frozenset()
    letters: str = ""
    front: str = ""

    def may_bring(self, name: str) -> bool:
        """Whether one is named like a module, or like the begin of it."""
        words = name.split("-")
        begins = ("-".join(words[:end]) for end in range(1, len(words) + 1))
        letters = _letters(name)
        is_in = bool(letters) and letters in self.letters
        return is_in or any(begin in self.names for begin in begins)


def _needs(targets: EntryPointTargets) -> _Needs:
    wanted = map(wanted_of, targets.requires_dist)
    project = _project(targets)
    # Some name their own extras among their dependencies.
    names = sorted({one.name for one in wanted if one} - {project})
    fronts = (name for name in names if _letters(project) in _letters(name))
    letters = "\n".join(map(_letters, names))
    return _Needs(frozenset(names), letters, next(fronts, ""))


def _project(targets: EntryPointTargets) -> str:
    name = targets.distribution.name
    return name.project if name else ""


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
