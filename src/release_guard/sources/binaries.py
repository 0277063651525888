"""Programs and libraries in an archive: for which system and machine they are.

Only headers are read, by hand: a few fields of ELF, Mach-O and PE. The libraries that
parse such files whole are made for tools that trust what they open, and bring far more
than is needed. Each field is read with a bound, and what is not as the format has it is
a ``problem``, never an error.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import replace

from release_guard.facts import Binary, BinaryFormat

__all__ = ["BinaryReader", "read_binary"]

#: How much of a member is looked at, in bytes. What a loader needs stands at the begin,
#: but for files that were patched; of larger ones some fields stay open.
_MOST = 16 << 20
#: Enough to tell a binary by how it begins, and to read Mach-O and PE.
_BEGIN = 64 << 10
#: How many binaries of one archive are told; the largest wheels have some thousand.
_MOST_BINARIES = 10_000
#: How many records are read of one file, and of all files of an archive. Real libraries
#: have some hundred; overlapping tables could make of a few bytes as many as they like.
_MOST_RECORDS, _ALL_RECORDS = 10_000, 1_000_000
#: What is never a binary, and there are many of.
_TEXTS = (".py", ".pyi", ".txt", ".md", ".rst", ".json", ".h", ".html", ".js", ".css")
#: How the names go on of what Python imports, or a loader of ELF takes.
_SHARED = (".so", ".pyd")
#: How the names end of what Python imports, and says so (PEP 3149).
_TAGGED = re.compile(r"\.(?:abi3t?|cpython-[^.]+|cp\d+t?-[^.]+|pypy[^.]+)\.(?:so|pyd)")
#: What Python calls in what it imports (PEP 489).
_INIT = "PyInit_"


class BinaryReader:
    """The binaries of an archive, found while it is read, in its order; ``is_cut`` says
    whether there are more than are looked at.
    """

    def __init__(self) -> None:
        self.found: list[Binary] = []
        self.is_cut = False
        self._left = _ALL_RECORDS

    def wants(self, path: str, size: int) -> int:
        """The begin of whatever may be one; all of what looks like a shared library."""
        name = path.rpartition("/")[2].lower()
        if name.endswith(_TEXTS):
            return 0
        is_open = "." not in name or any(mark in name for mark in _SHARED)
        return min(size, _MOST if is_open else _BEGIN)

    def see(self, path: str, content: bytes, size: int) -> None:
        """Look at what may be a binary."""
        name = path.rpartition("/")[2]
        is_binary = content.startswith(_BEGINS)
        if not (is_binary or _is_tagged(name)):
            return
        if len(self.found) >= _MOST_BINARIES or self._left < _MOST_RECORDS:
            self.is_cut = True
            return
        file = _File(content, _MOST_RECORDS)
        binary = _read(path, file)
        if not is_binary:
            problem = "has the header of no binary"
            binary = Binary(path, BinaryFormat.OTHER, problem=problem)
        self._left -= file.read
        if binary is None:
            return
        if binary.machines and len(content) < size:
            # What stands behind the part that was kept is no problem of the file.
            binary = replace(binary, problem="")
        is_module = _is_module(name, content)
        self.found.append(replace(binary, is_module=is_module))


def _is_module(name: str, content: bytes) -> bool:
    stem, _, rest = name.partition(".")
    if not name.endswith(_SHARED) or not rest:
        return False
    return _is_tagged(name) or f"{_INIT}{stem}".encode() in content


def _is_tagged(name: str) -> bool:
    """Whether a file's name says that Python imports it."""
    return _TAGGED.fullmatch(f".{name.partition('.')[2]}") is not None


def read_binary(member: str, content: bytes) -> Binary | None:
    """What the headers of a binary say; None for what is none. ``content`` may be only
    its begin.
    """
    return _read(member, _File(content, _MOST_RECORDS))


def _read(member: str, file: _File) -> Binary | None:
    for form, begins, read in _FORMATS:
        if not file.content.startswith(begins):
            continue
        try:
            return read(member, file)
        except _MalformedError as error:
            return Binary(member, form, problem=str(error))
    return None


class _MalformedError(Exception):
    """A header is not as its format has it."""


class _File:
    """The begin of a file, of which a bounded number of records is read."""

    def __init__(self, content: bytes, most: int) -> None:
        self.content = content
        self.read = 0
        self._most = most

    def fields(self, form: str, at: int) -> tuple[int, ...]:
        """The numbers that stand at a place."""
        self._count()
        try:
            return struct.unpack_from(form, self.content, at)
        except (struct.error, OverflowError):
            raise _MalformedError("is cut off") from None

    def text(self, at: int) -> str:
        """A name that ends with a NUL, as a loader reads it; bounded."""
        self._count()
        end = self.content.find(b"\0", at, at + _LONGEST_NAME)
        if at < 0 or end < 0:
            raise _MalformedError("names something that is not there")
        return self.content[at:end].decode("ascii", "replace")

    def _count(self) -> None:
        if self.read >= self._most:
            raise _MalformedError("has larger tables than any real one")
        self.read += 1


_LONGEST_NAME = 1024

# --- ELF ---------------------------------------------------------------------------
# System V ABI, chapter 4 and 5; the versions of symbols: the Linux Standard Base, 10.7.

_ELF_MACHINES = {
    (3, 32): "i686",
    (62, 64): "x86_64",
    (40, 32): "arm",
    (183, 64): "aarch64",
    (22, 64): "s390x",
    (243, 64): "riscv64",
    (258, 64): "loongarch64",
}
_ELF_POWER, _LITTLE = 21, 1
_ELF_CLASSES = {1: 32, 2: 64}
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NEEDED, _DT_STRTAB, _DT_VERNEED, _DT_VERNEEDNUM = 1, 5, 0x6FFFFFFE, 0x6FFFFFFF
#: A reference that the loader may leave open.
_WEAK = 2
#: A version without a number, and the glibc that has it (glibc 2.36's NEWS).
_NAMED_VERSIONS = {"GLIBC_ABI_DT_RELR": (2, 36), "GLIBC_ABI_GNU2_TLS": (2, 42)}


class _Elf:
    """An ELF file, as a loader sees it: by its segments, not by its sections."""

    def __init__(self, file: _File) -> None:
        self.file = file
        kind, order = file.fields("BB", 4)
        self.bits = _ELF_CLASSES.get(kind, 0)
        if not self.bits or order not in (1, 2):
            raise _MalformedError("is an ELF file of no known class")
        self.is_little = order == _LITTLE
        self.order = "<" if self.is_little else ">"
        head = file.fields(
            f"{self.order}HHI{'QQQ' if self.bits == _WIDE else 'III'}IHHH", 16
        )
        self.machine: int = head[1]
        self.segments = tuple(self._segments(head[4], head[8], head[9]))

    def _segments(
        self, at: int, width: int, count: int
    ) -> Iterator[tuple[int, int, int, int]]:
        """Of each segment its type, where it lies in the file, where in memory, and how
        many bytes of the file it is.
        """
        is_wide = self.bits == _WIDE
        form = f"{self.order}{'IIQQQQ' if is_wide else 'IIIII'}"
        for number in range(count):
            fields = self.file.fields(form, at + number * width)
            if is_wide:
                kind, _, offset, address, _, size = fields
            else:
                kind, offset, address, _, size = fields
            yield kind, offset, address, size

    def place(self, address: int) -> int:
        """Where in the file something lies that is loaded to an address."""
        for kind, offset, start, size in self.segments:
            if kind == _PT_LOAD and start <= address < start + size:
                return offset + address - start
        raise _MalformedError("names something that is not loaded")

    def dynamic(self) -> dict[int, list[int]]:
        """What the loader is told, by tag."""
        told: dict[int, list[int]] = {}
        form = f"{self.order}{'qQ' if self.bits == _WIDE else 'iI'}"
        width = struct.calcsize(form)
        for kind, offset, _, size in self.segments:
            if kind != _PT_DYNAMIC:
                continue
            for number in range(size // width):
                tag, value = self.file.fields(form, offset + number * width)
                if not tag:
                    break
                told.setdefault(tag, []).append(value)
        return told

    def versions(self, strings: int, at: int, count: int) -> Iterator[str]:
        """The versions of symbols that it cannot do without."""
        for _ in range(count):
            entry = self.file.fields(f"{self.order}HHIII", at)
            inner = at + entry[3]
            is_own = not self.file.text(strings + entry[2]).startswith(_OF_GCC)
            for _ in range(entry[1]):
                need = self.file.fields(f"{self.order}IHHII", inner)
                if is_own and not need[1] & _WEAK:
                    yield self.file.text(strings + need[3])
                inner += need[4]
                if not need[4]:
                    break
            at += entry[4]
            if not entry[4]:
                break


_WIDE = 64
#: It names versions after glibc, beside musl too; in a wheel its name may go on.
_OF_GCC = "libgcc_s"


def _read_elf(member: str, file: _File) -> Binary:
    elf = _Elf(file)
    if elf.machine == _ELF_POWER:
        machine = "ppc64le" if elf.is_little else "ppc64"
    else:
        machine = _ELF_MACHINES.get((elf.machine, elf.bits), f"machine {elf.machine}")
    told = Binary(member, BinaryFormat.ELF, "linux", (machine,), (None,))
    try:
        return _linked(told, elf)
    except _MalformedError as error:
        return replace(told, problem=str(error))


def _linked(told: Binary, elf: _Elf) -> Binary:
    """What the loader of an ELF file is told, added to what its header says."""
    file, dynamic = elf.file, elf.dynamic()
    if not dynamic:
        return told
    strings = elf.place(dynamic.get(_DT_STRTAB, [0])[0])
    needed = [file.text(strings + at) for at in dynamic.get(_DT_NEEDED, ())]
    versions: list[tuple[int, int]] = []
    if _DT_VERNEED in dynamic:
        at = elf.place(dynamic[_DT_VERNEED][0])
        count = dynamic.get(_DT_VERNEEDNUM, [0])[0]
        named = elf.versions(strings, at, count)
        versions = [v for v in map(_glibc, named) if v is not None]
    is_android = {"libc.so", "libdl.so"} <= set(needed)
    return replace(
        told,
        system="android" if is_android else told.system,
        libc=_libc(needed, versions),
        glibc=max(versions, default=None),
    )


def _glibc(version: str) -> tuple[int, int] | None:
    """The version of glibc behind ``GLIBC_2.17``; None for what is no such version."""
    if version in _NAMED_VERSIONS:
        return _NAMED_VERSIONS[version]
    parts = version.removeprefix("GLIBC_").split(".")
    if not version.startswith("GLIBC_") or not all(p.isdecimal() for p in parts):
        return None
    numbers = [int(part[:9]) for part in (*parts, "0")]
    return numbers[0], numbers[1]


def _libc(needed: list[str], versions: list[tuple[int, int]]) -> str:
    if versions or "libc.so.6" in needed:
        return "glibc"
    return "musl" if any(n.startswith("libc.musl-") for n in needed) else ""


# --- Mach-O --------------------------------------------------------------------------
# mach-o/loader.h and mach-o/fat.h.

_CPU_TYPES = {
    7: "i386",
    0x01000007: "x86_64",
    12: "arm",
    0x0100000C: "arm64",
    18: "ppc",
    0x01000012: "ppc64",
}
_LC_VERSION_MIN = {0x24: "macosx", 0x25: "ios", 0x2F: "tvos", 0x30: "watchos"}
_LC_BUILD_VERSION = 0x32
_PLATFORMS = {1: "macosx", 2: "ios", 3: "tvos", 4: "watchos", 6: "macosx", 7: "ios"}
_FAT, _FAT_WIDE = b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"
_THIN = {
    b"\xce\xfa\xed\xfe": ("<", 28),
    b"\xcf\xfa\xed\xfe": ("<", 32),
    b"\xfe\xed\xfa\xce": (">", 28),
    b"\xfe\xed\xfa\xcf": (">", 32),
}
#: Java's class files begin as fat files do; their version stands where the count would.
_MOST_SLICES = 20

_Slice = tuple[str, str, tuple[int, int] | None]


def _read_macho(member: str, file: _File) -> Binary | None:
    return _macho(member, [_macho_slice(file, 0)])


def _read_fat(member: str, file: _File) -> Binary | None:
    """A fat file; None for a class file of Java."""
    is_wide = file.content.startswith(_FAT_WIDE)
    (count,) = file.fields(">I", 4)
    if count > _MOST_SLICES:
        return None
    form = ">IIQQII" if is_wide else ">IIIII"
    width = struct.calcsize(form)
    slices: list[_Slice] = []
    for number in range(count):
        cpu, _, offset, *_ = file.fields(form, 8 + number * width)
        if file.content[offset : offset + 4] in _THIN:
            slices.append(_macho_slice(file, offset))
        else:
            # It lies behind what was kept; the table says enough.
            slices.append((_CPU_TYPES.get(cpu, f"cpu {cpu}"), "", None))
    return _macho(member, slices)


def _macho(member: str, slices: list[_Slice]) -> Binary:
    systems = sorted({system for _, system, _ in slices if system})
    return Binary(
        member,
        BinaryFormat.MACH_O,
        systems[0] if len(systems) == 1 else "",
        tuple(machine for machine, _, _ in slices),
        tuple(version for _, _, version in slices),
    )


def _macho_slice(file: _File, start: int) -> _Slice:
    """The machine, the system, and the oldest version of it."""
    order, width = _THIN[file.content[start : start + 4]]
    _, cpu, _, _, commands = file.fields(f"{order}5I", start)
    machine = _CPU_TYPES.get(cpu, f"cpu {cpu}")
    at = start + width
    for _ in range(commands):
        if at + 16 > len(file.content):
            break
        command, size, first, second = file.fields(f"{order}4I", at)
        if command in _LC_VERSION_MIN:
            return machine, _LC_VERSION_MIN[command], _apple_version(first)
        if command == _LC_BUILD_VERSION:
            return machine, _PLATFORMS.get(first, "other"), _apple_version(second)
        if size < _LEAST_COMMAND:
            raise _MalformedError("has a load command of no size")
        at += size
    return machine, "", None


_LEAST_COMMAND = 8


def _apple_version(packed: int) -> tuple[int, int]:
    """Sixteen bits and twice eight: 10.9.1."""
    return packed >> 16, packed >> 8 & 0xFF


# --- PE ------------------------------------------------------------------------------
# Microsoft, PE Format.

_PE_MACHINES = {0x14C: "x86", 0x8664: "amd64", 0xAA64: "arm64", 0x1C4: "arm"}
_PE_MANAGED = 14
_PE_DIRECTORIES = {0x10B: 96, 0x20B: 112}
_PE_HEADER, _PE_OPTIONAL = 4, 24


def _read_pe(member: str, file: _File) -> Binary | None:
    """A program or library of Windows; None for one of DOS. Code for .NET runs on any
    machine, whatever the header says.
    """
    (at,) = file.fields("<I", 0x3C)
    begin = file.content[at : at + _PE_OPTIONAL]
    if len(begin) < _PE_OPTIONAL or begin[:4] != b"PE\0\0":
        return None
    (machine,) = file.fields("<H", at + _PE_HEADER)
    named = _PE_MACHINES.get(machine, f"machine {machine:#x}")
    machines = () if _is_managed(file, at) else (named,)
    return Binary(member, BinaryFormat.PE, "win", machines, (None,) * len(machines))


def _is_managed(file: _File, at: int) -> bool:
    """Whether it has a directory for .NET."""
    try:
        (magic,) = file.fields("<H", at + _PE_OPTIONAL)
        directories = at + _PE_OPTIONAL + _PE_DIRECTORIES.get(magic, 0)
        (count,) = file.fields("<I", directories - 4)
        (address,) = file.fields("<I", directories + 8 * _PE_MANAGED)
    except _MalformedError:
        return False
    return bool(magic in _PE_DIRECTORIES and count > _PE_MANAGED and address)


_WASM = b"\0asm"


def _read_wasm(member: str, _: _File) -> Binary:
    """A module of WebAssembly, as Pyodide loads it."""
    return Binary(member, BinaryFormat.WASM, "wasm", ("wasm32",), (None,))


_FORMATS = (
    (BinaryFormat.ELF, b"\x7fELF", _read_elf),
    (BinaryFormat.MACH_O, (_FAT, _FAT_WIDE), _read_fat),
    (BinaryFormat.MACH_O, tuple(_THIN), _read_macho),
    (BinaryFormat.PE, b"MZ", _read_pe),
    (BinaryFormat.WASM, _WASM, _read_wasm),
)
_BEGINS = (b"\x7fELF", _FAT, _FAT_WIDE, *_THIN, b"MZ", _WASM)
