"""Requires-Python: is it there, and does it say what the file itself says?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from release_guard.facts import (
    Classifier,
    DescribedDistribution,
    Kind,
    Successor,
)
from release_guard.filenames import parse_version
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy
from release_guard.pythons import PYTHONS, named, pythons_of, since, told
from release_guard.rules.base import rule

__all__ = [
    "requires_python_disagrees",
    "requires_python_missing",
    "requires_python_stale",
]

_DECLARE = "declare requires-python in pyproject.toml, and build again"


@rule(DescribedDistribution, severity=Severity.WARNING)
def requires_python_missing(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """The file does not say which Pythons it needs.

    **What it means:** the core metadata has no Requires-Python. A project is passed
    over that says it is for Python 2 as well: by its classifiers, and a wheel by its
    tag, too. Of 966 projects' wheels, 48 were told.

    **Why it matters:** installers give the file to every Python, the old ones too, on
    which it breaks: they cannot step back to the last version that works there.

    **How it happens:** `requires-python` (`python_requires` in setup.py) was forgotten,
    or is lost in a new build configuration.

    **Fix:** declare `requires-python` in `pyproject.toml`; yank a release without it.

    **Source:** protocolbuffers/protobuf 10053 (4.21.0, yanked), dask/distributed 2807,
    webpy/webpy 665, alecthomas/voluptuous 494.
    """
    metadata = file.metadata
    if metadata.requires_python or any(
        problem.field in ("", "requires-python") for problem in metadata.problems
    ):
        return
    if "requires-python" in map(str.lower, metadata.dynamic):
        # An sdist that leaves it to its wheels (PEP 643).
        return
    if _is_universal(file):
        return
    yield Violation(
        "has no Requires-Python: every Python takes it for its own",
        fix=_DECLARE,
    )


def _is_universal(file: DescribedDistribution) -> bool:
    """Whether every Python is what a file is meant for."""
    name = file.distribution.name
    is_said = any(_TWO.match(c.text) for c in file.metadata.classifiers)
    is_wheel = file.distribution.kind is Kind.WHEEL
    tags = name.tags if name else ()
    return is_said and (not is_wheel or any(t.interpreter == "py2" for t in tags))


_TWO = re.compile(r"Programming Language :: Python :: 2\b")


@rule(DescribedDistribution, severity=Severity.WARNING)
def requires_python_disagrees(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """Requires-Python contradicts what else the file says of Pythons.

    **What it means:** a classifier names a Python that Requires-Python excludes, or
    there is no Python at all for which a wheel's tags and Requires-Python both are.
    What mostly is no harm is a notice: one of several tags (`py2` of `py2.py3`) is
    excluded, or a Python is allowed that is lower than all that classifiers name (of
    966 projects' wheels 26 and 15; of the first two, seven and none).
    `requires-python-stale` knows more of the last.

    **Why it matters:** one of the two is wrong, and installers obey Requires-Python:
    they give the file to a Python that it does not run on, or to none.

    **How it happens:** a Python is dropped in one place and not in the other.

    **Fix:** make `requires-python`, the classifiers and the built wheels agree.

    **Source:** JoshData/python-email-validator 118 (2.1.0, yanked), google/yapf 1154.
    """
    text = file.metadata.requires_python
    allowed = frozenset(pythons_of(text) or ()) if text else frozenset()
    if not allowed:
        # It is missing, not valid, or takes no Python that is known.
        return
    said = _named(file.metadata.classifiers)
    excluded = said - allowed
    if excluded:
        yield Violation(
            f"has the Requires-Python {text!r:.80}, and classifiers for "
            f"{told(excluded)}, which it excludes",
            fix="remove the classifiers, or widen requires-python",
            evidence={"requires_python": text, "excluded": tuple(sorted(excluded))},
        )
    below = _below(said, allowed) if said and not excluded else frozenset()
    if below:
        yield Violation(
            f"has the Requires-Python {text!r:.80}, which allows {told(below)}; the "
            f"lowest Python that its classifiers name is {_lowest(said)}",
            fix=f"raise requires-python to >={_lowest(said)}, or add the classifiers",
            severity=Severity.NOTICE,
            evidence={"requires_python": text, "allowed": tuple(sorted(below))},
        )
    yield from _of_the_tag(file, text, allowed)


def _named(classifiers: Iterable[Classifier]) -> frozenset[str]:
    return named(classifier.text for classifier in classifiers)


def _lowest(minors: frozenset[str]) -> str:
    return min(minors, key=PYTHONS.index)


def _below(said: frozenset[str], allowed: frozenset[str]) -> frozenset[str]:
    """What is allowed, and lower than all that classifiers name of the same major."""
    lowest = _lowest(said)
    older = PYTHONS[: PYTHONS.index(lowest)]
    major = lowest.partition(".")[0]
    if f"{major}.0" in allowed:
        # That keeps off another major, and says nothing of minor versions.
        return frozenset()
    return frozenset(p for p in older if p in allowed and p.partition(".")[0] == major)


def _of_the_tag(
    file: DescribedDistribution, text: str, allowed: frozenset[str]
) -> Iterator[Violation]:
    """Python tags of a wheel for which there is no Python that may install it."""
    name = file.distribution.name
    if file.distribution.kind is not Kind.WHEEL or name is None:
        return
    tags = {tag.interpreter: _fitting(tag.interpreter, tag.abi) for tag in name.tags}
    in_vain = sorted(tag for tag, fits in tags.items() if fits and not fits & allowed)
    if in_vain:
        yield Violation(
            f"has the Requires-Python {text!r:.80}, which excludes every Python of its "
            f"tag {some(in_vain)}",
            fix="build the wheel with the tag of what it supports, or correct "
            "requires-python",
            severity=None if len(in_vain) == len(tags) else Severity.NOTICE,
            evidence={"requires_python": text, "tags": tuple(in_vain)},
        )


_TAG = re.compile(r"(py|cp|pp)([23])(\d{0,2})")


def _fitting(interpreter: str, abi: str) -> frozenset[str]:
    """The minor versions that may install a wheel of a tag; none where that is not
    known.
    """
    found = _TAG.fullmatch(interpreter)
    if found is None:
        return frozenset()
    kind, major, minor = found.groups()
    if not minor:
        return frozenset(p for p in PYTHONS if p.startswith(f"{major}."))
    version = f"{major}.{minor}"
    if parse_version(version) is None or version not in PYTHONS:
        return frozenset()
    is_one = kind != "py" and not abi.startswith("abi3")
    return frozenset({version}) if is_one else since(version)


@rule(Successor, severity=Severity.WARNING)
def requires_python_stale(successor: Successor, policy: Policy) -> Iterator[Violation]:
    """A Python was dropped from the classifiers, and is still allowed.

    **What it means:** the last release's classifiers name a Python that is lower than
    all that this one's name, and Requires-Python goes on to allow it.

    **Why it matters:** installers on that Python take the release, and it does not run.

    **How it happens:** the classifiers, and the tests, are moved on, and
    `requires-python` is forgotten.

    **Fix:** raise `requires-python`, or bring the classifier back.

    **Source:** JoshData/python-email-validator 118: 2.1.0 was yanked ("Forgot to drop
    Python 3.7 from python_requires").
    """
    before, now = successor.last.metadata, successor.metadata
    if before is None or now is None or not now.requires_python:
        return
    said = _named(now.classifiers)
    allowed = frozenset(pythons_of(now.requires_python) or ())
    stale = _named(before.classifiers) & (_below(said, allowed) if said else said)
    if stale:
        yield Violation(
            f"has the Requires-Python {now.requires_python!r:.80}, which allows "
            f"{told(stale)}; its classifiers no longer name that, and those of "
            f"{successor.last.version} did",
            fix=f"raise requires-python to >={_lowest(said)}, or bring the "
            "classifiers back",
            evidence={
                "requires_python": now.requires_python,
                "stale": tuple(sorted(stale)),
            },
        )
