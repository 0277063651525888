"""Of which commits releases say that they were built: kept manifests, and provenance.

Both may be forged or old, so each counts only for the files that the index lists: a
manifest that holds the sha256 of one, and an attestation whose signature holds for one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.utils import NormalizedName

from release_guard.errors import IndexResponseError, ManifestError, SourceError
from release_guard.facts import (
    Attestation,
    History,
    IndexedFile,
    Missing,
    NamedCommit,
    TracedHistory,
    is_commit_id,
)
from release_guard.jobs.gathered import Gathered
from release_guard.layouts import same_origin, without_credentials
from release_guard.manifest import read_manifest
from release_guard.sources.files import read_small
from release_guard.sources.provenance import (
    ACCEPT,
    LARGEST,
    Verifier,
    load_verifier,
    read_provenance,
)
from release_guard.sources.web import Web

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
        commit = manifest.commit if is_commit_id(manifest.commit) else ""
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
            raise ManifestError(f"{path}: holds no manifest (*.json)")
        yield from inside


def _is_listed(release: KeptRelease, history: History) -> bool:
    """Whether the index lists a file of it, with these bytes as far as it says; what
    was checked and never went out says nothing of what is there.
    """
    listed = history.listing.by_name
    found = ((listed.get(name), sha256) for name, sha256 in release.files)
    return any(file and file.sha256 in (sha256, None) for file, sha256 in found)


# --- provenance ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signatures:
    """What asks an index for attestations and verifies them, one at a time: projects
    are read by several threads.
    """

    web: Web
    verifier: Verifier
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, file: IndexedFile, listing_url: str) -> tuple[Attestation, ...]:
        """The attestations of a listed file, verified; raises ``SourceError`` for an
        answer that holds none.
        """
        url = str(file.provenance)
        where = without_credentials(url)
        if not same_origin(url, listing_url):
            raise IndexResponseError(
                f"{listing_url}: says that the provenance of {file.filename} is "
                f"elsewhere, at {where}",
                hint="only the index itself is asked for it",
            )
        answer = replace(self.web, largest=LARGEST).get(url, accept=ACCEPT)
        if answer.away or answer.status != 200:  # noqa: PLR2004
            raise IndexResponseError(
                f"{where}: is listed as the provenance of {file.filename}, and is not "
                "there"
            )
        with self.lock:
            return read_provenance(
                answer.body,
                beside=file.filename,
                where=where,
                verify=self.verifier.verify,
            )


def signatures_of(web: Web) -> Signatures:
    """What asks an index; raises ``SourceError`` where signatures cannot be verified
    here.
    """
    return Signatures(web, load_verifier())


def _signed_commit(
    file: IndexedFile, attestations: Iterable[Attestation]
) -> NamedCommit | None:
    """The commit that a file's attestations name, None where none names one; raises
    ``IndexResponseError`` where none holds for these bytes.
    """
    mine = (file.filename, file.sha256 or "")
    valid = [a for a in attestations if a.verified and a.signer and mine in a.subjects]
    if file.version is None or not valid:
        reasons = [a.refuted or a.problem for a in attestations]
        why = next(filter(None, reasons), "it is not of the bytes that are listed")
        raise IndexResponseError(
            f"the provenance of {file.filename} does not hold: {why}",
            hint="verify --provenance tells more of it",
        )
    for attestation in valid:
        signer = attestation.signer
        if signer and is_commit_id(signer.commit):
            source = f"the provenance of {file.filename}"
            return NamedCommit(file.version, signer.commit, source, signer.ref)
    return None


# --- both ----------------------------------------------------------------------


def add_traces(
    history: History,
    kept: Sequence[KeptRelease],
    signatures: Signatures | None,
    facts: Gathered,
) -> None:
    """Add the history with all commits that are named, or why none is."""
    mine = [release for release in kept if release.project == history.project]
    built = [r.built for r in mine if r.built.commit and _is_listed(r, history)]
    if signatures is not None:
        built += _signed_commits(history, signatures, facts)
    if built:
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
    for _, files in sorted(history.by_version.items(), key=lambda pair: pair[0]):
        file = min((f for f in files if f.provenance), key=_name, default=None)
        if file is None:
            continue
        try:
            commit = _signed_commit(file, signatures.of(file, listing.url))
        except SourceError as error:
            reason = f"{history.project}: {error.message}"
            missing = Missing(TracedHistory, reason, needed=True, hint=error.hint)
            facts.missing.append(missing)
            if not isinstance(error, IndexResponseError):
                # The index does not answer: it would be asked in vain for each version.
                break
        else:
            found += [commit] if commit else []
    return found


def _name(file: IndexedFile) -> str:
    return file.filename
