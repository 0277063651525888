"""What the source of a wheel asks for, case by case."""

from __future__ import annotations

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
    *dangling: DanglingEntryPoint,
    needs: tuple[str, ...] = (),
    in_sdist: tuple[str, ...] = (),
    filename: str = WHEEL,
) -> EntryPointTargets:
    file = distribution(filename)
    return EntryPointTargets(file, dangling, needs, frozenset(in_sdist))


def _script(
    module: str, attribute: str = "", *, is_own: bool = True
) -> DanglingEntryPoint:
    return DanglingEntryPoint("console_scripts", "demo", module, attribute, is_own)


def _strange(module: str, group: str = "console_scripts") -> DanglingEntryPoint:
    """An entry point to a module of which the wheel has not the name at the top."""
    return DanglingEntryPoint(group, "demo", module, is_own=False)


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
        "a command of the project's own name, and no module (fdw/rofi-rbw#112)",
        _leading(
            _strange("rofi_rbw.__main__"),
            needs=("configargparse>1.3", "rofi-rbw[x]; extra == 'all'"),
            filename="rofi_rbw-1.5.0-py3-none-any.whl",
        ),
        says=(Says("… leads to rofi_rbw.__main__, which is not in the wheel"),),
    ),
    Case(
        entry_point_dangling,
        "a command of a name that begins so (RosettaCommons/atomworks#60)",
        _leading(
            _strange("atomworks_cli.__main__"),
            needs=("biotite==1.4.0", "numpy", "typer"),
            filename="atomworks-2.0.0-py3-none-any.whl",
        ),
        says=(Says("… leads to atomworks_cli.__main__, which is not in the wheel"),),
    ),
    Case(
        entry_point_dangling,
        "a plugin that a test wants to miss, as stevedore's",
        _leading(
            DanglingEntryPoint("stevedore.test", "e2", "stevedore.tests.notfound"),
            DanglingEntryPoint("stevedore.test", "e3", "stevedore.tests.x", "gone"),
        ),
    ),
    Case(
        entry_point_dangling,
        "a command that lies among the tests",
        _leading(_script("demo.tests.run")),
        says=(Says("… leads to demo.tests.run, which is not in the wheel"),),
    ),
    Case(
        entry_point_dangling,
        "a plugin of the project's own name, and no module",
        _leading(_strange("demo.plugin", "pytest11"), needs=("pytest",)),
        says=(Says("… in pytest11 leads to demo.plugin, which is not in the wheel"),),
    ),
    Case(
        entry_point_dangling,
        "commands of a folder that the sdist has",
        _leading(
            _strange("servers.iot.main"), needs=("mcp",), in_sdist=("servers", "llm")
        ),
        says=(
            Says(
                "… leads to servers.iot.main, which is not in the wheel, but in the "
                "sdist"
            ),
        ),
    ),
    *(
        Case(
            entry_point_dangling,
            f"a front that leaves its command to {dependency}",
            _leading(_strange("demo.cli"), needs=("click", f"{dependency}==1.0")),
            says=(
                Says(
                    "… leads to demo.cli, which is not in the wheel, unless "
                    f"{brings} brings it",
                    severity=Severity.WARNING,
                ),
            ),
        )
        for dependency, brings in {
            "demo-core": "demo-core",
            "demo_py": "demo-py",
            "libdemo": "libdemo",
            "Demo.Intel": "demo-intel",
        }.items()
    ),
    Case(
        entry_point_dangling,
        "a front that leaves its command to another project, and an sdist that has it",
        _leading(_strange("demo.cli"), needs=("demo-core",), in_sdist=("demo",)),
        says=(
            Says(
                "… leads to demo.cli, which is not in the wheel, unless demo-core …",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        entry_point_dangling,
        "commands of a folder that nobody has (williballenthin/python-evtx#94)",
        _leading(
            _strange("scripts.evtx_dump"),
            needs=("hexdump>=3.3", "lxml>=5.2.2; extra == 'test'"),
            in_sdist=("Evtx", "setup"),
            filename="python_evtx-0.8.1-py3-none-any.whl",
        ),
        says=(
            Says(
                "… leads to scripts.evtx_dump, which is not in the wheel; no dependency"
                " is named like scripts, though one may have it",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        entry_point_dangling,
        "a script of a module that nobody brings",
        _leading(_strange("other_cli")),
        says=(
            Says(
                "… leads to other_cli, which is not in the wheel; there is no "
                "dependency that could have it",
                severity=Severity.WARNING,
            ),
        ),
    ),
    *(
        Case(
            entry_point_dangling,
            f"a script of the module {module}, and a dependency called {dependency}",
            _leading(_strange(f"{module}.cli"), needs=("click", dependency)),
        )
        for module, dependency in (
            ("other", "other"),
            ("vcs_versioning", "vcs-versioning>=1"),
            ("yaml", "PyYAML"),
            ("dateutil", "python-dateutil (>=2)"),
            ("other_cli", "other"),
        )
    ),
    Case(
        entry_point_dangling,
        "a requirement that is none brings nothing",
        _leading(_strange("other.cli"), needs=("other other",)),
        says=(Says("… there is no dependency that …", severity=Severity.WARNING),),
    ),
    Case(
        entry_point_dangling,
        "a script of a module of the standard library",
        _leading(_strange("json.tool")),
    ),
    Case(
        entry_point_dangling,
        "a plugin of a module that others bring",
        _leading(_strange("other", "pytest11"), in_sdist=("demo",)),
    ),
]
