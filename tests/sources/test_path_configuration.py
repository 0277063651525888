"""What runs at each start is read as Python reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import WHEEL, wheel_entries, zip_of

from release_guard.facts import PathConfiguration, Wheel
from release_guard.sources import dist
from release_guard.sources.path_configuration import PathConfigurations


def found(folder: Path, path: str, content: bytes) -> list[PathConfiguration]:
    """The path configuration files of a wheel with this member."""
    file = folder / WHEEL
    file.write_bytes(zip_of(*wheel_entries({path: content})))
    layout = dist.read(file).layout
    assert isinstance(layout, Wheel)
    assert layout.inventory is not None
    return list(layout.inventory.path_configurations)


EXECUTED = {
    "alone": b"import os; os.system('x')",
    "behind folders": b"src\n../other\r\nimport os; os.system('x')\n",
    "behind an old line end": b"src\rimport os; os.system('x')",
    "behind a byte order mark": b"\xef\xbb\xbfimport os; os.system('x')\n",
}


@pytest.mark.parametrize("content", EXECUTED.values(), ids=EXECUTED.keys())
def test_a_line_that_is_executed_is_found(content: bytes, tmp_path: Path) -> None:
    assert found(tmp_path, "demo.pth", content) == [
        PathConfiguration("demo.pth", "import os; os.system('x')")
    ]


def test_a_tab_stands_for_the_space(tmp_path: Path) -> None:
    (told,) = found(tmp_path, "demo.pth", b"import\tos")

    assert told.executes == "import\tos"


@pytest.mark.parametrize(
    "content",
    [b"", b"src\n", b"# import os\n", b" import os\n", b"importlib/x\n", b"import\n"],
)
def test_other_lines_are_only_folders(content: bytes, tmp_path: Path) -> None:
    (told,) = found(tmp_path, "demo.pth", content)

    assert told == PathConfiguration("demo.pth")


@pytest.mark.parametrize(
    "path",
    [
        "demo-1.0.data/purelib/demo.pth",
        "demo-1.0.data/platlib/demo.pth",
        "demo-1.0.data/data/lib/python3.11/site-packages/demo.pth",
        "demo-1.0.data/data/lib/python3.13t/site-packages/demo.pth",
        "demo-1.0.data/data/lib/python3/dist-packages/demo.pth",
        "demo-1.0.data/data/Lib/site-packages/demo.pth",
        # Windows reads the prefix as it reads site-packages.
        "demo-1.0.data/data/demo.pth",
    ],
)
def test_one_that_is_installed_at_the_top_is_found(path: str, tmp_path: Path) -> None:
    assert found(tmp_path, path, b"import os") == [PathConfiguration(path, "import os")]


@pytest.mark.parametrize(
    "path",
    [
        "demo/a.pth",
        "a.txt",
        "demo-1.0.data/scripts/a.pth",
        "demo-1.0.data/data/share/a.pth",
        "demo-1.0.data/data/lib/python3.11/a.pth",
        "demo-1.0.data/data/lib/python3.11/site-packages/demo/a.pth",
    ],
)
def test_one_that_python_does_not_read_is_left_alone(path: str, tmp_path: Path) -> None:
    assert found(tmp_path, path, b"import os") == []


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("sitecustomize.py", "sitecustomize"),
        ("usercustomize.py", "usercustomize"),
        ("sitecustomize.pyc", "sitecustomize"),
        ("sitecustomize.abi3.so", "sitecustomize"),
        ("usercustomize.cp311-win_amd64.pyd", "usercustomize"),
        ("usercustomize/__init__.py", "usercustomize"),
        ("sitecustomize/__init__.cpython-311-darwin.so", "sitecustomize"),
        ("demo-1.0.data/purelib/sitecustomize.py", "sitecustomize"),
        ("demo-1.0.data/platlib/sitecustomize/__init__.py", "sitecustomize"),
        (
            "demo-1.0.data/data/lib/python3.11/site-packages/sitecustomize.py",
            "sitecustomize",
        ),
        (
            "demo-1.0.data/data/lib/python3/dist-packages/usercustomize/__init__.py",
            "usercustomize",
        ),
        ("demo-1.0.data/data/lib/python3.11/sitecustomize.py", "sitecustomize"),
        ("demo-1.0.data/data/Lib/sitecustomize.py", "sitecustomize"),
        ("demo-1.0.data/data/sitecustomize.py", "sitecustomize"),
    ],
)
def test_a_module_that_is_imported_at_each_start_is_found(
    path: str, module: str, tmp_path: Path
) -> None:
    # An empty one still takes the place of the system's own.
    for content in (b"", b"x = 1\n"):
        assert found(tmp_path, path, content) == [
            PathConfiguration(path, f"import {module}")
        ]


@pytest.mark.parametrize(
    "path",
    [
        "demo/sitecustomize.py",
        "debugpy/_vendored/pydevd/pydev_sitecustomize/sitecustomize.py",
        "sitecustomize.txt",
        "sitecustomize.pyi",
        "sitecustomize/data.py",
        "sitecustomize_demo.py",
        "my_sitecustomize.py",
        "__pycache__/sitecustomize.cpython-311.pyc",
        "demo-1.0.data/scripts/sitecustomize.py",
        "demo-1.0.data/data/share/sitecustomize.py",
        "demo-1.0.data/data/lib/python3.11/demo/sitecustomize.py",
    ],
)
def test_a_module_that_only_looks_like_one_is_left_alone(
    path: str, tmp_path: Path
) -> None:
    assert found(tmp_path, path, b"x = 1\n") == []


def test_one_that_hides_its_line_behind_megabytes_is_told() -> None:
    observer = PathConfigurations()
    content = b"#" * (5 << 20) + b"\nimport os"
    wanted = observer.wants("demo.pth", len(content))

    observer.see("demo.pth", content[:wanted], len(content))

    (told,) = observer.found
    assert "too many to look at" in told.executes


def test_a_long_line_is_cut(tmp_path: Path) -> None:
    (told,) = found(tmp_path, "demo.pth", b"import " + b"a" * 10_000)

    assert len(told.executes) == 160


def test_a_hundred_that_do_nothing_hide_none_that_is_executed() -> None:
    observer = PathConfigurations()
    for number in range(150):
        observer.see(f"a{number}.pth", b"src\n", 4)

    observer.see("z.pth", b"import os\n", 10)

    assert len(observer.found) == 101
    assert observer.found[-1] == PathConfiguration("z.pth", "import os")


def test_of_very_many_that_are_executed_a_hundred_are_told() -> None:
    observer = PathConfigurations()
    for number in range(150):
        observer.see(f"a{number}.pth", b"import os\n", 10)

    assert len(observer.found) == 100
