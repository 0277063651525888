"""The rules of archives, case by case."""

from __future__ import annotations

import io
import tarfile

import pytest
from builders import (
    INTERNAL,
    SDIST,
    WHEEL,
    Case,
    Says,
    archive,
    distribution,
    member,
    policy,
)

from release_guard.facts import Archive, Defect, DefectKind, Member, MemberKind
from release_guard.rules.archive import (
    archive_ambiguous,
    archive_bomb,
    archive_compression,
    archive_unreadable,
    archive_unsafe_member,
    archive_unsafe_path,
)
from release_guard.rules.base import Rule
from release_guard.sources.sdist import read_sdist

#: Which rule judges which kind of defect.
JUDGES: dict[DefectKind, Rule[Archive]] = {
    DefectKind.UNREADABLE: archive_unreadable,
    DefectKind.AMBIGUOUS: archive_ambiguous,
    DefectKind.UNSAFE_MEMBER: archive_unsafe_member,
    DefectKind.BOMB: archive_bomb,
    DefectKind.COMPRESSION: archive_compression,
}
_ONE_OF_EACH = archive(
    "demo-1.0/a",
    defects=tuple(Defect(kind, "demo-1.0/a", "is odd") for kind in DefectKind),
)


def _link(path: str, target: str) -> Member:
    return member(path, MemberKind.LINK, target=target)


def _path(path: str) -> Archive:
    return archive("demo-1.0/PKG-INFO", path)


CASES = [
    # archive-unreadable, archive-ambiguous, archive-bomb, archive-unsafe-member
    *(Case(rule, "a sound archive", archive()) for rule in JUDGES.values()),
    *(
        Case(
            rule,
            "its own kind of defect and no other",
            _ONE_OF_EACH,
            policy(INTERNAL),
            (Says("the member 'demo-1.0/a' is odd"),),
        )
        for rule in JUDGES.values()
    ),
    Case(
        archive_unreadable,
        "the whole archive",
        archive(
            defects=(Defect(DefectKind.UNREADABLE, "", "not a gzip file"),),
            complete=False,
        ),
        says=(Says("the archive: not a gzip file"),),
    ),
    Case(
        archive_unreadable,
        "one member",
        archive(defects=(Defect(DefectKind.UNREADABLE, "demo-1.0/a", "bad CRC-32"),)),
        says=(Says("the member 'demo-1.0/a': bad CRC-32"),),
    ),
    Case(
        archive_unreadable,
        "two members, each told",
        archive(
            defects=(
                Defect(DefectKind.UNREADABLE, "a", "has 3 bytes, not 4"),
                Defect(DefectKind.UNREADABLE, "b", "has 5 bytes, not 6"),
            )
        ),
        says=(
            Says("the member 'a' has 3 bytes, not 4"),
            Says("the member 'b' has 5 bytes, not 6"),
        ),
    ),
    Case(
        archive_ambiguous,
        "data behind the end",
        archive(defects=(Defect(DefectKind.AMBIGUOUS, "", "holds data behind it"),)),
        says=(Says("the archive holds data behind it"),),
    ),
    Case(
        archive_compression,
        "a member that was compressed by bzip2",
        archive(
            defects=(Defect(DefectKind.COMPRESSION, "a", "is compressed by method 12"),)
        ),
        says=(Says("the member 'a' is compressed by method 12"),),
    ),
    Case(
        archive_bomb,
        "too many members",
        archive(defects=(Defect(DefectKind.BOMB, "", "holds more than 9 members"),)),
        says=(Says("the archive holds more than 9 members"),),
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
            Says("the member '../b' climbs out with '..'", WHEEL),
            Says("the member '/c' is absolute", WHEEL),
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    assert case.found() == case.wanted()


def _tar(kind: bytes, target: str) -> Archive:
    """What the source reads of a real tar with one link in ``demo-1.0/docs``."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        link = tarfile.TarInfo("demo-1.0/docs/b")
        link.type, link.linkname = kind, target
        tar.addfile(link)
    packed.seek(0)
    read, _, _ = read_sdist(packed, distribution(SDIST))
    (read_link,) = read.members
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


def test_every_kind_of_defect_is_judged() -> None:
    assert set(JUDGES) == set(DefectKind)
