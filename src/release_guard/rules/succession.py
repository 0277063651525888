"""The version against those that the index lists: does it follow them?"""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.facts import Upload
from release_guard.filenames import by_version
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rules.base import rule
from release_guard.rules.version import versions_in
from release_guard.succession import (
    Doubt,
    Jump,
    Listed,
    jump_of,
    listed_of,
    newest_of,
    outranked_by,
    public,
)

__all__ = ["version_jump", "version_not_successor"]


@rule(Upload, severity=Severity.WARNING)
def version_not_successor(upload: Upload, policy: Policy) -> Iterator[Violation]:
    """The version is lower than the newest of its series.

    **What it means:** the index lists a higher version that begins alike: 0.0.39 before
    0.0.4, 1.4.0 before 1.4.0rc2. A patch of an old series that is the highest there is
    fine, and so is a post-release of a listed version. It is an error where nothing
    lower is listed, and all that is listed has one epoch and one first number.

    **Why it matters:** installers go on taking the higher version, so that nobody gets
    the new one unasked, and its file names are used up.

    **How it happens:** the number was read as a decimal (0.4 is lower than 0.39); the
    version was not raised, or only in one place; an earlier version was too high by
    mistake.

    **Fix:** raise the version above the one that is named. Where that one is the
    mistake, yank it: what is yanked counts no longer.

    **Source:** PEP 440; pypi/warehouse 14851, skypilot-org/skypilot 3650.
    """
    history = _listed(upload)
    for version, files in versions_in(upload.release).items():
        found = outranked_by(version, history)
        if found is None:
            continue
        if found.is_lowest:
            where = f"everything that {policy.index.label} lists"
            told = f"{where}, from {history.versions[0]} on"
        else:
            series = f"series {found.series}" if found.series else "project"
            told = f"{found.by}, the newest of the {series}"
        yield Violation(
            f"{version} is lower than {told}; {_outlook(upload, history)}",
            fix=f"raise the version above {found.by}, or yank that one if it is the "
            "mistake (each number counts as a whole, and a pre-release comes before "
            "its final version: PEP 440)",
            severity=Severity.ERROR if found.is_lowest else None,
            evidence={
                "version": str(version),
                "newest": str(found.by),
                "files": tuple(files),
            },
        )


@rule(Upload, severity=Severity.WARNING)
def version_jump(upload: Upload, policy: Policy) -> Iterator[Violation]:
    """The version is an unlikely step from the one before it.

    **What it means:** from the highest listed version below, the first number that
    changes grows by nine or more, by more than a twentieth, and by more than it ever
    did in this project; a month or a day of a calendar may. Or the version follows only
    with a zero put in (5.1.0 after 0.5.0), a dev number has two digits more than any
    before, or the epoch is another one.

    **Why it matters:** most such steps are typos, and none can be taken back: every
    later version has to be higher, or the wrong one yanked.

    **How it happens:** a dot or a digit too few or too many in a tag; a number that was
    typed by hand twice; another scheme, such as the calendar, which is fine if meant.

    **Fix:** release the version that was meant. If it is this one, nothing: the next
    one is compared with it.

    **Source:** PrefectHQ/prefect 2.82, startreedata/pinot-dbapi 86, RedFT/Hexy 6,
    Fortran-FOSS-Programmers/ford 367, nipreps/eddymotion 197.
    """
    history = _listed(upload)
    for version, files in versions_in(upload.release).items():
        jump = jump_of(version, history)
        if jump is None:
            continue
        meant = f" ({jump.meant}?)" if jump.meant else ""
        release = f"release {jump.meant} if that was meant; " if jump.meant else ""
        yield Violation(
            f"{version} is an unlikely step after {jump.predecessor}, "
            f"{_step(jump)}{meant}; {_outlook(upload, history)}",
            fix=f"{release}make sure that {version} is meant: no lower version is the "
            "newest after it, unless it is yanked",
            evidence={
                "version": str(version),
                "predecessor": str(jump.predecessor),
                "meant": str(jump.meant) if jump.meant else None,
                "files": tuple(files),
            },
        )


def _listed(upload: Upload) -> Listed:
    """The versions that the index lists of this project."""
    return listed_of(
        (version, bool(file.yanked))
        for version, files in by_version(upload.listing).items()
        for file in files
    )


def _outlook(upload: Upload, history: Listed) -> str:
    """What is the newest after the upload, as installers see it."""
    added = map(public, versions_in(upload.release))
    before = newest_of(history.offered)
    after = newest_of([*history.offered, *added])
    return f"the newest {'stays' if after == before else 'would become'} {after}"


def _step(jump: Jump) -> str:
    """From where to where, in words."""
    before, after = jump.before, jump.after
    match jump.doubt:
        case Doubt.EPOCH:
            return f"from epoch {before} to epoch {after}"
        case Doubt.DIGITS:
            return (
                f"with a dev number of {len(str(after))} digits, where the longest "
                f"has {len(str(before))}"
            )
        case Doubt.YEAR:
            return f"from {before} to the year {after}"
    return f"from {before} to {after}"
