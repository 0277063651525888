"""What the index holds before the upload, and what became of it behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from defects.archive import REFUSED
from defects.model import (
    MODULES,
    Aspect,
    Class,
    Defect,
    Listed,
    Release,
    Says,
    Step,
    built,
    pair,
    sdist,
    wheel,
)

__all__ = ["INDEX"]

_OLD = tuple(Listed(dist) for dist in pair(says={"Version": "0.9"}))
_NEW = tuple(Listed(dist, days=0) for dist in pair())
_OTHER = {**MODULES, "demo/core.py": b"def answer():\n    return 0\n"}
_FILES = "who installs it there"


def _before(*listed: Listed, **release: Any) -> Release:
    return built(**{"before": (*_OLD, *listed), **release})


def _after(*listed: Listed, old: tuple[Listed, ...] = _OLD) -> Release:
    return built(after=(*old, *listed), step=Step.VERIFY)


def _row(
    name: str,
    what: str,
    who: str,
    source: str,
    bad: Release,
    sound: Release | None = None,
    aspect: Aspect = Aspect.INDEX,
) -> Defect:
    made = Release() if sound is None else sound
    return Defect(name, what, who, source, Class.INDEX, (aspect,), bad, made)


def _behind(
    name: str,
    what: str,
    who: str,
    source: str,
    bad: Release,
    sound: Release | None = None,
) -> Defect:
    made = _after(*_NEW) if sound is None else sound
    return _row(name, what, who, source, bad, made, Aspect.AFTER)


_PIN: Says = {"Requires-Dist": "six==1.99"}
_SIX = {"six": (Listed(wheel(says={"Name": "six", "Version": "1.16"})),)}
_SIX_99 = {"six": (Listed(wheel(says={"Name": "six", "Version": "1.99"})),)}
_TYPED = {**MODULES, "demo/py.typed": b""}
_TYPED_OLD = tuple(
    Listed(dist) for dist in pair(members=_TYPED, says={"Version": "0.9"})
)
_HUGE = tuple(replace(listed, said={"size": 6 << 30}) for listed in _OLD)


def _audited(*listed: Listed, tags: tuple[str, ...] = ("v0.9",)) -> Release:
    return built(after=(*_OLD, *listed), tags=tags, step=Step.AUDIT)


INDEX = (
    _row(
        "file-exists",
        "the index has the sdist already, with other bytes",
        REFUSED,
        "drf-tracking 1.2.0, aschn/drf-tracking#64; upload rule 68",
        _before(Listed(sdist(members=_OTHER), days=1)),
        aspect=Aspect.LISTED,
    ),
    _row(
        "wheel-later",
        "a wheel is to be added to the release of yesterday, which had only an sdist",
        "who pinned the release by its hashes: the lock no longer holds",
        "hiredis 0.2.0, redis/hiredis-py#69; bleach 3.1.1, mozilla/bleach#517",
        _before(Listed(sdist(), days=1)),
    ),
    _row(
        "release-closed",
        "the release is older than 14 days, and a wheel is to be added",
        REFUSED,
        "livereload 2.6.3, lepture/python-livereload#265; upload rule 70",
        _before(Listed(sdist(), days=40)),
    ),
    _row(
        "project-archived",
        "the project is archived",
        REFUSED,
        "upload rule 56",
        _before(status="archived"),
    ),
    _row(
        "project-unknown",
        "the index has no such project: the name is a slip",
        "who installs the project by its right name",
        "name squatting; upload rules 53 to 55",
        built(before=()),
    ),
    _row(
        "project-full",
        "the project has no room left on the index",
        REFUSED,
        "upload rule 65",
        built(before=_HUGE),
    ),
    _row(
        "dependency-absent",
        "a pinned version of a dependency is not on the index",
        "who installs it",
        "atxm 0.2.1, nucypher/atxm@d81d9dc",
        built(says=_PIN, others=_SIX),
        built(says=_PIN, others=_SIX_99),
    ),
    _row(
        "requires-python-lost",
        "the last release had a Requires-Python, and this one has none",
        "who installs it on a Python that it does not run on",
        "voluptuous 0.14.0, alecthomas/voluptuous#494; web.py 0.60",
        built(
            says={"Requires-Python": None, "Version": "0.9.1"},
        ),
        built(says={"Version": "0.9.1"}),
    ),
    _row(
        "python-dropped",
        "a patch release drops a Python",
        "who stays on that Python, and cannot upgrade",
        "pyobjc-core 12.0 (its reverse); PEP 440's meaning of a patch",
        built(says={"Requires-Python": ">=3.12", "Version": "0.9.1"}),
        built(says={"Version": "0.9.1"}),
    ),
    _row(
        "typing-lost",
        "the last release had py.typed, and this one has not",
        "who checks types",
        "locust 2.14.1, locustio/locust#2282",
        built(before=_TYPED_OLD),
        built(before=_TYPED_OLD, members=_TYPED),
    ),
    _row(
        "size-jump",
        "the wheel is many times as large as the last one",
        "who downloads it: a folder came along",
        "lightning 2.6.2 (11 MB more), Lightning-AI/pytorch-lightning#21691",
        built(
            members={**MODULES, "demo/table.py": b"T = '" + b"0" * 4_000_000 + b"'\n"}
        ),
        Release(),
    ),
    _behind(
        "published-missing",
        "a wheel did not arrive",
        _FILES,
        "frozenlist 1.6.1; CoolProp 5.0.0, pypa/twine#63",
        _after(_NEW[1]),
    ),
    _behind(
        "published-other",
        "the wheel on the index has other bytes than the one that was uploaded",
        "who installs it",
        "django-simple-history 3.1, django-commons/django-simple-history#1065",
        _after(Listed(wheel(members=_OTHER), days=0), _NEW[1]),
    ),
    _behind(
        "published-stranger",
        "a file of this version is on the index that nobody built",
        "who installs it",
        "ultralytics 8.3.45 (a stolen token)",
        _after(
            *_NEW,
            Listed(wheel("cp311-cp311-win_amd64", members=_OTHER), days=0),
        ),
    ),
    _behind(
        "published-elsewhere",
        "a file of an older version was changed in the meantime",
        "who installs the older version",
        "pyzmq 18.0.1, zeromq/pyzmq#1304 (files came to another version)",
        _after(
            *_NEW,
            Listed(wheel("cp311-cp311-win_amd64", says={"Version": "0.9"}), days=0),
        ),
    ),
    _behind(
        "published-yanked",
        "the files are listed, and yanked",
        "who installs it: installers pass it over",
        "PEP 592",
        _after(*(replace(listed, said={"yanked": "no"}) for listed in _NEW)),
    ),
    _behind(
        "published-requires-python",
        "the index lists another Requires-Python than the file has",
        "who installs it on a Python that it does not run on",
        "PyPI takes the metadata of the first file for all",
        _after(
            *(replace(listed, said={"requires-python": ">=2.7"}) for listed in _NEW)
        ),
    ),
    _behind(
        "version-untagged",
        "a version is on the index that no tag leads to",
        "everybody: it was live for 11 days before somebody noticed",
        "cryptography 43.0.0.dev1; ultralytics 8.3.45; PEtab-dev/PEtab#124",
        _audited(*_NEW, Listed(sdist(says={"Version": "1.1"}), days=0)),
        _audited(*_NEW),
    ),
    _behind(
        "version-dev-listed",
        "a development version is on the index, tag or not",
        "everybody who installs pre-releases",
        "cryptography 43.0.0.dev1; jupyter-builder 0.1.0a1",
        _audited(
            *_NEW,
            *(Listed(d, days=0) for d in pair(says={"Version": "1.1.dev1"})),
            tags=("v0.9", "v1.1.dev1"),
        ),
        _audited(*_NEW),
    ),
    _behind(
        "tag-unpublished",
        "a tag is there, and its version never came to the index",
        "who waits for it",
        "pytaglib 3.2.0 (the publish step failed), supermihi/pytaglib#203",
        _audited(*_NEW, tags=("v0.9", "v0.9.5")),
        _audited(*_NEW),
    ),
)
