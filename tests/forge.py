"""A forge on this machine: a real repository, and what GitHub makes of its events."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Repository", "Run"]

_PEOPLE = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in {"NAME": "Test", "EMAIL": "test@index.example"}.items()
}


@dataclass(frozen=True)
class Run:
    """What a workflow run is given: the environment, and the payload in its file."""

    environ: Mapping[str, str]
    payload: Mapping[str, Any]


class Repository:
    """A git repository with a branch ``main`` of one commit, as ``owner/name``."""

    def __init__(self, folder: Path, name: str = "org/demo") -> None:
        self.folder = folder
        self.name = name
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("Begin")

    def copy(self, folder: Path) -> Repository:
        """The same repository once more, which goes its own way in ``folder``."""
        shutil.copytree(self.folder, folder)
        twin = copy.copy(self)
        twin.folder = folder
        return twin

    def git(self, *words: str) -> str:
        """What git prints, apart from the user's own settings."""
        environ = {n: v for n, v in os.environ.items() if not n.startswith("GIT_")}
        environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", "-C", str(self.folder), *words],
            env=environ | _PEOPLE,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        """A new commit on the current branch, and its id."""
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.head("HEAD")

    def tag(self, name: str, at: str = "HEAD", *, annotated: bool = False) -> None:
        """A tag on a commit."""
        kind = ["--annotate", "--message", name] if annotated else []
        self.git("tag", *kind, name, at)

    def head(self, ref: str) -> str:
        """The commit that a ref leads to."""
        return self.git("rev-parse", f"{ref}^{{commit}}")

    # --- events: https://docs.github.com/actions/reference/events-that-trigger-workflows

    def push(self, ref: str) -> Run:
        """The push of a tag or a branch, by its full ref."""
        # Of an annotated tag "after" is the tag object, not the commit.
        after = self.git("rev-parse", ref)
        said = {"ref": ref, "before": "0" * 40, "after": after}
        flags = {"created": True, "deleted": False, "forced": False}
        return self._run("push", ref, self.head(ref), said | flags)

    def release(self, tag: str, *, prerelease: bool = False) -> Run:
        """A release that is published on the forge."""
        release = {
            "tag_name": tag,
            "target_commitish": "main",
            "draft": False,
            "prerelease": prerelease,
        }
        payload = {"action": "published", "release": release}
        return self._run("release", f"refs/tags/{tag}", self.head(tag), payload)

    def dispatch(self, ref: str, **inputs: str) -> Run:
        """A run that was started by hand on a branch or a tag."""
        payload = {"inputs": inputs, "ref": ref, "workflow": "publish.yml"}
        return self._run("workflow_dispatch", ref, self.head(ref), payload)

    def workflow_run(
        self,
        head_branch: str,
        head_sha: str,
        event: str = "push",
        head_repository: str = "",
        conclusion: str = "success",
    ) -> Run:
        """A run that follows another one; GITHUB_SHA is the default branch's head."""
        run = {
            "id": 1,
            "name": "Wheel Builder",
            "event": event,
            "conclusion": conclusion,
            "head_branch": head_branch,
            "head_sha": head_sha,
            "head_repository": {"full_name": head_repository or self.name},
        }
        payload = {"action": "completed", "workflow_run": run}
        head = self.head("main")
        return self._run("workflow_run", "refs/heads/main", head, payload)

    def schedule(self) -> Run:
        """A run by the clock, on the default branch."""
        payload = {"schedule": "0 3 * * *"}
        return self._run("schedule", "refs/heads/main", self.head("main"), payload)

    def pull_request(self, number: int = 7) -> Run:
        """A pull request, whose commit is a merge that nobody tagged."""
        ref = f"refs/pull/{number}/merge"
        payload = {"action": "opened", "number": number}
        return self._run("pull_request", ref, self.head("main"), payload)

    def _run(self, event: str, ref: str, sha: str, payload: Mapping[str, Any]) -> Run:
        payload = {"repository": {"full_name": self.name}, **payload}
        path = self.folder.parent / "event.json"
        path.write_text(json.dumps(payload), encoding="utf-8")
        environ = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REF": ref,
            "GITHUB_REF_NAME": ref.split("/", 2)[-1],
            "GITHUB_REF_TYPE": "tag" if ref.startswith("refs/tags/") else "branch",
            "GITHUB_REPOSITORY": self.name,
            "GITHUB_SHA": sha,
        }
        return Run(environ, payload)
