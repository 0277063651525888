"""One look at an index: what it lists of the releases, and what stands behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from packaging.utils import NormalizedName

from release_guard.comparison import missing, pairs
from release_guard.errors import IndexUnavailableError, SourceError
from release_guard.facts import (
    Endpoints,
    ExpectedRelease,
    IndexedFile,
    Listing,
    Missing,
    Publication,
    Served,
    ServedFile,
    Subject,
    Surroundings,
    View,
)
from release_guard.filenames import version_of
from release_guard.jobs.common import (
    Job,
    simple_url,
    step_by_step,
    with_hashes,
    without_hash,
)
from release_guard.sources.simple import ACCEPT, ACCEPT_JSON, read_listing
from release_guard.sources.warehouse import read_html_view, read_json_view, view_of
from release_guard.sources.web import Web

__all__ = ["Index", "Seen", "Trouble"]

#: How many files are downloaded at a time.
_DOWNLOADS = 4
#: What a server answers where there is no such file.
_GONE = (404, 410)


class _StaleError(SourceError):
    """The index answered, and with less than it had said before."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A project that one look learned nothing of, and why."""

    project: NormalizedName
    error: SourceError

    @property
    def is_stale(self) -> bool:
        """Whether the index answered, and with less than it had said before."""
        return isinstance(self.error, _StaleError)

    @property
    def may_pass(self) -> bool:
        """Whether asking again may help."""
        error = self.error
        transient = isinstance(error, IndexUnavailableError) and error.transient
        return transient or self.is_stale

    @property
    def pause(self) -> float:
        """How long the index asks to be left alone, in seconds."""
        error = self.error
        return error.retry_after if isinstance(error, IndexUnavailableError) else 0.0


@dataclass(slots=True)
class Seen:
    """What one look saw; ``is_unconfirmed`` says that no other has seen the same, and
    ``hashed`` are the files whose hash was made from a download.
    """

    publications: list[Publication] = field(default_factory=list)
    surroundings: list[Surroundings] = field(default_factory=list)
    endpoints: list[Endpoints] = field(default_factory=list)
    others: list[Subject] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    is_unconfirmed: bool = False
    hashed: set[str] = field(default_factory=set)

    @property
    def subjects(self) -> list[Subject]:
        """All that was built."""
        built = (self.publications, self.surroundings, self.endpoints, self.others)
        return [subject for subjects in built for subject in subjects]

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """What another look must see as well before it is believed."""
        return tuple(
            (p.release.label, p.after.status, frozenset(map(_identity, p.after.files)))
            for p in self.publications
        )

    def lack(self, subject: type[Subject], error: SourceError, *, needed: bool) -> None:
        """Note what was not read."""
        item = Missing(subject, error.message, needed=needed, hint=error.hint)
        self.missing.append(item)


def _identity(file: IndexedFile) -> tuple[object, ...]:
    return file.filename, file.sha256, file.size, file.yanked


@dataclass(slots=True)
class Index:
    """The index that is asked, for as long as one run, and what it said so far.

    ``started`` and ``deadline`` are in the clock's seconds. No request is begun later
    than one request's own time-out after the deadline, and none outlasts that.
    ``is_cached`` says that another cache might say something else than the last answer.
    """

    job: Job
    started: float
    deadline: float
    served: dict[str, ServedFile] = field(default_factory=dict)
    serials: dict[NormalizedName, int] = field(default_factory=dict)
    speaks_json: set[NormalizedName] = field(default_factory=set)
    listed: dict[str, str] = field(default_factory=dict)
    is_cached: bool = False

    @property
    def url(self) -> str:
        """Its Simple API root."""
        return simple_url(self.job.policy.index)

    # --- the time that is left ----------------------------------------------------

    def page(self) -> Web:
        """A way to ask for a page, for no longer than is left."""
        return self._web(self.job.web.whole)

    def _file(self) -> Web:
        """A way to ask for a file, for no longer than is left."""
        return self._web(self.job.web.whole_file)

    def _web(self, allowance: float) -> Web:
        left = self.deadline + allowance - self.job.clock.now()
        if left <= 0:
            raise IndexUnavailableError(
                "the time was up before all was read",
                hint="give it more: --timeout",
                transient=False,
            )
        return self.job.web.within(left)

    # --- the listing --------------------------------------------------------------

    def look(
        self, releases: Sequence[ExpectedRelease], *, number: int, no_before: str
    ) -> Seen:
        """Ask once for each project. Every second time JSON alone is asked for where
        the index speaks it, as a cache keeps that apart. ``no_before`` says why a
        release may have no listing before.
        """
        seen = Seen()
        # What was served once proves nothing of what is served now.
        self.served.clear()
        for project, mine in _by_project(releases).items():
            try:
                listing = self._listing(project, mine, number)
                seen.hashed |= {file.filename for file in self.served.values()}
            except SourceError as error:
                seen.troubles.append(Trouble(project, error))
                seen.lack(Publication, error, needed=True)
                seen.lack(Surroundings, error, needed=True)
                continue
            self._add_publications(mine, listing, seen)
            self._add_surroundings(project, mine, listing, seen, no_before)
        return seen

    def _listing(
        self,
        project: NormalizedName,
        releases: Sequence[ExpectedRelease],
        number: int,
    ) -> Listing:
        """The listing, with a hash of each expected file: where the index gives no
        sha256 the file is downloaded, as nothing else is known of its bytes.
        """
        alone = number % 2 == 0 and project in self.speaks_json
        accept = ACCEPT_JSON if alone else ACCEPT
        listing = read_listing(self.page(), self.url, project, accept=accept)
        if listing.is_json:
            self.speaks_json.add(project)
        self._refuse_stale(listing, releases)
        self.is_cached |= listing.is_cached
        expected = {file.filename for release in releases for file in release.files}
        bare = without_hash(listing, expected)
        # Nothing passes before all is there, and no file is fetched in vain.
        if not bare or not expected <= listing.by_name.keys():
            return listing
        served = self._download(bare)
        return with_hashes(listing, {file.filename: file.sha256 for file in served})

    def _refuse_stale(
        self, listing: Listing, releases: Iterable[ExpectedRelease]
    ) -> None:
        """Raise where the index had said more: another of its caches is old. A serial
        only grows (indexes that have none are told by nothing).
        """
        if listing.serial is None:
            return
        # What was there when the files were checked is there now.
        before = [r.serial for r in releases if r.serial is not None]
        for serial in before:
            self.serials[listing.project] = max(
                serial, self.serials.get(listing.project, serial)
            )
        highest = self.serials.setdefault(listing.project, listing.serial)
        if listing.serial < highest:
            raise _StaleError(
                f"{listing.url}: an old answer, of serial {listing.serial}; "
                f"an earlier one was of {highest}",
                hint="one of the index's caches is old: verify again later",
            )
        self.serials[listing.project] = listing.serial

    def _add_publications(
        self, releases: Iterable[ExpectedRelease], listing: Listing, seen: Seen
    ) -> None:
        waited = self.job.clock.now() - self.started
        found = False
        for release in releases:
            known = dict(self.listed)
            seen.publications.append(Publication(release, listing, waited, known))
            for file, listed in pairs(release, listing):
                found = True
                self.listed[file.filename] = "an earlier answer"
                if listed.sha256 is None:
                    reason = f"{file.filename}: no hash is given, and none was made yet"
                    seen.missing.append(Missing(Publication, reason, needed=True))
        if not found:
            # Whatever the policy makes of published-missing: nothing was verified.
            reason = f"{listing.url}: lists none of the expected files"
            seen.missing.append(Missing(Publication, reason, needed=True))

    def _add_surroundings(
        self,
        project: NormalizedName,
        releases: Sequence[ExpectedRelease],
        listing: Listing,
        seen: Seen,
        no_before: str,
    ) -> None:
        before = releases[0].before
        if before is None:
            seen.missing.append(Missing(Surroundings, no_before, needed=False))
            return
        if self.job.policy.index.inherits:
            reason = "the policy says that the index lists other indexes' files as well"
            seen.missing.append(Missing(Surroundings, reason, needed=False))
            # Its own versions are this index's business all the same.
            before, listing = _only_of(releases, before, listing)
        seen.surroundings.append(
            Surroundings(project, tuple(releases), before, listing)
        )
        bare = sum(sha256 is None for sha256 in before.values())
        if bare:
            reason = f"{bare} file(s) had no hash before: whether they changed is open"
            seen.missing.append(Missing(Surroundings, reason, needed=False))

    # --- what stands behind it ----------------------------------------------------

    def _download(self, files: Sequence[IndexedFile]) -> list[ServedFile]:
        """What is served of these files, each fetched once in a look."""
        with ThreadPoolExecutor(_DOWNLOADS) as pool:
            return list(pool.map(self._fetch, files))

    def _fetch(self, file: IndexedFile) -> ServedFile:
        if file.url not in self.served:
            known = hashlib.algorithms_guaranteed
            also = [name for name, _ in file.other_hashes if name in known]
            told = self._file().digest(file.url, home=self.url, also=also)
            self.served[file.url] = ServedFile(
                file.filename, told.sha256, told.size, tuple(told.others.items())
            )
        return self.served[file.url]

    def add_served(self, seen: Seen, *, all_files: bool) -> None:
        """Add what is served of the listed files: of those that were downloaded, or of
        ``all_files``, and then the metadata beside them as well (PEP 658).
        """
        listed = [
            (expected, file)
            for publication in seen.publications
            for expected, file in pairs(publication.release, publication.after)
        ]
        if not all_files:
            listed = [(one, file) for one, file in listed if file.url in self.served]
        with ThreadPoolExecutor(_DOWNLOADS) as pool:
            files = [file for _, file in listed]
            fetched = step_by_step(
                self.job.progress,
                "downloading file",
                [file.filename for file in files],
                pool.map(lambda f: self._try(f, all_files), files),
            )
            for (expected, file), served in zip(listed, fetched, strict=True):
                if isinstance(served, SourceError):
                    seen.troubles.append(Trouble(_project_of(seen, file), served))
                    seen.lack(Served, served, needed=True)
                else:
                    seen.others.append(Served(expected, file, served))

    def _try(self, file: IndexedFile, with_metadata: bool) -> ServedFile | SourceError:  # noqa: FBT001
        """What is served of a file: that it is not there is a fact; a time-out, or a
        server that wants to know who asks, is trouble.
        """
        served = ServedFile(file.filename)
        try:
            served = self._fetch(file)
            if with_metadata and file.metadata_sha256 is not None:
                url = f"{file.url}.metadata"
                told = self._file().digest(url, home=self.url)
                return replace(served, metadata_sha256=told.sha256)
        except IndexUnavailableError as error:
            if error.status not in _GONE:
                return error
            return replace(served, problem=error.message)
        except SourceError as error:
            return error
        return served

    def add_endpoints(self, seen: Seen) -> None:
        """Add each release as the other endpoints tell it, where the index has them."""
        for publication in seen.publications:
            release, after = publication.release, publication.after
            views, errors = self._views(release, after)
            for error in errors:
                seen.lack(Endpoints, error, needed=False)
            if views:
                first = view_of(after, release.version)
                seen.endpoints.append(Endpoints(release, (first, *views)))
            elif not errors:
                reason = f"{after.url}: the index has one endpoint only"
                seen.missing.append(Missing(Endpoints, reason, needed=False))

    def _views(
        self, release: ExpectedRelease, after: Listing
    ) -> tuple[list[View], list[SourceError]]:
        """The other endpoints' views of a release, and why some were not read."""
        readers = [read_json_view] if self.job.policy.on_pypi else []
        if after.is_json and (after.is_cached or self.job.policy.on_pypi):
            readers.append(read_html_view)
        views, errors = [], []
        for reader in readers:
            try:
                view = reader(self.page(), self.url, release)
            except SourceError as error:
                errors.append(error)
            else:
                views += [view] if view else []
        return views, errors

    def tell_late(self, seen: Seen) -> None:
        """Ask the other endpoints for what is missing: what one of them lists is late,
        and was uploaded.
        """
        for number, publication in enumerate(seen.publications):
            lacking = missing(publication.release, publication.after)
            if not lacking:
                continue
            views, _ = self._views(publication.release, publication.after)
            # With other bytes it is not late.
            told = {
                file.filename: view.name
                for view in views
                for file in lacking
                if view.files.get(file.filename, "") in (None, file.sha256)
            }
            known = {**publication.seen, **told}
            seen.publications[number] = replace(publication, seen=known)


def _only_of(
    releases: Iterable[ExpectedRelease],
    before: Mapping[str, str | None],
    listing: Listing,
) -> tuple[Mapping[str, str | None], Listing]:
    """What was listed of these releases' own versions, and what is."""
    versions = {release.version for release in releases}
    project = listing.project
    was = {n: h for n, h in before.items() if version_of(n, project) in versions}
    files = tuple(file for file in listing.files if file.version in versions)
    return was, replace(listing, files=files)


def _by_project(
    releases: Iterable[ExpectedRelease],
) -> Mapping[NormalizedName, list[ExpectedRelease]]:
    mine: dict[NormalizedName, list[ExpectedRelease]] = {}
    for release in releases:
        mine.setdefault(release.project, []).append(release)
    return mine


def _project_of(seen: Seen, file: IndexedFile) -> NormalizedName:
    """The project whose listing a file stands in."""
    return next(
        p.release.project
        for p in seen.publications
        if p.after.by_name.get(file.filename) is file
    )
