"""Findings by cause: 40 wheels with one thing wrong are told once, and none is lost."""

from __future__ import annotations

from dataclasses import replace

import hostile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_guard.findings import Finding, Severity
from release_guard.reports.causes import Cause, causes

_FIRST, _SECOND = "demo-1.0-cp311-cp311-win_amd64.whl", "demo-1.0-cp312-cp312-linux.whl"
_FOUND = Finding("some-rule", Severity.ERROR, _FIRST, "is empty", "build it", "a page")


def _found(subject: str, message: str, fix: str = "build it") -> Finding:
    return replace(_FOUND, subject=subject, message=message, fix=fix)


#: Pairs that one thing explains, and what is said of both.
_ALIKE: dict[str, tuple[Finding, Finding, str, str]] = {
    "the same words": (
        _found(_FIRST, "is empty"),
        _found(_SECOND, "is empty"),
        *("is empty", "build it"),
    ),
    "the file's own name in the message": (
        _found(_FIRST, f"holds {_FIRST} itself"),
        _found(_SECOND, f"holds {_SECOND} itself"),
        *("holds <name> itself", "build it"),
    ),
    "the file's own name in the fix": (
        _found(_FIRST, "is late", f"upload {_FIRST}: now"),
        _found(_SECOND, "is late", f"upload {_SECOND}: now"),
        *("is late", "upload <name>: now"),
    ),
    "the version of a release": (
        _found("demo 1.0", "the tag 'v1.0' says 1.0, and 1.0.1 is no more"),
        _found("demo 1.2", "the tag 'v1.2' says 1.2, and 1.0.1 is no more"),
        *("the tag 'v<version>' says <version>, and 1.0.1 is no more", "build it"),
    ),
    "the version of a release that is told with more": (
        _found("demo 1.0 cp311", "1.0. ends, 11.0 does not"),
        _found("demo 1.2 cp311", "1.2. ends, 11.0 does not"),
        *("<version>. ends, 11.0 does not", "build it"),
    ),
    "the tags of a wheel": (
        _found(_FIRST, "WHEEL says cp311-cp311-win_amd64"),
        _found(_SECOND, "WHEEL says cp312-cp312-linux"),
        *("WHEEL says <tags>", "build it"),
    ),
    "the tags of a wheel with a build number": (
        _found("demo-1.0-1-py3-none-any.whl", "WHEEL says py3-none-any"),
        _found("demo-1.0-1-py2-none-any.whl", "WHEEL says py2-none-any"),
        *("WHEEL says <tags>", "build it"),
    ),
    "the tag of an extension module": (
        _found(_FIRST, "demo/_x.cpython-311-x86_64-linux-gnu.so: needs glibc 2.34"),
        _found(_SECOND, "demo/_x.cpython-312-x86_64-linux-gnu.so: needs glibc 2.34"),
        *("demo/_x.<abi>.so: needs glibc 2.34", "build it"),
    ),
    "the tag of an extension module for Windows": (
        _found(_FIRST, "demo/_x.cp311-win_amd64.pyd is damaged"),
        _found(_SECOND, "demo/_x.cp312-win_amd64.pyd is damaged"),
        *("demo/_x.<abi>.pyd is damaged", "build it"),
    ),
    "two things that are one subject": (
        _found(_FIRST, "is empty"),
        _found(_FIRST, "is empty"),
        *("is empty", "build it"),
    ),
}


@pytest.mark.parametrize(
    ("first", "second", "message", "fix"), _ALIKE.values(), ids=list(_ALIKE)
)
def test_of_one_cause_are_findings_with(
    first: Finding, second: Finding, message: str, fix: str
) -> None:
    assert causes([first, second]) == (
        Cause(Severity.ERROR, "some-rule", "a page", fix, message, (first, second)),
    )


_OTHER: dict[str, tuple[Finding, Finding]] = {
    "another message": (_found(_FIRST, "is empty"), _found(_SECOND, "is full")),
    "another fix": (_FOUND, _found(_FIRST, "is empty", "throw it away")),
    "another rule": (_FOUND, replace(_FOUND, rule="other-rule")),
    "another page": (_FOUND, replace(_FOUND, docs="another page")),
    "another severity": (_FOUND, replace(_FOUND, severity=Severity.WARNING)),
    "the name of another file than its own": (
        _found(_FIRST, f"is as {_FIRST}"),
        _found(_SECOND, f"is as {_FIRST}"),
    ),
    "a number that looks like the release's version": (
        _found("demo 1", "1 file(s) are late"),
        _found("demo 2", "2 file(s) are late"),
    ),
    "a version that is a part of a longer one": (
        _found("demo 1.0", "found 1.0.1, 21.0, 1.0rc1 and 1.0+x"),
        _found("demo 2.0", "found 2.0.1, 22.0, 2.0rc1 and 2.0+x"),
    ),
    "a name that is a part of a longer one": (
        _found("a.whl", "is a.whl.asc"),
        _found("b.whl", "is b.whl.asc"),
    ),
    "another extension module": (
        _found(_FIRST, "demo/_x.cpython-311-darwin.so: needs glibc 2.34"),
        _found(_SECOND, "demo/_y.cpython-311-darwin.so: needs glibc 2.34"),
    ),
    "nothing to tell them by": (_found("", "is odd"), _found("", "is even")),
}


@pytest.mark.parametrize("pair", _OTHER.values(), ids=list(_OTHER))
def test_of_two_causes_are_findings_with(pair: tuple[Finding, Finding]) -> None:
    told = causes(pair)

    assert [cause.findings for cause in told] == [(finding,) for finding in pair]


def test_of_a_finding_alone_the_own_words_are_told() -> None:
    (cause,) = causes([_found(_FIRST, f"holds {_FIRST}", f"open {_FIRST}")])

    assert (cause.message, cause.fix) == (f"holds {_FIRST}", f"open {_FIRST}")


def test_without_findings_there_is_no_cause() -> None:
    assert causes([]) == ()


def test_causes_come_in_the_order_of_their_first_findings() -> None:
    second = _found(_FIRST, "is late")
    third = _found(_SECOND, "is empty")

    told = causes([_FOUND, second, third])

    assert [cause.message for cause in told] == ["is empty", "is late"]
    assert told[0].findings == (_FOUND, third)


def test_a_subject_is_named_once_in_the_order_of_the_findings() -> None:
    (cause,) = causes([_found(name, "is empty") for name in ("b", "a", "b", "c")])

    assert cause.subjects == ("b", "a", "c")


_TEXTS = st.one_of(hostile.texts, st.sampled_from([_FIRST, "demo 1.0", "1.0", "\\1"]))


@given(st.lists(st.builds(_found, _TEXTS, _TEXTS, _TEXTS)))
def test_no_finding_is_lost_or_told_twice(findings: list[Finding]) -> None:
    told = [finding for cause in causes(findings) for finding in cause.findings]

    assert sorted(map(id, told)) == sorted(map(id, findings))
