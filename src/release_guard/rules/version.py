"""The version: may this kind of version go to this index?"""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from release_guard.facts import Release
from release_guard.filenames import parse_version
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy, VersionKind
from release_guard.rulebook import Refusal
from release_guard.rules.base import rule

__all__ = ["kinds_of", "version_kind", "versions_in"]


@rule(Release, severity=Severity.ERROR, upload_rules=("25",))
def version_kind(release: Release, policy: Policy) -> Iterator[Violation]:
    """A version of this kind must not go to this index.

    **What it means:** PEP 440 knows final, post, pre, dev and local versions. A
    release index takes final, post and pre versions unless the policy says otherwise
    (`indexes.<name>.accept`); `testpypi` takes dev versions too. Local versions never
    go where PyPI's upload rules apply.

    **Why it matters:** nothing else stops a development version: its files are well
    formed, and every other check passes. Its file names are burnt for ever.

    **How it happens:** a publish workflow runs on the main branch, or by hand on the
    wrong run; a version tool finds no tag in a shallow clone.

    **Fix:** build from the release tag; with a version tool, check out with
    `fetch-depth: 0`.

    **Source:** in February 2024 a full set of cryptography 43.0.0.dev1 reached PyPI
    and stayed for weeks (astral-sh/uv 1652).
    """
    accepted = policy.index.accept
    if policy.on_pypi:
        # Refused at the upload, whatever a policy accepts.
        accepted -= {VersionKind.LOCAL}
    for version, files in versions_in(release).items():
        refused = kinds_of(version) - accepted
        if refused:
            kinds = " and ".join(sorted(refused))
            known = ", ".join(kind for kind in VersionKind if kind in accepted)
            yield Violation(
                f"{version} is a {kinds} version; {policy.index.label} takes {known}",
                fix="build from the release tag (with a version tool: fetch-depth: 0)",
                evidence={"version": str(version), "files": tuple(files)},
                refusal=Refusal("25", "version") if version.local else None,
                files=tuple(files),
            )


def versions_in(release: Release) -> dict[Version, list[str]]:
    """Each version that a file says, in its name or in its metadata, lowest first."""
    said: dict[Version, list[str]] = {}
    for distribution in release.distributions:
        if distribution.name is not None:
            said.setdefault(distribution.name.version, []).append(distribution.filename)
    for file in release.described:
        inside = parse_version(file.metadata.version)
        if inside is None:
            # metadata-invalid speaks of it.
            continue
        files = said.setdefault(inside, [])
        if file.distribution.filename not in files:
            files.append(file.distribution.filename)
    return dict(sorted(said.items()))


def kinds_of(version: Version) -> frozenset[VersionKind]:
    """The kinds that a version is of: ``1.0rc1.dev2+abc`` is three of them."""
    marks = {
        VersionKind.LOCAL: version.local is not None,
        VersionKind.DEV: version.dev is not None,
        VersionKind.PRE: version.pre is not None,
        VersionKind.POST: version.post is not None,
    }
    kinds = frozenset(kind for kind, is_so in marks.items() if is_so)
    return kinds or frozenset({VersionKind.FINAL})
