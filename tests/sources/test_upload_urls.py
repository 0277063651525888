"""Where the upload will go: what is said is what the real twine makes of it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from archives import within
from twine.exceptions import TwineException
from twine.settings import Settings

from release_guard.errors import SourceError
from release_guard.facts import Destination, SaidUrl
from release_guard.layouts import public_repository_url
from release_guard.sources.upload_urls import read_destination

PYPI = public_repository_url("pypi")
TESTPYPI = public_repository_url("testpypi")
UPLOAD = "https://index.example/upload/"
OTHER = "https://other.example/upload/"
BY_URL = "TWINE_REPOSITORY_URL"
BY_NAME = "TWINE_REPOSITORY"

#: A file as many have it: passwords, and an index of one's own.
INTERNAL = f"""\
[distutils]
index-servers =
    pypi
    internal

[pypi]
username = __token__
password = pypi-hunter2

[internal]
repository = {UPLOAD}
username = me
password = hunter2%(x)s
"""
PYPI_ELSEWHERE = f"[pypi]\nrepository: {OTHER}\n"


def _twine(options: tuple[str, ...]) -> str:
    """Where twine would upload to in this environment, given these options."""
    parser = argparse.ArgumentParser()
    Settings.register_argparse_arguments(parser)
    settings = Settings.from_argparse(parser.parse_args(options))
    return str(settings.repository_config["repository"])


@dataclass(frozen=True)
class Row:
    """A file and variables, and the one URL that twine takes from them.

    ``index`` is the chosen index, and what ``twine upload -r`` is given where it names
    one. ``twine`` is where twine uploads where it is not just what is said.
    """

    name: str
    url: str
    place: str
    file: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    index: str = ""
    twine: str = ""

    def __str__(self) -> str:
        return self.name


ROWS = [
    # the variables
    Row("a URL by variable", UPLOAD, BY_URL, environ={BY_URL: UPLOAD}),
    Row(
        "a URL outranks a name",
        UPLOAD,
        BY_URL,
        INTERNAL,
        {BY_URL: UPLOAD, BY_NAME: "pypi"},
    ),
    Row(
        "a URL outranks the file",
        UPLOAD,
        BY_URL,
        PYPI_ELSEWHERE,
        {BY_URL: UPLOAD},
        "pypi",
    ),
    Row(
        "a URL outranks even a file that cannot be read",
        UPLOAD,
        BY_URL,
        "no section",
        {BY_URL: UPLOAD},
        "pypi",
    ),
    Row(
        "an empty URL is not set",
        UPLOAD,
        "TWINE_REPOSITORY and .pypirc [internal]",
        INTERNAL,
        {BY_URL: "", BY_NAME: "internal"},
    ),
    Row(
        "twine sends a user apart",
        "https://me:hunter2@index.example/upload/",
        BY_URL,
        environ={BY_URL: "https://me:hunter2@index.example/upload/"},
        twine=UPLOAD,
    ),
    Row(
        "twine encrypts for the public indexes",
        PYPI.replace("https", "http"),
        BY_URL,
        environ={BY_URL: PYPI.replace("https", "http")},
        twine=PYPI,
    ),
    # names that need no file
    Row("PyPI needs no file", PYPI, BY_NAME, environ={BY_NAME: "pypi"}),
    Row("the test index needs no file", TESTPYPI, BY_NAME, "", {BY_NAME: "testpypi"}),
    Row("PyPI needs no URL in the file", PYPI, BY_NAME, INTERNAL, {BY_NAME: "pypi"}),
    Row(
        "PyPI needs no place among the sections",
        PYPI,
        BY_NAME,
        f"[distutils]\nindex-servers = internal\n{PYPI_ELSEWHERE}",
        {BY_NAME: "pypi"},
    ),
    Row(
        "the test index, listed",
        TESTPYPI,
        BY_NAME,
        "[distutils]\nindex-servers = testpypi internal\n",
        {BY_NAME: "testpypi"},
    ),
    # names that the file explains
    Row(
        "a section by name",
        UPLOAD,
        "TWINE_REPOSITORY and .pypirc [internal]",
        INTERNAL,
        {BY_NAME: "internal"},
        "internal",
    ),
    Row(
        "a section by name, for another index",
        UPLOAD,
        "TWINE_REPOSITORY and .pypirc [internal]",
        INTERNAL,
        {BY_NAME: "internal"},
        "pypi",
    ),
    Row(
        "PyPI's section leads elsewhere",
        OTHER,
        "TWINE_REPOSITORY and .pypirc [pypi]",
        PYPI_ELSEWHERE,
        {BY_NAME: "pypi"},
        "pypi",
    ),
    Row(
        "the test index's section leads elsewhere",
        OTHER,
        "TWINE_REPOSITORY and .pypirc [testpypi]",
        PYPI_ELSEWHERE.replace("pypi", "testpypi"),
        {BY_NAME: "testpypi"},
    ),
    # the section of the index
    Row("PyPI's own section", OTHER, ".pypirc [pypi]", PYPI_ELSEWHERE, index="pypi"),
    Row(
        "an index's own section",
        UPLOAD,
        ".pypirc [internal]",
        INTERNAL,
        index="internal",
    ),
    Row(
        "an empty name is not set",
        UPLOAD,
        ".pypirc [internal]",
        INTERNAL,
        {BY_NAME: ""},
        index="internal",
    ),
    # how the file is read
    Row(
        "what all sections share",
        UPLOAD,
        ".pypirc [pypi]",
        f"[DEFAULT]\nrepository = {UPLOAD}\n[pypi]\n",
        index="pypi",
    ),
    Row(
        "percent signs stand for themselves",
        "https://index.example/%(home)s/%41/",
        ".pypirc [pypi]",
        "[pypi]\nrepository = https://index.example/%(home)s/%41/\n",
        index="pypi",
    ),
    Row(
        "keys in upper case, comments, and the old line ends",
        UPLOAD,
        ".pypirc [pypi]",
        f"# mine\r\n[pypi]\r\n; yours\r\nRepository={UPLOAD}\r\n",
        index="pypi",
    ),
    Row(
        "the oldest line ends",
        UPLOAD,
        ".pypirc [pypi]",
        f"[pypi]\rrepository={UPLOAD}\r",
        index="pypi",
    ),
    Row(
        "a value of two lines",
        f"{UPLOAD}\n{OTHER}",
        ".pypirc [pypi]",
        f"[pypi]\nrepository = {UPLOAD}\n    {OTHER}\n",
        index="pypi",
        twine=f"{UPLOAD}{OTHER}",
    ),
    Row(
        "a value of nothing",
        "",
        ".pypirc [pypi]",
        "[pypi]\nrepository =\n",
        index="pypi",
    ),
    Row(
        "a name with what is not ASCII",
        UPLOAD,
        "TWINE_REPOSITORY and .pypirc [käse]",
        f"[distutils]\nindex-servers = käse\n[käse]\nrepository = {UPLOAD}\n",
        {BY_NAME: "käse"},
    ),
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder that is ours alone."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def _write(home: Path, text: str | bytes) -> Path:
    path = home / ".pypirc"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_is_said_is_where_twine_uploads_to(
    row: Row, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if row.file:
        _write(home, row.file)
    for name, value in row.environ.items():
        monkeypatch.setenv(name, value)

    found = read_destination(os.environ, index_name=row.index)

    assert found == Destination((SaidUrl(row.url, row.place),))
    is_named = row.index and not row.environ.get(BY_NAME)
    options = ("--repository", row.index) if is_named else ()
    assert _twine(options) == (row.twine or row.url)


def test_plain_twine_takes_pypis_section(home: Path) -> None:
    _write(home, PYPI_ELSEWHERE)

    assert read_destination(os.environ, index_name="pypi").said[0].url == _twine(())


# --- nothing said -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "environ", "index"),
    [
        pytest.param("", {}, "", id="nothing at all"),
        pytest.param("", {}, "pypi", id="no file"),
        pytest.param(INTERNAL, {}, "pypi", id="the index's section has no URL"),
        pytest.param(INTERNAL, {}, "testpypi", id="the index has no section"),
        pytest.param(PYPI_ELSEWHERE, {}, "internal", id="another index's section"),
        pytest.param(PYPI_ELSEWHERE, {}, "", id="an index without a name"),
        pytest.param(
            f"[internal]\nrepository = {OTHER}\n",
            {},
            "internal",
            id="a section that twine passes over, as it is not listed",
        ),
        pytest.param(
            f"[distutils]\nindex-servers = internal\n{PYPI_ELSEWHERE}",
            {},
            "pypi",
            id="PyPI's section, not listed",
        ),
        pytest.param(
            "",
            {BY_NAME: "internal"},
            "internal",
            id="the index by name, and no file that explains it",
        ),
        pytest.param(
            "",
            {BY_URL: "", BY_NAME: "", "UV_PUBLISH_URL": ""},
            "pypi",
            id="empty variables",
        ),
    ],
)
def test_nothing_is_said(
    home: Path, file: str, environ: dict[str, str], index: str
) -> None:
    if file:
        _write(home, file)

    found = read_destination({"HOME": str(home), **environ}, index_name=index)

    assert found == Destination()


# --- several places ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "index", "said"),
    [
        pytest.param(
            {BY_URL: OTHER, BY_NAME: "internal", "UV_PUBLISH_URL": PYPI},
            "internal",
            [(PYPI, "UV_PUBLISH_URL"), (OTHER, BY_URL)],
            id="the file is out where the variable is set",
        ),
        pytest.param(
            {BY_NAME: "internal", "UV_PUBLISH_URL": PYPI},
            "pypi",
            [
                (PYPI, "UV_PUBLISH_URL"),
                (UPLOAD, "TWINE_REPOSITORY and .pypirc [internal]"),
            ],
            id="uv and twine",
        ),
        pytest.param(
            {}, "internal", [(UPLOAD, ".pypirc [internal]")], id="the index's section"
        ),
        pytest.param({}, "pypi", [], id="nothing else"),
    ],
)
def test_the_option_is_said_beside_all_others(
    home: Path, environ: dict[str, str], index: str, said: list[tuple[str, str]]
) -> None:
    _write(home, INTERNAL)

    found = read_destination(
        {"HOME": str(home), **environ}, repository_url=TESTPYPI, index_name=index
    )

    wanted = [(TESTPYPI, "--repository-url"), *said]
    assert [(each.url, each.place) for each in found.said] == wanted


def test_no_value_holds_a_password_of_the_file(home: Path) -> None:
    _write(home, INTERNAL)
    environ = {"HOME": str(home), BY_NAME: "internal"}

    assert "hunter2" not in repr(read_destination(environ))


# --- where the file is ------------------------------------------------------------


def test_the_file_is_that_of_the_home_that_the_variables_name(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    _write(home, PYPI_ELSEWHERE)
    _write(other, f"[pypi]\nrepository = {UPLOAD}\n")

    (said,) = read_destination({"HOME": str(other)}, index_name="pypi").said

    assert said.url == UPLOAD


def test_without_a_variable_it_is_that_of_the_account(home: Path) -> None:
    _write(home, PYPI_ELSEWHERE)

    (said,) = read_destination({}, index_name="pypi").said

    assert said.url == OTHER


@pytest.mark.parametrize("name", ["nothing", "a/b/c", "file", "file/below", ""])
def test_a_home_that_is_not_there_holds_no_file(home: Path, name: str) -> None:
    (home / "file").touch()
    folder = str(home / name) if name else ""

    assert read_destination({"HOME": folder}, index_name="pypi") == Destination()


def test_the_file_may_be_a_link(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("dotfiles") / "pypirc"
    place.write_text(PYPI_ELSEWHERE, encoding="utf-8")
    (home / ".pypirc").symlink_to(place)

    (said,) = read_destination(os.environ, index_name="pypi").said

    assert said.url == OTHER == _twine(("-r", "pypi"))


# --- what leaves it open ----------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "name"),
    [
        pytest.param("", "internal", id="no file"),
        pytest.param(INTERNAL, "other", id="no such section"),
        pytest.param(
            f"[internal]\nrepository = {UPLOAD}\n", "internal", id="not listed"
        ),
        pytest.param(INTERNAL, "testpypi", id="the test index, not listed"),
        pytest.param(
            "[distutils]\nindex-servers = internal\n",
            "internal",
            id="listed without a section",
        ),
        pytest.param(INTERNAL, "Internal", id="another case"),
    ],
)
def test_a_name_without_a_url_leaves_it_open(
    home: Path, monkeypatch: pytest.MonkeyPatch, file: str, name: str
) -> None:
    if file:
        _write(home, file)
    monkeypatch.setenv(BY_NAME, name)

    with pytest.raises(SourceError) as raised:
        read_destination(os.environ, index_name="pypi")

    path = home / ".pypirc"
    assert raised.value.message == f"TWINE_REPOSITORY: {path} gives {name!r} no URL"
    assert raised.value.hint
    with pytest.raises(TwineException):
        _twine(())


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("https://me:hunter2@index.example/upload/", id="a URL"),
        pytest.param("me:hunter2@index.example", id="a URL without a scheme"),
        pytest.param("internal\nhunter2", id="two lines"),
        pytest.param(" internal", id="a blank too many"),
        pytest.param("hunter2/", id="a path"),
    ],
)
def test_what_is_no_name_is_not_printed(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """People write a URL there, as they do with ``twine upload -r``."""
    _write(home, INTERNAL)
    monkeypatch.setenv(BY_NAME, name)

    with pytest.raises(SourceError) as raised:
        read_destination(os.environ, index_name="pypi")

    path = home / ".pypirc"
    assert raised.value.message == (
        f"TWINE_REPOSITORY: {path} gives what it names no URL"
    )
    assert "set TWINE_REPOSITORY_URL in its place" in raised.value.hint
    assert "hunter2" not in raised.value.hint
    with pytest.raises(TwineException):
        _twine(())


def test_a_section_without_a_url_leaves_it_open(home: Path) -> None:
    _write(home, "[distutils]\nindex-servers = own\n[own]\nusername = me\n")

    with pytest.raises(SourceError, match=r"gives 'own' no URL$"):
        read_destination({"HOME": str(home), BY_NAME: "own"}, index_name="pypi")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b"password = hunter2\n", 1, id="no section"),
        pytest.param(b"[pypi]\nhunter2\n", 2, id="no key"),
        pytest.param(b"[pypi]\n[pypi]\npassword = hunter2", 2, id="a section twice"),
        pytest.param(
            b"[pypi]\npassword = hunter2\npassword = hunter2", 3, id="a key twice"
        ),
        pytest.param(
            b"\xef\xbb\xbf[pypi]\npassword = hunter2", 1, id="a mark in front"
        ),
        pytest.param(b"[pypi]\npassword = hunter2 \xff", 0, id="not UTF-8"),
        pytest.param("[pypi]\npassword = hunter2\n".encode("utf-16"), 0, id="UTF-16"),
    ],
)
@pytest.mark.parametrize("environ", [{}, {BY_NAME: "pypi"}], ids=["index", "variable"])
def test_a_file_that_twine_cannot_read_leaves_it_open(
    home: Path, content: bytes, line: int, environ: dict[str, str]
) -> None:
    path = _write(home, content)

    with pytest.raises(SourceError) as raised:
        read_destination({"HOME": str(home), **environ}, index_name="pypi")

    where = f" (line {line})" if line else ""
    assert raised.value.message == f"{path}: twine cannot read it{where}"
    assert raised.value.hint.startswith("mend the file, or set TWINE_REPOSITORY_URL")
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    with pytest.raises(TwineException):
        _twine(("-r", "pypi"))


def test_a_folder_in_its_place_leaves_it_open(home: Path) -> None:
    (home / ".pypirc").mkdir()

    with pytest.raises(SourceError, match=r"\.pypirc: is a folder$") as raised:
        read_destination(os.environ, index_name="pypi")

    assert raised.value.hint.startswith("mend the file")
    with pytest.raises(TwineException):
        _twine(())


def test_a_pipe_in_its_place_is_not_waited_for(home: Path) -> None:
    os.mkfifo(home / ".pypirc")

    with within(10), pytest.raises(SourceError, match="is no regular file"):
        read_destination(os.environ, index_name="pypi")


def test_a_home_that_cannot_be_a_path_leaves_it_open() -> None:
    with pytest.raises(SourceError):
        read_destination({"HOME": "/a\0b"}, index_name="pypi")


def test_a_home_that_leads_in_a_circle_leaves_it_open(home: Path) -> None:
    (home / ".pypirc").symlink_to(home / ".pypirc")

    with pytest.raises(SourceError):
        read_destination(os.environ, index_name="pypi")


@contextmanager
def _as_nobody() -> Iterator[None]:
    """As a user who may not look where root may."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_home_that_may_not_be_looked_into_holds_no_file_of_ours(home: Path) -> None:
    """The home of root, where the action gave root up."""
    _write(home, PYPI_ELSEWHERE)
    assert read_destination(os.environ, index_name="pypi").said
    home.chmod(0)
    try:
        with _as_nobody():
            with pytest.raises(PermissionError):
                (home / ".pypirc").stat()
            assert read_destination(os.environ, index_name="pypi") == Destination()
    finally:
        home.chmod(0o700)


def test_a_file_that_may_not_be_read_leaves_it_open() -> None:
    """It is there, and what it says is not known."""
    with TemporaryDirectory() as place:
        home = Path(place)
        home.chmod(0o711)
        _write(home, PYPI_ELSEWHERE).chmod(0)
        with _as_nobody(), pytest.raises(SourceError) as raised:
            read_destination({"HOME": str(home)}, index_name="pypi")
    assert raised.value.message.startswith(f"{home / '.pypirc'}: ")
    assert raised.value.hint.startswith("mend the file")


def test_a_file_that_is_too_large_leaves_it_open(home: Path) -> None:
    _write(home, "[pypi]\n" + "#\n" * 40_000)

    with pytest.raises(SourceError, match="is larger than 65536 bytes"):
        read_destination(os.environ, index_name="pypi")


@pytest.mark.parametrize(
    "line",
    [b"a" + b" " * 60_000 + b"b", b"\t" * 60_000 + b"y=", b"[" * 60_000],
    ids=["blanks", "tabs", "brackets"],
)
def test_a_line_that_would_take_the_parser_too_long_leaves_it_open(
    home: Path, line: bytes
) -> None:
    _write(home, b"[pypi]\n" + line + b"\n")

    with (
        within(5),
        pytest.raises(SourceError, match="has a line of more than 8192 bytes"),
    ):
        read_destination(os.environ, index_name="pypi")


def test_the_worst_file_within_the_bounds_is_read_in_time(home: Path) -> None:
    line = b"a" + b" " * 8190 + b"b\n"
    _write(home, b"[pypi]\n" + line * 7)

    with within(60), pytest.raises(SourceError, match="twine cannot read it"):
        read_destination(os.environ, index_name="pypi")
