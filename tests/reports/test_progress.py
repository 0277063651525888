"""The lines of progress: what they say, and when one is due."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from release_guard.findings import Advance, Look
from release_guard.reports.progress import Pace, fitted, line
from release_guard.reports.style import cells

_LATE = Look(number=1, listed=1, expected=2, elapsed=0.4, trouble="", pause=2.0)
_LOST = Look(number=2, listed=0, expected=2, elapsed=2.6, trouble="a 503", pause=4.0)
_LAST = Look(number=3, listed=2, expected=2, elapsed=7.0, trouble="", pause=0.0)
_FILE = Advance("reading file", "demo-1.0.tar.gz", 3, 40, 45_200_000)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (_LATE, "look 1 after 0 s: 1 of 2 files listed, again in 2 s"),
        (_LOST, "look 2 after 3 s: a 503, again in 4 s"),
        (_LAST, "look 3 after 7 s: 2 of 2 files listed"),
        (_FILE, "reading file 3 of 40: demo-1.0.tar.gz (45.2 MB read, 12 s)"),
        (Advance("auditing project", "a", 1, 2), "auditing project 1 of 2: a (12 s)"),
        (Advance("asking the index about", "a"), "asking the index about a (12 s)"),
        (Advance("waiting"), "waiting (12 s)"),
    ],
)
def test_a_line_says_what_is_done(step: Look | Advance, expected: str) -> None:
    assert line(step, 12.3) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("reading", None, "reading"),
        ("reading", 8, "reading"),
        ("reading", 7, "rea..."),
        ("日本語日本語", 12, "日本語日..."),
    ],
    ids=["no width is known", "it fits", "too long by the cursor", "wide characters"],
)
def test_a_live_line_takes_one_row(text: str, width: int | None, expected: str) -> None:
    assert fitted(text, width) == expected
    assert width is None or cells(expected) < width


_Steps = Sequence[tuple[float, Look | Advance]]


def _shown(steps: _Steps, *, is_live: bool) -> list[Look | Advance]:
    """The steps that are shown of these, each with the second in which it comes."""
    pace, shown = Pace.of(is_live=is_live), []
    for elapsed, step in steps:
        if pace.is_due(step, elapsed):
            shown.append(step)
            pace = pace.after(step, elapsed)
    return shown


@pytest.mark.parametrize("is_live", [True, False])
def test_a_short_run_shows_nothing(is_live: bool) -> None:
    steps: _Steps = [(0.0, _FILE), (0.9, _FILE), (0.9, _LAST)]

    assert _shown(steps, is_live=is_live) == []


def test_a_terminal_shows_each_step_after_a_second() -> None:
    steps: _Steps = [(0.9, _FILE), (1.0, _FILE), (1.1, _LATE), (1.2, _LAST)]

    assert _shown(steps, is_live=True) == [_FILE, _LATE, _LAST]


def test_a_log_has_each_look_at_an_index_that_is_waited_for() -> None:
    steps: _Steps = [(0.4, _LATE), (2.6, _LOST), (7.0, _LAST)]

    assert _shown(steps, is_live=False) == [_LATE, _LOST, _LAST]


def test_a_log_has_few_lines_however_long_the_run() -> None:
    day = 24 * 60 * 60
    steps = [(float(second), Advance("reading", str(second))) for second in range(day)]

    shown = _shown(steps, is_live=False)

    seconds = [step.name for step in shown if isinstance(step, Advance)]
    assert seconds == [str(10 * 2**power) for power in range(14)]
