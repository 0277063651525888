"""Uploaders: what each release knows, and which names are taken for one."""

from __future__ import annotations

import re

import pytest
from packaging.version import Version

from release_guard.publishers import PUBLISHER_FORMS, Publisher, publisher_of
from release_guard.rulebook import METADATA_VERSIONS

_ACTION = "pypa/gh-action-pypi-publish"
COMMIT = "f76f52bc884231f62b9a034ebfe128415bbaabdf"

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
    f"{_ACTION}@release/v1": ("2.5", True),
    f"{_ACTION}@v1": ("2.5", True),
    "uv": ("", False),
    "uv==0.9": ("", False),
    "hatch": ("", False),
    "poetry": ("", False),
}


@pytest.mark.parametrize(("text", "known"), RELEASES.items())
def test_a_release_knows_the_metadata_of_its_day(
    text: str, known: tuple[str, bool]
) -> None:
    looks = bool(known[0])
    assert publisher_of(text) == Publisher(text, *known, sends_all=not looks)


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
        "gh-action-pypi-publish@v1.12.4",
        "someone/gh-action-pypi-publish@v1.12.4",
        "uv>=0.9",
        "uv@0.9",
        "uv @ 0.9",
        "twine==release/v1",
        "twine@release/v1",
        "twine@6.1",
        "twine==v1.x",
        f"{_ACTION}==v1.14.2",
        f"{_ACTION}==release/v1",
        f"{_ACTION}@release/v2",
        f"{_ACTION}@main",
        f"{_ACTION}@{COMMIT}",
        f"{_ACTION}@{COMMIT[1:]}",
        f"{_ACTION}@{'1' * 40}",
        "UV",
        "flit",
    ],
)
def test_what_is_no_known_publisher_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (publisher|version)|is older than"):
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
    forms, count = re.subn(r" \(a version, [^)]+\)", "", PUBLISHER_FORMS)
    named = forms.replace(" or ", ", ").split(", ")

    assert count == 1
    assert len(named) == 5
    assert [publisher_of(form).name for form in named] == named


def test_the_branch_of_the_action_is_its_newest_release_that_is_known() -> None:
    newest = max(
        (Version(text.partition("@v")[2]), known)
        for text, known in RELEASES.items()
        if "@v" in text
    )[1]

    for moving in ("release/v1", "v1"):
        publisher = publisher_of(f"{_ACTION}@{moving}")
        assert (publisher.newest_metadata, publisher.refuses_unknown_fields) == newest


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("pypa/gh-action-pypi-publish@release/v1", True),
        ("pypa/gh-action-pypi-publish@v1", True),
        ("pypa/gh-action-pypi-publish@v1.14.2", True),
        ("pypa/gh-action-pypi-publish@1.11", True),
        ("pypa/gh-action-pypi-publish@v1.11.0", True),
        ("pypa/gh-action-pypi-publish@v1.11.0rc1", False),
        ("pypa/gh-action-pypi-publish@v1.10.3", False),
        ("twine==7.0", False),
        ("uv", False),
        ("hatch==1.14", False),
    ],
)
def test_only_the_action_signs_what_it_uploads_and_only_since_a_release(
    text: str, signs: bool
) -> None:
    assert publisher_of(text).signs is signs
