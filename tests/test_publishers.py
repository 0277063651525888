"""Uploaders: what each release knows, and which names are taken for one."""

from __future__ import annotations

import pytest

from release_guard.publishers import PUBLISHER_FORMS, Publisher, publisher_of
from release_guard.rulebook import METADATA_VERSIONS

_ACTION = "pypa/gh-action-pypi-publish"

#: The first and the last release of each kind: the newest metadata, unknown fields.
RELEASES = {
    "twine==0.1": ("2.2", False),
    "twine==4.0.2": ("2.2", False),
    "twine==5.0.0rc1": ("2.2", False),
    "twine==5.0": ("2.3", False),
    "twine==5.0.0": ("2.3", False),
    "twine==5.1.1": ("2.3", False),
    "twine==6.0": ("2.4", False),
    "twine==6.0.1": ("2.4", False),
    "twine==6.1": ("2.4", True),
    "twine==6.2.0": ("2.4", True),
    "twine==6.99": ("2.4", True),
    "twine==7.0": ("2.5", True),
    "twine==70": ("2.5", True),
    f"{_ACTION}@v1.4.2": ("2.2", False),
    f"{_ACTION}@v1.8.12": ("2.2", False),
    f"{_ACTION}@v1.8.13": ("2.3", False),
    f"{_ACTION}@v1.12.2": ("2.3", False),
    f"{_ACTION}@v1.12.3": ("2.4", False),
    f"{_ACTION}@v1.12.4": ("2.4", True),
    f"{_ACTION}@v1.14.1": ("2.4", True),
    f"{_ACTION}@v1.14.2": ("2.5", True),
    f"{_ACTION}@1.14.2": ("2.5", True),
    f"{_ACTION}@v2": ("2.5", True),
    "uv": ("", False),
    "hatch": ("", False),
    "poetry": ("", False),
}


@pytest.mark.parametrize(("text", "known"), RELEASES.items())
def test_a_release_knows_the_metadata_of_its_day(
    text: str, known: tuple[str, bool]
) -> None:
    assert publisher_of(text) == Publisher(text, *known)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "twine",
        "twine==",
        "twine>=6.1",
        "twine==6.*",
        "twine==latest",
        "twine==6.1 ",
        " twine==6.1",
        "twine==6.1\n",
        "twine == 6.1",
        "Twine==6.1",
        "twines==6.1",
        "twine==6.1==7.0",
        "twine==6.1/x",
        "twine==0.dev1",
        "twine==0a1",
        pytest.param(f"twine=={'9' * 5000}", id="5000 digits"),
        _ACTION,
        f"{_ACTION}@",
        f"{_ACTION}@release/v1",
        f"{_ACTION}@76f52bc884231f62b9a034ebfe128415bbaabdfc",
        "gh-action-pypi-publish@v1.12.4",
        "someone/gh-action-pypi-publish@v1.12.4",
        "uv==0.9",
        "UV",
        "flit",
    ],
)
def test_what_is_no_known_publisher_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (publisher|version)"):
        publisher_of(text)


def test_the_reason_of_a_refusal_is_one_short_line() -> None:
    for text in ("x" * 10_000, "twine==" + "1" * 10_000, "twine==1\x1b\nx"):
        with pytest.raises(ValueError, match="is no ") as raised:
            publisher_of(text)
        assert len(str(raised.value)) < 150
        assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("text", "newest"), [("twine==5.0", "2.3"), ("twine==6.1", "2.4")]
)
def test_what_is_newer_than_a_publisher_it_does_not_know(
    text: str, newest: str
) -> None:
    publisher = publisher_of(text)

    known = [version for version in METADATA_VERSIONS if publisher.knows(version)]

    assert known == list(METADATA_VERSIONS[: METADATA_VERSIONS.index(newest) + 1])
    assert not publisher.knows("2.10")


def test_a_publisher_that_does_not_look_knows_everything() -> None:
    assert all(publisher_of("uv").knows(version) for version in ("9.9", "", "dog"))


def test_the_forms_that_are_named_are_taken() -> None:
    named = PUBLISHER_FORMS.replace(" or ", ", ").split(", ")

    assert [publisher_of(form).name for form in named] == named
