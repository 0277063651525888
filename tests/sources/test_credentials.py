"""With which user and password an index is read, and whom they are sent to."""

from __future__ import annotations

import base64
import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from archives import within
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import Reply, Seen, Server, redirect, serving

from release_guard.errors import IndexUnavailableError, SourceError
from release_guard.layouts import (
    PUBLIC_INDEXES,
    is_public,
    origin_of,
    public_repository_url,
    same_origin,
    simple_url_of,
    without_user,
)
from release_guard.sources import credentials
from release_guard.sources.credentials import (
    Credentials,
    Found,
    Home,
    Wallet,
    advice,
    ask_keyring,
    find_credentials,
)
from release_guard.sources.netrc_file import read_netrc
from release_guard.sources.pypirc import read_pypirc
from release_guard.sources.web import Web

HOST = "index.example"
INDEX = f"https://{HOST}/team/simple/"
UPLOAD = f"https://{HOST}/team/"
ELSEWHERE = "https://other.example/team/"
USER = "UV_INDEX_INTERNAL_USERNAME"
PASSWORD = "UV_INDEX_INTERNAL_PASSWORD"
TWINE = {"TWINE_USERNAME": "me", "TWINE_PASSWORD": "hunter2"}
UV = {"UV_PUBLISH_USERNAME": "me", "UV_PUBLISH_PASSWORD": "hunter2"}

NETRC = f"machine {HOST} login me password hunter2\n"


def _pypirc(**sections: str) -> str:
    """A file in which all the sections are listed."""
    listed = f"[distutils]\nindex-servers = {' '.join(sections)}\n"
    return listed + "".join(f"[{n}]\n{text}\n" for n, text in sections.items())


OURS = f"repository = {UPLOAD}\nusername = me\npassword = hunter2"
PYPIRC = _pypirc(internal=OURS)


@dataclass(frozen=True)
class Row:
    """What is said where, and what is taken of it: ``user:password`` and the place, and
    a piece of each note.
    """

    name: str
    taken: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()
    url: str = INDEX
    environ: Mapping[str, str] = field(default_factory=dict)
    netrc: str | bytes = ""
    pypirc: str | bytes = ""
    index: str = "internal"
    upload: str = UPLOAD

    def __str__(self) -> str:
        return self.name


def _write(home: Path, name: str, content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    (home / name).write_bytes(raw)


def _found(row: Row, home: Path) -> Found:
    if row.netrc:
        _write(home, ".netrc", row.netrc)
    if row.pypirc:
        _write(home, ".pypirc", row.pypirc)
    environ = {"HOME": str(home), **row.environ}
    return find_credentials(
        row.url, environ, index_name=row.index, upload_url=row.upload
    )


def _assert_told(found: Found, row: Row) -> None:
    sent = found.credentials
    taken = f"{sent.user}:{sent.password}" if sent else ""
    assert (taken, sent.source if sent else "") == (row.taken, row.source)
    assert len(found.notes) == len(row.notes), found.notes
    for note, piece in zip(found.notes, row.notes, strict=True):
        assert piece in note


# --- the places ---------------------------------------------------------------------

IN_THE_URL = [
    Row(
        "user info of the URL",
        "me:hunter2",
        "the URL",
        url=f"https://me:hunter2@{HOST}/team/simple/",
    ),
    Row(
        "user info, percent-encoded",
        "m@e/:hunter 2%",
        "the URL",
        url=f"https://m%40e%2F:hunter%202%25@{HOST}/",
    ),
    Row(
        "user info in UTF-8 that is latin-1",
        "mé:hünter2",
        "the URL",
        url=f"https://m%C3%A9:h%C3%BCnter2@{HOST}/",
    ),
    Row(
        "a password with an @ that nobody encoded",
        "me:hunter@2",
        "the URL",
        url=f"https://me:hunter@2@{HOST}/",
    ),
    Row(
        "a password with a colon",
        "me:hunter:2",
        "the URL",
        url=f"https://me:hunter:2@{HOST}/",
    ),
    Row("a token in place of a user", "t0ken:", "the URL", url=f"https://t0ken@{HOST}"),
    Row(
        "a token in place of a password",
        ":t0ken",
        "the URL",
        url=f"https://:t0ken@{HOST}/",
    ),
    Row("an empty user info", url=f"https://@{HOST}/"),
    Row("an empty user and password", url=f"https://:@{HOST}/"),
    Row(
        "an IPv6 address with a port",
        "me:hunter2",
        "the URL",
        url="https://me:hunter2@[::1]:8443/simple/",
    ),
]

IN_THE_ENVIRONMENT = [
    Row(
        "uv's variables for the named index",
        "me:hunter2",
        PASSWORD,
        environ={USER: "me", PASSWORD: "hunter2"},
    ),
    Row(
        "a name that is no variable's",
        "me:hunter2",
        "UV_INDEX_MY_OWN_2ND_INDEX_PASSWORD",
        environ={
            "UV_INDEX_MY_OWN_2ND_INDEX_USERNAME": "me",
            "UV_INDEX_MY_OWN_2ND_INDEX_PASSWORD": "hunter2",
        },
        index="my-own.2nd_Index",
    ),
    Row("a password without a user", ":t0ken", PASSWORD, environ={PASSWORD: "t0ken"}),
    Row(
        "the variables of another index",
        environ={"UV_INDEX_OTHER_USERNAME": "a", "UV_INDEX_OTHER_PASSWORD": "b"},
    ),
    Row(
        "an index without a name has no variables",
        environ={"UV_INDEX__USERNAME": "a", "UV_INDEX__PASSWORD": "b"},
        index="",
    ),
    Row(
        "a secret that a fork's run is not given",
        notes=("names a user, and no password", f"{PASSWORD}: is empty"),
        environ={USER: "me", PASSWORD: ""},
    ),
    *[
        Row(
            f"user info of {variable}",
            "me:hunter2",
            variable,
            environ={variable: f"{prefix}https://me:hunter2@{HOST}/team/simple/"},
        )
        for variable, prefix in [
            ("PIP_INDEX_URL", ""),
            (
                "PIP_EXTRA_INDEX_URL",
                f"https://a:b@other.example/simple/\n  {ELSEWHERE} ",
            ),
            ("UV_INDEX", "other=https://a:b@other.example/ internal="),
            ("UV_DEFAULT_INDEX", "internal="),
            ("UV_INDEX_URL", ""),
            ("UV_EXTRA_INDEX_URL", "https://other.example/ "),
        ]
    ],
    Row(
        "of several index URLs the nearest path",
        "me:hunter2",
        "PIP_EXTRA_INDEX_URL",
        environ={
            "PIP_INDEX_URL": f"https://a:b@{HOST}/theirs/simple/",
            "PIP_EXTRA_INDEX_URL": f"https://me:hunter2@{HOST}/team/simple "
            f"https://c:d@{HOST}/tea/simple/",
        },
    ),
    Row(
        "another path of the same origin, for want of a nearer one",
        "me:hunter2",
        "PIP_INDEX_URL",
        environ={"PIP_INDEX_URL": f"https://me:hunter2@{HOST}/theirs/simple/"},
    ),
    Row(
        "index URLs of other origins, and what is none",
        environ={
            "PIP_INDEX_URL": f"http://a:b@{HOST}/team/simple/",
            "PIP_EXTRA_INDEX_URL": f"https://a:b@{HOST}:8443/ https://a:b@sub.{HOST}/",
            "UV_INDEX": f"https://a:b@{HOST}.other.example/ https://a:b@[",
            "UV_DEFAULT_INDEX": f"https://a:b@{HOST}\\@other.example/team/simple/",
        },
    ),
    Row(
        "twine's variables, where the uploads go to the same origin",
        "me:hunter2",
        "TWINE_PASSWORD",
        environ=TWINE,
    ),
    Row(
        "twine's variables, and the upload URL by variable",
        "me:hunter2",
        "TWINE_PASSWORD",
        environ={**TWINE, "TWINE_REPOSITORY_URL": UPLOAD},
        upload="",
    ),
    Row(
        "twine's variables, and the index by name",
        "me:hunter2",
        "TWINE_PASSWORD",
        environ={**TWINE, "TWINE_REPOSITORY": "internal"},
    ),
    Row(
        "twine's variables, and the name of a section",
        "me:hunter2",
        "TWINE_PASSWORD",
        environ={**TWINE, "TWINE_REPOSITORY": "mine"},
        pypirc=_pypirc(mine=f"repository = {UPLOAD}"),
        upload="",
    ),
    *[
        Row(
            f"twine's variables {what}",
            notes=("TWINE_PASSWORD: is for uploads to another host, scheme or port",),
            environ={**TWINE, **environ},
            upload=upload,
            pypirc=pypirc,
        )
        for what, environ, upload, pypirc in [
            ("for another host", {"TWINE_REPOSITORY_URL": ELSEWHERE}, UPLOAD, ""),
            ("for nobody knows what", {}, "", ""),
            ("for an index that is uploaded to elsewhere", {}, ELSEWHERE, ""),
            ("for http", {}, UPLOAD.replace("https", "http"), ""),
            ("for PyPI by name", {"TWINE_REPOSITORY": "pypi"}, UPLOAD, ""),
            ("for a name that nobody explains", {"TWINE_REPOSITORY": "x"}, UPLOAD, ""),
            (
                "for a section that leads elsewhere",
                {"TWINE_REPOSITORY": "internal"},
                UPLOAD,
                _pypirc(internal=f"repository = {ELSEWHERE}"),
            ),
        ]
    ],
    *[
        Row(
            f"twine's variables for {name}, and a mirror that is called so{what}",
            notes=("TWINE_PASSWORD: is for uploads to another host, scheme or port",),
            environ={**TWINE, "TWINE_REPOSITORY": name},
            index=name,
            pypirc=pypirc,
        )
        for name, what, pypirc in [
            ("pypi", "", ""),
            ("testpypi", "", ""),
            ("testpypi", ", and twine does not know it", _pypirc(pypi="")),
        ]
    ],
    Row(
        "a token of PyPI's in a section of that name that says nowhere",
        notes=(".pypirc [internal]: is a token of a public index",),
        pypirc=_pypirc(internal="username = __token__\npassword = pypi-hunter2"),
    ),
    Row(
        "twine's variables for a section that says nowhere",
        notes=(
            "TWINE_PASSWORD: is for uploads to another host, scheme or port",
            ".pypirc [internal]: is for uploads to another host, scheme or port",
        ),
        environ={**TWINE, "TWINE_REPOSITORY": "internal"},
        pypirc=_pypirc(internal="repository =\nusername = me\npassword = hunter2"),
    ),
    Row(
        "twine's variables, and a file that cannot say what they are for",
        notes=("TWINE_PASSWORD: is for uploads to", "twine cannot read it (line 1)"),
        environ={**TWINE, "TWINE_REPOSITORY": "internal"},
        pypirc="password = hunter2\n",
    ),
    Row(
        "a token of PyPI's, of which nobody says what it is for",
        notes=("TWINE_PASSWORD: is a token of a public index",),
        environ={"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": "pypi-hunter2"},
    ),
    Row(
        "such a token, where a variable says so",
        "__token__:pypi-hunter2",
        "TWINE_PASSWORD",
        environ={
            "TWINE_USERNAME": "__token__",
            "TWINE_PASSWORD": "pypi-hunter2",
            "TWINE_REPOSITORY_URL": UPLOAD,
        },
    ),
    Row(
        "twine's password without its user",
        notes=("TWINE_PASSWORD: has no TWINE_USERNAME beside it",),
        environ={"TWINE_PASSWORD": "hunter2"},
    ),
    Row("uv's variables", "me:hunter2", "UV_PUBLISH_PASSWORD", environ=UV),
    Row(
        "uv's token",
        "__token__:t0ken",
        "UV_PUBLISH_TOKEN",
        environ={"UV_PUBLISH_TOKEN": "t0ken", "UV_PUBLISH_URL": UPLOAD},
        upload="",
    ),
    Row(
        "uv's variables, and the index by name",
        "me:hunter2",
        "UV_PUBLISH_PASSWORD",
        environ={**UV, "UV_PUBLISH_INDEX": "internal"},
    ),
    *[
        Row(
            f"uv's variables for another {what}",
            notes=("UV_PUBLISH_PASSWORD: is for uploads to another host",),
            environ={**UV, **environ},
        )
        for what, environ in [
            ("host", {"UV_PUBLISH_URL": ELSEWHERE}),
            ("index", {"UV_PUBLISH_INDEX": "other"}),
        ]
    ],
]

IN_PYPIRC = [
    Row("the index's section", "me:hunter2", ".pypirc [internal]", pypirc=PYPIRC),
    Row(
        "a section of the same origin",
        "me:hunter2",
        ".pypirc [mine]",
        pypirc=_pypirc(mine=OURS),
        upload="",
    ),
    Row(
        "of several sections the index's own",
        "me:hunter2",
        ".pypirc [internal]",
        pypirc=_pypirc(a=f"repository={UPLOAD}\nusername=a\npassword=b", internal=OURS),
    ),
    Row(
        "of several sections the one of the upload URL",
        "me:hunter2",
        ".pypirc [mine]",
        pypirc=_pypirc(
            a=f"repository={UPLOAD}simple\nusername=a\npassword=b", mine=OURS
        ),
    ),
    Row(
        "of several sections the one with the nearest path",
        "me:hunter2",
        ".pypirc [mine]",
        pypirc=_pypirc(
            a=f"repository=https://{HOST}/theirs/\nusername=a\npassword=b", mine=OURS
        ),
        upload="",
    ),
    Row(
        "a section of the index's name without an upload URL",
        "me:hunter2",
        ".pypirc [internal]",
        pypirc=_pypirc(internal="username = me\npassword = hunter2"),
    ),
    Row(
        "such a section for an index without a name",
        pypirc=_pypirc(internal="username = me\npassword = hunter2"),
        index="",
    ),
    Row(
        "the section of the index's name leads elsewhere",
        notes=(".pypirc [internal]: is for uploads to another host, scheme or port",),
        pypirc=_pypirc(internal=OURS.replace(HOST, "other.example")),
    ),
    Row(
        "PyPI's section, for a mirror that is called pypi",
        notes=(".pypirc [pypi]: is for uploads to another host, scheme or port",),
        pypirc=_pypirc(pypi="username = __token__\npassword = pypi-hunter2"),
        index="pypi",
    ),
    Row("a section that is not listed", pypirc=f"[internal]\n{OURS}\n"),
    Row(
        "percent signs and blanks stand for themselves",
        "me:%(hunter)s 2",
        ".pypirc [internal]",
        pypirc=PYPIRC.replace("hunter2", "%(hunter)s 2"),
    ),
    Row(
        "a user whose password the keyring has",
        notes=(".pypirc [internal]: names a user, and no password",),
        pypirc=_pypirc(internal=f"repository = {UPLOAD}\nusername = me"),
    ),
    Row(
        "a password without a user",
        notes=(".pypirc [internal]: has a password, and no username",),
        pypirc=_pypirc(internal=f"repository = {UPLOAD}\npassword = hunter2"),
    ),
    Row(
        "a name that may be a secret is not told",
        notes=(".pypirc: names a user, and no password",),
        pypirc=_pypirc(
            **{"a:hunter2@b": f"repository = {UPLOAD}\nusername = me"},
        ),
    ),
]

IN_NETRC = [
    Row("the host's login", "me:hunter2", ".netrc", netrc=NETRC),
    Row(
        "on several lines, with an account and a macro",
        "me:hunter2",
        ".netrc",
        netrc="# mine\nmachine other.example\n login a\n password b\nmacdef init\n"
        f" x y\n\nmachine {HOST}\n\tuser me\n\taccount x\n\tpassword hunter2\n",
    ),
    Row(
        "a quoted password", "me:a b", ".netrc", netrc=NETRC.replace("hunter2", '"a b"')
    ),
    Row(
        "the host in upper case",
        "me:hunter2",
        ".netrc",
        netrc=NETRC.replace(HOST, HOST.upper()),
    ),
    Row(
        "any port, as for pip",
        "me:hunter2",
        ".netrc",
        url=f"http://{HOST}:8080/simple/",
        netrc=NETRC,
    ),
    Row(
        "an IPv6 address",
        "me:hunter2",
        ".netrc",
        url="http://[::1]:8080/simple/",
        netrc="machine ::1 login me password hunter2",
    ),
    Row(
        "an account in place of a login",
        "me:hunter2",
        ".netrc",
        netrc=NETRC.replace("login", "account"),
    ),
    Row(
        "a login without a password",
        notes=(".netrc: names a user, and no password",),
        netrc=f"machine {HOST} login me",
    ),
    Row("another host", netrc=NETRC.replace(HOST, "other.example")),
    Row("a host below", netrc=NETRC.replace(HOST, f"sub.{HOST}")),
    Row("a host above", netrc=NETRC.replace(HOST, "example")),
    Row(
        "the login for all other machines",
        notes=(f".netrc: its default is not sent to anybody: write machine {HOST}",),
        netrc="default login me password hunter2",
    ),
    Row(
        "a machine that is called default is taken for that login",
        notes=(".netrc: its default is not sent to anybody: write machine default",),
        url="http://default/simple/",
        netrc="machine default login me password hunter2",
    ),
    *[
        # pypa/pip#11185
        Row(
            f"a machine written as {machine}",
            notes=(f".netrc: a machine goes by its name alone: machine {HOST}",),
            netrc=NETRC.replace(HOST, machine),
        )
        for machine in (f"https://{HOST}", f"{HOST}:443", f"{HOST}/team/simple/")
    ],
    # psf/requests#2654
    Row(
        "a word that the format does not have",
        notes=("/.netrc: cannot be parsed (near line 2)",),
        netrc=f"{NETRC}machine other.example login a hunter2 x\nmachine",
    ),
]

IN_ORDER = [
    Row(
        "the URL before all others",
        "a:b",
        "the URL",
        url=f"https://a:b@{HOST}/",
        environ={USER: "me", PASSWORD: "hunter2"},
        pypirc=PYPIRC,
        netrc=NETRC,
    ),
    Row(
        "the index's variables before index URLs",
        "a:b",
        PASSWORD,
        environ={USER: "a", PASSWORD: "b", "PIP_INDEX_URL": f"https://c:d@{HOST}/"},
    ),
    Row(
        "what is for reading before what is for uploads",
        "a:b",
        "PIP_INDEX_URL",
        environ={"PIP_INDEX_URL": f"https://a:b@{HOST}/", **TWINE, **UV},
    ),
    Row(
        "the environment before the files",
        "a:b",
        "UV_PUBLISH_PASSWORD",
        environ={"UV_PUBLISH_USERNAME": "a", "UV_PUBLISH_PASSWORD": "b"},
        pypirc=PYPIRC,
        netrc=NETRC,
    ),
    Row(
        ".pypirc before .netrc",
        "me:hunter2",
        ".pypirc [internal]",
        pypirc=PYPIRC,
        netrc=NETRC.replace("me", "a"),
    ),
    Row(
        "files are not read where they are not needed",
        "a:b",
        "the URL",
        url=f"https://a:b@{HOST}/",
        pypirc="\0",
        netrc="\0",
    ),
    Row(
        "a damaged file does not keep from the next place",
        "me:hunter2",
        ".netrc",
        notes=("/.pypirc: twine cannot read it (line 1)",),
        pypirc="hunter2",
        netrc=NETRC,
    ),
    Row(
        "what cannot be sent does not keep from the next place",
        "me:hunter2",
        ".netrc",
        notes=(f"{PASSWORD}: holds a line end",),
        environ={USER: "me", PASSWORD: "hunter2\n"},
        netrc=NETRC,
    ),
    Row(
        "the password of the user in the URL",
        "me:hunter2",
        ".netrc",
        url=f"https://me@{HOST}/",
        netrc=NETRC,
    ),
    Row(
        "a password alone is that of the user in the URL",
        "me:hunter2",
        PASSWORD,
        url=f"https://me@{HOST}/",
        environ={PASSWORD: "hunter2"},
    ),
    Row(
        "another user's password than that of the user in the URL",
        "you:",
        "the URL",
        notes=(
            f"{PASSWORD}: is of another user than the URL names",
            ".pypirc [internal]: is of another user than the URL names",
            ".netrc: is of another user than the URL names",
        ),
        url=f"https://you@{HOST}/",
        environ={USER: "me", PASSWORD: "hunter2"},
        pypirc=PYPIRC,
        netrc=NETRC,
    ),
    Row(
        "the user of an upload without a password binds nobody",
        "me:hunter2",
        ".netrc",
        notes=(".pypirc [internal]: names a user, and no password",),
        pypirc=_pypirc(internal=f"repository = {UPLOAD}\nusername = __token__"),
        netrc=NETRC,
    ),
    Row("nothing anywhere"),
]

UNFIT = [
    *[
        Row(
            f"a password with {what}",
            notes=(f"{PASSWORD}: {note}",),
            environ={USER: "me", PASSWORD: f"hunter2{letter}"},
        )
        for what, letter, note in [
            ("a line end", "\n", "holds a line end or another control character"),
            ("a header of its own", "\r\nX: y", "holds a line end"),
            ("a bell", "\a", "holds a line end or another control character"),
            ("a control of latin-1", "\x85", "holds a line end or another control"),
            ("a letter beyond latin-1", "\u20ac", "holds characters beyond latin-1"),
            ("bytes that were no text", "\udcff", "holds characters beyond latin-1"),
        ]
    ],
    Row(
        "a user with a colon",
        notes=("the URL: the user's name holds a colon",),
        url=f"https://m%3Ae:hunter2@{HOST}/",
    ),
    Row(
        "a user with a line end",
        notes=("the URL: holds a line end",),
        url=f"https://m%0Ae:hunter2@{HOST}/",
    ),
    Row(
        "user info that is latin-1, percent-encoded",
        notes=("the URL: what stands before the @ is not UTF-8",),
        url=f"https://me:hunter2%E9@{HOST}/",
    ),
    Row(
        "a user that is latin-1, percent-encoded",
        notes=("the URL: what stands before the @ is not UTF-8",),
        url=f"https://m%E9:hunter2@{HOST}/",
    ),
    Row(
        "user info of an index URL that is latin-1",
        notes=("PIP_INDEX_URL: what stands before the @ is not UTF-8",),
        environ={"PIP_INDEX_URL": f"https://me:hunter2%E9@{HOST}/"},
    ),
]

ROWS = [
    *(*IN_THE_URL, *IN_THE_ENVIRONMENT, *IN_PYPIRC, *IN_NETRC, *IN_ORDER, *UNFIT),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_is_said_is_taken_or_told_why_not(row: Row, tmp_path: Path) -> None:
    found = _found(row, tmp_path)

    _assert_told(found, row)
    secrets = ("hunter2", "t0ken")
    told = f"{found!r} {advice(row.url, found, index_name=row.index)}"
    assert not any(secret in told.lower() for secret in secrets)


def test_the_user_whose_password_is_not_there_is_told_to_the_keyring(
    tmp_path: Path,
) -> None:
    by_url = Row("", url=f"https://me@{HOST}/")
    by_file = Row("", pypirc=_pypirc(internal=f"repository = {UPLOAD}\nusername = me"))

    assert _found(by_url, tmp_path).user == "me"
    assert _found(by_file, tmp_path).user == "me"
    assert _found(Row("", netrc=NETRC), tmp_path).user == "me"


def test_the_users_name_is_not_shown_either() -> None:
    """A token may stand in its place, as for GitHub and GitLab."""
    value = Credentials("t0ken", "hunter2", "the URL")

    assert repr(value) == "Credentials(source='the URL')"
    assert "t0ken" not in repr(Found(value, user="t0ken"))


# --- whom it is not sent to ---------------------------------------------------------

_PUBLIC = [public_repository_url(name) for name in PUBLIC_INDEXES]


def _everywhere(url: str, home: Path) -> Found:
    """What is found where every place has something for the host of this URL."""
    origin = origin_of(url)
    host = origin[1] if origin else HOST
    _write(home, ".netrc", NETRC.replace(HOST, host) + NETRC)
    section = f"repository = {url}\nusername = me\npassword = hunter2"
    _write(home, ".pypirc", _pypirc(internal=section, pypi=section))
    environ = {
        "HOME": str(home),
        USER: "me",
        PASSWORD: "hunter2",
        "PIP_INDEX_URL": f"https://me:hunter2@{host}/simple/",
        "TWINE_REPOSITORY_URL": url,
        **TWINE,
    }
    return find_credentials(url, environ, index_name="internal", upload_url=url)


@pytest.mark.parametrize("name", PUBLIC_INDEXES)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("", "", id="as it is"),
        pytest.param("https://", "http://", id="by http"),
        pytest.param("https://", "https://me:hunter2@", id="with user info"),
        pytest.param("https://", "https://me:hunter2@www.", id="another host below"),
        pytest.param("/simple/", ":8443/simple/", id="another port"),
        pytest.param("/simple/", "./simple/", id="its name to the end"),
        pytest.param("/simple/", "/other/", id="another path"),
    ],
)
def test_nothing_is_sent_to_a_public_index(
    name: str, old: str, new: str, tmp_path: Path
) -> None:
    """What is at hand for it is the token of the upload."""
    url = str(simple_url_of(public_repository_url(name))).replace(old, new)

    assert _everywhere(url, tmp_path) == Found()
    assert _everywhere(public_repository_url(name), tmp_path) == Found()
    assert advice(url, Found()).startswith("nothing is sent to a public index")
    assert _everywhere(INDEX, tmp_path).credentials is not None


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"https://other.example\\@{HOST}/simple/", id="a backslash"),
        pytest.param(f"https://{HOST}\\@other.example/", id="a backslash behind it"),
        pytest.param(
            f"https://{HOST}%2f@other.example%2f/", id="a host with a percent"
        ),
        pytest.param(f"ftp://{HOST}/", id="another scheme"),
        pytest.param(f"https://{HOST}:port/", id="a port that is none"),
        pytest.param("https:///simple/", id="no host"),
        pytest.param("", id="nothing"),
        pytest.param(f"https://{HOST}/\n", id="two lines"),
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_clear(
    url: str, tmp_path: Path
) -> None:
    assert origin_of(url) is None
    assert _everywhere(url, tmp_path) == Found()
    assert "can be read in two ways" in advice(url, Found())


ORIGIN = f"https://{HOST}/simple/"


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        pytest.param(ORIGIN, True, id="itself"),
        pytest.param(f"https://{HOST}", True, id="another path"),
        pytest.param(f"HTTPS://{HOST.upper()}:443/", True, id="written otherwise"),
        pytest.param(f"https://a:b@{HOST}/", True, id="with user info"),
        pytest.param(f"http://{HOST}/simple/", False, id="another scheme"),
        pytest.param(f"http://{HOST}:443/simple/", False, id="its port by http"),
        pytest.param(f"https://{HOST}:8443/simple/", False, id="another port"),
        pytest.param(f"https://{HOST}:0/simple/", False, id="port 0"),
        pytest.param(f"https://sub.{HOST}/simple/", False, id="a host below"),
        pytest.param(f"https://{HOST}.other.example/", False, id="a longer host"),
        pytest.param(f"https://{HOST}./simple/", False, id="its name to the end"),
        pytest.param(f"https://{HOST}@other.example/", False, id="as another's user"),
        # requests goes to the first of the two hosts
        pytest.param(f"https://other.example\\@{HOST}/", False, id="a backslash"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_an_origin_is_scheme_host_and_port(other: str, *, is_same: bool) -> None:
    assert same_origin(ORIGIN, other) is is_same
    assert same_origin(other, ORIGIN) is is_same


def test_what_is_no_address_has_no_origin_in_common_with_itself() -> None:
    assert not same_origin("", "")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://[::1]:8080/x", ("http", "::1", 8080)),
        ("https://[2001:DB8::1]/", ("https", "2001:db8::1", 443)),
        ("http://127.0.0.1", ("http", "127.0.0.1", 80)),
    ],
)
def test_an_origin_has_the_port_that_nobody_writes(
    url: str, origin: tuple[str, str, int]
) -> None:
    assert origin_of(url) == origin


def test_a_host_is_public_by_its_whole_name() -> None:
    host = urlsplit(str(simple_url_of(_PUBLIC[0]))).hostname

    for url in (*_PUBLIC, f"https://{host}/", f"http://files.{host}:8080/x"):
        assert is_public(url)
    for url in (f"https://my{host}/", f"https://{host}.example/", INDEX, ""):
        assert not is_public(url)


def test_a_request_goes_to_the_address_without_its_user() -> None:
    assert without_user(f"https://a:b@c@{HOST}:8443/x?y") == f"https://{HOST}:8443/x?y"
    assert without_user(INDEX) == INDEX


# --- what pip and uv send -----------------------------------------------------------


def _basic(found: Found) -> str | None:
    sent = found.credentials
    if sent is None:
        return None
    text = f"{sent.user}:{sent.password}".encode("latin-1")
    return f"Basic {base64.b64encode(text).decode()}"


LIKE_PIP = [
    Row("user info", url="http://me:hunter2@HOST/simple/"),
    Row("user info, percent-encoded", url="http://m%40e:hun%2Fter%202@HOST/simple/"),
    Row("a password with an @", url="http://me:hunter@2@HOST/simple/"),
    Row("a token", url="http://t0ken@HOST/simple/"),
    Row("latin-1", url="http://me:h%C3%BCnter2@HOST/simple/"),
    Row("user info before .netrc", url="http://a:b@HOST/simple/", netrc=NETRC),
    Row(".netrc", netrc=NETRC),
    Row("a user's password in .netrc", url="http://me@HOST/simple/", netrc=NETRC),
    Row(
        "an index URL before .netrc",
        environ={"PIP_INDEX_URL": "http://a:b@HOST/simple/"},
        netrc=NETRC,
    ),
    Row("nothing"),
    Row("nothing in .netrc for this host", netrc=NETRC.replace(HOST, "other.example")),
    Row("a .netrc that is damaged", netrc=f"{NETRC} protocol"),
    Row("no .netrc is asked for", netrc=NETRC, environ={"NETRC": ""}),
    Row("a .netrc elsewhere", netrc=NETRC, environ={"NETRC": "~/.netrc"}),
]


def _at(row: Row, host: str, home: Path) -> tuple[str, dict[str, str]]:
    """The URL and the environment of a row, for a server at ``host``."""
    name = host.partition(":")[0]
    if row.netrc:
        _write(home, ".netrc", str(row.netrc).replace(HOST, name))
    environ = {k: v.replace("HOST", host) for k, v in row.environ.items()}
    url = (
        row.url.replace("HOST", host) if row.url != INDEX else f"http://{host}/simple/"
    )
    return url, {"HOME": str(home), "PATH": os.environ["PATH"], **environ}


@pytest.mark.parametrize("row", LIKE_PIP, ids=str)
def test_an_index_is_sent_what_pip_sends_it(row: Row, tmp_path: Path) -> None:
    with serving() as server:
        server.on("/simple/demo/", Reply(b"no", 401))
        url, environ = _at(row, server.host, tmp_path)
        pip = [sys.executable, "-m", "pip", "download", "--no-input", "--no-deps"]
        subprocess.run(
            [*pip, "--no-cache-dir", "--retries=0", "demo"],
            env={"PIP_INDEX_URL": url, "PIP_NO_INDEX": "0", **environ},
            cwd=tmp_path,
            check=False,
            capture_output=True,
        )
        sent = server.sent("authorization")

    assert sent[0] == _basic(find_credentials(url, environ))


LIKE_UV = [
    Row("user info", url="http://me:hun%2Fter2@HOST/simple/"),
    Row("the variables of the index", environ={USER: "me", PASSWORD: "hunter2"}),
    Row("a password alone", environ={PASSWORD: "hunter2"}),
    Row(
        "user info before the variables",
        url="http://a:b@HOST/simple/",
        environ={USER: "me", PASSWORD: "hunter2"},
    ),
    Row("the variables before .netrc", environ={USER: "a", PASSWORD: "b"}, netrc=NETRC),
    Row(".netrc", netrc=NETRC),
    Row("nothing"),
]


@pytest.mark.skipif(importlib.util.find_spec("uv") is None, reason="there is no uv")
@pytest.mark.parametrize("row", LIKE_UV, ids=str)
def test_an_index_is_sent_what_uv_sends_it(row: Row, tmp_path: Path) -> None:
    with serving() as server:
        server.on("/simple/demo/", Reply(b"no", 401))
        url, environ = _at(row, server.host, tmp_path)
        uv = [sys.executable, "-m", "uv", "pip", "compile", "--no-cache", "--no-config"]
        subprocess.run(
            [*uv, f"--default-index=internal={url}", f"--python={sys.executable}", "-"],
            input=b"demo\n",
            env=environ,
            cwd=tmp_path,
            check=False,
            capture_output=True,
        )
        sent = server.sent("authorization")

    # uv tries without a password first where the URL has none.
    assert sent[-1] == _basic(find_credentials(url, environ, index_name="internal"))


# --- files that may be anything -----------------------------------------------------


def test_the_other_name_of_the_file(tmp_path: Path) -> None:
    """requests looks for both on every system."""
    _write(tmp_path, "_netrc", NETRC)
    environ = {"HOME": str(tmp_path)}
    assert find_credentials(INDEX, environ).credentials is not None

    _write(tmp_path, ".netrc", NETRC.replace(HOST, "other.example"))
    assert find_credentials(INDEX, environ).credentials is None


@pytest.mark.parametrize("value", ["~/mine", "HOME/mine"])
def test_the_variable_names_the_file(value: str, tmp_path: Path) -> None:
    _write(tmp_path, "mine", NETRC)
    environ = {"HOME": str(tmp_path), "NETRC": value.replace("HOME", str(tmp_path))}

    found = find_credentials(INDEX, environ)

    assert found.credentials == Credentials("me", "hunter2", ".netrc")


@pytest.mark.parametrize("value", ["", os.devnull])
def test_no_file_is_what_people_may_ask_for(value: str, tmp_path: Path) -> None:
    _write(tmp_path, ".netrc", NETRC)
    environ = {"HOME": str(tmp_path), "NETRC": value}

    assert find_credentials(INDEX, environ) == Found()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("/nothing/there", id="no such file"),
        pytest.param(NETRC, id="the content in place of the path"),
        pytest.param("a\0b", id="no path"),
        pytest.param("x" * 5000, id="too long for a path"),
        pytest.param("/", id="a folder"),
    ],
)
def test_a_variable_that_names_no_file_is_told_without_its_value(
    value: str, tmp_path: Path
) -> None:
    """A CI variable of the wrong type holds the content in place of a path."""
    _write(tmp_path, ".netrc", NETRC)

    found = find_credentials(INDEX, {"HOME": str(tmp_path), "NETRC": value})

    (note,) = found.notes
    assert found.credentials is None
    assert note.startswith("the file that NETRC names: ")
    assert value.strip("/") == "" or value not in note


def test_a_home_that_may_not_be_looked_into_is_another_users() -> None:
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        _write(home, ".netrc", NETRC)
        home.chmod(0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            found = find_credentials(INDEX, {"HOME": str(home)})
        finally:
            os.seteuid(user)
            home.chmod(0o700)

    assert found == Found()


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _circle(path: Path) -> None:
    path.symlink_to(path)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.write(NETRC.encode())
        file.truncate(100 << 20)


def _folder(path: Path) -> None:
    path.mkdir()


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 16)


def _utf_16(path: Path) -> None:
    path.write_text(NETRC, encoding="utf-16")


@pytest.mark.parametrize("name", [".netrc", ".pypirc"])
@pytest.mark.parametrize(
    "make", [_fifo, _zeros, _circle, _huge, _folder, _binary, _utf_16]
)
def test_what_is_no_such_file_is_told_and_not_waited_for(
    make: object, name: str, tmp_path: Path
) -> None:
    assert callable(make)
    make(tmp_path / name)

    with within(10):
        found = find_credentials(INDEX, {"HOME": str(tmp_path)}, index_name="internal")

    assert found.credentials is None
    (note,) = found.notes
    assert note.startswith(f"{tmp_path / name}: ")


def test_a_netrc_within_the_bound_is_read_in_time(tmp_path: Path) -> None:
    other = "machine other.example login a password b\n"
    _write(tmp_path, ".netrc", other * 6000 + NETRC)

    with within(10):
        found = find_credentials(INDEX, {"HOME": str(tmp_path)})

    assert found.credentials == Credentials("me", "hunter2", ".netrc")


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(
            st.sampled_from(
                [
                    *("machine", "default", "login", "password", "account", "macdef"),
                    *("\n", "\n\n", '"', "\\", "#", "hunter2", "\x00", "é", HOST),
                ]
            ),
            max_size=24,
        ).map(lambda words: " ".join(words).encode()),
    )
)
def test_any_netrc_is_read_or_refused_without_a_word_of_it(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as home, within(10):
        _write(Path(home), ".netrc", content)
        found = find_credentials(INDEX, {"HOME": home})

    assert "hunter2" not in f"{found!r} {advice(INDEX, found)}"


# --- no secret is told --------------------------------------------------------------

#: What no message would hold by chance, within what people have for passwords.
_SECRETS = st.text(
    st.one_of(
        st.characters(min_codepoint=33, max_codepoint=126),
        st.sampled_from(" \n\r\t@:/%#?\\\"'[]=€é\x7f"),
    ),
    max_size=12,
).map(lambda text: f"hunter2{text}")
_DAMAGE = st.sampled_from(["", "\n", "x", "[", "[internal]\n", "machine", "\xff", '"'])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_secret_is_in_any_value_note_or_error(data: st.DataObject) -> None:
    def secret() -> str:
        return data.draw(_SECRETS)

    def maybe(*texts: str) -> str:
        return data.draw(st.sampled_from(["", *texts]))

    variables = {
        **{name: maybe(secret()) for name in (USER, PASSWORD, *TWINE, *UV)},
        "UV_PUBLISH_TOKEN": maybe(secret()),
        "PIP_INDEX_URL": maybe(f"https://{secret()}:{secret()}@{HOST}/"),
        "UV_INDEX": maybe(f"internal=https://{secret()}@{HOST}/", secret()),
        "TWINE_REPOSITORY_URL": maybe(UPLOAD, f"https://me:{secret()}@{HOST}/"),
        "TWINE_REPOSITORY": maybe("internal", secret()),
        "UV_PUBLISH_URL": maybe(UPLOAD, secret()),
    }
    if data.draw(st.booleans()):
        variables["NETRC"] = secret()
    section = f"repository = {UPLOAD}\nusername = {secret()}\npassword = {secret()}\n"
    by_url = f"https://me:{secret()}@{HOST}/"
    pypirc = maybe(_pypirc(internal=section), _pypirc(**{by_url: section}))
    netrc = maybe(f"machine {HOST} login {secret()} password {secret()}\n", secret())
    url = data.draw(
        st.sampled_from([INDEX, f"https://{secret()}:{secret()}@{HOST}/", *_PUBLIC])
    )
    with tempfile.TemporaryDirectory() as home:
        if pypirc:
            _write(Path(home), ".pypirc", pypirc + data.draw(_DAMAGE))
        if netrc:
            _write(Path(home), ".netrc", data.draw(_DAMAGE) + netrc)
        environ = {"HOME": home, **variables}
        found = find_credentials(url, environ, index_name="internal", upload_url=UPLOAD)
        told = [repr(found), *found.notes, advice(url, found, index_name="internal")]
        for read in (read_netrc, read_pypirc):
            try:
                told.append(repr(read(environ)))
            except SourceError as error:
                told.append(f"{error!r} {error.message} {error.hint}")

    assert [text for text in told if "hunter2" in text] == []


# --- the keyring --------------------------------------------------------------------

_BACKEND = """\
import os, sys, time
from keyring import backend, credentials, errors

ENTRIES = {entries!r}


class Keyring(backend.KeyringBackend):
    priority = 9

    def get_password(self, service, username):
        with open({log!r}, "a") as log:
            log.write(f"{{service}} {{username}}\\n")
        {act}
        return ENTRIES.get((service, username))

    def set_password(self, service, username, password):
        raise errors.PasswordSetError


class Anyone(Keyring):
    def get_credential(self, service, username):
        self.get_password(service, username or "nobody")
        for (name, user), password in ENTRIES.items():
            if name == service:
                return credentials.SimpleCredential(user, password)


class Anonymous(Keyring):
    def get_credential(self, service, username):
        return credentials.AnonymousCredential("hunter2")
"""


class _Ring:
    """A backend of the real keyring library, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"

    def holds(
        self,
        entries: dict[tuple[str, str], str],
        *,
        kind: str = "Keyring",
        act: str = "",
    ) -> dict[str, str]:
        """An environment in which the keyring has these entries."""
        text = _BACKEND.format(entries=entries, log=str(self.log), act=act or "pass")
        (self.folder / "ring_of_a_test.py").write_text(text, encoding="utf-8")
        return self.backend(f"ring_of_a_test.{kind}")

    def backend(self, name: str) -> dict[str, str]:
        """An environment in which this is the backend."""
        return {
            **os.environ,
            "PYTHONPATH": str(self.folder),
            "PYTHON_KEYRING_BACKEND": name,
        }

    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def ring(tmp_path: Path) -> _Ring:
    return _Ring(tmp_path)


@pytest.mark.parametrize(
    "service",
    [
        pytest.param(INDEX, id="the URL"),
        pytest.param(INDEX.rstrip("/"), id="the URL without its slash"),
        pytest.param(HOST, id="the host"),
        pytest.param(UPLOAD, id="the upload URL, as for twine"),
    ],
)
def test_an_entry_of_the_keyring_is_found(service: str, ring: _Ring) -> None:
    environ = ring.holds({(service, "me"): "hunter2", ("other.example", "me"): "x"})
    url = INDEX.replace("//", "//me@")

    found = ask_keyring(url, user="me", upload_url=UPLOAD, environ=environ)

    assert found == Found(Credentials("me", "hunter2", "the keyring"), (), "me")
    assert "hunter2" not in repr(found)


def test_a_host_with_a_port_is_asked_for_with_it(ring: _Ring) -> None:
    url = f"https://{HOST}:8443/simple/"
    environ = ring.holds({(f"{HOST}:8443", "me"): "hunter2", (HOST, "me"): "x"})

    found = ask_keyring(url, user="me", environ=environ)

    assert found.credentials == Credentials("me", "hunter2", "the keyring")
    assert ring.asked() == [f"{url} me", f"{url[:-1]} me", f"{HOST}:8443 me"]


def test_the_keyring_is_not_asked_for_an_upload_elsewhere(ring: _Ring) -> None:
    environ = ring.holds({(ELSEWHERE, "me"): "hunter2"})

    found = ask_keyring(INDEX, user="me", upload_url=ELSEWHERE, environ=environ)

    assert found == Found(None, (), "me")
    assert not any("other" in line for line in ring.asked())


def test_some_keyrings_know_the_user(ring: _Ring) -> None:
    environ = ring.holds({(HOST, "me"): "hunter2"}, kind="Anyone")

    assert ask_keyring(INDEX, environ=environ).credentials == Credentials(
        "me", "hunter2", "the keyring"
    )


def test_other_keyrings_have_nothing_without_a_user(ring: _Ring) -> None:
    environ = ring.holds({(HOST, "me"): "hunter2"})

    assert ask_keyring(INDEX, environ=environ) == Found()
    assert ring.asked() == []


def test_an_entry_without_a_password_is_none(ring: _Ring) -> None:
    environ = ring.holds({(INDEX, "me"): "", (HOST, "me"): "hunter2"})

    found = ask_keyring(INDEX, user="me", environ=environ)

    assert found.credentials == Credentials("me", "hunter2", "the keyring")


def test_a_keyring_may_know_no_user_at_all(ring: _Ring) -> None:
    found = ask_keyring(INDEX, environ=ring.holds({}, kind="Anonymous"))

    assert found.credentials == Credentials("", "hunter2", "the keyring")


@pytest.mark.parametrize("name", ["null", "fail"])
def test_no_keyring_is_no_entry(name: str, ring: _Ring) -> None:
    environ = ring.backend(f"keyring.backends.{name}.Keyring")

    assert ask_keyring(INDEX, user="me", environ=environ) == Found(None, (), "me")


@pytest.mark.parametrize(
    ("act", "note"),
    [
        pytest.param(
            "raise errors.KeyringLocked('hunter2')",
            "the keyring failed: KeyringLocked",
            id="locked",
        ),
        pytest.param(
            "raise SystemExit(0)", "the keyring failed: SystemExit", id="it exits"
        ),
        pytest.param(
            "os._exit(0)", "the keyring ended without an answer", id="it ends us"
        ),
        pytest.param(
            "os.kill(os.getpid(), 9)",
            "the keyring ended without an answer",
            id="it is killed",
        ),
        pytest.param(
            "return b'hunter2'", "the keyring ended without an answer", id="bytes"
        ),
        pytest.param(
            "return 'hunter2\\n'", "the keyring: holds a line end", id="a line end"
        ),
        pytest.param(
            "return 'hunter2\\u20ac'",
            "the keyring: holds characters beyond latin-1",
            id="beyond latin-1",
        ),
        pytest.param(
            "input('password? ')", "the keyring failed: EOFError", id="it asks"
        ),
        pytest.param(
            "open('/dev/tty').readline()",
            "the keyring failed: OSError",
            id="it asks at the terminal",
        ),
    ],
)
def test_a_keyring_that_fails_is_told_without_what_it_says(
    act: str, note: str, ring: _Ring, capfd: pytest.CaptureFixture[str]
) -> None:
    environ = ring.holds({}, act=act)

    found = ask_keyring(INDEX, user="me", environ=environ)

    assert found.credentials is None
    (told,) = found.notes
    assert told.startswith(note)
    assert "hunter2" not in told
    assert capfd.readouterr() == ("", "")


def test_what_a_keyring_prints_goes_nowhere(
    ring: _Ring, capfd: pytest.CaptureFixture[str]
) -> None:
    """Standard output is the report's."""
    act = "print('{}'); os.write(1, b'{}'); print('x', file=sys.stderr)"
    environ = ring.holds({(HOST, "me"): "hunter2"}, act=act)

    assert ask_keyring(INDEX, user="me", environ=environ).credentials is not None
    assert capfd.readouterr() == ("", "")


def test_a_backend_that_is_not_there_is_told(ring: _Ring) -> None:
    (note,) = ask_keyring(INDEX, environ=ring.backend("no_such_module.Keyring")).notes

    assert note == "the keyring failed: ModuleNotFoundError"


def test_a_keyring_that_does_not_answer_is_ended_with_all_it_started(
    ring: _Ring, tmp_path: Path
) -> None:
    """pypa/twine#1276"""
    pids = tmp_path / "pids"
    act = (
        "import subprocess; "
        "wait = 'import time; time.sleep(600)'; "
        "child = subprocess.Popen([sys.executable, '-c', wait]); "
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}'); "
        "time.sleep(600)"
    )
    environ = ring.holds({}, act=act)

    # A slow machine is given longer, until the backend is there before it is ended.
    for seconds in (0.5, 1, 2, 4, 8, 16):
        with within(60):
            found = ask_keyring(INDEX, user="me", environ=environ, seconds=seconds)
        note = f"the keyring did not answer within {seconds:g} seconds"
        assert found == Found(None, (note,), "me")
        if pids.exists() and len(pids.read_text().split()) == len(("we", "it")):
            break

    # Whoever is killed needs a moment to be gone, where nobody waits for it.
    with within(10):
        for pid in map(int, pids.read_text().split()):
            while not _is_gone(pid):
                os.sched_yield()


def test_a_keyring_is_ended_with_whoever_waits_for_it(
    ring: _Ring, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    act = f"open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    environ = ring.holds({}, act=act)

    def interrupt() -> None:
        while not (pid.exists() and pid.read_text()):
            ended.wait(0.01)
        os.kill(os.getpid(), signal.SIGALRM)

    ended = threading.Event()
    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(AssertionError, match="no end"), within(60):
        ask_keyring(INDEX, user="me", environ=environ, seconds=600)

    assert _is_gone(int(pid.read_text()))


def test_a_keyring_that_cannot_be_asked_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nothing/there")

    assert ask_keyring(INDEX, user="me", environ={}).notes == (
        "the keyring failed: No such file or directory",
    )


def test_a_machine_without_the_library_has_no_keyring(ring: _Ring) -> None:
    """twine does without it where there is no wheel of cryptography."""
    environ = ring.holds({(HOST, "me"): "hunter2"})
    without = "import sys; sys.modules['keyring'] = None\n"
    (ring.folder / "sitecustomize.py").write_text(without, encoding="utf-8")

    assert ask_keyring(INDEX, user="me", environ=environ) == Found(None, (), "me")


def _is_gone(pid: int) -> bool:
    """Whether a process has ended, or only waits to be taken note of."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def test_no_module_of_the_working_folder_is_run(
    ring: _Ring,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The workspace is not trusted."""
    workspace = tmp_path_factory.mktemp("workspace")
    for name in ("keyring", "json", "release_guard"):
        (workspace / f"{name}.py").write_text("raise SystemExit('taken')\n")
    monkeypatch.chdir(workspace)
    environ = ring.holds({(HOST, "me"): "hunter2"})

    assert ask_keyring(INDEX, user="me", environ=environ).credentials is not None


def test_the_keyring_is_not_asked_for_a_public_index(ring: _Ring) -> None:
    environ = ring.holds({})

    for url in (*_PUBLIC, f"https://other.example\\@{HOST}/"):
        assert ask_keyring(url, user="me", environ=environ) == Found()
    assert ring.asked() == []


# --- for a run ----------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def other() -> Iterator[Server]:
    with serving() as server:
        yield server


def _lets_in(server: Server, who: str) -> None:
    """Let the server ask everybody for this user and password."""
    wanted = "Basic " + base64.b64encode(who.encode()).decode()

    def choose(request: Seen) -> Reply:
        is_let_in = request.headers.get("authorization") == wanted
        return Reply(b"here") if is_let_in else Reply(b"", 401)

    server.choose = choose


def _web(server: Server, environ: Mapping[str, str]) -> Web:
    """A way to ask for what is on this server, with what is found for its user me."""
    home = Home(f"{server.url}/simple/".replace("//", "//me@"), "internal")
    return Web({}, Wallet(environ, lambda: home))


def _body(web: Web, url: str) -> bytes:
    return web.get(url, accept="*/*").body


def test_the_keyring_is_asked_once_for_a_run(ring: _Ring, server: Server) -> None:
    environ = ring.holds({(f"{server.url}/simple/", "me"): "hunter2"})
    _lets_in(server, "me:hunter2")
    web = _web(server, environ)

    urls = [f"{server.url}/simple/{number}/" for number in range(8)]
    with within(60), ThreadPoolExecutor(8) as pool:
        assert list(pool.map(partial(_body, web), urls)) == [b"here"] * 8

    assert len(ring.asked()) == 1
    # Whoever comes later knows what it said, with a shorter time as well.
    asked = len(server.seen)
    assert _body(web.within(20), urls[0]) == b"here"
    assert len(server.seen) == asked + 1


def test_a_keyring_that_has_nothing_is_asked_once_as_well(
    ring: _Ring, server: Server
) -> None:
    environ = ring.holds({}, act="raise errors.KeyringLocked()")
    _lets_in(server, "me:hunter2")
    web = _web(server, environ)

    for _ in range(3):
        with pytest.raises(IndexUnavailableError, match="answers 401") as raised:
            _body(web, f"{server.url}/simple/demo/")
        assert raised.value.hint.startswith(
            "it refuses what the URL says; the keyring failed: KeyringLocked; "
        )

    assert len(ring.asked()) == 1
    assert len(server.seen) == 3


def test_the_files_are_read_once_for_a_run(server: Server, tmp_path: Path) -> None:
    _write(tmp_path, ".netrc", "machine 127.0.0.1 login me password hunter2\n")
    _write(tmp_path, ".pypirc", _pypirc(internal=""))
    _lets_in(server, "me:hunter2")
    web = _web(server, {"HOME": str(tmp_path)})

    url = f"{server.url}/simple/demo/"
    assert _body(web, url) == b"here"
    _write(tmp_path, ".netrc", "machine 127.0.0.1 login me password other\n")
    _write(tmp_path, ".pypirc", "password = other\n")
    assert _body(web, url) == b"here"
    assert web.digest(url, home=f"{server.url}/simple/").size == len(b"here")


def test_what_an_index_is_called_is_not_asked_before_it_is_read(
    server: Server,
) -> None:
    """Which is slow where twine has to be asked for it."""
    asked = []

    def home() -> Home:
        asked.append("the index")
        return Home(f"{server.url}/simple/")

    wallet = Wallet({}, home)
    assert asked == []
    assert wallet.is_for(f"{server.url}/files/")
    assert asked


_NOT_SENT = (
    "nothing was sent to it: credentials go to the index's own host, and not by way of "
    "another"
)


def test_another_host_that_refuses_is_no_matter_of_the_index_and_its_keyring(
    ring: _Ring, server: Server, other: Server
) -> None:
    environ = ring.holds({(f"{server.url}/simple/", "me"): "hunter2"})
    other.on("/file", Reply(b"", 401))
    server.on("/file", redirect(f"{other.url}/file"))
    web, home = _web(server, environ), f"{server.url}/simple/"

    attempts: list[Callable[[], object]] = [
        lambda: web.digest(f"{other.url}/file", home=home),
        lambda: web.digest(f"{server.url}/file", home=home),
        lambda: web.digest(f"{other.url}/file", home=f"{other.url}/simple/"),
        lambda: web.get(f"{other.url}/file", accept="*/*"),
    ]
    for attempt in attempts:
        with within(20), pytest.raises(IndexUnavailableError) as raised:
            attempt()
        assert raised.value.message == f"{other.url}/file: answers 401 Unauthorized"
        assert raised.value.hint == _NOT_SENT
        assert raised.value.status == 401
    assert ring.asked() == []
    assert other.sent("Authorization") == [None] * 4


def test_who_was_elsewhere_comes_back_without_credentials_and_is_not_to_blame(
    ring: _Ring, server: Server, other: Server
) -> None:
    environ = ring.holds({(f"{server.url}/simple/", "me"): "hunter2"})
    server.on("/file", redirect(f"{other.url}/file"))
    other.on("/file", redirect(f"{server.url}/back"))
    server.on("/back", Reply(b"", 401))

    with within(20), pytest.raises(IndexUnavailableError, match="401") as raised:
        _web(server, environ).digest(f"{server.url}/file", home=f"{server.url}/simple/")
    assert raised.value.hint == _NOT_SENT
    assert ring.asked() == []


# --- what a refused reader is told --------------------------------------------------


def test_a_refused_reader_is_told_what_was_sent() -> None:
    found = Found(Credentials("me", "hunter2", ".netrc"))

    assert advice(INDEX, found).startswith("it refuses what .netrc says; ")


def test_a_refused_reader_is_told_where_the_file_is_damaged_and_what_to_do(
    tmp_path: Path,
) -> None:
    row = Row("", netrc="machine other.example login me\n\nprotocol hunter2\n")

    told = advice(INDEX, _found(row, tmp_path), index_name="my-index")

    assert told == (
        f"nothing was sent to it; {tmp_path}/.netrc: cannot be parsed (near line 3); "
        "credentials are taken from UV_INDEX_MY_INDEX_USERNAME and "
        "UV_INDEX_MY_INDEX_PASSWORD, a machine in .netrc, "
        "https://user:password@... as its URL"
    )


def test_a_reader_of_an_index_without_a_name_is_told_no_variable() -> None:
    assert "UV_INDEX" not in advice(INDEX, Found())


# --- the users' page ----------------------------------------------------------------

_PAGE = (Path(__file__).parents[2] / "docs" / "private-indexes.md").read_text("utf-8")


def test_what_the_page_explains_is_what_a_reader_is_told(tmp_path: Path) -> None:
    said = [advice(INDEX, Found(Credentials("", "", ".netrc")))]
    for number, row in enumerate(ROWS):
        home = tmp_path / str(number)
        home.mkdir()
        said.append(advice(row.url, _found(row, home), index_name=row.index))
    table = _PAGE.partition("| it says |")[2].partition("\n\n")[0]
    explained = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)

    assert len(explained) > 8
    for text in explained:
        form = re.escape(text).replace(r"\.\.\.", ".+").replace("line\\ 3", r"line\ \d")
        is_of_the_keyring = text == "the keyring did not answer"
        assert is_of_the_keyring or any(re.search(form, each) for each in said), text


def test_the_page_names_every_variable_that_counts() -> None:
    text = Path(credentials.__file__).read_text("utf-8")
    named = set(re.findall(r'"((?:PIP|UV|TWINE)_[A-Z_]+)"', text))

    assert len(named) > 12
    assert {name for name in named if f"`{name}`" not in _PAGE} == set()
