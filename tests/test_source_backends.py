"""Sound sdists and wheels of every backend say nothing of the commit's tree.

Each project is built by the real backend from a real repository that is laid out as
people do it. That a test can fail is seen beside it: where a module is changed in the
commit after the build, the same files are an error. ``make corpus`` builds those whose
backend is not among the tests' own.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import checkouts
import pytest
from checkouts import LICENSE, Executable, Files, Link
from forge import Repository

from release_guard.facts import SourcedCheckout, SourcedDistribution

#: What `make corpus` installs into an environment of its own.
BACKENDS = (
    *("build", "cython", "flit_core", "hatch-vcs", "hatchling", "maturin", "ninja"),
    *("meson-python", "pbr", "pdm-backend", "poetry-core", "poetry-dynamic-versioning"),
    *("scikit-build-core", "setuptools", "setuptools-scm", "uv_build", "versioneer"),
)
#: Those that the tests' own environment has.
OWN = ("flit", "hatchling", "setuptools")


@dataclass(frozen=True)
class Source:
    """A project: its backend, what git tracks, and what only lies in the folder.

    ``{`` stands for itself. ``folder`` is where the project lies in its repository,
    ``module`` the tracked module that is changed later on. ``needs`` are programs.
    """

    backend: str
    files: Files
    module: str
    untracked: Files = field(default_factory=dict)
    folder: str = ""
    is_pure: bool = True
    needs: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


def _system(*requires: str, backend: str) -> str:
    needed = ", ".join(f'"{name}"' for name in requires)
    said = f'requires = [{needed}]\nbuild-backend = "{backend}"'
    return f"[build-system]\n{said}\n\n"


_PROJECT = """\
[project]
name = "demo"
version = "1.0"
description = "A project of the tests"
readme = "README.md"
requires-python = ">=3.11"
"""
_DYNAMIC = _PROJECT.replace('version = "1.0"', 'dynamic = ["version"]')
_SETUPTOOLS = _system("setuptools", backend="setuptools.build_meta")
_HATCHLING = _system("hatchling", backend="hatchling.build")
_FLIT = _system("flit_core", backend="flit_core.buildapi")

_PACKAGE: Files = {
    "__init__.py": '"""A demonstration."""\n\nfrom demo.core import main\n',
    "core.py": "def main():\n    return 42\n",
    "py.typed": "",
    "data/words.txt": "one\ntwo\n",
}
_COMMON: Files = {
    "README.md": "# demo\n",
    "LICENSE": LICENSE,
    ".gitignore": "build/\ndist/\n*.egg-info/\n__pycache__/\n*.so\n*.mo\n_version.py\n",
    "tests/__init__.py": "",
    "tests/test_core.py": "from demo import main\n",
    "tests/run.sh": Executable("#!/bin/sh\npython -m pytest\n"),
}


def _package(folder: str) -> Files:
    return {f"{folder}/demo/{name}": content for name, content in _PACKAGE.items()}


_FLAT: Files = {
    **_COMMON,
    **{f"demo/{name}": content for name, content in _PACKAGE.items()},
}
_SRC: Files = {**_COMMON, **_package("src")}
_DATA = '[tool.setuptools.package-data]\ndemo = ["py.typed", "data/*", "**/*.mo"]\n'
_STORED = b"\0weights" * 4_000
_POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    f"oid sha256:{hashlib.sha256(_STORED).hexdigest()}\nsize {len(_STORED)}\n"
)

SOURCES = {
    # --- setuptools
    "setuptools, src layout": Source(
        "setuptools",
        {
            **_SRC,
            "pyproject.toml": _SETUPTOOLS + _PROJECT + _DATA,
            "MANIFEST.in": "graft tests\nglobal-exclude *.py[co]\n",
            "setup.cfg": "# Ours\n[flake8]\nmax-line-length = 88\n",
        },
        "src/demo/core.py",
    ),
    "setuptools, setup.py alone": Source(
        "setuptools",
        {
            **_FLAT,
            "setup.py": "from setuptools import setup\n\nsetup(\n    name='demo',\n"
            "    version='1.0',\n    packages=['demo'],\n"
            "    package_data={'demo': ['py.typed', 'data/*']},\n)\n",
            "MANIFEST.in": "include LICENSE\nrecursive-include tests *\n",
        },
        "demo/core.py",
    ),
    "setuptools, translations that the build compiles": Source(
        "setuptools",
        {
            **_FLAT,
            "pyproject.toml": _SETUPTOOLS + _PROJECT + _DATA,
            "MANIFEST.in": "recursive-include demo *.po *.mo\n",
            "demo/locale/de/LC_MESSAGES/demo.po": 'msgid "a"\nmsgstr "b"\n',
        },
        "demo/core.py",
        untracked={"demo/locale/de/LC_MESSAGES/demo.mo": b"\xde\x12\x04\x95\0"},
    ),
    "setuptools, a folder of a monorepo, with links": Source(
        "setuptools",
        {
            **{f"libs/demo/{n}": c for n, c in _SRC.items() if n != "LICENSE"},
            "libs/demo/pyproject.toml": _SETUPTOOLS + _PROJECT + _DATA,
            "libs/demo/LICENSE": Link("../../LICENSE"),
            "libs/demo/src/demo/shared": Link("../../../../shared"),
            "libs/demo/MANIFEST.in": "graft src\n",
            "libs/other/pyproject.toml": _PROJECT.replace("demo", "other"),
            "libs/other/src/other/__init__.py": "a = 1\n",
            "shared/tables.txt": "1 2 3\n",
            "LICENSE": LICENSE,
            "README.md": "# All of it\n",
        },
        "libs/demo/src/demo/core.py",
        folder="libs/demo",
    ),
    "setuptools, CRLF where .gitattributes asks for it": Source(
        "setuptools",
        {
            **_FLAT,
            "pyproject.toml": _SETUPTOOLS + _PROJECT + _DATA,
            ".gitattributes": "* text=auto\n*.bat text eol=crlf\n*.png binary\n",
            "demo/data/run.bat": "@echo off\r\n",
            "demo/data/a.png": b"\x89PNG\r\n\x1a\n\0",
        },
        "demo/core.py",
    ),
    "setuptools, a file that git LFS keeps": Source(
        "setuptools",
        {
            **_FLAT,
            "pyproject.toml": _SETUPTOOLS + _PROJECT + _DATA,
            ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
            "demo/data/model.bin": _POINTER,
        },
        "demo/core.py",
        # As `git lfs` leaves it in a checkout.
        untracked={"demo/data/model.bin": _STORED},
    ),
    "setuptools, sources of a submodule": Source(
        "setuptools",
        {
            **_SRC,
            "pyproject.toml": _SETUPTOOLS + _PROJECT + _DATA,
            "MANIFEST.in": "graft vendor\nglobal-exclude .git\n",
        },
        "src/demo/core.py",
        settings=(("submodule", "vendor/zlib"),),
    ),
    # --- hatchling
    "hatchling, src layout": Source(
        "hatchling",
        {**_SRC, "pyproject.toml": _HATCHLING + _PROJECT},
        "src/demo/core.py",
    ),
    "hatchling, what a build made and .gitignore leaves out": Source(
        "hatchling",
        {
            **_FLAT,
            "pyproject.toml": _HATCHLING + _PROJECT + "[tool.hatch.build]\n"
            'artifacts = ["*.min.js"]\n',
            ".gitignore": "*.min.js\n",
            "demo/static/app.ts": "let a = 1;\n",
        },
        "demo/core.py",
        untracked={"demo/static/app.min.js": "let a=1"},
    ),
    "hatchling, files that are put elsewhere": Source(
        "hatchling",
        {
            **_FLAT,
            "pyproject.toml": _HATCHLING
            + _PROJECT
            + "[tool.hatch.build.targets.wheel.force-include]\n"
            '"share/demo.conf" = "demo/demo.conf"\n',
            "share/demo.conf": "[demo]\n",
        },
        "demo/core.py",
    ),
    # --- flit
    "flit, with tests and documentation": Source(
        "flit",
        {
            **_FLAT,
            "pyproject.toml": _FLIT
            + _DYNAMIC
            + '[tool.flit.sdist]\ninclude = ["tests/", "docs/"]\n',
            "demo/__init__.py": '"""A demonstration."""\n\n__version__ = "1.0"\n',
            "docs/index.rst": "demo\n====\n",
        },
        "demo/core.py",
    ),
    "flit, a module": Source(
        "flit",
        {
            "README.md": "# demo\n",
            "LICENSE": LICENSE,
            "pyproject.toml": _FLIT + _PROJECT,
            "demo.py": '"""A demonstration."""\n\nanswer = 42\n',
        },
        "demo.py",
    ),
    # --- backends that `make corpus` installs
    "setuptools-scm, a version file": Source(
        "setuptools-scm",
        {
            **_FLAT,
            "pyproject.toml": _system(
                "setuptools", "setuptools-scm", backend="setuptools.build_meta"
            )
            + _DYNAMIC
            + '[tool.setuptools]\npackages = ["demo"]\n'
            + '[tool.setuptools_scm]\nversion_file = "demo/_version.py"\n',
            ".git_archival.txt": "node: $Format:%H$\ndescribe-name: $Format:%d$\n",
            ".gitattributes": ".git_archival.txt export-subst\n",
        },
        "demo/core.py",
    ),
    "setuptools-scm, of a folder, a text": Source(
        "setuptools-scm",
        {
            **{f"python/{name}": content for name, content in _SRC.items()},
            "python/pyproject.toml": _system(
                "setuptools", "setuptools-scm", backend="setuptools.build_meta"
            )
            + _DYNAMIC
            + '[tool.setuptools_scm]\nroot = ".."\n'
            + 'version_file = "src/demo/VERSION"\n'
            + 'version_file_template = "{version}\\n"\n',
            "main.go": "package main\n",
        },
        "python/src/demo/core.py",
        folder="python",
    ),
    "versioneer": Source(
        "versioneer",
        {
            **_FLAT,
            "pyproject.toml": _system(
                "setuptools", "versioneer", backend="setuptools.build_meta"
            )
            + '[tool.versioneer]\nVCS = "git"\nstyle = "pep440"\n'
            + 'versionfile_source = "demo/_version.py"\n'
            + 'versionfile_build = "demo/_version.py"\ntag_prefix = "v"\n',
            "setup.py": "import versioneer\nfrom setuptools import setup\n\nsetup(\n"
            "    name='demo',\n    version=versioneer.get_version(),\n"
            "    cmdclass=versioneer.get_cmdclass(),\n    packages=['demo'],\n)\n",
            ".gitignore": "build/\n",
            ".gitattributes": "demo/_version.py export-subst\n",
        },
        "demo/core.py",
        settings=(("versioneer", "install"),),
    ),
    "pbr": Source(
        "pbr",
        {
            **_FLAT,
            "pyproject.toml": _system("setuptools", "pbr", backend="pbr.build"),
            "setup.cfg": "[metadata]\nname = demo\n\n[files]\npackages =\n    demo\n",
            "setup.py": "from setuptools import setup\n\nsetup(pbr=True)\n",
        },
        "demo/core.py",
    ),
    "setuptools, Cython": Source(
        "cython",
        {
            **_FLAT,
            "pyproject.toml": _system(
                "setuptools", "cython", backend="setuptools.build_meta"
            )
            + _PROJECT,
            "setup.py": "from Cython.Build import cythonize\n"
            "from setuptools import setup\n\n"
            "setup(packages=['demo'], ext_modules=cythonize('demo/fast.pyx'))\n",
            "MANIFEST.in": "recursive-include demo *.pyx *.pxd *.c *.h\n",
            ".gitignore": "build/\n",
            "demo/fast.pyx": "def fast(int a):\n    return a + 1\n",
            "demo/fast.pxd": "cdef int b\n",
        },
        "demo/fast.pyx",
        is_pure=False,
    ),
    "hatch-vcs, a version file": Source(
        "hatch-vcs",
        {
            **_SRC,
            "pyproject.toml": _system(
                "hatchling", "hatch-vcs", backend="hatchling.build"
            )
            + _DYNAMIC
            + '[tool.hatch.version]\nsource = "vcs"\n'
            + '[tool.hatch.build.hooks.vcs]\nversion-file = "src/demo/_version.py"\n',
        },
        "src/demo/core.py",
    ),
    "poetry, src layout": Source(
        "poetry",
        {
            **_SRC,
            "pyproject.toml": _system(
                "poetry-core", backend="poetry.core.masonry.api"
            )
            + '[tool.poetry]\nname = "demo"\nversion = "1.0"\ndescription = "A"\n'
            + 'authors = ["A <a@index.example>"]\nreadme = "README.md"\n'
            + 'packages = [{ include = "demo", from = "src" }]\n'
            + 'include = [{ path = "tests", format = "sdist" }]\n',
        },
        "src/demo/core.py",
    ),
    "poetry, a version that is put in": Source(
        "poetry",
        {
            **_FLAT,
            "pyproject.toml": _system(
                "poetry-core",
                "poetry-dynamic-versioning",
                backend="poetry_dynamic_versioning.backend",
            )
            + '[tool.poetry]\nname = "demo"\nversion = "0.0.0"\ndescription = "A"\n'
            + 'authors = ["A <a@index.example>"]\nreadme = "README.md"\n'
            + "[tool.poetry-dynamic-versioning]\nenable = true\n",
            "demo/__init__.py": '"""A demonstration."""\n\n__version__ = "0.0.0"\n'
            "__version_tuple__ = (0, 0, 0)\n",
        },
        "demo/core.py",
    ),
    "pdm, a version that is written": Source(
        "pdm",
        {
            **_SRC,
            "pyproject.toml": _system("pdm-backend", backend="pdm.backend")
            + "# Comments are left out\n"
            + _DYNAMIC
            + '[tool.pdm.version]\nsource = "scm"\nwrite_to = "demo/_version.py"\n'
            + "write_template = \"__version__ = '{}'\\n\"\n"
            + '[tool.pdm.build]\nsource-includes = ["tests"]\n',
        },
        "src/demo/core.py",
    ),
    "maturin, a workspace": Source(
        "maturin",
        {
            "README.md": "# All of it\n",
            "pyproject.toml": "[tool.ruff]\nline-length = 88\n",
            "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n',
            "crates/inner/Cargo.toml": '[package]\nname = "inner"\nversion = "1.0.0"\n'
            'edition = "2021"\n',
            "crates/inner/src/lib.rs": "pub fn a() -> i32 { 1 }\n",
            "crates/demo/Cargo.toml": '[package]\nname = "demo"\nversion = "1.0.0"\n'
            'edition = "2021"\n\n[dependencies]\ninner = { path = "../inner" }\n',
            "crates/demo/src/main.rs": 'fn main() { println!("{}", inner::a()); }\n',
            "crates/demo/pyproject.toml": _system("maturin", backend="maturin")
            + _PROJECT
            + '[tool.maturin]\nbindings = "bin"\n',
            "crates/demo/README.md": "# demo\n",
            "crates/unused/Cargo.toml": '[package]\nname = "unused"\n'
            'version = "1.0.0"\n',
            "crates/unused/src/lib.rs": "\n",
            ".gitignore": "target/\nCargo.lock\n",
        },
        "crates/inner/src/lib.rs",
        folder="crates/demo",
        is_pure=False,
        needs=("cargo",),
    ),
    "maturin, beside Python modules": Source(
        "maturin",
        {
            **{f"python/{n}": c for n, c in _FLAT.items() if n.startswith("demo/")},
            "README.md": "# demo\n",
            "Cargo.toml": '[package]\nname = "demo"\nversion = "1.0.0"\n'
            'edition = "2021"\n\n[[bin]]\nname = "demo"\npath = "rust/main.rs"\n',
            "rust/main.rs": "fn main() {}\n",
            "pyproject.toml": _system("maturin", backend="maturin")
            + _PROJECT
            + '[tool.maturin]\nbindings = "bin"\npython-source = "python"\n',
            ".gitignore": "target/\n",
        },
        "python/demo/core.py",
        is_pure=False,
        needs=("cargo",),
    ),
    "meson-python": Source(
        "meson-python",
        {
            **_FLAT,
            "pyproject.toml": _system("meson-python", "ninja", backend="mesonpy")
            + _PROJECT,
            "meson.build": "project('demo', version: '1.0')\n"
            "py = import('python').find_installation(pure: true)\n"
            "py.install_sources('demo/__init__.py', 'demo/core.py', subdir: 'demo')\n",
            ".gitattributes": "tests export-ignore\n.git_archival.txt export-subst\n",
            ".git_archival.txt": "node: $Format:%H$\n",
        },
        "demo/core.py",
        needs=("ninja",),
    ),
    "scikit-build-core, with a version file": Source(
        "scikit-build-core",
        {
            **_SRC,
            "pyproject.toml": _system(
                "scikit-build-core", "setuptools-scm",
                backend="scikit_build_core.build",
            )
            + _DYNAMIC
            + '[tool.scikit-build]\nsdist.include = ["src/demo/_version.py"]\n'
            + "[tool.scikit-build.metadata.version]\n"
            + 'provider = "scikit_build_core.metadata.setuptools_scm"\n'
            + '[tool.setuptools_scm]\nwrite_to = "src/demo/_version.py"\n',
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.15)\n"
            "project(demo LANGUAGES C)\n",
            "src/native.c": "int a;\n",
        },
        "src/demo/core.py",
        is_pure=False,
    ),
    "uv": Source(
        "uv",
        {
            **_SRC,
            "pyproject.toml": _system("uv_build", backend="uv_build") + _PROJECT,
        },
        "src/demo/core.py",
    ),
}  # fmt: skip


# --- building -------------------------------------------------------------------------


@pytest.fixture(name="python", scope="module")
def _python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter whose environment has every backend, from the public index."""
    folder = tmp_path_factory.mktemp("backends")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    program = str(folder / "bin" / "python")
    done = subprocess.run(
        [program, "-m", "pip", "install", "--quiet", "--upgrade", *BACKENDS],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"the backends were not had: {done.stderr.strip()[-200:]}")
    return program


def _laid_out(source: Source, folder: Path, python: str) -> Repository:
    """The project's repository, with a tag of 1.0 and what only lies in the folder."""
    made = Repository(folder)
    checkouts.write(folder, source.files)
    made.git("add", "--all", "--force")
    for what, said in source.settings:
        if what == "submodule":
            other = checkouts.repository(folder.parent / "other", {"z.c": "int z;\n"})
            allowed = ("-c", "protocol.file.allow=always")
            made.git(*allowed, "submodule", "add", "-q", str(other.folder), said)
        else:
            _run([python, "-m", what, said], folder, {})
            made.git("add", "--all", "--force")
    made.commit("Release 1.0")
    made.tag("v1.0", annotated=True)
    # As a checkout has it: with the line endings that .gitattributes asks for.
    for path in made.git("ls-files", "--eol").splitlines():
        if "eol=crlf" in path:
            (folder / path.split("\t")[1]).unlink()
    made.git("checkout", "--", ".")
    checkouts.write(folder, source.untracked)
    return made


def _run(command: list[str], folder: Path, more: dict[str, str]) -> None:
    environ = {n: v for n, v in os.environ.items() if not n.startswith("GIT_")}
    # rustup looks for its compilers in the user's folder, and ours is another one.
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    environ.setdefault("RUSTUP_HOME", str(home / ".rustup"))
    environ["PATH"] = f"{Path(command[0]).parent}{os.pathsep}{environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env=environ | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]


def _built(source: Source, made: Repository, python: str) -> list[Path]:
    """The sdist, and the wheel that is built from it where that is pure."""
    dist = made.folder.parent / "dist"
    words = [] if source.is_pure else ["--sdist"]
    command = [
        python,
        "-m",
        "build",
        "--no-isolation",
        "--skip-dependency-check",
        *words,
        "-o",
        str(dist),
    ]
    _run([*command, str(made.folder / source.folder)], made.folder, {})
    return sorted(path for path in dist.iterdir() if path.suffix in (".gz", ".whl"))


def _judge(name: str, folder: Path, python: str) -> None:
    """Build a project; nothing is told of it, and all of a module that is changed."""
    source = SOURCES[name]
    lacking = [need for need in source.needs if shutil.which(need) is None]
    in_environment = [need for need in lacking if need not in BACKENDS]
    if in_environment:
        pytest.skip(f"there is no {in_environment[0]}")
    made = _laid_out(source, folder / "checkout", python)
    paths = _built(source, made, python)
    assert len(paths) == 1 + source.is_pure

    facts = checkouts.gathered(made, *paths)

    found = [s for s in facts.subjects if isinstance(s, SourcedDistribution)]
    assert [s.distribution.filename for s in found] == [path.name for path in paths]
    for one in found:
        assert (one.differences, one.untracked, one.missing) == ((), (), ()), one
        assert one.compared > 0
    assert not any(
        s.changed or s.gone for s in facts.subjects if isinstance(s, SourcedCheckout)
    )
    _is_told_where_it_is_changed(source, made, paths)


def _is_told_where_it_is_changed(
    source: Source, made: Repository, paths: list[Path]
) -> None:
    """The same files beside a commit with another module are told, each of them."""
    path = made.folder / source.module
    path.write_text(f"{path.read_text()}# changed\n")
    made.git("add", source.module)
    made.commit("Change a module")
    for built in paths:
        one = checkouts.sourced(made, built)
        assert [d.tracked for d in one.differences] == [source.module]
        assert (one.untracked, one.missing) == ((), ())


@pytest.mark.parametrize("name", [n for n, s in SOURCES.items() if s.backend in OWN])
def test_what_our_own_backends_build_is_the_commits(name: str, tmp_path: Path) -> None:
    _judge(name, tmp_path, sys.executable)


@pytest.mark.public
@pytest.mark.parametrize(
    "name", [n for n, s in SOURCES.items() if s.backend not in OWN]
)
def test_what_any_backend_builds_is_the_commits(
    name: str, tmp_path: Path, python: str
) -> None:
    _judge(name, tmp_path, python)


def test_every_backend_has_a_project() -> None:
    asked = {"flit", "hatch-vcs", "hatchling", "maturin", "meson-python", "pdm"}
    asked |= {"poetry", "scikit-build-core", "setuptools", "setuptools-scm"}

    assert asked <= {source.backend for source in SOURCES.values()}
    assert len(SOURCES) >= 15
