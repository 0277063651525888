"""The picture of a release's wheels, platforms by interpreters, for each format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from release_guard.matrix import Mark, Matrix, Row
from release_guard.platforms import title
from release_guard.reports.escape import code, visible

__all__ = ["document", "markdown", "text"]

_PLAIN = {Mark.THERE: "x", Mark.NEW: "new", Mark.GONE: "GONE", None: "."}
_SIGNS = {Mark.THERE: "✓", Mark.NEW: "✓ new", Mark.GONE: "❌ gone", None: ""}


def text(matrix: Matrix) -> Iterator[str]:
    """The lines for a terminal: a row for each platform, and where it begins."""
    yield f"{_heading(matrix)}:"
    rows = [("", *map(visible, matrix.interpreters), "")]
    rows += [
        (visible(title(row.platform)), *(_PLAIN[c] for c in row.cells), _since(row))
        for row in matrix.rows
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, strict=True)
        yield f"  {'  '.join(f'{cell:<{width}}' for cell, width in cells)}".rstrip()
    if rest := _rest(matrix):
        yield f"  {rest}"


def markdown(matrix: Matrix) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield f"### {code(_heading(matrix))}"
    yield ""
    yield f"| | {' | '.join(map(code, matrix.interpreters))} | from |"
    yield f"|---|{':-:|' * len(matrix.interpreters)}---|"
    for row in matrix.rows:
        cells = " | ".join(_SIGNS[cell] for cell in row.cells)
        since = code(_since(row)) if row.systems else ""
        yield f"| {code(title(row.platform))} | {cells} | {since} |"
    if rest := _rest(matrix):
        yield from ("", rest)
    yield ""


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


def _heading(matrix: Matrix) -> str:
    last = matrix.previous
    since = f", and what is new or gone since {last}" if last else ""
    return visible(f"wheels of {matrix.project} {matrix.version}{since}")


def _since(row: Row) -> str:
    """The oldest systems that the wheels of a platform are for: glibc 2.17, 2.28."""
    words = [system.partition(" ") for system in row.systems]
    versions = ", ".join(version for _, _, version in words)
    return visible(f"{words[0][0]} {versions}") if words else ""


def _rest(matrix: Matrix) -> str:
    """What was left out, in words; empty for nothing."""
    left_out = (
        (matrix.more_platforms, "platform(s)"),
        (matrix.more_interpreters, "interpreter(s)"),
    )
    told = [f"{number} {what}" for number, what in left_out if number]
    return f"and {' and '.join(told)} more" if told else ""
