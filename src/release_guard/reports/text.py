"""The report for a terminal or a log: the verdict, what to do, what was not judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from release_guard.findings import Finding, NotRun, Report, Severity, Verdict
from release_guard.reports import audited, matrix
from release_guard.reports.escape import log, visible

__all__ = ["headline", "render", "subjects", "upload_rule"]

#: How many findings of one cause are told one by one.
_MOST = 60
_WORDS = {Verdict.PASS: "PASS", Verdict.FAIL: "FAIL", Verdict.UNDECIDED: "UNDECIDED"}


def render(report: Report) -> str:
    """The whole report, with a line end."""
    sections = [
        [headline(report)],
        list(_error(report)),
        list(_audited(report)),
        list(_findings(report.findings)),
        list(_waived(report)),
        *(list(matrix.text(picture)) for picture in report.matrices),
        list(_published(report)),
        list(_diff(report)),
        list(_next_steps(report)),
        list(_derivation(report)),
        list(_not_run(report.not_run)),
        list(_files(report)),
    ]
    text = "\n\n".join("\n".join(lines) for lines in sections if lines)
    return log(text) + "\n"


def headline(report: Report) -> str:
    """The verdict in one line."""
    said = f"release-guard {report.command}: {_WORDS[report.verdict]}"
    releases = ", ".join(subjects(report))
    about = f" - {releases} for {report.index}" if releases else ""
    counts = ", ".join(_counts(report))
    return visible(f"{said}{about} ({counts})")


def subjects(report: Report) -> tuple[str, ...]:
    """What the report is about: its releases; of an audit, the projects."""
    labels = tuple(release.label for release in report.releases)
    return audited.names(report) if report.audited else labels


def _counts(report: Report) -> Iterator[str]:
    files = sum(len(release.files) for release in report.releases)
    yield _plural(files + sum(row.files for row in report.audited), "file")
    yield _plural(report.rules, "rule")
    for severity in Severity:
        number = sum(finding.severity is severity for finding in report.findings)
        if number:
            yield _plural(number, severity)
    yield f"{report.elapsed:.1f} s"


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _error(report: Report) -> Iterator[str]:
    if report.error:
        yield f"not decided: {visible(report.error)}"
        if report.hint:
            yield f"  {visible(report.hint)}"


def _audited(report: Report) -> Iterator[str]:
    """The table of an audit, and what it answers."""
    if not report.audited:
        return
    rows = [audited.HEAD, *map(audited.cells, report.audited)]
    rows = [tuple(map(visible, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers, verdict, place in rows:
        ends = zip(numbers, widths[1:], strict=False)
        middle = "  ".join(f"{number:>{width}}" for number, width in ends)
        told = f"{verdict:<{widths[-2]}}  {place}"
        yield f"  {name:<{widths[0]}}  {middle}  {told}".rstrip()
    yield ""
    width = max(len(question) for question, _ in audited.answers(report))
    for question, answer in audited.answers(report):
        yield f"  {question:<{width}}  {visible(answer)}"


def _findings(findings: tuple[Finding, ...]) -> Iterator[str]:
    """The findings by rule: what is said once for all comes once."""
    for (severity, rule, docs), group in groupby(findings, _cause):
        yield f"{severity}: {rule}  ({docs})"
        for fix, told in _by_fix(group).items():
            for finding in told[:_MOST]:
                told_by = upload_rule(finding)
                message = visible(finding.message)
                yield f"  {visible(finding.subject)}: {message}{told_by}"
                yield from (f"      | {visible(line)}" for line in _source(finding))
            if len(told) > _MOST:
                yield f"  and {len(told) - _MOST} more (--format json has them all)"
            if fix:
                yield f"  -> {visible(fix)}"


def _by_fix(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings of one cause by what is to do, in the order in which that comes up."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.fix, []).append(finding)
    return groups


def upload_rule(finding: Finding) -> str:
    """Which upload rule refuses it, and whether the index comes to that one first."""
    if finding.refusal is None:
        return ""
    first = ", refused first" if finding.first else ""
    return f" [upload rule {finding.refusal.row}{first}]"


def _source(finding: Finding) -> tuple[str, ...]:
    """The lines that a finding is about: as they stand in the file, or a change on
    each.
    """
    source = finding.evidence.get("source") or finding.evidence.get("changes")
    return source if isinstance(source, tuple) else ()


def _cause(finding: Finding) -> tuple[Severity, str, str]:
    return finding.severity, finding.rule, finding.docs


def _waived(report: Report) -> Iterator[str]:
    if report.waived:
        yield "waived by the policy:"
    for waived in report.waived:
        finding, waiver = waived.finding, waived.waiver
        until = f", until {waiver.until}" if waiver.until else ""
        told = f"{visible(finding.subject)}: {visible(finding.message)}"
        yield f"  {finding.rule}: {told}"
        yield f"    because: {visible(waiver.reason)}{until}"


def _published(report: Report) -> Iterator[str]:
    """What became of each release, in one word."""
    if report.published:
        yield "what became of it:"
    for one in report.published:
        label = visible(f"{one.project} {one.version}")
        looks = _plural(one.looks, "look")
        listed = f"{one.listed} of {_plural(one.expected, 'file')} listed"
        yield f"  {label}: {one.state} ({listed}, {looks})"


def _diff(report: Report) -> Iterator[str]:
    """What moved on the index; of many alike only the number is told."""
    if report.diff:
        yield "the listing, before and after:"
    for (mark, says), group in groupby(
        report.diff, lambda line: (line.mark, line.says)
    ):
        alike = [line.subject for line in group]
        if len(alike) > _MOST_ALIKE:
            yield f"  {mark} {len(alike)} files: {visible(says)}"
        else:
            yield from (f"  {mark} {visible(name)}: {visible(says)}" for name in alike)


#: As many lines of the diff that say the same are told one by one.
_MOST_ALIKE = 3


def _next_steps(report: Report) -> Iterator[str]:
    if report.next_steps:
        yield "what to do next:"
    yield from (f"  {visible(step)}" for step in report.next_steps)


def _derivation(report: Report) -> Iterator[str]:
    """How the version came about, for whoever is surprised by the answer."""
    if report.derivation:
        yield "where it comes from:"
    width = max((len(step.what) for step in report.derivation), default=0)
    for step in report.derivation:
        yield f"  {visible(step.what):<{width}}  {visible(step.says)}"


def _not_run(not_run: tuple[NotRun, ...]) -> Iterator[str]:
    """What was not judged, by reason; what the verdict needs comes first."""
    if not not_run:
        return
    yield "not judged:"
    reasons: dict[tuple[bool, str, str], list[str]] = {}
    for item in not_run:
        key = (not item.needed, item.reason, item.hint)
        reasons.setdefault(key, []).append(item.rule)
    for (optional, reason, hint), rules in sorted(reasons.items()):
        mark = "" if optional else " (needed for a verdict)"
        yield f"  {visible(reason)}{mark}: {', '.join(rules)}"
        if hint:
            yield f"  -> {visible(hint)}"


def _files(report: Report) -> Iterator[str]:
    for release in report.releases:
        yield f"files of {visible(release.label)}:"
        for file in release.files:
            name = visible(file.filename)
            yield f"  sha256 {file.sha256}  {file.size:>11,}  {name}"
