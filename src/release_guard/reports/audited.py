"""What an audit answers, for each format: a row for a project, and four questions."""

from __future__ import annotations

from dataclasses import fields

from release_guard.findings import Audited, Report, Severity, some
from release_guard.rules import completeness, history
from release_guard.rules.base import AnyRule

__all__ = ["HEAD", "answers", "cells", "names"]

_NAMES = tuple(field.name for field in fields(Audited))
#: What the columns of the table are called: as the values are.
HEAD = tuple(name.replace("_", " ") for name in _NAMES)

_QUESTIONS: tuple[tuple[str, AnyRule], ...] = (
    ("which versions came from nowhere?", history.release_untagged),
    ("which tags never arrived?", history.tag_unreleased),
    ("which versions should not be there?", history.history_version_kind),
    ("which releases are incomplete?", completeness.history_incomplete),
)
#: How many names an answer holds, and how many projects a headline.
_MOST_NAMES, _MOST_PROJECTS = 10, 5


def cells(row: Audited) -> tuple[str, ...]:
    """A project's row of the table."""
    return tuple(str(getattr(row, name)) for name in _NAMES)


def names(report: Report) -> tuple[str, ...]:
    """The projects of an audit; of very many only the first are named."""
    projects = [row.project for row in report.audited]
    rest = len(projects) - _MOST_PROJECTS
    more = [f"{rest} more"] if rest > 0 else []
    return (*projects[:_MOST_PROJECTS], *more)


def answers(report: Report) -> tuple[tuple[str, str], ...]:
    """The questions, and what the findings answer; nothing where it was no audit."""
    if not report.audited:
        return ()
    return tuple((question, _answer(report, rule.id)) for question, rule in _QUESTIONS)


def _answer(report: Report, rule: str) -> str:
    """The subjects of a rule's findings. Where it did not run on everything, "none" is
    no answer.
    """
    mine = [finding for finding in report.findings if finding.rule == rule]
    told = [f.subject for f in mine if f.severity is not Severity.NOTICE]
    waived = sum(item.finding.rule == rule for item in report.waived)
    is_open = any(item.rule == rule for item in report.not_run)
    said = some(tuple(dict.fromkeys(told)), _MOST_NAMES)
    beside = [
        f"{number} {what}"
        for number, what in ((len(mine) - len(told), "only told"), (waived, "waived"))
        if number
    ]
    if is_open:
        beside.append("not all was judged")
    nothing = "not known" if is_open else "none"
    return f"{said or nothing} ({', '.join(beside)})" if beside else said or nothing
