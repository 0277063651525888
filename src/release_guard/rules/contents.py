"""What must be in a wheel and in an sdist, and whether RECORD tells the truth."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from packaging.utils import canonicalize_name

from release_guard.facts import (
    RECORD_HASHES,
    DescribedArchive,
    DistributionName,
    Kind,
    MemberKind,
    Record,
    Sdist,
    Wheel,
)
from release_guard.filenames import parse_version
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rulebook import Refusal
from release_guard.rules.base import rule

__all__ = [
    "entry_points_invalid",
    "license_file_missing",
    "record_hash_mismatch",
    "record_incomplete",
    "sdist_layout",
    "wheel_layout",
    "wheel_tag_mismatch",
]

#: Files that RECORD cannot hash: itself, and what signs it (wheel specification).
_UNHASHED = ("RECORD", "RECORD.jws", "RECORD.p7s")


@rule(Sdist, severity=Severity.ERROR, upload_rules=("85", "86"))
def sdist_layout(sdist: Sdist, policy: Policy) -> Iterator[Violation]:
    """The sdist is not laid out as one.

    **What it means:** not everything lies in one top folder `project-version`, or
    PKG-INFO or both of pyproject.toml and setup.py are missing there.

    **Why it matters:** installers cannot build it, and indexes refuse it.

    **How it happens:** an archive of the repository instead of an sdist; a tar made by
    hand.

    **Fix:** build it: `python -m build --sdist`.

    **Source:** the source distribution format.
    """
    paths = {member.path.rstrip("/") for member in sdist.archive.members}
    tops = sorted({path.partition("/")[0] for path in paths})
    fix = "build it: python -m build --sdist"
    if len(tops) != 1:
        shown = ", ".join(repr(top) for top in tops[:4])
        yield Violation(
            f"has {len(tops)} top folders ({shown}), expected one",
            fix=fix,
            refusal=Refusal("85"),
        )
        return
    if "." in paths:
        # The server drops "." from a path, and is left with nothing in common.
        yield Violation("has the folder '.'", fix=fix, refusal=Refusal("85"))
    top, name = tops[0], sdist.distribution.name
    if name is not None and not _is_named(top, name):
        expected = f"{name.spelled_project}-{name.spelled_version}"
        yield Violation(f"its top folder is {top!r}, expected {expected!r}", fix=fix)
    files = {
        member.path
        for member in sdist.archive.members
        if member.kind is MemberKind.FILE
    }
    if f"{top}/PKG-INFO" not in files:
        # PyPI asks for the name alone, whatever it is.
        common = posixpath.commonpath(sorted(paths))
        is_there = f"{common}/PKG-INFO" in paths and top != "."
        refusal = None if is_there else Refusal("86")
        yield Violation(f"has no file {top}/PKG-INFO", fix=fix, refusal=refusal)
    if not {f"{top}/pyproject.toml", f"{top}/setup.py"} & files:
        yield Violation(f"has no {top}/pyproject.toml and no {top}/setup.py", fix=fix)


@rule(Wheel, severity=Severity.ERROR, upload_rules=("87", "116", "119"))
def wheel_layout(wheel: Wheel, policy: Policy) -> Iterator[Violation]:
    """The wheel is not laid out as one.

    **What it means:** there is no top-level `.dist-info` folder, or a second one, or it
    lacks WHEEL, METADATA or RECORD, or WHEEL is of another major version; a `.data`
    folder is of another wheel, leads nowhere, or over another file. A `.dist-info`
    deeper down, as vendored packages have it, is no matter.

    **Why it matters:** installers and indexes pick one of two folders, not always the
    same; without the three files the wheel cannot be installed.

    **How it happens:** a stale build folder; a vendored package copied to the top.

    **Fix:** remove `build/` and `*.egg-info`, and build again.

    **Source:** the wheel specification; microsoft/debugpy 1646.
    """
    folders = wheel.info_folders
    fix = "remove build/ and *.egg-info, and build again"
    if len(folders) != 1:
        shown = f" ({', '.join(folders[:4])})" if folders else ""
        yield Violation(
            f"has {len(folders)} top-level .dist-info folders{shown}, expected one",
            fix=fix,
            refusal=None if folders else Refusal("87"),
        )
    folder, name = wheel.info_folder, wheel.distribution.name
    if folder is None:
        return
    if name is not None:
        expected = f"{name.spelled_project}-{name.spelled_version}.dist-info"
        # PyPI takes it by the letter; installers only ask for project and version.
        by_letter = policy.on_pypi
        is_other = not _is_named(folder.removesuffix(".dist-info"), name)
        if is_other or (by_letter and folder != expected):
            yield Violation(
                f"its .dist-info folder is {folder!r}, expected {expected!r}",
                fix=fix,
                refusal=Refusal("87") if folder != expected else None,
            )
    files = {
        member.path
        for member in wheel.archive.members
        if member.kind is MemberKind.FILE
    }
    for required, row in _REQUIRED.items():
        if f"{folder}/{required}" not in files:
            refusal = Refusal(row)
            yield Violation(f"has no {folder}/{required}", fix=fix, refusal=refusal)
    inside = wheel.wheel_file
    is_known = inside and re.fullmatch(r"1(\.[0-9]+)+", inside.wheel_version)
    if inside and not inside.problem and not is_known:
        found = inside.wheel_version
        yield Violation(f"its Wheel-Version is {found!r:.40}, expected 1.0", fix=fix)
    yield from _data_problems(files, folder, fix)


#: What must lie in a .dist-info, and where PyPI's server misses it.
_REQUIRED: Mapping[str, str] = {"WHEEL": "87", "METADATA": "119", "RECORD": "116"}
#: Where the parts of a wheel's .data folder are installed (wheel specification).
_SCHEMES = ("purelib", "platlib", "headers", "scripts", "data")


def _data_problems(files: set[str], folder: str, fix: str) -> Iterator[Violation]:
    """What of a ``.data`` folder installers refuse, or install over something else."""
    expected = folder.removesuffix(".dist-info") + ".data"
    # Where each file goes: the root, purelib and platlib are mostly one folder.
    places = {path: path for path in files if not _in_data(path)}
    for path in sorted(filter(_in_data, files)):
        top, _, rest = path.partition("/")
        scheme, _, inner = rest.partition("/")
        place = posixpath.normpath(inner)
        if top != expected:
            yield Violation(f"{path!r:.300} lies in another .data folder", fix=fix)
        elif scheme not in _SCHEMES:
            allowed = ", ".join(_SCHEMES)
            yield Violation(
                f"{path!r:.300} is for no place, expected {allowed}", fix=fix
            )
        elif scheme in ("purelib", "platlib"):
            if place in places:
                other = places[place]
                yield Violation(
                    f"{path!r:.300} is installed over {other!r:.300}", fix=fix
                )
            elif place.partition("/")[0].endswith(".dist-info"):
                told = f"{path!r:.300} is installed into a .dist-info folder"
                yield Violation(told, fix=fix)
            places[place] = path


def _in_data(path: str) -> bool:
    top, _, rest = path.partition("/")
    return top.endswith(".data") and bool(rest)


@rule(Wheel, severity=Severity.ERROR)
def wheel_tag_mismatch(wheel: Wheel, policy: Policy) -> Iterator[Violation]:
    """WHEEL and the file name give different compatibility tags.

    **What it means:** the tags in the WHEEL file, expanded, are not those of the file
    name. A warning where the name has all of them, and more interpreters.

    **Why it matters:** installers choose by the name and check what is inside: the
    wheel is picked and then refused, or installed where it cannot run.

    **How it happens:** a wheel is renamed to a wider platform tag by hand.

    **Fix:** retag with `python -m wheel tags`, or repair with auditwheel, delocate or
    delvewheel.

    **Source:** the wheel specification; pypi/warehouse 19411.
    """
    name, inside = wheel.distribution.name, wheel.wheel_file
    if name is None or inside is None:
        return
    fix = "retag it with 'python -m wheel tags' instead of renaming it"
    if inside.problem:
        yield Violation(f"its WHEEL file cannot be read: {inside.problem}", fix=fix)
    elif inside.tags != name.tags:
        only_inside = _tags(inside.tags - name.tags)
        only_outside = _tags(name.tags - inside.tags)
        # A name for more interpreters, such as Python 2, breaks nothing; one for
        # another platform, or another ABI, was given by hand.
        places = {(tag.abi, tag.platform) for tag in inside.tags}
        more = name.tags - inside.tags
        is_wider = all((tag.abi, tag.platform) in places for tag in more)
        is_less = inside.tags < name.tags and is_wider
        yield Violation(
            f"WHEEL and file name differ: only in WHEEL {only_inside}; only in the "
            f"name {only_outside}",
            fix=fix,
            severity=Severity.WARNING if is_less else None,
        )


@rule(Wheel, severity=Severity.ERROR, upload_rules=("116", "117", "500.5"))
def record_incomplete(wheel: Wheel, policy: Policy) -> Iterator[Violation]:
    """RECORD and the wheel do not list the same files.

    **What it means:** a file is missing from RECORD, stands there twice or without a
    hash, or RECORD names a file that is not in the wheel.

    **Why it matters:** installers verify and uninstall by RECORD; PyPI mails the
    owners and has announced to refuse such wheels.

    **How it happens:** a file is added to a finished wheel with a zip tool.

    **Fix:** build again, or repack with `python -m wheel pack`.

    **Source:** the wheel specification.
    """
    record = wheel.record
    if record is None:
        return
    fix = "build again, or repack: python -m wheel unpack, then python -m wheel pack"
    if record.problem:
        told = f"its RECORD cannot be read: {record.problem}"
        yield Violation(told, fix=fix, refusal=Refusal("116"))
        return
    if record.empty_lines:
        told = f"its RECORD has {record.empty_lines} empty line(s)"
        yield Violation(told, fix=fix, refusal=Refusal("500.5"))
    for told in _row_problems(wheel, record):
        yield Violation(told, fix=fix)


def _row_problems(wheel: Wheel, record: Record) -> Iterator[str]:
    """Where the rows of RECORD are not the files of the wheel."""
    signatures = {f"{wheel.info_folder}/{name}" for name in _UNHASHED}
    files = {
        member.path
        for member in wheel.archive.members
        if member.kind is not MemberKind.FOLDER
    }
    rows = Counter(entry.path for entry in record.entries)
    for path in sorted(files - rows.keys() - signatures):
        yield f"{path!r} is not in RECORD"
    for path in sorted(rows.keys() - files - signatures):
        if not path.endswith("/"):
            yield f"RECORD names {path!r}, which is not there"
    for path, count in sorted(rows.items()):
        if count > 1:
            yield f"RECORD names {path!r} {count} times"
    hashed = files - signatures
    for entry in record.entries:
        if entry.path in hashed and not entry.digest:
            yield f"RECORD has no hash of {entry.path!r}"
        if entry.columns != _COLUMNS:
            yield f"RECORD gives {entry.columns} columns for {entry.path!r}, expected 3"


#: Path, hash and size: some installers refuse any other number.
_COLUMNS = 3


@rule(Wheel, severity=Severity.ERROR)
def record_hash_mismatch(wheel: Wheel, policy: Policy) -> Iterator[Violation]:
    """A file of the wheel is not the one that RECORD describes.

    **What it means:** the hash or the size in RECORD is another one, or the hash is
    weaker than sha256.

    **Why it matters:** installers that verify refuse the wheel; PyPI never looks.

    **How it happens:** a file is changed in a finished wheel: stripped, signed, or
    given another line ending.

    **Fix:** repack with `python -m wheel unpack` and `python -m wheel pack`.

    **Source:** the wheel specification.
    """
    if wheel.record is None:
        return
    fix = "repack: python -m wheel unpack, then python -m wheel pack"
    members = {member.path: member for member in wheel.archive.members}
    for entry in wheel.record.entries:
        member = members.get(entry.path)
        if member is None or not entry.digest:
            continue
        algorithm = entry.digest.partition("=")[0]
        if algorithm not in RECORD_HASHES:
            yield Violation(
                f"RECORD hashes {entry.path!r} with {algorithm!r}, expected sha256 or "
                "better",
                fix=fix,
            )
        elif entry.digest.rstrip("=") != member.digest:
            yield Violation(
                f"{entry.path!r} has {member.digest}, RECORD says {entry.digest}",
                fix=fix,
                evidence={"expected": entry.digest, "found": member.digest},
            )
        elif entry.size not in ("", str(member.size)):
            yield Violation(
                f"{entry.path!r} has {member.size} bytes, RECORD says {entry.size}",
                fix=fix,
            )


@rule(Wheel, severity=Severity.ERROR, upload_rules=("118",))
def entry_points_invalid(wheel: Wheel, policy: Policy) -> Iterator[Violation]:
    """The entry points cannot be read.

    **What it means:** `entry_points.txt` is not in UTF-8 or no INI file with `=`
    alone, names something twice, or a script's name holds more than letters, digits,
    `_`, `.` and `-`: judged where the index applies PyPI's rules. On every index, that
    installers, which read it line by line, see other entry points: a value goes over
    two lines, or a line ends in an odd way.

    **Why it matters:** PyPI refuses the wheel since 2026-05-18; a script named like a
    path is written elsewhere.

    **How it happens:** the file is written by hand; a script's name has a space.

    **Fix:** declare entry points in `pyproject.toml`, under `[project.scripts]`.

    **Source:** the entry points specification.
    """
    found = wheel.entry_points
    if found is None:
        return
    fix = "correct the entry points where the project declares them, and build again"
    if found.differs:
        told = "its entry_points.txt is read differently by installers and by the index"
        yield Violation(told, fix=fix)
    if not policy.on_pypi:
        return
    if found.problem:
        told = f"its entry_points.txt cannot be read: {found.problem}"
        yield Violation(told, fix=fix, refusal=Refusal("118"))
    for entry in found.entries:
        if entry.group in _SCRIPTS and not re.fullmatch(r"[\w.-]+", entry.name):
            yield Violation(
                f"the script {entry.name!r:.80} in {entry.group} has no valid name",
                fix=fix,
                refusal=Refusal("118"),
            )


_SCRIPTS = ("console_scripts", "gui_scripts")


@rule(DescribedArchive, severity=Severity.ERROR, upload_rules=("103", "115"))
def license_file_missing(file: DescribedArchive, policy: Policy) -> Iterator[Violation]:
    """A licence file that the metadata names is not there.

    **What it means:** a `License-File` of metadata 2.4 or newer is not in the sdist's
    top folder, or not in the wheel's `.dist-info/licenses/`. Judged where the index
    applies PyPI's rules.

    **Why it matters:** PyPI refuses the file, and those who must show the licence
    cannot.

    **How it happens:** metadata and archive are made by two tools; a manifest leaves
    the file out.

    **Fix:** update the build backend; in an sdist, include the file.

    **Source:** PEP 639.
    """
    if not policy.on_pypi:
        return
    archive = file.archive
    paths = {member.path for member in archive.members}
    tops = {path.partition("/")[0] for path in paths}
    top, row = "".join(tops) if len(tops) == 1 else "", "103"
    if archive.kind is Kind.WHEEL:
        parts = archive.filename.split("-")
        top, row = f"{'-'.join(parts[:2])}.dist-info/licenses", "115"
    if not top:
        # sdist-layout speaks of it.
        return
    for name in dict.fromkeys(file.metadata.license_files):
        if f"{top}/{name}" not in paths:
            yield Violation(
                f"has no {top}/{name!s:.200}, which its License-File names",
                fix="update the build backend, or include the file; then build again",
                refusal=Refusal(row),
            )


def _is_named(top: str, name: DistributionName) -> bool:
    """Whether a folder is ``project-version``, however it is spelled."""
    project, _, spelled = top.rpartition("-")
    return (
        canonicalize_name(project) == name.project
        and parse_version(spelled) == name.version
    )


def _tags(tags: frozenset[object]) -> str:
    return ", ".join(sorted(map(str, tags))) or "none"
