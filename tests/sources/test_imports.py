"""What a wheel imports of its own packages, and lacks, is found in real archives."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from archives import WHEEL, Entry, wheel_entries, within, zip_of

from release_guard.facts import Wheel
from release_guard.sources import dist

PLATFORM = "demo-1.0-cp311-cp311-linux_x86_64.whl"


def read(folder: Path, members: Mapping[str, str], name: str = WHEEL) -> Wheel:
    """A wheel of these members, as it is read."""
    contents = {path: text.encode() for path, text in members.items()}
    path = folder / name
    path.write_bytes(zip_of(*wheel_entries(contents)))
    with within(60):
        layout = dist.read(path).layout
    assert isinstance(layout, Wheel)
    return layout


def asked(folder: Path, members: Mapping[str, str], name: str = WHEEL) -> list[str]:
    """The names that are imported and are not there."""
    return [found.name for found in read(folder, members, name).unresolved_imports]


_PACKAGE = {"demo/__init__.py": "", "demo/core.py": "def run(): ...\n"}

UNRESOLVED = {
    "a subpackage, by its whole name (jd/tenacity#471)": (
        {"demo/__init__.py": "from demo.asyncio import Retrying  # noqa\n"},
        ["demo.asyncio"],
    ),
    "a module, relative": (
        {"demo/__init__.py": "from .gone import x\n"},
        ["demo.gone"],
    ),
    "a module of the package above": (
        {"demo/sub/__init__.py": "", "demo/sub/a.py": "from ..gone import x\n"},
        ["demo.gone"],
    ),
    "a part of what is not there": (
        {"demo/a.py": "import os\nimport demo.gone.part as p, sys\n"},
        ["demo.gone.part"],
    ),
    "a module, in parentheses over several lines": (
        {"demo/a.py": "from .gone import (\n    x,  # (why)\n    y,\n)\n"},
        ["demo.gone"],
    ),
    "a name that the package does not bind": (
        {"demo/a.py": "from . import core, gone\n"},
        ["demo.gone"],
    ),
    "a name that the package itself imports from itself": (
        {"demo/__init__.py": "from . import core, _speed\n_speed.go()\n"},
        ["demo._speed"],
    ),
    "a name in a package that other modules use in a text alone": (
        {"demo/__init__.py": "'other'\n", "demo/a.py": "from demo import gone\n"},
        ["demo.gone"],
    ),
    "behind a byte order mark and another line end": (
        {"demo/a.py": "\ufeffimport os\r\nfrom .gone import x\r\n"},
        ["demo.gone"],
    ),
    "in the first line, behind a byte order mark": (
        {"demo/a.py": "\ufeffimport demo.gone\n"},
        ["demo.gone"],
    ),
    "where lines end as on an old Macintosh": (
        {"demo/a.py": "x = 1\rfrom .gone import x\rimport demo.lost\r"},
        ["demo.gone", "demo.lost"],
    ),
    "where lines end in all ways": (
        {"demo/a.py": "x = 1\r\ny = 2\rimport demo.gone\n"},
        ["demo.gone"],
    ),
    "behind thousands of other imports": (
        {"demo/a.py": "import os\n" * 10_000 + "import demo.gone\n"},
        ["demo.gone"],
    ),
    "in a package below a folder that others share": (
        {"ns/demo/__init__.py": "from .gone import x\n"},
        ["ns.demo.gone"],
    ),
    "stubs are no module": (
        {"demo/gone.pyi": "", "demo/a.py": "from .gone import x\n"},
        ["demo.gone"],
    ),
    "by dots, in what is run as a script (BodenmillerGroup/steinbock#128)": (
        {"demo/__main__.py": "from .gone import x\nfrom . import core, lost\n"},
        ["demo.gone", "demo.lost"],
    ),
    "by dots, in a script of a part": (
        {"demo/sub/__init__.py": "", "demo/sub/__main__.py": "from ..gone import x\n"},
        ["demo.gone"],
    ),
    "although the package looks names up as they are asked for": (
        {"demo/__init__.py": "def __getattr__(name): ...\nfrom .gone import x\n"},
        ["demo.gone"],
    ),
}


@pytest.mark.parametrize(
    ("members", "names"), UNRESOLVED.values(), ids=UNRESOLVED.keys()
)
def test_an_import_that_leads_nowhere_is_found(
    members: Mapping[str, str], names: list[str], tmp_path: Path
) -> None:
    assert asked(tmp_path, {**_PACKAGE, **members}) == names


RESOLVED = {
    "modules, packages and names": {
        "demo/__init__.py": "from .core import run\nfrom . import core as c\nX = 1\n",
        "demo/a.py": "import demo.core\nfrom demo import X, core, run, c\n",
    },
    "a package by the name of its __init__": {
        "demo/a.py": "from demo.__init__ import x\nimport demo.__init__\n",
    },
    "an extension module": {
        "demo/_ext.cpython-311-darwin.so": "",
        "demo/_two.pyd": "",
        "demo/_three.abi3.so": "",
        "demo/a.py": "from . import _ext, _two, _three\nfrom ._ext import x\n",
    },
    "bytecode alone": {"demo/b.pyc": "", "demo/a.py": "from .b import x\n"},
    "a folder without an init": {
        "demo/data/x.txt": "",
        "demo/a.py": "from . import data\nimport demo.data\n",
    },
    "another distribution's part of a shared folder": {
        "ns/demo/__init__.py": "from ns.other import x\nfrom ..third import y\n",
    },
    "a namespace that says it is one": {
        "demo/__init__.py": (
            "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
        ),
        "demo/a.py": "from demo.other import x\n",
    },
    "in a block": {
        "demo/a.py": (
            "try:\n    from .gone import x\nexcept ImportError:\n    x = None\n"
            "if TYPE_CHECKING:\n    from .gone import y\n"
            "def later():\n    from .gone import z\n"
        ),
    },
    "behind a condition, on its line": {
        "demo/a.py": "if win: from .gone import x\n",
    },
    "in a docstring": {"demo/a.py": '"""Use it:\n\nfrom demo.gone import x\n"""\n'},
    "a module that the package makes": {
        "demo/__init__.py": "import sys\nsys.modules['demo.moves'] = object()\n",
        "demo/a.py": "from demo.moves import x\n",
    },
    "a path that the package extends": {
        "demo/__init__.py": "__path__.append('/elsewhere')\n",
        "demo/a.py": "from demo.other import x\n",
    },
    "names that the package gets from a star": {
        "demo/__init__.py": "from .core import *\n",
        "demo/a.py": "from demo import anything\n",
    },
    "names that the package looks up as they are asked for": {
        "demo/__init__.py": "def __getattr__(name): ...\n",
        "demo/a.py": "from demo import anything\n",
    },
    "a name that the package binds after importing it": {
        "demo/__init__.py": "from . import flag\nflag = 1\n",
    },
    "what every module has": {"demo/a.py": "from demo import __file__, __path__\n"},
    "in tests, examples, templates and vendored copies": {
        "demo/tests/a.py": "from demo.gone import x\n",
        "demo/test_a.py": "from demo.gone import x\n",
        "demo/examples/a.py": "from demo.gone import x\n",
        "demo/_vendor/a.py": "from .gone import x\n",
        "demo/{{name}}/a.py": "from demo.gone import x\n",
    },
    "in what is run as a script, by its whole name": {
        "demo/__main__.py": "import sys\nsys.path.insert(0, '..')\n"
        "from demo.gone import x\nimport demo.lost\nfrom .core import run\n",
    },
    "in what is run as a script, at the top": {"__main__.py": "from .gone import x\n"},
    "in what is run as a script, in a block": {
        "demo/__main__.py": "if __package__:\n    from .gone import x\n",
    },
    "in a module at the top": {"script.py": "from . import x\nfrom .gone import y\n"},
    "beyond the top": {"demo/a.py": "from ...gone import x\n"},
    "in what is no package": {"demo/core.py": "import script.part\n", "script.py": ""},
}


@pytest.mark.parametrize("members", RESOLVED.values(), ids=RESOLVED.keys())
def test_what_may_lead_somewhere_is_not_told(
    members: Mapping[str, str], tmp_path: Path
) -> None:
    layout = read(tmp_path, {**_PACKAGE, **members})

    assert layout.unresolved_imports == ()
    assert layout.unread_imports == ()


def test_of_a_wheel_for_one_system_only_what_is_always_loaded_counts(
    tmp_path: Path,
) -> None:
    members = {
        "demo/__init__.py": "from .core import run\n",
        "demo/core.py": "from ._linux import x\n",
        "demo/_linux.py": "from . import _ext_linux\n",
        "demo/_windows.py": "from . import _ext_windows\n",
    }

    assert asked(tmp_path, members, PLATFORM) == ["demo._ext_linux"]
    assert sorted(asked(tmp_path, members)) == ["demo._ext_linux", "demo._ext_windows"]


def test_of_a_wheel_for_one_system_the_scripts_are_loaded_too(tmp_path: Path) -> None:
    members = {
        "demo/__init__.py": "",
        "demo/cli.py": "from .gone import main\n",
        "demo-1.0.dist-info/entry_points.txt": "[console_scripts]\nx = demo.cli:main\n",
    }

    assert asked(tmp_path, members, PLATFORM) == ["demo.gone"]


def test_a_module_that_cannot_be_read_is_told_and_is_not_sound(tmp_path: Path) -> None:
    layout = read(
        tmp_path, {**_PACKAGE, "demo/a.py": "from .gone import x\nwhat $ is this\n"}
    )

    assert layout.unresolved_imports == ()
    (reason,) = layout.unread_imports
    assert reason.startswith("'demo/a.py' cannot be read as Python")


@pytest.mark.parametrize("size", [(512 << 10) + 1, (5 << 20) + 1])
def test_a_module_that_is_too_large_is_told(size: int, tmp_path: Path) -> None:
    source = "from .gone import x\n" + "".join(f"# {n}\n" for n in range(size // 5))

    layout = read(tmp_path, {**_PACKAGE, "demo/a.py": source})

    assert layout.unresolved_imports == ()
    assert len(layout.unread_imports) == 1
    assert "'demo/a.py' is" in layout.unread_imports[0]


def test_a_module_of_more_imports_than_are_looked_at_is_told(tmp_path: Path) -> None:
    source = "import os\n" * 20_000 + "import demo.gone\n"

    layout = read(tmp_path, {**_PACKAGE, "demo/a.py": source})

    assert layout.unresolved_imports == ()
    assert layout.unread_imports == (
        "'demo/a.py' has more imports than can be looked at",
    )


HOSTILE = {
    "imports without an end": "import demo.x\n" * 300_000,
    "import lines without an end": "from . import (\n" * 60_000,
    "names without an end": "from . import " + "a, " * 300_000,
    "dots without an end": "from " + "." * 1_000_000 + " import x\n",
    "spaces without an end": "from .gone import" + " " * 1_000_000 + "\n",
    "a star behind spaces": "import" + " " * 1_000_000 + "x\n",
    "nesting without an end": "from .gone import x\n" + "(" * 100_000,
    "modules without an end": "import demo" + ".a" * 200_000 + "\n",
    "no text at all": "\0\n" * 1_000 + "from .gone import x\n",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_source_ends(source: str, tmp_path: Path) -> None:
    started = time.process_time()

    read(tmp_path, {"demo/__init__.py": source, "demo/a.py": source})

    assert time.process_time() - started < 20


def _names(count: int) -> list[str]:
    return [f"name{n:05}" for n in range(count)]


def _among(names: list[str]) -> str:
    """Imports of names from the package itself, some on a line."""
    rows = (names[at : at + 150] for at in range(0, len(names), 150))
    return "".join(f"from . import ({','.join(row)})\n" for row in rows)


COSTLY = {
    "names of the package itself, all on one line": {
        "demo/__init__.py": f"{_among(_names(20_000))}[{','.join(_names(20_000))}]\n",
    },
    "parts of a package that says very much": {
        "demo/__init__.py": "x" * 1_000_000,
        "demo/a.py": "".join(f"import demo.part{n}\n" for n in range(2_000)),
    },
    "very long names": {
        "demo/__init__.py": "",
        **{
            f"demo/m{m}.py": "".join(
                f"import demo.\U00020000{'a' * 1900}{m:03}{n:05}\n" for n in range(500)
            )
            for m in range(10)
        },
    },
    "modules that load all others": {
        "demo/__init__.py": "",
        **{f"demo/{name}.py": "" for name in _names(2_000)},
        **{
            f"demo/all{n}.py": _among(_names(2_000)).replace("from .", "from demo")
            for n in range(260)
        },
    },
}


@pytest.mark.parametrize("name", [WHEEL, PLATFORM])
@pytest.mark.parametrize("members", COSTLY.values(), ids=COSTLY.keys())
def test_what_is_made_to_cost_much_costs_little(
    members: Mapping[str, str], name: str, tmp_path: Path
) -> None:
    started = time.process_time()

    read(tmp_path, members, name)

    assert time.process_time() - started < 20


def test_very_long_names_in_question_are_told(tmp_path: Path) -> None:
    layout = read(tmp_path, COSTLY["very long names"])

    assert any("imports in question" in reason for reason in layout.unread_imports)


def test_very_many_loads_are_told(tmp_path: Path) -> None:
    layout = read(tmp_path, COSTLY["modules that load all others"], PLATFORM)

    (reason,) = layout.unread_imports
    assert "load others" in reason


def test_very_deep_and_very_many_names_of_members_end(tmp_path: Path) -> None:
    entries = [Entry("a/" * 20_000 + f"{n}.py") for n in range(20)]
    entries += [Entry(f"demo/{n}.py", b"from .gone import x\n") for n in range(3_000)]
    path = tmp_path / WHEEL
    path.write_bytes(zip_of(*wheel_entries({"demo/__init__.py": b""}), *entries))

    with within(60):
        layout = dist.read(path).layout

    assert isinstance(layout, Wheel)
    assert {found.name for found in layout.unresolved_imports} == {"demo.gone"}
    assert len(layout.unread_imports) == 1
