"""Zips, tars and gzip streams written byte by byte.

The same on every machine: nothing is left to a compression library, and no header to a
library that would refuse to write it. Members are stored, which every reader takes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "Entry",
    "Node",
    "gzipped",
    "stored_blocks",
    "tar_of",
    "zeros_deflated",
    "zip_of",
]

#: 2024-01-01 00:00, as DOS writes it, and as Unix does.
_DOS_DATE, _UNIX_TIME = 0x5821, 1_704_067_200
STORED, DEFLATED, BZIP2 = 0, 8, 12


@dataclass(frozen=True)
class Entry:
    """One member of a zip.

    ``packed`` are the bytes that lie in the archive, where they are not the content;
    ``size`` and ``crc`` are what is said of the content. ``local`` is the name in the
    header before the bytes, where it is another one than the directory's.
    """

    name: str
    data: bytes = b""
    method: int = STORED
    packed: bytes | None = None
    size: int | None = None
    crc: int | None = None
    flags: int = 0
    local: str = ""
    mode: int = 0o100644

    def _middle(self, packed: bytes) -> bytes:
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        size = len(self.data) if self.size is None else self.size
        utf8 = 0 if self.name.isascii() else 0x800
        return struct.pack(
            "<HHHHHIII",
            *(20, self.flags | utf8, self.method, 0, _DOS_DATE),
            *(crc, len(packed), size),
        )

    def header(self) -> bytes:
        """The local header and the bytes."""
        packed = self.data if self.packed is None else self.packed
        name = (self.local or self.name).encode()
        lengths = struct.pack("<HH", len(name), 0)
        middle = self._middle(packed)
        tail = b""
        if self.flags & 8:  # the sizes stand behind the bytes
            tail = b"PK\7\x08" + middle[-12:]
            middle = middle[:-12] + bytes(12)
        return b"PK\3\4" + middle + lengths + name + packed + tail

    def row(self, offset: int) -> bytes:
        """The row in the directory at the end."""
        packed = self.data if self.packed is None else self.packed
        name = self.name.encode()
        rest = struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, self.mode << 16, offset)
        made_by = struct.pack("<H", 3 << 8 | 20)
        return b"PK\1\2" + made_by + self._middle(packed) + rest + name


def zip_of(*entries: Entry, before: bytes = b"", behind: bytes = b"") -> bytes:
    """A zip, with bytes before its first header and behind its end record."""
    body, rows = bytearray(before), bytearray()
    for entry in entries:
        rows += entry.row(len(body))
        body += entry.header()
    count = len(entries)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(rows), len(body), 0)
    return bytes(body + rows) + b"PK\5\6" + end + behind


# --- deflate (RFC 1951) ----------------------------------------------------------


def stored_blocks(data: bytes) -> bytes:
    """A deflate stream that compresses nothing."""
    pieces = []
    for start in range(0, len(data), 65535) or (0,):
        piece = data[start : start + 65535]
        last = start + 65535 >= len(data)
        pieces.append(struct.pack("<BHH", last, len(piece), len(piece) ^ 0xFFFF))
        pieces.append(piece)
    return b"".join(pieces)


def zeros_deflated(groups: int) -> bytes:
    """A deflate stream of 1 + 2064 ``groups`` zero bytes: one block of fixed codes, a
    literal and then eight copies of 258 bytes for each group, 13 bits a copy.
    """
    # Bits in the order of the stream: the last block, of fixed codes; the literal 0;
    # then length 258 (code 285) at distance 1 (code 0).
    head, copy, end = "1" + "10" + "00110000", "11000101" + "00000", "0000000"
    # Two bytes take the head and five bits; from there a group is thirteen bytes.
    bits = head + copy * 16
    return (
        _bytes(bits[:16])
        + _bytes(bits[16 : 16 + 104]) * (groups - 1)
        + _bytes(bits[16 : 16 + 99] + end)
    )


def _bytes(bits: str) -> bytes:
    padded = bits + "0" * (-len(bits) % 8)
    return bytes(int(padded[n : n + 8][::-1], 2) for n in range(0, len(padded), 8))


def gzipped(data: bytes) -> bytes:
    """One gzip stream (RFC 1952) that compresses nothing."""
    tail = struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + stored_blocks(data) + tail


# --- tar -------------------------------------------------------------------------


#: What the header has room for, in bytes.
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Node:
    """One member of a tar; ``type`` is the format's letter. ``patches`` are other bytes
    of its header, by their place.
    """

    name: str
    data: bytes = b""
    type: bytes = b"0"
    link: str = ""
    mode: int = 0o644
    patches: Mapping[int, bytes] = field(default_factory=dict)

    def blocks(self) -> bytes:
        """The header and the padded content; a long name goes into a pax header."""
        name = self.name.encode()
        long = b""
        if len(name) > _LONGEST_NAME or not name.isascii():
            record = b" path=" + name + b"\n"
            length = len(record) + len(str(len(record) + 3))
            long = Node("PaxHeader", b"%d" % length + record, b"x").blocks()
        header = bytearray(512)
        _put(header, 0, name[:_LONGEST_NAME])
        _put(header, 100, b"%07o\0" % self.mode + b"0000000\0" * 2)
        _put(header, 124, b"%011o\0%011o\0" % (len(self.data), _UNIX_TIME))
        _put(header, 148, b" " * 8 + self.type + self.link.encode()[:100])
        _put(header, 257, b"ustar\00000")
        for place, content in self.patches.items():
            _put(header, place, content)
        _put(header, 148, b"%06o\0 " % sum(header))
        return long + bytes(header) + self.data + bytes(-len(self.data) % 512)


def _put(header: bytearray, place: int, content: bytes) -> None:
    header[place : place + len(content)] = content


def tar_of(*nodes: Node) -> bytes:
    """A tar, not compressed, with its end mark."""
    return b"".join(node.blocks() for node in nodes) + bytes(1024)
