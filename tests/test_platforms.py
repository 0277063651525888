"""The families of a wheel: what it runs on, by its name, whatever the name holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_guard.platforms import (
    Family,
    Interpreter,
    Reach,
    families_of,
    interpreter_of,
    reaches_of,
    title,
)


@pytest.mark.parametrize(
    ("tags", "families"),
    [
        # Real names of wheels, without project and version.
        ("py3-none-any", "py-any"),
        ("py2.py3-none-any", "py-any"),
        ("py310-none-any", "py-any"),
        (
            "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
            "cp312-linux_x86_64",
        ),
        ("cp37-cp37m-manylinux1_i686", "cp37-linux_i686"),
        ("cp27-cp27mu-manylinux2010_x86_64", "cp27-linux_x86_64"),
        ("cp312-cp312-linux_armv7l", "cp312-linux_armv7l"),
        ("cp312-cp312-musllinux_1_2_aarch64", "cp312-musllinux_aarch64"),
        ("cp313-cp313t-win_amd64", "cp313t-win_amd64"),
        ("cp314-cp314t-win_arm64", "cp314t-win_arm64"),
        ("cp39-abi3-win32", "abi3-win32"),
        ("cp315-abi3.abi3t-win32", "abi3-win32 abi3t-win32"),
        ("cp315-abi3t-win32", "abi3t-win32"),
        ("cp313-none-win_amd64", "cp313-win_amd64"),
        ("py3-none-manylinux_2_28_ppc64le", "py-linux_ppc64le"),
        ("pp311-pypy311_pp73-macosx_10_15_x86_64", "pp311-macosx_x86_64"),
        ("graalpy311-graalpy242_311_native-win_amd64", "graalpy311-win_amd64"),
        ("cp312-cp312-macosx_11_0_arm64", "cp312-macosx_arm64"),
        (
            "cp312-cp312-macosx_10_13_universal2",
            "cp312-macosx_arm64 cp312-macosx_x86_64",
        ),
        (
            "cp36-cp36m-macosx_10_6_intel.macosx_10_9_intel.macosx_10_10_x86_64",
            "cp36-macosx_i386 cp36-macosx_x86_64",
        ),
        ("cp313-cp313-ios_13_0_arm64_iphoneos", "cp313-ios_arm64_iphoneos"),
        ("cp313-cp313-android_21_arm64_v8a", "cp313-android_arm64_v8a"),
        ("cp312-cp312-pyodide_2024_0_wasm32", "cp312-wasm_wasm32"),
        ("cp312-cp312-emscripten_3_1_58_wasm32", "cp312-wasm_wasm32"),
        ("cp33.cp34-none-win32", "cp33-win32 cp34-win32"),
        # A build tag, and capitals.
        ("1-cp312-cp312-WIN32", "cp312-win32"),
        # What nobody knows is a family of its own.
        ("cp312-cp312-plan9_amd64", "cp312-plan9_amd64"),
        ("odd-none-any", "odd-any"),
    ],
)
def test_the_families_of_a_wheel(tags: str, families: str) -> None:
    found = families_of(f"demo-1.0-{tags}.whl")

    assert " ".join(map(str, sorted(found))) == families


@pytest.mark.parametrize(
    "filename",
    [
        "demo-1.0.tar.gz",
        "demo-1.0-py3-none-any.zip",
        "demo-py3-none-any.whl",
        "demo-1.0-1-2-py3-none-any.whl",
        ".whl",
        "",
        f"{'a' * 250}-1.0-py3-none-any.whl",
    ],
)
def test_what_is_no_wheels_name_has_none(filename: str) -> None:
    assert families_of(filename) == frozenset()


def test_a_name_with_more_families_than_any_wheel_has_none() -> None:
    def name(pythons: int, platforms: int) -> str:
        return (
            f"d-1-{'.'.join(f'a{n}' for n in range(pythons))}-none-"
            f"{'.'.join(f'b{n}' for n in range(platforms))}.whl"
        )

    assert len(families_of(name(8, 8))) == 64
    assert families_of(name(8, 9)) == frozenset()
    assert families_of(name(30, 30)) == frozenset()


def test_the_tags_of_a_hostile_name_are_not_expanded() -> None:
    hostile = f"d-1-{'.'.join('ab')}-{'.' * 100_000}-{'.' * 100_000}.whl"

    assert families_of(hostile) == frozenset()
    assert families_of(f"d-1-{'.' * 80}-{'.' * 80}-{'.' * 80}.whl") == {Family("", "")}


@given(st.lists(st.text(max_size=30), min_size=3, max_size=6).map("-".join))
def test_no_name_is_too_odd(name: str) -> None:
    assert len(families_of(f"{name}.whl")) <= 64


@pytest.mark.parametrize(
    ("tags", "reaches"),
    [
        ("cp39-abi3-win32", "abi3-win32 cp39"),
        ("cp315-abi3t-win_arm64", "abi3t-win_arm64 cp315"),
        ("py3-none-any", "py-any py3"),
        ("py2.py3-none-any", "py-any py2"),
        ("py310.py39-none-any", "py-any py39"),
        ("py39.py310-none-any", "py-any py39"),
        ("cp313-cp313t-win32", "cp313t-win32 cp313"),
        ("odd.odder-none-win32", "odd-win32 odd odder-win32 odder"),
        ("cp312-cp312-linux_x86_64", "cp312-linux_x86_64 cp312"),
        ("cp312-cp312-manylinux1_i686", "cp312-linux_i686 cp312 glibc 2.5"),
        ("cp312-cp312-manylinux2010_i686", "cp312-linux_i686 cp312 glibc 2.12"),
        ("cp312-cp312-manylinux2014_i686", "cp312-linux_i686 cp312 glibc 2.17"),
        (
            "cp312-cp312-manylinux_2_28_x86_64.manylinux_2_5_x86_64",
            "cp312-linux_x86_64 cp312 glibc 2.5",
        ),
        ("cp312-cp312-musllinux_1_2_x86_64", "cp312-musllinux_x86_64 cp312 musl 1.2"),
        (
            "cp312-cp312-macosx_10_9_universal2.macosx_11_0_arm64",
            "cp312-macosx_arm64 cp312 macOS 10.9 cp312-macosx_x86_64 cp312 macOS 10.9",
        ),
        ("cp313-cp313-ios_13_0_arm64_x", "cp313-ios_arm64_x cp313 iOS 13.0"),
        ("cp313-cp313-android_21_x86", "cp313-android_x86 cp313 API 21"),
        ("cp312-cp312-pyodide_2024_0_wasm32", "cp312-wasm_wasm32 cp312"),
    ],
)
def test_from_where_on_a_wheel_serves_a_family(tags: str, reaches: str) -> None:
    found = sorted(reaches_of(f"demo-1.0-{tags}.whl"))

    told = (f"{reach.family} {reach.floor} {reach.system}".strip() for reach in found)
    assert " ".join(told) == reaches


def test_what_a_family_leaves_out_is_told_once() -> None:
    found = reaches_of("d-1-cp39-abi3-manylinux1_i686.manylinux2014_i686.whl")

    assert found == {Reach(Family("abi3", "linux_i686"), "cp39", "glibc 2.5")}


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("cp312", Interpreter("cp", is_free=False, major=3, minor=12)),
        ("cp313t", Interpreter("cp", is_free=True, major=3, minor=13)),
        ("cp27", Interpreter("cp", is_free=False, major=2, minor=7)),
        ("py3", Interpreter("py", is_free=False, major=3, minor=0)),
        ("pp311", Interpreter("pp", is_free=False, major=3, minor=11)),
        ("pp373", Interpreter("pp", is_free=False, major=3, minor=73)),
        ("graalpy312", Interpreter("graalpy", is_free=False, major=3, minor=12)),
        *((tag, None) for tag in ("", "py", "abi3", "abi3t", "odd3", "cp", "cp3999")),
    ],
)
def test_what_a_python_tag_says(tag: str, said: Interpreter | None) -> None:
    assert interpreter_of(tag) == said


@pytest.mark.parametrize(
    ("platform", "called"),
    [
        ("any", "any platform"),
        ("linux_x86_64", "Linux x86_64"),
        ("musllinux_aarch64", "musllinux aarch64"),
        ("macosx_arm64", "macOS arm64"),
        ("win32", "Windows 32-bit"),
        ("win_arm64", "Windows arm64"),
        ("ios_arm64_iphoneos", "iOS arm64_iphoneos"),
        ("android_arm64_v8a", "Android arm64_v8a"),
        ("wasm_wasm32", "wasm32"),
        ("plan9_amd64", "plan9_amd64"),
        ("", ""),
    ],
)
def test_how_people_call_a_platform(platform: str, called: str) -> None:
    assert title(platform) == called
