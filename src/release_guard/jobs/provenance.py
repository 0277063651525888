"""Provenance: who may sign a release, and what the index has of its files (PEP 740)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from release_guard.errors import (
    EventError,
    IndexResponseError,
    IndexUnavailableError,
    SourceError,
)
from release_guard.facts import (
    ExpectedFile,
    ExpectedRelease,
    Listing,
    Missing,
    PublishedFile,
    Signers,
)
from release_guard.findings import some
from release_guard.jobs.common import Job
from release_guard.layouts import same_origin, without_credentials
from release_guard.sources.ci import read_trigger
from release_guard.sources.provenance import (
    ACCEPT,
    LARGEST,
    Verifier,
    load_verifier,
    read_provenance,
    this_run,
)
from release_guard.sources.web import Answer

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
    repositories = index.repositories or tuple(filter(None, [run.repository]))
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
    own = "" if index.repositories else run.repository_id
    return Signers(repositories, workflows, own)


def published_files(
    job: Job, release: ExpectedRelease, listing: Listing, *, required: bool
) -> tuple[list[PublishedFile], list[Missing]]:
    """Each expected file with the attestations that the index has of it, and a note of
    what could not be had, ``needed`` where provenance is ``required``; where it is not
    and there are none, nothing more is asked.

    Raises ``IndexUnavailableError`` only where waiting may help (``transient``): some
    other file's answer may be lost with it. All answers together may take as long as
    one (``job.web.whole``).
    """
    addresses = _addresses(release, listing)
    if not required and not any(addresses.values()):
        reason = f"{listing.url}: lists no attestation of these files"
        return [], [Missing(PublishedFile, reason, needed=False)]
    try:
        signers, verifier = expected_signers(job), load_verifier()
    except SourceError as error:
        return [], [_missing(error, required=required)]
    ask = _Asking(job, listing, signers, verifier, addresses, job.clock.now())
    silent = [name for name, address in addresses.items() if address is None]
    found: list[PublishedFile] = []
    missing = list(_not_told(listing, silent, required=required))
    asked = [file for file in release.files if file.filename not in silent]
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        answers = pool.map(ask.answer, asked)
        for file, answer in zip(asked, answers, strict=True):
            if isinstance(answer, SourceError):
                missing.append(_missing(answer, required=required))
                continue
            try:
                found.append(ask.published(file, answer))
            except SourceError as error:
                missing.append(_missing(error, required=required))
    return found, missing


#: How many files are asked for at a time.
_AT_A_TIME = 4


def _addresses(release: ExpectedRelease, listing: Listing) -> dict[str, str | None]:
    """Where the attestations of each file are, empty where there are none, None where
    nothing says so.
    """
    names = (file.filename for file in release.files)
    listed = {name: listing.by_name.get(name) for name in names}
    return {name: file.provenance if file else None for name, file in listed.items()}


def _missing(error: SourceError, *, required: bool) -> Missing:
    return Missing(PublishedFile, error.message, needed=required, hint=error.hint)


def _not_told(
    listing: Listing, names: list[str], *, required: bool
) -> Iterator[Missing]:
    """An index that cannot tell meets no requirement."""
    if names:
        yield Missing(
            PublishedFile,
            f"{listing.url}: does not say whether there are attestations of "
            f"{some(names, 3)}",
            needed=required,
            hint="an index says so by 'provenance' in JSON or 'data-provenance' in "
            "HTML (PEP 740); where it cannot, its policy must not require provenance",
        )


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is asked of one listing's index; ``started`` is in the clock's seconds."""

    job: Job
    listing: Listing
    signers: Signers
    verifier: Verifier
    addresses: Mapping[str, str | None]
    started: float

    def answer(self, file: ExpectedFile) -> Answer | SourceError | None:
        """What the index answers for a file, None where it lists no attestation.

        Raises what may pass by itself; what will not is given back.
        """
        url = self.addresses[file.filename]
        if not url:
            return None
        try:
            if not same_origin(url, self.listing.url):
                raise IndexResponseError(
                    f"{without_credentials(self.listing.url)}: says that the "
                    f"attestations of {file.filename} are elsewhere, at "
                    f"{without_credentials(url)}",
                    hint="only the index itself is asked for them",
                )
            left = self.job.web.whole - (self.job.clock.now() - self.started)
            if left <= 0:
                raise IndexUnavailableError(
                    f"{without_credentials(url)}: the attestations of all files did "
                    f"not come in {self.job.web.whole:.0f} seconds",
                    transient=True,
                )
            web = replace(self.job.web.within(left), largest=LARGEST)
            return web.get(url, accept=ACCEPT)
        except IndexUnavailableError as error:
            if error.transient:
                raise
            return error
        except SourceError as error:
            return error

    def published(self, file: ExpectedFile, answer: Answer | None) -> PublishedFile:
        """The file with the attestations in an answer; raises ``IndexResponseError``
        for one that holds no provenance and is no plain 404.
        """
        nothing = PublishedFile(file, (), self.signers, listed=False)
        if answer is None:
            return nothing
        where = without_credentials(answer.url)
        if answer.away:
            raise IndexResponseError(
                f"{where}: redirects to another host, "
                f"{without_credentials(answer.away)}",
                hint="only the index itself is asked for attestations",
            )
        if answer.status == 404:  # noqa: PLR2004
            if answer.redirected:
                raise IndexResponseError(
                    f"{where}: redirects to an address that is not there"
                )
            return nothing
        attestations = read_provenance(
            answer.body,
            beside=file.filename,
            where=where,
            verify=self.verifier.verify,
        )
        return PublishedFile(file, attestations, self.signers)
