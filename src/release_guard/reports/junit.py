"""The report as JUnit XML: a rule is a test case, and the verdict is one as well.

There is no one specification. This keeps to what Jenkins' schema allows
(jenkinsci/xunit-plugin ``junit-10.xsd``) and GitLab reads
(docs/ci/testing/unit_test_reports): each case has a name of its own, and what there is
to say is the text of its element.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from release_guard.findings import (
    Finding,
    NotRun,
    OpenQuestion,
    Report,
    Verdict,
    Waived,
    by_reason,
)
from release_guard.reports import groups, words
from release_guard.reports.causes import Cause, causes
from release_guard.reports.escape import xml

__all__ = ["Outcome", "render"]

#: How much is told of a case, in characters as they are written, so that the file stays
#: far below the 30 MB that GitLab takes: there are some two hundred rules.
_MOST = 20_000
_LONGEST = 2_000
#: How many files of a cause are named.
_MOST_SUBJECTS = 60


class Outcome(StrEnum):
    """How a test case ended; but for the first, the element that says so."""

    PASSED = "passed"
    SKIPPED = "skipped"
    ERROR = "error"
    FAILURE = "failure"


#: What a case must be where the run ended so: a CI system looks at nothing else.
_OUTCOMES = {
    Verdict.PASS: Outcome.PASSED,
    Verdict.FAIL: Outcome.FAILURE,
    Verdict.UNDECIDED: Outcome.ERROR,
}


@dataclass(frozen=True, slots=True)
class _Case:
    """A test case: how it ended, and the lines that tell why."""

    name: str
    outcome: Outcome
    lines: tuple[str, ...] = ()


def render(report: Report) -> str:
    """One XML document and a line end."""
    return "".join(f"{line}\n" for line in _document(report))


def _document(report: Report) -> Iterator[str]:
    cases = (_verdict(report), *_rules(report))
    counts = f'tests="{len(cases)}"'
    for outcome in (Outcome.FAILURE, Outcome.ERROR):
        number = sum(case.outcome is outcome for case in cases)
        counts += f' {outcome}s="{number}"'
    skipped = sum(case.outcome is Outcome.SKIPPED for case in cases)
    time = f'time="{report.elapsed:.3f}"'
    name = xml(f"release-guard {report.command}")
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="release-guard" {counts} {time}>'
    yield f'  <testsuite name="{name}" {counts} skipped="{skipped}" {time}>'
    yield from _properties(report)
    for case in cases:
        yield from _case(case, xml(f"release-guard.{report.command}"))
    yield "  </testsuite>"
    yield "</testsuites>"


def _properties(report: Report) -> Iterator[str]:
    """What the run was about."""
    about = [("index", report.index)]
    about += [("release", label) for label in words.subjects(report)[:_MOST_SUBJECTS]]
    yield "    <properties>"
    for name, value in about:
        yield f'      <property name="{name}" value="{xml(_short(value))}"/>'
    yield "    </properties>"


def _case(case: _Case, suite: str) -> Iterator[str]:
    head = f'    <testcase classname="{suite}" name="{xml(case.name)}"'
    if not case.lines:
        yield f"{head}/>"
        return
    message = xml(_short(case.lines[0]))
    if case.outcome is Outcome.PASSED:
        element, attributes = "system-out", ""
    else:
        element = case.outcome.value
        attributes = f' message="{message}" type="{case.outcome}"'
    yield f"{head}>"
    yield f"      <{element}{attributes}>{_content(case.lines)}</{element}>"
    yield "    </testcase>"


def _content(lines: tuple[str, ...]) -> str:
    """The lines, as far as there is room for them."""
    told: list[str] = []
    room = _MOST
    for line in lines:
        told.append(xml(_short(line)))
        room -= len(told[-1])
        if room < 0 and len(told) < len(lines):
            told.append(f"and {len(lines) - len(told)} more (--format json has all)")
            break
    return "\n".join(told)


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


# --- the verdict ------------------------------------------------------------------


def _verdict(report: Report) -> _Case:
    """The run itself: without it, a run that judged nothing would have no case."""
    lines = ["".join(words.headline(report))]
    lines += _because(words.open_title(report), report.open_questions)
    lines += groups.step_lines(report.next_steps)
    return _Case("verdict", _OUTCOMES[report.verdict], tuple(lines))


# --- the rules --------------------------------------------------------------------


def _rules(report: Report) -> Iterator[_Case]:
    """A case for each rule that was to be run, by name."""
    told: dict[str, _Told] = {name: _Told() for name in report.ran}
    for finding in report.findings:
        told.setdefault(finding.rule, _Told()).findings.append(finding)
    for waived in report.waived:
        told.setdefault(waived.finding.rule, _Told()).waived.append(waived)
    for item in report.not_run:
        told.setdefault(item.rule, _Told()).not_run.append(item)
    return (_rule(report, name, told[name]) for name in sorted(told))


@dataclass(slots=True)
class _Told:
    """What a report has of one rule."""

    findings: list[Finding] = field(default_factory=list)
    waived: list[Waived] = field(default_factory=list)
    not_run: list[NotRun] = field(default_factory=list)


def _rule(report: Report, name: str, told: _Told) -> _Case:
    """What a rule came to. What keeps the release back comes before what was not read,
    as in the verdict; what only warns is told by a case that passed.
    """
    findings, waived, not_run = told.findings, told.waived, told.not_run
    if any(finding.severity in report.blocking for finding in findings):
        outcome = Outcome.FAILURE
    elif any(item.needed for item in not_run):
        outcome = Outcome.ERROR
    elif waived or not (findings or name in report.ran):
        outcome = Outcome.SKIPPED
    else:
        outcome = Outcome.PASSED
    lines: list[str] = []
    for cause in causes(findings):
        lines += _cause(cause)
    for waiver, passed in groups.waived(waived):
        for cause in passed:
            lines += _about(f"waived: {_names(cause)}: {cause.message}", cause)
        lines.append(f"  because: {waiver.reason}")
    needed = by_reason(item for item in not_run if item.needed)
    lines += _because("not judged (needed)", needed)
    lines += _because("not judged", by_reason(i for i in not_run if not i.needed))
    return _Case(name, outcome, tuple(lines))


def _cause(cause: Cause) -> Iterator[str]:
    """What is wrong, with which files, and what to do next."""
    wrong = f"{cause.message}{words.upload_rules(cause)}"
    yield from _about(f"{cause.severity}: {_names(cause)}: {wrong}", cause)
    if cause.fix:
        yield f"  -> {cause.fix}"
    yield f"  {cause.docs}"


def _names(cause: Cause) -> str:
    """With what it is wrong: the one, or how many."""
    names = cause.subjects
    return names[0] if len(names) == 1 else f"{len(names)} files"


def _about(told: str, cause: Cause) -> Iterator[str]:
    """What is told of a cause, and the names of those that are several."""
    many = len(cause.subjects)
    yield told
    if many > 1:
        yield from (f"  {subject}" for subject in cause.subjects[:_MOST_SUBJECTS])
    if many > _MOST_SUBJECTS:
        yield f"  and {many - _MOST_SUBJECTS} more"


def _because(title: str, questions: Iterable[OpenQuestion]) -> Iterator[str]:
    """Why something was not judged, each reason once, and what to do."""
    for each in questions:
        yield f"{title}: {each.reason}"
        if each.hint:
            yield f"  -> {each.hint}"
