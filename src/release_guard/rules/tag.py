"""Tag and trigger: does this release come from where releases come from?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from release_guard.facts import (
    Attestation,
    BranchedCommit,
    BuiltDistribution,
    LocatedTag,
    RecheckedRun,
    Ref,
    TaggedRelease,
    Trigger,
)
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy, kinds_of
from release_guard.rules.base import rule
from release_guard.rules.version import versions_in
from release_guard.tags import (
    Reading,
    read_ref,
    read_tags,
    readings,
    templates_of,
    versions_of,
    write_tag,
)

__all__ = [
    "manifest_mismatch",
    "prerelease_flag",
    "provenance_commit_mismatch",
    "tag_ambiguous",
    "tag_commit_mismatch",
    "tag_missing",
    "tag_off_branch",
    "tag_unrecognized",
    "tag_version_mismatch",
    "trigger_refused",
]


@rule(TaggedRelease, severity=Severity.ERROR)
def tag_missing(tagged: TaggedRelease, policy: Policy) -> Iterator[Violation]:
    """There is no release tag.

    **What it means:** the index takes releases from tags only (`require-tag`), neither
    the event nor `--tag` names a tag, and of the tags that the checkout has at the
    built commit none fits a template. Outside CI, where the files lie in a checkout, it
    is a notice.

    **Why it matters:** without a tag nobody can say later what was released, and
    nothing held a development version back.

    **How it happens:** the publish workflow was started by hand on a branch, or by
    `workflow_run`, which names no tag, after a build of the main branch.

    **Fix:** tag the commit and start the workflow from the tag. Where the tag is there
    and the checkout lacks it, set `fetch-depth: 0` or `fetch-tags: true` in
    `actions/checkout`.

    **Source:** the publish workflow of cryptography took `workflow_run` and
    `workflow_dispatch` and never looked at a tag (astral-sh/uv 1652).
    """
    ref = tagged.ref
    if not policy.index.require_tag or ref.tag is not None or _read(tagged, policy):
        return
    if ref.trigger is None:
        yield Violation(
            f"the commit {ref.commit[:12]} has no release tag; in CI "
            f"{policy.index.label} takes releases from tags",
            fix="nothing before the tag is made; else check out the tag",
            severity=Severity.NOTICE,
            evidence={"commit": ref.commit, "tags": ref.at_commit[:_MOST_EVIDENCE]},
        )
        return
    trigger = ref.trigger
    where = f" on {trigger.ref}" if trigger.ref else ""
    others = f" (but {some(ref.at_commit)})" if ref.at_commit else ""
    named = _tag_to_be(tagged, policy)
    fixes = [f"tag the commit{named} and start the workflow from the tag", *_also(ref)]
    yield Violation(
        f"the event {trigger.event}{where} names no tag, and the built commit "
        f"{ref.commit[:12]} has no release tag{others}; {policy.index.label} takes "
        "releases from tags",
        fix="; ".join(fixes),
        evidence={
            "event": trigger.event,
            "ref": trigger.ref,
            "commit": ref.commit,
            "tags": ref.at_commit[:_MOST_EVIDENCE],
            "templates": templates_of(tagged.release.project, policy),
        },
    )


def _tag_to_be(tagged: TaggedRelease, policy: Policy) -> str:
    """How the tag of this release would be written: as the others are, if any are, and
    if this version may be tagged at all.
    """
    release, checkout = tagged.release, tagged.ref.checkout
    read = read_tags(checkout.tags if checkout else (), release.project, policy)
    if not read or len(release.versions) != 1:
        return ""
    (version,) = release.versions
    if kinds_of(version).difference(policy.index.takes):
        return ""
    own = policy.projects.get(release.project)
    path = own.path if own else ""
    template = read[-1].template
    return f" ({write_tag(template, version, project=release.project, path=path)})"


#: A commit may carry any number of tags.
_MOST_EVIDENCE = 100


def _also(ref: Ref) -> Iterator[str]:
    """What else may be the matter: tags that are not here, another commit that is."""
    checkout = ref.checkout
    if checkout is None:
        return
    if checkout.is_shallow:
        yield "the checkout is shallow: fetch all tags (fetch-depth: 0)"
    elif not checkout.tags:
        yield "the checkout has no tags at all: fetch them if there are any"
    tags = [tag.name for tag in checkout.tags if tag.commit == checkout.head]
    if tags and checkout.head != ref.commit:
        yield (
            f"the checkout is at {some(tags)}: if that was built, give --commit "
            f"{checkout.head}"
        )


@rule(TaggedRelease, severity=Severity.ERROR)
def tag_unrecognized(tagged: TaggedRelease, policy: Policy) -> Iterator[Violation]:
    """The tag is not written as release tags are written here.

    **What it means:** the index takes releases from tags only (`require-tag`), and the
    tag that the event or `--tag` names fits no template of `tag-templates`, or what
    stands in the place of the version is no version.

    **Why it matters:** a tag that is no release tag must not lead to a release, and
    its version cannot be compared.

    **How it happens:** a nightly or deployment tag starts the publish workflow; a
    project of a monorepo uses its own prefix.

    **Fix:** correct the workflow's tag filter, or add the template to the policy.

    **Source:** PEP 440; tags such as `collective-2026-07-22`, which naive parsers read
    as version 22.
    """
    tag = tagged.ref.tag
    if not policy.index.require_tag or tag is None or _read(tagged, policy):
        return
    templates = templates_of(tagged.release.project, policy)
    yield Violation(
        f"the tag {tag!r:.80} fits no tag template ({', '.join(templates)})",
        fix="correct the tag, or add its form to 'tag-templates' in the policy",
        evidence={"tag": tag, "templates": templates},
    )


@rule(TaggedRelease, severity=Severity.ERROR)
def tag_ambiguous(tagged: TaggedRelease, policy: Policy) -> Iterator[Violation]:
    """It is not clear which version the tags mean.

    **What it means:** the tag can be read as two versions, by two templates of this
    project or as a tag of another one of the policy; or nobody names a tag, and the
    built commit has release tags of several versions. Two tags that mean one version
    are no ambiguity.

    **Why it matters:** whichever reading is taken, the other one may have been meant,
    and what is published cannot be taken back.

    **How it happens:** templates that overlap; a commit that was released twice, as a
    candidate and as the final version, and a workflow that is started by hand.

    **Fix:** start the workflow from the tag that is meant, or give it as `--tag`; make
    the templates in the policy exclude each other.

    **Source:** aws/aws-durable-execution-sdk-python 716; monorepo tags that a version
    tool took from another package (dolfinus/setuptools-git-versioning 68).
    """
    read = _read(tagged, policy)
    if len(versions_of(read)) > 1:
        first = {r.version: f"{r.tag!r} by {r.template!r}" for r in reversed(read)}
        told = some(
            tuple(f"{v} ({first[v]})" for v in versions_of(read)), between=" or "
        )
        named = tagged.ref.tag is not None
        yield Violation(
            f"the tag can be read as {told}" if named else f"may be {told}",
            fix="make the templates in the policy exclude each other"
            if named
            else "start the workflow from the tag that is meant, or give it as --tag",
            severity=_weight(tagged, policy),
            evidence={
                "tags": tuple(dict.fromkeys(r.tag for r in read))[:_MOST_EVIDENCE]
            },
        )
    # Another project's own tag may well be at the commit: each tag is compared alone.
    others = sorted(policy.projects.keys() - {tagged.release.project})
    mine: dict[str, list[Reading]] = defaultdict(list)
    for reading in read if others else ():
        mine[reading.tag].append(reading)
    for tag, own in mine.items():
        for other in others:
            theirs = readings((tag,), other, policy)
            if theirs and not {*versions_of(own)} & {*versions_of(theirs)}:
                yield Violation(
                    f"the tag {tag!r} says {_versions(own)} of this project, and "
                    f"{_versions(theirs)} of {other} (by {theirs[0].template!r})",
                    fix="make the projects' templates in the policy exclude each other",
                    severity=_weight(tagged, policy),
                    evidence={"tags": (tag,)},
                )


@rule(TaggedRelease, severity=Severity.ERROR)
def tag_version_mismatch(tagged: TaggedRelease, policy: Policy) -> Iterator[Violation]:
    """A file has another version than the tag.

    **What it means:** the version in the tag is not the version in the file's name and
    in its metadata, compared by PEP 440 (`v1.0` and `1.0.0` are the same, and a notice
    says that they are spelled differently). Where the tags can be read in several ways,
    it is none of them. A warning where the index needs no tag, and outside CI, where
    nobody names one: the next version may well be built before its tag.

    **Why it matters:** the release is filed under the wrong version for ever, and the
    right one is missing.

    **How it happens:** the version was not raised before the tag; the build ran on
    another commit than the tag's; files of another run were picked up.

    **Fix:** raise the version, move the tag if nothing was published, build again.

    **Source:** max-sixty/pytest-accept 250 (tag 0.2.0 published as 0.1.13);
    pypa/packaging-problems 74; caura-ai/caura 1071.
    """
    read = _read(tagged, policy)
    if not read:
        # tag-missing or tag-unrecognized speaks of it.
        return
    reading, expected = read[0], _versions(read)
    versions = {*versions_of(read)}
    tags = tuple(dict.fromkeys(repr(one.tag) for one in read))
    say = f"the tag {tags[0]} says"
    if len(versions) > 1 and len(tags) > 1:
        say = f"the tags {some(tags)} say"
    for said, files in versions_in(tagged.release).items():
        if said in versions:
            continue
        for filename in files:
            yield Violation(
                f"has the version {said}, {say} {expected}",
                fix="build from the tag's commit, with the version of the tag",
                where=filename,
                severity=_weight(tagged, policy),
                evidence={
                    "tag": reading.tag,
                    "expected": expected,
                    "found": str(said),
                },
            )
    names = (file.name for file in tagged.release.distributions)
    spelled = sorted({str(name.version) for name in names if name is not None})
    if tagged.release.versions == (reading.version,) and not any(
        r.spelled.removeprefix("v") in spelled for r in read
    ):
        yield Violation(
            f"the tag {reading.tag!r} and the files mean one version, and spell it "
            f"{reading.spelled} and {spelled[0]}",
            fix="nothing to do; the same spelling in both is easier to find",
            severity=Severity.NOTICE,
            evidence={"tag": reading.tag, "version": spelled[0]},
        )


@rule(LocatedTag, severity=Severity.ERROR)
def tag_commit_mismatch(located: LocatedTag, policy: Policy) -> Iterator[Violation]:
    """The tag is not at the commit that was built.

    **What it means:** in the checkout's repository the tag leads to another commit
    (annotated tags are peeled) than the one that was built: `--commit`, the `head_sha`
    of a `workflow_run`, or the event's own.

    **Why it matters:** what goes out under the tag's name is not what the tag says.

    **How it happens:** the tag was moved after the build; a run by hand builds the main
    branch and is given a tag; an old run is run again.

    **Fix:** build from the tag, or tag the commit that was built.

    **Source:** invoke-ai/InvokeAI 4869 (released from main with more than was meant);
    PyCQA/pydocstyle 251 (the tag is other code than the release).
    """
    tag = located.tag
    if tag.commit != located.commit:
        built = f" ({located.commit_from})" if located.commit_from else ""
        is_out = located.head == tag.commit
        also = f"; it is checked out: if it was built, give --commit {tag.commit}"
        yield Violation(
            f"is at {tag.commit[:12]}, and {located.commit[:12]} was built{built}",
            fix="build from the tag, or tag the commit that was built"
            + (also if is_out else ""),
            evidence={"expected": tag.commit, "found": located.commit},
        )


@rule(BranchedCommit, severity=Severity.ERROR)
def tag_off_branch(commit: BranchedCommit, policy: Policy) -> Iterator[Violation]:
    """The commit lies on none of the branches that releases come from.

    **What it means:** the policy names `branches`, and none of those that the checkout
    has (of its remotes, else local ones) holds the built commit.

    **Why it matters:** a tag can be set on anything: on a pull request, on a fork's
    commit, on work that nobody reviewed.

    **How it happens:** the tag was set on a branch before it was merged, or the branch
    was rewritten when it was.

    **Fix:** merge, tag the merged commit, and release that.

    **Source:** sderev/lmtoolbox 8; alexpfau/calendar-card-pro 447 (449 commits ahead of
    the main branch, and the tag check passed).
    """
    if not any(branch.holds for branch in commit.branches):
        names = tuple(dict.fromkeys(branch.name for branch in commit.branches))
        yield Violation(
            f"is on none of the branches {some(names)}",
            fix="merge it, tag the merged commit, and release that",
            evidence={"commit": commit.commit, "branches": names},
        )


@rule(Trigger, severity=Severity.ERROR)
def trigger_refused(trigger: Trigger, policy: Policy) -> Iterator[Violation]:
    """This event must not lead to this index.

    **What it means:** the CI event, or the event of the run that a `workflow_run`
    follows, is not among the policy's `events`; it comes from a repository that is not
    among its `repositories`; or, on an index for releases, it built a fork's code,
    deleted its ref, or is no release at all (a draft, a run that failed).

    **Why it matters:** a pull request or a schedule runs code that nobody has released.

    **How it happens:** a publish job without a condition in a workflow with several
    triggers; a copy of the workflow in a fork.

    **Fix:** publish from a tag push or a release; list other events under `events` in
    the policy only where they are meant.

    **Source:** the runner's events; the incident of cryptography 43.0.0.dev1
    (astral-sh/uv 1652); PaloAltoNetworks/pan-os-upgrade-assurance 65.
    """
    index, event = policy.index, trigger.event
    to = f"must not lead to {index.label}"
    evidence = {"event": event, "ref": trigger.ref, "repository": trigger.repository}
    asked = [("the event", event, index.events)]
    if trigger.upstream:
        # What started the run before the run before, nobody says.
        before = tuple(e for e in index.events if e != "workflow_run")
        asked.append(("the run before, on the event", trigger.upstream, before))
    for what, said, allowed in asked:
        if index.events and said not in allowed:
            yield Violation(
                f"{what} {said!r} {to}; allowed: {', '.join(allowed) or 'none'}",
                fix="publish from a tag push or a release, or allow the event under "
                "'events' in the policy",
                evidence=evidence,
            )
    # To a forge, names that differ only in case are one.
    known = map(str.lower, index.repositories)
    if index.repositories and trigger.repository.lower() not in known:
        yield Violation(
            f"the repository {trigger.repository!r} {to}; allowed: "
            f"{', '.join(index.repositories)}",
            fix="publish from the project's own repository, or name this one under "
            "'repositories' in the policy",
            evidence=evidence,
        )
    if not index.is_release:
        return
    if trigger.fork:
        yield Violation(
            f"the event {event!r} built the code of the fork {trigger.fork!r}, "
            f"which {to}",
            fix="publish only what was built from this repository",
            evidence={**evidence, "fork": trigger.fork},
        )
    if trigger.unfit:
        yield Violation(
            f"the event {event!r} {to}: {trigger.unfit}",
            fix="publish from a tag push, or from a release that is published",
            evidence=evidence,
        )
    if trigger.deleted:
        yield Violation(
            f"the event {event!r} deleted {trigger.ref!r}, which {to}",
            fix="publish from the push that makes a tag",
            evidence=evidence,
        )


@rule(BuiltDistribution, severity=Severity.ERROR)
def provenance_commit_mismatch(
    built: BuiltDistribution, policy: Policy
) -> Iterator[Violation]:
    """An attestation says that the file comes from somewhere else.

    **What it means:** an attestation beside the file holds a build's provenance (SLSA),
    and names another repository, or no commit that is this one, than this run's; or
    its verified signature was made by a run of another commit, or in a repository that
    is neither this run's nor one of the policy's. The commit of the workflow itself
    counts as this run's too: of a `workflow_run` it is another one. Where the signature
    was not verified, or does not hold, the message says so.

    **Why it matters:** the file was built elsewhere, or from other code, and everybody
    will be able to read that on the index.

    **How it happens:** files of another run, or of a fork's, are uploaded; a build of
    the main branch is published under a tag that came later.

    **Fix:** build and attest in the workflow of the tag.

    **Source:** PEP 740; SLSA provenance v1.0; the claims of sigstore's certificates.
    """
    for attestation in built.attestations:
        yield from _other_signer(attestation, built, policy)
        said = attestation.sources
        commits = {source.commit for source in said if source.commit}
        if built.commit and commits and built.commit not in commits:
            yield Violation(
                f"was built from {_short(commits)}, as {_told_by(attestation)}; "
                f"this run is of {built.commit[:12]}",
                fix="build and attest the file in the workflow of the tag",
                evidence={"expected": built.commit, "found": tuple(sorted(commits))},
            )
        places = {source.repository for source in said if source.repository}
        here = built.repository.lower()
        if here and places and here not in map(str.lower, places):
            yield Violation(
                f"was built in {some(tuple(sorted(places)))}, as "
                f"{_told_by(attestation)}; this run is of {built.repository}",
                fix="build and attest the file in this repository",
                evidence={"expected": built.repository, "found": tuple(sorted(places))},
            )


def _other_signer(
    attestation: Attestation, built: BuiltDistribution, policy: Policy
) -> Iterator[Violation]:
    """A verified signature of another repository, or of another commit of this one."""
    signer = attestation.signer
    if signer is None or not built.repository:
        return
    known = policy.index.signing_repositories
    here = {built.repository.lower(), *map(str.lower, known)}
    if signer.repository and signer.repository.lower() not in here:
        yield Violation(
            f"was signed in {signer.repository}, as the certificate of "
            f"{attestation.filename} says; this run is of {built.repository}",
            fix="build and attest the file in this repository",
            evidence={"expected": built.repository, "found": signer.repository},
        )
        return
    commits = {built.commit, built.run_commit} - {""}
    is_own = signer.repository.lower() == built.repository.lower()
    if is_own and commits and signer.commit and signer.commit not in commits:
        yield Violation(
            f"was signed in a run of {signer.commit[:12]}, as the certificate of "
            f"{attestation.filename} says; this run is of {_short(commits)}",
            fix="build and attest the file in the workflow of the tag",
            evidence={"expected": tuple(sorted(commits)), "found": signer.commit},
        )


def _told_by(attestation: Attestation) -> str:
    """What says so, and what that is worth."""
    worth = {
        True: "",
        False: " (its signature does not hold)",
        None: " (its signature was not verified)",
    }
    return f"{attestation.filename} says{worth[attestation.verified]}"


@rule(RecheckedRun, severity=Severity.ERROR)
def manifest_mismatch(run: RecheckedRun, policy: Policy) -> Iterator[Violation]:
    """The manifest was made for another release than this run is of.

    **What it means:** `check --against` in CI: the manifest names no tag or no commit,
    and its index takes releases from tags only; or this run (`--tag`, `--commit`, else
    its event) is of another tag or another commit than the manifest.

    **Why it matters:** the bytes are the ones that were checked, for something else:
    the manifest of an earlier release passes with its own files.

    **How it happens:** the artifacts of another run are downloaded; the manifest was
    made on somebody's machine.

    **Fix:** check in this run, or download the artifacts of the run that this one is
    of.

    **Source:** the publish workflow of cryptography takes the number of any run as an
    input (astral-sh/uv 1652).
    """
    index = policy.index
    fetch = "download the artifacts of this run, or check again"
    # Several projects may each have a tag of their own.
    for what, said in (("tag", run.tag or run.releases > 1), ("commit", run.commit)):
        if index.require_tag and not said:
            yield Violation(
                f"names no {what}, and {index.label} takes releases from tags",
                fix="check in CI, in a run of the release tag",
            )
    if run.tag and run.run_tag is not None and run.run_tag != run.tag:
        yield Violation(
            f"is of the tag {run.tag!r:.80}, this run is of {run.run_tag!r:.80}",
            fix=fetch,
            evidence={"expected": run.run_tag, "found": run.tag},
        )
    if run.commit and run.run_commit and run.run_commit != run.commit:
        yield Violation(
            f"is of the commit {run.commit[:12]}, this run is of {run.run_commit[:12]}",
            fix=fetch,
            evidence={"expected": run.run_commit, "found": run.commit},
        )


@rule(TaggedRelease, severity=Severity.WARNING)
def prerelease_flag(tagged: TaggedRelease, policy: Policy) -> Iterator[Violation]:
    """The release on the forge is marked otherwise than its version.

    **What it means:** the GitHub release is marked as a pre-release and the version is
    final, or the reverse.

    **Why it matters:** people and tools take the forge's "latest" for the newest
    release; installers go by the version.

    **How it happens:** the box was not ticked, or the version was not raised from the
    candidate's.

    **Fix:** change the mark on the release, or release the version that was meant.

    **Source:** the release event's `prerelease`; PEP 440.
    """
    trigger = tagged.ref.trigger
    if trigger is None or trigger.prerelease is None:
        return
    for version in tagged.release.versions:
        if version.is_prerelease is not trigger.prerelease:
            kind = "a pre-release" if version.is_prerelease else "no pre-release"
            mark = "a pre-release" if trigger.prerelease else "none"
            yield Violation(
                f"{version} is {kind}, and the release {trigger.tag!r} is marked "
                f"as {mark}",
                fix="change the mark on the release, or the version",
                evidence={"version": str(version), "tag": trigger.tag},
            )


def _read(tagged: TaggedRelease, policy: Policy) -> tuple[Reading, ...]:
    """How the named tag, or the tags at the commit, can be read for the project."""
    return read_ref(tagged.ref, tagged.release.project, policy)


def _weight(tagged: TaggedRelease, policy: Policy) -> Severity | None:
    """What does not fit weighs less where nothing says that the tag is meant."""
    is_found_here = tagged.ref.trigger is None and tagged.ref.tag is None
    is_meant = policy.index.require_tag and not is_found_here
    return None if is_meant else Severity.WARNING


def _versions(read: Iterable[Reading]) -> str:
    return some(tuple(map(str, versions_of(read))), between=" or ")


def _short(commits: set[str]) -> str:
    return " and ".join(commit[:12] for commit in sorted(commits))
