"""The locks name versions exactly, and all that is asked for is in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import advisories
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements"
LOCKS = sorted(
    path for path in REQUIREMENTS.glob("*.txt") if path.name not in advisories.NO_LOCKS
)
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
_EXTRAS = _PROJECT["optional-dependencies"]
#: What of pyproject.toml a lock holds beside its .in file (tools/lock.sh).
_OF_PROJECT = {
    "runtime": [*_PROJECT["dependencies"], *_EXTRAS["provenance"]],
    "dev": [
        *_PROJECT["dependencies"],
        *_EXTRAS["provenance"],
        *_EXTRAS["rehearse"],
    ],
}


def _pins(path: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for pin in advisories.pins(path.read_text(encoding="utf-8")):
        found.setdefault(pin.name, set()).add(pin.version)
    return found


def _asked_for(path: Path) -> Iterator[Requirement]:
    """What an .in file asks for, those that it includes as well."""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            yield from _asked_for(path.parent / text.removeprefix("-r ").strip())
        elif text:
            yield Requirement(text)


def test_there_is_a_lock_for_each_list_and_a_list_for_each_lock() -> None:
    lists = {path.stem for path in REQUIREMENTS.glob("*.in")}

    assert {path.stem for path in LOCKS} == lists | {"runtime"}
    assert len(LOCKS) > 4


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_versions_by_hashes_and_no_place(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")

    # Raises where a line is no pin with its hashes.
    assert advisories.pins(text)
    assert "://" not in text
    assert not re.search(r"^\s*-[^-]|^--(?!hash)", text, flags=re.MULTILINE)
    assert set(re.findall(r"--hash=(\w+):", text)) == {"sha256"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_all_that_is_asked_for(lock: Path) -> None:
    pins = _pins(lock)
    asked = [Requirement(text) for text in _OF_PROJECT.get(lock.stem, [])]
    if lock.with_suffix(".in").exists():
        asked += _asked_for(lock.with_suffix(".in"))

    assert asked
    for requirement in asked:
        versions = pins.get(canonicalize_name(requirement.name), set())
        specifier: SpecifierSet = requirement.specifier
        fitting = list(specifier.filter(versions, prereleases=True))
        assert fitting, f"{lock.name} does not hold {requirement}"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_is_renewed_by_make_lock(lock: Path) -> None:
    script = (ROOT / "tools" / "lock.sh").read_text(encoding="utf-8")

    assert re.search(rf"^compile {re.escape(lock.name)} ", script, flags=re.MULTILINE)


def test_what_is_tested_is_what_the_image_runs() -> None:
    image, tested = _pins(REQUIREMENTS / "runtime.txt"), _pins(REQUIREMENTS / "dev.txt")

    assert {name: tested.get(name) for name in image} == image


def test_the_image_leaves_out_what_its_lock_holds() -> None:
    text = (REQUIREMENTS / "image-unused.txt").read_text(encoding="utf-8")
    names = [line for line in text.splitlines() if line and line[0] != "#"]
    direct = {Requirement(text).name for text in _OF_PROJECT["runtime"]}

    assert set(names) <= _pins(REQUIREMENTS / "runtime.txt").keys()
    assert not set(names) & direct
    assert names == sorted(set(names))
