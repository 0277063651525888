"""GitHub's event: the payload is the authority, the variables are compared with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from release_guard.errors import EventError
from release_guard.facts import Trigger, is_commit_id
from release_guard.sources.files import read_small

__all__ = ["read_github_event"]

_TAGS = "refs/tags/"
#: What makes a release public; to edit one does not. A release that is created and is
#: no draft is public too.
_RELEASES = ("published", "released", "prereleased", "created")
#: In bytes; GitHub sends no larger ones.
_LARGEST = 25 << 20
#: The runner puts the ref into the payload of these as well.
_SAYS_REF = ("push", "workflow_dispatch")


def read_github_event(environ: Mapping[str, str], event: str = "") -> Trigger:
    """What started this run; ``event`` is the path of another payload than the
    runner's. Raises ``EventError`` where anything is missing or contradicts itself.
    """
    name = environ.get("GITHUB_EVENT_NAME", "")
    path = event or environ.get("GITHUB_EVENT_PATH", "")
    if not name or not path:
        raise EventError("GITHUB_EVENT_NAME or GITHUB_EVENT_PATH is not set")
    payload = _payload(Path(path))
    ref = environ.get("GITHUB_REF", "")
    repository = environ.get("GITHUB_REPOSITORY", "")
    _refuse_foreign(payload, repository)
    run = _run_before(payload) if name == "workflow_run" else {}
    commit, commit_from = _commit(run, environ)
    if name == "push":
        _refuse_other_head(payload, commit)
    return Trigger(
        system="GitHub",
        event=name,
        ref=ref,
        tag=_named_tag(name, ref, payload),
        commit=commit,
        commit_from=commit_from,
        repository=repository,
        fork=_fork(payload, run, repository),
        deleted=_is_deleted(payload),
        unfit=_unfit(name, payload, run),
        upstream=run.get("event", ""),
        prerelease=_prerelease(name, payload),
    )


def _payload(path: Path) -> Mapping[str, Any]:
    content = read_small(path, EventError, largest=_LARGEST)
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise EventError(f"{path}: the event is no JSON: {error}") from None
    if not isinstance(payload, dict):
        raise EventError(f"{path}: the event is no JSON object")
    return payload


def _refuse_foreign(payload: Mapping[str, Any], repository: str) -> None:
    """A payload of another repository is of another event."""
    said = payload.get("repository")
    name = said.get("full_name") if isinstance(said, dict) else said
    if said is not None and name != repository:
        raise EventError(
            f"the event is of {name!r:.80}, GITHUB_REPOSITORY is {repository!r:.80}"
        )


def _run_before(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The run that a ``workflow_run`` follows."""
    run = payload.get("workflow_run")
    if not isinstance(run, dict):
        raise EventError("the workflow_run event names no run")
    if not isinstance(run.get("event"), str) or not run["event"]:
        raise EventError("the workflow_run event does not say what started its run")
    return run


def _commit(run: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[str, str]:
    """The built commit. Of a ``workflow_run`` GITHUB_SHA is another one: the head of
    the default branch.
    """
    place = "workflow_run.head_sha" if run else "GITHUB_SHA"
    commit = run.get("head_sha") if run else environ.get("GITHUB_SHA", "")
    if not isinstance(commit, str) or not is_commit_id(commit):
        raise EventError(f"{place} is {commit!r:.80}, which is no commit")
    return commit, place


def _refuse_other_head(payload: Mapping[str, Any], commit: str) -> None:
    """The head of a push is the commit that its run builds. ``after`` is not compared:
    of an annotated tag it is the tag object.
    """
    head = payload.get("head_commit")
    said = head.get("id") if isinstance(head, dict) else None
    if isinstance(said, str) and said != commit:
        raise EventError(f"the event is of the commit {said!r:.80}, not of {commit}")


def _named_tag(name: str, ref: str, payload: Mapping[str, Any]) -> str | None:
    """The tag that the event names by its full ref, None where it names none.

    Never from a short name: a branch may be called ``v1.2.3``, and the ``head_branch``
    of a ``workflow_run`` does not say which of the two it is.
    """
    if name == "release":
        release = payload.get("release")
        tag = release.get("tag_name") if isinstance(release, dict) else None
        if not isinstance(tag, str) or not tag:
            raise EventError("the release event names no tag")
        if ref and ref != _TAGS + tag:
            raise EventError(f"the release event names the tag {tag}, GITHUB_REF {ref}")
        return tag
    if name == "workflow_run":
        # GITHUB_REF is the default branch, whatever the run before was about.
        return None
    said = payload.get("ref") if name in _SAYS_REF else ref
    if said != ref:
        raise EventError(f"the event names {said!r:.80}, GITHUB_REF {ref!r:.80}")
    return ref.removeprefix(_TAGS) or None if ref.startswith(_TAGS) else None


def _fork(payload: Mapping[str, Any], run: Mapping[str, Any], here: str) -> str:
    """The other repository whose code a ``workflow_run`` or a pull request is about,
    empty where it is ours.
    """
    pull = payload.get("pull_request")
    if run:
        head = run.get("head_repository")
    elif isinstance(pull, dict):
        side = pull.get("head")
        head = side.get("repo") if isinstance(side, dict) else None
    else:
        return ""
    there = head.get("full_name") if isinstance(head, dict) else None
    if not isinstance(there, str):
        return "a repository that is gone"
    return there if there != here else ""


def _is_deleted(payload: Mapping[str, Any]) -> bool:
    """Whether a push ends its ref; the new commit is then all zeros."""
    after = payload.get("after")
    zeros = isinstance(after, str) and after != "" and not after.strip("0")
    return zeros or payload.get("deleted") not in (None, False)


def _unfit(name: str, payload: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """Why an event of a fit kind releases nothing, empty where it may."""
    if name == "release":
        if payload.get("action") not in _RELEASES:
            return f"its action is {payload.get('action')!r:.40}"
        return "" if _of_release(payload, "draft") is False else "it is a draft"
    if run and run.get("conclusion") != "success":
        return f"it follows a run that ended with {run.get('conclusion')!r:.40}"
    return ""


def _prerelease(name: str, payload: Mapping[str, Any]) -> bool | None:
    """Whether a release is marked as a pre-release; None where nothing says so."""
    marked = _of_release(payload, "prerelease") if name == "release" else None
    return marked if isinstance(marked, bool) else None


def _of_release(payload: Mapping[str, Any], key: str) -> object:
    release = payload.get("release")
    return release.get(key) if isinstance(release, dict) else None
