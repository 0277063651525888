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
from release_guard.reports.groups import step_lines
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
        "policy": report.policy or None,
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
        "next": list(step_lines(report.next_steps)),
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
        "manifest": report.manifest or None,
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


_OF_FINDING = {
    "rule": "The rule's name.",
    "severity": "How much it weighs: an error blocks, a warning if strict.",
    "subject": "The file, release, tag or whatever else it is about.",
    "message": "What is wrong, expected and found.",
    "evidence": "The facts behind it, by name: for people, not fixed in form.",
    "fix": "What to do.",
    "docs": "The address of the rule's page.",
}
#: What each key says, by its path; ``[]`` stands for an item.
_SAYS = {
    "schema": "The name and the version of this form.",
    "command": "The command that was run.",
    "verdict": "pass, fail, or undecided: something that is needed was not read.",
    "project": "The project, where it is one.",
    "version": "The version, where it is one.",
    "index": "The index's name.",
    "policy": "Where the policy was read from; null for the defaults.",
    "releases": "The releases that were judged.",
    "releases[].project": "The normalized name.",
    "releases[].version": "The version.",
    "releases[].files": "The names of its files.",
    "examined": "The names of what was judged.",
    "findings": "What the rules say, the heaviest first.",
    **{f"findings[].{key}": says for key, says in _OF_FINDING.items()},
    "waived": "Findings that a waiver lets pass.",
    **{f"waived[].{key}": says for key, says in _OF_FINDING.items()},
    "waived[].reason": "Why it may pass.",
    "waived[].until": "The last day on which it may; null for no end.",
    "not_run": "Rules that did not judge all that they should.",
    "not_run[].rule": "The rule's name.",
    "not_run[].reason": "Why not.",
    "not_run[].needed": "Whether there is no pass without it.",
    "not_run[].hint": "What to do about it; may be empty.",
    "files": "The distributions.",
    "files[].filename": "The file's name.",
    "files[].kind": "Which kind it is of.",
    "files[].size": "Its size in bytes.",
    "files[].sha256": "Its sha256.",
    "derivation": "How event, commit and tags led to the version.",
    "derivation[].step": "What the step is about.",
    "derivation[].says": "What it says.",
    "publication": "Of verify: what became of each release.",
    "publication[].project": "The normalized name.",
    "publication[].version": "The version.",
    "publication[].state": "The state, in one word.",
    "publication[].listed": "How many of the expected files the index lists.",
    "publication[].expected": "How many it must list.",
    "publication[].looks": "How often it was asked.",
    "changes": "Of verify: what moved on the index since the check.",
    "changes[].mark": "+ came, - went, ! is wrong, = stayed.",
    "changes[].subject": "The file, or what else moved.",
    "changes[].says": "What is said of it.",
    "next": "What to do next, step by step.",
    "matrix": "The wheels of each release that has some for a platform.",
    "matrix[].project": "The normalized name.",
    "matrix[].version": "The version.",
    "matrix[].previous": "The release that it is compared with, if any.",
    "matrix[].interpreters": "The columns.",
    "matrix[].platforms": "The rows.",
    "matrix[].platforms[].platform": "The platform.",
    "matrix[].platforms[].systems": "Where it begins: the oldest glibc, macOS, ...",
    "matrix[].platforms[].cells": "A mark for each column; null for no wheel.",
    "matrix[].more_interpreters": "How many columns are left out.",
    "matrix[].more_platforms": "How many rows are left out.",
    "audited": "Of audit: the projects.",
    "audited[].project": "The normalized name.",
    "audited[].versions": "How many versions the index lists.",
    "audited[].files": "How many files it lists.",
    "audited[].tags": "How many tags there are.",
    "audited[].errors": "How many errors were found.",
    "audited[].warnings": "How many warnings.",
    "audited[].notices": "How many notices.",
    "audited[].verdict": "The verdict on this project.",
    "audited[].tags_from": "Where its tags were looked for.",
    "manifest": "The manifest that was written; null for none.",
    "to_upload": "The files that the index lacks; null where nobody asked it.",
    "error": "Why there is no verdict; null where there is one.",
    "error.message": "What went wrong.",
    "error.hint": "What to do; may be empty.",
    "elapsed": "Seconds.",
}


def _described(schema: dict[str, Any], path: str = "") -> dict[str, Any]:
    """The schema, with what each key below ``path`` says."""
    said: dict[str, Any] = {}
    if "properties" in schema:
        below = {
            key: _described(found, place) | {"description": _SAYS[place]}
            for key, found in schema["properties"].items()
            for place in [f"{path}.{key}" if path else key]
        }
        said["properties"] = below
    if "items" in schema:
        said["items"] = _described(schema["items"], f"{path}[]")
    if "anyOf" in schema:
        said["anyOf"] = [_described(found, path) for found in schema["anyOf"]]
    return schema | said


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
    return _described(_shape(rule_ids))


def _shape(rule_ids: tuple[str, ...]) -> dict[str, Any]:
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
        policy=_TEXT_OR_NULL,
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
        manifest=_TEXT_OR_NULL,
        to_upload={"type": ["array", "null"], "items": _TEXT},
        error={"anyOf": [{"type": "null"}, _object(message=_TEXT, hint=_TEXT)]},
        elapsed={"type": "number", "minimum": 0},
    )
