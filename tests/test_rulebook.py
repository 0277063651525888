"""PyPI's upload rules, row by row: a file that is refused, and a near miss that is not.

Every file is real and is judged through the command line. What is refused is refused by
the rule that claims the row, and marked where it is what the index would say.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

import builders
import pytest
import sound
from archives import (
    METADATA,
    SDIST,
    WHEEL,
    Entry,
    Node,
    gzipped,
    patched,
    pax,
    record_row,
    swapped,
    tar_of,
    zip_of,
)
from sound import NOT_FOUND, Index, Reply

from release_guard import run
from release_guard.cli import main
from release_guard.errors import ExitCode
from release_guard.jobs.common import Job
from release_guard.rulebook import AS_OF, LARGEST_FILE, LARGEST_PROJECT, ROWS, Decided
from release_guard.rules import RULES
from release_guard.rules.archive import (
    archive_ambiguous,
    archive_bomb,
    archive_compression,
    archive_too_large,
    archive_unreadable,
    archive_unsafe_member,
    archive_unsafe_path,
    obfuscated_code,
)
from release_guard.rules.base import AnyRule
from release_guard.rules.contents import (
    entry_points_invalid,
    license_file_missing,
    record_incomplete,
    sdist_layout,
    wheel_layout,
)
from release_guard.rules.filename import (
    filename_invalid,
    filename_metadata_mismatch,
    filename_not_normalized,
    platform_tag_refused,
)
from release_guard.rules.fileset import duplicate_wheel, several_sdists, unknown_file
from release_guard.rules.metadata import (
    classifier_refused,
    dependency_url,
    description_refused,
    license_invalid,
    metadata_invalid,
    metadata_version,
)
from release_guard.rules.upload import (
    file_exists,
    project_new,
    project_quota,
    project_status,
    release_closed,
    sdist_exists,
)
from release_guard.rules.version import version_kind

# --- how a file is made ----------------------------------------------------------


@dataclass(frozen=True)
class File:
    """A file: its name, and its bytes once they are wanted.

    With ``size`` it is made that long by zeros behind its end, which cost nothing.
    """

    name: str
    content: Callable[[], bytes]
    size: int = 0

    def put(self, folder: Path) -> Path:
        """Write it into a folder."""
        path = folder / self.name
        path.write_bytes(self.content())
        if self.size:
            os.truncate(path, self.size)
        return path


Members = Mapping[str, bytes]
Entries = Callable[[list[Entry]], list[Entry]]
_MODULE: Members = {"demo.py": b"answer = 42\n" * 10}


def _metadata(
    fields: Sequence[str], metadata: str, project: str, version: str, body: str
) -> bytes:
    """Core metadata; of the first three fields one that is empty is left out."""
    three = {"Metadata-Version": metadata, "Name": project, "Version": version}
    lines = [f"{field}: {value}" for field, value in three.items() if value]
    head = "\n".join([*lines, *fields, ""])
    return (f"{head}\n{body}" if body else head).encode()


def _in(top: str, members: Members, lacks: Sequence[str]) -> dict[str, bytes]:
    """The members, with ``top`` in place of each ``@``."""
    return {
        path.replace("@", top): data
        for path, data in members.items()
        if path not in lacks
    }


def wheel(
    *fields: str,
    name: str = WHEEL,
    metadata: str = "2.4",
    project: str = "demo",
    version: str = "1.0",
    body: str = "",
    info: str = "",
    members: Members | None = None,
    lacks: Sequence[str] = (),
    entries: Entries = list,
    after: Callable[[bytes], bytes] = bytes,
    **framing: Any,  # noqa: ANN401
) -> File:
    """A sound wheel of this name with these fields in its metadata, changed by what is
    said. In a member's path ``@`` stands for the ``.dist-info`` folder.
    """
    parts = name.removesuffix(".whl").split("-")
    folder = info or "-".join(parts[:2]) + ".dist-info"

    def content() -> bytes:
        given = {
            **_MODULE,
            "@/METADATA": _metadata(fields, metadata, project, version, body),
            "@/WHEEL": f"Wheel-Version: 1.0\nTag: {'-'.join(parts[-3:])}\n".encode(),
            **(members or {}),
        }
        files = _in(folder, given, lacks)
        record = f"{folder}/RECORD"
        if "@/RECORD" not in (*lacks, *given):
            rows = [record_row(path, data) for path, data in files.items()]
            files[record] = "".join([*rows, f"{record},,\n"]).encode()
        made = [Entry(path, data) for path, data in files.items()]
        return after(zip_of(*entries(made), **framing))

    return File(name, content)


def sdist(
    *fields: str,
    name: str = SDIST,
    metadata: str = "2.4",
    project: str = "demo",
    version: str = "1.0",
    body: str = "",
    top: str = "",
    members: Members | None = None,
    lacks: Sequence[str] = (),
    nodes: Callable[[list[Node]], list[Node]] = list,
    pack: Callable[[bytes], bytes] = gzipped,
    size: int = 0,
) -> File:
    """A sound sdist of this name with these fields in its metadata, changed by what is
    said. In a member's path ``@`` stands for the top folder.
    """
    folder = top or name.removesuffix(".tar.gz").removesuffix(".zip")

    def content() -> bytes:
        given = {
            "@/PKG-INFO": _metadata(fields, metadata, project, version, body),
            "@/pyproject.toml": b"[build-system]\n",
            "@/demo.py": _MODULE["demo.py"],
            **(members or {}),
        }
        files = _in(folder, given, lacks)
        if name.endswith(".zip"):
            return zip_of(*(Entry(path, data) for path, data in files.items()))
        made = [Node(path, data) for path, data in files.items()]
        return pack(tar_of(*nodes(made)))

    return File(name, content, size)


def named(name: str, of: File | None = None) -> File:
    """The bytes of a sound wheel, or of another file, under this name."""
    return replace(of or wheel(), name=name)


def bare(name: str, content: bytes) -> File:
    """Exactly these bytes under this name."""
    return File(name, lambda: content)


def long_name(length: int) -> dict[str, Any]:
    """What a wheel is called whose file name has so many bytes."""
    project = "d" * (length - len(WHEEL.removeprefix("demo")))
    return {"name": WHEEL.replace("demo", project), "project": project}


# --- how a zip is spoiled --------------------------------------------------------


def entry(name: str, **fields: object) -> Entries:
    """Other fields in the entry of this name."""
    return lambda entries: swapped(entries, name, **fields)


def module(**fields: object) -> Entries:
    """Other fields in the entry of the module."""
    return entry("demo.py", **fields)


def stored(entries: list[Entry]) -> list[Entry]:
    """Nothing is compressed."""
    return [replace(entry, method=0) for entry in entries]


def and_entry(name: str | bytes, data: bytes = b"", **fields: Any) -> Entries:  # noqa: ANN401
    """One entry more, of which RECORD knows nothing."""
    return lambda entries: [*entries, Entry(name, data, **fields)]


def in_record(old: bytes, new: bytes) -> Entries:
    """Another text in RECORD, which is the last member."""

    def change(entries: list[Entry]) -> list[Entry]:
        *others, record = entries
        assert record.data.count(old) == 1
        return [*others, replace(record, data=record.data.replace(old, new))]

    return change


def flipped(text: bytes, *fields: str, **said: Any) -> File:  # noqa: ANN401
    """A wheel of stored members, in one of which a bit of this text has flipped."""

    def flip(content: bytes) -> bytes:
        assert content.count(text) == 1
        return content.replace(text, bytes([text[0] ^ 1]) + text[1:])

    return wheel(*fields, entries=stored, after=flip, **said)


def bzipped(entries: list[Entry]) -> list[Entry]:
    """The module is packed by bzip2."""
    return module(method=12, packed=bz2.compress(_MODULE["demo.py"]))(entries)


def twice_and_comment(entries: list[Entry]) -> list[Entry]:
    """The module has one extra field twice, and a comment."""
    return module(comment=b"x")(extra(0x7075, _UNICODE_NAME, times=2)(entries))


def with_sparse(nodes: list[Node]) -> list[Node]:
    """One more member, of GNU's sparse kind."""
    return [*nodes, Node("demo-1.0/sparse", type=b"S")]


def piped(entries: list[Entry]) -> list[Entry]:
    """Checksum and sizes of each member stand behind its data, not before it."""
    before = {"flags": 8, "crc": 0, "packed_size": 0, "size": 0}
    made = []
    for entry in entries:
        body = entry.body()
        told = zlib.crc32(entry.data), len(body), len(entry.data)
        behind = b"PK\7\x08" + struct.pack("<3L", *told)
        sizes: dict[str, Any] = {"packed": body + behind, "packed_size": len(body)}
        made.append(replace(entry, flags=8, local=before, **sizes))
    return made


def extra(kind: int, data: bytes, times: int = 1) -> Entries:
    """An extra field in the local header of the module, which is stored."""
    field = struct.pack("<2H", kind, len(data)) + data
    return module(method=0, local={"extra": field * times})


def wide(*sizes: int) -> Entries:
    """A field of 64 bit sizes in the local header of the module, which is stored."""
    return extra(0x0001, struct.pack(f"<{len(sizes)}Q", *sizes))


_SIZE = len(_MODULE["demo.py"])
_UNICODE_NAME = b"\1\0\0\0\0demo.py"
_LAST_ROW, _END, _LOCATOR = b"PK\1\2", b"PK\5\6", b"PK\6\7"


def number(mark: bytes, place: int, value: int) -> Callable[[bytes], bytes]:
    """Another number of two bytes in the last record of a kind."""

    def change(content: bytes) -> bytes:
        return patched(content, content.rindex(mark) + place, struct.pack("<H", value))

    return change


def and_more(content: bytes) -> bytes:
    """One byte behind the end."""
    return content + b"x"


def extended(content: bytes) -> bytes:
    """An end record of zip64 with four bytes more than its fields."""
    at = content.rindex(b"PK\6\6")
    head, locator = content[at + 12 : at + 56], content[at + 56 :]
    return content[:at] + b"PK\6\6" + struct.pack("<Q", 48) + head + b"more" + locator


def broken_stream(content: bytes) -> bytes:
    """The module's stream begins with a block of a kind that does not exist."""
    return patched(content, content.index(b"demo.py") + len("demo.py"), b"\xff")


def unlisted(content: bytes) -> bytes:
    """One member more before the directory, which does not list it."""
    hidden = Entry("hidden.py", b"pass\n")
    start, end = content.index(b"PK\1\2"), content.rindex(_END)
    body = hidden.header() + hidden.body()
    moved = struct.pack("<L", start + len(body))
    tail = content[end : end + 16] + moved + content[end + 20 :]
    return content[:start] + body + content[start:end] + tail


# --- how a large file is made ------------------------------------------------------

MIB = 1 << 20


@cache
def _bulk() -> Entry:
    """A member of 60 MiB of zeros, which is deflated once for all."""
    entry = Entry("bulk.bin", bytes(60 * MIB))
    return replace(entry, packed=entry.body())


@cache
def _bulk_row() -> str:
    return record_row("bulk.bin", _bulk().data)


def inflated(unpacked: int, *, packed: int = 0) -> File:
    """A wheel that unpacks to exactly so many bytes, most of them zeros; made exactly
    as large as ``packed`` by a stored member and the archive's comment.
    """

    def fill(entries: list[Entry]) -> list[Entry]:
        *others, record = entries
        rows = [_bulk_row()]
        others.append(_bulk())
        if packed:
            raw = bytes(packed - len(_bulk().body()) - 40_000)
            others.append(Entry("raw.bin", raw, method=0))
            rows.append(record_row("raw.bin", raw))
        known = sum(len(entry.data) for entry in (*others, record))
        # Its size has seven digits, and not the one of an empty member.
        last_row_size = len(record_row("rest.bin", b"")) + 6
        rest = bytes(unpacked - known - len("".join(rows)) - last_row_size)
        rows.append(record_row("rest.bin", rest))
        assert len(rows[-1]) == last_row_size
        listed = record.data + "".join(rows).encode()
        return [*others, Entry("rest.bin", rest), replace(record, data=listed)]

    def lengthen(content: bytes) -> bytes:
        comment = bytes(packed - len(content)) if packed else b""
        return content[:-2] + struct.pack("<H", len(comment)) + comment

    return wheel(entries=fill, after=lengthen)


# --- the table ---------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """A file that a row refuses, the rule that says so, and a near miss.

    ``also`` are the rows that are said of the file besides; the index comes to them
    later.
    """

    row: str
    refused: str
    by: AnyRule
    file: File
    near: File
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.row}: {self.refused}"


def _fields(
    row: str, by: AnyRule, *cases: tuple[str, str, str], metadata: str = "2.4"
) -> list[Pair]:
    """Rows that one field of the metadata decides: what, refused, near miss."""
    return [
        Pair(
            row, what, by, wheel(bad, metadata=metadata), wheel(near, metadata=metadata)
        )
        for what, bad, near in cases
    ]


def _too_early(*cases: tuple[str, str, str]) -> list[Pair]:
    """Fields, the last metadata version that does not have them, and the next one."""
    return [
        Pair(
            "21",
            f"{field.partition(':')[0]} in metadata {before}",
            metadata_invalid,
            wheel(field, metadata=before),
            wheel(field, metadata=since),
        )
        for field, before, since in cases
    ]


def _platforms(*cases: tuple[str, str]) -> list[Pair]:
    """Platform tags that are refused, and near ones that are not."""
    return [
        Pair(
            "111",
            f"the platform {bad}",
            platform_tag_refused,
            wheel(name=f"demo-1.0-cp312-cp312-{bad}.whl"),
            wheel(name=f"demo-1.0-cp312-cp312-{near}.whl"),
        )
        for bad, near in cases
    ]


def _sdist_names(*cases: tuple[str, str, str, str]) -> list[Pair]:
    """Names of sdists: what, refused, near miss, and the version in both."""
    return [
        Pair(
            "102",
            what,
            filename_not_normalized,
            sdist(name=bad, version=version),
            sdist(name=near, version=version),
        )
        for what, bad, near, version in cases
    ]


def _entry_points(*cases: tuple[str, bytes, bytes]) -> list[Pair]:
    """Contents of entry_points.txt: what, refused, near miss."""
    return [
        Pair(
            "118",
            what,
            entry_points_invalid,
            wheel(members={"@/entry_points.txt": bad}),
            wheel(members={"@/entry_points.txt": near}),
        )
        for what, bad, near in cases
    ]


_URL = "https://demo.example"
_EXTRA = "Provides-Extra: x\n"
_RST = "Description-Content-Type: text/x-rst"
_MARKDOWN = "Description-Content-Type: text/markdown"
_DIRECTIVE = "Demo\n====\n\n.. no-such-directive::\n\n   text\n"

FORM = [
    Pair(
        "10",
        "a Name with a dash at its end",
        metadata_invalid,
        wheel(project="demo-"),
        wheel(project="DEMO"),
    ),
    Pair("10", "no Name", metadata_invalid, wheel(project=""), wheel()),
    Pair(
        "10",
        "the Name that says that there is none",
        metadata_invalid,
        wheel(name="unknown-1.0-py3-none-any.whl", project="UNKNOWN"),
        wheel(name="unknown-1.0-py3-none-any.whl", project="Unknown"),
    ),
]

METADATA_ROWS = [
    Pair("20", "metadata 2.0", metadata_version, wheel(metadata="2.0"), wheel()),
    Pair(
        "20",
        "metadata newer than any",
        metadata_version,
        wheel(metadata="2.6"),
        wheel(metadata="2.5"),
    ),
    Pair(
        "20",
        "a metadata version with a third number",
        metadata_version,
        wheel(metadata="1.2.0"),
        wheel(metadata="1.2"),
    ),
    Pair("20", "no Metadata-Version", metadata_version, wheel(metadata=""), wheel()),
    *_too_early(
        ("Classifier: Topic :: Utilities", "1.0", "1.1"),
        (f"Download-URL: {_URL}", "1.0", "1.1"),
        ("Supported-Platform: any", "1.0", "1.1"),
        ("Requires: other", "1.0", "1.1"),
        ("Provides: other", "1.0", "1.1"),
        ("Obsoletes: other", "1.0", "1.1"),
        ("Maintainer: Somebody", "1.1", "1.2"),
        ("Maintainer-email: a@demo.example", "1.1", "1.2"),
        ("Requires-Dist: other", "1.1", "1.2"),
        ("Requires-Python: >=3.8", "1.1", "1.2"),
        ("Requires-External: C", "1.1", "1.2"),
        (f"Project-URL: Home, {_URL}", "1.1", "1.2"),
        ("Provides-Dist: other", "1.1", "1.2"),
        ("Obsoletes-Dist: other", "1.1", "1.2"),
        ("Description-Content-Type: text/markdown", "1.2", "2.1"),
        ("Provides-Extra: more", "1.2", "2.1"),
        ("Dynamic: Platform", "2.1", "2.2"),
        ("License-Expression: MIT", "2.3", "2.4"),
        ("Import-Name: demo", "2.4", "2.5"),
        ("Import-Namespace: demo", "2.4", "2.5"),
    ),
    *_fields(
        "22",
        metadata_invalid,
        ("two Summary", "Summary: one\nSummary: two", "Summary: one"),
        (
            "two Project-URL of one label",
            f"Project-URL: Home, {_URL}\nProject-URL: Home, {_URL}/home",
            f"Project-URL: Home, {_URL}\nProject-URL: home, {_URL}/home",
        ),
    ),
    Pair("24", "no Version", metadata_invalid, wheel(version=""), wheel()),
    Pair(
        "24",
        "a Version that is none",
        metadata_invalid,
        wheel(version="1.0-final"),
        wheel(version="v1.0"),
    ),
    Pair(
        "25",
        "a local version in name and metadata",
        version_kind,
        wheel(name="demo-1.0+abc-py3-none-any.whl", version="1.0+abc"),
        wheel(name="demo-1.0.post1-py3-none-any.whl", version="1.0.post1"),
    ),
    Pair(
        "25",
        "a local version in the metadata alone",
        version_kind,
        sdist(version="1.0+abc"),
        sdist(),
        also=("102",),
    ),
    *_fields(
        "26",
        metadata_invalid,
        (
            "a Summary of 513 characters",
            f"Summary: {'x' * 513}",
            f"Summary: {'x' * 512}",
        ),
        (
            "a Summary of 513 characters of two bytes",
            f"Summary: {'ä' * 513}",
            f"Summary: {'ä' * 512}",
        ),
        ("a Summary of two lines", "Summary: one\n two", "Summary: one; two"),
    ),
    *_fields(
        "27",
        metadata_invalid,
        (
            "an unknown type",
            "Description-Content-Type: text/html",
            "Description-Content-Type: text/plain",
        ),
        (
            "a charset in lower case",
            f"{_MARKDOWN}; charset=utf-8",
            f"{_MARKDOWN}; charset=UTF-8",
        ),
        (
            "another charset",
            f"{_RST}; charset=latin-1",
            f'{_RST}; charset="UTF-8"',
        ),
        (
            "an unknown variant",
            f"{_MARKDOWN}; variant=gfm",
            f"{_MARKDOWN}; variant=GFM",
        ),
        (
            "another unknown variant",
            f"{_MARKDOWN}; variant=Original",
            f"{_MARKDOWN}; variant=CommonMark",
        ),
    ),
    *_fields(
        "28",
        metadata_invalid,
        (
            "a name in place of an address",
            "Author-email: Somebody",
            "Author-email: Somebody <a@demo.example>",
        ),
        (
            "a domain without a dot",
            "Author-email: a@demo",
            "Author-email: a@demo.example",
        ),
        (
            "a domain that is nobody's",
            "Maintainer-email: a@demo.test",
            "Maintainer-email: a@demo.example",
        ),
        (
            "two dots in a domain",
            "Maintainer-email: Somebody <a@demo..example>",
            "Maintainer-email: Somebody <a@demo.example>",
        ),
        (
            "a comma between an address and a word",
            "Author-email: Jr <nobody>",
            "Author-email: Somebody, Jr <a@demo.example>",
        ),
        (
            "one address that can be none",
            "Author-email: A <nobody>",
            "Author-email: A <a@demo.example>, B <nobody>",
        ),
    ),
    *_fields(
        "29",
        classifier_refused,
        (
            "a classifier in lower case",
            "Classifier: topic :: utilities",
            "Classifier: Topic :: Utilities",
        ),
        (
            "a private classifier",
            "Classifier: Private :: Do Not Upload",
            "Classifier: Environment :: Other Environment",
        ),
        (
            "an unknown classifier that is not the last",
            "Classifier: Topic :: Nothing\nClassifier: Topic :: Utilities",
            "Classifier: Topic :: Nothing\nClassifier: UNKNOWN",
        ),
    ),
    *_fields(
        "30",
        classifier_refused,
        (
            "a deprecated classifier",
            "Classifier: Natural Language :: Ukranian",
            "Classifier: Natural Language :: Ukrainian",
        ),
    ),
    *_fields(
        "31",
        metadata_invalid,
        (
            "a Home-page without a scheme",
            "Home-page: demo.example",
            "Home-page: HTTPS:demo.example",
        ),
        (
            "a Home-page of another scheme",
            "Home-page: ftp://demo.example",
            "Home-page: http://demo.example",
        ),
        (
            "a Home-page that is a word",
            "Home-page: NONE",
            "Home-page: UNKNOWN",
        ),
        (
            "a Download-URL with a port that there is not",
            f"Download-URL: {_URL}:65536/",
            f"Download-URL: {_URL}:65535/",
        ),
    ),
    *_fields(
        "32",
        metadata_invalid,
        (
            "a label of 33 characters",
            f"Project-URL: {'x' * 33}, {_URL}",
            f"Project-URL: {'x' * 32}, {_URL}",
        ),
        ("no label", f"Project-URL: , {_URL}", f"Project-URL: x, {_URL}"),
        ("no comma", f"Project-URL: Home {_URL}", f"Project-URL: Home,{_URL}"),
        ("no URL", "Project-URL: Home,", f"Project-URL: Home, {_URL}"),
        (
            "an address of git",
            "Project-URL: Source, git@demo.example:demo",
            "Project-URL: Source, https://git@demo.example/demo",
        ),
    ),
    *_fields(
        "33",
        metadata_invalid,
        (
            "a Requires-Dist that is none",
            "Requires-Dist: other (>>1)",
            "Requires-Dist: other (>1)",
        ),
    ),
    *_fields(
        "33",
        dependency_url,
        (
            "a dependency by a URL",
            f"Requires-Dist: other @ {_URL}/other.whl",
            "Requires-Dist: other",
        ),
        (
            "a dependency by a URL behind an extra",
            f'{_EXTRA}Requires-Dist: other @ {_URL}/other.whl ; extra == "x"',
            f'{_EXTRA}Requires-Dist: other ; extra == "x"',
        ),
    ),
    *_fields(
        "34",
        metadata_invalid,
        (
            "a Provides-Dist by a URL",
            f"Provides-Dist: other @ {_URL}/other.whl",
            "Provides-Dist: other (==1.0)",
        ),
        (
            "an Obsoletes-Dist that is none",
            "Obsoletes-Dist: other (>>1)",
            "Obsoletes-Dist: other (>1)",
        ),
    ),
    *_fields(
        "35",
        metadata_invalid,
        ("no specifier", "Requires-Python: python3", "Requires-Python: >=3"),
        (
            "a prefix where none can be",
            "Requires-Python: >=3.8.*",
            "Requires-Python: ==3.8.*",
        ),
    ),
    *_fields(
        "36",
        metadata_invalid,
        ("a name with a space", "Provides-Extra: a b", "Provides-Extra: a.b"),
        ("a name with a dash in front", "Provides-Extra: -a", "Provides-Extra: a-A"),
    ),
    *_fields(
        "37",
        metadata_invalid,
        ("the Name", "Dynamic: Name", "Dynamic: home-PAGE"),
        ("no field", "Dynamic: Nothing", "Dynamic: Obsoletes"),
        ("Dynamic itself", "Dynamic: Dynamic", "Dynamic: License-File"),
    ),
    *_fields(
        "38",
        license_invalid,
        (
            "a licence with a space",
            "License-Expression: Apache 2.0",
            "License-Expression: apache-2.0",
        ),
        (
            "an unknown licence",
            "License-Expression: Demo",
            "License-Expression: LicenseRef-Demo",
        ),
        (
            "half an expression",
            "License-Expression: MIT or",
            "License-Expression: (mit or 0BSD) and LicenseRef-Demo",
        ),
    ),
    *_fields(
        "39",
        license_invalid,
        (
            "License beside License-Expression",
            "License: MIT\nLicense-Expression: MIT",
            "License: UNKNOWN\nLicense-Expression: MIT",
        ),
    ),
    *(
        Pair(
            "40",
            what,
            license_invalid,
            wheel(f"License-File: {bad}", members={f"@/licenses/{bad}": b""}),
            wheel(f"License-File: {near}", members={f"@/licenses/{near}": b""}),
        )
        for what, bad, near in (
            ("two dots in a path", "a..b", "a.b"),
            ("a star in a path", "LICEN*E", "LICEN?E"),
            ("two slashes in a path", "a//LICENSE", "a/LICENSE"),
        )
    ),
    *_fields(
        "41",
        metadata_invalid,
        ("no module", "Import-Name: 1demo", "Import-Name: demo1"),
        ("a keyword", "Import-Name: demo.class", "Import-Name: demo.klass"),
        (
            "something else than private",
            "Import-Namespace: demo; public",
            "Import-Namespace: demo; private",
        ),
        metadata="2.5",
    ),
]

PROJECT = [
    Pair(
        "59",
        "an unknown directive, of no type",
        description_refused,
        wheel(body=_DIRECTIVE),
        wheel(_MARKDOWN, body=_DIRECTIVE),
    ),
    Pair(
        "59",
        "an unknown role",
        description_refused,
        wheel(_RST, body="Demo\n====\n\n:no-such-role:`text`\n"),
        wheel(_RST, body="Demo\n==\n\nThe line below the title is too short.\n"),
    ),
    Pair(
        "59",
        "nothing but a comment",
        description_refused,
        sdist(body=".. a comment\n"),
        sdist(body=". a comment\n"),
    ),
    Pair(
        "59",
        "nothing but white space",
        description_refused,
        sdist(body=" \n"),
        sdist(body=""),
    ),
]

_BUILT = "demo-1.0-1{}-py3-none-any.whl"

NAME_AND_SIZE = [
    Pair(
        "60",
        "a control character",
        filename_invalid,
        wheel(name=_BUILT.format("\x1f")),
        wheel(name=_BUILT.format(" ")),
    ),
    Pair(
        "60",
        "the last control character",
        filename_invalid,
        wheel(name=_BUILT.format("\x7f")),
        wheel(name=_BUILT.format("~")),
    ),
    Pair(
        "61",
        "a backslash",
        filename_invalid,
        wheel(name=_BUILT.format("\\")),
        wheel(name=_BUILT.format("|")),
    ),
    Pair("62", "an egg", unknown_file, named("demo-1.0.egg"), wheel()),
    Pair("62", "upper case", unknown_file, named(WHEEL.upper()), wheel()),
    Pair(
        "62",
        "a tar of another compression",
        unknown_file,
        named("demo-1.0.tar.bz2", sdist(pack=bz2.compress)),
        sdist(),
    ),
    Pair(
        "64",
        "100 MiB and a byte",
        archive_too_large,
        sdist(size=LARGEST_FILE + 1),
        sdist(size=LARGEST_FILE),
    ),
]

_STREAM = 1_342_178
_SPARSE = {"GNU.sparse.major": b"1", "GNU.sparse.minor": b"0"}
_LARGEST_SCANNED = 5 * MIB
_DATA: Members = {"demo.txt": b"data"}
# In halves: this file is in the sdist, and would be refused for a whole mark.
_ARMOR, _FRAME = b"__pyarmor", b" PYE FILE---"
_PYARMOR = _ARMOR + b"_enter__"
_PYE, _END_OF_PYE = b"---BEGIN" + _FRAME, b"---END" + _FRAME

ARCHIVE = [
    Pair(
        "80",
        "an sdist with a zip behind it",
        archive_ambiguous,
        sdist(pack=lambda tar: gzipped(tar) + zip_of(Entry("demo.py"))),
        sdist(members={"@/demo.zip": zip_of(Entry("demo.py"))}),
    ),
    Pair(
        "80",
        "a wheel with a tar before it",
        archive_ambiguous,
        wheel(prefix=tar_of(Node("demo.py"))),
        wheel(members={"demo.tar": tar_of(Node("demo.py"))}),
        also=("6a.1", "6a.12"),
    ),
    Pair("81", "a web page", archive_unreadable, bare(WHEEL, b"<html>"), wheel()),
    Pair(
        "81",
        "a wheel that is a tar",
        archive_unreadable,
        named(WHEEL, sdist()),
        wheel(),
    ),
    Pair("81", "a wheel of no bytes", archive_unreadable, bare(WHEEL, b""), wheel()),
    Pair("81", "an sdist that is a zip", archive_unreadable, named(SDIST), sdist()),
    Pair("81", "an sdist of no bytes", archive_unreadable, bare(SDIST, b""), sdist()),
    Pair(
        "81",
        "a page in gzip",
        archive_unreadable,
        bare("demo-1.0.tar.gz", gzipped(b"<html>")),
        sdist(),
    ),
    Pair(
        "81",
        "a zip of several disks",
        archive_ambiguous,
        wheel(after=number(_END, 4, 1)),
        wheel(after=number(_END, 4, 0)),
    ),
    Pair(
        "81",
        "another place of the end record of 64 bits",
        archive_ambiguous,
        wheel(end64=4, after=number(_LOCATOR, 8, 0)),
        wheel(end64=4),
    ),
    Pair(
        "82", "a tar that is not packed", archive_unreadable, sdist(pack=bytes), sdist()
    ),
    Pair("82", "a tar in bzip2", archive_unreadable, sdist(pack=bz2.compress), sdist()),
    Pair("82", "a tar in xz", archive_unreadable, sdist(pack=lzma.compress), sdist()),
    Pair(
        "82",
        "half a stream",
        archive_unreadable,
        sdist(pack=lambda tar: gzip.compress(tar, 0, mtime=0)[: len(tar) // 2]),
        sdist(pack=lambda tar: gzip.compress(tar, 0, mtime=0)),
    ),
    Pair(
        "82",
        "another checksum of WHEEL",
        archive_unreadable,
        flipped(b"Tag: py3"),
        wheel(entries=stored),
    ),
    Pair(
        "82",
        "another checksum of a module",
        archive_unreadable,
        flipped(b"flip = 1", members={"demo/PART.PY": b"flip = 1\n"}),
        wheel(entries=stored, members={"demo/PART.PY": b"flip = 1\n"}),
    ),
    Pair(
        "83",
        "64 MiB and a byte",
        archive_bomb,
        inflated(64 * MIB + 1),
        inflated(64 * MIB),
    ),
    Pair(
        "83",
        "50 times its size and a byte",
        archive_bomb,
        inflated(50 * _STREAM + 1, packed=_STREAM),
        inflated(50 * _STREAM, packed=_STREAM),
    ),
    Pair(
        "84",
        "a member in bzip2",
        archive_compression,
        wheel(entries=bzipped),
        wheel(entries=module(method=0)),
    ),
    Pair(
        "88",
        "GNU's sparse member",
        archive_unsafe_member,
        sdist(nodes=with_sparse),
        sdist(nodes=lambda nodes: [*nodes, Node("demo-1.0/plain", type=b"7")]),
    ),
    Pair(
        "88",
        "a sparse member by pax",
        archive_unsafe_member,
        sdist(
            nodes=lambda nodes: [
                *nodes,
                pax({**_SPARSE, "GNU.sparse.realsize": b"0"}),
                Node("demo-1.0/sparse", b"0\n".ljust(512, b"\0")),
            ]
        ),
        sdist(
            nodes=lambda nodes: [
                *nodes,
                pax({"comment": b"GNU.sparse"}),
                Node("demo-1.0/plain", b"0\n".ljust(512, b"\0")),
            ]
        ),
    ),
    Pair(
        "85",
        "a second top folder",
        sdist_layout,
        sdist(members={"demo/__init__.py": b""}),
        sdist(members={"@/demo/__init__.py": b""}),
    ),
    Pair(
        "85",
        "a file beside the top folder",
        sdist_layout,
        sdist(nodes=lambda nodes: [*nodes, Node("README")]),
        sdist(nodes=lambda nodes: [*nodes, Node("demo-1.0/README")]),
    ),
    Pair(
        "85",
        "a folder that is no name",
        sdist_layout,
        sdist(top=".", nodes=lambda nodes: [Node("./", type=b"5"), *nodes]),
        sdist(nodes=lambda nodes: [Node("demo-1.0/", type=b"5"), *nodes]),
    ),
    Pair("86", "no PKG-INFO", sdist_layout, sdist(lacks=["@/PKG-INFO"]), sdist()),
    Pair(
        "86",
        "PKG-INFO deeper down",
        sdist_layout,
        sdist(lacks=["@/PKG-INFO"], members={"@/demo.egg-info/PKG-INFO": METADATA}),
        sdist(members={"@/demo.egg-info/PKG-INFO": METADATA}),
    ),
    Pair(
        "86",
        "names that begin with a dot",
        sdist_layout,
        sdist(top="./demo-1.0"),
        sdist(),
    ),
    Pair("87", "no WHEEL", wheel_layout, wheel(lacks=["@/WHEEL"]), wheel()),
    Pair(
        "87",
        "a folder in another case",
        wheel_layout,
        wheel(info="Demo-1.0.dist-info"),
        wheel(members={"demo/vendored-2.0.dist-info/WHEEL": b""}),
    ),
    Pair(
        "87",
        "a folder of another spelling of the version",
        wheel_layout,
        wheel(info="demo-1.0.0.dist-info"),
        wheel(name="demo-1.0.0-py3-none-any.whl"),
    ),
    Pair(
        "87",
        "a name with one dash",
        filename_invalid,
        wheel(name="demo-1.0.whl"),
        wheel(),
    ),
    *(
        Pair(
            "89",
            f"a module with {mark.decode()}",
            obfuscated_code,
            wheel(members={"demo/part.py": mark}),
            wheel(members={"demo/part.py": mark.upper()}),
        )
        for mark in (
            _ARMOR + b"__(__name__, __file__,",
            _PYARMOR,
            _ARMOR + b"_exit__",
            _ARMOR + b"_assert__",
            _ARMOR + b"_bcc__",
        )
    ),
    Pair(
        "89",
        "a module in upper case",
        obfuscated_code,
        wheel(members={"demo/part.PY": _PYARMOR}),
        wheel(members={"demo/part.pyi": _PYARMOR}),
    ),
    Pair(
        "89",
        "a module of 5 MiB",
        obfuscated_code,
        wheel(members={"part.py": _PYARMOR.rjust(_LARGEST_SCANNED)}),
        wheel(members={"part.py": _PYARMOR.ljust(_LARGEST_SCANNED + 1)}),
    ),
    Pair(
        "89",
        "a module in an sdist",
        obfuscated_code,
        sdist(members={"@/setup.py": _PYARMOR}),
        sdist(members={"@/setup.txt": _PYARMOR}),
    ),
    Pair(
        "89",
        "both of SourceDefender's marks",
        obfuscated_code,
        wheel(members={"demo/part.pye": _PYE + _END_OF_PYE}),
        wheel(members={"demo/part.pye": _PYE, "demo/other.pye": _END_OF_PYE}),
    ),
]

FRAMING = [
    Pair(
        "6a.1",
        "bytes before the first member",
        archive_ambiguous,
        wheel(prefix=b"#!/bin/sh\n"),
        wheel(comment=b"#!/bin/sh\n"),
        also=("6a.12",),
    ),
    Pair(
        "6a.1",
        "bytes before the directory",
        archive_ambiguous,
        wheel(gap=bytes(4)),
        wheel(gap=b""),
    ),
    Pair(
        "6a.2",
        "sizes behind the data",
        archive_ambiguous,
        wheel(entries=piped),
        wheel(entries=module(flags=0)),
    ),
    Pair(
        "6a.3",
        "a name twice",
        archive_ambiguous,
        wheel(entries=and_entry("demo.py", _MODULE["demo.py"])),
        wheel(members={"Demo.py": _MODULE["demo.py"]}),
    ),
    Pair(
        "6a.4",
        "another name in front",
        archive_ambiguous,
        wheel(members=_DATA, entries=entry("demo.txt", local={"name": b"evil.txt"})),
        wheel(members=_DATA, entries=entry("demo.txt", local={"name": b"demo.txt"})),
    ),
    Pair(
        "6a.4",
        "a member that the directory does not list",
        archive_ambiguous,
        wheel(after=unlisted),
        wheel(members={"hidden.py": b"pass\n"}),
    ),
    Pair(
        "6a.4",
        "a name in UTF-8 that is not marked",
        archive_ambiguous,
        wheel(
            members={"demö.py": b""},
            entries=lambda entries: [
                replace(e, name=str(e.name).encode()) for e in entries
            ],
        ),
        wheel(members={"demö.py": b""}),
    ),
    Pair(
        "6a.5",
        "another size in front",
        archive_ambiguous,
        wheel(entries=module(local={"size": _SIZE + 1})),
        wheel(entries=module(local={"size": _SIZE})),
    ),
    Pair(
        "6a.5",
        "another packed size in 64 bits",
        archive_ambiguous,
        wheel(entries=wide(_SIZE, _SIZE + 1)),
        wheel(entries=wide(_SIZE, _SIZE)),
    ),
    Pair(
        "6a.6",
        "a comment of a member",
        archive_ambiguous,
        wheel(entries=module(comment=b"x")),
        wheel(comment=b"x"),
    ),
    Pair(
        "6a.6",
        "a comment of the last member that is not there",
        archive_ambiguous,
        wheel(after=number(_LAST_ROW, 32, 1)),
        wheel(after=number(_LAST_ROW, 32, 0)),
    ),
    Pair(
        "6a.7",
        "a control character in a member's name",
        archive_unsafe_path,
        wheel(members={"demo\x1f.py": b""}),
        wheel(members={"demo .py": b""}),
    ),
    Pair(
        "6a.7",
        "the last control character in a member's name",
        archive_unsafe_path,
        wheel(members={"demo\x7f.py": b""}),
        wheel(members={"demo~.py": b""}),
    ),
    Pair(
        "6a.8",
        "a name in another encoding",
        archive_ambiguous,
        wheel(entries=and_entry(b"dem\x94.py")),
        wheel(members={"demö.py": b""}),
    ),
    Pair(
        "6a.8",
        "an extra name in another encoding",
        archive_ambiguous,
        wheel(entries=extra(0x7075, b"\1\0\0\0\0dem\x94.py")),
        wheel(entries=extra(0x7075, _UNICODE_NAME)),
    ),
    Pair(
        "6a.9",
        "an extra name twice",
        archive_ambiguous,
        wheel(entries=extra(0x7075, _UNICODE_NAME, times=2)),
        wheel(entries=extra(0x5455, b"\1\0\0\0\0", times=2)),
    ),
    Pair(
        "6a.9",
        "empty sizes of 64 bits twice",
        archive_ambiguous,
        wheel(entries=extra(0x0001, b"", times=2)),
        wheel(entries=extra(0x0001, b"")),
    ),
    Pair(
        "6a.10",
        "an extra field longer than its place",
        archive_ambiguous,
        wheel(entries=module(method=0, local={"extra": b"\x55\x54\x06\0\1\0\0\0\0"})),
        wheel(entries=module(method=0, local={"extra": b"\x55\x54\x05\0\1\0\0\0\0"})),
    ),
    Pair(
        "6a.10",
        "an extra field that is cut off",
        archive_ambiguous,
        wheel(entries=module(method=0, local={"extra": bytes(3)})),
        wheel(entries=module(method=0, local={"extra": bytes(4)})),
    ),
    Pair(
        "6a.10",
        "sizes of 64 bits in 12 bytes",
        archive_ambiguous,
        wheel(entries=extra(0x0001, struct.pack("<QL", _SIZE, _SIZE))),
        wheel(entries=extra(0x0001, struct.pack("<QQQ", _SIZE, _SIZE, 0))),
    ),
    Pair(
        "6a.10",
        "the size alone of what is deflated",
        archive_ambiguous,
        wheel(
            entries=module(
                local={"extra": struct.pack("<2HQ", 0x0001, 8, _SIZE)},
            )
        ),
        wheel(entries=wide(_SIZE)),
        also=("6a.5",),
    ),
    Pair(
        "6a.10",
        "a last name that is longer than the directory",
        archive_ambiguous,
        wheel(after=number(_LAST_ROW, 28, 0xFFFF)),
        wheel(after=number(_LAST_ROW, 28, len("demo-1.0.dist-info/RECORD"))),
    ),
    Pair(
        "6a.10",
        "fewer members on its disk",
        archive_ambiguous,
        wheel(after=number(_END, 8, 3)),
        wheel(after=number(_END, 8, 4)),
    ),
    Pair(
        "6a.11",
        "an extensible end record",
        archive_ambiguous,
        wheel(end64=4, after=extended),
        wheel(end64=4),
    ),
    Pair(
        "6a.12",
        "another number of members",
        archive_ambiguous,
        wheel(count=5),
        wheel(count=4),
    ),
    Pair(
        "6a.12",
        "another number of members in 64 bits",
        archive_ambiguous,
        wheel(end64=5),
        wheel(end64=4),
    ),
    Pair(
        "6a.13",
        "a comment that is cut off",
        archive_ambiguous,
        wheel(comment=b"xy", after=lambda content: content[:-1]),
        wheel(comment=b"x"),
    ),
    Pair(
        "6a.13",
        "data behind the end",
        archive_ambiguous,
        wheel(after=and_more),
        wheel(comment=b"x"),
    ),
]

_LICENCE = "License-File: LICENSE"

SDIST_ROWS = [
    Pair(
        "100",
        "no version",
        filename_invalid,
        sdist(name="demo.tar.gz", top="demo-1.0"),
        sdist(),
    ),
    Pair(
        "100",
        "a version that is none",
        filename_invalid,
        sdist(name="demo-final.tar.gz", top="demo-1.0"),
        sdist(),
    ),
    Pair(
        "101",
        "another project",
        filename_metadata_mismatch,
        sdist(name="demos-1.0.tar.gz"),
        sdist(name="demos-1.0.tar.gz", project="DemoS"),
    ),
    *_sdist_names(
        ("upper case", "Demo-1.0.tar.gz", "demo-1.0.tar.gz", "1.0"),
        ("a zero too many", "demo-1.00.tar.gz", "demo-1.0.0.tar.gz", "1.0.0"),
        ("a v", "demo-v1.0.tar.gz", "demo-1.0.tar.gz", "1.0"),
        (
            "a candidate that is spelled out",
            "demo-1.0c1.tar.gz",
            "demo-1.0rc1.tar.gz",
            "1.0rc1",
        ),
        ("a zip", "demo-1.0.zip", "demo-1.0.tar.gz", "1.0"),
        (
            "a post release by a dash",
            "demo-1.0-1.tar.gz",
            "demo-1.0.post1.tar.gz",
            "1.0.post1",
        ),
    ),
    *(
        Pair(
            "102",
            f"the name {bad}",
            filename_not_normalized,
            sdist(name=f"{bad}-1.0.tar.gz", project="de.mo"),
            sdist(name="de_mo-1.0.tar.gz", project="de.mo"),
        )
        for bad in ("de.mo", "de-mo", "de__mo")
    ),
    Pair(
        "102",
        "another version",
        filename_metadata_mismatch,
        sdist(name="demo-1.1.tar.gz"),
        sdist(name="demo-1.1.tar.gz", version="1.1"),
    ),
    Pair(
        "102",
        "the same version with fewer zeros in the metadata",
        filename_metadata_mismatch,
        sdist(name="demo-1.0.0.tar.gz", version="1.0"),
        sdist(name="demo-1.0.0.tar.gz", version="1.0.0"),
    ),
    Pair(
        "103",
        "no licence file",
        license_file_missing,
        sdist(_LICENCE),
        sdist(_LICENCE, members={"@/LICENSE": b""}),
    ),
    Pair(
        "103",
        "a licence file deeper down",
        license_file_missing,
        sdist("License-File: a/LICENSE", members={"@/LICENSE": b""}),
        sdist("License-File: a/LICENSE", members={"@/a/LICENSE": b""}),
    ),
    Pair(
        "103",
        "no licence file in metadata 2.4",
        license_file_missing,
        sdist(_LICENCE, metadata="2.4"),
        sdist(_LICENCE, metadata="2.3"),
    ),
]

WHEEL_ROWS = [
    Pair(
        "110",
        "four parts",
        filename_invalid,
        wheel(name="demo-1.0-none-any.whl"),
        wheel(),
    ),
    Pair(
        "110",
        "seven parts",
        filename_invalid,
        wheel(name="demo-1.0-1-2-py3-none-any.whl"),
        wheel(name="demo-1.0-1_2-py3-none-any.whl"),
    ),
    Pair(
        "110",
        "a build without a number",
        filename_invalid,
        wheel(name="demo-1.0-a1-py3-none-any.whl"),
        wheel(name="demo-1.0-1a-py3-none-any.whl"),
    ),
    Pair(
        "110",
        "a project with two underscores",
        filename_invalid,
        wheel(name="de__mo-1.0-py3-none-any.whl", project="de-mo"),
        wheel(name="de_mo-1.0-py3-none-any.whl", project="de-mo"),
    ),
    Pair(
        "110",
        "a version that is none",
        filename_invalid,
        wheel(name="demo-final-py3-none-any.whl"),
        wheel(name="demo-1-py3-none-any.whl", version="1"),
    ),
    *_platforms(
        ("linux_x86_64", "linux_armv7l"),
        ("linux_aarch64", "linux_armv6l"),
        ("manylinux_2_17_loongarch64", "manylinux_2_17_riscv64"),
        ("manylinux1_aarch64", "manylinux1_i686"),
        ("manylinux2010_aarch64", "manylinux2010_x86_64"),
        ("manylinux2014_riscv64", "manylinux2014_ppc64"),
        ("manylinux_2_17_x86_64.linux_x86_64", "manylinux_2_17_x86_64.any"),
        ("musllinux_1_2_ppc64", "musllinux_1_2_ppc64le"),
        ("macosx_14_2_arm64", "macosx_14_0_arm64"),
        ("macosx_16_0_arm64", "macosx_26_0_arm64"),
        ("macosx_27_0_arm64", "macosx_10_99_x86_64"),
        ("macosx_11_00_arm64", "macosx_11_0_arm64"),
        ("macosx_10_9_x86_64h", "macosx_10_9_universal2"),
        ("ios_13_0_arm64_simulator", "ios_13_0_arm64_iphonesimulator"),
        ("android_21_riscv64", "android_21_arm64_v8a"),
        ("pyodide_2026_0_wasm32", "pyemscripten_2026_0_wasm32"),
        ("win_arm32", "win_ARM64"),
        ("freebsd_14_x86_64", "win_ia64"),
        ("none", "any"),
    ),
    Pair(
        "112",
        "another project",
        filename_metadata_mismatch,
        wheel(name="demos-1.0-py3-none-any.whl"),
        wheel(name="demos-1.0-py3-none-any.whl", project="DemoS"),
    ),
    Pair(
        "113",
        "upper case",
        filename_not_normalized,
        wheel(name="Demo-1.0-py3-none-any.whl", project="Demo"),
        wheel(name="demo-1.0-py3-none-any.whl", project="Demo"),
    ),
    Pair(
        "113",
        "a dot",
        filename_not_normalized,
        wheel(name="de.mo-1.0-py3-none-any.whl", project="de.mo"),
        wheel(name="de_mo-1.0-py3-none-any.whl", project="de.mo"),
    ),
    Pair(
        "114",
        "another version",
        filename_metadata_mismatch,
        wheel(name="demo-1.0.1-py3-none-any.whl"),
        wheel(name="demo-1.0.0-py3-none-any.whl"),
    ),
    Pair(
        "114",
        "a candidate of the version",
        filename_metadata_mismatch,
        wheel(name="demo-1.0rc1-py3-none-any.whl"),
        wheel(name="demo-1.0.RC01-py3-none-any.whl", version="1.0rc1"),
    ),
    Pair(
        "115",
        "no licence file",
        license_file_missing,
        wheel(_LICENCE),
        wheel(_LICENCE, members={"@/licenses/LICENSE": b""}),
    ),
    Pair(
        "115",
        "a licence file where it was before",
        license_file_missing,
        wheel(_LICENCE, members={"@/LICENSE": b""}),
        wheel(_LICENCE, members={"@/LICENSE": b"", "@/licenses/LICENSE": b""}),
    ),
    Pair("116", "no RECORD", wheel_layout, wheel(lacks=["@/RECORD"]), wheel()),
    Pair(
        "116",
        "a RECORD that is not in UTF-8",
        record_incomplete,
        wheel(members={"@/RECORD": b"dem\xf6.py,,\n"}),
        wheel(members={"demö.py": b""}),
    ),
    Pair(
        "116",
        "a RECORD with a field of over 128 KiB",
        record_incomplete,
        wheel(entries=in_record(b"demo.py", b'"' + b"x" * 131_073 + b'"')),
        wheel(entries=in_record(b"demo.py", b'"demo.py"')),
    ),
    *_entry_points(
        ("a colon", b"[console_scripts]\nx: y:z\n", b"[console_scripts]\nx = y:z\n"),
        ("no section", b"x = y\n", b"# x = y\n"),
        ("a name alone", b"[console_scripts]\nx\n", b"[console_scripts]\nx =\n"),
        (
            "a name twice",
            b"[console_scripts]\nx = y\nx = z\n",
            b"[console_scripts]\nx = y\nX = z\n",
        ),
        ("a section twice", b"[a]\nx = y\n[a]\n", b"[a]\nx = y\n[A]\n"),
        (
            "a script with a space",
            b"[console_scripts]\nx y = z\n",
            b"[other]\nx y = z\n",
        ),
        (
            "a script that is a path",
            b"[gui_scripts]\n../x = z\n",
            b"[gui_scripts]\n..x = z\n",
        ),
        (
            "a script by default",
            b"[DEFAULT]\nx y = z\n[console_scripts]\n",
            b"[DEFAULT]\n[console_scripts]\nx = y:z\n",
        ),
        (
            "a mark of the byte order",
            b"\xef\xbb\xbf[console_scripts]\nx = y:z\n",
            b"[console_scripts]\r\n\xc3\xb6 = y:z\r\n",
        ),
        ("another encoding", b"[a]\n\xf6 = y\n", b"[a]\n\xc3\xb6 = %(y)s\n"),
    ),
    Pair("119", "no METADATA", wheel_layout, wheel(lacks=["@/METADATA"]), wheel()),
    Pair(
        "120",
        "a name of 247 bytes",
        filename_invalid,
        wheel(**long_name(247)),
        wheel(**long_name(246)),
    ),
]

BREAKS = [
    Pair(
        "500.1",
        "an absolute path among others",
        archive_unsafe_path,
        sdist(members={"/demo-1.0/setup.py": b""}),
        sdist(members={"@/setup.py": b""}),
        also=("85",),
    ),
    Pair(
        "500.2",
        "another checksum of METADATA",
        archive_unreadable,
        flipped(b"Summary: flip", "Summary: flip"),
        wheel("Summary: flip", entries=stored),
    ),
    Pair(
        "500.2",
        "another checksum of RECORD",
        archive_unreadable,
        flipped(b"demo.py,sha256"),
        wheel(entries=stored),
    ),
    Pair(
        "500.2",
        "another checksum of entry_points.txt",
        archive_unreadable,
        flipped(b"flip = y", members={"@/entry_points.txt": b"[a]\nflip = y\n"}),
        wheel(entries=stored, members={"@/entry_points.txt": b"[a]\nflip = y\n"}),
    ),
    Pair(
        "500.2",
        "another checksum of a licence",
        archive_unreadable,
        flipped(b"flip it", _LICENCE, members={"@/licenses/LICENSE": b"flip it"}),
        wheel(_LICENCE, entries=stored, members={"@/licenses/LICENSE": b"flip it"}),
    ),
    Pair(
        "500.2",
        "a broken stream of a module",
        archive_unreadable,
        wheel(after=broken_stream),
        wheel(),
    ),
    Pair(
        "500.3",
        "an encrypted module",
        archive_unsafe_member,
        wheel(entries=module(flags=1)),
        wheel(entries=module(flags=2)),
    ),
    Pair(
        "500.3",
        "a module that is strongly encrypted",
        archive_unsafe_member,
        wheel(entries=module(flags=0x40)),
        wheel(entries=module(flags=4)),
    ),
    Pair(
        "500.5",
        "an empty line in RECORD",
        record_incomplete,
        wheel(entries=in_record(b"RECORD,,\n", b"RECORD,,\n\n")),
        wheel(entries=in_record(b"RECORD,,\n", b"RECORD,,")),
    ),
]

PAIRS = [
    *FORM,
    *METADATA_ROWS,
    *PROJECT,
    *NAME_AND_SIZE,
    *ARCHIVE,
    *FRAMING,
    *SDIST_ROWS,
    *WHEEL_ROWS,
    *BREAKS,
]


# --- the table of what the index lists ---------------------------------------------


@dataclass(frozen=True)
class There:
    """A file that the index lists: other bytes than those that are judged, or the same.

    ``age`` is how long ago it was uploaded.
    """

    name: str
    size: int = 1000
    age: timedelta = timedelta(days=1)
    same_bytes: bool = False

    def entry(self, path: Path) -> dict[str, object]:
        """How it is listed, where the file at ``path`` is the one that is judged."""
        uploaded = (datetime.now(UTC) - self.age).isoformat()
        told: dict[str, object] = {"filename": self.name, "upload-time": uploaded}
        if not self.same_bytes:
            told |= {"hashes": {"sha256": "0" * 64}, "size": self.size}
        return sound.indexed(path, **told)


@dataclass(frozen=True)
class Page:
    """What the index says of the project; with ``known=False`` it is a 404."""

    files: tuple[There, ...] = ()
    status: str = "active"
    known: bool = True

    def reply(self, path: Path) -> Reply:
        """The answer, where the file at ``path`` is the one that is judged."""
        if not self.known:
            return NOT_FOUND
        document = {
            "meta": {"api-version": "1.4"},
            "name": path.name.partition("-")[0],
            "project-status": {"status": self.status},
            "files": [file.entry(path) for file in self.files],
        }
        return Reply(json.dumps(document).encode())


def lists(*files: There, status: str = "active") -> Page:
    """A page of these files."""
    return Page(files, status)


UNKNOWN = Page(known=False)


@dataclass(frozen=True)
class Listed:
    """A file that a row refuses for what the index lists, and a near miss of both."""

    row: str
    refused: str
    by: AnyRule
    file: File
    page: Page
    near_file: File
    near_page: Page

    def __str__(self) -> str:
        return f"{self.row}: {self.refused}"


_OTHER_WHEEL = "demo-1.0-cp312-none-any.whl"
_JUST, _DAYS = timedelta(minutes=5), timedelta(days=14)
#: A sound sdist of exactly 1000 bytes.
_THOUSAND = sdist(size=1000)

LISTED = [
    Listed(
        "53",
        "a new project named like a module",
        project_new,
        *(sdist(name="asyncio-1.0.tar.gz", project="asyncio"), UNKNOWN),
        *(sdist(name="asyncios-1.0.tar.gz", project="asyncios"), UNKNOWN),
    ),
    Listed(
        "53",
        "a new project named like a module of a package",
        project_new,
        *(sdist(name="xml_etree-1.0.tar.gz", project="XML.etree"), UNKNOWN),
        *(
            sdist(name="xml_etree-1.0.tar.gz", project="XML.etree"),
            lists(There("xml_etree-0.9.tar.gz")),
        ),
    ),
    Listed(
        "56",
        "an archived project",
        project_status,
        *(sdist(), lists(status="archived")),
        *(sdist(), lists(status="deprecated")),
    ),
    Listed(
        "56",
        "a quarantined project",
        project_status,
        *(sdist(), lists(status="quarantined")),
        *(sdist(), lists(status="active")),
    ),
    Listed(
        "65",
        "a byte over 10 GiB",
        project_quota,
        *(_THOUSAND, lists(There("demo-0.9.tar.gz", LARGEST_PROJECT - 999))),
        *(_THOUSAND, lists(There("demo-0.9.tar.gz", LARGEST_PROJECT - 1000))),
    ),
    Listed(
        "68",
        "other bytes under the name",
        file_exists,
        *(sdist(), lists(There(SDIST))),
        *(sdist(), lists(There(SDIST, same_bytes=True))),
    ),
    Listed(
        "68",
        "the same bytes under another name",
        file_exists,
        *(wheel(), lists(There(_OTHER_WHEEL, same_bytes=True))),
        *(wheel(), lists(There(_OTHER_WHEEL))),
    ),
    Listed(
        "70",
        "14 days after the first file",
        release_closed,
        *(wheel(), lists(There(SDIST, age=_DAYS + _JUST), There(_OTHER_WHEEL))),
        *(wheel(), lists(There(SDIST, age=_DAYS - _JUST), There(_OTHER_WHEEL))),
    ),
    Listed(
        "70",
        "the same version in another spelling",
        release_closed,
        *(wheel(), lists(There("demo-1.0.0.tar.gz", age=2 * _DAYS))),
        *(wheel(), lists(There("demo-0.9.9.tar.gz", age=2 * _DAYS))),
    ),
    Listed(
        "70",
        "a new file beside an old one",
        release_closed,
        *(wheel(), lists(There(_OTHER_WHEEL, age=2 * _DAYS))),
        *(wheel(), lists(There(WHEEL, age=2 * _DAYS, same_bytes=True))),
    ),
    Listed(
        "71",
        "an sdist that is a zip",
        sdist_exists,
        *(sdist(), lists(There("demo-1.0.zip"))),
        *(sdist(), lists(There("demo-1.0-cp312-none-any.whl"))),
    ),
    Listed(
        "71",
        "an sdist of another spelling of the version",
        sdist_exists,
        *(sdist(), lists(There("demo-1.0.0.tar.gz"))),
        *(sdist(), lists(There("demo-1.0rc1.tar.gz"))),
    ),
]


@dataclass(frozen=True)
class Pack:
    """Files of one set of which a row refuses one, and a near miss."""

    row: str
    refused: str
    by: AnyRule
    files: tuple[File, ...]
    near: tuple[File, ...]

    def __str__(self) -> str:
        return f"{self.row}: {self.refused}"


SETS = [
    Pack(
        "68",
        "the same bytes under two names",
        duplicate_wheel,
        (wheel(), named("demo-1.0-1-py3-none-any.whl")),
        (wheel(), wheel(name="demo-1.0-1-py3-none-any.whl", members={"a.py": b""})),
    ),
    Pack(
        "71",
        "two sdists",
        several_sdists,
        (sdist(), sdist(name="demo-1.0.0.tar.gz", version="1.0.0")),
        (sdist(), wheel()),
    ),
]


# --- what the index says first -----------------------------------------------------


@dataclass(frozen=True)
class Both:
    """A file that is refused by two rows, of which the index says the first one."""

    first: str
    second: str
    file: File

    def __str__(self) -> str:
        return f"{self.first} before {self.second}"


_EMPTY_LINE = in_record(b"RECORD,,\n", b"RECORD,,\n\n")
_BAD_SCRIPT: Members = {"@/entry_points.txt": b"[gui_scripts]\nx y = z\n"}

_UPPER_WHEEL = WHEEL.replace("demo", "Demo")
_LOCAL: dict[str, Any] = {"name": "demo-1.0+abc-py3-none-any.whl", "version": "1.0+abc"}

#: The form before the metadata; what packaging refuses before what PyPI alone refuses;
#: of both the first three fields before the others by their names.
ORDER = [
    Both("10", "20", wheel(project="demo-", metadata="2.0")),
    Both("22", "20", wheel("Summary: a\nSummary: b", metadata="2.0")),
    Both("20", "24", wheel(metadata="2.0", version="final")),
    Both("24", "35", wheel("Requires-Python: python3", version="final")),
    Both("27", "35", wheel("Requires-Python: x", "Description-Content-Type: a/b")),
    Both("35", "28", wheel("Author-email: nobody", "Requires-Python: python3")),
    Both("36", "29", wheel("Classifier: Topic :: Nothing", "Provides-Extra: a b")),
    Both("21", "39", wheel("License: MIT", "License-Expression: MIT", metadata="2.3")),
    Both("35", "25", wheel("Requires-Python: python3", **_LOCAL)),
    Both("25", "28", wheel("Author-email: nobody", **_LOCAL)),
    Both("28", "29", wheel("Classifier: Topic :: Nothing", "Author-email: nobody")),
    Both("31", "39", wheel("License: a", "License-Expression: MIT", "Home-page: x")),
    Both("39", "32", wheel("Project-URL: a", "License: a", "License-Expression: MIT")),
    Both("32", "26", wheel(f"Summary: {'x' * 513}", "Project-URL: a")),
    Both("28", "59", wheel("Author-email: nobody", body=_DIRECTIVE)),
    Both("25", "59", wheel(body=_DIRECTIVE, **_LOCAL)),
    Both("59", "60", wheel(name=_BUILT.format("\t"), body=_DIRECTIVE)),
    Both("60", "61", wheel(name=_BUILT.format("\t\\"))),
    Both("61", "111", wheel(name="demo-1.0-1\\-py3-none-linux_x86_64.whl")),
    Both("64", "102", sdist(name="Demo-1.0.tar.gz", size=LARGEST_FILE + 1)),
    Both("80", "87", named(WHEEL, sdist(pack=lambda tar: tar + zip_of(Entry("x"))))),
    Both("83", "113", named(_UPPER_WHEEL, inflated(64 * MIB + 1))),
    Both("84", "113", wheel(name=_UPPER_WHEEL, entries=bzipped)),
    Both("88", "102", sdist(name="Demo-1.0.tar.gz", nodes=with_sparse)),
    Both("85", "89", sdist(members={"demo/part.py": _PYARMOR})),
    Both("85", "101", sdist(name="demos-1.0.tar.gz", members={"README": b""})),
    Both("86", "89", sdist(lacks=["@/PKG-INFO"], members={"@/part.py": _PYARMOR})),
    Both("87", "89", wheel(lacks=["@/WHEEL"], members={"part.py": _PYARMOR})),
    Both("89", "6a.1", wheel(members={"part.py": _PYARMOR}, gap=b"gap!")),
    Both("6a.5", "6a.1", wheel(entries=module(local={"size": 1}), gap=b"gap!")),
    Both("6a.9", "6a.6", wheel(entries=twice_and_comment)),
    Both("6a.1", "6a.6", wheel(entries=module(comment=b"x"), gap=b"gap!")),
    Both("6a.6", "6a.12", wheel(entries=module(comment=b"x"), count=9)),
    Both("6a.6", "6a.13", wheel(entries=module(comment=b"x"), after=and_more)),
    Both("6a.13", "113", wheel(name=_UPPER_WHEEL, after=and_more)),
    Both("102", "103", sdist(_LICENCE, name="Demo-1.0.tar.gz")),
    Both("111", "113", wheel(name="Demo-1.0-py3-none-linux_x86_64.whl")),
    Both("111", "114", wheel(name="demo-1.0-py3-none-linux_x86_64.whl", version="2")),
    Both("113", "114", wheel(name=_UPPER_WHEEL, version="2")),
    Both("114", "115", wheel(_LICENCE, version="2")),
    Both("115", "116", wheel(_LICENCE, lacks=["@/RECORD"])),
    Both("116", "118", wheel(lacks=["@/RECORD"], members=_BAD_SCRIPT)),
    Both("118", "119", wheel(lacks=["@/METADATA"], members=_BAD_SCRIPT)),
    Both("500.1", "89", sdist(members={"/a.py": b"", "@/part.py": _PYARMOR})),
    Both("500.3", "89", wheel(members={"a.py": _PYARMOR}, entries=module(flags=1))),
    Both("500.3", "6a.1", wheel(entries=module(flags=1), gap=b"gap!")),
    Both("113", "500.2", flipped(b"demo.py,sha256", name=_UPPER_WHEEL)),
    Both("500.2", "120", flipped(b"demo.py,sha256", **long_name(247))),
    Both("115", "500.5", wheel(_LICENCE, entries=_EMPTY_LINE)),
    Both("500.5", "118", wheel(members=_BAD_SCRIPT, entries=_EMPTY_LINE)),
]


@dataclass(frozen=True)
class Asked:
    """A file that is refused, for what the index lists, by a row that comes before
    another one.
    """

    first: str
    second: str
    file: File
    page: Page

    def __str__(self) -> str:
        return f"{self.first} before {self.second}"


_NEW = sdist(name="asyncio-1.0.tar.gz", project="asyncio", body=_DIRECTIVE)
_AGED = There(SDIST, age=2 * _DAYS)

ORDER_LISTED = [
    Asked("28", "56", sdist("Author-email: nobody"), lists(status="archived")),
    Asked("53", "59", _NEW, UNKNOWN),
    Asked("56", "59", sdist(body=_DIRECTIVE), lists(status="archived")),
    Asked("59", "68", sdist(body=_DIRECTIVE), lists(There(SDIST))),
    Asked("68", "71", sdist(), lists(There("demo-1.0.zip", same_bytes=True))),
    Asked("70", "71", sdist(), lists(replace(_AGED, name="demo-1.0.zip"))),
    Asked("70", "113", wheel(name=_UPPER_WHEEL), lists(_AGED)),
    Asked("71", "86", sdist(lacks=["@/PKG-INFO"]), lists(There("demo-1.0.zip"))),
]


# --- how they are judged -----------------------------------------------------------

Document = Any


@pytest.fixture(autouse=True)
def _setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that asks for no sdist, on the day that the rulebook was read: a list
    that has aged no longer proves that an entry is unknown.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(run, "Job", partial(Job, today=AS_OF))
    Path("policy.yml").write_text("expect: {sdist: optional}\n", encoding="utf-8")
    Path("dist").mkdir()


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Document]]:
    """Check what lies in ``dist``: the exit code and the report."""

    def call(*words: str) -> tuple[int, Document]:
        code = main(
            [
                *("check", "--format", "json", "--policy", "policy.yml"),
                *("--manifest", "manifest.json", *words, "dist"),
            ]
        )
        return code, json.loads(capsys.readouterr().out)

    return call


Check = Callable[..., tuple[int, Document]]


@pytest.fixture
def index() -> Iterator[Index]:
    """An index that knows nothing yet."""
    with sound.serving() as serving:
        yield serving


def _put(*files: File) -> list[Path]:
    return [file.put(Path("dist")) for file in files]


def _errors(document: Document) -> list[Document]:
    return [f for f in document["findings"] if f["severity"] == "error"]


def _rows(document: Document, *, only_first: bool = False) -> list[str]:
    """The rows that are said to refuse a file, or only those that are said first."""
    told = [finding["evidence"] for finding in document["findings"]]
    return [
        str(evidence["upload_rule"])
        for evidence in told
        if "upload_rule" in evidence and (evidence["refused_first"] or not only_first)
    ]


def _rules_that_refuse(document: Document, row: str) -> set[str]:
    errors = _errors(document)
    return {e["rule"] for e in errors if e["evidence"].get("upload_rule") == row}


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_what_a_row_refuses_is_refused_by_it(pair: Pair, check: Check) -> None:
    _put(pair.file)
    code, document = check("--offline")

    assert code == ExitCode.FINDINGS
    assert pair.by.id in _rules_that_refuse(document, pair.row)
    assert set(_rows(document)) == {pair.row, *pair.also}
    assert _rows(document, only_first=True) == [pair.row]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_near_miss_passes(pair: Pair, check: Check) -> None:
    _put(pair.near)
    code, document = check("--offline")

    assert _errors(document) == []
    assert _rows(document) == []
    assert code == ExitCode.PASSED


@pytest.mark.parametrize("both", ORDER, ids=str)
def test_what_the_index_says_first_is_marked(both: Both, check: Check) -> None:
    _put(both.file)
    code, document = check("--offline")

    assert code == ExitCode.FINDINGS
    assert {both.first, both.second} <= set(_rows(document))
    assert _rows(document, only_first=True) == [both.first]


@pytest.mark.parametrize("case", LISTED, ids=str)
def test_what_a_row_refuses_for_what_is_listed_is_refused_by_it(
    case: Listed, check: Check, index: Index
) -> None:
    code, document = _asked(case.file, case.page, check, index)

    assert code == ExitCode.FINDINGS
    assert _rules_that_refuse(document, case.row) == {case.by.id}
    assert _rows(document, only_first=True) == _rows(document) == [case.row]


@pytest.mark.parametrize("case", LISTED, ids=str)
def test_a_near_miss_of_what_is_listed_passes(
    case: Listed, check: Check, index: Index
) -> None:
    code, document = _asked(case.near_file, case.near_page, check, index)

    assert _errors(document) == []
    assert _rows(document) == []
    assert code == ExitCode.PASSED


def _asked(file: File, page: Page, check: Check, index: Index) -> tuple[int, Document]:
    """Check one file, where the index says this of its project."""
    (path,) = _put(file)
    project = path.name.partition("-")[0].replace("_", "-").lower()
    index.says(page.reply(path), project=project)
    answer = check("--index", "pypi", "--index-url", index.root)
    assert index.asked == [f"/simple/{project}/"]
    return answer


@pytest.mark.parametrize("case", ORDER_LISTED, ids=str)
def test_what_the_index_says_first_of_what_it_lists_is_marked(
    case: Asked, check: Check, index: Index
) -> None:
    code, document = _asked(case.file, case.page, check, index)

    assert code == ExitCode.FINDINGS
    assert {case.first, case.second} <= set(_rows(document))
    assert _rows(document, only_first=True) == [case.first]


@pytest.mark.parametrize("case", SETS, ids=str)
def test_what_a_row_refuses_in_one_set_is_refused_by_it(
    case: Pack, check: Check
) -> None:
    _put(*case.files)
    code, document = check("--offline")

    assert code == ExitCode.FINDINGS
    assert _rules_that_refuse(document, case.row) == {case.by.id}


@pytest.mark.parametrize("case", SETS, ids=str)
def test_a_near_miss_of_a_set_passes(case: Pack, check: Check) -> None:
    _put(*case.near)
    code, document = check("--offline")

    assert _errors(document) == []
    assert _rows(document) == []
    assert code == ExitCode.PASSED


# --- what is no file on a disk, or is not refused ----------------------------------

TOO_LONG = "500.4"


@pytest.mark.parametrize("ending", ["-1.0.tar.gz", "-1.0-py3-none-any.whl"])
@pytest.mark.parametrize("length", [255, 256])
def test_only_a_name_of_over_255_bytes_breaks_the_server(
    length: int, ending: str
) -> None:
    """No file system here takes one, so that it is judged as a fact."""
    file = builders.distribution("d" * (length - len(ending)) + ending)
    findings = filename_invalid.findings(file, builders.policy())
    rows = {f.refusal.row for f in findings if f.refusal}

    assert (TOO_LONG in rows) == (length > 255)


def test_the_same_file_again_is_nothing_to_do(check: Check, index: Index) -> None:
    page = lists(There(SDIST, same_bytes=True))
    _, document = _asked(sdist(), page, check, index)
    notices = [f for f in document["findings"] if f["severity"] == "notice"]

    assert [notice["rule"] for notice in notices] == [file_exists.id]
    assert document["to_upload"] == []


def test_a_record_that_lists_other_files_is_not_said_to_be_refused(
    check: Check,
) -> None:
    _put(wheel(entries=and_entry("more.py")))
    code, document = check("--offline")

    assert code == ExitCode.FINDINGS
    assert [e["rule"] for e in _errors(document)] == [record_incomplete.id]
    assert _rows(document) == []


# --- that nothing is left out ------------------------------------------------------

_ATTESTATIONS = "one that passes needs a signature that the index verifies"
#: Judged rows that no pair of files shows, and why.
UNSHOWN = {
    "23": "row 10 refuses the same names, and comes first",
    "67": "it refuses nothing: the same file again changes nothing",
    "117": "it refuses nothing yet: an e-mail goes to the owners",
    **dict.fromkeys(("131", "132", "133"), _ATTESTATIONS),
}
#: Rows that no rule judges, and why.
UNJUDGED = {"55": "it takes the names of all projects"}
SHOWN = {
    *((pair.by.id, pair.row) for pair in PAIRS),
    *((case.by.id, case.row) for case in LISTED),
    *((case.by.id, case.row) for case in SETS),
    (filename_invalid.id, TOO_LONG),
}
SHOWN_ROWS = {row for _, row in SHOWN}
DECIDABLE = {row.id for row in ROWS if row.decided in (Decided.FILE, Decided.INDEX)}


def test_every_row_that_can_be_decided_is_shown_or_has_its_reason() -> None:
    assert sorted([*SHOWN_ROWS, *UNSHOWN, *UNJUDGED]) == sorted(DECIDABLE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_claims_the_rows_that_it_is_shown_to_judge_and_no_other(
    rule: AnyRule,
) -> None:
    shown = {row for by, row in SHOWN if by == rule.id}

    assert set(rule.upload_rules) - UNSHOWN.keys() == shown


def test_the_page_counts_the_rows_that_are_judged() -> None:
    page = Path(__file__).parent.parent / "docs" / "upload-rules.md"
    judged = len(SHOWN_ROWS | UNSHOWN.keys())
    told = f"\n{judged} of the {len(DECIDABLE)} rows that a file or the index's public "

    assert told in page.read_text(encoding="utf-8")


def test_no_two_cases_have_one_name() -> None:
    names = [str(case) for case in chain(PAIRS, LISTED, SETS, ORDER, ORDER_LISTED)]

    assert sorted(set(names)) == sorted(names)
