"""What the list of classifiers says of one, in bounded time whatever is asked."""

from __future__ import annotations

import importlib.metadata
from datetime import UTC, date, datetime

import pytest
from archives import within
from trove_classifiers import classifiers, deprecated_classifiers, sorted_classifiers

from release_guard.facts import Classifier, Standing
from release_guard.sources.classifiers import list_date, look_up

SPELLED_WRONG = "Natural Language :: Ukranian"
KNOWN = "Programming Language :: Python :: 3"


def test_the_list_has_the_day_of_its_release() -> None:
    day = list_date()
    released = importlib.metadata.version("trove-classifiers")
    assert released.startswith(f"{day.year}.{day.month}.{day.day}")
    assert date(2024, 1, 1) < day <= datetime.now(UTC).date()


def test_every_classifier_of_the_list_is_known() -> None:
    assert look_up(sorted_classifiers) == tuple(map(Classifier, sorted_classifiers))


def test_every_deprecated_classifier_names_what_takes_its_place() -> None:
    found = {c.text: c for c in look_up(list(deprecated_classifiers))}
    assert {c.standing for c in found.values()} == {Standing.DEPRECATED}
    for text, instead in deprecated_classifiers.items():
        assert found[text].instead == tuple(instead)
    assert found[SPELLED_WRONG].instead == ("Natural Language :: Ukrainian",)
    assert not deprecated_classifiers.keys() & classifiers


NEAREST = {
    "Programming Language :: Pyton :: 3.11": "Programming Language :: Python :: 3.11",
    "programming language :: python :: 3": KNOWN,
    "Programming Language::Python::3": KNOWN,
    f"{KNOWN} ": KNOWN,
    "License :: OSI Approved :: Apache License": (
        "License :: OSI Approved :: Apache Software License"
    ),
    "Typing :: typed": "Typing :: Typed",
}


@pytest.mark.parametrize(("text", "nearest"), NEAREST.items(), ids=NEAREST.keys())
def test_an_unknown_classifier_comes_with_the_nearest_known_one(
    text: str, nearest: str
) -> None:
    assert look_up([text]) == (Classifier(text, Standing.UNKNOWN, (nearest,)),)


FAR = {
    "nothing": "",
    "nothing alike": "qqqq",
    "other letters": "プログラミング言語",
    "a NUL": "\0",
    "what is private": "Private :: Do Not Upload",
    "one of 201 characters": KNOWN + " " * (201 - len(KNOWN)),
}


@pytest.mark.parametrize("text", FAR.values(), ids=FAR.keys())
def test_what_is_near_to_none_is_unknown_and_no_more(text: str) -> None:
    assert look_up([text]) == (Classifier(text, Standing.UNKNOWN),)


def test_the_order_is_kept_and_so_is_each_repetition() -> None:
    texts = ["zzz", KNOWN, SPELLED_WRONG, KNOWN, "zzz"]
    assert [classifier.text for classifier in look_up(texts)] == texts


def test_nothing_to_look_up_is_nothing() -> None:
    assert look_up([]) == ()


def test_the_nearest_is_looked_for_a_bounded_number_of_times() -> None:
    near = [f"{KNOWN}.{number}x" for number in range(30)]
    found = look_up(near)
    assert all(classifier.instead for classifier in found[:20])
    assert not any(classifier.instead for classifier in found[20:])
    assert {classifier.standing for classifier in found} == {Standing.UNKNOWN}


def test_known_ones_do_not_use_up_what_is_looked_for() -> None:
    found = look_up([KNOWN] * 100 + [f"{KNOWN} "])
    assert found[-1].instead == (KNOWN,)


MANY = {
    "thousands": [f"{KNOWN} {number}" for number in range(10_000)],
    "thousands of long ones": [f"{n:05}" * 300 for n in range(3_000)],
    "some that are very long": ["x" * (1 << 16)] * 50,
    "twenty that are as long as is looked for": [f"{n:02}" * 100 for n in range(20)],
}


@pytest.mark.parametrize("texts", MANY.values(), ids=MANY.keys())
def test_many_unknown_ones_are_looked_up_in_bounded_time(texts: list[str]) -> None:
    with within(10):
        found = look_up(texts)
    assert {classifier.standing for classifier in found} == {Standing.UNKNOWN}
