"""What started this run: each CI system's own words, in one type.

The table at the end has the systems; a variable that a system documents is named where
it is read. What a system does not say, or says in two ways, is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from release_guard.errors import EventError
from release_guard.facts import Signer, Trigger, is_commit_id
from release_guard.layouts import FORGES
from release_guard.sources.github_event import read_github_event

__all__ = ["in_ci", "read_trigger", "this_run"]

#: What CI systems set, one or another of these on each.
_IN_CI = (
    *("CI", "GITHUB_ACTIONS", "GITHUB_EVENT_NAME", "GITLAB_CI", "TF_BUILD"),
    *("JENKINS_URL", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID", "BUILDKITE", "CIRCLECI"),
    *("GITHUB_RUN_ID", "bamboo_buildKey", "GO_PIPELINE_NAME", "ZUUL_UUID"),
)
#: What says that this is GitHub Actions.
_OF_GITHUB = ("GITHUB_ACTIONS", "GITHUB_EVENT_NAME")


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether this runs under a CI system; ``CI=false`` is how one is denied."""
    return any(_is_set(environ, name) for name in _IN_CI)


def read_trigger(environ: Mapping[str, str], *, event: str = "") -> Trigger | None:
    """What started this run; None where no CI system that is known says so.

    ``event`` is the path of a payload of GitHub's. Raises ``EventError`` where the
    system should say and does not.
    """
    named = [mark for mark in _SYSTEMS if _is_set(environ, mark)]
    on_github = any(_is_set(environ, mark) for mark in _OF_GITHUB)
    if len(named) + on_github > 1:
        # Who starts a run may set variables on some systems: another's would outrank
        # this one's.
        marks = [*named, *filter(lambda mark: _is_set(environ, mark), _OF_GITHUB)]
        raise EventError(f"two CI systems speak at once: {' and '.join(marks)} are set")
    if on_github:
        return read_github_event(environ, event)
    if event:
        raise EventError(
            "an event was given, and GITHUB_EVENT_NAME does not say what it is"
        )
    return _SYSTEMS[named[0]](environ) if named else None


def this_run(trigger: Trigger | None, environ: Mapping[str, str]) -> Signer:
    """Who this run would sign as; what the CI system does not say is empty.

    ``GITHUB_WORKFLOW_REF`` names the workflow that was started, and so does
    ``CI_CONFIG_PATH``, unless it names one of another project.
    """
    if trigger is None:
        return Signer()
    if trigger.system == "GitHub" and _is_at(environ, "GITHUB_SERVER_URL", "GitHub"):
        reference = environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
        before = f"{trigger.repository}/".lower()
        is_own = reference.lower().startswith(before)
        return Signer(
            repository=trigger.repository,
            workflow=reference[len(before) :] if is_own else "",
            commit=environ.get("GITHUB_SHA", ""),
            ref=trigger.ref,
            forge=trigger.system,
            repository_id=environ.get("GITHUB_REPOSITORY_ID", ""),
        )
    if trigger.system == "GitLab" and _is_at(environ, "CI_SERVER_URL", "GitLab"):
        path = environ.get("CI_CONFIG_PATH", "") or ".gitlab-ci.yml"
        return Signer(
            repository=trigger.repository,
            workflow="" if "@" in path or "://" in path else path,
            commit=trigger.commit,
            ref=trigger.ref,
            forge=trigger.system,
            repository_id=environ.get("CI_PROJECT_ID", ""),
        )
    return Signer(repository=trigger.repository, commit=trigger.commit)


def _is_at(environ: Mapping[str, str], variable: str, forge: str) -> bool:
    """Whether this is the forge whose tokens sigstore takes, not one of one's own."""
    return environ.get(variable, "").rstrip("/") in ("", FORGES[forge])


def _is_set(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() not in ("", "0", "false")


def _gitlab(environ: Mapping[str, str]) -> Trigger:
    """GitLab's predefined variables; a pipeline of a merge request has a ref of its
    own, and neither tag nor branch.
    """
    tag, branch = environ.get("CI_COMMIT_TAG", ""), environ.get("CI_COMMIT_BRANCH", "")
    if tag and branch:
        raise EventError("CI_COMMIT_TAG and CI_COMMIT_BRANCH are both set")
    _refuse_other(tag, environ, "CI_COMMIT_TAG", "CI_COMMIT_REF_NAME")
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
    name = environ.get("BUILD_REPOSITORY_NAME", "")
    project = environ.get("SYSTEM_TEAMPROJECT", "")
    if name and project and "/" not in name:
        # Of a repository on Azure itself; of one elsewhere it is owner/name.
        name = f"{project}/{name}"
    return Trigger(
        system="Azure Pipelines",
        event=_event(environ, "BUILD_REASON", _OF_AZURE),
        ref=ref,
        tag=(ref.removeprefix("refs/tags/") or None)
        if ref.startswith("refs/tags/")
        else None,
        commit=_commit(environ, "BUILD_SOURCEVERSION"),
        commit_from="BUILD_SOURCEVERSION",
        repository=name,
        fork="a fork" if is_fork else "",
    )


def _circleci(environ: Mapping[str, str]) -> Trigger:
    """CircleCI's variables, which do not tell a push from a schedule; only the pull
    request of a fork is told, by its variables or by its branch (``pull/12``).
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
    is_fork = bool(theirs) or re.fullmatch(r"pull/\d+", branch) is not None
    return Trigger(
        system="CircleCI",
        event="pull_request" if is_fork else "push",
        ref=_ref(tag, branch),
        tag=tag or None,
        commit=_commit(environ, "CIRCLE_SHA1"),
        commit_from="CIRCLE_SHA1",
        # A project that is not connected by OAuth has the address only.
        repository=f"{owner}/{name}" if owner and name else here,
        fork=f"{theirs}/{also}" if theirs else "a fork" * is_fork,
    )


def _buildkite(environ: Mapping[str, str]) -> Trigger:
    """Buildkite's variables; a build of a tag has the tag's name as its branch too,
    and a commit of ``HEAD`` where nobody has said which.
    """
    tag, branch = environ.get("BUILDKITE_TAG", ""), environ.get("BUILDKITE_BRANCH", "")
    _refuse_other(tag, environ, "BUILDKITE_TAG", "BUILDKITE_BRANCH")
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


def _refuse_other(
    tag: str, environ: Mapping[str, str], variable: str, name: str
) -> None:
    """Whoever starts a run may set a variable; the ref has its name in two."""
    ref = environ.get(name, "")
    if tag and tag != ref:
        raise EventError(f"{variable} is {tag!r:.80}, {name} is {ref!r:.80}")


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
    """``owner/name`` of an address that git clones from, with all groups above."""
    url = url[:_LONGEST_URL]
    if "://" in url:
        path = url.partition("://")[2].rpartition("@")[2].partition("/")[2]
    else:
        # As scp has it: user@host:owner/name.
        path = url.rpartition("@")[2].partition(":")[2]
    return path.strip("/").removesuffix(".git")


_LONGEST_URL = 2_000


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
