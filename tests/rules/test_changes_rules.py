"""The rules of a release against the last one, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from builders import Case, Says, described, distribution, indexed, policy
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.facts import (
    CoreMetadata,
    Inventory,
    LastRelease,
    PathConfiguration,
    SizedRelease,
    Successor,
    SupportedPythons,
)
from release_guard.findings import Severity
from release_guard.rules.changes import (
    release_changes,
    requires_python_dropped,
    size_jump,
    typing_lost,
)

_DEMO = canonicalize_name("demo")
_PURE = "py3-none-any"
_LINUX = "cp312-cp312-manylinux_2_28_x86_64"


def _metadata(*requires_dist: str, **fields: Any) -> CoreMetadata:  # noqa: ANN401
    fields = {"requires_python": ">=3.10", **fields}
    return described(requires_dist=requires_dist, **fields).metadata


def _inventory(version: str, *paths: str, tag: str = _PURE, **told: Any) -> Inventory:  # noqa: ANN401
    """What is in a wheel of these paths."""
    tops = dict.fromkeys(
        top + slash for top, slash, _ in (path.partition("/") for path in paths)
    )
    sources = (p for p in paths if p.endswith((".py", ".pyi", "/py.typed")))
    facts = {"entry_points": (), **told}
    name = f"demo-{version}-{tag}.whl"
    return Inventory(name, tuple(tops), tuple(sources), **facts)


def _followed(
    before: tuple[str, ...] = ("demo-1.0.tar.gz", f"demo-1.0-{_PURE}.whl"),
    now: tuple[str, ...] = ("demo-1.1.tar.gz", f"demo-1.1-{_PURE}.whl"),
    *,
    metadata: tuple[CoreMetadata | None, CoreMetadata | None] = (None, None),
    inventories: tuple[Inventory | None, Inventory | None] = (None, None),
    sizes: tuple[int | None, int | None] = (1000, 1000),
) -> Successor:
    """1.1 after 1.0: their files, each of one size, and what was read of each."""
    files = tuple(indexed(name, size=sizes[0]) for name in before)
    last = LastRelease(Version("1.0"), files, metadata[0], inventories[0])
    new = tuple((name, sizes[1]) for name in now)
    return Successor(_DEMO, Version("1.1"), new, last, metadata[1], inventories[1])


def _changed(
    before: CoreMetadata, now: CoreMetadata, *inventories: Inventory
) -> Successor:
    one, other = inventories or (None, None)
    return _followed(metadata=(before, now), inventories=(one, other))


def _lines(successor: Successor) -> list[str]:
    (finding,) = release_changes.findings(successor, policy())
    lines = finding.evidence["changes"]
    assert isinstance(lines, tuple)
    return list(lines)


def _supports(
    last: str, *now: str, version: str = "1.1", last_version: str = "1.0"
) -> SupportedPythons:
    """A version whose files say each of these, after one that said another."""
    names = (f"demo-{version}.tar.gz", f"demo-{version}-{_PURE}.whl")
    said = tuple(zip(names, now, strict=False))
    return SupportedPythons(_DEMO, Version(version), said, Version(last_version), last)


def _on(day: str) -> Any:  # noqa: ANN401
    return replace(policy(), today=date.fromisoformat(day))


def _sized(
    now: dict[str, int], before: dict[str, int | None] | None = None
) -> SizedRelease:
    """Files of these sizes in 1.1, and in 1.0."""
    files = tuple(distribution(name, size=size) for name, size in now.items())
    last = None
    if before is not None:
        listed = tuple(indexed(name, size=size) for name, size in before.items())
        last = LastRelease(Version("1.0"), listed)
    return SizedRelease(_DEMO, Version("1.1"), files, last)


_MEGA = 1_000_000
_SOURCES = ("demo/__init__.py", "demo/py.typed")
_STUBS = ("demo/__init__.py", "demo/core.pyi", "demo/core.so")

CASES = [
    # release-changes
    Case(release_changes, "nothing changed", _followed()),
    Case(
        release_changes,
        "a size that grew by a tenth says nothing by itself",
        _followed(sizes=(1000, 1100)),
    ),
    Case(
        release_changes,
        "the order and the spelling of requirements are no change",
        _changed(
            _metadata("Attrs >= 23.1.0", "six", requires_python=">=3.10,<4"),
            _metadata("six", "attrs>=23.1", requires_python="<4, >=3.10"),
        ),
    ),
    Case(
        release_changes,
        "what is not known of one side has not changed",
        _followed(
            metadata=(None, _metadata("six")),
            inventories=(None, _inventory("1.1", *_SOURCES)),
        ),
    ),
    Case(
        release_changes,
        "a size that grew by more than a tenth",
        _followed(sizes=(1000, 1101)),
        says=(Says("2 things changed since 1.0, as far as it was read", "demo 1.1"),),
    ),
    Case(
        release_changes,
        "one thing changed",
        _changed(_metadata(), _metadata("six")),
        says=(Says("1 thing changed since 1.0, as far as it was read"),),
    ),
    # typing-lost
    Case(
        typing_lost,
        "the marker is there",
        _followed(
            inventories=(_inventory("1.0", *_SOURCES), _inventory("1.1", *_SOURCES))
        ),
    ),
    Case(
        typing_lost,
        "no wheel of the last release was read",
        _followed(inventories=(None, _inventory("1.1", "demo/__init__.py"))),
    ),
    Case(
        typing_lost,
        "the package is gone with its marker",
        _followed(
            inventories=(
                _inventory("1.0", *_SOURCES, "old/a.py", "old/py.typed"),
                _inventory("1.1", *_SOURCES),
            )
        ),
    ),
    Case(
        typing_lost,
        "a package whose name only begins alike stays",
        _followed(
            inventories=(
                _inventory("1.0", "demo/a.py", "demo/py.typed", "demo_x/a.py"),
                _inventory("1.1", "demo_x/a.py"),
            )
        ),
    ),
    Case(
        typing_lost,
        "stubs of a pure package made way for annotations",
        _followed(
            inventories=(
                _inventory("1.0", "demo/a.py", "demo/a.pyi"),
                _inventory("1.1", "demo/a.py"),
            )
        ),
    ),
    Case(
        typing_lost,
        "a stub of several is gone",
        _followed(
            inventories=(
                _inventory("1.0", *_STUBS, "demo/more.pyi", tag=_LINUX),
                _inventory("1.1", *_STUBS, tag=_LINUX),
            )
        ),
    ),
    Case(
        typing_lost,
        "there are too many files to tell",
        _followed(
            inventories=(
                _inventory("1.0", *_SOURCES),
                _inventory("1.1", is_whole=False),
            )
        ),
    ),
    Case(
        typing_lost,
        "the marker is gone, as in locust 2.14.1",
        _followed(
            inventories=(
                _inventory("1.0", *_SOURCES),
                _inventory("1.1", "demo/__init__.py"),
            )
        ),
        says=(
            Says(
                "lacks what type checkers found in 1.0: demo/py.typed",
                f"demo-1.1-{_PURE}.whl",
            ),
        ),
    ),
    Case(
        typing_lost,
        "all stubs of a compiled package are gone (ml-explore/mlx 3916)",
        _followed(
            inventories=(
                _inventory("1.0", *_STUBS, tag=_LINUX),
                _inventory("1.1", "demo/__init__.py", "demo/core.so", tag=_LINUX),
            )
        ),
        says=(Says("…: demo/core.pyi", f"demo-1.1-{_LINUX}.whl"),),
    ),
    # requires-python-dropped
    Case(requires_python_dropped, "the same", _supports(">=3.10", ">=3.10")),
    Case(requires_python_dropped, "more than before", _supports(">=3.10", ">=3.9")),
    Case(requires_python_dropped, "never had any", _supports("", "", ">=3.10")),
    Case(
        requires_python_dropped,
        "a major release may drop what it likes",
        _supports(">=3.10", ">=3.13", version="2.0", last_version="1.9"),
    ),
    Case(
        requires_python_dropped,
        "a patch release of a Python is no Python",
        _supports(">=3.10", ">=3.10.2,!=3.11.0"),
    ),
    Case(
        requires_python_dropped,
        "what is no specifier is told elsewhere",
        _supports(">=3.10", "three"),
    ),
    Case(
        requires_python_dropped,
        "a minor release drops what is no longer supported",
        _supports(">=3.9", ">=3.10"),
        _on("2026-01-01"),
        (
            Says(
                "has the Requires-Python '>=3.10', which excludes Python 3.9; 1.0 had "
                "'>=3.9'",
                "demo 1.1",
                Severity.NOTICE,
            ),
        ),
    ),
    Case(
        requires_python_dropped,
        "a minor release drops what is supported (huggingface/transformers 4.46.0)",
        _supports(">=3.9", ">=3.10"),
        _on("2025-10-31"),
        (Says("…, which excludes Python 3.9; …"),),
    ),
    Case(
        requires_python_dropped,
        "a patch release drops what is no longer supported",
        _supports(">=2.7,!=3.0.*", ">=3.8", version="1.0.1"),
        _on("2026-01-01"),
        (Says("…, which excludes Python 2.7, 3.1 to 3.7; …"),),
    ),
    Case(
        requires_python_dropped,
        "a bound above is new",
        _supports(">=3.10", ">=3.10,<3.14"),
        _on("2026-01-01"),
        (Says("…, which excludes Python 3.14 and later; …"),),
    ),
    Case(
        requires_python_dropped,
        "it is gone from one file",
        _supports(">=3.10", ">=3.10", ""),
        says=(
            Says(
                "has no Requires-Python, and 1.0 had '>=3.10'", f"demo-1.1-{_PURE}.whl"
            ),
        ),
    ),
    Case(
        requires_python_dropped,
        "it is gone from a major release, too (dask/distributed 2807)",
        _supports(">=3.10", "", "", version="2.0"),
        says=(Says("has no Requires-Python, and 1.0 had '>=3.10'", "demo 2.0"),),
    ),
    # size-jump
    Case(size_jump, "there is no last release", _sized({"demo-1.1.tar.gz": 9 * _MEGA})),
    Case(
        size_jump,
        "a small file doubled",
        _sized({"demo-1.1.tar.gz": 1_999_999}, {"demo-1.0.tar.gz": 999_999 + 1}),
    ),
    Case(
        size_jump,
        "a large file grew by less than it was",
        _sized({"demo-1.1.tar.gz": 19_999_999}, {"demo-1.0.tar.gz": 10 * _MEGA}),
    ),
    Case(
        size_jump,
        "a wheel for other systems is no like file",
        _sized(
            {f"demo-1.1-{_LINUX}.whl": 9 * _MEGA},
            {f"demo-1.0-{_PURE}.whl": 1000, "demo-1.0.tar.gz": 1000},
        ),
    ),
    Case(
        size_jump,
        "the index does not say the size",
        _sized({"demo-1.1.tar.gz": 9 * _MEGA}, {"demo-1.0.tar.gz": None}),
    ),
    Case(
        size_jump,
        "an sdist with a virtual environment (pytest-dev/pytest-freezer 9)",
        _sized({"demo-1.1.tar.gz": 2 * _MEGA}, {"demo-1.0.tar.gz": _MEGA}),
        says=(
            Says(
                "has 2,000,000 bytes, 2.0 times the 1,000,000 of the like file of 1.0",
                "demo-1.1.tar.gz",
            ),
        ),
    ),
    Case(
        size_jump,
        "a script of 11 MB in a wheel (Lightning-AI/pytorch-lightning 21691)",
        _sized(
            {f"demo-1.1-{_PURE}.whl": 11_900_000},
            {f"demo-1.0-{_PURE}.whl": 850_000, "demo-1.0.tar.gz": 850_000},
        ),
        says=(Says("has 11,900,000 bytes, 14.0 times …", f"demo-1.1-{_PURE}.whl"),),
    ),
    Case(
        size_jump,
        "of several wheels the one that grew most",
        _sized(
            {
                "demo-1.1-cp312-cp312-win_amd64.whl": 4 * _MEGA,
                f"demo-1.1-{_LINUX}.whl": 12 * _MEGA,
                "demo-1.1.tar.gz": 1000,
            },
            {
                "demo-1.0-cp312-cp312-win_amd64.whl": _MEGA,
                f"demo-1.0-{_LINUX}.whl": _MEGA,
                "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl": 2 * _MEGA,
            },
        ),
        says=(
            Says(
                "has 12,000,000 bytes, 6.0 times the 2,000,000 of the like file of "
                "1.0, and 1 more wheel(s)",
                f"demo-1.1-{_LINUX}.whl",
            ),
        ),
    ),
    Case(
        size_jump,
        "as large as the policy allows",
        _sized({"demo-1.1.tar.gz": 1000}),
        replace(policy(), largest=1000),
    ),
    Case(
        size_jump,
        "larger than the policy allows, whether or not the index was asked",
        _sized({"demo-1.1.tar.gz": 1001}),
        replace(policy(), largest=1000),
        (
            Says(
                "has 1,001 bytes, expected at most 1,000 (expect.size in the policy)",
                "demo-1.1.tar.gz",
            ),
        ),
    ),
]


# --- the paragraph ----------------------------------------------------------------


def test_files_and_families_are_told_with_the_numbers() -> None:
    followed = _followed(
        ("demo-1.0.tar.gz", f"demo-1.0-{_LINUX}.whl"),
        (f"demo-1.1-{_LINUX}.whl", "demo-1.1-cp313-cp313-win_amd64.whl"),
    )

    assert _lines(followed) == [
        "sdists: 0, before 1",
        "wheels: 2, before 1",
        "wheels for gained: cp313-win_amd64",
        "size of the sdists: 0 bytes, before 1,000",
        "size of the wheels: 2,000 bytes, before 1,000",
    ]


def test_sizes_that_are_not_all_known_are_not_told() -> None:
    followed = _followed(
        (f"demo-1.0-{_PURE}.whl",), (f"demo-1.1-{_LINUX}.whl",), sizes=(None, 1000)
    )

    assert _lines(followed) == [
        "wheels for gained: cp312-linux_x86_64",
        "wheels for lost: py-any",
    ]


def test_metadata_is_told_line_by_line() -> None:
    before = _metadata(
        "attrs>=23",
        "gone",
        "six<2",
        'extra-one>=1; extra == "cli"',
        provides_extra=("cli", "old"),
        requires_python="",
    )
    now = _metadata(
        "attrs>=24",
        "six<3",
        "new[all]~=1.4; sys_platform == 'win32'",
        'extra-one>=2; extra == "cli"',
        provides_extra=("cli", "New_one"),
        requires_python=">=3.10",
    )

    assert _lines(_changed(before, now)) == [
        "Requires-Python: >=3.10, before none",
        'dependency added: new[all]~=1.4; sys_platform == "win32"',
        "dependency removed: gone",
        "dependency tightened: attrs>=24, before attrs>=23",
        (
            'dependency tightened: extra-one>=2; extra == "cli", before extra-one>=1; '
            'extra == "cli"'
        ),
        "dependency loosened: six<3, before six<2",
        "extras gained: new-one",
        "extras lost: old",
    ]


def test_a_dependency_tightened_as_in_langchain_community_0_2_14_is_told() -> None:
    before = _metadata("langchain-core<0.3,>=0.2.35")
    now = _metadata("langchain-core==0.2.36")

    (line,) = _lines(_changed(before, now))

    was, is_ = "langchain-core<0.3,>=0.2.35", "langchain-core==0.2.36"
    assert line == f"dependency tightened: {is_}, before {was}"


def test_of_very_many_dependencies_the_number_is_told() -> None:
    now = _metadata(*(f"p{number:03}" for number in range(100)))

    lines = _lines(_changed(_metadata(), now))

    assert lines[0] == "dependency added: p000"
    assert lines[-1] == "dependencies added: 88 more"
    assert len(lines) == 13


def test_contents_are_told_line_by_line() -> None:
    startup = PathConfiguration("demo_init.pth", "import demo")
    before = _inventory(
        *("1.0", *_SOURCES, "old.py", "demo.libs/x.so"),
        entry_points=("console_scripts: demo", "console_scripts: gone"),
    )
    now = _inventory(
        *("1.1", "demo/__init__.py", "tool/a/b.py", "data/x.txt", "_fast.abi3.so"),
        entry_points=("console_scripts: demo", "pytest11: demo"),
        path_configurations=(startup,),
    )

    assert _lines(_changed(_metadata(), _metadata(), before, now)) == [
        "names to import gained: _fast, tool",
        "names to import lost: old",
        "entry points gained: pytest11: demo",
        "entry points lost: console_scripts: gone",
        "path configuration files gained: demo_init.pth",
        "typing lost: demo/py.typed",
    ]


def test_a_path_configuration_file_named_after_the_version_is_the_same_one() -> None:
    one, other = (
        _inventory(
            version,
            "demo/a.py",
            path_configurations=(PathConfiguration(f"demo-{version}-nspkg.pth"),),
        )
        for version in ("1.0", "1.1")
    )

    assert not list(
        release_changes.findings(
            _changed(_metadata(), _metadata(), one, other), policy()
        )
    )


def test_entry_points_that_nobody_could_read_are_not_lost() -> None:
    one = _inventory("1.0", "demo/a.py", entry_points=("console_scripts: demo",))
    other = _inventory("1.1", "demo/a.py", entry_points=None)

    assert not list(
        release_changes.findings(
            _changed(_metadata(), _metadata(), one, other), policy()
        )
    )


def test_the_last_release_is_evidence() -> None:
    (finding,) = release_changes.findings(_followed(sizes=(1, 2)), policy())

    assert finding.evidence["previous"] == "1.0"
    assert finding.severity is Severity.NOTICE


@pytest.mark.parametrize(
    "subject",
    [_followed(), _supports(""), _sized({})],
    ids=["files", "pythons", "size"],
)
def test_the_subject_is_called_by_the_release(
    subject: Successor | SupportedPythons | SizedRelease,
) -> None:
    assert subject.label == "demo 1.1"
