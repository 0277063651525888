"""What the source of a wheel asks for, case by case."""

from __future__ import annotations

import pytest
from builders import WHEEL, Case, Says, distribution

from release_guard.facts import (
    DanglingEntryPoint,
    EntryPointTargets,
    ImportedModules,
    UnresolvedImport,
)
from release_guard.findings import Severity
from release_guard.rules.imports import entry_point_dangling, import_unresolved


def _asking(*found: UnresolvedImport) -> ImportedModules:
    return ImportedModules(distribution(WHEEL), found)


def _leading(
    *dangling: DanglingEntryPoint, has_dependencies: bool = False
) -> EntryPointTargets:
    return EntryPointTargets(distribution(WHEEL), dangling, has_dependencies)


def _script(
    module: str, attribute: str = "", *, is_own: bool = True
) -> DanglingEntryPoint:
    return DanglingEntryPoint("console_scripts", "demo", module, attribute, is_own)


CASES = [
    Case(import_unresolved, "every import leads somewhere", _asking()),
    Case(
        import_unresolved,
        "a subpackage was left out (jd/tenacity#471)",
        _asking(UnresolvedImport("tenacity/__init__.py", "tenacity.asyncio")),
        says=(Says("'tenacity/__init__.py' imports tenacity.asyncio, which it lacks"),),
    ),
    Case(
        import_unresolved,
        "several modules ask for one that was left out (vivekchand/clawmetry#663)",
        _asking(
            *(UnresolvedImport(f"demo/{m}.py", "demo.helpers") for m in "abcd"),
        ),
        says=(
            Says(
                "'demo/a.py', 'demo/b.py', 'demo/c.py' and 1 more imports "
                "demo.helpers, which it lacks"
            ),
        ),
    ),
    Case(
        import_unresolved,
        "a name that its package does not bind",
        _asking(UnresolvedImport("demo/a.py", "demo.run", is_name=True)),
        says=(
            Says("'demo/a.py' imports demo.run, which its package neither has nor …"),
        ),
    ),
    Case(entry_point_dangling, "every entry point leads somewhere", _leading()),
    Case(
        entry_point_dangling,
        "a module that is not in the package",
        _leading(_script("demo.cli")),
        says=(
            Says(
                "the entry point 'demo' in console_scripts leads to demo.cli, which is "
                "not in the wheel"
            ),
        ),
    ),
    Case(
        entry_point_dangling,
        "a function that the module does not bind",
        _leading(_script("demo.cli", "main")),
        says=(
            Says(
                "the entry point 'demo' in console_scripts leads to 'main' in demo.cli,"
                " which does not bind it"
            ),
        ),
    ),
    Case(
        entry_point_dangling,
        "a script of a module that nobody brings",
        _leading(_script("demo_cli", is_own=False)),
        says=(
            Says(
                "… leads to demo_cli, which is neither in the wheel nor in a …",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        entry_point_dangling,
        "a script of a module that a dependency may bring",
        _leading(_script("other.cli", is_own=False), has_dependencies=True),
    ),
    Case(
        entry_point_dangling,
        "a script of a module of the standard library",
        _leading(_script("json.tool", is_own=False)),
    ),
    Case(
        entry_point_dangling,
        "a plugin of a module that others bring",
        _leading(DanglingEntryPoint("pytest11", "x", "other", is_own=False)),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_is_told_as_it_is(case: Case) -> None:
    assert case.found() == case.wanted()
