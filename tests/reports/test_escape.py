"""No text from outside speaks to the terminal, to the runner, to Markdown or HTML."""

from __future__ import annotations

import contextlib
import html
import io
import re
from xml.etree import ElementTree as ET

import hostile
import pages
import pytest
import runner_model
from hypothesis import example, given, settings
from hypothesis import strategies as st
from runner_model import Command

from release_guard.cli import _complain
from release_guard.findings import Advance, Look, Report
from release_guard.reports import escape, github, json_v1, progress, text
from release_guard.reports.style import Ink, Screen

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
        ("a\u3164b\u115f\u2800", r"a\u3164b\u115f\u2800"),
        ("a\ufe0f\U000e0100", r"a\ufe0f\U000e0100"),
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
    # As GitHub, Azure Pipelines and TeamCity begin a command.
    begins = re.compile(r"##(?=\w*\[)")
    assert found.data == begins.sub("# #", told)
    assert found.properties == {"title": begins.sub("# #", shown)}


@settings(deadline=None)
@given(hostile.texts)
def test_markdown_entities_are_nothing_else_and_read_as_the_text(
    given_text: str,
) -> None:
    written = escape.entities(given_text)
    inner = re.fullmatch("<code>(.*)</code>", written)
    assert inner is not None
    # A comment keeps GitHub from reading an address of mail.
    shown = inner[1].replace("<!-- -->", "")
    bare = re.sub(r"&#[0-9]+;", "", shown)
    assert all(c.isalnum() or c == " " for c in bare)
    assert html.unescape(shown) == escape.visible(given_text)


@pytest.mark.parametrize(
    ("given_text", "written"),
    [
        ("demo-1.0.tar.gz", "`demo-1.0.tar.gz`"),
        ("<b> &amp; [x](y) @me *", "`<b> &amp; [x](y) @me *`"),
        ("a\nb", "<code>a&#92;nb</code>"),
        ("a|b", "<code>a&#124;b</code>"),
        ("`", "<code>&#96;</code>"),
        ("a@`", "<code>a&#64;<!-- -->&#96;</code>"),
        (" a", "<code> a</code>"),
        ("", "<code></code>"),
    ],
)
def test_markdown_code_is_a_span_where_one_can_hold_the_text(
    given_text: str, written: str
) -> None:
    assert escape.code(given_text) == written


@pytest.mark.parametrize(
    ("given_text", "written"),
    [
        ('is here; "a", (b\'s) 5% or 1/2?', 'is here; "a", (b\'s) 5% or 1/2?'),
        ("(a).", "(a)&#46;"),
        ("1.2 on 2026-07-01: x", "1.2 on 2026-07-01&#58; x"),
        ("is: a", "is: a"),
        ("is:a x: :x", "is&#58;a x: &#58;x"),
        (":x:", "<code>&#58;x&#58;</code>"),
        ("see gh-1", "see <code>gh&#45;1</code>"),
        ("(#1)", "<code>&#40;&#35;1&#41;</code>"),
        ("at 0fd61e3f86d8", "at <code>0fd61e3f86d8</code>"),
        ("1. a 1) b", "1&#46; a 1&#41; b"),
        ("- a + b = c", "&#45; a &#43; b &#61; c"),
        ("www.a.b", "www&#46;a.b"),
        ("a@b", "<code>a&#64;<!-- -->b</code>"),
        ("a  b", "a &#32;b"),
        ("  b", " &#32;b"),
        ("größe ✓", "größe ✓"),
        ("*_~`<>[]!\\|$&{}^", "".join(f"&#{ord(c)};" for c in "*_~`<>[]!\\|$&{}^")),
    ],
)
def test_markdown_text_keeps_what_means_nothing_in_its_place(
    given_text: str, written: str
) -> None:
    assert escape.plain(given_text) == written


@pytest.mark.parametrize(
    ("given_text", "fence"),
    [("ls", "```"), ("a `b` ``c``", "```"), ("```", "````"), ("a ````` b", "``````")],
)
def test_a_fence_is_longer_than_what_is_in_it(given_text: str, fence: str) -> None:
    assert escape.fenced(given_text, "sh") == f"{fence}sh\n{given_text}\n{fence}"


@pytest.mark.parametrize("given_text", ["twine upload 'a##[x].whl'", "::error::x"])
def test_no_block_of_code_is_a_command_of_the_runner(given_text: str) -> None:
    block = escape.fenced(given_text, "sh")

    assert runner_model.commands(block) == []
    (shown,) = pages.as_github(f"- x\n\n  {block}").elements("pre")
    assert shown.attributes == {"lang": "sh"}
    assert "".join(shown.texts()) == given_text


@pytest.mark.parametrize("given_text", ["a##[x]", "##vso[x]", "::error::x"])
def test_no_span_of_code_is_a_command_of_the_runner(given_text: str) -> None:
    span = escape.code(given_text)

    assert runner_model.commands(span) == []
    assert pages.as_github(span).text == given_text


@settings(deadline=None)
@given(hostile.texts)
def test_html_has_no_mark_of_its_own_and_reads_as_the_text(given_text: str) -> None:
    written = escape.html(given_text)
    assert not set("<>\"'") & set(written)
    assert not [mark for mark in ("::", "##") if mark in written]
    assert html.unescape(written) == escape.visible(given_text)


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://docs.example", True),
        ("http://docs.example:8000/a_b/~c/d.md#e-f", True),
        ("", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//docs.example/", False),
        ("https:///a", False),
        ("https://docs.example/a b", False),
        ("https://docs.example/(a)", False),
        ('https://docs.example/"', False),
        ("https://me@docs.example/", False),
        ("https://docs.example/\n", False),
    ],
)
def test_an_address_is_a_link_only_where_it_can_be_nothing_else(
    url: str, *, is_one: bool
) -> None:
    assert escape.address(url) == (url if is_one else "")


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

    title = "ended early" if report.error else "also not read"
    assert [(command.name, command.properties["title"]) for command in found] == [
        ("error", "release-guard: unknown-file"),
        ("warning", "release-guard: project-new"),
        ("notice", "release-guard: waiver-unused"),
        ("error", f"release-guard: {title}"),
    ]
    assert {name for command in found for name in command.properties} <= {
        *("title", "file")
    }


@settings(deadline=None)
@given(hostile.texts)
@example("\n::error::x")
@example("\r##[error]x")
def test_a_line_of_progress_is_one_line_and_no_command(told: str) -> None:
    for step in (Look(1, 0, 2, 1.0, told, 2.0), Advance(told, told, 1, 2, 3)):
        shown = progress.line(step, 1.0)
        assert runner_model.commands(_as_printed(shown)) == []
        assert shown.isprintable()


@settings(deadline=None)
@given(hostile.reports(), st.sampled_from([None, 40, 80]))
def test_no_text_brings_a_code_or_a_command_to_a_terminal(
    report: Report, width: int | None
) -> None:
    painted = text.render(report, Screen(colours=True, width=width), verbose=True)

    assert runner_model.commands(_as_printed(painted)) == []
    bare = re.sub(r"\x1b\[[0-9;]*m", "", painted)
    assert runner_model.commands(_as_printed(bare)) == []
    assert bare.replace("\n", "").isprintable()
    codes = {*re.findall(r"\x1b\[([0-9;]*)m", painted)}
    assert codes <= {"0", *Ink}
    assert painted.count("\x1b") == painted.count("\x1b[0m") * 2


@settings(deadline=None)
@given(hostile.texts, hostile.texts)
def test_the_runner_finds_no_command_in_an_error_of_the_command_line(
    message: str, hint: str
) -> None:
    with contextlib.redirect_stderr(io.StringIO()) as told:
        _complain(message, hint)
    assert runner_model.commands(_as_printed(told.getvalue())) == []


@pytest.mark.parametrize(
    "given",
    [
        "a ##vso[task.setvariable variable=x]y",
        "##vso[task.complete result=Succeeded]",
        "##teamcity[buildStatus status='SUCCESS']",
        "##[error]x",
    ],
)
def test_no_runner_finds_a_command_anywhere_in_a_line(given: str) -> None:
    for told in (
        escape.line(given),
        escape.log(given),
        escape.command("error", given, {"title": given}),
        escape.json_text(given),
        escape.xml(given),
    ):
        assert not re.search(r"##\w*\[", told)


def test_what_begins_no_command_is_told_as_it_is() -> None:
    assert escape.line("## x [1] ##x") == "## x [1] ##x"


@example("\ufffe\uffff\x00\x0b\ud800]]>")
@given(text=hostile.texts)
def test_xml_shows_the_text_and_nothing_else(text: str) -> None:
    written = escape.xml(text)
    document = f"<a b=\"{written}\" c='{written}'>{written}</a>"
    element = ET.fromstring(document.encode("utf-8", "strict"))

    assert element.text == (escape.visible(text) or None)
    assert element.attrib == {"b": escape.visible(text), "c": escape.visible(text)}
    assert runner_model.commands(written) == []
