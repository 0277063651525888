"""Every option once: the command line, the action's inputs and the docs come of this.

``Options`` is what a job is started with, wherever the words came from.
"""

from __future__ import annotations

import glob
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

from release_guard.errors import UsageError
from release_guard.facts import is_commit_id
from release_guard.layouts import is_url, without_credentials

__all__ = ["COMMANDS", "OPTIONS", "Command", "Option", "Options", "Value", "options_of"]


class Value(StrEnum):
    """What an option's text becomes."""

    TEXT = "text"
    TEXTS = "texts"
    PATH = "path"
    PATHS = "paths"
    URL = "url"
    SECONDS = "seconds"
    COUNT = "count"
    COMMIT = "commit"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand; ``in_action`` says whether the action has it too."""

    name: str
    help: str
    in_action: bool


@dataclass(frozen=True, slots=True)
class Option:
    """One option. ``input`` says whether the action has an input of this name."""

    name: str
    value: Value
    help: str
    commands: tuple[str, ...]
    metavar: str = ""
    choices: tuple[str, ...] = ()
    positional: bool = False
    input: bool = True

    @property
    def field(self) -> str:
        """The field of ``Options`` that holds it."""
        return self.name.replace("-", "_")


COMMANDS = (
    Command("check", "judge built distributions before the upload", in_action=True),
    Command("verify", "prove that an index lists exactly these files", in_action=True),
    Command("audit", "compare an index's versions with the tags", in_action=True),
    Command("rehearse", "check, upload and verify on this machine", in_action=False),
    Command("rules", "list the rules, or explain one", in_action=False),
    Command("init", "write a policy and a publish workflow", in_action=False),
)

_JOBS = ("check", "verify", "audit", "rehearse")
_ON_INDEX = ("check", "verify", "audit")
_FORMATS = ("text", "json", "github", "html", "gitlab", "junit")

OPTIONS = (
    Option(
        "paths",
        Value.PATHS,
        "files or folders with the distributions, or the parts to join (dist/)",
        ("check",),
        "PATH",
        positional=True,
        input=False,
    ),
    Option(
        "paths",
        Value.PATHS,
        "files or folders with the distributions (dist/)",
        ("rehearse",),
        "PATH",
        positional=True,
        input=False,
    ),
    Option(
        "manifest",
        Value.PATH,
        "the manifest that check writes and verify reads (release-manifest.json)",
        ("check",),
        "FILE",
    ),
    Option(
        "manifest",
        Value.PATH,
        "the manifest that check wrote (release-manifest.json)",
        ("verify",),
        "MANIFEST",
        positional=True,
        input=False,
    ),
    Option(
        "dist",
        Value.PATHS,
        "files or folders with the distributions, in place of a manifest",
        ("verify",),
        "PATH",
    ),
    Option(
        "project",
        Value.TEXTS,
        "the projects, by their names on the index (those of the policy)",
        ("audit",),
        "PROJECT",
        positional=True,
    ),
    Option(
        "project",
        Value.TEXTS,
        "the projects that are released here (the one that pyproject.toml names)",
        ("init",),
        "PROJECT",
        positional=True,
        input=False,
    ),
    Option(
        "projects",
        Value.PATH,
        "a list of projects: a name a line, and behind it, if given, where its tags "
        "are: a list, a checkout, github:owner/name or gitlab:group/name",
        ("audit",),
        "FILE",
    ),
    Option(
        "tags",
        Value.PATH,
        "a list of tags: a tag a line, and behind it, if given, its commit and its day",
        ("audit",),
        "FILE",
    ),
    Option(
        "forge",
        Value.TEXT,
        "the repository whose tags count: github:owner/name or gitlab:group/name",
        ("audit",),
        "REPOSITORY",
    ),
    Option(
        "manifests",
        Value.PATHS,
        "kept manifests, or folders of them: have the tags moved since?",
        ("audit",),
        "PATH",
    ),
    Option(
        "repo",
        Value.PATH,
        "the checkout whose tags count (this folder)",
        ("check", "audit"),
        "DIR",
    ),
    Option(
        "rule",
        Value.TEXT,
        "the rule to explain",
        ("rules",),
        "RULE",
        positional=True,
        input=False,
    ),
    Option(
        "policy",
        Value.PATH,
        "the policy file (.github/release-guard.yml, or pyproject.toml)",
        _JOBS,
        "FILE",
    ),
    Option("index", Value.TEXT, "the index, by its name in the policy", _JOBS, "NAME"),
    Option(
        "index",
        Value.TEXT,
        "the index that has the last release: pypi or testpypi (pypi)",
        ("init",),
        "NAME",
        input=False,
    ),
    Option(
        "index-url",
        Value.URL,
        "the Simple API root of the index that has the last release",
        ("init",),
        "URL",
        input=False,
    ),
    Option(
        "index-url",
        Value.URL,
        "the index's Simple API root, as pip's --index-url",
        _ON_INDEX,
        "URL",
    ),
    Option(
        "repository-url",
        Value.URL,
        "the URL of the upload, as twine's",
        _ON_INDEX,
        "URL",
    ),
    Option(
        "tag",
        Value.TEXT,
        "the release tag, in place of the one that the event names",
        ("check", "rehearse"),
        "TAG",
    ),
    Option(
        "commit",
        Value.COMMIT,
        "the commit that was built, in place of the event's",
        ("check",),
        "SHA",
    ),
    Option(
        "event",
        Value.PATH,
        "the event's payload, in place of GITHUB_EVENT_PATH",
        ("check",),
        "FILE",
        input=False,
    ),
    Option(
        "offline",
        Value.FLAG,
        "ask no index: what it would refuse stays unknown",
        ("check",),
    ),
    Option(
        "offline",
        Value.FLAG,
        "ask no index: the shape of the last release stays unknown",
        ("init",),
        input=False,
    ),
    Option(
        "force",
        Value.FLAG,
        "write over files that are there",
        ("init",),
        input=False,
    ),
    Option(
        "part",
        Value.FLAG,
        "judge one job's files and leave the set to the join of the parts",
        ("check",),
    ),
    Option(
        "against",
        Value.PATH,
        "compare the files with the manifest of an earlier check",
        ("check",),
        "MANIFEST",
    ),
    Option(
        "download",
        Value.FLAG,
        "fetch every file, and hash what the index serves",
        ("verify",),
    ),
    Option(
        "provenance",
        Value.FLAG,
        "verify the attestations on the index: who signed them (verify), and the "
        "commits that they name (audit)",
        ("verify", "audit"),
    ),
    Option(
        "build",
        Value.FLAG,
        "build a wheel from the sdist, and compare it: this runs code of the sdist",
        ("rehearse",),
        input=False,
    ),
    Option(
        "install",
        Value.FLAG,
        "install and import the wheel that fits this machine: this runs code of the "
        "wheel and of what it requires",
        ("rehearse",),
        input=False,
    ),
    Option(
        "jobs",
        Value.COUNT,
        "how many projects are read at a time (4)",
        ("audit",),
        "NUMBER",
    ),
    Option(
        "timeout",
        Value.SECONDS,
        "how long to wait for the index, in seconds (600)",
        ("verify",),
        "SECONDS",
    ),
    Option(
        "format",
        Value.TEXT,
        "how the report is written (text)",
        _JOBS,
        choices=_FORMATS,
        input=False,
    ),
    Option(
        "format",
        Value.TEXT,
        "how the rules are written (text)",
        ("rules",),
        choices=("text", "markdown", "json"),
        input=False,
    ),
    Option(
        "output",
        Value.PATH,
        "write the report there instead of to standard output",
        (*_JOBS, "rules"),
        "FILE",
        input=False,
    ),
    Option("strict", Value.FLAG, "let warnings block too", _JOBS),
    Option(
        "no-progress",
        Value.FLAG,
        "no lines of progress on standard error",
        _JOBS,
        input=False,
    ),
    Option(
        "verbose",
        Value.FLAG,
        "leave nothing out of the text report: all names, all files with their hashes",
        _JOBS,
        input=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for, typed. An empty text or None is "not given"."""

    command: str
    paths: tuple[Path, ...] = (Path("dist"),)
    dist: tuple[Path, ...] = ()
    manifest: Path | None = None
    project: tuple[str, ...] = ()
    projects: Path | None = None
    tags: Path | None = None
    forge: str = ""
    manifests: tuple[Path, ...] = ()
    jobs: int = 4
    repo: Path | None = None
    rule: str = ""
    policy: Path | None = None
    index: str = ""
    index_url: str = ""
    repository_url: str = ""
    tag: str = ""
    commit: str = ""
    event: Path | None = None
    offline: bool = False
    part: bool = False
    against: Path | None = None
    download: bool = False
    provenance: bool = False
    build: bool = False
    install: bool = False
    timeout: float = 600.0
    format: str = "text"
    output: Path | None = None
    strict: bool = False
    no_progress: bool = False
    force: bool = False
    verbose: bool = False

    @property
    def manifest_path(self) -> Path:
        """Where the manifest is, by default in this folder."""
        return self.manifest or Path("release-manifest.json")


def options_of(command: str, given: Mapping[str, object]) -> Options:
    """The typed options of a command, from texts (or, for a flag, its truth).

    What was not given (None, or no path at all) keeps its default. Raises
    ``UsageError`` for a value that is none: an empty text is an unset variable.
    """
    kinds = {o.field: o for o in OPTIONS if command in o.commands}
    typed = {
        name: _typed(kinds[name], value)
        for name, value in given.items()
        if name in kinds and value is not None and value != []
    }
    return Options(command, **typed)  # type: ignore[arg-type]


def _typed(option: Option, value: object) -> object:
    if value == "":
        raise UsageError(f"{option.name}: is empty")
    if option.value is Value.PATHS:
        texts = value if isinstance(value, list | tuple) else [value]
        return tuple(path for text in texts for path in _paths(option, str(text)))
    if option.value is Value.TEXTS:
        return tuple(map(str, value)) if isinstance(value, list | tuple) else (value,)
    if option.value in (Value.TEXT, Value.FLAG):
        return value
    return _READERS[option.value](option, str(value))


def _url(option: Option, text: str) -> str:
    if not is_url(text):
        raise UsageError(
            f"{option.name}: expected a URL as https://index.example/simple/, "
            f"found {without_credentials(text)!r:.80}"
        )
    return text


def _paths(option: Option, text: str) -> list[Path]:
    """The paths of a pattern, which no shell has expanded (Windows, the action); a
    text that is a path, or fits nothing, is taken as it is.
    """
    path = _path(option, text)
    if path.exists() or not glob.has_magic(text):
        return [path]
    found = sorted(glob.glob(text))  # noqa: PTH207 - it may be absolute
    return [Path(name) for name in found] or [path]


def _path(option: Option, text: str) -> Path:
    if not text or "\0" in text:
        raise UsageError(f"{option.name}: {text!r} is no path")
    return Path(text)


def _commit(option: Option, text: str) -> str:
    if not is_commit_id(text):
        raise UsageError(
            f"{option.name}: expected a whole commit id, found {text!r:.80}",
            hint="git rev-parse HEAD writes it",
        )
    return text


def _seconds(option: Option, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or seconds < 0:
        raise UsageError(f"{option.name}: expected seconds from 0, found {text!r}")
    return seconds


def _count(option: Option, text: str) -> int:
    if not re.fullmatch(r"[1-9]|[1-5][0-9]|6[0-4]", text):
        raise UsageError(
            f"{option.name}: expected a number from 1 to 64, found {text!r:.80}"
        )
    return int(text)


_READERS: Mapping[Value, Callable[[Option, str], object]] = {
    Value.URL: _url,
    Value.PATH: _path,
    Value.COMMIT: _commit,
    Value.SECONDS: _seconds,
    Value.COUNT: _count,
}

#: Nothing may stand in the table that Options does not hold.
assert {o.field for o in OPTIONS} <= {f.name for f in fields(Options)}  # noqa: S101
