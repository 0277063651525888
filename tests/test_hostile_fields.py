"""Ten thousand hostile texts in each field that can reach a report, one field at a
time: not one of them is a runner's command, Markdown, HTML or a terminal's code.

``--hostile`` says how many for each field; ``.ci/run`` takes all ten thousand.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

import cmarkgfm
import hostile
import pytest
import runner_model
from cmarkgfm.cmark import Options

from release_guard import action
from release_guard.findings import Audited, Report, Verdict
from release_guard.reports import github, gitlab, html, json_v1, junit, text
from release_guard.reports.escape import visible
from release_guard.reports.style import Screen
from release_guard.rules.base import docs_url
from release_guard.run import Answer

# --- a report, and its fields ------------------------------------------------------


def _plain() -> Report:
    """A report with something in every place, all of it harmless."""
    report = hostile.report_of([f"word{number}" for number in range(97)])
    row = Audited("word", 3, 4, 5, 1, 1, 1, Verdict.FAIL, "word")
    shown = dataclasses.replace(report, audited=(row,), policy="word", manifest="word")
    return dataclasses.replace(shown, ran=("sdist-exists",))


#: What is of this project's own making, or of a fixed set of words.
OUR_OWN = frozenset(
    {
        "command",
        "ran",
        "findings.rule",
        "findings.docs",
        "not_run.rule",
        "waived.finding.rule",
        "waived.finding.docs",
        "waived.waiver.rule",
        "diff.mark",
        "releases.files.sha256",
    }
)

Text = Callable[[], str]


def _with(value: object, chosen: str, text: Text, where: str = "") -> object:
    """The same value with other texts in one field of it."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text() if where == chosen else value
    if isinstance(value, tuple):
        return tuple(_with(item, chosen, text, where) for item in value)
    if isinstance(value, Mapping):
        pairs = value.items()
        return {
            str(_with(k, chosen, text, where)): _with(v, chosen, text, where)
            for k, v in pairs
        }
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.init]
        parts = {
            name: _with(
                getattr(value, name), chosen, text, f"{where}.{name}".strip(".")
            )
            for name in names
        }
        return dataclasses.replace(value, **parts)
    return value


def _fields(value: object, where: str = "") -> Iterator[str]:
    """Every field that holds text, by the way that leads to it."""
    if isinstance(value, str) and not isinstance(value, Enum):
        yield where
    elif isinstance(value, tuple):
        for item in value:
            yield from _fields(item, where)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (*_fields(key, where), *_fields(item, where))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            yield from _fields(inner, f"{where}.{field.name}".strip("."))


PLAIN = _plain()
FIELDS = tuple(sorted(set(_fields(PLAIN)) - OUR_OWN))


# --- hostile texts -----------------------------------------------------------------

#: What means something to a runner, to Markdown, to HTML, to a terminal or to GitHub.
PIECES = (
    *hostile.PIECES,
    *("\n\n", "\n```\n", "\n~~~\n", "\n    ", "\n---\n", "\n===\n", "\n- ", "\n1. "),
    *("\n> ", "\n# ", "\n|x|\n|-|\n", "\n<div>\n", "\n[x]: y\n", "[^1]", "- [ ] "),
    *("**", "__", "``", "```", "[a](https://evil.example)", "<https://evil.example>"),
    *("![a](https://evil.example/i.png)", "https://evil.example/x", "www.evil.example"),
    *("me@evil.example", "@everyone", "org/demo#1", "#1", "GH-1", "deadbeef" * 5),
    *("<script>x()</script>", "<style>*{}</style>", "<svg onload=x()>", "<a href=x>"),
    *("</table>", "</details>", "</summary>", "</td>", "</pre>", "</p>", "<br>"),
    *("' onclick='x()", '" onclick="x()', "javascript:x()", "&lt;", "&amp;lt;", "&#0;"),
    *("]]>", "<![CDATA[", "<?xml?>", "<!DOCTYPE x>", "&x;", "\\|", "\\`", "\\\\"),
    *("\x1b[31m", "\x1b]0;x\x07", "\x9b31m", "\b\b\b", "\x07", "\x90", "\u2067"),
    *(
        "##vso[task.complete]",
        "##teamcity[x]",
        "##[group]",
        "::group::",
        "::endgroup::",
    ),
    *("ghadelimiter_", "EOF", "$", "${{ github.token }}", ":smile:", "$x$", "\ue000"),
)
TOKEN = re.compile(r"q\d+z")


def texts(random: Random) -> Iterator[str]:
    """Hostile texts without end. Each holds a word of its own, ``q7z``, by which it is
    known again, and so no two are the same.
    """
    number = 0
    while True:
        pieces = random.choices(PIECES, k=random.randint(1, 6))
        if random.random() < 0.2:
            pieces.append(chr(random.randrange(0x11_0000)))
        pieces.insert(random.randint(0, len(pieces)), f"q{number}z")
        yield "".join(pieces)
        number += 1


# --- what each reader sees ---------------------------------------------------------


class Page(HTMLParser):
    """What a browser makes of a page: elements, addresses, and text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: set[tuple[str, str]] = set()
        self.addresses: set[str] = set()
        self.odd: list[str] = []
        #: The text outside of code, comments taken out of it as GitHub does.
        self.prose: list[str] = []
        self.text: list[str] = []
        self._code = 0
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._code += tag in _CODE
        for name, value in attrs:
            self.attributes.add((tag, name))
            if name in ("href", "src"):
                self.addresses.add(value or "")
            elif TOKEN.search(value or "") and name != "aria-label":
                self.odd.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in _CODE
        if not self._code:
            self.prose.append("\n" if tag in _BLOCKS else "")

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._code:
            self.prose.append("\0")
        else:
            self.prose.append(data)

    def handle_comment(self, data: str) -> None:
        if data.strip():
            self.odd.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.odd.append(f"declaration {decl}")

    def unknown_decl(self, data: str) -> None:
        self.odd.append(f"declaration {data}")

    def handle_pi(self, data: str) -> None:
        self.odd.append(f"instruction {data}")


_CODE = ("code", "pre", "style", "title")
_BLOCKS = ("p", "li", "td", "th", "h1", "h2", "h3", "h4", "summary", "dd", "dt", "div")
#: What GitHub makes a link or a picture of in prose: mentions, issues, commits.
_LINKED = re.compile(
    r"(?<![\w@/])@[A-Za-z0-9]|(?<!\w)#\d|\bGH-\d|\b[0-9a-f]{40}\b|:[a-z]+:(?!\w)"
)
_EXTENSIONS = ["table", "autolink", "strikethrough", "tasklist"]


def _rendered(summary: str) -> str:
    """A summary, as GitHub's Markdown has it before GitHub takes out what is unsafe."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    rendered = cmarkgfm.markdown_to_html_with_extensions(
        summary, options=options, extensions=_EXTENSIONS
    )
    return str(rendered)


def _is_ours(address: str) -> bool:
    return address.startswith((docs_url("x").removesuffix("x.md"), "#"))


def _judge_page(source: str, plain: str) -> str:
    """The text of a page, which has the elements of the harmless one and no others."""
    page, sound = Page(source), Page(plain)
    assert not page.odd
    assert page.attributes <= sound.attributes
    assert all(
        _is_ours(address) or address in sound.addresses for address in page.addresses
    )
    assert page.tags - Counter({"code": page.tags["code"]}) == sound.tags - Counter(
        {"code": sound.tags["code"]}
    )
    assert page.tags["code"] < 3 * sound.tags["code"] + 3 or page.tags["code"] < 500
    return _one_space("".join(page.text))


def _one_space(text_of: str) -> str:
    """The text as a browser shows it: spaces in a row are one."""
    return re.sub(" +", " ", text_of).strip()


@dataclasses.dataclass(frozen=True)
class Said:
    """What is written of a report, in all forms."""

    summary: str
    html: str
    log: str
    text: str
    coloured: str
    json: str
    gitlab: str
    junit: str
    outputs: str


def _said(report: Report) -> Said:
    return Said(
        summary=github.summary(report),
        html=html.render(report),
        log=github.render(report),
        text=text.render(report, verbose=True),
        coloured=text.render(report, Screen(colours=True, width=80)),
        json=json_v1.render(report),
        gitlab=gitlab.render(report),
        junit=junit.render(report),
        outputs=action.outputs(Answer(report, Path("release-manifest.json"))),
    )


_SGR = re.compile(r"\x1b\[[0-9;]*m")


def _judge(said: Said, sound: Said, given: list[str]) -> None:
    """Nothing that was written is anything but text to whoever reads it."""
    for each in dataclasses.astuple(said):
        assert "\r" not in each
    for log in (said.text, said.coloured, said.json, said.gitlab, said.junit):
        assert not runner_model.commands(_printed(log))
    for command in runner_model.commands(_printed(said.log)):
        assert command.name in ("error", "warning", "notice")
        assert command.properties["title"].startswith("release-guard")
    assert len(runner_model.commands(said.log)) == len(runner_model.commands(sound.log))
    for line in (*said.text.split("\n"), *_SGR.sub("", said.coloured).split("\n")):
        assert line.isprintable()
    assert (
        runner_model.outputs(said.outputs).keys()
        == runner_model.outputs(sound.outputs).keys()
    )
    shown = json.loads(said.json)
    assert shown.keys() == json.loads(sound.json).keys()
    assert {tuple(entry) for entry in json.loads(said.gitlab)} == {
        tuple(entry) for entry in json.loads(sound.gitlab)
    }
    assert [e.tag for e in ET.fromstring(said.junit).iter()] == [
        e.tag for e in ET.fromstring(sound.junit).iter()
    ]
    pages = (_rendered(said.summary), _rendered(sound.summary)), (said.html, sound.html)
    for page, plain in pages:
        text_of = _judge_page(page, plain)
        for one in given:
            (token,) = TOKEN.findall(visible(one))[:1]
            assert (
                token not in text_of
                or _one_space(visible(one.strip()))[:200] in text_of
            ), one
    prose = "".join(Page(pages[0][0]).prose)
    assert not _LINKED.search(prose), _LINKED.findall(prose)[:3]


def _printed(text_of: str) -> str:
    return text_of.encode("utf-8", "backslashreplace").decode("utf-8")


#: What stands in a report once, and beside it only what it is told of.
BARE = Report(
    "check",
    "word",
    *(PLAIN.releases[:1], ("word",), 1),
    policy="word",
    manifest="word",
    elapsed=0.25,
    error="word",
    hint="word",
)
#: So many of what may stand there often stand in one report.
TIMES = 8


def _around(field: str) -> Report:
    """A harmless report that has the field, several times where it may."""
    name = field.partition(".")[0]
    value = getattr(PLAIN, name)
    if not isinstance(value, tuple):
        return BARE
    several: dict[str, Any] = {name: value * TIMES}
    return dataclasses.replace(PLAIN, **several)


@pytest.mark.parametrize("field", FIELDS)
def test_hostile_text_is_nothing_but_text(
    field: str, pytestconfig: pytest.Config
) -> None:
    around = _around(field)
    hostile_texts = texts(Random(field))
    given: list[str] = []
    total = 0

    def take() -> str:
        given.append(next(hostile_texts))
        return given[-1]

    harmless = map("q{}z".format, itertools.count())
    sound = _said(_filled(around, field, lambda: next(harmless)))
    while total < pytestconfig.getoption("--hostile"):
        given.clear()
        _judge(_said(_filled(around, field, take)), sound, given)
        total += len(given)


def _filled(around: Report, field: str, text_of: Text) -> Report:
    report = _with(around, field, text_of)
    assert isinstance(report, Report)
    return report


def test_every_field_of_a_report_is_tried() -> None:
    """None is left out because the harmless report has nothing there."""
    assert sorted(set(_empty(PLAIN))) == []


def _empty(value: object, where: str = "") -> Iterator[str]:
    """Every field that could hold text, and holds none."""
    if isinstance(value, str | tuple | Mapping) and not value:
        yield where
    elif isinstance(value, tuple):
        for item in value:
            yield from _empty(item, where)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            yield from _empty(inner, f"{where}.{field.name}".strip("."))
