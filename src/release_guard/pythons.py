"""Which Pythons a Requires-Python allows, as a set that can be compared.

Pure. A specifier is folded to the minor versions of which it takes any release:
``>=3.7.1,!=3.8.0`` takes 3.7, 3.8 and all later ones.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache

from packaging.specifiers import SpecifierSet
from packaging.version import Version

__all__ = ["AS_OF", "PYTHONS", "has_ended", "named", "pythons_of", "since", "told"]

#: The day on which the dates below were read.
AS_OF = date(2026, 11, 22)
#: The last day of support, as python.org's developer guide has it. What is newer has
#: none yet that matters.
_ENDS = {
    "2.6": date(2013, 10, 29),
    "2.7": date(2020, 1, 1),
    "3.0": date(2009, 6, 27),
    "3.1": date(2012, 4, 9),
    "3.2": date(2016, 2, 20),
    "3.3": date(2017, 9, 29),
    "3.4": date(2019, 3, 18),
    "3.5": date(2020, 9, 30),
    "3.6": date(2021, 12, 23),
    "3.7": date(2023, 6, 27),
    "3.8": date(2024, 10, 7),
    "3.9": date(2025, 10, 31),
    "3.10": date(2026, 10, 31),
    "3.11": date(2027, 10, 31),
    "3.12": date(2028, 10, 31),
    "3.13": date(2029, 10, 31),
    "3.14": date(2030, 10, 31),
}
#: The newest minor that is looked at. The next ten years bring no later one.
_NEWEST = 24
#: All minor versions, lowest first.
PYTHONS = ("2.6", "2.7", *(f"3.{minor}" for minor in range(_NEWEST + 1)))
#: No Python has had more releases of one minor version (2.7.18, 3.6.15, 3.8.20).
_RELEASES = 30
#: No sound specifier has more clauses; each is tried with every release.
_MOST_CLAUSES = 40


@lru_cache(maxsize=256)
def pythons_of(requires_python: str) -> tuple[str, ...] | None:
    """The minor versions that a Requires-Python takes, lowest first: all of them where
    it is empty. None where it is no specifier, or one with more clauses than any.
    """
    if requires_python.count(",") >= _MOST_CLAUSES:
        return None
    try:
        specifiers = SpecifierSet(requires_python)
        return tuple(minor for minor in PYTHONS if _takes(specifiers, minor))
    except ValueError:
        # Also of a number of 5,000 digits, which is only read when it is compared.
        return None


def _takes(specifiers: SpecifierSet, minor: str) -> bool:
    return any(specifiers.contains(f"{minor}.{n}") for n in range(_RELEASES))


def named(classifiers: Iterable[str]) -> frozenset[str]:
    """The minor versions that classifiers name."""
    found = (_CLASSIFIER.fullmatch(text) for text in classifiers)
    return frozenset(fits[1] for fits in found if fits and fits[1] in PYTHONS)


_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d\.\d{1,2})")


def has_ended(minor: str, today: date) -> bool:
    """Whether a Python was no longer supported by its makers on a day."""
    end = _ENDS.get(minor)
    return end is not None and end < today


def since(minor: str) -> frozenset[str]:
    """A minor version, and all later ones of the same major."""
    major = minor.partition(".")[0]
    at_least = Version(minor)
    same = (python for python in PYTHONS if python.partition(".")[0] == major)
    return frozenset(python for python in same if Version(python) >= at_least)


def told(minors: Collection[str]) -> str:
    """Minor versions in words: ``2.7, 3.6 to 3.8, 3.15 and later``."""
    runs: list[list[str]] = []
    for place, minor in enumerate(PYTHONS):
        if minor not in minors:
            continue
        if runs and runs[-1][-1] == PYTHONS[place - 1]:
            runs[-1].append(minor)
        else:
            runs.append([minor])
    return ", ".join(map(_run, runs)) or "none"


def _run(minors: Iterable[str]) -> str:
    first, *_, last = [*minors] * 2
    if last == PYTHONS[-1]:
        return f"{first} and later"
    return first if first == last else f"{first} to {last}"
