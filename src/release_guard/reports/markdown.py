"""A document in GitHub's Markdown, below the size at which a runner drops a summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from release_guard.reports.bounded import CLOSE, Open, Piece, written
from release_guard.reports.document import (
    SEVERITIES,
    Badge,
    Block,
    Code,
    Document,
    Folded,
    Inline,
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
)
from release_guard.reports.escape import (
    address,
    code,
    entities,
    fenced,
    plain,
    quoted,
)

__all__ = ["render"]

#: A summary over 1 MiB is dropped whole; the rest is headroom for the runner.
_LARGEST = 900 << 10
_REST = "\nThe rest is left out: the summary would grow too large."
_SIGNS = {
    Tone.GOOD: "✅",
    Tone.BAD: "❌",
    Tone.CAREFUL: "⚠️",
    Tone.NOTE: "\N{INFORMATION SOURCE}\ufe0f",
}
#: So many quoted lines are shown; more are folded.
_MOST_LINES = 3


def render(page: Document) -> str:
    """The document, with a line end."""
    return written(_pieces(page), _LARGEST, _REST)


def _pieces(page: Document) -> Iterator[Piece]:
    verdict = f"{_SIGNS[page.verdict.tone]} {plain(page.verdict.text)}"
    about = f" {_line(page.about)}" if page.about else ""
    yield f"## release-guard {plain(page.command)}: {verdict}{about}"
    if page.facts:
        yield from ("", " · ".join(map(plain, page.facts)))
    for block in page.blocks:
        yield ""
        yield from _block(block)


def _block(block: Block) -> Iterator[Piece]:
    match block:
        case Paragraph(line):
            yield _line(line)
        case Items(items):
            yield from map(_item, items)
        case Table():
            yield from _table(block)
        case Issues(issues):
            yield from ("| severity | what is wrong |", "|---|---|")
            yield from map(_issue, issues)
        case Section(title, blocks):
            yield f"### {plain(title)}"
            yield from _blocks(blocks)
        case Folded(title, blocks):
            summary = f"<details><summary>{plain(title)}</summary>"
            yield Open(summary, "\n</details>")
            yield from _blocks(blocks)
            yield CLOSE
        case _:
            assert_never(block)


def _blocks(blocks: tuple[Block, ...]) -> Iterator[Piece]:
    for block in blocks:
        yield ""
        yield from _block(block)


def _item(item: Item) -> str:
    """A point, with its commands as blocks to copy from."""
    blocks = [f"- {_line(item.line)}"]
    for command in item.commands:
        block = fenced(command, "sh").replace("\n", "\n  ")
        blocks.append(f"\n  {block}")
    return "\n".join(blocks)


def _table(table: Table) -> Iterator[str]:
    """A table below what it is called."""
    yield from (plain(table.caption), "")
    yield f"| {' | '.join(map(plain, table.head))} |"
    ends = [
        "--:" if place in table.numbers else ":-:" if place in table.marks else "---"
        for place in range(len(table.head))
    ]
    yield f"|{'|'.join(ends)}|"
    yield from (f"| {' | '.join(map(_line, row))} |" for row in table.rows)


def _issue(issue: Issue) -> str:
    """A row of the findings: with whom, what, what to do, and the quoted lines."""
    badge = Badge(issue.severity, SEVERITIES[issue.severity])
    names, message = _names(issue.subjects), _line(issue.message)
    # What is folded or quoted ends its line by itself.
    told = f"{names}: {message}" if issue.subjects.are_few else f"{names}{message}"
    fix = f"<strong>To do:</strong> {_line(issue.fix)}" if issue.fix else ""
    rule = f"<strong>{_inline(issue.rule)}</strong>"
    what = "<br>".join(filter(None, (rule, told, fix)))
    return f"| {_inline(badge)} | {what}{_quoted(issue.lines)} |"


def _quoted(lines: tuple[str, ...]) -> str:
    if len(lines) > _MOST_LINES:
        return _folded(f"{len(lines)} lines", quoted(lines))
    return quoted(lines) if lines else ""


def _line(line: Line) -> str:
    """What begins with spaces could be a block of code."""
    return "".join(map(_inline, line)).lstrip(" ")


def _inline(inline: Inline) -> str:
    match inline:
        case Text(text):
            return plain(text)
        case Code(text):
            return code(text)
        case Strong(text):
            return f"<strong>{plain(text)}</strong>"
        case Badge(text, tone):
            return f"{_SIGNS[tone]}&nbsp;{'&nbsp;'.join(map(plain, text.split()))}"
        case Link(text, url):
            target = address(url)
            return f"[{plain(text)}]({target})" if target else plain(text)
        case Names():
            return _names(inline)
        case _:
            assert_never(inline)


def _names(names: Names) -> str:
    """Names in a line; many are folded, which a table's cell may hold too."""
    if names.are_few:
        return ", ".join(map(code, names.names))
    told = [*map(entities, names.names)]
    if names.more:
        told.append(f"and {names.more} more")
    return _folded(f"{names.count} {names.noun}s", "<br>".join(told))


def _folded(title: str, inside: str) -> str:
    return f"<details><summary>{plain(title)}</summary>{inside}</details>"
