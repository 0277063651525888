"""Where an index is read, given where it is uploaded to."""

from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version
from twine import utils as twine

from release_guard.layouts import (
    PUBLIC_INDEXES,
    is_guess,
    is_url,
    management_url,
    predicate_types,
    public_repository_url,
    simple_url_of,
    without_credentials,
)

HOST = "https://index.example"


def test_the_public_indexes_have_twines_upload_urls() -> None:
    assert {name: public_repository_url(name) for name in PUBLIC_INDEXES} == {
        "pypi": twine.DEFAULT_REPOSITORY,
        "testpypi": twine.TEST_REPOSITORY,
    }


def test_a_public_index_is_read_without_the_upload_host() -> None:
    upload = public_repository_url("pypi")
    assert upload.startswith("https://upload.")

    read = simple_url_of(upload)

    assert read == upload.replace("upload.", "").replace("/legacy/", "/simple/")


def test_the_test_index_is_read_on_the_host_that_takes_uploads() -> None:
    upload = public_repository_url("testpypi")

    assert simple_url_of(upload) == upload.replace("/legacy/", "/simple/")


def test_an_index_that_is_not_public_has_no_url_of_twines() -> None:
    with pytest.raises(KeyError):
        public_repository_url("internal")


@pytest.mark.parametrize(
    ("upload", "read"),
    [
        pytest.param("/legacy/", "/simple/", id="Warehouse"),
        pytest.param("/legacy", "/simple/", id="Warehouse without its slash"),
        pytest.param(
            "/api/v4/projects/42/packages/pypi",
            "/api/v4/projects/42/packages/pypi/simple/",
            id="GitLab",
        ),
        pytest.param(
            "/api/v4/projects/group%2Fname/packages/pypi/",
            "/api/v4/projects/group%2Fname/packages/pypi/simple/",
            id="GitLab by path",
        ),
        pytest.param(
            "/api/packages/owner/pypi",
            "/api/packages/owner/pypi/simple/",
            id="Gitea and Forgejo",
        ),
        pytest.param(
            "/artifactory/api/pypi/pypi-local/",
            "/artifactory/api/pypi/pypi-local/simple/",
            id="Artifactory",
        ),
        pytest.param(
            "/repository/pypi-hosted/", "/repository/pypi-hosted/simple/", id="Nexus"
        ),
        pytest.param(
            "/org/project/_packaging/feed/pypi/upload/",
            "/org/project/_packaging/feed/pypi/simple/",
            id="Azure Artifacts",
        ),
        pytest.param("/pypi/main/legacy/", "/pypi/main/simple/", id="Pulp"),
        pytest.param("/pypi/main/simple/", "/pypi/main/simple/", id="Pulp, the root"),
        pytest.param("/root/dev/", "/root/dev/+simple/", id="devpi"),
        pytest.param("/root/dev", "/root/dev/+simple/", id="devpi without its slash"),
        pytest.param("", "/simple/", id="pypiserver"),
        pytest.param("/", "/simple/", id="pypiserver with its slash"),
        pytest.param("/?a=b#c", "/simple/", id="query and fragment are dropped"),
    ],
)
def test_a_known_layout_says_where_it_is_read(upload: str, read: str) -> None:
    assert simple_url_of(HOST + upload) == HOST + read


@pytest.mark.parametrize(
    ("upload", "read"),
    [
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/simple/"),
        ("http://[::1]:80/legacy/", "http://[::1]:80/simple/"),
        ("https://u:p@index.example/", "https://u:p@index.example/simple/"),
        ("https://upload.index.example:8443/legacy/", f"{HOST}:8443/simple/"),
        # Only Warehouse takes uploads on a host of its own.
        ("https://upload.index.example/", "https://upload.index.example/simple/"),
        (
            "https://u:p@upload.index.example/legacy/",
            f"{HOST}/simple/".replace("//", "//u:p@", 1),
        ),
    ],
)
def test_scheme_host_and_port_stay(upload: str, read: str) -> None:
    assert simple_url_of(upload) == read


@pytest.mark.parametrize(
    "path",
    [
        "/simple-upload",
        "/a/b/c",
        "/api/v4/groups/42/-/packages/pypi",
        "/api/v4/projects/a/b/packages/pypi",
        "/nexus/repository/pypi-hosted/",
        "/legacy/legacy/legacy/",
        "//",
        "/org/_packaging/feed/pypi/",
    ],
)
def test_a_path_that_fits_no_layout_is_not_guessed_at(path: str) -> None:
    assert simple_url_of(HOST + path) is None


@pytest.mark.parametrize(
    "text",
    [
        "https://index.example",
        "http://127.0.0.1:8080/simple/",
        "https://[::1]:443/",
        "HTTPS://index.example/",
        "https://user:password@index.example/a?b=c#d",
        "https://index.example/gr%C3%BC%C3%9Fe/",
    ],
)
def test_an_address_is_one(text: str) -> None:
    assert is_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pypi",
        "index.example/simple/",
        "//index.example/simple/",
        "ftp://index.example/",
        "file:///simple/",
        "https:/index.example/",
        "https://",
        "https:///simple/",
        "https://:443/",
        "https://user@/",
        "https://[::1/",
        "https://index.example:0/",
        "https://index.example:65536/",
        "https://index.example:https/",
        "https://index.example/a b",
        "https://index.example/\n",
        "https://index.example/\x1b[2K",
        "https://index.example/gr\u00fc\u00dfe/",
        "https://\u0456ndex.example/",
    ],
)
def test_what_no_request_can_be_sent_to_is_no_address(text: str) -> None:
    assert not is_url(text)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://index.example/simple/", "https://index.example/simple/"),
        ("https://user@index.example/simple/", "https://index.example/simple/"),
        ("https://user:pw@index.example:80/a/", "https://index.example:80/a/"),
        ("https://user:p/w@index.example/", "https://index.example/"),
        ("https://user:p@w@index.example/", "https://index.example/"),
        ("https://user:p://w@index.example/", "https://index.example/"),
        ("https://index.example/?token=pw", "https://index.example/"),
        ("https://index.example/#sha256=0", "https://index.example/"),
        ("https://user:p?w@index.example/", "https://..."),
        ("https://user:p#w@index.example/", "https://..."),
        ("https://index.example/?token=a@b", "https://..."),
        ("https://user:p/w@x/y@index.example/a", "https://index.example/a"),
        ("https://user/x:pw@index.example/", "https://index.example/"),
        ("https://user:pw@[::1]:8080/a", "https://[::1]:8080/a"),
        ("https://[::1]/a", "https://[::1]/a"),
        ("https://index.example:/a", "https://index.example:/a"),
        # What is no port behind a host: somebody forgot the host.
        ("https://user:pw", "https://user"),
        ("https://user:pw/", "https://user/"),
        ("https://user:80pw/", "https://user/"),
        ("https://index.example:80:pw/", "https://index.example/"),
        ("https://[::1]:pw/", "https://[/"),
        # What is no address at all.
        ("user:pw@index.example/a", "index.example/a"),
        ("user:p/w@index.example/a", "index.example/a"),
        ("user:pw", "user"),
        ("//user:pw@index.example/", "index.example/"),
        ("https:/user:pw@index.example/", "index.example/"),
        ("internal", "internal"),
        ("", ""),
    ],
)
def test_an_address_is_told_without_its_password(url: str, told: str) -> None:
    assert without_credentials(url) == told


@pytest.mark.parametrize(
    ("upload", "is_one"),
    [
        pytest.param("/root/dev/", True, id="any two words may be devpi's"),
        pytest.param("/", True, id="any root may be pypiserver's"),
        pytest.param("/legacy/", False, id="Warehouse"),
        pytest.param("/repository/pypi-hosted/", False, id="Nexus, of two words too"),
        pytest.param("/a/b/c", False, id="no layout at all"),
    ],
)
def test_a_path_that_says_little_is_a_guess(upload: str, *, is_one: bool) -> None:
    assert is_guess(HOST + upload) is is_one


def test_an_attestation_says_that_pypi_published_or_how_it_was_built() -> None:
    publish, build = predicate_types()

    host = public_repository_url("pypi").split("/")[2].removeprefix("upload.")
    assert publish == f"https://docs.{host}/attestations/publish/v1"
    assert build == "https://slsa.dev/provenance/v1"


# --- where a release is managed -------------------------------------------------------


def _managed(upload: str, version: str = "1.0") -> str:
    return management_url(upload, canonicalize_name("My.Demo"), Version(version))


PLACE = "/manage/project/my-demo/release/1.0/"


def test_a_release_of_a_public_index_is_managed_on_its_own_host() -> None:
    for name in PUBLIC_INDEXES:
        upload = public_repository_url(name)
        read = simple_url_of(upload)
        assert read is not None
        assert _managed(upload) == read.replace("/simple/", PLACE)


@pytest.mark.parametrize(
    ("upload", "managed"),
    [
        ("https://upload.index.example/legacy/", f"{HOST}{PLACE}"),
        ("https://upload.index.example/legacy", f"{HOST}{PLACE}"),
        ("http://127.0.0.1:8080/legacy/", f"http://127.0.0.1:8080{PLACE}"),
        ("http://[::1]:80/legacy/", f"http://[::1]:80{PLACE}"),
        ("https://u:pw@upload.index.example:8443/legacy/", f"{HOST}:8443{PLACE}"),
        ("https://u:p@w@index.example/legacy/", f"{HOST}{PLACE}"),
        ("https://index.example/legacy/?token=pw#pw", f"{HOST}{PLACE}"),
    ],
)
def test_the_place_of_a_release_keeps_the_port_and_no_credentials(
    upload: str, managed: str
) -> None:
    assert _managed(upload) == managed


def test_a_version_is_quoted_where_its_release_is_managed() -> None:
    managed = _managed(f"{HOST}/legacy/", "2!1.0+x.1")

    assert managed == f"{HOST}/manage/project/my-demo/release/2%211.0%2Bx.1/"


@pytest.mark.parametrize(
    "upload",
    [
        "",
        "/legacy/",
        "internal",
        "https:///legacy/",
        "https://index.example:https/legacy/",
        "ftp://index.example/legacy/",
        "https://index.example/",
        "https://index.example/simple/",
        "https://index.example/root/legacy/",
        "https://index.example/legacy/more/",
    ],
)
def test_where_another_server_manages_its_releases_is_not_guessed_at(
    upload: str,
) -> None:
    assert _managed(upload) == ""
