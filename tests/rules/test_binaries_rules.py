"""The rules of programs and libraries in a wheel, case by case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from builders import Case, Says, distribution

from release_guard.facts import Binary, BinaryFormat, NativeWheel, WheelFile
from release_guard.findings import Severity
from release_guard.rules.binaries import (
    abi3_violation,
    binary_tag_mismatch,
    glibc_floor,
    macos_floor,
    native_in_pure,
)

LINUX = "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64"
MUSL = "cp312-cp312-musllinux_1_2_x86_64"
MAC = "cp312-cp312-macosx_11_0_arm64"
UNIVERSAL = "cp312-cp312-macosx_10_9_universal2"
WINDOWS = "cp312-cp312-win_amd64"
STABLE = "cp39-abi3-manylinux_2_17_x86_64"
PURE = "py3-none-any"
LINUX_SUFFIX = ".cpython-312-x86_64-linux-gnu.so"


def elf(member: str, machine: str = "x86_64", **more: Any) -> Binary:  # noqa: ANN401
    """A module of Linux, linked with glibc, or as ``more`` has it."""
    told = {"libc": "glibc", "glibc": (2, 17), "is_module": True, **more}
    return Binary(member, BinaryFormat.ELF, "linux", (machine,), (None,), **told)


def macho(member: str, *machines: str, **more: Any) -> Binary:  # noqa: ANN401
    """A module of macOS for these machines."""
    told = {"is_module": True, "needs": (None,) * len(machines), **more}
    return Binary(member, BinaryFormat.MACH_O, "macosx", machines, **told)


def pe(member: str, machine: str = "amd64", **more: Any) -> Binary:  # noqa: ANN401
    """A module of Windows."""
    told = {"is_module": True, **more}
    return Binary(member, BinaryFormat.PE, "win", (machine,), (None,), **told)


def built(tags: str, *binaries: Binary, is_purelib: bool | None = False) -> NativeWheel:
    """A wheel of these tags with these binaries."""
    file = WheelFile("1.0", is_purelib=is_purelib)
    return NativeWheel(distribution(f"demo-1.0-{tags}.whl"), binaries, file)


CASES = [
    # --- the platform
    Case(binary_tag_mismatch, "a wheel without binaries", built(LINUX)),
    Case(
        binary_tag_mismatch,
        "a module for the platform of the tags",
        built(LINUX, elf(f"demo/_x{LINUX_SUFFIX}")),
    ),
    Case(
        binary_tag_mismatch,
        "a module that is linked with no C library",
        built(MUSL, elf("demo/_x.abi3.so", libc="", glibc=None)),
    ),
    Case(
        binary_tag_mismatch,
        "a universal module in a wheel for one machine",
        built(MAC, macho("demo/_x.so", "x86_64", "arm64")),
    ),
    Case(
        binary_tag_mismatch,
        "two halves in a universal wheel, each in a file of its own",
        built(
            UNIVERSAL,
            macho("demo/_x.cpython-312-darwin.so", "x86_64"),
            macho("demo/_x.abi3.so", "arm64"),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a 32-bit module in a 32-bit wheel of Windows",
        built("cp312-cp312-win32", pe("demo/_x.cp312-win32.pyd", "x86")),
    ),
    Case(
        binary_tag_mismatch,
        "a module for ARM in a wheel for ARMv7",
        built("cp312-cp312-linux_armv7l", elf("demo/_x.so", "arm")),
    ),
    Case(
        binary_tag_mismatch,
        "a module for a 32-bit Linux",
        built("cp312-cp312-manylinux2014_i686", elf("demo/_x.so", "i686")),
    ),
    Case(
        binary_tag_mismatch,
        "a module for an iPhone",
        built(
            "cp313-cp313-ios_13_0_arm64_iphoneos",
            replace(macho("demo/_x.cpython-313-iphoneos.so", "arm64"), system="ios"),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a module for Android",
        built(
            "cp313-cp313-android_21_arm64_v8a",
            replace(elf("demo/_x.so", "aarch64", libc=""), system="android"),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "tags of a system that headers have no word for",
        built("cp312-cp312-pyodide_2024_0_wasm32", elf("demo/_x.so")),
    ),
    Case(
        binary_tag_mismatch,
        "a module in a wheel for every platform, which another rule speaks of",
        built(PURE, elf("demo/_x.so")),
    ),
    Case(
        binary_tag_mismatch,
        "programs of which one fits (as launchers are data)",
        built(
            "py3-none-manylinux_2_17_x86_64",
            elf("demo-1.0.data/scripts/demo", is_module=False),
            pe("demo/launchers/w32.exe", "x86", is_module=False),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "libraries of .NET, which run on any machine",
        built(
            "py3-none-win_arm64",
            Binary("demo/runtime.dll", BinaryFormat.PE, "win"),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a damaged form of a module beside a whole one",
        built(
            LINUX,
            elf(f"demo/_x{LINUX_SUFFIX}"),
            Binary(
                "demo/_x.abi3.so",
                BinaryFormat.ELF,
                is_module=True,
                problem="is cut off",
            ),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a damaged file that no Python imports",
        built(LINUX, Binary("demo/data.so", BinaryFormat.ELF, problem="is cut off")),
    ),
    Case(
        binary_tag_mismatch,
        "a module that is cut off",
        built(
            LINUX,
            Binary(
                "demo/_x.so", BinaryFormat.ELF, is_module=True, problem="is cut off"
            ),
        ),
        says=(Says("'demo/_x.so': is cut off; expected an extension module"),),
    ),
    Case(
        binary_tag_mismatch,
        "a pointer of git LFS in place of a module",
        built(
            LINUX,
            Binary(
                "demo/_x.abi3.so",
                BinaryFormat.OTHER,
                is_module=True,
                problem="has the header of no binary",
            ),
        ),
        says=(Says("'demo/_x.abi3.so': has the header of no binary; expected…"),),
    ),
    Case(
        binary_tag_mismatch,
        "an arm64 module in a macOS x86_64 wheel (psf/black#3312)",
        built(
            "cp310-cp310-macosx_10_9_x86_64",
            macho("black/__init__.cpython-310-darwin.so", "arm64"),
            macho("black/comments.cpython-310-darwin.so", "arm64"),
        ),
        says=(
            Says(
                "'black/__init__.cpython-310-darwin.so' and 1 more: found Mach-O for "
                "arm64, expected macOS x86_64, as the tags say"
            ),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "an x86_64 module in a macOS arm64 wheel (eclipse-zenoh/zenoh-python#60)",
        built("cp37-abi3-macosx_11_0_arm64", macho("zenoh/zenoh.abi3.so", "x86_64")),
        says=(
            Says(
                "'zenoh/zenoh.abi3.so': found Mach-O for x86_64, expected macOS arm64, "
                "as the tags say"
            ),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a universal wheel without its arm64 half",
        built(UNIVERSAL, macho("demo/_x.cpython-312-darwin.so", "x86_64")),
        says=(Says("…found Mach-O for x86_64, expected macOS arm64…"),),
    ),
    Case(
        binary_tag_mismatch,
        "a module of Linux in a wheel of Windows",
        built(WINDOWS, elf("demo/_x.pyd")),
        says=(
            Says("…found ELF for x86_64, linked with glibc, expected Windows amd64…"),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a module of 64 bits in a wheel of 32",
        built("cp312-cp312-win32", pe("demo/_x.cp312-win32.pyd")),
        says=(Says("…found PE for amd64, expected Windows 32-bit…"),),
    ),
    Case(
        binary_tag_mismatch,
        "a module that is linked with glibc in a wheel for musl",
        built(MUSL, elf(f"demo/_x{LINUX_SUFFIX}")),
        says=(Says("…found ELF for x86_64, linked with glibc, expected musllinux…"),),
    ),
    Case(
        binary_tag_mismatch,
        "one of two modules does not fit",
        built(
            LINUX,
            elf(f"demo/_x{LINUX_SUFFIX}"),
            elf(f"demo/_y{LINUX_SUFFIX}", "aarch64"),
        ),
        says=(Says("'demo/_y…found ELF for aarch64, linked with glibc, expected…"),),
    ),
    Case(
        binary_tag_mismatch,
        "the only program is for another machine",
        built(
            "py3-none-manylinux_2_17_aarch64",
            elf("demo-1.0.data/scripts/demo", is_module=False),
        ),
        says=(Says("'demo-1.0.data/scripts/demo': found ELF for x86_64…"),),
    ),
    Case(
        binary_tag_mismatch,
        "a 64-bit program for a 32-bit Python of Windows (playwright)",
        built("py3-none-win32", pe("demo/driver/node.exe", is_module=False)),
        says=(
            Says(
                "'demo/driver/node.exe': found PE for amd64, expected Windows 32-bit…",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "the only program is of another system",
        built("py3-none-win_amd64", elf("demo/driver/node", is_module=False)),
        says=(
            Says("…found ELF for x86_64, linked with glibc, expected Windows amd64…"),
        ),
    ),
    # --- the suffix
    Case(
        binary_tag_mismatch,
        "suffixes that the Python of the tags imports",
        built(
            WINDOWS,
            pe("demo/_a.cp312-win_amd64.pyd"),
            pe("demo/_b.abi3.pyd"),
            pe("demo/_c.pyd"),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a module of PyPy in a wheel of PyPy",
        built(
            "pp310-pypy310_pp73-manylinux2014_x86_64",
            elf("demo/_x.pypy310-pp73-x86_64-linux-gnu.so"),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a module without the GIL in a wheel without it",
        built("cp313-cp313t-win_amd64", pe("demo/_x.cp313t-win_amd64.pyd")),
    ),
    Case(
        binary_tag_mismatch,
        "a suffix of old, with the letter of its ABI",
        built("cp37-cp37m-win_amd64", elf("demo/_x.cpython-37m-x86_64-linux-gnu.so")),
        says=(Says("…expected Windows amd64…"),),
    ),
    Case(
        binary_tag_mismatch,
        "modules for many Pythons in a wheel for every one",
        built(
            "py3-none-win_amd64",
            pe("demo/_x.cp311-win_amd64.pyd"),
            pe("demo/_x.cp312-win_amd64.pyd"),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "one more form for another Python beside the fitting one",
        built(
            WINDOWS,
            pe("demo/_x.cp312-win_amd64.pyd"),
            pe("demo/_x.cp311-win_amd64.pyd"),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a module for the Python of another job",
        built(WINDOWS, pe("demo/_x.cp311-win_amd64.pyd")),
        says=(
            Says(
                "'demo/_x.cp311-win_amd64.pyd': has a suffix for cp311, which cp312 of "
                "the tags does not import"
            ),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a module with the GIL in a wheel without it",
        built("cp313-cp313t-win_amd64", pe("demo/_x.cp313-win_amd64.pyd")),
        says=(Says("…has a suffix for cp313, which cp313t of the tags…"),),
    ),
    # --- of another system
    Case(
        binary_tag_mismatch,
        "a library of another system beside fitting modules",
        built(
            LINUX,
            elf(f"demo/_x{LINUX_SUFFIX}"),
            pe("demo/lib/helper.dll", is_module=False),
        ),
        says=(
            Says(
                "'demo/lib/helper.dll': found PE for amd64, which no platform of the "
                "tags can load",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a library for another machine beside fitting modules (pydivsufsort#47)",
        built(
            MAC,
            macho("demo/_x.so", "arm64"),
            macho("demo/libdemo.dylib", "x86_64", is_module=False),
        ),
        says=(
            Says(
                "'demo/libdemo.dylib': found Mach-O for x86_64, which no platform of "
                "the tags can load",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "a library that names another machine in its path (debugpy)",
        built(
            WINDOWS,
            pe("demo/_x.pyd"),
            pe("demo/attach_x86.dll", "x86", is_module=False),
        ),
    ),
    Case(
        binary_tag_mismatch,
        "programs of another system are data",
        built(
            LINUX,
            elf(f"demo/_x{LINUX_SUFFIX}"),
            pe("demo/launchers/t64.exe", is_module=False),
        ),
    ),
    # --- abi3
    Case(
        abi3_violation,
        "a module for every Python in a wheel for every Python",
        built(STABLE, elf("demo/_x.abi3.so"), elf("demo/_y.so")),
    ),
    Case(
        abi3_violation,
        "a library beside a module for every Python",
        built(STABLE, elf("demo/_x.abi3.so"), elf("demo/libx.so.1", is_module=False)),
    ),
    Case(
        abi3_violation,
        "a faster form for one Python beside the one for all",
        built(STABLE, elf("demo/_x.abi3.so"), elf(f"demo/_x{LINUX_SUFFIX}")),
    ),
    Case(
        abi3_violation,
        "a module for one Python in a wheel for it",
        built(LINUX, elf(f"demo/_x{LINUX_SUFFIX}")),
    ),
    Case(
        abi3_violation,
        "a module for one Python in a wheel for every Python",
        built(STABLE, elf(f"demo/_x{LINUX_SUFFIX}")),
        says=(
            Says(
                f"'demo/_x{LINUX_SUFFIX}': is for one Python alone, and the tags "
                "promise every later one (abi3)"
            ),
        ),
    ),
    # --- glibc
    Case(
        glibc_floor,
        "symbols of the glibc that is promised",
        built(LINUX, elf("demo/_x.so", glibc=(2, 17))),
    ),
    Case(
        glibc_floor,
        "a promise of no glibc",
        built("cp312-cp312-linux_x86_64", elf("demo/_x.so", glibc=(2, 39))),
    ),
    Case(
        glibc_floor,
        "a glibc of a newer tag beside the older one",
        built(
            "cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64",
            elf("demo/_x.so", glibc=(2, 27)),
        ),
    ),
    Case(
        glibc_floor,
        "glibc 2.34 under the tag of 2.17 (ludo-technologies/pyscn#762)",
        built(
            "py3-none-manylinux_2_17_x86_64",
            elf("pyscn/bin/pyscn", glibc=(2, 34), is_module=False),
        ),
        says=(Says("'pyscn/bin/pyscn': needs glibc 2.34; the tags promise 2.17"),),
    ),
    Case(
        glibc_floor,
        "the newest of several",
        built(
            "cp312-cp312-manylinux1_x86_64",
            elf("demo/_x.so", glibc=(2, 9)),
            elf("demo/_y.so", glibc=(2, 14)),
        ),
        says=(Says("'demo/_y.so' and 1 more: needs glibc 2.14; the tags promise 2.5"),),
    ),
    # --- macOS
    Case(
        macos_floor,
        "a macOS that is promised",
        built(MAC, macho("demo/_x.so", "arm64", needs=((11, 0),))),
    ),
    Case(
        macos_floor,
        "a macOS that differs in the second number alone",
        built(
            "cp312-cp312-macosx_12_0_arm64",
            macho("demo/_x.so", "arm64", needs=((12, 3),)),
        ),
    ),
    Case(
        macos_floor,
        "arm64, which no macOS before 11 has",
        built(
            UNIVERSAL,
            macho("demo/_x.so", "x86_64", "arm64", needs=((10, 9), (11, 0))),
        ),
    ),
    Case(
        macos_floor,
        "a library of the runner's own macOS",
        built(
            "cp312-cp312-macosx_10_9_x86_64",
            macho("demo/_x.so", "x86_64", needs=((10, 9),)),
            macho("demo/.dylibs/y.dylib", "x86_64", needs=((13, 0),), is_module=False),
        ),
        says=(
            Says(
                "'demo/.dylibs/y.dylib': needs macOS 13.0 on x86_64; the tags promise "
                "10.9"
            ),
        ),
    ),
    Case(
        macos_floor,
        "modules for macOS 12 under the tag 10.9 (protobuf 7.36.2)",
        built(
            "cp310-abi3-macosx_10_9_universal2",
            macho(
                "google/_upb/_message.abi3.so",
                *("x86_64", "arm64"),
                needs=((12, 0), (12, 0)),
            ),
        ),
        says=(
            Says("…needs macOS 12.0 on arm64; the tags promise 11.0"),
            Says("…needs macOS 12.0 on x86_64; the tags promise 10.9"),
        ),
    ),
    # --- a pure wheel
    Case(native_in_pure, "a wheel without binaries is pure", built(PURE)),
    Case(
        native_in_pure,
        "launchers of Windows, which are data (pip, setuptools)",
        built(
            PURE,
            pe("demo/t32.exe", "x86", is_module=False),
            pe("demo/t64.exe", is_module=False),
        ),
    ),
    Case(
        native_in_pure,
        "a set for several systems (debugpy)",
        built(
            PURE,
            pe("demo/_x.cp39-win_amd64.pyd"),
            elf("demo/attach_linux_amd64.so", is_module=False),
            macho("demo/attach.dylib", "x86_64", "arm64", is_module=False),
        ),
    ),
    Case(
        native_in_pure,
        "libraries of .NET in a wheel for every platform",
        built(PURE, Binary("demo/runtime.dll", BinaryFormat.PE, "win")),
    ),
    Case(
        native_in_pure,
        "modules in a wheel of their platform",
        built(LINUX, elf(f"demo/_x{LINUX_SUFFIX}")),
    ),
    Case(
        native_in_pure,
        "modules under platlib beside a root for every platform",
        built(LINUX, elf("demo-1.0.data/platlib/_x.so"), is_purelib=True),
    ),
    Case(
        native_in_pure,
        "a module for one system in a wheel for every one",
        built(PURE, elf(f"demo/_x{LINUX_SUFFIX}")),
        says=(
            Says(
                f"'demo/_x{LINUX_SUFFIX}': extension module for one system (ELF for "
                "x86_64, linked with glibc) in a wheel for every platform"
            ),
        ),
    ),
    Case(
        native_in_pure,
        "a library for one system in a wheel for every one",
        built(PURE, pe("demo/helper.dll", is_module=False)),
        says=(
            Says(
                "'demo/helper.dll': shared library for one system (PE for amd64)…",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        native_in_pure,
        "a module beside a root that says that it is for every platform",
        built(LINUX, elf(f"demo/_x{LINUX_SUFFIX}"), is_purelib=True),
        says=(
            Says(
                f"'demo/_x{LINUX_SUFFIX}': is for one platform, and WHEEL says "
                "Root-Is-Purelib: true"
            ),
        ),
    ),
]
