"""A static ``__version__`` is read, from a project's own modules, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from archives import (
    SDIST,
    TOP,
    WHEEL,
    Entry,
    Node,
    gzipped,
    sdist,
    sdist_nodes,
    swapped,
    tar_of,
    wheel,
    wheel_entries,
    within,
    zip_of,
)
from packaging.utils import canonicalize_name

from release_guard.facts import StaticVersion
from release_guard.sources import dist
from release_guard.sources.modules import own_in_sdist, own_in_wheel, static_version

STATIC = b'__version__ = "1.0"\n'
LARGEST = 128 << 10


def read(content: bytes) -> StaticVersion | None:
    with within(60):
        return static_version("demo.py", content)


# --- what is static --------------------------------------------------------------

SAID = {
    "alone": '__version__ = "1.0"\n',
    "in single quotes": "__version__ = '1.0'\n",
    "in three quotes": '__version__ = """1.0"""\n',
    "with a prefix": "__version__ = u'1.0'\n",
    "without a space, and without an end of the line": "__version__='1.0'",
    "behind a byte order mark and a docstring": '\ufeff"""Doc."""\n__version__="1.0"',
    "with line ends of another system": 'import os\r\n__version__ = "1.0"\r\nx = 1\r\n',
    "with an annotation": '__version__: str = "1.0"\n',
    "with an annotation that is made of others": '__version__: Final[str] = "1.0"\n',
    "in parentheses, on a line of its own": '__version__ = (\n    "1.0"  # bump\n)\n',
    "in two pieces": '__version__ = "1" ".0"\n',
    "behind a continued line": '__version__ = \\\n    "1.0"\n',
    "before another statement": '__version__ = "1.0"; debug = False\n',
    "as the first of two names": '__version__ = version = "1.0"\n',
    "as the second of two names": 'version = __version__ = "1.0"\n',
    "announced first, as setuptools-scm does": (
        '__version__: str\nversion: str\n__version__ = version = "1.0"\n'
    ),
    "announced in a block": (
        'if TYPE_CHECKING:\n    __version__: str\n__version__ = "1.0"\n'
    ),
    "that is used": (
        '__version__ = "1.0"\n'
        'info = tuple(__version__.split("."))\n'
        'print(__version__, f"{__version__}", "%s" % __version__)\n'
        'if __version__ == "2.0":\n    raise ValueError(__version__)\n'
        "def main(version=__version__):\n    return lambda: __version__\n"
        'class A:\n    version: str = __version__\n    doc = {"v": __version__}\n'
    ),
    "that is imported from it elsewhere": (
        '__version__ = "1.0"\nfrom other import __version__ as theirs\n'
    ),
    "that a docstring shows otherwise": (
        '"""Write this:\n\n__version__ = "2.0"\n"""\n__version__ = "1.0"\n'
    ),
    "that a comment shows otherwise": '# __version__ = "2.0"\n__version__ = "1.0"\n',
    "that is exported": '__all__ = ["__version__"]\n__version__ = "1.0"\n',
    "beside strings of which a parser warns": (
        '__version__ = "1.0"\nfound = match("\\d", __version__)\n'
    ),
    "beside numbers of which a parser warns": (
        '__version__ = "1.0"\nx = [0x1for x in __version__]\n'
    ),
    "beside an attribute that is asked": '__version__ = "1.0"\nx = y.__version__\n',
    "beside an argument's name in a call": '__version__ = "1.0"\nf(__version__=1)\n',
    "beside long lines that do not name it": (
        f'__version__ = "1.0"\nx = [{"1, " * 1000}]\ny = "{"a" * 10_000}"\n'
    ),
}


@pytest.mark.parametrize("source", SAID.values(), ids=SAID.keys())
def test_a_version_is_read(source: str) -> None:
    said = read(source.encode())

    assert said is not None
    assert (said.member, said.text) == ("demo.py", "1.0")


@pytest.mark.parametrize("text", ["", "unknown", "0+unknown", "1.0-é", "a" * 198])
def test_a_version_is_read_as_it_is_written(text: str) -> None:
    said = read(f"__version__ = '{text}'\n".encode())

    assert said is not None
    assert said.text == text


NOT_STATIC = {
    "not there": "version = '1.0'\n",
    "only asked": "print(__version__)\n",
    "only announced": "__version__: str\n",
    "imported": "from demo._version import __version__\n",
    "computed": "__version__ = get_version()\n",
    "put together": "__version__ = '1.0' + suffix\n",
    "formatted": "__version__ = f'{major}.0'\n",
    "formatted, in part": "__version__ = '1.' f'{minor}'\n",
    "bytes": "__version__ = b'1.0'\n",
    "a number": "__version__ = 1.0\n",
    "nothing": "__version__ = None\n",
    "a tuple": "__version__ = '1.0',\n",
    "unpacked": "__version__, x = '1.0'\n",
    "unpacked from a list": "[__version__, *x] = '1.0', 2\n",
    "escaped": "__version__ = '1\\x2e0'\n",
    "a very long text": f"__version__ = '{'1' * 300}'\n",
    "only shown in a docstring": '"""Write:\n__version__ = "1.0"\n"""\n',
    "only in a comment": "# __version__ = '1.0'\n",
    "only in parentheses": "f(\n__version__ = '1.0'\n)\n",
    "another name": "__version__x = '1.0'\nx.__version__ = '1.0'\n",
}


@pytest.mark.parametrize("source", NOT_STATIC.values(), ids=NOT_STATIC.keys())
def test_what_is_no_static_version_is_not_read(source: str) -> None:
    assert read(source.encode()) is None


BOUND_TWICE = {
    "a second time": "__version__ = '1.1'\n",
    "a second time, by a call": "__version__ = get_version()\n",
    "a second time, in a chain": "a = b = __version__ = '1.1'\n",
    "a second time, in one line": "x = 1; __version__ = '1.1'\n",
    "by adding to it": "__version__ += '.dev0'\n",
    "by unpacking": "a, (b, __version__) = c\n",
    "by deleting it": "del __version__\n",
    "by an import": "from demo._version import __version__\n",
    "by an import under its name": "from demo import version as __version__\n",
    "by an import of a module": "import demo.version as __version__\n",
    "in a try block": (
        "try:\n    from demo._version import __version__\nexcept E:\n    pass\n"
    ),
    "in an except block": "try:\n    x()\nexcept E:\n    __version__ = '0'\n",
    "in an if block": "if x:\n    __version__ = '1.1'\n",
    "in an if line": "if x: __version__ = '1.1'\n",
    "in an else line": "if x: y\nelse: __version__ = '1.1'\n",
    "in a function that may mean the module": (
        "def f():\n    global __version__\n    __version__ = '1.1'\n"
    ),
    "in a function, by global alone": "def f():\n    global a, __version__\n",
    "in a class": "class A:\n    __version__ = '1.1'\n",
    "by a loop": "for __version__ in x:\n    pass\n",
    "by a comprehension": "[1 for __version__ in x]\n",
    "by with": "with x as __version__:\n    pass\n",
    "by a handler": "try:\n    pass\nexcept E as __version__:\n    pass\n",
    "by a walrus": "print(__version__ := '1.1')\n",
    "by a function of its name": "def __version__():\n    pass\n",
    "by a coroutine of its name": "async def __version__():\n    pass\n",
    "by a class of its name": "class __version__:\n    pass\n",
    "by an argument": "def f(__version__):\n    pass\n",
    "by an argument of a lambda": "f = lambda __version__: 1\n",
    "by a pattern": "match x:\n    case __version__:\n        pass\n",
    "by a pattern with a rest": "match x:\n    case {**__version__}:\n        pass\n",
    "from outside": "sys.modules[__name__].__version__ = '1.1'\n",
    "perhaps, in a line that is long": f"f(__version__, {'1, ' * 200})\n",
    "perhaps, in a line of long words": f"f(__version__, {'a' * 3_000})\n",
    "perhaps, where nobody can read it": "x = (1 for __version__)\n",
}


@pytest.mark.parametrize("second", BOUND_TWICE.values(), ids=BOUND_TWICE.keys())
def test_a_name_that_may_be_bound_twice_is_not_static(second: str) -> None:
    assert read(STATIC) is not None
    assert read(STATIC + second.encode()) is None
    assert read(second.encode() + STATIC) is None


UNREADABLE = {
    "an open parenthesis": STATIC + b"x = (\n",
    "an open text": STATIC + b'"""\n',
    "an open string": STATIC + b"x = 'a\n",
    "a block that ends nowhere": STATIC + b"if x:\n        y\n    z\n",
    "a NUL": STATIC + b"\0\n",
    "no UTF-8": STATIC + b"# \xe9\n",
    "another encoding": "__version__ = '1.0'\n".encode("utf-16"),
    "more than is read": STATIC + b"#" * LARGEST,
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_is_not_static(content: bytes) -> None:
    assert read(content) is None


def test_the_largest_module_is_read() -> None:
    assert read(STATIC + b"#" * (LARGEST - len(STATIC))) is not None


# --- other names of versions -----------------------------------------------------


def test_other_names_of_versions_are_told() -> None:
    source = (
        "__version__ = '2.2.8'\nVERSION_STRING = '1.2.3'\nversion='1.2'\n"
        "VERSION = (1, 2, 3)\nname = '1.1'\nversions = f'{x}'\n"
        "def f():\n    version = '1.0'\nversion.x = '7'\nOTHER_VERSION = x = '8'\n"
    )

    said = read(source.encode())

    assert said == StaticVersion("demo.py", "2.2.8", ("1.2.3", "1.2"))


def test_of_very_many_other_names_the_first_are_told() -> None:
    said = read(STATIC + b"".join(b"version_%d = '%d'\n" % (n, n) for n in range(99)))

    assert said is not None
    assert said.others == tuple(map(str, range(16)))


# --- hostile text ----------------------------------------------------------------

#: What a parser needs much stack, memory or time for.
HOSTILE = {
    "an import that takes the square": "import a" + ".a" * 60_000,
    "a chain of attributes": "a" + ".a" * 60_000,
    "a chain of calls": "a" + "()" * 60_000,
    "a sum": "a" + "+a" * 60_000,
    "a power": "a" + "**a" * 40_000,
    "minus signs": "-" * 120_000 + "a",
    "negations": "not " * 30_000 + "a",
    "lambdas": "lambda:" * 18_000 + "a",
    "choices": "a if a else " * 10_000 + "a",
    "arguments": f"def f({','.join(f'a{n}' for n in range(20_000))}): 0",
    "branches": "if a: a\n" + "elif a: a\n" * 12_000,
    "assignments": "a = " * 30_000 + "a",
    "statements": "a;" * 60_000,
    "a number": "9" * 120_000,
    "an f-string of parts": "f'" + "{a}" * 40_000 + "'",
    "names of versions": "version = 'a'\n" * 9_000,
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_line_that_does_not_name_it_is_never_parsed(line: str) -> None:
    said = read(STATIC + line.encode() + b"\n")

    assert said is not None
    assert said.text == "1.0"


#: The same where it is about the name, and what keeps a tokenizer busy.
UNCLEAR = {
    "it in a sum": "a + " * 30_000 + "__version__",
    "it negated": "-" * 100_000 + "__version__",
    "it in parentheses": "(" * 100_000 + "__version__",
    "it in every word": "__version__ " * 10_000,
    "it bound again and again": "__version__ = " * 9_000 + "'1.0'",
    "open parentheses": "(" * 100_000,
    "open strings": "f'{" * 40_000,
    "an open string of escapes": "x = '" + "\\'" * 60_000,
    "an open text of lines": "'''" + "a\n" * 60_000,
    "dedents that fit nowhere": "if a:\n    a\n  a\n" * 7_000,
}


@pytest.mark.parametrize("line", UNCLEAR.values(), ids=UNCLEAR.keys())
def test_what_is_made_to_keep_a_reader_busy_is_not_static(line: str) -> None:
    assert read(STATIC + line.encode() + b"\n") is None


def test_of_blocks_in_blocks_an_old_tokenizer_takes_any_number() -> None:
    said = read(STATIC + b"".join(b" " * n + b"if a:\n" for n in range(480)))

    assert (said is None) == (sys.version_info >= (3, 12))


# --- which modules ---------------------------------------------------------------

OWN_IN_WHEEL = {
    "the package": ("demo", "demo/__init__.py"),
    "its version file": ("demo", "demo/version.py"),
    "its generated version file": ("demo", "demo/_version.py"),
    "its file of the name's name": ("demo", "demo/__version__.py"),
    "its about file": ("demo", "demo/about.py"),
    "its other about file": ("demo", "demo/__about__.py"),
    "a module": ("demo", "demo.py"),
    "a package in another spelling": ("my-demo", "My_Demo/__init__.py"),
    "a package with dots in its name": ("my-demo", "my.demo/__init__.py"),
    "a package in a namespace": ("zope-demo", "zope/demo/__init__.py"),
    "a version file in a namespace": (
        "google-cloud-demo",
        "google/cloud/demo/about.py",
    ),
    "a module in a namespace": ("zope-demo", "zope/demo.py"),
    "a package in a namespace with a dash": ("a-b-c", "a/b_c/__init__.py"),
}
NOT_OWN_IN_WHEEL = {
    "another package": ("demo", "other/__init__.py"),
    "a vendored one": ("demo", "demo/_vendor/demo/__init__.py"),
    "a vendored one of another project": ("demo", "demo/six.py"),
    "a part of the package": ("demo", "demo/part/__init__.py"),
    "another module of the package": ("demo", "demo/main.py"),
    "a folder that is shared": ("zope-demo", "zope/__init__.py"),
    "no module": ("demo", "demo/__init__.pyi"),
    "no module, with the project's name": ("demo", "demo"),
    "metadata": ("demo", "demo-1.0.dist-info/__init__.py"),
    "a version file of nothing": ("demo", "version.py"),
}


@pytest.mark.parametrize(
    ("project", "path"), OWN_IN_WHEEL.values(), ids=OWN_IN_WHEEL.keys()
)
def test_a_module_of_the_project_speaks_for_it(project: str, path: str) -> None:
    names = [path, "other/__init__.py", "another.py"]

    assert own_in_wheel(names, canonicalize_name(project))(path)
    for top in ("demo-1.0/", "demo-1.0/src/"):
        assert own_in_sdist(canonicalize_name(project))(f"{top}{path}")


@pytest.mark.parametrize(
    ("project", "path"), NOT_OWN_IN_WHEEL.values(), ids=NOT_OWN_IN_WHEEL.keys()
)
def test_another_module_does_not(project: str, path: str) -> None:
    names = [path, "other/__init__.py", "another.py"]

    assert not own_in_wheel(names, canonicalize_name(project))(path)
    for top in ("demo-1.0/", "demo-1.0/src/"):
        assert not own_in_sdist(canonicalize_name(project))(f"{top}{path}")


def test_without_a_project_only_the_only_package_speaks() -> None:
    names = ["yaml/__init__.py"]

    assert own_in_wheel(names, None)("yaml/__init__.py")
    assert not own_in_wheel([*names, "demo.py"], None)("yaml/__init__.py")
    assert not own_in_sdist(None)("demo-1.0/yaml/__init__.py")


ONLY = {
    "a package": ("yaml/__init__.py", "yaml/_version.py"),
    "a package beside a private one": ("yaml/__init__.py", "_yaml/__init__.py"),
    "a package beside a folder": ("yaml/__init__.py", "licenses/x.txt", "zope/x.py"),
    "a package beside metadata": ("yaml/__init__.py", "demo-1.0.dist-info/METADATA"),
    "a package beside compiled code": ("yaml/__init__.py", "_yaml.cpython-311.so"),
}


@pytest.mark.parametrize("names", ONLY.values(), ids=ONLY.keys())
def test_the_only_package_of_a_wheel_speaks_for_its_project(
    names: tuple[str, ...],
) -> None:
    assert own_in_wheel(names, canonicalize_name("demo"))(names[0])


def test_one_package_of_several_does_not() -> None:
    names = ["yaml/__init__.py", "six.py"]
    is_own = own_in_wheel(names, canonicalize_name("demo"))

    assert not any(map(is_own, names))


def test_a_package_without_its_init_file_is_not_the_only_one() -> None:
    names = ["zope/version.py"]

    assert not own_in_wheel(names, canonicalize_name("demo"))("zope/version.py")


def test_elsewhere_than_below_the_top_or_src_an_sdist_has_no_own_module() -> None:
    is_own = own_in_sdist(canonicalize_name("demo"))

    assert not is_own("demo.py")
    assert not is_own("demo-1.0/lib/demo/__init__.py")
    assert not is_own("demo-1.0/src/src/demo/__init__.py")
    assert not is_own("demo-1.0/tests/demo.py")


# --- in real archives ------------------------------------------------------------


def found(path: Path) -> tuple[StaticVersion, ...]:
    contents = dist.read(path)
    assert contents.archive.complete
    return contents.layout.static_versions


def test_a_wheel_is_read(tmp_path: Path) -> None:
    members = {"demo/__init__.py": STATIC, "demo/main.py": STATIC, "six.py": STATIC}

    path = wheel(tmp_path, members)

    assert found(path) == (StaticVersion("demo/__init__.py", "1.0"),)


def test_a_tar_is_read(tmp_path: Path) -> None:
    members = {"src/demo/_version.py": STATIC, "setup.py": STATIC}

    path = sdist(tmp_path, members)

    assert found(path) == (StaticVersion(f"{TOP}/src/demo/_version.py", "1.0"),)


def test_a_zipped_sdist_is_read(tmp_path: Path) -> None:
    nodes = sdist_nodes({"demo/about.py": STATIC, "setup.py": STATIC})
    path = tmp_path / "demo-1.0.zip"
    path.write_bytes(zip_of(*(Entry(str(node.name), node.data) for node in nodes)))

    assert found(path) == (StaticVersion(f"{TOP}/demo/about.py", "1.0"),)


def test_each_module_that_says_one_is_told(tmp_path: Path) -> None:
    other = STATIC.replace(b"1.0", b"1.1")

    path = wheel(tmp_path, {"demo/__init__.py": STATIC, "demo/version.py": other})

    assert [said.text for said in found(path)] == ["1.0", "1.1"]


def test_a_link_says_nothing(tmp_path: Path) -> None:
    entries = wheel_entries({"demo/__init__.py": STATIC})
    path = tmp_path / WHEEL
    path.write_bytes(zip_of(*swapped(entries, "demo/__init__.py", mode=0o120777)))

    assert dist.read(path).layout.static_versions == ()


def test_a_link_in_a_tar_says_nothing(tmp_path: Path) -> None:
    link = Node(f"{TOP}/demo/__init__.py", type=b"2", link="../demo.py")
    path = tmp_path / SDIST
    path.write_bytes(gzipped(tar_of(*sdist_nodes({"demo.py": STATIC}), link)))

    assert found(path) == (StaticVersion(f"{TOP}/demo.py", "1.0"),)


def test_a_damaged_member_says_nothing(tmp_path: Path) -> None:
    entries = wheel_entries({"demo/__init__.py": STATIC})
    path = tmp_path / WHEEL
    path.write_bytes(zip_of(*swapped(entries, "demo/__init__.py", crc=7)))

    assert dist.read(path).layout.static_versions == ()


def test_a_wheel_with_an_invalid_name_is_read(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"demo.py": STATIC}).rename(tmp_path / "demo.whl")

    assert found(path) == (StaticVersion("demo.py", "1.0"),)


#: Sixteen ways to write "demo".
SPELLED = ["".join(letters) for letters in product("dD", "eE", "mM", "oO")]


def _in_wheel(folder: Path, names: list[str]) -> Path:
    return wheel(folder, dict.fromkeys(names, STATIC))


def _in_sdist(folder: Path, names: list[str]) -> Path:
    return sdist(folder, dict.fromkeys(names, STATIC))


@pytest.mark.parametrize("make", [_in_wheel, _in_sdist])
def test_of_very_many_spellings_the_first_are_read(
    make: Callable[[Path, list[str]], Path], tmp_path: Path
) -> None:
    """Each that is read takes its time, and an archive may hold 200,000."""
    path = make(tmp_path, [f"{spelled}/about.py" for spelled in SPELLED])

    assert len(found(path)) == 8


def test_a_module_that_only_imports_it_does_not_count(tmp_path: Path) -> None:
    imports = dict.fromkeys(
        (f"{spelled}/about.py" for spelled in SPELLED), b"from x import __version__\n"
    )

    path = wheel(tmp_path, {**imports, "demo/version.py": STATIC})

    assert found(path) == (StaticVersion("demo/version.py", "1.0"),)
