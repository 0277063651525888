"""A document as one HTML page that asks no network for anything and runs no script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from itertools import count
from typing import assert_never

from release_guard.findings import Report
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
    document,
)
from release_guard.reports.escape import address
from release_guard.reports.escape import html as safe
from release_guard.reports.page_style import STYLE

__all__ = ["page", "render"]

#: A browser shows more, but nobody reads it.
_LARGEST = 4 << 20
_REST = (
    '<p class="rest">The rest is left out: the page would grow too large. '
    "The JSON report has it all.</p>"
)
_SIGNS = {Tone.GOOD: "✓", Tone.BAD: "✕", Tone.CAREFUL: "!", Tone.NOTE: "i"}


def render(report: Report) -> str:
    """The page of a report."""
    return page(document(report))


def page(of: Document) -> str:
    """The document as a page, with a line end."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    about = "".join(part.text for part in of.about if isinstance(part, Text | Code))
    title = f"release-guard {of.command}: {of.verdict.text}"
    head = _HEAD.format(
        csp=f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
        title=safe(f"{title}, {about}" if about else title),
        style=STYLE,
    )
    body = written(_pieces(of), _LARGEST, _REST)
    return f"{head}{body}</main>\n</body>\n</html>\n"


_HEAD = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{csp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
"""


def _pieces(of: Document) -> Iterator[Piece]:
    tone, word = of.verdict.tone, of.verdict.text
    sign = f'<span class="sign" aria-hidden="true">{_SIGNS[tone]}</span>'
    about = f'<span class="about">{_line(of.about)}</span>' if of.about else ""
    yield Open(f'<header class="verdict {tone}">', "</header>")
    yield f'<p class="job">release-guard {safe(of.command)}</p>'
    yield f"<h1>{sign} <span>{safe(word.capitalize())}</span> {about}</h1>"
    if of.facts:
        facts = "".join(f"<li>{safe(fact)}</li>" for fact in of.facts)
        yield f'<ul class="facts">{facts}</ul>'
    yield CLOSE
    ids = count(1)
    for block in of.blocks:
        yield from _block(block, ids)


def _block(block: Block, ids: Iterator[int]) -> Iterator[Piece]:
    match block:
        case Paragraph(line):
            yield f'<div class="line">{_line(line)}</div>'
        case Items(items):
            yield Open('<ul class="items">', "</ul>")
            yield from map(_item, items)
            yield CLOSE
        case Table():
            yield from _table(block, f"table-{next(ids)}")
        case Issues(issues):
            yield Open('<ul class="issues">', "</ul>")
            yield from map(_issue, issues)
            yield CLOSE
        case Section(title, blocks):
            name = f"section-{next(ids)}"
            yield Open(f'<section aria-labelledby="{name}">', "</section>")
            yield f'<h2 id="{name}">{safe(title)}</h2>'
            yield from _blocks(blocks, ids)
            yield CLOSE
        case Folded(title, blocks):
            summary = f"<summary><h2>{safe(title)}</h2></summary>"
            yield Open(f'<details class="part">{summary}', "</details>")
            yield from _blocks(blocks, ids)
            yield CLOSE
        case _:
            assert_never(block)


def _blocks(blocks: tuple[Block, ...], ids: Iterator[int]) -> Iterator[Piece]:
    for block in blocks:
        yield from _block(block, ids)


def _item(item: Item) -> str:
    commands = "".join(
        f'<pre tabindex="0"><code>{safe(command)}</code></pre>'
        for command in item.commands
    )
    return f"<li>{_line(item.line)}{commands}</li>"


def _table(table: Table, name: str) -> Iterator[Piece]:
    """A table in a box of its own, which scrolls where it is wider than the page; what
    it is called stands above, where it does not scroll away.
    """
    yield f'<p class="caption" id="{name}">{safe(table.caption)}</p>'
    named = f'aria-labelledby="{name}"'
    kind = ' class="matrix"' if table.marks else ""
    yield Open(f'<div class="box" role="region" {named} tabindex="0">', "</div>")
    yield Open(f"<table{kind} {named}>", "</table>")
    head = "".join(
        f'<th scope="col"{_kind(table, place)}>{safe(name)}</th>'
        for place, name in enumerate(table.head)
    )
    yield f"<thead><tr>{head}</tr></thead>"
    yield Open("<tbody>", "</tbody>")
    for first, *rest in table.rows:
        cells = "".join(
            f"<td{_kind(table, place)}>{_line(cell)}</td>"
            for place, cell in enumerate(rest, start=1)
        )
        yield f'<tr><th scope="row">{_line(first)}</th>{cells}</tr>'
    yield from (CLOSE, CLOSE, CLOSE)


def _kind(table: Table, place: int) -> str:
    if place in table.numbers:
        return ' class="number"'
    return ' class="mark"' if place in table.marks else ""


def _issue(issue: Issue) -> str:
    tone = SEVERITIES[issue.severity]
    badge = _inline(Badge(issue.severity, tone))
    parts = [
        f'<li class="issue {tone}">',
        f'<div class="head">{badge} <strong>{_inline(issue.rule)}</strong></div>',
        *_told(issue),
    ]
    if issue.lines:
        lines = "\n".join(map(safe, issue.lines))
        parts.append(f'<pre tabindex="0"><code>{lines}</code></pre>')
    if issue.fix:
        fix = _line(issue.fix)
        parts.append(f'<div class="fix"><strong>To do:</strong> {fix}</div>')
    return "".join([*parts, "</li>"])


def _told(issue: Issue) -> tuple[str, ...]:
    """With whom, and what: in one sentence where they are few."""
    names, message = _names(issue.subjects), _line(issue.message)
    if issue.subjects.are_few:
        return (f"<div>{names}: {message}</div>",)
    return (f"<div>{names}</div>", f"<div>{message}</div>")


def _line(line: Line) -> str:
    return "".join(map(_inline, line))


def _inline(inline: Inline) -> str:
    match inline:
        case Text(text):
            return safe(text)
        case Code(text):
            return f"<code>{safe(text)}</code>"
        case Strong(text):
            return f"<strong>{safe(text)}</strong>"
        case Badge(text, tone):
            sign = f'<span aria-hidden="true">{_SIGNS[tone]}</span>'
            return f'<span class="badge {tone}">{sign} {safe(text)}</span>'
        case Link(text, url):
            target = safe(address(url))
            return f'<a href="{target}">{safe(text)}</a>' if target else safe(text)
        case Names():
            return _names(inline)
        case _:
            assert_never(inline)


def _names(names: Names) -> str:
    told = [f"<code>{safe(name)}</code>" for name in names.names]
    if names.are_few:
        return ", ".join(told)
    if names.more:
        told.append(f"and {names.more} more; the JSON report has them all")
    items = "".join(f"<li>{name}</li>" for name in told)
    summary = f"<summary>{names.count} {safe(names.noun)}s</summary>"
    return f"<details>{summary}<ul>{items}</ul></details>"
