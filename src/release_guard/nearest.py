"""The known name that somebody may have meant by one that is not known."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["did_you_mean"]

#: Longer ones are no slip of the finger, and comparing costs by the product of lengths.
_LONGEST = 64
#: How many known names are compared.
_MOST = 1000
#: From 0 to 1, how alike two names must be: a letter or two of a short one may differ.
_ALIKE = 0.7


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """``did you mean 'x'?``, with the known name that is most like the given one; empty
    where none is.
    """
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST:
        return ""
    # Only where somebody erred: it is of no use to a sound run.
    from difflib import get_close_matches  # noqa: PLC0415
    from itertools import islice  # noqa: PLC0415

    spelt = {_spelt(one): one for one in islice(known, _MOST)}
    found = get_close_matches(_spelt(name), spelt, n=1, cutoff=_ALIKE)
    # Two letters that changed places are far apart for short names: pipy, pypi.
    swapped = (one for one in spelt if sorted(one) == sorted(_spelt(name)))
    found = found or [*swapped]
    return f"did you mean {spelt[found[0]]!r}?" if found else ""


def _spelt(name: str) -> str:
    """A name without what people write in one way or another."""
    return name.lower().replace("_", "-")
