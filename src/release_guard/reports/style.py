"""Lines for a terminal or a log: coloured where that works, wrapped where it is narrow.

What is told comes as lines of spans. They are escaped first, then wrapped, and coloured
last: no text can bring a code of its own, and none is taken apart by one of ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from release_guard.reports import escape

__all__ = [
    "PLAIN",
    "Ink",
    "Line",
    "Screen",
    "Span",
    "cells",
    "line",
    "padded",
    "screen",
    "written",
]


class Ink(StrEnum):
    """How a span looks: the parameters of the code that begins it (ECMA-48, SGR), of
    the colours that each terminal's own theme keeps readable.
    """

    PLAIN = ""
    STRONG = "1"
    FAINT = "2"
    GOOD = "1;32"
    BAD = "1;31"
    DOUBT = "1;33"
    ASIDE = "36"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one look. The text may be anybody's."""

    text: str
    ink: Ink = Ink.PLAIN


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is told. ``indent`` is where it begins and ``hang`` how much
    further in it goes on where it is wrapped, in cells; on a narrow screen less. What
    is to be copied is never wrapped: a shell would take its lines for several.
    """

    spans: tuple[Span, ...]
    indent: int = 0
    hang: int = 2
    is_copied: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """Where lines are shown. ``width`` is in cells; None wraps nothing, as in logs,
    where a line must stay one for whoever looks for it. ``is_live`` says whether a line
    can be taken back and written again.
    """

    colours: bool = False
    width: int | None = None
    is_live: bool = False


PLAIN = Screen()
#: What is narrower is written as for this: the indents alone would fill it.
_NARROWEST = 40
#: Terminals of Windows that know the codes; its old console shows them as rubbish.
_KNOWS_CODES = ("WT_SESSION", "ANSICON", "ConEmuANSI", "TERM_PROGRAM", "TERM")


def screen(
    environ: Mapping[str, str],
    *,
    is_terminal: bool,
    columns: int | None = None,
    is_windows: bool = False,
) -> Screen:
    """How to write to a stream, by the environment and what is known of the stream.

    ``NO_COLOR`` and ``FORCE_COLOR`` count where they are not empty, and the first of
    them wins (no-color.org, force-color.org). ``COLUMNS`` outranks ``columns``.
    """
    knows = not is_windows or any(environ.get(name) for name in _KNOWS_CODES)
    is_live = is_terminal and knows and environ.get("TERM") != "dumb"
    wants = bool(environ.get("FORCE_COLOR")) or is_live
    return Screen(
        colours=wants and not environ.get("NO_COLOR"),
        width=_width(environ.get("COLUMNS", ""), columns) if is_terminal else None,
        is_live=is_live,
    )


def _width(said: str, columns: int | None) -> int | None:
    if re.fullmatch(r"[1-9][0-9]{0,3}", said):
        columns = int(said)
    return max(columns, _NARROWEST) if columns else None


# --- lines ----------------------------------------------------------------------


def line(
    *told: str | Span, indent: int = 0, hang: int = 2, is_copied: bool = False
) -> Line:
    """A line of texts and spans."""
    spans = (Span(span) if isinstance(span, str) else span for span in told)
    return Line(tuple(spans), indent, hang, is_copied)


def cells(text: str) -> int:
    """How many cells of a terminal printable text takes (Unicode, annex 11): two for
    wide characters, none for marks that combine with the one before.
    """
    return len(text) if text.isascii() else sum(map(_cells, text))


#: The later parts of a Korean syllable, which are shown in the cells of the first.
_JOINED = ("\u1160", "\u11ff")


def _cells(character: str) -> int:
    first, last = _JOINED
    if unicodedata.category(character)[0] == "M" or first <= character <= last:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, width: int) -> str:
    """The text as it is shown, and spaces behind it up to so many cells."""
    shown = escape.visible(text)
    return shown + " " * (width - cells(shown))


def written(lines: Iterable[Line], to: Screen = PLAIN) -> str:
    """The lines as a screen shows them, each with a line end."""
    return "".join(
        f"{_painted(row, colours=to.colours)}\n"
        for line in lines
        for row in _rows(line, to.width)
    )


def _painted(row: Iterable[Span], *, colours: bool) -> str:
    """One row. Where a runner would find a command in it, that is taken apart, and the
    row goes without colours: our codes must stand between no two characters of it.
    """
    spans = tuple(row)
    plain = "".join(span.text for span in spans).rstrip(" ")
    inert = escape.line(plain)
    if not colours or inert != plain:
        return inert
    alike = groupby(spans, key=attrgetter("ink"))
    return "".join(_inked(ink, "".join(s.text for s in group)) for ink, group in alike)


def _inked(ink: Ink, text: str) -> str:
    return f"\x1b[{ink}m{text}\x1b[0m" if ink else text


_PIECE = re.compile(r" +|[^ ]+")


def _rows(of: Line, width: int | None) -> Iterator[list[Span]]:
    """The rows that a line takes, broken only at spaces: a name, a hash or a URL that
    is longer than a row stays whole.
    """
    spans = [Span(escape.visible(span.text), span.ink) for span in of.spans]
    row = [Span(" " * of.indent)]
    if width is None or of.is_copied:
        yield row + spans
        return
    begins = used = of.indent
    gap: list[Span] = []
    for is_gap, word in groupby(_pieces(spans), lambda span: span.text[0] == " "):
        if is_gap:
            gap = [*word]
            continue
        held = [*word]
        size = sum(cells(span.text) for span in (*gap, *held))
        if used + size > width and used > begins:
            yield row
            begins = min(of.indent + of.hang, width // 3)
            row, gap = [Span(" " * begins)], []
            used, size = begins, sum(cells(span.text) for span in held)
        row += [*gap, *held]
        used += size
        gap = []
    yield row


def _pieces(spans: Iterable[Span]) -> Iterator[Span]:
    """The words, and what lies between them; a word may have several looks."""
    for span in spans:
        yield from (Span(piece, span.ink) for piece in _PIECE.findall(span.text))
