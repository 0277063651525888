"""Native code as small as it gets: the headers that a loader reads, and nothing behind.

ELF (System V ABI, and the LSB's symbol versions), Mach-O with its fat form, and PE.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

__all__ = ["MUSL", "elf", "fat", "macho", "pe"]

_ELF_MACHINES = {"i686": 3, "x86_64": 62, "aarch64": 183}
_MACHO_CPUS = {"x86_64": (0x01000007, 3), "arm64": (0x0100000C, 0)}
_PE_MACHINES = {"win32": 0x14C, "win_amd64": 0x8664, "win_arm64": 0xAA64}
_BUNDLE = 8
_NEEDED, _STRTAB, _STRSZ, _VERNEED, _VERNEEDNUM = 1, 5, 10, 0x6FFFFFFE, 0x6FFFFFFF


def macho(machine: str) -> bytes:
    """A bundle for macOS, without a load command."""
    cpu, subtype = _MACHO_CPUS[machine]
    return struct.pack("<IIIIIIII", 0xFEEDFACF, cpu, subtype, _BUNDLE, 0, 0, 0, 0)


def fat(*machines: str) -> bytes:
    """A universal binary of these."""
    head = struct.pack(">II", 0xCAFEBABE, len(machines))
    bodies = b""
    for number, machine in enumerate(machines):
        cpu, subtype = _MACHO_CPUS[machine]
        slice_ = macho(machine)
        place = 0x1000 * (number + 1)
        head += struct.pack(">IIIII", cpu, subtype, place, len(slice_), 12)
        bodies += slice_.ljust(0x1000, b"\0")
    return head.ljust(0x1000, b"\0") + bodies


def pe(system: str) -> bytes:
    """A DLL for Windows, without a section."""
    stub = (b"MZ" + bytes(58) + struct.pack("<I", 64)).ljust(64, b"\0")
    magic = 0x10B if system == "win32" else 0x20B
    optional = struct.pack("<H", magic).ljust(240, b"\0")
    machine, size = _PE_MACHINES[system], len(optional)
    header = struct.pack("<HHIIIHH", machine, 0, 0, 0, 0, size, 0x2022)
    return stub + b"PE\0\0" + header + optional


GLIBC, MUSL = "libc.so.6", "libc.musl-x86_64.so.1"


def elf(
    machine: str,
    *,
    libc: str = GLIBC,
    glibc: Sequence[str] = ("2.2.5",),
    init: str = "",
) -> bytes:
    """A shared object for Linux that needs a C library, and of glibc these versions of
    its symbols; ``init`` is the module that Python would find in it.
    """
    names = f"\0{libc}\0PyInit_{init}\0".encode()
    glibc = glibc if libc == GLIBC else ()
    places = []
    for version in glibc:
        places.append(len(names))
        names += f"GLIBC_{version}\0".encode()
    aux = b""
    for number, (version, place) in enumerate(zip(glibc, places, strict=True)):
        step = 16 if number + 1 < len(glibc) else 0
        hashed = zlib.crc32(version.encode())
        aux += struct.pack("<IHHII", hashed, 0, number + 2, place, step)
    needs = struct.pack("<HHIII", 1, len(glibc), 1, 16, 0) + aux

    strings_at = 64 + 2 * 56
    needs_at = _aligned(strings_at + len(names))
    dynamic_at = _aligned(needs_at + len(needs))
    dynamic = b"".join(
        struct.pack("<QQ", tag, value)
        for tag, value in (
            (_NEEDED, 1),
            (_STRTAB, strings_at),
            (_STRSZ, len(names)),
            (_VERNEED, needs_at),
            (_VERNEEDNUM, int(bool(glibc))),
            (0, 0),
        )
    )
    titles = b"\0.dynstr\0.gnu.version_r\0.dynamic\0.shstrtab\0"
    titles_at = dynamic_at + len(dynamic)
    sections_at = _aligned(titles_at + len(titles))
    sections = b"".join(
        struct.pack("<IIQQQQIIQQ", title, kind, 2, at, at, size, link, info, 1, each)
        for title, kind, at, size, link, info, each in (
            (0, 0, 0, 0, 0, 0, 0),
            (1, 3, strings_at, len(names), 0, 0, 0),
            (9, 0x6FFFFFFE, needs_at, len(needs), 1, int(bool(glibc)), 0),
            (24, 6, dynamic_at, len(dynamic), 1, 0, 16),
            (33, 3, titles_at, len(titles), 0, 0, 0),
        )
    )
    end = sections_at + len(sections)
    ident = b"\x7fELF\2\1\1" + bytes(9)
    header = ident + struct.pack(
        "<HHIQQQIHHHHHH",
        *(3, _ELF_MACHINES[machine], 1, 0, 64, sections_at, 0, 64, 56, 2, 64, 5, 4),
    )
    loads = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, end, end, 0x1000)
    size = len(dynamic)
    linked = struct.pack(
        "<IIQQQQQQ", 2, 6, dynamic_at, dynamic_at, dynamic_at, size, size, 8
    )
    body = (header + loads + linked + names).ljust(needs_at, b"\0") + needs
    body = body.ljust(dynamic_at, b"\0") + dynamic + titles
    return body.ljust(sections_at, b"\0") + sections


def _aligned(place: int) -> int:
    return -(-place // 8) * 8
