"""The whole way against real indexes: check, upload, verify, and then sabotage."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import indexes
import projects
import pytest
from packaging.utils import NormalizedName

from release_guard.cli import main
from release_guard.sources.simple import read_listing
from release_guard.sources.web import Web


@dataclass(frozen=True)
class Index:
    """A real index: where it is read and written, and how a file of it vanishes."""

    simple_url: str
    repository_url: str
    delete: Callable[[str, str], None]
    replace: Callable[[Path], None]


@pytest.fixture(scope="module", name="devpi_server")
def _devpi_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[indexes.Devpi]:
    with indexes.devpi(tmp_path_factory.mktemp("devpi")) as server:
        yield server


@contextlib.contextmanager
def _pypiserver(folder: Path) -> Iterator[Index]:
    def replace(path: Path) -> None:
        shutil.copy(path, folder / path.name)

    with indexes.pypiserver(folder) as url:
        yield Index(
            simple_url=f"{url}simple/",
            repository_url=url,
            delete=lambda _, filename: (folder / filename).unlink(),
            replace=replace,
        )


@contextlib.contextmanager
def _devpi(server: indexes.Devpi, *, html: bool) -> Iterator[Index]:
    def delete(project: str, filename: str) -> None:
        name = NormalizedName(project)
        listing = read_listing(Web({}), server.simple_url, name)
        server.delete(listing.by_name[filename].url)

    def replace(path: Path) -> None:
        indexes.twine_upload(server.url, path)

    with contextlib.ExitStack() as stack:
        simple_url = server.simple_url
        if html:
            root = stack.enter_context(indexes.as_html(server.root))
            simple_url = simple_url.replace(server.root, root)
        yield Index(simple_url, server.url, delete, replace)


@pytest.fixture(name="index", params=["pypiserver", "devpi-json", "devpi-html"])
def _index(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    devpi_server: indexes.Devpi,
) -> Iterator[Index]:
    if request.param == "pypiserver":
        with _pypiserver(tmp_path_factory.mktemp("packages")) as index:
            yield index
    else:
        with _devpi(devpi_server, html=request.param == "devpi-html") as index:
            yield index


@dataclass(frozen=True)
class Published:
    """A release that was checked and uploaded."""

    name: str
    dist: Path
    manifest: Path
    index: Index

    @property
    def wheel(self) -> Path:
        """Its wheel."""
        return next(self.dist.glob("*.whl"))


@pytest.fixture(name="published")
def _published(
    index: Index, tmp_path: Path, request: pytest.FixtureRequest
) -> Published:
    # A name for each test: the devpi server lives as long as the module.
    kind, test = request.node.callspec.id, request.node.originalname
    name = f"demo-{kind}-{test.removeprefix('test_')}".replace("_", "-")
    dist = projects.build(projects.BACKENDS["flit"], tmp_path, name=name)
    manifest = tmp_path / "release-manifest.json"
    arguments = ["check", "--index-url", index.simple_url, "--manifest", str(manifest)]
    assert main([*arguments, str(dist)]) == 0
    indexes.twine_upload(index.repository_url, *dist.iterdir())
    return Published(name, dist, manifest, index)


def _verify(published: Published, *, timeout: int = 0) -> int:
    url = published.index.simple_url
    arguments = ["verify", "--index-url", url, "--timeout", str(timeout)]
    return main([*arguments, "--format", "json", str(published.manifest)])


def _errors(capsys: pytest.CaptureFixture[str]) -> set[tuple[str, str]]:
    """The errors of the last report: rule and subject."""
    text = capsys.readouterr().out
    report = json.loads(text[text.rindex('{\n  "schema"') :])
    return {
        (finding["rule"], finding["subject"])
        for finding in report["findings"]
        if finding["severity"] == "error"
    }


def test_exact_release_passes(
    published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _verify(published, timeout=30) == 0
    assert _errors(capsys) == set()


def test_deleted_file_is_named(
    published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    published.index.delete(published.name, published.wheel.name)

    assert _verify(published) == 1
    assert _errors(capsys) == {("published-missing", published.wheel.name)}


def test_replaced_file_is_named(
    published: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other" / published.wheel.name
    other.parent.mkdir()
    shutil.copy(published.wheel, other)
    # A zip may end in a comment: other bytes, and every installer takes them.
    content = bytearray(other.read_bytes())
    content[-2:] = (1).to_bytes(2, "little")
    other.write_bytes(bytes(content) + b"!")
    published.index.replace(other)

    assert _verify(published, timeout=600) == 1
    assert _errors(capsys) == {("published-altered", published.wheel.name)}


def test_added_file_is_named(
    published: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added = tmp_path / published.wheel.name.replace("-py3-", "-1stray-py3-")
    shutil.copy(published.wheel, added)
    # Other bytes, as some indexes refuse the same ones under another name.
    added.write_bytes(added.read_bytes()[:-2] + b"\x01\x00!")
    indexes.twine_upload(published.index.repository_url, added)

    assert _verify(published, timeout=600) == 1
    assert _errors(capsys) == {("published-unexpected", added.name)}


def test_added_version_is_named(
    published: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = projects.build(
        projects.BACKENDS["flit"],
        tmp_path / "next",
        name=published.name,
        version="1.3.0",
    )
    indexes.twine_upload(published.index.repository_url, *other.iterdir())

    assert _verify(published, timeout=600) == 1
    assert _errors(capsys) == {
        ("published-elsewhere", path.name) for path in other.iterdir()
    }


def test_files_on_disk_verify_without_a_manifest(
    published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    url = published.index.simple_url
    arguments = ["verify", "--index-url", url, "--timeout", "0"]

    assert main([*arguments, "--dist", str(published.dist)]) == 0
    assert "PASS" in capsys.readouterr().out


def test_second_check_says_what_is_there_already(
    published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    url = published.index.simple_url
    manifest = str(published.manifest)
    capsys.readouterr()

    code = main(
        ["check", "--index-url", url, "--manifest", manifest, str(published.dist)]
    )

    out = capsys.readouterr().out
    assert code == 0
    assert "notice: file-exists" in out
    assert "warning: version-exists" in out
