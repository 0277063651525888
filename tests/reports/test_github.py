"""The report for GitHub: annotations within the limits, a summary that shows text."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import replace

import hostile
import pytest
import runner_model
from hypothesis import example, given, settings
from markdown_it import MarkdownIt
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.comparison import DiffLine
from release_guard.facts import ExpectedFile, ExpectedRelease, Kind
from release_guard.findings import Finding, NotRun, Report, Severity, Step
from release_guard.reports import escape, github, text
from release_guard.rulebook import Refusal
from release_guard.rules.base import docs_url
from release_guard.states import Published, State

_LIMIT = 900 << 10
_CODE = re.compile("<code>(.*?)</code>")
_PLAIN = hostile.report_of(["plain"])


def _finding(severity: Severity, number: int) -> Finding:
    subject = f"demo-{number}.whl"
    docs = docs_url("unknown-file")
    return Finding("unknown-file", severity, subject, "is wrong", "mend it", docs)


def _with(*numbers: int) -> Report:
    """A report with so many errors, warnings and notices."""
    findings = [
        _finding(severity, number)
        for severity, many in zip(Severity, numbers, strict=True)
        for number in range(many)
    ]
    return Report("check", "pypi", examined=("x",), rules=1, findings=tuple(findings))


# --- annotations ------------------------------------------------------------------


@pytest.mark.parametrize("many", [0, 1, 9, 10])
def test_up_to_ten_of_a_kind_are_annotated(many: int) -> None:
    found = runner_model.commands(github.annotate(_with(many, many, many)))
    expected = {"error": many, "warning": many, "notice": many} if many else {}
    assert Counter(command.name for command in found) == expected


@pytest.mark.parametrize(("many", "rest"), [(11, 2), (12, 3), (100_000, 99_991)])
def test_of_more_than_ten_the_tenth_says_how_many_are_left(
    many: int, rest: int
) -> None:
    found = runner_model.commands(github.annotate(_with(many, 0, 0)))
    assert len(found) == 10
    assert found[-1].data.startswith(f"{rest} more")
    assert found[-1].properties == {"title": "release-guard"}


def test_an_annotation_tells_file_message_fix_and_page() -> None:
    (found,) = runner_model.commands(github.annotate(_with(0, 1, 0)))
    assert found == runner_model.Command(
        "warning",
        f"demo-0.whl: is wrong\nmend it\n{docs_url('unknown-file')}",
        {"title": "release-guard: unknown-file"},
    )


def test_a_job_without_a_verdict_is_an_error_annotation() -> None:
    report = Report("check", "", error="100% lost", hint="look\nthere")
    (found,) = runner_model.commands(github.annotate(report))
    assert found == runner_model.Command(
        "error", "100% lost\nlook\nthere", {"title": "release-guard: not decided"}
    )


def test_what_had_to_be_read_is_an_error_annotation_each_reason_once() -> None:
    not_run = (
        NotRun("file-exists", "the index was not reached", True, "ask again"),
        NotRun("project-new", "the index was not reached", True, "ask again"),
        NotRun("wheel-layout", "a.whl: cannot be read", needed=True),
        NotRun("tag-missing", "no tag", needed=False),
    )
    report = replace(_with(0, 0, 0), not_run=not_run)

    (found,) = runner_model.commands(github.annotate(report))

    assert found == runner_model.Command(
        "error",
        "the index was not reached\nask again\na.whl: cannot be read",
        {"title": "release-guard: not decided"},
    )


def test_a_job_that_judged_nothing_says_so() -> None:
    (found,) = runner_model.commands(github.annotate(Report("check", "pypi")))

    assert found.data == "nothing was judged"


def test_behind_the_annotations_stands_the_text_report() -> None:
    report = _with(1, 0, 0)
    assert github.render(report) == github.annotate(report) + text.render(report)


_SOURCE = ("1: ok", "2: ::error::x ##[error]y")


def _refused(*, first: bool) -> Report:
    """A report with one finding that the index refuses."""
    finding = replace(
        _finding(Severity.ERROR, 0),
        refusal=Refusal("6a.2"),
        first=first,
        evidence={"source": _SOURCE},
    )
    return replace(_with(0, 0, 0), findings=(finding,))


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (False, "is wrong [upload rule 6a.2]"),
        (True, "is wrong [upload rule 6a.2, refused first]"),
    ],
)
def test_annotation_and_summary_tell_the_upload_rule(*, first: bool, told: str) -> None:
    (found,) = runner_model.commands(github.annotate(_refused(first=first)))

    assert found.data.startswith(f"demo-0.whl: {told}\nmend it\n")
    assert escape.code(told) in github.summary(_refused(first=first))


def test_the_log_shows_the_lines_of_a_source_and_obeys_none() -> None:
    log = github.render(_refused(first=True))

    assert "\n      | 1: ok\n      | 2: ::error::x # #[error]y\n" in log
    assert len(runner_model.commands(log)) == 1


# --- the summary ------------------------------------------------------------------


@settings(deadline=None)
@given(hostile.reports())
@example(hostile.report_of(["|", "`", "<b>", "[a](b)", "![", "@me", "\n", "&lt;"]))
@example(hostile.report_of(["</code>\n\n# Passed\n", "<details>", "-->", "\\|"]))
def test_a_value_is_only_ever_code_in_entities(report: Report) -> None:
    summary = github.summary(report)
    # Around the values stands the same as around the values of a harmless report.
    plain = github.summary(replace(_PLAIN, error=report.error and "x"))
    assert _CODE.sub("", summary) == _CODE.sub("", plain)
    for value in _CODE.findall(summary):
        assert not set("|`<>[]!@*_~\\\n#") & set(re.sub("&#[0-9]+;", "", value))


@settings(deadline=None, max_examples=50)
@given(hostile.reports())
def test_markdown_makes_the_same_page_of_hostile_and_of_harmless_texts(
    report: Report,
) -> None:
    def page(report: Report) -> list[str]:
        tokens = MarkdownIt("commonmark").enable("table").parse(github.summary(report))
        inner = [child for token in tokens for child in token.children or ()]
        tags = [c.content for c in inner if c.type == "html_inline"]
        kinds = [c.type for c in inner if c.type not in ("text", "text_special")]
        return [token.type for token in tokens] + kinds + tags

    assert page(report) == page(replace(_PLAIN, error=report.error and "x"))


def test_every_value_of_a_report_is_told() -> None:
    numbered = hostile.report_of([f"value {number} |`<" for number in range(40)])
    shown = {html.unescape(value) for value in _CODE.findall(github.summary(numbered))}
    for finding in numbered.findings:
        assert {finding.subject, finding.message, finding.fix} <= shown
    files = [file for release in numbered.releases for file in release.files]
    assert {file.filename for file in files} <= shown
    assert {numbered.waived[0].waiver.reason, numbered.error, numbered.hint} <= shown
    assert {item.reason for item in numbered.not_run} <= shown
    assert {release.label for release in numbered.releases} <= shown
    steps = {text for step in numbered.derivation for text in (step.what, step.says)}
    assert steps <= shown
    assert {f"{one.project} {one.version}" for one in numbered.published} <= shown
    assert {step.strip() for step in numbered.next_steps} <= shown
    moved = [line for line in numbered.diff if line.mark != "="]
    assert {line.subject for line in moved} <= shown
    assert {line.says for line in moved} <= shown


def test_a_summary_of_many_findings_is_cut_between_rows_and_says_so() -> None:
    summary = github.summary(_with(100_000, 0, 0))
    assert len(summary.encode()) < _LIMIT
    lines = summary.splitlines()
    assert lines[-1] == "The rest is left out: the summary would grow too large."
    rows = [line for line in lines if line.startswith("| error | ")]
    assert len(rows) > 1000
    assert all(row.endswith(" |") for row in rows)


@pytest.mark.parametrize("size", [400, 401, 402, 403, 404, 405, 406, 407])
def test_a_summary_stays_below_the_limit_wherever_it_is_cut(size: int) -> None:
    wide = replace(_finding(Severity.ERROR, 0), message="x" * size)
    report = replace(_with(0, 0, 0), findings=(wide,) * 3000)
    assert len(github.summary(report).encode()) < _LIMIT


def test_one_value_larger_than_the_limit_does_not_lose_the_verdict() -> None:
    huge = replace(_finding(Severity.ERROR, 0), message="x" * (2 << 20))
    summary = github.summary(replace(_with(0, 0, 0), findings=(huge,)))
    assert len(summary.encode()) < _LIMIT
    assert summary.startswith("## release-guard check: ❌ blocked")


@pytest.mark.parametrize(
    ("report", "headline"),
    [
        (_with(0, 0, 0), "## release-guard check: ✅ passed"),
        (_with(1, 0, 0), "## release-guard check: ❌ blocked"),
        (Report("verify", ""), "## release-guard verify: ⚠️ not decided"),
    ],
)
def test_the_summary_begins_with_the_verdict(report: Report, headline: str) -> None:
    assert github.summary(report).splitlines()[0] == headline


def test_the_summary_of_a_pass_lists_the_files_and_where_they_come_from() -> None:
    file = ExpectedFile("demo-1.0.tar.gz", Kind.SDIST, 252, "cd" * 32)
    demo = canonicalize_name("demo")
    release = ExpectedRelease(demo, Version("1.0"), (file,), None)
    not_run = (NotRun("tag-missing", "no tag", needed=False),)
    steps = (Step("event", "push"), Step("tag", "v1.0 (named by the event)"))
    report = replace(
        _with(0, 0, 0), releases=(release,), not_run=not_run, derivation=steps
    )
    code = escape.code
    assert github.summary(report) == (
        f"## release-guard check: ✅ passed {code('demo 1.0')} for {code('pypi')}\n"
        "\n"
        "<details><summary>Where it comes from</summary>\n"
        "\n"
        "| step | |\n"
        "|---|---|\n"
        f"| {code('event')} | {code('push')} |\n"
        f"| {code('tag')} | {code('v1.0 (named by the event)')} |\n"
        "\n"
        "</details>\n"
        "\n"
        "<details><summary>1 file(s)</summary>\n"
        "\n"
        "| file | bytes | sha256 |\n"
        "|---|---|---|\n"
        f"| {code('demo-1.0.tar.gz')} | 252 | {code('cd' * 32)} |\n"
        "\n"
        "</details>\n"
        "\n"
        "<details><summary>1 rule(s) did not run</summary>\n"
        "\n"
        "| rule | why |\n"
        "|---|---|\n"
        f"| {code('tag-missing')} | {code('no tag')} |\n"
        "\n"
        "</details>\n"
        "\n"
    )


_LATE = Published("demo", "1.0", State.LATE, 1, 2, 3)
_CAME = DiffLine("+", "demo-1.0.tar.gz", "as expected")
_GONE = DiffLine("-", "demo-1.0.zip", "expected, and not listed")
_SAME = DiffLine("=", "demo", "7 other file(s), as they were before")


def test_the_summary_tells_what_became_of_it_what_to_do_and_what_moved() -> None:
    report = replace(
        _with(0, 0, 0),
        command="verify",
        published=(_LATE, replace(_LATE, project="other", state=State.EXACT)),
        diff=(_SAME, _CAME, _GONE, _SAME),
        next_steps=("demo 1.0: upload just those:", "  twine upload dist/a.zip"),
    )

    code = escape.code
    assert github.summary(report) == (
        "## release-guard verify: ✅ passed\n"
        "\n"
        f"- {code('demo 1.0')}: late (1 of 2 file(s) listed, 3 look(s))\n"
        f"- {code('other 1.0')}: exact (1 of 2 file(s) listed, 3 look(s))\n"
        "\n"
        "### What to do next\n"
        "\n"
        f"- {code('demo 1.0: upload just those:')}\n"
        f"- {code('twine upload dist/a.zip')}\n"
        "\n"
        "<details><summary>The listing, before and after</summary>\n"
        "\n"
        f"- {code('+')} {code('demo-1.0.tar.gz')}: {code('as expected')}\n"
        f"- {code('-')} {code('demo-1.0.zip')}: {code('expected, and not listed')}\n"
        "\n"
        "</details>\n"
        "\n"
    )


def test_a_listing_in_which_nothing_moved_is_not_shown() -> None:
    report = replace(_with(0, 0, 0), published=(_LATE,), diff=(_SAME,))

    summary = github.summary(report)

    assert "late" in summary
    assert "<details>" not in summary
    assert "What to do next" not in summary


def test_a_summary_of_very_many_changes_is_cut_and_what_is_folded_is_closed() -> None:
    report = replace(_with(0, 0, 0), published=(_LATE,), diff=(_GONE,) * 20_000)

    summary = github.summary(report)

    assert len(summary.encode()) < _LIMIT
    assert summary.count("<details>") == summary.count("</details>") == 1
    assert summary.endswith(
        "</details>\n\nThe rest is left out: the summary would grow too large.\n"
    )


@given(hostile.texts)
@example("</details>::error::x")
def test_what_changes_since_the_last_release_is_folded_with_a_line_each(
    line: str,
) -> None:
    found = replace(
        _finding(Severity.NOTICE, 1), evidence={"changes": (line, line), "n": 1}
    )
    plain = replace(_PLAIN, findings=(replace(found, evidence={}),))

    told = github.summary(replace(_PLAIN, findings=(found,)))

    assert told.count(f"- {escape.code(line)}\n") == 2
    folded = github.summary(plain).count("</details>")
    assert told.count("</details>") == folded + 1
