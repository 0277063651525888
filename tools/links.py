"""Check every link of the documents, as GitHub shows them and as the site has them.

``python tools/links.py`` reads the Markdown of the repository: each relative link must
lead to a file that is not ignored, and to an anchor that is there. With the folder of
the built site the same is asked of its pages, and that they load nothing from another
host. Of external links only the form is looked at: https, and no index's host, which
goes by its name. Nothing is sent anywhere. Ends with 1 where a link is wrong.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options
from twine.utils import DEFAULT_REPOSITORY, TEST_REPOSITORY

__all__ = ["Page", "markdown", "markdown_problems", "site_problems"]

ROOT = Path(__file__).parent.parent
#: Addresses of this repository's own files.
OURS = re.compile(r"https://github\.com/org/release-guard/(?:blob|tree)/[^/]+/(.*)")
#: What a page may name by an address that a browser only follows when asked to.
_FOLLOWED = frozenset({"a", "area"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LOADED_BY_CSS = re.compile(
    r"(?:url\(\s*['\"]?|@import\s+['\"])((?:https?:)?//[^'\")]*)"
)


@dataclass
class Page(HTMLParser):
    """The links, anchors and loaded things of a page of HTML."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    #: GitHub names the anchor of a heading by its text; Sphinx writes an id.
    headings: Counter[str] = field(default_factory=Counter)
    heading: list[str] | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the addresses and the anchors of a tag."""
        said = {name: value or "" for name, value in attrs}
        self.anchors |= {said[name] for name in ("id", "name") if said.get(name)}
        for name in ("href", "src", "action", "data", "poster"):
            if name in said and tag in _FOLLOWED:
                self.links.append(said[name])
            elif name in said and said.get("rel") not in ("canonical", "next", "prev"):
                self.loads.append(said[name])
        self.loads += [
            part.split()[0]
            for part in said.get("srcset", "").split(",")
            if part.strip()
        ]
        if tag in _HEADINGS:
            self.heading = []

    def handle_data(self, data: str) -> None:
        """Take the words of a heading."""
        if self.heading is not None:
            self.heading.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Name the anchor of a heading."""
        if tag not in _HEADINGS or self.heading is None:
            return
        slug = re.sub(r"[^\w\- ]", "", "".join(self.heading).lower()).replace(" ", "-")
        again = self.headings[slug]
        self.headings[slug] += 1
        self.anchors.add(f"{slug}-{again}" if again else slug)
        self.heading = None


def markdown(text: str) -> Page:
    """A document of Markdown as GitHub shows it."""
    page = Page()
    page.feed(github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE))
    page.close()
    return page


def _html(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


# --- the problems -----------------------------------------------------------------


def markdown_problems(root: Path, files: frozenset[str]) -> Iterator[str]:
    """What is wrong with the links of the Markdown among the ``files`` of ``root``."""
    known = {
        name: markdown(_text(root / name)) for name in files if name.endswith(".md")
    }
    folders = {str(folder) for name in files for folder in Path(name).parents}

    def leads(page: str, link: str) -> str:
        path, anchor = _parts(link)
        target = _joined(page, path) if path else page
        if target is None or target not in files | folders:
            return "leads to no file of the repository"
        if anchor and target not in known:
            return "names a place in a file that has none"
        return _anchored(anchor, known[target]) if anchor else ""

    for name, page in sorted(known.items()):
        # A picture of another host is loaded from there by whoever reads the page.
        for link in [*page.links, *page.loads]:
            if problem := _problem(link, name, leads):
                yield f"{name}: {link}: {problem}"


def site_problems(site: Path) -> Iterator[str]:
    """What is wrong with the built pages below ``site``."""
    known = {str(path.relative_to(site)): _html(path) for path in site.rglob("*.html")}
    if not known:
        yield f"{site}: has no page"

    def leads(page: str, link: str) -> str:
        path, anchor = _parts(link)
        target = _joined(page, path) if path else page
        if target is None or not (site / target).is_file():
            return "leads to no file of the site"
        return _anchored(anchor, known[target]) if anchor and target in known else ""

    for name, page in sorted(known.items()):
        told = [(link, _problem(link, name, leads)) for link in page.links]
        told += [(link, _loaded(link, name, leads)) for link in page.loads]
        yield from (f"{name}: {link}: {problem}" for link, problem in told if problem)
    for path in sorted(site.rglob("*.css")):
        for link in _LOADED_BY_CSS.findall(_text(path)):
            yield f"{path.relative_to(site)}: {link}: is loaded from another host"


def _loaded(link: str, page: str, leads: Callable[[str, str], str]) -> str:
    """What is wrong with something that a browser loads by itself."""
    if link.startswith("data:"):
        return ""
    if urlsplit(link).netloc:
        return "is loaded from another host"
    return leads(page, link)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _problem(link: str, page: str, leads: Callable[[str, str], str]) -> str:
    """What is wrong with one link; a relative one is asked of ``leads``."""
    parts = urlsplit(link)
    if not parts.scheme and not parts.netloc:
        return leads(page, link)
    if parts.scheme != "https":
        return "is no https"
    if parts.hostname in _INDEXES:
        return "names the host of an index"
    if own := OURS.fullmatch(link):
        return _own(own[1])
    return ""


def _own(link: str) -> str:
    path, _ = _parts(link)
    return "" if (ROOT / path).exists() else "leads to no file of the repository"


def _parts(link: str) -> tuple[str, str]:
    """The path of a relative link, and its anchor."""
    parts = urlsplit(link)
    return unquote(parts.path), unquote(parts.fragment)


def _joined(page: str, path: str) -> str | None:
    """Where a link leads, from the top; None where it leads out, or begins there."""
    parts: list[str] = [] if path.startswith("/") else list(Path(page).parts[:-1])
    for part in path.split("/"):
        if part == ".." and not parts:
            return None
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return None if path.startswith("/") else "/".join(parts) or "."


def _anchored(anchor: str, page: Page) -> str:
    return "" if anchor in page.anchors else "there is no such place on the page"


_HOSTS = {str(urlsplit(url).hostname) for url in (DEFAULT_REPOSITORY, TEST_REPOSITORY)}
_INDEXES = _HOSTS | {host.removeprefix("upload.") for host in _HOSTS}


# --- the edge ---------------------------------------------------------------------


def repository_files(root: Path) -> frozenset[str]:
    """The files that git has or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = (name for name in listed.split("\0") if name)
    return frozenset(name for name in names if (root / name).is_file())


def main() -> int:
    """Tell what is wrong."""
    if len(sys.argv) > 2 or sys.argv[1:2] == ["--help"]:  # noqa: PLR2004
        print(f"usage: {sys.argv[0]} [SITE]", file=sys.stderr)
        return 2
    problems = list(markdown_problems(ROOT, repository_files(ROOT)))
    for site in sys.argv[1:]:
        problems += site_problems(Path(site))
    print("\n".join(problems) or "every link leads somewhere")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
