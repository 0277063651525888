"""The reports of the runs as pages that a browser opens, and the pictures of them.

``make screenshots`` writes those of the docs.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cmarkgfm
from browser import runs
from cmarkgfm.cmark import Options
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

__all__ = ["Page", "Shot", "look", "main", "pages", "summary_page"]

HERE = Path(__file__).parent
IMAGES = HERE.parent.parent / "docs" / "images"
_TIMEOUT = 600
#: With what is raw HTML, as GitHub has it; what GitHub would take away is not in it.
_AS_GITHUB = Options.CMARK_OPT_UNSAFE

#: GitHub's own look, as far as a summary needs it.
_GITHUB = """
body { margin: 0; padding: 24px; max-width: 900px; color: #1f2328; background: #fff;
  font: 16px/1.5 -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
h2 { border-bottom: 1px solid #d1d9e0; padding-bottom: .3em; margin: 0 0 16px; }
h3 { margin: 24px 0 16px; }
table { border-collapse: collapse; display: block; overflow: auto; margin: 0 0 16px; }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; }
tr:nth-child(2n) td { background: #f6f8fa; }
code { background: #eff1f3; border-radius: 6px; padding: .2em .4em;
  font: 85% "Liberation Mono", monospace; }
pre { background: #f6f8fa; border-radius: 6px; padding: 16px; overflow: auto; }
pre code { background: none; padding: 0; }
ul { padding-left: 2em; } summary { cursor: pointer; } details { margin-bottom: 16px; }
td details { margin: 0; } a { color: #0969da; }
"""
_DARK = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [
        *((72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34)),
        *((88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)),
    ],
)
_LIGHT = TerminalTheme(
    (255, 255, 255),
    (31, 35, 40),
    [
        *((36, 41, 47), (207, 34, 46), (17, 99, 41), (125, 78, 0)),
        *((9, 105, 218), (130, 80, 223), (27, 124, 131), (110, 119, 129)),
    ],
)
_TERMINAL = """\
<!DOCTYPE html><meta charset="utf-8"><style>
body {{ margin: 0; background: {background}; color: {foreground}; }}
pre {{ display: inline-block; margin: 0; padding: 16px 20px;
  max-width: 100ch; white-space: pre-wrap; word-break: break-all;
  font: 14px/1.35 "DejaVu Sans Mono", "Liberation Mono", monospace; }}
</style><body><pre>{code}</pre>
"""


@dataclass(frozen=True)
class Shot:
    """A picture of a page in one mode; ``clip`` selects the part that is shown."""

    mode: str
    name: str
    clip: str = ""


def summary_page(summary: str) -> str:
    """A job summary, as GitHub would show it."""
    body = cmarkgfm.github_flavored_markdown_to_html(summary, options=_AS_GITHUB)
    head = f'<!DOCTYPE html><meta charset="utf-8"><style>{_GITHUB}</style>'
    return f"{head}<body>{body}"


def terminal_page(command: str, shown: str, *, dark: bool) -> str:
    """What a terminal showed, in its colours."""
    theme = _DARK if dark else _LIGHT
    console = Console(
        record=True,
        width=100,
        file=io.StringIO(),
        force_terminal=True,
        legacy_windows=False,
    )
    console.print(Text(f"$ {command}", style="bold"))
    console.print(Text.from_ansi(shown.rstrip()), soft_wrap=True)
    return console.export_html(theme=theme, code_format=_TERMINAL, inline_styles=True)


@dataclass(frozen=True)
class Page:
    """A page in a file, the pictures of it, and whether it is judged: it is ours."""

    file: Path
    shots: tuple[Shot, ...]
    judged: bool = False


def pages(told: runs.Told, folder: Path) -> Iterator[Page]:
    """The pages of a run, and what the docs show of them: of the blocked one all."""
    is_shown_whole = told.name == "blocked"

    def page(name: str, text: str, *shots: Shot, judged: bool = False) -> Page:
        path = folder / f"{told.name}-{name}.html"
        path.write_text(text, encoding="utf-8")
        return Page(path, shots, judged)

    modes = ("light", "dark", "phone") if is_shown_whole else ("light",)
    shots = (Shot(mode, f"{told.name}-page-{mode}") for mode in modes)
    yield page("page", told.page, *shots, judged=True)
    shot = Shot("light", f"{told.name}-summary", "body")
    yield page("summary", summary_page(told.summary), shot)
    for theme in ("dark", "light") if is_shown_whole else ("dark",):
        text = terminal_page(told.command, told.terminal, dark=theme == "dark")
        shot = Shot("light", f"{told.name}-terminal-{theme}", "pre")
        yield page(f"terminal-{theme}", text, shot)


def look(seen: Sequence[Page], to: Path) -> list[Any]:
    """Open pages in the browser, keep the pictures, and give what is wrong."""
    jobs = [
        {
            "file": str(page.file),
            "judged": page.judged,
            "shots": [
                {"mode": s.mode, "to": str(to / f"{s.name}.png"), "clip": s.clip}
                for s in page.shots
            ],
        }
        for page in seen
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(jobs, file)
        file.flush()
        done = subprocess.run(
            ["node", str(HERE / "look.mjs"), file.name],
            stdout=subprocess.PIPE,
            text=True,
            timeout=_TIMEOUT,
            check=True,
        )
    wrong: list[Any] = json.loads(done.stdout)
    return wrong


def main() -> int:
    """Write the pictures of the docs."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seen = [page for told in runs.runs(folder) for page in pages(told, folder)]
        wrong = look(seen, IMAGES)
    images = map(str, sorted(IMAGES.glob("*.png")))
    small = ("pngquant", "--force", "--ext", ".png", "--strip")
    subprocess.run([*small, *images], timeout=_TIMEOUT, check=True)
    for problem in wrong:
        sys.stdout.write(f"{problem}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
