"""The summary: the texts of others show as they are, and are never more than text."""

from __future__ import annotations

import re
from dataclasses import replace

import hostile
import pages
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from release_guard.findings import Finding, Report, Severity
from release_guard.reports import escape, markdown
from release_guard.reports.document import (
    Badge,
    Block,
    Code,
    Document,
    Folded,
    Issue,
    Issues,
    Item,
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
from release_guard.reports.groups import step_lines
from release_guard.rules.base import docs_url

_LIMIT = 900 << 10
_PLAIN = hostile.report_of(["plain"])
_DOCS = "https://docs.example/rules/some-rule"
#: All that a summary is made of. GitHub lets each of these pass.
_TAGS = {
    *("", "h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"),
    *("a", "br", "code", "pre", "strong", "details", "summary"),
}
_ATTRIBUTES = {"a": {"href"}, "pre": {"lang"}}
#: What GitHub looks for in text that is not code, after the Markdown: people, issues,
#: addresses, pictures.
_FOUND_IN_TEXT = re.compile(r"@\w|#\d|\bGH-\d|:\w+:|https?:|www\.|\b[0-9a-f]{7,}\b")


def _page(*blocks: Block) -> Document:
    return Document("check", Badge("passed", Tone.GOOD), (), ("a fact",), blocks)


def _written(*blocks: Block) -> str:
    """What stands below the facts."""
    return markdown.render(_page(*blocks)).partition("a fact\n\n")[2]


def _shown(report: Report) -> pages.Element:
    return pages.as_github(markdown.render(document(report)))


# --- what is written ----------------------------------------------------------------


def test_the_verdict_stands_in_the_first_line() -> None:
    page = Document(
        "check",
        Badge("blocked", Tone.BAD),
        (Code("demo 1.0"), Text(" for "), Code("pypi")),
        ("1 file, 5 bytes", "1 error"),
        (),
    )

    assert markdown.render(page) == (
        "## release-guard check: ❌ blocked `demo 1.0` for `pypi`\n"
        "\n"
        "1 file, 5 bytes · 1 error\n"
    )


def test_without_facts_only_the_verdict_is_told() -> None:
    page = Document("check", Badge("not decided", Tone.CAREFUL), (), (), ())

    assert markdown.render(page) == "## release-guard check: ⚠️ not decided\n"


_BLOCKS: dict[str, tuple[Block, str]] = {
    "a paragraph": (
        Paragraph((Text("is "), Code("a.whl"), Text(" "), Strong("not"))),
        "is `a.whl` <strong>not</strong>\n",
    ),
    "a link": (Paragraph((Link("a rule", _DOCS),)), f"[a rule]({_DOCS})\n"),
    "a link that leads nowhere": (
        Paragraph((Link("a rule", "javascript:alert(1)"),)),
        "a rule\n",
    ),
    "a list with a command": (
        Items((Item((Text("do"),), ("twine upload a", "ls")), Item((Text("x"),)))),
        "- do\n\n  ```sh\n  twine upload a\n  ```\n\n  ```sh\n  ls\n  ```\n- x\n",
    ),
    "a table": (
        Table(
            "Sizes",
            ("file", "bytes", "new"),
            (((Code("a"),), (Text("5"),), (Badge("new", Tone.GOOD),)),),
            frozenset({1}),
            frozenset({2}),
        ),
        "Sizes\n\n| file | bytes | new |\n|---|--:|:-:|\n| `a` | 5 | ✅&nbsp;new |\n",
    ),
    "sections and what is folded": (
        Section("One", (Folded("Two", (Paragraph((Text("x"),)),)),)),
        "### One\n\n<details><summary>Two</summary>\n\nx\n\n</details>\n",
    ),
    "few names": (
        Paragraph((Names(("a", "b"), "file"),)),
        "`a`, `b`\n",
    ),
    "many names": (
        Paragraph((Text("of "), Names(("a", "b", "c", "d_"), "file", more=2))),
        "of <details><summary>6 files</summary><code>a</code><br><code>b</code><br>\
<code>c</code><br><code>d&#95;</code><br>and 2 more</details>\n",
    ),
}


@pytest.mark.parametrize(("block", "expected"), _BLOCKS.values(), ids=list(_BLOCKS))
def test_a_block_is_written(block: Block, expected: str) -> None:
    assert _written(block) == expected


_RULE = Link("some-rule", _DOCS)
_NAMED = f"<strong>[some-rule]({_DOCS})</strong>"
_FOUR = Names(("a", "b", "c", "d"), "file")
_OF_FOUR = "<br>".join(f"<code>{name}</code>" for name in _FOUR.names)
_NOTICE = "\N{INFORMATION SOURCE}\ufe0f&nbsp;notice"
_ISSUES: dict[str, tuple[Issue, str]] = {
    "of one file, with what to do": (
        Issue(
            Severity.ERROR,
            _RULE,
            (Text("is odd"),),
            Names(("a",), "file"),
            (Text("mend it"),),
        ),
        f"❌&nbsp;error | {_NAMED}<br>`a`: is odd<br><strong>To do:</strong> mend it",
    ),
    "of many files, folded": (
        Issue(Severity.WARNING, _RULE, (Text("is odd"),), _FOUR, ()),
        f"⚠️&nbsp;warning | {_NAMED}<br><details><summary>4 files</summary>{_OF_FOUR}\
</details>is odd",
    ),
    "with a quoted line": (
        Issue(
            *(Severity.NOTICE, _RULE, (Text("is odd"),), Names(("a",), "file"), ()),
            ("1:  x|y",),
        ),
        f"{_NOTICE} | {_NAMED}<br>`a`: is odd<pre>1&#58;  x&#124;y</pre>",
    ),
    "with many quoted lines, folded": (
        Issue(
            *(Severity.NOTICE, _RULE, (Text("is odd"),), Names(("a",), "file"), ()),
            ("1", "2", "3", "4"),
        ),
        f"{_NOTICE} | {_NAMED}<br>`a`: is odd<details><summary>4 lines\
</summary><pre>1&#10;2&#10;3&#10;4</pre></details>",
    ),
}


@pytest.mark.parametrize(("issue", "row"), _ISSUES.values(), ids=list(_ISSUES))
def test_an_issue_is_a_row(issue: Issue, row: str) -> None:
    head = "| severity | what is wrong |\n|---|---|\n"
    assert _written(Issues((issue,))) == f"{head}| {row} |\n"


def test_a_command_is_a_block_to_copy_from_inside_its_point() -> None:
    page = pages.as_github(_written(Items((Item((Text("do"),), ("a ``` b",)),))))

    (block,) = page.elements("pre")
    assert block.text == "a ``` b"
    (point,) = page.elements("li")
    assert block in [*point.elements("pre")]


# --- nothing escapes ----------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(hostile.texts, min_size=2, max_size=3))
@example(["    x", "  y  z", "</pre>"])
def test_quoted_lines_show_as_they_are_with_their_spaces(lines: list[str]) -> None:
    told = ("x", *lines, "y")
    names = Names(("a",), "file")
    issue = Issue(Severity.NOTICE, _RULE, (Text("is odd"),), names, (), told)
    page = pages.as_github(_written(Issues((issue,))))

    (block,) = page.elements("pre")
    assert "".join(block.texts()).split("\n") == [*map(escape.visible, told)]


_HOSTILE = st.lists(hostile.texts.filter(str.strip), min_size=1, max_size=12)


@settings(deadline=None)
@given(_HOSTILE.map(hostile.report_of))
@example(hostile.report_of(["|", "`", "<b>", "[a](b)", "![", "@me", "\n", "&lt;"]))
@example(hostile.report_of(["</code>\n\n# Passed\n", "<details>", "-->", "\\|"]))
@example(hostile.report_of(["a@b.example", "mailto:a@b.example", "www.x.example"]))
@example(hostile.report_of(["http://x.example", "x:/y", "1. x", "- x", "    x", "+ x"]))
@example(hostile.report_of(["a\\", "``", "` `", " `x` ", "===", "---", "a|b", "x\\|y"]))
@example(hostile.report_of(["</details>", "<!--", "]]>", "<script>", "<plaintext>"]))
@example(hostile.report_of(["**x**", "__x__", "~~x~~", "$x$", "[^1]", "&#60;b&#62;"]))
def test_a_page_of_hostile_texts_is_made_as_one_of_harmless_texts(
    report: Report,
) -> None:
    shown, plain = _shown(report), _shown(_PLAIN)

    assert [*shown.shape("code")] == [*plain.shape("code")]
    assert {element.tag for element in shown.elements()} <= _TAGS
    assert {link.attributes["href"] for link in shown.elements("a")} == {
        docs_url(finding.rule)
        for finding in (*report.findings, report.waived[0].finding)
    }
    for element in shown.elements():
        assert element.attributes.keys() <= _ATTRIBUTES.get(element.tag, {"align"})


@settings(deadline=None)
@given(hostile.texts)
@example("a\\|b")
@example("  x  y  ")
@example("`")
@example("``a` b")
@example("@a@b@")
@example("1. a")
@example("a: b. c) d-e")
@example("\u202eabc\u2069")
@pytest.mark.parametrize("kind", [Text, Code, Strong])
def test_a_text_shows_as_it_is_in_a_paragraph_and_in_a_table(
    kind: type[Text | Code | Strong], text: str
) -> None:
    shown = " ".join(escape.visible(text).split())
    line: Line = (kind(text),)
    page = pages.as_github(_written(Paragraph((Text("x"), *line, Text("y")))))
    assert page.text == " ".join(f"x{escape.visible(text)}y".split())
    table = pages.as_github(_written(Table("x", ("a", "b"), ((line, (Text("z"),)),))))
    assert [cell.text for cell in table.elements("td")] == [shown, "z"]
    assert not [*page.elements("a"), *table.elements("a")]


@settings(deadline=None)
@given(hostile.texts)
@example("``` ` ```")
@example("~~~")
def test_a_command_shows_as_it_is(text: str) -> None:
    page = pages.as_github(_written(Items((Item((Text("do"),), (text,)),))))

    (code,) = page.elements("pre")
    assert "".join(code.texts()).removesuffix("\n") == escape.visible(text)


_IN_TEXT = (
    "a@b @me #12 GH-7 :eyes: http://x.example www.x.example org/demo#1 deadbeef01"
)


@settings(deadline=None)
@given(st.lists(hostile.texts.filter(str.strip), min_size=1, max_size=6))
@example([_IN_TEXT, f"({_IN_TEXT})", f"'{_IN_TEXT}', x"])
def test_what_github_looks_for_in_text_stands_in_code(given_texts: list[str]) -> None:
    """People who are named in a file name are not to be called."""
    report = hostile.report_of(given_texts)
    # The labels of these come from names that the index and the tags' standards allow,
    # and the manifest is where whoever runs it wants it.
    report = replace(report, matrices=(), releases=(), manifest="m.json")

    shown = _shown(report)

    outside = " \0 ".join(shown.texts("code", "pre", "a"))
    assert not _FOUND_IN_TEXT.findall(outside)


def test_every_value_of_a_report_is_told() -> None:
    texts = [f"value {number} |`<@" for number in range(60)]
    report = hostile.report_of(texts)
    shown = _shown(report).text

    told = [finding.subject for finding in report.findings]
    told += [finding.message for finding in report.findings]
    told += [finding.fix for finding in report.findings]
    told += [file.filename for release in report.releases for file in release.files]
    told += [release.label for release in report.releases]
    told += [report.waived[0].waiver.reason, report.error, report.hint, report.index]
    told += [item.reason for item in report.not_run]
    told += [t for step in report.derivation for t in (step.what, step.says)]
    told += [f"{one.project} {one.version}" for one in report.published]
    told += [line.strip() for line in step_lines(report.next_steps)]
    told += [t for line in report.diff for t in (line.subject, line.says)]
    assert len(told) > 30
    assert [value for value in told if value not in shown] == []


# --- the limit ----------------------------------------------------------------------


def _wide(size: int, many: int) -> Report:
    """A report of so many causes, each told in so many characters."""
    findings = tuple(
        Finding(
            *("unknown-file", Severity.ERROR, f"{number}.whl"),
            *(f"is no. {number}: {'x|' * (size // 2)}", "mend it", _DOCS),
        )
        for number in range(many)
    )
    return Report("check", "pypi", examined=("x",), rules=1, findings=findings)


@pytest.mark.parametrize("size", [1900, 1901, 1902, 1903, 1904, 1905, 1906, 1907])
def test_a_summary_is_cut_between_rows_below_the_limit_and_says_so(size: int) -> None:
    report = _wide(size, 300)
    summary = markdown.render(document(report))

    assert _LIMIT - 20_000 < len(summary.encode()) <= _LIMIT
    lines = summary.splitlines()
    assert lines[0].startswith("## release-guard check: ❌ blocked")
    assert lines[-1] == "The rest is left out: the summary would grow too large."
    rows = [line for line in lines if line.startswith("| ❌&nbsp;error | ")]
    assert len(rows) > 50
    assert all(row.endswith(" |") for row in rows)


def test_what_is_folded_is_closed_where_a_summary_is_cut() -> None:
    rows = tuple(((Code("x|" * 500),),) for _ in range(2_000))
    summary = _written(Folded("Many", (Table("x", ("a",), rows),)))

    assert len(summary.encode()) < _LIMIT
    assert summary.count("<details>") == summary.count("</details>") == 1
    shown = pages.as_github(summary)
    (folded,) = shown.elements("details")
    (rest,) = (p for p in shown.elements("p") if p.text.startswith("The rest"))
    assert rest not in [*folded.elements("p")]


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 40), hostile.texts.filter(str.strip))
def test_a_cut_summary_is_still_a_page(many: int, text: str) -> None:
    assume(escape.visible(text))
    report = replace(_wide(2_000, many), error=text * 500)

    assert len(markdown.render(document(report)).encode()) <= _LIMIT
    assert _shown(report).text
