"""upload-artifact and download-artifact, as a copy on this machine."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["ArtifactError", "Artifacts", "download", "upload"]


class ArtifactError(ValueError):
    """What ends the step: no such artifact, no files, a name that is taken."""


@dataclass(frozen=True)
class Artifacts:
    """The artifacts of a run: a folder for each, by its name; their ids are given once,
    and what is overwritten has another one.
    """

    folder: Path
    names: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1001))


def upload(
    artifacts: Artifacts,
    workspace: Path,
    name: str,
    patterns: str,
    *,
    if_none: str = "warn",
    hidden: bool = False,
    overwrite: bool = False,
) -> str:
    """Copy what the patterns name; gives what is said. Modes are not kept, links are
    followed, and the paths begin at what all the patterns have in common.
    """
    if not name or re.search(r'["/\\:<>|*?\r\n]', name):
        raise ArtifactError(f"The artifact name is not valid: {name!r}")
    files, roots = _found(workspace, patterns, hidden=hidden)
    if not files:
        said = f"No files were found with the provided path: {patterns.strip()}."
        if if_none == "error":
            raise ArtifactError(said)
        return f"{said} No artifacts will be uploaded."
    if name in artifacts.names:
        if not overwrite:
            raise ArtifactError(
                "Failed to CreateArtifact: (409) Conflict: an artifact with this name "
                f"already exists on the workflow run: {name}"
            )
        shutil.rmtree(artifacts.folder / name)
        artifacts.names.remove(name)
    artifacts.names.append(name)
    artifacts.ids[name] = str(next(artifacts.numbers))
    root = Path(os.path.commonpath(roots))
    for file in files:
        target = artifacts.folder / name / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    return f"Artifact {name} has been uploaded: {len(files)} file(s)."


def _found(
    workspace: Path, patterns: str, *, hidden: bool
) -> tuple[list[Path], list[Path]]:
    """The files, and where each pattern begins to be one."""
    files: dict[Path, None] = {}
    roots = []
    for line in filter(None, map(str.strip, patterns.split("\n"))):
        root = _root(workspace, line.removeprefix("!"))
        found = _matching(workspace, line.removeprefix("!"))
        if line.startswith("!"):
            files = dict.fromkeys(f for f in files if f not in found)
            continue
        roots.append(root)
        files |= dict.fromkeys(f for f in found if hidden or not _is_hidden(f, root))
    if len(roots) == 1 and roots[0].is_file():
        roots = [roots[0].parent]
    return [*files], roots


def _root(workspace: Path, line: str) -> Path:
    """The folder, or the file, in front of a pattern's first mark."""
    plain, mark, _ = re.split(r"([*?\[]|$)", line, maxsplit=1)
    path = workspace / plain
    return path.parent if mark and not plain.endswith("/") else path


def _matching(workspace: Path, line: str) -> list[Path]:
    """The files that a pattern names, and those in the folders that it names."""
    path = workspace / line
    if re.search(r"[*?\[]", line):
        found = list(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    else:
        found = [path] if path.exists() else []
    inside = (path.rglob("*") if path.is_dir() else [path] for path in found)
    return sorted(file for paths in inside for file in paths if file.is_file())


def _is_hidden(file: Path, root: Path) -> bool:
    """Whether a name begins with a dot, from the pattern's folder on."""
    below = file.relative_to(root).parts
    return any(part.startswith(".") for part in (root.name, *below))


def download(
    artifacts: Artifacts,
    target: Path,
    *,
    name: str = "",
    ids: str = "",
    pattern: str = "",
    merge: bool = False,
) -> str:
    """Copy one artifact, or all that fit, each into a folder of its name, or all into
    one.
    """
    if name and ids:
        raise ArtifactError("Inputs 'name' and 'artifact-ids' cannot be used together")
    if ids:
        return _by_ids(artifacts, target, ids, merge=merge)
    if name:
        if name not in artifacts.names:
            raise ArtifactError(
                f"Unable to download artifact(s): Artifact not found for name: {name}"
            )
        _copy(artifacts.folder / name, target)
        return f"Artifact {name} was downloaded."
    wanted = [n for n in artifacts.names if not pattern or _fits(n, pattern)]
    for each in wanted:
        _copy(artifacts.folder / each, target if merge else target / each)
    return f"{len(wanted)} artifact(s) were downloaded."


def _by_ids(artifacts: Artifacts, target: Path, ids: str, *, merge: bool) -> str:
    """Copy those of these ids; one alone needs no folder of its name."""
    wanted = [part.strip() for part in ids.split(",") if part.strip()]
    names = {number: name for name, number in artifacts.ids.items()}
    lacking = [each for each in wanted if each not in names]
    # The real one only warns where some of several are there: no workflow may need it.
    if lacking or not wanted:
        raise ArtifactError(f"Artifact not found for the ids: {ids!r}")
    for each in wanted:
        alone = merge or len(wanted) == 1
        folder = target if alone else target / names[each]
        _copy(artifacts.folder / names[each], folder)
    return f"{len(wanted)} artifact(s) were downloaded."


def _copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target, dirs_exist_ok=True)


def _fits(name: str, pattern: str) -> bool:
    form = "".join(".*" if mark == "*" else re.escape(mark) for mark in pattern)
    return re.fullmatch(form, name) is not None


def as_flag(said: Mapping[str, str], key: str) -> bool:
    """An input that is true or false."""
    return said.get(key, "").lower() == "true"
