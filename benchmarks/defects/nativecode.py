"""Compiled code that does not run where its wheel says it does."""

from __future__ import annotations

from typing import Any

from defects.binaries import elf, macho, pe
from defects.model import (
    MODULES,
    PURE,
    Aspect,
    Class,
    Defect,
    Release,
    built,
    sdist,
    wheel,
)
from defects.names import extension, native

__all__ = ["NATIVE"]

_LINUX = "cp311-cp311-manylinux_2_17_x86_64"
_ABI3 = "cp311-abi3-manylinux_2_17_x86_64"
_MAC_X86, _MAC_ARM = "cp311-cp311-macosx_11_0_x86_64", "cp311-cp311-macosx_11_0_arm64"
_IMPORT = "who imports it there: the module does not load"


def _linux(**code: Any) -> Release:
    """A wheel for Linux with such an extension module."""
    made = elf("x86_64", defines="PyInit__fast", **code)
    return native(_LINUX, extension(_LINUX), made)


def _stable(*uses: str) -> Release:
    """A wheel of the stable ABI whose extension module uses these functions."""
    made = elf("x86_64", defines="PyInit__fast", uses=uses)
    return native(_ABI3, "_fast.abi3.so", made)


def _row(
    name: str,
    what: str,
    source: str,
    aspects: tuple[Aspect, ...],
    bad: Release,
    sound: Release,
    who: str = _IMPORT,
) -> Defect:
    return Defect(name, what, who, source, Class.NATIVE, aspects, bad, sound)


_TAG, _GLIBC = (Aspect.BINARIES,), (Aspect.MANYLINUX, Aspect.BINARIES)
_SOUND, _STABLE = _linux(), _stable("PyLong_FromLong")
_MAC = native(_MAC_X86, extension(_MAC_X86), macho("x86_64"))

NATIVE = (
    _row(
        "macos-other-machine",
        "a wheel for macOS on x86_64 holds code for arm64",
        "black 22.10.0, psf/black#3312",
        _TAG,
        native(_MAC_X86, extension(_MAC_X86), macho("arm64")),
        _MAC,
    ),
    _row(
        "macos-other-machine-arm",
        "a wheel for macOS on arm64 holds code for x86_64",
        "eclipse-zenoh 0.5.0b9, eclipse-zenoh/zenoh-python#60",
        _TAG,
        native(_MAC_ARM, extension(_MAC_ARM), macho("x86_64")),
        native(_MAC_ARM, extension(_MAC_ARM), macho("arm64")),
    ),
    _row(
        "linux-other-machine",
        "a wheel for Linux on x86_64 holds code for aarch64",
        "the same mistake, of a cross build",
        _GLIBC,
        native(_LINUX, extension(_LINUX), elf("aarch64", defines="PyInit__fast")),
        _SOUND,
    ),
    _row(
        "windows-other-machine",
        "a wheel for Windows on AMD64 holds code for ARM64",
        "the same mistake, of a cross build",
        _TAG,
        native("cp311-cp311-win_amd64", "_fast.cp311-win_amd64.pyd", pe("win_arm64")),
        native("cp311-cp311-win_amd64", "_fast.cp311-win_amd64.pyd", pe("win_amd64")),
    ),
    _row(
        "linux-in-pure",
        "a wheel for every system holds a module for Linux",
        "python-dp 0.1.0, OpenMined/PyDP#119",
        _GLIBC,
        built(
            wheel(
                PURE,
                members={
                    **MODULES,
                    f"demo/{extension(_LINUX)}": elf("x86_64", defines="PyInit__fast"),
                },
            ),
            sdist(),
        ),
        Release(),
    ),
    _row(
        "python-other",
        "a wheel for CPython 3.11 holds a module for 3.13",
        "pychomp2 1.0.5, pypa/cibuildwheel#2395",
        _TAG,
        native(
            _LINUX,
            "_fast.cpython-313-x86_64-linux-gnu.so",
            elf("x86_64", defines="PyInit__fast"),
        ),
        _SOUND,
    ),
    _row(
        "glibc-too-new",
        "a manylinux_2_17 wheel needs a symbol of glibc 2.34",
        "pyscn, ludo-technologies/pyscn#762",
        _GLIBC,
        _linux(needs={"libc.so.6": ("GLIBC_2.2.5", "GLIBC_2.34")}),
        _SOUND,
    ),
    _row(
        "library-outside",
        "a manylinux wheel needs a library that is not in it",
        "PEP 599; auditwheel show",
        _GLIBC,
        _linux(needs={"libc.so.6": ("GLIBC_2.2.5",), "libdemo.so.1": ()}),
        _SOUND,
    ),
    _row(
        "machine-too-new",
        "a manylinux x86_64 wheel says that it needs x86-64-v3",
        "auditwheel show (unsupported ISA extensions)",
        _GLIBC,
        _linux(isa=4),
        _SOUND,
        "who imports it on an older processor: it ends at once",
    ),
    _row(
        "fpectl",
        "a manylinux wheel uses PyFPE_jbuf, which few builds of Python have",
        "PEP 513; auditwheel show",
        _GLIBC,
        _linux(uses=("PyFPE_jbuf",)),
        _SOUND,
    ),
    _row(
        "symbol-forbidden",
        "a manylinux wheel uses a symbol that libz keeps to itself",
        "auditwheel's policy of libz.so.1",
        _GLIBC,
        _linux(
            needs={"libc.so.6": ("GLIBC_2.2.5",), "libz.so.1": ()},
            uses=("inflate_fast",),
        ),
        _SOUND,
    ),
    _row(
        "abi3-private",
        "a wheel of the stable ABI uses a function that is not in it",
        "abi3audit: non-ABI3 symbols",
        (Aspect.ABI3,),
        _stable("PyLong_FromLong", "_PyLong_AsByteArray"),
        _STABLE,
    ),
    _row(
        "abi3-too-new",
        "a wheel for the stable ABI of 3.11 uses a function of that of 3.13",
        "abi3audit: ABI version mismatch",
        (Aspect.ABI3,),
        _stable("PyLong_FromLong", "PyDict_GetItemRef"),
        _STABLE,
    ),
    _row(
        "abi3-versioned",
        "a wheel of the stable ABI holds a module for one version",
        "the wheel specification; the compatibility tags of PEP 425",
        _TAG,
        native(_ABI3, extension(_ABI3), elf("x86_64", defines="PyInit__fast")),
        _STABLE,
    ),
    _row(
        "debug-symbols",
        "a compiled module was not stripped",
        "pydistcheck compiled-objects-have-debug-symbols",
        (Aspect.DEBUG,),
        _linux(debug=True),
        _SOUND,
        "who downloads it: it is a multiple of its size",
    ),
)
