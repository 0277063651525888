"""The command line without what only POSIX systems have, as on Windows: it is taken
from Python before release-guard is loaded. CI runs this on Windows itself as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import projects
import pytest

#: What Python has on POSIX alone (the library's reference, "Availability: Unix"), and
#: the standard library's own modules no longer ask for once they are loaded.
_POISON = """
import sys
import concurrent.futures, email, http.client, inspect, logging, pathlib, selectors
import shutil, signal, socket, ssl, subprocess, tempfile, threading, zipfile, tarfile
import os

for name in (
    "geteuid getuid getegid getgid setuid setgid setgroups getgroups fork forkpty "
    "killpg getpgid setpgid setsid chown lchown fchown fchmod mkfifo mknod chroot "
    "uname statvfs sysconf nice getloadavg sched_getaffinity set_blocking environb "
    "O_NONBLOCK O_NOFOLLOW O_DIRECTORY O_NOCTTY O_CLOEXEC O_SYNC openpty ttyname "
    "getpriority posix_spawn pread pwrite readv writev sendfile"
).split():
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGCONT", "SIGSTOP", "SIGALRM", "SIGPIPE", "alarm"):
    if hasattr(signal, name):
        delattr(signal, name)
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog"):
    sys.modules[name] = None

from release_guard.cli import main

sys.exit(main(sys.argv[1:]))
"""


def _run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environ = {
        name: value
        for name, value in os.environ.items()
        # Neither this run's CI nor an index is to be seen.
        if name in {"PATH", "SYSTEMROOT", "TEMP", "TMP", "HOME", "USERPROFILE"}
    }
    return subprocess.run(
        [sys.executable, "-I", "-c", _POISON, *map(str, words)],
        cwd=cwd,
        env=environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module", name="dist")
def _dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.build(projects.BACKENDS["flit"], tmp_path_factory.mktemp("demo"))


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["rules"]])
def test_it_starts(words: list[str], tmp_path: Path) -> None:
    done = _run(*words, cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_check_passes_and_is_compared_again(dist: Path, tmp_path: Path) -> None:
    check = ["check", "--offline", "--index", "testpypi", "--no-progress"]

    checked = _run(*check, "--format", "json", dist, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert json.loads(checked.stdout)["verdict"] == "pass"
    assert len(json.loads(checked.stdout)["files"]) == 2

    again = _run(*check, "--against", "release-manifest.json", dist, cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr


def test_what_must_not_pass_does_not(dist: Path, tmp_path: Path) -> None:
    altered = tmp_path / "dist"
    altered.mkdir()
    (wheel,) = dist.glob("*.whl")
    (altered / wheel.name).write_bytes(wheel.read_bytes()[:-1])

    assert _run("check", "--offline", altered, cwd=tmp_path).returncode == 1
    assert _run("check", "--offline", "nowhere", cwd=tmp_path).returncode == 3
    assert _run("check", "--frob", cwd=tmp_path).returncode == 2


def test_a_report_is_written_to_a_file_and_to_a_device(
    dist: Path, tmp_path: Path
) -> None:
    check = ["check", "--offline", "--index", "testpypi", "--format", "json", str(dist)]

    for place in (tmp_path / "report.json", os.devnull):
        done = _run(*check, "--output", place, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (
        json.loads((tmp_path / "report.json").read_text("utf-8"))["verdict"] == "pass"
    )
