"""What was left on the developer's disk, case by case."""

from __future__ import annotations

from builders import SDIST, WHEEL, Case, Says, archive, member

from release_guard.facts import Archive, MemberKind
from release_guard.findings import Severity
from release_guard.rules.leftovers import bytecode, junk_file

W = Severity.WARNING


def _sdist(*paths: str) -> Archive:
    return archive(*(f"demo-1.0/{path}" for path in paths), filename=SDIST)


def _wheel(*paths: str) -> Archive:
    return archive(*paths, filename=WHEEL)


CASES = [
    Case(bytecode, "source alone", _wheel("demo/__init__.py")),
    Case(
        bytecode,
        "a folder of bytecode, without a file in it",
        archive(member("demo/__pycache__/", MemberKind.FOLDER), filename=WHEEL),
    ),
    Case(
        bytecode,
        "modules without source, shipped so on purpose",
        _wheel("demo/__init__.pyc", "demo/core.pyc"),
    ),
    Case(
        bytecode,
        "a fixture of tests, without source",
        _sdist("tests/data/old.pyc", "tests/data/__pycache__/old.cpython-38.pyc"),
    ),
    Case(
        bytecode,
        "beside its source, as Python 2 wrote it (gitpython-developers/GitPython#419)",
        _sdist("git/test/lib.py", "git/test/lib.pyc"),
        says=(Says("holds 1 file(s) of bytecode: 'demo-1.0/git/test/lib.pyc'"),),
    ),
    Case(
        bytecode,
        "in its folder, in the tests too (spyder-ide/qtpy#129)",
        _sdist(
            "qtpy/tests/test_uic.py",
            "qtpy/tests/__pycache__/test_uic.cpython-27-PYTEST.pyc",
            "qtpy/__pycache__/gone.cpython-35.pyc",
        ),
        says=(Says("holds 2 file(s) of bytecode: …"),),
    ),
    Case(
        bytecode,
        "at the top of a wheel",
        _wheel("demo.py", "__pycache__/demo.cpython-311.pyc"),
        says=(Says("holds 1 file(s) of bytecode: …"),),
    ),
    Case(junk_file, "a sound sdist", _sdist("PKG-INFO", ".gitignore", "demo.py")),
    Case(
        junk_file,
        "settings of editors that are tracked on purpose",
        _sdist(".vscode/settings.json", ".editorconfig", ".env.example", ".coveragerc"),
    ),
    Case(
        junk_file,
        "environments that are there to be copied",
        _sdist(
            *(".env.example", ".env.sample", ".env.template", ".env.dist"),
            *(".env.local.example", ".env.Example", ".env.defaults", "demo/.environ"),
        ),
    ),
    Case(
        junk_file,
        "the environments of a machine, by longer names",
        _sdist(".env.local", ".envrc", "demo/.env.production.local"),
        says=(
            Says(
                "holds 3 leftover(s): '.env.local', '.envrc', "
                "'demo/.env.production.local'",
                severity=W,
            ),
        ),
    ),
    Case(
        junk_file,
        "fixtures that look like leftovers",
        _sdist("tests/data/.env", "tests/a.rej", "docs/.DS_Store", "examples/.env"),
    ),
    Case(
        junk_file,
        "what tools keep of a file that they rewrote",
        _sdist("pyproject.toml.orig", "include/cargo/libc/Cargo.toml.orig"),
    ),
    Case(
        junk_file,
        "a state file in a folder for packages, without a package",
        _sdist("node_modules/.yarn-state.yml"),
    ),
    Case(
        junk_file,
        "a file that is named like a repository's folder, of a submodule",
        _sdist("vendor/lib/.git"),
    ),
    Case(
        junk_file,
        "a virtual environment, and what an editor and coverage leave "
        "(pytest-dev/pytest-freezer#9)",
        _sdist(
            ".venv/pyvenv.cfg",
            ".venv/bin/python",
            ".venv/lib/python3.11/site-packages/pip/__init__.py",
            ".idea/workspace.xml",
            ".coverage",
        ),
        says=(
            Says("holds '.venv/' (3 file(s)): a virtual environment"),
            Says("holds '.idea/' (1 file(s)): settings of an editor", severity=W),
            Says("holds 1 leftover(s): '.coverage'", severity=W),
        ),
    ),
    Case(
        junk_file,
        "a virtual environment by another name, further down",
        _sdist("backend/env/pyvenv.cfg"),
        says=(Says("holds 'backend/env/' (1 file(s)): a virtual environment"),),
    ),
    Case(
        junk_file,
        "a virtual environment among the tests",
        _sdist("tests/env/pyvenv.cfg"),
        says=(
            Says("holds 'tests/env/' (1 file(s)): a virtual environment", severity=W),
        ),
    ),
    Case(
        junk_file,
        "a git repository",
        _wheel("demo/__init__.py", ".git/HEAD", ".git/objects/ab/cd"),
        says=(Says("holds '.git/' (2 file(s)): a git repository"),),
    ),
    Case(
        junk_file,
        "packages for Node.js, at the top",
        _sdist("node_modules/left-pad/package.json", "node_modules/left-pad/a.js"),
        says=(Says("holds 'node_modules/' (2 file(s)): packages for Node.js"),),
    ),
    Case(
        junk_file,
        "packages for Node.js, further down",
        _wheel("demo/ui/node_modules/@a/b/package.json"),
        says=(Says("holds 'demo/ui/node_modules/' (1 file(s)): …", severity=W),),
    ),
    Case(
        junk_file,
        "settings of a machine, and leftovers of editors and systems "
        "(feincms/feincms#586)",
        _sdist(".env", "demo/static/.DS_Store", "demo/.core.py.swp", "demo/a.po~"),
        says=(
            Says(
                "holds 4 leftover(s): '.env', 'demo/.core.py.swp', 'demo/a.po~' and "
                "1 more",
                severity=W,
            ),
        ),
    ),
]
