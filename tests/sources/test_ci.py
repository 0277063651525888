"""What the CI systems say, each in its own words, and one type for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import payloads
import pytest
from builders import COMMIT, trigger
from hypothesis import given, settings
from hypothesis import strategies as st

from release_guard.errors import EventError
from release_guard.facts import Signer, Trigger
from release_guard.sources.ci import in_ci, read_trigger, this_run

SHA = "1" * 40
REPOSITORY = "org/demo"
FORK = "stranger/demo"

Environ = Mapping[str, str]


def _without_empty(environ: Environ) -> dict[str, str]:
    return {name: value for name, value in environ.items() if value}


# --- GitLab ---------------------------------------------------------------------


def gitlab(source: str = "push", **said: str) -> dict[str, str]:
    """https://docs.gitlab.com/ci/variables/predefined_variables"""
    return _without_empty(
        {
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_SERVER": "yes",
            "CI_PIPELINE_SOURCE": source,
            "CI_COMMIT_SHA": SHA,
            "CI_COMMIT_SHORT_SHA": SHA[:8],
            "CI_DEFAULT_BRANCH": "main",
            "CI_PROJECT_PATH": REPOSITORY,
            "CI_PROJECT_NAME": "demo",
            **said,
        }
    )


def _merge_request(theirs: str) -> dict[str, str]:
    return {
        "CI_COMMIT_REF_NAME": "fix",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_REF_PATH": "refs/merge-requests/7/head",
        "CI_MERGE_REQUEST_PROJECT_PATH": REPOSITORY,
        "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": theirs,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "fix",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    }


TAGGED = {"CI_COMMIT_TAG": "v1.2.3", "CI_COMMIT_REF_NAME": "v1.2.3"}
ON_MAIN = {"CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main"}


def of_gitlab(event: str, ref: str, tag: str | None = None, **said: Any) -> Trigger:  # noqa: ANN401
    made = Trigger("GitLab", event, ref, tag, SHA, "CI_COMMIT_SHA", REPOSITORY)
    return replace(made, **said)


GITLAB: dict[str, tuple[Environ, Trigger]] = {
    "a push of a tag": (
        gitlab(**TAGGED),
        of_gitlab("push", "refs/tags/v1.2.3", "v1.2.3"),
    ),
    "a push of a branch": (gitlab(**ON_MAIN), of_gitlab("push", "refs/heads/main")),
    "a push of a branch that is called like a tag": (
        gitlab(CI_COMMIT_BRANCH="v1.2.3", CI_COMMIT_REF_NAME="v1.2.3"),
        of_gitlab("push", "refs/heads/v1.2.3"),
    ),
    "a tag with slashes": (
        gitlab(
            CI_COMMIT_TAG="packages/demo/v1.2", CI_COMMIT_REF_NAME="packages/demo/v1.2"
        ),
        of_gitlab("push", "refs/tags/packages/demo/v1.2", "packages/demo/v1.2"),
    ),
    "a project in groups": (
        gitlab(**TAGGED, CI_PROJECT_PATH="org/group/demo"),
        of_gitlab("push", "refs/tags/v1.2.3", "v1.2.3", repository="org/group/demo"),
    ),
    "a start by hand on a tag": (
        gitlab("web", **TAGGED),
        of_gitlab("workflow_dispatch", "refs/tags/v1.2.3", "v1.2.3"),
    ),
    "a start by hand on a branch": (
        gitlab("web", **ON_MAIN),
        of_gitlab("workflow_dispatch", "refs/heads/main"),
    ),
    "a start by the API": (
        gitlab("api", **ON_MAIN),
        of_gitlab("workflow_dispatch", "refs/heads/main"),
    ),
    "a start by a trigger token": (
        gitlab("trigger", **ON_MAIN),
        of_gitlab("repository_dispatch", "refs/heads/main"),
    ),
    "a schedule, of a tag": (
        gitlab("schedule", **TAGGED),
        of_gitlab("schedule", "refs/tags/v1.2.3", "v1.2.3"),
    ),
    "a merge request": (
        gitlab("merge_request_event", **_merge_request(REPOSITORY)),
        of_gitlab("pull_request", "refs/merge-requests/7/head"),
    ),
    "a merge request of a fork": (
        gitlab("merge_request_event", **_merge_request(FORK)),
        of_gitlab("pull_request", "refs/merge-requests/7/head", fork=FORK),
    ),
    "a merge request of a fork, run in the fork": (
        gitlab("merge_request_event", **_merge_request(FORK), CI_PROJECT_PATH=FORK),
        of_gitlab("pull_request", "refs/merge-requests/7/head", repository=FORK),
    ),
    "a pull request of another forge": (
        gitlab("external_pull_request_event", CI_COMMIT_BRANCH="fix"),
        of_gitlab("pull_request", "refs/heads/fix"),
    ),
    "a child of another pipeline": (
        gitlab("parent_pipeline", **TAGGED),
        of_gitlab("parent_pipeline", "refs/tags/v1.2.3", "v1.2.3"),
    ),
    "a pipeline of another project": (
        gitlab("pipeline", **ON_MAIN),
        of_gitlab("pipeline", "refs/heads/main"),
    ),
    "a word that is not known": (
        gitlab("chat", **ON_MAIN),
        of_gitlab("chat", "refs/heads/main"),
    ),
}


# --- Azure Pipelines ------------------------------------------------------------


def azure(reason: str, ref: str, **said: str) -> dict[str, str]:
    """https://learn.microsoft.com/azure/devops/pipelines/build/variables"""
    return _without_empty(
        {
            "TF_BUILD": "True",
            "BUILD_REASON": reason,
            "BUILD_SOURCEBRANCH": ref,
            "BUILD_SOURCEBRANCHNAME": ref.rpartition("/")[2],
            "BUILD_SOURCEVERSION": SHA,
            "BUILD_REPOSITORY_NAME": REPOSITORY,
            "BUILD_REPOSITORY_PROVIDER": "GitHub",
            **said,
        }
    )


def of_azure(event: str, ref: str, tag: str | None = None, **said: Any) -> Trigger:  # noqa: ANN401
    place = "BUILD_SOURCEVERSION"
    made = Trigger("Azure Pipelines", event, ref, tag, SHA, place, REPOSITORY)
    return replace(made, **said)


AZURE: dict[str, tuple[Environ, Trigger]] = {
    "a push of a tag": (
        azure("IndividualCI", "refs/tags/v1.2.3"),
        of_azure("push", "refs/tags/v1.2.3", "v1.2.3"),
    ),
    "several pushes of a branch": (
        azure("BatchedCI", "refs/heads/main"),
        of_azure("push", "refs/heads/main"),
    ),
    "a branch that is called like a tag": (
        azure("IndividualCI", "refs/heads/v1.2.3"),
        of_azure("push", "refs/heads/v1.2.3"),
    ),
    "a branch in a folder, whose short name is a version": (
        azure("IndividualCI", "refs/heads/release/v1.2.3"),
        of_azure("push", "refs/heads/release/v1.2.3"),
    ),
    "a tag without a name": (
        azure("IndividualCI", "refs/tags/"),
        of_azure("push", "refs/tags/"),
    ),
    "no ref": (azure("IndividualCI", ""), of_azure("push", "")),
    "a start by hand on a tag": (
        azure("Manual", "refs/tags/v1.2.3"),
        of_azure("workflow_dispatch", "refs/tags/v1.2.3", "v1.2.3"),
    ),
    "a schedule": (
        azure("Schedule", "refs/heads/main"),
        of_azure("schedule", "refs/heads/main"),
    ),
    "a pull request": (
        azure("PullRequest", "refs/pull/7/merge", SYSTEM_PULLREQUEST_ISFORK="False"),
        of_azure("pull_request", "refs/pull/7/merge"),
    ),
    "a pull request of a fork": (
        azure("PullRequest", "refs/pull/7/merge", SYSTEM_PULLREQUEST_ISFORK="True"),
        of_azure("pull_request", "refs/pull/7/merge", fork="a fork"),
    ),
    "a repository on Azure itself, of which only the name is said": (
        azure(
            *("Manual", "refs/heads/main"),
            BUILD_REPOSITORY_NAME="demo",
            SYSTEM_TEAMPROJECT="team",
        ),
        of_azure("workflow_dispatch", "refs/heads/main", repository="team/demo"),
    ),
    "a repository elsewhere, which has its owner": (
        azure("Manual", "refs/heads/main", SYSTEM_TEAMPROJECT="team"),
        of_azure("workflow_dispatch", "refs/heads/main"),
    ),
    "a repository without a project": (
        azure("Manual", "refs/heads/main", BUILD_REPOSITORY_NAME="demo"),
        of_azure("workflow_dispatch", "refs/heads/main", repository="demo"),
    ),
    "no repository": (
        azure(
            *("Manual", "refs/heads/main"),
            BUILD_REPOSITORY_NAME="",
            SYSTEM_TEAMPROJECT="team",
        ),
        of_azure("workflow_dispatch", "refs/heads/main", repository=""),
    ),
    "a word that is not known": (
        azure("ResourceTrigger", "refs/heads/main"),
        of_azure("ResourceTrigger", "refs/heads/main"),
    ),
}


# --- CircleCI -------------------------------------------------------------------


def circleci(**said: str) -> dict[str, str]:
    """https://circleci.com/docs/variables"""
    return _without_empty(
        {
            "CI": "true",
            "CIRCLECI": "true",
            "CIRCLE_SHA1": SHA,
            "CIRCLE_PROJECT_USERNAME": "org",
            "CIRCLE_PROJECT_REPONAME": "demo",
            "CIRCLE_REPOSITORY_URL": "git@github.com:org/demo.git",
            **said,
        }
    )


#: Of a project that is connected by GitHub's App, or on GitLab, nobody says these.
BY_APP = {"CIRCLE_PROJECT_USERNAME": "", "CIRCLE_PROJECT_REPONAME": ""}


def of_circleci(event: str, ref: str, tag: str | None = None, **said: Any) -> Trigger:  # noqa: ANN401
    made = Trigger("CircleCI", event, ref, tag, SHA, "CIRCLE_SHA1", REPOSITORY)
    return replace(made, **said)


CIRCLECI: dict[str, tuple[Environ, Trigger]] = {
    "a tag": (
        circleci(CIRCLE_TAG="v1.2.3"),
        of_circleci("push", "refs/tags/v1.2.3", "v1.2.3"),
    ),
    "a branch that is called like a tag": (
        circleci(CIRCLE_BRANCH="v1.2.3"),
        of_circleci("push", "refs/heads/v1.2.3"),
    ),
    "a pull request of a fork": (
        circleci(
            CIRCLE_BRANCH="pull/7",
            CIRCLE_PULL_REQUEST="https://github.com/org/demo/pull/7",
            CIRCLE_PR_NUMBER="7",
            CIRCLE_PR_USERNAME="stranger",
            CIRCLE_PR_REPONAME="demo",
        ),
        of_circleci("pull_request", "refs/heads/pull/7", fork=FORK),
    ),
    "a pull request of a fork, of which only the branch says so": (
        circleci(CIRCLE_BRANCH="pull/12", **BY_APP),
        of_circleci("pull_request", "refs/heads/pull/12", fork="a fork"),
    ),
    **{
        f"a branch that is called {branch}": (
            circleci(CIRCLE_BRANCH=branch),
            of_circleci("push", f"refs/heads/{branch}"),
        )
        for branch in ("pull/fix", "pull/", "pull/12/x", "my/pull/12", "pull/12\n")
    },
    "a tag that is called like the branch of a pull request": (
        circleci(CIRCLE_TAG="pull/12"),
        of_circleci("push", "refs/tags/pull/12", "pull/12"),
    ),
    "a branch of the own repository with a pull request": (
        circleci(
            CIRCLE_BRANCH="fix",
            CIRCLE_PULL_REQUEST="https://github.com/org/demo/pull/7",
        ),
        of_circleci("push", "refs/heads/fix"),
    ),
    "a tag of a project that has an address only": (
        circleci(CIRCLE_TAG="v1.2.3", **BY_APP),
        of_circleci("push", "refs/tags/v1.2.3", "v1.2.3"),
    ),
    "a tag of a project that has not even an address": (
        circleci(CIRCLE_TAG="v1.2.3", CIRCLE_REPOSITORY_URL="", **BY_APP),
        of_circleci("push", "refs/tags/v1.2.3", "v1.2.3", repository=""),
    ),
}


# --- Buildkite ------------------------------------------------------------------


def buildkite(source: str = "webhook", **said: str) -> dict[str, str]:
    """https://buildkite.com/docs/pipelines/configure/environment-variables"""
    return _without_empty(
        {
            "CI": "true",
            "BUILDKITE": "true",
            "BUILDKITE_SOURCE": source,
            "BUILDKITE_BRANCH": "main",
            "BUILDKITE_COMMIT": SHA,
            "BUILDKITE_REPO": "git@github.com:org/demo.git",
            "BUILDKITE_PULL_REQUEST": "false",
            **said,
        }
    )


BUILT_TAG = {"BUILDKITE_TAG": "v1.2.3", "BUILDKITE_BRANCH": "v1.2.3"}


def _buildkite_pull(repository: str) -> dict[str, str]:
    return {
        "BUILDKITE_BRANCH": "fix",
        "BUILDKITE_PULL_REQUEST": "7",
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main",
        "BUILDKITE_PULL_REQUEST_REPO": repository,
    }


def of_buildkite(event: str, ref: str, tag: str | None = None, **said: Any) -> Trigger:  # noqa: ANN401
    made = Trigger("Buildkite", event, ref, tag, SHA, "BUILDKITE_COMMIT", REPOSITORY)
    return replace(made, **said)


BUILDKITE: dict[str, tuple[Environ, Trigger]] = {
    "a tag, whose branch is called like it": (
        buildkite(**BUILT_TAG),
        of_buildkite("push", "refs/tags/v1.2.3", "v1.2.3"),
    ),
    "a branch": (buildkite(), of_buildkite("push", "refs/heads/main")),
    "a branch that is called like a tag": (
        buildkite(BUILDKITE_BRANCH="v1.2.3"),
        of_buildkite("push", "refs/heads/v1.2.3"),
    ),
    "a start by hand": (
        buildkite("ui"),
        of_buildkite("workflow_dispatch", "refs/heads/main"),
    ),
    "a start by hand of whatever the branch is at": (
        buildkite("ui", BUILDKITE_COMMIT="HEAD"),
        of_buildkite("workflow_dispatch", "refs/heads/main", commit="", commit_from=""),
    ),
    "a start by the API, on a tag": (
        buildkite("api", **BUILT_TAG),
        of_buildkite("workflow_dispatch", "refs/tags/v1.2.3", "v1.2.3"),
    ),
    "a schedule": (
        buildkite("schedule"),
        of_buildkite("schedule", "refs/heads/main"),
    ),
    "a start by another pipeline": (
        buildkite("trigger_job"),
        of_buildkite("trigger_job", "refs/heads/main"),
    ),
    "a pull request": (
        buildkite(**_buildkite_pull("git://github.com/org/demo.git")),
        of_buildkite("pull_request", "refs/heads/fix"),
    ),
    "a pull request of a fork": (
        buildkite(**_buildkite_pull("git://github.com/stranger/demo.git")),
        of_buildkite("pull_request", "refs/heads/fix", fork=FORK),
    ),
    "a pull request of a fork, started by hand": (
        buildkite("ui", **_buildkite_pull("https://github.com/stranger/demo")),
        of_buildkite("pull_request", "refs/heads/fix", fork=FORK),
    ),
    "an address without a host": (
        buildkite(BUILDKITE_REPO="demo"),
        of_buildkite("push", "refs/heads/main", repository=""),
    ),
    "an address with a port and a slash at its end": (
        buildkite(BUILDKITE_REPO="ssh://git@forge.example:22/org/demo.git/"),
        of_buildkite("push", "refs/heads/main"),
    ),
}

#: Addresses that git clones from, and the repository of each.
ADDRESSES = {
    "git@forge.example:org/demo.git": "org/demo",
    "git@forge.example:group/sub/demo.git": "group/sub/demo",
    "git@forge.example:/org/demo.git": "org/demo",
    "forge.example:org/demo": "org/demo",
    "https://forge.example/org/demo": "org/demo",
    "https://forge.example/group/sub/part/demo.git": "group/sub/part/demo",
    "https://forge.example:8443/org/demo.git/": "org/demo",
    "ssh://git@forge.example:22/group/sub/demo.git": "group/sub/demo",
    "git://forge.example/org/demo.git": "org/demo",
    "https://me:hunter2@forge.example/org/demo.git": "org/demo",
    "https://hunter2@forge.example/org/demo": "org/demo",
    "https://me:hunter2/x@forge.example/org/demo.git": "org/demo",
    "https://me:hunter2@x@forge.example/org/demo.git": "org/demo",
    "me:hunter2@forge.example:org/demo.git": "org/demo",
    "me:hunter2/x@forge.example:org/demo.git": "org/demo",
    "https://me:hunter2/x@forge.example": "",
    "https://forge.example": "",
    "hunter2": "",
    "/srv/hunter2/demo.git": "",
    f"https://forge.example/{'a' * 3000}": "a" * (2000 - len("https://forge.example/")),
    "": "",
}


@pytest.mark.parametrize(("address", "said"), ADDRESSES.items())
def test_of_an_address_the_whole_path_is_the_repository_and_no_password(
    address: str, said: str
) -> None:
    for environ in (
        buildkite(BUILDKITE_REPO=address),
        circleci(CIRCLE_REPOSITORY_URL=address, **BY_APP),
    ):
        found = read_trigger(environ)
        assert found is not None
        assert found.repository == said
        assert "hunter2" not in repr(found)


SYSTEMS = {
    f"{system}: {name}": row
    for system, rows in {
        "GitLab": GITLAB,
        "Azure Pipelines": AZURE,
        "CircleCI": CIRCLECI,
        "Buildkite": BUILDKITE,
    }.items()
    for name, row in rows.items()
}


@pytest.mark.parametrize(("environ", "said"), SYSTEMS.values(), ids=SYSTEMS)
def test_each_system_is_told_in_one_type(environ: Environ, said: Trigger) -> None:
    assert in_ci(environ)
    assert read_trigger(environ) == said


def test_github_is_told_by_its_payload(tmp_path: Path) -> None:
    event = payloads.push("refs/tags/v1.2.3", SHA)
    place = "GITHUB_SHA"
    said = ("push", "refs/tags/v1.2.3", "v1.2.3", SHA, place, payloads.REPOSITORY)
    environ = event.environ(tmp_path / "event.json")
    assert read_trigger(environ) == Trigger("GitHub", *said)
    # A runner of another system that it denies says nothing.
    for denied in ("", "false", "0"):
        more = {**gitlab(), **environ, "GITLAB_CI": denied}
        assert read_trigger(more) == Trigger("GitHub", *said)


#: Each system's mark, and a run of it.
_MARKS: dict[str, dict[str, str]] = {
    "GITLAB_CI": gitlab(**TAGGED),
    "TF_BUILD": azure("IndividualCI", "refs/tags/v1.2.3"),
    "CIRCLECI": circleci(CIRCLE_TAG="v1.2.3"),
    "BUILDKITE": buildkite(**BUILT_TAG),
    "GITHUB_ACTIONS": {"GITHUB_ACTIONS": "true"},
    "GITHUB_EVENT_NAME": {"GITHUB_EVENT_NAME": "push"},
}
_TWO = [
    (one, other)
    for one, other in permutations(_MARKS, 2)
    if {one, other} != {"GITHUB_ACTIONS", "GITHUB_EVENT_NAME"}
]


@pytest.mark.parametrize(("mark", "other"), _TWO)
def test_two_systems_that_speak_at_once_are_an_error(
    mark: str, other: str, tmp_path: Path
) -> None:
    """Whoever starts a run may set variables: another system's would outrank it."""
    environ = {**_MARKS[mark], other: "true"}
    if "GITHUB" in f"{mark} {other}":
        event = payloads.push("refs/tags/v1.2.3", SHA)
        environ = event.environ(tmp_path / "event.json") | environ
    with pytest.raises(EventError, match="two CI systems speak at once") as raised:
        read_trigger(environ)
    assert mark in raised.value.message
    assert other in raised.value.message
    assert read_trigger(_MARKS["GITLAB_CI"]), "the control: one alone is read"


@pytest.mark.parametrize("value", ["true", "True", "TRUE", "1"])
def test_github_is_known_by_either_variable(value: str, tmp_path: Path) -> None:
    event = payloads.push("refs/tags/v1.2.3", SHA)
    environ = event.environ(tmp_path / "event.json", CI="", GITHUB_ACTIONS=value)
    assert in_ci(environ)
    found = read_trigger(environ)
    del environ["GITHUB_ACTIONS"]
    assert found == read_trigger(environ)
    assert found is not None
    assert found.tag == "v1.2.3"


# --- what cannot be -------------------------------------------------------------

NO_COMMITS = (
    "",
    SHA[:12],
    "v1.2.3",
    "refs/tags/v1.2.3",
    "A" * 40,
    f"{SHA}\n",
    "g" * 40,
)
CANNOT_BE: dict[str, tuple[Environ, str]] = {
    "GitLab: a tag and a branch": (
        gitlab(**ON_MAIN, CI_COMMIT_TAG="v1.2.3"),
        "CI_COMMIT_TAG and CI_COMMIT_BRANCH are both set",
    ),
    "GitLab: no source": (gitlab("", **TAGGED), "CI_PIPELINE_SOURCE is not set"),
    "GitLab: a tag that the ref is not": (
        gitlab(CI_COMMIT_TAG="v6.6.6", CI_COMMIT_REF_NAME="main"),
        "CI_COMMIT_TAG is 'v6.6.6', CI_COMMIT_REF_NAME is 'main'",
    ),
    "GitLab: a tag of which the ref is another": (
        gitlab(CI_COMMIT_TAG="v6.6.6", CI_COMMIT_REF_NAME="v1.2.3"),
        "CI_COMMIT_TAG is 'v6.6.6', CI_COMMIT_REF_NAME is 'v1.2.3'",
    ),
    "GitLab: a tag, and no ref": (
        gitlab(CI_COMMIT_TAG="v6.6.6"),
        "CI_COMMIT_TAG is 'v6.6.6', CI_COMMIT_REF_NAME is ''",
    ),
    "GitLab: a tag in a merge request": (
        gitlab(
            "merge_request_event", **_merge_request(REPOSITORY), CI_COMMIT_TAG="v6.6.6"
        ),
        "CI_COMMIT_TAG is 'v6.6.6', CI_COMMIT_REF_NAME is 'fix'",
    ),
    "Buildkite: a tag that the branch is not": (
        buildkite(BUILDKITE_TAG="v6.6.6"),
        "BUILDKITE_TAG is 'v6.6.6', BUILDKITE_BRANCH is 'main'",
    ),
    "Buildkite: a tag, and no branch": (
        buildkite(BUILDKITE_TAG="v6.6.6", BUILDKITE_BRANCH=""),
        "BUILDKITE_TAG is 'v6.6.6', BUILDKITE_BRANCH is ''",
    ),
    "Azure Pipelines: no reason": (
        azure("", "refs/tags/v1.2.3"),
        "BUILD_REASON is not set",
    ),
    "CircleCI: a tag and a branch": (
        circleci(CIRCLE_TAG="v1.2.3", CIRCLE_BRANCH="main"),
        "CIRCLE_TAG and CIRCLE_BRANCH are both set",
    ),
    "Buildkite: no source": (buildkite("", **BUILT_TAG), "BUILDKITE_SOURCE is not set"),
    **{
        f"{place}: {value!a:.20} for a commit": (
            {**environ, place: value},
            f"{place} is {value!r}, which is no commit",
        )
        for place, environ in {
            "CI_COMMIT_SHA": gitlab(**TAGGED),
            "BUILD_SOURCEVERSION": azure("IndividualCI", "refs/tags/v1.2.3"),
            "CIRCLE_SHA1": circleci(CIRCLE_TAG="v1.2.3"),
            "BUILDKITE_COMMIT": buildkite(**BUILT_TAG),
        }.items()
        for value in NO_COMMITS
    },
}


@pytest.mark.parametrize(("environ", "words"), CANNOT_BE.values(), ids=list(CANNOT_BE))
def test_what_a_system_says_in_two_ways_or_not_at_all_is_an_error(
    environ: Environ, words: str
) -> None:
    with pytest.raises(EventError) as raised:
        read_trigger(environ)
    assert words in raised.value.message


def test_a_commit_by_sha256_is_a_commit() -> None:
    found = read_trigger(gitlab(**TAGGED, CI_COMMIT_SHA="1" * 64))
    assert found is not None
    assert found.commit == "1" * 64


# --- elsewhere ------------------------------------------------------------------

NO_CI: list[dict[str, str]] = [
    {},
    {"CI": ""},
    {"CI": "false"},
    {"CI": "False"},
    {"CI": "0"},
    {"GITHUB_ACTIONS": "false"},
    {"GITHUB_ACTIONS": ""},
    {"GITHUB_REF": "refs/tags/v1.2.3"},
    {"CI_COMMIT_TAG": "v1.2.3"},
    {"GITLAB_CI": "false", "CI_COMMIT_TAG": "v1.2.3"},
]
OTHER_CI: list[dict[str, str]] = [
    {"JENKINS_URL": "https://ci.example/"},
    {"TEAMCITY_VERSION": "2026.1"},
    {"CODEBUILD_BUILD_ID": "demo:1"},
    {"GITHUB_RUN_ID": "1"},
    {"bamboo_buildKey": "DEMO-1"},
    {"GO_PIPELINE_NAME": "demo"},
    {"ZUUL_UUID": "1f2e"},
    {"CI": "true"},
    {"CI": "1"},
    {"CI": "True"},
    {"CI": "woodpecker"},
    {"CI": "true", "TRAVIS": "true", "TRAVIS_TAG": "v1.2.3"},
    {"CI": "true", "GITHUB_ACTIONS": "false", "GITHUB_REF": "refs/tags/v1.2.3"},
    {"CI": "true", "GITLAB_CI": "false", "CI_COMMIT_TAG": "v1.2.3"},
]


@pytest.mark.parametrize("environ", NO_CI, ids=str)
def test_without_ci_nothing_started_the_run(environ: Environ) -> None:
    assert not in_ci(environ)
    assert read_trigger(environ) is None


@pytest.mark.parametrize("environ", OTHER_CI, ids=str)
def test_a_system_that_is_not_known_is_ci_and_says_nothing(environ: Environ) -> None:
    assert in_ci(environ)
    assert read_trigger(environ) is None


@pytest.mark.parametrize(
    "environ", [*NO_CI, *OTHER_CI, gitlab(**TAGGED), circleci()], ids=str
)
def test_a_payload_of_no_event_is_an_error(environ: Environ, tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text('{"ref": "refs/tags/v1.2.3"}')
    with pytest.raises(EventError, match="GITHUB_EVENT_NAME does not say"):
        read_trigger(environ, event=str(path))


@pytest.mark.parametrize(
    "environ", [{"GITHUB_ACTIONS": "true"}, {"GITHUB_EVENT_NAME": "push"}], ids=str
)
def test_github_without_its_variables_is_an_error(environ: Environ) -> None:
    with pytest.raises(EventError, match="is not set"):
        read_trigger(environ)


_VARIABLES = sorted({name for row in SYSTEMS.values() for name in row[0]})
_VALUES = st.text(max_size=12) | st.sampled_from(
    [
        *("true", "false", "push", "v1.2.3", "refs/tags/v1.2.3", "refs/heads/main"),
        *(SHA, "HEAD", REPOSITORY, "git@github.com:org/demo.git", "/", "7"),
    ]
)
_SAYS_TAG = ("CI_COMMIT_TAG", "CIRCLE_TAG", "BUILDKITE_TAG")


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([row[0] for row in SYSTEMS.values()]),
    st.dictionaries(st.sampled_from(_VARIABLES), _VALUES, max_size=4),
)
def test_no_value_raises_anything_else_or_gives_a_tag_that_nobody_names(
    environ: Environ, said: Environ
) -> None:
    given_ = {**environ, **said}
    try:
        found = read_trigger(given_)
    except EventError:
        return
    if found is not None and found.tag is not None:
        named = {given_.get(name) for name in _SAYS_TAG}
        ref = given_.get("BUILD_SOURCEBRANCH", "")
        assert found.tag
        assert found.tag in named or ref == f"refs/tags/{found.tag}"


# --- this run ---------------------------------------------------------------------

_REF = "org/demo/.github/workflows/release.yml@refs/tags/v1.0"
_ON_GITHUB = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "org/demo",
    "GITHUB_REPOSITORY_ID": "4711",
    "GITHUB_WORKFLOW_REF": _REF,
    "GITHUB_SHA": COMMIT,
}
_ON_GITLAB = {"CI_SERVER_URL": "https://gitlab.com", "CI_PROJECT_ID": "4711"}
RUNS: dict[str, tuple[str, dict[str, str], tuple[str, str, str]]] = {
    "GitHub": ("GitHub", {}, ("GitHub", ".github/workflows/release.yml", "4711")),
    "GitHub, names in another case": (
        "GitHub",
        {"GITHUB_WORKFLOW_REF": _REF.replace("org", "Org")},
        ("GitHub", ".github/workflows/release.yml", "4711"),
    ),
    "a workflow of another repository": (
        "GitHub",
        {"GITHUB_WORKFLOW_REF": _REF.replace("demo", "rules")},
        ("GitHub", "", "4711"),
    ),
    "a workflow that nobody names": (
        "GitHub",
        {"GITHUB_WORKFLOW_REF": ""},
        ("GitHub", "", "4711"),
    ),
    "a GitHub of one's own": (
        "GitHub",
        {"GITHUB_SERVER_URL": "https://github.example"},
        ("", "", ""),
    ),
    "GitLab": ("GitLab", _ON_GITLAB, ("GitLab", ".gitlab-ci.yml", "4711")),
    "GitLab, another file": (
        "GitLab",
        {**_ON_GITLAB, "CI_CONFIG_PATH": "ci/publish.yml"},
        ("GitLab", "ci/publish.yml", "4711"),
    ),
    "GitLab, a file of another project": (
        "GitLab",
        {**_ON_GITLAB, "CI_CONFIG_PATH": "ci.yml@group/rules"},
        ("GitLab", "", "4711"),
    ),
    "GitLab, a file elsewhere": (
        "GitLab",
        {**_ON_GITLAB, "CI_CONFIG_PATH": "https://ci.example/ci.yml"},
        ("GitLab", "", "4711"),
    ),
    "a GitLab of one's own": (
        "GitLab",
        {"CI_SERVER_URL": "https://gitlab.example"},
        ("", "", ""),
    ),
    "CircleCI": ("CircleCI", {}, ("", "", "")),
}


@pytest.mark.parametrize(("system", "changed", "said"), RUNS.values(), ids=RUNS.keys())
def test_a_run_would_sign_as_its_workflow(
    system: str, changed: dict[str, str], said: tuple[str, str, str]
) -> None:
    run = this_run(
        trigger(system=system, ref="refs/tags/v1.0"), {**_ON_GITHUB, **changed}
    )

    assert (run.forge, run.workflow, run.repository_id) == said
    assert (run.repository, run.commit) == ("org/demo", COMMIT)


def test_no_run_would_sign_as_nobody() -> None:
    assert this_run(None, _ON_GITHUB) == Signer()
