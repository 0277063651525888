"""The report as JSON, ``release-guard/report/1``: mapped by hand, so that the inside
can change and the outside does not.
"""

from __future__ import annotations

import json
from typing import Any

from release_guard.findings import Finding, Report
from release_guard.matrix import Mark
from release_guard.reports import matrix
from release_guard.reports.escape import json_text
from release_guard.states import State

__all__ = ["SCHEMA", "render", "report_schema"]

SCHEMA = "release-guard/report/1"


def render(report: Report) -> str:
    """One JSON object and a line end."""
    return json_text(json.dumps(_document(report), indent=2)) + "\n"


def _document(report: Report) -> dict[str, Any]:
    releases = report.releases
    one = releases[0] if len(releases) == 1 else None
    return {
        "schema": SCHEMA,
        "command": report.command,
        "verdict": report.verdict,
        "project": _project(report),
        "version": str(one.version) if one else None,
        "index": report.index,
        "releases": [
            {
                "project": release.project,
                "version": str(release.version),
                "files": [file.filename for file in release.files],
            }
            for release in releases
        ],
        "examined": list(report.examined),
        "findings": [_finding(finding) for finding in report.findings],
        "waived": [
            {
                **_finding(waived.finding),
                "reason": waived.waiver.reason,
                "until": str(waived.waiver.until) if waived.waiver.until else None,
            }
            for waived in report.waived
        ],
        "not_run": [
            {
                "rule": item.rule,
                "reason": item.reason,
                "needed": item.needed,
                "hint": item.hint,
            }
            for item in report.not_run
        ],
        "files": [
            {
                "filename": file.filename,
                "kind": file.kind,
                "size": file.size,
                "sha256": file.sha256,
            }
            for release in releases
            for file in release.files
        ],
        "derivation": [
            {"step": step.what, "says": step.says} for step in report.derivation
        ],
        "publication": [
            {
                "project": one.project,
                "version": one.version,
                "state": one.state,
                "listed": one.listed,
                "expected": one.expected,
                "looks": one.looks,
            }
            for one in report.published
        ],
        "changes": [
            {"mark": line.mark, "subject": line.subject, "says": line.says}
            for line in report.diff
        ],
        "next": list(report.next_steps),
        "matrix": [matrix.document(picture) for picture in report.matrices],
        "audited": [
            {
                "project": row.project,
                "versions": row.versions,
                "files": row.files,
                "tags": row.tags,
                "errors": row.errors,
                "warnings": row.warnings,
                "notices": row.notices,
                "verdict": row.verdict,
                "tags_from": row.tags_from,
            }
            for row in report.audited
        ],
        "to_upload": None if report.to_upload is None else list(report.to_upload),
        "error": {"message": report.error, "hint": report.hint}
        if report.error
        else None,
        "elapsed": round(report.elapsed, 3),
    }


def _project(report: Report) -> str | None:
    """The project, where there is one."""
    about = report.releases or report.audited
    return about[0].project if len(about) == 1 else None


def _finding(finding: Finding) -> dict[str, Any]:
    evidence = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in finding.evidence.items()
    }
    if finding.refusal:
        evidence["upload_rule"] = finding.refusal.row
        evidence["refused_first"] = finding.first
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "subject": finding.subject,
        "message": finding.message,
        "evidence": evidence,
        "fix": finding.fix,
        "docs": finding.docs,
    }


_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "minimum": 0}
_VERDICT = {"enum": ["pass", "fail", "undecided"]}
_TEXT_OR_NULL = {"type": ["string", "null"]}


def _object(**properties: object) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list_of(items: object) -> dict[str, Any]:
    return {"type": "array", "items": items}


def report_schema(rule_ids: tuple[str, ...]) -> dict[str, Any]:
    """The JSON Schema of the report; a test holds ``render`` to it."""
    finding = {
        "rule": {"enum": list(rule_ids)},
        "severity": {"enum": ["error", "warning", "notice"]},
        "subject": _TEXT,
        "message": _TEXT,
        "evidence": {"type": "object"},
        "fix": _TEXT,
        "docs": _TEXT,
    }
    return _object(
        schema={"const": SCHEMA},
        command=_TEXT,
        verdict=_VERDICT,
        project=_TEXT_OR_NULL,
        version=_TEXT_OR_NULL,
        index=_TEXT,
        releases=_list_of(_object(project=_TEXT, version=_TEXT, files=_list_of(_TEXT))),
        examined=_list_of(_TEXT),
        findings=_list_of(_object(**finding)),
        waived=_list_of(_object(**finding, reason=_TEXT, until=_TEXT_OR_NULL)),
        not_run=_list_of(
            _object(
                rule={"enum": list(rule_ids)},
                reason=_TEXT,
                needed={"type": "boolean"},
                hint=_TEXT,
            )
        ),
        files=_list_of(
            _object(
                filename=_TEXT,
                kind={"enum": ["sdist", "wheel"]},
                size=_NUMBER,
                sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
            )
        ),
        derivation=_list_of(_object(step=_TEXT, says=_TEXT)),
        publication=_list_of(
            _object(
                project=_TEXT,
                version=_TEXT,
                state={"enum": list(State)},
                listed=_NUMBER,
                expected=_NUMBER,
                looks=_NUMBER,
            )
        ),
        changes=_list_of(
            _object(mark={"enum": list("+-!=")}, subject=_TEXT, says=_TEXT)
        ),
        next=_list_of(_TEXT),
        matrix=_list_of(
            _object(
                project=_TEXT,
                version=_TEXT,
                previous=_TEXT_OR_NULL,
                interpreters=_list_of(_TEXT),
                platforms=_list_of(
                    _object(
                        platform=_TEXT,
                        systems=_list_of(_TEXT),
                        cells=_list_of({"enum": [*Mark, None]}),
                    )
                ),
                more_interpreters=_NUMBER,
                more_platforms=_NUMBER,
            )
        ),
        audited=_list_of(
            _object(
                project=_TEXT,
                versions=_NUMBER,
                files=_NUMBER,
                tags=_NUMBER,
                errors=_NUMBER,
                warnings=_NUMBER,
                notices=_NUMBER,
                verdict=_VERDICT,
                tags_from=_TEXT,
            )
        ),
        to_upload={"type": ["array", "null"], "items": _TEXT},
        error={"anyOf": [{"type": "null"}, _object(message=_TEXT, hint=_TEXT)]},
        elapsed={"type": "number", "minimum": 0},
    )
