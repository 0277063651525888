"""The line of progress: one for each look, live on a terminal."""

from __future__ import annotations

import io

import pytest

from release_guard.findings import Look
from release_guard.reports import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


_LATE = Look(number=1, listed=1, expected=2, elapsed=0.4, trouble="", pause=2.0)
_LOST = Look(number=2, listed=0, expected=2, elapsed=2.6, trouble="a 503", pause=4.0)
_LAST = Look(number=3, listed=2, expected=2, elapsed=7.0, trouble="", pause=0.0)


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (_LATE, "look 1 after 0 s: 1 of 2 files listed, again in 2 s"),
        (_LOST, "look 2 after 3 s: a 503, again in 4 s"),
        (_LAST, "look 3 after 7 s: 2 of 2 files listed"),
    ],
)
def test_a_line_says_what_was_seen_and_when_the_next_look_is(
    look: Look, expected: str
) -> None:
    assert progress.line(look) == expected


def test_a_log_gets_a_line_for_each_look() -> None:
    stream = io.StringIO()
    lines = progress.Lines(stream)
    lines.look(_LATE)
    lines.look(_LAST)
    lines.end()
    assert stream.getvalue() == (
        "look 1 after 0 s: 1 of 2 files listed, again in 2 s\n"
        "look 3 after 7 s: 2 of 2 files listed\n"
    )


def test_on_a_terminal_a_line_replaces_the_one_before_and_ends_once() -> None:
    stream = _Terminal()
    lines = progress.Lines(stream)
    lines.look(_LATE)
    lines.look(_LAST)
    lines.end()
    lines.end()
    assert stream.getvalue() == (
        "\r\x1b[Klook 1 after 0 s: 1 of 2 files listed, again in 2 s"
        "\r\x1b[Klook 3 after 7 s: 2 of 2 files listed\n"
    )


@pytest.mark.parametrize("stream", [io.StringIO(), _Terminal()], ids=["log", "live"])
def test_nothing_is_shown_where_nothing_is_wanted(stream: io.StringIO) -> None:
    lines = progress.Lines(stream, show=False)
    lines.look(_LATE)
    lines.end()
    assert stream.getvalue() == ""
