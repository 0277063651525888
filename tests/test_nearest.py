"""The name that somebody may have meant."""

from __future__ import annotations

import hostile
import pytest
from hypothesis import given, settings

from release_guard.nearest import did_you_mean

_KNOWN = ("check", "verify", "--offline", "missing-sdist", "pypi", "testpypi", "index")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        pytest.param("chek", "check", id="a letter too few"),
        pytest.param("checkk", "check", id="a letter too many"),
        pytest.param("--ofline", "--offline", id="an option"),
        pytest.param("missing_sdist", "missing-sdist", id="a low line for a hyphen"),
        pytest.param("PyPI", "pypi", id="capitals"),
        pytest.param("pipy", "pypi", id="letters that changed places"),
        pytest.param("test-pypi", "testpypi", id="the nearer of two"),
        pytest.param("indexs", "index", id="a plural"),
    ],
)
def test_the_nearest_name_is_suggested(name: str, meant: str) -> None:
    assert did_you_mean(name, _KNOWN) == f"did you mean {meant!r}?"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("colour", id="another word"),
        pytest.param("", id="nothing"),
        pytest.param("check" * 20, id="far too long"),
        pytest.param(7, id="no text"),
    ],
)
def test_nothing_is_suggested_for(name: object) -> None:
    assert did_you_mean(name, _KNOWN) == ""


def test_not_more_names_are_compared_than_a_person_would_have_given() -> None:
    names = [f"name-{number}" for number in range(5000)]

    assert did_you_mean("nam-999", names) == "did you mean 'name-999'?"
    assert did_you_mean("nam-4999", names) != "did you mean 'name-4999'?"


@settings(deadline=None)
@given(hostile.texts)
def test_only_a_known_name_is_ever_suggested(text: str) -> None:
    assert did_you_mean(text, _KNOWN) in {
        "",
        *(f"did you mean {name!r}?" for name in _KNOWN),
    }
