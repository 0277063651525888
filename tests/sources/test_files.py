"""Small files: read within a bound, written whole, with our own errors only."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from archives import within

from release_guard.errors import (
    ManifestError,
    PolicyError,
    ReleaseGuardError,
    SourceError,
)
from release_guard.sources.files import read_small, remove_file, write_whole


def test_the_bytes_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(b"\xff\0{}")
    assert read_small(tmp_path / "manifest.json", ManifestError) == b"\xff\0{}"


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(b"")
    assert read_small(tmp_path / "manifest.json", ManifestError) == b""


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to("a")
    assert read_small(tmp_path / "b", ManifestError) == b"x"


def make_folder(path: Path) -> None:
    path.mkdir()


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_nothing(path: Path) -> None:
    assert not path.exists()


def make_dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def make_loop(path: Path) -> None:
    path.symlink_to(path.name)


def make_large(path: Path) -> None:
    path.write_bytes(b"")
    os.truncate(path, (64 << 20) + 1)


@pytest.mark.parametrize(
    "make", [make_folder, make_fifo, make_nothing, make_dangling, make_loop, make_large]
)
@pytest.mark.parametrize("kind", [ManifestError, SourceError, PolicyError])
def test_what_is_no_small_file_is_the_callers_error(
    make: object, kind: type[ReleaseGuardError], tmp_path: Path
) -> None:
    path = tmp_path / "manifest.json"
    assert callable(make)
    make(path)
    with within(10), pytest.raises(kind) as raised:
        read_small(path, kind)
    assert type(raised.value) is kind
    assert str(path) in raised.value.message


def test_a_file_at_the_bound_is_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    os.truncate(tmp_path / "x", 64 << 20)
    assert len(read_small(tmp_path / "x", ManifestError)) == 64 << 20


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"], ids=["too long", "with a NUL"])
def test_a_path_that_cannot_be_is_the_callers_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ManifestError):
        read_small(tmp_path / name, ManifestError)


def test_a_folder_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="is a folder"):
        read_small(tmp_path, ManifestError)


@pytest.mark.parametrize(("size", "fits"), [(9, "yes"), (10, "yes"), (11, "")])
def test_the_bound_may_be_another(size: int, fits: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(bytes(size))
    if fits:
        assert len(read_small(tmp_path / "x", PolicyError, largest=10)) == size
    else:
        with pytest.raises(PolicyError, match="larger than 10 bytes"):
            read_small(tmp_path / "x", PolicyError, largest=10)


# --- writing -------------------------------------------------------------------

TEXT = "a manifest, \u00e4 \udcff\n"
BYTES = b"a manifest, \xc3\xa4 \\udcff\n"


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Writing ends after so many bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    write_whole(path, TEXT)
    assert path.read_bytes() == BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert listed(tmp_path) == ["manifest.json"]


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text("older, and longer than what stands there now")
    write_whole(path, TEXT)
    assert path.read_bytes() == BYTES
    assert listed(tmp_path) == ["manifest.json"]


@pytest.mark.parametrize("target", ["precious", "nowhere"])
def test_a_link_is_replaced_and_not_followed(target: str, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "manifest.json").symlink_to(target)
    write_whole(tmp_path / "manifest.json", TEXT)
    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "manifest.json").is_symlink()
    assert (tmp_path / "manifest.json").read_bytes() == BYTES
    assert listed(tmp_path) == ["manifest.json", "precious"]


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(path, TEXT)
        assert os.read(reader, 100) == BYTES
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("is_systems", [False, True], ids=["a link", "the system's"])
def test_a_link_to_a_pipe_is_followed_where_it_is_the_systems_own(
    *, is_systems: bool, tmp_path: Path
) -> None:
    """A checkout may hold a link to a log that a runner obeys."""
    reader, writer = os.pipe()
    path = Path(f"/proc/self/fd/{writer}")
    if not is_systems:
        (tmp_path / "manifest.json").symlink_to(path)
        path = tmp_path / "manifest.json"
    os.set_blocking(reader, False)
    write_whole(path, TEXT)
    os.close(writer)
    written = os.read(reader, 100)
    os.close(reader)
    assert written == (BYTES if is_systems else b"")
    assert is_systems or path.read_bytes() == BYTES


NOWHERE = {
    "a folder": ".",
    "in no folder": "missing/manifest.json",
    "below a file": "file/manifest.json",
    "a name that is too long": "x" * 5000,
}


@pytest.mark.parametrize("name", NOWHERE.values(), ids=NOWHERE.keys())
def test_what_cannot_be_written_leaves_nothing_behind(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError) as raised:
        write_whole(tmp_path / name, TEXT)
    assert str(tmp_path) in raised.value.message
    assert listed(tmp_path) == ["file"]


def test_a_full_device_is_told() -> None:
    with pytest.raises(SourceError, match="/dev/full"):
        write_whole(Path("/dev/full"), TEXT)


def test_a_full_disk_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text("older")
    with no_file_above(1000), pytest.raises(SourceError, match=r"manifest\.json"):
        write_whole(path, "x" * 100_000)
    assert path.read_text() == "older"
    assert listed(tmp_path) == ["manifest.json"]


# --- removing ------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_dangling, make_loop, make_nothing])
def test_a_link_is_removed_and_what_is_not_there_is_no_error(
    make: object, tmp_path: Path
) -> None:
    assert callable(make)
    make(tmp_path / "manifest.json")
    remove_file(tmp_path / "manifest.json")
    assert listed(tmp_path) == []


def test_a_file_is_removed(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("older")
    remove_file(tmp_path / "manifest.json")
    assert listed(tmp_path) == []


def test_what_a_link_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "manifest.json").symlink_to("precious")
    remove_file(tmp_path / "manifest.json")
    assert listed(tmp_path) == ["precious"]


@pytest.mark.parametrize("make", [make_folder, make_fifo])
def test_what_is_no_file_stays(make: object, tmp_path: Path) -> None:
    assert callable(make)
    make(tmp_path / "manifest.json")
    remove_file(tmp_path / "manifest.json")
    assert listed(tmp_path) == ["manifest.json"]


def test_a_file_that_cannot_be_removed_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        remove_file(Path("/proc/self/status"))
    assert "/proc/self/status" in raised.value.message
