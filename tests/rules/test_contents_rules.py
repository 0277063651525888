"""The rules of what is in a wheel and in an sdist, case by case."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from builders import (
    INFO,
    INTERNAL,
    PYPI,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    described_archive,
    member,
    policy,
    record_digest,
    sdist,
    wheel,
)
from packaging.tags import parse_tag

from release_guard.facts import (
    EntryPoint,
    EntryPoints,
    Member,
    MemberKind,
    Record,
    RecordEntry,
    Wheel,
    WheelFile,
)
from release_guard.findings import Severity
from release_guard.rules.contents import (
    entry_points_invalid,
    license_file_missing,
    record_hash_mismatch,
    record_incomplete,
    sdist_layout,
    wheel_layout,
    wheel_tag_mismatch,
)

_MODULE = "demo/__init__.py"
_ROW = RecordEntry(_MODULE, record_digest(_MODULE), str(len(_MODULE)))


def _without(path: str) -> Wheel:
    """The sound wheel, and one member that is not there (but in RECORD)."""
    sound = wheel()
    kept = tuple(m for m in sound.archive.members if m.path != path)
    return replace(sound, archive=replace(sound.archive, members=kept))


def _with_rows(*rows: RecordEntry, without: str = "") -> Wheel:
    """The sound wheel, its RECORD with these rows more, and without those of a path."""
    sound = wheel()
    assert sound.record is not None
    kept = (row for row in sound.record.entries if row.path != without)
    return replace(sound, record=Record((*kept, *rows)))


def _with_members(*members: Member) -> Wheel:
    """The sound wheel and members that RECORD does not know."""
    sound = wheel()
    more = (*sound.archive.members, *members)
    return replace(sound, archive=replace(sound.archive, members=more))


def _tagged(*tags: str, filename: str = WHEEL) -> Wheel:
    """A wheel whose WHEEL file says these tags."""
    sound = wheel(filename=filename)
    assert sound.wheel_file is not None
    inside = frozenset(one for tag in tags for one in parse_tag(tag))
    return replace(sound, wheel_file=replace(sound.wheel_file, tags=inside))


def _unreadable(problem: str) -> Wheel:
    sound = wheel()
    assert sound.wheel_file is not None
    return replace(
        sound, wheel_file=replace(sound.wheel_file, tags=frozenset(), problem=problem)
    )


def _with_record(record: Record) -> Wheel:
    return replace(wheel(), record=record)


def _with_entry_points(*entries: EntryPoint, problem: str = "") -> Wheel:
    return replace(wheel(), entry_points=EntryPoints(entries, problem))


_SOUND_RECORD = wheel().record or Record(())
_SOUND_WHEEL_FILE = wheel().wheel_file or WheelFile()
_SOUND_SDIST = ("demo-1.0/PKG-INFO", "demo-1.0/pyproject.toml")

CASES = [
    # sdist-layout
    Case(sdist_layout, "a sound sdist", sdist()),
    Case(
        sdist_layout,
        "setup.py in place of pyproject.toml, and an .egg-info below",
        sdist("demo-1.0/PKG-INFO", "demo-1.0/setup.py", "demo-1.0/x.egg-info/PKG-INFO"),
    ),
    Case(
        sdist_layout,
        "a top folder spelled as the file name",
        sdist(
            "Demo.Pkg-1.0/PKG-INFO",
            "Demo.Pkg-1.0/setup.py",
            filename="Demo.Pkg-1.0.tar.gz",
        ),
    ),
    Case(
        sdist_layout,
        "a top folder with the canonical version",
        sdist(
            "demo-1.0rc1/PKG-INFO",
            "demo-1.0rc1/setup.py",
            filename="demo-1.0RC1.tar.gz",
        ),
        policy(INTERNAL),
    ),
    Case(
        sdist_layout,
        "an epoch in the top folder",
        sdist(
            "demo-1!2.0/PKG-INFO",
            "demo-1!2.0/pyproject.toml",
            filename="demo-1!2.0.tar.gz",
        ),
    ),
    Case(
        sdist_layout,
        "nothing in it",
        replace(sdist(), archive=replace(sdist().archive, members=())),
        says=(Says("has 0 top folders (), expected one", row="85"),),
    ),
    Case(
        sdist_layout,
        "a second top folder",
        sdist(*_SOUND_SDIST, "tests/a"),
        says=(Says("has 2 top folders ('demo-1.0', 'tests'), expected one", row="85"),),
    ),
    Case(
        sdist_layout,
        "the folder '.', which the server drops from a path",
        sdist(member(".", MemberKind.FOLDER), "./PKG-INFO", "./pyproject.toml"),
        says=(
            Says("has the folder '.'", row="85"),
            Says("its top folder is '.', expected 'demo-1.0'", row=""),
        ),
    ),
    Case(
        sdist_layout,
        "no top folder: only the first few are told",
        sdist("PKG-INFO", "pyproject.toml", "a", "b", "c"),
        says=(Says("has 5 top folders ('PKG-INFO', 'a', 'b', 'c'), expected one"),),
    ),
    Case(
        sdist_layout,
        "a hard link beside the top folder",
        sdist(
            *_SOUND_SDIST,
            member("LICENSE", MemberKind.HARD_LINK, target="demo-1.0/LICENSE"),
        ),
        says=(Says("has 2 top folders ('LICENSE', 'demo-1.0'), expected one"),),
    ),
    Case(
        sdist_layout,
        "the archive of a repository",
        sdist("demo-main/README", "demo-main/src/demo/__init__.py"),
        says=(
            Says("its top folder is 'demo-main', expected 'demo-1.0'", row=""),
            Says("has no file demo-main/PKG-INFO", row="86"),
            Says("has no demo-main/pyproject.toml and no demo-main/setup.py", row=""),
        ),
    ),
    Case(
        sdist_layout,
        "another version in the top folder",
        sdist("demo-1.1/PKG-INFO", "demo-1.1/setup.py"),
        says=(Says("its top folder is 'demo-1.1', expected 'demo-1.0'"),),
    ),
    Case(
        sdist_layout,
        "PKG-INFO and pyproject.toml that are no files",
        sdist(
            member("demo-1.0/PKG-INFO", MemberKind.LINK, target="README"),
            member("demo-1.0/pyproject.toml", MemberKind.FOLDER),
        ),
        says=(
            Says("has no file demo-1.0/PKG-INFO", row=""),
            Says("has no demo-1.0/pyproject.toml and no demo-1.0/setup.py"),
        ),
    ),
    Case(
        sdist_layout,
        "members below './', which indexes do not find",
        sdist("./demo-1.0/PKG-INFO", "./demo-1.0/pyproject.toml"),
        says=(
            Says("its top folder is '.', expected 'demo-1.0'"),
            Says("has no file ./PKG-INFO", row="86"),
            Says("has no ./pyproject.toml and no ./setup.py"),
        ),
    ),
    Case(
        sdist_layout,
        "all of it one folder deeper, where PyPI finds it",
        sdist("a/demo-1.0/PKG-INFO", "a/demo-1.0/setup.py"),
        says=(
            Says("its top folder is 'a', expected 'demo-1.0'", row=""),
            Says("has no file a/PKG-INFO", row=""),
            Says("has no a/pyproject.toml and no a/setup.py", row=""),
        ),
    ),
    Case(
        sdist_layout,
        "no PKG-INFO, for an index without PyPI's rules",
        sdist("demo-1.0/setup.py"),
        policy(INTERNAL),
        (Says("has no file demo-1.0/PKG-INFO", row=""),),
    ),
    Case(
        sdist_layout,
        "a file name that is none is left to filename-invalid",
        sdist("any/PKG-INFO", "any/setup.py", filename="demo.tar.gz"),
    ),
    # wheel-layout
    Case(wheel_layout, "a sound wheel", wheel()),
    Case(
        wheel_layout,
        "a vendored .dist-info deeper down",
        wheel("demo/_vendor/other-2.dist-info/METADATA"),
    ),
    Case(
        wheel_layout,
        "a folder that spells the version as the file name does",
        wheel(filename="demo-1.0.0-py3-none-any.whl", info="demo-1.0.0.dist-info"),
    ),
    Case(
        wheel_layout,
        "another spelling, for an index without PyPI's rules",
        wheel(filename="demo-1.0.0-py3-none-any.whl"),
        policy(INTERNAL),
    ),
    Case(
        wheel_layout,
        "another spelling, for PyPI",
        wheel(filename="demo-1.0.0-py3-none-any.whl"),
        policy(PYPI),
        (
            Says(
                f"its .dist-info folder is {INFO!r}, expected 'demo-1.0.0.dist-info'",
                row="87",
            ),
        ),
    ),
    Case(
        wheel_layout,
        "the project in upper case in the folder only, for PyPI",
        wheel(info="Demo-1.0.dist-info"),
        says=(
            Says(f"its .dist-info folder is 'Demo-1.0.dist-info', expected {INFO!r}"),
        ),
    ),
    Case(
        wheel_layout,
        "the .dist-info of another project, which installers refuse on any index",
        wheel(info="other-2.0.dist-info"),
        policy(INTERNAL),
        (Says("…other-2.0.dist-info…", row=""),),
    ),
    Case(
        wheel_layout,
        "no .dist-info",
        replace(wheel(), info_folders=(), info_folder=None),
        says=(Says("has 0 top-level .dist-info folders, expected one", row="87"),),
    ),
    Case(
        wheel_layout,
        "two .dist-info, one of them the file name's",
        replace(wheel(), info_folders=("demo-0.9.dist-info", INFO)),
        says=(
            Says(
                "has 2 top-level .dist-info folders (demo-0.9.dist-info, "
                f"{INFO}), expected one",
                row="",
            ),
        ),
    ),
    Case(
        wheel_layout,
        "many .dist-info: only the first few are told",
        replace(wheel(), info_folders=("a", "b", "c", "d", "e"), info_folder=None),
        says=(Says("has 5 top-level .dist-info folders (a, b, c, d), expected one"),),
    ),
    Case(
        wheel_layout,
        "two .dist-info, none of them the file name's",
        replace(
            wheel(), info_folders=("a-1.dist-info", "b-1.dist-info"), info_folder=None
        ),
        says=(Says("has 2 top-level .dist-info folders (a-1…b-1…), expected one"),),
    ),
    *(
        Case(
            wheel_layout,
            f"no {name}",
            _without(f"{INFO}/{name}"),
            says=(Says(f"has no {INFO}/{name}", row=row),),
        )
        for name, row in {"WHEEL": "87", "METADATA": "119", "RECORD": "116"}.items()
    ),
    Case(
        wheel_layout,
        "METADATA is a folder",
        replace(
            _without(f"{INFO}/METADATA"),
            archive=replace(
                wheel().archive,
                members=(
                    *_without(f"{INFO}/METADATA").archive.members,
                    member(f"{INFO}/METADATA", MemberKind.FOLDER),
                ),
            ),
        ),
        says=(Says(f"has no {INFO}/METADATA"),),
    ),
    Case(
        wheel_layout,
        "a file name that is none, and no WHEEL",
        replace(
            _without(f"{INFO}/WHEEL"), distribution=wheel(filename="x.whl").distribution
        ),
        says=(Says(f"has no {INFO}/WHEEL"),),
    ),
    *(
        Case(
            wheel_layout,
            f"the Wheel-Version {version}",
            replace(
                wheel(), wheel_file=replace(_SOUND_WHEEL_FILE, wheel_version=version)
            ),
        )
        for version in ("1.0", "1.9", "1.10", "1.0.1")
    ),
    *(
        Case(
            wheel_layout,
            f"the Wheel-Version {version!r}, on any index",
            replace(
                wheel(), wheel_file=replace(_SOUND_WHEEL_FILE, wheel_version=version)
            ),
            policy(INTERNAL),
            (Says(f"its Wheel-Version is {version!r}, expected 1.0", row=""),),
        )
        for version in ("2.0", "10.0", "", "one", "1", "1.", "1.x", "1.0, 2.0", "1.0 ")
    ),
    Case(
        wheel_layout,
        "a .data folder with every part that it may have",
        wheel(
            "demo-1.0.data/purelib/more/a.py",
            "demo-1.0.data/platlib/more/b.py",
            "demo-1.0.data/headers/a.h",
            "demo-1.0.data/scripts/demo/__init__.py",
            "demo-1.0.data/data/share/a",
            "demo/b.data/scripts/x",
            "demo.data",
        ),
    ),
    Case(
        wheel_layout,
        "a .data folder of another wheel",
        wheel("demo-0.9.data/scripts/demo"),
        says=(
            Says("'demo-0.9.data/scripts/demo' lies in another .data folder", row=""),
        ),
    ),
    Case(
        wheel_layout,
        "a .data folder with what is for no place, on any index",
        wheel("demo-1.0.data/bin/demo", "demo-1.0.data/demo"),
        policy(INTERNAL),
        tuple(
            Says(
                f"{path!r} is for no place, expected purelib, platlib, headers, "
                "scripts, data"
            )
            for path in ("demo-1.0.data/bin/demo", "demo-1.0.data/demo")
        ),
    ),
    *(
        Case(
            wheel_layout,
            f"a .data folder whose {scheme} lies over a module",
            wheel(f"demo-1.0.data/{scheme}/{_MODULE}"),
            says=(
                Says(
                    f"'demo-1.0.data/{scheme}/{_MODULE}' is installed over {_MODULE!r}"
                ),
            ),
        )
        for scheme in ("purelib", "platlib")
    ),
    Case(
        wheel_layout,
        "a .data folder whose path goes another way over a module",
        wheel("demo-1.0.data/purelib/x/../demo/__init__.py"),
        says=(Says(f"… is installed over {_MODULE!r}"),),
    ),
    Case(
        wheel_layout,
        "a .data folder whose purelib lies over its platlib",
        wheel("demo-1.0.data/purelib/a.py", "demo-1.0.data/platlib/a.py"),
        policy(INTERNAL),
        (
            Says(
                "'demo-1.0.data/purelib/a.py' is installed over "
                "'demo-1.0.data/platlib/a.py'"
            ),
        ),
    ),
    *(
        Case(
            wheel_layout,
            f"a .data folder whose {scheme} writes into {folder}",
            wheel(f"demo-1.0.data/{scheme}/{folder}/MORE"),
            says=(Says("… is installed into a .dist-info folder", row=""),),
        )
        for scheme in ("purelib", "platlib")
        for folder in (INFO, "other-2.dist-info")
    ),
    Case(
        wheel_layout,
        "a .data folder that writes into what only resembles a .dist-info folder",
        wheel("demo-1.0.data/purelib/demo/a.dist-info/MORE"),
    ),
    # wheel-tag-mismatch
    Case(wheel_tag_mismatch, "the same tags", wheel()),
    Case(
        wheel_tag_mismatch,
        "a compressed set in the name, single tags inside",
        _tagged(
            "py2-none-any", "py3-none-any", filename="demo-1.0-py2.py3-none-any.whl"
        ),
    ),
    Case(
        wheel_tag_mismatch,
        "a compressed set inside, in another order",
        _tagged("py3.py2-none-any", filename="demo-1.0-py2.py3-none-any.whl"),
    ),
    Case(
        wheel_tag_mismatch,
        "renamed to a wider platform",
        _tagged(
            "cp311-cp311-linux_x86_64",
            filename="demo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl",
        ),
        says=(
            Says(
                "WHEEL and file name differ: only in WHEEL cp311-cp311-linux_x86_64; "
                "only in the name cp311-cp311-manylinux_2_17_x86_64"
            ),
        ),
    ),
    Case(
        wheel_tag_mismatch,
        "one tag more in the name",
        _tagged("py3-none-any", filename="demo-1.0-py2.py3-none-any.whl"),
        says=(
            Says(
                "WHEEL and file name differ: only in WHEEL none; only in the name "
                "py2-none-any",
                severity=Severity.WARNING,
            ),
        ),
    ),
    Case(
        wheel_tag_mismatch,
        "no tag inside",
        _tagged(),
        says=(
            Says(
                "WHEEL and file name differ: only in WHEEL none; only in the name "
                "py3-none-any"
            ),
        ),
    ),
    Case(
        wheel_tag_mismatch,
        "WHEEL cannot be read",
        _unreadable("'utf-8' codec can't decode byte"),
        says=(Says("its WHEEL file cannot be read: 'utf-8' codec can't decode byte"),),
    ),
    Case(
        wheel_tag_mismatch,
        "no WHEEL is left to wheel-layout",
        replace(wheel(), wheel_file=None),
    ),
    Case(
        wheel_tag_mismatch,
        "a name that is none is left to filename-invalid",
        replace(wheel(), distribution=wheel(filename="x.whl").distribution),
    ),
    # record-incomplete
    Case(record_incomplete, "a sound RECORD", wheel("demo/data.json")),
    Case(
        record_incomplete,
        "no RECORD is left to wheel-layout",
        replace(wheel(), record=None),
    ),
    Case(
        record_incomplete,
        "RECORD cannot be read",
        replace(wheel(), record=Record((), problem="line contains NUL")),
        says=(Says("its RECORD cannot be read: line contains NUL", row="116"),),
    ),
    Case(
        record_incomplete,
        "signatures of RECORD, which it cannot hash",
        _with_members(member(f"{INFO}/RECORD.jws"), member(f"{INFO}/RECORD.p7s")),
    ),
    Case(
        record_incomplete,
        "rows of signatures that are not there",
        _with_rows(
            RecordEntry(f"{INFO}/RECORD.jws", "", ""),
            RecordEntry(f"{INFO}/RECORD.p7s", "", ""),
        ),
    ),
    Case(
        record_incomplete,
        "RECORD without a row of itself",
        _with_rows(without=f"{INFO}/RECORD"),
    ),
    Case(
        record_incomplete,
        "a signature in another folder is a file like any other",
        _with_members(member("demo/RECORD.jws")),
        says=(Says("'demo/RECORD.jws' is not in RECORD"),),
    ),
    Case(
        record_incomplete,
        "folders, as members and as a row",
        replace(
            _with_members(member("demo/", MemberKind.FOLDER)),
            record=_with_rows(RecordEntry("demo/", "", "")).record,
        ),
    ),
    Case(
        record_incomplete,
        "files and a link that were added to a finished wheel",
        _with_members(
            member("demo/b.py"),
            member("demo/a.py"),
            member("demo/link", MemberKind.LINK, target="a.py"),
        ),
        says=(
            Says("'demo/a.py' is not in RECORD", row=""),
            Says("'demo/b.py' is not in RECORD", row=""),
            Says("'demo/link' is not in RECORD"),
        ),
    ),
    Case(
        record_incomplete,
        "a file that is not there",
        _without(_MODULE),
        says=(Says(f"RECORD names {_MODULE!r}, which is not there"),),
    ),
    Case(
        record_incomplete,
        "a file in another case is another file",
        _with_rows(replace(_ROW, path="Demo/__init__.py"), without=_MODULE),
        says=(
            Says(f"{_MODULE!r} is not in RECORD"),
            Says("RECORD names 'Demo/__init__.py', which is not there"),
        ),
    ),
    Case(
        record_incomplete,
        "a row given twice",
        _with_rows(_ROW),
        says=(Says(f"RECORD names {_MODULE!r} 2 times"),),
    ),
    Case(
        record_incomplete,
        "a row without a hash",
        _with_rows(replace(_ROW, digest=""), without=_MODULE),
        says=(Says(f"RECORD has no hash of {_MODULE!r}"),),
    ),
    Case(
        record_incomplete,
        "RECORD cannot be read, for an index without PyPI's rules",
        _with_record(Record((), problem="line contains NUL")),
        policy(INTERNAL),
        (Says("its RECORD cannot be read: line contains NUL", row=""),),
    ),
    *(
        Case(
            record_incomplete,
            f"{count} empty line(s), at which PyPI's server breaks",
            replace(wheel(), record=replace(_SOUND_RECORD, empty_lines=count)),
            policy(TESTPYPI),
            (Says(f"its RECORD has {count} empty line(s)", row="500.5"),),
        )
        for count in (1, 2)
    ),
    Case(
        record_incomplete,
        "empty lines and a file that is not there",
        replace(_without(_MODULE), record=replace(_SOUND_RECORD, empty_lines=3)),
        policy(INTERNAL),
        (
            Says("its RECORD has 3 empty line(s)", row=""),
            Says(f"RECORD names {_MODULE!r}, which is not there", row=""),
        ),
    ),
    # record-hash-mismatch
    *(
        Case(
            record_incomplete,
            f"a row of {columns} columns, on any index",
            _with_rows(
                replace(_SOUND_RECORD.entries[0], columns=columns),
                without=_SOUND_RECORD.entries[0].path,
            ),
            policy(INTERNAL),
            (
                Says(
                    f"RECORD gives {columns} columns for "
                    f"{_SOUND_RECORD.entries[0].path!r}, expected 3",
                    row="",
                ),
            ),
        )
        for columns in (2, 4)
    ),
    Case(record_hash_mismatch, "a sound RECORD", wheel("demo/data.json")),
    Case(
        record_hash_mismatch,
        "no RECORD is left to wheel-layout",
        replace(wheel(), record=None),
    ),
    Case(
        record_hash_mismatch,
        "a padded hash, and no size",
        _with_rows(replace(_ROW, digest=f"{_ROW.digest}=", size=""), without=_MODULE),
    ),
    Case(
        record_hash_mismatch,
        "a file that is not there, or has no hash, is left to record-incomplete",
        _with_rows(
            RecordEntry("gone", "md5=x", "3"),
            replace(_ROW, digest="", size="1"),
            without=_MODULE,
        ),
    ),
    *(
        Case(
            record_hash_mismatch,
            f"a file hashed with {algorithm}",
            _with_rows(
                replace(_ROW, digest=record_digest(_MODULE, algorithm)), without=_MODULE
            ),
            says=(
                Says(
                    f"RECORD hashes {_MODULE!r} with {algorithm!r}, expected sha256 or "
                    "better"
                ),
            ),
        )
        for algorithm in ("md5", "sha1", "sha224")
    ),
    Case(
        record_hash_mismatch,
        "a hash that names no algorithm",
        _with_rows(replace(_ROW, digest="abc"), without=_MODULE),
        says=(
            Says(f"RECORD hashes {_MODULE!r} with 'abc', expected sha256 or better"),
        ),
    ),
    *(
        Case(
            record_hash_mismatch,
            f"a file hashed with {algorithm}, rightly",
            replace(
                _with_rows(
                    replace(_ROW, digest=record_digest(_MODULE, algorithm)),
                    without=_MODULE,
                ),
                archive=replace(
                    wheel().archive,
                    members=(
                        replace(
                            member(_MODULE), digest=record_digest(_MODULE, algorithm)
                        ),
                    ),
                ),
            ),
        )
        for algorithm in ("sha384", "sha512")
    ),
    Case(
        record_hash_mismatch,
        "a file that was changed",
        _with_rows(replace(_ROW, digest=record_digest("before")), without=_MODULE),
        says=(
            Says(
                f"{_MODULE!r} has {record_digest(_MODULE)}, RECORD says "
                f"{record_digest('before')}"
            ),
        ),
    ),
    Case(
        record_hash_mismatch,
        "a hash of nothing",
        _with_rows(replace(_ROW, digest="sha256="), without=_MODULE),
        says=(Says(f"{_MODULE!r} has {record_digest(_MODULE)}, RECORD says sha256="),),
    ),
    Case(
        record_hash_mismatch,
        "one of two rows is right, the other wrong",
        _with_rows(replace(_ROW, digest=record_digest("before"))),
        says=(Says(f"{_MODULE!r} has …, RECORD says {record_digest('before')}"),),
    ),
    Case(
        record_hash_mismatch,
        "another size",
        _with_rows(replace(_ROW, size="1"), without=_MODULE),
        says=(Says(f"{_MODULE!r} has {len(_MODULE)} bytes, RECORD says 1"),),
    ),
    Case(
        record_hash_mismatch,
        "a size of nothing",
        _with_rows(replace(_ROW, size="0"), without=_MODULE),
        says=(Says(f"{_MODULE!r} has {len(_MODULE)} bytes, RECORD says 0"),),
    ),
    Case(
        record_hash_mismatch,
        "a size that is no number",
        _with_rows(replace(_ROW, size="many"), without=_MODULE),
        says=(Says(f"{_MODULE!r} has {len(_MODULE)} bytes, RECORD says many", row=""),),
    ),
    # entry-points-invalid
    Case(entry_points_invalid, "no entry points", wheel()),
    Case(entry_points_invalid, "an empty file", _with_entry_points()),
    *(
        Case(
            entry_points_invalid,
            f"what installers read differently, for {index.label}",
            replace(wheel(), entry_points=EntryPoints(differs=True)),
            policy(index),
            (
                Says(
                    "its entry_points.txt is read differently by installers and by the "
                    "index",
                    row="",
                ),
            ),
        )
        for index in (TESTPYPI, INTERNAL)
    ),
    Case(
        entry_points_invalid,
        "names that a script may have",
        _with_entry_points(
            EntryPoint("console_scripts", "demo", "demo:main"),
            EntryPoint("console_scripts", "demo-3.12_x", "demo:main"),
            EntryPoint("gui_scripts", "größe", "demo:main"),
            EntryPoint("gui_scripts", "..", ""),
        ),
    ),
    Case(
        entry_points_invalid,
        "only the names of scripts are looked at",
        _with_entry_points(
            EntryPoint("demo.plugins", "a name/with all", "demo"),
            EntryPoint("Console_Scripts", "a b", "demo"),
        ),
    ),
    Case(
        entry_points_invalid,
        "the file cannot be read",
        _with_entry_points(problem="File contains no section headers"),
        policy(TESTPYPI),
        (
            Says(
                "its entry_points.txt cannot be read: File contains no section headers",
                WHEEL,
                row="118",
            ),
        ),
    ),
    *(
        Case(
            entry_points_invalid,
            f"the script {name!r} of {group}",
            _with_entry_points(
                EntryPoint(group, name, "demo:main"),
                EntryPoint(group, "sound", "demo:main"),
            ),
            says=(
                Says(f"the script {name!r} in {group} has no valid name", row="118"),
            ),
        )
        for group in ("console_scripts", "gui_scripts")
        for name in ("a b", "a/b", "../a", "", "a\n", "a:b")
    ),
    Case(
        entry_points_invalid,
        "an index without PyPI's rules takes any",
        _with_entry_points(
            EntryPoint("console_scripts", "a b", "demo"), problem="is odd"
        ),
        policy(INTERNAL),
    ),
    # license-file-missing
    *(
        Case(license_file_missing, name, file)
        for name, file in {
            "no licence file is named": described_archive(),
            "an sdist that has what it names": described_archive(
                "demo-1.0/PKG-INFO",
                "demo-1.0/LICENSE",
                "demo-1.0/LICENSES/MIT.txt",
                license_files=("LICENSE", "LICENSES/MIT.txt"),
            ),
            "a link in place of the file": described_archive(
                member("demo-1.0/LICENSE", MemberKind.LINK, target="COPYING"),
                license_files=("LICENSE",),
            ),
            "an sdist whose top folder is named otherwise": described_archive(
                "demo-main/LICENSE", license_files=("LICENSE",)
            ),
            "a wheel that has what it names": described_archive(
                f"{INFO}/licenses/LICENSE",
                f"{INFO}/licenses/src/LICENSE",
                filename=WHEEL,
                license_files=("LICENSE", "src/LICENSE"),
            ),
            "a wheel whose folder is spelled as its name is": described_archive(
                "Demo-1.0.0.dist-info/licenses/LICENSE",
                filename="Demo-1.0.0-py3-none-any.whl",
                license_files=("LICENSE",),
            ),
        }.items()
    ),
    Case(
        license_file_missing,
        "an sdist that lacks two, each told once",
        described_archive(
            "demo-1.0/PKG-INFO",
            "demo-1.0/docs/LICENSE",
            license_files=("LICENSE", "NOTICE", "LICENSE", "docs/LICENSE"),
        ),
        policy(TESTPYPI),
        (
            Says(
                "has no demo-1.0/LICENSE, which its License-File names",
                SDIST,
                row="103",
            ),
            Says("has no demo-1.0/NOTICE, which its License-File names", row="103"),
        ),
    ),
    *(
        Case(
            license_file_missing,
            f"a wheel that has it only in {place}",
            described_archive(
                f"{place}/LICENSE", filename=WHEEL, license_files=("LICENSE",)
            ),
            says=(
                Says(
                    f"has no {INFO}/licenses/LICENSE, which its License-File names",
                    WHEEL,
                    row="115",
                ),
            ),
        )
        for place in (
            INFO,
            "demo",
            f"{INFO}/license_files",
            "other-1.dist-info/licenses",
        )
    ),
    Case(
        license_file_missing,
        "an sdist of two top folders is left to sdist-layout",
        described_archive("demo-1.0/PKG-INFO", "other/x", license_files=("LICENSE",)),
    ),
    Case(
        license_file_missing,
        "another case is another file",
        described_archive(
            "demo-1.0/License", filename="demo-1.0.tar.gz", license_files=("LICENSE",)
        ),
        says=(Says("has no demo-1.0/LICENSE, …", row="103"),),
    ),
    Case(
        license_file_missing,
        "an index without PyPI's rules",
        described_archive("demo-1.0/PKG-INFO", license_files=("LICENSE",)),
        policy(INTERNAL),
    ),
]


def test_the_subject_is_called_by_its_file_name() -> None:
    assert (sdist().label, wheel().label) == (SDIST, WHEEL)


_TELL = """
from builders import described_archive, policy
from release_guard.rules.contents import license_file_missing
file = described_archive("a/LICENSE", "b/x", "c/x", "d/x", license_files=("LICENSE",))
print([found.message for found in license_file_missing.findings(file, policy())])
"""


def test_of_several_top_folders_the_same_is_said_in_every_run() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _TELL],
            env=os.environ
            | {
                "PYTHONHASHSEED": str(seed),
                "PYTHONPATH": str(Path(__file__).parents[1]),
            },
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in range(4)
    }

    assert len(told) == 1
