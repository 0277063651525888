"""The files that a proposal becomes, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from release_guard.proposal.proposing import Proposal, Setting

__all__ = ["Draft", "Fate", "Outcome", "Placed", "lost"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as it is proposed; the path is seen from the repository's top."""

    path: str
    text: str


class Fate(StrEnum):
    """What became of a draft."""

    WRITTEN = "written"
    REPLACED = "replaced"
    #: It was there already, word for word.
    SAME = "same"
    #: Another file is in its place, and nobody said that it may go.
    KEPT = "kept"
    #: Nothing is in its place; it was held back with the one that is kept.
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Placed:
    """A draft, what became of it, and the text that was in its place, if any."""

    draft: Draft
    fate: Fate
    before: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A proposal, and what became of its files: all are written, or none is. ``lost``
    are the keys of the policy that was there which it does not keep.
    """

    proposal: Proposal
    files: tuple[Placed, ...]
    lost: tuple[str, ...] = ()

    @property
    def is_written(self) -> bool:
        """Whether the proposal is in place."""
        return not any(file.fate in (Fate.KEPT, Fate.HELD) for file in self.files)


def lost(before: Mapping[str, object], settings: tuple[Setting, ...]) -> Iterator[str]:
    """The keys of a policy, as plain values, that the settings in force do not hold, or
    hold with another value, which is said. Text that only stands there otherwise may be
    told as well: better one too many than one in silence.
    """
    holding = {s.key: _plain(s.value) for s in settings if s.in_force}
    for key, value in _keys(before):
        if key not in holding:
            yield key
        elif holding[key] != _plain(value):
            yield f"{key} (has another value now)"


def _keys(policy: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The keys as settings name them: ``expect.wheels``. The edition is never older."""
    for key, value in policy.items():
        if key == "expect" and isinstance(value, Mapping):
            yield from ((f"{key}.{inner}", said) for inner, said in value.items())
        elif key != "edition":
            yield f"{key:.80}", value


def _plain(value: object) -> object:
    """A value, of which one text is as good as a list of it."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [str(value)]
