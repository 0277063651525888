"""The repository of a project as ``init`` reads it: what its files say it is called,
what uploads it already, and which remote and branch it has.

Nothing of it is executed, and what cannot be read is told: never taken for absent.
"""

from __future__ import annotations

import configparser
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import yaml
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
    "computes_name",
    "default_branch",
    "not_ignored",
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
#: More actions of its own than this has no repository.
_MOST_ACTIONS = 300
#: What is larger is searched as text: it would take seconds to parse.
_PARSED = 64 << 10
#: What may stand between a program and its command: options, each with a value or not.
#: All is bounded, for the sake of time.
_GAP, _TEXT = r"[ \t]{1,40}", r"[^\s;&|]{0,100}"
_OPTIONS = rf"(?:{_GAP}-{_TEXT}(?:{_GAP}[^-\s;&|]{_TEXT})?){{0,20}}{_GAP}"
#: A version, behind a program's name: ``twine==6.1``, ``twine@latest``.
_PINNED = rf"(?:[@=<>~!]{_TEXT})?"
#: What uploads, as a workflow says it.
_UPLOADS = re.compile(
    r"pypa/gh-action-pypi-publish"
    r"|(?<![\w.-])[\w.-]{1,100}/[\w.-]{0,100}(?:pypi-?(?:publish|upload|release)|publish-?(?:to-)?pypi|"
    r"poetry-publish)[\w.-]{0,100}@"
    rf"|\b(?:twine|maturin){_PINNED}{_OPTIONS}upload\b"
    r"|\b(?:uv|flit|poetry|hatch|pdm|maturin|rye|semantic-release)"
    rf"{_PINNED}{_OPTIONS}publish\b"
    rf"|\bsetup\.py{_GAP}(?:[^\s;&|]{_TEXT}{_GAP}){{0,20}}upload\b",
    re.IGNORECASE,
)
#: The command that makes an action upload which does other things as well.
_COMMANDS = {"pyo3/maturin-action": ("upload", "publish")}


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
    """A workflow or an action that uploads, by its path, and the words that say so; not
    ``sure`` where it only may.
    """

    path: str
    word: str
    sure: bool = True


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
    unread: list[str] = []
    for folder in _folders(top, unread):
        try:
            project = _project_in(top, folder)
        except SourceError as error:
            unread.append(error.message)
        else:
            if project is not None:
                found.setdefault(project.name, project)
    return Read(tuple(found.values()), tuple(unread))


def computes_name(top: Path) -> bool:
    """Whether only a program would say what the project at the top is called: it is
    not run.
    """
    return os.path.lexists(top / "setup.py")


def _folders(top: Path, unread: list[str]) -> Iterator[str]:
    """The folders that a project may lie in, the top first; no link is followed. What
    was not looked into is added to ``unread``.
    """
    waiting = [""]
    for _ in range(_MOST_FOLDERS):
        if not waiting:
            return
        folder = waiting.pop(0)
        yield folder
        if folder.count("/") + bool(folder) < _DEEPEST:
            waiting += sorted(_below(top, folder, unread))
    if waiting:
        unread.append(
            f"only the first {_MOST_FOLDERS} folders were searched for projects, not "
            f"{waiting[0]!r:.80} and those behind it"
        )


def _below(top: Path, folder: str, unread: list[str]) -> Iterator[str]:
    try:
        with os.scandir(top / folder) as entries:
            names = [e.name for e in entries if e.is_dir(follow_symlinks=False)]
    except OSError as error:
        unread.append(f"{top / folder}: {error.strerror or error}")
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
    """The workflows, and the actions of the repository itself, that upload already, or
    may (``Uploader``). It is a search for words: what a program of the project does, or
    an action of others under another name, is not seen.
    """
    unread: list[str] = []
    found = []
    for path in (*_workflows(top, unread), *_actions(top, unread)):
        try:
            content = read_small(path, SourceError, largest=_LARGEST)
        except SourceError as error:
            unread.append(error.message)
            continue
        for word, sure in _uploading(content.decode("utf-8", "replace")):
            found.append(Uploader(path.relative_to(top).as_posix(), word, sure))
    return Read(tuple(found), tuple(unread))


def _workflows(top: Path, unread: list[str]) -> list[Path]:
    folder = top / ".github" / "workflows"
    try:
        paths = sorted(p for p in folder.iterdir() if p.suffix in (".yml", ".yaml"))
    except FileNotFoundError:
        return []
    except OSError as error:
        unread.append(f"{folder}: {error.strerror or error}")
        return []
    return _first(paths, _MOST_WORKFLOWS, folder, unread)


def _actions(top: Path, unread: list[str]) -> list[Path]:
    """The actions of the repository: at its top, and below ``.github/actions``."""
    folder = top / ".github" / "actions"

    def tell(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            unread.append(f"{error.filename}: {error.strerror or error}")

    paths = [top / name for name in _ACTION if os.path.lexists(top / name)]
    for place, _, names in os.walk(folder, onerror=tell):
        paths += [Path(place, name) for name in _ACTION if name in names]
        if len(paths) > _MOST_ACTIONS:
            break
    return _first(sorted(paths), _MOST_ACTIONS, folder, unread)


_ACTION = ("action.yml", "action.yaml")


def _first(paths: list[Path], most: int, folder: Path, unread: list[str]) -> list[Path]:
    if len(paths) > most:
        unread.append(f"{folder}: only the first {most} files were read")
    return paths[:most]


def _uploading(text: str) -> Iterator[tuple[str, bool]]:
    """The words of a workflow that say that it uploads, and whether that is sure; the
    first of them only.
    """
    texts, may = _values(text)
    for each in texts:
        # A command goes on behind a backslash.
        if said := _UPLOADS.search(re.sub(r"\\\r?\n", " ", each)):
            yield f"{' '.join(said[0].split()):.80}", True
            return
    if may:
        yield may, False


def _values(text: str) -> tuple[list[str], str]:
    """What a workflow says in its steps, and the words by which a job of it may upload.
    Where it cannot be read as YAML that is its whole text: comments may be none there.
    """
    try:
        root = _composed(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        granted = re.search(r"\bid-token[\"']?\s*:\s*[\"']?write\b", text)
        return [text], "id-token: write" if granted else ""
    texts: list[str] = []
    may: list[str] = []
    # By identity: aliases make of few nodes a tree without an end.
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += reversed(node.value)
        elif isinstance(node, yaml.MappingNode):
            waiting += [value for _, value in reversed(node.value)]
            table = {key.value: value for key, value in node.value if _is_word(key)}
            texts += _of_command(table)
            may += _allowed(table)
        else:
            texts.append(node.value)
    return texts, next(iter(may), "")


def _composed(text: str) -> yaml.Node | None:
    """The nodes of a YAML text; nothing is made of them."""
    if len(text) > _PARSED:
        raise ValueError("too long to be parsed")
    loader = yaml.SafeLoader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _is_word(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode)


def _word(node: yaml.Node | None) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def _of_command(table: Mapping[str, yaml.Node]) -> Iterator[str]:
    """A step with an action that uploads by its input ``command``, as a command."""
    action = _word(table.get("uses")).partition("@")[0].lower()
    given = table.get("with")
    if action in _COMMANDS and isinstance(given, yaml.MappingNode):
        for key, value in given.value:
            if _word(key) == "command" and _word(value) in _COMMANDS[action]:
                yield f"maturin {_word(value)}"


def _allowed(table: Mapping[str, yaml.Node]) -> Iterator[str]:
    """By what a job may upload: trusted publishing, or an environment for it."""
    if _word(table.get("id-token")) == "write":
        yield "id-token: write"
    if _word(table.get("permissions")) == "write-all":
        yield "permissions: write-all"
    environment = table.get("environment")
    if isinstance(environment, yaml.MappingNode):
        named = {_word(key): _word(value) for key, value in environment.value}
        name = named.get("name", "")
    else:
        name = _word(environment)
    if "pypi" in name.lower():
        yield f"environment: {name:.80}"


# --- what git is asked ---------------------------------------------------------------


def not_ignored(repository: Repository, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names at the top that no rule of the repository makes git ignore."""

    def is_ignored(name: str) -> bool:
        # 1: no rule fits.
        words = ("check-ignore", "--no-index", "--", name)
        return bool(ask(repository, *words, sound=(0, 1)))

    return tuple(name for name in names if not is_ignored(name))


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
