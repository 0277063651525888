"""Tag and trigger: does this release come from where releases come from?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.utils import NormalizedName
from packaging.version import Version

from release_guard.facts import TaggedRelease
from release_guard.filenames import parse_version
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rules.base import rule
from release_guard.rules.version import versions_in

__all__ = [
    "tag_missing",
    "tag_unrecognized",
    "tag_version_mismatch",
    "trigger_refused",
]


@rule(TaggedRelease, severity=Severity.ERROR)
def tag_missing(tagged: TaggedRelease, policy: Policy) -> Iterator[Violation]:
    """There is no release tag.

    **What it means:** the index takes releases from tags only (`require-tag`), and the
    event names no tag and none was given.

    **Why it matters:** without a tag nobody can say later what was released, and
    nothing held a development version back.

    **How it happens:** the publish workflow was started by hand on a branch, or by
    `workflow_run`, which names no tag.

    **Fix:** start the workflow from the tag, or give the tag (`--tag`, input `tag`)
    after the workflow has verified it.

    **Source:** the publish workflow of cryptography took `workflow_run` and
    `workflow_dispatch` and never looked at a tag (astral-sh/uv 1652).
    """
    ref = tagged.ref
    if policy.index.require_tag and ref.tag is None:
        where = f" on {ref.ref}" if ref.ref else ""
        event = f"the event {ref.event}{where}" if ref.event else "this run"
        yield Violation(
            f"{event} names no tag, and {policy.index.label} takes releases from tags",
            fix="start the workflow from the release tag, or give it as --tag",
            evidence={"event": ref.event, "ref": ref.ref},
        )


@rule(TaggedRelease, severity=Severity.ERROR)
def tag_unrecognized(tagged: TaggedRelease, policy: Policy) -> Iterator[Violation]:
    """The tag is not written as release tags are written here.

    **What it means:** the tag fits no template of `tag-templates`, or what stands in
    the place of the version is no version, or it can be read in two ways.

    **Why it matters:** a tag that is no release tag must not lead to a release, and
    its version cannot be compared.

    **How it happens:** a nightly or deployment tag starts the publish workflow; a
    project of a monorepo uses its own prefix.

    **Fix:** correct the workflow's tag filter, or add the template to the policy.

    **Source:** PEP 440; tags such as `collective-2026-07-22`, which naive parsers read
    as version 22.
    """
    tag = tagged.ref.tag
    if tag is None:
        return
    versions = _versions_of(tag, tagged.release.project, policy)
    templates = ", ".join(_templates(tagged.release.project, policy))
    if not versions:
        yield Violation(
            f"the tag {tag!r} fits no tag template ({templates})",
            fix="correct the tag, or add its form to 'tag-templates' in the policy",
            evidence={"tag": tag},
        )
    if len(versions) > 1:
        read = " or ".join(map(str, sorted(versions)))
        yield Violation(
            f"the tag {tag!r} can be read as {read} by the templates ({templates})",
            fix="make the templates in the policy exclude each other",
            evidence={"tag": tag},
        )


@rule(TaggedRelease, severity=Severity.ERROR)
def tag_version_mismatch(tagged: TaggedRelease, policy: Policy) -> Iterator[Violation]:
    """A file has another version than the tag.

    **What it means:** the version in the tag is not the version in the file's name and
    in its metadata, compared by PEP 440 (`v1.0` and `1.0.0` are the same).

    **Why it matters:** the release is filed under the wrong version for ever, and the
    right one is missing.

    **How it happens:** the version was not raised before the tag; the build ran on
    another commit than the tag's; files of another run were picked up.

    **Fix:** raise the version, move the tag if nothing was published, build again.

    **Source:** pypa/packaging-problems 74; caura-ai/caura 1071.
    """
    tag = tagged.ref.tag
    versions = _versions_of(tag, tagged.release.project, policy) if tag else frozenset()
    if len(versions) != 1:
        return
    (expected,) = versions
    for said, files in versions_in(tagged.release).items():
        if said != expected:
            for filename in files:
                yield Violation(
                    f"has the version {said}, the tag {tag!r} says {expected}",
                    fix="build from the tag's commit, with the version of the tag",
                    where=filename,
                    evidence={
                        "tag": tag,
                        "expected": str(expected),
                        "found": str(said),
                    },
                )


@rule(TaggedRelease, severity=Severity.ERROR)
def trigger_refused(tagged: TaggedRelease, policy: Policy) -> Iterator[Violation]:
    """This event must not lead to this index.

    **What it means:** the index takes releases from tags only (`require-tag`), and the
    CI event is not among the policy's `events`, built a fork's code, or deleted a tag.

    **Why it matters:** a pull request or a schedule runs code that nobody has released.

    **How it happens:** a publish job without a condition in a workflow with several
    triggers.

    **Fix:** publish from a tag push or a release; list other events under `events` in
    the policy only where they are meant.

    **Source:** the runner's events; the incident of cryptography 43.0.0.dev1
    (astral-sh/uv 1652).
    """
    event, index = tagged.ref.event, policy.index
    if not index.require_tag:
        return
    if event and event not in policy.events:
        yield Violation(
            f"the event {event!r} must not lead to {index.label}; allowed: "
            f"{', '.join(policy.events)}",
            fix="publish from a tag push or a release, or allow the event under "
            "'events' in the policy",
            evidence={"event": event},
        )
    if tagged.ref.fork:
        yield Violation(
            f"the event {event!r} built the code of the fork {tagged.ref.fork!r}, "
            f"which must not lead to {index.label}",
            fix="publish only what was built from this repository",
            evidence={"event": event, "fork": tagged.ref.fork},
        )
    if tagged.ref.unfit:
        yield Violation(
            f"the event {event!r} must not lead to {index.label}: {tagged.ref.unfit}",
            fix="publish from a tag push, or from a release that is published",
            evidence={"event": event},
        )
    if tagged.ref.deleted:
        yield Violation(
            f"the event {event!r} deleted {tagged.ref.ref!r}, which must not lead to "
            f"{index.label}",
            fix="publish from the push that makes a tag",
            evidence={"event": event, "ref": tagged.ref.ref},
        )


def _templates(project: NormalizedName, policy: Policy) -> tuple[str, ...]:
    """The project's own templates, or the common ones."""
    return policy.projects.get(project) or policy.tag_templates


def _any_spelling(project: NormalizedName) -> str:
    """A pattern of all spellings that are one name (PEP 503)."""
    return f"(?i:{'[-_.]+'.join(map(re.escape, project.split('-')))})"


def _versions_of(
    tag: str, project: NormalizedName, policy: Policy
) -> frozenset[Version]:
    """Every version that the tag can mean for a project; several spellings of one
    version are one.
    """
    found: set[Version | None] = set()
    for template in _templates(project, policy):
        pattern = re.escape(template).replace(r"\{version\}", "(.+)")
        pattern = pattern.replace(r"\{name\}", _any_spelling(project))
        fits = re.fullmatch(pattern, tag)
        # packaging takes blanks around a version; a template does not.
        if fits is not None and fits[1] == fits[1].strip():
            found.add(parse_version(fits[1]))
    return frozenset(said for said in found if said is not None)
