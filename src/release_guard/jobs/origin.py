"""Where a release comes from: the event, the commit, the tag, the branches.

The built commit is ``--commit``, else what the event says, else the checkout's HEAD.
The tag is ``--tag``, else the one that the event names by its full ref; only where
nobody names one, and the index needs one, the tags that the checkout has at the commit
count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release_guard.errors import EventError, NoGitError, RepositoryError, UsageError
from release_guard.facts import (
    AttestedDistribution,
    BranchedCommit,
    BuiltDistribution,
    Checkout,
    LocatedTag,
    Ref,
    Release,
    Subject,
    TaggedRelease,
    Trigger,
)
from release_guard.jobs.common import Job
from release_guard.jobs.gathered import Gathered
from release_guard.sources import ci, git

__all__ = ["ORIGIN_SCOPE", "Origin", "Place", "add_origin", "find_place"]

ORIGIN_SCOPE: tuple[type[Subject], ...] = (
    Trigger,
    TaggedRelease,
    LocatedTag,
    BranchedCommit,
    BuiltDistribution,
)
#: How all tags and the whole history come into the checkout, by CI system.
_DEEPER: Mapping[str, str] = {
    "GitHub": "check out with fetch-depth: 0 (actions/checkout), which fetches all "
    "tags, in this job and before this step",
    "GitLab": "set GIT_DEPTH: 0, and run git fetch --tags before this step",
    "Azure Pipelines": "set fetchDepth: 0 and fetchTags: true in the checkout step",
}
_FETCH = "run git fetch --tags --unshallow in the checkout before this step"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the release comes from, as far as the user says it; ``rehearsal`` is for a
    set that no tag leads to and no index is asked about. ``repo`` lies in the checkout;
    where it was not said, the working folder does in CI, and elsewhere one of the
    ``paths`` of the files may.
    """

    tag: str = ""
    commit: str = ""
    event: str = ""
    offline: bool = False
    rehearsal: bool = False
    repo: Path | None = None
    paths: tuple[Path, ...] = ()

    @property
    def short_tag(self) -> str:
        """The tag's name: people pass ``github.ref``, which is the full ref."""
        return self.tag.removeprefix("refs/tags/")


@dataclass(frozen=True, slots=True)
class Place:
    """The repository, the built commit in it, and the one that is checked out; or the
    ``reason`` why there is none to look into.
    """

    repository: git.Repository | None = None
    commit: str = ""
    head: str = ""
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """The repository, or why there is none to look into; what it says of the commit.

    ``is_damaged`` where there is one, a git to read it with, and it cannot be read.
    """

    repository: git.Repository | None = None
    checkout: Checkout | None = None
    commit: str = ""
    commit_from: str = ""
    reason: str = ""
    hint: str = ""
    is_damaged: bool = False

    @property
    def place(self) -> Place:
        """Where the tree of the built commit can be read."""
        checkout = self.checkout
        if self.repository is None or checkout is None:
            return Place(reason=self.reason, hint=self.hint)
        if not checkout.has_commit:
            reason = f"the checkout does not have the built commit {self.commit[:12]}"
            return Place(reason=reason, hint=self.hint)
        return Place(self.repository, self.commit, checkout.head)


def add_origin(
    job: Job,
    releases: Sequence[Release],
    attested: Iterable[AttestedDistribution],
    origin: Origin,
    facts: Gathered,
) -> tuple[Ref, Place]:
    """Add what led to the releases, or why it is not known; give what is, and where the
    tree of the commit can be read.
    """
    if origin.rehearsal:
        reason = "a rehearsal looks at no checkout"
        return _rehearsed(releases, origin, facts), Place(reason=reason)
    index = job.policy.index
    needs_tag = index.require_tag
    try:
        trigger = ci.read_trigger(job.environ, event=origin.event)
    except EventError as error:
        needed = index.asks_for_event
        facts.lack_all(ORIGIN_SCOPE, error.message, needed=needed, hint=error.hint)
        return Ref(None), Place(reason=error.message, hint=error.hint)
    in_ci = trigger is not None or ci.in_ci(job.environ)
    _add_trigger(job, trigger, origin, facts, in_ci=in_ci)
    found = _find(job, trigger, origin)
    tag, tag_from = _named(trigger, origin)
    is_open = tag is None and needs_tag
    ref = Ref(
        tag=tag,
        tag_from=tag_from,
        commit=found.commit,
        commit_from=found.commit_from,
        at_commit=_at_commit(found) if is_open else (),
        trigger=trigger,
        checkout=found.checkout,
    )
    if is_open and trigger is None and in_ci:
        reason = "this CI system is not known, and no --tag was given"
        facts.lack(TaggedRelease, reason, needed=True, hint=_GIVE_TAG)
    elif not is_open or _sees_tags(found, facts, trigger):
        facts.subjects += [TaggedRelease(release, ref) for release in releases]
    is_vouched = (
        trigger is not None
        and trigger.commit != ""
        and (trigger.tag, trigger.commit) == (tag, origin.commit or trigger.commit)
    )
    is_doubtful = needs_tag and in_ci and not is_vouched
    _add_located(tag, found, facts, needs_tag=needs_tag and in_ci, needed=is_doubtful)
    _add_branches(index.branches, found, facts, needed=in_ci)
    _add_built(job, attested, found, trigger, facts)
    return ref, found.place


def find_place(job: Job, origin: Origin) -> Place:
    """Where the tree of the built commit can be read, without a look at what led to it:
    for one build job of several.
    """
    try:
        trigger = ci.read_trigger(job.environ, event=origin.event)
    except EventError as error:
        return Place(reason=error.message, hint=error.hint)
    return _find(job, trigger, origin).place


_GIVE_TAG = "give the release tag: --tag TAG"


def _rehearsed(releases: Sequence[Release], origin: Origin, facts: Gathered) -> Ref:
    """A rehearsal looks at no event and no checkout; ``--tag`` is the user's word."""
    others = [subject for subject in ORIGIN_SCOPE if subject is not TaggedRelease]
    facts.lack_all(others, "a rehearsal follows no event", needed=False)
    if not origin.tag:
        reason = "a rehearsal follows no tag; --tag gives one"
        facts.lack(TaggedRelease, reason, needed=False)
        return Ref(None)
    ref = Ref(origin.short_tag, "--tag")
    facts.subjects += [TaggedRelease(release, ref) for release in releases]
    return ref


def _add_trigger(
    job: Job, trigger: Trigger | None, origin: Origin, facts: Gathered, *, in_ci: bool
) -> None:
    if trigger is not None:
        facts.subjects.append(trigger)
    elif in_ci:
        # Who gives the tag answers for what started the run.
        index = job.policy.index
        vouched = bool(origin.tag and index.is_release)
        needed = bool(index.repositories) or (index.asks_for_event and not vouched)
        reason = "this CI system is not known: what started the run is not judged"
        facts.lack(
            Trigger,
            reason,
            needed=needed,
            hint=_GIVE_TAG if index.require_tag and not origin.tag else "",
        )
    else:
        facts.lack(Trigger, "this is no CI run", needed=False)


def _named(trigger: Trigger | None, origin: Origin) -> tuple[str | None, str]:
    """The tag that somebody names, and who does."""
    if origin.tag:
        return origin.short_tag, "--tag"
    if trigger and trigger.tag is not None:
        return trigger.tag, "the event"
    return None, ""


# --- the checkout ---------------------------------------------------------------


def _find(job: Job, trigger: Trigger | None, origin: Origin) -> _Found:
    """The checkout, and the built commit in it."""
    said = (origin.commit, "--commit") if origin.commit else ("", "")
    if not said[0] and trigger and trigger.commit:
        said = trigger.commit, trigger.commit_from
    commit, commit_from = said
    folders = [path if path.is_dir() else path.parent for path in origin.paths]
    if origin.repo:
        folders = [origin.repo]
    elif trigger is not None or ci.in_ci(job.environ):
        # A job works in its checkout. What lies around the files was brought with them:
        # an artifact could hold a repository with any tag.
        folders = [Path()]
    deeper = _DEEPER.get(trigger.system, _FETCH) if trigger else _FETCH
    try:
        found = (git.find_repository(folder, job.environ) for folder in folders)
        repository = next(filter(None, found), None)
        if repository is None and origin.repo:
            raise UsageError(f"--repo: there is no checkout in {origin.repo}")
        if repository is None:
            looked = f" in {folders[0].absolute()}" if folders else ""
            reason = f"there is no checkout{looked}"
            hint = f"{deeper}; where it lies elsewhere, give --repo (input repo)"
            if trigger is None and not ci.in_ci(job.environ):
                reason += ", where the files are, nor above it"
                hint = "keep the files in the checkout, or say where it is: --repo"
            return _Found(
                commit=commit, commit_from=commit_from, reason=reason, hint=hint
            )
        if not commit:
            commit_from = "HEAD of the checkout"
        there = git.commit_of(repository, commit or "HEAD")
        checkout = Checkout(
            head=git.commit_of(repository, "HEAD") or "",
            tags=git.tags(repository),
            has_commit=there is not None,
            is_shallow=git.is_shallow(repository),
        )
    except RepositoryError as error:
        return _Found(
            commit=commit,
            commit_from=commit_from,
            reason=error.message,
            hint=error.hint,
            is_damaged=not isinstance(error, NoGitError),
        )
    return _Found(repository, checkout, there or commit, commit_from, hint=deeper)


def _at_commit(found: _Found) -> tuple[str, ...]:
    tags = found.checkout.tags if found.checkout else ()
    return tuple(tag.name for tag in tags if tag.commit == found.commit)


def _sees_tags(found: _Found, facts: Gathered, trigger: Trigger | None) -> bool:
    """Whether the checkout can say which tags are at the commit; else it is noted."""
    checkout = found.checkout
    if trigger is None:
        if checkout is None:
            reason = "this is no CI run, and no --tag was given"
            facts.lack(TaggedRelease, reason, needed=False)
        return checkout is not None
    names = f"the event {trigger.event} names no tag, and "
    if checkout is None:
        reason = found.reason
    elif not checkout.has_commit:
        reason = f"the checkout does not have the built commit {found.commit[:12]}"
    elif checkout.is_shallow and not checkout.tags:
        reason = "the checkout is shallow and has no tags at all"
    else:
        return True
    facts.lack(TaggedRelease, names + reason, needed=True, hint=found.hint)
    return False


# --- what needs the checkout ------------------------------------------------------


def _add_located(
    tag: str | None, found: _Found, facts: Gathered, *, needs_tag: bool, needed: bool
) -> None:
    """Add the named tag as the checkout has it. It is ``needed`` where the event does
    not vouch for it; where the checkout is there and cannot be read; and where it has
    the tag at a commit that is not the built one, which is not there to compare: the
    tag was moved, or it is another project's.
    """
    if tag is None:
        facts.lack(LocatedTag, "nobody names a tag", needed=False)
        return
    tags = found.checkout.tags if found.checkout else ()
    here = next((known for known in tags if known.name == tag), None)
    checkout = found.checkout
    if here is not None and checkout is not None and checkout.has_commit:
        located = LocatedTag(here, found.commit, found.commit_from, checkout.head)
        facts.subjects.append(located)
        return
    needed = needed or (needs_tag and (found.is_damaged or here is not None))
    lacks = f"built commit {found.commit[:12]}" if here is not None else f"tag {tag}"
    reason = found.reason or f"the checkout does not have the {lacks:.100}"
    facts.lack(LocatedTag, reason, needed=needed, hint=found.hint)


def _add_branches(
    patterns: Sequence[str], found: _Found, facts: Gathered, *, needed: bool
) -> None:
    """Add the branches that the policy asks for, and whether they hold the commit."""
    if not patterns:
        facts.lack(BranchedCommit, "the policy names no branches", needed=False)
        return
    checkout, reason, hint = found.checkout, found.reason, found.hint
    if found.repository and checkout and not checkout.has_commit:
        reason = f"the checkout does not have the built commit {found.commit[:12]}"
    elif found.repository and checkout:
        try:
            branches = git.branches(found.repository, found.commit, patterns)
        except RepositoryError as error:
            reason, hint = error.message, error.hint
        else:
            if any(branch.holds for branch in branches) or (
                branches and not checkout.is_shallow
            ):
                facts.subjects.append(BranchedCommit(found.commit, branches))
                return
            # What is cut off may be the way from the branch to the commit.
            reason = f"the checkout has no branch that fits {', '.join(patterns)}"
            if not checkout.is_shallow:
                hint = "compare 'branches' in the policy with those of the remote"
            if branches:
                reason = "the checkout is shallow: its branches cannot be followed"
    facts.lack(BranchedCommit, reason, needed=needed, hint=hint)


def _add_built(
    job: Job,
    attested: Iterable[AttestedDistribution],
    found: _Found,
    trigger: Trigger | None,
    facts: Gathered,
) -> None:
    """Add each file that an attestation says the source of, or who signed it."""
    repository = trigger.repository if trigger else ""
    built = [
        BuiltDistribution(
            file.distribution,
            file.attestations,
            repository,
            found.commit,
            ci.this_run(trigger, job.environ).commit,
        )
        for file in attested
        if any(a.sources or a.signer for a in file.attestations)
    ]
    facts.subjects += built
    if not built:
        reason = "no attestation beside a file says what it was built from"
        facts.lack(BuiltDistribution, reason, needed=False)
