"""What is required of other projects, in one spelling."""

from __future__ import annotations

import pytest
from packaging.version import Version

from release_guard.requirements import (
    Wanted,
    spelled_requirements,
    spelled_specifiers,
    wanted_of,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Foo.Bar", "foo-bar", id="names are canonical"),
        pytest.param("a>=1.0,<2", "a <2.0, >=1", id="clauses have no order"),
        pytest.param("a==1.0.dev1", "a==1.dev1", id="zeros at the end say nothing"),
        pytest.param("a[X,y_z]", "a [y-z, x]", id="extras are canonical"),
        pytest.param('a; extra=="x"', "a ; extra == 'x'", id="markers are parsed"),
    ],
)
def test_what_says_the_same_is_spelled_the_same(one: str, other: str) -> None:
    assert spelled_requirements([one]) == spelled_requirements([other])
    assert wanted_of(one) == wanted_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("a~=1.4.0", "a~=1.4", id="of a compatible release a zero counts"),
        pytest.param("a===1.0", "a===1", id="an arbitrary version is compared by text"),
        pytest.param("a", "a; python_version < '4'", id="with and without a marker"),
        pytest.param("a", "a[x]", id="with and without an extra"),
    ],
)
def test_what_says_something_else_is_not(one: str, other: str) -> None:
    assert spelled_requirements([one]) != spelled_requirements([other])


def test_a_requirement_is_taken_apart() -> None:
    wanted = wanted_of("Foo_Bar[b, A] <2.0 , >= 1.0.0; python_version>'3'")

    assert wanted == Wanted(
        wanted.name if wanted else "",  # type: ignore[arg-type]
        ("a", "b"),
        ("<2", ">=1"),
        'python_version > "3"',
    )
    assert wanted is not None
    assert wanted.what == "foo-bar[a,b]"
    assert str(wanted) == 'foo-bar[a,b]<2,>=1; python_version > "3"'
    assert wanted.text == 'Foo_Bar[A,b]<2.0,>=1.0.0; python_version > "3"'


def test_a_direct_reference_keeps_its_url() -> None:
    wanted = wanted_of("a @ https://a.example/a.whl")

    assert wanted is not None
    assert wanted.url == "https://a.example/a.whl"
    assert str(wanted) == "a @ https://a.example/a.whl"


def test_clauses_are_taken_apart() -> None:
    wanted = wanted_of("a>=1.0,!=1.2.*,<2")

    assert wanted is not None
    assert wanted.clauses == (("!=", "1.2.*"), ("<", "2"), (">=", "1"))


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        pytest.param("a", "1.0 1.5rc1 2.0", id="all fit what asks for none"),
        pytest.param("a>=1.2", "1.5rc1 2.0", id="pre-releases too"),
        pytest.param("a===1.0", "1.0", id="an arbitrary version"),
        pytest.param("a>3", "", id="none"),
    ],
)
def test_the_versions_that_fit_are_those_that_an_installer_may_take(
    text: str, fits: str
) -> None:
    wanted = wanted_of(text)

    assert wanted is not None
    versions = map(Version, ("1.0", "1.5rc1", "2.0"))
    assert list(map(str, wanted.fitting(versions))) == fits.split()


@pytest.mark.parametrize(
    ("text", "is_pin"),
    [
        ("a==1.0", True),
        ("a===1.0", True),
        ("a==1.0,!=1.0.post1", True),
        ("a==1.*", False),
        ("a~=1.0", False),
        ("a>=1.0", False),
        ("a", False),
    ],
)
def test_a_pin_takes_one_version(text: str, is_pin: bool) -> None:
    wanted = wanted_of(text)

    assert wanted is not None
    assert wanted.is_pin is is_pin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a=1",
        "a==" + "9" * 5_000,
        "a; " + "(" * 5_000 + "python_version > '3'" + ")" * 5_000,
    ],
    ids=["nothing", "two words", "one equals sign", "5000 digits", "5000 brackets"],
)
def test_what_is_none_stays_the_text_that_it_is(text: str) -> None:
    assert wanted_of(text) is None
    assert spelled_requirements([text]) == {text}


def test_a_specifier_that_is_none_stays_the_text_that_it_is() -> None:
    assert spelled_specifiers("three") == {"three"}
    assert spelled_specifiers("") == frozenset()
