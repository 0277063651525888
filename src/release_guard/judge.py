"""The pure core: subjects and rules in, findings and what did not run out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from itertools import chain
from operator import itemgetter

from release_guard.facts import Missing, Subject
from release_guard.findings import Finding, NotRun, Severity, Waived, Waiver, WaiverUse
from release_guard.policy import Policy
from release_guard.rules.base import AnyRule

__all__ = ["Judgement", "join", "judge"]

_IGNORED = "the policy ignores it"
_ORDER = {severity: number for number, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules said; ``ran`` are the rules that met at least one subject."""

    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    not_run: tuple[NotRun, ...]
    ran: tuple[str, ...]


def judge(
    subjects: Sequence[Subject],
    *,
    rules: Sequence[AnyRule],
    policy: Policy,
    missing: Sequence[Missing] = (),
    today: date,
) -> Judgement:
    """Run each rule on each subject of its type.

    ``missing`` tells why subjects are not there. A rule without a subject and without
    a reason is an open question: the verdict would rest on nothing.
    """
    policy = replace(policy, today=today)
    findings: list[Finding] = []
    not_run: list[NotRun] = []
    ran: list[str] = []
    for rule in rules:
        if rule.subject is WaiverUse:
            continue
        if rule.id in policy.ignored:
            not_run.append(NotRun(rule.id, _IGNORED, needed=False))
            # To ignore a rule is not to ignore that its facts were not read.
            reasons = _reasons(rule, missing, policy, found=True)
            not_run += [reason for reason in reasons if reason.needed]
            continue
        mine = [subject for subject in subjects if isinstance(subject, rule.subject)]
        for subject in mine:
            findings += rule.findings(subject, policy)
        if mine:
            ran.append(rule.id)
        not_run += _reasons(rule, missing, policy, found=bool(mine))
    kept, waived = _waive(_mark_first(findings), policy.waivers, today)
    judged = Judgement(tuple(kept), tuple(waived), tuple(not_run), tuple(ran))
    return join([judged], rules=rules, policy=policy, today=today)


def join(
    judgements: Sequence[Judgement],
    *,
    rules: Sequence[AnyRule],
    policy: Policy,
    today: date,
) -> Judgement:
    """Judgements of several things by the same policy, as one.

    Whether a waiver matched anything is only known of all of them: the rules of waivers
    are run here.
    """
    policy = replace(policy, today=today)
    kept = [finding for judged in judgements for finding in judged.findings]
    waived = [item for judged in judgements for item in judged.waived]
    not_run = list(dict.fromkeys(chain(*(judged.not_run for judged in judgements))))
    ran = tuple(dict.fromkeys(chain(*(judged.ran for judged in judgements))))
    findings = [*kept, *(item.finding for item in waived)]
    uses = _uses(findings, policy.waivers, ran=ran, today=today)
    of_waivers = [rule for rule in rules if rule.subject is WaiverUse]
    ignored = [rule.id for rule in of_waivers if rule.id in policy.ignored]
    not_run += [NotRun(rule_id, _IGNORED, needed=False) for rule_id in ignored]
    of_waivers = [rule for rule in of_waivers if rule.id not in ignored]
    told = [
        f for rule in of_waivers for use in uses for f in rule.findings(use, policy)
    ]
    # A waiver of one of these rules is used, or not, in its turn.
    uses = _uses(
        told, policy.waivers, ran=[rule.id for rule in of_waivers], today=today
    )
    told += [
        f for rule in of_waivers for use in uses for f in rule.findings(use, policy)
    ]
    more_kept, more_waived = _waive(told, policy.waivers, today)
    kept += more_kept
    waived += more_waived
    places = {rule.id: place for place, rule in enumerate((*rules, *of_waivers))}
    kept.sort(key=lambda f: (_ORDER[f.severity], places[f.rule]))
    return Judgement(tuple(kept), tuple(waived), tuple(not_run), ran)


def _mark_first(findings: Sequence[Finding]) -> list[Finding]:
    """Mark, for each file, what the index comes to first: it says nothing else.

    A waiver, or a lighter severity, is nothing to the index.
    """
    refused = [(f.refusal.place, f) for f in findings if f.refusal is not None]
    first: dict[str, Finding] = {}
    for _, finding in sorted(refused, key=itemgetter(0)):
        for file in finding.files or (finding.subject,):
            first.setdefault(file, finding)
    marked = {id(finding) for finding in first.values()}
    return [replace(f, first=True) if id(f) in marked else f for f in findings]


def _reasons(
    rule: AnyRule, missing: Iterable[Missing], policy: Policy, *, found: bool
) -> list[NotRun]:
    """Why the rule did not run, or not on everything; each reason once. A rule of a
    later edition than the policy's is no condition of a pass.
    """
    binds = not rule.is_later(policy)
    mine = (item for item in missing if item.subject is rule.subject)
    reasons = {
        NotRun(rule.id, m.reason, m.needed and binds, m.hint): None for m in mine
    }
    if not found and not reasons:
        return [NotRun(rule.id, "there is nothing that it could judge", needed=binds)]
    return list(reasons)


def _waive(
    findings: Iterable[Finding], waivers: Sequence[Waiver], today: date
) -> tuple[list[Finding], list[Waived]]:
    valid = [waiver for waiver in waivers if not _expired(waiver, today)]
    kept: list[Finding] = []
    waived: list[Waived] = []
    for finding in findings:
        waiver = next((w for w in valid if _matches(w, finding)), None)
        if waiver is None:
            kept.append(finding)
        else:
            waived.append(Waived(finding, waiver))
    return kept, waived


def _uses(
    findings: Sequence[Finding],
    waivers: Sequence[Waiver],
    *,
    ran: Sequence[str],
    today: date,
) -> list[WaiverUse]:
    """How the waivers were used: those of rules that ran, as of others nobody can say
    anything. One that matches what an earlier one let pass is used as well.
    """
    return [
        WaiverUse(
            waiver,
            sum(_matches(waiver, finding) for finding in findings),
            _expired(waiver, today),
        )
        for waiver in waivers
        if waiver.rule in ran
    ]


def _matches(waiver: Waiver, finding: Finding) -> bool:
    return waiver.rule == finding.rule and fnmatchcase(finding.subject, waiver.match)


def _expired(waiver: Waiver, today: date) -> bool:
    return waiver.until is not None and waiver.until < today
