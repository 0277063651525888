"""What both edges share: streams that may be closed, and errors that are one line."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from release_guard.errors import ExitCode, ReleaseGuardError, SourceError
from release_guard.reports.style import Screen
from release_guard.reports.style import screen as screen_of

__all__ = ["guarded", "mention", "open_streams", "screen", "tell"]


def open_streams() -> None:
    """A name that the terminal cannot show must not end the report."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def screen(stream: TextIO | None) -> Screen:
    """How to write to a stream: a terminal, or something that programs read."""
    is_terminal, columns = False, None
    with contextlib.suppress(AttributeError, OSError, ValueError):
        is_terminal = stream.isatty()  # type: ignore[union-attr]
        columns = os.get_terminal_size(stream.fileno()).columns  # type: ignore[union-attr]
    return screen_of(
        os.environ,
        is_terminal=is_terminal,
        columns=columns,
        is_windows=os.name == "nt",
    )


def tell(text: str) -> None:
    """Write to standard output; raises where nobody can have seen it."""
    stream: TextIO | None = sys.stdout
    try:
        if stream is None:
            raise OSError("it is closed")
        stream.write(text)
        stream.flush()
    except (OSError, ValueError) as error:
        _silence(stream)
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"standard output: {reason}") from error


def mention(text: str) -> None:
    """Write to standard error; what it does not take is lost and changes nothing."""
    stream: TextIO | None = sys.stderr
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        _silence(stream)


def guarded(run: Callable[[], int], complain: Callable[[str, str], None]) -> int:
    """The exit code of ``run``; whatever goes wrong in it is one line and no pass.

    No traceback: a runner's problem matchers make annotations of them.
    """
    code, message, hint = ExitCode.UNDECIDED, "interrupted: there is no verdict", ""
    try:
        return run()
    except ReleaseGuardError as error:
        code, message, hint = error.exit_code, error.message, error.hint
    except KeyboardInterrupt:
        pass
    except BaseException as error:  # noqa: BLE001 - a SystemExit(0) is no pass either
        message, hint = _bug(error), "this is a bug: please report it with this line"
    # Whoever interrupts once more, while this is told, gets the same answer.
    with contextlib.suppress(BaseException):
        complain(message, hint)
    return code


def _bug(error: BaseException) -> str:
    """An unforeseen exception in one line, with the place that raised it."""
    place, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "release_guard" in code.co_filename:
            place = f" in {Path(code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"no verdict: {type(error).__name__}: {error}{place}"


def _silence(stream: TextIO | None) -> None:
    """Lead a broken stream nowhere: the interpreter would flush it once more at its
    end, fail again, and make the exit code 120.
    """
    with contextlib.suppress(AttributeError, OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]
        os.close(nowhere)
