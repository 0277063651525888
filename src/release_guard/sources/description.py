"""A description, rendered as the index renders it, to see whether it can be.

Only reStructuredText can fail. It is rendered by a process of its own, with a bound on
time and memory: a hostile text may ask docutils for any amount of either. Run as a
module, this is that process: the text on standard input, the problem as JSON on
standard output.
"""

from __future__ import annotations

import contextlib
import email.message
import io
import json
import os
import re
import subprocess
import sys

from release_guard.errors import ProgramError
from release_guard.facts import RenderingProblem

__all__ = ["rendering_problem"]

_RST = "text/x-rst"
_SECONDS = 60
_BYTES = 2 << 30
#: How docutils writes what it finds.
_TOLD = re.compile(r"^<string>:(\d*): \(\w+/\d\) (.*)", re.DOTALL)
#: How much is shown of a reason, and around a line.
_LONGEST, _AROUND = 300, 2


def rendering_problem(text: str, content_type: str) -> RenderingProblem | None:
    """Why the index cannot render a description, None where it can.

    Raises ``ProgramError`` where rendering itself comes to no end.
    """
    if not text or not _is_rst(content_type):
        return None
    command = [sys.executable, "-I", "-m", "release_guard.sources.description"]
    # The index writes out what its database does not take, before it renders.
    text = text.replace("\0", "\\x00")
    sent = text.encode("utf-8", "replace")
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=sent, capture_output=True, timeout=_SECONDS, check=False
        )
        told = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise ProgramError(
            f"its description was not rendered within {_SECONDS} seconds",
            hint="make the description shorter, or give it in Markdown",
        ) from None
    except OSError as error:
        raise ProgramError(f"its description was not rendered: {error}") from None
    except ValueError:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        reason = "".join(last) or f"exit code {done.returncode}"
        raise ProgramError(
            f"its description was not rendered: {reason}",
            hint="make the description simpler (nested less deeply), or use Markdown",
        ) from None
    if told is None:
        return None
    line = int(told["line"])
    return RenderingProblem(str(told["reason"]), line, _around(text, line))


def _is_rst(content_type: str) -> bool:
    """Whether a type is reStructuredText's, which it is where there is none."""
    if not content_type:
        return True
    message = email.message.EmailMessage()
    try:
        message["content-type"] = content_type
    except ValueError:
        # It has two lines: metadata-invalid speaks of it.
        return False
    return message.get_content_type() == _RST


def _around(text: str, line: int) -> tuple[str, ...]:
    """A line and its neighbours, with their numbers, counted as docutils counts."""
    lines = re.sub("[\v\f]", " ", text).splitlines()
    numbers = range(max(1, line - _AROUND), min(len(lines), line + _AROUND) + 1)
    return tuple(f"{n}: {lines[n - 1]:.{_LONGEST}}" for n in numbers) if line else ()


def _render(text: str) -> dict[str, object] | None:
    """What docutils says of a text, None where it is content."""
    from readme_renderer import rst  # noqa: PLC0415 - heavy, and only for this process

    stream = io.StringIO()
    if rst.render(text, stream=stream) is not None:
        return None
    told = stream.getvalue().strip()
    found = _TOLD.match(told)
    line, reason = (int(found[1] or 0), found[2]) if found else (0, told)
    return {"line": line, "reason": reason.partition("\n")[0][:_LONGEST]}


def _enclose() -> None:
    """Hold this process to a bound, where the system has such a thing, and docutils to
    the index's settings: it would read a ``docutils.conf`` of the folder it runs in.
    """
    os.environ["DOCUTILSCONFIG"] = ""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - there is none on Windows

        resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))


if __name__ == "__main__":
    _enclose()
    json.dump(_render(sys.stdin.buffer.read().decode("utf-8")), sys.stdout)
