"""The lines of progress: what a job is doing, live on a terminal, or else in a log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate

from release_guard.findings import Advance, Look
from release_guard.reports import escape
from release_guard.reports.style import cells
from release_guard.reports.words import size

__all__ = ["ERASE", "Pace", "fitted", "line"]

#: Back to the beginning of the line, and nothing on it (ECMA-48, CR and EL).
ERASE = "\r\x1b[K"
#: A run that ends before this, in seconds, shows nothing on a terminal.
_PATIENCE = 1.0
#: A log has its first line after so many seconds, and the next after twice as many:
#: however long the run, there are few of them.
_FIRST_IN_LOG = 10.0


def line(step: Look | Advance, elapsed: float) -> str:
    """One step in one line; ``elapsed`` is in seconds."""
    if isinstance(step, Look):
        return _look(step)
    count = f" {step.number} of {step.of}:" if step.of else ""
    read = f"{size(step.size)} read, " if step.size else ""
    name = f" {step.name}" if step.name else ""
    return escape.line(f"{step.doing}{count}{name} ({read}{elapsed:.0f} s)")


def _look(look: Look) -> str:
    state = f"{look.listed} of {look.expected} files listed"
    if look.trouble:
        state = look.trouble
    wait = f", again in {look.pause:.0f} s" if look.pause else ""
    return escape.line(f"look {look.number} after {look.elapsed:.0f} s: {state}{wait}")


def fitted(text: str, width: int | None) -> str:
    """So much of a line as one row holds: a longer one could not be taken back."""
    if width is None or cells(text) < width:
        return text
    room = width - len("... ")
    fit = sum(end <= room for end in accumulate(map(cells, text)))
    return f"{text[:fit]}..."


@dataclass(frozen=True, slots=True)
class Pace:
    """When the next line is due. Times are in seconds since the run began."""

    is_live: bool
    due: float = 0.0
    looked: bool = False

    @classmethod
    def of(cls, *, is_live: bool) -> Pace:
        """The pace of a terminal or a log, before anything was shown."""
        return cls(is_live, _PATIENCE if is_live else _FIRST_IN_LOG)

    def is_due(self, step: Look | Advance, elapsed: float) -> bool:
        """Whether a step is shown now. A log has each look but one that needs no other:
        there are few, and each says something.
        """
        if not self.is_live and isinstance(step, Look):
            return bool(step.pause) or self.looked
        return elapsed >= self.due

    def after(self, step: Look | Advance, elapsed: float) -> Pace:
        """The pace when a step was shown."""
        if isinstance(step, Look):
            return replace(self, looked=True)
        return self if self.is_live else replace(self, due=2 * elapsed)
