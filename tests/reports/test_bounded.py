"""A text that would grow too large is cut between its pieces, and what is open ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_guard.reports.bounded import CLOSE, Open, Piece, written

_REST = "more"
_PIECES: list[Piece] = [
    "a",
    Open("<b>", "</b>"),
    "b1",
    Open("<c>", "</c>"),
    "c1",
    CLOSE,
    CLOSE,
    "d",
]


def test_what_fits_is_written_whole_and_without_a_notice() -> None:
    whole = "a\n<b>\nb1\n<c>\nc1\n</c>\n</b>\nd\n"

    assert written(_PIECES, len(whole) + len(_REST) + 1, _REST) == whole


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (5, "more\n"),
        (7, "a\nmore\n"),
        (18, "a\n<b>\n</b>\nmore\n"),
        (19, "a\n<b>\nb1\n</b>\nmore\n"),
    ],
    ids=[
        "nothing fits but the notice",
        "a part is not begun that could not be ended",
        "a part that is begun is ended",
        "the notice stands behind what was open",
    ],
)
def test_what_does_not_fit_is_left_out_and(most: int, expected: str) -> None:
    assert written(_PIECES, most, _REST) == expected


def test_what_comes_behind_something_too_large_is_left_out_as_well() -> None:
    """Nobody must take a page with a hole in it for a whole one."""
    assert written(["x" * 100, "a"], 50, _REST) == "more\n"


def test_bytes_are_counted_and_not_characters() -> None:
    assert written(["ü" * 10], 25, _REST) == "more\n"
    assert written(["ü" * 10], 26, _REST) == "ü" * 10 + "\n"


_LEAVES = st.text(alphabet="xü\n", max_size=5)


def _part(inner: list[list[Piece]]) -> list[Piece]:
    return [Open("<p>", "</p>"), *(piece for part in inner for piece in part), CLOSE]


_TREES: st.SearchStrategy[list[Piece]] = st.recursive(
    _LEAVES.map(lambda text: [text]),
    lambda inner: st.lists(inner, max_size=4).map(_part),
)


@given(st.lists(_TREES, max_size=6), st.integers(5, 200))
def test_the_text_stays_below_the_bound_and_every_part_is_ended(
    trees: list[list[Piece]], most: int
) -> None:
    text = written([piece for tree in trees for piece in tree], most, _REST)

    assert len(text.encode()) <= most
    depth = 0
    for tag in re.findall("</?p>", text):
        depth += -1 if tag == "</p>" else 1
        assert depth >= 0
    assert depth == 0
