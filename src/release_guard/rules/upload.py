"""The index before the upload: will it take this set, and whole?"""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.facts import Release, Upload
from release_guard.findings import Severity, Violation
from release_guard.layouts import without_credentials
from release_guard.policy import Policy
from release_guard.rules.base import rule
from release_guard.rules.version import versions_in

__all__ = [
    "file_exists",
    "index_mismatch",
    "project_new",
    "project_status",
    "version_exists",
]


@rule(Upload, severity=Severity.ERROR)
def file_exists(upload: Upload, policy: Policy) -> Iterator[Violation]:
    """The index has a file of this name already.

    **What it means:** a file of the set is listed. With the same bytes there is nothing
    to do (a notice); with other bytes, or where the index gives no hash to compare, it
    is an error.

    **Why it matters:** a file name can be used once. The index refuses the file, and
    those that were sent before it stay; an uploader that skips what exists compares
    names only and hides that the bytes differ.

    **How it happens:** a version is built twice; a job is run again after half of it
    went out.

    **Fix:** raise the version, or upload only the files of the output `to-upload`.

    **Source:** PyPI (upload rules 67, 68); pypa/twine 919.
    """
    for distribution in upload.release.distributions:
        listed = upload.listing.by_name.get(distribution.filename)
        if listed is None:
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
            told = f"new are {', '.join(new[:3])}" if new else "none of these is new"
            more = f" and {len(new) - 3} more" if len(new) > 3 else ""  # noqa: PLR2004
            yield Violation(
                f"{policy.index.label} lists {len(listed)} file(s) of {version}; "
                f"{told}{more}",
                fix="make sure that the release is meant to grow, or raise the version",
                evidence={"listed": tuple(listed), "new": tuple(new)},
            )


@rule(Upload, severity=Severity.WARNING)
def project_new(upload: Upload, policy: Policy) -> Iterator[Violation]:
    """The index does not know this project.

    **What it means:** the project's page is not there: the upload would create it.

    **Why it matters:** a typo in the name creates a second project, or the upload goes
    to another index than was meant.

    **How it happens:** the first release; a renamed project; a wrong index URL.

    **Fix:** for a first release, nothing; else compare the name and the URL.

    **Source:** PyPI (upload rules 50, 53, 55).
    """
    if not upload.listing.known:
        yield Violation(
            f"{policy.index.label} has no project {upload.release.project} (404 from "
            f"{upload.listing.url}): the upload would create it",
            fix="for a first release nothing; else compare the name and the index",
            evidence={"url": upload.listing.url},
        )


@rule(Upload, severity=Severity.ERROR)
def project_status(upload: Upload, policy: Policy) -> Iterator[Violation]:
    """The project takes no uploads.

    **What it means:** the index marks the project as archived or quarantined.

    **Why it matters:** the upload is refused, or nobody sees it; a quarantined project
    lists no files, so that nothing can be compared with them either.

    **How it happens:** the project was archived by its owners, or the index suspects
    it.

    **Fix:** un-archive the project on the index, or ask the index's administrators.

    **Source:** PEP 792; PyPI (upload rule 56).
    """
    status = upload.listing.status
    if status in _CLOSED:
        yield Violation(
            f"{policy.index.label} marks {upload.release.project} as {status}, "
            "expected active",
            fix="un-archive the project on the index, or ask its administrators",
            evidence={"status": status},
        )


#: PEP 792: archived takes no uploads, quarantined offers no files.
_CLOSED = ("archived", "quarantined")


@rule(Release, severity=Severity.ERROR)
def index_mismatch(release: Release, policy: Policy) -> Iterator[Violation]:
    """The upload URL is not the one of the declared index.

    **What it means:** `--repository-url` is another URL than the `repository-url` of
    the index that the policy, or `--index`, names.

    **Why it matters:** the set was judged for one index and goes to another.

    **How it happens:** the URL of the test index, or of the web page, is left in a
    workflow; the slash at the end is missing.

    **Fix:** give the declared URL, or name the index that is meant.

    **Source:** pyca/cryptography 11798: a wrong upload URL cost a day and a version.
    """
    declared, given = policy.index.repository_url, policy.upload_url
    other = policy.upload_index
    if not declared and other and other != policy.index.name:
        yield Violation(
            f"the upload goes to {other}, and {policy.index.label} was judged",
            fix="name the index that is meant with --index",
            evidence={"expected": policy.index.name, "found": other},
        )
    if declared and given and declared != given:
        declared, given = without_credentials(declared), without_credentials(given)
        yield Violation(
            f"the upload goes to {given}, and {policy.index.label} is at {declared}",
            fix="give the declared URL, or name the index that is meant with --index",
            evidence={"expected": declared, "found": given},
        )
