"""Colours and width: who gets them, and that wrapping breaks nothing that is a name."""

from __future__ import annotations

import re
import unicodedata

import hostile
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from release_guard.reports import escape
from release_guard.reports.style import (
    PLAIN,
    Ink,
    Line,
    Screen,
    Span,
    cells,
    line,
    padded,
    screen,
    written,
)
from release_guard.reports.words import size

# --- who gets what --------------------------------------------------------------------

_TERMINAL = {"TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("environ", "is_terminal", "is_windows", "expected"),
    [
        pytest.param(_TERMINAL, True, False, True, id="a terminal"),
        pytest.param({}, True, False, True, id="a terminal that says no name"),
        pytest.param(_TERMINAL, False, False, False, id="a pipe"),
        pytest.param({"TERM": "dumb"}, True, False, False, id="a dumb terminal"),
        pytest.param(
            {**_TERMINAL, "NO_COLOR": "1"}, True, False, False, id="NO_COLOR is set"
        ),
        pytest.param(
            {**_TERMINAL, "NO_COLOR": ""}, True, False, True, id="NO_COLOR is empty"
        ),
        pytest.param(
            {"FORCE_COLOR": "1"}, False, False, True, id="FORCE_COLOR in a pipe"
        ),
        pytest.param(
            {"FORCE_COLOR": ""}, False, False, False, id="FORCE_COLOR is empty"
        ),
        pytest.param(
            {"FORCE_COLOR": "1", "TERM": "dumb"},
            *(True, False, True),
            id="FORCE_COLOR on a dumb terminal",
        ),
        pytest.param(
            {"FORCE_COLOR": "1", "NO_COLOR": "1"},
            *(True, False, False),
            id="both: no colour wins",
        ),
        pytest.param({}, True, True, False, id="the old console of Windows"),
        pytest.param({"WT_SESSION": "x"}, True, True, True, id="Windows Terminal"),
        pytest.param(
            {"FORCE_COLOR": "1"}, True, True, True, id="FORCE_COLOR on Windows"
        ),
    ],
)
def test_colours_are_for(
    environ: dict[str, str], is_terminal: bool, is_windows: bool, expected: bool
) -> None:
    found = screen(environ, is_terminal=is_terminal, is_windows=is_windows)
    assert found.colours is expected


@pytest.mark.parametrize(
    ("environ", "is_terminal", "columns", "expected"),
    [
        pytest.param({}, True, 90, 90, id="as wide as it is"),
        pytest.param({}, True, None, None, id="of no known width"),
        pytest.param({}, True, 0, None, id="of a width of nothing"),
        pytest.param({}, False, 90, None, id="no terminal"),
        pytest.param({"COLUMNS": "70"}, True, 90, 70, id="COLUMNS outranks it"),
        pytest.param({"COLUMNS": "70"}, False, None, None, id="COLUMNS in a pipe"),
        pytest.param({"COLUMNS": "0"}, True, 90, 90, id="COLUMNS of nothing"),
        pytest.param({"COLUMNS": "wide"}, True, 90, 90, id="COLUMNS that is odd"),
        pytest.param({"COLUMNS": "9" * 99}, True, 90, 90, id="COLUMNS far too long"),
        pytest.param({"COLUMNS": "70\n"}, True, 90, 90, id="COLUMNS with a line end"),
        pytest.param({}, True, 5, 40, id="narrower than anything fits"),
    ],
)
def test_lines_are_wrapped_for_a_terminal(
    environ: dict[str, str],
    is_terminal: bool,
    columns: int | None,
    expected: int | None,
) -> None:
    found = screen(environ, is_terminal=is_terminal, columns=columns)
    assert found.width == expected


@pytest.mark.parametrize(
    ("environ", "is_terminal", "is_windows", "expected"),
    [
        pytest.param({"NO_COLOR": "1"}, True, False, True, id="also without colours"),
        pytest.param({"TERM": "dumb"}, True, False, False, id="not on a dumb one"),
        pytest.param({"FORCE_COLOR": "1"}, False, False, False, id="not in a pipe"),
        pytest.param({}, True, True, False, id="not on the old console of Windows"),
    ],
)
def test_a_line_is_written_over_on_a_terminal(
    environ: dict[str, str], is_terminal: bool, is_windows: bool, expected: bool
) -> None:
    found = screen(environ, is_terminal=is_terminal, is_windows=is_windows)
    assert found.is_live is expected


# --- lines ------------------------------------------------------------------------


_COLOURS = Screen(colours=True)


@pytest.mark.parametrize(
    ("given_line", "to", "expected"),
    [
        pytest.param(line(), PLAIN, "\n", id="nothing is an empty line"),
        pytest.param(line("a", Span("b", Ink.BAD)), PLAIN, "ab\n", id="no colours"),
        pytest.param(
            line("a ", Span("b", Ink.BAD), Span(" c", Ink.BAD), "d", indent=2),
            *(_COLOURS, "  a \x1b[1;31mb c\x1b[0md\n"),
            id="spans of one look are one",
        ),
        pytest.param(
            line("a\x1b[31m\n\u202e", Span("\x9bm", Ink.GOOD)),
            *(_COLOURS, "a\\x1b[31m\\n\\u202e\x1b[1;32m\\x9bm\x1b[0m\n"),
            id="codes in the text are shown",
        ),
        pytest.param(
            line("::", Span("error::x", Ink.BAD), indent=2),
            *(_COLOURS, "  : :error::x\n"),
            id="a command has no colours",
        ),
        pytest.param(
            line("x #", Span("#[error]x", Ink.BAD)),
            *(_COLOURS, "x # #[error]x\n"),
            id="a command in two looks has none",
        ),
        pytest.param(line("a  ", ""), PLAIN, "a\n", id="no space at the end"),
    ],
)
def test_a_line_is_written(given_line: Line, to: Screen, expected: str) -> None:
    assert written([given_line], to) == expected


_HASH = "sha256=" + "ab" * 32


@pytest.mark.parametrize(
    ("given_line", "rows"),
    [
        pytest.param(line("a" * 40), ["a" * 40], id="what just fits"),
        pytest.param(
            line("a" * 20, " ", "b" * 20), ["a" * 20, "  " + "b" * 20], id="one more"
        ),
        pytest.param(
            line("a" * 38, Span(" b", Ink.BAD), Span("c ", Ink.GOOD), "d"),
            ["a" * 38, "  bc d"],
            id="a word of two looks",
        ),
        pytest.param(
            line(f"it is {_HASH} and more", indent=4, hang=3),
            ["    it is", f"       {_HASH}", "       and more"],
            id="a hash stays whole",
        ),
        pytest.param(line(_HASH, indent=2), [f"  {_HASH}"], id="a hash alone"),
        pytest.param(
            line("日本" * 10, " ", "é" * 10, " ", "x" * 20),
            ["日本" * 10, "  " + "é" * 10 + " " + "x" * 20],
            id="wide and combining characters count by their cells",
        ),
        pytest.param(
            line("what  ", "words " * 6, hang=30),
            ["what  words words words words words", " " * 13 + "words"],
            id="a far hang gives way",
        ),
        pytest.param(
            line("twine upload", " x" * 30, indent=2, is_copied=True),
            ["  twine upload" + " x" * 30],
            id="what is to be copied into a shell stays one line",
        ),
        pytest.param(
            line("a" * 40, " ::error::x"),
            ["a" * 40, "  : :error::x"],
            id="no row begins with a command",
        ),
    ],
)
def test_a_long_line_is_broken_at_spaces(given_line: Line, rows: list[str]) -> None:
    assert written([given_line], Screen(width=40)).splitlines() == rows


@given(
    st.lists(st.tuples(hostile.texts, st.sampled_from(Ink))),
    st.integers(0, 8),
    st.integers(0, 8),
    st.integers(40, 60),
)
def test_wrapping_and_colours_lose_nothing_and_overflow_only_by_a_word(
    spans: list[tuple[str, Ink]], indent: int, hang: int, width: int
) -> None:
    told = Line(tuple(Span(*span) for span in spans), indent, hang)
    whole = written([told])
    rows = re.sub(r"\x1b\[[0-9;]*m", "", written([told], Screen(True, width)))
    assert rows.replace(" ", "").replace("\n", "") == whole.replace(" ", "").strip()
    # Where a runner would find a command, one cell more takes that apart.
    for row in rows.replace(": :", "::").replace("# #", "##").splitlines():
        assert cells(row) <= width or " " not in row.strip()


# --- cells --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("demo-1.0", 8),
        ("日本語", 6),
        ("e\u0301", 1),
        ("\uff46\uff55\uff4c\uff4c", 8),
        ("한", 2),
        ("\u1112\u1161\u11ab", 2),
        ("हि", 1),
        ("🚀", 2),
    ],
)
def test_a_text_takes_cells(text: str, expected: int) -> None:
    assert cells(text) == expected == cell_len(text)


def test_nearly_all_characters_take_as_many_cells_as_others_measured() -> None:
    """Those that Unicode 16 made wide, which Python 3.11 does not know, may differ."""
    letters = [
        chr(number)
        for number in range(0x20, 0x30000)
        if chr(number).isprintable() and unicodedata.category(chr(number))[0] in "LMNP"
    ]
    other = [letter for letter in letters if cells(letter) != cell_len(letter)]
    assert len(letters) > 100_000
    assert len(other) < 120


def test_a_cell_of_a_table_is_filled_up_as_it_is_shown() -> None:
    assert padded("日本\x1b", 10) == "日本\\x1b  "
    assert padded("longer", 3) == "longer"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (12345678, "12.3 MB"),
        (5 * 10**9, "5.0 GB"),
        (10**13, "10000.0 GB"),
    ],
)
def test_a_size_is_said(number: int, expected: str) -> None:
    assert size(number) == expected


@given(hostile.texts)
def test_what_is_written_is_escaped(text: str) -> None:
    assert written([line(text)]) == escape.line(escape.visible(text).rstrip(" ")) + "\n"
