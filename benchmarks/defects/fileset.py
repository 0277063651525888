"""Files that are each sound, and wrong together."""

from __future__ import annotations

import json

from defects.archive import REFUSED
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
    Release,
    built,
    pair,
    sdist,
    wheel,
)
from defects.names import extension

__all__ = ["SET"]

_MIXED = "who installs it: which of the two they get is chance"
_SOME = "who installs it on what is missing"
_SYSTEMS = ("manylinux_2_17_x86_64", "macosx_11_0_arm64")


def _compiled(system: str, version: str = "1.0") -> Dist:
    tag = f"cp311-cp311-{system}"
    is_elf = "linux" in system
    code = elf("x86_64", defines="PyInit__fast") if is_elf else macho("arm64")
    members = {**MODULES, f"demo/{extension(tag)}": code}
    return wheel(tag, members=members, says={"Version": version})


_BEFORE = tuple(
    Listed(dist)
    for dist in (
        *(_compiled(system, "0.9") for system in _SYSTEMS),
        sdist(says={"Version": "0.9"}),
    )
)
_EACH = tuple(_compiled(system) for system in _SYSTEMS)
_TYPED = {**MODULES, "demo/py.typed": b""}


def _beside(*more: Dist | File) -> Release:
    return Release((*pair(), *more))


def _row(
    name: str,
    what: str,
    who: str,
    source: str,
    bad: Release,
    sound: Release | None = None,
    aspect: Aspect = Aspect.SET,
) -> Defect:
    made = Release() if sound is None else sound
    return Defect(name, what, who, source, Class.SET, (aspect,), bad, made)


_REQUIRES = {"Requires-Dist": "six>=1.16"}
_ATTESTATION = json.dumps({"version": 1, "envelope": "none"}).encode()

SET = (
    _row(
        "two-versions",
        "a wheel of an earlier build lies beside the new files",
        "who installs the old version: a file came that nobody tested",
        "pyzmq 18.0.1, zeromq/pyzmq#1304",
        _beside(wheel(says={"Version": "0.9.1"})),
    ),
    _row(
        "two-projects",
        "a wheel of another project lies beside the files",
        "who installs the other project",
        "python-editor 1.0.2, fmoo/python-editor#13",
        _beside(wheel(says={"Name": "demo-tools"})),
    ),
    _row(
        "two-spellings",
        "the wheel is of 1.0.0, the sdist of 1.0",
        "who pins it by file name",
        "PEP 440: the two are one version; PyPI takes both",
        built(wheel(says={"Version": "1.0.0"}), sdist()),
    ),
    _row(
        "sdist-missing",
        "there is no sdist",
        "who packages it, or installs it where no wheel fits",
        "pypmc 1.1.4, pypmc/pypmc#68; setuptools 21.2.0, pypa/setuptools#589",
        Release((wheel(),)),
    ),
    _row(
        "sdists-two",
        "there are two sdists",
        REFUSED,
        "upload rule 71",
        _beside(sdist(stem="demo-1.0.0", says={"Version": "1.0.0"})),
    ),
    _row(
        "wheel-missing",
        "the last release had wheels for two systems, this one has them for one",
        _SOME,
        "PyWavelets 1.4.0, PyWavelets/pywt#656; matplotlib 3.0.3",
        built(_EACH[0], sdist(), before=_BEFORE),
        built(*_EACH, sdist(), before=_BEFORE),
    ),
    _row(
        "wheels-all-missing",
        "the last release had wheels, this one has none",
        _SOME,
        "pytaglib 3.2.0, supermihi/pytaglib#203",
        built(sdist(), before=_BEFORE),
        built(*_EACH, sdist(), before=_BEFORE),
    ),
    _row(
        "wheel-twice",
        "the same bytes lie there under two names",
        REFUSED,
        "upload rule 68",
        Release((*pair(), wheel(name=f"demo-1.0-1-{PURE}.whl"))),
    ),
    _row(
        "requires-python-differs",
        "the wheel and the sdist have not the same Requires-Python",
        _MIXED,
        "PyPI takes the metadata of the first file for all",
        built(wheel(says={"Requires-Python": ">=3.12"}), sdist()),
    ),
    _row(
        "dependencies-differ",
        "the sdist has dependencies, and the wheel none",
        "who installs the wheel: imports fail",
        "Flexget, pypa/build#530",
        built(wheel(), sdist(says=_REQUIRES), says=_REQUIRES),
        built(says=_REQUIRES),
    ),
    _row(
        "wheel-lacks-typing",
        "the sdist has py.typed, the wheel has not",
        "who checks types",
        "readme_renderer 34.0; django-model-utils, jazzband/django-model-utils#586",
        built(wheel(), sdist(members=_TYPED), members=_TYPED),
        built(members=_TYPED),
    ),
    _row(
        "wheel-lacks-module",
        "the sdist has a module that the wheel has not",
        "who imports it",
        "clawmetry 0.12.9, vivekchand/clawmetry#663",
        built(
            wheel(),
            sdist(members={**MODULES, "demo/late.py": b"LATE = 1\n"}),
            members={**MODULES, "demo/late.py": b"LATE = 1\n"},
        ),
        built(members={**MODULES, "demo/late.py": b"LATE = 1\n"}),
    ),
    _row(
        "stranger",
        "a file that is no distribution lies among them",
        "the maintainer: twine refuses it, or a glob passes it over",
        "upload rule 62",
        _beside(File("checksums.txt", b"demo\n")),
    ),
    _row(
        "attestation-orphan",
        "an attestation lies there without its file",
        "the maintainer: the file that it speaks of was left out",
        "PEP 740",
        _beside(File("demo-1.0-py3-none-win32.whl.publish.attestation", _ATTESTATION)),
    ),
    _row(
        "attestation-malformed",
        "what lies beside a wheel as its attestation is none",
        REFUSED,
        "upload rule 131, PEP 740",
        _beside(File(f"demo-1.0-{PURE}.whl.publish.attestation", _ATTESTATION)),
        aspect=Aspect.ATTESTATION,
    ),
)
