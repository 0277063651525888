"""What a distribution's file name says."""

from __future__ import annotations

import string

import pytest
from builders import sha256
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.tags import Tag
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.facts import Kind
from release_guard.filenames import (
    distribution,
    kind_of,
    may_be_of,
    parse_version,
    project_of,
    version_of,
)

PLATFORMS = "manylinux_2_17_x86_64.manylinux2014_x86_64"


@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("demo-1.0-py3-none-any.whl", Kind.WHEEL),
        (".whl", Kind.WHEEL),
        ("demo-1.0.tar.gz", Kind.SDIST),
        ("demo-1.0.zip", Kind.SDIST),
        ("demo-1.0.WHL", None),
        ("demo-1.0.tar.bz2", None),
        ("demo-1.0.tgz", None),
        ("demo-1.0-py3.12.egg", None),
        ("demo-1.0.win-amd64.exe", None),
        ("demo-1.0.tar.gz.asc", None),
        ("demo-1.0.tar.gz\n", None),
        ("", None),
    ],
)
def test_a_file_is_a_wheel_or_an_sdist_by_its_extension(
    filename: str, kind: Kind | None
) -> None:
    assert kind_of(filename) is kind


@pytest.mark.parametrize(
    ("filename", "project", "number", "spelled"),
    [
        ("demo-1.0.tar.gz", "demo", "1.0", ("demo", "1.0")),
        ("demo-1.0.zip", "demo", "1.0", ("demo", "1.0")),
        ("Demo.Pkg-1.0.tar.gz", "demo-pkg", "1.0", ("Demo.Pkg", "1.0")),
        ("demo-pkg-v1.0.tar.gz", "demo-pkg", "1.0", ("demo-pkg", "v1.0")),
        ("demo-1!2.0.post1.tar.gz", "demo", "1!2.0.post1", ("demo", "1!2.0.post1")),
        ("demo-1.0+abc_1.tar.gz", "demo", "1.0+abc.1", ("demo", "1.0+abc_1")),
        ("demo-1.0RC1-py3-none-any.whl", "demo", "1.0rc1", ("demo", "1.0RC1")),
        ("De_mo-1.0-1-py3-none-any.whl", "de-mo", "1.0", ("De_mo", "1.0")),
    ],
)
def test_a_name_says_project_and_version_and_how_they_are_spelled(
    filename: str, project: str, number: str, spelled: tuple[str, str]
) -> None:
    name = distribution(filename, size=1, sha256=sha256("")).name

    assert name is not None
    assert (name.project, name.version) == (project, Version(number))
    assert (name.spelled_project, name.spelled_version) == spelled
    assert version_of(filename, name.project) == Version(number)


def test_a_wheels_name_says_its_tags_expanded() -> None:
    wheel = distribution(
        f"demo-1.0-cp39-abi3-{PLATFORMS}.whl", size=1, sha256=sha256("")
    )
    sdist = distribution("demo-1.0.tar.gz", size=1, sha256=sha256(""))

    assert wheel.name is not None
    assert wheel.name.tags == {
        Tag("cp39", "abi3", platform) for platform in PLATFORMS.split(".")
    }
    assert sdist.name is not None
    assert sdist.name.tags == frozenset()


@pytest.mark.parametrize(
    "filename",
    [
        "demo.whl",
        "demo-1.0.whl",
        "demo-1.0-py3-none-any-x-y.whl",
        "demo-dog-py3-none-any.whl",
        "demo-1.0-a-py3-none-any.whl",
        "a b-1.0-py3-none-any.whl",
        "demo.tar.gz",
        "-1.0.tar.gz",
        "demo-dog.zip",
        "demo-1.0.zip.tar.gz",
        ".tar.gz",
    ],
)
def test_a_name_that_is_none_is_told_with_its_reason(filename: str) -> None:
    made = distribution(filename, size=7, sha256=sha256("x"))

    assert made.name is None
    assert made.name_error
    assert (made.filename, made.size, made.sha256) == (filename, 7, sha256("x"))
    assert made.label == filename


def test_a_sound_name_has_no_error() -> None:
    assert distribution("demo-1.0.zip", size=1, sha256=sha256("")).name_error == ""


@pytest.mark.parametrize("filename", ["notes.txt", "demo-1.0.egg", ""])
def test_what_is_no_distribution_is_not_made_one(filename: str) -> None:
    with pytest.raises(ValueError, match="is no distribution"):
        distribution(filename, size=1, sha256=sha256(""))


def test_a_name_longer_than_a_file_system_takes_says_nothing() -> None:
    at_most = "d" * 244 + "-1.tar.gz"
    parts = ".".join(f"a{number}" for number in range(60))
    assert len(at_most) == 253

    for filename, named in (
        (at_most, True),
        ("dd" + at_most, True),
        ("ddd" + at_most, False),
        ("ö" * 130 + "-1.tar.gz", False),
        (f"demo-1.0-{parts}-{parts}-{parts}.whl", False),
    ):
        made = distribution(filename, size=1, sha256=sha256(""))
        assert (made.name is not None) == named, filename


@pytest.mark.parametrize(
    ("filename", "number"),
    [
        ("demo-1.0-py3-none-any.whl", "1.0"),
        ("demo-1.0.tar.gz", "1.0"),
        ("demo-1.0-py3.12.egg", "1.0"),
        ("demo-1.0.tgz", "1.0"),
        ("demo-1.0.tar.bz2", "1.0"),
        ("demo-1.0.tar.xz", "1.0"),
        ("demo-1.0.tar.Z", "1.0"),
        ("demo-1.0.tar", "1.0"),
        ("demo-1.0.exe", None),
        ("demo-latest.tar.gz", None),
        ("demo.tar.gz", None),
        ("demo-1.0.whl", None),
        ("demo-1.0-1-2-3-4-py3-none-any.whl", "1.0"),
        (f"demo-{'9' * 5000}.tar.gz", None),
        # as pip reads them, and installs them
        ("demo-1.0-1.tar.gz", "1.0.post1"),
        ("demo-1.0.txz", "1.0"),
        ("demo-1.0.tbz", "1.0"),
        ("demo-1.0.tlz", "1.0"),
        ("demo-1.0.tar.lz", "1.0"),
        ("demo-1.0.tar.lzma", "1.0"),
        # of other projects
        ("demo-cli-1.0.tar.gz", None),
        ("demo_cli-1.0-py3-none-any.whl", None),
        ("other-1.0.tar.gz", None),
        ("demo-1.0-py3.tar.gz", None),
    ],
)
def test_the_version_of_a_listed_file(filename: str, number: str | None) -> None:
    wanted = None if number is None else Version(number)
    assert version_of(filename, canonicalize_name("demo")) == wanted


@pytest.mark.parametrize(
    "filename",
    [
        "demo-pkg-1.0.tar.gz",
        "Demo_Pkg-1.0.zip",
        "demo.pkg-1.0.tgz",
        "demo--pkg-1.0.tar",
    ],
)
def test_hyphens_of_a_projects_name_begin_no_version(filename: str) -> None:
    assert version_of(filename, canonicalize_name("demo-pkg")) == Version("1.0")


@pytest.mark.parametrize(
    ("filename", "project"),
    [
        ("Demo_Pkg-1.0-py3-none-any.whl", "demo-pkg"),
        ("demo-pkg-1.0.tar.gz", "demo-pkg"),
        ("demo.pkg-1.0.zip", "demo-pkg"),
        ("Demo_Pkg-1.0-py3.12.egg", "demo-pkg"),
        ("demo-1.0.tgz", "demo"),
        ("demo-1.0.exe", None),
        ("-1.0.tar.gz", None),
        ("demo.tar.gz", None),
        ("demo.whl", None),
    ],
)
def test_the_project_of_a_listed_file(filename: str, project: str | None) -> None:
    assert project_of(filename) == project


@pytest.mark.parametrize(
    ("filename", "may_be"),
    [
        ("demo_pkg-1.0.exe", True),
        ("Demo.Pkg-1.0-py3.tar.gz", True),
        ("demo-pkg-1.0.win-amd64.exe", True),
        ("demo_pkg-1.0-1.noarch.rpm", False),
        ("demo_pkg-1.0.1.exe", False),
        ("demo_pkg-1.01.exe", False),
        ("demo_pkg-1.exe", False),
        ("demo-1.0.exe", False),
        ("other-1.0.exe", False),
        ("", False),
    ],
)
def test_a_file_that_tells_no_version_may_be_of_one(
    *, filename: str, may_be: bool
) -> None:
    project = canonicalize_name("demo-pkg")

    assert may_be_of(filename, project, Version("1.0")) == may_be


def test_the_version_of_a_listed_file_does_not_expand_its_tags() -> None:
    parts = ".".join(f"a{number}" for number in range(2000))

    assert version_of(
        f"demo-1.0-{parts}-{parts}-{parts}.whl", canonicalize_name("demo")
    ) == Version("1.0")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.0", "1.0"),
        ("v1!2.0-rc.1+a_b", "1!2.0rc1+a.b"),
        ("", None),
        ("dog", None),
        ("1.0/", None),
        ("9" * 5000, None),
        ("1." * 3000 + "0", "1." * 3000 + "0"),
    ],
    ids=["plain", "all", "empty", "word", "path", "5000 digits", "3000 parts"],
)
def test_a_text_is_a_version_or_none(text: str, number: str | None) -> None:
    assert parse_version(text) == (None if number is None else Version(number))


@settings(deadline=None, max_examples=300)
@given(
    stem=st.text(max_size=20)
    | st.text(string.ascii_letters + string.digits + "-._+!", max_size=40),
    extension=st.sampled_from([".whl", ".tar.gz", ".zip"]),
)
def test_any_name_is_one_or_has_a_reason(stem: str, extension: str) -> None:
    made = distribution(stem + extension, size=1, sha256=sha256(""))

    assert (made.name is None) == bool(made.name_error)
    if made.name is not None:
        assert version_of(made.filename, made.name.project) == made.name.version
