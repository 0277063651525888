"""How a file differs from the tracked one: what tools do at every build is nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pytest
from packaging.version import Version

from release_guard.alterations import (
    LARGEST_VERSION_FILE,
    alteration,
    is_bare_setup_cfg,
    is_pointer,
    is_version_file,
)
from release_guard.facts import Alteration

OTHER, REWRITTEN = Alteration.CONTENT, Alteration.REWRITTEN
ENDINGS = Alteration.LINE_ENDINGS
VERSION = Version("1.2.3")


def differs(
    name: str,
    found: str | bytes | None,
    tracked: str | bytes | None,
    *,
    version: Version | None = VERSION,
    backend: str = "setuptools.build_meta",
    checked_out: Mapping[str, str] | None = None,
    is_script: bool = False,
) -> Alteration | None:
    """How they differ."""
    return alteration(
        name,
        found.encode() if isinstance(found, str) else found,
        tracked.encode() if isinstance(tracked, str) else tracked,
        version=version,
        backend=backend,
        checked_out=checked_out or {},
        is_script=is_script,
    )


# --- content and line endings -----------------------------------------------------


@pytest.mark.parametrize(
    ("found", "tracked", "how"),
    [
        pytest.param("a = 1\n", "a = 2\n", OTHER, id="another line"),
        pytest.param("a = 1\r\n", "a = 1\n", ENDINGS, id="CRLF for LF"),
        pytest.param("a = 1\n", "a = 1\r\n", ENDINGS, id="LF for CRLF"),
        pytest.param("a\r\nb\n", "a\nb\n", ENDINGS, id="CRLF in one line of two"),
        pytest.param("a\r\nc\n", "a\nb\n", OTHER, id="CRLF, and another line"),
        pytest.param("a\rb", "a\nb", OTHER, id="a lone CR"),
        pytest.param(b"\0\r\n", b"\0\n", OTHER, id="CRLF in what is no text"),
        pytest.param("a\n", "a", OTHER, id="one line's end more"),
        pytest.param(None, "a", OTHER, id="not read, the file"),
        pytest.param("a", None, OTHER, id="not read, the tracked one"),
        pytest.param(None, None, OTHER, id="neither read"),
    ],
)
def test_two_contents_differ(
    found: str | bytes | None, tracked: str | bytes | None, how: Alteration
) -> None:
    assert differs("demo/a.py", found, tracked) is how


@pytest.mark.parametrize(
    ("attributes", "found", "how"),
    [
        pytest.param({"eol": "crlf"}, b"a\r\nb\r\n", None, id="as .gitattributes asks"),
        pytest.param({"eol": "crlf"}, b"a\r\nb\n", ENDINGS, id="in one line only"),
        pytest.param(
            {"eol": "lf"}, b"a\r\nb\r\n", ENDINGS, id="against .gitattributes"
        ),
        pytest.param({}, b"a\r\nb\r\n", ENDINGS, id="without .gitattributes"),
        pytest.param(
            {"working-tree-encoding": "UTF-16"},
            "a\r\nb\r\n".encode("utf-16"),
            None,
            id="in the encoding that .gitattributes asks for",
        ),
        pytest.param(
            {"working-tree-encoding": "UTF-16"},
            "a\nc\n".encode("utf-16"),
            OTHER,
            id="in that encoding, and with another line",
        ),
        pytest.param(
            {"working-tree-encoding": "rot13"}, b"n\no\n", OTHER, id="in no encoding"
        ),
        pytest.param(
            {"working-tree-encoding": "cp1"}, b"n\no\n", OTHER, id="in an unknown one"
        ),
    ],
)
def test_what_git_does_in_a_checkout_is_no_difference(
    attributes: Mapping[str, str], found: bytes, how: Alteration | None
) -> None:
    assert differs("a.rc", found, "a\nb\n", checked_out=attributes) is how


# --- git LFS ------------------------------------------------------------------------

_DATA = b"\0data" * 10
_POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    f"oid sha256:{hashlib.sha256(_DATA).hexdigest()}\nsize 50\n"
)


@pytest.mark.parametrize(
    ("found", "how"),
    [
        pytest.param(_DATA, None, id="is kept elsewhere"),
        pytest.param(_DATA + b"!", OTHER, id="is not what is kept elsewhere"),
        pytest.param(None, Alteration.UNREAD, id="is too large to tell"),
    ],
)
def test_what_a_pointer_of_git_lfs_stands_for(
    found: bytes | None, how: Alteration | None
) -> None:
    assert differs("model.bin", found, _POINTER) is how


def test_a_pointer_is_known_by_its_form() -> None:
    assert is_pointer(_POINTER.encode())
    assert is_pointer(_POINTER.replace("\noid", "\next-0-a sha256:1\noid").encode())
    assert not is_pointer(_POINTER.replace("lfs", "svn").encode())
    assert not is_pointer(_POINTER.encode() + b"x" * 1_000)
    assert not is_pointer(b"")


# --- what git and version tools put in --------------------------------------------

_FORMAT = 'REV = "$Format:%H$"\nNAMES = "$Format:%d$"\n'


@pytest.mark.parametrize(
    ("found", "tracked"),
    [
        pytest.param(
            'REV = "0123abcd"\nNAMES = " (HEAD, tag: v1)"\n', _FORMAT, id="git archive"
        ),
        pytest.param("node: 012\n", "node: $Format:%H$\n", id=".git_archival.txt"),
        pytest.param("# $Id: 0123 $\na\n", "# $Id$\na\n", id="$Id$"),
        pytest.param(
            '__version__ = "1.2.3"\n', '__version__ = "0.0.0"\n', id="__version__"
        ),
        pytest.param(
            "a = 1\n__version__: str = '1.2.3'  # put in\n",
            "a = 1\n__version__: str = '0.0.0'\n",
            id="an annotated one",
        ),
        pytest.param(
            '__version__ = "1.2.3"\n__version_tuple__ = (1, 2, 3)\n',
            '__version__ = "0.0.0"\n__version_tuple__ = (0, 0, 0)\n',
            id="and its parts",
        ),
        pytest.param(
            '[project]\nversion = "1.2.3"\n', '[project]\nversion = "0"\n', id="TOML"
        ),
        pytest.param("version: 1.2.3\n", "version: 0.0.0\n", id="YAML"),
        pytest.param("    version='1.2.3',\n", "    version='0',\n", id="setup.py"),
        pytest.param("1.2.3\n", "0.0.0\n", id="a VERSION file"),
        pytest.param("v1.2.3", "unknown", id="a VERSION file like a tag"),
        pytest.param(
            '__version__ = "1.2.3+g0123"\n', '__version__ = ""\n', id="local segment"
        ),
        pytest.param(
            "import json\nversion_json = '''\n{\n \"version\": \"1.2.3\"\n}\n'''\n\n\n"
            "def get_versions():\n    return json.loads(version_json)\n",
            "import os\n\n\ndef get_versions():\n    os.system('git describe')\n",
            id="versioneer",
        ),
    ],
)
def test_what_a_version_tool_or_git_puts_in_is_no_difference(
    found: str, tracked: str
) -> None:
    assert differs("demo/_version.py", found, tracked) is None


@pytest.mark.parametrize(
    ("found", "tracked"),
    [
        pytest.param(
            'REV = ""\nimport os\nX = ""\nNAMES = ""\n', _FORMAT, id="lines are put in"
        ),
        pytest.param(
            'REV = "" + f() + ""\nNAMES = ""\n', _FORMAT, id="a string is closed"
        ),
        pytest.param('REV = "1"\nNAMES = "1"\nx()\n', _FORMAT, id="lines are added"),
        pytest.param(
            '__version__ = "1.2.4"\n', '__version__ = "0"\n', id="another version"
        ),
        pytest.param('__version__ = f("1.2.3")\n', '__version__ = "0"\n', id="a call"),
        pytest.param(
            '__version__ = "1.2.3"' + " " * 1_000 + "; f()\n",
            '__version__ = "0"\n',
            id="a statement more, far behind",
        ),
        pytest.param(
            '__version__ = "1.2.3" # \rf()\n',
            '__version__ = "0"\n',
            id="a statement more, behind a lone CR",
        ),
        pytest.param(
            '__version__ = "1.2.3"; f()\n', '__version__ = "0"\n', id="a statement more"
        ),
        pytest.param(
            '__version__ = "1.2.3"\na = 2\n',
            '__version__ = "0"\na = 1\n',
            id="another line as well",
        ),
        pytest.param(
            '__version__ = "1.2.3"\nf()\n', '__version__ = "0"\n', id="a line more"
        ),
        pytest.param(
            '__version__ = "1.2.3"\n', 'version_info = "0"\n', id="another name"
        ),
        pytest.param('a = "1.2.3"\n', 'a = "0"\nb\n', id="no version's name"),
        pytest.param("x" * 2_000, "y\n", id="no version at all"),
        pytest.param(
            "version = '1.2.3'\n" * 21, "version = '0'\n" * 21, id="in 21 places"
        ),
    ],
)
def test_what_is_more_than_a_version_differs(found: str, tracked: str) -> None:
    assert differs("demo/core.py", found, tracked) is OTHER


def test_without_a_version_nothing_is_put_in() -> None:
    found, tracked = '__version__ = "1.2.3"\n', '__version__ = "0"\n'

    assert differs("demo/a.py", found, tracked, version=None) is OTHER


def test_the_first_line_of_a_script_is_the_installers() -> None:
    found, tracked = "#!python\na()\n", "#!/usr/bin/python3 -u\na()\n"

    assert differs("demo", found, tracked, is_script=True) is None
    assert differs("demo", found, tracked) is OTHER
    assert differs("demo", found + "b()\n", tracked, is_script=True) is OTHER


# --- files that only say a version ------------------------------------------------

#: As setuptools-scm 8 and hatch-vcs write it.
_SCM = """\
# file generated by setuptools-scm
__all__ = ["__version__", "version"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Tuple
    from typing import Union

    VERSION_TUPLE = Tuple[Union[int, str], ...]
else:
    VERSION_TUPLE = object

version: str
__version__: str
__version_tuple__: VERSION_TUPLE
__version__ = version = '1.2.3'
__version_tuple__ = version_tuple = (1, 2, 3)
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("demo/_version.py", _SCM, id="setuptools-scm"),
        pytest.param("demo/_v.py", '"""Doc."""\n__version__ = "1.2.3"\n', id="pdm"),
        pytest.param("demo/_version.pyi", "__version__ = '1.2.3'\n", id="a stub"),
        pytest.param(
            "a.py",
            "def get_version():\n    '''Doc.'''\n    return '1.2.3'\n",
            id="a function that returns it",
        ),
        pytest.param("VERSION", "1.2.3\n", id="a text"),
        pytest.param("version.txt", "v1.2.3", id="a text like a tag"),
    ],
)
def test_a_file_that_only_says_the_version_is_known(name: str, text: str) -> None:
    assert is_version_file(name, text.encode(), VERSION)
    assert not is_version_file(name, text.encode(), Version("1.2.4"))


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "import typing, os",
        "from os import path",
        "from . import core",
        "print(1)",
        "x = f()",
        "x = [f() for a in b]",
        "x: f() = 1",
        "x = lambda: 1",
        "class A: pass",
        "while True: pass",
        "if f(): pass",
        "def a(b=f()): return 1",
        "def a():\n    f()",
        "def a():\n    return json.loads(f())",
        "def a():\n    return eval(x)",
        "@f\ndef a(): return 1",
        "async def a(): return 1",
        "x = f'{f()}'",
        "(x := f())",
        "x.y[f()] = 1",
        "del x",
        "\0",
        "(" * 500,
        "x = ",
    ],
)
def test_a_file_that_could_do_anything_is_no_version_file(line: str) -> None:
    text = f'__version__ = "1.2.3"\n{line}\n'

    assert not is_version_file("demo/_version.py", text.encode(), VERSION)
    assert differs("demo/_version.py", text, "") is OTHER


def test_a_version_file_is_small_and_readable() -> None:
    text = b'__version__ = "1.2.3"\n'

    assert is_version_file("a.py", text.ljust(LARGEST_VERSION_FILE), VERSION)
    assert not is_version_file("a.py", text.ljust(LARGEST_VERSION_FILE + 1), VERSION)
    assert not is_version_file("a.py", b"\xff" + text, VERSION)
    assert not is_version_file("a.txt", b"the 1.2.3", VERSION)


# --- manifests ----------------------------------------------------------------------

_TRACKED = "# Of ours\n[flake8]\nmax-line-length = 88\n"


@pytest.mark.parametrize(
    ("name", "found", "tracked", "how"),
    [
        pytest.param(
            "setup.cfg",
            "[flake8]\nmax-line-length = 88\n\n[egg_info]\ntag_build = \n",
            _TRACKED,
            None,
            id="setuptools writes setup.cfg",
        ),
        pytest.param(
            "setup.cfg",
            "[flake8]\nmax-line-length = 99\n",
            _TRACKED,
            REWRITTEN,
            id="setup.cfg says something else",
        ),
        pytest.param("setup.cfg", "x", _TRACKED, REWRITTEN, id="setup.cfg is none"),
        pytest.param(
            "pyproject.toml",
            '[project]\nname = "a"\ndynamic = []\nversion = "1.2.3"\n',
            '# Ours\n[project]\nname = "a"\ndynamic = ["version"]\n',
            None,
            id="pdm puts the version into pyproject.toml",
        ),
        pytest.param(
            "pyproject.toml",
            '[build-system]\nrequires = ["a"]\n',
            '[build-system]\nrequires = ["a", "b"]\n',
            REWRITTEN,
            id="the build needs something else",
        ),
        pytest.param(
            "pyproject.toml",
            '[tool.poetry]\nversion = "1.2.3"\na = 1\n',
            '# Ours\n[tool.poetry]\na = 1\nversion = "0"\n'
            "[tool.poetry-dynamic-versioning]\nenable = true\n",
            None,
            id="poetry-dynamic-versioning switches itself off",
        ),
        pytest.param(
            "pyproject.toml",
            "[project.optional-dependencies]\na = []\nlocked = ['b==1']\n",
            "# Ours\n[project.optional-dependencies]\na = []\n",
            None,
            id="pdm-build-locked writes the lock file down",
        ),
        pytest.param(
            "pyproject.toml",
            "project = 1\ntool = 2\n",
            "project = 1\n",
            REWRITTEN,
            id="the tables of pyproject.toml are none",
        ),
        pytest.param(
            "pyproject.toml", "[", "a = 1\n", REWRITTEN, id="pyproject.toml is none"
        ),
        pytest.param("a.egg-info/SOURCES.txt", "a\n", "b\n", None, id="egg-info"),
        pytest.param("MANIFEST.in", "a\n", "b\n", REWRITTEN, id="MANIFEST.in"),
        pytest.param("Cargo.toml", "a = 1\n", "a = 2\n", OTHER, id="no maturin"),
        pytest.param("demo/setup.cfg", "a\n", "b\n", OTHER, id="deeper setup.cfg"),
    ],
)
def test_a_manifest(
    name: str, found: str, tracked: str, how: Alteration | None
) -> None:
    assert differs(name, found, tracked) is how


@pytest.mark.parametrize(
    ("found", "how"),
    [
        pytest.param('[package]\nname = "a"\n', None, id="without the workspace"),
        pytest.param('[package]\nname = "b"\n', REWRITTEN, id="with another name"),
    ],
)
def test_maturin_cuts_a_workspace_down(found: str, how: Alteration | None) -> None:
    tracked = '[workspace]\nmembers = ["x"]\n\n[package]\nname = "a"\n'

    assert differs("Cargo.toml", found, tracked, backend="maturin") is how


def test_the_setup_cfg_of_a_project_that_has_none_is_bare() -> None:
    bare = b"[egg_info]\ntag_build = \ntag_date = 0\n\n"

    assert is_bare_setup_cfg("setup.cfg", bare)
    assert not is_bare_setup_cfg("demo/setup.cfg", bare)
    assert not is_bare_setup_cfg("setup.cfg", bare + b"[options]\nzip_safe = 1\n")
    assert not is_bare_setup_cfg("setup.cfg", b"no section\n")
    assert not is_bare_setup_cfg("setup.cfg", b"\xff")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.cfg", "[a]\n" + "b = 1\n" * 2_000),
        ("setup.cfg", f"[a]\nb = {'1' * (64 << 10)}\n"),
        ("pyproject.toml", f"[x]\n{'a.' * 201}a = 1\n"),
    ],
    ids=["too many lines", "too many bytes", "a key of too many parts"],
)
def test_a_manifest_that_would_take_long_to_parse_is_another_one(
    name: str, text: str
) -> None:
    """tomllib and configparser take the square of what is wrong with a file."""
    assert differs(name, f"{text}# the same\n", text) is REWRITTEN
    shorter = (
        text.replace("b = 1\n", "", 9).replace("1" * 100, "1").replace("a.", "", 9)
    )
    assert differs(name, f"{shorter}# the same\n", shorter) is None
