"""The ref and the event that lead to this release, as the CI system says them.

For GitHub the event's payload is the authority; the variables are compared with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from release_guard.errors import EventError
from release_guard.facts import Ref
from release_guard.sources.files import read_small

__all__ = ["in_ci", "read_ref"]

#: What CI systems set, one or another of these on each.
_IN_CI = (
    *("CI", "GITHUB_ACTIONS", "GITHUB_EVENT_NAME", "GITLAB_CI", "TF_BUILD"),
    *("JENKINS_URL", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID", "BUILDKITE", "CIRCLECI"),
)
_TAGS = "refs/tags/"


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether this runs under a CI system; ``CI=false`` is how one is denied."""
    return any(environ.get(n, "").lower() not in ("", "0", "false") for n in _IN_CI)


def read_ref(
    environ: Mapping[str, str], *, tag: str = "", commit: str = "", event: str = ""
) -> Ref | None:
    """The ref of this release; None on a machine that is no CI, without ``tag``.

    ``tag`` and ``commit`` are the user's word and outrank the event's; ``event`` is
    the path of a payload. Raises ``EventError`` where CI should say and does not.
    """
    # People pass github.ref, which is the full name.
    tag = tag.removeprefix(_TAGS)
    if environ.get("GITHUB_ACTIONS", "").lower() == "true":
        return _github(environ, tag=tag, commit=commit, event=event)
    if event:
        raise EventError(
            "an event was given, and GITHUB_EVENT_NAME does not say what it is"
        )
    if tag:
        return Ref(tag, commit)
    if in_ci(environ):
        raise EventError(
            "the tag of this release is not known: only GitHub's event is read so far",
            hint="give it: --tag TAG",
        )
    return None


def _github(environ: Mapping[str, str], *, tag: str, commit: str, event: str) -> Ref:
    name = environ.get("GITHUB_EVENT_NAME", "")
    ref = environ.get("GITHUB_REF", "")
    path = event or environ.get("GITHUB_EVENT_PATH", "")
    if not name or not path:
        raise EventError("GITHUB_EVENT_NAME or GITHUB_EVENT_PATH is not set")
    payload = _payload(Path(path))
    return Ref(
        tag=tag or _named_tag(name, ref, payload),
        commit=commit or _commit(name, payload) or environ.get("GITHUB_SHA", ""),
        event=name,
        ref=ref,
        repository=environ.get("GITHUB_REPOSITORY", ""),
        fork=_fork(name, payload, environ.get("GITHUB_REPOSITORY", "")),
        deleted=_is_deleted(payload),
        unfit=_unfit(name, payload),
    )


def _is_deleted(payload: Mapping[str, Any]) -> bool:
    """Whether a push ends its ref; the new commit is then all zeros."""
    after = payload.get("after")
    zeros = isinstance(after, str) and after != "" and not after.strip("0")
    return zeros or payload.get("deleted") not in (None, False)


def _unfit(name: str, payload: Mapping[str, Any]) -> str:
    """Why an event of a fit kind releases nothing, empty where it may."""
    if name == "release":
        if payload.get("action") not in _RELEASES:
            return f"its action is {payload.get('action')!r:.40}"
        release = payload.get("release")
        return "it is a draft" if release and release.get("draft") is True else ""
    run = payload.get("workflow_run") if name == "workflow_run" else None
    if isinstance(run, dict):
        if run.get("event") in _UNTRUSTED:
            return f"it follows a run of {run['event']!r:.40}"
        if run.get("conclusion") not in (None, "success"):
            return f"it follows a run that ended with {run['conclusion']!r:.40}"
    return ""


#: What makes a release public; to create or edit one does not.
_RELEASES = ("published", "released", "prereleased")
_UNTRUSTED = ("pull_request", "pull_request_target", "schedule")


def _fork(name: str, payload: Mapping[str, Any], here: str) -> str:
    """The other repository that a ``workflow_run`` built, empty where it is ours."""
    run = payload.get("workflow_run") if name == "workflow_run" else None
    if not isinstance(run, dict) or "head_repository" not in run:
        return ""
    head = run["head_repository"]
    there = head.get("full_name") if isinstance(head, dict) else None
    if not isinstance(there, str):
        return "a repository that is gone"
    return there if there != here else ""


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
        return None
    said = payload.get("ref", "" if name == "push" else ref)
    if name in ("push", "workflow_dispatch") and said != ref:
        raise EventError(f"the event names {said!r:.80}, GITHUB_REF {ref!r:.80}")
    return ref.removeprefix(_TAGS) if ref.startswith(_TAGS) else None


def _commit(name: str, payload: Mapping[str, Any]) -> str:
    """The commit of a ``workflow_run``, which GITHUB_SHA does not give."""
    if name != "workflow_run":
        return ""
    run = payload.get("workflow_run")
    sha = run.get("head_sha") if isinstance(run, dict) else None
    if not isinstance(sha, str) or not re.fullmatch(r"[0-9a-f]{40,64}", sha):
        raise EventError("the workflow_run event names no commit")
    return sha


def _payload(path: Path) -> Mapping[str, Any]:
    content = read_small(path, EventError)
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise EventError(f"{path}: the event is no JSON: {error}") from None
    if not isinstance(payload, dict):
        raise EventError(f"{path}: the event is no JSON object")
    return payload
