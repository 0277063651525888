"""The repository of a project as ``init`` reads it: what its files say it is called,
what uploads it already, and which remote and branch it has.

Nothing of it is executed, and what cannot be read is told: never taken for absent.
"""

from __future__ import annotations

import configparser
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from release_guard.errors import SourceError
from release_guard.sources.files import read_small
from release_guard.sources.git import Repository, ask
from release_guard.trees import is_aside, is_vendored

__all__ = [
    "Address",
    "ProjectFile",
    "Read",
    "Uploader",
    "default_branch",
    "project_files",
    "remote_address",
    "uploaders",
]

T = TypeVar("T")

_LARGEST = 1 << 20
#: How far below the top a project may lie, and how many folders are looked into.
_DEEPEST, _MOST_FOLDERS = 3, 2_000
_MOST_WORKFLOWS = 300
_SKIPPED = frozenset(
    {*("node_modules", "build", "dist", "venv", "env", "target", "site-packages")}
)
_FILES = ("pyproject.toml", "setup.cfg")
#: What takes a version from the tags, by the names of what a build requires.
_VERSION_TOOLS = frozenset(
    {
        *("setuptools-scm", "vcs-versioning", "hatch-vcs", "flit-scm", "pbr"),
        *("versioningit", "dunamai", "versioneer", "setuptools-git-versioning"),
        *("poetry-dynamic-versioning", "uv-dynamic-versioning"),
    }
)
#: What uploads, as a workflow says it.
_UPLOADS = re.compile(
    r"pypa/gh-action-pypi-publish|\btwine +upload\b|"
    r"\b(?:uv|flit|poetry|hatch|pdm|maturin) +publish\b|\bmaturin +upload\b|"
    r"\bsemantic-release +publish\b|\bsetup\.py +(?:\S+ +)*upload\b"
)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was read of the files, and a line for each that could not be."""

    found: tuple[T, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A project as its own file says it: the name, the folder that it lies in (empty
    for the top), the tool that takes its version from the tags, empty for none, and
    whether it configures cibuildwheel.
    """

    name: NormalizedName
    folder: str
    versioned_by: str = ""
    configures_wheels: bool = False


@dataclass(frozen=True, slots=True)
class Uploader:
    """A workflow that uploads, by its path, and the words that say so."""

    path: str
    word: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where a remote is: its name, the host, and ``owner/name``; both are empty where
    the address is none of a forge.
    """

    remote: str
    host: str = ""
    repository: str = ""


# --- the project's own files -------------------------------------------------------


def project_files(top: Path) -> Read[ProjectFile]:
    """The projects of a repository, by their files (``ProjectFile``): the top's first,
    each name once. Tests, examples and copies of others are left out.
    """
    found: dict[NormalizedName, ProjectFile] = {}
    unread = []
    for folder in _folders(top):
        try:
            project = _project_in(top, folder)
        except SourceError as error:
            unread.append(error.message)
        else:
            if project is not None:
                found.setdefault(project.name, project)
    return Read(tuple(found.values()), tuple(unread))


def _folders(top: Path) -> Iterator[str]:
    """The folders that a project may lie in, the top first; no link is followed."""
    waiting = [""]
    for _ in range(_MOST_FOLDERS):
        if not waiting:
            return
        folder = waiting.pop(0)
        yield folder
        if folder.count("/") + bool(folder) < _DEEPEST:
            waiting += sorted(_below(top, folder))


def _below(top: Path, folder: str) -> Iterator[str]:
    try:
        with os.scandir(top / folder) as entries:
            names = [e.name for e in entries if e.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for name in names:
        path = f"{folder}/{name}" if folder else name
        is_other = is_aside(f"{path}/x.py") or is_vendored(f"{path}/x.py")
        if not (name.startswith(".") or name in _SKIPPED or is_other):
            yield path


def _project_in(top: Path, folder: str) -> ProjectFile | None:
    """The project that lies in a folder, None where no file names one."""
    pyproject, setup = (top / folder / name for name in _FILES)
    said: Mapping[str, Any] = {}
    if os.path.lexists(pyproject):
        said = _toml(pyproject)
    tools = _table(said, "tool")
    name = _table(said, "project").get("name") or _table(tools, "poetry").get("name")
    if name is None and os.path.lexists(setup):
        name = _setup_name(setup)
    if name is None:
        return None
    where = pyproject if said else setup
    try:
        normalized = canonicalize_name(str(name), validate=True)
    except InvalidName:
        raise SourceError(f"{where}: {str(name)!r:.80} is no project's name") from None
    return ProjectFile(
        normalized,
        folder,
        _version_tool(said),
        "cibuildwheel" in tools,
    )


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        text = read_small(path, SourceError, largest=_LARGEST).decode("utf-8")
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split()) or "it is nested too deep"
        raise SourceError(f"{path}: is no TOML: {reason:.200}") from None


def _table(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = said.get(key)
    return inner if isinstance(inner, dict) else {}


def _setup_name(path: Path) -> str | None:
    """The name in a setup.cfg; what a program computes is not known."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(
            read_small(path, SourceError, largest=_LARGEST).decode("utf-8")
        )
        return parser.get("metadata", "name", fallback=None)
    except (ValueError, configparser.Error) as error:
        reason = " ".join(str(error).split())
        raise SourceError(f"{path}: is no setup.cfg: {reason:.200}") from None


def _version_tool(said: Mapping[str, Any]) -> str:
    """The tool that takes the version from the tags; a static version needs none."""
    if isinstance(_table(said, "project").get("version"), str):
        return ""
    required = _table(said, "build-system").get("requires")
    names = map(_required, required if isinstance(required, list) else [])
    if scm := _table(_table(_table(said, "tool"), "pdm"), "version").get("source"):
        return "pdm" if scm == "scm" else ""
    return next((name for name in names if name in _VERSION_TOOLS), "")


def _required(text: object) -> str:
    try:
        return canonicalize_name(Requirement(str(text)).name)
    except InvalidRequirement:
        return ""


# --- what uploads already ----------------------------------------------------------


def uploaders(top: Path) -> Read[Uploader]:
    """The workflows that upload already (``Uploader``)."""
    folder = top / ".github" / "workflows"
    found, unread = [], []
    try:
        paths = sorted(p for p in folder.iterdir() if p.suffix in (".yml", ".yaml"))
    except FileNotFoundError:
        return Read(())
    except OSError as error:
        return Read((), (f"{folder}: {error.strerror or error}",))
    for path in paths[:_MOST_WORKFLOWS]:
        try:
            content = read_small(path, SourceError, largest=_LARGEST)
        except SourceError as error:
            unread.append(error.message)
            continue
        lines = content.decode("utf-8", "replace").splitlines()
        told = "\n".join(line.partition(" #")[0] for line in lines)
        if said := _UPLOADS.search(told):
            word = " ".join(said[0].split())
            found.append(Uploader(path.relative_to(top).as_posix(), word))
    if len(paths) > _MOST_WORKFLOWS:
        unread.append(f"{folder}: only the first {_MOST_WORKFLOWS} files were read")
    return Read(tuple(found), tuple(unread))


# --- the remote and its branch -------------------------------------------------------

_REMOTES = ("upstream", "origin")
#: ``git@host:owner/name.git``, as scp writes it.
_SCP = re.compile(r"(?:[^@/:]+@)?([^@/:\[\]]+):(?!/)(.+)")
_REPOSITORY = re.compile(r"[^/\s]+(?:/[^/\s]+)+")


def remote_address(repository: Repository) -> Address | None:
    """Where the project's remote is: ``upstream``, else ``origin``, else the only one;
    None where there is none, or nobody could say which. Only what the repository itself
    configures counts, and no credential in an address is kept.
    """
    told = ask(
        repository,
        *("config", "--local", "--no-includes", "-z"),
        *("--get-regexp", r"^remote\..*\.url$"),
        # 1: there are none.
        sound=(0, 1),
    )
    rows = told.decode("utf-8", "surrogateescape").split("\0")[:-1]
    urls: dict[str, str] = {}
    for row in rows:
        key, _, url = row.partition("\n")
        urls.setdefault(key.removeprefix("remote.").removesuffix(".url"), url)
    names = [name for name in _REMOTES if name in urls]
    if not names and len(urls) == 1:
        names = list(urls)
    if not names:
        return None
    host, path = _split(urls[names[0]])
    path = path.strip("/").removesuffix(".git")
    is_repository = bool(host) and _REPOSITORY.fullmatch(path) is not None
    return Address(names[0], host, path) if is_repository else Address(names[0])


def _split(url: str) -> tuple[str, str]:
    """The host and the path of an address, without user info; empty for another one."""
    if "://" not in url:
        fits = _SCP.fullmatch(url)
        return (fits[1].lower(), fits[2]) if fits else ("", "")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    is_remote = parts.scheme in ("https", "http", "ssh", "git")
    return (host, parts.path) if is_remote else ("", "")


def default_branch(repository: Repository, remote: str) -> str:
    """The branch that the remote shows first, else the only one that it has; the only
    one there is where nothing of a remote was fetched. Empty where nothing tells it.
    """
    if remote:
        heads = f"refs/remotes/{remote}/"
        # 1: there is no such ref, or it is none that stands for another.
        told = ask(repository, "symbolic-ref", "--quiet", f"{heads}HEAD", sound=(0, 1))
        ref = told.decode("utf-8", "surrogateescape").strip()
        if ref.startswith(heads):
            return ref.removeprefix(heads)
        if branches := _refs(repository, heads):
            return branches[0] if len(branches) == 1 else ""
    branches = _refs(repository, "refs/heads/")
    return branches[0] if len(branches) == 1 else ""


def _refs(repository: Repository, below: str) -> list[str]:
    """The refs below a folder of them, without its name."""
    told = ask(repository, "for-each-ref", "--format=%(refname)", below.rstrip("/"))
    lines = told.decode("utf-8", "surrogateescape").split("\n")[:-1]
    return [line.removeprefix(below) for line in lines]
