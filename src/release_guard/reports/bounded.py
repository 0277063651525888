"""A text in pieces, cut between them where it would grow too large."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["CLOSE", "Close", "Open", "Piece", "written"]


@dataclass(frozen=True, slots=True)
class Open:
    """What opens a part of a page, and what ends it."""

    text: str
    end: str


@dataclass(frozen=True, slots=True)
class Close:
    """The end of the part that was opened last."""


CLOSE = Close()
#: A line or a few that stay together, or the bounds of a part.
Piece = str | Open | Close


def written(pieces: Iterable[Piece], most: int, notice: str) -> str:
    """The pieces, a line end behind each, in at most so many bytes of UTF-8.

    Where they are more, whole pieces are left out at the end, what is open is ended,
    and behind it stands the notice, which is counted as well.
    """
    told: list[str] = []
    ends: list[str] = []
    # The parts that are open have to be ended, too, and the notice must fit.
    left = most - _size(notice)
    for piece in pieces:
        text, end = _text(piece, ends)
        left -= _size(text) if isinstance(piece, str) else 0
        left -= _size(text) + _size(end) if isinstance(piece, Open) else 0
        if left < 0:
            told += [*reversed(ends), notice]
            break
        told.append(text)
        if isinstance(piece, Open):
            ends.append(end)
        elif isinstance(piece, Close):
            ends.pop()
    return "".join(f"{text}\n" for text in told)


def _text(piece: Piece, ends: list[str]) -> tuple[str, str]:
    if isinstance(piece, Open):
        return piece.text, piece.end
    return (ends[-1], "") if isinstance(piece, Close) else (piece, "")


def _size(text: str) -> int:
    return len(text.encode()) + 1
