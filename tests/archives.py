"""Wheels and sdists as real bytes: sound ones, and ones in which any field lies.

``zipfile`` and ``tarfile`` refuse to write what a hostile archive holds; the two small
writers here write it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import signal
import struct
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

__all__ = [
    "INFO",
    "METADATA",
    "SDIST",
    "TOP",
    "WHEEL",
    "Entry",
    "Node",
    "gzipped",
    "long_name",
    "patched",
    "patched_tarfile",
    "pax",
    "record_row",
    "sdist",
    "sdist_nodes",
    "swapped",
    "tar_of",
    "wheel",
    "wheel_entries",
    "within",
    "zip_of",
]

WHEEL = "demo-1.0-py3-none-any.whl"
SDIST = "demo-1.0.tar.gz"
INFO = "demo-1.0.dist-info"
TOP = "demo-1.0"
METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
_WHEEL_FILE = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """A block that must end: what hangs is a failure, not a test run without an end."""

    def give_up(*_: object) -> None:
        raise AssertionError(f"no end after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def patched(content: bytes, place: int, change: bytes) -> bytes:
    """The content with other bytes from ``place`` on, which may count from the end."""
    place %= len(content)
    return content[:place] + change + content[place + len(change) :]


# --- zip -------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One zip entry; what is None is as it should be.

    ``packed`` stands for the compressed bytes, ``attributes`` are DOS's. ``local`` are
    the fields in which the local header says something else than the directory.
    """

    name: str | bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    mode: int = 0o100644
    attributes: int = 0
    packed: bytes | None = None
    crc: int | None = None
    size: int | None = None
    packed_size: int | None = None
    version: int = 20
    extra: bytes = b""
    comment: bytes = b""
    offset: int | None = None
    local: Mapping[str, int | bytes] = field(default_factory=dict)

    def _fields(self) -> dict[str, int | bytes]:
        name, flags = self.name, self.flags
        if isinstance(name, str):
            flags |= 0 if name.isascii() else 0x800
            name = name.encode()
        body = self.body()
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        return {
            "version": self.version,
            "flags": flags,
            "method": self.method,
            "crc": crc,
            "packed_size": len(body) if self.packed_size is None else self.packed_size,
            "size": len(self.data) if self.size is None else self.size,
            "name": name,
            "extra": self.extra,
        }

    def body(self) -> bytes:
        """The compressed bytes."""
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.data
        deflate = zlib.compressobj(wbits=-15)
        return deflate.compress(self.data) + deflate.flush()

    def header(self) -> bytes:
        """The local header."""
        says = {**self._fields(), "extra": b"", **self.local}
        return b"PK\3\4" + _common(says) + _bytes(says["name"]) + _bytes(says["extra"])

    def row(self, offset: int) -> bytes:
        """The row in the central directory."""
        says = self._fields()
        name, extra = _bytes(says["name"]), _bytes(says["extra"])
        offset = offset if self.offset is None else self.offset
        made_by = struct.pack("<H", 3 << 8 | 20)
        attributes = self.mode << 16 | self.attributes
        rest = struct.pack("<H2HII", len(self.comment), 0, 0, attributes, offset)
        fixed = b"PK\1\2" + made_by + _common(says) + rest
        return fixed + name + extra + self.comment


def _bytes(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value


def _common(says: Mapping[str, int | bytes]) -> bytes:
    numbers = [says[k] for k in ("crc", "packed_size", "size")]
    lengths = [len(_bytes(says["name"])), len(_bytes(says["extra"]))]
    head = struct.pack("<HHHHH", *_first(says), 0, 0x5CFD)
    return head + struct.pack("<III", *numbers) + struct.pack("<HH", *lengths)


def _first(says: Mapping[str, int | bytes]) -> Sequence[int | bytes]:
    return [says[key] for key in ("version", "flags", "method")]


def zip_of(
    *entries: Entry,
    prefix: bytes = b"",
    gap: bytes = b"",
    comment: bytes = b"",
    count: int | None = None,
    directory_size: int | None = None,
    shift: int = 0,
    end64: int | None = None,
    behind64: bytes = b"",
) -> bytes:
    """A zip; ``prefix`` stands before it, ``gap`` before its directory.

    ``count`` and ``directory_size`` are what the end record says where it lies; by
    ``shift`` all places are wrong. ``end64`` is how many entries an end record with 64
    bits says, ``behind64`` what stands behind that.
    """
    body, rows = bytearray(prefix), bytearray()
    for entry in entries:
        rows += entry.row(len(body) - len(prefix) + shift)
        body += entry.header() + entry.body()
    body += gap
    count = len(entries) if count is None else count
    size = len(rows) if directory_size is None else directory_size
    start = len(body) - len(prefix) + shift
    end = struct.pack("<HHHHIIH", 0, 0, count, count, size, start, len(comment))
    wide = b"" if end64 is None else _end64(end64, len(rows), start) + behind64
    if end64 is not None:
        at = len(body) + len(rows) - len(prefix)
        wide += b"PK\6\7" + struct.pack("<LQL", 0, at, 1)
    return bytes(body + rows + wide + b"PK\5\6" + end + comment)


def _end64(count: int, size: int, start: int) -> bytes:
    fields = (44, 45, 45, 0, 0, count, count, size, start)
    return b"PK\6\6" + struct.pack("<Q2H2L4Q", *fields)


def record_row(path: str, data: bytes) -> str:
    """A row of RECORD."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"{path},sha256={digest.rstrip(b'=').decode()},{len(data)}\n"


def wheel_entries(
    members: Mapping[str, bytes] | None = None, **changed: bytes
) -> list[Entry]:
    """A sound wheel's entries: ``members``, METADATA, WHEEL and RECORD.

    ``changed`` stands for the content of one of the last three, by its name.
    """
    contents = {
        "demo.py": b"answer = 42\n" * 40,
        **(members or {}),
        f"{INFO}/METADATA": changed.get("METADATA", METADATA),
        f"{INFO}/WHEEL": changed.get("WHEEL", _WHEEL_FILE),
    }
    rows = "".join(record_row(path, data) for path, data in contents.items())
    rows += f"{INFO}/RECORD,,\n"
    contents[f"{INFO}/RECORD"] = changed.get("RECORD", rows.encode())
    return [Entry(path, data) for path, data in contents.items()]


def swapped(entries: Iterable[Entry], name: str, **fields: object) -> list[Entry]:
    """The entries, with other fields in the one of this name."""
    return [
        replace(entry, **fields) if entry.name == name else entry  # type: ignore[arg-type]
        for entry in entries
    ]


def wheel(
    folder: Path, members: Mapping[str, bytes] | None = None, **changed: bytes
) -> Path:
    """A sound wheel in ``folder``."""
    path = folder / WHEEL
    path.write_bytes(zip_of(*wheel_entries(members, **changed)))
    return path


# --- tar -------------------------------------------------------------------------


@dataclass(frozen=True)
class Node:
    """One tar member; ``size`` is what the header says where it lies.

    ``patches`` are bytes of the header by their place, put in before the checksum.
    """

    name: str | bytes
    data: bytes = b""
    type: bytes = b"0"
    link: str = ""
    size: int | None = None
    patches: Mapping[int, bytes] = field(default_factory=dict)
    checksum: bytes | None = None

    def blocks(self) -> bytes:
        """The header and the padded content."""
        name = self.name if isinstance(self.name, bytes) else self.name.encode()
        size = len(self.data) if self.size is None else self.size
        header = bytearray(512)
        _put(header, 0, name[:100])
        _put(header, 100, b"0000644\0" + b"0000000\0" * 2 + _number(size))
        _put(header, 136, b"00000000000\0" + b" " * 8 + self.type)
        _put(header, 157, self.link.encode()[:100])
        _put(header, 257, b"ustar\00000")
        for place, content in self.patches.items():
            _put(header, place, content)
        _put(header, 148, self.checksum or b"%06o\0 " % sum(header))
        return bytes(header) + self.data + bytes(-len(self.data) % 512)


def _put(header: bytearray, place: int, content: bytes) -> None:
    header[place : place + len(content)] = content


def _number(size: int) -> bytes:
    """A size as GNU tar writes it: octal, or base 256 where that is too short."""
    if 0 <= size < 8**11:
        return b"%011o\0" % size
    number = size + (256**12 if size < 0 else 128 << 88)
    return number.to_bytes(12, "big")


_END = bytes(1024)


def tar_of(*nodes: Node, end: bytes = _END) -> bytes:
    """A tar, not compressed."""
    return b"".join(node.blocks() for node in nodes) + end


def gzipped(content: bytes) -> bytes:
    """One gzip stream, the same for the same content."""
    return gzip.compress(content, mtime=0)


def pax(records: Mapping[str, bytes], kind: bytes = b"x") -> Node:
    """An extended header for the member behind it (``g``: for all behind it)."""
    return Node(
        "PaxHeader", b"".join(_pax_record(k, v) for k, v in records.items()), kind
    )


def _pax_record(key: str, value: bytes) -> bytes:
    rest = b" %s=%s\n" % (key.encode(), value)
    length = len(rest)
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


def long_name(name: bytes, kind: bytes = b"L") -> Node:
    """GNU tar's header for a long name (``K``: for a long link target)."""
    return Node("././@LongLink", name + b"\0", kind)


def sdist_nodes(members: Mapping[str, bytes] | None = None) -> list[Node]:
    """A sound sdist's members, below its top folder."""
    contents = {
        "PKG-INFO": METADATA,
        "pyproject.toml": b"[build-system]\n",
        "demo.py": b"answer = 42\n" * 100,
        **(members or {}),
    }
    return [Node(f"{TOP}/{path}", data) for path, data in contents.items()]


def sdist(folder: Path, members: Mapping[str, bytes] | None = None) -> Path:
    """A sound sdist in ``folder``."""
    path = folder / SDIST
    path.write_bytes(gzipped(tar_of(*sdist_nodes(members))))
    return path


def patched_tarfile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``tarfile`` read headers by a name of its own, as it does since it was
    patched for CVE-2025-13462; nothing where it does so already.
    """
    if hasattr(tarfile.TarInfo, "_frombuf"):
        return
    read = vars(tarfile.TarInfo)["frombuf"].__func__
    place = vars(tarfile.TarInfo)["fromtarfile"].__func__

    def frombuf(
        cls: type[tarfile.TarInfo], buf: bytes, encoding: str, errors: str
    ) -> tarfile.TarInfo:
        return cls._frombuf(buf, encoding, errors)  # type: ignore[attr-defined, no-any-return]

    def _frombuf(
        cls: type[tarfile.TarInfo],
        buf: bytes,
        encoding: str,
        errors: str,
        *,
        dircheck: bool = True,
    ) -> tarfile.TarInfo:
        assert dircheck
        found = read(cls, buf, encoding, errors)
        assert isinstance(found, tarfile.TarInfo)
        return found

    class Reads:
        """What ``fromtarfile`` reads headers with."""

        def __init__(self, cls: type[tarfile.TarInfo]) -> None:
            self.frombuf = cls._frombuf  # type: ignore[attr-defined]

    def fromtarfile(
        cls: type[tarfile.TarInfo], tar: tarfile.TarFile
    ) -> tarfile.TarInfo:
        found = place(Reads(cls), tar)
        assert isinstance(found, tarfile.TarInfo)
        return found

    monkeypatch.setattr(
        tarfile.TarInfo, "_frombuf", classmethod(_frombuf), raising=False
    )
    monkeypatch.setattr(tarfile.TarInfo, "frombuf", classmethod(frombuf))
    monkeypatch.setattr(tarfile.TarInfo, "fromtarfile", classmethod(fromtarfile))
