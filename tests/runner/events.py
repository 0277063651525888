"""Every event that can start a release's workflow, with an environment that fits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forge import Repository, Run

__all__ = ["deleted_tag", "release", "rewritten"]


def release(at: Repository, tag: str, **said: Any) -> Run:  # noqa: ANN401 - JSON
    """An event of a release; ``said`` replaces its action, or what the release has."""
    run = at.release(tag)
    action = said.pop("action", "published")
    whole = {
        **run.payload,
        "action": action,
        "release": {
            **run.payload["release"],
            "id": 1,
            "html_url": f"https://github.com/{at.name}/releases/tag/{tag}",
            "assets": [],
            **said,
        },
    }
    return replace(run, payload=whole)


def deleted_tag(at: Repository, tag: str) -> Run:
    """The push that ends a tag: GITHUB_SHA is the default branch's head then."""
    payload = {
        "repository": {"full_name": at.name},
        "ref": f"refs/tags/{tag}",
        "before": at.head(f"refs/tags/{tag}"),
        "after": "0" * 40,
        "created": False,
        "deleted": True,
        "forced": False,
        "head_commit": None,
    }
    run = at.push(f"refs/tags/{tag}")
    return replace(run, payload=payload)


def rewritten(run: Run, environ: Mapping[str, str], **payload: object) -> Run:
    """An event with some of it otherwise."""
    return Run({**run.environ, **environ}, {**run.payload, **payload})


def text(run: Run) -> str:
    """The payload as it lies in the runner's file."""
    return json.dumps(run.payload)
