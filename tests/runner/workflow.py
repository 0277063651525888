"""A workflow file: read as it is, and refused where it says what is not known here."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import yaml
from forge import Run

from runner.expressions import Context, whole

__all__ = [
    "WalkError",
    "needs_of",
    "permissions_of",
    "read",
    "refuse",
    "refuse_unstarted",
    "rows_of",
]


class WalkError(ValueError):
    """A workflow that is wrong, that the event does not start, or that says what is not
    known here.
    """


def refuse(message: str) -> NoReturn:
    """Raise ``WalkError``."""
    raise WalkError(message)


_OF_WORKFLOW = {
    *("name", "run-name", "on", "permissions", "env", "defaults", "concurrency"),
    "jobs",
}
_OF_JOB = {
    *("name", "needs", "if", "runs-on", "permissions", "environment", "concurrency"),
    *("outputs", "env", "defaults", "steps", "timeout-minutes", "strategy"),
    "continue-on-error",
}
_OF_STEP = {
    *("id", "name", "if", "uses", "run", "with", "env", "shell", "working-directory"),
    *("continue-on-error", "timeout-minutes"),
}
_OF_STRATEGY = {"matrix", "fail-fast", "max-parallel"}


def read(path: Path) -> Mapping[str, Any]:
    """The workflow; its ``on`` by that name."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(read, dict):
        refuse(f"{path.name}: is no workflow")
    # YAML 1.1 takes the word "on" for true.
    document = {"on" if key is True else key: value for key, value in read.items()}
    _refuse_unknown(document, _OF_WORKFLOW, path.name)
    for name, job in document.get("jobs", {}).items():
        _refuse_unknown(job, _OF_JOB, f"{path.name}: {name}")
        if not job.get("runs-on"):
            refuse(f"{path.name}: {name}: runs-on is missing")
        _refuse_unknown(job.get("strategy", {}), _OF_STRATEGY, f"{name}: strategy")
        for step in job.get("steps") or ():
            _refuse_unknown(step, _OF_STEP, f"{path.name}: {name}: {step}")
            if ("uses" in step) == ("run" in step):
                refuse(f"{name}: a step uses an action or runs a script: {step}")
    if not document.get("jobs"):
        refuse(f"{path.name}: has no jobs")
    return document


def _refuse_unknown(said: Mapping[str, Any], known: set[str], where: str) -> None:
    strangers = sorted(said.keys() - known)
    if strangers:
        refuse(f"{where}: {strangers[0]!r} is not known here")


def refuse_unstarted(document: Mapping[str, Any], event: Run) -> None:
    """A workflow runs for the events that it names, and the refs that fit."""
    name = event.environ["GITHUB_EVENT_NAME"]
    said = document.get("on")
    if isinstance(said, str):
        said = {said: None}
    elif isinstance(said, list):
        said = dict.fromkeys(said)
    if not isinstance(said, dict) or name not in said:
        refuse(f"the event {name} does not start this workflow")
    filters = said[name] or {}
    if isinstance(filters, list):
        return  # the times of a schedule
    _refuse_unknown(filters, _FILTERS, f"on: {name}")
    ref = event.environ["GITHUB_REF"]
    action = event.payload.get("action")
    types = filters.get("types")
    if types is not None and action not in (
        [types] if isinstance(types, str) else types
    ):
        refuse(
            f"the event {name} with the action {action} does not start this workflow"
        )
    before = event.payload.get("workflow_run", {})
    if name == "workflow_run":
        # Its branches are those of the run before; a tag has the form of one there.
        ref = f"refs/heads/{before['head_branch']}"
        if before["name"] not in filters.get("workflows", []):
            refuse(f"a run of {before['name']} does not start this workflow")
    elif name != "push" and _OF_REFS & filters.keys():
        refuse(f"on: {name}: a filter of refs is not known here")
    if not _fits(filters, ref):
        refuse(f"the {name} of {ref} does not start this workflow")


_OF_REFS = {"tags", "tags-ignore", "branches", "branches-ignore"}
_FILTERS = {
    *("types", "tags", "tags-ignore", "branches", "branches-ignore"),
    *("workflows", "inputs"),
}


def _fits(filters: Mapping[str, Any], ref: str) -> bool:
    kind = "tags" if ref.startswith("refs/tags/") else "branches"
    other = {"tags": "branches", "branches": "tags"}[kind]
    name = ref.split("/", 2)[2]
    if kind in filters:
        fits = False
        for pattern in filters[kind]:
            wanted = not pattern.startswith("!")
            if _glob(pattern.removeprefix("!")).fullmatch(name):
                fits = wanted
        return fits
    ignored = filters.get(f"{kind}-ignore")
    if ignored is not None:
        return not any(_glob(pattern).fullmatch(name) for pattern in ignored)
    return not (other in filters or f"{other}-ignore" in filters)


def _glob(pattern: str) -> re.Pattern[str]:
    """GitHub's pattern of refs: ``*`` ends at a slash, ``?`` and ``+`` say how often
    what stands before them may come.
    """
    pieces = re.findall(r"\\.|\*\*|\*|\[[^\]]*\]|[?+]|.", pattern)
    words = {"**": ".*", "*": "[^/]*", "?": "?", "+": "+"}
    return re.compile(
        "".join(
            words.get(piece)
            or (piece if piece.startswith("[") else re.escape(piece[-1:]))
            for piece in pieces
        )
    )


def needs_of(job: Mapping[str, Any]) -> list[str]:
    """The jobs that a job needs."""
    said = job.get("needs", [])
    return [said] if isinstance(said, str) else list(said)


def permissions_of(said: object) -> dict[str, str]:
    """What the job's token may do; where nothing is said, what the repository gives."""
    if said is None:
        return {"contents": "read", "packages": "read"}
    if isinstance(said, str):
        return {"all": said.removesuffix("-all")}
    if not isinstance(said, dict):
        refuse(f"permissions are {said!r}")
    return {str(name): str(value) for name, value in said.items()}


def rows_of(said: Any, context: Context) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """The rows of a matrix; one without anything where there is none."""
    if isinstance(said, str):
        said = whole(said, context)
    said = dict(said or {})
    include, exclude = said.pop("include", []), said.pop("exclude", [])
    lists = {
        key: whole(value, context) if isinstance(value, str) else value
        for key, value in said.items()
    }
    found = [
        dict(zip(lists, values, strict=True))
        for values in itertools.product(*lists.values())
    ]
    found = [r for r in found if not any(e.items() <= r.items() for e in exclude)]
    if not lists and include:
        found = []
    for extra in include:
        mine = [
            r
            for r in found
            if all(r.get(k) == v for k, v in extra.items() if k in lists)
        ]
        if mine and any(key in lists for key in extra):
            for row in mine:
                row.update(extra)
        else:
            found.append(dict(extra))
    yield from found
