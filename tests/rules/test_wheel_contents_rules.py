"""What is in wheels, alone and beside the sdist, case by case."""

from __future__ import annotations

from dataclasses import replace

from builders import INFO, SDIST, WHEEL, Case, Says, described, described_archive
from packaging.utils import canonicalize_name

from release_guard.facts import (
    Classifier,
    DescribedArchive,
    Inventory,
    PathConfiguration,
    Release,
)
from release_guard.findings import Severity
from release_guard.rules.wheel_contents import (
    path_configuration,
    py_typed_missing,
    top_level_unexpected,
    wheel_empty,
    wheel_sdist_content,
)

W, N = Severity.WARNING, Severity.NOTICE
PLATFORM = "demo-1.0-cp311-cp311-win_amd64.whl"
_INFO = (f"{INFO}/METADATA", f"{INFO}/WHEEL", f"{INFO}/RECORD")


def _wheel(
    *paths: str, needs: tuple[str, ...] = (), typed: bool = False
) -> DescribedArchive:
    """A wheel of these files, its dependencies, and whether it says it is typed."""
    said = (Classifier("Typing :: Typed"),) if typed else ()
    return described_archive(
        *paths, *_INFO, filename=WHEEL, requires_dist=needs, classifiers=said
    )


def _tops(sources: tuple[str, ...]) -> tuple[str, ...]:
    parts = (source.partition("/") for source in sources)
    return tuple(dict.fromkeys(top + slash for top, slash, _ in parts))


def _in_wheel(*sources: str, filename: str = WHEEL, **more: object) -> Inventory:
    """What is in a wheel: these sources, a licence, no entry points."""
    made = Inventory(filename, _tops(sources), sources, 1, ())
    return replace(made, **more)  # type: ignore[arg-type]


def _in_sdist(*sources: str, **more: object) -> Inventory:
    """What is in an sdist: these sources, a licence, entry points unknown."""
    made = Inventory(SDIST, ("PKG-INFO", *_tops(sources)), sources, 1)
    return replace(made, **more)  # type: ignore[arg-type]


def _release(*inventories: Inventory, project: str = "demo", **more: object) -> Release:
    files = tuple(described(i.filename, inventory=i) for i in inventories)
    made = Release(
        canonicalize_name(project), tuple(file.distribution for file in files), files
    )
    return replace(made, **more)  # type: ignore[arg-type]


_CORE = ("demo/__init__.py", "demo/core.py", "demo/text.py")
_RUNS = PathConfiguration("litellm_init.pth", "import os, subprocess")

EMPTY = [
    Case(wheel_empty, "a package", _wheel("demo/__init__.py")),
    Case(wheel_empty, "a module alone", _wheel("demo.py")),
    Case(wheel_empty, "data alone", _wheel("demo-1.0.data/data/share/a.json")),
    Case(wheel_empty, "a script alone", _wheel("demo-1.0.data/scripts/demo")),
    Case(wheel_empty, "an extension module alone", _wheel("demo.abi3.so")),
    Case(wheel_empty, "an sdist", described_archive("demo-1.0/PKG-INFO")),
    Case(
        wheel_empty,
        "nothing but its description (toumorokoshi/deepmerge#14)",
        _wheel(f"{INFO}/LICENSE", f"{INFO}/top_level.txt"),
        says=(Says("no module, package, data or script is in it"),),
    ),
    Case(
        wheel_empty,
        "nothing but a README and a licence",
        _wheel("README.md", "LICENSE"),
        says=(Says("no module, package, data or script is in it"),),
    ),
    *(
        Case(
            wheel_empty,
            f"nothing, and dependencies, as in {name}",
            _wheel(needs=("numpy", "click")),
            says=(Says("… is it a meta package of its 2 dependencies?", severity=W),),
        )
        for name in (
            "pyuff 2.4.1 (ladisk/pyuff#86)",
            "atomworks 2.0.0 (RosettaCommons/atomworks#60)",
            "rofi-rbw 1.5.0 (fdw/rofi-rbw#112)",
            "rule34Py 2.0.0 (b3yc0d3/rule34Py#21)",
        )
    ),
]

TYPED = [
    Case(
        py_typed_missing,
        "a package with the marker",
        _wheel("demo/__init__.py", "demo/py.typed", typed=True),
    ),
    Case(
        py_typed_missing,
        "a package that does not say it",
        _wheel("demo/__init__.py"),
    ),
    Case(py_typed_missing, "a module alone", _wheel("demo.py", typed=True)),
    Case(
        py_typed_missing,
        "a package of stubs",
        _wheel("demo-stubs/__init__.pyi", "x/__init__.py", typed=True),
    ),
    Case(
        py_typed_missing,
        "a part of a namespace, with the marker",
        _wheel("ns/demo/__init__.py", "ns/demo/py.typed", typed=True),
    ),
    Case(
        py_typed_missing,
        "an sdist",
        described_archive(classifiers=(Classifier("Typing :: Typed"),)),
    ),
    Case(
        py_typed_missing,
        "a package without it (jazzband/django-model-utils#586)",
        _wheel("demo/__init__.py", typed=True),
        says=(Says("has the classifier 'Typing :: Typed', and no py.typed"),),
    ),
]

STARTUP = [
    Case(path_configuration, "none", _release(_in_wheel(*_CORE))),
    Case(
        path_configuration,
        "one that only adds a folder",
        _release(_in_wheel(path_configurations=(PathConfiguration("demo.pth"),))),
    ),
    Case(
        path_configuration,
        "one that is executed",
        _release(_in_wheel(path_configurations=(_RUNS,))),
        says=(
            Says(
                "'litellm_init.pth' runs at each start of Python: 'import os, "
                "subprocess'",
                WHEEL,
            ),
        ),
    ),
    Case(
        path_configuration,
        "a module that Python imports at its start",
        _release(
            _in_wheel(
                path_configurations=(
                    PathConfiguration("sitecustomize.py", "import sitecustomize"),
                ),
            ),
        ),
        says=(
            Says(
                "'sitecustomize.py' runs at each start of Python: 'import "
                "sitecustomize'",
                WHEEL,
            ),
        ),
    ),
    Case(
        path_configuration,
        "one that the last release had too",
        _release(_in_wheel(path_configurations=(_RUNS,)), had_startup=True),
        says=(Says("'litellm_init.pth' runs at each start of Python: …", WHEEL),),
    ),
    Case(
        path_configuration,
        "one that the last release had not (BerriAI/litellm#24512)",
        _release(_in_wheel(path_configurations=(_RUNS,)), had_startup=False),
        says=(
            Says(
                "'litellm_init.pth' runs at each start of Python; the last release had "
                "none: …",
                WHEEL,
                Severity.ERROR,
            ),
        ),
    ),
]


def _top(
    name: str,
    *tops: str,
    says: tuple[Says, ...] = (),
    project: str = "demo",
    sdist: tuple[str, ...] | None = None,
    last: tuple[str, ...] = (),
) -> Case:
    """A wheel with these names at the top, the sources of the sdist beside it, and what
    the last release had at the top.
    """
    files = [Inventory(WHEEL, tops, (), 1)]
    if sdist is not None:
        files.append(_in_sdist(*sdist))
    subject = _release(*files, project=project, last_tops=frozenset(last))
    return Case(top_level_unexpected, name, subject, says=says)


#: Sound projects whose package has another name than the project, and what their sdists
#: hold at the top.
RENAMED = {
    "beautifulsoup4": ("bs4/",),
    "pillow": ("PIL/", "pillow.libs/"),
    "scikit-learn": ("sklearn/", "scikit_learn.libs/"),
    "opencv-python": ("cv2/",),
    "python-dateutil": ("dateutil/",),
    "pyyaml": ("yaml/", "_yaml/"),
    "attrs": ("attr/", "attrs/"),
    "setuptools": ("setuptools/", "pkg_resources/", "_distutils_hack/"),
    "protobuf": ("google/",),
    "google-cloud-storage": ("google/",),
    "zope-interface": ("zope/",),
    "sphinxcontrib-jsmath": ("sphinxcontrib/",),
    "types-requests": ("requests-stubs/",),
    "pywin32": ("win32/", "win32com/", "pythoncom.py", "pywin32.pth"),
}

TOPS = [
    _top("its own package", "demo/"),
    *(
        _top(
            f"the package of {project}",
            *tops,
            project=project,
            sdist=tuple(f"src/{top}__init__.py" for top in tops if top[-1] == "/"),
        )
        for project, tops in RENAMED.items()
    ),
    _top("a project that is called build", "build/", project="build"),
    _top("a project that is called tests", "tests.py", project="tests"),
    _top("a folder of another name, and no sdist to compare with", "panels/"),
    _top("a package with tests inside", "demo/", sdist=("tests/a.py", *_CORE)),
    _top(
        "a package of tests (dpgaspar/Flask-AppBuilder#2087)",
        "flask_appbuilder/",
        "tests/",
        project="flask-appbuilder",
        says=(Says("installs 'tests/' beside the packages of all …", WHEEL),),
    ),
    _top(
        "a package of tests (miguelgrinberg/python-engineio#151)",
        "engineio/",
        "tests/",
        project="python-engineio",
        says=(Says("installs 'tests/' beside …", WHEEL),),
    ),
    _top(
        "a package of tests (hardbyte/python-can#738)",
        "can/",
        "test/",
        project="python-can",
        says=(Says("installs 'test/' beside …", WHEEL),),
    ),
    _top(
        "tests, documentation and a file (PyCQA/isort#1285)",
        "CHANGELOG.md",
        "docs/",
        "isort/",
        "tests/",
        project="isort",
        says=(
            Says("installs 'docs/', 'tests/' beside …", WHEEL),
            Says("installs 'CHANGELOG.md' beside …", WHEEL, W),
        ),
    ),
    _top(
        "an environment and a stale build",
        ".venv/",
        "build/",
        "demo/",
        says=(Says("installs '.venv/', 'build/' beside …", WHEEL),),
    ),
    _top(
        "an example (feincms/feincms#586)",
        "example/",
        "feincms/",
        project="feincms",
        says=(Says("installs 'example/' beside …", WHEEL, W),),
    ),
    _top(
        "scripts of the build and a licence",
        "LICENSE",
        "demo/",
        "setup.py",
        says=(Says("installs 'LICENSE', 'setup.py' beside …", WHEEL, W),),
    ),
    _top(
        "an __init__.py that makes no package of anything",
        "__init__.py",
        "demo/",
        says=(Says("installs '__init__.py' beside …", WHEEL, W),),
    ),
    _top(
        "a part in place of the package (Flask_DebugToolbar 0.12.1)",
        "panels/",
        project="flask-debugtoolbar",
        sdist=("flask_debugtoolbar/panels/__init__.py", "test/test_toolbar.py"),
        says=(
            Says(
                "has 'panels' at the top, and nothing like 'flask_debugtoolbar' of the "
                "sdist",
                WHEEL,
                W,
            ),
        ),
    ),
    _top(
        "a file in place of the package",
        "demo.libs/",
        "notes.json",
        sdist=("demo/__init__.py",),
        says=(Says("has no module at the top, and nothing like 'demo' …", WHEEL, W),),
    ),
    _top(
        "nothing, which another rule tells (toumorokoshi/deepmerge#14)",
        project="deepmerge",
        sdist=("deepmerge/__init__.py",),
        last=("deepmerge/",),
    ),
    _top(
        "nothing but a README and a licence, which another rule tells",
        "README.md",
        "LICENSE",
        sdist=("demo/__init__.py",),
    ),
    _top(
        "an extension module that the sdist has the source of",
        "demo.cpython-311-darwin.so",
        "_native.pyd",
        sdist=("demo.pyi",),
    ),
    _top(
        "a part in place of the package, as the last release has it",
        "panels/",
        project="flask-debugtoolbar",
        last=("flask_debugtoolbar/",),
        says=(
            Says(
                "has 'panels' at the top, and nothing like 'flask_debugtoolbar' of the "
                "last release",
                WHEEL,
                W,
            ),
        ),
    ),
    _top(
        "another package than the last release, none of the project's name",
        "spam/",
        "tests.py",
        project="demo-py",
        last=("PIL/", "eggs.py", "tests/", "pillow.libs/", "LICENSE"),
        says=(
            Says("installs 'tests.py' …", WHEEL),
            Says(
                "has 'spam', 'tests' at the top, and nothing like 'eggs', 'pil' of the "
                "last release",
                WHEEL,
                W,
            ),
        ),
    ),
    _top("one of the names of the last release", "PIL/", "x/", last=("PIL/", "y/")),
    _top(
        "one of the names of the last release, although the sdist has the project's",
        "PIL/",
        sdist=("demo/__init__.py",),
        last=("PIL/",),
    ),
    _top(
        "a new name, which the sdist has too",
        "spam/",
        sdist=("src/Spam/__init__.py",),
        last=("PIL/",),
    ),
    _top("a name of the project, and another before", "demo_core/", last=("PIL/",)),
    _top("a last release without a module", "spam/", last=("data.json",)),
    Case(
        top_level_unexpected,
        "a file of which nothing is known",
        _release(Inventory(WHEEL, is_whole=False), _in_sdist(*_CORE)),
    ),
    Case(
        top_level_unexpected,
        "more names than can be told",
        _release(_in_wheel(*_CORE, is_whole=False)),
        says=(Says("holds too many names; of those at the top 1 …", WHEEL, W),),
    ),
]


def _both(
    name: str,
    wheel: Inventory,
    sdist: Inventory,
    *says: str,
    severity: Severity | None = None,
) -> Case:
    told = tuple(Says(message, wheel.filename, severity) for message in says)
    return Case(wheel_sdist_content, name, _release(wheel, sdist), says=told)


_ENTRY = "console_scripts: demo"
SAME = [
    _both("the same", _in_wheel(*_CORE), _in_sdist(*_CORE)),
    _both(
        "the same, below src, and tests beside it",
        _in_wheel(*_CORE),
        _in_sdist(*(f"src/{path}" for path in _CORE), "tests/test_core.py", "setup.py"),
    ),
    _both(
        "the same, and in the sdist what lies deeper than any module",
        _in_wheel(*_CORE),
        _in_sdist(*_CORE, f"demo/{'a/' * 40}__init__.py"),
    ),
    _both(
        "the same, in the folder of a workspace",
        _in_wheel(*_CORE),
        _in_sdist(*(f"packages/demo/python/{path}" for path in _CORE)),
    ),
    _both(
        "tests, examples and vendored code that stay behind",
        _in_wheel(*_CORE),
        _in_sdist(
            *_CORE,
            "demo/tests/__init__.py",
            "demo/core_test.py",
            "demo/conftest.py",
            "demo/examples/__init__.py",
            "demo/examples/a.py",
            "demo/_vendor/other.py",
        ),
    ),
    _both(
        "scripts that build, in the package and in a folder that is none",
        _in_wheel(*_CORE),
        _in_sdist(*_CORE, "demo/build_ffi.py", "demo/_generate.py", "demo/tools/a.py"),
    ),
    _both(
        "a version file and compiled protocols that the build makes",
        _in_wheel(*_CORE, "demo/_version.py", "demo/a_pb2.py", "demo/a_pb2_grpc.pyi"),
        _in_sdist(*_CORE),
    ),
    _both(
        "the init of a shared folder that stays behind",
        _in_wheel(*(f"ns/{path}" for path in _CORE)),
        _in_sdist("ns/__init__.py", *(f"ns/{path}" for path in _CORE)),
    ),
    _both(
        "inits that the build adds to folders of data",
        _in_wheel(*_CORE, "demo/share/__init__.py", "demo/share/x/__init__.py"),
        _in_sdist(*_CORE),
    ),
    _both(
        "modules that the build moves",
        _in_wheel("demo/api/io/a.py", *_CORE),
        _in_sdist("demo/src/api/io/a.py", *_CORE),
    ),
    _both(
        "packages that lie too differently to be compared",
        _in_wheel("demo/a.py", "demo/b.py", "demo/c.py"),
        _in_sdist("demo/a.py", "demo/x.py", "demo/y.py"),
    ),
    _both(
        "modules in a wheel for one system, which may be compiled there",
        _in_wheel(*_CORE, filename=PLATFORM),
        _in_sdist(*_CORE, "demo/windows.py"),
    ),
    _both(
        "entry points that nobody tells, and ones with the Python that builds",
        _in_wheel(*_CORE, entry_points=("console_scripts: demo-3.11",)),
        _in_sdist(*_CORE, entry_points=("console_scripts: demo-3.12",)),
    ),
    Case(
        wheel_sdist_content,
        "no sdist to compare with",
        _release(_in_wheel(*_CORE)),
    ),
    Case(
        wheel_sdist_content,
        "two sdists, of which nobody knows which",
        _release(_in_wheel(*_CORE), _in_sdist("demo/x.py"), _in_sdist()),
    ),
    _both(
        "a subpackage that was left out (jd/tenacity#471)",
        _in_wheel(*_CORE),
        _in_sdist(*_CORE, "demo/asyncio/__init__.py", "demo/asyncio/retry.py"),
        "lacks 'demo/asyncio/__init__.py', 'demo/asyncio/retry.py' of the sdist",
    ),
    _both(
        "a module that the list of packages forgot (google/openhtf#416)",
        _in_wheel(*_CORE),
        _in_sdist(*_CORE, "demo/output.py"),
        "lacks 'demo/output.py' of the sdist",
    ),
    _both(
        "the marker of types (readme_renderer 34.0, locustio/locust#2282)",
        _in_wheel(*_CORE),
        _in_sdist(*_CORE, "demo/py.typed"),
        "lacks 'demo/py.typed' of the sdist",
    ),
    _both(
        "stubs of an extension module, for one system (pikepdf 8.3.2)",
        _in_wheel(*_CORE, filename=PLATFORM),
        _in_sdist(*_CORE, "demo/_core.pyi"),
        "lacks 'demo/_core.pyi' of the sdist",
    ),
    _both(
        "deleted modules of a stale build (friendly-traceback/friendly-traceback#24)",
        _in_wheel(*_CORE, "demo/console.py", "demo/formatters.py"),
        _in_sdist(*_CORE),
        "has 'demo/console.py', 'demo/formatters.py', which the sdist lacks",
    ),
    _both(
        "a whole stale package (httpx 0.12.0)",
        _in_wheel(*_CORE, "demo/backends/__init__.py", "demo/backends/base.py"),
        _in_sdist(*_CORE),
        "has 'demo/backends/__init__.py', 'demo/backends/base.py', which the sdist "
        "lacks",
    ),
    _both(
        "a licence that is in the sdist alone",
        _in_wheel(*_CORE, licenses=0),
        _in_sdist(*_CORE),
        "lacks the licence that the sdist has",
    ),
    _both(
        "a licence that is in the wheel alone",
        _in_wheel(*_CORE),
        _in_sdist(*_CORE, licenses=0),
        "has a licence that the sdist lacks",
    ),
    _both(
        "other entry points",
        _in_wheel(*_CORE, entry_points=("console_scripts: old",)),
        _in_sdist(*_CORE, entry_points=(_ENTRY,)),
        f"lacks the entry point(s) {_ENTRY!r} of the sdist",
        "has the entry point(s) 'console_scripts: old', not in the sdist",
    ),
    _both(
        "more names than can be told",
        _in_wheel(*_CORE),
        _in_sdist(is_whole=False),
        "holds too many names to be compared with the sdist",
        severity=N,
    ),
]

CASES = [*EMPTY, *TYPED, *STARTUP, *TOPS, *SAME]
