"""The JSON report: one object, of the published schema, harmless in a runner's log."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import hostile
import jsonschema
import pytest
from hypothesis import example, given, settings

from release_guard.findings import Report, Step
from release_guard.reports import json_v1
from release_guard.reports.groups import step_lines
from release_guard.rulebook import Refusal
from release_guard.rules import RULE_IDS
from release_guard.states import State

_VALIDATOR = jsonschema.Draft202012Validator(json_v1.report_schema(RULE_IDS))


def _without_findings(report: Report) -> Report:
    return replace(report, findings=(), not_run=(), error="")


_PLAIN = hostile.report_of(["plain"])
_REPORTS = {
    "nothing at all": Report(command="verify", index=""),
    "an error": Report(command="check", index="", error="a", hint="b"),
    "findings": _PLAIN,
    "a pass": _without_findings(_PLAIN),
    "one release": replace(_PLAIN, releases=_PLAIN.releases[:1]),
    "a waiver without an end": replace(
        _PLAIN,
        waived=(
            replace(
                _PLAIN.waived[0], waiver=replace(_PLAIN.waived[0].waiver, until=None)
            ),
        ),
    ),
    "no index was asked": replace(_PLAIN, to_upload=None),
    "nothing is known of where it comes from": replace(_PLAIN, derivation=()),
}


def _read(report: Report) -> Any:  # noqa: ANN401 - JSON
    return json.loads(json_v1.render(report))


@pytest.mark.parametrize("report", _REPORTS.values(), ids=list(_REPORTS))
def test_a_report_is_of_the_schema(report: Report) -> None:
    _VALIDATOR.validate(_read(report))


@settings(deadline=None)
@given(hostile.reports())
def test_a_report_with_any_text_is_of_the_schema(report: Report) -> None:
    _VALIDATOR.validate(_read(report))


@pytest.mark.parametrize("missing", list(_read(_PLAIN)))
def test_the_schema_asks_for_every_key(missing: str) -> None:
    document = _read(_PLAIN)
    del document[missing]
    assert not _VALIDATOR.is_valid(document)


@settings(deadline=None)
@given(hostile.reports())
@example(hostile.report_of(["::", ":::", "a:::::b", "##", "###[x]", "\\::", '"::"']))
def test_no_form_of_a_command_stands_literally_in_it(report: Report) -> None:
    rendered = json_v1.render(report)
    assert "::" not in rendered
    assert "##" not in rendered
    assert rendered.isascii()


@settings(deadline=None)
@given(hostile.reports())
@example(hostile.report_of(["::", ":::", "a:::::b", "##", "###[x]", "\\::", "\\u003a"]))
def test_every_text_comes_back_as_it_was(report: Report) -> None:
    document = _read(report)

    assert document["index"] == report.index
    assert document["examined"] == list(report.examined)
    assert document["to_upload"] == list(report.to_upload or ())
    for release, told in zip(report.releases, document["releases"], strict=True):
        assert told["project"] == release.project
        assert told["files"] == [file.filename for file in release.files]
    for finding, told in zip(report.findings, document["findings"], strict=True):
        assert told["subject"] == finding.subject
        assert told["message"] == finding.message
        assert told["fix"] == finding.fix
        evidence = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in finding.evidence.items()
        }
        assert told["evidence"] == evidence
    assert document["derivation"] == [
        {"step": step.what, "says": step.says} for step in report.derivation
    ]
    assert document["publication"] == [
        {
            "project": one.project,
            "version": one.version,
            "state": "missing",
            "listed": 1,
            "expected": 2,
            "looks": 3,
        }
        for one in report.published
    ]
    assert document["changes"] == [
        {"mark": line.mark, "subject": line.subject, "says": line.says}
        for line in report.diff
    ]
    assert document["next"] == list(step_lines(report.next_steps))
    assert document["waived"][0]["reason"] == report.waived[0].waiver.reason
    assert [item["reason"] for item in document["not_run"]] == [
        item.reason for item in report.not_run
    ]
    expected = {"message": report.error, "hint": report.hint} if report.error else None
    assert document["error"] == expected


def test_it_is_one_object_and_nothing_else() -> None:
    rendered = json_v1.render(_PLAIN)
    _, end = json.JSONDecoder().raw_decode(rendered)
    assert rendered[0] == "{"
    assert rendered[end:] == "\n"


def test_project_and_version_stand_at_the_top_where_there_is_one_release() -> None:
    document = _read(_REPORTS["one release"])
    assert (document["project"], document["version"]) == ("plain", "1.0")


@pytest.mark.parametrize("name", ["nothing at all", "findings"])
def test_project_and_version_are_null_where_there_is_not_one_release(name: str) -> None:
    document = _read(_REPORTS[name])
    assert (document["project"], document["version"]) == (None, None)


def test_a_finding_holds_what_the_design_promises() -> None:
    assert _read(_PLAIN)["findings"][0] == {
        "rule": "unknown-file",
        "severity": "error",
        "subject": "plain",
        "message": "plain",
        "evidence": {
            "plain": "plain",
            "files": ["plain", "plain"],
            "none": None,
            "size": 7,
        },
        "fix": "plain",
        "docs": "https://github.com/org/release-guard/blob/v1/docs/rules/unknown-file.md",
    }


@pytest.mark.parametrize(("row", "first"), [("59", True), ("6a.2", False)])
def test_a_refusal_is_evidence(*, row: str, first: bool) -> None:
    found = replace(_PLAIN.findings[0], refusal=Refusal(row), first=first)
    waived = replace(_PLAIN.waived[0], finding=found)
    report = replace(_PLAIN, findings=(found,), waived=(waived,))

    document = _read(report)

    _VALIDATOR.validate(document)
    for told in (document["findings"][0], document["waived"][0]):
        plain = _read(_PLAIN)["findings"][0]["evidence"]
        assert told["evidence"] == plain | {"upload_rule": row, "refused_first": first}


def test_the_derivation_is_a_list_of_steps_in_order() -> None:
    steps = (Step("event", "push"), Step("tag", "none"), Step("tag", "none"))

    assert _read(replace(_PLAIN, derivation=steps))["derivation"] == [
        {"step": "event", "says": "push"},
        {"step": "tag", "says": "none"},
        {"step": "tag", "says": "none"},
    ]
    assert _read(_REPORTS["an error"])["derivation"] == []


@pytest.mark.parametrize(
    "step",
    [{}, {"step": "a"}, {"step": "a", "says": 1}, {"step": "a", "says": "b", "c": "d"}],
)
def test_a_step_of_another_form_is_not_of_the_schema(step: dict[str, object]) -> None:
    assert not _VALIDATOR.is_valid(_read(_PLAIN) | {"derivation": [step]})


@pytest.mark.parametrize("state", State)
def test_each_state_is_of_the_schema_in_one_word(state: State) -> None:
    (one,) = _PLAIN.published

    document = _read(replace(_PLAIN, published=(replace(one, state=state),)))

    _VALIDATOR.validate(document)
    assert document["publication"][0]["state"] == state.value


def test_a_job_that_verifies_nothing_tells_of_no_publication() -> None:
    document = _read(_REPORTS["an error"])

    assert document["publication"] == document["changes"] == document["next"] == []


@pytest.mark.parametrize(
    ("key", "said"),
    [
        pytest.param("publication", [{}], id="a release of which nothing is said"),
        pytest.param("publication", [{"state": "fine"}], id="another state"),
        pytest.param("publication", [{"listed": -1}], id="less than no file"),
        pytest.param("publication", [{"version": None}], id="no version"),
        pytest.param("publication", [{"more": 1}], id="more of a release"),
        pytest.param("publication", None, id="null in place of a list"),
        pytest.param("changes", [{"mark": "?"}], id="another mark"),
        pytest.param("changes", [{"subject": None}], id="a change of nothing"),
        pytest.param("changes", [{"more": 1}], id="more of a change"),
        pytest.param("next", [{}], id="a step that is no text"),
        pytest.param("next", None, id="no steps at all"),
    ],
)
def test_what_became_of_a_release_has_one_form(key: str, said: Any) -> None:  # noqa: ANN401
    document = _read(_PLAIN)
    _VALIDATOR.validate(document)
    if isinstance(said, list) and said[0]:
        said = [{**document[key][0], **said[0]}]

    assert not _VALIDATOR.is_valid(document | {key: said})


@pytest.mark.parametrize("key", ["publication", "changes", "next"])
def test_what_became_of_a_release_is_never_left_out(key: str) -> None:
    document = _read(_PLAIN)
    del document[key]

    assert not _VALIDATOR.is_valid(document)


def test_the_lines_of_a_source_are_a_list() -> None:
    lines = ("1: ::error::x", "2: \x1b")
    found = replace(_PLAIN.findings[0], evidence={"line": 1, "source": lines})

    told = _read(replace(_PLAIN, findings=(found,)))["findings"][0]

    assert told["evidence"] == {"line": 1, "source": list(lines)}


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("a pass", "pass"), ("findings", "fail"), ("an error", "undecided")],
)
def test_the_verdict_is_one_of_three_words(name: str, verdict: str) -> None:
    assert _read(_REPORTS[name])["verdict"] == verdict
