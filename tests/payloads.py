"""GitHub's events: whole payloads in the shapes of its webhooks, and the variables
that the runner sets with each.

https://docs.github.com/webhooks/webhook-events-and-payloads
https://docs.github.com/actions/reference/events-that-trigger-workflows
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

__all__ = [
    "FORK",
    "REPOSITORY",
    "ZEROS",
    "Event",
    "by_hand",
    "changed",
    "created",
    "merge_group",
    "pull_request",
    "push",
    "release",
    "repository_dispatch",
    "schedule",
    "workflow_run",
]

REPOSITORY = "org/demo"
FORK = "stranger/demo"
ZEROS = "0" * 40
_MAIN = "refs/heads/main"
_WORKFLOW = ".github/workflows/publish.yml"
_WHEN = "2026-09-01T12:00:00Z"

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """An event: its name, its payload, and the variables GITHUB_REF and GITHUB_SHA."""

    name: str
    ref: str
    sha: str
    payload: Payload

    def says(self, **keys: object) -> Event:
        """The same event with other keys in its payload."""
        return replace(self, payload={**self.payload, **keys})

    def environ(self, path: Path, **said: str) -> dict[str, str]:
        """What the runner sets, with the payload written to ``path``; what is empty in
        ``said`` is not set.
        """
        path.write_text(json.dumps(self.payload), encoding="utf-8")
        environ = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "maintainer",
            "GITHUB_EVENT_NAME": self.name,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REF": self.ref,
            "GITHUB_REF_NAME": self.ref.split("/", 2)[-1],
            "GITHUB_REF_PROTECTED": "false",
            "GITHUB_REF_TYPE": "tag" if self.ref.startswith("refs/tags/") else "branch",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REPOSITORY_OWNER": REPOSITORY.partition("/")[0],
            "GITHUB_SHA": self.sha,
            "GITHUB_WORKFLOW": "publish",
            "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/{_WORKFLOW}@{_MAIN}",
            **said,
        }
        return {name: value for name, value in environ.items() if value}


def changed(payload: Payload, path: str, value: object) -> dict[str, Any]:
    """The payload with another value at a path as ``release.tag_name``."""
    key, _, rest = path.partition(".")
    return {**payload, key: changed(payload[key], rest, value) if rest else value}


# --- what all payloads share ----------------------------------------------------


def _user(login: str) -> Payload:
    return {"login": login, "id": 1, "type": "User", "site_admin": False}


def _repository(full_name: str) -> Payload:
    owner, _, name = full_name.partition("/")
    return {
        "id": 35129377 if full_name == REPOSITORY else 186853002,
        "name": name,
        "full_name": full_name,
        "private": False,
        "owner": _user(owner),
        "html_url": f"https://github.com/{full_name}",
        "fork": full_name != REPOSITORY,
        "default_branch": "main",
    }


def _commit(sha: str) -> Payload:
    people = {"name": "Test", "email": "test@index.example"}
    return {
        "id": sha,
        "tree_id": "f9d2a07e9488b91af2641b26b9407fe22a451433",
        "distinct": True,
        "message": "Release",
        "timestamp": _WHEN,
        "author": people,
        "committer": people,
        "added": [],
        "removed": [],
        "modified": ["demo.py"],
    }


def _sent(**said: object) -> Payload:
    sender = _user("maintainer")
    return {**said, "repository": _repository(REPOSITORY), "sender": sender}


# --- events ---------------------------------------------------------------------


def push(ref: str, sha: str, *, after: str = "", **said: object) -> Event:
    """A push of a ref to a commit; of an annotated tag ``after`` is the tag object."""
    payload = _sent(
        ref=ref,
        before=ZEROS,
        after=after or sha,
        pusher={"name": "maintainer", "email": "test@index.example"},
        created=True,
        deleted=False,
        forced=False,
        base_ref=None,
        compare=f"https://github.com/{REPOSITORY}/compare/v1.2.3",
        commits=[],
        head_commit=_commit(sha),
    )
    return Event("push", ref, sha, {**payload, **said})


def release(tag: str, sha: str, action: str = "published", **said: object) -> Event:
    """A release on the forge, of which ``said`` replaces what is in it."""
    inside = {
        "id": 1,
        "author": _user("maintainer"),
        "tag_name": tag,
        "target_commitish": "main",
        "name": tag,
        "draft": False,
        "immutable": False,
        "prerelease": False,
        "created_at": _WHEN,
        "published_at": _WHEN,
        "assets": [],
        "body": "What is new.",
        **said,
    }
    payload = _sent(action=action, release=inside)
    return Event("release", f"refs/tags/{tag}", sha, payload)


def by_hand(ref: str, sha: str, /, **inputs: str) -> Event:
    """A run that was started by hand: ``workflow_dispatch``."""
    payload = _sent(inputs=inputs or None, ref=ref, workflow=_WORKFLOW)
    return Event("workflow_dispatch", ref, sha, payload)


def workflow_run(
    head_branch: str, head_sha: str, main: str, /, **said: object
) -> Event:
    """A run that follows one of ``head_sha``; ``main`` is the default branch's head,
    and ``said`` replaces what is said of the run before.
    """
    run = {
        "id": 7811111111,
        "name": "build",
        "head_branch": head_branch,
        "head_sha": head_sha,
        "path": ".github/workflows/build.yml",
        "run_number": 562,
        "event": "push",
        "status": "completed",
        "conclusion": "success",
        "pull_requests": [],
        "actor": _user("maintainer"),
        "run_attempt": 1,
        "referenced_workflows": [],
        "head_commit": _commit(head_sha),
        "repository": _repository(REPOSITORY),
        "head_repository": _repository(REPOSITORY),
        **said,
    }
    if isinstance(run["head_repository"], str):
        run["head_repository"] = _repository(run["head_repository"])
    workflow = {"id": 2, "name": "build", "path": ".github/workflows/build.yml"}
    action = "completed" if run["conclusion"] else "requested"
    payload = _sent(action=action, workflow_run=run, workflow=workflow)
    return Event("workflow_run", _MAIN, main, payload)


def pull_request(
    sha: str, *, head: str = REPOSITORY, target: bool = False, branch: str = "fix"
) -> Event:
    """A pull request from the repository ``head``; with ``target`` the run is the base
    branch's, with its secrets.
    """
    inside = {
        "number": 7,
        "state": "open",
        "title": "Fix it",
        "user": _user("stranger"),
        "draft": False,
        "merged": False,
        "merge_commit_sha": sha,
        "head": {"ref": branch, "sha": "7" * 40, "repo": _repository(head)},
        "base": {"ref": "main", "sha": sha, "repo": _repository(REPOSITORY)},
    }
    payload = _sent(action="opened", number=7, pull_request=inside)
    if target:
        return Event("pull_request_target", _MAIN, sha, payload)
    return Event("pull_request", "refs/pull/7/merge", sha, payload)


def merge_group(sha: str) -> Event:
    """The merge queue asks for its checks."""
    ref = f"refs/heads/gh-readonly-queue/main/pr-7-{sha}"
    group = {
        "head_sha": sha,
        "head_ref": ref,
        "base_sha": "8" * 40,
        "base_ref": _MAIN,
        "head_commit": _commit(sha),
    }
    payload = _sent(action="checks_requested", merge_group=group)
    return Event("merge_group", ref, sha, payload)


def schedule(sha: str) -> Event:
    """A run by the clock, on the default branch."""
    payload = _sent(schedule="0 3 * * *", workflow=_WORKFLOW)
    return Event("schedule", _MAIN, sha, payload)


def repository_dispatch(sha: str, /, **client: object) -> Event:
    """A run that another program asked for, on the default branch."""
    payload = _sent(action="publish", branch="main", client_payload=client)
    return Event("repository_dispatch", _MAIN, sha, payload)


def created(tag: str, sha: str) -> Event:
    """A tag was made: the payload has its short name."""
    payload = _sent(
        ref=tag,
        ref_type="tag",
        master_branch="main",
        description=None,
        pusher_type="user",
    )
    return Event("create", f"refs/tags/{tag}", sha, payload)
