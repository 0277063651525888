"""The verdict: what a report's findings and open questions come to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from release_guard.errors import ExitCode
from release_guard.findings import (
    Finding,
    NotRun,
    Report,
    Severity,
    Verdict,
    Waived,
    Waiver,
    WaiverUse,
)


def _finding(severity: Severity) -> Finding:
    return Finding("a-rule", severity, "demo 1.0", "is wrong", "mend it", "docs")


ERROR, WARNING, NOTICE = map(_finding, Severity)
NEEDED = NotRun("file-exists", "the index was not reached", needed=True)
NOT_NEEDED = NotRun("file-exists", "--offline", needed=False)
WAIVER = Waiver("a-rule", "*", "known")

#: Something was examined, by one rule, and nothing was found.
PASSED = Report("check", "pypi", examined=("demo 1.0",), rules=1)

PASS, FAIL, UNDECIDED = Verdict


@pytest.mark.parametrize(
    ("report", "verdict", "strict"),
    [
        pytest.param(PASSED, PASS, PASS, id="nothing found"),
        pytest.param(
            replace(PASSED, findings=(NOTICE,)), PASS, PASS, id="only a notice"
        ),
        pytest.param(
            replace(PASSED, findings=(WARNING,)), PASS, FAIL, id="only a warning"
        ),
        pytest.param(replace(PASSED, findings=(ERROR,)), FAIL, FAIL, id="an error"),
        pytest.param(
            replace(PASSED, findings=(NOTICE, WARNING, ERROR)),
            FAIL,
            FAIL,
            id="an error behind lighter findings",
        ),
        pytest.param(
            replace(PASSED, waived=(Waived(ERROR, WAIVER),)),
            PASS,
            PASS,
            id="a waived error",
        ),
        pytest.param(
            replace(PASSED, waived=(Waived(ERROR, WAIVER),), findings=(ERROR,)),
            FAIL,
            FAIL,
            id="a waived error and another one",
        ),
        pytest.param(
            replace(PASSED, not_run=(NOT_NEEDED,)),
            PASS,
            PASS,
            id="a rule that need not run",
        ),
        pytest.param(
            replace(PASSED, not_run=(NOT_NEEDED, NEEDED)),
            UNDECIDED,
            UNDECIDED,
            id="a rule that had to run",
        ),
        pytest.param(
            replace(PASSED, not_run=(NEEDED,), findings=(ERROR,)),
            FAIL,
            FAIL,
            id="an error outranks an open question",
        ),
        pytest.param(
            replace(PASSED, not_run=(NEEDED,), findings=(WARNING,)),
            UNDECIDED,
            FAIL,
            id="a warning and an open question",
        ),
        pytest.param(
            replace(PASSED, not_run=(NEEDED,), waived=(Waived(ERROR, WAIVER),)),
            UNDECIDED,
            UNDECIDED,
            id="a waived error and an open question",
        ),
        pytest.param(
            replace(PASSED, error="the policy is gone"),
            UNDECIDED,
            UNDECIDED,
            id="the job ended early",
        ),
        pytest.param(
            replace(PASSED, error="the disk is full", findings=(ERROR,)),
            FAIL,
            FAIL,
            id="the job ended early, with an error found",
        ),
        pytest.param(
            replace(PASSED, examined=()),
            UNDECIDED,
            UNDECIDED,
            id="nothing was examined",
        ),
        pytest.param(replace(PASSED, rules=0), UNDECIDED, UNDECIDED, id="no rule ran"),
        pytest.param(
            Report("check", "pypi"), UNDECIDED, UNDECIDED, id="an empty report"
        ),
        pytest.param(
            Report("check", "pypi", findings=(ERROR,)),
            FAIL,
            FAIL,
            id="an error, whatever was examined",
        ),
    ],
)
def test_the_verdict_of(report: Report, verdict: Verdict, strict: Verdict) -> None:
    assert report.verdict is verdict
    assert replace(report, strict=True).verdict is strict


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (PASSED, ExitCode.PASSED),
        (replace(PASSED, findings=(ERROR,)), ExitCode.FINDINGS),
        (replace(PASSED, not_run=(NEEDED,)), ExitCode.UNDECIDED),
    ],
)
def test_the_exit_code_is_the_verdicts(report: Report, code: ExitCode) -> None:
    assert report.exit_code is code


def test_the_exit_codes_are_the_published_ones() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "PASSED": 0,
        "FINDINGS": 1,
        "USAGE": 2,
        "UNDECIDED": 3,
    }


def test_a_waiver_is_called_by_its_rule_and_its_match() -> None:
    use = WaiverUse(Waiver("missing-wheel", "*win32*", "dropped"), 0, expired=False)

    assert use.label == "waiver of missing-wheel for '*win32*'"
