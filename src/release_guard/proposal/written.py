"""The files that a proposal becomes, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from release_guard.proposal.proposing import Proposal

__all__ = ["Draft", "Fate", "Outcome", "Placed"]


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
    """A proposal, and what became of its files: all are written, or none is."""

    proposal: Proposal
    files: tuple[Placed, ...]

    @property
    def is_written(self) -> bool:
        """Whether the proposal is in place."""
        return not any(file.fate in (Fate.KEPT, Fate.HELD) for file in self.files)
