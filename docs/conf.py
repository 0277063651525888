"""How Sphinx makes the site of the pages (make site).

The pages are plain Markdown that GitHub shows as well, so what Sphinx must know besides
is taken from them: the contents are the lists of index.md and of the pages that list a
folder's. What no page lists comes last, so that nothing is lost.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

_DOCS = Path(__file__).parent
_ROOT = _DOCS.parent
_REPOSITORY = "https://github.com/org/release-guard"

# --- what it is -------------------------------------------------------------------

project = "release-guard"
author = "The release-guard maintainers"
project_copyright = author
_read = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
version = release = str(_read["project"]["version"])
#: The tag that moves with the releases of this major.
_MAJOR = f"v{version.partition('.')[0]}"

# --- how it is read ---------------------------------------------------------------

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_*"]
nitpicky = True
#: Every heading to this depth is an anchor, named as GitHub names it.
myst_heading_anchors = 4
myst_links_external_new_tab = False

# --- how it looks: nothing comes from another host --------------------------------

html_theme = "furo"
html_title = "release-guard"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
pygments_style = "default"
pygments_dark_style = "monokai"

# --- external links (make site-links) ---------------------------------------------

linkcheck_anchors = False
linkcheck_timeout = 20
linkcheck_retries = 2
linkcheck_rate_limit_timeout = 120
# What stands for a page that is the reader's own.
linkcheck_ignore = [r"https?://[^/]*\.example(/.*)?", r"https://github\.com/org/.*"]

# --- the contents -----------------------------------------------------------------

#: A link of a list's item, or of a table's row, to another page.
_ENTRY = re.compile(r"(?m)^(?:[-*] |\| ).*?\]\(((?!\.\./)[\w./-]+)\.md\)")


def _toctree(pages: Iterable[str], caption: str = "") -> str:
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["", "", "```{toctree}", *options, "", *pages, "```"])


def _contents(text: str, pages: set[str]) -> str:
    """The contents that the index lists below each of its headings, and the rest."""
    made = ""
    left = set(pages)
    for part in re.split(r"(?m)^## ", text)[1:]:
        caption, _, below = part.partition("\n")
        listed = [page for page in dict.fromkeys(_ENTRY.findall(below)) if page in left]
        left.difference_update(listed)
        made += _toctree(listed, caption)
    return made + (_toctree(sorted(left), "More") if left else "")


def _add_contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Give the index its contents, and the index of the rules the rules' pages."""
    found = app.env.found_docs - {"index"}
    rules = {page for page in found if page.startswith("rules/")}
    if name == "index":
        source[0] += _contents(source[0], found - rules)
    elif name == "rules":
        listed = dict.fromkeys(_ENTRY.findall(source[0]))
        source[0] += _toctree(page for page in listed if page in rules)


# --- links to files that are no pages ---------------------------------------------


class _OtherFiles(SphinxTransform):
    """A relative link out of this folder leads to the file in the repository."""

    default_priority = 1

    def apply(self, **_: object) -> None:
        """Replace such links; one that leads to no file stays, and is warned of."""
        links = (addnodes.pending_xref, addnodes.download_reference)
        for link in list(self.document.findall(lambda node: isinstance(node, links))):
            target, anchor = str(link["reftarget"]), link.get("reftargetid")
            path = _written(target, str(link["refdoc"]))
            if path is None:
                continue
            fragment = f"#{anchor}" if anchor else ""
            kind = "tree" if path.is_dir() else "blob"
            place = path.relative_to(_ROOT).as_posix()
            url = f"{_REPOSITORY}/{kind}/{_MAJOR}/{place}{fragment}"
            words = (nodes.Text(link.astext()),)
            link.replace_self(nodes.reference("", "", *words, refuri=url))


def _written(target: str, page: str) -> Path | None:
    """The file of the repository, outside of the docs, that a page's link leads to. A
    Markdown file has lost its ending.
    """
    folder = (_DOCS / page).parent
    for name in (target, f"{target}.md"):
        # A page's name counts from the docs, a file's from the page.
        for base in (folder, _DOCS):
            path = (base / name).resolve()
            outside = path.is_relative_to(_ROOT) and not path.is_relative_to(_DOCS)
            if outside and path.exists():
                return path
    return None


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above."""
    app.connect("source-read", _add_contents)
    app.add_transform(_OtherFiles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
