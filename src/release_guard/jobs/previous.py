"""The last release before the one that is judged, and what is read of it.

What cannot be had is told, and mostly no more. Only where the new release runs code at
each start, and the last one's wheel is listed and not to be had, there is no verdict:
whether that is new decides between a warning and an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from release_guard.changes import likeness, requires_python_of
from release_guard.errors import IndexResponseError, SourceError
from release_guard.facts import (
    CoreMetadata,
    DescribedDistribution,
    IndexedFile,
    Inventory,
    Kind,
    LastRelease,
    Listing,
    Release,
    SizedRelease,
    Subject,
    Successor,
    SupportedPythons,
)
from release_guard.filenames import kind_of, parse_version
from release_guard.findings import Advance
from release_guard.jobs.common import Job, simple_url
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import Origin
from release_guard.sources.core_metadata import (
    read_listed_metadata,
    read_listed_wheel,
)
from release_guard.succession import last_release, public

__all__ = ["PREVIOUS_SCOPE", "add_previous"]

#: What is made of a release and the last one before it.
PREVIOUS_SCOPE: tuple[type[Subject], ...] = (Successor, SupportedPythons, SizedRelease)

#: The largest wheel that is downloaded where there is a metadata file beside it, and
#: where much depends on what is in it; in bytes.
SMALL_WHEEL = 5 << 20
LARGEST_WHEEL = 20 << 20
#: How long all that is read of one release may take, in seconds.
_SECONDS = 60.0


def add_previous(
    job: Job,
    releases: Sequence[Release],
    listings: Mapping[NormalizedName, Listing],
    origin: Origin,
    facts: Gathered,
) -> list[Release]:
    """Join each version with the last release before it, as the index lists it; gives
    the releases with what is known of the last ones.
    """
    told = []
    for release in releases:
        listing = listings.get(release.project)
        lasts = [
            _add_version(job, release, version, listing, origin, facts)
            for version in release.versions
        ]
        told.append(
            replace(
                release, had_startup=_had_startup(lasts), last_tops=_last_tops(lasts)
            )
        )
    if not any(release.versions for release in releases):
        reason = "no file's name tells a version"
        facts.lack_all(PREVIOUS_SCOPE, reason, needed=False)
    return told


def _add_version(  # noqa: PLR0917 - the whole state of one step
    job: Job,
    release: Release,
    version: Version,
    listing: Listing | None,
    origin: Origin,
    facts: Gathered,
) -> LastRelease | None:
    """Add what is made of one version, and give the last release before it."""
    new = _only(release, version)
    last = None if listing is None else last_release(version, listing)
    if listing is None or last is None:
        reason = _no_listing(origin)
        if listing is not None:
            reason = f"{listing.url}: lists no release before {version}"
        facts.lack_all(PREVIOUS_SCOPE, reason, needed=False)
        facts.subjects.append(SizedRelease(new.project, version, new.distributions))
        return None
    label = f"{new.project} {last.version}"
    job.progress(Advance("reading the last release,", label))
    last = _read(job, last, new, facts)
    facts.subjects += [
        SizedRelease(new.project, version, new.distributions, last),
        _successor(new, version, listing.of(version), last),
    ]
    _add_pythons(new, version, last, facts)
    return last


def _no_listing(origin: Origin) -> str:
    """Why a project has no listing."""
    if origin.rehearsal:
        return "a rehearsal asks no index"
    return "--offline" if origin.offline else "the index's listing was not read"


def _only(release: Release, version: Version) -> Release:
    """The files of one version of a release."""
    files = [d for d in release.distributions if d.name and d.name.version == version]
    names = {file.filename for file in files}
    return replace(
        release,
        distributions=tuple(files),
        described=tuple(d for d in release.described if d.label in names),
    )


# --- what is read of it --------------------------------------------------------


def _read(job: Job, last: LastRelease, new: Release, facts: Gathered) -> LastRelease:
    """The last release with what its files say, as far as that costs little: the small
    metadata file beside a wheel, and a wheel that is small itself.
    """
    deadline = job.clock.now() + _SECONDS
    home = simple_url(job.policy.index)
    wheels = _in_order(last, new)
    described = next((f for f in wheels if f.metadata_sha256 is not None), None)
    if described is not None:
        try:
            web = job.web.within(_SECONDS)
            metadata = read_listed_metadata(web, described, home=home)
        except SourceError as error:
            facts.lack(Successor, error.message, needed=False, hint=error.hint)
        else:
            last = _with(last, metadata, new.project, facts)
    largest = _largest(last, new)
    small = next((f for f in wheels if f.size is not None and f.size <= largest), None)
    left = deadline - job.clock.now()
    if small is None or left <= 0:
        why = "the time was up" if small else _no_small(wheels, largest)
        what = "contents" if last.metadata else "metadata and contents"
        reason = f"the {what} of {last.version} were not read: {why}"
        is_open = small is not None and _runs_at_start(new.inventories)
        facts.lack(Successor, reason, needed=is_open)
        return last
    try:
        web = job.web.within(left)
        contents = read_listed_wheel(web, small, home=home, largest=largest)
        inventory = contents.layout.inventory
        if inventory is None:
            reason = f"{small.filename} of the index: could not be read to its end"
            raise IndexResponseError(reason)
    except SourceError as error:
        is_open = _runs_at_start(new.inventories)
        why = "; it may have run code at each start, as this does"
        reason = error.message + (why if is_open else "")
        facts.lack(Successor, reason, needed=is_open, hint=error.hint)
        return last
    if last.metadata is None:
        last = _with(last, contents.metadata, new.project, facts)
    return replace(last, inventory=inventory)


def _no_small(wheels: Sequence[IndexedFile], largest: int) -> str:
    """Why no wheel can be read."""
    if not wheels:
        return "it has no wheel"
    if all(file.size is None for file in wheels):
        return "the index says the size of none of its wheels"
    return f"no wheel has at most {largest >> 20} MiB"


def _with(
    last: LastRelease,
    metadata: CoreMetadata | None,
    project: NormalizedName,
    facts: Gathered,
) -> LastRelease:
    """The last release with this metadata, unless that is another's, or half of it."""
    if metadata is None:
        return last
    for problem in metadata.problems:
        if not problem.field:
            reason = f"the metadata of {last.version} {problem.detail:.200}"
            facts.lack(Successor, reason, needed=False)
            return last
    version = parse_version(metadata.version)
    is_mine = version is not None and public(version) == last.version
    if not is_mine or canonicalize_name(metadata.name) != project:
        reason = (
            f"what the index serves as the metadata of {last.version} is that of "
            f"{metadata.name!r:.80} {metadata.version!r:.80}"
        )
        facts.lack(Successor, reason, needed=False)
        return last
    return replace(last, metadata=metadata)


def _in_order(last: LastRelease, new: Release) -> list[IndexedFile]:
    """The last release's wheels: those that the new one has the like of first, and the
    smallest of them.
    """
    alike = {likeness(file.filename) for file in new.distributions}
    return sorted(
        (file for file in last.files if kind_of(file.filename) is Kind.WHEEL),
        key=lambda f: (likeness(f.filename) not in alike, f.size is None, f.size or 0),
    )


def _largest(last: LastRelease, new: Release) -> int:
    """How large a wheel may be to be downloaded. More depends on it where nothing else
    tells the metadata, and where the new release runs code at each start.
    """
    if last.metadata is None or _runs_at_start(new.inventories):
        return LARGEST_WHEEL
    return SMALL_WHEEL


# --- what is made of it --------------------------------------------------------


def _successor(
    new: Release, version: Version, listed: Iterable[IndexedFile], last: LastRelease
) -> Successor:
    files: dict[str, int | None] = {file.filename: file.size for file in listed}
    files |= {file.filename: file.size for file in new.distributions}
    compared = last.inventory.filename if last.inventory else ""
    return Successor(
        new.project,
        version,
        tuple(sorted(files.items())),
        last,
        _metadata(new.described),
        _alike(new.inventories, compared),
    )


def _metadata(files: Iterable[DescribedDistribution]) -> CoreMetadata | None:
    """The metadata that decides for the release: a wheel's, where it has one."""
    in_order = sorted(
        files, key=lambda f: (f.distribution.kind is not Kind.WHEEL, f.label)
    )
    return next((file.metadata for file in in_order), None)


def _alike(inventories: Iterable[Inventory], compared: str) -> Inventory | None:
    """That of the wheel that is the same as the compared one but for the release."""
    wheels = sorted(inventories, key=lambda inventory: inventory.filename)
    alike = likeness(compared)
    return next((i for i in wheels if compared and likeness(i.filename) == alike), None)


def _had_startup(lasts: Iterable[LastRelease | None]) -> bool | None:
    """Whether the last release ran code at each start, None where nobody looked."""
    looked = [last.inventory for last in lasts if last and last.inventory]
    return _runs_at_start(looked) if looked else None


def _last_tops(lasts: Iterable[LastRelease | None]) -> frozenset[str]:
    """The names at the top of what the last release installs, as far as all of them
    are known.
    """
    looked = [last.inventory for last in lasts if last and last.inventory]
    return frozenset(top for i in looked if i.is_whole for top in i.tops)


def _runs_at_start(inventories: Iterable[Inventory]) -> bool:
    return any(found.executes for i in inventories for found in i.path_configurations)


def _add_pythons(
    new: Release, version: Version, last: LastRelease, facts: Gathered
) -> None:
    before = requires_python_of(last)
    said = tuple((file.label, file.metadata.requires_python) for file in new.described)
    if before is None:
        reason = f"nobody says which Pythons {last.version} needs"
        facts.lack(SupportedPythons, reason, needed=False)
    elif not said:
        reason = "the metadata of no file could be read"
        facts.lack(SupportedPythons, reason, needed=False)
    else:
        facts.subjects.append(
            SupportedPythons(new.project, version, said, last.version, before)
        )
