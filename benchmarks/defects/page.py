"""docs/comparison.md: what the results say, and nothing that they do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from defects.measure import Mark, key, mark
from defects.model import Class, Defect
from defects.results import Results
from defects.table import DEFECTS
from defects.tools import OURS, PEERS, TOOLS, Tool

__all__ = ["render"]

_WARNING = " (warning)"
_MARKS = {Mark.FOUND: "**yes**", Mark.MISSED: "no", Mark.OUT: "-"}
_SHORT = {
    "check-wheel-contents": "check-wheel-contents",
    "pip install, import": "pip",
    "uv publish --dry-run": "uv",
    "wheel unpack": "wheel",
    "auditwheel show": "auditwheel",
    "twine check": "twine",
}

_HEAD = """\
# Comparison with other tools

Generated from `benchmarks/defects/results.json` (`make docs`); do not edit.

{defects} defects, each a release that is wrong in one way, beside a twin that is sound.
Most happened to somebody; the others are what PyPI refuses, or a check that one of the
tools has: for each check of each of them there is a defect that it finds. A tool
**found** a defect if it says something of the release that it does not say of the twin,
and so ends the job. What it says of a twin is an **alarm**. A tool **missed** a defect
only within what it sets out to look at; what lies outside is marked "-", and what it
finds there counts all the same.

These tools are made for different things. A short row is no lesser tool: `abi3audit`
looks at one thing, and nothing else here sees it. Use several.

Measured on {date}, with the versions of that day, on {machine}.
Every tool ran at its strictest; release-guard with `--strict`, where warnings block.
"""

_OVERALL = """\
## All in all

| tool | version | found | within its scope | alarms on twins | seconds |
|---|---|---|---|---|---|
{rows}

*Seconds* are those of the processor for one release, on average: two small files, so
mostly the start of the program, or of several of them. release-guard found {found}
defects, {hard} of them as errors; the other {soft} are warnings, which block only with
`--strict`. The twins are {twins} different releases, all of them sound.
"""

#: Classes of what is seen by inputs that the others, most of them, do not take.
_BEYOND = (Class.VERSION, Class.INDEX)
_ALONE = """\
release-guard alone sees {alone}:
{by_class}.

The defects were chosen by the authors of release-guard, and so were the classes.
{beyond} of the {alone} are of *{version}* and of *{index}*:
that takes the tag, the event, the index or the listing behind the upload, which most of
the others do not take. Some of the rest compare with the last release or the checkout.
Without these two classes it found {found} of {defects}, {rest} of them alone.
"""

_NO_AIM = """\
Some of these are no aim of release-guard: whether there are keywords, or a classifier
of the status, is for the project to know. They count as missed all the same. Others it
tells as notices, which never block (`requires-python-low`). `rehearse --build` builds
the sdist, and sees `sdist-lacks-requirements`; here only `check`, `verify` and `audit`
ran.
"""

_OF_PUBLISHED = """\
The newest wheels of {count} well-kept projects (`benchmarks/defects/sound.txt`), each
alone, with no settings of the project's own. A finding is not always wrong here; but
nobody called these releases broken, and a job that stops at one is a job that somebody
has to look at.
"""

_OTHERS = """\
Tools that look at something else are not in the table: check-manifest and check-sdist
(a checkout, and an sdist that they build themselves), validate-pyproject (the source of
the metadata), delocate and delvewheel (repairs on macOS and Windows).
"""

_REPRODUCE = """\
## How to reproduce it

```console
$ make defects
```

It makes `.peers/` with the locked tools (`requirements/peers.txt`), builds every
release from code, runs all tools over them, and writes `results.json` and this page.
Nothing is sent anywhere but to an index on this machine. To try another tool by hand,
`python -m defects build FOLDER` (with `PYTHONPATH=benchmarks`) writes the releases.
[Its README](https://github.com/org/release-guard/blob/main/benchmarks/defects/README.md)
says how to add a defect or a tool, and how to put us right: a tool that is run badly,
or a row that is unfair, is a bug.
"""


def render(results: Results) -> str:
    """The page."""
    parts = [
        _HEAD.format(defects=len(DEFECTS), date=results.date, machine=results.machine),
        _overall(results),
        _better(results),
        _missed(results),
        *(_class(of, results) for of in Class),
        _alarms(results),
        _published(results),
        _settings(),
        _REPRODUCE,
    ]
    return "\n".join(parts)


def _mark(tool: Tool, defect: Defect, results: Results) -> Mark:
    return mark(tool, defect, results.outcomes[defect.name][tool.name])


def _found(tool: Tool, results: Results) -> list[Defect]:
    return [d for d in DEFECTS if _mark(tool, d, results) is Mark.FOUND]


def _hard(results: Results) -> int:
    """Of the defects that release-guard found, those with an error."""
    said = (results.outcomes[defect.name][OURS.name].says for defect in DEFECTS)
    return sum(any(not rule.endswith(_WARNING) for rule in says or ()) for says in said)


# --- the parts -------------------------------------------------------------------


def _overall(results: Results) -> str:
    rows = []
    for tool in TOOLS:
        marks = Counter(_mark(tool, defect, results) for defect in DEFECTS)
        within = [d for d in DEFECTS if tool.scope & set(d.aspects)]
        hit = sum(_mark(tool, d, results) is Mark.FOUND for d in within)
        taken = hit + marks[Mark.MISSED]
        alarms = sum(bool(results.outcomes[d.name][tool.name].alarms) for d in DEFECTS)
        cost = results.costs[tool.name]
        each = cost.seconds / cost.releases if cost.releases else 0.0
        rows.append(
            f"| {tool.name} | {results.versions[tool.name]} | {marks[Mark.FOUND]} "
            f"| {hit} of {taken} | {alarms} | {each:.2f} |"
        )
    found, hard = len(_found(OURS, results)), _hard(results)
    return _OVERALL.format(
        rows="\n".join(rows),
        found=found,
        hard=hard,
        soft=found - hard,
        twins=len({key(OURS, defect.sound) for defect in DEFECTS}),
    )


def _better(results: Results) -> str:
    ours = {defect.name for defect in _found(OURS, results)}
    lines = ["## What each sees that release-guard does not", ""]
    lines += ["| tool | looks at | sees, and release-guard does not |", "|---|---|---|"]
    for tool in PEERS:
        more = [d.name for d in _found(tool, results) if d.name not in ours]
        told = ", ".join(f"`{name}`" for name in more) or "nothing here"
        lines.append(f"| {tool.name} | {tool.says} | {told} |")
    alone = [
        defect
        for defect in DEFECTS
        if defect.name in ours
        and not any(_mark(tool, defect, results) is Mark.FOUND for tool in PEERS)
    ]
    by_class = Counter(defect.of for defect in alone)
    told = ", ".join(f"{by_class[of]} of *{of}*" for of in Class if by_class[of])
    within = [defect for defect in DEFECTS if defect.of not in _BEYOND]
    rest = sum(defect.of not in _BEYOND for defect in alone)
    said = _ALONE.format(
        alone=len(alone),
        by_class=told,
        beyond=len(alone) - rest,
        version=Class.VERSION,
        index=Class.INDEX,
        found=sum(defect.name in ours for defect in within),
        defects=len(within),
        rest=rest,
    )
    return "\n".join([*lines, "", said])


def _missed(results: Results) -> str:
    lines = ["## What release-guard misses", ""]
    lines += ["| defect | what is wrong | who sees it |", "|---|---|---|"]
    for defect in DEFECTS:
        if _mark(OURS, defect, results) is not Mark.FOUND:
            who = [t.name for t in PEERS if _mark(t, defect, results) is Mark.FOUND]
            told = ", ".join(who) or "nobody"
            lines.append(f"| `{defect.name}` | {defect.what} | {told} |")
    lines += ["", _NO_AIM]
    return "\n".join(lines)


def _class(of: Class, results: Results) -> str:
    rows = [defect for defect in DEFECTS if defect.of is of]
    shown = [tool for tool in TOOLS if _has_part(tool, rows, results)]
    out = [tool.name for tool in TOOLS if tool not in shown]
    names = " | ".join(_SHORT.get(tool.name, tool.name) for tool in shown)
    lines = [f"## Class: {of}", ""]
    lines += [f"| defect | {names} |", f"|---|{'---|' * len(shown)}"]
    for defect in rows:
        marks = " | ".join(_MARKS[_mark(tool, defect, results)] for tool in shown)
        lines.append(f"| `{defect.name}` | {marks} |")
    if out:
        lines += ["", f"Out of the scope of {_joined(out)}."]
    lines += [
        "",
        "<details><summary>What is wrong, who is hurt, where it is from</summary>",
    ]
    lines += [
        "",
        "| defect | what is wrong | who is hurt | from |",
        "|---|---|---|---|",
    ]
    for defect in rows:
        cells = (defect.what, defect.who, defect.source)
        told = " | ".join(cell.replace("|", "\\|") for cell in cells)
        lines.append(f"| `{defect.name}` | {told} |")
    lines += ["", "</details>", ""]
    return "\n".join(lines)


def _has_part(tool: Tool, rows: Iterable[Defect], results: Results) -> bool:
    """Whether a tool found or missed any of these."""
    return any(_mark(tool, defect, results) is not Mark.OUT for defect in rows)


def _alarms(results: Results) -> str:
    lines = ["## Alarms on sound twins", ""]
    told = list(_alarmed(results))
    if not told:
        return "\n".join([*lines, "None, of any tool.", ""])
    lines += ["| tool | says | of the twin of |", "|---|---|---|", *told, ""]
    return "\n".join(lines)


def _alarmed(results: Results) -> Iterator[str]:
    for tool in TOOLS:
        by_name: dict[tuple[str, ...], list[str]] = {}
        for defect in DEFECTS:
            alarms = results.outcomes[defect.name][tool.name].alarms
            if alarms:
                by_name.setdefault(alarms, []).append(f"`{defect.name}`")
        for alarms, names in by_name.items():
            yield f"| {tool.name} | {', '.join(alarms)} | {', '.join(names)} |"


def _published(results: Results) -> str:
    count = len(results.files)
    lines = ["## What they say of published wheels", ""]
    lines += [_OF_PUBLISHED.format(count=count)]
    lines += ["| tool | wheels with findings | which |", "|---|---|---|"]
    for name, told in results.published.items():
        kinds = Counter(kind for found in told.values() for kind in found)
        which = ", ".join(f"{kind}: {n}" for kind, n in sorted(kinds.items()))
        lines.append(f"| {name} | {len(told)} of {count} | {which or 'none'} |")
    return "\n".join([*lines, ""])


def _settings() -> str:
    lines = ["## How each was run, and what it is not asked", ""]
    lines += ["| tool | run as | because | its scope |", "|---|---|---|---|"]
    for tool in TOOLS:
        commands = "<br>".join(f"`{command}`" for command in tool.commands)
        lines.append(f"| {tool.name} | {commands} | {tool.because} | {tool.says} |")
    lines += ["", "Checks that no defect here can show:", ""]
    lines += [
        f"- {tool.name}: {names}: {why}"
        for tool in PEERS
        for names, why in tool.unseen.items()
    ]
    lines += ["", _OTHERS]
    return "\n".join(lines)


def _joined(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if names[1:] else names[0]
