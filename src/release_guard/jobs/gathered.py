"""The facts of a job as they are gathered, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from release_guard.facts import Missing, Subject

__all__ = ["Gathered"]


@dataclass(slots=True)
class Gathered:
    """The facts as they are gathered."""

    subjects: list[Subject] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    def lack(
        self, subject: type[Subject], reason: str, *, needed: bool, hint: str = ""
    ) -> None:
        """Note a subject that could not be built."""
        self.missing.append(Missing(subject, reason, needed, hint))

    def lack_all(
        self,
        subjects: Iterable[type[Subject]],
        reason: str,
        *,
        needed: bool,
        hint: str = "",
    ) -> None:
        """Note several subjects that could not be built for one reason."""
        for subject in subjects:
            self.lack(subject, reason, needed=needed, hint=hint)
