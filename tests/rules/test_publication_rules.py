"""The rules of the index after the upload, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import (
    PAGE,
    SDIST,
    WHEEL,
    Case,
    Says,
    expected,
    indexed,
    listing,
    publication,
    sha256,
    surroundings,
)

from release_guard.rules.publication import (
    published_altered,
    published_elsewhere,
    published_missing,
    published_unexpected,
    published_yanked,
)

_OLD = "demo-0.9.tar.gz"
_BOTH = (SDIST, WHEEL)
_LATER = "demo-1.0-cp313-cp313-win_amd64.whl"

CASES = [
    # published-missing
    Case(published_missing, "all is listed", publication(*_BOTH)),
    Case(
        published_missing,
        "one is not listed",
        publication(SDIST),
        says=(Says(f"is not listed by {PAGE}, after 30 seconds", WHEEL),),
    ),
    Case(
        published_missing,
        "another spelling of the name is another file",
        publication(SDIST, WHEEL.replace("1.0", "1.0.0")),
        says=(Says(f"is not listed by {PAGE}, after 30 seconds", WHEEL),),
    ),
    Case(
        published_missing,
        "an empty page",
        publication(),
        says=(
            Says(f"is not listed by {PAGE}, after 30 seconds", SDIST),
            Says(f"is not listed by {PAGE}, after 30 seconds", WHEEL),
        ),
    ),
    Case(
        published_missing,
        "the index does not know the project",
        replace(
            publication(of=expected(SDIST)),
            after=listing(known=False),
            waited=0.4,
        ),
        says=(
            Says(
                f"is not listed by {PAGE}, which does not know the project, after 0 "
                "seconds",
                SDIST,
            ),
        ),
    ),
    # published-unexpected
    Case(published_unexpected, "exactly what was expected", publication(*_BOTH)),
    Case(
        published_unexpected,
        "files of other versions are no matter here",
        publication(*_BOTH, _OLD, "demo-1.1.tar.gz"),
    ),
    Case(
        published_unexpected,
        "a file that was there before",
        publication(*_BOTH, _LATER, of=expected(before={_LATER: None})),
    ),
    Case(
        published_unexpected,
        "a file that nobody expected",
        publication(*_BOTH, _LATER),
        says=(Says(f"is listed by {PAGE}, and is not in the manifest", _LATER),),
    ),
    Case(
        published_unexpected,
        "a file of the same version in another spelling",
        publication(*_BOTH, "demo-1.0.0.tar.gz", of=expected(before={})),
        says=(
            Says(
                f"is listed by {PAGE}, and is not in the manifest", "demo-1.0.0.tar.gz"
            ),
        ),
    ),
    Case(
        published_unexpected,
        "an epoch makes another version",
        publication(*_BOTH, "demo-1!1.0.tar.gz"),
    ),
    # published-altered
    Case(published_altered, "the bytes that were checked", publication(*_BOTH)),
    Case(
        published_altered,
        "a file that is not listed is left to published-missing",
        publication(),
    ),
    Case(
        published_altered,
        "the index gives no size",
        publication(indexed(SDIST, size=None), WHEEL),
    ),
    Case(
        published_altered,
        "other bytes",
        publication(indexed(SDIST, sha256=sha256("other")), WHEEL),
        says=(
            Says(
                f"is listed with the sha256 {sha256('other')}, expected "
                f"{sha256(SDIST)}",
                SDIST,
            ),
        ),
    ),
    Case(
        published_altered,
        "no hash at all",
        publication(indexed(SDIST, sha256=None), WHEEL),
        says=(Says(f"is listed with no sha256, expected {sha256(SDIST)}", SDIST),),
    ),
    Case(
        published_altered,
        "another size, the hash being right",
        publication(SDIST, indexed(WHEEL, size=999)),
        says=(Says("is listed with 999 bytes, expected 1000", WHEEL),),
    ),
    Case(
        published_altered,
        "no bytes at all",
        publication(SDIST, indexed(WHEEL, size=0)),
        says=(Says("is listed with 0 bytes, expected 1000", WHEEL),),
    ),
    # published-yanked
    Case(published_yanked, "nothing is yanked", publication(*_BOTH)),
    Case(
        published_yanked,
        "the index does not say",
        publication(indexed(SDIST, yanked=None), WHEEL),
    ),
    Case(
        published_yanked,
        "an old file may be",
        publication(*_BOTH, indexed(_OLD, yanked=True)),
    ),
    Case(
        published_yanked,
        "one without and one with a reason",
        publication(
            indexed(SDIST, yanked=True),
            indexed(WHEEL, yanked=True, yanked_reason="broken"),
        ),
        says=(
            Says("is listed as yanked", SDIST),
            Says("is listed as yanked: broken", WHEEL),
        ),
    ),
    # published-elsewhere
    Case(published_elsewhere, "only the release is new", surroundings(_OLD, *_BOTH)),
    Case(
        published_elsewhere,
        "the release is not listed yet",
        surroundings(_OLD),
    ),
    Case(
        published_elsewhere,
        "files of the release were there before, with other bytes or not",
        surroundings(
            *_BOTH, before={SDIST: sha256("an earlier try"), WHEEL: sha256(WHEEL)}
        ),
    ),
    Case(
        published_elsewhere,
        "of another file of the version speaks published-unexpected",
        surroundings(_OLD, *_BOTH, _LATER),
    ),
    Case(
        published_elsewhere,
        "two releases of the project in one manifest",
        surroundings(
            _OLD,
            *_BOTH,
            "demo-2.0.tar.gz",
            releases=(expected(), expected("demo-2.0.tar.gz", version="2.0")),
        ),
    ),
    Case(
        published_elsewhere,
        "the first release of a project",
        surroundings(*_BOTH, before={}),
    ),
    Case(
        published_elsewhere,
        "the index gave no hash before: nothing can be compared",
        surroundings(_OLD, *_BOTH, before={_OLD: None}),
    ),
    Case(
        published_elsewhere,
        "an old file is gone",
        surroundings(*_BOTH),
        says=(Says("was listed before and is gone", _OLD),),
    ),
    Case(
        published_elsewhere,
        "an old file was replaced",
        surroundings(indexed(_OLD, sha256=sha256("other")), *_BOTH),
        says=(
            Says(
                f"was listed with the sha256 {sha256(_OLD)} and now has "
                f"{sha256('other')}",
                _OLD,
            ),
        ),
    ),
    Case(
        published_elsewhere,
        "an old file has lost its hash",
        surroundings(indexed(_OLD, sha256=None), *_BOTH),
        says=(
            Says(f"was listed with the sha256 {sha256(_OLD)} and now has none", _OLD),
        ),
    ),
    Case(
        published_elsewhere,
        "a development version appeared, and a file of no version",
        surroundings(_OLD, *_BOTH, "demo-43.0.0.dev1.tar.gz", "demo-latest.tar.gz"),
        says=(
            Says("was not listed before and is now", "demo-43.0.0.dev1.tar.gz"),
            Says("was not listed before and is now", "demo-latest.tar.gz"),
        ),
    ),
    Case(
        published_elsewhere,
        "a file of this version that was there before is gone",
        surroundings(*_BOTH, before={_LATER: sha256(_LATER)}),
        says=(Says("was listed before and is gone", _LATER),),
    ),
    Case(
        published_elsewhere,
        "another version is another epoch's",
        surroundings(_OLD, *_BOTH, "demo-1!1.0.tar.gz"),
        says=(Says("was not listed before and is now", "demo-1!1.0.tar.gz"),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    assert case.found() == case.wanted()


def test_the_subjects_are_called_by_the_release_and_by_the_project() -> None:
    assert publication().label == "demo 1.0"
    assert surroundings().label == "demo"
