"""The report as GitLab's Code Quality artifact: what is wrong with which file.

GitLab reads ``description``, ``check_name``, ``fingerprint``, ``severity`` and a
``location`` of each entry (docs/ci/testing/code_quality, "Code Quality report format"),
and shows an empty list as "no changes": a run without a verdict has an entry as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from release_guard.findings import Finding, Report, Severity
from release_guard.reports import words
from release_guard.reports.escape import json_text, visible

__all__ = ["render"]

#: How many entries there are, and how long a description is, at most.
_MOST = 1_000
_LONGEST = 2_000
#: Whatever keeps the release back is a blocker; what does not is one of these.
_BLOCKER = "blocker"
_SEVERITIES = {
    Severity.ERROR: _BLOCKER,
    Severity.WARNING: "major",
    Severity.NOTICE: "info",
}


def render(report: Report) -> str:
    """One JSON list and a line end; GitLab takes no byte order mark."""
    # Of several versions each stays itself: one thing of two is not the same.
    told_of = dict.fromkeys(str(release.version) for release in report.releases)
    versions = {version: f"{{version {n}}}" for n, version in enumerate(told_of)}
    entries = [_entry(told, versions) for told in _all_told(report)]
    if len(entries) > _MOST:
        # What blocks comes first, so that none of it is left out for what does not.
        entries.sort(key=lambda entry: bool(entry["severity"] != _BLOCKER))
        rest = f"{len(entries) - _MOST + 1} more; the report in JSON has them all"
        more = _Told("more", entries[_MOST - 1]["severity"], "release", rest)
        entries = [*entries[: _MOST - 1], _entry(more, versions)]
    return json_text(json.dumps(entries, indent=2)) + "\n"


@dataclass(frozen=True, slots=True)
class _Told:
    """What an entry tells: by which check, how grave, of what, and the words."""

    check: str
    severity: str
    subject: str
    says: str


def _all_told(report: Report) -> Iterator[_Told]:
    yield from _open_questions(report)
    for finding in report.findings:
        severity = _SEVERITIES[finding.severity]
        if finding.severity in report.blocking:
            severity = _BLOCKER
        yield _of(finding, severity, finding.message)
    for waived in report.waived:
        says = f"waived, because {waived.waiver.reason}: {waived.finding.message}"
        yield _of(waived.finding, "info", says)


def _open_questions(report: Report) -> Iterator[_Told]:
    """Why there is no verdict, or would be none without the findings."""
    title = words.open_title(report)
    for each in report.open_questions:
        says = f"{title}: {each.reason} {each.hint}".strip()
        yield _Told(title.replace(" ", "-"), _BLOCKER, "release", says)


def _of(finding: Finding, severity: str, message: str) -> _Told:
    says = f"{finding.subject}: {message}{words.upload_rule(finding)}"
    if finding.fix:
        says = f"{says} -> {finding.fix}"
    return _Told(finding.rule, severity, finding.subject, says)


def _entry(told: _Told, versions: Mapping[str, str]) -> dict[str, Any]:
    shown = visible(told.says)
    if len(shown) > _LONGEST:
        shown = f"{shown[:_LONGEST]}..."
    return {
        "description": shown,
        "check_name": f"release-guard/{told.check}",
        "fingerprint": _fingerprint(told, versions),
        "severity": told.severity,
        "location": {"path": _path(told.subject), "lines": {"begin": 1}},
    }


def _fingerprint(told: _Told, versions: Mapping[str, str]) -> str:
    """The same for the same thing in each run, by which GitLab tells what is new. It
    keeps one entry of each, so all that is told counts; but for the version, which
    many projects have a new one of at each commit.
    """
    same = f"{told.check}\0{told.severity}\0{told.subject}\0{told.says}"
    for version in sorted(versions, key=len, reverse=True):
        same = same.replace(version, versions[version])
    return sha256(same.encode("utf-8", "surrogatepass")).hexdigest()


def _path(subject: str) -> str:
    """A path for GitLab to link to, below the commit: a subject that climbs out of it
    would lead to other pages. A distribution is no file of the repository, and its link
    leads nowhere.
    """
    parts = visible(subject).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part.strip(". ")) or "release"
