"""The rules of Requires-Python, case by case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from builders import SDIST, WHEEL, Case, Says, described
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.facts import (
    Classifier,
    CoreMetadata,
    DescribedDistribution,
    LastRelease,
    Successor,
)
from release_guard.findings import Severity
from release_guard.rules.pythons import (
    requires_python_disagrees,
    requires_python_missing,
    requires_python_stale,
)


def _classified(minors: str) -> tuple[Classifier, ...]:
    """Classifiers for these Pythons, and one that is no version."""
    texts = [f"Programming Language :: Python :: {minor}" for minor in minors.split()]
    implementation = "Programming Language :: Python :: Implementation :: CPython"
    return tuple(map(Classifier, [*texts, implementation]))


def _file(
    requires_python: str,
    classifiers: str = "",
    tag: str = "",
    **metadata: Any,  # noqa: ANN401
) -> DescribedDistribution:
    name = f"demo-1.0-{tag}.whl" if tag else SDIST
    return described(
        name,
        requires_python=requires_python,
        classifiers=_classified(classifiers),
        **metadata,
    )


def _metadata(requires_python: str, classifiers: str) -> CoreMetadata:
    return _file(requires_python, classifiers).metadata


def _follows(
    before: CoreMetadata | None, now: CoreMetadata | None, version: str = "2.1.0"
) -> Successor:
    last = LastRelease(Version("2.0.0"), (), before)
    return Successor(canonicalize_name("demo"), Version(version), (), last, now)


_ANY = "py3-none-any"

CASES = [
    # requires-python-missing
    Case(requires_python_missing, "it is there", _file(">=3.10")),
    Case(
        requires_python_missing,
        "it is no specifier, which is told elsewhere",
        described(problems={"requires-python": "is invalid"}),
    ),
    Case(
        requires_python_missing,
        "the metadata cannot be read, which is told elsewhere",
        described(problems={"": "has more than 10000 fields"}),
    ),
    Case(
        requires_python_missing,
        "an sdist leaves it to its wheels",
        _file("", dynamic=("Requires-Python",)),
    ),
    Case(
        requires_python_missing,
        "a universal wheel is for every Python, and says so",
        _file("", "2 2.7 3 3.10", "py2.py3-none-any"),
    ),
    Case(
        requires_python_missing,
        "so does the sdist of a universal project",
        _file("", "2.7 3.10"),
    ),
    Case(
        requires_python_missing,
        "a wheel for Python 3 of a project that once was universal",
        _file("", "2.7 3.10", _ANY),
        says=(
            Says(
                "has no Requires-Python: every Python takes it for its own",
                f"demo-1.0-{_ANY}.whl",
            ),
        ),
    ),
    Case(
        requires_python_missing,
        "a universal wheel of a project for Python 3 (google/yapf 1154)",
        _file("", "3 3.7 3.10", "py2.py3-none-any"),
        says=(Says("has no Requires-Python: …"),),
    ),
    Case(
        requires_python_missing,
        "a wheel of the stable ABI (protocolbuffers/protobuf 10053)",
        _file("", "3.7 3.10", "cp37-abi3-win_amd64"),
        says=(Says("has no Requires-Python: …"),),
    ),
    Case(
        requires_python_missing,
        "an sdist (webpy/webpy 665, alecthomas/voluptuous 494)",
        _file(""),
        says=(Says("has no Requires-Python: …", SDIST),),
    ),
    # requires-python-disagrees
    Case(
        requires_python_disagrees,
        "all agree",
        _file(">=3.10", "3 3.10 3.11", _ANY),
    ),
    Case(requires_python_disagrees, "no classifiers for Pythons", _file(">=3.10", "3")),
    Case(
        requires_python_disagrees,
        "newer Pythons than classifiers name",
        _file(">=3.10", "3.10"),
    ),
    Case(
        requires_python_disagrees,
        "a gap between classifiers",
        _file(">=3.10", "3.10 3.13"),
    ),
    Case(
        requires_python_disagrees,
        "what keeps off Python 2 says no minor version",
        _file(">=3", "3.9 3.10"),
    ),
    Case(
        requires_python_disagrees,
        "Python 2 and 3, from different minors on",
        _file(">=2.7,!=3.0.*,!=3.1.*,!=3.2.*", "2.7 3.3 3.4", "py2.py3-none-any"),
    ),
    Case(
        requires_python_disagrees,
        "what is no specifier is told elsewhere",
        _file("three", "3.10", _ANY),
    ),
    Case(requires_python_disagrees, "there is none", _file("", "3.10", _ANY)),
    Case(
        requires_python_disagrees,
        "a wheel of the stable ABI from an older Python on",
        _file(">=3.10", "3.10", "cp37-abi3-win_amd64"),
    ),
    Case(
        requires_python_disagrees,
        "a wheel of an interpreter that nobody knows",
        _file(">=3.10", "3.10", "graalpy311-graalpy242_311_native-any"),
    ),
    Case(
        requires_python_disagrees,
        "one of two patch releases is enough",
        _file(">=3.10.4", "3.10", "cp310-cp310-win_amd64"),
    ),
    Case(
        requires_python_disagrees,
        "a classifier that is excluded",
        _file(">=3.10,<4", "3.6 3.7 3.9 3.10", _ANY),
        says=(
            Says(
                "has the Requires-Python '>=3.10,<4', and classifiers for 3.6 to 3.7, "
                "3.9, which it excludes"
            ),
        ),
    ),
    Case(
        requires_python_disagrees,
        "all classifiers are excluded",
        _file(">=3.10", "3.8 3.9"),
        says=(Says("…, and classifiers for 3.8 to 3.9, which it excludes"),),
    ),
    Case(
        requires_python_disagrees,
        "the lowest classifier is higher (JoshData/python-email-validator 118)",
        _file(">=3.7", "3 3.8 3.9 3.12"),
        says=(
            Says(
                "has the Requires-Python '>=3.7', which allows 3.7; the lowest Python "
                "that its classifiers name is 3.8",
                SDIST,
                Severity.NOTICE,
            ),
        ),
    ),
    Case(
        requires_python_disagrees,
        "a wheel that no Python may install",
        _file(">=3.13", "3.13", "cp312-cp312-win_amd64"),
        says=(
            Says(
                "has the Requires-Python '>=3.13', which excludes every Python of its "
                "tag cp312"
            ),
        ),
    ),
    Case(
        requires_python_disagrees,
        "a pure wheel for Python 2 that excludes it",
        _file(">=3.10", "3.10", "py2-none-any"),
        says=(Says("…, which excludes every Python of its tag py2"),),
    ),
    Case(
        requires_python_disagrees,
        "a wheel of the stable ABI that excludes all from its Python on",
        _file("<3.12", "3.11", "cp312-abi3-win_amd64"),
        says=(Says("…, which excludes every Python of its tag cp312"),),
    ),
    Case(
        requires_python_disagrees,
        "one of two tags is in vain",
        _file(">=3.10", "3.10", "py2.py3-none-any"),
        says=(
            Says("…, which excludes every Python of its tag py2", "", Severity.NOTICE),
        ),
    ),
    # requires-python-stale
    Case(
        requires_python_stale,
        "nothing was dropped",
        _follows(_metadata(">=3.7", "3.8 3.9"), _metadata(">=3.7", "3.8 3.9")),
    ),
    Case(
        requires_python_stale,
        "both were raised",
        _follows(_metadata(">=3.7", "3.7 3.8"), _metadata(">=3.8", "3.8 3.9")),
    ),
    Case(
        requires_python_stale,
        "all classifiers were dropped",
        _follows(_metadata(">=3.7", "3.7 3.8"), _metadata(">=3.7", "3")),
    ),
    Case(
        requires_python_stale,
        "the last release's metadata was not read",
        _follows(None, _metadata(">=3.7", "3.8")),
    ),
    Case(
        requires_python_stale,
        "this release's metadata could not be read",
        _follows(_metadata(">=3.7", "3.7 3.8"), None),
    ),
    Case(
        requires_python_stale,
        "without Requires-Python, which is told elsewhere",
        _follows(_metadata(">=3.7", "3.7 3.8"), _metadata("", "3.8")),
    ),
    Case(
        requires_python_stale,
        "a classifier was dropped (JoshData/python-email-validator 118)",
        _follows(
            _metadata(">=3.7", "3.7 3.8 3.9 3.10 3.11"),
            _metadata(">=3.7", "3.8 3.9 3.10 3.11 3.12"),
        ),
        says=(
            Says(
                "has the Requires-Python '>=3.7', which allows 3.7; its classifiers no "
                "longer name that, and those of 2.0.0 did",
                "demo 2.1.0",
            ),
        ),
    ),
]


def test_a_wheel_without_a_valid_name_is_judged_by_its_metadata() -> None:
    file = described(WHEEL, requires_python=">=3.10", classifiers=_classified("3.9"))
    nameless = replace(
        file, distribution=replace(file.distribution, name=None, name_error="is none")
    )

    (finding,) = requires_python_disagrees.findings(nameless, CASES[0].policy)

    assert "classifiers for 3.9" in finding.message
