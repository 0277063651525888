"""The words that reports have in common: counts, sizes, the verdict, the subjects."""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.findings import Finding, Report, Severity, Step, Verdict
from release_guard.reports import audited
from release_guard.reports.causes import Cause
from release_guard.states import Published

__all__ = [
    "found",
    "headline",
    "listed",
    "open_title",
    "plural",
    "size",
    "steps",
    "subjects",
    "upload_rule",
    "upload_rules",
]

_VERDICTS = {Verdict.PASS: "PASS", Verdict.FAIL: "FAIL", Verdict.UNDECIDED: "UNDECIDED"}


def plural(number: int, word: str) -> str:
    """How many of what: ``1 file``, ``1,000 files``."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def size(number: int) -> str:
    """A number of bytes, as people say it."""
    for power, unit in ((3, "GB"), (2, "MB"), (1, "kB")):
        if number >= 1000**power:
            return f"{number / 1000**power:.1f} {unit}"
    return plural(number, "byte")


def headline(report: Report) -> tuple[str, str, str]:
    """The verdict in one line, in three parts: the second is the verdict itself."""
    about = ", ".join(subjects(report))
    beside = f" - {about} for {report.index}" if about else ""
    return (
        f"release-guard {report.command}: ",
        _VERDICTS[report.verdict],
        f"{beside} ({', '.join(_counts(report))})",
    )


def _counts(report: Report) -> Iterator[str]:
    files = sum(len(release.files) for release in report.releases)
    yield plural(files + sum(row.files for row in report.audited), "file")
    yield plural(report.rules, "rule")
    yield from found(report)
    yield f"{report.elapsed:.1f} s"


def found(report: Report) -> Iterator[str]:
    """How many findings there are of each severity that has some."""
    for severity in Severity:
        if number := sum(finding.severity is severity for finding in report.findings):
            yield plural(number, severity)


def subjects(report: Report) -> tuple[str, ...]:
    """What the report is about: its releases; of an audit, the projects."""
    labels = tuple(release.label for release in report.releases)
    return audited.names(report) if report.audited else labels


def open_title(report: Report) -> str:
    """What stands above the open questions: "not decided" only where that is so."""
    if report.verdict is Verdict.UNDECIDED:
        return "not decided"
    return "ended early" if report.error else "also not read"


def steps(report: Report) -> tuple[Step, ...]:
    """How the version came about, and by which policy it was judged."""
    if report.error:
        return report.derivation
    return (*report.derivation, Step("policy", report.policy or "none: the defaults"))


def listed(one: Published) -> str:
    """How much of a release the index lists."""
    return f"{one.listed} of {plural(one.expected, 'file')} listed"


def upload_rule(finding: Finding) -> str:
    """Which upload rule refuses it, and whether the index comes to that one first."""
    if finding.refusal is None:
        return ""
    first = ", refused first" if finding.first else ""
    return f" [upload rule {finding.refusal.row}{first}]"


def upload_rules(cause: Cause) -> str:
    """The same of a cause; of several that differ, each is told once."""
    return "".join(dict.fromkeys(map(upload_rule, cause.findings)))
