"""The edge: what a terminal gets and what a pipe gets, and progress that goes on."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

import pytest
import sound

from release_guard import edge
from release_guard.findings import Advance, Look
from release_guard.live import Progress
from release_guard.reports.progress import ERASE
from release_guard.reports.style import PLAIN, Screen

# --- progress -----------------------------------------------------------------------

_LIVE = Screen(colours=True, width=40, is_live=True)
_FILE = Advance("reading file", "demo-1.0-py3-none-any.whl", 1, 2)
_SHOWN = f"{ERASE}reading file 1 of 2: demo-1.0-py3-no..."


class _Clock:
    """Seconds that pass where a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@contextlib.contextmanager
def _progress(
    to: Screen, clock: Callable[[], float], beat: float = 3600.0
) -> Iterator[tuple[Progress, list[str]]]:
    told: list[str] = []
    with Progress(to, told.append, now=clock, beat=beat) as progress:
        yield progress, told


def test_a_live_line_is_written_over_and_taken_back() -> None:
    clock = _Clock()
    with _progress(_LIVE, clock) as (progress, told):
        progress.tell(_FILE)
        assert told == []
        clock.seconds = 1.0
        progress.tell(_FILE)
        progress.tell(Advance("waiting"))
        assert told == [_SHOWN, f"{ERASE}waiting (1 s)"]
    assert told[2:] == [ERASE]


def test_a_line_is_written_again_as_time_goes_on_and_not_else() -> None:
    clock = _Clock()
    with _progress(_LIVE, clock) as (progress, told):
        progress.again()
        progress.tell(Advance("waiting"))
        for clock.seconds in (0.5, 1.0, 1.4, 2.0):
            progress.again()
        assert told == [f"{ERASE}waiting (1 s)", f"{ERASE}waiting (2 s)"]


def test_a_run_in_which_nothing_was_shown_takes_nothing_back() -> None:
    with _progress(_LIVE, _Clock()) as (progress, told):
        progress.tell(_FILE)
    assert told == []


def test_a_log_has_a_line_now_and_then_while_one_step_lasts() -> None:
    clock = _Clock()
    with _progress(PLAIN, clock) as (progress, told):
        progress.tell(Advance("waiting"))
        for clock.seconds in range(60):
            progress.again()
    assert told == ["waiting (10 s)\n", "waiting (20 s)\n", "waiting (40 s)\n"]


def test_a_log_has_each_look_once() -> None:
    look = Look(1, 0, 2, 0.0, "", 2.0)
    with _progress(PLAIN, _Clock()) as (progress, told):
        progress.tell(look)
        progress.again()
    assert told == ["look 1 after 0 s: 0 of 2 files listed, again in 2 s\n"]


def test_progress_goes_on_by_itself_while_nothing_is_told() -> None:
    written = threading.Event()

    def write(_: str) -> None:
        written.set()

    clock = _Clock()
    with Progress(_LIVE, write, now=clock, beat=0.001) as progress:
        progress.tell(_FILE)
        clock.seconds = 5.0
        assert written.wait(30)


def test_what_ends_a_job_ends_its_progress() -> None:
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt), _progress(_LIVE, _Clock()):
        raise KeyboardInterrupt
    assert threading.active_count() == before


# --- what a stream is ----------------------------------------------------------------


class _Terminal(io.StringIO):
    """A terminal without a file descriptor, as some consoles are."""

    def isatty(self) -> bool:
        return True


def _closed() -> TextIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        pytest.param(None, PLAIN, id="none at all"),
        pytest.param(_closed(), PLAIN, id="a closed one"),
        pytest.param(io.StringIO(), PLAIN, id="no terminal"),
        pytest.param(_Terminal(), Screen(True, None, True), id="of no known width"),
    ],
)
def test_a_stream_is_written_to_as_it_can(
    stream: TextIO | None, expected: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)
    assert edge.screen(stream) == expected


# --- on a terminal -------------------------------------------------------------------


_PROGRAM = (sys.executable, "-m", "release_guard")


def _on_terminal(
    folder: Path,
    *words: str,
    columns: int = 80,
    environ: Mapping[str, str] = MappingProxyType({}),
    program: Sequence[str] = _PROGRAM,
) -> tuple[int, str]:
    """The program on a terminal of so many columns: its exit code, and all it shows."""
    main_end, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [*program, *words],
        cwd=folder,
        stdin=end,
        stdout=end,
        stderr=end,
        env={"PATH": os.environ["PATH"], "TERM": "xterm"} | dict(environ),
    )
    os.close(end)
    shown = bytearray()
    # Its end is an error on Linux, and nothing elsewhere.
    with contextlib.suppress(OSError):
        while piece := os.read(main_end, 65536):
            shown += piece
    os.close(main_end)
    return process.wait(), shown.decode().replace("\r\n", "\n")


def _bare(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a development version that is refused."""
    sound.pair(tmp_path / "dist", "1.0.dev1")
    return tmp_path


def test_a_terminal_gets_colours_and_rows_that_fit(folder: Path) -> None:
    code, shown = _on_terminal(folder, "check", "--offline", columns=60)

    assert code == 1
    assert "\x1b[1;31mFAIL\x1b[0m" in shown
    rows = _bare(shown).splitlines()
    assert len(rows) > 20
    for row in rows:
        assert len(row) <= 60 or " " not in row.strip()


@pytest.mark.parametrize(
    "environ",
    [{"NO_COLOR": "1"}, {"TERM": "dumb"}],
    ids=["NO_COLOR", "a dumb terminal"],
)
def test_a_terminal_gets_no_code_where_that_is_said(
    folder: Path, environ: dict[str, str]
) -> None:
    code, shown = _on_terminal(folder, "check", "--offline", environ=environ)

    assert code == 1
    assert "release-guard check: FAIL" in shown
    assert "\x1b" not in shown


def test_a_pipe_gets_lines_that_are_whole_and_without_codes(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "release_guard", "check", "--offline"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "40"},
    )

    _, shown = _on_terminal(folder, "check", "--offline", columns=40)

    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) > 200
    told = re.sub(r"\d+\.\d s\)", "s)", done.stdout)
    assert re.sub(r"\d+\.\d s\)", "s)", _bare(shown)).split() == told.split()


@pytest.mark.parametrize("how", ["json", "github", "gitlab", "junit"])
def test_what_programs_read_has_no_codes_on_a_terminal_either(
    folder: Path, how: str
) -> None:
    words = ("check", "--offline", "--format", how)
    code, shown = _on_terminal(folder, *words, environ={"FORCE_COLOR": "1"})

    assert code == 1
    assert "version-kind" in shown
    assert "\x1b" not in shown


def test_a_report_in_a_file_has_no_codes(folder: Path) -> None:
    words = ("check", "--offline", "--output", "report.txt")
    _on_terminal(folder, *words, environ={"FORCE_COLOR": "1"})

    report = (folder / "report.txt").read_text("utf-8")
    assert report.startswith("release-guard check: FAIL - demo 1.0.dev1 for pypi")
    assert "\x1b" not in report


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("chek", "there is no command 'chek'\n  did you mean 'check'? the commands"),
        ("check --ofline", "has no option '--ofline'\n  did you mean '--offline'?"),
        ("check --timeout 5", "has no option '--timeout'\n  it is one of verify;"),
        ("verify m.json x", "verify has no argument 'x'\n  see release-guard verify"),
        ("check --index pipy", "known: pypi, testpypi\n  did you mean 'pypi'?"),
        ("rules missing_sdist", "no rule 'missing_sdist'\n  did you mean 'missing-"),
    ],
)
def test_a_slip_of_the_finger_is_told_with_what_was_meant(
    folder: Path, words: str, says: str
) -> None:
    code, shown = _on_terminal(folder, *words.split())

    assert code == 2
    assert says in shown


_STEPS = """
import sys
from release_guard import edge
from release_guard.findings import Advance
from release_guard.live import Progress
times = iter([0.0, 5.0])
with Progress(edge.screen(sys.stderr), now=lambda: next(times), beat=60) as told:
    told.tell(Advance("reading file", "a-very-long-name-of-a-wheel.whl", 1, 2, 5))
edge.tell("the report\\n")
"""


def test_progress_is_shown_on_a_terminal_and_is_gone_in_the_end(folder: Path) -> None:
    script = (sys.executable, "-c", _STEPS)
    code, shown = _on_terminal(folder, columns=45, program=script)

    step = "reading file 1 of 2: a-very-long-name-of-..."
    assert (code, shown) == (0, f"{ERASE}{step}{ERASE}the report\n")
