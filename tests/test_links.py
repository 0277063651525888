"""Every link of the documents leads somewhere, and the check finds what does not."""

from __future__ import annotations

from pathlib import Path

import links
import pytest
from twine.utils import DEFAULT_REPOSITORY

_INDEX = DEFAULT_REPOSITORY.replace("upload.", "").rpartition("/legacy")[0]

_FILES = {
    "README.md": "# A title: `code`, *more*\n\n## Again\n\n## Again\n",
    "docs/page.md": '# Page\n\n| <a id="row"></a>a |\n|---|\n| b |\n',
    "docs/image.png": "",
    "schema/policy.json": "{}",
}

_SOUND = {
    "a file beside it": "[x](page.md)",
    "a heading": "[x](page.md#page)",
    "a heading with code and punctuation": "[x](../README.md#a-title-code-more)",
    "a heading that stands there twice": "[x](../README.md#again-1)",
    "an anchor in a table": "[x](page.md#row)",
    "its own heading": "# Here\n\n[x](#here)",
    "a folder": "[x](../schema)",
    "a picture": "![x](image.png)",
    "a file of no pages": "[x](../schema/policy.json)",
    "another site": "[x](https://docs.example/page#place)",
    "a file of ours by its address": (
        "[x](https://github.com/org/release-guard/blob/v1/README.md)"
    ),
    "code": "`[x](nowhere.md)`\n\n```\n[x](nowhere.md)\n```\n",
}
_BROKEN = {
    "no such file": ("[x](nowhere.md)", "leads to no file"),
    "no such picture": ("![x](nowhere.png)", "leads to no file"),
    "no such heading": ("[x](page.md#nowhere)", "no such place"),
    "no such heading of its own": ("[x](#nowhere)", "no such place"),
    "a heading in another spelling": ("[x](page.md#Page)", "no such place"),
    "a place in a file without any": ("[x](../schema/policy.json#a)", "has none"),
    "out of the repository": ("[x](../../other/README.md)", "leads to no file"),
    "from the top of the site": ("[x](/docs/page.md)", "leads to no file"),
    "no https": ("[x](http://docs.example/)", "is no https"),
    "a script": ("[x](javascript:alert)", "is no https"),
    "a host without a scheme": ("[x](//docs.example/)", "is no https"),
    "the host of an index": (f"[x]({_INDEX}/project/demo/)", "the host of an index"),
    "a file of ours that is not there": (
        "[x](https://github.com/org/release-guard/blob/v1/docs/nowhere.md)",
        "leads to no file",
    ),
    "a link in HTML": ('<a href="nowhere.md">x</a>', "leads to no file"),
}


def _problems(folder: Path, text: str) -> list[str]:
    for name, content in {**_FILES, "docs/it.md": text}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    files = frozenset({*_FILES, "docs/it.md"})
    return list(links.markdown_problems(folder, files))


@pytest.mark.parametrize("text", _SOUND.values(), ids=list(_SOUND))
def test_a_link_in_markdown_leads_somewhere(tmp_path: Path, text: str) -> None:
    assert _problems(tmp_path, text) == []


@pytest.mark.parametrize(("text", "told"), _BROKEN.values(), ids=list(_BROKEN))
def test_a_link_in_markdown_leads_nowhere(tmp_path: Path, text: str, told: str) -> None:
    (problem,) = _problems(tmp_path, text)

    assert problem.startswith("docs/it.md: ")
    assert told in problem


def test_a_file_that_git_ignores_is_none_that_may_be_linked() -> None:
    files = links.repository_files(links.ROOT)

    assert {"README.md", "docs/rules.md", "tools/links.py"} <= files
    assert [name for name in files if name.startswith((".venv/", ".docs/"))] == []


def test_every_link_of_the_repository_leads_somewhere() -> None:
    files = links.repository_files(links.ROOT)

    assert list(links.markdown_problems(links.ROOT, files)) == []


# --- the site ---------------------------------------------------------------------

_SITE = {
    "index.html": '<h1 id="top">x</h1>',
    "page.html": '<section id="place"></section>',
    "_static/a.css": "body { background: url(b.png) }",
    "_static/b.png": "",
}
_SOUND_HTML = {
    "another page": '<a href="../page.html">x</a>',
    "a place on it": '<a href="../page.html#place">x</a>',
    "a style": '<link rel="stylesheet" href="../_static/a.css?v=1">',
    "a picture in the page": '<img src="data:image/png;base64,AA==">',
    "another site": '<a href="https://docs.example/">x</a>',
}
_BROKEN_HTML = {
    "no such page": ('<a href="../nowhere.html">x</a>', "no file of the site"),
    "no such place": ('<a href="../page.html#nowhere">x</a>', "no such place"),
    "a page that is not HTML yet": (
        '<a href="../page.md">x</a>',
        "no file of the site",
    ),
    "no https": ('<a href="http://docs.example/">x</a>', "is no https"),
    "a style of another host": (
        '<link rel="stylesheet" href="https://fonts.example/a.css">',
        "another host",
    ),
    "a hint to connect": (
        '<link rel="preconnect" href="https://fonts.example">',
        "another host",
    ),
    "a script of another host": ('<script src="//cdn.example/a.js">', "another host"),
    "a picture of another host": (
        '<img srcset="https://cdn.example/a.png 2x" src="../_static/b.png">',
        "another host",
    ),
    "a script that is not there": ('<script src="../_static/c.js">', "no file"),
}


def _site_problems(folder: Path, html: str, css: str = "") -> list[str]:
    for name, content in {**_SITE, "a/it.html": html, "_static/it.css": css}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return list(links.site_problems(folder))


@pytest.mark.parametrize("html", _SOUND_HTML.values(), ids=list(_SOUND_HTML))
def test_a_link_of_the_site_leads_somewhere(tmp_path: Path, html: str) -> None:
    assert _site_problems(tmp_path, html) == []


@pytest.mark.parametrize(
    ("html", "told"), _BROKEN_HTML.values(), ids=list(_BROKEN_HTML)
)
def test_a_link_of_the_site_leads_nowhere(tmp_path: Path, html: str, told: str) -> None:
    (problem,) = _site_problems(tmp_path, html)

    assert problem.startswith("a/it.html: ")
    assert told in problem


@pytest.mark.parametrize(
    "css",
    [
        "@import 'https://fonts.example/a.css';",
        "p { background: url(https://cdn.example/a.png) }",
        'p { src: url( "//cdn.example/a.woff2" ) }',
    ],
)
def test_a_style_of_the_site_that_loads_from_another_host_is_told(
    tmp_path: Path, css: str
) -> None:
    (problem,) = _site_problems(tmp_path, "", css)

    assert problem.startswith("_static/it.css: ")
    assert problem.endswith("is loaded from another host")


def test_a_site_without_a_page_is_none(tmp_path: Path) -> None:
    assert [p.rpartition(": ")[2] for p in links.site_problems(tmp_path)] == [
        "has no page"
    ]
