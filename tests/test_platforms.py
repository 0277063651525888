"""The families of a wheel: what it runs on, by its name, whatever the name holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_guard.platforms import Family, families_of


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
        ("cp315-abi3.abi3t-win32", "abi3-win32"),
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
