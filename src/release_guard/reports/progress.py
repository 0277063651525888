"""The line of progress for each look at the index: live on a terminal, else a log."""

from __future__ import annotations

from typing import TextIO

from release_guard.findings import Look
from release_guard.reports import escape

__all__ = ["Lines", "line"]


def line(look: Look) -> str:
    """One look in one line."""
    state = f"{look.listed} of {look.expected} files listed"
    if look.trouble:
        state = look.trouble
    wait = f", again in {look.pause:.0f} s" if look.pause else ""
    return escape.line(f"look {look.number} after {look.elapsed:.0f} s: {state}{wait}")


class Lines:
    """Where the lines go. On a terminal each replaces the one before."""

    def __init__(self, stream: TextIO, *, show: bool = True) -> None:
        self._stream = stream
        self._show = show
        self._live = show and stream.isatty()
        self._open = False

    def look(self, look: Look) -> None:
        """Show one look."""
        if not self._show:
            return
        if self._live:
            self._stream.write(f"\r\x1b[K{line(look)}")
            self._open = True
        else:
            self._stream.write(f"{line(look)}\n")
        self._stream.flush()

    def end(self) -> None:
        """End a live line, so that the report begins on its own."""
        if self._open:
            self._stream.write("\n")
            self._stream.flush()
            self._open = False
