"""The page: safe, bounded, readable in each scheme, and of what the summary says."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import hostile
import pages
import pytest
import runner_model
from hypothesis import example, given, settings
from hypothesis import strategies as st

from release_guard.findings import Finding, Report, Severity
from release_guard.reports import escape, html, markdown
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
from release_guard.reports.page_style import STYLE

_LIMIT = 5 << 20
_PLAIN = hostile.report_of(["plain"])
_DOCS = "https://docs.example/rules/some-rule"


def _page(*blocks: Block) -> Document:
    return Document("check", Badge("passed", Tone.GOOD), (), ("a fact",), blocks)


def _shown(*blocks: Block) -> str:
    """What stands below the header."""
    inside = html.page(_page(*blocks)).partition("</header>\n")[2]
    return inside.removesuffix("</main>\n</body>\n</html>\n")


# --- what is written ----------------------------------------------------------------


def test_the_header_tells_the_verdict_in_words_of_what_and_the_facts() -> None:
    about = (Code("demo 1.0"), Text(" for "), Code("pypi"))
    page = Document("check", Badge("blocked", Tone.BAD), about, ("1 file", "x"), ())

    read = pages.read(html.page(page))

    (title,) = read.elements("title")
    assert title.text == "release-guard check: blocked, demo 1.0 for pypi"
    (heading,) = read.elements("h1")
    assert heading.text == "✕ Blocked demo 1.0 for pypi"
    (header,) = read.elements("header")
    assert header.attributes == {"class": "verdict bad"}
    assert [fact.text for fact in header.elements("li")] == ["1 file", "x"]


def test_without_facts_there_is_no_empty_list() -> None:
    page = Document("check", Badge("not decided", Tone.CAREFUL), (), (), ())

    assert not [*pages.read(html.page(page)).elements("ul")]


def test_of_nothing_in_particular_only_the_verdict_is_told() -> None:
    read = pages.read(html.page(_page()))

    assert [one.text for one in read.elements("title", "h1")] == [
        "release-guard check: passed",
        "✓ Passed",
    ]


_BLOCKS: dict[str, tuple[Block, str]] = {
    "a paragraph": (
        Paragraph((Text("is "), Code("a"), Text(" "), Strong("not"))),
        '<div class="line">is <code>a</code> <strong>not</strong></div>\n',
    ),
    "a link": (
        Paragraph((Link("a rule", _DOCS),)),
        f'<div class="line"><a href="{_DOCS}">a rule</a></div>\n',
    ),
    "a link that leads nowhere": (
        Paragraph((Link("a rule", "javascript:alert(1)"),)),
        '<div class="line">a rule</div>\n',
    ),
    "a list with a command": (
        Items((Item((Text("do"),), ("ls",)),)),
        """\
<ul class="items">
<li>do<pre tabindex="0"><code>ls</code></pre></li>
</ul>
""",
    ),
    "what is folded": (
        Folded("Two", (Paragraph((Text("x"),)),)),
        """\
<details class="part"><summary><h2>Two</h2></summary>
<div class="line">x</div>
</details>
""",
    ),
    "a section": (
        Section("One", (Paragraph((Text("x"),)),)),
        """\
<section aria-labelledby="section-1">
<h2 id="section-1">One</h2>
<div class="line">x</div>
</section>
""",
    ),
    "few names": (
        Paragraph((Names(("a", "b"), "file"),)),
        '<div class="line"><code>a</code>, <code>b</code></div>\n',
    ),
    "many names": (
        Paragraph((Names(("a", "b", "c"), "file", more=2),)),
        """\
<div class="line"><details><summary>5 files</summary><ul>\
<li><code>a</code></li><li><code>b</code></li><li><code>c</code></li>\
<li>and 2 more; the JSON report has them all</li></ul></details></div>
""",
    ),
}


@pytest.mark.parametrize(("block", "expected"), _BLOCKS.values(), ids=list(_BLOCKS))
def test_a_block_is_written(block: Block, expected: str) -> None:
    assert _shown(block) == expected


_MATRIX = Table(
    "wheels",
    ("platform", "cp313", "bytes"),
    (((Text("Linux"),), (Badge("new", Tone.GOOD),), (Text("5"),)),),
    numbers=frozenset({2}),
    marks=frozenset({1}),
)


def test_a_table_says_what_each_cell_is_of() -> None:
    read = pages.read(_shown(_MATRIX))

    (caption,) = read.elements("p")
    for element in read.elements("table", "div"):
        assert element.attributes["aria-labelledby"] == caption.attributes["id"]
    (box,) = read.elements("div")
    assert box.attributes["tabindex"] == "0"
    heads = [*read.elements("th")]
    assert [(head.text, head.attributes["scope"]) for head in heads] == [
        *(("platform", "col"), ("cp313", "col"), ("bytes", "col")),
        ("Linux", "row"),
    ]
    assert [(c.text, c.attributes["class"]) for c in read.elements("td")] == [
        *(("✓ new", "mark"), ("5", "number")),
    ]


_FEW, _MANY = Names(("a",), "file"), Names(("a", "b", "c", "d"), "file")
_ISSUES: dict[str, tuple[Issue, str]] = {
    "of one file": (
        Issue(
            Severity.ERROR,
            Link("some-rule", _DOCS),
            (Text("is odd"),),
            _FEW,
            (Text("mend it"),),
            ("1: x",),
        ),
        "✕ error some-rule a: is odd 1: x To do: mend it",
    ),
    "of many, with nothing to do": (
        Issue(Severity.WARNING, Link("some-rule", _DOCS), (Text("is odd"),), _MANY, ()),
        "! warning some-rule 4 files a b c d is odd",
    ),
    "a notice": (
        Issue(Severity.NOTICE, Link("some-rule", _DOCS), (Text("is odd"),), _FEW, ()),
        "i notice some-rule a: is odd",
    ),
}


@pytest.mark.parametrize(("issue", "told"), _ISSUES.values(), ids=list(_ISSUES))
def test_an_issue_is_told(issue: Issue, told: str) -> None:
    written = _shown(Issues((issue,)))

    assert pages.read(written.replace("><", "> <")).text == told


def test_the_page_says_what_the_summary_says() -> None:
    page = document(hostile.report_of([f"value {number}!" for number in range(60)]))
    summary = pages.as_github(markdown.render(page)).text
    said = set(re.findall(r"value \d+!", summary))

    assert said == set(re.findall(r"value \d+!", pages.read(html.page(page)).text))
    assert len(said) > 30


# --- nothing escapes ----------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(hostile.texts.filter(str.strip), min_size=1, max_size=12))
@example(["</main>", '"><img src=x onerror=alert(1)>', "' onfocus=x autofocus '"])
@example(["<!--", "-->", "]]>", "<script>", "</style>", "</title>", "&lt;b&gt;"])
@example(["</details></section>", "\u202e\u2066", "\x00", "\udcff", "{csp}", "%s"])
def test_a_page_of_hostile_texts_is_made_as_one_of_harmless_texts(
    given_texts: list[str],
) -> None:
    report = hostile.report_of(given_texts)
    read = pages.read(html.render(report))

    assert [*read.shape("code")] == [*pages.read(html.render(_PLAIN)).shape("code")]
    for link in read.elements("a"):
        assert (link.attributes["href"] or "").startswith("https://github.com/org/")


@settings(deadline=None)
@given(hostile.reports())
@example(hostile.report_of(["::error::x", "##[error]x", ":::error::x", "###[error]x"]))
def test_a_runner_that_prints_a_page_finds_no_command_in_it(report: Report) -> None:
    quoted = replace(report.findings[0], evidence={"source": ("x", "::error::x")})
    report = replace(report, findings=(quoted, *report.findings))

    assert runner_model.commands(html.render(report)) == []


@settings(deadline=None)
@given(hostile.texts)
def test_a_text_shows_as_it_is_with_what_cannot_be_printed_as_escapes(
    text: str,
) -> None:
    written = _shown(Paragraph((Text(text), Code(text), Strong(text))))

    shown = escape.visible(text)
    assert "".join(pages.read(written).texts()) == f"{shown * 3}\n"
    assert all(line.isprintable() for line in written.splitlines())


@settings(deadline=None)
@given(hostile.texts)
@example('"><script>')
def test_a_heading_and_a_name_in_an_attribute_show_as_they_are(text: str) -> None:
    written = _shown(Section(text, (Table(text, (text, "b"), ()),)))

    read = pages.read(written)
    shown = escape.visible(text)
    for element in read.elements("h2", "p"):
        assert "".join(element.texts()) == shown
    assert {e.tag for e in read.elements()} == {
        *("", "section", "h2", "p", "div", "table", "thead", "tr", "th", "tbody"),
    }


@settings(deadline=None)
@given(hostile.texts)
@example("https://docs.example/a b")
@example("https://docs.example/?x=<b>")
@example("//docs.example/")
@example("http://docs.example@other.example/")
def test_an_odd_address_is_no_link(url: str) -> None:
    assert "<a" not in _shown(Paragraph((Link("x", url),)))


def test_the_browser_is_told_to_load_and_run_nothing() -> None:
    read = pages.read(html.render(_PLAIN))

    (csp,) = (
        meta.attributes["content"]
        for meta in read.elements("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    (style,) = read.elements("style")
    digest = hashlib.sha256("".join(style.texts()).encode()).digest()
    allowed = base64.b64encode(digest).decode()
    assert csp == (
        f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; "
        "form-action 'none'"
    )
    assert "".join(style.texts()) == STYLE
    assert not re.search(r"url\(|@import|expression", STYLE)
    asking = {"src", "srcset", "style", "background", "poster", "action", "data"}
    for element in read.elements():
        assert not asking & element.attributes.keys()
        assert element.tag not in ("script", "link", "img", "iframe", "base", "form")
        assert not any(name.startswith("on") for name in element.attributes)


# --- readable -----------------------------------------------------------------------


def test_the_page_has_a_language_a_title_landmarks_and_headings_in_order() -> None:
    read = pages.read(html.render(_PLAIN))

    (root,) = read.elements("html")
    assert root.attributes["lang"] == "en"
    assert len([*read.elements("title")]) == 1
    assert len([*read.elements("main")]) == len([*read.elements("header")]) == 1
    headings = [element.tag for element in read.elements("h1", "h2", "h3")]
    assert headings[0] == "h1"
    assert set(headings[1:]) == {"h2"}
    metas = {meta.attributes.get("name"): meta for meta in read.elements("meta")}
    assert metas["color-scheme"].attributes["content"] == "light dark"
    assert metas["viewport"].attributes["content"] == (
        "width=device-width, initial-scale=1"
    )


def test_what_is_named_by_an_id_is_there_once() -> None:
    read = pages.read(html.render(_PLAIN))

    ids = [e.attributes["id"] for e in read.elements() if "id" in e.attributes]
    named = {e.attributes.get("aria-labelledby") for e in read.elements()} - {None}
    assert len(set(ids)) == len(ids)
    assert named == set(ids)


_LIGHT, _DARK = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
_SCHEMES = {
    name: dict(re.findall(r"--([\w-]+): (#\w+)", text))
    for name, text in (("light", _LIGHT), ("dark", _DARK))
}
_TONES = ("good", "bad", "careful", "note")
#: What stands on what.
_PAIRS = [
    *((text, back) for text in ("text", "quiet") for back in ("page", "panel")),
    *(("link", "panel"), ("text", "soft"), ("quiet", "soft")),
    *(("quiet", f"{tone}-soft") for tone in _TONES),
    *(("text", f"{tone}-soft") for tone in _TONES),
    *((tone, f"{tone}-soft") for tone in _TONES),
]


@pytest.mark.parametrize("scheme", _SCHEMES)
@pytest.mark.parametrize(("text", "back"), _PAIRS)
def test_colours_have_the_contrast_that_wcag_asks_for(
    scheme: str, text: str, back: str
) -> None:
    colours = _SCHEMES[scheme]
    lights = sorted((_luminance(colours[text]), _luminance(colours[back])))

    assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_colours_of_paper_are_those_of_light() -> None:
    """Dark is for screens alone: paper is white."""
    assert STYLE.count("prefers-color-scheme") == 1
    assert "@media screen and (prefers-color-scheme: dark)" in STYLE


# --- the limit ----------------------------------------------------------------------


def _many(number: int, *, alike: bool, wide: int = 1) -> Report:
    findings = tuple(
        Finding(
            *("unknown-file", Severity.ERROR, f"{place}.whl"),
            *(f"is odd{'' if alike else ' ' + 'x' * wide + str(place)}", "mend it"),
            _DOCS,
        )
        for place in range(number)
    )
    return Report("check", "pypi", examined=("x",), rules=1, findings=findings)


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (_many(100_000, alike=True), "and 99800 more; the JSON report has them all"),
        (_many(100_000, alike=False), "And 99700 more; the JSON report has them all."),
        (replace(_PLAIN, error="x" * (10 << 20)), "and 10483760 more characters"),
    ],
    ids=["of one cause", "of a cause each", "one text"],
)
def test_of_very_much_the_first_is_told_and_how_much_more_there_is(
    report: Report, told: str
) -> None:
    written = html.render(report)

    assert len(written.encode()) < 1 << 20
    assert told in pages.read(written).text


def test_a_page_that_grows_too_large_is_cut_and_stays_a_page() -> None:
    rows = tuple(((Code("<" * 2_000),), (Code("x"),)) for _ in range(2_000))
    table = Table("x", ("a", "b"), rows)
    written = html.page(_page(Section("One", (table,)), Section("Two", (table,))))

    assert 4 << 20 < len(written.encode()) + 20_000 < _LIMIT
    read = pages.read(written)
    (main,) = read.elements("main")
    assert main.text.endswith("too large. The JSON report has it all.")
    assert written.endswith("</main>\n</body>\n</html>\n")
