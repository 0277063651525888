"""What a set must know of a file's contents is taken from real archives."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import INFO, WHEEL, Entry, sdist, wheel_entries, zip_of

from release_guard.facts import Inventory
from release_guard.sources import dist

_EGG_INFO = "demo.egg-info"
_SCRIPT = b"[console_scripts]\ndemo = demo:main\n"


def of_wheel(folder: Path, members: dict[str, bytes]) -> Inventory:
    """The inventory of a wheel with these members."""
    path = folder / WHEEL
    path.write_bytes(zip_of(*wheel_entries(members)))
    return _inventory(path)


def _inventory(path: Path) -> Inventory:
    inventory = dist.read(path).layout.inventory
    assert inventory is not None
    assert inventory.filename == path.name
    return inventory


def test_the_names_of_a_wheel_are_those_that_are_installed(tmp_path: Path) -> None:
    inventory = of_wheel(
        tmp_path,
        {
            "pkg/__init__.py": b"",
            "pkg/py.typed": b"",
            "pkg/a.pyi": b"",
            "pkg/a.json": b"{}",
            "demo-1.0.data/purelib/other/b.py": b"",
            "demo-1.0.data/scripts/run.py": b"",
            f"{INFO}/licenses/LICENSE": b"",
            f"{INFO}/entry_points.txt": _SCRIPT,
        },
    )

    assert inventory.tops == ("demo.py", "pkg/", "other/")
    assert inventory.sources == (
        "demo.py",
        "pkg/__init__.py",
        "pkg/py.typed",
        "pkg/a.pyi",
        "other/b.py",
    )
    assert (inventory.licenses, inventory.is_whole) == (1, True)
    assert inventory.entry_points == ("console_scripts: demo",)


def test_what_is_installed_by_the_prefix_is_at_the_top_too(tmp_path: Path) -> None:
    inventory = of_wheel(
        tmp_path,
        {
            "demo-1.0.data/data/lib/python3.11/site-packages/tests/a.py": b"",
            "demo-1.0.data/data/share/docs/a.txt": b"",
        },
    )

    assert inventory.tops == ("demo.py", "tests/")
    assert inventory.sources == ("demo.py",)


def test_a_wheel_without_entry_points_says_that_it_has_none(tmp_path: Path) -> None:
    assert of_wheel(tmp_path, {}).entry_points == ()


def test_the_names_of_an_sdist_begin_below_its_top_folder(tmp_path: Path) -> None:
    inventory = _inventory(
        sdist(tmp_path, {"src/demo/__init__.py": b"", "LICENSES/MIT.txt": b""})
    )

    assert inventory.tops == (
        "PKG-INFO",
        "pyproject.toml",
        "demo.py",
        "src/",
        "LICENSES/",
    )
    assert inventory.sources == ("demo.py", "src/demo/__init__.py")
    assert (inventory.licenses, inventory.entry_points) == (1, None)


@pytest.mark.parametrize(
    ("members", "entry_points"),
    [
        pytest.param({}, None, id="nobody says them"),
        pytest.param({f"{_EGG_INFO}/PKG-INFO": b""}, (), id="setuptools has none"),
        pytest.param(
            {f"{_EGG_INFO}/PKG-INFO": b"", f"{_EGG_INFO}/entry_points.txt": _SCRIPT},
            ("console_scripts: demo",),
            id="setuptools says them",
        ),
        pytest.param(
            {f"src/{_EGG_INFO}/entry_points.txt": _SCRIPT},
            ("console_scripts: demo",),
            id="below src",
        ),
        pytest.param(
            {
                f"{_EGG_INFO}/entry_points.txt": _SCRIPT,
                f"src/{_EGG_INFO}/PKG-INFO": b"",
            },
            None,
            id="two say something",
        ),
        pytest.param(
            {f"{_EGG_INFO}/entry_points.txt": b"[broken"}, None, id="cannot be read"
        ),
        pytest.param(
            {f"tests/x/{_EGG_INFO}/entry_points.txt": _SCRIPT}, None, id="a fixture"
        ),
    ],
)
def test_the_entry_points_of_an_sdist_are_those_that_setuptools_wrote(
    members: dict[str, bytes],
    entry_points: tuple[str, ...] | None,
    tmp_path: Path,
) -> None:
    assert _inventory(sdist(tmp_path, members)).entry_points == entry_points


def test_of_a_wheel_that_was_not_read_to_its_end_nothing_is_known(
    tmp_path: Path,
) -> None:
    path = tmp_path / WHEEL
    broken = Entry("demo/a.py", b"x = 1\n", crc=1)
    path.write_bytes(zip_of(*wheel_entries(), broken))

    assert dist.read(path).layout.inventory is None


def test_of_an_sdist_that_was_not_read_to_its_end_nothing_is_known(
    tmp_path: Path,
) -> None:
    path = sdist(tmp_path, {"src/demo/__init__.py": b"x = 1\n" * 1_000})
    path.write_bytes(path.read_bytes()[:-20])

    assert dist.read(path).layout.inventory is None


@pytest.mark.parametrize(
    ("count", "depth", "tops"),
    [
        pytest.param(1_001, 0, 1_000, id="tops"),
        pytest.param(50_001, 1, 2, id="sources"),
    ],
)
def test_more_names_than_can_be_told_are_not_whole(
    count: int, depth: int, tops: int, tmp_path: Path
) -> None:
    entries = [Entry("a/" * depth + f"m{n}.py") for n in range(count)]
    path = tmp_path / WHEEL
    path.write_bytes(zip_of(*wheel_entries(), *entries))

    inventory = _inventory(path)

    assert not inventory.is_whole
    assert len(inventory.tops) == tops
    assert len(inventory.sources) <= 50_000
