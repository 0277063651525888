"""The set: is this one release, whole, and nothing else?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from packaging.utils import canonicalize_name, canonicalize_version
from packaging.version import Version

from release_guard.facts import (
    CoreMetadata,
    DescribedDistribution,
    DistributionSet,
    Kind,
    Recheck,
    Release,
    SidecarKind,
)
from release_guard.filenames import kind_of, parse_version
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy, Presence
from release_guard.requirements import spelled_requirements, spelled_specifiers
from release_guard.rulebook import Refusal
from release_guard.rules.base import rule

__all__ = [
    "differences",
    "duplicate_wheel",
    "index_changed",
    "metadata_disagrees",
    "missing_sdist",
    "orphan_attestation",
    "set_changed",
    "several_projects",
    "several_sdists",
    "several_versions",
    "unknown_file",
]


@rule(DistributionSet, severity=Severity.ERROR, upload_rules=("62",))
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

    **Source:** users who had `dist/*` uploaded with checksums and logs in it.
    """
    for unknown in given.unknown:
        yield Violation(
            f"is {unknown.what}; expected only wheels and sdists",
            fix="move it out of the folder that is uploaded",
            where=unknown.filename,
            refusal=Refusal("62"),
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
            f"holds {_few(files[project])} of the project {project}; the policy names "
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
        told = "; ".join(f"{version}: {_few(files[version])}" for version in files)
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


@rule(Release, severity=Severity.ERROR, upload_rules=("71",))
def several_sdists(release: Release, policy: Policy) -> Iterator[Violation]:
    """The release has more sdists than it may have.

    **What it means:** more than one sdist, where the index applies PyPI's rules, or any
    where the policy says `expect.sdist: forbidden`.

    **Why it matters:** PyPI takes one sdist for a release and refuses the second one,
    when the first files are public already.

    **How it happens:** a `.zip` and a `.tar.gz` of the same source; two spellings of
    the same version.

    **Fix:** keep the one that is named `project-version.tar.gz`.

    **Source:** the source distribution format (PEP 625): one name for one version.
    """
    sdists: dict[object, list[str]] = defaultdict(list)
    for file in release.distributions:
        if file.kind is Kind.SDIST:
            # Another version is another release: several-versions speaks of it.
            sdists[file.name and file.name.version].append(file.filename)
    is_forbidden = policy.sdist is Presence.FORBIDDEN
    allowed = 0 if is_forbidden else 1
    for names in sdists.values() if is_forbidden or policy.on_pypi else ():
        if len(names) > allowed:
            yield Violation(
                f"has {len(names)} sdist(s), expected at most {allowed}: {_few(names)}",
                fix="remove the sdist that is not meant to be uploaded",
                refusal=Refusal("71") if len(names) > 1 else None,
            )


@rule(Release, severity=Severity.WARNING, upload_rules=("68",))
def duplicate_wheel(release: Release, policy: Policy) -> Iterator[Violation]:
    """Two wheels are one to an installer.

    **What it means:** two wheels of one version have the same build and compatibility
    tags, in two spellings (a warning); or two files have the same bytes under two names
    (an error where the index applies PyPI's rules).

    **Why it matters:** which of the two is installed is chance; PyPI refuses bytes that
    it has under another name.

    **How it happens:** two build jobs spell the version or the order of the tags
    differently; a wheel was copied instead of retagged.

    **Fix:** keep one of them; retag with `python -m wheel tags`.

    **Source:** PyPI takes two wheels spelled 1.0 and 1.0.0 for one release.
    """
    same: dict[object, list[str]] = defaultdict(list)
    bytes_of: dict[str, list[str]] = defaultdict(list)
    for file in release.distributions:
        bytes_of[file.sha256].append(file.filename)
        name = file.name
        if name is not None and file.kind is Kind.WHEEL:
            same[name.version, name.build, name.tags].append(file.filename)
    for names in same.values():
        if len(names) > 1:
            yield Violation(
                f"an installer cannot tell {_few(names)} from each other",
                fix="keep one of them",
                where=names[-1],
            )
    for names in bytes_of.values() if policy.on_pypi else ():
        if len(names) > 1:
            yield Violation(
                f"has the same bytes as {_few(names[:-1])}",
                fix="keep one of them; do not copy, but retag: python -m wheel tags",
                where=names[-1],
                severity=Severity.ERROR,
                refusal=Refusal("68"),
            )


@rule(Release, severity=Severity.ERROR)
def metadata_disagrees(release: Release, policy: Policy) -> Iterator[Violation]:
    """The files of one release have different metadata.

    **What it means:** name, version, Requires-Python, Requires-Dist, Provides-Extra or
    License-Expression are not the same in all files: names canonical, requirements and
    markers parsed, order ignored. An sdist is compared from metadata 2.2 on, and not in
    the fields that it calls dynamic.

    **Why it matters:** an index takes the metadata of a release from the first file
    that arrives; resolvers read one wheel and install another.

    **How it happens:** build jobs run with different versions of a backend;
    dependencies are computed from the machine that builds.

    **Fix:** build every file from the same commit with the same backend; write
    differences between platforms as markers.

    **Source:** PEP 643; twine uploads wheels first, in the order in which they are
    given.
    """
    described = [file for file in _in_upload_order(release) if _is_compared(file)]
    if not described:
        return
    first, *others = described
    for field, facts in _COMPARED.items():
        expected = facts(first.metadata)
        for other in others:
            found = facts(other.metadata)
            if found != expected and not _is_dynamic(field, (first, other)):
                yield Violation(
                    f"{field} is {_shown(found, expected)}; {first.label}, which is "
                    f"uploaded first and decides for the release, has "
                    f"{_shown(expected, found)}",
                    fix="build all files from one commit with one backend; write what "
                    "differs between platforms as markers",
                    where=other.label,
                    evidence={"field": field, "first": first.label},
                )


def _in_upload_order(release: Release) -> list[DescribedDistribution]:
    """As ``twine upload dist/*`` sends them: wheels first, by name."""
    is_sdist = {Kind.WHEEL: False, Kind.SDIST: True}
    return sorted(
        release.described,
        key=lambda file: (is_sdist[file.distribution.kind], file.label),
    )


def _is_compared(file: DescribedDistribution) -> bool:
    """An sdist's metadata is a promise for its wheels from 2.2 on (PEP 643)."""
    version = parse_version(file.metadata.metadata_version)
    is_promise = version is not None and version >= _PROMISES
    return file.distribution.kind is Kind.WHEEL or is_promise


_PROMISES = Version("2.2")


def _is_dynamic(field: str, files: Iterable[DescribedDistribution]) -> bool:
    return any(
        field.lower() in map(str.lower, file.metadata.dynamic)
        for file in files
        if file.distribution.kind is Kind.SDIST
    )


def _version(text: str) -> str:
    """A version without what makes no difference; what is none stays as it is."""
    version = parse_version(text)
    return text if version is None else canonicalize_version(version)


#: What must be the same, and how it is compared: as a set of texts.
_COMPARED: Mapping[str, Callable[[CoreMetadata], frozenset[str]]] = {
    "Name": lambda metadata: frozenset({canonicalize_name(metadata.name)}),
    "Version": lambda metadata: frozenset({_version(metadata.version)}),
    "Requires-Python": lambda metadata: spelled_specifiers(metadata.requires_python),
    "Requires-Dist": lambda metadata: spelled_requirements(metadata.requires_dist),
    "Provides-Extra": lambda metadata: frozenset(
        map(canonicalize_name, metadata.provides_extra)
    ),
    "License-Expression": lambda metadata: frozenset({metadata.license_expression}),
}


def differences(
    one: CoreMetadata, other: CoreMetadata
) -> Iterator[tuple[str, str, str]]:
    """The fields in which two files disagree, and what only the one and only the other
    of them says.
    """
    for field, facts in _COMPARED.items():
        mine, others = facts(one), facts(other)
        if mine != others:
            yield field, _shown(mine, others), _shown(others, mine)


def _shown(these: frozenset[str], others: frozenset[str]) -> str:
    """What a field says that the other one does not."""
    only = sorted(these - others - {""})
    return _few([f"{text!r:.120}" for text in only]) if only else "nothing"


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
def index_changed(recheck: Recheck, policy: Policy) -> Iterator[Violation]:
    """The index has got files of this version since the check.

    **What it means:** `check --against` finds a file of the version on the index that
    is not in the manifest, and was not listed when the set was checked.

    **Why it matters:** somebody else uploads to the same version, right now.

    **How it happens:** two runs of one release; a stolen token.

    **Fix:** find out which run, or who, uploaded it, before anything else goes out.

    **Source:** psf/requests 7013: a failed job was followed by a local upload.
    """
    for filename in recheck.strangers:
        yield Violation(
            f"is listed by {policy.index.label}, was not when the set was checked, and "
            "is not in the manifest",
            fix="find out who uploaded it, before anything else goes out",
            where=filename,
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


def _few(names: Iterable[str]) -> str:
    """A few of the names, in order, and how many more there are."""
    return some(sorted(names), 3)
