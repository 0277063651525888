"""An entry of the system's keyring, by the ``keyring`` library that comes with twine.

It is asked by a process of its own, with a bound on time: a backend may wait for a
daemon that never answers (pypa/twine#1276), ask for a password at the terminal, or
write to standard output, where the report goes. The process has no terminal and can be
ended. Run as a module, this is that process: the question as JSON on standard input,
the answer as JSON on what was its standard output.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from release_guard.errors import SourceError

if TYPE_CHECKING:
    from keyring.credentials import Credential

__all__ = ["Entry", "read_entry"]

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """What the keyring holds for a service: both are secret."""

    user: str = field(repr=False)
    password: str = field(repr=False)


def read_entry(
    services: Sequence[str], environ: Mapping[str, str], *, user: str, seconds: float
) -> Entry | None:
    """The entry of the first of these services that has one, None where none has, or
    where there is no keyring on this machine.

    ``user`` may be empty, which not every backend can answer. Raises ``SourceError``
    where the keyring fails, or does not answer in time; what a backend says of it is
    left out, since it may say a password.
    """
    question = json.dumps({"services": list(services), "user": user})
    told = _ask(question.encode(), environ, seconds)
    if told is None:
        raise SourceError(f"the keyring did not answer within {seconds:g} seconds")
    try:
        answer = json.loads(told)
        failure, entry = answer["failure"], answer["entry"]
        found = None if entry is None else Entry(*map(str, entry))
    except (KeyError, TypeError, ValueError):
        raise SourceError("the keyring ended without an answer") from None
    if failure:
        raise SourceError(f"the keyring failed: {failure!s:.{_LONGEST_NAME}}")
    return found


def _ask(question: bytes, environ: Mapping[str, str], seconds: float) -> bytes | None:
    """The answer of a process of its own, None where there is none in time.

    Neither way of starting it takes modules from the working folder.
    """
    mode = "-I" if sys.flags.isolated else "-P"
    command = [sys.executable, mode, "-m", "release_guard.sources.keyring_entry"]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be started"
        raise SourceError(f"the keyring failed: {reason}") from None
    with process:
        try:
            return process.communicate(question, timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            _end(process)
            return None
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that still runs, and what it has started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


# --- in the process -------------------------------------------------------------


def _answer(services: Sequence[str], user: str) -> dict[str, object]:
    """What the keyring says: the name of an error is all that is told of a failure."""
    if importlib.util.find_spec("keyring") is None:
        return {"failure": "", "entry": None}
    try:
        entry = _entry(services, user)
    except BaseException as error:  # noqa: BLE001 - whatever a backend raises
        name = type(error).__name__
        # "There is no backend" is no failure.
        return {"failure": "" if name == "NoKeyringError" else name, "entry": None}
    return {"failure": "", "entry": entry}


def _entry(services: Sequence[str], user: str) -> tuple[str, str] | None:
    import keyring  # noqa: PLC0415 - only for this process

    for service in services:
        found = keyring.get_credential(service, user or None)
        if found is not None and found.password:
            return _user(found), found.password
    return None


def _user(found: Credential) -> str:
    """The user, empty where the credential has none and says so by raising."""
    try:
        return found.username
    except ValueError:
        return ""


def _main() -> None:
    out = os.dup(sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    question = json.loads(sys.stdin.buffer.read())
    answer = _answer(question["services"], question["user"])
    with os.fdopen(out, "w", encoding="ascii") as told:
        json.dump(answer, told)


if __name__ == "__main__":
    _main()
