"""What a page says of a report, and in which order; each section in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.comparison import DiffLine
from release_guard.facts import ExpectedFile, ExpectedRelease, Kind
from release_guard.findings import (
    Audited,
    Finding,
    NextStep,
    NotRun,
    Report,
    Severity,
    Step,
    Verdict,
    Waived,
    Waiver,
)
from release_guard.matrix import Mark, Matrix, Row
from release_guard.reports.document import (
    Badge,
    Block,
    Code,
    Document,
    Folded,
    Inline,
    Issue,
    Issues,
    Items,
    Line,
    Link,
    Names,
    Paragraph,
    Section,
    Strong,
    Table,
    Text,
    Tone,
    document,
)
from release_guard.rulebook import Refusal
from release_guard.rules.base import docs_url
from release_guard.states import Published, State

_DEMO = canonicalize_name("demo")
_WHEEL = ExpectedFile("demo-1.0-py3-none-any.whl", Kind.WHEEL, 12_345_678, "ab" * 32)
_SDIST = ExpectedFile("demo-1.0.tar.gz", Kind.SDIST, 252, "cd" * 32)
_RELEASE = ExpectedRelease(_DEMO, Version("1.0"), (_WHEEL, _SDIST), None)
_PASS = Report(
    command="check",
    index="pypi",
    releases=(_RELEASE,),
    examined=("demo 1.0",),
    rules=27,
    elapsed=1.26,
)
_UNKNOWN = docs_url("unknown-file")


def _finding(
    subject: str,
    message: str = "is odd",
    fix: str = "mend it",
    rule: str = "unknown-file",
    severity: Severity = Severity.ERROR,
) -> Finding:
    return Finding(rule, severity, subject, message, fix, docs_url(rule))


def _found(*findings: Finding) -> Report:
    return replace(_PASS, findings=findings)


# --- a page in words ----------------------------------------------------------------


def _words(page: Document) -> list[str]:
    """The blocks as lines: what is code in backticks, a table's cells between bars."""
    return [line for block in page.blocks for line in _of(block)]


def _of(block: Block, indent: str = "") -> Iterator[str]:
    match block:
        case Paragraph(line):
            yield f"{indent}{_line(line)}"
        case Items(items):
            for item in items:
                yield f"{indent}- {_line(item.line)}"
                yield from (f"{indent}  $ {command}" for command in item.commands)
        case Table():
            yield f"{indent}[{block.caption}] {' | '.join(block.head)}"
            for row in block.rows:
                assert len(row) == len(block.head)
                yield f"{indent}{' | '.join(map(_line, row))}"
        case Issues(issues):
            for issue in issues:
                yield f"{indent}{_issue(issue)}"
        case Section(title, blocks) | Folded(title, blocks):
            mark = "#" if isinstance(block, Section) else ">"
            yield f"{indent}{mark} {title}"
            for inner in blocks:
                yield from _of(inner, f"{indent}  ")


def _issue(issue: Issue) -> str:
    told = f"{issue.severity} {issue.rule.text} {_inline(issue.subjects)}: "
    told += _line(issue.message)
    told += f" -> {_line(issue.fix)}" if issue.fix else ""
    return told + "".join(f" / {line}" for line in issue.lines)


def _line(line: Line) -> str:
    return "".join(map(_inline, line))


def _inline(inline: Inline) -> str:
    match inline:
        case Text(text):
            return text
        case Code(text):
            return f"`{text}`"
        case Strong(text):
            return f"*{text}*"
        case Link(text, _):
            return f"[{text}]"
        case Badge(text, tone):
            return f"{tone}:{text}"
        case Names(names, noun, more):
            rest = f" +{more}" if more else ""
            return f"{{{noun}: {', '.join(names)}{rest}}}"


# --- the head -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (_PASS, Badge("passed", Tone.GOOD)),
        (_found(_finding("a")), Badge("blocked", Tone.BAD)),
        (
            replace(_found(_finding("a")), command="rehearse"),
            Badge("blocked", Tone.BAD),
        ),
        (replace(_found(_finding("a")), command="verify"), Badge("failed", Tone.BAD)),
        (replace(_PASS, error="lost"), Badge("not decided", Tone.CAREFUL)),
    ],
    ids=["pass", "check", "rehearsal", "verification", "no verdict"],
)
def test_the_verdict_is_a_word_with_a_tone(report: Report, verdict: Badge) -> None:
    assert document(report).verdict == verdict


_ROW = Audited("demo", 3, 9, 3, 1, 0, 0, Verdict.FAIL, "tags.txt")
_ABOUT: dict[str, tuple[Report, str]] = {
    "a release": (_PASS, "`demo 1.0` for `pypi`"),
    "several releases": (
        replace(_PASS, releases=(_RELEASE, replace(_RELEASE, version=Version("2")))),
        "`demo 1.0`, `demo 2` for `pypi`",
    ),
    "very many releases": (
        replace(_PASS, releases=(_RELEASE,) * 7),
        f"{', '.join(['`demo 1.0`'] * 5)} and 2 more for `pypi`",
    ),
    "an audit": (Report("audit", "pypi", audited=(_ROW,)), "`demo` for `pypi`"),
    "an audit of very many": (
        Report("audit", "pypi", audited=(_ROW,) * 8),
        f"{', '.join(['`demo`'] * 5)} and 3 more for `pypi`",
    ),
    "nothing": (Report("check", "pypi"), ""),
}


@pytest.mark.parametrize(("report", "about"), _ABOUT.values(), ids=list(_ABOUT))
def test_what_it_is_about_is_told_of(report: Report, about: str) -> None:
    assert _line(document(report).about) == about


_LATE = Published("demo", "1.0", State.LATE, 1, 2, 3)
_FACTS: dict[str, tuple[Report, tuple[str, ...]]] = {
    "a pass": (_PASS, ("2 files, 12.3 MB", "no findings", "27 rules in 1.3 s")),
    "a pass that the index was asked for": (
        replace(_PASS, to_upload=("a",), manifest="m.json", strict=True),
        (
            *("2 files, 12.3 MB", "1 of 2 to upload", "no findings"),
            *("27 rules in 1.3 s", "wrote m.json", "strict: warnings block too"),
        ),
    ),
    "a job that ended before it judged": (Report("check", "pypi", error="lost"), ()),
    "a job that ended after it judged": (
        replace(_PASS, releases=(), error="lost"),
        ("no findings", "27 rules in 1.3 s"),
    ),
    "findings of each kind": (
        replace(
            _found(
                *(_finding(name) for name in "ab"),
                _finding("a", severity=Severity.NOTICE),
            ),
            to_upload=("a",),
            rules=1,
        ),
        ("2 files, 12.3 MB", "2 errors, 1 notice", "1 rule in 1.3 s"),
    ),
    "a publication": (
        replace(_PASS, releases=(), published=(_LATE,)),
        ("1 of 2 files listed", "no findings", "27 rules in 1.3 s"),
    ),
    "several publications": (
        replace(_PASS, releases=(), published=(_LATE, _LATE)),
        ("no findings", "27 rules in 1.3 s"),
    ),
}


@pytest.mark.parametrize(("report", "facts"), _FACTS.values(), ids=list(_FACTS))
def test_the_facts_are_of(report: Report, facts: tuple[str, ...]) -> None:
    assert document(report).facts == facts


# --- the order ----------------------------------------------------------------------

_CHANGES = replace(
    _finding("demo 1.0", "2 things changed", rule="release-changes"),
    severity=Severity.NOTICE,
    evidence={"changes": ("wheels: 3, before 2", "dependency added: attrs>=25")},
)
_PICTURE = Matrix(
    *("demo", "1.0", "0.9", ("cp312", "cp313")),
    (
        Row("linux_x86_64", (Mark.THERE, Mark.NEW), ("glibc 2.17", "glibc 2.28")),
        Row("win32", (Mark.GONE, None)),
    ),
)
_WAIVER = Waiver("missing-sdist", "*", "the source is closed", date(2027, 6, 1))
_WAIVED = Waived(_finding("demo 1.0", "has no sdist", rule="missing-sdist"), _WAIVER)


def test_a_page_goes_from_the_verdict_to_what_stands_behind_it() -> None:
    report = replace(
        _found(_finding("a"), _CHANGES),
        audited=(_ROW,),
        matrices=(_PICTURE,),
        published=(_LATE,),
        waived=(_WAIVED,),
        not_run=(
            NotRun("file-exists", "no index", needed=True),
            NotRun("tag-missing", "no tag", needed=False),
        ),
        derivation=(Step("event", "push"),),
    )
    titles = [
        block.title
        for block in document(report).blocks
        if isinstance(block, Section | Folded)
    ]
    assert titles == [
        "What to do",
        "What was found",
        "Also not read",
        "The audit",
        "Wheels",
        "What changes for users",
        "On the index",
        "Waived by the policy",
        "What was checked: 27 rules ran, 1 did not run",
        "Where it comes from",
        "2 files of demo 1.0",
    ]


def test_a_pass_is_short() -> None:
    assert _words(document(_PASS)) == [
        "> What was checked: 27 rules ran",
        "  27 rules judged {subject: demo 1.0}",
        "> Where it comes from",
        "  [How the version came about] step | what it says",
        "  policy | none: the defaults",
        "> 2 files of demo 1.0",
        "  [Sizes and hashes] file | bytes | sha256",
        f"  `demo-1.0-py3-none-any.whl` | 12,345,678 | `{'ab' * 32}`",
        f"  `demo-1.0.tar.gz` | 252 | `{'cd' * 32}`",
    ]


# --- each section -------------------------------------------------------------------

_BARE = Report("check", "pypi", examined=("demo 1.0",), rules=1, policy="p.yml")
#: What stands at the end of every page of a report that is bare otherwise.
_END = [
    "> What was checked: 1 rule ran",
    "  1 rule judged {subject: demo 1.0}",
    "> Where it comes from",
    "  [How the version came about] step | what it says",
    "  policy | `p.yml`",
]
_FORTY = ", ".join(f"{number}.whl" for number in range(40))
_SECTIONS: dict[str, tuple[Report, list[str]]] = {
    "the fixes of what blocks, each once with its rules": (
        replace(
            _BARE,
            findings=(
                _finding("a"),
                _finding("b", "is odder"),
                _finding("c", rule="missing-sdist"),
                _finding("d", fix="", rule="bytecode"),
                _finding("e", fix="look", severity=Severity.WARNING),
            ),
        ),
        [
            "# What to do",
            "  - mend it ([unknown-file], [missing-sdist])",
            "# What was found",
            "  error unknown-file {file: a}: is odd",
            "  error unknown-file {file: b}: is odder",
            "  error missing-sdist {file: c}: is odd",
            "  error bytecode {file: d}: is odd",
            "  warning unknown-file {file: e}: is odd -> look",
        ],
    ),
    "the fixes of warnings where those block": (
        replace(
            _BARE, strict=True, findings=(_finding("e", severity=Severity.WARNING),)
        ),
        [
            *("# What to do", "  - mend it ([unknown-file])", "# What was found"),
            "  warning unknown-file {file: e}: is odd",
        ],
    ),
    "many files of one cause": (
        replace(_BARE, findings=tuple(_finding(f"{n}.whl") for n in range(40))),
        [
            *("# What to do", "  - mend it ([unknown-file])", "# What was found"),
            f"  error unknown-file {{file: {_FORTY}}}: is odd",
        ],
    ),
    "releases, which are no files": (
        replace(
            _BARE,
            findings=(
                _finding("demo 1.0", fix=""),
                _finding("demo 2.0", fix=""),
            ),
        ),
        [
            "# What was found",
            "  error unknown-file {subject: demo 1.0, demo 2.0}: is odd",
        ],
    ),
    "upload rules and quoted lines": (
        replace(
            _BARE,
            findings=(
                replace(
                    _finding("a", fix=""),
                    refusal=Refusal("6a.2"),
                    first=True,
                    evidence={"source": ("1: x", "2: y")},
                ),
                replace(_finding("b", fix=""), evidence={"source": ("1: x",)}),
            ),
        ),
        [
            "# What was found",
            "  error unknown-file {file: a, b}: is odd \
[upload rule 6a.2, refused first] / 1: x / 2: y",
        ],
    ),
    "what changes, as a section of its own": (
        replace(_BARE, findings=(_CHANGES,)),
        [
            "# What changes for users",
            "  `demo 1.0` 2 things changed",
            "  - wheels: 3, before 2",
            "  - dependency added: `attrs>=25`",
        ],
    ),
    "what changes, where the policy has it block": (
        replace(
            _BARE,
            findings=(replace(_CHANGES, severity=Severity.ERROR, fix=""),),
        ),
        [
            "# What was found",
            "  error release-changes {subject: demo 1.0}: 2 things changed \
/ wheels: 3, before 2 / dependency added: attrs>=25",
        ],
    ),
    "the wheels": (
        replace(_BARE, matrices=(_PICTURE,)),
        [
            "# Wheels",
            "  [wheels of demo 1.0, and what is new or gone since 0.9] \
platform | cp312 | cp313 | from",
            "  Linux x86_64 | ✓ | good:new | glibc 2.17, 2.28",
            "  Windows 32-bit | bad:gone | - | ",
        ],
    ),
    "wheels that are too many for a picture": (
        replace(
            _BARE,
            matrices=(replace(_PICTURE, rows=(), more_platforms=2),),
        ),
        [
            "# Wheels",
            "  [wheels of demo 1.0, and what is new or gone since 0.9] \
platform | cp312 | cp313 | from",
            "  and 2 platform(s) more",
        ],
    ),
    "a publication and what moved": (
        replace(
            _BARE,
            command="verify",
            published=(
                _LATE,
                replace(_LATE, state=State.MISSING),
                _exact := replace(_LATE, state=State.EXACT),
            ),
            diff=(
                DiffLine("=", "demo", "7 other file(s), as they were before"),
                DiffLine("+", "a.whl", "as expected"),
                DiffLine("-", "b.whl", "expected, and not listed"),
                DiffLine("+", "c.whl", "as expected"),
                DiffLine("!", "d.whl", "has other bytes"),
            ),
            next_steps=(
                NextStep("demo 1.0: upload those:", ("twine upload b.whl",)),
                NextStep("then rest"),
            ),
            findings=(_finding("b.whl", "is not listed"),),
        ),
        [
            "# What to do",
            "  - demo `1.0`: upload those:",
            "    $ twine upload b.whl",
            "  - then rest",
            "# What was found",
            "  error unknown-file {file: b.whl}: is not listed -> mend it",
            "# On the index",
            "  [What became of it] release | state | files listed | looks",
            "  `demo 1.0` | careful:late | 1 of 2 | 3",
            "  `demo 1.0` | bad:missing | 1 of 2 | 3",
            "  `demo 1.0` | good:exact | 1 of 2 | 3",
            "  [The listing, before and after] change | what | how it is",
            "  good:came | {file: a.whl, c.whl} | as expected",
            "  bad:not there | {file: b.whl} | expected, and not listed",
            "  bad:wrong | {file: d.whl} | has other bytes",
            "  as before | {file: demo} | 7 other file(s), as they were before",
        ],
    ),
    "a publication in which nothing moved": (
        replace(
            _BARE,
            command="verify",
            published=(_exact,),
            diff=(DiffLine("=", "demo", "7 other file(s), as they were before"),),
        ),
        [
            "# On the index",
            "  [What became of it] release | state | files listed | looks",
            "  `demo 1.0` | good:exact | 1 of 2 | 3",
        ],
    ),
    "what was waived, by waiver and cause": (
        replace(
            _BARE,
            waived=(
                Waived(_finding("a.whl", "is odd"), _WAIVER),
                Waived(_finding("b.whl", "is odd"), _WAIVER),
                Waived(_finding("c.whl", "is odd"), replace(_WAIVER, until=None)),
            ),
        ),
        [
            "# Waived by the policy",
            "  [Waived findings, with the reasons] \
rule | where | what | because | until",
            "  [unknown-file] | {file: a.whl, b.whl} | is odd | the source is closed \
| 2027-06-01",
            "  [unknown-file] | {file: c.whl} | is odd | the source is closed | ",
        ],
    ),
    "an error that ended the job": (
        replace(_BARE, error="index.example: no answer", hint="ask again"),
        ["# Not decided", "  `index.example`: no answer", "  ask again"],
    ),
    "an error without a hint": (
        replace(_BARE, error="no answer"),
        ["# Not decided", "  no answer"],
    ),
    "an error behind one that was found": (
        replace(_BARE, error="no answer", findings=(_finding("a", fix=""),)),
        [
            *("# What was found", "  error unknown-file {file: a}: is odd"),
            *("# Ended early", "  no answer"),
        ],
    ),
    "what had to be read beside an error that was found": (
        replace(
            _BARE,
            not_run=(NotRun("file-exists", "no index", needed=True),),
            findings=(_finding("a", fix=""),),
        ),
        [
            *("# What was found", "  error unknown-file {file: a}: is odd"),
            "# Also not read",
            "  [What was not judged] why | rules that did not run",
            "  no index | {rule: file-exists}",
        ],
    ),
    "what had to be read, behind the error that ended the job": (
        replace(
            _BARE,
            error="the disk is full",
            hint="make room",
            not_run=(NotRun("file-exists", "no index", needed=True),),
        ),
        [
            *("# Not decided", "  the disk is full", "  make room"),
            "  [What was not judged] why | rules that did not run",
            "  no index | {rule: file-exists}",
        ],
    ),
    "what was waived by one of two waivers, and by it again": (
        replace(
            _BARE,
            waived=(
                Waived(_finding("a.whl"), _WAIVER),
                Waived(_finding("c.whl"), replace(_WAIVER, until=None)),
                Waived(_finding("b.whl"), _WAIVER),
            ),
        ),
        [
            "# Waived by the policy",
            "  [Waived findings, with the reasons] \
rule | where | what | because | until",
            "  [unknown-file] | {file: a.whl, b.whl} | is odd | the source is closed \
| 2027-06-01",
            "  [unknown-file] | {file: c.whl} | is odd | the source is closed | ",
        ],
    ),
    "what had to be read, by reason": (
        replace(
            _BARE,
            not_run=(
                NotRun("file-exists", "no index", True, "ask again"),
                NotRun("project-new", "no index", True, "ask again"),
                NotRun("wheel-layout", "a.whl: cut", needed=True),
            ),
        ),
        [
            "# Not decided",
            "  [What was not judged] why | rules that did not run | what to do",
            "  no index | {rule: file-exists, project-new} | ask again",
            "  `a.whl`: cut | {rule: wheel-layout} | ",
        ],
    ),
}


@pytest.mark.parametrize(("report", "words"), _SECTIONS.values(), ids=list(_SECTIONS))
def test_a_section_tells(report: Report, words: list[str]) -> None:
    end = _END[:2] if report.error else _END
    assert _words(document(report)) == [*words, *end]


def test_a_job_that_judged_nothing_says_so() -> None:
    assert _words(document(Report("check", "pypi", policy="p.yml"))) == [
        "# Not decided",
        "  nothing was judged",
        *_END[2:],
    ]


def test_what_was_not_needed_is_folded_with_what_ran() -> None:
    not_run = (
        NotRun("tag-missing", "no tag", needed=False),
        NotRun("tag-ambiguous", "no tag", needed=False),
    )
    assert _words(document(replace(_BARE, not_run=not_run)))[:4] == [
        "> What was checked: 1 rule ran, 2 did not run",
        "  1 rule judged {subject: demo 1.0}",
        "  [What was not judged] why | rules that did not run",
        "  no tag | {rule: tag-missing, tag-ambiguous}",
    ]


def test_an_audit_tells_its_answers_and_its_table() -> None:
    report = Report("audit", "pypi", audited=(_ROW,), policy="p.yml", examined=("x",))
    words = _words(document(report))

    assert "  - *which tags never arrived?* none" in words
    assert words[words.index("# The audit") + 5 :][:2] == [
        "  [The projects] project | versions | files | tags | errors | warnings | \
notices | verdict | tags from",
        "  `demo` | 3 | 9 | 3 | 1 | 0 | 0 | bad:failed | `tags.txt`",
    ]


# --- bounds -------------------------------------------------------------------------


def _only(page: Document, kind: type[Block]) -> Block:
    """The one block of a kind, however deep."""

    def walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
        for block in blocks:
            yield block
            if isinstance(block, Section | Folded):
                yield from walk(block.blocks)

    (found,) = (block for block in walk(page.blocks) if isinstance(block, kind))
    return found


def test_of_very_many_causes_the_first_are_told() -> None:
    findings = (_finding("a", f"is odd in way {n:05}", f"do {n}") for n in range(1_000))
    page = document(_found(*findings))

    issues = _only(page, Issues)
    assert isinstance(issues, Issues)
    assert len(issues.issues) == 300
    assert "  And 700 more; the JSON report has them all." in _words(page)
    # What is not told above is told beside the finding.
    assert [bool(issue.fix) for issue in issues.issues] == [False] * 20 + [True] * 280
    todo = _only(page, Items)
    assert isinstance(todo, Items)
    assert len(todo.items) == 20


@pytest.mark.parametrize("count", [20, 21])
def test_with_more_causes_than_are_seen_at_once_the_rules_come_first(
    count: int,
) -> None:
    odd = [_finding("a", f"is odd in way {n:05}", f"do {n}") for n in range(count - 1)]
    words = _words(document(_found(*odd, _finding("b", rule="version-kind"))))

    first = words[words.index("# What was found") + 1]
    in_all = f"  In all: {count - 1} [unknown-file], 1 [version-kind]"
    assert (first == in_all) is (count > 20)


def test_long_names_and_lines_leave_room_for_what_comes_behind_them() -> None:
    long = "\U000e0001" * 1_000
    lines = tuple(f"{n} {long}" for n in range(90))
    names = (replace(_finding(f"{n}{long}"), fix="") for n in range(100))
    quoting = replace(_finding("a", "quotes"), evidence={"source": lines})
    page = document(_found(quoting, *names))

    issues = _only(page, Issues)
    assert isinstance(issues, Issues)
    assert issues.issues[0].lines == (lines[0], "and 89 more")
    assert (len(issues.issues[1].subjects.names), issues.issues[1].subjects.more) == (
        1,
        99,
    )


def test_of_very_many_files_of_one_cause_the_first_are_told() -> None:
    page = document(_found(*(_finding(f"{n}.whl") for n in range(1_000))))

    issues = _only(page, Issues)
    assert isinstance(issues, Issues)
    (issue,) = issues.issues
    assert (len(issue.subjects.names), issue.subjects.more) == (200, 800)
    assert issue.subjects.count == 1_000


def test_of_very_many_quoted_lines_the_first_are_told() -> None:
    lines = tuple(f"{n}: x" for n in range(150))
    page = document(_found(replace(_finding("a"), evidence={"source": lines})))

    issues = _only(page, Issues)
    assert isinstance(issues, Issues)
    assert issues.issues[0].lines == (*lines[:100], "and 50 more")


def test_of_very_many_rows_the_first_are_told() -> None:
    release = replace(_RELEASE, files=(_SDIST,) * 1_000)
    words = _words(document(replace(_PASS, releases=(release,))))

    assert words[-1] == "  and 500 more; the JSON report has them all |  | "


@pytest.mark.parametrize(
    ("length", "told"),
    [(2_000, "x" * 2_000), (2_001, f"{'x' * 2_000} ... and 1 more characters")],
)
def test_of_a_very_long_text_the_beginning_is_told(length: int, told: str) -> None:
    report = replace(_BARE, error="x" * length)
    assert _words(document(report))[1] == f"  {told}"


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (50_000, "x" * 50_000),
        (
            50_001,
            "# too long to show (50,001 characters): the JSON report has it",
        ),
    ],
)
def test_a_command_is_told_whole_or_not_at_all(length: int, told: str) -> None:
    """Whoever copies a part of it would upload a part."""
    page = document(replace(_BARE, next_steps=(NextStep("do", ("x" * length,)),)))

    todo = _only(page, Items)
    assert isinstance(todo, Items)
    assert todo.items[0].commands == (told,)


# --- prose --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("is well-formed, don't worry", "is well-formed, don't worry"),
        ("has 3 file(s) (of 1,234).", "has 3 file(s) (of 1,234)."),
        (
            "takes files until 2026-12-07 02:10 UTC",
            "takes files until 2026-12-07 02:10 UTC",
        ),
        ("is 1.0.dev1; pypi takes final", "is `1.0.dev1`; pypi takes final"),
        ("see 'a.whl' (b.whl).", "see '`a.whl`' (`b.whl`)."),
        ("calls f(x) and f()", "calls `f(x)` and `f()`"),
        ("@me #1 :x: http://a.example/b", "`@me` `#1` `:x`: `http://a.example/b`"),
        ("deadbeef01 or 1234567", "`deadbeef01` or `1234567`"),
        ("a - b = c / d", "a - b = c / d"),
        ("a  b", "a  b"),
        ("... and (", "... and ("),
        ("GH-12, --index", "`GH-12`, `--index`"),
        ("<name> is odd", "`<name>` is odd"),
        ("größe café", "größe café"),
    ],
)
def test_names_in_a_sentence_are_code_and_words_are_not(
    sentence: str, told: str
) -> None:
    assert _words(document(replace(_BARE, error=sentence)))[1] == f"  {told}"
