"""Three real runs of the program: a pass, a development version that is blocked, and a
publication that is not whole. Each as the action tells it, and as a terminal shows it.
"""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import checkouts
import sets
import sound
from forge import Repository

__all__ = ["NAMES", "Told", "runs"]

NAMES = ("pass", "blocked", "partial")
_TIMEOUT = 60
_COLUMNS = 100
_LINUX, _ARM = "manylinux_2_28_x86_64", "manylinux_2_28_aarch64"
_MAC, _WINDOWS = "macosx_11_0_arm64", "win_amd64"
_MODULES = sets.modules("tidelight/__init__.py", "tidelight/charts.py")
_TRACKED = {
    **_MODULES,
    "pyproject.toml": '[build-system]\nrequires = ["setuptools>=77"]\n',
}
_OF_BOTH: sets.Says = {
    "Requires-Python": ">=3.11",
    "License-Expression": "MIT",
    "Metadata-Version": "2.4",
}
_BEFORE: sets.Says = {**_OF_BOTH, "Requires-Dist": ("attrs>=23", "idna")}
_NOW: sets.Says = {**_OF_BOTH, "Requires-Dist": ("attrs>=25", "idna", "packaging")}


@dataclass(frozen=True)
class Told:
    """What a run told: the summary and the page of the action, and what a terminal
    showed, with its colours.
    """

    name: str
    summary: str
    page: str
    command: str
    terminal: str
    code: int


@dataclass
class _Place:
    """A workspace with a checkout, the runner's files, and an index."""

    folder: Path
    repository: Repository
    index: sound.Index
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.repository.folder


def runs(folder: Path) -> Iterator[Told]:
    """Run each of them in a folder of its own."""
    for name, run in zip(NAMES, (_pass, _blocked, _partial), strict=True):
        with _place(folder / name) as place:
            yield run(place)


@contextmanager
def _place(folder: Path) -> Iterator[_Place]:
    repository = Repository(folder / "workspace", "org/tidelight")
    checkouts.write(repository.folder, _TRACKED)
    repository.git("add", "--all")
    repository.commit("Draw charts")
    with sound.serving() as index:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "no_proxy": "127.0.0.1",
            "GITHUB_WORKSPACE": str(repository.folder),
        }
        yield _Place(folder, repository, index, environ)


def _dists(version: str, says: sets.Says, tags: Sequence[str]) -> list[sets.Dist]:
    """The wheels for some tags, and the sdist."""
    name = f"tidelight {version}"
    wheels = [sets.wheel(name, _MODULES, says, tag) for tag in tags]
    return [*wheels, sets.sdist(name, _TRACKED, says)]


def _build(place: _Place, dists: Sequence[sets.Dist]) -> None:
    folder = place.workspace / "dist"
    folder.mkdir()
    for dist in dists:
        sets.build(dist, folder)


def _list(place: _Place, days: int, dists: Sequence[sets.Dist]) -> list[object]:
    """Let the index have these since so many days, and nothing else; what it says."""
    sets.tell(place.index, dists, place.folder / "index", days=days)
    (reply,) = place.index.replies["/simple/tidelight/"]
    files: list[object] = json.loads(reply.body)["files"]
    return files


def _tags(pythons: Sequence[str], platforms: Sequence[str]) -> list[str]:
    return [f"{p}-{p}-{platform}" for p in pythons for platform in platforms]


_LAST = _dists("1.3.0", _BEFORE, _tags(("cp311", "cp312"), (_LINUX, _MAC, _WINDOWS)))


def _pass(place: _Place) -> Told:
    """A release of wheels for a new Python, from its tag."""
    _list(place, 60, _LAST)
    tags = _tags(("cp311", "cp312", "cp313"), (_LINUX, _MAC, _WINDOWS))
    _build(place, _dists("1.4.0", _NOW, [*tags, *_tags(["cp313"], [_ARM])]))
    place.repository.tag("v1.4.0")
    event = place.repository.push("refs/tags/v1.4.0")
    return _told(place, "pass", event.environ, "check")


def _blocked(place: _Place) -> Told:
    """A development version that somebody's hand would send to the index."""
    _list(place, 60, _LAST)
    tags = _tags(("cp311", "cp312"), (_LINUX, _MAC, _WINDOWS))
    _build(place, _dists("1.4.0.dev1", _NOW, tags))
    event = place.repository.dispatch("refs/heads/main")
    return _told(place, "blocked", event.environ, "check")


def _partial(place: _Place) -> Told:
    """An upload that broke off: three of ten files are on the index."""
    before = _list(place, 60, _LAST)
    tags = _tags(("cp311", "cp312", "cp313"), (_LINUX, _MAC, _WINDOWS))
    dists = _dists("1.4.0", _NOW, tags)
    _build(place, dists)
    place.repository.tag("v1.4.0")
    event = place.repository.push("refs/tags/v1.4.0")
    checked = _action(place, event.environ, "check")
    if checked.returncode:
        raise AssertionError(checked.stdout)
    (place.folder / "summary").unlink()
    files = [*before, *_list(place, 0, [*dists[:2], dists[-1]])]
    page = {"meta": {"api-version": "1.1"}, "name": "tidelight", "files": files}
    reply = sound.Reply(json.dumps(page).encode())
    place.index.says(reply, project="tidelight")
    return _told(place, "partial", event.environ, "verify", timeout="0")


def _inputs(place: _Place, command: str, **more: str) -> dict[str, str]:
    return {"index": "pypi", "index-url": place.index.root, **more}


def _told(
    place: _Place, name: str, event: Mapping[str, str], command: str, **inputs: str
) -> Told:
    done = _action(place, event, command, **inputs)
    if not (place.folder / "summary").exists():
        raise AssertionError(done.stdout + done.stderr)
    summary = (place.folder / "summary").read_text("utf-8")
    page = (place.workspace / "release-guard-report.html").read_text("utf-8")
    terminal = _on_a_terminal(place, event, command, **inputs)
    shown = f"release-guard {command}"
    return Told(name, summary, page, shown, terminal, done.returncode)


def _action(
    place: _Place, event: Mapping[str, str], command: str, **inputs: str
) -> subprocess.CompletedProcess[str]:
    """The action, as the runner starts it."""
    given = {"command": command, **_inputs(place, command, **inputs)}
    named = {f"INPUT_{name.upper()}": value for name, value in given.items()}
    files = {"GITHUB_STEP_SUMMARY": str(place.folder / "summary")}
    return subprocess.run(
        [sys.executable, "-I", "-m", "release_guard.start"],
        cwd=place.workspace,
        env={**place.environ, **event, **files, **named},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )


def _on_a_terminal(
    place: _Place, event: Mapping[str, str], command: str, **inputs: str
) -> str:
    """What a terminal shows of the same run."""
    options = [f"--{n}={v}" for n, v in _inputs(place, command, **inputs).items()]
    ours, theirs = pty.openpty()
    screen = {"TERM": "xterm-256color", "COLUMNS": str(_COLUMNS), "LINES": "60"}
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "release_guard", command, *options],
        cwd=place.workspace,
        env={**place.environ, **event, **screen},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ):
        os.close(theirs)
        shown = b"".join(_read(ours))
    os.close(ours)
    return shown.decode("utf-8").replace("\r\n", "\n")


def _read(terminal: int) -> Iterator[bytes]:
    """What comes until the other end is closed, which Linux tells by an error."""
    while select.select([terminal], [], [], _TIMEOUT)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            return
        if not piece:
            return
        yield piece
