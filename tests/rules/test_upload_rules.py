"""The rules of the index before the upload, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import (
    INTERNAL,
    NOW,
    PAGE,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    distribution,
    indexed,
    listing,
    policy,
    release,
    sha256,
    upload,
)

from release_guard.facts import IndexedFile, Upload
from release_guard.findings import Severity
from release_guard.layouts import public_repository_url
from release_guard.policy import (
    IndexSettings,
    Overrides,
    Policy,
    PolicyFile,
    resolve,
)
from release_guard.rules.upload import (
    file_exists,
    index_mismatch,
    project_new,
    project_quota,
    project_status,
    release_closed,
    sdist_exists,
    version_exists,
)

_UPLOAD = "https://index.example/upload/"
_SIMPLE = "https://index.example/simple/"
_OTHER = "https://other.example/upload/"
_FILE = PolicyFile(
    indexes={
        "internal": IndexSettings(repository_url=_UPLOAD, simple_url=_SIMPLE),
        "mirror": IndexSettings(simple_url="https://cache.example/simple/"),
    }
)
_PYPI = public_repository_url("pypi")
_TESTPYPI = public_repository_url("testpypi")
_WHEELS = tuple(f"demo-1.0-cp31{n}-cp31{n}-win_amd64.whl" for n in range(5))


def _to(repository_url: str = "", index: str = "", index_url: str = "") -> Policy:
    """The policy where the command line says this of the index."""
    return resolve(
        _FILE,
        Overrides(index=index, index_url=index_url, repository_url=repository_url),
    )


_OLD = "demo-0.9.tar.gz"
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def _listed(filename: str, ago: timedelta) -> IndexedFile:
    """A file that was uploaded so long ago."""
    return indexed(filename, uploaded=NOW - ago)


def _unknown(project: str) -> Upload:
    """The first release of a project."""
    return replace(
        upload(of=release(f"{project}-1.0.tar.gz")), listing=listing(known=False)
    )


_LIMIT = 10 << 30


def _holding(*sizes: int | None, new: int = 1000) -> Upload:
    """A new sdist of a size, where files of these sizes are listed."""
    files = [
        indexed(f"demo-0.{number}.tar.gz", size=size)
        for number, size in enumerate(sizes)
    ]
    made = release(SDIST)
    return upload(
        *files, of=replace(made, distributions=(distribution(SDIST, size=new),))
    )


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
                f"pypi has no project demo (404 from {_SIMPLE}demo/): the upload would "
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
    Case(release_closed, "nothing is listed", upload()),
    Case(
        release_closed,
        "the release is of yesterday",
        upload(_listed(SDIST, _DAY)),
    ),
    Case(
        release_closed,
        "exactly 14 days old",
        upload(_listed(SDIST, 14 * _DAY)),
    ),
    Case(
        release_closed,
        "a second older",
        upload(_listed(SDIST, 14 * _DAY + _SECOND)),
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
        "its oldest file decides, and each new one is told",
        upload(
            _listed("demo-1.0.0-py2-none-any.whl", _DAY),
            indexed("demo-1.0.zip", uploaded=None),
            _listed("demo-1.0-py2-none-any.whl", 100 * _DAY),
            of=release(*_WHEELS[:2]),
        ),
        says=tuple(
            Says("is new, and 1.0 is closed since 2026-06-07 …", name, row="70")
            for name in _WHEELS[:2]
        ),
    ),
    Case(
        release_closed,
        "an old file of another version is no matter",
        upload(_listed(_OLD, 100 * _DAY), _listed(SDIST, _DAY)),
    ),
    Case(
        release_closed,
        "every file is listed already, whatever its bytes",
        upload(
            _listed(SDIST, 100 * _DAY),
            replace(_listed(WHEEL, 100 * _DAY), sha256=sha256("other")),
        ),
    ),
    Case(
        release_closed,
        "the version that only the metadata says is closed",
        upload(
            _listed("demo-2.0.zip", 100 * _DAY),
            of=release(WHEEL, metadata_versions={WHEEL: "2.0"}),
        ),
        says=(Says("is new, and 2.0 is closed since …", WHEEL, row="70"),),
    ),
    Case(
        release_closed,
        "the index does not say when",
        upload(indexed(SDIST, uploaded=None)),
        policy(TESTPYPI),
        (
            Says(
                "testpypi does not say when 1.0 was created; it takes nothing after 14 "
                f"days, and {WHEEL} is new",
                severity=Severity.WARNING,
                row="",
            ),
        ),
    ),
    Case(
        release_closed,
        "the index does not say when, and nothing is new",
        upload(indexed(SDIST, uploaded=None), indexed(WHEEL, uploaded=None)),
    ),
    Case(
        release_closed,
        "of two versions one is closed",
        upload(
            _listed("demo-1.0.zip", 100 * _DAY),
            _listed("demo-1.1.zip", _DAY),
            of=release(SDIST, "demo-1.1.tar.gz"),
        ),
        says=(Says("is new, and 1.0 is closed since …", SDIST, row="70"),),
    ),
    Case(
        release_closed,
        "of two versions one has no times and the other is closed",
        upload(
            indexed("demo-1.0.zip", uploaded=None),
            _listed("demo-1.1.zip", 100 * _DAY),
            of=release(SDIST, "demo-1.1.tar.gz"),
        ),
        says=(
            Says("… when 1.0 was created; …", severity=Severity.WARNING),
            Says("is new, and 1.1 is closed since …", "demo-1.1.tar.gz", row="70"),
        ),
    ),
    Case(
        release_closed,
        "an index without PyPI's rules never closes",
        upload(_listed(SDIST, 100 * _DAY)),
        policy(INTERNAL),
    ),
    # project-quota
    Case(project_quota, "a small project", upload(_OLD)),
    Case(project_quota, "nothing is listed", upload()),
    Case(
        project_quota,
        "a byte too many",
        _holding(_LIMIT - 1000, new=1001),
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
        _holding(_LIMIT - 1000, new=1000),
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
        "room for four more",
        _holding(_LIMIT - 5999, new=1000),
        says=(
            Says(
                "…: there is room for 4 more of this size",
                severity=Severity.NOTICE,
                row="",
            ),
        ),
    ),
    Case(project_quota, "room for five more", _holding(_LIMIT - 6000, new=1000)),
    Case(
        project_quota,
        "the limit was raised",
        _holding(_LIMIT, 1),
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
        _holding(_LIMIT),
        says=(Says("…: 1,000 more than 10,737,418,240", row="65"),),
    ),
    Case(
        project_quota,
        "full, and nothing new",
        upload(indexed(SDIST, size=_LIMIT // 2), indexed(WHEEL, size=_LIMIT // 2)),
    ),
    Case(
        project_quota,
        "only what is new is added",
        upload(indexed(SDIST, size=_LIMIT - 1000)),
        says=(
            Says(
                "…: there is room for 0 more of this size",
                severity=Severity.NOTICE,
            ),
        ),
    ),
    Case(
        project_quota,
        "sizes that the index does not give",
        _holding(None, 1000, None),
        policy(TESTPYPI),
        (
            Says(
                "testpypi gives no size of 2 file(s), so that its limit is not judged",
                severity=Severity.WARNING,
                row="",
            ),
        ),
    ),
    Case(
        project_quota,
        "sizes that the index does not give, and too many bytes without them",
        _holding(None, _LIMIT),
        says=(
            Says("…: 1,000 more than 10,737,418,240", row="65"),
            Says("pypi gives no size of 1 file(s), …", severity=Severity.WARNING),
        ),
    ),
    Case(
        project_quota,
        "sizes that the index does not give, and nothing is new",
        upload(indexed(SDIST, size=None), WHEEL),
    ),
    Case(
        project_quota,
        "an index without PyPI's rules has no limit",
        _holding(_LIMIT, None, _LIMIT),
        policy(INTERNAL),
    ),
    # index-mismatch
    Case(index_mismatch, "nothing was said", release(), _to()),
    Case(index_mismatch, "an index by name", release(), _to(index="internal")),
    Case(index_mismatch, "its own URL", release(), _to(_UPLOAD, index="internal")),
    Case(index_mismatch, "a declared URL", release(), _to(_UPLOAD)),
    Case(index_mismatch, "PyPI's own URL", release(), _to(_PYPI, index="pypi")),
    Case(index_mismatch, "PyPI's URL, unnamed", release(), _to(_PYPI)),
    Case(index_mismatch, "a URL that nobody declared", release(), _to(_OTHER)),
    Case(
        index_mismatch,
        "only where it is read is said",
        release(),
        _to(index_url="https://mirror.example/simple/"),
    ),
    Case(
        index_mismatch,
        "an index that declares no upload URL",
        release(),
        _to(_OTHER, index="mirror"),
    ),
    Case(
        index_mismatch,
        "the URL of a known index for one that declares none",
        release(),
        _to(_PYPI, index="mirror"),
        (Says("the upload goes to pypi, and mirror was judged", row=""),),
    ),
    Case(
        index_mismatch,
        "the URL of another index",
        release(),
        _to(_OTHER, index="internal"),
        (Says(f"the upload goes to {_OTHER}, and internal is at {_UPLOAD}"),),
    ),
    Case(
        index_mismatch,
        "the URL of another index, the right one being named by where it is read",
        release(),
        _to(_OTHER, index_url=_SIMPLE),
        (Says(f"the upload goes to {_OTHER}, and internal is at {_UPLOAD}"),),
    ),
    Case(
        index_mismatch,
        "the test index's URL for PyPI",
        release(),
        _to(_TESTPYPI, index="pypi"),
        (Says(f"the upload goes to {_TESTPYPI}, and pypi is at {_PYPI}"),),
    ),
    Case(
        index_mismatch,
        "PyPI's URL for the test index",
        release(),
        _to(_PYPI, index="testpypi"),
        (Says(f"the upload goes to {_PYPI}, and testpypi is at {_TESTPYPI}"),),
    ),
    Case(
        index_mismatch,
        "a missing slash at the end",
        release(),
        _to(_UPLOAD.rstrip("/"), index="internal"),
        (Says(f"the upload goes to {_UPLOAD[:-1]}, and internal is at {_UPLOAD}"),),
    ),
    # What looks like a known index and is not it: nobody declared these URLs.
    Case(
        index_mismatch,
        "PyPI's URL without its slash, unnamed",
        release(),
        _to(_PYPI.rstrip("/")),
        (Says("…"),),
    ),
    Case(
        index_mismatch,
        "PyPI's web host in place of its upload host, unnamed",
        release(),
        _to(_PYPI.replace("upload.", "")),
        (Says("…"),),
    ),
    Case(
        index_mismatch,
        "a declared URL without its slash, unnamed",
        release(),
        _to(_UPLOAD.rstrip("/")),
        (Says("…"),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    assert case.found() == case.wanted()


def test_the_subject_is_called_by_the_release() -> None:
    assert upload().label == "demo 1.0"


@pytest.mark.parametrize(
    ("url", "index"),
    [
        ("https://user:hunter2@other.example/upload/", "internal"),
        ("https://user:hunter2@other.example/upload/", "pypi"),
        ("https://user:hunter2@index.example/upload", ""),
    ],
)
def test_a_password_in_an_upload_url_is_not_told(url: str, index: str) -> None:
    (finding,) = index_mismatch.findings(release(), _to(url, index=index))

    assert "hunter2" not in repr(finding)


def test_the_page_that_was_asked_is_evidence() -> None:
    new = replace(upload(), listing=listing(known=False))

    (finding,) = project_new.findings(new, policy())

    assert finding.evidence == {"url": PAGE}


def test_the_bytes_that_are_held_and_added_are_evidence() -> None:
    (finding,) = project_quota.findings(_holding(_LIMIT, new=7), policy())

    assert finding.evidence == {"held": _LIMIT, "new": 7}


def test_the_moment_at_which_a_release_closed_is_evidence() -> None:
    first = datetime(2026, 8, 1, 23, 30, tzinfo=UTC)
    listed = upload(indexed(SDIST, uploaded=first))

    (finding,) = release_closed.findings(listed, policy())

    assert finding.evidence == {"closed": "2026-08-15T23:30:00+00:00"}


@pytest.mark.parametrize("at", [NOW - 20 * _DAY, NOW + 20 * _DAY])
def test_a_release_is_closed_by_the_time_at_which_the_index_was_asked(
    at: datetime,
) -> None:
    asked = replace(upload(_listed(SDIST, 10 * _DAY)), at=at)

    assert bool(list(release_closed.findings(asked, policy()))) == (at > NOW)
