"""Versions that were not meant, and tags and events that do not lead to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from defects.model import (
    Aspect,
    Class,
    Defect,
    Listed,
    Release,
    Says,
    built,
    pair,
)

__all__ = ["VERSION"]

_UNMEANT = "everybody who installs it: the version was not meant for them"
_TAGGERS = "who looks for the source of a release by its tag"


def _of(version: str, **release: Any) -> Release:
    says: Says = {"Version": version}
    return built(says=says, **release)


def _after(*versions: str) -> tuple[Listed, ...]:
    return tuple(Listed(d) for v in versions for d in pair(says={"Version": v}))


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
    aspects = (Aspect.TAG, *also)
    return Defect(name, what, who, source, Class.VERSION, aspects, bad, made)


_RELEASED = {
    "tag_name": "v1.0rc1",
    "target_commitish": "main",
    "draft": False,
    "id": 1,
}


def _flagged(*, prerelease: bool) -> Release:
    """A pre-release, published on the forge as one or not."""
    inside = {**_RELEASED, "prerelease": prerelease}
    payload = {"action": "published", "release": inside}
    return _of("1.0rc1", event="release", payload=payload)


VERSION = (
    _row(
        "dev-release",
        "a whole set of a development version, tagged by hand, goes to PyPI",
        _UNMEANT,
        "cryptography 43.0.0.dev1, astral-sh/uv#1652",
        _of("1.0.dev1"),
    ),
    _row(
        "dev-release-by-hand",
        "a run by hand on main publishes what it built",
        _UNMEANT,
        "cryptography 43.0.0.dev1: the route of workflow_dispatch",
        _of("1.1.dev1", tag="", event="workflow_dispatch", payload={"inputs": {}}),
    ),
    _row(
        "local-version",
        "a version tool fell back to 0.1.dev1+g…, as the checkout was shallow",
        "the maintainer: the upload is refused",
        "hubtty, hubtty/hubtty#144; upload rule 25",
        _of("0.1.dev1+gb4ebee854", tag="v1.0"),
        None,
        Aspect.REFUSED,
    ),
    _row(
        "placeholder",
        "the version is 0.0.0, which a version tool falls back to",
        _UNMEANT,
        "PEtab 0.0.0a15, PEtab-dev/PEtab#124, and the fallbacks of version tools",
        _of("0.0.0", tag="v1.0"),
    ),
    _row(
        "tag-other-version",
        "the tag is of another version: nobody raised the number",
        _TAGGERS,
        "pytest-accept 0.1.13 for 0.2.0, max-sixty/pytest-accept#250",
        built(tag="v1.1"),
    ),
    _row(
        "tag-missing",
        "a push to main publishes, and no tag is at the commit",
        _TAGGERS,
        "PEtab 0.0.0a15, PEtab-dev/PEtab#124",
        built(tag=""),
    ),
    _row(
        "tag-no-version",
        "the tag is a date of the house, and no version",
        _TAGGERS,
        "a tag as collective-2026-07-22 is not version 22",
        built(tag="collective-2026-07-22"),
    ),
    _row(
        "tag-other-commit",
        "what was built is not the commit of the tag",
        _TAGGERS,
        "InvokeAI 3.3.0, invoke-ai/InvokeAI#4869; pydocstyle 2.0.0",
        replace(Release(), built=False),
    ),
    _row(
        "pull-request",
        "a pull request's run publishes",
        _UNMEANT,
        "pan-os-upgrade-assurance, PaloAltoNetworks/pan-os-upgrade-assurance#65",
        built(event="pull_request", ref="refs/pull/7/merge"),
    ),
    _row(
        "other-index",
        "the job is for PyPI, and its upload URL is a web page's",
        "the maintainer: the upload goes elsewhere, or nowhere",
        "pydicom, pydicom/pydicom#1807; cryptography 43.0.2, pyca/cryptography#11798",
        built(upload_url="https://upload.example.org/legacy"),
    ),
    _row(
        "prerelease-unflagged",
        "a pre-release is published on the forge as a final one",
        "who follows the latest release",
        "PEP 440 against the forge's flag",
        _flagged(prerelease=False),
        _flagged(prerelease=True),
    ),
    _row(
        "version-typo",
        "the tag says 2.82, and 2.8.2 was meant",
        "everybody: what comes next is lower, or stays at that height",
        "prefect 2.82 for 2.8.2; ford 6.15, Fortran-FOSS-Programmers/ford#367",
        _of("2.82", before=_after("2.8.0", "2.8.1"), tags=("v2.8.0", "v2.8.1")),
        _of("2.8.2", before=_after("2.8.0", "2.8.1"), tags=("v2.8.0", "v2.8.1")),
        Aspect.INDEX,
    ),
    _row(
        "version-leap",
        "0.5.1 was meant, and 5.1.0 tagged",
        "everybody: what comes next is lower, or stays at that height",
        "pinot-dbapi 5.1.0, startreedata/pinot-dbapi#86",
        _of("5.1.0", before=_after("0.4.9", "0.5.0"), tags=("v0.4.9", "v0.5.0")),
        _of("0.5.1", before=_after("0.4.9", "0.5.0"), tags=("v0.4.9", "v0.5.0")),
        Aspect.INDEX,
    ),
    _row(
        "version-lower",
        "the version is lower than the newest of its series",
        "who upgrades: nobody ever gets it",
        "setuptools 3.8.1, then 5.0, pypa/setuptools#218",
        _of("1.0.1", before=_after("1.0", "1.0.2"), tags=("v1.0", "v1.0.2")),
        _of("1.0.3", before=_after("1.0", "1.0.2"), tags=("v1.0", "v1.0.2")),
        Aspect.INDEX,
    ),
)
