"""The set: is this one release, whole, and nothing else?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from release_guard.facts import DistributionSet, Kind, Recheck, Release, SidecarKind
from release_guard.filenames import kind_of
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy, Presence
from release_guard.rules.base import rule

__all__ = [
    "missing_sdist",
    "orphan_attestation",
    "set_changed",
    "several_projects",
    "several_sdists",
    "several_versions",
    "unknown_file",
]


@rule(DistributionSet, severity=Severity.ERROR)
def unknown_file(given: DistributionSet, policy: Policy) -> Iterator[Violation]:
    """A file among the distributions is no distribution.

    **What it means:** the folder holds something that is no wheel, sdist, attestation,
    signature or sigstore bundle. A folder below it counts, a dot file does not: build
    tools leave a `.gitignore` there.

    **Why it matters:** an uploader that is given `dist/*` stops at such a file, and
    what it sent before stays public.

    **How it happens:** artifacts are downloaded into a folder each; a checksum list or
    a log is kept beside the wheels.

    **Fix:** move the file elsewhere; with `actions/download-artifact`, set
    `merge-multiple: true`.

    **Source:** PyPI refuses other extensions (upload rule 62).
    """
    for unknown in given.unknown:
        yield Violation(
            f"is {unknown.what}; expected only wheels and sdists",
            fix="move it out of the folder that is uploaded",
            where=unknown.filename,
        )


@rule(DistributionSet, severity=Severity.ERROR)
def several_projects(given: DistributionSet, policy: Policy) -> Iterator[Violation]:
    """The set holds a project that the policy does not name.

    **What it means:** the files belong to more than one project, or to another one
    than the policy says.

    **Why it matters:** one upload of two projects publishes the second one unseen.

    **How it happens:** a workspace builds all its members into one `dist/`; a glob
    takes a sibling's files along.

    **Fix:** build into a folder of its own, or name every project under `projects` in
    the policy.

    **Source:** the publish workflow of cryptography took `cryptography*`, and with it
    `cryptography_vectors`.
    """
    files: dict[str, list[str]] = defaultdict(list)
    for distribution in given.distributions:
        if distribution.name is not None:
            files[distribution.name.project].append(distribution.filename)
    named = policy.projects
    strangers = [p for p in sorted(files) if p not in named]
    if not named and len(files) > 1:
        yield Violation(
            f"holds {len(files)} projects, {', '.join(sorted(files))}; expected one",
            fix="keep one project's files, or name all under 'projects' in the policy",
        )
    for project in strangers if named else ():
        yield Violation(
            f"holds {_some(files[project])} of the project {project}; the policy names "
            f"{', '.join(sorted(named))}",
            fix="remove these files, or add the project under 'projects' in the policy",
        )


@rule(Release, severity=Severity.ERROR)
def several_versions(release: Release, policy: Policy) -> Iterator[Violation]:
    """The files of one project have more than one version.

    **What it means:** the file names of one project say different versions.

    **Why it matters:** every one of them becomes a release, the old or the unfinished
    one too, and no file name can be used again.

    **How it happens:** a stale `dist/` from an earlier build; a shallow clone in one of
    several build jobs, so that a version tool falls back there.

    **Fix:** empty `dist/` before the build, and build every file from the same commit.

    **Source:** pycalphad 0.10.4.post2.dev13 with an sdist of 0.1.dev1 beside it.
    """
    if len(release.versions) > 1:
        files: dict[str, list[str]] = defaultdict(list)
        for distribution in release.distributions:
            if distribution.name is not None:
                files[str(distribution.name.version)].append(distribution.filename)
        told = "; ".join(f"{version}: {_some(files[version])}" for version in files)
        yield Violation(
            f"holds {len(release.versions)} versions, expected one ({told})",
            fix="empty dist/, and build all files again from one commit",
        )


@rule(Release, severity=Severity.ERROR)
def missing_sdist(release: Release, policy: Policy) -> Iterator[Violation]:
    """The release has no sdist.

    **What it means:** the policy wants an sdist (`expect.sdist: required`, the
    default), and there is none.

    **Why it matters:** distributors and users without a fitting wheel build from it,
    and after 14 days PyPI takes no further file for a release.

    **How it happens:** the sdist job failed or was skipped, and the upload job did not
    wait for it.

    **Fix:** build the sdist, or say `expect: {sdist: optional}` in the policy.

    **Source:** meson 1.11.2 forgot its sdist until it was too late (mesonbuild/meson
    15971).
    """
    sdists = [d for d in release.distributions if d.kind is Kind.SDIST]
    unread = any(kind_of(filename) is Kind.SDIST for filename in release.unread)
    if policy.sdist is Presence.REQUIRED and not (sdists or unread):
        yield Violation(
            f"has {len(release.distributions)} file(s) and no sdist",
            fix="build it: python -m build --sdist (or set expect.sdist: optional)",
        )


@rule(Release, severity=Severity.ERROR)
def several_sdists(release: Release, policy: Policy) -> Iterator[Violation]:
    """The release has more sdists than it may have.

    **What it means:** more than one sdist, or any where the policy says
    `expect.sdist: forbidden`.

    **Why it matters:** an index takes one sdist for a release and refuses the second
    one, when the first files are public already.

    **How it happens:** a `.zip` and a `.tar.gz` of the same source; two spellings of
    the same version.

    **Fix:** keep the one that is named `project-version.tar.gz`.

    **Source:** PyPI (upload rule 71).
    """
    sdists = [d.filename for d in release.distributions if d.kind is Kind.SDIST]
    allowed = 0 if policy.sdist is Presence.FORBIDDEN else 1
    if len(sdists) > allowed:
        yield Violation(
            f"has {len(sdists)} sdist(s), expected at most {allowed}: {_some(sdists)}",
            fix="remove the sdist that is not meant to be uploaded",
        )


@rule(DistributionSet, severity=Severity.ERROR)
def orphan_attestation(given: DistributionSet, policy: Policy) -> Iterator[Violation]:
    """An attestation or signature belongs to no file of the set.

    **What it means:** a `.attestation` (PEP 740), `.asc`, `.sig` or `.sigstore` file
    stands there without the distribution that it is named after.

    **Why it matters:** the file that it speaks of is missing, or the uploader refuses
    the set.

    **How it happens:** a wheel was renamed or removed after it was signed.

    **Fix:** sign the files as they are uploaded, or remove the left-over.

    **Source:** PEP 740; pypa/gh-action-pypi-publish 283.
    """
    present = {distribution.filename for distribution in given.distributions}
    present |= set(given.unread)
    for sidecar in given.sidecars:
        if sidecar.beside not in present:
            an = "an" if sidecar.kind is SidecarKind.ATTESTATION else "a"
            yield Violation(
                f"is {an} {sidecar.kind} of {sidecar.beside}, which is not in the set",
                fix="remove it, or add the file that it belongs to",
                where=sidecar.filename,
            )


@rule(Recheck, severity=Severity.ERROR)
def set_changed(recheck: Recheck, policy: Policy) -> Iterator[Violation]:
    """The files on disk are not the ones that were checked.

    **What it means:** `check --against` finds a file missing, extra, or with other
    bytes than the manifest holds.

    **Why it matters:** the verdict was about other files than those that go out.

    **How it happens:** the publish job downloads the artifact of another run; a step
    between check and upload builds again or renames.

    **Fix:** hand the checked files on as they are, or check again.

    **Source:** psf/requests 7013: a failed job was followed by a local upload, and a
    user noticed that the hashes differ.
    """
    expected = {file.filename: file for file in recheck.expected}
    present = {file.filename: file for file in recheck.present}
    for unknown in recheck.unknown:
        yield Violation(
            f"is {unknown.what}, and was not checked",
            fix="move it out of the folder that is uploaded",
            where=unknown.filename,
        )
    for sidecar in recheck.sidecars:
        # An attestation of a checked file may be made in between; it says so itself.
        if sidecar.beside not in expected:
            yield Violation(
                f"speaks of {sidecar.beside}, which was not checked",
                fix="remove it, or check the set again",
                where=sidecar.filename,
            )
    for filename in sorted(expected.keys() | present.keys()):
        if filename not in present:
            yield Violation(
                "was checked, and is not there now",
                fix="restore the file from the job that checked it",
                where=filename,
            )
        elif filename not in expected:
            yield Violation(
                "is there, and was not checked",
                fix="remove it, or check the set again",
                where=filename,
            )
        elif present[filename].sha256 != expected[filename].sha256:
            yield Violation(
                f"has the sha256 {present[filename].sha256}, checked was "
                f"{expected[filename].sha256}",
                fix="restore the file from the job that checked it",
                where=filename,
                evidence={
                    "expected": expected[filename].sha256,
                    "found": present[filename].sha256,
                },
            )


def _some(names: list[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(sorted(names)[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
