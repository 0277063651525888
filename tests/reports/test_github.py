"""The report for GitHub: annotations within the limits, a summary that shows text."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import hostile
import pages
import pytest
import runner_model
from hypothesis import given, settings
from hypothesis import strategies as st

from release_guard.findings import Finding, NotRun, Report, Severity
from release_guard.reports import github, markdown, text
from release_guard.reports.document import document
from release_guard.rulebook import Refusal
from release_guard.rules.base import docs_url

_LIMIT = 900 << 10


def _finding(severity: Severity, number: int) -> Finding:
    subject = f"demo-{number}.whl"
    docs = docs_url("unknown-file")
    return Finding("unknown-file", severity, subject, "is wrong", "mend it", docs)


def _with(*numbers: int) -> Report:
    """A report with so many errors, warnings and notices, each of its own cause."""
    findings = [
        replace(_finding(severity, number), message=f"is wrong in way {number:06}")
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
        f"demo-0.whl: is wrong in way 000000\nmend it\n{docs_url('unknown-file')}",
        {"title": "release-guard: unknown-file"},
    )


def test_of_forty_files_of_one_cause_there_is_one_annotation() -> None:
    findings = tuple(_finding(Severity.ERROR, number) for number in range(40))
    report = replace(_with(0, 0, 0), findings=findings)

    (found,) = runner_model.commands(github.annotate(report))

    names = ", ".join(f"demo-{number}.whl" for number in range(5))
    assert found.data == (
        f"{names} and 35 more: is wrong\nmend it\n{docs_url('unknown-file')}"
    )


def test_the_open_question_is_one_of_the_ten_errors() -> None:
    """The runner would drop an eleventh."""
    report = replace(_with(12, 0, 0), error="no answer")

    found = runner_model.commands(github.annotate(report))

    assert len(found) == 10
    assert found[-1].properties == {"title": "release-guard: ended early"}
    assert found[-2].data.startswith("4 more")


@pytest.mark.parametrize(
    ("rule", "policy", "place"),
    [
        ("waiver-unused", ".github/release-guard.yml", ".github/release-guard.yml"),
        ("waiver-expired", "pyproject.toml: tool.release-guard", "pyproject.toml"),
        ("waiver-unused", "", None),
        ("unknown-file", ".github/release-guard.yml", None),
    ],
    ids=["its file", "the file of its table", "no file", "not about the policy"],
)
def test_what_is_wrong_with_the_policy_is_shown_in(
    rule: str, policy: str, place: str | None
) -> None:
    finding = replace(_finding(Severity.NOTICE, 0), rule=rule)
    report = replace(_with(0, 0, 0), findings=(finding,), policy=policy)

    (found,) = runner_model.commands(github.annotate(report))

    assert found.properties.get("file") == place
    assert found.properties["title"] == f"release-guard: {rule}"


def test_a_hostile_name_of_the_policy_file_is_only_a_name() -> None:
    finding = replace(_finding(Severity.NOTICE, 0), rule="waiver-unused")
    name = "a,line=1::x\n::error::y"
    report = replace(_with(0, 0, 0), findings=(finding,), policy=name)

    (found,) = runner_model.commands(github.annotate(report))

    assert found.properties["file"] == r"a,line=1::x\n::error::y"
    assert "line" not in found.properties


_CUT = "\n(cut; the report has all of it)"


@pytest.mark.parametrize(
    ("character", "many", "kept"),
    [
        ("x", 4096, 4096),
        ("x", 4097, 4096 - len(_CUT)),
        ("%", 4097, 4096 - len(_CUT)),
        ("\U0001f40d", 2048, 2048),
        ("\U0001f40d", 2049, (4096 - len(_CUT)) // 2),
    ],
    ids=[
        "just fits",
        "is too long by one",
        "is counted as the runner sees it, not as it is written",
        "takes two units each",
        "is not cut in the middle of a character",
    ],
)
def test_a_message_for_an_annotation(character: str, many: int, kept: int) -> None:
    """The runner counts as .NET does, in units of UTF-16, and cuts at 4096."""
    report = Report("check", "", error=character * many)

    (found,) = runner_model.commands(github.annotate(report))

    notice = _CUT if kept < many else ""
    assert found.data == character * kept + notice
    assert len(found.data.encode("utf-16-le")) // 2 <= 4096


@settings(deadline=None)
@given(hostile.texts, st.integers(3_900, 4_100))
def test_a_long_message_is_cut_in_the_runners_units_and_is_no_command(
    text: str, many: int
) -> None:
    report = Report("check", "", error=text + "##[" * (many // 3))

    (found,) = runner_model.commands(github.annotate(report))

    assert len(found.data.encode("utf-16-le")) // 2 <= 4096
    assert "##[" not in found.data


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


def test_of_very_many_reasons_the_first_are_told_and_how_many_are_left() -> None:
    unread = (
        NotRun("wheel-layout", f"{n}.whl: is cut", needed=True) for n in range(12)
    )
    report = replace(_with(0, 0, 0), not_run=tuple(unread))

    (found,) = runner_model.commands(github.annotate(report))

    assert found.data.splitlines()[9:] == [
        "9.whl: is cut",
        "and 2 more; the report has them all",
    ]


@pytest.mark.parametrize(
    ("error", "title", "told"),
    [
        ("", "release-guard: also not read", "no index"),
        ("no room", "release-guard: ended early", "no room\nno index"),
    ],
)
def test_what_was_not_read_is_told_beside_what_was_found(
    error: str, title: str, told: str
) -> None:
    unread = NotRun("file-exists", "no index", needed=True)
    report = replace(_with(1, 0, 0), not_run=(unread,), error=error)

    *_, found = runner_model.commands(github.annotate(report))

    assert found == runner_model.Command("error", told, {"title": title})


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
    assert told in pages.as_github(github.summary(_refused(first=first))).text


def test_the_log_shows_the_lines_of_a_source_and_obeys_none() -> None:
    log = github.render(_refused(first=True))

    assert "\n      | 1: ok\n      | 2: ::error::x # #[error]y\n" in log
    assert len(runner_model.commands(log)) == 1


# --- the summary ------------------------------------------------------------------


def test_the_summary_is_the_page_of_the_report_in_markdown() -> None:
    report = hostile.report_of(["x"])

    assert github.summary(report) == markdown.render(document(report))


def test_a_summary_of_a_hundred_thousand_findings_stays_below_the_limit() -> None:
    summary = github.summary(_with(100_000, 0, 0))

    assert len(summary.encode()) < _LIMIT
    assert summary.startswith("## release-guard check: ❌ blocked")
    assert "And 99700 more" in summary
