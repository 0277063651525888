"""What several reports tell together: what was waived, what moved, quoted lines."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from release_guard.comparison import DiffLine
from release_guard.findings import Finding, NextStep, Waived, Waiver
from release_guard.reports.causes import Cause, causes

__all__ = ["Move", "grouped", "lines", "moves", "quoted", "step_lines", "waived"]

_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)


def grouped(
    items: Iterable[_Item], key: Callable[[_Item], _Key]
) -> dict[_Key, list[_Item]]:
    """The items by what is the same of them, wherever they stand, in the order in which
    it comes up.
    """
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


@dataclass(frozen=True, slots=True)
class Move:
    """What moved on the index alike: the diff's mark, how it is, and what it was."""

    mark: str
    says: str
    subjects: tuple[str, ...]


def moves(diff: Iterable[DiffLine]) -> tuple[Move, ...]:
    """The lines of the diff that say the same as one, in the order in which they come
    up.
    """
    alike = grouped(diff, lambda line: (line.mark, line.says))
    return tuple(
        Move(*said, tuple(line.subject for line in lines))
        for said, lines in alike.items()
    )


def waived(items: Iterable[Waived]) -> tuple[tuple[Waiver, tuple[Cause, ...]], ...]:
    """What was waived, by waiver and cause."""
    groups = grouped(items, lambda item: item.waiver)
    return tuple(
        (waiver, causes(item.finding for item in passed))
        for waiver, passed in groups.items()
    )


def quoted(finding: Finding) -> tuple[str, ...]:
    """The lines that a finding is about: as they stand in the file, or a change on
    each.
    """
    return lines(finding, "source") or lines(finding, "changes")


def lines(finding: Finding, key: str) -> tuple[str, ...]:
    """The lines of one kind of evidence; none where that is anything else."""
    found = finding.evidence.get(key)
    return found if isinstance(found, tuple) else ()


def step_lines(steps: Iterable[NextStep]) -> Iterator[str]:
    """The next steps line by line; what is indented is a command for a shell."""
    for step in steps:
        yield step.says
        yield from (f"  {command}" for command in step.commands)
