"""Small projects, built into distributions by the backends that people use."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import forge

__all__ = ["BACKENDS", "Project", "build", "commit", "write"]


@dataclass(frozen=True)
class Project:
    """A project's files; ``{name}``, ``{module}`` and ``{version}`` are filled in."""

    name: str
    build_system: str
    extra: str = ""
    readme: str = "README.md"
    files: dict[str, str] = field(default_factory=dict)


_METADATA = """\
[project]
name = "{name}"
version = "{version}"
description = "A project of the tests"
readme = "{readme}"
requires-python = ">=3.11"
license = "MIT"
license-files = ["LICENSE"]
dependencies = ["packaging>=24; python_version >= '3.11'"]

[project.scripts]
{name} = "{module}:main"
"""

_FILES = {
    "README.md": "# {name}\n\nA project of the tests.\n",
    "README.rst": "A project\n=========\n\nOf the *tests*.\n",
    "LICENSE": "MIT License\n",
    "src/{module}/__init__.py": "def main():\n    print('hello')\n",
    "src/{module}/py.typed": "",
}

_EXTENSION = """\
#include <Python.h>
static struct PyModuleDef def = {{PyModuleDef_HEAD_INIT, "_native", NULL, -1, NULL}};
PyMODINIT_FUNC PyInit__native(void) {{ return PyModule_Create(&def); }}
"""

BACKENDS = {
    "hatchling": Project(
        "demo-hatch", 'requires = ["hatchling"]\nbuild-backend = "hatchling.build"'
    ),
    "flit": Project(
        "demo-flit",
        'requires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"',
        readme="README.rst",
    ),
    "setuptools": Project(
        "demo-setup",
        'requires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"',
    ),
    "extension": Project(
        "demo-native",
        'requires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"',
        extra="[tool.setuptools]\next-modules = [\n"
        '  {{ name = "{module}._native", sources = ["native.c"] }},\n]\n',
        files={"native.c": _EXTENSION},
    ),
}


def build(
    project: Project, folder: Path, *, version: str = "1.2.0", name: str = ""
) -> Path:
    """Build sdist and wheel with the real backend; gives the folder that holds them.

    ``name`` stands for the project's own name where several are needed.
    """
    source, dist = folder / "source", folder / "dist"
    write(project, source, version=version, name=name)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "-o", str(dist), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return dist


def write(
    project: Project, source: Path, *, version: str = "1.2.0", name: str = ""
) -> None:
    """Write a project's files below a folder."""
    name = name or project.name
    words = {
        "readme": project.readme,
        "name": name,
        "module": name.replace("-", "_"),
        "version": version,
    }
    pyproject = f"[build-system]\n{project.build_system}\n\n"
    pyproject += (_METADATA + "\n" + project.extra).format(**words)
    for path, text in {**_FILES, **project.files}.items():
        target = source / path.format(**words)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.format(**words), encoding="utf-8")
    (source / "pyproject.toml").write_text(pyproject, encoding="utf-8")


#: One that depends on nothing: what is told of its release is told of the workflow.
_PLAIN = """\
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"

[project]
name = "{name}"
version = "{version}"
description = "A project of the tests"
readme = "README.md"
requires-python = ">=3.11"
license = "MIT"
license-files = ["LICENSE"]
"""


def commit(
    at: forge.Repository,
    version: str,
    *,
    name: str = "demo",
    folder: str = ".",
    more: str = "",
) -> None:
    """Write a plain project below a folder of a repository, and commit it; ``more`` is
    the end of its pyproject.toml.
    """
    place = at.folder / folder
    module = place / "src" / name.replace("-", "_")
    module.mkdir(parents=True, exist_ok=True)
    (module / "__init__.py").write_text('"""A project of the tests."""\n')
    pyproject = _PLAIN.format(name=name, version=version) + more
    (place / "pyproject.toml").write_text(pyproject)
    (place / "README.md").write_text(f"# {name}\n")
    (place / "LICENSE").write_text("MIT License\n")
    at.git("add", "--all")
    at.commit(f"{name} {version}")
