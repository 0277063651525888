"""Provenance: who may sign a release, and what the index has of its files (PEP 740)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from release_guard.errors import EventError, IndexUnavailableError, SourceError
from release_guard.facts import (
    ExpectedFile,
    ExpectedRelease,
    IndexedFile,
    Listing,
    Missing,
    PublishedFile,
    Signers,
    is_commit_id,
)
from release_guard.findings import some
from release_guard.jobs.common import Job
from release_guard.layouts import without_credentials
from release_guard.sources.attestation import Verify
from release_guard.sources.ci import read_trigger, this_run
from release_guard.sources.provenance import fetch_provenance, load_verifier
from release_guard.sources.web import Web

__all__ = ["expected_signers", "published_files"]


def expected_signers(job: Job, *, event: str = "") -> Signers:
    """Who may sign for the index: whom the policy names, else this run; ``event`` is
    the path of a payload of GitHub's.

    Raises ``SourceError`` where neither says it.
    """
    index, reason = job.policy.index, "this is no CI run that is known"
    try:
        run = this_run(read_trigger(job.environ, event=event), job.environ)
    except EventError as error:
        run, reason = this_run(None, {}), error.message
    named = index.signing_repositories
    repositories = named or tuple(filter(None, [run.repository]))
    workflows = index.workflows or tuple(filter(None, [run.workflow]))
    names = {"repositories": repositories, "workflows": workflows}
    lacking = [key for key, said in names.items() if not said]
    if lacking:
        if run.repository:
            reason = "this run does not say by which workflow of which forge it is"
        raise SourceError(
            f"nothing says who signs: {reason}, and the policy names no "
            f"{' and no '.join(lacking)}",
            hint="name in the policy what publishes, as repositories: [owner/name] and "
            "workflows: [release.yml]",
        )
    own = "" if named else run.repository_id
    return Signers(repositories, workflows, own)


def published_files(
    job: Job, release: ExpectedRelease, listing: Listing, *, commit: str = ""
) -> tuple[list[PublishedFile], list[Missing]]:
    """Each expected file with the attestations that the index has of it, and a note of
    what could not be had. ``commit`` is the one that the files were checked at, empty
    where nobody says it.

    Raises ``IndexUnavailableError`` only where waiting may help (``transient``): some
    other file's answer may be lost with it. All answers together may take as long as
    one (``job.web.whole``).
    """
    try:
        signers, verify = expected_signers(job), load_verifier().verify
    except SourceError as error:
        return [], [_missing(error)]
    checked_at = commit if is_commit_id(commit) else ""
    ask = _Asking(job, listing, signers, verify, checked_at, job.clock.now())
    listed = listing.by_name
    pairs = [(file, listed.get(file.filename)) for file in release.files]
    told = [(file, there) for file, there in pairs if there and _is_told(there)]
    silent = [f.filename for f, there in pairs if not (there and _is_told(there))]
    found: list[PublishedFile] = []
    missing = [_not_told(listing, silent)] if silent else []
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for answer in pool.map(lambda pair: ask.of(*pair), told):
            if isinstance(answer, SourceError):
                missing.append(_missing(answer))
            else:
                found.append(answer)
    return found, missing


#: How many files are asked for at a time.
_AT_A_TIME = 4


def _is_told(file: IndexedFile) -> bool:
    """Whether the index says if there are attestations of a file."""
    return file.provenance is not None


def _missing(error: SourceError) -> Missing:
    return Missing(PublishedFile, error.message, needed=True, hint=error.hint)


def _not_told(listing: Listing, names: list[str]) -> Missing:
    """An index that cannot tell meets no requirement."""
    return Missing(
        PublishedFile,
        f"{listing.url}: does not say whether there are attestations of "
        f"{some(names, 3)}",
        needed=True,
        hint="an index says so by 'provenance' in JSON or 'data-provenance' in HTML "
        "(PEP 740); where it cannot, its policy must not require provenance",
    )


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is asked of one listing's index; ``started`` is in the clock's seconds."""

    job: Job
    listing: Listing
    signers: Signers
    verify: Verify
    commit: str
    started: float

    def of(
        self, file: ExpectedFile, listed: IndexedFile
    ) -> PublishedFile | SourceError:
        """The file with the attestations that the index has of it.

        Raises what may pass by itself; what will not is given back.
        """
        try:
            found = fetch_provenance(self._web(), listed, self.listing.url, self.verify)
        except IndexUnavailableError as error:
            if error.transient:
                raise
            return error
        except SourceError as error:
            return error
        return PublishedFile(
            file,
            found or (),
            self.signers,
            listed=found is not None,
            commit=self.commit,
        )

    def _web(self) -> Web:
        """A way to ask, for no longer than is left."""
        left = self.job.web.whole - (self.job.clock.now() - self.started)
        if left <= 0:
            raise IndexUnavailableError(
                f"{without_credentials(self.listing.url)}: the attestations of all "
                f"files did not come in {self.job.web.whole:.0f} seconds",
                transient=True,
            )
        return self.job.web.within(left)
