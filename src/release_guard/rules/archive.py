"""Archives: can every reader read this, and do they all read the same?"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from release_guard.facts import (
    Archive,
    Defect,
    DefectKind,
    Kind,
    Member,
    MemberKind,
    SizedDistribution,
)
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rulebook import (
    LARGEST_FILE,
    LARGEST_RAISED,
    ZIP_RATIO,
    ZIP_RATIO_FROM,
    Refusal,
)
from release_guard.rules.base import rule

__all__ = [
    "archive_ambiguous",
    "archive_bomb",
    "archive_case_collision",
    "archive_compression",
    "archive_too_large",
    "archive_unreadable",
    "archive_unsafe_member",
    "archive_unsafe_path",
    "obfuscated_code",
]

_LINKS = (MemberKind.LINK, MemberKind.HARD_LINK)
_LONGEST_PART = 255
_LONGEST_PATH = 4096


@rule(Archive, severity=Severity.ERROR, upload_rules=("81", "82", "500.2"))
def archive_unreadable(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """The archive is damaged.

    **What it means:** it is no zip or gzipped tar, it is cut off, or a member's stream
    or checksum is wrong.

    **Why it matters:** PyPI looks at few members, so that the damage is found by the
    users.

    **How it happens:** a full disk, an interrupted download, an artifact that was
    transferred as text.

    **Fix:** build the file again; compare hashes after each transfer.

    **Source:** the zip, gzip and tar formats.
    """
    fix = "build the file again"
    yield from _violations_of(archive, DefectKind.NO_ARCHIVE, fix, "81")
    yield from _violations_of(archive, DefectKind.MALFORMED, fix)
    yield from _violations_of(archive, DefectKind.CHECKSUM, fix)
    for defect in archive.defects:
        if defect.kind in (DefectKind.DAMAGED, DefectKind.STREAM):
            row = _row_of_damage(archive, defect.member)
            # Of a zip the server expects a wrong checksum, and no broken stream.
            is_unexpected = defect.kind is DefectKind.STREAM and archive.is_zip
            yield _violation(defect, fix, "500.2" if row and is_unexpected else row)


@rule(Archive, severity=Severity.ERROR, upload_rules=("84",))
def archive_compression(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """A member is compressed in a way that installers need not know.

    **What it means:** a member of a zip is neither stored nor deflated. It was not
    read.

    **Why it matters:** many installers cannot unpack it, and PyPI refuses the file.

    **How it happens:** the wheel was packed again with a general zip program.

    **Fix:** build the file again, or repack it with `python -m wheel pack`.

    **Source:** the wheel specification.
    """
    fix = "build again, or repack: python -m wheel pack"
    yield from _violations_of(archive, DefectKind.COMPRESSION, fix, "84")


#: Readers could see different contents; and where PyPI's server refuses it in a zip.
_AMBIGUOUS: Mapping[DefectKind, str] = {
    DefectKind.DUPLICATE: "6a.3",
    DefectKind.NAMESAKE: "",
    DefectKind.CONTENT_OF_NO_FILE: "",
    DefectKind.OTHER_NAME: "6a.4",
    DefectKind.OTHER_SIZE: "6a.5",
    DefectKind.OTHER_HEADER: "",
    DefectKind.OTHER_DIRECTORY: "6a.12",
    DefectKind.OTHER_COUNT: "6a.10",
    DefectKind.CUT_DIRECTORY: "6a.10",
    DefectKind.SEVERAL_DISKS: "81",
    DefectKind.OTHER_PLACE: "81",
    DefectKind.STRAY_BYTES: "6a.1",
    DefectKind.EXTENSIBLE: "6a.11",
    DefectKind.TRAILING: "6a.13",
    DefectKind.SECOND_STREAM: "",
    DefectKind.HEADERS: "",
    DefectKind.TWICE_EXTRA: "6a.9",
}
#: What only PyPI's server takes for it.
_STRICT: Mapping[DefectKind, str] = {
    DefectKind.DESCRIPTOR: "6a.2",
    DefectKind.COMMENT: "6a.6",
    DefectKind.ENCODING: "6a.8",
    DefectKind.UNMARKED: "6a.4",
    DefectKind.ODD_EXTRA: "6a.10",
}


@rule(
    Archive,
    severity=Severity.ERROR,
    upload_rules=(
        "80",
        *dict.fromkeys(filter(None, (*_AMBIGUOUS.values(), *_STRICT.values()))),
    ),
)
def archive_ambiguous(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """Two readers could see different contents in the archive.

    **What it means:** a name, or two spellings of one path, stands there more than
    once; a file has members below it; the local headers of a zip and its directory
    differ; a folder or link has content; there is data before, between or behind the
    records, or a second stream; several headers of a tar speak of one member; a file is
    a zip and a tar. Where the index applies PyPI's rules also what
    its strict reader refuses in a zip: sizes behind the data (a zip that was written to
    a pipe), a comment of a member, a name that is not marked as UTF-8, odd extra
    fields.

    **Why it matters:** what was reviewed is not what another installer unpacks.

    **How it happens:** a broken build tool, files appended to a finished archive, a
    zip that was streamed, or an attack.

    **Fix:** build the file again with a current build backend.

    **Source:** the zip format (APPNOTE 4.3); PyPI's documentation of archives.
    """
    fix = "build the file again with a current backend"
    yield from _violations_of(archive, DefectKind.POLYGLOT, fix, "80")
    for defect in archive.defects:
        if defect.kind in _AMBIGUOUS:
            row = _AMBIGUOUS[defect.kind]
        elif defect.kind in _STRICT and policy.on_pypi:
            row = _STRICT[defect.kind]
        else:
            continue
        yield _violation(defect, fix, row if archive.is_zip else "")


@rule(Archive, severity=Severity.ERROR, upload_rules=("83",))
def archive_bomb(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """The archive unpacks to more than anybody should be asked to unpack.

    **What it means:** it unpacks to more than 64 MiB and more than 50 times its size,
    where the index applies PyPI's rules; or a bound of release-guard was met: 200
    times the packed size (from 64 MiB on), 32 GiB in all, 200,000 members, 16 MiB for
    a metadata file. Reading ended there.

    **Why it matters:** it fills the disks of those who install it, and indexes refuse
    it.

    **How it happens:** a sparse or generated data file in the package.

    **Fix:** leave the file out, or generate it on first use.

    **Source:** PyPI applies the ratio to zips only; a tar unpacks as well.
    """
    fix = "leave the large member out"
    most = max(ZIP_RATIO_FROM, ZIP_RATIO * archive.size)
    if policy.on_pypi and archive.unpacked > most:
        yield Violation(
            f"unpacks to {archive.unpacked:,} bytes, more than {ZIP_RATIO} times its "
            f"{archive.size:,}",
            fix=fix,
            refusal=Refusal("83") if archive.is_zip else None,
        )
    yield from _violations_of(archive, DefectKind.BOMB, fix)


@rule(Archive, severity=Severity.ERROR, upload_rules=("88", "500.3"))
def archive_unsafe_member(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """A member is something else than a plain file or folder, in a way that harms.

    **What it means:** a link that leads out of the tree or to nothing, any link in a
    wheel, a device, a FIFO, a sparse or an encrypted member.

    **Why it matters:** unpacking it writes or reads outside the folder it is unpacked
    to, or cannot be done at all.

    **How it happens:** the source tree holds such a file and the build takes it along.

    **Fix:** replace the link by the file it leads to; leave special files out.

    **Source:** PEP 706.
    """
    fix = "leave the member out"
    yield from _violations_of(archive, DefectKind.SPARSE, fix, "88")
    for defect in archive.defects:
        if defect.kind is DefectKind.ENCRYPTED:
            read = _row_of_damage(archive, defect.member)
            yield _violation(defect, fix, "500.3" if read else "")
    links = {posixpath.normpath(m.path): m for m in archive.members if m.kind in _LINKS}
    before: set[str] = set()
    for member in archive.members:
        if member.kind is MemberKind.SPECIAL:
            yield Violation(
                f"the member {member.path!r:.300} is a device, a FIFO or the like",
                fix=fix,
            )
        elif member.kind in _LINKS and _leads_out(member, links):
            yield Violation(
                f"the link {member.path!r:.300} leads out of the archive, to "
                f"{member.target!r:.300}",
                fix="replace the link by the file",
            )
        elif member.kind is MemberKind.LINK and archive.kind is Kind.WHEEL:
            yield Violation(
                f"the member {member.path!r:.300} is a link, which installers write as "
                "a file that holds its target",
                fix="replace the link by the file",
            )
        elif (
            member.kind is MemberKind.HARD_LINK
            and posixpath.normpath(member.target) not in before
        ):
            yield Violation(
                f"the hard link {member.path!r:.300} leads to {member.target!r:.300}, "
                "which is no file before it",
                fix="replace the link by the file",
            )
        if member.kind in _LINKABLE:
            before.add(posixpath.normpath(member.path))


#: What a hard link may lead to.
_LINKABLE = (MemberKind.FILE, MemberKind.LINK, MemberKind.HARD_LINK)


@rule(Archive, severity=Severity.ERROR, upload_rules=("6a.7", "500.1"))
def archive_unsafe_path(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """A member's path does not stay in the archive.

    **What it means:** the path is absolute, has a drive, a `..`, a backslash or a
    control character, is empty, or is too long for a file system; in a zip, that it has
    a `.` or an empty part.

    **Why it matters:** unpacking it writes outside the folder it is unpacked to, or
    to another place on another system.

    **How it happens:** a file list with paths that were not made relative; an archive
    made on Windows by hand; an attack.

    **Fix:** build the file with a current build backend.

    **Source:** PEP 706; the zip and tar formats.
    """
    mixed = len({member.path.startswith("/") for member in archive.members}) > 1
    for member in archive.members:
        path = member.path
        problem = _path_problem(path)
        if not problem and archive.is_zip and _is_odd(path):
            problem = "is not in its normal form"
        if not problem:
            continue
        row = ""
        if archive.is_zip and _CONTROL.search(path):
            row = "6a.7"
        elif archive.kind is Kind.SDIST and path.startswith("/") and mixed:
            row = "500.1"
        yield Violation(
            f"the member {path!r:.300} {problem}",
            fix="build the file again with a current backend",
            refusal=Refusal(row) if row else None,
        )


@rule(Archive, severity=Severity.WARNING)
def archive_case_collision(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """Two members differ only in case.

    **What it means:** on a file system that does not tell `A` from `a`, two ways of
    writing an accent, or a dot or space at the end of a name, the two are one file.

    **Why it matters:** on macOS and Windows one of them overwrites the other: users
    there have other contents than users on Linux.

    **How it happens:** a file was renamed, and the old one is still in a build folder.

    **Fix:** rename one of them, or leave it out.

    **Source:** rules of the file systems (APFS, NTFS).
    """
    known: set[str] = set()
    places: dict[str, str] = {}
    for member in archive.members:
        path = posixpath.normpath(member.path)
        if len(path) > _LONGEST_PATH or path.count("/") > _DEEPEST:
            # archive-unsafe-path, or nobody's file system, speaks of it.
            continue
        while path not in ("", "/", ".") and path not in known:
            known.add(path)
            other = places.setdefault(_folded(path), path)
            # Of two folders that are one, that is all that is to be said.
            if other != path and posixpath.dirname(other) == posixpath.dirname(path):
                yield Violation(
                    f"the members {other!r} and {path!r} differ only in case",
                    fix="rename one of them, or leave it out",
                )
            path = posixpath.dirname(path)


@rule(Archive, severity=Severity.ERROR, upload_rules=("89",))
def obfuscated_code(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """Source code was made unreadable by a tool.

    **What it means:** a `.py` or `.pye` file has the marks of PyArmor or
    SourceDefender. Judged where the index applies PyPI's rules.

    **Why it matters:** PyPI refuses the file: nobody can see what it does.

    **How it happens:** a commercial obfuscator in the build.

    **Fix:** publish the readable source, or keep the package on an index of your own.

    **Source:** PyPI's acceptable use policy; PyArmor since 2026-03-02, SourceDefender
    since 2026-04-24.
    """
    for member in archive.members if policy.on_pypi else ():
        if member.obfuscator:
            yield Violation(
                f"the member {member.path!r:.300} was made unreadable by "
                f"{member.obfuscator}",
                fix="publish the readable source",
                refusal=Refusal("89"),
            )


@rule(SizedDistribution, severity=Severity.ERROR, upload_rules=("64",))
def archive_too_large(file: SizedDistribution, policy: Policy) -> Iterator[Violation]:
    """The file is larger than the index takes.

    **What it means:** it has more than 100 MiB, where the index applies PyPI's rules.
    PyPI raises the limit of a project that asks, up to 1 GiB: where the index lists a
    file of that size already it is only a warning. Where less than a tenth of the
    limit is left, a notice says how much.

    **Why it matters:** the upload of this file breaks off, when others are public.

    **How it happens:** debug symbols, models or test data were taken along.

    **Fix:** make the file smaller, or ask for a higher limit before the release.

    **Source:** PyPI's documentation of storage limits.
    """
    size = file.distribution.size
    if not policy.on_pypi:
        return
    told = f"has {size:,} bytes, and {policy.index.label} takes {LARGEST_FILE:,}"
    fix = "make it smaller, or ask the index for a higher limit before the release"
    taken = file.largest_taken
    is_raised = taken is not None and taken > LARGEST_FILE
    if size <= LARGEST_FILE:
        left = LARGEST_FILE - size
        if left < LARGEST_FILE // _LITTLE and taken is not None and not is_raised:
            told += f": only {left:,} are left"
            yield Violation(told, fix=fix, severity=Severity.NOTICE)
        return
    if is_raised and size <= max(LARGEST_RAISED, taken or 0):
        yield Violation(
            f"{told}; it took one of {taken:,} of this project, so that the limit was "
            "raised",
            fix="make sure that the raised limit is high enough",
            severity=Severity.WARNING,
        )
        return
    asked = "" if taken is not None else " (the index was not asked)"
    told += f" unless it raised the limit{asked}"
    yield Violation(told, fix=fix, refusal=Refusal("64"))


#: The part of the limit that is little: a forecast that leaves time to ask for more.
_LITTLE = 10


def _violations_of(
    archive: Archive, kind: DefectKind, fix: str, row: str = ""
) -> Iterator[Violation]:
    for defect in archive.defects:
        if defect.kind is kind:
            yield _violation(defect, fix, row)


def _violation(defect: Defect, fix: str, row: str) -> Violation:
    what = f"the member {defect.member!r:.300}" if defect.member else "the archive"
    detail = defect.detail
    joint = " " if detail.startswith(("is ", "has ", "holds ", "lies ")) else ": "
    refusal = Refusal(row) if row else None
    return Violation(f"{what}{joint}{detail}", fix=fix, refusal=refusal)


def _row_of_damage(archive: Archive, member: str) -> str:
    """Where PyPI's server comes upon a damaged member: it reads few of them, and is
    prepared for damage in even fewer. Of a tar it reads the whole stream.
    """
    if not member or not archive.is_zip:
        return "82"
    if member.lower().endswith((".py", ".pye")):
        return "82"
    folder, _, name = member.partition("/")
    if archive.kind is Kind.SDIST:
        return "82" if name == "PKG-INFO" else ""
    if folder != "-".join(archive.filename.split("-")[:2]) + ".dist-info":
        return ""
    if name == "WHEEL":
        return "82"
    return "500.2" if name in _READ_LATE or name.startswith("licenses/") else ""


_READ_LATE = ("RECORD", "METADATA", "entry_points.txt")


def _path_problem(path: str) -> str:
    """What is wrong with a member's path, empty where nothing is."""
    return next((text for is_so, text in _PATH_PROBLEMS if is_so(path)), "")


def _is_too_long(path: str) -> bool:
    parts = [p.encode("utf-8", "surrogateescape") for p in path.split("/")]
    whole = len(b"/".join(parts))
    return max(map(len, parts)) > _LONGEST_PART or whole > _LONGEST_PATH


def _is_odd(path: str) -> bool:
    """Whether a path has parts that say nothing: readers drop them, or do not."""
    return bool({"", "."} & set(path.removesuffix("/").split("/")))


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PATH_PROBLEMS: tuple[tuple[Callable[[str], object], str], ...] = (
    (lambda path: not path, "has no name"),
    (lambda path: path.startswith("/"), "is absolute"),
    (lambda path: re.match(r"[A-Za-z]:", path), "has a drive"),
    (lambda path: ".." in path.split("/"), "climbs out with '..'"),
    (lambda path: "\\" in path, "has a backslash"),
    (lambda path: re.search(r"[\x00-\x1f\x7f-\x9f]", path), "has a control character"),
    (_is_too_long, "is too long for a file system"),
)


def _folded(path: str) -> str:
    """As file systems compare: case, accents, and on Windows what ends a name."""
    path = re.sub(r"[. ]+(?=/|$)", "", path)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


#: Folders deep; what lies deeper is not compared, each path has all its folders.
_DEEPEST = 100


def _leads_out(member: Member, links: Mapping[str, Member]) -> bool:
    """Whether a link ends outside the archive, through other links too.

    A symbolic link's target counts from its folder, a hard one's from the top.
    """
    start = (
        "" if member.kind is MemberKind.HARD_LINK else posixpath.dirname(member.path)
    )
    here: list[str] = []
    ahead = [*start.split("/"), *_target(member)]
    for _ in range(_MOST_STEPS):
        if not ahead:
            return False
        if len(ahead) > _MOST_STEPS:
            return True
        part = ahead.pop(0)
        if part == _OUT or (part == ".." and not here):
            return True
        if part == "..":
            here.pop()
        elif part not in ("", "."):
            here.append(part)
            link = links.get("/".join(here))
            if link is not None and link.kind is MemberKind.LINK:
                here.pop()
                ahead = [*_target(link), *ahead]
    return True


_OUT = "/"
#: More than any sound chain of links takes; links in a circle end here.
_MOST_STEPS = 1_000


def _target(link: Member) -> list[str]:
    """The parts of a link's target, or that it leads out from the start."""
    target = link.target
    is_absolute = target.startswith("/") or re.match(r"[A-Za-z]:", target)
    is_too_long = len(target) > _LONGEST_PATH
    if not target or is_absolute or is_too_long or "\\" in target:
        return [_OUT]
    return target.split("/")
