"""The index after the upload: exactly the expected files, and nothing else moved."""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.facts import ExpectedFile, IndexedFile, Publication, Surroundings
from release_guard.filenames import may_be_of
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rules.base import rule

__all__ = [
    "published_altered",
    "published_elsewhere",
    "published_missing",
    "published_unexpected",
    "published_yanked",
]


@rule(Publication, severity=Severity.ERROR)
def published_missing(publication: Publication, policy: Policy) -> Iterator[Violation]:
    """The index does not list an expected file.

    **What it means:** the file was expected and was not listed when the time was up.

    **Why it matters:** users of that platform, or those who build from source, get
    nothing, or an older version.

    **How it happens:** the upload broke off; the index refused a file; a cache of the
    index is late, which may take longer than the time that was given.

    **Fix:** look into the upload's log. If it says that all went well, verify again
    later; else upload the missing files. PyPI takes them for 14 days.

    **Source:** anthropics/claude-agent-sdk-python 687; 3aKHP/prts-mcp 157.
    """
    after = publication.after
    for file in publication.release.files:
        if file.filename not in after.by_name:
            known = "" if after.known else ", which does not know the project"
            yield Violation(
                f"is not listed by {after.url}{known}, after "
                f"{publication.waited:.0f} seconds",
                fix="see the upload's log: upload it, or verify again if it went out",
                where=file.filename,
                evidence={"url": after.url},
            )


@rule(Publication, severity=Severity.ERROR)
def published_unexpected(
    publication: Publication, policy: Policy
) -> Iterator[Violation]:
    """The index lists a file of this version that nobody expected.

    **What it means:** the file is no part of the manifest, and was not there before.

    **Why it matters:** somebody else uploaded it, or a left-over of another build went
    along.

    **How it happens:** two jobs upload to one version; a stale file in `dist/`; a
    stolen token.

    **Fix:** find out who uploaded it. If nobody knows, yank the release and revoke the
    tokens.

    **Source:** psf/requests 7013.
    """
    release = publication.release
    expected = {file.filename for file in release.files} | (release.before or {}).keys()
    for listed in publication.after.files:
        is_of = listed.version == release.version or (
            listed.version is None
            and may_be_of(listed.filename, release.project, release.version)
        )
        if is_of and listed.filename not in expected:
            yield Violation(
                f"is listed by {publication.after.url}, and is not in the manifest",
                fix="find out who uploaded it; yank the release if nobody knows",
                where=listed.filename,
                evidence={"sha256": listed.sha256},
            )


@rule(Publication, severity=Severity.ERROR)
def published_altered(publication: Publication, policy: Policy) -> Iterator[Violation]:
    """The index lists a file with other bytes than those that were checked.

    **What it means:** the sha256 or the size differs. This never waits: bytes do not
    get right by themselves.

    **Why it matters:** users install something that nobody checked.

    **How it happens:** a second build of the same version went out first; an index
    that lets files be replaced; an attack.

    **Fix:** yank the release, find out which bytes these are, and release anew.

    **Source:** psf/requests 7013.
    """
    for file, listed in _pairs(publication):
        if listed.sha256 != file.sha256:
            found = f"the sha256 {listed.sha256}" if listed.sha256 else "no sha256"
            yield Violation(
                f"is listed with {found}, expected {file.sha256}",
                fix="yank the release, and find out where these bytes come from",
                where=file.filename,
                evidence={"expected": file.sha256, "found": listed.sha256},
            )
        elif listed.size is not None and listed.size != file.size:
            yield Violation(
                f"is listed with {listed.size} bytes, expected {file.size}",
                fix="yank the release, and find out where these bytes come from",
                where=file.filename,
                evidence={"expected": file.size, "found": listed.size},
            )


@rule(Publication, severity=Severity.ERROR)
def published_yanked(publication: Publication, policy: Policy) -> Iterator[Violation]:
    """An expected file is listed, but yanked.

    **What it means:** the index marks the file as withdrawn (PEP 592).

    **Why it matters:** installers leave it out unless it is pinned.

    **How it happens:** somebody withdrew the release, or half of it.

    **Fix:** ask who yanked it and why; a yank can be taken back.

    **Source:** PEP 592.
    """
    for file, listed in _pairs(publication):
        if listed.yanked:
            reason = f": {listed.yanked_reason}" if listed.yanked_reason else ""
            yield Violation(
                f"is listed as yanked{reason}",
                fix="ask who yanked it and why; a yank can be taken back",
                where=file.filename,
            )


@rule(Surroundings, severity=Severity.ERROR)
def published_elsewhere(
    surroundings: Surroundings, policy: Policy
) -> Iterator[Violation]:
    """Another version of the project changed meanwhile.

    **What it means:** between check and verify a file outside this release appeared,
    vanished, or changed its bytes.

    **Why it matters:** this upload has nothing to do with it, so somebody, or
    something, else has.

    **How it happens:** two releases at the same time; a file is deleted; a stolen
    token.

    **Fix:** find out who did it. If it was a release of your own, verify again with a
    manifest that was made after it.

    **Source:** the uploads of cryptography 43.0.0.dev1 that nobody could place
    (astral-sh/uv 1652).
    """
    own = {f.filename for release in surroundings.releases for f in release.files}
    versions = {release.version for release in surroundings.releases}
    before = {n: h for n, h in surroundings.before.items() if n not in own}
    after = surroundings.after.by_name
    fix = "find out who did it; this release has nothing to do with it"
    for filename, sha256 in sorted(before.items()):
        listed = after.get(filename)
        if listed is None:
            yield Violation("was listed before and is gone", fix=fix, where=filename)
        elif sha256 is not None and listed.sha256 != sha256:
            now = listed.sha256 or "none"
            yield Violation(
                f"was listed with the sha256 {sha256} and now has {now}",
                fix=fix,
                where=filename,
                evidence={"expected": sha256, "found": listed.sha256},
            )
    for filename, listed in sorted(after.items()):
        # Of the own versions published-unexpected speaks.
        new = filename not in before and filename not in own
        if new and listed.version not in versions:
            yield Violation("was not listed before and is now", fix=fix, where=filename)


def _pairs(publication: Publication) -> Iterator[tuple[ExpectedFile, IndexedFile]]:
    """Each expected file with its listed one, where it is listed."""
    for file in publication.release.files:
        listed = publication.after.by_name.get(file.filename)
        if listed is not None:
            yield file, listed
