"""What a rehearsal makes of the sdist and of the wheel, case by case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from builders import INFO, Case, Says, described, distribution, wheel

from release_guard.facts import (
    DescribedWheel,
    EntryPoint,
    EntryPoints,
    InstalledWheel,
    Member,
    MemberKind,
    RebuiltSdist,
    TriedImport,
)
from release_guard.findings import Severity
from release_guard.rules.rehearsal import (
    module_unimportable,
    sdist_builds_other,
    sdist_unbuildable,
    wheel_uninstallable,
)

_PURE = "demo-1.0-py3-none-any.whl"
_LINUX = "demo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl"
_BUILT = "demo-1.0-cp311-cp311-linux_x86_64.whl"


def _whole(
    *members: str,
    filename: str = _PURE,
    scripts: dict[str, str] | None = None,
    **metadata: Any,  # noqa: ANN401
) -> DescribedWheel:
    """A wheel of ``demo/__init__.py`` and these members."""
    made = wheel(*members, filename=filename)
    entries = tuple(
        EntryPoint("console_scripts", name, value)
        for name, value in (scripts or {}).items()
    )
    made = replace(made, entry_points=EntryPoints(entries))
    return DescribedWheel(made, described(filename, **metadata).metadata)


def _with(*blobs: str) -> DescribedWheel:
    """A wheel of modules whose contents have these ids, and of data."""
    whole = _whole()
    more = tuple(
        Member(f"demo/{name}", MemberKind.FILE, 1, blob=blob)
        for name, blob in (*zip(("a.py", "b.py"), blobs, strict=True), ("c", blobs[1]))
    )
    archive = whole.wheel.archive
    archive = replace(archive, members=(*archive.members, *more))
    return replace(whole, wheel=replace(whole.wheel, archive=archive))


def _rebuilt(built: DescribedWheel, wanted: DescribedWheel | None) -> RebuiltSdist:
    return RebuiltSdist(distribution(), built=built, counterpart=wanted)


def _failed(problem: str, *said: str) -> RebuiltSdist:
    return RebuiltSdist(distribution(), problem, said)


def _tried(*tried: TriedImport) -> InstalledWheel:
    return InstalledWheel(distribution(_PURE), imports=tried)


_LACKS = "builds a wheel without"
_MISSING = "No such file or directory: 'requirements.txt'"
_WHERE = "cannot be imported where only this wheel and what it requires is installed"
_WARNING = Severity.WARNING

CASES = [
    # sdist-unbuildable
    Case(sdist_unbuildable, "the sdist builds the wheel", _rebuilt(_whole(), _whole())),
    Case(
        sdist_unbuildable,
        "the build reads requirements.txt, which the sdist lacks",
        _failed(f"FileNotFoundError: {_MISSING}", "Traceback", _MISSING),
        says=(Says(f"no wheel can be built from it: FileNotFoundError: {_MISSING}"),),
    ),
    # sdist-builds-other
    Case(sdist_builds_other, "the wheel is the same", _rebuilt(_whole(), _whole())),
    Case(
        sdist_builds_other,
        "what failed to build is told by another rule",
        _failed("it failed"),
    ),
    Case(
        sdist_builds_other,
        "the sdist's name, which says nothing, is told by another rule",
        replace(_rebuilt(_whole(), None), distribution=distribution("demo.tar.gz")),
    ),
    Case(
        sdist_builds_other,
        "there is no wheel to compare with",
        _rebuilt(_whole("demo/a.py"), None),
    ),
    Case(
        sdist_builds_other,
        "requirements in another spelling, order and backend",
        _rebuilt(
            _whole(requires_dist=("b; extra == 'x'", "A>=1.0"), provides_extra=("x",)),
            _whole(requires_dist=("a >=1", 'B ; extra=="x"'), provides_extra=("X",)),
        ),
    ),
    Case(
        sdist_builds_other,
        "a newer backend spells the licence, and puts its file elsewhere",
        _rebuilt(
            _whole(f"{INFO}/licenses/LICENSE", license_expression="MIT"),
            _whole(f"{INFO}/LICENSE", license="MIT"),
        ),
    ),
    Case(
        sdist_builds_other,
        "bytecode, and modules in the folder that is unpacked to the same place",
        _rebuilt(
            _whole("demo-1.0.data/purelib/demo/a.py", "demo/__pycache__/a.pyc"),
            _whole("demo/a.py"),
        ),
    ),
    Case(
        sdist_builds_other,
        "a repaired wheel has libraries beside it, and tags of its own",
        _rebuilt(
            _whole("demo/_c.cpython-311-x86_64-linux-gnu.so", filename=_BUILT),
            _whole(
                "demo/_c.cpython-311-x86_64-linux-gnu.so",
                "demo.libs/libz-1a2b.so.1",
                filename=_LINUX,
            ),
        ),
    ),
    Case(
        sdist_builds_other,
        "an extension module for the stable ABI, and one for this Python",
        _rebuilt(
            _whole("demo/_c.cpython-311-x86_64-linux-gnu.so", filename=_BUILT),
            _whole("demo/_c.abi3.so", filename=_LINUX),
        ),
    ),
    Case(
        sdist_builds_other,
        "the sdist lacks a subpackage (pypa/setuptools#1016)",
        _rebuilt(_whole(), _whole("demo/extern/__init__.py", "demo/z.py")),
        says=(
            Says(f"{_LACKS} modules of {_PURE}: demo/extern/__init__.py, demo/z.py"),
        ),
    ),
    Case(
        sdist_builds_other,
        "the wheel lacks what the sdist has",
        _rebuilt(_whole("demo/new.py"), _whole()),
        says=(
            Says(
                f"builds a wheel with modules that {_PURE} has not: demo/new.py",
                severity=_WARNING,
            ),
        ),
    ),
    Case(
        sdist_builds_other,
        "the sdist lacks the dependencies (pypa/build#530)",
        _rebuilt(_whole(), _whole(requires_dist=("requests>=2",))),
        says=(
            Says(
                "builds a wheel whose Requires-Dist has nothing; "
                f"{_PURE} has 'requests>=2'"
            ),
        ),
    ),
    Case(
        sdist_builds_other,
        "the version is read from git, which no sdist has",
        _rebuilt(_whole(version="0.0.0"), _whole()),
        says=(Says(f"builds a wheel whose Version has '0'; {_PURE} has '1'"),),
    ),
    Case(
        sdist_builds_other,
        "an entry point is lost",
        _rebuilt(_whole(scripts={"a": "demo:a"}), _whole(scripts={"b": "demo: b"})),
        says=(
            Says(f"{_LACKS} entry points of {_PURE}: b = demo:b (console_scripts)"),
            Says(
                f"builds a wheel with entry points that {_PURE} has not: "
                "a = demo:a (console_scripts)",
                severity=_WARNING,
            ),
        ),
    ),
    Case(
        sdist_builds_other,
        "a data file is no module",
        _rebuilt(_whole(), _whole("demo/py.typed", "demo-1.0.data/scripts/run")),
        says=(
            Says(
                f"{_LACKS} other files of {_PURE}: .data/scripts/run, demo/py.typed",
                severity=_WARNING,
            ),
        ),
    ),
    Case(
        sdist_builds_other,
        "the optional extension was not built on this machine",
        _rebuilt(
            _whole(requires_dist=("a",)),
            _whole("demo/_c.abi3.so", filename=_LINUX),
        ),
        says=(
            Says(
                f"builds a wheel whose Requires-Dist has 'a'; {_LINUX} has nothing",
                severity=_WARNING,
            ),
            Says(
                f"{_LACKS} modules of {_LINUX}: demo/_c (compiled)", severity=_WARNING
            ),
        ),
    ),
    Case(
        sdist_builds_other,
        "the sdist alone, and what it builds is called otherwise",
        _rebuilt(_whole(name="other", version="0.0.0"), None),
        says=(
            Says("builds a wheel whose Name has 'other'; its own name has 'demo'"),
            Says("builds a wheel whose Version has '0'; its own name has '1'"),
        ),
    ),
    Case(
        sdist_builds_other,
        "a module has other bytes, as if it was built from another commit",
        _rebuilt(_with("1", "2"), _with("1", "3")),
        says=(
            Says(
                f"builds a wheel with other bytes than {_PURE} in: demo/b.py",
                severity=_WARNING,
            ),
        ),
    ),
    Case(
        sdist_builds_other,
        "the bytes of a compiled wheel are not compared",
        _rebuilt(_with("1", "2"), _with("", "")),
    ),
    # wheel-uninstallable
    Case(wheel_uninstallable, "the wheel is installed", _tried(TriedImport("demo"))),
    Case(
        wheel_uninstallable,
        "a dependency cannot be had (black 21.11b0)",
        InstalledWheel(
            distribution(_PURE),
            "what it requires cannot be had from the index: no regex",
            ("no regex",),
        ),
        says=(
            Says(
                "cannot be installed: what it requires cannot be had from the index: "
                "no regex"
            ),
        ),
    ),
    # module-unimportable, of what is installed
    Case(
        module_unimportable,
        "all modules are imported",
        _tried(TriedImport("demo"), TriedImport("demo_extra")),
    ),
    Case(module_unimportable, "there is no module", _tried()),
    Case(
        module_unimportable,
        "a subpackage is missing (jd/tenacity#471)",
        _tried(
            TriedImport(
                "tenacity",
                "ModuleNotFoundError",
                "No module named 'tenacity.asyncio'",
                "tenacity.asyncio",
            )
        ),
        says=(
            Says(
                f"tenacity {_WHERE}: ModuleNotFoundError: No module named "
                "'tenacity.asyncio'"
            ),
        ),
    ),
    Case(
        module_unimportable,
        "a name is missing in a module of a folder that projects share",
        _tried(
            TriedImport("ns.demo", "ImportError", "cannot import name 'x'", "ns.demo.a")
        ),
        says=(Says(f"ns.demo {_WHERE}: ImportError: cannot import name 'x'"),),
    ),
    Case(
        module_unimportable,
        "a module is no valid Python",
        _tried(TriedImport("demo", "SyntaxError", "invalid syntax", "demo.a")),
        says=(Says(f"demo {_WHERE}: SyntaxError: invalid syntax"),),
    ),
    Case(
        module_unimportable,
        "a dependency is not declared, or an extra's",
        _tried(
            TriedImport("demo", "ModuleNotFoundError", "No module named 'x'", "x"),
            TriedImport("d", "ModuleNotFoundError", "No module named 'demo2'", "demo2"),
        ),
        says=(
            Says(
                f"demo {_WHERE}: ModuleNotFoundError: No module named 'x'",
                severity=_WARNING,
            ),
            Says(
                f"d {_WHERE}: ModuleNotFoundError: No module named 'demo2'",
                severity=_WARNING,
            ),
        ),
    ),
    Case(
        module_unimportable,
        "the standard library has a module of that name",
        _tried(TriedImport("queue", hidden="'queue.py' is found in its place")),
        says=(
            Says(
                "queue is not the wheel's where it is installed: 'queue.py' is found "
                "in its place",
                severity=_WARNING,
            ),
        ),
    ),
    Case(
        module_unimportable,
        "this machine may be the reason",
        _tried(
            TriedImport("demo", "ImportError", "libGL.so.1: cannot open", "demo._c"),
            TriedImport("gui", "signal 11", ""),
            TriedImport("other", "SyntaxError", "invalid syntax", ""),
        ),
        says=(
            Says(
                f"demo {_WHERE}: ImportError: libGL.so.1: cannot open",
                severity=_WARNING,
            ),
            Says(f"gui {_WHERE}: signal 11", severity=_WARNING),
            Says(f"other {_WHERE}: SyntaxError: invalid syntax", severity=_WARNING),
        ),
    ),
]


def test_the_lines_of_a_build_that_failed_stand_beside_the_message() -> None:
    rule, subject = sdist_unbuildable, _failed("b", "a", "b")

    (found,) = rule.findings(subject, CASES[0].policy)

    assert found.evidence == {"source": ("a", "b")}
