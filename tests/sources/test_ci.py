"""What the CI system says: the full ref counts, and what is unclear is an error."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from archives import within

from release_guard.errors import EventError
from release_guard.facts import Ref
from release_guard.sources.ci import in_ci, read_ref

SHA = "1" * 40
HEAD = "2" * 40
OBJECT = "3" * 40
ZEROS = "0" * 40
REPOSITORY = "acme/demo"


@dataclass(frozen=True)
class Event:
    """An event of GitHub: its name, GITHUB_REF, and its payload."""

    name: str
    ref: str
    payload: Mapping[str, Any] = field(default_factory=dict)

    def environ(self, folder: Path, **changed: str) -> dict[str, str]:
        """The variables that the runner sets; an empty one is taken out."""
        path = folder / "event.json"
        path.write_text(json.dumps(self.payload), encoding="utf-8")
        environ = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": self.name,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REF": self.ref,
            "GITHUB_REF_NAME": self.ref.split("/", 2)[-1],
            "GITHUB_REF_TYPE": "tag" if self.ref.startswith("refs/tags/") else "branch",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": SHA,
            **changed,
        }
        return {name: value for name, value in environ.items() if value}


def push(ref: str, **payload: object) -> Event:
    said = {"ref": ref, "before": ZEROS, "after": SHA, "created": True, **payload}
    return Event("push", ref, {**said, "deleted": False, "forced": False})


def release(tag: str, action: str = "published", **said: object) -> Event:
    payload = {"tag_name": tag, "target_commitish": "main", "draft": False, **said}
    return Event("release", f"refs/tags/{tag}", {"action": action, "release": payload})


def dispatch(ref: str) -> Event:
    payload = {"inputs": {"tag": "v9.9"}, "ref": ref, "workflow": "publish.yml"}
    return Event("workflow_dispatch", ref, payload)


def workflow_run(head_branch: str, head_sha: object = HEAD) -> Event:
    run = {"id": 1, "name": "build", "event": "push", "conclusion": "success"}
    said = {**run, "head_branch": head_branch, "head_sha": head_sha}
    payload = {"action": "completed", "workflow_run": said}
    return Event("workflow_run", "refs/heads/main", payload)


SCHEDULE = Event("schedule", "refs/heads/main", {"schedule": "0 0 * * *"})
PULL_REQUEST = Event(
    "pull_request",
    "refs/pull/7/merge",
    {"action": "opened", "number": 7, "pull_request": {"head": {"ref": "v1.2.3"}}},
)
TARGET = Event("pull_request_target", "refs/heads/main", {"number": 7})
CREATE = Event("create", "refs/tags/v1.2.3", {"ref": "v1.2.3", "ref_type": "tag"})

EVENTS = {
    "a push of a tag": (push("refs/tags/v1.2.3"), "v1.2.3", SHA),
    "a push of an annotated tag": (
        push("refs/tags/v1.2.3", after=OBJECT),
        "v1.2.3",
        SHA,
    ),
    "a push of a tag with a slash": (push("refs/tags/demo/v1.2"), "demo/v1.2", SHA),
    "a push of a tag that is called like a branch": (
        push("refs/tags/refs/heads/main"),
        "refs/heads/main",
        SHA,
    ),
    "a push of a branch": (push("refs/heads/main"), None, SHA),
    "a push of a branch that is called like a tag": (
        push("refs/heads/v1.2.3"),
        None,
        SHA,
    ),
    "a push of a branch that is called like a ref": (
        push("refs/heads/refs/tags/v1.2.3"),
        None,
        SHA,
    ),
    "a release": (release("v1.2.3"), "v1.2.3", SHA),
    "a release of a branch": (
        release("v1.2.3", target_commitish="stable/1.x"),
        "v1.2.3",
        SHA,
    ),
    "a pre-release": (release("v1.2.3rc1", "prereleased"), "v1.2.3rc1", SHA),
    "a dispatch on a tag": (dispatch("refs/tags/v1.2.3"), "v1.2.3", SHA),
    "a dispatch on a branch": (dispatch("refs/heads/main"), None, SHA),
    "a dispatch on a branch that is called like a tag": (
        dispatch("refs/heads/v1.2.3"),
        None,
        SHA,
    ),
    "a run behind another": (workflow_run("main"), None, HEAD),
    "a run behind another of a tag": (workflow_run("v1.2.3"), None, HEAD),
    "a schedule": (SCHEDULE, None, SHA),
    "a pull request": (PULL_REQUEST, None, SHA),
    "a pull request from outside": (TARGET, None, SHA),
    "a tag that was made": (CREATE, "v1.2.3", SHA),
}


@pytest.mark.parametrize(("event", "tag", "commit"), EVENTS.values(), ids=EVENTS.keys())
def test_the_tag_is_the_one_that_the_event_names_by_its_full_ref(
    event: Event, tag: str | None, commit: str, tmp_path: Path
) -> None:
    assert read_ref(event.environ(tmp_path)) == Ref(
        tag, commit, event.name, event.ref, REPOSITORY
    )


@pytest.mark.parametrize("event", [row[0] for row in EVENTS.values()], ids=EVENTS)
def test_the_users_word_outranks_the_event(event: Event, tmp_path: Path) -> None:
    found = read_ref(event.environ(tmp_path), tag="v9.9", commit="abc")
    assert found == Ref("v9.9", "abc", event.name, event.ref, REPOSITORY)


def test_a_payload_may_be_given(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"ref": "refs/tags/v2"}), encoding="utf-8")
    environ = push("refs/heads/main").environ(tmp_path, GITHUB_REF="refs/tags/v2")
    found = read_ref(environ, event=str(other))
    assert found is not None
    assert found.tag == "v2"


def test_a_repository_that_is_not_said_is_empty(tmp_path: Path) -> None:
    environ = push("refs/tags/v1").environ(tmp_path, GITHUB_REPOSITORY="")
    found = read_ref(environ)
    assert found is not None
    assert found.repository == ""


# --- what releases nothing -----------------------------------------------------


def after_run(**said: object) -> Event:
    """A run behind another, of which the payload says something else."""
    event = workflow_run("main")
    run = {**event.payload["workflow_run"], **said}
    return Event(event.name, event.ref, {**event.payload, "workflow_run": run})


UNFIT = {
    "a release": (release("v1"), ""),
    "a release that came out": (release("v1", "released"), ""),
    "a release that was made": (release("v1", "created"), "its action is 'created'"),
    "a release that was edited": (release("v1", "edited"), "its action is 'edited'"),
    "a release that is gone": (release("v1", "deleted"), "its action is 'deleted'"),
    "a release without an action": (
        Event("release", "refs/tags/v1", {"release": {"tag_name": "v1"}}),
        "its action is None",
    ),
    "a release with a long action": (
        release("v1", "x" * 500),
        f"its action is '{'x' * 39}",
    ),
    "a draft": (release("v1", draft=True), "it is a draft"),
    "a run behind a push": (after_run(), ""),
    "a run behind one that says no end": (after_run(conclusion=None), ""),
    "a run behind one that failed": (
        after_run(conclusion="failure"),
        "it follows a run that ended with 'failure'",
    ),
    "a run behind a pull request": (
        after_run(event="pull_request"),
        "it follows a run of 'pull_request'",
    ),
    "a run behind a pull request from outside": (
        after_run(event="pull_request_target"),
        "it follows a run of 'pull_request_target'",
    ),
    "a run behind a schedule": (
        after_run(event="schedule"),
        "it follows a run of 'schedule'",
    ),
    "a push": (push("refs/tags/v1"), ""),
}


@pytest.mark.parametrize(("event", "reason"), UNFIT.values(), ids=UNFIT.keys())
def test_an_event_says_why_it_releases_nothing(
    event: Event, reason: str, tmp_path: Path
) -> None:
    found = read_ref(event.environ(tmp_path))
    assert found is not None
    assert found.unfit == reason


FORKS = {
    "no word of it": (after_run(), ""),
    "this repository": (after_run(head_repository={"full_name": REPOSITORY}), ""),
    "another repository": (
        after_run(head_repository={"full_name": "evil/demo"}),
        "evil/demo",
    ),
    "a repository that is gone": (
        after_run(head_repository=None),
        "a repository that is gone",
    ),
    "a repository without a name": (
        after_run(head_repository={"id": 7}),
        "a repository that is gone",
    ),
    "a push": (push("refs/tags/v1", head_repository={"full_name": "evil/demo"}), ""),
}


@pytest.mark.parametrize(("event", "fork"), FORKS.values(), ids=FORKS.keys())
def test_a_run_of_another_repository_is_told(
    event: Event, fork: str, tmp_path: Path
) -> None:
    found = read_ref(event.environ(tmp_path))
    assert found is not None
    assert found.fork == fork


@pytest.mark.parametrize(
    "said", [{"after": ZEROS}, {"after": "0" * 64}], ids=["sha1", "sha256"]
)
def test_the_end_of_a_ref_is_told(said: dict[str, str], tmp_path: Path) -> None:
    found = read_ref(push("refs/tags/v1", **said).environ(tmp_path))
    assert found is not None
    assert found.deleted


# --- what cannot be ------------------------------------------------------------

TAG = "refs/tags/v1.2.3"
CONTRADICTIONS = {
    "a push of another tag": Event("push", TAG, {"ref": "refs/tags/v6.6.6"}),
    "a push of a branch of the tag's name": Event(
        "push", TAG, {"ref": "refs/heads/v1.2.3"}
    ),
    "a push that names its tag in short": Event("push", TAG, {"ref": "v1.2.3"}),
    "a push that names no ref": Event("push", TAG, {}),
    "a push whose ref is no text": Event("push", TAG, {"ref": [TAG]}),
    "a push whose ref is null": Event("push", "", {"ref": None}),
    "a push without a ref of the runner": Event("push", "", {"ref": TAG}),
    "a release of another tag": Event(
        "release", TAG, {"release": {"tag_name": "v6.6.6"}}
    ),
    "a release on a branch": Event(
        "release", "refs/heads/main", {"release": {"tag_name": "v1.2.3"}}
    ),
    "a release without a tag": Event("release", TAG, {"release": {}}),
    "a release of an empty tag": Event("release", TAG, {"release": {"tag_name": ""}}),
    "a release of a tag that is no text": Event(
        "release", TAG, {"release": {"tag_name": ["v1.2.3"]}}
    ),
    "a release that is null": Event("release", TAG, {"release": None}),
    "a release that is a list": Event("release", TAG, {"release": [1]}),
    "a release without a release": Event("release", TAG, {}),
    "a dispatch on another ref": Event(
        "workflow_dispatch", TAG, {"ref": "refs/heads/main"}
    ),
    "a run behind another without a commit": Event(
        "workflow_run", "refs/heads/main", {"workflow_run": {"head_branch": "v1"}}
    ),
    "a run behind another with a commit that is no text": Event(
        "workflow_run", "refs/heads/main", {"workflow_run": {"head_sha": 7}}
    ),
    "a run behind another with half a commit": Event(
        "workflow_run", "refs/heads/main", {"workflow_run": {"head_sha": "abc"}}
    ),
    "a run behind another with a ref for a commit": Event(
        "workflow_run", "refs/heads/main", {"workflow_run": {"head_sha": TAG}}
    ),
    "a run behind no other": Event("workflow_run", "refs/heads/main", {}),
}


@pytest.mark.parametrize("event", CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_an_event_that_contradicts_itself_is_an_error(
    event: Event, tmp_path: Path
) -> None:
    with pytest.raises(EventError) as raised:
        read_ref(event.environ(tmp_path))
    assert raised.value.message


def test_a_release_without_a_ref_of_the_runner_takes_the_payloads(
    tmp_path: Path,
) -> None:
    found = read_ref(release("v1.2.3").environ(tmp_path, GITHUB_REF=""))
    assert found is not None
    assert found.tag == "v1.2.3"


@pytest.mark.parametrize("name", ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH"])
def test_a_variable_that_is_not_set_is_an_error(name: str, tmp_path: Path) -> None:
    environ = push("refs/tags/v1").environ(tmp_path, **{name: ""})
    with pytest.raises(EventError, match=name):
        read_ref(environ)


PAYLOADS: dict[str, bytes] = {
    "empty": b"",
    "half": b'{"ref": "refs/tags/v1.2.3"',
    "text": b"refs/tags/v1.2.3",
    "a list": b'["refs/tags/v1.2.3"]',
    "a string": b'"refs/tags/v1.2.3"',
    "null": b"null",
    "not UTF-8": b'{"ref": "refs/tags/\xff"}',
    "two objects": b"{}{}",
    "nested too deep": b"[" * 200_000,
    "an object nested too deep": b'{"a":' * 200_000,
    "a number of 5,000 digits": b'{"a": ' + b"1" * 5000 + b"}",
    "a comment": b"{} // done",
}


@pytest.mark.parametrize("content", PAYLOADS.values(), ids=PAYLOADS.keys())
@pytest.mark.parametrize("name", ["push", "release", "schedule"])
def test_a_payload_that_cannot_be_read_is_an_error(
    name: str, content: bytes, tmp_path: Path
) -> None:
    environ = Event(name, TAG).environ(tmp_path)
    (tmp_path / "event.json").write_bytes(content)
    with within(10), pytest.raises(EventError) as raised:
        read_ref(environ)
    assert str(tmp_path / "event.json") in raised.value.message


def test_a_huge_payload_is_an_error(tmp_path: Path) -> None:
    environ = push(TAG).environ(tmp_path)
    os.truncate(tmp_path / "event.json", (64 << 20) + 1)
    with pytest.raises(EventError, match="larger than"):
        read_ref(environ)


@pytest.mark.parametrize(
    "path", ["nowhere.json", ".", "a\0b", "x" * 5000, "event.json/x"], ids=ascii
)
def test_a_payload_that_is_not_there_is_an_error(path: str, tmp_path: Path) -> None:
    environ = push(TAG).environ(tmp_path)
    environ["GITHUB_EVENT_PATH"] = str(tmp_path / path)
    with pytest.raises(EventError):
        read_ref(environ)


def test_a_tag_of_the_user_does_not_stand_in_for_the_event(tmp_path: Path) -> None:
    environ = push(TAG).environ(tmp_path)
    (tmp_path / "event.json").unlink()
    with pytest.raises(EventError):
        read_ref(environ, tag="v1.2.3", commit=SHA)


# --- elsewhere -----------------------------------------------------------------

NOT_CI: list[dict[str, str]] = [
    {},
    {"CI": ""},
    {"CI": "false"},
    {"CI": "False"},
    {"CI": "0"},
    {"GITHUB_ACTIONS": "false"},
    {"GITHUB_ACTIONS": ""},
    {"GITHUB_REF": TAG},
]
OTHER_CI: list[dict[str, str]] = [
    {"GITHUB_REF": TAG, "GITHUB_EVENT_NAME": "push"},
    {"GITLAB_CI": "true"},
    {"TF_BUILD": "True"},
    {"JENKINS_URL": "https://ci.example/"},
    {"CI": "true"},
    {"CI": "1"},
    {"CI": "True"},
    {"CI": "woodpecker"},
    {"CI": "true", "GITLAB_CI": "true", "CI_COMMIT_TAG": "v1.2.3"},
    {"CI": "true", "GITHUB_ACTIONS": "false", "GITHUB_REF": TAG},
]


@pytest.mark.parametrize("environ", NOT_CI, ids=str)
def test_without_ci_there_is_no_ref(environ: dict[str, str]) -> None:
    assert not in_ci(environ)
    assert read_ref(environ) is None


@pytest.mark.parametrize("environ", OTHER_CI, ids=str)
def test_another_ci_needs_to_be_told_the_tag(environ: dict[str, str]) -> None:
    assert in_ci(environ)
    with pytest.raises(EventError) as raised:
        read_ref(environ)
    assert "--tag" in raised.value.hint


@pytest.mark.parametrize("environ", [*NOT_CI, *OTHER_CI], ids=str)
def test_the_users_tag_is_enough_anywhere_else(environ: dict[str, str]) -> None:
    assert read_ref(environ, tag="v1.2.3") == Ref("v1.2.3")
    assert read_ref(environ, tag="v1.2.3", commit=SHA) == Ref("v1.2.3", SHA)


@pytest.mark.parametrize("environ", [*NOT_CI, *OTHER_CI], ids=str)
def test_a_payload_of_no_event_is_an_error(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "event.json").write_text('{"ref": "refs/tags/v1.2.3"}')
    with pytest.raises(EventError):
        read_ref(environ, tag="v1.2.3", event=str(tmp_path / "event.json"))


@pytest.mark.parametrize("value", ["true", "True", "TRUE"])
def test_github_is_a_ci(value: str, tmp_path: Path) -> None:
    environ = push(TAG).environ(tmp_path, CI="", GITHUB_ACTIONS=value)
    assert in_ci(environ)
    found = read_ref(environ)
    assert found is not None
    assert found.tag == "v1.2.3"
