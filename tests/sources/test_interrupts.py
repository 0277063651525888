"""Signals that end a job, and what is ended in order then."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from release_guard.sources.interrupts import one_interrupt

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

_SCRIPT = """\
import os, signal
from release_guard.sources.interrupts import one_interrupt
# Who runs the tests in the background may have these ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
try:
    with one_interrupt():
        try:
            {first}
        finally:
            {second}
            print("ended in order", flush=True)
except KeyboardInterrupt:
    print("interrupted")
"""


def _sent(name: str) -> str:
    return f"os.kill(os.getpid(), signal.{name})"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("then", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_what_was_started_is_ended_in_order(name: str, then: str) -> None:
    script = _SCRIPT.format(first=_sent(name), second=_sent(then))

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert done.stdout.splitlines() == ["ended in order", "interrupted"], done.stderr


def test_afterwards_all_is_as_it_was() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with one_interrupt():
        assert signal.getsignal(signal.SIGTERM) != before

    assert signal.getsignal(signal.SIGTERM) == before


def test_what_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with one_interrupt():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_another_thread_changes_nothing() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def look() -> None:
        with one_interrupt():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [before]
