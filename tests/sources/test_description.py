"""A description is rendered as the index renders it, in a process that can be lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from archives import within

from release_guard.errors import ProgramError
from release_guard.facts import RenderingProblem
from release_guard.sources import description
from release_guard.sources.description import rendering_problem

RST = "text/x-rst"
UNKNOWN = ".. nope::\n"


def problem(text: str, content_type: str = RST) -> RenderingProblem | None:
    with within(30):
        return rendering_problem(text, content_type)


# --- what renders --------------------------------------------------------------

SOUND = {
    "a title and a text": "Demo\n====\n\nA *demonstration* of ``demo``.\n",
    "letters outside ASCII": "Demonstração 🎉\n===============\n\nÄ\n",
    "an image and a link": (
        ".. image:: https://example.org/badge.svg\n   :alt: badge\n\n"
        "See `the docs <https://example.org>`_.\n"
    ),
    "code in an unknown language": ".. code:: nope\n\n   answer = 42\n",
    "Windows line ends": "Demo\r\n====\r\n\r\ntext\r\n",
    "what is no character": "a\udcffb\0c\n",
}


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND.keys())
def test_a_sound_text_has_no_problem(text: str) -> None:
    assert problem(text) is None


@pytest.mark.parametrize("content_type", ["", RST, "text/markdown", "text/plain"])
def test_no_description_is_no_problem(content_type: str) -> None:
    assert problem("", content_type) is None


CANNOT_FAIL = {
    "Markdown": "text/markdown",
    "Markdown with a variant": "text/markdown; charset=UTF-8; variant=GFM",
    "Markdown in capitals": "TEXT/MARKDOWN",
    "plain text": "text/plain",
    "a type that is none": "nonsense",
    "an unknown type": "text/pdf",
    "almost the type": "text/rst",
    "a type over two lines": "text/x-rst;\n charset=UTF-8",
    "a type with a carriage return": "text/x-rst\r charset=UTF-8",
    "a type of no characters": "\udcff",
}


@pytest.mark.parametrize("content_type", CANNOT_FAIL.values(), ids=CANNOT_FAIL.keys())
def test_what_is_not_restructuredtext_cannot_fail(content_type: str) -> None:
    started = time.monotonic()
    for text in (UNKNOWN, " ", "<script>", "`" * 100_000):
        assert problem(text, content_type) is None
    # Nothing was started for it.
    assert time.monotonic() - started < 1


IS_RST = {
    "no type": "",
    "the type": RST,
    "a charset": "text/x-rst; charset=UTF-8",
    "other capitals": "Text/X-RST",
    "spaces around": " text/x-rst ",
    "an empty parameter": "text/x-rst;",
    "half a parameter": "text/x-rst; charset",
}


@pytest.mark.parametrize("content_type", IS_RST.values(), ids=IS_RST.keys())
def test_a_text_without_a_type_is_restructuredtext(content_type: str) -> None:
    assert problem(UNKNOWN, content_type) == RenderingProblem(
        'Unknown directive type "nope".', 1, ("1: .. nope::",)
    )


# --- what does not -------------------------------------------------------------


def test_a_problem_comes_with_its_line_and_the_lines_around_it() -> None:
    text = "Demo\n====\n\nfirst\n\n.. nope:: x\n\nlast\n\nbeyond\n"
    assert problem(text) == RenderingProblem(
        'Unknown directive type "nope".',
        6,
        ("4: first", "5: ", "6: .. nope:: x", "7: ", "8: last"),
    )


def test_the_first_problem_is_told() -> None:
    found = problem("ok\n\n.. one::\n\n.. two::\n")
    assert found is not None
    assert (found.line, found.reason) == (3, 'Unknown directive type "one".')


PROBLEMS = {
    "a role that does not exist": (":nope:`x`\n", 1, "interpreted text role"),
    "a reference to nothing": ("ok\n\nSee `x`_.\n", 3, "Unknown target name"),
    "markup without an end": ("ok\n\n*x\n", 3, "start-string without end-string"),
    "an option that does not exist": (".. image:: x\n   :nope: 1\n", 1, "image"),
    "a table that is none": (
        "===  ===\na    b\n===  ===\nabcde d\n===  ===\n",
        4,
        "Malformed table",
    ),
    "titles in no order": (
        "A\n=\n\nB\n-\n\nC\n~\n\nD\n=\n\nE\n~\n",
        13,
        "Inconsistent title style",
    ),
}


@pytest.mark.parametrize(
    ("text", "line", "reason"), PROBLEMS.values(), ids=PROBLEMS.keys()
)
def test_what_docutils_refuses_is_a_problem(text: str, line: int, reason: str) -> None:
    found = problem(text)
    assert found is not None
    assert reason in found.reason
    assert "\n" not in found.reason
    assert found.line == line
    source = text.splitlines()[line - 1]
    assert f"{line}: {source}" in found.source


EMPTY = {"spaces": "  \n\n", "a comment": ".. nobody sees this\n"}


@pytest.mark.parametrize("text", EMPTY.values(), ids=EMPTY.keys())
def test_a_text_that_renders_to_nothing_is_a_problem(text: str) -> None:
    found = problem(text)
    assert found is not None
    assert "No content rendered" in found.reason
    assert (found.line, found.source) == (0, ())


def test_a_line_that_is_too_long_is_a_problem_in_plain_words() -> None:
    found = problem("`" * 20_000 + "\n")
    assert found is not None
    assert found.reason == "Line 1 exceeds the line-length-limit."


def test_lines_are_counted_as_docutils_counts_them() -> None:
    """To docutils a form feed is a space."""
    found = problem("a\fb\n\n.. nope::\n")
    assert found is not None
    assert f"{found.line}: .. nope::" in found.source


def test_what_is_shown_is_bounded() -> None:
    long = "x" * 9_000
    found = problem(f"{long}\n\n.. {long}::\n\n{long}\n")
    assert found is not None
    assert len(found.reason) <= 300
    assert len(found.source) == 5
    assert max(map(len, found.source)) <= len("1: ") + 300


# --- nothing is inserted -------------------------------------------------------

INSERTIONS = {
    "include": ".. include:: {path}\n",
    "literal include": ".. include:: {path}\n   :literal:\n",
    "raw": ".. raw:: html\n\n   <script>alert(1)</script>\n",
    "raw of a file": ".. raw:: html\n   :file: {path}\n",
    "raw of a URL": ".. raw:: html\n   :url: file://{path}\n",
    "a table of a file": ".. csv-table:: x\n   :file: {path}\n",
    "a table of a URL": ".. csv-table:: x\n   :url: file://{path}\n",
    "a raw role": ".. role:: r(raw)\n   :format: html\n\n:r:`<script>`\n",
}


@pytest.mark.parametrize("text", INSERTIONS.values(), ids=INSERTIONS.keys())
def test_nothing_is_inserted_from_files(text: str, tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("a,secret\n\n.. revealed::\n")
    found = problem(text.format(path=path))
    assert found is not None
    assert "disabled" in found.reason or "deactivated" in found.reason
    assert "revealed" not in repr(found)


CONFIGURATION = """
[general]
file_insertion_enabled: true
raw_enabled: true
halt_level: 5
report_level: 5
"""


LENIENT = {
    "an unknown directive": UNKNOWN,
    **{name: INSERTIONS[name] for name in ("include", "raw", "a table of a file")},
}


@pytest.mark.parametrize("text", LENIENT.values(), ids=LENIENT.keys())
def test_a_configuration_of_the_working_folder_changes_nothing(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a,b\n")
    elsewhere = problem(text.format(path=secret))
    (tmp_path / "docutils.conf").write_text(CONFIGURATION)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCUTILSCONFIG", str(tmp_path / "docutils.conf"))
    assert elsewhere is not None
    assert problem(text.format(path=secret)) == elsewhere


def test_no_module_of_the_working_folder_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "readme_renderer", "docutils", "sitecustomize"):
        module = f"open({str(tmp_path / 'imported')!r}, 'w').close()\n"
        (tmp_path / f"{name}.py").write_text(module)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "json.py"))
    assert problem("Demo\n====\n\ntext\n") is None
    assert not (tmp_path / "imported").exists()


# --- what comes to no end ------------------------------------------------------


def test_a_text_that_takes_too_long_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(description, "_SECONDS", 1)
    expanding = ".. |a| replace:: x\n\n" + "\n\n".join(["|a| " * 2000] * 50)
    with within(10), pytest.raises(ProgramError, match="within 1 seconds") as raised:
        rendering_problem(expanding, RST)
    assert raised.value.hint


DEEP = {
    "quotes": "\n".join(" " * depth + "x" for depth in range(400)),
    "lists": "\n".join("  " * depth + "* x\n" for depth in range(400)),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_a_text_that_breaks_the_renderer_is_an_error(text: str) -> None:
    with within(30), pytest.raises(ProgramError, match="RecursionError"):
        rendering_problem(text, RST)


HOLDS = """
import runpy
runpy.run_module("release_guard.sources.description", run_name="__main__")
try:
    bytearray(3 << 30)
except MemoryError:
    print("held")
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="others do not hold a process to it"
)
def test_a_text_cannot_fill_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOLDS], input=b"Demo\n", capture_output=True, check=True
    )
    assert done.stdout == b"nullheld\n"


PROGRAMS = {"that says nothing": "false", "that says something else": "echo"}


@pytest.mark.parametrize("name", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_renderer_that_does_not_answer_is_an_error(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which(name))
    with pytest.raises(ProgramError, match="not rendered: exit code"):
        rendering_problem(UNKNOWN, RST)


def test_a_renderer_that_cannot_be_started_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(ProgramError, match="not rendered"):
        rendering_problem(UNKNOWN, RST)
