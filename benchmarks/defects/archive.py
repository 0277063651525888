"""Archives that cannot be read, that readers read differently, or that do harm."""

from __future__ import annotations

import bz2
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from defects.model import (
    MODULES,
    Aspect,
    Class,
    Defect,
    Dist,
    Members,
    Release,
    built,
    sdist,
    tree,
    wheel,
)
from defects.pack import (
    BZIP2,
    DEFLATED,
    Entry,
    Node,
    gzipped,
    tar_of,
    zeros_deflated,
    zip_of,
)

__all__ = ["ARCHIVE"]

_CORE = "demo/core.py"
_OTHER = b"def answer() -> int:\n    return 41\n"
#: 80 MiB and a little, in 2064 bytes each.
_GROUPS = 40_650


def with_wheel(**what: Any) -> Release:
    """A release of such a wheel and a sound sdist."""
    return Release((wheel(**what), sdist()))


def with_sdist(**what: Any) -> Release:
    """A release of a sound wheel and such an sdist."""
    return Release((wheel(), sdist(**what)))


def swap(name: str, **fields: Any) -> Callable[[list[Entry]], list[Entry]]:
    """A change of the member of this name."""

    def change(entries: list[Entry]) -> list[Entry]:
        return [replace(e, **fields) if e.name == name else e for e in entries]

    return change


def add(*nodes: Node) -> Callable[[list[Node]], list[Node]]:
    """More members behind those of an sdist."""
    return lambda made: [*made, *nodes]


def rename(old: str, new: str) -> Callable[[list[Node]], list[Node]]:
    """Other names at the front of an sdist's members."""
    return lambda made: [replace(n, name=n.name.replace(old, new, 1)) for n in made]


def every(**fields: Any) -> Callable[[list[Entry]], list[Entry]]:
    """A change of all members."""
    return lambda made: [replace(entry, **fields) for entry in made]


def _bomb(entries: list[Entry]) -> list[Entry]:
    packed = zeros_deflated(_GROUPS)
    return swap("demo/zeros.bin", method=DEFLATED, packed=packed)(entries)


_SPARSE = Node(
    "demo-1.0/src/demo/table.bin",
    bytes(512),
    type=b"S",
    patches={
        257: b"ustar  \0",
        386: b"%011o\0%011o\0" % (0, 512),
        483: b"%011o\0" % 512,
    },
)


def _row(
    name: str, what: str, who: str, source: str, aspect: Aspect, bad: Release
) -> Defect:
    return Defect(name, what, who, source, Class.ARCHIVE, (aspect,), bad)


_SETUP = (
    b"from pathlib import Path\n\nfrom setuptools import setup\n\n"
    b'REQUIREMENTS = Path("requirements.txt").read_text().split()\nsetup()\n'
)


_ALONE = (
    b"from setuptools import find_packages, setup\n\n"
    b'setup(name="demo", version="1.0", packages=find_packages("src"),\n'
    b'      package_dir={"": "src"}, python_requires=">=3.11")\n'
)


def _old_style() -> dict[str, bytes]:
    """A checkout with a setup.py in place of a pyproject.toml."""
    made = tree(also={"setup.py": _ALONE})
    del made["pyproject.toml"]
    return made


def _reading(packed: Members) -> Release:
    """An sdist with these files, of a checkout that has all that its build reads."""
    checkout = tree(also={"setup.py": _SETUP, "requirements.txt": b"\n"})
    return built(wheel(), sdist(info=packed), checkout=checkout)


INSTALLS = "who installs it: the installation fails"
REFUSED = "the maintainer: the upload is refused, and half of the release is out"
_SEEN = "who reviews it: others install something else than was looked at"
_WHOLE, _UNPACKED = Aspect.WHEEL_WHOLE, Aspect.SDIST_WHOLE
_SHOWN, _RECORD = Aspect.AMBIGUITY, Aspect.RECORD
_WHEEL, _SDIST = Aspect.WHEEL_LAYOUT, Aspect.SDIST_LAYOUT

ARCHIVE = (
    _row(
        "wheel-crc",
        "a member of a wheel has not the checksum that the zip says",
        INSTALLS,
        "qcs-sdk-python 0.21.13, PyO3/maturin#2499",
        _WHOLE,
        with_wheel(entries=swap(_CORE, crc=0xDEADBEEF)),
    ),
    _row(
        "wheel-stream",
        "a member of a wheel does not inflate",
        INSTALLS,
        "pydantic-core 2.41.3, pydantic/pydantic#12395",
        _WHOLE,
        with_wheel(entries=swap(_CORE, method=DEFLATED, packed=b"\xff" * 40)),
    ),
    _row(
        "wheel-cut",
        "a wheel ends in the middle",
        INSTALLS,
        "bandersnatch 1.10.0 (a partial file on the index); upload rule 82",
        _WHOLE,
        with_wheel(damage=lambda content: content[: len(content) // 2]),
    ),
    _row(
        "sdist-cut",
        "an sdist ends in the middle",
        INSTALLS,
        "bandersnatch 1.10.0 (a partial file on the index); upload rule 82",
        _UNPACKED,
        with_sdist(damage=lambda content: content[: len(content) // 2]),
    ),
    _row(
        "sdist-empty",
        "an sdist has no byte",
        INSTALLS,
        "upload rule 81",
        _UNPACKED,
        with_sdist(damage=lambda _: b""),
    ),
    _row(
        "wheel-is-a-page",
        "a wheel is the error page of a download",
        INSTALLS,
        "upload rule 81",
        _WHOLE,
        with_wheel(damage=lambda _: b"<!doctype html>\n<title>503</title>\n" * 40),
    ),
    _row(
        "sdist-checksum",
        "the checksum at the end of an sdist's gzip stream is not that of its content",
        "who unpacks it with anything that compares it",
        "RFC 1952; upload rule 82 does not see it",
        _UNPACKED,
        with_sdist(damage=lambda content: content[:-8] + bytes(4) + content[-4:]),
    ),
    _row(
        "zip-and-tar",
        "a wheel is a zip and a tar at once",
        _SEEN,
        "upload rule 80",
        _SHOWN,
        with_wheel(
            pack=lambda *e: zip_of(*e, before=tar_of(Node("demo/core.py", _OTHER)))
        ),
    ),
    _row(
        "zip-before",
        "a script stands before a wheel's first record",
        _SEEN,
        "upload rule 90, unknown record signature",
        _SHOWN,
        with_wheel(pack=lambda *e: zip_of(*e, before=b"#!/bin/sh\nexit 0\n")),
    ),
    _row(
        "zip-behind",
        "bytes stand behind a wheel's end record",
        _SEEN,
        "upload rule 90, trailing data",
        _SHOWN,
        with_wheel(pack=lambda *e: zip_of(*e, behind=b"\n" * 40)),
    ),
    _row(
        "zip-twice",
        "a wheel has a member twice, with other content",
        _SEEN,
        "upload rule 90, duplicate filename",
        _SHOWN,
        with_wheel(entries=lambda made: [Entry(_CORE, _OTHER), *made]),
    ),
    _row(
        "zip-two-names",
        "a member has another name where it lies than in the directory",
        _SEEN,
        "upload rule 90, mis-matched local headers and central directory",
        _SHOWN,
        with_wheel(entries=swap(_CORE, local="demo/c0re.py")),
    ),
    _row(
        "zip-descriptor",
        "a wheel was written to a stream: its sizes stand behind the bytes",
        REFUSED,
        "upload rule 90, data descriptor",
        _SHOWN,
        with_wheel(entries=every(flags=8)),
    ),
    _row(
        "zip-bzip2",
        "a member of a wheel is packed with bzip2",
        REFUSED,
        "upload rule 84",
        _SHOWN,
        with_wheel(
            entries=lambda made: [
                replace(e, method=BZIP2, packed=bz2.compress(e.data))
                if e.name == _CORE
                else e
                for e in made
            ]
        ),
    ),
    _row(
        "zip-bomb",
        "half a megabyte of a wheel unpacks to 80 MiB",
        "who installs it, and the maintainer: the upload is refused",
        "upload rule 83; pydistcheck distro-too-large-uncompressed",
        Aspect.PATHS,
        with_wheel(
            large=lambda: {"demo/zeros.bin": bytes(1 + 2064 * _GROUPS)}, entries=_bomb
        ),
    ),
    _row(
        "zip-encrypted",
        "a member of a wheel is marked as encrypted",
        "the maintainer: PyPI answers 500",
        "PyPI's upload handler raises on it",
        _WHOLE,
        with_wheel(entries=swap(_CORE, flags=1)),
    ),
    _row(
        "wheel-climbs",
        "a member of a wheel climbs out of the folder (../)",
        "who unpacks it: files elsewhere are overwritten",
        "PyPI takes it; the zip slip of CWE-22",
        _SHOWN,
        with_wheel(members={**MODULES, "../../demo_evil.py": _OTHER}),
    ),
    _row(
        "sdist-absolute",
        "a member of an sdist has an absolute path",
        "who unpacks it, and the maintainer: PyPI answers 500",
        "PyPI's upload handler raises on it",
        _SHOWN,
        with_sdist(nodes=add(Node("/etc/demo.conf", b"demo\n"))),
    ),
    _row(
        "sdist-link",
        "a link in an sdist leads out of it",
        "who unpacks it: what lies behind the link is read or overwritten",
        "PyPI takes it; PEP 721",
        _SHOWN,
        with_sdist(
            nodes=add(
                Node("demo-1.0/src/demo/x", type=b"2", link="../../../../etc/passwd")
            )
        ),
    ),
    _row(
        "sdist-device",
        "an sdist holds a device node",
        "who unpacks it",
        "PyPI takes it; PEP 721",
        _SHOWN,
        with_sdist(nodes=add(Node("demo-1.0/src/demo/null", type=b"3"))),
    ),
    _row(
        "sdist-sparse",
        "an sdist holds a sparse member",
        REFUSED,
        "upload rule 88",
        _SHOWN,
        with_sdist(nodes=add(_SPARSE)),
    ),
    _row(
        "sdist-twice",
        "an sdist has a module twice, and the last one wins",
        _SEEN,
        "PyPI takes it; readers differ",
        _SHOWN,
        with_sdist(nodes=add(Node("demo-1.0/src/demo/core.py", _OTHER))),
    ),
    _row(
        "sdist-two-streams",
        "a second gzip stream stands behind an sdist's first",
        _SEEN,
        "RFC 1952 allows it; readers differ",
        _SHOWN,
        with_sdist(
            damage=lambda content: content + gzipped(tar_of(Node("demo-1.0/x", b"x")))
        ),
    ),
    _row(
        "wheel-two-infos",
        "a wheel has a second .dist-info folder, of an older version",
        "who installs it: the index filed it under the old version",
        "pandaSDMX 0.8, pypi/warehouse#2675, pypa/wheel#210",
        _WHEEL,
        with_wheel(
            members={
                **MODULES,
                "demo-0.9.dist-info/METADATA": Dist(says={"Version": "0.9"}).metadata,
            }
        ),
    ),
    _row(
        "wheel-no-wheel-file",
        "a wheel lacks its WHEEL file",
        INSTALLS,
        "upload rule 87",
        _WHEEL,
        with_wheel(info={"WHEEL": None}),
    ),
    _row(
        "wheel-no-metadata",
        "a wheel lacks its METADATA",
        INSTALLS,
        "upload rule 119",
        _WHEEL,
        with_wheel(info={"METADATA": None}),
    ),
    _row(
        "wheel-no-record",
        "a wheel lacks its RECORD",
        "who uninstalls it, and the maintainer: the upload is refused",
        "upload rule 116",
        _RECORD,
        with_wheel(info={"RECORD": None}),
    ),
    _row(
        "record-lacks",
        "RECORD lacks a module that is in the wheel",
        "who uninstalls it: the module stays",
        "upload rule 117",
        _RECORD,
        with_wheel(
            record=lambda rows: "".join(
                row for row in rows.splitlines(keepends=True) if _CORE not in row
            )
        ),
    ),
    _row(
        "record-invents",
        "RECORD names a module that is not in the wheel",
        "who trusts RECORD",
        "upload rule 117",
        _RECORD,
        with_wheel(record=lambda rows: f"demo/ghost.py,,\n{rows}"),
    ),
    _row(
        "record-hash",
        "a module of a wheel is not the one that RECORD hashed",
        "who verifies an installation",
        "pydantic-core 2.41.3: two hashes of RECORD fail",
        _RECORD,
        with_wheel(
            record=lambda rows: rows.replace(",sha256=", ",sha256=AAAA", 1).replace(
                "=,", ",", 1
            )
        ),
    ),
    _row(
        "wheel-tags-differ",
        "the WHEEL file has another tag than the file name",
        "who repacks or mirrors it",
        "the wheel specification; pypi/warehouse#19411",
        _WHEEL,
        with_wheel(
            info={
                "WHEEL": b"Wheel-Version: 1.0\nGenerator: benchmark\n"
                b"Root-Is-Purelib: true\nTag: cp27-none-any\n"
            }
        ),
    ),
    Defect(
        "entry-points-name",
        "a command's name has a space in it",
        REFUSED,
        "upload rule 118",
        Class.ARCHIVE,
        (_WHEEL,),
        with_wheel(
            info={
                "entry_points.txt": b"[console_scripts]\nthe demo = demo.core:answer\n"
            }
        ),
        with_wheel(
            info={"entry_points.txt": b"[console_scripts]\ndemo = demo.core:answer\n"}
        ),
    ),
    _row(
        "sdist-no-top",
        "an sdist's members lie side by side, in no folder",
        REFUSED,
        "upload rule 85",
        _SDIST,
        with_sdist(nodes=rename("demo-1.0/", "")),
    ),
    _row(
        "sdist-no-pkg-info",
        "an sdist lacks its PKG-INFO",
        REFUSED,
        "upload rule 86",
        _SDIST,
        with_sdist(info={"PKG-INFO": None}),
    ),
    _row(
        "sdist-other-top",
        "an sdist's folder is that of a branch, not of the version",
        "who packages it from source",
        "PEP 625; PyPI takes it",
        _SDIST,
        with_sdist(nodes=rename("demo-1.0/", "demo-main/")),
    ),
    _row(
        "sdist-no-build",
        "an sdist lacks what says how it is built",
        "who builds it: the build guesses, or fails",
        "cython before 3.0.0b1 (no setup.cfg); PEP 517; pyroma MissingBuildSystem",
        _SDIST,
        with_sdist(info={"pyproject.toml": None}),
    ),
    Defect(
        "sdist-no-pyproject",
        "an sdist is built by a setup.py alone, and names no build backend",
        "who builds it: which setuptools it takes is chance",
        "PEP 518; pyroma MissingPyProjectToml",
        Class.ARCHIVE,
        (Aspect.PROJECT,),
        built(
            wheel(),
            sdist(info={"pyproject.toml": None, "setup.py": _ALONE}),
            checkout=_old_style(),
        ),
    ),
    Defect(
        "sdist-lacks-requirements",
        "an sdist lacks the requirements.txt that its setup.py reads",
        "who installs it where no wheel fits: the build fails",
        "drf-user 0.0.8, 101Loop/drf-user#6; ksql, bryanyang0528/ksql-python#49",
        Class.ARCHIVE,
        (Aspect.CODE, Aspect.SOURCE),
        _reading({"setup.py": _SETUP}),
        _reading({"setup.py": _SETUP, "requirements.txt": b"\n"}),
    ),
)
