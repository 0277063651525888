"""What the headers of programs and libraries say, by files that a compiler made, and
by headers written by hand.
"""

from __future__ import annotations

import platform
import random
import re
import shutil
import struct
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import machine_code
import pytest

from release_guard.facts import Binary, BinaryFormat
from release_guard.sources.binaries import BinaryReader, read_binary

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads ELF of this machine")
#: How headers call the machine that this runs on.
MACHINE = {"AMD64": "x86_64", "arm64": "aarch64"}.get(
    platform.machine(), platform.machine()
)


def read(content: bytes, member: str = "demo/_x.so") -> Binary:
    binary = read_binary(member, content)
    assert binary is not None
    return binary


def see(path: str, content: bytes) -> tuple[Binary, ...]:
    """What a reader finds that is shown as much as it wants."""
    reader = BinaryReader()
    wanted = reader.wants(path, len(content))
    if wanted:
        reader.see(path, content[:wanted], len(content))
    return tuple(reader.found)


# --- what a compiler made ----------------------------------------------------------


@pytest.fixture(name="compiled")
def _compiled(tmp_path: Path) -> Callable[..., Path]:
    cc = shutil.which("cc")
    if cc is None:
        pytest.skip("there is no C compiler")

    def compiled(source: str, *flags: str) -> Path:
        (tmp_path / "x.c").write_text(source)
        command = [cc, "x.c", "-o", "x.so", *flags]
        subprocess.run(command, cwd=tmp_path, check=True)
        return tmp_path / "x.so"

    return compiled


@LINUX
def test_a_compiled_library_is_read_as_readelf_reads_it(
    compiled: Callable[..., Path],
) -> None:
    source = '#include <stdio.h>\nint f(void) { return printf("%d", getchar()); }\n'
    path = compiled(source, "-shared", "-fPIC")
    readelf = shutil.which("readelf")
    if readelf is None:
        pytest.skip("there is no readelf")
    command = [readelf, "--version-info", "--dynamic", str(path)]
    told = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    versions = re.findall(r"Name: GLIBC_(\d+)\.(\d+)\S*\s+Flags: none", told)

    binary = read(path.read_bytes())

    assert (binary.system, binary.machines) == ("linux", (MACHINE,))
    assert binary.libc == ("glibc" if "[libc.so.6]" in told else "musl")
    assert binary.glibc == max(((int(a), int(b)) for a, b in versions), default=None)
    assert (binary.glibc is None) == (binary.libc == "musl")
    assert not binary.problem


@LINUX
def test_a_static_library_is_linked_with_nothing(compiled: Callable[..., Path]) -> None:
    path = compiled("int f(void) { return 1; }\n", "-shared", "-fPIC", "-nostdlib")

    binary = read(path.read_bytes())

    assert (binary.machines, binary.libc, binary.glibc) == ((MACHINE,), "", None)


@LINUX
def test_a_module_is_told_by_the_function_that_python_calls(
    compiled: Callable[..., Path],
) -> None:
    content = compiled(
        "void *PyInit_x(void) { return 0; }\n", "-shared", "-fPIC"
    ).read_bytes()

    (mine,), (other,) = see("demo/x.so", content), see("demo/y.so", content)

    assert (mine.is_module, other.is_module) == (True, False)


@LINUX
def test_every_module_of_this_python_is_for_this_machine() -> None:
    folder = Path(sysconfig.get_path("platlib"))
    modules = [path for path in folder.rglob("*.so") if path.is_file()][:60]
    assert modules

    for path in modules:
        (binary,) = see(path.name, path.read_bytes())
        told = (binary.format, binary.machines, binary.problem)
        assert told == (BinaryFormat.ELF, (MACHINE,), ""), path.name


# --- headers written by hand -------------------------------------------------------


@pytest.mark.parametrize("machine", ["i686", "x86_64", "aarch64"])
def test_an_elf_file_says_its_machine(machine: str) -> None:
    content = bytearray(machine_code.elf("x86_64"))
    if machine == "i686":
        # Its class is another one: only the header is left of it.
        content = bytearray(
            struct.pack("<16sHHIIIIIHHH", b"\x7fELF\1\1\1", 3, 3, 1, *[0] * 7)
        )
        content += bytes(64)
    else:
        content = bytearray(machine_code.elf(machine))

    assert read(bytes(content)).machines == (machine,)


def test_the_newest_version_of_glibc_counts() -> None:
    binary = read(machine_code.elf("x86_64", glibc=("2.2.5", "2.17", "2.9")))

    assert (binary.libc, binary.glibc) == ("glibc", (2, 17))


@pytest.mark.parametrize(
    ("version", "newest"),
    [
        ("ABI_DT_RELR", (2, 36)),
        ("PRIVATE", None),
        ("2.x", None),
        ("99999999999999999999.1", (999999999, 1)),
    ],
)
def test_versions_that_are_none_do_not_count(
    version: str, newest: tuple[int, int] | None
) -> None:
    assert read(machine_code.elf("x86_64", glibc=(version,))).glibc == newest


def test_what_may_stay_open_does_not_count() -> None:
    content = machine_code.elf("x86_64", glibc=("2.17",))
    entry = content.index(
        struct.pack(
            "<HHII",
            0,
            2,
            content.index(b"GLIBC_2.17") - content.index(b"\0libc.so.6"),
            0,
        )
    )

    weak = content[:entry] + struct.pack("<H", 2) + content[entry + 2 :]

    assert read(weak).glibc is None


@pytest.mark.parametrize("machine", ["x86_64", "arm64"])
def test_a_mach_o_file_says_its_machine(machine: str) -> None:
    binary = read(machine_code.macho(machine))

    assert (binary.format, binary.machines) == (BinaryFormat.MACH_O, (machine,))


def test_a_fat_file_says_both_halves() -> None:
    assert read(machine_code.fat("x86_64", "arm64")).machines == ("x86_64", "arm64")


def test_a_half_that_lies_behind_what_was_kept_is_known_by_the_table() -> None:
    content = machine_code.fat("x86_64", "arm64")[:0x1100]

    assert read(content).machines == ("x86_64", "arm64")


@pytest.mark.parametrize(
    ("commands", "system", "needs"),
    [
        pytest.param(
            struct.pack("<4I", 0x24, 16, 0x0A0900, 0), "macosx", (10, 9), id="min"
        ),
        pytest.param(
            struct.pack("<6I", 0x32, 24, 1, 0x0C0300, 0, 0),
            "macosx",
            (12, 3),
            id="build",
        ),
        pytest.param(
            struct.pack("<6I", 0x32, 24, 7, 0x0D0000, 0, 0), "ios", (13, 0), id="phone"
        ),
        pytest.param(
            struct.pack("<4I", 0x19, 16, 0, 0)
            + struct.pack("<4I", 0x24, 16, 0x0B0000, 0),
            "macosx",
            (11, 0),
            id="behind another",
        ),
    ],
)
def test_a_mach_o_file_says_since_when(
    commands: bytes, system: str, needs: tuple[int, int]
) -> None:
    count = 2 if len(commands) == 32 else 1
    header = struct.pack(
        "<8I", 0xFEEDFACF, 0x0100000C, 0, 8, count, len(commands), 0, 0
    )

    binary = read(header + commands)

    assert (binary.system, binary.needs) == (system, (needs,))


@pytest.mark.parametrize(
    ("system", "machine"),
    [("win32", "x86"), ("win_amd64", "amd64"), ("win_arm64", "arm64")],
)
def test_a_pe_file_says_its_machine(system: str, machine: str) -> None:
    binary = read(machine_code.pe(system))

    assert (binary.system, binary.machines) == ("win", (machine,))


def test_code_for_net_is_for_any_machine() -> None:
    content = machine_code.pe("win32")[: 64 + 24]
    directories = struct.pack("<I", 16) + bytes(8 * 14) + struct.pack("<II", 0x2000, 72)
    optional = struct.pack("<H", 0x10B) + bytes(90) + directories

    assert read(content + optional).machines == ()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"#!/bin/sh\n", id="a script"),
        pytest.param(b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(40), id="a class of Java"),
        pytest.param(b"MZ" + bytes(100), id="a program of DOS"),
        pytest.param(b"\x7fEL", id="the begin of a mark"),
    ],
)
def test_what_is_no_binary_is_none(content: bytes) -> None:
    assert read_binary("demo/x", content) is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x7fELF", id="ELF that ends behind its mark"),
        pytest.param(b"\x7fELF\7" + bytes(100), id="ELF of no class"),
        pytest.param(b"\xcf\xfa\xed\xfe", id="Mach-O that ends behind its mark"),
        pytest.param(b"\xca\xfe\xba\xbe\0\0\0\2", id="a fat file without a table"),
        pytest.param(
            struct.pack("<8I", 0xFEEDFACF, 7, 0, 8, 9, 9, 0, 0) + bytes(64),
            id="a load command of no size",
        ),
    ],
)
def test_a_header_that_cannot_be_read_is_told(content: bytes) -> None:
    assert read(content).problem


def test_of_a_large_member_only_the_begin_is_wanted() -> None:
    reader = BinaryReader()

    assert reader.wants("demo/lib.so.1", 1 << 40) == 16 << 20
    assert reader.wants("demo/data.bin", 1 << 40) == 64 << 10
    assert reader.wants("demo/__init__.py", 100) == 0


def test_what_lies_behind_the_kept_part_is_no_problem_of_the_file() -> None:
    content = machine_code.elf("x86_64")
    reader = BinaryReader()
    reader.see("demo/x.so", content[:200], len(content))

    (binary,) = reader.found

    assert (binary.machines, binary.glibc, binary.problem) == (("x86_64",), None, "")


@pytest.mark.parametrize("seed", range(20))
def test_no_header_makes_it_raise_or_go_on_for_ever(seed: int) -> None:
    chosen = random.Random(seed)
    forms = [
        machine_code.elf("x86_64", glibc=("2.2.5", "2.17")),
        machine_code.fat("x86_64", "arm64"),
        machine_code.macho("arm64"),
        machine_code.pe("win_amd64"),
    ]
    for content in forms * 100:
        changed = bytearray(content)
        for _ in range(chosen.randrange(1, 8)):
            at = chosen.randrange(4, len(changed))
            changed[at] = chosen.choice((0, 1, 2, 127, 128, 255))
        reader = BinaryReader()
        reader.see("demo/x.so", bytes(changed), len(changed))


# --- tables that overlap ------------------------------------------------------------


@pytest.mark.parametrize("count", [1_000, 60_000])
def test_tables_that_overlap_end(count: int) -> None:
    """Of a hostile file a bounded number of records is read."""
    entries = struct.pack("<qQ", 1, 1 << 40) * 1_000
    head = b"\x7fELF\2\1\1" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 0, count, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 2, 0, 120, 0, 0, len(entries), 0, 0)

    binary = read(head + segment + entries)

    assert binary.machines in ((), ("x86_64",))
    assert "larger tables" in binary.problem


def test_what_is_not_looked_at_is_told() -> None:
    """Many files of which each has as many records as are read of one."""
    entries = struct.pack("<II", 0x99, 8) * 9_990
    header = struct.pack("<8I", 0xFEEDFACF, 0x01000007, 3, 8, 9_990, len(entries), 0, 0)
    reader = BinaryReader()
    for number in range(101):
        reader.see(f"demo/x{number}.so", header + entries + bytes(16), 1 << 20)

    assert reader.is_cut
    assert len(reader.found) <= 101


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\n", id="git LFS"),
        pytest.param(b"import _x\n", id="a text"),
    ],
)
def test_what_is_named_as_a_module_and_is_none_is_told(content: bytes) -> None:
    reader = BinaryReader()
    reader.see("demo/_x.abi3.so", content, len(content))
    reader.see("demo/data.so", content, len(content))

    (binary,) = reader.found

    told = (binary.member, binary.is_module, binary.problem)
    assert told == ("demo/_x.abi3.so", True, "has the header of no binary")


def test_a_module_of_webassembly_is_one() -> None:
    (binary,) = see("demo/_x.cpython-312-wasm32-emscripten.so", b"\0asm\1\0\0\0")

    assert (binary.machines, binary.problem) == (("wasm32",), "")


@pytest.mark.parametrize("name", ["libgcc_s.so.1", "libgcc_s-0a1b2c3d.so.1"])
def test_what_gcc_names_after_glibc_needs_no_glibc(name: str) -> None:
    """On aarch64 its own functions have the version GLIBC_2.0, beside musl too."""
    # The name stands behind PyInit_, where both tables are led to.
    content = machine_code.elf("aarch64", glibc=("2.0",), init=name)
    assert (read(content).libc, read(content).glibc) == ("glibc", (2, 0))
    at = content.index(name.encode()) - content.index(b"\0libc.so.6")

    led = content.replace(struct.pack("<QQ", 1, 1), struct.pack("<QQ", 1, at))
    versions = struct.pack("<HHIII", 1, 1, 1, 16, 0)
    led = led.replace(versions, struct.pack("<HHIII", 1, 1, at, 16, 0))

    assert led.count(versions) == 0
    assert (read(led).libc, read(led).glibc) == ("", None)
