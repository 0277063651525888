"""What changes between two releases, as values, and as the documents show it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import described, indexed, policy
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.changes import (
    DependencyChange,
    Moved,
    Way,
    changes_of,
    likeness,
    lost_typing,
    requires_python_of,
)
from release_guard.facts import CoreMetadata, Inventory, Kind, LastRelease, Successor
from release_guard.findings import Report
from release_guard.policy import DependencyCheck, Overrides, read_policy, resolve
from release_guard.reports import text
from release_guard.rules import RULE_IDS
from release_guard.rules.changes import release_changes

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data" / "changes"


# --- dependencies -----------------------------------------------------------------


def _dependencies(before: list[str], now: list[str]) -> list[DependencyChange]:
    one, other = (described(requires_dist=tuple(t)).metadata for t in (before, now))
    last = LastRelease(Version("1.0"), (), one)
    new = Successor(canonicalize_name("demo"), Version("1.1"), (), last, other)
    changes = changes_of(new).metadata
    assert changes is not None
    return list(changes.dependencies)


@pytest.mark.parametrize(
    ("before", "now", "way"),
    [
        ("a", "a>=1", Way.TIGHTENED),
        ("a>=1", "a>=1.0.1", Way.TIGHTENED),
        ("a>=1", "a>=1,<2", Way.TIGHTENED),
        ("a>=1,<3", "a~=1.4", Way.TIGHTENED),
        ("a>=1", "a==1", Way.TIGHTENED),
        ("a>=1", "a>=1,!=1.3", Way.TIGHTENED),
        ("a>=1", "a>1", Way.TIGHTENED),
        ("a==1.*", "a==1.0", Way.TIGHTENED),
        ("a>=2", "a", Way.LOOSENED),
        ("a<2", "a<=2", Way.LOOSENED),
        ("a<2", "a<3", Way.LOOSENED),
        ("a==1.0", "a==1.*", Way.LOOSENED),
        ("a==1.0", "a==1.1", Way.CHANGED),
        ("a>=1,<2", "a>=2,<3", Way.CHANGED),
        ("a>=1,<2", "a>=1.5,<3", Way.CHANGED),
        ("a", "a[x]", Way.CHANGED),
        ("a", "a; python_version < '3.9'", Way.CHANGED),
        ("a", "a @ https://a.example/a.whl", Way.CHANGED),
        ("a===x", "a===y", Way.CHANGED),
        (
            "a" + ",".join(f"!=1.{n}" for n in range(30)),
            "a" + ",".join(f"!=1.{n}" for n in range(20)),
            Way.CHANGED,
        ),
    ],
)
def test_one_dependency_became_another(before: str, now: str, way: Way) -> None:
    (change,) = _dependencies([before], [now])

    assert change.way is way


def test_a_dependency_is_told_as_it_is_written() -> None:
    (change,) = _dependencies(["A == 1.0.0"], ["a==1.1.0"])

    assert (change.before, change.after) == ("A==1.0.0", "a==1.1.0")


def test_dependencies_that_came_and_went_are_told_by_project() -> None:
    changes = _dependencies(
        ["b>=1", 'c; extra == "x"', "d; sys_platform == 'win32'"],
        ["a", "d<2", "d>=1; sys_platform == 'win32'", 'c>=1; extra == "x"'],
    )

    assert [(c.way, c.after or c.before) for c in changes] == [
        (Way.ADDED, "a"),
        (Way.REMOVED, "b>=1"),
        (Way.TIGHTENED, 'd>=1; sys_platform == "win32"'),
        (Way.ADDED, "d<2"),
        (Way.TIGHTENED, 'c>=1; extra == "x"'),
    ]


def test_an_extra_in_another_spelling_is_no_other() -> None:
    """PEP 685; setuptools normalizes them since 77."""
    one, other = (
        described(provides_extra=extras).metadata
        for extras in (("a.b", "x__y", "gone"), ("A-b", "x-y"))
    )
    last = LastRelease(Version("1.0"), (), one)
    new = Successor(canonicalize_name("demo"), Version("1.1"), (), last, other)

    changes = changes_of(new).metadata

    assert changes is not None
    assert changes.extras == Moved(lost=("gone",))


def test_two_requirements_of_one_project_are_not_mixed_up() -> None:
    changes = _dependencies(["a>=1", "a<3"], ["a>=2", "a<4"])

    assert [(c.way, c.before or c.after) for c in changes] == [
        (Way.REMOVED, "a<3"),
        (Way.REMOVED, "a>=1"),
        (Way.ADDED, "a<4"),
        (Way.ADDED, "a>=2"),
    ]


def test_what_is_no_requirement_stands_for_itself() -> None:
    changes = _dependencies(["no requirement"], ["no other", "a"])

    assert [(c.way, c.before or c.after) for c in changes] == [
        (Way.ADDED, "a"),
        (Way.ADDED, "no other"),
        (Way.REMOVED, "no requirement"),
    ]


def test_very_many_dependencies_are_not_compared_version_by_version() -> None:
    names = [f"p{number}" for number in range(5_000)]

    changes = _dependencies([f"{n}>=1" for n in names], [f"{n}>=2" for n in names])

    assert {change.way for change in changes} == {Way.CHANGED}
    assert len(changes) == len(names)


# --- files and metadata -----------------------------------------------------------


def test_files_that_are_no_distribution_are_not_counted() -> None:
    last = LastRelease(Version("1.0"), (indexed("demo-1.0.exe"), indexed()))
    new = Successor(canonicalize_name("demo"), Version("1.1"), (("x.egg", 1),), last)

    changes = changes_of(new)

    assert changes.counts == {Kind.SDIST: (1, 0), Kind.WHEEL: (0, 0)}
    assert changes.families == Moved()
    assert changes.metadata is None
    assert changes.contents is None


@pytest.mark.parametrize(
    ("listed", "metadata", "expected"),
    [
        pytest.param([None, ">=3.9"], None, ">=3.9", id="the index says it of a file"),
        pytest.param([""], ">=3.9", "", id="the index says that there is none"),
        pytest.param([None], ">=3.9", ">=3.9", id="only the metadata says it"),
        pytest.param([None], None, None, id="nobody says it"),
    ],
)
def test_requires_python_is_what_the_index_says_or_else_the_metadata(
    listed: list[str | None], metadata: str | None, expected: str | None
) -> None:
    files = tuple(indexed(requires_python=said) for said in listed)
    read = None if metadata is None else CoreMetadata(requires_python=metadata)

    assert requires_python_of(LastRelease(Version("1.0"), files, read)) == expected


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("a-1.0.tar.gz", "a-1.1.zip", True),
        ("a-1.0-py3-none-any.whl", "a-1.1-py2.py3-none-any.whl", True),
        (
            "a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
            "a-1.1-cp312-cp312-manylinux_2_28_x86_64.whl",
            True,
        ),
        ("a-1.0-cp37-abi3-win32.whl", "a-1.1-cp311-abi3-win32.whl", True),
        ("a-1.0-cp37-abi3-win32.whl", "a-1.1-cp311-cp311-win32.whl", False),
        ("a-1.0.tar.gz", "a-1.0-py3-none-any.whl", False),
        ("a-1.0-cp312-cp312-win32.whl", "a-1.1-cp313-cp313-win32.whl", False),
    ],
)
def test_files_are_alike_that_are_the_same_but_for_the_release(
    one: str,
    other: str,
    alike: bool,
) -> None:
    assert (likeness(one) == likeness(other)) is alike


def test_typing_of_very_many_files_is_compared_in_time() -> None:
    wheel = "cp312-cp312-win_amd64.whl"
    folders = [f"p{number}" for number in range(5_000)]
    typed = tuple(f"{f}/{name}" for f in folders for name in ("py.typed", "a.pyi"))
    sources = tuple(f"{folder}/a.py" for folder in folders)
    tops = tuple(f"{folder}/" for folder in folders)

    lost = lost_typing(
        Inventory(f"demo-1.0-{wheel}", tops, typed),
        Inventory(f"demo-1.1-{wheel}", tops, sources),
    )

    # The source of each stub is there.
    assert len(lost) == len(folders)


# --- the page ---------------------------------------------------------------------


def _read(name: str) -> tuple[Version, dict[str, Any], CoreMetadata, Inventory]:
    """One release of cryptography, as the public index had it."""
    facts = json.loads((DATA / "cryptography.json").read_text(encoding="utf-8"))[name]
    metadata = CoreMetadata(
        requires_python=facts["requires_python"],
        requires_dist=tuple(facts["requires_dist"]),
        provides_extra=tuple(facts["provides_extra"]),
    )
    wheel = facts["wheel"]
    inventory = Inventory(
        wheel["filename"],
        tuple(wheel["tops"]),
        tuple(wheel["sources"]),
        entry_points=tuple(wheel["entry_points"]),
    )
    return Version(facts["version"]), facts["files"], metadata, inventory


def test_the_page_shows_what_really_changed_in_cryptography() -> None:
    before, listed, was, had = _read("last")
    now, files, metadata, inventory = _read("new")
    last = LastRelease(
        before,
        tuple(
            indexed(name, size=size, version=before) for name, size in listed.items()
        ),
        was,
        had,
    )
    project = canonicalize_name("cryptography")
    new = Successor(project, now, tuple(files.items()), last, metadata, inventory)
    page = (ROOT / "docs" / "changes.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)

    found = tuple(release_changes.findings(new, policy()))

    told = text.render(Report("check", "pypi", findings=found)).split("\n\n")[2]
    assert shown.rstrip() == told.rstrip()


def test_the_policy_in_the_page_is_valid() -> None:
    page = (ROOT / "docs" / "changes.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)

    file = read_policy(yaml.safe_load(block), where="changes.md", rule_ids=RULE_IDS)

    resolved = resolve(file, Overrides())
    assert resolved.dependencies is DependencyCheck.ALL
    assert resolved.largest == 50_000_000
