"""What hostile files cost: time and peak memory of a whole ``check`` (``make bounds``).

Each file is made, and judged by a process of its own. It ends with 1 where a file
passes, or takes more memory than the bound; times are printed, not judged.
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
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import archives  # noqa: E402 - the path is not there before

#: Findings, or not decided.
_NO_PASS = (1, 3)
#: Peak memory of the process, in bytes.
BOUND = 200 << 20
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


def main() -> int:
    """Judge each file, and tell what it took."""
    failed = False
    print(f"{'file':<16} {'packed':>14} {'seconds':>8} {'peak MB':>8}  first error")
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            dist = Path(folder, "dist")
            dist.mkdir()
            case(dist)
            (path,) = dist.iterdir()
            size = path.stat().st_size
            code, seconds, peak, out = _judged(path)
        errors = list(_errors(out))
        is_bad = code not in _NO_PASS or peak > BOUND
        failed = failed or is_bad
        told = errors[0] if errors else f"exit {code}: {' '.join(out.split())[:200]}"
        mark = "  FAILED" if is_bad else ""
        print(
            f"{case.__name__:<16} {size:>14,} {seconds:>8.1f} {peak / _MIB:>8.0f}  "
            f"{told:.110}{mark}",
            flush=True,
        )
    return 1 if failed else 0


def _judged(path: Path) -> tuple[int, float, int, str]:
    """Exit code, seconds, peak memory in bytes, and the output of a check."""
    command = [sys.executable, "-I", "-m", "release_guard", "check", "--offline"]
    policy = path.parent.parent / "policy.yml"
    policy.write_text("expect: {sdist: optional}\n")
    command += ["--policy", str(policy), "--manifest", str(policy.with_suffix(".json"))]
    command.append(str(path))
    started = time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)  # noqa: S603
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = used.ru_maxrss * unit
    return process.returncode, time.monotonic() - started, peak, text


def _errors(out: str) -> Iterator[str]:
    """The first finding below each error, without the file's name."""
    lines = out.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("error: "):
            rule = line.split()[1]
            yield f"{rule}: {lines[number + 1].partition(': ')[2]}"


if __name__ == "__main__":
    sys.exit(main())
