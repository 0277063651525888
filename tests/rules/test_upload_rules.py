"""The rules of the index before the upload, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import (
    INTERNAL,
    PAGE,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    aged,
    indexed,
    listing,
    policy,
    project_size,
    release,
    sha256,
    upload,
)

from release_guard.facts import Upload
from release_guard.findings import Severity
from release_guard.rules.upload import (
    file_exists,
    project_new,
    project_quota,
    project_status,
    release_closed,
    sdist_exists,
    version_exists,
)

_WHEELS = tuple(f"demo-1.0-cp31{n}-cp31{n}-win_amd64.whl" for n in range(5))
_OLD = "demo-0.9.tar.gz"
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def _unknown(project: str) -> Upload:
    """The first release of a project."""
    return replace(
        upload(of=release(f"{project}-1.0.tar.gz")), listing=listing(known=False)
    )


_LIMIT = 10 << 30


def _storage(held: int, new: int, rest: str, index: str = "pypi") -> str:
    return f"{index} holds {held:,} bytes of it, this release adds {new:,}{rest}"


CASES = [
    # file-exists
    Case(file_exists, "nothing is listed", upload()),
    Case(file_exists, "another version is listed", upload("demo-0.9.tar.gz")),
    Case(
        file_exists,
        "another spelling is another file",
        upload("demo-1.0.0.tar.gz"),
    ),
    Case(
        file_exists,
        "one is listed with these bytes",
        upload(SDIST),
        says=(
            Says("is on pypi already, with these bytes", SDIST, Severity.NOTICE, ""),
        ),
    ),
    Case(
        file_exists,
        "both are listed, with other bytes and without a hash",
        upload(indexed(SDIST, sha256=sha256("other")), indexed(WHEEL, sha256=None)),
        policy(INTERNAL),
        (
            Says(
                f"is on internal already, with the sha256 {sha256('other')}; here it "
                f"has {sha256(SDIST)}",
                SDIST,
                row="",
            ),
            Says(
                f"is on internal already, with no hash; here it has {sha256(WHEEL)}",
                WHEEL,
                row="",
            ),
        ),
    ),
    Case(
        file_exists,
        "a hash of no characters is none",
        upload(indexed(SDIST, sha256="")),
        says=(
            Says(
                f"is on pypi already, with no hash; here it has {sha256(SDIST)}",
                SDIST,
                row="68",
            ),
        ),
    ),
    Case(
        file_exists,
        "other bytes are listed, for PyPI",
        upload(indexed(SDIST, sha256=sha256("other"))),
        policy(TESTPYPI),
        (Says("is on testpypi already, with the sha256 …", SDIST, row="68"),),
    ),
    Case(
        file_exists,
        "these bytes are listed under another name",
        upload(indexed(_OLD, sha256=sha256(SDIST)), "demo-0.8.tar.gz"),
        policy(TESTPYPI),
        (Says(f"testpypi has these bytes already, as {_OLD}", SDIST, row="68"),),
    ),
    Case(
        file_exists,
        "an index without PyPI's rules takes bytes under two names",
        upload(indexed(_OLD, sha256=sha256(SDIST))),
        policy(INTERNAL),
    ),
    Case(
        file_exists,
        "these bytes are listed under this name and another one",
        upload(SDIST, indexed(_OLD, sha256=sha256(SDIST))),
        says=(
            Says("is on pypi already, with these bytes", SDIST, Severity.NOTICE, ""),
        ),
    ),
    Case(
        file_exists,
        "a file without a hash has no bytes to compare",
        upload(indexed(_OLD, sha256=None), indexed("demo-0.8.tar.gz", sha256="")),
    ),
    # sdist-exists
    Case(sdist_exists, "nothing is listed", upload()),
    Case(sdist_exists, "the same sdist is listed", upload(SDIST)),
    Case(
        sdist_exists,
        "wheels of this version and an sdist of another one are listed",
        upload("demo-1.0-py2-none-any.whl", _OLD, "demo-1.0.exe"),
    ),
    Case(
        sdist_exists,
        "this version has an sdist, and only a wheel is new",
        upload("demo-1.0.zip", of=release(WHEEL)),
    ),
    Case(
        sdist_exists,
        "a name that is none is left to filename-invalid",
        upload("demo-1.0.zip", of=release("demo.tar.gz")),
    ),
    *(
        Case(
            sdist_exists,
            f"{other} is listed",
            upload(other, WHEEL),
            policy(TESTPYPI),
            (Says(f"testpypi has the sdist {other} of this version", SDIST, row="71"),),
        )
        for other in ("demo-1.0.zip", "demo-1.0.0.tar.gz", "Demo-1.0.tar.gz")
    ),
    Case(
        sdist_exists,
        "an index without PyPI's rules takes two",
        upload("demo-1.0.zip"),
        policy(INTERNAL),
    ),
    Case(
        sdist_exists,
        "both are listed, so that there is nothing to upload",
        upload("demo-1.0.zip", SDIST),
    ),
    # version-exists
    Case(version_exists, "a new version", upload("demo-0.9.tar.gz", "demo-1.1.zip")),
    Case(version_exists, "a new epoch", upload("demo-1!1.0.tar.gz")),
    Case(
        version_exists,
        "half of it is listed",
        upload(SDIST),
        says=(Says(f"pypi lists 1 file(s) of 1.0; new are {WHEEL}"),),
    ),
    Case(
        version_exists,
        "all of it is listed",
        upload(SDIST, WHEEL),
        says=(Says("pypi lists 2 file(s) of 1.0; none of these is new"),),
    ),
    Case(
        version_exists,
        "1.0.0 is the version 1.0",
        upload("demo-1.0.0.tar.gz", of=release(SDIST, *_WHEELS)),
        policy(TESTPYPI),
        (
            Says(
                f"testpypi lists 1 file(s) of 1.0; new are {_WHEELS[0]}, {_WHEELS[1]}, "
                f"{_WHEELS[2]} and 3 more"
            ),
        ),
    ),
    Case(
        version_exists,
        "three new files are told whole",
        upload(SDIST, of=release(SDIST, *_WHEELS[:3])),
        says=(
            Says(
                f"pypi lists 1 file(s) of 1.0; new are {_WHEELS[0]}, {_WHEELS[1]}, "
                f"{_WHEELS[2]}"
            ),
        ),
    ),
    Case(
        version_exists,
        "one more than is told",
        upload(SDIST, of=release(SDIST, *_WHEELS[:4])),
        says=(Says("pypi lists 1 file(s) of 1.0; new are …, … and 1 more"),),
    ),
    Case(
        version_exists,
        "each of two versions that are listed",
        upload("demo-1.0.zip", "demo-1.1.zip", of=release(SDIST, "demo-1.1.tar.gz")),
        says=(
            Says("pypi lists 1 file(s) of 1.0; new are …"),
            Says("pypi lists 1 file(s) of 1.1; new are …"),
        ),
    ),
    Case(
        version_exists,
        "a version that only the metadata says",
        upload("demo-2.0.tar.gz", of=release(metadata_versions={WHEEL: "2.0"})),
        says=(Says(f"pypi lists 1 file(s) of 2.0; new are {WHEEL}, {SDIST}"),),
    ),
    # project-new
    Case(project_new, "the index knows the project", upload("demo-0.9.tar.gz")),
    Case(project_new, "an empty page is known", upload()),
    Case(
        project_new,
        "the index does not know the project",
        replace(upload(), listing=listing(known=False)),
        says=(
            Says(
                f"pypi has no project demo (404 from {PAGE}): the upload would "
                "create it",
                row="",
            ),
        ),
    ),
    *(
        Case(
            project_new,
            f"{project} is named like a standard module",
            _unknown(project),
            policy(TESTPYPI),
            (
                Says(f"testpypi has no project {name} (404 from …", row=""),
                Says(
                    f"{name} is named like a module of the standard library: testpypi "
                    "takes no new project of this name",
                    severity=Severity.ERROR,
                    row="53",
                ),
            ),
        )
        for project, name in {
            "asyncio": "asyncio",
            "XML.etree": "xml-etree",
            "xml_etree_ElementTree": "xml-etree-elementtree",
            "distutils": "distutils",
            "urllib2": "urllib2",
            "tomllib": "tomllib",
            "annotationlib": "annotationlib",
        }.items()
    ),
    *(
        Case(
            project_new,
            f"{project} only resembles a standard module",
            _unknown(project),
            says=(Says(f"pypi has no project {project} …", row=""),),
        )
        for project in ("asyncio2", "typing-extensions", "py-xml", "x")
    ),
    Case(
        project_new,
        "an index without PyPI's rules takes a standard module's name",
        _unknown("asyncio"),
        policy(INTERNAL),
        (Says("internal has no project asyncio …", row=""),),
    ),
    Case(
        project_new,
        "a standard module's name that is known",
        upload("typing-0.9.tar.gz", of=release("typing-1.0.tar.gz")),
    ),
    # project-status
    Case(project_status, "the project is active", upload()),
    Case(
        project_status,
        "a project that its owners advise against still takes uploads",
        replace(upload(), listing=listing(status="deprecated")),
    ),
    *(
        Case(
            project_status,
            f"the project is {status}",
            replace(upload(), listing=listing("demo-0.9.tar.gz", status=status)),
            policy(TESTPYPI),
            says=(Says(f"testpypi marks demo as {status}, expected active", row="56"),),
        )
        for status in ("archived", "quarantined")
    ),
    Case(
        project_status,
        "an index without PyPI's rules says so too",
        replace(upload(), listing=listing(status="archived")),
        policy(INTERNAL),
        (Says("internal marks demo as archived, expected active", row=""),),
    ),
    # release-closed
    Case(release_closed, "nothing is listed", aged(None, SDIST, WHEEL)),
    Case(release_closed, "the release is of yesterday", aged(_DAY, WHEEL)),
    Case(release_closed, "exactly 14 days old", aged(14 * _DAY, WHEEL)),
    Case(
        release_closed,
        "a second older",
        aged(14 * _DAY + _SECOND, WHEEL),
        policy(TESTPYPI),
        (
            Says(
                "is new, and 1.0 is closed since 2026-09-01 (14 days after its first "
                "file)",
                WHEEL,
                row="70",
            ),
        ),
    ),
    Case(
        release_closed,
        "each new file is told",
        aged(100 * _DAY, *_WHEELS[:2], version="2.0rc1"),
        says=tuple(
            Says("is new, and 2.0rc1 is closed since 2026-06-07 …", name, row="70")
            for name in _WHEELS[:2]
        ),
    ),
    Case(release_closed, "every file is listed already", aged(100 * _DAY)),
    Case(
        release_closed,
        "an index without PyPI's rules never closes",
        aged(100 * _DAY, WHEEL),
        policy(INTERNAL),
    ),
    # project-quota
    Case(project_quota, "a small project", project_size(2000)),
    Case(project_quota, "nothing is listed", project_size(0)),
    Case(
        project_quota,
        "a byte too many",
        project_size(_LIMIT - 1000, 1001),
        policy(TESTPYPI),
        (
            Says(
                _storage(10737417240, 1001, ": 1 more than 10,737,418,240", "testpypi"),
                row="65",
            ),
        ),
    ),
    Case(
        project_quota,
        "the last byte",
        project_size(_LIMIT - 1000, 1000),
        says=(
            Says(
                _storage(10737417240, 1000, ": there is room for 0 more of this size"),
                severity=Severity.NOTICE,
                row="",
            ),
        ),
    ),
    Case(
        project_quota,
        "room for nine more",
        project_size(_LIMIT - 10_999, 1000),
        says=(
            Says(
                "…: there is room for 9 more of this size",
                severity=Severity.NOTICE,
                row="",
            ),
        ),
    ),
    Case(project_quota, "room for ten more", project_size(_LIMIT - 11_000, 1000)),
    Case(
        project_quota,
        "the limit was raised",
        project_size(_LIMIT + 1, 1000),
        says=(
            Says(
                _storage(10737418241, 1000, "; its limit of 10,737,418,240 was raised"),
                severity=Severity.WARNING,
                row="",
            ),
        ),
    ),
    Case(
        project_quota,
        "full, and something new",
        project_size(_LIMIT, 1000),
        says=(Says("…: 1,000 more than 10,737,418,240", row="65"),),
    ),
    Case(project_quota, "full, and nothing new", project_size(_LIMIT, 0)),
    Case(project_quota, "more than full, and nothing new", project_size(2 * _LIMIT, 0)),
    Case(
        project_quota,
        "an index without PyPI's rules has no limit",
        project_size(2 * _LIMIT),
        policy(INTERNAL),
    ),
]


def test_the_subject_is_called_by_the_release() -> None:
    assert upload().label == "demo 1.0"


def test_the_page_that_was_asked_is_evidence() -> None:
    new = replace(upload(), listing=listing(known=False))

    (finding,) = project_new.findings(new, policy())

    assert finding.evidence == {"url": PAGE}


@pytest.mark.parametrize("held", [_LIMIT - 10, _LIMIT, 2 * _LIMIT])
def test_the_bytes_that_are_held_and_added_are_evidence(held: int) -> None:
    (finding,) = project_quota.findings(project_size(held, 7), policy())

    assert finding.evidence == {"held": held, "new": 7, "limit": _LIMIT}


def test_the_moment_at_which_a_release_closed_is_evidence() -> None:
    asked = datetime(2026, 8, 31, 23, 30, tzinfo=UTC)

    (finding,) = release_closed.findings(aged(30 * _DAY, SDIST, at=asked), policy())

    assert finding.evidence == {"closed": "2026-08-15T23:30:00+00:00"}


def test_an_age_and_a_size_are_called_by_what_they_are_of() -> None:
    assert aged(None, version="2.0rc1").label == "demo 2.0rc1"
    assert project_size(1).label == "demo"


def test_one_altered_file_is_told_behind_a_thousand_that_are_there() -> None:
    names = [f"demo-1.0-{number}-py3-none-any.whl" for number in range(1, 1_200)]
    altered = indexed(names[-1], sha256="ab" * 32)
    judged = upload(*names[:-1], altered, of=release(*names))

    found = list(file_exists.findings(judged, policy()))

    assert [f.subject for f in found if f.severity is Severity.ERROR] == [names[-1]]
