"""File names that an index refuses, or by which no installer finds the file."""

from __future__ import annotations

from typing import Any

from defects.archive import REFUSED, with_sdist, with_wheel
from defects.binaries import elf, macho
from defects.model import (
    MODULES,
    PURE,
    Aspect,
    Class,
    Defect,
    Dist,
    File,
    Listed,
    Members,
    Release,
    built,
    sdist,
    wheel,
)
from defects.pack import Entry, Node, zip_of

__all__ = ["NAMES", "native"]

_NEVER = "who installs it: no installer ever takes this file"
_OTHERS = "who installs it: it stands under another version or project"
_LINUX = "cp311-cp311-manylinux_2_17_x86_64"


def native(
    tag: str, module: str, code: bytes, *also: Dist | File, **release: Any
) -> Release:
    """A release with a wheel of compiled code, and of 0.9 the same wheel before."""
    compiled: Members = {**MODULES, f"demo/{module}": code}
    usual = (Listed(wheel(tag, members=compiled, says={"Version": "0.9"})),)
    old = (*usual, Listed(sdist(says={"Version": "0.9"})))
    files = (wheel(tag, members=compiled), sdist(), *also)
    return built(*files, **{"before": old, **release})


def extension(tag: str) -> str:
    """The file name of a compiled module for such a wheel."""
    if "linux" in tag:
        machine = "aarch64" if "aarch64" in tag else "x86_64"
        return f"_fast.cpython-311-{machine}-linux-gnu.so"
    return "_fast.cpython-311-darwin.so"


def _tagged(tag: str) -> Release:
    """A wheel of compiled code with this tag, and code that fits to it."""
    if "linux" in tag:
        code = elf("x86_64", defines="PyInit__fast")
    else:
        code = macho("x86_64" if "x86_64" in tag else "arm64")
    before = Listed(sdist(says={"Version": "0.9"}))
    return native(tag, extension(tag), code, before=(before,))


def _zipped(*nodes: Node) -> bytes:
    return zip_of(*(Entry(node.name, node.data) for node in nodes))


def _row(
    name: str,
    what: str,
    who: str,
    source: str,
    bad: Release,
    sound: Release | None = None,
    *also: Aspect,
) -> Defect:
    made = Release() if sound is None else sound
    return Defect(name, what, who, source, Class.NAME, (Aspect.NAME, *also), bad, made)


_MAC = _tagged("cp311-cp311-macosx_11_0_arm64")

NAMES = (
    _row(
        "wheel-name-upper",
        "a wheel's name is not normalized",
        REFUSED,
        "upload rule 113",
        with_wheel(stem="Demo-1.0"),
    ),
    _row(
        "sdist-name-upper",
        "an sdist's name is not normalized",
        REFUSED,
        "upload rules 101 and 102, PEP 625",
        with_sdist(stem="Demo-1.0"),
    ),
    _row(
        "sdist-zip",
        "the sdist is a zip",
        REFUSED,
        "upload rule 102, PEP 625",
        with_sdist(name="demo-1.0.zip", pack=_zipped),
    ),
    _row(
        "wheel-four-parts",
        "a wheel's name lacks its ABI tag",
        REFUSED,
        "upload rule 110",
        with_wheel(name="demo-1.0-py3-any.whl"),
    ),
    _row(
        "wheel-other-version",
        "a wheel's name says 1.1, its metadata 1.0",
        _OTHERS,
        "upload rule 114; gensim before 3.8.3, piskvorky/gensim#2796",
        with_wheel(stem="demo-1.1"),
    ),
    _row(
        "sdist-other-version",
        "an sdist's name says 1.1, its metadata 1.0",
        _OTHERS,
        "upload rule 102; odml 1.4.4.2, G-Node/python-odml#349",
        with_sdist(stem="demo-1.1"),
    ),
    _row(
        "wheel-other-project",
        "a wheel's name is another project's",
        _OTHERS,
        "upload rule 112",
        with_wheel(stem="demonstration-1.0"),
    ),
    _row(
        "wheel-build-text",
        "a wheel's build tag does not begin with a digit",
        REFUSED,
        "upload rule 110",
        with_wheel(name=f"demo-1.0-rebuilt-{PURE}.whl"),
    ),
    _row(
        "name-too-long",
        "a file name has more than 255 bytes with its .metadata",
        "the maintainer: PyPI refuses it, or answers 500",
        "upload rule 120",
        with_wheel(name=f"demo-1.0-1{'0' * 222}-{PURE}.whl"),
    ),
    _row(
        "egg",
        "an egg lies beside the distributions",
        REFUSED,
        "upload rules 11 and 62",
        Release((wheel(), sdist(), File("demo-1.0-py3.11.egg", _zipped(Node("x"))))),
    ),
    _row(
        "linux-x86-64",
        "a wheel for Linux was not repaired: its tag is linux_x86_64",
        REFUSED,
        "upload rule 111",
        _tagged("cp311-cp311-linux_x86_64"),
        _tagged(_LINUX),
    ),
    _row(
        "macos-minor",
        "a wheel's tag is macosx_14_2",
        REFUSED,
        "upload rule 111",
        _tagged("cp311-cp311-macosx_14_2_arm64"),
        _MAC,
    ),
    _row(
        "macos-impossible",
        "a wheel's tag is macosx_10_9_arm64, which no Mac has",
        _NEVER,
        "deltalake 0.6.4, delta-io/delta-rs#972",
        _tagged("cp311-cp311-macosx_10_9_arm64"),
        _MAC,
    ),
    _row(
        "abi-unknown",
        "a wheel's ABI tag is universal2",
        _NEVER,
        "greenlet 3.0.0, python-greenlet/greenlet#369",
        _tagged("cp311-universal2-macosx_11_0_universal2"),
        _MAC,
    ),
    _row(
        "pyodide",
        "a wheel for Pyodide was caught by a glob",
        "the maintainer: refused, and the files behind it are missing",
        "spatialgeometry 1.2.0, jhavl/spatialgeometry#9; upload rule 111",
        built(wheel(), sdist(), wheel("cp312-cp312-pyodide_2024_0_wasm32")),
    ),
)
