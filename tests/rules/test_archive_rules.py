"""The rules of archives, case by case."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace

import pytest
from builders import (
    INTERNAL,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    archive,
    distribution,
    member,
    policy,
    sized,
)

from release_guard.facts import Archive, Defect, DefectKind, Member, MemberKind
from release_guard.findings import Severity
from release_guard.rules.archive import (
    archive_ambiguous,
    archive_bomb,
    archive_case_collision,
    archive_compression,
    archive_too_large,
    archive_unreadable,
    archive_unsafe_member,
    archive_unsafe_path,
    obfuscated_code,
)
from release_guard.rules.base import Rule
from release_guard.sources.sdist import read_sdist

_K = DefectKind
#: Which rule judges which kind of defect on every index.
JUDGES: dict[Rule[Archive], tuple[DefectKind, ...]] = {
    archive_unreadable: (
        _K.NO_ARCHIVE,
        _K.MALFORMED,
        _K.CHECKSUM,
        _K.DAMAGED,
        _K.STREAM,
    ),
    archive_compression: (_K.COMPRESSION,),
    archive_ambiguous: (
        _K.POLYGLOT,
        _K.DUPLICATE,
        _K.NAMESAKE,
        _K.CONTENT_OF_NO_FILE,
        _K.OTHER_NAME,
        _K.OTHER_SIZE,
        _K.OTHER_HEADER,
        _K.OTHER_DIRECTORY,
        _K.OTHER_COUNT,
        _K.CUT_DIRECTORY,
        _K.SEVERAL_DISKS,
        _K.OTHER_PLACE,
        _K.STRAY_BYTES,
        _K.TRAILING,
        _K.SECOND_STREAM,
        _K.HEADERS,
        _K.TWICE_EXTRA,
        _K.EXTENSIBLE,
    ),
    archive_unsafe_member: (_K.SPARSE, _K.ENCRYPTED),
    archive_bomb: (_K.BOMB,),
}
#: What only PyPI's strict reader of zips takes for ambiguous.
STRICT = (
    _K.DESCRIPTOR,
    _K.COMMENT,
    _K.ENCODING,
    _K.UNMARKED,
    _K.ODD_EXTRA,
)
#: By which upload rule a defect of the member ``demo/data.bin`` is refused in a zip.
ROWS_OF_A_ZIP = {
    _K.NO_ARCHIVE: "81",
    _K.MALFORMED: "",
    _K.DAMAGED: "",
    _K.STREAM: "",
    _K.CHECKSUM: "",
    _K.COMPRESSION: "84",
    _K.ENCRYPTED: "",
    _K.SPARSE: "88",
    _K.BOMB: "",
    _K.POLYGLOT: "80",
    _K.DUPLICATE: "6a.3",
    _K.NAMESAKE: "",
    _K.CONTENT_OF_NO_FILE: "",
    _K.OTHER_NAME: "6a.4",
    _K.OTHER_SIZE: "6a.5",
    _K.OTHER_HEADER: "",
    _K.OTHER_DIRECTORY: "6a.12",
    _K.OTHER_COUNT: "6a.10",
    _K.CUT_DIRECTORY: "6a.10",
    _K.SEVERAL_DISKS: "81",
    _K.OTHER_PLACE: "81",
    _K.STRAY_BYTES: "6a.1",
    _K.TRAILING: "6a.13",
    _K.SECOND_STREAM: "",
    _K.HEADERS: "",
    _K.TWICE_EXTRA: "6a.9",
    _K.DESCRIPTOR: "6a.2",
    _K.COMMENT: "6a.6",
    _K.ENCODING: "6a.8",
    _K.UNMARKED: "6a.4",
    _K.ODD_EXTRA: "6a.10",
    _K.EXTENSIBLE: "6a.11",
}
#: The same in a tar, whose stream the server reads to its end.
ROWS_OF_A_TAR = {
    _K.NO_ARCHIVE: "81",
    _K.DAMAGED: "82",
    _K.STREAM: "82",
    _K.COMPRESSION: "84",
    _K.ENCRYPTED: "500.3",
    _K.SPARSE: "88",
    _K.POLYGLOT: "80",
}


def _judge_of(kind: DefectKind) -> Rule[Archive]:
    mine = [rule for rule, kinds in JUDGES.items() if kind in kinds]
    return mine[0] if mine else archive_ambiguous


def _defect(kind: DefectKind, path: str, filename: str = WHEEL) -> Archive:
    """An archive in which one member has a defect."""
    return archive(path, filename=filename, defects=(Defect(kind, path, "is odd"),))


def _with_each(*kinds: DefectKind) -> Archive:
    """A zip with a defect of each kind."""
    defects = tuple(Defect(kind, "demo/a", f"is odd: {kind}") for kind in kinds)
    return archive("demo/a", filename=WHEEL, defects=defects)


def _link(path: str, target: str) -> Member:
    return member(path, MemberKind.LINK, target=target)


_HARD = member("demo-1.0/b", MemberKind.HARD_LINK, target="demo-1.0/a")

#: What may stand before that link, so that it leads to something.
_LINKED: dict[str, tuple[str | Member, ...]] = {
    "a file": ("demo-1.0/a",),
    "a file in another spelling": ("./demo-1.0//a",),
    "a link": (_link("demo-1.0/a", "c"),),
    "a hard link": (
        "demo-1.0/c",
        member("demo-1.0/a", MemberKind.HARD_LINK, target="demo-1.0/c"),
    ),
}


def _path(path: str) -> Archive:
    return archive("demo-1.0/PKG-INFO", path)


#: Members of which every file system keeps all, or of which other rules speak.
APART: dict[str, tuple[str | Member, ...]] = {
    "the same path twice is another matter": ("demo/a", "demo/a"),
    "a path in two spellings is another matter": ("demo/a", "demo/./a"),
    "a folder with and without its slash": (
        member("demo/", MemberKind.FOLDER),
        "demo/a",
    ),
    "names that only resemble each other": ("demo/a", "demo/a_", "demo/b"),
    "one name in two folders": ("demo/a/x", "demo/b/X"),
    "letters that look alike": ("demo/a", "demo/\N{CYRILLIC SMALL LETTER A}"),
    "what lies at the top": ("/", ".", ""),
}

CASES = [
    # archive-unreadable, archive-compression, archive-ambiguous, archive-unsafe-member,
    # archive-bomb
    *(Case(rule, "a sound archive", archive()) for rule in JUDGES),
    *(
        Case(
            rule,
            "its own kinds of defect and no other, on any index",
            _with_each(*DefectKind),
            policy(INTERNAL),
            tuple(
                Says(f"the member 'demo/a' is odd: {kind}", row="") for kind in kinds
            ),
        )
        for rule, kinds in JUDGES.items()
    ),
    *(
        Case(
            _judge_of(kind),
            f"{kind}, in a zip for PyPI",
            _defect(kind, "demo/data.bin"),
            says=(Says("the member 'demo/data.bin' is odd", row=row),),
        )
        for kind, row in ROWS_OF_A_ZIP.items()
    ),
    *(
        Case(
            _judge_of(kind),
            f"{kind}, in a tar for PyPI",
            _defect(kind, "demo-1.0/a.bin", SDIST),
            says=(
                Says(
                    "the member 'demo-1.0/a.bin' is odd",
                    row=ROWS_OF_A_TAR.get(kind, ""),
                ),
            ),
        )
        for kind in DefectKind
    ),
    Case(
        archive_ambiguous,
        "what only PyPI refuses, elsewhere",
        _with_each(*STRICT),
        policy(INTERNAL),
    ),
    Case(
        archive_unreadable,
        "the whole archive",
        archive(
            defects=(Defect(_K.NO_ARCHIVE, "", "not a gzip file"),), complete=False
        ),
        says=(Says("the archive: not a gzip file", row="81"),),
    ),
    Case(
        archive_unreadable,
        "one member",
        archive(defects=(Defect(_K.DAMAGED, "demo-1.0/a", "bad CRC-32"),)),
        says=(Says("the member 'demo-1.0/a': bad CRC-32", row="82"),),
    ),
    Case(
        archive_unreadable,
        "two members, each told",
        archive(
            defects=(
                Defect(_K.DAMAGED, "a", "has 3 bytes, not 4"),
                Defect(_K.DAMAGED, "b", "has 5 bytes, not 6"),
            )
        ),
        says=(
            Says("the member 'a' has 3 bytes, not 4"),
            Says("the member 'b' has 5 bytes, not 6"),
        ),
    ),
    *(
        Case(
            archive_unreadable,
            f"damage in a zip where the server reads it: {path or 'all of it'}",
            _defect(_K.DAMAGED, path),
            says=(Says("… is odd", row=row),),
        )
        for path, row in {
            "": "82",
            "demo/__init__.py": "82",
            "demo/OLD.PY": "82",
            "demo/hidden.pye": "82",
            "demo-1.0.dist-info/WHEEL": "82",
            "demo-1.0.dist-info/RECORD": "500.2",
            "demo-1.0.dist-info/METADATA": "500.2",
            "demo-1.0.dist-info/entry_points.txt": "500.2",
            "demo-1.0.dist-info/licenses/LICENSE": "500.2",
            "demo-1.0.dist-info/licenses/deep/LICENSE": "500.2",
        }.items()
    ),
    *(
        Case(
            archive_unreadable,
            f"damage in a zip where the server does not look: {path}",
            _defect(_K.DAMAGED, path),
            says=(Says(f"the member {path!r} is odd", row=""),),
        )
        for path in (
            "demo/types.pyi",
            "demo-1.0.dist-info/top_level.txt",
            "demo/METADATA",
            "demo/RECORD",
            "demo/PKG-INFO",
            "demo/_vendor/other-2.dist-info/WHEEL",
            "demo/_vendor/other-2.dist-info/RECORD",
            "demo/_vendor/other-2.dist-info/licenses/LICENSE",
        )
    ),
    *(
        Case(
            archive_unreadable,
            f"a broken stream in a zip where the server reads it: {path or 'all'}",
            _defect(_K.STREAM, path),
            says=(Says("… is odd", row="500.2"),),
        )
        for path in (
            "",
            "demo/__init__.py",
            "demo-1.0.dist-info/WHEEL",
            "demo-1.0.dist-info/RECORD",
        )
    ),
    Case(
        archive_unreadable,
        "a broken stream in a zip where the server does not look",
        _defect(_K.STREAM, "demo/types.pyi"),
        says=(Says("the member 'demo/types.pyi' is odd", row=""),),
    ),
    Case(
        archive_unreadable,
        "a broken stream of a whole tar",
        _defect(_K.STREAM, "", SDIST),
        says=(Says("the archive is odd", row="82"),),
    ),
    Case(
        archive_unreadable,
        "damage in the PKG-INFO of a zipped sdist",
        _defect(_K.DAMAGED, "demo-1.0/PKG-INFO", "demo-1.0.zip"),
        says=(Says("the member 'demo-1.0/PKG-INFO' is odd", row="82"),),
    ),
    *(
        Case(
            archive_unsafe_member,
            f"an encrypted member that the server reads: {path}",
            _defect(_K.ENCRYPTED, path),
            says=(Says(f"the member {path!r} is odd", row="500.3"),),
        )
        for path in ("demo/__init__.py", "demo-1.0.dist-info/METADATA")
    ),
    Case(
        archive_ambiguous,
        "data behind the end",
        archive(defects=(Defect(_K.TRAILING, "", "holds data behind it"),)),
        says=(Says("the archive holds data behind it", row=""),),
    ),
    Case(
        archive_compression,
        "a member that was compressed by bzip2",
        archive(defects=(Defect(_K.COMPRESSION, "a", "is compressed by method 12"),)),
        says=(Says("the member 'a' is compressed by method 12"),),
    ),
    # archive-bomb
    Case(
        archive_bomb,
        "too many members",
        archive(defects=(Defect(_K.BOMB, "", "holds more than 9 members"),)),
        says=(Says("the archive holds more than 9 members", row=""),),
    ),
    *(
        Case(
            archive_bomb,
            f"{name} is not too much",
            archive(filename=WHEEL, size=size, unpacked=unpacked),
        )
        for name, size, unpacked in (
            ("64 MiB of nothing", 1, 64 << 20),
            ("50 times its size", 2 << 20, 100 << 20),
            ("200 MiB, well packed", 100 << 20, 200 << 20),
        )
    ),
    Case(
        archive_bomb,
        "a byte more than 64 MiB",
        archive(filename=WHEEL, size=1000, unpacked=(64 << 20) + 1),
        policy(TESTPYPI),
        (
            Says(
                "unpacks to 67,108,865 bytes, more than 50 times its 1,000",
                WHEEL,
                row="83",
            ),
        ),
    ),
    Case(
        archive_bomb,
        "a byte more than 50 times its size",
        archive(filename=WHEEL, size=2 << 20, unpacked=(100 << 20) + 1),
        says=(
            Says(
                "unpacks to 104,857,601 bytes, more than 50 times its 2,097,152",
                row="83",
            ),
        ),
    ),
    Case(
        archive_bomb,
        "a zipped sdist",
        archive(filename="demo-1.0.zip", size=1000, unpacked=65 << 20),
        says=(Says("unpacks to …, more than 50 times its 1,000", row="83"),),
    ),
    Case(
        archive_bomb,
        "a tar, which PyPI takes",
        archive(size=1000, unpacked=65 << 20),
        says=(Says("unpacks to …, more than 50 times its 1,000", row=""),),
    ),
    Case(
        archive_bomb,
        "an index without PyPI's rules takes it",
        archive(filename=WHEEL, size=1000, unpacked=65 << 20),
        policy(INTERNAL),
    ),
    Case(
        archive_bomb,
        "past PyPI's bound and past our own",
        archive(
            filename=WHEEL,
            size=1000,
            unpacked=65 << 20,
            defects=(Defect(_K.BOMB, "demo/a", "unpacks to too much"),),
        ),
        says=(
            Says("unpacks to …, more than 50 times its 1,000", row="83"),
            Says("the member 'demo/a': unpacks to too much", row=""),
        ),
    ),
    # archive-unsafe-member
    Case(
        archive_unsafe_member,
        "a device",
        archive(member("demo-1.0/null", MemberKind.SPECIAL)),
        says=(Says("the member 'demo-1.0/null' is a device, a FIFO or the like"),),
    ),
    *(
        Case(
            archive_unsafe_member,
            f"a link that stays inside: {path} to {target}",
            archive("demo-1.0/docs/a", _link(path, target)),
        )
        for path, target in (
            ("demo-1.0/docs/b", "a"),
            ("demo-1.0/b", "docs/a"),
            ("demo-1.0/docs/b", "../pyproject.toml"),
            ("demo-1.0/docs/b", "./x/../a"),
            ("demo-1.0/docs/b", "demo-1.0/docs/a"),
            ("demo-1.0/docs/b", "../../a"),
            ("demo-1.0/docs/b", "..a"),
            ("demo-1.0/b", "../..data/a"),
        )
    ),
    *(
        Case(
            archive_unsafe_member,
            f"a link that leads out: {path} to {target!r}",
            archive("demo-1.0/docs/a", _link(path, target)),
            says=(
                Says(
                    f"the link {path!r} leads out of the archive, to {target!r}",
                    SDIST,
                ),
            ),
        )
        for path, target in (
            ("demo-1.0/b", "/etc/passwd"),
            ("demo-1.0/b", "../../etc/passwd"),
            ("demo-1.0/docs/b", "../../.."),
            ("b", ".."),
            ("demo-1.0/b", ""),
            ("demo-1.0/b", "..\\..\\boot.ini"),
            ("demo-1.0/b", "docs/../../../x"),
            ("demo-1.0/b", "C:/Windows/win.ini"),
        )
    ),
    Case(
        archive_unsafe_member,
        "a link that leads out through another link",
        archive(_link("demo-1.0/here", "."), _link("demo-1.0/here/out", "../..")),
        says=(
            Says("the link 'demo-1.0/here/out' leads out of the archive, to '../..'"),
        ),
    ),
    *(
        Case(
            archive_unsafe_member,
            f"a link that leads out through one that is spelled {spelled}",
            archive(_link(spelled, "."), _link("demo-1.0/here/out", "../..")),
            says=(
                Says(
                    "the link 'demo-1.0/here/out' leads out of the archive, to '../..'"
                ),
            ),
        )
        for spelled in ("demo-1.0/here/", "demo-1.0//here", "./demo-1.0/./here")
    ),
    Case(
        archive_unsafe_member,
        "a link of more steps than any sound one has",
        archive(_link("demo-1.0/a", "b/" * 1001 + "c")),
        says=(Says("the link 'demo-1.0/a' leads out of the archive, to …"),),
    ),
    Case(
        archive_unsafe_member,
        "links that lead to each other lead nowhere",
        archive(_link("demo-1.0/a", "b"), _link("demo-1.0/b", "a")),
        says=(
            Says("the link 'demo-1.0/a' leads out of the archive, to 'b'"),
            Says("the link 'demo-1.0/b' leads out of the archive, to 'a'"),
        ),
    ),
    Case(
        archive_unsafe_member,
        "a chain of links that stays inside",
        archive(
            _link("demo-1.0/a", "docs/b"),
            _link("demo-1.0/docs/b", "../c"),
            _link("demo-1.0/docs/d", "../a/../e"),
        ),
    ),
    *(
        Case(
            archive_unsafe_member,
            f"a hard link to no file before it: {name}",
            archive(*members),
            index,
            (
                Says(
                    "the hard link 'demo-1.0/b' leads to 'demo-1.0/a', which is no "
                    "file before it",
                    row="",
                ),
            ),
        )
        for index in (policy(), policy(INTERNAL))
        for name, members in {
            f"nothing, for {index.index.name}": (_HARD,),
            f"a folder, for {index.index.name}": (
                member("demo-1.0/a", MemberKind.FOLDER),
                _HARD,
            ),
            f"a file behind it, for {index.index.name}": (_HARD, "demo-1.0/a"),
        }.items()
    ),
    Case(
        archive_unsafe_member,
        "a hard link to itself",
        archive(member("demo-1.0/a", MemberKind.HARD_LINK, target="demo-1.0/a")),
        says=(Says("the hard link 'demo-1.0/a' leads to 'demo-1.0/a', …"),),
    ),
    *(
        Case(
            archive_unsafe_member,
            f"a hard link to {name} before it",
            archive(*before, _HARD),
        )
        for name, before in _LINKED.items()
    ),
    Case(
        archive_unsafe_member,
        "a link in a wheel, wherever it leads",
        archive("demo/a", _link("demo/b", "a"), _link("/c", "/d"), filename=WHEEL),
        policy(INTERNAL),
        (
            Says(
                "the member 'demo/b' is a link, which installers write as a file that "
                "holds its target",
                row="",
            ),
            Says("the link '/c' leads out of the archive, to '/d'", row=""),
        ),
    ),
    Case(
        archive_unsafe_member,
        "hard links, which count from the top",
        archive(
            "demo-1.0/docs/a",
            member("demo-1.0/docs/b", MemberKind.HARD_LINK, target="demo-1.0/docs/a"),
            member("demo-1.0/docs/c", MemberKind.HARD_LINK, target="../../../x"),
            # This one ends at the file c; where c came from is another matter.
            _link("demo-1.0/docs/d", "c"),
        ),
        says=(
            Says(
                "the link 'demo-1.0/docs/c' leads out of the archive, to '../../../x'"
            ),
        ),
    ),
    # archive-unsafe-path
    Case(archive_unsafe_path, "a sound archive", archive()),
    *(
        Case(archive_unsafe_path, f"a sound path: {path:.30}", _path(path))
        for path in (
            "demo-1.0/",
            "demo-1.0/..data/a",
            "demo-1.0/a..b/c...",
            "demo-1.0/Grüße/\N{SNOWMAN}.txt",
            "demo-1.0/with space/a:b",
            "demo-1.0/" + "x" * 255,
            "/".join([*["x" * 255] * 15, "x" * 254, "x"]),
        )
    ),
    *(
        Case(
            archive_unsafe_path,
            f"{problem}: {path[:30]!r}",
            _path(path),
            says=(Says(f"the member {path!r:.300} {problem}"),),
        )
        for path, problem in (
            ("", "has no name"),
            ("/etc/passwd", "is absolute"),
            ("//host/share/a", "is absolute"),
            ("C:/a", "has a drive"),
            ("c:a", "has a drive"),
            ("../a", "climbs out with '..'"),
            ("demo-1.0/..", "climbs out with '..'"),
            ("demo-1.0/../../a", "climbs out with '..'"),
            ("demo-1.0\\a", "has a backslash"),
            ("demo-1.0/a\nb", "has a control character"),
            ("demo-1.0/\x1b[2K", "has a control character"),
            ("demo-1.0/\x7f", "has a control character"),
            # A terminal takes it for ESC [.
            ("demo-1.0/\x9b2K", "has a control character"),
            ("demo-1.0/" + "x" * 256, "is too long for a file system"),
            ("demo-1.0/" + "ü" * 128, "is too long for a file system"),
            ("/".join(["x" * 255] * 17)[:4097], "is too long for a file system"),
            ("a/" * 3000 + "a", "is too long for a file system"),
        )
    ),
    Case(
        archive_unsafe_path,
        "each bad member of a wheel is told",
        archive("demo/a", "../b", "/c", filename=WHEEL),
        says=(
            Says("the member '../b' climbs out with '..'", WHEEL, row=""),
            Says("the member '/c' is absolute", WHEEL, row=""),
        ),
    ),
    *(
        Case(
            archive_unsafe_path,
            f"{path[-3:]!r} in a zip",
            archive("demo/a", path, filename=WHEEL),
            says=(Says("the member … has a control character", row=row),),
        )
        for path, row in (
            ("demo/a\nb", "6a.7"),
            ("demo/a\x7f", "6a.7"),
            ("demo/a\x1f", "6a.7"),
            # A control character to a terminal, and none to the server.
            ("demo/a\x9b", ""),
        )
    ),
    *(
        Case(
            archive_unsafe_path,
            f"a path with a part that says nothing, in {filename}: {path}",
            archive("demo/a", path, filename=filename),
            policy(INTERNAL),
            (Says(f"the member {path!r} is not in its normal form", row=""),),
        )
        for filename in (WHEEL, "demo-1.0.zip")
        for path in ("./a", "demo/./b", "demo//b", "demo/.", "demo//", ".")
    ),
    *(
        Case(
            archive_unsafe_path,
            f"what a tar may hold: {path}",
            _path(path),
        )
        for path in ("./demo-1.0/a", "demo-1.0//a", "demo-1.0/.")
    ),
    *(
        Case(
            archive_unsafe_path,
            f"a dot that is part of a name, in a zip: {path}",
            archive(path, filename=WHEEL),
        )
        for path in ("demo/.a", "demo/a.", "demo/", "demo/...")
    ),
    Case(
        archive_unsafe_path,
        "a control character in a tar",
        _path("demo-1.0/a\nb"),
        says=(Says("the member … has a control character", row=""),),
    ),
    Case(
        archive_unsafe_path,
        "an absolute path with a control character, in a zip",
        archive("/a\nb", filename=WHEEL),
        says=(Says("the member … is absolute", row="6a.7"),),
    ),
    Case(
        archive_unsafe_path,
        "an absolute path beside relative ones, at which the server breaks",
        _path("/etc/passwd"),
        says=(Says("the member '/etc/passwd' is absolute", row="500.1"),),
    ),
    Case(
        archive_unsafe_path,
        "only absolute paths",
        archive("/demo-1.0/PKG-INFO", "/demo-1.0/setup.py"),
        says=(
            Says("the member '/demo-1.0/PKG-INFO' is absolute", row=""),
            Says("the member '/demo-1.0/setup.py' is absolute", row=""),
        ),
    ),
    Case(
        archive_unsafe_path,
        "an absolute path for an index without PyPI's rules",
        _path("/etc/passwd"),
        policy(INTERNAL),
        (Says("the member '/etc/passwd' is absolute", row=""),),
    ),
    # archive-case-collision
    Case(archive_case_collision, "a sound archive", archive()),
    *(
        Case(archive_case_collision, name, archive(*members))
        for name, members in APART.items()
    ),
    *(
        Case(
            archive_case_collision,
            name,
            archive("demo/LICENSE", first, second),
            index,
            (Says(f"the members {first!r} and {second!r} differ only in case"),),
        )
        for index in (policy(), policy(INTERNAL))
        for name, first, second in (
            (f"two files, for {index.index.name}", "demo/README", "demo/Readme"),
            (
                f"an accent written in two ways, for {index.index.name}",
                "demo/é.txt",
                "demo/e\N{COMBINING ACUTE ACCENT}.txt",
            ),
            (
                f"a letter that has two small forms, for {index.index.name}",
                "demo/STRASSE",
                "demo/straße",
            ),
            (
                f"a dot at the end, for {index.index.name}",
                "demo/a.txt",
                "demo/a.txt.",
            ),
            (
                f"spaces and dots at the end, for {index.index.name}",
                "demo/A. .",
                "demo/a",
            ),
            (
                f"the Kelvin sign, for {index.index.name}",
                "demo/\N{KELVIN SIGN}",
                "demo/k",
            ),
        )
    ),
    Case(
        archive_case_collision,
        "two folders are told once, however much is in them",
        archive("demo/Data/a", "demo/Data/b", "demo/data/c", "demo/data/d"),
        says=(
            Says("the members 'demo/Data' and 'demo/data' differ only in case", SDIST),
        ),
    ),
    Case(
        archive_case_collision,
        "folders in two folders that are one are told only for the topmost",
        archive("demo/Data/Deep/a", "demo/data/deep/a", "demo/data/deep/A"),
        says=(Says("the members 'demo/Data' and 'demo/data' differ only in case"),),
    ),
    Case(
        archive_case_collision,
        "a folder that ends with a dot and one that does not",
        archive("demo/data./a", "demo/Data/b"),
        says=(Says("the members 'demo/data.' and 'demo/Data' differ only in case"),),
    ),
    Case(
        archive_case_collision,
        "a folder and a file",
        archive("demo/Data/a", "demo/data"),
        says=(Says("the members 'demo/Data' and 'demo/data' differ only in case"),),
    ),
    Case(
        archive_case_collision,
        "each that collides with the first is told once",
        archive("demo/ab", "demo/AB", "demo/Ab", "demo/AB", "demo/ab"),
        says=(
            Says("the members 'demo/ab' and 'demo/AB' differ only in case"),
            Says("the members 'demo/ab' and 'demo/Ab' differ only in case"),
        ),
    ),
    Case(
        archive_case_collision,
        "paths that no file system takes are left to archive-unsafe-path",
        archive("x" * 4097, "X" * 4097, "a/" * 101 + "x", "A/" * 101 + "x"),
    ),
    Case(
        archive_case_collision,
        "as deep as is looked",
        archive("a/" * 99 + "b/x", "a/" * 99 + "B/y"),
        says=(Says("the members … and … differ only in case"),),
    ),
    # obfuscated-code
    Case(obfuscated_code, "readable code", archive()),
    Case(
        obfuscated_code,
        "two members that two tools hid",
        archive(
            "demo-1.0/a.py",
            replace(member("demo-1.0/b.py"), obfuscator="PyArmor"),
            replace(member("demo-1.0/c.pye"), obfuscator="SourceDefender"),
        ),
        policy(TESTPYPI),
        (
            Says(
                "the member 'demo-1.0/b.py' was made unreadable by PyArmor",
                SDIST,
                row="89",
            ),
            Says(
                "the member 'demo-1.0/c.pye' was made unreadable by SourceDefender",
                SDIST,
                row="89",
            ),
        ),
    ),
    Case(
        obfuscated_code,
        "an index without PyPI's rules takes it",
        archive(replace(member("demo-1.0/b.py"), obfuscator="PyArmor")),
        policy(INTERNAL),
    ),
    # archive-too-large
    Case(archive_too_large, "a small file", sized(1000)),
    Case(archive_too_large, "nine tenths of what may be", sized(90 << 20)),
    Case(
        archive_too_large,
        "more than nine tenths of what may be",
        sized((90 << 20) + 1),
        says=(
            Says(
                "has 94,371,841 bytes, and pypi takes 104,857,600: only 10,485,759 are "
                "left",
                severity=Severity.NOTICE,
                row="",
            ),
        ),
    ),
    Case(
        archive_too_large,
        "as large as may be",
        sized(100 << 20),
        says=(Says("…: only 0 are left", severity=Severity.NOTICE, row=""),),
    ),
    Case(
        archive_too_large,
        "as large as may be, where the limit was raised",
        sized(100 << 20, largest_taken=200 << 20),
    ),
    Case(
        archive_too_large,
        "an index without PyPI's rules",
        sized(200 << 20),
        policy(INTERNAL),
    ),
    Case(
        archive_too_large,
        "a byte larger",
        sized((100 << 20) + 1),
        policy(TESTPYPI),
        (
            Says(
                "has 104,857,601 bytes, and testpypi takes 104,857,600 unless it "
                "raised the limit",
                SDIST,
                row="64",
            ),
        ),
    ),
    Case(
        archive_too_large,
        "the project's largest is as large as anybody's may be",
        sized((100 << 20) + 1, largest_taken=100 << 20),
        says=(Says("has 104,857,601 bytes, …", row="64"),),
    ),
    Case(
        archive_too_large,
        "the limit of this project was raised",
        sized(300 << 20, largest_taken=(100 << 20) + 1),
        says=(
            Says(
                "has 314,572,800 bytes, and pypi takes 104,857,600; it took one of "
                "104,857,601 of this project, so that the limit was raised",
                severity=Severity.WARNING,
                row="",
            ),
        ),
    ),
    Case(
        archive_too_large,
        "as high as a limit is raised",
        sized(1 << 30, largest_taken=200 << 20),
        says=(Says("has 1,073,741,824 bytes, …", severity=Severity.WARNING, row=""),),
    ),
    Case(
        archive_too_large,
        "higher than a limit is raised",
        sized((1 << 30) + 1, largest_taken=200 << 20),
        says=(Says("has 1,073,741,825 bytes, …", row="64"),),
    ),
    Case(
        archive_too_large,
        "the index was not asked",
        sized((100 << 20) + 1, largest_taken=None),
        says=(
            Says(
                "has 104,857,601 bytes, and pypi takes 104,857,600 unless it raised "
                "the limit (the index was not asked)",
                row="64",
            ),
        ),
    ),
    Case(
        archive_too_large,
        "as large as may be, and the index was not asked",
        sized(100 << 20, largest_taken=None),
    ),
    Case(
        archive_too_large,
        "higher than a limit is raised, and no larger than what was taken",
        sized((1 << 30) + 1, largest_taken=(1 << 30) + 1),
        says=(Says("has 1,073,741,825 bytes, …", severity=Severity.WARNING, row=""),),
    ),
]


def _tar(kind: bytes, target: str) -> Archive:
    """What the source reads of a real tar with a file, ``demo-1.0/a``, and one link in
    ``demo-1.0/docs``.
    """
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("demo-1.0/a"))
        link = tarfile.TarInfo("demo-1.0/docs/b")
        link.type, link.linkname = kind, target
        tar.addfile(link)
    packed.seek(0)
    read, _, _ = read_sdist(packed, distribution(SDIST))
    _, read_link = read.members
    assert (read_link.path, read_link.target) == ("demo-1.0/docs/b", target)
    return read


@pytest.mark.parametrize(
    ("kind", "target", "leads_out"),
    [
        pytest.param(tarfile.SYMTYPE, "../a", False, id="symbolic, up one folder"),
        pytest.param(tarfile.LNKTYPE, "demo-1.0/a", False, id="hard, from the top"),
        pytest.param(tarfile.LNKTYPE, "../a", True, id="hard, up one folder"),
        pytest.param(tarfile.LNKTYPE, "../../etc/x", True, id="hard, up two folders"),
        pytest.param(tarfile.SYMTYPE, "../../../x", True, id="symbolic, up and out"),
    ],
)
def test_a_hard_link_counts_from_the_top_and_a_symbolic_one_from_its_folder(
    *, kind: bytes, target: str, leads_out: bool
) -> None:
    found = [
        f.message for f in archive_unsafe_member.findings(_tar(kind, target), policy())
    ]

    told = f"the link 'demo-1.0/docs/b' leads out of the archive, to {target!r}"
    assert found == ([told] if leads_out else [])


def test_every_kind_of_defect_is_judged_by_one_rule() -> None:
    judged = [kind for kinds in JUDGES.values() for kind in kinds]

    assert sorted([*judged, *STRICT]) == sorted(DefectKind)
    assert ROWS_OF_A_ZIP.keys() == set(DefectKind)
