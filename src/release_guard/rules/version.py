"""The version: may it go to this index, and did anybody choose it?"""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from release_guard.facts import DescribedDistribution, Release
from release_guard.fallbacks import development_cause, fallback_of
from release_guard.filenames import parse_version
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy, kinds_of
from release_guard.rulebook import Refusal
from release_guard.rules.base import rule

__all__ = [
    "version_kind",
    "version_not_canonical",
    "version_placeholder",
    "versions_in",
]


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

    **Fix:** build from the release tag; where a version tool made the version, the
    message says from what (a shallow checkout, a changed tree, a tag that was not
    fetched) and what to do.

    **Source:** in February 2024 a full set of cryptography 43.0.0.dev1 reached PyPI
    and stayed for weeks (astral-sh/uv 1652).
    """
    takes = policy.index.takes
    for version, files in versions_in(release).items():
        refused = kinds_of(version).difference(takes)
        if refused:
            kinds = " and ".join(sorted(refused))
            known = ", ".join(takes) or "nothing"
            made = development_cause(version)
            why = f" ({made.cause})" if made else ""
            yield Violation(
                f"{version} is a {kinds} version; {policy.index.label} takes "
                f"{known}{why}",
                fix=made.fix if made else "build from the release tag",
                evidence={"version": str(version), "files": tuple(files)},
                refusal=Refusal("25", "version") if version.local else None,
                files=tuple(files),
            )


@rule(Release, severity=Severity.ERROR)
def version_placeholder(release: Release, policy: Policy) -> Iterator[Violation]:
    """The version is what a tool writes where it finds none.

    **What it means:** the version has the form of a version tool's fallback
    (`0.1.dev1+g0795801`, `0.0.post100`, `0+unknown`, `0.0.0.post4.dev0`) or is a
    placeholder (`0.0.0`). Judged on every index.

    **Why it matters:** such versions are valid, sort below every release, and burn
    their file names; on an index that takes development versions nothing else is wrong
    with them.

    **How it happens:** a shallow clone without tags; a build outside of the repository;
    a plugin that was not installed where the build ran.

    **Fix:** `fetch-depth: 0` in `actions/checkout`, and build again; set the version.

    **Source:** hubtty/hubtty 144, cognizant-ai-lab/neuro-san 1079 (`0.1.dev1+g...`);
    fatiando/harmonica 669 (`0.0.post100` on TestPyPI).
    """
    for version, files in versions_in(release).items():
        fallback = fallback_of(version)
        if fallback is not None:
            yield Violation(
                f"{version} is nobody's choice: {fallback.cause}",
                fix=fallback.fix,
                evidence={"version": str(version), "files": tuple(files)},
                files=tuple(files),
            )


@rule(DescribedDistribution, severity=Severity.WARNING)
def version_not_canonical(
    file: DescribedDistribution, policy: Policy
) -> Iterator[Violation]:
    """The version is not written in its canonical form.

    **What it means:** the metadata's `Version` is valid, and PEP 440 writes it
    otherwise: `1.0-rc.1` is `1.0rc1`, `v1.0` is `1.0`, `1.0.00` is `1.0.0`.

    **Why it matters:** an index and an installer show the canonical form; people and
    scripts that look for the written one find nothing.

    **How it happens:** the version is taken from a tag as it is; a date with leading
    zeros.

    **Fix:** write the canonical form.

    **Source:** PEP 440, "Normalization".
    """
    written = file.metadata.version
    version = parse_version(written)
    if version is not None and str(version) != written:
        yield Violation(
            f"the metadata's Version is {written!r:.80}; PEP 440 writes {version}",
            fix=f"write {version}",
            evidence={"expected": str(version), "found": written},
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
