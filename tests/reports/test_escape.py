"""No text from outside speaks to the terminal, to the runner, to Markdown or HTML."""

from __future__ import annotations

import contextlib
import html
import io
import re

import hostile
import pytest
import runner_model
from hypothesis import example, given, settings
from runner_model import Command

from release_guard.cli import _complain
from release_guard.findings import Look, Report, Verdict
from release_guard.reports import escape, github, json_v1, progress, text

_LINE_ENDS = r"\r\n|\r|\n"


def _as_printed(rendered: str) -> str:
    """What leaves the process: the streams write what they cannot encode as escapes."""
    return rendered.encode("utf-8", "backslashreplace").decode("utf-8")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("::error::x", Command("error", "x")),
        ("  ::ERROR ::x%0Ay%25", Command("error", "x\ny%")),
        ("\u3000::error::x", Command("error", "x")),
        (
            "::error file=a%2Cb,title=c%3Ad,line=::x",
            Command("error", "x", {"file": "a,b", "title": "c:d"}),
        ),
        (
            "evil ##[set-output name=a%3Bb;x=]pass%0A",
            Command("set-output", "pass\n", {"name": "a;b"}),
        ),
    ],
)
def test_the_model_of_the_runner_obeys(line: str, expected: Command) -> None:
    assert runner_model.commands(f"a\r{line}\r\nb") == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "x ::error::y",
        "::nothing::x",
        "::error",
        "##[nothing]x",
        "##[error x",
        ":error:",
    ],
)
def test_the_model_of_the_runner_takes_other_lines_for_text(line: str) -> None:
    assert runner_model.commands(line) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a=b<<c\n\nd=\n", {"a": "b<<c", "d": ""}),
        ("a<<E\nx=y\nE \nE", {"a": "x=y\nE "}),
        ("a<<E\nE\nb<<F\r\nx\nF\r\n", {"a": "", "b": "x"}),
    ],
)
def test_the_model_of_the_runner_reads_outputs(
    content: str, expected: dict[str, str]
) -> None:
    assert runner_model.outputs(content) == expected


@pytest.mark.parametrize("content", ["a", "=b", "<<E\nE", "a<<\n", "a<<E\nb\nEE"])
def test_the_model_of_the_runner_refuses_what_the_runner_refuses(content: str) -> None:
    with pytest.raises(runner_model.OutputFileError):
        runner_model.outputs(content)


# --- one text --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("demo-1.0.whl", "demo-1.0.whl"),
        ("grüße \N{SNOWMAN}", "grüße \N{SNOWMAN}"),
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\u202eb\u2028", r"a\u202eb\u2028"),
        ("a\r\n\tb\x85\0", r"a\r\n\tb\x85\x00"),
        ("a\udcffb", r"a\udcffb"),
        ("\U000e0001", r"\U000e0001"),
        ("\u3000x", r"\u3000x"),
    ],
)
def test_what_cannot_be_printed_shows_as_an_escape(given_text: str, shown: str) -> None:
    assert escape.visible(given_text) == shown


@settings(deadline=None)
@given(hostile.texts)
def test_a_visible_text_is_one_line_and_printable(given_text: str) -> None:
    assert escape.visible(given_text).isprintable()


@settings(deadline=None)
@given(hostile.texts)
@example("::error::")
@example(" ::error::")
@example("\u3000::error::")
@example("\x1c::error::")
@example("###[error]")
@example("##[##[error]]")
@example("#\u200b#[error]")
def test_a_logged_text_holds_no_command_and_keeps_its_lines(given_text: str) -> None:
    logged = escape.log(given_text)
    assert runner_model.commands(logged) == []
    assert len(logged.split("\n")) == len(re.split(_LINE_ENDS, given_text))
    assert all(line.isprintable() for line in logged.split("\n"))


@settings(deadline=None)
@given(hostile.texts, hostile.texts)
@example("##[error]", "##[error]")
@example("a,line=1::", "%0A::error::x")
def test_an_annotation_says_its_texts_and_nothing_else(
    title: str, message: str
) -> None:
    written = escape.command("error", message, {"title": f"release-guard: {title}"})

    (found,) = runner_model.commands(_as_printed(written))

    told = "\n".join(map(escape.visible, re.split(_LINE_ENDS, message)))
    shown = f"release-guard: {escape.visible(title)}".rstrip(" ")
    assert found.name == "error"
    assert found.data == told.replace("##[", "# #[")
    assert found.properties == {"title": shown.replace("##[", "# #[")}


@settings(deadline=None)
@given(hostile.texts)
def test_markdown_code_is_entities_and_reads_as_the_text(given_text: str) -> None:
    written = escape.code(given_text)
    inner = re.fullmatch("<code>(.*)</code>", written)
    assert inner is not None
    bare = re.sub(r"&#[0-9]+;", "", inner[1])
    assert all(c.isalnum() or c == " " for c in bare)
    assert html.unescape(inner[1]) == escape.visible(given_text)


# --- a whole report ---------------------------------------------------------------


@settings(deadline=None)
@given(hostile.reports())
def test_the_runner_finds_no_command_in_a_text_report(report: Report) -> None:
    assert runner_model.commands(_as_printed(text.render(report))) == []


@settings(deadline=None)
@given(hostile.reports())
def test_the_runner_finds_no_command_in_a_json_report(report: Report) -> None:
    assert runner_model.commands(_as_printed(json_v1.render(report))) == []


@settings(deadline=None)
@given(hostile.reports())
def test_the_runner_finds_only_our_annotations_in_a_report_for_github(
    report: Report,
) -> None:
    found = runner_model.commands(_as_printed(github.render(report)))

    assert [(command.name, dict(command.properties)) for command in found[:3]] == [
        ("error", {"title": "release-guard: unknown-file"}),
        ("warning", {"title": "release-guard: project-new"}),
        ("notice", {"title": "release-guard: waiver-unused"}),
    ]
    is_open = report.error or report.verdict is Verdict.UNDECIDED
    rest = [("error", {"title": "release-guard: not decided"})] if is_open else []
    assert [(c.name, dict(c.properties)) for c in found[3:]] == rest


@settings(deadline=None)
@given(hostile.texts)
@example("\n::error::x")
@example("\r##[error]x")
def test_a_line_of_progress_is_one_line_and_no_command(trouble: str) -> None:
    shown = progress.line(Look(1, 0, 2, 1.0, trouble, 2.0))
    assert runner_model.commands(_as_printed(shown)) == []
    assert "\n" not in shown


@settings(deadline=None)
@given(hostile.texts, hostile.texts)
def test_the_runner_finds_no_command_in_an_error_of_the_command_line(
    message: str, hint: str
) -> None:
    with contextlib.redirect_stderr(io.StringIO()) as told:
        _complain(message, hint)
    assert runner_model.commands(_as_printed(told.getvalue())) == []
