"""Where entry points lead is looked up in real archives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from archives import INFO, WHEEL, Entry, wheel_entries, within, zip_of

from release_guard.facts import Wheel
from release_guard.sources import dist
from release_guard.sources.targets import module_of


def read(folder: Path, entry_points: str, members: Mapping[str, str]) -> Wheel:
    """A wheel with these entry points and members, as it is read."""
    contents = {path: text.encode() for path, text in members.items()}
    contents[f"{INFO}/entry_points.txt"] = entry_points.encode()
    path = folder / WHEEL
    path.write_bytes(zip_of(*wheel_entries(contents)))
    with within(60):
        layout = dist.read(path).layout
    assert isinstance(layout, Wheel)
    return layout


def led(folder: Path, value: str, source: str = "") -> list[tuple[str, str, bool]]:
    """Where one script leads that dangles: module, attribute, whether it is own."""
    members = {"demo/__init__.py": "", "demo/cli.py": source, "demo/sub/x.py": ""}
    members["theme/base.html"] = ""
    layout = read(folder, f"[console_scripts]\nx = {value}\n", members)
    assert layout.unread_targets == ()
    return [(e.module, e.attribute, e.is_own) for e in layout.dangling]


BOUND = {
    "a function": "def main(): ...\n",
    "a coroutine": "async def main(): ...\n",
    "a class": "class main: ...\n",
    "a value": "main = Group()\n",
    "a value with a type": "main: Group = Group()\n",
    "one of several": "other = main = 1\n",
    "a part of a tuple": "other, main = f()\n",
    "an import": "from .core import main\n",
    "an import under another name": "from .core import run as main\n",
    "an import over several lines": "from .core import (\n    run,\n    main,\n)\n",
    "a function in a block": "if x:\n    def main(): ...\nelse:\n    main = None\n",
    "a decorated function": "@click.command()\ndef main(): ...\n",
    "a global of a function": "def setup():\n    global main\n    main = 1\n",
    "an assignment in an expression": "(main := 1)\n",
    "the variable of a loop": "for main in x: pass\n",
    "a star": "from .core import *\n",
    "names that are looked up": "def __getattr__(name): ...\n",
    "names that are made": "globals()['m' + 'ain'] = 1\n",
}


@pytest.mark.parametrize("source", BOUND.values(), ids=BOUND.keys())
def test_a_name_that_may_be_bound_is_believed(source: str, tmp_path: Path) -> None:
    assert led(tmp_path, "demo.cli:main", source) == []


UNBOUND = {
    "nothing": "",
    "another name": "def run(): ...\n",
    "a method": "class App:\n    def main(self): ...\n",
    "a variable of a function": "def run():\n    main = 1\n",
    "an argument": "def run(main=None): ...\n",
    "an argument of a call": "run(main=1)\n",
    "a use": "if x == 1:\n    main()\n",
    "the name that is imported under another": "from .core import main as run\n",
    "a text": "x = 'main'\n",
    "a comment": "# main = 1\n",
    "the right hand": "x = main\n",
}


@pytest.mark.parametrize("source", UNBOUND.values(), ids=UNBOUND.keys())
def test_a_name_that_is_not_bound_is_found(source: str, tmp_path: Path) -> None:
    assert led(tmp_path, "demo.cli:main", source) == [("demo.cli", "main", True)]


LEADS = {
    "a module": ("demo.cli", []),
    "a package": ("demo", []),
    "a folder": ("demo.sub", []),
    "a module of a package, as its attribute": ("demo:cli", []),
    "an attribute of an attribute": ("demo.cli:App.run [extra]", []),
    "a module that is not there": ("demo.gone:main", [("demo.gone", "", True)]),
    "a module below one that is not there": (
        "demo.gone.cli:main",
        [("demo.gone.cli", "", True)],
    ),
    "a folder of data, as the module of the same name": ("theme", []),
    "a module in a folder of data": (
        "theme.cli:main",
        [("theme.cli", "", False)],
    ),
    "a module of nobody": ("other.cli:main", [("other.cli", "", False)]),
    "something that is no reference": ("demo cli", []),
}


@pytest.mark.parametrize(("value", "wanted"), LEADS.values(), ids=LEADS.keys())
def test_a_reference_is_followed(
    value: str, wanted: list[tuple[str, str, bool]], tmp_path: Path
) -> None:
    assert led(tmp_path, value, "class App: ...\n") == wanted


def test_a_plugin_may_be_named_without_a_colon(tmp_path: Path) -> None:
    """As fsspec.specs names them: package.Class."""
    layout = read(
        tmp_path, "[fsspec.specs]\nx = demo.FileSystem\n", {"demo/__init__.py": ""}
    )

    assert layout.dangling == ()


def test_an_extension_module_is_believed(tmp_path: Path) -> None:
    members = {"demo/__init__.py": "", "demo/cli.abi3.so": ""}

    layout = read(tmp_path, "[console_scripts]\nx = demo.cli:main\n", members)

    assert layout.dangling == ()


def test_a_module_that_others_may_bring_is_believed(tmp_path: Path) -> None:
    members = {"ns/demo/__init__.py": ""}

    layout = read(tmp_path, "[console_scripts]\nx = ns.other.cli:main\n", members)

    assert layout.dangling == ()


def test_a_module_in_a_folder_that_is_added_to_the_path_is_believed(
    tmp_path: Path,
) -> None:
    """As pywin32 adds win32 to it."""
    members = {"win32/other.py": "", "demo.pth": "win32\n"}

    layout = read(tmp_path, "[console_scripts]\nx = other:main\n", members)

    assert layout.dangling == ()


def test_a_wheel_without_any_module_has_no_command(tmp_path: Path) -> None:
    """As rofi-rbw 1.5.0 (fdw/rofi-rbw#112)."""
    path = tmp_path / "rofi_rbw-1.5.0-py3-none-any.whl"
    info = "rofi_rbw-1.5.0.dist-info"
    contents = {
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: rofi-rbw\nVersion: 1.5.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": b"[console_scripts]\nx = rofi_rbw.__main__:main\n",
    }
    path.write_bytes(zip_of(*(Entry(name, data) for name, data in contents.items())))

    layout = dist.read(path).layout

    assert isinstance(layout, Wheel)
    assert [(e.module, e.is_own) for e in layout.dangling] == [
        ("rofi_rbw.__main__", False)
    ]


def test_more_folders_than_can_be_kept_are_told(tmp_path: Path) -> None:
    deep = "/a" * 29
    members = {f"{n:05}{deep}/b.py": "" for n in range(6_000)}

    layout = read(tmp_path, "[console_scripts]\nx = demo.gone:main\n", members)

    assert layout.dangling == ()
    (reason,) = layout.unread_targets
    assert "more folders" in reason
    assert layout.unread_imports == layout.unread_targets


@pytest.mark.parametrize(
    ("source", "told"),
    [
        pytest.param("what $ is this\n", "cannot be read as Python", id="no Python"),
        pytest.param("#" * ((512 << 10) + 1), "is too large", id="too large"),
    ],
)
def test_a_module_that_cannot_be_read_is_told_and_is_not_wrong(
    source: str, told: str, tmp_path: Path
) -> None:
    members = {"demo/__init__.py": "", "demo/cli.py": source}

    layout = read(tmp_path, "[console_scripts]\nx = demo.cli:main\n", members)

    assert layout.dangling == ()
    (reason,) = layout.unread_targets
    assert told in reason


def test_very_many_entry_points_end(tmp_path: Path) -> None:
    entries = "".join(f"x{n} = demo.cli:f{n}\n" for n in range(9_000))
    source = "".join(f"f{n} = 1\n" for n in range(0, 30_000, 2))

    layout = read(
        tmp_path,
        f"[console_scripts]\n{entries}",
        {"demo/__init__.py": "", "demo/cli.py": source},
    )

    assert len(layout.dangling) == 4_500


@pytest.mark.parametrize(
    ("value", "module"),
    [
        ("demo.cli:main", "demo/cli"),
        (" demo.cli : main [a,b]", "demo/cli"),
        ("demo", "demo"),
        ("", ""),
        ("demo-cli:main", ""),
    ],
)
def test_a_reference_names_a_module(value: str, module: str) -> None:
    assert module_of(value) == module
