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
    endpoints,
    expected,
    expected_file,
    indexed,
    listing,
    policy,
    publication,
    served,
    sha256,
    surroundings,
    view,
)

from release_guard.facts import Endpoints, ExpectedFile, View
from release_guard.findings import Severity
from release_guard.rules.publication import (
    index_inconsistent,
    index_nonstandard,
    published_altered,
    published_contradicted,
    published_elsewhere,
    published_metadata,
    published_missing,
    published_status,
    published_undownloadable,
    published_unexpected,
    published_yanked,
)

_OLD = "demo-0.9.tar.gz"
_BOTH = (SDIST, WHEEL)
_LATER = "demo-1.0-cp313-cp313-win_amd64.whl"
_OTHER = sha256("other bytes")
_META = sha256("the metadata")
_MD5 = (("md5", "0" * 32),)
#: When ``indexed`` says that a file was uploaded.
_SINCE = "2026-08-31 12:00 UTC"
_STRANGE = "is none of the expected files"


def _late(by: str) -> str:
    """What is said of a late file, which an answer lists and the last one does not."""
    return (
        f"is late: listed by {by}, and not by the last answer of {PAGE}, after 30 "
        "seconds"
    )


def _described(**says: str | None) -> ExpectedFile:
    """A wheel whose metadata says this."""
    return expected_file(WHEEL, **says)


def _html(*files: str | tuple[str, str | None]) -> View:
    """The listing as HTML."""
    return view(*files, name="the listing as HTML")


def _page(*files: str | tuple[str, str | None], known: bool = True) -> View:
    """The release's own JSON page."""
    return view(*files, name="the release's JSON page", known=known)


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
    Case(
        published_missing,
        "an earlier answer listed it: it is late",
        publication(SDIST, seen={WHEEL: "an earlier answer"}),
        says=(Says(_late("an earlier answer"), WHEEL),),
    ),
    Case(
        published_missing,
        "one is late, by another endpoint, and one is missing",
        publication(seen={SDIST: "the release's JSON page"}),
        says=(
            Says(_late("the release's JSON page"), SDIST),
            Says(f"is not listed by {PAGE}, after 30 seconds", WHEEL),
        ),
    ),
    Case(
        published_missing,
        "what was seen and is listed is neither",
        publication(*_BOTH, seen={WHEEL: "an earlier answer", _LATER: "another"}),
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
        "a file that was there before, as of a release in stages",
        publication(*_BOTH, _LATER, of=expected(before={_LATER: None})),
        says=(
            Says(
                "is a file of 1.0 as well: the index listed it before the check, and "
                "nobody compared it with this set",
                _LATER,
                Severity.WARNING,
            ),
        ),
    ),
    Case(
        published_unexpected,
        "a file of another version that was there before",
        publication(
            *_BOTH, "demo-0.9.tar.gz", of=expected(before={"demo-0.9.tar.gz": None})
        ),
    ),
    Case(
        published_unexpected,
        "the expected files were there before, as in a second run",
        publication(*_BOTH, of=expected(before={SDIST: None, WHEEL: None})),
    ),
    Case(
        published_unexpected,
        "a file that nobody expected",
        publication(*_BOTH, _LATER),
        says=(Says(f"is listed by {PAGE} since {_SINCE}, and {_STRANGE}", _LATER),),
    ),
    Case(
        published_unexpected,
        "a file that nobody expected, and nobody says since when it is there",
        publication(*_BOTH, indexed(_LATER, uploaded=None)),
        says=(Says(f"is listed by {PAGE}, and {_STRANGE}", _LATER),),
    ),
    Case(
        published_unexpected,
        "a file of the same version in another spelling",
        publication(*_BOTH, "demo-1.0.0.tar.gz", of=expected(before={})),
        says=(
            Says(
                f"is listed by {PAGE} since {_SINCE}, and {_STRANGE}",
                "demo-1.0.0.tar.gz",
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
        "no hash at all, and no file was fetched yet: the job leaves that open",
        publication(indexed(SDIST, sha256=None), WHEEL),
    ),
    Case(
        published_altered,
        "another size, the hash being right",
        publication(SDIST, indexed(WHEEL, size=999)),
        says=(Says("is listed with the size 999 bytes, expected 1000 bytes", WHEEL),),
    ),
    Case(
        published_altered,
        "no bytes at all",
        publication(SDIST, indexed(WHEEL, size=0)),
        says=(Says("is listed with the size 0 bytes, expected 1000 bytes", WHEEL),),
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
    Case(
        published_yanked,
        "a reason that does not end is cut",
        publication(SDIST, indexed(WHEEL, yanked=True, yanked_reason="x" * 100_000)),
        says=(Says(f"is listed as yanked: {'x' * 200}", WHEEL),),
    ),
    # published-status
    Case(published_status, "an active project", publication(*_BOTH)),
    Case(
        published_status,
        "a project that the index does not know",
        publication(known=False),
    ),
    Case(
        published_status,
        "a project that the index holds back",
        publication(status="quarantined"),
        says=(Says(f"{PAGE} marks the project as 'quarantined', expected active"),),
    ),
    Case(
        published_status,
        "a project that was archived, as nobody does right after an upload",
        publication(*_BOTH, status="archived"),
        says=(Says(f"{PAGE} marks the project as 'archived', expected active"),),
    ),
    Case(
        published_status,
        "a status of a later standard",
        publication(*_BOTH, status="mothballed"),
        says=(
            Says(
                f"{PAGE} marks the project as 'mothballed', expected active",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        published_status,
        "a status of several lines that does not end",
        publication(*_BOTH, status="\n" + "x" * 100_000),
        says=(
            Says(
                f"{PAGE} marks the project as '\\n{'x' * 77}, expected active",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        published_status,
        "an archived project where the policy calls it an error",
        publication(*_BOTH, status="archived"),
        policy(severities={"published-status": Severity.ERROR}),
        says=(Says(f"{PAGE} marks the project as 'archived', expected active"),),
    ),
    # published-metadata
    Case(published_metadata, "nothing is known of the metadata", publication(*_BOTH)),
    Case(
        published_metadata,
        "the index says what the file says, in other words",
        publication(
            indexed(WHEEL, requires_python="<4,>=3.9", metadata_sha256=_META),
            of=expected(_described(requires_python=">=3.9, <4", metadata_sha256=_META)),
        ),
    ),
    Case(
        published_metadata,
        "the index says nothing of either",
        publication(
            WHEEL,
            of=expected(_described(requires_python=">=3.9", metadata_sha256=_META)),
        ),
    ),
    Case(
        published_metadata,
        "the index serves the metadata, and gives no hash of it",
        publication(
            indexed(WHEEL, metadata_sha256=""),
            of=expected(_described(metadata_sha256=_META)),
        ),
    ),
    Case(
        published_metadata,
        "another Requires-Python and another hash",
        publication(
            indexed(WHEEL, requires_python=">=3.8", metadata_sha256=_OTHER),
            of=expected(_described(requires_python=">=3.9", metadata_sha256=_META)),
        ),
        says=(
            Says("is listed with the Requires-Python >=3.8, expected >=3.9", WHEEL),
            Says(
                f"is listed with the core metadata's sha256 {_OTHER}, expected {_META}",
                WHEEL,
            ),
        ),
    ),
    Case(
        published_metadata,
        "the index says that a file needs no certain Python, and it does",
        publication(
            indexed(WHEEL, requires_python=""),
            of=expected(_described(requires_python=">=3.9")),
        ),
        says=(Says("is listed with no Requires-Python, expected >=3.9", WHEEL),),
    ),
    Case(
        published_metadata,
        "the index asks for a Python, and the file does not",
        publication(
            indexed(WHEEL, requires_python=">=3.9"),
            of=expected(_described(requires_python="")),
        ),
        says=(Says("is listed with the Requires-Python >=3.9, expected none", WHEEL),),
    ),
    Case(
        published_metadata,
        "a Requires-Python that is none, and does not end",
        publication(
            indexed(WHEEL, requires_python="9" * 100_000),
            of=expected(_described(requires_python=">=3.9")),
        ),
        says=(
            Says(
                f"is listed with the Requires-Python {'9' * 200}, expected >=3.9", WHEEL
            ),
        ),
    ),
    Case(
        published_metadata,
        "a number of 5,000 digits, which no version library takes",
        publication(
            indexed(WHEEL, requires_python=f">={'9' * 5000}"),
            of=expected(_described(requires_python=">=3.9")),
        ),
        says=(Says("is listed with the Requires-Python >=9…, expected >=3.9", WHEEL),),
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
    Case(
        published_elsewhere,
        "of an installer of this version speaks published-unexpected",
        surroundings(_OLD, *_BOTH, "demo-1.0-win32.exe"),
    ),
    # published-undownloadable
    Case(published_undownloadable, "the expected bytes", served()),
    Case(
        published_undownloadable,
        "the expected bytes, by another hash as well",
        served(other_hashes=_MD5, listed=indexed(WHEEL, other_hashes=_MD5)),
    ),
    Case(
        published_undownloadable,
        "the expected metadata",
        served(
            metadata_sha256=_META,
            expect=_described(metadata_sha256=_META),
            listed=indexed(WHEEL, metadata_sha256=_META),
        ),
    ),
    Case(
        published_undownloadable,
        "other bytes, and as many of them",
        served(sha256=_OTHER),
        says=(Says(f"is served with the sha256 {_OTHER}, expected {sha256(WHEEL)}"),),
    ),
    Case(
        published_undownloadable,
        "half of the bytes",
        served(sha256=_OTHER, size=500),
        says=(
            Says(f"is served with the sha256 {_OTHER}, expected {sha256(WHEEL)}"),
            Says("is served with the size 500 bytes, expected 1000 bytes"),
        ),
    ),
    Case(
        published_undownloadable,
        "the expected bytes, and a listing that gives another md5",
        served(
            other_hashes=_MD5, listed=indexed(WHEEL, other_hashes=(("md5", "f" * 32),))
        ),
        says=(Says(f"is served with the md5 {'0' * 32}, expected {'f' * 32}"),),
    ),
    Case(
        published_undownloadable,
        "the expected bytes, and other metadata than listed",
        served(metadata_sha256=_OTHER, listed=indexed(WHEEL, metadata_sha256=_META)),
        says=(
            Says(
                f"is served with the core metadata's sha256 {_OTHER}, expected {_META}"
            ),
        ),
    ),
    Case(
        published_undownloadable,
        "the expected bytes, and other metadata than the file's own",
        served(
            metadata_sha256=_OTHER,
            expect=_described(metadata_sha256=_META),
            listed=indexed(WHEEL, metadata_sha256=""),
        ),
        says=(
            Says(
                f"is served with the core metadata's sha256 {_OTHER}, expected {_META}"
            ),
        ),
    ),
    Case(
        published_undownloadable,
        "nothing",
        served(sha256="", size=0, problem="https://files.example/x: answers 404"),
        says=(
            Says("is listed, and cannot be had: https://files.example/x: answers 404"),
        ),
    ),
    Case(
        published_undownloadable,
        "the bytes, and no metadata although the index says that there is",
        served(
            problem="https://files.example/x.metadata: answers 404",
            listed=indexed(WHEEL, metadata_sha256=_META),
        ),
        says=(
            Says(
                "is listed, and cannot be had: https://files.example/x.metadata: "
                "answers 404"
            ),
        ),
    ),
    # index-inconsistent
    Case(
        index_inconsistent,
        "all endpoints agree",
        endpoints(view(*_BOTH), _html(*_BOTH), _page(*_BOTH)),
    ),
    Case(index_inconsistent, "there is one endpoint", endpoints(view(SDIST))),
    Case(
        index_inconsistent,
        "an endpoint gives no hashes",
        endpoints(view(*_BOTH), _html((SDIST, None), (WHEEL, None))),
    ),
    Case(
        index_inconsistent,
        "no endpoint knows the release",
        endpoints(view(known=False), _page(known=False)),
    ),
    Case(
        index_inconsistent,
        "one lags behind, and another does not know the release yet",
        endpoints(view(*_BOTH), _html(SDIST), _page(known=False)),
        says=(
            Says(
                f"the listing as HTML lags behind, and lacks {WHEEL}: the listing as "
                "JSON lists 2 file(s)"
            ),
            Says(
                "the release's JSON page lags behind, and does not know the release: "
                "the listing as JSON lists 2 file(s)"
            ),
        ),
    ),
    Case(
        index_inconsistent,
        "one lists what should not be there: that is another rule's",
        endpoints(view(*_BOTH), _page(*_BOTH, _LATER)),
    ),
    Case(
        index_inconsistent,
        "one has other bytes: that is another rule's",
        endpoints(view(*_BOTH), _page(WHEEL, (SDIST, _OTHER))),
    ),
    Case(
        index_inconsistent,
        "one lists a file that was there before the check",
        Endpoints(
            expected(before={_LATER: None}), (view(*_BOTH), _page(*_BOTH, _LATER))
        ),
        says=(
            Says(
                f"the release's JSON page also lists {_LATER}: the listing as JSON "
                "lists 2 file(s)"
            ),
        ),
    ),
    Case(
        index_inconsistent,
        "a file that was there before has other hashes",
        Endpoints(
            expected(before={_LATER: None}),
            (view(*_BOTH, _LATER), _page(*_BOTH, (_LATER, _OTHER))),
        ),
        says=(
            Says(
                f"the release's JSON page has other hashes for {_LATER}: the listing "
                "as JSON lists 3 file(s)"
            ),
        ),
    ),
    Case(
        index_inconsistent,
        "many are lacking, of which the first are told",
        endpoints(
            view(*(f"{number}.whl" for number in range(5)), *_BOTH), _page(*_BOTH)
        ),
        says=(
            Says(
                "the release's JSON page lags behind, and lacks 0.whl, 1.whl, 2.whl "
                "and 2 more: the listing as JSON lists 7 file(s)"
            ),
        ),
    ),
    Case(
        published_contradicted,
        "another endpoint lists a file that nobody expects",
        endpoints(view(*_BOTH), _page(*_BOTH, _LATER)),
        says=(
            Says(
                "the release's JSON page lists it, and the listing as JSON does not",
                _LATER,
            ),
        ),
    ),
    Case(
        published_contradicted,
        "two other endpoints have other bytes of an expected file",
        endpoints(
            view(*_BOTH),
            _page(WHEEL, (SDIST, _OTHER)),
            view(WHEEL, (SDIST, _OTHER), name="the listing as HTML"),
        ),
        says=(
            Says(
                "the release's JSON page lists other bytes of it, and the listing as "
                "JSON does not",
                SDIST,
            ),
        ),
    ),
    Case(
        published_contradicted,
        "another endpoint lists a file that was there before the check",
        Endpoints(
            expected(before={_LATER: None}), (view(*_BOTH), _page(*_BOTH, _LATER))
        ),
    ),
    Case(
        published_contradicted,
        "another endpoint marks an expected file as yanked",
        endpoints(view(*_BOTH), replace(_page(*_BOTH), yanked=frozenset({SDIST}))),
        says=(
            Says(
                "the release's JSON page lists it as yanked, and the listing as JSON "
                "does not",
                SDIST,
            ),
        ),
    ),
    Case(
        published_contradicted,
        "another endpoint lags behind",
        endpoints(view(*_BOTH), _page(SDIST)),
    ),
    Case(
        published_contradicted,
        "another endpoint gives no hash",
        endpoints(view(*_BOTH), _page(WHEEL, (SDIST, None))),
    ),
    Case(
        index_nonstandard,
        "a hash in a form of its own",
        publication(*_BOTH, oddities=("a hash is written sha256-",)),
        says=(Says(f"{PAGE}: a hash is written sha256-"),),
    ),
    Case(index_nonstandard, "a page as the standards have it", publication(*_BOTH)),
]


def test_the_subjects_are_called_by_the_release_the_project_and_the_file() -> None:
    assert publication().label == "demo 1.0"
    assert endpoints(view()).label == "demo 1.0"
    assert surroundings().label == "demo"
    assert served().label == WHEEL


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        ("quarantined", "ask the index's administrators; do not upload again"),
        ("archived", "take that back, if it was not meant"),
    ],
)
def test_who_holds_the_project_back_is_to_be_asked(status: str, fix: str) -> None:
    (finding,) = published_status.findings(publication(status=status), policy())

    assert finding.fix == fix
    assert finding.evidence == {"status": status}


def test_no_finding_tells_a_password_of_a_files_address() -> None:
    listed = indexed(WHEEL, url="https://user:secret@files.example/x?token=secret")
    file = served(sha256="", problem="answers 404", listed=listed)

    (finding,) = published_undownloadable.findings(file, policy())

    assert finding.evidence == {"url": "https://files.example/x"}


def test_a_finding_of_two_endpoints_tells_address_and_serial() -> None:
    behind = replace(_page(SDIST), url="https://index.example/x/json", serial=5)

    (finding,) = index_inconsistent.findings(endpoints(view(*_BOTH), behind), policy())

    assert finding.evidence == {"url": "https://index.example/x/json", "serial": 5}
