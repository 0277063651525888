"""What an index serves of a release that is out, read from a real server."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sound
from builders import indexed
from sound import Index, Reply

from release_guard.errors import IndexResponseError, IndexUnavailableError
from release_guard.facts import IndexedFile
from release_guard.sources.core_metadata import (
    read_listed_metadata,
    read_listed_wheel,
)
from release_guard.sources.web import Web

_NAME = "demo-1.0-py3-none-any.whl"
_METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: six\n"
_MEGA = 1 << 20


@pytest.fixture(name="index")
def _index() -> Iterator[Index]:
    with sound.serving() as serving:
        yield serving


@pytest.fixture(name="wheel")
def _wheel(tmp_path: Path) -> Path:
    """A sound wheel, and a folder for temporary files that is otherwise empty."""
    return sound.wheel(tmp_path)


@pytest.fixture(name="scratch", autouse=True)
def _scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    return scratch


def _listed(index: Index, **facts: Any) -> IndexedFile:  # noqa: ANN401
    url = f"{index.url}/files/{_NAME}"
    return indexed(_NAME, **{"url": url, "sha256": None, **facts})


def _says(index: Index, content: bytes) -> str:
    """Let the metadata be served; gives its sha256."""
    reply = Reply(content, content_type="application/octet-stream")
    index.replies[f"/files/{_NAME}.metadata"] = [reply]
    return hashlib.sha256(content).hexdigest()


# --- the metadata beside a wheel --------------------------------------------------


@pytest.mark.parametrize("is_listed", [True, False], ids=["a hash", "no hash"])
def test_the_metadata_beside_a_wheel_is_read_where_there_is(
    index: Index, is_listed: bool
) -> None:
    sha256 = _says(index, _METADATA)
    listed = _listed(index, metadata_sha256=sha256 if is_listed else "")

    metadata = read_listed_metadata(Web({}), listed, home=index.root)

    assert metadata.requires_dist == ("six",)
    assert metadata.sha256 == sha256
    assert index.asked == [f"/files/{_NAME}.metadata"]


def test_metadata_with_another_hash_than_listed_is_an_error(index: Index) -> None:
    found = _says(index, _METADATA)
    listed = _listed(index, metadata_sha256="ab" * 32)

    with pytest.raises(IndexResponseError) as raised:
        read_listed_metadata(Web({}), listed, home=index.root)

    url = f"{index.url}/files/{_NAME}.metadata"
    expected = f"{url}: has the sha256 {found}, listed is {'ab' * 32}"
    assert raised.value.message == expected


def test_metadata_that_is_listed_and_not_there_is_an_error(index: Index) -> None:
    listed = _listed(index, metadata_sha256="")

    with pytest.raises(IndexUnavailableError, match="answers 404"):
        read_listed_metadata(Web({}), listed, home=index.root)


def test_metadata_of_many_megabytes_is_an_error(index: Index) -> None:
    _says(index, bytes(16 * _MEGA + 1))

    with pytest.raises(IndexResponseError, match="sends more than 16777216 bytes"):
        read_listed_metadata(
            Web({}), _listed(index, metadata_sha256=""), home=index.root
        )


def test_what_is_no_metadata_is_metadata_that_says_nothing(index: Index) -> None:
    _says(index, b"\x00\xff<html>")

    listed = _listed(index, metadata_sha256="")
    metadata = read_listed_metadata(Web({}), listed, home=index.root)

    assert metadata.problems
    assert metadata.requires_dist == ()


# --- a wheel ----------------------------------------------------------------------


def test_a_listed_wheel_is_read_and_gone_afterwards(
    index: Index, wheel: Path, scratch: Path
) -> None:
    index.serves(wheel)
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    md5 = hashlib.md5(wheel.read_bytes(), usedforsecurity=False).hexdigest()
    hashes = (("md5", md5), ("unheard-of", "00"))
    listed = _listed(index, sha256=sha256, other_hashes=hashes)

    contents = read_listed_wheel(Web({}), listed, home=index.root, largest=_MEGA)

    assert contents.distribution.filename == _NAME
    assert contents.metadata is not None
    assert contents.metadata.name == "demo"
    assert contents.layout.inventory is not None
    assert contents.layout.inventory.tops == ("demo.py",)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    "hashes",
    [{"sha256": "ab" * 32}, {"other_hashes": (("md5", "ab" * 16),)}],
    ids=["sha256", "md5"],
)
def test_a_wheel_with_another_hash_than_listed_is_an_error(
    index: Index, wheel: Path, scratch: Path, hashes: dict[str, Any]
) -> None:
    index.serves(wheel)
    listed = _listed(index, **hashes)

    with pytest.raises(IndexResponseError, match="listed is abab"):
        read_listed_wheel(Web({}), listed, home=index.root, largest=_MEGA)

    assert list(scratch.iterdir()) == []


def test_a_wheel_that_is_larger_than_it_may_be_is_an_error(
    index: Index, wheel: Path, scratch: Path
) -> None:
    index.serves(wheel)
    listed = _listed(index, size=1)

    with pytest.raises(IndexResponseError, match="sends more than 100 bytes"):
        read_listed_wheel(Web({}), listed, home=index.root, largest=100)

    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["a\0-1.0-py3-none-any.whl", "..\\a-1.0-py3-none-any.whl", "a b.whl", "ä.whl"],
)
def test_what_is_no_plain_name_is_written_to_no_disk(index: Index, name: str) -> None:
    listed = replace(_listed(index), filename=name)

    with pytest.raises(IndexResponseError, match="is no plain name of a wheel"):
        read_listed_wheel(Web({}), listed, home=index.root, largest=_MEGA)

    assert index.asked == []


def test_what_is_no_wheel_at_all_has_no_contents(index: Index) -> None:
    reply = Reply(b"<html>sign in</html>", content_type="text/html")
    index.replies[f"/files/{_NAME}"] = [reply]

    contents = read_listed_wheel(
        Web({}), _listed(index), home=index.root, largest=_MEGA
    )

    assert contents.metadata is None
    assert not contents.archive.complete
