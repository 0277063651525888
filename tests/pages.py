"""What a page says and of what it is made, as a reader's program takes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

import cmarkgfm
from cmarkgfm.cmark import Options

__all__ = ["Element", "as_github", "read"]

#: Elements without an end.
_EMPTY = ("br", "meta", "link", "img", "input", "hr")
#: GitHub's Markdown, but for what takes some HTML away.
_EXTENSIONS = ("table", "autolink", "strikethrough", "tasklist")


@dataclass
class Element:
    """An element: its attributes, and what is in it, texts and elements."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    def elements(self, *tags: str) -> Iterator[Self]:
        """This element and those in it, at any depth, that have one of the tags."""
        if not tags or self.tag in tags:
            yield self
        for part in self.inside:
            if isinstance(part, Element):
                yield from part.elements(*tags)  # type: ignore[misc]

    def texts(self, *but_in: str) -> Iterator[str]:
        """The texts in it, but for those in elements with these tags."""
        for part in self.inside:
            if isinstance(part, str):
                yield part
            elif part.tag not in but_in:
                yield from part.texts(*but_in)

    @property
    def text(self) -> str:
        """What it shows, in one line."""
        return " ".join("".join(self.texts("style")).split())

    def shape(self, *but: str) -> Iterator[str]:
        """Its elements and attributes without texts; of some only what is in them."""
        if self.tag not in but:
            yield f"<{' '.join((self.tag, *sorted(self.attributes)))}>"
        for part in self.inside:
            if isinstance(part, Element):
                yield from part.shape(*but)
        if self.tag not in but:
            yield f"</{self.tag}>"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("")]
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        if len(element.attributes) != len(attrs):
            self.odd.append(f"an attribute twice: {attrs}")
        self.open[-1].inside.append(element)
        if tag not in _EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].tag != tag:
            self.odd.append(f"</{tag}> in <{self.open[-1].tag}>")
            return
        self.open.pop()

    def handle_comment(self, data: str) -> None:
        if data.strip():
            self.odd.append(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.odd.append(f"a declaration: {decl}")

    def unknown_decl(self, data: str) -> None:
        self.odd.append(f"a declaration: {data}")

    def handle_pi(self, data: str) -> None:
        self.odd.append(f"an instruction: {data}")

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(page: str) -> Element:
    """The page as a tree; raises ``AssertionError`` where its elements do not nest, or
    where it says anything to a program alone.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert not reader.odd, reader.odd
    assert len(reader.open) == 1, [element.tag for element in reader.open]
    return reader.open[0]


def as_github(markdown: str) -> Element:
    """The page that GitHub's Markdown makes, with its raw HTML: what GitHub's own
    sanitizer would take away is to be judged as well.
    """
    options = (
        Options.CMARK_OPT_UNSAFE
        | Options.CMARK_OPT_FOOTNOTES
        | Options.CMARK_OPT_GITHUB_PRE_LANG
    )
    page = cmarkgfm.markdown_to_html_with_extensions(
        markdown, options=options, extensions=_EXTENSIONS
    )
    return read(page)
