"""GitLab's Code Quality artifact: valid entries, and none missing for what blocks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import hostile
import jsonschema
import pytest
import runner_model
from hypothesis import given, settings
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.facts import ExpectedRelease
from release_guard.findings import (
    Finding,
    NotRun,
    Report,
    Severity,
    Verdict,
    Waived,
    Waiver,
)
from release_guard.reports import gitlab
from release_guard.rulebook import Refusal
from release_guard.rules.base import docs_url

#: What GitLab documents (docs/ci/testing/code_quality, "Code Quality report format"),
#: and a bit more: it reads other keys as well, but shows none of them.
_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "description": {"type": "string", "minLength": 1, "maxLength": 2_003},
            "check_name": {"type": "string", "pattern": "^release-guard/[a-z0-9-]+$"},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "minLength": 1},
                    "lines": {
                        "type": "object",
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                        "required": ["begin"],
                        "additionalProperties": False,
                    },
                },
                "required": ["path", "lines"],
                "additionalProperties": False,
            },
        },
        "required": [
            *("description", "check_name", "fingerprint", "severity", "location")
        ],
        "additionalProperties": False,
    },
}


def _read(report: Report) -> list[dict[str, Any]]:
    """The entries, held to what is documented."""
    rendered = gitlab.render(report)
    assert rendered.isascii()
    entries = json.loads(rendered)
    jsonschema.validate(entries, _SCHEMA)
    for entry in entries:
        path = entry["location"]["path"]
        assert not path.startswith("/")
        assert not {"", ".", ".."} & set(path.split("/"))
    return list(entries)


def _finding(severity: Severity = Severity.ERROR, subject: str = "demo.whl") -> Finding:
    docs = docs_url("unknown-file")
    return Finding("unknown-file", severity, subject, "is wrong", "mend it", docs)


_SOUND = Report("check", "pypi", examined=("demo",), rules=1, ran=("unknown-file",))
_NEEDED = NotRun("file-exists", "the index was not reached", True, "ask again")
_WAIVED = Waived(_finding(), Waiver("unknown-file", "*", "meant", date(2027, 6, 1)))
_MESSAGE = "demo.whl: is wrong -> mend it"

_TABLE = {
    "a pass is an empty list": (_SOUND, []),
    "an error is a blocker": (
        replace(_SOUND, findings=(_finding(),)),
        [("blocker", "unknown-file", _MESSAGE)],
    ),
    "a warning is major, and a notice info": (
        replace(
            _SOUND, findings=(_finding(Severity.WARNING), _finding(Severity.NOTICE))
        ),
        [("major", "unknown-file", _MESSAGE), ("info", "unknown-file", _MESSAGE)],
    ),
    "a warning that blocks is a blocker": (
        replace(_SOUND, findings=(_finding(Severity.WARNING),), strict=True),
        [("blocker", "unknown-file", _MESSAGE)],
    ),
    "what was not read and is needed is a blocker, each reason once": (
        replace(_SOUND, not_run=(_NEEDED, replace(_NEEDED, rule="project-new"))),
        [
            (
                "blocker",
                "not-decided",
                "not decided: the index was not reached ask again",
            )
        ],
    ),
    "what was not read and is not needed is none": (
        replace(_SOUND, not_run=(replace(_NEEDED, needed=False),)),
        [],
    ),
    "a job that ended early is a blocker": (
        Report("verify", "", error="lost"),
        [("blocker", "not-decided", "not decided: lost")],
    ),
    "a job that judged nothing is a blocker": (
        Report("check", "pypi"),
        [("blocker", "not-decided", "not decided: nothing was judged")],
    ),
    "what was not read beside an error is told so": (
        replace(_SOUND, not_run=(_NEEDED,), findings=(_finding(),)),
        [
            (
                "blocker",
                "also-not-read",
                "also not read: the index was not reached ask again",
            ),
            ("blocker", "unknown-file", _MESSAGE),
        ],
    ),
    "a job that ended early beside an error is told so": (
        replace(_SOUND, error="lost", findings=(_finding(),)),
        [
            ("blocker", "ended-early", "ended early: lost"),
            ("blocker", "unknown-file", _MESSAGE),
        ],
    ),
    "a waiver is told": (
        replace(_SOUND, waived=(_WAIVED,)),
        [
            (
                "info",
                "unknown-file",
                "demo.whl: waived, because meant: is wrong -> mend it",
            )
        ],
    ),
    "the upload rule is told, and no fix where there is none": (
        replace(
            _SOUND,
            findings=(replace(_finding(), fix="", refusal=Refusal("6a.2")),),
        ),
        [("blocker", "unknown-file", "demo.whl: is wrong [upload rule 6a.2]")],
    ),
}


@pytest.mark.parametrize(("report", "expected"), _TABLE.values(), ids=list(_TABLE))
def test_what_the_entries_say(
    report: Report, expected: list[tuple[str, str, str]]
) -> None:
    entries = _read(report)

    assert [
        (
            e["severity"],
            e["check_name"].removeprefix("release-guard/"),
            e["description"],
        )
        for e in entries
    ] == expected


@settings(max_examples=300)
@given(report=hostile.reports())
def test_there_is_a_blocker_unless_it_is_a_pass_whatever_it_holds(
    report: Report,
) -> None:
    for one in (
        report,
        replace(report, findings=()),
        replace(report, findings=(), error="", not_run=()),
        replace(report, findings=(), error="", not_run=(), rules=0),
    ):
        severities = {entry["severity"] for entry in _read(one)}
        assert ("blocker" in severities) == (one.verdict is not Verdict.PASS)
        assert runner_model.commands(gitlab.render(one)) == []


def test_fingerprints_are_those_of_the_last_run_and_differ_where_findings_do() -> None:
    findings = tuple(_finding(subject=f"demo-{n}.whl") for n in range(3))
    first = _read(replace(_SOUND, findings=findings, elapsed=1.0))
    second = _read(replace(_SOUND, findings=findings[::-1], elapsed=2.0))

    told = [entry["fingerprint"] for entry in first]
    assert len(set(told)) == 3
    assert sorted(told) == sorted(entry["fingerprint"] for entry in second)


def _of_version(version: str) -> Report:
    wheel = f"demo-{version}-py3-none-any.whl"
    release = ExpectedRelease(canonicalize_name("demo"), Version(version), (), None)
    finding = replace(_finding(subject=wheel), message=f"{version} is wrong")
    return replace(_SOUND, releases=(release,), findings=(finding,))


def test_the_fingerprint_of_the_next_commits_version_is_the_same() -> None:
    first, second, other = (
        _read(_of_version(version))[0]["fingerprint"]
        for version in ("1.0.dev1", "1.0.dev22", "1.0.dev1")
    )
    assert first == second == other
    (wrong,) = _read(replace(_SOUND, findings=_of_version("1.0.dev1").findings))
    assert wrong["fingerprint"] != first


def test_the_same_of_two_versions_is_two_things() -> None:
    one, two = _of_version("1.0"), _of_version("2.0")
    both = replace(
        _SOUND,
        releases=one.releases + two.releases,
        findings=one.findings + two.findings,
    )
    first, second = (entry["fingerprint"] for entry in _read(both))
    assert first != second


_PATHS = {
    "demo-1.0.tar.gz": "demo-1.0.tar.gz",
    "demo 1.0": "demo 1.0",
    "../../-/user_settings": "-/user_settings",
    "/etc/passwd": "etc/passwd",
    "a/./b": "a/b",
    "..\\..\\a": "a",
    ". ./a": "a",
    "": "release",
    "..": "release",
}


@pytest.mark.parametrize("subject", _PATHS)
def test_a_path_stays_below_the_commit(subject: str) -> None:
    (entry,) = _read(replace(_SOUND, findings=(_finding(subject=subject),)))

    assert entry["location"] == {"path": _PATHS[subject], "lines": {"begin": 1}}


def test_of_very_many_findings_those_that_block_are_kept() -> None:
    many = [_finding(Severity.NOTICE, f"n{n}.whl") for n in range(2_000)]
    entries = _read(replace(_SOUND, findings=(*many, _finding())))

    assert len(entries) == 1_000
    assert entries[0]["severity"] == "blocker"
    assert entries[-1]["severity"] == "info"
    assert entries[-1]["description"].startswith("1002 more")


def test_of_very_many_errors_the_last_entry_is_one() -> None:
    entries = _read(
        replace(
            _SOUND, findings=tuple(_finding(subject=f"{n}.whl") for n in range(2_000))
        )
    )

    assert [entry["severity"] for entry in entries] == ["blocker"] * 1_000


def test_a_long_message_is_cut() -> None:
    (entry,) = _read(
        replace(_SOUND, findings=(replace(_finding(), message="x" * 10_000),))
    )

    assert entry["description"].endswith("xxx...")
