"""The rules of file names, case by case."""

from __future__ import annotations

import pytest
from builders import (
    INTERNAL,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    described,
    distribution,
    policy,
)

from release_guard.findings import Severity
from release_guard.rules.filename import (
    filename_invalid,
    filename_metadata_mismatch,
    filename_not_normalized,
)


def _long(length: int) -> str:
    """A valid sdist name of so many bytes."""
    return "d" * (length - len("-1.0.tar.gz")) + "-1.0.tar.gz"


_WHEEL_FORM = "is no valid name of a wheel: Invalid wheel filename (…"
_SDIST_FORM = "is no valid name of a sdist: Invalid sdist filename (…"
_TOO_BIG = "1" * 5000

CASES = [
    # filename-invalid
    Case(filename_invalid, "a wheel", distribution(WHEEL)),
    Case(filename_invalid, "an sdist", distribution(SDIST)),
    Case(filename_invalid, "a zipped sdist", distribution("demo-1.0.zip")),
    Case(
        filename_invalid,
        "a wheel with build tag, epoch and compressed tags",
        distribution("demo-1!1.0-1a-py2.py3-none-any.whl"),
    ),
    Case(
        filename_invalid,
        "a wheel with too few parts",
        distribution("demo-1.0-any.whl"),
        says=(Says(_WHEEL_FORM),),
    ),
    Case(
        filename_invalid,
        "a wheel with too many parts",
        distribution("demo-1.0-1-2-py3-none-any.whl"),
        says=(Says(_WHEEL_FORM),),
    ),
    Case(
        filename_invalid,
        "a wheel whose version is none",
        distribution("demo-latest-py3-none-any.whl"),
        says=(Says(_WHEEL_FORM),),
    ),
    Case(
        filename_invalid,
        "a wheel whose build tag begins with a letter",
        distribution("demo-1.0-a1-py3-none-any.whl"),
        says=(Says("is no valid name of a wheel: Invalid build number: …"),),
    ),
    Case(
        filename_invalid,
        "a version in digits of another script",
        distribution("demo-\N{FULLWIDTH DIGIT ONE}.0.tar.gz"),
        says=(Says(_SDIST_FORM),),
    ),
    Case(
        filename_invalid,
        "an sdist without a version",
        distribution("demo.tar.gz"),
        says=(Says("is no valid name of a sdist: Invalid sdist filename: …"),),
    ),
    Case(
        filename_invalid,
        "an sdist without a project",
        distribution("-1.0.tar.gz"),
        says=(Says(_SDIST_FORM),),
    ),
    Case(
        filename_invalid,
        "an sdist of a commit",
        distribution("demo-main.zip"),
        says=(Says(_SDIST_FORM),),
    ),
    Case(
        filename_invalid,
        "longer than any file system takes, with a version of thousands of digits",
        distribution(f"demo-{_TOO_BIG}.tar.gz"),
        says=(
            Says("is no valid name of a sdist: it is longer than 255 bytes"),
            Says("is 5012 bytes long, expected at most 246"),
        ),
    ),
    Case(
        filename_invalid,
        "a control character",
        distribution("de\x1bmo-1.0.tar.gz"),
        says=(Says("holds a character that cannot be printed"),),
    ),
    Case(
        filename_invalid,
        "a character that turns the text around",
        distribution("demo\N{RIGHT-TO-LEFT OVERRIDE}-1.0.tar.gz"),
        says=(Says("holds a character that cannot be printed"),),
    ),
    *(
        Case(
            filename_invalid,
            f"an index without PyPI's rules takes {what}",
            distribution(filename),
            policy(INTERNAL),
        )
        for what, filename in (
            ("a control character", "de\x1bmo-1.0.tar.gz"),
            ("a long name", _long(255)),
        )
    ),
    Case(
        filename_invalid,
        "no index takes a name that is none",
        distribution("demo.tar.gz"),
        policy(INTERNAL),
        (Says("is no valid name of a sdist: …"),),
    ),
    Case(filename_invalid, "as long as may be", distribution(_long(246))),
    Case(
        filename_invalid,
        "a byte longer",
        distribution(_long(247)),
        says=(Says("is 247 bytes long, expected at most 246"),),
    ),
    Case(
        filename_invalid,
        "bytes count, not characters",
        distribution("é" * 120 + "-1.0.tar.gz"),
        says=(Says("is 251 bytes long, expected at most 246"),),
    ),
    Case(
        filename_invalid,
        "a name that is not in UTF-8",
        distribution("demo\udcff-1.0.tar.gz"),
        says=(Says("holds a character that cannot be printed"),),
    ),
    # filename-not-normalized
    Case(filename_not_normalized, "a wheel", distribution(WHEEL)),
    Case(filename_not_normalized, "an sdist", distribution(SDIST)),
    Case(
        filename_not_normalized,
        "a wheel's version may be spelled in any way",
        distribution("demo-1.0.RC01-py3-none-any.whl"),
    ),
    Case(
        filename_not_normalized,
        "underscores in the project",
        distribution("demo_pkg-1.0.tar.gz"),
    ),
    Case(
        filename_not_normalized,
        "epoch and local version",
        distribution("demo-1!1.0+abc.1.tar.gz"),
    ),
    Case(
        filename_not_normalized,
        "a name that is none is left to filename-invalid",
        distribution("Demo.whl"),
    ),
    Case(
        filename_not_normalized,
        "a wheel in upper case",
        distribution("PyYAML-6.0-py3-none-any.whl"),
        says=(Says("begins with 'PyYAML', expected 'pyyaml'"),),
    ),
    Case(
        filename_not_normalized,
        "a wheel with a dot, for the test index",
        distribution("backports.tarfile-1.0-py3-none-any.whl"),
        policy(TESTPYPI),
        (Says("begins with 'backports.tarfile', expected 'backports_tarfile'"),),
    ),
    Case(
        filename_not_normalized,
        "a wheel in upper case, for an index without PyPI's rules",
        distribution("Demo-1.0-py3-none-any.whl"),
        policy(INTERNAL),
        (Says("begins with 'Demo', expected 'demo'", severity=Severity.WARNING),),
    ),
    Case(
        filename_not_normalized,
        "letters beyond ASCII in upper case",
        distribution("DÉMO-1.0-py3-none-any.whl"),
        says=(Says("begins with 'DÉMO', expected 'démo'"),),
    ),
    *(
        Case(
            filename_not_normalized,
            f"the sdist {found}",
            distribution(found),
            says=(Says(f"expected the name '{wanted}'"),),
        )
        for found, wanted in {
            "Demo-1.0.tar.gz": SDIST,
            "demo-1.0.zip": SDIST,
            "demo-v1.0.tar.gz": SDIST,
            "demo-01.0.tar.gz": SDIST,
            "demo-1.0RC1.tar.gz": "demo-1.0rc1.tar.gz",
            "demo-1.0+abc_1.tar.gz": "demo-1.0+abc.1.tar.gz",
            "demo-pkg-1.0.tar.gz": "demo_pkg-1.0.tar.gz",
            "demo.pkg-1.0.tar.gz": "demo_pkg-1.0.tar.gz",
        }.items()
    ),
    Case(
        filename_not_normalized,
        "a zipped sdist, for an index without PyPI's rules",
        distribution("demo-1.0.zip"),
        policy(INTERNAL),
        (Says(f"expected the name '{SDIST}'", severity=Severity.WARNING),),
    ),
    # filename-metadata-mismatch
    Case(filename_metadata_mismatch, "name and metadata agree", described()),
    Case(
        filename_metadata_mismatch,
        "the project is spelled in another way",
        described("demo_pkg-1.0.tar.gz", name="Demo.PKG"),
    ),
    Case(
        filename_metadata_mismatch,
        "1.0 and v1.0.0 are one version",
        described(version="v1.0.0"),
    ),
    Case(
        filename_metadata_mismatch,
        "another version inside",
        described("demo-0.4.1-py3-none-any.whl", version="0.4.0"),
        says=(Says("the metadata says version '0.4.0', the file name '0.4.1'"),),
    ),
    Case(
        filename_metadata_mismatch,
        "another project inside",
        described(name="demo-vectors"),
        says=(Says("the metadata says project 'demo-vectors', the file name 'demo'"),),
    ),
    Case(
        filename_metadata_mismatch,
        "both",
        described("Demo-1.0.tar.gz", name="other", version="2"),
        says=(
            Says("the metadata says project 'other', the file name 'Demo'"),
            Says("the metadata says version '2', the file name '1.0'"),
        ),
    ),
    Case(
        filename_metadata_mismatch,
        "an epoch only inside",
        described(version="1!1.0"),
        says=(Says("the metadata says version '1!1.0', the file name '1.0'"),),
    ),
    Case(
        filename_metadata_mismatch,
        "a local version only in the name",
        described("demo-1.0+cpu-py3-none-any.whl", version="1.0"),
        says=(Says("the metadata says version '1.0', the file name '1.0+cpu'"),),
    ),
    Case(
        filename_metadata_mismatch,
        "a letter beyond ASCII only in the name",
        described("démo-1.0.tar.gz", name="demo"),
        says=(Says("the metadata says project 'demo', the file name 'démo'"),),
    ),
    Case(
        filename_metadata_mismatch,
        "what is missing or no version inside is left to metadata-invalid",
        described(name="", version="dog"),
    ),
    Case(
        filename_metadata_mismatch,
        "a version inside of thousands of digits is left to metadata-invalid",
        described(version=_TOO_BIG),
    ),
    Case(
        filename_metadata_mismatch,
        "a name that is none is left to filename-invalid",
        described("demo.whl", name="other", version="2"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    assert case.found() == case.wanted()


@pytest.mark.parametrize(
    ("filename", "form"),
    [
        ("demo.whl", "project-version-python-abi-platform.whl"),
        ("demo.zip", "project-version.tar.gz"),
    ],
)
def test_the_fix_says_the_form_of_a_name(filename: str, form: str) -> None:
    (finding,) = filename_invalid.findings(distribution(filename), policy())

    assert finding.fix.endswith(f"the name must be {form}")
