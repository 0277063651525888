"""Which files are to be uploaded, and that reading any of them ends in facts."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from archives import (
    SDIST,
    WHEEL,
    Entry,
    Node,
    gzipped,
    sdist,
    sdist_nodes,
    tar_of,
    wheel,
    wheel_entries,
    within,
    zip_of,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release_guard.errors import NoDistributionsError, SourceError, UsageError
from release_guard.facts import (
    DefectKind,
    Kind,
    Sdist,
    Sidecar,
    SidecarKind,
    UnknownFile,
    Wheel,
)
from release_guard.sources import dist
from release_guard.sources.dist import Contents, Found, Unread
from release_guard.sources.sdist import read_sdist

NO_KIND = "no wheel, no .tar.gz and no .zip"


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def names(found: Found) -> list[str]:
    return [path.name for path in found.distributions]


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder to which permissions apply, even where the tests run as root."""
    with tempfile.TemporaryDirectory() as name:
        folder, user = Path(name), os.geteuid()
        folder.chmod(0o755)
        if user == 0:
            os.chown(folder, 65534, -1)
            os.seteuid(65534)
        try:
            yield folder
        finally:
            folder.chmod(0o755)
            for path in folder.iterdir():
                path.chmod(0o755)
            if user == 0:
                os.seteuid(user)


# --- finding -------------------------------------------------------------------


def test_what_lies_in_a_folder_is_sorted_by_its_kind(tmp_path: Path) -> None:
    put(tmp_path, WHEEL, SDIST, "demo-1.0.zip", "SHA256SUMS", f"{SDIST}.asc")
    (tmp_path / "wheels").mkdir()
    assert dist.find([tmp_path]) == Found(
        distributions=(tmp_path / WHEEL, tmp_path / SDIST, tmp_path / "demo-1.0.zip"),
        sidecars=(Sidecar(f"{SDIST}.asc", SidecarKind.SIGNATURE, SDIST),),
        unknown=(
            UnknownFile("SHA256SUMS", NO_KIND),
            UnknownFile("wheels", "a folder"),
        ),
    )


def test_files_may_be_given_one_by_one(tmp_path: Path) -> None:
    put(tmp_path, "a/demo-1.0.zip", f"b/{WHEEL}", "b/left-out-1.0.zip")
    given_paths = [tmp_path / "b" / WHEEL, tmp_path / "a" / "demo-1.0.zip"]
    found = dist.find(given_paths)
    assert found == Found(tuple(given_paths), (), ())


def test_folders_and_files_may_be_mixed(tmp_path: Path) -> None:
    put(tmp_path, "a/demo-1.0.zip", f"b/{WHEEL}")
    assert names(dist.find([tmp_path / "a", tmp_path / "b" / WHEEL])) == [
        WHEEL,
        "demo-1.0.zip",
    ]


def test_dot_files_of_a_folder_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, WHEEL, ".gitignore", ".hidden-1.0.tar.gz", ".cache/x")
    assert dist.find([tmp_path]) == Found((tmp_path / WHEEL,), (), ())


def test_a_dot_file_that_is_given_counts(tmp_path: Path) -> None:
    put(tmp_path, ".gitignore", ".hidden-1.0.tar.gz")
    found = dist.find([tmp_path / ".gitignore", tmp_path / ".hidden-1.0.tar.gz"])
    assert names(found) == [".hidden-1.0.tar.gz"]
    assert found.unknown == (UnknownFile(".gitignore", NO_KIND),)


UNKNOWN = [
    "demo-1.0.tar.bz2",
    "demo-1.0.tgz",
    "demo-1.0.egg",
    "demo-1.0.exe",
    "demo-1.0.tar",
    "demo-1.0-py3-none-any.WHL",
    "demo-1.0.TAR.GZ",
    "demo-1.0-py3-none-any.whl.part",
    "demo-1.0-py3-none-any.whl.metadata",
    "release-manifest.json",
    "README",
]


@pytest.mark.parametrize("name", UNKNOWN)
def test_any_other_file_is_unknown(name: str, tmp_path: Path) -> None:
    put(tmp_path, name)
    assert dist.find([tmp_path]) == Found((), (), (UnknownFile(name, NO_KIND),))


HOSTILE_NAMES = [
    "a\nb-1.0.tar.gz",
    "::error::-1.0.tar.gz",
    "\x1b[2J-1.0.tar.gz",
    "-1.0.tar.gz",
    "--option.whl",
    " .whl",
    "ä-1.0.tar.gz",
    "\udcff-1.0.tar.gz",
    "$(x)-1.0.zip",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
def test_a_hostile_file_name_is_found_and_read_as_any_other(
    name: str, tmp_path: Path
) -> None:
    put(tmp_path, name)
    found = dist.find([tmp_path])
    assert names(found) == [name]
    assert dist.read(found.distributions[0]).distribution.filename == name


SIDECARS = {
    f"{WHEEL}.publish.attestation": (SidecarKind.ATTESTATION, WHEEL),
    f"{WHEEL}.attestation": (SidecarKind.ATTESTATION, WHEEL),
    f"{SDIST}.slsa.attestation": (SidecarKind.ATTESTATION, SDIST),
    f"{SDIST}.publish.v1.attestation": (SidecarKind.ATTESTATION, f"{SDIST}.publish"),
    "attestation.attestation": (SidecarKind.ATTESTATION, "attestation"),
    f"{WHEEL}.asc": (SidecarKind.SIGNATURE, WHEEL),
    f"{WHEEL}.sig": (SidecarKind.SIGNATURE, WHEEL),
    f"{WHEEL}.sigstore": (SidecarKind.SIGNATURE, WHEEL),
    f"{WHEEL}.sigstore.json": (SidecarKind.SIGNATURE, WHEEL),
    f"{WHEEL}.asc.asc": (SidecarKind.SIGNATURE, f"{WHEEL}.asc"),
}


@pytest.mark.parametrize("name", SIDECARS)
def test_a_sidecar_speaks_of_another_file(name: str, tmp_path: Path) -> None:
    put(tmp_path, name)
    sidecar = Sidecar(name, *SIDECARS[name])
    is_attestation = sidecar.kind is SidecarKind.ATTESTATION
    attestations = ((sidecar, tmp_path / name),) * is_attestation
    expected = Found((), (sidecar,), (), attestations=attestations)
    assert dist.find([tmp_path]) == expected


def test_a_folder_that_is_called_like_a_distribution_is_unknown(tmp_path: Path) -> None:
    put(tmp_path, f"{WHEEL}/x")
    assert dist.find([tmp_path]).unknown == (UnknownFile(WHEEL, "a folder"),)


def test_a_fifo_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / SDIST)
    with within(10):
        found = dist.find([tmp_path])
    assert found.unknown == (UnknownFile(SDIST, "no regular file"),)


def test_a_link_that_leads_nowhere_is_unknown(tmp_path: Path) -> None:
    (tmp_path / SDIST).symlink_to("nowhere")
    put(tmp_path, WHEEL)
    found = dist.find([tmp_path])
    assert names(found) == [WHEEL]
    assert found.unknown == (UnknownFile(SDIST, "a link that leads nowhere"),)


def test_a_link_that_leads_to_itself_is_not_read(tmp_path: Path) -> None:
    (tmp_path / SDIST).symlink_to(SDIST)
    put(tmp_path, WHEEL)
    found = dist.find([tmp_path])
    assert names(found) == [WHEEL]
    assert [item.path for item in found.unread] == [tmp_path / SDIST]


@pytest.mark.parametrize("target", ["nowhere", SDIST], ids=["dangling", "loop"])
def test_a_link_to_no_file_that_is_given_is_not_read(
    target: str, tmp_path: Path
) -> None:
    (tmp_path / SDIST).symlink_to(target)
    put(tmp_path, WHEEL)
    found = dist.find([tmp_path / WHEEL, tmp_path / SDIST])
    assert names(found) == [WHEEL]
    assert [item.path for item in found.unread] == [tmp_path / SDIST]


def test_a_link_to_a_distribution_is_one(tmp_path: Path) -> None:
    put(tmp_path, f"store/{WHEEL}", "dist/.keep")
    (tmp_path / "dist" / WHEEL).symlink_to(tmp_path / "store" / WHEEL)
    assert names(dist.find([tmp_path / "dist"])) == [WHEEL]


ALIASES = ["aaa-1.0.tar.gz", "zzz-1.0.tar.gz", "demo-0.9.dev1.tar.gz"]


@pytest.mark.parametrize("alias", ALIASES)
def test_a_second_name_of_a_file_is_a_second_file(alias: str, tmp_path: Path) -> None:
    put(tmp_path, SDIST)
    (tmp_path / alias).symlink_to(SDIST)
    assert sorted(names(dist.find([tmp_path]))) == sorted([alias, SDIST])


@pytest.mark.parametrize("alias", ["aaa.txt", "zzz.txt"])
def test_a_link_of_no_kind_hides_nothing(alias: str, tmp_path: Path) -> None:
    put(tmp_path, SDIST)
    (tmp_path / alias).symlink_to(SDIST)
    found = dist.find([tmp_path])
    assert names(found) == [SDIST]
    assert found.unknown == (UnknownFile(alias, NO_KIND),)


def test_a_file_that_is_given_twice_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, f"dist/{WHEEL}")
    (tmp_path / "link").symlink_to("dist")
    monkeypatch.chdir(tmp_path)
    ways = ["dist", f"dist/{WHEEL}", f"link/{WHEEL}", str(tmp_path / "dist" / WHEEL)]
    assert names(dist.find([*map(Path, ways), Path("dist/../dist")])) == [WHEEL]


@pytest.mark.parametrize("name", [WHEEL, f"{WHEEL}.asc"])
def test_two_files_of_one_name_are_refused(name: str, tmp_path: Path) -> None:
    put(tmp_path, f"a/{name}", f"b/{name}")
    with pytest.raises(UsageError) as raised:
        dist.find([tmp_path / "a", tmp_path / "b"])
    assert name in raised.value.message


# --- nothing to find -----------------------------------------------------------


def test_an_empty_folder_is_no_set(tmp_path: Path) -> None:
    with pytest.raises(NoDistributionsError) as raised:
        dist.find([tmp_path])
    assert str(tmp_path) in raised.value.message
    assert raised.value.hint


def test_a_folder_of_dot_files_is_no_set(tmp_path: Path) -> None:
    put(tmp_path, ".gitignore")
    with pytest.raises(NoDistributionsError):
        dist.find([tmp_path])


def test_what_is_not_there_is_no_set(tmp_path: Path) -> None:
    with pytest.raises(NoDistributionsError) as raised:
        dist.find([tmp_path / "dist"])
    assert str(tmp_path / "dist") in raised.value.message


def test_no_path_is_no_set() -> None:
    with pytest.raises(NoDistributionsError):
        dist.find([])


BAD_PATHS = {
    "below a file": f"{WHEEL}/x",
    "too long": "x" * 5000,
    "with a NUL": "a\0b",
}


@pytest.mark.parametrize("path", BAD_PATHS.values(), ids=BAD_PATHS.keys())
def test_a_path_that_cannot_be_is_no_set(path: str, tmp_path: Path) -> None:
    put(tmp_path, WHEEL)
    with pytest.raises(SourceError):
        dist.find([tmp_path / path])


@pytest.mark.parametrize("path", ["empty", "missing", *BAD_PATHS.values()], ids=ascii)
def test_a_path_that_gives_nothing_is_told_beside_the_others(
    path: str, tmp_path: Path
) -> None:
    put(tmp_path, WHEEL)
    (tmp_path / "empty").mkdir()
    found = dist.find([tmp_path / WHEEL, tmp_path / path])
    assert names(found) == [WHEEL]
    assert [item.path for item in found.unread] == [tmp_path / path]
    assert found.unread[0].reason


def test_a_folder_that_may_not_be_read_is_no_set() -> None:
    with unprivileged() as folder:
        folder.chmod(0o000)
        with pytest.raises(SourceError):
            dist.find([folder])


def test_a_folder_whose_files_may_not_be_looked_at_is_not_passed_over() -> None:
    with unprivileged() as folder:
        put(folder, WHEEL)
        folder.chmod(0o444)
        found = dist.find([folder])
        assert [item.path for item in found.unread] == [folder / WHEEL]


# --- reading -------------------------------------------------------------------


def test_a_file_is_identified_by_its_bytes(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    found = dist.identify(path)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.size == path.stat().st_size
    assert (found.filename, found.kind) == (WHEEL, Kind.WHEEL)
    assert found == dist.read(path).distribution


def test_each_kind_is_laid_out_in_its_own_way(tmp_path: Path) -> None:
    assert isinstance(dist.read(wheel(tmp_path)).layout, Wheel)
    assert isinstance(dist.read(sdist(tmp_path)).layout, Sdist)


def test_many_files_are_read_in_their_order(tmp_path: Path) -> None:
    files = [wheel(tmp_path), sdist(tmp_path)] * 20
    read = list(dist.read_all(files))
    assert [r.distribution.filename for r in read if isinstance(r, Contents)] == [
        WHEEL,
        SDIST,
    ] * 20
    assert list(dist.identify_all(files)) == [
        item.distribution for item in read if isinstance(item, Contents)
    ]


def test_a_file_that_is_gone_does_not_stop_the_others(tmp_path: Path) -> None:
    gone = tmp_path / "gone-1.0.tar.gz"
    files = [wheel(tmp_path), gone, sdist(tmp_path)]
    kinds = [type(item) for item in dist.read_all(files)]
    assert kinds == [Contents, Unread, Contents]
    assert [type(item) for item in dist.identify_all(files)].count(Unread) == 1


@pytest.mark.parametrize("read", [dist.read, dist.identify])
def test_what_cannot_be_opened_is_told_with_its_path(
    read: object, tmp_path: Path
) -> None:
    assert callable(read)
    with pytest.raises(SourceError) as raised:
        read(tmp_path / SDIST)
    assert str(tmp_path / SDIST) in raised.value.message


def test_a_file_that_may_not_be_read_is_told() -> None:
    with unprivileged() as folder:
        put(folder, WHEEL)
        (folder / WHEEL).chmod(0o000)
        found = dist.find([folder])
        assert [type(item) for item in dist.read_all(found.distributions)] == [Unread]


@pytest.mark.parametrize("more", [b"", b"more"], ids=["rewritten", "grown"])
def test_a_file_that_changes_while_it_is_read_is_not_judged(
    more: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sdist(tmp_path)

    def read_and_change(*arguments: object) -> object:
        facts = read_sdist(*arguments)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes() + more)
        os.utime(path, ns=(1, 1))
        return facts

    monkeypatch.setattr(dist, "read_sdist", read_and_change)
    with pytest.raises(SourceError, match="changed while it was read"):
        dist.read(path)


def test_an_empty_file_is_a_distribution_and_no_archive(tmp_path: Path) -> None:
    put(tmp_path, WHEEL, SDIST)
    for path in (tmp_path / WHEEL, tmp_path / SDIST):
        contents = dist.read(path)
        assert contents.distribution.size == 0
        assert [d.kind for d in contents.archive.defects] == [DefectKind.NO_ARCHIVE]
        assert contents.metadata is None


def test_a_name_that_says_nothing_does_not_hinder_reading(tmp_path: Path) -> None:
    path = sdist(tmp_path).rename(tmp_path / "latest.tar.gz")
    contents = dist.read(path)
    assert contents.distribution.name is None
    assert contents.distribution.name_error
    assert contents.metadata is not None


# --- any bytes at all ----------------------------------------------------------

ZIPPED_SDIST = [Entry(str(node.name), node.data) for node in sdist_nodes()]
MODES = [
    Node("demo-1.0/link", b"", b"2", "demo.py"),
    Node("demo-1.0/x", b"", b"5"),
    Node("demo-1.0/y", b"12 path=abcd\n", b"x"),
    Node("demo-1.0/z", b"z", b"S"),
]
SEEDS = {
    "wheel": (WHEEL, zip_of(*wheel_entries({"demo/data.txt": b"x" * 99}))),
    "stored wheel": (
        WHEEL,
        zip_of(*(Entry(e.name, e.data, method=0) for e in wheel_entries())),
    ),
    "lzma wheel": (
        WHEEL,
        zip_of(
            *(
                Entry(
                    e.name, e.data, method=14, packed=b"\x09\x04\x05\0]\0\0\x80\0" * 4
                )
                for e in wheel_entries()
            )
        ),
    ),
    "zip": ("demo-1.0.zip", zip_of(*ZIPPED_SDIST)),
    "gzip": (SDIST, gzipped(tar_of(*sdist_nodes()))),
    "tar": (SDIST, tar_of(*sdist_nodes(), *MODES)),
}

_EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "copy"]),
        st.integers(0, 1 << 16),
        st.binary(min_size=1, max_size=12),
    ),
    min_size=1,
    max_size=6,
)


def edited(content: bytes, edits: list[tuple[str, int, bytes]]) -> bytes:
    data = bytearray(content)
    for what, place, change in edits:
        at = place % (len(data) + 1)
        match what:
            case "flip":
                data[at : at + len(change)] = change
            case "cut":
                del data[at : at + len(change) ** 2]
            case "insert":
                data[at:at] = change
            case "copy":
                data[at:at] = data[at // 2 : at // 2 + 600]
    return bytes(data)


@pytest.mark.parametrize("seed", SEEDS)
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(edits=_EDITS)
def test_no_bytes_at_all_give_another_exception(
    seed: str, edits: list[tuple[str, int, bytes]], tmp_path: Path
) -> None:
    name, content = SEEDS[seed]
    changed = edited(content, edits)
    path = tmp_path / name
    path.write_bytes(gzipped(changed) if seed == "tar" else changed)
    with within(10):
        try:
            contents = dist.read(path)
        except SourceError:
            return
    archive = contents.archive
    assert archive.complete or archive.defects
    assert len(archive.members) < 100


def test_a_reading_that_was_stopped_ends_early(tmp_path: Path) -> None:
    """Nobody waits for the rest: hashing this would take the better part of an hour."""
    path = tmp_path / "demo-1.0.tar.gz"
    path.touch()
    os.truncate(path, 1 << 40)
    stopped = threading.Event()
    threading.Timer(0.1, stopped.set).start()
    for read_one in (dist.read, dist.identify):
        with pytest.raises(SourceError, match="the reading was stopped"):
            read_one(path, stopped)
