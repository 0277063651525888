"""The picture of a release's wheels, platforms by interpreters, for each format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from release_guard.matrix import Mark, Matrix, Row
from release_guard.platforms import title
from release_guard.reports.escape import visible
from release_guard.reports.style import Ink, Line, Span, cells, line, padded

__all__ = ["document", "has_changes", "heading", "rest", "since", "text"]

_PLAIN = {Mark.THERE: "x", Mark.NEW: "new", Mark.GONE: "GONE", None: "."}
#: How the marks look that say of a change; they say so in words too.
_INKS: Mapping[Mark | None, Ink] = {Mark.NEW: Ink.GOOD, Mark.GONE: Ink.BAD}


def has_changes(matrix: Matrix) -> bool:
    """Whether there is more to see than that all is as it was."""
    return any(cell in _INKS for row in matrix.rows for cell in row.cells)


def text(matrix: Matrix) -> Iterator[Line]:
    """The lines for a terminal: a row for each platform, and where it begins."""
    yield line(Span(f"{heading(matrix)}:", Ink.STRONG))
    heads = [(visible(name), Ink.PLAIN) for name in ("", *matrix.interpreters, "")]
    rows = [heads, *map(_row, matrix.rows)]
    columns = zip(*rows, strict=True)
    widths = [max(cells(word) for word, _ in column) for column in columns]
    for row in rows:
        shown = zip(row, widths, strict=True)
        spans = [Span(f"{padded(word, width)}  ", ink) for (word, ink), width in shown]
        yield line(*spans, indent=2)
    if more := rest(matrix):
        yield line(more, indent=2)


def _row(row: Row) -> list[tuple[str, Ink]]:
    """The words of a row, and how they look."""
    marks = [(_PLAIN[cell], _INKS.get(cell, Ink.PLAIN)) for cell in row.cells]
    return [(visible(title(row.platform)), Ink.PLAIN), *marks, (since(row), Ink.PLAIN)]


def document(matrix: Matrix) -> dict[str, Any]:
    """The picture as plain values, for JSON; the labels are tags."""
    return {
        "project": matrix.project,
        "version": matrix.version,
        "previous": matrix.previous or None,
        "interpreters": list(matrix.interpreters),
        "platforms": [
            {
                "platform": row.platform,
                "systems": list(row.systems),
                "cells": list(row.cells),
            }
            for row in matrix.rows
        ],
        "more_interpreters": matrix.more_interpreters,
        "more_platforms": matrix.more_platforms,
    }


def heading(matrix: Matrix) -> str:
    """What the picture shows, in words."""
    last = matrix.previous
    beside = f", and what is new or gone since {last}" if last else ""
    return visible(f"wheels of {matrix.project} {matrix.version}{beside}")


def since(row: Row) -> str:
    """The oldest systems that the wheels of a platform are for: glibc 2.17, 2.28."""
    words = [system.partition(" ") for system in row.systems]
    versions = ", ".join(version for _, _, version in words)
    return visible(f"{words[0][0]} {versions}") if words else ""


def rest(matrix: Matrix) -> str:
    """What was left out, in words; empty for nothing."""
    left_out = (
        (matrix.more_platforms, "platform(s)"),
        (matrix.more_interpreters, "interpreter(s)"),
    )
    told = [f"{number} {what}" for number, what in left_out if number]
    return f"and {' and '.join(told)} more" if told else ""
