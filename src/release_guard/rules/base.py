"""What a rule is: a generator over one subject, stamped with its own name."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from release_guard.findings import Finding, Severity, Violation
from release_guard.policy import EDITIONS, Policy

__all__ = ["Labelled", "Rule", "docs_url", "rule"]

#: Where the page of each rule lies; a finding names its own.
DOCS = "https://github.com/org/release-guard/blob/v1/docs/rules/"


#: What one rule says of one file in one severity: an archive could make millions.
_MOST = 1_000


class Labelled(Protocol):
    """What every subject has: a name for the reports."""

    @property
    def label(self) -> str:
        """How reports call it."""


S = TypeVar("S", bound=Labelled)
Check = Callable[[S, Policy], Iterator[Violation]]


def docs_url(rule_id: str) -> str:
    """The address of a rule's docs page."""
    return f"{DOCS}{rule_id}.md"


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """One rule: identity and docs page come from the function, never typed twice.

    ``upload_rules`` are the rows of PyPI's rulebook that it decides, ``edition`` is the
    one in which it came.
    """

    id: str
    subject: type[S]
    severity: Severity
    page: str
    check: Check[S]
    upload_rules: tuple[str, ...] = ()
    edition: int = EDITIONS[0]

    def is_later(self, policy: Policy) -> bool:
        """Whether it came after the edition that the policy agrees to, and the policy
        does not name it: an update must never block a release by surprise.
        """
        return self.edition > policy.edition and self.id not in policy.severities

    @property
    def summary(self) -> str:
        """The first line of the docs page."""
        return self.page.partition("\n")[0]

    def findings(self, subject: S, policy: Policy) -> Iterator[Finding]:
        """Judge one subject; the policy's severity outranks the rule's own.

        Of very many alike, only the first are told. What weighs more, or is about
        another file, is never left out for them: the verdict, or a waiver, may differ.
        """
        told: Counter[tuple[Severity, str]] = Counter()
        for violation in self.check(subject, policy):
            finding = self._finding(violation, subject, policy)
            alike = finding.severity, finding.subject
            told[alike] += 1
            if told[alike] <= _MOST:
                yield finding
            elif told[alike] == _MOST + 1:
                more = f"and more of this: only {_MOST} are told"
                yield replace(finding, message=more)

    def _finding(self, violation: Violation, subject: S, policy: Policy) -> Finding:
        """A violation, stamped with the rule's identity."""
        wanted = policy.severities.get(self.id)
        severity = self._weigh(violation.severity, wanted)
        if self.is_later(policy):
            severity = _lighter(severity, policy)
        return Finding(
            rule=self.id,
            severity=severity,
            subject=violation.where or subject.label,
            message=violation.message,
            fix=violation.fix,
            docs=docs_url(self.id),
            evidence=violation.evidence,
            refusal=violation.refusal if policy.on_pypi else None,
            files=violation.files,
        )

    def _weigh(self, said: Severity | None, wanted: Severity | None) -> Severity:
        """What a case weighs that the rule ``said`` weighs otherwise, where the policy
        ``wanted`` another weight for the rule. "Nothing to do" stays a notice.
        """
        if wanted is None or said is Severity.NOTICE:
            return said or self.severity
        return wanted


def _lighter(severity: Severity, policy: Policy) -> Severity:
    """What a finding of a later edition weighs: never enough to block."""
    if severity is Severity.NOTICE or policy.strict:
        return Severity.NOTICE
    return Severity.WARNING


def rule(
    subject: type[S],
    *,
    severity: Severity,
    upload_rules: Sequence[str] = (),
    edition: int = EDITIONS[0],
) -> Callable[[Check[S]], Rule[S]]:
    """Make a rule of a generator function: its name is the identifier, its docstring
    the docs page. Returns a value and registers nothing; the catalogue lists it.
    """

    def stamp(check: Check[S]) -> Rule[S]:
        name: str = check.__name__
        return Rule(
            id=name.replace("_", "-"),
            subject=subject,
            severity=severity,
            page=inspect.cleandoc(check.__doc__ or ""),
            check=check,
            upload_rules=tuple(upload_rules),
            edition=edition,
        )

    return stamp


AnyRule = Rule[Any]
