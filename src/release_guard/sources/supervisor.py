"""A program that runs code of others: bounded, and ended with all that it started.

Run as a module, this is a process that stands between release-guard and the program. It
takes in whatever the program leaves behind, daemons too, and ends it: when the program
ends, when its time is up, and when release-guard itself is gone, which it sees by its
standard input. This is no sandbox: what runs there runs with the user's own rights.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release_guard.errors import ProgramError, UsageError

__all__ = ["Ran", "run"]

#: How much of the output is kept: its end, in bytes.
_TAIL = 64 << 10
#: The largest file that a program may write, and the most memory that each of its
#: processes may fill, in bytes: pip keeps all that a build prints.
_LARGEST_FILE, _MOST_MEMORY = 4 << 30, 8 << 30
#: How often a program is looked after, how long it may take to end all that it left,
#: and how much longer its supervisor may take; in seconds.
_PAUSE, _ENDING, _GRACE = 0.05, 10.0, 20.0
_CHUNK = 64 << 10
#: What a supervisor may have to tell: the tail as JSON, each byte as an escape.
_MOST_TOLD = 8 * _TAIL


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended: its exit code (below zero: by a signal), None where its time
    was up, and the end of its output.
    """

    code: int | None
    output: str


def run(
    command: Sequence[str], *, folder: Path, environ: Mapping[str, str], seconds: float
) -> Ran:
    """Run a program in a folder, with this environment and no other.

    Nothing that it started goes on when this returns, or raises: on Linux nothing at
    all, elsewhere nothing that did not leave its session. Raises ``ProgramError`` where
    it cannot be started, or not be ended, and ``UsageError`` on a system without
    sessions.
    """
    if os.name != "posix":
        raise UsageError(
            "code of distributions is not run on this system, where what it starts "
            "could go on",
            hint="use --build and --install on Linux or macOS",
        )
    own = [sys.executable, "-I", "-m", __name__, str(seconds), *command]
    try:
        between = subprocess.Popen(  # noqa: S603 - our own module
            own,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # An interrupt is ours to handle, and then to hand on.
            start_new_session=True,
        )
    except OSError as error:
        raise ProgramError(f"{command[0]}: {error.strerror or error}") from error
    try:
        told = _told(between, seconds + _GRACE)
    finally:
        _release(between)
    return _read(told, command[0])


def _told(between: subprocess.Popen[bytes], seconds: float) -> bytes:
    """What the supervisor says at its end, or less where it does not end in time."""
    assert between.stdout is not None  # noqa: S101 - it was asked for
    ends, told = time.monotonic() + seconds, b""
    with selectors.DefaultSelector() as selector:
        selector.register(between.stdout, selectors.EVENT_READ)
        while (left := ends - time.monotonic()) > 0 and len(told) < _MOST_TOLD:
            if selector.select(left):
                chunk = os.read(between.stdout.fileno(), _CHUNK)
                if not chunk:
                    break
                told += chunk
    return told


def _release(between: subprocess.Popen[bytes]) -> None:
    """End the supervisor: it ends the rest when its input does."""
    for stream in (between.stdin, between.stdout):
        if stream is not None:
            stream.close()
    # What it looks after may have stopped it.
    between.send_signal(signal.SIGCONT)
    try:
        between.wait(_GRACE)
    except subprocess.TimeoutExpired:
        between.kill()
        between.wait()


def _read(told: bytes, program: str) -> Ran:
    """What the supervisor said; it may have been ended by what it looked after."""
    try:
        said = json.loads(told)
        if "unstarted" in said:
            raise ProgramError(f"{program}: {said['unstarted']}")
        code, output, left = said["code"], str(said["output"]), bool(said["left"])
    except (ValueError, TypeError, KeyError):
        raise ProgramError(
            f"{program}: its supervisor was ended, and what it started may go on"
        ) from None
    if left:
        raise ProgramError(f"{program}: what it started could not be ended")
    return Ran(code if isinstance(code, int) else None, output)


# --- the process in between --------------------------------------------------------


def _supervise(seconds: float, command: Sequence[str]) -> dict[str, object]:
    """Run the program, and end what is left of it."""
    _adopt_orphans()
    _limit()
    ends = time.monotonic() + seconds
    try:
        program = subprocess.Popen(  # noqa: S603 - what was asked for
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return {"unstarted": error.strerror or str(error)}
    assert program.stdout is not None  # noqa: S101 - it was asked for
    tail = _Tail(program.stdout.fileno())
    code = None
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        selector.register(tail.source, selectors.EVENT_READ)
        while code is None and time.monotonic() < ends:
            ready = {key.fd for key, _ in selector.select(_PAUSE)}
            if sys.stdin.fileno() in ready:
                break  # nobody speaks here: release-guard is gone
            if tail.source in ready and not tail.take():
                # It has closed its output, and may go on.
                selector.unregister(tail.source)
            code = program.poll()
    left = not _end_all(program.pid)
    tail.take()
    return {"code": code, "output": tail.text, "left": left}


class _Tail:
    """The end of an output, which may be of any length."""

    def __init__(self, source: int) -> None:
        os.set_blocking(source, False)
        self.source = source
        self._kept = bytearray()

    def take(self) -> bool:
        """Read what is there, and keep the end; whether more may come."""
        try:
            chunk = os.read(self.source, _CHUNK)
        except BlockingIOError:
            return True
        self._kept += chunk
        del self._kept[:-_TAIL]
        return bool(chunk)

    @property
    def text(self) -> str:
        """What was kept."""
        return self._kept.decode("utf-8", "replace")


def _adopt_orphans() -> None:
    """On Linux, become the parent of every process below whose own parent ends: a
    daemon leaves its group and its session, but not this.
    """
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes  # noqa: PLC0415 - only for this process

        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def _limit() -> None:
    """Bound what is filled, memory and disk, as far as the system lets us."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - there is none on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))


def _end_all(group: int) -> bool:
    """End all that is left below this process; whether nothing is."""
    ends = time.monotonic() + _ENDING
    while time.monotonic() < ends:
        if sys.platform != "linux":
            # The best there is: nobody tells of daemons.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        for process in _descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        time.sleep(_PAUSE / 5)
    return False


def _descendants(of: int) -> Iterator[int]:
    """The processes below one, where the system tells of them in ``/proc``."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            # Its name, in brackets, may hold anything; state and parent follow.
            parent = int(entry.read_bytes().rpartition(b")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.parent.name))
    found = children.get(of, [])
    while found:
        yield from found
        found = [child for one in found for child in children.get(one, [])]


if __name__ == "__main__":
    json.dump(_supervise(float(sys.argv[1]), sys.argv[2:]), sys.stdout)
