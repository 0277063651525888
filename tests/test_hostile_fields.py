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
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any

import hostile
import pages
import pytest
import runner_model

from release_guard import action
from release_guard.findings import Report
from release_guard.reports import github, gitlab, html, json_v1, junit, text
from release_guard.reports.escape import visible
from release_guard.reports.page_style import STYLE
from release_guard.reports.style import Screen
from release_guard.rules.base import docs_url
from release_guard.run import Answer

# --- a report, and its fields ------------------------------------------------------


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


PLAIN = hostile.report_of([f"word{number}" for number in range(97)])
FIELDS = tuple(sorted(set(_fields(PLAIN)) - OUR_OWN))


# --- hostile texts -----------------------------------------------------------------

TOKEN = re.compile(r"q\d+z")


def texts(random: Random) -> Iterator[str]:
    """Hostile texts without end. Each holds a word of its own, ``q7z``, by which it is
    known again, and so no two are the same.
    """
    number = 0
    while True:
        pieces = random.choices(hostile.PIECES, k=random.randint(1, 6))
        if random.random() < 0.2:
            pieces.append(chr(random.randrange(0x11_0000)))
        pieces.insert(random.randint(0, len(pieces)), f"q{number}z")
        yield "".join(pieces)
        number += 1


# --- what each reader sees ---------------------------------------------------------


_CODE = ("code", "pre", "title")
_BLOCKS = ("p", "li", "td", "th", "h1", "h2", "h3", "h4", "summary", "div")
#: What GitHub makes a link or a picture of in prose: mentions, issues, commits.
_LINKED = re.compile(
    r"(?<![\w@/])@[A-Za-z0-9]|(?<!\w)#\d|\bGH-\d|\b[0-9a-f]{40}\b|:[a-z]+:(?!\w)"
)
#: A block of code, a span of code and an element, as the summary is written.
_WRITTEN_CODE = re.compile(r"^ *(`{3,})sh\n.*\n *\1$|`[^`\n]+`|<code>", re.MULTILINE)


def _prose(element: pages.Element) -> Iterator[str]:
    """The text outside of code."""
    for part in element.inside:
        if isinstance(part, str):
            yield part
        elif part.tag in _CODE:
            yield "\0"
        else:
            yield from _prose(part)
            yield "\n" if part.tag in _BLOCKS else ""


def _is_ours(address: str) -> bool:
    return address.startswith((docs_url("x").removesuffix("x.md"), "#"))


@dataclasses.dataclass(frozen=True)
class Form:
    """What a page is made of, whatever it tells."""

    shape: tuple[str, ...]
    attributes: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, page: pages.Element) -> Form:
        """The form of a page: there is code around a text or not, as it needs."""
        return cls(
            tuple(page.shape("code")),
            frozenset((e.tag, name) for e in page.elements() for name in e.attributes),
        )


def _judge_page(page: pages.Element, codes: int, sound: Form, given: list[str]) -> None:
    """A page is made as the harmless one is, and shows the texts."""
    form = Form.of(page)
    assert form.shape == sound.shape
    assert form.attributes <= sound.attributes
    for element in page.elements():
        for name, value in element.attributes.items():
            assert not TOKEN.search(value or "")
            assert name not in ("href", "src") or _is_ours(value or "")
    assert len([*page.elements("code")]) == codes
    text_of = _one_space("".join(page.texts()))
    for one in given:
        (token,) = TOKEN.findall(visible(one))[:1]
        shown = _one_space(visible(one.strip()))[:200]
        assert token not in text_of or shown in text_of, one


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


def _page(said: Said) -> pages.Element:
    """The page but for its style, which is the same in each and takes long to read."""
    before, style, after = said.html.partition(STYLE)
    assert style
    return pages.read(f"{before}{after}")


@dataclasses.dataclass(frozen=True)
class Sound:
    """What readers find in what is written of a harmless report."""

    commands: int
    outputs: AbstractSet[str]
    keys: AbstractSet[str]
    entries: AbstractSet[str]
    tags: tuple[str, ...]
    summary: Form
    page: Form

    @classmethod
    def of(cls, said: Said) -> Sound:
        """Read once, for it is compared very often."""
        return cls(
            commands=len(runner_model.commands(_printed(said.log))),
            outputs=runner_model.outputs(said.outputs).keys(),
            keys=json.loads(said.json).keys(),
            entries={key for entry in json.loads(said.gitlab) for key in entry},
            tags=tuple(e.tag for e in ET.fromstring(said.junit).iter()),
            summary=Form.of(pages.as_github(said.summary)),
            page=Form.of(_page(said)),
        )


def _judge(said: Said, sound: Sound, given: list[str]) -> None:
    """Nothing that was written is anything but text to whoever reads it."""
    for each in dataclasses.astuple(said):
        assert "\r" not in each
    for log in (said.text, said.coloured, said.json, said.gitlab, said.junit):
        assert not runner_model.commands(_printed(log))
    for page in (said.html, said.summary):
        assert not runner_model.commands(_printed(page))
    commands = runner_model.commands(_printed(said.log))
    assert len(commands) == sound.commands
    for command in commands:
        assert command.name in ("error", "warning", "notice")
        assert command.properties["title"].startswith("release-guard")
    for line in (*said.text.split("\n"), *_SGR.sub("", said.coloured).split("\n")):
        assert line.isprintable()
    assert runner_model.outputs(said.outputs).keys() == sound.outputs
    assert json.loads(said.json).keys() == sound.keys
    assert {key for e in json.loads(said.gitlab) for key in e} == sound.entries
    assert tuple(e.tag for e in ET.fromstring(said.junit).iter()) == sound.tags
    summary = pages.as_github(said.summary)
    codes = len(_WRITTEN_CODE.findall(said.summary))
    _judge_page(summary, codes, sound.summary, given)
    _judge_page(_page(said), said.html.count("<code>"), sound.page, given)
    prose = "".join(_prose(summary))
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
    if name == "releases":
        # What an audit is about is told in place of the releases.
        several["audited"] = ()
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
    sound = Sound.of(_said(_filled(around, field, lambda: next(harmless))))
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
