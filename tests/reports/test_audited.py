"""The table of an audit and its four answers: what is told, and what is not claimed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import hostile
import pytest
import runner_model
from hypothesis import given, settings

from release_guard.findings import (
    Audited,
    Finding,
    NotRun,
    Report,
    Severity,
    Verdict,
    Waived,
    Waiver,
)
from release_guard.reports import github, json_v1, text
from release_guard.reports.audited import HEAD, answers, cells, names

_FORGE = "github:org/demo"


def _row(project: str = "demo") -> Audited:
    return Audited(project, 4, 8, 3, 2, 1, 0, Verdict.FAIL, _FORGE)


def _finding(rule: str, subject: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(rule, severity, subject, "m", "f", "d")


def _answer(report: Report, question: int = 0) -> str:
    audited = replace(report, command="audit", audited=(_row(),))
    return answers(audited)[question][1]


_NONE = Report("audit", "pypi")
_UNTAGGED = "release-untagged"


def test_the_columns_are_those_of_the_values() -> None:
    assert HEAD == (
        "project",
        "versions",
        "files",
        "tags",
        "errors",
        "warnings",
        "notices",
        "verdict",
        "tags from",
    )
    assert cells(_row()) == ("demo", "4", "8", "3", "2", "1", "0", "fail", _FORGE)


def test_each_question_is_answered_by_one_rule() -> None:
    rules = (
        _UNTAGGED,
        "tag-unreleased",
        "history-version-kind",
        "history-incomplete",
    )
    for number, rule in enumerate(rules):
        told = replace(_NONE, findings=(_finding(rule, "demo 1.0"),))
        told = replace(told, audited=(_row(),))
        said = [answer for _, answer in answers(told)]
        assert said == ["none"] * number + ["demo 1.0"] + ["none"] * (3 - number)


_WAIVED = Waived(
    _finding(_UNTAGGED, "demo 0.1"), Waiver(_UNTAGGED, "*", "known", date(2027, 1, 1))
)


@pytest.mark.parametrize(
    ("report", "answer"),
    {
        "nothing": (_NONE, "none"),
        "a version twice": (
            replace(_NONE, findings=(_finding(_UNTAGGED, "demo 1.0"),) * 2),
            "demo 1.0",
        ),
        "what is only told": (
            replace(
                _NONE,
                findings=(
                    _finding(_UNTAGGED, "demo 1.0", Severity.WARNING),
                    _finding(_UNTAGGED, "demo 0.9", Severity.NOTICE),
                ),
            ),
            "demo 1.0 (1 only told)",
        ),
        "what is waived": (replace(_NONE, waived=(_WAIVED,)), "none (1 waived)"),
        "very many": (
            replace(
                _NONE, findings=tuple(_finding(_UNTAGGED, f"v{n}") for n in range(12))
            ),
            "v0, v1, v2, v3, v4, v5, v6, v7, v8, v9 and 2 more",
        ),
        "what was not read": (
            replace(_NONE, not_run=(NotRun(_UNTAGGED, "gone", needed=True),)),
            "not known (not all was judged)",
        ),
        "what the policy ignores": (
            replace(_NONE, not_run=(NotRun(_UNTAGGED, "ignored", needed=False),)),
            "not known (not all was judged)",
        ),
        "one that was read and one that was not": (
            replace(
                _NONE,
                findings=(_finding(_UNTAGGED, "demo 1.0"),),
                not_run=(NotRun(_UNTAGGED, "gone", needed=True),),
            ),
            "demo 1.0 (not all was judged)",
        ),
        "what another rule says": (
            replace(
                _NONE,
                findings=(_finding("tag-moved", "demo 1.0"),),
                not_run=(NotRun("tag-moved", "gone", needed=True),),
            ),
            "none",
        ),
    }.values(),
)
def test_an_answer_names_what_was_found_and_claims_no_more(
    report: Report, answer: str
) -> None:
    assert _answer(report) == answer


def test_what_was_no_audit_answers_nothing() -> None:
    assert answers(_NONE) == ()
    assert names(_NONE) == ()


def test_of_many_projects_the_first_are_named() -> None:
    def of(number: int) -> tuple[str, ...]:
        return names(replace(_NONE, audited=tuple(_row(str(n)) for n in range(number))))

    assert of(5) == ("0", "1", "2", "3", "4")
    assert of(7) == ("0", "1", "2", "3", "4", "2 more")


def test_one_project_is_the_reports_project() -> None:
    one = replace(_NONE, audited=(_row(),))
    two = replace(_NONE, audited=(_row(), _row("other")))

    assert '"project": "demo",\n  "version": null' in json_v1.render(one)
    assert '"project": null' in json_v1.render(two)


@settings(deadline=None)
@given(hostile.reports())
def test_no_name_in_the_table_is_a_command(report: Report) -> None:
    rows = tuple(_row(name) for name in report.examined)
    findings = tuple(replace(f, rule=_UNTAGGED) for f in report.findings)
    told = replace(
        report, command="audit", releases=(), audited=rows, findings=findings
    )

    for written in (text.render(told), json_v1.render(told)):
        printed = written.encode("utf-8", "backslashreplace").decode("utf-8")
        assert runner_model.commands(printed) == []
    lines = github.summary(told).splitlines()
    heads = [n for n, line in enumerate(lines) if line.startswith("| project |")]
    (head,) = heads
    assert len(lines[head + 2 : head + 2 + len(rows)]) == len(rows)
    for line in lines[head : head + 2 + len(rows)]:
        assert line.count("|") == len(HEAD) + 1
