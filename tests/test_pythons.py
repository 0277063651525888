"""Requires-Python as a set of minor versions."""

from __future__ import annotations

from datetime import date

import pytest

from release_guard.pythons import PYTHONS, has_ended, pythons_of, since, told


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        pytest.param("", PYTHONS, id="none takes all"),
        pytest.param(">=2.6", PYTHONS, id="all that there are"),
        pytest.param(">=3.8,<3.11", ("3.8", "3.9", "3.10"), id="a range"),
        pytest.param("~=3.22", ("3.22", "3.23", "3.24"), id="a compatible release"),
        pytest.param("==3.9.*", ("3.9",), id="a family"),
        pytest.param("==3.9", ("3.9",), id="one release of a minor"),
        pytest.param(">=3.8.5,!=3.9.*,<=3.10", ("3.8", "3.10"), id="parts of minors"),
        pytest.param(">3.9,<3.12", ("3.9", "3.10", "3.11"), id="later patches"),
        pytest.param(">=2.7,<3", ("2.7",), id="Python 2"),
        pytest.param(">=4", (), id="none that is known"),
    ],
)
def test_a_specifier_takes_minor_versions(
    specifier: str, expected: tuple[str, ...]
) -> None:
    assert pythons_of(specifier) == expected


@pytest.mark.parametrize(
    "text", ["three", ">=", "3.8", ",".join(["!=3.1.1"] * 100_000), ">=" + "9" * 5_000]
)
def test_what_is_no_sound_specifier_takes_what_nobody_knows(text: str) -> None:
    assert pythons_of(text) is None


@pytest.mark.parametrize(
    ("minors", "words"),
    [
        ("", "none"),
        ("3.8", "3.8"),
        ("3.8 3.9", "3.8 to 3.9"),
        ("2.7 3.0", "2.7 to 3.0"),
        ("2.7 3.1 3.2 3.9", "2.7, 3.1 to 3.2, 3.9"),
        ("3.23 3.24", "3.23 and later"),
        ("3.24", "3.24 and later"),
    ],
)
def test_minors_are_told_in_runs(minors: str, words: str) -> None:
    assert told(frozenset(minors.split())) == words


def test_since_is_of_one_major() -> None:
    assert since("2.7") == {"2.7"}
    assert {"3.9", "3.10", PYTHONS[-1]} <= since("3.9")
    assert not {"2.7", "3.8"} & since("3.9")


def test_a_python_has_ended_after_its_last_day() -> None:
    assert not has_ended("3.9", date(2025, 10, 31))
    assert has_ended("3.9", date(2025, 11, 1))
    assert not has_ended("3.24", date(2100, 1, 1))
