"""GitHub's events: the full ref counts, and what contradicts itself is an error."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import payloads
import pytest
from archives import within
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads import FORK, REPOSITORY, ZEROS, Event

from release_guard.errors import EventError
from release_guard.facts import Trigger
from release_guard.sources.github_event import read_github_event

SHA = "1" * 40
#: The head of a ``workflow_run``, and an annotated tag's object: not GITHUB_SHA.
HEAD = "2" * 40
OBJECT = "3" * 40
TAG = "refs/tags/v1.2.3"
MAIN = "refs/heads/main"
RUN = "workflow_run.head_sha"
GONE = "a repository that is gone"


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "event.json"


def trigger(event: str, ref: str, tag: str | None = None, **said: Any) -> Trigger:  # noqa: ANN401
    """What started the run, in the own repository, of GITHUB_SHA."""
    made = Trigger("GitHub", event, ref, tag, SHA, "GITHUB_SHA", REPOSITORY)
    return replace(made, **said)


def after_run(**said: Any) -> Trigger:  # noqa: ANN401
    """A run that follows one of ``HEAD``, which was pushed."""
    made = trigger("workflow_run", MAIN, commit=HEAD, commit_from=RUN, upstream="push")
    return replace(made, **said)


def run_behind(head_branch: str = "main", **said: object) -> Event:
    return payloads.workflow_run(head_branch, HEAD, SHA, **said)


# --- what they say --------------------------------------------------------------

SAID: dict[str, tuple[Event, Trigger]] = {
    "a push of a tag": (payloads.push(TAG, SHA), trigger("push", TAG, "v1.2.3")),
    "a push of an annotated tag, whose object is after": (
        payloads.push(TAG, SHA, after=OBJECT),
        trigger("push", TAG, "v1.2.3"),
    ),
    "a push of a tag on a branch that it names": (
        payloads.push(TAG, SHA, base_ref=MAIN),
        trigger("push", TAG, "v1.2.3"),
    ),
    "a push of a tag whose commit the payload does not tell": (
        payloads.push(TAG, SHA, head_commit=None),
        trigger("push", TAG, "v1.2.3"),
    ),
    "a push of a tag with slashes": (
        payloads.push("refs/tags/packages/demo/v1.2", SHA),
        trigger("push", "refs/tags/packages/demo/v1.2", "packages/demo/v1.2"),
    ),
    "a push of a tag that is called like a branch": (
        payloads.push("refs/tags/refs/heads/main", SHA),
        trigger("push", "refs/tags/refs/heads/main", "refs/heads/main"),
    ),
    "a push that moves a tag by force": (
        payloads.push(TAG, SHA, before=OBJECT, created=False, forced=True),
        trigger("push", TAG, "v1.2.3"),
    ),
    "a push of a branch": (
        payloads.push(MAIN, SHA, before=HEAD, created=False),
        trigger("push", MAIN),
    ),
    "a push of a branch that is called like a tag": (
        payloads.push("refs/heads/v1.2.3", SHA),
        trigger("push", "refs/heads/v1.2.3"),
    ),
    "a push of a branch that is called like a tag's ref": (
        payloads.push("refs/heads/refs/tags/v1.2.3", SHA),
        trigger("push", "refs/heads/refs/tags/v1.2.3"),
    ),
    "a push of a ref that only begins like a tag's": (
        payloads.push("refs/tagsv1.2.3", SHA),
        trigger("push", "refs/tagsv1.2.3"),
    ),
    "a push of a tag without a name": (
        payloads.push("refs/tags/", SHA),
        trigger("push", "refs/tags/"),
    ),
    "a push that deletes a tag": (
        payloads.push(TAG, SHA, after=ZEROS, deleted=True, head_commit=None),
        trigger("push", TAG, "v1.2.3", deleted=True),
    ),
    "a push that ends in zeros, by SHA-256": (
        payloads.push(TAG, SHA, after="0" * 64),
        trigger("push", TAG, "v1.2.3", deleted=True),
    ),
    "a release that is published": (
        payloads.release("v1.2.3", SHA),
        trigger("release", TAG, "v1.2.3", prerelease=False),
    ),
    "a release that is out": (
        payloads.release("v1.2.3", SHA, "released"),
        trigger("release", TAG, "v1.2.3", prerelease=False),
    ),
    "a release of a branch, whose tag is made with it": (
        payloads.release("v1.2.3", SHA, target_commitish="stable/1.x"),
        trigger("release", TAG, "v1.2.3", prerelease=False),
    ),
    "a pre-release": (
        payloads.release("v1.2.3rc1", SHA, "prereleased", prerelease=True),
        trigger("release", "refs/tags/v1.2.3rc1", "v1.2.3rc1", prerelease=True),
    ),
    "a release that is made": (
        payloads.release("v1.2.3", SHA, "created"),
        trigger("release", TAG, "v1.2.3", prerelease=False),
    ),
    "a draft that is made": (
        payloads.release("v1.2.3", SHA, "created", draft=True),
        trigger("release", TAG, "v1.2.3", prerelease=False, unfit="it is a draft"),
    ),
    "a release that is made, and does not say that it is no draft": (
        payloads.release("v1.2.3", SHA, "created", draft=None),
        trigger("release", TAG, "v1.2.3", prerelease=False, unfit="it is a draft"),
    ),
    "a release that is unpublished": (
        payloads.release("v1.2.3", SHA, "unpublished"),
        trigger(
            *("release", TAG, "v1.2.3"),
            prerelease=False,
            unfit="its action is 'unpublished'",
        ),
    ),
    "a release that is edited": (
        payloads.release("v1.2.3", SHA, "edited").says(changes={"body": {"from": ""}}),
        trigger(
            *("release", TAG, "v1.2.3"),
            prerelease=False,
            unfit="its action is 'edited'",
        ),
    ),
    "a release that is deleted": (
        payloads.release("v1.2.3", SHA, "deleted"),
        trigger(
            *("release", TAG, "v1.2.3"),
            prerelease=False,
            unfit="its action is 'deleted'",
        ),
    ),
    "a draft": (
        payloads.release("v1.2.3", SHA, draft=True),
        trigger("release", TAG, "v1.2.3", prerelease=False, unfit="it is a draft"),
    ),
    "a release that does not say that it is no draft": (
        payloads.release("v1.2.3", SHA, draft=None),
        trigger("release", TAG, "v1.2.3", prerelease=False, unfit="it is a draft"),
    ),
    "a start by hand on a tag": (
        payloads.by_hand(TAG, SHA),
        trigger("workflow_dispatch", TAG, "v1.2.3"),
    ),
    "a start by hand on a branch": (
        payloads.by_hand(MAIN, SHA),
        trigger("workflow_dispatch", MAIN),
    ),
    "a start by hand on a branch, with a tag as its input": (
        payloads.by_hand(MAIN, SHA, tag="v1.2.3", ref=TAG),
        trigger("workflow_dispatch", MAIN),
    ),
    "a start by hand on a branch that is called like a tag": (
        payloads.by_hand("refs/heads/v1.2.3", SHA),
        trigger("workflow_dispatch", "refs/heads/v1.2.3"),
    ),
    "a run behind a push of a branch": (run_behind(), after_run()),
    "a run behind a push of a tag, or of a branch of its name": (
        run_behind("v1.2.3"),
        after_run(),
    ),
    "a run behind a push of a tag, by its ref": (run_behind(TAG), after_run()),
    "a run behind a release": (
        run_behind("v1.2.3", event="release"),
        after_run(upstream="release"),
    ),
    "a run behind a pull request": (
        run_behind("fix", event="pull_request"),
        after_run(upstream="pull_request"),
    ),
    "a run behind a pull request of a fork": (
        run_behind("main", event="pull_request", head_repository=FORK),
        after_run(upstream="pull_request", fork=FORK),
    ),
    "a run behind a push in a fork": (
        run_behind("v1.2.3", head_repository=FORK),
        after_run(fork=FORK),
    ),
    "a run behind one of a repository that is gone": (
        run_behind(head_repository=None),
        after_run(fork=GONE),
    ),
    "a run behind one that failed": (
        run_behind(conclusion="failure"),
        after_run(unfit="it follows a run that ended with 'failure'"),
    ),
    "a run behind one that was cancelled": (
        run_behind(conclusion="cancelled"),
        after_run(unfit="it follows a run that ended with 'cancelled'"),
    ),
    "a run behind one that is only asked for": (
        run_behind(conclusion=None, status="queued"),
        after_run(unfit="it follows a run that ended with None"),
    ),
    "a request of the merge queue": (
        payloads.merge_group(SHA),
        trigger("merge_group", f"refs/heads/gh-readonly-queue/main/pr-7-{SHA}"),
    ),
    "a schedule": (payloads.schedule(SHA), trigger("schedule", MAIN)),
    "a request of another program, with a tag in it": (
        payloads.repository_dispatch(SHA, ref=TAG, tag="v1.2.3"),
        trigger("repository_dispatch", MAIN),
    ),
    "a tag that is made": (
        payloads.created("v1.2.3", SHA),
        trigger("create", TAG, "v1.2.3"),
    ),
    "a pull request": (
        payloads.pull_request(SHA),
        trigger("pull_request", "refs/pull/7/merge"),
    ),
    "a pull request of a branch that is called like a tag's ref": (
        payloads.pull_request(SHA, branch=TAG),
        trigger("pull_request", "refs/pull/7/merge"),
    ),
    "a pull request of a fork": (
        payloads.pull_request(SHA, head=FORK),
        trigger("pull_request", "refs/pull/7/merge", fork=FORK),
    ),
    "a pull request of a fork, with the secrets of the base": (
        payloads.pull_request(SHA, head=FORK, target=True),
        trigger("pull_request_target", MAIN, fork=FORK),
    ),
}


@pytest.mark.parametrize(("event", "said"), SAID.values(), ids=SAID)
def test_an_event_is_told_as_it_is(event: Event, said: Trigger, path: Path) -> None:
    assert read_github_event(event.environ(path)) == said


@pytest.mark.parametrize(("event", "said"), SAID.values(), ids=SAID)
def test_a_called_workflow_has_the_event_of_its_caller(
    event: Event, said: Trigger, path: Path
) -> None:
    called = {
        "GITHUB_WORKFLOW": "caller",
        "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/.github/workflows/caller.yml@{TAG}",
        "GITHUB_JOB": "call / publish",
        "INPUT_TAG": "v9.9",
    }
    assert read_github_event(event.environ(path, **called)) == said


def test_the_short_name_and_type_of_the_ref_do_not_count(path: Path) -> None:
    event = payloads.push("refs/heads/v1.2.3", SHA)
    said = event.environ(path, GITHUB_REF_NAME="v1.2.3", GITHUB_REF_TYPE="tag")
    assert read_github_event(said).tag is None


def test_another_payload_may_be_given(path: Path) -> None:
    other = path.with_name("other.json")
    payloads.push(TAG, SHA).environ(other)
    environ = payloads.push(TAG, SHA).environ(path) | {"GITHUB_EVENT_PATH": "nowhere"}
    assert read_github_event(environ, str(other)).tag == "v1.2.3"


def test_another_payload_is_held_to_the_variables_too(path: Path) -> None:
    other = path.with_name("other.json")
    payloads.push("refs/tags/v6.6.6", SHA).environ(other)
    with pytest.raises(EventError, match=r"names 'refs/tags/v6\.6\.6', GITHUB_REF"):
        read_github_event(payloads.push(TAG, SHA).environ(path), str(other))


def test_a_release_without_a_ref_of_the_runner_takes_the_payloads(path: Path) -> None:
    environ = payloads.release("v1.2.3", SHA).environ(path, GITHUB_REF="")
    assert read_github_event(environ) == trigger(
        "release", "", "v1.2.3", prerelease=False
    )


def test_an_action_of_any_length_is_told_in_short(path: Path) -> None:
    event = payloads.release("v1.2.3", SHA, "x" * 500)
    found = read_github_event(event.environ(path))
    assert found.unfit == f"its action is '{'x' * 39}"


def test_a_repository_that_nobody_names_is_empty(path: Path) -> None:
    event = payloads.push(TAG, SHA).says(repository=None)
    assert read_github_event(event.environ(path, GITHUB_REPOSITORY="")).repository == ""


# --- what cannot be -------------------------------------------------------------


def dropped(event: Event, *keys: str) -> Event:
    """The event without some keys of its payload."""
    kept = {key: value for key, value in event.payload.items() if key not in keys}
    return replace(event, payload=kept)


def _run(**said: object) -> Event:
    """A run that follows one of which the payload says only this."""
    return dropped(run_behind(), "workflow_run").says(workflow_run=said)


CANNOT_BE: dict[str, tuple[Event, Mapping[str, str], str]] = {
    "a push of another tag": (
        payloads.push(TAG, SHA).says(ref="refs/tags/v6.6.6"),
        {},
        "the event names 'refs/tags/v6.6.6', GITHUB_REF 'refs/tags/v1.2.3'",
    ),
    "a push of a branch of the tag's name": (
        payloads.push(TAG, SHA).says(ref="refs/heads/v1.2.3"),
        {},
        "the event names 'refs/heads/v1.2.3', GITHUB_REF",
    ),
    "a push that names its tag in short": (
        payloads.push(TAG, SHA).says(ref="v1.2.3"),
        {},
        "the event names 'v1.2.3', GITHUB_REF",
    ),
    "a push that names no ref": (
        dropped(payloads.push(TAG, SHA), "ref"),
        {},
        "the event names None, GITHUB_REF",
    ),
    "a push that names no ref, nor does the runner": (
        dropped(payloads.push(TAG, SHA), "ref"),
        {"GITHUB_REF": ""},
        "the event names None, GITHUB_REF ''",
    ),
    "a push of which the runner names no ref": (
        payloads.push(TAG, SHA),
        {"GITHUB_REF": ""},
        "GITHUB_REF ''",
    ),
    "a push that deletes a tag, where the runner is on the default branch": (
        payloads.push(TAG, SHA, after=ZEROS, deleted=True),
        {"GITHUB_REF": MAIN},
        "GITHUB_REF 'refs/heads/main'",
    ),
    "a push of another repository": (
        payloads.push(TAG, SHA).says(repository={"full_name": FORK}),
        {},
        "the event is of 'stranger/demo', GITHUB_REPOSITORY is 'org/demo'",
    ),
    "a push of a repository without a name": (
        payloads.push(TAG, SHA).says(repository={"id": 7}),
        {},
        "the event is of None, GITHUB_REPOSITORY",
    ),
    "a push of a repository that is no table": (
        payloads.push(TAG, SHA).says(repository=[REPOSITORY]),
        {},
        "the event is of ['org/demo'], GITHUB_REPOSITORY",
    ),
    "a push of a repository that the runner does not name": (
        payloads.push(TAG, SHA),
        {"GITHUB_REPOSITORY": ""},
        "GITHUB_REPOSITORY is ''",
    ),
    "a push of another commit than the runner's": (
        payloads.push(TAG, SHA).says(head_commit={"id": HEAD}),
        {},
        f"the event is of the commit '{HEAD}', not of {SHA}",
    ),
    "a push of a branch, run again at another commit": (
        payloads.push(MAIN, SHA),
        {"GITHUB_SHA": HEAD},
        f"the event is of the commit '{SHA}', not of {HEAD}",
    ),
    "a push of no commit": (
        payloads.push(TAG, SHA),
        {"GITHUB_SHA": ""},
        "GITHUB_SHA is '', which is no commit",
    ),
    "a push of half a commit": (
        payloads.push(TAG, SHA),
        {"GITHUB_SHA": SHA[:7]},
        "GITHUB_SHA is '1111111', which is no commit",
    ),
    "a push of a ref in place of a commit": (
        payloads.push(TAG, SHA),
        {"GITHUB_SHA": "v1.2.3"},
        "GITHUB_SHA is 'v1.2.3', which is no commit",
    ),
    "a release of another tag": (
        payloads.release("v6.6.6", SHA),
        {"GITHUB_REF": TAG},
        "the release event names the tag v6.6.6, GITHUB_REF refs/tags/v1.2.3",
    ),
    "a release on a branch": (
        payloads.release("v1.2.3", SHA),
        {"GITHUB_REF": MAIN},
        "the release event names the tag v1.2.3, GITHUB_REF refs/heads/main",
    ),
    "a release without a release": (
        dropped(payloads.release("v1.2.3", SHA), "release"),
        {},
        "the release event names no tag",
    ),
    "a start by hand on another ref": (
        payloads.by_hand(MAIN, SHA),
        {"GITHUB_REF": TAG},
        "the event names 'refs/heads/main', GITHUB_REF 'refs/tags/v1.2.3'",
    ),
    "a run behind none": (
        dropped(run_behind(), "workflow_run"),
        {},
        "the workflow_run event names no run",
    ),
    "a run behind one that nothing started": (
        _run(head_sha=HEAD, conclusion="success"),
        {},
        "does not say what started its run",
    ),
    "a run behind one that an empty event started": (
        _run(head_sha=HEAD, event=""),
        {},
        "does not say what started its run",
    ),
    "a run behind one of no commit": (
        _run(event="push", head_branch="v1.2.3"),
        {},
        "workflow_run.head_sha is None, which is no commit",
    ),
    "a run behind one of half a commit": (
        run_behind(head_sha="abc"),
        {},
        "workflow_run.head_sha is 'abc', which is no commit",
    ),
    "a run behind one of a ref in place of a commit": (
        run_behind(head_sha=TAG),
        {},
        "workflow_run.head_sha is 'refs/tags/v1.2.3', which is no commit",
    ),
}


@pytest.mark.parametrize(
    ("event", "said", "words"), CANNOT_BE.values(), ids=list(CANNOT_BE)
)
def test_an_event_that_contradicts_itself_is_an_error(
    event: Event, said: Mapping[str, str], words: str, path: Path
) -> None:
    with pytest.raises(EventError) as raised:
        read_github_event({**event.environ(path), **said})
    assert words in raised.value.message


#: Of each event, what decides, by its path in the payload.
DECIDES: dict[str, tuple[Event, tuple[str, ...]]] = {
    "a push": (
        payloads.push(TAG, SHA),
        ("ref", "after", "deleted", "repository", "repository.full_name"),
    ),
    "a release": (
        payloads.release("v1.2.3", SHA),
        ("action", "release", "release.tag_name", "release.draft", "repository"),
    ),
    "a start by hand": (payloads.by_hand(TAG, SHA), ("ref", "inputs", "repository")),
    "a run behind another": (
        run_behind(),
        tuple(
            f"workflow_run{key}"
            for key in (
                *("", ".event", ".conclusion", ".head_sha", ".head_branch"),
                *(".head_repository", ".head_repository.full_name"),
            )
        ),
    ),
    "a pull request": (
        payloads.pull_request(SHA),
        tuple(
            f"pull_request{key}"
            for key in (".head", ".head.repo", ".head.repo.full_name")
        ),
    ),
}
WRONG: tuple[object, ...] = (
    *(None, True, 0, 7.5, "", "x", "true", ZEROS[:-1], "refs/tags/v6.6.6"),
    *([], [TAG], ["x"], {}, {"full_name": None}, {"tag_name": ["v6.6.6"]}),
)


@pytest.mark.parametrize(
    ("event", "place"),
    [
        pytest.param(event, place, id=f"{name}: {place}")
        for name, (event, places) in DECIDES.items()
        for place in places
    ],
)
def test_what_is_wrong_in_a_payload_makes_no_better_event(
    event: Event, place: str, path: Path
) -> None:
    """It is an error, or says nothing else than the sound one, or is refused by itself:
    as a fork's, as unfit, as the end of a ref, as behind an event that is none.
    """
    sound = read_github_event(event.environ(path))
    for value in WRONG:
        wrong = replace(event, payload=payloads.changed(event.payload, place, value))
        environ = wrong.environ(path)
        try:
            found = read_github_event(environ)
        except EventError:
            continue
        is_other = found.upstream != sound.upstream
        is_refused = found.unfit or found.fork or found.deleted or is_other
        assert found == sound or is_refused, value


# --- what cannot be read --------------------------------------------------------

CONTENTS: dict[str, bytes] = {
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


@pytest.mark.parametrize("content", CONTENTS.values(), ids=list(CONTENTS))
@pytest.mark.parametrize("name", ["push", "release", "workflow_run", "schedule"])
def test_a_payload_that_cannot_be_read_is_an_error(
    name: str, content: bytes, path: Path
) -> None:
    environ = Event(name, TAG, SHA, {}).environ(path)
    path.write_bytes(content)
    with within(10), pytest.raises(EventError) as raised:
        read_github_event(environ)
    assert str(path) in raised.value.message


def test_a_payload_that_is_larger_than_githubs_are_is_an_error(path: Path) -> None:
    environ = payloads.push(TAG, SHA).environ(path)
    content = path.read_bytes()
    path.write_bytes(content.ljust(25 << 20))
    assert read_github_event(environ).tag == "v1.2.3"
    path.write_bytes(content.ljust((25 << 20) + 1))
    with pytest.raises(EventError, match=f"larger than {25 << 20} bytes"):
        read_github_event(environ)


@pytest.mark.parametrize(
    "place", ["nowhere.json", ".", "a\0b", "x" * 5000, "event.json/x"], ids=ascii
)
def test_a_payload_that_is_not_there_is_an_error(place: str, path: Path) -> None:
    environ = payloads.push(TAG, SHA).environ(path)
    environ["GITHUB_EVENT_PATH"] = str(path.parent / place)
    with pytest.raises(EventError):
        read_github_event(environ)


def test_a_pipe_in_place_of_a_payload_is_an_error(path: Path) -> None:
    environ = payloads.push(TAG, SHA).environ(path)
    path.unlink()
    os.mkfifo(path)
    with within(10), pytest.raises(EventError, match="no regular file"):
        read_github_event(environ)


@pytest.mark.parametrize("name", ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH"])
def test_a_variable_that_is_not_set_is_an_error(name: str, path: Path) -> None:
    environ = payloads.push(TAG, SHA).environ(path, **{name: ""})
    with pytest.raises(EventError, match=name):
        read_github_event(environ)


_KEYS = st.sampled_from(
    [
        *("ref", "after", "deleted", "repository", "full_name", "release", "action"),
        *("tag_name", "draft", "prerelease", "workflow_run", "event", "head_sha"),
        *("head_branch", "head_repository", "conclusion", "pull_request", "head"),
    ]
)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([TAG, MAIN, "v1.2.3", SHA, HEAD, ZEROS, REPOSITORY, "push"])
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_KEYS | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=12,
)
_NAMES = st.sampled_from(
    ["push", "release", "workflow_run", "workflow_dispatch", "pull_request", "x"]
)


@settings(deadline=None, max_examples=150)
@given(_NAMES, st.dictionaries(_KEYS, _JSON, max_size=6), _LEAVES)
def test_no_payload_raises_anything_else_or_gives_a_tag_by_a_short_name(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    payload: dict[str, object],
    ref: object,
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    environ = Event(name, MAIN, SHA, payload).environ(path)
    environ["GITHUB_REF"] = ref if isinstance(ref, str) else json.dumps(ref)
    try:
        found = read_github_event(environ)
    except EventError:
        return
    is_named = environ["GITHUB_REF"].startswith("refs/tags/")
    assert found.tag is None or is_named or name == "release"
    assert len(found.commit) == 40
