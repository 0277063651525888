"""An interrupt lets what was started be ended, however it comes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["one_interrupt"]

#: What ends a job: a key, a CI system or ``timeout``, a terminal that is closed.
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def one_interrupt() -> Iterator[None]:
    """In here each of these signals is a ``KeyboardInterrupt``, and only the first: CI
    systems send a second one while what was started is still being ended.

    What is ignored stays so, and outside of the main thread nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted = False

    def interrupt(*_: object) -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    changed = [n for n, handler in before.items() if handler != signal.SIG_IGN]
    try:
        for number in changed:
            signal.signal(number, interrupt)
        yield
    finally:
        for number in changed:
            signal.signal(number, before[number])
