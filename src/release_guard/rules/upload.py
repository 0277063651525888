"""The index before the upload: will it take this set, and whole?"""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.facts import (
    ARCHIVED,
    QUARANTINED,
    AgedRelease,
    Kind,
    ProjectSize,
    Upload,
)
from release_guard.filenames import kind_of
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy
from release_guard.rulebook import CLOSES_AFTER, LARGEST_PROJECT, Refusal
from release_guard.rules.base import rule
from release_guard.rules.version import versions_in
from release_guard.stdlib_names import STDLIB_NAMES

__all__ = [
    "file_exists",
    "project_new",
    "project_quota",
    "project_status",
    "release_closed",
    "sdist_exists",
    "version_exists",
]


@rule(Upload, severity=Severity.ERROR, upload_rules=("67", "68"))
def file_exists(upload: Upload, policy: Policy) -> Iterator[Violation]:
    """The index has a file of this name already.

    **What it means:** a file of the set is listed. With the same bytes there is nothing
    to do (a notice); with other bytes, or where the index gives no hash to compare, it
    is an error. Where the index applies PyPI's rules, so are the same bytes under
    another name.

    **Why it matters:** a file name can be used once. The index refuses the file, and
    those that were sent before it stay; an uploader that skips what exists compares
    names only and hides that the bytes differ.

    **How it happens:** a version is built twice; a job is run again after half of it
    went out.

    **Fix:** raise the version, or upload only the files of the output `to-upload`.

    **Source:** pypa/twine 919.
    """
    hashes = {file.sha256: file.filename for file in upload.listing.files}
    for distribution in upload.release.distributions:
        listed = upload.listing.by_name.get(distribution.filename)
        if listed is None:
            other = hashes.get(distribution.sha256)
            if other and policy.on_pypi:
                yield Violation(
                    f"{policy.index.label} has these bytes already, as {other}",
                    fix="build the file instead of renaming another one",
                    where=distribution.filename,
                    evidence={"other": other},
                    refusal=Refusal("68"),
                )
            continue
        if listed.sha256 == distribution.sha256:
            yield Violation(
                f"is on {policy.index.label} already, with these bytes",
                fix="nothing to do; leave it out of the upload",
                where=distribution.filename,
                severity=Severity.NOTICE,
            )
            continue
        with_what = f"the sha256 {listed.sha256}" if listed.sha256 else "no hash"
        yield Violation(
            f"is on {policy.index.label} already, with {with_what}; here it has "
            f"{distribution.sha256}",
            fix="raise the version: a file name can never be used again",
            where=distribution.filename,
            evidence={"expected": distribution.sha256, "found": listed.sha256},
            refusal=Refusal("68"),
        )


@rule(Upload, severity=Severity.WARNING)
def version_exists(upload: Upload, policy: Policy) -> Iterator[Violation]:
    """The index has files of this version already.

    **What it means:** the set adds to a release that is public.

    **Why it matters:** either an upload broke off and this is the rest, or the version
    was not raised.

    **How it happens:** a job is run again; wheels are built later than the sdist.

    **Fix:** make sure that the new files are meant; otherwise raise the version.

    **Source:** mareforma/mareforma 46: a forgotten bump and skip-existing made a green
    release of nothing.
    """
    names = {d.filename for d in upload.release.distributions}
    for version in versions_in(upload.release):
        listed = [file.filename for file in upload.listing.of(version)]
        if listed:
            new = sorted(names - set(listed))
            told = f"new are {some(new, 3)}" if new else "none of these is new"
            yield Violation(
                f"{policy.index.label} lists {len(listed)} file(s) of {version}; "
                f"{told}",
                fix="make sure that the release is meant to grow, or raise the version",
                evidence={"listed": tuple(listed), "new": tuple(new)},
            )


@rule(Upload, severity=Severity.ERROR, upload_rules=("71",))
def sdist_exists(upload: Upload, policy: Policy) -> Iterator[Violation]:
    """The release has an sdist already, under another name.

    **What it means:** the index lists an sdist of this version, and the set has one of
    another name. Judged where the index applies PyPI's rules.

    **Why it matters:** a release has one sdist: the second is refused.

    **How it happens:** an earlier build wrote `.zip`, or spelled the version or the
    name otherwise.

    **Fix:** leave the sdist out, or raise the version.

    **Source:** PEP 625.
    """
    for distribution in upload.release.distributions if policy.on_pypi else ():
        name = distribution.name
        if distribution.kind is not Kind.SDIST or name is None:
            continue
        if distribution.filename in upload.listing.by_name:
            # file-exists speaks of it.
            continue
        others = [
            file.filename
            for file in upload.listing.of(name.version)
            if kind_of(file.filename) is Kind.SDIST
            and file.filename != distribution.filename
        ]
        if others:
            yield Violation(
                f"{policy.index.label} has the sdist {others[0]} of this version",
                fix="leave the sdist out, or raise the version",
                where=distribution.filename,
                evidence={"listed": tuple(others)},
                refusal=Refusal("71"),
            )


@rule(AgedRelease, severity=Severity.ERROR, upload_rules=("70",))
def release_closed(release: AgedRelease, policy: Policy) -> Iterator[Violation]:
    """The release takes no new files any more.

    **What it means:** the index lists files of this version, the oldest of which is
    older than 14 days, and the set has files that it does not list. Judged where the
    index applies PyPI's rules.

    **Why it matters:** every new file is refused, so that the release stays as it is.

    **How it happens:** wheels for a new Python are added to an old release.

    **Fix:** release a post version, or the next one.

    **Source:** PyPI since 2026-07-08.
    """
    if not policy.on_pypi or release.created is None:
        return
    closes = release.created + CLOSES_AFTER
    for name in release.new if release.at > closes else ():
        yield Violation(
            f"is new, and {release.version} is closed since {closes:%Y-%m-%d} "
            f"({CLOSES_AFTER.days} days after its first file)",
            fix=f"release {release.version}.post1, or the next version",
            where=name,
            evidence={"closed": closes.isoformat()},
            refusal=Refusal("70"),
        )


@rule(ProjectSize, severity=Severity.ERROR, upload_rules=("65",))
def project_quota(project: ProjectSize, policy: Policy) -> Iterator[Violation]:
    """The project would hold more than the index takes.

    **What it means:** the listed files and the new ones have more than 10 GiB, where
    the index applies PyPI's rules. Where the listed ones alone have more, the limit was
    raised, and it is a warning. A notice says when there is room for fewer than ten
    more releases of this size.

    **Why it matters:** the upload breaks off in the middle of the release.

    **How it happens:** many large wheels over years.

    **Fix:** delete old pre-releases, or ask for a higher limit before the release.

    **Source:** PyPI's documentation of storage limits.
    """
    held, new, limit = project.held, project.new, LARGEST_PROJECT
    if not (policy.on_pypi and new):
        return
    total = held + new
    told = f"{policy.index.label} holds {held:,} bytes of it, this release adds {new:,}"
    fix = "delete what nobody needs, or ask the index for a higher limit"
    evidence = {"held": held, "new": new, "limit": limit}
    if held > limit:
        yield Violation(
            f"{told}; its limit of {limit:,} was raised",
            fix="make sure that the raised limit is high enough",
            severity=Severity.WARNING,
            evidence=evidence,
        )
    elif total > limit:
        yield Violation(
            f"{told}: {total - limit:,} more than {limit:,}",
            fix=fix,
            evidence=evidence,
            refusal=Refusal("65"),
        )
    elif (left := (limit - total) // new) < _FEW_RELEASES:
        yield Violation(
            f"{told}: there is room for {left} more of this size",
            fix=fix,
            severity=Severity.NOTICE,
            evidence=evidence,
        )


#: Of the size of this one: a forecast that leaves time to ask for more.
_FEW_RELEASES = 10


@rule(Upload, severity=Severity.WARNING, upload_rules=("53",))
def project_new(upload: Upload, policy: Policy) -> Iterator[Violation]:
    """The index does not know this project.

    **What it means:** the project's page is not there: the upload would create it. An
    error where the index applies PyPI's rules and the project is named like a module of
    the standard library, of any Python since 2.6.

    **Why it matters:** a typo in the name creates a second project, or the upload goes
    to another index than was meant.

    **How it happens:** the first release; a renamed project; a wrong index URL.

    **Fix:** for a first release, nothing; else compare the name and the URL.

    **Source:** modules from `stdlib-list`. Whether a name is prohibited, or too similar
    to another one, the index alone knows.
    """
    if not upload.listing.known:
        yield Violation(
            f"{policy.index.label} has no project {upload.release.project} (404 from "
            f"{upload.listing.url}): the upload would create it",
            fix="for a first release nothing; else compare the name and the index",
            evidence={"url": upload.listing.url},
        )
        if policy.on_pypi and upload.release.project in STDLIB_NAMES:
            yield Violation(
                f"{upload.release.project} is named like a module of the standard "
                f"library: {policy.index.label} takes no new project of this name",
                fix="choose another name",
                severity=Severity.ERROR,
                refusal=Refusal("53"),
                files=tuple(d.filename for d in upload.release.distributions),
            )


@rule(Upload, severity=Severity.ERROR, upload_rules=("56",))
def project_status(upload: Upload, policy: Policy) -> Iterator[Violation]:
    """The project takes no uploads.

    **What it means:** the index marks the project as archived or quarantined.

    **Why it matters:** the upload is refused, or nobody sees it; a quarantined project
    lists no files, so that nothing can be compared with them either.

    **How it happens:** the project was archived by its owners, or the index suspects
    it.

    **Fix:** un-archive the project on the index, or ask the index's administrators.

    **Source:** PEP 792.
    """
    status = upload.listing.status
    if status in _CLOSED:
        yield Violation(
            f"{policy.index.label} marks {upload.release.project} as {status}, "
            "expected active",
            fix="un-archive the project on the index, or ask its administrators",
            evidence={"status": status},
            refusal=Refusal("56"),
            files=tuple(d.filename for d in upload.release.distributions),
        )


#: PEP 792: the one takes no uploads, the other offers no files.
_CLOSED = (ARCHIVED, QUARANTINED)
