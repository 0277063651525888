"""A program that runs code of others is bounded, and nothing of it goes on.

What is waited for here is that a process ends: no test passes by waiting.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from archives import within

from release_guard.errors import ProgramError, UsageError
from release_guard.sources import supervisor
from release_guard.sources.supervisor import Ran, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no sessions")

_ONLY_LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="a daemon is only seen on Linux"
)


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    with within(60):
        yield


def _run(script: str, folder: Path, seconds: float = 30.0, **environ: str) -> Ran:
    command = [sys.executable, "-I", "-c", script]
    return run(command, folder=folder, environ=environ, seconds=seconds)


def _is_gone(process: int) -> bool:
    """Whether a process ends within seconds."""
    for _ in range(500):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("code", [0, 1, 7])
def test_a_program_ends_with_its_code_and_what_it_said(
    code: int, tmp_path: Path
) -> None:
    script = (
        f"import sys; print('out', flush=True); sys.stderr.write('err'); exit({code})"
    )

    assert _run(script, tmp_path) == Ran(code, "out\nerr")


def test_a_program_sees_the_environment_that_is_given_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "geheim")
    script = "import os; print(sorted(os.environ), os.getcwd(), os.read(0, 9))"

    ran = _run(script, tmp_path, GIVEN="1")

    assert "'GIVEN'" in ran.output
    assert "SECRET_TOKEN" not in ran.output
    assert f"{tmp_path} b''" in ran.output


def test_a_program_that_is_ended_by_a_signal_says_so(tmp_path: Path) -> None:
    assert _run("import os; os.kill(os.getpid(), 11)", tmp_path).code == -11


def test_a_program_that_is_not_there_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="/no/such: No such file or directory"):
        run(["/no/such"], folder=tmp_path, environ={}, seconds=5)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="No such file"):
        _run("", tmp_path / "none")


def test_a_program_without_an_end_is_ended(tmp_path: Path) -> None:
    script = "import signal, time; signal.signal(15, signal.SIG_IGN); print('a', flush="
    script += "True); time.sleep(10_000)"

    assert _run(script, tmp_path, seconds=1.0) == Ran(None, "a\n")


def test_of_an_output_without_bounds_the_end_is_kept(tmp_path: Path) -> None:
    script = "import os\nfor _ in range(1024): os.write(1, b'x' * (1 << 20))\n"
    script += "print('the end')"

    ran = _run(script, tmp_path)

    assert ran.code == 0
    assert ran.output.endswith("xthe end\n")
    assert len(ran.output) <= 64 << 10


def test_bytes_that_are_no_text_are_told_as_such(tmp_path: Path) -> None:
    script = r"import os; os.write(1, b'\xff\x1b[2J\"\0')"

    assert _run(script, tmp_path).output == '\ufffd\x1b[2J"\0'


def test_a_program_that_closes_its_output_may_go_on(tmp_path: Path) -> None:
    script = "import os, time; os.close(1); os.close(2); time.sleep(0.3); os._exit(5)"

    assert _run(script, tmp_path) == Ran(5, "")


_DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open({0!r}, "w").write(str(os.getpid()))
        os.rename({0!r}, {1!r})
        time.sleep(10_000)
    os._exit(0)
while not os.path.exists({1!r}):
    time.sleep(0.01)
print("started", flush=True)
{2}
"""


@_ONLY_LINUX
@pytest.mark.parametrize("end", ["", "time.sleep(10_000)"])
def test_a_daemon_is_ended_with_the_program(end: str, tmp_path: Path) -> None:
    draft, told = str(tmp_path / "draft"), tmp_path / "process"

    ran = _run(_DAEMON.format(draft, str(told), end), tmp_path, seconds=3.0)

    assert ran == Ran(None if end else 0, "started\n")
    assert _is_gone(int(told.read_text()))


@_ONLY_LINUX
def test_processes_that_start_others_are_all_ended(tmp_path: Path) -> None:
    script = "import os, time\nfor _ in range(6): os.fork()\nos.setsid() if os.getpid()"
    script += " != os.getpgrp() else 0\nopen(str(os.getpid()), 'w')\ntime.sleep(9999)"

    assert _run(script, tmp_path, seconds=2.0).code is None

    started = [int(path.name) for path in tmp_path.iterdir()]
    assert len(started) == 64
    assert all(map(_is_gone, started))


def test_who_ends_its_supervisor_gets_no_verdict(tmp_path: Path) -> None:
    script = "import os, time; os.kill(os.getppid(), 9); time.sleep(0.2)"

    with pytest.raises(ProgramError, match="its supervisor was ended"):
        _run(script, tmp_path)


@_ONLY_LINUX
def test_who_stops_its_supervisor_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_GRACE", 1.0)
    script = "import os, time; open('process', 'w').write(str(os.getpid()));"
    script += "os.kill(os.getppid(), 19); time.sleep(10_000)"

    with pytest.raises(ProgramError, match="its supervisor was ended"):
        _run(script, tmp_path, seconds=1.0)

    assert _is_gone(int((tmp_path / "process").read_text()))


@_ONLY_LINUX
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_program_ends_with_whoever_started_it(how: int, tmp_path: Path) -> None:
    told = tmp_path / "process"
    inner = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid()));"
    inner += f"os.rename({str(told)!r}, {f'{told}.'!r}); time.sleep(10_000)"
    # Who runs the tests in the background may have it ignored.
    outer = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    outer += (
        "import sys; from pathlib import Path; from release_guard.sources.supervisor"
    )
    outer += f" import run; run([sys.executable, '-c', {inner!r}], folder=Path("
    outer += f"{str(tmp_path)!r}), environ={{}}, seconds=1000)"
    started = subprocess.Popen(
        [sys.executable, "-c", outer], stderr=subprocess.DEVNULL, start_new_session=True
    )
    while not Path(f"{told}.").exists():
        assert started.poll() is None
        time.sleep(0.02)

    started.send_signal(how)

    started.wait(30)
    assert _is_gone(int(Path(f"{told}.").read_text()))


def test_a_file_without_bounds_is_not_written(tmp_path: Path) -> None:
    script = "f = open('large', 'wb'); f.truncate(5 << 30)"

    ran = _run(script, tmp_path)

    assert ran.code != 0
    assert "File too large" in ran.output


@_ONLY_LINUX
def test_memory_without_bounds_is_not_had(tmp_path: Path) -> None:
    """Nothing is filled: the system refuses to promise it."""
    ran = _run("import mmap; mmap.mmap(-1, 9 << 30, mmap.MAP_PRIVATE)", tmp_path)

    assert ran.code == 1
    assert "Cannot allocate memory" in ran.output


def test_a_system_without_sessions_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("release_guard.sources.supervisor.os.name", "nt")

    with pytest.raises(UsageError, match="not run on this system"):
        run(["x"], folder=tmp_path, environ={}, seconds=1)
