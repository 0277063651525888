"""The text report, word for word."""

from __future__ import annotations

import re
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
    NextStep,
    NotRun,
    Report,
    Severity,
    Step,
    Waived,
    Waiver,
)
from release_guard.matrix import Mark, Matrix, Row
from release_guard.reports import text, words
from release_guard.reports.style import Screen
from release_guard.rulebook import Refusal
from release_guard.rules.base import docs_url
from release_guard.states import Published, State

_DOCS = "https://github.com/org/release-guard/blob/v1/docs/rules"
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
        Waived(
            _finding("missing-sdist", "demo 2.0", "has no sdist"),
            replace(_WAIVER, until=date(2027, 6, 1)),
        ),
        Waived(_finding("unknown-file", "b.txt", "is no wheel"), _WAIVER),
        Waived(_finding("missing-sdist", "demo 1.0", "has no sdist"), _WAIVER),
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
        Step("its code ran", "a.whl was installed"),
    ),
    policy=".github/release-guard.yml",
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
        NextStep(
            "demo 1.0: 1 of 5 file(s) are not listed; upload just those:",
            ("twine upload 'dist/a##[b]c.whl'",),
        ),
        NextStep("meanwhile users\n::error::x build from the sdist"),
    ),
)
_UNDECIDED = Report(
    command="verify",
    index="",
    error="m.json: is not there",
    hint="check writes it",
    elapsed=0.04,
)

_SUM = "demo 1.0: 1 sdist and 1 wheel, 12.3 MB"
_FROM = """\
where it comes from:
  policy  none: the defaults
"""

_GOLDEN = {
    "a pass": (
        _PASS,
        f"""\
release-guard check: PASS - demo 1.0 for pypi (2 files, 27 rules, 1.3 s)

  files   {_SUM}
  policy  none: the defaults
""",
    ),
    "a pass with all that it has": (
        replace(
            _DERIVED,
            findings=(),
            not_run=(
                *(NotRun(f"rule-{n}", "--offline", needed=False) for n in range(4)),
                *(NotRun(f"rule-{n}", f"reason {n}", needed=False) for n in range(5)),
            ),
            published=_PUBLISHED.published[:1],
            policy="pyproject.toml: tool.release-guard",
            manifest="release-manifest.json",
        ),
        f"""\
release-guard check: PASS - demo 1.0 for pypi (2 files, 27 rules, 1.3 s)

  files         {_SUM}
  on the index  missing (4 of 5 files listed, 3 looks)
  tag           v1.0\\n::error::x (named by the event)
  its code ran  a.whl was installed
  policy        pyproject.toml: tool.release-guard
  manifest      release-manifest.json
  not judged    9 rules: --offline (4); reason 0 (1); reason 1 (1); and 3 more reasons \
(--verbose names them)
""",
    ),
    "a fail by several rules": (
        _FAIL,
        f"""\
release-guard check: FAIL - demo 1.0 for pypi (2 files, 27 rules, 4 errors, 1 warning, \
2 notices, 1.3 s)

error: unknown-file  ({_DOCS}/unknown-file.md)
  notes.txt: is no wheel
  log: is a folder
  -> move it away
  a\\x1b: is # #[odd]
  -> look at it
error: missing-sdist  ({_DOCS}/missing-sdist.md)
  demo 1.0: has 1 file(s) and no sdist
warning: project-new  ({_DOCS}/project-new.md)
  demo 1.0: is new
notice: waiver-unused  ({_DOCS}/waiver-unused.md)
  each of 2: matches nothing
    a waiver
    another

{_FROM}""",
    ),
    "refused by upload rules, and lines of a source": (
        _REFUSED,
        f"""\
release-guard check: FAIL - demo 1.0 for pypi (2 files, 27 rules, 4 errors, 1.3 s)

error: description-refused  ({_DOCS}/description-refused.md)
  each of 2 files: its description cannot be rendered: Unknown directive "x\\x1b" \
[upload rule 59] [upload rule 59, refused first]
    demo-1.0.tar.gz
      | 1: Demo
      | 2: .. x\\x1b::
      | 3: # #[error]::x
    demo-1.0-py3-none-any.whl
  -> correct the line
error: missing-sdist  ({_DOCS}/missing-sdist.md)
  demo 1.0: has 1 file(s) and no sdist [upload rule 6a.2, refused first] (2 times)

{_FROM}""",
    ),
    "the same lines of several files": (
        replace(
            _PASS,
            findings=(_RENDERED, replace(_RENDERED, subject=_WHEEL.filename)),
        ),
        f"""\
release-guard check: FAIL - demo 1.0 for pypi (2 files, 27 rules, 2 errors, 1.3 s)

error: description-refused  ({_DOCS}/description-refused.md)
  each of 2 files: its description cannot be rendered: Unknown directive "x\\x1b" \
[upload rule 59]
    demo-1.0.tar.gz
    demo-1.0-py3-none-any.whl
      | 1: Demo
      | 2: .. x\\x1b::
      | 3: # #[error]::x
  -> correct the line

{_FROM}""",
    ),
    "waived": (
        _WAIVED,
        f"""\
release-guard check: PASS - demo 1.0 for pypi (2 files, 27 rules, 1.3 s)

waived by the policy:
  missing-sdist: demo 1.0: has no sdist
  missing-sdist: demo 2.0: has no sdist
    because: 32-bit Windows is dropped, until 2027-06-01
  unknown-file: each of 2: is no wheel
    a.txt
    b.txt
  missing-sdist: demo 1.0: has no sdist
    because: 32-bit Windows is dropped

  files   {_SUM}
  policy  none: the defaults
""",
    ),
    "not judged": (
        _NOT_JUDGED,
        f"""\
release-guard check: UNDECIDED - demo 1.0 for pypi (2 files, 27 rules, 1.3 s)

not decided:
  the index was not reached (needed for a verdict): file-exists, project-new
  a.whl: was not read\\x1b (needed for a verdict): archive-bomb
  -> give it\\nagain

{_FROM}
not judged:
  there is no tag: tag-missing, tag-unrecognized
""",
    ),
    "files that were not read, which all lack the same": (
        replace(
            _PASS,
            not_run=tuple(
                NotRun(f"rule-{rule}", f"{name}: is damaged", True, "build it again")
                for name in ("a.whl", "b.whl", "c.whl")
                for rule in range(5 if name != "c.whl" else 3)
            ),
        ),
        f"""\
release-guard check: UNDECIDED - demo 1.0 for pypi (2 files, 27 rules, 1.3 s)

not decided:
  a.whl: is damaged (needed for a verdict): rule-0, rule-1, rule-2, rule-3, rule-4
  -> build it again
  b.whl: is damaged (needed for a verdict): the same 5 rules
  -> build it again
  c.whl: is damaged (needed for a verdict): rule-0, rule-1, rule-2
  -> build it again

{_FROM}""",
    ),
    "where it comes from": (
        _DERIVED,
        f"""\
release-guard check: FAIL - demo 1.0 for pypi (2 files, 27 rules, 1 error, 1.3 s)

error: missing-sdist  ({_DOCS}/missing-sdist.md)
  demo 1.0: has 1 file(s) and no sdist

where it comes from:
  event         push on refs/tags/v1.0 of org/demo (GitHub)
  tag           v1.0\\n::error::x (named by the event)
  demo 1.0      final; 2 file(s); v1.0 says 1.0 by v{{version}}
  its code ran  a.whl was installed
  policy        .github/release-guard.yml

not judged:
  there is no tag: tag-missing
""",
    ),
    "what became of it, what moved, and what to do next": (
        _PUBLISHED,
        f"""\
release-guard verify: FAIL - demo 1.0 for pypi (2 files, 27 rules, 1 error, 1.3 s)

what to do next:
  demo 1.0: 1 of 5 file(s) are not listed; upload just those:
    twine upload 'dist/a# #[b]c.whl'
  meanwhile users\\n::error::x build from the sdist

error: published-missing  ({_DOCS}/published-missing.md)
  demo-1.0.tar.gz: is not listed

what became of it:
  demo 1.0: missing (4 of 5 files listed, 3 looks)
  other 2.0\\x1b: exact (1 of 1 file listed, 1 look)

the listing, before and after:
  + 7 files: as expected
  - demo-1.0.tar.gz: expected, and not listed
  - demo-1.0.zip: expected, and not listed
  + demo-1.1\\n::error::x.zip: nobody expected it
  = demo: 7 other file(s), as they were before

{_FROM}""",
    ),
    "undecided": (
        _UNDECIDED,
        """\
release-guard verify: UNDECIDED (0 files, 0 rules, 0.0 s)

not decided:
  m.json: is not there
  -> check writes it
""",
    ),
    "nothing was judged": (
        Report("check", "pypi"),
        f"""\
release-guard check: UNDECIDED (0 files, 0 rules, 0.0 s)

not decided:
  nothing was judged

{_FROM}""",
    ),
    "what was not read, beside an error": (
        replace(
            _NOT_JUDGED, not_run=_NOT_JUDGED.not_run[1:2], findings=_FAIL.findings[3:4]
        ),
        f"""\
release-guard check: FAIL - demo 1.0 for pypi (2 files, 27 rules, 1 error, 1.3 s)

error: missing-sdist  ({_DOCS}/missing-sdist.md)
  demo 1.0: has 1 file(s) and no sdist

also not read:
  the index was not reached (needed for a verdict): file-exists

{_FROM}""",
    ),
    "an end before all was judged, beside an error": (
        replace(
            _NOT_JUDGED,
            not_run=_NOT_JUDGED.not_run[1:2],
            findings=_FAIL.findings[3:4],
            error="the disk is full",
        ),
        f"""\
release-guard check: FAIL - demo 1.0 for pypi (2 files, 27 rules, 1 error, 1.3 s)

error: missing-sdist  ({_DOCS}/missing-sdist.md)
  demo 1.0: has 1 file(s) and no sdist

ended early:
  the disk is full
  the index was not reached (needed for a verdict): file-exists
""",
    ),
    "undecided without a hint": (
        replace(_UNDECIDED, hint=""),
        """\
release-guard verify: UNDECIDED (0 files, 0 rules, 0.0 s)

not decided:
  m.json: is not there
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

error: unknown-file  ({_DOCS}/unknown-file.md)
  notes.txt: is no wheel
  -> move it away

{_FROM}""",
    ),
}


@pytest.mark.parametrize(("report", "expected"), _GOLDEN.values(), ids=list(_GOLDEN))
def test_the_report_reads(report: Report, expected: str) -> None:
    assert text.render(report) == expected


def test_the_headline_names_every_release_in_one_line() -> None:
    second = replace(_RELEASE, project=canonicalize_name("other\n::error::x"))
    report = replace(_PASS, releases=(_RELEASE, second))
    assert "".join(words.headline(report)) == (
        "release-guard check: PASS - demo 1.0, other\n::error::x 1.0 for pypi "
        "(4 files, 27 rules, 1.3 s)"
    )


# --- what is left out, and what never is --------------------------------------------

_NAMES = [f"demo-1.0-cp3{number}-cp3{number}-win32.whl" for number in range(10, 50)]
_FORTY = replace(
    _PASS,
    findings=tuple(
        _finding("wheel-empty", name, f"{name} is empty", "build it") for name in _NAMES
    ),
)


def _below_the_head(report: Report, *, verbose: bool = False) -> list[str]:
    """The lines between the verdict and where it comes from."""
    told = text.render(report, verbose=verbose)
    return told.split("\n\n")[1].splitlines()[1:]


def test_one_cause_of_forty_wheels_is_one_entry() -> None:
    assert _below_the_head(_FORTY) == [
        "  each of 40 files: <name> is empty",
        *(f"    {name}" for name in _NAMES[:3]),
        "    and 37 more (all: --verbose, or --format json)",
        "  -> build it",
    ]


def test_every_name_is_told_to_whoever_asks_for_all() -> None:
    told = _below_the_head(_FORTY, verbose=True)

    assert told[1:-1] == [f"    {name}" for name in _NAMES]


def test_a_rest_of_one_is_told_by_its_name() -> None:
    told = _below_the_head(replace(_FORTY, findings=_FORTY.findings[:4]))

    assert told[1:-1] == [f"    {name}" for name in _NAMES[:4]]


@pytest.mark.parametrize(
    ("severity", "most"),
    [(Severity.ERROR, 60), (Severity.WARNING, 10), (Severity.NOTICE, 5)],
)
def test_of_many_messages_of_one_rule_the_first_are_told(
    severity: Severity, most: int
) -> None:
    found = [
        _finding("wheel-empty", f"{n}.whl", f"lacks {'x' * n}", "build it", severity)
        for n in range(70)
    ]
    report = replace(_PASS, findings=(*found, found[-1]))

    told = _below_the_head(report)

    left = 71 - most
    assert told[-2:] == [
        "  -> build it",
        f"  and {left} more findings (all: --verbose, or --format json)",
    ]
    assert len(told) == most + 2
    everything = _below_the_head(report, verbose=True)
    assert [line.split(":")[0].strip() for line in everything[:-1]] == [
        finding.subject for finding in found
    ]


@pytest.mark.parametrize(
    ("severity", "most"),
    [(Severity.ERROR, 60), (Severity.WARNING, 10), (Severity.NOTICE, 5)],
)
def test_the_bound_is_the_rules_whatever_there_is_to_do(
    severity: Severity, most: int
) -> None:
    found = tuple(
        _finding("wheel-empty", f"{n}.whl", f"lacks x{'x' * n}", f"do {n}", severity)
        for n in range(5_000)
    )
    other = _finding("bytecode", "b.whl", "has some", "", severity)
    report = replace(_PASS, findings=(found[0], other, *found[1:]))

    told = _below_the_head(report)

    assert told[: 2 * most] == [
        line
        for n in range(most)
        for line in (f"  {n}.whl: lacks x{'x' * n}", f"  -> do {n}")
    ]
    assert told[2 * most :] == [
        f"  and {5_000 - most:,} more findings (all: --verbose, or --format json)",
        f"{severity}: bytecode  ({_DOCS}/bytecode.md)",
        "  b.whl: has some",
    ]
    assert len(_below_the_head(report, verbose=True)) == 10_002


def test_a_rest_of_one_finding_is_one() -> None:
    found = (
        _finding("wheel-empty", "a", f"lacks {'x' * n}", "", Severity.NOTICE)
        for n in range(6)
    )
    told = _below_the_head(replace(_PASS, findings=tuple(found)))

    assert told[-1] == "  and 1 more finding (all: --verbose, or --format json)"


_CHANGED = replace(
    _finding("release-changes", "demo 1.0", "changes", "read it", Severity.NOTICE),
    evidence={"changes": tuple(f"change {number}" for number in range(20))},
)


def test_a_pass_tells_the_first_of_many_changes() -> None:
    told = _below_the_head(replace(_PASS, findings=(_CHANGED,)))

    assert told[1:-1] == [
        *(f"      | change {number}" for number in range(10)),
        "      | and 10 more (all: --verbose, or --format json)",
    ]


@pytest.mark.parametrize("how", ["verbose", "failed"])
def test_all_changes_are_told_where_it_is_no_pass_or_all_is_asked_for(how: str) -> None:
    broken = (_FAIL.findings[3],) * (how == "failed")
    report = replace(_PASS, findings=(_CHANGED, *broken))

    told = _below_the_head(report, verbose=how == "verbose")

    assert "      | change 19" in told


def test_all_of_a_pass_has_each_file_with_its_hash_and_what_was_not_judged() -> None:
    report = replace(_DERIVED, findings=(), matrices=(_SAME,))

    assert (
        text.render(report, verbose=True)
        == f"""\
release-guard check: PASS - demo 1.0 for pypi (2 files, 27 rules, 1.3 s)

wheels of demo 1.0, and what is new or gone since 0.9:
                cp311
  Linux x86_64  x      glibc 2.17

where it comes from:
  event         push on refs/tags/v1.0 of org/demo (GitHub)
  tag           v1.0\\n::error::x (named by the event)
  demo 1.0      final; 2 file(s); v1.0 says 1.0 by v{{version}}
  its code ran  a.whl was installed
  policy        .github/release-guard.yml

not judged:
  there is no tag: tag-missing

files of demo 1.0:
  sha256 {"ab" * 32}   12,345,678  demo-1.0-py3-none-any.whl
  sha256 {"cd" * 32}          252  demo-1.0.tar.gz
"""
    )


_ROW = Row("linux_x86_64", (Mark.THERE,), ("glibc 2.17",))
_SAME = Matrix("demo", "1.0", "0.9", ("cp311",), (_ROW,), 0, 0)


@pytest.mark.parametrize(
    ("mark", "word"), [(Mark.THERE, None), (Mark.NEW, "new"), (Mark.GONE, "GONE")]
)
@pytest.mark.parametrize("report", [_PASS, _FAIL], ids=["a pass", "a fail"])
def test_the_wheels_are_shown_where_one_is_new_or_gone(
    report: Report, mark: Mark, word: str | None
) -> None:
    picture = replace(_SAME, rows=(replace(_ROW, cells=(mark,)),))

    told = text.render(replace(report, matrices=(picture,)))

    shown = re.findall(r"^  Linux x86_64  (\w+) ", told, flags=re.MULTILINE)
    assert shown == ([word] if word else [])


def test_a_command_to_copy_is_never_wrapped() -> None:
    command = f"twine upload {' '.join(f'dist/demo-{n}.whl' for n in range(9))}"
    report = replace(_PUBLISHED, next_steps=(NextStep("upload them:", (command,)),))

    rows = text.render(report, Screen(width=40)).splitlines()
    assert command in [row.strip() for row in rows]


def test_colours_and_width_change_nothing_that_is_told() -> None:
    for report in (_PASS, _FAIL, _REFUSED, _NOT_JUDGED, _DERIVED, _PUBLISHED, _FORTY):
        plain = text.render(report)
        painted = text.render(report, Screen(colours=True, width=60))
        bare = re.sub(r"\x1b\[[0-9;]*m", "", painted)
        assert painted != bare
        assert bare.split() == plain.split()


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
    assert told.count("\n      |") == 2
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

    told = text.render(replace(_FAIL, derivation=(step, step)))

    assert runner_model.commands(told) == []
    assert len(told.splitlines()) == len(text.render(_FAIL).splitlines()) + 2
