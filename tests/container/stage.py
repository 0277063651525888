"""What a scenario plays on: a repository, a job in its folders, and an index."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sound
from container.engines import Engine
from forge import Repository, Run
from runner import events, metadata
from runner.environment import Facts
from runner.folders import Folders, Owner
from runner.job import Job, Step
from runner.launch import Container
from runner.standin import standing_in
from servers import Server

__all__ = ["ROOT", "RUNNER", "TAG", "Socket", "Stage", "opened"]

ROOT = Path(__file__).parents[2]
#: The user of a hosted runner.
RUNNER = Owner(1001, 1001)
TAG = "v1.0"


@dataclass
class Stage:
    """One scenario: what it changes before the step, and how it starts it.

    ``environ`` is what earlier steps left, ``facts`` what the event says. The checkout
    is a copy of ``origin`` with a sound wheel and sdist of demo 1.0 in ``dist``.
    """

    engine: Engine
    folders: Folders
    origin: Repository
    index: Server
    socket: Socket
    environ: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    container: Mapping[str, Any] = field(default_factory=dict)
    own_event: bool = False
    own_owners: bool = False
    #: Who writes, where root cannot be given up.
    writer: Owner | None = None
    #: Names of what the scenario itself leaves of root's.
    roots: set[str] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    #: The verdict in the report file after each step.
    verdicts: list[str] = field(default_factory=list)
    open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _job: Job | None = None

    @property
    def workspace(self) -> Path:
        """The checkout."""
        return self.folders.workspace

    @property
    def dist(self) -> Path:
        """The distributions."""
        return self.workspace / "dist"

    @property
    def here(self) -> dict[str, str]:
        """The inputs that name the index of this stage in place of the public one."""
        return {"index": "pypi", "index-url": f"{self.index.url}/simple/"}

    def renew(self) -> None:
        """Check out again what the repository has now, and keep the distributions."""
        shutil.rmtree(self.workspace / ".git")
        shutil.copytree(self.origin.folder / ".git", self.workspace / ".git")

    def write(self, name: str, text: str) -> Path:
        """A file of the checkout."""
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def lists(self, *files: Mapping[str, object] | Path, **page: object) -> None:
        """Let the index list these files of demo; ``page`` adds to its page."""
        reply = sound.listing(*files)
        document = {**json.loads(reply.body), **page}
        self.answers(json.dumps(document).encode())

    def answers(self, body: bytes, status: int = 200, **headers: str) -> None:
        """What the index says of demo."""
        from servers import Reply

        sent = {"Content-Type": sound.JSON, **headers}
        self.index.on("/simple/demo/", Reply(body, status, sent))

    def step(self, inputs: Mapping[str, str], event: Run | None = None) -> Step:
        """Run the action once, for an event, which is else the push of the tag."""
        event = event or self.origin.push(f"refs/tags/{TAG}")
        if not self.own_event:
            self.folders.file(self.folders.event, events.text(event))
        if not self.own_owners:
            self.folders.give(self.workspace)
        if self._job is None:
            self._job = Job(self.folders, Facts(event.environ), dict(self.environ))
        self._job.facts = replace(Facts(event.environ), **self.facts)
        self._job.withheld = self.withheld
        launcher = Container(
            (self.engine.program,),
            self.engine.image,
            self.engine.environ,
            socket=self.socket.path,
            options=self.engine.options,
        )
        launcher = replace(launcher, **self.container)
        step = self._job.act(metadata.read(ROOT / "action.yml"), inputs, launcher)
        self.steps.append(step)
        self.verdicts.append(self._reported())
        return step

    def _reported(self) -> str:
        """The verdict of the report file, empty where there is none."""
        report = self.workspace / "release-guard-report.json"
        if not report.is_file():
            return ""
        return str(json.loads(report.read_bytes())["verdict"])

    def check(self, event: Run | None = None, **inputs: str) -> Step:
        """``command: check`` for the stage's index."""
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return self.step({"command": "check", **self.here, **given}, event)

    def verify(self, **inputs: str) -> Step:
        """``command: verify`` for the stage's index."""
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return self.step({"command": "verify", **self.here, **given})

    def check_with(self, **environ: str) -> Step:
        """``check`` with more left by earlier steps."""
        self.environ |= environ
        return self.check()

    def files_by(self, make: Callable[[Mapping[str, str]], dict[str, Path]]) -> None:
        """Let somebody else make the files by which a step speaks with the runner."""
        object.__setattr__(self.folders, "files", make)

    def by_name(self) -> None:
        """Let the public index lead to this stage's, for steps that name no other."""
        servers = {"pypi": self.index.url}
        place = self.folders.root.parent / "names"
        index = self.open.enter_context(standing_in(place, servers))
        bundle = self.folders.file(
            self.folders.temp / "ca.pem", index.bundle.read_bytes()
        )
        self.environ |= index.environ(str(bundle))
        if self._job is not None:
            self._job.environ |= self.environ

    def when_asked(self, act: Callable[[subprocess.Popen[bytes], str], None]) -> None:
        """Let the index hang, and once it was asked do something about the step."""
        asked = threading.Event()

        def answer(wire: Any) -> None:  # noqa: ANN401
            asked.set()
            wire.closing.wait()

        def watch(process: subprocess.Popen[bytes], name: str) -> None:
            if asked.wait(60):
                act(process, name)

        self.index.on("/simple/demo/", answer)
        self.container = {**self.container, "watch": watch}


class Socket:
    """What stands for docker's own socket, root's; who speaks to it is noted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.callers = 0
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        path.chmod(0o660)
        self._listening.listen()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listening.accept()
                self.callers += 1
                caller.close()

    def close(self) -> None:
        """Stop."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)


@contextlib.contextmanager
def opened(
    engine: Engine, origin: Repository, root: Path, owner: Owner
) -> Iterator[Stage]:
    """A stage in ``root``, with a copy of the repository."""
    from servers import serving

    root.mkdir(parents=True)
    mine = origin.copy(root / "origin" / "demo")
    folders = Folders(root / "runner", mine.name, owner)
    folders.make()
    shutil.copytree(mine.folder, folders.workspace, dirs_exist_ok=True)
    sound.pair(folders.workspace / "dist")
    folders.give(folders.workspace)
    here = Socket(root / "docker.sock")
    try:
        with serving() as index:
            stage = Stage(engine, folders, mine, index, here)
            with stage.open:
                yield stage
    finally:
        here.close()
        for fifo in filter(os.path.lexists, [folders.event]):
            with contextlib.suppress(OSError):
                Path(fifo).unlink()
