"""JUnit XML: what CI systems read of it says no less than the verdict does."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import hostile
import pytest
import runner_model
from hypothesis import given, settings

from release_guard.findings import (
    Finding,
    NextStep,
    NotRun,
    Report,
    Severity,
    Verdict,
    Waived,
    Waiver,
)
from release_guard.reports import junit
from release_guard.rulebook import Refusal
from release_guard.rules import RULES
from release_guard.rules.base import docs_url

#: What Jenkins' schema of JUnit XML allows and wants (jenkinsci/xunit-plugin,
#: junit-10.xsd): of each element the attributes, those that must be there, and what may
#: stand in it. None means text.
_ATTRIBUTES = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set()),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time"},
        {"name", "tests", "failures", "errors"},
    ),
    "properties": (set(), set()),
    "property": ({"name", "value"}, {"name", "value"}),
    "testcase": ({"name", "classname", "time"}, {"name"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}
_CHILDREN: dict[str, set[str] | None] = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "property": set(),
    "testcase": {"failure", "error", "skipped", "system-out"},
    "failure": None,
    "error": None,
    "skipped": None,
    "system-out": None,
}
_TIME = r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?"


def _read(report: Report) -> ET.Element:
    """The document, held to the schema and to its own counts."""
    rendered = junit.render(report)
    root = ET.fromstring(rendered.encode("utf-8", "strict"))
    assert root.tag == "testsuites"
    for element in root.iter():
        allowed, needed = _ATTRIBUTES[element.tag]
        assert needed <= set(element.attrib) <= allowed
        children = _CHILDREN[element.tag]
        assert {child.tag for child in element} <= (children or set())
        if children is not None:
            assert not (element.text or "").strip()
    (suite,) = root
    for counted in (root, suite):
        assert re.fullmatch(_TIME, counted.get("time", "?"))
        assert counted.get("tests") == str(len(_cases(root)))
        for outcome in ("failure", "error"):
            number = len(root.findall(f".//testcase/{outcome}"))
            assert counted.get(f"{outcome}s") == str(number)
    assert suite.get("skipped") == str(len(root.findall(".//testcase/skipped")))
    return root


def _cases(root: ET.Element) -> dict[tuple[str, str], ET.Element]:
    """The cases by what tells them apart: GitLab keeps the first one of a name."""
    cases = {
        (c.get("classname", ""), c.get("name", "")): c for c in root.iter("testcase")
    }
    assert len(cases) == len(root.findall(".//testcase"))
    return cases


def _outcomes(root: ET.Element) -> dict[str, str]:
    """How each case ended, as a CI system reads it."""
    found = {}
    for (_, name), case in _cases(root).items():
        tags = [child.tag for child in case if child.tag != "system-out"]
        assert len(tags) < 2
        found[name] = tags[0] if tags else "passed"
    return found


def _told(root: ET.Element, name: str) -> str:
    (case,) = [case for (_, other), case in _cases(root).items() if other == name]
    return "".join(case.itertext())


def _finding(
    severity: Severity = Severity.ERROR,
    subject: str = "demo-1.0-py3-none-any.whl",
    rule: str = "unknown-file",
) -> Finding:
    return Finding(rule, severity, subject, "is wrong", "mend it", docs_url(rule))


_SOUND = Report("check", "pypi", examined=("demo",), rules=2, ran=("a", "unknown-file"))
_NEEDED = NotRun("a", "the index was not reached", needed=True, hint="ask again")
_OPTIONAL = NotRun("a", "there is no checkout", needed=False)
_WAIVED = Waived(
    _finding(), Waiver("unknown-file", "*", "it is meant", date(2027, 6, 1))
)

_TABLE = {
    "a pass is a pass of each rule that ran": (
        _SOUND,
        {"verdict": "passed", "a": "passed", "unknown-file": "passed"},
    ),
    "an error fails its rule and the verdict": (
        replace(_SOUND, findings=(_finding(),)),
        {"verdict": "failure", "a": "passed", "unknown-file": "failure"},
    ),
    "a warning is told by a rule that passed": (
        replace(_SOUND, findings=(_finding(Severity.WARNING),)),
        {"verdict": "passed", "a": "passed", "unknown-file": "passed"},
    ),
    "a warning that blocks fails its rule": (
        replace(_SOUND, findings=(_finding(Severity.WARNING),), strict=True),
        {"verdict": "failure", "a": "passed", "unknown-file": "failure"},
    ),
    "what was not read and is needed is an error, though the rule ran on others": (
        replace(_SOUND, not_run=(_NEEDED,)),
        {"verdict": "error", "a": "error", "unknown-file": "passed"},
    ),
    "a failure outranks what was not read": (
        replace(_SOUND, not_run=(_NEEDED,), findings=(_finding(rule="a"),)),
        {"verdict": "failure", "a": "failure", "unknown-file": "passed"},
    ),
    "what is not needed is skipped where the rule ran on nothing": (
        replace(_SOUND, ran=("unknown-file",), not_run=(_OPTIONAL,)),
        {"verdict": "passed", "a": "skipped", "unknown-file": "passed"},
    ),
    "what is not needed is no skip where the rule ran on others": (
        replace(_SOUND, not_run=(_OPTIONAL,)),
        {"verdict": "passed", "a": "passed", "unknown-file": "passed"},
    ),
    "a waived finding is skipped, not passed": (
        replace(_SOUND, waived=(_WAIVED,)),
        {"verdict": "passed", "a": "passed", "unknown-file": "skipped"},
    ),
    "a job that ended early has the verdict alone": (
        Report("verify", "", error="lost", hint="look"),
        {"verdict": "error"},
    ),
    "a job that examined nothing has an error": (
        Report("check", "pypi"),
        {"verdict": "error"},
    ),
    "a job that ran no rule has an error": (
        Report("check", "pypi", examined=("demo",)),
        {"verdict": "error"},
    ),
}


@pytest.mark.parametrize(("report", "expected"), _TABLE.values(), ids=list(_TABLE))
def test_how_the_cases_end(report: Report, expected: dict[str, str]) -> None:
    assert _outcomes(_read(report)) == expected


@settings(max_examples=300)
@given(report=hostile.reports())
def test_a_run_is_as_green_as_its_verdict_whatever_it_holds(report: Report) -> None:
    for one in (
        report,
        replace(report, findings=()),
        replace(report, findings=(), error="", not_run=()),
        replace(report, findings=(), error="", not_run=(), ran=(), rules=0),
    ):
        found = Counter(_outcomes(_read(one)).values())
        is_red = {
            Verdict.FAIL: found["failure"] > 0,
            Verdict.UNDECIDED: found["error"] > 0 and not found["failure"],
            Verdict.PASS: not (found["failure"] or found["error"]),
        }
        assert is_red[one.verdict]
        assert runner_model.commands(junit.render(one)) == []


def test_a_case_tells_files_message_fix_and_page_once_for_all() -> None:
    wheels = [f"demo-1.0-cp31{n}-cp31{n}-win_amd64.whl" for n in range(3)]
    report = replace(_SOUND, findings=tuple(_finding(subject=w) for w in wheels))

    root = _read(report)

    expected = ["error: 3 files: is wrong", *(f"  {wheel}" for wheel in wheels)]
    expected += ["  -> mend it", f"  {docs_url('unknown-file')}"]
    assert _told(root, "unknown-file").strip() == "\n".join(expected)
    (failure,) = root.findall(".//testcase[@name='unknown-file']/failure")
    assert failure.get("message") == "error: 3 files: is wrong"


def test_a_finding_without_a_fix_has_no_empty_line() -> None:
    report = replace(_SOUND, findings=(replace(_finding(), fix=""),))

    assert "->" not in _told(_read(report), "unknown-file")


def test_a_waiver_is_told_with_its_reason() -> None:
    told = _told(_read(replace(_SOUND, waived=(_WAIVED,))), "unknown-file")

    assert told.strip().splitlines() == [
        "waived: demo-1.0-py3-none-any.whl: is wrong",
        "  because: it is meant",
    ]


def test_of_several_that_one_waiver_lets_pass_the_reason_is_told_once() -> None:
    other = replace(_WAIVED, waiver=replace(_WAIVED.waiver, reason="it is old"))
    wheel = replace(_WAIVED, finding=_finding(subject="other.whl"))

    told = _told(_read(replace(_SOUND, waived=(_WAIVED, other, wheel))), "unknown-file")

    assert told.strip().splitlines() == [
        "waived: 2 files: is wrong",
        "  demo-1.0-py3-none-any.whl",
        "  other.whl",
        "  because: it is meant",
        "waived: demo-1.0-py3-none-any.whl: is wrong",
        "  because: it is old",
    ]


def test_a_rule_tells_what_it_did_not_judge_each_reason_once() -> None:
    again = replace(_OPTIONAL, hint="check it out")
    report = replace(_SOUND, not_run=(_OPTIONAL, _NEEDED, _OPTIONAL, again))

    assert _told(_read(report), "a").strip().splitlines() == [
        "not judged (needed): the index was not reached",
        "  -> ask again",
        "not judged: there is no checkout",
        "not judged: there is no checkout",
        "  -> check it out",
    ]


def test_each_upload_rule_of_a_cause_is_told_once() -> None:
    first = replace(_finding(), refusal=Refusal("59"))
    second = replace(_finding(subject="b.whl"), refusal=Refusal("60"), first=True)
    report = replace(_SOUND, findings=(first, second, replace(first, subject="c")))

    (failure,) = _read(report).findall(".//testcase[@name='unknown-file']/failure")

    assert failure.get("message") == (
        "error: 3 files: is wrong [upload rule 59] [upload rule 60, refused first]"
    )


def test_the_verdict_tells_what_was_needed_each_reason_once_and_what_to_do() -> None:
    report = replace(
        _SOUND,
        not_run=(_NEEDED, replace(_NEEDED, rule="b"), _OPTIONAL),
        next_steps=(NextStep("ask the index again", ("ask --again",)),),
    )

    told = _told(_read(report), "verdict")

    assert told.strip().splitlines()[1:] == [
        "not decided: the index was not reached",
        "  -> ask again",
        "ask the index again",
        "  ask --again",
    ]


def test_the_verdict_of_a_job_that_ended_early_tells_the_error() -> None:
    told = _told(_read(Report("check", "", error="lost", hint="look")), "verdict")

    assert told.strip().splitlines()[1:] == [
        "not decided: lost",
        "  -> look",
    ]
    without = _told(_read(Report("check", "", error="lost")), "verdict")
    assert without.strip().splitlines()[-1] == "not decided: lost"
    empty = _told(_read(Report("check", "")), "verdict")
    assert empty.strip().splitlines()[-1] == "not decided: nothing was judged"


def test_the_properties_tell_what_it_is_about() -> None:
    root = _read(replace(hostile.report_of(["plain"]), audited=()))

    found = [(p.get("name"), p.get("value")) for p in root.iter("property")]
    assert found == [
        ("index", "plain"),
        ("release", "plain 1.0"),
        ("release", "plain 2.0"),
    ]


def test_a_report_without_end_stays_below_what_gitlab_takes() -> None:
    findings = tuple(
        replace(
            _finding(subject=f"demo-{n}.whl", rule=rule.id),
            message=f"{'&' * 5_000} {'abcdefghij'[n % 10] * (n + 1)}",
        )
        for rule in RULES
        for n in range(40)
    )

    rendered = junit.render(replace(_SOUND, findings=findings))

    assert len(rendered.encode()) < 30 << 20
    assert "more (--format json has all)" in rendered
    ET.fromstring(rendered)


def test_of_very_many_files_the_first_are_named() -> None:
    findings = tuple(_finding(subject=f"demo-1.0-{n}.whl") for n in range(100))

    told = _told(_read(replace(_SOUND, findings=findings)), "unknown-file")

    assert "error: 100 files: is wrong" in told
    assert "  and 40 more" in told
