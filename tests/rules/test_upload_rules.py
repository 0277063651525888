"""The rules of the index before the upload, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import (
    INTERNAL,
    PAGE,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    indexed,
    listing,
    policy,
    release,
    sha256,
    upload,
)

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
    project_status,
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
        says=(Says("is on pypi already, with these bytes", SDIST, Severity.NOTICE),),
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
            ),
            Says(
                f"is on internal already, with no hash; here it has {sha256(WHEEL)}",
                WHEEL,
            ),
        ),
    ),
    Case(
        file_exists,
        "a hash of no characters is none",
        upload(indexed(SDIST, sha256="")),
        says=(
            Says(
                f"is on pypi already, with no hash; here it has {sha256(SDIST)}", SDIST
            ),
        ),
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
                "create it"
            ),
        ),
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
            says=(Says(f"testpypi marks demo as {status}, expected active"),),
        )
        for status in ("archived", "quarantined")
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
