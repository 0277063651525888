"""Runs the tools over the table, and sums up what they found."""

from __future__ import annotations

import hashlib
import multiprocessing
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from defects.laid import Lay, published, serving
from defects.model import Defect, Listed, Release
from defects.table import DEFECTS
from defects.tools import TOOLS, Answer, Tool, at

__all__ = ["Mark", "Outcome", "Which", "key", "keys", "mark", "run", "run_published"]


class Which(StrEnum):
    """The two releases of a defect."""

    BAD = "bad"
    SOUND = "sound"


class Mark(StrEnum):
    """What a tool made of a defect."""

    FOUND = "found"
    MISSED = "missed"
    OUT = "out of its scope"


@dataclass(frozen=True)
class Outcome:
    """What a tool says of a defect alone, and of the sound twin; None is not run."""

    says: tuple[str, ...] | None
    alarms: tuple[str, ...]


def mark(tool: Tool, defect: Defect, outcome: Outcome) -> Mark:
    """Found is found, wherever it lies; what is not found is missed only within the
    tool's own scope, and only where it took the files.
    """
    if outcome.says:
        return Mark.FOUND
    if outcome.says is None or not tool.scope & set(defect.aspects):
        return Mark.OUT
    return Mark.MISSED


def outcome(bad: Answer, sound: Answer) -> Outcome:
    """What is said of the defect and not of the twin."""
    alarms = sound.findings or ()
    if bad.findings is None:
        return Outcome(None, alarms)
    return Outcome(tuple(f for f in bad.findings if f not in alarms), alarms)


def key(tool: Tool, release: Release) -> str:
    """The same for releases that a tool cannot tell apart, so that it is asked once."""
    return keys([tool], release)[tool.name]


def keys(tools: Iterable[Tool], release: Release) -> dict[str, str]:
    """The key of each tool, by its name; the files are built once."""
    files = [(file.filename, _hash(file.content())) for file in release.files]
    pages = (release.before, release.after, *release.others.values())
    index = [[_listed(each) for each in page] for page in pages]
    around = {
        "checkout": sorted(release.checkout.items()),
        "index": (index, release.status, sorted(release.others)),
        "event": (
            *(release.tag, release.ref, release.event, release.payload),
            *(release.built, release.upload_url, release.tags, release.step),
        ),
    }
    return {
        tool.name: _hash(
            repr((tool.name, files, [around[s] for s in sorted(tool.sees)])).encode()
        )
        for tool in tools
    }


def _listed(listed: Listed) -> tuple[object, ...]:
    said = sorted(listed.said.items())
    return listed.dist.filename, _hash(listed.dist.content()), listed.days, said


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- the processes ---------------------------------------------------------------

Asked = tuple[str, Which, tuple[str, ...]]


class _Worker:
    """What each process has, until it ends: a folder and an index of its own."""

    def __init__(self, programs: Path, folder: str) -> None:
        self._stack = ExitStack()
        index = self._stack.enter_context(serving())
        self._lay = Lay(Path(tempfile.mkdtemp(dir=folder)), index)
        self._programs = programs

    def ask(self, name: str, which: Which, tools: Sequence[str]) -> dict[str, Answer]:
        """Lay a release out, and let tools look at it."""
        (defect,) = (d for d in DEFECTS if d.name == name)
        release = defect.bad if which is Which.BAD else defect.sound
        laid = self._lay.out(f"{name}-{which}", release)
        try:
            chosen = (tool for tool in TOOLS if tool.name in tools)
            return {tool.name: at(tool, laid, self._programs) for tool in chosen}
        finally:
            self._lay.remove(laid)


_worker: _Worker | None = None


def _begin(programs: Path, folder: str) -> None:
    global _worker  # noqa: PLW0603 - one of each process
    _worker = _Worker(programs, folder)


def _ask(asked: Asked) -> tuple[Asked, dict[str, Answer]]:
    assert _worker is not None  # noqa: S101 - for the types
    return asked, _worker.ask(*asked)


Keys = Mapping[tuple[str, Which], Mapping[str, str]]


def _questions(keyed: Keys) -> Iterator[Asked]:
    """Each release for the tools that did not see its like before."""
    seen: set[str] = set()
    for (name, which), known in keyed.items():
        fresh = tuple(tool for tool, k in known.items() if k not in seen)
        seen |= set(known.values())
        if fresh:
            yield name, which, fresh


def run(
    defects: Sequence[Defect],
    tools: Sequence[Tool],
    programs: Path,
    *,
    workers: int = 1,
) -> tuple[dict[str, dict[str, Outcome]], dict[str, tuple[int, float]]]:
    """Ask all: by defect and tool what came of it, and by tool how many releases it saw
    and what they cost, in seconds of the processor.
    """
    keyed = {
        (defect.name, which): keys(
            tools, defect.bad if which is Which.BAD else defect.sound
        )
        for defect in defects
        for which in Which
    }
    answers: dict[str, Answer] = {}
    asked = list(_questions(keyed))
    # Forked servers would share their sockets.
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(workers, context, _begin, (programs, folder)) as pool,
    ):
        for number, ((name, which, _), found) in enumerate(pool.map(_ask, asked), 1):
            if sys.stderr.isatty():
                told = f"{number} of {len(asked)} {name}"
                print(f"\r{told:<60}", end="", file=sys.stderr, flush=True)
            for tool, answer in found.items():
                answers[keyed[name, which][tool]] = answer
    if sys.stderr.isatty():
        print(file=sys.stderr)
    outcomes = {
        defect.name: {
            tool.name: outcome(
                answers[keyed[defect.name, Which.BAD][tool.name]],
                answers[keyed[defect.name, Which.SOUND][tool.name]],
            )
            for tool in tools
        }
        for defect in defects
    }
    return outcomes, {tool.name: _cost(tool, keyed, answers) for tool in tools}


def _cost(tool: Tool, keyed: Keys, answers: Mapping[str, Answer]) -> tuple[int, float]:
    mine = {known[tool.name] for known in keyed.values()}
    taken = [answers[k] for k in mine if answers[k].findings is not None]
    return len(taken), sum(answer.seconds for answer in taken)


def run_published(
    files: Iterable[Path], tools: Sequence[Tool], programs: Path
) -> dict[str, Mapping[str, Sequence[str]]]:
    """What tools find in published files, one by one; without those that they take not,
    or of which they find nothing.
    """
    told: dict[str, Mapping[str, Sequence[str]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        laid = [published(Path(folder) / file.name, [file]) for file in files]
        for tool in tools:
            found = {each.files[0].name: at(tool, each, programs) for each in laid}
            told[tool.name] = {n: a.findings for n, a in found.items() if a.findings}
    return told
