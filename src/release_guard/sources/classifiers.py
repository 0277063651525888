"""The list of classifiers, as ``trove-classifiers`` has it: the index's own list."""

from __future__ import annotations

import difflib
import importlib.metadata
from collections.abc import Sequence
from datetime import date

from release_guard.facts import Classifier, Standing

__all__ = ["list_date", "look_up"]

#: To look for the nearest is slow, and a text without end has none.
_MOST_NEAREST, _LONGEST = 20, 200


def list_date() -> date:
    """The day of the list: its releases are numbered by it (2026.9.21.13)."""
    version = importlib.metadata.version("trove-classifiers")
    year, month, day = map(int, version.split(".")[:3])
    return date(year, month, day)


def look_up(texts: Sequence[str]) -> tuple[Classifier, ...]:
    """What the list says of each classifier."""
    # Nine hundred lines that a project without classifiers does not need.
    from trove_classifiers import classifiers, deprecated_classifiers  # noqa: PLC0415

    found: list[Classifier] = []
    searched = 0
    for text in texts:
        if text in deprecated_classifiers:
            instead = tuple(deprecated_classifiers[text])
            found.append(Classifier(text, Standing.DEPRECATED, instead))
        elif text in classifiers:
            found.append(Classifier(text))
        else:
            searched += 1
            is_searched = searched <= _MOST_NEAREST and len(text) <= _LONGEST
            nearest: list[str] = []
            if is_searched:
                nearest = difflib.get_close_matches(text, sorted(classifiers), n=1)
            found.append(Classifier(text, Standing.UNKNOWN, tuple(nearest)))
    return tuple(found)
