"""What was measured, as JSON: written by a run, read by the page and the tests."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from defects.measure import Outcome, key
from defects.table import DEFECTS
from defects.tools import OURS, TOOLS

__all__ = [
    "PLACE",
    "ROOT",
    "Cost",
    "Results",
    "locked",
    "of_table",
    "read",
    "versions",
    "write",
]

ROOT = Path(__file__).parent.parent.parent
PLACE = Path(__file__).parent / "results.json"
_SCHEMA = "release-guard/defects/1"
_LOCK = ROOT / "requirements" / "peers.txt"


@dataclass(frozen=True)
class Cost:
    """How many releases a tool looked at, and in how many seconds of the processor."""

    releases: int
    seconds: float


@dataclass(frozen=True)
class Results:
    """A whole run.

    ``date`` is the lock's, ``machine`` what it ran on, ``sets`` a hash of the releases
    of the table; ``outcomes`` are by defect and
    tool, ``costs`` by tool; ``published`` is what tools found in which of so many
    ``files`` of real releases.
    """

    date: str
    machine: str
    sets: str
    versions: Mapping[str, str]
    outcomes: Mapping[str, Mapping[str, Outcome]]
    costs: Mapping[str, Cost]
    files: Sequence[str]
    published: Mapping[str, Mapping[str, Sequence[str]]]


def of_table() -> str:
    """A hash of all releases of the table: their bytes, and what is around them."""
    made = hashlib.sha256()
    for defect in DEFECTS:
        for release in (defect.bad, defect.sound):
            made.update(f"{defect.name} {key(OURS, release)}\n".encode())
    return made.hexdigest()


def locked() -> str:
    """The day on which the tools were locked, as the list of them says."""
    text = (ROOT / "requirements" / "peers.in").read_text(encoding="utf-8")
    found = re.search(r"^# Locked (\d{4}-\d\d-\d\d)", text, flags=re.MULTILINE)
    if found is None:
        raise ValueError("requirements/peers.in does not say when it was locked")
    return found[1]


def versions() -> dict[str, str]:
    """The version of each tool: the locked one, and our own."""
    text = _LOCK.read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, flags=re.MULTILINE))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    own = re.search(r'^version = "(.*)"', project, flags=re.MULTILINE)
    pinned[OURS.package] = own[1] if own else ""
    return {tool.name: pinned[tool.package] for tool in TOOLS}


def write(results: Results, place: Path = PLACE) -> None:
    """Write; the order is that of the tables."""
    made = {
        "schema": _SCHEMA,
        "date": results.date,
        "machine": results.machine,
        "sets": results.sets,
        "tools": {
            name: {
                "version": results.versions[name],
                "releases": results.costs[name].releases,
                "seconds": round(results.costs[name].seconds, 1),
            }
            for name in results.costs
        },
        "defects": {
            name: {
                tool: {
                    "says": list(outcome.says or ()),
                    **({"alarms": list(outcome.alarms)} if outcome.alarms else {}),
                }
                for tool, outcome in told.items()
                if outcome.says is not None or outcome.alarms
            }
            for name, told in results.outcomes.items()
        },
        "published": {"files": results.files, "findings": results.published},
    }
    text = json.dumps(made, indent=1, ensure_ascii=True)
    # A list of texts stands on one line.
    text = re.sub(
        r"\[\s+([^\[\]{}]*?)\s+\]",
        lambda found: "[" + re.sub(r"\s*\n\s*", " ", found[1]) + "]",
        text,
    )
    place.write_text(f"{text}\n", encoding="utf-8")


def read(place: Path = PLACE) -> Results:
    """Read what a run wrote."""
    told = json.loads(place.read_text(encoding="utf-8"))
    if told["schema"] != _SCHEMA:
        raise ValueError(f"{place.name} is {told['schema']}, expected {_SCHEMA}")
    tools = told["tools"]
    return Results(
        date=told["date"],
        machine=told["machine"],
        sets=told["sets"],
        versions={name: tool["version"] for name, tool in tools.items()},
        outcomes={
            name: {tool: _outcome(said.get(tool)) for tool in tools}
            for name, said in told["defects"].items()
        },
        costs={n: Cost(t["releases"], t["seconds"]) for n, t in tools.items()},
        files=told["published"]["files"],
        published=told["published"]["findings"],
    )


def _outcome(said: Mapping[str, Sequence[str]] | None) -> Outcome:
    if said is None:
        return Outcome(None, ())
    return Outcome(tuple(said["says"]), tuple(said.get("alarms", ())))
