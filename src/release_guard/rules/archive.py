"""Archives: can every reader read this, and do they all read the same?"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping

from release_guard.facts import Archive, DefectKind, Member, MemberKind
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rules.base import rule

__all__ = [
    "archive_ambiguous",
    "archive_bomb",
    "archive_compression",
    "archive_unreadable",
    "archive_unsafe_member",
    "archive_unsafe_path",
]

_LINKS = (MemberKind.LINK, MemberKind.HARD_LINK)
_LONGEST_PART = 255
_LONGEST_PATH = 4096


@rule(Archive, severity=Severity.ERROR)
def archive_unreadable(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """The archive is damaged.

    **What it means:** it is no zip or gzipped tar, it is cut off, or a member's stream
    or checksum is wrong.

    **Why it matters:** PyPI looks at few members, so that the damage is found by the
    users.

    **How it happens:** a full disk, an interrupted download, an artifact that was
    transferred as text.

    **Fix:** build the file again; compare hashes after each transfer.

    **Source:** PyPI (upload rules 81, 82).
    """
    yield from _defects(archive, DefectKind.UNREADABLE, "build the file again")


@rule(Archive, severity=Severity.ERROR)
def archive_compression(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """A member is compressed in a way that installers need not know.

    **What it means:** a member of a zip is neither stored nor deflated. It was not
    read.

    **Why it matters:** many installers cannot unpack it, and PyPI refuses the file.

    **How it happens:** the wheel was packed again with a general zip program.

    **Fix:** build the file again, or repack it with `python -m wheel pack`.

    **Source:** PyPI (upload rule 84).
    """
    yield from _defects(
        archive, DefectKind.COMPRESSION, "build again, or repack: python -m wheel pack"
    )


@rule(Archive, severity=Severity.ERROR)
def archive_ambiguous(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """Two readers could see different contents in the archive.

    **What it means:** a name, or two spellings of one path, stands there more than
    once; a file has members below it; the local headers of a zip and its directory
    differ; a folder or link has content; there is data before, between or behind the
    records.

    **Why it matters:** what was reviewed is not what another installer unpacks.

    **How it happens:** a broken build tool, files appended to a finished archive, or
    an attack.

    **Fix:** build the file again with a current build backend.

    **Source:** PyPI refuses most of it in zips since 2025-08-07 (upload rule 90, table
    6a), and more: data descriptors and comments in the directory are not judged here.
    """
    yield from _defects(
        archive, DefectKind.AMBIGUOUS, "build the file again with a current backend"
    )


@rule(Archive, severity=Severity.ERROR)
def archive_bomb(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """The archive unpacks to more than anybody should be asked to unpack.

    **What it means:** a bound of release-guard was met: 200 times the packed size
    (from 64 MiB on), 32 GiB in all, 200,000 members, 16 MiB for a metadata file.
    Reading ended there.

    **Why it matters:** it fills the disks of those who install it, and indexes refuse
    it.

    **How it happens:** a sparse or generated data file in the package.

    **Fix:** leave the file out, or generate it on first use.

    **Source:** PyPI refuses a ratio of more than 50 in zips (upload rule 83), which is
    lower than this bound.
    """
    yield from _defects(archive, DefectKind.BOMB, "leave the large member out")


@rule(Archive, severity=Severity.ERROR)
def archive_unsafe_member(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """A member is something else than a plain file or folder, in a way that harms.

    **What it means:** a link that leads out of the tree, a device, a FIFO, a sparse or
    an encrypted member.

    **Why it matters:** unpacking it writes or reads outside the folder it is unpacked
    to, or cannot be done at all.

    **How it happens:** the source tree holds such a file and the build takes it along.

    **Fix:** replace the link by the file it leads to; leave special files out.

    **Source:** PEP 706; PyPI (upload rule 88).
    """
    yield from _defects(archive, DefectKind.UNSAFE_MEMBER, "leave the member out")
    links = {posixpath.normpath(m.path): m for m in archive.members if m.kind in _LINKS}
    for member in archive.members:
        if member.kind is MemberKind.SPECIAL:
            yield Violation(
                f"the member {member.path!r:.300} is a device, a FIFO or the like",
                fix="leave the member out",
            )
        elif member.kind in _LINKS and _leads_out(member, links):
            yield Violation(
                f"the link {member.path!r:.300} leads out of the archive, to "
                f"{member.target!r:.300}",
                fix="replace the link by the file",
            )


@rule(Archive, severity=Severity.ERROR)
def archive_unsafe_path(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """A member's path does not stay in the archive.

    **What it means:** the path is absolute, has a drive, a `..`, a backslash or a
    control character, is empty, or is too long for a file system.

    **Why it matters:** unpacking it writes outside the folder it is unpacked to, or
    to another place on another system.

    **How it happens:** a file list with paths that were not made relative; an archive
    made on Windows by hand; an attack.

    **Fix:** build the file with a current build backend.

    **Source:** PEP 706; the zip and tar formats.
    """
    for member in archive.members:
        problem = _path_problem(member.path)
        if problem:
            yield Violation(
                f"the member {member.path!r:.300} {problem}",
                fix="build the file again with a current backend",
            )


def _defects(archive: Archive, kind: DefectKind, fix: str) -> Iterator[Violation]:
    for defect in archive.defects:
        if defect.kind is kind:
            what = (
                f"the member {defect.member!r:.300} "
                if defect.member
                else "the archive "
            )
            joint = "" if defect.detail.startswith(("is ", "has ", "holds ")) else ": "
            what = what.rstrip() + (joint or " ")
            yield Violation(what + defect.detail, fix=fix)


def _path_problem(path: str) -> str:
    """What is wrong with a member's path, empty where nothing is."""
    return next((text for is_so, text in _PATH_PROBLEMS if is_so(path)), "")


def _is_too_long(path: str) -> bool:
    parts = [p.encode("utf-8", "surrogateescape") for p in path.split("/")]
    whole = len(b"/".join(parts))
    return max(map(len, parts)) > _LONGEST_PART or whole > _LONGEST_PATH


_PATH_PROBLEMS: tuple[tuple[Callable[[str], object], str], ...] = (
    (lambda path: not path, "has no name"),
    (lambda path: path.startswith("/"), "is absolute"),
    (lambda path: re.match(r"[A-Za-z]:", path), "has a drive"),
    (lambda path: ".." in path.split("/"), "climbs out with '..'"),
    (lambda path: "\\" in path, "has a backslash"),
    (lambda path: re.search(r"[\x00-\x1f\x7f-\x9f]", path), "has a control character"),
    (_is_too_long, "is too long for a file system"),
)


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
