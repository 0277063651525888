"""``python -m defects run`` measures, ``page`` writes the page, ``build`` the files.

``run`` writes results.json; ``--tool NAME`` asks one tool and keeps what is recorded of
the others. With ``--select NAME,NAME`` it asks about some defects only, and tells where
an answer is not the recorded one; ``--show`` prints the answers instead, ``--record``
keeps them. ``page --check`` compares. ``build FOLDER`` writes every release of the
table, so that other tools can be tried by hand.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from defects import measure, page, results
from defects.laid import Lay, serving
from defects.measure import Outcome, Which
from defects.table import DEFECTS
from defects.tools import TOOLS

#: The tools that look at a wheel alone, as it is published.
_OF_WHEELS = (
    *("release-guard", "twine check", "check-wheel-contents", "pydistcheck"),
    *("abi3audit", "auditwheel show", "wheel unpack"),
)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="defects", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run")
    run.add_argument("--programs", type=Path, default=results.ROOT / ".peers" / "bin")
    run.add_argument("--select", default="")
    run.add_argument("--show", action="store_true", help="print the answers")
    run.add_argument("--record", action="store_true", help="keep them")
    run.add_argument("--workers", type=int, default=2)
    run.add_argument("--date", default="")
    run.add_argument("--tool", default="", help="ask one only, and keep the others")
    run.add_argument("--wheels", type=Path, help="a folder of published wheels")
    commands.add_parser("page").add_argument("--check", action="store_true")
    commands.add_parser("build").add_argument("folder", type=Path)
    asked = parser.parse_args(words)
    if asked.command == "page":
        return _page(check=asked.check)
    if asked.command == "build":
        return _build(asked.folder)
    if asked.select:
        return _some(asked)
    return _all(asked)


def _all(asked: argparse.Namespace) -> int:
    """Ask all tools, or some about all; the others keep what is recorded of them."""
    chosen = [tool for tool in TOOLS if asked.tool in ("", tool.name)]
    if not chosen:
        print(f"no such tool: {asked.tool}", file=sys.stderr)
        return 2
    programs = asked.programs.resolve()
    outcomes, spent = measure.run(DEFECTS, chosen, programs, workers=asked.workers)
    costs = {name: results.Cost(*cost) for name, cost in spent.items()}
    files = sorted(asked.wheels.glob("*.whl")) if asked.wheels else []
    takers = [tool for tool in chosen if tool.name in _OF_WHEELS]
    published = measure.run_published(files, takers, programs)
    if asked.tool:
        kept = results.read()
        outcomes = {n: {**kept.outcomes.get(n, {}), **outcomes[n]} for n in outcomes}
        costs = {**kept.costs, **costs}
        published = {**kept.published, **published}
    results.write(
        results.Results(
            date=asked.date or results.locked(),
            machine=f"{platform.system()} {platform.machine()}, "
            f"Python {'.'.join(platform.python_version_tuple()[:2])}",
            sets=results.of_table(),
            versions=results.versions(),
            outcomes=outcomes,
            costs=costs,
            files=[file.name for file in files],
            published=published,
        )
    )
    return 0


def _some(asked: argparse.Namespace) -> int:
    """Ask about some; 1 where an answer is not the recorded one."""
    names = asked.select.split(",")
    unknown = set(names) - {defect.name for defect in DEFECTS}
    if unknown:
        print(f"no such defect: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    chosen = [defect for defect in DEFECTS if defect.name in names]
    outcomes, _ = measure.run(
        chosen, TOOLS, asked.programs.resolve(), workers=asked.workers
    )
    recorded = {} if asked.show or asked.record else results.read().outcomes
    differs = 0
    for name, told in outcomes.items():
        for tool, outcome in told.items():
            before = recorded.get(name, {}).get(tool)
            if asked.show and (outcome.says is not None or outcome.alarms):
                print(f"{name}: {tool}: {_told(outcome)}")
            elif not (asked.show or asked.record) and outcome != before:
                differs += 1
                was = _told(before) if before else "nothing recorded"
                print(f"{name}: {tool}: {_told(outcome)}, recorded: {was}")
    if asked.record:
        kept = results.read()
        known: dict[str, Mapping[str, Outcome]] = {**kept.outcomes, **outcomes}
        # In the order of the table, and without what is gone from it.
        ordered = {d.name: known[d.name] for d in DEFECTS if d.name in known}
        results.write(replace(kept, outcomes=ordered, sets=results.of_table()))
        return 0
    print(f"{len(chosen)} defects, {differs} answers that are not the recorded ones")
    return 1 if differs else 0


def _told(outcome: Outcome) -> str:
    says = "not run" if outcome.says is None else ", ".join(outcome.says) or "nothing"
    return (
        f"{says}; of the twin {', '.join(outcome.alarms)}" if outcome.alarms else says
    )


def _page(*, check: bool) -> int:
    text = page.render(results.read())
    place = results.ROOT / "docs" / "comparison.md"
    if place.exists() and place.read_text(encoding="utf-8") == text:
        return 0
    if check:
        print("docs/comparison.md is not what results.json says: make docs")
        return 1
    place.write_text(text, encoding="utf-8")
    print("docs/comparison.md written")
    return 0


def _build(folder: Path) -> int:
    """Only the files: what else a release has is in the table."""
    with tempfile.TemporaryDirectory() as other, serving() as index:
        lay = Lay(Path(other), index)
        for defect in DEFECTS:
            for which in Which:
                release = defect.bad if which is Which.BAD else defect.sound
                laid = lay.out(f"{defect.name}-{which}", release)
                target = folder / defect.name / which
                target.parent.mkdir(parents=True, exist_ok=True)
                laid.dist.rename(target)
                lay.remove(laid)
    print(f"{len(DEFECTS)} defects and their twins in {folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
