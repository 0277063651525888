"""The reports of real runs in a real browser. ``make test-browser`` runs it; it needs
Chromium and node.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import hostile
import pytest
from browser import pictures, runs

from release_guard.reports import html

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Sequence[runs.Told]:
    """The three runs."""
    return [*runs.runs(tmp_path_factory.mktemp("runs"))]


def test_the_runs_end_as_they_should(told: Sequence[runs.Told]) -> None:
    ended = {one.name: (one.code, one.summary.splitlines()[0]) for one in told}

    for_pypi = "`tidelight {}` for `pypi`"
    assert ended == {
        "pass": (
            0,
            f"## release-guard check: ✅ passed {for_pypi.format('1.4.0')}",
        ),
        "blocked": (
            1,
            f"## release-guard check: ❌ blocked {for_pypi.format('1.4.0.dev1')}",
        ),
        "partial": (
            1,
            f"## release-guard verify: ❌ failed {for_pypi.format('1.4.0')}",
        ),
    }


def test_nothing_is_wrong_with_a_page_on_any_screen_or_on_paper(
    told: Sequence[runs.Told], tmp_path: Path
) -> None:
    seen = [page for one in told for page in pictures.pages(one, tmp_path)]

    assert pictures.look(seen, tmp_path) == []

    shots = {shot.name for page in seen for shot in page.shots}
    assert {path.stem for path in tmp_path.glob("*.png")} == shots


_LONG = "x" * 500
_HOSTILE = ["<script>alert(1)</script>", _LONG, '"onload="alert(1)', "\u202eabc", "a b"]


def test_a_page_of_hostile_texts_is_as_quiet_and_as_narrow(tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(html.render(hostile.report_of(_HOSTILE)), encoding="utf-8")

    assert pictures.look([pictures.Page(path, (), judged=True)], tmp_path) == []


_WRONG = {
    "axe: image-alt": "<img>",
    "axe: color-contrast": "<p style='color: #999; background: #fff'>some words</p>",
    "asked": "<img alt='' src='other.png'>",
    "too wide": "<p style='width: 5000px'>x</p>",
    "not on paper": "<details><summary>x</summary><p>y</p></details>",
}


@pytest.mark.parametrize(("what", "body"), _WRONG.items(), ids=list(_WRONG))
def test_the_look_finds_what_is_wrong(what: str, body: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.html"
    head = "<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>x</title>"
    path.write_text(f"{head}<main><h1>x</h1>{body}</main>", encoding="utf-8")

    found = pictures.look([pictures.Page(path, (), judged=True)], tmp_path)

    assert what in {problem["what"] for problem in found}


def test_the_look_finds_a_script_that_the_page_may_not_run(tmp_path: Path) -> None:
    page = html.render(hostile.report_of(["x"]))
    path = tmp_path / "script.html"
    script = "<script>document.title = 'run'</script></main>"
    path.write_text(page.replace("</main>", script), encoding="utf-8")

    found = pictures.look([pictures.Page(path, (), judged=True)], tmp_path)

    assert {problem["what"] for problem in found} == {"console"}
    assert "Content Security Policy" in found[0]["it"]


def test_the_pictures_of_the_docs_are_small_and_all_are_shown(
    told: Sequence[runs.Told], tmp_path: Path
) -> None:
    kept = {path.name: path.stat().st_size for path in pictures.IMAGES.glob("*.png")}
    pages = [page for one in told for page in pictures.pages(one, tmp_path)]

    assert {f"{shot.name}.png" for page in pages for shot in page.shots} == {*kept}
    assert max(kept.values()) < 150_000
    shown = (pictures.IMAGES.parent / "reports.md").read_text("utf-8")
    assert [name for name in kept if f"images/{name}" not in shown] == []


def test_the_browser_is_there() -> None:
    """So that a machine without one says so in a line."""
    assert shutil.which("node")
    assert (pictures.HERE / "node_modules").is_dir()
