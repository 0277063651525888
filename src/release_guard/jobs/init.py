"""``init``: gather what a policy and a workflow are proposed from, and write them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from release_guard.errors import (
    PolicyError,
    RepositoryError,
    SourceError,
    UsageError,
)
from release_guard.facts import GitTag, Listing
from release_guard.filenames import distribution
from release_guard.jobs.common import Job, simple_url
from release_guard.proposal.proposing import POLICY, forms_by_project
from release_guard.proposal.seen import Publishing, Remote, Seen, SeenProject, is_plain
from release_guard.proposal.written import Draft, Fate, Placed
from release_guard.sources import dist, git, project_tree
from release_guard.sources.files import read_small, remove_file, write_whole
from release_guard.sources.git import Repository, find_repository
from release_guard.sources.policy_file import read_policy_file
from release_guard.sources.project_tree import ProjectFile, Read
from release_guard.sources.simple import read_listing

__all__ = ["gather", "place", "policy_there"]

_DIST = Path("dist")
#: What a build and a check leave behind.
_LEFT = ("dist/", "release-manifest.json")
#: How many of the newest release tags are looked for on the default branch.
_LOOKED_FOR = 5
#: A file in the place of a draft, in bytes: what is larger is none of ours.
_LARGEST = 1 << 20


@dataclass(slots=True)
class _Gathered:
    """What was read on the way, and what could not be."""

    repository: Repository | None = None
    tags: tuple[GitTag, ...] | None = None
    remote: Remote | None = None
    branch: str = ""
    is_computed: bool = False
    unclear: list[str] = field(default_factory=list)


def gather(
    job: Job, names: Sequence[str], *, offline: bool, top: Path = Path()
) -> Seen:
    """What is there to see of the repository around ``top``, of ``dist/`` in it, and of
    the projects on the index; ``names`` are the projects that were given.

    Raises ``UsageError`` where nobody can say what the project is called, or ``top`` is
    not the top of its checkout, and ``SourceError`` where the file that would say the
    name cannot be read. What else cannot be read is told in ``unclear``.
    """
    facts = _Gathered()
    _read_repository(job, top, facts)
    read = project_tree.project_files(top)
    facts.is_computed = project_tree.computes_name(top)
    files = _distributions(top, facts)
    projects = _projects(names, read, files, facts)
    if offline:
        facts.unclear.append("the index was not asked (--offline): no release was read")
    else:
        projects = [_with_listing(job, project, facts) for project in projects]
    uploading = project_tree.uploaders(top)
    facts.unclear += [*read.unread, *uploading.unread]
    seen = Seen(
        tuple(projects),
        facts.tags,
        facts.remote,
        facts.branch,
        publishing=tuple(Publishing(u.path, u.word, u.sure) for u in uploading.found),
        index=job.policy.index.name,
        not_ignored=_not_ignored(facts),
    )
    seen = _with_branch(seen, facts)
    return replace(seen, unclear=tuple(dict.fromkeys(facts.unclear)))


# --- the repository --------------------------------------------------------------


def _read_repository(job: Job, top: Path, facts: _Gathered) -> None:
    """The tags, the remote and its branch, as far as git can read them."""
    try:
        repository = find_repository(top, job.environ)
        if repository is None:
            facts.unclear.append("there is no git repository here: no tag was read")
            return
        is_top = git.is_top(repository)
    except RepositoryError as error:
        facts.unclear.append(f"{error.message}: no tag was read")
        return
    if not is_top:
        raise UsageError(
            "init: this is not the top of the checkout",
            hint="run it there: GitHub and release-guard read .github at the top",
        )
    facts.repository = repository
    try:
        facts.tags = git.tags(repository)
        if git.is_shallow(repository):
            facts.unclear.append("the checkout is shallow: it may lack tags")
        address = project_tree.remote_address(repository)
        if address is not None:
            facts.remote = Remote(address.remote, address.host, address.repository)
        name = address.remote if address else ""
        branch = project_tree.default_branch(repository, name)
    except RepositoryError as error:
        facts.unclear.append(error.message)
        return
    if branch and not is_plain(branch):
        facts.unclear.append(f"the branch {branch!r:.80} has an odd name: left out")
        return
    facts.branch = branch


def _with_branch(seen: Seen, facts: _Gathered) -> Seen:
    """What was seen, with the newest release tags on, and beside, the branch."""
    if facts.repository is None or not facts.branch:
        return seen
    commits = {tag.name: tag.commit for tag in facts.tags or ()}
    newest = [
        tag
        for forms in forms_by_project(seen).values()
        for tag in forms.releases[:_LOOKED_FOR]
    ]
    lying: dict[bool, list[str]] = {True: [], False: []}
    try:
        for tag in newest:
            found = git.branches(facts.repository, commits[tag], [facts.branch])
            lying[any(branch.holds for branch in found)].append(tag)
    except RepositoryError as error:
        facts.unclear.append(error.message)
        return seen
    return replace(seen, on_branch=tuple(lying[True]), off_branch=tuple(lying[False]))


def _not_ignored(facts: _Gathered) -> tuple[str, ...]:
    """What a build and a check leave in the checkout, and git does not ignore."""
    if facts.repository is None:
        return ()
    try:
        return project_tree.not_ignored(facts.repository, _LEFT)
    except RepositoryError as error:
        facts.unclear.append(error.message)
        return ()


# --- the projects --------------------------------------------------------------


def _distributions(top: Path, facts: _Gathered) -> dict[NormalizedName, list[str]]:
    """The names of the distributions in ``dist/``, by project; nothing is opened."""
    folder = top / _DIST
    if not os.path.lexists(folder):
        return {}
    try:
        paths = dist.find((folder,)).distributions
    except (SourceError, UsageError) as error:
        facts.unclear.append(error.message)
        return {}
    named: dict[NormalizedName, list[str]] = {}
    for path in paths:
        name = distribution(path.name, size=0, sha256="").name
        if name is None:
            facts.unclear.append(f"{path}: is no valid name of a distribution")
        else:
            named.setdefault(name.project, []).append(path.name)
    return named


def _projects(
    names: Sequence[str],
    read: Read[ProjectFile],
    files: dict[NormalizedName, list[str]],
    facts: _Gathered,
) -> list[SeenProject]:
    """The projects that are meant: those given, else the one that the repository's top
    is, else the only one there is.
    """
    by_name: dict[NormalizedName, ProjectFile] = {p.name: p for p in read.found}
    if names:
        chosen = [_given(name) for name in names]
        facts.unclear += _unnamed(chosen, by_name, files)
    else:
        chosen = [_only(by_name, files, read.unread, facts)]
        facts.unclear += _others(chosen, by_name, files)
    return [
        _seen(name, by_name.get(name), files.get(name, ()))
        for name in dict.fromkeys(chosen)
    ]


def _given(name: str) -> NormalizedName:
    try:
        return canonicalize_name(name, validate=True)
    except InvalidName:
        raise UsageError(
            f"init: expected the name of a project, found {name!r:.80}"
        ) from None


def _only(
    by_name: dict[NormalizedName, ProjectFile],
    files: dict[NormalizedName, list[str]],
    unread: tuple[str, ...],
    facts: _Gathered,
) -> NormalizedName:
    """The project that nobody had to name."""
    tops = [project.name for project in by_name.values() if not project.folder]
    if unread and not tops:
        raise SourceError(
            f"init: what the project is called cannot be read: {unread[0]}", hint=_NAME
        )
    for names in (tops, list(by_name), list(files)):
        if len(names) == 1:
            return names[0]
        both = [name for name in names if name in files]
        if len(both) == 1:
            return both[0]
        if names:
            raise UsageError(
                f"init: there are several projects: {', '.join(sorted(names))}",
                hint="name those that are released: release-guard init NAME ...",
            )
    why = "init: no file here says what the project is called"
    if facts.is_computed:
        why += ": setup.py may, but it is a program, and is not run"
    raise UsageError(why, hint=_NAME)


_NAME = "name it: release-guard init NAME"


def _unnamed(
    chosen: Collection[NormalizedName],
    by_name: dict[NormalizedName, ProjectFile],
    files: dict[NormalizedName, list[str]],
) -> Iterable[str]:
    """Those of the chosen projects that no file here speaks of."""
    for name in chosen:
        if (by_name or files) and name not in by_name and name not in files:
            known = ", ".join(sorted({*by_name, *files}))
            yield f"no file here is of {name}, which was named; there is {known}"


def _others(
    chosen: Collection[NormalizedName],
    by_name: dict[NormalizedName, ProjectFile],
    files: dict[NormalizedName, list[str]],
) -> Iterable[str]:
    """The projects that were found and not taken."""
    left = sorted({*by_name, *files}.difference(chosen))
    if left:
        yield (
            f"not taken: {', '.join(left)}; to release them as well, name all: "
            f"release-guard init {' '.join([*chosen, *left])}"
        )


def _seen(
    name: NormalizedName, project: ProjectFile | None, files: Iterable[str]
) -> SeenProject:
    """A project with what its files say. A folder that a workflow cannot name as it is
    would be a hole in it.
    """
    if project is None:
        return SeenProject(name, files=tuple(files))
    if project.folder and not is_plain(project.folder):
        raise UsageError(
            f"init: the folder of {name} cannot be written into a workflow: "
            f"{project.folder!r:.80}",
            hint="letters, digits and . _ / @ + = - are what a path may have",
        )
    return SeenProject(
        name,
        project.folder,
        tuple(files),
        versioned_by=project.versioned_by,
        configures_wheels=project.configures_wheels,
    )


def _with_listing(job: Job, project: SeenProject, facts: _Gathered) -> SeenProject:
    """A project with what the index lists of it, where that can be read."""
    try:
        listing: Listing = read_listing(
            job.web, simple_url(job.policy.index), project.name
        )
    except SourceError as error:
        facts.unclear.append(f"{error.message}: the last release was not read")
        return project
    return replace(project, listing=listing)


# --- the files -----------------------------------------------------------------


def place(
    drafts: Sequence[Draft], *, force: bool, top: Path = Path()
) -> tuple[Placed, ...]:
    """Write the drafts, all or none: where one's place is taken by another text, and
    ``force`` is not given, nothing is written.

    Raises ``UsageError`` where a place is none to write to (a link, a folder), and
    ``SourceError`` where one cannot be written; then all is as it was before.
    """
    placed = [_looked_at(draft, top) for draft in drafts]
    if any(file.fate is Fate.REPLACED for file in placed) and not force:
        held = {Fate.REPLACED: Fate.KEPT, Fate.WRITTEN: Fate.HELD}
        return tuple(replace(p, fate=held.get(p.fate, p.fate)) for p in placed)
    _write([file.draft for file in placed if file.fate is not Fate.SAME], top)
    return tuple(placed)


def _write(drafts: Sequence[Draft], top: Path) -> None:
    """Write the drafts beside their places, and then put all in place; after an error
    what was done is undone, the last first.
    """
    with ExitStack() as undo:
        ready: list[tuple[Path, Path]] = []
        for number, draft in enumerate(drafts):
            path = top / draft.path
            for folder in _missing_folders(path.parent):
                try:
                    folder.mkdir()
                except OSError as error:
                    raise _unwritten(folder, error) from error
                undo.callback(_remove_folder, folder)
            beside = path.with_name(f".release-guard-{os.getpid()}-{number}")
            try:
                write_whole(beside, draft.text)
            except SourceError as error:
                told = error.message.replace(str(beside), str(path))
                raise SourceError(told) from error
            undo.callback(remove_file, beside)
            ready.append((beside, path))
        for beside, path in ready:
            try:
                before = path.read_bytes() if os.path.lexists(path) else None
                beside.replace(path)
            except OSError as error:
                raise _unwritten(path, error) from error
            undo.callback(_put_back, path, before)
        undo.pop_all()


def _missing_folders(folder: Path) -> Iterator[Path]:
    """The folders on the way to a place that are not there, the outermost first."""
    missing = [f for f in (folder, *folder.parents) if not os.path.lexists(f)]
    yield from reversed(missing)


def _put_back(path: Path, before: bytes | None) -> None:
    """Make a place as it was."""
    with suppress(OSError):
        path.unlink() if before is None else path.write_bytes(before)


def _remove_folder(folder: Path) -> None:
    """Remove a folder of ours, where nobody has put anything in it."""
    with suppress(OSError):
        folder.rmdir()


def _unwritten(path: Path, error: OSError) -> SourceError:
    return SourceError(f"{path}: {error.strerror or error}")


def policy_there(top: Path = Path()) -> Mapping[str, object]:
    """The policy that is in place, as plain values; empty where there is none.

    Raises ``PolicyError`` where it cannot be read, and ``UsageError`` where it stands
    elsewhere.
    """
    try:
        raw = read_policy_file(None, top)
    except PolicyError as error:
        hint = (
            error.hint or "mend it, or remove it: init writes over none it cannot read"
        )
        raise PolicyError(error.message, hint=hint) from None
    if raw is None or raw.value is None:
        return {}
    if raw.where != str(top / POLICY):
        raise UsageError(
            f"{raw.where}: there is a policy already",
            hint=f"move it to {POLICY}, or remove it: two would exclude each other",
        )
    if not isinstance(raw.value, Mapping):
        raise PolicyError(
            f"{raw.where}: is no table of settings", hint="mend it, or remove it"
        )
    return {str(key): value for key, value in raw.value.items()}


def _looked_at(draft: Draft, top: Path) -> Placed:
    """A draft, and what would become of it were it written."""
    for folder in Path(draft.path).parents[:-1]:
        place_ = top / folder
        if place_.is_symlink() or (place_.exists() and not place_.is_dir()):
            raise UsageError(f"{place_}: is no folder of this repository")
    path = top / draft.path
    if not os.path.lexists(path):
        return Placed(draft, Fate.WRITTEN)
    if path.is_symlink() or not path.is_file():
        raise UsageError(f"{path}: is no regular file", hint="remove it first")
    content = read_small(path, SourceError, largest=_LARGEST)
    # Windows' git writes other line ends; that is no other text.
    if content.replace(b"\r\n", b"\n") == draft.text.encode():
        return Placed(draft, Fate.SAME, draft.text)
    return Placed(draft, Fate.REPLACED, content.decode("utf-8", "replace"))
