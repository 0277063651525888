"""A newcomer's first gated release: from an empty repository to the index, on this
machine, with the commands that a person types and a workflow that is played as it is.

What is told of it is the transcript of ``docs/getting-started.md``.
"""

from __future__ import annotations

import math
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import forge
from indexes import pypiserver
from runner.standin import standing_in
from runner.walk import Settings, Walked, walk

__all__ = ["FILES", "NAME", "PAGE", "Played", "bound", "page", "play"]

NAME = "hello-gate"
_PROGRAMS = Path(sys.executable).parent
#: The whole package.
FILES: Mapping[str, str] = {
    "pyproject.toml": """\
[build-system]
requires = ["flit_core>=3.12,<5"]
build-backend = "flit_core.buildapi"

[project]
name = "hello-gate"
version = "0.1.0"
description = "Says hello"
readme = "README.md"
requires-python = ">=3.11"
license = "MIT"
license-files = ["LICENSE"]
""",
    "src/hello_gate/__init__.py": """\
\"\"\"Says hello.\"\"\"


def hello() -> str:
    return "hello"
""",
    "README.md": "# hello-gate\n\nSays hello.\n",
    "LICENSE": "MIT License\n\nCopyright (c) the authors of hello-gate\n",
    ".gitignore": "dist/\nrelease-manifest.json\n",
}
_WORKFLOW = ".github/workflows/publish.yml"
#: What a run prints that is another word in each.
_VARYING = (
    (re.compile(r"\b\d+(?:\.\d+)? s\b"), "0.1 s"),
    (re.compile(r"\b[0-9a-f]{40}\b|\b[0-9a-f]{64}\b"), "0" * 40),
    (re.compile(r"\b[0-9a-f]{12}\b"), "0" * 12),
)


@dataclass(frozen=True)
class Played:
    """One act: its name, what was typed and printed, and the steps of the workflow
    that were played.
    """

    name: str
    told: str
    code: int = 0
    steps: tuple[Walked, ...] = ()

    @property
    def jobs(self) -> dict[str, str]:
        """How each job ended: with the first step that did not succeed."""
        jobs: dict[str, str] = {}
        for step in self.steps:
            if jobs.get(step.job, "success") == "success":
                jobs[step.job] = step.outcome
        return jobs


class _Checkout(forge.Repository):
    """The repository that the newcomer made, as the forge has it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name


def play(folder: Path) -> Iterator[Played]:
    """Play all acts below a folder, in their order."""
    work = folder / NAME
    for path, text in FILES.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(text, encoding="utf-8")
    at = _Checkout(work, f"org/{NAME}")
    with (
        pypiserver(folder / "served") as url,
        standing_in(folder / "index", {"pypi": url, "testpypi": url}) as index,
    ):
        shell = _Shell(work, index.environ())
        yield shell.types(
            "package",
            "git init --quiet --initial-branch main",
            "git add .",
            "git commit --quiet --message 'Say hello'",
            f"git remote add origin git@github.com:org/{NAME}.git",
        )
        yield shell.types("build", "python -m build")
        yield shell.types("init", "release-guard init")
        yield shell.types("policy", "cat .github/release-guard.yml")
        yield shell.types(
            "commit",
            "git add .github",
            "git commit --quiet --message 'Publish through release-guard'",
        )
        yield shell.types("rehearse", "release-guard rehearse")
        yield shell.types("tag", "git tag v0.1.0", "git push --tags")
        yield _published(at, "v0.1.0", url)
        _write_version(work, "0.2.0.dev1")
        yield shell.types(
            "accident",
            "git commit --quiet --all --message 'Open 0.2.0'",
            "git tag v0.2.0",
            "git push --tags",
        )
        yield _published(at, "v0.2.0", url)


def _write_version(work: Path, version: str) -> None:
    path = work / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"0.1.0"', f'"{version}"'), encoding="utf-8")


def _published(at: forge.Repository, tag: str, url: str) -> Played:
    """The push of a tag, and what the workflow makes of it."""
    event = at.push(f"refs/tags/{tag}")
    steps = tuple(walk(at.folder / _WORKFLOW, at.folder, event, url, Settings()))
    return Played(f"run {tag}", "\n".join(_lines(steps)), 0, steps)


def _lines(steps: Sequence[Walked]) -> Iterator[str]:
    """The run as its page shows it: the jobs, their steps, and what the guard says."""
    job = ""
    for step in steps:
        if step.job != job:
            job = step.job
            yield job
        if not step.name:
            yield f"  - {step.outcome}"
            continue
        name = step.name.partition("@")[0]
        yield f"  {_MARKS[step.outcome]} {name}"
        if step.uses.startswith("org/release-guard@"):
            yield from (f"      {line}" for line in _verdict(step.log))


_MARKS = {"success": "ok  ", "failure": "FAIL", "skipped": "-   "}


def _verdict(log: str) -> Iterator[str]:
    """The head of a report, and its errors, each with what is wrong."""
    lines = _settled(log).splitlines()
    for line, after in pairwise([*lines, ""]):
        if re.match(r"release-guard \w+: (PASS|FAIL|UNDECIDED)", line):
            yield line
        elif line.startswith("error: "):
            yield from (line.partition("  (")[0], after)


@dataclass(frozen=True)
class _Shell:
    """Where commands are typed: the folder, and the way to the index that stands in."""

    work: Path
    environ: Mapping[str, str]

    def types(self, name: str, *commands: str) -> Played:
        """Run commands one after another; ends at the first that fails."""
        told, code = [], 0
        for command in commands:
            done = self._run(command)
            told.append(f"$ {command}\n{_settled(done.stdout)}")
            code = done.returncode
            if code:
                break
        return Played(name, "".join(told).rstrip("\n"), code)

    def _run(self, command: str) -> subprocess.CompletedProcess[str]:
        words = shlex.split(command)
        if words[:2] == ["git", "push"]:
            # There is no server; what it would do is played.
            return subprocess.CompletedProcess(words, 0, "", "")
        if words[:3] == ["python", "-m", "build"]:
            # What isolation would fetch is here already.
            words = [*words, "--no-isolation"]
        people = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in {"NAME": "You", "EMAIL": "you@index.example"}.items()
        }
        return subprocess.run(
            words,
            cwd=self.work,
            env={
                "PATH": f"{_PROGRAMS}{os.pathsep}{os.environ['PATH']}",
                "HOME": str(self.work.parent),
                "LANG": "C.UTF-8",
                "COLUMNS": "80",
                # The same bytes in each run, and so the same sizes.
                "SOURCE_DATE_EPOCH": "1767225600",
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                **people,
                **self.environ,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def _settled(text: str) -> str:
    """The text without what is another one in each run."""
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return text


# --- the page --------------------------------------------------------------------

#: Where the transcript stands.
PAGE = Path(__file__).parents[1] / "docs" / "getting-started.md"
_TEXT = """\
# Your first gated release in two minutes

This is a transcript: `make transcript` plays all of it on one machine, in under
{seconds} seconds on two cores, and a test holds it true. Durations and hashes are
replaced by fixed ones. What else is not as it will be for you:

- PyPI is an index on this machine, to which its name leads.
- `git push` is not run, as there is no server: the workflow is played as GitHub starts
  it for that push, job by job as they need each other.
- The builds are not isolated: what they need is installed already.
- Checkout and artifacts are copies, `org/release-guard` runs without its container, and
  nobody has to approve the environment.
- `pypa/gh-action-pypi-publish` is twine: there is no exchange of tokens, though the job
  must be permitted to ask for one, and nothing is signed.

## A package

A `pyproject.toml`, a module, a README and a licence:

```toml
{pyproject}```

```console
{package}
```

Build it once, so that there is something to look at:

```console
{build}
```

## The gate

```console
{init}
```

The policy says what a release must be, and why it is proposed so. Read it; it is yours:

```yaml
{policy}
```

The workflow is the one in
[`examples/publish.yml`](https://github.com/org/release-guard/blob/v1/examples/publish.yml):
build → guard → publish → verify. Only the job `publish` may upload, it waits for the
environment `pypi`, and it needs the guard.

```console
{commit}
```

Two things can only be done by hand, once:

1. On GitHub, under *Settings → Environments*, make the environment `pypi`, with
   reviewers, and for release tags only.
2. On the index, under the project's *Publishing* settings (for a new project: a pending
   publisher), register this repository, the workflow `publish.yml` and the environment
   `pypi`.

## Try it here

`rehearse` checks the files, uploads them to an index on this machine, and verifies what
that lists:

```console
{rehearse}
```

## Release

```console
{tag}
```

The push of the tag starts the workflow:

```text
{run v0.1.0}
```

The release is on the index, and `verify` has proved it: exactly these files, with these
hashes, and nothing else changed.

## The accident that it is for

Development goes on as `0.2.0.dev1`, and somebody tags the commit too early:

```console
{accident}
```

```text
{run v0.2.0}
```

Nothing was uploaded: the job `publish` never ran.

## From here

- [The policy](policy.md), key by key
- [Why did it block me?](why-blocked.md)
- Every version on the index, every day: [audit](audit.md)
"""


#: How the jobs of each run end.
_ENDS = {
    "run v0.1.0": dict.fromkeys(("build", "guard", "publish", "verify"), "success"),
    "run v0.2.0": {
        "build": "success",
        "guard": "failure",
        "publish": "skipped",
        "verify": "skipped",
    },
}
#: A bound on the time of the play, in seconds, is a multiple of this.
_STEP = 30


def bound(told: str, taken: float = 0) -> int:
    """How many seconds the play takes at most: what a page has told, as long as it
    holds, so that no run alters it; else what it has taken, rounded up.
    """
    said = re.search(r"under\s+(\d+) seconds", told)
    kept = int(said[1]) if said else 0
    return kept if taken <= kept else math.ceil(taken / _STEP) * _STEP


def page(acts: Sequence[Played], seconds: int) -> str:
    """The page, of what was played in less than so many seconds.

    Raises ``ValueError`` where it did not go as the page's own words say.
    """
    odd = [act.name for act in acts if act.code or act.jobs != _ENDS.get(act.name, {})]
    if odd:
        raise ValueError(f"ended otherwise than the page says: {', '.join(odd)}")
    told = {act.name: act.told for act in acts}
    told["policy"] = told["policy"].partition("\n")[2]
    words = {**told, "pyproject": FILES["pyproject.toml"], "seconds": str(seconds)}
    return re.sub(r"\{([a-z][a-z0-9. ]*)\}", lambda name: words[name[1]], _TEXT)
