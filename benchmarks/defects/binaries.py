"""Native code as small as it gets: what a loader and an auditor read, and no code.

ELF (System V ABI, symbol versions of the LSB), Mach-O and PE.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["elf", "macho", "pe"]

_T = TypeVar("_T")
_ELF_MACHINES = {"x86_64": 62, "aarch64": 183}
_MACHO_CPUS = {"x86_64": (0x01000007, 3), "arm64": (0x0100000C, 0)}
_PE_MACHINES = {"win_amd64": 0x8664, "win_arm64": 0xAA64}
_PROGBITS, _STRTAB, _DYNAMIC, _NOTE, _DYNSYM = 1, 3, 6, 7, 11
_VERNEED, _VERSYM = 0x6FFFFFFE, 0x6FFFFFFF


def macho(machine: str) -> bytes:
    """A bundle for macOS, for one machine."""
    cpu, subtype = _MACHO_CPUS[machine]
    # LC_BUILD_VERSION: macOS 11.0, SDK 11.0.
    command = struct.pack("<IIIIII", 0x32, 24, 1, 11 << 16, 11 << 16, 0)
    size = len(command)
    head = struct.pack("<IIIIIIII", 0xFEEDFACF, cpu, subtype, 8, 1, size, 0, 0)
    return head + command


def pe(system: str) -> bytes:
    """A DLL for Windows, without a section."""
    stub = (b"MZ" + bytes(58) + struct.pack("<I", 64)).ljust(64, b"\0")
    optional = struct.pack("<H", 0x20B).ljust(240, b"\0")
    machine = _PE_MACHINES[system]
    header = struct.pack("<HHIIIHH", machine, 0, 0, 0, 0, len(optional), 0x2022)
    return stub + b"PE\0\0" + header + optional


@dataclass(frozen=True)
class _Section:
    name: str
    kind: int
    data: bytes
    link: str = ""
    info: int = 0
    flags: int = 2
    each: int = 0


def elf(
    machine: str,
    *,
    defines: str,
    uses: Sequence[str] = (),
    needs: Mapping[str, Sequence[str]] | None = None,
    isa: int = 0,
    debug: bool = False,
) -> bytes:
    """A shared object for Linux.

    It defines a function and uses others; ``needs`` are the libraries, each with the
    versions of its symbols. ``isa`` is the x86-64 level that it says it needs, as the
    bits of its GNU property; with ``debug`` there is a line table for a debugger.
    """
    libraries = needs or {"libc.so.6": ("GLIBC_2.2.5",)}
    strings = _Strings()
    symbols = bytes(24) + _symbol(strings.at(defines), 2, 1)
    for name in uses:
        symbols += _symbol(strings.at(name), 0, 0)
    versions, needed, number = b"", b"", 1
    with_versions = {lib: said for lib, said in libraries.items() if said}
    for last, (library, said) in _lasts(with_versions.items()):
        aux = b""
        for end, version in _lasts(said):
            number += 1
            at, step = strings.at(version), 0 if end else 16
            aux += struct.pack(
                "<IHHII", zlib.crc32(version.encode()), 0, number, at, step
            )
        step = 0 if last else 16 + len(aux)
        versions += struct.pack("<HHIII", 1, len(said), strings.at(library), 16, step)
        versions += aux
    for library in libraries:
        needed += struct.pack("<QQ", 1, strings.at(library))
    count = len(symbols) // 24
    parts = [
        _Section(".dynstr", _STRTAB, strings.data),
        _Section(".dynsym", _DYNSYM, symbols, ".dynstr", info=1, each=24),
        # Symbol 0 is local, the others are global, of no version.
        _Section(
            ".gnu.version", _VERSYM, bytes(2) + b"\1\0" * (count - 1), ".dynsym", each=2
        ),
        _Section(
            ".gnu.version_r", _VERNEED, versions, ".dynstr", info=len(with_versions)
        ),
    ]
    if isa:
        body = struct.pack("<III", 0xC0008002, 4, isa) + bytes(4)
        note = struct.pack("<III", 4, len(body), 5) + b"GNU\0" + body
        parts.append(_Section(".note.gnu.property", _NOTE, note))
    if debug:
        parts.append(_Section(".debug_line", _PROGBITS, bytes(64), flags=0))
    return _laid_out(machine, parts, needed)


class _Strings:
    """A string table, in which each text stands once."""

    def __init__(self) -> None:
        self.data = b"\0"
        self._places: dict[str, int] = {}

    def at(self, text: str) -> int:
        if text not in self._places:
            self._places[text] = len(self.data)
            self.data += text.encode() + b"\0"
        return self._places[text]


def _symbol(name: int, kind: int, section: int) -> bytes:
    """A global symbol; ``kind`` 2 is a function, ``section`` 0 is undefined."""
    return struct.pack(
        "<IBBHQQ", name, 1 << 4 | kind, 0, section, 64 if section else 0, 0
    )


def _lasts(items: Iterable[_T]) -> list[tuple[bool, _T]]:
    """Each item, and before it whether it is the last."""
    made = list(items)
    return [(n + 1 == len(made), item) for n, item in enumerate(made)]


def _laid_out(machine: str, parts: Sequence[_Section], needed: bytes) -> bytes:
    """The file: its headers, the sections, and the tables that name them."""
    note = next((part for part in parts if part.kind == _NOTE), None)
    segments = 2 + (2 if note else 0)
    places, body = {}, bytearray(64 + 56 * segments)
    for part in parts:
        body += bytes(-len(body) % 8)
        places[part.name] = len(body)
        body += part.data
    sizes = {part.name: len(part.data) for part in parts}
    infos = {part.name: part.info for part in parts}
    said = (
        (5, places[".dynstr"]),
        (10, sizes[".dynstr"]),
        (6, places[".dynsym"]),
        (11, 24),
        (0x6FFFFFF0, places[".gnu.version"]),
        (0x6FFFFFFE, places[".gnu.version_r"]),
        (0x6FFFFFFF, infos[".gnu.version_r"]),
        (0, 0),
    )
    dynamic = needed + b"".join(struct.pack("<QQ", *pair) for pair in said)
    body += bytes(-len(body) % 8)
    places[".dynamic"] = len(body)
    body += dynamic
    titles = _Strings()
    listed = [*parts, _Section(".dynamic", _DYNAMIC, dynamic, ".dynstr", each=16)]
    rows = bytes(64)
    order = ["", *(part.name for part in listed), ".shstrtab"]
    for part in listed:
        at = places[part.name]
        link = order.index(part.link) if part.link else 0
        rows += struct.pack(
            "<IIQQQQIIQQ",
            *(titles.at(part.name), part.kind, part.flags, at if part.flags else 0),
            *(at, len(part.data), link, part.info, 8, part.each),
        )
    name = titles.at(".shstrtab")
    at = len(body)
    body += titles.data
    rows += struct.pack(
        "<IIQQQQIIQQ", name, _STRTAB, 0, 0, at, len(titles.data), 0, 0, 1, 0
    )
    body += bytes(-len(body) % 8)
    start = len(body)
    head = b"\x7fELF\2\1\1" + bytes(9)
    head += struct.pack(
        "<HHIQQQIHHHHHH",
        *(3, _ELF_MACHINES[machine], 1, 0, 64, start, 0),
        *(64, 56, segments, 64, len(order), len(order) - 1),
    )
    spans = [(1, 5, 0, start), (2, 6, places[".dynamic"], len(dynamic))]
    if note is not None:
        spans += [
            (kind, 4, places[note.name], len(note.data)) for kind in (4, 0x6474E553)
        ]
    for kind, flags, place, size in spans:
        head += struct.pack(
            "<IIQQQQQQ", kind, flags, place, place, place, size, size, 8
        )
    body[: len(head)] = head
    return bytes(body) + rows
