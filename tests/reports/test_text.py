"""The text report, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import hostile
import pytest
import runner_model
from hypothesis import example, given, settings
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.comparison import DiffLine
from release_guard.facts import ExpectedFile, ExpectedRelease, Kind
from release_guard.findings import (
    Finding,
    NotRun,
    Report,
    Severity,
    Step,
    Waived,
    Waiver,
)
from release_guard.reports import text
from release_guard.rulebook import Refusal
from release_guard.rules.base import docs_url
from release_guard.states import Published, State

_DOCS = "https://github.com/org/release-guard/blob/v1/docs/rules.md"
_WHEEL = ExpectedFile("demo-1.0-py3-none-any.whl", Kind.WHEEL, 12345678, "ab" * 32)
_SDIST = ExpectedFile("demo-1.0.tar.gz", Kind.SDIST, 252, "cd" * 32)
_DEMO = canonicalize_name("demo")
_RELEASE = ExpectedRelease(_DEMO, Version("1.0"), (_WHEEL, _SDIST), None)


def _finding(
    rule: str,
    subject: str,
    message: str,
    fix: str = "",
    severity: Severity = Severity.ERROR,
) -> Finding:
    return Finding(rule, severity, subject, message, fix, docs_url(rule))


_PASS = Report(
    command="check",
    index="pypi",
    releases=(_RELEASE,),
    examined=("demo 1.0",),
    rules=27,
    elapsed=1.26,
)
_FAIL = replace(
    _PASS,
    findings=(
        _finding("unknown-file", "notes.txt", "is no wheel", "move it away"),
        _finding("unknown-file", "log", "is a folder", "move it away"),
        _finding("unknown-file", "a\x1b", "is ##[odd]", "look at it"),
        _finding("missing-sdist", "demo 1.0", "has 1 file(s) and no sdist"),
        _finding("project-new", "demo 1.0", "is new", "", Severity.WARNING),
        _finding("waiver-unused", "a waiver", "matches nothing", "", Severity.NOTICE),
        _finding("waiver-unused", "another", "matches nothing", "", Severity.NOTICE),
    ),
)
_RENDERED = replace(
    _finding(
        "description-refused",
        "demo-1.0.tar.gz",
        'its description cannot be rendered: Unknown directive "x\x1b"',
        "correct the line",
    ),
    refusal=Refusal("59"),
    evidence={"line": 2, "source": ("1: Demo", "2: .. x\x1b::", "3: ##[error]::x")},
)
_REFUSED = replace(
    _PASS,
    findings=(
        _RENDERED,
        replace(_RENDERED, subject=_WHEEL.filename, first=True, evidence={}),
        replace(_FAIL.findings[3], refusal=Refusal("6a.2"), first=True),
        replace(_FAIL.findings[3], evidence={"source": "no lines"}),
    ),
)
_WAIVER = Waiver("missing-wheel", "*win32*", "32-bit Windows is dropped")
_WAIVED = replace(
    _PASS,
    waived=(
        Waived(
            _finding("missing-sdist", "demo 1.0", "has no sdist", "build it"),
            replace(_WAIVER, until=date(2027, 6, 1)),
        ),
        Waived(_finding("unknown-file", "a.txt", "is no wheel"), _WAIVER),
    ),
)
_NOT_JUDGED = replace(
    _PASS,
    not_run=(
        NotRun("tag-missing", "there is no tag", needed=False),
        NotRun("file-exists", "the index was not reached", needed=True),
        NotRun("tag-unrecognized", "there is no tag", needed=False),
        NotRun("project-new", "the index was not reached", needed=True),
        NotRun("archive-bomb", "a.whl: was not read\x1b", True, "give it\nagain"),
    ),
)
_DERIVED = replace(
    _FAIL,
    findings=_FAIL.findings[3:4],
    not_run=_NOT_JUDGED.not_run[:1],
    derivation=(
        Step("event", "push on refs/tags/v1.0 of org/demo (GitHub)"),
        Step("tag", "v1.0\n::error::x (named by the event)"),
        Step("demo 1.0", "final; 2 file(s); v1.0 says 1.0 by v{version}"),
    ),
)
_WHEELS = tuple(
    DiffLine("+", f"demo-1.0-cp31{number}.whl", "as expected") for number in range(4)
)
_PUBLISHED = replace(
    _PASS,
    command="verify",
    findings=(_finding("published-missing", "demo-1.0.tar.gz", "is not listed"),),
    published=(
        Published("demo", "1.0", State.MISSING, 4, 5, 3),
        Published("other", "2.0\x1b", State.EXACT, 1, 1, 1),
    ),
    diff=(
        *_WHEELS,
        DiffLine("-", "demo-1.0.tar.gz", "expected, and not listed"),
        DiffLine("-", "demo-1.0.zip", "expected, and not listed"),
        DiffLine("+", "demo-1.1\n::error::x.zip", "nobody expected it"),
        DiffLine("=", "demo", "7 other file(s), as they were before"),
        *_WHEELS[:3],
    ),
    next_steps=(
        "demo 1.0: 1 of 5 file(s) are not listed; upload just those:",
        "  twine upload 'dist/a##[b]c.whl'",
        "meanwhile users\n::error::x build from the sdist",
    ),
)
_UNDECIDED = Report(
    command="verify",
    index="",
    error="m.json: is not there",
    hint="check writes it",
    elapsed=0.04,
)

_FILES = f"""\
files of demo 1.0:
  sha256 {"ab" * 32}   12,345,678  demo-1.0-py3-none-any.whl
  sha256 {"cd" * 32}          252  demo-1.0.tar.gz
"""

_GOLDEN = {
    "a pass": (
        _PASS,
        f"""\
release-guard check: PASS - demo 1.0 for pypi (2 files, 27 rules, 1.3 s)

{_FILES}""",
    ),
    "a fail by several rules": (
        _FAIL,
        f"""\
release-guard check: FAIL - demo 1.0 for pypi (2 files, 27 rules, 4 errors, 1 warning, \
2 notices, 1.3 s)

error: unknown-file  ({_DOCS}#unknown-file)
  notes.txt: is no wheel
  log: is a folder
  -> move it away
  a\\x1b: is # #[odd]
  -> look at it
error: missing-sdist  ({_DOCS}#missing-sdist)
  demo 1.0: has 1 file(s) and no sdist
warning: project-new  ({_DOCS}#project-new)
  demo 1.0: is new
notice: waiver-unused  ({_DOCS}#waiver-unused)
  a waiver: matches nothing
  another: matches nothing

{_FILES}""",
    ),
    "refused by upload rules, and lines of a source": (
        _REFUSED,
        f"""\
release-guard check: FAIL - demo 1.0 for pypi (2 files, 27 rules, 4 errors, 1.3 s)

error: description-refused  ({_DOCS}#description-refused)
  demo-1.0.tar.gz: its description cannot be rendered: Unknown directive "x\\x1b" \
[upload rule 59]
      | 1: Demo
      | 2: .. x\\x1b::
      | 3: # #[error]::x
  demo-1.0-py3-none-any.whl: its description cannot be rendered: Unknown directive \
"x\\x1b" [upload rule 59, refused first]
  -> correct the line
error: missing-sdist  ({_DOCS}#missing-sdist)
  demo 1.0: has 1 file(s) and no sdist [upload rule 6a.2, refused first]
  demo 1.0: has 1 file(s) and no sdist

{_FILES}""",
    ),
    "waived": (
        _WAIVED,
        f"""\
release-guard check: PASS - demo 1.0 for pypi (2 files, 27 rules, 1.3 s)

waived by the policy:
  missing-sdist: demo 1.0: has no sdist
    because: 32-bit Windows is dropped, until 2027-06-01
  unknown-file: a.txt: is no wheel
    because: 32-bit Windows is dropped

{_FILES}""",
    ),
    "not judged": (
        _NOT_JUDGED,
        f"""\
release-guard check: UNDECIDED - demo 1.0 for pypi (2 files, 27 rules, 1.3 s)

not judged:
  a.whl: was not read\\x1b (needed for a verdict): archive-bomb
  -> give it\\nagain
  the index was not reached (needed for a verdict): file-exists, project-new
  there is no tag: tag-missing, tag-unrecognized

{_FILES}""",
    ),
    "where it comes from": (
        _DERIVED,
        f"""\
release-guard check: FAIL - demo 1.0 for pypi (2 files, 27 rules, 1 error, 1.3 s)

error: missing-sdist  ({_DOCS}#missing-sdist)
  demo 1.0: has 1 file(s) and no sdist

where it comes from:
  event     push on refs/tags/v1.0 of org/demo (GitHub)
  tag       v1.0\\n::error::x (named by the event)
  demo 1.0  final; 2 file(s); v1.0 says 1.0 by v{{version}}

not judged:
  there is no tag: tag-missing

{_FILES}""",
    ),
    "what became of it, what moved, and what to do next": (
        _PUBLISHED,
        f"""\
release-guard verify: FAIL - demo 1.0 for pypi (2 files, 27 rules, 1 error, 1.3 s)

error: published-missing  ({_DOCS}#published-missing)
  demo-1.0.tar.gz: is not listed

what became of it:
  demo 1.0: missing (4 of 5 files listed, 3 looks)
  other 2.0\\x1b: exact (1 of 1 file listed, 1 look)

the listing, before and after:
  + 4 files: as expected
  - demo-1.0.tar.gz: expected, and not listed
  - demo-1.0.zip: expected, and not listed
  + demo-1.1\\n::error::x.zip: nobody expected it
  = demo: 7 other file(s), as they were before
  + demo-1.0-cp310.whl: as expected
  + demo-1.0-cp311.whl: as expected
  + demo-1.0-cp312.whl: as expected

what to do next:
  demo 1.0: 1 of 5 file(s) are not listed; upload just those:
    twine upload 'dist/a# #[b]c.whl'
  meanwhile users\\n::error::x build from the sdist

{_FILES}""",
    ),
    "undecided": (
        _UNDECIDED,
        """\
release-guard verify: UNDECIDED (0 files, 0 rules, 0.0 s)

not decided: m.json: is not there
  check writes it
""",
    ),
    "undecided without a hint": (
        replace(_UNDECIDED, hint=""),
        """\
release-guard verify: UNDECIDED (0 files, 0 rules, 0.0 s)

not decided: m.json: is not there
""",
    ),
    "one file and one rule": (
        replace(
            _PASS,
            releases=(replace(_RELEASE, files=(_SDIST,)),),
            rules=1,
            findings=_FAIL.findings[:1],
        ),
        f"""\
release-guard check: FAIL - demo 1.0 for pypi (1 file, 1 rule, 1 error, 1.3 s)

error: unknown-file  ({_DOCS}#unknown-file)
  notes.txt: is no wheel
  -> move it away

files of demo 1.0:
  sha256 {"cd" * 32}          252  demo-1.0.tar.gz
""",
    ),
}


@pytest.mark.parametrize(("report", "expected"), _GOLDEN.values(), ids=list(_GOLDEN))
def test_the_report_reads(report: Report, expected: str) -> None:
    assert text.render(report) == expected


def test_the_headline_names_every_release_in_one_line() -> None:
    second = replace(_RELEASE, project=canonicalize_name("other\n::error::x"))
    report = replace(_PASS, releases=(_RELEASE, second))
    assert text.headline(report) == (
        "release-guard check: PASS - demo 1.0, other\\n::error::x 1.0 for pypi "
        "(4 files, 27 rules, 1.3 s)"
    )


def test_many_findings_of_one_cause_are_told_in_part() -> None:
    finding = Finding("unknown-file", Severity.ERROR, "a", "is b", "do c", "d")
    report = Report("check", "pypi", findings=(finding,) * 100)

    told = text.render(report)

    assert told.count("a: is b") == 60
    assert "  and 40 more (--format json has them all)" in told
    assert told.count("-> do c") == 1


@settings(deadline=None)
@given(hostile.texts)
@example("::error::x")
@example("\r::set-output name=verdict::pass")
@example("##[warning]\u2028::stop-commands::x")
@pytest.mark.parametrize("key", ["source", "changes"])
def test_a_line_of_a_source_or_a_change_is_one_line_and_no_command(
    key: str, line: str
) -> None:
    shown = replace(_RENDERED, evidence={key: (line, line)})

    told = text.render(replace(_PASS, findings=(shown,)))

    assert runner_model.commands(told) == []
    assert told.count("\n      | ") == 2
    plain = text.render(replace(_PASS, findings=(replace(shown, evidence={}),)))
    assert len(told.splitlines()) == len(plain.splitlines()) + 2


@settings(deadline=None)
@given(hostile.texts, hostile.texts)
@example("::error::x", "::error::x")
@example("a\r::set-output name=verdict::pass", "\u2028::stop-commands::x")
@example("##[group]", "##[endgroup]")
def test_a_step_of_the_derivation_is_one_line_and_no_command(
    what: str, says: str
) -> None:
    step = Step(what, says)

    told = text.render(replace(_PASS, derivation=(step, step)))

    assert runner_model.commands(told) == []
    assert len(told.splitlines()) == len(text.render(_PASS).splitlines()) + 4
