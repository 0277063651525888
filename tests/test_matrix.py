"""The matrix of wheels: patterns, the picture for each format, and how far it goes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sound
import yaml
from builders import indexed, listing, policy, release
from hypothesis import given
from hypothesis import strategies as st
from packaging.tags import parse_tag
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.cli import main
from release_guard.facts import Listing, WheelSet
from release_guard.filenames import version_of
from release_guard.matrix import (
    Mark,
    Matrix,
    Row,
    holes,
    is_replaced,
    losses,
    matrix_of,
    wheels_before,
    wheels_listed,
)
from release_guard.platforms import Family
from release_guard.policy import read_policy
from release_guard.reports import matrix as pictures
from release_guard.reports.style import written
from release_guard.rules import RULE_IDS
from release_guard.rules.matrix import missing_wheel
from release_guard.wheel_patterns import WheelPattern, pattern_of

HERE = Path(__file__).parent
LINUX, WIN, MAC = "manylinux_2_28_x86_64", "win_amd64", "macosx_11_0_arm64"


def _wheels(*tags: str) -> tuple[str, ...]:
    return tuple(f"demo-1.0-{tag}.whl" for tag in tags)


def _picture(
    now: Iterable[str], before: Iterable[str] = (), previous: str = "0.9"
) -> Matrix:
    found = matrix_of("demo", "1.0", now, previous=previous, before=before)
    assert found is not None
    return found


# --- what an index may list ------------------------------------------------------


def _told_of(*tags: str) -> list[str]:
    before = (f"demo-0.9-{tag}.whl" for tag in tags)
    page = listing(*(indexed(name, version=Version("0.9")) for name in before))
    given = WheelSet(release(f"demo-1.0-cp312-cp312-{WIN}.whl"), page)
    return [found.message for found in missing_wheel.findings(given, policy())]


def test_many_builds_of_one_wheel_hide_no_other() -> None:
    builds = (f"{number}-cp312-cp312-{WIN}" for number in range(1, 5_000))

    (told,) = _told_of(*builds, f"cp312-cp312-{MAC}")

    assert told == "no macOS arm64 wheels; the last release, 0.9, had 1"


def test_wheels_for_more_systems_than_there_are_are_told_in_time() -> None:
    told = _told_of(*(f"cp312-cp312-p{number}" for number in range(10_000)))

    assert told[0] == (
        "the last release, 0.9, had wheels for more than 2,000 systems and Pythons: "
        "not all of them were compared"
    )


# --- patterns ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "tags"),
    [
        ("py3-none-any", "py3-none-any"),
        ("py3-none-any", "py2.py3-none-any"),
        (
            "cp311-abi3-manylinux_*_x86_64",
            "cp311-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64",
        ),
        # The old names of three generations say the same as the new ones (PEP 600).
        ("cp311-abi3-manylinux_*_x86_64", "cp311-abi3-manylinux2014_x86_64"),
        ("cp311-abi3-manylinux1_*", "cp311-abi3-manylinux_2_5_i686"),
        ("cp*-cp*-win32", "cp312-cp312-win32"),
        ("cp313-cp313t-*", "cp313-cp313t-win_arm64"),
        ("pp*-*-macosx_*_universal2", "pp311-pypy311_pp73-macosx_10_15_universal2"),
        ("*-*-*", "graalpy311-graalpy242_311_native-win_amd64"),
    ],
)
def test_a_wheel_fits_by_any_of_its_tags(pattern: str, tags: str) -> None:
    assert pattern_of(pattern).fits(parse_tag(tags))
    assert str(pattern_of(pattern)) == pattern


@pytest.mark.parametrize(
    ("pattern", "tags"),
    [
        ("py3-none-any", "py2-none-any"),
        ("cp311-abi3-manylinux_2_28_*", "cp311-abi3-manylinux2014_x86_64"),
        ("cp311-abi3-manylinux2010_*", "cp311-abi3-manylinux_2_17_x86_64"),
        ("cp311-abi3-manylinux_*_x86_64", "cp311-abi3-manylinux_2_17_aarch64"),
        ("cp31-cp31-*", "cp313-cp313-win32"),
        ("cp313-cp313-*", "cp313-cp313t-win32"),
        # One part is no place for what another one says.
        ("cp312-*-win32", "cp312-cp312-win_amd64.win_arm64"),
        # Both machines are one tag: the pattern says which of the two is meant.
        ("cp312-cp312-macosx_*_arm64", "cp312-cp312-macosx_11_0_universal2"),
    ],
)
def test_a_wheel_does_not_fit_what_only_resembles_it(pattern: str, tags: str) -> None:
    assert not pattern_of(pattern).fits(parse_tag(tags))


@pytest.mark.parametrize(
    "text",
    [
        *("", "any", "cp312-win32", "cp312-cp312-", "--", "a-b-c-d", "1-cp3-cp3-any"),
        *("py2.py3-none-any", "CP312-cp312-win32", "cp3?-none-any", "cp3[12]-none-any"),
        *("cp312-cp312-win 32", "py3-none-any\n", "demo-1.0-py3-none-any.whl", "ä-b-c"),
    ],
)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="one tag in lower case"):
        pattern_of(text)


def test_many_wildcards_take_no_time() -> None:
    pattern = WheelPattern("*a" * 100, "*", "*")

    assert not pattern.fits(parse_tag(f"{'a' * 99}-none-any"))


# --- what is compared ----------------------------------------------------------


def test_the_last_release_is_the_one_below_that_installers_take() -> None:
    page = listing(
        "demo-1.0-py3-none-any.whl",
        "demo-1.0.tar.gz",
        indexed("demo-1.0-py2-none-any.whl", yanked=True),
        "demo-1.1.dev1-py3-none-any.whl",
        indexed("demo-1.1-py3-none-any.whl", yanked=True),
        "demo-2.0-py3-none-any.whl",
        "demo-1.0+cpu-cp312-cp312-win32.whl",
        "demo-odd.whl",
    )

    plain, local = "demo-1.0-py3-none-any.whl", "demo-1.0+cpu-cp312-cp312-win32.whl"
    last = Version("1.0")
    assert wheels_before(Version("1.2"), page) == (last, (plain,))
    assert wheels_before(Version("1.2+cpu"), page) == (last, (local,))
    assert wheels_before(Version("1.2+cu118"), page) == (last, (plain, local))
    assert wheels_before(Version("0.9"), page) == (None, ())
    assert wheels_listed(Version("1.1"), page) == ()
    assert wheels_listed(Version("2"), page) == ("demo-2.0-py3-none-any.whl",)


@pytest.mark.parametrize(
    ("family", "gained", "replaced"),
    [
        ("cp312 win32", "abi3 win32", True),
        ("cp312 win32", "abi3 win_amd64", False),
        ("cp312 win32", "py win32", True),
        ("cp312 win32", "py any", True),
        ("cp312 win32", "cp312 any", True),
        ("cp312 win32", "cp313 win32", False),
        ("cp313t win32", "abi3 win32", False),
        ("cp313t win32", "abi3t win32", True),
        ("cp312 win32", "abi3t win32", False),
        ("pp311 win32", "abi3 win32", False),
        ("pp311 win32", "py win32", True),
        ("odd win32", "abi3 win32", False),
    ],
)
def test_a_wider_wheel_replaces_what_it_serves(
    family: str, gained: str, replaced: bool
) -> None:
    new = [Family(*gained.split())]

    assert is_replaced(Family(*family.split()), new) is replaced
    assert not is_replaced(Family(*family.split()), [])


_TAGS = st.lists(
    st.sampled_from(
        [
            f"{python}-{platform}"
            for python in ("cp311-cp311", "cp312-abi3", "cp313-cp313t", "py3-none")
            for platform in (LINUX, WIN, "macosx_11_0_universal2", "any")
        ]
    ),
    unique=True,
)


@given(_TAGS, _TAGS)
def test_nothing_is_lost_by_more_wheels(before: list[str], more: list[str]) -> None:
    found = losses(_wheels(*before), _wheels(*before, *more), lambda _: True)

    assert (found.platforms, found.interpreters, found.cells) == ((), (), {})


@given(_TAGS.filter(bool), _TAGS)
def test_what_is_gone_was_there_and_is_not(before: list[str], now: list[str]) -> None:
    found = losses(_wheels(*before), _wheels(*now), lambda _: True)

    for platform in found.platforms:
        assert found.had(platforms=[platform]) > 0
        assert not any(platform in row.platform for row in _rows(now))
    for interpreter in found.interpreters:
        assert found.had([interpreter]) > 0
    for platform, interpreters in found.cells.items():
        assert all(found.had([python], [platform]) > 0 for python in interpreters)
    assert found.had() == len(before)


def _rows(tags: Iterable[str]) -> tuple[Row, ...]:
    found = matrix_of("demo", "1.0", _wheels(*tags))
    return found.rows if found else ()


def test_nothing_is_lost_to_a_python_that_is_not_allowed() -> None:
    before = _wheels(f"cp311-cp311-{LINUX}", f"cp312-cp312-{LINUX}", "odd-none-any")

    found = losses(before, _wheels("other-none-any"), lambda python: python.minor > 11)

    assert found.platforms == ("linux_x86_64",)
    assert found.interpreters == ("odd",)


def test_a_hole_is_where_the_python_before_is() -> None:
    before = _wheels(f"cp312-cp312-{LINUX}", f"odd-none-{LINUX}")
    now = [
        *_wheels(f"cp312-cp312-{LINUX}", f"cp312-cp312-{WIN}", f"cp312-cp312-{MAC}"),
        *_wheels(f"cp313-cp313-{LINUX}", f"py3-none-{MAC}", f"odder-none-{WIN}"),
    ]

    assert holes(before, now) == {"cp313": ("win_amd64",)}


# --- the picture ---------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("demo-1.0.tar.gz",),
        ("demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"),
        ("demo-1.0-py2.py3-none-any.whl",),
        ("no wheel", "demo.whl"),
    ],
)
def test_there_is_no_picture_where_all_wheels_are_for_everybody(
    names: tuple[str, ...],
) -> None:
    assert matrix_of("demo", "1.0", names) is None


def test_what_is_there_new_and_gone_is_marked() -> None:
    there, new, gone = Mark.THERE, Mark.NEW, Mark.GONE
    picture = _picture(
        _wheels(f"cp312-cp312-{LINUX}", f"cp313-cp313-{LINUX}", f"cp312-cp312-{WIN}"),
        _wheels(f"cp312-cp312-{LINUX}", f"cp312-cp312-{MAC}"),
    )

    assert picture.interpreters == ("cp312", "cp313")
    assert picture.rows == (
        Row("linux_x86_64", (there, new), ("glibc 2.28",)),
        Row("macosx_arm64", (gone, None)),
        Row("win_amd64", (new, None)),
    )


def test_without_a_last_release_nothing_is_new() -> None:
    picture = _picture(_wheels(f"cp312-cp312-{LINUX}"), previous="")

    assert [row.cells for row in picture.rows] == [(Mark.THERE,)]


def test_a_release_that_lost_all_its_wheels_is_shown() -> None:
    picture = _picture((), _wheels(f"cp312-cp312-{LINUX}"))

    assert [row.cells for row in picture.rows] == [(Mark.GONE,)]


def test_columns_and_rows_have_an_order() -> None:
    pythons = (
        *("graalpy311-graalpy242_311_native", "pp311-pypy311_pp73", "cp313-cp313t"),
        *("py3-none", "cp39-abi3", "cp313-cp313", "cp315-abi3t", "odd-none"),
        "cp310-cp310",
    )
    platforms = (
        *("plan9_x", "pyodide_2025_0_wasm32", "android_21_arm64_v8a", WIN, "win32"),
        *("ios_13_0_arm64_iphoneos", MAC, "musllinux_1_2_x86_64", LINUX, "any"),
    )
    picture = _picture(_wheels(*(f"{py}-{on}" for py in pythons for on in platforms)))

    assert " ".join(picture.interpreters) == (
        "cp39-abi3 cp310 cp313 cp313t cp315-abi3t pp311 graalpy311 odd py"
    )
    assert " ".join(row.platform for row in picture.rows) == (
        "any linux_x86_64 musllinux_x86_64 macosx_arm64 win32 win_amd64 "
        "ios_arm64_iphoneos android_arm64_v8a wasm_wasm32 plan9_x"
    )


def test_the_oldest_systems_of_a_platform_are_told() -> None:
    picture = _picture(
        _wheels(
            "cp310-cp310-manylinux1_x86_64",
            "cp311-cp311-manylinux_2_5_x86_64.manylinux2014_x86_64",
            "cp312-cp312-manylinux_2_17_x86_64",
            "cp313-cp313-manylinux_2_28_x86_64",
            "cp314-cp314-manylinux_2_34_x86_64",
            "cp314-cp314-linux_armv6l",
        )
    )

    told = {row.platform: row.systems for row in picture.rows}
    assert told == {
        "linux_x86_64": ("glibc 2.5", "glibc 2.17", "glibc 2.28"),
        "linux_armv6l": (),
    }


def _shown(picture: Matrix) -> str:
    """The picture as a log has it."""
    return written(pictures.text(picture)).rstrip("\n")


def test_a_picture_stays_small_whatever_the_names_are() -> None:
    hostile = [
        *_wheels(*(f"odd{number}-none-plan{number}_x" for number in range(500))),
        *_wheels(f"{'p' * 100}-none-{'q' * 100}"),
        *_wheels(f"{'.'.join('abcdefghijkl')}-none-{'.'.join('abcdefghijkl')}"),
    ]
    picture = _picture(hostile)

    assert len(picture.interpreters) == 30
    assert len(picture.rows) == 40
    assert (picture.more_interpreters, picture.more_platforms) == (471, 461)
    assert max(map(len, picture.interpreters)) <= 40
    text = _shown(picture)
    assert "and 461 platform(s) and 471 interpreter(s) more" in text
    assert len(text) < 30_000
    assert len(json.dumps(pictures.document(picture))) < 30_000


_MARKED = _picture(
    _wheels(f"cp312-cp312-{LINUX}", f"cp313-cp313t-{LINUX}", "cp312-cp312-linux_odd"),
    _wheels(f"cp312-cp312-{LINUX}", f"cp312-cp312-{WIN}"),
)


def test_the_picture_as_text() -> None:
    assert _shown(_MARKED) == (
        "wheels of demo 1.0, and what is new or gone since 0.9:\n"
        "                 cp312  cp313t\n"
        "  Linux odd      new    .\n"
        "  Linux x86_64   x      new     glibc 2.28\n"
        "  Windows amd64  GONE   ."
    )


def test_the_picture_as_values() -> None:
    assert pictures.document(_MARKED) == {
        "project": "demo",
        "version": "1.0",
        "previous": "0.9",
        "interpreters": ["cp312", "cp313t"],
        "platforms": [
            {"platform": "linux_odd", "systems": [], "cells": ["new", None]},
            {
                "platform": "linux_x86_64",
                "systems": ["glibc 2.28"],
                "cells": ["there", "new"],
            },
            {"platform": "win_amd64", "systems": [], "cells": ["gone", None]},
        ],
        "more_interpreters": 0,
        "more_platforms": 0,
    }


def test_a_picture_of_a_first_release_has_nothing_beside_it() -> None:
    picture = _picture(_wheels(f"cp312-cp312-{WIN}"), previous="")

    assert _shown(picture).startswith("wheels of demo 1.0:\n")
    assert pictures.document(picture)["previous"] is None


# --- a check -------------------------------------------------------------------

_WINDOWS = "cp312-cp312-win_amd64"
_LINUX = "cp312-cp312-manylinux_2_28_x86_64"
_INDEX = {"simple-url": "{root}", "repository-url": "{url}/", "require-tag": False}


@pytest.fixture(name="index")
def _index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sound.Index]:
    """An index that lists demo 1.0 for Linux and Windows; demo 1.1 is for Linux."""
    monkeypatch.chdir(tmp_path)
    sound.sdist(Path.cwd(), "1.0").rename("demo-1.0.tar.gz")
    old = [sound.wheel(Path.cwd(), "1.0", tag=tag) for tag in (_LINUX, _WINDOWS)]
    Path("dist").mkdir()
    sound.sdist(Path("dist"), "1.1")
    sound.wheel(Path("dist"), "1.1", tag=_LINUX)
    with sound.serving() as index:
        index.says(sound.listing(*old))
        yield index


def _says(index: sound.Index, wheels: object) -> None:
    ours = {
        key: value.format(root=index.root, url=index.url)
        if isinstance(value, str)
        else value
        for key, value in _INDEX.items()
    }
    told = {"index": "ours", "indexes": {"ours": ours}, "expect": {"wheels": wheels}}
    Path("policy.json").write_text(json.dumps(told))


def _check(
    capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, dict[str, Any]]:
    code = main(["check", "--policy", "policy.json", "--format", "json", *words])
    return code, json.loads(capsys.readouterr().out)


def _found(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (finding["rule"], finding["severity"], finding["subject"])
        for finding in report["findings"]
        if finding["rule"] in ("missing-wheel", "unexpected-wheel")
    ]


def _why_not(report: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    return {
        item["rule"]: (item["reason"], item["needed"]) for item in report["not_run"]
    }


def test_a_lost_platform_is_told_and_shown(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _says(index, "previous")

    code, report = _check(capsys)

    assert code == 0
    assert _found(report) == [("missing-wheel", "warning", "demo 1.1 win_amd64")]
    (picture,) = report["matrix"]
    assert picture["previous"] == "1.0"
    assert [row["cells"] for row in picture["platforms"]] == [["there"], ["gone"]]


def test_what_the_index_has_of_the_version_already_is_part_of_it(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _says(index, "previous")
    names = [*Path.cwd().glob("*.whl"), sound.wheel(Path.cwd(), "1.1", tag=_WINDOWS)]
    index.says(sound.listing(*names))

    code, report = _check(capsys)

    assert (code, _found(report)) == (0, [])
    assert report["matrix"][0]["platforms"][1]["cells"] == ["there"]


def test_offline_the_last_release_is_not_known(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _says(index, "previous")

    code, report = _check(capsys, "--offline")

    assert (code, _found(report), index.asked) == (0, [], [])
    assert _why_not(report)["missing-wheel"] == ("--offline", False)
    assert report["matrix"][0]["previous"] is None


def test_an_index_that_tells_nothing_is_no_pass(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _says(index, "previous")
    index.says(sound.Reply(b"busy", status=503))

    code, report = _check(capsys)

    assert code == 3
    assert _why_not(report)["missing-wheel"][1]


def test_declared_wheels_are_judged_offline(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _says(index, ["cp312-*-win_*", "cp311-*-*"])

    code, report = _check(capsys, "--offline")

    assert code == 1
    assert _found(report) == [
        ("missing-wheel", "error", "demo 1.1 cp312-*-win_*"),
        ("missing-wheel", "error", "demo 1.1 cp311-*-*"),
        ("unexpected-wheel", "error", f"demo-1.1-{_LINUX}.whl"),
    ]
    assert "missing-wheel" not in _why_not(report)


def test_declared_wheels_are_judged_where_the_index_tells_nothing(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _says(index, ["cp312-*-manylinux_*"])
    index.says(sound.Reply(b"busy", status=503))

    code, report = _check(capsys)

    assert (code, _found(report)) == (3, [])
    assert "missing-wheel" not in _why_not(report)


def test_declared_wheels_are_judged_where_parts_are_joined(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _says(index, ["cp312-*-manylinux_*", "cp312-*-win_*"])
    parts = []
    for number, path in enumerate(sorted(Path("dist").iterdir())):
        parts.append(f"part-{number}.json")
        code, report = _check(capsys, "--part", str(path), "--manifest", parts[-1])
        assert (code, _found(report)) == (0, [])

    code, report = _check(capsys, "--offline", *parts)

    assert code == 1
    assert _found(report) == [("missing-wheel", "error", "demo 1.1 cp312-*-win_*")]
    assert report["matrix"][0]["interpreters"] == ["cp312"]


def test_what_was_dropped_on_purpose_is_waived_by_its_platform(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _says(index, "previous")
    told = json.loads(Path("policy.json").read_text())
    waiver = {"rule": "missing-wheel", "match": "* win_amd64", "reason": "dropped"}
    Path("policy.json").write_text(json.dumps({**told, "waivers": [waiver]}))

    code, report = _check(capsys)

    assert (code, _found(report)) == (0, [])
    assert [finding["rule"] for finding in report["waived"]] == ["missing-wheel"]


# --- the page ------------------------------------------------------------------

PAGE = (HERE.parent / "docs" / "matrix.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```text\n(.*?)\n```", PAGE, flags=re.DOTALL)


def _cryptography() -> Listing:
    lines = (HERE / "data" / "cryptography.txt").read_text().splitlines()
    project = canonicalize_name("cryptography")
    names = [line for line in lines if not line.startswith("#")]
    files = [indexed(name, version=version_of(name, project)) for name in names]
    return listing(*files)


@pytest.mark.parametrize("version", ["49.0.0", "50.0.2"])
def test_the_pictures_on_the_page_are_those_of_the_program(version: str) -> None:
    page = _cryptography()
    last, before = wheels_before(Version(version), page)
    picture = matrix_of(
        "cryptography",
        version,
        wheels_listed(Version(version), page),
        previous=str(last),
        before=before,
    )
    assert picture is not None

    assert _shown(picture) in BLOCKS


def test_the_findings_on_the_page_are_those_of_the_program() -> None:
    page = _cryptography()
    names = wheels_listed(Version("49.0.0"), page)
    before = [f for f in page.files if f.version and f.version < Version("49")]
    subject = WheelSet(release(*names), listing(*before))

    lines = [
        f"  {finding.subject}: {finding.message}"
        for finding in missing_wheel.findings(subject, policy())
    ]

    assert "\n".join(["warning: missing-wheel", *lines]) in BLOCKS


@pytest.mark.parametrize(
    "block", re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
)
def test_the_policies_on_the_page_are_valid(block: str) -> None:
    read_policy(yaml.safe_load(block), where="matrix.md", rule_ids=RULE_IDS)
