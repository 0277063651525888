"""The line of progress while a job runs, for both edges."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from release_guard.edge import mention
from release_guard.findings import Advance, Look
from release_guard.reports.progress import ERASE, Pace, fitted, line
from release_guard.reports.style import Screen

__all__ = ["Progress"]


class Progress:
    """The line of progress, as long as the block lasts: on a terminal it is written
    over again and again, and in the end taken back; a log gets few lines.

    A thread writes what is going on while nothing new is told, so that a long step does
    not look like none. ``beat`` is how often, in seconds.
    """

    def __init__(
        self,
        to: Screen,
        write: Callable[[str], None] = mention,
        *,
        now: Callable[[], float] = time.monotonic,
        beat: float = 0.5,
    ) -> None:
        self._to = to
        self._write = write
        self._now = now
        self._beat = beat
        self._pace = Pace.of(is_live=to.is_live)
        self._step: Look | Advance | None = None
        self._shown = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_on, daemon=True)

    def __enter__(self) -> Self:
        self._began = self._now()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        if self._shown:
            self._write(ERASE)

    def tell(self, step: Look | Advance) -> None:
        """Say what is done now; whether it is shown is a matter of time."""
        with self._lock:
            self._step = step
            self._show(step)

    def again(self) -> None:
        """Show once more what is done, for how long by now; of a log, no look twice."""
        with self._lock:
            if self._step and (self._to.is_live or isinstance(self._step, Advance)):
                self._show(self._step)

    def _keep_on(self) -> None:
        while not self._over.wait(self._beat):
            self.again()

    def _show(self, step: Look | Advance) -> None:
        elapsed = self._now() - self._began
        if not self._pace.is_due(step, elapsed):
            return
        self._pace = self._pace.after(step, elapsed)
        told = line(step, elapsed)
        if not self._to.is_live:
            self._write(f"{told}\n")
        elif told != self._shown:
            self._write(f"{ERASE}{fitted(told, self._to.width)}")
            self._shown = told
