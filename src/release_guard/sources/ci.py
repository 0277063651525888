"""What started this run: each CI system's own words, in one type.

The table at the end has the systems; a variable that a system documents is named where
it is read. What a system does not say, or says in two ways, is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from release_guard.errors import EventError
from release_guard.facts import Trigger, is_commit_id
from release_guard.sources.github_event import read_github_event

__all__ = ["in_ci", "read_trigger"]

#: What CI systems set, one or another of these on each.
_IN_CI = (
    *("CI", "GITHUB_ACTIONS", "GITHUB_EVENT_NAME", "GITLAB_CI", "TF_BUILD"),
    *("JENKINS_URL", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID", "BUILDKITE", "CIRCLECI"),
)


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether this runs under a CI system; ``CI=false`` is how one is denied."""
    return any(_is_set(environ, name) for name in _IN_CI)


def read_trigger(environ: Mapping[str, str], *, event: str = "") -> Trigger | None:
    """What started this run; None where no CI system that is known says so.

    ``event`` is the path of a payload of GitHub's. Raises ``EventError`` where the
    system should say and does not.
    """
    if _is_set(environ, "GITHUB_ACTIONS") or environ.get("GITHUB_EVENT_NAME"):
        return read_github_event(environ, event)
    if event:
        raise EventError(
            "an event was given, and GITHUB_EVENT_NAME does not say what it is"
        )
    for mark, read in _SYSTEMS.items():
        if _is_set(environ, mark):
            return read(environ)
    return None


def _is_set(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() not in ("", "0", "false")


def _gitlab(environ: Mapping[str, str]) -> Trigger:
    """GitLab's predefined variables; a pipeline of a merge request has a ref of its
    own, and neither tag nor branch.
    """
    tag, branch = environ.get("CI_COMMIT_TAG", ""), environ.get("CI_COMMIT_BRANCH", "")
    if tag and branch:
        raise EventError("CI_COMMIT_TAG and CI_COMMIT_BRANCH are both set")
    here = environ.get("CI_PROJECT_PATH", "")
    there = environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", "") or here
    return Trigger(
        system="GitLab",
        event=_event(environ, "CI_PIPELINE_SOURCE", _OF_GITLAB),
        ref=_ref(tag, branch) or environ.get("CI_MERGE_REQUEST_REF_PATH", ""),
        tag=tag or None,
        commit=_commit(environ, "CI_COMMIT_SHA"),
        commit_from="CI_COMMIT_SHA",
        repository=here,
        fork=there if there != here else "",
    )


def _azure(environ: Mapping[str, str]) -> Trigger:
    """Azure Pipelines' predefined variables; the ref is a full one."""
    ref = environ.get("BUILD_SOURCEBRANCH", "")
    is_fork = _is_set(environ, "SYSTEM_PULLREQUEST_ISFORK")
    return Trigger(
        system="Azure Pipelines",
        event=_event(environ, "BUILD_REASON", _OF_AZURE),
        ref=ref,
        tag=(ref.removeprefix("refs/tags/") or None)
        if ref.startswith("refs/tags/")
        else None,
        commit=_commit(environ, "BUILD_SOURCEVERSION"),
        commit_from="BUILD_SOURCEVERSION",
        repository=environ.get("BUILD_REPOSITORY_NAME", ""),
        fork="a fork" if is_fork else "",
    )


def _circleci(environ: Mapping[str, str]) -> Trigger:
    """CircleCI's variables, which do not tell a push from a schedule; only the pull
    request of a fork is told, and by GitHub's App not even that.
    """
    tag, branch = environ.get("CIRCLE_TAG", ""), environ.get("CIRCLE_BRANCH", "")
    if tag and branch:
        raise EventError("CIRCLE_TAG and CIRCLE_BRANCH are both set")
    owner, name, theirs, also = (
        environ.get(f"CIRCLE_{part}", "")
        for part in (
            "PROJECT_USERNAME",
            "PROJECT_REPONAME",
            "PR_USERNAME",
            "PR_REPONAME",
        )
    )
    here = _repository(environ.get("CIRCLE_REPOSITORY_URL", ""))
    return Trigger(
        system="CircleCI",
        event="pull_request" if theirs else "push",
        ref=_ref(tag, branch),
        tag=tag or None,
        commit=_commit(environ, "CIRCLE_SHA1"),
        commit_from="CIRCLE_SHA1",
        # A project that is not connected by OAuth has the address only.
        repository=f"{owner}/{name}" if owner and name else here,
        fork=f"{theirs}/{also}" if theirs else "",
    )


def _buildkite(environ: Mapping[str, str]) -> Trigger:
    """Buildkite's variables; a build of a tag has the tag's name as its branch too,
    and a commit of ``HEAD`` where nobody has said which.
    """
    tag, branch = environ.get("BUILDKITE_TAG", ""), environ.get("BUILDKITE_BRANCH", "")
    is_pull = _is_set(environ, "BUILDKITE_PULL_REQUEST")
    here = _repository(environ.get("BUILDKITE_REPO", ""))
    there = _repository(environ.get("BUILDKITE_PULL_REQUEST_REPO", "")) or here
    is_open = environ.get("BUILDKITE_COMMIT") == "HEAD"
    event = _event(environ, "BUILDKITE_SOURCE", _OF_BUILDKITE)
    return Trigger(
        system="Buildkite",
        event="pull_request" if is_pull else event,
        ref=_ref(tag, branch),
        tag=tag or None,
        commit="" if is_open else _commit(environ, "BUILDKITE_COMMIT"),
        commit_from="" if is_open else "BUILDKITE_COMMIT",
        repository=here,
        fork=there if is_pull and there != here else "",
    )


def _event(environ: Mapping[str, str], variable: str, known: Mapping[str, str]) -> str:
    """What happened, in GitHub's word where there is one, else in the system's."""
    said = environ.get(variable, "")
    if not said:
        raise EventError(f"{variable} is not set: what started this run is not known")
    return known.get(said, said)


def _commit(environ: Mapping[str, str], variable: str) -> str:
    commit = environ.get(variable, "")
    if not is_commit_id(commit):
        raise EventError(f"{variable} is {commit!r:.80}, which is no commit")
    return commit


def _ref(tag: str, branch: str) -> str:
    """The full ref: the short names alone would make a branch of a tag."""
    if tag:
        return f"refs/tags/{tag}"
    return f"refs/heads/{branch}" if branch else ""


def _repository(url: str) -> str:
    """``owner/name`` of an address that git clones from."""
    found = re.search(r"([^/:]+/[^/:]+?)(?:\.git)?/?$", url)
    return found[1] if found else ""


_OF_GITLAB = {
    "push": "push",
    "web": "workflow_dispatch",
    "api": "workflow_dispatch",
    "trigger": "repository_dispatch",
    "schedule": "schedule",
    "merge_request_event": "pull_request",
    "external_pull_request_event": "pull_request",
}
_OF_AZURE = {
    "IndividualCI": "push",
    "BatchedCI": "push",
    "Manual": "workflow_dispatch",
    "Schedule": "schedule",
    "PullRequest": "pull_request",
}
_OF_BUILDKITE = {
    "webhook": "push",
    "ui": "workflow_dispatch",
    "api": "workflow_dispatch",
    "schedule": "schedule",
}
#: The variable that a system sets, and how the rest of its variables is read.
_SYSTEMS: Mapping[str, Callable[[Mapping[str, str]], Trigger]] = {
    "GITLAB_CI": _gitlab,
    "TF_BUILD": _azure,
    "CIRCLECI": _circleci,
    "BUILDKITE": _buildkite,
}
