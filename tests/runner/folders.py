"""The folders of a job on the runner's machine, and what a container sees of them."""

from __future__ import annotations

import hashlib
import os
import stat
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Change", "Folders", "Owner", "State", "changes"]


@dataclass(frozen=True)
class Owner:
    """A user and a group, by number."""

    user: int
    group: int


@dataclass(frozen=True)
class Folders:
    """Where a job lives below ``root``; all of it is ``owner``'s, if one is given.

    The names are those of a hosted runner, so that a path of the one side is never one
    of the other.
    """

    root: Path
    repository: str = "org/demo"
    owner: Owner | None = None

    @property
    def workspace(self) -> Path:
        """The checkout; twice the repository's name, as the runner has it."""
        name = self.repository.rpartition("/")[2]
        return self.root / "work" / name / name

    @property
    def temp(self) -> Path:
        """RUNNER_TEMP."""
        return self.root / "work" / "_temp"

    @property
    def home(self) -> Path:
        """What is a container's home."""
        return self.temp / "_github_home"

    @property
    def workflow(self) -> Path:
        """Where the event lies."""
        return self.temp / "_github_workflow"

    @property
    def file_commands(self) -> Path:
        """Where a step's files lie that it speaks with the runner by."""
        return self.temp / "_runner_file_commands"

    @property
    def event(self) -> Path:
        """The event's payload."""
        return self.workflow / "event.json"

    @property
    def tools(self) -> Path:
        """RUNNER_TOOL_CACHE, which no container sees."""
        return self.root / "hostedtoolcache"

    def make(self) -> None:
        """Make them all, for a new job."""
        places = (self.workspace, self.home, self.workflow, self.file_commands)
        for place in (*places, self.tools):
            place.mkdir(parents=True, exist_ok=True)
        self.give(self.root)

    def give(self, path: Path) -> None:
        """Let a path and all below it belong to the owner."""
        if self.owner is None:
            return
        for each in (path, *path.rglob("*")):
            os.chown(each, self.owner.user, self.owner.group, follow_symlinks=False)

    def file(self, path: Path, content: str | bytes = "", mode: int = 0o644) -> Path:
        """A file of the runner's."""
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        self.give(path)
        return path

    def files(self, kinds: Mapping[str, str]) -> dict[str, Path]:
        """New, empty files of a step by their variable, with a mark nobody foresees."""
        mark = uuid.uuid4()
        return {
            variable: self.file(self.file_commands / f"{kind}_{mark}")
            for variable, kind in kinds.items()
        }

    # --- the container's paths ----------------------------------------------------

    @property
    def mounts(self) -> Mapping[Path, str]:
        """What is mounted where, in the order in which a path is looked up."""
        return {
            self.workspace: "/github/workspace",
            self.file_commands: "/github/file_commands",
            self.workflow: "/github/workflow",
            self.home: "/github/home",
            self.temp: "/github/runner_temp",
        }

    def to_container(self, value: str) -> str:
        """What that is, or begins with, a path of the host: as the container has it."""
        return _moved(
            value, [(str(here), there) for here, there in self.mounts.items()]
        )

    def to_host(self, value: str) -> str:
        """A path of the container as the host has it."""
        return _moved(
            value, [(there, str(here)) for here, there in self.mounts.items()]
        )

    def relative(self, value: str) -> str:
        """A path of an annotation: relative to the workspace, where it lies in it."""
        return self.to_host(value).removeprefix(f"{self.workspace}/")


def _moved(value: str, places: list[tuple[str, str]]) -> str:
    for before, after in places:
        if value == before or value.startswith(f"{before}/"):
            return after + value[len(before) :]
    return value


# --- what a step changed ----------------------------------------------------------


@dataclass(frozen=True)
class State:
    """A path at a moment: its content's hash, or where a link leads; owner and mode."""

    content: str
    owner: Owner
    mode: str

    @classmethod
    def of(cls, path: Path) -> State:
        """The state of a path, links not followed."""
        said = path.lstat()
        content = ""
        if stat.S_ISLNK(said.st_mode):
            content = f"-> {path.readlink()}"
        elif stat.S_ISREG(said.st_mode):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        owner = Owner(said.st_uid, said.st_gid)
        return cls(content, owner, stat.filemode(said.st_mode))


@dataclass(frozen=True)
class Change:
    """What became of a path: None where it was not there, or is no more."""

    before: State | None
    after: State | None


def snapshot(folder: Path) -> dict[str, State]:
    """Everything below a folder, by its path in it."""
    return {
        os.fsencode(path.relative_to(folder)).decode("utf-8", "backslashreplace"): (
            State.of(path)
        )
        for path in _below(folder)
    }


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        yield from (Path(root, name) for name in (*folders, *files))


def changes(
    before: Mapping[str, State], after: Mapping[str, State]
) -> dict[str, Change]:
    """What is different, by path."""
    return {
        name: Change(before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }
