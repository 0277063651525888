"""What the rules say of the facts, and the report that holds it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from release_guard.comparison import DiffLine
from release_guard.errors import ExitCode
from release_guard.facts import ExpectedRelease
from release_guard.matrix import Matrix
from release_guard.rulebook import Refusal
from release_guard.states import Published

__all__ = [
    "Advance",
    "Audited",
    "Evidence",
    "Finding",
    "Look",
    "NextStep",
    "NotRun",
    "OpenQuestion",
    "Report",
    "Severity",
    "Step",
    "Verdict",
    "Violation",
    "Waived",
    "Waiver",
    "WaiverUse",
    "by_reason",
    "some",
]

Evidence = Mapping[str, str | int | tuple[str, ...] | None]


class Severity(StrEnum):
    """How much a finding weighs; only an error blocks, or a warning if strict."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Verdict(StrEnum):
    """The answer to "may this release go out", or "did it arrive"."""

    PASS = "pass"  # noqa: S105 - no secret
    FAIL = "fail"
    UNDECIDED = "undecided"


def some(names: Sequence[str], most: int = 5, between: str = ", ") -> str:
    """The first of the names, and how many more there are: a message is no list."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return between.join(names[:most]) + more


@dataclass(frozen=True, slots=True)
class Violation:
    """What a rule yields: what is wrong, and what to do next.

    ``where`` names the file or release, by default the subject's label. ``severity``
    is set only where a rule weighs one case otherwise than its default, ``refusal``
    where PyPI refuses the upload for it, ``files`` where that is the upload of other
    files than ``where``.
    """

    message: str
    fix: str = ""
    where: str = ""
    severity: Severity | None = None
    evidence: Evidence = field(default_factory=dict)
    refusal: Refusal | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation with the identity of its rule, stamped by the engine.

    ``refusal`` is set where the index refuses the upload for it (of ``files``, or else
    of the subject), and ``first`` where that is all that the index would say of a file.
    """

    rule: str
    severity: Severity
    subject: str
    message: str
    fix: str
    docs: str
    evidence: Evidence = field(default_factory=dict)
    refusal: Refusal | None = None
    first: bool = False
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that the policy lets pass, with the reason and perhaps a last day."""

    rule: str
    match: str
    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """A waiver after the judgement: did it match anything, and had it expired?"""

    waiver: Waiver
    matched: int
    expired: bool

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"waiver of {self.waiver.rule} for {self.waiver.match!r}"


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding that a waiver let pass. It is printed every time."""

    finding: Finding
    waiver: Waiver


@dataclass(frozen=True, slots=True)
class NotRun:
    """A rule that did not run, and why.

    ``needed`` says that without it there is no verdict; ``hint`` what to do.
    """

    rule: str
    reason: str
    needed: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Why something was not judged, what to do about it, and which rules did not run
    for it: none, where it ended the job.
    """

    reason: str
    hint: str = ""
    rules: tuple[str, ...] = ()


def by_reason(not_run: Iterable[NotRun]) -> tuple[OpenQuestion, ...]:
    """What was not judged, each reason once, in the order in which they come up."""
    rules: dict[tuple[str, str], list[str]] = {}
    for item in not_run:
        rules.setdefault((item.reason, item.hint), []).append(item.rule)
    return tuple(OpenQuestion(*why, tuple(names)) for why, names in rules.items())


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next in words, and the commands for a shell that do it."""

    says: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the derivation of a version: what it is about, and what it says."""

    what: str
    says: str


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the index, for the progress line. Times are in seconds; ``trouble``
    is what it ended in, or what is still waited for.
    """

    number: int
    listed: int
    expected: int
    elapsed: float
    trouble: str
    pause: float


@dataclass(frozen=True, slots=True)
class Advance:
    """One step of a long job, for the progress line: ``doing`` says what is done, and
    ``name`` with what. ``number`` and ``of`` count the steps, and are 0 where nobody
    knows how many there are; ``size`` is how many bytes were read in those before.
    """

    doing: str
    name: str = ""
    number: int = 0
    of: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Audited:
    """One project of an audit: how much there was to compare, what came of it, and
    where its tags were looked for; the numbers are 0 where it could not be read.
    """

    project: str
    versions: int
    files: int
    tags: int
    errors: int
    warnings: int
    notices: int
    verdict: Verdict
    tags_from: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a job has to say.

    ``examined`` are the labels of what was judged, ``rules`` the number of rules that
    ran and ``ran`` their names, ``derivation`` how the version came about, ``elapsed``
    seconds. ``published`` is what became of each release, ``diff`` what moved on the
    index, and ``next_steps`` what to do about it; ``audited`` are the projects of an
    audit, and ``matrices`` the wheels of each release that has some for a platform.
    ``policy`` names the policy file, empty for the defaults, and ``manifest`` the one
    that was written. ``error`` is set where the job ended before a verdict.
    """

    command: str
    index: str
    releases: tuple[ExpectedRelease, ...] = ()
    examined: tuple[str, ...] = ()
    rules: int = 0
    ran: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    waived: tuple[Waived, ...] = ()
    not_run: tuple[NotRun, ...] = ()
    to_upload: tuple[str, ...] | None = None
    derivation: tuple[Step, ...] = ()
    published: tuple[Published, ...] = ()
    diff: tuple[DiffLine, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    audited: tuple[Audited, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    policy: str = ""
    manifest: str = ""
    strict: bool = False
    elapsed: float = 0.0
    error: str = ""
    hint: str = ""

    @property
    def blocking(self) -> frozenset[Severity]:
        """The severities that keep a release back."""
        errors = frozenset({Severity.ERROR})
        return errors | {Severity.WARNING} if self.strict else errors

    @property
    def is_blocked(self) -> bool:
        """Whether a finding keeps the release back."""
        return any(finding.severity in self.blocking for finding in self.findings)

    @property
    def open_questions(self) -> tuple[OpenQuestion, ...]:
        """Why there is no verdict, or would be none without what was found: the error
        that ended the job, what was needed and not read, or that nothing was judged.
        """
        ended = (OpenQuestion(self.error, self.hint),) if self.error else ()
        questions = (*ended, *by_reason(item for item in self.not_run if item.needed))
        is_empty = not self.examined or not self.rules
        if is_empty and not questions and not self.is_blocked:
            return (OpenQuestion("nothing was judged"),)
        return questions

    @property
    def verdict(self) -> Verdict:
        """A certain error outranks an open question; nothing examined is no pass."""
        if self.is_blocked:
            return Verdict.FAIL
        return Verdict.UNDECIDED if self.open_questions else Verdict.PASS

    @property
    def exit_code(self) -> ExitCode:
        """The process's exit code: the verdict, whatever the format."""
        return _EXIT_CODES[self.verdict]


_EXIT_CODES = {
    Verdict.PASS: ExitCode.PASSED,
    Verdict.FAIL: ExitCode.FINDINGS,
    Verdict.UNDECIDED: ExitCode.UNDECIDED,
}
