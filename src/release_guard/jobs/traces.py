"""Of which commits releases say that they were built: kept manifests, and provenance.

Both may be forged or old, so each counts only for the files that the index lists: a
manifest that holds the sha256 of one, and an attestation whose signature holds for one.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from packaging.utils import NormalizedName
from packaging.version import Version

from release_guard.errors import (
    IndexResponseError,
    IndexUnavailableError,
    ManifestError,
    SourceError,
)
from release_guard.facts import (
    Attestation,
    History,
    IndexedFile,
    Missing,
    NamedCommit,
    Signer,
    Signers,
    TracedHistory,
    is_commit_id,
)
from release_guard.findings import some
from release_guard.jobs.common import Job
from release_guard.jobs.gathered import Gathered
from release_guard.layouts import without_credentials
from release_guard.manifest import read_manifest
from release_guard.rules.provenance import fault_of
from release_guard.sources.files import read_small
from release_guard.sources.provenance import (
    Verifier,
    fetch_provenance,
    load_verifier,
)

__all__ = [
    "SILENT",
    "KeptRelease",
    "Signatures",
    "add_traces",
    "kept_releases",
    "signatures_of",
]


#: Why nothing is known of provenance. The reasons name no project where many have one
#: in common: a report tells each reason once.
SILENT = "the index does not say which files have provenance (PEP 740)"


# --- kept manifests ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptRelease:
    """One release of a kept manifest: the commit that it names (empty: none), and its
    files by name, with their sha256.
    """

    project: NormalizedName
    built: NamedCommit
    files: tuple[tuple[str, str], ...]


def kept_releases(paths: Sequence[Path]) -> tuple[KeptRelease, ...]:
    """The releases of the manifests in files, and directly in folders.

    Raises ``ManifestError`` for a file that is none, and a folder without any.
    """
    kept = []
    for path in _files(paths):
        manifest = read_manifest(read_small(path, ManifestError), where=str(path))
        commit = manifest.commit
        if commit and not is_commit_id(commit):
            raise ManifestError(
                f"{path}: names the commit {commit!r:.80}, expected a whole commit id"
            )
        ref = f"refs/tags/{manifest.tag}" if manifest.tag else ""
        kept += [
            KeptRelease(
                release.project,
                NamedCommit(release.version, commit, f"the manifest {path}", ref),
                tuple((file.filename, file.sha256) for file in release.files),
            )
            for release in manifest.releases
        ]
    return tuple(kept)


def _files(paths: Sequence[Path]) -> Iterable[Path]:
    for path in paths:
        try:
            inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        except OSError as error:
            raise ManifestError(f"{path}: {error.strerror or error}") from None
        if not inside:
            raise ManifestError(
                f"{path}: holds no manifest (*.json)",
                hint="give the files that check wrote, or the folder that they are in",
            )
        yield from inside


def _is_listed(release: KeptRelease, history: History) -> bool:
    """Whether the index lists a file of it, with these bytes as far as it says; what
    was checked and never went out says nothing of what is there.
    """
    listed = history.listing.by_name
    found = ((listed.get(name), sha256) for name, sha256 in release.files)
    return any(file and file.sha256 in (sha256, None) for file, sha256 in found)


def _note_unfit(kept: Iterable[KeptRelease], history: History, facts: Gathered) -> None:
    """Note the listed versions of which the kept manifests say other files than the
    index has, or no commit: they were given to be compared. One of several that were
    kept of a version is enough, for a release may take more than one attempt.
    """
    of: dict[Version, list[KeptRelease]] = defaultdict(list)
    for release in kept:
        if release.built.version in history.by_version:
            of[release.built.version].append(release)
    for version, releases in sorted(of.items(), key=itemgetter(0)):
        label, source = f"{history.project} {version}", releases[-1].built.source
        listed = [release for release in releases if _is_listed(release, history)]
        if not listed:
            name, sha256 = _other_bytes(releases[-1], history)
            what = f"lists {name} with the sha256 {sha256}" if name else "has no file"
            facts.lack(
                TracedHistory,
                f"{label}: the index {what}, other than {source} says",
                needed=True,
                hint="find out who replaced the files; if that was right, keep the "
                "manifest of those that are there",
            )
        elif not any(release.built.commit for release in listed):
            facts.lack(
                TracedHistory,
                f"{label}: {source} names no commit to compare with the tag",
                needed=True,
                hint="check in a checkout, or give it --commit; leave this manifest "
                "out of those that are kept",
            )


def _other_bytes(release: KeptRelease, history: History) -> tuple[str, str]:
    """A file that the index lists with another sha256, and that; empty where it lists
    none of this name.
    """
    for name, _ in release.files:
        file = history.listing.by_name.get(name)
        if file is not None:
            return name, str(file.sha256)
    return "", ""


# --- provenance ----------------------------------------------------------------


#: How many files of a project are asked for at a time, and how long the answers may
#: take together, in seconds.
_AT_A_TIME, _LONGEST = 4, 600.0


@dataclass(frozen=True, slots=True)
class Signatures:
    """What asks an index for attestations, and verifies them."""

    job: Job
    verifier: Verifier

    def may_sign(self, signer: Signer) -> Signers:
        """Whom the policy names; what it leaves open is as it was signed."""
        index = self.job.policy.index
        return Signers(
            index.signing_repositories or (signer.repository,),
            index.workflows or (signer.workflow,),
        )


def signatures_of(job: Job) -> Signatures:
    """What asks an index; raises ``SourceError`` where signatures cannot be verified
    here.
    """
    return Signatures(job, load_verifier())


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is asked of one project's index, until it does not answer: it would be asked
    in vain for each version. ``started`` is in the clock's seconds.
    """

    signatures: Signatures
    listing_url: str
    started: float
    is_silent: threading.Event = field(default_factory=threading.Event)

    def commit(
        self, version: Version, file: IndexedFile
    ) -> NamedCommit | SourceError | None:
        """The commit that the provenance of a file names, or why none is proven; None
        where it is not asked for any more.
        """
        if self.is_silent.is_set():
            return None
        try:
            return self._commit(version, file, self._attestations(file))
        except SourceError as error:
            if not isinstance(error, IndexResponseError):
                self.is_silent.set()
            return error

    def _attestations(self, file: IndexedFile) -> tuple[Attestation, ...]:
        job = self.signatures.job
        left = self.started + _LONGEST - job.clock.now()
        if left <= 0:
            raise IndexUnavailableError(
                f"{without_credentials(self.listing_url)}: the provenance of all "
                f"versions did not come in {_LONGEST:.0f} seconds",
                transient=True,
            )
        verify = self.signatures.verifier.verify
        web = job.web.within(left)
        found = fetch_provenance(web, file, self.listing_url, verify)
        if found is None:
            raise IndexResponseError(
                f"{without_credentials(str(file.provenance))}: is listed as the "
                f"provenance of {file.filename}, and is not there"
            )
        return found

    def _commit(
        self, version: Version, file: IndexedFile, attestations: Iterable[Attestation]
    ) -> NamedCommit:
        faults: list[str] = []
        for attestation in attestations:
            signer = attestation.signer or Signer()
            signers = self.signatures.may_sign(signer)
            fault = fault_of(attestation, file.filename, file.sha256 or "", signers)
            if not file.sha256:
                fault = "is not compared: the index gives no sha256 of the file"
            elif not (fault or is_commit_id(signer.commit)):
                fault = "names no commit"
            if not fault:
                source = f"the provenance of {file.filename}"
                return NamedCommit(version, signer.commit, source, signer.ref)
            faults.append(f"{attestation.filename} {fault}")
        raise IndexResponseError(
            f"the provenance of {file.filename} proves no commit: "
            f"{some(faults, 3, '; ') or 'it is empty'}",
            hint="find out who uploaded the file; if that signer may publish, name it "
            "in the policy (repositories, workflows)",
        )


# --- both ----------------------------------------------------------------------


def add_traces(
    history: History,
    kept: Sequence[KeptRelease],
    signatures: Signatures | None,
    facts: Gathered,
) -> None:
    """Add the history with all commits that are named, or why none is."""
    mine = [release for release in kept if release.project == history.project]
    _note_unfit(mine, history, facts)
    built = [r.built for r in mine if r.built.commit and _is_listed(r, history)]
    if signatures is not None:
        built += _signed_commits(history, signatures, facts)
    if built and not any(tag.commit for tag in history.tags):
        facts.lack(
            TracedHistory,
            "no commit of any tag is known, to compare with those that are named",
            needed=True,
            hint="give the tags with their commits: --repo, --forge, or a list of both",
        )
    elif built:
        # One of a commit and a ref is enough: several jobs may each have kept one.
        distinct = {(b.version, b.commit, b.ref): b for b in reversed(built)}
        facts.subjects.append(
            TracedHistory(history, tuple(reversed(distinct.values())))
        )
    elif not any(item.subject is TracedHistory for item in facts.missing):
        given = {"kept manifest": kept, "provenance": signatures}
        asked = [name for name, source in given.items() if source]
        silent = f"no {' and no '.join(asked)} names the commit of a version"
        nothing = "neither kept manifests nor provenance were asked for commits"
        facts.lack(
            TracedHistory,
            silent if asked else nothing,
            needed=False,
            hint="" if asked else "give --manifests, or --provenance",
        )


def _signed_commits(
    history: History, signatures: Signatures, facts: Gathered
) -> list[NamedCommit]:
    """The commits that the provenance names, of one file of each version; what cannot
    be read is needed, as somebody asked for it.
    """
    listing, found = history.listing, []
    if any(file.provenance is None for file in listing.files):
        facts.lack(TracedHistory, SILENT, needed=True)
    attested = {
        version: min((f for f in files if f.provenance), key=_name, default=None)
        for version, files in sorted(history.by_version.items(), key=itemgetter(0))
    }
    asked = [(version, file) for version, file in attested.items() if file]
    asking = _Asking(signatures, listing.url, signatures.job.clock.now())
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for answer in pool.map(lambda pair: asking.commit(*pair), asked):
            if isinstance(answer, SourceError):
                reason = f"{history.project}: {answer.message}"
                missing = Missing(TracedHistory, reason, needed=True, hint=answer.hint)
                facts.missing.append(missing)
            elif answer is not None:
                found.append(answer)
    return found


def _name(file: IndexedFile) -> str:
    return file.filename
