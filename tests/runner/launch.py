"""How a step is started: as a process, or by a container engine as docker is."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runner.folders import Folders

__all__ = ["Container", "Ended", "Launch", "Launcher", "Process", "arguments"]

_SECONDS = 300.0
_INSIDE = "/github/workspace"
_SOCKET = "/var/run/docker.sock"


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what came by its two pipes, as text."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Launch:
    """What is to be started: the environment as the container has it, and what
    replaces or follows the image's entry point.
    """

    folders: Folders
    environ: Mapping[str, str]
    entrypoint: str = ""
    args: tuple[str, ...] = ()


Launcher = Callable[[Launch], Ended]


@dataclass(frozen=True)
class Process:
    """The action as a process on this machine, with the same environment but for what
    a container alone has: paths are the host's, and PATH leads to the programs.
    """

    program: tuple[str, ...] = (sys.executable, "-I", "-m", "release_guard.start")
    also: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, launch: Launch) -> Ended:
        """Start it in the workspace and wait."""
        folders = launch.folders
        environ = {n: folders.to_host(v) for n, v in launch.environ.items()}
        environ |= {"GITHUB_ACTIONS": "true", "CI": environ.get("CI", "true")}
        environ["PATH"] = os.environ["PATH"]
        return run(
            [*self.program, *launch.args], folders.workspace, {**environ, **self.also}
        )


def arguments(launch: Launch, socket: Path | None = None) -> list[str]:
    """What the runner tells docker (``DockerCommandManager.DockerRun``), the names of
    variables included, whose values docker takes from its own environment.
    """
    words = ["--workdir", _INSIDE, "--rm"]
    for name in launch.environ:
        words += ["-e", name]
    words += ["-e", "GITHUB_ACTIONS=true"]
    if "CI" not in launch.environ:
        words += ["-e", "CI=true"]
    if launch.entrypoint:
        words += ["--entrypoint", launch.entrypoint]
    if socket is not None:
        words += ["-v", f"{socket}:{_SOCKET}"]
    for here, there in reversed([*launch.folders.mounts.items()]):
        words += ["-v", f"{here}:{there}"]
    return words


@dataclass(frozen=True)
class Container:
    """The action in its image.

    ``engine`` is the program with its first words, ``environ`` what it needs itself;
    ``network`` is the container's, ``socket`` stands for docker's own. ``watch`` is
    called with the engine's process and the container's name while the step runs.
    """

    engine: tuple[str, ...]
    image: str
    environ: Mapping[str, str]
    network: str = "host"
    socket: Path | None = None
    options: tuple[str, ...] = ()
    read_only: bool = False
    watch: Callable[[subprocess.Popen[bytes], str], None] = lambda _process, _name: None

    def __call__(self, launch: Launch) -> Ended:
        """Start it and wait, stdin closed."""
        name = f"{re.sub(r'[^a-z0-9]', '', self.image)}_{uuid.uuid4().hex[:6]}"
        words = ["--name", name, *arguments(launch, self.socket)]
        # The engine's own way would be steered by some; docker is never asked by name.
        words = [
            f"{word}={launch.environ[word]}"
            if before == "-e" and _steers(word) and word in launch.environ
            else word
            for before, word in zip(["", *words[:-1]], words, strict=True)
        ]
        if self.read_only:
            ends = f":{_INSIDE}"
            words = [f"{word}:ro" if word.endswith(ends) else word for word in words]
        passed = {n: v for n, v in launch.environ.items() if not _steers(n)}
        command = [*self.engine, "run", "--network", self.network, *self.options]
        return run(
            [*command, *words, self.image, *launch.args],
            launch.folders.workspace,
            {**self.environ, **passed},
            lambda process: self.watch(process, name),
        )


def _steers(name: str) -> bool:
    """Whether the engine, or the shell around it, would go by a variable itself."""
    begins = ("LD_", "CONTAINERS_", "OCI_", "DOCKER_", "XDG_", "BASH_", "GODEBUG")
    names = ("PATH", "HOME", "IFS", "ENV", "TMPDIR", "LANG", "LC_ALL", "TERM", "PS4")
    return name.startswith(begins) or name in names or name.lower().endswith("_proxy")


def run(
    command: Sequence[str],
    folder: Path,
    environ: Mapping[str, str],
    watch: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
) -> Ended:
    """Run a program to its end, in a session of its own."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            watch(process)
            out, err = process.communicate(timeout=_SECONDS)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return Ended(
        process.returncode,
        out.decode("utf-8", "replace"),
        err.decode("utf-8", "replace"),
    )
