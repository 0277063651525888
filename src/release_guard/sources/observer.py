"""What looks at members while an archive is read, so that it is read once.

An observer says how much of a member it needs, and is given that much. What it finds
is a fact; it judges nothing, keeps no contents, and raises nothing: a member that it
cannot read is one of which it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

__all__ = ["Observer", "needed", "show"]


class Observer(Protocol):
    """Looks at the content of files, each as it is read."""

    def wants(self, path: str, size: int) -> int:
        """How many bytes of a file's begin it needs, 0 for none; ``size`` is what the
        archive says, in bytes, and may be a lie.
        """

    def see(self, path: str, content: bytes, size: int) -> None:
        """Look at a file that it wants: ``content`` is as much as it asked for, or
        more, and all there is where it is ``size`` bytes long.
        """


def needed(observers: Sequence[Observer], path: str, size: int) -> int:
    """How many bytes of a file any of the observers needs."""
    return max((observer.wants(path, size) for observer in observers), default=0)


def show(
    observers: Sequence[Observer], path: str, content: bytes, *, said: int, size: int
) -> None:
    """Show a file to those who want it, by the size that was ``said``; ``size`` is what
    came out.
    """
    for observer in observers:
        if observer.wants(path, said):
            observer.see(path, content, size)
