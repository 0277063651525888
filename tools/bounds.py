"""What hostile files and listings cost: time and peak memory (``make bounds``).

Each file is made, and judged by a ``check`` in a process of its own; each listing is
served, and judged by an ``audit``. It ends with 1 where one passes, or takes more
memory than the bound; times are printed, not judged.
"""

from __future__ import annotations

import gzip
import os
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import archives  # noqa: E402 - the path is not there before
import servers  # noqa: E402

#: Findings, or not decided.
_NO_PASS = (1, 3)
#: Peak memory of the process, in bytes. A listing is held as a whole: the bytes, the
#: text, and what is read of it.
BOUND = 200 << 20
BOUND_OF_LISTING = 700 << 20
_MIB = 1 << 20


def sparse_wheel(folder: Path) -> None:
    """2 GiB of zeros that the disk does not hold, with a zip at the end."""
    path = archives.wheel(folder)
    content = path.read_bytes()
    with path.open("wb") as file:
        file.seek((2 << 30) - len(content))
        file.write(content)


def stored_zeros(folder: Path) -> None:
    """A wheel with a stored member of 2 GiB of zeros, which the disk does not hold."""
    size, crc = 2 << 30, 0
    for _ in range(size // _MIB):
        crc = zlib.crc32(bytes(_MIB), crc)
    big = archives.Entry(
        "zeros.bin", method=0, packed=b"", size=size, packed_size=size, crc=crc
    )
    whole = bytearray(archives.zip_of(*archives.wheel_entries(), big))
    # The end record tells where the directory is: that far behind, with the zeros.
    place = len(whole) - _END_SIZE + _END_START
    (start,) = struct.unpack_from("<I", whole, place)
    struct.pack_into("<I", whole, place, start + size)
    with (folder / archives.WHEEL).open("wb") as file:
        file.write(whole[:start])
        file.seek(start + size)
        file.write(whole[start:])


_END_SIZE, _END_START = 22, 16


def _deflated(begin: bytes, zeros: int) -> bytes:
    """A beginning and so many zeros, deflated: one flushed block again and again."""
    deflater = zlib.compressobj(9, wbits=-15)
    first = deflater.compress(begin) + deflater.flush(zlib.Z_FULL_FLUSH)
    block = deflater.compress(bytes(_MIB)) + deflater.flush(zlib.Z_FULL_FLUSH)
    return first + block * (zeros // _MIB) + deflater.flush()


def zip_bomb(folder: Path) -> None:
    """A wheel of 10 MB that unpacks to 10 GiB."""
    size = 2 << 30
    packed = _deflated(b"", size)
    bombs = [
        archives.Entry(f"bomb-{n}", packed=packed, size=size, crc=0) for n in range(5)
    ]
    path = folder / archives.WHEEL
    path.write_bytes(archives.zip_of(*archives.wheel_entries(), *bombs))


def tar_bomb(folder: Path) -> None:
    """An sdist of 10 MB that unpacks to 10 GiB."""
    size = 10 << 30
    bomb = archives.Node(f"{archives.TOP}/bomb", size=size)
    begin = archives.tar_of(*archives.sdist_nodes(), bomb, end=b"")
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    path = folder / archives.SDIST
    path.write_bytes(head + _deflated(begin, size) + bytes(8))


def many_members(folder: Path) -> None:
    """A wheel with 100,000 members."""
    with zipfile.ZipFile(folder / archives.WHEEL, "w") as archive:
        for entry in archives.wheel_entries():
            archive.writestr(str(entry.name), entry.data)
        for number in range(100_000):
            archive.writestr(f"demo/{number:06}.py", b"")


def nested_folders(folder: Path) -> None:
    """An sdist with 10,000 folders, each in the one before."""
    with gzip.open(folder / archives.SDIST, "wb", compresslevel=1) as file:
        path = archives.TOP
        for _ in range(10_000):
            path += "/a"
            name = archives.long_name(path.encode())
            file.write(name.blocks())
            file.write(archives.Node(path[:99], type=b"5").blocks())
        file.write(archives.tar_of(*archives.sdist_nodes()))


def long_name(folder: Path) -> None:
    """A wheel with a member whose name has 60,000 bytes."""
    archives.wheel(folder, {"a" * 60_000: b""})


def many_rows(folder: Path) -> None:
    """A wheel whose RECORD has 190,000 rows of files that are not there."""
    rows = "".join(f"demo/{number}.py,sha256=x,1\n" for number in range(190_000))
    archives.wheel(folder, RECORD=rows.encode())


def long_metadata(folder: Path) -> None:
    """A wheel whose METADATA has 16 MB: 9,000 requirements, and a long description."""
    marker = "extra == 'a' or " * 6 + "extra == 'b'"
    fields = "".join(f"Requires-Dist: a{n}; {marker}\n" for n in range(9_000))
    text = archives.METADATA + fields.encode() + b"\n" + b"a *word* of text\n" * 900_000
    archives.wheel(folder, METADATA=text)


def tag_bomb(folder: Path) -> None:
    """A wheel whose WHEEL gives a hundred million tags in a kilobyte."""
    many = ".".join(f"a{number}" for number in range(500))
    archives.wheel(
        folder, WHEEL=f"Wheel-Version: 1.0\nTag: {many}-{many}-{many}\n".encode()
    )


def nested_description(folder: Path) -> None:
    """A wheel whose description is 600 lists, each in the one before."""
    lines = "".join(f"{'  ' * depth}* a\n\n" for depth in range(600))
    archives.wheel(folder, METADATA=archives.METADATA + b"\n" + lines.encode())


CASES: tuple[Callable[[Path], None], ...] = (
    sparse_wheel,
    stored_zeros,
    zip_bomb,
    tar_bomb,
    many_members,
    nested_folders,
    long_name,
    many_rows,
    long_metadata,
    tag_bomb,
    nested_description,
)


# --- listings -------------------------------------------------------------------

#: The largest answer that is read is 64 MiB, of HTML the half.
_LARGEST = (64 << 20) - 4_000
_LARGEST_HTML = (32 << 20) - 4_000
_HASH = "0" * 64


def _json(*files: str, rest: str = "") -> servers.Reply:
    """A page of these files, each as JSON."""
    body = (
        f'{{"meta":{{"api-version":"1.4"}},"name":"demo",{rest}'
        f'"files":[{",".join(files)}]}}'
    )
    kind = "application/vnd.pypi.simple.v1+json"
    return servers.Reply(body.encode(), headers={"Content-Type": kind})


def _html(content: str) -> servers.Reply:
    """A page of one file, and of what stands behind it."""
    body = (
        "<!DOCTYPE html><html><head><title>Links for demo</title></head><body>"
        f'<a href="demo-1.0.tar.gz">demo-1.0.tar.gz</a>{content}</body></html>'
    )
    return servers.Reply(body.encode(), headers={"Content-Type": "text/html"})


def _file(filename: str, said: str = "") -> str:
    return f'{{"filename":"{filename}","url":"{filename}","hashes":{{}}{said}}}'


def _filled(piece: str, size: int = _LARGEST) -> str:
    return piece * (size // len(piece))


def whole_files() -> servers.Reply:
    """100,000 files of one version, in 64 MiB."""
    names = (f"demo-1.0-{number}-py3-none-any.whl" for number in range(100_000))
    said = (
        f',"size":7,"requires-python":">=3","upload-time":"2026-01-01T00:00:00Z",'
        f'"yanked":"{"y" * 280}","core-metadata":{{"sha256":"{_HASH}"}}'
    )
    return _json(*(_file(name, said) for name in names))


def versions() -> servers.Reply:
    """100,000 versions of 240 digits."""
    return _json(
        *(_file(f"demo-{number + 1}{'1' * 233}.tar.gz") for number in range(100_000))
    )


def long_versions() -> servers.Reply:
    """8,000 versions of 4,000 digits."""
    return _json(*(_file(f"demo-{n}{'1' * 3_995}.zip") for n in range(8_000)))


def dotted_versions() -> servers.Reply:
    """100,000 versions of 115 numbers."""
    return _json(
        *(_file(f"demo-{number}{'.1' * 115}.tar.gz") for number in range(100_000))
    )


def tiny_files() -> servers.Reply:
    """1,600,000 files."""
    return _json(_filled(_file("a") + ",")[:-1])


def megabyte_names() -> servers.Reply:
    """30 files whose names have a megabyte."""
    return _json(*(_file(f"demo-{n}{'.1' * 500_000}.zip") for n in range(30)))


def folders() -> servers.Reply:
    """4,000 addresses of 3,000 folders, each left again."""
    name = "demo-1.0.tar.gz"
    entry = _file(name).replace(f'"url":"{name}', f'"url":"{"a/../" * 3_000}{name}')
    return _json(*[entry] * 4_000)


def keys() -> servers.Reply:
    """1,500,000 keys in one object."""
    return _json(rest="".join(f'"{number:x}":0,' for number in range(1_500_000)))


def lists() -> servers.Reply:
    """5,000,000 lists in 16 MiB."""
    return _json(_filled("[],", 16 << 20)[:-1])


def numbers() -> servers.Reply:
    """15,000 numbers of 4,300 digits."""
    return _json(_filled("1" * 4_300 + ",")[:-1])


def digits() -> servers.Reply:
    """A number of 64 million digits."""
    return _json("1" * _LARGEST)


def fraction() -> servers.Reply:
    """A fraction of 64 million digits."""
    return _json("0." + "1" * _LARGEST)


def nested_lists() -> servers.Reply:
    """64 million lists, each in the one before."""
    return servers.Reply(b"[" * _LARGEST, headers=_json().headers)


def anchors() -> servers.Reply:
    """3,000,000 anchors."""
    return _html(_filled("<a href=x>", _LARGEST_HTML))


def links() -> servers.Reply:
    """99,000 files in HTML."""
    names = (f"demo-1.0-{number}-py3-none-any.whl" for number in range(99_000))
    return _html("".join(f'<a href="{n}#sha256={_HASH}">{n}</a><br>' for n in names))


def attributes() -> servers.Reply:
    """16 million attributes in pieces."""
    return _html(_filled(f"<b{' a' * 20_000}>", _LARGEST_HTML))


def spaces() -> servers.Reply:
    """Tags of 100,000 spaces between attributes, of which html.parser looks at each
    several times.
    """
    gap = " " * 50_000
    return _html(_filled(f"<b a{gap}b{gap}>", _LARGEST_HTML))


def open_comments() -> servers.Reply:
    """400,000 comments that do not end."""
    return _html("<!--x>" * 400_000)


def open_tags() -> servers.Reply:
    """400,000 tags that do not end, behind as many ends."""
    return _html(">" * 400_000 + "<a " * 400_000)


def entities() -> servers.Reply:
    """490,000 entities that are none."""
    return _html("&abcdefgh; " * 490_000)


LISTINGS: tuple[Callable[[], servers.Reply], ...] = (
    whole_files,
    versions,
    long_versions,
    dotted_versions,
    tiny_files,
    megabyte_names,
    folders,
    keys,
    lists,
    numbers,
    digits,
    fraction,
    nested_lists,
    anchors,
    links,
    attributes,
    spaces,
    open_comments,
    open_tags,
    entities,
)


# --- what they cost ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cost:
    """The exit code of a process, its time in seconds, its peak memory in bytes, and
    what it printed. The peak is never told as less than this program's own.
    """

    code: int
    seconds: float
    peak: int
    out: str


def main() -> int:
    """Judge each file and each listing, and tell what it took."""
    head = f"{'packed':>14} {'seconds':>8} {'peak MB':>8}  first error"
    print(f"{'file':<16} {head}")
    # Each is judged, even where one before failed.
    failed = [_is_bad_file(case) for case in CASES]
    print(f"{'listing':<16} {head}")
    failed += [_is_bad_listing(case) for case in LISTINGS]
    return 1 if any(failed) else 0


def _is_bad_file(case: Callable[[Path], None]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        dist = Path(folder, "dist")
        dist.mkdir()
        case(dist)
        (path,) = dist.iterdir()
        size = path.stat().st_size
        return _is_bad(case.__name__, size, _check(path), BOUND)


def _is_bad_listing(case: Callable[[], servers.Reply]) -> bool:
    reply = case()
    with tempfile.TemporaryDirectory() as folder, servers.serving() as server:
        server.on("/simple/demo/", reply)
        cost = _audit(f"{server.url}/simple/", Path(folder))
    return _is_bad(case.__name__, len(reply.body), cost, BOUND_OF_LISTING)


def _is_bad(name: str, size: int, cost: Cost, bound: int) -> bool:
    """Print a line, and tell whether it passed or took too much."""
    errors = list(_errors(cost.out))
    is_bad = cost.code not in _NO_PASS or cost.peak > bound
    told = errors[0] if errors else f"exit {cost.code}: {' '.join(cost.out.split())}"
    mark = "  FAILED" if is_bad else ""
    print(
        f"{name:<16} {size:>14,} {cost.seconds:>8.1f} {cost.peak / _MIB:>8.0f}  "
        f"{told:.110}{mark}",
        flush=True,
    )
    return is_bad


def _check(path: Path) -> Cost:
    """What a check of a file takes."""
    policy = path.parent.parent / "policy.yml"
    policy.write_text("expect: {sdist: optional}\n")
    manifest = policy.with_suffix(".json")
    words = ["check", "--offline", "--policy", policy, "--manifest", manifest, path]
    return _cost(*map(str, words))


def _audit(url: str, folder: Path) -> Cost:
    """What an audit of a listing takes; of its versions none has a tag."""
    tags = folder / "tags.txt"
    tags.write_text("0.0.0.0.1\n")
    words = ["audit", "demo", "--index-url", url, "--tags", str(tags), "--no-progress"]
    return _cost(*words)


def _cost(*words: str) -> Cost:
    command = [sys.executable, "-I", "-m", "release_guard", *words]
    started = time.monotonic()
    # In a folder of its own the policy of this checkout says nothing.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(  # noqa: S603
            command, stdout=out, stderr=subprocess.STDOUT, cwd=folder
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(process.returncode, seconds, used.ru_maxrss * unit, text)


def _errors(out: str) -> Iterator[str]:
    """The first finding below each error, without the file's name."""
    lines = out.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("error: "):
            rule = line.split()[1]
            yield f"{rule}: {lines[number + 1].partition(': ')[2]}"


if __name__ == "__main__":
    sys.exit(main())
