"""What stands for the actions of others: copies on this machine, twine, nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from forge import Run

from runner import artifacts
from runner.launch import run
from runner.workflow import refuse

__all__ = ["ACTIONS", "Action", "Use", "UseError"]


class UseError(ValueError):
    """Why an action ends its step."""


@dataclass(frozen=True)
class Use:
    """A step that uses an action which is a stand-in here: what it was given."""

    uses: str
    inputs: Mapping[str, str]
    workspace: Path
    artifacts: artifacts.Artifacts
    checkout: Path
    event: Run
    permissions: Mapping[str, str]
    environ: Mapping[str, str]
    log: list[str]

    def known(self, *names: str) -> None:
        """Refuse an input that the stand-in does nothing about."""
        strangers = sorted(self.inputs.keys() - {*names})
        if strangers:
            refuse(f"{self.uses}: the input {strangers[0]} is not known here")


#: What stands for an action: gives its outputs, or raises ``UseError``.
Action = Callable[[Use], Mapping[str, str]]


def _check_out(use: Use) -> Mapping[str, str]:
    """The event's ref as actions/checkout has it: one commit, and no tags, unless all
    of it is asked for.
    """
    use.known("fetch-depth", "fetch-tags", "persist-credentials", "path", "ref")
    target = use.workspace / use.inputs.get("path", ".")
    ref = use.inputs.get("ref", "") or use.event.environ["GITHUB_REF"]
    sha = "" if use.inputs.get("ref") else use.event.environ["GITHUB_SHA"]
    depth = use.inputs.get("fetch-depth", "1") or "1"
    repository = use.event.environ["GITHUB_REPOSITORY"]
    for old in list(target.iterdir()) if target.is_dir() else []:
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    target.mkdir(parents=True, exist_ok=True)
    _git(target, "init", "--quiet", "--initial-branch", "main")
    _git(target, "remote", "add", "origin", use.checkout.resolve().as_uri())
    if depth == "0":
        everything = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
        _git(target, "fetch", "--quiet", "--no-tags", "origin", *everything)
    else:
        wanted = f"+{sha or ref}:{_fetched(ref)}"
        tags = [] if artifacts.as_flag(use.inputs, "fetch-tags") else ["--no-tags"]
        if ref.startswith("refs/tags/"):
            wanted = f"+{ref}:{ref}"
        _git(target, "fetch", "--quiet", *tags, f"--depth={depth}", "origin", wanted)
    at = sha or _fetched(ref)
    if ref.startswith("refs/heads/"):
        words = ["-B", ref.removeprefix("refs/heads/"), _fetched(ref)]
        _git(target, "checkout", "--quiet", "--force", *words)
    else:
        _git(target, "checkout", "--quiet", "--force", "--detach", at)
    url = f"https://github.com/{repository}"
    _git(target, "remote", "set-url", "origin", url)
    use.log.append(f"checked out {ref}")
    return {"ref": ref, "commit": _git(target, "rev-parse", "HEAD")}


def _fetched(ref: str) -> str:
    """Where a ref lies after it was fetched."""
    for begin, there in (
        ("refs/heads/", "refs/remotes/origin/"),
        ("refs/pull/", "refs/remotes/pull/"),
    ):
        if ref.startswith(begin):
            return there + ref.removeprefix(begin)
    if ref.startswith("refs/"):
        return ref
    return f"refs/remotes/origin/{ref}"


def _git(folder: Path, *words: str) -> str:
    environ = {n: v for n, v in os.environ.items() if not n.startswith("GIT_")}
    environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    # A commit by its id is what a forge's server gives; the folder may be another's.
    allowed = ("-c", "protocol.file.allow=always", "-c", "safe.directory=*")
    done = subprocess.run(
        ["git", *allowed, "-C", str(folder), *words],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise UseError(done.stderr.strip())
    return done.stdout.strip()


def _upload(use: Use) -> Mapping[str, str]:
    use.known(
        *("name", "path", "if-no-files-found", "retention-days", "compression-level"),
        *("include-hidden-files", "overwrite"),
    )
    said = artifacts.upload(
        use.artifacts,
        use.workspace,
        use.inputs.get("name", "") or "artifact",
        use.inputs.get("path", ""),
        if_none=use.inputs.get("if-no-files-found", "warn"),
        hidden=artifacts.as_flag(use.inputs, "include-hidden-files"),
        overwrite=artifacts.as_flag(use.inputs, "overwrite"),
    )
    use.log.append(said)
    return {"artifact-id": use.artifacts.ids.get(use.inputs.get("name", ""), "")}


def _download(use: Use) -> Mapping[str, str]:
    use.known("name", "artifact-ids", "path", "pattern", "merge-multiple")
    target = use.workspace / use.inputs.get("path", ".")
    said = artifacts.download(
        use.artifacts,
        target,
        name=use.inputs.get("name", ""),
        ids=use.inputs.get("artifact-ids", ""),
        pattern=use.inputs.get("pattern", ""),
        merge=artifacts.as_flag(use.inputs, "merge-multiple"),
    )
    use.log.append(said)
    return {"download-path": str(target)}


def _nothing(_: Use) -> Mapping[str, str]:
    """What sets up something that is here already."""
    return {}


def _publish(use: Use) -> Mapping[str, str]:
    """twine, as pypa/gh-action-pypi-publish runs it; without a password it asks for the
    token of trusted publishing, which a job without ``id-token: write`` does not get.
    Attestations are not made: nobody here signs.
    """
    use.known(
        *("packages-dir", "repository-url", "skip-existing", "attestations", "verbose"),
        *("verify-metadata", "print-hash", "user", "password"),
    )
    granted = {use.permissions.get(key) for key in ("id-token", "all")}
    if not use.inputs.get("password") and "write" not in granted:
        raise UseError(
            "OpenID Connect token retrieval failed: the job has not the permission "
            "id-token: write"
        )
    folder = use.workspace / use.inputs.get("packages-dir", "dist")
    files = sorted(map(str, folder.iterdir())) if folder.is_dir() else []
    if not files:
        raise UseError(f"there are no Python distributions in {folder.name}")
    twine = [sys.executable, "-m", "twine"]
    if use.inputs.get("verify-metadata", "true") == "true":
        _twine(use, [*twine, "check", *files])
    upload = [*twine, "upload", "--non-interactive", "--disable-progress-bar"]
    upload += ["--config-file", os.devnull, "--verbose"]
    upload += ["-u", use.inputs.get("user", "__token__")]
    upload += ["-p", use.inputs.get("password", "") or "minted"]
    if use.inputs.get("repository-url"):
        upload += ["--repository-url", use.inputs["repository-url"]]
    if artifacts.as_flag(use.inputs, "skip-existing"):
        upload.append("--skip-existing")
    _twine(use, [*upload, *files])
    return {}


def _twine(use: Use, command: list[str]) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(use.workspace), **use.environ}
    ended = run(command, use.workspace, environ)
    use.log.extend((ended.out + ended.err).splitlines())
    if ended.code != 0:
        raise UseError(f"twine {command[3]} failed")


ACTIONS: Mapping[str, Action] = {
    "actions/checkout": _check_out,
    "actions/upload-artifact": _upload,
    "actions/download-artifact": _download,
    "actions/setup-python": _nothing,
    "astral-sh/setup-uv": _nothing,
    "pypa/gh-action-pypi-publish": _publish,
}
